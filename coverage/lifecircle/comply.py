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
from lifecircle.measures import MEASURES, Finding, Unit, View
from lifecircle.places import lineage, parents_of_units
from lifecircle.pools import pools_of_rules
from lifecircle.reasons import edge_text, figure_text, gap_text, reason, threshold_text
from lifecircle.standards import Rule, Standard
from lifecircle.tables import TIERS
from lifecircle.words import both

DISTRICT = "district"
_COLUMNS = [
    "unit_id", "name", "tier", "parent_id", "households", "households_low", "households_high", "standard", "rule_id",
    "rule_zh", "rule_en", "measure", "basis", "value", "low", "high", "threshold", "measured_in", "shown",
    "threshold_shown", "verdict", "gap", "gap_low", "gap_high", "gap_in", "gap_zh", "gap_en", "why_zh", "why_en",
    "clause", "near_30s_households", "share_at_minus_30s", "share_at_plus_30s", "near_5pct_households",
    "share_at_minus_5pct", "share_at_plus_5pct", "edge_zh", "edge_en",
]  # fmt: skip
_NEAR = [name for name in _COLUMNS if name.startswith(("near_", "share_at_"))]
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
        For each walker's name and limit in minutes: `minutes_<kind>`, `reach_<kind>` and exit_min of each dwelling,
        indexed by dwelling_id.
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
        gap_en, why_zh, why_en, clause; then, for shares of households within a walk, what lies near the limit:
        near_30s_households and near_5pct_households (known households of dwellings whose walk ends within 30 s, or 5 %
        of the limit, of it, both ends included), share_at_minus_30s and share_at_minus_5pct (the low end of the share
        if the limit were that much shorter), share_at_plus_30s and share_at_plus_5pct (its high end if the limit were
        that much longer), edge_zh and edge_en (as people read them); NaN and empty elsewhere. Shares lie in [0, 1].

    """
    rows: list[dict[str, object]] = []
    for standard in standards:
        settled: dict[tuple[str, str], str] = {}
        view = View(units, *pools_of_rules(standard.rules, units, dwellings, reach), verdicts=settled)
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
    return pd.DataFrame(rows, columns=_COLUMNS).astype(dict.fromkeys(_NEAR, "float64"))


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
    edge = edge_text(rule, finding)
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
        **_near(finding),
        "edge_zh": edge["zh"],
        "edge_en": edge["en"],
    }


def _near(finding: Finding) -> dict[str, object]:
    """What lies near the limit, by the names of the columns."""
    cells: dict[str, object] = {}
    for margin, edge in finding.edges.items():
        cells[f"near_{margin}_households"] = float(edge.households)
        cells[f"share_at_minus_{margin}"] = float(edge.low)
        cells[f"share_at_plus_{margin}"] = float(edge.high)
    return cells


def _value(figure: Interval | None) -> float:
    return float(figure.low) if figure is not None and figure.known else nan


def _low(figure: Interval | None) -> float:
    return nan if figure is None else float(figure.low)


def _high(figure: Interval | None) -> float:
    return nan if figure is None else inf if figure.high is None else float(figure.high)
