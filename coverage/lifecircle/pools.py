"""Households of every unit by what they reach: at the limit of a walk, and a little to either side of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from lifecircle.findings import Around, Reached, State, Unit
from lifecircle.graph import TICKS_PER_S, ticks
from lifecircle.intervals import ZERO, Interval, exact, measured, total
from lifecircle.keys import places_among
from lifecircle.rollup import lines_of
from lifecircle.spreading import spread_of
from lifecircle.standards import Rule

_MARGIN_S = 30
_MARGIN_PART = 20  # one part in twenty, 5 %; a limit of whole thousandths of a minute divides into it without a rest
_STATES: tuple[State, ...] = ("reached", "not_reached", "unknown")
_REACHED, _NOT_REACHED, _UNKNOWN = range(len(_STATES))
_Pools = dict[str, Reached]


@dataclass(frozen=True)
class _Homes:
    """Dwellings by the number of their unit, -1 where they lie in none; what is not counted is left to each unit."""

    units: Mapping[str, Unit]
    lines: Mapping[str, tuple[str, ...]]
    number: np.ndarray
    households: np.ndarray


def pools_of_rules(
    rules: Sequence[Rule],
    units: Mapping[str, Unit],
    dwellings: pd.DataFrame,
    reach: Mapping[tuple[str, float], pd.DataFrame],
) -> tuple[dict[tuple[str, str], Reached], dict[tuple[str, str], dict[str, Around]]]:
    """Households by what they reach for all that a rule asks and each unit: at its limit, and around it by margin.

    What is asked bears the rule's id, or, for a service, that with the service behind a slash. At a shorter or a longer
    limit a dwelling reaches by the minutes that are known of it. Else it is unknown where it is so at the rule's own
    limit, or where it could leave the known streets within the other limit; whether an unsnapped facility
    lies within that as the crow flies is not asked again.
    """
    number = places_among(dwellings["unit_id"], units)
    homes = _Homes(units, lines_of(units), number, dwellings["households"].to_numpy(dtype="float64"))
    keys = pd.Index(dwellings["dwelling_id"])
    tables = {walk: table if table.index.equals(keys) else table.reindex(keys) for walk, table in reach.items()}
    known: dict[tuple[str, float, tuple[str, ...]], tuple[_Pools, dict[str, dict[str, Around]]]] = {}
    at_limit: dict[tuple[str, str], Reached] = {}
    around: dict[tuple[str, str], dict[str, Around]] = {}
    for rule in rules:
        if rule.limit_min is None or (rule.walker, rule.limit_min) not in tables:
            continue
        for asked, targets in targets_of(rule).items():
            walk = rule.walker, rule.limit_min, targets
            if walk not in known:
                known[walk] = _of_walk(homes, tables[rule.walker, rule.limit_min], rule.limit_min, targets)
            at_limit |= {(asked, unit_id): found for unit_id, found in known[walk][0].items()}
            around |= {(asked, unit_id): found for unit_id, found in known[walk][1].items()}
    return at_limit, around


def spread_in_units(units: Mapping[str, Unit], dwellings: pd.DataFrame) -> dict[str, Fraction]:
    """Households of every unit whose places nobody knows: they were spread from its total, or from one below it."""
    number = places_among(dwellings["unit_id"], units)
    homes = _Homes(units, lines_of(units), number, dwellings["households"].to_numpy(dtype="float64"))
    return _known_households(homes, spread_of(dwellings))


def targets_of(rule: Rule) -> dict[str, tuple[str, ...]]:
    """What a rule asks whether people reach, with the columns of walks that say so."""
    if rule.measure == "reached_households_share":
        return {rule.id: rule.kinds}
    if rule.measure == "offered_services_share":
        return {f"{rule.id}/{service}": (f"service_{service}",) for service in rule.services}
    return {}


def _of_walk(
    homes: _Homes, table: pd.DataFrame, limit_min: float, targets: Sequence[str]
) -> tuple[_Pools, dict[str, dict[str, Around]]]:
    """Households of every unit by what they reach at a limit and around it; `table` has a row per dwelling."""
    states, limit = _combined_reach(table, targets), ticks(limit_min)
    walk = _ticks(table[[f"minutes_{one}" for one in targets]].min(axis=1))
    exits = _ticks(table["exit_min"])

    def at(other: int) -> _Pools:
        unknown = (states == _UNKNOWN) | (exits <= other)
        return _pooled(homes, np.where(walk <= other, _REACHED, np.where(unknown, _UNKNOWN, _NOT_REACHED)))

    around: dict[str, dict[str, Around]] = {unit_id: {} for unit_id in homes.units}
    for margin, width in {"30s": _MARGIN_S * TICKS_PER_S, "5pct": limit // _MARGIN_PART}.items():
        near = _known_households(homes, (walk >= limit - width) & (walk <= limit + width))
        shorter, longer = at(limit - width), at(limit + width)
        for unit_id in homes.units:
            around[unit_id][margin] = Around(near[unit_id], shorter[unit_id], longer[unit_id])
    return _pooled(homes, states), around


def _ticks(minutes: pd.Series) -> np.ndarray:
    """Minutes as whole ticks again, NaN where no walk is known: NaN is within no limit."""
    return np.asarray(np.rint(minutes.to_numpy(dtype="float64") * 60 * TICKS_PER_S))


def _combined_reach(table: pd.DataFrame, targets: Sequence[str]) -> np.ndarray:
    """Whether a dwelling reaches any of the targets: `reached`, else `unknown` if one is, else `not_reached`."""
    found = [table[f"reach_{one}"] for one in targets]
    reached, unknown = (
        np.logical_or.reduce([(one == state).to_numpy() for one in found]) for state in ("reached", "unknown")
    )
    return np.where(reached, _REACHED, np.where(unknown, _UNKNOWN, _NOT_REACHED))


def _known_households(homes: _Homes, chosen: np.ndarray) -> dict[str, Fraction]:
    """Known households of chosen dwellings, for every unit that they lie in."""
    rows = chosen & (homes.number >= 0)
    sums = np.bincount(homes.number[rows], np.nan_to_num(homes.households[rows]), len(homes.units))
    found = dict.fromkeys(homes.units, Fraction(0))
    for place, unit_id in enumerate(homes.units):
        if sums[place]:
            for above in homes.lines[unit_id]:
                found[above] += exact(float(sums[place]))
    return found


def _pooled(homes: _Homes, states: np.ndarray) -> _Pools:
    """Households of every unit by what they reach, from the state of every dwelling."""
    n, inside = len(homes.units), homes.number >= 0
    cell = (homes.number * len(_STATES) + states)[inside]
    households = homes.households[inside]
    silent = np.isnan(households)
    sums = np.bincount(cell, np.nan_to_num(households), n * len(_STATES)).reshape(n, -1)
    unsure = np.bincount(cell[silent], minlength=n * len(_STATES)).reshape(n, -1) > 0
    found: dict[str, dict[frozenset[State], Interval]] = {unit_id: {} for unit_id in homes.units}
    for place, unit in enumerate(homes.units.values()):
        if unit.own_households == ZERO and not sums[place].any():
            continue
        for pool, number in _pools(unit.own_households, sums[place].tolist(), unsure[place].tolist()).items():
            for above in homes.lines[unit.unit_id]:
                found[above][pool] = found[above].get(pool, ZERO) + number
    return dict(found)


def _pools(households: Interval, known: list[float], unsure: list[bool]) -> dict[frozenset[State], Interval]:
    """A unit's households by what they reach.

    What its dwellings do not account for lives in those of unknown households, or, if there are none, nobody knows
    where.
    """
    pools = {frozenset([state]): measured(n, None) for state, n in zip(_STATES, known, strict=True) if n}
    left = total(list(pools.values())).shortfall(households)
    if left.high != 0:
        states: frozenset[State] = frozenset(state for state, yes in zip(_STATES, unsure, strict=True) if yes)
        states = states or frozenset(["unknown"])
        pools[states] = pools.get(states, ZERO) + left
    return pools
