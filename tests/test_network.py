"""The walking network: what a street costs, what gates let through, where places meet it, and the laws of walks."""

from __future__ import annotations

import math
import pickle
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point, box
from shapely.ops import substring

import lifecircle as lc
from lifecircle import reach
from lifecircle.graph import TICKS_PER_MIN, TOLD_TICKS
from lifecircle.searches import nearest, starts_at
from oracles import naive_walks
from towns import CRS, dwellings_at, facilities_at, grid_streets, random_spots, random_streets, streets_between

RANDOM = settings(max_examples=15)
INF = math.inf
STEEP = ((-0.5, 1.5), (-0.1, 1.0), (0.0, 1.0), (0.1, 1.5), (0.5, 3.0))
Piece = tuple[tuple[float, ...], tuple[float, ...]]


def walker(**settings_: object) -> lc.Walker:
    return lc.Walker.model_validate({"name": "w", "speed_m_per_s": 1.0} | settings_)


def seconds(
    streets: gpd.GeoDataFrame,
    home: tuple[float, float],
    goal: tuple[float, float],
    *,
    back: bool = False,
    **way: object,
) -> float:
    """Seconds of the one walk, infinite where there is none; ways are of the walker, `gates` of the network."""
    gates = way.pop("gates", "open")
    network = lc.build_network(streets, walker=walker(**way), gates=gates)  # type: ignore[arg-type]
    found = lc.nearest_minutes(network, dwellings_at([home]), facilities_at([goal]), back=back)
    minutes = found["community_service"].iloc[0]
    return INF if math.isnan(minutes) else round(minutes * 60, 5)


def there_and_back(
    streets: gpd.GeoDataFrame, home: tuple[float, float], goal: tuple[float, float], **way: object
) -> tuple[float, float]:
    return seconds(streets, home, goal, **way), seconds(streets, home, goal, back=True, **way)


# --- Stairs, one-way streets, waits and slopes ----------------------------------------------------------------------

AROUND: list[Piece] = [
    ((0, 0), (100, 0)),
    ((0, 0), (0, 100)),
    ((0, 100), (100, 100)),
    ((100, 100), (100, 0)),
]  # the first is the short way, the others go round


def test_stairs_take_as_many_times_as_long_as_the_walker_says() -> None:
    stairs = streets_between([((0, 0), (100, 0))], highway=["steps"])
    assert seconds(stairs, (0, 0), (100, 0), stairs=2.5) == 250
    assert seconds(stairs, (30, 0), (70, 0), stairs=2.5) == 100


def test_who_takes_no_stairs_walks_round() -> None:
    stairs = streets_between(AROUND, highway=["steps", "", "", ""])
    assert seconds(stairs, (0, 50), (100, 50)) == 200
    assert seconds(stairs, (0, 20), (100, 20), stairs="never") == 80 + 100 + 80


def test_who_takes_no_stairs_meets_the_street_elsewhere() -> None:
    stairs = streets_between([((0, 0), (100, 0)), ((0, 60), (100, 60))], highway=["steps", ""])
    homes = dwellings_at([(50, 10)])
    found = {
        one: lc.snap(lc.build_network(stairs, walker=one), homes, key="dwelling_id") for one in ("adult", "wheelchair")
    }
    assert [table["snap_m"].iloc[0] for table in found.values()] == [10.0, 50.0]


@pytest.mark.parametrize(("oneway", "expected"), [("forward", (100, 300)), ("backward", (300, 100)), ("", (100, 100))])
def test_a_one_way_street_is_walked_round_the_other_way(oneway: str, expected: tuple[float, float]) -> None:
    streets = streets_between(AROUND, oneway=[oneway, "", "", ""])
    assert there_and_back(streets, (0, 0), (100, 0)) == expected


@pytest.mark.parametrize(("home", "oneway"), [((0, 0), "forward"), ((100, 0), "backward")])
def test_a_place_at_the_foot_of_an_escalator_steps_off_it_as_it_steps_on(
    home: tuple[float, float], oneway: str
) -> None:
    streets = streets_between(AROUND, oneway=[oneway, "", "", ""])  # of two streets at the corner the first is met
    assert there_and_back(streets, home, (home[0], 50)) == (50, 50)


@pytest.mark.parametrize(("home", "oneway"), [((100, 0), "forward"), ((0, 0), "backward")])
def test_a_place_at_the_head_of_an_escalator_steps_on_to_it_as_it_steps_off(
    home: tuple[float, float], oneway: str
) -> None:
    streets = streets_between(AROUND, oneway=[oneway, "", "", ""])
    assert there_and_back(streets, home, (home[0], 50)) == (50, 50)


def test_two_places_on_a_one_way_street_walk_straight_one_way_and_round_the_other() -> None:
    streets = streets_between(AROUND, oneway=["forward", "", "", ""])
    assert there_and_back(streets, (20, 0), (80, 0)) == (60, 340)


def test_two_places_at_one_spot_of_a_one_way_street_are_no_walk_apart() -> None:
    streets = streets_between(AROUND, oneway=["backward", "", "", ""])
    assert there_and_back(streets, (40, 0), (40, 0)) == (0, 0)


def test_nobody_walks_against_an_escalator_without_another_way() -> None:
    streets = streets_between([((0, 0), (100, 0))], oneway=["forward"])
    assert there_and_back(streets, (20, 0), (80, 0)) == (60, INF)


CROSSING: list[Piece] = [((0, 0), (100, 0)), ((100, 0), (200, 0))]


