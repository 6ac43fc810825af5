"""tables.xlsx: native tables, typed cells, formulas that give the printed figures, and a chart."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

import lifecircle as lc
from lifecircle.intervals import exact, shown
from lifecircle.publish.area_sheets import counted_m2
from lifecircle.publish.quick_sheet import fit
from lifecircle.publish.tallies import rule_counts
from lifecircle.publish.unserved import unserved_table
from lifecircle.publish.verdict_sheets import cut, summary_sheet, verdict_sheet
from lifecircle.publish.workbook import MOST_ROWS, _kept, page_breaks, widths, write_workbook
from samples import assessed_sample

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def path(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    write_workbook(result, path)
    return path


@pytest.fixture(scope="module")
def book(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def sheet(path: Path, name: str) -> pd.DataFrame:
    rows = load_workbook(path).get_sheet_by_name(name).to_python()
    return pd.DataFrame(rows[1:], columns=rows[0])


def formulas(book: openpyxl.Workbook) -> dict[tuple[str, str], str]:
    return {
        (page.title, cell.coordinate): cell.value
        for page in book.worksheets
        for row in page.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def without_values(path: Path, target: Path) -> Path:
    """The same workbook with no value kept beside a formula, so that whoever opens it has to work it out."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as empty:
        for name in source.namelist():
            text = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
            empty.writestr(name, text)
    return target


def test_every_sheet_is_a_native_table_with_filter_and_frozen_head(book: openpyxl.Workbook) -> None:
    names = [
        "汇总", "图表", "判定", "面积核算", "缺口", "先核实", "属地与可达", "公平", "分布", "设施台账",
        "步行不可达", "数据问题",
        "标准",
    ]  # fmt: skip
    assert book.sheetnames == names
    for page in book.worksheets:
        if page.title != "图表":
            [table] = page.tables.values()
            assert table.ref == table.autoFilter.ref == page.dimensions
            assert page.freeze_panes == "C2"
            assert [column.name for column in table.tableColumns] == [cell.value for cell in page[1]]
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert len(book["图表"]._charts) == 2


def test_formulas_hold_the_figures_as_they_are_printed(result: lc.Result, path: Path) -> None:
    area = sheet(path, "面积核算").query("效力 == '约束'").set_index("单元编码")
    asked = result.units.query("rule_id == 'floor-area'").set_index("unit_id")
    for unit_id, row in asked.iterrows():
        cell = area.loc[unit_id, "每百户(m²)"]
        if math.isnan(row["value"]):
            assert cell == ("" if row["shown"] == "—" else f"不详:{row['shown']}")
        else:
            assert f"{cell:.2f}" == row["shown"].replace(",", "")
            assert cell == float(shown(exact(row["value"])).replace(",", ""))


def test_what_is_not_known_is_no_formula(book: openpyxl.Workbook, path: Path) -> None:
    live, area = formulas(book), sheet(path, "面积核算")
    letters = {cell.value: cell.column_letter for cell in book["面积核算"][1]}
    for row, cells in enumerate(area.to_dict("records"), start=2):
        known = all(isinstance(cells[name], float) for name in ("户数", "计入面积(m²)")) and cells["户数"] > 0
        for name in ("每百户(m²)", "缺口(m²)"):
            assert (("面积核算", f"{letters[name]}{row}") in live) == known
    assert any(str(cell).startswith("不详") for cell in area["每百户(m²)"])


def test_the_verdict_worked_out_again_is_the_verdict(path: Path) -> None:
    area = sheet(path, "面积核算").query("复算 != ''")
    assert len(area) > 20
    assert (area["复算"] == area["判定"]).all()


