"""Standards held against a study: verdicts, what is missing, and floor area within reach beside the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.asking import missing_number_table
from lifecircle.comply import Judged, SpreadIn, ended, judge_units, verdict_table
from lifecircle.fairness import Fairness, equity_of_study
from lifecircle.findings import Unit, View
from lifecircle.floating import Decay
from lifecircle.intervals import Interval, exact, judge
from lifecircle.keys import places_among
from lifecircle.ledger import Entry, ledger_entries, ledger_table
from lifecircle.phrases import figure_text
from lifecircle.pools import pools_of_rules, spread_in_units
from lifecircle.reachable import Reachable, reachable_areas
from lifecircle.rollup import units_below, units_of_study
from lifecircle.standards import Rule, Standard
from lifecircle.study import Study, kind_name, walkers_of
from lifecircle.tables import Tables
from lifecircle.walking import StudyWalks
from lifecircle.words import both


@dataclass(frozen=True)
class Compliance:
    """What the standards say of a study.

    Attributes
    ----------
    verdicts
        One row per unit and rule; see `verdict_table`.
    missing
        The numbers on which unknown verdicts hang; see `missing_number_table`.
    reachable
        Floor area per 100 households by territory, and within reach; see `_reachable_table`.
    facilities
        The ledger.
    equity
        What groups of people get; None in a study without dwellings.

    """

    verdicts: pd.DataFrame
    missing: pd.DataFrame
    reachable: pd.DataFrame
    facilities: gpd.GeoDataFrame
    equity: Fairness | None


def comply_with(
    study: Study,
    tables: Tables,
    standards: Sequence[Standard],
    walks: StudyWalks,
    dwellings: gpd.GeoDataFrame,
    kinds: Sequence[str],
    *,
    drafts: frozenset[str] = frozenset(),
) -> Compliance:
    """Every unit held against every rule of every standard; what one standard says stands apart from the others.

    Parameters
    ----------
    study, tables, standards
        The study.
    walks
        What its walks say.
    dwellings
        The dwellings with the unit each lies in.
    kinds
        The kinds that are looked at.
    drafts
        Tiers whose units are nobody's yet: their verdicts are `reference`.

    """
    day, later = study.study.date, study.study.projected
    entries = _entries(study, tables, standards, day, projected=False)
    units = _units(study, tables, dwellings, entries)
    to_come = _entries(study, tables, standards, later, projected=True) if later else None
    projected = _units(study, tables, dwellings, to_come) if to_come is not None else None
    scene = _Scene(entries, units, dwellings, tables.units, walks)
    naming = View(
        units, units_below(units), road_m=walks.road_m, drafts=drafts,
        split_sites=study.count.split_sites,
        least_m2=exact(study.count.least_m2) if study.count.small_sites == "exclude" else None,
        kind_names={kind: kind_name(study, kind) for kind in kinds},
        walker_names={one.name: both(one.zh or one.name, one.en or one.name) for one in walkers_of(study).values()},
    )  # fmt: skip
    judged, coming = [], []
    for standard in standards:
        view = _view(standard, naming, scene)
        judged += judge_units(standard, view, day=day)
        if projected is not None and later is not None:
            coming += judge_units(standard, replace(view, units=projected), day=later)
    asked = area_rule(standards)
    own = _within_reach(asked[1], (*walks.own, "none"), scene) if asked else None
    beside = [one for one in judged if asked and own and (one.standard.id, one.rule.id) == (asked[0].id, asked[1].id)]
    beyond = pd.DataFrame(index=pd.Index(tables.facilities["facility_id"]))
    ledger = ledger_table(tables.facilities, entries, tables.units, beyond, to_come)
    over = study.spread.over if study.spread else ""
    spread = SpreadIn(spread_in_units(units, dwellings), over)
    return Compliance(
        verdict_table(judged, day=day, projected=coming, spread=spread),
        missing_number_table(judged, ledger),
        _reachable_table(beside, own.units if own else {}, spread),
        ledger,
        _equity(study, standards, scene, naming, beside, own) if len(dwellings) else None,
    )


def _equity(
    study: Study,
    standards: Sequence[Standard],
    scene: _Scene,
    naming: View,
    beside: Sequence[Judged],
    own: Reachable | None,
) -> Fairness | None:
    judged = {one.unit.unit_id: one.judged for one in beside}
    sorts = np.array([*(unit.urban_rural for unit in scene.units.values()), ""], dtype=object)
    sort = sorts[places_among(scene.dwellings["unit_id"], scene.units)]
    dwellings = scene.dwellings.assign(urban_rural=pd.array(sort, dtype="str"))
    return equity_of_study(study, standards, scene.walks, dwellings, scene.units, judged, own, naming.kind_names)


@dataclass(frozen=True)
class _Scene:
    """What is in the study on the day of the assessment, and who walks where."""

    entries: Sequence[Entry]
    units: Mapping[str, Unit]
    dwellings: gpd.GeoDataFrame
    boundaries: gpd.GeoDataFrame
    walks: StudyWalks


def _entries(
    study: Study, tables: Tables, standards: Sequence[Standard], day: dt.date, *, projected: bool
) -> list[Entry]:
    rules = [rule for standard in standards for rule in standard.rules]
    area = {kind for rule in rules if rule.measure == "floor_area_per_100_households" for kind in rule.kinds}
    kinds = area or {kind for rule in rules for kind in rule.kinds}
    return ledger_entries(
        tables.facilities, tables.units, date=day, kinds=kinds, unknown_m2=study.unknown.floor_area_m2,
        entrances=tables.entrances, count=study.count, projected=projected,
    )  # fmt: skip


def _units(study: Study, tables: Tables, dwellings: gpd.GeoDataFrame, entries: Sequence[Entry]) -> dict[str, Unit]:
    return units_of_study(
        tables.units, dwellings, entries, name=study.study.name, unknown_households=study.unknown.households
    )


def area_rule(standards: Sequence[Standard]) -> tuple[Standard, Rule] | None:
    """The first rule on floor area per 100 households, by territory if one is, of all standards."""
    rules = [
        (standard, rule)
        for standard in standards
        for rule in standard.rules
        if rule.measure == "floor_area_per_100_households" and rule.value is not None
    ]
    return min(rules, key=lambda one: one[1].basis != "territorial", default=None)


def _view(standard: Standard, naming: View, scene: _Scene) -> View:
    """All that the measures of one standard look at."""
    walks = scene.walks
    reached, around = pools_of_rules(standard.rules, scene.units, scene.dwellings, walks.reach)
    reachable: dict[tuple[str, str], Interval] = {}
    for rule in standard.rules:
        if rule.measure == "reachable_floor_area_per_100_households":
            found = _within_reach(rule, (rule.walker, rule.limit_min or 0.0, rule.decay), scene)
            reachable |= {(rule.id, unit_id): figure for unit_id, figure in (found.units if found else {}).items()}
    return replace(naming, reached=reached, around=around, reachable=reachable)


def _within_reach(rule: Rule, walk: tuple[str, float, Decay], scene: _Scene) -> Reachable | None:
    if walk not in scene.walks.matrices:
        return None
    matrix = scene.walks.matrices[walk]
    return reachable_areas(matrix, scene.entries, scene.units, scene.dwellings, scene.boundaries, kinds=rule.kinds)


_REACHABLE = [
    "unit_id", "name", "tier", "households_low", "households_high", "standard", "rule_id", "threshold", "low", "high",
    "shown", "judged", "reachable_low", "reachable_high", "reachable_shown", "reachable_judged", "agree",
    "spread_households",
]  # fmt: skip


def _reachable_table(judged: Sequence[Judged], found: Mapping[str, Interval], spread: SpreadIn) -> pd.DataFrame:
    """Floor area per 100 households by territory, beside what people can walk to, and whether the two agree.

    `agree`: both, neither, only_administrative, only_reachable, or unknown where one of the two is. `spread_households`
    are those of the unit that were spread from totals.
    """
    rows = []
    for one in judged:
        rule, unit, here = one.rule, one.unit, one.finding.figure
        there = found[unit.unit_id]
        if here is None or rule.value is None:
            continue
        walked = judge(there, rule.operator, exact(rule.value))
        rows.append(
            {
                "unit_id": unit.unit_id,
                "name": unit.name,
                "tier": unit.tier,
                "households_low": float(unit.households.low),
                "households_high": ended(unit.households.high),
                "standard": one.standard.id,
                "rule_id": rule.id,
                "threshold": rule.value,
                "low": float(here.low),
                "high": ended(here.high),
                "shown": figure_text(here, rule.unit),
                "judged": one.judged,
                "reachable_low": float(there.low),
                "reachable_high": ended(there.high),
                "reachable_shown": figure_text(there, rule.unit),
                "reachable_judged": walked,
                "agree": _AGREE.get((one.judged, walked), "unknown"),
                "spread_households": float(spread.households.get(unit.unit_id, 0)),
            }
        )
    return pd.DataFrame(rows, columns=_REACHABLE)


_AGREE = {
    ("met", "met"): "both",
    ("unmet", "unmet"): "neither",
    ("met", "unmet"): "only_administrative",
    ("unmet", "met"): "only_reachable",
}
