"""Circles are connected, hold one centre, keep the pins, and are the best there are, or nearly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.affinity import rotate, translate

from lifecircle.borders import bordering
from lifecircle.circles import Circles, make_circles
from lifecircle.errors import TableError
from lifecircle.grouping import beginning, moved, sharpened
from lifecircle.optimum import groups_around, least_score, proven_groups
from lifecircle.parts import Part, grown, rater, score
from lifecircle.places import parents_of_units
from naive_circles import NaiveMap, cell_borders

CRS, NAN = "EPSG:4549", float("nan")
SEEDS = st.integers(0, 2**32 - 1)
Maps = tuple[gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame]


# --- Maps -----------------------------------------------------------------------------------------------------------


def areas(shapes: list[Any], households: list[float], parents: list[str] | None = None) -> gpd.GeoDataFrame:
    keys = [f"N{number + 1}" for number in range(len(shapes))]
    parent_ids = parents or ["S"] * len(shapes)
    table = {"unit_id": keys, "name": [f"{key}村" for key in keys], "parent_id": parent_ids, "households": households}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def row(households: list[float], parents: list[str] | None = None) -> gpd.GeoDataFrame:
    """Neighbourhoods N1, N2, … of 100 m side by side."""
    return areas([box(100 * x, 0, 100 * x + 100, 100) for x in range(len(households))], households, parents)


def halls(*homes: str) -> pd.DataFrame:
    """Centres F2 in N2, F5 in N5 …"""
    keys = [home.replace("N", "F") for home in homes]
    return pd.DataFrame({"facility_id": keys, "name": [f"{key}中心" for key in keys], "unit_id": list(homes)})


def steps(units: gpd.GeoDataFrame, centres: pd.DataFrame) -> pd.DataFrame:
    """5 minutes in a centre's own neighbourhood, and 10 more for each that lies between in a row."""
    place = {key: number for number, key in enumerate(units["unit_id"])}
    walks = {
        key: [5.0 + 10 * abs(place[one] - place[home]) for one in units["unit_id"]]
        for key, home in zip(centres["facility_id"], centres["unit_id"], strict=True)
    }
    return pd.DataFrame(walks, index=units["unit_id"])


def random_cells(chance: np.random.Generator, columns: int, rows: int, n: int) -> dict[tuple[int, int], str]:
    """A grid whose cells are merged to n neighbourhoods that hang together."""
    cells = [(i, j) for i in range(columns) for j in range(rows)]
    owner = {cell: f"N{number:02d}" for number, cell in enumerate(cells)}
    while len(set(owner.values())) > n:
        pairs = sorted(cell_borders(owner))
        counts = pd.Series(list(owner.values())).value_counts()
        weights = np.array([1.0 / (counts[a] * counts[b]) for a, b in pairs])
        one, other = pairs[chance.choice(len(pairs), p=weights / weights.sum())]
        owner = {cell: one if key == other else key for cell, key in owner.items()}
    return owner


def random_map(chance: np.random.Generator, owner: dict[tuple[int, int], str], n_centres: int, lost: float) -> Maps:
    """Households up to 3,000, some empty; centres anywhere; minutes of hundredths, some pairs without a way."""
    keys = sorted(set(owner.values()))
    cells = {
        key: [box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i, j in owner if owner[i, j] == key]
        for key in keys
    }
    units = areas([shapely.union_all(cells[key]) for key in keys], [0.0] * len(keys))
    households = chance.integers(200, 3000, len(keys)) * (chance.random(len(keys)) > 0.1)
    units = units.assign(unit_id=keys, households=households.astype(float))
    homes = chance.choice(keys, n_centres)
    centres = pd.DataFrame({"facility_id": [f"F{number}" for number in range(n_centres)], "name": "", "unit_id": homes})
    middle = units.set_index("unit_id").centroid
    away = np.array([[middle[key].distance(middle[home]) for home in homes] for key in keys])
    walks = np.round(away / 50 + chance.random(away.shape) * 3, 2)
    walks[chance.random(away.shape) < lost] = NAN
    return units, centres, pd.DataFrame(walks, index=keys, columns=centres["facility_id"])


