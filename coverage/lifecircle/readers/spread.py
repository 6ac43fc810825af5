"""What the households of units are spread over: the layer that a study names, or its walkable streets."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault
from lifecircle.given import Input, SpreadInput
from lifecircle.keys import places_among
from lifecircle.living import Over
from lifecircle.provenance import called, where_of
from lifecircle.readers.osm import is_osm
from lifecircle.readers.parts import Part, no_part, read_part
from lifecircle.spreading import Spread, spread_households, with_spread
from lifecircle.study import Study, settings_of
from lifecircle.tables import Tables
from lifecircle.walkers import load_walking, may_walk
from lifecircle.words import both, term

_SHAPES = {
    "buildings": (("Polygon", "MultiPolygon"), both("面", "areas")),
    "grid": (("Polygon", "MultiPolygon", "Point"), both("面或点", "areas or points")),
}
_TAGS = {"buildings": {"building": "*"}, "grid": {}, "addresses": {"addr:housenumber": "*"}, "streets": {}}
_NAMED = 5  # units named in a fault that speaks of many
_OSM_COLUMNS = {"floors": "building:levels", "use": "building"}


def spread_over(study: Study, tables: Tables) -> Tables:
    """The tables, with the households of units that have no dwellings where the study says that they are spread to.

    As they are where the study spreads nothing. What could not be read, units that have nothing to be spread over, and
    how many households were spread stand in the faults.
    """
    given = study.spread
    if given is None:
        return tables
    part = _walkable(study, tables) if given.over == "streets" else _layer(study, given)
    sources, faults = (*tables.sources, *part.sources), (*tables.faults, *part.faults)
    tables = replace(tables, sources=sources, faults=faults)
    if not len(tables.units) or any(one.severity == "error" for one in part.faults):
        return tables
    if tables.units["households"].isna().all():
        return replace(tables, faults=(*tables.faults, fault("no-totals", where_of(tables, "units"))))
    spots = part.table.set_crs(tables.crs) if part.table.crs is None else part.table.to_crs(tables.crs)
    found = spread_households(tables.units, tables.dwellings, spots, over=given.over, floors=given.floors)
    told = (*tables.faults, *_told(tables, part, found, given.over))
    return replace(tables, dwellings=with_spread(tables.dwellings, found.dwellings), faults=told)


def _walkable(study: Study, tables: Tables) -> Part:
    """The streets of the study that may be walked."""
    if study.streets is None:
        return no_part("streets", [fault("missing-setting", str(study.path), field="streets (over, in [spread])")])
    streets = tables.streets
    walked = streets[may_walk(streets, load_walking(settings_of(study)).streets)]
    sources = tuple(replace(one, table="spread") for one in tables.sources if one.table == "streets")
    return Part(walked, sources, ())


def _layer(study: Study, spread: SpreadInput) -> Part:
    """The rows of the layer, each of the right shape; cells of a grid have a population."""
    given = spread.given
    if given is None:
        return no_part("spread", [fault("missing-setting", str(study.path), field="[spread] path")])
    if is_osm(given.path):
        given = _of_osm(given, spread.over)
    part = read_part(study, "spread", given, given.sheet or given.layer, key="[spread] layer")
    if is_osm(given.path):  # a tag that is no number, such as 3;4, is not for the office to put right
        part = replace(part, faults=tuple(one for one in part.faults if one.where.row is None))
    if not len(part.table) or not part.sources:
        return part
    where = Where(part.sources[0].file, "spread", part.sources[0].sheet)
    table = part.table
    if spread.over == "addresses":
        table = table.set_geometry(table.geometry.representative_point())
    if spread.over == "buildings" and is_osm(given.path):
        table = table[table.geom_type != "Point"].reset_index(drop=True)
    return Part(table, part.sources, (*part.faults, *_unusable(part, table, where, spread.over)))


def _of_osm(given: Input, over: Over) -> Input:
    """What is looked for in an OpenStreetMap file, where the study does not say so itself."""
    columns = _OSM_COLUMNS if over == "buildings" else {}
    return given.model_copy(update={"tags": given.tags or _TAGS[over], "columns": columns | given.columns})


def _unusable(part: Part, table: gpd.GeoDataFrame, where: Where, over: Over) -> list[Fault]:
    """A layer of other shapes, or a grid without a column of people."""
    headers = dict(part.sources[0].headers)
    if over == "grid" and "population" not in headers:
        found = ", ".join(str(name) for name in table.columns if name not in {"geometry", "row"})
        values = {"expected": "population / 人口 / 常住人口", "found": found, "hint": "", "hint_zh": ""}
        return [fault("missing-column", where, name="population", **values)]
    if over not in _SHAPES:
        return []
    (known, said), shapes = _SHAPES[over], table.geometry
    odd = np.flatnonzero((shapes.notna() & ~shapes.geom_type.isin(known)).to_numpy())
    if not len(odd):
        return []
    counts = {"n": str(len(odd)), "all": str(len(shapes)), "expected": said["en"], "expected_zh": said["zh"]}
    row = int(table["row"].iloc[odd[0]])
    return [fault("wrong-shapes", replace(where, row=row), found=shapes.geom_type.iloc[odd[0]], **counts)]


def _told(tables: Tables, part: Part, found: Spread, over: Over) -> list[Fault]:
    """How much was spread over what, and the units where there is nothing to spread over."""
    what = term("over", over)
    words = {"over": what["en"], "over_zh": what["zh"]}
    keys = tables.units["unit_id"]
    places = places_among(_keys(found.empty), keys)
    faults = [fault("nothing-to-spread-over", where_of(tables, "units", place), **words) for place in places.tolist()]
    if found.partly:
        named = [called(tables.units, "units", place) for place in places_among(_keys(found.partly), keys).tolist()]
        some = both("、".join(named[:_NAMED]), ", ".join(named[:_NAMED]))
        more = both("等", " and others") if len(named) > _NAMED else both("", "")
        values = {"n": str(len(named)), "units": some["en"] + more["en"], "units_zh": some["zh"] + more["zh"]}
        faults.append(fault("not-spread", where_of(tables, "units"), **values))
    if not len(found.dwellings):
        return faults
    n, units = float(found.dwellings["households"].sum()), found.dwellings["unit_id"].nunique()
    beside = both(f",另有 {found.n_other:,} 栋非住宅未计", f"; {found.n_other:,} that are no homes were left out")
    beside = beside if found.n_other else both("", "")
    source = part.sources[0]
    where = Where(source.file, "spread", source.sheet, households=n)
    values = {"n": f"{n:,.0f}", "units": f"{units:,}", "places": f"{len(found.dwellings):,}"}
    told = fault("households-spread", where, **values, **words, beside=beside["en"], beside_zh=beside["zh"])
    return [*faults, told]


def _keys(units: tuple[str, ...]) -> pd.Series:
    return pd.Series(units, dtype="str")
