"""What is missing, as a waterfall: each subdistrict on top of those before it, the total at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.publish.cartography_labels import fitting
from lifecircle.publish.plots_frame import GRID, INK, QUIET, UNKNOWN, UNMET, note, plot_frame
from lifecircle.words import both, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_MM, _NAMES_MM, _FIGURES_MM = 7.0, 40.0, 30.0
_MOST_ROWS = 25  # subdistricts that are drawn one by one; the others as one
_INK_TOTAL = "#5a656f"


def draw_gaps(table: pd.DataFrame, title: str, lang: str) -> Figure:
    """The figure of `gap_figure`, in the drawing style that holds.

    Parameters
    ----------
    table
        From `gap_table`.
    title
        Name and year of the study.
    lang
        zh or en.

    """
    rows = _folded(table, lang)
    heading = both("建筑面积缺口(m²)", "Floor area missing (m²)")[lang]
    figure, axes = plot_frame(
        heading, title, height_mm=25 + _ROW_MM * (len(rows) + 0.4), left_mm=_NAMES_MM, right_mm=_FIGURES_MM, foot_mm=7
    )
    total = float(rows["gap_m2"].iloc[-1])
    end = max(total * 1.03, 1.0)
    axes.set_xlim(0, end)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    _steps(axes, rows, end)
    names = [fitting(str(one), 7.6, _NAMES_MM - 3) for one in rows["name"]]
    axes.set_yticks(np.arange(len(rows)), names, parse_math=False, color=INK)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    for n, row in enumerate(rows.itertuples()):
        axes.text(end * 1.015, n, gap_text(row.gap_m2, row.n_unknown, lang), fontsize=7.4, color=INK, va="center")
    note(figure, _footnote(rows, lang))
    return figure


def gap_text(gap_m2: float, n_unknown: int, lang: str) -> str:
    """A gap as printed: raised, `≥` where some of it is unknown.

    >>> gap_text(1200.0, 0, "zh"), gap_text(81.234, 2, "en"), gap_text(0.0, 1, "en")
    ('1,200.00', '≥ 81.24', '?')
    """
    figure = shown(exact(gap_m2), up=True)
    if not n_unknown:
        return figure
    return f"≥ {figure}" if gap_m2 else "?"


def _steps(axes: Axes, rows: pd.DataFrame, end: float) -> None:
    """Bars one after the other, joined by thin lines; a hatched end where more may be missing."""
    ends = np.append(rows["gap_m2"].to_numpy(dtype="float64")[:-1].cumsum(), rows["gap_m2"].iloc[-1])
    starts = np.append(np.append(0.0, ends[:-2])[: len(ends) - 1], 0.0)
    for n, (start, stop, unknown) in enumerate(zip(starts, ends, rows["n_unknown"], strict=True)):
        last = n == len(rows) - 1
        axes.barh(n, stop - start, 0.62, left=start, color=_INK_TOTAL if last else UNMET, alpha=0.85, linewidth=0)
        if unknown:
            tail = min(end * 0.03, end - stop + end * 0.03)
            axes.barh(
                n, tail, 0.62, left=stop, facecolor="white", edgecolor=UNKNOWN, hatch="/////", linewidth=0.6,
                clip_on=False,
            )  # fmt: skip
        if not last:
            axes.plot([stop, stop], [n - 0.31, n + 1.31], color=QUIET, linewidth=0.5)
    axes.axvline(0, color=GRID, linewidth=0.8)


def _folded(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The rows that are drawn: those with a gap or an unknown one, the smallest together where there are many."""
    parts, total = table.iloc[:-1], table.iloc[[-1]]
    shown_parts = parts[(parts["gap_m2"] > 0) | (parts["n_unknown"] > 0)]
    order = shown_parts.sort_values("gap_m2", ascending=False, kind="stable")
    kept, rest = order.head(_MOST_ROWS), order.iloc[_MOST_ROWS:]
    if len(rest):
        sums = rest[["gap_m2", "gap_high_m2", "n_units", "n_unknown"]].sum()
        name = both(f"其余 {len(rest)} 个", f"{len(rest)} others")[lang]
        kept = pd.concat([kept, pd.DataFrame([{"unit_id": "", "name": name, **sums}])], ignore_index=True)
    return pd.concat([kept, total.assign(name=term("tier", "district")[lang])], ignore_index=True)


def _footnote(rows: pd.DataFrame, lang: str) -> str:
    total = rows.iloc[-1]
    zh, en = f"{int(total['n_units'])} 个单元有已知缺口", f"known in {int(total['n_units'])} units"
    if total["n_unknown"]:
        zh = f"{zh};另有 {int(total['n_unknown'])} 个单元缺口不详(斜线),≥ 为至少"
        en = f"{en}; not known in {int(total['n_unknown'])} more (hatched), ≥ is at least"
    return both(zh, en)[lang]
