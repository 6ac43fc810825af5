"""The tables of a result as an Excel workbook that can be filtered, printed and checked."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xlsxwriter

from lifecircle.publish.book_charts import add_charts
from lifecircle.publish.book_look import Look, look_of
from lifecircle.publish.live import live_formulas
from lifecircle.publish.payload import report_title
from lifecircle.publish.quick_sheet import QuickSheet
from lifecircle.publish.sheets import sheets_of
from lifecircle.result import Result
from lifecircle.words import Lang

_NARROWEST, _WIDEST, _WIDEST_OF_LONG = 7, 46, 110  # characters; longer texts wrap
_LONG = 140  # characters of a text that takes the widest column
_LOOKED_AT = 400  # rows by which a column's width is told
_BUTTON = 3  # characters that the filter's button takes
_LINE_PT, _HIGHEST_PT = 14.0, 409.0  # of a row; Excel's own limit
_PER_PAGE = 180  # characters across A4 that can still be read
_A4 = 9  # Excel's number of the paper size
_MARGIN_IN = 0.4
MOST_ROWS = 200_000  # of a sheet; Excel holds five times as many, but no office computer turns them


def write_workbook(result: Result, path: Path) -> None:
    """Write tables.xlsx: one sheet for each table of `sheets_of`, and one of charts, in the study's language.

    Each is a native table under a frozen head; verdicts are coloured and stay words. What a reader would check is a
    formula that holds the printed figure; a text never becomes one.
    """
    about = result.study.study
    lang, sheets = about.language, {name: _kept(table, about.language) for name, table in sheets_of(result).items()}
    formulas = live_formulas(sheets, lang)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties(
            {"title": report_title(result.study)[lang], "created": dt.datetime.combine(about.date, dt.time())}
        )
        look = look_of(book, lang)
        for number, (name, table) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name, QuickSheet)
            _fill(sheet, table, formulas.get(name, {}), look)
            _lay_out(sheet, table, look)
            _set_up_page(sheet, table, result, lang)
            if not number:
                charts = book.add_worksheet("图表" if lang == "zh" else "charts")
        add_charts(book, charts, sheets, lang, look)
        _set_up_charts(charts, result, lang)


def _kept(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """A table as far as a sheet may go; its last row says how many were left out."""
    if len(table) <= MOST_ROWS:
        return table
    left_out = len(table) - MOST_ROWS
    said = f"……另有 {left_out:,} 行" if lang == "zh" else f"… {left_out:,} more rows"
    note = pd.DataFrame([[said, *[""] * (table.shape[1] - 1)]], columns=table.columns)
    return pd.concat([table.head(MOST_ROWS).astype(object), note], ignore_index=True)


def _fill(sheet: QuickSheet, table: pd.DataFrame, formulas: dict[str, list[str]], look: Look) -> None:
    """Put the cells below the head, column by column."""
    for column, name in enumerate(table.columns):
        cells = table.iloc[:, column].to_numpy(dtype=object).tolist()
        sheet.add_column(cells, formulas.get(str(name), []), look.figure(str(name), cells), look.text)


def _lay_out(sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, look: Look) -> None:
    """Make the cells a table with a frozen head, widths that suit Chinese, and verdicts in their colours."""
    n_rows, n_columns = max(len(table), 1), table.shape[1]
    across = widths(table)
    for column, width in enumerate(across):
        sheet.set_column(column, column, width)
    sheet.set_heights(heights(table, across))
    columns = [{"header": str(name), "header_format": look.head} for name in table.columns]
    sheet.add_table(
        0, 0, n_rows, n_columns - 1, {"columns": columns, "style": None, "name": _table_name(sheet.get_name())}
    )
    sheet.freeze_panes(1, 2)
    sheet.hide_gridlines(2)
    sheet.set_row(0, 32)
    for column in range(n_columns):
        if len(table) and _holds_verdicts(table.iloc[:, column], look):
            for word, tint in look.verdicts.items():
                rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": tint}
                sheet.conditional_format(1, column, len(table), column, rule)


def _holds_verdicts(cells: pd.Series, look: Look) -> bool:
    """Whether a column holds verdicts alone."""
    return all(isinstance(cell, str) and (cell in look.verdicts or not cell) for cell in cells.to_numpy(dtype=object))


def _table_name(sheet: str) -> str:
    return "t_" + sheet.replace(" ", "_")


def widths(table: pd.DataFrame) -> list[int]:
    """Characters of each column: of its longest text, a Chinese character taken for two; a head may take two lines."""
    found = []
    for column, name in enumerate(table.columns):
        cells = table.iloc[:_LOOKED_AT, column].tolist()
        body = max((_breadth(cell) for cell in cells), default=0)
        head = math.ceil(_breadth(str(name)) / 2) + _BUTTON
        found.append(min(max(body + 2, head, _NARROWEST), _WIDEST if body < _LONG else _WIDEST_OF_LONG))
    return found


def heights(table: pd.DataFrame, across: Sequence[int]) -> dict[int, float]:
    """Points of each row of a sheet whose texts take more than a line, by the row's number there."""
    lines: dict[int, int] = {}
    for column, width in enumerate(across):
        if width < _WIDEST:
            continue
        for row, cell in enumerate(table.iloc[:, column].to_numpy(dtype=object), start=2):
            taken = _lines(cell, width - 3) if isinstance(cell, str) else 1
            if taken > lines.get(row, 1):
                lines[row] = taken
    return {row: min(n * _LINE_PT + 2, _HIGHEST_PT) for row, n in lines.items()}


def _lines(text: str, width: int) -> int:
    """Lines that a text takes: a word or a number may break early, so one in twelve characters is taken for lost."""
    return sum(max(math.ceil(_breadth(part) * 1.08 / width), 1) for part in text.split("\n"))


def _breadth(cell: object) -> int:
    """Characters of a cell as it is shown."""
    text = f"{cell:,.2f}" if isinstance(cell, float) and math.isfinite(cell) else str(cell)
    return len(text.encode("gbk", "replace"))


def _set_up_page(sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, result: Result, lang: Lang) -> None:
    """A4 across, as many pages side by side as the columns need, head and first columns on each."""
    across = widths(table)
    sheet.repeat_rows(0)
    pages = math.ceil(sum(across) / _PER_PAGE)
    if pages > 1:
        sheet.repeat_columns(0, 1)
        sheet.set_v_pagebreaks(page_breaks(across))
    sheet.fit_to_pages(pages, 0)
    _set_up_paper(sheet, result, lang)


def page_breaks(across: Sequence[int]) -> list[int]:
    """Columns before which a new page begins: none wider than can be read, the first two repeated on each."""
    breaks, used, repeated = [], 0, sum(across[:2])
    for column, width in enumerate(across):
        if used + width > _PER_PAGE and column > 2:
            breaks.append(column)
            used = repeated
        used += width
    return breaks


def _set_up_paper(sheet: xlsxwriter.worksheet.Worksheet, result: Result, lang: Lang) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(_MARGIN_IN, _MARGIN_IN, 0.7, 0.6)
    title = report_title(result.study)[lang].replace("&", "&&")
    sheet.set_header(f"&L{title[:120]}&R&A")
    page = "第 &P 页,共 &N 页" if lang == "zh" else "page &P of &N"
    sheet.set_footer(f"&L{result.study.study.date}&R{page}")


def _set_up_charts(sheet: xlsxwriter.worksheet.Worksheet, result: Result, lang: Lang) -> None:
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 1)
    _set_up_paper(sheet, result, lang)
