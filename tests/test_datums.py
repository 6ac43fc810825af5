"""Shifted datums: exact both ways, the same as another library, and nothing changed outside the box."""

from __future__ import annotations

import importlib
from types import ModuleType

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.datums import SHIFTED, SHIFTED_BOX, Datum, from_wgs84, geometry_to_wgs84, to_wgs84
from naive_datums import on_the_ground, shown

MM = 0.001
WEST, SOUTH, EAST, NORTH = 73.5, 3.4, 135.1, 53.6  # China with its islands
LONS, LATS = st.floats(WEST, EAST), st.floats(SOUTH, NORTH)
DATUMS = pytest.mark.parametrize("datum", SHIFTED)


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    return importlib.import_module("geocoordinates_ffi")


def off_m(lon: np.ndarray, lat: np.ndarray, other_lon: np.ndarray, other_lat: np.ndarray) -> float:
    """The largest distance between pairs of places."""
    east = (np.asarray(lon) - other_lon) * 111_320 * np.cos(np.radians(lat))
    return float(np.hypot(east, (np.asarray(lat) - other_lat) * 111_320).max())


def drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(WEST, EAST, n), rng.uniform(SOUTH, NORTH, n)


def of_peer(peer: ModuleType, lon: np.ndarray, lat: np.ndarray, datum: Datum) -> tuple[np.ndarray, np.ndarray]:
    show = peer.wgs84_to_gcj02 if datum == "gcj02" else peer.wgs84_to_bd09
    found = [show(peer.Wgs84(lat=y, lon=x)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    return np.array([one.lon for one in found]), np.array([one.lat for one in found])


@DATUMS
@given(lon=LONS, lat=LATS)
def test_there_and_back_is_the_same_place_everywhere_in_china(datum: Datum, lon: float, lat: float) -> None:
    x, y = np.array([lon]), np.array([lat])
    assert off_m(*to_wgs84(*from_wgs84(x, y, datum), datum), x, y) < MM


@DATUMS
def test_a_hundred_thousand_places_come_back_to_a_hundredth_of_a_millimetre(datum: Datum) -> None:
    lon, lat = drawn(100_000)
    assert off_m(*to_wgs84(*from_wgs84(lon, lat, datum), datum), lon, lat) < MM / 100


@DATUMS
@given(lon=LONS, lat=LATS)
def test_maps_show_places_where_the_naive_twin_does(datum: Datum, lon: float, lat: float) -> None:
    x, y = shown(lon, lat, datum)
    assert off_m(*from_wgs84(np.array([lon]), np.array([lat]), datum), np.array([x]), np.array([y])) < MM / 100


@DATUMS
@given(lon=LONS, lat=LATS)
def test_places_on_the_ground_are_those_of_the_naive_twin(datum: Datum, lon: float, lat: float) -> None:
    x, y = on_the_ground(lon, lat, datum)
    assert off_m(*to_wgs84(np.array([lon]), np.array([lat]), datum), np.array([x]), np.array([y])) < MM


@DATUMS
def test_maps_show_places_where_another_library_does(datum: Datum, peer: ModuleType) -> None:
    lon, lat = drawn(2000)
    assert off_m(*from_wgs84(lon, lat, datum), *of_peer(peer, lon, lat, datum)) < MM


@DATUMS
def test_places_on_the_ground_are_those_of_another_library(datum: Datum, peer: ModuleType) -> None:
    lon, lat = drawn(2000, seed=1)
    kind, undo = (
        (peer.Gcj02, peer.gcj02_to_wgs84_refined) if datum == "gcj02" else (peer.Bd09, peer.bd09_to_wgs84_refined)
    )
    found = [undo(kind(lat=y, lon=x)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    there = np.array([one.lon for one in found]), np.array([one.lat for one in found])
    assert off_m(*to_wgs84(lon, lat, datum), *there) < MM


def test_the_box_is_that_of_another_library(peer: ModuleType) -> None:
    west, south, east, north = SHIFTED_BOX
    for step in (-1e-9, 1e-9):
        spots = [(west + step, 30.0, step > 0), (east + step, 30.0, step < 0)]
        spots += [(110.0, south + step, step > 0), (110.0, north + step, step < 0)]
        for lon, lat, inside in spots:
            moved, _ = from_wgs84(np.array([lon]), np.array([lat]), "gcj02")
            assert peer.out_of_china(lat, lon) is not inside
            assert bool(moved[0] != lon) is inside


@DATUMS
@pytest.mark.parametrize("place", [(-51.2, -30.0), (2.35, 48.86), (139.7, 35.7), (71.9, 40.0), (100.0, 56.0)])
def test_outside_the_box_nothing_is_changed(datum: Datum, place: tuple[float, float]) -> None:
    lon, lat = np.array([place[0]]), np.array([place[1]])
    for there in (from_wgs84(lon, lat, datum), to_wgs84(lon, lat, datum)):
        assert [one[0] for one in there] == list(place)


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000"])
def test_wgs84_and_cgcs2000_are_taken_as_the_same(datum: Datum) -> None:
    lon, lat = drawn(5)
    assert [one.tolist() for one in to_wgs84(lon, lat, datum)] == [lon.tolist(), lat.tolist()]
    assert [one.tolist() for one in from_wgs84(lon, lat, datum)] == [lon.tolist(), lat.tolist()]


@DATUMS
def test_within_the_box_the_inverse_nowhere_jumps_up_to_its_very_edge(datum: Datum) -> None:
    west, south, east, north = SHIFTED_BOX
    for lon in (np.linspace(west, west + 0.02, 4001), np.linspace(east - 0.02, east, 4001)):
        x, _ = to_wgs84(lon, np.full(4001, 30.0), datum)
        assert (np.diff(x) > 0).all()
        assert np.diff(x).max() < 2 * 0.02 / 4000
    for lat in (np.linspace(south, south + 0.02, 4001), np.linspace(north - 0.02, north, 4001)):
        _, y = to_wgs84(np.full(4001, 110.0), lat, datum)
        assert (np.diff(y) > 0).all()
        assert np.diff(y).max() < 2 * 0.02 / 4000


@DATUMS
def test_places_that_are_not_known_stay_so_and_the_input_is_unchanged(datum: Datum) -> None:
    lon, lat = np.array([121.0, np.nan]), np.array([31.0, np.nan])
    x, y = to_wgs84(lon, lat, datum)
    assert np.isnan([x[1], y[1]]).all()
    assert (lon[0], lat[0]) == (121.0, 31.0)


def test_every_corner_of_a_shape_moves_and_heights_and_gaps_stay() -> None:
    area = shapely.Polygon([(121, 31), (121.1, 31), (121, 31.1)], [[(121.01, 31.01), (121.02, 31.01), (121.01, 31.02)]])
    line = shapely.LineString([(121, 31, 5), (121.1, 31, 7)])
    given_shapes = gpd.GeoSeries([area, None, line], index=[7, 8, 9], crs="EPSG:4326")
    moved = geometry_to_wgs84(given_shapes, "bd09")
    corners = shapely.get_coordinates(area)
    expected = np.column_stack(to_wgs84(corners[:, 0], corners[:, 1], "bd09"))
    assert shapely.get_coordinates(moved.loc[7]) == pytest.approx(expected, abs=1e-12)
    assert moved.index.tolist() == [7, 8, 9]
    assert moved.loc[8] is None
    assert [point[2] for point in moved.loc[9].coords] == [5, 7]
    assert not shapely.has_z(moved.loc[7])
    assert moved.crs == "EPSG:4326"
