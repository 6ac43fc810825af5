"""Gated compounds: wall, gates, an inner loop, rows of buildings and a garden."""

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from . import plan
from .ground import axes_of, lines, plainer, polygons
from .houses import best_slabs, edge_slabs, inner, southward_turn
from .pen import Pen, long_edges
from .things import Gate

WALL_SETBACK_M = 12.0
LOOP_SETBACK_M = 46.0
LEAST_CORE_M2 = 3000.0
LEAST_LOOP_WIDTH_M = 58.0
LEAST_CROSSED_M2 = 9000.0
LENGTHS_M = (50.0, 42.0, 34.0, 26.0)


def draw_compound(pen: Pen, unit: plan.Neighbourhood, block: Polygon) -> None:
    """Wall a block in and fill it; blocks too small for streets of their own become gardens."""
    wall, core = plainer(inner(block, WALL_SETBACK_M), 3), inner(block, LOOP_SETBACK_M)
    core = plainer(inner(core, 14).buffer(14), 2) if core.area > LEAST_CORE_M2 else core
    main = main_street(core) if core.area > LEAST_CORE_M2 else LineString()
    ways = [] if main.is_empty else gate_ways(pen, block, wall, main)
    if not ways:
        pen.lay(inner(wall, 0), leisure="garden", landuse="grass")
        return
    pen.town.walls.append(wall.exterior)
    pen.street(main, "service", access="private")
    locked = locks(pen, unit, len(ways))
    for number, (gate, way) in enumerate(ways):
        access = {"access": "no", "foot": "no"} if number == locked else {"access": "private"}
        pen.town.gates.append(Gate(gate, {"barrier": "gate"} | access))
        pen.street(way, "service", access="private")
    streets = shapely.union_all([main.buffer(6), *[way.buffer(7) for _, way in ways]])
    if main.is_closed:
        settle(pen, unit, wall, loop_buildings(pen, wall, core, streets))
    else:
        settle(pen, unit, wall, spine_buildings(wall, main, streets))


def main_street(core: Polygon) -> LineString:
    """Choose the loop around the core, or a spine along it where it is narrow."""
    along_deg, long_m, short_m = axes_of(core)
    if short_m >= LEAST_LOOP_WIDTH_M:
        return LineString(core.exterior.coords)
    along = np.array([np.cos(np.radians(along_deg)), np.sin(np.radians(along_deg))])
    middle = np.array(core.centroid.coords[0])
    return lines(LineString([middle - long_m * along, middle + long_m * along]).intersection(core))[0]


def loop_buildings(pen: Pen, wall: Polygon, core: Polygon, streets: BaseGeometry) -> list[Polygon]:
    """Rows inside the loop, parted by a path, with a garden; buildings along the wall."""
    turn_deg, halves = southward_turn(wall), [core]
    if core.area > LEAST_CROSSED_M2:
        path = cross_path(core, turn_deg)
        pen.street(path, "footway", access="private")
        halves, streets = polygons(core.difference(path.buffer(1))), streets.union(path.buffer(5))
    rows = [slab for half in halves for slab in best_slabs(inner(half, 7), LENGTHS_M, 14, (11, 31), turn_deg, streets)]
    garden = Polygon()
    if len(rows) > 3:
        middle = min(rows, key=lambda slab: round(slab.centroid.distance(core.centroid), 3))
        rows.remove(middle)
        garden = middle.centroid.buffer(30, quad_segs=4)
    edge = edge_slabs(inner(wall, 6), turn_deg, streets)
    buildings = rows + [slab for slab in edge if all(slab.distance(row) > 8 for row in rows)]
    for piece in polygons(garden.difference(shapely.union_all([*buildings, streets]).buffer(4)))[:1]:
        pen.lay(plainer(piece, 1), leisure="garden", landuse="grass")
    return buildings


def spine_buildings(wall: Polygon, spine: LineString, streets: BaseGeometry) -> list[Polygon]:
    """Rows on both sides of the spine."""
    turn_deg = southward_turn(wall)
    start, end = np.array(spine.coords[0]), np.array(spine.coords[-1])
    whole = LineString([start - (end - start), end + (end - start)])
    sides = polygons(inner(wall, 6).difference(whole.buffer(7)))
    return [slab for side in sides for slab in best_slabs(side, LENGTHS_M, 13, (11, 31), turn_deg, streets)]


def settle(pen: Pen, unit: plan.Neighbourhood, wall: Polygon, buildings: list[Polygon]) -> None:
    """Build the compound: one entry in the list of dwellings, in the building nearest the middle."""
    for slab in buildings:
        pen.build(slab, "apartments")
    if buildings:
        home = min(buildings, key=lambda slab: round(slab.distance(wall.centroid), 3))
        pen.dwell(home, "小区", unit, sum(slab.area for slab in buildings))


def locks(pen: Pen, unit: plan.Neighbourhood, n_ways: int) -> int:
    """Tell which gate is locked, or -1: one compound in each of two neighbourhoods locks its main gate."""
    done = any(gate.tags["access"] == "no" and pen.ground.faces[unit.unit_id].contains(gate.point)
               for gate in pen.town.gates)  # fmt: skip
    return 0 if unit.unit_id in plan.LOCKED_GATE_IN and n_ways > 1 and not done else -1


def gate_ways(pen: Pen, block: Polygon, wall: Polygon, main: LineString) -> list[tuple[Point, LineString]]:
    """One to three ways from the street through the wall to the main street, near the middles of the longest edges."""
    wanted = int(pen.rng.choice([1, 2, 2, 3]))
    ways: list[tuple[Point, LineString]] = []
    for start, end in long_edges(block, 6):
        direction = (end - start) / np.hypot(*(end - start))
        middle = start + (end - start) * pen.rng.uniform(0.4, 0.6)
        inward = np.array([-direction[1], direction[0]])
        ray = LineString([middle - 12 * inward, middle + 130 * inward])
        crossed = [ray.intersection(line) for line in (block.exterior, wall.exterior, main)]
        if any(hit.is_empty for hit in crossed) or any(way.distance(ray) < 40 for _, way in ways):
            continue
        hits = [shapely.ops.nearest_points(hit, Point(middle))[0] for hit in crossed]
        ways.append((hits[1], LineString(hits)))
        if len(ways) == wanted:
            break
    return ways


def cross_path(core: Polygon, turn_deg: float) -> LineString:
    """Cut a path across the loop, at right angles to the rows of buildings."""
    across = np.radians(turn_deg + 90)
    reach = 500 * np.array([np.cos(across), np.sin(across)])
    middle = np.array(core.centroid.coords[0])
    return lines(LineString([middle - reach, middle + reach]).intersection(core))[0]
