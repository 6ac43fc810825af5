"""Every number that a reason tells can be found in the tables."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings

from lifecircle.errors import StudyError
from lifecircle.places import unit_of_places
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from samples import assessed_sample
from test_measures import ALL, RANDOM, Small, held, large_towns, verdicts


@dataclass(frozen=True)
class Told:
    """The tables of a result: units, the ledger, dwellings, and what each dwelling reaches."""

    units: pd.DataFrame
    ledger: pd.DataFrame
    dwellings: pd.DataFrame
    states: dict[tuple[str, str], str]
    range_m2: tuple[float, float] = (0, 0)

    def tier_of(self, facility: dict[str, object], unit: str) -> object:
        """The tier that a share of a facility serves: as the facility states, else that of the unit it names."""
        tiers = dict(zip(self.units["unit_id"], self.units["tier"], strict=True))
        return facility["tier"] or tiers.get(unit, "")

    def counts_for(self, facility: dict[str, object], rule: Rule) -> bool:
        """Whether the area of a facility counts for a rule: that of a part where no host is of the rule's kinds."""
        rows = {row["facility_id"]: row for row in self.ledger.to_dict("records")}
        host = rows.get(facility["part_of"])
        while host and host["kind"] not in rule.kinds:
            host = rows.get(host["part_of"])
        said = str(facility["ledger_en"])
        itself = facility["counted"] or said.startswith("its area") or "whose area includes it" in said
        return bool(itself and not host)


NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def cut(number: float, decimals: int) -> set[str]:
    """A number as people read it: cut, or raised where that is the unlucky side."""
    if not math.isfinite(number):
        return set()
    exact = Fraction(repr(number) if number != int(number) else str(int(number))) * 10**decimals
    return {f"{float(Fraction(whole, 10**decimals)):.{decimals}f}" for whole in (math.floor(exact), math.ceil(exact))}


def in_a_text(text: object) -> set[str]:
    return {one.replace(",", "").rstrip(".") for one in NUMBER.findall(str(text))}


def numbers_of(row: pd.Series, ledger: pd.DataFrame, rule: Rule) -> set[str]:
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
        found |= in_a_text([str(one[name])[:10] for name in ("opens_on", "lease_from", "lease_until")])
        shares = [float(Fraction(part)) for part in re.findall(r":([\d.]+)", str(one["serves"]))]
        for share in [1.0, *shares, sum(shares)]:
            found |= cut(float(one["floor_area_m2"]) * share, 2) if one["floor_area_m2"] >= 0 else set()
    return found


def _of_rule(rule: Rule) -> set[str]:
    """Numbers of the rule: limit with its margins, least area, date, and how many services it asks for."""
    found = in_a_text(f"{rule.limit_min:g} 30 5" if rule.limit_min else "")
    found |= in_a_text(f"{rule.least_m2:g}") if rule.least_m2 else set()
    found |= in_a_text(rule.target_date) | in_a_text(rule.target_year)
    return found | ({str(number) for number in range(len(rule.services) + 1)} if rule.services else set())


def sums_of(row: pd.Series, told: Told, rule: Rule) -> set[str]:
    """What rows of the tables add up to in a unit: square metres, what each facility lacks, households by reach."""
    parents = dict(zip(told.units["unit_id"], told.units["parent_id"], strict=True))
    members = {one for one in parents if row["unit_id"] in _line(one, parents)}
    found, area = set[str](), [Fraction(0), Fraction(0)]
    for one in told.ledger[told.ledger["kind"].isin(rule.kinds)].to_dict("records"):
        shares = dict(part.partition(":")[::2] for part in one["serves"].split(";") if part) or {one["unit_id"]: ""}
        share = sum(
            Fraction(number or 1)
            for unit, number in shares.items()
            if unit in members and (rule.basis == "territorial" or told.tier_of(one, unit) == row["tier"])
        )
        if share and told.counts_for(one, rule):
            area = [m2 + _known_m2(one, end) * share for m2, end in zip(area, told.range_m2, strict=True)]
        if one["floor_area_m2"] > 0:
            found |= cut(row["threshold"] - one["floor_area_m2"], 2)
            found |= (
                cut(float(Fraction(str(one["service_area_m2"])) / Fraction(str(one["floor_area_m2"])) * 100), 2)
                if one["service_area_m2"] >= 0
                else set()
            )
    found |= {text for m2 in area for text in cut(float(m2), 2)}
    return found | (_by_reach(row, told, members, rule.kinds) if rule.measure.startswith("reached") else set())


