"""Street networks to measure on: jittered grids of three sizes, and the real places that lie beside the project."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SEED = 20_251_231
SIZES = {"50k": 50_000, "500k": 500_000, "2M": 2_000_000}
LIMIT_M = 1200
NODES_PER_FACILITY = 500
MOST_HOUSEHOLDS = 20
N_DWELLINGS = 100_000
TICKS_PER_M = 100_000  # at 1 m/s a metre is a second, and a second has this many ticks
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_STEP_M = 90.0
_JITTER_M = 15.0  # standard deviation, of crossings; bends have their own. The mean edge is 58 m
_BEND_M = 8.0
_REMOVED_SHARE = 0.2
_HALVED_SHARE = 0.625  # of the edges that are left; makes the mean degree 2.6
_NODES_PER_CROSSING = 2.0
_BESIDE_M = 60.0


@dataclass(frozen=True, eq=False)
class Town:
    """A street network as arrays, with facilities and households on its nodes.

    Every edge is walked both ways at 1 m/s. Lengths are whole multiples of 10 micrometres, so that tools that count in
    whole numbers and tools that count in floating point are asked the same question.
    """

    node_x: np.ndarray
    node_y: np.ndarray
    edge_from: np.ndarray
    edge_to: np.ndarray
    edge_m: np.ndarray
    facilities: np.ndarray
    households: np.ndarray

    @property
    def edge_ticks(self) -> np.ndarray:
        """Lengths as whole ticks."""
        return np.rint(self.edge_m * TICKS_PER_M).astype(np.int64)

    def save(self, path: Path) -> None:
        """Write the arrays, so that another process can have the same town."""
        np.savez(path, **{one.name: getattr(self, one.name) for one in dataclasses.fields(self)})


def load_town(path: Path) -> Town:
    """The town that was saved."""
    with np.load(path) as arrays:
        return Town(**{name: arrays[name] for name in arrays.files})


def grid_town(n_nodes: int) -> Town:
    """A jittered grid of about `n_nodes` nodes, a fifth of its edges removed, its largest component.

    Some streets have a node half-way, as bends and side paths give real ones, so that the mean degree is 2.6; Porto
    Alegre's is 2.7. Nodes are numbered row by row, as a grid comes: a fair order, neither the best nor shuffled.
    """
    rng = np.random.default_rng(SEED)
    side = round((n_nodes / _NODES_PER_CROSSING) ** 0.5)
    column, row = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(side), np.arange(side)))
    x, y = (axis * _STEP_M + rng.normal(0, _JITTER_M, len(axis)) for axis in (column, row))
    start, end = _grid_edges(side)
    kept = rng.random(len(start)) >= _REMOVED_SHARE
    start, end = start[kept], end[kept]
    halved = rng.random(len(start)) < _HALVED_SHARE
    middle = len(x) + np.arange(np.count_nonzero(halved))
    one, other = start[halved], end[halved]
    bends = rng.normal(0, _BEND_M, (2, len(middle)))
    x, y = (np.concatenate([at, (at[one] + at[other]) / 2 + bend]) for at, bend in zip((x, y), bends, strict=True))
    column, row = (np.concatenate([at, (at[one] + at[other]) / 2]) for at in (column, row))
    start = np.concatenate([start[~halved], one, middle])
    end = np.concatenate([end[~halved], middle, other])
    place = np.empty(len(x), dtype=np.int64)
    order = np.lexsort((column, row))
    place[order] = np.arange(len(x))
    metres = np.hypot(x[start] - x[end], y[start] - y[end])
    return _furnished(x[order], y[order], place[start], place[end], metres, rng)


def _grid_edges(side: int) -> tuple[np.ndarray, np.ndarray]:
    node = np.arange(side * side).reshape(side, side)
    start = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    return start, np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])


def dwellings(town: Town) -> np.ndarray:
    """100,000 points, each beside a random node: at most 60 m east or west of it, and 60 m north or south."""
    rng = np.random.default_rng(SEED)
    node = rng.integers(0, len(town.node_x), N_DWELLINGS)
    beside = rng.uniform(-_BESIDE_M, _BESIDE_M, (N_DWELLINGS, 2))
    return shapely.points(np.column_stack([town.node_x[node], town.node_y[node]]) + beside)


def real_towns() -> dict[str, Callable[[], Town]]:
    """The real places that are there, each as a function that reads it."""
    files = {
        "porto-alegre": DATA / "porto-alegre" / "poa_osm.pbf",
        "futian": DATA / "futian" / "G.graphml",
        "wuhan": DATA / "wuhan" / "streets.parquet",
    }
    return {name: _reader(path) for name, path in files.items() if path.exists()}


def _reader(path: Path) -> Callable[[], Town]:
    return lambda: _real_town(path)


def _real_town(path: Path) -> Town:
    """Walkable streets of a file as this project reads them; loops and the longer of two parallel edges left out."""
    network = _network(path)
    low, high = np.minimum(network.edge_from, network.edge_to), np.maximum(network.edge_from, network.edge_to)
    order = np.lexsort((network.edge_m, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
    kept = order[first]
    rng = np.random.default_rng(SEED)
    return _furnished(network.node_x, network.node_y, low[kept], high[kept], network.edge_m[kept], rng)


def _network(path: Path):
    import geopandas as gpd

    import lifecircle as lc
    from lifecircle.readers.osm import read_streets

    if path.suffix == ".pbf":
        streets = read_streets(path)[0]
    elif path.suffix == ".parquet":
        streets = gpd.read_parquet(path)
    else:
        import osmnx

        graph = osmnx.convert.to_undirected(osmnx.load_graphml(path))
        streets = osmnx.graph_to_gdfs(graph, nodes=False).reset_index(drop=True)[["highway", "geometry"]]
        streets["highway"] = streets["highway"].map(lambda one: one[0] if isinstance(one, list) else one)
    if streets.crs.is_geographic:
        streets = streets.to_crs(streets.estimate_utm_crs())
    return lc.build_network(streets.explode(ignore_index=True))


def _furnished(
    x: np.ndarray, y: np.ndarray, start: np.ndarray, end: np.ndarray, metres: np.ndarray, rng: np.random.Generator
) -> Town:
    """The largest component, with facilities and households at random nodes."""
    links = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(len(x), len(x)))
    part = connected_components(links, directed=False)[1]
    inside = part == np.bincount(part).argmax()
    number = np.cumsum(inside) - 1
    kept, n = inside[start], int(inside.sum())
    return Town(
        node_x=x[inside],
        node_y=y[inside],
        edge_from=number[start[kept]].astype(np.int64),
        edge_to=number[end[kept]].astype(np.int64),
        edge_m=np.maximum(np.round(metres[kept], 5), 1e-5),
        facilities=np.sort(rng.choice(n, max(round(n / NODES_PER_FACILITY), 5), replace=False)),
        households=rng.integers(0, MOST_HOUSEHOLDS + 1, n),
    )
