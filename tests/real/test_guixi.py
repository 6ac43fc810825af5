"""Guixi, a town of which only the map is known: nothing fails, and nothing is said that nobody knows."""

import pytest

from oracles import differing_states, disagreements, farthest_apart

pytestmark = pytest.mark.real

CLOSE_MIN = 0.001


def test_every_building_is_a_dwelling_of_unknown_households(town):
    assert len(town.dwellings) == 165
    assert town.dwellings["households"].isna().all()


def test_the_subdistrict_is_the_one_whole_boundary_of_the_map(town):
    assert town.tables.units[["name", "tier"]].to_numpy().tolist() == [["东门街道", "subdistrict"]]


def test_facilities_are_the_schools_and_offices_of_the_map(town):
    assert town.facilities["kind"].value_counts().to_dict() == {"school": 4, "townhall": 2}


def test_no_share_of_households_is_known(town):
    rows = town.units[town.units["measure"] == "reached_households_share"]
    assert rows[["low", "high", "verdict"]].to_numpy().tolist() == [[0.0, 1.0, "unknown"]] * 2


def test_no_facility_of_the_kinds_that_count_is_on_the_map(town):
    rows = town.units[
        (town.units["measure"] == "floor_area_per_100_households") & (town.units["basis"] == "territorial")
    ]
    assert rows[["low", "high", "verdict"]].to_numpy().tolist() == [[0.0, 0.0, "unmet"]] * len(rows)
    assert set(rows["gap_high"]) == {float("inf")}


def test_every_walk_is_as_long_as_the_twin_says(town, town_twin):
    assert len(town_twin.minutes) == 2 * 165
    assert farthest_apart(town.dwellings.set_index("dwelling_id"), town_twin.minutes) <= CLOSE_MIN


def test_every_state_is_the_twins(town, town_twin):
    assert differing_states(town.dwellings.set_index("dwelling_id"), town_twin.states) == []


def test_every_figure_and_verdict_is_the_twins(town, town_twin):
    assert disagreements(town.units, town_twin.verdicts) == []


def test_reasons_name_the_kinds_as_the_study_does(town):
    row = town.units[town.units["rule_id"] == "school-reach"].iloc[0]
    assert "可达学校" in row["why_zh"].replace(" ", "")
