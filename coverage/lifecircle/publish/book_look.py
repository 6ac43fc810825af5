"""How the cells of the workbook look."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from lifecircle.words import Lang, term

FONTS = {"zh": "Microsoft YaHei", "en": "Arial"}
COLOURS = {
    "met": "#1b7f79",
    "unmet": "#d1495b",
    "unknown": "#9aa0a6",
    "not_applicable": "#e5e7eb",
    "reference": "#8a7fb0",
}
_INK, _LINE, _HEAD = "#22262b", "#e3e5e8", "#f0efea"
# Fill and ink of a verdict's cell: the colours above, lightened so that the word is read, and darkened for the word.
_TINTS: dict[str, dict[str, Any]] = {
    "met": {"bg_color": "#d5ebe9", "font_color": "#0f5753"},
    "unmet": {"bg_color": "#f8d9dc", "font_color": "#8f1f30", "bold": True},
    "unknown": {"pattern": 14, "bg_color": "#ffffff", "fg_color": "#c9cdd1", "font_color": "#3c4043"},
    "not_applicable": {"bg_color": "#f3f4f6", "font_color": "#5f6368"},
    "reference": {"bg_color": "#e6e2f0", "font_color": "#463d63"},
}
_COUNTS = {
    "其中摊算户数(≈)", "of which spread (≈)",
    "步行可达户数(已知,≈含摊算)", "households in reach (known, ≈ some spread)",
    "户数", "households", "步行可达户数(已知)", "households in reach (known)", "涉及户数",
    "户数(已知)", "households (known)", "不可达户数", "do not reach", "无法判定户数", "unknown",
    "缺口相当户数", "households owed",
    "时限±30秒内户数(已知)", "households within 30 s of the limit (known)",
    "时限±5%内户数(已知)", "households within 5% of the limit (known)",
    "户数下限", "households, low", "户数上限", "households, high",
    "人群下限", "people, low", "人群上限", "people, high", "人群(已知)", "people (known)",
    "未获服务下限", "unserved, low", "未获服务上限", "unserved, high", "无数值的人群", "people without a figure",
    "未计的居住点", "dwellings left out",
    "缺口相当户数,下限", "households owed, low", "缺口相当户数,上限", "households owed, high",
}  # fmt: skip
_EXACT = {"计入面积(m²)", "counted area (m²)", "应有面积(m²)", "needed (m²)"}  # never rounded, not even in the display


@dataclass(frozen=True)
class Look:
    """The formats of a workbook; `verdicts` by the word that stands in the cell."""

    lang: Lang
    head: xlsxwriter.format.Format
    text: xlsxwriter.format.Format
    count: xlsxwriter.format.Format
    number: xlsxwriter.format.Format
    exact: xlsxwriter.format.Format
    verdicts: Mapping[str, xlsxwriter.format.Format]

    def figure(self, head: str, cells: Sequence[object]) -> xlsxwriter.format.Format:
        """The format of a column's numbers: whole for counts, else with two decimals."""
        if head in _EXACT:
            return self.exact
        broken = any(isinstance(cell, float) and math.isfinite(cell) for cell in cells)
        return self.number if broken and head not in _COUNTS else self.count


def look_of(book: xlsxwriter.Workbook, lang: Lang) -> Look:
    """The formats, added to a book."""
    cell = {
        "font_name": FONTS[lang],
        "font_size": 10,
        "font_color": _INK,
        "valign": "top",
        "bottom": 1,
        "bottom_color": _LINE,
    }
    head = cell | {
        "bold": True,
        "bg_color": _HEAD,
        "bottom_color": _INK,
        "valign": "vcenter",
        "text_wrap": True,
        "indent": 1,
    }
    return Look(
        lang=lang,
        head=book.add_format(head),
        text=book.add_format(cell | {"text_wrap": True, "align": "left", "indent": 1}),
        count=book.add_format(cell | {"num_format": "#,##0"}),
        number=book.add_format(cell | {"num_format": "#,##0.00"}),
        exact=book.add_format(cell | {"num_format": "#,##0.00####"}),
        verdicts={term("verdict", name)[lang]: book.add_format(tint) for name, tint in _TINTS.items()},
    )
