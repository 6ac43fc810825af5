"""Households of every unit by what they reach: at the limit of a walk, and a little to either side of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from lifecircle.graph import TICKS_PER_S, ticks
from lifecircle.intervals import ZERO, Interval, exact, measured, total
from lifecircle.measures import Around, Reached, State, Unit
from lifecircle.places import lineage
from lifecircle.standards import Rule

_MARGIN_S = 30
_MARGIN_PART = 20  # one part in twenty, 5 %; a limit of whole thousandths of a minute divides into it without a rest
_Lines = Mapping[str, tuple[str, ...]]
_OfUnits = tuple[dict[str, Reached], dict[str, dict[str, Around]]]  # at the limit, and around it by margin


def pools_of_rules(
    rules: Sequence[Rule],
    units: Mapping[str, Unit],
    dwellings: pd.DataFrame,
    reach: Mapping[tuple[str, float], pd.DataFrame],
) -> tuple[dict[tuple[str, str], Reached], dict[tuple[str, str], dict[str, Around]]]:
    """Households by what they reach for each rule that asks and each unit: at its limit, and around it by margin.

    At a shorter or a longer limit a dwelling reaches by the minutes that are known of it. Else it is unknown where it
    is so at the rule's own limit, or where it could leave the known streets within the other limit; whether
    an unsnapped facility lies within that as the crow flies is not asked again.
    """
    lines = lineage({unit.unit_id: unit.parent_id for unit in units.values()})
    walks: dict[tuple[str, float, tuple[str, ...]], _OfUnits] = {}
    at_limit: dict[tuple[str, str], Reached] = {}
    around: dict[tuple[str, str], dict[str, Around]] = {}
    for rule in rules:
        if rule.measure != "reached_households_share" or rule.limit_min is None:
            continue
        walk = rule.walker, rule.limit_min, rule.kinds
        if walk not in walks:
            table = reach[rule.walker, rule.limit_min].reindex(dwellings["dwelling_id"])
            walks[walk] = _of_walk(units, lines, dwellings, table, rule)
        at_limit |= {(rule.id, unit_id): found for unit_id, found in walks[walk][0].items()}
        around |= {(rule.id, unit_id): found for unit_id, found in walks[walk][1].items()}
    return at_limit, around


def _of_walk(
    units: Mapping[str, Unit], lines: _Lines, dwellings: pd.DataFrame, table: pd.DataFrame, rule: Rule
) -> _OfUnits:
    """Households of every unit by what they reach at a rule's limit and around it; `table` has a row per dwelling."""
    own = pd.DataFrame({name: dwellings[name].to_numpy() for name in ("unit_id", "households")})
    states, limit = _combined_reach(table, rule.kinds), ticks(rule.limit_min or 0)
    walk = _ticks(table[[f"minutes_{kind}" for kind in rule.kinds]].min(axis=1))
    exits = _ticks(table["exit_min"])

    def at(other: int) -> dict[str, Reached]:
        unknown = (states == "unknown") | (exits <= other)
        beyond = np.where(unknown, "unknown", "not_reached")
        return _pooled(units, lines, own, np.where(walk <= other, "reached", beyond))

    around: dict[str, dict[str, Around]] = {unit_id: {} for unit_id in units}
    for margin, width in {"30s": _MARGIN_S * TICKS_PER_S, "5pct": limit // _MARGIN_PART}.items():
        near = _known_households(lines, own[(walk >= limit - width) & (walk <= limit + width)])
        shorter, longer = at(limit - width), at(limit + width)
        for unit_id in units:
            around[unit_id][margin] = Around(near[unit_id], shorter[unit_id], longer[unit_id])
    return _pooled(units, lines, own, states), around


def _ticks(minutes: pd.Series) -> np.ndarray:
    """Minutes as whole ticks again, NaN where no walk is known: NaN is within no limit."""
    return np.asarray(np.rint(minutes.to_numpy(dtype="float64") * 60 * TICKS_PER_S))


def _combined_reach(table: pd.DataFrame, kinds: Sequence[str]) -> np.ndarray:
    """Whether a dwelling reaches any of the kinds: `reached`, else `unknown` if one is, else `not_reached`."""
    states = table[[f"reach_{kind}" for kind in kinds]]
    reached, unknown = (states == "reached").any(axis=1), (states == "unknown").any(axis=1)
    return np.where(reached, "reached", np.where(unknown, "unknown", "not_reached"))


def _known_households(lines: _Lines, dwellings: pd.DataFrame) -> dict[str, Fraction]:
    """Known households of dwellings, for every unit that they lie in."""
    found = dict.fromkeys(lines, Fraction(0))
    for unit_id, number in dwellings.groupby("unit_id")["households"].sum().items():
        for above in lines.get(str(unit_id), ()):
            found[above] += exact(float(number))
    return found


def _pooled(
    units: Mapping[str, Unit], lines: _Lines, dwellings: pd.DataFrame, states: np.ndarray
) -> dict[str, Reached]:
    """Households of every unit by what they reach, from the state of every dwelling."""
    known, unsure = _by_state(dwellings.assign(state=states))
    found: dict[str, dict[frozenset[State], Interval]] = {unit_id: {} for unit_id in units}
    for unit in units.values():
        pools = _pools(unit.own_households, known.get(unit.unit_id, {}), unsure.get(unit.unit_id, frozenset()))
        for above in lines[unit.unit_id]:
            for pool, number in pools.items():
                found[above][pool] = found[above].get(pool, ZERO) + number
    return dict(found)


def _by_state(dwellings: pd.DataFrame) -> tuple[dict[str, dict[State, Interval]], dict[str, frozenset[State]]]:
    """For each unit: known households of its dwellings by state, and the states of those of unknown households."""
    known: dict[str, dict[State, Interval]] = defaultdict(dict)
    for (unit_id, state), number in dwellings.groupby(["unit_id", "state"])["households"].sum().items():
        known[unit_id][state] = measured(float(number), None)
    silent = dwellings[dwellings["households"].isna()].groupby("unit_id")["state"]
    return known, {str(unit_id): frozenset(states) for unit_id, states in silent}


def _pools(
    households: Interval, known: Mapping[State, Interval], unsure: frozenset[State]
) -> dict[frozenset[State], Interval]:
    """A unit's households by what they reach.

    What its dwellings do not account for lives in those of unknown households, or, if there are none, nobody knows
    where.
    """
    pools = {frozenset([state]): number for state, number in known.items()}
    left = total(list(known.values())).shortfall(households)
    if left.high != 0:
        states: frozenset[State] = unsure or frozenset(["unknown"])
        pools[states] = pools.get(states, ZERO) + left
    return pools