def twin_of(maps: Maps, owner: dict[tuple[int, int], str], size: tuple[float, float], **musts: Any) -> NaiveMap:
    units, centres, minutes = maps
    walks = {(one, goal): walk for goal in minutes for one, walk in minutes[goal].items() if not np.isnan(walk)}
    households = dict(zip(units["unit_id"], units["households"], strict=True))
    homes = dict(zip(centres["facility_id"], centres["unit_id"], strict=True))
    return NaiveMap(households, cell_borders(owner), homes, walks, size, **musts)


def groups_of(circles: Circles) -> list[tuple[list[str], str]]:
    return [(list(one["unit_id"]), one["centre_id"].iloc[0]) for _, one in circles.members.groupby("circle_id")]


def belonging(circles: Circles) -> dict[str, str]:
    return dict(zip(circles.members["unit_id"], circles.members["circle_id"], strict=True))


# --- By hand --------------------------------------------------------------------------------------------------------


def test_six_in_a_row_become_two_circles_of_three() -> None:
    units, centres = row([10_000] * 6), halls("N2", "N5")
    circles = make_circles(units, centres, steps(units, centres))
    assert belonging(circles) == {"N1": "S-C01", "N2": "S-C01", "N3": "S-C01"} | dict.fromkeys(
        ["N4", "N5", "N6"], "S-C02"
    )
    # Two circles of 15 + 5 + 15 minutes, 10,000 households each.
    assert circles.objective.household_minutes == 2 * 10_000 * 35
    assert circles.layer["mean_min"].tolist() == pytest.approx([35 / 3, 35 / 3])


def test_the_range_goes_before_the_walks() -> None:
    units, centres = row([10_000, 10_000, 10_000, 1_000]), halls("N3", "N4")
    # N3 walks 5 minutes to its own hall, yet alone N4 would lack 16,000 households: one circle of 31,000 lacks none.
    circles = make_circles(units, centres, steps(units, centres))
    assert circles.layer["households"].tolist() == [31_000]
    assert circles.layer["centre_id"].tolist() == ["F3"]
    assert circles.objective.out_of_range_households == 0


def test_households_out_of_range_are_summed_over_circles() -> None:
    units, centres = row([20_000, 14_000]), halls("N1", "N2")
    # One circle of 34,000 has 2,000 too many; two would lack 3,000.
    circles = make_circles(units, centres, steps(units, centres))
    assert circles.objective.out_of_range_households == 2_000
    assert circles.layer["in_range"].tolist() == [False]


def test_a_kept_centre_is_used_whatever_it_costs() -> None:
    units, centres = row([20_000, 14_000]), halls("N1", "N2")
    circles = make_circles(units, centres, steps(units, centres), keep=["F1", "F2"])
    assert circles.layer["centre_id"].tolist() == ["F1", "F2"]
    assert circles.objective.out_of_range_households == 3_000


def test_a_pin_pulls_along_what_lies_between() -> None:
    units, centres = row([10_000] * 6), halls("N2", "N5")
    circles = make_circles(units, centres, steps(units, centres), pins={"N4": "F2"})
    assert circles.members["centre_id"].tolist() == ["F2"] * 4 + ["F5"] * 2
    assert circles.members["pinned"].tolist() == [False] * 3 + [True] + [False] * 2


def test_of_two_centres_in_a_neighbourhood_the_nearer_is_the_circles() -> None:
    units = row([10_000, 10_000])
    centres = pd.DataFrame({"facility_id": ["F1", "F2"], "name": ["", ""], "unit_id": ["N1", "N1"]})
    walks = pd.DataFrame({"F1": [5, 20], "F2": [6, 12]}, index=["N1", "N2"])
    assert make_circles(units, centres, walks).layer["centre_id"].tolist() == ["F2"]
    assert make_circles(units, centres, walks, keep=["F1"]).layer["centre_id"].tolist() == ["F1"]


def test_an_empty_neighbourhood_goes_to_the_nearer_centre() -> None:
    units, centres = row([20_000, 0, 0, 0, 20_000]), halls("N1", "N5")
    circles = make_circles(units, centres, steps(units, centres).drop(columns="F5").assign(F5=[45, 35, 21, 15, 5]))
    assert circles.members["centre_id"].tolist() == ["F1", "F1", "F5", "F5", "F5"]
    assert circles.objective.household_minutes == 2 * 20_000 * 5