def test_a_signal_is_waited_for_once_by_who_walks_through() -> None:
    streets = streets_between(CROSSING, to_signal=["yes", ""], from_signal=["", "yes"])
    assert there_and_back(streets, (10, 0), (190, 0), crossing_s=40) == (220, 220)


def test_nobody_waits_for_a_signal_who_does_not_reach_it() -> None:
    streets = streets_between(CROSSING, to_signal=["yes", ""], from_signal=["", "yes"])
    assert there_and_back(streets, (10, 0), (90, 0), crossing_s=40) == (80, 80)


def test_who_stops_at_a_signal_waits_half_whichever_street_leads_there() -> None:
    streets = streets_between(CROSSING, to_signal=["yes", ""], from_signal=["", "yes"])
    assert there_and_back(streets, (10, 0), (100, 0), crossing_s=40) == (110, 110)
    assert there_and_back(streets, (190, 0), (100, 0), crossing_s=40) == (110, 110)
    assert there_and_back(streets, (100, 0), (100, 0), crossing_s=40) == (0, 0)


def test_a_lift_is_waited_for_once_whether_it_is_a_street_or_stands_at_a_corner() -> None:
    ride: list[Piece] = [((0, 0), (100, 0)), ((100, 0), (110, 0)), ((110, 0), (210, 0))]
    as_street = streets_between(ride, highway=["", "elevator", ""])
    at_corner = streets_between(CROSSING, to_barrier=["elevator", ""], from_barrier=["", "elevator"])
    assert seconds(as_street, (0, 0), (210, 0), lift_s=30) == 240
    assert seconds(at_corner, (0, 0), (200, 0), lift_s=30) == 230


HILL: list[Piece] = [((0, 0, 0), (100, 0, 10))]


def test_uphill_takes_longer_than_downhill_as_tobler_says() -> None:
    up = 100 * math.exp(3.5 * (0.15 - 0.05))
    assert there_and_back(streets_between(HILL), (0, 0), (100, 0), slope="tobler") == (
        pytest.approx(up, abs=0.005),
        100,
    )


def test_a_stated_table_of_slopes_is_read_between_its_rows() -> None:
    table = ((-0.2, 3.0), (0.0, 1.0), (0.2, 2.0))
    assert there_and_back(streets_between(HILL), (0, 0), (100, 0), slope=table) == (150, 200)


def test_each_piece_of_a_bent_slope_counts_on_its_own() -> None:
    roof = streets_between([((0, 0, 0), (0, 0, 0))]).set_geometry(
        gpd.GeoSeries([LineString([(0, 0, 0), (100, 0, 10), (200, 0, 0)])], crs=CRS)
    )
    table = ((-0.1, 1.0), (0.0, 1.0), (0.1, 2.0))
    assert there_and_back(roof, (0, 0), (200, 0), slope=table) == (300, 300)
    assert there_and_back(roof, (50, 0), (150, 0), slope=table) == (150, 150)
    assert there_and_back(roof, (25, 0), (75, 0), slope=table) == (100, 50)


def test_heights_are_nothing_to_a_walker_without_slopes() -> None:
    assert there_and_back(streets_between(HILL), (0, 0), (100, 0)) == (100, 100)


def test_a_street_without_heights_beside_one_with_them_is_flat() -> None:
    streets = streets_between([((0, 0, 0), (100, 0, 10)), ((100, 0), (200, 0))])
    assert seconds(streets, (0, 0), (200, 0), slope=((-0.1, 1.0), (0.1, 2.0))) == 200 + 150


def test_a_cliff_in_the_heights_takes_no_raw_overflow() -> None:
    cliff = streets_between([((0, 0, 0), (100, 0, 0))]).set_geometry(
        gpd.GeoSeries([LineString([(0, 0, 0), (50, 0, 0), (50.01, 0, 5), (100, 0, 5)])], crs=CRS)
    )
    assert seconds(cliff, (0, 0), (100, 0), slope="tobler") > 100


# --- Gates ----------------------------------------------------------------------------------------------------------

CLOSE: list[Piece] = [
    ((0, 0), (500, 0)),
    ((500, 0), (1000, 0)),
    ((500, 0), (500, 10)),
    ((500, 10), (500, 100)),  # behind a gate
]


def compound(barrier: str) -> gpd.GeoDataFrame:
    return streets_between(CLOSE, to_barrier=["", "", barrier, ""], from_barrier=["", "", "", barrier])


@pytest.mark.parametrize(
    ("barrier", "gates", "out", "through"),
    [
        ("gate", "open", 160, 160),
        ("gate", "residents", 160, INF),
        ("gate", "closed", INF, INF),
        ("gate=yes", "closed", 160, 160),
        ("gate=no", "open", INF, INF),
        ("gate=private", "open", 160, 160),
        ("gate=private", "residents", 160, INF),
        ("gate=policy:open", "closed", 160, 160),
        ("gate=policy:residents", "open", 160, INF),
        ("gate=policy:closed", "open", INF, INF),
        ("bollard", "closed", 160, 160),
        ("wall", "open", INF, INF),
    ],
)
def test_a_gate_lets_out_and_in_whom_its_policy_says(barrier: str, gates: str, out: float, through: float) -> None:
    inside, outside = (500, 80), (580, 0)
    assert seconds(compound(barrier), inside, outside, gates=gates) == out
    assert seconds(compound(barrier), outside, inside, gates=gates) == through


def test_residents_walk_home_by_the_gate_that_lets_nobody_else_in() -> None:
    assert there_and_back(compound("gate"), (500, 80), (580, 0), gates="residents") == (160, 160)


