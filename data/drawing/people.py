"""Who lives in the dwellings: what kind of home each is, and how many households of each group live there."""

import numpy as np

from . import plan
from .things import Dwelling, Town

GROUPS = {"elderly": "老年户数", "children": "有儿童户数", "registered": "户籍户数", "low_income": "低保户数"}
WORKERS, MARKET, OLD, RESETTLED, FARM = "售后公房", "商品房", "老洋房", "动迁安置房", "农宅"

# How probable each kind of home is in a neighbourhood, by how it is built; farmhouses are always farmhouses.
HOMES = {
    "old": {WORKERS: 1.0},
    "slab": {WORKERS: 0.75, MARKET: 0.15, RESETTLED: 0.1},
    "compound": {MARKET: 0.85, RESETTLED: 0.15},
    "market": {WORKERS: 0.35, MARKET: 0.4, RESETTLED: 0.25},
}
RESETTLED_IN = {"A0305": 0.7, "A0404": 0.6}  # where most homes were built for people who were moved
VILLAS_IN = "A0104"  # two old villas, fewer than 30 households together: a group too small to be shown
UNTOLD_IN = "A0206"  # two buildings of which nobody says what kind they are

# The part of the households that belongs to each group, in the order of GROUPS.
PARTS = {
    WORKERS: (0.41, 0.15, 0.76, 0.032),
    MARKET: (0.21, 0.33, 0.61, 0.004),
    OLD: (0.46, 0.11, 0.7, 0.02),
    RESETTLED: (0.34, 0.23, 0.58, 0.021),
    FARM: (0.52, 0.13, 0.93, 0.027),
}


def tell_people(town: Town, rng: np.random.Generator) -> None:
    """Say of every dwelling what kind of home it is, and count its groups; nothing else is changed or drawn anew."""
    fabrics = {unit.unit_id: unit.fabric for unit in plan.NEIGHBOURHOODS}
    for dwelling in town.dwellings:
        drawn = _drawn_home(dwelling, fabrics[dwelling.unit_id], rng)
        dwelling.home = FARM if dwelling.kind == "农宅" else drawn
    for unit_id, home in ((VILLAS_IN, OLD), (UNTOLD_IN, "")):
        own = [dwelling for dwelling in town.dwellings if dwelling.unit_id == unit_id]
        for dwelling in sorted(own, key=lambda one: (one.n_households or 0, one.name))[:2]:
            dwelling.home = home
    for dwelling in town.dwellings:
        parts = np.array(PARTS[dwelling.home or WORKERS]) * rng.uniform(0.8, 1.2)
        counts = rng.binomial(dwelling.n_households or 0, np.minimum(parts, 0.97))
        known = dwelling.n_households is not None
        dwelling.groups = [int(count) if known else None for count in counts]


def _drawn_home(dwelling: Dwelling, fabric: str, rng: np.random.Generator) -> str:
    """Draw a kind of home; two numbers are drawn for each dwelling, whatever it is."""
    moved, chance = rng.random(2)
    if moved < RESETTLED_IN.get(dwelling.unit_id, 0.0):
        return RESETTLED
    homes = HOMES.get(fabric, {FARM: 1.0})
    place = int(np.searchsorted(np.cumsum(list(homes.values())), chance, side="right"))
    return list(homes)[min(place, len(homes) - 1)]
