"""The tables of the workbook, worded in the study's language."""

from __future__ import annotations

import math

import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.publish.binding import binding, binding_rules
from lifecircle.publish.sections import AGREE, missing_words, unreached_rows
from lifecircle.result import Result
from lifecircle.study import kind_name
from lifecircle.words import Lang, term

Names = dict[str, tuple[str, str]]
_ENDS = ("low", "high")


def sheets_of(result: Result) -> dict[str, pd.DataFrame]:
    """The sheets by name: summary, verdicts, missing numbers, reachable area, facilities, unreached, faults, standards.

    Missing numbers and reachable area stand only where there are any.
    """
    lang = result.study.study.language
    sheets = {
        ("汇总", "summary"): _summary(result, lang),
        ("判定", "verdicts"): _verdicts(result, lang),
        ("先核实", "missing"): _missing(result, lang),
        ("属地与可达", "reachable"): _reachable(result, lang),
        ("设施台账", "facilities"): _facilities(result, lang),
        ("步行不可达", "unreached"): _unreached(result, lang),
        ("数据问题", "faults"): _faults(result, lang),
        ("标准", "standards"): _standards(result, lang),
    }
    return {zh if lang == "zh" else en: table for (zh, en), table in sheets.items() if table is not None}


def _summary(result: Result, lang: Lang) -> pd.DataFrame:
    """Verdicts of each rule at each tier, counted, with the sum of the known gaps."""
    rules = {(one.id, rule.id): rule.name.model_dump()[lang] for one in result.standards for rule in one.rules}
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    verdicts = ("met", "unmet", "unknown", "not_applicable", "reference")
    bound, zh = binding_rules(result), lang == "zh"
    rows = [
        [
            titles[row["standard"]],
            rules[row["standard"], row["rule"]],
            term("tier", row["tier"])[lang],
            _force(lang, binds=(row["standard"], row["rule"]) in bound),
            *(row["verdicts"][verdict] for verdict in verdicts),
            _cut(row["gap"]["known"], 1, up=True, whole=row["gap"]["in"] != "m2"),
            term("gap_in", row["gap"]["in"])[lang],
            row["gap"]["unknown_units"],
        ]
        for row in result.summary["rules"]
    ]
    heads = ("标准", "条款", "层级", "效力") if zh else ("standard", "rule", "tier", "force")
    gaps = ("已知缺口", "缺口单位", "缺口不详的单元") if zh else ("known gap", "gap in", "gap unknown in")
    return pd.DataFrame(rows, columns=[*heads, *(term("verdict", one)[lang] for one in verdicts), *gaps])


def _force(lang: Lang, *, binds: bool) -> str:
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
    return {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "tier": ("层级", "tier"),
        "households": ("户数", "households"),
        "standard": ("标准", "standard"),
        f"rule_{lang}": ("条款", "rule"),
        "force": ("效力", "force"),
        "basis": ("口径", "basis"),
        "value": ("数值", "value"),
        "low": ("下限", "low"),
        "high": ("上限", "high"),
        "threshold": ("要求", "threshold"),
        "measured_in": ("单位", "measured in"),
        "verdict": ("判定", "verdict"),
        **(projected if later else {}),
        "gap": ("缺口", "gap"),
        "gap_low": ("缺口下限", "gap, low"),
        "gap_high": ("缺口上限", "gap, high"),
        "gap_in": ("缺口单位", "gap in"),
        "gap_households_low": ("缺口相当户数,下限", "households owed, low"),
        "gap_households_high": ("缺口相当户数,上限", "households owed, high"),
        f"closing_{lang}": ("补足办法", "what would close it"),
        "near_30s_households": ("时限±30秒内户数(已知)", "households within 30 s of the limit (known)"),
        "share_at_minus_30s": ("时限短30秒,比例低端", "low share, limit 30 s shorter"),
        "share_at_plus_30s": ("时限长30秒,比例高端", "high share, limit 30 s longer"),
        "near_5pct_households": ("时限±5%内户数(已知)", "households within 5% of the limit (known)"),
        "share_at_minus_5pct": ("时限短5%,比例低端", "low share, limit 5% shorter"),
        "share_at_plus_5pct": ("时限长5%,比例高端", "high share, limit 5% longer"),
        f"why_{lang}": ("理由", "why"),
        "clause": ("依据", "clause"),
    }


