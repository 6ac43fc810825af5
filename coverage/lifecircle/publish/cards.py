"""The answer in a few figures: what the first standard's binding rules say, and who reaches what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.phrases import sign, threshold_text
from lifecircle.publish.binding import binding, binding_rules
from lifecircle.publish.payload import has_walks, kinds_shown
from lifecircle.publish.placed import marked, spread_share_text
from lifecircle.result import Result
from lifecircle.standards import Rule
from lifecircle.study import kind_name
from lifecircle.tables import TIERS
from lifecircle.words import Words, both, term

_TIERS = ("subdistrict", "circle", "neighbourhood")
Card = dict[str, Any]


def cards(result: Result) -> list[Card]:
    """At most eight figures with a label, a note and a tone: units that meet by tier, what is missing, who reaches.

    Only rules that bind, and only those of the first standard, speak here; a goal for the share of households within
    the study's own walk may be of another standard, which is named then.
    """
    first, rows = result.standards[0], result.units[binding(result)]
    rows = rows[rows["standard"] == first.id]
    rules = [rule for rule in first.rules if rule.id in set(rows["rule_id"]) and set(rule.tiers) & set(_TIERS)]
    counts = [rule for rule in rules if rule.measure == "facilities_count" and rule.least_m2 is None]
    main = [rule for rule in rules if rule not in counts][:1]
    later = result.study.study.projected
    found = [_met_units(rows, rule, tier, later) for rule in main for tier in _TIERS if tier in rule.tiers]
    found += [_coverage(result, rows, rule) for rule in main]
    found += [_missing_area(rows, rule) for rule in main if rule.measure == "floor_area_per_100_households"]
    found += [_met_units(rows, rule, rule.tiers[0], later) for rule in counts[:1]]
    found += [_reaching(result, kind) for kind in kinds_shown(result)[:1] if has_walks(result)]
    return [one for one in [*found, _unknown(result, rows)] if one is not None]


def cards_note(result: Result) -> Words:
    """Of which standard the cards speak, and where the others are told; empty where the study has one alone."""
    first, others = result.standards[0].title, len(result.standards) - 1
    if not others:
        return both("", "")
    return both(
        f"以下各项按《{first.zh.strip('《》')}》判定,只计有约束力的条款;其余 {others} 项标准见“各条款的判定数”。",
        f"These figures are of {first.en} and of rules that bind; for {others} more standard{'s' * (others != 1)} see "
        "“Verdicts by rule”.",
    )


def _met_units(rows: pd.DataFrame, rule: Rule, tier: str, later: dt.date | None) -> Card | None:
    """How many units of a tier meet a rule, of those that it holds for; and how many will by a later day."""
    rows = rows[(rows["rule_id"] == rule.id) & (rows["tier"] == tier)]
    n = {one: int((rows["verdict"] == one).sum()) for one in ("met", "unmet", "unknown", "not_applicable")}
    applicable = len(rows) - n["not_applicable"]
    if not applicable:
        return None
    asked, unit = f"{'≥' if rule.operator == '>=' else '≤'} {threshold_text(rule)}", term("measured_in", rule.unit)
    zh = f"{rule.name.zh} {asked} {unit['zh']};不达标 {n['unmet']},无法判定 {n['unknown']}"
    en = f"{rule.name.en} {asked}{sign(rule.unit)['en']}; {n['unmet']} unmet, {n['unknown']} unknown"
    if n["not_applicable"]:
        zh, en = f"{zh};另 {n['not_applicable']} 个不适用", f"{en}; {n['not_applicable']} more not applicable"
    if later:
        n_later = int((rows["projected_verdict"] == "met").sum())
        zh, en = f"{zh};到 {later} 达标 {n_later}", f"{en}; by {later}: {n_later} met"
    tone = "met" if n["met"] == applicable else "unmet" if n["unmet"] else "unknown"
    return {
        "label": _label(rule, tier),
        "value": marked(f"{n['met']:,}/{applicable:,}", rows["spread_households"].sum()),
        "note": both(zh, en),
        "tone": tone,
        "counts": {one: number for one, number in n.items() if number},
    }


def _label(rule: Rule, tier: str) -> Words:
    """What is counted: units of a tier that meet the rule."""
    units = term("tier", tier)
    if rule.measure == "facilities_count":
        return both(f"{units['zh']}:有{rule.name.zh}", f"{units['en']}s: {rule.name.en}")
    area = rule.measure == "floor_area_per_100_households"
    return both(f"{units['zh']}:{'面积' if area else ''}达标", f"{units['en']}s: {'floor area ' if area else ''}met")


def _coverage(result: Result, rows: pd.DataFrame, main: Rule) -> Card | None:
    """The share of the lowest units that meet all rules together, which the first standard asks to be 100 %."""
    standard = result.standards[0]
    shares = [rule.id for rule in standard.rules if main.id in rule.of_rules]
    rows = rows[rows["rule_id"].isin(shares) & rows["low"].notna()]
    if not len(rows):
        return None
    row = rows.to_dict("records")[-1]
    rule, verdict = standard.rule(row["rule_id"]), term("verdict", row["verdict"])
    names = [standard.rule(one).name for one in rule.of_rules]
    zh = f"同时满足{'、'.join(name.zh for name in names)};要求 {row['threshold_shown']},{verdict['zh']}"
    en = f"meet all of: {'; '.join(name.en for name in names)}; asked {row['threshold_shown']}, {verdict['en']}"
    value = marked(row["shown"], row["spread_households"])
    return {"label": rule.name.model_dump(), "value": value, "note": both(zh, en), "tone": _tone(row["verdict"])}


def _tone(verdict: str) -> str:
    return verdict if verdict in {"met", "unmet", "unknown"} else "plain"


def _missing_area(rows: pd.DataFrame, rule: Rule) -> Card:
    rows = rows[rows["rule_id"] == rule.id]
    lowest = rows[rows["tier"] == max(set(rows["tier"]), key=[*TIERS[::-1]].index)]
    known, unsure = lowest.loc[lowest["gap"] > 0, "gap"], _n_unsure(lowest)
    tier = term("tier", str(lowest["tier"].iloc[0]))
    return {
        "label": both("建筑面积缺口", "Floor area missing"),
        "value": missing_area_text(lowest),
        "note": both(
            f"{len(known)} 个{tier['zh']}缺口已知;另有 {unsure} 个缺口不详",
            f"known in {len(known)} {tier['en']}s; unknown in {unsure} more",
        ),
        "tone": "unmet" if len(known) else "unknown" if unsure else "met",
    }


def missing_area_text(rows: pd.DataFrame) -> str:
    """Square metres missing in some units: at least so many where some gaps are unknown, `?` where none is known."""
    at_least = float(rows["gap_low"].sum())
    total = f"{shown(exact(round(at_least, 6)), up=True)} m²"
    return total if not _n_unsure(rows) else f"≥ {total}" if at_least else "?"


def _n_unsure(rows: pd.DataFrame) -> int:
    return int((rows["gap"].isna() & rows["gap_low"].notna()).sum())


def _reaching(result: Result, kind: str) -> Card:
    """Share of households that reach a kind: with its bounds where a rule asks for it, else of those known."""
    found = result.summary["reach"][kind]
    everybody = sum(found.values())
    name, limit = kind_name(result.study, kind), f"{result.study.walk.limit_min:g}"
    label = both(f"步行 {limit} 分钟可达{name['zh']}", f"Households within {limit} min of a {name['en']}")
    if not everybody:
        return {"label": label, "value": "—", "note": both("户数不详", "households unknown"), "tone": "unknown"}
    row, note, spread = _goal(result, kind), _reached_note(result, found), result.summary["households"]["spread"]
    if row is None:
        value = marked(f"{shown(exact(found['reached']) / exact(everybody) * 100)}%", spread)
        return {"label": label, "value": value, "note": note, "tone": "plain"}
    asked, verdict = _asked_by(result, row), term("verdict", row["verdict"])
    zh = [f"{asked['zh']} {row['threshold_shown']},{verdict['zh']}", note["zh"], row["edge_zh"]]
    en = [f"{asked['en']} {row['threshold_shown']}: {verdict['en']}", note["en"], row["edge_en"]]
    told = both(";".join(filter(None, zh)), "; ".join(filter(None, en)))
    return {"label": label, "value": marked(row["shown"], spread), "note": told, "tone": _tone(row["verdict"])}


def _reached_note(result: Result, found: dict[str, float]) -> Words:
    """Known households by what they reach, and the dwellings that are left out."""
    count = {state: households_text(number) for state, number in found.items()}
    everybody, households = households_text(sum(found.values())), result.summary["households"]
    silent, outside = households["dwellings_with_unknown_households"], households["dwellings_in_no_unit"]
    reached, not_reached, unknown = count["reached"], count["not_reached"], count["unknown"]
    zh = f"已知 {everybody} 户中可达 {reached},不可达 {not_reached},无法判定 {unknown}"
    en = f"of {everybody} known, {reached} reach, {not_reached} do not, {unknown} unknown"
    if silent:
        zh, en = f"{zh};另有 {silent} 个居住点户数不详", f"{en}; {silent} dwellings of unknown households beside"
    if outside:
        zh, en = f"{zh};{outside} 个居住点不在任何单元内,未计", f"{en}; {outside} dwellings in no unit are left out"
    spread = spread_share_text(result)
    if spread["zh"]:
        zh, en = f"{zh};{spread['zh']}", f"{en}; {spread['en']}"
    return both(zh, en)


def _goal(result: Result, kind: str) -> dict[str, Any] | None:
    """The district's verdict on the share that reaches a kind by the study's own walk, where a binding rule asks."""
    walk, bound = result.summary["walk"], binding_rules(result)
    asking = {
        (standard.id, rule.id)
        for standard in result.standards
        for rule in standard.rules
        if rule.kinds == (kind,) and (rule.walker, rule.limit_min) == (walk["walker"], walk["limit_min"])
    }
    rows = result.units[(result.units["tier"] == "district") & (result.units["measure"] == "reached_households_share")]
    found = [row for row in rows.to_dict("records") if (row["standard"], row["rule_id"]) in asking & bound]
    return found[0] if found else None


def _asked_by(result: Result, row: dict[str, Any]) -> Words:
    """That something is asked, and by whom where it is not the first standard."""
    standard = next(one for one in result.standards if one.id == row["standard"])
    if standard is result.standards[0]:
        return both("要求", "asked")
    return both(f"{standard.title.zh}要求", f"{standard.title.en} asks for")


def _unknown(result: Result, rows: pd.DataFrame) -> Card:
    n, warnings = int((rows["verdict"] == "unknown").sum()), result.summary["faults"]["warning"]
    label = both("无法判定", "Unknown verdicts")
    if not len(rows):
        said = both("没有现行有约束力的条款,只列参考值", "no rule binds: all figures are for reference")
        return {"label": label, "value": "—", "note": said, "tone": "plain"}
    zh, en = f"共 {len(rows):,} 项判定;数据提示 {warnings} 条", f"of {len(rows):,} verdicts; {warnings} data warnings"
    if len(result.standards) > 1:
        title = result.standards[0].title
        zh, en = f"{title.zh}:{zh}", f"{title.en}: {en}"
    return {"label": label, "value": f"{n:,}", "note": both(zh, en), "tone": "unknown" if n else "met"}


def households_text(number: float) -> str:
    """A number of households as people read it; what is not whole has one decimal."""
    return shown(exact(number), decimals=0 if float(number).is_integer() else 1)
