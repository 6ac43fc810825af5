"""The ledger form in an office's own layout: a template workbook whose names and placeholders are filled in."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecircle.errors import LifecircleError
from lifecircle.faults import Fault, Where, fault, file_fault, hint
from lifecircle.publish.ledger_fields import ONCE, SORTS, Names, facility_records, once, unit_records
from lifecircle.publish.ledger_rows import add_rows, keep_text, top_left
from lifecircle.result import Result

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_PLACEHOLDER = re.compile(r"[{{]([^{}{}\n]{1,40})[}}]")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what a cell cannot hold
_LOST = re.compile(rb"<(\w+:)?(graphicFrame|sp)[\s>/]")  # charts and text boxes, which would not be kept
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_KEY = "[report] ledger_form"
_LONGEST = 32_767  # characters of a cell


def write_ledger_form(result: Result, template: str | Path, path: str | Path) -> None:
    """Write the ledger in the layout of a template: its styles, widths, merged cells, formulas and pages stay.

    Cells that bear a known name (名称管理器) are filled with one value each, and so is what stands in braces, such as
    {年度}. A row with placeholders of facilities ({设施名称} {建筑面积} …) is repeated for each facility, one with
    those of units ({单元名称} {每百户面积} …) for each of the lowest units; one such row to a sheet. What stands below
    moves down, and sums over the row take in all of its copies. `ledger_fields` lists every name in both languages.

    Parameters
    ----------
    result
        What to fill in.
    template
        An .xlsx workbook; it is not changed.
    path
        Where the form shall lie.

    Raises
    ------
    LifecircleError
        There is no such template, it is no workbook, holds what would be lost, asks for nothing or for something
        unknown.

    Notes
    -----
    Numbers are written as numbers, days as days; a text stays a text whatever it begins with. An unknown number is the
    word for unknown, never 0.

    """
    template, lang = Path(template), result.study.study.language
    book = _opened(template, lang)
    faults = _name_faults(book, template) + [one for sheet in book.worksheets for one in _sheet_faults(sheet, template)]
    if not faults and not _asked(book):
        faults = [_with_known(fault("ledger-no-placeholder", str(template)), ONCE, *SORTS.values())]
    if faults:
        raise LifecircleError(faults, lang)
    _fill(book, result)
    _save(book, Path(path), result.study.study.date)


def _opened(template: Path, lang: str) -> Workbook:
    """The template as a workbook; its faults are raised."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    missing = file_fault(template, _KEY)
    if missing is not None:
        raise LifecircleError([missing], lang)
    try:
        with zipfile.ZipFile(template) as parts:
            drawn = [parts.read(name) for name in parts.namelist() if name.startswith("xl/drawings/drawing")]
        book = openpyxl.load_workbook(template)
    except (OSError, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError) as problem:
        raise LifecircleError([fault("ledger-not-a-workbook", str(template))], lang) from problem
    if any(_LOST.search(part) for part in drawn):
        raise LifecircleError([fault("ledger-drawing", str(template))], lang)
    return book


def _words(names: Names) -> dict[str, str]:
    """The key that each name stands for, in either language."""
    return {word: key for key, words in names.items() for word in words}


def _with_known(found: Fault, *told: Names) -> Fault:
    """A fault that also lists all names that are known, in each language its own, however many they are."""
    words = [words for names in told for words in names.values()]
    en, zh = ", ".join(dict.fromkeys(en for _, en in words)), "、".join(dict.fromkeys(zh for zh, _ in words))
    return replace(found, values=(*found.values, ("known", en), ("known_zh", zh)))


def _placeholders(cell: Cell) -> list[str]:
    if not isinstance(cell.value, str) or cell.data_type == "f":
        return []
    return [found.strip() for found in _PLACEHOLDER.findall(cell.value)]


def _asked(book: Workbook) -> bool:
    """Whether a template asks for anything."""
    named = set(book.defined_names) & set(_words(ONCE))
    return bool(named) or any(
        _placeholders(cell) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    )


def _name_faults(book: Workbook, template: Path) -> list[Fault]:
    """Names of single empty cells that nothing is known by; an office's other names are its own."""
    known = _words(ONCE)
    faults = []
    for name in sorted(set(book.defined_names) - set(known)):
        spots = _spots(book, name)
        if len(spots) == 1 and book[spots[0][0]][spots[0][1]].value is None:
            odd = fault("ledger-unknown-name", str(template), found=name, **hint(name, known))
            faults.append(_with_known(odd, ONCE))
    return faults


