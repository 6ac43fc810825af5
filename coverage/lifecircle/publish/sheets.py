"""The tables of the workbook, worded in the study's language."""

from __future__ import annotations

import math

import pandas as pd

from lifecircle.publish.area_sheets import area_sheet, gap_sheet
from lifecircle.publish.binding import binding_rules
from lifecircle.publish.circles import circles_sheet
from lifecircle.publish.equity import equity_sheet
from lifecircle.publish.placed import has_spread
from lifecircle.publish.sections import AGREE, missing_words
from lifecircle.publish.spread import inequality_sheet
from lifecircle.publish.unserved import unserved_table
from lifecircle.publish.verdict_sheets import SPREAD, cut, force, summary_sheet, titled, verdict_sheet
from lifecircle.result import Result
from lifecircle.study import kind_name
from lifecircle.words import Lang, term

_ENDS = ("low", "high")


def sheets_of(result: Result) -> dict[str, pd.DataFrame]:
    """The sheets by name: summary and verdicts first, then what they rest on, standards last.

    Floor area, gaps, missing numbers, reachable area, equity, inequality and made circles stand only where there are
    any.
    """
    lang = result.study.study.language
    sheets = {
        ("汇总", "summary"): summary_sheet(result, lang),
        ("判定", "verdicts"): verdict_sheet(result, lang),
        ("面积核算", "floor area"): area_sheet(result, lang),
        ("缺口", "gaps"): gap_sheet(result, lang),
        ("先核实", "missing"): _missing(result, lang),
        ("属地与可达", "reachable"): _reachable(result, lang),
        ("公平", "equity"): equity_sheet(result, lang),
        ("分布", "inequality"): inequality_sheet(result, lang),
        ("片区", "circles"): circles_sheet(result, lang),
        ("设施台账", "facilities"): _facilities(result, lang),
        ("步行不可达", "unreached"): _unreached(result, lang),
        ("数据问题", "faults"): _faults(result, lang),
        ("标准", "standards"): _standards(result, lang),
    }
    return {zh if lang == "zh" else en: table for (zh, en), table in sheets.items() if table is not None}


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
    return titled(table.assign(what=[missing_words(*pair)[lang] for pair in pairs]), names, lang)


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
    } | ({"spread_households": SPREAD} if has_spread(result) else {})
    if not len(result.reachable):
        return None
    table = result.reachable[list(names)].copy()
    for column in (f"{prefix}{end}" for prefix in ("", "reachable_") for end in _ENDS):
        table[column] = [cut(number, 1) for number in table[column]]
    for column, group in (("tier", "tier"), ("judged", "verdict"), ("reachable_judged", "verdict")):
        table[column] = [term(group, key)[lang] for key in table[column]]
    table["agree"] = [AGREE[key][lang] for key in table["agree"]]
    return titled(table, names, lang)


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
    if has_spread(result):
        names["households_in_reach"] = ("步行可达户数(已知,≈含摊算)", "households in reach (known, ≈ some spread)")
    names = {name: heads for name, heads in names.items() if name in result.facilities}
    table = pd.DataFrame(result.facilities[list(names)])
    for column in (name for name in names if name.endswith("_m2")):
        table[column] = [cut(number, 1) for number in table[column]]
    table["kind"] = table["kind"].map({kind: kind_name(result.study, kind)[lang] for kind in set(table["kind"])})
    return titled(table, names, lang)


def _unreached(result: Result, lang: Lang) -> pd.DataFrame:
    """Households that do not reach a kind, by unit; those nobody counted stand beside, as dwellings."""
    names = {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "kind": ("类别", "kind"),
        "not_reached": ("不可达户数", "do not reach"),
        "unknown": ("无法判定户数", "unknown"),
        "households": ("户数(已知)", "households (known)"),
        "share": ("不可达占比(%)", "do not reach (%)"),
        "n_silent": ("另有户数不详的居住点", "more dwellings of unknown households"),
    } | ({"spread": SPREAD} if has_spread(result) else {})
    table = unserved_table(result)
    shares = zip(table["not_reached"], table["households"], strict=True)
    table["share"] = [cut(part / whole, 100, up=True) if whole else math.nan for part, whole in shares]
    table["kind"] = table["kind"].map({kind: kind_name(result.study, kind)[lang] for kind in set(table["kind"])})
    return titled(table, names, lang)


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
    table["severity"] = table["severity"].map(lambda key: term("severity", key)[lang])
    table["row"] = table["row"].astype(object).where(table["row"].notna(), "")
    return titled(table, names, lang)


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
            "force": force(lang, binds=(one.id, rule.id) in bound),
            "source": one.source.model_dump()[lang],
        }
        for one in result.standards
        for rule in one.rules
    ]
    return titled(pd.DataFrame(rows, columns=list(names)), names, lang)
