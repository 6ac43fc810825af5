"""The same small tables in several formats, orders and spellings are the same tables."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyproj
import pytest
import shapely

import lifecircle as lc
from lifecircle.readers.cells import dates, numbers
from spoil import (
    DWELLINGS,
    HEADERS,
    ORIGIN_M,
    REGISTER,
    contents,
    edit_layer,
    edit_text,
    rename_header,
    set_cell,
    small_study,
    write_register,
)

LAYERS = ("subdistricts", "circles", "neighbourhoods")
TIERS = ("街道(乡镇)", "片区", "居村")
MM = 0.001


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_study(tmp_path_factory.mktemp("drawn"))


@pytest.fixture
def toy(drawn: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn, tmp_path / "toy"))


@pytest.fixture(scope="session")
def plain(drawn: Path) -> lc.Tables:
    """The tables of the small study as it is drawn."""
    return tables_of(drawn)


def tables_of(folder: Path) -> lc.Tables:
    return lc.read_inputs(lc.read_study(folder))


def same_rows(found: gpd.GeoDataFrame, expected: gpd.GeoDataFrame, key: str, *, within_m: float = MM) -> None:
    """Assert that two tables hold the same records in the same columns, in any order and whatever their row numbers."""
    left, right = (table.sort_values(key).reset_index(drop=True) for table in (found, expected))
    left, right = left.drop(columns="row"), right.drop(columns="row")
    shapes = [table.geometry.normalize() for table in (left, right)]
    assert shapes[0].geom_equals_exact(shapes[1], tolerance=within_m).all()
    pd.testing.assert_frame_equal(
        pd.DataFrame(left.drop(columns="geometry")), pd.DataFrame(right.drop(columns="geometry"))
    )


def use_register(folder: Path, text: str, *, encoding: str) -> None:
    """Let the study read its facilities from a CSV file."""
    (folder / "facilities.csv").write_bytes(text.encode(encoding))
    edit_text(folder / "study.toml", '"facilities.xlsx"\nsheet = "设施"', '"facilities.csv"')


def register_text(separator: str = ",") -> str:
    return "\n".join(separator.join(map(str, row)) for row in (HEADERS, *REGISTER)) + "\n"


def one_layer(folder: Path) -> gpd.GeoDataFrame:
    """The small study's units of all tiers in one layer, with a column that names their tier."""
    parts = [
        gpd.read_file(folder / "units.gpkg", layer=layer).assign(层级=tier)
        for layer, tier in zip(LAYERS, TIERS, strict=True)
    ]
    units = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
    return units.assign(上级编码=units["上级编码"].fillna(""))


def use_units(folder: Path, name: str) -> None:
    """Let the study read its units from one layer of a file."""
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "study.toml").write_text(re.sub(r'path = "units.gpkg"\nlayers = .*', f'path = "{name}"', text), "utf-8")


# facilities


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"], ids=["comma", "tab", "semicolon"])
def test_a_register_as_csv_is_the_register_as_a_workbook(
    toy: Path, plain: lc.Tables, encoding: str, separator: str
) -> None:
    use_register(toy, register_text(separator), encoding=encoding)
    same_rows(tables_of(toy).facilities, plain.facilities, "facility_id")


def test_commas_at_the_ends_of_rows_move_no_cell(toy: Path, plain: lc.Tables) -> None:
    header, *rows = register_text().splitlines()
    use_register(toy, "\n".join([header, *(row + "," for row in rows)]), encoding="utf-8")
    same_rows(tables_of(toy).facilities, plain.facilities, "facility_id")


def test_empty_columns_at_the_end_of_a_csv_file_are_no_columns_of_the_register(toy: Path, plain: lc.Tables) -> None:
    use_register(toy, "\n".join(row + ",," for row in register_text().splitlines()), encoding="utf-8")
    found = tables_of(toy).facilities
    same_rows(found[plain.facilities.columns], plain.facilities, "facility_id")


def test_quoted_cells_keep_their_commas_and_line_breaks(toy: Path) -> None:
    use_register(toy, register_text().replace("North centre", '"North,\ncentre"'), encoding="utf-8")
    assert tables_of(toy).facilities["name"].tolist() == ["North,\ncentre", "South centre", "Clinic"]


