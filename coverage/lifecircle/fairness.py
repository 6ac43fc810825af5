"""Equity of a study: do its groups reach alike, have the same floor area, and where do the unserved live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle.concentration import concentration_of_unserved
from lifecircle.equity import equity_shares
from lifecircle.findings import Unit
from lifecircle.groups import OTHERS, UNKNOWN, lots_of
from lifecircle.inequality import inequality_and_lorenz
from lifecircle.keys import places_among
from lifecircle.phrases import kinds_text
from lifecircle.reachable import Reachable
from lifecircle.rollup import unaccounted
from lifecircle.standards import Standard
from lifecircle.study import Equity, Study
from lifecircle.walking import StudyWalks
from lifecircle.words import Words, both

FLOOR_AREA, REACHABLE = "floor_area", "reachable_m2"


@dataclass(frozen=True)
class Fairness:
    """What groups of people get.

    Attributes
    ----------
    shares
        By outcome and group: the share that reaches, or lives in a unit with its floor area; see `equity_shares`.
    inequality
        By amount and group: mean, median and Gini index of minutes and of floor area within reach.
    lorenz
        Lorenz curves of the same.
    unserved
        By outcome: how much the households that surely do not reach live together; see `concentration_of_unserved`.
    names
        How outcomes and amounts are called.

    """

    shares: pd.DataFrame
    inequality: pd.DataFrame
    lorenz: pd.DataFrame
    unserved: pd.DataFrame
    names: Mapping[str, Words]


def equity_of_study(
    study: Study,
    standards: Sequence[Standard],
    walks: StudyWalks,
    dwellings: pd.DataFrame,
    units: Mapping[str, Unit],
    judged: Mapping[str, str],
    within_reach: Reachable | None,
    kind_names: Mapping[str, Words],
) -> Fairness | None:
    """The same figures for every group that the study names; None where no rule speaks of floor area or walks.

    Counted among households of its dwellings. Those that a unit states and no dwelling accounts for are left out.

    Parameters
    ----------
    study, standards
        The study.
    walks
        What its walks say.
    dwellings
        unit_id, urban_rural, households and the columns of the groups, keyed by `dwelling_id`.
    units
        From `units_of_study`.
    judged
        For each lowest unit, what its floor area per 100 households alone says.
    within_reach
        Floor area within reach of every dwelling; None without walks.
    kind_names
        How kinds are called.

    """
    given = study.equity
    needed = dict.fromkeys(["dwelling_id", "unit_id", "households", given.of, *given.groups.values(), *given.by])
    table = pd.DataFrame(dwellings[list(needed)])
    inside = table[(dwellings["unit_id"] != "").to_numpy()].reset_index(drop=True)
    keys = pd.Index(inside["dwelling_id"], name="dwelling_id")
    found = _outcomes(standards, walks, inside, kind_names)
    if judged:
        found.states[FLOOR_AREA] = _of_units(inside["unit_id"], judged)
        found.names[FLOOR_AREA] = both("所在单元面积达标", "lives where floor area is met")
    most: dict[str, pd.Series] = {}
    if within_reach is not None:
        rows = _rows(within_reach.dwellings, keys)
        found.amounts[REACHABLE], most[REACHABLE] = _hundredths(rows["low"].to_numpy(), rows["high"].to_numpy())
        found.names[REACHABLE] = both("可达建筑面积(m²/百户)", "m² within reach per 100 households")
    if not found.states:
        return None
    outcomes, amounts = pd.DataFrame(found.states, index=keys), pd.DataFrame(found.amounts, index=keys)
    shares = _lots(inside, outcomes, given, units)
    spread, curves = inequality_and_lorenz(
        inside, amounts, most=pd.DataFrame(most, index=keys), groups=given.groups, by=given.by, of=given.of,
        least=given.least,
    )  # fmt: skip
    return Fairness(equity_shares(shares, least=given.least), spread, curves, _unserved(inside, outcomes), found.names)


@dataclass(frozen=True)
class _Outcomes:
    """What is asked of dwellings: whether each has it, how much of it, and how it is called."""

    states: dict[str, pd.Categorical]
    amounts: dict[str, np.ndarray]
    names: dict[str, Words]


def _outcomes(
    standards: Sequence[Standard], walks: StudyWalks, inside: pd.DataFrame, kind_names: Mapping[str, Words]
) -> _Outcomes:
    """What rules ask people to reach, each once; where none asks, the study's own walk to what floor area counts."""
    found = _Outcomes({}, {}, {})
    rules = [rule for standard in standards for rule in standard.rules]
    reach = [rule for rule in rules if rule.measure == "reached_households_share" and rule.limit_min]
    asked = [(rule.walker, rule.limit_min or 0.0, rule.kinds) for rule in reach]
    area = [rule.kinds for rule in rules if rule.measure == "floor_area_per_100_households"]
    for walker, limit_min, kinds in dict.fromkeys(asked or [(*walks.own, kinds) for kinds in area[:1]]):
        table = _rows(walks.reach[walker, limit_min], pd.Index(inside["dwelling_id"]))
        states = [table[f"reach_{kind}"] for kind in kinds]
        reached, unknown = (
            np.logical_or.reduce([(one == state).to_numpy() for one in states]) for state in ("reached", "unknown")
        )
        key, said = f"reach {walker} {limit_min:g} {'+'.join(kinds)}", kinds_text(kinds, kind_names)
        codes = np.where(reached, 0, np.where(unknown, 2, 1))
        found.states[key] = pd.Categorical.from_codes(codes, ["reached", "not_reached", "unknown"])
        found.amounts[key] = table[[f"minutes_{kind}" for kind in kinds]].min(axis=1).to_numpy()
        found.names[key] = both(f"{limit_min:g} 分钟可达{said['zh']}", f"reach a {said['en']} in {limit_min:g} min")
    return found


