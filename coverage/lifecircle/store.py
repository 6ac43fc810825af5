"""A network kept on disk, so that the next run does not build it again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from shapely.geometry import Polygon

from lifecircle import __version__
from lifecircle.costs import Profile, Ways, costs_of
from lifecircle.errors import NetworkError
from lifecircle.graph import frozen
from lifecircle.network import Network, build_network
from lifecircle.walkers import Policy, Walker, load_walking

_FORMAT = 2
_NODES = ("node_x", "node_y", "edge_from", "edge_to", "edge_m", "passages", "exits")
_WAYS = ("stairs", "lift", "oneway", "from_signal", "to_signal", "from_lift", "to_lift")
_PROFILE = ("ptr", "metres", "slope")
# What NumPy, shapely and pyproj make of a file that is something else; RuntimeError is theirs.
_NO_NETWORK = (
    OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
    shapely.errors.ShapelyError,
)  # fmt: skip


def save_network(network: Network, path: str | Path) -> None:
    """Write a network to a file that `load_network` reads; the file appears whole or not at all.

    Raises
    ------
    NetworkError
        The file cannot be written there.

    Examples
    --------
    >>> from shapely import LineString
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> network = build_network(streets)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_network(network, Path(folder) / "streets.npz")
    ...     load_network(Path(folder) / "streets.npz") == network
    True

    """
    path = Path(path)
    lines = network.edges.to_numpy()
    corners, edge = shapely.get_coordinates(lines, include_z=bool(shapely.has_z(lines).any()), return_index=True)
    about = {"format": _FORMAT, "crs": network.crs, "walker": network.walker.model_dump()}
    arrays = {name: getattr(network, name) for name in _NODES}
    arrays |= {f"ways_{name}": getattr(network.ways, name) for name in _WAYS}
    if network.ways.profile is not None:
        arrays |= {f"profile_{name}": getattr(network.ways.profile, name) for name in _PROFILE}
    texts = {"about": json.dumps(about), "street_id": json.dumps(network.edges.index.tolist(), ensure_ascii=False)}
    arrays |= {name: np.frombuffer(text.encode(), dtype=np.uint8) for name, text in texts.items()}
    arrays |= {"corners": corners, "edge": edge.astype(np.int32)}
    try:
        _write(path, arrays)
    except OSError as problem:
        wanted = f"{path.parent}: expected a folder that can be written to"
        raise NetworkError(f"{wanted}, found {problem}. Name another folder or make room in it") from None


def load_network(path: str | Path) -> Network:
    """The network of a file that `save_network` wrote.

    Raises
    ------
    NetworkError
        The file is missing, is no network, or was written by another version of this project or damaged since.

    """
    path = Path(path)
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            return _network(file)
    except _NO_NETWORK as problem:
        wanted = f"{path}: expected a network that save_network wrote"
        raise NetworkError(f"{wanted}, found {' '.join(str(problem).split())}. Build it again") from None


def kept_network(
    folder: str | Path,
    streets: gpd.GeoDataFrame,
    *,
    walker: Walker | str = "adult",
    gates: Policy = "open",
    extent: Polygon | None = None,
    settings: Path | None = None,
) -> Network:
    """The network that `build_network` makes of the same arguments, from `folder` where it was built before.

    The file's name is made from streets, settings and version, so that what is found is what would be built. A file
    that cannot be read is built anew.

    Raises
    ------
    NetworkError, StudyError
        As `build_network`; and the folder cannot be written to.

    Examples
    --------
    >>> from shapely import LineString
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     networks = [kept_network(folder, streets) for _ in range(2)]
    ...     len(list(Path(folder).iterdir())), networks[0] == networks[1]
    (1, True)

    """
    options = {"walker": walker, "gates": gates, "extent": extent, "settings": settings}
    path = Path(folder) / f"network-{_key(streets, options)}.npz"
    try:
        return load_network(path)
    except NetworkError:  # not there, or damaged since
        network = build_network(streets, walker=walker, gates=gates, extent=extent, settings=settings)
    save_network(network, path)
    return network


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _network(file: Any) -> Network:
    about = json.loads(bytes(file["about"]).decode())
    if about["format"] != _FORMAT:
        raise ValueError(f"format {about['format']}")
    ids = json.loads(bytes(file["street_id"]).decode())
    edges = gpd.GeoSeries(
        shapely.linestrings(file["corners"], indices=file["edge"]),
        index=pd.Index(pd.array(ids, dtype="str"), name="street_id"), crs=about["crs"],
    )  # fmt: skip
    arrays = {name: frozen(file[name]) for name in _NODES}
    parts = {name: frozen(file[f"profile_{name}"]) for name in _PROFILE if f"profile_{name}" in file}
    profile = Profile(**parts) if parts else None
    said = {name: frozen(file[f"ways_{name}"]) for name in _WAYS}
    ways = Ways(metres=arrays["edge_m"], profile=profile, **said)
    walker = Walker.model_validate(about["walker"])
    return Network(walker, about["crs"], edges=edges, ways=ways, costs=costs_of(ways, walker), **arrays)


def _key(streets: gpd.GeoDataFrame, options: dict[str, Any]) -> str:
    """A name for what is built: from streets, settings and version."""
    extent, walker = options["extent"], options["walker"]
    said = {
        "version": __version__,
        "format": _FORMAT,
        "crs": streets.crs.to_string() if streets.crs else "",
        "walker": walker if isinstance(walker, str) else walker.model_dump(),
        "gates": options["gates"],
        "extent": extent.wkb_hex if extent is not None else "",
        "settings": load_walking(options["settings"]).model_dump(),
        "columns": [str(name) for name in streets.columns],
    }
    total = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    table = pd.DataFrame(streets.drop(columns=streets.geometry.name))
    content = pa.BufferOutputStream()
    columns = {str(place): _hashable(column) for place, (_, column) in enumerate(table.items())}
    packed = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False).combine_chunks()
    with pa.ipc.new_stream(content, packed.schema) as stream:
        stream.write_table(packed)
    total.update(content.getvalue())
    corners, line = shapely.get_coordinates(streets.geometry.to_numpy(), include_z=True, return_index=True)
    total.update(corners.tobytes())
    total.update(line.tobytes())
    return total.hexdigest()[:24]


def _hashable(column: pd.Series) -> pd.Series:
    """A column that Arrow takes: lists, shapes and mixed values as text."""
    if column.dtype != object and column.dtype != "geometry":
        return column
    if pd.api.types.infer_dtype(column) == "string":
        return column
    return column.map(lambda one: f"{type(one).__name__} {one}")