def test_keys_of_digits_stay_as_they_are_written(toy: Path) -> None:
    use_register(toy, register_text().replace("F1,", "007,"), encoding="utf-8")
    assert tables_of(toy).facilities["facility_id"].tolist() == ["007", "F2", "F3"]


def test_keys_that_a_workbook_holds_as_numbers_have_no_decimal_point(toy: Path) -> None:
    set_cell(toy / "facilities.xlsx", 2, "设施编码", 310118)
    assert tables_of(toy).facilities["facility_id"].tolist() == ["310118", "F2", "F3"]


def test_facilities_as_a_layer_of_points_are_the_facilities_of_the_workbook(toy: Path, plain: lc.Tables) -> None:
    cells = pd.DataFrame(REGISTER, columns=list(HEADERS)).drop(columns=["经度", "纬度"])
    places = gpd.points_from_xy([row[-2] for row in REGISTER], [row[-1] for row in REGISTER], crs="EPSG:4549")
    gpd.GeoDataFrame(cells, geometry=places).to_file(toy / "facilities.gpkg", layer="facilities")
    edit_text(toy / "study.toml", '"facilities.xlsx"\nsheet = "设施"', '"facilities.gpkg"')
    found = tables_of(toy).facilities
    same_rows(found, plain.facilities[found.columns], "facility_id")


def test_degrees_and_metres_give_the_same_places(toy: Path, plain: lc.Tables) -> None:
    to_degrees = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)
    rows = [(*row[:-2], *to_degrees.transform(*row[-2:])) for row in REGISTER]
    write_register(toy / "facilities.xlsx", HEADERS, rows)
    edit_text(toy / "study.toml", 'sheet = "设施"\ncrs = "EPSG:4549"', 'sheet = "设施"\ncrs = "EPSG:4490"')
    same_rows(tables_of(toy).facilities, plain.facilities, "facility_id")


def test_kinds_tiers_and_statuses_are_understood_in_every_spelling(toy: Path) -> None:
    set_cell(toy / "facilities.xlsx", 2, "类别", " 邻里中心 ")
    set_cell(toy / "facilities.xlsx", 3, "服务层级", "街道（乡镇）")
    set_cell(toy / "facilities.xlsx", 4, "状态", "建设中")
    found = tables_of(toy).facilities
    assert found["kind"].tolist() == ["community_service", "party_service", "health_station"]
    assert found["tier"].tolist() == ["neighbourhood", "subdistrict", "neighbourhood"]
    assert found["status"].tolist() == ["open", "open", "under_construction"]


# headers


@pytest.mark.parametrize(
    "header",
    [
        "建筑面积",
        " 建筑 面积 ",
        "建筑\n面积(㎡)",
        "建筑面积（㎡）",
        "建筑面积（平方米）",
        "建筑面积[m²]",
        "总建筑面积(平米)",
        "floor_area",
        "Floor_Area_m2",
    ],
)
def test_a_header_is_understood_with_spaces_line_breaks_brackets_and_units(toy: Path, header: str) -> None:
    rename_header(toy / "facilities.xlsx", "建筑面积(㎡)", header)
    assert tables_of(toy).facilities["floor_area_m2"].tolist() == [350, 300, 120]


def test_a_header_of_a_csv_file_may_break_its_line(toy: Path) -> None:
    use_register(toy, register_text(";").replace("设施编码", '"设施\n编码"'), encoding="utf-8")
    assert tables_of(toy).facilities["facility_id"].tolist() == ["F1", "F2", "F3"]


def test_the_study_says_which_header_is_which_column(toy: Path) -> None:
    rename_header(toy / "facilities.xlsx", "建筑面积(㎡)", "建面")
    edit_text(toy / "study.toml", "\n[dwellings]", '\n[facilities.columns]\nfloor_area_m2 = "建面"\n\n[dwellings]')
    assert tables_of(toy).facilities["floor_area_m2"].tolist() == [350, 300, 120]