def test_no_way_is_worse_than_any_size_and_counts_an_hour_a_border() -> None:
    units, centres = row([20_000, 10_000, 6_000]), halls("N1", "N3")
    walks = pd.DataFrame({"F1": [5, NAN, NAN], "F3": [NAN, 15, 5]}, index=["N1", "N2", "N3"])
    circles = make_circles(units, centres, walks, size=(30_000, 40_000))
    assert circles.members["centre_id"].tolist() == ["F1", "F3", "F3"]
    cut_off = make_circles(units, centres.iloc[:1], walks[["F1"]], size=(30_000, 40_000))
    assert cut_off.members["minutes"].isna().tolist() == [False, True, True]
    assert cut_off.objective.n_no_way == 2
    assert cut_off.objective.household_minutes == 20_000 * 5 + 10_000 * 60 + 6_000 * 120
    assert cut_off.layer["mean_min"].tolist() == [5.0]


def test_a_far_centre_is_taken_before_one_without_a_way() -> None:
    units = row([10_000, 10_000])
    centres = pd.DataFrame({"facility_id": ["F1", "F2"], "name": ["", ""], "unit_id": ["N1", "N1"]})
    walks = pd.DataFrame({"F1": [5, NAN], "F2": [90, 90]}, index=["N1", "N2"])
    assert make_circles(units, centres, walks).layer["centre_id"].tolist() == ["F2"]


def test_where_nobody_lives_nobody_lacks_a_way() -> None:
    units, centres = row([20_000, 0]), halls("N1")
    walks = pd.DataFrame({"F1": [5, NAN]}, index=["N1", "N2"])
    assert make_circles(units, centres, walks).objective.n_no_way == 0


# --- Maps that fall apart -------------------------------------------------------------------------------------------


def test_circles_stay_within_a_subdistrict() -> None:
    units, centres = row([10_000] * 4, ["A", "A", "", ""]), halls("N2", "N3")
    circles = make_circles(units, centres, steps(units, centres))
    assert circles.layer["unit_id"].tolist() == ["A-C01", "C01"]
    assert circles.layer["parent_id"].tolist() == ["A", ""]


def test_an_enclave_without_a_centre_is_a_circle_without_one_and_it_is_said() -> None:
    units, centres = row([18_000, 500, 18_000], ["A", "B", "A"]), halls("N1")
    circles = make_circles(units, centres, steps(units, centres))
    assert circles.layer["centre_id"].tolist() == ["F1", "", ""]
    assert circles.layer["name"].tolist() == ["F1中心片区", "N3村片区", "N2村片区"]
    assert circles.objective.n_without_centre == 2
    assert str(circles.objective) == (
        "3 circles (exact); 2 of them without a centre; 16,500 households out of range; 90,000 household-minutes"
    )


def test_without_any_centre_each_connected_part_is_one_circle() -> None:
    units, centres = row([9_000, 9_000]), halls()
    circles = make_circles(units, centres, pd.DataFrame(index=["N1", "N2"]))
    assert belonging(circles) == {"N1": "S-C01", "N2": "S-C01"}
    assert circles.members["minutes"].isna().all()


def test_meeting_at_a_corner_is_no_border() -> None:
    corner = areas([box(0, 0, 100, 100), box(100, 100, 200, 200)], [9_000, 9_000])
    centres = halls("N1")
    assert len(make_circles(corner, centres, steps(corner, centres)).layer) == 2


@pytest.mark.parametrize(("gap_m", "n_circles"), [(0.9, 1), (-0.9, 1), (1.1, 2)])
def test_a_gap_or_overlap_of_up_to_a_metre_is_a_border(gap_m: float, n_circles: int) -> None:
    units = areas([box(0, 0, 100, 100), box(100 + gap_m, 0, 200, 100)], [9_000, 9_000])
    centres = halls("N1")
    assert len(make_circles(units, centres, steps(units, centres)).layer) == n_circles


@pytest.mark.parametrize(("shared_m", "bordered"), [(9.9, False), (10.1, True)])
def test_a_border_is_longer_than_ten_metres(shared_m: float, bordered: bool) -> None:
    shapes = np.array([box(0, 0, 100, 100), box(100, 100 - shared_m, 200, 300)])
    assert bool(len(bordering(shapes, np.zeros(2, dtype=np.int64), touch_m=1))) is bordered


# --- Against the naive twin -----------------------------------------------------------------------------------------


