"""The inputs of a study, read, understood and brought into one metric CRS."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from lifecircle.crs import MOST_OFF, crs_of_places, is_metric, known_crs, needs_parameters, scale_error
from lifecircle.cuts import line_keys
from lifecircle.errors import StudyError, TableError
from lifecircle.faults import Fault, Where, fault, file_fault
from lifecircle.given import DwellingsInput, Input, StreetsInput, UnitsInput
from lifecircle.heights import with_ele, with_heights
from lifecircle.misplaced import fits
from lifecircle.naming import with_unit_keys
from lifecircle.readers import graphs, osm
from lifecircle.readers.groups import OF_UNITS
from lifecircle.readers.osm_streets import WGS84
from lifecircle.readers.parts import Part, no_part, read_part
from lifecircle.readers.positions import rows_without_place
from lifecircle.readers.spread import spread_over
from lifecircle.readers.totals import with_totals
from lifecircle.repairs import repaired
from lifecircle.streets import join_crossings
from lifecircle.study import Study
from lifecircle.tables import CONTRACTS, MAY_LACK, Source, Tables, empty_table
from lifecircle.words import both

_POINTS = {"gates", "entrances"}
_SHAPES = {
    "compounds": (("Polygon", "MultiPolygon"), both("面", "areas")),
    "barriers": (("Polygon", "MultiPolygon", "LineString", "MultiLineString"), both("线或面", "lines or areas")),
}
_DRIVEN = {"yes": "forward", "1": "forward", "-1": "backward"}


def read_inputs(study: Study) -> Tables:
    """The tables of a study: units, facilities, dwellings, streets, ground and what else the study names.

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
    """The tables of a study as far as they can be read; what could not be read is an empty table and a fault.

    Units that are named are told by their keys, and what the study asks for besides is done, each with a line in the
    faults: repairs, and households spread over places.
    """
    named = with_totals(study, with_unit_keys(_tables(study), similar=study.names.similar))
    return spread_over(study, repaired(named, study.repair))


def _tables(study: Study) -> Tables:
    """The tables of a study in one metric CRS, as they were read."""
    parts = {
        "units": _units(study),
        "facilities": _places(study, "facilities", study.facilities),
        "dwellings": _dwellings(study),
        "candidates": _places(study, "candidates", study.candidates) if study.candidates else no_part("candidates", ()),
    } | {name: _optional(study, name) for name in MAY_LACK}
    read, ground, extent = _streets(study)
    crs, crs_faults = _study_crs(study, [parts[name].table for name in ("units", "dwellings", "facilities")])
    streets = _finished(study, Part(_to(read.table, crs), read.sources, read.faults))
    faults = [*crs_faults, *(one for part in (*parts.values(), streets) for one in part.faults)]
    area = _extent(study, extent, crs)
    faults += _elsewhere(study, streets.table, area)
    metric = {name: _to(part.table, crs) for name, part in parts.items()}
    return Tables(
        **metric,
        streets=streets.table,
        ground=_to(ground, crs),
        crs=crs,
        extent=area,
        sources=tuple(one for part in (*parts.values(), streets) for one in part.sources),
        faults=tuple(faults),
    )


def _study_crs(study: Study, layers: list[gpd.GeoDataFrame]) -> tuple[str, list[Fault]]:
    """The metric CRS of a study: the stated one if it fits the place, else the one for the place."""
    fitting = [layer for layer in layers if layer.crs is not None and fits(layer)]
    known = [layer.geometry for layer in fitting if _has_places(layer.geometry)]
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


def _has_places(shapes: gpd.GeoSeries) -> bool:
    """Whether any shape lies somewhere on earth: beyond the reach of their CRS places cannot be told."""
    if not np.isfinite(shapes.total_bounds).all():
        return False
    corners = gpd.GeoSeries([shapely.box(*shapes.total_bounds)], crs=shapes.crs).to_crs(WGS84)
    return bool(np.isfinite(shapely.get_coordinates(corners.to_numpy())).all())