def test_two_gates_in_a_row_lead_out_as_one_does() -> None:
    drive = [((500, 0), (500, 10)), ((500, 10), (500, 20)), ((500, 20), (500, 160))]
    barriers = {"to_barrier": ["", "", "gate", "lift_gate", ""], "from_barrier": ["", "", "", "gate", "lift_gate"]}
    streets = streets_between([*CLOSE[:2], *drive], **barriers)
    assert there_and_back(streets, (500, 80), (580, 0), gates="residents") == (160, 160)
    assert seconds(streets, (580, 0), (500, 80), gates="residents") == INF


def test_a_street_outside_leads_past_a_gate_for_residents() -> None:
    assert seconds(compound("gate"), (400, 0), (600, 0), gates="residents") == 200


RING: list[Piece] = [
    ((0, 0), (0, 300)),
    ((0, 300), (100, 300)),
    ((100, 300), (100, 0)),
    ((0, 0), (40, 0)),  # a compound's street from gate to gate, 20 m of it inside
    ((40, 0), (60, 0)),
    ((60, 0), (100, 0)),
]
TWO_GATES = {"from_barrier": ["", "", "", "", "gate", "gate"], "to_barrier": ["", "", "", "gate", "gate", ""]}


def test_nobody_takes_the_short_way_through_a_compound_with_two_gates() -> None:
    streets = streets_between(RING, **TWO_GATES)
    assert seconds(streets, (20, 0), (80, 0), gates="residents") == 20 + 300 + 100 + 300 + 20
    assert seconds(streets, (20, 0), (80, 0), gates="open") == 60


def test_residents_leave_by_the_gate_that_is_nearer_to_where_they_go() -> None:
    streets = streets_between(RING, **TWO_GATES)
    assert seconds(streets, (45, 0), (20, 0), gates="residents") == 25
    assert seconds(streets, (45, 0), (80, 0), gates="residents") == 35


def test_residents_of_a_compound_within_a_compound_walk_out_of_both() -> None:
    streets = streets_between(
        [((0, 0), (900, 0)), ((900, 0), (900, 200)), ((900, 200), (900, 300))],
        to_barrier=["gate", "gate", ""],
        from_barrier=["", "gate", "gate"],
    )
    assert seconds(streets, (900, 250), (850, 0), gates="residents") == 300
    assert seconds(streets, (900, 250), (900, 150), gates="residents") == 100
    assert seconds(streets, (900, 150), (900, 250), gates="residents") == INF
    assert seconds(streets, (850, 0), (900, 150), gates="residents") == INF


@pytest.mark.parametrize("side", ["from_barrier", "to_barrier"])
def test_a_gate_that_only_one_of_its_streets_names_is_a_gate_all_the_same(side: str) -> None:
    named = {"to_barrier": ["", "", "gate", ""], "from_barrier": ["", "", "", "gate"]}[side]
    streets = streets_between(CLOSE, **{side: named})
    assert seconds(streets, (500, 80), (580, 0), gates="residents") == 160
    assert seconds(streets, (580, 0), (500, 80), gates="residents") == INF
    assert seconds(streets, (500, 80), (580, 0), gates="closed") == INF


def test_a_gate_between_two_equal_parts_lets_nobody_through() -> None:
    streets = streets_between(CROSSING, to_barrier=["gate", ""], from_barrier=["", "gate"])
    assert there_and_back(streets, (90, 0), (110, 0), gates="residents") == (INF, INF)


# --- The value ------------------------------------------------------------------------------------------------------


def test_walkers_share_the_streets_of_one_network() -> None:
    network = lc.build_network(grid_streets(3, 3))
    other = network.for_walker(walker(speed_m_per_s=0.5))
    shared = ("node_x", "node_y", "edge_from", "edge_to", "edge_m", "edges", "ways", "passages", "exits")
    assert [name for name in shared if getattr(other, name) is not getattr(network, name)] == []


def test_a_network_for_another_walker_is_the_one_built_for_that_walker() -> None:
    streets = random_streets(np.random.default_rng(5))
    slow = walker(speed_m_per_s=0.5, stairs="never", crossing_s=20, slope="tobler")
    assert lc.build_network(streets).for_walker(slow) == lc.build_network(streets, walker=slow)


def test_networks_of_other_walkers_or_streets_are_not_equal() -> None:
    network = lc.build_network(grid_streets(3, 3))
    others = [network.for_walker(walker()), lc.build_network(grid_streets(3, 4)), "a network"]
    assert [one == network for one in others] == [False] * 3


def test_equal_networks_are_one_key() -> None:
    one, two = (lc.build_network(grid_streets(3, 3)) for _ in range(2))
    assert one is not two
    assert {one: "kept"}[two] == "kept"


def test_a_network_that_was_pickled_is_equal_and_gives_the_same_walks() -> None:
    network = lc.build_network(random_streets(np.random.default_rng(3)), gates="residents")
    copy = pickle.loads(pickle.dumps(network))  # noqa: S301
    homes, goals = dwellings_at([(10, 10), (250, 90)]), facilities_at([(150, 210)])
    assert copy == network
    pd.testing.assert_frame_equal(lc.nearest_minutes(copy, homes, goals), lc.nearest_minutes(network, homes, goals))


@pytest.mark.parametrize("name", ["node_x", "edge_from", "edge_m", "passages", "exits", "island"])
def test_an_array_of_a_network_cannot_be_written_to(name: str) -> None:
    network = lc.build_network(compound("gate"), gates="residents", extent=box(-1, -1, 400, 1))
    with pytest.raises(ValueError, match="read-only"):
        getattr(network, name)[:] = 0


