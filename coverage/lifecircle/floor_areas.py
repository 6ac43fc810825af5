"""Measures of floor area: per household, of one facility, and what of it serves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from lifecircle.findings import NO_NUMBER, Finding, Missing, Parts, Unit, View
from lifecircle.intervals import ZERO, Interval, exact, known, shown, shown_range, total
from lifecircle.ledger import Entry
from lifecircle.phrases import area_text, households_text, listed, nothing_to_measure, to_come
from lifecircle.standards import Rule
from lifecircle.words import Words, both, term

HUNDRED = Fraction(100)
# What the ledger says of facilities whose area may count: a rule names its own kinds, and looks at hosts itself.
_AREAS = {"", "other_kind", "co_located"}


def floor_area_per_100_households(rule: Rule, unit: Unit, view: View) -> Finding:
    """Square metres of floor area per 100 households; no figure for a unit without households."""
    counted = counting(rule, unit)
    parts = tuple((entry, entry.area_m2.times(share)) for entry, share in counted)
    area = total([part for _, part in parts])
    if unit.households == ZERO:
        return Finding(None, facts=_area_facts(rule, unit, parts, area), parts=parts)
    per_household = exact(rule.value) / HUNDRED if rule.value is not None else None
    gap = None if per_household is None else area.shortfall(unit.households.times(per_household))
    return Finding(
        area.times(HUNDRED).per(unit.households),
        _area_facts(rule, unit, parts, area),
        gap,
        None if gap is None or per_household is None else gap.times(1 / per_household),
        both("", "") if gap is None else _area_closing(rule, unit, view, counted, gap),
        parts,
        missing=missing_areas(counted) | missing_households(unit),
    )


def smallest_facility_floor_area(rule: Rule, unit: Unit, view: View) -> Finding:
    """Square metres of the smallest facility, each looked at whole whatever its share; no figure without facilities.

    Where the study looks at split sites together, the areas of all sites of a facility are one, wherever they lie.
    """
    parts = _wholes(each_facility(rule, unit), together=view.split_sites == "together")
    if not parts:
        return Finding(None, both("没有设施,不适用。", "No facility: nothing to measure. "))
    smallest = _least([area for _, area in parts])
    facts = both(f"计入设施 {len(parts)} 处。", f"{_n(len(parts), 'facility counts', 'facilities count')}. ")
    if rule.value is None:
        return Finding(smallest, facts, parts=parts)
    threshold = known(exact(rule.value))
    short = [(entry, area.shortfall(threshold)) for entry, area in parts]
    below = [part for part, (_, gap) in zip(parts, short, strict=True) if gap.low > 0]
    unsure = [part for part, (_, gap) in zip(parts, short, strict=True) if gap.low == 0 and gap.high != 0]
    for group, zh, en in ((below, "不足的", "Too small"), (unsure, "面积不详", "Area unknown")):
        if group:
            n, names = len(group), listed(group)
            facts = both(f"{facts['zh']}{zh} {n} 处:{names['zh']}。", f"{facts['en']}{en}, {n}: {names['en']}. ")
    return Finding(
        smallest,
        facts,
        total([gap for _, gap in short]),
        closing=_enlarging([(entry, gap) for entry, gap in short if gap.low > 0]),
        parts=parts,
        missing=frozenset(Missing("facilities", entry.facility_id, "floor_area_m2") for entry, _ in unsure),
    )


def service_area_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of service area in the floor area of the facility with the lowest; no figure without facilities."""
    del view
    rows = [(entry, _share(entry)) for entry, _ in each_facility(rule, unit)]
    if not rows:
        return Finding(None, both("没有设施,不适用。", "No facility: nothing to measure. "))
    lowest = _least([one for _, one in rows])
    stated = [(entry, one) for entry, one in rows if one.known]
    zh, en = f"计入设施 {len(rows)} 处", _n(len(rows), "facility counts", "facilities count")
    if stated:
        entry, one = min(stated, key=lambda row: (row[1].low, row[0].facility_id))
        least = f"{shown(one.low * HUNDRED)}%"
        zh, en = f"{zh},已知最低的是 {entry.name}({least})", f"{en}; the lowest known is {entry.name} ({least})"
    silent = [entry for entry, one in rows if not one.known]
    if silent:
        zh, en = f"{zh},{len(silent)} 处面积或服务用房面积不详", f"{en}; an area is unknown for {len(silent)}"
    threshold = exact(rule.value) if rule.value is not None else None
    gaps = [] if threshold is None else [_missing_service_m2(entry, threshold) for entry, _ in rows]
    gap = None if threshold is None else total(gaps)
    return Finding(
        lowest,
        both(f"{zh}。", f"{en}. "),
        gap,
        closing=_adding(gap, "增加服务用房 {} m²", "Turn {} m² more to services"),
        missing=frozenset(one for entry in silent for one in _missing_parts(entry)),
    )


