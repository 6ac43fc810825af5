"""Circles as a file to edit."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pyogrio

from lifecircle.circles import Circles
from lifecircle.errors import LifecircleError
from lifecircle.faults import fault

_MOMENT = "2000-01-01T00:00:00Z"  # what GDAL takes for now, so that the same circles make the same file


def write_circles(circles: Circles, path: Path) -> Path:
    """Write circles, and the table of their members, as layers of a GeoPackage; it appears whole or not at all.

    Raises
    ------
    LifecircleError
        The place is taken, or no GeoPackage is asked for.

    """
    if path.is_file():
        raise LifecircleError([fault("file-taken", str(path))])
    if path.is_dir() or path.suffix.lower() != ".gpkg":
        raise LifecircleError([fault("not-a-geopackage", str(path))])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder) / path.name
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _MOMENT})
        try:
            circles.layer.to_file(draft, layer="circles", driver="GPKG")
            pyogrio.write_dataframe(circles.members, draft, layer="members", driver="GPKG")
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        shutil.move(draft, path)
    return path
