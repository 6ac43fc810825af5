"""Columns of cells as offices write them, read as numbers, dates, keys and words."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lifecircle.readers.numerals import OPEN_END, UNITS, day_of, number_of, serial_day, times

__all__ = [
    "EMPTY",
    "UNITS",
    "bears_unseen",
    "dates",
    "keys",
    "numbers",
    "shown_errors",
    "texts",
    "without_end",
    "words",
    "yes_no",
]

EMPTY = {
    "", "-", "--", "—", "——", "/", "\\", "?", "??", "n/a", "na", "nan", "none", "null", "<na>", "<null>",
    "不详", "不明", "不清楚", "未知", "待定", "待核", "待核实", "待查", "待补", "待补充", "未统计", "暂无", "暂缺",
    "缺", "缺失", "空",
}  # fmt: skip
# Marks that nobody sees: control characters but for tab and line feed, zero-width and directional marks, the byte order
# mark, soft hyphens, halves of surrogate pairs.
_UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe\uffff]"
_HALVES = re.compile("[\ud800-\udfff]")
_SHOWN = (
    r"#(?:REF|VALUE|DIV/0|NAME|NULL|NUM|SPILL|CALC|GETTING_DATA|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY)[!?]?"
    r"|#N/A(?: N/A)?|#{3,}|Err:\d{3}"
)
_SHORTENED = r"\d(?:\.\d+)?[eE]\+?\d{1,3}"
_EXACT = 10**15  # whole numbers from here on lose digits in a spreadsheet
_NO_DAY = EMPTY | OPEN_END
_YES = {"是", "有", "√", "✓", "✔", "y", "yes", "t", "true", "1", "1.0", "对", "已"}
_NO = {"否", "无", "没有", "×", "✗", "✘", "x", "n", "no", "f", "false", "0", "0.0", "错", "未", "不是"}


def numbers(cells: pd.Series, unit: str = "m2", *, factor: int = 1) -> tuple[pd.Series, pd.Series]:
    """Numbers, NaN where a cell is empty; and which cells hold something that is no number.

    Thousands separators (commas, spaces, apostrophes), full-width digits, 万, whole numbers in Chinese numerals and the
    column's own unit behind the number are understood: square metres (`m2`), `households` or `population`. `约300` is
    no number, nor is one without end or a percentage. `factor` multiplies numbers whose header counts in a larger unit.

    >>> numbers(pd.Series(["1,200", "350㎡", "", "约300"]))[0].tolist()
    [1200.0, 350.0, nan, nan]
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values = pd.Series(cells.to_numpy(dtype="float64", na_value=np.nan), index=cells.index)
        wrong = pd.Series(np.isinf(values.to_numpy()), index=cells.index)
        return (values if factor == 1 else values.map(lambda one: times(one, factor))), wrong
    plain = cells.mask(cells.map(lambda cell: isinstance(cell, bool))) if cells.dtype == object else cells
    values = pd.to_numeric(plain, errors="coerce").astype("float64")
    values = values if factor == 1 else values.map(lambda one: times(one, factor))
    rest = np.flatnonzero(~np.isfinite(values.to_numpy()))
    return _filled(cells, values, rest, partial(_number, unit=unit, factor=factor))


def dates(cells: pd.Series, *, month_end: bool = False) -> tuple[pd.Series, pd.Series]:
    """Days, NaT where a cell is empty, and which cells hold no date.

    A month alone means its first day, or with `month_end` its last. Numbers are the days of a spreadsheet. `长期` and
    its like are no day and no mistake: `without_end` tells them.

    >>> dates(pd.Series(["2026年3月1日", "2026/3"]))[0].dt.strftime("%Y-%m-%d").tolist()
    ['2026-03-01', '2026-03-01']
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None) if isinstance(cells.dtype, pd.DatetimeTZDtype) else cells
        return days.dt.normalize().astype("datetime64[us]"), pd.Series(False, index=cells.index)
    blank = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    return _filled(cells, blank, np.arange(len(cells)), partial(_date, month_end=month_end))


def without_end(cells: pd.Series) -> pd.Series:
    """Which cells say that a lease has no end, or that nothing is rented: 长期, 无固定期限, 自有.

    >>> without_end(pd.Series(["长期", "2026-03-01"])).tolist()
    [True, False]
    """
    spelt = texts(cells)
    return spelt.isin([one for one in spelt.unique() if _bare(one) in OPEN_END])


def texts(cells: pd.Series) -> pd.Series:
    """Text without surrounding spaces and unseen marks, empty where a cell is empty; whole numbers without a point.

    >>> texts(pd.Series([" A1 ", 12.0, None])).tolist()
    ['A1', '12', '']
    """
    if pd.api.types.is_integer_dtype(cells.dtype) and not cells.hasnans:
        return cells.astype("str")
    seen = cells.fillna("") if cells.dtype == "str" else _spelt(cells)
    odd = seen.str.contains(_UNSEEN, regex=True)
    return (seen.mask(odd, seen[odd].str.replace(_UNSEEN, "", regex=True)) if odd.any() else seen).str.strip()


def keys(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Keys as text, and which have lost digits in a spreadsheet.

    A key of digits that was kept as a number has no decimal point; zeros in front stay where it is text. What reads
    3.10101E+11, or is a number of 16 digits or more, is no longer the key it was.

    >>> [column.tolist() for column in keys(pd.Series(["310101001.0", "007", "3.10101E+11"]))]
    [['310101001', '007', '3.10101E+11'], [False, False, True]]
    """
    spelt = texts(cells)
    pointed = spelt.str.fullmatch(r"\d+\.0+")
    spelt = spelt.mask(pointed, spelt[pointed].str.split(".").str[0]) if pointed.any() else spelt
    lost = spelt.str.fullmatch(_SHORTENED).astype(bool)
    if not pd.api.types.is_string_dtype(cells.dtype) or cells.dtype == object:
        long = np.flatnonzero(spelt.str.len() >= len(str(_EXACT)))
        lost.iloc[[place for place in long if isinstance(cells.iloc[place], (float, np.floating))]] = True
    return spelt, lost


