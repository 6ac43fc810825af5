"""Units with what is in them: households and facilities, each once, from the lowest unit up to the district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isnan, nan

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.findings import Parts, Unit
from lifecircle.intervals import ZERO, Interval, exact, known, measured, total
from lifecircle.keys import places_among
from lifecircle.ledger import COMING, GONE, Entry
from lifecircle.places import lineage, parents_of_units
from lifecircle.tables import TIERS

DISTRICT = "district"
Range = tuple[float, float] | None


def units_of_study(
    units: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame,
    entries: Sequence[Entry],
    *,
    name: str,
    unknown_households: Range = None,
) -> dict[str, Unit]:
    """Every unit with its households and what is in it, and the study as a whole under `district`.

    Households of a lowest unit are those it states, else the sum of its dwellings where all are known, else unknown.
    Those of a unit above are the sum over the lowest units in it. A facility counts once in each unit above the units
    it serves, by the sum of its shares there.

    Parameters
    ----------
    units
        Columns unit_id, name, tier, parent_id, households, and urban_rural where the study has it.
    dwellings
        Columns unit_id (the lowest unit each lies in, empty where none) and households.
    entries
        The ledger.
    name
        What the study as a whole is called.
    unknown_households
        Lowest and highest number of households that a unit can have where its own is unknown.

    """
    parents = parents_of_units(units, dwellings)
    lines = {unit_id: (*line, DISTRICT) for unit_id, line in lineage(parents).items()}
    upper = set(parents.values())
    own, scattered = _own_households(units, dwellings, upper, unknown_households)
    own = _within_totals(units, lines, own)
    households: dict[str, list[Interval]] = defaultdict(list)
    silent_in: dict[str, list[str]] = defaultdict(list)
    scattered_in: dict[str, list[str]] = defaultdict(list)
    for unit_id, number in own.items():
        for above in lines[unit_id]:
            households[above].append(number)
            if not number.known and unit_id not in upper:
                silent_in[above].append(unit_id)
            if unit_id in scattered:
                scattered_in[above].append(unit_id)
    serving, tiers = [entry for entry in entries if entry.why_not not in COMING | GONE], _tiers(units)
    sites, own_sites = _sites(serving, lines), _sites(serving, lines, tiers)
    pending, gone = (_sites([one for one in entries if one.why_not in said], lines) for said in (COMING, GONE))
    stated = dict(zip(units["unit_id"], units["households"], strict=True))
    sorts = units["urban_rural"] if "urban_rural" in units else pd.Series("", index=units.index)
    rows = list(zip(units["unit_id"], units["name"], units["tier"], sorts, strict=True))
    rows.append((DISTRICT, name, DISTRICT, ""))
    return {
        unit_id: Unit(
            unit_id,
            called or unit_id,
            tier,
            parents.get(unit_id, "") or (DISTRICT if unit_id != DISTRICT else ""),
            _total(households[unit_id], stated.get(unit_id, nan)),
            own.get(unit_id, ZERO),
            sites.get(unit_id, ()),
            own_sites.get(unit_id, ()),
            pending.get(unit_id, ()),
            gone.get(unit_id, ()),
            tuple(silent_in[unit_id]),
            tuple(scattered_in[unit_id]),
            sort,
        )
        for unit_id, called, tier, sort in sorted(rows, key=lambda row: (-TIERS.index(row[2]), row[0]))
    }


def units_below(units: Mapping[str, Unit]) -> dict[tuple[str, str], tuple[str, ...]]:
    """For each unit and tier: the units of that tier in it, in the order of `units`."""
    lines = lines_of(units)
    below: dict[tuple[str, str], list[str]] = defaultdict(list)
    for unit in units.values():
        for above in lines[unit.unit_id][1:]:
            below[above, unit.tier].append(unit.unit_id)
    return {key: tuple(found) for key, found in below.items()}


def lines_of(units: Mapping[str, Unit]) -> dict[str, tuple[str, ...]]:
    """Each unit with every unit above it, itself first and the district last."""
    return lineage({unit.unit_id: unit.parent_id for unit in units.values()})


def unaccounted(units: Mapping[str, Unit], number: np.ndarray, households: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Households of each unit that no dwelling accounts for, at least and at most.

    `number` is the place of each dwelling's unit, -1 where it lies in none; `households` NaN where nobody counted.
    """
    sums = np.bincount(number[number >= 0], np.nan_to_num(households[number >= 0]), len(units))
    left = [known(exact(had)).shortfall(unit.own_households) for unit, had in zip(units.values(), sums, strict=True)]
    highs = [np.inf if one.high is None else float(one.high) for one in left]
    return np.array([float(one.low) for one in left]), np.array(highs)


