"""Shortest walks on plain arrays, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

FAR = np.iinfo(np.int64).max // 4


@njit(cache=True)
def _sift_up(heap_ticks, heap_node, place):  # type: ignore[no-untyped-def]
    walk, node = heap_ticks[place], heap_node[place]
    while place > 0:
        above = (place - 1) >> 1
        if heap_ticks[above] <= walk:
            break
        heap_ticks[place], heap_node[place] = heap_ticks[above], heap_node[above]
        place = above
    heap_ticks[place], heap_node[place] = walk, node


@njit(cache=True)
def _sift_down(heap_ticks, heap_node, size):  # type: ignore[no-untyped-def]
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
def _spread(indptr, neighbour, link, edge_ticks, walk, heap_ticks, heap_node, size, touched, n_touched, limit):  # type: ignore[no-untyped-def]
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
def nearest_walk(indptr, neighbour, link, edge_ticks, seed_node, seed_ticks, limit):  # type: ignore[no-untyped-def]
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
        if start < walk[node] and start <= limit:
            if walk[node] == FAR:
                touched[n_touched] = node
                n_touched += 1
            walk[node] = start
            heap_ticks[size], heap_node[size] = start, node
            _sift_up(heap_ticks, heap_node, size)
            size += 1
    _spread(indptr, neighbour, link, edge_ticks, walk, heap_ticks, heap_node, size, touched, n_touched, limit)
    return walk


@njit(cache=True)
def walks_within(
    indptr, neighbour, link, edge_ticks, edge_from, edge_to,
    to_edge, to_from_ticks, to_leg, from_edge, from_from_ticks, from_leg,
    on_edge_ptr, on_edge, limit,
):  # type: ignore[no-untyped-def]  # fmt: skip
    """Every pair of an origin and a destination within the limit, with its ticks.

    Origins are searched one by one (`to_…` are the origins of the search, the facilities); `on_edge` lists the
    destinations by edge. Memory grows with the pairs found.
    """
    n_nodes = len(indptr) - 1
    n_places = len(from_edge)
    walk = np.full(n_nodes, FAR, dtype=np.int64)
    best = np.full(n_places, FAR, dtype=np.int64)
    room = len(neighbour) + 3
    heap_ticks, heap_node = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int32)
    touched = np.empty(n_nodes + 2, dtype=np.int32)
    reached = np.empty(n_places, dtype=np.int32)
    out_a, out_b, out_ticks = np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int32), np.empty(1024, dtype=np.int64)
    n_out = 0
    for one in range(len(to_edge)):
        edge = to_edge[one]
        if edge < 0:
            continue
        n_reached, size, n_touched = 0, 0, 0
        for place in range(on_edge_ptr[edge], on_edge_ptr[edge + 1]):  # places on the very same edge
            there = on_edge[place]
            straight = abs(from_from_ticks[there] - to_from_ticks[one]) + from_leg[there] + to_leg[one]
            if straight <= limit:
                best[there] = straight
                reached[n_reached] = there
                n_reached += 1
        for end in range(2):
            node = edge_from[edge] if end == 0 else edge_to[edge]
            start = to_leg[one] + (to_from_ticks[one] if end == 0 else edge_ticks[edge] - to_from_ticks[one])
            if start <= limit and start < walk[node]:
                if walk[node] == FAR:
                    touched[n_touched] = node
                    n_touched += 1
                walk[node] = start
                heap_ticks[size], heap_node[size] = start, node
                _sift_up(heap_ticks, heap_node, size)
                size += 1
        n_touched = _spread(indptr, neighbour, link, edge_ticks, walk, heap_ticks, heap_node, size, touched, n_touched, limit)
        for number in range(n_touched):
            node = touched[number]
            for place in range(indptr[node], indptr[node + 1]):
                edge_here = link[place]
                for slot in range(on_edge_ptr[edge_here], on_edge_ptr[edge_here + 1]):
                    there = on_edge[slot]
                    part = from_from_ticks[there]
                    if edge_from[edge_here] != node:
                        part = edge_ticks[edge_here] - part
                    elif neighbour[place] == node:  # a loop: both ends are this node
                        part = min(part, edge_ticks[edge_here] - part)
                    total = walk[node] + part + from_leg[there]
                    if total <= limit and total < best[there]:
                        if best[there] == FAR:
                            reached[n_reached] = there
                            n_reached += 1
                        best[there] = total
        for number in range(n_touched):
            walk[touched[number]] = FAR
        while n_out + n_reached > len(out_a):
            out_a, out_b, out_ticks = _doubled(out_a), _doubled(out_b), _doubled(out_ticks)
        for number in range(n_reached):
            there = reached[number]
            out_a[n_out], out_b[n_out], out_ticks[n_out] = one, there, best[there]
            best[there] = FAR
            n_out += 1
    return out_a[:n_out].copy(), out_b[:n_out].copy(), out_ticks[:n_out].copy()


@njit(cache=True)
def _doubled(array):  # type: ignore[no-untyped-def]
    bigger = np.empty(len(array) * 2, dtype=array.dtype)
    bigger[: len(array)] = array
    return bigger
