"""Walks between places on the same piece of street, which pass no node."""

from __future__ import annotations

import numpy as np

from lifecircle.graph import NEVER
from lifecircle.searches import Direct
from lifecircle.snapping import Placed

_APART = 1 << 38  # longer than any walk, so that edges one after another do not mix


def direct_pairs(sources: Placed, places: Placed, *, there: bool, limit: int) -> Direct:
    """Every pair on a common edge within the limit, by source, with its ticks.

    The walk leads from the place to the source where `there`, else from the source to the place. A pair may stand more
    than once: each way and each entrance is a row.
    """
    homes = np.flatnonzero(places.edge >= 0)
    homes = homes[np.argsort(places.edge[homes], kind="stable")]
    goals = np.flatnonzero(sources.edge >= 0)
    goals = goals[np.argsort(sources.place[goals], kind="stable")]
    edges = places.edge[homes]
    begin, end = (np.searchsorted(edges, sources.edge[goals], side=side) for side in ("left", "right"))
    n = end - begin
    goal = np.repeat(goals, n)
    home = homes[np.repeat(begin - (np.cumsum(n) - n), n) + np.arange(int(n.sum()))]
    walk = _between(places, home, sources, goal) if there else _between(sources, goal, places, home)
    open_ways = walk <= min(limit, NEVER - 1)
    goal, home, walk = goal[open_ways], home[open_ways], walk[open_ways]
    ptr = np.searchsorted(sources.place[goal], np.arange(len(sources) + 1))
    return Direct(ptr, places.place[home].astype(np.int32), walk)


def nearest_direct(sources: Placed, places: Placed, *, there: bool) -> np.ndarray:
    """Ticks between each place and the nearest source on a common edge, `NEVER` where there is none.

    Memory and time grow with sources and places, not with their pairs. Two places at one corner are no walk apart by
    way of it; here they would wait.
    """
    nearest = np.full(len(places), NEVER, dtype=np.int64)
    goal, home = np.flatnonzero(sources.edge >= 0), np.flatnonzero(places.edge >= 0)
    home = home[np.isin(places.edge[home], sources.edge[goal])]
    if not len(home):
        return nearest
    costs, edge, goal_edge = places.network.costs, places.edge[home], sources.edge[goal]
    sign = 1 if there else -1  # on the way back the sources behind a place are those that lead on to it
    on, on_goal = sign * places.on_at[home], sign * sources.on_at[goal]
    back, back_goal = -sign * places.back_at[home], -sign * sources.back_at[goal]
    leg, goal_leg = (one.leg[rows] + one.waits()[rows] for one, rows in ((places, home), (sources, goal)))
    ahead = _least_ahead(edge, on, goal_edge, on_goal, goal_leg + on_goal) - on
    behind = _least_ahead(edge, back, goal_edge, back_goal, goal_leg + back_goal) - back
    ahead = np.where((costs.on[edge] < NEVER) & (ahead < _APART), ahead + leg, NEVER)
    behind = np.where((costs.back[edge] < NEVER) & (behind < _APART), behind + leg, NEVER)
    np.minimum.at(nearest, places.place[home], np.minimum(ahead, behind))
    return nearest


def _between(here: Placed, start: np.ndarray, there: Placed, end: np.ndarray) -> np.ndarray:
    """Ticks from rows of one to rows of the other on the same edge, `NEVER` where its direction forbids it."""
    costs, edge = here.network.costs, here.edge[start]
    on, back = there.on_at[end] - here.on_at[start], here.back_at[start] - there.back_at[end]
    forward = np.where((on >= 0) & (costs.on[edge] < NEVER), on, NEVER)
    backward = np.where((back >= 0) & (costs.back[edge] < NEVER), back, NEVER)
    walk = np.minimum(forward, backward)
    apart = here.corner[start] != there.corner[end]
    waits = np.where(apart, here.waits()[start] + there.waits()[end], 0)
    return np.where(walk < NEVER, walk + waits + here.leg[start] + there.leg[end], NEVER)


def _least_ahead(
    edge: np.ndarray, at: np.ndarray, goal_edge: np.ndarray, goal_at: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """For each point the least value of the goals on its edge, there or ahead; above `_APART` without any."""
    n = len(edge)
    edges, places = np.concatenate([edge, goal_edge]), np.concatenate([at, goal_at])
    values = np.concatenate([np.full(n, 2 * _APART), value])
    order = np.lexsort((np.arange(len(edges)) < n, -places, edges))  # goals before the points at their place
    group = np.cumsum(np.append(0, np.diff(edges[order]) != 0))
    lowest = np.minimum.accumulate(values[order] - 4 * _APART * group) + 4 * _APART * group
    found = np.empty(len(edges), dtype=np.int64)
    found[order] = lowest
    return found[:n]
