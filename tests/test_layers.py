"""Files as offices have them: titles, merged cells, totals, text and shapes however encoded, and broken ones."""

from __future__ import annotations

import base64
import csv
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.faults import Fault
from lifecircle.given import Input
from lifecircle.readers import characters
from lifecircle.readers.layers import Layer, read_layer

HEADERS = ["设施编码", "设施名称", "类别", "建筑面积(㎡)", "经度", "纬度"]
ROWS: list[list[object]] = [["F1", "甲", "社区", 350, 121.1, 31.2], ["F2", "乙", "社区", 300, 121.2, 31.2]]
OLD_WORKBOOK = (
    "c-"
    "rk)O=uHA6#m{OX?|$Zq^6ZtD4}50+Dq%jOB)qzPljrRstB6efYOpmP_VtUS_1_U3Z4`%g<iZ=z4(J#^yWdR=s^^OMDgTBLBT_t_0"
    "7v{Of`oFw5ZIt%$qlF=9`(__hxo>pD#snbGMuG_z695p<w$_Q)VMhey0!y*W0#Io!rOCHu$ID_pu{uJa`a%=2bpa{?5a~E%y_az&"
    "lPyaT<xSbSk!v*dudDlA1#|OTu-"
    "wgwQ0jsuy`e<OY#9rR77ByTo!?WH-0X(Ge`g6YV>76d$r$r7i^3?_J@%5lbf;@Ki<d<SZ52dayflDmnUhR<yWlF%R}zUn-r-Bu8_"
    "IvIFPw)s6vQoR#`GX6);0C$Rn7YP+|B{fgxVreGhJ0M8<Tyh|KRCuf#9jD31jb%Pc!JxVoB(mAaL4}KbF&fv_zEXQqcCxN=oDy@s"
    "P!wIh1IPiKRpf+q-;NevZJSc%*%W@cXqDLhB!#vvZjn6Ok4fV&5iDgR0FK+#t)ofwoykampBsH#*Y!}9Mkr$-bO`<o8jB?O&-"
    "qzosmELJ-b5UyBc$^)Am+>uS`c~GnANSvD$-"
    "a+oV|}47KM`Gc6`w;Zzlw&LudZoyPzPPRs&GH<<fONWw<4Q<*)n`qSkK+o@3%UvARuZ)WU-"
    "{44wXulepZT271$(fmu^qOc9%+u?bU3n0^1U{N4GC}MtN+J@7>a4f6)C}a`jmCxT9zsFFz1~fq{X6fq{X6fk6e39BGROcy&zm=uZ"
    "T%{;#vbsbGGS{I@uOF}}|5hv{CVInQ9cs`zPyhn&7>jU4BHp~4`Kp1}x)WF8|`$1i{4QThF>nHc_kOQ_oM3)Rf?50C#HNkY&W"
)  # a sheet 表 of an .xls: headers 设施编码, 设施名称, 街道; rows F1 甲 and F2 乙, both merged under 北站


def read(
    path: Path, *, table: str = "facilities", name: str | None = None, **stated: object
) -> tuple[Layer, list[Fault]]:
    layer, faults = read_layer(path, Input.model_validate({"path": path.name, **stated}), name=name, table=table)
    assert layer is not None, [one.line() for one in faults]
    return layer, faults


def refusal(path: Path, *, table: str = "facilities", **stated: object) -> Fault:
    """The one fault of a file that is not read."""
    layer, faults = read_layer(path, Input.model_validate({"path": str(path), **stated}), table=table)
    assert layer is None
    assert len(faults) == 1
    assert "\n" not in faults[0].line() + faults[0].line("zh")
    return faults[0]


def checks(faults: Sequence[Fault]) -> list[tuple[str, int | None]]:
    return [(one.check, one.where.row) for one in faults]


