"""How unequally minutes and floor area are shared out among people, and how much the unserved live together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from lifecircle.errors import TableError
from lifecircle.gini import gini, gini_of_levels, gini_range, levels, lorenz
from lifecircle.groups import PARTS, Groups, Part, aligned, parts_of
from lifecircle.suppression import hidden_groups

_FIGURES = [
    "n", "n_left_out", "n_dwellings_left_out", "mean_low", "mean_high", "median_low", "median_high", "gini_low",
    "gini_high",
]  # fmt: skip


@dataclass(frozen=True)
class Concentration:
    """How much the unserved live together.

    Attributes
    ----------
    n_unserved, n_units
        The unserved, and the units with households.
    n_units_of_half
        The smallest number of units that together have at least half of the unserved.
    worst_tenth_share
        Share of the unserved who live in the tenth of the units, rounded up, that has most of them.
    index
        Concentration index of the unserved over units in the order of their unserved share: 0 where all units have the
        same share, near 1 where a few have all.

    """

    n_unserved: float
    n_units: int
    n_units_of_half: int
    worst_tenth_share: float
    index: float


def inequality(
    dwellings: pd.DataFrame,
    amounts: pd.DataFrame,
    *,
    most: pd.DataFrame | None = None,
    groups: Groups | None = None,
    by: Sequence[str] = (),
    of: str = "households",
    least: int = 30,
) -> pd.DataFrame:
    """For each amount and group: mean, median and Gini index among its people, with low and high ends.

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

    Returns
    -------
    DataFrame
        A row for each amount, dimension and group: n (people with an amount), n_left_out (people known to live where
        there is none), n_dwellings_left_out (dwellings without an amount, or with an unknown number of people), and
        mean, median (of those in the middle the lower one) and gini, each _low and _high (see `gini_range`);
        suppressed, suppressed_as.

    Raises
    ------
    TableError
        As for `lots_of` and `gini_range`.

    Examples
    --------
    >>> homes = pd.DataFrame({"dwelling_id": ["D1", "D2", "D3"], "households": [30, 10, 5]})
    >>> minutes = pd.DataFrame({"shop": [2.0, 6.0, None]}, index=["D1", "D2", "D3"])
    >>> inequality(homes, minutes)[["n", "n_left_out", "mean_low", "median_low", "gini_low"]].values.tolist()
    [[40.0, 5.0, 3.0, 2.0, 0.25]]

    """
    cells = list(_cells(dwellings, amounts, most, parts_of(dwellings, groups=groups, by=by, of=of)))
    found = pd.DataFrame([_keys(cell) | _figures(cell) for cell in cells])
    found["suppressed_as"] = _suppressed(cells, least)
    found["suppressed"] = found["suppressed_as"] != ""
    found.loc[found["suppressed"], _FIGURES] = np.nan
    return found[["amount", "dimension", "group", *_FIGURES, "suppressed", "suppressed_as"]]


def lorenz_curves(
    dwellings: pd.DataFrame,
    amounts: pd.DataFrame,
    *,
    groups: Groups | None = None,
    by: Sequence[str] = (),
    of: str = "households",
    least: int = 30,
    n_points: int = 20,
) -> pd.DataFrame:
    """The Lorenz curve of each amount within each group that is not suppressed; parameters as for `inequality`.

    Returns
    -------
    DataFrame
        amount, dimension, group, people_share, amount_share: n_points + 1 rows for each group.

    Examples
    --------
    >>> homes = pd.DataFrame({"dwelling_id": ["D1", "D2"], "households": [30, 10]})
    >>> area = pd.DataFrame({"area_m2": [1.0, 3.0]}, index=["D1", "D2"])
    >>> lorenz_curves(homes, area, n_points=4)["amount_share"].round(3).tolist()
    [0.0, 0.167, 0.333, 0.5, 1.0]

    """
    cells = list(_cells(dwellings, amounts, None, parts_of(dwellings, groups=groups, by=by, of=of)))
    shown = [cell for cell, why in zip(cells, _suppressed(cells, least), strict=True) if not why]
    curves = [lorenz(cell.low, cell.weight, n_points=n_points).assign(**_keys(cell)) for cell in shown]
    found = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
    return found.reindex(columns=["amount", "dimension", "group", "people_share", "amount_share"])


def concentration_of_unserved(unserved: pd.Series, households: pd.Series, *, by: pd.Series) -> Concentration:
    """How much the unserved live together in few units.

    Parameters
    ----------
    unserved, households
        Numbers for each dwelling or each unit, on one index, all known; unserved are at most the households.
    by
        unit_id of each, on the same index; those without a unit make one unit together.

    Returns
    -------
    Concentration
        Shares and index are NaN where nobody is unserved. Units without households are left out.

    Raises
    ------
    TableError
        The three do not have one index, or a number is missing, negative or above the households.

    Notes
    -----
    N. Kakwani, A. Wagstaff and E. van Doorslaer (1997), Journal of Econometrics 77(1): one minus twice the area under
    the curve of the cumulative share of the unserved over that of the households. With units in the order of
    the unserved share itself it is the Gini index of that share among households.

    Examples
    --------
    >>> unserved, homes = pd.Series([0, 0, 0, 20]), pd.Series([20, 20, 20, 20])
    >>> concentration_of_unserved(unserved, homes, by=pd.Series(["A", "B", "C", "D"]))
    Concentration(n_unserved=20.0, n_units=4, n_units_of_half=1, worst_tenth_share=1.0, index=0.75)

    """
    if not (unserved.index.equals(households.index) and unserved.index.equals(by.index)):
        raise TableError("unserved: its index is not that of households and by; expected one index. Reindex them")
    if not (right := (unserved >= 0) & (unserved <= households) & np.isfinite(households)).all():
        raise TableError(
            f"unserved: {int((~right).sum())} rows are not from 0 to their households, the first is "
            f"{unserved[~right].iloc[0]} of {households[~right].iloc[0]}. Leave out what is unknown"
        )
    whole = pd.DataFrame({"unserved": unserved * PARTS, "all": households * PARTS}).round()
    units = whole.groupby(by.fillna("").to_numpy()).sum().query("`all` > 0")
    total = units["unserved"].sum()
    if not total:
        return Concentration(0.0, len(units), 0, float("nan"), float("nan"))
    worst = units["unserved"].sort_values(ascending=False).cumsum().to_numpy()
    return Concentration(
        n_unserved=float(total / PARTS),
        n_units=len(units),
        n_units_of_half=int(np.searchsorted(worst, total / 2)) + 1,
        worst_tenth_share=float(worst[-(-len(units) // 10) - 1] / total),
        index=gini((units["unserved"] / units["all"]).to_numpy(), units["all"].to_numpy()),
    )


@dataclass(frozen=True)
class _Cell:
    """One amount in one group: ends of the amount and people, where both are known; and who is in the group at all."""

    amount: str
    dimension: str
    group: str
    low: np.ndarray
    high: np.ndarray
    weight: np.ndarray
    n_low: float
    n_high: float
    n_dwellings: int


def _cells(
    dwellings: pd.DataFrame, amounts: pd.DataFrame, most: pd.DataFrame | None, parts: list[Part]
) -> Iterator[_Cell]:
    """Every amount in every group, rows in the order of the amount: sorting them once is enough."""
    amounts = aligned(amounts, dwellings, "amounts")
    most = None if most is None else aligned(most, dwellings, "most")
    for name in amounts.columns:
        low = high = amounts[name].to_numpy(dtype=float, na_value=np.nan)
        if most is not None and name in most:
            high = most[name].to_numpy(dtype=float, na_value=np.nan)
            high = np.where(np.isnan(high), low, high)
        order = np.argsort(low, kind="stable")[: np.count_nonzero(~np.isnan(low))]  # empty ones are last
        lows = low[order]
        highs = lows if high is low else high[order]
        for part in parts:
            yield from _cells_of_part(str(name), part, order, lows, highs)


def _cells_of_part(name: str, part: Part, order: np.ndarray, low: np.ndarray, high: np.ndarray) -> Iterator[_Cell]:
    """One cell for each group of a part; `low` and `high` are of the dwellings in `order`."""
    size, n = len(part.groups), part.n_low / PARTS
    n_high = n if part.low is part.high else np.bincount(part.code, part.high, size) / PARTS
    n_dwellings = np.bincount(part.code, part.high > 0, size)
    weight = (part.low if part.low is part.high else np.where(part.low == part.high, part.low, 0.0))[order]
    code = part.code[order].astype(np.int16) if size > 1 else part.code[:0]
    for number, group in enumerate(part.groups):
        mine = np.flatnonzero(code == number) if size > 1 else slice(None)
        lows = low[mine]
        highs = lows if high is low else high[mine]
        counts = float(n[number]), float(n_high[number]), int(n_dwellings[number])
        yield _Cell(name, part.dimension, group, lows, highs, weight[mine], *counts)


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
        "n_dwellings_left_out": cell.n_dwellings - int(np.count_nonzero(cell.weight)),
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
