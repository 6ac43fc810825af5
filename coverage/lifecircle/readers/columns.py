"""The columns of a layer read as a table's contract wants them, with a fault for every cell that cannot be."""

from __future__ import annotations

import difflib
from dataclasses import replace

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.readers import cells as reading
from lifecircle.readers.headers import above_headers, contract_of
from lifecircle.readers.heads import header_factor, land_unit
from lifecircle.readers.layers import Layer
from lifecircle.study import Study
from lifecircle.tables import CONTRACTS, Column
from lifecircle.words import both, plain, spellings, term

_SURE = 0.8  # how alike two spellings are when one must be a mistake for the other, as difflib measures it
_LONG = 1_000  # characters of a text that somebody has written by hand
_MOST_KINDS = 200  # of one register; a column of more is none of kinds
_MOST = 1e9  # no households, people or square metres of one row are more
_LISTS = {"serves": 100_000, "services": 100_000}  # texts that list many things
_LINKS = {"part_of", "site_of"}  # columns besides those that end in _id which hold keys
_SAID = {"from_signal", "to_signal", "from_cut", "to_cut", "bridge", "tunnel"}  # columns that can say yes or no
_TAKEN = {"row", "geometry", "fid", "unit_id"}  # columns that the tables themselves bring, and so do results
_MEASURED = (
    "minutes_", "reach_", "counted", "ledger_", "households_in_reach", "snap_m", "street_id", "island", "snapped",
    "exit_min",
)  # fmt: skip


def read_columns(
    layer: Layer, where: Where, headers: dict[str, str], study: Study
) -> tuple[dict[str, object], list[Fault]]:
    """Each column of the contract read from its header, unknown where the file has none; other columns as they are."""
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for column in CONTRACTS[contract_of(where.table)]:
        header = headers.get(column.name)
        if header is None:
            found[column.name] = _absent(column.reading, len(layer.cells))
            continue
        if land_unit(header) and column.name.endswith("_m2"):
            faults.append(fault("land-unit", where, column=header, found=land_unit(header), name=column.name))
            found[column.name] = _absent(column.reading, len(layer.cells))
            continue
        values, wrong, known = _read_cells(layer.cells[header], column, study, header_factor(header))
        if column.reading == "kind" and (n_kinds := values.nunique()) > _MOST_KINDS:
            faults.append(fault("too-many-kinds", where, column=header, found=f"{n_kinds:,}", most=_MOST_KINDS))
        found[column.name] = values.to_numpy() if column.reading in {"number", "date"} else values.array
        faults += cell_faults(column, layer, where, header, wrong, known)
        faults += _notes(column, layer.cells[header], values, where, header)
    if where.table == "units" and "unit_id" not in headers and "name" in headers:
        found["unit_id"], told = _keys_of_names(layer, where, headers)
        faults += told
    others = [
        name
        for name in layer.cells.columns
        if name not in headers.values() and str(name) not in {*found, *_TAKEN} and not str(name).startswith(_MEASURED)
    ]
    return found | {str(name): layer.cells[name].array for name in others}, faults


def read_groups(
    layer: Layer, where: Where, study: Study, named: dict[str, str]
) -> tuple[dict[str, object], list[Fault]]:
    """The columns that tell groups apart: counts as numbers, kinds as words, by the names that the study gives them."""
    faults: list[Fault] = []
    found: dict[str, object] = {}
    for name, header in named.items():
        cells = layer.cells[header]
        if name not in study.equity.groups.values():
            found[name] = reading.texts(cells).array
            continue
        column = Column(name, "number", non_negative=True)
        values, wrong, _ = _read_cells(cells, column, study, header_factor(header))
        found[name] = values.to_numpy()
        faults += cell_faults(column, layer, where, header, wrong, {})
        faults += _notes(column, cells, values, where, header)
    return found, faults


_MOST_EACH = 1_000  # cells of a column that are told one by one: more have one cause


