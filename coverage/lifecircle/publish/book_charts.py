"""The charts of the workbook: verdicts by rule, and floor area by unit with what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from lifecircle.publish.area_sheets import AREA_HEADS
from lifecircle.publish.book_look import COLOURS, FONTS, Look
from lifecircle.words import Lang, both, term

_TOLD = ("met", "unmet", "unknown")
_MOST_BARS = 60  # that can be told apart across a page
_TALLEST = 4  # times what is asked: a bar beyond would flatten all others
_WIDE, _RULES_HIGH, _UNITS_HIGH = 1180, 380, 420  # pixels
_FIRST = 8  # the column in which the charts begin: what they are drawn from stands to their left
_TEXTS = {
    "rules": both("各条款判定(约束条款,单元数)", "Verdicts by rule (binding rules, units)"),
    "rule": both("条款 · 层级", "rule · tier"),
    "unit": both("单元", "unit"),
    "asked": both("要求", "asked"),
    "area": both("每百户建筑面积(m²,不详者取下限)", "Floor area per 100 households (m², low end where unknown)"),
    "lowest": both("最低的 {} 个", "the lowest {}"),
    "tall": both("高于 {:g} 的截去", "cut off above {:g}"),
}
_HATCH = {"pattern": "wide_upward_diagonal", "fg_color": COLOURS["unknown"], "bg_color": "#ffffff"}


def add_charts(
    book: xlsxwriter.Workbook,
    sheet: xlsxwriter.worksheet.Worksheet,
    sheets: Mapping[str, pd.DataFrame],
    lang: Lang,
    look: Look,
) -> None:
    """Draw both charts on a sheet, from cells beside them that follow the sheets of figures."""
    n_rules = _write_rules(sheet, sheets["汇总" if lang == "zh" else "summary"], lang, look)
    top = n_rules + 3
    area = sheets.get("面积核算" if lang == "zh" else "floor area")
    bars = pd.DataFrame() if area is None else _bars(area, lang)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, _FIRST - 2, 10)
    sheet.set_column(_FIRST - 1, _FIRST - 1, 3)
    if n_rules:
        sheet.insert_chart(0, _FIRST, _rules_chart(book, sheet.get_name(), n_rules, lang))
    if len(bars):
        _write_bars(sheet, bars, top, lang, look)
        drawn = _units_chart(book, sheet.get_name(), top, bars, lang)
        sheet.insert_chart(20 if n_rules else 0, _FIRST, drawn)
    sheet.print_area(0, _FIRST, 41, _FIRST + 18)


def _write_rules(sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, lang: Lang, look: Look) -> int:
    """Binding rules with their verdicts, each a link to the summary; how many there are."""
    words = [term("verdict", name)[lang] for name in _TOLD]
    for column, head in enumerate((_TEXTS["rule"][lang], *words)):
        sheet.write_string(0, column, head, look.head)
    force, binding = ("效力", "约束") if lang == "zh" else ("force", "binding")
    rule, tier = ("条款", "层级") if lang == "zh" else ("rule", "tier")
    name = "汇总" if lang == "zh" else "summary"
    told = [(n, row) for n, row in enumerate(table.to_dict("records"), start=2) if row[force] == binding]
    for at, (n, row) in enumerate(told, start=1):
        sheet.write_string(at, 0, f"{row[rule]} · {row[tier]}", look.text)
        for column, word in enumerate(words, start=1):
            letter = xl_col_to_name(table.columns.get_loc(word))
            sheet.write_formula(at, column, f"='{name}'!{letter}{n}", look.count, row[word])
    return len(told)


def _bars(area: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The rows of the first binding rule on floor area at its lowest tier, with their rows in the sheet."""
    heads = {name: words[0 if lang == "zh" else 1] for name, words in AREA_HEADS.items()}
    rows = area.rename(columns={head: name for name, head in heads.items()}).assign(row=range(2, len(area) + 2))
    rows = rows[rows["force"] == ("约束" if lang == "zh" else "binding")]
    rows = rows[rows["low"].notna()]
    if not len(rows):
        return rows
    rows = rows[(rows["standard"] == rows["standard"].iloc[0]) & (rows["rule"] == rows["rule"].iloc[0])]
    return rows[rows["tier"] == rows["tier"].iloc[-1]].assign(n=lambda own: len(own)).head(_MOST_BARS)


