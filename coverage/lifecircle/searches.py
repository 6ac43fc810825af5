"""Searches over a graph: nearest, several nearest, all pairs, and sums within a limit.

Each takes where walks start (`Starts`) and where places stand (`Stands`); a walk to a place is the walk to one of the
nodes it stands at and the ticks from there. Results are the same on any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lifecircle.errors import NetworkError
from lifecircle.graph import NEVER, Graph, frozen
from lifecircle.kernels import LANES, nearest_walk, nearest_walks, pairs_within, sums_around, sums_within

_TOGETHER = 64  # sources that are near each other, searched at once, share what is in the cache
_LONG = 1 << 62


@dataclass(frozen=True, eq=False)
class Starts:
    """Where the walk of each source enters the graph: rows `ptr[i]` to `ptr[i + 1]` of node and ticks are source i."""

    ptr: np.ndarray
    node: np.ndarray
    ticks: np.ndarray

    def __len__(self) -> int:
        """Number of sources."""
        return len(self.ptr) - 1


@dataclass(frozen=True, eq=False)
class Stands:
    """Places by the nodes they stand at: rows `ptr[v]` to `ptr[v + 1]` of place and ticks are at the curve's node v.

    Places are numbered along the curve, so that those met together lie together: `order` has the caller's number of
    each, `local` the number here of each of the caller's.
    """

    ptr: np.ndarray
    place: np.ndarray
    ticks: np.ndarray
    order: np.ndarray
    local: np.ndarray

    @property
    def n_places(self) -> int:
        """Number of places."""
        return len(self.order)


@dataclass(frozen=True, eq=False)
class Direct:
    """Pairs of a source and a place with a walk that passes no node: rows `ptr[i]` to `ptr[i + 1]` are source i's."""

    ptr: np.ndarray
    place: np.ndarray
    ticks: np.ndarray


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs within a limit, by source and then in no order: numbers of source and place, and the ticks between them."""

    source: np.ndarray
    place: np.ndarray
    ticks: np.ndarray = field(repr=False)


def starts(graph: Graph, source: np.ndarray, node: np.ndarray, ticks: np.ndarray, n_sources: int) -> Starts:
    """Starts from rows of source, the caller's node, and the ticks walked by then; rows of `NEVER` are left out."""
    rows = np.flatnonzero(ticks < NEVER)
    rows = rows[np.argsort(source[rows], kind="stable")]
    ptr = np.searchsorted(source[rows], np.arange(n_sources + 1))
    return Starts(frozen(ptr), frozen(graph.place[node[rows]]), frozen(ticks[rows].astype(np.int64)))


def starts_at(graph: Graph, nodes: np.ndarray) -> Starts:
    """One source at each of the caller's nodes."""
    return starts(graph, np.arange(len(nodes)), nodes, np.zeros(len(nodes), dtype=np.int64), len(nodes))


def stands(graph: Graph, place: np.ndarray, node: np.ndarray, ticks: np.ndarray, n_places: int) -> Stands:
    """Stands from rows of place, the caller's node, and the ticks between them; rows of `NEVER` are left out."""
    rows = np.flatnonzero(ticks < NEVER)
    at = graph.place[node[rows]]
    order = np.argsort(at, kind="stable")
    ptr = np.searchsorted(at[order], np.arange(len(graph) + 1))
    rows = rows[order]
    met = pd.unique(place[rows])
    order = np.concatenate([met, np.setdiff1d(np.arange(n_places), met)]).astype(np.int32)
    local = np.empty(n_places, dtype=np.int32)
    local[order] = np.arange(n_places, dtype=np.int32)
    here, walk = local[place[rows]], ticks[rows].astype(np.int64)
    return Stands(frozen(ptr), frozen(here), frozen(walk), frozen(order), frozen(local))


def nearest(graph: Graph, sources: Starts, limit: int | None = None) -> np.ndarray:
    """Ticks between every node and the nearest source, `NEVER` where none is within the limit.

    Examples
    --------
    >>> from lifecircle.graph import build_graph
    >>> line = build_graph(np.arange(3.0), np.zeros(3), np.array([0, 1]), np.array([1, 2]), np.array([100, 200]))
    >>> nearest(line, starts_at(line, np.array([0]))).tolist()
    [0, 100, 300]

    """
    bound = graph.reach if limit is None else min(limit, _LONG)
    walk = _walks(graph, sources, bound, wide=limit is None)
    if limit is None and _goes_on(graph, walk, sources, bound):
        bound = _LONG
        walk = _walks(graph, sources, bound, wide=True)
    result = walk.astype(np.int64)
    result[walk > bound] = NEVER
    return np.asarray(result[graph.place])


