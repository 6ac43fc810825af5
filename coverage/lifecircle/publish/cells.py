"""Cells of a workbook that hold what others wrote: as text, never as a formula, a link or a control character."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

LONGEST = 1_000  # characters of a cell; a workbook takes 32,767, nobody reads more than these
_MOST_DIGITS = 1e15  # longer numbers are keys, and a workbook rounds them
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BASE = {"valign": "top", "text_wrap": True}


@dataclass(frozen=True)
class Styles:
    """The formats of a workbook, each made once."""

    book: Workbook
    made: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)

    def of(self, **look: object) -> Format:
        """A format with this look over the plain one: wrapped text at the top of its cell."""
        key = tuple(sorted(look.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format(_BASE | look)
        return self.made[key]


def safe_text(value: object, longest: int = LONGEST) -> str:
    r"""Text without characters that nobody sees, cut where it is too long.

    >>> safe_text("a\x00b"), safe_text("abcdef", 3)
    ('ab', 'abc…')
    """
    text = _UNSEEN.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= longest else f"{text[:longest]}…"


def write_cell(sheet: Worksheet, row: int, column: int, value: object, styles: Styles, **look: object) -> None:
    """Write a value as what it is: a number, a day, a truth value or else text; nothing where it is missing."""
    if (
        value is None
        or (isinstance(value, str) and not value)
        or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
    ):
        sheet.write_blank(row, column, None, styles.of(**look))
    elif isinstance(value, (bool, np.bool_)):
        sheet.write_boolean(row, column, bool(value), styles.of(**look))
    elif isinstance(value, (int, float, np.integer, np.floating)) and -_MOST_DIGITS < value < _MOST_DIGITS:
        sheet.write_number(row, column, float(value), styles.of(**look))
    elif isinstance(value, dt.date) and _is_of_calendar(value):
        timed = isinstance(value, dt.datetime) and value.time() != dt.time()
        form = "yyyy-mm-dd hh:mm" if timed else "yyyy-mm-dd"
        sheet.write_datetime(row, column, value, styles.of(num_format=form, align="left", **look))
    else:
        text = safe_text(value)
        quoted = {"quote_prefix": True} if text.startswith(_FORMULA) else {}  # stays text when the cell is edited
        sheet.write_string(row, column, text, styles.of(num_format="@", **quoted, **look))


def _is_of_calendar(day: dt.date) -> bool:
    """Whether a workbook can hold a day: from March 1900, in no time zone."""
    return getattr(day, "tzinfo", None) is None and (day.year, day.month) >= (1900, 3) and day.year <= 9999
