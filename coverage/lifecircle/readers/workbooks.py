"""A sheet of a workbook, in any of the formats that offices use, and what only looks like one."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from lifecircle.readers.apart import ApartError, read_apart
from lifecircle.readers.grids import Grid, Wanted, layer_of_grid
from lifecircle.readers.headings import Merge
from lifecircle.readers.opened import Read, missing_layer, refused, unreadable
from lifecircle.readers.safety import MOST_CELLS, kind_of, too_large, unsafe_zip
from lifecircle.readers.scans import Scan, sheet_scan
from lifecircle.words import both

_EXPECTED = both("工作簿", "a workbook")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of a sheet
_FORMATS = {
    "html": both("网页(HTML)表格", "a table of a web page (HTML)"),
    "xml": both(" XML 文本", "XML text"),
    "biff": both("旧版(Excel 4.0 以前)工作表", "a sheet of Excel 4.0 or older"),
}
_PROBLEMS = (CalamineError, OSError, IndexError, ValueError, MemoryError, zipfile.BadZipFile, zlib.error, EOFError)


def read_workbook(path: Path, name: str | None, wanted: Wanted, key: str, as_text: Callable[[], Read]) -> Read:
    """The records of a sheet, the first where `name` is None; `as_text` reads a file that is text in truth."""
    if path.name.startswith("~$"):
        return refused("lock-file", path)
    try:
        kind = kind_of(path)
    except PermissionError as problem:
        return refused("in-use", path, found=problem.strerror or "")
    except OSError as problem:
        return unreadable(path, _EXPECTED, problem.strerror or problem)
    if kind in _FORMATS:
        found = _FORMATS[kind]
        return refused("other-format", path, named=path.suffix, found=found["en"], found_zh=found["zh"])
    if kind == "text":
        return as_text() if _is_text(path) else unreadable(path, _EXPECTED, "neither a workbook nor text")
    if kind != "xls" and (unsafe := unsafe_zip(path, _EXPECTED)):
        return unsafe
    if kind == "xlsx":
        return _xlsx(path, name, wanted, key)
    if kind == "ods" and _repeats_too_often(path):
        found = both("重复行列超出工作表范围", "rows or columns repeated beyond the end of a sheet")
        return too_large(path, found, both(f"{MOST_CELLS:,} 个单元格", f"{MOST_CELLS:,} cells"))
    if kind == "xls" and _is_encrypted(path):
        return refused("has-password", path)
    return _apart(path, name, wanted, key)


def _xlsx(path: Path, name: str | None, wanted: Wanted, key: str) -> Read:
    """A sheet of an .xlsx workbook, first looked over: a cell far off would make its reader ask for all memory."""
    try:
        with load_workbook(str(path)) if path.suffix.lower() in {".xlsx", ".xlsm"} else path.open("rb") as opened:
            book = opened if isinstance(opened, CalamineWorkbook) else load_workbook(opened)
            sheets = book.sheet_names
            if not sheets:
                return unreadable(path, _EXPECTED, "it has no sheet")
            sheet = name or sheets[0]
            if sheet not in sheets:
                return missing_layer(path, both("工作表", "sheet"), sheet, sheets, key)
            with zipfile.ZipFile(path) as packed:
                scan = sheet_scan(packed, sheet)
            if scan is None:
                return _apart(path, name, wanted, key)
            if far := _too_far(path, scan):
                return far
            page = book.get_sheet_by_name(sheet)
            rows = page.to_python(skip_empty_area=False)
            merges = tuple(Merge(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in sorted(set(page.merged_cell_ranges or [])))
    except PasswordError:
        return refused("has-password", path)
    except _PROBLEMS as problem:
        return unreadable(path, _EXPECTED, problem)
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # what the reader, written in Rust, raises where it gives up
            raise
        return unreadable(path, _EXPECTED, "its reader gave up on it")
    return layer_of_grid(Grid(rows, merges, scan.errors, scan.unsaved), path, sheet, wanted)


def _too_far(path: Path, scan: Scan) -> Read | None:
    n = scan.last_row * scan.last_column
    if n <= MOST_CELLS and scan.last_row <= _LAST_ROW and scan.last_column <= _LAST_COLUMN:
        return None
    found = both(
        f"{scan.last_row:,} 行 × {scan.last_column:,} 列", f"{scan.last_row:,} rows by {scan.last_column:,} columns"
    )
    return too_large(path, found, both(f"{MOST_CELLS:,} 个单元格", f"{MOST_CELLS:,} cells"))


def _apart(path: Path, name: str | None, wanted: Wanted, key: str) -> Read:
    try:
        found = read_apart(path, name)
    except ApartError as problem:
        return refused("has-password", path) if str(problem) == "password" else unreadable(path, _EXPECTED, problem)
    except OSError as problem:
        return unreadable(path, _EXPECTED, problem.strerror or problem)
    sheets: list[str] = found["sheets"]  # type: ignore[assignment]
    if not sheets:
        return unreadable(path, _EXPECTED, "it has no sheet")
    if found["sheet"] is None:
        return missing_layer(path, both("工作表", "sheet"), str(name), sheets, key)
    merges = tuple(Merge(*one) for one in found["merges"])  # type: ignore[attr-defined]
    return layer_of_grid(Grid(found["rows"], merges), path, str(found["sheet"]), wanted)  # type: ignore[arg-type]


def _repeats_too_often(path: Path) -> bool:
    """Whether an .ods workbook says of a row or column that it is repeated more often than a sheet has room for."""
    try:
        with zipfile.ZipFile(path) as packed:
            content = packed.read("content.xml")
    except _PROBLEMS:
        return False  # its reader says what is wrong
    return any(int(number) > _LAST_ROW for number in re.findall(rb"-repeated=[\"'](\d{1,18})", content))


def _is_text(path: Path) -> bool:
    """Whether a file is text, as old systems write it into files named .xls."""
    with path.open("rb") as file:
        start = file.read(65536)
    return b"\n" in start and (b"\x00" not in start or start[:2] in {b"\xff\xfe", b"\xfe\xff"})


def _is_encrypted(path: Path) -> bool:
    """Whether a compound file holds an encrypted package in the place of a workbook."""
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(1 << 20) or _tail_has(path, "EncryptedPackage")


def _tail_has(path: Path, name: str) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - (1 << 20), 0))
        return name.encode("utf-16-le") in file.read()
