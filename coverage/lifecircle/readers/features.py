"""A layer of features in any format that pyogrio reads, with shapes or without."""

from __future__ import annotations

import posixpath
import sqlite3
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from lifecircle.faults import Fault, Where
from lifecircle.readers.opened import Layer, Read, empty, missing_layer, refused, unreadable
from lifecircle.readers.safety import beside, file_leads_elsewhere, inside, shown_url, too_large, unsafe_zip
from lifecircle.readers.shapefiles import shapefile_encoding, spoilt_parts, spoilt_table, table_sample
from lifecircle.words import both

_EXPECTED = both("矢量图层", "a layer of features")
_BY_ARROW = {".gpkg", ".shp", ".dbf", ".zip"}  # a spoilt FlatGeobuf read by Arrow ends the process
_GML = {".gml", ".xml"}
_PARQUET = {".parquet", ".geoparquet"}
_MOST_CELLS, _MOST_BYTES = 200_000_000, 2 << 30  # of a Parquet file
_MOST_STEPS = 50_000_000  # that SQLite may take to count the records of a layer; a view may have no end
_OFF = {  # a second wall, should a file lead elsewhere all the same: no file of a network is opened, no schema fetched
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GML_DOWNLOAD_SCHEMA": "NO",
}
_PROBLEMS = (
    DataSourceError, DataLayerError, RuntimeError, OSError, ValueError, IndexError, KeyError, MemoryError,
    OverflowError, shapely.errors.ShapelyError, zlib.error, EOFError, zipfile.BadZipFile, sqlite3.Error,
    NameError,  # what pyogrio raises for a CRS that is broken
)  # fmt: skip


def read_features(path: Path, name: str | None, encoding: str | None, key: str, table: str = "") -> Read:
    """The records of a layer, the first where `name` is None, each with its shape where the layer has shapes."""
    with _off_network():
        return _read(path, name, encoding, key, table)


def _read(path: Path, name: str | None, encoding: str | None, key: str, table: str) -> Read:
    if name and (path / f"{name}.shp").is_file():  # a folder of shapefiles, one for each tier
        path, name = path / f"{name}.shp", None
    suffix = path.suffix.lower()
    try:
        if suffix in _PARQUET:
            return _parquet(path)
        if path.is_file() and file_leads_elsewhere(path):
            return unreadable(path, _EXPECTED, "it only points to other data, which may be on a network")
        if suffix in {".zip", ".kmz"}:
            return _packed(path, name, encoding, key, table)
        if suffix == ".shp" and (spoilt := spoilt_parts(path)):
            return spoilt
        if suffix == ".dbf" and (spoilt := spoilt_table(path)):
            return spoilt
        if suffix in {".tab", ".mif"}:
            return _mapinfo(path, name, encoding, key)
        if suffix not in {".shp", ".dbf"}:
            return _layer(path, str(path), name, encoding, key)
        texts = path if suffix == ".dbf" else beside(path, ".dbf")
        pages = beside(path, ".cpg")
        page = pages.read_text("latin-1") if pages else None
        sample = table_sample(texts) if texts else b""
        spelt, notes = shapefile_encoding(encoding, sample, page, Where(path.name, table))
        return _layer(path, str(path), name, spelt, key, notes)
    except PermissionError as problem:
        return refused("in-use", path, found=problem.strerror or problem)
    except LookupError as problem:
        return unreadable(path, _EXPECTED, problem)
    except _PROBLEMS as problem:
        return unreadable(path, _EXPECTED, problem)


def read_remote(address: str, name: str | None, encoding: str | None, key: str) -> Read:
    """The records of a layer on a network, which the user has allowed."""
    shown = shown_url(address)
    try:
        return _layer(Path(shown), address, name, encoding, key)
    except _PROBLEMS as problem:
        _, faults = unreadable(Path(shown), _EXPECTED, str(problem).replace(address.strip(), shown))
        return None, [replace(one, where=Where(shown)) for one in faults]


