"""What stands around a map: title, legend with counts, scale, north, sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyproj import CRS, Transformer

from lifecircle.publish.cartography_ground import LAND
from lifecircle.publish.cartography_labels import fitting
from lifecircle.publish.cartography_sheet import Sheet
from lifecircle.publish.cartography_units import Look, draw_fills, draw_forms
from lifecircle.publish.fonts import printable, text_width_mm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, RULE_LINE = "#2b3640", "#65707a", "#c9c6bd"
_SWATCH_MM = (8.0, 4.6)
_BAR_MM = 42.0  # the longest scale bar


@dataclass(frozen=True)
class Dot:
    """A round mark: colour inside, edge, radius in mm, width of the edge in points."""

    fill: str
    line: str
    radius_mm: float
    width: float = 0.6


@dataclass(frozen=True)
class Stroke:
    """A line: colour and width in points."""

    color: str
    width: float


@dataclass(frozen=True)
class Entry:
    """One row of a legend: its mark, what it stands for, and how many there are."""

    mark: Look | Dot | Stroke
    text: str
    count: str = ""


@dataclass(frozen=True)
class Block:
    """Rows of a legend under a heading."""

    title: str
    rows: tuple[Entry, ...]


def draw_title(axes: Axes, sheet: Sheet, title: str, subtitle: str) -> None:
    """Title and subtitle above the map, as much of them as fits."""
    k, top = sheet.text, sheet.height_mm
    axes.text(0, top - 1.0 * k, fitting(title, 17 * k, sheet.width_mm), fontsize=17 * k, va="top", color=INK)
    found = fitting(subtitle, 9.2 * k, sheet.width_mm)
    axes.text(0, top - 10.6 * k, found, fontsize=9.2 * k, va="top", color=QUIET)


def draw_foot(axes: Axes, sheet: Sheet, left: str, right: str) -> None:
    """Sources on the left under the map, the date on the right."""
    k, points = sheet.text, 6.6 * sheet.text
    room = sheet.width_mm - text_width_mm(printable(right), points) - 6 * k
    axes.text(0, 2.2 * k, fitting(left, points, room), fontsize=points, va="center", color=QUIET)
    axes.text(sheet.width_mm, 2.2 * k, printable(right), fontsize=points, va="center", ha="right", color=QUIET)


def draw_frame(axes: Axes, sheet: Sheet) -> None:
    """A thin line around the map."""
    from matplotlib.patches import Rectangle

    west, south, east, north = sheet.frame
    frame = Rectangle((west, south), east - west, north - south, facecolor="none", edgecolor=RULE_LINE, linewidth=0.7)
    frame.set_clip_on(False)
    axes.add_artist(frame)


def draw_legend(axes: Axes, sheet: Sheet, blocks: Sequence[Block]) -> None:
    """Blocks of rows beside the map, from its top down."""
    k = sheet.text
    left, y = sheet.frame[2] + 5 * k, sheet.frame[3]
    for block in blocks:
        title = fitting(block.title, 8.6 * k, sheet.width_mm - left)
        axes.text(left, y - 2.2 * k, title, fontsize=8.6 * k, va="center", color=INK)
        axes.plot([left, sheet.width_mm], [y - 5.2 * k] * 2, color=RULE_LINE, linewidth=0.6, solid_capstyle="butt")
        y -= 9.0 * k
        for row in block.rows:
            _draw_row(axes, sheet, row, left, y)
            y -= 6.6 * k
        y -= 2.4 * k


def _draw_row(axes: Axes, sheet: Sheet, row: Entry, left: float, y: float) -> None:
    k, points = sheet.text, 8 * sheet.text
    _draw_mark(axes, sheet, row.mark, left, y)
    count = printable(row.count)
    room = sheet.width_mm - left - 11 * k - text_width_mm(count or " ", points) - 2 * k
    axes.text(left + 11 * k, y, fitting(row.text, points, room), fontsize=points, va="center", color=INK)
    axes.text(sheet.width_mm, y, count, fontsize=points, va="center", ha="right", color=INK)


def _draw_mark(axes: Axes, sheet: Sheet, mark: Look | Dot | Stroke, left: float, y: float) -> None:
    import numpy as np
    import shapely

    k = sheet.text
    width, height = (one * k for one in _SWATCH_MM)
    if isinstance(mark, Look):
        box = np.array([shapely.box(left, y - height / 2, left + width, y + height / 2)])
        looks = np.empty(1, dtype=object)
        looks[0] = mark
        axes.fill(*box[0].exterior.xy, color=LAND, linewidth=0, zorder=0.5)
        draw_fills(axes, box, looks)
        draw_forms(axes, box, looks, sheet)
        axes.plot(*box[0].exterior.xy, color="#8b949c", linewidth=0.45 * k)
    elif isinstance(mark, Stroke):
        axes.plot([left, left + width], [y, y], color=mark.color, linewidth=mark.width * k, solid_capstyle="butt")
    else:
        draw_dots(axes, np.array([[left + width / 2, y]]), mark, sheet)


def draw_dots(axes: Axes, places: object, dot: Dot, sheet: Sheet, radii_mm: object = None) -> None:
    """Round marks at places in mm, all of one size or each of its own."""
    import numpy as np
    from matplotlib.collections import EllipseCollection

    where = np.asarray(places, dtype=float)
    if not len(where):
        return
    radii = np.full(len(where), dot.radius_mm) if radii_mm is None else np.asarray(radii_mm, dtype=float)
    wide = 2 * radii * sheet.text
    marks = EllipseCollection(
        wide, wide, np.zeros(len(where)), units="xy", offsets=where, offset_transform=axes.transData,
        facecolors=dot.fill, edgecolors=dot.line, linewidths=dot.width * sheet.text,
    )  # fmt: skip
    axes.add_collection(marks, autolim=False)


def draw_scale(axes: Axes, sheet: Sheet) -> None:
    """A bar of a round length, in four parts, beside the map at its foot."""
    from matplotlib.patches import Rectangle

    k = sheet.text
    length_m = round_length_m(_BAR_MM * k / sheet.mm_per_m)
    part, left, y = length_m * sheet.mm_per_m / 4, sheet.frame[2] + 5 * k, sheet.frame[1] + 3.4 * k
    for n in range(4):
        color = INK if n % 2 == 0 else "white"
        axes.add_artist(
            Rectangle((left + n * part, y), part, 1.3 * k, facecolor=color, edgecolor=INK, linewidth=0.5, clip_on=False)
        )
    kilometres = length_m >= 1000
    for n in (0, 2, 4):
        figure = length_m * n / 4
        said = f"{figure / 1000:g}" if kilometres else f"{figure:g}"
        said = f"{said} {'km' if kilometres else 'm'}" if n == 4 else said
        axes.text(
            left + n * part, y - 1.9 * k, said, fontsize=7 * k, ha="center" if n else "left", va="center", color=INK
        )


def round_length_m(most_m: float) -> float:
    """The longest of 1, 2, 4 and 5 times a power of ten that is not longer.

    >>> round_length_m(950), round_length_m(1999), round_length_m(43)
    (500.0, 1000.0, 40.0)
    """
    power = 10.0 ** math.floor(math.log10(most_m))
    return float(max(one * power for one in (1, 2, 4, 5) if one * power <= most_m * (1 + 1e-9)))


def draw_north(axes: Axes, sheet: Sheet, crs: CRS, lang: str) -> None:
    """An arrow to true north, as it runs in the middle of the map."""
    from matplotlib.patches import Polygon

    k = sheet.text
    x, y = sheet.width_mm - 5.0 * k, sheet.frame[1] + 14 * k
    east, north = true_north(crs, sheet.ground)
    long, wide = 6.5 * k, 2.3 * k
    tip, tail = (x + east * long, y + north * long), (x - east * long * 0.55, y - north * long * 0.55)
    for side, color in ((-1, INK), (1, "white")):
        foot = (x - east * long + side * north * wide, y - north * long - side * east * wide)
        axes.add_artist(
            Polygon([tip, foot, tail], facecolor=color, edgecolor=INK, linewidth=0.6, joinstyle="round", clip_on=False)
        )
    said = "北" if lang == "zh" else "N"
    axes.text(
        x + east * (long + 3 * k), y + north * (long + 3 * k), said, fontsize=9 * k, ha="center", va="center", color=INK
    )


def true_north(crs: CRS, bounds_m: tuple[float, float, float, float]) -> tuple[float, float]:
    """East and north of one step toward the pole in a metric CRS, at the middle of an extent.

    >>> east, north = true_north(CRS("EPSG:4549"), (500000, 3400000, 500000, 3400000))
    >>> abs(round(east, 6)), round(north, 6)
    (0.0, 1.0)
    """
    west, south, east, north = bounds_m
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs or "EPSG:4326", always_xy=True)
    middle = (west + east) / 2, (south + north) / 2
    longitude, latitude = to_degrees.transform(*middle)
    x, y = to_degrees.transform(longitude, latitude + 0.001, direction="INVERSE")
    along, up = x - middle[0], y - middle[1]
    length = math.hypot(along, up)
    return along / length, up / length
