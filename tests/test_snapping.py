"""Where places and their entrances meet the streets, what keeps them apart, and places that are none."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
from shapely import LineString, MultiPoint, Point, Polygon, box

import lifecircle as lc
from towns import CRS, dwellings_at, facilities_at, grid_streets, streets_between

LONG = [((0, 0), (1000, 0))]
MEETING = [((0, 0), (100, 0)), ((100, 0), (200, 0)), ((100, 0), (100, 100))]


def doors_at(*spots: object, key: str = "dwelling_id") -> gpd.GeoDataFrame:
    """Entrances of D1 (or F1); a spot is a place, a geometry or None."""
    shapes = [Point(spot) if isinstance(spot, tuple) else spot for spot in spots]
    name = "D1" if key == "dwelling_id" else "F1"
    return gpd.GeoDataFrame({key: [name] * len(shapes)}, geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)


def barrier(shape: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shape], crs=CRS)


# --- Entrances where streets end --------------------------------------------------------------------------------------


def test_an_entrance_where_streets_end_meets_them_all() -> None:
    network = lc.build_network(streets_between(MEETING))
    table = lc.snap(network, dwellings_at([(100, 50)]), key="dwelling_id", entrances=doors_at((100, 0)))
    assert table["street_id"].tolist() == ["s0000", "s0001", "s0002"]
    assert table["along_m"].tolist() == [100.0, 0.0, 0.0]
    assert table.index.tolist() == ["D1"] * 3


def test_an_entrance_beside_a_cut_meets_both_its_sides() -> None:
    network = lc.build_network(streets_between(MEETING[:2]))
    table = lc.snap(network, dwellings_at([(100, 50)]), key="dwelling_id", entrances=doors_at((100, 3)))
    assert table[["street_id", "snap_m"]].to_numpy().tolist() == [["s0000", 3.0], ["s0001", 3.0]]


def test_a_place_without_entrances_where_streets_end_meets_the_first() -> None:
    network = lc.build_network(streets_between(MEETING))
    homes = dwellings_at([(100, 0), (100, 50)])
    table = lc.snap(network, homes, key="dwelling_id", entrances=doors_at((50, 0)).replace("D1", "D2"))
    assert table[["street_id", "snap_m"]].to_numpy().tolist() == [["s0000", 0.0], ["s0000", 0.0]]


@pytest.mark.parametrize("gone", ["inner", "outer"])
def test_an_entrance_at_a_shut_gate_lets_people_out_on_both_sides(gone: str) -> None:
    two = streets_between(MEETING[:2]).assign(street_id=["a", "b"] if gone == "inner" else ["b", "a"])
    shut = two.assign(to_barrier=["gate=policy:closed", ""], from_barrier=["", "gate=policy:closed"])
    network = lc.build_network(shut)
    homes = lc.place_on_streets(network, dwellings_at([(100, 9)]), key="dwelling_id", entrances=doors_at((100, 0)))
    pairs = lc.walk_minutes(network, homes, facilities_at([(40, 0), (160, 0)]))
    assert pairs["minutes"].tolist() == [1.0, 1.0]
    back = lc.walk_minutes(network, homes, facilities_at([(40, 0), (160, 0)]), back=True)
    assert back["minutes"].tolist() == [1.0, 1.0]


def test_a_facility_with_its_entrance_where_streets_end_is_one_facility() -> None:
    network = lc.build_network(streets_between(MEETING))
    goals = lc.place_on_streets(
        network, facilities_at([(100, 5)]), key="facility_id", entrances=doors_at((100, 0), key="facility_id")
    )
    homes = dwellings_at([(40, 0), (100, 60)])
    pairs = lc.walk_minutes(network, homes, goals)
    assert pairs.to_numpy().tolist() == [["D1", "F1", 1.0], ["D2", "F1", 1.0]]
    assert lc.nearest_facilities(network, homes, goals, k=2)["minutes"].tolist() == [1.0, 1.0]
    assert len(goals) == 1


def test_pieces_that_an_entrance_meets_are_in_the_order_of_their_islands() -> None:
    lines = [((0, 0), (100, 0)), ((100, 0), (900, 0))]
    shut = streets_between(lines).assign(to_barrier=["gate=no", ""])
    table = lc.snap(lc.build_network(shut), dwellings_at([(100, 5)]), key="dwelling_id", entrances=doors_at((100, 0)))
    assert table[["street_id", "island"]].to_numpy().tolist() == [["s0001", 0], ["s0000", 1]]


@pytest.mark.parametrize("nowhere", [None, Point()])
def test_a_place_whose_only_entrance_lies_nowhere_is_unsnapped(nowhere: object) -> None:
    network = lc.build_network(streets_between(LONG))
    homes = dwellings_at([(100, 0), (200, 0)])
    table = lc.snap(network, homes, key="dwelling_id", entrances=doors_at(nowhere))
    assert table["verdict"].to_dict() == {"D1": "unsnapped", "D2": "snapped"}
    placed = lc.place_on_streets(network, homes, key="dwelling_id", entrances=doors_at(nowhere))
    assert placed.is_placed.tolist() == [False, True]
    assert lc.walk_minutes(network, placed, facilities_at([(260, 0)]))["dwelling_id"].tolist() == ["D2"]


# --- Barriers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("river", [box(0, -30, 1000, 0), LineString([(0, 0), (1000, 0)])], ids=["area", "line"])
def test_a_street_on_the_edge_of_a_river_is_reached_from_its_own_side(river: object) -> None:
    network = lc.build_network(streets_between(LONG))
    table = lc.snap(network, dwellings_at([(500, 40)]), key="dwelling_id", barriers=barrier(river))
    assert table[["snap_m", "verdict"]].to_numpy().tolist() == [[40.0, "snapped"]]


def test_a_street_on_the_edge_of_a_river_is_not_reached_across_it() -> None:
    network = lc.build_network(streets_between(LONG))
    homes = dwellings_at([(500, -40)])
    table = lc.snap(network, homes, key="dwelling_id", barriers=barrier(box(0, -30, 1000, 0)))
    assert table["verdict"].tolist() == ["cut_off"]


@pytest.mark.parametrize(("wall", "verdict"), [(0.009, "snapped"), (0.011, "cut_off")])
def test_the_last_centimetre_before_the_street_does_not_count(wall: float, verdict: str) -> None:
    network = lc.build_network(streets_between(LONG))
    line = barrier(LineString([(0, wall), (1000, wall)]))
    table = lc.snap(network, dwellings_at([(500, 40)]), key="dwelling_id", barriers=line)
    assert table["verdict"].tolist() == [verdict]


def test_a_gate_drawn_on_a_wall_leads_to_the_street_beyond() -> None:
    network = lc.build_network(streets_between(LONG))
    wall = barrier(box(450, 10, 550, 90).exterior)
    homes = dwellings_at([(500, 50)])
    assert lc.snap(network, homes, key="dwelling_id", barriers=wall)["verdict"].tolist() == ["cut_off"]
    table = lc.snap(network, homes, key="dwelling_id", entrances=doors_at((500, 10)), barriers=wall)
    assert table[["snap_m", "verdict"]].to_numpy().tolist() == [[10.0, "snapped"]]


def test_a_place_on_a_bridge_meets_the_bridge_in_the_middle_of_the_river() -> None:
    network = lc.build_network(streets_between(LONG))
    table = lc.snap(network, dwellings_at([(500, 0)]), key="dwelling_id", barriers=barrier(box(400, -50, 600, 50)))
    assert table["verdict"].tolist() == ["snapped"]


def test_an_entrance_meets_those_of_the_pieces_at_hand_that_no_wall_hides() -> None:
    two = streets_between([((0, 10), (100, 10)), ((0, -10), (100, -10)), ((100, -10), (100, 10))])
    wall = barrier(LineString([(0, 5), (90, 5)]))
    table = lc.snap(
        lc.build_network(two), dwellings_at([(50, 1)]), key="dwelling_id", entrances=doors_at((50, 0)), barriers=wall
    )
    assert table["street_id"].tolist() == ["s0001"]


def test_a_street_whose_nearest_point_lies_across_a_barrier_is_not_used_at_another_point() -> None:
    network = lc.build_network(streets_between(LONG))
    wall = barrier(LineString([(450, 20), (550, 20)]))
    table = lc.snap(network, dwellings_at([(500, 40)]), key="dwelling_id", barriers=wall)
    assert table["verdict"].tolist() == ["cut_off"]


# --- Bad input --------------------------------------------------------------------------------------------------------


def test_places_without_their_key_column_are_refused() -> None:
    said = "places: no column 'dwelling_id' for the keys; found home, .*geometry. Rename the column or pass key="
    homes = dwellings_at([(0, 0)]).rename(columns={"dwelling_id": "home"})
    with pytest.raises(lc.NetworkError, match=said):
        lc.snap(lc.build_network(grid_streets(3, 3)), homes, key="dwelling_id")


def test_entrances_without_the_key_column_are_refused() -> None:
    with pytest.raises(lc.NetworkError, match="entrances: no column 'dwelling_id' for the keys; found facility_id"):
        lc.snap(
            lc.build_network(grid_streets(3, 3)), dwellings_at([(0, 0)]), key="dwelling_id",
            entrances=doors_at((0, 0), key="facility_id"),
        )  # fmt: skip


@pytest.mark.parametrize("shape", [box(0, 0, 9, 9), LineString([(0, 0), (9, 9)]), MultiPoint([(0, 0), (9, 9)])])
def test_places_and_entrances_that_are_no_points_are_refused(shape: object) -> None:
    network, homes = lc.build_network(grid_streets(3, 3)), dwellings_at([(0, 0), (100, 0)])
    kind = type(shape).__name__
    areas = homes.set_geometry(gpd.GeoSeries([Point(0, 0), shape], crs=CRS))
    with pytest.raises(lc.NetworkError, match=f"places: 1 geometries are no points, the first is a {kind} of 'D2'"):
        lc.snap(network, areas, key="dwelling_id")
    with pytest.raises(lc.NetworkError, match=f"entrances: 1 geometries are no points, the first is a {kind} of 'D1'"):
        lc.snap(network, homes, key="dwelling_id", entrances=doors_at(shape))


def test_an_empty_area_lies_nowhere_as_an_empty_point_does() -> None:
    homes = dwellings_at([(0, 0)]).set_geometry(gpd.GeoSeries([Polygon()], crs=CRS))
    assert lc.snap(lc.build_network(grid_streets(3, 3)), homes, key="dwelling_id")["verdict"].tolist() == ["unsnapped"]


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_coordinates_that_are_no_numbers_are_refused(x: float) -> None:
    network, homes = lc.build_network(grid_streets(3, 3)), dwellings_at([(0, 0), (100, 0)])
    lost = homes.set_geometry(gpd.GeoSeries([Point(0, 0), Point(x, 5)], crs=CRS))
    with pytest.raises(lc.NetworkError, match=r"places: 1 points have coordinates that are no numbers, .* of 'D2'"):
        lc.snap(network, lost, key="dwelling_id")
    with pytest.raises(lc.NetworkError, match=r"entrances: 1 points have coordinates that are no numbers, .* of 'D1'"):
        lc.snap(network, homes, key="dwelling_id", entrances=doors_at((x, 5)))