def workbook(path: Path, rows: Sequence[Sequence[object]], *merges: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for cells in merges:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def text(path: Path, rows: Sequence[Sequence[object]], separator: str = ",", encoding: str = "utf-8") -> Path:
    lines = "".join(separator.join(map(str, row)) + "\n" for row in rows)
    path.write_bytes(lines.encode(encoding))
    return path


def rewritten(path: Path, member: str, change: object) -> Path:
    """Write a packed file again with one member changed."""
    with zipfile.ZipFile(path) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in contents.items():
            packed.writestr(name, change(data) if name == member else data)  # type: ignore[operator]
    return path


def places(n: int = 3) -> gpd.GeoDataFrame:
    cells = {"编码": [f"U{one}" for one in range(n)], "名称": [f"北站街道第{one}居委" for one in range(n)]}
    return gpd.GeoDataFrame(cells, geometry=shapely.points(np.arange(n) + 121.0, 31.0), crs=4490)


# headers


def test_a_header_in_the_first_row_is_not_remarked_upon(tmp_path: Path) -> None:
    layer, faults = read(workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS]))
    assert list(layer.cells.columns) == HEADERS
    assert layer.rows.tolist() == [2, 3]
    assert faults == []


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_header_below_titles_is_found_and_noted(tmp_path: Path, suffix: str) -> None:
    rows = [["2025年设施台账"], ["单位:某街道", "日期:2025年"], HEADERS, *ROWS]
    path = workbook(tmp_path / "a.xlsx", rows) if suffix == ".xlsx" else text(tmp_path / "a.csv", rows)
    layer, faults = read(path)
    assert list(layer.cells.columns) == HEADERS
    assert (layer.header_row, layer.rows.tolist()) == (3, [4, 5])
    assert [(one.check, one.severity) for one in faults] == [("header-found", "note")]
    assert "row 3 " in faults[0].line()


def test_a_header_that_no_one_knows_is_that_below_the_title(tmp_path: Path) -> None:
    layer, _ = read(workbook(tmp_path / "a.xlsx", [["台账"], ["甲列", "乙列"], [1, 2]]))
    assert list(layer.cells.columns) == ["甲列", "乙列"]


def test_the_study_says_which_row_is_the_header(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, ["a", "b", "c", "d", "e", "f"], *ROWS])
    layer, _ = read(path, header=2)
    assert list(layer.cells.columns) == ["a", "b", "c", "d", "e", "f"]
    assert layer.rows.tolist() == [3, 4]


def test_a_stated_header_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS]), header=9).check == "no-such-header"


def test_two_rows_that_could_each_be_the_header_are_a_fault(tmp_path: Path) -> None:
    rows = [["台账"], HEADERS, *ROWS, [*HEADERS[:4], "东经", "北纬"], *ROWS]
    found = refusal(workbook(tmp_path / "a.xlsx", rows))
    assert (found.check, dict(found.values)["found"]) == ("two-header-rows", "2 / 5")


def test_a_header_printed_again_on_every_page_is_left_out(tmp_path: Path) -> None:
    layer, faults = read(workbook(tmp_path / "a.xlsx", [HEADERS, ROWS[0], HEADERS, ROWS[1]]))
    assert layer.rows.tolist() == [2, 4]
    assert checks(faults) == [("left-out-row", 3)]


GROUPED = [
    ["设施编码", "设施名称", "面积(㎡)", None, "位置", None],
    [None, None, "建筑面积", "服务面积", "经度", "纬度"],
    ["F1", "甲", 350, 100, 121.1, 31.2],
]


@pytest.mark.parametrize("merges", [("A1:A2", "B1:B2", "C1:D1", "E1:F1"), ()], ids=["merged", "not merged"])
def test_a_header_of_two_rows_is_that_of_the_lower_and_else_of_the_group(
    tmp_path: Path, merges: tuple[str, ...]
) -> None:
    layer, faults = read(workbook(tmp_path / "a.xlsx", GROUPED, *merges))
    assert list(layer.cells.columns) == ["设施编码", "设施名称", "建筑面积(㎡)", "服务面积(㎡)", "经度", "纬度"]
    assert (layer.header_row, layer.rows.tolist()) == (2, [3])
    assert checks(faults) == [("header-found", None)]


