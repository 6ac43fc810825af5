"""Coordinates that cannot be of their CRS: each mistake by its own name, and nothing said of those that can."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.crs import known_crs, metric_crs, needs_parameters
from lifecircle.faults import Fault, Where
from lifecircle.given import Input
from lifecircle.misplaced import CHECKS, Misplaced, misplaced, zone_code
from lifecircle.readers.layers import Layer
from lifecircle.readers.positions import positions
from lifecircle.words import shipped
from naive_datums import on_the_ground

SHANGHAI = (121.4737, 31.2304)
HEADERS = {"x": "经度", "y": "纬度"}


def in_metres(lon: float, lat: float, code: str) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True).transform(lon, lat)
    return float(x), float(y)


def layer(*spots: tuple[float, float] | None, crs: str) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.Point(spot) if spot else None for spot in spots], crs=crs)


def only(found: list[Misplaced]) -> tuple[str, dict[str, str]]:
    assert len(found) == 1
    return found[0].check, dict(found[0].values)


def read(*rows: tuple[object, object], **settings: object) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Positions of a table with longitude and latitude columns."""
    cells = pd.DataFrame(rows, columns=["经度", "纬度"], dtype=object)
    table = Layer(cells, np.arange(2, len(rows) + 2), "f.csv")
    return positions(table, Where("f.csv", "facilities"), HEADERS, Input.model_validate({"path": "f.csv"} | settings))


# what can be is left alone


@pytest.mark.parametrize(("lon", "lat"), [SHANGHAI, (75.99, 39.47), (134.2, 48.3), (109.5, 18.25), (-51.2, -30.0)])
def test_places_in_the_crs_chosen_for_them_fit(lon: float, lat: float) -> None:
    code = metric_crs(lon, lat)
    assert misplaced(layer(in_metres(lon, lat, code), crs=code)) == []


@given(lon=st.floats(74, 134), lat=st.floats(19, 53), off=st.sampled_from([-1, 0, 1]))
def test_places_in_their_zone_or_the_next_fit_with_and_without_zone_number(lon: float, lat: float, off: int) -> None:
    zone = min(max(round(lon / 3) + off, 25), 45)
    area = pyproj.CRS(zone_code(zone)).area_of_use
    assert area is not None
    if area.south - 1 < lat < area.north + 1 and area.west - 1 < lon < area.east + 1:
        for code in (zone_code(zone), f"EPSG:{4534 + zone - 25}"):
            assert misplaced(layer(in_metres(lon, lat, code), crs=code)) == []


@pytest.mark.parametrize(
    "place", [SHANGHAI, (0.0, 0.0), (15.6, 78.2), (-51.2, -30.0), (179.9, -89.0), (43.8, 56.3), (24.9, 60.2)]
)
def test_degrees_of_anywhere_fit_degrees(place: tuple[float, float]) -> None:
    assert misplaced(layer(place, crs="EPSG:4326")) == []


@pytest.mark.parametrize("code", ["EPSG:3857", "EPSG:32650", "EPSG:32722", "EPSG:25832", "EPSG:27700", "EPSG:4549"])
def test_the_middle_of_the_area_of_a_crs_fits_it(code: str) -> None:
    area = pyproj.CRS(code).area_of_use
    assert area is not None
    middle = (area.west + area.east) / 2, (area.south + area.north) / 2 + 0.1
    x, y = pyproj.Transformer.from_crs("EPSG:4326", code, always_xy=True).transform(*middle)
    assert misplaced(layer((x, y), crs=code)) == []


def test_records_without_a_place_fit() -> None:
    assert misplaced(layer(None, SHANGHAI, crs="EPSG:4490")) == []
    assert misplaced(layer(None, None, crs="EPSG:4549")) == []


# each mistake by its name


@pytest.mark.parametrize("place", [SHANGHAI, (87.6, 43.8), (75.99, 39.47)])
def test_latitude_before_longitude_is_told_in_the_west_too(place: tuple[float, float]) -> None:
    assert only(misplaced(layer(place[::-1], crs="EPSG:4490")))[0] == "swapped-axes"


def test_a_boundary_with_latitude_before_longitude_is_told() -> None:
    shapes = gpd.GeoSeries([shapely.box(31.0, 121.0, 31.1, 121.1)], crs="EPSG:4326")
    assert only(misplaced(shapes))[0] == "swapped-axes"


def test_metres_declared_as_degrees() -> None:
    assert only(misplaced(layer((615_050, 3_436_100), crs="EPSG:4490")))[0] == "metres-as-degrees"


