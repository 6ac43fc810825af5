"""What is wrong with the inputs: every fault, with row, rule, cure and the households it touches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.validation import explain_validity

from lifecircle.crs import is_metric
from lifecircle.errors import TableError
from lifecircle.faults import Fault, Where, fault, fault_table, hint
from lifecircle.places import unit_of_places
from lifecircle.shares import parse_shares
from lifecircle.tables import KEYS, Source, Tables
from lifecircle.walkers import load_walking, may_walk

_FAR_KM = 50


def find_faults(tables: Tables, *, snap_m: float = 100) -> pd.DataFrame:
    """Every fault of the inputs, worst first; nothing is raised and nothing is changed.

    Parameters
    ----------
    tables
        The inputs.
    snap_m
        How far from a walkable street a place may lie, in metres.

    Returns
    -------
    DataFrame
        One row per fault: check, severity (`error` or `warning`), table, file, sheet, row, what and cure in both
        languages, households touched (NaN where unknown).

    Examples
    --------
    >>> import lifecircle as lc
    >>> faults = lc.find_faults(lc.read_inputs(lc.read_study("data/sample/study.toml")))
    >>> set(faults["severity"])
    {'warning'}

    """
    return fault_table(faults_of(tables, snap_m=snap_m))


def require_clean(faults: pd.DataFrame, *, lang: str = "en") -> None:
    """Raise a `TableError` that names every error; warnings pass."""
    errors = faults[faults["severity"] == "error"]
    if len(errors):
        raise TableError("\n".join(errors[f"line_{lang}"]))


def faults_of(tables: Tables, *, snap_m: float) -> list[Fault]:
    """Faults found while reading, then those of each check that what was read allows."""
    lost = _lost(tables)
    found = list(tables.faults)
    for check, needs in _CHECKS:
        if not lost & set(needs):
            found += check(tables)
    for table in ("units", "facilities", "dwellings", "candidates"):
        found += _keys(tables, table) if (table, "keys") not in lost else []
    for table in ("facilities", "dwellings", "candidates"):
        found += _missing_places(tables, table) if (table, "places") not in lost else []
    for table in ("facilities", "dwellings", "streets"):
        found += _far_places(tables, table) if not lost & {(table, "places"), ("units", "places")} else []
    for table in ("facilities", "dwellings"):
        found += _outside(tables, table) if not lost & {(table, "places"), ("units", "places")} else []
    return found + (list(_streets(tables, snap_m)) if not lost & _WALKED else [])


def _lost(tables: Tables) -> set[tuple[str, str]]:
    """What could not be read of which table: its `rows`, `keys` or `places`."""
    lost = set()
    for one in tables.faults:
        table, values = one.where.table, dict(one.values)
        if one.check in {"missing-file", "unreadable-file", "missing-layer", "empty-layer"}:
            table = table or values.get("key", "").strip("[").split("]")[0]
            lost |= {(table, "rows"), (table, "keys"), (table, "places")}
        elif one.check in {"no-crs", "unknown-crs", "wrong-crs"} or values.get("name") in {"x", "y"}:
            lost.add((table, "places"))
        elif values.get("name") == KEYS.get(table):
            lost.add((table, "keys"))
    return lost


def _keys(tables: Tables, table: str) -> Iterator[Fault]:
    frame, column = getattr(tables, table), KEYS.get(table, "facility_id")
    header = _header(tables, table, column)
    keys = frame[column].reset_index(drop=True)
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    for place in np.flatnonzero((keys.duplicated() | (keys == "")).to_numpy()):
        key, where = keys[place], _at(tables, table, int(place))
        if not key:
            yield fault("missing-key", where, column=header)
        else:
            other = _at(tables, table, first[key])
            same = (other.file, other.sheet) == (where.file, where.sheet)
            en, zh = (f"row {other.row}", f"第 {other.row} 行") if same else (other.text("en"), other.text("zh"))
            yield fault("duplicate-key", where, column=header, found=key, other=en, other_zh=zh)


def _boundaries(tables: Tables) -> Iterator[Fault]:
    for place, shape in enumerate(tables.units.geometry):
        found, where = tables.units["unit_id"].iloc[place], _at(tables, "units", place)
        if shape is None or shape.is_empty:
            yield fault("missing-boundary", where, found=found)
        elif not shape.is_valid:
            why, _, spot = explain_validity(shape).partition("[")
            x, y = _as_kept(tables, place, *(float(number) for number in spot.rstrip("]").split()[:2]))
            yield fault("invalid-geometry", where, found=found, why=why, x=x, y=y)
        elif shape.area == 0:
            x, y = _as_kept(tables, place, *shape.coords[0])
            yield fault("invalid-geometry", where, found=found, why=f"a {shape.geom_type} without area", x=x, y=y)


def _as_kept(tables: Tables, place: int, x: float, y: float) -> tuple[str, str]:
    """A place in the CRS of the file it stands in."""
    crs = _source(tables, "units", place).crs or tables.crs
    spot = gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=tables.crs).to_crs(crs).iloc[0]
    decimals = 1 if tables.units.crs is not None and is_metric(pyproj.CRS(crs)) else 6
    return f"{spot.x:.{decimals}f}", f"{spot.y:.{decimals}f}"


def _parents(tables: Tables) -> Iterator[Fault]:
    header = _header(tables, "units", "parent_id")
    parents = dict(zip(tables.units["unit_id"], tables.units["parent_id"], strict=True))
    unique = len(parents) == len(tables.units)
    for place, (unit_id, parent) in enumerate(zip(tables.units["unit_id"], tables.units["parent_id"], strict=True)):
        if parent and parent not in parents:
            yield fault(
                "unknown-unit", _at(tables, "units", place), column=header, found=parent, **hint(parent, parents)
            )
        elif unique and unit_id in _above(unit_id, parents):
            yield fault("parent-circle", _at(tables, "units", place), column=header, found=parent)


def _above(unit_id: str, parents: dict[str, str]) -> list[str]:
    """The units above a unit, up to the top or to the first one met again."""
    line: list[str] = []
    while (unit_id := parents.get(unit_id, "")) and unit_id not in line:
        line.append(unit_id)
    return line


def _missing_places(tables: Tables, table: str) -> Iterator[Fault]:
    frame = getattr(tables, table)
    told = {one.where.row for one in tables.faults if one.where.table == table}
    for place in np.flatnonzero((frame.geometry.isna() | frame.geometry.is_empty).to_numpy()):
        where = _at(tables, table, int(place))
        if where.row not in told:
            yield fault("missing-place", where, found=_called(frame, table, int(place)))


def _far_places(tables: Tables, table: str) -> Iterator[Fault]:
    units = tables.units.geometry[tables.units.geometry.is_valid]
    shapes = getattr(tables, table).geometry.dropna()
    if not len(units) or not len(shapes):
        return
    nearest_km = float(shapes.distance(shapely.box(*units.total_bounds)).min()) / 1000
    if nearest_km > _FAR_KM:
        yield fault("far-away", _at(tables, table), n=len(shapes), km=_FAR_KM, found=f"{nearest_km:,.0f}")


def _shares(tables: Tables) -> Iterator[Fault]:
    known, header = set(tables.units["unit_id"]), _header(tables, "facilities", "serves")
    for place, text in enumerate(tables.facilities["serves"]):
        shares = parse_shares(text)
        if shares is None:
            yield fault("wrong-shares", _at(tables, "facilities", place), column=header, found=text)
            continue
        for unit_id in sorted(set(shares) - known):
            where = _at(tables, "facilities", place)
            yield fault("unknown-unit", where, column=header, found=unit_id, **hint(unit_id, known))


def _co_location(tables: Tables) -> Iterator[Fault]:
    facilities, header = tables.facilities, _header(tables, "facilities", "part_of")
    known = set(facilities["facility_id"])
    for place, (key, host) in enumerate(zip(facilities["facility_id"], facilities["part_of"], strict=True)):
        if host and host == key:
            yield fault("part-of-itself", _at(tables, "facilities", place), column=header, found=host)
        elif host and host not in known:
            where = _at(tables, "facilities", place)
            yield fault("unknown-facility", where, column=header, found=host, **hint(host, known - {key}))


def _named_units(tables: Tables) -> Iterator[Fault]:
    known, header = set(tables.units["unit_id"]), _header(tables, "dwellings", "unit_id")
    for place, unit_id in enumerate(tables.dwellings["unit_id"]):
        if unit_id and unit_id not in known:
            where = _at(tables, "dwellings", place)
            yield fault("unknown-unit", where, column=header, found=unit_id, **hint(unit_id, known))


def _outside(tables: Tables, table: str) -> Iterator[Fault]:
    """Places in no unit; boundaries that are not valid decide nothing."""
    if not tables.units.geometry.is_valid.all():
        return
    frame, check = getattr(tables, table), {"facilities": "outside-units", "dwellings": "unplaced-dwelling"}[table]
    stated = frame["serves" if table == "facilities" else "unit_id"] != ""
    unit_ids = unit_of_places(frame, tables.units)
    for place in np.flatnonzero(((unit_ids == "") & ~stated & frame.geometry.notna()).to_numpy()):
        yield fault(check, _at(tables, table, int(place)), found=_called(frame, table, int(place)))


def _disagreement(tables: Tables) -> Iterator[Fault]:
    """Units whose stated households are not those of their dwellings, where all of these are known."""
    if not tables.units.geometry.is_valid.all():
        return
    unit_ids = unit_of_places(tables.dwellings, tables.units, stated="unit_id").to_numpy()
    sums = tables.dwellings["households"].groupby(unit_ids).agg(lambda found: found.sum(skipna=False))
    for place, (unit_id, stated) in enumerate(zip(tables.units["unit_id"], tables.units["households"], strict=True)):
        summed = sums.get(unit_id, math.nan)
        if abs(stated - summed) >= 1:
            where = replace(_at(tables, "units", place), households=abs(stated - summed))
            found = _called(tables.units, "units", place)
            yield fault("households-disagree", where, found=found, stated=f"{stated:,.0f}", summed=f"{summed:,.0f}")


def _streets(tables: Tables, snap_m: float) -> Iterator[Fault]:
    n_odd = int((tables.streets.geom_type != "LineString").sum())
    if n_odd:
        yield fault("not-lines", _at(tables, "streets"), n=n_odd, all=len(tables.streets))
        return
    walkable = tables.streets[may_walk(tables.streets, load_walking().streets)]
    dwellings = tables.dwellings[tables.dwellings.geometry.notna()]
    if not len(dwellings) or not len(tables.streets):
        return
    if not _near(dwellings, walkable, snap_m).any():
        if not any(_far_places(tables, "streets")):
            yield fault("no-streets-near", _at(tables, "streets"), snap_m=f"{snap_m:g}", n=len(dwellings))
        return
    for table in ("dwellings", "facilities"):
        frame = getattr(tables, table)
        placed = np.flatnonzero(frame.geometry.notna().to_numpy())
        for place in placed[~_near(frame.iloc[placed], walkable, snap_m)]:
            where, found = _at(tables, table, int(place)), _called(frame, table, int(place))
            yield fault("far-from-streets", where, found=found, snap_m=f"{snap_m:g}")


def _near(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, snap_m: float) -> np.ndarray:
    tree = shapely.STRtree(streets.geometry.to_numpy())
    near = np.zeros(len(places), dtype=bool)
    near[tree.query_nearest(places.geometry.to_numpy(), max_distance=snap_m)[0]] = True
    return near


def _at(tables: Tables, table: str, place: int | None = None) -> Where:
    """File, sheet, row and households of a record, or of a table as a whole."""
    frame, source = getattr(tables, table), _source(tables, table, place)
    where = Where(source.file or table, table, source.sheet)
    if place is None:
        return where
    row = int(frame["row"].iloc[place]) if "row" in frame else place + 1
    households = float(frame["households"].iloc[place]) if "households" in frame else math.nan
    return replace(where, row=row, households=None if math.isnan(households) else households)


def _source(tables: Tables, table: str, place: int | None) -> Source:
    """The file and layer that a record was read from."""
    sources = [source for source in tables.sources if source.table == table]
    if table == "units" and place is not None and len(sources) > 1:  # one source per tier, in the order of the rows
        tiers = list(dict.fromkeys(tables.units["tier"]))
        return sources[tiers.index(tables.units["tier"].iloc[place])]
    return sources[0] if sources else Source(table, "")


def _header(tables: Tables, table: str, column: str) -> str:
    """The header a column was read from."""
    found = [dict(source.headers).get(column) for source in tables.sources if source.table == table]
    return next((header for header in found if header), column)


def _called(frame: pd.DataFrame, table: str, place: int) -> str:
    """A record's name with its key; of a dwelling the key alone, because faults are published."""
    key = frame[KEYS.get(table, "facility_id")].iloc[place]
    name = "" if table == "dwellings" else frame["name"].iloc[place]
    return f"{name} ({key})" if name and name != key else str(key)


# Each check with what it needs to have been read.
_CHECKS: tuple[tuple[Callable[[Tables], Iterator[Fault]], tuple[tuple[str, str], ...]], ...] = (
    (_boundaries, (("units", "places"),)),
    (_parents, (("units", "keys"),)),
    (_shares, (("units", "keys"), ("facilities", "rows"))),
    (_co_location, (("facilities", "keys"),)),
    (_named_units, (("units", "keys"), ("dwellings", "rows"))),
    (_disagreement, (("units", "places"), ("units", "keys"), ("dwellings", "places"))),
)
_WALKED = {("dwellings", "places"), ("streets", "places"), ("facilities", "places")}
