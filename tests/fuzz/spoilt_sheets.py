"""Workbooks: merged cells, hidden sheets, formulas, errors, days of all kinds, claims of size."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from clean import write_ods, write_xls
from corpus import add, case, settings, use

from spoil import HEADERS, REGISTER, set_cell, write_register

FILE = "facilities.xlsx"


def sheet(change: Callable[[Any], object]) -> Callable[[Path], None]:
    """Change the sheet of the register."""

    def spoil(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / FILE)
        change(book.worksheets[0])
        book.save(folder / FILE)

    return spoil


def cell(header: str, value: object, row: int = 2) -> Callable[[Path], None]:
    """Put a value into one cell of the register."""
    return lambda folder: set_cell(folder / FILE, row, header, value)


def _merged_names(page: Any) -> None:
    page.merge_cells("B2:B3")


def _all_merged(page: Any) -> None:
    for row in range(1, 5):
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=11)


def _title(page: Any) -> None:
    page.insert_rows(1, 2)
    page["A1"] = "2025年设施台账"
    page.merge_cells("A1:K1")


def _total(page: Any) -> None:
    page.append(["合计", None, None, None, 770])


def _two_headers(page: Any) -> None:
    page.insert_rows(2)
    for column in range(1, 12):
        page.cell(2, column).value = page.cell(1, column).value
    page.merge_cells("A1:A2")


def _add_layouts() -> None:
    layouts: dict[str, tuple[str, Callable[[Any], object]]] = {
        "names merged over two rows": ("any", _merged_names), "every row merged": ("fault", _all_merged),
        "a title above": ("either", _title), "a row of totals": ("either", _total), "the header twice": ("either", _two_headers),
        "blank rows between": ("read", lambda page: [page.insert_rows(3), page.insert_rows(3)]),
        "blank rows above": ("either", lambda page: page.insert_rows(1, 3)), "a blank column before": ("read", lambda page: page.insert_cols(1)),
        "a header only": ("fault", lambda page: page.delete_rows(2, 9)), "nothing": ("fault", lambda page: page.delete_rows(1, 9)),
        "hidden rows": ("any", lambda page: setattr(page.row_dimensions[3], "hidden", True)),
        "hidden columns": ("read", lambda page: setattr(page.column_dimensions["B"], "hidden", True)),
        "a filter": ("read", lambda page: setattr(page.auto_filter, "ref", "A1:K4")), "a note far away": ("any", lambda page: page.cell(900, 40, "note")),
        "a cell in the last row": ("any", lambda page: page.cell(1_048_576, 1, "F9")), "a cell in the last column": ("any", lambda page: page.cell(2, 16_384, "x")),
        "a cell in the last row and column": ("any", lambda page: page.cell(1_048_576, 16_384, "x")),
        "the same header twice": ("fault", lambda page: page.cell(1, 12, "建筑面积(㎡)")), "a header that is a number": ("any", lambda page: page.cell(1, 12, 2025)),
        "a header that is a day": ("any", lambda page: page.cell(1, 12, dt.datetime(2025, 1, 1))), "a header that is true": ("any", lambda page: page.cell(1, 12, True)),
        "an empty header": ("any", lambda page: page.cell(2, 13, "x")), "headers of 32,767 signs": ("any", lambda page: page.cell(1, 12, "x" * 32_767)),
        "headers in capitals and spaces": ("either", lambda page: page.cell(1, 2, " 设 施 名 称\n ")), "a header with a zero-width space": ("either", lambda page: page.cell(1, 2, "设施\u200b名称")),
    }  # fmt: skip
    for said, (expected, change) in layouts.items():
        add("sheets", said, expected, sheet(change))  # type: ignore[arg-type]


AREA, DAY, KIND, TIER, STATUS, X, KEY, NAME = (
    "建筑面积(㎡)",
    "启用日期",
    "类别",
    "服务层级",
    "状态",
    "经度",
    "设施编码",
    "设施名称",
)
ERRORS = ("#REF!", "#DIV/0!", "#N/A", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")


def _add_cells() -> None:
    values: dict[str, tuple[str, str, object]] = {
        "a formula without a value as area": ("any", AREA, "=300+50"), "a formula without a value as key": ("any", KEY, '=CONCAT("F",1)'),
        "an area of text": ("fault", AREA, "约350"), "an area in words": ("read", AREA, "三百五十"), "an area as text": ("read", AREA, "350"),
        "an area with its unit": ("read", AREA, "350㎡"), "an area with a comma": ("read", AREA, "0,350") , "an area of full width": ("read", AREA, "３５０"),
        "an area in 万": ("read", AREA, "0.035万㎡"), "an area that is true": ("fault", AREA, True), "an area that is a day": ("any", AREA, dt.datetime(2025, 1, 1)),
        "an area below zero": ("fault", AREA, -1), "an area of 1e308": ("any", AREA, 1e308), "an area of zero": ("any", AREA, 0), "no area": ("any", AREA, None),
        "an area with zero-width spaces": ("either", AREA, "350\u200b"), "an area with spaces that do not break": ("read", AREA, "\u00a0350\u00a0"),
        "a day as text": ("read", DAY, "2020年1月1日"), "a day": ("read", DAY, dt.datetime(2020, 1, 1)), "a day as a serial number": ("any", DAY, 43831),
        "a day of 1899": ("any", DAY, "1899-12-31"), "a day of year 1": ("any", DAY, "0001-01-01"), "a day of year 0": ("fault", DAY, "0000-01-01"),
        "a day of year 9999": ("any", DAY, "9999-12-31"), "a day that does not exist": ("fault", DAY, "2025-02-30"), "a day of month 13": ("fault", DAY, "2025-13-01"),
        "a day with a time": ("any", DAY, dt.datetime(2020, 1, 1, 23, 59)), "a time of day": ("fault", DAY, dt.time(8, 30)), "a day that is true": ("fault", DAY, True),
        "a length of time": ("any", DAY, dt.timedelta(days=40_000)), "a huge serial number": ("any", DAY, 1e15), "a serial number below zero": ("any", DAY, -1), "a serial number of 20,000,000": ("any", DAY, 20_000_000),
        "a kind that is a number": ("any", KIND, 5), "no kind": ("fault", KIND, None), "a kind misspelt": ("fault", KIND, "社区综合服务设旆"), "a tier misspelt": ("fault", TIER, "居林"),
        "a status that is a number": ("fault", STATUS, 1), "a place that is text": ("read", X, "615150"), "a place that is a word": ("fault", X, "east"), "no place": ("any", X, None),
        "a place of 1e308": ("fault", X, 1e308), "a key of spaces": ("fault", KEY, "   "), "a key that is a number": ("read", KEY, 7.0), "a key of 17 digits": ("fault", KEY, 12345678901234567),
        "a key of 1e300": ("any", KEY, 1e300), "a key that is true": ("any", KEY, True), "a key that is a day": ("any", KEY, dt.datetime(2020, 1, 1)), "a key twice": ("fault", KEY, "F2"),
        "serves itself": ("any", "所属设施", "F1"), "part of none": ("any", "所属设施", "F99"), "serves none": ("any", "服务单元", "N99"),
        "serves a share of words": ("any", "服务单元", "N1:many"), "serves shares above one": ("any", "服务单元", "N1:0.9;N2:0.9"), "serves a share without end": ("any", "服务单元", "N1:inf;N2:nan"),
        "serves a share below zero": ("any", "服务单元", "N1:-1;N2:2"), "serves 10,000 units": ("any", "服务单元", ";".join(f"N{n}" for n in range(5_000))), "serves colons": ("any", "服务单元", ":::;;;:;"),
        "serves a share of 1e-320": ("any", "服务单元", "N1:1e-320"), "serves a share of 1e400": ("any", "服务单元", "N1:1e400"),
    }  # fmt: skip
    for said, (expected, header, value) in values.items():
        add("cells", said, expected, cell(header, value))  # type: ignore[arg-type]
    for error in ERRORS:
        add("cells", f"{error} as area", "any", cell(AREA, error))
    for error in ERRORS[:3]:
        add("cells", f"{error} as key", "any", cell(KEY, error))
        add("cells", f"{error} as header", "any", sheet(lambda page, error=error: page.cell(1, 12, error)))


_add_layouts()
_add_cells()


def _saved(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / FILE)
        change(book)
        book.save(folder / FILE)

    return spoil


def _chart_only(book: Any) -> None:
    book.create_chartsheet("图")
    book.remove(book.worksheets[0])


add(
    "sheets",
    "the sheet is hidden",
    "any",
    _saved(lambda book: [book.create_sheet("x"), setattr(book.worksheets[0], "sheet_state", "hidden")]),
)
add(
    "sheets",
    "the sheet is very hidden",
    "any",
    _saved(lambda book: [book.create_sheet("x"), setattr(book.worksheets[0], "sheet_state", "veryHidden")]),
)
add("sheets", "the sheet has another name", "fault", _saved(lambda book: setattr(book.worksheets[0], "title", "台账")))
add("sheets", "300 more sheets", "read", _saved(lambda book: [book.create_sheet(f"s{n}") for n in range(300)]))
add("sheets", "only a chart", "fault", _saved(_chart_only))
add("sheets", "an empty sheet first", "read", _saved(lambda book: book.create_sheet("空", 0)))


@case("sheets", "no name is given and the first sheet is empty", "any")
def _(folder: Path) -> None:
    _saved(lambda book: book.create_sheet("空", 0))(folder)
    settings(folder, facilities={"sheet": None})


@case("sheets", "two facilities that are part of each other", "fault")
def _(folder: Path) -> None:
    cell("所属设施", "F2", 2)(folder)
    cell("所属设施", "F1", 3)(folder)


@case("sheets", "a chain of 3,000 parts", "any")
def _(folder: Path) -> None:
    rows = [
        (
            f"F{n}",
            f"part {n}",
            "社区卫生服务站",
            "居村",
            5,
            "在用",
            "",
            "",
            f"F{n + 1}" if n < 2999 else "",
            615150,
            3436100,
        )
        for n in range(3000)
    ]
    write_register(folder / FILE, HEADERS, rows)


@case("sheets", "5,000 kinds", "any")
def _(folder: Path) -> None:
    rows = [
        (f"F{n}", f"place {n}", f"kind-{n:x}-{n * 7919:x}", "居村", 5, "在用", "", "", "", 615150 + n % 400, 3436100)
        for n in range(5000)
    ]
    write_register(folder / FILE, HEADERS, rows)


@case("sheets", "20,000 wrong cells", "fault")
def _(folder: Path) -> None:
    rows = [
        (f"F{n}", "", "社区卫生服务站", "居村", "约5", "在用", "去年", "", "", 615150, 3436100) for n in range(10_000)
    ]
    write_register(folder / FILE, HEADERS, rows)


@case(
    "sheets",
    "20,000 wrong cells, sent back",
    "fault",
    arguments=("check", "study.toml", "--quiet", "--xlsx", "faults.xlsx"),
)
def _(folder: Path) -> None:
    rows = [
        (f"F{n}", "", "社区卫生服务站", "居村", "约5", "在用", "去年", "", "", 615150, 3436100) for n in range(10_000)
    ]
    write_register(folder / FILE, HEADERS, rows)


def raw_sheet(rows: str, *, before: str = "", after: str = "") -> Callable[[Path], None]:
    """Put raw rows into the sheet's XML in front of its own, or other elements around them."""

    def spoil(folder: Path) -> None:
        path, member = folder / FILE, "xl/worksheets/sheet1.xml"
        with zipfile.ZipFile(path) as book:
            members = {name: book.read(name) for name in book.namelist()}
        text = members[member].decode("utf-8")
        text = text.replace("<sheetData>", f"{before}<sheetData>").replace("</sheetData>", f"{rows}</sheetData>{after}")
        members[member] = text.encode("utf-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            for name, data in members.items():
                book.writestr(name, data)

    return spoil


RAW: dict[str, tuple[str, str]] = {
    "a sparse corner": ("any", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "a cell far to the right": ("any", '<row r="5"><c r="XFD5" t="inlineStr"><is><t>x</t></is></c></row>'),
    "a cell beyond the sheet": ("any", '<row r="9999999"><c r="ZZZZZ9999999"><v>1</v></c></row>'),
    "a cell of row 0": ("any", '<row r="0"><c r="A0"><v>1</v></c></row>'), "a cell without an address": ("any", "<row><c><v>1</v></c></row>"),
    "a cell with an address of nonsense": ("any", '<row r="5"><c r="5A"><v>1</v></c></row>'), "a text that does not exist": ("any", '<row r="5"><c r="A5" t="s"><v>999999999</v></c></row>'),
    "a text before the first": ("any", '<row r="5"><c r="A5" t="s"><v>-1</v></c></row>'), "a number that is none": ("any", '<row r="5"><c r="A5"><v>1e</v></c></row>'),
    "a number of 1e999": ("any", '<row r="5"><c r="A5"><v>1e999</v></c></row>'), "a cell of an unknown type": ("any", '<row r="5"><c r="A5" t="zz"><v>1</v></c></row>'),
    "a style that does not exist": ("any", '<row r="5"><c r="A5" s="99999"><v>1</v></c></row>'), "rows in the wrong order": ("any", '<row r="2"><c r="A2"><v>1</v></c></row>'),
    "an error of an unknown name": ("any", '<row r="5"><c r="A5" t="e"><v>#WHAT!</v></c></row>'), "a day in ISO": ("any", '<row r="5"><c r="G5" t="d"><v>2025-99-99</v></c></row>'),
    "a row that never ends": ("either", '<row r="5"><c r="A5"><v>1'), "a truth of 7": ("any", '<row r="5"><c r="A5" t="b"><v>7</v></c></row>'),
}  # fmt: skip
for _said, (_expected, _rows) in RAW.items():
    add("raw sheets", _said, _expected, raw_sheet(_rows))  # type: ignore[arg-type]
add("raw sheets", "a dimension of the whole sheet", "read", raw_sheet("", before='<dimension ref="A1:XFD1048576"/>'))
add("raw sheets", "a dimension of nonsense", "any", raw_sheet("", before='<dimension ref="A1:ZZZZZZ99999999999"/>'))
add(
    "raw sheets",
    "a merge of the whole sheet",
    "any",
    raw_sheet("", after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
)
add(
    "raw sheets",
    "a merge below the data of the whole sheet",
    "any",
    raw_sheet("", after='<mergeCells><mergeCell ref="A5:XFD1048576"/></mergeCells>'),
)
add(
    "raw sheets",
    "a million merges",
    "any",
    raw_sheet("", after="<mergeCells>" + '<mergeCell ref="A2:B3"/>' * 1_000_000 + "</mergeCells>"),
)
add(
    "raw sheets",
    "a merge of nonsense",
    "any",
    raw_sheet("", after='<mergeCells><mergeCell ref="B2:A1"/><mergeCell ref="x"/></mergeCells>'),
)


@case("raw sheets", "an ods cell that repeats two billion times", "any")
def _(folder: Path) -> None:
    cell_ = '<table:table-cell table:number-columns-repeated="2147483647" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    write_ods(use(folder, "facilities.ods"), "设施", [], text=f"<table:table-row>{cell_}</table:table-row>")


@case("raw sheets", "an ods row that repeats a billion times", "any")
def _(folder: Path) -> None:
    cell_ = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    write_ods(
        use(folder, "facilities.ods"),
        "设施",
        [],
        text=f'<table:table-row table:number-rows-repeated="1000000000">{cell_}</table:table-row>',
    )


@case("raw sheets", "an ods with a million blank rows below", "read")
def _(folder: Path) -> None:
    path = use(folder, "facilities.ods")
    from clean import _ods_row

    body = "".join(map(_ods_row, [HEADERS, *REGISTER]))
    body += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    write_ods(path, "设施", [], text=body)


@case("raw sheets", "an xls with a cell in its last corner", "any")
def _(folder: Path) -> None:
    rows = [list(HEADERS), *map(list, REGISTER), [""] * 256]
    rows += [[] for _ in range(3000)]
    rows[-1] = [""] * 255 + ["x"]
    write_xls(use(folder, "facilities.xls"), "设施", rows)
