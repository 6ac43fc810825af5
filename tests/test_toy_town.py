"""Walks on a 100 m grid: every expected figure can be worked out in the head."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely import Point, box

import lifecircle as lc
from lifecircle.reach import dwelling_reach
from towns import CRS, dwellings_at, facilities_at, grid_streets, streets_between

KIND = "community_service"
WIDE = box(-5000, -5000, 5000, 5000)


def minutes(streets, home, goal, **settings):  # type: ignore[no-untyped-def]
    network = lc.build_network(streets, extent=WIDE, **settings)
    return lc.nearest_minutes(network, dwellings_at([home]), facilities_at([goal]))[KIND].iloc[0]


def test_a_walk_along_two_sides_of_a_block_is_counted_in_full() -> None:
    assert minutes(grid_streets(10, 10), (0, 0), (300, 300)) == 10.0


def test_the_legs_between_place_and_street_are_walked_too() -> None:
    assert minutes(grid_streets(10, 10), (50, 30), (250, -30)) == pytest.approx((30 + 200 + 30) / 60)


def test_an_elderly_walker_takes_a_quarter_longer() -> None:
    assert minutes(grid_streets(10, 10), (0, 0), (300, 300), walker="elderly") == 12.5


def test_two_places_on_the_same_edge_walk_straight_to_each_other() -> None:
    assert minutes(grid_streets(2, 2), (20, 0), (80, 0)) == 1.0


def test_exactly_the_limit_reaches_and_a_metre_beyond_does_not() -> None:
    network = lc.build_network(grid_streets(12, 2), extent=WIDE)
    homes = dwellings_at([(0, 0), (0, 1)])
    pairs = lc.walk_minutes(network, homes, facilities_at([(900, 0)]), limit_min=15)
    assert pairs["dwelling_id"].tolist() == ["D1"]
    assert pairs["minutes"].tolist() == [15.0]


def test_a_river_without_a_bridge_makes_people_walk_round() -> None:
    river = [(i, 2, i, 3) for i in range(9)]  # only the street at i = 9 crosses
    assert minutes(grid_streets(10, 6, without=river), (0, 200), (0, 300)) == pytest.approx(1900 / 60)


def test_a_place_on_an_island_of_streets_is_never_reached() -> None:
    cut = [(i, 2, i, 3) for i in range(10)]
    assert math.isnan(minutes(grid_streets(10, 6, without=cut), (0, 200), (0, 300)))


def test_islands_are_numbered_from_the_one_with_the_longest_streets() -> None:
    cut = [(i, 4, i, 5) for i in range(4)]
    network = lc.build_network(grid_streets(4, 6, without=cut))
    assert np.bincount(network.island).tolist() == [20, 4]


def test_a_locked_gate_stops_and_an_open_one_does_not() -> None:
    pieces = [((0, 0), (100, 0)), ((100, 0), (200, 0))]
    for tag, expected in (("gate", 200 / 60), ("gate=yes", 200 / 60), ("gate=no", math.nan), ("wall", math.nan)):
        streets = streets_between(pieces, to_barrier=[tag, ""], from_barrier=["", tag])
        assert minutes(streets, (0, 0), (200, 0)) == pytest.approx(expected, nan_ok=True)


def test_gates_can_be_closed_by_the_study() -> None:
    streets = streets_between(
        [((0, 0), (100, 0)), ((100, 0), (200, 0))], to_barrier=["gate", ""], from_barrier=["", "gate"]
    )
    assert math.isnan(minutes(streets, (0, 0), (200, 0), gates="closed"))


@pytest.mark.parametrize(
    ("tags", "walkable"),
    [
        ({"highway": ["motorway"]}, False),
        ({"highway": ["trunk_link"]}, False),
        ({"highway": ["residential"]}, True),
        ({"highway": ["residential"], "foot": ["no"]}, False),
        ({"highway": ["service"], "access": ["no"]}, False),
        ({"highway": ["service"], "access": ["no"], "foot": ["yes"]}, True),
        ({"highway": ["service"], "access": ["private"]}, True),
    ],
)
def test_what_may_be_walked_follows_class_then_foot_then_access(tags: dict[str, list[str]], walkable: bool) -> None:
    streets = streets_between([((0, 0), (100, 0))], **tags)
    if walkable:
        assert len(lc.build_network(streets).edge_m) == 1
    else:
        with pytest.raises(lc.NetworkError, match="none of 1 may be walked; expected walkable `highway` classes"):
            lc.build_network(streets)


def test_a_place_beyond_the_snap_limit_is_listed_and_not_moved() -> None:
    network = lc.build_network(grid_streets(3, 3))
    snapped = lc.snap(network, dwellings_at([(0, -100), (0, -101)]), key="dwelling_id", snap_m=100)
    assert snapped["verdict"].tolist() == ["snapped", "unsnapped"]
    assert snapped["snap_m"].iloc[0] == 100.0
    assert math.isnan(snapped["snap_m"].iloc[1])


def states(homes, goals, *, extent=WIDE, streets=None):  # type: ignore[no-untyped-def]
    network = lc.build_network(streets if streets is not None else grid_streets(30, 2), extent=extent)
    return dwelling_reach(network, dwellings_at(homes), facilities_at(goals), [KIND], limit_min=15)[
        f"reach_{KIND}"
    ].tolist()


def test_a_dwelling_that_could_leave_the_known_streets_is_unknown() -> None:
    known = box(0, -100, 2900, 200)  # streets go on at x = 0 and x = 2900
    assert states([(900, 0), (901, 0)], [(2900, 0)], extent=known) == ["unknown", "not_reached"]


def test_a_street_that_crosses_the_edge_leads_out_where_it_crosses() -> None:
    long_street = streets_between([((0, 0), (5000, 0))])
    known = box(-10, -10, 2000, 10)
    assert states([(1990, 0), (1000, 0)], [(5, 0)], extent=known, streets=long_street) == ["unknown", "not_reached"]


def test_a_dwelling_that_reaches_is_reached_whatever_lies_beyond() -> None:
    assert states([(100, 0)], [(500, 0)], extent=box(0, -100, 2900, 200)) == ["reached"]


def test_an_unsnapped_dwelling_is_unknown() -> None:
    assert states([(1500, -150)], [(1500, 0)]) == ["unknown"]


def test_a_dwelling_near_an_unsnapped_facility_is_unknown() -> None:
    assert states([(1500, 0), (200, 0)], [(1500, 250)]) == ["unknown", "not_reached"]


def test_closed_and_planned_facilities_serve_nobody() -> None:
    network = lc.build_network(grid_streets(4, 2), extent=WIDE)
    closed = facilities_at([(100, 0)]).assign(status=["closed"])
    assert lc.walk_minutes(network, dwellings_at([(0, 0)]), closed).empty


def test_inputs_are_left_as_they_were() -> None:
    streets, homes, goals = grid_streets(5, 5), dwellings_at([(0, 0)]), facilities_at([(300, 300)])
    before = [table.copy() for table in (streets, homes, goals)]
    network = lc.build_network(streets)
    lc.walk_minutes(network, homes, goals)
    lc.catchments(network, goals)
    for table, copy in zip((streets, homes, goals), before, strict=True):
        assert table.equals(copy)


def test_a_network_cannot_be_changed() -> None:
    network = lc.build_network(grid_streets(3, 3))
    with pytest.raises(ValueError, match="read-only"):
        network.edge_m[0] = 1.0
    with pytest.raises(AttributeError, match="cannot assign"):
        network.crs = "EPSG:4326"  # type: ignore[misc]


def test_networkx_finds_the_same_walk_on_the_exported_graph() -> None:
    import networkx as nx

    network = lc.build_network(grid_streets(6, 6))
    graph = network.to_networkx()
    places = {(data["x"], data["y"]): node for node, data in graph.nodes(data=True)}
    assert nx.shortest_path_length(graph, places[0, 0], places[500, 300], weight="minutes") == pytest.approx(800 / 60)


def test_osmnx_reads_the_exported_graph() -> None:
    import osmnx as ox

    graph = lc.build_network(grid_streets(4, 4)).to_networkx()
    nodes, edges = ox.convert.graph_to_gdfs(__import__("networkx").MultiDiGraph(graph))
    assert len(nodes) == 16
    assert edges["length"].sum() == pytest.approx(2 * 24 * 100)


def test_degrees_are_refused_with_the_cure() -> None:
    expected = (
        r"streets: CRS is EPSG:4326 \(degrees\); a metric CRS is needed. "
        r"Try streets.to_crs\(streets.estimate_utm_crs\(\)\)"
    )
    with pytest.raises(lc.NetworkError, match=expected):
        lc.build_network(grid_streets(2, 2).set_crs("EPSG:4326", allow_override=True))


def test_places_in_another_crs_are_refused_with_the_cure() -> None:
    network = lc.build_network(grid_streets(2, 2))
    homes = dwellings_at([(0, 0)]).set_crs("EPSG:4548", allow_override=True)
    with pytest.raises(
        lc.NetworkError, match=r"CRS is EPSG:4548; the network's is EPSG:4549. Try places.to_crs\('EPSG:4549'\)"
    ):
        lc.nearest_minutes(network, homes, facilities_at([(0, 0)]))


def test_a_duplicate_key_is_refused_with_its_name() -> None:
    network = lc.build_network(grid_streets(2, 2))
    homes = dwellings_at([(0, 0), (10, 0)]).assign(dwelling_id=["D1", "D1"])
    with pytest.raises(lc.NetworkError, match="1 keys stand twice, the first is 'D1'"):
        lc.nearest_minutes(network, homes, facilities_at([(0, 0)]))


def test_an_unknown_walker_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        lc.NetworkError, match="is 'adlt'; expected one of adult, elderly, wheelchair or a Walker; did you mean 'adult'"
    ):
        lc.build_network(grid_streets(2, 2), walker="adlt")


def test_catchments_hold_the_dwellings_that_reach() -> None:
    streets, goals = grid_streets(21, 21), facilities_at([(1000, 1000)])
    network = lc.build_network(streets, extent=WIDE)
    places = [(x, y) for x in range(0, 2001, 50) for y in range(0, 2001, 100)]
    homes = dwellings_at(places)
    reached = set(lc.walk_minutes(network, homes, goals, limit_min=10)["dwelling_id"])
    area = lc.catchments(network, goals, limits_min=[10]).geometry.iloc[0]
    assert {
        one for one, place in zip(homes["dwelling_id"], places, strict=True) if area.intersects(Point(place))
    } == reached


def test_catchments_are_nested() -> None:
    network = lc.build_network(grid_streets(21, 21))
    areas = lc.catchments(network, facilities_at([(1000, 1000)]), limits_min=[15, 5, 10])
    assert areas["limit_min"].tolist() == [5.0, 10.0, 15.0]
    small, middle, large = areas.geometry
    assert large.buffer(1e-6).contains(middle)
    assert middle.buffer(1e-6).contains(small)
    assert areas.crs == CRS


def test_keys_come_back_as_they_were_given() -> None:
    network = lc.build_network(grid_streets(3, 3))
    homes, goals = dwellings_at([(0, 0)]).assign(dwelling_id=[7]), facilities_at([(100, 0)]).assign(facility_id=[9])
    for limit_min in (15.0, 1.0):
        pairs = lc.walk_minutes(network, homes, goals, limit_min=limit_min)
        assert pairs.dtypes[["dwelling_id", "facility_id"]].tolist() == ["int64", "int64"]
    assert lc.nearest_facilities(network, homes, goals)["facility_id"].tolist() == [9]
    assert lc.catchments(network, goals, limits_min=[5])["facility_id"].tolist() == [9]
