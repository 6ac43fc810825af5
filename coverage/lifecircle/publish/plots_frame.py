"""The frame of a plot: its size on paper, title, quiet axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecircle.publish.cartography_labels import fitting

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM = 170.0  # of the text on an A4 page
INK, QUIET, GRID = "#2b3640", "#65707a", "#e5e3dd"
MET, UNMET, UNKNOWN = "#1b7f79", "#d1495b", "#9aa0a6"
LINES = ("#1b7f79", "#3b6ea5", "#b07d2b", "#766b99", "#6b8e3d", "#9a5b6e")  # told apart by their names at their ends


def plot_frame(
    title: str,
    subtitle: str,
    *,
    height_mm: float,
    left_mm: float = 14.0,
    right_mm: float = 6.0,
    foot_mm: float = 13.0,
    head_mm: float = 17.0,
) -> tuple[Figure, Axes]:
    """A figure of the width of a page's text, with title and subtitle above its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_MM / 25.4, height_mm / 25.4), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (
            left_mm / WIDTH_MM, foot_mm / height_mm,
            (WIDTH_MM - left_mm - right_mm) / WIDTH_MM, (height_mm - head_mm - foot_mm) / height_mm,
        )
    )  # fmt: skip
    for text, size, color, down_mm in ((title, 11.5, INK, 1.0), (subtitle, 7.6, QUIET, 8.0)):
        said = fitting(text, size, WIDTH_MM)
        figure.text(0, 1 - down_mm / height_mm, said, fontsize=size, color=color, va="top")
    quiet(axes)
    return figure, axes


def quiet(axes: Axes) -> None:
    """Leave only the line at the foot, and names without marks."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, labelsize=7.4, colors=QUIET, pad=3)
    axes.set_axisbelow(True)


def note(figure: Figure, text: str) -> None:
    """A line under the axes, as much of it as fits."""
    height_mm = figure.get_size_inches()[1] * 25.4
    figure.text(0, 1.4 / height_mm, fitting(text, 6.6, WIDTH_MM), fontsize=6.6, color=QUIET, va="bottom")


def apart(wanted: list[float], least: float, *, top: float) -> list[float]:
    """Heights not above the top, near to those wanted and this far apart, in their order from the lowest.

    >>> apart([1.0, 1.1, 5.0, 5.0], 1.0, top=5.5)
    [1.0, 2.0, 4.5, 5.5]
    """
    found: list[float] = []
    for one in wanted:
        found.append(max(one, found[-1] + least) if found else one)
    for place in reversed(range(len(found))):
        above = found[place + 1] - least if place + 1 < len(found) else top
        found[place] = min(found[place], above)
    return found
