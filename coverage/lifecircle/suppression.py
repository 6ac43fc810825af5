"""Which groups are too small to be shown, and which others must then stay hidden with them."""

from __future__ import annotations

import numpy as np

from lifecircle.errors import TableError

SMALL, COMPLEMENT = "small", "complement"


def hidden_groups(sizes: np.ndarray, most: np.ndarray, *, least: int) -> np.ndarray:
    """Why each group of a dimension is hidden: `small`, `complement`, or empty where it is shown.

    A group is small where fewer than `least` people are surely in it; one that surely has none is shown. What is hidden
    could be worked out from the total where a single group is hidden, or where all that are hidden have fewer than
    `least` together: then the smallest shown group is hidden as well, until neither is so or none is left. Where
    no one is surely in any hidden group, there is nothing to work out.

    Parameters
    ----------
    sizes, most
        How many are surely and at most in each group: one row for each table that shows the same groups (a group that
        is hidden in one is hidden in all; the first row says which is smallest), one column for each group.
    least
        1 or more; exactly so many are shown.

    Returns
    -------
    array of text
        One for each group. Of groups of one size the first is taken first.

    Raises
    ------
    TableError
        `least` is below 1.

    Notes
    -----
    Complementary suppression of one additive dimension: A. Hundepool and others (2012), Statistical Disclosure
    Control, Wiley, chapter 4. It does not guard against what follows from two dimensions together, such as a category
    of one that is the same dwellings as two of another.

    Examples
    --------
    >>> hidden_groups(np.array([[5, 400, 90, 600]]), np.array([[5, 400, 90, 600]]), least=30).tolist()
    ['small', '', 'complement', '']

    """
    if least < 1:
        raise TableError(f"equity: least is {least}; expected 1 or more people. 1 shows every group that has any")
    why = np.where(((sizes < least) & (most > 0)).any(axis=0), SMALL, "").astype(object)
    shown = [int(group) for group in np.argsort(sizes[0], kind="stable") if not why[group] and sizes[:, group].any()]
    while shown and any(_worked_out(row[why != ""], least) for row in sizes):
        why[shown.pop(0)] = COMPLEMENT
    return why


def _worked_out(hidden: np.ndarray, least: int) -> bool:
    """Whether hidden sizes follow, or nearly, from the total and those shown."""
    return bool(hidden.any()) and bool((hidden > 0).sum() < 2 or hidden.sum() < least)
