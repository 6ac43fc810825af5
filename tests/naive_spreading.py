"""The naive twin of spreading: one unit, one place and one fraction after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

Place = tuple[float, float]


def hamilton(total: int, weights: Sequence[Fraction]) -> list[int]:
    """A total in whole parts by weight: quotas without their fractions, then one more to the largest fractions."""
    quotas = [total * weight / sum(weights) for weight in weights]
    parts = [math.floor(quota) for quota in quotas]
    by_rest = sorted(range(len(quotas)), key=lambda number: (parts[number] - quotas[number], number))
    for number in by_rest[: total - sum(parts)]:
        parts[number] += 1
    return parts


def spread_over_buildings(
    units: Sequence[tuple[str, BaseGeometry, int]],
    buildings: Sequence[tuple[BaseGeometry, float | None]],
    floors: float | None,
) -> dict[str, dict[Place, int]]:
    """For each unit: the places that get households, with how many. A place on a border is the first unit's."""
    stated = sorted(number for _, number in buildings if number)
    middle = len(stated) // 2
    median = (stated[middle] if len(stated) % 2 else (stated[middle - 1] + stated[middle]) / 2) if stated else 1
    weights: dict[str, list[tuple[Place, Fraction]]] = {}
    for shape, number in buildings:
        point = shape.representative_point()
        own = next((unit_id for unit_id, area, _ in sorted(units) if area.intersects(point)), None)
        if own is not None:
            weight = Fraction(round(shape.area, 2)).limit_denominator(100) * Fraction(number or floors or median)
            weights.setdefault(own, []).append(((round(point.x, 3), round(point.y, 3)), weight))
    return _parts(units, weights)


def spread_over_cells(
    units: Sequence[tuple[str, BaseGeometry, int]], cells: Sequence[tuple[BaseGeometry, int]]
) -> dict[str, dict[Place, int]]:
    """The same over cells with people, each unit having the part of a cell's people that its area has there."""
    weights: dict[str, list[tuple[Place, Fraction]]] = {}
    for shape, people in cells:
        for unit_id, area, _ in units:
            part = shape.intersection(area)
            if part.area:
                point: Point = part.representative_point()
                share = Fraction(round(part.area * 1e6), round(shape.area * 1e6))
                weights.setdefault(unit_id, []).append(((round(point.x, 3), round(point.y, 3)), people * share))
    return _parts(units, weights)


def _parts(
    units: Sequence[tuple[str, BaseGeometry, int]], weights: dict[str, list[tuple[Place, Fraction]]]
) -> dict[str, dict[Place, int]]:
    found: dict[str, dict[Place, int]] = {}
    for unit_id, _, total in units:
        spots = sorted((place, -weight) for place, weight in weights.get(unit_id, []) if weight > 0)
        if not spots or not total:
            continue
        parts = hamilton(total, [-weight for _, weight in spots])
        found[unit_id] = {}
        for (place, _), n in zip(spots, parts, strict=True):
            if n:
                found[unit_id][place] = found[unit_id].get(place, 0) + n
    return found
