"""Shortest walks on plain arrays, compiled.

A graph is `indptr` and `arcs` (neighbour and ticks of each arc, by node). A search holds one `walk` for each node, at
first just above what it will accept. It corrects labels bucket by bucket: nodes below `bound` wait in `near` until they
settle, others in `far` for a later bucket. What comes out is the least sum of whole ticks, whatever the order, so that
no result depends on buckets, threads or the numbering of nodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray
LANES = 32  # sources that share one sweep: eight numbers fill a register, and more than four registers spill
_NEAR, _FAR_OFF, _SETTLED = 1, 2, 3  # where a node waits; 0 before it is touched


@njit(cache=True, nogil=True)
def _space(n_nodes: int) -> tuple[Array, Array, Array, Array]:
    """Room for one search after another: near (a ring), far, touched, and where each node waits."""
    ring = 1
    while ring <= n_nodes:
        ring *= 2
    return (
        np.empty(ring, dtype=np.int32),
        np.empty(n_nodes, dtype=np.int32),
        np.empty(n_nodes, dtype=np.int32),
        np.zeros(n_nodes, dtype=np.uint8),
    )


@njit(cache=True, nogil=True)
def _spread(
    indptr: Array, arcs: Array, walk: Array, space: tuple[Array, Array, Array, Array],
    seed_node: Array, seed_ticks: Array, first: int, last: int, width: int,
) -> int:  # fmt: skip
    """Settle every node that seeds `first` to `last` improve; returns how many nodes were touched."""
    near, far, touched, waits = space
    mask, head, tail, n_far, n_touched, bound = len(near) - 1, 0, 0, 0, 0, -1
    for seed in range(first, last):
        node, ticks = seed_node[seed], seed_ticks[seed]
        if ticks < walk[node]:
            walk[node] = ticks
            n_touched, n_far = _put_off(space, node, n_touched, n_far)
    while n_far > 0:
        head, tail, n_far, bound = _next_bucket(walk, space, n_far, bound, width)
        while head != tail:
            node = near[head & mask]
            head += 1
            waits[node] = _SETTLED
            here = walk[node]
            for arc in range(indptr[node], indptr[node + 1]):
                there, ticks = arcs[arc, 0], here + arcs[arc, 1]
                if ticks < walk[there]:
                    walk[there] = ticks
                    state = waits[there]
                    if state == 0:
                        touched[n_touched] = there
                        n_touched += 1
                    if ticks < bound:
                        if state != _NEAR:
                            waits[there] = _NEAR
                            near[tail & mask] = there
                            tail += 1
                    elif state != _FAR_OFF:
                        waits[there] = _FAR_OFF
                        far[n_far] = there
                        n_far += 1
    return n_touched


@njit(cache=True, nogil=True)
def _put_off(space: tuple[Array, Array, Array, Array], node: int, n_touched: int, n_far: int) -> tuple[int, int]:
    """Let a node wait for a later bucket; returns how many were touched and how many wait."""
    _, far, touched, waits = space
    if waits[node] == 0:
        touched[n_touched] = node
        n_touched += 1
    if waits[node] != _FAR_OFF:
        waits[node] = _FAR_OFF
        far[n_far] = node
        n_far += 1
    return n_touched, n_far


@njit(cache=True, nogil=True)
def _next_bucket(
    walk: Array, space: tuple[Array, Array, Array, Array], n_far: int, bound: int, width: int
) -> tuple[int, int, int, int]:
    """Move what the next bucket holds from `far` to `near`: head, tail, what is left in far, the bucket's bound."""
    near, far, _, waits = space
    least = -1
    for place in range(n_far):
        node = far[place]
        if waits[node] == _FAR_OFF and (least < 0 or walk[node] < least):
            least = walk[node]
    bound, tail, kept = max(bound, least) + width, 0, 0
    for place in range(n_far):
        node = far[place]
        if waits[node] == _FAR_OFF:
            if walk[node] < bound:
                waits[node] = _NEAR
                near[tail] = node
                tail += 1
            else:
                far[kept] = node
                kept += 1
    return 0, tail, kept, bound


