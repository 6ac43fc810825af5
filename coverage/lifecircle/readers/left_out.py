"""Rows of a sheet that are no records: totals, notes at the end, headers printed again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault
from lifecircle.readers.headings import is_blank
from lifecircle.words import both

_TOTAL = re.compile(
    r"^(?:.{0,12}[\s:\-(,、]*)?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|本\s*页\s*计)\s*(?:[(:].{0,12})?$"
    r"|^(?:grand |sub)?\s*-?total(?:s|\s*[:(].*)?$|^sum[:]?$"
)
_SIGNED = re.compile(r"(填表|制表|审核|复核|填报|单位负责|负责人|联系|报送|盖章|日期).{0,8}:|(注|备注|说明):")
_FIRST = 3  # texts of a row among which the word for a total stands


def without_others(
    cells: pd.DataFrame,
    rows: np.ndarray,
    where: Where,
    *,
    key: Collection[str],
    place: Sequence[str],
    header: Sequence[str],
) -> tuple[np.ndarray, list[Fault]]:
    """Which rows are records, and what was left out, each with its row and what stood there.

    Parameters
    ----------
    cells
        The rows below the header.
    rows
        Their numbers as the keeper sees them.
    where
        The file and sheet.
    key
        The headers that can be the table's key. A row with a key is a record, whatever its name.
    place
        The headers of x and y.
    header
        The texts of the header's row.

    """
    kept = np.ones(len(cells), dtype=bool)
    faults: list[Fault] = []
    keys = [name for name in cells.columns if name in set(key)]
    places = [name for name in cells.columns if name in set(place)]
    bare = _bare(cells, keys)
    for at in np.flatnonzero(bare):
        texts = [str(cell).strip() for cell in cells.iloc[at] if not is_blank(cell)]
        what = _kind(cells.iloc[at], texts, keys, places, header)
        if what is not None:
            kept[at] = False
            faults.append(_left_out(where, int(rows[at]), what, texts))
    return _without_notes(cells, rows, where, keys, kept, faults)


def is_total(text: str) -> bool:
    """Whether a text is a word for a total.

    >>> [is_total(text) for text in ("合 计", "北站街道小计", "Total:", "合计路1号")]
    [True, True, True, False]
    """
    return bool(_TOTAL.match(unicodedata.normalize("NFKC", text).strip().lower()))


def _bare(cells: pd.DataFrame, keys: Sequence[str]) -> np.ndarray:
    """Rows to look at: without a key, or whose key is a word for a total or the header again."""
    if not len(cells):
        return np.zeros(0, dtype=bool)
    looked = keys or list(cells.columns[:_FIRST])
    found = np.zeros(len(cells), dtype=bool)
    odd = re.compile("计|總|和|otal|OTAL|[Ss]um|SUM")
    for name in looked:
        column = cells[name]
        texts = (
            column if pd.api.types.is_string_dtype(column.dtype) and column.dtype != object else column.astype("str")
        )
        found |= texts.str.contains(odd.pattern, na=False).to_numpy(dtype=bool)
        found |= (texts.str.strip() == name).to_numpy(dtype=bool, na_value=False)
        if keys:
            found |= (texts.str.strip() == "").to_numpy(dtype=bool, na_value=True) | column.isna().to_numpy()
    return found


def _kind(
    row: pd.Series, texts: list[str], keys: Sequence[str], places: Sequence[str], header: Sequence[str]
) -> dict[str, str] | None:
    """What a row is that is no record, or None."""
    if len(texts) > 1 and texts == [name for name in header if name]:
        return both("重复的表头", "the header again")
    own = [str(row[name]).strip() for name in keys if not is_blank(row[name])]
    if any(not is_total(text) for text in own):
        return None
    if not keys and len(places) > 1 and not any(is_blank(row[name]) for name in places):
        return None  # no key is known here: what has a place may be a record
    return both("合计行", "a row of totals") if any(map(is_total, texts[:_FIRST])) else None


def _without_notes(
    cells: pd.DataFrame, rows: np.ndarray, where: Where, keys: Sequence[str], kept: np.ndarray, faults: list[Fault]
) -> tuple[np.ndarray, list[Fault]]:
    """Rows at the end that are notes: a single cell that is no key, or who filled the sheet in, and when."""
    if len(cells.columns) <= 1:
        return kept, faults
    found = list(faults)
    for at in range(len(cells) - 1, -1, -1):
        if not kept[at]:
            continue
        filled = [(name, str(cell)) for name, cell in cells.iloc[at].items() if not is_blank(cell)]
        if not (filled and _is_below(filled, keys)):
            break
        kept[at] = False
        what = both("表尾说明", "a note below the table")
        found.append(_left_out(where, int(rows[at]), what, [text for _, text in filled]))
    return kept, found


def _is_below(filled: Sequence[tuple[str, str]], keys: Sequence[str]) -> bool:
    """Whether the filled cells of a row at the end are a note: a single one that is no key, or such as 填表人:王某."""
    column, text = filled[0]
    if len(filled) == 1:
        return column not in keys or _is_note(text)
    return bool(_SIGNED.match(unicodedata.normalize("NFKC", text).strip()))


def _is_note(text: str) -> bool:
    """Whether a text in the column of keys is a sentence and no key."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return bool(
        re.match(r"^(注|备注|说明|填表|制表|审核|单位负责|联系|数据来源|来源|note|source|prepared)", plain.lower())
    ) or (":" in plain and not plain.isascii())


def _left_out(where: Where, row: int, what: dict[str, str], texts: Sequence[str]) -> Fault:
    place = Where(where.file, where.table, where.sheet, row)
    said = {"what": what["en"], "what_zh": what["zh"]}
    return fault("left-out-row", place, found=" | ".join(texts), **said)
