"""How a graph lies in memory: nodes along a Hilbert curve, arcs by the node they start from."""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray


@njit(cache=True, nogil=True)
def hilbert(column: Array, row: Array, bits: int) -> Array:
    """The place of each cell of a grid of 2^bits × 2^bits along the Hilbert curve."""
    places = np.empty(len(column), dtype=np.int64)
    for one in range(len(column)):
        x, y, place = int(column[one]), int(row[one]), 0
        half = 1 << (bits - 1)
        while half > 0:
            right, upper = (x & half) > 0, (y & half) > 0
            place += half * half * ((3 * right) ^ upper)
            x, y = x & (half - 1), y & (half - 1)
            if not upper:
                x, y = (half - 1 - y, half - 1 - x) if right else (y, x)
            half >>= 1
        places[one] = place
    return places


@njit(cache=True, nogil=True)
def arcs_by_node(tail: Array, head: Array, ticks: Array, n_nodes: int) -> tuple[Array, Array]:
    """Arcs sorted by the node they start from, those of a node in the order given."""
    indptr = np.zeros(n_nodes + 1, dtype=np.int32)
    for one in range(len(tail)):
        indptr[tail[one] + 1] += 1
    for node in range(n_nodes):
        indptr[node + 1] += indptr[node]
    arcs, free = np.empty((len(tail), 2), dtype=ticks.dtype), indptr[:-1].copy()
    for one in range(len(tail)):
        slot = free[tail[one]]
        arcs[slot, 0], arcs[slot, 1] = head[one], ticks[one]
        free[tail[one]] += 1
    return indptr, arcs
