"""Who lives where: people of each dwelling by the groups that a study names, and lots of them by what they reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np
import pandas as pd

from lifecircle.errors import TableError

ALL, OTHERS, UNKNOWN = "all", "others", "unknown"  # groups that no study names
STATES = ("reached", "not_reached", "unknown")
ALONE = -1  # the place of lots that share theirs with no other
PARTS = 1_000_000  # counts are added as whole millionths, so that sums do not depend on their order
Groups = Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True)
class Part:
    """Some groups of a dimension: for each dwelling which of them its people are, and how many, in millionths."""

    dimension: str
    groups: tuple[str, ...]
    code: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def n_low(self) -> np.ndarray:
        """People of each group at their least, in millionths."""
        if len(self.groups) == 1:
            return np.array([self.low.sum()])
        return np.bincount(self.code, self.low, len(self.groups))


def lots_of(
    dwellings: pd.DataFrame,
    states: pd.DataFrame,
    *,
    groups: Groups | None = None,
    by: Sequence[str] = (),
    of: str = "households",
    most: pd.Series | None = None,
) -> pd.DataFrame:
    """Lots of people by dimension, group, outcome and what they reach: what `equity_shares` takes.

    Dimensions are `all` (everybody, one group), those of `groups`, and the columns in `by`.

    Parameters
    ----------
    dwellings
        One row per dwelling: dwelling_id (key), `of`, and the columns that `groups` and `by` name.
    states
        Indexed by dwelling_id, a column for each outcome: reached, not_reached or unknown.
    groups
        Name of a group and the column with its number in each dwelling, such as {"elderly": "老年户数"}: a dimension
        of that name with this group beside the `others`, who are all that are not counted in it. Groups that have no
        member in common can share a dimension: {"age": {"children": "儿童", "elderly": "老人"}}. Groups of
        different dimensions may overlap.
    by
        Columns of categories: the people of a dwelling belong to its category, to `unknown` where it is empty.
    of
        Column with the number that groups are counted of.
    most
        Indexed by dwelling_id: highest number in a dwelling where `of` is empty; without it there is none.

    Returns
    -------
    DataFrame
        dimension, group, outcome, state (categories in the order given), place, n_low, n_high. Lots of state `unknown`
        of one place reach or do not together; a place stands for all dwellings where the groups weigh
        against each other the same way, which leaves every gap between groups as it is. -1 is a place of its own.

    Raises
    ------
    TableError
        A column or a dwelling is missing, a count is below 0 or endless, a group has more than all, a state or
        a dimension's name is not one.

    Examples
    --------
    >>> homes = pd.DataFrame({"dwelling_id": ["D1", "D2"], "households": [10, 20], "old": [4, 0]})
    >>> states = pd.DataFrame({"shop": ["reached", "unknown"]}, index=["D1", "D2"])
    >>> lots = lots_of(homes, states, groups={"elderly": "old"})
    >>> lots.loc[lots["n_high"] > 0, ["group", "state", "n_low", "n_high"]].values.tolist()
    [['all', 'reached', 10.0, 10.0], ['all', 'unknown', 20.0, 20.0], ['elderly', 'reached', 4.0, 4.0],
     ['others', 'reached', 6.0, 6.0], ['others', 'unknown', 20.0, 20.0]]

    """
    parts = parts_of(dwellings, groups=groups, by=by, of=of, most=most)
    states = aligned(states, dwellings, "states")
    found = []
    for outcome in states.columns:
        state = state_codes(states[outcome], f"states: {outcome}")
        for _, one in groupby(parts, key=lambda part: part.dimension):
            found += [lot.assign(outcome=str(outcome)) for lot in _lots_of_dimension(tuple(one), state)]
    lots = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["outcome", *_LOT])
    for column in ("dimension", "group", "outcome"):
        names = list(pd.unique(lots[column]))
        last = [name for name in (OTHERS, UNKNOWN) if name in names and column == "group"]
        lots[column] = pd.Categorical(lots[column], categories=[*(one for one in names if one not in last), *last])
    lots["state"] = pd.Categorical.from_codes(lots["state"].to_numpy(dtype="int8"), STATES)
    lots[["n_low", "n_high"]] = lots[["n_low", "n_high"]].astype(float) / PARTS
    return lots[["dimension", "group", "outcome", "state", "place", "n_low", "n_high"]]


_LOT = ("dimension", "group", "state", "place", "n_low", "n_high")


def parts_of(
    dwellings: pd.DataFrame,
    *,
    groups: Groups | None = None,
    by: Sequence[str] = (),
    of: str = "households",
    most: pd.Series | None = None,
) -> list[Part]:
    """Everybody, then the groups and categories of each dimension in the order given; parameters as for `lots_of`."""
    named = {name: {name: one} if isinstance(one, str) else one for name, one in (groups or {}).items()}
    names = [ALL, *named, *by]
    if twice := [name for name in names if names.count(name) > 1]:
        raise TableError(f"equity: dimension '{twice[0]}' is named twice (`{ALL}` is everybody). Name each once")
    nobody = np.zeros(len(dwellings), dtype=np.intp)
    low, high = _whole(dwellings, of, most)
    parts = [Part(ALL, (ALL,), nobody, low, high)]
    for name, columns in named.items():
        for group, (least, greatest) in _counted(dwellings, columns, low, high, of).items():
            if group != OTHERS or greatest.any():
                parts.append(Part(name, (group,), nobody, least, greatest))
    return [*parts, *(Part(column, *_categories(dwellings, column), low, high) for column in by)]


def aligned(table: pd.DataFrame, dwellings: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of a table that is indexed by dwelling_id, one for each dwelling in their order."""
    keys = pd.Index(_column(dwellings, "dwelling_id"))
    if table.index.equals(keys):
        return table
    rows = table.index.get_indexer(keys) if table.index.is_unique else np.array([-1])
    if (rows < 0).any():
        raise TableError(
            f"{name}: expected one row for each dwelling_id; found {len(table)} rows for {len(keys)} dwellings, "
            f"{int((rows < 0).sum())} missing or twice. Index it by dwelling_id"
        )
    return table.iloc[rows]


