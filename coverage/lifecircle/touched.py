"""How many households hang on a fault: what it says of a unit, a dwelling, a facility or a whole table touches them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where
from lifecircle.keys import places_among
from lifecircle.places import unit_of_places
from lifecircle.provenance import where_of
from lifecircle.shares import parse_shares
from lifecircle.tables import TIERS, Tables

_OF_ALL = {"units", "dwellings", "streets", "facilities"}  # tables that, if wrong as a whole, touch everybody
_OF_ROWS = ("units", "facilities")


def with_households(tables: Tables, faults: Sequence[Fault]) -> list[Fault]:
    """The faults, each that does not state the households it touches with those known for its record.

    A unit's are those stated, else the known ones of its dwellings and of the units below; a facility's those of the
    units that it serves or belongs to, by its place where it states none; of a table as a whole, all that are known. A
    dwelling states its own. What is not known stays so.

    Parameters
    ----------
    tables
        The inputs; what column `unit_id` of the dwellings states is taken, so that they are best `located`.
    faults
        In any order, which is kept.

    """
    silent = [place for place, one in enumerate(faults) if one.where.households is None]
    if not silent:
        return list(faults)
    households = unit_households(tables)
    everybody = _everybody(tables, households)
    rows: dict[str, set[int]] = defaultdict(set)
    for place in silent:
        where = faults[place].where
        if where.row is not None and where.table in _OF_ROWS:
            rows[where.table].add(where.row)
    known = {table: _of_rows(tables, table, rows[table], households) for table in rows}
    found = list(faults)
    for place in silent:
        where = found[place].where
        if where.row is not None:
            number = known.get(where.table, {}).get((where.file, where.sheet, where.row))
        else:
            number = everybody if where.table in _OF_ALL else None
        if number is not None:
            found[place] = replace(found[place], where=replace(where, households=number))
    return found


def unit_households(tables: Tables) -> dict[str, float]:
    """Known households of every unit that has any: stated, else those of its dwellings and of the units below."""
    units, homes = tables.units, tables.dwellings
    keys, number = units["unit_id"].tolist(), homes["households"].to_numpy(dtype="float64")
    at = places_among(homes["unit_id"], units["unit_id"])
    told = (at >= 0) & ~np.isnan(number)
    sums, n = (np.bincount(at[told], weights=one, minlength=len(keys)) for one in (number[told], None))
    known = {keys[place]: float(sums[place]) for place in np.flatnonzero(n).tolist()}
    stated = units["households"].to_numpy(dtype="float64")
    own = {key: number for key, number in zip(keys, stated.tolist(), strict=True) if not math.isnan(number)}
    parents = dict(zip(keys, units["parent_id"].tolist(), strict=True))
    ranks = units["tier"].map({tier: rank for rank, tier in enumerate(TIERS)}).fillna(-1)
    below: dict[str, float] = {}
    for key in (keys[place] for place in np.argsort(ranks.to_numpy(), kind="stable").tolist()):
        number = own.get(key, _sum(known.get(key), below.get(key)))
        if number is None:
            continue
        own[key] = number
        above = parents[key]
        if above and above != key and above in parents:
            below[above] = below.get(above, 0.0) + number
    return own


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def _everybody(tables: Tables, households: dict[str, float]) -> float | None:
    """All known households: of the tier, or of the dwellings, that knows of most."""
    tiers = tables.units["unit_id"].map(households).groupby(tables.units["tier"].to_numpy()).sum(min_count=1)
    sums = [*tiers, tables.dwellings["households"].sum(min_count=1)]
    known = [float(number) for number in sums if not math.isnan(number)]
    return max(known, default=None)


def _of_rows(
    tables: Tables, table: str, rows: set[int], households: dict[str, float]
) -> dict[tuple[str, str, int], float]:
    """Households of the records of these rows, by file, sheet and row."""
    frame = getattr(tables, table)
    numbers = frame["row"].to_numpy() if "row" in frame else np.arange(1, len(frame) + 1)
    places = np.flatnonzero(np.isin(numbers, list(rows)))
    unit_ids = _units_of_facilities(tables, places) if table == "facilities" else _keys(frame, places)
    found = {}
    for place, ids in zip(places.tolist(), unit_ids, strict=True):
        known = [households[unit_id] for unit_id in ids if unit_id in households]
        if known:
            found[_spot(where_of(tables, table, place))] = sum(known)
    return found


def _spot(where: Where) -> tuple[str, str, int]:
    return where.file, where.sheet, where.row or 0


def _keys(frame: pd.DataFrame, places: np.ndarray) -> list[list[str]]:
    return [[key] for key in frame["unit_id"].iloc[places]]


def _units_of_facilities(tables: Tables, places: np.ndarray) -> list[list[str]]:
    """The units that each facility serves as stated, else the one that it names, else the one it lies in."""
    some = tables.facilities.iloc[places]
    stated = some["unit_id"] if "unit_id" in some else pd.Series("", index=some.index)
    lying = unit_of_places(some, tables.units)
    return [
        list(parse_shares(serves) or ()) or [named or here]
        for serves, named, here in zip(some["serves"], stated, lying, strict=True)
    ]