@contextmanager
def _off_network() -> Iterator[None]:
    """Nothing is read from a network meanwhile, whatever a file says."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OFF}
    pyogrio.set_gdal_config_options(_OFF)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


@contextmanager
def _traceless(path: Path) -> Iterator[None]:
    """The notes that GDAL puts beside a GML file while it reads it are taken away again."""
    notes = path.with_suffix(".gfs")
    is_new = path.suffix.lower() in _GML and not notes.exists()
    try:
        yield
    finally:
        if is_new:
            notes.unlink(missing_ok=True)


def _layer(
    path: Path, source: str, name: str | None, encoding: str | None, key: str, notes: list[Fault] | None = None
) -> Read:
    with _traceless(path), warnings.catch_warnings():
        # Measures are left out and rings closed, neither of which matters here; shapes are checked later.
        warnings.simplefilter("ignore", category=UserWarning)
        warnings.simplefilter("ignore", category=RuntimeWarning)
        layers = [str(one) for one in pyogrio.list_layers(source)[:, 0]]
        if name and name not in layers:
            return missing_layer(path, both("图层", "layer"), name, layers, key)
        if not layers:
            return empty(path)
        n = _n_records(path, source, name or layers[0])
        frame = _frame(path, source, name or layers[0], encoding)
    if n is not None and n != len(frame):
        return unreadable(path, _EXPECTED, f"it breaks off: {len(frame):,} of its {n:,} records can be read")
    return layer_of_frame(frame, path.name, name or ""), notes or []


def _frame(path: Path, source: str, layer: str, encoding: str | None) -> pd.DataFrame:
    """A layer's table: by Arrow where a layer that breaks off is seen to do so, else record by record.

    Curves, which Arrow does not bring, are made of short straight lines.
    """
    frame = None
    if path.suffix.lower() in _BY_ARROW:
        with suppress(NotImplementedError, pa.ArrowInvalid, shapely.errors.ShapelyError):
            frame = _checked_texts(pyogrio.read_dataframe(source, layer=layer, encoding=encoding, use_arrow=True))
    if frame is None:
        frame = pyogrio.read_dataframe(source, layer=layer, encoding=encoding)
    if isinstance(frame, gpd.GeoDataFrame):
        _require_lines(frame)
    return frame


def _require_lines(frame: gpd.GeoDataFrame) -> None:
    """Raise for a collection that holds curves: nobody makes short lines of those.

    Raises
    ------
    ValueError
        There is one.

    """
    shapes = frame.geometry.to_numpy()
    try:
        shapely.get_coordinates(shapes[shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION])
    except shapely.errors.GEOSException:
        raise ValueError("a collection of shapes with curves in it; only straight lines can be read") from None


def _checked_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The table itself; Arrow takes any bytes for text, and fails on them later.

    Raises
    ------
    ArrowInvalid
        A text is no UTF-8.

    """
    for name in frame.columns[frame.dtypes == "str"]:
        pa.chunked_array(frame[name].array.__arrow_array__()).validate(full=True)
    return frame


def _n_records(path: Path, source: str, layer: str) -> int | None:
    """How many records a layer has, counted apart from reading them; None where its parts were looked at before."""
    suffix = path.suffix.lower()
    if suffix == ".fgb":
        return int(pyogrio.read_info(source, layer=layer)["features"]) or None
    if suffix != ".gpkg":
        return None
    quoted = layer.replace('"', '""')
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        opened.set_progress_handler(lambda: 1, _MOST_STEPS)
        return int(opened.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - quoted


def layer_of_frame(frame: pd.DataFrame, file: str, sheet: str) -> Layer:
    """A layer of a table with shapes, or without."""
    rows = np.arange(1, len(frame) + 1)
    if isinstance(frame, gpd.GeoDataFrame):
        cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
        return Layer(cells, rows, file, sheet, frame.geometry)
    return Layer(frame.reset_index(drop=True), rows, file, sheet)


def _mapinfo(path: Path, name: str | None, encoding: str | None, key: str) -> Read:
    """A layer of MapInfo, whose text is Chinese of old where it says nothing else and is no UTF-8."""
    try:
        return _layer(path, str(path), name, encoding, key)
    except UnicodeDecodeError:
        if encoding:
            raise
        return _layer(path, str(path), name, "GB18030", key)


def _parquet(path: Path) -> Read:
    """A Parquet file, with shapes where it says that it has them."""
    with pq.ParquetFile(path) as file:
        facts, schema = file.metadata, file.schema_arrow
    n_bytes = sum(facts.row_group(at).total_byte_size for at in range(facts.num_row_groups))
    if facts.num_rows * max(facts.num_columns, 1) > _MOST_CELLS or n_bytes > _MOST_BYTES:
        found = both(f"{facts.num_rows:,} 行", f"{facts.num_rows:,} rows")
        return too_large(path, found, both(f"{_MOST_CELLS:,} 个单元格", f"{_MOST_CELLS:,} cells"))
    if b"geo" in (schema.metadata or {}):
        return layer_of_frame(gpd.read_parquet(path), path.name, ""), []
    return layer_of_frame(pd.read_parquet(path), path.name, ""), []


def _packed(path: Path, name: str | None, encoding: str | None, key: str, table: str) -> Read:
    """A layer of a packed file; of several shapefiles in it the one that `name` says."""
    if unsafe := unsafe_zip(path, _EXPECTED):
        return unsafe
    with zipfile.ZipFile(path) as packed:
        shapes = {posixpath.splitext(posixpath.basename(one))[0]: one for one in inside(packed, ".shp")}
        if not shapes:
            return _layer(path, str(path), name, encoding, key)
        if name and name not in shapes:
            return missing_layer(path, both("图层", "layer"), name, list(shapes), key)
        chosen = name or next(iter(shapes))
        member = shapes[chosen]
        parts = {one.lower(): one for one in packed.namelist()}
        stem = posixpath.splitext(member)[0]
        missing = [chosen + suffix for suffix in (".shx", ".dbf") if (stem + suffix).lower() not in parts]
        if missing:
            return refused("missing-part", path, found=", ".join(missing))
        texts = packed.read(parts[f"{stem}.dbf".lower()])
        page = parts.get(f"{stem}.cpg".lower())
        said = packed.read(page).decode("latin-1") if page else None
    spelt, notes = shapefile_encoding(encoding, texts, said, Where(path.name, table))
    found, faults = _layer(path, f"/vsizip/{path.resolve()}/{member}", None, spelt, key, notes)
    return found, faults