def test_lower_headers_that_repeat_bear_their_group(tmp_path: Path) -> None:
    rows = [["设施", None, "单元", None], ["编码", "名称", "编码", "名称"], ["F1", "甲", "N1", "北站"]]
    rows = [[*row, extra] for row, extra in zip(rows, ["建筑面积", None, 300], strict=True)]
    layer, _ = read(workbook(tmp_path / "a.xlsx", rows, "A1:B1", "C1:D1", "E1:E2"))
    assert list(layer.cells.columns) == ["设施编码", "设施名称", "单元编码", "单元名称", "建筑面积"]


def test_a_first_record_of_texts_is_no_second_row_of_the_header(tmp_path: Path) -> None:
    layer, _ = read(text(tmp_path / "a.csv", [HEADERS, ["F1", "甲", "", "约三百", "待核", ""]]))
    assert layer.rows.tolist() == [2]


def test_a_column_knows_its_place_in_the_sheet(tmp_path: Path) -> None:
    rows = [[row[0], None, *row[1:]] for row in (HEADERS, *ROWS)]
    layer, _ = read(workbook(tmp_path / "a.xlsx", rows))
    assert list(layer.cells.columns) == HEADERS
    assert layer.columns_at == (1, 3, 4, 5, 6, 7)


# merged cells


def test_a_merged_cell_stands_in_every_one_of_its_rows(tmp_path: Path) -> None:
    rows = [[*HEADERS, "街道"], [*ROWS[0], "北站"], ROWS[1], ["F3", "丙", "社区", 1, 121, 31, "南站"]]
    layer, _ = read(workbook(tmp_path / "a.xlsx", rows, "G2:G3"))
    assert layer.cells["街道"].tolist() == ["北站", "北站", "南站"]


def test_a_number_over_several_rows_is_a_fault_and_counts_once(tmp_path: Path) -> None:
    rows = [HEADERS, ROWS[0], ["F2", "乙", "社区", None, 121.2, 31.2]]
    layer, faults = read(workbook(tmp_path / "a.xlsx", rows, "D2:D3"))
    assert layer.cells["建筑面积(㎡)"].tolist() == [350, ""]
    assert checks(faults) == [("merged-number", 2)]
    assert dict(faults[0].values)["column"] == "建筑面积(㎡)"


def test_merged_cells_of_an_old_workbook_are_repeated_too(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(zlib.decompress(base64.b85decode(OLD_WORKBOOK)))
    layer, faults = read(tmp_path / "a.xls", name="表")
    assert layer.cells.to_numpy().tolist() == [["F1", "甲", "北站"], ["F2", "乙", "北站"]]
    assert faults == []


# rows that are no records


@pytest.mark.parametrize("word", ["合计", "合 计", "总计:", "小计", "共计(个)", "北站街道小计", "Total", "SUM"])
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_row_of_totals_is_left_out_and_noted(tmp_path: Path, word: str, suffix: str) -> None:
    rows = [HEADERS, ROWS[0], [word, "", "", 650, "", ""], ROWS[1], ["", word, "", 650, "", ""]]
    path = workbook(tmp_path / "a.xlsx", rows) if suffix == ".xlsx" else text(tmp_path / "a.csv", rows)
    layer, faults = read(path)
    assert layer.rows.tolist() == [2, 4]
    assert [(one.check, one.severity, one.where.row) for one in faults] == [
        ("left-out-row", "note", 3),
        ("left-out-row", "note", 5),
    ]
    assert "650" not in faults[0].line()


def test_a_facility_whose_name_is_a_word_for_a_total_stays(tmp_path: Path) -> None:
    rows = [HEADERS, ROWS[0], ["F7", "合计", "社区", 90, 121.1, 31.2], ["F8", "总计服务站", "社区", 9, "", ""]]
    layer, faults = read(workbook(tmp_path / "a.xlsx", rows))
    assert layer.cells["设施编码"].tolist() == ["F1", "F7", "F8"]
    assert faults == []


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_notes_below_the_table_are_left_out_and_noted(tmp_path: Path, suffix: str) -> None:
    rows = [HEADERS, *ROWS, ["注:数据截至2025年底"], ["", "填表人:某某"]]
    path = workbook(tmp_path / "a.xlsx", rows, "A4:F4") if suffix == ".xlsx" else text(tmp_path / "a.csv", rows)
    layer, faults = read(path)
    assert layer.rows.tolist() == [2, 3]
    assert sorted(checks(faults)) == [("left-out-row", 4), ("left-out-row", 5)]


def test_a_last_row_with_nothing_but_a_key_stays(tmp_path: Path) -> None:
    layer, faults = read(workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS, ["F9"]]))
    assert layer.cells["设施编码"].tolist() == ["F1", "F2", "F9"]
    assert faults == []


