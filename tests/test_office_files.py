"""What an office hands over, from its files to the tables: totals, places without coordinates, footers, groups."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.flow import check_study
from lifecircle.publish.checklist import understood_line
from spoil import edit_layer, edit_text, small_study


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    small_study(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def register(rows: list[list[object]], *merges: str) -> None:
    """The register as another sheet of these rows."""
    book = openpyxl.Workbook()
    book.active.title = "设施"
    for row in rows:
        book.active.append(row)
    for one in merges:
        book.active.merge_cells(one)
    book.save("facilities.xlsx")


def checks(toy: Path) -> list[str]:
    return check_study(toy).faults["check"].tolist()


def facilities(toy: Path) -> pd.DataFrame:
    return check_study(toy).tables.facilities


HEAD = ["设施编码", "设施名称", "类别", "建筑面积(㎡)", "经度", "纬度"]
SITES = [["F1", "甲", "社区综合服务设施", 400, 615150, 3436150], ["F2", "乙", "社区综合服务设施", 500, 615450, 3436150]]


def without_households(units: pd.DataFrame) -> pd.DataFrame:
    return units.drop(columns="常住户数")


def totals(toy: Path, text: str) -> None:
    (toy / "totals.csv").write_text(text, encoding="gb18030")
    edit_layer(Path("units.gpkg"), "neighbourhoods", without_households)
    edit_text(Path("study.toml"), "[walk]", '[totals]\npath = "totals.csv"\n\n[walk]')


def households(toy: Path) -> dict[str, float]:
    units = check_study(toy).tables.units
    return units[units["tier"] == "neighbourhood"].set_index("unit_id")["households"].to_dict()


def test_a_table_of_totals_gives_the_households_that_boundaries_do_not_state(toy: Path) -> None:
    totals(toy, "居委会;总户数\nunit N1;1,200户\nN2;80\n")
    assert households(toy) == {"N1": 1200, "N2": 80}


def test_a_total_of_no_unit_is_a_fault(toy: Path) -> None:
    totals(toy, "居委会,总户数\nN1,120\nN9,80\n")
    assert "unknown-unit" in checks(toy)


def test_a_unit_that_stands_twice_among_the_totals_is_a_fault_and_its_first_row_is_taken(toy: Path) -> None:
    totals(toy, "居委会,总户数\nN1,120\nN1,80\n")
    assert "total-twice" in checks(toy)
    assert households(toy)["N1"] == 120


def test_what_a_boundary_states_goes_before_the_totals_and_a_difference_is_told(toy: Path) -> None:
    (toy / "totals.csv").write_text("居委会,总户数\nN1,120\n", encoding="utf-8")
    edit_text(Path("study.toml"), "[walk]", '[totals]\npath = "totals.csv"\n\n[walk]')
    faults = check_study(toy).faults
    assert faults.set_index("check").loc["totals-disagree", "households"] == 80
    assert households(toy)["N1"] == 200


def test_households_are_not_spread_where_no_unit_states_any(toy: Path) -> None:
    edit_layer(Path("units.gpkg"), "neighbourhoods", without_households)
    edit_text(Path("study.toml"), "[walk]", '[spread]\nover = "streets"\n\n[walk]')
    assert "no-totals" in checks(toy)


def test_a_facility_without_coordinates_belongs_to_the_street_that_its_row_names_where_it_names_nothing_lower(
    toy: Path,
) -> None:
    register(
        [[*HEAD, "街道", "居委会"], [*SITES[0], "unit S1", "unit N1"], [*SITES[1][:4], None, None, "unit S1", None]]
    )
    assert facilities(toy)["unit_id"].tolist() == ["N1", "S1"]
    ledger = lc.assess(toy).facilities
    assert ledger["counted_m2"].tolist() == [400, 500]


def test_a_facility_that_nobody_can_place_is_said_to_be_neither_inside_nor_outside(toy: Path) -> None:
    register([[*HEAD, "居委会"], [*SITES[0], ""], [*SITES[1][:4], None, None, ""]])
    ledger = lc.assess(toy).facilities["ledger_en"].tolist()
    assert ledger[1] == "not counted: it has no coordinates and names no unit (who may reach it is unknown)"


def test_the_unit_of_a_group_of_columns_holds_for_each_of_them(toy: Path) -> None:
    head = ["设施编码", "设施名称", "类别", "面积（万平方米）", None, "经度", "纬度"]
    lower = [None, None, None, "建筑面积", "服务用房", None, None]
    rows = [["F1", "甲", "社区综合服务设施", 0.04, 0.03, 615150, 3436150]]
    merges = ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2", "G1:G2")
    register([head, lower, *rows], *merges)
    assert facilities(toy)[["floor_area_m2", "service_area_m2"]].to_numpy().tolist() == [[400, 300]]


def test_a_header_of_one_character_bears_the_name_of_its_group(toy: Path) -> None:
    head = ["设施编码", "设施名称", "类别", "建筑面积(㎡)", "租赁期限", None, "经度", "纬度"]
    lower = [None, None, None, None, "起", "止", None, None]
    rows = [["F1", "甲", "社区综合服务设施", 400, "2020-01-01", "2025-06-30", 615150, 3436150]]
    register([head, lower, *rows], "A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1", "G1:G2", "H1:H2")
    found = facilities(toy)
    assert found["lease_until"].dt.strftime("%Y-%m-%d").tolist() == ["2025-06-30"]
    assert found["lease_from"].dt.strftime("%Y-%m-%d").tolist() == ["2020-01-01"]


def test_a_footer_of_several_cells_is_no_facility(toy: Path) -> None:
    register([HEAD, *SITES, ["填表人:张某", None, "审核人:李某", None, "填表日期:2025年12月20日", None]])
    assert len(facilities(toy)) == 2
    assert "left-out-row" in checks(toy)


def test_headers_that_are_not_read_are_said_and_that_there_is_no_status(toy: Path) -> None:
    register([[*HEAD, "联系电话"], *[[*row, "021"] for row in SITES]])
    source = next(one for one in check_study(toy).tables.sources if one.table == "facilities")
    assert understood_line(source, "en").endswith("; not read: 联系电话; no column of status: all are taken as open")


def test_shapefiles_of_one_folder_are_read_by_their_names_with_or_without_the_suffix(toy: Path) -> None:
    import geopandas as gpd

    (toy / "边界").mkdir()
    for layer in ("neighbourhoods", "subdistricts", "circles"):
        columns = {"单元编码": "BM", "名称": "MC", "上级编码": "SJ", "常住户数": "HS"}
        table = gpd.read_file("units.gpkg", layer=layer).rename(columns=columns)
        table.to_file(toy / "边界" / f"{layer}.shp", encoding="GBK")
    before = lc.read_inputs(lc.read_study(toy)).units
    text = Path("study.toml").read_text("utf-8").replace('"units.gpkg"', '"边界"').replace('"circles"', '"circles.shp"')
    names = '[units.columns]\nunit_id = "BM"\nname = "MC"\nparent_id = "SJ"\nhouseholds = "HS"\n\n[facilities]'
    Path("study.toml").write_text(text.replace("[facilities]", names, 1), encoding="utf-8")
    tables = lc.read_inputs(lc.read_study(toy))
    pd.testing.assert_frame_equal(tables.units[["unit_id", "parent_id"]], before[["unit_id", "parent_id"]])
    assert {one.file for one in tables.sources if one.table == "units"} == {
        "neighbourhoods.shp", "subdistricts.shp", "circles.shp",
    }  # fmt: skip


def test_a_manifest_names_no_folder_no_user_and_no_token() -> None:
    from lifecircle.manifest import _without_folders

    said = {
        "a": "/home/office/e.tif",
        "b": ["D:\\data\\d.csv"],
        "c": "postgresql://keeper@db/x",
        "d": "https://u:p@h/d?t=1",
    }
    assert _without_folders(said) == {"a": "e.tif", "b": ["d.csv"], "c": "postgresql://db/x", "d": "https://h/d"}


def test_streets_of_openstreetmap_have_no_other_datum(tmp_path: Path) -> None:
    from spoil import copy_sample

    sample = copy_sample(tmp_path / "sample")
    edit_text(sample / "study.toml", "[streets]", '[streets]\ndatum = "gcj02"')
    found = check_study(sample).faults
    assert "[streets] datum is 'gcj02'" in found["what_en"].iloc[0]