def reachable_floor_area_per_100_households(rule: Rule, unit: Unit, view: View) -> Finding:
    """Square metres within a walk per 100 households, each facility shared among all who reach it.

    Whatever side of a boundary a facility lies: the floating catchment's mean over the households of the unit.
    """
    empty = nothing_to_measure(unit.households)
    if empty:
        return Finding(None, empty)
    figure = view.reachable.get((rule.id, unit.unit_id), Interval(Fraction(0), None))
    households = households_text(unit.households)
    facts = both(
        f"{households['zh']};步行 {rule.limit_min:g} 分钟内的设施不论在界内界外,面积由所有可达住户分享。",
        f"{households['en']}; facilities within {rule.limit_min:g} minutes on either side of a boundary, each shared "
        "among all households that reach it. ",
    )
    missing = frozenset[Missing]() if figure.known else frozenset([NO_NUMBER])
    if rule.value is None:
        return Finding(figure, facts, missing=missing)
    value = exact(rule.value)
    short = figure.shortfall(known(value))
    high = None if short.high is None or unit.households.high is None else short.high * unit.households.high / HUNDRED
    gap = Interval(short.low * unit.households.low / HUNDRED, high)
    closing = _adding(gap, "使可达面积增加 {} m²", "Bring {} m² more within reach")
    return Finding(figure, facts, gap, gap.times(HUNDRED / value), closing, missing=missing)


def counting(rule: Rule, unit: Unit) -> Parts:
    """Facilities whose area counts in a unit for a rule, largest first, by its kinds and basis.

    One that is part of another counts where no facility that it is part of is of the kinds, too.
    """
    return _of_kinds(rule, unit.sites if rule.basis == "territorial" else unit.own_sites, _AREAS)


def each_facility(rule: Rule, unit: Unit) -> Parts:
    """Facilities that a rule on each facility looks at: also those that the study finds too small to count."""
    return _of_kinds(rule, unit.sites if rule.basis == "territorial" else unit.own_sites, _AREAS | {"too_small"})


def _of_kinds(rule: Rule, sites: Parts, said: Collection[str]) -> Parts:
    return tuple(
        (entry, share)
        for entry, share in sites
        if entry.kind in rule.kinds and entry.why_not in said and not set(entry.host_kinds) & set(rule.kinds)
    )


def missing_areas(counted: Parts) -> frozenset[Missing]:
    """The floor areas that nobody knows."""
    return frozenset(
        Missing("facilities", entry.facility_id, "floor_area_m2") for entry, _ in counted if not entry.area_m2.known
    )


def missing_households(unit: Unit) -> frozenset[Missing]:
    """The units in a unit whose households nobody knows."""
    return frozenset(Missing("units", one, "households") for one in unit.silent)


def _area_facts(rule: Rule, unit: Unit, parts: tuple[tuple[Entry, Interval], ...], area: Interval) -> Words:
    empty = nothing_to_measure(unit.households)
    if empty:
        return empty
    basis, households, n = term("basis", rule.basis), households_text(unit.households), len(parts)
    if not parts:
        return both(
            f"{households['zh']};{basis['zh']}没有计入的设施。",
            f"{households['en']}; no facility counts ({basis['en']}). ",
        )
    names, area_m2, count = listed(parts), shown_range(area), _n(n, "facility counts", "facilities count")
    return both(
        f"{households['zh']};{basis['zh']}计入设施 {n} 处共 {area_m2} m²:{names['zh']}。",
        f"{households['en']}; {count} ({basis['en']}), {area_m2} m²: {names['en']}. ",
    )


