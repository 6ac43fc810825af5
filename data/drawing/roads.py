"""Main roads, banks, the expressway with its service roads, and bridges for walkers."""

from itertools import pairwise

import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from . import plan
from .ground import lines, stretch
from .pen import Pen

OVERHANG_M = 250.0
STAIRS_M = 22.0


def draw_roads(pen: Pen) -> None:
    """Draw main roads, promenades, service roads and the expressway."""
    bank, corridor = pen.ground.bank, pen.ground.corridor
    _main_roads(pen, bank, corridor)
    urban = shapely.union_all([face for unit_id, face in pen.ground.faces.items() if unit_id[0] == "A"])
    for piece in lines(bank.exterior.intersection(urban)):
        pen.street(piece, "footway", "滨河步道")
    for piece in lines(corridor.exterior.intersection(urban.buffer(5))):
        if piece.length > 100:
            pen.street(piece, "tertiary", "快速路辅路")
    _expressway(pen)


def _main_roads(pen: Pen, bank: Polygon, corridor: Polygon) -> None:
    """Draw main roads that end at the banks and at the expressway, but for bridges and the underpass."""
    for road in plan.ROADS:
        line = _trimmed(pen, road.name)
        barred: BaseGeometry = bank if road.name == plan.UNDERPASS_ROAD else shapely.union_all([bank, corridor])
        for piece in lines(line.difference(barred)):
            if piece.length > 40:
                pen.street(piece, road.highway, road.name)
        if road.bridge:
            crossing = max(lines(line.intersection(bank)), key=lambda part: part.length)
            pen.raised(crossing, road.highway, road.bridge, bridge="yes", layer="1")


def _trimmed(pen: Pen, name: str) -> LineString:
    """Give the road without a short overhang beyond its first and last crossing."""
    line = pen.ground.roads[name]
    others = shapely.union_all([other for key, other in pen.ground.roads.items() if key != name])
    at_m = sorted(line.project(Point(hit.coords[0])) for hit in shapely.get_parts(line.intersection(others)))
    start_m = at_m[0] if at_m and at_m[0] < OVERHANG_M else 0.0
    end_m = at_m[-1] if at_m and line.length - at_m[-1] < OVERHANG_M else line.length
    return stretch(line, start_m, end_m)


def _expressway(pen: Pen) -> None:
    """Draw the expressway: not for walking; over the underpass it is a bridge."""
    line, road = pen.ground.expressway, pen.ground.roads[plan.UNDERPASS_ROAD]
    at_m = line.project(line.intersection(road).centroid)
    stops_m = [0.0, at_m - 45, at_m + 45, line.length]
    for number, (start_m, end_m) in enumerate(pairwise(stops_m)):
        more = {"bridge": "yes", "layer": "1"} if number == 1 else {}
        piece = stretch(line, start_m, end_m)
        pen.raised(piece, "motorway", plan.EXPRESSWAY_NAME, foot="no", **more)


def draw_footbridge(pen: Pen, name: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a footbridge with stairs at both ends, from the nearest street on one side to the other's."""
    on_ground = [street.line for street in pen.town.streets if not street.raised and "access" not in street.tags]
    tree = shapely.STRtree(on_ground)
    feet = []
    for place in (Point(start), Point(end)):
        near = on_ground[int(tree.nearest(place))]
        feet.append(near.interpolate(near.project(place)))
    span = LineString(feet)
    top = [span.interpolate(at_m) for at_m in (STAIRS_M, span.length - STAIRS_M)]
    pen.raised(LineString([feet[0], top[0]]), "steps")
    pen.raised(LineString(top), "footway", name, bridge="yes", layer="1")
    pen.raised(LineString([top[1], feet[1]]), "steps")