def state_codes(states: pd.Series, name: str) -> np.ndarray:
    """The place of each state in `STATES`; `name` says whose they are where one is none of these."""
    given = pd.Categorical(states)
    known = {state: number for number, state in enumerate(STATES)}
    codes = np.array([*(known.get(one, -1) for one in given.categories), -1], dtype=np.intp)[given.codes]
    if (codes < 0).any():
        found = states.to_numpy()[int(np.argmin(codes))]
        raise TableError(f"{name} is '{found}'; expected {', '.join(STATES)}. Give every row one of these")
    return np.asarray(codes)


def _whole(dwellings: pd.DataFrame, of: str, most: pd.Series | None) -> tuple[np.ndarray, np.ndarray]:
    """People of each dwelling at their least and most; one array twice where all are known."""
    given = _counts(dwellings, of)
    empty = np.isnan(given)
    if not empty.any():
        return given, given
    ends = np.full(len(given), np.inf)
    if most is not None:
        stated = dwellings[["dwelling_id"]].assign(most=aligned(most.to_frame(), dwellings, "most").to_numpy()[:, 0])
        ends = np.nan_to_num(_counts(stated, "most"), nan=np.inf)
    return np.where(empty, 0.0, given), np.where(empty, ends, given)


def _counted(
    dwellings: pd.DataFrame, columns: Mapping[str, str], low: np.ndarray, high: np.ndarray, of: str
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each group's people in each dwelling at their least and most, and the others'."""
    given = {group: _counts(dwellings, column) for group, column in columns.items()}
    if OTHERS in given:
        raise TableError(f"equity: a group is named '{OTHERS}', which is who is in none. Name it otherwise")
    sums = np.sum([np.nan_to_num(one) for one in given.values()], axis=0)
    if (over := sums > high).any():
        raise TableError(
            f"dwellings: {' + '.join(columns.values())} is above {of} in {int(over.sum())} rows, first "
            f"{_first(dwellings, over)}; expected at most all. Correct it, or say of which column it is counted"
        )
    found = {}
    for group, one in given.items():
        empty = np.isnan(one)
        left = high - sums  # empty counts are 0 in the sums
        found[group] = (np.where(empty, 0.0, one), np.where(empty, left, one)) if empty.any() else (one, one)
    if low is high and all(least is most for least, most in found.values()):
        return found | {OTHERS: (low - sums, low - sums)}
    ends = np.sum([most for _, most in found.values()], axis=0)
    return found | {OTHERS: (np.maximum(low - ends, 0), high - sums)}


def _counts(dwellings: pd.DataFrame, column: str) -> np.ndarray:
    """A column of counts in whole millionths, NaN where empty."""
    given = _column(dwellings, column)
    if not pd.api.types.is_numeric_dtype(given):
        raise TableError(f"dwellings: {column} is {given.dtype}; expected numbers such as 12. Read it as numbers")
    counts = given.to_numpy(dtype=float, na_value=np.nan)
    if (wrong := (counts < 0) | np.isinf(counts)).any():
        raise TableError(
            f"dwellings: {column} is {counts[wrong][0]:g} in {_first(dwellings, wrong)} ({int(wrong.sum())} rows so); "
            "expected a count of 0 or more. Leave it empty where unknown"
        )
    return np.asarray(np.rint(counts * PARTS))


def _categories(dwellings: pd.DataFrame, column: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Categories by name, `unknown` last where any is empty, and which one each dwelling has."""
    given = pd.Categorical(_column(dwellings, column))
    spelt = [str(one).strip() for one in given.categories]
    names = sorted({one for one in spelt if one not in ("", UNKNOWN)})
    place = {name: number for number, name in enumerate(names)}
    code = np.array([place.get(one, len(names)) for one in [*spelt, UNKNOWN]], dtype=np.intp)[given.codes]
    used = [*names, UNKNOWN] if (code == len(names)).any() else names
    return tuple(used), code


def _column(dwellings: pd.DataFrame, column: str) -> pd.Series:
    if column not in dwellings:
        known = ", ".join(map(str, dwellings.columns))
        raise TableError(f"dwellings: no column '{column}'; expected one of {known}. Name another or add it")
    return dwellings[column]


def _first(dwellings: pd.DataFrame, rows: np.ndarray) -> str:
    return str(dwellings["dwelling_id"].to_numpy()[int(np.argmax(rows))])


def _lots_of_dimension(parts: tuple[Part, ...], state: np.ndarray) -> Iterator[pd.DataFrame]:
    """Lots of one dimension by group and state; those whose state is unknown by place where groups share dwellings."""
    unknown = np.flatnonzero(state == STATES.index("unknown")) if len(parts) > 1 else np.empty(0, dtype=np.intp)
    place, n_places = _alike(parts, unknown) if len(unknown) else (unknown, 0)
    for part in parts:
        size = len(part.groups) * len(STATES)
        key = part.code * len(STATES) + state
        low, high = _sums(key, part.low, part.high, size)
        if n_places:  # a part beside others has one group
            low[-1] = high[-1] = 0
        codes = np.arange(size)
        yield _lots(part, np.array(part.groups)[codes // len(STATES)], codes % len(STATES), ALONE, low, high)
        if n_places:
            low, high = _sums(place, part.low[unknown], part.high[unknown], n_places)
            yield _lots(part, part.groups[0], STATES.index("unknown"), np.arange(n_places), low, high)


def _sums(key: np.ndarray, low: np.ndarray, high: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    least = np.bincount(key, low, size)
    return least, least.copy() if low is high else np.bincount(key, high, size)


def _lots(part: Part, group: object, state: object, place: object, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    told = {"dimension": part.dimension, "group": group, "state": state, "place": place, "n_low": low, "n_high": high}
    return pd.DataFrame(told)


def _alike(parts: tuple[Part, ...], rows: np.ndarray) -> tuple[np.ndarray, int]:
    """A number for each dwelling that is the same where, of any two groups, the same one weighs more.

    A group weighs in a dwelling the part of its own total that lives there. Whatever the dwellings reach, a gap between
    two groups is widest where all in which the one weighs more are reached and all others are not.
    """
    weights = [part.low[rows] / max(part.n_low[0], 1) for part in parts]
    key = np.zeros(len(rows), dtype=np.int64)
    for one, other in combinations(weights, 2):
        key, _ = pd.factorize(key * 2 + (one > other), sort=True)
    return key, int(key.max()) + 1
