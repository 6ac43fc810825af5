"""Units as small drawings: outlines with few points on a coarse grid, and an overview to print."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.publish.headline import TIERS, Lead, rows_of
from lifecircle.result import Result

_STEPS = 48  # of the grid across a usual unit of the lowest tier
_LEAST = 3  # points that make a ring
_TITLED = 400  # units that bear their name in the overview, for a reader to point at


@dataclass(frozen=True)
class Grid:
    """Whole numbers for places: x to the east and y to the south of the north-west corner, in steps of some metres."""

    west: float
    north: float
    step_m: float

    def whole(self, places: np.ndarray) -> np.ndarray:
        """Coordinates in metres as whole steps."""
        corner = np.array([self.west, self.north])
        steps: np.ndarray = np.rint((places - corner) * [1, -1] / self.step_m).astype(int)
        return steps


def grid_of(result: Result) -> Grid:
    """A grid on which a usual unit of the lowest tier is a few dozen steps wide."""
    units = result.tables.units
    west, south, east, north = (0.0 if math.isnan(one) else float(one) for one in units.total_bounds)
    lowest = [tier for tier in TIERS if (units["tier"] == tier).any()][-1:]
    areas = units.geometry[units["tier"].isin(lowest)].area.to_numpy()
    usual = (
        math.sqrt(float(np.median(areas))) if len(areas) and np.median(areas) > 0 else max(east - west, north - south)
    )
    return Grid(west, north, (usual or 1.0) / _STEPS)


def drawn_units(result: Result, grid: Grid) -> dict[str, tuple[str, list[int]]]:
    """The outline of each unit as an SVG path, and its box (west, north, east, south), in steps of the grid.

    Shared borders stay shared. A unit without an area has no outline.
    """
    found: dict[str, tuple[str, list[int]]] = {}
    for _, units in result.tables.units.groupby("tier", sort=False):
        for unit_id, shape in zip(units["unit_id"], _simple(units, grid), strict=True):
            path, corners = _path(shape, grid)
            if corners.size:
                found[unit_id] = path, [*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist()]
    return found


def _simple(units: gpd.GeoDataFrame, grid: Grid) -> np.ndarray:
    """Shapes of one tier with as few points as one sees, each border once."""
    shapes = units.geometry.to_numpy().copy()
    areas = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    size = math.sqrt(float(np.median(shapely.area(shapes[areas])))) if areas.any() else 0.0
    if areas.any():
        shapes[areas] = shapely.coverage_simplify(shapes[areas], max(1.2 * grid.step_m, size / 60))
    shapes[~areas] = None
    return np.asarray(shapes)


def _path(shape: Any, grid: Grid) -> tuple[str, np.ndarray]:
    """Rings as an SVG path in whole steps, each point told from the last; and all points."""
    said, seen = [], [np.empty((0, 2), dtype=int)]
    rings: Any = shapely.get_rings(shapely.get_parts(shape)) if shape is not None else []
    for ring in rings:
        places = grid.whole(shapely.get_coordinates(ring))
        moved = np.r_[True, np.any(np.diff(places, axis=0), axis=1)]
        places = places[moved][:-1] if np.array_equal(places[0], places[-1]) else places[moved]
        if len(places) < _LEAST:
            continue
        steps = np.diff(places, axis=0)
        pairs = "".join(_pair(x, y) for x, y in steps.tolist())
        said.append(f"M{places[0][0]} {places[0][1]}l{pairs.lstrip()}z")
        seen.append(places)
    return "".join(said), np.concatenate(seen)


def _pair(x: int, y: int) -> str:
    """Two numbers with no more between them than they need."""
    return f"{'' if x < 0 else ' '}{x}{'' if y < 0 else ' '}{y}"


def overview(result: Result, lead: Lead | None, grid: Grid, drawn: dict[str, tuple[str, list[int]]]) -> dict[str, Any]:
    """Every unit of the leading tier with its verdict, as an SVG drawing of the page; empty where nothing has an area.

    `shapes` are (verdict, path, name), `borders` the paths of the larger units, `view` the box of all,
    `counts` how many units have each verdict.
    """
    rows = rows_of(result, lead) if lead else result.units.head(0)
    rows = rows[rows["tier"] == lead.tier] if lead else rows
    boxes = np.array([box for _, box in drawn.values()]).reshape(-1, 4)
    if not len(boxes) or not len(rows):
        return {}
    said = len(rows) <= _TITLED
    west, north = boxes[:, :2].min(axis=0).tolist()
    east, south = boxes[:, 2:].max(axis=0).tolist()
    shapes = [
        (verdict, drawn[unit_id][0], name if said else "")
        for unit_id, name, verdict in zip(rows["unit_id"], rows["name"], rows["verdict"], strict=True)
        if unit_id in drawn
    ]
    return {
        "shapes": shapes,
        "borders": _borders(result, lead.tier if lead else "", grid),
        "view": [west, north, east - west or 1, south - north or 1],
        "counts": rows["verdict"].value_counts(sort=False).to_dict(),
    }


def _borders(result: Result, tier: str, grid: Grid) -> list[str]:
    """Outlines of the largest units, drawn over those of a lower tier with the same borders; none over themselves."""
    units = result.tables.units
    largest = next(one for one in TIERS if (units["tier"] == one).any())
    if largest == tier:
        return []
    own = units[units["tier"] == tier]
    above = top_units(result)
    shapes, tops = _simple(own, grid), own["unit_id"].map(above).to_numpy()
    known = np.array([shape is not None for shape in shapes])
    unions = [shapely.unary_union(shapes[known & (tops == top)]) for top in dict.fromkeys(tops[known])]
    return [path for path, _ in (_path(union, grid) for union in unions if not union.is_empty) if path]


def top_units(result: Result) -> dict[str, str]:
    """For each unit the largest unit that it is part of, itself where it is part of none."""
    units = result.tables.units
    known = set(units["unit_id"])
    parents = {one: parent for one, parent in zip(units["unit_id"], units["parent_id"], strict=True) if parent in known}
    found = {}
    for unit_id in units["unit_id"]:
        top, seen = unit_id, {unit_id}
        while top in parents and parents[top] not in seen:
            top = parents[top]
            seen.add(top)
        found[unit_id] = top
    return found
