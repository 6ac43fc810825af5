"""Households that do not reach a kind, unit by unit, as numbers."""

from __future__ import annotations

import pandas as pd

from lifecircle.publish.payload import has_walks, kinds_shown
from lifecircle.result import Result
from lifecircle.spreading import spread_of

_STATES = ("not_reached", "unknown", "reached")
_COLUMNS = ["unit_id", "name", "kind", "not_reached", "unknown", "households", "n_silent", "spread"]


def unserved_table(result: Result) -> pd.DataFrame:
    """Units and kinds with dwellings that do not reach, or may not, most households first; none without walks.

    Returns
    -------
    DataFrame
        unit_id, name, kind (its key), not_reached and unknown (known households of dwellings that do not reach, or may
        not), households (all known ones of the unit), n_silent (dwellings among those two whose households are
        unknown), spread (known households of the unit that stand where they do because a total was spread).

    """
    if not has_walks(result):
        return pd.DataFrame(columns=_COLUMNS)
    inside = result.dwellings[result.dwellings["unit_id"] != ""]
    units = inside["unit_id"].astype(str)
    known, silent = inside["households"].fillna(0.0), inside["households"].isna()
    parts = [_of_kind(kind, inside[f"reach_{kind}"], units, known, silent) for kind in kinds_shown(result)]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    spread = known.where(spread_of(inside), 0.0).groupby(units).sum()
    found = found.assign(
        name=[names.get(unit_id) or unit_id for unit_id in found["unit_id"]],
        spread=found["unit_id"].map(spread).astype("float64"),
    )
    order = found.assign(most=-found["not_reached"]).sort_values(["most", "unit_id"], kind="stable").index
    return found.loc[order, _COLUMNS].reset_index(drop=True)


def _of_kind(kind: str, states: pd.Series, units: pd.Series, known: pd.Series, silent: pd.Series) -> pd.DataFrame:
    """The rows of one kind, by unit."""
    table = pd.DataFrame({state: known.where(states == state, 0.0) for state in _STATES})
    table["n_silent"] = (silent & (states != "reached")).astype("int64")
    sums = table.groupby(units).sum()
    sums["households"] = sums[list(_STATES)].sum(axis="columns")
    touched = (sums["not_reached"] > 0) | (sums["unknown"] > 0) | (sums["n_silent"] > 0)
    return sums[touched].rename_axis("unit_id").reset_index().assign(kind=kind)
