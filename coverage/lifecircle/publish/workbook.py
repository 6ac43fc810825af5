"""The tables of a result as an Excel workbook."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pandas as pd
import xlsxwriter

from lifecircle.publish.sheets import sheets_of
from lifecircle.result import Result
from lifecircle.words import term

_WIDEST = 44  # characters; longer texts wrap
_ONE_PAGE = 16  # columns that can still be read on one page's width
_A4 = 9  # Excel's number of the paper size
_TINTS = {
    "met": "#d5ebe9",
    "unmet": "#f8d9dc",
    "unknown": "#e4e6e9",
    "not_applicable": "#f3f4f6",
    "reference": "#e6e2f0",
}


def write_workbook(result: Result, path: Path) -> None:
    """Write tables.xlsx, one sheet for each table of `sheets_of`."""
    lang, about = result.study.study.language, result.study.study
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": result.study.name, "created": dt.datetime.combine(about.date, dt.time())})
        head = book.add_format({"bold": True, "bg_color": "#f0efea", "bottom": 1, "valign": "top", "text_wrap": True})
        tints = {term("verdict", name)[lang]: book.add_format({"bg_color": tint}) for name, tint in _TINTS.items()}
        plain, number = (
            book.add_format({"valign": "top", "text_wrap": True}),
            book.add_format({"num_format": "#,##0.00", "valign": "top"}),
        )
        count = book.add_format({"num_format": "#,##0", "valign": "top"})
        for name, table in sheets_of(result).items():
            sheet = book.add_worksheet(name)
            _fill(sheet, table, head, plain, number, count)
            _tint(sheet, table, tints)


def _tint(
    sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, tints: dict[str, xlsxwriter.format.Format]
) -> None:
    """Colour the cells of columns that hold verdicts alone, by verdict; the word stays."""
    for column in range(table.shape[1]):
        if not len(table) or not set(table.iloc[:, column]) <= {*tints, ""}:
            continue
        for word, tint in tints.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": tint}
            sheet.conditional_format(1, column, len(table), column, rule)


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
    sheet.fit_to_pages(1 if len(table.columns) <= _ONE_PAGE else 2, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)


_COUNTS = {
    "其中摊算户数(≈)", "of which spread (≈)",
    "步行可达户数(已知,≈含摊算)", "households in reach (known, ≈ some spread)",
    "户数", "households", "步行可达户数(已知)", "households in reach (known)", "涉及户数",
    "时限±30秒内户数(已知)", "households within 30 s of the limit (known)",
    "时限±5%内户数(已知)", "households within 5% of the limit (known)",
    "户数下限", "households, low", "户数上限", "households, high",
    "人群下限", "people, low", "人群上限", "people, high", "人群(已知)", "people (known)",
    "未获服务下限", "unserved, low", "未获服务上限", "unserved, high", "无数值的人群", "people without a figure",
    "未计的居住点", "dwellings left out",
    "缺口相当户数,下限", "households owed, low", "缺口相当户数,上限", "households owed, high",
}  # fmt: skip
