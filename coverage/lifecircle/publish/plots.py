"""Plots people look at: walks, floor area by unit, how it is shared out, and what is missing.

Each is a figure of the width of a page's text, or None where the study has nothing for it; the tables are its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecircle.publish.fonts import drawing_style
from lifecircle.publish.payload import kinds_shown, report_title
from lifecircle.publish.plots_bars import draw_bars, draw_columns
from lifecircle.publish.plots_gaps import draw_gaps
from lifecircle.publish.plots_lorenz import draw_lorenz
from lifecircle.publish.plots_tables import floor_area_rule, floor_area_table, gap_table, minutes_table
from lifecircle.publish.plots_walks import draw_walks
from lifecircle.publish.spread import spread_section
from lifecircle.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "floor_area_figure", "floor_area_table", "gap_figure", "gap_table", "lorenz_figure", "minutes_figure",
    "minutes_table",
]  # fmt: skip
_MOST_LINES = 6
_MOST_NAMED = 40  # units that are drawn with their names


def minutes_figure(result: Result, *, lang: str | None = None) -> Figure | None:
    """Share of households by the minutes they walk, a line for each kind; None without walks.

    The first kind has a pale band up to those who might arrive. The limit is a line; what lies within 30 seconds and
    within 5 % of it is shaded.

    Examples
    --------
    >>> import lifecircle as lc
    >>> minutes_figure(lc.assess("data/sample"), lang="en").axes[0].get_xlabel()
    'minutes walked'
    """
    tables = {kind: minutes_table(result, kind) for kind in kinds_shown(result)[:_MOST_LINES]}
    lasts = {kind: table["minutes"].iloc[-1] for kind, table in tables.items() if len(table)}
    if not lasts:
        return None
    tables = {kind: minutes_table(result, kind, until_min=max(lasts.values())) for kind in lasts}
    with drawing_style():
        return draw_walks(result, tables, lang or result.study.study.language)


def floor_area_figure(result: Result, *, tier: str | None = None, lang: str | None = None) -> Figure | None:
    """Floor area per 100 households of each unit, the lowest first, with bounds; None where no rule asks for it."""
    lang = lang or result.study.study.language
    table, found = floor_area_table(result, tier), floor_area_rule(result)
    if found is None or not len(table):
        return None
    draw = draw_bars if len(table) <= _MOST_NAMED else draw_columns
    with drawing_style():
        return draw(table, found[1].name.model_dump()[lang], report_title(result.study)[lang], lang)


def gap_figure(result: Result, *, lang: str | None = None) -> Figure | None:
    """Floor area missing by subdistrict, step by step to the total; None where no rule asks for floor area."""
    lang = lang or result.study.study.language
    table = gap_table(result)
    if not len(table):
        return None
    with drawing_style():
        return draw_gaps(table, report_title(result.study)[lang], lang)


def lorenz_figure(result: Result, *, lang: str | None = None) -> Figure | None:
    """Lorenz curves of walks and of floor area within reach, of all and by group; None without groups to compare."""
    sections = [one for one in spread_section(result) if one["drawing"]]
    if not sections:
        return None
    with drawing_style():
        return draw_lorenz(result, sections, lang or result.study.study.language)