@RANDOM
@given(st.integers(0, 2**32 - 1), st.sampled_from(["open", "residents"]), st.booleans())
def test_the_order_of_rows_changes_no_network(seed: int, gates: str, with_ids: bool) -> None:
    chance = np.random.default_rng(seed)
    streets = random_streets(chance)
    streets = streets if with_ids else streets.drop(columns="street_id")
    mixed = streets.iloc[chance.permutation(len(streets))]
    one, two = (lc.build_network(table, gates=gates) for table in (streets, mixed))  # type: ignore[arg-type]
    assert one.digest == two.digest


def test_islands_are_numbered_by_the_length_of_their_streets() -> None:
    streets = streets_between([((0, 0), (50, 0)), ((0, 100), (200, 100)), ((0, 200), (100, 200))])
    network = lc.build_network(streets)
    assert network.island[network.edge_from].tolist() == [2, 0, 1]


def test_a_node_where_the_walker_takes_no_street_is_on_no_island() -> None:
    streets = streets_between([((0, 0), (50, 0)), ((0, 100), (200, 100))], highway=["", "steps"])
    network = lc.build_network(streets, walker="wheelchair")
    assert network.island[network.edge_to].tolist() == [0, -1]


def test_a_street_that_its_file_cuts_leads_out_of_what_is_known() -> None:
    streets = streets_between(CROSSING, from_cut=["", "yes"], to_cut=["", "yes"])
    network = lc.build_network(streets, extent=box(-500, -500, 500, 500))
    assert sorted(network.node_x[network.exits].tolist()) == [100.0, 200.0]


# --- Where places meet the streets ----------------------------------------------------------------------------------

LONG = [((0.0, 0.0), (1000.0, 0.0))]
TWO_LONG: list[Piece] = [((0, 0), (1000, 0)), ((0, 100), (1000, 100)), ((1000, 0), (1000, 100))]


def entrances_at(rows: list[tuple[str, float, float, float]]) -> gpd.GeoDataFrame:
    keys, inner, x, y = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"dwelling_id": keys, "inner_m": inner}, geometry=gpd.points_from_xy(x, y), crs=CRS)


def test_each_walk_uses_the_entrance_that_suits_it() -> None:
    network = lc.build_network(streets_between(LONG))
    doors = entrances_at([("D1", 7, 300, 0), ("D1", 20, 600, 0)])
    homes = lc.place_on_streets(network, dwellings_at([(450, 50)]), key="dwelling_id", entrances=doors)
    pairs = lc.walk_minutes(network, homes, facilities_at([(100, 0), (700, 0), (310, 0)]))
    assert (pairs["minutes"] * 60).round(5).tolist() == [207, 120, 17]


def test_a_place_with_entrances_meets_the_streets_nowhere_else() -> None:
    network = lc.build_network(streets_between(LONG))
    table = lc.snap(
        network, dwellings_at([(450, 0), (10, 0)]), key="dwelling_id", entrances=entrances_at([("D1", 30, 600, 5)])
    )
    assert table[["along_m", "snap_m", "inner_m"]].to_numpy().tolist() == [[600, 5, 30], [10, 0, 0]]


def test_the_order_of_entrances_changes_nothing() -> None:
    network, homes = lc.build_network(streets_between(LONG)), dwellings_at([(450, 50), (10, 0)])
    rows = [("D1", 7.0, 300.0, 0.0), ("D1", 20.0, 600.0, 0.0), ("D1", 1.0, 450.0, 9.0)]
    tables = [lc.snap(network, homes, key="dwelling_id", entrances=entrances_at(one)) for one in (rows, rows[::-1])]
    pd.testing.assert_frame_equal(*tables)


def test_a_facility_with_two_entrances_at_one_spot_hides_no_other_there() -> None:
    network = lc.build_network(streets_between(AROUND))
    goals = facilities_at([(50, 9), (50, 8)])
    doors = entrances_at([("F1", 0, 50, 5), ("F1", 0, 50, -6)]).rename(columns={"dwelling_id": "facility_id"})
    placed = lc.place_on_streets(network, goals, key="facility_id", entrances=doors)
    found = lc.nearest_facilities(network, dwellings_at([(30, 0)]), placed, k=2)
    assert found["facility_id"].tolist() == ["F1", "F2"]
    assert (found["minutes"] * 60).round(5).tolist() == [25, 28]


def test_the_way_to_the_street_does_not_cross_a_river() -> None:
    network = lc.build_network(streets_between(TWO_LONG))
    river = gpd.GeoDataFrame(geometry=[LineString([(-50, 20), (950, 20)])], crs=CRS)
    table = lc.snap(network, dwellings_at([(500, 30), (500, 10)]), key="dwelling_id", barriers=river)
    assert table["street_id"].tolist() == ["s0001", "s0000"]
    assert table["snap_m"].tolist() == [70.0, 10.0]


def test_a_place_with_a_river_before_every_street_is_cut_off() -> None:
    network = lc.build_network(streets_between(LONG))
    river = gpd.GeoDataFrame(geometry=[box(-50, 20, 1050, 25)], crs=CRS)
    homes = dwellings_at([(500, 30), (500, 130)])
    table = lc.snap(network, homes, key="dwelling_id", barriers=river)
    assert table["verdict"].tolist() == ["cut_off", "unsnapped"]
    assert (
        lc.nearest_minutes(
            network,
            lc.place_on_streets(network, homes, key="dwelling_id", barriers=river),
            facilities_at([(500, 0)]),
        )["community_service"]
        .isna()
        .all()
    )


