"""Blocks of the town: old town, open estates, works, the park and the island."""

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from . import plan
from .compounds import draw_compound
from .ground import Pattern, ellipse, island, lines, plainer, polygons
from .houses import best_slabs, edge_houses, inner, lane_houses, slabs, southward_turn
from .pen import NOWHERE, Pen

PATTERNS = {
    "old": Pattern(lambda _: 17500, wobble_deg=7, crook_m=6, off_centre=0.17),
    "slab": Pattern(lambda _: 27000, wobble_deg=0.6, off_centre=0.1),
    "compound": Pattern(lambda _: 50000, wobble_deg=2.5, off_centre=0.16),
    "industry": Pattern(lambda _: 80000, wobble_deg=1, off_centre=0.1),
}
STREET_CLASSES: dict[str, tuple[list[str], list[str]]] = {
    "old": (["tertiary", "residential", "residential", "pedestrian", "footway"], ["街", "街", "巷", "弄", ""]),
    "slab": (["tertiary", "residential", "residential", "residential", "service"], ["路", "路", "路", ""]),
    "compound": (["tertiary", "residential", "residential"], ["路", "路", "路", ""]),
    "industry": (["tertiary", "residential", "service"], ["路", "路", ""]),
}
N_OLD_DWELLINGS = 88


def draw_urban(pen: Pen, unit: plan.Neighbourhood) -> None:
    """Cut a neighbourhood into blocks and fill them."""
    pieces = pen.land(unit)
    if unit.unit_id == plan.PARK_NEIGHBOURHOOD:
        pieces = draw_park(pen, pieces)
    blocks = pen.blocks(pieces, PATTERNS[unit.fabric].turned(unit.turn_deg), STREET_CLASSES[unit.fabric])
    civic = reserve(pen, unit, blocks, walled=unit.fabric == "compound")
    houses: list[Polygon] = []
    for number, block in enumerate(blocks):
        shut = civic.get(number, NOWHERE)
        if unit.fabric == "old":
            houses += edge_houses(inner(block, 5), shut, 0.2, pen.rng)
        elif unit.fabric == "industry":
            works_block(pen, block, shut)
        elif unit.fabric == "compound" and number not in civic:
            draw_compound(pen, unit, block)
        else:
            slab_block(pen, unit, block, shut)
    settle_houses(pen, unit, houses)
    if unit.unit_id == plan.ISLAND_NEIGHBOURHOOD:
        draw_island(pen, unit)


def reserve(pen: Pen, unit: plan.Neighbourhood, blocks: list[Polygon], *, walled: bool) -> dict[int, BaseGeometry]:
    """Set aside public buildings: the first in the middle, the others spread over the blocks."""
    fit = [number for number, block in enumerate(blocks) if block.area > 3500]
    middle = shapely.union_all([blocks[number] for number in fit]).centroid
    fit.sort(key=lambda number: round(blocks[number].distance(middle) + blocks[number].centroid.distance(middle), 3))
    n_wanted = 3 if walled else 6
    picked = fit[:1] + [fit[1:][index] for index in pen.rng.permutation(len(fit) - 1)[: n_wanted - 1]]
    taken: dict[int, BaseGeometry] = {}
    for number in picked:
        buildings = pen.public_buildings(unit, blocks[number], 3 if walled else 1)
        if buildings:
            taken[number] = shapely.union_all([polygon.buffer(9) for polygon in buildings])
    return taken


def settle_houses(pen: Pen, unit: plan.Neighbourhood, houses: list[Polygon]) -> None:
    """Build old houses; households live in some, shops and stores are in the others."""
    lived_in = set(pen.rng.permutation(len(houses))[:N_OLD_DWELLINGS].tolist())
    for number, house in enumerate(houses):
        pen.build(house, "apartments" if number in lived_in else "retail")
        if number in lived_in:
            pen.dwell(house, "楼栋", unit, house.area)


