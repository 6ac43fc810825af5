"""Tables in text files: commas, tabs, semicolons or bars between cells, the header where it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from lifecircle.faults import Where
from lifecircle.readers.decoding import utf8_bytes
from lifecircle.readers.grids import TOP, Grid, Wanted, finished, heading_of, n_known, without_bad_cells
from lifecircle.readers.headings import Heading
from lifecircle.readers.opened import Layer, Read, empty, headers_of, unreadable
from lifecircle.words import both

_SEPARATORS = (",", "\t", ";", "|", "，")
_STEP = 50_000  # records that are kept as lists at once
_TOP_BYTES = 1 << 20
_MOST_CELLS = 16_384  # of a row, as in a workbook
_STATED = re.compile(rb"^sep=(.)\r?\n")


def read_characters(path: Path, encoding: str | None, wanted: Wanted) -> Read:
    """The records of a text file, each with the number of the line on which it begins; all cells are text."""
    data = utf8_bytes(path, encoding)
    if not isinstance(data, bytes):
        return data
    stated = _STATED.match(data)
    skipped = stated.end() if stated else 0
    first = 2 if stated else 1
    try:
        text = data[skipped : skipped + _TOP_BYTES].decode("utf-8", "ignore")
        separator = stated[1].decode() if stated else _separator(text, wanted)
        top = list(_top(text, separator, first))
        if not top:
            return empty(path)
        where = Where(path.name, wanted.table)
        heading = heading_of([(line, cells) for line, _, cells in top], wanted, where)
        if not isinstance(heading, Heading):
            return None, heading
        ends = next(end for line, end, _ in top if line == heading.bottom)
        width = max(len(heading.names), *(len(cells) for line, _, cells in top if line >= heading.bottom))
        found = _plain_body(data, skipped, separator, ends, width)
        cells, rows = found or _any_body(data[skipped:].decode("utf-8"), separator, first, ends)
    except csv.Error as problem:
        return unreadable(path, both(" CSV ", "CSV"), problem)
    return _layer(path, cells, rows, heading, top[0][0], wanted)


def _layer(path: Path, cells: pd.DataFrame, rows: np.ndarray, heading: Heading, first: int, wanted: Wanted) -> Read:
    """The layer of a body, each of whose rows has at most as many cells as the header."""
    width = len(heading.names)
    cells, rows = _filled(cells, rows)
    beyond = ~_blank(cells.iloc[:, width:])
    if beyond.any():
        found = f"row {rows[beyond][0]} has more cells than the header's {width}"
        return unreadable(path, both(" CSV ", "CSV"), found)
    cells = cells.iloc[:, :width].reindex(columns=range(width), fill_value="")
    cells.columns = pd.Index(headers_of(heading.names))
    where = Where(path.name, wanted.table)
    layer = Layer(cells.astype("str"), rows, path.name, "", None, heading.bottom)
    layer, notes = finished(layer, heading, first, wanted, where)
    layer, bad = without_bad_cells(Grid(()), layer, headers_of(heading.names), wanted, where)
    return layer, [*notes, *bad]


def _separator(text: str, wanted: Wanted) -> str:
    """The character between cells: the one that makes most known headers, then most cells."""

    def fit(separator: str) -> tuple[int, int]:
        rows: list[list[str]] = []
        with suppress(csv.Error):  # what is wrong is said when the whole is read
            rows += (cells for _, _, cells in _top(text, separator, 1))
        return max((n_known(cells, wanted) for cells in rows), default=0), len(rows[0]) if rows else 0

    return max(_SEPARATORS, key=fit)


def _top(text: str, separator: str, first: int) -> Iterator[tuple[int, int, list[str]]]:
    """The first records that are not empty: the lines on which each begins and ends, and its cells."""
    filled = (one for one in _records(text, separator, first) if any(cell.strip() for cell in one[2]))
    return islice(filled, TOP)


def _records(text: str, separator: str, first: int) -> Iterator[tuple[int, int, list[str]]]:
    """Every record with the lines on which it begins and ends."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = first
    try:
        for cells in reader:
            end = first + reader.line_num - 1
            if len(cells) > _MOST_CELLS:
                raise csv.Error(f"it has {len(cells):,} cells; at most {_MOST_CELLS:,} are read")
            yield line, end, cells
            line = end + 1
    except csv.Error as problem:
        raise csv.Error(f"line {line}: {problem}") from None


