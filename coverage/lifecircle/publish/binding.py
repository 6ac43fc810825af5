"""Which rules bind on the day of an assessment; all others are told for reference."""

from __future__ import annotations

import pandas as pd

from lifecircle.result import Result


def binding_rules(result: Result) -> set[tuple[str, str]]:
    """Standard and rule of those that can be met or not on the day: in force, no recommendation, due."""
    day = result.study.study.date
    return {(one.id, rule.id) for one in result.standards for rule in one.rules if one.binds(rule, day)}


def binding(result: Result) -> pd.Series:
    """Whether each row of a result's `units` is of a rule that binds; on the index of `units`, named `binding`.

    What is said of circles that nobody has adopted binds nobody.
    """
    bound = binding_rules(result)
    drafts = result.units["verdict"] == "reference"
    if result.circles is not None:
        drafts |= result.units["tier"] == "circle"
    pairs = zip(result.units["standard"], result.units["rule_id"], strict=True)
    found = pd.Series([pair in bound for pair in pairs], index=result.units.index, name="binding", dtype="bool")
    return found & ~drafts


def binding_tiers(result: Result) -> set[tuple[str, str, str]]:
    """Standard, rule and tier of the verdicts that bind; see `binding`."""
    rows = result.units[binding(result)]
    return set(zip(rows["standard"], rows["rule_id"], rows["tier"], strict=True))
