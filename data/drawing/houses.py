"""Buildings inside one block: rows of slabs, houses along the edges, houses along a lane."""

from itertools import pairwise

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry

from .ground import axes_of, corners, polygons


def oblong(centre: tuple[float, float], length_m: float, depth_m: float, turn_deg: float) -> Polygon:
    """Rectangle around a centre, its length turned by `turn_deg`."""
    box = shapely.box(-length_m / 2, -depth_m / 2, length_m / 2, depth_m / 2)
    return affinity.translate(affinity.rotate(box, turn_deg, origin=(0, 0)), *centre)


def angled(centre: tuple[float, float], length_m: float, depth_m: float, turn_deg: float) -> Polygon:
    """L-shaped building around a centre."""
    long, deep = length_m / 2, depth_m / 2
    outline = [(-long, -deep), (long, -deep), (long, 2.2 * deep), (long - depth_m, 2.2 * deep),
               (long - depth_m, deep), (-long, deep)]  # fmt: skip
    return affinity.translate(affinity.rotate(Polygon(outline), turn_deg, origin=(0, 0)), *centre)


def inner(block: Polygon, setback_m: float) -> Polygon:
    """Keep what is left of a block behind the setback; empty where nothing is."""
    left = polygons(block.buffer(-setback_m, join_style="mitre"))
    return left[0] if left else Polygon()


def southward_turn(block: Polygon) -> float:
    """Find the direction of the block's rectangle that lies nearer to east-west."""
    along_deg, _, _ = axes_of(block)
    return min((along_deg, along_deg - 90, along_deg - 180), key=abs)


def slabs(
    room: Polygon, size_m: tuple[float, float], gaps_m: tuple[float, float], turn_deg: float, shut: BaseGeometry
) -> list[Polygon]:
    """Rows of long buildings in a room, parallel to `turn_deg`, clear of what is shut.

    `size_m` is a building's length and depth; `gaps_m` is the gap beside it and the step from row to row.
    """
    (length_m, depth_m), (gap_m, row_m) = size_m, gaps_m
    if room.is_empty:
        return []
    pivot = room.centroid
    level, level_shut = affinity.rotate(room, -turn_deg, origin=pivot), affinity.rotate(shut, -turn_deg, origin=pivot)
    west, south, east, north = level.bounds
    n_rows = int((north - south - depth_m) // row_m) + 1
    n_columns = int((east - west + gap_m) // (length_m + gap_m))
    if n_rows < 1 or n_columns < 1:
        return []
    first_y = (south + north - (n_rows - 1) * row_m) / 2
    first_x = (west + east - (n_columns - 1) * (length_m + gap_m)) / 2
    found = []
    for row in range(n_rows):
        for column in range(n_columns):
            slab = oblong((first_x + column * (length_m + gap_m), first_y + row * row_m), length_m, depth_m, 0)
            if level.contains(slab) and not level_shut.intersects(slab):
                found.append(affinity.rotate(slab, turn_deg, origin=pivot))
    return found


def best_slabs(
    room: Polygon,
    lengths_m: tuple[float, ...],
    depth_m: float,
    gaps_m: tuple[float, float],
    turn_deg: float,
    shut: BaseGeometry,
) -> list[Polygon]:
    """Fill a room with rows of the building length that makes the most of it."""
    tries = [slabs(room, (length_m, depth_m), gaps_m, turn_deg, shut) for length_m in lengths_m]
    return max(tries, key=lambda rows: round(sum(slab.area for slab in rows), 3))


def edge_houses(room: Polygon, shut: BaseGeometry, skip_share: float, rng: np.random.Generator) -> list[Polygon]:
    """Houses of differing width shoulder to shoulder along the edges of a room, some of them L-shaped."""
    if room.is_empty:
        return []
    found: list[Polygon] = []
    for start, end in pairwise(corners(room, 2.0)):
        length_m = float(np.hypot(*(end - start)))
        direction = (end - start) / max(length_m, 0.1)
        inward = np.array([-direction[1], direction[0]])
        turn_deg = float(np.degrees(np.arctan2(direction[1], direction[0])))
        at_m = rng.uniform(1, 6)
        while at_m + 11 < length_m:
            width_m, depth_m = rng.uniform(14, 31), rng.uniform(9, 14)
            place = start + direction * (at_m + width_m / 2) + inward * (depth_m / 2 + 0.5)
            draw = angled if width_m > 20 and rng.random() < 0.35 else oblong
            house = draw(tuple(place), width_m, depth_m, turn_deg)
            free = room.contains(house) and not shut.intersects(house)
            if free and rng.random() > skip_share and not any(house.intersects(other) for other in found):
                found.append(house)
            at_m += width_m + rng.uniform(1.5, 7)
    return found


def edge_slabs(room: Polygon, turn_deg: float, shut: BaseGeometry) -> list[Polygon]:
    """Put buildings along the edges of a room: slabs where the edge runs with the rows, short ones elsewhere."""
    found: list[Polygon] = []
    if room.is_empty:
        return found
    for start, end in pairwise(corners(room, 2.0)):
        edge_m = float(np.hypot(*(end - start)))
        direction = (end - start) / max(edge_m, 0.1)
        edge_deg = float(np.degrees(np.arctan2(direction[1], direction[0])))
        with_rows = abs((edge_deg - turn_deg + 90) % 180 - 90) < 35
        length_m, depth_m, gap_m = (40.0, 13.0, 14.0) if with_rows else (13.0, 20.0, 19.0)
        n_fit = int((edge_m + gap_m - 8) // (length_m + gap_m))
        first_m = (edge_m - n_fit * (length_m + gap_m) + gap_m) / 2
        for number in range(n_fit):
            place = start + direction * (first_m + length_m / 2 + number * (length_m + gap_m))
            place = place + np.array([-direction[1], direction[0]]) * (depth_m / 2 + 0.3)
            slab = oblong((place[0], place[1]), length_m, depth_m, edge_deg)
            if room.contains(slab) and not shut.intersects(slab) and all(slab.distance(o) > 9 for o in found):
                found.append(slab)
    return found


def lane_houses(
    lane: LineString,
    spacing_m: float,
    setback_m: float,
    skip_share: float,
    shut: BaseGeometry,
    rng: np.random.Generator,
) -> list[Polygon]:
    """Farmhouses on both sides of a lane, turned with it; neighbours on one side follow each other."""
    found: list[Polygon] = []
    for side in (-1, 1):
        at_m = float(rng.uniform(8, 20))
        while at_m < lane.length - 8:
            here, there = lane.interpolate(at_m - 3), lane.interpolate(at_m + 3)
            direction = np.array([there.x - here.x, there.y - here.y])
            direction /= max(float(np.hypot(*direction)), 0.01)
            aside_m = setback_m + rng.uniform(0, 5)
            place = np.array(lane.interpolate(at_m).coords[0]) + side * aside_m * np.array(
                [-direction[1], direction[0]]
            )
            turn_deg = float(np.degrees(np.arctan2(direction[1], direction[0]))) + rng.normal(0, 3)
            house = oblong(tuple(place), rng.uniform(10, 14), rng.uniform(8, 10.5), turn_deg)
            clear = not shut.intersects(house) and not any(house.distance(other) < 2 for other in found[-40:])
            if clear and rng.random() > skip_share:
                found.append(house)
            at_m += spacing_m * rng.uniform(0.85, 1.35)
    return found


def inside(polygon: Polygon) -> Point:
    """Find a point that surely lies in a building: its middle, or another where the middle is out."""
    middle = polygon.centroid
    return middle if polygon.contains(middle) else polygon.representative_point()
