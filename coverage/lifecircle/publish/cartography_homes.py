"""Where households live on a map, by the minutes they walk: bands of one colour, and forms for those beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lifecircle.publish.cards import households_text
from lifecircle.publish.cartography_base import Base
from lifecircle.publish.cartography_margin import Block, Dot, Entry, draw_dots
from lifecircle.publish.cartography_sheet import Sheet
from lifecircle.result import Result
from lifecircle.standards import Rule
from lifecircle.words import both, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BANDS = ("#14746d", "#52aaa3", "#a9d6d1")  # up to a third of the limit, two thirds, the limit: from dark to light
_BEYOND, _UNKNOWN = Dot("#ffffff", "#d1495b", 0.7, 1.1), Dot("#9aa0a6", "#5a6169", 0.7, 0.6)
_LEAST_MM, _MOST_MM = 0.32, 2.6  # radius of a dot


@dataclass(frozen=True)
class Homes:
    """Dwellings on the paper, those of one cell as one.

    Attributes
    ----------
    table
        x, y and radius in mm; band: 0 to 2 by minutes, 3 beyond the limit, 4 unknown; households.
    limit_min
        The limit.

    """

    table: pd.DataFrame
    limit_min: float


def homes_on(result: Result, base: Base, rule: Rule) -> Homes:
    """Dwellings of known households, gathered where they would hide each other: only counts are shown."""
    kinds, limit_min = rule.kinds, float(rule.limit_min or 0)
    table = result.dwellings[(result.dwellings["unit_id"] != "") & (result.dwellings["households"] > 0)]
    table = table[table.geometry.notna() & ~table.geometry.is_empty]
    walk = table[[f"minutes_{kind}" for kind in kinds]].min(axis=1).to_numpy(dtype="float64")
    states = table[[f"reach_{kind}" for kind in kinds]]
    reached, unknown = ((states == one).any(axis=1).to_numpy() for one in ("reached", "unknown"))
    band = np.where(reached, np.clip(np.ceil(3 * walk / limit_min) - 1, 0, 2), np.where(unknown, 4, 3))
    points = base.sheet.on_paper(shapely.centroid(table.geometry.to_crs(base.units.crs).to_numpy()))
    cell = 1.2 * base.sheet.text
    found = pd.DataFrame({"x": shapely.get_x(points), "y": shapely.get_y(points), "band": band.astype(int)})
    found = found.assign(households=table["households"].to_numpy(dtype="float64"))
    keys = [(found["x"] // cell).rename("column"), (found["y"] // cell).rename("row"), found["band"]]
    sums = found.drop(columns="band").groupby(keys).agg({"x": "mean", "y": "mean", "households": "sum"}).reset_index()
    most = max(float(sums["households"].max()), 1.0) if len(sums) else 1.0
    return Homes(sums.assign(radius=(_MOST_MM * np.sqrt(sums["households"] / most) * 0.6).clip(_LEAST_MM)), limit_min)


def draw_homes(axes: Axes, homes: Homes, sheet: Sheet) -> None:
    """Dots by households; those that reach below, then unknown ones, then those beyond the limit."""
    for band in (0, 1, 2, 4, 3):
        rows = homes.table[homes.table["band"] == band]
        draw_dots(axes, rows[["x", "y"]].to_numpy(), _dot(band), sheet, rows["radius"].to_numpy())


def homes_block(homes: Homes, lang: str) -> Block:
    """Legend: households of each band."""
    n = homes.table.groupby("band")["households"].sum()
    third = homes.limit_min / 3
    edges = [f"≤ {third:g}", f"{third:g}–{2 * third:g}", f"{2 * third:g}–{homes.limit_min:g}"]
    texts = [both(f"{edge} 分钟", f"{edge} min")[lang] for edge in edges]
    texts += [both(f"超过 {homes.limit_min:g} 分钟", f"more than {homes.limit_min:g} min")[lang]]
    texts += [term("verdict", "unknown")[lang]]
    rows = [Entry(_dot(band), text, households_text(float(n.get(band, 0.0)))) for band, text in enumerate(texts)]
    return Block(both("步行分钟(已知户数)", "Minutes walked (households)")[lang], tuple(rows))


def _dot(band: int) -> Dot:
    return (*(Dot(color, "#ffffff", 0.9, 0.3) for color in _BANDS), _BEYOND, _UNKNOWN)[band]