def _sites(
    entries: Sequence[Entry], lines: Mapping[str, tuple[str, ...]], tiers: Mapping[str, str] | None = None
) -> dict[str, Parts]:
    """Facilities of every unit with the sum of their shares there, largest first.

    With the tiers of units, of each facility only what serves the unit's own tier: all shares of a facility that states
    that tier, else the shares of units of that tier.
    """
    shares: dict[str, dict[str, Fraction]] = defaultdict(dict)
    by_id = {entry.facility_id: entry for entry in entries}
    for entry in sorted(entries, key=lambda one: (-float(one.area_m2.low), one.facility_id)):
        for unit_id, share in entry.shares:
            served = entry.tier if entry.tier_stated or tiers is None else tiers.get(unit_id, "")
            for above in lines[unit_id]:
                if tiers is None or tiers[above] == served:
                    shares[above][entry.facility_id] = shares[above].get(entry.facility_id, Fraction(0)) + share
    return {unit_id: tuple((by_id[one], share) for one, share in found.items()) for unit_id, found in shares.items()}


def _tiers(units: pd.DataFrame) -> dict[str, str]:
    return {**dict(zip(units["unit_id"], units["tier"], strict=True)), DISTRICT: DISTRICT}


def _total(parts: Sequence[Interval], stated: float) -> Interval:
    """Households of a unit: the sum of those in it; where that is unknown, the number that it states, if it can be."""
    found = total(list(parts))
    if found.known or isnan(stated) or exact(stated) < found.low:
        return found
    return known(exact(stated)) if found.high is None or exact(stated) <= found.high else found


def _within_totals(
    units: pd.DataFrame, lines: Mapping[str, tuple[str, ...]], own: Mapping[str, Interval]
) -> dict[str, Interval]:
    """Households of lowest units, none more than a stated total of a unit above leaves beside the others."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for unit_id, number in own.items():
        for above in lines[unit_id]:
            sums[above] += number.low
    stated = {key: exact(n) for key, n in zip(units["unit_id"], units["households"], strict=True) if not isnan(n)}
    found = {}
    for unit_id, number in own.items():
        left = [stated[above] - sums[above] + number.low for above in lines[unit_id][1:] if above in stated]
        least = min((one for one in left if one >= number.low), default=None)
        narrower = least is not None and not number.known and (number.high is None or least < number.high)
        found[unit_id] = Interval(number.low, least) if narrower else number
    return found


def _own_households(
    units: gpd.GeoDataFrame, dwellings: pd.DataFrame, parents: set[str], unknown: Range
) -> tuple[dict[str, Interval], set[str]]:
    """Households that a unit has itself, and which units have dwellings without a count.

    Of a lowest unit all; of a unit above those of dwellings in none below.
    """
    keys = units["unit_id"].tolist()
    number = places_among(dwellings["unit_id"], keys)
    households = dwellings["households"].to_numpy(dtype="float64")[number >= 0]
    number, silent = number[number >= 0], np.isnan(households)
    present, n_silent = (np.bincount(one, minlength=len(keys)) for one in (number, number[silent]))
    sums = np.bincount(number, np.nan_to_num(households), len(keys))
    own: dict[str, Interval] = {}
    for place, (unit_id, given) in enumerate(zip(keys, units["households"], strict=True)):
        n_present, at_least = int(present[place]), exact(float(sums[place]))
        if unit_id in parents and not n_present:
            continue
        stated = nan if unit_id in parents else given
        if not isnan(stated):
            own[unit_id] = measured(stated, None)
        elif n_present and not n_silent[place]:
            own[unit_id] = known(at_least)
        else:
            bounds = measured(nan, None if unit_id in parents else unknown)
            high = None if bounds.high is None else max(bounds.high, at_least)
            own[unit_id] = Interval(max(bounds.low, at_least), high)
    return own, {keys[place] for place in np.flatnonzero(n_silent)}