def _verdicts(result: Result, lang: Lang) -> pd.DataFrame:
    """Every unit and rule; shares in percent, figures cut to the unlucky side of their rule."""
    units, names = result.units, _verdict_names(result, lang)
    table = units.assign(force=[_force(lang, binds=one) for one in binding(result)])[list(names)]
    percent = units["measured_in"].str.startswith("share").map({True: 100, False: 1})
    most = {(one.id, rule.id) for one in result.standards for rule in one.rules if rule.operator == "<="}
    up = [pair in most for pair in zip(units["standard"], units["rule_id"], strict=True)]
    figures = ("value", "low", "high", "threshold", "projected", "projected_low", "projected_high")
    for column in (*figures, *(name for name in names if name.startswith("share_at_"))):
        if column in names:
            rows = zip(table[column], percent, up, strict=True)
            table[column] = [_cut(number, times, up=upward) for number, times, upward in rows]
    whole = units["gap_in"] != "m2"
    for column in ("gap", "gap_low", "gap_high"):
        table[column] = [_cut(number, 1, up=True, whole=one) for number, one in zip(table[column], whole, strict=True)]
    for column in ("gap_households_low", "gap_households_high"):
        table[column] = [_cut(number, 1, up=True, whole=True) for number in table[column]]
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    table["standard"] = table["standard"].map(titles)
    worded = {"tier": "tier", "basis": "basis", "measured_in": "measured_in", "gap_in": "gap_in", "verdict": "verdict"}
    for column, group in (worded | {"projected_verdict": "verdict"}).items():
        if column in names:
            table[column] = table[column].map({key: term(group, key)[lang] for key in set(table[column])})
    return _titled(table, names, lang)


def _missing(result: Result, lang: Lang) -> pd.DataFrame | None:
    """Every missing number on which a verdict hangs; None where there is none."""
    names = {
        "name": ("向谁核实", "ask"),
        "key": ("编码", "key"),
        "what": ("核实什么", "for"),
        "settles": ("可定判定", "verdicts settled"),
        "helps": ("相关判定", "verdicts helped"),
        "households": ("涉及户数", "households"),
    }
    table = result.missing
    if not len(table):
        return None
    pairs = zip(table["table"], table["column"], strict=True)
    return _titled(table.assign(what=[missing_words(*pair)[lang] for pair in pairs]), names, lang)


def _reachable(result: Result, lang: Lang) -> pd.DataFrame | None:
    """Floor area by territory beside floor area within reach, unit by unit; None where there is no such table."""
    names = {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "tier": ("层级", "tier"),
        "households_low": ("户数下限", "households, low"),
        "households_high": ("户数上限", "households, high"),
        "low": ("属地口径下限(m²/百户)", "by territory, low (m² per 100 households)"),
        "high": ("属地口径上限(m²/百户)", "by territory, high (m² per 100 households)"),
        "judged": ("属地口径", "by territory"),
        "reachable_low": ("步行可达下限(m²/百户)", "within reach, low (m² per 100 households)"),
        "reachable_high": ("步行可达上限(m²/百户)", "within reach, high (m² per 100 households)"),
        "reachable_judged": ("步行可达口径", "within reach"),
        "threshold": ("要求", "threshold"),
        "agree": ("两个口径", "the two"),
    }
    if not len(result.reachable):
        return None
    table = result.reachable[list(names)].copy()
    for column in (f"{prefix}{end}" for prefix in ("", "reachable_") for end in _ENDS):
        table[column] = [_cut(number, 1) for number in table[column]]
    for column, group in (("tier", "tier"), ("judged", "verdict"), ("reachable_judged", "verdict")):
        table[column] = [term(group, key)[lang] for key in table[column]]
    table["agree"] = [AGREE[key][lang] for key in table["agree"]]
    return _titled(table, names, lang)


