"""What is measured of a unit: each measure is one function, registered by the name that standards use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from lifecircle.intervals import ZERO, Interval, exact, total
from lifecircle.ledger import Entry
from lifecircle.places import lineage
from lifecircle.standards import Rule

State = Literal["reached", "not_reached", "unknown"]
# Households by what they reach. A pool under several states is of households that are each in one of these.
Reached = Mapping[frozenset[State], Interval]


@dataclass(frozen=True)
class Around:
    """Households near a limit: known ones within a margin of it, and all by what they reach at its two ends."""

    near: Fraction
    shorter: Reached
    longer: Reached


@dataclass(frozen=True)
class Edge:
    """How much of a share hangs on its limit: known households within a margin of it, and the share at its two ends.

    `low` is the low end of the share at the shorter limit, `high` the high end at the longer one.
    """

    households: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Unit:
    """A unit with what counts in it: households, and each facility with the share that counts here.

    `own_households` are those of a lowest unit, or of dwellings that lie in this unit and in none below.
    """

    unit_id: str
    name: str
    tier: str
    parent_id: str
    households: Interval
    own_households: Interval = ZERO
    entries: tuple[tuple[Entry, Fraction], ...] = ()


@dataclass(frozen=True)
class View:
    """All that a measure may look at.

    Attributes
    ----------
    units
        Units by id, with the study as a whole under `district`.
    reached
        For a rule id and a unit: households by what they reach.
    around
        For a rule id and a unit: the same at a shorter and a longer limit, by margin (`30s`, `5pct`).
    verdicts
        Verdicts that stand already, by rule id and unit: rules on shares of units come after the rules they count.

    """

    units: Mapping[str, Unit]
    reached: Mapping[tuple[str, str], Reached] = field(default_factory=dict)
    around: Mapping[tuple[str, str], Mapping[str, Around]] = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A measure's answer for one unit; `figure` None means that the rule does not apply.

    `gap` is what is missing to be met, in `gap_in`; `parts` are the facilities that made the figure with the area of
    each that counts here; `counts` are other numbers that the reason names; `edges`, by margin, what lies near a limit.
    """

    figure: Interval | None
    gap: Interval | None = None
    gap_in: str = ""
    parts: tuple[tuple[Entry, Interval], ...] = ()
    counts: Mapping[str, Interval] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)


def floor_area_per_100_households(rule: Rule, unit: Unit, view: View) -> Finding:
    """Square metres of floor area per 100 households; no figure for a unit without households."""
    del view
    parts = tuple((entry, entry.area_m2.times(share)) for entry, share in _counting(rule, unit))
    area = total([part for _, part in parts])
    counts = {"area_m2": area, "households": unit.households}
    if unit.households == ZERO:
        return Finding(None, parts=parts, counts=counts)
    needed = unit.households.times(exact(rule.value) / 100)
    return Finding(area.times(Fraction(100)).per(unit.households), area.shortfall(needed), "m2", parts, counts)


def smallest_facility_floor_area(rule: Rule, unit: Unit, view: View) -> Finding:
    """Square metres of the smallest facility, each looked at whole whatever its share; no figure without facilities."""
    del view
    parts = tuple((entry, entry.area_m2) for entry, _ in _counting(rule, unit))
    if not parts:
        return Finding(None)
    threshold = Interval(exact(rule.value), exact(rule.value))
    highs = [area.high for _, area in parts if area.high is not None]
    smallest = Interval(min(area.low for _, area in parts), min(highs) if highs else None)
    return Finding(smallest, total([area.shortfall(threshold) for _, area in parts]), "m2", parts)