def test_a_row_without_a_key_amid_the_table_stays(tmp_path: Path) -> None:
    layer, _ = read(workbook(tmp_path / "a.xlsx", [HEADERS, [None, "丙", "社区", 1, 121, 31], *ROWS]))
    assert layer.rows.tolist() == [2, 3, 4]


# cells of workbooks


def test_an_error_in_a_cell_is_a_fault_of_that_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS, ["F3", "#N/A", "社区", "#DIV/0!", 121, 31]])
    layer, faults = read(path)
    assert layer.cells.iloc[2].tolist() == ["F3", "", "社区", "", 121, 31]
    found = {(one.check, one.where.row, dict(one.values)["column"], dict(one.values)["found"]) for one in faults}
    assert found == {("error-cell", 4, "设施名称", "#N/A"), ("error-cell", 4, "建筑面积(㎡)", "#DIV/0!")}


def test_an_error_in_a_column_that_is_not_read_stops_nothing(tmp_path: Path) -> None:
    rows = [[*HEADERS, "备用"], [*ROWS[0], "#REF!"]]
    _, faults = read(workbook(tmp_path / "a.xlsx", rows))
    assert [(one.check, one.severity) for one in faults] == [("unread-error", "warning")]


def test_an_error_in_a_csv_file_is_a_fault_of_that_cell(tmp_path: Path) -> None:
    layer, faults = read(text(tmp_path / "a.csv", [HEADERS, ["F1", "甲", "社区", "#REF!", 121, 31]]))
    assert layer.cells["建筑面积(㎡)"].tolist() == [""]
    assert checks(faults) == [("error-cell", 2)]


def test_formulas_without_values_are_one_fault_of_their_column(tmp_path: Path) -> None:
    rows = [HEADERS, ["F1", "甲", "社区", "=100+250", 121, 31], ["F2", "乙", "社区", "=1+1", 121, 31]]
    _, faults = read(workbook(tmp_path / "a.xlsx", [*rows, ["合计", None, None, "=SUM(D2:D3)"]]))
    assert checks(faults) == [("left-out-row", 4), ("unsaved-formula", 2)]
    assert dict(faults[1].values) == {"column": "建筑面积(㎡)", "found": "=100+250", "n": "2"}


def test_formulas_with_values_are_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet("设施")
        for at, row in enumerate([HEADERS, *ROWS]):
            page.write_row(at, 0, row)
        page.write_formula("D2", "=100+250", None, 350)
    layer, faults = read(tmp_path / "a.xlsx")
    assert layer.cells["建筑面积(㎡)"].tolist() == [350, 300]
    assert faults == []


def test_hidden_sheets_and_rows_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.create_sheet("设施")
    for row in [HEADERS, *ROWS]:
        page.append(row)
    page.sheet_state, page.row_dimensions[2].hidden = "hidden", True
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx", name="设施")[0].rows.tolist() == [2, 3]


# workbooks that are none, or do harm


