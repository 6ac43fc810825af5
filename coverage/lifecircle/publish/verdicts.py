"""The verdicts as the report page lists them."""

from __future__ import annotations

import math
from typing import Any

from lifecircle.intervals import Interval, exact, shown_range
from lifecircle.publish.binding import binding
from lifecircle.publish.placed import marked
from lifecircle.result import Result
from lifecircle.words import Words, both, term

_NO_BREAK = "\u00a0"  # a space at which no line ends
_BY_BASIS = {"floor_area_per_100_households"}  # measures that read otherwise by territory than by own tier
_SIGNS = {">=": "≥", "<=": "≤"}


def verdict_rows(result: Result) -> list[dict[str, Any]]:
    """One row per unit and rule as a page shows it, in the order of the result's `units`."""
    operators = {(one.id, rule.id): rule.operator for one in result.standards for rule in one.rules}
    return [
        _row(row, _SIGNS[operators[row["standard"], row["rule_id"]]], binds)
        for row, binds in zip(result.units.to_dict("records"), binding(result), strict=True)
    ]


def _row(row: dict[str, Any], sign: str, binds: bool) -> dict[str, Any]:
    given = not math.isnan(row["threshold"])
    return {
        "unit_id": row["unit_id"],
        "name": row["name"],
        "tier": term("tier", row["tier"]),
        "tier_id": row["tier"],
        "standard": row["standard"],
        "rule_id": row["rule_id"],
        "rule": both(row["rule_zh"], row["rule_en"]),
        "basis": term("basis", row["basis"]) if row["measure"] in _BY_BASIS else both("", ""),
        "binds": binds,
        "shown": marked(row["shown"], row["spread_households"]),
        "threshold": f"{sign} {row['threshold_shown']}" if given else row["threshold_shown"],
        "threshold_sort": row["threshold"] if given else None,
        "measured_in": term("measured_in", row["measured_in"]) if given else both("", ""),
        "verdict_id": row["verdict"],
        "verdict": term("verdict", row["verdict"]),
        "gap": both(row["gap_zh"], row["gap_en"]),
        "short": households_short(row),
        "closing": both(row["closing_zh"], row["closing_en"]),
        "projected": row["projected_shown"],
        "projected_id": row["projected_verdict"],
        "projected_verdict": term("verdict", row["projected_verdict"]),
        "why": both(row["why_zh"], row["why_en"]),
        "edge": both(row["edge_zh"].replace(" ", _NO_BREAK), row["edge_en"]),
        "sort_value": None if math.isnan(row["low"]) else row["low"],
    }


def households_short(row: dict[str, Any]) -> Words:
    """The households that a gap leaves short, from the bounds of a verdict's row; empty where nothing is missing.

    >>> households_short({"gap_households_low": 12.1, "gap_households_high": 12.1, "gap_in": "m2"})["en"]
    'what 13 households are owed'
    >>> households_short({"gap_households_low": 3.0, "gap_households_high": 3.0, "gap_in": "households"})["en"]
    ''
    """
    low, high = row["gap_households_low"], row["gap_households_high"]
    if row["gap_in"] == "households" or math.isnan(low) or not high:
        return both("", "")
    found = Interval(exact(low), None if math.isinf(high) else exact(high))
    number = shown_range(found, decimals=0, up=True)
    return both(f"相当于 {number} 户", f"what {number} households are owed")
