"""Write `twelve.xlsx`: every step of the hand-worked district as a formula in a cell, recalculated by LibreOffice.

In the formulas below `[col]` is a cell of the same row, `<sheet.col>` the same row of another sheet, `{sheet.col}` a
whole column (`{sheet.col@tier}` its rows of one tier) and `{=key}` a value of the sheet of parameters.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from twelve_area import AREA_SHEETS
from twelve_inputs import PARAMETERS
from twelve_tables import INPUT_SHEETS, Sheet
from twelve_walks import WALK_SHEETS

SHEETS = [*INPUT_SHEETS, *AREA_SHEETS, *WALK_SHEETS]
OUT = Path(__file__).with_name("twelve.xlsx")
FIRST_ROW = 2
FONT = "Arial"
WORDS = re.compile(
    r"verdict|reason|^time_|(_id|name|tier|kind|status|remark|basis|serves|_of|_in|key|unit|code|chinese)$"
)
FILLS = {"input": "FFF4D6", "worked": "D9EBE9"}


@dataclass(frozen=True)
class Places:
    """Where each sheet keeps its columns and rows."""

    sheets: dict[str, Sheet]

    def letter(self, sheet: str, column: str) -> str:
        names = [one.name for one in self.sheets[sheet].columns]
        return get_column_letter(names.index(column) + 1)

    def column(self, sheet: str, column: str, tier: str = "") -> str:
        rows = self.sheets[sheet].rows
        kept = [place for place, row in enumerate(rows, FIRST_ROW) if not tier or row["tier"] == tier]
        letter = self.letter(sheet, column)
        return f"{self.quoted(sheet)}!${letter}${kept[0]}:${letter}${kept[-1]}"

    def cell(self, sheet: str, column: str, row: int) -> str:
        return f"{self.quoted(sheet)}!${self.letter(sheet, column)}{row}"

    def parameter(self, key: str) -> str:
        row = [one[0] for one in PARAMETERS].index(key) + FIRST_ROW
        return f"{self.quoted('parameters')}!${self.letter('parameters', 'value')}${row}"

    def quoted(self, sheet: str) -> str:
        return f"'{self.sheets[sheet].title}'"

    def formula(self, text: str, sheet: str, row: int) -> str:
        """The formula with every place spelled as a cell."""
        text = re.sub(r"\{=(\w+)\}", lambda found: self.parameter(found[1]), text)
        text = re.sub(r"\{(\w+)\.(\w+)@?(\w*)\}", lambda found: self.column(found[1], found[2], found[3]), text)
        text = re.sub(r"<(\w+)\.(\w+)>", lambda found: self.cell(found[1], found[2], row), text)
        text = re.sub(r"\[(\w+)\]", lambda found: f"${self.letter(sheet, found[1])}{row}", text)
        return "=" + text.replace("MINIFS", "_xlfn.MINIFS")


def write_sheet(page: Worksheet, sheet: Sheet, places: Places) -> None:
    for place, column in enumerate(sheet.columns, 1):
        head = page.cell(1, place, f"{column.chinese}\n{column.name}")
        head.font = Font(name=FONT, bold=True)
        sides = {"horizontal": "left", "indent": 1} if WORDS.search(column.name) else {"horizontal": "right"}
        head.alignment = Alignment(wrap_text=True, vertical="top", **sides)
        head.fill = PatternFill("solid", fgColor=FILLS["worked" if column.formula else "input"])
        page.column_dimensions[get_column_letter(place)].width = max(column.width, len(column.name) + 3)
        for row, values in enumerate(sheet.rows, FIRST_ROW):
            if column.formula:
                spelled = column.formula if isinstance(column.formula, str) else column.formula(values)
                cell = page.cell(row, place, places.formula(spelled, sheet.key, row))
            else:
                cell = page.cell(row, place, values.get(column.name))
            cell.font, cell.alignment = Font(name=FONT), Alignment(**sides)
            if column.format:
                cell.number_format = column.format
            if hasattr(cell.value, "year"):
                cell.number_format = "yyyy-mm-dd"
    page.row_dimensions[1].height = 46
    page.auto_filter.ref = page.dimensions
    fit_pages(page)
    page.print_title_rows = "1:1"


def fit_pages(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def write_cover(page: Worksheet) -> None:
    lines = [
        "十二居村手算表 A hand-worked district of twelve neighbourhoods",
        "黄色表头为输入,绿色表头为公式。每一步都是单元格里的公式,改动输入即重算。",
        "Yellow heads are inputs, green heads are formulas. Every step is a formula; change an input and all follows.",
        "街道为100米方格,步行距离 = |dx| + |dy|。居住点与设施都在路口。不详者给出下限和上限。",
        "Streets are a 100 m grid, walks are |dx| + |dy|, all places on corners. Unknowns have a low and a high.",
        "判定 verdicts: met 达标, unmet 不达标, unknown 无法判定, not_applicable 不适用; none = 无上限 no upper end.",
        "",
    ]
    lines += [f"{sheet.title}: {sheet.about}" for sheet in SHEETS]
    for row, line in enumerate(lines, 1):
        cell = page.cell(row, 1, line)
        cell.font, cell.alignment = Font(name=FONT), Alignment(wrap_text=True, vertical="top")
    fit_pages(page)
    page["A1"].font = Font(name=FONT, bold=True, size=14)
    page.column_dimensions["A"].width = 120


def write_workbook(path: Path) -> None:
    book = Workbook()
    places = Places({sheet.key: sheet for sheet in SHEETS})
    cover = book.active
    cover.title = "说明 read me"
    write_cover(cover)
    for sheet in SHEETS:
        write_sheet(book.create_sheet(sheet.title), sheet, places)
    book.save(path)


def recalculate(path: Path, out: Path) -> None:
    """The same workbook with its computed values stored."""
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", f"{folder}/out", str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        freeze_heads(Path(folder) / "out" / path.name, out)


def freeze_heads(path: Path, out: Path) -> None:
    """The workbook with its head rows frozen, which LibreOffice drops when it converts without a window."""
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"'
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as frozen:
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename.startswith("xl/worksheets/sheet") and not entry.filename.endswith("/sheet1.xml"):
                content = content.replace(b'<selection pane="topLeft"', pane.encode())
            frozen.writestr(entry, content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch) / OUT.name
        write_workbook(draft)
        recalculate(draft, OUT)