def test_the_study_goes_before_the_headers_that_are_known(toy: Path) -> None:
    rename_header(toy / "facilities.xlsx", "设施名称", "总建筑面积")
    columns = '\n[facilities.columns]\nfloor_area_m2 = "建筑面积(㎡)"\nname = "总建筑面积"\n\n[dwellings]'
    edit_text(toy / "study.toml", "\n[dwellings]", columns)
    found = tables_of(toy).facilities
    assert found["floor_area_m2"].tolist() == [350, 300, 120]
    assert found["name"].tolist() == ["North centre", "South centre", "Clinic"]


def test_an_empty_header_in_the_study_leaves_a_column_out(toy: Path) -> None:
    edit_text(toy / "study.toml", "\n[dwellings]", '\n[facilities.columns]\nfloor_area_m2 = ""\n\n[dwellings]')
    assert tables_of(toy).facilities["floor_area_m2"].isna().all()


def test_columns_that_nobody_knows_are_kept(toy: Path) -> None:
    rename_header(toy / "facilities.xlsx", "设施名称", "负责科室")
    assert tables_of(toy).facilities["负责科室"].tolist() == ["North centre", "South centre", "Clinic"]


# cells


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1,200", 1200), ("350㎡", 350), ("３５０", 350), ("１，２００", 1200), ("350 平方米", 350), ("1,200.5m2", 1200.5),
     ("-3", -3), (" 7 ", 7), (350, 350), (0.5, 0.5)],
)  # fmt: skip
def test_a_number_is_read_as_offices_write_it(cell: object, value: float) -> None:
    values, wrong = numbers(pd.Series([cell], dtype=object))
    assert values.tolist() == [value]
    assert wrong.tolist() == [False]


def test_a_number_may_bear_the_unit_of_its_own_column_and_no_other() -> None:
    assert numbers(pd.Series(["200户"]), "households")[0].tolist() == [200]
    assert numbers(pd.Series(["200户"]), "m2")[1].tolist() == [True]


@pytest.mark.parametrize("cell", ["约300", "300-400", "1,20", "300左右", "inf", "12月3日", dt.date(2025, 1, 1)])
def test_what_is_no_number_is_wrong_and_unknown(cell: object) -> None:
    values, wrong = numbers(pd.Series([cell], dtype=object))
    assert values.isna().tolist() == [True]
    assert wrong.tolist() == [True]


def test_true_is_no_number() -> None:
    values, wrong = numbers(pd.Series([True, 350], dtype=object))
    assert wrong.tolist() == [True, False]
    assert values.isna().tolist() == [True, False]


@pytest.mark.parametrize("cell", ["", None, "-", "—", "/", "不详", "待核", float("nan")])
def test_an_empty_cell_is_unknown_and_not_wrong(cell: object) -> None:
    values, wrong = numbers(pd.Series([cell], dtype=object))
    assert values.isna().tolist() == [True]
    assert wrong.tolist() == [False]


@pytest.mark.parametrize(
    "cell",
    [
        "2025年3月1日",
        "2025年03月01日",
        "2025年3月",
        "2025-3-1",
        "2025/03/01",
        "2025.3.1",
        "２０２５年３月１日",
        "2025/3",
        "2025-03-01 00:00:00",
        dt.date(2025, 3, 1),
        dt.datetime(2025, 3, 1),
    ],
)
def test_a_date_is_read_in_its_chinese_forms(cell: object) -> None:
    values, wrong = dates(pd.Series([cell], dtype=object))
    assert values.tolist() == [pd.Timestamp("2025-03-01")]
    assert wrong.tolist() == [False]


@pytest.mark.parametrize("cell", ["去年", "2025", "2025-13-01", "2025年2月30日", "1/3/2025"])
def test_what_is_no_date_is_wrong_and_unknown(cell: object) -> None:
    values, wrong = dates(pd.Series([cell], dtype=object))
    assert values.isna().tolist() == [True]
    assert wrong.tolist() == [True]


def test_dates_of_a_workbook_are_dates_whether_typed_or_written(toy: Path) -> None:
    set_cell(toy / "facilities.xlsx", 2, "启用日期", dt.datetime(2025, 3, 1))
    set_cell(toy / "facilities.xlsx", 3, "启用日期", "2025年3月")
    found = tables_of(toy).facilities["opens_on"]
    assert found.dt.strftime("%Y-%m-%d").tolist() == ["2025-03-01", "2025-03-01", "2020-01-01"]