def _lots(inside: pd.DataFrame, outcomes: pd.DataFrame, given: Equity, units: Mapping[str, Unit]) -> pd.DataFrame:
    """Lots of everybody and of the groups, and of the categories of each column."""
    homes, states, most = _hidden_together(inside, outcomes, units, given, [])
    found = [lots_of(homes, states, groups=given.groups, of=given.of, most=most)]
    for column in given.by:
        homes, states, most = _hidden_together(inside, outcomes, units, given, [column])
        lots = lots_of(homes, states, by=[column], of=given.of, most=most)
        found.append(lots[lots["dimension"] == column])
    lots = pd.concat([one.astype({"dimension": "str", "group": "str", "outcome": "str"}) for one in found])
    for name in ("dimension", "group", "outcome"):
        names = sorted(pd.unique(lots[name]), key=lambda one: name == "group" and one in (OTHERS, UNKNOWN))
        lots[name] = pd.Categorical(lots[name], categories=names)
    return lots.reset_index(drop=True)


def _hidden_together(
    inside: pd.DataFrame, outcomes: pd.DataFrame, units: Mapping[str, Unit], given: Equity, by: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series | None]:
    """Dwellings, those of which nothing is counted as one for each unit and category; their states, the most in each.

    Together they have what their unit's other dwellings leave, and they reach or not as any of them does. Of people
    nobody knows how many a unit has: their dwellings stay as they are, without an end.
    """
    if given.of != "households":
        return inside, outcomes, None
    silent = inside[["households", *given.groups.values()]].isna().all(axis=1).to_numpy()
    number = places_among(inside["unit_id"], units)
    _, most = unaccounted(units, number, inside["households"].to_numpy(dtype="float64"))
    alike = inside.loc[silent, ["unit_id", *by]].reset_index(drop=True)
    hidden = outcomes[silent].reset_index(drop=True)
    group = alike.groupby(["unit_id", *by], sort=False, dropna=False).ngroup().to_numpy()
    first = np.flatnonzero(~alike.duplicated().to_numpy())
    one_state = {name: (hidden[name] == hidden[name].to_numpy()[first][group]).to_numpy() for name in hidden}
    mixed = {name: np.bincount(group, ~same, len(first)) > 0 for name, same in one_state.items()}
    kept = ~silent
    kept[np.flatnonzero(silent)[first]] = True
    states = outcomes[kept]
    place = np.flatnonzero(silent[kept])
    for name, unsure in mixed.items():
        codes = states[name].cat.codes.to_numpy().copy()
        codes[place[unsure]] = 2
        states = states.assign(**{name: pd.Categorical.from_codes(codes, states[name].cat.categories)})
    top = np.where((number >= 0) & np.isfinite(most[number]), most[number], np.nan)  # empty where there is no end
    return inside[kept], states, pd.Series(top[kept], index=pd.Index(inside.loc[kept, "dwelling_id"]))


def _of_units(unit_ids: pd.Series, judged: Mapping[str, str]) -> pd.Categorical:
    """For each dwelling whether its unit meets; unknown where the unit is not judged."""
    states = {"met": 0, "unmet": 1}
    codes = np.array([*(states.get(one, 2) for one in judged.values()), 2])
    return pd.Categorical.from_codes(codes[places_among(unit_ids, judged)], ["reached", "not_reached", "unknown"])


def _hundredths(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square metres to a hundredth: the low end cut, the high end raised; known ones cut alike."""
    least = np.floor(low * 100) / 100
    return least, np.where(low == high, least, np.ceil(high * 100) / 100)


def _rows(table: pd.DataFrame, keys: pd.Index) -> pd.DataFrame:
    return table if table.index.equals(keys) else table.reindex(keys)


def _unserved(inside: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """How much those who surely do not reach live together, among households that are known."""
    known = inside["households"].notna().to_numpy()
    households, units = inside["households"][known], inside["unit_id"][known]
    rows = []
    for name in outcomes:
        missed = (outcomes[name] == "not_reached").to_numpy()[known]
        found = concentration_of_unserved(households.where(missed, 0.0), households, by=units)
        rows.append({"outcome": name} | {field: getattr(found, field) for field in _CONCENTRATION})
    return pd.DataFrame(rows, columns=["outcome", *_CONCENTRATION])


_CONCENTRATION = ("n_unserved", "n_units", "n_units_of_half", "worst_tenth_share", "index")
