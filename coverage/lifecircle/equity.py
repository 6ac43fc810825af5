"""Do groups of people get the same: the share of each group that reaches, its gap to the best, and the unserved."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd

from lifecircle.errors import TableError
from lifecircle.groups import ALONE, PARTS, STATES, UNKNOWN, state_codes
from lifecircle.suppression import hidden_groups

_KEYS = ["outcome", "dimension", "group"]
_FIGURES = [
    "n_low", "n_high", "value", "low", "high", "gap_low", "gap_high", "unserved_low", "unserved_high",
    "unserved_share_low", "unserved_share_high", "over_representation_low", "over_representation_high",
]  # fmt: skip
_FLAGS = ["best", "may_be_best", "suppressed", "suppressed_as"]


def equity_shares(lots: pd.DataFrame, *, least: int = 30) -> pd.DataFrame:
    """For each outcome and group: the share that reaches, how far it is below the best group, and its unserved.

    Parameters
    ----------
    lots
        One row for each lot of people: dimension, group, outcome, state (reached, not_reached or unknown), n_low,
        n_high (how many: equal where known, n_high infinite where there is no end); groups of one dimension have no
        member in common. Optional `place` (whole number): lots of state unknown with the same place, in one
        dimension and outcome, reach or do not together; -1, or no column, is a place of its own.
    least
        Groups with surely fewer, or perhaps fewer, people are suppressed, and others with them where the figures could
        be worked out by subtraction (see `hidden_groups`); a group suppressed for one outcome is so for all.

    Returns
    -------
    DataFrame
        A row for each outcome, dimension and group (categories keep their order, others are sorted):

        - n_low, n_high: people in the group
        - value (NaN where the ends differ), low, high: the share that reaches
        - gap_low, gap_high: how far the share lies below the highest of the dimension's groups, 0 where none is higher
        - best: no group can be higher; may_be_best: perhaps none is
        - unserved_low, unserved_high: people who do not reach
        - unserved_share_low, _high: part of the dimension's unserved who are of this group
        - over_representation_low, _high: that part, divided by the group's part of all people
        - suppressed, suppressed_as (small, complement or empty): figures are NaN

        A group without people has no share. The group `unknown` and suppressed groups are never the best, so that no
        gap gives a suppressed share away. Ends of shares are those that some filling-in of the unknown attains.
        Ends of gaps are too where counts are known, save for gap_low where places are shared by more than two groups.
        Ends of the unserved always hold.

    Raises
    ------
    TableError
        A column is missing, a key is empty, a state is none of the three, or a count is wrong.

    Examples
    --------
    >>> lots = pd.DataFrame({"outcome": "shop", "dimension": "area", "group": ["urban", "rural", "rural"],
    ...     "state": ["reached", "reached", "not_reached"], "n_low": [300, 60, 40], "n_high": [300, 60, 40]})
    >>> shown = equity_shares(lots)
    >>> shown[["group", "value", "gap_high", "unserved_high", "over_representation_high"]].values.tolist()
    [['rural', 0.6, 0.4, 40.0, 4.0], ['urban', 1.0, 0.0, 0.0, 0.0]]

    """
    lots = _checked(lots)
    row, rows = _coded(lots[_KEYS])
    state = state_codes(lots["state"], "lots: state")
    low, high = (
        np.bincount(row * len(STATES) + state, lots[name], len(rows) * len(STATES)).reshape(-1, len(STATES))
        for name in ("n_low", "n_high")
    )
    found = rows.assign(n_low=low.sum(axis=1), n_high=high.sum(axis=1), **_shares(low, high))
    found["suppressed_as"] = _suppressed(found, least)
    found["suppressed"] = found["suppressed_as"] != ""
    unsure = np.flatnonzero(state == STATES.index("unknown")) if "place" in lots else np.empty(0, dtype=np.intp)
    number, place = lots["n_low"].to_numpy()[unsure], lots["place"].to_numpy()[unsure] if len(unsure) else unsure
    for _, one in found.groupby(_KEYS[:2], observed=True):
        at = one.index.to_numpy()
        mine = (row[unsure] >= at[0]) & (row[unsure] <= at[-1])
        together = _weights(row[unsure][mine] - at[0], place[mine], number[mine], one["n_low"].to_numpy())
        gaps = _gaps(one, _differences(one, together, low[at]))
        for name, values in (gaps | _unserved(low[at], high[at])).items():
            found.loc[at, name] = values
    found["best"] = found["gap_high"].eq(0) & (found["group"] != UNKNOWN) & ~found["suppressed"]
    found["may_be_best"] = found["gap_low"].eq(0) & (found["group"] != UNKNOWN) & ~found["suppressed"]
    counts = ["n_low", "n_high", "unserved_low", "unserved_high"]
    found[counts] = found[counts] / PARTS
    found.loc[found["suppressed"], _FIGURES] = np.nan
    return found[[*_KEYS, *_FIGURES, *_FLAGS]]


def _checked(lots: pd.DataFrame) -> pd.DataFrame:
    """The columns that count, counts in whole millionths."""
    needed = [*_KEYS, "state", "n_low", "n_high"]
    if missing := [name for name in needed if name not in lots]:
        raise TableError(f"lots: no column {', '.join(missing)}; expected {', '.join(needed)}. Add what is missing")
    low, high = (np.asarray(np.rint(lots[name].to_numpy(dtype=float) * PARTS)) for name in ("n_low", "n_high"))
    if not (right := (low >= 0) & (low <= high) & (low < np.inf)).all():
        first = lots.iloc[int(np.argmin(right))]
        raise TableError(
            f"lots: n_low is {first['n_low']} and n_high is {first['n_high']} in {int((~right).sum())} rows, first of "
            f"group {first['group']}; expected 0 ≤ n_low ≤ n_high. Correct the counts"
        )
    if n_empty := int(lots[_KEYS].isna().any(axis=1).sum()):
        raise TableError(f"lots: {n_empty} rows lack an outcome, dimension or group. Name it, such as '{UNKNOWN}'")
    return lots[[*_KEYS, "state", *(["place"] if "place" in lots else [])]].assign(n_low=low, n_high=high)


def _coded(keys: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """The row of the result that each lot belongs to, and the keys of those rows, in order."""
    groups = keys.groupby(_KEYS, observed=True, sort=True)
    return groups.ngroup().to_numpy(), groups.size().reset_index()[_KEYS]


def _shares(low: np.ndarray, high: np.ndarray) -> dict[str, np.ndarray]:
    """Low and high end of the share that reaches, from counts by state."""
    least = _least_part(low[:, 0], high[:, 0], high[:, 1] + high[:, 2])
    most = _most_part(high[:, 0] + high[:, 2], low[:, 1], high[:, 1])
    return {"value": np.where(least == most, least, np.nan), "low": least, "high": most}


def _least_part(part_low: np.ndarray, part_high: np.ndarray, rest_high: np.ndarray) -> np.ndarray:
    """Lowest part/(part + rest); 1 where there can be no rest, NaN where there can be neither."""
    found = np.divide(part_low, part_low + rest_high, out=np.ones(len(part_low)), where=rest_high > 0)
    return np.where((part_high > 0) | (rest_high > 0), found, np.nan)


def _most_part(part_high: np.ndarray, rest_low: np.ndarray, rest_high: np.ndarray) -> np.ndarray:
    """Highest part/(part + rest): the other side of the lowest that the rest can be."""
    found = np.ones(len(part_high))
    np.divide(part_high, part_high + rest_low, out=found, where=(rest_low > 0) & np.isfinite(part_high))
    return np.where(part_high > 0, found, np.where(rest_high > 0, 0.0, np.nan))


def _suppressed(found: pd.DataFrame, least: int) -> pd.Series:
    why = pd.Series("", index=found.index, dtype=object)
    for _, one in found.groupby("dimension", observed=True):
        sizes, most = (
            one.pivot_table(index="outcome", columns="group", values=name, aggfunc="max", observed=True).fillna(0.0)
            for name in ("n_low", "n_high")
        )
        hidden = hidden_groups(sizes.to_numpy() / PARTS, most.to_numpy(), least=least)
        why[one.index] = one["group"].map(dict(zip(sizes.columns, hidden, strict=True))).astype(object)
    return why


def _weights(group: np.ndarray, place: np.ndarray, number: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """What part of each group lies in each place of unknown state, a row a place; no row where none is shared."""
    place = np.where(place == ALONE, -1 - group, place)  # its own for each group
    at, places = pd.factorize(place, sort=True)
    key, shape = at * len(sizes) + group, (len(places), len(sizes))
    if len(pd.unique(key)) == len(places):
        return np.empty((0, len(sizes)))
    return np.asarray(np.bincount(key, number, shape[0] * shape[1]).reshape(shape) / np.maximum(sizes, 1))


def _differences(one: pd.DataFrame, weights: np.ndarray, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Low and high end of how far the share of each group (row) lies below that of each other (column).

    Where both sizes are known, what is unknown of both in the same place is so for both at once. Else they are taken
    to be independent.
    """
    least = np.subtract.outer(-one["high"].to_numpy(), -one["low"].to_numpy())
    most = np.subtract.outer(-one["low"].to_numpy(), -one["high"].to_numpy())
    known = (one["n_low"] == one["n_high"]).to_numpy() & (one["n_low"] > 0).to_numpy()
    surely = np.where(known, low[:, 0] / np.maximum(one["n_low"].to_numpy(), 1), np.nan)
    for mine, other in permutations(np.flatnonzero(known), 2) if len(weights) else ():
        apart = weights[:, other] - weights[:, mine]
        base = surely[other] - surely[mine]
        least[mine, other] = base + apart[apart < 0].sum()
        most[mine, other] = base + apart[apart > 0].sum()
    return least, most


