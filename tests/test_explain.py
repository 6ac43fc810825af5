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


def untraced(row: pd.Series, ledger: pd.DataFrame, units: pd.DataFrame, rule: lc.Rule) -> set[str]:
    """Numbers of a row's two paragraphs that no table has."""
    known = {_plainly(one) for one in numbers_of(row, ledger, units, rule)}
    said = in_a_text(row["why_zh"]) | in_a_text(row["why_en"])
    return {one for one in said if _plainly(one) not in known}


def _plainly(text: str) -> str:
    return str(Fraction(text))


def _counts(ledger: pd.DataFrame, units: pd.DataFrame) -> set[str]:
    """How many facilities or units there are, or fewer: what is counted in a unit is counted by its rows."""
    return {str(number) for number in range(max(len(ledger), units["unit_id"].nunique()) + 1)}


def all_untraced(
    rows: pd.DataFrame, ledger: pd.DataFrame, rules: dict[tuple[str, str], lc.Rule]
) -> dict[str, set[str]]:
    """What is left over of every paragraph but for counts of facilities and units."""
    counts, found = _counts(ledger, rows), {}
    for _, row in rows.iterrows():
        rule = rules[row["standard"], row["rule_id"]]
        left = untraced(row, ledger, rows, rule)
        left = {one for one in left if one not in counts}
        if left:
            found[f"{row['unit_id']} {row['rule_id']}: {row['why_en']}"] = left
    return found


def rules_of(standards: list[lc.Standard]) -> dict[tuple[str, str], lc.Rule]:
    return {(each.id, one.id): one for each in standards for one in each.rules}


@pytest.fixture(scope="module")
def sample() -> Result:
    return lc.assess("data/sample/study.toml")


def test_every_number_of_every_reason_in_the_sample_is_in_the_tables(sample: Result) -> None:
    assert all_untraced(sample.units, sample.facilities, rules_of([*sample.standards])) == {}


@settings(RANDOM, max_examples=8)
@given(large_towns())
def test_every_number_of_every_reason_in_a_random_town_is_in_the_tables(town: Small) -> None:
    _, ledger, _ = held(town, [ALL])
    assert all_untraced(verdicts(town, ALL), ledger, rules_of([ALL])) == {}


def test_an_explanation_is_the_reason_after_the_names_of_unit_and_rule(sample: Result) -> None:
    for _, row in sample.units.iterrows():
        why = sample.explain(row["unit_id"], f"{row['standard']}/{row['rule_id']}")
        assert why.zh == f"{row['name']},{row['rule_zh']}:{row['why_zh']}"
        assert why.en == f"{row['name']}, {row['rule_en']}: {row['why_en']}"
        assert str(why) == why.zh


def test_every_explanation_names_the_clause_the_verdict_and_the_figure_shown(sample: Result) -> None:
    for _, row in sample.units.iterrows():
        why = sample.explain(row["unit_id"], f"{row['standard']}/{row['rule_id']}")
        for text in (why.zh, why.en):
            assert row["clause"] in text
            assert math.isnan(row["low"]) or row["shown"] in text
            assert math.isnan(row["threshold"]) or row["threshold_shown"] in text
        assert f"Verdict: {row['verdict'].replace('_', ' ')}" in why.en


def test_both_languages_tell_the_same_numbers(sample: Result) -> None:
    for _, row in sample.units.iterrows():
        zh, en = (sorted(NUMBER.findall(row[name])) for name in ("why_zh", "why_en"))
        assert set(zh) == set(en), (zh, en)


@pytest.mark.parametrize(
    ("unit_id", "rule", "message"),
    [
        ("A0104", "floor-are", "no such rule"),
        ("A9999", "floor-area", "no such unit"),
        ("district", "floor-area", "does not hold for it"),
    ],
)
def test_what_cannot_be_explained_is_told_in_one_line(sample: Result, unit_id: str, rule: str, message: str) -> None:
    with pytest.raises(StudyError, match=message) as told:
        sample.explain(unit_id, rule)
    assert "\n" not in str(told.value)
