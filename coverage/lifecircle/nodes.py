"""Where streets meet: nodes, what stands between them, connected parts, and ways out of what is known."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely.geometry import Polygon

from lifecircle.walkers import INSIDE, BarrierRules, Policy, barrier_policies

EXIT_M = 1.0  # a street end this near to the edge of what is known leads out of it
HULL_EXIT_M = 50.0  # the same where the edge is only guessed from the streets themselves
_STRICT = ("open", "residents", "closed")


@dataclass(frozen=True, eq=False)
class Nodes:
    """The end nodes of every street, and where nodes lie.

    At a barrier that stops people every street has a node of its own. `gates` has a row for each of them that residents
    may pass: that node, the node in the gate itself, and 1 where the street is known to be on the residents' side.
    """

    start: np.ndarray
    end: np.ndarray
    x: np.ndarray
    y: np.ndarray
    gates: np.ndarray


def nodes_of(streets: gpd.GeoDataFrame, barriers: BarrierRules, gates: Policy) -> Nodes:
    """Nodes from `from_node` and `to_node`, or where they are missing from the streets' ends to the millimetre."""
    lines, n = streets.geometry.to_numpy(), len(streets)
    corners, line = shapely.get_coordinates(lines, return_index=True)
    last = np.cumsum(np.bincount(line, minlength=n)) - 1
    ends = corners[np.concatenate([np.append(-1, last[:-1]) + 1, last])]
    node = _by_name(streets) if _has_names(streets) else _by_place(ends)
    strict = np.zeros(node.max() + 1, dtype=np.int8)  # of what streets say of a node the strictest counts, for all
    np.maximum.at(strict, node, _strictness(streets, barriers, gates))
    stopped, passing = np.flatnonzero(strict[node] > 0), np.flatnonzero(strict[node] == _STRICT.index("residents"))
    inside = node[passing]
    node[stopped] = node.max() + 1 + np.arange(len(stopped))
    codes = pd.factorize(np.concatenate([node, inside]))[0].astype(np.int32)
    x, y = np.empty(codes.max() + 1), np.empty(codes.max() + 1)
    both = codes[2 * n :], codes[: 2 * n]
    for code, spots in zip(both, (ends[passing], ends), strict=True):
        first = np.unique(code, return_index=True)
        x[first[0]], y[first[0]] = spots[first[1], 0], spots[first[1], 1]
    return Nodes(
        codes[:n], codes[n : 2 * n], x, y, np.column_stack([codes[passing], codes[2 * n :], _inside(streets)[passing]])
    )


def passages_of(nodes: Nodes, metres: np.ndarray) -> np.ndarray:
    """Arcs through gates for residents: from each street into the gate, and out of it on the outer side alone.

    Where a gates layer and its compounds say which side is inside, that counts. Else the parts are those that remain
    when these gates are shut: of parts that gates join, the one with the longest streets is outside, and every gate
    leads to the part that is fewest gates from there. Where both sides are equally far, nobody lives behind the gate
    and nobody passes it.
    """
    gates = nodes.gates
    if not len(gates):
        return np.empty((0, 2), dtype=np.int32)
    part, length = _parts(nodes.start, nodes.end, np.empty((0, 2), dtype=np.int32), metres, len(nodes.x))
    rows = pd.DataFrame({"node": gates[:, 0], "gate": gates[:, 1], "part": part[gates[:, 0]]})
    rows["steps"] = _gates_from_outside(rows, length)[rows["part"]]
    known = pd.Series(gates[:, 2]).groupby(rows["gate"]).transform("max") > 0
    rows["steps"] = rows["steps"].where(~known, gates[:, 2])
    by_gate = rows.groupby("gate")["steps"]
    least = by_gate.transform("min")
    between = by_gate.transform("max") > least
    inner, outer = rows[between], rows[between & (rows["steps"] == least)]
    return np.concatenate([inner[["node", "gate"]].to_numpy(), outer[["gate", "node"]].to_numpy()]).astype(np.int32)


