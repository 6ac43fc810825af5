"""What the maps of rules show and say: facilities, classes of a legend, titles, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lifecircle.phrases import sign, threshold_text
from lifecircle.publish.cartography_base import Base
from lifecircle.publish.cartography_margin import (
    Block,
    Dot,
    Entry,
    Stroke,
    draw_dots,
    draw_foot,
    draw_frame,
    draw_legend,
    draw_north,
    draw_scale,
)  # fmt: skip
from lifecircle.publish.cartography_units import BORDERS, LOOKS, VERDICTS
from lifecircle.publish.payload import attribution, report_title, source_text
from lifecircle.publish.placed import spread_share_text
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from lifecircle.words import Words, both, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIERS = ("neighbourhood", "circle", "subdistrict")
_INK, _PAPER = "#2b3640", "#fbfaf8"
_DOTS = (
    (1000.0, Dot(_INK, _PAPER, 1.05, 0.5)),
    (300.0, Dot(_INK, _PAPER, 0.8, 0.5)),
    (0.0, Dot(_INK, _PAPER, 0.6, 0.5)),
)
"""Marks of facilities by the floor area in m² from which they hold; 300 m² is the least of one facility."""
_OPEN_DOT = Dot(_PAPER, _INK, 0.7, 0.9)


def counted_facilities(result: Result, rule: Rule) -> gpd.GeoDataFrame:
    """Facilities of a rule's kinds that count and have a place, the largest last."""
    table = result.facilities[result.facilities["counted"].astype(bool) & result.facilities.geometry.notna()]
    table = table[~table.geometry.is_empty]
    table = table[table["kind"].isin(rule.kinds)] if rule.kinds else table
    return table.sort_values("floor_area_m2", kind="stable", na_position="first")


def draw_facilities(axes: Axes, result: Result, base: Base, rule: Rule) -> np.ndarray:
    """Dark dots by floor area, open ones where it is unknown; their places in mm."""
    table = counted_facilities(result, rule)
    places = shapely.get_coordinates(base.sheet.on_paper(table.geometry.to_crs(base.units.crs).to_numpy()))
    size = _sizes(table)
    for n, dot in [(-1, _OPEN_DOT), *reversed(list(enumerate(one for _, one in _DOTS)))]:
        draw_dots(axes, places[size == n], dot, base.sheet)
    return places


def facility_block(result: Result, rule: Rule, lang: str) -> Block:
    """Legend of facilities: how many of each size."""
    size = _sizes(counted_facilities(result, rule))
    bounds = [f"≥ {_DOTS[0][0]:,.0f} m²", f"{_DOTS[1][0]:,.0f}–{_DOTS[0][0]:,.0f} m²", f"< {_DOTS[1][0]:,.0f} m²"]
    rows = [
        Entry(dot, text, f"{int((size == n).sum()):,}")
        for n, ((_, dot), text) in enumerate(zip(_DOTS, bounds, strict=True))
    ]
    if (size == -1).any():
        rows.append(Entry(_OPEN_DOT, both("面积不详", "floor area unknown")[lang], f"{int((size == -1).sum()):,}"))
    return Block(both("计入的设施(建筑面积)", "Facilities that count")[lang], tuple(rows))


def verdict_block(rows: pd.DataFrame, tier: str, lang: str) -> Block:
    """Legend of verdicts: how many units have each."""
    n, name = rows["verdict"].value_counts(), term("tier", tier)
    always = () if n.get("reference", 0) else ("met", "unmet", "unknown")
    told = [one for one in VERDICTS if n.get(one, 0) or one in always]
    heading = both(f"判定({name['zh']},{len(rows):,} 个)", f"Verdicts ({len(rows):,} {name['en']}s)")
    return Block(
        heading[lang], tuple(Entry(LOOKS[one], term("verdict", one)[lang], f"{n.get(one, 0):,}") for one in told)
    )


def border_block(base: Base, tier: str, lang: str) -> Block:
    """Legend of the borders of a tier and of those above it."""
    ranks = [one for one in TIERS[TIERS.index(tier) :] if (base.units["tier"] == one).any()]
    lines = [Entry(Stroke(*BORDERS[TIERS.index(one) - TIERS.index(tier)]), term("tier", one)[lang]) for one in ranks]
    return Block(both("界线", "Borders")[lang], tuple(lines))


def rule_title(rule: Rule, tier: str) -> Words:
    """What a map of a rule is called."""
    name = term("tier", tier)
    return both(f"{rule.name.zh} · {name['zh']}", f"{rule.name.en} · {name['en']}s")


def rule_subtitle(result: Result, standard: Standard, rule: Rule) -> Words:
    """Which study, what is asked, and by whom."""
    asked = f"{'≥' if rule.operator == '>=' else '≤'} {threshold_text(rule)}"
    title, unit = report_title(result.study), sign(rule.unit)
    clause = f" {rule.clause}" if rule.clause else ""
    wanted = both("没有规定数值", "no value is asked")
    if rule.value is not None:
        per = term("measured_in", rule.unit)
        wanted = both(f"要求 {asked} {per['zh']}", f"asked: {asked} {per['en']}" if unit["en"] else f"asked: {asked}")
    return both(
        f"{title['zh']} · {wanted['zh']} · {standard.title.zh}{clause}",
        f"{title['en']} · {wanted['en']} · {standard.title.en}{clause}",
    )


def draw_margin(axes: Axes, result: Result, base: Base, blocks: list[Block], lang: str) -> None:
    """Frame, legend, scale, north, sources and date."""
    draw_frame(axes, base.sheet)
    draw_legend(axes, base.sheet, blocks)
    draw_scale(axes, base.sheet)
    draw_north(axes, base.sheet, CRS(base.units.crs), lang)
    source, owner, day = source_text(result), attribution(result.study), result.study.study.date
    streets, spread = both(f"道路:{owner}", f"streets: {owner}"), spread_share_text(result)
    left = both(
        ";".join([source["zh"], *([streets["zh"]] if owner else []), *filter(None, [spread["zh"]])]),
        "; ".join([source["en"], *([streets["en"]] if owner else []), *filter(None, [spread["en"]])]),
    )
    draw_foot(axes, base.sheet, left[lang], both(f"评估日期 {day}", f"as of {day}")[lang])


def _sizes(table: gpd.GeoDataFrame) -> np.ndarray:
    """The mark of each facility by its place in the list of dots; -1 where its floor area is unknown."""
    area = table["floor_area_m2"].to_numpy(dtype="float64")
    size = np.full(len(area), -1)
    for n, (least, _) in reversed(list(enumerate(_DOTS))):
        size[area >= least] = n
    return size
