"""Streets joined where they cross and cut at gates."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

import lifecircle as lc
from lifecircle.errors import NetworkError
from lifecircle.streets import gates_off_streets, join_crossings, with_gates
from towns import CRS, grid_streets, streets_between

# joining


def ends_of(streets: gpd.GeoDataFrame) -> set[tuple[float, float]]:
    return {tuple(place) for line in streets.geometry for place in np.round(shapely.get_coordinates(line)[[0, -1]], 3)}


def test_streets_that_cross_are_cut_and_joined_there() -> None:
    streets = streets_between([((0, 0), (100, 0)), ((30, -50), (30, 50))])
    joined = join_crossings(streets)
    assert joined["street_id"].tolist() == ["s0000#0", "s0000#1", "s0001#0", "s0001#1"]
    assert joined.length.tolist() == [30, 70, 50, 50]
    assert lc.build_network(joined).island.tolist() == [0] * 5
    assert len(streets) == 2


def test_a_street_that_ends_on_another_cuts_it() -> None:
    joined = join_crossings(streets_between([((0, 0), (100, 0)), ((30, 0), (30, 50))]))
    assert joined["street_id"].tolist() == ["s0000#0", "s0000#1", "s0001"]
    assert len(lc.build_network(joined).node_x) == 4


@pytest.mark.parametrize("gap_m", [-0.4, -1e-9, 1e-9, 0.0004, 0.4])
def test_a_street_that_just_misses_or_overshoots_another_joins_it(gap_m: float) -> None:
    joined = join_crossings(streets_between([((0, 0), (100, 0)), ((30, gap_m), (30, 50))]))
    assert lc.build_network(joined).island.max() == 0
    assert joined.length.sum() == pytest.approx(150, abs=1)


def test_a_street_that_misses_another_by_more_than_half_a_metre_does_not_join_it() -> None:
    assert len(join_crossings(streets_between([((0, 0), (100, 0)), ((30, 0.51), (30, 50))]))) == 2


@pytest.mark.parametrize("gap_m", [0.0004, 0.3])
def test_two_ends_that_just_miss_each_other_are_joined_once(gap_m: float) -> None:
    joined = join_crossings(streets_between([((0, 0), (50, 0)), ((50 + gap_m, 0), (100, 0))]))
    network = lc.build_network(joined)
    assert network.island.max() == 0
    assert network.edge_m.sum() == pytest.approx(100, abs=0.7)


def test_streets_joined_at_their_ends_stay_as_they_are() -> None:
    streets = grid_streets(4, 4)
    joined = join_crossings(streets)
    assert joined["street_id"].tolist() == streets["street_id"].tolist()
    assert joined.geometry.geom_equals_exact(streets.geometry, 0).all()


@pytest.mark.parametrize("column", ["bridge", "tunnel", "layer"])
def test_a_street_over_or_under_another_is_not_joined_to_it(column: str) -> None:
    over = {"bridge": "yes", "tunnel": "culvert", "layer": "1"}[column]
    streets = streets_between([((0, 0), (100, 0)), ((30, -50), (30, 50))], **{column: ["", over]})
    assert len(join_crossings(streets)) == 2


@pytest.mark.parametrize(
    ("column", "values"), [("bridge", ["no", ""]), ("layer", ["0", ""]), ("bridge", ["yes", "yes"])]
)
def test_streets_on_one_level_are_joined(column: str, values: list[str]) -> None:
    streets = streets_between([((0, 0), (100, 0)), ((30, -50), (30, 50))], **{column: values})
    assert len(join_crossings(streets)) == 4


def test_the_end_of_a_bridge_joins_the_street_that_it_lies_on() -> None:
    streets = streets_between([((0, 0), (100, 0)), ((30, 0), (30, 50))], bridge=["", "yes"])
    assert join_crossings(streets)["street_id"].tolist() == ["s0000#0", "s0000#1", "s0001"]


def test_three_streets_through_one_place_meet_in_one_node() -> None:
    streets = streets_between([((0, 0), (100, 0)), ((20, -50), (40, 70)), ((3, -70), (47.1, 44.33))])
    middle = shapely.intersection(*streets.geometry.iloc[:2])
    through = LineString([(middle.x - 17, middle.y - 29), (middle.x + 17, middle.y + 29)])
    streets = streets.set_geometry([*streets.geometry.iloc[:2], through])
    joined = join_crossings(streets)
    assert len(joined) == 6
    assert len(ends_of(joined)) == 7


def test_streets_that_run_along_each_other_are_joined_at_both_ends_of_that() -> None:
    joined = join_crossings(streets_between([((0, 0), (100, 0)), ((30, 0), (130, 0))]))
    assert sorted(joined.length.round(3)) == [30, 30, 70, 70]
    assert lc.build_network(joined).island.max() == 0


def test_what_stands_at_the_ends_of_a_street_stays_there_when_it_is_cut() -> None:
    columns = {"from_barrier": ["gate", ""], "to_signal": ["yes", ""], "to_ele_m": [5.0, np.nan], "to_cut": ["yes", ""]}
    nodes = {"from_node": ["a", "c"], "to_node": ["b", "d"]}
    streets = streets_between([((0, 0), (100, 0)), ((30, -50), (30, 50))], name=["x", "y"], **columns, **nodes)
    joined = join_crossings(streets)
    assert joined["from_barrier"].tolist() == ["gate", "", "", ""]
    assert joined["to_signal"].tolist() == ["", "yes", "", ""]
    assert joined["to_cut"].tolist() == ["", "yes", "", ""]
    assert joined["to_ele_m"].fillna(-1).tolist() == [-1, 5, -1, -1]
    assert joined["name"].tolist() == ["x", "x", "y", "y"]
    assert not {"from_node", "to_node"} & set(joined)


def test_a_joined_town_is_the_town_drawn_in_pieces() -> None:
    across = [((0, y), (600, y)) for y in range(0, 400, 100)]
    along = [((x, 0), (x, 300)) for x in range(0, 700, 100)]
    network = lc.build_network(join_crossings(streets_between(across + along)))
    pieces = lc.build_network(grid_streets(7, 4))
    assert (len(network.node_x), len(network.edge_m)) == (len(pieces.node_x), len(pieces.edge_m)) == (28, 45)


def test_joining_keeps_heights_and_sets_them_at_the_cut() -> None:
    lines = [LineString([(0, 0, 0), (100, 0, 10)]), LineString([(30, -50, 3), (30, 50, 3)])]
    joined = join_crossings(gpd.GeoDataFrame({"street_id": ["a", "b"]}, geometry=lines, crs=CRS))
    assert joined.geometry.iloc[0].coords[1] == (30, 0, 3)


def test_random_lines_are_joined_wherever_shapely_finds_them_to_cross() -> None:
    random = np.random.default_rng(7)
    lines = shapely.linestrings(random.uniform(0, 1000, (60, 3, 2)))
    joined = join_crossings(
        gpd.GeoDataFrame({"street_id": map(str, range(60))}, geometry=lines, crs=CRS), touch_m=0.001
    )
    noded = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    assert joined.length.sum() == pytest.approx(shapely.length(noded).sum())
    own = sum(not line.is_simple for line in lines)
    assert len(noded) - 2 * own <= len(joined) <= len(noded)
    assert lc.build_network(joined).island.max() == 0


def test_joining_no_streets_gives_none() -> None:
    assert len(join_crossings(grid_streets(2, 2).iloc[:0])) == 0


# gates


def gates_at(places: Sequence[tuple[float, float]], policies: Sequence[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"policy": list(policies)}, geometry=[Point(place) for place in places], crs=CRS)


def test_a_gate_cuts_the_nearest_street_at_its_nearest_point() -> None:
    streets, gates = streets_between([((0, 0), (100, 0)), ((0, 50), (100, 50))]), gates_at([(40, 10)], ["closed"])
    cut = with_gates(streets, gates)
    assert cut["street_id"].tolist() == ["s0000#0", "s0000#1", "s0001"]
    assert cut["to_barrier"].tolist() == ["gate=policy:closed", "", ""]
    assert cut["from_barrier"].tolist() == ["", "gate=policy:closed", ""]
    assert cut.length.tolist() == [40, 60, 100]
    assert "from_barrier" not in streets


def test_a_gate_at_an_end_stands_in_every_street_that_ends_there() -> None:
    streets = streets_between([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((100, 80), (100, 0))])
    gated = with_gates(streets, gates_at([(99.5, -2)], ["residents"]))
    assert gated["street_id"].tolist() == ["s0000", "s0001", "s0002"]
    assert gated["from_barrier"].tolist() == ["", "gate=policy:residents", ""]
    assert gated["to_barrier"].tolist() == ["gate=policy:residents", "", "gate=policy:residents"]


def test_a_gate_at_a_node_does_not_stop_a_street_over_it() -> None:
    nodes = {"from_node": ["a", "b", "x"], "to_node": ["b", "c", "y"]}
    streets = streets_between([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((100, 0), (100, 80))], **nodes)
    gated = with_gates(streets, gates_at([(100, 0)], ["closed"]))
    assert gated["from_barrier"].tolist() == ["", "gate=policy:closed", ""]


def test_pieces_at_a_gate_have_a_node_of_their_own() -> None:
    streets = streets_between([((0, 0), (100, 0))], from_node=["a"], to_node=["b"])
    cut = with_gates(streets, gates_at([(40, 0), (70, 0)], ["open", "closed"]))
    assert cut["from_node"].tolist() == ["a", "s0000#1", "s0000#2"]
    assert cut["to_node"].tolist() == ["s0000#1", "s0000#2", "b"]


def test_of_two_gates_at_one_place_the_stricter_counts() -> None:
    streets = streets_between([((0, 0), (100, 0))])
    for policies in (["open", "closed"], ["closed", "open"]):
        assert with_gates(streets, gates_at([(40, 1), (40, 2)], policies))["to_barrier"].iloc[0] == "gate=policy:closed"


def test_a_gate_whose_policy_is_not_known_is_a_gate() -> None:
    assert with_gates(streets_between([((0, 0), (100, 0))]), gates_at([(40, 1)], [""]))["to_barrier"].iloc[0] == "gate"


def test_gates_farther_than_the_reach_are_listed_and_cut_nothing() -> None:
    streets, gates = streets_between([((0, 0), (100, 0))]), gates_at([(40, 10), (60, 10.5)], ["open", "open"])
    gates = pd.concat([gates, gpd.GeoDataFrame({"policy": ["open"]}, geometry=[None], crs=CRS)], ignore_index=True)
    assert gates_off_streets(streets, gates).index.tolist() == [1, 2]
    assert len(with_gates(streets, gates)) == 2


def test_no_gates_change_no_street() -> None:
    streets = grid_streets(3, 3)
    gated = with_gates(streets, gates_at([], []))
    assert gated["street_id"].tolist() == streets["street_id"].tolist()
    assert set(gated["from_barrier"]) | set(gated["to_barrier"]) == {""}


# what is refused


def test_streets_in_degrees_are_refused() -> None:
    streets = grid_streets(2, 2).to_crs("EPSG:4326")
    with pytest.raises(NetworkError, match=r"streets: CRS is EPSG:4326; a metric CRS is needed. Try streets\.to_crs"):
        join_crossings(streets)
    with pytest.raises(NetworkError, match="streets: CRS is EPSG:4326"):
        with_gates(streets, gates_at([], []))


def test_gates_in_another_crs_are_refused() -> None:
    gates = gates_at([(0, 0)], ["open"]).to_crs("EPSG:4326")
    with pytest.raises(NetworkError, match=r"gates: CRS is not that of the streets. Try gates\.to_crs"):
        with_gates(grid_streets(2, 2), gates)


def test_a_policy_that_nobody_knows_is_refused() -> None:
    with pytest.raises(NetworkError, match="gates: policy of 1 is 'ajar'; expected open, residents, closed or empty"):
        with_gates(grid_streets(2, 2), gates_at([(0, 0)] * 2, ["open", "ajar"]))


def test_gates_keep_heights_and_set_them_at_the_cut() -> None:
    streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0, 0), (100, 0, 10)])], crs=CRS)
    assert with_gates(streets, gates_at([(40, 3)], ["open"])).geometry.iloc[0].coords[1] == (40, 0, 4)
