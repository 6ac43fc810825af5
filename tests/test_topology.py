"""Overlaps, holes and narrow pieces are those that plain double loops find."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

import naive_topology as naive
from lifecircle.topology import are_narrow, are_sound, areal, borders_of, misfits

NOISE_M2 = 0.5


def bent_grid(chance: np.random.Generator, columns: int, rows: int) -> list[Polygon]:
    """Areas that share bent borders exactly."""
    x, y = np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0))
    spots = np.round(np.stack([x, y], axis=-1) * 100 + chance.uniform(-30, 30, (rows + 1, columns + 1, 2)), 2)
    return [
        Polygon([spots[j, i], spots[j, i + 1], spots[j + 1, i + 1], spots[j + 1, i]])
        for j in range(rows)
        for i in range(columns)
    ]


def spoilt_grid(seed: int) -> list[Polygon]:
    """A grid of which some areas are moved, dropped, repeated, turned around or have a corner in mid-border."""
    chance = np.random.default_rng(seed)
    shapes = bent_grid(chance, *chance.integers(1, 6, 2))
    found = []
    for one in shapes:
        what = chance.choice(["", "moved", "dropped", "twice", "turned", "corner"], p=[0.5, 0.15, 0.1, 0.05, 0.1, 0.1])
        shape = shapely.transform(one, lambda xy: xy + chance.uniform(-8, 8, 2)) if what == "moved" else one
        shape = one.reverse() if what == "turned" else shape
        shape = one.segmentize(60) if what == "corner" else shape
        found += [] if what == "dropped" else [shape] * (2 if what == "twice" else 1)
    return found


@given(st.integers(0, 10_000))
def test_the_overlaps_are_those_of_every_pair(seed: int) -> None:
    shapes = spoilt_grid(seed)
    found = misfits(np.array(shapes, dtype=object)).overlaps
    large = found[found["area_m2"] >= NOISE_M2]
    areas = dict(zip(zip(large["first"], large["second"], strict=True), large["area_m2"], strict=True))
    assert areas == pytest.approx(naive.overlaps(shapes, least_m2=NOISE_M2))


@given(st.integers(0, 10_000))
def test_the_holes_are_those_in_the_union_of_all(seed: int) -> None:
    shapes = spoilt_grid(seed)
    found = sorted(area for area in misfits(np.array(shapes, dtype=object)).holes["area_m2"] if area >= NOISE_M2)
    assert found == pytest.approx(naive.holes(shapes, least_m2=NOISE_M2), abs=0.5)


@given(st.integers(0, 10_000))
def test_areas_that_share_their_borders_have_neither_overlaps_nor_holes(seed: int) -> None:
    chance = np.random.default_rng(seed)
    found = misfits(np.array(bent_grid(chance, 4, 3), dtype=object))
    assert (len(found.overlaps), len(found.holes)) == (0, 0)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_order_of_areas_changes_nothing(seed: int, other: int) -> None:
    shapes = np.array(spoilt_grid(seed), dtype=object)
    order = np.random.default_rng(other).permutation(len(shapes))
    one, two = misfits(shapes), misfits(shapes[order])
    assert sorted(one.overlaps["area_m2"]) == pytest.approx(sorted(two.overlaps["area_m2"]))
    assert sorted(one.holes["area_m2"]) == pytest.approx(sorted(two.holes["area_m2"]))


def test_an_area_inside_a_layer_that_lies_there_twice_overlaps_though_none_of_its_borders_is_left_over() -> None:
    coarse = [box(0, 0, 200, 100), box(200, 0, 400, 100)]
    fine = [box(x, y, x + 50, y + 50) for x in range(0, 400, 50) for y in (0, 50)]
    found = misfits(np.array(coarse + fine, dtype=object)).overlaps
    assert len(found) == len(fine)
    assert found["area_m2"].sum() == pytest.approx(40_000)


def test_a_border_with_a_corner_more_on_one_side_is_no_misfit() -> None:
    one, two = box(0, 0, 100, 100), Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 37)])
    found = misfits(np.array([one, two], dtype=object))
    assert (len(found.overlaps), len(found.holes)) == (0, 0)


def test_areas_that_differ_by_the_last_digits_of_their_coordinates_share_a_border() -> None:
    one, two = box(0, 0, 100, 100), box(100.0000001, 0, 200, 100.0000001)
    found = misfits(np.array([one, two], dtype=object))
    assert (len(found.overlaps), len(found.holes)) == (0, 0)


def test_a_lake_left_out_of_one_area_alone_is_a_hole() -> None:
    lake = box(40, 40, 60, 60)
    assert misfits(np.array([box(0, 0, 100, 100) - lake], dtype=object)).holes["area_m2"].tolist() == [400]


def test_missing_and_empty_areas_take_no_part() -> None:
    found = misfits(np.array([None, box(0, 0, 10, 10), Polygon(), box(9, 0, 19, 10)], dtype=object))
    assert found.overlaps[["first", "second", "area_m2"]].to_numpy().tolist() == [[1, 3, 10]]


def test_no_areas_have_no_misfits() -> None:
    found = misfits(np.array([], dtype=object))
    assert (len(found.overlaps), len(found.holes)) == (0, 0)


@given(st.floats(0.5, 10), st.floats(0.5, 10))
def test_a_piece_is_narrow_where_the_largest_circle_in_it_is_smaller(width_m: float, limit_m: float) -> None:
    piece = Polygon([(0, 0), (300, 40), (300, 40 + width_m), (0, width_m)])
    widest_m = naive.widest_m(piece)
    if abs(widest_m - limit_m) > 0.01:
        assert are_narrow(np.array([piece]), limit_m).tolist() == [widest_m < limit_m]


def test_a_boundary_is_sound_that_is_there_valid_and_has_an_area() -> None:
    bow = Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    shapes = np.array([box(0, 0, 1, 1), None, Polygon(), bow, shapely.Point(0, 0)], dtype=object)
    assert are_sound(shapes).tolist() == [True, False, False, False, False]


def test_of_a_collection_its_polygons_stay() -> None:
    mixed = shapely.GeometryCollection([box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)]), box(4, 4, 5, 5)])
    assert areal(np.array([mixed], dtype=object))[0].equals(shapely.MultiPolygon([box(0, 0, 1, 1), box(4, 4, 5, 5)]))


def test_the_border_of_a_gap_is_measured_to_each_area_around_it() -> None:
    gap, west, north = box(0, 0, 2, 100), box(-50, 0, 0, 100), box(0, 100, 2, 200)
    found = borders_of(np.array([gap]), np.array([west, north]))
    assert found["border_m"].round(0).tolist() == [100, 2]
