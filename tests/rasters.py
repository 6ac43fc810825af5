"""Small rasters of heights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from towns import CRS

rasterio = pytest.importorskip("rasterio", reason="heights need the extra `terrain`")


def raster_file(folder: Path, cells: np.ndarray, *, nodata: float | None = None, crs: str | None = CRS) -> Path:
    """A GeoTIFF of cells of 100 m whose north-west corner lies at (0, 400)."""
    path = folder / "heights.tif"
    shape = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "dtype": "float32"}
    transform = rasterio.Affine(100, 0, 0, 0, -100, 400)
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, nodata=nodata, **shape) as file:
        file.write(cells.astype("float32"), 1)
    return path


def slope() -> np.ndarray:
    """Heights that rise by 1 m with each 10 m to the east: 5 in the middle of the first cell, 15 in the second, …"""
    return np.tile(np.arange(4) * 10.0 + 5, (4, 1))
