"""The inputs of a study, read, understood and brought into one metric CRS."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import Polygon

from lifecircle.crs import crs_of_places, is_metric, known_crs
from lifecircle.errors import TableError
from lifecircle.faults import Fault, fault, hint
from lifecircle.readers import osm
from lifecircle.readers.cells import dates, numbers, texts, words
from lifecircle.readers.headers import understood_headers
from lifecircle.readers.layers import CHARACTERS, SHEETS, Layer, read_layer
from lifecircle.study import DwellingsInput, Input, Study, UnitsInput
from lifecircle.tables import CONTRACTS, Column, Source, Tables, empty_table
from lifecircle.words import plain, spellings

_DEGREES = (180.0, 90.0)


@dataclass(frozen=True)
class _Part:
    """One layer made into rows of a table, still in its own CRS."""

    table: gpd.GeoDataFrame
    sources: tuple[Source, ...]
    faults: tuple[Fault, ...]


def read_inputs(study: Study) -> Tables:
    """The tables of a study: units, facilities, dwellings, streets, ground and candidates.

    Cells that cannot be read are left unknown and stand in `Tables.faults`; `find_faults` lists them with the rest.

    Raises
    ------
    TableError
        A file is missing or unreadable, or lacks a column or a CRS; every such fault of every file is listed.

    Examples
    --------
    >>> tables = read_inputs(read_study("data/sample/study.toml"))
    >>> len(tables.units[tables.units["tier"] == "neighbourhood"])
    30

    """
    tables = load_inputs(study)
    missing = [one for one in tables.faults if one.severity == "error" and one.row is None]
    if missing:
        raise TableError(missing, study.study.language)
    return tables


def load_inputs(study: Study) -> Tables:
    """The tables of a study as far as they can be read; what could not be read is an empty table and a fault."""
    parts = {
        "units": _units(study),
        "facilities": _places(study, "facilities", study.facilities),
        "dwellings": _places(study, "dwellings", study.dwellings),
        "candidates": _places(study, "candidates", study.candidates) if study.candidates else _nothing("candidates", ()),
    }
    streets, ground, extent = _streets(study)
    crs, crs_faults = _study_crs(study, [parts[name].table for name in ("units", "dwellings", "facilities")])
    faults = [*crs_faults, *(one for part in (*parts.values(), streets) for one in part.faults)]
    metric = {name: _to(part.table, crs) for name, part in parts.items()}
    return Tables(
        **metric,
        streets=_to(streets.table, crs),
        ground=_to(ground, crs),
        crs=crs,
        extent=_extent(study, extent, crs),
        sources=tuple(one for part in (*parts.values(), streets) for one in part.sources),
        faults=tuple(faults),
    )


def _study_crs(study: Study, layers: list[gpd.GeoDataFrame]) -> tuple[str, list[Fault]]:
    if study.study.crs:
        stated = known_crs(study.study.crs)
        if is_metric(stated):
            return study.study.crs, []
        expected = "expected a projected CRS in metres such as EPSG:4549"
        return "EPSG:4549", [fault("wrong-setting", str(study.path), field="[study] crs", found=repr(study.study.crs), expected=expected)]
    known = [layer.geometry for layer in layers if layer.crs is not None and layer.geometry.notna().any() and _fits(layer)]
    return (crs_of_places(known[0]) if known else "EPSG:4549"), []


def _to(table: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    return table.set_crs(crs) if table.crs is None else table.to_crs(crs)


def _extent(study: Study, found: Polygon | None, crs: str) -> Polygon | None:
    stated = study.streets.extent
    box = Polygon.from_bounds(*stated) if stated else found
    if box is None:
        return None
    fine = shapely.segmentize(box, 0.01)
    return gpd.GeoSeries([fine], crs=osm.WGS84).to_crs(crs).iloc[0]


def _units(study: Study) -> _Part:
    given = study.units
    if not given.layers:
        return _checked_tier(_part(study, "units", given, given.layer or given.sheet), given, study)
    parts = [_with_tier(_part(study, "units", given, layer, key=f"[units] layers.{tier}"), tier) for tier, layer in given.layers.items()]
    missing = {one.check for part in parts for one in part.faults} & {"missing-file", "unreadable-file"}
    faults = parts[0].faults if missing else tuple(one for part in parts for one in part.faults)
    crs = next((part.table.crs for part in parts if part.table.crs is not None), None)
    tables = [part.table if part.table.crs is None or crs is None else part.table.to_crs(crs) for part in parts if len(part.table)]
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=crs) if tables else empty_table("units")
    return _Part(table, tuple(one for part in parts for one in part.sources), faults)


def _with_tier(part: _Part, tier: str) -> _Part:
    return _Part(part.table.assign(tier=pd.array([tier] * len(part.table), dtype="str")), part.sources, part.faults)


def _checked_tier(part: _Part, given: UnitsInput, study: Study) -> _Part:
    if given.tier:
        return _with_tier(part, given.tier)
    if len(part.table) and (part.table["tier"] == "").all():
        wanted = fault("missing-setting", str(study.path), field="[units] tier (or layers, or a column 层级)")
        return _Part(part.table, part.sources, (*part.faults, wanted))
    return part


def _places(study: Study, table: str, given: Input) -> _Part:
    part = _part(study, table, given, given.sheet or given.layer)
    places = part.table
    if len(places) and (places.geom_type.dropna() != "Point").any():
        places = places.set_geometry(places.geometry.representative_point())
    if isinstance(given, DwellingsInput) and given.people_per_household and "population" in places:
        estimate = places["population"] / given.people_per_household
        places = places.assign(households=places["households"].fillna(estimate))
    return _Part(places, part.sources, part.faults)


def _streets(study: Study) -> tuple[_Part, gpd.GeoDataFrame, Polygon | None]:
    given, path = study.streets, study.file(study.streets.path)
    if not osm.is_osm(path):
        part = _part(study, "streets", given, given.layer)
        lines = part.table.explode(ignore_index=True) if len(part.table) else part.table
        if len(lines) and (lines["street_id"] == "").all():
            order = pd.Series(shapely.to_wkb(lines.geometry.to_numpy())).rank(method="first").astype(int)
            lines = lines.assign(street_id=order.map("line/{:08d}".format).astype("str").to_numpy())
        return _Part(lines, part.sources, part.faults), empty_table("ground"), None
    if not path.exists():
        return _nothing("streets", [fault("missing-file", str(path), table="streets", key="[streets] path")]), empty_table("ground"), None
    try:
        streets, ground, extent = osm.read_streets(path)
    except RuntimeError as problem:
        wrong = fault("unreadable-file", str(path), table="streets", expected="OpenStreetMap data", found=problem)
        return _nothing("streets", [wrong]), empty_table("ground"), None
    empty = [] if len(streets) else [fault("empty-layer", path.name, table="streets", sheet="highway")]
    table = streets.assign(row=np.arange(1, len(streets) + 1))
    return _Part(table, (Source("streets", str(path), crs=osm.WGS84),), tuple(empty)), ground, extent


def _nothing(table: str, faults: list[Fault] | tuple[Fault, ...]) -> _Part:
    return _Part(empty_table(table), (), tuple(faults))


def _part(study: Study, table: str, given: Input, name: str | None, *, key: str | None = None) -> _Part:
    """Rows of a table from one layer of a file, with every fault of its headers, cells and CRS."""
    path = study.file(given.path)
    if osm.is_osm(path) and path.exists():
        layer, faults = _osm_layer(path, given)
    else:
        layer, faults = read_layer(path, name=name, encoding=given.encoding, key=key or f"[{table}] path")
    if layer is None:
        return _nothing(table, faults)
    if not len(layer.cells):
        return _nothing(table, [fault("empty-layer", layer.file, table=table, sheet=layer.sheet)])
    needs_place = layer.geometry is None
    headers, faults = understood_headers(
        list(map(str, layer.cells.columns)), table, given.columns, file=layer.file, sheet=layer.sheet, needs_place=needs_place
    )
    columns, cell_faults = _columns(layer, table, headers, study)
    geometry, place_faults = _geometry(layer, table, headers, given)
    frame = gpd.GeoDataFrame(columns | {"row": layer.rows}, geometry=geometry)
    crs = str(frame.crs.to_string()) if frame.crs is not None else ""
    source = Source(table, str(path), layer.sheet, crs, tuple(sorted(headers.items())))
    return _Part(frame, (source,), (*faults, *cell_faults, *place_faults))


def _osm_layer(path: Path, given: Input) -> tuple[Layer | None, list[Fault]]:
    if not given.tags:
        return None, [fault("missing-setting", "study.toml", field="tags for areas of an OpenStreetMap file, such as { building = \"*\" }")]
    try:
        areas = osm.read_areas(path, given.tags)
    except RuntimeError as problem:
        return None, [fault("unreadable-file", str(path), expected="OpenStreetMap data", found=problem)]
    wanted = ["id", "name", *given.tags, *given.columns.values()]
    cells = pd.DataFrame(areas.drop(columns="geometry")).reindex(columns=list(dict.fromkeys(wanted)))
    return Layer(cells, np.arange(1, len(areas) + 1), path.name, "", areas.geometry), []


def _columns(layer: Layer, table: str, headers: dict[str, str], study: Study) -> tuple[dict[str, object], list[Fault]]:
    """Each column of the contract read from its header, unknown where the file has none; other columns as they are."""
    faults: list[Fault] = []
    found: dict[str, object] = {}
    contract = CONTRACTS["facilities" if table == "candidates" else table]
    for column in contract:
        cells = layer.cells[headers[column.name]] if column.name in headers else pd.Series([None] * len(layer.cells), dtype=object)
        values, wrong, expected = _read_cells(cells, column, study)
        found[column.name] = values.to_numpy() if column.reading in {"number", "date"} else values.array
        faults += [
            _cell_fault(column, layer, table, headers[column.name], place, cells.iloc[place], expected)
            for place in np.flatnonzero(wrong.to_numpy())
        ]
    others = [name for name in layer.cells.columns if name not in headers.values() and str(name) not in found]
    return found | {str(name): layer.cells[name].array for name in others}, faults


def _read_cells(cells: pd.Series, column: Column, study: Study) -> tuple[pd.Series, pd.Series, dict[str, str]]:
    """Values, which cells are wrong, and the words that were expected."""
    if column.reading == "number":
        values, wrong = numbers(cells)
        return values, wrong | (column.non_negative & (values < 0)), {}
    if column.reading == "date":
        values, wrong = dates(cells)
        return values, wrong, {}
    if column.reading in {"tier", "status"}:
        known = spellings(column.reading)
        values, wrong = words(cells, known, plain=plain)
        return values, wrong, known
    values = texts(cells)
    if column.reading == "kind":
        known = _kind_spellings(study)
        values = values.map(lambda text: known.get(plain(text), text)).astype("str")
    return values, pd.Series(False, index=cells.index), {}


def _kind_spellings(study: Study) -> dict[str, str]:
    own = {plain(word): kind for kind, name in study.kinds.items() for word in (kind, name.zh, name.en, *name.also)}
    return spellings("kind") | own


def _cell_fault(column: Column, layer: Layer, table: str, header: str, place: int, cell: object, known: dict[str, str]) -> Fault:
    about = {"table": table, "sheet": layer.sheet, "row": int(layer.rows[place]), "column": header, "found": cell}
    if column.reading == "number":
        if isinstance(cell, (int, float)) or str(cell).strip().startswith("-"):
            return fault("negative-number", layer.file, **about)  # type: ignore[arg-type]
        square = column.name.endswith("_m2")
        expected = "square metres such as 300" if square else "a number such as 300"
        return fault("not-a-number", layer.file, expected=expected, expected_zh="平方米数,如 300" if square else "数字,如 300", **about)  # type: ignore[arg-type]
    if column.reading == "date":
        return fault("not-a-date", layer.file, **about)  # type: ignore[arg-type]
    return fault("unknown-word", layer.file, expected=", ".join(known), **hint(str(cell), known), **about)  # type: ignore[arg-type]


def _geometry(layer: Layer, table: str, headers: dict[str, str], given: Input) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Geometry in the layer's own CRS, and whether that CRS is stated, known and fits the coordinates."""
    faults: list[Fault] = []
    if layer.geometry is not None:
        shapes = layer.geometry.reset_index(drop=True)
    elif {"x", "y"} <= set(headers):
        (x, wrong_x), (y, wrong_y) = (numbers(layer.cells[headers[axis]]) for axis in ("x", "y"))
        for name, wrong in (("x", wrong_x), ("y", wrong_y)):
            column = Column(name, "number")
            faults += [
                _cell_fault(column, layer, table, headers[name], place, layer.cells[headers[name]].iloc[place], {})
                for place in np.flatnonzero(wrong.to_numpy())
            ]
        points = shapely.points(x.to_numpy(), y.to_numpy())
        points[(x.isna() | y.isna()).to_numpy()] = None
        shapes = gpd.GeoSeries(points)
    else:
        return gpd.GeoSeries([None] * len(layer.cells)), faults
    about = {"table": table, "sheet": layer.sheet}
    stated: pyproj.CRS | None = known_crs(given.crs) if given.crs else shapes.crs
    if given.crs and stated is None:
        return gpd.GeoSeries(shapes.to_numpy()), [*faults, fault("unknown-crs", layer.file, found=given.crs, **about)]
    if stated is None:
        return gpd.GeoSeries(shapes.to_numpy()), [*faults, fault("no-crs", layer.file, **about)]
    placed = gpd.GeoSeries(shapes.to_numpy(), crs=stated)
    if not _fits(placed):
        west, south, _, _ = placed.total_bounds
        faults.append(fault("wrong-crs", layer.file, crs=stated.to_string(), x=f"{west:.10g}", y=f"{south:.10g}", **about))
        placed = gpd.GeoSeries(shapes.to_numpy())
    return placed, faults


def _fits(shapes: gpd.GeoSeries | gpd.GeoDataFrame) -> bool:
    """Whether coordinates can be of their CRS: degrees within ±180 and ±90, metres beyond that."""
    bounds = np.abs(shapes.total_bounds)
    if not np.isfinite(bounds).all() or shapes.crs is None:
        return True
    within = bool((bounds.reshape(2, 2) <= _DEGREES).all())
    return within == bool(shapes.crs.is_geographic)