def _write_bars(sheet: xlsxwriter.worksheet.Worksheet, bars: pd.DataFrame, top: int, lang: Lang, look: Look) -> None:
    """One row a unit, its figure in the column of its verdict, each a link to the sheet of floor areas."""
    words = [term("verdict", name)[lang] for name in _TOLD]
    for column, head in enumerate((_TEXTS["unit"][lang], *words, _TEXTS["asked"][lang])):
        sheet.write_string(top, column, head, look.head)
    name = "面积核算" if lang == "zh" else "floor area"
    low, threshold = (xl_col_to_name(list(AREA_HEADS).index(one)) for one in ("low", "threshold"))
    for at, row in enumerate(bars.to_dict("records"), start=top + 1):
        sheet.write_string(at, 0, str(row["name"]), look.text)
        if row["verdict"] in words:
            column = 1 + words.index(row["verdict"])
            sheet.write_formula(at, column, f"='{name}'!{low}{row['row']}", look.number, row["low"])
        sheet.write_formula(at, 4, f"='{name}'!{threshold}{row['row']}", look.number, row["threshold"])


def _rules_chart(book: xlsxwriter.Workbook, sheet: str, n: int, lang: Lang) -> Any:
    """Units by verdict, one bar for each rule and tier."""
    chart = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    for column, name in enumerate(_TOLD, start=1):
        chart.add_series(_series(sheet, 0, n, column, name) | {"gap": 45, "data_labels": _labels(name, lang)})
    _dress(chart, _TEXTS["rules"][lang], lang, _RULES_HIGH)
    chart.set_y_axis({"reverse": True, "num_font": _font(lang, 9), "line": {"color": "#9aa0a6"}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    return chart


def _units_chart(book: xlsxwriter.Workbook, sheet: str, top: int, bars: pd.DataFrame, lang: Lang) -> Any:
    """Floor area of each unit, lowest first, with the line that is asked."""
    chart, n, first = book.add_chart({"type": "column", "subtype": "stacked"}), len(bars), bars.iloc[0]
    for column, name in enumerate(_TOLD, start=1):
        chart.add_series(_series(sheet, top, n, column, name) | {"gap": 35})
    line = book.add_chart({"type": "line"})
    line.add_series(
        _series(sheet, top, n, 4, "met")
        | {
            "fill": None,
            "border": None,
            "pattern": None,
            "line": {"color": "#22262b", "width": 1.5, "dash_type": "dash"},
        }
    )
    chart.combine(line)
    tall = _TALLEST * float(first["threshold"])
    notes = [_TEXTS["lowest"][lang].format(n)] if first["n"] > n else []
    notes += [_TEXTS["tall"][lang].format(tall)] if bars["low"].max() > tall else []
    _dress(chart, " · ".join([_TEXTS["area"][lang], str(first["tier"]), *notes]), lang, _UNITS_HIGH)
    chart.set_x_axis({"num_font": _font(lang, 8) | {"rotation": -45}, "line": {"color": "#9aa0a6"}, "interval_unit": 1})
    chart.set_y_axis(
        {
            "num_font": _font(lang, 9),
            "num_format": "#,##0",
            **({"max": tall} if bars["low"].max() > tall else {}),
            "major_gridlines": {"visible": True, "line": {"color": "#e3e5e8", "width": 0.5}},
            "line": {"none": True},
        }
    )
    return chart


def _series(sheet: str, top: int, n: int, column: int, verdict: str) -> dict[str, Any]:
    """The cells of a series below its head, in the colour of a verdict."""
    unknown = verdict == "unknown"
    return {
        "name": [sheet, top, column],
        "categories": [sheet, top + 1, 0, top + n, 0],
        "values": [sheet, top + 1, column, top + n, column],
        "border": {"color": "#8f1f30" if verdict == "unmet" else COLOURS[verdict], "width": 0.75},
        **({"pattern": _HATCH} if unknown else {"fill": {"color": COLOURS[verdict]}}),
    }


def _labels(verdict: str, lang: Lang) -> dict[str, Any]:
    """Counts on the bars; nothing where there are none."""
    return {
        "value": True,
        "num_format": "#,##0;;",
        "font": _font(lang, 9) | {"color": "#22262b" if verdict == "unknown" else "#ffffff"},
    }


def _dress(chart: Any, title: str, lang: Lang, high: int) -> None:
    chart.set_title({"name": title, "name_font": _font(lang, 12) | {"bold": True}, "overlay": False})
    chart.set_legend({"position": "top", "font": _font(lang, 9)})
    chart.set_size({"width": _WIDE, "height": high})
    chart.set_chartarea({"border": {"none": True}})
    chart.show_blanks_as("gap")


def _font(lang: Lang, size: int) -> dict[str, Any]:
    return {"name": FONTS[lang], "size": size, "color": "#22262b", "bold": False}
