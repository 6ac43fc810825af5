"""Curves, water, faces and blocks: the geometry that everything else stands on (metres)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
import shapely.geometry.polygon
from scipy.interpolate import CubicSpline
from shapely import LineString, MultiLineString, Point, Polygon, affinity
from shapely.geometry.base import BaseGeometry
from shapely.ops import split, substring

from . import plan

GRID_M = 0.01
BANK_M = 14.0
CORRIDOR_M = 32.0


def curve(points: plan.Points, step_m: float = 40.0) -> LineString:
    """Smooth line through the points, as short straight pieces."""
    xy = np.asarray(points, dtype=float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    spline = CubicSpline(along, xy, bc_type="natural")
    line = LineString(spline(np.linspace(0, along[-1], max(2, int(along[-1] / step_m)))))
    return LineString(shapely.set_precision(line.simplify(0.8), GRID_M).coords)


def ellipse(centre: tuple[float, float], semi_axes_m: tuple[float, float], turn_deg: float) -> Polygon:
    """Ellipse as a polygon of 32 corners."""
    circle = Point(0, 0).buffer(1, quad_segs=8)
    return affinity.translate(affinity.rotate(affinity.scale(circle, *semi_axes_m), turn_deg, origin=(0, 0)), *centre)


def island() -> Polygon:
    """Draw the island in the river."""
    return ellipse(plan.ISLAND_CENTRE, plan.ISLAND_SEMI_AXES_M, plan.ISLAND_TURN_DEG)


def river_axis() -> LineString:
    """Draw the middle of the river, which is also a border."""
    return curve(plan.RIVER)


def river_water() -> Polygon:
    """Draw the river with its island left out: wider and narrower along its course."""
    xy = np.asarray(plan.RIVER, dtype=float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    dense = curve(plan.RIVER, 15.0).segmentize(15.0)
    share = np.linspace(0, along[-1], len(dense.coords))
    half = np.interp(share, along, plan.RIVER_HALF_WIDTH_M)
    discs = shapely.buffer(shapely.points(np.asarray(dense.coords)), half)
    body = shapely.union_all([*discs, island().buffer(58)])
    body = body.buffer(45).buffer(-45)  # no sharp corner where the channels part
    return polygons(body.simplify(1.5).difference(island()))[0]


@dataclass(frozen=True)
class Ground:
    """The fixed things: water, the expressway, the main roads, and the faces between them."""

    axis: LineString
    water: Polygon
    expressway: LineString
    roads: dict[str, LineString]
    faces: dict[str, Polygon]  # by neighbourhood
    outside: list[Polygon]

    @property
    def bank(self) -> Polygon:
        """The river with its banks, island and all."""
        return polygons(Polygon(self.water.exterior).buffer(BANK_M).simplify(0.5))[0]

    @property
    def corridor(self) -> Polygon:
        """The ground that the expressway takes."""
        return polygons(self.expressway.buffer(CORRIDOR_M).simplify(0.5))[0]

    @property
    def shut(self) -> BaseGeometry:
        """Where no local street can be."""
        return shapely.union_all([self.bank, self.corridor])


def lay_ground() -> Ground:
    """Cut the drawn box by main roads, river and expressway; give each neighbourhood its faces."""
    axis, expressway = river_axis(), curve(plan.EXPRESSWAY)
    roads = {road.name: curve(road.points) for road in plan.ROADS}
    frame = shapely.box(*plan.DRAWN_BOX_M)
    lines = shapely.union_all([axis, expressway, *roads.values(), frame.exterior], grid_size=GRID_M)
    cells = [cell for cell in polygons(shapely.polygonize([lines])) if frame.buffer(1).contains(cell)]
    cells.sort(key=lambda cell: cell.representative_point().coords[0])
    faces: dict[str, Polygon] = {}
    for unit in plan.NEIGHBOURHOODS:
        own = [cell for cell in cells if any(cell.contains(Point(seed)) for seed in unit.seeds)]
        faces[unit.unit_id] = polygons(shapely.union_all(own, grid_size=GRID_M))[0]
    taken = shapely.union_all([face.buffer(-1) for face in faces.values()])
    outside = [cell for cell in cells if not cell.intersects(taken)]
    return Ground(axis, river_water(), expressway, roads, faces, outside)


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """List the polygons of a geometry, largest first."""
    found = [part for part in shapely.get_parts(shapely.get_parts(shape)) if isinstance(part, Polygon)]
    return sorted((part for part in found if part.area > 0), key=lambda part: -part.area)


def plainer(polygon: Polygon, tolerance_m: float) -> Polygon:
    """Simplify a polygon; empty stays empty."""
    found = polygons(polygon.simplify(tolerance_m))
    return found[0] if found else Polygon()


def corners(polygon: Polygon, tolerance_m: float) -> np.ndarray:
    """List the corners of a simplified polygon, its inside on their left, the first again at the end."""
    return np.asarray(shapely.geometry.polygon.orient(plainer(polygon, tolerance_m)).exterior.coords)


def stretch(line: LineString, start_m: float, end_m: float) -> LineString:
    """Cut the part of a line between two distances along it."""
    return LineString(substring(line, start_m, end_m).coords)


def lines(shape: BaseGeometry) -> list[LineString]:
    """List the lines of a geometry, joined where they continue each other, in a stable order."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("LineString", "LinearRing")]
    merged = shapely.line_merge(MultiLineString([part.coords for part in parts])) if parts else MultiLineString()
    return sorted(shapely.get_parts(merged), key=lambda part: (round(-part.length, 3), part.coords[0]))