@njit(cache=True, nogil=True)
def nearest_walk(
    indptr: Array, arcs: Array, walk: Array, seed_node: Array, seed_ticks: Array, width: int, together: int
) -> None:
    """Lower `walk` at every node to the ticks between it and the nearest seed, `together` seeds at a time."""
    space = _space(len(walk))
    for first in range(0, len(seed_node), together):
        last = min(first + together, len(seed_node))
        _spread(indptr, arcs, walk, space, seed_node, seed_ticks, first, last, width)


@njit(cache=True, nogil=True)
def nearest_walks(
    indptr: Array, arcs: Array, seed_ptr: Array, seed_node: Array, seed_ticks: Array, numbers: Array,
    walks: Array, which: Array, limit: int, width: int,
) -> None:  # fmt: skip
    """The nearest sources of every node into `walks` and `which`, by ticks and then by number; -1 where there is none.

    Sources are searched one by one. A search ends where a node has enough that are nearer: no walk through it can be
    among the nearest beyond.
    """
    n_nodes, k = walks.shape
    walk, space = np.full(n_nodes, limit + 1, dtype=arcs.dtype), _space(n_nodes)
    touched, waits = space[2], space[3]
    for source in range(len(numbers)):
        number = numbers[source]
        n_touched = _spread(
            indptr, arcs, walk, space, seed_node, seed_ticks, seed_ptr[source], seed_ptr[source + 1], width
        )
        for place in range(n_touched):
            node, slot = touched[place], k
            waits[node] = 0
            while slot > 0 and (
                which[node, slot - 1] < 0
                or walk[node] < walks[node, slot - 1]
                or (walk[node] == walks[node, slot - 1] and number < which[node, slot - 1])
            ):
                if slot < k:
                    walks[node, slot], which[node, slot] = walks[node, slot - 1], which[node, slot - 1]
                slot -= 1
            if slot < k:
                walks[node, slot], which[node, slot] = walk[node], number
            walk[node] = walks[node, k - 1] + 1 if which[node, k - 1] >= 0 else limit + 1


@njit(cache=True, nogil=True)
def sums_within(
    indptr: Array, arcs: Array, seed_ptr: Array, seed_node: Array, seed_ticks: Array,
    direct_ptr: Array, direct_place: Array, at_ptr: Array, at_place: Array, at_ticks: Array,
    first: int, last: int, given: Array, offered: Array, limit: int, width: int,
) -> tuple[Array, Array]:  # fmt: skip
    """For each source the sum of `given` over the places it reaches; for each place that of `offered` over sources.

    `at_…` lists places by node, with the ticks between them; `direct_…` lists by source the places that it reaches
    without passing a node.
    """
    n_nodes = len(indptr) - 1
    walk, space = np.full(n_nodes, limit + 1, dtype=arcs.dtype), _space(n_nodes)
    found, got = np.zeros(last - first, dtype=np.int64), np.zeros(len(given), dtype=np.int64)
    seen, touched, waits = np.full(len(given), -1, dtype=np.int32), space[2], space[3]
    for source in range(first, last):
        total, offer = 0, offered[source]
        for slot in range(direct_ptr[source], direct_ptr[source + 1]):
            place = direct_place[slot]
            if seen[place] != source:
                seen[place] = source
                total += given[place]
                got[place] += offer
        n_touched = _spread(
            indptr, arcs, walk, space, seed_node, seed_ticks, seed_ptr[source], seed_ptr[source + 1], width
        )
        for number in range(n_touched):
            node = touched[number]
            left = limit - walk[node]
            walk[node], waits[node] = limit + 1, 0
            for slot in range(at_ptr[node], at_ptr[node + 1]):
                place = at_place[slot]
                if at_ticks[slot] <= left and seen[place] != source:
                    seen[place] = source
                    total += given[place]
                    got[place] += offer
        found[source - first] = total
    return found, got