def _area_closing(rule: Rule, unit: Unit, view: View, counted: Parts, gap: Interval) -> Words:
    """More square metres, which facility could be enlarged by them, and what opens in time."""
    if gap.low == 0:
        return both("", "")
    text = f"{shown_range(gap, up=True)} m²"
    zh, en = f"再增加 {text}", f"Add {text}"
    if view.least_m2 is not None:
        least = f"{float(view.least_m2):g} m²"
        zh, en = f"{zh}(每处不小于 {least} 方计入)", f"{en} (sites below {least} do not count)"
    whole = [entry for entry, share in counted if share == 1 and entry.area_m2.known]
    if whole:
        entry = min(whole, key=lambda one: (one.area_m2.low, one.facility_id))
        zh, en = f"{zh},或将{entry.name}扩建 {text}", f"{en}, or enlarge {entry.name} by {text}"
    coming, over = (_elsewhen(rule, unit, parts) for parts in (unit.pending, unit.gone))
    if coming:
        names = to_come(coming)
        zh, en = f"{zh};尚未启用的有 {names['zh']}", f"{en}; not open yet: {names['en']}"
    if over:
        names = listed(over)
        zh, en = f"{zh};已停用或租赁到期的有 {names['zh']}", f"{en}; closed, or no longer leased: {names['en']}"
    return both(zh, en)


def _elsewhen(rule: Rule, unit: Unit, parts: Parts) -> list[tuple[Entry, Interval]]:
    """Facilities that would count if they were in service, with their square metres here."""
    return [
        (entry, entry.area_m2.times(share))
        for entry, share in parts
        if entry.kind in rule.kinds
        and entry.area_m2.known
        and (rule.basis == "territorial" or entry.tier == unit.tier)
        and not set(entry.host_kinds) & set(rule.kinds)
    ]


def _adding(gap: Interval | None, zh: str, en: str) -> Words:
    if gap is None or gap.low == 0:
        return both("", "")
    text = shown_range(gap, up=True)
    return both(zh.format(text), en.format(text))


def _enlarging(short: list[tuple[Entry, Interval]]) -> Words:
    texts = [(entry.name, area_text(gap)) for entry, gap in short if gap.known]
    return both(
        "、".join(f"将{name}扩建 {gap['zh']}" for name, gap in texts),
        ("Enlarge " if texts else "") + ", ".join(f"{name} by {gap['en']}" for name, gap in texts),
    )


def _least(figures: Sequence[Interval]) -> Interval:
    highs = [figure.high for figure in figures if figure.high is not None]
    return Interval(min(figure.low for figure in figures), min(highs) if highs else None)


def _wholes(found: Parts, *, together: bool) -> tuple[tuple[Entry, Interval], ...]:
    """Each facility with its whole area; with `together` those of several sites once, with the area of all."""
    if not together:
        return tuple((entry, entry.own_m2) for entry, _ in found)
    first = {entry.main_id: entry for entry, _ in reversed(found)}
    return tuple((entry, entry.sites_m2 or entry.own_m2) for entry in reversed(first.values()))


def _share(entry: Entry) -> Interval:
    """Service area in floor area: what the two, and the offices beside, leave open."""
    service, office, area = entry.service_area_m2, entry.office_area_m2, entry.own_m2
    if service.known and area.known and area.low > 0:
        return known(min(service.low / area.low, Fraction(1)))
    low = service.low / area.high if area.high else Fraction(0)
    high = service.high / area.low if service.high is not None and area.low > 0 and service.known else Fraction(1)
    beside = 1 - office.low / area.high if area.high else Fraction(1)
    return Interval(low, max(low, min(high, beside, Fraction(1))))


def _missing_parts(entry: Entry) -> list[Missing]:
    """Which of service and floor area nobody knows."""
    areas = {"service_area_m2": entry.service_area_m2, "floor_area_m2": entry.own_m2}
    return [Missing("facilities", entry.facility_id, name) for name, area in areas.items() if not area.known]


def _missing_service_m2(entry: Entry, threshold: Fraction) -> Interval:
    return entry.service_area_m2.shortfall(entry.own_m2.times(threshold))


def _n(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
