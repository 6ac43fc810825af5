"""Why a verdict is what it is, in words: the figure, what made it, the clause and the gap."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from lifecircle.intervals import Interval, exact, shown, shown_range
from lifecircle.ledger import Entry
from lifecircle.measures import Finding, Unit
from lifecircle.standards import Rule, Standard
from lifecircle.walkers import load_walkers
from lifecircle.words import both, term

_NAMED = 6  # facilities named one by one; more are summed up
Words = dict[str, str]
KindNames = Mapping[str, Mapping[str, str]]


def figure_text(figure: Interval | None, measured_in: str, *, up: bool = False) -> str:
    """A figure as people read it: shares in percent, square metres with two decimals, cut on the unlucky side."""
    if figure is not None and measured_in.startswith("share"):
        figure = figure.times(Fraction(100))
    text = shown_range(figure, up=up)
    return f"{text}%" if figure is not None and measured_in.startswith("share") else text


def threshold_text(rule: Rule) -> str:
    """The threshold as people read it, such as 35 or 85%."""
    share = rule.unit.startswith("share")
    return f"{float(exact(rule.value) * (100 if share else 1)):,.6g}{'%' if share else ''}"


def edge_text(rule: Rule, finding: Finding) -> Words:
    """What lies near the limit of a walk, in short: the share at 5 % less and more, households within 5 % and 30 s."""
    if not finding.edges:
        return both("", "")
    if _is_firm(finding):
        return both("时限 ±5% 比例不变", "the same with a limit 5% shorter or longer")
    part, half = finding.edges["5pct"], finding.edges["30s"]
    share = figure_text(Interval(part.low, part.high), rule.unit, up=rule.operator == "<=")
    n_part, n_half = (shown(one.households, decimals=0) for one in (part, half))
    low, high = (f"{(rule.limit_min or 0) * factor:.4g}" for factor in (0.95, 1.05))
    return both(
        f"时限改为 {low}–{high} 分钟时为 {share},其间 {n_part} 户;时限上下 30 秒内 {n_half} 户",
        f"{share} with limits of {low}–{high} min, {n_part} households between; {n_half} within 30 s of the limit",
    )


def gap_text(gap: Interval | None, gap_in: str) -> Words:
    """What is missing, in both languages; empty where nothing is or nothing is asked."""
    if gap is None or gap.high == 0:
        return both("", "")
    zh, en = {"m2": (" m²", " m²"), "households": (" 户", " households"), "units": (" 个单元", " units")}[gap_in]
    text = shown_range(gap, decimals=2 if gap_in == "m2" else 0, up=True)
    if gap.low == 0 and not gap.known:
        top = shown(gap.high, decimals=2 if gap_in == "m2" else 0, up=True)
        return (
            both("缺口不定", "gap unknown")
            if gap.high is None
            else both(f"至多缺 {top}{zh}", f"at most {top}{en} short")
        )
    return both(f"缺 {text}{zh}", f"{text}{en} short")


def reason(
    standard: Standard,
    rule: Rule,
    unit: Unit,
    finding: Finding,
    verdict: str,
    kind_names: KindNames,
) -> Words:
    """One paragraph per language: households and facilities, figure and bounds, threshold and clause, verdict and gap."""
    facts = _FACTS[rule.measure](rule, unit, finding, kind_names)
    if rule.of_rules:
        counted = [standard.rule(one).name for one in rule.of_rules]
        zh, en = "、".join(name.zh for name in counted), ", ".join(name.en for name in counted)
        facts = both(f"达标指同时满足:{zh}。{facts['zh']}", f"To meet means all of: {en}. {facts['en']}")
    told, near = _told(rule, finding), _near(rule, finding)
    clause = standard.clause(rule)
    at_least = ("不低于", "at least") if rule.operator == ">=" else ("不高于", "at most")
    word = term("verdict", verdict)
    sign = "" if rule.unit.startswith("share") else " m²"
    asked = threshold_text(rule)
    told_gap = verdict in {"unmet", "unknown", "reference"} and rule.operator == ">="
    gap = gap_text(finding.gap, finding.gap_in) if told_gap else both("", "")
    status, status_en = _status(standard, rule)
    zh = f"{facts['zh']}{told['zh']}{near['zh']}标准:{at_least[0]} {asked}{sign}({clause}{status})。判定:{word['zh']}"
    en = f"{facts['en']}{told['en']}{near['en']}Standard: {at_least[1]} {asked}{sign} ({clause}{status_en}). Verdict: {word['en']}"
    return both(f"{zh},{gap['zh']}。" if gap["zh"] else f"{zh}。", f"{en}, {gap['en']}." if gap["en"] else f"{en}.")


def _status(standard: Standard, rule: Rule) -> tuple[str, str]:
    """What keeps a rule from binding now, behind its clause: its standing, and the year of its target."""
    zh, en = "", ""
    if standard.standing(rule) != "in_force":
        word = term("standing", standard.standing(rule))
        zh, en = f",{word['zh']}", f", {word['en']}"
    if rule.target_year:
        zh, en = f"{zh},{rule.target_year} 年目标", f"{en}, goal for {rule.target_year}"
    return zh, en


def _told(rule: Rule, finding: Finding) -> Words:
    if finding.figure is None:
        return both("", "")
    text = figure_text(finding.figure, rule.unit, up=rule.operator == "<=")
    sign = "" if rule.unit.startswith("share") else " m²"
    name = {
        "floor_area_per_100_households": ("每百户", "per 100 households"),
        "smallest_facility_floor_area": ("最小一处", "the smallest"),
    }
    zh, en = name.get(rule.measure, ("比例", "share"))
    return both(f"{zh} {text}{sign}。", f"{en[:1].upper()}{en[1:]}: {text}{sign}. ")


def _near(rule: Rule, finding: Finding) -> Words:
    """One sentence on what lies near the limit of a walk: known households, and the share if the limit were another."""
    if not finding.edges:
        return both("", "")
    if _is_firm(finding):
        return both(
            "没有已知住户的步行时间在时限上下 30 秒或 5% 内,时限短、长 5% 比例均不变。",
            "No known household is within 30 s or 5% of the limit; 5% shorter or longer, the share is the same. ",
        )
    part, half, up = finding.edges["5pct"], finding.edges["30s"], rule.operator == "<="
    n_part, n_half = (shown(one.households, decimals=0) for one in (part, half))
    low, high = (figure_text(Interval(end, end), rule.unit, up=up) for end in (part.low, part.high))
    return both(
        f"其中已知 {n_half} 户的步行时间在时限上下 30 秒内,{n_part} 户在上下 5% 内;时限若短 5%,比例低至 {low},若长 5%,高至 {high}。",
        f"The nearest is within 30 s of the limit for {n_half} known households, within 5% of it for {n_part}; "
        f"with a limit 5% shorter the share could be as low as {low}, with one 5% longer as high as {high}. ",
    )


def _is_firm(finding: Finding) -> bool:
    """Whether a share is the same a little to either side of the limit, with no known household near it."""
    ends = Interval(finding.edges["5pct"].low, finding.edges["5pct"].high)
    return ends == finding.figure and not any(edge.households for edge in finding.edges.values())


def _floor_area(rule: Rule, unit: Unit, finding: Finding, kinds: KindNames) -> Words:
    del kinds
    basis = term("basis", rule.basis)
    if unit.households == Interval(Fraction(0), Fraction(0)):
        return both("没有住户,不计算。", "No households: nothing to measure. ")
    households = _households(unit.households)
    if not finding.parts:
        return both(
            f"{households['zh']};{basis['zh']}没有计入的设施。",
            f"{households['en']}; no facility counts ({basis['en']}). ",
        )
    area = shown_range(finding.counts["area_m2"])
    listed = _listed(finding.parts)
    n = len(finding.parts)
    return both(
        f"{households['zh']};{basis['zh']}计入设施 {n} 处共 {area} m²:{listed['zh']}。",
        f"{households['en']}; {n} {'facility counts' if n == 1 else 'facilities count'} ({basis['en']}), {area} m²: {listed['en']}. ",
    )


def _smallest(rule: Rule, unit: Unit, finding: Finding, kinds: KindNames) -> Words:
    del unit, kinds
    if not finding.parts:
        return both("没有设施,不适用。", "No facility: nothing to measure. ")
    value = exact(rule.value)
    below = [part for part in finding.parts if part[1].high is not None and part[1].high < value]
    unsure = [part for part in finding.parts if part not in below and part[1].low < value]
    zh, en = f"计入设施 {len(finding.parts)} 处。", f"{len(finding.parts)} facilities count. "
    if below:
        listed = _listed(tuple(below))
        zh, en = zh + f"不足的 {len(below)} 处:{listed['zh']}。", en + f"Too small, {len(below)}: {listed['en']}. "
    if unsure:
        listed = _listed(tuple(unsure))
        zh, en = (
            zh + f"面积不详 {len(unsure)} 处:{listed['zh']}。",
            en + f"Area unknown, {len(unsure)}: {listed['en']}. ",
        )
    return both(zh, en)


def _units(rule: Rule, unit: Unit, finding: Finding, kinds: KindNames) -> Words:
    del unit, kinds
    tier = term("tier", str(rule.of_tier))
    n = {name: shown(count.low, decimals=0) for name, count in finding.counts.items()}
    return both(
        f"{tier['zh']}共 {n['units']} 个(另有无住户 {n['not_applicable']} 个):达标 {n['met']} 个,不达标 {n['unmet']} 个,无法判定 {n['unknown']} 个。",
        f"{n['units']} {tier['en']}s ({n['not_applicable']} more without households): {n['met']} meet, {n['unmet']} do not, {n['unknown']} unknown. ",
    )


def _reached(rule: Rule, unit: Unit, finding: Finding, kinds: KindNames) -> Words:
    names = [kinds.get(kind) or term("kind", kind) for kind in rule.kinds]
    zh_kinds, en_kinds = "、".join(one["zh"] for one in names), ", ".join(one["en"] for one in names)
    if "reached" not in finding.counts:
        return both("没有住户,不计算。", "No households: nothing to measure. ")
    count = {name: shown_range(number, decimals=0) for name, number in finding.counts.items()}
    minutes = f"{rule.limit_min:g}"
    walker = load_walkers().get(rule.walker)
    zh, en = (walker.zh, walker.en) if walker else (rule.walker, rule.walker)
    return both(
        f"按居住点共 {count['households']} 户,{zh}步行 {minutes} 分钟内可达{zh_kinds} {count['reached']} 户,不可达 {count['not_reached']} 户,无法判定 {count['unknown']} 户。",
        f"Of {count['households']} households, {count['reached']} reach a {en_kinds} within {minutes} minutes ({en}), "
        f"{count['not_reached']} do not, {count['unknown']} are unknown. ",
    )


_FACTS = {
    "floor_area_per_100_households": _floor_area,
    "smallest_facility_floor_area": _smallest,
    "met_units_share": _units,
    "reached_households_share": _reached,
}


def _households(number: Interval) -> Words:
    if number.known:
        text = shown(number.low, decimals=0)
        return both(f"常住 {text} 户", f"{text} households")
    text = shown_range(number, decimals=0)
    return both(f"户数不详({text})", f"households unknown ({text})")


def _listed(parts: tuple[tuple[Entry, Interval], ...]) -> Words:
    def one(entry: Entry, area: Interval, zh: bool) -> str:
        text = f"{shown_range(area)} m²" if area.known else ("面积不详" if zh else "area unknown")
        return f"{entry.name} {text}"

    ordered = sorted(parts, key=lambda part: (part[1].known, -part[1].low, part[0].facility_id))
    head, rest = ordered[:_NAMED], len(ordered) - _NAMED
    zh = "、".join(one(entry, area, True) for entry, area in head)
    en = ", ".join(one(entry, area, False) for entry, area in head)
    return both(f"{zh}等,另 {rest} 处", f"{en} and {rest} more") if rest > 0 else both(zh, en)
