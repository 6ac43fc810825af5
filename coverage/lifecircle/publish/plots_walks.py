"""Households by the minutes they walk: a curve for each kind, the limit, and what lies at its edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.publish.cards import households_text
from lifecircle.publish.cartography_labels import fitting
from lifecircle.publish.payload import report_title
from lifecircle.publish.placed import spread_share_text
from lifecircle.publish.plots_frame import GRID, LINES, QUIET, UNMET, apart, note, plot_frame
from lifecircle.result import Result
from lifecircle.study import kind_name, study_walker
from lifecircle.words import both

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_EDGE_MIN, _EDGE_SHARE = 0.5, 0.05  # 30 seconds, and a part of the limit
_NAMES_MM = 46.0  # room for names at the ends of the curves
_APART = 0.05  # of the axis between two names


def draw_walks(result: Result, tables: Mapping[str, pd.DataFrame], lang: str) -> Figure:
    """The figure of `minutes_figure`, in the drawing style that holds.

    Parameters
    ----------
    result
        An assessment.
    tables
        By kind, from `minutes_table`; the first is the one that counts most.
    lang
        zh or en.

    """
    walker, title = study_walker(result.study), report_title(result.study)[lang]
    speed = f"{walker.speed_m_per_s:g} m/s"
    who = both(f"{walker.zh or walker.name} {speed}", f"{walker.en or walker.name}, {speed}")
    heading = both("多少住户在多少分钟内走到", "How many households walk there in how many minutes")
    figure, axes = plot_frame(heading[lang], f"{title} · {who[lang]}", height_mm=98, left_mm=11, right_mm=_NAMES_MM)
    last = float(next(iter(tables.values()))["minutes"].iloc[-1])
    _frame(axes, last, lang)
    _limit(axes, result.study.walk.limit_min, lang)
    _curves(axes, result, tables, last, lang)
    note(figure, _footnote(result, next(iter(tables)), lang))
    return figure


def _frame(axes: Axes, last: float, lang: str) -> None:
    axes.set_xlim(0, last)
    axes.set_ylim(0, 1)
    step = next(one for one in (5, 10, 15, 30, 60, 240, 1440) if last / one <= 13 or one == 1440)
    minutes = np.arange(0, last + 1e-9, step)
    axes.set_xticks(minutes, [f"{one:g}" for one in minutes], parse_math=False)
    shares = np.arange(0, 1.01, 0.2)
    axes.set_yticks(shares, [f"{100 * one:.0f}%" for one in shares], parse_math=False)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_xlabel(both("步行分钟", "minutes walked")[lang], fontsize=7.6, color=QUIET, labelpad=3)


def _limit(axes: Axes, limit_min: float, lang: str) -> None:
    """The limit as a line, and the two bands around it."""
    wide, narrow = sorted((_EDGE_MIN, _EDGE_SHARE * limit_min), reverse=True)
    for margin, alpha in ((wide, 0.13), (narrow, 0.13)):
        axes.axvspan(limit_min - margin, limit_min + margin, color=UNMET, alpha=alpha, linewidth=0)
    axes.axvline(limit_min, color=UNMET, linewidth=1.0)
    said = both(f"时限 {limit_min:g} 分钟(浅色:±30 秒、±5%)", f"limit: {limit_min:g} min (pale: ±30 s, ±5 %)")
    axes.text(limit_min, 1.035, said[lang], fontsize=7.2, color="#9c2438", va="center", ha="center")


def _curves(axes: Axes, result: Result, tables: Mapping[str, pd.DataFrame], last: float, lang: str) -> None:
    """The curves, each with its name and the share at the limit at its end."""
    ends = []
    for n, ((kind, table), color) in enumerate(zip(tables.items(), LINES, strict=False)):
        x, y = table["minutes"].to_numpy(), table["share"].to_numpy()
        if n == 0:
            axes.fill_between(x, y, table["may_share"], color=color, alpha=0.16, linewidth=0)
        axes.plot(x, y, color=color, linewidth=2.2 if n == 0 else 1.2, zorder=3 if n == 0 else 2, solid_capstyle="butt")
        at_limit = table.loc[table["minutes"] == result.study.walk.limit_min, "share"].iloc[0]
        axes.plot(
            [result.study.walk.limit_min], [at_limit], "o", color=color, markersize=4.2 if n == 0 else 3, zorder=4
        )
        ends.append((float(y[-1]), kind_name(result.study, kind)[lang], share_text(at_limit), color))
    ends.sort(key=lambda end: end[0])
    heights = apart([end[0] for end in ends], _APART, top=1.0)
    for height, (_, name, share, color) in zip(heights, ends, strict=True):
        said = fitting(f"{name}", 7.2, _NAMES_MM - 14)
        axes.text(last * 1.012, height, f"{said} {share}", fontsize=7.2, color=color, va="center")


def share_text(share: float) -> str:
    """A share in percent, cut.

    >>> share_text(0.84996)
    '84.99%'
    """
    return f"{shown(exact(round(share, 12)) * 100)}%"


def _footnote(result: Result, kind: str, lang: str) -> str:
    """What the pale band is, and who is left out."""
    households = result.summary["households"]
    known, silent = households_text(households["known"]), households["dwellings_with_unknown_households"]
    name, spread = kind_name(result.study, kind), spread_share_text(result)
    zh = [f"占已知 {known} 户;名称后为时限内的比例;浅色带:{name['zh']}可能走到的住户"]
    en = [f"of {known} known households; behind names: within the limit; pale band: may reach a {name['en']}"]
    if silent:
        zh, en = [*zh, f"另有 {silent} 个居住点户数不详"], [*en, f"{silent} dwellings of unknown households beside"]
    return both(";".join(filter(None, [*zh, spread["zh"]])), "; ".join(filter(None, [*en, spread["en"]])))[lang]