@dataclass(frozen=True)
class Pattern:
    """How a face is cut into blocks: wanted size, turn, and how crooked the streets are."""

    size_m2: Callable[[Polygon], float]
    turn_deg: float | None = None
    wobble_deg: float = 2.0
    crook_m: float = 0.0
    off_centre: float = 0.12

    def turned(self, turn_deg: float | None) -> "Pattern":
        """Give the same pattern with its streets turned."""
        return replace(self, turn_deg=turn_deg)


@dataclass(frozen=True)
class Cut:
    """One street made by cutting a block, with the number of cuts before it."""

    line: LineString
    depth: int


def axes_of(block: Polygon) -> tuple[float, float, float]:
    """Direction of the long side in degrees, long side and short side in metres, of the smallest rectangle around."""
    around = np.asarray(polygons(shapely.minimum_rotated_rectangle(block))[0].exterior.coords)
    first, second = around[1] - around[0], around[2] - around[1]
    long, short = (first, second) if np.hypot(*first) >= np.hypot(*second) else (second, first)
    return float(np.degrees(np.arctan2(long[1], long[0])) % 180), float(np.hypot(*long)), float(np.hypot(*short))


def cut_blocks(
    block: Polygon, pattern: Pattern, rng: np.random.Generator, depth: int = 0
) -> tuple[list[Cut], list[Polygon]]:
    """Cut a block in two across its long side, again and again, until the pieces are small enough."""
    wanted_m2 = pattern.size_m2(block) * rng.uniform(0.75, 1.35)
    if block.area <= wanted_m2 or depth > 12:
        return [], [block]
    for _ in range(8):
        knife = _knife(block, pattern, rng)
        pieces = [piece for piece in split(block, knife).geoms if isinstance(piece, Polygon)]
        if len(pieces) > 1 and min(piece.area for piece in pieces) > 0.18 * block.area:
            break
    else:
        return [], [block]
    cuts = [Cut(line, depth) for line in lines(knife.intersection(block)) if line.length > 15]
    blocks: list[Polygon] = []
    for piece in sorted(pieces, key=lambda piece: piece.representative_point().coords[0]):
        more, small = cut_blocks(piece, pattern, rng, depth + 1)
        cuts += more
        blocks += small
    return cuts, blocks


def _knife(block: Polygon, pattern: Pattern, rng: np.random.Generator) -> LineString:
    """Draw a line across the long side of the block, near its middle."""
    along_deg, long_m, _ = axes_of(block)
    across_deg = along_deg + 90
    if pattern.turn_deg is not None:
        turns = [pattern.turn_deg, pattern.turn_deg + 90]
        across_deg = min(turns, key=lambda turn: abs((turn - across_deg + 90) % 180 - 90))
    across = np.radians(across_deg + rng.normal(0, pattern.wobble_deg))
    along = np.radians(along_deg)
    shift_m = rng.uniform(-pattern.off_centre, pattern.off_centre) * long_m
    middle = np.asarray(shapely.minimum_rotated_rectangle(block).centroid.coords[0])
    middle = middle + shift_m * np.array([np.cos(along), np.sin(along)])
    offsets_m = np.array([-4000, -150, -75, 0, 75, 150, 4000]) if pattern.crook_m else np.array([-4000, 4000])
    sideways_m = rng.normal(0, pattern.crook_m, len(offsets_m)) if pattern.crook_m else np.zeros(len(offsets_m))
    direction, normal = np.array([np.cos(across), np.sin(across)]), np.array([-np.sin(across), np.cos(across)])
    return LineString(middle + offsets_m[:, None] * direction + sideways_m[:, None] * normal)
