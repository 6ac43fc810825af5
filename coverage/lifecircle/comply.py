"""Does each unit comply with each rule: the figure, its bounds, the verdict, the gap and the reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf, nan

import pandas as pd

from lifecircle.findings import Finding, Missing, Unit, View
from lifecircle.intervals import Interval, exact, judge
from lifecircle.measures import MEASURES
from lifecircle.phrases import figure_text, spread_text
from lifecircle.reasons import RuleWords, edge_text, gap_words, reason, rule_words
from lifecircle.standards import GAPS, Rule, Standard

_COLUMNS = [
    "unit_id", "name", "tier", "parent_id", "households", "households_low", "households_high", "spread_households",
    "standard", "rule_id", "rule_zh", "rule_en", "measure", "basis", "value", "low", "high", "threshold",
    "measured_in", "shown", "threshold_shown", "verdict", "gap", "gap_low", "gap_high", "gap_in", "gap_zh", "gap_en",
    "gap_households", "gap_households_low", "gap_households_high", "closing_zh", "closing_en", "projected",
    "projected_low", "projected_high", "projected_shown", "projected_verdict", "why_zh", "why_en", "clause",
    "near_30s_households", "share_at_minus_30s", "share_at_plus_30s", "near_5pct_households", "share_at_minus_5pct",
    "share_at_plus_5pct", "edge_zh", "edge_en",
]  # fmt: skip
_NUMBERS = [name for name in _COLUMNS if name.startswith(("near_", "share_at_"))]
_NUMBERS += ["spread_households", "threshold", "projected", "projected_low", "projected_high"]
_WALKED_TO = {"reached_households_share", "reachable_floor_area_per_100_households"}
_WALKED = _WALKED_TO | {"road_distance_m"}


@dataclass(frozen=True)
class Judged:
    """One rule held against one unit: what was found, what the figure alone says, and the verdict."""

    standard: Standard
    rule: Rule
    unit: Unit
    finding: Finding
    judged: str
    verdict: str


def judge_units(standard: Standard, view: View, *, day: dt.date) -> list[Judged]:
    """Every unit held against every rule of a standard, in the order of the rules and then of the units.

    Rules on shares of units come after the rules that they count. A rule that does not bind on the day gives
    `reference`.
    """
    settled: dict[tuple[str, str], str] = {}
    unsettled: dict[tuple[str, str], frozenset[Missing]] = {}
    measures = {rule.id: rule.measure for rule in standard.rules}
    view = replace(view, verdicts=settled, unsettled=unsettled, measures=measures)
    found: dict[str, list[Judged]] = {}
    for rule in sorted(standard.rules, key=lambda one: bool(one.of_rules)):
        measure, binds = MEASURES[rule.measure], standard.binds(rule, day) and rule.of_tier not in view.drafts
        found[rule.id] = []
        for unit in view.units.values():
            if unit.tier not in rule.tiers:
                continue
            finding = _sorted_out(rule, unit, measure(rule, unit, view))
            figure_alone = _judged(rule, finding)
            settled[rule.id, unit.unit_id] = figure_alone
            unsaid = rule.urban_rural and not rule.of_rules and not unit.urban_rural
            judged = "unknown" if unsaid and figure_alone != "not_applicable" else figure_alone
            if judged == "unknown":
                unsettled[rule.id, unit.unit_id] = finding.missing
            sure = binds and unit.tier not in view.drafts
            verdict = judged if judged == "not_applicable" or sure else "reference"
            found[rule.id].append(Judged(standard, rule, unit, finding, judged, verdict))
    return [one for rule in standard.rules for one in found[rule.id]]


@dataclass(frozen=True)
class SpreadIn:
    """Households of each unit whose places come from totals, and what they were spread over."""

    households: Mapping[str, Fraction] = field(default_factory=dict)
    over: str = ""


def verdict_table(
    judged: Sequence[Judged],
    *,
    day: dt.date,
    projected: Sequence[Judged] | None = None,
    spread: SpreadIn | None = None,
) -> pd.DataFrame:
    """One row per unit and rule: the figure with its bounds, the verdict, the gap and the reason.

    Parameters
    ----------
    judged
        From `judge_units`, of one standard or several.
    day
        The day of the assessment.
    projected
        The same rules and units with what opens by a later day; None where none is asked for.
    spread
        Households that stand where they do because totals were spread; None where none were.

    Returns
    -------
    DataFrame
        unit_id, name, tier, parent_id, households (low and high), spread_households (those of them that were spread
        from totals, where the figure hangs on where people live; else 0), standard, rule_id, rule_zh, rule_en,
        measure, basis, value (NaN where bounds differ), low, high (inf where there is no end), threshold (NaN where
        the document gives none), measured_in, shown and threshold_shown (as people read them), verdict, gap (NaN
        where unknown), gap_low, gap_high, gap_in, gap_zh, gap_en, gap_households (those that the gap leaves short;
        low and high), closing_zh, closing_en (what would close the gap), projected (with its low, high, shown and
        verdict: what opens by a later day counted; walks are as they are, so shares within a walk have none), why_zh,
        why_en, clause; then, for shares of households within a walk, what lies near the limit: near_30s_households
        and near_5pct_households (known households of dwellings whose walk ends within 30 s, or 5 % of the limit, of
        it, both ends included), share_at_minus_30s and share_at_minus_5pct (the low end of the share if the limit
        were that much shorter), share_at_plus_30s and share_at_plus_5pct (its high end if the limit were that much
        longer), edge_zh and edge_en (as people read them); NaN and empty elsewhere. Shares lie in [0, 1].

    """
    later = {(one.standard.id, one.rule.id, one.unit.unit_id): one for one in projected or ()}
    standards = {one.standard.id: one.standard for one in judged}.values()
    words = {(one.id, rule.id): rule_words(one, rule, day) for one in standards for rule in one.rules}
    rows = [
        _row(one, words[key[:2]], later.get(key), spread or SpreadIn())
        for one in judged
        for key in [(one.standard.id, one.rule.id, one.unit.unit_id)]
    ]
    return pd.DataFrame(rows, columns=_COLUMNS).astype(dict.fromkeys(_NUMBERS, "float64"))


def _sorted_out(rule: Rule, unit: Unit, finding: Finding) -> Finding:
    """A finding where the rule holds for urban or for rural units alone: none for the others, not sure if unsaid."""
    if not rule.urban_rural or rule.of_rules or unit.urban_rural == rule.urban_rural:
        return finding
    if unit.urban_rural:
        return Finding(None, finding.facts)
    return replace(finding, missing=finding.missing | {Missing("units", unit.unit_id, "urban_rural")})


def _judged(rule: Rule, finding: Finding) -> str:
    """What the figure alone says, whatever the standing of the rule, and whether it holds for the unit."""
    if finding.figure is None:
        return "not_applicable"
    if rule.value is None:
        return "unknown"
    return judge(finding.figure, rule.operator, exact(rule.value))


def _row(one: Judged, said: RuleWords, later: Judged | None, spread: SpreadIn) -> dict[str, object]:
    rule, unit, finding, verdict = one.rule, one.unit, one.finding, one.verdict
    figure, gap_in = finding.figure, GAPS[rule.measure]
    gap = finding.gap if rule.operator == ">=" and not rule.advisory else None
    short = finding.gap_households if gap is not None else None
    missing, edge = gap_words(rule, finding, verdict, gap_in), edge_text(rule, finding)
    placed = spread.households.get(unit.unit_id, Fraction(0)) if _hangs_on_places(one.standard, rule) else Fraction(0)
    told = spread_text(placed, unit.households, spread.over)
    why, (value, low, high) = reason(said, rule, finding, verdict, spread=told), _floats(figure)
    return {
        "unit_id": unit.unit_id,
        "name": unit.name,
        "tier": unit.tier,
        "parent_id": unit.parent_id,
        **_ends("households", unit.households),
        "spread_households": float(placed),
        "standard": one.standard.id,
        "rule_id": rule.id,
        "rule_zh": rule.name.zh,
        "rule_en": rule.name.en,
        "measure": rule.measure,
        "basis": rule.basis,
        "value": value,
        "low": low,
        "high": high,
        "threshold": nan if rule.value is None else rule.value,
        "measured_in": rule.unit,
        "shown": figure_text(figure, rule.unit, up=rule.operator == "<="),
        "threshold_shown": said.threshold,
        "verdict": verdict,
        **_ends("gap", gap),
        "gap_in": gap_in,
        "gap_zh": missing["zh"],
        "gap_en": missing["en"],
        **_ends("gap_households", short),
        "closing_zh": finding.closing["zh"] if missing["zh"] else "",
        "closing_en": finding.closing["en"] if missing["en"] else "",
        **_projected(rule, later),
        "why_zh": why["zh"],
        "why_en": why["en"],
        "clause": said.clause,
        **_near(finding),
        "edge_zh": edge["zh"],
        "edge_en": edge["en"],
    }


def _projected(rule: Rule, later: Judged | None) -> dict[str, object]:
    """The figure with what opens by a later day; none for walks, which are those of today."""
    figure = None if later is None or _is_walked(later.standard, rule) else later.finding.figure
    return {
        **_ends("projected", figure),
        "projected_shown": figure_text(figure, rule.unit, up=rule.operator == "<=") if figure is not None else "",
        "projected_verdict": later.verdict if later is not None and figure is not None else "",
    }


def _is_walked(standard: Standard, rule: Rule) -> bool:
    """Whether a rule, or one that it counts, hangs on walks, which are those of today."""
    return _asks(standard, rule, _WALKED)


def _hangs_on_places(standard: Standard, rule: Rule) -> bool:
    """Whether a rule, or one that it counts, hangs on where in a unit its households live."""
    return _asks(standard, rule, _WALKED_TO)


def _asks(standard: Standard, rule: Rule, measures: set[str]) -> bool:
    counted = [standard.rule(one) for one in rule.of_rules]
    return any(one.measure in measures or (one.services and one.limit_min) for one in (rule, *counted))


def _near(finding: Finding) -> dict[str, object]:
    """What lies near the limit, by the names of the columns."""
    cells: dict[str, object] = {}
    for margin, edge in finding.edges.items():
        cells[f"near_{margin}_households"] = float(edge.households)
        cells[f"share_at_minus_{margin}"] = float(edge.low)
        cells[f"share_at_plus_{margin}"] = float(edge.high)
    return cells


def _ends(name: str, figure: Interval | None) -> dict[str, object]:
    """A number with its low and high end, as columns."""
    value, low, high = _floats(figure)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _floats(figure: Interval | None) -> tuple[float, float, float]:
    """A number (NaN where its ends differ) and its ends; all NaN where there is none."""
    if figure is None:
        return nan, nan, nan
    low = float(figure.low)
    return (low, low, low) if figure.known else (nan, low, ended(figure.high))


def ended(high: Fraction | None) -> float:
    """An upper end as tables have it: infinite where there is none."""
    return inf if high is None else float(high)
