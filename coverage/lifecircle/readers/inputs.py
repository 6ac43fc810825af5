"""The inputs of a study, read, understood and brought into one metric CRS."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from lifecircle.crs import MOST_OFF, crs_of_places, is_metric, known_crs, needs_parameters, scale_error
from lifecircle.errors import TableError
from lifecircle.faults import Fault, Where, fault
from lifecircle.readers import osm
from lifecircle.readers.parts import Part, fits, no_part, read_part
from lifecircle.study import DwellingsInput, Input, Study, UnitsInput
from lifecircle.tables import Source, Tables, empty_table


def read_inputs(study: Study) -> Tables:
    """The tables of a study: units, facilities, dwellings, streets, ground and candidates.

    Cells that cannot be read are left unknown and stand in `Tables.faults`; `find_faults` lists them with the rest.

    Raises
    ------
    TableError
        A file is missing or unreadable, or lacks a column or a CRS; every such fault of every file is listed.

    Examples
    --------
    >>> import lifecircle as lc
    >>> tables = lc.read_inputs(lc.read_study("data/sample/study.toml"))
    >>> len(tables.units[tables.units["tier"] == "neighbourhood"])
    30

    """
    tables = load_inputs(study)
    missing = [one for one in tables.faults if one.severity == "error" and one.where.row is None]
    if missing:
        raise TableError(missing, study.study.language)
    return tables


def load_inputs(study: Study) -> Tables:
    """The tables of a study as far as they can be read; what could not be read is an empty table and a fault."""
    parts = {
        "units": _units(study),
        "facilities": _places(study, "facilities", study.facilities),
        "dwellings": _places(study, "dwellings", study.dwellings),
        "candidates": _places(study, "candidates", study.candidates) if study.candidates else no_part("candidates", ()),
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
    """The metric CRS of a study: the stated one if it fits the place, else the one for the place."""
    known = [
        layer.geometry for layer in layers if layer.crs is not None and layer.geometry.notna().any() and fits(layer)
    ]
    chosen, stated = (crs_of_places(known[0]) if known else "EPSG:4549"), study.study.crs
    if stated is None:
        return chosen, []
    crs, file = known_crs(stated), str(study.path)
    if crs is None or not is_metric(crs):
        expected = {
            "expected": "expected a projected CRS in metres such as EPSG:4549",
            "expected_zh": "应为以米为单位的投影坐标系,如 EPSG:4549",
        }
        return chosen, [fault("wrong-setting", file, field="[study] crs", found=repr(stated), **expected)]
    if needs_parameters(crs):
        return chosen, [fault("needs-parameters", file, found=crs.name)]
    off = scale_error(stated, tuple(known[0].to_crs(crs).total_bounds)) if known else 0.0
    if off > MOST_OFF:
        return chosen, [fault("distorted-crs", file, found=stated, percent=f"{off * 100:.2g}")]
    return stated, []


def _to(table: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    return table.set_crs(crs) if table.crs is None else table.to_crs(crs)


def _extent(study: Study, found: Polygon | None, crs: str) -> Polygon | None:
    stated = study.streets.extent
    box = Polygon.from_bounds(*stated) if stated else found
    if box is None:
        return None
    fine = shapely.segmentize(box, 0.01)
    placed: Polygon = gpd.GeoSeries([fine], crs=osm.WGS84).to_crs(crs).iloc[0]
    return placed


def _units(study: Study) -> Part:
    given = study.units
    if not given.layers:
        return _checked_tier(read_part(study, "units", given, given.layer or given.sheet), given, study)
    parts = [
        _with_tier(read_part(study, "units", given, layer, key=f"[units] layers.{tier}"), tier)
        for tier, layer in given.layers.items()
    ]
    missing = {one.check for part in parts for one in part.faults} & {"missing-file", "unreadable-file"}
    faults = parts[0].faults if missing else tuple(one for part in parts for one in part.faults)
    crs = next((part.table.crs for part in parts if part.table.crs is not None), None)
    tables = [
        part.table if part.table.crs is None or crs is None else part.table.to_crs(crs)
        for part in parts
        if len(part.table)
    ]
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=crs) if tables else empty_table("units")
    return Part(table, tuple(one for part in parts for one in part.sources), faults)


def _with_tier(part: Part, tier: str) -> Part:
    return Part(part.table.assign(tier=pd.array([tier] * len(part.table), dtype="str")), part.sources, part.faults)


def _checked_tier(part: Part, given: UnitsInput, study: Study) -> Part:
    if given.tier:
        return _with_tier(part, given.tier)
    if len(part.table) and (part.table["tier"] == "").all():
        wanted = fault("missing-setting", str(study.path), field="[units] tier (or layers, or a column 层级)")
        return Part(part.table.iloc[:0], part.sources, (*part.faults, wanted))
    return part


def _places(study: Study, table: str, given: Input) -> Part:
    part = read_part(study, table, given, given.sheet or given.layer)
    places = part.table
    if len(places) and (places.geom_type.dropna() != "Point").any():
        places = places.set_geometry(places.geometry.representative_point())
    if isinstance(given, DwellingsInput) and given.people_per_household and "population" in places:
        estimate = (places["population"] / given.people_per_household).round()
        places = places.assign(households=places["households"].fillna(estimate))
    return Part(places, part.sources, part.faults)


def _streets(study: Study) -> tuple[Part, gpd.GeoDataFrame, Polygon | None]:
    given, path = study.streets, study.file(study.streets.path)
    if not osm.is_osm(path):
        part = read_part(study, "streets", given, given.layer)
        lines = part.table.explode(ignore_index=True) if len(part.table) else part.table
        if len(lines) and (lines["street_id"] == "").all():
            order = pd.Series(shapely.to_wkb(lines.geometry.to_numpy())).rank(method="first").astype(int)
            lines = lines.assign(street_id=order.map("line/{:08d}".format).astype("str").to_numpy())
        return Part(lines, part.sources, part.faults), empty_table("ground"), None
    if not path.exists():
        return (
            no_part("streets", [fault("missing-file", str(path), key="[streets] path")]),
            empty_table("ground"),
            None,
        )
    try:
        streets, ground, extent = osm.read_streets(path)
    except RuntimeError as problem:
        wrong = fault("unreadable-file", str(path), expected="OpenStreetMap data", found=problem)
        return no_part("streets", [wrong]), empty_table("ground"), None
    empty = [] if len(streets) else [fault("empty-layer", Where(path.name, "streets"))]
    table = streets.assign(row=np.arange(1, len(streets) + 1))
    return Part(table, (Source("streets", str(path), crs=osm.WGS84),), tuple(empty)), ground, extent
