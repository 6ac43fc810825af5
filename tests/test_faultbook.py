"""The workbook that goes back to the keeper: his rows, the faulty cells marked, and nothing in it that runs."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle.errors import LifecircleError
from lifecircle.faults import Fault, Where, fault, fault_table
from lifecircle.publish.cells import LONGEST, safe_text
from lifecircle.publish.faultbook import layers_of, write_faultbook
from lifecircle.publish.faultsheet import TINTS
from lifecircle.readers.inputs import load_inputs
from lifecircle.readers.layers import Layer
from spoil import DWELLINGS, edit_text, set_cell, small_study

HEAD = 3  # the row of headers, as a reader counts
OWN = ["行号", "级别", "问题", "处理", "涉及户数", "回复"]


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> lc.Study:
    """The small study with two wrong cells in its register, one in its dwellings and one in its units."""
    folder = small_study(tmp_path_factory.mktemp("spoilt"))
    set_cell(folder / "facilities.xlsx", 2, "建筑面积(㎡)", "约300")
    set_cell(folder / "facilities.xlsx", 2, "启用日期", "去年")
    set_cell(folder / "facilities.xlsx", 4, "所属设施", "F9")
    edit_text(folder / "dwellings.csv", "D3,three,100", "D3,three,12.5")
    return lc.read_study(folder)


@pytest.fixture(scope="session")
def book(study: lc.Study, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    faults = lc.find_faults(load_inputs(study))
    path = tmp_path_factory.mktemp("book") / "new" / "faults.xlsx"
    assert write_faultbook(faults, layers_of(study, faults), path, name="玩具镇") == path
    return openpyxl.load_workbook(path)


def rows_of(sheet: object) -> list[dict[str, object]]:
    values = list(sheet.values)  # type: ignore[attr-defined]
    return [dict(zip(values[HEAD - 1], row, strict=True)) for row in values[HEAD:]]


def page(
    tmp_path: Path, cells: dict[str, list[object]], *faults: Fault, file: str = "f.xlsx", sheet: str = "s"
) -> object:
    """The page of one file whose rows are numbered from 2."""
    table = pd.DataFrame(cells, dtype=object)
    layer = Layer(table, np.arange(2, 2 + len(table)), file, sheet)
    path = write_faultbook(fault_table(faults), {(file, sheet): layer}, tmp_path / "faults.xlsx")
    return openpyxl.load_workbook(path).worksheets[1]


def wrong(
    row: int | None,
    column: str = "",
    households: float | None = None,
    file: str = "f.xlsx",
    sheet: str = "s",
    table: str = "facilities",
) -> Fault:
    return fault("not-whole", Where(file, table, sheet, row, households), column=column, found="1.5")


# what stands where


def test_there_is_a_summary_and_a_sheet_for_each_file_and_layer(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["汇总", "facilities 设施", "dwellings", "units neighbourhoods"]


def test_rows_stand_under_the_headers_of_the_file_with_its_row_numbers(book: openpyxl.Workbook) -> None:
    row = rows_of(book["facilities 设施"])[0]
    assert list(row)[:6] == OWN
    assert (row["行号"], row["级别"], row["设施编码"], row["建筑面积(㎡)"], row["启用日期"]) == (
        2,
        "错误",
        "F1",
        "约300",
        "去年",
    )
    assert [one["行号"] for one in rows_of(book["facilities 设施"])] == [2, 4]


def test_all_faults_of_a_row_stand_in_it_with_their_cures(book: openpyxl.Workbook) -> None:
    row = rows_of(book["facilities 设施"])[0]
    assert (
        row["问题"] == "1. 启用日期 为「去年」,应为日期,如 2025-12-31\n2. 建筑面积(㎡) 为「约300」,应为平方米数,如 300"
    )
    assert row["处理"] == "1. 请按 年-月-日 填写\n2. 请只填数字;不详则留空"


def test_faulty_cells_are_coloured_and_say_what_is_wrong_and_others_are_not(book: openpyxl.Workbook) -> None:
    sheet = book["facilities 设施"]
    cells = {sheet.cell(HEAD, cell.column).value: cell for cell in sheet[HEAD + 1]}
    marked = [name for name, cell in cells.items() if cell.comment]
    assert marked == ["建筑面积(㎡)", "启用日期"]
    assert cells["启用日期"].comment.text == "启用日期 为「去年」,应为日期,如 2025-12-31\n处理:请按 年-月-日 填写"
    red = TINTS["error"].strip("#").upper()
    assert [name for name, cell in cells.items() if cell.fill.fgColor.rgb == f"FF{red}"] == ["行号", "级别", *marked]


def test_the_summary_counts_each_file_and_leads_to_its_sheet(book: openpyxl.Workbook) -> None:
    sheet = book["汇总"]
    assert sheet["A1"].value == "数据问题清单 · 玩具镇"
    values = {row[0]: row[1:6] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert values["facilities.xlsx"][:4] == ("设施", 3, 0, 0)
    assert values["dwellings.csv"][:4] == (None, 1, 0, 0)
    assert values["合计"][1:4] == (4, 1, 0)
    assert sheet["G4"].hyperlink.location == "'facilities 设施'!A1"
    text = " ".join(str(row[0]) for row in sheet.iter_rows(values_only=True))
    assert all(word in text for word in ("错误", "提示", "说明", "如何退回", "已改正、属实无误、待核实"))


def test_a_layer_with_shapes_stands_with_its_attributes(book: openpyxl.Workbook) -> None:
    row = rows_of(book["units neighbourhoods"])[0]
    assert (row["行号"], row["单元编码"], row["常住户数"]) == (2, "N2", 200)
    assert "geometry" not in row


def test_a_sheet_is_frozen_filtered_and_set_for_paper(book: openpyxl.Workbook) -> None:
    sheet = book["facilities 设施"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("D4", "A3:Q5")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert [book[name].page_setup.fitToWidth or 1 for name in ("facilities 设施", "dwellings")] == [1, 1]
    assert sheet.print_title_rows == "$3:$3"
    assert [one.formula1 for one in sheet.data_validations.dataValidation] == ['"已改正,属实无误,待核实"']


def test_the_worst_row_comes_first_and_the_file_as_a_whole_before_it(tmp_path: Path) -> None:
    faults = [
        wrong(2, households=5),
        wrong(3, households=50),
        fault("unknown-area", Where("f.xlsx", "facilities", "s", 4, 900), found="F3"),
        fault("mixed-vintages", Where("f.xlsx", "facilities", "s"), old="a", new="b", other="c"),
        wrong(3, households=70),
    ]
    sheet = page(tmp_path, {"编码": ["a", "b", "c"]}, *faults)
    shown = [(row["行号"], row["涉及户数"], row["编码"]) for row in rows_of(sheet)]
    assert shown == [("整表", None, None), (3, 70, "b"), (2, 5, "a"), (4, 900, "c")]


@pytest.mark.parametrize(("table", "households"), [("dwellings", 57), ("facilities", 50)])
def test_households_of_a_file_count_those_of_a_row_once_and_of_units_not_twice(
    tmp_path: Path, table: str, households: int
) -> None:
    some = [(2, 5), (2, 7), (3, 50), (None, None)]
    faults = fault_table(wrong(row, households=number, table=table) for row, number in some)
    path = write_faultbook(faults, {}, tmp_path / "f.xlsx", lang="en")
    assert openpyxl.load_workbook(path)["summary"]["F4"].value == households


def test_a_file_that_could_not_be_read_and_a_row_that_is_gone_have_their_faults_alone(tmp_path: Path) -> None:
    faults = [fault("missing-file", "data/gone.xlsx", key="[units] path"), wrong(2), wrong(99)]
    layer = Layer(pd.DataFrame({"编码": ["a"]}), np.array([2]), "f.xlsx", "s")
    path = write_faultbook(fault_table(faults), {("f.xlsx", "s"): layer}, tmp_path / "faults.xlsx")
    book = openpyxl.load_workbook(path)
    pages = {sheet.title: rows_of(sheet) for sheet in book.worksheets[1:]}
    assert pages["gone"][0]["行号"] == "整表"
    assert [(row["行号"], row["编码"]) for row in pages["f s"]] == [(2, "a"), (99, None)]


def test_no_faults_make_a_workbook_that_says_so(tmp_path: Path) -> None:
    path = write_faultbook(fault_table([]), {}, tmp_path / "faults.xlsx", lang="en")
    sheet = openpyxl.load_workbook(path)["summary"]
    assert [cell.value for cell in sheet[4]][:5] == ["all", None, 0, 0, 0]


def test_an_english_workbook_has_no_chinese_of_its_own(study: lc.Study, tmp_path: Path) -> None:
    faults = fault_table([wrong(2, "n")])
    path = write_faultbook(faults, {}, tmp_path / "faults.xlsx", lang="en")
    texts = [
        str(value)
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value
    ]
    assert [text for text in texts if re.search("[\u3000-\uffef]", text)] == []


def test_only_layers_whose_rows_have_faults_are_read_again(study: lc.Study) -> None:
    faults = lc.find_faults(load_inputs(study))
    layers = layers_of(study, faults)
    assert sorted(layers) == [("dwellings.csv", ""), ("facilities.xlsx", "设施"), ("units.gpkg", "neighbourhoods")]
    assert layers["dwellings.csv", ""].cells["名称"].tolist() == ["one", "two", "three", "four"]
    assert layers_of(study, faults[faults["row"].isna()]) == {}
    assert DWELLINGS.startswith("居住点编码")


# nothing that runs


HOSTILE = ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "{=1}", "http://x.test"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_a_formula_or_a_link_stays_text_everywhere(tmp_path: Path, text: str) -> None:
    bad = fault("not-whole", Where(text, "facilities", text, 2, None, text), column=text, found=text)
    layer = Layer(pd.DataFrame({text: [text]}, dtype=object), np.array([2]), text, text)
    path = write_faultbook(fault_table([bad]), {(text, text): layer}, tmp_path / "faults.xlsx", name=text)
    with zipfile.ZipFile(path) as parts:
        bodies = {name: parts.read(name).decode() for name in parts.namelist() if "worksheets/" in name}
    assert not any("<f>" in body for body in bodies.values())
    assert not any("TargetMode" in body for body in bodies.values())
    cell = openpyxl.load_workbook(path).worksheets[1].cell(HEAD + 1, len(OWN) + 1)
    assert (cell.value, cell.data_type) == (text.replace("\t", "\t"), "s")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a"])
def test_text_that_begins_like_a_formula_stays_text_when_its_cell_is_edited(tmp_path: Path, text: str) -> None:
    cell = page(tmp_path, {"a": [text]}, wrong(2)).cell(HEAD + 1, len(OWN) + 1)  # type: ignore[attr-defined]
    assert (cell.quotePrefix, cell.number_format) == (True, "@")


@given(st.text(st.characters(codec=None), max_size=40), st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_written_and_read_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, file: str, sheet: str
) -> None:
    where = Where(file, "facilities", sheet, 2)
    layer = Layer(pd.DataFrame({"a": [text]}, dtype=object), np.array([2]), file, sheet)
    faults = fault_table([fault("not-whole", where, column="a", found=text)])
    path = write_faultbook(faults, {(file, sheet): layer}, tmp_path_factory.mktemp("any") / "faults.xlsx")
    book = openpyxl.load_workbook(path)
    assert (book.worksheets[1].cell(HEAD + 1, len(OWN) + 1).value or "") == safe_text(text)


def test_what_nobody_sees_is_left_out_and_long_text_is_cut(tmp_path: Path) -> None:
    sheet = page(tmp_path, {"a": ["x\x00\x07\u202e\ud800y"], "b": ["长" * 10_000], "c" * 10_000: [1]}, wrong(2, "b"))
    row = rows_of(sheet)[0]
    assert (row["a"], row["b"]) == ("xy", "长" * LONGEST + "…")
    assert max(len(str(name)) for name in row) == 201


def test_numbers_days_and_keys_stay_what_they_are(tmp_path: Path) -> None:
    cells: dict[str, list[object]] = {
        "number": [1.5], "count": [np.int64(3)], "key": ["0012"], "long": [310104000000000001], "yes": [True],
        "day": [dt.date(2025, 6, 1)], "time": [pd.Timestamp(2025, 6, 1, 8, 30)], "old": [dt.date(1, 1, 1)],
        "zone": [pd.Timestamp("2025-06-01", tz="Asia/Shanghai")], "none": [None], "nan": [float("nan")],
        "nat": [pd.NaT], "inf": [float("inf")], "huge": [10**400], "list": [[1, 2]],
    }  # fmt: skip
    row = rows_of(page(tmp_path, cells, wrong(2)))[0]
    assert [row[name] for name in cells] == [
        1.5, 3, "0012", "310104000000000001", True, dt.datetime(2025, 6, 1), dt.datetime(2025, 6, 1, 8, 30),
        "0001-01-01", "2025-06-01 00:00:00+08:00", None, None, None, "inf", str(10**400), "[1, 2]",
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=40), st.text("ab[]:*?/\\'", max_size=40)), max_size=4, unique=True)
)
def test_names_of_sheets_are_allowed_and_unlike_each_other(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[str, str]]
) -> None:
    faults = fault_table([wrong(2, file=file, sheet=sheet) for file, sheet in places])
    path = write_faultbook(faults, {}, tmp_path_factory.mktemp("names") / "faults.xlsx")
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.lower() for name in names}) == len(places) + 1
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_rows_beyond_what_a_sheet_takes_are_counted_in_its_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifecircle.publish.faultsheet.MOST_ROWS", 2)
    sheet = page(tmp_path, {"a": [1, 2, 3]}, *(wrong(row, households=row) for row in (2, 3, 4)))
    assert [row["行号"] for row in rows_of(sheet)] == [4, 3]
    assert sheet["A2"].value.endswith("另有 1 行未列出,请先改正以下各行")  # type: ignore[index]


# the file itself


def test_the_same_faults_make_the_same_bytes(study: lc.Study, tmp_path: Path) -> None:
    faults = lc.find_faults(load_inputs(study))
    one, two = (write_faultbook(faults, layers_of(study, faults), tmp_path / f"{name}.xlsx") for name in "ab")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["faults.xls", "faults", "faults.csv", ""])
def test_only_an_xlsx_file_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(LifecircleError, match=r"is no file that ends in \.xlsx; nothing was written"):
        write_faultbook(fault_table([]), {}, tmp_path / name, lang="en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lock", [".~lock.faults.xlsx#", "~$faults.xlsx"])
def test_a_workbook_that_is_open_is_a_fault_and_stays_as_it_is(tmp_path: Path, lock: str) -> None:
    path = tmp_path / "faults.xlsx"
    path.write_text("old")
    (tmp_path / lock).touch()
    with pytest.raises(
        LifecircleError, match=r"faults\.xlsx:无法写入:文件已被打开。处理:如已在其他程序中打开,请先关闭"
    ):
        write_faultbook(fault_table([]), {}, path)
    assert path.read_text() == "old"


def test_what_cannot_be_written_is_a_fault_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_faultbook(fault_table([]), {}, tmp_path / "faults.xlsx")
    before = path.read_bytes()

    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(LifecircleError, match=r"cannot be written: Permission denied\. Cure: close it"):
        write_faultbook(fault_table([]), {}, path, lang="en")
    assert [one.name for one in tmp_path.iterdir()] == ["faults.xlsx"]
    assert path.read_bytes() == before


def test_an_old_workbook_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "faults.xlsx"
    write_faultbook(fault_table([wrong(2)]), {}, path)
    write_faultbook(fault_table([]), {}, path)
    assert openpyxl.load_workbook(path).sheetnames == ["汇总"]


def test_a_file_that_is_no_workbook_of_faults_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "facilities.xlsx"
    openpyxl.Workbook().save(path)
    before = path.read_bytes()
    with pytest.raises(lc.LifecircleError, match="is there already; nothing was written"):
        write_faultbook(fault_table([wrong(2)]), {}, path, lang="en")
    assert path.read_bytes() == before


def test_the_workbook_names_no_folder(tmp_path: Path) -> None:
    faults = fault_table([wrong(None, file="/home/office/data/f.xlsx")])
    path = write_faultbook(faults, {}, tmp_path / "f.xlsx", lang="en")
    texts = [cell.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert not [text for text in texts if "office" in str(text)]
