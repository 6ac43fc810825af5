"""The country: market town, hamlets along lanes, lone farms, fields, and what lies beyond the district."""

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polylabel

from . import plan
from .ground import Pattern, cut_blocks, lines, plainer, polygons, stretch
from .houses import edge_houses, inner, lane_houses, oblong
from .pen import NOWHERE, Pen, beside
from .things import Site
from .urban import reserve, slab_block

MARKET_CLASSES = (["tertiary", "residential", "residential", "residential", "service", "track"], ["街", "街", "弄", ""])
VILLAGE_CLASSES = (["unclassified", "unclassified", "track", "track", "path"], ["路", ""])
OUTSIDE_CLASSES = (["unclassified", "residential"], [""])
MARKET_RADIUS_M = 430.0
N_HAMLETS = 4
N_HOUSES = 104
LONE_FARM_M = 118.0  # a lone farm stands farther than this from every street


def draw_market(pen: Pen, unit: plan.Neighbourhood) -> None:
    """Half of the market town: small blocks near the crossroads, fields further out."""
    centre = Point(plan.MARKET_CENTRE)
    pattern = Pattern(lambda block: 22000 if block.distance(centre) < MARKET_RADIUS_M else 90000, None, 4, 3, 0.15)
    blocks = pen.blocks(pen.land(unit), pattern, MARKET_CLASSES)
    dense = [block for block in blocks if block.area < 45000 and block.centroid.distance(centre) < 620]
    civic = reserve(pen, unit, dense, walled=False)
    for number, block in enumerate(dense):
        shut = civic.get(number, NOWHERE)
        if pen.rng.random() < 0.5:
            for index, house in enumerate(edge_houses(inner(block, 5), shut, 0.15, pen.rng)):
                pen.build(house, "retail" if index % 4 else "apartments")
                if index % 4 == 0:
                    pen.dwell(house, "楼栋", unit, 2.5 * house.area)
        else:
            slab_block(pen, unit, block, shut)
    for block in blocks:
        if block not in dense:
            draw_fields(pen, block, NOWHERE)


def draw_village(pen: Pen, unit: plan.Neighbourhood) -> None:
    """Hamlets strung along lanes between fields, and one lone farm."""
    pattern = Pattern(lambda _: 200000, wobble_deg=7, crook_m=9, off_centre=0.2)
    lanes: list[LineString] = []
    cells: list[Polygon] = []
    for piece in pen.land(unit):
        cuts, small = cut_blocks(piece, pattern, pen.rng)
        pen.cut_streets(cuts, *VILLAGE_CLASSES)
        lanes += [cut.line for cut in cuts]
        cells += small
    houses: list[Polygon] = []
    middles = hamlet_middles(pen, unit, lanes)
    for number, middle in enumerate(middles):
        n_wanted = int(N_HOUSES / N_HAMLETS * pen.rng.uniform(0.7, 1.3))
        houses += draw_hamlet(pen, unit, (middle, lanes, n_wanted), houses, hall=number < 2)
    if unit.unit_id == plan.REMOTE_NEIGHBOURHOOD:
        lane = remote_lane(pen)
        lanes.append(lane)
        houses += draw_hamlet(pen, unit, (lane.interpolate(60), [lane], 16), houses, hall=False)
    houses += lone_farm(pen, unit, cells, houses)
    built = shapely.union_all([house.buffer(40) for house in houses]).buffer(-17).simplify(4)
    for cell in cells:
        draw_fields(pen, cell, built)


def remote_lane(pen: Pen) -> LineString:
    """Draw the lane of the remote hamlet, from one main road into the fields."""
    name, road, points = plan.REMOTE_LANE
    along = pen.ground.roads[road]
    start = along.interpolate(along.project(Point(points[0])))
    lane = LineString([start.coords[0], *points[1:]])
    pen.street(lane, "residential", name)
    return lane


def hamlet_middles(pen: Pen, unit: plan.Neighbourhood, lanes: list[LineString]) -> list[Point]:
    """Places for hamlets on the lanes, far from each other and from the border."""
    face = pen.ground.faces[unit.unit_id]
    spots = [line.interpolate(share, normalized=True) for line in lanes for share in (0.2, 0.5, 0.8)]
    spots = [spot for spot in spots if face.boundary.distance(spot) > 120]
    middles = [spots[int(pen.rng.integers(len(spots)))]]
    while len(middles) < N_HAMLETS:
        apart = [min(spot.distance(other) for other in middles) * pen.rng.uniform(0.6, 1) for spot in spots]
        middles.append(spots[int(np.argmax(apart))])
    return middles