def _cut(number: float, times: int, *, up: bool = False, whole: bool = False) -> float:
    """A number as it is shown: cut to two decimals, or none, on the unlucky side, so that 34.996 never reads 35."""
    if not math.isfinite(number):
        return number
    return float(shown(exact(number) * times, up=up, decimals=0 if whole else 2).replace(",", ""))


def _facilities(result: Result, lang: Lang) -> pd.DataFrame:
    later = result.study.study.projected
    names = {
        "facility_id": ("设施编码", "facility"),
        "name": ("设施名称", "name"),
        "kind": ("类别", "kind"),
        "unit_id": ("所在单元", "unit"),
        "floor_area_m2": ("建筑面积(m²)", "floor area (m²)"),
        "service_area_m2": ("服务用房(m²)", "service area (m²)"),
        "office_area_m2": ("办公用房(m²)", "office area (m²)"),
        "counted_m2": ("计入(m²)", "counted (m²)"),
        "households_in_reach": ("步行可达户数(已知)", "households in reach (known)"),
        f"ledger_{lang}": ("台账", "ledger"),
        "projected_m2": (f"到 {later} 计入(m²)", f"counted by {later} (m²)"),
        f"projected_{lang}": (f"到 {later} 台账", f"ledger by {later}"),
    }
    names = {name: heads for name, heads in names.items() if name in result.facilities}
    table = pd.DataFrame(result.facilities[list(names)])
    for column in (name for name in names if name.endswith("_m2")):
        table[column] = [_cut(number, 1) for number in table[column]]
    table["kind"] = table["kind"].map({kind: kind_name(result.study, kind)[lang] for kind in set(table["kind"])})
    return _titled(table, names, lang)


def _unreached(result: Result, lang: Lang) -> pd.DataFrame:
    names = {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "kind": ("类别", "kind"),
        "not_reached": ("不可达户数", "do not reach"),
        "unknown": ("无法判定户数", "unknown"),
        "households": ("户数", "households"),
    }
    rows = [row | {"kind": row["kind"][lang]} for row in unreached_rows(result)]
    return _titled(pd.DataFrame(rows, columns=list(names)), names, lang)


def _faults(result: Result, lang: Lang) -> pd.DataFrame:
    names = {
        "severity": ("级别", "severity"),
        "file": ("文件", "file"),
        "sheet": ("工作表", "sheet"),
        "row": ("行", "row"),
        f"what_{lang}": ("问题", "fault"),
        f"cure_{lang}": ("处理", "cure"),
        "households": ("涉及户数", "households"),
    }
    table = result.faults[list(names)].copy()
    table["severity"] = table["severity"].map({key: term("severity", key)[lang] for key in ("error", "warning")})
    table["row"] = table["row"].astype(object).where(table["row"].notna(), "")
    return _titled(table, names, lang)


def _standards(result: Result, lang: Lang) -> pd.DataFrame:
    names = {
        "standard": ("标准", "standard"),
        "rule": ("条款", "rule"),
        "clause": ("依据", "clause"),
        "text": ("内容", "text"),
        "status": ("状态", "status"),
        "force": ("效力", "force"),
        "source": ("来源", "source"),
    }
    bound, day = binding_rules(result), result.study.study.date
    rows = [
        {
            "standard": one.title.model_dump()[lang],
            "rule": rule.name.model_dump()[lang],
            "clause": one.clause(rule),
            "text": rule.text.model_dump()[lang],
            "status": term("standing", one.standing(rule, day))[lang],
            "force": _force(lang, binds=(one.id, rule.id) in bound),
            "source": one.source.model_dump()[lang],
        }
        for one in result.standards
        for rule in one.rules
    ]
    return _titled(pd.DataFrame(rows, columns=list(names)), names, lang)


def _titled(table: pd.DataFrame, names: Names, lang: Lang) -> pd.DataFrame:
    return table[list(names)].set_axis([zh if lang == "zh" else en for zh, en in names.values()], axis=1)
