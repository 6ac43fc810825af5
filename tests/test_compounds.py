"""Compounds, gates, entrances and barriers: who walks where, and what is said of those that nobody can use."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, Polygon, box

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.tables import Tables
from lifecircle.walkers import Policy
from towns import (
    CRS,
    both_standards,
    dwellings_at,
    facilities_at,
    grid_streets,
    nested_units,
    streets_between,
    tables_of,
    toy_study,
)

KIND = "community_service"


def gates_at(places: list[tuple[float, float]], policies: list[str], compounds: list[str] | None = None):
    n = len(places)
    columns = {"gate_id": [f"G{one}" for one in range(n)], "policy": policies, "compound_id": compounds or [""] * n}
    return gpd.GeoDataFrame(columns, geometry=[Point(place) for place in places], crs=CRS)


def compounds_of(*areas: Polygon) -> gpd.GeoDataFrame:
    ids = [f"C{one + 1}" for one in range(len(areas))]
    return gpd.GeoDataFrame({"compound_id": ids, "name": [""] * len(areas)}, geometry=list(areas), crs=CRS)


def town(**more: object) -> Tables:
    """A grid of 100 m; one dwelling inside the block from (200, 200) to (300, 300), a facility at (300, 400)."""
    parts = {"dwellings": dwellings_at([(260, 250)]), "facilities": facilities_at([(300, 400)])} | more
    streets = parts.pop("streets", grid_streets(6, 6))
    return tables_of(nested_units([10, 0]), parts.pop("facilities"), parts.pop("dwellings"), streets, **parts)


def lane_through_a_compound() -> dict[str, gpd.GeoDataFrame]:
    """A lane of 200 m through a compound, a way of 400 m round it, and a facility where both end."""
    lane = [((0, 100), (100, 100)), ((100, 100), (200, 100))]
    ring = [((0, 100), (0, 0)), ((0, 0), (200, 0)), ((200, 0), (200, 100))]
    return {
        "streets": streets_between([*lane, *ring]),
        "facilities": facilities_at([(200, 100)]),
        "compounds": compounds_of(box(10, 50, 190, 150)),
    }


def minutes(tables: Tables, **walk: object) -> list[float]:
    study = toy_study(walk=walk) if walk else toy_study()
    return assess_tables(study, tables, both_standards()).dwellings[f"minutes_{KIND}"].round(6).tolist()


def checks(tables: Tables) -> list[str]:
    return sorted(lc.find_faults(tables)["check"])


def test_without_a_compound_a_dwelling_walks_to_the_nearest_street() -> None:
    assert minutes(town()) == [round((40 + 150) / 60, 6)]


def test_a_dwelling_in_a_compound_walks_to_its_gate_first() -> None:
    gated = town(gates=gates_at([(200, 250)], ["residents"]), compounds=compounds_of(box(200, 200, 300, 300)))
    assert minutes(gated) == [round((60 + 150 + 100) / 60, 6)]


def test_of_two_gates_the_one_on_the_shorter_way_counts() -> None:
    gates = gates_at([(200, 250), (260, 300)], ["residents", "residents"])
    assert minutes(town(gates=gates, compounds=compounds_of(box(200, 200, 300, 300)))) == [round(190 / 60, 6)]


def test_a_closed_gate_lets_nobody_out() -> None:
    gates = gates_at([(200, 250), (260, 300)], ["residents", "closed"])
    assert minutes(town(gates=gates, compounds=compounds_of(box(200, 200, 300, 300)))) == [round(310 / 60, 6)]


def test_a_gate_on_the_edge_of_a_compound_does_not_shut_the_street_that_runs_by() -> None:
    shut = gates_at([(200, 250)], ["closed"])
    passing = town(
        dwellings=dwellings_at([(200, 200)]), facilities=facilities_at([(200, 300)]),
        gates=shut, compounds=compounds_of(box(203, 210, 297, 290)),
    )  # fmt: skip
    assert minutes(passing) == [round(100 / 60, 6)]


def test_a_gate_of_no_compound_shuts_the_street_it_stands_on() -> None:
    street = streets_between([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((0, 0), (0, 200)), ((0, 200), (200, 0))])
    ends = {"dwellings": dwellings_at([(10, 0)]), "facilities": facilities_at([(190, 0)]), "streets": street}
    assert minutes(town(**ends)) == [3.0]
    round_about = round(10 + 200 + (200**2 * 2) ** 0.5 + 10, 2) / 60
    assert minutes(town(**ends, gates=gates_at([(50, 3)], ["closed"]))) == [round(round_about, 6)]


def test_nobody_walks_through_a_compound_for_residents() -> None:
    parts = lane_through_a_compound()
    gates = gates_at([(10, 100), (190, 100)], ["residents", "residents"])
    outside = town(**parts, gates=gates, dwellings=dwellings_at([(0, 100)]))
    inside = town(**parts, gates=gates, dwellings=dwellings_at([(100, 100)]))
    assert minutes(outside) == [round(400 / 60, 6)]
    assert minutes(inside) == [round(100 / 60, 6)]


def test_residents_leave_by_their_gate_though_another_gate_is_open_to_all() -> None:
    parts = lane_through_a_compound()
    gates = gates_at([(10, 100), (190, 100)], ["open", "residents"])
    at_home = town(**parts, gates=gates, dwellings=dwellings_at([(40, 100)]))
    assert minutes(at_home) == [round(160 / 60, 6)]
    turned = gates_at([(10, 100), (190, 100)], ["residents", "open"])
    outside = town(**parts, gates=turned, dwellings=dwellings_at([(0, 100)]))
    assert minutes(outside) == [round(400 / 60, 6)], "nobody walks in by it"


def test_a_facility_is_reached_by_the_nearest_of_its_entrances() -> None:
    doors = gpd.GeoDataFrame({"facility_id": ["F1", "F1"]}, geometry=[Point(250, 310), Point(500, 500)], crs=CRS)
    assert minutes(town(entrances=doors)) == [round((40 + 50 + 50 + 10) / 60, 6)]


def test_a_river_keeps_a_dwelling_from_the_street_across_it() -> None:
    river = gpd.GeoDataFrame({"name": ["river"]}, geometry=[LineString([(280, 205), (280, 295)])], crs=CRS)
    home = dwellings_at([(260, 245)])
    assert minutes(town(dwellings=home)) == [round((40 + 155) / 60, 6)]
    assert minutes(town(dwellings=home, barriers=river)) == [round((45 + 40 + 200) / 60, 6)], "by the street at y = 200"


def test_a_dwelling_walled_in_on_all_sides_is_unknown_and_said_to_be_cut_off() -> None:
    wall = gpd.GeoDataFrame({"name": ["wall"]}, geometry=[box(250, 240, 270, 260).exterior], crs=CRS)
    result = assess_tables(toy_study(), town(barriers=wall), both_standards())
    assert result.dwellings["snapped"].tolist() == ["cut_off"]
    assert result.dwellings[f"reach_{KIND}"].tolist() == ["unknown"]
    assert "cut-off" in set(result.faults["check"])


def test_who_lives_on_an_island_is_said_with_their_households() -> None:
    streets = pd.concat([grid_streets(4, 4), streets_between([((1000, 0), (1100, 0))]).assign(street_id="far")])
    lost = town(streets=gpd.GeoDataFrame(streets, crs=CRS), dwellings=dwellings_at([(100, 100), (1050, 20)], [30, 12]))
    faults = assess_tables(toy_study(), lost, both_standards()).faults.query("check == 'on-island'")
    assert faults["households"].tolist() == [12.0]
    assert faults["what_en"].tolist() == ["1 dwellings stand on 100 m of streets around far that lead nowhere else"]


def test_two_walkers_of_one_study_walk_the_same_streets() -> None:
    standards = both_standards()
    rule = standards[1].rules[0].model_copy(update={"id": "elderly", "walker": "elderly", "limit_min": 3})
    both = [standards[1].model_copy(update={"rules": (*standards[1].rules, rule)})]
    units = assess_tables(toy_study(), town(), both).units.query("unit_id == 'district'").set_index("rule_id")
    assert units.loc["reach-2025", "low"] == 1.0
    assert units.loc["elderly", "high"] == 0.0, "190 m take an elderly person 3 min 57.5 s"


@pytest.mark.parametrize(
    ("more", "check"),
    [
        ({"gates": gates_at([(250, 250)], ["closed"])}, "gate-off-streets"),
        ({"compounds": compounds_of(box(210, 210, 290, 290))}, "compound-without-gate"),
        (
            {"entrances": gpd.GeoDataFrame({"facility_id": ["F9"]}, geometry=[Point(0, 0)], crs=CRS)},
            "unknown-entrance",
        ),
    ],
    ids=["a gate off the streets", "a compound without a gate", "an entrance of no facility"],
)
def test_what_nobody_can_use_is_a_warning(more: dict, check: str) -> None:
    assert check not in checks(town())
    assert check in checks(town(**more))


def test_gates_of_a_compound_are_those_it_names_or_those_near_its_edge() -> None:
    areas = compounds_of(box(0, 0, 100, 100), box(200, 0, 300, 100))
    gates = gates_at([(50, 110), (150, 50), (250, 50)], ["open"] * 3, ["", "C2", ""])
    homes = dwellings_at([(50, 50), (250, 50), (150, 50)])
    doors = lc.compound_entrances(homes, areas, gates)
    assert doors[["dwelling_id", "inner_m"]].to_numpy().tolist() == [["D1", 60.0], ["D2", 100.0]]


@pytest.mark.parametrize(("setting", "drawn"), [("closed", ["D1"]), ("open", ["D1", "D1"])])
def test_a_gate_without_a_policy_does_as_the_study_says(setting: Policy, drawn: list[str]) -> None:
    gates = gates_at([(200, 250), (260, 300)], ["", "residents"])
    doors = lc.compound_entrances(
        dwellings_at([(260, 250)]), compounds_of(box(200, 200, 300, 300)), gates, gates_policy=setting
    )
    assert doors["dwelling_id"].tolist() == drawn


def test_a_study_with_closed_gates_shuts_those_without_a_policy() -> None:
    gated = {"gates": gates_at([(200, 250), (260, 300)], ["residents", ""])}
    gated["compounds"] = compounds_of(box(200, 200, 300, 300))
    assert minutes(town(**gated)) == [round(190 / 60, 6)]
    assert minutes(town(**gated), gates="closed") == [round(310 / 60, 6)], "by the other gate"


@pytest.mark.parametrize(
    "gates", [gates_at([(260, 300)], ["closed"]), gates_at([(500, 500)], ["open"]), gates_at([], [])],
    ids=["all are closed", "none is near", "no gates at all"],
)  # fmt: skip
def test_who_lives_in_a_compound_without_a_usable_gate_is_unknown_and_said(gates: gpd.GeoDataFrame) -> None:
    shut = town(gates=gates, compounds=compounds_of(box(200, 200, 300, 300)))
    result = assess_tables(toy_study(), shut, both_standards())
    assert result.dwellings["snapped"].tolist() == ["unsnapped"]
    assert result.dwellings[f"reach_{KIND}"].tolist() == ["unknown"]
    said = result.faults.query("check == 'compound-without-gate'")["what_en"].tolist()
    end = "its dwellings cannot be placed on streets and are unknown"
    assert said == [f"compound C1 has no gate within 15 m that is not closed: {end}"]


def test_who_lives_in_no_compound_has_no_entrance() -> None:
    none = gates_at([], [])
    doors = lc.compound_entrances(dwellings_at([(50, 50), (150, 50)]), compounds_of(box(0, 0, 100, 100)), none)
    assert doors["dwelling_id"].tolist() == ["D1"]
    assert doors.geometry.isna().all()
    assert doors["inner_m"].isna().all()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ids", [["in", "out"], ["out", "in"]])
@pytest.mark.parametrize("policy", ["residents", "open"])
def test_residents_get_out_of_their_gate_however_long_its_lane_is_and_however_it_is_drawn(
    turned: bool, ids: list[str], policy: str
) -> None:
    lane = [((100, 0), (100, 20)), ((100, 20), (100, 420))]
    lane = [piece[::-1] for piece in lane] if turned else lane
    road = [((0, 0), (100, 0)), ((100, 0), (300, 0))]
    streets = streets_between([*lane, *road]).assign(street_id=[*ids, "road", "road2"])
    gated = town(
        streets=streets, dwellings=dwellings_at([(100, 60)]), facilities=facilities_at([(200, 0)]),
        gates=gates_at([(100, 20)], [policy]), compounds=compounds_of(box(50, 20, 150, 450)),
    )  # fmt: skip
    assert minutes(gated) == [round((40 + 20 + 100) / 60, 6)]


@pytest.mark.parametrize("named", [False, True], ids=["by coordinates", "by nodes"])
@pytest.mark.parametrize(("policy", "walks"), [("open", [80.0]), ("closed", []), ("", [80.0])])
def test_a_gate_of_the_layer_overrides_what_the_street_outside_says_of_it(
    named: bool, policy: str, walks: list[float]
) -> None:
    lane = streets_between([((100, 0), (100, 20)), ((100, 20), (100, 80))])
    lane = lane.assign(from_barrier=["", "gate=no"], to_barrier=["gate=no", ""], street_id=["out", "in"])
    lane = lane.assign(from_node=["a", "b"], to_node=["b", "c"]) if named else lane
    gated = lc.gated_streets(lane, gates_at([(100, 20)], [policy]), compounds_of(box(50, 20, 150, 100)))
    ends = gated.set_index("street_id")[["from_barrier", "to_barrier"]]
    written = f"gate=policy:{policy}" if policy else "gate"
    assert ends.loc["out"].tolist() == ["", written]
    assert ends.loc["in"].tolist() == [written, ""]
    network = lc.build_network(gated)
    found = lc.nearest_minutes(network, dwellings_at([(100, 0)]), facilities_at([(100, 80)]))[KIND].mul(60)
    assert found.dropna().round(6).tolist() == walks


def test_a_gate_says_nothing_of_a_bridge_over_it_that_has_another_node() -> None:
    lane = streets_between([((100, 0), (100, 20)), ((100, 20), (100, 80)), ((0, 20), (100, 20))])
    lane = lane.assign(street_id=["out", "in", "bridge"], to_barrier=["", "", "bollard"])
    lane = lane.assign(from_node=["a", "b", "d"], to_node=["b", "c", "above"])
    gated = lc.gated_streets(lane, gates_at([(100, 20)], ["closed"]), compounds_of(box(90, 20, 150, 100)))
    assert gated.set_index("street_id").loc["bridge", "to_barrier"] == "bollard"
    assert gated.set_index("street_id").loc["out", "to_barrier"] == "gate=policy:closed"


def test_gates_without_a_policy_column_are_refused() -> None:
    gates, areas = gates_at([(0, 0)], ["open"]).drop(columns="policy"), compounds_of(box(0, 0, 100, 100))
    said = "gates: no column 'policy'; expected .*, found gate_id, compound_id, geometry. Add it"
    with pytest.raises(lc.NetworkError, match=said):
        lc.compound_entrances(dwellings_at([(50, 50)]), areas, gates)
    with pytest.raises(lc.NetworkError, match=said):
        lc.gated_streets(grid_streets(3, 3), gates, areas)


def test_gates_and_streets_that_were_given_are_left_as_they_were() -> None:
    lane = streets_between([((100, 0), (100, 20)), ((100, 20), (100, 80))]).assign(to_barrier=["gate=no", ""])
    given = lane, gates_at([(100, 20)], ["open"]), compounds_of(box(50, 20, 150, 100))
    before = [table.copy() for table in given]
    lc.gated_streets(*given)
    lc.compound_entrances(dwellings_at([(100, 60)]), given[2], given[1], gates_policy="closed")
    for table, was in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(table, was)


def test_a_gate_of_a_compound_may_lie_off_the_streets() -> None:
    far_inside = {"gates": gates_at([(250, 250)], ["open"])}
    assert "gate-off-streets" in checks(town(**far_inside))
    assert "gate-off-streets" not in checks(town(**far_inside, compounds=compounds_of(box(240, 240, 290, 260))))