def test_degrees_declared_as_metres() -> None:
    assert only(misplaced(layer(SHANGHAI, crs="EPSG:4549")))[0] == "degrees-as-metres"


@pytest.mark.parametrize("stated", ["EPSG:4490", "EPSG:4549", "EPSG:32651", "EPSG:4527"])
@pytest.mark.parametrize("zone", [40, 41, 21])
def test_the_zone_in_the_easting_names_the_very_code(zone: int, stated: str) -> None:
    code = zone_code(zone)
    check, values = only(misplaced(layer(in_metres(*SHANGHAI, code), crs=stated)))
    assert (check, values["code"], values["zone"]) == ("zone-in-easting", code, str(zone))


@pytest.mark.parametrize("zone", [*range(13, 24), *range(25, 46)])
def test_every_zone_has_the_code_that_the_registry_gives_it(zone: int) -> None:
    kind = "3-degree Gauss-Kruger" if zone > 24 else "Gauss-Kruger"
    assert pyproj.CRS(zone_code(zone)).name == f"CGCS2000 / {kind} zone {zone}"


@pytest.mark.parametrize(("with_zone", "without"), [("EPSG:4528", "EPSG:4549"), ("EPSG:4499", "EPSG:4510")])
def test_an_easting_that_lacks_the_zone_of_its_crs_names_the_code_without(with_zone: str, without: str) -> None:
    place = in_metres(*SHANGHAI, without)
    check, values = only(misplaced(layer(place, crs=with_zone)))
    assert (check, values["code"]) == ("zone-lacking", without)


def test_a_false_easting_left_out_is_told_and_its_code_puts_the_place_right() -> None:
    x, y = in_metres(*SHANGHAI, "EPSG:4549")
    check, values = only(misplaced(layer((x - 500_000, y), crs="EPSG:4549")))
    assert check == "false-easting"
    found = layer((x - 500_000, y), crs=values["code"]).to_crs("EPSG:4490").iloc[0]
    assert (found.x, found.y) == pytest.approx(SHANGHAI, abs=1e-8)


@pytest.mark.parametrize(
    ("place", "stated"),
    [
        ((1234.5, -5678.9), "EPSG:4549"),
        ((1234.5, -5678.9), "EPSG:4490"),
        ((-12_000.0, 3_000.0), "EPSG:4490"),
        ((504_000.0, 304_000.0), "EPSG:4549"),
    ],
)
def test_a_citys_own_grid_is_told(place: tuple[float, float], stated: str) -> None:
    assert only(misplaced(layer(place, crs=stated)))[0] == "local-grid"


@pytest.mark.parametrize("code", ["EPSG:4549", "EPSG:4528"])
def test_northing_before_easting_is_told(code: str) -> None:
    x, y = in_metres(*SHANGHAI, code)
    assert only(misplaced(layer((y, x), crs="EPSG:4549")))[0] == "swapped-metres"
    assert only(misplaced(layer((y, x), crs=code)))[0] == "swapped-metres"


@pytest.mark.parametrize("stated", ["EPSG:4490", "EPSG:4547"])
def test_web_mercator_is_told(stated: str) -> None:
    place = in_metres(114.06, 22.54, "EPSG:3857")
    assert only(misplaced(layer(place, crs=stated)))[0] == "web-metres"


def test_an_easting_that_may_be_of_zone_13_or_of_a_web_map_names_both() -> None:
    place = in_metres(*SHANGHAI, "EPSG:3857")
    check, values = only(misplaced(layer(place, crs="EPSG:4490")))
    assert (check, values["code"]) == ("zone-in-easting", "EPSG:4491")
    assert "EPSG:3857" in values["or_web"]


def test_some_rows_are_told_one_by_one_by_what_each_looks_like() -> None:
    zoned = in_metres(*SHANGHAI, "EPSG:4528")
    found = misplaced(layer(SHANGHAI, SHANGHAI[::-1], zoned, None, crs="EPSG:4490"))
    assert [(one.check, one.places.tolist()) for one in found] == [("swapped-axes", [1]), ("zone-in-easting", [2])]


def test_where_no_row_fits_the_layer_is_told_by_what_most_look_like() -> None:
    found = misplaced(layer((900.0, -4000.0), (12.0, 35.0), (5000.0, 7000.0), crs="EPSG:4549"))
    assert [(one.check, one.places.tolist()) for one in found] == [("local-grid", [0, 1, 2])]


def test_a_row_at_zero_zero_in_metres_does_not_fit() -> None:
    found = misplaced(layer((615_050, 3_436_100), (0.0, 0.0), crs="EPSG:4549"))
    assert [(one.check, one.places.tolist()) for one in found] == [("wrong-crs", [1])]


