"""Units on a map: each verdict in a colour and a form of its own, and the borders of tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.publish.cartography_sheet import Sheet, area_path, line_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Look:
    """How an area is told apart without colour too.

    Attributes
    ----------
    fill, opacity
        Colour of the area.
    line, dash
        Colour of its own edge, drawn inside it; dots and gaps in points, empty where the edge is drawn through.
    width_mm
        Of that edge.
    hatch_mm
        Distance of slanting lines, 0 for none.
    text
        Colour of figures on it.

    """

    fill: str
    opacity: float
    line: str
    width_mm: float = 0.0
    dash: tuple[float, ...] = ()
    hatch_mm: float = 0.0
    text: str = "#2b3640"


LOOKS = {
    "met": Look("#1b7f79", 0.34, "#1b7f79", text="#0f5a55"),
    "unmet": Look("#d1495b", 0.40, "#d1495b", width_mm=0.75, text="#9c2438"),
    "unknown": Look("#9aa0a6", 0.26, "#7d848b", hatch_mm=1.5, text="#4d545b"),
    "not_applicable": Look("#e5e7eb", 0.80, "#7d848b", width_mm=0.35, dash=(0.1, 2.4)),
    "reference": Look("#8b80ad", 0.30, "#766b99", text="#51467a"),
}
VERDICTS = tuple(LOOKS)
BORDERS = (("#8b949c", 0.45), ("#5a656f", 0.9), ("#2b3640", 1.5))  # colour and points of a tier and those above it
_SEAM, _SEAM_WIDER = "#ffffff", 0.9  # light line under borders
_POINT_MM = 1.2  # radius of a unit that is a point
_LEAST_BANDED_MM = 3.0  # width of a unit below which its edge would fill it


def shapes_on(units: gpd.GeoDataFrame, sheet: Sheet) -> np.ndarray:
    """Areas of units in mm, in their order; a unit without area is a small disc, one without a place is empty."""
    shapes = sheet.on_paper(units.geometry.to_numpy())
    shapes = np.asarray(shapely.make_valid(shapely.simplify(shapes, 0.08)))
    flat = (shapely.area(shapes) <= 0) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    shapes[flat] = shapely.buffer(shapely.centroid(sheet.on_paper(units.geometry.to_numpy()[flat])), _POINT_MM)
    return shapes


def draw_fills(axes: Axes, shapes: np.ndarray, looks: np.ndarray) -> None:
    """Colour areas in mm as their looks say, all of one look together."""
    from matplotlib.patches import PathPatch

    for look in dict.fromkeys(looks):
        path = area_path(shapes[[one is look for one in looks]])
        axes.add_artist(PathPatch(path, facecolor=look.fill, alpha=look.opacity, edgecolor="none"))


def draw_forms(axes: Axes, shapes: np.ndarray, looks: np.ndarray, sheet: Sheet) -> None:
    """Hatch areas and draw their own edges as their looks say.

    Parameters
    ----------
    axes
        In mm.
    shapes, looks
        Areas in mm, and the look of each.
    sheet
        Tells the size of marks.

    """
    for look in dict.fromkeys(looks):
        _draw_form(axes, shapes[[one is look for one in looks]], look, sheet)


def _draw_form(axes: Axes, shapes: np.ndarray, look: Look, sheet: Sheet) -> None:
    from matplotlib.patches import PathPatch

    if look.hatch_mm:
        _hatch(axes, area_path(shapes), look, sheet)
    if look.width_mm and look.dash:
        edges = line_path(shapely.boundary(shapely.buffer(shapes, -look.width_mm * sheet.text)))
        axes.add_artist(PathPatch(edges, **_dotted(look, sheet)))
    elif look.width_mm:
        wide = shapes[shapely.minimum_clearance(shapely.envelope(shapes)) > _LEAST_BANDED_MM]
        bands = shapely.difference(wide, shapely.buffer(wide, -look.width_mm * sheet.text, quad_segs=2))
        axes.add_artist(PathPatch(area_path(bands), facecolor=look.line, edgecolor="none"))


def _dotted(look: Look, sheet: Sheet) -> dict[str, Any]:
    """A line of round dots."""
    line: dict[str, Any] = {"edgecolor": look.line, "linewidth": 0.9 * sheet.text, "capstyle": "round"}
    return line | {"facecolor": "none", "linestyle": (0, look.dash)}


def _hatch(axes: Axes, path: Any, look: Look, sheet: Sheet) -> None:
    """Slanting lines within areas, the same on every device."""
    from matplotlib.collections import LineCollection

    (west, south), (east, north) = path.get_extents().min, path.get_extents().max
    step = look.hatch_mm * sheet.text * 2**0.5
    height = north - south
    first = step * np.floor((west - height) / step)
    feet = np.arange(first, east + step, step) + (south % step)
    lines = [[(x, south), (x + height, north)] for x in feet]
    hatch = LineCollection(lines, colors=look.line, linewidths=0.55 * sheet.text, alpha=0.75)
    axes.add_collection(hatch, autolim=False)
    hatch.set_clip_path(path, axes.transData)


def draw_borders(axes: Axes, by_rank: Mapping[int, np.ndarray], sheet: Sheet) -> None:
    """Edges of areas in mm, the finest tier (rank 0) first, each on a thin light seam."""
    from matplotlib.patches import PathPatch

    for rank, shapes in sorted(by_rank.items()):
        color, width = BORDERS[rank]
        path = line_path(shapely.boundary(shapes))
        for one, points, alpha in ((_SEAM, width + _SEAM_WIDER, 0.7), (color, width, 1.0)):
            line = {"edgecolor": one, "linewidth": points * sheet.text, "joinstyle": "round", "alpha": alpha}
            axes.add_artist(PathPatch(path, facecolor="none", **line))
