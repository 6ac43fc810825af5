"""Measures that count: units that meet, facilities of a kind, services that are offered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from lifecircle.findings import NO_NUMBER, Finding, Missing, Parts, Unit, View
from lifecircle.floor_areas import missing_households
from lifecircle.intervals import ZERO, Interval, exact, shown, shown_range, total
from lifecircle.ledger import Entry
from lifecircle.phrases import kinds_text, named, nothing_to_measure, to_come
from lifecircle.standards import Rule
from lifecircle.walked import NOT_REACHED, REACHED
from lifecircle.words import Words, both, term

# Measures that have no figure where nobody lives.
_OF_PEOPLE = {
    "floor_area_per_100_households", "reached_households_share", "offered_services_share",
    "reachable_floor_area_per_100_households",
}  # fmt: skip


def met_units_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of the units of a tier in this one that meet all the named rules, of those that the rules apply to."""
    below = [view.units[one] for one in view.below.get((unit.unit_id, str(rule.of_tier)), ())]
    verdicts = {one.unit_id: _all_met(one, rule, view) for one in below}
    held = [one for one in below if rule.urban_rural in (None, one.urban_rural)]
    unsaid = [one for one in below if rule.urban_rural and not one.urban_rural]
    empty = [one for one in held if _may_be_empty(one, rule, view)]
    shown_n, may_be_empty = (
        Counter(verdicts[one.unit_id] for one in held),
        Counter(verdicts[one.unit_id] for one in empty),
    )
    n, perhaps = shown_n - may_be_empty, may_be_empty + Counter(verdicts[one.unit_id] for one in unsaid)
    figure = _share_of_units(n, perhaps)
    facts = _unit_facts(rule, shown_n, sum(verdicts[one.unit_id] != "not_applicable" for one in unsaid))
    if figure is None:
        return Finding(None, facts)
    gap = None if rule.value is None else _units_short(n, perhaps, exact(rule.value))
    asked = [view.unsettled.get((name, one.unit_id), frozenset()) for one in (*held, *unsaid) for name in rule.of_rules]
    missing = frozenset(Missing("units", one.unit_id, "urban_rural") for one in unsaid)
    missing |= frozenset(number for one in empty for number in missing_households(one))
    closing = both("", "")
    if gap is not None and gap.low > 0:
        text = shown_range(gap, decimals=0, up=True)
        closing = both(f"使 {text} 个单元达标", f"Bring {text} more units to meet")
    return Finding(figure, facts, gap, closing=closing, missing=missing.union(*asked))


def _may_be_empty(unit: Unit, rule: Rule, view: View) -> bool:
    """Whether perhaps nobody lives in a unit, so that a rule on households may leave it out."""
    return unit.households.low == 0 and unit.households.high != 0 and _asks_for_people(rule, view)


def _asks_for_people(rule: Rule, view: View) -> bool:
    return any(view.measures.get(name) in _OF_PEOPLE for name in rule.of_rules)


def _share_of_units(n: Mapping[str, int], perhaps: Mapping[str, int]) -> Interval | None:
    """Share of units that meet; those of which nobody says whether the rule holds for them may be among them or not."""
    all_n, may, may_not = _applicable(n), perhaps["met"] + perhaps["unknown"], perhaps["unmet"] + perhaps["unknown"]
    if all_n + _applicable(perhaps) == 0:
        return None
    low = Fraction(n["met"], all_n + may_not) if all_n + may_not else Fraction(1)
    high = Fraction(n["met"] + n["unknown"] + may, all_n + may) if all_n + may else Fraction(0)
    return Interval(low, high)


def _units_short(n: Mapping[str, int], perhaps: Mapping[str, int], share: Fraction) -> Interval:
    """How many more units would have to meet: at best those that may be among them meet, at worst they do not."""
    all_n, may, may_not = _applicable(n), perhaps["met"] + perhaps["unknown"], perhaps["unmet"] + perhaps["unknown"]
    best = share * (all_n + may) - (n["met"] + n["unknown"] + may)
    worst = share * (all_n + may_not) - n["met"]
    return _whole(Interval(max(Fraction(0), best), max(Fraction(0), worst)))