# row numbers


def test_a_row_of_a_workbook_has_the_number_that_its_keeper_sees(toy: Path) -> None:
    write_register(toy / "facilities.xlsx", HEADERS, [REGISTER[0], [""], [""], REGISTER[1], REGISTER[2]])
    assert tables_of(toy).facilities["row"].tolist() == [2, 5, 6]


def test_a_row_of_a_csv_file_has_the_number_that_its_keeper_sees(toy: Path) -> None:
    text = DWELLINGS.replace("D2,", "\nD2,").replace("D4,", ",,,,\nD4,")
    (toy / "dwellings.csv").write_text(text, "utf-8")
    assert tables_of(toy).dwellings["row"].tolist() == [2, 4, 5, 7]


def test_a_row_of_a_layer_is_counted_from_1(toy: Path) -> None:
    units = tables_of(toy).units
    assert units.loc[units["tier"] == "neighbourhood", "row"].tolist() == [1, 2]


def test_a_table_that_begins_below_empty_rows_is_read_with_its_row_numbers(toy: Path) -> None:
    book = openpyxl.load_workbook(toy / "facilities.xlsx")
    book["设施"].insert_rows(1, 2)
    book.save(toy / "facilities.xlsx")
    assert tables_of(toy).facilities["row"].tolist() == [4, 5, 6]


# units


def test_units_of_one_layer_with_a_column_of_tiers_are_the_units_of_three_layers(toy: Path, plain: lc.Tables) -> None:
    one_layer(toy).to_file(toy / "all.gpkg", layer="units")
    use_units(toy, "all.gpkg")
    same_rows(tables_of(toy).units, plain.units, "unit_id")


def test_units_as_geojson_in_degrees_are_the_units_of_the_geopackage(toy: Path, plain: lc.Tables) -> None:
    one_layer(toy).to_crs("EPSG:4326").to_file(toy / "all.geojson", driver="GeoJSON")
    use_units(toy, "all.geojson")
    same_rows(tables_of(toy).units, plain.units, "unit_id")


@pytest.mark.parametrize("spelling", ["GBK", "UTF-8"])
def test_units_as_a_shapefile_that_states_no_encoding_keep_their_names(
    toy: Path, plain: lc.Tables, spelling: str
) -> None:
    write_shapefile(toy, spelling)
    use_units(toy, "all.shp")
    same_rows(tables_of(toy).units, plain.units, "unit_id")


def write_shapefile(folder: Path, encoding: str) -> None:
    """Write the units as a shapefile with nothing in it that says how its text is encoded."""
    units = one_layer(folder)
    if encoding == "UTF-8":  # a header of a shapefile has 10 bytes, and a Chinese character three of them
        units = units.rename(columns={"单元编码": "unit_id", "上级编码": "parent_id", "常住户数": "households"})
    units.to_file(folder / "all.shp", encoding=encoding, engine="pyogrio")
    (folder / "all.cpg").unlink()
    table = bytearray((folder / "all.dbf").read_bytes())
    table[29] = 0  # the language driver
    (folder / "all.dbf").write_bytes(bytes(table))


# streets


def test_streets_as_openstreetmap_are_the_streets_of_the_geopackage(toy: Path, plain: lc.Tables) -> None:
    use_streets(toy)
    found = tables_of(toy).streets
    assert whole_metres(found) == whole_metres(plain.streets)
    assert len(found) == 45
    assert set(found["highway"]) == set(plain.streets["highway"]) == {"residential"}


def whole_metres(streets: gpd.GeoDataFrame) -> set[str]:
    """Each street with its ends on whole metres, whichever way it is drawn: seven decimals of a degree are 1 cm."""
    lines = shapely.normalize(shapely.set_precision(streets.geometry.to_numpy(), 1))
    return set(shapely.to_wkt(lines, rounding_precision=0))


def test_streets_as_openstreetmap_give_the_same_walks(toy: Path, drawn: Path) -> None:
    use_streets(toy)
    walks = [walks_of(folder) for folder in (toy, drawn)]
    assert walks[0].index.equals(walks[1].index)
    assert np.allclose(walks[0], walks[1], atol=0.001)


