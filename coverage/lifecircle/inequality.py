"""How unequally minutes and floor area are shared out among the people of each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from lifecircle.gini import gini_of_levels, gini_range, levels, lorenz
from lifecircle.groups import PARTS, Groups, Part, aligned, parts_of
from lifecircle.suppression import hidden_groups

_KEYS = ["amount", "dimension", "group"]
_FIGURES = [
    "n", "n_left_out", "n_dwellings_left_out", "mean_low", "mean_high", "median_low", "median_high", "gini_low",
    "gini_high",
]  # fmt: skip


def inequality_and_lorenz(
    dwellings: pd.DataFrame,
    amounts: pd.DataFrame,
    *,
    most: pd.DataFrame | None = None,
    groups: Groups | None = None,
    by: Sequence[str] = (),
    of: str = "households",
    least: int = 30,
    n_points: int = 20,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean, median and Gini index of each amount among the people of each group, with low and high ends; Lorenz curves.

    People of unknown number are left out and their dwellings counted: what they have is in no figure.

    Parameters
    ----------
    dwellings, groups, by, of
        As for `lots_of`.
    amounts
        Indexed by dwelling_id, a column for each amount such as minutes: what each person there has; empty where there
        is none, such as no walk.
    most
        As `amounts`: the highest that the amount can be, where it can be more than in `amounts`; empty, a column that
        is not there, or None where the amount is known.
    least
        As for `equity_shares`; those of a group who have an amount are counted as well.
    n_points
        How many steps a curve has.

    Returns
    -------
    figures : DataFrame
        A row for each amount, dimension and group: n (people with an amount), n_left_out (people known to live where
        there is none), n_dwellings_left_out (dwellings without an amount, or with an unknown number of people), and
        mean, median (of those in the middle the lower one) and gini, each _low and _high (see `gini_range`);
        suppressed, suppressed_as.
    curves : DataFrame
        amount, dimension, group, people_share, amount_share: n_points + 1 rows for each group that is not suppressed.

    Raises
    ------
    TableError
        As for `lots_of` and `gini_range`.

    Examples
    --------
    >>> homes = pd.DataFrame({"dwelling_id": ["D1", "D2", "D3"], "households": [30, 10, 5]})
    >>> minutes = pd.DataFrame({"shop": [2.0, 6.0, None]}, index=["D1", "D2", "D3"])
    >>> figures, curves = inequality_and_lorenz(homes, minutes, n_points=4)
    >>> figures[["n", "n_left_out", "mean_low", "median_low", "gini_low"]].values.tolist()
    [[40.0, 5.0, 3.0, 2.0, 0.25]]
    >>> curves["amount_share"].round(3).tolist()
    [0.0, 0.167, 0.333, 0.5, 1.0]

    """
    cells = list(_cells(dwellings, amounts, most, parts_of(dwellings, groups=groups, by=by, of=of)))
    return _table(cells, least), _curves(cells, least, n_points)


def _table(cells: list[_Cell], least: int) -> pd.DataFrame:
    found = pd.DataFrame([_keys(cell) | _figures(cell) for cell in cells], columns=[*_KEYS, *_FIGURES])
    found["suppressed_as"] = _suppressed(cells, least)
    found["suppressed"] = found["suppressed_as"] != ""
    found.loc[found["suppressed"], _FIGURES] = np.nan
    return found[[*_KEYS, *_FIGURES, "suppressed", "suppressed_as"]]


def _curves(cells: list[_Cell], least: int, n_points: int) -> pd.DataFrame:
    shown = [cell for cell, why in zip(cells, _suppressed(cells, least), strict=True) if not why]
    curves = [lorenz(cell.low, cell.weight, n_points=n_points).assign(**_keys(cell)) for cell in shown]
    found = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return found.reindex(columns=[*_KEYS, "people_share", "amount_share"])


@dataclass(frozen=True)
class _Cell:
    """One amount in one group: ends of the amount with people, where both are known; and who is in the group at all."""

    amount: str
    dimension: str
    group: str
    low: np.ndarray
    high: np.ndarray
    weight: np.ndarray
    n_low: float
    n_high: float
    n_dwellings_left_out: int


@dataclass(frozen=True)
class _Amount:
    """An amount: its different pairs of ends in rising order, and which of them each dwelling has.

    `high` is `low` itself where all are known. The level of dwellings without an amount is one past the last.
    """

    name: str
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray


