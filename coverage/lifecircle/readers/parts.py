"""One layer of a file made into rows of a table: headers understood, cells read, places put where they lie."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from lifecircle.crs import known_crs, needs_parameters
from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.given import Input
from lifecircle.readers import osm
from lifecircle.readers.cells import UNITS, dates, numbers, texts, words
from lifecircle.readers.groups import group_columns, group_faults
from lifecircle.readers.headers import known_headers, understood_headers
from lifecircle.readers.layers import Layer, read_layer
from lifecircle.study import Study
from lifecircle.tables import CONTRACTS, Column, Source, empty_table
from lifecircle.words import both, plain, spellings, term

_DEGREES = (180.0, 90.0)
_SHAPES = {"units", "streets", "compounds", "barriers"}  # tables that points cannot stand for
_TITLES = 5  # rows above the header that a title can take
_SHIFTED = ("gcj", "bd09", "bd-09", "火星", "百度", "高德")
_SURE = 0.8  # how alike two spellings are when one must be a mistake for the other, as difflib measures it


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
    path = study.file(given.path)
    if osm.is_osm(path) and path.exists():
        layer, faults = _osm_layer(path, given, table)
    else:
        layer, faults = read_layer(path, name=name, encoding=given.encoding, table=table, key=key or "")
    if layer is None:
        return no_part(table, faults)
    where = Where(layer.file, table, layer.sheet)
    if layer.geometry is None and table in _SHAPES:
        shapes = both("矢量图层", "a layer of shapes")
        values = {"expected": shapes["en"], "expected_zh": shapes["zh"], "found": "a table without"}
        return no_part(table, [fault("unreadable-file", str(path), **values)])
    if not len(layer.cells):
        return no_part(table, [fault("empty-layer", where)])
    names = list(map(str, layer.cells.columns))
    headers, faults = understood_headers(names, where, given.columns, needs_place=layer.geometry is None)
    row = _header_row(layer, table) if faults else None
    if row is not None:
        return no_part(table, [fault("header-row", where, found=row)])
    columns, cell_faults = _columns(layer, where, headers, study)
    if table == "dwellings":
        named = group_columns(study.equity, names, headers)
        faults = [*(one for one in faults if not _is_named(one, named)), *group_faults(study, named, where, names)]
        found, wrong = _groups(layer, where, study, named)
        columns, cell_faults = columns | found, cell_faults + wrong
    geometry, place_faults = _geometry(layer, where, headers, given)
    frame = gpd.GeoDataFrame(columns | {"row": layer.rows}, geometry=geometry)
    crs = frame.crs.to_string() if frame.crs is not None else ""
    source = Source(table, str(path), layer.sheet, crs, tuple(sorted(headers.items())))
    return Part(frame, (source,), (*faults, *cell_faults, *place_faults))


def fits(shapes: gpd.GeoSeries | gpd.GeoDataFrame) -> bool:
    """Whether coordinates can be of their CRS: degrees within ±180 and ±90, metres beyond that."""
    bounds = np.abs(shapes.total_bounds)
    if not np.isfinite(bounds).all() or shapes.crs is None:
        return True
    return bool((bounds.reshape(2, 2) <= _DEGREES).all()) == bool(shapes.crs.is_geographic)


def _osm_layer(path: Path, given: Input, table: str) -> tuple[Layer | None, list[Fault]]:
    if not given.tags:
        wanted = 'tags for areas of an OpenStreetMap file, such as { building = "*" },'
        return None, [fault("missing-setting", "study.toml", field=wanted)]
    try:
        areas = osm.read_areas(path, given.tags)
    except RuntimeError as problem:
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


def _columns(
    layer: Layer, where: Where, headers: dict[str, str], study: Study
) -> tuple[dict[str, object], list[Fault]]:
    """Each column of the contract read from its header, unknown where the file has none; other columns as they are."""
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for column in CONTRACTS["facilities" if where.table == "candidates" else where.table]:
        if column.name not in headers:
            found[column.name] = _absent(column.reading, len(layer.cells))
            continue
        cells = layer.cells[headers[column.name]]
        values, wrong, known = _read_cells(cells, column, study)
        found[column.name] = values.to_numpy() if column.reading in {"number", "date"} else values.array
        faults += _cell_faults(column, layer, where, headers[column.name], wrong, known)
    others = [
        name
        for name in layer.cells.columns
        if name not in headers.values() and str(name) not in {*found, *_TAKEN} and not str(name).startswith(_MEASURED)
    ]
    return found | {str(name): layer.cells[name].array for name in others}, faults


def _is_named(one: Fault, named: dict[str, str]) -> bool:
    """Whether a header that is not understood is one that the study names."""
    return one.check == "misspelt-column" and dict(one.values)["found"] in named.values()


def _groups(layer: Layer, where: Where, study: Study, named: dict[str, str]) -> tuple[dict[str, object], list[Fault]]:
    """The columns that tell groups apart: counts as numbers, kinds as words, by the names that the study gives them."""
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for name, header in named.items():
        cells = layer.cells[header]
        if name not in study.equity.groups.values():
            found[name] = texts(cells).array
            continue
        column = Column(name, "number", non_negative=True)
        values, wrong, _ = _read_cells(cells, column, study)
        found[name] = values.to_numpy()
        faults += _cell_faults(column, layer, where, header, wrong, {})
    return found, faults


_TAKEN = {"row", "geometry", "fid", "unit_id"}  # columns that the tables themselves bring, and so do results
_MEASURED = (
    "minutes_", "reach_", "counted", "ledger_", "households_in_reach", "snap_m", "street_id", "island", "snapped",
    "exit_min",
)  # fmt: skip


def _absent(reading: str, n: int) -> object:
    """A column that the file does not have: unknown numbers and days, empty texts."""
    if reading == "number":
        return np.full(n, np.nan)
    return (
        np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
        if reading == "date"
        else pd.array([""] * n, dtype="str")
    )


def _read_cells(cells: pd.Series, column: Column, study: Study) -> tuple[pd.Series, pd.Series, dict[str, str]]:
    """Values, which cells are wrong, and the words that were expected."""
    if column.reading == "number":
        unit = "m2" if column.name.endswith("_m2") else column.name if column.name in UNITS else ""
        values, wrong = numbers(cells, unit)
        return values, wrong | (column.non_negative & (values < 0)), {}
    if column.reading == "date":
        values, wrong = dates(cells, month_end=column.name == "lease_until")
        return values, wrong, {}
    if column.reading in {"tier", "status", "policy", "urban_rural"}:
        known = spellings(column.reading)
        values, wrong = words(cells, known, plain=plain)
        return values, wrong, known
    values = texts(cells)
    if column.reading == "kind":
        spelt = _kind_spellings(study)
        found = values.map(lambda text: spelt.get(plain(text), text)).astype("str")
        return found, values.map(lambda text: _odd_kind(text, spelt)).astype(bool), spelt
    return values, pd.Series(False, index=cells.index), {}


def _odd_kind(text: str, kinds: dict[str, str]) -> bool:
    """Whether a kind is missing, or so like a known one that it must be a misspelling; other kinds may be new."""
    word = plain(text)
    return not word or (word not in kinds and bool(difflib.get_close_matches(word, kinds, n=1, cutoff=_SURE)))


def _kind_spellings(study: Study) -> dict[str, str]:
    own = {plain(word): kind for kind, name in study.kinds.items() for word in (kind, name.zh, name.en, *name.also)}
    return spellings("kind") | own


def _cell_faults(
    column: Column, layer: Layer, where: Where, header: str, wrong: pd.Series, known: dict[str, str]
) -> list[Fault]:
    return [
        _cell_fault(column, replace(where, row=int(layer.rows[place])), header, layer.cells[header].iloc[place], known)
        for place in np.flatnonzero(wrong.to_numpy())
    ]


def _cell_fault(column: Column, where: Where, header: str, cell: object, known: dict[str, str]) -> Fault:
    text = texts(pd.Series([cell], dtype=object)).iloc[0]
    if column.reading == "kind":
        return fault("unknown-kind", where, column=header, found=text, **hint(plain(text), known))
    if column.reading == "number":
        if (isinstance(cell, (int, float)) and not isinstance(cell, bool)) or str(cell).strip().startswith("-"):
            return fault("negative-number", where, column=header, found=text)
        square = column.name.endswith("_m2")
        expected = "square metres such as 300" if square else "a number such as 300"
        expected_zh = "平方米数,如 300" if square else "数字,如 300"
        return fault("not-a-number", where, column=header, found=text, expected=expected, expected_zh=expected_zh)
    if column.reading == "date":
        return fault("not-a-date", where, column=header, found=text)
    said = _said(column.reading)
    values = {"expected": said["en"], "expected_zh": said["zh"]} | hint(plain(text), known)
    return fault("unknown-word", where, column=header, found=text, **values)


def _said(group: str) -> dict[str, str]:
    """The words of a group, one spelling each."""
    names = [term(group, key) for key in dict.fromkeys(spellings(group).values())]
    return both("、".join(name["zh"] for name in names), ", ".join(f"{name['zh']} ({name['en']})" for name in names))


def _geometry(layer: Layer, where: Where, headers: dict[str, str], given: Input) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Geometry in the layer's own CRS, and whether that CRS is stated, known and fits the coordinates."""
    shapes, faults = _shapes(layer, where, headers)
    bare = gpd.GeoSeries(shapes.to_numpy())
    stated: pyproj.CRS | None = known_crs(given.crs) if given.crs else shapes.crs
    if stated is None:
        return bare, [*faults, _no_crs(where, given.crs)]
    if needs_parameters(stated):
        return bare, [*faults, fault("needs-parameters", where, found=stated.name)]
    placed = bare.set_crs(stated)
    turned = _turned(placed)
    if len(turned):
        rows = [replace(where, row=int(layer.rows[place])) for place in turned]
        spots = [(f"{placed.x.iloc[place]:.10g}", f"{placed.y.iloc[place]:.10g}") for place in turned]
        if len(turned) == len(placed):
            return bare, [*faults, fault("swapped-axes", where, x=spots[0][0], y=spots[0][1])]
        faults += [fault("swapped-axes", row, x=x, y=y) for row, (x, y) in zip(rows, spots, strict=True)]
        return placed.where(~np.isin(np.arange(len(placed)), turned), None), faults
    if not fits(placed):
        west, south, _, _ = placed.total_bounds
        wrong = fault("wrong-crs", where, crs=stated.to_string(), x=f"{west:.10g}", y=f"{south:.10g}")
        return bare, [*faults, wrong]
    return placed, faults