def _applicable(n: Mapping[str, int]) -> int:
    return n["met"] + n["unmet"] + n["unknown"]


def _unit_facts(rule: Rule, n: Mapping[str, int], n_unsure: int) -> Words:
    tier = term("tier", str(rule.of_tier))
    sort = term("urban_rural", rule.urban_rural) if rule.urban_rural else both("", "")
    all_n, sort_en = f"{_applicable(n):,}", f"{sort['en']} " if sort["en"] else ""
    facts = both(
        f"{sort['zh']}{tier['zh']}共 {all_n} 个(另有无住户 {n['not_applicable']:,} 个):达标 {n['met']:,} 个,"
        f"不达标 {n['unmet']:,} 个,无法判定 {n['unknown']:,} 个。",
        f"{all_n} {sort_en}{tier['en']}s ({n['not_applicable']:,} more without households): {n['met']:,} meet, "
        f"{n['unmet']:,} do not, {n['unknown']:,} unknown. ",
    )
    if not n_unsure:
        return facts
    return both(
        f"{facts['zh']}另有 {n_unsure:,} 个未注明城乡,可能在内。",
        f"{facts['en']}{n_unsure:,} more do not say whether they are urban or rural and may be among them. ",
    )


def facilities_count(rule: Rule, unit: Unit, view: View) -> Finding:
    """Number of facilities of the kinds that are in service in a unit; with `least_m2`, of those at least as large.

    A facility that is part of another counts, too: it is there. One of unknown area may be large enough.
    """
    found = [entry for entry, _ in _there(rule, unit) if entry.kind in rule.kinds]
    sure, perhaps = _large_enough(found, rule.least_m2)
    figure = Interval(Fraction(len(sure)), Fraction(len(sure) + len(perhaps)))
    kinds, names = kinds_text(rule.kinds, view.kind_names), named(sure)
    zh, en = f"{kinds['zh']} {len(sure)} 处", f"{kinds['en']}: {len(sure)}"
    if rule.least_m2 is not None:
        zh, en = f"不小于 {rule.least_m2:g} m² 的{zh}", f"{en} of at least {rule.least_m2:g} m²"
    if sure:
        zh, en = f"{zh}:{names['zh']}", f"{en} ({names['en']})"
    if perhaps:
        others = named(perhaps)
        zh, en = (
            f"{zh};面积不详 {len(perhaps)} 处:{others['zh']}",
            f"{en}; of unknown area, {len(perhaps)}: {others['en']}",
        )
    facts = both(f"{zh}。", f"{en}. ")
    missing = frozenset(Missing("facilities", entry.facility_id, "floor_area_m2") for entry in perhaps)
    if rule.value is None:
        return Finding(figure, facts, missing=missing)
    gap = figure.shortfall(_count(exact(rule.value)))
    return Finding(figure, facts, gap, closing=_count_closing(rule, unit, gap), missing=missing)


def _large_enough(entries: Sequence[Entry], least_m2: float | None) -> tuple[list[Entry], list[Entry]]:
    """Facilities that are surely, and those that are perhaps, at least so large."""
    least = exact(least_m2) if least_m2 is not None else Fraction(0)
    sure = [entry for entry in entries if entry.own_m2.low >= least]
    others = [entry for entry in entries if entry.own_m2.low < least]
    return sure, [entry for entry in others if entry.own_m2.high is None or entry.own_m2.high >= least]


def _count_closing(rule: Rule, unit: Unit, gap: Interval) -> Words:
    """How many more, and which open in time."""
    if gap.low == 0:
        return both("", "")
    more = shown(gap.low, decimals=0, up=True)
    zh, en = f"再设 {more} 处", f"Set up {more} more"
    coming = [entry for entry, _ in unit.pending if entry.kind in rule.kinds]
    coming = [entry for entry in coming if rule.basis == "territorial" or entry.tier == unit.tier]
    if coming:
        later = to_come([(entry, None) for entry in coming])
        zh, en = f"{zh};尚未启用的有 {later['zh']}", f"{en}; not open yet: {later['en']}"
    return both(zh, en)


