"""What is measured of a unit: each measure is one function, registered by the name that standards use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from lifecircle.intervals import ZERO, Interval, exact, total
from lifecircle.ledger import Entry
from lifecircle.standards import Rule


@dataclass(frozen=True)
class Unit:
    """A unit with what counts in it: households, and each facility with the share that counts here."""

    unit_id: str
    name: str
    tier: str
    parent_id: str
    households: Interval
    entries: tuple[tuple[Entry, Fraction], ...] = ()


@dataclass(frozen=True)
class Reached:
    """Households of a unit by what they reach: `reached`, `not_reached` and `unknown`, each with its bounds."""

    reached: Interval = ZERO
    not_reached: Interval = ZERO
    unknown: Interval = ZERO


@dataclass(frozen=True)
class View:
    """All that a measure may look at.

    Attributes
    ----------
    units
        Units by id, with the study as a whole under `district`.
    reached
        For a rule id and a unit: households by what they reach.
    verdicts
        Verdicts that stand already, by rule id and unit: rules on shares of units come after the rules they count.

    """

    units: Mapping[str, Unit]
    reached: Mapping[tuple[str, str], Reached] = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A measure's answer for one unit; `figure` None means that the rule does not apply.

    `gap` is what is missing to be met, in `gap_in`; `parts` are the facilities that made the figure with the area of
    each that counts here; `counts` are other numbers that the reason names.
    """

    figure: Interval | None
    gap: Interval | None = None
    gap_in: str = ""
    parts: tuple[tuple[Entry, Interval], ...] = ()
    counts: Mapping[str, Interval] = field(default_factory=dict)


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
    """Share of the units of a tier that meet all the named rules; units to which they do not apply are left out."""
    verdicts = [
        _all_met([view.verdicts.get((one, other.unit_id), "not_applicable") for one in rule.of_rules])
        for other in view.units.values()
        if other.tier == rule.of_tier and other.unit_id != unit.unit_id
    ]
    n = {verdict: sum(one == verdict for one in verdicts) for verdict in ("met", "unmet", "unknown", "not_applicable")}
    applicable = n["met"] + n["unmet"] + n["unknown"]
    counts = {name: _count(number) for name, number in n.items()} | {"units": _count(applicable)}
    if not applicable:
        return Finding(None, counts=counts)
    met = Interval(Fraction(n["met"]), Fraction(n["met"] + n["unknown"]))
    needed = _count(applicable).times(exact(rule.value))
    return Finding(met.per(_count(applicable)), met.shortfall(needed), "units", counts=counts)


def reached_households_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of households that reach a facility of the kinds within the limit; no figure without households."""
    found = view.reached.get((rule.id, unit.unit_id))
    if found is None or found == Reached():
        nobody = unit.households == ZERO
        return Finding(None if nobody else Interval(Fraction(0), Fraction(1)), counts={"households": unit.households})
    figure = _share(found)
    counts = {"reached": found.reached, "not_reached": found.not_reached, "unknown": found.unknown}
    everybody = total(list(counts.values()))
    needed = everybody.times(exact(rule.value))
    possible = found.reached + found.unknown
    gap = Interval(possible.shortfall(needed).low, found.reached.shortfall(needed).high)
    return Finding(figure, gap, "households", counts=counts | {"households": everybody})


def _counting(rule: Rule, unit: Unit) -> list[tuple[Entry, Fraction]]:
    """Facilities that count in a unit for a rule, largest first, by its kinds and basis."""
    found = [
        (entry, share)
        for entry, share in unit.entries
        if entry.kind in rule.kinds and (rule.basis == "territorial" or entry.tier == unit.tier)
    ]
    return sorted(found, key=lambda one: (-one[0].area_m2.low, one[0].facility_id))


def _all_met(verdicts: list[str]) -> str:
    """Whether rules are met together: one `unmet` decides, then one `unknown`; no household, no verdict."""
    if verdicts and verdicts[0] == "not_applicable":
        return "not_applicable"
    for decisive in ("unmet", "unknown", "met"):
        if decisive in verdicts:
            return decisive
    return "not_applicable"


def _count(number: int) -> Interval:
    return Interval(Fraction(number), Fraction(number))


def _share(found: Reached) -> Interval:
    """Households that reach among all, as tight as the bounds allow.

    >>> one = Interval(Fraction(1), Fraction(1))
    >>> _share(Reached(one, one, ZERO))
    Interval(low=Fraction(1, 2), high=Fraction(1, 2))
    """
    against_high = (found.not_reached + found.unknown).high
    low = Fraction(0)
    if against_high == 0:
        low = Fraction(1)
    elif against_high is not None and found.reached.low:
        low = found.reached.low / (found.reached.low + against_high)
    against, for_high = found.not_reached.low, (found.reached + found.unknown).high
    high = Fraction(1)
    if for_high is not None and against:
        high = for_high / (for_high + against)
    elif for_high == 0:
        high = Fraction(0)
    return Interval(low, high)


MEASURES: dict[str, Callable[[Rule, Unit, View], Finding]] = {
    "floor_area_per_100_households": floor_area_per_100_households,
    "smallest_facility_floor_area": smallest_facility_floor_area,
    "met_units_share": met_units_share,
    "reached_households_share": reached_households_share,
}
