"""The headline figures of a result, as summary.json carries them."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan
from typing import Any

import geopandas as gpd
import pandas as pd

from lifecircle.circles import Circles
from lifecircle.fairness import Fairness
from lifecircle.spreading import spread_of
from lifecircle.study import Study, study_walker

VERDICTS = ("met", "unmet", "unknown", "not_applicable", "reference")
STATES = ("reached", "not_reached", "unknown")
_ASKED = 5  # missing numbers that are named first


def summary_of(
    study: Study,
    verdicts: pd.DataFrame,
    dwellings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    faults: pd.DataFrame,
    kinds: list[str],
    *,
    missing: pd.DataFrame,
    reachable: pd.DataFrame,
    circles: Circles | None = None,
    equity: Fairness | None = None,
) -> dict[str, Any]:
    """Counts of verdicts by rule and tier, households by what they reach, counts of facilities and faults.

    Shares of households within a walk stand with their bounds and what lies near the limit, for the study as a whole.
    Households are sums of known households of dwellings that lie in a unit; dwellings whose households are unknown, and
    those in no unit, are counted beside. Of those known, `spread` are placed by a unit's total alone.
    """
    inside = dwellings[dwellings["unit_id"] != ""]
    known, spread = (float(rows["households"].sum()) for rows in (inside, inside[spread_of(inside)]))
    return {
        "schema": "lifecircle-summary/1",
        "study": {
            "id": study.study.id,
            "name": study.study.name,
            "year": study.study.year,
            "date": study.study.date.isoformat(),
        },
        "walk": {
            "walker": study_walker(study).name,
            "speed_m_per_s": study_walker(study).speed_m_per_s,
            "limit_min": study.walk.limit_min,
        },
        "rules": _rules(verdicts),
        "shares": _shares(verdicts),
        "reach": {kind: _reach(inside, kind) for kind in kinds},
        "reachable": _agreement(reachable),
        "circles": None if circles is None else asdict(circles.objective),
        "equity": [] if equity is None else _shares_of_groups(equity.shares),
        "missing": [
            {name: row[name] for name in ("table", "key", "column", "settles", "helps")}
            for row in missing.head(_ASKED).to_dict("records")
        ],
        "households": {
            "known": known,
            "spread": spread,
            "spread_share": spread / known if known else 0.0,
            "dwellings": len(inside),
            "dwellings_with_unknown_households": int(inside["households"].isna().sum()),
            "dwellings_in_no_unit": len(dwellings) - len(inside),
        },
        "facilities": {
            "all": len(facilities),
            "counted": int(facilities["counted"].sum()),
            "counted_with_unknown_area": int((facilities["counted"] & facilities["counted_m2"].isna()).sum()),
            "counted_m2": round(float(facilities["counted_m2"].sum()), 6),
        },
        "faults": {severity: int((faults["severity"] == severity).sum()) for severity in ("error", "warning", "note")},
    }


def _rules(verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for (standard, rule_id, tier), group in verdicts.groupby(["standard", "rule_id", "tier"], sort=False):
        counts = group["verdict"].value_counts()
        rows.append(
            {
                "standard": standard,
                "rule": rule_id,
                "tier": tier,
                "verdicts": {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS},
                "gap": _gap(group),
            }
        )
    return rows


def _shares(verdicts: pd.DataFrame) -> list[dict[str, Any]]:
    """For each rule on a share within a walk, that of the district: null where there are no households."""
    names = [name for name in verdicts if name in {"low", "high"} or str(name).startswith(("near_", "share_at_"))]
    asked = (verdicts["tier"] == "district") & (verdicts["measure"] == "reached_households_share")
    return [
        {"standard": row["standard"], "rule": row["rule_id"]}
        | {str(name): None if isnan(row[name]) else float(row[name]) for name in names}
        for row in verdicts[asked].to_dict("records")
    ]


def _shares_of_groups(shares: pd.DataFrame) -> list[dict[str, Any]]:
    """The share of each group that is shown, with its bounds and the known number of people in it."""
    shown = shares[~shares["suppressed"].astype(bool) & shares["low"].notna()]
    rows = shown[["outcome", "dimension", "group", "n_low", "low", "high"]].rename(columns={"n_low": "known"})
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _agreement(reachable: pd.DataFrame) -> dict[str, dict[str, int]]:
    """For each tier: units by whether floor area by territory and within reach agree."""
    return {
        str(tier): {str(said): int(n) for said, n in rows["agree"].value_counts(sort=False).sort_index().items()}
        for tier, rows in reachable.groupby("tier", sort=False)
    }


def _reach(dwellings: gpd.GeoDataFrame, kind: str) -> dict[str, float]:
    states = dwellings[f"reach_{kind}"]
    return {state: float(dwellings.loc[states == state, "households"].sum()) for state in STATES}


def _gap(rows: pd.DataFrame) -> dict[str, Any]:
    """The sum of known gaps (null where none is known and some are not), and in how many units it is not known."""
    unsure = int((rows["gap"].isna() & rows["gap_low"].notna()).sum())
    known = round(float(rows["gap"].sum()), 6)
    return {"in": rows["gap_in"].iloc[0], "known": None if unsure and not known else known, "unknown_units": unsure}
