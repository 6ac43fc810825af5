"""Shapes with no more corners than a screen can show; borders that were shared stay shared."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely

# Metres that a border may move, the finest first: a pixel of a screen is 1.0 m wide at zoom 17 in the south of China.
TOLERANCES_M = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)
_HALVINGS = 4


def simplified_units(units: gpd.GeoDataFrame, *, most_points: int) -> gpd.GeoSeries:
    """Areas of every tier with fewer corners, none of which lay farther from the new border than the tolerance.

    The finest tolerance is taken that leaves at most `most_points` corners, or the coarsest. Within a tier, units that
    share a border share the new one. A tier whose units overlap or do not meet corner by corner is left as it is
    where it is small, and has each of its units simplified by itself where it is not.

    Parameters
    ----------
    units
        Tier and geometry, in metres.
    most_points
        How many corners a map can hold.

    Returns
    -------
    Geometry on the index of `units`.

    """
    found = units.geometry
    for tolerance_m in TOLERANCES_M:
        parts = [_tier(found[units["tier"] == tier], tolerance_m, most_points) for tier in units["tier"].unique()]
        made = np.empty(len(units), dtype=object)
        for tier, shapes in zip(units["tier"].unique(), parts, strict=True):
            made[(units["tier"] == tier).to_numpy()] = shapes
        if shapely.get_num_coordinates(made).sum() <= most_points:
            break
    return gpd.GeoSeries(made, index=units.index, crs=units.crs)


def simplified_coverage(shapes: Sequence[shapely.Geometry] | np.ndarray, *, tolerance_m: float) -> np.ndarray:
    """Areas that tile a place with fewer corners; every shared border stays shared, none moves beyond the tolerance.

    Where the tiling would move farther, it is simplified less, down to not at all.

    Examples
    --------
    >>> left = shapely.Polygon([(0, 0), (10, 0), (10, 5), (10, 10), (0, 10)])
    >>> right = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])
    >>> made = simplified_coverage([left, right], tolerance_m=1.0)
    >>> shapely.get_num_coordinates(made).tolist(), made[0].intersection(made[1]).length
    ([5, 5], 10.0)

    """
    before = np.asarray(shapes, dtype=object)
    finer_m = tolerance_m
    for _ in range(_HALVINGS):
        made = shapely.coverage_simplify(before, finer_m)
        if moves_within(before, made, tolerance_m):
            return np.asarray(made)
        finer_m /= 2
    return before


def moves_within(before: np.ndarray, after: np.ndarray, tolerance_m: float) -> bool:
    """Whether every corner that there was lies at most the tolerance from the border that there is now."""
    if shapely.is_empty(after).any():
        return False
    borders = shapely.boundary(after)
    shapely.prepare(borders)
    corners, owner = shapely.get_coordinates(before, return_index=True)
    return bool(shapely.dwithin(borders[owner], shapely.points(corners), tolerance_m).all())


def simplified_lines(lines: np.ndarray, *, tolerance_m: float) -> np.ndarray:
    """Lines joined where two ends meet, with fewer corners; they begin and end where they did.

    >>> simplified_lines(shapely.linestrings([[(0, 0), (5, 0)], [(5, 0), (9, 0)]]), tolerance_m=1.0)
    array([<LINESTRING (0 0, 9 0)>], dtype=object)
    """
    whole = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines))) if len(lines) else None
    parts = shapely.get_parts(whole) if whole is not None else np.empty(0, dtype=object)
    return np.asarray(shapely.simplify(parts, tolerance_m))


def _tier(shapes: gpd.GeoSeries, tolerance_m: float, most_points: int) -> np.ndarray:
    areas: np.ndarray = shapes.to_numpy()
    if shapely.coverage_is_valid(areas):
        return simplified_coverage(areas, tolerance_m=tolerance_m)
    if shapely.get_num_coordinates(areas).sum() <= most_points // 4:
        return areas
    return np.asarray(shapely.simplify(areas, tolerance_m))