def _known_m2(facility: dict[str, object], end_m2: float) -> Fraction:
    """The floor area, or, where it is unknown, what the study says of it; not below its stated parts."""
    area, *parts = (facility[f"{name}_area_m2"] for name in ("floor", "service", "office"))
    if area >= 0:
        return Fraction(str(area))
    return max(Fraction(str(end_m2)), sum((Fraction(str(part)) for part in parts if part >= 0), Fraction(0)))


def _line(unit: str, parents: dict[str, str]) -> list[str]:
    line = [unit]
    while parents.get(line[-1]):
        line.append(parents[line[-1]])
    return line


def _by_reach(row: pd.Series, told: Told, members: set[str], kinds: tuple[str, ...]) -> set[str]:
    """Known households by what they reach, and these with those that no dwelling accounts for."""
    sums, per_unit = dict.fromkeys(("reached", "unknown", "not_reached"), 0.0), dict.fromkeys(members, 0.0)
    for home in told.dwellings[told.dwellings["unit_id"].isin(members)].to_dict("records"):
        states = {told.states[home["dwelling_id"], kind] for kind in kinds}
        known = home["households"] if home["households"] >= 0 else 0
        sums[next(state for state in sums if state in states)] += known
        per_unit[home["unit_id"]] += known
    rows = told.units.drop_duplicates("unit_id").set_index("unit_id")
    lowest = [one for one in members if one in rows.index and one not in set(rows["parent_id"])]
    ends = ("households_low", "households_high")
    left = [{max(0.0, rows.loc[one, end] - per_unit[one]) for end in ends} for one in lowest]
    ways = {0.0}
    for numbers in left if len(left) <= 3 else [{sum(min(one) for one in left), sum(max(one) for one in left)}]:
        ways |= {way + number for way in ways for number in numbers}
    return {one for number in (*sums.values(), sum(sums.values())) for more in ways for one in cut(number + more, 0)}


def untraced(row: pd.Series, told: Told, rule: Rule) -> set[str]:
    """Numbers of a row's two paragraphs that no table has."""
    known = numbers_of(row, told.ledger, rule) | sums_of(row, told, rule)
    known = {_plainly(one) for one in known}
    said = in_a_text(row["why_zh"]) | in_a_text(row["why_en"])
    return {one for one in said if _plainly(one) not in known}


def _plainly(text: str) -> str:
    return str(Fraction(text))


def _counts(ledger: pd.DataFrame, units: pd.DataFrame) -> set[str]:
    """How many facilities or units there are, or fewer: what is counted in a unit is counted by its rows."""
    return {str(number) for number in range(max(len(ledger), units["unit_id"].nunique()) + 1)}


def all_untraced(told: Told, rules: dict[tuple[str, str], Rule]) -> dict[str, set[str]]:
    """What is left over of every paragraph but for counts of facilities and units."""
    counts, found = _counts(told.ledger, told.units), {}
    for _, row in told.units.iterrows():
        left = untraced(row, told, rules[row["standard"], row["rule_id"]]) - counts
        if left:
            found[f"{row['unit_id']} {row['rule_id']}: {row['why_en']}"] = left
    return found


def rules_of(standards: list[Standard]) -> dict[tuple[str, str], Rule]:
    return {(each.id, one.id): one for each in standards for one in each.rules}


@pytest.fixture(scope="module")
def sample() -> Result:
    return assessed_sample()


def test_every_number_of_every_reason_in_the_sample_is_in_the_tables(sample: Result) -> None:
    kinds = [name.removeprefix("reach_") for name in sample.dwellings if name.startswith("reach_")]
    homes = sample.dwellings.set_index("dwelling_id")
    states = {(home, kind): homes.loc[home, f"reach_{kind}"] for home in homes.index for kind in kinds}
    told = Told(sample.units, sample.facilities, sample.dwellings, states)
    assert all_untraced(told, rules_of([*sample.standards])) == {}


@settings(RANDOM, max_examples=8)
@given(large_towns())
def test_every_number_of_every_reason_in_a_random_town_is_in_the_tables(town: Small) -> None:
    _, ledger, _ = held(town, [ALL])
    homes = town.tables.dwellings
    homes = homes.assign(unit_id=unit_of_places(homes, town.tables.units, stated="unit_id"))
    told = Told(verdicts(town, ALL), ledger, homes, town.states, town.ranges["floor_area_m2"] or (0, 0))
    assert all_untraced(told, rules_of([ALL])) == {}


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
        zh, en = (in_a_text(re.sub("[Pp]er 100 households", "", row[name])) for name in ("why_zh", "why_en"))
        assert zh == en, row["why_en"]


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
