"""The pictures of a report: maps and plots, drawn once and shared by all documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lifecircle.publish.binding import binding, binding_rules
from lifecircle.publish.cartography import base_of, draw_reach_map, draw_rule_map
from lifecircle.publish.cartography_base import Base
from lifecircle.publish.cartography_bytes import Drawn, png_bytes, svg_bytes
from lifecircle.publish.fonts import drawing_style, printable
from lifecircle.publish.payload import has_walks
from lifecircle.publish.plots import floor_area_figure, gap_figure, lorenz_figure, minutes_figure
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from lifecircle.words import Words, both, term

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_MAPS = 12
_WORTH_A_MAP = 3  # units; what two units have is said in a line
_TIERS = ("subdistrict", "circle", "neighbourhood")


@dataclass(frozen=True)
class Picture:
    """A drawn map or plot, as vectors and as pixels.

    Attributes
    ----------
    name
        What it is, such as `map-shanghai-2021-floor-area-neighbourhood` or `plot-minutes`; unique in a report.
    sort
        `map` or `plot`.
    title, caption
        What it shows, and how to read it, in the language of the report.
    svg, png
        The picture; png has 300 pixels an inch.
    width_mm, height_mm
        Its size on paper.

    """

    name: str
    sort: str
    title: str
    caption: str
    svg: bytes
    png: bytes
    width_mm: float
    height_mm: float


def pictures_of(result: Result, lang: str) -> tuple[Picture, ...]:
    """Maps of each binding rule and tier, then the plots, in the order in which a report shows them.

    At most twelve maps: those of rules in the order of their standards, the finest tier first, then who walks how long
    where a binding rule asks for a walk. A plot that the study has nothing for is left out.
    """
    with drawing_style():
        return (*_maps(result, lang), *_plots(result, lang))


def _maps(result: Result, lang: str) -> list[Picture]:
    placed = result.tables.units.geometry
    if not (placed.notna() & ~placed.is_empty).any():
        return []
    base, ground = base_of(result), Drawn()
    walks = _walking_rules(result) if has_walks(result) else []
    found = [_walk_map(result, *one, lang, base, ground) for one in walks[:1]]
    verdicts = [(one, rule, tier) for one, rule in _rules(result) for tier in _tiers_of(result, one, rule)]
    return [_rule_map(result, *one, lang, base, ground) for one in verdicts[: _MOST_MAPS - len(found)]] + found


def _rules(result: Result) -> list[tuple[Standard, Rule]]:
    bound = binding_rules(result)
    return [(one, rule) for one in result.standards for rule in one.rules if (one.id, rule.id) in bound]


def _walking_rules(result: Result) -> list[tuple[Standard, Rule]]:
    """Binding rules on the study's own walk."""
    walk = result.summary["walk"]
    own = walk["walker"], walk["limit_min"]
    asked = "reached_households_share"
    return [
        (one, rule) for one, rule in _rules(result) if rule.measure == asked and (rule.walker, rule.limit_min) == own
    ]


def _tiers_of(result: Result, standard: Standard, rule: Rule) -> list[str]:
    """Tiers on which a rule has verdicts that bind, the finest first; of one or two units only if there is no other."""
    n = _bound(result, standard, rule)["tier"].value_counts()
    found = [tier for tier in _TIERS[::-1] if tier in n]
    return [tier for tier in found if n[tier] >= _WORTH_A_MAP] or found[:1]


def _bound(result: Result, standard: Standard, rule: Rule) -> pd.DataFrame:
    of_rule = (result.units["standard"] == standard.id) & (result.units["rule_id"] == rule.id)
    return result.units[of_rule & binding(result)]


def _rule_map(
    result: Result, standard: Standard, rule: Rule, tier: str, lang: str, base: Base, ground: Drawn
) -> Picture:
    figure = draw_rule_map(result, f"{standard.id}/{rule.id}", tier, lang=lang, base=base)
    name = term("tier", tier)
    title = both(f"{rule.name.zh}({name['zh']})", f"{rule.name.en} ({name['en']}s)")
    rows = _bound(result, standard, rule)
    caption = _counted(rows[rows["tier"] == tier])
    return _picture(figure, f"map-{standard.id}-{rule.id}-{tier}", title[lang], caption[lang], ground)


def _walk_map(result: Result, standard: Standard, rule: Rule, lang: str, base: Base, ground: Drawn) -> Picture:
    figure = draw_reach_map(result, f"{standard.id}/{rule.id}", lang=lang, base=base)
    caption = both(
        "每点为住户所在,大小按户数;空心红点为时限内走不到的住户。",
        "Each dot is where households live, by their number; open red ones don't get there within the limit.",
    )
    return _picture(figure, f"map-{standard.id}-{rule.id}", rule.name.model_dump()[lang], caption[lang], ground)


def _counted(rows: pd.DataFrame) -> Words:
    """How many units have each verdict, and what the figure under a name is."""
    n = rows["verdict"].value_counts()
    said = [(term("verdict", one), n[one]) for one in ("met", "unmet", "unknown", "not_applicable") if one in n]
    zh = "、".join(f"{name['zh']} {count:,}" for name, count in said)
    en = ", ".join(f"{name['en']} {count:,}" for name, count in said)
    return both(f"{zh}。名称下为该单元的数值。", f"{en[:1].upper()}{en[1:]}. Under a name: the unit's figure.")


def _plots(result: Result, lang: str) -> list[Picture]:
    drawn = {
        "minutes": (minutes_figure, both("住户步行分钟数", "Households by minutes walked")),
        "floor-area": (floor_area_figure, both("每百户建筑面积(各单元)", "Floor area per 100 households by unit")),
        "gaps": (gap_figure, both("建筑面积缺口", "Floor area missing")),
        "lorenz": (lorenz_figure, both("洛伦兹曲线", "Lorenz curves")),
    }
    captions = _plot_captions()
    found = [(name, draw(result, lang=lang), title) for name, (draw, title) in drawn.items()]
    return [
        _picture(figure, f"plot-{name}", title[lang], captions[name][lang])
        for name, figure, title in found
        if figure is not None
    ]


def _plot_captions() -> dict[str, Words]:
    return {
        "minutes": both(
            "每条线为一类设施:在横轴分钟数内走到最近一处的住户比例。",
            "Each line is a kind of facility: the share of households that walk to the nearest within the minutes.",
        ),
        "floor-area": both(
            "由低到高;须线为可能的范围,虚线为要求。",
            "From the lowest; whiskers: what it may be; dashed line: what is asked.",
        ),
        "gaps": both("自上而下累加到全区;斜线处另有不详。", "Adds up from the top; hatched: more, unknown."),
        "lorenz": both(
            "曲线离灰线越远,分配越不均。",
            "The farther off the grey line, the less even.",
        ),
    }


def _picture(figure: Figure, name: str, title: str, caption: str, ground: Drawn | None = None) -> Picture:
    width, height = figure.get_size_inches() * 25.4
    svg, png, sort = svg_bytes(figure, ground), png_bytes(figure, ground), name.partition("-")[0]
    return Picture(name, sort, printable(title), printable(caption), svg, png, float(width), float(height))