def offered_services_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of the required services that a unit has: a facility in service there offers it, or all can walk to one.

    Whether a facility whose services are not stated offers one is unknown. With `limit_min`, a service is there too
    where every household of the unit reaches it; where some are unknown, so is the service.
    """
    empty = nothing_to_measure(unit.households)
    if empty:
        return Finding(None, empty)
    here = [entry for entry, _ in _there(rule, unit)]
    offered = {service for entry in here for service in entry.services}
    silent = [entry for entry in here if not entry.services]
    walks = {one: _walked_to(rule, one, unit, view) for one in rule.services}
    sure = [one for one in rule.services if one in offered or walks[one] == "reached"]
    missing = [one for one in rule.services if one not in sure and not silent and walks[one] == "not_reached"]
    unsure = [one for one in rule.services if one not in sure and one not in missing]
    n = len(rule.services)
    zh, en = f"要求的 {n} 项服务中具备 {len(sure)} 项", f"Of {n} services, {len(sure)} are there"
    for group, group_zh, group_en in ((missing, "缺少", "missing"), (unsure, "无法判定", "unknown")):
        if group:
            names = [term("service", one) for one in group]
            zh = f"{zh};{group_zh}:{'、'.join(name['zh'] for name in names)}"
            en = f"{en}; {group_en}: {', '.join(name['en'] for name in names)}"
    figure = Interval(Fraction(len(sure), n), Fraction(len(sure) + len(unsure), n))
    had = Interval(Fraction(len(sure)), Fraction(len(sure) + len(unsure)))
    gap = None if rule.value is None else _whole(had.shortfall(_count(n).times(exact(rule.value))))
    asked = frozenset([NO_NUMBER]) if unsure else frozenset[Missing]()
    closing = both("", "")
    if missing and gap is not None and gap.low > 0:
        lacking = [term("service", one) for one in missing]
        closing = both(
            f"设立{'、'.join(one['zh'] for one in lacking)}", f"Offer {', '.join(one['en'] for one in lacking)}"
        )
    return Finding(figure, both(f"{zh}。", f"{en}. "), gap, closing=closing, missing=asked)


def _there(rule: Rule, unit: Unit) -> Parts:
    return unit.sites if rule.basis == "territorial" else unit.own_sites


def _walked_to(rule: Rule, service: str, unit: Unit, view: View) -> str:
    """Whether all households of a unit reach a service within the limit of a rule that has one."""
    if rule.limit_min is None:
        return "not_reached"
    pools = view.reached.get((f"{rule.id}/{service}", unit.unit_id), {})
    others = total([pool for states, pool in pools.items() if states != REACHED])
    if others == ZERO and pools:
        return "reached"
    elsewhere = total([pool for states, pool in pools.items() if states != NOT_REACHED])
    surely_not = pools.get(NOT_REACHED, ZERO).low > 0 or (elsewhere == ZERO and pools)
    return "not_reached" if surely_not else "unknown"


def _all_met(unit: Unit, rule: Rule, view: View) -> str:
    """Whether rules are met together: one `unmet` decides, then one `unknown`.

    A unit without households is left out where one of the rules asks for these. A unit with households to which none
    of the rules applies, for want of facilities, does not meet them.
    """
    if unit.households == ZERO and _asks_for_people(rule, view):
        return "not_applicable"
    verdicts = {view.verdicts.get((name, unit.unit_id), "not_applicable") for name in rule.of_rules}
    return next((decisive for decisive in ("unmet", "unknown", "met") if decisive in verdicts), "unmet")


def _count(number: int | Fraction) -> Interval:
    return Interval(Fraction(number), Fraction(number))


def _whole(gap: Interval) -> Interval:
    """A gap in things that come whole: 0.2 of a unit is one unit."""
    high = None if gap.high is None else Fraction(-(-gap.high.numerator // gap.high.denominator))
    return Interval(Fraction(-(-gap.low.numerator // gap.low.denominator)), high)
