"""Lorenz curves as lines of a drawing: of all, and of the groups of one dimension."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lifecircle.study import Study

LEFT, TOP, SIDE = 46, 12, 240  # of the square that curves are drawn in, in the drawing's own units
_MOST_GROUPS = 5  # curves beside that of all that can still be told apart


def lorenz_lines(study: Study, curves: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines to draw: `all` first, then the groups of the first dimension that has two to five.

    Parameters
    ----------
    study
        Says in which order its dimensions come.
    curves
        dimension, group, people_share, amount_share of one amount; see `inequality_and_lorenz`.

    Returns
    -------
    Dimension, group and points of each line, `x,y` in the drawing's own units.
    """
    sizes = curves.groupby("dimension")["group"].nunique()
    wanted = [*study.equity.by, *study.equity.groups]
    second = [one for one in wanted if 1 < sizes.get(one, 0) <= _MOST_GROUPS][:1]
    drawn = [curves[curves["dimension"] == dimension] for dimension in ("all", *second)]
    return [
        {"dimension": dimension, "group": group, "points": _points(one)}
        for part in drawn
        for (dimension, group), one in part.groupby(["dimension", "group"], sort=False)
    ]


def _points(one: pd.DataFrame) -> str:
    """Points from the lower left to the upper right.

    >>> _points(pd.DataFrame({"people_share": [0.0, 1.0], "amount_share": [0.0, 1.0]}))
    '46.0,252.0 286.0,12.0'
    """
    places = zip(one["people_share"], one["amount_share"], strict=True)
    return " ".join(f"{LEFT + SIDE * people:.1f},{TOP + SIDE * (1 - amount):.1f}" for people, amount in places)
