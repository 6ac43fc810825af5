"""The numbers behind the plots, as tables: what a chart in a document is made of too."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lifecircle.publish.binding import binding
from lifecircle.publish.payload import has_walks
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard

_AREA = "floor_area_per_100_households"
_STEP_MIN = 0.5  # of the curve
_MOST_MIN = 60.0  # walks beyond an hour are not drawn
_ENOUGH_SHARE = 0.99  # of households whose walk is known; the curve ends where they have arrived
_SMALLEST_FIRST = ("neighbourhood", "circle", "subdistrict")
_DIGITS = 6  # of a sum of square metres; beyond them is a float's error


def minutes_table(result: Result, kind: str, *, until_min: float | None = None) -> pd.DataFrame:
    """Households that walk to a kind of facility within each number of minutes, in steps of half a minute.

    Households are those known of dwellings in a unit; a walk of exactly so many minutes is within them. The step at the
    study's limit says what the summary says.

    Parameters
    ----------
    result
        An assessment.
    kind
        A kind of facility, such as community_service.
    until_min
        The last step; where not given, twice the limit or, up to an hour, the minutes by which nearly all have arrived.

    Returns
    -------
    DataFrame, one row per step; no row where no walks were computed or no household is known
        minutes; households (within it, by the streets that are known); may_households (those and the ones who might
        be: unknown at the study's limit, or living where the known streets end within the minutes); share and may_share
        (the same over all known households).
    """
    columns = ["minutes", "households", "may_households", "share", "may_share"]
    if not has_walks(result) or f"minutes_{kind}" not in result.dwellings:
        return pd.DataFrame(columns=columns, dtype="float64")
    table = result.dwellings[(result.dwellings["unit_id"] != "") & (result.dwellings["households"] > 0)]
    everybody = float(table["households"].sum())
    if not everybody:
        return pd.DataFrame(columns=columns, dtype="float64")
    walk, households = (table[one].to_numpy(dtype="float64") for one in (f"minutes_{kind}", "households"))
    unknown = (table[f"reach_{kind}"] == "unknown").to_numpy()
    first = np.where(unknown, 0.0, np.fmin(walk, table["exit_min"].to_numpy(dtype="float64")))
    limit_min = result.study.walk.limit_min
    steps = _steps(limit_min, _last(walk, households, limit_min) if until_min is None else until_min)
    within, may = _arrived(walk, households, steps), _arrived(first, households, steps)
    return pd.DataFrame(dict(zip(columns, (steps, within, may, within / everybody, may / everybody), strict=True)))


def floor_area_table(result: Result, tier: str | None = None) -> pd.DataFrame:
    """Floor area per 100 households of each unit, the lowest first, with its bounds and what is asked.

    Parameters
    ----------
    result
        An assessment.
    tier
        Whose units; the smallest that the rule holds for where not given.

    Returns
    -------
    DataFrame, one row per unit that has a figure; no row where no rule asks for floor area
        unit_id, name, low and high (m² per 100 households; high is inf where no upper end is known, both agree where
        it is known), threshold (NaN where nothing is asked), shown (the figure as printed), verdict.
    """
    columns = ["unit_id", "name", "low", "high", "threshold", "shown", "verdict"]
    found = floor_area_rule(result)
    if found is None:
        return pd.DataFrame(columns=columns)
    rows = _rows_of(result, *found)
    rows = rows[(rows["tier"] == (tier or _smallest(rows["tier"]))) & rows["low"].notna()]
    return rows.sort_values(["low", "high", "unit_id"], kind="stable")[columns].reset_index(drop=True)


def gap_table(result: Result) -> pd.DataFrame:
    """Floor area missing by subdistrict, the total last: the sum over the smallest units that the rule holds for.

    Parameters
    ----------
    result
        An assessment.

    Returns
    -------
    DataFrame, one row per subdistrict in the order of the units and one `district`; no row where no rule asks for area
        unit_id, name, gap_m2 (surely missing), gap_high_m2 (missing at most; inf where no end is known), n_units
        (with a gap that is known), n_unknown (whose gap is not known).
    """
    columns = ["unit_id", "name", "gap_m2", "gap_high_m2", "n_units", "n_unknown"]
    found = floor_area_rule(result)
    if found is None:
        return pd.DataFrame(columns=columns)
    rows = _rows_of(result, *found)
    rows = rows[(rows["tier"] == _smallest(rows["tier"])) & rows["gap_low"].notna()]
    top = _subdistricts(result, list(rows["unit_id"]))
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    parts = [(key, names.get(key) or key, rows[top == key]) for key in dict.fromkeys(top)]
    return pd.DataFrame([_gap_row(*one) for one in [*parts, ("district", "", rows)]], columns=columns)


def floor_area_rule(result: Result) -> tuple[Standard, Rule] | None:
    """The rule on floor area per 100 households that plots speak of: the first that binds, else the first at all."""
    bound = result.units[binding(result)]
    pairs = set(zip(bound["standard"], bound["rule_id"], strict=True))
    asked = [(one, rule) for one in result.standards for rule in one.rules if rule.measure == _AREA]
    binds = [(one, rule) for one, rule in asked if (one.id, rule.id) in pairs]
    return next(iter([*binds, *asked]), None)


def _rows_of(result: Result, standard: Standard, rule: Rule) -> pd.DataFrame:
    return result.units[(result.units["standard"] == standard.id) & (result.units["rule_id"] == rule.id)]


def _smallest(tiers: Sequence[str]) -> str:
    return next((one for one in _SMALLEST_FIRST if one in set(tiers)), "")


def _last(walk: np.ndarray, households: np.ndarray, limit_min: float) -> float:
    """Minutes at which a curve ends."""
    known = ~np.isnan(walk)
    order = np.argsort(walk[known], kind="stable")
    arrived = np.cumsum(households[known][order])
    enough = walk[known][order][np.searchsorted(arrived, _ENOUGH_SHARE * arrived[-1])] if len(order) else 0.0
    return float(max(2 * limit_min, min(enough, _MOST_MIN)))


def _steps(limit_min: float, last_min: float) -> np.ndarray:
    """From 0 by half minutes to the last or past it, with the limit itself."""
    steps = _STEP_MIN * np.arange(math.ceil(last_min / _STEP_MIN) + 1)
    return np.unique(np.append(steps, limit_min))


def _arrived(walk: np.ndarray, households: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Households whose walk is at most each step; those without one never arrive."""
    order = np.argsort(walk, kind="stable")  # NaN comes last
    total = np.append(0.0, np.cumsum(households[order]))
    return np.asarray(total[np.searchsorted(walk[order], steps, side="right")])


def _subdistricts(result: Result, unit_ids: Sequence[str]) -> np.ndarray:
    """The topmost unit above each unit, itself where it is the topmost."""
    parents = dict(zip(result.tables.units["unit_id"], result.tables.units["parent_id"], strict=True))
    found = []
    for unit_id in unit_ids:
        top = unit_id
        for _ in _SMALLEST_FIRST:
            above = parents.get(top)
            top = above if isinstance(above, str) and above in parents else top
        found.append(top)
    return np.array(found, dtype=object)


def _gap_row(unit_id: str, name: str, rows: pd.DataFrame) -> tuple[str, str, float, float, int, int]:
    low, high = (round(float(rows[one].sum()), _DIGITS) for one in ("gap_low", "gap_high"))
    known = rows["gap"].notna()
    return unit_id, name, low, high, int((known & (rows["gap"] > 0)).sum()), int((~known).sum())
