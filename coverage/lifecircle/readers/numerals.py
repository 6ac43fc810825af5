"""One number or one day as offices write it: full-width digits, separators, 万, Chinese numerals, 年月日."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

import pandas as pd

MYRIAD = 10_000  # 万
UNITS = {
    "m2": r"(?:平方米|平米|平方|平|m2|m\^2|sqm|sq\.m)",
    "households": r"户",
    "population": r"(?:人|口人)",
    "": r"(?!)",
}
OPEN_END = {
    "长期", "长期有效", "长期使用", "永久", "永久使用", "无固定期限", "无期限", "无限期", "不限期", "不限", "无",
    "自有", "自有产权", "产权自有", "自有用房", "非租赁", "无租期",
}  # fmt: skip
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?")
_ZERO_TO_NINE = "零一二三四五六七八九"
_DIGITS = {character: value for value, character in enumerate(_ZERO_TO_NINE)}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_DAY = re.compile(
    r"(\d{4})(?:年|[-/.])\s*(\d{1,2})(?:(?:月|[-/.])\s*(\d{1,2})[日号]?|月(份?[初底末])?份?)?"
    r"(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_END = re.compile(r"(\d{4})年?(年?[初底末])")
_TENTH = re.compile(r"\d{4}\.\d")  # 2025.1 is what a spreadsheet makes of 2025.10
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_SERIALS = (18_264, 73_416)  # days of a spreadsheet, counted from 1899-12-30: 1950-01-01 up to before 2101-01-01
_FIRST_SERIAL = pd.Timestamp(1899, 12, 30)


def times(number: float, factor: int) -> float:
    """A number times a whole factor, as exact as it is written.

    >>> times(0.035, 10_000), 0.035 * 10_000
    (350.0, 350.00000000000006)
    """
    return float(Decimal(repr(number)) * factor) if math.isfinite(number) else number


def number_of(text: str, *, unit: str, factor: int = 1) -> float | None:
    """The number that a text states, None where it states none for sure.

    `unit` is the column's own (`m2`, `households`, `population` or none). `factor` is that of the header's unit; a cell
    with a 万 of its own goes before it, one with a bare unit contradicts it.

    >>> number_of("1.2万㎡", unit="m2"), number_of("三百二十户", unit="households"), number_of("约300", unit="m2")
    (12000.0, 320.0, None)
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("−", "-").replace("’", "'").strip()
    bare = re.sub(rf"\s*{UNITS[unit]}$", "", text)
    digits = _digits_of(bare.removesuffix("万").rstrip()) if bare.endswith("万") else _digits_of(bare)
    if digits is None:
        whole = _whole_of(bare)
        return None if whole is None or (factor != 1 and bare != text) else float(whole * _rest(bare, factor))
    if bare.endswith("万"):
        return _finite(Decimal(digits) * MYRIAD)
    return None if factor != 1 and bare != text else _finite(Decimal(digits) * factor)


def day_of(text: str, *, month_end: bool = False) -> pd.Timestamp | None:
    """The day that a text states, None where it states none for sure; its time of day is dropped.

    A month alone is its first day, with `month_end` its last; 月初, 月底, 年初 and 年底 say which. Five digits are the
    days of a spreadsheet. Years of two digits, days before months and `2025.1`, which may
    have been 2025.10, are not sure.

    >>> [str(day_of(text).date()) for text in ("2025年3月底", "二〇二五年三月一日", "45717")]
    ['2025-03-31', '2025-03-01', '2025-03-01']
    """
    text = _chinese_date(unicodedata.normalize("NFKC", text).strip())
    if _TENTH.fullmatch(text):
        return None
    if _SERIAL.fullmatch(text):
        return serial_day(float(text))
    if parts := _YEAR_END.fullmatch(text):
        month, day = (1, 1) if parts[2].endswith("初") else (12, 31)
        return _timestamp(int(parts[1]), month, day)
    parts = _DAY.fullmatch(text)
    if parts and not parts[3]:
        first = _timestamp(int(parts[1]), int(parts[2]), 1)
        late = not parts[4].endswith("初") if parts[4] else month_end
        return first + pd.offsets.MonthEnd(0) if late and first is not None else first
    parts = parts or _EIGHT.fullmatch(text)
    return _timestamp(int(parts[1]), int(parts[2]), int(parts[3])) if parts else None


def serial_day(days: float) -> pd.Timestamp | None:
    """The day that a spreadsheet counts as its n-th, None where that is before 1950 or after 2100.

    >>> serial_day(45717.75), serial_day(2025)
    (Timestamp('2025-03-01 00:00:00'), None)
    """
    low, high = _SERIALS
    return _FIRST_SERIAL + pd.Timedelta(days=int(days)) if low <= days < high else None


def _finite(number: Decimal) -> float | None:
    return float(number) if math.isfinite(float(number)) else None


def _digits_of(text: str) -> str | None:
    """The digits of a number without separators."""
    if _GROUPED.fullmatch(text):
        return re.sub("[, ']", "", text)
    return text if _PLAIN.fullmatch(text) else None


def _rest(text: str, factor: int) -> int:
    """What a whole number in words is still to be multiplied with."""
    return 1 if "万" in text else factor


def _whole_of(text: str) -> int | None:
    """A whole number in Chinese numerals below 100 million, None where it is none or could be read in two ways.

    What is not written in full, as 二百五 or 三万二, is not sure.
    """
    plain = text.replace("两", "二").replace("〇", "零").replace("一十", "十")
    total = section = digit = 0
    for character in plain:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _PLACES:
            section, digit = section + max(digit, 1) * _PLACES[character], 0
        elif character == "万":
            total, section, digit = total + (section + digit) * MYRIAD, 0, 0
        else:
            return None
    value = total + section + digit
    return value if value < MYRIAD**2 and plain == _in_words(value).replace("一十", "十") else None


def _in_words(number: int) -> str:
    """A whole number below 100 million in Chinese numerals, written in full."""
    high, low = divmod(number, MYRIAD)
    if high:
        return f"{_in_words(high)}万" + (("零" if low < MYRIAD // 10 else "") + _in_words(low) if low else "")
    words, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        words += ("零" if gap and words else "") + _ZERO_TO_NINE[digit] + name if digit else ""
        gap = not digit
    return words or "零"


def _chinese_date(text: str) -> str:
    """A date with its years, months and days in digits: 二〇二五年十二月三日 as 2025年12月3日."""
    text = text.replace("○", "零").replace("〇", "零")
    year, separator, rest = text.partition("年")
    if not separator or not re.fullmatch(r"[零一二三四五六七八九]{4}|\d{4}", year):
        return text
    digits = "".join(str(_DIGITS.get(character, character)) for character in year)
    return f"{digits}年" + re.sub("[一二三四五六七八九十]+", lambda found: str(_whole_of(found[0]) or found[0]), rest)


def _timestamp(year: int, month: int, day: int) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(year, month, day)
    except ValueError:
        return None
