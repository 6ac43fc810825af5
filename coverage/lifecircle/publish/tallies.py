"""Verdicts counted: by rule and tier for every standard, and by the larger units for the leading rule."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lifecircle.publish.binding import binding_tiers
from lifecircle.publish.cards import households_text, missing_area_text
from lifecircle.publish.headline import AREA, TIERS, VERDICTS, Lead, rows_of
from lifecircle.publish.minimap import top_units
from lifecircle.result import Result
from lifecircle.words import Words, both, term


def rule_counts(result: Result) -> list[dict[str, Any]]:
    """One row per standard, rule and tier with the number of units by verdict; what binds comes first."""
    bound = binding_tiers(result)
    rules = {(one.id, rule.id): rule for one in result.standards for rule in one.rules}
    titles = {one.id: one.title.model_dump() for one in result.standards}
    rows = []
    for (standard, rule_id, tier), own in result.units.groupby(["standard", "rule_id", "tier"], sort=False):
        rows.append(
            {
                "standard": standard,
                "title": titles[standard],
                "rule": f"{standard}/{rule_id}",
                "name": rules[standard, rule_id].name.model_dump(),
                "tier": term("tier", tier),
                "binds": (standard, rule_id, tier) in bound,
                "counts": _counts(own["verdict"]),
            }
        )
    order = [one.id for one in result.standards]
    return sorted(rows, key=lambda row: (order.index(row["standard"]), not row["binds"]))


def lead_counts(result: Result, lead: Lead | None) -> dict[str, int]:
    """How many units of the leading tier have each verdict by the leading rule, those that there are."""
    if lead is None:
        return {}
    rows = rows_of(result, lead)
    return {one: n for one, n in _counts(rows.loc[rows["tier"] == lead.tier, "verdict"]).items() if n}


def parent_counts(result: Result, lead: Lead | None) -> list[dict[str, Any]]:
    """For each largest unit: its units of the leading tier by verdict, households and what is missing.

    Empty where nothing lies above the units of that tier.
    """
    if lead is None or lead.tier == TIERS[0]:
        return []
    rows, tops = rows_of(result, lead), top_units(result)
    rows = rows[rows["tier"] == lead.tier]
    by_top = rows.groupby(rows["unit_id"].map(tops), sort=False)
    units = result.tables.units
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    if len(by_top) == len(rows):  # nothing lies above the units of this tier
        return []
    return [
        {
            "unit_id": top,
            "name": names.get(top) or top,
            "n": len(own),
            "counts": _counts(own["verdict"]),
            "households": _households(own),
            "missing": missing_area_text(own) if lead.rule.measure == AREA and lead.binds else "",
        }
        for top, own in by_top
    ]


def lead_words(lead: Lead | None) -> Words:
    """The leading rule and the tier whose units are counted."""
    if lead is None:
        return both("", "")
    tier, name = term("tier", lead.tier), lead.rule.name
    return both(f"{tier['zh']} · {name.zh}", f"{tier['en']}s · {name.en}")


def _counts(verdicts: pd.Series) -> dict[str, int]:
    found = verdicts.value_counts()
    return {one: int(found.get(one, 0)) for one in VERDICTS}


def _households(rows: pd.DataFrame) -> str:
    """Households of some units: those known, with `+ ?` where some are not."""
    known = households_text(float(rows["households"].sum()))
    return f"{known} + ?" if rows["households"].isna().any() else known
