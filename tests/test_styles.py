"""Styles in result.gpkg, and the table as GeoParquet."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest

import lifecircle as lc
from lifecircle.publish.geopackage import write_layers
from lifecircle.publish.style_xml import LOOKS
from lifecircle.publish.styles import write_parquet, write_styles
from samples import assessed_sample

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
SLD = "{http://www.opengis.net/sld}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


def written(result: lc.Result, path: Path) -> Path:
    write_layers(result, path)
    with sqlite3.connect(path) as database:
        there = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'layer_styles'").fetchone()
    if there is None:
        write_styles(result, path)
    return path


@pytest.fixture(scope="module")
def path(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(result, tmp_path_factory.mktemp("layers") / "result.gpkg")


@pytest.fixture(scope="module")
def rows(path: Path) -> list[dict[str, object]]:
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM layer_styles ORDER BY id")]


def test_every_layer_has_one_default_style(path: Path, rows: list[dict[str, object]]) -> None:
    defaults = [row["f_table_name"] for row in rows if row["useAsDefault"]]
    with sqlite3.connect(path) as database:
        shapes = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert sorted(map(str, defaults)) == sorted(shapes)
    assert all(row["f_geometry_column"] == shapes[row["f_table_name"]] for row in rows)
    assert {row["f_table_schema"] for row in rows} == {""}, "where QGIS looks for them"


def test_the_default_of_units_is_the_first_binding_rule_at_the_lowest_tier(rows: list[dict[str, object]]) -> None:
    first = next(row for row in rows if row["f_table_name"] == "units")
    assert first["styleName"] == "每百户社区综合服务设施建筑面积 · 居村"
    renderer = parsed(str(first["styleQML"])).find("renderer-v2")
    assert renderer is not None
    assert renderer.get("type") == "categorizedSymbol"
    assert renderer.get("attr") == (
        'CASE WHEN "tier" = \'neighbourhood\' THEN "shanghai-2021/floor-area verdict" ELSE "tier" END'
    )


def test_each_category_has_its_symbol_and_every_value_of_the_layer_is_one(
    path: Path, rows: list[dict[str, object]]
) -> None:
    units = gpd.read_file(path, layer="units", ignore_geometry=True)
    for row in rows:
        root = parsed(str(row["styleQML"]))
        categories, symbols = root.findall(".//category"), root.findall(".//renderer-v2/symbols/symbol")
        assert [one.get("symbol") for one in categories] == [one.get("name") for one in symbols]
        assert all(one.findall("layer/Option[@type='Map']/Option") for one in symbols)
        if row["f_table_name"] == "units":
            values = {one.get("value") for one in categories}
            column = str(root.find("renderer-v2").get("attr")).split('"')[3]  # type: ignore[union-attr]
            assert set(units[column].dropna()) | set(units["tier"]) - {""} <= values | {
                "neighbourhood",
                "circle",
                "subdistrict",
            }


def test_colours_are_those_of_the_house_and_unknown_is_hatched(rows: list[dict[str, object]]) -> None:
    root = parsed(str(rows[0]["styleQML"]))
    told = {one.get("value"): one.get("symbol") for one in root.findall(".//category")}
    looks = {name: root.find(f".//renderer-v2/symbols/symbol[@name='{at}']") for name, at in told.items()}

    def colour(name: str) -> str | None:
        option = looks[name].find("layer/Option/Option[@name='color']")  # type: ignore[union-attr]
        return option.get("value")  # type: ignore[union-attr]

    assert (colour("met"), colour("unmet")) == ("27,127,121,255", "209,73,91,255")
    assert [one.get("class") for one in looks["unknown"].findall("layer")] == ["SimpleFill", "LinePatternFill"]  # type: ignore[union-attr]
    assert LOOKS["unmet"].line_mm > LOOKS["met"].line_mm, "a firm outline: never by colour alone"


def test_the_sld_has_a_rule_for_each_category(rows: list[dict[str, object]]) -> None:
    for row in rows:
        qml, sld = parsed(str(row["styleQML"])), parsed(str(row["styleSLD"]))
        labels = [one.get("label") for one in qml.findall(".//category")]
        assert [one.text for one in sld.findall(f".//{SLD}Rule/{SLD}Title")] == labels


def test_the_table_is_registered_and_the_layers_are_as_they_were(
    result: lc.Result, path: Path, rows: list[dict[str, object]]
) -> None:
    with sqlite3.connect(path) as database:
        told = database.execute("SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert told == [("attributes",)]
    assert {row["update_time"] for row in rows} == {"2025-12-31T00:00:00.000Z"}
    assert len(gpd.read_file(path, layer="units")) == len(result.tables.units)
    assert len(gpd.read_file(path, layer="facilities")) == len(result.facilities)


def test_the_same_result_gives_the_same_file(result: lc.Result, path: Path, tmp_path: Path) -> None:
    assert written(result, tmp_path / "again.gpkg").read_bytes() == path.read_bytes()


def test_a_name_with_signs_of_xml_makes_a_style_that_can_be_read(result: lc.Result, tmp_path: Path) -> None:
    from lifecircle.publish.style_xml import Category, Style, qml_of, sld_of

    odd = "<b>\"A\" & 'B'</b> 𠮷"
    style = Style("polygon", f'"{odd}"', (Category(odd, odd, "met", ((odd, odd),)),))
    assert parsed(qml_of(style)).find(".//category").get("label") == odd  # type: ignore[union-attr]
    assert parsed(sld_of(style, odd, odd)).find(f".//{SLD}Title").text == odd  # type: ignore[union-attr]


def test_the_parquet_has_every_verdict_with_its_shape(result: lc.Result, tmp_path: Path) -> None:
    write_parquet(result, tmp_path / "result.parquet")
    table = gpd.read_parquet(tmp_path / "result.parquet")
    assert table[["unit_id", "rule_id", "verdict"]].equals(result.units[["unit_id", "rule_id", "verdict"]])
    assert table.crs == result.tables.units.crs
    shapes = result.tables.units.set_index("unit_id").geometry
    own = table[table["tier"] != "district"]
    assert own.geometry.geom_equals(
        gpd.GeoSeries(shapes.loc[own["unit_id"]].to_numpy(), own.index, crs=table.crs)
    ).all()
    assert table.loc[table["tier"] == "district", "geometry"].isna().all()