def ods(path: Path, rows: Sequence[Sequence[str]], repeated: int = 1) -> Path:
    """A sheet of an OpenDocument workbook; its last row repeated."""
    lines = ["".join(_ods_cell(cell) for cell in row) for row in rows]
    body = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines[:-1])
    body += f'<table:table-row table:number-rows-repeated="{repeated}">{lines[-1]}</table:table-row>'
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
    content += f'<table:table table:name="设施">{body}</table:table></office:spreadsheet></office:body>'
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content + "</office:document-content>")
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def _ods_cell(cell: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'


def test_an_opendocument_workbook_is_read(tmp_path: Path) -> None:
    layer, faults = read(ods(tmp_path / "a.ods", [HEADERS, ["F1", "甲", "社区", "350", "121", "31"]]), name="设施")
    assert layer.cells["设施编码"].tolist() == ["F1"]
    assert faults == []


def test_a_row_that_claims_to_be_repeated_a_billion_times_is_refused(tmp_path: Path) -> None:
    path = ods(tmp_path / "a.ods", [HEADERS, ["F1", "甲", "社区", "350", "121", "31"]], repeated=1_000_000_000)
    assert refusal(path).check in {"unreadable-file", "too-large"}


def test_a_cell_at_the_last_corner_of_a_sheet_is_refused_with_how_far_it_is(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS])
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</sheetData>", far))
    found = refusal(path)
    assert found.check == "too-large"
    assert "1,048,576 rows by 16,384 columns" in found.line()


def test_a_dimension_that_claims_the_whole_sheet_is_not_believed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS])
    claim = b'<dimension ref="A1:XFD1048576"'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda data: re.sub(rb'<dimension ref="[^"]*"', claim, data))
    assert read(path)[0].rows.tolist() == [2, 3]


@pytest.mark.parametrize("cell", [b"XFE1", b"ZZZZZZ1", b"A4294967295", b"A99999999999"])
def test_a_cell_beyond_the_last_of_a_sheet_is_refused(tmp_path: Path, cell: bytes) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b'r="A2"', b'r="' + cell + b'"'))
    assert refusal(path).check == "too-large"


def test_a_workbook_that_bursts_when_unpacked_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/media/x", "w") as file:
        for _ in range(101):
            file.write(bytes(1 << 20))
    assert refusal(path).check == "too-large"


def test_a_document_type_in_a_sheet_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADERS, *ROWS])
    kinds = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda data: kinds + data)
    assert refusal(path).check == "unreadable-file"


def test_a_workbook_with_a_password_is_told_so(tmp_path: Path) -> None:
    name = "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "a.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + name + bytes(2000))
    assert refusal(tmp_path / "a.xlsx").check == "has-password"


@pytest.mark.parametrize("start", ["<html><body><table>", "\ufeff<!DOCTYPE html>", "MIME-Version: 1.0\n"])
def test_a_web_page_named_as_a_workbook_is_told_so(tmp_path: Path, start: str) -> None:
    (tmp_path / "a.xls").write_text(start, "utf-8")
    found = refusal(tmp_path / "a.xls")
    assert found.check == "other-format"
    assert "HTML" in found.line()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_text_named_as_a_workbook_is_read_as_text(tmp_path: Path, encoding: str) -> None:
    layer, _ = read(text(tmp_path / "a.xls", [HEADERS, *ROWS], "\t", encoding))
    assert layer.cells["设施名称"].tolist() == ["甲", "乙"]


def test_a_workbook_of_another_format_than_its_name_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(zlib.decompress(base64.b85decode(OLD_WORKBOOK)))
    assert read(tmp_path / "a.xlsx")[0].cells["设施名称"].tolist() == ["甲", "乙"]
    workbook(tmp_path / "b.xlsx", [HEADERS, *ROWS]).rename(tmp_path / "b.xls")
    assert read(tmp_path / "b.xls")[0].cells["设施名称"].tolist() == ["甲", "乙"]


def test_what_a_program_leaves_beside_an_open_workbook_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "~$a.xlsx").write_bytes(bytes(165))
    assert refusal(tmp_path / "~$a.xlsx").check == "lock-file"


def test_an_empty_sheet_has_no_rows(tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path / "a.xlsx", [])).check == "empty-layer"


def test_a_header_alone_is_a_table_without_records(tmp_path: Path) -> None:
    for path in (workbook(tmp_path / "a.xlsx", [HEADERS]), text(tmp_path / "a.csv", [HEADERS])):
        layer, _ = read(path)
        assert list(layer.cells.columns) == HEADERS
        assert len(layer.cells) == 0


