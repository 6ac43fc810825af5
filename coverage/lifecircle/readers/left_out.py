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
    r"^(?:.{0,12}[\s:\-(,、]*)?(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|本\s*页\s*计)\s*(?:[(:].{0,12})?$"
    r"|^((?:grand |sub)?\s*-?total)(?:s|\s*[:(].*)?$|^(sum)[:]?$"
)
# How a note below a table begins. Nothing but such words may stand before its colon or its end: 联系服务站 is a name.
_NOTE = re.compile(
    r"^((?:注|附注|备注|说明|填表|制表|审核|审批|复核|填报|报送|盖章|日期|单位负责|负责|联系|数据来源|资料来源|来源)"
    r"(?:说明|人员|人|者|单位|部门|日期|时间|电话|方式|签字|签名|签章|盖章|\((?:签字|签名|签章|盖章)\)|\s)*"
    r"|(?:notes?|remarks?|(?:data )?sources?|(?:prepared|filled in|checked|approved)(?: by| on)?))\s*\d{0,2}\s*(?::|$)"
)
_FIRST = 3  # texts of a row among which the word for a total stands


def without_others(
    cells: pd.DataFrame,
    rows: np.ndarray,
    where: Where,
    *,
    key: Collection[str],
    place: Sequence[str],
    header: Sequence[str],
    merged: Collection[int] = (),
) -> tuple[np.ndarray, list[Fault]]:
    """Which rows are records, and what was left out, each with its row and the word that decided, and no more of it.

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
    merged
        The numbers of rows with a cell that is merged over several columns.

    """
    kept = np.ones(len(cells), dtype=bool)
    faults: list[Fault] = []
    keys = [name for name in cells.columns if name in set(key)]
    places = [name for name in cells.columns if name in set(place)]
    bare = _bare(cells, keys)
    for at in np.flatnonzero(bare):
        texts = [str(cell).strip() for cell in cells.iloc[at] if not _blank(cell)]
        what = _kind(cells.iloc[at], texts, keys, places, header)
        if what is not None:
            kept[at] = False
            faults.append(_left_out(where, int(rows[at]), *what))
    return _without_notes(cells, rows, where, kept, faults, set(merged))


def is_total(text: str) -> bool:
    """Whether a text is a word for a total.

    >>> [is_total(text) for text in ("合 计", "北站街道小计", "Total:", "合计路1号")]
    [True, True, True, False]
    """
    return bool(_word(_TOTAL, text))


def _word(known: re.Pattern[str], text: str) -> str:
    """The word by which a text is known, empty where it is not."""
    found = known.match(unicodedata.normalize("NFKC", text).strip().lower())
    return next((word.strip() for word in found.groups() if word), "") if found else ""


def _blank(cell: object) -> bool:
    """Whether a cell of any kind of file is empty."""
    return is_blank(cell) or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))


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
) -> tuple[dict[str, str], dict[str, str]] | None:
    """What a row is that is no record, and the word that says so; or None."""
    if len(texts) > 1 and texts == [name for name in header if name]:
        return both("重复的表头", "the header again"), both(texts[0], texts[0])
    own = [str(row[name]).strip() for name in keys if not _blank(row[name])]
    if any(not is_total(text) for text in own):
        return None
    if not keys and len(places) > 1 and not any(_blank(row[name]) for name in places):
        return None  # no key is known here: what has a place may be a record
    word = next((word for text in texts[:_FIRST] if (word := _word(_TOTAL, text))), "")
    return (both("合计行", "a row of totals"), both(word, word)) if word else None


def _without_notes(
    cells: pd.DataFrame, rows: np.ndarray, where: Where, kept: np.ndarray, faults: list[Fault], merged: set[int]
) -> tuple[np.ndarray, list[Fault]]:
    """Rows at the end that are notes: who filled the sheet in and when, or a single cell over several columns."""
    if len(cells.columns) <= 1:
        return kept, faults
    found = list(faults)
    for at in range(len(cells) - 1, -1, -1):
        if not kept[at]:
            continue
        texts = [str(cell) for cell in cells.iloc[at] if not _blank(cell)]
        word = _note(texts, is_wide=int(rows[at]) in merged)
        if word is None:
            break
        kept[at] = False
        found.append(_left_out(where, int(rows[at]), both("表尾说明", "a note below the table"), word))
    return kept, found


def _note(texts: Sequence[str], *, is_wide: bool) -> dict[str, str] | None:
    """The word by which a row at the end is a note, or that its only cell spans columns; None where it may be a record.

    A single text without such a word may be all that is known of a record, and is kept.
    """
    word = _word(_NOTE, texts[0]) if texts else ""
    if word:
        return both(word, word)
    return both("跨列合并的单元格", "one cell over several columns") if len(texts) == 1 and is_wide else None


def _left_out(where: Where, row: int, what: dict[str, str], word: dict[str, str]) -> Fault:
    """The note on a row; its other cells may be names and numbers of people, and notes are published."""
    said = {"what": what["en"], "what_zh": what["zh"], "found": word["en"], "found_zh": word["zh"]}
    return fault("left-out-row", Where(where.file, where.table, where.sheet, row), **said)