def met_units_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of the units of a tier in this one that meet all the named rules; units without households are left out."""
    lines = lineage({one.unit_id: one.parent_id for one in view.units.values()})
    verdicts = [
        _all_met(other, [view.verdicts.get((one, other.unit_id), "not_applicable") for one in rule.of_rules])
        for other in view.units.values()
        if other.tier == rule.of_tier and unit.unit_id in lines[other.unit_id][1:]
    ]
    n = {verdict: verdicts.count(verdict) for verdict in ("met", "unmet", "unknown", "not_applicable")}
    applicable = n["met"] + n["unmet"] + n["unknown"]
    counts = {name: _count(number) for name, number in n.items()} | {"units": _count(applicable)}
    if not applicable:
        return Finding(None, counts=counts)
    met = Interval(Fraction(n["met"]), Fraction(n["met"] + n["unknown"]))
    needed = _count(applicable).times(exact(rule.value))
    return Finding(met.per(_count(applicable)), met.shortfall(needed), "units", counts=counts)


def reached_households_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of households that reach a facility of the kinds within the limit; no figure without households."""
    found = view.reached.get((rule.id, unit.unit_id), {})
    everybody = total(list(found.values()))
    if everybody == ZERO:
        return Finding(None)
    surely, surely_not = found.get(_REACHED, ZERO), found.get(_NOT_REACHED, ZERO)
    perhaps_not = total([pool for states, pool in found.items() if states != _REACHED])
    perhaps = total([pool for states, pool in found.items() if states != _NOT_REACHED])
    unsure = total([pool for states, pool in found.items() if states not in (_REACHED, _NOT_REACHED)])
    threshold = exact(rule.value)
    gap = Interval(
        _missing(surely_not.low, perhaps.high, threshold) or Fraction(0),
        _missing(perhaps_not.high, surely.low, threshold),
    )
    counts = {"reached": surely, "not_reached": surely_not, "unknown": unsure, "households": everybody}
    edges = {
        margin: Edge(one.near, _least_share(one.shorter), _most_share(one.longer))
        for margin, one in view.around.get((rule.id, unit.unit_id), {}).items()
    }
    return Finding(Interval(_least_share(found), _most_share(found)), gap, "households", counts=counts, edges=edges)


_REACHED: frozenset[State] = frozenset(["reached"])
_NOT_REACHED: frozenset[State] = frozenset(["not_reached"])


def _counting(rule: Rule, unit: Unit) -> list[tuple[Entry, Fraction]]:
    """Facilities that count in a unit for a rule, largest first, by its kinds and basis."""
    found = [
        (entry, share)
        for entry, share in unit.entries
        if entry.kind in rule.kinds and (rule.basis == "territorial" or entry.tier == unit.tier)
    ]
    return sorted(found, key=lambda one: (-one[0].area_m2.low, one[0].facility_id))


def _all_met(unit: Unit, verdicts: list[str]) -> str:
    """Whether rules are met together: one `unmet` decides, then one `unknown`; no household, no verdict.

    A unit with households to which none of the rules applies, for want of facilities, does not meet them.
    """
    if unit.households == ZERO:
        return "not_applicable"
    return next((decisive for decisive in ("unmet", "unknown", "met") if decisive in verdicts), "unmet")


def _count(number: int) -> Interval:
    return Interval(Fraction(number), Fraction(number))


def _least_share(found: Reached) -> Fraction:
    """The lowest share that reaches: the fewest who do beside the most who may not."""
    reached = found.get(_REACHED, ZERO).low
    others = total([pool for states, pool in found.items() if states != _REACHED]).high
    if others == 0:
        return Fraction(1)
    return Fraction(0) if others is None else reached / (reached + others)


def _most_share(found: Reached) -> Fraction:
    """The highest share that reaches: the most who may beside the fewest who do not."""
    reached = total([pool for states, pool in found.items() if states != _NOT_REACHED]).high
    others = found.get(_NOT_REACHED, ZERO).low
    if reached == 0:
        return Fraction(0)
    return Fraction(1) if reached is None or others == 0 else reached / (reached + others)


def _missing(others: Fraction | None, reached: Fraction | None, threshold: Fraction) -> Fraction | None:
    """Households that would have to reach besides, for a share of `threshold`; None where there is no end to them."""
    if others is None:
        return None
    if reached is None:
        return Fraction(0)
    return max(Fraction(0), threshold * others - (1 - threshold) * reached)


MEASURES: dict[str, Callable[[Rule, Unit, View], Finding]] = {
    "floor_area_per_100_households": floor_area_per_100_households,
    "smallest_facility_floor_area": smallest_facility_floor_area,
    "met_units_share": met_units_share,
    "reached_households_share": reached_households_share,
}
