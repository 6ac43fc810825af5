"""The answer in one sentence, and the rule of which it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lifecircle.publish.binding import binding
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from lifecircle.words import Words, both, term

TIERS = ("subdistrict", "circle", "neighbourhood")  # of units, from the largest to the lowest
VERDICTS = ("met", "unmet", "unknown", "not_applicable", "reference")
AREA = "floor_area_per_100_households"


@dataclass(frozen=True)
class Lead:
    """The rule that a report speaks of first, and the lowest tier that it holds for.

    `binds` is False where no rule binds and its figures are for reference.
    """

    standard: Standard
    rule: Rule
    tier: str
    binds: bool


def leading_rule(result: Result) -> Lead | None:
    """The first rule of the first standard that binds units, one on sizes or walks before one on counts.

    Where none binds, the first of all rules that hold for units; None where there is none.
    """
    bound = result.units[binding(result) & result.units["tier"].isin(TIERS)]
    if len(bound):
        return _first(result, bound, binds=True)
    rows = result.units[result.units["tier"].isin(TIERS)]
    return _first(result, rows, binds=False) if len(rows) else None


def _first(result: Result, rows: pd.DataFrame, *, binds: bool) -> Lead:
    pairs = set(zip(rows["standard"], rows["rule_id"], strict=True))
    rules = [(one, rule) for one in result.standards for rule in one.rules if (one.id, rule.id) in pairs]
    measured = [pair for pair in rules if pair[1].measure != "facilities_count" and pair[0] is rules[0][0]]
    standard, rule = (measured or rules)[0]
    own = rows[(rows["standard"] == standard.id) & (rows["rule_id"] == rule.id)]
    return Lead(standard, rule, [tier for tier in TIERS if (own["tier"] == tier).any()][-1], binds)


def rows_of(result: Result, lead: Lead) -> pd.DataFrame:
    """The rows of `units` for the leading rule, of all tiers."""
    units = result.units
    return units[(units["standard"] == lead.standard.id) & (units["rule_id"] == lead.rule.id)]


def headline(result: Result) -> Words:
    """How many of the lowest units meet the leading rule, how many do not, and of how many nobody can say."""
    lead = leading_rule(result)
    if lead is None:
        return both("没有可判定的条款", "No rule holds for any unit")
    rows = rows_of(result, lead)
    counts = rows.loc[rows["tier"] == lead.tier, "verdict"].value_counts().to_dict()
    if not lead.binds:
        n, rule, tier = sum(counts.values()), lead.rule.name, term("tier", lead.tier)
        return both(
            f"没有现行有约束力的条款;{n:,} 个{tier['zh']}的{rule.zh}仅列参考值",
            f"No rule binds: {rule.en} of {n:,} {tier['en']}{'s' * (n != 1)}, for reference",
        )
    said = counts_sentence(counts, lead.tier, None if lead.rule.measure == AREA else lead.rule.name.model_dump())
    together = all_met(result, lead)
    return both(said["zh"] + together["zh"], said["en"] + together["en"])


def all_met(result: Result, lead: Lead) -> Words:
    """How many of the lowest units that meet the leading rule meet all rules of its standard that bind them.

    Rules that do not apply to a unit don't hinder it. Empty where only one rule binds.
    """
    of_standard = (result.units["standard"] == lead.standard.id) & (result.units["tier"] == lead.tier)
    rows = result.units[of_standard & binding(result)]
    n_rules, met = rows["rule_id"].nunique(), rows["verdict"] == "met"
    first = set(rows.loc[met & (rows["rule_id"] == lead.rule.id), "unit_id"])
    if n_rules == 1 or not first:
        return both("", "")
    failing = set(rows.loc[~met & (rows["verdict"] != "not_applicable"), "unit_id"])
    n = len(first - failing)
    zh = f";达标的 {len(first):,} 个中,{n_rules} 项约束条款全部达标的 {n:,} 个"
    return both(zh, f"; of the {len(first):,}, {n:,} {'meets' if n == 1 else 'meet'} all {n_rules} binding rules")


def counts_sentence(counts: Mapping[str, int], tier: str, rule: Words | None = None) -> Words:
    """Counts of verdicts as a sentence; `rule` is named unless it is the one on floor area.

    >>> print(counts_sentence({"met": 18, "unmet": 9, "unknown": 2, "not_applicable": 1}, "neighbourhood")["zh"])
    30 个居村中 18 个面积达标,9 个不达标,2 个无法判定,1 个不适用
    >>> print(counts_sentence({"met": 1, "unmet": 1}, "neighbourhood")["en"])
    Of 2 neighbourhoods, 1 has enough floor area, 1 has not
    """
    units, total = term("tier", tier), sum(counts.values())
    met, unmet, unknown, freed = (counts.get(one, 0) for one in VERDICTS[:4])
    what = "面积" if rule is None else f"“{rule['zh']}”"
    has, have = ("has enough floor area", "have enough floor area") if rule is None else ("meets", "meet")
    ends = "" if rule is None else f" ({rule['en']})"
    zh = [f"{total:,} 个{units['zh']}中 {met:,} 个{what}达标", f"{unmet:,} 个不达标"]
    en = [f"{met:,} {has if met == 1 else have}{ends}", f"{unmet:,} {_not(unmet, area=rule is None)}"]
    if unknown:
        zh, en = [*zh, f"{unknown:,} 个无法判定"], [*en, f"{unknown:,} cannot be judged"]
    if freed:
        zh, en = [*zh, f"{freed:,} 个不适用"], [*en, f"{freed:,} {'is' if freed == 1 else 'are'} not subject to it"]
    return both(",".join(zh), f"Of {total:,} {units['en']}{'s' * (total != 1)}, {', '.join(en)}")


def _not(n: int, *, area: bool) -> str:
    if area:
        return "has not" if n == 1 else "have not"
    return "does not" if n == 1 else "do not"
