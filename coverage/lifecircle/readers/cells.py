"""Cells as offices write them, read as numbers, dates and words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

EMPTY = {"", "-", "--", "—", "——", "/", "n/a", "na", "nan", "none", "null", "<na>", "不详", "未知", "待定", "待核"}
UNITS = {"m2": r"(平方米|平米|m2|㎡)$", "households": r"户$", "population": r"人$", "": r"$^"}
_GROUPED = re.compile(r"^[+-]?\d{1,3}((,\d{3})+|( \d{3})+)(\.\d+)?$")
_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})[日号]?|月)?(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?$")


def numbers(cells: pd.Series, unit: str = "m2") -> tuple[pd.Series, pd.Series]:
    """Numbers, NaN where a cell is empty; and which cells hold something that is no number.

    Thousands separators (commas or spaces), full-width digits and the column's own unit behind the number are
    understood: square metres (`m2`), `households` or `population`. `约300` is no number, nor is one without end.

    >>> numbers(pd.Series(["1,200", "350㎡", "", "约300"]))[0].tolist()
    [1200.0, 350.0, nan, nan]
    """
    return _read(
        cells, partial(_number, unit=UNITS[unit]), lambda plain: pd.to_numeric(plain, errors="coerce"), "float64"
    )


def dates(cells: pd.Series, *, month_end: bool = False) -> tuple[pd.Series, pd.Series]:
    """Days, NaT where a cell is empty, and which cells hold no date.

    A month alone means its first day, or with `month_end` its last.

    >>> dates(pd.Series(["2026年3月1日", "2026/3"]))[0].dt.strftime("%Y-%m-%d").tolist()
    ['2026-03-01', '2026-03-01']
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None) if isinstance(cells.dtype, pd.DatetimeTZDtype) else cells
        return days.astype("datetime64[us]"), pd.Series(False, index=cells.index)
    return _read(cells, partial(_date, month_end=month_end), None, "datetime64[us]")


def texts(cells: pd.Series) -> pd.Series:
    """Text without surrounding spaces, empty where a cell is empty; whole numbers without a decimal point.

    >>> texts(pd.Series([" A1 ", 12.0, None])).tolist()
    ['A1', '12', '']
    """
    return cells.map(_text).astype("str")


def words(cells: pd.Series, known: dict[str, str], *, plain: Callable[[str], str]) -> tuple[pd.Series, pd.Series]:
    """The known word behind each spelling, empty where a cell is empty; and which cells hold another word."""
    spelt = texts(cells)
    found = spelt.map(lambda text: "" if text.lower() in EMPTY else known.get(plain(text), "")).astype("str")
    return found, (found == "") & ~spelt.str.lower().isin(EMPTY)


def _read(
    cells: pd.Series, one: Callable[[object], object], fast: Callable[[pd.Series], pd.Series] | None, dtype: str
) -> tuple[pd.Series, pd.Series]:
    """Read cells, the plain ones at once and the others one by one."""
    if fast and pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        values = cells.astype("float64")
        return values, pd.Series(np.isinf(values.to_numpy()), index=cells.index)
    values = fast(cells).astype(dtype) if fast else pd.Series(pd.NaT, index=cells.index, dtype=dtype)
    if fast and cells.dtype == object:
        values = values.mask(cells.map(lambda cell: isinstance(cell, bool)))
    wrong = pd.Series(False, index=cells.index)
    rest = [
        place
        for place, known in enumerate(values.notna() & np.isfinite(values) if fast else values.notna())
        if not known
    ]
    read = [one(cells.iloc[place]) for place in rest]
    wrong.iloc[[place for place, value in zip(rest, read, strict=True) if value is False]] = True
    blank = pd.NaT if dtype.startswith("datetime") else np.nan
    values.iloc[rest] = pd.Series(
        [blank if value is False or value is None else value for value in read], dtype=dtype
    ).to_numpy()
    return values, wrong


def _text(cell: object) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _number(cell: object, unit: str) -> float | bool | None:
    if isinstance(cell, bool):
        return False
    text = unicodedata.normalize("NFKC", _text(cell)).lower().strip()
    if text.replace(" ", "") in EMPTY:
        return None
    text = re.sub(rf"\s*({unit})", "", text)
    text = re.sub("[, ]", "", text) if _GROUPED.match(text) else text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text):
        return False
    return float(text) if np.isfinite(float(text)) else False


def _date(cell: object, *, month_end: bool) -> pd.Timestamp | bool | None:
    if hasattr(cell, "year") and hasattr(cell, "month"):
        return None if cell is pd.NaT else pd.Timestamp(cell)
    text = unicodedata.normalize("NFKC", _text(cell))
    if text.lower() in EMPTY:
        return None
    parts = _DATE.match(text) or _DIGITS.match(text)
    try:
        if not parts:
            return False
        day = pd.Timestamp(int(parts[1]), int(parts[2]), int(parts[3] or 1))
        return day + pd.offsets.MonthEnd(0) if month_end and not parts[3] else day
    except ValueError:
        return False
