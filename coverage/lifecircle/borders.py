"""Which areas border on each other: along a line, not at a corner, small faults of digitising allowed for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BORDER_M = 10.0  # this project's own: what two areas share must be longer than this to be walked across as neighbours


def bordering(
    shapes: npt.NDArray[np.object_], groups: npt.NDArray[np.int64], *, touch_m: float
) -> npt.NDArray[np.int64]:
    """Pairs of areas of one group whose shared border is longer than 10 m.

    Where two boundaries run at most `touch_m` apart, in a gap or an overlap, they are one border. Areas that meet at a
    corner share none.

    Returns
    -------
    Array of shape (pairs, 2), places in `shapes`, the lower first, in order.

    Examples
    --------
    >>> areas = np.array([shapely.box(0, 0, 100, 100), shapely.box(100.5, 0, 200, 100), shapely.box(0, 100, -99, 200)])
    >>> bordering(areas, np.zeros(3, dtype=int), touch_m=1).tolist()
    [[0, 1]]

    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=touch_m)
    near = (one < other) & (groups[one] == groups[other])
    one, other = one[near], other[near]
    wide, edges = shapely.buffer(shapes, touch_m), shapely.boundary(shapes)
    # Either boundary may be the one that runs on past the other; where it does, it stays within reach for touch_m.
    shared_m = np.maximum(
        shapely.length(shapely.intersection(edges[one], wide[other])),
        shapely.length(shapely.intersection(edges[other], wide[one])),
    )
    pairs = np.column_stack([one, other])[shared_m - 2 * touch_m > BORDER_M]
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))], dtype=np.int64)


def connected_parts(n: int, pairs: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Areas that hang together by their borders, each part in order, by its first area.

    >>> [part.tolist() for part in connected_parts(4, np.array([[0, 2], [1, 3]]))]
    [[0, 2], [1, 3]]
    """
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return sorted(parts, key=lambda part: int(part[0]))