def draw_hamlet(
    pen: Pen,
    unit: plan.Neighbourhood,
    where: tuple[Point, list[LineString], int],
    others: list[Polygon],
    *,
    hall: bool,
) -> list[Polygon]:
    """Houses along the lanes around a middle, with short side lanes; two neighbours are one entry of the list."""
    middle, lanes, n_wanted = where
    near = lines(shapely.union_all(lanes).intersection(middle.buffer(330)))
    spurs = side_lanes(pen, middle, near)
    taken = [house.buffer(3) for house in others]
    if hall:
        taken += village_hall(pen, unit, middle, near + spurs, taken)
    shut = shapely.union_all([*[line.buffer(7) for line in near + spurs], pen.shut, *taken])
    found: list[Polygon] = []
    face = pen.ground.faces[unit.unit_id].buffer(-15)
    for line in near + spurs:
        for house in lane_houses(line, 19, 16, 0.12, shut, pen.rng):
            if face.contains(house) and all(house.distance(other) > 2 for other in found):
                found.append(house)
    found.sort(key=lambda house: round(house.distance(middle), 3) + 60 * pen.rng.random())
    found = found[:n_wanted]
    for number, house in enumerate(found):
        pen.build(house, "house")
        if number % 2 == 0:
            pen.dwell(house, "农宅", unit, 12)
    for spur in spurs:
        reached = [spur.project(house.centroid) for house in found if house.distance(spur) < 20]
        if len(reached) > 1:
            end_m = min(spur.length, max(reached) + 12)
            pen.street(stretch(spur, 0, end_m), "residential" if len(reached) > 3 else "path")
    return found


def side_lanes(pen: Pen, middle: Point, near: list[LineString]) -> list[LineString]:
    """Short dead ends off the lane, a little askew."""
    main = min(near, key=lambda line: round(line.distance(middle), 3))
    found: list[LineString] = []
    for shift_m in (-150, -70, 60, 140):
        at_m = main.project(middle) + shift_m
        side, length_m = pen.rng.choice([-1, 1]), pen.rng.uniform(80, 150)
        bend = pen.rng.normal(0, 10, 2)
        start, half, end = (
            np.array(beside(main, at_m, side * far_m)[0].coords[0]) for far_m in (0, length_m / 2, length_m)
        )
        lane = LineString([start, half + bend, end - bend])
        clear = all(lane.distance(other) > 45 for other in found) and not lane.intersects(pen.shut)
        if clear and all(line is main or lane.distance(line) > 25 for line in near):
            found.append(lane)
    return found


def village_hall(
    pen: Pen, unit: plan.Neighbourhood, middle: Point, near: list[LineString], taken: list[Polygon]
) -> list[Polygon]:
    """Build the village's public building beside the lane: two sites for facilities."""
    line = min(near, key=lambda lane: round(lane.distance(middle), 3))
    busy = shapely.union_all([*taken, *[lane.buffer(6) for lane in near], pen.shut])
    for shift_m in range(0, 260, 12):
        for side in (-1, 1):
            place, turn_deg = beside(line, line.project(middle) + shift_m, side * 20)
            hall = oblong((place.x, place.y), 28, 13, turn_deg)
            if not hall.intersects(busy):
                pen.build(hall, "civic")
                pen.town.sites += [
                    Site(point, unit.unit_id)
                    for point in (place, hall.exterior.centroid.buffer(5).exterior.interpolate(0))
                ]
                return [hall.buffer(5)]
    return []


def lone_farm(pen: Pen, unit: plan.Neighbourhood, cells: list[Polygon], houses: list[Polygon]) -> list[Polygon]:
    """One farmhouse in the fields, farther from any street than people are snapped."""
    if unit.unit_id == plan.UNKNOWN_HOUSEHOLDS:
        return []
    busy = shapely.union_all([*[street.line for street in pen.town.streets[-60:]], *houses]).buffer(LONE_FARM_M)
    for cell in sorted(cells, key=lambda cell: -round(cell.area, 3)):
        room = polygons(inner(cell, LONE_FARM_M).difference(busy))
        if room and room[0].area > 300:
            spot = polylabel(room[0], 2)
            farm = oblong((spot.x, spot.y), 15, 10, pen.rng.uniform(-20, 20))
            pen.build(farm, "house")
            pen.dwell(farm, "农宅", unit, 5)
            return [farm]
    return []


def draw_fields(pen: Pen, cell: Polygon, built: BaseGeometry) -> None:
    """Parcels between lanes and houses, with a pond or a wood here and there."""
    _, parcels = cut_blocks(cell, Pattern(lambda _: 75000, wobble_deg=2, off_centre=0.15), pen.rng)
    for parcel in parcels:
        chance = pen.rng.random()
        for part in polygons(inner(parcel, 7).difference(built))[:1]:
            shape = Polygon(plainer(part, 4).exterior)
            pond = polygons(shape.buffer(-22).buffer(12).simplify(2))
            if part.area < 4000:
                continue
            if chance < 0.07 and pond and not part.interiors:
                pen.lay(pond[0], natural="water", water="pond")
            else:
                pen.lay(plainer(part, 4), landuse="farmland" if chance < 0.93 else "forest")


def draw_outside(pen: Pen) -> None:
    """Streets beyond the district: coarser, without buildings."""
    pattern = Pattern(lambda _: 260000, wobble_deg=4, crook_m=10, off_centre=0.15)
    for cell in pen.ground.outside:
        pieces = [piece for piece in polygons(cell.difference(pen.shut)) if piece.area > 20000]
        for block in pen.blocks(pieces, pattern, OUTSIDE_CLASSES):
            chance = pen.rng.random()
            if chance < 0.55:
                _, parcels = cut_blocks(inner(block, 14), Pattern(lambda _: 230000), pen.rng)
                for parcel in parcels:
                    pen.lay(plainer(inner(parcel, 5), 5), landuse="forest" if chance < 0.06 else "farmland")
