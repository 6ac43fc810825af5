"""What is wrong with the inputs: every fault, with row, rule, cure and the households it touches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.validation import explain_validity

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
    >>> faults = find_faults(read_inputs(read_study("data/sample/study.toml")))
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
    """Faults found while reading, then those of each check."""
    checks: tuple[Callable[[Tables], Iterator[Fault]], ...] = (
        _keys, _boundaries, _parents, _missing_places, _far_places,
        _shares, _co_location, _named_units, _outside, _disagreement,
    )  # fmt: skip
    found = [*tables.faults, *(one for check in checks for one in check(tables))]
    return found + list(_streets(tables, snap_m))


def _keys(tables: Tables) -> Iterator[Fault]:
    for table in ("units", "facilities", "dwellings", "candidates"):
        frame, column = getattr(tables, table), KEYS.get(table, "facility_id")
        keys, header = frame[column].tolist(), _header(tables, table, column)
        first: dict[str, int] = {}
        for place, key in enumerate(keys):
            if not key:
                yield fault("missing-key", _at(tables, table, place), column=header)
            elif first.setdefault(key, place) != place:
                other = _at(tables, table, first[key])
                yield fault("duplicate-key", _at(tables, table, place), column=header, found=key, other=other.row)


def _boundaries(tables: Tables) -> Iterator[Fault]:
    for place, shape in enumerate(tables.units.geometry):
        if shape is None or shape.is_empty or shape.area == 0:
            why, x, y = "no area", math.nan, math.nan
        elif not shape.is_valid:
            why, _, spot = explain_validity(shape).partition("[")
            x, y = (float(number) for number in spot.rstrip("]").split()[:2])
        else:
            continue
        found = tables.units["unit_id"].iloc[place]
        yield fault("invalid-geometry", _at(tables, "units", place), found=found, why=why, x=f"{x:.1f}", y=f"{y:.1f}")


def _parents(tables: Tables) -> Iterator[Fault]:
    known, header = set(tables.units["unit_id"]), _header(tables, "units", "parent_id")
    for place, parent in enumerate(tables.units["parent_id"]):
        if parent and parent not in known:
            yield fault("unknown-unit", _at(tables, "units", place), column=header, found=parent, **hint(parent, known))


def _missing_places(tables: Tables) -> Iterator[Fault]:
    for table in ("facilities", "dwellings", "candidates"):
        frame = getattr(tables, table)
        for place in np.flatnonzero((frame.geometry.isna() | frame.geometry.is_empty).to_numpy()):
            yield fault("missing-place", _at(tables, table, int(place)), found=_called(frame, table, int(place)))


def _far_places(tables: Tables) -> Iterator[Fault]:
    units = tables.units.geometry[tables.units.geometry.is_valid]
    if not len(units):
        return
    box = shapely.box(*units.total_bounds)
    for table in ("facilities", "dwellings", "streets"):
        shapes = getattr(tables, table).geometry.dropna()
        nearest_km = float(shapes.distance(box).min()) / 1000 if len(shapes) else 0.0
        if nearest_km > _FAR_KM:
            yield fault("far-away", _at(tables, table), n=len(shapes), km=_FAR_KM, found=f"{nearest_km:,.0f}")


def _shares(tables: Tables) -> Iterator[Fault]:
    known, header = set(tables.units["unit_id"]), _header(tables, "facilities", "serves")
    for place, text in enumerate(tables.facilities["serves"]):
        shares, where = parse_shares(text), _at(tables, "facilities", place)
        if shares is None:
            yield fault("wrong-shares", where, column=header, found=text)
            continue
        for unit_id in shares:
            if unit_id not in known:
                yield fault("unknown-unit", where, column=header, found=unit_id, **hint(unit_id, known))


def _co_location(tables: Tables) -> Iterator[Fault]:
    facilities, header = tables.facilities, _header(tables, "facilities", "part_of")
    known = set(facilities["facility_id"])
    for place, (key, host) in enumerate(zip(facilities["facility_id"], facilities["part_of"], strict=True)):
        if host and (host not in known or host == key):
            where = _at(tables, "facilities", place)
            yield fault("unknown-facility", where, column=header, found=host, **hint(host, known - {key}))


def _named_units(tables: Tables) -> Iterator[Fault]:
    known, header = set(tables.units["unit_id"]), _header(tables, "dwellings", "unit_id")
    for place, unit_id in enumerate(tables.dwellings["unit_id"]):
        if unit_id and unit_id not in known:
            where = _at(tables, "dwellings", place)
            yield fault("unknown-unit", where, column=header, found=unit_id, **hint(unit_id, known))


def _outside(tables: Tables) -> Iterator[Fault]:
    """Places in no unit; boundaries that are not valid decide nothing."""
    if not tables.units.geometry.is_valid.all():
        return
    for table, check in (("facilities", "outside-units"), ("dwellings", "unplaced-dwelling")):
        frame = getattr(tables, table)
        unit_ids = unit_of_places(frame, tables.units)
        stated = frame["serves" if table == "facilities" else "unit_id"] != ""
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
    walkable = tables.streets[may_walk(tables.streets, load_walking().streets)]
    dwellings = tables.dwellings[tables.dwellings.geometry.notna()]
    if not len(dwellings) or not len(tables.streets):
        return
    if not _near(dwellings, walkable, snap_m).any():
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
    frame = getattr(tables, table)
    sources = [source for source in tables.sources if source.table == table]
    if place is None:
        return _where(sources, table)
    if table == "units" and len(sources) > 1:  # one source for each tier, in the order of the rows
        sources = [sources[list(dict.fromkeys(frame["tier"])).index(frame["tier"].iloc[place])]]
    row = int(frame["row"].iloc[place]) if "row" in frame else place + 1
    households = float(frame["households"].iloc[place]) if "households" in frame else math.nan
    return replace(_where(sources, table), row=row, households=None if math.isnan(households) else households)


def _where(sources: list[Source], table: str) -> Where:
    return Where(sources[0].file, table, sources[0].sheet) if sources else Where(table, table)


def _header(tables: Tables, table: str, column: str) -> str:
    """The header a column was read from."""
    found = [dict(source.headers).get(column) for source in tables.sources if source.table == table]
    return next((header for header in found if header), column)


def _called(frame: pd.DataFrame, table: str, place: int) -> str:
    """A record's name with its key; of a dwelling the key alone, because faults are published."""
    key = frame[KEYS.get(table, "facility_id")].iloc[place]
    name = "" if table == "dwellings" else frame["name"].iloc[place]
    return f"{name} ({key})" if name and name != key else str(key)