# text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "，", "|"])
def test_text_is_read_in_every_encoding_with_every_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    layer, faults = read(text(tmp_path / "a.csv", [HEADERS, *ROWS], separator, encoding))
    assert layer.cells.to_numpy().tolist() == [[str(cell) for cell in row] for row in ROWS]
    assert faults == []


def test_the_separator_that_excel_states_is_obeyed(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", [["sep=;"], [";".join(HEADERS)], ["F1;甲,乙;社区;1;2;3"]])
    layer, faults = read(path)
    assert layer.cells["设施名称"].tolist() == ["甲,乙"]
    assert layer.rows.tolist() == [3]
    assert faults == []


def test_a_record_has_the_number_of_the_line_on_which_it_begins(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('设施编码,设施名称\n\nF1,"甲\n\n乙"\n,\nF2,丙\n\nF3,丁', "utf-8")
    layer, _ = read(tmp_path / "a.csv")
    assert layer.cells["设施编码"].tolist() == ["F1", "F2", "F3"]
    assert layer.rows.tolist() == [3, 7, 9]


CELLS = st.text(st.sampled_from('a甲1" ,;\n\r'), max_size=5)


@settings(max_examples=40)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), st.sampled_from([0, 1]), st.sampled_from("\n "))
def test_plain_text_is_read_at_once_as_it_is_read_record_by_record(
    rows: list[list[str]], quoting: int, gap: str
) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=quoting, lineterminator="\n").writerows([["a", "b", "c"], *rows])
    data = written.getvalue().encode()
    found = characters._plain_body(data, 0, ",", 1, 3)
    expected, numbers = characters._any_body(data.decode(), ",", 1, 1)
    if found is not None:
        assert found[0].to_numpy().tolist() == expected.to_numpy().tolist()
        assert found[1].tolist() == numbers.tolist()


@settings(max_examples=60)
@given(st.text(st.sampled_from('a1",\n'), max_size=30))
def test_whatever_stands_in_text_is_read_at_once_as_record_by_record_or_not_at_once(body: str) -> None:
    data = ("a,b\n" + body).encode()
    found = characters._plain_body(data, 0, ",", 1, 2)
    if found is not None:
        expected, numbers = characters._any_body(data.decode(), ",", 1, 1)
        assert found[0].to_numpy().tolist() == expected.to_numpy().tolist()
        assert found[1].tolist() == numbers.tolist()


def test_a_row_that_is_too_short_ends_in_empty_cells(tmp_path: Path) -> None:
    layer, _ = read(text(tmp_path / "a.csv", [HEADERS, ["F1", "甲"], ROWS[1]]))
    assert layer.cells.iloc[0].tolist() == ["F1", "甲", "", "", "", ""]


@pytest.mark.parametrize("body", [b"a,b\n\x00,1\n", b"\xff\xfe\x00", b"a,b\n1,\xff\xff\xff\n"])
def test_bytes_that_are_no_text_are_unreadable(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(body)
    assert refusal(tmp_path / "a.csv").check == "unreadable-file"


@pytest.mark.parametrize("n", [1, 50_000])
def test_a_quotation_that_does_not_end_is_unreadable_and_its_line_is_named(tmp_path: Path, n: int) -> None:
    (tmp_path / "a.csv").write_text('设施编码,设施名称\nF1,"甲\n' + "F2,乙\n" * n, "utf-8")
    assert "line 2" in refusal(tmp_path / "a.csv").line()


# shapes


@pytest.mark.parametrize("stated", ["UTF-8", "ISO-8859-1", "GBK", "936", "nonsense", None])
def test_a_shapefile_in_gbk_keeps_its_names_whatever_it_says_of_its_encoding(
    tmp_path: Path, stated: str | None
) -> None:
    places().to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    if stated:
        (tmp_path / "a.cpg").write_text(stated)
    layer, faults = read(tmp_path / "a.shp", table="units")
    assert layer.cells["名称"].tolist() == places()["名称"].tolist()
    assert [one.check for one in faults] == ["wrong-encoding"] * (stated in {"UTF-8", "ISO-8859-1"})


def test_a_shapefile_of_latin_letters_is_not_read_as_chinese(tmp_path: Path) -> None:
    names = ["Região Central", "São João", "Görlitz"]
    places().assign(名称=names).rename(columns={"编码": "id", "名称": "name"}).to_file(
        tmp_path / "a.shp", encoding="ISO-8859-1"
    )
    layer, faults = read(tmp_path / "a.shp", table="units")
    assert layer.cells["name"].tolist() == names
    assert faults == []


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_that_lacks_a_part_is_told_which(tmp_path: Path, part: str) -> None:
    places().to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / f"a{part}").unlink()
    found = refusal(tmp_path / "a.shp", table="units")
    assert found.check == "missing-part"
    assert f"a{part}" in found.line()


