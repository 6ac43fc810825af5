"""Which rules bind on the day of an assessment; all others are told for reference."""

from __future__ import annotations

import pandas as pd

from lifecircle.result import Result


def binding_rules(result: Result) -> set[tuple[str, str]]:
    """Standard and rule of those that can be met or not on the day: in force, no recommendation, due."""
    day = result.study.study.date
    return {(one.id, rule.id) for one in result.standards for rule in one.rules if one.binds(rule, day)}


def binding(result: Result) -> pd.Series:
    """Whether each row of a result's `units` is of a rule that binds; on the index of `units`, named `binding`."""
    bound = binding_rules(result)
    pairs = zip(result.units["standard"], result.units["rule_id"], strict=True)
    return pd.Series([pair in bound for pair in pairs], index=result.units.index, name="binding", dtype="bool")