def test_the_counted_area_is_that_of_the_ledger(result: lc.Result, path: Path) -> None:
    area = sheet(path, "面积核算").query("层级 == '居村' and 效力 == '约束'")
    rule = next(rule for rule in result.standards[0].rules if rule.id == "floor-area")
    whole = result.facilities[result.facilities["serves"].eq("") & result.facilities["kind"].isin(rule.kinds)]
    shared = set(result.facilities.loc[result.facilities["serves"].ne(""), "unit_id"])
    sums = whole.groupby("unit_id")["counted_m2"].sum()
    numbers = [row for row in area.to_dict("records") if isinstance(row["计入面积(m²)"], float)]
    same = [
        row["计入面积(m²)"] == pytest.approx(sums.get(row["单元编码"], 0.0))
        for row in numbers
        if row["单元编码"] not in shared
    ]
    assert len(same) > 15
    assert np.mean(same) > 0.8, "all but units whose facilities serve them from elsewhere, or another tier"


def test_the_summary_counts_the_sheet_of_verdicts(result: lc.Result, book: openpyxl.Workbook, path: Path) -> None:
    live = formulas(book)
    assert live["汇总", "E2"].startswith("=COUNTIFS('判定'!")
    told = sheet(path, "汇总")
    counts = [list(row["verdicts"].values()) for row in result.summary["rules"]]
    assert told[["达标", "不达标", "无法判定", "不适用", "参考"]].astype(int).to_numpy().tolist() == counts


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice works the formulas out")
def test_formulas_worked_out_anew_give_the_kept_values(path: Path, book: openpyxl.Workbook, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    bare = without_values(path, tmp_path / "in" / "tables.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path), str(bare)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    kept, anew = (openpyxl.load_workbook(one, data_only=True) for one in (path, tmp_path / "tables.xlsx"))
    live = formulas(book)
    assert len(live) > 300
    wrong = {
        place: (kept[place[0]][place[1]].value, anew[place[0]][place[1]].value)
        for place in live
        if kept[place[0]][place[1]].value != anew[place[0]][place[1]].value
    }
    assert not wrong


def test_households_that_do_not_reach_are_numbers_and_sum_to_the_summary(result: lc.Result, path: Path) -> None:
    told, kinds = sheet(path, "步行不可达"), unserved_table(result)
    assert all(isinstance(one, float) for one in told["不可达户数"])
    assert told["不可达户数"].tolist() == kinds["not_reached"].tolist()
    sums = kinds.groupby("kind")[["not_reached", "unknown"]].sum()
    for kind, found in result.summary["reach"].items():
        assert sums.loc[kind].to_dict() == {state: found[state] for state in ("not_reached", "unknown")}


def test_no_name_of_a_dwelling_is_in_the_book(result: lc.Result, path: Path) -> None:
    texts = {
        cell
        for page in load_workbook(path).sheet_names
        for row in load_workbook(path).get_sheet_by_name(page).to_python()
        for cell in row
    }
    assert not texts & set(result.dwellings["dwelling_id"])
    assert not texts & set(result.dwellings["name"]) - set(result.tables.units["name"]) - set(
        result.facilities["name"]
    ) - {""}


def test_texts_stay_texts_whatever_they_begin_with(result: lc.Result, tmp_path: Path) -> None:
    odd = ['=CMD|"/c calc"!A1', "+1", "-1+1", "@SUM(1)", "<b>&\"'", "𠮷_x0041_", "长" * 200, "a\x01b"]
    named = result.facilities.assign(name=[*odd, *result.facilities["name"].tolist()[len(odd) :]])
    write_workbook(replace(result, facilities=named), tmp_path / "tables.xlsx")
    page = openpyxl.load_workbook(tmp_path / "tables.xlsx")["设施台账"]
    assert [page.cell(row, 2).data_type for row in range(2, 10)] == ["s"] * 8
    assert sheet(tmp_path / "tables.xlsx", "设施台账")["设施名称"].tolist()[:8] == [*odd[:7], "a�b"]


def test_rules_whose_names_would_be_wildcards_are_counted_without_a_formula(result: lc.Result, tmp_path: Path) -> None:
    from lifecircle.publish.live import live_formulas
    from lifecircle.publish.sheets import sheets_of

    sheets = sheets_of(result)
    starred = {
        name: table.assign(条款=table["条款"].str.replace("单个设施", ">*")) if "条款" in table else table
        for name, table in sheets.items()
    }
    live = live_formulas(starred, "zh")["汇总"]["达标"]
    for formula, rule in zip(live, starred["汇总"]["条款"], strict=True):
        assert bool(formula) == (not rule.startswith(">*"))


def test_the_same_result_gives_the_same_book(result: lc.Result, path: Path, tmp_path: Path) -> None:
    write_workbook(result, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_the_book_speaks_the_studys_language(result: lc.Result, tmp_path: Path) -> None:
    about = result.study.study.model_copy(update={"language": "en"})
    english = replace(result, study=result.study.model_copy(update={"study": about}))
    write_workbook(english, tmp_path / "tables.xlsx")
    told = load_workbook(tmp_path / "tables.xlsx")
    assert told.sheet_names[:5] == ["summary", "charts", "verdicts", "floor area", "gaps"]
    assert formulas(openpyxl.load_workbook(tmp_path / "tables.xlsx"))["summary", "E2"].startswith(
        "=COUNTIFS('verdicts'!"
    )


def test_a_study_without_facilities_or_walks_has_a_book(result: lc.Result, tmp_path: Path) -> None:
    bare = replace(
        result, facilities=result.facilities.head(0), dwellings=result.dwellings.head(0), faults=result.faults.head(0),
        units=result.units[result.units["rule_id"] == "services"], reachable=result.reachable.head(0), equity=None,
    )  # fmt: skip
    summary = {**result.summary, "rules": [row for row in result.summary["rules"] if row["rule"] == "services"]}
    write_workbook(replace(bare, summary=summary), tmp_path / "tables.xlsx")
    names = load_workbook(tmp_path / "tables.xlsx").sheet_names
    assert "面积核算" not in names
    assert sheet(tmp_path / "tables.xlsx", "设施台账").empty or (sheet(tmp_path / "tables.xlsx", "设施台账") == "").all(
        None
    )


def test_a_table_longer_than_a_sheet_says_how_much_is_left_out() -> None:
    kept = _kept(pd.DataFrame({"a": np.arange(MOST_ROWS + 5), "b": 1.0}), "zh")
    assert len(kept) == MOST_ROWS + 1
    assert kept.iloc[-1].tolist() == ["……另有 5 行", ""]


def test_columns_are_as_wide_as_their_chinese_and_pages_break_between_them() -> None:
    table = pd.DataFrame({"编码": ["A1"], "名称": ["北塘三村居委会"], "理由": ["长" * 100]})
    assert widths(table) == [7, 16, 110]
    assert page_breaks([10, 10, 100, 60, 60, 60, 60]) == [4, 6]


@given(st.floats(0, 1e9), st.sampled_from([1, 100]), st.booleans(), st.booleans())
def test_what_is_cut_is_what_is_printed(number: float, times: int, up: bool, whole: bool) -> None:
    printed = shown(exact(number) * times, up=up, decimals=0 if whole else 2)
    assert cut(number, times, up=up, whole=whole) == float(printed.replace(",", ""))


@given(st.integers(0, 10**8), st.integers(1, 10**6))
def test_the_area_behind_a_figure_is_found_again(hundredths: int, households: int) -> None:
    area = hundredths / 100
    figure = float(exact(area) * 100 / households)
    row = {"low": figure, "high": figure, "households_low": float(households), "households_high": float(households)}
    assert counted_m2(row) == area


@given(st.text(max_size=30))
def test_any_text_can_be_written(text: str) -> None:
    import xml.etree.ElementTree as ET

    ET.fromstring(f"<t>{fit(text)}</t>".encode())  # noqa: S314 - our own


def test_rules_on_circles_that_nobody_has_adopted_are_for_reference_on_every_sheet(result: lc.Result) -> None:
    drawn = replace(result, circles=object())  # as if the program had made them
    for sheet in (summary_sheet(drawn, "zh"), verdict_sheet(drawn, "zh")):
        assert set(sheet.loc[sheet["层级"] == "片区", "效力"]) == {"参考"}
    assert not [row for row in rule_counts(drawn) if row["tier"]["zh"] == "片区" and row["binds"]]
    assert [row for row in rule_counts(result) if row["tier"]["zh"] == "片区" and row["binds"]]
