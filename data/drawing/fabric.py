"""From the ground to a town: roads first, then each neighbourhood, then what lies around."""

import numpy as np

from . import plan
from .country import draw_market, draw_outside, draw_village
from .ground import Ground
from .houses import oblong
from .pen import Pen
from .roads import draw_footbridge, draw_roads
from .things import Shape, Town
from .urban import draw_urban


def build_town(ground: Ground, rng: np.random.Generator) -> Town:
    """Draw the whole town."""
    pen = Pen(ground, rng)
    draw_roads(pen)
    makers = {"market": draw_market, "village": draw_village}
    for unit in plan.NEIGHBOURHOODS:
        makers.get(unit.fabric, draw_urban)(pen, unit)
    draw_outside(pen)
    for _, _, _, place in plan.OUTSIDE_FACILITIES:
        pen.build(oblong(place, 30, 15, 5), "civic")
    for bridge in [*plan.FOOTBRIDGES, plan.RIVER_FOOTBRIDGE]:
        draw_footbridge(pen, *bridge)
    pen.town.areas.append(Shape(ground.water, {"natural": "water", "water": "river", "name": plan.RIVER_NAME}))
    return pen.town
