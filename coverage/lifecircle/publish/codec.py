"""Shapes as whole numbers: places on a grid of half a metre, each written as the step from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

STEP_DEG = 5e-6  # degrees; 0.56 m from south to north, and so at most 0.28 m off
_AREA = 2  # dimensions


def packed_shapes(shapes: Sequence[Any] | np.ndarray) -> dict[str, list[int]]:
    """Areas and lines in degrees as three lists of whole numbers; points are left out.

    Parameters
    ----------
    shapes
        Polygons and lines, of many parts or of one, in degrees. Missing ones have no rings.

    Returns
    -------
    `rings`: how many rings (of an area, its holes too) or lines each shape has; `points`: how many places each of them
    has, the place that closes a ring left out; `steps`: east, north, east, north ... in `STEP_DEG`, each from the place
    before, the first from 0, 0.

    Examples
    --------
    >>> packed_shapes([shapely.box(0, 0, 0.00001, 0.00001)])
    {'rings': [1], 'points': [4], 'steps': [2, 0, 0, 2, -2, 0, 0, -2]}

    """
    lines, owner = _lines_of(np.asarray(shapes, dtype=object))
    degrees, line = shapely.get_coordinates(lines, return_index=True)
    grid = on_grid(degrees)
    first = np.diff(line, prepend=-1) > 0
    kept = first | (np.diff(grid, axis=0, prepend=grid[:1]) != 0).any(axis=1)
    grid, line = grid[kept], line[kept]
    last = np.diff(line, append=len(lines)) > 0
    opening = grid[np.searchsorted(line, line)]
    alone = last & (np.diff(line, prepend=-1) > 0)
    closing = last & ~alone & shapely.is_closed(lines)[line] & (grid == opening).all(axis=1)
    grid, line = grid[~closing], line[~closing]
    return {
        "rings": np.bincount(owner, minlength=len(shapes)).tolist(),
        "points": np.bincount(line, minlength=len(lines)).tolist(),
        "steps": steps(grid).ravel().tolist(),
    }


def unpacked_shapes(packed: dict[str, list[int]]) -> list[list[np.ndarray]]:
    """The rings or lines of each shape, as whole numbers of `STEP_DEG` east and north.

    >>> unpacked_shapes({"rings": [1], "points": [2], "steps": [2, 4, 1, -1]})[0][0].tolist()
    [[2, 4], [3, 3]]
    """
    places = np.cumsum(np.asarray(packed["steps"], dtype=np.int64).reshape(-1, 2), axis=0)
    lines = np.split(places, np.cumsum(packed["points"])[:-1]) if packed["points"] else []
    ends = np.cumsum(packed["rings"])
    return [lines[end - n : end] for end, n in zip(ends, packed["rings"], strict=True)]


def on_grid(degrees: np.ndarray) -> np.ndarray:
    """The nearest place of the grid, as whole numbers of steps.

    >>> on_grid(np.array([121.0, 31.000002])).tolist()
    [24200000, 6200000]
    """
    whole: np.ndarray = np.rint(np.asarray(degrees) / STEP_DEG).astype(np.int64)
    return whole


def steps(places: np.ndarray) -> np.ndarray:
    """Differences from one place to the next, the first from zero.

    >>> steps(np.array([5, 7, 4])).tolist()
    [5, 2, -3]
    """
    moved: np.ndarray = np.diff(places, axis=0, prepend=np.zeros_like(places[:1]))
    return moved


def _lines_of(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every ring and line of the shapes, with the position of its shape, in the order of the shapes."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    areas, ways = shapely.get_dimensions(parts) == _AREA, shapely.get_dimensions(parts) == 1
    rings, ring_of = shapely.get_rings(parts[areas], return_index=True)
    lines = np.concatenate([rings, parts[ways]])
    owners = np.concatenate([owner[areas][ring_of], owner[ways]]).astype(np.int64)
    order = np.argsort(owners, kind="stable")
    return lines[order], owners[order]