def small_musts(chance: np.random.Generator, maps: Maps) -> dict[str, Any]:
    """A pin of any neighbourhood to any centre and a kept centre, or neither."""
    units, centres, _ = maps
    pins = {chance.choice(units["unit_id"]): chance.choice(centres["facility_id"])} if chance.random() < 0.6 else {}
    return {"pins": pins, "keep": [chance.choice(centres["facility_id"])] if chance.random() < 0.4 else []}


@settings(max_examples=25)
@given(SEEDS)
def test_exact_circles_are_the_best_of_all_connected_groupings(seed: int) -> None:
    chance = np.random.default_rng(seed)
    owner = random_cells(chance, 4, 4, int(chance.integers(3, 8)))
    maps = random_map(chance, owner, 3, lost=float(chance.choice([0.0, 0.2, 0.6])))
    size = (int(chance.integers(500, 4000)), int(chance.integers(4000, 9000)))
    musts = small_musts(chance, maps)
    twin = twin_of(maps, owner, size, **musts)
    best = twin.best_score()
    if best is None:
        with pytest.raises(TableError, match=r"^pins"):
            make_circles(*maps, size=size, **musts)
        return
    circles = make_circles(*maps, size=size, **musts)
    assert twin.score_of(groups_of(circles)) == best
    assert circles.objective.method == "exact"
    assert (circles.objective.n_no_way, circles.objective.out_of_range_households) == best[:2]


@settings(max_examples=6)
@given(SEEDS)
def test_searched_circles_are_valid_and_never_better_than_exact_ones(seed: int) -> None:
    chance = np.random.default_rng(seed)
    owner = random_cells(chance, 8, 8, int(chance.integers(20, 32)))
    maps = random_map(chance, owner, 10, lost=0.0)
    size = (9_000, 20_000)
    twin = twin_of(maps, owner, size)
    exact, searched = (make_circles(*maps, size=size, exact_up_to=n) for n in (40, 0))
    best, found = (twin.score_of(groups_of(circles)) for circles in (exact, searched))
    if exact.objective.method == "exact":
        assert found >= best
        assert searched.objective.bound_out_of_range <= best[1]
        if found[:2] == best[:2]:
            assert searched.objective.bound is not None
            assert searched.objective.bound <= float(best[2])
    print(f"{len(twin.households)} neighbourhoods: {searched.objective}; exact {exact.objective}")


# --- Laws -----------------------------------------------------------------------------------------------------------


def drawn_map(seed: int = 7) -> Maps:
    chance = np.random.default_rng(seed)
    return random_map(chance, random_cells(chance, 6, 6, 16), 6, lost=0.1)


@pytest.mark.parametrize("exact_up_to", [40, 0])
def test_row_and_column_order_change_nothing(exact_up_to: int) -> None:
    units, centres, minutes = drawn_map()
    once = make_circles(units, centres, minutes, size=(5_000, 9_000), exact_up_to=exact_up_to)
    again = make_circles(
        units.sample(frac=1, random_state=1), centres[::-1], minutes.iloc[::-1, ::-1], size=(5_000, 9_000),
        exact_up_to=exact_up_to,
    )  # fmt: skip
    pd.testing.assert_frame_equal(once.members, again.members)
    pd.testing.assert_frame_equal(
        pd.DataFrame(once.layer.drop(columns="geometry")), pd.DataFrame(again.layer.drop(columns="geometry"))
    )
    assert once.layer.geometry.equals(again.layer.geometry)
    assert once.objective == again.objective


def test_turning_and_moving_the_map_changes_nothing() -> None:
    units, centres, minutes = drawn_map()
    turned = units.set_geometry([translate(rotate(one, 33, origin=(0, 0)), 5e5, 3e6) for one in units.geometry])
    once, again = (make_circles(table, centres, minutes, size=(5_000, 9_000)) for table in (units, turned))
    pd.testing.assert_frame_equal(once.members, again.members)


def test_inputs_are_left_as_they_were() -> None:
    tables = drawn_map()
    copies = [table.copy() for table in tables]
    make_circles(*tables, size=(5_000, 9_000))
    for table, copy in zip(tables, copies, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(copy))


def test_a_layer_written_and_read_back_has_the_same_members(tmp_path: Path) -> None:
    units, centres, minutes = drawn_map()
    circles = make_circles(units, centres, minutes, size=(5_000, 9_000))
    circles.layer.to_file(tmp_path / "circles.gpkg", layer="circles")
    layer = gpd.read_file(tmp_path / "circles.gpkg", layer="circles")
    tiers = pd.concat([units.assign(tier="neighbourhood", parent_id=""), layer.assign(tier="circle")])
    parents = parents_of_units(gpd.GeoDataFrame(tiers, crs=CRS))
    assert {key: parents[key] for key in units["unit_id"]} == belonging(circles)
    assert layer["households"].sum() == units["households"].sum()
    assert layer.crs == units.crs