def _walks(graph: Graph, sources: Starts, bound: int, *, wide: bool) -> np.ndarray:
    """Walks by place on the curve, above the bound where there is none within it.

    Where they are `wide`, all sources are searched at once in wider buckets; else as many as share the cache.
    """
    arcs = graph.arcs if bound <= graph.reach else graph.wide
    near = np.flatnonzero(sources.ticks <= bound)
    near = near[np.argsort(sources.node[near], kind="stable")]
    walk = np.full(len(graph), bound + 1, dtype=arcs.dtype)
    seeds = sources.ticks[near].astype(arcs.dtype)
    bucket, together = (2 * _bucket(graph, arcs), max(1, len(near))) if wide else (_bucket(graph, arcs), _TOGETHER)
    nearest_walk(graph.indptr, arcs, walk, sources.node[near], seeds, bucket, together)
    return walk


def _goes_on(graph: Graph, walk: np.ndarray, sources: Starts, bound: int) -> bool:
    """Whether a walk was cut short by what narrow numbers hold."""
    beyond = walk > bound
    if not beyond.any():
        return False
    rows = np.repeat(np.arange(len(graph)), np.diff(graph.indptr))
    return bool((sources.ticks > bound).any() or (~beyond[rows] & beyond[graph.arcs[:, 0]]).any())


