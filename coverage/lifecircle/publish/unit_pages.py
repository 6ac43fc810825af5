"""Each unit as its own page tells it: what it is, how it stands, and where it lies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from lifecircle.intervals import Interval, exact, shown_range
from lifecircle.publish.binding import binding
from lifecircle.publish.headline import Lead, rows_of
from lifecircle.publish.minimap import Grid
from lifecircle.publish.placed import marked
from lifecircle.result import Result
from lifecircle.words import both, term


def unit_rows(result: Result, lead: Lead | None, drawn: dict[str, tuple[str, list[int]]]) -> list[dict[str, Any]]:
    """One row per unit, the study as a whole first: households, the leading rule's figure and verdict, and its outline.

    `n_unmet` and `n_unknown` count the rules that bind.
    """
    judged = result.units.drop_duplicates("unit_id").set_index("unit_id")
    led = rows_of(result, lead).set_index("unit_id").to_dict("index") if lead else {}
    bound = result.units[binding(result)]
    counts = bound.groupby(["unit_id", "verdict"]).size()
    units = result.tables.units
    parents = dict(zip(units["unit_id"], units["parent_id"].fillna(""), strict=True))
    about = judged.to_dict("index")
    for row in units[~units["unit_id"].isin(judged.index)].to_dict("records"):
        about[row["unit_id"]] = {"name": row["name"], "tier": row["tier"]}
    order = [*(one for one in about if one not in parents), *units["unit_id"]]
    n = counts.to_dict()
    return [
        {
            "unit_id": unit_id,
            "name": about[unit_id]["name"] or unit_id,
            "tier_id": about[unit_id]["tier"],
            "tier": term("tier", about[unit_id]["tier"]),
            "parent_id": parents.get(unit_id, ""),
            "households": households_of(about[unit_id]),
            **_led(led.get(unit_id)),
            "n_unmet": n.get((unit_id, "unmet"), 0),
            "n_unknown": n.get((unit_id, "unknown"), 0),
            "path": drawn.get(unit_id, ("", []))[0],
            "box": drawn.get(unit_id, ("", []))[1],
        }
        for unit_id in order
    ]


def households_of(row: dict[str, Any]) -> str:
    """The households of a unit or the range they lie in; `?` where nothing is known.

    >>> households_of({"households_low": 200.0, "households_high": 1500.0}), households_of({})
    ('200–1,500', '?')
    """
    low, high = row.get("households_low", math.nan), row.get("households_high", math.nan)
    if math.isnan(low) or math.isnan(high) or (low == 0 and math.isinf(high)):
        return "?"
    return shown_range(Interval(exact(low), None if math.isinf(high) else exact(high)), decimals=0)


def _led(row: dict[str, Any] | None) -> dict[str, Any]:
    """What the leading rule says of a unit; nothing where it does not hold for it."""
    if row is None:
        return {"shown": "", "verdict_id": "", "gap": both("", "")}
    return {
        "shown": marked(row["shown"], row["spread_households"]),
        "verdict_id": row["verdict"],
        "gap": both(row["gap_zh"], row["gap_en"]),
    }


def facility_places(result: Result, grid: Grid) -> list[list[int]]:
    """Where each facility of the ledger is on the grid of the outlines; empty where its place is not known."""
    places = result.facilities.geometry
    known = (places.notna() & ~places.is_empty).to_numpy()
    xy = np.full((len(places), 2), np.nan)
    if known.any():
        xy[known] = grid.whole(np.c_[places[known].x, places[known].y])
    return [[] if pd.isna(x) else [int(x), int(y)] for x, y in xy.tolist()]
