"""Faults of boundaries: what they say, of which units, and how many households lie there."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

import lifecircle as lc
import naive_topology as naive
from lifecircle.boundaries import boundary_faults
from lifecircle.faults import Fault, Where, fault
from lifecircle.places import located
from lifecircle.tables import Source, Tables
from lifecircle.touched import unit_households, with_households
from towns import dwellings_at, facilities_at, grid_streets, tables_of, units_of

NAN = float("nan")


def tables(*shapes: Polygon, households: float = NAN, **more: gpd.GeoDataFrame) -> Tables:
    units = {f"N{number + 1}": ("neighbourhood", "", shape, households) for number, shape in enumerate(shapes)}
    given = {"facilities": facilities_at([]), "dwellings": dwellings_at([]), "streets": grid_streets(2, 2)} | more
    return tables_of(units_of(units), **given)


def found(drawn: Tables) -> list[Fault]:
    return list(boundary_faults(drawn, located(drawn)))


def lines(drawn: Tables) -> list[str]:
    return [f"{one.check}: {one.what()}" for one in found(drawn)]


def test_two_units_that_overlap_are_one_line_with_area_place_and_households() -> None:
    drawn = tables(box(0, 0, 110, 100), box(100, 0, 200, 100), dwellings=dwellings_at([(105, 50), (50, 50)], [7, 5]))
    (one,) = found(drawn)
    assert one.what() == (
        "unit N1 (N1) and unit N2 (N2) overlap by 1,000 m² around (105.0, 50.0), with 7 known households in it"
    )
    assert one.what("zh") == ("unit N1 (N1)、unit N2 (N2) 重叠 1,000 平方米,位于 (105.0, 50.0) 附近,其中已知 7 户")
    assert (one.check, one.severity, one.where.row, one.where.households) == ("overlapping-units", "warning", 2, 7)


def test_without_dwellings_an_overlap_touches_the_households_of_both_units() -> None:
    (one,) = found(tables(box(0, 0, 110, 100), box(100, 0, 200, 100), households=300))
    assert one.what().endswith("around (105.0, 50.0)")
    assert one.where.households == 600


def test_a_hole_names_the_units_around_it_the_longest_border_first() -> None:
    ring = box(-100, -100, 300, 200) - box(0, 0, 200, 100)
    drawn = tables(ring, box(0, 0, 150, 100), box(150, 0, 200, 60), dwellings=dwellings_at([(175, 80)], [9]))
    assert lines(drawn) == [
        "hole-between-units: 2,000 m² around (175.0, 80.0) belong to no unit, enclosed by unit N1 (N1), unit N3 (N3) "
        "and unit N2 (N2), with 9 known households in it"
    ]


def test_all_slivers_of_a_tier_are_one_line() -> None:
    ring = box(-100, -100, 400, 200) - box(0, 0, 300, 100)
    drawn = tables(ring, box(0, 0, 101, 100), box(100, 0, 199, 100), box(200, 0, 300, 100))
    assert lines(drawn) == [
        "slivers-between-units: 1 overlaps and 1 gaps narrower than 2 m lie between units of the tier neighbourhood, "
        "200 m² together, the largest at (100.5, 50.0) by unit N2 (N2) and unit N3 (N3)"
    ]


def test_a_boundary_that_stands_twice_is_no_overlap_but_a_duplicate() -> None:
    drawn = tables(box(0, 0, 100, 100), box(0, 0, 100, 100), households=40)
    assert lines(drawn) == ["duplicate-boundary: unit N2 (N2) has the same boundary as unit N1 (N1)"]
    assert found(drawn)[0].where.households == 80


def test_units_of_two_tiers_may_have_one_boundary() -> None:
    shapes = {"N1": ("neighbourhood", "S", box(0, 0, 9, 9), NAN), "S": ("subdistrict", "", box(0, 0, 9, 9), NAN)}
    drawn = replace(tables(), units=units_of(shapes))
    assert lines(drawn) == []


def test_a_part_of_next_to_nothing_is_loose_and_an_island_is_not() -> None:
    drawn = tables(MultiPolygon([box(0, 0, 100, 100), box(200, 0, 203, 3), box(300, 0, 320, 20)]))
    assert lines(drawn) == [
        "loose-parts: unit N1 (N1) has 1 loose parts below 100 m², the largest of 9 m² at (201.5, 1.5)"
    ]


def test_beyond_fifty_overlaps_the_others_share_a_line_that_counts_them() -> None:
    drawn = tables(*(box(100 * number, 0, 100 * number + 105 + number / 100, 100) for number in range(61)))
    checks = [one.check for one in found(drawn)]
    assert (checks.count("overlapping-units"), checks.count("more-overlaps")) == (50, 1)
    assert found(drawn)[-1].what() == "10 more pairs of units overlap, by 5,045 m² together"


def test_a_crossing_boundary_is_one_fault_in_both_languages_and_the_rest_is_checked() -> None:
    crossing = Polygon([(300, 0), (400, 100), (400, 0), (300, 100)])
    drawn = tables(box(0, 0, 110, 100), box(100, 0, 200, 100), crossing)
    assert [one.check for one in found(drawn)] == ["invalid-geometry", "overlapping-units"]
    values = dict(found(drawn)[0].values)
    assert (values["why"], values["why_zh"], values["x"]) == ("Self-intersection", "边界自相交", "350.0")


def test_next_to_a_crossing_boundary_neither_holes_nor_overlaps_are_told() -> None:
    ring = box(-100, -100, 200, 200) - box(0, 0, 100, 100)
    crossing = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    assert [one.check for one in found(tables(ring, crossing))] == ["invalid-geometry"]


def test_one_boundary_that_is_not_valid_switches_no_other_check_off() -> None:
    crossing = Polygon([(300, 0), (400, 100), (400, 0), (300, 100)])
    homes = dwellings_at([(50, 50), (900, 900), (390, 50)], [5, 5, 5])
    drawn = tables(box(0, 0, 100, 100), crossing, dwellings=homes, streets=grid_streets(12, 12))
    faults = lc.find_faults(drawn)
    outside = faults[faults["check"] == "unplaced-dwelling"]
    assert outside["record"].tolist() == ["D2"], "of D3 it is not known: it lies within reach of the crossing boundary"


def test_a_missing_and_an_empty_boundary_are_told() -> None:
    drawn = tables(box(0, 0, 1, 1), box(5, 0, 6, 1), box(8, 0, 9, 1))
    shapes = gpd.GeoSeries([None, Polygon(), box(8, 0, 9, 1)], crs=drawn.crs)
    assert lines(replace(drawn, units=drawn.units.set_geometry(shapes))) == [
        "missing-boundary: N1 has no boundary", "missing-boundary: N2 has no boundary"
    ]  # fmt: skip


def test_a_line_drawn_as_an_area_is_told() -> None:
    drawn = tables(box(0, 0, 100, 100), Polygon([(200, 0), (300, 0), (200, 0)]))
    assert [one.check for one in found(drawn)] == ["invalid-geometry"]


@given(st.integers(0, 1_000))
def test_households_in_an_overlap_are_those_of_the_places_inside_it(seed: int) -> None:
    chance = np.random.default_rng(seed)
    spots, counts = chance.uniform(0, 200, (40, 2)), chance.integers(0, 9, 40).astype(float)
    one, two = box(0, 0, 130, 200), box(70, 20, 200, 200)
    homes = dwellings_at([(x, y) for x, y in spots], counts.tolist())
    (overlap,) = found(tables(one, two, dwellings=homes))
    known = [(Point(spot), count) for spot, count in zip(spots, counts, strict=True)]
    assert overlap.where.households == naive.households_inside(one.intersection(two), known)


def test_faults_come_in_any_order_of_units_with_the_same_words() -> None:
    drawn = tables(box(0, 0, 110, 100), box(100, 0, 200, 100), box(199, 0, 300, 100))
    turned = replace(drawn, units=drawn.units.iloc[::-1].reset_index(drop=True))
    assert sorted(lines(drawn)) == sorted(lines(turned))


# the households touched


def town() -> Tables:
    shapes = {
        "N1": ("neighbourhood", "S", box(0, 0, 100, 100), NAN),
        "N2": ("neighbourhood", "S", box(100, 0, 200, 100), 70),
        "S": ("subdistrict", "", box(0, 0, 200, 100), NAN),
    }
    homes = dwellings_at([(50, 50), (60, 60), (150, 50)], [5, 6, 60])
    places = facilities_at([(50, 50), (150, 50), (150, 60)], serves=["", "", "N1:0.5;N2:0.5"])
    return located(tables_of(units_of(shapes), places, homes, grid_streets(2, 2)))


def touched(table: str, row: int | None, households: float | None = None) -> float | None:
    ((one),) = with_households(town(), [fault("empty-layer", Where(table, table, row=row, households=households))])
    return one.where.households


@pytest.mark.parametrize(("row", "households"), [(1, 11), (2, 70), (3, 81)])
def test_a_units_households_are_stated_or_those_of_its_dwellings_or_of_the_units_below(
    row: int, households: int
) -> None:
    assert touched("units", row) == households


@pytest.mark.parametrize(("row", "households"), [(1, 11), (2, 70), (3, 81)])
def test_a_facilitys_households_are_those_of_the_units_it_serves_or_lies_in(row: int, households: int) -> None:
    assert touched("facilities", row) == households


@pytest.mark.parametrize("table", ["units", "dwellings", "streets", "facilities"])
def test_a_table_that_is_wrong_as_a_whole_touches_all_known_households(table: str) -> None:
    assert touched(table, None) == 81


def test_what_is_stated_stays_and_what_is_not_known_stays_so() -> None:
    assert touched("units", 1, households=3) == 3
    assert touched("gates", 1) is None
    assert touched("units", 99) is None
    assert touched("", None) is None


def test_units_without_any_known_household_have_none() -> None:
    assert unit_households(tables(box(0, 0, 1, 1))) == {}


def test_faults_are_sorted_by_the_households_they_touch() -> None:
    homes = dwellings_at([(50, 50), (250, 50)], [5, 50])
    drawn = tables(box(0, 0, 100, 100), box(200, 0, 300, 100), dwellings=homes, streets=grid_streets(4, 2))
    places = facilities_at([(50, 50), (250, 50)], areas=[-1.0, -2.0])
    faults = lc.find_faults(replace(drawn, facilities=places))
    errors = faults[faults["severity"] == "error"]
    assert errors["households"].tolist() == [50, 5]


# places without coordinates


def without_place(table: str, **columns: list[str]) -> list[str]:
    homes, places = dwellings_at([(50, 50), (60, 60)]), facilities_at([(50, 50), (60, 60)])
    drawn = tables(box(0, 0, 100, 100), dwellings=homes, facilities=places, streets=grid_streets(2, 2))
    frame = getattr(drawn, table).assign(**columns)
    frame = frame.set_geometry(gpd.GeoSeries([None, *frame.geometry.iloc[1:]], crs=frame.crs))
    faults = lc.find_faults(replace(drawn, **{table: frame}))
    return faults["check"][faults["check"].str.startswith("unlocated")].tolist()


@pytest.mark.parametrize("table", ["facilities", "dwellings"])
def test_a_place_without_coordinates_is_a_warning_and_so_is_one_without_a_unit_too(table: str) -> None:
    assert without_place(table, unit_id=["N1", ""]) == ["unlocated"]
    assert without_place(table, unit_id=["", ""]) == ["unlocated-nowhere"]


def test_a_facility_without_coordinates_that_states_whom_it_serves_has_a_unit() -> None:
    assert without_place("facilities", serves=["N1:1", ""]) == ["unlocated"]


@pytest.mark.parametrize(("header", "said"), [("经度", []), ("建筑面积", ["unlocated"])])
def test_only_a_fault_of_its_coordinates_says_already_that_a_place_has_none(header: str, said: list[str]) -> None:
    places = facilities_at([(50, 50), (60, 60)]).assign(unit_id="N1")
    places = places.set_geometry(gpd.GeoSeries([None, *places.geometry.iloc[1:]], crs=places.crs)).assign(row=[2, 3])
    source = Source("facilities", "f.csv", headers=(("x", "经度"), ("floor_area_m2", "建筑面积")))
    told = fault(
        "not-a-number", Where("f.csv", "facilities", row=2), column=header, found="约300", expected="", expected_zh=""
    )
    drawn = tables(box(0, 0, 100, 100), dwellings=dwellings_at([(50, 50)]), facilities=places)
    faults = lc.find_faults(replace(drawn, sources=(source,), faults=(told,)))
    assert faults["check"][faults["check"].str.startswith("unlocated")].tolist() == said