def _spots(book: Workbook, name: str) -> list[tuple[str, str]]:
    """Sheet and first cell of each place that a name stands for; none where it is a number or a larger range."""
    try:
        places = list(book.defined_names[name].destinations)
    except (ValueError, AttributeError):
        return []
    spots = []
    for sheet, cells in places:
        merged = {str(one) for one in book[sheet].merged_cells.ranges} if sheet in book.sheetnames else set()
        plain = cells.replace("$", "")
        if sheet in book.sheetnames and (":" not in plain or plain in merged) and re.match(r"[A-Z]+\d", plain):
            spots.append((sheet, top_left(cells)))
    return spots


def _sheet_faults(sheet: Worksheet, template: Path) -> list[Fault]:
    """Placeholders that nothing is known by, and rows that cannot both be repeated."""
    known = {*_words(ONCE), *(word for names in SORTS.values() for word in _words(names))}
    rows: dict[int, set[str]] = {}
    faults = []
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        for word in _placeholders(cell):
            if word not in known:
                place, said = Where(str(template), sheet=sheet.title, row=cell.row), hint(word, known)
                odd = fault("ledger-unknown-placeholder", place, found=word, column=cell.coordinate, **said)
                faults.append(_with_known(odd, ONCE, *SORTS.values()))
            elif word not in _words(ONCE):
                rows.setdefault(cell.row, set()).add(word)
    for row, words in rows.items():
        if len(rows) > 1 or _sort(words) is None:
            place = Where(str(template), sheet=sheet.title, row=row)
            faults.append(fault("ledger-two-rows", place, rows=", ".join(map(str, sorted(rows)))))
            break
    return faults


def _sort(words: set[str]) -> str | None:
    """Whether a row is one of facilities or of units; None where its placeholders belong to both apart."""
    fitting = [sort for sort, names in SORTS.items() if words <= set(_words(names))]
    return fitting[0] if fitting else None


def _fill(book: Workbook, result: Result) -> None:
    values = once(result)
    said = {word: values[key] for word, key in _words(ONCE).items()}
    named: dict[str, set[str]] = {}
    for name in sorted(set(book.defined_names) & set(said)):
        for sheet_name, cell in _spots(book, name):
            _put(book[sheet_name][cell], said[name])
            named.setdefault(sheet_name, set()).add(cell)
    for sheet in book.worksheets:
        repeated = _repeated_row(sheet)
        # What a template asks for once is filled in first: names that are filled in later are never read as asking.
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if cell.coordinate not in named.get(sheet.title, ()) and set(_placeholders(cell)) & set(said):
                _put_in(cell, said)
        if repeated is not None:
            _fill_rows(book, sheet, *repeated, result)


def _repeated_row(sheet: Worksheet) -> tuple[int, str] | None:
    """The row to repeat and what for; None where a sheet has none."""
    alone = set(_words(ONCE))
    for row in sheet.iter_rows():
        words = {word for cell in row for word in _placeholders(cell)} - alone
        if words:
            return row[0].row, _sort(words) or ""
    return None


def _fill_rows(book: Workbook, sheet: Worksheet, at: int, sort: str, result: Result) -> None:
    """Repeat a row for each record and fill the copies; without records it stays, empty."""
    records = facility_records(result) if sort == "facility" else unit_records(result)
    words = _words(SORTS[sort])
    add_rows(book, sheet, at, max(len(records) - 1, 0))
    for row, record in enumerate(records or [dict.fromkeys(words.values(), "")], start=at):
        said = {word: record[key] for word, key in words.items()}
        for cell in sheet[row]:
            if set(_placeholders(cell)) & set(said):
                _put_in(cell, said)


def _put_in(cell: Cell, said: Mapping[str, Any]) -> None:
    """Fill a cell's placeholders: its value alone where it holds one and nothing else, else a text."""
    text = str(cell.value)
    whole = _PLACEHOLDER.fullmatch(text.strip())
    if whole and whole[1].strip() in said:
        _put(cell, said[whole[1].strip()])
        return
    _put(cell, _PLACEHOLDER.sub(lambda one: _as_text(said[one[1].strip()]) if one[1].strip() in said else one[0], text))


def _as_text(value: Any) -> str:
    return f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else str(value)


def _put(cell: Cell, value: Any) -> None:
    if isinstance(value, str):
        keep_text(cell, _UNFIT.sub("�", value)[:_LONGEST]) if value else setattr(cell, "value", None)
        return
    kept = cell.number_format
    cell.value = value
    if not isinstance(value, dt.date) or kept != "General":
        cell.number_format = kept


def _save(book: Workbook, path: Path, day: dt.date) -> None:
    """Write a book with the study's day for its own, so that the same ledger makes the same file."""
    drafted = io.BytesIO()
    book.save(drafted)
    moment = f"{day.isoformat()}T00:00:00Z".encode()
    with zipfile.ZipFile(drafted) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + moment, content)
            target.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
