"""Floor area per 100 households of units: bars with names, or columns where there are too many to name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lifecircle.publish.cartography_labels import fitting
from lifecircle.publish.cartography_units import LOOKS, VERDICTS
from lifecircle.publish.plots_frame import GRID, INK, QUIET, UNKNOWN, UNMET, note, plot_frame
from lifecircle.words import both, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAMES_MM, _FIGURES_MM, _ROW_MM = 34.0, 24.0, 4.7
_FAR = 2.6  # times what is asked (or the middle unit has) at which bars are cut, lest one make the others tiny
_COLUMNS_POINTS = 440.0  # width of the axes of columns
_WHISKER = "#4d545b"
_COLORS = {one: look.line for one, look in LOOKS.items()}


def draw_bars(table: pd.DataFrame, rule: str, title: str, lang: str) -> Figure:
    """Units as bars with their names and figures, the lowest on top.

    Parameters
    ----------
    table
        From `floor_area_table`.
    rule, title
        What is measured, and of which study.
    lang
        zh or en.

    """
    height_mm = 30 + _ROW_MM * len(table) + 8
    figure, axes = plot_frame(
        rule, _subtitle(table, title, lang), height_mm=height_mm, left_mm=_NAMES_MM, right_mm=_FIGURES_MM
    )
    end = _end(table)
    rows = np.arange(len(table))
    axes.set_ylim(len(table) - 0.4, -0.6)
    _bars(axes, table, end)
    names = [
        fitting(str(name or key), 7.4, _NAMES_MM - 3) for name, key in zip(table["name"], table["unit_id"], strict=True)
    ]
    axes.set_yticks(rows, names, parse_math=False, color=INK)
    _scale(axes, table, end, lang, upright=False)
    for row, (figure_text, verdict) in enumerate(zip(table["shown"], table["verdict"], strict=True)):
        axes.text(end * 1.015, row, figure_text, fontsize=7.2, color=LOOKS[verdict].text, va="center")
    note(figure, _footnote(table, end, lang))
    return figure


def draw_columns(table: pd.DataFrame, rule: str, title: str, lang: str) -> Figure:
    """Units as thin columns without names, the lowest on the left; parameters as those of `draw_bars`."""
    figure, axes = plot_frame(rule, _subtitle(table, title, lang), height_mm=92, left_mm=11, right_mm=4)
    end = _end(table)
    axes.set_xlim(-0.6, len(table) - 0.4)
    _columns(axes, table, end)
    _scale(axes, table, end, lang, upright=True)
    axes.set_xticks([])
    said = both(f"{len(table):,} 个单元,由低到高", f"{len(table):,} units, from the lowest")[lang]
    axes.set_xlabel(said, fontsize=7.6, color=QUIET, labelpad=4)
    note(figure, _footnote(table, end, lang))
    return figure


def _columns(axes: Axes, table: pd.DataFrame, end: float) -> None:
    """What is sure as a thin column, what may be as a pale one above it."""
    rows, low, high = _ends(table, end)
    width = min(4.0, 0.8 * _COLUMNS_POINTS / len(table))
    colors = [_COLORS[one] for one in table["verdict"]]
    axes.vlines(rows, 0, low, colors=colors, alpha=0.85, linewidth=width)
    unsure = high > low
    axes.vlines(rows[unsure], low[unsure], high[unsure], colors=UNKNOWN, alpha=0.45, linewidth=width)


def _ends(table: pd.DataFrame, end: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of units in their order, and their bounds as far as the axis goes."""
    low, high = (table[one].to_numpy(dtype="float64").clip(max=end) for one in ("low", "high"))
    return np.arange(len(table)), low, high


def _bars(axes: Axes, table: pd.DataFrame, end: float) -> None:
    """What is sure as a full bar, what may be as a pale one with a whisker; an arrow where no end is known."""
    rows, low, high = _ends(table, end)
    colors = [_COLORS[one] for one in table["verdict"]]
    axes.barh(rows, low, 0.66, color=colors, alpha=0.78, linewidth=0)
    for row in np.flatnonzero(high > low):
        axes.barh(row, high[row] - low[row], 0.66, left=low[row], color=UNKNOWN, alpha=0.28, linewidth=0)
        axes.plot([low[row], high[row]], [row, row], color=_WHISKER, linewidth=0.9, solid_capstyle="butt")
        mark = "|" if table["high"].iloc[row] <= end else ">"
        axes.plot([high[row]], [row], mark, color=_WHISKER, markersize=5, markeredgewidth=0.9, clip_on=False)
    for row in np.flatnonzero(table["low"].to_numpy(dtype="float64") > end):
        for back in (0.035, 0.05):
            cut = [end * (1 - back), end * (1 - back + 0.008)]
            axes.plot(cut, [row - 0.4, row + 0.4], color="white", linewidth=1.4)


def _scale(axes: Axes, table: pd.DataFrame, end: float, lang: str, *, upright: bool) -> None:
    """Round marks along the figures, and a line at what is asked."""
    step = _round_step(end)
    marks = np.arange(0, end + 1e-9, step)
    (axes.set_ylim if upright else axes.set_xlim)(0, end)
    (axes.set_yticks if upright else axes.set_xticks)(marks, [f"{one:g}" for one in marks], parse_math=False)
    axes.grid(axis="y" if upright else "x", color=GRID, linewidth=0.6)
    asked = table["threshold"].dropna()
    if len(asked):
        line = axes.axhline if upright else axes.axvline
        line(float(asked.iloc[0]), color=UNMET, linewidth=1.1, linestyle=(0, (4, 2)))
    if not upright:
        axes.set_xlabel(term("measured_in", "m2/100 households")[lang], fontsize=7.6, color=QUIET, labelpad=2)


def _round_step(end: float) -> float:
    """A round distance of marks that makes at most eight.

    >>> _round_step(91)
    20.0
    """
    power = 10.0 ** np.floor(np.log10(end / 8))
    return float(next(one * power for one in (1, 2, 5, 10) if end / (one * power) <= 8))


def _end(table: pd.DataFrame) -> float:
    """Where the axis ends: past every bar, unless a few are far from the others."""
    asked = table["threshold"].dropna()
    low, high = table["low"], table["high"].where(np.isfinite(table["high"]))
    usual = float(asked.iloc[0]) if len(asked) else float(low.median())
    most = float(max(low.max(), high.max() if high.notna().any() else 0.0)) * 1.04
    return max(min(most, _FAR * max(usual, float(low.median()))), usual * 1.15, 1.0)


def _subtitle(table: pd.DataFrame, title: str, lang: str) -> str:
    counts = table["verdict"].value_counts()
    said = [f"{term('verdict', one)[lang]} {counts[one]:,}" for one in VERDICTS if one in counts]
    return f"{title} · {both('、', ', ')[lang].join(said)}"


def _footnote(table: pd.DataFrame, end: float, lang: str) -> str:
    """What the line, the pale bars and the cut ones mean."""
    zh, en = ["虚线:要求"], ["dashed line: what is asked"]
    if not table["threshold"].notna().any():
        zh, en = [], []
    if (table["high"] > table["low"]).any():
        zh, en = (
            [*zh, "浅色与须线:可能的范围,箭头表示上限不详或在图外"],
            [*en, "pale, with a whisker: what it may be, an arrow where no end is known or drawn"],
        )
    if (table["low"] > end).any():
        zh, en = [*zh, "折断的条:比图更长"], [*en, "cut bars are longer than drawn"]
    return both(";".join(zh), "; ".join(en))[lang]