def walks_of(folder: Path) -> pd.Series:
    tables = tables_of(folder)
    found = lc.walk_minutes(lc.build_network(tables.streets, extent=None), tables.dwellings, tables.facilities)
    return found.set_index(["dwelling_id", "facility_id"])["minutes"].sort_index()


def use_streets(folder: Path) -> None:
    """Let the study read its streets from OpenStreetMap XML: a way for each line of the grid."""
    to_degrees = pyproj.Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)
    corners = [(x, y) for x in range(0, 700, 100) for y in range(0, 400, 100)]
    number = {corner: place for place, corner in enumerate(corners, start=1)}
    ways = [[(x, y) for x in range(0, 700, 100)] for y in range(0, 400, 100)]
    ways += [[(x, y) for y in range(0, 400, 100)] for x in range(0, 700, 100)]
    nodes = [
        f'<node id="{number[x, y]}" lon="{lon:.7f}" lat="{lat:.7f}"/>'
        for x, y in corners
        for lon, lat in [to_degrees.transform(ORIGIN_M[0] + x, ORIGIN_M[1] + y)]
    ]
    lines = [
        f'<way id="{place}">{"".join(f"""<nd ref="{number[corner]}"/>""" for corner in way)}'
        '<tag k="highway" v="residential"/></way>'
        for place, way in enumerate(ways, start=1)
    ]
    (folder / "streets.osm").write_text(f'<osm version="0.6">{"".join(nodes)}{"".join(lines)}</osm>', "utf-8")
    edit_text(folder / "study.toml", "streets.gpkg", "streets.osm")


# order


def shuffled(folder: Path) -> None:
    """Turn the order of rows in every input round."""
    header, *rows = DWELLINGS.splitlines()
    (folder / "dwellings.csv").write_text("\n".join([header, *reversed(rows)]), "utf-8")
    write_register(folder / "facilities.xlsx", HEADERS, REGISTER[::-1])
    for layer in LAYERS:
        edit_layer(folder / "units.gpkg", layer, lambda units: units.iloc[::-1])
    edit_layer(folder / "streets.gpkg", "streets", lambda streets: streets.sample(frac=1, random_state=1))


def sorted_units(result: lc.Result) -> pd.DataFrame:
    return pd.DataFrame(result.units).sort_values(["unit_id", "standard", "rule_id"]).reset_index(drop=True)


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, lc.Result]:
    """A small study with two standards, one neighbourhood that does not meet, and its result."""
    folder = small_study(tmp_path_factory.mktemp("judged"))
    edit_text(folder / "study.toml", '["shanghai-2021"]', '["shanghai-2021", "shanghai-15min-goals"]')
    return folder, lc.assess(folder)


@pytest.mark.parametrize("change", [shuffled, use_streets], ids=["order of rows", "format of streets"])
def test_order_and_format_change_no_verdict(
    judged: tuple[Path, lc.Result], tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder, expected = judged
    toy = Path(shutil.copytree(folder, tmp_path / "toy"))
    change(toy)
    pd.testing.assert_frame_equal(sorted_units(lc.assess(toy)), sorted_units(expected))


def test_the_order_of_rows_changes_no_street(toy: Path, plain: lc.Tables) -> None:
    shuffled(toy)
    same_rows(tables_of(toy).streets, plain.streets, "street_id")


# what reading leaves alone


def test_reading_writes_nothing(toy: Path) -> None:
    before = contents(toy)
    tables_of(toy)
    assert contents(toy) == before


def test_areas_of_dwellings_become_points_inside_them(toy: Path) -> None:
    x, y = ORIGIN_M
    areas = [shapely.box(x + 40, y + 90, x + 60, y + 110), shapely.box(x + 440, y + 90, x + 460, y + 110)]
    cells = {"居住点编码": ["D1", "D2"], "户数": [200, 200]}
    gpd.GeoDataFrame(cells, geometry=areas, crs="EPSG:4549").to_file(toy / "dwellings.gpkg", layer="dwellings")
    edit_text(toy / "study.toml", '"dwellings.csv"', '"dwellings.gpkg"')
    found = tables_of(toy).dwellings
    assert set(found.geom_type) == {"Point"}
    assert found.geometry.within(gpd.GeoSeries(areas, crs="EPSG:4549")).all()
