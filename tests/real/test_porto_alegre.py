"""Porto Alegre, 1,227 hexagons on 29,639 pieces of street, against the naive twin."""

import pytest

import lifecircle as lc
from oracles import differing_states, disagreements, farthest_apart, households_in_areas

pytestmark = pytest.mark.real

CLOSE_MIN = 0.001
AREA_RULES = ("floor-area", "single-facility")


def _of(result, standard):
    return result.units[result.units["standard"] == standard]


def test_every_hexagon_is_a_dwelling_and_every_place_a_facility(poa):
    assert len(poa.dwellings) == 1227
    assert poa.facilities["kind"].value_counts().to_dict() == {"school": 177, "clinic": 117}


def test_people_are_turned_into_households_as_the_study_says(poa):
    expected = [round(people / 2.6) for people in poa.dwellings["population"]]  # whole households
    assert poa.dwellings["households"].tolist() == expected


def test_every_walk_is_as_long_as_the_twin_says(poa, poa_twin):
    assert len(poa_twin.minutes) == 2 * 1227
    assert farthest_apart(poa.dwellings.set_index("dwelling_id"), poa_twin.minutes) <= CLOSE_MIN


def test_every_state_is_the_twins(poa, poa_twin):
    assert differing_states(poa.dwellings.set_index("dwelling_id"), poa_twin.states) == []


def test_every_figure_and_verdict_is_the_twins(poa, poa_twin):
    assert disagreements(poa.units, poa_twin.verdicts) == []


def test_floor_areas_that_nobody_knows_give_no_verdict(poa):
    rows = _of(poa, "poa").query("rule_id in @AREA_RULES")
    assert len(rows) == 4
    assert set(rows["verdict"]) == {"unknown"}
    assert set(rows["low"]) == {0.0}
    assert set(rows["high"]) == {float("inf")}


def test_floor_areas_of_kinds_that_are_not_there_are_nothing(poa):
    row = _of(poa, "shanghai-2021").query("rule_id == 'floor-area'").iloc[0]
    assert (row["low"], row["high"], row["verdict"]) == (0.0, 0.0, "unmet")


def test_no_hexagon_from_which_a_walk_could_leave_the_known_streets_is_called_not_reached(poa):
    near = poa.dwellings[poa.dwellings["exit_min"] <= 15]
    assert set(near["reach_clinic"]) == {"reached", "unknown"}


def test_hexagons_far_from_any_street_are_unknown(poa):
    unsnapped = poa.dwellings[poa.dwellings["snap_m"].isna()]
    assert len(unsnapped) > 0
    assert set(unsnapped["reach_clinic"]) == {"unknown"}


@pytest.fixture(scope="module")
def poa_households(poa):
    network = lc.build_network(poa.tables.streets, extent=poa.tables.extent)
    areas = lc.catchments(network, poa.tables.facilities)
    return households_in_areas(network, poa.tables, areas)


@pytest.mark.parametrize("limit_min", [5, 10, 15])
def test_households_inside_the_drawn_areas_are_those_that_reach_within_2_percent(poa_households, limit_min):
    rows = poa_households[poa_households["limit_min"] == limit_min]
    assert rows["inside"].sum() == pytest.approx(rows["reach"].sum(), rel=0.02)