def test_the_area_of_the_circles_is_that_of_their_neighbourhoods() -> None:
    units, centres, minutes = drawn_map()
    layer = make_circles(units, centres, minutes, size=(5_000, 9_000)).layer
    assert layer.area.sum() == pytest.approx(units.area.sum())
    assert set(layer.geom_type) == {"Polygon"}


# --- Names, keys, numbers -------------------------------------------------------------------------------------------


def test_a_circles_key_is_never_one_that_is_taken() -> None:
    units, centres = row([18_000, 18_000]), halls("N1", "N2")
    units["unit_id"] = ["N1", "S-C01"]
    centres["unit_id"] = ["N1", "S-C01"]
    circles = make_circles(units, centres, steps(units, centres))
    assert circles.layer["unit_id"].tolist() == ["S-C02", "S-C03"]


def test_unknown_households_may_be_given_a_number() -> None:
    units, centres = row([18_000, NAN]), halls("N1")
    assert make_circles(units, centres, steps(units, centres), unknown=500).layer["households"].tolist() == [18_500]


def test_people_may_be_counted_in_place_of_households() -> None:
    units, centres = row([0, 0]).assign(people=[40_000, 30_000]), halls("N1", "N2")
    circles = make_circles(units, centres, steps(units, centres), size=(50_000, 100_000), size_of="people")
    assert circles.layer["people"].tolist() == [70_000]


def test_a_pin_that_the_search_must_go_round_for_is_kept() -> None:
    # A ring of eight; N1 is pinned across to N5's hall, N3's hall is used: the way is by N8, N7, N6.
    units = areas([box(0, 0, 1, 1)] * 8, [100] * 8)
    ring = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
    units = units.set_geometry([box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i, j in ring])
    centres = halls("N3", "N5")
    walks = pd.DataFrame({"F3": [1.0] * 8, "F5": [90.0] * 8}, index=units["unit_id"])
    circles = make_circles(units, centres, walks, pins={"N1": "F5"}, keep=["F3"], size=(0, 800))
    assert circles.members.set_index("unit_id").loc[["N1", "N8", "N7", "N6", "N5"], "centre_id"].eq("F5").all()


def test_where_growing_alone_fails_pins_are_joined_all_the_same() -> None:
    part = ladder(musts={0: 0, 4: 0, 1: 1})
    # Centre 1 takes 2 and 3 first, for less, and so cuts 4 off from 0; yet 0-2-4 and 1-3-5 are connected.
    assert grown(part, part.everything, part.forced) is None
    assert beginning(part) == (0b010101, 0b101010)


def test_pins_that_cross_have_no_grouping() -> None:
    assert groups_around(ladder(musts={0: 0, 5: 0, 1: 1, 4: 1})) is None


def test_bound_search_and_proof_agree_on_a_map_of_six() -> None:
    part = ladder(musts={0: 0, 1: 1})
    best = proven_groups(part, (0b000001, 0b111110))
    assert best.proven
    assert least_score(part, best.least)[2] <= best.least[2]
    assert score(rater(part), sharpened(part, moved(part, (0b000001, 0b111110)))) == best.least


def ladder(musts: dict[int, int]) -> Part:
    """Six neighbourhoods, 0-2-4 above 1-3-5, all of size 1; centre 0 in 0, centre 1 in 1."""
    borders = [0] * 6
    for a, b in [(0, 2), (2, 4), (1, 3), (3, 5), (0, 1), (2, 3), (4, 5)]:
        borders[a] |= 1 << b
        borders[b] |= 1 << a
    home = 1
    costs = np.array([[1, 1], [1, 1], [9, 1], [9, 1], [9, 9], [9, 1]])
    return Part(
        np.ones(6, dtype=np.int64), 0, 6, costs, np.zeros((6, 2), dtype=bool), np.array([0, home]), tuple(borders),
        np.array([musts.get(one, -1) for one in range(6)]),
    )  # fmt: skip


# --- Errors ---------------------------------------------------------------------------------------------------------

