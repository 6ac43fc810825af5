"""Every number that a reason tells can be found in the tables."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings

import lifecircle as lc
from lifecircle.errors import StudyError
from lifecircle.result import Result
from test_measures import ALL, RANDOM, Small, held, large_towns, verdicts

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def cut(number: float, decimals: int) -> set[str]:
    """A number as people read it: cut, or raised where that is the unlucky side."""
    if not math.isfinite(number):
        return set()
    exact = Fraction(repr(number) if number != int(number) else str(int(number))) * 10**decimals
    return {f"{float(Fraction(whole, 10**decimals)):.{decimals}f}" for whole in (math.floor(exact), math.ceil(exact))}


def in_a_text(text: object) -> set[str]:
    return {one.replace(",", "").rstrip(".") for one in NUMBER.findall(str(text))}


def numbers_of(row: pd.Series, ledger: pd.DataFrame, units: pd.DataFrame, rule: lc.Rule | None = None) -> set[str]:
    """All that a paragraph may say: the row's numbers, those of the facilities, and those of the rule itself."""
    found: set[str] = set()
    for name, cell in row.items():
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            for decimals in (0, 1, 2):
                found |= cut(float(cell), decimals)
                if str(row["measured_in"]).startswith("share"):
                    found |= cut(float(Fraction(str(cell)) * 100) if math.isfinite(cell) else cell, decimals)
        elif not str(name).startswith(("why", "gap_", "closing", "edge")):
            found |= in_a_text(cell)
    return found | _of_ledger(ledger) | _of_rule(rule)


def _of_ledger(ledger: pd.DataFrame) -> set[str]:
    found: set[str] = set()
    for one in ledger.to_dict("records"):
        found |= in_a_text(one["name"]) | in_a_text(one["facility_id"])
        shares = [float(Fraction(part)) for part in re.findall(r":([\d.]+)", str(one["serves"]))]
        for share in [1.0, *shares, sum(shares)]:
            found |= cut(float(one["floor_area_m2"]) * share, 2) if one["floor_area_m2"] >= 0 else set()
    return found


def _of_rule(rule: lc.Rule | None) -> set[str]:
    """Numbers of the rule: value, limit, least area, date, how many services it asks for, and the margins of a limit."""
    if rule is None:
        return set()
    found = in_a_text(f"{rule.limit_min:g} 30 5" if rule.limit_min else "")
    found |= in_a_text(f"{rule.least_m2:g}") if rule.least_m2 else set()
    found |= in_a_text(rule.target_date) | in_a_text(rule.target_year)
    return found | ({str(number) for number in range(len(rule.services) + 1)} if rule.services else set())
