"""What is wrong with an input: the check that found it, the place, and the words for it from data/faults.toml."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from lifecircle.words import shipped

Severity = Literal["error", "warning", "note"]

_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # marks that steer a terminal
WORKBOOKS = (".xlsx", ".xls", ".ods", ".xlsm", ".xlsb")
_PLACES = {
    "en": ("sheet {}", "layer {}", "row {}", ", "),
    "zh": ("工作表 {}", "图层 {}", "第 {} 行", ","),
}


@dataclass(frozen=True)
class Where:
    """A place in an input: file, sheet, and the row as the keeper of the file sees it (the header of a sheet is row 1).

    `record` is what the keeper calls what stands there; `households` is how many households hang on it, None where that
    is unknown.
    """

    file: str
    table: str = ""
    sheet: str = ""
    row: int | None = None
    households: float | None = None
    record: str = ""

    def text(self, lang: str = "en") -> str:
        """File, sheet and row.

        >>> Where("f.xlsx", sheet="设施", row=3).text()
        'f.xlsx, sheet 设施, row 3'
        """
        sheet, layer, row, comma = _PLACES[lang]
        sheet = sheet if self.file.lower().endswith(WORKBOOKS) else layer
        parts = [_one_line(self.file)]
        parts += [sheet.format(_one_line(self.sheet))] if self.sheet else []
        parts += [row.format(self.row)] if self.row is not None else []
        return comma.join(parts)


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place; `values` fill the texts of its check."""

    check: str
    where: Where
    values: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """`error` stops an assessment, `warning` does not, `note` says what was done with the data, as asked."""
        severity: Severity = self._texts()["severity"]
        return severity

    def what(self, lang: str = "en") -> str:
        """What was found, and what was expected."""
        return self._text("what", lang)

    def cure(self, lang: str = "en") -> str:
        """What the keeper of the file can do."""
        return self._text("cure", lang)

    def line(self, lang: str = "en") -> str:
        """Place, finding and cure on one line.

        >>> fault("not-a-date", Where("f.xlsx", row=3), column="启用日期", found="去年").line()
        "f.xlsx, row 3: 启用日期 is '去年'; expected a date such as 2025-12-31. Cure: write year-month-day"
        """
        what = self.what(lang)
        end = "" if what.endswith(("?", "?", ".", "。")) else "。" if lang == "zh" else "."
        if lang == "zh":
            return f"{self.where.text('zh')}:{what}{end}处理:{self.cure('zh')}"
        return f"{self.where.text()}: {what}{end} Cure: {self.cure()}"

    def _texts(self) -> dict[str, Any]:
        texts: dict[str, Any] = shipped("faults.toml")[self.check]
        return texts

    def _text(self, part: str, lang: str) -> str:
        text: str = self._texts()[part][lang]
        return text.format(**self._filled())

    def _filled(self) -> dict[str, str]:
        """Values for the texts; what has no Chinese of its own is said as in English."""
        values = {"table": self.where.table} | dict(self.values)
        return {f"{name}_zh": value for name, value in values.items()} | values


def fault(check: str, where: Where | str, **values: object) -> Fault:
    """A fault of a known check in a place, or in a file as a whole."""
    place = Where(where) if isinstance(where, str) else where
    return Fault(check, place, tuple(sorted((name, _one_line(value, end=".")) for name, value in values.items())))


def file_fault(path: Path, key: str) -> Fault | None:
    """Why nothing can be read from a path that the setting `key` names; None where a file or a folder lies there.

    A pipe that nobody writes would never end. What cannot be a path, as it is too long or has a zero in it, is missing.
    """
    try:
        there, plain = path.exists(), path.is_file() or path.is_dir()
    except (OSError, ValueError):
        there = plain = False
    if plain:
        return None
    return fault("no-plain-file", str(path), key=key) if there else fault("missing-file", str(path), key=key)


def hint(word: str, known: Iterable[str]) -> dict[str, str]:
    """`hint` and `hint_zh` for a fault: the known word nearest to a misspelt one, or nothing.

    >>> hint("shanghai-2012", ["shanghai-2021", "yunnan"])["hint"]
    "; did you mean 'shanghai-2021'?"
    """
    near = nearest_word(word, known)
    return (
        {"hint": f"; did you mean '{near}'?", "hint_zh": f",是否应为「{near}」?"}
        if near
        else {"hint": "", "hint_zh": ""}
    )


_SHORT = 3  # Chinese characters; one wrong of two is half


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if none is close."""
    near = difflib.get_close_matches(
        word, list(known), n=1, cutoff=0.5 if len(word) <= _SHORT and not word.isascii() else 0.6
    )
    return near[0] if near else None


_COLUMNS = [
    "check", "severity", "table", "file", "sheet", "row", "record", "column", "what_en", "what_zh", "cure_en",
    "cure_zh", "households", "line_en", "line_zh",
]  # fmt: skip


def fault_table(faults: Iterable[Fault]) -> pd.DataFrame:
    """Faults as a table, worst first: errors before warnings before notes, then by households touched.

    Columns: check, severity, table, file, sheet, row, record (what the keeper calls it), column (the header of the cell
    that is wrong, empty where it is no single cell), what_en, what_zh, cure_en, cure_zh, households (NaN where
    unknown), line_en, line_zh.
    """
    rows = [
        {
            "check": one.check,
            "severity": one.severity,
            "table": one.where.table,
            "file": one.where.file,
            "sheet": one.where.sheet,
            "row": one.where.row,
            "record": one.where.record,
            "column": dict(one.values).get("column", ""),
            "what_en": one.what("en"),
            "what_zh": one.what("zh"),
            "cure_en": one.cure("en"),
            "cure_zh": one.cure("zh"),
            "households": one.where.households,
            "line_en": one.line("en"),
            "line_zh": one.line("zh"),
        }
        for one in faults
    ]
    return _worst_first(pd.DataFrame(rows, columns=_COLUMNS).astype({"row": "Int64", "households": "float64"}))


def more_faults(table: pd.DataFrame, faults: Iterable[Fault]) -> pd.DataFrame:
    """A table of faults with others added, worst first."""
    found = fault_table(faults)
    return _worst_first(pd.concat([table, found], ignore_index=True)) if len(found) else table


def _worst_first(table: pd.DataFrame) -> pd.DataFrame:
    rank = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    order = table.assign(_rank=rank, _households=-table["households"].fillna(0))
    keys = ["_rank", "_households", "table", "file", "row", "check", "what_en"]
    return table.loc[order.sort_values(keys, kind="stable").index].reset_index(drop=True)


def _one_line(value: object, *, end: str = "") -> str:
    """A value as it can be printed: on one line, not too long, without marks that steer a terminal or that end."""
    text = _ODD.sub("\ufffd", " ".join(str(value).split())).rstrip(end)
    return text if len(text) <= 160 else text[:157] + "…"
