"""Rows of cells made into a layer: its header found, merged cells repeated, rows that are no records left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault
from lifecircle.readers.cells import shown_errors
from lifecircle.readers.headers import known_headers, plain_header, spellings
from lifecircle.readers.headings import Cells, Heading, Merge, find_heading, is_blank
from lifecircle.readers.left_out import without_others
from lifecircle.readers.opened import Layer, Read, headers_of
from lifecircle.readers.safety import MOST_COLUMNS
from lifecircle.tables import CONTRACTS
from lifecircle.words import shipped

TOP = 30  # rows that are looked at for a header


@dataclass(frozen=True)
class Wanted:
    """What a layer is read for: the table, the study's map of its columns, and the header's row where it is stated."""

    table: str
    columns: Mapping[str, str]
    header: int | None = None

    @property
    def contract(self) -> str:
        """The table whose columns are meant."""
        return "facilities" if self.table == "candidates" else self.table


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet from its first row and column on, and which of them are merged.

    `errors` are cells (row, column, what stands there) that hold an error, `unsaved` formulas without a value.
    """

    rows: Sequence[Cells]
    merges: tuple[Merge, ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()
    unsaved: tuple[tuple[int, int, str], ...] = ()


def layer_of_grid(grid: Grid, path: Path, sheet: str, wanted: Wanted) -> Read:
    """The records of a sheet below its header, and a note on each thing that was understood."""
    where = Where(path.name, wanted.table, sheet)
    top = [(number, row) for number, row in enumerate(grid.rows[:TOP], start=1) if not _is_empty(row)]
    if not top:
        top = [(number, row) for number, row in enumerate(grid.rows, start=1) if not _is_empty(row)][:TOP]
    if not top:
        return None, [fault("empty-layer", Where(path.name, sheet=sheet))]
    heading = heading_of(top, wanted, where, merges=grid.merges)
    if not isinstance(heading, Heading):
        return None, heading
    rows = list(grid.rows[heading.bottom :])
    rows, torn = _unmerged(rows, heading, grid.merges, wanted, where)
    numbers = [number for number, row in enumerate(rows, start=heading.bottom + 1) if not _is_empty(row)]
    width = max(len(heading.names), *(len(row) for row in rows), 0) if rows else len(heading.names)
    body = [[*row, *[""] * (width - len(row))] for row in rows if not _is_empty(row)]
    names = headers_of([*heading.names, *[""] * (width - len(heading.names))])
    cells = pd.DataFrame(body, columns=names, dtype=object)
    layer = Layer(cells, np.array(numbers, dtype=np.int64), path.name, sheet, None, heading.bottom)
    wide = {one.top for one in grid.merges if one.right > one.left}
    layer, notes = finished(layer, heading, top[0][0], wanted, where, merged=wide)
    layer, bad = without_bad_cells(grid, layer, names, wanted, where)
    return layer, [*notes, *torn, *bad]


def heading_of(
    top: Sequence[tuple[int, Cells]], wanted: Wanted, where: Where, *, merges: Sequence[Merge] = ()
) -> Heading | list[Fault]:
    """The header of a sheet, or the fault that says why it cannot be told."""
    found = find_heading(top, partial(n_known, wanted=wanted), merges=merges, stated=wanted.header)
    if isinstance(found, Heading):
        n = sum(map(bool, found.names))
        most = {"found": f"{n:,}", "most": f"{MOST_COLUMNS:,}"}
        return found if n <= MOST_COLUMNS else [fault("too-many-columns", where, **most)]
    if not found:
        return [fault("no-such-header", where, found=str(wanted.header))]
    return [fault("two-header-rows", where, found=" / ".join(map(str, found)))]


def finished(
    layer: Layer, heading: Heading, first: int, wanted: Wanted, where: Where, *, merged: Collection[int] = ()
) -> tuple[Layer, list[Fault]]:
    """A layer without rows that are no records and columns that are empty, and a note on what was understood.

    `merged` are the rows with a cell that is merged over several columns.
    """
    notes = (
        [fault("header-found", where, found=_span(heading))] if (heading.top, heading.bottom) != (first, first) else []
    )
    names = list(layer.cells.columns)
    layer, left_out = records_of(layer, wanted, where, header=heading.names, merged=merged)
    cells = layer.cells
    nameless = [at for at in range(len(names)) if at >= len(heading.names) or not heading.names[at]]
    held = cells.iloc[:, nameless].to_numpy(dtype=object).T
    blank = {at for at, column in zip(nameless, held, strict=True) if all(map(is_blank, column))}
    used = [at for at in range(len(names)) if at not in blank]
    cells = cells.iloc[:, used] if blank else cells
    return replace(layer, cells=cells, columns_at=tuple(at + 1 for at in used)), [*notes, *left_out]


def records_of(
    layer: Layer, wanted: Wanted, where: Where, *, header: Sequence[str], merged: Collection[int] = ()
) -> tuple[Layer, list[Fault]]:
    """A layer without rows that are no records, and a note on each of them."""
    names = list(map(str, layer.cells.columns))
    kept, left_out = without_others(
        layer.cells.set_axis(names, axis=1),
        layer.rows,
        where,
        key=_headers_for(_key(wanted), names, wanted),
        place=[*_headers_for("x", names, wanted), *_headers_for("y", names, wanted)],
        header=header,
        merged=merged,
    )
    if kept.all():
        return layer, left_out
    return replace(layer, cells=layer.cells[kept].reset_index(drop=True), rows=layer.rows[kept]), left_out


def _span(heading: Heading) -> str:
    return str(heading.top) if heading.top == heading.bottom else f"{heading.top}–{heading.bottom}"


def n_known(names: Sequence[str], wanted: Wanted) -> int:
    """How many texts are headers that the table's contract knows or the study names."""
    mapped = {plain_header(header) for header in wanted.columns.values() if header}
    said = {plain_header(name): name for name in names if name}
    others = [name for plain, name in said.items() if plain not in mapped]
    known = known_headers(others, wanted.contract) if wanted.contract in shipped("headers.toml") else 0
    return known + len(said) - len(others)


def _key(wanted: Wanted) -> str:
    """The column that tells records apart, the first of the contract."""
    columns = CONTRACTS.get(wanted.contract, ())
    return columns[0].name if columns else ""


def _headers_for(column: str, names: Sequence[str], wanted: Wanted) -> list[str]:
    """The headers that can be a column of the contract: of its lists of spellings those of the first that has any."""
    stated = wanted.columns.get(column)
    known = spellings(wanted.contract).get(column, []) if wanted.contract in shipped("headers.toml") else []
    for words in [[stated]] if stated else known:
        plain = set(map(plain_header, words))
        if found := [name for name in names if plain_header(name) in plain]:
            return found
    return []


def _is_empty(row: Cells) -> bool:
    return all(map(is_blank, row))


def _unmerged(
    rows: list[Cells], heading: Heading, merges: Sequence[Merge], wanted: Wanted, where: Where
) -> tuple[list[Cells], list[Fault]]:
    """Rows with each merged cell repeated down; a number over several rows is a fault, as it would count twice."""
    inside = [one for one in merges if one.top > heading.bottom and one.bottom > one.top]
    repeated = _repeated(heading.names, wanted)
    faults: list[Fault] = []
    for one in inside:
        first, last = one.top - heading.bottom - 1, min(one.bottom - heading.bottom, len(rows))
        value = rows[first][one.left] if first < len(rows) and one.left < len(rows[first]) else ""
        below = [at for at in range(first + 1, last) if not _is_empty(rows[at])]
        if is_blank(value) or not below:
            continue
        if one.left not in repeated and isinstance(value, (int, float)) and not isinstance(value, bool):
            values = {"column": heading.names[one.left], "found": f"{value:.15g}", "last": str(one.bottom)}
            faults.append(fault("merged-number", replace(where, row=one.top), **values))
            continue
        for at in below:
            cells = [*rows[at], *[""] * (one.left + 1 - len(rows[at]))]
            cells[one.left] = value
            rows[at] = cells
    return rows, faults


def _repeated(names: Sequence[str], wanted: Wanted) -> set[int]:
    """Columns whose numbers are sure to be no amounts: codes, days, places, and what is never read, such as 序号."""
    columns = ["x", "y", *(one.name for one in CONTRACTS.get(wanted.contract, ()) if one.reading != "number")]
    headers = {header for column in columns for header in _headers_for(column, names, wanted)}
    others = set(map(plain_header, shipped("headers.toml")["others"]["headers"]))
    return {at for at, name in enumerate(names) if name in headers or plain_header(name) in others}


def without_bad_cells(
    grid: Grid, layer: Layer, names: Sequence[str], wanted: Wanted, where: Where
) -> tuple[Layer, list[Fault]]:
    """Errors and formulas without a value in records, left empty; in columns that are not read they stop nothing."""
    records = set(layer.rows.tolist()) if grid.errors or grid.unsaved else set()
    known = {name for name in names if n_known([name], wanted)}
    layer, errors = _without_errors(layer)
    errors |= dict.fromkeys(one for one in grid.errors if one[0] in records and one[1] < len(names))
    faults = [
        fault(
            "error-cell" if names[at] in known else "unread-error",
            replace(where, row=row),
            column=names[at],
            found=text,
        )
        for row, at, text in errors
    ]
    unsaved: dict[int, list[tuple[int, str]]] = {}
    for row, at, text in grid.unsaved:
        if row in records and at < len(names) and names[at] in known:
            unsaved.setdefault(at, []).append((row, text))
    for at, cells in unsaved.items():
        row, text = min(cells)
        values = {"column": names[at], "found": text, "n": str(len(cells))}
        faults.append(fault("unsaved-formula", replace(where, row=row), **values))
    return layer, faults


def _without_errors(layer: Layer) -> tuple[Layer, dict[tuple[int, int, str], None]]:
    """A layer whose cells that hold an error as text are empty, and what those were."""
    found: dict[tuple[int, int, str], None] = {}
    emptied = {}
    for name, at in zip(layer.cells.columns, layer.columns_at, strict=True):
        column = layer.cells[name]
        said = column.map(lambda cell: cell if isinstance(cell, str) else "") if column.dtype == object else column
        wrong = said.str.startswith(("#", "Err:")).fillna(False).astype(bool)  # few begin so, and are looked at closely
        if wrong.any():
            wrong &= shown_errors(said.where(wrong, ""))
        if wrong.any():
            places = np.flatnonzero(wrong.to_numpy())
            found |= dict.fromkeys((int(layer.rows[place]), at - 1, str(column.iloc[place])) for place in places)
            emptied[name] = column.mask(wrong, "")
    return (replace(layer, cells=layer.cells.assign(**emptied)) if emptied else layer), found