def bears_unseen(spelt: pd.Series) -> pd.Series:
    r"""Which texts hold characters that nobody sees: control characters, zero-width marks, the byte order mark.

    >>> bears_unseen(pd.Series(["A01\u200b", "A01"])).tolist()
    [True, False]
    """
    return spelt.str.contains(_UNSEEN, regex=True).astype(bool)


def shown_errors(spelt: pd.Series) -> pd.Series:
    """Which texts are what a spreadsheet shows in the place of a value: #REF!, #N/A, ####.

    >>> shown_errors(pd.Series(["#REF!", "A1", "#12"])).tolist()
    [True, False, False]
    """
    return spelt.str.fullmatch(_SHOWN).astype(bool)


def yes_no(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whether each cell says yes, missing where it is empty; and which cells say neither.

    >>> [column.tolist() for column in yes_no(pd.Series(["是", "×", "", "也许"]))]
    [[True, False, <NA>, <NA>], [False, False, False, True]]
    """
    spelt = texts(cells)
    known = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
    said = {one: known.get(_bare(one)) for one in spelt.unique()}
    values = spelt.map(said).astype("boolean")
    return values, values.isna() & ~spelt.isin([one for one in said if _bare(one) in EMPTY])


def words(cells: pd.Series, known: dict[str, str], *, plain: Callable[[str], str]) -> tuple[pd.Series, pd.Series]:
    """The known word behind each spelling, empty where a cell is empty; and which cells hold another word."""
    spelt = texts(cells)
    empty = [one for one in spelt.unique() if _bare(one) in EMPTY]
    meant = {one: known.get(plain(one), "") for one in spelt.unique()} | dict.fromkeys(empty, "")
    found = spelt.map(meant).astype("str")
    return found, (found == "") & ~spelt.isin(empty)


def _filled(
    cells: pd.Series, values: pd.Series, rest: np.ndarray, one: Callable[[object], object]
) -> tuple[pd.Series, pd.Series]:
    """Values with those of some places read one by one, each text once: None is empty, False is wrong."""
    seen: dict[tuple[type, Any], int] = {}
    known = (str, int, float, dt.date)
    each = [(type(cell), cell if isinstance(cell, known) else str(cell)) for cell in cells.iloc[rest].tolist()]
    places = np.fromiter((seen.setdefault(token, len(seen)) for token in each), dtype=np.int64, count=len(each))
    read = [one(cell) for _, cell in seen]
    wrong, filled = np.zeros(len(cells), dtype=bool), values.to_numpy(copy=True)
    wrong[rest] = np.array([value is False for value in read], dtype=bool)[places]
    found = pd.Series([None if value is False else value for value in read], dtype=values.dtype).to_numpy()
    filled[rest] = found[places]
    return pd.Series(filled, index=cells.index), pd.Series(wrong, index=cells.index)


def _spelt(cells: pd.Series) -> pd.Series:
    """Cells that are no text yet, as text."""
    if pd.api.types.is_float_dtype(cells.dtype):
        values = cells.to_numpy(dtype="float64", na_value=np.nan)
        silent = np.isnan(values)
        if (silent | ((np.floor(values) == values) & (np.abs(values) < _EXACT))).all():
            whole = pd.Series(np.where(silent, 0, values).astype(np.int64), index=cells.index).astype("str")
            return whole.mask(silent, "")
    spelt = list(map(_text, cells))
    try:
        return pd.Series(spelt, index=cells.index, dtype="str")
    except UnicodeEncodeError:  # half of a pair of surrogates
        return pd.Series([_HALVES.sub("", text) for text in spelt], index=cells.index, dtype="str")


def _text(cell: object) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _plain(cell: object) -> str:
    return re.sub(_UNSEEN, "", unicodedata.normalize("NFKC", _text(cell))).strip()


def _bare(text: str) -> str:
    """Text without spaces and the brackets around it, in half-width small letters."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower().strip("()")


def _number(cell: object, *, unit: str, factor: int) -> float | bool | None:
    if isinstance(cell, bool):
        return False
    text = _plain(cell)
    if _bare(text) in EMPTY:
        return None
    found = number_of(text, unit=unit, factor=factor)
    return False if found is None else found


def _date(cell: object, *, month_end: bool) -> pd.Timestamp | bool | None:
    if isinstance(cell, dt.date):  # a day, or a moment of it
        return None if cell is pd.NaT else pd.Timestamp(cell.year, cell.month, cell.day)
    if isinstance(cell, bool):
        return False
    text = _plain(cell)
    if _bare(text) in _NO_DAY:
        return None
    part = isinstance(cell, float) and not cell.is_integer()  # 2025.1 may have been 2025.10
    found = serial_day(float(text)) if part else day_of(text, month_end=month_end)
    return False if found is None else found