def slab_block(pen: Pen, unit: plan.Neighbourhood, block: Polygon, shut: BaseGeometry) -> None:
    """Fill a block with slabs, listed one by one or as an estate; some blocks are gardens or schools."""
    chance = pen.rng.random()
    rows = best_slabs(inner(block, 11), (64.0, 56.0, 48.0), 13, (13, 40), turn_of(unit, block), shut)
    if not rows or (chance < 0.06 and block.area < 30000):
        if shut.is_empty:
            pen.lay(inner(block, 9), leisure="garden", landuse="grass")
        return
    if chance < 0.13 and len(rows) > 5:
        school_block(pen, block, rows)
        return
    for slab in rows:
        pen.build(slab, "apartments")
    if chance < 0.26:
        for slab in rows:
            pen.dwell(slab, "楼栋", unit, slab.area)
    else:
        pen.dwell(rows[len(rows) // 2], "小区", unit, sum(slab.area for slab in rows))


def turn_of(unit: plan.Neighbourhood, block: Polygon) -> float:
    """Direction of the rows in a block."""
    return southward_turn(block) if unit.turn_deg is None else unit.turn_deg


def school_block(pen: Pen, block: Polygon, rows: list[Polygon]) -> None:
    """Fill a block with a school: a few buildings and a sports ground."""
    n_buildings = max(2, len(rows) // 3)
    for slab in rows[:n_buildings]:
        pen.build(slab, "school")
    ground = shapely.minimum_rotated_rectangle(shapely.union_all(rows[n_buildings:])).buffer(4, join_style="mitre")
    for field in polygons(ground.intersection(inner(block, 9)))[:1]:
        pen.lay(field, landuse="grass", leisure="pitch")


def works_block(pen: Pen, block: Polygon, shut: BaseGeometry) -> None:
    """Fill a block with sheds."""
    for shed in slabs(inner(block, 14), (78, 38), (18, 58), southward_turn(block), shut):
        if pen.rng.random() < 0.88:
            pen.build(shed, "industrial")


def draw_park(pen: Pen, pieces: list[Polygon]) -> list[Polygon]:
    """Lay the riverside park with its paths, stairs and pond; return the land behind it."""
    near_river = pen.ground.water.buffer(plan.PARK_DEPTH_M)
    park, behind = polygons(pieces[0].intersection(near_river))[0], polygons(pieces[0].difference(near_river))
    for edge in lines(behind[0].exterior.intersection(near_river.buffer(0.5))):
        if edge.length > 200:
            pen.street(edge, "residential", "苇岸公园路")
    pen.lay(plainer(inner(park, 7), 1), leisure="park", name="苇岸公园")
    loop = inner(park, 45).buffer(-25).buffer(25).exterior.simplify(2)
    pen.street(LineString(loop.coords), "footway", "公园环路")
    core = inner(park, 82).intersection(park.centroid.buffer(170)).buffer(-20).buffer(18).simplify(2)
    pen.lay(polygons(core)[0], natural="water", water="pond", name="月鉴池")
    for share in (0.03, 0.14, 0.26, 0.38, 0.5, 0.62, 0.74, 0.88):
        start = loop.interpolate(share, normalized=True)
        end = park.exterior.interpolate(park.exterior.project(start))
        by_river = end.distance(pen.ground.water) < 20
        pen.street(LineString([start, end]), "steps" if by_river else "path")
    return [piece for piece in behind if piece.area > 2000]


def draw_island(pen: Pen, unit: plan.Neighbourhood) -> None:
    """Draw the island: lanes that meet no other street, and twenty houses."""
    long_m, short_m = plan.ISLAND_SEMI_AXES_M
    ring = ellipse(plan.ISLAND_CENTRE, (long_m - 40, short_m - 34), plan.ISLAND_TURN_DEG).exterior.simplify(1)
    cross = LineString([ring.interpolate(share, normalized=True) for share in (0.25, 0.75)])
    pen.street(LineString(ring.coords), "residential", "洲心路")
    pen.street(cross, "footway", "洲心弄")
    shut = shapely.union_all([ring.buffer(6), cross.buffer(5)])
    houses = lane_houses(LineString(ring.coords), 33, 14, 0.0, shut, pen.rng)
    houses = [house for house in houses if island().buffer(-6).contains(house)]
    keep = np.linspace(0, len(houses) - 1, min(20, len(houses))).round().astype(int)
    for number in keep:
        pen.build(houses[number], "house")
        pen.dwell(houses[number], "农宅", unit, 1000)
