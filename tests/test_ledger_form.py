"""The ledger form: an office's template keeps its layout and is filled with typed values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName

import lifecircle as lc
from lifecircle.errors import LifecircleError
from lifecircle.publish.ledger_fields import FACILITY, ONCE, UNIT
from lifecircle.publish.ledger_form import write_ledger_form
from samples import assessed_sample

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
AT = 5  # the row that is repeated


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


def office_book(placeholders: tuple[str, ...]) -> openpyxl.Workbook:
    """A form as an office has it: a merged title, named cells, a styled row, a total, a merged place to sign."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet["A1"] = "{项目名称}{年度}年度社区服务设施台账"
    sheet.merge_cells("A1:F1")
    sheet["A1"].font = Font(name="SimHei", size=18, bold=True)
    sheet["A2"], sheet["D2"] = "评估日期", "合计(m²)"
    book.defined_names["评估日期"] = DefinedName("评估日期", attr_text="台账!$B$2")
    book.defined_names["合计面积"] = DefinedName("合计面积", attr_text="台账!$E$2:$F$2")
    sheet.merge_cells("E2:F2")
    for column, text in enumerate(placeholders, start=1):
        cell = sheet.cell(AT, column, text)
        cell.fill, cell.border = PatternFill("solid", fgColor="FFF2CC"), Border(bottom=Side("thin"))
    sheet.row_dimensions[AT].height = 27
    sheet["A6"], sheet["D6"] = "合计", "=SUM(D5:D5)"
    sheet.row_dimensions[6].height = 40
    sheet["A8"] = "填表人:"
    sheet.merge_cells("A8:C9")
    sheet["E2"].number_format = "#,##0.0"
    sheet.column_dimensions["B"].width = 31
    sheet.print_area = "A1:F9"
    other = book.create_sheet("汇总")
    other["A1"] = "=台账!D6*2"
    return book


ROW = ("{序号}", "{设施名称}", "{所属居村}", "{建筑面积}", "=D5*2", "启用:{启用日期}")


@pytest.fixture(scope="module")
def form(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("form")
    office_book(ROW).save(folder / "模板.xlsx")
    write_ledger_form(result, folder / "模板.xlsx", folder / "台账.xlsx")
    return folder / "台账.xlsx"


def test_every_facility_has_its_row_with_typed_values(result: lc.Result, form: Path) -> None:
    sheet = openpyxl.load_workbook(form)["台账"]
    rows = list(sheet.iter_rows(min_row=AT, max_row=AT + len(result.facilities) - 1, values_only=True))
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[1] for row in rows] == result.facilities["name"].tolist()
    areas = [area if area == area else "不详" for area in result.facilities["floor_area_m2"]]
    assert [row[3] for row in rows] == areas, "an unknown area is the word, never 0"
    assert rows[0][5] == "启用:2011-08-10"


def test_names_and_title_are_filled_once(result: lc.Result, form: Path) -> None:
    sheet = openpyxl.load_workbook(form)["台账"]
    assert sheet["A1"].value == "滨河区(示例)2025年度社区服务设施台账"
    assert sheet["B2"].value.date() == result.study.study.date
    known = result.facilities["counted_m2"].sum()
    assert result.facilities.loc[result.facilities["counted"], "counted_m2"].isna().any()
    assert sheet["E2"].value == f"≥ {known:,.2f}(另有不详)", "an area that nobody knows is not 0"


