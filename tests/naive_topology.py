"""Plain double loops for what lies between areas: every pair, every piece, nothing indexed."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry


def overlaps(shapes: Sequence[BaseGeometry], *, least_m2: float) -> dict[tuple[int, int], float]:
    """Square metres that each pair of areas has in common, if at least so many."""
    found = {}
    for first, one in enumerate(shapes):
        for second in range(first + 1, len(shapes)):
            area_m2 = one.intersection(shapes[second]).area
            if area_m2 >= least_m2:
                found[first, second] = area_m2
    return found


def holes(shapes: Sequence[BaseGeometry], *, least_m2: float) -> list[float]:
    """Square metres of every piece that areas enclose, if only by touching in a point, sorted."""
    whole: BaseGeometry = Polygon()
    for one in shapes:
        whole = whole.union(one)
    frame = whole.envelope.buffer(100)
    left = [part for part in polygons(frame.difference(whole)) if not part.intersects(frame.boundary)]
    return sorted(part.area for part in left if part.area >= least_m2)


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """The polygons that a shape is made of."""
    if isinstance(shape, Polygon):
        return [] if shape.is_empty else [shape]
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else []


def covered_m2(shapes: Sequence[BaseGeometry]) -> float:
    """Square metres that any of the areas covers."""
    whole: BaseGeometry = Polygon()
    for one in shapes:
        whole = whole.union(one)
    return float(whole.area)


def widest_m(shape: BaseGeometry) -> float:
    """The diameter of the largest circle in an area."""
    return 2 * shapely.maximum_inscribed_circle(shape, tolerance=0.001).length


def nearest_unit(place: Point, units: dict[str, BaseGeometry]) -> tuple[str, float]:
    """The unit nearest to a place, of several the one whose key sorts first, and the distance in metres."""
    best = ("", float("inf"))
    for key in sorted(units):
        metres = units[key].distance(place)
        if metres < best[1]:
            best = (key, metres)
    return best


def households_inside(shape: BaseGeometry, homes: Sequence[tuple[Point, float]]) -> float:
    """Households of the places inside of an area."""
    return sum(number for spot, number in homes if shape.contains(spot))