@njit(cache=True, nogil=True)
def pairs_within(
    indptr: Array, arcs: Array, seed_ptr: Array, seed_node: Array, seed_ticks: Array,
    direct_ptr: Array, direct_place: Array, direct_ticks: Array, at_ptr: Array, at_place: Array, at_ticks: Array,
    n_places: int, first: int, last: int, limit: int, width: int,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Every pair of a source and a place within the limit, with its ticks; memory grows with the pairs found."""
    n_nodes = len(indptr) - 1
    walk, space = np.full(n_nodes, limit + 1, dtype=arcs.dtype), _space(n_nodes)
    slot_of, touched, waits = np.full(n_places, -1, dtype=np.int64), space[2], space[3]
    sources, places = np.empty(4096, dtype=np.int32), np.empty(4096, dtype=np.int32)
    ticks = np.empty(4096, dtype=arcs.dtype)
    n_pairs = 0
    for source in range(first, last):
        begin = n_pairs
        n_touched = _spread(
            indptr, arcs, walk, space, seed_node, seed_ticks, seed_ptr[source], seed_ptr[source + 1], width
        )
        wanted = n_pairs + direct_ptr[source + 1] - direct_ptr[source]
        for number in range(n_touched):
            wanted += at_ptr[touched[number] + 1] - at_ptr[touched[number]]
        if wanted > len(sources):  # room for what the sources so far tell of the rest, and a tenth
            size = max(wanted + 4096, wanted * (last - first) // (source - first + 1) * 11 // 10)
            sources, places, ticks = _longer(sources, size), _longer(places, size), _longer(ticks, size)
        for slot in range(direct_ptr[source], direct_ptr[source + 1]):
            place, total = direct_place[slot], direct_ticks[slot]
            n_pairs = _keep(slot_of, sources, places, ticks, begin, n_pairs, source, place, total)
        for number in range(n_touched):
            node = touched[number]
            here = walk[node]
            walk[node], waits[node] = limit + 1, 0
            for slot in range(at_ptr[node], at_ptr[node + 1]):
                if at_ticks[slot] <= limit - here:
                    place, total = at_place[slot], here + at_ticks[slot]
                    n_pairs = _keep(slot_of, sources, places, ticks, begin, n_pairs, source, place, total)
    return sources[:n_pairs], places[:n_pairs], ticks[:n_pairs]


@njit(cache=True, nogil=True)
def _keep(
    slot_of: Array, sources: Array, places: Array, ticks: Array,
    begin: int, n_pairs: int, source: int, place: int, total: int,
) -> int:  # fmt: skip
    """Keep a walk to a place if it is the source's first, or its shortest; returns the number of pairs."""
    slot = slot_of[place]
    if slot < begin:
        slot_of[place] = n_pairs
        sources[n_pairs], places[n_pairs], ticks[n_pairs] = source, place, total
        return n_pairs + 1
    ticks[slot] = min(ticks[slot], total)
    return n_pairs


@njit(cache=True, nogil=True)
def _longer(array: Array, size: int) -> Array:
    """The array with room for `size`."""
    copy = np.empty(size, dtype=array.dtype)
    copy[: len(array)] = array
    return copy


@njit(cache=True, nogil=True)
def sums_around(
    indptr: Array, arcs: Array, at_ptr: Array, at_place: Array, at_ticks: Array, given: Array,
    first: int, last: int, limit: int, width: int,
) -> Array:  # fmt: skip
    """For each node from `first` to `last` the sum of `given` over the places within the limit.

    `LANES` nodes in a row share one sweep: for every node that any of them reaches, a row with the walk of each. A
    place that stands at two nodes counts once: bit `lane` of what has reached it.
    """
    n_nodes = len(indptr) - 1
    space, rows = _space(n_nodes), np.empty((4096, LANES), dtype=np.int32)
    row_of, least_of = np.full(n_nodes, -1, dtype=np.int32), np.empty(n_nodes, dtype=np.int32)
    reached, marked = np.zeros(len(given), dtype=np.uint32), np.empty(len(given), dtype=np.int32)
    stands, touched, waits = np.zeros(len(given), dtype=np.uint8), space[2], space[3]
    for slot in range(len(at_place)):
        stands[at_place[slot]] = min(2, stands[at_place[slot]] + 1)
    found, total = np.zeros(last - first, dtype=np.int64), np.empty(LANES, dtype=np.int64)
    for start in range(first, last, LANES):
        lanes = min(LANES, last - start)
        n_touched, rows = _sweep(indptr, arcs, space, row_of, least_of, rows, start, lanes, limit, width)
        total[:] = 0
        n_marked = 0
        for number in range(n_touched):
            node, row = touched[number], rows[number]
            row_of[node], waits[node] = -1, 0
            for slot in range(at_ptr[node], at_ptr[node + 1]):
                place, left = at_place[slot], limit - at_ticks[slot]
                if stands[place] == 1:
                    _add(total, row, left, given[place])
                else:
                    before = reached[place]
                    reached[place] = before | _lanes_within(row, left)
                    if before == 0 and reached[place] != 0:
                        marked[n_marked] = place
                        n_marked += 1
        for number in range(n_marked):
            place = marked[number]
            for lane in range(LANES):
                total[lane] += given[place] * ((reached[place] >> np.uint32(lane)) & np.uint32(1))
            reached[place] = 0
        found[start - first : start - first + lanes] = total[:lanes]
    return found


@njit(cache=True, nogil=True)
def _sweep(
    indptr: Array, arcs: Array, space: tuple[Array, Array, Array, Array], row_of: Array, least_of: Array, rows: Array,
    start: int, lanes: int, limit: int, width: int,
) -> tuple[int, Array]:  # fmt: skip
    """Walks from `lanes` nodes at once. A node waits by the least of its walks, so that all lanes move on together.

    Returns how many nodes were touched, and the rows, which may have grown.
    """
    near, far, touched, waits = space
    mask, none = len(near) - 1, np.int32(limit + 1)
    here = np.empty(LANES, dtype=np.int32)
    n_far, n_touched, bound = lanes, lanes, -1
    for lane in range(lanes):
        node = start + lane
        row_of[node], touched[lane], far[lane], waits[node], least_of[node] = lane, node, node, _FAR_OFF, 0
        rows[lane, :] = none
        rows[lane, lane] = 0
    while n_far > 0:
        head, tail, n_far, bound = _next_bucket(least_of, space, n_far, bound, width)
        while head != tail:
            node = near[head & mask]
            head += 1
            waits[node] = _SETTLED
            own = row_of[node]
            for lane in range(LANES):
                here[lane] = rows[own, lane]
            for arc in range(indptr[node], indptr[node + 1]):
                there, other = arcs[arc, 0], row_of[arcs[arc, 0]]
                if other < 0:
                    if n_touched == len(rows):
                        more = np.empty((2 * len(rows), LANES), dtype=np.int32)
                        more[: len(rows)] = rows
                        rows = more
                    other = n_touched
                    row_of[there], touched[n_touched] = other, there
                    for lane in range(LANES):
                        rows[other, lane] = none
                    n_touched += 1
                least, state = _corrected(here, rows, other, arcs[arc, 1], none), waits[there]
                if least == none or state == _NEAR:
                    continue
                if state == _FAR_OFF:  # it stands in `far`, which has room for every node once
                    least_of[there] = min(least_of[there], least)
                elif least < bound:
                    waits[there] = _NEAR
                    near[tail & mask] = there
                    tail += 1
                else:
                    waits[there], least_of[there] = _FAR_OFF, least
                    far[n_far] = there
                    n_far += 1
    return n_touched, rows


@njit(cache=True, nogil=True)
def _add(total: Array, row: Array, left: int, weight: int) -> None:
    """Add a weight to the lanes whose walk is no longer than what is left."""
    for lane in range(LANES):
        total[lane] += weight * (row[lane] <= left)


@njit(cache=True, nogil=True)
def _lanes_within(row: Array, left: int) -> Any:
    """A bit for each lane whose walk is no longer than what is left."""
    bits = np.uint32(0)
    for lane in range(LANES):
        bits |= np.uint32(row[lane] <= left) << np.uint32(lane)
    return bits


@njit(cache=True, nogil=True)
def _corrected(here: Array, rows: Array, row: int, ticks: int, none: Any) -> Any:
    """Shorten the walks of a row by those through `here`; the row's least then, `none` where none was shortened."""
    least, shorter = none, np.int32(0)
    for lane in range(LANES):
        walk, before = np.int32(here[lane] + ticks), rows[row, lane]
        after = min(walk, before)
        rows[row, lane] = after
        shorter |= before ^ after
        least = min(least, after)
    return least if shorter != 0 else none
