"""The pen: adds streets, buildings and dwellings to the town, with one source of chance."""

from itertools import pairwise

import numpy as np
from shapely import LineString, Point, Polygon

from . import plan
from .ground import Cut, Ground, Pattern, corners, cut_blocks, polygons
from .houses import angled, inner, inside, oblong
from .names import name_pool
from .things import Dwelling, Shape, Site, Street, Town

NOWHERE = Polygon()
STAIRS_BELOW_M = 95.0  # short lanes of the old town go up stairs
Edge = tuple[np.ndarray, np.ndarray]


class Pen:
    """What every part of the drawing needs: the ground, the chance, the town so far."""

    def __init__(self, ground: Ground, rng: np.random.Generator) -> None:
        """Start with an empty town."""
        self.ground, self.rng, self.town = ground, rng, Town()
        self.names = name_pool(rng)
        self.shut = ground.shut

    def street(self, line: LineString, highway: str, name: str = "", **more: str) -> None:
        """Add one street on the ground."""
        tags = {"highway": highway} | ({"name": name} if name else {}) | more
        self.town.streets.append(Street(line, tags))

    def raised(self, line: LineString, highway: str, name: str = "", **more: str) -> None:
        """Add one way that meets other streets at its ends only."""
        tags = {"highway": highway} | ({"name": name} if name else {}) | more
        self.town.streets.append(Street(line, tags, raised=True))

    def cut_streets(self, cuts: list[Cut], classes: list[str], suffixes: list[str]) -> None:
        """Turn cuts into streets: the deeper the cut, the smaller the street."""
        for cut in cuts:
            suffix = suffixes[min(cut.depth, len(suffixes) - 1)]
            name = self.names.pop() + suffix if suffix and self.names else ""
            highway = classes[min(cut.depth, len(classes) - 1)]
            stairs = highway == "footway" and cut.line.length < STAIRS_BELOW_M
            self.street(cut.line, "steps" if stairs else highway, name)

    def blocks(self, pieces: list[Polygon], pattern: Pattern, classes: tuple[list[str], list[str]]) -> list[Polygon]:
        """Cut pieces of land into blocks, streets between them."""
        found: list[Polygon] = []
        for piece in pieces:
            cuts, small = cut_blocks(piece, pattern, self.rng)
            self.cut_streets(cuts, *classes)
            found += small
        return found

    def land(self, unit: plan.Neighbourhood) -> list[Polygon]:
        """Find the dry pieces of a neighbourhood."""
        land = self.ground.faces[unit.unit_id].difference(self.shut)
        return [piece for piece in polygons(land) if piece.area > 2000]

    def build(self, polygon: Polygon, building: str) -> None:
        """Add a building."""
        self.town.buildings.append(Shape(polygon, {"building": building}))

    def lay(self, polygon: Polygon, **tags: str) -> None:
        """Add an area, such as a garden."""
        if polygon.area > 300:
            self.town.areas.append(Shape(polygon, tags))

    def dwell(self, polygon: Polygon, kind: str, unit: plan.Neighbourhood, weight: float) -> None:
        """Let households live in a building."""
        weight *= self.rng.uniform(0.8, 1.25)
        self.town.dwellings.append(Dwelling(inside(polygon), kind, unit.unit_id, weight))

    def public_buildings(self, unit: plan.Neighbourhood, block: Polygon, n_wanted: int) -> list[Polygon]:
        """Add civic buildings at the longest edges of a block: sites for facilities."""
        room = inner(block, 8)
        found: list[Polygon] = []
        for start, end in [] if room.is_empty else long_edges(room, 2):
            direction = (end - start) / np.hypot(*(end - start))
            turn_deg = float(np.degrees(np.arctan2(direction[1], direction[0])))
            place = (start + end) / 2 + np.array([-direction[1], direction[0]]) * 13
            for length_m, depth_m in ((40, 18), (26, 14), (18, 12)):
                draw = angled if length_m == 40 and self.rng.random() < 0.5 else oblong
                polygon = draw((place[0], place[1]), length_m, depth_m, turn_deg)
                if room.contains(polygon) and all(polygon.distance(other) > 12 for other in found):
                    found.append(polygon)
                    break
            if len(found) == n_wanted:
                break
        for polygon in found:
            self.build(polygon, "civic")
            self.town.sites.append(Site(inside(polygon), unit.unit_id))
        return found


def long_edges(polygon: Polygon, tolerance_m: float) -> list[Edge]:
    """Edges of a polygon, its inside on their left, the longest first."""
    edges = list(pairwise(corners(polygon, tolerance_m)))
    return sorted(edges, key=lambda edge: -round(float(np.hypot(*(edge[1] - edge[0]))), 3))


def beside(line: LineString, at_m: float, aside_m: float) -> tuple[Point, float]:
    """Find a place beside a line and the line's direction there in degrees; left of it is positive."""
    at_m = float(np.clip(at_m, 4, max(line.length - 4, 4)))
    back, front = line.interpolate(at_m - 3), line.interpolate(at_m + 3)
    direction = np.array([front.x - back.x, front.y - back.y])
    direction /= max(float(np.hypot(*direction)), 0.01)
    here = np.array(line.interpolate(at_m).coords[0]) + aside_m * np.array([-direction[1], direction[0]])
    return Point(here), float(np.degrees(np.arctan2(direction[1], direction[0])))
