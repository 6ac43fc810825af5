"""The tables of a result as an Excel workbook."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pandas as pd
import xlsxwriter

from lifecircle.intervals import exact, shown
from lifecircle.publish.report import unreached_rows
from lifecircle.result import Result
from lifecircle.study import kind_name
from lifecircle.words import term

_WIDEST = 44  # characters; longer texts wrap
_A4 = 9  # Excel's number of the paper size
_TINTS = {
    "met": "#d5ebe9",
    "unmet": "#f8d9dc",
    "unknown": "#e4e6e9",
    "not_applicable": "#f3f4f6",
    "reference": "#e6e2f0",
}


def write_workbook(result: Result, path: Path) -> None:
    """Write tables.xlsx: verdicts, facilities, unreached households, faults and standards, one sheet each."""
    lang = result.study.study.language
    sheets = {
        ("汇总", "summary"): _summary(result, lang),
        ("判定", "verdicts"): _verdicts(result, lang),
        ("设施台账", "facilities"): _facilities(result, lang),
        ("步行不可达", "unreached"): _unreached(result, lang),
        ("数据问题", "faults"): _faults(result, lang),
        ("标准", "standards"): _standards(result, lang),
    }
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties(
            {"title": result.study.name, "created": dt.datetime.combine(result.study.study.date, dt.time())}
        )
        head = book.add_format({"bold": True, "bg_color": "#f0efea", "bottom": 1, "valign": "top", "text_wrap": True})
        tints = {term("verdict", name)[lang]: book.add_format({"bg_color": tint}) for name, tint in _TINTS.items()}
        plain, number = (
            book.add_format({"valign": "top", "text_wrap": True}),
            book.add_format({"num_format": "#,##0.00", "valign": "top"}),
        )
        count = book.add_format({"num_format": "#,##0", "valign": "top"})
        for (zh, en), table in sheets.items():
            sheet = book.add_worksheet(zh if lang == "zh" else en)
            _fill(sheet, table, head, plain, number, count)
            for column, name in enumerate(table.columns):
                if name in {"判定", "verdict"}:
                    for word, tint in tints.items():
                        sheet.conditional_format(
                            1,
                            column,
                            max(len(table), 1),
                            column,
                            {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": tint},
                        )


def _fill(
    sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame,
    head: xlsxwriter.format.Format, plain: xlsxwriter.format.Format, number: xlsxwriter.format.Format,
    count: xlsxwriter.format.Format,
) -> None:  # fmt: skip
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name, head)
        cells = table[name].tolist()
        figures = [cell for cell in cells if isinstance(cell, float) and math.isfinite(cell)]
        style = count if name in _COUNTS or not figures else number
        widest = max(
            [len(str(cell).encode("gbk", "replace")) for cell in cells[:500]] + [len(name.encode("gbk", "replace"))]
        )
        sheet.set_column(column, column, min(widest + 2, _WIDEST))
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                if math.isfinite(cell):
                    sheet.write_number(row, column, cell, style if isinstance(cell, float) else count)
                else:
                    sheet.write_string(row, column, "∞" if cell == math.inf else "", plain)
            else:
                sheet.write_string(row, column, str(cell), plain)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)


_COUNTS = {
    "户数", "households", "步行可达户数(已知)", "households in reach (known)", "涉及户数",
    "时限±30秒内户数(已知)", "households within 30 s of the limit (known)",
    "时限±5%内户数(已知)", "households within 5% of the limit (known)",
}  # fmt: skip


def _summary(result: Result, lang: str) -> pd.DataFrame:
    """Verdicts of each rule at each tier, counted, with the sum of the known gaps."""
    names = {f"{one.id}/{rule.id}": rule.name.model_dump()[lang] for one in result.standards for rule in one.rules}
    verdicts = ("met", "unmet", "unknown", "not_applicable", "reference")
    zh, en = (
        ("条款", "层级", "已知缺口", "缺口单位", "缺口不详的单元"),
        ("rule", "tier", "known gap", "gap in", "gap unknown in"),
    )
    heads = zh if lang == "zh" else en
    rows = [
        [
            names[f"{row['standard']}/{row['rule']}"],
            term("tier", row["tier"])[lang],
            *(row["verdicts"][verdict] for verdict in verdicts),
            _cut(row["gap"]["known"], 1, up=True, whole=row["gap"]["in"] != "m2"),
            term("gap_in", row["gap"]["in"])[lang],
            row["gap"]["unknown_units"],
        ]
        for row in result.summary["rules"]
    ]
    return pd.DataFrame(rows, columns=[*heads[:2], *(term("verdict", one)[lang] for one in verdicts), *heads[2:]])


def _verdicts(result: Result, lang: str) -> pd.DataFrame:
    units = result.units
    names = {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "tier": ("层级", "tier"),
        "households": ("户数", "households"),
        "standard": ("标准", "standard"),
        f"rule_{lang}": ("条款", "rule"),
        "basis": ("口径", "basis"),
        "value": ("数值", "value"),
        "low": ("下限", "low"),
        "high": ("上限", "high"),
        "threshold": ("要求", "threshold"),
        "measured_in": ("单位", "measured in"),
        "verdict": ("判定", "verdict"),
        "gap": ("缺口", "gap"),
        "gap_low": ("缺口下限", "gap, low"),
        "gap_high": ("缺口上限", "gap, high"),
        "gap_in": ("缺口单位", "gap in"),
        "near_30s_households": ("时限±30秒内户数(已知)", "households within 30 s of the limit (known)"),
        "share_at_minus_30s": ("时限短30秒,比例低端", "low share, limit 30 s shorter"),
        "share_at_plus_30s": ("时限长30秒,比例高端", "high share, limit 30 s longer"),
        "near_5pct_households": ("时限±5%内户数(已知)", "households within 5% of the limit (known)"),
        "share_at_minus_5pct": ("时限短5%,比例低端", "low share, limit 5% shorter"),
        "share_at_plus_5pct": ("时限长5%,比例高端", "high share, limit 5% longer"),
        f"why_{lang}": ("理由", "why"),
        "clause": ("依据", "clause"),
    }
    table = units[list(names)].copy()
    percent = units["measured_in"].str.startswith("share").map({True: 100, False: 1})
    for column in ("value", "low", "high", "threshold", *(name for name in names if name.startswith("share_at_"))):
        table[column] = [_cut(number, times) for number, times in zip(table[column], percent, strict=True)]
    whole = units["gap_in"] != "m2"
    for column in ("gap", "gap_low", "gap_high"):
        table[column] = [_cut(number, 1, up=True, whole=one) for number, one in zip(table[column], whole, strict=True)]
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    table["standard"] = table["standard"].map(titles)
    for column in ("tier", "basis", "measured_in", "gap_in", "verdict"):
        table[column] = table[column].map({key: term(column, key)[lang] for key in set(table[column])})
    return _titled(table, names, lang)


def _cut(number: float, times: int, *, up: bool = False, whole: bool = False) -> float:
    """A number as it is shown: cut to two decimals, or none, on the unlucky side, so that 34.996 never reads 35."""
    if not math.isfinite(number):
        return number
    return float(shown(exact(number) * times, up=up, decimals=0 if whole else 2).replace(",", ""))


def _facilities(result: Result, lang: str) -> pd.DataFrame:
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
    }
    table = pd.DataFrame(result.facilities[list(names)])
    for column in ("floor_area_m2", "service_area_m2", "office_area_m2", "counted_m2"):
        table[column] = [_cut(number, 1) for number in table[column]]
    table["kind"] = table["kind"].map({kind: kind_name(result.study, kind)[lang] for kind in set(table["kind"])})
    return _titled(table, names, lang)


def _unreached(result: Result, lang: str) -> pd.DataFrame:
    names = {
        "unit_id": ("单元编码", "unit"),
        "name": ("名称", "name"),
        "kind": ("类别", "kind"),
        "not_reached": ("不可达户数", "do not reach"),
        "unknown": ("无法判定户数", "unknown"),
        "households": ("户数", "households"),
    }
    rows = [row | {"kind": row["kind"][lang]} for row in unreached_rows(result)]
    table = pd.DataFrame(rows, columns=list(names))
    return _titled(table, names, lang)


def _faults(result: Result, lang: str) -> pd.DataFrame:
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


def _standards(result: Result, lang: str) -> pd.DataFrame:
    names = {
        "standard": ("标准", "standard"),
        "rule": ("条款", "rule"),
        "clause": ("依据", "clause"),
        "text": ("内容", "text"),
        "status": ("状态", "status"),
        "source": ("来源", "source"),
    }
    rows = [
        {
            "standard": one.title.model_dump()[lang],
            "rule": rule.name.model_dump()[lang],
            "clause": one.clause(rule),
            "text": rule.text.model_dump()[lang],
            "status": term("standing", one.standing(rule))[lang],
            "source": one.source.model_dump()[lang],
        }
        for one in result.standards
        for rule in one.rules
    ]
    return _titled(pd.DataFrame(rows, columns=list(names)), names, lang)


def _titled(table: pd.DataFrame, names: dict[str, tuple[str, str]], lang: str) -> pd.DataFrame:
    return table[list(names)].set_axis([zh if lang == "zh" else en for zh, en in names.values()], axis=1)