def test_every_check_has_its_texts() -> None:
    assert set(CHECKS) <= set(shipped("faults.toml"))


# parameters


@pytest.mark.parametrize("code", ["EPSG:4610", "EPSG:4214", "EPSG:4555", "EPSG:2385"])
def test_old_chinese_datums_need_parameters(code: str) -> None:
    assert needs_parameters(pyproj.CRS(code))


@pytest.mark.parametrize(
    "text", ["+proj=longlat +ellps=krass", "+proj=tmerc +lon_0=120 +x_0=500000 +a=6378140 +rf=298.257"]
)
def test_an_ellipsoid_of_an_old_datum_alone_needs_parameters(text: str) -> None:
    crs = known_crs(text)
    assert crs is not None
    assert needs_parameters(crs)


def test_a_crs_with_its_own_parameters_is_read_and_moved_by_them() -> None:
    shift = "+proj=longlat +ellps=krass +towgs84=100,0,0,0,0,0,0"
    placed, faults = read((120.0, 30.0), crs=shift)
    without = layer((120.0, 30.0), crs="+proj=longlat +ellps=krass +towgs84=0,0,0,0,0,0,0")
    assert faults == []
    moved = placed.to_crs("EPSG:4326").to_crs("EPSG:4549").distance(without.to_crs("EPSG:4326").to_crs("EPSG:4549"))
    assert 80 < moved.iloc[0] < 101


# datums as the study states them


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:4490"])
def test_degrees_of_a_stated_datum_are_brought_to_the_ground(datum: str, crs: str | None) -> None:
    placed, faults = read(SHANGHAI, ("", ""), datum=datum, **({"crs": crs} if crs else {}))
    assert faults == []
    assert (placed.x.iloc[0], placed.y.iloc[0]) == pytest.approx(on_the_ground(*SHANGHAI, datum), abs=1e-8)
    assert placed.iloc[1] is None
    assert placed.crs == (crs or "EPSG:4326")


@pytest.mark.parametrize(("datum", "crs"), [("wgs84", "EPSG:4326"), ("cgcs2000", "EPSG:4490")])
def test_a_datum_alone_says_the_crs(datum: str, crs: str) -> None:
    placed, faults = read(SHANGHAI, datum=datum)
    assert (faults, placed.crs) == ([], crs)
    assert (placed.x.iloc[0], placed.y.iloc[0]) == SHANGHAI


def test_a_datum_of_metres_is_a_fault() -> None:
    placed, faults = read((615_050, 3_436_100), datum="gcj02", crs="EPSG:4549")
    assert [one.check for one in faults] == ["datum-of-metres"]
    assert placed.crs is None


@pytest.mark.parametrize(
    ("text", "datum"),
    [("GCJ-02", "gcj02"), ("火星坐标", "gcj02"), ("高德", "gcj02"), ("BD-09", "bd09"), ("百度", "bd09")],
)
def test_a_datum_written_as_a_crs_is_a_fault_that_names_the_setting(text: str, datum: str) -> None:
    _, faults = read(SHANGHAI, crs=text)
    assert [one.check for one in faults] == ["shifted-datum"]
    assert f'[facilities] datum = "{datum}"' in faults[0].cure()


def test_swapped_rows_lose_their_place_and_name_row_and_column() -> None:
    placed, faults = read(SHANGHAI, SHANGHAI[::-1], SHANGHAI, crs="EPSG:4490")
    assert [(one.check, one.where.row, dict(one.values)["column"]) for one in faults] == [("swapped-axes", 3, "经度")]
    assert placed.isna().tolist() == [False, True, False]


def test_a_word_where_a_coordinate_belongs_names_row_and_column() -> None:
    placed, faults = read(("东", 31.0), SHANGHAI, crs="EPSG:4490")
    assert [(one.check, one.where.row, dict(one.values)["column"]) for one in faults] == [("not-a-number", 2, "经度")]
    assert placed.isna().tolist() == [True, False]


def test_every_line_of_a_misplaced_layer_names_what_to_write() -> None:
    lines = [
        read(in_metres(*SHANGHAI, "EPSG:4528"), crs="EPSG:4549")[1][0].line(),
        read(in_metres(*SHANGHAI, "EPSG:4549"), crs="EPSG:4528")[1][0].line(),
        read((1234, -5678), crs="EPSG:4549")[1][0].line("zh"),
    ]
    assert 'Cure: write crs = "EPSG:4528" (CGCS2000, zone 40)' in lines[0]
    assert 'Cure: write crs = "EPSG:4549"' in lines[1]
    assert "城市独立坐标系(如上海城市坐标系)" in lines[2]
