"""Sums within reach are those over the pairs of `walk_minutes`, and a floating catchment shares out what there is."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lifecircle as lc
from oracles import PLAIN, NaiveTown, naive_catchments
from towns import dwellings_at, facilities_at, random_spots, random_streets, streets_between

RANDOM = settings(max_examples=10)
SLACK_MIN = 1e-4  # 6 ms: walks are told in hundredths of a second
STEPS = ((1.0, 1.0), (2.5, 0.68), (4.0, 0.22))
DECAYS = st.sampled_from(["none", "gaussian", STEPS, STEPS[::-1]])
SEEDS, LIMITS = st.integers(0, 2**32 - 1), st.sampled_from([2.0, 5.0, 15.0])
Town = tuple[lc.Network, gpd.GeoDataFrame, gpd.GeoDataFrame]


def random_town(seed: int) -> Town:
    """A town with unknown and no households, unknown and no floor areas, and places far from any street."""
    chance = np.random.default_rng(seed)
    streets = random_streets(chance)
    homes, goals = random_spots(chance, streets, 12), random_spots(chance, streets, 6)
    network = lc.build_network(streets, gates="residents")
    households = chance.choice([0.0, 3.0, 12.5, 40.0, np.nan], len(homes) + 1)
    areas = chance.choice([0.0, 300.0, 450.25, 1200.0, np.nan], len(goals) + 1)
    far = (5000.0, 5000.0)
    return network, dwellings_at([*homes, far], households.tolist()), facilities_at([*goals, far], areas=areas.tolist())


def pairs_of(town: Town, limit_min: float) -> dict[tuple[str, str], float]:
    pairs = lc.walk_minutes(*town, limit_min=limit_min)
    return dict(zip(zip(pairs["dwelling_id"], pairs["facility_id"], strict=True), pairs["minutes"], strict=True))


def column(table: gpd.GeoDataFrame, key: str, name: str) -> dict[str, float]:
    return dict(zip(table[key], table[name], strict=True))


# --- Against the naive twins ----------------------------------------------------------------------------------------


@RANDOM
@given(SEEDS, LIMITS)
def test_households_in_reach_are_those_of_the_pairs(seed: int, limit_min: float) -> None:
    town = random_town(seed)
    households, expected = column(town[1], "dwelling_id", "households"), dict.fromkeys(town[2]["facility_id"], 0.0)
    for home, goal in pairs_of(town, limit_min):
        expected[goal] += 0.0 if math.isnan(households[home]) else households[home]
    assert lc.households_in_reach(*town, limit_min=limit_min).to_dict() == expected


@RANDOM
@given(SEEDS, LIMITS)
def test_services_in_reach_are_as_many_as_the_pairs(seed: int, limit_min: float) -> None:
    town = random_town(seed)
    expected = dict.fromkeys(town[1]["dwelling_id"], 0.0)
    for home, _ in pairs_of(town, limit_min):
        expected[home] += 1
    assert lc.services_in_reach(*town, limit_min=limit_min).to_dict() == expected


@RANDOM
@given(SEEDS, LIMITS)
def test_floor_area_in_reach_is_that_of_the_pairs(seed: int, limit_min: float) -> None:
    town = random_town(seed)
    areas, expected = column(town[2], "facility_id", "floor_area_m2"), dict.fromkeys(town[1]["dwelling_id"], 0.0)
    for home, goal in pairs_of(town, limit_min):
        expected[home] += 0.0 if math.isnan(areas[goal]) else areas[goal]
    assert lc.services_in_reach(*town, column="floor_area_m2", limit_min=limit_min).to_dict() == expected


@RANDOM
@given(SEEDS, LIMITS, DECAYS)
def test_a_floating_catchment_is_the_twins(seed: int, limit_min: float, decay: str) -> None:
    town = random_town(seed)
    households, supply = (
        column(town[1], "dwelling_id", "households"),
        column(town[2], "facility_id", "floor_area_m2"),
    )
    demand, each, got = naive_catchments(pairs_of(town, limit_min), households, supply, limit_min, decay)
    homes, goals = lc.floating_catchment(*town, limit_min=limit_min, decay=decay)
    assert goals["demand"].to_dict() == pytest.approx(demand)
    stated = set(town[2]["facility_id"][town[2]["floor_area_m2"].notna()])
    known = {facility: ratio for facility, ratio in each.items() if facility in stated}
    assert goals["per_household"].dropna().to_dict() == pytest.approx(known)
    assert homes["per_household"].dropna().to_dict() == pytest.approx(
        {home: got[home] for home in homes.index[homes["per_household"].notna()]}
    )


@RANDOM
@given(SEEDS, st.sampled_from([2.0, 5.0]))
def test_households_around_every_node_are_those_that_walk_there(seed: int, limit_min: float) -> None:
    chance = np.random.default_rng(seed)
    streets = random_streets(chance, heights=False)
    places = random_spots(chance, streets, 12)
    homes = dwellings_at(places, chance.choice([3.0, 12.5, np.nan], len(places)).tolist())
    network = lc.build_network(streets, gates="residents")
    town = NaiveTown(streets, gates="residents", walker=PLAIN)
    for key, point in zip(homes["dwelling_id"], homes.geometry, strict=True):
        town.add(("home", key), point, 60)
    town.finish()
    found = lc.households_around(network, homes, limit_min=limit_min, snap_m=60)["households"]
    known = column(homes.fillna({"households": 0.0}), "dwelling_id", "households")
    for edge, names in enumerate(town.ends):  # both sort streets by key
        for node, name in zip((network.edge_from[edge], network.edge_to[edge]), names, strict=True):
            walks = town.metres_from([name])
            least, most = (
                sum(known[key[1]] for key in town.legs if walks.get(key, math.inf) / 60 <= limit_min + slack)
                for slack in (-SLACK_MIN, SLACK_MIN)
            )
            assert least <= found[node] <= most


# --- Laws -----------------------------------------------------------------------------------------------------------


@RANDOM
@given(SEEDS, LIMITS, DECAYS)
def test_what_dwellings_get_is_what_the_facilities_have_that_somebody_reaches(
    seed: int, limit_min: float, decay: str
) -> None:
    town = random_town(seed)
    homes, goals = lc.floating_catchment(*town, limit_min=limit_min, decay=decay)
    households = town[1].set_index("dwelling_id")["households"]
    supply = town[2].set_index("facility_id")["floor_area_m2"]
    given_out = (homes["per_household"] * households).sum()
    assert given_out == pytest.approx(supply[goals["demand"] > 0].sum(), abs=1e-6)


@RANDOM
@given(SEEDS, LIMITS)
def test_what_facilities_count_is_what_dwellings_count(seed: int, limit_min: float) -> None:
    network, homes, goals = random_town(seed)
    homes = homes.assign(households=1.0)
    served = lc.households_in_reach(network, homes, goals, limit_min=limit_min)
    services = lc.services_in_reach(network, homes, goals, limit_min=limit_min)
    assert served.sum() == services.sum() == len(pairs_of((network, homes, goals), limit_min))


@RANDOM
@given(SEEDS)
def test_a_longer_limit_never_takes_households_from_a_facility(seed: int) -> None:
    town = random_town(seed)
    short, long = (lc.households_in_reach(*town, limit_min=limit) for limit in (3.0, 8.0))
    assert (short <= long).all()


# --- Toy towns ------------------------------------------------------------------------------------------------------

LINE = streets_between([((0, 0), (600, 0)), ((600, 0), (1200, 0))])


def test_steps_weight_walks_up_to_and_with_their_minutes() -> None:
    network = lc.build_network(LINE)
    homes, goal = dwellings_at([(300, 0), (301, 0), (600, 0), (601, 0)], [1, 10, 100, 1000]), facilities_at([(0, 0)])
    _, goals = lc.floating_catchment(network, homes, goal, decay=((5.0, 1.0), (10.0, 0.5)))
    assert goals["demand"].tolist() == [1 + 5 + 50]


def test_the_gaussian_is_one_at_no_distance_and_nothing_at_the_limit() -> None:
    network, homes = lc.build_network(LINE), dwellings_at([(0, 0), (600, 0)], [4, 100])
    found, goals = lc.floating_catchment(network, homes, facilities_at([(0, 0)]), limit_min=10, decay="gaussian")
    assert goals["demand"].tolist() == [4]
    assert found["per_household"].tolist() == [100, 0]


def test_a_limit_shorter_than_the_steps_ends_the_catchment() -> None:
    network, homes = lc.build_network(LINE), dwellings_at([(300, 0), (301, 0)], [1, 10])
    _, goals = lc.floating_catchment(network, homes, facilities_at([(0, 0)]), limit_min=5, decay=((15.0, 1.0),))
    assert goals["demand"].tolist() == [1]


def test_unknown_supply_is_shared_out_as_nothing_and_its_facility_is_not_left_out() -> None:
    network, homes = lc.build_network(LINE), dwellings_at([(0, 0)], [10])
    goals = facilities_at([(100, 0), (200, 0)], areas=[math.nan, 400])
    found, of_goals = lc.floating_catchment(network, homes, goals)
    assert found["per_household"].tolist() == [40]
    assert of_goals["demand"].tolist() == [10, 10]


def test_a_dwelling_that_meets_no_street_has_no_figure_and_one_that_reaches_nothing_has_none() -> None:
    network = lc.build_network(LINE)
    homes = dwellings_at([(1200, 0), (0, 500)], [10, 10])
    found, goals = lc.floating_catchment(network, homes, facilities_at([(0, 0)]), limit_min=5)
    assert found["per_household"].fillna(-1).tolist() == [0, -1]
    assert goals["per_household"].isna().all()


def test_unknown_households_are_around_no_node() -> None:
    network, homes = lc.build_network(LINE), dwellings_at([(0, 0), (0, 0), (1200, 0)], [math.nan, 2.5, 7])
    table = lc.households_around(network, homes, limit_min=10)
    assert dict(zip(table.geometry.x, table["households"], strict=True)) == {0: 2.5, 600: 9.5, 1200: 7}


def test_households_around_a_one_way_street_are_those_that_may_walk_it() -> None:
    network = lc.build_network(LINE.assign(oneway=["forward", "forward"]))
    table = lc.households_around(network, dwellings_at([(300, 0)], [5]), limit_min=15)
    assert dict(zip(table.geometry.x, table["households"], strict=True)) == {0: 0, 600: 5, 1200: 5}


def test_facilities_not_open_are_in_no_sum() -> None:
    network, homes = lc.build_network(LINE), dwellings_at([(0, 0)], [10])
    goals = facilities_at([(100, 0), (200, 0)], status=["planned", "open"])
    assert lc.households_in_reach(network, homes, goals).to_dict() == {"F2": 10}
    assert lc.services_in_reach(network, homes, goals).tolist() == [1]
    assert lc.floating_catchment(network, homes, goals)[1].index.tolist() == ["F2"]


def test_without_facilities_dwellings_get_nothing() -> None:
    network, homes, none = lc.build_network(LINE), dwellings_at([(0, 0)], [10]), facilities_at([])
    assert lc.services_in_reach(network, homes, none).tolist() == [0]
    assert lc.households_in_reach(network, homes, none).empty
    assert lc.floating_catchment(network, homes, none)[0]["per_household"].tolist() == [0]


def test_without_dwellings_nobody_is_around() -> None:
    network, none = lc.build_network(LINE), dwellings_at([])
    assert lc.households_around(network, none)["households"].tolist() == [0, 0, 0]
    assert lc.households_in_reach(network, none, facilities_at([(0, 0)])).tolist() == [0]


def test_series_bear_the_names_of_their_functions() -> None:
    town = lc.build_network(LINE), dwellings_at([(0, 0)], [10]), facilities_at([(100, 0)])
    served, services = lc.households_in_reach(*town), lc.services_in_reach(*town)
    assert (served.name, served.index.name) == ("households_in_reach", "facility_id")
    assert (services.name, services.index.name) == ("services_in_reach", "dwelling_id")


# --- Errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decay", ["linear", (), ((0.0, 1.0),), ((-5.0, 1.0), (10.0, 0.5)), ((5.0, 1.5),), ((5.0, -1),)]
)
def test_a_decay_that_is_none_of_the_three_is_refused(decay: object) -> None:
    town = lc.build_network(LINE), dwellings_at([(0, 0)], [10]), facilities_at([(100, 0)])
    with pytest.raises(
        lc.NetworkError, match="expected 'none', 'gaussian', or minutes above 0 with weights from 0 to 1"
    ):
        lc.floating_catchment(*town, decay=decay)  # type: ignore[arg-type]


def test_a_supply_that_is_no_column_is_refused_with_the_columns_there_are() -> None:
    town = lc.build_network(LINE), dwellings_at([(0, 0)], [10]), facilities_at([(100, 0)])
    with pytest.raises(lc.NetworkError, match=r"^beds: no such column; expected one of .*floor_area_m2.*. Name it$"):
        lc.floating_catchment(*town, supply="beds")
    with pytest.raises(lc.NetworkError, match=r"^beds: no such column; expected one of .*floor_area_m2.*. Name it$"):
        lc.services_in_reach(*town, column="beds")


@pytest.mark.parametrize("measure", [lc.households_in_reach, lc.floating_catchment])
def test_dwellings_without_households_are_refused(measure) -> None:  # type: ignore[no-untyped-def]
    homes = dwellings_at([(0, 0)]).drop(columns="households")
    with pytest.raises(lc.NetworkError, match=r"^households: no such column; expected one of dwelling_id"):
        measure(lc.build_network(LINE), homes, facilities_at([(100, 0)]))


def test_dwellings_without_households_are_around_nothing() -> None:
    homes = dwellings_at([(0, 0)]).drop(columns="households")
    with pytest.raises(lc.NetworkError, match=r"^households: no such column; expected one of dwelling_id"):
        lc.households_around(lc.build_network(LINE), homes)


@pytest.mark.parametrize("limit_min", [0, math.nan, math.inf])
def test_a_limit_that_is_no_time_is_refused_by_every_sum(limit_min: float) -> None:
    town = lc.build_network(LINE), dwellings_at([(0, 0)]), facilities_at([(100, 0)])
    for measure in (lc.households_in_reach, lc.services_in_reach, lc.floating_catchment):
        with pytest.raises(lc.NetworkError, match=f"limit_min is {limit_min}; expected minutes above 0"):
            measure(*town, limit_min=limit_min)
    with pytest.raises(lc.NetworkError, match=f"limit_min is {limit_min}; expected minutes above 0"):
        lc.households_around(*town[:2], limit_min=limit_min)
