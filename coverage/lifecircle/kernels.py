"""Shortest walks on plain arrays, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray
FAR = np.iinfo(np.int64).max // 4


@njit(cache=True)
def _sift_up(heap_ticks: Array, heap_node: Array, place: int) -> None:
    walk, node = heap_ticks[place], heap_node[place]
    while place > 0:
        above = (place - 1) >> 1
        if heap_ticks[above] <= walk:
            break
        heap_ticks[place], heap_node[place] = heap_ticks[above], heap_node[above]
        place = above
    heap_ticks[place], heap_node[place] = walk, node


@njit(cache=True)
def _sift_down(heap_ticks: Array, heap_node: Array, size: int) -> None:
    walk, node = heap_ticks[size], heap_node[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and heap_ticks[below + 1] < heap_ticks[below]:
            below += 1
        if heap_ticks[below] >= walk:
            break
        heap_ticks[place], heap_node[place] = heap_ticks[below], heap_node[below]
        place = below
    heap_ticks[place], heap_node[place] = walk, node


@njit(cache=True)
def _spread(
    indptr: Array,
    neighbour: Array,
    link: Array,
    edge_ticks: Array,
    walk: Array,
    heap_ticks: Array,
    heap_node: Array,
    size: int,
    touched: Array,
    n_touched: int,
    limit: int,
) -> int:
    """Settle every node within the limit of the seeds on the heap; `walk` holds the seeds' ticks."""
    while size > 0:
        here, node = heap_ticks[0], heap_node[0]
        size -= 1
        if size > 0:
            _sift_down(heap_ticks, heap_node, size)
        if here > walk[node]:
            continue
        for place in range(indptr[node], indptr[node + 1]):
            there, next_node = here + edge_ticks[link[place]], neighbour[place]
            if there < walk[next_node] and there <= limit:
                if walk[next_node] == FAR:
                    touched[n_touched] = next_node
                    n_touched += 1
                walk[next_node] = there
                heap_ticks[size], heap_node[size] = there, next_node
                _sift_up(heap_ticks, heap_node, size)
                size += 1
    return n_touched


@njit(cache=True)
def nearest_walk(
    indptr: Array, neighbour: Array, link: Array, edge_ticks: Array, seed_node: Array, seed_ticks: Array, limit: int
) -> Array:
    """Ticks from every node to the nearest seed, FAR where the walk is longer than the limit.

    A seed is a node with the ticks already walked when it is reached.
    """
    n_nodes = len(indptr) - 1
    walk = np.full(n_nodes, FAR, dtype=np.int64)
    room = len(neighbour) + len(seed_node) + 1
    heap_ticks, heap_node = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched = np.empty(n_nodes + 1, dtype=np.int32)
    size, n_touched = 0, 0
    for place in range(len(seed_node)):
        node, start = seed_node[place], seed_ticks[place]
        size, n_touched = _seed(walk, heap_ticks, heap_node, size, touched, n_touched, node, start, limit)
    _spread(indptr, neighbour, link, edge_ticks, walk, heap_ticks, heap_node, size, touched, n_touched, limit)
    return walk


@njit(cache=True)
def walks_within(
    indptr: Array,
    neighbour: Array,
    link: Array,
    edge_ticks: Array,
    edge_from: Array,
    edge_to: Array,
    goal_edge: Array,
    goal_along: Array,
    goal_leg: Array,
    home_edge: Array,
    home_along: Array,
    home_leg: Array,
    on_edge_ptr: Array,
    on_edge: Array,
    limit: int,
) -> tuple[Array, Array, Array]:
    """Every pair of a dwelling and a facility within the limit, with its ticks.

    Facilities (`goal_…`) are searched from one by one; `on_edge` lists the dwellings (`home_…`) by edge. Memory grows
    with the pairs found. Returns facility, dwelling and ticks of each pair.
    """
    n_nodes, n_homes, room = len(indptr) - 1, len(home_edge), len(neighbour) + 3
    walk, best = np.full(n_nodes, FAR, dtype=np.int64), np.full(n_homes, FAR, dtype=np.int64)
    heap_ticks, heap_node = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched, reached = np.empty(n_nodes + 2, dtype=np.int32), np.empty(n_homes, dtype=np.int32)
    goals, homes, ticks = np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int64)
    n_pairs = 0
    for goal in range(len(goal_edge)):
        edge = goal_edge[goal]
        if edge < 0:
            continue
        n_reached = 0
        for slot in range(on_edge_ptr[edge], on_edge_ptr[edge + 1]):  # dwellings on the very same edge
            home = on_edge[slot]
            straight = abs(home_along[home] - goal_along[goal]) + home_leg[home] + goal_leg[goal]
            n_reached = _keep(best, reached, n_reached, home, straight, limit)
        size, n_touched = 0, 0
        for end in range(2):
            node = edge_from[edge] if end == 0 else edge_to[edge]
            start = goal_leg[goal] + (goal_along[goal] if end == 0 else edge_ticks[edge] - goal_along[goal])
            size, n_touched = _seed(walk, heap_ticks, heap_node, size, touched, n_touched, node, start, limit)
        n_touched = _spread(
            indptr, neighbour, link, edge_ticks, walk, heap_ticks, heap_node, size, touched, n_touched, limit
        )
        for number in range(n_touched):
            node = touched[number]
            for place in range(indptr[node], indptr[node + 1]):
                edge = link[place]
                for slot in range(on_edge_ptr[edge], on_edge_ptr[edge + 1]):
                    home = on_edge[slot]
                    part = home_along[home] if edge_from[edge] == node else edge_ticks[edge] - home_along[home]
                    if neighbour[place] == node:  # a loop: both ends are this node
                        part = min(part, edge_ticks[edge] - part)
                    n_reached = _keep(best, reached, n_reached, home, walk[node] + part + home_leg[home], limit)
        while n_pairs + n_reached > len(goals):
            goals, homes, ticks = _doubled(goals), _doubled(homes), _doubled(ticks)
        for number in range(n_reached):
            home = reached[number]
            goals[n_pairs], homes[n_pairs], ticks[n_pairs] = goal, home, best[home]
            best[home] = FAR
            n_pairs += 1
        for number in range(n_touched):
            walk[touched[number]] = FAR
    return goals[:n_pairs].copy(), homes[:n_pairs].copy(), ticks[:n_pairs].copy()


@njit(cache=True)
def _seed(
    walk: Array,
    heap_ticks: Array,
    heap_node: Array,
    size: int,
    touched: Array,
    n_touched: int,
    node: int,
    start: int,
    limit: int,
) -> tuple[int, int]:
    """Put a node on the heap if its start is within the limit and better than before."""
    if start <= limit and start < walk[node]:
        if walk[node] == FAR:
            touched[n_touched] = node
            n_touched += 1
        walk[node] = start
        heap_ticks[size], heap_node[size] = start, node
        _sift_up(heap_ticks, heap_node, size)
        size += 1
    return size, n_touched


@njit(cache=True)
def _keep(best: Array, reached: Array, n_reached: int, home: int, total: int, limit: int) -> int:
    """Keep a walk to a dwelling if it is within the limit and better than before."""
    if total <= limit and total < best[home]:
        if best[home] == FAR:
            reached[n_reached] = home
            n_reached += 1
        best[home] = total
    return n_reached


@njit(cache=True)
def _doubled(array: Array) -> Array:
    bigger = np.empty(len(array) * 2, dtype=array.dtype)
    bigger[: len(array)] = array
    return bigger
