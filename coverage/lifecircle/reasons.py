"""Why a verdict is what it is, in words: what was counted, the figure, the clause, the gap and what would close it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lifecircle.findings import Finding
from lifecircle.intervals import Interval, shown, shown_range
from lifecircle.phrases import figure_text, gap_text, sign, threshold_text
from lifecircle.standards import Rule, Standard
from lifecircle.words import Words, both, shipped, term


@dataclass(frozen=True)
class RuleWords:
    """What is said of a rule whatever the unit: what it asks for and by which clause, and what to meet means."""

    asked: Words
    meaning: Words
    threshold: str
    clause: str


def rule_words(standard: Standard, rule: Rule, day: dt.date) -> RuleWords:
    """The words for a rule of a standard on a day."""
    return RuleWords(_asked(standard, rule, day), _meaning(standard, rule), threshold_text(rule), standard.clause(rule))


def reason(said: RuleWords, rule: Rule, finding: Finding, verdict: str, *, spread: Words) -> Words:
    """One paragraph per language: facts, figure and bounds, threshold and clause, verdict, gap and what would close it.

    `spread` says which households were placed from totals.
    """
    facts, asked = finding.facts, said.asked
    told, near, gap = _told(rule, finding), _near(rule, finding), _gap(rule, finding, verdict)
    word = term("verdict", verdict)
    zh = f"{said.meaning['zh']}{facts['zh']}{told['zh']}{near['zh']}{spread['zh']}标准:{asked['zh']}。判定:{word['zh']}"
    en = f"{said.meaning['en']}{facts['en']}{told['en']}{near['en']}{spread['en']}Standard: {asked['en']}. Verdict: {word['en']}"
    zh, en = (f"{zh},{gap['zh']}。" if gap["zh"] else f"{zh}。"), (f"{en}, {gap['en']}." if gap["en"] else f"{en}.")
    if gap["zh"] and finding.closing["zh"]:
        zh, en = f"{zh}可{finding.closing['zh']}。", f"{en} {finding.closing['en']}."
    return both(zh, en)


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


def gap_words(rule: Rule, finding: Finding, verdict: str, gap_in: str) -> Words:
    """What is missing, where a verdict leaves something to be asked for."""
    told = verdict in {"unmet", "unknown", "reference"} and rule.operator == ">=" and not rule.advisory
    return gap_text(finding.gap, gap_in) if told else both("", "")


def _meaning(standard: Standard, rule: Rule) -> Words:
    """What a unit must do to meet, for a rule on shares of units."""
    if not rule.of_rules:
        return both("", "")
    names = [standard.rule(one).name for one in rule.of_rules]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    said = both("达标指同时满足:", "To meet means all of:") if len(names) > 1 else both("达标指:", "To meet means:")
    return both(f"{said['zh']}{zh}。", f"{said['en']} {en}. ")


def _asked(standard: Standard, rule: Rule, day: dt.date) -> Words:
    """What the rule asks for, and by which clause; where it does not bind now, why not."""
    clause, zh, en = standard.clause(rule), "", ""
    if standard.standing(rule, day) != "in_force":
        word = term("standing", standard.standing(rule, day))
        zh, en = f",{word['zh']}", f", {word['en']}"
    if rule.target_date or rule.target_year:
        by = rule.target_date.isoformat() if rule.target_date else f"{rule.target_year}"
        zh, en = f"{zh},{by}{'' if rule.target_date else ' 年'}目标", f"{en}, goal for {by}"
    if rule.advisory:
        zh, en = f"{zh},倡导性,不作达标判定", f"{en}, a recommendation that nobody fails"
    if rule.value is None:
        return both(f"没有规定数值({clause}{zh})", f"no number is set ({clause}{en})")
    unit = sign(rule.unit)
    at_least = ("不低于", "at least") if rule.operator == ">=" else ("不高于", "at most")
    text = threshold_text(rule)
    return both(f"{at_least[0]} {text}{unit['zh']}({clause}{zh})", f"{at_least[1]} {text}{unit['en']} ({clause}{en})")


def _told(rule: Rule, finding: Finding) -> Words:
    if finding.figure is None:
        return both("", "")
    text, unit = figure_text(finding.figure, rule.unit, up=rule.operator == "<="), sign(rule.unit)
    name = shipped("measures.toml")[rule.measure]["name"]
    en = f"{name['en'][:1].upper()}{name['en'][1:]}"
    return both(f"{name['zh']} {text}{unit['zh']}。", f"{en}: {text}{unit['en']}. ")


def _gap(rule: Rule, finding: Finding, verdict: str) -> Words:
    """The gap in its own unit, and in households where it is one of something else."""
    gap_in = shipped("measures.toml")[rule.measure]["gap_in"]
    gap, short = gap_words(rule, finding, verdict, gap_in), finding.gap_households
    if not gap["zh"] or gap_in == "households" or short is None or short.high is None:
        return gap
    text = shown_range(short, decimals=0, up=True)
    people = "1 household is" if text == "1" else f"{text} households are"
    return both(f"{gap['zh']}(相当于 {text} 户)", f"{gap['en']} (what {people} owed)")


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
