"""Streets as arrays that a search runs on: nodes in the order of a Hilbert curve, walks in whole ticks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lifecircle.errors import NetworkError
from lifecircle.layout import arcs_by_node, hilbert

TICKS_PER_S = 100_000  # walks are whole numbers of 10 microseconds, so that a sum does not depend on its order
TICKS_PER_MIN = 60 * TICKS_PER_S
TOLD_TICKS = 1_000  # walks are told in hundredths of a second: what rounding every street adds up to stays below
NEVER = np.iinfo(np.int64).max // 4  # the walk where there is no way
_HILBERT_BITS = 16
_NARROW = np.iinfo(np.int32).max - 1


def ticks(minutes: float) -> int:
    """Minutes as whole ticks.

    >>> ticks(15)
    90000000
    """
    return round(minutes * TICKS_PER_MIN)


def limit_ticks(limit_min: float) -> int:
    """The longest walk in ticks that is told as no longer than the limit.

    >>> limit_ticks(15) - ticks(15)
    499
    """
    if not 0 < limit_min < np.inf:
        raise NetworkError(f"limit_min is {limit_min}; expected minutes above 0 such as 15. State the limit")
    return ticks(limit_min) // TOLD_TICKS * TOLD_TICKS + TOLD_TICKS // 2 - 1


def in_minutes(walk: np.ndarray) -> np.ndarray:
    """Ticks as minutes, in whole hundredths of a second; NaN where there is no way.

    >>> in_minutes(np.array([6_000_499, NEVER])).tolist()
    [1.0, nan]
    """
    return np.asarray(np.where(walk < NEVER, told(walk) / TICKS_PER_MIN, np.nan))


def told(walk: np.ndarray) -> np.ndarray:
    """Ticks to the nearest hundredth of a second."""
    return np.asarray((walk + TOLD_TICKS // 2) // TOLD_TICKS * TOLD_TICKS)


@dataclass(frozen=True, eq=False)
class Graph:
    """Arcs between nodes; made by `build_graph` and never changed.

    Attributes
    ----------
    order
        The caller's node at each place of the Hilbert curve.
    place
        The place of each of the caller's nodes.
    indptr, arcs
        For each place: the places next to it and the ticks there (compressed rows).

    """

    order: np.ndarray
    place: np.ndarray
    indptr: np.ndarray
    arcs: np.ndarray

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.order)

    @cached_property
    def longest(self) -> int:
        """Ticks of the longest arc."""
        return int(self.arcs[:, 1].max(initial=0))

    @cached_property
    def bucket(self) -> int:
        """Ticks that one bucket of a search spans: half again the mean arc, and so few that numbers do not overflow."""
        return min(max(1, int(1.5 * self.arcs[:, 1].mean())), _NARROW // 8) if len(self.arcs) else 1

    @property
    def reach(self) -> int:
        """The longest limit in ticks that searches over `arcs` take; -1 where the arcs themselves are long."""
        return _NARROW - self.longest if self.arcs.dtype == np.int32 else -1

    @cached_property
    def wide(self) -> np.ndarray:
        """Arcs in wide numbers, for walks of hours."""
        return self.arcs.astype(np.int64)


def build_graph(
    node_x: np.ndarray,
    node_y: np.ndarray,
    edge_from: np.ndarray,
    edge_to: np.ndarray,
    ticks_on: np.ndarray,
    ticks_back: np.ndarray | None = None,
    *,
    passages: np.ndarray | None = None,
) -> Graph:
    """A graph from arrays.

    Parameters
    ----------
    node_x, node_y
        Coordinates of the nodes.
    edge_from, edge_to
        The two nodes of each edge.
    ticks_on, ticks_back
        The walk from the first node to the second, and back; `NEVER` where there is none. None: both are alike.
    passages
        Arcs that take no time, one row of two nodes each.

    Raises
    ------
    NetworkError
        A coordinate is not a number, or a walk takes no time or a negative one.

    Examples
    --------
    >>> graph = build_graph(np.array([0., 1.]), np.array([0., 0.]), np.array([0]), np.array([1]), np.array([100]))
    >>> graph.indptr.tolist(), graph.arcs.tolist()
    ([0, 1, 2], [[1, 100], [0, 100]])

    """
    n_nodes = len(node_x)
    _require_numbers(node_x, node_y)
    order = np.argsort(_on_curve(node_x, node_y), kind="stable").astype(np.int32)
    place = np.empty(n_nodes, dtype=np.int32)
    place[order] = np.arange(n_nodes, dtype=np.int32)
    walks = np.concatenate([ticks_on, ticks_on if ticks_back is None else ticks_back])
    tail, head = place[np.concatenate([edge_from, edge_to])], place[np.concatenate([edge_to, edge_from])]
    _require_walks(walks)
    if (walks >= NEVER).any():
        open_ways = walks < NEVER
        walks, tail, head = walks[open_ways], tail[open_ways], head[open_ways]
    if passages is not None and len(passages):
        tail, head = np.concatenate([tail, place[passages[:, 0]]]), np.concatenate([head, place[passages[:, 1]]])
        walks = np.concatenate([walks, np.zeros(len(passages), dtype=walks.dtype)])
    kind = np.int32 if walks.max(initial=0) <= _NARROW // 2 else np.int64
    indptr, arcs = arcs_by_node(tail, head, walks.astype(kind), n_nodes)
    return Graph(frozen(order), frozen(place), frozen(indptr), frozen(arcs))


def frozen(array: np.ndarray) -> np.ndarray:
    """The array, which cannot be written to any more."""
    array.flags.writeable = False
    return array


def _on_curve(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if not len(x):
        return np.zeros(0, dtype=np.int64)
    west, south = x.min(), y.min()
    side = max(x.max() - west, y.max() - south) or 1.0
    cells = (1 << _HILBERT_BITS) - 1
    column, row = ((x - west) / side * cells).astype(np.int32), ((y - south) / side * cells).astype(np.int32)
    return np.asarray(hilbert(column, row, _HILBERT_BITS))


def _require_numbers(x: np.ndarray, y: np.ndarray) -> None:
    odd = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(odd):
        raise NetworkError(
            f"nodes: {len(odd)} coordinates are no numbers, the first is of node {odd[0]}; expected metres. "
            "Leave those edges out"
        )


def _require_walks(walks: np.ndarray) -> None:
    odd = np.flatnonzero(walks <= 0)
    if len(odd):
        raise NetworkError(
            f"edges: {len(odd)} walks take no time or a negative one, the first is {walks[odd[0]]} ticks on edge "
            f"{odd[0] % (len(walks) // 2)}; expected lengths in metres above 0. Leave those edges out"
        )
