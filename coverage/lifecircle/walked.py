"""Measures of walks: the share of households that reach, and how far a facility lies from a road."""

from __future__ import annotations

from fractions import Fraction

from lifecircle.findings import NO_NUMBER, Edge, Finding, Missing, Reached, State, Unit, View
from lifecircle.floor_areas import each_facility
from lifecircle.intervals import ZERO, Interval, exact, shown, shown_range, total
from lifecircle.phrases import kinds_text
from lifecircle.standards import Rule
from lifecircle.words import both

REACHED: frozenset[State] = frozenset(["reached"])
NOT_REACHED: frozenset[State] = frozenset(["not_reached"])


def reached_households_share(rule: Rule, unit: Unit, view: View) -> Finding:
    """Share of households that reach a facility of the kinds within the limit; no figure without households."""
    found = view.reached.get((rule.id, unit.unit_id), {})
    everybody = total(list(found.values()))
    if everybody == ZERO:
        return Finding(None, both("没有住户,不计算。", "No households: nothing to measure. "))
    surely, surely_not = found.get(REACHED, ZERO), found.get(NOT_REACHED, ZERO)
    perhaps_not = total([pool for states, pool in found.items() if states != REACHED])
    perhaps = total([pool for states, pool in found.items() if states != NOT_REACHED])
    gap = None
    if rule.value is not None:
        threshold = exact(rule.value)
        gap = Interval(
            _short(surely_not.low, perhaps.high, threshold) or Fraction(0),
            _short(perhaps_not.high, surely.low, threshold),
        )
    edges = {
        margin: Edge(one.near, _least_share(one.shorter), _most_share(one.longer))
        for margin, one in view.around.get((rule.id, unit.unit_id), {}).items()
    }
    closing = both("", "")
    if gap is not None and gap.low > 0:
        text = shown_range(gap, decimals=0, up=True)
        closing = both(f"使 {text} 户在时限内可达", f"Bring {text} households within reach")
    return Finding(
        Interval(_least_share(found), _most_share(found)),
        _facts(rule, view, found, everybody),
        gap,
        gap,
        closing,
        edges=edges,
        missing=_missing(unit, found),
    )


def road_distance_m(rule: Rule, unit: Unit, view: View) -> Finding:
    """Metres to the nearest road or compound gate from the facility that lies farthest from one."""
    entries = [entry for entry, _ in each_facility(rule, unit)]
    if not entries:
        return Finding(None, both("没有设施,不适用。", "No facility: nothing to measure. "))
    known = [(view.road_m[one.facility_id], one) for one in entries if one.facility_id in view.road_m]
    n_unknown = len(entries) - len(known)
    far, entry = max(known, key=lambda row: (row[0], row[1].facility_id), default=(0.0, entries[0]))
    low = exact(far)
    zh = en = ""
    if known:
        metres = shown(low, decimals=1, up=True)
        zh, en = (
            f"{entry.name}离道路或小区口最远,{metres} m",
            f"{entry.name} is farthest from a road or gate: {metres} m",
        )
    if n_unknown:
        zh, en = f"{zh};{n_unknown} 处距离不详".lstrip(";"), f"{en}; unknown for {n_unknown}".removeprefix("; ")
    missing = frozenset([NO_NUMBER]) if n_unknown else frozenset[Missing]()
    return Finding(Interval(low, None if n_unknown else low), both(f"{zh}。", f"{en}. "), missing=missing)


def _facts(rule: Rule, view: View, found: Reached, everybody: Interval) -> dict[str, str]:
    kinds, walker = (
        kinds_text(rule.kinds, view.kind_names),
        view.walker_names.get(rule.walker, both(rule.walker, rule.walker)),
    )
    unsure = total([pool for states, pool in found.items() if states not in (REACHED, NOT_REACHED)])
    pools = (everybody, found.get(REACHED, ZERO), found.get(NOT_REACHED, ZERO), unsure)
    all_n, reached, not_reached, unknown = (shown_range(pool, decimals=0) for pool in pools)
    minutes = f"{rule.limit_min:g}"
    return both(
        f"按居住点共 {all_n} 户,{walker['zh']}步行 {minutes} 分钟内可达{kinds['zh']} {reached} 户,"
        f"不可达 {not_reached} 户,无法判定 {unknown} 户。",
        f"Of {all_n} households, {reached} reach a {kinds['en']} within {minutes} minutes ({walker['en']}), "
        f"{not_reached} do not, {unknown} are unknown. ",
    )


def _missing(unit: Unit, found: Reached) -> frozenset[Missing]:
    """What is missing: households of units, or of dwellings; a walk that is unknown is settled by no number."""
    if any("unknown" in states and pool.high != 0 for states, pool in found.items()):
        return frozenset([NO_NUMBER])
    mixed = any(len(states) > 1 for states in found)
    rows = [Missing("units", one, "households") for one in unit.silent]
    rows += [Missing("dwellings", one, "households") for one in unit.scattered if mixed or one not in unit.silent]
    return frozenset(rows)


def _least_share(found: Reached) -> Fraction:
    """The lowest share that reaches: the fewest who do beside the most who may not."""
    reached = found.get(REACHED, ZERO).low
    others = total([pool for states, pool in found.items() if states != REACHED]).high
    if others == 0:
        return Fraction(1)
    return Fraction(0) if others is None else reached / (reached + others)


def _most_share(found: Reached) -> Fraction:
    """The highest share that reaches: the most who may beside the fewest who do not."""
    reached = total([pool for states, pool in found.items() if states != NOT_REACHED]).high
    others = found.get(NOT_REACHED, ZERO).low
    if reached == 0:
        return Fraction(0)
    return Fraction(1) if reached is None or others == 0 else reached / (reached + others)


def _short(others: Fraction | None, reached: Fraction | None, threshold: Fraction) -> Fraction | None:
    """Households that would have to reach besides, for a share of `threshold`; None where there is no end to them."""
    if others is None:
        return None
    if reached is None:
        return Fraction(0)
    return max(Fraction(0), threshold * others - (1 - threshold) * reached)