def _no_crs(where: Where, stated: str | None) -> Fault:
    if not stated:
        return fault("no-crs", where)
    shifted = any(word in stated.lower() for word in _SHIFTED)
    return fault("shifted-datum" if shifted else "unknown-crs", where, found=stated)


def _turned(shapes: gpd.GeoSeries) -> np.ndarray:
    """Points whose x is a latitude and whose y is a longitude beyond 90 degrees."""
    if not shapes.crs.is_geographic or (shapes.geom_type.dropna() != "Point").any():
        return np.empty(0, dtype=np.int64)
    x, y = shapes.x.abs(), shapes.y.abs()
    return np.flatnonzero((x <= _DEGREES[1]) & (y > _DEGREES[1]) & (y <= _DEGREES[0]))


def _shapes(layer: Layer, where: Where, headers: dict[str, str]) -> tuple[gpd.GeoSeries, list[Fault]]:
    """The layer's geometry, or points from its columns x and y; missing where one of the two is."""
    if layer.geometry is not None:
        return layer.geometry.reset_index(drop=True), []
    if not {"x", "y"} <= set(headers):
        return gpd.GeoSeries([None] * len(layer.cells)), []
    faults: list[Fault] = []
    read: list[pd.Series] = []
    for axis in ("x", "y"):
        values, wrong = numbers(layer.cells[headers[axis]], "")
        faults += _cell_faults(Column(axis, "number"), layer, where, headers[axis], wrong, {})
        read.append(values)
    points = gpd.points_from_xy(*read)
    return gpd.GeoSeries(points).where((read[0].notna() & read[1].notna()).to_numpy(), None), faults
