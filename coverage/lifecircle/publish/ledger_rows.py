"""Rows put into a sheet of a template: what stands below moves down, and what refers to it follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_ROWS = re.compile(r"(?P<before>\$?[A-Z]{1,3}\$?|\$?)(?P<row>\d{1,7})(?![\d(A-Za-z_.])")
_SHEET = re.compile(r"^(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!")


def add_rows(book: Workbook, sheet: Worksheet, at: int, more: int) -> None:
    """Put rows below row `at` that look as it does; formulas, merged cells, rules and names follow.

    A range that ends at the row, such as =SUM(D5:D5), takes in the new rows. Formulas of the row itself are repeated,
    each on its own row.
    """
    if not more:
        return
    heights = {row: copy(found) for row, found in sheet.row_dimensions.items() if row >= at}
    merged = [str(one) for one in sheet.merged_cells.ranges]
    for one in merged:
        sheet.unmerge_cells(one)
    width = sheet.max_column
    sheet.move_range(f"A{at + 1}:{_letter(width)}{max(sheet.max_row, at + 1)}", rows=more)
    _move_formulas(book, sheet.title, at, more)
    _repeat(sheet, at, more, width)
    for row, found in heights.items():
        for to in range(at, at + more + 1) if row == at else [row + more]:
            sheet.row_dimensions[to].height = found.height
            sheet.row_dimensions[to].hidden = found.hidden
    for one in merged:
        across = [int(row) for row in re.findall(r"\d+", one)] == [at, at]
        found = [re.sub(r"\d+", str(row), one) for row in range(at, at + more + 1)] if across else []
        for cells in found or [moved_range(one, at, more)]:
            sheet.merge_cells(cells)
    _move_rules(sheet, lambda cells: moved_range(cells, at, more))


def _repeat(sheet: Worksheet, at: int, more: int, width: int) -> None:
    from openpyxl.formula.translate import Translator

    for column in range(1, width + 1):
        source = sheet.cell(at, column)
        for row in range(at + 1, at + more + 1):
            cell = sheet.cell(row, column)
            cell._style = copy(source._style)
            value = source.value
            if source.data_type == "f" and isinstance(value, str):
                value = Translator(value, source.coordinate).translate_formula(cell.coordinate)
            cell.value = value


def _move_formulas(book: Workbook, title: str, at: int, more: int) -> None:
    """Let every formula and name of a workbook that refers below a row of a sheet follow."""
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str):
                    own, grows = page.title == title, page.title != title or cell.row != at
                    cell.value = moved_formula(cell.value, at, more, own=own, sheet=title, grows=grows)
        _move_settings(page, title, at, more)
    for names in (book.defined_names, *(page.defined_names for page in book.worksheets)):
        for name in names.values():
            name.attr_text = moved_formula("=" + name.attr_text, at, more, own=False, sheet=title)[1:]


def _move_settings(page: Worksheet, title: str, at: int, more: int) -> None:
    """Let the area that is printed and the filter follow."""
    if page.title != title:
        return
    if page.print_area:
        page.print_area = ",".join(
            moved_range(one.split("!")[-1].replace("$", ""), at, more) for one in page.print_area.split(",")
        )
    if page.auto_filter.ref:
        page.auto_filter.ref = moved_range(page.auto_filter.ref, at, more)
    for table in page.tables.values():
        table.ref = moved_range(table.ref, at, more)
        if table.autoFilter is not None and table.autoFilter.ref:
            table.autoFilter.ref = moved_range(table.autoFilter.ref, at, more)


def _move_rules(sheet: Worksheet, moved: Callable[[str], str]) -> None:
    """Let conditional colours and checks of what is typed follow."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    rules, sheet.conditional_formatting = sheet.conditional_formatting, ConditionalFormattingList()
    for found in rules:
        cells = " ".join(moved(one) for one in str(found.sqref).split())
        for rule in found.rules:
            sheet.conditional_formatting.add(cells, rule)
    for check in sheet.data_validations.dataValidation:
        check.sqref = type(check.sqref)(" ".join(moved(one) for one in str(check.sqref).split()))


def moved_range(cells: str, at: int, more: int) -> str:
    """A range after rows were put below row `at`: one that ends there grows, one below moves.

    >>> moved_range("D5:D5", 5, 2), moved_range("A6:C6", 5, 2), moved_range("A1", 5, 2), moved_range("D5", 5, 2)
    ('D5:D7', 'A8:C8', 'A1', 'D5')
    """
    first, colon, last = cells.partition(":")
    if not colon:
        return _ROWS.sub(lambda found: _row(found, at, more, last=False), cells)
    grown = _ROWS.sub(lambda found: _row(found, at, more, last=True), last)
    return _ROWS.sub(lambda found: _row(found, at, more, last=False), first) + colon + grown


def moved_formula(formula: str, at: int, more: int, *, own: bool, sheet: str, grows: bool = True) -> str:
    r"""A formula whose references to a sheet follow when rows are put below row `at` of it.

    >>> moved_formula("=SUM(D5:D5)/A9&\"A9\"", 5, 2, own=True, sheet="台账")
    '=SUM(D5:D7)/A11&"A9"'
    """
    from openpyxl.formula import Tokenizer
    from openpyxl.formula.tokenizer import Token

    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            token.value = _moved_reference(token.value, at, more, own=own, sheet=sheet, grows=grows)
    return "=" + "".join(token.value for token in tokens.items)


def _moved_reference(text: str, at: int, more: int, *, own: bool, sheet: str, grows: bool) -> str:
    found = _SHEET.match(text)
    there = ((found["quoted"] or "").replace("''", "'") or found["plain"]) if found else None
    if there != sheet if found else not own:
        return text
    head = found.group(0) if found else ""
    first, colon, last = text[len(head) :].partition(":")
    first = _ROWS.sub(lambda one: _row(one, at, more, last=False), first)
    return head + first + colon + _ROWS.sub(lambda one: _row(one, at, more, last=grows), last)


def _row(found: re.Match[str], at: int, more: int, *, last: bool) -> str:
    row = int(found["row"])
    return f"{found['before']}{row + more if row > at or (last and row == at) else row}"


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def top_left(cells: str) -> str:
    """The first cell of a range, without signs of its sheet."""
    return cells.split("!")[-1].replace("$", "").split(":")[0]


def keep_text(cell: Any, text: str) -> None:
    """Put a text into a cell and leave it one, whatever it begins with."""
    cell.value = text
    cell.data_type = "s"