def cell_faults(
    column: Column, layer: Layer, where: Where, header: str, wrong: pd.Series, known: dict[str, str]
) -> list[Fault]:
    """A fault for each cell that is wrong, with its row; beyond `_MOST_EACH` of a column one for all the others."""
    every = np.flatnonzero(wrong.to_numpy())
    places = every[:_MOST_EACH]
    cells = layer.cells[header].iloc[places].astype(object)
    said = reading.texts(cells)
    broken = reading.shown_errors(said)
    absurd = reading.numbers(cells, _unit(column))[0] > 0 if column.reading == "number" else broken
    faults = []
    for place, cell, text, is_error, is_absurd in zip(places, cells, said, broken, absurd, strict=True):
        there = replace(where, row=int(layer.rows[place]))
        if is_error:
            faults.append(fault("cell-error", there, column=header, found=text))
        elif column.reading == "number" and is_absurd:
            faults.append(fault("absurd-number", there, column=header, found=text))
        else:
            faults.append(_cell_fault(column, there, header, cell, text, known))
    rest = every[_MOST_EACH:]
    if len(rest):
        text = reading.texts(layer.cells[header].iloc[rest[:1]].astype(object)).iloc[0]
        row = int(layer.rows[every[0]])
        faults.append(fault("more-cells", where, column=header, n=f"{len(rest):,}", row=row, found=text))
    return faults


def _absent(kind: str, n: int) -> object:
    """A column that the file does not have: unknown numbers and days, empty texts."""
    if kind == "number":
        return np.full(n, np.nan)
    return (
        np.full(n, np.datetime64("NaT"), dtype="datetime64[us]") if kind == "date" else pd.array([""] * n, dtype="str")
    )


def _is_key(column: Column) -> bool:
    return column.name.endswith("_id") or column.name in _LINKS


def _read_cells(
    cells: pd.Series, column: Column, study: Study, factor: int
) -> tuple[pd.Series, pd.Series, dict[str, str]]:
    """Values, which cells are wrong, and the words that were expected."""
    if column.reading == "number":
        values, wrong = reading.numbers(cells, _unit(column), factor=factor)
        absurd = values > _MOST
        return values.mask(absurd), wrong | absurd | (column.non_negative & (values < 0)), {}
    if column.reading == "date":
        values, wrong = reading.dates(cells, month_end=column.name == "lease_until")
        endless = reading.without_end(cells[wrong]) if wrong.any() else wrong[wrong]
        return values, wrong & ~endless.reindex(wrong.index, fill_value=False), {}
    if column.reading in {"tier", "status", "policy", "urban_rural"}:
        known = spellings(column.reading)
        values, wrong = reading.words(cells, known, plain=plain)
        return values, wrong, known
    if column.reading == "kind":
        return _kinds(cells, study)
    values, wrong = _read_texts(cells, column)
    return values, wrong, {}


def _unit(column: Column) -> str:
    return "m2" if column.name.endswith("_m2") else column.name if column.name in reading.UNITS else ""