FOUR = row([10_000] * 4)
ENDS = halls("N1", "N4")
WALKS = steps(FOUR, ENDS)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"neighbourhoods": FOUR.drop(columns="parent_id")},
            r"^neighbourhoods: no column 'parent_id'; found unit_id, name, households, geometry\. Rename or add",
        ),
        (
            {"neighbourhoods": FOUR.to_crs("EPSG:4326")},
            r"^neighbourhoods: CRS is EPSG:4326; a metric CRS is needed\. Try",
        ),
        ({"neighbourhoods": FOUR.iloc[:0]}, r"^neighbourhoods: no rows; expected one row"),
        (
            {"neighbourhoods": FOUR.assign(unit_id=["N1", "N1", "N3", "N4"])},
            r"1 keys are empty or stand twice in 'unit_id', the first is 'N1'",
        ),
        (
            {"neighbourhoods": FOUR.assign(households=[1, NAN, 1, NAN])},
            r"^neighbourhoods: households of 2 are unknown: N2, N4; .*pass unknown=",
        ),
        (
            {"neighbourhoods": FOUR.assign(households=[1, -5, 1, 1])},
            r"households of 'N2' is -5; expected a number, 0 or more",
        ),
        (
            {"neighbourhoods": FOUR.set_geometry([*FOUR.geometry[:3], None])},
            r"1 boundaries are missing, .*that of 'N4'; expected valid polygons",
        ),
        ({"centres": ENDS.drop(columns="unit_id")}, r"^centres: no column 'unit_id'"),
        (
            {"centres": ENDS.assign(facility_id="F1")},
            r"^centres: 1 keys are empty or stand twice in 'facility_id', the first is 'F1'",
        ),
        (
            {"centres": ENDS.assign(unit_id=["N1", "N9"])},
            r"^centres: 1 lie in no neighbourhood of the table, the first is 'F4' in 'N9'",
        ),
        ({"minutes": WALKS.drop(index="N2")}, r"^minutes: no row for 1 of the neighbourhoods, the first is 'N2'"),
        ({"minutes": WALKS.drop(columns="F4")}, r"^minutes: no column for 1 of the centres, the first is 'F4'"),
        ({"minutes": pd.concat([WALKS, WALKS.iloc[:1]])}, r"^minutes: row 'N1' stands twice"),
        ({"minutes": WALKS.replace(35.0, -35.0)}, r"^minutes: -35 from 'N1' to 'F4'; expected minutes, 0 or more"),
        ({"size": (32_000, 17_000)}, r"^size is \(32000, 17000\); expected fewest and most households"),
        ({"touch_m": -1}, r"^touch_m is -1; expected metres"),
        ({"unknown": NAN}, r"^unknown is nan; expected a number of households"),
        ({"pins": {"N9": "F1"}}, r"^pins: 'N9' is no neighbourhood of the table"),
        ({"pins": {"N1": "F9"}}, r"^pins: 'F9' is no centre of the table"),
        ({"keep": ["F9"]}, r"^keep: 'F9' is no centre of the table"),
        ({"keep": "F1"}, r"^keep is 'F1'; expected a list of facility_id such as \['F1'\]"),
        (
            {"centres": ENDS.assign(unit_id="N1"), "keep": ["F1", "F4"]},
            r"^pins and keep: F1 and F4 both lie in N1; expected one centre",
        ),
        (
            {"pins": {"N1": "F4"}, "keep": ["F1"]},
            r"^pins: N1 is pinned to F4, but F1, which must be used, lies in it; .* or let F1 go$",
        ),
        (
            {"pins": {"N2": "F4", "N3": "F1"}},
            r"^pins: N2 to F4, N3 to F1 leave no connected circles; .* Unpin one of them$",
        ),
        (
            {"neighbourhoods": FOUR.assign(parent_id=["A", "A", "B", "B"]), "pins": {"N2": "F4"}},
            r"^pins: N2 lies in subdistrict 'A', its centre F4 in 'B'; .* Unpin it$",
        ),
        (
            {"neighbourhoods": FOUR.assign(parent_id=["A", "B", "A", "A"]), "pins": {"N3": "F1"}},
            r"^pins: no chain of borders joins N3 to F1; expected",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_cure(changes: dict[str, Any], text: str) -> None:
    given_ = {"neighbourhoods": FOUR, "centres": ENDS, "minutes": WALKS} | changes
    with pytest.raises(TableError, match=text):
        make_circles(**given_)