def test_a_dwelling_in_a_compound_walks_to_one_of_its_gates_first() -> None:
    network = lc.build_network(streets_between(TWO_LONG))
    homes = dwellings_at([(500, 40)])
    area = gpd.GeoDataFrame({"compound_id": ["C"]}, geometry=[box(450, 5, 550, 95)], crs=CRS)
    gates = gpd.GeoDataFrame(
        {"policy": ["residents", "closed", "open"]}, geometry=[Point(460, 10), Point(500, 5), Point(540, 95)], crs=CRS
    )
    doors = lc.compound_entrances(homes, area, gates)
    assert doors["inner_m"].tolist() == [50.0, pytest.approx(math.hypot(40, 55))]
    placed = lc.place_on_streets(network, homes, key="dwelling_id", entrances=doors)
    pairs = lc.walk_minutes(network, placed, facilities_at([(400, 0), (600, 100)]))
    assert pairs["minutes"].to_numpy() * 60 == pytest.approx([50 + 10 + 60, math.hypot(40, 55) + 5 + 60], abs=0.005)


def test_of_streets_equally_near_the_first_key_is_met() -> None:
    cross = streets_between([((0, 0), (0, 100)), ((-50, 50), (-50, 0)), ((0, 0), (100, 0))])
    named = cross.assign(street_id=["c", "b", "a"])
    table = lc.snap(lc.build_network(named), dwellings_at([(0, 0), (-25, 20)]), key="dwelling_id")
    assert table["street_id"].tolist() == ["a", "b"]


def test_exactly_the_snap_limit_is_snapped_and_a_millimetre_beyond_is_not() -> None:
    network = lc.build_network(streets_between(LONG))
    table = lc.snap(network, dwellings_at([(500, 50), (500, 50.001)]), key="dwelling_id", snap_m=50)
    assert table["verdict"].tolist() == ["snapped", "unsnapped"]


# --- Exchange -------------------------------------------------------------------------------------------------------


@RANDOM
@given(st.integers(0, 2**32 - 1), st.sampled_from(["open", "residents", "closed"]))
def test_networkx_walks_between_nodes_as_long_as_lifecircle_does(seed: int, gates: str) -> None:
    way = walker(stairs=2.0, crossing_s=33, slope=STEEP)
    network = lc.build_network(random_streets(np.random.default_rng(seed)), walker=way, gates=gates)  # type: ignore[arg-type]
    graph, start = network.to_networkx(), seed % len(network.node_x)
    theirs = nx.single_source_dijkstra_path_length(graph, start, weight="minutes")
    ours = nearest(network.graph, starts_at(network.graph, np.array([start]))) / TICKS_PER_MIN
    assert {node for node, minutes in enumerate(ours) if minutes < 1e6} == set(theirs)
    assert all(abs(ours[node] - minutes) < 1e-9 for node, minutes in theirs.items())


def test_osmnx_takes_the_exported_network_with_one_way_streets_and_gates() -> None:
    import osmnx as ox

    network = lc.build_network(random_streets(np.random.default_rng(1)), gates="residents")
    graph = network.to_networkx()
    nodes, edges = ox.convert.graph_to_gdfs(graph)
    assert (len(nodes), len(edges)) == (len(network.node_x), graph.number_of_edges())
    assert nodes.crs == CRS
    assert {"gate"} < set(edges["osmid"])


# --- Random towns against the naive twin ----------------------------------------------------------------------------


