"""Does each unit comply with each rule: the figure, its bounds, the verdict, the gap and the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import inf, isnan, nan

import geopandas as gpd
import pandas as pd

from lifecircle.intervals import ZERO, Interval, exact, judge, measured, total
from lifecircle.ledger import Entry
from lifecircle.measures import MEASURES, Finding, State, Unit, View
from lifecircle.places import lineage, parents_of_units
from lifecircle.reasons import figure_text, gap_text, reason, threshold_text
from lifecircle.standards import Rule, Standard
from lifecircle.tables import TIERS
from lifecircle.words import both

DISTRICT = "district"
_COLUMNS = [
    "unit_id", "name", "tier", "parent_id", "households", "households_low", "households_high", "standard", "rule_id",
    "rule_zh", "rule_en", "measure", "basis", "value", "low", "high", "threshold", "measured_in", "shown",
    "threshold_shown", "verdict", "gap", "gap_low", "gap_high", "gap_in", "gap_zh", "gap_en", "why_zh", "why_en",
    "clause",
]  # fmt: skip
Range = tuple[float, float] | None


def units_of_study(
    units: gpd.GeoDataFrame,
    dwellings: pd.DataFrame,
    entries: Sequence[Entry],
    *,
    name: str,
    unknown_households: Range = None,
) -> dict[str, Unit]:
    """Every unit with its households and what counts in it, and the study as a whole under `district`.

    Households of a lowest unit are those it states, else the sum of its dwellings where all are known, else unknown.
    Those of a unit above are the sum over the lowest units in it. A facility counts once in each unit above the units
    it serves, by the sum of its shares there.

    Parameters
    ----------
    units
        Columns unit_id, name, tier, parent_id, households.
    dwellings
        Columns unit_id (the lowest unit each lies in, empty where none) and households.
    entries
        The ledger; entries that do not count are left out.
    name
        What the study as a whole is called.
    unknown_households
        Lowest and highest number of households that a unit can have where its own is unknown.

    """
    parents = parents_of_units(units)
    lines = {unit_id: (*line, DISTRICT) for unit_id, line in lineage(parents).items()}
    own = _own_households(units, dwellings, set(parents.values()), unknown_households)
    households: dict[str, list[Interval]] = defaultdict(list)
    for unit_id, number in own.items():
        for above in lines[unit_id]:
            households[above].append(number)
    counting: dict[str, dict[str, Fraction]] = defaultdict(dict)
    by_id = {entry.facility_id: entry for entry in entries if not entry.why_not}
    for entry in by_id.values():
        for unit_id, share in entry.shares:
            for above in lines.get(unit_id, ()):
                counting[above][entry.facility_id] = counting[above].get(entry.facility_id, Fraction(0)) + share
    rows = list(zip(units["unit_id"], units["name"], units["tier"], strict=True))
    rows.append((DISTRICT, name, DISTRICT))
    return {
        unit_id: Unit(
            unit_id,
            called or unit_id,
            tier,
            parents.get(unit_id, "") or (DISTRICT if unit_id != DISTRICT else ""),
            total(households[unit_id]),
            own.get(unit_id, ZERO),
            tuple((by_id[one], share) for one, share in counting[unit_id].items()),
        )
        for unit_id, called, tier in sorted(rows, key=lambda row: (-TIERS.index(row[2]), row[0]))
    }


def comply(
    standards: Sequence[Standard],
    units: Mapping[str, Unit],
    dwellings: pd.DataFrame,
    reach: Mapping[tuple[str, float], pd.DataFrame],
    *,
    year: int,
    kind_names: Mapping[str, Mapping[str, str]] | None = None,
) -> pd.DataFrame:
    """One row per unit and rule: the figure with its bounds, the verdict, the gap and the reason.

    Parameters
    ----------
    standards
        The standards to hold the units to.
    units
        From `units_of_study`.
    dwellings
        Columns unit_id and households, keyed by `dwelling_id`.
    reach
        For each walker's name and limit in minutes: `reach_<kind>` of each dwelling, indexed by dwelling_id.
    year
        The year that is assessed: a rule whose target is of a later year gives `reference`.
    kind_names
        Names of kinds in both languages, for those that the study names itself.

    Returns
    -------
    DataFrame
        unit_id, name, tier, parent_id, households (low and high), standard, rule_id, rule_zh, rule_en, measure, basis,
        value (NaN where bounds differ), low, high (inf where there is no end), threshold, measured_in, shown and
        threshold_shown (as people read them), verdict, gap (NaN where unknown), gap_low, gap_high, gap_in, gap_zh,
        gap_en, why_zh, why_en, clause. Shares lie in [0, 1].

    """
    rows: list[dict[str, object]] = []
    for standard in standards:
        settled: dict[tuple[str, str], str] = {}
        view = View(units, _reached(standard, units, dwellings, reach), settled)
        for rule in sorted(standard.rules, key=lambda one: bool(one.of_rules)):
            for unit in units.values():
                if unit.tier not in rule.tiers:
                    continue
                finding = MEASURES[rule.measure](rule, unit, view)
                judged = _judged(rule, finding)
                settled[rule.id, unit.unit_id] = judged
                verdict = judged if judged == "not_applicable" or standard.binds(rule, year) else "reference"
                rows.append(_row(standard, rule, unit, finding, verdict, kind_names or {}))
    order = {(standard.id, rule.id): place for place, (standard, rule) in enumerate(_rules(standards))}
    places = {unit_id: place for place, unit_id in enumerate(units)}
    rows.sort(key=lambda row: (order[str(row["standard"]), str(row["rule_id"])], places[str(row["unit_id"])]))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _rules(standards: Sequence[Standard]) -> list[tuple[Standard, Rule]]:
    return [(standard, rule) for standard in standards for rule in standard.rules]


def _own_households(
    units: gpd.GeoDataFrame, dwellings: pd.DataFrame, parents: set[str], unknown: Range
) -> dict[str, Interval]:
    """Households that a unit has itself: of a lowest unit all, of a unit above those of dwellings in none below."""
    sums = dwellings["households"].groupby(dwellings["unit_id"].to_numpy())
    known, counted, present = sums.sum(), sums.count(), sums.size()
    own: dict[str, Interval] = {}
    for unit_id, stated in zip(units["unit_id"], units["households"], strict=True):
        n_known, n_present = int(counted.get(unit_id, 0)), int(present.get(unit_id, 0))
        if unit_id in parents:
            stated = nan
            if not n_present:
                continue
        if not isnan(stated):
            own[unit_id] = measured(stated, None)
        elif n_present and n_known == n_present:
            own[unit_id] = measured(float(known[unit_id]), None)
        else:
            at_least = exact(float(known.get(unit_id, 0.0)))
            bounds = measured(nan, None if unit_id in parents else unknown)
            own[unit_id] = Interval(
                max(bounds.low, at_least), None if bounds.high is None else max(bounds.high, at_least)
            )
    return own


def _reached(
    standard: Standard,
    units: Mapping[str, Unit],
    dwellings: pd.DataFrame,
    reach: Mapping[tuple[str, float], pd.DataFrame],
) -> dict[tuple[str, str], dict[frozenset[State], Interval]]:
    """Households of every unit by what they reach, for each rule that asks."""
    lines = lineage({unit.unit_id: unit.parent_id for unit in units.values()})
    found: dict[tuple[str, str], dict[frozenset[State], Interval]] = defaultdict(dict)
    for rule in standard.rules:
        if rule.measure != "reached_households_share" or rule.limit_min is None:
            continue
        states = combined_reach(reach[rule.walker, rule.limit_min], rule.kinds).reindex(dwellings["dwelling_id"])
        known, unsure = _by_state(dwellings.assign(state=states.to_numpy()))
        for unit in units.values():
            pools = _pools(unit.own_households, known.get(unit.unit_id, {}), unsure.get(unit.unit_id, frozenset()))
            for above in lines[unit.unit_id]:
                for pool, number in pools.items():
                    found[rule.id, above][pool] = found[rule.id, above].get(pool, ZERO) + number
    return found


def _by_state(dwellings: pd.DataFrame) -> tuple[dict[str, dict[State, Interval]], dict[str, frozenset[State]]]:
    """For each unit: known households of its dwellings by state, and the states of those of unknown households."""
    known: dict[str, dict[State, Interval]] = defaultdict(dict)
    for (unit_id, state), number in dwellings.groupby(["unit_id", "state"])["households"].sum().items():
        known[unit_id][state] = measured(float(number), None)
    silent = dwellings[dwellings["households"].isna()].groupby("unit_id")["state"]
    return known, {str(unit_id): frozenset(states) for unit_id, states in silent}


def _pools(
    households: Interval, known: Mapping[State, Interval], unsure: frozenset[State]
) -> dict[frozenset[State], Interval]:
    """A unit's households by what they reach.

    What its dwellings do not account for lives in those of unknown households, or, if there are none, nobody knows
    where.
    """
    pools = {frozenset([state]): number for state, number in known.items()}
    left = total(list(known.values())).shortfall(households)
    if left.high != 0:
        states: frozenset[State] = unsure or frozenset(["unknown"])
        pools[states] = pools.get(states, ZERO) + left
    return pools


def combined_reach(table: pd.DataFrame, kinds: Sequence[str]) -> pd.Series:
    """Whether a dwelling reaches any of the kinds: `reached`, else `unknown` if one is, else `not_reached`."""
    states = table[[f"reach_{kind}" for kind in kinds]]
    reached, unknown = (states == "reached").any(axis=1), (states == "unknown").any(axis=1)
    result = pd.Series("not_reached", index=table.index, name="reach", dtype="str")
    return result.mask(unknown, "unknown").mask(reached, "reached")


def _judged(rule: Rule, finding: Finding) -> str:
    """What the figure alone says, whatever the standing of the rule."""
    return "not_applicable" if finding.figure is None else judge(finding.figure, rule.operator, exact(rule.value))


def _row(
    standard: Standard,
    rule: Rule,
    unit: Unit,
    finding: Finding,
    verdict: str,
    kind_names: Mapping[str, Mapping[str, str]],
) -> dict[str, object]:
    figure, gap = finding.figure, finding.gap if rule.operator == ">=" else None
    why = reason(standard, rule, unit, finding, verdict, kind_names)
    missing = gap_text(gap, finding.gap_in) if verdict in {"unmet", "unknown", "reference"} else both("", "")
    return {
        "unit_id": unit.unit_id,
        "name": unit.name,
        "tier": unit.tier,
        "parent_id": unit.parent_id,
        "households": _value(unit.households),
        "households_low": _low(unit.households),
        "households_high": _high(unit.households),
        "standard": standard.id,
        "rule_id": rule.id,
        "rule_zh": rule.name.zh,
        "rule_en": rule.name.en,
        "measure": rule.measure,
        "basis": rule.basis,
        "value": _value(figure),
        "low": _low(figure),
        "high": _high(figure),
        "threshold": rule.value,
        "measured_in": rule.unit,
        "shown": figure_text(figure, rule.unit, up=rule.operator == "<="),
        "threshold_shown": threshold_text(rule),
        "verdict": verdict,
        "gap": _value(gap),
        "gap_low": _low(gap),
        "gap_high": _high(gap),
        "gap_in": finding.gap_in,
        "gap_zh": missing["zh"],
        "gap_en": missing["en"],
        "why_zh": why["zh"],
        "why_en": why["en"],
        "clause": standard.clause(rule),
    }


def _value(figure: Interval | None) -> float:
    return float(figure.low) if figure is not None and figure.known else nan


def _low(figure: Interval | None) -> float:
    return nan if figure is None else float(figure.low)


def _high(figure: Interval | None) -> float:
    return nan if figure is None else inf if figure.high is None else float(figure.high)
