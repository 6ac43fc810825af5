"""One page of the workbook that goes back to the keeper of a file: his rows that have faults, and what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.worksheet import Worksheet

from lifecircle.publish.cells import LONGEST, Styles, safe_text, write_cell
from lifecircle.readers.layers import Layer
from lifecircle.words import Lang, both, term

Alike = list[dict[str, Any]]  # faults of one row of a file, as records
EDGES = {"error": "#d1495b", "warning": "#d9a521", "note": "#7d97ad"}  # a firm outline: never by colour alone
TINTS = {"error": "#f6c9cf", "warning": "#fde9b8", "note": "#d9e4ee"}
INK = "#2f3b45"
LINE = {"bottom": 7, "bottom_color": "#b9bfc6"}
MOST_ROWS = 20_000  # of one page, worst first; the rest shows when these are mended
_MOST_COMMENTS = 5_000
_RANK = {"error": 0, "warning": 1, "note": 2}
_OWN = (
    (both("行号", "row"), 7),
    (both("级别", "severity"), 9),
    (both("问题", "what is wrong"), 42),
    (both("处理", "cure"), 30),
    (both("涉及户数", "households"), 10),
    (both("回复", "reply"), 11),
)
REPLIES = {"zh": ["已改正", "属实无误", "待核实"], "en": ["corrected", "right as it is", "being checked"]}
_KEPT = both("原文件内容", "as it stands in the file")
_ALL = both("整表", "all")
_HEAD, _WIDEST, _ONE_PAGE = 2, 24, 250  # the row of headers; characters of a column, and of a page that can be read
_A4 = 9
_LINE_PT, _TALLEST_PT = 14.5, 400  # height of a line of text, and of a row


@dataclass(frozen=True)
class Page:
    """The faults of a file, or of one sheet or layer of it, with its rows where it could be read."""

    name: str
    file: str
    sheet: str
    faults: pd.DataFrame
    layer: Layer | None

    @property
    def title(self) -> str:
        """File and sheet as a reader names them."""
        return safe_text(f"{self.file} · {self.sheet}" if self.sheet else self.file, 150)

    def count(self, severity: str) -> int:
        """How many faults there are of a severity."""
        return int((self.faults["severity"] == severity).sum())

    @property
    def households(self) -> float:
        """Households touched, those of a row counted once; NaN where no fault knows any."""
        known = self.faults.dropna(subset=["households"])
        rows = known[known["row"].notna()].groupby("row")["households"].max()
        rows = rows if set(self.faults["table"]) == {"dwellings"} else rows.nlargest(1)
        whole = known.loc[known["row"].isna(), "households"].max()
        return float(np.nanmax([rows.sum(), whole])) if len(known) else float("nan")


def counts_text(page: Page, lang: Lang) -> str:
    """How many errors, warnings and notes a page has."""
    words = [(term("severity", one)[lang], page.count(one)) for one in _RANK]
    return "  ".join(f"{word} {n}" if lang == "zh" else f"{word}s {n}" for word, n in words)


def fill_page(sheet: Worksheet, page: Page, styles: Styles, lang: Lang) -> None:
    """Write a page: faults of the file as a whole first, then its rows, worst first."""
    headers = [str(name) for name in page.layer.cells.columns] if page.layer is not None else []
    _write_head(sheet, page, headers, styles, lang)
    places = {int(row): place for place, row in enumerate(page.layer.rows)} if page.layer is not None else {}
    number, comments = _HEAD, 0
    for number, alike in enumerate(_row_faults(page.faults), start=_HEAD + 1):
        _write_findings(sheet, number, alike, styles, lang)
        place = None if pd.isna(alike[0]["row"]) else places.get(int(alike[0]["row"]))
        if page.layer is None or place is None:
            continue
        marks = _marks(alike, headers)
        for column, cell in enumerate(page.layer.cells.iloc[place].tolist()):
            look = _marked(marks[column][0]["severity"]) if column in marks else LINE
            write_cell(sheet, number, len(_OWN) + column, cell, styles, **look)
        for column, wrong in marks.items():
            if comments < _MOST_COMMENTS:
                _comment(sheet, number, len(_OWN) + column, wrong, lang)
            comments += 1
    _set_page(sheet, page, headers, number, lang)


def _row_faults(faults: pd.DataFrame) -> Iterator[Alike]:
    """Each fault of the whole, then the faults of each row; worst first."""
    for one in faults[faults["row"].isna()].to_dict("records"):
        yield [one]
    rows = faults[faults["row"].notna()]
    ranked = rows.assign(_rank=rows["severity"].map(_RANK), _households=-rows["households"].fillna(0))
    of_row: dict[object, Alike] = {}
    for one in ranked.sort_values(["_rank", "_households"], kind="stable").to_dict("records"):
        of_row.setdefault(one["row"], []).append(one)
    worst = ranked.groupby("row", sort=False)[["_rank", "_households"]].min().reset_index()
    order = worst.sort_values(["_rank", "_households", "row"], kind="stable")["row"].tolist()[:MOST_ROWS]
    yield from (of_row[row] for row in order)


def _write_head(sheet: Worksheet, page: Page, headers: list[str], styles: Styles, lang: Lang) -> None:
    plain = {"text_wrap": False, "font_color": INK}
    sheet.write_string(0, 0, page.title, styles.of(bold=True, font_size=14, **plain))
    sheet.write_string(1, 0, f"{counts_text(page, lang)}{_left_out(page, lang)}", styles.of(**plain))
    if headers:
        sheet.write_string(1, len(_OWN), f"{_KEPT[lang]} →", styles.of(**plain))
    dark = {"bold": True, "bg_color": INK, "font_color": "#ffffff", "valign": "vcenter"}
    for column, (name, _) in enumerate(_OWN):
        sheet.write_string(_HEAD, column, name[lang], styles.of(**dark))
    for column, header in enumerate(headers, start=len(_OWN)):
        write_cell(sheet, _HEAD, column, safe_text(header, 200), styles, bold=True, bg_color="#e8e6df", bottom=1)


def _left_out(page: Page, lang: Lang) -> str:
    more = page.faults["row"].dropna().nunique() - MOST_ROWS
    if more <= 0:
        return ""
    return both(f";另有 {more} 行未列出,请先改正以下各行", f"; {more} more rows are not listed: mend these first")[lang]


def _write_findings(sheet: Worksheet, number: int, alike: Alike, styles: Styles, lang: Lang) -> None:
    first, tint = alike[0], LINE | {"bg_color": TINTS[alike[0]["severity"]]}
    whole, n_lines = pd.isna(first["row"]), 1
    sheet.write(number, 0, _ALL[lang] if whole else int(first["row"]), styles.of(bold=True, align="center", **tint))
    write_cell(sheet, number, 1, term("severity", first["severity"])[lang], styles, **tint)
    for column, part in ((2, f"what_{lang}"), (3, f"cure_{lang}")):
        said = [one[part] for one in alike]
        texts = said if len(set(said)) > 1 else said[:1]
        numbered = [f"{place}. {text}" for place, text in enumerate(texts, start=1)] if len(texts) > 1 else texts
        write_cell(sheet, number, column, "\n".join(numbered), styles, **LINE)
        n_lines = max(n_lines, sum(1 + _width(text, LONGEST) // (_OWN[column][1] - 3) for text in numbered))
    sheet.set_row(number, min(_LINE_PT * n_lines + 3, _TALLEST_PT))
    known = [one["households"] for one in alike if not pd.isna(one["households"])]
    write_cell(sheet, number, 4, max(known, default=math.nan), styles, num_format="#,##0", **LINE)
    sheet.write_blank(number, 5, None, styles.of(**LINE))


def _marked(severity: str) -> dict[str, object]:
    return {"bg_color": TINTS[severity], "border": 1, "border_color": EDGES[severity]}


def _marks(alike: Alike, headers: list[str]) -> dict[int, Alike]:
    """The faults of each cell of a row, by the place of its column."""
    found: dict[int, Alike] = {}
    for one in alike:
        if one["column"] in headers:
            found.setdefault(headers.index(one["column"]), []).append(one)
    return found


def _comment(sheet: Worksheet, row: int, column: int, wrong: Alike, lang: Lang) -> None:
    cure = both("处理:", "Cure: ")[lang]
    text = "\n".join(f"{one[f'what_{lang}']}\n{cure}{one[f'cure_{lang}']}" for one in wrong)
    lines = sum(1 + _width(line) // 40 for line in text.split("\n"))
    sheet.write_comment(row, column, safe_text(text), {"width": 260, "height": 18 * lines + 14, "font_size": 9})


def _set_page(sheet: Worksheet, page: Page, headers: list[str], last: int, lang: Lang) -> None:
    widths = [width for _, width in _OWN]
    for column, header in enumerate(headers):
        cells = page.layer.cells.iloc[:200, column].tolist() if page.layer is not None else []
        widths.append(min(max([_width(header), *(_width(cell) for cell in cells)]) + 2, _WIDEST))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 24)
    sheet.set_row(_HEAD, 20)
    sheet.freeze_panes(_HEAD + 1, 3)
    sheet.autofilter(_HEAD, 0, max(last, _HEAD + 1), len(widths) - 1)
    replies = {"validate": "list", "source": REPLIES[lang], "show_error": False}
    sheet.data_validation(_HEAD + 1, 5, max(last, _HEAD + 1), 5, replies)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1 if sum(widths) <= _ONE_PAGE else 2, 0)
    sheet.repeat_rows(_HEAD)
    sheet.repeat_columns(0)
    sheet.set_footer(f"&L{safe_text(page.title, 80).replace('&', '&&')}&R&P / &N")


def _width(cell: object, longest: int = 60) -> int:
    """Width of a text in Latin characters; a Chinese one is as wide as two."""
    return len(safe_text("" if cell is None else cell, longest).encode("gbk", "replace"))
