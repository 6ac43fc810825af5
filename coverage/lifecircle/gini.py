"""How unequal amounts are among people: the Lorenz curve, and the Gini index with its ends where amounts are unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle.errors import TableError


def gini(amount: np.ndarray, weight: np.ndarray) -> float:
    """The Gini index: half the mean difference between two people, over the mean; 0 is equal, near 1 one has all.

    Parameters
    ----------
    amount
        What each has, 0 or more and finite.
    weight
        How many people have it, 0 or more.

    Returns
    -------
    float
        In [0, 1); 0 where nobody has anything, NaN where there is nobody.

    Raises
    ------
    TableError
        An amount or a weight is negative, endless or missing.

    Notes
    -----
    C. Gini (1912), Variabilità e mutabilità: Σᵢⱼ wᵢ wⱼ |xᵢ - xⱼ| / (2 W Σ wᵢ xᵢ), without the correction n/(n - 1).

    Examples
    --------
    >>> gini(np.array([0.0, 0.0, 0.0, 8.0]), np.array([1, 1, 1, 1]))
    0.75

    """
    return gini_of_levels(*levels(amount, weight))


def gini_of_levels(level: np.ndarray, people: np.ndarray) -> float:
    """The Gini index of different amounts, rising, that so many people have; see `gini`."""
    if not len(level):
        return float("nan")
    total = people.sum() * (people * level).sum()
    upto = np.cumsum(people)
    apart = (people * (level - level[0]) * (2 * upto - people - upto[-1])).sum()
    return float(min(max(apart / total, 0.0), 1.0)) if total > 0 else 0.0


def lorenz(amount: np.ndarray, weight: np.ndarray, *, n_points: int | None = None) -> pd.DataFrame:
    """What share of all the poorest people have: the Lorenz curve, from (0, 0) to (1, 1).

    Parameters
    ----------
    amount, weight
        As for `gini`.
    n_points
        Steps of people_share, all alike; without it the curve has a corner for each different amount.

    Returns
    -------
    DataFrame
        people_share, amount_share; the diagonal where nobody has anything, no row where there is nobody.

    Notes
    -----
    M. O. Lorenz (1905), Publications of the American Statistical Association 9(70). The Gini index is twice the area
    between it and the diagonal.

    Examples
    --------
    >>> lorenz(np.array([3.0, 1.0]), np.array([1, 1])).values.tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]

    """
    level, people = levels(amount, weight)
    if not len(level):
        return pd.DataFrame({"people_share": [], "amount_share": []}, dtype=float)
    upto, had = _upto(people), _upto(people * level)
    x = upto / upto[-1]
    y = had / had[-1] if had[-1] > 0 else x
    if n_points is not None:
        steps = np.linspace(0, 1, n_points + 1)
        x, y = steps, np.interp(steps, x, y)
    return pd.DataFrame({"people_share": x, "amount_share": y})


def gini_range(low: np.ndarray, high: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Low and high end of the Gini index of amounts that are known only to lie between `low` and `high`.

    Parameters
    ----------
    low, high
        The least and the most that each can have; `high` may be endless. People of one row all have the same.
    weight
        As for `gini`.

    Returns
    -------
    float, float
        The low end is exact: the lowest index that any filling-in attains or, with endless amounts, comes near.
        The high end always holds. It is attained, up to the people of one row, where no range lies strictly within
        another; else it may be above what any filling-in attains. Where an amount is endless, it is
        1 - (people of the smallest row) / (all people).

    Raises
    ------
    TableError
        As for `gini`, or a `low` is above its `high`.

    Notes
    -----
    Low end: of all amounts with one sum, those nearest to one common level t, max(low, min(t, high)), are majorised by
    all others, so that no others have a lower index (Marshall, Olkin and Arnold (2011), Inequalities, chapter 5). As
    t grows, the sum of differences is convex in the sum of amounts, so that their ratio falls and then rises.
    High end: the index is ∫ F(1 - F) dv / ∫ (1 - F) dv, F(v) being the share of people with at most v. It lies between
    the shares whose `high` and whose `low` is at most v; each F(v) is chosen for itself, and the highest ratio is found
    by W. Dinkelbach's (1967) iteration, Management Science 13(7).

    Examples
    --------
    >>> gini_range(np.array([0.0, 4.0]), np.array([2.0, 4.0]), np.array([1, 1]))
    (0.16666666666666666, 0.5)

    """
    low, high, weight = (np.asarray(one, dtype=float) for one in (low, high, weight))
    if not (low <= high).all():
        raise TableError(
            f"amounts: {int((~(low <= high)).sum())} have no low end at or below their high end. Correct them"
        )
    if not weight.any() or (low == high).all():
        value = gini(low, weight)
        return value, value
    ends = np.isfinite(high)
    poorest, richest = levels(low, weight), levels(high[ends], weight[ends])
    level = _best_level(_below(*richest), _below(*poorest))
    ceiling = float(1 - weight[weight > 0].min() / weight.sum())  # whoever has most is at least the people of one row
    n_endless = weight[~ends].sum()
    most = ceiling if n_endless else _most(poorest, richest, ceiling)
    # Where it falls for ever, those without an end have all in the end.
    least = 1 - n_endless / weight.sum() if level is None else gini(np.clip(level, low, high), weight)
    return float(min(least, most)), float(most)


