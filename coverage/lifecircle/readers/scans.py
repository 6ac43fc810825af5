"""What a sheet of an .xlsx workbook holds that its reader does not tell: how far it goes, errors, formulas unsaved."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

_BOOK = "xl/workbook.xml"
_MOST_BOOK_BYTES = 16 << 20
_STEP_BYTES = 4 << 20
_TAG = rb"<(?:\w+:)?"
_ROW = re.compile(_TAG + rb"row\s[^>]*?\br=[\"'](\d{1,12})[\"']")
_AT = re.compile(_TAG + rb"c\s[^>]*?\br=[\"']\$?([A-Za-z]{1,12})\$?(\d{0,12})[\"']")
_CELL = re.compile(
    _TAG + rb"c\s([^>]*?\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?" + _TAG + rb"v>([^<]*)<", re.DOTALL
)
_UNSAVED = re.compile(
    _TAG + rb"c\s([^>]*)>\s*" + _TAG + rb"f\b(?:[^>]*/>|[^>]*>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:" + _TAG + rb"v\s*/>|" + _TAG + rb"v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REF = re.compile(rb"\br=[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_TEXT = re.compile(rb"\bt=[\"']str[\"']")


@dataclass(frozen=True)
class Scan:
    """The last row and column (both from 1) of a sheet, cells with errors and formulas without a value.

    A cell is its row (from 1), its column (from 0) and what stands there.
    """

    last_row: int
    last_column: int
    errors: tuple[tuple[int, int, str], ...]
    unsaved: tuple[tuple[int, int, str], ...]


def sheet_scan(packed: zipfile.ZipFile, sheet: str) -> Scan | None:
    """How far a sheet goes, and its cells without a value; None where the sheet is not found.

    Raises
    ------
    zipfile.BadZipFile, zlib.error
        The sheet cannot be unpacked.
    ValueError
        The sheet is not written as workbooks are.

    """
    member = _member(packed, sheet)
    if member is None:
        return None
    rows, columns, at_row = 0, set[bytes](), 0
    errors: list[tuple[int, int, str]] = []
    unsaved: list[tuple[int, int, str]] = []
    for piece in _pieces(packed, member):
        rows += piece.count(b"<row") if b":row" not in piece else len(re.findall(rb"<\w+:row\b", piece))
        at_row = max([at_row, *map(int, _ROW.findall(piece))])
        found = _AT.findall(piece)
        columns |= {letters for letters, _ in found}
        at_row = max([at_row, *(int(number) for number in {number for _, number in found} if number)])
        errors += _cells(_CELL, piece)
        unsaved += _cells(_UNSAVED, piece)
    last = max(map(column_number, columns), default=0)
    return Scan(max(rows, at_row), last, tuple(errors), tuple(unsaved))


def column_number(letters: bytes) -> int:
    """The number of a column, A being 1.

    >>> [column_number(one) for one in (b"A", b"Z", b"AA", b"XFD")]
    [1, 26, 27, 16384]
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _member(packed: zipfile.ZipFile, sheet: str) -> str | None:
    """The member that holds a sheet, by the names and relations that the workbook states."""
    relations = "xl/_rels/workbook.xml.rels"
    names = set(packed.namelist())
    if not {_BOOK, relations} <= names:
        return None
    ids = {_of(tag, "name"): _of(tag, r"(?:\w+:)?id") for tag in _tags(packed, _BOOK, "sheet")}
    targets = {_of(tag, "Id"): _of(tag, "Target") for tag in _tags(packed, relations, "Relationship")}
    target = targets.get(ids.get(sheet, ""), "")
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return path if path in names else None


def _tags(packed: zipfile.ZipFile, member: str, name: str) -> list[str]:
    if packed.getinfo(member).file_size > _MOST_BOOK_BYTES:
        raise ValueError(f"{member} is too large")
    return re.findall(rf"<(?:\w+:)?{name}\s[^>]*>", packed.read(member).decode("utf-8", "replace"))


def _of(tag: str, name: str) -> str:
    found = re.search(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape(found[1] or found[2] or "") if found else ""


def _pieces(packed: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """A sheet's text in pieces that end between two rows."""
    rest = b""
    with packed.open(member) as file:
        while step := file.read(_STEP_BYTES):
            if not rest and (step.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in step[:64]):
                raise ValueError("the sheet is not in UTF-8")
            if b"<!DOCTYPE" in step[:4096]:
                raise ValueError("the sheet declares a document type, as no workbook does")
            rest += step
            end = max(rest.rfind(b"</row>"), rest.rfind(b":row>"))
            if end >= 0:
                yield rest[: end + 6]
                rest = rest[end + 6 :]
            elif len(rest) > 16 * _STEP_BYTES:
                raise ValueError("a row of the sheet has no end")
    yield rest


def _cells(pattern: re.Pattern[bytes], piece: bytes) -> list[tuple[int, int, str]]:
    """Row, column and text of the cells that a pattern finds."""
    if b"<f" not in piece and b":f" not in piece and b't="e"' not in piece and b"t='e'" not in piece:
        return []
    found = []
    for attributes, text in pattern.findall(piece):
        at = _REF.search(attributes)
        empty = pattern is _UNSAVED and _TEXT.search(attributes)  # a formula may well give an empty text
        if at and not empty:
            said = html.unescape(text.decode("utf-8", "replace"))
            found.append((int(at[2]), column_number(at[1]) - 1, f"={said}" if pattern is _UNSAVED else said))
    return found
