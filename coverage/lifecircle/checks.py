"""What is wrong with the inputs: every fault, with row, rule, cure and the households it touches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.validation import explain_validity

from lifecircle.errors import TableError
from lifecircle.faults import Fault, fault, fault_table, hint
from lifecircle.places import unit_of_places
from lifecircle.shares import parse_shares
from lifecircle.tables import KEYS, Tables
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
        _keys, _boundaries, _parents, _missing_places, _far_places, _shares, _co_location, _named_units, _outside, _disagreement,
    )  # fmt: skip
    found = [*tables.faults, *(one for check in checks for one in check(tables))]
    return found + list(_streets(tables, snap_m))


def _at(tables: Tables, table: str, place: int | None = None) -> dict[str, object]:
    """File, sheet and row of a record, as arguments of a fault."""
    frame = getattr(tables, table)
    rows = frame["row"] if "row" in frame else pd.Series(range(1, len(frame) + 1))
    sources = [source for source in tables.sources if source.table == table]
    if place is not None and "tier" in frame and len(sources) > 1:
        tiers = list(dict.fromkeys(frame["tier"]))
        sources = sources[tiers.index(frame["tier"].iloc[place]) :] if len(tiers) == len(sources) else sources
    file = sources[0].path.replace("\\", "/").rsplit("/", 1)[-1] if sources else table
    sheet = sources[0].sheet if sources else ""
    row = None if place is None else int(rows.iloc[place])
    return {"file": file, "table": table, "sheet": sheet, "row": row}


def _header(tables: Tables, table: str, column: str) -> str:
    """The header a column was read from."""
    found = [dict(source.headers).get(column) for source in tables.sources if source.table == table]
    return next((header for header in found if header), column)


def _keys(tables: Tables) -> Iterator[Fault]:
    for table in ("units", "facilities", "dwellings", "candidates"):
        frame, column = getattr(tables, table), KEYS.get(table, "facility_id")
        keys, header = frame[column].reset_index(drop=True), _header(tables, table, column)
        for place in np.flatnonzero((keys == "").to_numpy()):
            yield fault("missing-key", column=header, **_at(tables, table, int(place)))  # type: ignore[arg-type]
        first = {key: place for place, key in reversed(list(enumerate(keys)))}
        for place in np.flatnonzero((keys.duplicated() & (keys != "")).to_numpy()):
            other = _at(tables, table, first[keys[place]])["row"]
            yield fault("duplicate-key", column=header, found=keys[place], other=other, **_at(tables, table, int(place)))  # type: ignore[arg-type]


def _boundaries(tables: Tables) -> Iterator[Fault]:
    shapes = tables.units.geometry
    for place, shape in enumerate(shapes):
        found = tables.units["unit_id"].iloc[place]
        about = _at(tables, "units", place) | {"households": _households(tables.units, place)}
        if shape is None or shape.is_empty or shape.area == 0:
            why, x, y = "no area", math.nan, math.nan
        elif not shape.is_valid:
            why, _, where = explain_validity(shape).partition("[")
            x, y = (float(number) for number in where.rstrip("]").split()[:2])
        else:
            continue
        yield fault("invalid-geometry", found=found, why=why, x=f"{x:.1f}", y=f"{y:.1f}", **about)  # type: ignore[arg-type]


def _parents(tables: Tables) -> Iterator[Fault]:
    known = set(tables.units["unit_id"])
    parents = tables.units["parent_id"].reset_index(drop=True)
    for place in np.flatnonzero((~parents.isin(known) & (parents != "")).to_numpy()):
        column = _header(tables, "units", "parent_id")
        about = _at(tables, "units", int(place)) | {"households": _households(tables.units, int(place))}
        yield fault("unknown-unit", column=column, found=parents[place], **hint(parents[place], known), **about)  # type: ignore[arg-type]


def _missing_places(tables: Tables) -> Iterator[Fault]:
    for table in ("facilities", "dwellings", "candidates"):
        frame = getattr(tables, table)
        for place in np.flatnonzero((frame.geometry.isna() | frame.geometry.is_empty).to_numpy()):
            about = _at(tables, table, int(place)) | {"households": _households(frame, int(place))}
            yield fault("missing-place", found=_called(frame, table, int(place)), **about)  # type: ignore[arg-type]


def _far_places(tables: Tables) -> Iterator[Fault]:
    units = tables.units.geometry[tables.units.geometry.is_valid]
    if not len(units):
        return
    west, south, east, north = units.total_bounds
    box = shapely.box(west, south, east, north)
    for table in ("facilities", "dwellings", "streets"):
        shapes = getattr(tables, table).geometry.dropna()
        if not len(shapes):
            continue
        nearest_km = float(shapes.distance(box).min()) / 1000
        if not nearest_km <= _FAR_KM:
            yield fault("far-away", n=len(shapes), km=_FAR_KM, found=f"{nearest_km:,.0f}", **_at(tables, table))  # type: ignore[arg-type]


def _shares(tables: Tables) -> Iterator[Fault]:
    known = set(tables.units["unit_id"])
    header = _header(tables, "facilities", "serves")
    for place, text in enumerate(tables.facilities["serves"]):
        shares = parse_shares(text)
        if shares is None:
            yield fault("wrong-shares", column=header, found=text, **_at(tables, "facilities", place))  # type: ignore[arg-type]
            continue
        for unit_id in shares:
            if unit_id not in known:
                about = _at(tables, "facilities", place)
                yield fault("unknown-unit", column=header, found=unit_id, **hint(unit_id, known), **about)  # type: ignore[arg-type]


def _co_location(tables: Tables) -> Iterator[Fault]:
    known = set(tables.facilities["facility_id"])
    header = _header(tables, "facilities", "part_of")
    for place, host in enumerate(tables.facilities["part_of"]):
        if host and (host not in known or host == tables.facilities["facility_id"].iloc[place]):
            about = _at(tables, "facilities", place)
            yield fault("unknown-facility", column=header, found=host, **hint(host, known), **about)  # type: ignore[arg-type]


def _named_units(tables: Tables) -> Iterator[Fault]:
    known = set(tables.units["unit_id"])
    header = _header(tables, "dwellings", "unit_id")
    named = tables.dwellings["unit_id"].reset_index(drop=True)
    for place in np.flatnonzero((~named.isin(known) & (named != "")).to_numpy()):
        about = _at(tables, "dwellings", int(place)) | {"households": _households(tables.dwellings, int(place))}
        yield fault("unknown-unit", column=header, found=named[place], **hint(named[place], known), **about)  # type: ignore[arg-type]


def _outside(tables: Tables) -> Iterator[Fault]:
    """Places in no unit; nothing is said of a table none of whose places lie in one: `far-away` says that."""
    if not tables.units.geometry.is_valid.all():
        return
    for table, check in (("facilities", "outside-units"), ("dwellings", "unplaced-dwelling")):
        frame = getattr(tables, table)
        unit_ids = unit_of_places(frame, tables.units)
        stated = frame["serves" if table == "facilities" else "unit_id"] != ""
        for place in np.flatnonzero(((unit_ids == "") & ~stated & frame.geometry.notna()).to_numpy()):
            about = _at(tables, table, int(place)) | {"households": _households(frame, int(place))}
            yield fault(check, found=_called(frame, table, int(place)), **about)  # type: ignore[arg-type]


def _disagreement(tables: Tables) -> Iterator[Fault]:
    """Units whose stated households are not those of their dwellings, where all of these are known."""
    if not tables.units.geometry.is_valid.all():
        return
    unit_ids = unit_of_places(tables.dwellings, tables.units, stated="unit_id").to_numpy()
    sums = tables.dwellings["households"].groupby(unit_ids).agg(lambda found: found.sum(skipna=False))
    for place, (unit_id, stated) in enumerate(zip(tables.units["unit_id"], tables.units["households"], strict=True)):
        summed = sums.get(unit_id, math.nan)
        if not math.isnan(stated) and not math.isnan(summed) and abs(stated - summed) >= 1:
            about = _at(tables, "units", place) | {"households": abs(stated - summed)}
            found = _called(tables.units, "units", place)
            yield fault("households-disagree", found=found, stated=f"{stated:,.0f}", summed=f"{summed:,.0f}", **about)  # type: ignore[arg-type]


def _streets(tables: Tables, snap_m: float) -> Iterator[Fault]:
    walkable = tables.streets[may_walk(tables.streets, load_walking().streets)]
    dwellings = tables.dwellings[tables.dwellings.geometry.notna()]
    if not len(dwellings) or not len(tables.streets):
        return
    near = _near(dwellings, walkable, snap_m)
    if not near.any():
        yield fault("no-streets-near", snap_m=f"{snap_m:g}", n=len(dwellings), **_at(tables, "streets"))  # type: ignore[arg-type]
        return
    for table in ("dwellings", "facilities"):
        frame = getattr(tables, table)
        placed = np.flatnonzero(frame.geometry.notna().to_numpy())
        for place in placed[~_near(frame.iloc[placed], walkable, snap_m)]:
            about = _at(tables, table, int(place)) | {"households": _households(frame, int(place))}
            yield fault("far-from-streets", found=_called(frame, table, int(place)), snap_m=f"{snap_m:g}", **about)  # type: ignore[arg-type]


def _near(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, snap_m: float) -> np.ndarray:
    tree = shapely.STRtree(streets.geometry.to_numpy())
    near = np.zeros(len(places), dtype=bool)
    near[tree.query_nearest(places.geometry.to_numpy(), max_distance=snap_m)[0]] = True
    return near


def _called(frame: pd.DataFrame, table: str, place: int) -> str:
    """A record's name with its key; of a dwelling the key alone, because faults are published."""
    key = frame[KEYS.get(table, "facility_id")].iloc[place]
    name = "" if table == "dwellings" else frame["name"].iloc[place]
    return f"{name} ({key})" if name and name != key else str(key)


def _households(frame: pd.DataFrame, place: int) -> float | None:
    value = frame["households"].iloc[place] if "households" in frame else math.nan
    return None if math.isnan(value) else float(value)
