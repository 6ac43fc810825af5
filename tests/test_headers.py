"""Headers as offices write them are understood, and those that could be two things are faults."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.faults import Fault, Where
from lifecircle.readers.columns import read_columns
from lifecircle.readers.headers import plain_header, understood_headers, understood_table
from lifecircle.readers.heads import header_datum, header_factor, land_unit
from lifecircle.readers.layers import Layer
from lifecircle.study import Study
from lifecircle.tables import Source

REGISTER = ["设施编码", "类别"]


def understood(table: str, *headers: str, **mapped: str) -> tuple[dict[str, str], list[Fault]]:
    return understood_headers(list(headers), Where("f.xlsx", table), mapped)


def checks(faults: list[Fault]) -> list[str]:
    return [one.check for one in faults]


@pytest.mark.parametrize(
    ("open_", "close"), [("(", ")"), ("（", "）"), ("[", "]"), ("【", "】"), ("/", ""), (",", ""), ("，", "")]
)
@pytest.mark.parametrize("unit", ["㎡", "m2", "平方米", "单位：平方米", "万㎡"])
def test_a_unit_is_no_part_of_a_header_however_it_is_set_off(open_: str, close: str, unit: str) -> None:
    header = f"建筑 面积\n{open_}{unit}{close}"
    assert plain_header(header) == "建筑面积"
    assert header_factor(header) == (10_000 if "万" in unit else 1)


@given(
    st.sampled_from(["建筑面积", "户数", "设施名称", "街道(镇)"]),
    st.lists(st.sampled_from(" \n　\u200b*"), max_size=4),
    st.data(),
)
def test_spaces_and_marks_anywhere_change_no_header(header: str, marks: list[str], data: st.DataObject) -> None:
    text = header
    for mark in marks:
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + mark + text[at:]
    assert plain_header(text) == plain_header(header)


@pytest.mark.parametrize(
    ("table", "headers", "expected"),
    [
        ("units", ["geom", "省", "市", "县", "乡"], {"name": "乡"}),
        ("units", ["省", "市", "县", "乡", "村"], {"name": "村", "parent_id": "乡"}),
        ("units", ["XZQDM", "XZQMC"], {"unit_id": "XZQDM", "name": "XZQMC"}),
        ("units", ["ZLDWDM", "ZLDWMC"], {"unit_id": "ZLDWDM", "name": "ZLDWMC"}),
        ("units", ["NAME", "CODE", "PAC", "OBJECTID"], {"unit_id": "CODE", "name": "NAME"}),
        ("units", ["居委编码", "居委名称", "街道编码", "街道名称", "总户数"],
         {"unit_id": "居委编码", "name": "居委名称", "parent_id": "街道编码", "households": "总户数"}),
        ("units", ["村居", "街镇", "常住户数(户)"],
         {"name": "村居", "parent_id": "街镇", "households": "常住户数(户)"}),
        ("facilities", ["id", "name", "type", "lng_wgs84", "lat_wgs84", "adname"],
         {"facility_id": "id", "name": "name", "kind": "type", "x": "lng_wgs84", "y": "lat_wgs84"}),
        ("facilities", [*REGISTER, "街道", "居委会"], {"facility_id": "设施编码", "kind": "类别", "unit_id": "居委会"}),
        ("facilities", [*REGISTER, "街道/乡镇"], {"facility_id": "设施编码", "kind": "类别", "unit_id": "街道/乡镇"}),
        ("dwellings", ["小区编码", "小区名称", "社区", "街道", "X坐标", "Y坐标"],
         {"dwelling_id": "小区编码", "name": "小区名称", "unit_id": "社区", "x": "X坐标", "y": "Y坐标"}),
    ],
)  # fmt: skip
def test_headers_of_real_files_are_understood(table: str, headers: list[str], expected: dict[str, str]) -> None:
    assert understood(table, *headers) == (expected, [])


def test_two_headers_of_one_column_are_a_fault_and_one_that_stands_twice_is_too() -> None:
    assert checks(understood("facilities", *REGISTER, "建筑面积", "总建筑面积")[1]) == ["ambiguous-column"]
    assert checks(understood("facilities", *REGISTER, "建筑面积", "建筑面积 (2)")[1]) == ["ambiguous-column"]


def test_a_header_that_could_be_two_things_is_a_fault_until_the_study_says_what_it_is() -> None:
    assert checks(understood("facilities", *REGISTER, "面积")[1]) == ["vague-column"]
    assert understood("facilities", *REGISTER, "面积", floor_area_m2="面积")[1] == []
    assert understood("facilities", *REGISTER, "面积", "建筑面积")[1] == []


def test_registered_households_are_not_taken_for_residents() -> None:
    found, faults = understood("dwellings", "编码", "户籍户数")
    assert ("households" in found, checks(faults)) == (False, ["other-column"])
    assert understood("dwellings", "编码", "户籍户数", "户数")[1] == []


def test_units_without_keys_have_names_and_registers_without_keys_are_a_fault_with_what_to_do() -> None:
    assert checks(understood("units", "名称")[1]) == []
    (fault,) = understood("facilities", "序号", "设施名称", "类别")[1]
    assert fault.check == "missing-column"
    assert 'facility_id = "序号"' in fault.cure()


def test_a_misspelt_column_of_keys_is_a_fault_though_units_have_names() -> None:
    assert checks(understood("units", "单元编马", "名称")[1]) == ["missing-column"]


def test_columns_of_other_things_are_left_alone_however_alike_their_headers() -> None:
    assert understood("facilities", *REGISTER, "所属单位", "服务时间", "登记日期", "备注")[1] == []


@pytest.mark.parametrize(
    ("header", "datum"), [("lng_gcj02", "gcj02"), ("经度(百度)", "bd09"), ("经度（WGS-84）", "wgs84"), ("经度", "")]
)
def test_a_header_can_name_its_datum(header: str, datum: str) -> None:
    assert header_datum(header) == datum


def test_units_of_land_are_known() -> None:
    assert (land_unit("建筑面积(亩)"), land_unit("建筑面积/公顷"), land_unit("建筑面积(㎡)")) == ("亩", "公顷", "")


def test_what_was_understood_is_a_table() -> None:
    source = Source("units", "a/u.shp", "", headers=(("name", "乡"),))
    assert understood_table([source]).to_numpy().tolist() == [["units", "u.shp", "", "name", "乡"]]


# columns read by their headers


def read(table: str, **columns: list[object]) -> tuple[pd.DataFrame, list[Fault]]:
    """The columns of a layer of a sheet, and what was said."""
    frame = pd.DataFrame({name.replace("__", "("): cells for name, cells in columns.items()}, dtype=object)
    return read_frame(table, frame)


def read_frame(table: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    study = Study.model_validate(
        {
            "study": {"id": "a", "name": "a", "year": 2025, "date": "2025-12-31"},
            "units": {"path": "u.gpkg"},
            "facilities": {"path": "f.xlsx"},
        }
    )
    where = Where("f.xlsx", table)
    headers, faults = understood_headers(list(frame.columns), where, {})
    layer = Layer(frame, pd.RangeIndex(2, len(frame) + 2).to_numpy(), "f.xlsx")
    found, told = read_columns(layer, where, headers, study)
    return pd.DataFrame(found), [*faults, *told]


def register(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(
        {"设施编码": ["F1"], "类别": ["托育点"]} | {name: [cell] for name, cell in columns.items()}, dtype=object
    )


def test_numbers_below_a_header_of_wan_are_multiplied_with_a_note() -> None:
    found, faults = read_frame("facilities", register(**{"建筑面积(万㎡)": 0.035}))
    assert (found["floor_area_m2"].tolist(), checks(faults)) == ([350.0], ["myriads"])


def test_floor_areas_in_units_of_land_are_a_fault_and_unknown() -> None:
    found, faults = read_frame("facilities", register(**{"建筑面积(亩)": 3}))
    assert (found["floor_area_m2"].isna().all(), checks(faults)) == (True, ["land-unit"])


@pytest.mark.parametrize("header", ["设施名称", "设施编码", "建筑面积", "启用日期", "状态", "类别"])
def test_an_error_of_a_spreadsheet_is_a_fault_in_every_column(header: str) -> None:
    _, faults = read_frame("facilities", register().assign(**{header: ["#REF!"]}))
    assert [(one.check, dict(one.values)["column"]) for one in faults] == [("cell-error", header)]


def test_a_name_of_ten_thousand_characters_is_a_fault() -> None:
    found, faults = read_frame("facilities", register(设施名称="长" * 10_000))
    assert (found["name"].tolist(), checks(faults)) == ([""], ["long-text"])


def test_a_key_that_is_changed_by_taking_out_unseen_marks_is_noted_and_others_are_not() -> None:
    found, faults = read_frame("facilities", register().assign(设施编码=["A01\u200b"], 设施名称=["名\u200b"]))
    assert (found["facility_id"].tolist(), checks(faults)) == (["A01"], ["cleaned-keys"])


def test_a_key_that_a_spreadsheet_has_shortened_is_a_fault() -> None:
    assert checks(read_frame("facilities", register().assign(设施编码=["3.10101E+11"]))[1]) == ["shortened-key"]


def test_a_lease_without_end_is_read_as_such_with_a_note() -> None:
    found, faults = read_frame("facilities", register(租赁到期="长期"))
    assert (found["lease_until"].isna().all(), checks(faults)) == (True, ["no-end"])


def test_units_without_codes_are_keyed_by_their_names_and_by_what_lies_above_where_those_stand_twice() -> None:
    frame = pd.DataFrame(
        {"县": ["东城区", "西城区", "东城区"], "乡": ["和平街道", "和平街道", "景山街道"]}, dtype=object
    )
    found, faults = read_frame("units", frame)
    assert found["unit_id"].tolist() == ["东城区/和平街道", "西城区/和平街道", "景山街道"]
    assert checks(faults) == ["keys-from-names"]
    assert "2 of 3" in faults[0].what() or "2" in dict(faults[0].values)["n"]


def test_yes_in_chinese_is_yes_where_streets_want_it_and_tags_stay() -> None:
    frame = pd.DataFrame({"from_signal": ["是", "否", ""], "bridge": ["viaduct", "是", ""]}, dtype=object)
    found, _ = read_frame("streets", frame)
    assert found["from_signal"].tolist() == ["yes", "no", ""]
    assert found["bridge"].tolist() == ["viaduct", "yes", ""]


def test_boundaries_of_a_shapefile_of_names_alone_are_read(tmp_path: object) -> None:
    path = f"{tmp_path}/b.shp"
    cells = {"省": ["北京市"] * 2, "县": ["东城区"] * 2, "乡": ["景山街道", "和平里街道"]}
    gpd.GeoDataFrame(cells, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs="EPSG:4326").to_file(path, encoding="utf-8")
    found, _ = read_frame("units", pd.DataFrame(gpd.read_file(path).drop(columns="geometry")))
    assert found["unit_id"].tolist() == ["景山街道", "和平里街道"]