def test_an_area_that_is_known_in_full_is_a_number(result: lc.Result, tmp_path: Path) -> None:
    facilities = result.summary["facilities"] | {"counted_with_unknown_area": 0, "counted_m2": 1234.5}
    known = replace(result, summary={**result.summary, "facilities": facilities})
    office_book(ROW).save(tmp_path / "模板.xlsx")
    write_ledger_form(known, tmp_path / "模板.xlsx", tmp_path / "台账.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "台账.xlsx")["台账"]
    assert sheet["E2"].value == 1234.5
    assert sheet["E2"].number_format == "#,##0.0"


def test_a_name_that_looks_like_a_placeholder_is_never_filled_in(result: lc.Result, tmp_path: Path) -> None:
    names = ["{合计面积}", "甲{年度}", *result.facilities["name"].iloc[2:]]
    office_book(ROW).save(tmp_path / "模板.xlsx")
    odd = replace(result, facilities=result.facilities.assign(name=names))
    write_ledger_form(odd, tmp_path / "模板.xlsx", tmp_path / "台账.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "台账.xlsx")["台账"]
    written = {sheet.cell(AT + place, 2).value for place in range(len(names))}
    assert {"{合计面积}", "甲{年度}"} <= written


def test_the_layout_of_the_template_stays(result: lc.Result, form: Path) -> None:
    sheet, more = openpyxl.load_workbook(form)["台账"], len(result.facilities) - 1
    assert sheet["A1"].font.name == "SimHei"
    assert sheet.column_dimensions["B"].width == 31
    for row in (AT, AT + 1, AT + more):
        assert sheet.cell(row, 2).fill.fgColor.rgb == "00FFF2CC"
        assert sheet.row_dimensions[row].height == 27
    assert sheet.row_dimensions[6 + more].height == 40
    assert {str(one) for one in sheet.merged_cells.ranges} == {"A1:F1", "E2:F2", f"A{8 + more}:C{9 + more}"}
    assert sheet.cell(8 + more, 1).value == "填表人:"
    assert sheet.print_area == f"'台账'!$A$1:$F${9 + more}"


def test_sums_over_the_row_take_in_its_copies(result: lc.Result, form: Path) -> None:
    book, more = openpyxl.load_workbook(form), len(result.facilities) - 1
    sheet = book["台账"]
    assert sheet.cell(6 + more, 4).value == f"=SUM(D5:D{5 + more})"
    assert [sheet.cell(AT + n, 5).value for n in (0, 1, more)] == ["=D5*2", "=D6*2", f"=D{5 + more}*2"]
    assert book["汇总"]["A1"].value == f"=台账!D{6 + more}*2"


def test_a_row_of_units_is_repeated_for_each_of_the_lowest(result: lc.Result, tmp_path: Path) -> None:
    office_book(("{单元名称}", "{所属街道}", "{户数}", "{每百户面积}", "{判定}", "{缺口面积}")).save(
        tmp_path / "t.xlsx"
    )
    write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["台账"]
    asked = result.units.query("rule_id == 'floor-area' and tier == 'neighbourhood'")
    rows = list(sheet.iter_rows(min_row=AT, max_row=AT + len(asked) - 1, values_only=True))
    assert [row[0] for row in rows] == asked["name"].tolist()
    words = {"met": "达标", "unmet": "不达标", "unknown": "无法判定", "not_applicable": "不适用"}
    assert [row[4] for row in rows] == [words[one] for one in asked["verdict"]]
    found = {row[0]: row for row in rows}
    assert found["北塘三村居委会"][1:] == ("鹭汀街道", 2600, 34.97, "不达标", 0.78)
    assert found["石碾村"][2:4] == ("不详", "不详")


def test_a_text_that_looks_like_a_formula_stays_a_text(result: lc.Result, tmp_path: Path) -> None:
    names = ['=CMD|"/c calc"!A1', "+1", "-1", "@SUM(1)", "<b>&\x01"]
    odd = result.facilities.head(len(names)).assign(name=names)
    office_book(ROW).save(tmp_path / "t.xlsx")
    write_ledger_form(replace(result, facilities=odd), tmp_path / "t.xlsx", tmp_path / "out.xlsx")
    cells = [openpyxl.load_workbook(tmp_path / "out.xlsx")["台账"].cell(AT + n, 2) for n in range(len(names))]
    assert [cell.data_type for cell in cells] == ["s"] * len(names)
    assert [cell.value for cell in cells] == [*names[:4], "<b>&�"]


def test_without_facilities_the_row_stays_empty(result: lc.Result, tmp_path: Path) -> None:
    office_book(ROW).save(tmp_path / "t.xlsx")
    write_ledger_form(replace(result, facilities=result.facilities.head(0)), tmp_path / "t.xlsx", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["台账"]
    assert [sheet.cell(AT, column).value for column in (1, 2, 4)] == [None, None, None]
    assert sheet["D6"].value == "=SUM(D5:D5)"


def test_the_same_ledger_makes_the_same_file_and_the_template_is_unchanged(result: lc.Result, tmp_path: Path) -> None:
    office_book(ROW).save(tmp_path / "t.xlsx")
    before = (tmp_path / "t.xlsx").read_bytes()
    for name in ("one.xlsx", "two.xlsx"):
        write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert (tmp_path / "t.xlsx").read_bytes() == before


def test_an_unknown_placeholder_is_told_with_the_nearest_known(result: lc.Result, tmp_path: Path) -> None:
    office_book(("{设施名}", "{建筑面积}")).save(tmp_path / "t.xlsx")
    with pytest.raises(
        LifecircleError, match=r"第 5 行:单元格 A5 的占位「设施名」未知,是否应为「设施名称」?.*建筑面积"
    ):
        write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_an_empty_cell_of_an_unknown_name_is_told_and_names_of_the_offices_own_are_left(
    result: lc.Result, tmp_path: Path
) -> None:
    book = office_book(ROW)
    book["台账"]["H1"] = 0.06
    book.defined_names["税率"] = DefinedName("税率", attr_text="台账!$H$1")
    book.save(tmp_path / "t.xlsx")
    write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx")["台账"]["H1"].value == 0.06
    book.defined_names["合计面职"] = DefinedName("合计面职", attr_text="台账!$H$2")
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(LifecircleError, match=r"「合计面职」未知,无法填写,是否应为「合计面积」?.*项目名称、年度"):
        write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / "out.xlsx")


def test_what_is_no_template_is_told(result: lc.Result, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("序号,名称", "utf-8")
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    office_book(("{设施名称}", "{每百户面积}")).save(tmp_path / "mixed.xlsx")
    for name, said in {
        "none.xlsx": "none.xlsx",
        "text.xlsx": "不是可读取的 .xlsx 工作簿",
        "empty.xlsx": "没有要填的内容",
        "mixed.xlsx": "混用设施与单元的占位",
    }.items():
        with pytest.raises(LifecircleError, match=said):
            write_ledger_form(result, tmp_path / name, tmp_path / "out.xlsx")


def test_a_chart_in_the_template_is_not_lost_silently(result: lc.Result, tmp_path: Path) -> None:
    from openpyxl.chart import BarChart

    book = office_book(ROW)
    book["台账"].add_chart(BarChart(), "H5")
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(LifecircleError, match="含有图表或文本框"):
        write_ledger_form(result, tmp_path / "t.xlsx", tmp_path / "out.xlsx")


def test_each_known_name_stands_for_one_thing_in_a_row() -> None:
    for names in (FACILITY, UNIT):
        for lang in (0, 1):
            words = [words[lang] for words in (*names.values(), *ONCE.values())]
            assert len(words) == len(set(words))