def _to(table: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    return table.set_crs(crs) if table.crs is None else table.to_crs(crs)


def _extent(study: Study, found: Polygon | None, crs: str) -> Polygon | None:
    stated = study.streets.extent if study.streets else None
    box = Polygon.from_bounds(*stated) if stated else found
    if box is None:
        return None
    fine = shapely.segmentize(box, 0.01)
    placed: Polygon = gpd.GeoSeries([fine], crs=WGS84).to_crs(crs).iloc[0]
    return placed


def _elsewhere(study: Study, streets: gpd.GeoDataFrame, extent: Polygon | None) -> list[Fault]:
    """A fault where the study states an extent that no street lies in."""
    if extent is None or not len(streets) or study.streets is None or study.streets.extent is None:
        return []
    bounds = streets.total_bounds
    if not np.isfinite(bounds).all() or shapely.box(*bounds).intersects(extent):
        return []
    west, south, east, north = streets.to_crs(WGS84).total_bounds
    said = f"{west:.4f}, {south:.4f}, {east:.4f}, {north:.4f}"
    values = {
        "expected": f"expected a box around the streets, which lie in {said}",
        "expected_zh": f"应为道路所在范围,道路位于 {said}",
    }
    return [fault("wrong-setting", str(study.path), field="[streets] extent", found=study.streets.extent, **values)]


def _units(study: Study) -> Part:
    """Units of all tiers; circles of a layer of their own take the place of any others."""
    given = study.circles.given
    units = _units_of_layers(study)
    if given is None:
        return units
    circles = _with_tier(read_part(study, "units", given, given.layer or given.sheet, key="[circles] layer"), "circle")
    told = tuple(
        fault("missing-file", one.where, key="[circles] path") if one.check == "missing-file" else one
        for one in circles.faults
    )
    if not len(circles.table) or not len(units.table):
        return Part(units.table, (*units.sources, *circles.sources), (*units.faults, *told))
    replaced = set(units.table.loc[units.table["tier"] == "circle", "unit_id"])
    kept = units.table[units.table["tier"] != "circle"]
    crs = kept.crs or circles.table.crs
    freed = _freed(kept, replaced, set(circles.table["unit_id"]))
    table = pd.concat([_in(freed, crs), _in(circles.table, crs)])
    read = [one for one in units.sources if one.tier != "circle"]
    table = gpd.GeoDataFrame(table.reset_index(drop=True), crs=crs)
    return Part(table, (*circles.sources, *read), (*units.faults, *told))


def _freed(units: gpd.GeoDataFrame, replaced: set[str], circles: set[str]) -> gpd.GeoDataFrame:
    """Units whose neighbourhoods belong to the circle that they state, or to none until their place decides."""
    parent = units["parent_id"]
    known = {*replaced, *units["unit_id"], *units["name"]} - {""}
    bound = (units["tier"] == "neighbourhood") & ~parent.isin(circles) & parent.isin(known)
    return units.assign(parent_id=parent.mask(bound, ""))


def _in(table: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """A table in that CRS, without places where its own is not known; as it is where no CRS is known at all."""
    if crs is None:
        return table
    nowhere = gpd.GeoSeries([None] * len(table), index=table.index, crs=crs)
    return table.set_geometry(nowhere) if table.crs is None else table.to_crs(crs)


def _units_of_layers(study: Study) -> Part:
    """Units of one layer or of several; a column that the study names need not be in each of these, but for the key."""
    given = study.units
    if not given.layers:
        return _checked_tier(read_part(study, "units", given, given.layer or given.sheet), given, study)
    parts = [
        _with_tier(read_part(study, "units", given, layer, key=f"[units] layers.{tier}"), tier)
        for tier, layer in given.layers.items()
    ]
    missing = {one.check for part in parts for one in part.faults} & {"missing-file", "unreadable-file"}
    faults = parts[0].faults if missing else tuple(one for part in parts for one in part.faults)
    mapped = {column for part in parts for source in part.sources for column, _ in source.headers} - {"unit_id"}
    faults = tuple(one for one in faults if one.check != "missing-column" or dict(one.values)["name"] not in mapped)
    crs = next((part.table.crs for part in parts if part.table.crs is not None), None)
    tables = [_in(part.table, crs) for part in parts if len(part.table)]
    table = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=crs) if tables else empty_table("units")
    return Part(table, tuple(one for part in parts for one in part.sources), faults)


def _with_tier(part: Part, tier: str) -> Part:
    table = part.table.assign(tier=pd.array([tier] * len(part.table), dtype="str"))
    return Part(table, tuple(replace(source, tier=tier) for source in part.sources), part.faults)


def _checked_tier(part: Part, given: UnitsInput, study: Study) -> Part:
    if given.tier:
        return _with_tier(part, given.tier)
    if len(part.table) and (part.table["tier"] == "").all():
        wanted = fault("missing-setting", str(study.path), field="[units] tier (or layers, or a column 层级)")
        return Part(part.table.iloc[:0], part.sources, (*part.faults, wanted))
    return part


def _dwellings(study: Study) -> Part:
    """Where households live; none where the study has none, which is wrong only where it names columns of them."""
    if study.dwellings is not None:
        return _places(study, "dwellings", study.dwellings)
    named = [*study.equity.groups, *(name for name in study.equity.by if name != OF_UNITS)]
    wanted = "dwellings (named in [equity])"
    return no_part("dwellings", [fault("missing-setting", str(study.path), field=wanted)] if named else ())


def _places(study: Study, table: str, given: Input) -> Part:
    part = read_part(study, table, given, given.sheet or given.layer)
    places = part.table
    kinds = shapely.get_type_id(places.geometry.to_numpy())
    if ((kinds != shapely.GeometryType.POINT) & (kinds != shapely.GeometryType.MISSING)).any():
        places = places.set_geometry(places.geometry.representative_point())
    if isinstance(given, DwellingsInput) and given.people_per_household and "population" in places:
        estimate = (places["population"] / given.people_per_household).round()
        places = places.assign(households=places["households"].fillna(estimate))
    return Part(places, part.sources, part.faults)


def _optional(study: Study, table: str) -> Part:
    """A table that a study may do without, each of its rows with a place of the right shape."""
    given: Input | None = getattr(study, table)
    if given is None:
        return no_part(table, ())
    name = given.layer or given.sheet
    part = _places(study, table, given) if table in _POINTS else read_part(study, table, given, name)
    if not len(part.table) or any(one.where.row is None for one in part.faults):
        return part
    told = rows_without_place(part.faults, part.sources[0].headers)
    where = Where(part.sources[0].file, table, part.sources[0].sheet)
    shapes, rows = part.table.geometry, part.table["row"].to_numpy()
    keys = part.table[CONTRACTS[table][0].name].where(lambda key: key != "", "—")
    faults = [
        fault("missing-place", replace(where, row=int(rows[place])), found=keys.iloc[place])
        for place in np.flatnonzero((shapes.isna() | shapes.is_empty).to_numpy())
        if (where.file, where.sheet, int(rows[place])) not in told
    ]
    return Part(part.table, part.sources, (*part.faults, *faults, *_odd_shapes(table, where, shapes, rows)))


def _odd_shapes(table: str, where: Where, shapes: gpd.GeoSeries, rows: np.ndarray) -> list[Fault]:
    known, said = _SHAPES.get(table, (("Point",), both("点", "points")))
    odd = np.flatnonzero((shapes.notna() & ~shapes.geom_type.isin(known)).to_numpy())
    if not len(odd):
        return []
    values = {"n": len(odd), "all": len(shapes), "expected": said["en"], "expected_zh": said["zh"]}
    return [fault("wrong-shapes", replace(where, row=int(rows[odd[0]])), found=shapes.geom_type.iloc[odd[0]], **values)]


def _streets(study: Study) -> tuple[Part, gpd.GeoDataFrame, Polygon | None]:
    if study.streets is None:
        return no_part("streets", ()), empty_table("ground"), None
    path = study.file(study.streets.path)
    if not osm.is_osm(path) and not graphs.is_graph(path):
        return _street_layer(study, study.streets), empty_table("ground"), None
    wrong = file_fault(path, "[streets] path")
    if wrong is not None:
        return no_part("streets", [wrong]), empty_table("ground"), None
    ground, extent = empty_table("ground"), None
    try:
        if osm.is_osm(path):
            streets, ground, extent = osm.read_streets(path)
        else:
            streets = graphs.read_graph(path)
    except osm.PROBLEMS as problem:
        expected = "a street graph" if graphs.is_graph(path) else "OpenStreetMap data"
        wrong = fault("unreadable-file", str(path), expected=expected, found=problem)
        return no_part("streets", [wrong]), empty_table("ground"), None
    faults = [] if len(streets) else [fault("empty-layer", Where(path.name, "streets"))]
    faults += _needless(study, study.streets)
    if study.streets.crossings == "join":
        values = {
            "expected": f"expected keep: the streets of {path.name} are joined at their nodes",
            "expected_zh": f"应为 keep:{path.name} 中的道路已按节点相连",
        }
        faults.append(fault("wrong-setting", str(study.path), field="[streets] crossings", found="join", **values))
    table = streets.assign(row=np.arange(1, len(streets) + 1))
    return Part(table, (Source("streets", str(path), crs=streets.crs.to_string()),), tuple(faults)), ground, extent


def _needless(study: Study, given: StreetsInput) -> list[Fault]:
    """A CRS or a datum of streets of OpenStreetMap, whose places are in WGS 84."""
    if given.crs is None and given.datum is None:
        return []
    field, found = ("crs", given.crs) if given.crs is not None else ("datum", given.datum)
    values = {
        "expected": f"expected none: places of {Path(given.path).name} are in WGS 84",
        "expected_zh": f"应不写:{Path(given.path).name} 的坐标为 WGS 84",
    }
    return [fault("wrong-setting", str(study.path), field=f"[streets] {field}", found=repr(found), **values)]


def _street_layer(study: Study, given: StreetsInput) -> Part:
    """Streets of a layer of lines, each a single line with a key."""
    part = read_part(study, "streets", given, given.layer)
    if len(part.table) and (part.table.geometry.isna() | part.table.is_empty).all() and not part.faults:
        return no_part("streets", [fault("no-shapes", Where(part.sources[0].file, "streets"), n=len(part.table))])
    lines = part.table.explode(ignore_index=True) if len(part.table) else part.table
    if len(lines) and (lines["street_id"] == "").all():
        lines = lines.assign(street_id=pd.array(line_keys(lines), dtype="str"))
    header = next((dict(source.headers).get("oneway") for source in part.sources), None)
    if header:  # a column `oneway` is for vehicles, unless it says so in this project's own words
        words = lines["oneway"] if header.lower() == "oneway" else lines["oneway"].replace(_DRIVEN)
        lines = lines.assign(oneway=words.where(words.isin(["forward", "backward"]), ""))
    return Part(lines, part.sources, part.faults)


def _finished(study: Study, part: Part) -> Part:
    """Streets joined where they cross and given heights, where the study asks for that."""
    given, table, sources, faults = study.streets, part.table, part.sources, [*part.faults]
    if given is None or not len(table) or (table.geom_type != "LineString").any():
        return part
    own = osm.is_osm(given.path) or graphs.is_graph(given.path)
    if given.elevation == "ele":  # before cuts are made, whose ends state no heights
        raised = with_ele(table)
        found = _height_faults(raised, study.file(given.path))
        table = table if found and found[0].severity == "error" else raised
        faults += found
    if given.crossings == "join" and not own:
        table = join_crossings(table)
    if given.elevation and given.elevation != "ele":
        raster = study.file(given.elevation)
        table, found = _with_heights(table, raster)
        faults += found
        sources = (*sources, Source("elevation", str(raster)))
    return Part(table, sources, tuple(faults))


def _with_heights(streets: gpd.GeoDataFrame, raster: Path) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    wrong = file_fault(raster, "[streets] elevation")
    if wrong is not None:
        return streets, [wrong]
    try:
        raised = with_heights(streets, raster)
    except StudyError as problem:
        return streets, list(problem.faults)
    found = _height_faults(raised, raster)
    return streets if found and found[0].severity == "error" else raised, found


def _height_faults(raised: gpd.GeoDataFrame, source: Path) -> list[Fault]:
    """Whether the source of heights has none for any street, or none for a part of some."""
    heights, line = shapely.get_coordinates(raised.geometry.to_numpy(), include_z=True, return_index=True)
    unknown = np.isnan(heights[:, 2])
    if unknown.all():
        return [fault("no-heights", str(source), n=len(raised))]
    n_part = len(np.unique(line[unknown]))
    return [fault("missing-heights", str(source), n=n_part, all=len(raised))] if n_part else []
