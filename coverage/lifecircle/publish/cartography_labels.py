"""Names on a map: the most important first, inside their area where they fit, never over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from lifecircle.publish.cartography_sheet import POINTS_PER_MM, Sheet
from lifecircle.publish.fonts import printable, text_width_mm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZES = (7.5, 6.5, 5.6)  # points that are tried
_LONGEST, _BRIEF, _LINE = 22, 12, 9  # characters of a name that are shown, at least, and after which it may break
_MOST = 400  # names that are tried at all
_SPOTS = 13  # places across and down an area that are tried
_WITHIN = 0.8  # of a label's box that must lie inside its area
_APART_MM = 0.5
_LEADING, _SMALLER = 1.15, 0.9  # from line to line, and letters of a figure beside those of a name
_INK, _HALO = "#2b3640", "#fbfaf8"


@dataclass(frozen=True)
class Label:
    """A name, and a figure under it, that found their place: middle and size of the box in mm, letters in points."""

    number: int
    name: str
    figure: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    points: float


def placed_labels(
    texts: Sequence[tuple[str, str]], shapes: np.ndarray, importance: np.ndarray, sheet: Sheet,
    *, avoid: np.ndarray,
) -> list[Label]:  # fmt: skip
    """Labels that fit into their areas, the most important first; those that don't fit are left out.

    Parameters
    ----------
    texts
        Name and figure of each area; the figure is left out where only the name fits.
    shapes, importance
        Areas in mm, and how much each matters.
    sheet
        The paper.
    avoid
        Points in mm that labels keep off where they can.

    """
    order = np.argsort(-np.nan_to_num(importance, nan=-1.0), kind="stable")
    chosen = [int(one) for one in order if not shapely.is_empty(shapes[one])][:_MOST]
    taken: list[shapely.Geometry] = []
    found = []
    for one in chosen:
        label = _fitted(one, texts[one], shapes[one], sheet, taken, avoid)
        if label is not None:
            taken.append(_box(label.x_mm, label.y_mm, label.width_mm + _APART_MM, label.height_mm + _APART_MM))
            found.append(label)
    return found


def draw_labels(axes: Axes, labels: Sequence[Label], colors: Sequence[str]) -> None:
    """Write labels with a light edge around their letters; figures in the colour of their area, one for each area."""
    from matplotlib.patheffects import withStroke

    edge = [withStroke(linewidth=1.9, foreground=_HALO)]
    for one in labels:
        line = _LEADING * one.points / POINTS_PER_MM
        up = one.y_mm + (_SMALLER * line / 2 if one.figure else 0)
        style: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": _LEADING, "path_effects": edge}
        axes.text(one.x_mm, up, one.name, fontsize=one.points, color=_INK, **style)
        if one.figure:
            low = one.y_mm - one.height_mm / 2 + _SMALLER * line / 2
            axes.text(one.x_mm, low, one.figure, fontsize=one.points * _SMALLER, color=colors[one.number], **style)


def shortened(name: str, longest: int = _LONGEST) -> str:
    """A name as a map shows it: cut where it is very long, in two lines where it is long.

    >>> shortened("井栏里居委会"), shortened("一二三四五六七八九十一").split()
    ('井栏里居委会', ['一二三四五六', '七八九十一'])
    """
    name = printable(name)
    name = name if len(name) <= longest else name[: longest - 1] + "…"
    wide = sum(1 if ord(one) > 0x2000 else 0.5 for one in name)
    if wide <= _LINE:
        return name
    spaces = [place for place, one in enumerate(name) if one == " "]
    cut = min(spaces, key=lambda place: abs(2 * place - len(name))) if spaces else -(-len(name) // 2)
    return f"{name[:cut].strip()}\n{name[cut:].strip()}"


def fitting(text: str, points: float, room_mm: float) -> str:
    """A text in one line, cut with an ellipsis where it is wider than its room."""
    text = printable(text)
    if text_width_mm(text, points) <= room_mm:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width_mm(text[:middle] + "…", points) <= room_mm
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + "…"


def _fitted(
    number: int, texts: tuple[str, str], shape: shapely.Geometry, sheet: Sheet,
    taken: list[shapely.Geometry], avoid: np.ndarray,
) -> Label | None:  # fmt: skip
    """The first way that fits: name and figure from large to small, then the name alone; off the points, then on."""
    whole, brief, figure = shortened(texts[0]), shortened(texts[0], _BRIEF), printable(texts[1])
    west, south, east, north = shapely.bounds(shape)
    sizes = []
    for name, under in dict.fromkeys([(whole, figure), (whole, ""), (brief, figure), (brief, "")]):
        for points in (one * sheet.text for one in _SIZES):
            width, height = _size(name, under, points)
            if width * _WITHIN <= east - west and height * _WITHIN <= north - south:
                sizes.append((name, under, points, width, height))
    spots = _spots(shape) if sizes else np.empty((0, 2))
    for off in (True, False):
        for name, under, points, width, height in sizes:
            free = _free(spots, width, height, shape, taken)
            free = free[_clear(free, width, height, avoid)] if off else free
            if len(free):
                x, y = free[0]
                return Label(number, name, under, float(x), float(y), width, height, points)
    return None


def _size(name: str, figure: str, points: float) -> tuple[float, float]:
    """Width and height in mm of a name with its figure under it."""
    lines = name.split("\n")
    width = max(text_width_mm(one, points) for one in lines)
    line = _LEADING * points / POINTS_PER_MM
    if not figure:
        return width, line * len(lines)
    return max(width, text_width_mm(figure, points * _SMALLER)), line * (len(lines) + _SMALLER)


def _spots(shape: Any) -> np.ndarray:
    """Middles that a label may have: the roomiest place of the area first, then others by how near it they are."""
    west, south, east, north = shapely.bounds(shape)
    best = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape, tolerance=0.5))[0]
    x, y = np.meshgrid(np.linspace(west, east, _SPOTS + 2)[1:-1], np.linspace(south, north, _SPOTS + 2)[1:-1])
    grid = np.column_stack([x.ravel(), y.ravel()])
    grid = grid[shapely.contains_xy(shape, grid)]
    return np.vstack([best, grid[np.argsort(np.hypot(*(grid - best).T), kind="stable")]])


def _free(
    spots: np.ndarray, width: float, height: float, shape: shapely.Geometry, taken: list[shapely.Geometry]
) -> np.ndarray:
    """Spots at which a box lies inside the area, and over no label that stands."""
    inner = _box(spots[:, 0], spots[:, 1], width * _WITHIN, height * _WITHIN)
    spots = spots[shapely.contains(shape, inner)]
    if not taken or not len(spots):
        return spots
    boxes = _box(spots[:, 0], spots[:, 1], width, height)
    hit = shapely.STRtree(taken).query(boxes, predicate="intersects")[0]
    return np.delete(spots, hit, axis=0)


def _clear(spots: np.ndarray, width: float, height: float, avoid: np.ndarray) -> np.ndarray:
    """Whether a box at each spot keeps off the points."""
    boxes = _box(spots[:, 0], spots[:, 1], width + 1, height + 1)
    clear = np.ones(len(spots), dtype=bool)
    if len(avoid):
        clear[shapely.STRtree(boxes).query(shapely.points(avoid), predicate="intersects")[1]] = False
    return clear


def _box(x: Any, y: Any, width: float, height: float) -> Any:
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