@pytest.mark.parametrize(("part", "at", "order"), [(".dbf", 4, "<I"), (".shp", 24, ">I"), (".shx", 24, ">I")])
def test_a_part_that_claims_2_gb_is_unreadable(tmp_path: Path, part: str, at: int, order: str) -> None:
    places().to_file(tmp_path / "a.shp", encoding="GBK")
    data = bytearray((tmp_path / f"a{part}").read_bytes())
    data[at : at + 4] = struct.pack(order, 0x40000000)
    (tmp_path / f"a{part}").write_bytes(bytes(data))
    assert "claims" in refusal(tmp_path / "a.shp", table="units").line()


def test_a_packed_shapefile_is_read_where_it_lies(tmp_path: Path) -> None:
    places().to_file(tmp_path / "a.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for part in (".shp", ".shx", ".dbf", ".prj"):
            packed.write(tmp_path / f"a{part}", f"边界/a{part}")
    layer, _ = read(tmp_path / "a.zip", table="units")
    assert layer.cells["名称"].tolist() == places()["名称"].tolist()
    assert layer.geometry is not None


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.kml", "a.sqlite", "a.parquet", "a.gml"])
def test_every_format_of_layers_gives_the_same_records(tmp_path: Path, name: str) -> None:
    table = places().rename(columns={"编码": "code", "名称": "title"})
    table.to_parquet(tmp_path / name) if name.endswith("parquet") else table.to_file(tmp_path / name)
    layer, faults = read(tmp_path / name, table="units")
    found = layer.cells.set_index("code")["title"].sort_index()
    assert found.tolist() == table["title"].tolist()
    assert layer.geometry is not None
    assert sorted(layer.geometry.x.round(6)) == [121, 122, 123]
    assert faults == []


@pytest.mark.parametrize("name", ["a.gpkg", "a.parquet", "a.dbf"])
def test_a_table_without_shapes_is_read_as_one(tmp_path: Path, name: str) -> None:
    table = pd.DataFrame(places().drop(columns="geometry"))
    if name.endswith("parquet"):
        table.to_parquet(tmp_path / name)
    else:
        pyogrio.write_dataframe(table, tmp_path / name, driver="GPKG" if name.endswith("gpkg") else "ESRI Shapefile")
    layer, _ = read(tmp_path / name)
    assert layer.geometry is None
    assert layer.cells["名称"].tolist() == table["名称"].tolist()


def test_heights_and_mixed_shapes_are_read(tmp_path: Path) -> None:
    shapes = [shapely.Point(1, 2, 3), shapely.LineString([(0, 0), (1, 1)]), None, shapely.Polygon()]
    gpd.GeoDataFrame({"编码": list("abcd")}, geometry=shapes, crs=4490).to_file(tmp_path / "a.gpkg")
    layer, _ = read(tmp_path / "a.gpkg", table="units")
    assert layer.geometry is not None
    assert layer.geometry.iloc[0].z == 3
    assert layer.geometry.iloc[2] is None


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.fgb", "a.parquet"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_a_layer_that_breaks_off_is_unreadable(tmp_path: Path, name: str, share: float) -> None:
    table = places(2000)
    table.to_parquet(tmp_path / name) if name.endswith("parquet") else table.to_file(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    assert refusal(tmp_path / name, table="units").check == "unreadable-file"


def test_a_layer_nested_ten_thousand_deep_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text('{"type":"FeatureCollection","features":' + "[" * 10_000 + "]" * 10_000 + "}")
    assert refusal(tmp_path / "a.geojson", table="units").check == "unreadable-file"


def test_a_count_that_a_layer_claims_and_does_not_hold_is_seen(tmp_path: Path) -> None:
    places().to_file(tmp_path / "a.fgb")
    data = bytearray((tmp_path / "a.fgb").read_bytes())
    at = data.find(struct.pack("<Q", 3))
    data[at : at + 8] = struct.pack("<Q", 2**31)
    (tmp_path / "a.fgb").write_bytes(bytes(data))
    assert refusal(tmp_path / "a.fgb", table="units").check == "unreadable-file"


# networks


@pytest.mark.parametrize(
    "address",
    ["https://x.cn/a.shp", "HTTP://x.cn/a", "ftp://x/a.csv", "s3://b/a.gpkg", "gs://b/a", "/vsicurl/http://x/a",
     "/vsis3/b/a.gpkg", "//host/a.xlsx", r"\\host\a.xlsx"],
)  # fmt: skip
def test_an_address_on_a_network_is_refused_with_how_to_allow_it(address: str) -> None:
    layer, faults = read_layer(Path("study") / address, Input(path=address), table="units")
    assert layer is None
    assert [one.check for one in faults] == ["on-network"]
    assert "--allow-network" in faults[0].cure()


def test_a_file_that_only_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    places().to_file(tmp_path / "a.gpkg")
    source = (
        "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>a.gpkg</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in ("a.vrt", "a.xml"):
        (tmp_path / name).write_text(source)
        assert refusal(tmp_path / name, table="units").check == "unreadable-file"


@pytest.mark.parametrize("name", ["x" * 5000 + ".csv", "\x00.csv", "none.gpkg"])
def test_what_is_not_there_is_a_missing_file(tmp_path: Path, name: str) -> None:
    layer, faults = read_layer(tmp_path / name, Input(path=name), table="units")
    assert layer is None
    assert [one.check for one in faults] == ["missing-file"]


# whatever else is broken


def broken(data: bytes, seed: int) -> bytes:
    """A file spoilt in one of four ways: cut, some bytes changed, a claim made large or zero."""
    chance, spoilt = random.Random(seed), bytearray(data)  # noqa: S311
    way = chance.choice(["cut", "changed", "large", "zero"])
    if way == "cut":
        return data[: chance.randrange(len(data))]
    for _ in range(chance.randint(1, 20) if way == "changed" else 1):
        at = chance.randrange(min(len(data), chance.choice([200, 2000, len(data)])))
        if way == "changed":
            spoilt[at] = chance.randrange(256)
        else:
            spoilt[at : at + 4] = (b"\xff" if way == "large" else b"\0") * 4
    return bytes(spoilt)


@pytest.mark.parametrize(
    "name", ["a.xlsx", "a.gpkg", "a.geojson", "a.fgb", "a.parquet", "a.kml", "a.csv", "a.dbf", "a.shp"]
)
def test_a_file_spoilt_by_chance_is_read_or_refused(tmp_path: Path, name: str) -> None:
    path, table = tmp_path / name, places(20)
    if name == "a.xlsx":
        workbook(path, [HEADERS, *ROWS])
    elif name == "a.csv":
        text(path, [HEADERS, *ROWS])
    elif name == "a.parquet":
        table.to_parquet(path)
    elif name in {"a.dbf", "a.shp"}:
        table.to_file(tmp_path / "a.shp", encoding="GBK")
    else:
        table.to_file(path, **({"driver": "KML"} if name == "a.kml" else {}))
    data = path.read_bytes()
    for seed in range(12):
        path.write_bytes(broken(data, seed))
        layer, faults = read_layer(path, Input(path=name), table="units")
        assert layer is not None or faults
        assert all(one.line() and one.line("zh") for one in faults)
