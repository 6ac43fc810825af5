"""Fewer corners on the same map: shared borders stay shared, none moves farther than stated, numbers come back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.publish.codec import STEP_DEG, packed_shapes, unpacked_shapes
from lifecircle.publish.map_packing import compressed, opened
from lifecircle.publish.simplify import moves_within, simplified_coverage, simplified_lines, simplified_units

TOLERANCE_M = 5.0


def tiles(seed: int, n: int, wander_m: float) -> np.ndarray:
    """Square units of 200 m whose borders wander; neighbours share every corner."""
    rng, between = np.random.default_rng(seed), 9
    corners = 200.0 * np.stack(np.mgrid[: n + 1, : n + 1], axis=-1) + rng.uniform(-30, 30, (n + 1, n + 1, 2))

    def walks(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        share = np.linspace(0, 1, between + 2)[1:-1, None]
        straight = start[..., None, :] * (1 - share) + end[..., None, :] * share
        return straight + rng.normal(0, wander_m, straight.shape)

    down, across = walks(corners[:-1], corners[1:]), walks(corners[:, :-1], corners[:, 1:])
    return np.array(
        [
            shapely.Polygon(
                np.concatenate(
                    [
                        corners[i, j][None], down[i, j], corners[i + 1, j][None], across[i + 1, j],
                        corners[i + 1, j + 1][None], down[i, j + 1][::-1], corners[i, j + 1][None], across[i, j][::-1],
                    ]
                )
            )
            for i in range(n)
            for j in range(n)
        ]
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 4), wander_m=st.floats(0.2, 3.0))
def test_shared_borders_stay_shared_and_nothing_moves_beyond_the_tolerance(seed: int, n: int, wander_m: float) -> None:
    before = tiles(seed, n, wander_m)
    after = simplified_coverage(before, tolerance_m=TOLERANCE_M)
    assert shapely.coverage_is_valid(after), "no gap and no overlap between neighbours"
    corners, owner = shapely.get_coordinates(before, return_index=True)
    far = shapely.distance(shapely.boundary(after)[owner], shapely.points(corners))
    assert far.max() <= TOLERANCE_M
    assert shapely.get_num_coordinates(after).sum() <= shapely.get_num_coordinates(before).sum()


def test_a_spike_that_simplifying_would_cut_off_keeps_its_tip() -> None:
    spike = shapely.Polygon(
        [(0, 0), (100, 0), (100, 50), (100.01, 50), (160, 50.005), (100.01, 50.01), (100, 100), (0, 100)]
    )
    after = simplified_coverage([spike], tolerance_m=TOLERANCE_M)
    assert moves_within(np.array([spike]), after, TOLERANCE_M)
    assert shapely.get_coordinates(after)[:, 0].max() > 155


def test_the_finest_tolerance_that_fits_is_taken() -> None:
    units = gpd.GeoDataFrame(
        {"tier": "neighbourhood"}, index=range(9), geometry=list(tiles(3, 3, 2.0)), crs="EPSG:32651"
    )
    fine, coarse = (simplified_units(units, most_points=most) for most in (10_000, 90))
    counts = [int(shapely.get_num_coordinates(one.to_numpy()).sum()) for one in (units.geometry, fine, coarse)]
    assert counts[0] > counts[1] > counts[2]
    assert coarse.index.equals(units.index)


def test_units_that_overlap_are_left_as_they_are_where_there_are_few() -> None:
    shapes = [shapely.box(0, 0, 100, 100).segmentize(5), shapely.box(50, 0, 150, 100).segmentize(5)]
    units = gpd.GeoDataFrame({"tier": "circle"}, index=[4, 7], geometry=shapes, crs="EPSG:32651")
    assert simplified_units(units, most_points=1_000).geom_equals_exact(units.geometry, 0).all()


def test_streets_are_joined_and_keep_their_ends() -> None:
    found = simplified_lines(
        np.array([shapely.LineString(one) for one in ([(0, 0), (5, 0.1), (9, 0)], [(9, 0), (20, 0)])]), tolerance_m=1.0
    )
    assert [line.wkt for line in found] == ["LINESTRING (0 0, 20 0)"]


ring = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000)), min_size=3, max_size=12, unique=True)


@settings(max_examples=60, deadline=None)
@given(rings=st.lists(ring, max_size=6), lon=st.integers(15_000_000, 26_000_000), lat=st.integers(600_000, 10_000_000))
def test_places_come_back_exactly_as_they_were_put_on_the_grid(
    rings: list[list[tuple[int, int]]], lon: int, lat: int
) -> None:
    moved = [[(lon + x, lat + y) for x, y in one] for one in rings]
    shapes = [shapely.Polygon([(x * STEP_DEG, y * STEP_DEG) for x, y in one]) for one in moved]
    found = unpacked_shapes(opened(compressed(packed_shapes(shapes))))
    assert [[line.tolist() for line in one] for one in found] == [[[list(place) for place in one]] for one in moved]


def test_holes_parts_and_lines_come_back_and_points_do_not() -> None:
    holed = shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4))
    parts = shapely.MultiPolygon([shapely.box(2, 0, 3, 1), shapely.box(4, 0, 5, 1)])
    line, mixed = shapely.LineString([(0, 0), (1, 1)]), shapely.GeometryCollection([parts, shapely.Point(9, 9)])
    packed = packed_shapes([holed, parts, line, shapely.Point(1, 1), mixed])
    assert packed["rings"] == [2, 2, 1, 0, 2]
    assert packed["points"] == [4, 4, 4, 4, 2, 4, 4]


def test_no_place_is_moved_by_more_than_half_a_step() -> None:
    rng = np.random.default_rng(1)
    places = rng.uniform([73, 18], [135, 53], (500, 2))
    found = np.concatenate([one[0] for one in unpacked_shapes(packed_shapes([shapely.LineString(places)]))])
    assert np.abs(found * STEP_DEG - places).max() <= STEP_DEG / 2 * (1 + 1e-9)
    assert pytest.approx(0.56, abs=0.01) == STEP_DEG * 111_320
