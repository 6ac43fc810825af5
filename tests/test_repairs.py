"""Repairs do what the study asks for and nothing else, and each leaves a line."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, Polygon, box

import naive_topology as naive
from lifecircle.repairs import repaired
from lifecircle.study import Repair
from lifecircle.tables import Tables
from towns import dwellings_at, facilities_at, grid_streets, tables_of, units_of

NAN = float("nan")
WIDTH_M = 5.0


def tables(shapes: dict[str, tuple[str, str, Polygon, float]], **more: gpd.GeoDataFrame) -> Tables:
    given = {"facilities": facilities_at([]), "dwellings": dwellings_at([]), "streets": grid_streets(2, 2)} | more
    return tables_of(units_of(shapes), **given)


def neighbourhoods(*shapes: Polygon) -> Tables:
    return tables({f"N{number + 1}": ("neighbourhood", "", shape, NAN) for number, shape in enumerate(shapes)})


def told(found: Tables) -> list[tuple[str, str]]:
    return [(one.check, dict(one.values)["found"]) for one in found.faults]


@st.composite
def spoilt(draw: st.DrawFn) -> Tables:
    """Two tiers drawn alike, neighbourhoods 100 m wide of which some borders were drawn twice, up to 9 m apart."""
    shifts = draw(st.lists(st.floats(-9, 9).map(lambda one: round(one, 2)), min_size=8, max_size=8))
    alike = draw(st.booleans())
    shapes: dict[str, tuple[str, str, Polygon, float]] = {}
    for column in range(4):
        for row in range(2):
            east = 100 * column + 100 + (shifts[2 * column + row] if row and column < 3 else 0)
            part = Polygon([(100 * column, 100 * row), (100 * column + 100, 100 * row), (east, 100 * row + 50),
                            (100 * column + 100, 100 * row + 100), (100 * column, 100 * row + 100)])  # fmt: skip
            shapes[f"N{column}{row}"] = ("neighbourhood", f"S{column // 2}", part, NAN)
    for side in (0, 1):
        parts = [one[2] for key, one in shapes.items() if int(key[1]) // 2 == side]
        whole = shapely.union_all(parts) if alike else box(200 * side, 0, 200 * side + 200, 200)
        shapes[f"S{side}"] = ("subdistrict", "", whole, NAN)
    return tables(shapes)


def of_tier(found: Tables, tier: str) -> list[Polygon]:
    return found.units.geometry[found.units["tier"] == tier].tolist()


@given(spoilt(), st.floats(0.5, 12))
def test_no_narrow_overlap_and_no_narrow_hole_is_left_between_neighbourhoods_of_one_subdistrict(
    drawn: Tables, width_m: float
) -> None:
    found = repaired(drawn, Repair(slivers_m=width_m))
    shapes = of_tier(found, "neighbourhood")
    for column in (0, 2):  # the upper ones, of which the border in the middle was drawn twice
        pair = [shapes[2 * column + 1], shapes[2 * column + 3]]
        for part in naive.polygons(pair[0].intersection(pair[1])):
            assert part.area < 0.5 or naive.widest_m(part) > width_m - 0.01


@given(spoilt(), st.floats(0.5, 12))
def test_what_is_wider_stays_as_drawn(drawn: Tables, width_m: float) -> None:
    found = repaired(drawn, Repair(slivers_m=width_m))
    for before, after in zip(drawn.units.geometry, found.units.geometry, strict=True):
        for piece in naive.polygons(before.symmetric_difference(after)):
            assert piece.area < 0.5 or naive.widest_m(piece) < width_m + 0.02


@given(spoilt(), st.floats(0.5, 12))
def test_the_area_that_is_covered_stays_but_for_the_gaps_that_were_closed(drawn: Tables, width_m: float) -> None:
    found = repaired(drawn, Repair(slivers_m=width_m))
    for tier in ("neighbourhood", "subdistrict"):
        before, after = naive.covered_m2(of_tier(drawn, tier)), naive.covered_m2(of_tier(found, tier))
        gained = sum(naive.holes(of_tier(drawn, tier), least_m2=0)) - sum(naive.holes(of_tier(found, tier), least_m2=0))
        assert after - before == pytest.approx(gained, abs=1)


@given(spoilt(), st.floats(0.5, 12))
def test_no_unit_leaves_the_one_above_it(drawn: Tables, width_m: float) -> None:
    found = repaired(drawn, Repair(slivers_m=width_m))
    upper = {key: place for place, key in enumerate(drawn.units["unit_id"])}

    def outside_m2(units: gpd.GeoDataFrame) -> list[float]:
        rows = zip(units.geometry, units["parent_id"], strict=True)
        return [shape.difference(units.geometry.iloc[upper[key]]).area if key else 0 for shape, key in rows]

    for before, after in zip(outside_m2(drawn.units), outside_m2(found.units), strict=True):
        assert after <= before + 0.5


@given(spoilt(), st.floats(0.5, 12))
def test_every_unit_that_was_redrawn_has_a_note(drawn: Tables, width_m: float) -> None:
    found = repaired(drawn, Repair(slivers_m=width_m))
    rows = zip(drawn.units["unit_id"], drawn.units.geometry, found.units.geometry, strict=True)
    redrawn = {key for key, before, after in rows if before.symmetric_difference(after).area > 0.5}
    assert redrawn <= {dict(one.values)["found"].split("(")[-1].rstrip(")") for one in found.faults}
    assert {one.severity for one in found.faults} <= {"note"}


@given(spoilt())
def test_repairs_of_repaired_units_do_nothing(drawn: Tables) -> None:
    once = repaired(drawn, Repair(slivers_m=WIDTH_M))
    assert len(repaired(once, Repair(slivers_m=WIDTH_M)).faults) == len(once.faults)


@given(spoilt())
def test_the_inputs_stay_as_they_were_and_rows_keep_their_order(drawn: Tables) -> None:
    before = drawn.units.copy(deep=True)
    found = repaired(drawn, Repair(valid=True, slivers_m=WIDTH_M, strays_m=100))
    assert_frame_equal(drawn.units, before)
    assert_frame_equal(drawn.units.drop(columns="geometry"), found.units.drop(columns="geometry"))
    assert drawn.faults == ()


def test_nothing_is_repaired_that_is_not_asked_for() -> None:
    drawn = neighbourhoods(box(0, 0, 101, 100), box(100, 0, 200, 100), Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]))
    assert repaired(drawn, Repair()) is drawn


def test_a_narrow_overlap_stays_with_the_unit_whose_key_sorts_first() -> None:
    found = repaired(neighbourhoods(box(0, 0, 102, 100), box(100, 0, 200, 100)), Repair(slivers_m=3))
    assert found.units.geometry.area.tolist() == [10_200, 9_800]
    assert told(found) == [("closed-overlap", "unit N2 (N2)")]
    assert found.faults[0].what() == (
        "an overlap with unit N1 (N1) of 200 m², nowhere wider than 3 m, at (101.0, 50.0) was taken from unit N2 (N2)"
    )


def test_an_overlap_as_wide_as_stated_stays() -> None:
    drawn = neighbourhoods(box(0, 0, 103, 100), box(100, 0, 200, 100))
    assert repaired(drawn, Repair(slivers_m=2.9)).units.geometry.area.tolist() == [10_300, 10_000]


def test_a_narrow_gap_goes_to_the_unit_with_the_longest_border_on_it() -> None:
    ring = box(-100, -100, 300, 300) - box(0, 0, 200, 100)
    found = repaired(neighbourhoods(ring, box(0, 0, 99, 100), box(101, 0, 200, 100)), Repair(slivers_m=3))
    assert found.units.geometry.area.round(3).tolist() == [ring.area, 10_100, 9_900]
    assert told(found) == [("closed-gap", "unit N2 (N2)")]


def test_a_gap_that_units_above_divide_is_divided_along_their_border() -> None:
    shapes = {
        "N1": ("neighbourhood", "S1", box(0, 0, 99, 100), NAN),
        "N2": ("neighbourhood", "S2", box(102, 0, 200, 100), NAN),
        "N3": ("neighbourhood", "S1", box(0, 100, 100, 200), NAN),
        "N4": ("neighbourhood", "S2", box(100, 100, 200, 200), NAN),
        "N5": ("neighbourhood", "S1", box(0, -100, 100, 0), NAN),
        "N6": ("neighbourhood", "S2", box(100, -100, 200, 0), NAN),
        "S1": ("subdistrict", "", box(0, -100, 100, 200), NAN),
        "S2": ("subdistrict", "", box(100, -100, 200, 200), NAN),
    }
    found = repaired(tables(shapes), Repair(slivers_m=4)).units.set_index("unit_id").geometry.area.round(3)
    assert found[["N1", "N2", "N3"]].tolist() == [10_000, 10_000, 10_000]


def test_a_sliver_between_units_above_goes_where_their_units_below_lie() -> None:
    shapes = {
        "N1": ("neighbourhood", "S1", box(0, 0, 100, 100), NAN),
        "N2": ("neighbourhood", "S2", box(100, 0, 200, 100), NAN),
        "S1": ("subdistrict", "", box(0, 0, 102, 100), NAN),
        "S2": ("subdistrict", "", box(100, 0, 200, 100), NAN),
    }
    found = repaired(tables(shapes), Repair(slivers_m=3)).units.set_index("unit_id").geometry.area
    assert found[["S1", "S2"]].tolist() == [10_000, 10_000]


def test_a_border_that_was_closed_is_shared_corner_by_corner() -> None:
    bent = [(100, 0), (104, 50), (100, 100)]
    west, east = Polygon([(0, 0), *bent, (0, 100)]), Polygon([(100, 0), (200, 0), (200, 100), (100, 100)])
    one, two = repaired(neighbourhoods(west, east), Repair(slivers_m=10)).units.geometry
    assert set(bent) <= set(one.exterior.coords) & set(two.exterior.coords)
    assert shapely.coverage_is_valid([one, two])


def test_a_unit_that_is_narrow_as_a_whole_and_lies_in_another_is_not_taken_away() -> None:
    drawn = neighbourhoods(box(0, 0, 100, 100), box(10, 10, 90, 11))
    assert repaired(drawn, Repair(slivers_m=3)).units.geometry.area.tolist() == [10_000, 80]


def test_a_boundary_that_crosses_itself_is_made_valid_with_its_area_before_and_after() -> None:
    drawn = neighbourhoods(Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), box(200, 0, 300, 100))
    found = repaired(drawn, Repair(valid=True))
    assert found.units.geometry.is_valid.all()
    assert found.units.geometry.area.tolist() == [5_000, 10_000]
    assert told(found) == [("made-valid", "unit N1 (N1)")]
    assert found.faults[0].what().endswith("0 m² as drawn, 5,000 m² now")


def test_a_boundary_that_is_missing_or_no_area_stays_so() -> None:
    drawn = neighbourhoods(box(0, 0, 1, 1), box(2, 0, 3, 1))
    shapes = gpd.GeoSeries([None, Polygon([(0, 0), (5, 5), (0, 0)])], crs=drawn.crs)
    drawn = replace(drawn, units=drawn.units.set_geometry(shapes))
    found = repaired(drawn, Repair(valid=True, slivers_m=5, strays_m=5))
    assert found.units.geometry.isna().tolist() == [True, False]
    assert found.faults == ()


@given(st.lists(st.tuples(st.integers(-60, 260), st.integers(-60, 160)), min_size=1, max_size=12), st.integers(1, 60))
def test_a_stray_goes_to_the_nearest_unit_within_the_distance(spots: list[tuple[int, int]], within_m: int) -> None:
    shapes = {"N2": box(0, 0, 100, 100), "N1": box(105, 0, 200, 100)}
    drawn = tables(
        {key: ("neighbourhood", "S", shape, NAN) for key, shape in shapes.items()}
        | {"S": ("subdistrict", "", box(0, 0, 90, 100), NAN)},
        dwellings=dwellings_at(spots),
        facilities=facilities_at(spots),
    )
    found = repaired(drawn, Repair(strays_m=within_m))
    for spot, home, facility in zip(spots, found.dwellings["unit_id"], found.facilities["unit_id"], strict=True):
        key, metres = naive.nearest_unit(Point(spot), shapes)
        assert home == facility == (key if 0 < metres <= within_m else "")
    assert len(found.faults) == (found.dwellings["unit_id"] != "").sum() + (found.facilities["unit_id"] != "").sum()


def test_a_stray_that_states_its_unit_keeps_it_and_places_stay_where_they_are() -> None:
    units = {"N1": ("neighbourhood", "", box(0, 0, 100, 100), NAN)}
    homes = dwellings_at([(110, 50), (110, 60)], unit_ids=["N9", ""])
    found = repaired(tables(units, dwellings=homes), Repair(strays_m=20))
    assert found.dwellings["unit_id"].tolist() == ["N9", "N1"]
    assert found.dwellings.geometry.x.tolist() == [110, 110]
    assert found.faults[0].what() == "D2 lies in no unit and was given to unit N1 (N1), 10.0 m away"


def test_a_place_without_coordinates_is_no_stray() -> None:
    homes = dwellings_at([(110, 50)])
    homes = homes.set_geometry(gpd.GeoSeries([None], crs=homes.crs))
    units = {"N1": ("neighbourhood", "", box(0, 0, 100, 100), NAN)}
    assert repaired(tables(units, dwellings=homes), Repair(strays_m=20)).dwellings["unit_id"].tolist() == [""]


def test_a_register_without_a_column_of_units_gets_one() -> None:
    places = facilities_at([(110, 50), (50, 50)]).drop(columns="unit_id")
    units = {"N1": ("neighbourhood", "", box(0, 0, 100, 100), NAN)}
    found = repaired(tables(units, facilities=places), Repair(strays_m=20)).facilities["unit_id"]
    pd.testing.assert_series_equal(found, pd.Series(["N1", ""], name="unit_id", dtype="str"))


def test_the_order_of_units_changes_nothing() -> None:
    chance = np.random.default_rng(7)
    shapes = {
        f"N{i}{j}": (
            "neighbourhood",
            "",
            box(100 * i, 100 * j, 100 * i + 100 + chance.uniform(-2, 2), 100 * j + 100),
            NAN,
        )
        for i in range(3)
        for j in range(3)
    }
    turned = dict(reversed(shapes.items()))
    one, two = (repaired(tables(given), Repair(slivers_m=4)).units.set_index("unit_id") for given in (shapes, turned))
    assert one.geometry.area.round(6).to_dict() == two.geometry.area.round(6).to_dict()


@given(spoilt(), st.floats(0.5, 12), st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_same_boundaries_to_the_last_digit(
    drawn: Tables, width_m: float, chance: object
) -> None:
    order = list(range(len(drawn.units)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    turned = replace(drawn, units=drawn.units.iloc[order])
    one, two = (repaired(given, Repair(valid=True, slivers_m=width_m)) for given in (drawn, turned))
    shapes = [dict(zip(each.units["unit_id"], shapely.to_wkb(each.units.geometry), strict=True)) for each in (one, two)]
    assert shapes[0] == shapes[1]
    assert sorted(each.what() for each in one.faults) == sorted(each.what() for each in two.faults)


def test_parts_that_are_next_to_nothing_are_not_left_behind() -> None:
    bent = Polygon([(0, 0), (102, 0), (99.9999, 50), (102, 100), (0, 100)])
    notched = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 60), (101, 55), (101, 45), (100, 40)])
    crossed = Polygon([(0, 200), (100, 300), (100.05, 300.05), (100.05, 300), (100, 300), (100, 200)])
    found = repaired(neighbourhoods(bent, notched, crossed), Repair(valid=True, slivers_m=5))
    parts = shapely.get_parts(found.units.geometry.to_numpy())
    assert shapely.area(parts).min() > 0.01