def random_town(seed: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    chance = np.random.default_rng(seed)
    streets = random_streets(chance)
    homes = dwellings_at(random_spots(chance, streets, 12))
    kinds = chance.choice(["clinic", "school"], 9)
    return streets, homes, facilities_at(random_spots(chance, streets, 5), kinds=kinds.tolist())


def slack_min(streets: gpd.GeoDataFrame) -> float:
    """Half a tick for each street that a walk may take, one for each place and half wait, and how finely it is told."""
    return (len(streets) / 2 + 8 + TOLD_TICKS / 2) / TICKS_PER_MIN


WAYS = st.builds(
    walker,
    speed_m_per_s=st.sampled_from([0.8, 1.0, 1.37]),
    stairs=st.sampled_from([1.0, 2.5, "never"]),
    crossing_s=st.sampled_from([0.0, 31.0]),
    slope=st.sampled_from(["none", "tobler", STEEP]),
)
TOWNS, GATES = st.integers(0, 2**32 - 1), st.sampled_from(["open", "residents", "closed"])


def slope_of(way: lc.Walker):  # type: ignore[no-untyped-def]
    """The factor of a slope, by formulas of this test."""
    if way.slope == "none":
        return None
    if way.slope == "tobler":
        return lambda slope: math.exp(3.5 * abs(slope + 0.05)) / math.exp(3.5 * 0.05)

    def between(slope: float) -> float:
        if slope <= STEEP[0][0] or slope >= STEEP[-1][0]:
            return STEEP[0][1] if slope < 0 else STEEP[-1][1]
        low, high = next((a, b) for a, b in pairwise(STEEP) if a[0] <= slope <= b[0])
        return low[1] + (high[1] - low[1]) * (slope - low[0]) / (high[0] - low[0])

    return between


def twin_of(streets, homes, goals, way: lc.Walker, gates: str):  # type: ignore[no-untyped-def]
    naive = {"stairs": way.stairs, "wait_m": way.crossing_s * way.speed_m_per_s, "slope": slope_of(way)}
    return naive_walks(streets, homes, goals, way.speed_m_per_s, 60, gates=gates, walker=naive)


@RANDOM
@given(TOWNS, WAYS, GATES, st.booleans(), st.sampled_from([3.0, 15.0]))
def test_every_walk_there_and_back_is_as_long_as_the_twin_says(
    seed: int, way: lc.Walker, gates: str, back: bool, limit_min: float
) -> None:
    streets, homes, goals = random_town(seed)
    network, near = lc.build_network(streets, walker=way, gates=gates), slack_min(streets)  # type: ignore[arg-type]
    pairs = lc.walk_minutes(network, homes, goals, limit_min=limit_min, snap_m=60, back=back)
    ours = dict(zip(zip(pairs["dwelling_id"], pairs["facility_id"], strict=True), pairs["minutes"], strict=True))
    twin = {pair: walks[back] for pair, walks in twin_of(streets, homes, goals, way, gates).items()}
    assert len(ours) == len(pairs)
    assert {pair for pair, minutes in twin.items() if minutes <= limit_min - near} <= ours.keys()
    assert all(abs(minutes - twin[pair]) <= near for pair, minutes in ours.items())


@RANDOM
@given(TOWNS, WAYS, GATES, st.booleans())
def test_the_nearest_of_each_kind_is_the_twins(seed: int, way: lc.Walker, gates: str, back: bool) -> None:
    streets, homes, goals = random_town(seed)
    network, near = lc.build_network(streets, walker=way, gates=gates), slack_min(streets)  # type: ignore[arg-type]
    found = lc.nearest_minutes(network, homes, goals, snap_m=60, back=back).fillna(INF)
    twin = twin_of(streets, homes, goals, way, gates)
    kind_of = dict(zip(goals["facility_id"], goals["kind"], strict=True))
    for home in homes["dwelling_id"]:
        for kind in set(kind_of.values()):
            least = min(walks[back] for (one, goal), walks in twin.items() if one == home and kind_of[goal] == kind)
            assert found.loc[home, kind] == pytest.approx(least, abs=near, rel=0)


@RANDOM
@given(TOWNS, WAYS, GATES, st.integers(1, 4), st.sampled_from([None, 5.0]))
def test_the_several_nearest_are_the_first_of_the_twins_in_order(
    seed: int, way: lc.Walker, gates: str, k: int, limit_min: float | None
) -> None:
    streets, homes, goals = random_town(seed)
    network, near = lc.build_network(streets, walker=way, gates=gates), slack_min(streets)  # type: ignore[arg-type]
    found = lc.nearest_facilities(network, homes, goals, k=k, limit_min=limit_min, snap_m=60)
    twin = twin_of(streets, homes, goals, way, gates)
    for home in homes["dwelling_id"]:
        mine = found[found["dwelling_id"] == home]
        walks = sorted(there for (one, _), (there, _) in twin.items() if one == home)
        walks = [minutes for minutes in walks if minutes <= (limit_min or 1e9)][:k]
        assert mine["minutes"].tolist() == pytest.approx(walks, abs=near, rel=0)
        assert mine["rank"].tolist() == list(range(1, len(walks) + 1))
        assert mine["facility_id"].is_unique
        for facility, minutes in zip(mine["facility_id"], mine["minutes"], strict=True):
            assert minutes == pytest.approx(twin[home, facility][0], abs=near, rel=0)


# --- Laws -----------------------------------------------------------------------------------------------------------


def walks_of(network: lc.Network, homes: gpd.GeoDataFrame, goals: gpd.GeoDataFrame, **more: float) -> pd.Series:
    pairs = lc.walk_minutes(network, homes, goals, **({"limit_min": 60} | more))  # type: ignore[arg-type]
    return pairs.set_index(["dwelling_id", "facility_id"])["minutes"]


@RANDOM
@given(TOWNS, GATES, st.floats(1, 20), st.floats(0, 5))
def test_a_longer_limit_never_loses_a_walk(seed: int, gates: str, limit_min: float, more: float) -> None:
    streets, homes, goals = random_town(seed)
    network = lc.build_network(streets, gates=gates)  # type: ignore[arg-type]
    short, long = (walks_of(network, homes, goals, limit_min=limit) for limit in (limit_min, limit_min + more))
    assert short.to_dict().items() <= long.to_dict().items()


@RANDOM
@given(TOWNS, WAYS, GATES, st.floats(1.0, 2.0))
def test_a_faster_walker_reaches_all_that_a_slower_one_does(
    seed: int, way: lc.Walker, gates: str, faster: float
) -> None:
    streets, homes, goals = random_town(seed)
    network = lc.build_network(streets, walker=way, gates=gates)  # type: ignore[arg-type]
    quick = network.for_walker(way.model_copy(update={"speed_m_per_s": way.speed_m_per_s * faster}))
    slow_walks, quick_walks = (walks_of(one, homes, goals, limit_min=10) for one in (network, quick))
    assert set(slow_walks.index) <= set(quick_walks.index)


@RANDOM
@given(TOWNS, WAYS)
def test_a_new_corner_in_the_middle_of_a_street_changes_no_minutes(seed: int, way: lc.Walker) -> None:
    streets, homes, goals = random_town(seed)
    place = seed % len(streets)
    line = streets.geometry.iloc[place]
    row = streets.iloc[[place, place]].copy()
    row["street_id"] = [f"{row['street_id'].iloc[0]}{end}" for end in ("/0", "/1")]
    for name, middle in (("node", "new"), ("barrier", ""), ("signal", "")):
        row[f"to_{name}"] = [middle, row[f"to_{name}"].iloc[0]]
        row[f"from_{name}"] = [row[f"from_{name}"].iloc[0], middle]
    halves = [substring(line, 0, 0.5, normalized=True), substring(line, 0.5, 1, normalized=True)]
    cut = pd.concat([streets.drop(streets.index[place]), row.set_geometry(gpd.GeoSeries(halves, row.index, crs=CRS))])
    flat = way.model_copy(update={"slope": "none"})  # heights at the cut are those of the line to 1e-12 alone
    whole, parts = (
        walks_of(lc.build_network(one, walker=flat, gates="residents"), homes, goals, limit_min=1000)
        for one in (streets, cut)
    )
    pd.testing.assert_series_equal(whole.sort_index(), parts.sort_index(), atol=slack_min(streets), rtol=0)


@RANDOM
@given(TOWNS, WAYS, st.sampled_from(["open", "closed"]))
def test_a_new_street_between_corners_lengthens_no_walk(seed: int, way: lc.Walker, gates: str) -> None:
    streets, homes, goals = random_town(seed)
    # A street that leads round a gate for residents makes both its sides one, and nobody lives behind it any more.
    streets = streets.replace("gate=policy:residents", "gate")
    before = lc.build_network(streets, walker=way, gates=gates)  # type: ignore[arg-type]
    placed = [homes.set_geometry(on_street(before, homes)), goals.set_geometry(on_street(before, goals))]
    ends = streets.geometry.iloc[0].coords[0][:2], streets.geometry.iloc[-1].coords[0][:2]
    names = {"from_node": streets["from_node"].iloc[0], "to_node": streets["from_node"].iloc[-1]}
    blank = dict.fromkeys(("from_barrier", "to_barrier", "from_signal", "to_signal", "oneway", "highway"), "")
    far = LineString([ends[0], (-5000, -5000), (-5000, 6000), ends[1]])  # a long way round, nearest to no place
    short = LineString([(x, y, 0) for x, y in ends])
    for line in (far, short):
        new = gpd.GeoDataFrame([blank | names | {"street_id": "z"}], geometry=[line], crs=CRS)
        after = lc.build_network(pd.concat([streets, new]), walker=way, gates=gates)  # type: ignore[arg-type]
        old_walks, new_walks = (walks_of(one, *placed, limit_min=1000) for one in (before, after))
        assert set(old_walks.index) <= set(new_walks.index)
        assert (new_walks.reindex(old_walks.index) <= old_walks + slack_min(streets)).all()


def on_street(network: lc.Network, places: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Where places meet the streets, so that a new street takes none of them over."""
    placed = lc.snap(network, places, key=places.columns[0], snap_m=1000)
    lines = network.edges.iloc[placed["edge"]].reset_index(drop=True)
    points = lines.force_2d().interpolate(placed["along_m"].to_numpy())
    return gpd.GeoSeries(points.to_numpy(), index=places.index, crs=CRS)


@RANDOM
@given(TOWNS, WAYS, GATES, st.floats(-180, 180), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_moving_or_turning_the_town_changes_walks_by_ticks_at_most(
    seed: int, way: lc.Walker, gates: str, turn: float, east: float, north: float
) -> None:
    # Turned lengths differ in their last digits: each street may fall to the other side of half a tick.
    town = random_town(seed)
    ours = walks_of(lc.build_network(town[0], walker=way, gates=gates), *town[1:])  # type: ignore[arg-type]

    def moved(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = table.geometry.rotate(turn, origin=(0, 0)).translate(east, north)
        return table.set_geometry(shapes)

    streets, homes, goals = (moved(table) for table in town)
    theirs = walks_of(lc.build_network(streets, walker=way, gates=gates), homes, goals)  # type: ignore[arg-type]
    pd.testing.assert_series_equal(ours, theirs, atol=2 * slack_min(streets), rtol=0)


@given(TOWNS, st.sampled_from([1, 2, 4]))
def test_facilities_searched_in_blocks_change_nothing(seed: int, size: int) -> None:
    streets, homes, goals = random_town(seed)
    network = lc.build_network(streets, gates="residents")
    whole = lc.walk_minutes(network, homes, goals)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "BLOCK", size)
        blocks = list(lc.walk_blocks(network, homes, goals))
        assert len(blocks) == math.ceil(len(goals) / size)
        pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)


@given(TOWNS, WAYS, GATES)
def test_a_network_given_places_or_placed_ones_says_the_same(seed: int, way: lc.Walker, gates: str) -> None:
    streets, homes, goals = random_town(seed)
    network = lc.build_network(streets, walker=way, gates=gates)  # type: ignore[arg-type]
    placed = (
        lc.place_on_streets(network, homes, key="dwelling_id"),
        lc.place_on_streets(network, goals, key="facility_id"),
    )
    pd.testing.assert_frame_equal(lc.walk_minutes(network, *placed), lc.walk_minutes(network, homes, goals))


# --- Bad input ------------------------------------------------------------------------------------------------------


def test_a_street_of_no_length_is_left_out() -> None:
    streets = streets_between([((0, 0), (0, 0)), ((0, 0), (100, 0))])
    assert lc.build_network(streets).edge_m.tolist() == [100.0]


def test_streets_of_no_length_alone_are_refused() -> None:
    with pytest.raises(lc.NetworkError, match=r"^streets: none of 1 has a length; expected lines in metres. Look at"):
        lc.build_network(streets_between([((0, 0), (0, 0))]))


def test_no_streets_at_all_are_refused() -> None:
    with pytest.raises(lc.NetworkError, match="none of 0 may be walked"):
        lc.build_network(grid_streets(2, 2).iloc[:0])


def test_a_line_with_a_coordinate_that_is_no_number_is_refused_with_its_row() -> None:
    with np.errstate(invalid="ignore"):
        streets = streets_between([((0, 0), (100, 0)), ((0, math.nan), (100, 0))])
    with pytest.raises(lc.NetworkError, match="1 rows have coordinates that are no numbers, the first is 1"):
        lc.build_network(streets)


@pytest.mark.parametrize("line", [None, Point(0, 0), MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])])
def test_a_street_that_is_no_single_line_is_refused_with_its_row(line: object) -> None:
    streets = grid_streets(2, 2)
    streets.loc[2, "geometry"] = line
    with pytest.raises(lc.NetworkError, match=r"^streets: 1 rows are no single line, the first is 2. Try explode\(\)$"):
        lc.build_network(streets)


def test_where_every_street_is_an_island_each_place_walks_on_its_own() -> None:
    streets = streets_between([((0, 200.0 * i), (100 + i, 200.0 * i)) for i in range(60)])
    network = lc.build_network(streets)
    assert sorted(set(network.island.tolist())) == list(range(60))
    homes = dwellings_at([(0, 200.0 * i) for i in range(60)])
    goals = facilities_at([(60, 200.0 * i) for i in range(60)])
    pairs = lc.walk_minutes(network, homes, goals, limit_min=1000)
    assert pairs["minutes"].tolist() == [1.0] * 60


@pytest.mark.parametrize("limit_min", [0, -1, math.inf, math.nan])
def test_a_limit_that_is_no_time_is_refused(limit_min: float) -> None:
    network, town = lc.build_network(grid_streets(3, 3)), (dwellings_at([(0, 0)]), facilities_at([(100, 0)]))
    expected = rf"limit_min is {limit_min}; expected minutes above 0 such as 15. State the limit"
    for measure in (lc.walk_minutes, lc.nearest_facilities):
        with pytest.raises(lc.NetworkError, match=expected):
            measure(network, *town, limit_min=limit_min)


@pytest.mark.parametrize("limit_min", [1e5, 1e15, 1e300])
def test_a_limit_beyond_any_walk_holds_every_walk(limit_min: float) -> None:
    network, town = lc.build_network(grid_streets(3, 3)), (dwellings_at([(0, 0)]), facilities_at([(120, 0)]))
    assert lc.walk_minutes(network, *town, limit_min=limit_min)["minutes"].tolist() == [2.0]
    assert lc.nearest_facilities(network, *town, limit_min=limit_min)["minutes"].tolist() == [2.0]


@pytest.mark.parametrize("snap_m", [-1, math.nan])
def test_a_snap_limit_that_is_no_distance_is_refused(snap_m: float) -> None:
    network = lc.build_network(grid_streets(3, 3))
    with pytest.raises(lc.NetworkError, match=f"snap_m is {snap_m}"):
        lc.snap(network, dwellings_at([(0, 0)]), key="dwelling_id", snap_m=snap_m)


def test_a_snap_limit_of_nothing_takes_places_on_streets_alone() -> None:
    network = lc.build_network(grid_streets(3, 3))
    table = lc.snap(network, dwellings_at([(30, 0), (30, 0.01)]), key="dwelling_id", snap_m=0)
    assert table["verdict"].tolist() == ["snapped", "unsnapped"]


def test_without_facilities_nobody_reaches_anything() -> None:
    network, homes, none = lc.build_network(grid_streets(3, 3)), dwellings_at([(0, 0)]), facilities_at([])
    assert lc.walk_minutes(network, homes, none).empty
    assert lc.nearest_facilities(network, homes, none).empty
    assert lc.nearest_minutes(network, homes, none).shape == (1, 0)


def test_without_dwellings_there_are_no_walks() -> None:
    network, none, goals = lc.build_network(grid_streets(3, 3)), dwellings_at([]), facilities_at([(0, 0)])
    assert lc.walk_minutes(network, none, goals).columns.tolist() == ["dwelling_id", "facility_id", "minutes"]
    assert lc.walk_minutes(network, none, goals).empty
    assert lc.nearest_facilities(network, none, goals).empty
    assert lc.nearest_minutes(network, none, goals).shape == (0, 1)


def test_facilities_far_from_any_street_are_reached_by_nobody() -> None:
    network, homes, lost = lc.build_network(grid_streets(3, 3)), dwellings_at([(0, 0)]), facilities_at([(0, 900)] * 2)
    assert lc.walk_minutes(network, homes, lost).empty
    assert lc.nearest_facilities(network, homes, lost).empty
    assert lc.nearest_minutes(network, homes, lost).isna().all(axis=None)


def without_place(table: gpd.GeoDataFrame, row: int, shape: object = None) -> gpd.GeoDataFrame:
    shapes = [shape if place == row else one for place, one in enumerate(table.geometry)]
    return table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))


@pytest.mark.parametrize("nowhere", [None, Point()])
def test_a_place_that_lies_nowhere_is_unsnapped(nowhere: object) -> None:
    network = lc.build_network(grid_streets(3, 3))
    homes = without_place(dwellings_at([(0, 0), (100, 0)]), 0, nowhere)
    goals = without_place(facilities_at([(160, 0), (40, 0)]), 1, nowhere)
    assert lc.snap(network, homes, key="dwelling_id")["verdict"].tolist() == ["unsnapped", "snapped"]
    pairs = lc.walk_minutes(network, homes, goals)
    assert pairs.to_numpy().tolist() == [["D2", "F1", 1.0]]


@pytest.mark.parametrize("nowhere", [None, Point()])
def test_a_place_that_lies_nowhere_among_places_with_entrances_is_unsnapped(nowhere: object) -> None:
    network = lc.build_network(streets_between(LONG))
    homes = without_place(dwellings_at([(0, 0), (100, 0)]), 0, nowhere)
    table = lc.snap(network, homes, key="dwelling_id", entrances=entrances_at([("D2", 3, 600, 5)]))
    assert table["verdict"].to_dict() == {"D1": "unsnapped", "D2": "snapped"}
