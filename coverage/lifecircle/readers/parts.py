"""One layer of a file made into rows of a table: headers understood, cells read, places put where they lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault, file_fault
from lifecircle.given import Input
from lifecircle.readers import osm
from lifecircle.readers.columns import read_columns, read_groups
from lifecircle.readers.database import digest_of
from lifecircle.readers.groups import group_columns, group_faults
from lifecircle.readers.headers import known_headers, understood_headers
from lifecircle.readers.heads import header_datum
from lifecircle.readers.layers import Layer, read_layer
from lifecircle.readers.positions import positions
from lifecircle.readers.safety import MOST_COLUMNS, is_database, is_on_network, shown_url
from lifecircle.study import Study
from lifecircle.tables import Source, empty_table
from lifecircle.words import both

_SHAPES = {"units", "streets", "compounds", "barriers"}  # tables that points cannot stand for
_TITLES = 5  # rows above the header that a title can take


@dataclass(frozen=True)
class Part:
    """Rows of a table, still in the CRS of their file, with where they came from and what was wrong."""

    table: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    faults: tuple[Fault, ...]


def no_part(table: str, faults: list[Fault] | tuple[Fault, ...]) -> Part:
    """No rows, and why."""
    return Part(empty_table(table), (), tuple(faults))


def read_part(study: Study, table: str, given: Input, name: str | None, *, key: str | None = None) -> Part:
    """Rows of a table from one layer or sheet of a file, with every fault of its headers, cells and CRS.

    `key` is the setting of study.toml that names the layer, for the fault that says it is missing.
    """
    path, name = _one_of_several(study.file(given.path), name)
    if osm.is_osm(path) and file_fault(path, "") is None:
        layer, notes = _osm_layer(path, given, table)
    else:
        layer, notes = read_layer(path, given, name=name, table=table, key=key or "", allow_network=study.allow_network)
    if layer is None:
        return no_part(table, notes)
    where = Where(layer.file, table, layer.sheet)
    if layer.geometry is None and table in _SHAPES:
        shapes = both("矢量图层", "a layer of shapes")
        values = {"expected": shapes["en"], "expected_zh": shapes["zh"], "found": "a table without"}
        return no_part(table, [fault("unreadable-file", str(path), **values)])
    if not len(layer.cells):
        return no_part(table, [fault("empty-layer", where)])
    names = list(map(str, layer.cells.columns))
    if len(names) > MOST_COLUMNS:
        return no_part(table, [fault("too-many-columns", where, found=f"{len(names):,}", most=f"{MOST_COLUMNS:,}")])
    headers, faults = understood_headers(names, where, given.columns, needs_place=layer.geometry is None)
    row = _header_row(layer, table) if faults else None
    if row is not None:
        return no_part(table, [fault("header-row", where, found=row)])
    columns, cell_faults = read_columns(layer, where, headers, study)
    read = set(headers.values())
    if table == "dwellings":
        named = group_columns(study.equity, names, headers)
        faults = [*(one for one in faults if not _is_named(one, named)), *group_faults(study, named, where, names)]
        found, wrong = read_groups(layer, where, study, named)
        columns, cell_faults, read = columns | found, cell_faults + wrong, read | set(named.values())
    faults = [*faults, *_other_datum(where, headers, given)]
    geometry, place_faults = positions(layer, where, headers, given)
    frame = gpd.GeoDataFrame(columns | {"row": layer.rows}, geometry=geometry)
    crs = frame.crs.to_string() if frame.crs is not None else ""
    shown = shown_url(given.path) if is_on_network(given.path) else str(path)
    source = Source(table, shown, layer.sheet, crs, tuple(sorted(headers.items())))
    source = replace(source, as_of=given.as_of, datum=given.datum or "", unread=_unread(names, read))
    if is_database(given.path):
        source = replace(source, path=layer.file, sha256=digest_of(layer))
    return Part(frame, (source,), (*notes, *faults, *cell_faults, *place_faults))


def _one_of_several(path: Path, name: str | None) -> tuple[Path, str | None]:
    """The file to read and the layer in it: of a folder of shapefiles, one for each tier, the one of that name."""
    if not name:
        return path, name
    folder = path if path.suffix.lower() != ".shp" else path.parent
    alone = folder / f"{name.removesuffix('.shp')}.shp"
    try:
        return (alone, None) if alone != path and alone.is_file() else (path, name)
    except (OSError, ValueError):
        return path, name


def _unread(names: list[str], read: set[str]) -> tuple[str, ...]:
    """Headers that nothing was understood of."""
    return tuple(name for name in names if name not in read and not _is_numbered(name))


def _is_numbered(name: str) -> bool:
    return name.startswith("column ") and name.removeprefix("column ").isdigit()


def _osm_layer(path: Path, given: Input, table: str) -> tuple[Layer | None, list[Fault]]:
    if not given.tags:
        wanted = 'tags for areas of an OpenStreetMap file, such as { building = "*" },'
        return None, [fault("missing-setting", "study.toml", field=wanted)]
    try:
        areas = osm.read_areas(path, given.tags)
    except osm.PROBLEMS as problem:
        return None, [fault("unreadable-file", str(path), expected="OpenStreetMap data", found=problem)]
    areas = areas[areas.geom_type != "Point"].reset_index(drop=True) if table in _SHAPES else areas
    wanted_columns = dict.fromkeys(["id", "name", *given.tags, *given.columns.values()])
    cells = pd.DataFrame(areas.drop(columns="geometry")).reindex(columns=list(wanted_columns))
    return Layer(cells, np.arange(1, len(areas) + 1), path.name, "", areas.geometry), []


def _header_row(layer: Layer, table: str) -> int | None:
    """The row that holds the header, where the first row is a title: it bears more known headers than the first."""
    if layer.geometry is not None:
        return None
    first = known_headers(layer.cells.columns, table)
    counts = [known_headers(cells, table) for cells in layer.cells.head(_TITLES).itertuples(index=False)]
    best = max(range(len(counts)), key=counts.__getitem__)
    return int(layer.rows[best]) if counts[best] > max(first, 1) else None


def _is_named(one: Fault, named: dict[str, str]) -> bool:
    """Whether a header that is not understood is one that the study names."""
    return (
        one.check in {"misspelt-column", "other-column", "vague-column"} and dict(one.values)["found"] in named.values()
    )


def _other_datum(where: Where, headers: dict[str, str], given: Input) -> list[Fault]:
    """A fault where a header of coordinates names another datum than the study; no word is WGS 84 or CGCS2000."""
    named = {header: datum for axis in ("x", "y") if (header := headers.get(axis)) and (datum := header_datum(header))}
    plain_datums = (None, "wgs84", "cgcs2000")
    for header, datum in named.items():
        if datum != given.datum and not (datum in plain_datums and given.datum in plain_datums):
            stated = both(given.datum, given.datum) if given.datum else both("未写", "none")
            values = {"stated": stated["en"], "stated_zh": stated["zh"]}
            return [fault("header-datum", where, column=header, found=datum, **values)]
    return []
