"""Bad input: one line for each fault, with the place, what was found and the cure; exit code 2; nothing written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

import lifecircle as lc
from lifecircle.cli import main
from spoil import (
    DWELLINGS,
    HEADERS,
    ORIGIN_M,
    REGISTER,
    RULE,
    contents,
    copy_sample,
    drop_column,
    drop_rows,
    edit_layer,
    edit_text,
    own_standard,
    rename_header,
    set_cell,
    small_study,
    write_register,
)

ANY = "<any>"  # stands for any text in an expected line
STREETS_CHECK = "Cure: check the CRS of streets and dwellings"
KEY_CURE = "Cure: give every row a key of its own"
NUMBER_CURE = "Cure: write the number alone, or leave the cell empty if unknown"
TOML_CURE = "Cure: correct it there; write paths with / and not with \\"
NO_FILE = "the file does not exist. Cure: put it there or correct"
REACH_RULE = """
[[rules]]
id = "reach"
name = { zh = "可达", en = "Reach" }
measure = "reached_households_share"
value = 0.9
unit = "share of households"
tiers = ["neighbourhood"]
kinds = ["community_service"]
limit_min = 15
walker = "child"
text = { zh = "可达", en = "reach" }
"""


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]
Refused = Callable[..., None]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study(tmp_path_factory.mktemp("drawn"))


@pytest.fixture
def toy(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small study, which is the current folder."""
    folder = Path(shutil.copytree(drawn, tmp_path / "toy"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line as a shell does."""

    def started(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["lifecircle", *arguments])
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        return Ended(int(str(code)), out, err)

    return started


@pytest.fixture
def refused(toy: Path, run: Run) -> Refused:
    """Assess the small study and expect these lines, no other, exit code 2, and nothing printed or written besides."""

    def checked(*expected: str, options: tuple[str, ...] = ()) -> None:
        before = contents(toy)
        ended = run("assess", "study.toml", "--quiet", *options)
        same_lines(ended.err, expected)
        assert (ended.code, ended.out) == (2, "")
        assert contents(toy) == before

    return checked


def same_lines(printed: str, expected: tuple[str, ...]) -> None:
    """Assert that text holds the expected lines, in any order, and no other."""
    patterns = {line: re.compile(".*".join(map(re.escape, line.split(ANY)))) for line in expected}
    lines = [next((one for one in expected if patterns[one].fullmatch(line)), line) for line in printed.splitlines()]
    assert sorted(lines) == sorted(expected)


def put_unit(layer: str, row: int, **cells: object) -> None:
    """Change cells of one unit of the small study."""

    def changed(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        for name, value in cells.items():
            units.loc[row, name] = value
        return units

    edit_layer(Path("units.gpkg"), layer, changed)


def put_boundary(corners: list[tuple[int, int]]) -> None:
    """Draw the boundary of the first neighbourhood through these corners of the grid."""
    x, y = ORIGIN_M

    def changed(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = [shapely.Polygon([(x + east, y + north) for east, north in corners]), *units.geometry[1:]]
        return units.set_geometry(gpd.GeoSeries(shapes, index=units.index, crs=units.crs))

    edit_layer(Path("units.gpkg"), "neighbourhoods", changed)


def without_crs(path: Path, layer: str) -> None:
    """Write a layer again without its coordinate reference system, in the same file name."""
    frame = gpd.read_file(path, layer=layer).set_crs(None, allow_override=True)
    path.unlink()
    with pytest.warns(UserWarning, match="crs"):
        frame.to_file(path, layer=layer, driver="GPKG")


# files


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("facilities.xlsx", "[facilities] path"),
        ("dwellings.csv", "[dwellings] path"),
        ("streets.gpkg", "[streets] path"),
        ("units.gpkg", "[units] path"),
    ],
)
def test_a_missing_file_is_named_with_the_setting_that_names_it(refused: Refused, file: str, key: str) -> None:
    Path(file).unlink()
    refused(f"{file}: {NO_FILE} `{key}` in study.toml")


def test_a_missing_file_of_streets_from_openstreetmap_is_named(refused: Refused) -> None:
    edit_text(Path("study.toml"), "streets.gpkg", "streets.osm.pbf")
    refused(f"streets.osm.pbf: {NO_FILE} `[streets] path` in study.toml")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("facilities.xlsx", "a workbook"),
        ("units.gpkg", "a layer of features"),
        ("streets.gpkg", "a layer of features"),
    ],
)
def test_a_file_of_garbage_is_unreadable(refused: Refused, file: str, expected: str) -> None:
    Path(file).write_bytes(b"garbage")
    refused(f"{file}: cannot be read as {expected}: {ANY}. Cure: save it again in a format that opens")


def test_a_csv_file_of_other_bytes_is_unreadable(refused: Refused) -> None:
    Path("dwellings.csv").write_bytes(b"\x00\x01\xff\xfe")
    refused(
        "dwellings.csv: cannot be read as text in UTF-8 / GB18030: other bytes. "
        "Cure: save it again in a format that opens"
    )


def test_a_csv_file_with_a_row_too_long_is_unreadable_and_the_line_is_named(refused: Refused) -> None:
    Path("dwellings.csv").write_text(DWELLINGS + "D5,five,3,1,2,3\n", "utf-8")
    refused(f"dwellings.csv: cannot be read as CSV: {ANY}row 6{ANY}. Cure: save it again in a format that opens")


def test_an_openstreetmap_file_of_garbage_is_unreadable(refused: Refused) -> None:
    edit_text(Path("study.toml"), "streets.gpkg", "streets.osm")
    Path("streets.osm").write_text("<osm><garbage", "utf-8")
    refused(f"streets.osm: cannot be read as OpenStreetMap data: {ANY}. Cure: save it again in a format that opens")


def test_a_folder_in_the_place_of_a_file_is_unreadable(refused: Refused) -> None:
    Path("dwellings.csv").unlink()
    Path("dwellings.csv").mkdir()
    refused(f"dwellings.csv: cannot be read as {ANY}: {ANY}. Cure: {ANY}")


def test_a_file_that_may_not_be_opened_is_said_to_be_in_use(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        if path.name == "dwellings.csv" and not path.is_absolute():
            raise PermissionError(13, "Permission denied", str(path))
        with path.open("rb") as file:
            return file.read()

    monkeypatch.setattr(Path, "read_bytes", denied)
    refused(
        "dwellings.csv: may not be opened: Permission denied. "
        "Cure: close it in other programs, or ask for the right to read it"
    )


def test_a_missing_sheet_is_named_with_those_that_are_there(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'sheet = "设施"', 'sheet = "设施台账"')
    refused(
        "facilities.xlsx: has no sheet `设施台账`; it has 设施. "
        "Cure: correct `[facilities] sheet` in study.toml; did you mean '设施'?"
    )


def test_a_missing_layer_of_units_is_one_fault_and_its_nearest_name_is_suggested(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"circles"', '"circle"')
    refused(
        "units.gpkg: has no layer `circle`; it has subdistricts, circles, neighbourhoods. "
        "Cure: correct `[units] layers.circle` in study.toml; did you mean 'circles'?"
    )


def test_a_missing_layer_of_streets_is_named_with_its_setting(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'path = "streets.gpkg"', 'path = "streets.gpkg"\nlayer = "roads"')
    refused("streets.gpkg: has no layer `roads`; it has streets. Cure: correct `[streets] layer` in study.toml")


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda: drop_rows(Path("facilities.xlsx")), "facilities.xlsx, sheet 设施"),
        (lambda: Path("dwellings.csv").write_text(DWELLINGS.splitlines()[0], "utf-8"), "dwellings.csv"),
        (lambda: Path("dwellings.csv").write_text("", "utf-8"), "dwellings.csv"),
        (lambda: edit_layer(Path("units.gpkg"), "neighbourhoods", lambda units: units.iloc[:0]),
         "units.gpkg, layer neighbourhoods"),
        (lambda: edit_layer(Path("streets.gpkg"), "streets", lambda streets: streets.iloc[:0]), "streets.gpkg"),
    ],
    ids=["workbook", "csv", "csv without a header", "units", "streets"],
)  # fmt: skip
def test_an_empty_layer_is_a_fault(refused: Refused, spoil: Callable[[], object], place: str) -> None:
    spoil()
    refused(f"{place}: has no rows. Cure: export it again with its rows")


def test_an_openstreetmap_file_without_streets_is_an_empty_layer(refused: Refused) -> None:
    edit_text(Path("study.toml"), "streets.gpkg", "streets.osm")
    Path("streets.osm").write_text('<osm version="0.6"></osm>', "utf-8")
    refused("streets.osm: has no rows. Cure: export it again with its rows")


# columns


def test_a_missing_column_is_one_fault_with_what_was_found(refused: Refused) -> None:
    drop_column(Path("facilities.xlsx"), "类别")
    refused(
        "facilities.xlsx, sheet 设施: column for kind (kind / 类别 / 设施类别) is missing; "
        "found 设施编码, 设施名称, 服务层级, 建筑面积(㎡), 状态, 启用日期, 服务单元, 所属设施, 经度, 纬度. "
        f'Cure: add it, or name it in study.toml: [facilities.columns] kind = "…"{ANY}'
    )


def test_a_missing_column_of_keys_is_one_fault_whatever_the_number_of_rows(refused: Refused) -> None:
    drop_column(Path("facilities.xlsx"), "设施编码")
    refused(f"facilities.xlsx, sheet 设施: column for facility_id (facility_id / 设施编码 / 编码) is missing;{ANY}")


def test_a_misspelt_column_of_keys_is_one_fault_and_suggested(refused: Refused) -> None:
    rename_header(Path("facilities.xlsx"), "设施编码", "设施编玛")
    refused(
        "facilities.xlsx, sheet 设施: column for facility_id (facility_id / 设施编码 / 编码) is missing; "
        f"found 设施编玛, {ANY}. Cure: add it, or name it in study.toml: "
        "[facilities.columns] facility_id = \"…\"; did you mean '设施编玛'?"
    )


def test_a_misspelt_column_of_kinds_is_suggested(refused: Refused) -> None:
    rename_header(Path("facilities.xlsx"), "类别", "设施类另")
    refused(
        "facilities.xlsx, sheet 设施: column for kind (kind / 类别 / 设施类别) is missing; found 设施编码, "
        f"{ANY}. Cure: add it, or name it in study.toml: [facilities.columns] kind = \"…\"; did you mean '设施类另'?"
    )


def test_a_misspelt_column_of_coordinates_is_one_fault_and_suggested(refused: Refused) -> None:
    rename_header(Path("facilities.xlsx"), "经度", "经渡")
    refused(
        f"facilities.xlsx, sheet 设施: column for x (x / lon / lng) is missing; found {ANY}. "
        "Cure: add it, or name it in study.toml: [facilities.columns] x = \"…\"; did you mean '经渡'?"
    )


def test_a_misspelt_column_that_may_be_left_out_is_a_fault_with_the_nearest_name(refused: Refused) -> None:
    rename_header(Path("facilities.xlsx"), "建筑面积(㎡)", "建筑面职(㎡)")
    refused(
        "facilities.xlsx, sheet 设施: column '建筑面职(㎡)' is not understood; did you mean '建筑面积'?"
        f"{ANY}Cure: correct the header, or say in study.toml what it is: "
        '[facilities.columns] floor_area_m2 = "建筑面职(㎡)", or "" if the file has none'
    )


def test_a_missing_column_of_units_names_its_layer(refused: Refused) -> None:
    edit_layer(Path("units.gpkg"), "neighbourhoods", lambda units: units.rename(columns={"单元编码": "单元编马"}))
    refused(
        "units.gpkg, layer neighbourhoods: column for unit_id (unit_id / 单元编码 / 编码) is missing; "
        "found 单元编马, 名称, 上级编码, 常住户数. "
        "Cure: add it, or name it in study.toml: [units.columns] unit_id = \"…\"; did you mean '单元编马'?"
    )


def test_a_column_that_the_study_names_and_the_file_lacks_is_missing(refused: Refused) -> None:
    edit_text(Path("study.toml"), "\n[dwellings]", '\n[facilities.columns]\nfloor_area_m2 = "建面"\n\n[dwellings]')
    refused(
        f"facilities.xlsx, sheet 设施: column for floor_area_m2 (建面) is missing; found {ANY}. Cure: add it, or name "
        "it in study.toml: [facilities.columns] floor_area_m2 = \"…\"; did you mean '建筑面积(㎡)'?"
    )


def test_a_typo_in_the_map_of_columns_is_suggested(refused: Refused) -> None:
    text = '\n[facilities.columns]\nfloor_areas = "建筑面积(㎡)"\n\n[dwellings]'
    edit_text(Path("study.toml"), "\n[dwellings]", text)
    refused(
        "study.toml: [facilities.columns] floor_areas is not a setting. Cure: remove it; did you mean 'floor_area_m2'?"
    )


def test_two_headers_for_one_column_are_a_fault(refused: Refused) -> None:
    rename_header(Path("facilities.xlsx"), "设施名称", "编号")
    refused(
        "facilities.xlsx, sheet 设施: 设施编码 / 编号 could each be facility_id. "
        'Cure: say which in study.toml: [facilities.columns] facility_id = "…"'
    )


@pytest.mark.parametrize("table", ["units", "streets"])
def test_a_table_without_shapes_is_no_file_of_units_or_streets(refused: Refused, table: str) -> None:
    Path(f"{table}.csv").write_text("单元编码,名称\nN1,unit N1\n", "utf-8")
    text = Path("study.toml").read_text("utf-8").replace(f"{table}.gpkg", f"{table}.csv")
    kept = [line for line in text.splitlines() if not line.startswith("layers")]
    Path("study.toml").write_text("\n".join(kept).replace("[units]", '[units]\ntier = "neighbourhood"'), "utf-8")
    if table == "streets":
        edit_text(Path("study.toml"), '"units.gpkg"', '"units.gpkg"\nlayer = "subdistricts"')
    refused(f"{table}.csv: cannot be read as {ANY}: {ANY}. Cure: {ANY}")


# coordinate reference systems


def test_a_csv_file_without_a_stated_crs_is_a_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"')
    refused(
        "dwellings.csv: has no coordinate reference system. "
        'Cure: state it in study.toml: [dwellings] crs = "EPSG:4490" (CGCS2000) or another'
    )


def test_a_layer_without_a_crs_is_a_fault(refused: Refused) -> None:
    without_crs(Path("streets.gpkg"), "streets")
    refused(
        "streets.gpkg: has no coordinate reference system. "
        'Cure: state it in study.toml: [streets] crs = "EPSG:4490" (CGCS2000) or another'
    )


def test_an_unknown_crs_code_is_a_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"\ncrs = "EPSG:99999"')
    refused("dwellings.csv: CRS 'EPSG:99999' is not known. Cure: write an EPSG code such as \"EPSG:4490\"")


def test_metres_that_are_declared_as_degrees_do_not_fit_their_crs(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"\ncrs = "EPSG:4490"')
    refused(
        "dwellings.csv: CRS is EPSG:4490, in degrees, but coordinates such as (615050, 3436100) are metres. Cure: "
        "write the code of their own CRS; of CGCS2000 by central meridian, EPSG:4534 (75°E) to EPSG:4554 (135°E) in "
        "steps of 3°"
    )


def test_degrees_that_are_declared_as_metres_do_not_fit_their_crs_and_that_is_the_only_fault(refused: Refused) -> None:
    Path("dwellings.csv").write_text("居住点编码,户数,经度,纬度\nD1,100,121.2,31.05\n", "utf-8")
    refused(
        "dwellings.csv: CRS is EPSG:4549, in metres, but coordinates such as (121.2, 31.05) are degrees. "
        'Cure: write crs = "EPSG:4490" (CGCS2000) or "EPSG:4326" (WGS 84), and datum = "gcj02" or "bd09" if they are '
        "of a web map"
    )


def test_longitude_and_latitude_in_each_others_column_are_named_as_such(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"\ncrs = "EPSG:4490"')
    Path("dwellings.csv").write_text("居住点编码,户数,经度,纬度\nD1,100,31.05,121.2\n", "utf-8")
    refused(
        "dwellings.csv: (31.05, 121.2) looks like latitude and longitude the wrong way round. "
        "Cure: put the longitude into the column of x, the latitude into that of y"
    )


def test_one_row_with_its_axes_swapped_is_named(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"\ncrs = "EPSG:4490"')
    place = gpd.GeoSeries.from_xy([ORIGIN_M[0] + 60], [ORIGIN_M[1] + 60], crs="EPSG:4549").to_crs("EPSG:4490").iloc[0]
    rows = [f"D{n},100,{place.x:.6f},{place.y:.6f}" for n in (1, 2)] + ["D3,100,31.05,121.2"]
    Path("dwellings.csv").write_text("\n".join(["居住点编码,户数,经度,纬度", *rows]), "utf-8")
    refused(
        "dwellings.csv, row 4: (31.05, 121.2) looks like latitude and longitude the wrong way round. "
        "Cure: put the longitude into the column of x, the latitude into that of y"
    )


def test_a_shifted_datum_of_web_maps_is_refused_with_what_to_do(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', '"dwellings.csv"\ncrs = "GCJ-02"')
    refused(
        "dwellings.csv: CRS 'GCJ-02' is the shifted datum of web maps, which is no CRS. Cure: write [dwellings] "
        'datum = "gcj02" in study.toml in place of crs; the places are then brought to where they are'
    )


@pytest.mark.parametrize("code", ["EPSG:4610", "EPSG:2385", "EPSG:4214"])
def test_xian_80_and_beijing_54_are_refused(code: str, refused: Refused) -> None:
    edit_text(Path("study.toml"), '"dwellings.csv"\ncrs = "EPSG:4549"', f'"dwellings.csv"\ncrs = "{code}"')
    refused(
        f"dwellings.csv: CRS is {ANY}, whose shift to CGCS2000 is not public; taken as zero, places lie up to 100 m "
        "off. Cure: have the data transformed with the local parameters and give them in EPSG:4490"
    )


def test_a_distorting_crs_of_the_study_is_refused(refused: Refused) -> None:
    edit_text(Path("study.toml"), "[units]", 'crs = "EPSG:3857"\n\n[units]')
    refused(
        f"study.toml: [study] crs is EPSG:3857; lengths in it are {ANY} % off here. "
        "Cure: leave it out: one that fits the place is chosen"
    )


def test_two_headers_below_a_title_are_a_fault_with_both_rows(refused: Refused) -> None:
    header, *rows = Path("dwellings.csv").read_text("utf-8-sig").splitlines()
    other = header.replace("户数", "总户数")
    Path("dwellings.csv").write_text("\n".join(["2025年居住点", header, *rows, other, *rows]), "utf-8")
    refused("dwellings.csv: its header could be in row 2 / 7. Cure: say which in study.toml: [dwellings] header = …")


def test_a_title_above_the_header_is_understood_and_noted(toy: Path, run: Run) -> None:
    header, *rows = Path("dwellings.csv").read_text("utf-8-sig").splitlines()
    Path("dwellings.csv").write_text("\n".join([f"2025年居住点{',' * header.count(',')}", header, *rows]), "utf-8")
    ended = run("check", "study.toml")
    assert ended.code == 0
    assert "dwellings.csv: row 2 was taken as the header." in ended.err + ended.out


def test_two_standards_of_one_id_are_refused(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'standards = ["shanghai-2021"', 'standards = ["shanghai-2021", "shanghai-2021"')
    refused(
        "study.toml: two standards have the id 'shanghai-2021'. Cure: name it once, or give your copy an id of its own"
    )


def test_a_report_of_another_study_is_not_written_over(toy: Path, run: Run) -> None:
    assert run("assess", "study.toml", "--quiet").code == 0
    own_name = re.findall(r'^name = ".*"', (toy / "study.toml").read_text("utf-8"), re.M)[0]
    edit_text(toy / "study.toml", own_name, 'name = "another"')
    before = contents(toy)
    ended = run("assess", "study.toml", "--quiet", "--lang", "en")
    assert "holds the report of another study" in ended.err
    assert ended.code == 2
    assert contents(toy) == before


def test_places_in_another_zone_are_far_away(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'sheet = "设施"\ncrs = "EPSG:4549"', 'sheet = "设施"\ncrs = "EPSG:4547"')
    refused(
        f"facilities.xlsx, sheet 设施: none of its 3 places lies within 50 km of the units; the nearest is {ANY} km "
        "away. Cure: check its CRS and whether it is the same district"
    )


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:99999"])
def test_a_study_is_not_measured_in_degrees_or_in_an_unknown_crs(refused: Refused, code: str) -> None:
    edit_text(Path("study.toml"), 'id = "toy"', f'id = "toy"\ncrs = "{code}"')
    refused(
        f"study.toml: [study] crs is '{code}'; expected a projected CRS in metres such as EPSG:4549. Cure: correct it"
    )


# cells


def test_text_where_a_number_belongs_is_a_fault_with_its_row(refused: Refused) -> None:
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,many")
    refused(f"dwellings.csv, row 4: 户数 is 'many'; expected a number such as 300. {NUMBER_CURE}")


def test_about_300_is_no_number_of_square_metres(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 3, "建筑面积(㎡)", "约300")
    refused(
        "facilities.xlsx, sheet 设施, row 3: 建筑面积(㎡) is '约300'; "
        f"expected square metres such as 300. {NUMBER_CURE}"
    )


def test_a_date_where_a_number_belongs_is_a_fault(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "2025-01-01")
    refused(
        "facilities.xlsx, sheet 设施, row 2: 建筑面积(㎡) is '2025-01-01'; "
        f"expected square metres such as 300. {NUMBER_CURE}"
    )


def test_text_where_a_coordinate_belongs_is_one_fault(refused: Refused) -> None:
    edit_text(Path("dwellings.csv"), "615050,3436100", "east,3436100")
    refused(f"dwellings.csv, row 2: 经度 is 'east'; expected a number{ANY}. Cure: write the number alone{ANY}")


@pytest.mark.parametrize("cell", [-5, "-5㎡"])
def test_a_negative_area_is_a_fault_and_stands_as_it_was_written(refused: Refused, cell: object) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", cell)
    refused(
        f"facilities.xlsx, sheet 设施, row 2: 建筑面积(㎡) is {cell}; it must not be below 0. Cure: correct the number"
    )


def test_a_negative_number_of_households_is_a_fault(refused: Refused) -> None:
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,-100")
    refused("dwellings.csv, row 4: 户数 is -100; it must not be below 0. Cure: correct the number")


@pytest.mark.parametrize("cell", ["去年", "2025-02-30"])
def test_what_is_no_date_is_a_fault(refused: Refused, cell: str) -> None:
    set_cell(Path("facilities.xlsx"), 3, "启用日期", cell)
    refused(
        f"facilities.xlsx, sheet 设施, row 3: 启用日期 is '{cell}'; expected a date such as 2025-12-31. "
        "Cure: write year-month-day"
    )


def test_an_unknown_word_for_the_status_is_a_fault_with_the_words_that_are_known(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 3, "状态", "闲置")
    refused(
        "facilities.xlsx, sheet 设施, row 3: 状态 is '闲置'; expected one of 在用 (open), "
        f"{ANY}停用{ANY}. Cure: use one of these words"
    )


def test_a_misspelt_word_is_suggested(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 3, "状态", "规划种")
    refused(
        f"facilities.xlsx, sheet 设施, row 3: 状态 is '规划种'; expected one of {ANY}. "
        "Cure: use one of these words; did you mean '规划'?"
    )


def test_an_unknown_tier_is_a_fault(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 3, "服务层级", "小区级")
    refused(
        "facilities.xlsx, sheet 设施, row 3: 服务层级 is '小区级'; expected one of 居村 (neighbourhood), "
        f"{ANY}. Cure: use one of these words{ANY}"
    )


# keys and references


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda: edit_text(Path("dwellings.csv"), "D3,", "D1,"),
         "dwellings.csv, row 4: 居住点编码 'D1' stands also in row 2"),
        (lambda: set_cell(Path("facilities.xlsx"), 4, "设施编码", "F1"),
         "facilities.xlsx, sheet 设施, row 4: 设施编码 'F1' stands also in row 2"),
        (lambda: put_unit("neighbourhoods", 1, 单元编码="N1"),
         "units.gpkg, layer neighbourhoods, row 2: 单元编码 'N1' stands also in row 1"),
    ],
    ids=["dwellings", "facilities", "units"],
)  # fmt: skip
def test_a_key_that_stands_twice_is_a_fault_with_both_rows(
    refused: Refused, spoil: Callable[[], None], line: str
) -> None:
    spoil()
    refused(f"{line}. {KEY_CURE}")


def test_a_key_that_stands_in_two_layers_is_a_fault_with_the_other_layer(refused: Refused) -> None:
    put_unit("subdistricts", 0, 单元编码="N1")
    put_unit("circles", 0, 上级编码="N1")
    refused(
        "units.gpkg, layer neighbourhoods, row 1: 单元编码 'N1' stands also in "
        f"{ANY}subdistricts{ANY}row 1{ANY}. {KEY_CURE}"
    )


def test_a_row_without_a_key_is_a_fault(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 4, "设施编码", None)
    refused(f"facilities.xlsx, sheet 设施, row 4: 设施编码 is empty. {KEY_CURE}")


PARENT_CURE = (
    "write the key of a unit of a higher tier, or leave the cell empty: "
    "the unit then belongs to where most of its households live"
)


def test_a_parent_that_does_not_exist_is_a_fault(refused: Refused) -> None:
    put_unit("neighbourhoods", 1, 上级编码="C2")
    refused(
        "units.gpkg, layer neighbourhoods, row 2: 上级编码 names the unit 'C2', which is not there. "
        f"Cure: {PARENT_CURE}"
    )


def test_a_misspelt_unit_is_suggested(refused: Refused) -> None:
    put_unit("subdistricts", 0, 单元编码="subdistrict-1")
    put_unit("circles", 0, 上级编码="subdistrikt-1")
    refused(
        f"units.gpkg, layer circles, row 1: 上级编码 names the unit 'subdistrikt-1', which is not there. "
        f"Cure: {PARENT_CURE}; did you mean 'subdistrict-1'?"
    )


def test_a_unit_that_is_its_own_parent_is_a_fault(refused: Refused) -> None:
    put_unit("circles", 0, 上级编码="C1")
    refused(f"units.gpkg, layer circles, row 1: 上级编码 names {ANY}'C1'{ANY}. Cure: {ANY}")


@pytest.mark.parametrize("shares", ["N1:60%", "N1:1.2"])
def test_shares_written_otherwise_are_a_fault(refused: Refused, shares: str) -> None:
    set_cell(Path("facilities.xlsx"), 2, "服务单元", shares)
    refused(
        f"facilities.xlsx, sheet 设施, row 2: 服务单元 is '{shares}'; expected unit:share;… with shares that sum to "
        "at most 1. Cure: write it as B0103:0.6;B0104:0.4"
    )


def test_a_share_for_a_unit_that_does_not_exist_is_a_fault(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "服务单元", "N1:0.6;N3:0.4")
    refused(
        "facilities.xlsx, sheet 设施, row 2: 服务单元 names unit 'N3', which is not among the units. "
        "Cure: use a unit's key or name as the boundaries have it"
    )


def test_a_dwelling_of_a_unit_that_does_not_exist_is_a_fault(refused: Refused) -> None:
    lines = DWELLINGS.splitlines()
    rows = [lines[0] + ",所属居村", lines[1] + ",N9", *(line + "," for line in lines[2:])]
    Path("dwellings.csv").write_text("\n".join(rows), "utf-8")
    refused(
        "dwellings.csv, row 2: 所属居村 names unit 'N9', which is not among the units. "
        "Cure: use a unit's key or name as the boundaries have it"
    )


def test_a_part_of_a_facility_that_is_not_in_the_register_is_a_fault(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "所属设施", "F9")
    refused(
        "facilities.xlsx, sheet 设施, row 2: 所属设施 names facility 'F9', which is not in the register. "
        "Cure: use a facility's key"
    )


def test_a_facility_that_is_part_of_itself_is_not_said_to_be_missing_from_the_register(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "所属设施", "F1")
    refused(f"facilities.xlsx, sheet 设施, row 2: 所属设施 names {ANY}itself{ANY}. Cure: {ANY}")


# places


def test_a_facility_without_coordinates_is_kept_with_a_warning(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 2, "经度", None)
    ended = run("check", ".", "--quiet")
    assert ended.code == 0
    assert (
        "warning · facilities.xlsx, sheet 设施, row 2: North centre (F1) has neither coordinates nor a unit: "
        "it is kept, and counts in no unit. Cure: fill in its x and y (经度, 纬度), or the unit it belongs to"
    ) in ended.out


def test_a_dwelling_without_coordinates_is_named_by_its_key_alone(toy: Path, run: Run) -> None:
    edit_text(Path("dwellings.csv"), "D1,one,100,615050,3436100", "D1,one,100,,")
    ended = run("check", ".", "--quiet")
    assert ended.code == 0
    assert "warning · dwellings.csv, row 2: D1 has neither coordinates nor a unit: it is kept" in ended.out


def test_a_boundary_that_crosses_itself_is_a_fault_with_the_crossing(refused: Refused) -> None:
    put_boundary([(0, 0), (300, 300), (300, 0), (0, 100)])
    refused(
        "units.gpkg, layer neighbourhoods, row 1: the boundary of N1 is not valid: Self-intersection at "
        "(615075.0, 3436075.0). Cure: mend the polygon there and export it again"
    )


def test_a_bow_tie_of_two_equal_halves_is_a_boundary_that_crosses_itself(refused: Refused) -> None:
    put_boundary([(0, 0), (300, 300), (300, 0), (0, 300)])
    refused(
        "units.gpkg, layer neighbourhoods, row 1: the boundary of N1 is not valid: Self-intersection at "
        "(615150.0, 3436150.0). Cure: mend the polygon there and export it again"
    )


def test_a_unit_without_a_boundary_is_a_fault_that_names_no_place(refused: Refused) -> None:
    edit_layer(
        Path("units.gpkg"),
        "neighbourhoods",
        lambda units: units.set_geometry(gpd.GeoSeries([None, units.geometry.iloc[1]], crs=units.crs)),
    )
    refused("units.gpkg, layer neighbourhoods, row 1: N1 has no boundary. Cure: draw it and export it again")


def test_streets_beyond_the_reach_of_every_dwelling_are_a_fault(refused: Refused) -> None:
    edit_layer(
        Path("streets.gpkg"), "streets", lambda streets: streets.set_geometry(streets.geometry.translate(5000, 0))
    )
    refused(f"streets.gpkg: no walkable street lies within 100 m of any of the 4 dwellings. {STREETS_CHECK}")


def test_streets_that_nobody_may_walk_are_no_streets(refused: Refused) -> None:
    edit_layer(Path("streets.gpkg"), "streets", lambda streets: streets.assign(highway="motorway"))
    refused(f"streets.gpkg: no walkable street lies within 100 m of any of the 4 dwellings. {STREETS_CHECK}")


# study.toml


def test_a_missing_study_is_a_fault(refused: Refused) -> None:
    Path("study.toml").unlink()
    refused(f"study.toml: the file {ANY}. Cure: {ANY}")


def test_a_folder_without_a_study_is_a_fault(toy: Path, run: Run) -> None:
    (toy / "elsewhere").mkdir()
    ended = run("assess", "elsewhere")
    same_lines(ended.err, (f"{Path('elsewhere', 'study.toml')}: the file {ANY}. Cure: {ANY}",))
    assert (ended.code, ended.out) == (2, "")


def test_a_study_of_broken_toml_is_a_fault_with_line_and_column(refused: Refused) -> None:
    edit_text(Path("study.toml"), "year = 2025", "year = = 2025")
    refused(f"study.toml: is not TOML in UTF-8: Invalid value (at line 4, column 8). {TOML_CURE}")


def test_a_study_in_another_encoding_is_a_fault(refused: Refused) -> None:
    text = Path("study.toml").read_text("utf-8").replace("Toy district", "滨河区")
    Path("study.toml").write_bytes(text.encode("gb18030"))
    refused(f"study.toml: is not TOML in UTF-8: {ANY}. {TOML_CURE}")


def test_a_typo_in_a_setting_is_a_fault_with_the_nearest_name(refused: Refused) -> None:
    edit_text(Path("study.toml"), "limit_min = 15", "limit_minutes = 15")
    refused("study.toml: [walk] limit_minutes is not a setting. Cure: remove it; did you mean 'limit_min'?")


def test_a_typo_in_a_setting_that_is_needed_is_also_a_missing_setting(refused: Refused) -> None:
    edit_text(Path("study.toml"), "year = 2025", "yaer = 2025")
    refused(
        "study.toml: [study] year is missing. Cure: add it",
        "study.toml: [study] yaer is not a setting. Cure: remove it; did you mean 'year'?",
    )


def test_a_typo_in_the_name_of_a_group_is_a_fault_with_the_nearest_name(refused: Refused) -> None:
    edit_text(Path("study.toml"), "[walk]", "[wlak]")
    refused("study.toml: wlak is not a setting. Cure: remove it; did you mean 'walk'?")


def test_a_group_that_is_needed_is_missing(refused: Refused) -> None:
    edit_text(Path("study.toml"), '[facilities]\npath = "facilities.xlsx"\nsheet = "设施"\ncrs = "EPSG:4549"', "")
    refused("study.toml: facilities is missing. Cure: add it")


def test_a_setting_out_of_range_is_a_fault_with_what_was_found(refused: Refused) -> None:
    edit_text(Path("study.toml"), "limit_min = 15", "limit_min = -15")
    refused(f"study.toml: [walk] limit_min is -15; {ANY}. Cure: correct it")


def test_a_setting_of_text_where_a_number_belongs_is_a_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), "limit_min = 15", 'limit_min = "fifteen"')
    refused(f"study.toml: [walk] limit_min is 'fifteen'; {ANY}. Cure: correct it")


@pytest.mark.parametrize(
    ("name", "stated", "found"), [("limit_min", "15", "inf"), ("snap_m", "100", "inf"), ("snap_m", "100", "nan")]
)
def test_a_number_without_end_is_a_fault(refused: Refused, name: str, stated: str, found: str) -> None:
    edit_text(Path("study.toml"), f"{name} = {stated}", f"{name} = {found}")
    refused(f"study.toml: [walk] {name} is {found}; expected a number that is finite, such as 15. Cure: correct it")


def test_units_of_no_tier_are_one_fault(refused: Refused) -> None:
    text = Path("study.toml").read_text("utf-8")
    Path("study.toml").write_text(re.sub(r"layers = .*", 'layer = "subdistricts"', text), "utf-8")
    refused("study.toml: [units] tier (or layers, or a column 层级) is missing. Cure: add it")


# walkers


def test_an_unknown_walker_is_a_fault_with_those_that_are_known(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"adult"', '"adlut"')
    refused(f"study.toml: [walk] walker is 'adlut'; expected one of adult, elderly, wheelchair.{ANY} Cure: correct it")


def test_a_child_has_no_speed_until_the_study_states_one(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"adult"', '"child"')
    refused(
        "study.toml: [walk] walker is 'child'; expected one of adult, elderly, wheelchair. A child's speed must be "
        'given: walker = { name = "child", speed_m_per_s = … }. Cure: correct it'
    )


def test_a_walker_of_your_own_without_a_speed_is_one_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"adult"', '{ name = "child" }')
    refused("study.toml: [walk] walker.speed_m_per_s is missing. Cure: add it")


def test_a_walker_without_a_speed_in_a_file_of_your_own_is_a_fault(refused: Refused) -> None:
    shipped = Path(str(lc.__file__)).with_name("data") / "walking.toml"
    Path("walking.toml").write_text(shipped.read_text("utf-8") + '\n[walkers.child]\nzh = "儿童"\n', "utf-8")
    edit_text(Path("study.toml"), 'walker = "adult"', 'walker = "child"\nsettings = "walking.toml"')
    refused(f"walking.toml: {ANY}child{ANY}speed_m_per_s is missing. Cure: add it")


def test_a_missing_file_of_walking_settings_is_a_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'walker = "adult"', 'walker = "adult"\nsettings = "walking.toml"')
    refused(f"walking.toml: {NO_FILE} `[walk] settings` in study.toml")


# standards


def test_an_unknown_standard_is_a_fault_with_the_nearest_name(refused: Refused) -> None:
    edit_text(Path("study.toml"), "shanghai-2021", "shanghai-2012")
    refused(
        f"study.toml: there is no standard 'shanghai-2012'; there are {ANY}, shanghai-2021, {ANY}. "
        "Cure: correct `standards`; did you mean 'shanghai-2021'?"
    )


def test_a_missing_file_of_your_own_standard_is_a_fault(refused: Refused) -> None:
    edit_text(Path("study.toml"), "shanghai-2021", "own.toml")
    refused(f"own.toml: {NO_FILE} `standards` in study.toml")


def test_a_standard_of_broken_toml_is_a_fault(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace('id = "own"', "id = = 1"))
    refused(f"own.toml: is not TOML in UTF-8: Invalid value (at line 1, column 6). {TOML_CURE}")


def test_a_rule_of_an_unknown_measure_is_a_fault_with_the_nearest_name(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace('"met_units_share"', '"met_unit_share"'))
    known = "floor_area_per_100_households, smallest_facility_floor_area, met_units_share, reached_households_share"
    refused(
        f"own.toml: rule coverage: measure is 'met_unit_share'; expected one of {known}, {ANY}. "
        "Cure: correct the rule; did you mean 'met_units_share'?"
    )


def test_a_rule_that_counts_an_unknown_rule_is_a_fault_with_the_nearest_name(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace('["floor-area"]', '["floor-aera"]'))
    refused(
        "own.toml: rule coverage: of_rules is 'floor-aera'; expected one of floor-area. "
        "Cure: correct the rule; did you mean 'floor-area'?"
    )


def test_a_rule_that_stands_twice_is_a_fault(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace('id = "coverage"', 'id = "floor-area"'))
    refused("own.toml: rule floor-area: id is 'floor-area'; it must stand once. Cure: correct it")


def test_a_rule_of_a_negative_value_is_named_with_what_it_must_be(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace("value = 35", "value = -35"))
    refused(f"own.toml{ANY}rule {ANY}: value is -35; it must be above 0. Cure: {ANY}")


def test_a_rule_without_what_its_measure_needs_is_named_and_not_printed_whole(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace('kinds = ["community_service", "party_service"]\n', ""))
    refused(f"own.toml{ANY}rule floor-area: kinds is missing{ANY}. Cure: {ANY}")


def test_a_typo_in_a_rule_is_a_fault_with_the_nearest_name(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE.replace("of_tier", "of_teir"))
    refused(
        f"own.toml{ANY}of_teir is not a setting. Cure: remove it; did you mean 'of_tier'?",
    )


def test_a_rule_for_a_walker_without_a_speed_is_a_fault(refused: Refused, toy: Path) -> None:
    own_standard(toy, RULE + REACH_RULE)
    refused(
        f"own.toml: rule reach: walker is 'child'; expected one of adult, elderly{ANY}. Cure: correct the rule{ANY}"
    )


# all at once


def test_faults_of_several_files_are_all_printed(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    set_cell(Path("facilities.xlsx"), 3, "状态", "闲置")
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,many")
    put_unit("neighbourhoods", 1, 上级编码="C2")
    edit_text(Path("study.toml"), "shanghai-2021", "shanghai-2012")
    Path("streets.gpkg").unlink()
    refused(
        f"facilities.xlsx, sheet 设施, row 2: 建筑面积(㎡) is '约300'; {ANY}",
        f"facilities.xlsx, sheet 设施, row 3: 状态 is '闲置'; {ANY}",
        f"dwellings.csv, row 4: 户数 is 'many'; {ANY}",
        f"units.gpkg, layer neighbourhoods, row 2: 上级编码 names the unit 'C2', {ANY}",
        f"study.toml: there is no standard 'shanghai-2012'; {ANY}",
        f"streets.gpkg: {NO_FILE} {ANY}",
    )


def test_every_missing_file_is_printed(refused: Refused) -> None:
    for name in ("units.gpkg", "facilities.xlsx", "dwellings.csv", "streets.gpkg"):
        Path(name).unlink()
    refused(
        f"units.gpkg: {NO_FILE} {ANY}",
        f"facilities.xlsx: {NO_FILE} {ANY}",
        f"dwellings.csv: {NO_FILE} {ANY}",
        f"streets.gpkg: {NO_FILE} {ANY}",
    )


def test_every_fault_of_a_study_is_printed(refused: Refused) -> None:
    edit_text(Path("study.toml"), "limit_min = 15", "limit_min = -15")
    edit_text(Path("study.toml"), "snap_m = 100", "snap = 100")
    edit_text(Path("study.toml"), "date = 2025-12-31\n", "")
    refused(
        f"study.toml: [walk] limit_min is -15; {ANY}",
        f"study.toml: [walk] snap is not a setting. {ANY}",
        "study.toml: [study] date is missing. Cure: add it",
    )


def test_a_wrong_walker_does_not_hide_a_wrong_standard_and_a_wrong_input(refused: Refused) -> None:
    edit_text(Path("study.toml"), '"adult"', '"child"')
    edit_text(Path("study.toml"), "shanghai-2021", "shanghai-2012")
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,many")
    refused(
        f"study.toml: [walk] walker is 'child'; {ANY}",
        f"study.toml: there is no standard 'shanghai-2012'; {ANY}",
        f"dwellings.csv, row 4: 户数 is 'many'; {ANY}",
    )


def test_every_fault_of_the_sample_is_printed_worst_first(tmp_path: Path, run: Run) -> None:
    sample = copy_sample(tmp_path / "sample")
    set_cell(sample / "facilities.xlsx", 5, "建筑面积(㎡)", "约300")
    edit_text(sample / "dwellings.csv", "D0003,井栏里3号楼,楼栋,12,A0101", "D0003,井栏里3号楼,楼栋,12,A0999")
    ended = run("check", str(sample), "--lang", "en")
    lines = ended.out.splitlines()
    assert ended.code == 2
    assert lines[0].startswith("error · facilities.xlsx, sheet 设施, row 5: 建筑面积(㎡) is '约300'")
    assert lines[0].endswith(" [1,500 households]")
    assert lines[1].startswith("error · dwellings.csv, row 4: 所属居村 names unit 'A0999'")
    assert lines[1].endswith(" [12 households]")
    assert all(line.startswith("warning · ") for line in lines[2:])


# what is left alone


def test_the_report_of_an_earlier_run_stays_when_a_later_run_is_refused(refused: Refused, toy: Path) -> None:
    report = toy / "reports" / "toy-2025"
    report.mkdir(parents=True)
    study = json.dumps({"study": {"study": {"id": "toy", "name": "Toy district"}}})
    (report / "manifest.json").write_text(study, "utf-8")
    (report / "index.html").write_text("last year", "utf-8")
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    refused(f"facilities.xlsx, sheet 设施, row 2: {ANY}")


def test_a_refused_run_makes_no_folder_for_a_report(refused: Refused) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    refused(f"facilities.xlsx, sheet 设施, row 2: {ANY}", options=("--out", str(Path("deep", "down", "report"))))


def test_a_folder_that_is_no_report_is_not_written_over(refused: Refused, toy: Path) -> None:
    (toy / "mine").mkdir()
    (toy / "mine" / "letter.txt").write_text("mine", "utf-8")
    refused(
        "mine: is there already and is no report; nothing was written. Cure: name another folder, or empty this one",
        options=("--out", "mine"),
    )


def test_a_file_in_the_place_of_the_folder_of_reports_is_a_fault(refused: Refused, toy: Path) -> None:
    (toy / "reports").write_text("a file", "utf-8")
    refused(f"{ANY}reports{ANY}")


def test_a_refused_run_prints_no_json(refused: Refused) -> None:
    Path("dwellings.csv").unlink()
    refused(f"dwellings.csv: {NO_FILE} {ANY}", options=("--json",))


# the command line


def test_a_refused_run_ends_the_process_with_2(toy: Path) -> None:
    (toy / "dwellings.csv").unlink()
    ended = process(toy, "assess", ".")
    assert (ended.code, ended.out) == (2, "")
    same_lines(ended.err, (f"dwellings.csv: {NO_FILE} `[dwellings] path` in study.toml",))


def test_an_unknown_option_ends_the_process_with_2(toy: Path) -> None:
    ended = process(toy, "assess", ".", "--colour")
    assert (ended.code, ended.out) == (2, "")
    assert "--colour" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [("assess",), ("assess", ".", "--fail-under", "2"), ("assess", ".", "--lang", "fr"), ("asess", ".")],
    ids=["no study", "a bar above 1", "an unknown language", "an unknown command"],
)
def test_a_wrong_command_line_ends_with_2_and_writes_nothing(toy: Path, run: Run, arguments: tuple[str, ...]) -> None:
    before = contents(toy)
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert contents(toy) == before


def test_check_prints_the_same_faults_as_assess_and_ends_with_2(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    edit_text(Path("dwellings.csv"), "D3,", "D1,")
    edit_text(Path("study.toml"), "shanghai-2021", "shanghai-2012")
    refused, checked = run("assess", ".", "--quiet"), run("check", ".", "--quiet")
    assert checked.code == 2
    assert len(refused.err.splitlines()) == 3
    touched = re.compile(r" \[[\d,]+ households\]$")
    told = [touched.sub("", line) for line in checked.out.splitlines()]
    assert told == [f"error · {line}" for line in refused.err.splitlines()]


def test_check_ends_with_0_where_there_are_warnings_only(toy: Path, run: Run) -> None:
    edit_text(Path("study.toml"), "snap_m = 100", "snap_m = 49")
    edit_text(Path("dwellings.csv"), "615550,3436200", "615550,3436250")
    ended = run("check", ".")
    assert ended.code == 0
    same_lines(
        ended.out,
        (
            "warning · dwellings.csv, row 5: D4 is farther than 49 m from any walkable street. "
            "Cure: add the missing path or correct the place [100 households]",
        ),
    )
    assert ended.err.splitlines()[-1] == "0 errors, 1 warning"


def test_check_warns_of_a_dwelling_in_no_unit(toy: Path, run: Run) -> None:
    with (toy / "dwellings.csv").open("a", encoding="utf-8") as file:
        file.write("D5,five,100,615550,3436350\n")
    same_lines(
        run("check", ".").out,
        (
            "warning · dwellings.csv, row 6: D5 lies in no unit. Cure: correct its place or name its unit "
            "[100 households]",
        ),
    )


def test_check_warns_of_a_facility_in_no_unit(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 4, "纬度", 3436350)
    same_lines(
        run("check", ".").out,
        (
            "warning · facilities.xlsx, sheet 设施, row 4: Clinic (F3) lies in no unit: it serves by walking, its area "
            "counts nowhere. Cure: name the units it serves if its area shall count",
        ),
    )


def test_check_warns_of_households_that_disagree(toy: Path, run: Run) -> None:
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,120")
    same_lines(
        run("check", ".").out,
        (
            "warning · units.gpkg, layer neighbourhoods, row 2: unit N2 (N2) states 200 households, its dwellings sum "
            "to 220. Cure: find out which of the two is right [20 households]",
        ),
    )


def test_check_says_of_clean_inputs_what_it_read_as_what_and_that_nothing_is_wrong(toy: Path, run: Run) -> None:
    ended = run("check", ".")
    read, counts = ended.err.splitlines()[:-1], ended.err.splitlines()[-1]
    assert (ended.code, ended.out, counts) == (0, "", "0 errors, 0 warnings")
    assert "read as units · units.gpkg · circles: 单元编码 → unit_id, 名称 → name, 上级编码 → parent_id" in read


def test_check_writes_a_workbook_of_the_faults_where_it_is_asked_for(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    assert run("check", ".", "--xlsx", "faults.xlsx", "--quiet").code == 2
    book = openpyxl.load_workbook("faults.xlsx")
    marked = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.comment]
    assert "约300" in marked


def test_check_prints_json_alone(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    ended = run("check", ".", "--json")
    (fault,) = json.loads(ended.out)
    assert ended.code == 2
    assert (fault["check"], fault["row"], fault["sheet"]) == ("not-a-number", 2, "设施")


def test_assess_prints_json_alone(toy: Path, run: Run) -> None:
    ended = run("assess", ".", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == json.loads(Path("reports/toy-2025/summary.json").read_text("utf-8"))


def test_a_bar_that_is_not_reached_ends_with_1_and_the_report_is_written(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 3, "建筑面积(㎡)", 60)
    assert run("assess", ".", "--quiet", "--fail-under", "0.99").code == 1
    assert Path("reports/toy-2025/index.html").is_file()


def test_a_bar_that_is_reached_ends_with_0(toy: Path, run: Run) -> None:
    own_standard(Path(), RULE)
    assert run("assess", ".", "--quiet", "--fail-under", "1").code == 0


def test_a_failure_that_is_no_fault_of_the_input_ends_with_3(
    toy: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("lifecircle.walking.build_network", broken)
    before = contents(toy)
    ended = run("assess", ".", "--quiet")
    assert (ended.code, ended.out) == (3, "")
    assert ended.err == f"lifecircle {lc.__version__}: ZeroDivisionError: division by zero\n"
    assert contents(toy) == before


# languages

CHINESE = (
    "facilities.xlsx,工作表 设施,第 2 行:建筑面积(㎡) 为「约300」,应为平方米数,如 300。处理:请只填数字;不详则留空",
    "facilities.xlsx,工作表 设施,第 4 行:设施编码「F1」与第 2 行重复。处理:每行须有唯一编码",
    "dwellings.csv,第 2 行:户数 为 -100,不得小于 0。处理:请改正该数",
    "units.gpkg,图层 neighbourhoods,第 2 行:上级编码 所写上级单元「C2」不存在。"
    "处理:请填写上一级单元的编码;或留空,按多数住户所在归属",
    f"study.toml:没有标准「shanghai-2012」,可用:{ANY}。处理:请改正 standards,是否应为「shanghai-2021」?",
    "streets.gpkg:文件不存在。处理:请放入该文件,或改正 study.toml 中的 [streets] path",
)


def spoil_six_things() -> None:
    set_cell(Path("facilities.xlsx"), 2, "建筑面积(㎡)", "约300")
    set_cell(Path("facilities.xlsx"), 4, "设施编码", "F1")
    edit_text(Path("dwellings.csv"), "D1,one,100,", "D1,one,-100,")
    put_unit("neighbourhoods", 1, 上级编码="C2")
    edit_text(Path("study.toml"), "shanghai-2021", "shanghai-2012")
    Path("streets.gpkg").unlink()


def test_faults_are_printed_in_chinese_where_it_is_asked_for(refused: Refused) -> None:
    spoil_six_things()
    refused(*CHINESE, options=("--lang", "zh"))


def test_faults_are_printed_in_chinese_where_the_study_is_chinese(refused: Refused) -> None:
    spoil_six_things()
    edit_text(Path("study.toml"), 'language = "en"', 'language = "zh"')
    refused(*CHINESE)


def test_faults_of_a_chinese_study_are_printed_in_english_where_it_is_asked_for(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'language = "en"', 'language = "zh"')
    Path("dwellings.csv").unlink()
    refused(f"dwellings.csv: {NO_FILE} `[dwellings] path` in study.toml", options=("--lang", "en"))


def test_a_missing_sheet_is_said_in_chinese_throughout(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'sheet = "设施"', 'sheet = "台账"')
    refused(
        "facilities.xlsx:没有工作表「台账」,现有:设施。处理:请改正 study.toml 中的 [facilities] sheet",
        options=("--lang", "zh"),
    )


def test_the_walker_of_a_chinese_study_is_refused_in_chinese(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'language = "en"', 'language = "zh"')
    edit_text(Path("study.toml"), '"adult"', '"adlut"')
    refused(f"study.toml:[walk] walker 为 'adlut';{ANY}。处理:请改正")


def test_a_typo_in_a_chinese_study_is_refused_in_chinese(refused: Refused) -> None:
    edit_text(Path("study.toml"), 'language = "en"', 'language = "zh"')
    edit_text(Path("study.toml"), "limit_min = 15", "limit_minutes = 15")
    refused("study.toml:[walk] limit_minutes 不是有效设置。处理:请删除,是否应为「limit_min」?")


def test_a_setting_out_of_range_is_said_in_chinese_throughout(refused: Refused) -> None:
    edit_text(Path("study.toml"), "limit_min = 15", "limit_min = -15")
    with pytest.raises(lc.StudyError) as error:
        lc.read_study("study.toml")
    (fault,) = error.value.faults
    assert fault.line("zh").startswith("study.toml:[walk] limit_min 为 -15;")
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", fault.line("zh"))


def test_the_summary_of_check_is_printed_in_the_language_asked_for(toy: Path, run: Run) -> None:
    assert run("check", ".", "--lang", "zh").err.splitlines()[-1] == "错误 0 条,提示 0 条"


# what is not bad


def test_removing_the_column_of_floor_areas_turns_verdicts_on_areas_into_unknown(toy: Path) -> None:
    own_standard(toy, RULE)
    before = lc.assess(toy).units
    drop_column(Path("facilities.xlsx"), "建筑面积(㎡)")
    after = lc.assess(toy).units
    assert set(before["verdict"]) == {"met"}
    assert set(after["verdict"]) == {"unknown"}


def test_an_empty_floor_area_is_unknown_and_no_fault(toy: Path, run: Run) -> None:
    set_cell(Path("facilities.xlsx"), 3, "建筑面积(㎡)", "不详")
    assert run("check", ".").code == 0
    units = lc.assess(toy).units.set_index(["rule_id", "unit_id"])["verdict"]
    assert units["floor-area", "N2"] == "unknown"
    assert units["floor-area", "N1"] == "met"


def test_a_register_of_one_facility_is_enough(toy: Path, run: Run) -> None:
    write_register(toy / "facilities.xlsx", HEADERS, REGISTER[:1])
    assert run("check", ".").code == 0


def process(folder: Path, *arguments: str) -> Ended:
    """Run the command line as a process of its own in a folder."""
    source = str(Path(str(lc.__file__)).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", "from lifecircle.cli import main; main()", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": source, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