def _gates_from_outside(rows: pd.DataFrame, length: np.ndarray) -> np.ndarray:
    """For each part, how many gates lie between it and the part with the longest streets that gates join it to."""
    n_parts, (gate, gates) = len(length), pd.factorize(rows["gate"])
    size = n_parts + len(gates)
    links = coo_array((np.ones(len(rows), dtype=np.int8), (rows["part"], n_parts + gate)), shape=(size, size)).tocsr()
    town = connected_components(links, directed=False)[1][:n_parts]
    metres = np.round(length, 3)
    outside = metres == pd.Series(metres).groupby(town).transform("max").to_numpy()
    hops = dijkstra(links, directed=False, unweighted=True, indices=np.flatnonzero(outside), min_only=True)
    return np.asarray(hops[:n_parts] / 2)


def islands_of(
    start: np.ndarray, end: np.ndarray, passages: np.ndarray, metres: np.ndarray, n_nodes: int
) -> np.ndarray:
    """Connected parts numbered from the one with the longest streets down; -1 for nodes without a street."""
    part, length = _parts(start, end, passages, metres, n_nodes)
    rank = np.empty(len(length), dtype=np.int32)
    rank[np.argsort(-np.round(length, 3), kind="stable")] = np.arange(len(length), dtype=np.int32)
    return np.where(length[part] > 0, rank[part], -1).astype(np.int32)


def exits_of(nodes: Nodes, streets: gpd.GeoDataFrame, extent: Polygon | None) -> np.ndarray:
    """Nodes on or beyond the edge of what is known, and where a street goes on without its file."""
    edge = extent or shapely.convex_hull(shapely.multipoints(np.column_stack([nodes.x, nodes.y])))
    reach_m = EXIT_M if extent is not None else HULL_EXIT_M
    deep = shapely.buffer(edge, -2 * reach_m)
    shapely.prepare(deep)
    near = np.flatnonzero(~shapely.contains_xy(deep, nodes.x, nodes.y))
    points = shapely.points(nodes.x[near], nodes.y[near])
    out = np.zeros(len(nodes.x), dtype=bool)
    out[near] = ~shapely.intersects(edge, points) | shapely.dwithin(points, shapely.boundary(edge), reach_m)
    for name, node in (("from_cut", nodes.start), ("to_cut", nodes.end)):
        if name in streets:
            out[node[(streets[name] == "yes").to_numpy(dtype=bool)]] = True
    return np.flatnonzero(out).astype(np.int32)


def _parts(
    start: np.ndarray, end: np.ndarray, passages: np.ndarray, metres: np.ndarray, n_nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """The connected part of each node, and the metres of street in each part."""
    tail, head = np.concatenate([start, passages[:, 0]]), np.concatenate([end, passages[:, 1]])
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(links, directed=False)
    return part, np.bincount(part[start], weights=metres, minlength=n_parts)


def _has_names(streets: gpd.GeoDataFrame) -> bool:
    columns = [streets[name] for name in ("from_node", "to_node") if name in streets]
    return len(columns) == 2 and all((column.fillna("") != "").all() for column in columns)


def _by_name(streets: gpd.GeoDataFrame) -> np.ndarray:
    keys = pd.concat([streets["from_node"], streets["to_node"]]).astype("str")
    return np.asarray(pd.factorize(keys)[0], dtype=np.int64)


def _by_place(ends: np.ndarray) -> np.ndarray:
    (column, _), (row, rows) = (pd.factorize(np.round(ends[:, axis], 3) + 0.0) for axis in (0, 1))
    return np.asarray(pd.factorize(column.astype(np.int64) * len(rows) + row)[0], dtype=np.int64)


def _inside(streets: gpd.GeoDataFrame) -> np.ndarray:
    """Whether each start, then each end, of a street is marked as the residents' side of a gate."""
    nothing = pd.Series("", index=streets.index)
    ends = [streets.get(name, nothing).fillna("").str.endswith(INSIDE) for name in ("from_barrier", "to_barrier")]
    return np.concatenate([end.to_numpy(dtype=bool) for end in ends])


def _strictness(streets: gpd.GeoDataFrame, barriers: BarrierRules, gates: Policy) -> np.ndarray:
    """What stands at the start of every street, then at the end of every street, as positions in `_STRICT`."""
    nothing = pd.Series("", index=streets.index)
    found = [
        barrier_policies(streets.get(name, nothing), barriers, gates=gates) for name in ("from_barrier", "to_barrier")
    ]
    both = np.concatenate(found)
    return np.select([both == policy for policy in _STRICT], range(len(_STRICT))).astype(np.int8)