def _gaps(one: pd.DataFrame, apart: tuple[np.ndarray, np.ndarray]) -> dict[str, np.ndarray]:
    """Low and high end of each group's gap to the highest of those that may be the best."""
    may = ~one["suppressed"].to_numpy() & (one["group"] != UNKNOWN).to_numpy() & (one["n_high"] > 0).to_numpy()
    found = {}
    for name, ends in zip(("gap_low", "gap_high"), apart, strict=True):
        others = np.where(may & ~np.eye(len(may), dtype=bool), ends, -np.inf)
        found[name] = np.where(may.any() & one["low"].notna(), np.maximum(others.max(axis=1), 0.0), np.nan)
    return found


def _unserved(low: np.ndarray, high: np.ndarray) -> dict[str, np.ndarray]:
    """The unserved of each group of a dimension, their part of all unserved, and that over the group's part of all."""
    least, most = low[:, 1], high[:, 1] + high[:, 2]
    others = ~np.eye(len(low), dtype=bool)
    rest_low, rest_high = (np.sum(np.where(others, end, 0.0), axis=1) for end in (least, most))
    share_low, share_high = _least_part(least, most, rest_high), _most_part(most, rest_low, rest_high)
    n_low, n_high = low.sum(axis=1), high.sum(axis=1)
    all_low, all_high = (np.sum(np.where(others, end, 0.0), axis=1) for end in (n_low, n_high))
    part_low, part_high = _least_part(n_low, n_high, all_high), _most_part(n_high, all_low, all_high)
    over_high = np.divide(share_high, part_low, out=np.full(len(low), np.inf), where=part_low > 0)
    return {
        "unserved_low": least,
        "unserved_high": most,
        "unserved_share_low": share_low,
        "unserved_share_high": share_high,
        "over_representation_low": np.divide(share_low, part_high, out=np.full(len(low), np.nan), where=part_high > 0),
        "over_representation_high": np.where(part_high > 0, over_high, np.nan),
    }