def _cells(
    dwellings: pd.DataFrame, amounts: pd.DataFrame, most: pd.DataFrame | None, parts: list[Part]
) -> Iterator[_Cell]:
    """Every amount in every group; amounts are sorted once for all groups."""
    amounts = aligned(amounts, dwellings, "amounts")
    most = None if most is None else aligned(most, dwellings, "most")
    for name in amounts.columns:
        low = high = amounts[name].to_numpy(dtype=float, na_value=np.nan)
        if most is not None and name in most:
            high = most[name].to_numpy(dtype=float, na_value=np.nan)
            high = np.where(np.isnan(high), low, high)
        amount = _sorted(str(name), low, high)
        for part in parts:
            yield from _cells_of_part(amount, part)


def _sorted(name: str, low: np.ndarray, high: np.ndarray) -> _Amount:
    n = np.count_nonzero(~np.isnan(low))  # empty ones are last in order
    order = (np.argsort(low, kind="stable") if high is low else np.lexsort((high, low)))[:n]
    lows, highs = low[order], high[order]
    new = np.diff(lows, prepend=-np.inf) > 0
    if high is not low:
        new[1:] |= highs[1:] != highs[:-1]
    level = np.full(len(low), np.count_nonzero(new))
    level[order] = np.cumsum(new) - 1
    distinct = lows[new]
    return _Amount(name, level, distinct, distinct if high is low else highs[new])


def _cells_of_part(amount: _Amount, part: Part) -> Iterator[_Cell]:
    """One cell for each group of a part: how many of its people have each of the different amounts."""
    size, n, n_levels = len(part.groups), part.n_low / PARTS, len(amount.low) + 1
    counted = part.low is part.high
    n_high = n if counted else np.bincount(part.code, part.high, size) / PARTS
    people = part.low if counted else np.where(part.low == part.high, part.low, 0.0)
    out = (part.high > 0) & ((people == 0) | (amount.level == n_levels - 1))
    n_out = np.bincount(part.code[out], minlength=size)
    by_level = np.bincount(part.code * n_levels + amount.level, people, size * n_levels).reshape(size, n_levels)
    for number, group in enumerate(part.groups):
        weight = by_level[number, :-1]
        ends = amount.low, amount.high
        if size > 1:  # most amounts are no one's in a small group
            some = np.flatnonzero(weight)
            lows = amount.low[some]
            ends, weight = (lows, lows if amount.high is amount.low else amount.high[some]), weight[some]
        yield _Cell(
            amount.name,
            part.dimension,
            group,
            *ends,
            weight,
            float(n[number]),
            float(n_high[number]),
            int(n_out[number]),
        )


def _keys(cell: _Cell) -> dict[str, str]:
    return {"amount": cell.amount, "dimension": cell.dimension, "group": cell.group}


def _figures(cell: _Cell) -> dict[str, float]:
    poorest = levels(cell.low, cell.weight)
    richest = poorest if cell.high is cell.low else _levels_with_endless(cell.high, cell.weight)
    n = cell.weight.sum() / PARTS
    low, high = [gini_of_levels(*poorest)] * 2 if richest is poorest else gini_range(cell.low, cell.high, cell.weight)
    return {
        "n": float(n),
        "n_left_out": float(cell.n_low - n),
        "n_dwellings_left_out": cell.n_dwellings_left_out,
        "mean_low": _mean(*poorest),
        "mean_high": _mean(*richest),
        "median_low": _median(*poorest),
        "median_high": _median(*richest),
        "gini_low": low,
        "gini_high": high,
    }


def _levels_with_endless(amount: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    endless = np.isinf(amount)
    level, people = levels(amount[~endless], weight[~endless])
    left = weight[endless].sum()
    return (np.append(level, np.inf), np.append(people, left)) if left else (level, people)


def _mean(level: np.ndarray, people: np.ndarray) -> float:
    return float((level * people).sum() / people.sum()) if len(level) else float("nan")


def _median(level: np.ndarray, people: np.ndarray) -> float:
    """The lowest amount that at least half of the people do not exceed."""
    upto = np.cumsum(people)
    return float(level[np.searchsorted(upto, upto[-1] / 2)]) if len(level) else float("nan")


def _suppressed(cells: list[_Cell], least: int) -> list[str]:
    """Why each cell is hidden: by all of its group, whose order decides, and by those who have each amount."""
    why: dict[tuple[str, str], str] = {}
    for dimension, some in groupby(sorted(cells, key=lambda cell: cell.dimension), key=lambda cell: cell.dimension):
        mine = list(some)
        groups = list(dict.fromkeys(cell.group for cell in mine))
        people = np.array([cell.weight.sum() / PARTS for cell in mine]).reshape(-1, len(groups))
        sizes = np.vstack([[cell.n_low for cell in mine[: len(groups)]], people])
        most = np.vstack([[cell.n_high for cell in mine[: len(groups)]], people])
        hidden = hidden_groups(sizes, most, least=least)
        why |= {(dimension, group): str(one) for group, one in zip(groups, hidden, strict=True)}
    return [why[cell.dimension, cell.group] for cell in cells]