def _read_texts(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Texts or keys; empty where a spreadsheet shows an error, has lost digits, or a text is too long."""
    values, wrong = reading.keys(cells) if _is_key(column) else (reading.texts(cells), None)
    bad = reading.shown_errors(values) | (values.str.len() > _LISTS.get(column.name, _LONG))
    bad = bad if wrong is None else bad | wrong
    values = values.mask(bad, "") if bad.any() else values
    if column.name in _SAID:
        said, odd = reading.yes_no(values)
        values = values.where(odd | said.isna(), said.map({True: "yes", False: "no"})).astype("str")
    return values, bad


def _kinds(cells: pd.Series, study: Study) -> tuple[pd.Series, pd.Series, dict[str, str]]:
    """Kinds of facilities; a kind that is missing or so like a known one that it must be a misspelling is wrong."""
    values, own = reading.texts(cells), _kind_spellings(study)
    texts = values.drop_duplicates().reset_index(drop=True)
    spoilt = reading.shown_errors(texts).tolist()
    odd = [
        text
        for number, (text, is_error) in enumerate(zip(texts, spoilt, strict=True))
        if is_error or _odd_kind(text, own, alike=number < _MOST_KINDS)
    ]
    found = {text: own.get(plain(text), text) for text in texts}
    return values.map(found).astype("str"), values.isin(odd), own


def _odd_kind(text: str, kinds: dict[str, str], *, alike: bool) -> bool:
    """Whether a text cannot be a kind; where `alike`, one that is like a known kind is taken for a misspelling."""
    word = plain(text)
    if not word or len(word) > _LONG:
        return True
    return alike and word not in kinds and bool(difflib.get_close_matches(word, kinds, n=1, cutoff=_SURE))


def _kind_spellings(study: Study) -> dict[str, str]:
    own = {plain(word): kind for kind, name in study.kinds.items() for word in (kind, name.zh, name.en, *name.also)}
    return spellings("kind") | own


def _notes(column: Column, cells: pd.Series, values: pd.Series, where: Where, header: str) -> list[Fault]:
    """What was done with a column while it was read."""
    notes = []
    if column.reading == "number" and header_factor(header) != 1:
        notes.append(fault("myriads", where, column=header))
    if column.reading == "date" and values.isna().any():
        endless = cells[values.isna()][reading.without_end(cells[values.isna()])]
        if len(endless):
            notes.append(fault("no-end", where, column=header, found=endless.iloc[0], n=len(endless)))
    if column.reading == "text" and _is_key(column) and not pd.api.types.is_numeric_dtype(cells.dtype):
        spelt = cells.astype("str").str.strip() if cells.dtype == "str" else cells.map(str).str.strip()
        unseen = reading.bears_unseen(spelt)
        if unseen.any():
            found = values[unseen].iloc[0]
            notes.append(fault("cleaned-keys", where, column=header, found=found, n=int(unseen.sum())))
    return notes


def _keys_of_names(layer: Layer, where: Where, headers: dict[str, str]) -> tuple[object, list[Fault]]:
    """Keys of units that have none: their names, with those of what lies above where a name stands twice."""
    names = reading.texts(layer.cells[headers["name"]])
    found = names.copy()
    for header in above_headers([name for name in layer.cells.columns if name != headers["name"]]):
        twice = found.duplicated(keep=False) & (names != "")
        if not twice.any():
            break
        above = reading.texts(layer.cells[header])
        found = found.mask(twice & (above != ""), above + "/" + found)
    column = headers["name"]
    values = {"found": found.iloc[0] if len(found) else "", "n": int((found != names).sum()), "all": len(names)}
    return found.astype("str").array, [fault("keys-from-names", where, column=column, **values)]


def _cell_fault(column: Column, where: Where, header: str, cell: object, text: str, known: dict[str, str]) -> Fault:
    if len(text) > _LONG:
        return fault("long-text", where, column=header, n=len(text), most=_LISTS.get(column.name, _LONG))
    if column.reading == "kind":
        return fault("unknown-kind", where, column=header, found=text, **hint(plain(text), known))
    if column.reading == "number":
        return _number_fault(column, where, header, cell, text)
    if column.reading == "date":
        return fault("not-a-date", where, column=header, found=text)
    if column.reading == "text":
        return fault("shortened-key", where, column=header, found=text)
    said = _said(column.reading)
    values = {"expected": said["en"], "expected_zh": said["zh"]} | hint(plain(text), known)
    return fault("unknown-word", where, column=header, found=text, **values)


def _number_fault(column: Column, where: Where, header: str, cell: object, text: str) -> Fault:
    if (isinstance(cell, (int, float)) and not isinstance(cell, bool)) or text.startswith("-"):
        return fault("negative-number", where, column=header, found=text)
    square = column.name.endswith("_m2")
    expected = "square metres such as 300" if square else "a number such as 300"
    expected_zh = "平方米数,如 300" if square else "数字,如 300"
    return fault("not-a-number", where, column=header, found=text, expected=expected, expected_zh=expected_zh)


def _said(group: str) -> dict[str, str]:
    """The words of a group, one spelling each."""
    names = [term(group, key) for key in dict.fromkeys(spellings(group).values())]
    return both("、".join(name["zh"] for name in names), ", ".join(f"{name['zh']} ({name['en']})" for name in names))