def _plain_body(
    data: bytes, skipped: int, separator: str, ends: int, width: int
) -> tuple[pd.DataFrame, np.ndarray] | None:
    """The records below the header where each takes one line and all have one width; None where that is not so."""
    begins = 0
    for _ in range(ends):
        begins = data.find(b"\n", begins) + 1
        if not begins:
            return None
    if len(separator.encode()) > 1 or not _is_plain(data, max(begins, skipped), separator):
        return None
    body = memoryview(data)[begins:]
    lines = _filled_lines(np.frombuffer(body, dtype=np.uint8)) if len(body) else np.empty(0, dtype=np.int64)
    if not len(lines):
        return None
    names = [str(at) for at in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(lines):
        return None
    cells = table.to_pandas(strings_to_categorical=False).astype("str")
    cells.columns = pd.RangeIndex(width)
    return cells, lines + ends + 1


def _is_plain(data: bytes, begins: int, separator: str) -> bool:
    """Whether lines end alike and no cell breaks its line or has a quotation mark amid its text."""
    if data.count(b"\r") != data.count(b"\r\n"):
        return False
    if data.find(b'"', begins) < 0:
        return True
    body = np.frombuffer(data, dtype=np.uint8)[begins:]
    quotes = np.flatnonzero(body == ord('"'))
    if (np.searchsorted(quotes, np.flatnonzero(body == ord("\n"))) % 2).any() or len(quotes) % 2:
        return False
    edge = np.zeros(256, dtype=bool)
    edge[[ord(separator), ord("\n"), ord("\r")]] = True
    before, after = body[np.maximum(quotes - 1, 0)], body[np.minimum(quotes + 1, len(body) - 1)]
    return bool((edge[before] | edge[after] | (quotes == 0)).all())


def _filled_lines(body: np.ndarray) -> np.ndarray:
    """The places of lines that are not empty, the first being 0."""
    ends = np.flatnonzero(body == ord("\n"))
    if not len(ends) or ends[-1] != len(body) - 1:
        ends = np.append(ends, len(body))
    lengths = np.diff(ends, prepend=-1) - 1
    only_return = (lengths == 1) & (body[np.maximum(ends - 1, 0)] == ord("\r"))
    return np.flatnonzero((lengths > 0) & ~only_return)


def _any_body(text: str, separator: str, first: int, ends: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The records below the header, however long and however quoted."""
    rows: list[int] = []
    parts: list[pd.DataFrame] = []
    kept: list[list[str]] = []
    for line, _, cells in _records(text, separator, first):
        if line > ends and cells:
            rows.append(line)
            kept.append(cells)
        if len(kept) == _STEP:
            parts.append(_frame(kept))
            kept = []
    parts += [_frame(kept)] if kept or not parts else []
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    return whole.fillna(""), np.array(rows, dtype=np.int64)


def _frame(rows: list[list[str]]) -> pd.DataFrame:
    width = max(map(len, rows), default=0)
    columns = {at: [row[at] if at < len(row) else "" for row in rows] for at in range(width)}
    return pd.DataFrame(columns, dtype="str")


def _blank(cells: pd.DataFrame) -> np.ndarray:
    """Rows all of whose cells are blank."""
    left = np.arange(len(cells))
    for at in range(cells.shape[1]):
        left = left[(cells.iloc[left, at].str.strip() == "").to_numpy(dtype=bool)]
        if not len(left):
            break
    found = np.zeros(len(cells), dtype=bool)
    found[left] = True
    return found


def _filled(cells: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows that are not blank."""
    kept = ~_blank(cells)
    return (cells, rows) if kept.all() else (cells[kept].reset_index(drop=True), rows[kept])
