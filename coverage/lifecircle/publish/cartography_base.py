"""What all maps of a result share: the sheet, the ground, the units on paper; worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from lifecircle.publish.cartography_ground import Ground, ground_of
from lifecircle.publish.cartography_sheet import Sheet, sheet_for
from lifecircle.publish.cartography_units import shapes_on
from lifecircle.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Base:
    """What every map of a result on one paper shares.

    Attributes
    ----------
    sheet, ground
        The paper, and what is drawn under the units.
    units, shapes
        Units that have a place, and their areas in mm.

    """

    sheet: Sheet
    ground: Ground
    units: gpd.GeoDataFrame
    shapes: np.ndarray


def base_of(result: Result, *, paper: str = "A4") -> Base:
    """Sheet, ground and units of a result for maps on A4 or A3."""
    units = result.tables.units
    placed = units[~(units.geometry.is_empty | units.geometry.isna())]
    west, south, east, north = placed.total_bounds
    sheet = sheet_for((west, south, east, north), paper=paper)
    return Base(sheet, ground_of(result.tables, sheet), placed, shapes_on(placed, sheet))


def blank(sheet: Sheet) -> tuple[Figure, Axes]:
    """An empty sheet whose axes are in mm."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(sheet.width_mm / 25.4, sheet.height_mm / 25.4), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, sheet.width_mm)
    axes.set_ylim(0, sheet.height_mm)
    axes.set_axis_off()
    return figure, axes