def several_nearest(graph: Graph, sources: Starts, k: int, limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Ticks and number of the `k` nearest sources of every node, nearest first, then by number.

    Two arrays of nodes × k; `NEVER` and -1 where there are fewer.
    """
    if k < 1:
        raise NetworkError(f"k is {k}; expected how many nearest facilities are wanted, such as 3")
    bound = _LONG if limit is None else min(limit, _LONG)
    arcs = graph.arcs if bound <= graph.reach else graph.wide
    order = np.argsort(_first_nodes(sources), kind="stable")  # neighbours in turn share what is in the cache;
    order = order[_halving(len(order))] if limit is None else order  # without a limit, far ones first keep others short
    ptr, rows = _rows_of(sources, order)
    within = sources.ticks[rows] <= bound
    ptr, rows = np.concatenate([[0], np.cumsum(within)])[ptr], rows[within]
    walks = np.full((len(graph), k), -1, dtype=arcs.dtype)
    which = np.full((len(graph), k), -1, dtype=np.int32)
    nearest_walks(
        graph.indptr, arcs, ptr, sources.node[rows], sources.ticks[rows].astype(arcs.dtype),
        order.astype(np.int32), walks, which, arcs.dtype.type(bound), _bucket(graph, arcs),
    )  # fmt: skip
    walks = walks.astype(np.int64)
    walks[which < 0] = NEVER
    return walks[graph.place], which[graph.place]


def pairs(
    graph: Graph, sources: Starts, places: Stands, limit: int, *, direct: Direct | None = None, threads: int = 1
) -> Pairs:
    """Every pair of a source and a place within the limit; memory grows with the pairs found."""
    if not len(sources):
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int64))
    arrays = _arrays(graph, sources, places, limit, direct)
    before = (*arrays.graph, *arrays.direct, *arrays.places, places.n_places)
    found = _in_parts(pairs_within, before, (arrays.limit, arrays.width), len(sources), threads)
    source, place, walk = found[0] if len(found) == 1 else map(np.concatenate, zip(*found, strict=True))
    return Pairs(source, places.order[place], walk)


def sums(
    graph: Graph,
    sources: Starts,
    places: Stands,
    limit: int,
    *,
    given: np.ndarray,
    offered: np.ndarray,
    direct: Direct | None = None,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """For each source the sum of `given` over the places it reaches, for each place that of `offered` over sources.

    `given` (by place) and `offered` (by source) are whole numbers, so that no sum depends on its order.
    """
    if not len(sources):
        return np.zeros(0, dtype=np.int64), np.zeros(places.n_places, dtype=np.int64)
    arrays = _arrays(graph, sources, places, limit, direct)
    before = (*arrays.graph, *arrays.direct[:2], *arrays.places)
    after = (np.asarray(given, np.int64)[places.order], np.asarray(offered, np.int64), arrays.limit, arrays.width)
    found = _in_parts(sums_within, before, after, len(sources), threads)
    got = found[0][1]
    for part in found[1:]:
        got += part[1]
    return np.concatenate([part[0] for part in found]), got[places.local]


def sums_of_nodes(graph: Graph, places: Stands, limit: int, *, given: np.ndarray, threads: int = 1) -> np.ndarray:
    """For every node the sum of `given` (whole numbers, by place) over the places within the limit."""
    given = np.asarray(given, np.int64)
    nodes = np.arange(len(graph))
    if limit > graph.reach or not len(graph):
        one = starts_at(graph, nodes)
        return sums(graph, one, places, limit, given=given, offered=np.zeros(len(nodes)), threads=threads)[0]
    near = np.minimum(places.ticks, limit + 1).astype(np.int32)
    before = (graph.indptr, graph.arcs, places.ptr, places.place, near, given[places.order])
    found = _in_parts(sums_around, before, (limit, _bucket(graph, graph.arcs)), len(nodes), threads, step=LANES)
    result = np.empty(len(graph), dtype=np.int64)
    result[graph.order] = np.concatenate(found)
    return result


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Arrays:
    """What the kernels of a limit take, in numbers as wide as the limit needs."""

    graph: tuple[Any, ...]
    direct: tuple[Any, ...]
    places: tuple[Any, ...]
    limit: Any
    width: Any


def _arrays(graph: Graph, sources: Starts, places: Stands, limit: int, direct: Direct | None) -> _Arrays:
    limit = min(limit, _LONG)
    arcs = graph.arcs if limit <= graph.reach else graph.wide
    kind = arcs.dtype.type
    beyond = limit + 1  # a walk longer than the limit, whatever its own length: it need not fit in narrow numbers

    def narrow(walk: np.ndarray) -> np.ndarray:
        if walk.dtype == arcs.dtype and walk.max(initial=0) <= beyond:
            return walk
        return np.asarray(np.minimum(walk, beyond), dtype=arcs.dtype)

    none = np.zeros(len(sources) + 1, dtype=np.int64), np.empty(0, np.int32), np.empty(0, np.int64)
    ptr, place, walk = (direct.ptr, direct.place, direct.ticks) if direct else none
    if (walk > limit).any():
        within = walk <= limit
        ptr, place, walk = np.concatenate([[0], np.cumsum(within)])[ptr], place[within], walk[within]
    return _Arrays(
        (graph.indptr, arcs, sources.ptr, sources.node, narrow(sources.ticks)),
        (ptr, places.local[place], walk.astype(arcs.dtype)),
        (places.ptr, places.place, narrow(places.ticks)),
        kind(limit),
        kind(_bucket(graph, arcs)),
    )


def _bucket(graph: Graph, arcs: np.ndarray) -> Any:
    return arcs.dtype.type(graph.bucket)


def _in_parts(
    kernel: Callable[..., Any], before: tuple[Any, ...], after: tuple[Any, ...], n: int, threads: int, *, step: int = 1
) -> list[Any]:
    """A kernel over 0 to n in as many parts as there are threads, in order."""
    n_parts = max(1, min(threads, n // step))
    cuts = [round(part * n / n_parts / step) * step for part in range(n_parts)] + [n]
    if n_parts == 1:
        return [kernel(*before, 0, n, *after)]
    with ThreadPoolExecutor(n_parts) as pool:
        return list(pool.map(lambda first, last: kernel(*before, first, last, *after), cuts[:-1], cuts[1:]))


def _first_nodes(sources: Starts) -> np.ndarray:
    """The first node of each source; sources without one come last."""
    first = np.full(len(sources), np.iinfo(np.int32).max, dtype=np.int32)
    some = np.diff(sources.ptr) > 0
    first[some] = sources.node[sources.ptr[:-1][some]]
    return first


def _rows_of(sources: Starts, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of sources in another order, and where each source's begin."""
    sizes = np.diff(sources.ptr)[order]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    rows = np.repeat(sources.ptr[:-1][order] - ptr[:-1], sizes) + np.arange(ptr[-1])
    return ptr, rows


def _halving(n: int) -> np.ndarray:
    """0 to n - 1 so that each next one halves a gap: the first of them lie far apart."""
    bits = max(1, (n - 1).bit_length())
    numbers = np.arange(1 << bits, dtype=np.int64)
    turned = np.zeros_like(numbers)
    for bit in range(bits):
        turned |= ((numbers >> bit) & 1) << (bits - 1 - bit)
    return np.asarray(turned[turned < n], dtype=np.int64)
