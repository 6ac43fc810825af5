"""Drawn catchments: nested, with their holes and parts, and true to the walks they are drawn from."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

import lifecircle as lc
from oracles import households_in_areas
from towns import CRS, dwellings_at, facilities_at, grid_streets, random_spots, random_streets, streets_between

RANDOM = settings(max_examples=5)
LIMITS = (2.0, 4.0, 7.5)
LINE = streets_between([((0, 0), (2000, 0))])
RING = streets_between([((0, 0), (400, 0)), ((400, 0), (400, 400)), ((400, 400), (0, 400)), ((0, 400), (0, 0))])


def random_town(seed: int, **columns: str) -> tuple[lc.Network, gpd.GeoDataFrame]:
    chance = np.random.default_rng(seed)
    streets = random_streets(chance).assign(**columns)
    network = lc.build_network(streets, gates="residents")
    return network, facilities_at(random_spots(chance, streets, 3))


def area(streets: gpd.GeoDataFrame, goal: tuple[float, float], limit_min: float, **more: float) -> shapely.Geometry:
    network = lc.build_network(streets)
    return lc.catchments(network, facilities_at([goal]), limits_min=[limit_min], **more).geometry.iloc[0]  # type: ignore[arg-type]


# --- Laws -----------------------------------------------------------------------------------------------------------


@RANDOM
@given(st.integers(0, 2**32 - 1))
def test_the_area_of_a_smaller_limit_lies_within_that_of_a_larger_one(seed: int) -> None:
    areas = lc.catchments(*random_town(seed), limits_min=LIMITS)
    for _, shapes in areas.groupby("facility_id"):
        small, middle, large = shapes.geometry
        assert shapely.difference(small, middle).area < 1e-3
        assert shapely.difference(middle, large).area < 1e-3


@RANDOM
@given(st.integers(0, 2**32 - 1))
def test_bands_do_not_overlap_and_make_up_the_area(seed: int) -> None:
    town = random_town(seed)
    areas, bands = (lc.catchments(*town, limits_min=LIMITS, bands=one) for one in (False, True))
    largest = areas[areas["limit_min"] == LIMITS[-1]].set_index("facility_id").geometry
    for facility, shapes in bands.groupby("facility_id"):
        whole = shapely.union_all(shapes.geometry.to_numpy())
        assert shapes.area.sum() == pytest.approx(whole.area, abs=1e-3)
        assert shapely.symmetric_difference(whole, largest[facility]).area < 1e-3


@RANDOM
@given(st.integers(0, 2**32 - 1))
def test_areas_are_valid_and_no_spot_in_them_is_beyond_the_snap_limit(seed: int) -> None:
    network, goals = random_town(seed)
    areas = lc.catchments(network, goals, limits_min=LIMITS, snap_m=40)
    near = network.edges.force_2d().union_all().buffer(40.01, quad_segs=64)
    assert areas.is_valid.all()
    assert areas.difference(near).area.max() < 1e-3


@RANDOM
@given(st.integers(0, 2**32 - 1), st.sampled_from([3.0, 6.0]))
def test_spots_on_the_wrong_side_of_the_rim_are_within_5_m_of_it(seed: int, limit_min: float) -> None:
    network, goals = random_town(seed, oneway="")  # who may not walk back is drawn with the piece that he stands on
    west, south, east, north = network.edges.total_bounds
    x, y = (
        one.ravel() for one in np.meshgrid(np.arange(west - 50, east + 50, 15), np.arange(south - 50, north + 50, 15))
    )
    spots = dwellings_at(list(zip(x.tolist(), y.tolist(), strict=True)))
    lines = network.edges.force_2d().to_numpy()
    nearest = np.sort(np.array([shapely.distance(lines, spot) for spot in spots.geometry]), axis=1)
    between = nearest[:, 1] - nearest[:, 0] < 0.01  # at a corner two streets are as near, and may be worlds apart
    walks = lc.walk_minutes(network, spots, goals, limit_min=limit_min, snap_m=60)
    areas = lc.catchments(network, goals, limits_min=[limit_min], snap_m=60)
    for facility, shape in zip(areas["facility_id"], areas.geometry, strict=True):
        reach = spots["dwelling_id"].isin(walks.loc[walks["facility_id"] == facility, "dwelling_id"]).to_numpy()
        wrong = ~between & (reach != shapely.contains_xy(shape, x, y))
        assert (spots.geometry[wrong].distance(shape.boundary) <= 5).all()


def test_the_rows_are_facilities_in_their_order_and_limits_from_low_to_high() -> None:
    goals = facilities_at([(1500, 0), (500, 0)]).assign(facility_id=["Z", "A"])
    areas = lc.catchments(lc.build_network(LINE), goals, limits_min=[10, 5, 10])
    assert areas[["facility_id", "limit_min"]].to_numpy().tolist() == [["Z", 5], ["Z", 10], ["A", 5], ["A", 10]]
    assert areas.crs == CRS


def test_what_one_facility_reaches_does_not_hang_on_the_others() -> None:
    network, goals = random_town(4)
    together = lc.catchments(network, goals, limits_min=LIMITS)
    alone = pd.concat([lc.catchments(network, goals.iloc[[row]], limits_min=LIMITS) for row in range(len(goals))])
    apart = [shapely.symmetric_difference(*pair).area for pair in zip(together.geometry, alone.geometry, strict=True)]
    assert max(apart) < 1e-3


# --- Toy towns ------------------------------------------------------------------------------------------------------


def test_along_one_street_the_area_is_a_diamond_cut_at_the_snap_limit() -> None:
    shape = area(LINE, (1000, 0), 5)  # |x| + |y| up to 300 m, |y| up to 100 m
    assert shape.area == pytest.approx(2 * (300 * 200 - 100 * 100), rel=0.02)
    assert shape.bounds == pytest.approx((700, -100, 1300, 100), abs=6)


def test_a_ring_of_streets_keeps_the_hole_in_its_middle() -> None:
    shape = area(RING, (0, 0), 15)
    assert len(shape.interiors) == 1
    assert not shape.intersects(Point(200, 200))
    assert shape.area == pytest.approx(600**2 - 200**2 - (4 - math.pi) * 100**2, rel=0.01)  # its corners are round


def test_ground_across_a_street_that_is_not_joined_is_a_part_of_its_own() -> None:
    bridge = streets_between([((0, 0), (1000, 0)), ((480, -305), (480, 305))])
    shape = area(bridge, (0, 0), 15)
    assert len([part for part in shape.geoms if part.area > 1000]) == 2
    assert [shape.intersects(Point(x, 0)) for x in (470, 480, 490)] == [True, False, True]


def test_a_one_way_street_is_drawn_where_people_can_come_from() -> None:
    shape = area(LINE.assign(oneway=["forward"]), (1000, 0), 5)
    assert shape.bounds == pytest.approx((700, -100, 1000, 100), abs=11)  # the facility's own piece is drawn whole


def test_ground_behind_a_gate_is_in_the_area_of_what_lies_outside_and_not_the_other_way() -> None:
    streets = streets_between(
        [((0, 0), (900, 0)), ((450, 150), (450, 300)), ((450, 0), (450, 150))],
        to_barrier=["", "", "gate"],
        from_barrier=["", "gate", ""],
        from_node=["a", "g", "b"],
        to_node=["b", "d", "g"],
    )
    network = lc.build_network(streets, gates="residents")
    inside, outside = Point(450, 290), Point(450, 100)
    areas = lc.catchments(network, facilities_at([(450, 100), (450, 290)]), limits_min=[15]).geometry
    assert [shape.intersects(inside) for shape in areas] == [True, True]
    assert [shape.intersects(outside) for shape in areas] == [True, False]


def test_a_facility_far_from_any_street_has_an_empty_area() -> None:
    areas = lc.catchments(lc.build_network(LINE), facilities_at([(1000, 500), (1000, 0)]), limits_min=[5, 10])
    assert areas.geometry.is_empty.tolist() == [True, True, False, False]


def test_where_no_facility_meets_a_street_all_areas_are_empty() -> None:
    areas = lc.catchments(lc.build_network(LINE), facilities_at([(1000, 500)]), limits_min=[5, 10], bands=True)
    assert areas.geometry.is_empty.tolist() == [True, True]


def test_without_facilities_there_are_no_areas() -> None:
    areas = lc.catchments(lc.build_network(LINE), facilities_at([]))
    assert areas.columns.tolist() == ["facility_id", "limit_min", "geometry"]
    assert areas.empty


def test_a_limit_shorter_than_the_way_to_the_street_gives_an_empty_area() -> None:
    assert area(LINE, (1000, 90), 1).is_empty


def test_a_snap_limit_of_nothing_leaves_nothing_to_draw() -> None:
    assert area(streets_between([((0, 0), (8, 0))]), (4, 0), 5, snap_m=0).area == 0


def test_a_street_of_a_few_metres_alone_is_drawn() -> None:
    assert area(streets_between([((0, 0), (8, 0))]), (4, 0), 5).area == pytest.approx(math.pi * 100**2, rel=0.02)


def test_a_facility_with_two_entrances_has_the_area_of_both() -> None:
    network = lc.build_network(LINE)
    doors = gpd.GeoDataFrame({"facility_id": ["F1", "F1"]}, geometry=[Point(400, 0), Point(1600, 0)], crs=CRS)
    placed = lc.place_on_streets(network, facilities_at([(1000, 50)]), key="facility_id", entrances=doors)
    shape = lc.catchments(network, placed, limits_min=[2]).geometry.iloc[0]
    assert [shape.intersects(Point(x, 0)) for x in (400, 1000, 1600)] == [True, False, True]


# --- The sample -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit_min", [5, 10, 15])
def test_households_inside_the_areas_of_the_sample_are_those_that_reach_within_2_percent(
    sample_households: pd.DataFrame, limit_min: int
) -> None:
    rows = sample_households[sample_households["limit_min"] == limit_min]
    assert rows["inside"].sum() == pytest.approx(rows["reach"].sum(), rel=0.02)


def test_dwellings_of_the_sample_on_the_wrong_side_of_a_rim_are_within_5_m_of_it(
    sample: tuple[lc.Network, lc.Tables], sample_areas: gpd.GeoDataFrame
) -> None:
    network, tables = sample
    walks = lc.walk_minutes(network, tables.dwellings, tables.facilities)
    for _, area_ in sample_areas.iterrows():
        near = walks[(walks["facility_id"] == area_["facility_id"]) & (walks["minutes"] <= area_["limit_min"])]
        reach = tables.dwellings["dwelling_id"].isin(near["dwelling_id"])
        wrong = tables.dwellings[reach != tables.dwellings.intersects(area_.geometry)]
        assert (wrong.distance(area_.geometry.boundary) <= 5).all()


@pytest.fixture(scope="module")
def sample() -> tuple[lc.Network, lc.Tables]:
    tables = lc.read_inputs(lc.read_study("data/sample/study.toml"))
    return lc.build_network(tables.streets, extent=tables.extent), tables


@pytest.fixture(scope="module")
def sample_areas(sample: tuple[lc.Network, lc.Tables]) -> gpd.GeoDataFrame:
    return lc.catchments(sample[0], sample[1].facilities)


@pytest.fixture(scope="module")
def sample_households(sample: tuple[lc.Network, lc.Tables], sample_areas: gpd.GeoDataFrame) -> pd.DataFrame:
    return households_in_areas(*sample, sample_areas)


# --- Errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", [[], [0], [5, -1], [math.nan], [5, math.nan, 10], [5, math.inf]])
def test_limits_that_are_no_time_are_refused(limits: list[float]) -> None:
    with pytest.raises(lc.NetworkError, match="expected minutes above 0 such as"):
        lc.catchments(lc.build_network(grid_streets(3, 3)), facilities_at([(0, 0)]), limits_min=limits)
