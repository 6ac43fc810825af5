"""How much the unserved live together in few units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lifecircle.errors import TableError
from lifecircle.gini import gini
from lifecircle.groups import PARTS


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
