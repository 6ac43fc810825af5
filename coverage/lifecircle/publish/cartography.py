"""Maps for print: the verdicts of a rule, or who walks how long, on the drawn ground, with all that a map bears."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import StudyError
from lifecircle.publish.cartography_base import Base, base_of, blank
from lifecircle.publish.cartography_content import (
    TIERS,
    border_block,
    draw_facilities,
    draw_margin,
    facility_block,
    rule_subtitle,
    rule_title,
    verdict_block,
)  # fmt: skip
from lifecircle.publish.cartography_ground import draw_ground, draw_water
from lifecircle.publish.cartography_homes import draw_homes, homes_block, homes_on
from lifecircle.publish.cartography_labels import draw_labels, placed_labels
from lifecircle.publish.cartography_margin import draw_title
from lifecircle.publish.cartography_units import LOOKS, draw_borders, draw_fills, draw_forms
from lifecircle.publish.fonts import drawing_style
from lifecircle.publish.placed import marked
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["base_of", "draw_reach_map", "draw_rule_map"]


def draw_rule_map(
    result: Result, rule: str, tier: str, *, lang: str | None = None, paper: str = "A4", base: Base | None = None
) -> Figure:
    """Map of a rule's verdicts on units of one tier, to print on A4 or A3.

    Parameters
    ----------
    result
        An assessment.
    rule
        Standard and rule, such as `shanghai-2021/floor-area`.
    tier
        neighbourhood, circle or subdistrict.
    lang
        zh or en; that of the study where not given.
    paper
        A4 or A3, landscape; the figure is the sheet less 12 mm on each side.
    base
        From `base_of`, where several maps are drawn on one paper.

    Raises
    ------
    StudyError
        The rule is not known or does not hold for the tier.

    """
    standard, found = known_rule(result, rule)
    _of_tier(rule, found, tier)
    base, lang = base or base_of(result, paper=paper), lang or result.study.study.language
    of_rule = (result.units["standard"] == standard.id) & (result.units["rule_id"] == found.id)
    rows = result.units[of_rule & (result.units["tier"] == tier)]
    with drawing_style():
        figure, axes = blank(base.sheet)
        draw_ground(axes, base.ground, base.sheet)
        _draw_units(axes, result, base, found, rows, tier)
        draw_title(axes, base.sheet, rule_title(found, tier)[lang], rule_subtitle(result, standard, found)[lang])
        legend = [verdict_block(rows, tier, lang), facility_block(result, found, lang), border_block(base, tier, lang)]
        draw_margin(axes, result, base, legend, lang)
    return figure


def draw_reach_map(
    result: Result, rule: str, *, lang: str | None = None, paper: str = "A4", base: Base | None = None
) -> Figure:
    """Map of where households live, by the minutes they walk to what a rule asks for; parameters as `draw_rule_map`.

    Raises
    ------
    StudyError
        The rule is not known, or asks for no walk.

    """
    standard, found = known_rule(result, rule)
    if not found.limit_min:
        raise StudyError(f"rule '{rule}': expected one with a limit_min, found none. Use draw_rule_map")
    base, lang = base or base_of(result, paper=paper), lang or result.study.study.language
    tier = next((one for one in TIERS if (base.units["tier"] == one).any()), TIERS[0])
    homes = homes_on(result, base, found)
    with drawing_style():
        figure, axes = blank(base.sheet)
        draw_ground(axes, base.ground, base.sheet)
        draw_tiers(axes, base, tier)
        draw_homes(axes, homes, base.sheet)
        draw_facilities(axes, result, base, found)
        _name_units(axes, base, homes.table[["x", "y"]].to_numpy())
        draw_title(axes, base.sheet, found.name.model_dump()[lang], rule_subtitle(result, standard, found)[lang])
        legend = [homes_block(homes, lang), facility_block(result, found, lang), border_block(base, tier, lang)]
        draw_margin(axes, result, base, legend, lang)
    return figure


def known_rule(result: Result, rule: str) -> tuple[Standard, Rule]:
    """A rule with its standard, by both their ids."""
    known = {f"{one.id}/{each.id}": (one, each) for one in result.standards for each in one.rules}
    if rule not in known:
        raise StudyError(f"rule '{rule}': no such rule; expected one of {', '.join(known)}. Name one of these")
    return known[rule]


def _of_tier(rule: str, found: Rule, tier: str) -> None:
    tiers = [one for one in found.tiers if one in TIERS]
    if tier not in tiers:
        raise StudyError(f"rule '{rule}': does not hold for tier '{tier}'; expected one of {', '.join(tiers)}")


def _draw_units(axes: Axes, result: Result, base: Base, rule: Rule, rows: pd.DataFrame, tier: str) -> None:
    """Units by verdict, borders, facilities, names with figures."""
    keyed = rows.set_index("unit_id")
    own = (base.units["tier"] == tier).to_numpy() & base.units["unit_id"].isin(keyed.index).to_numpy()
    told, shapes = keyed.loc[base.units.loc[own, "unit_id"]], base.shapes[own]
    looks = np.array([LOOKS[one] for one in told["verdict"]], dtype=object)
    draw_fills(axes, shapes, looks)
    draw_water(axes, base.ground)
    draw_forms(axes, shapes, looks, base.sheet)
    draw_tiers(axes, base, tier)
    places = draw_facilities(axes, result, base, rule)
    labels = placed_labels(_texts(told), shapes, _importance(told, shapes), base.sheet, avoid=places)
    draw_labels(axes, labels, [look.text for look in looks])


def draw_tiers(axes: Axes, base: Base, tier: str) -> None:
    """Borders of a tier and of those above it, each thicker than the one below."""
    ranks = TIERS[TIERS.index(tier) :]
    shapes = {ranks.index(one): base.shapes[(base.units["tier"] == one).to_numpy()] for one in ranks}
    draw_borders(axes, shapes, base.sheet)


def _name_units(axes: Axes, base: Base, avoid: np.ndarray) -> None:
    """Names of the largest units, off the marks where they can be."""
    tier = next((one for one in TIERS[:0:-1] if (base.units["tier"] == one).sum() > 1), "circle")
    own = (base.units["tier"] == tier).to_numpy()
    texts = [(str(name or key), "") for name, key in base.units.loc[own, ["name", "unit_id"]].to_numpy()]
    labels = placed_labels(texts, base.shapes[own], shapely.area(base.shapes[own]), base.sheet, avoid=avoid)
    draw_labels(axes, labels, [""] * len(texts))


def _texts(told: pd.DataFrame) -> list[tuple[str, str]]:
    """Name and figure of each unit; no figure where nothing is measured."""
    rows = zip(told.index, told["name"], told["shown"], told["spread_households"], told["verdict"], strict=True)
    return [
        (str(name or key), "" if verdict == "not_applicable" else marked(text, spread))
        for key, name, text, spread, verdict in rows
    ]


def _importance(told: pd.DataFrame, shapes: np.ndarray) -> np.ndarray:
    """Households, then size."""
    size = shapely.area(shapes)
    return np.asarray(np.nan_to_num(told["households"].to_numpy(dtype="float64")) + size / (1 + size.max(initial=0.0)))
