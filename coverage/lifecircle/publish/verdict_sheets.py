"""The sheets of verdicts: counted by rule and tier, and one by one."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import lru_cache

import pandas as pd

from lifecircle.publish.binding import binding, binding_tiers
from lifecircle.publish.placed import has_spread
from lifecircle.result import Result
from lifecircle.words import Lang, term

Names = dict[str, tuple[str, str]]
_CENT = Decimal("0.01")
_EXACT = Context(prec=400)  # digits: of any float, multiplied by a hundred
SPREAD = ("其中摊算户数(≈)", "of which spread (≈)")


def summary_sheet(result: Result, lang: Lang) -> pd.DataFrame:
    """Verdicts of each rule at each tier, counted, with the sum of the known gaps."""
    rules = {(one.id, rule.id): rule.name.model_dump()[lang] for one in result.standards for rule in one.rules}
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    verdicts = ("met", "unmet", "unknown", "not_applicable", "reference")
    bound, zh = binding_tiers(result), lang == "zh"
    rows = [
        [
            titles[row["standard"]],
            rules[row["standard"], row["rule"]],
            term("tier", row["tier"])[lang],
            force(lang, binds=(row["standard"], row["rule"], row["tier"]) in bound),
            *(row["verdicts"][verdict] for verdict in verdicts),
            cut(
                math.nan if row["gap"]["known"] is None else row["gap"]["known"],
                1,
                up=True,
                whole=row["gap"]["in"] != "m2",
            ),
            term("gap_in", row["gap"]["in"])[lang],
            row["gap"]["unknown_units"],
        ]
        for row in result.summary["rules"]
    ]
    heads = ("标准", "条款", "层级", "效力") if zh else ("standard", "rule", "tier", "force")
    gaps = ("已知缺口", "缺口单位", "缺口不详的单元") if zh else ("known gap", "gap in", "gap unknown in")
    return pd.DataFrame(rows, columns=[*heads, *(term("verdict", one)[lang] for one in verdicts), *gaps])


def force(lang: Lang, *, binds: bool) -> str:
    """Whether a rule binds or is told for reference."""
    if lang == "zh":
        return "约束" if binds else "参考"
    return "binding" if binds else "reference"


def _verdict_names(result: Result, lang: Lang) -> Names:
    later = result.study.study.projected
    projected: Names = {
        "projected": (f"到 {later} 数值", f"value by {later}"),
        "projected_low": (f"到 {later} 下限", f"low by {later}"),
        "projected_high": (f"到 {later} 上限", f"high by {later}"),
        "projected_verdict": (f"到 {later} 判定", f"verdict by {later}"),
    }
    spread: Names = {"spread_households": SPREAD} if has_spread(result) else {}
    return {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "tier": ("层级", "tier"),
        f"rule_{lang}": ("条款", "rule"),
        "force": ("效力", "force"),
        "verdict": ("判定", "verdict"),
        "value": ("数值", "value"),
        "low": ("下限", "low"),
        "high": ("上限", "high"),
        "threshold": ("要求", "threshold"),
        "measured_in": ("单位", "measured in"),
        "gap": ("缺口", "gap"),
        "gap_low": ("缺口下限", "gap, low"),
        "gap_high": ("缺口上限", "gap, high"),
        "gap_in": ("缺口单位", "gap in"),
        "gap_households_low": ("缺口相当户数,下限", "households owed, low"),
        "gap_households_high": ("缺口相当户数,上限", "households owed, high"),
        **(projected if later else {}),
        "households": ("户数", "households"),
        **spread,
        f"closing_{lang}": ("补足办法", "what would close it"),
        f"why_{lang}": ("理由", "why"),
        "clause": ("依据", "clause"),
        "basis": ("口径", "basis"),
        "standard": ("标准", "standard"),
        "near_30s_households": ("时限±30秒内户数(已知)", "households within 30 s of the limit (known)"),
        "share_at_minus_30s": ("时限短30秒,比例低端", "low share, limit 30 s shorter"),
        "share_at_plus_30s": ("时限长30秒,比例高端", "high share, limit 30 s longer"),
        "near_5pct_households": ("时限±5%内户数(已知)", "households within 5% of the limit (known)"),
        "share_at_minus_5pct": ("时限短5%,比例低端", "low share, limit 5% shorter"),
        "share_at_plus_5pct": ("时限长5%,比例高端", "high share, limit 5% longer"),
    }


def verdict_sheet(result: Result, lang: Lang) -> pd.DataFrame:
    """Every unit and rule; shares in percent, figures cut to the unlucky side of their rule."""
    units, names = result.units, _verdict_names(result, lang)
    table = units.assign(force=[force(lang, binds=one) for one in binding(result)])[list(names)]
    percent = units["measured_in"].str.startswith("share").map({True: 100, False: 1})
    most = {(one.id, rule.id) for one in result.standards for rule in one.rules if rule.operator == "<="}
    up = [pair in most for pair in zip(units["standard"], units["rule_id"], strict=True)]
    figures = ("value", "low", "high", "threshold", "projected", "projected_low", "projected_high")
    for column in (*figures, *(name for name in names if name.startswith("share_at_"))):
        if column in names:
            rows = zip(table[column], percent, up, strict=True)
            table[column] = [cut(number, times, up=upward) for number, times, upward in rows]
    whole = units["gap_in"] != "m2"
    for column in ("gap", "gap_low", "gap_high"):
        table[column] = [cut(number, 1, up=True, whole=one) for number, one in zip(table[column], whole, strict=True)]
    for column in ("gap_households_low", "gap_households_high"):
        table[column] = [cut(number, 1, up=True, whole=True) for number in table[column]]
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    table["standard"] = table["standard"].map(titles)
    worded = {"tier": "tier", "basis": "basis", "measured_in": "measured_in", "gap_in": "gap_in", "verdict": "verdict"}
    for column, group in (worded | {"projected_verdict": "verdict"}).items():
        if column in names:
            table[column] = table[column].map({key: term(group, key)[lang] for key in set(table[column])})
    return titled(table, names, lang)


@lru_cache(maxsize=65_536)
def cut(number: float, times: int, *, up: bool = False, whole: bool = False) -> float:
    """A number as it is shown: cut to two decimals, or none, on the unlucky side, so that 34.996 never reads 35.

    >>> cut(34.996, 1), cut(0.8217, 100), cut(12.1, 1, up=True, whole=True)
    (34.99, 82.17, 13.0)
    """
    if not math.isfinite(number):
        return number
    places, side = Decimal(1) if whole else _CENT, ROUND_CEILING if up else ROUND_FLOOR
    return float((Decimal(repr(float(number))) * times).quantize(places, side, _EXACT))


def titled(table: pd.DataFrame, names: Names, lang: Lang) -> pd.DataFrame:
    """The named columns under their headings in one language."""
    return table[list(names)].set_axis([zh if lang == "zh" else en for zh, en in names.values()], axis=1)