def levels(amount: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different amounts, rising, and how many people have each; parameters as for `gini`."""
    amount, weight = np.asarray(amount, dtype=float), np.asarray(weight, dtype=float)
    for name, numbers in {"amounts": amount, "weights": weight}.items():
        if not (right := (numbers >= 0) & (numbers < np.inf)).all():
            raise TableError(
                f"{name}: {int((~right).sum())} are negative, endless or missing, the first is {numbers[~right][0]}; "
                "expected 0 or more. Leave those rows out"
            )
    if not weight.all():
        amount, weight = amount[weight > 0], weight[weight > 0]
    if (amount[1:] < amount[:-1]).any():
        order = np.argsort(amount, kind="stable")
        amount, weight = amount[order], weight[order]
    first = np.flatnonzero(np.diff(amount, prepend=-1.0) > 0)
    return amount[first], np.add.reduceat(weight, first) if len(first) else weight


@dataclass(frozen=True)
class _Below:
    """Rows in rising order, and of the first k of them, for each k: people, amounts, differences between them."""

    level: np.ndarray
    people: np.ndarray
    amount: np.ndarray
    apart: np.ndarray


def _below(level: np.ndarray, number: np.ndarray) -> _Below:
    people, had = _upto(number), _upto(number * level)
    return _Below(level, people, had, _upto(number * (level * people[:-1] - had[:-1])))


def _best_level(under: _Below, over: _Below) -> float | None:
    """The common level at which the index is lowest, the first corner from which it rises; None where it never does."""
    corners = [one.level[_first_rise(under, over, one.level) :][:1] for one in (under, over)]
    return min((float(corner[0]) for corner in corners if len(corner)), default=None)


def _first_rise(under: _Below, over: _Below, corners: np.ndarray) -> int:
    """The first of rising levels from which the index rises; once it does, it does for ever."""
    first, last = 0, len(corners)
    while first < last:
        middle = (first + last) // 2
        if _rises(under, over, corners[middle]):
            last = middle
        else:
            first = middle + 1
    return first


def _rises(under: _Below, over: _Below, level: float) -> bool:
    """Whether the index rises from this level on: the slope of differences over amounts is at least their ratio."""
    i, k = np.searchsorted(under.level, level), np.searchsorted(over.level, level, side="right")
    everybody = over.people[-1]
    below, above = under.people[i], everybody - over.people[k]
    had_below, had_above = under.amount[i], over.amount[-1] - over.amount[k]
    at_level = everybody - below - above
    crossed = over.people[k] * had_above - above * over.amount[k]
    apart = under.apart[i] + (over.apart[-1] - over.apart[k] - crossed)
    apart += below * had_above - above * had_below + at_level * (level * (below - above) + had_above - had_below)
    slope = under.people[np.searchsorted(under.level, level, side="right")] - above
    return bool((had_below + had_above + at_level * level) * slope >= apart)


_Levels = tuple[np.ndarray, np.ndarray]


def _most(poorest: _Levels, richest: _Levels, ceiling: float) -> float:
    """The highest ratio when the share of people with at most v is chosen for each v for itself."""
    if not richest[0].any() or not ceiling:
        return 0.0
    corners, least, most = _between(poorest, richest)
    width = np.diff(corners)
    left_apart, left_had = _upto(width * most * (1 - most)), _upto(width * (1 - most))
    right_apart, right_had = _upto(width * least * (1 - least)), _upto(width * (1 - least))
    share, previous = gini_of_levels(*richest), -1.0
    while share > previous:
        previous, middle = share, min((1 + share) / 2, ceiling)
        i = np.searchsorted(most, middle, side="right")
        k = max(i, np.searchsorted(least, middle))
        flat = (corners[k] - corners[i]) * (1 - middle)
        apart = left_apart[i] + flat * middle + right_apart[-1] - right_apart[k]
        share = float(apart / (left_had[i] + flat + right_had[-1] - right_had[k]))
    return min(previous, ceiling)


def _between(low: _Levels, high: _Levels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All ends from 0 up, and, from each to the next, the least and the greatest share of people with at most that."""
    corners = np.concatenate([[0.0], low[0], high[0]])
    order = np.argsort(corners, kind="stable")  # fast where two halves are sorted
    starts = np.concatenate([[0.0], low[1], np.zeros(len(high[1]))])[order]
    stops = np.concatenate([[0.0], np.zeros(len(low[1])), high[1]])[order]
    stopped, started = np.cumsum(stops), np.cumsum(starts)
    return corners[order], (stopped / stopped[-1])[:-1], (started / started[-1])[:-1]


def _upto(numbers: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, 2 ... numbers."""
    return np.concatenate([[0.0], np.cumsum(numbers)])
