"""Lorenz curves side by side: of walks and of floor area within reach, of all and by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecircle.publish.cartography_labels import fitting
from lifecircle.publish.groups import dimension_name
from lifecircle.publish.lorenz import lorenz_lines
from lifecircle.publish.payload import report_title
from lifecircle.publish.plots_frame import GRID, INK, LINES, QUIET, WIDTH_MM, note, plot_frame, quiet
from lifecircle.result import Result
from lifecircle.words import both

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_PANELS = 2
_SIDE_MM, _LEFT_MM, _HEAD_MM, _FOOT_MM = 68.0, 12.0, 23.0, 14.0
_SHARES = (0, 0.25, 0.5, 0.75, 1)
_DASHES = ("-", (0, (5, 1.5)), (0, (3, 1.2)), (0, (1, 1)), (0, (5, 1.2, 1, 1.2)), (0, (2, 2)))


def draw_lorenz(result: Result, sections: Sequence[dict[str, Any]], lang: str) -> Figure:
    """The figure of `lorenz_figure`, in the drawing style that holds; sections are those of `spread_section`."""
    heading = both("步行时间与可达面积的分配", "How walks and floor area are shared out")[lang]
    right_mm = WIDTH_MM - _LEFT_MM - _SIDE_MM
    figure, first = plot_frame(
        heading, report_title(result.study)[lang], height_mm=_HEAD_MM + _SIDE_MM + _FOOT_MM, left_mm=_LEFT_MM,
        right_mm=right_mm, foot_mm=_FOOT_MM, head_mm=_HEAD_MM,
    )  # fmt: skip
    west, south, wide, high = first.get_position().bounds
    step = (_SIDE_MM + _LEFT_MM + 4) / WIDTH_MM
    for n, section in enumerate(sections[:_MOST_PANELS]):
        axes = first if n == 0 else figure.add_axes((west + n * step, south, wide, high))
        _panel(axes, result, section, lang)
    even = both("灰线:人人一样多;曲线离它越远越不均", "grey line: all have the same; the farther off, the less even")
    note(figure, even[lang])
    return figure


def _panel(axes: Axes, result: Result, section: dict[str, Any], lang: str) -> None:
    """One amount: its curves, and names with the Gini index in the empty corner above the diagonal."""
    fairness, drawing = result.equity, section["drawing"]
    if fairness is None:
        return
    amount = _amount(result, section)
    curves = fairness.lorenz[fairness.lorenz["amount"] == amount]
    _square(axes, drawing, lang)
    said = fitting(section["name"][lang], 8, 70)
    axes.set_title(said, fontsize=8, color=INK, loc="left", pad=5)
    lines = lorenz_lines(result.study, curves)
    for n, line in enumerate(lines[: len(LINES)]):
        rows = curves[(curves["dimension"] == line["dimension"]) & (curves["group"] == line["group"])]
        name, gini = _told(section, line, drawing["lines"][n]["name"], lang)
        style: dict[str, Any] = {
            "color": INK if n == 0 else LINES[n - 1],
            "linestyle": _DASHES[n],
            "linewidth": 1.9 if n == 0 else 1.2,
        }
        axes.plot(rows["people_share"], rows["amount_share"], **style)
        height = 0.95 - 0.062 * n
        axes.plot([0.03, 0.11], [height] * 2, **style)
        text = fitting(name, 7, 26)
        axes.text(0.13, height, f"{text}  {gini}", fontsize=7, color=INK, va="center")


def _amount(result: Result, section: dict[str, Any]) -> str:
    """The key of a section's amount: sections stand in the order of the table of inequality."""
    from lifecircle.publish.spread import spread_section

    amounts = list(dict.fromkeys(result.equity.inequality["amount"])) if result.equity else []
    names = [one["name"] for one in spread_section(result)]
    return str(amounts[names.index(section["name"])])


def _square(axes: Axes, drawing: dict[str, Any], lang: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    said = [f"{100 * one:.0f}%" for one in _SHARES]
    axes.set_xticks(_SHARES, said, parse_math=False)
    axes.set_yticks(_SHARES, said, parse_math=False)
    quiet(axes)
    axes.grid(color=GRID, linewidth=0.5)
    axes.plot([0, 1], [0, 1], color="#b9b5ab", linewidth=0.9)
    axes.set_xlabel(drawing["x"][lang], fontsize=7.2, color=QUIET, labelpad=2)
    axes.set_ylabel(drawing["y"][lang], fontsize=7.2, color=QUIET, labelpad=1)


def _told(section: dict[str, Any], line: dict[str, Any], name: dict[str, str], lang: str) -> tuple[str, str]:
    """Name of a curve, and its Gini index as the report prints it."""
    dimension = dimension_name(line["dimension"])
    groups = [one for each in section["dimensions"] if each["name"] == dimension for one in each["groups"]]
    gini = next((one["gini"] for one in groups if one["name"] == name and not one["hidden"]), "")
    return name[lang], both(f"基尼 {gini}", f"Gini {gini}")[lang] if gini else ""
