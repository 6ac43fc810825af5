"""The lines nearest to points, and nearest with nothing in between."""

from __future__ import annotations

from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely

Rows: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]

TIE_M = 1e-6  # lines whose distances differ by no more are equally near
# Layers drawn by different hands put a wall, the street along it and the door in it at one place to a centimetre at
# best, so the first and the last centimetre between place and street cannot tell on which side of the wall they lie.
_BLUR_M = 0.01


def nearest_lines(tree: shapely.STRtree, points: np.ndarray, snap_m: float) -> Rows:
    """Rows of point, line nearest to it and metres: all lines as near within a micrometre, none beyond `snap_m`."""
    there = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    (near, _), distance = tree.query_nearest(
        points[there], max_distance=snap_m + TIE_M, return_distance=True, all_matches=False
    )
    within = distance <= snap_m + TIE_M
    who, distance = there[near[within]], distance[within]
    place, line = tree.query(points[who], predicate="dwithin", distance=distance + TIE_M)
    return who[place], line, distance[place]


def nearest_across_none(
    tree: shapely.STRtree, points: np.ndarray, nearest: Rows, snap_m: float, barriers: gpd.GeoDataFrame
) -> Rows:
    """Rows of `nearest_lines` without those across a barrier; points that have none left look farther."""
    walls = shapely.STRtree(barriers.geometry.to_numpy())
    point, line, metres = nearest
    free = ~_crosses(walls, shapely.shortest_line(points[point], tree.geometries[line]))
    again = np.setdiff1d(point, point[free])
    place, other = tree.query(points[again], predicate="dwithin", distance=snap_m)
    legs = shapely.shortest_line(points[again[place]], tree.geometries[other])
    open_legs = ~_crosses(walls, legs)
    place, other, length = place[open_legs], other[open_legs], shapely.length(legs[open_legs])
    least = np.full(len(again), np.inf)
    np.minimum.at(least, place, length)
    tied = length <= least[place] + TIE_M
    return (
        np.append(point[free], again[place[tied]]),
        np.append(line[free], other[tied]),
        np.append(metres[free], least[place[tied]]),
    )


def _crosses(walls: shapely.STRtree, legs: np.ndarray) -> np.ndarray:
    """Whether a wall stands in the way of each leg, its first and last centimetre left out."""
    length = shapely.length(legs)
    some = np.flatnonzero(length > 2 * _BLUR_M)
    ends = shapely.get_coordinates(legs[some]).reshape(-1, 2, 2)
    step = (ends[:, 1] - ends[:, 0]) * (_BLUR_M / length[some])[:, None]
    cut = np.zeros(len(legs), dtype=bool)
    inner = shapely.linestrings(np.stack([ends[:, 0] + step, ends[:, 1] - step], axis=1))
    cut[some[np.unique(walls.query(inner, predicate="intersects")[0])]] = True
    return cut
