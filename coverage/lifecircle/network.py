"""The walking network: one frozen value that every search runs on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from lifecircle.crs import is_metric
from lifecircle.errors import NetworkError
from lifecircle.faults import hint
from lifecircle.walkers import BarrierRules, Walker, load_walkers, load_walking, may_walk, stops_walker

TICKS_PER_S = 100_000  # walks are whole numbers of 10 microseconds, so that a sum does not depend on its order
_EXIT_M = 1.0  # a street end this near to the edge of what is known leads out of it
_HULL_EXIT_M = 50.0  # the same where the edge is only guessed from the streets themselves


def ticks(minutes: float) -> int:
    """Minutes as whole ticks.

    >>> ticks(15)
    90000000
    """
    return round(minutes * 60 * TICKS_PER_S)


@dataclass(frozen=True, eq=False)
class Network:
    """Streets that a walker may use, as arrays; made by `build_network` and never changed.

    Attributes
    ----------
    node_x, node_y
        Where streets meet or end, in metres of `crs`.
    edge_from, edge_to, edge_ticks, edge_m
        For each piece of street: its end nodes, the walk along it in ticks, its length in metres.
    edges
        Geometry of each piece, with its `street_id`.
    indptr, neighbour, link
        For each node: the nodes next to it and the edges to them (compressed rows).
    island
        For each node: the number of its connected part; 0 is the one with the longest streets.
    exits
        Nodes where streets go on beyond what is known.

    """

    walker: Walker
    crs: str
    node_x: np.ndarray
    node_y: np.ndarray
    edge_from: np.ndarray
    edge_to: np.ndarray
    edge_ticks: np.ndarray
    edge_m: np.ndarray
    edges: gpd.GeoSeries
    indptr: np.ndarray
    neighbour: np.ndarray
    link: np.ndarray
    island: np.ndarray
    exits: np.ndarray

    def __repr__(self) -> str:
        """Counts, length and walker."""
        km = self.edge_m.sum() / 1000
        islands = int(self.island.max()) + 1
        counts = f"{len(self.node_x):,} nodes, {len(self.edge_m):,} edges, {km:,.1f} km, {islands} islands"
        return f"Network({counts}; {self.walker.name})"

    def leg_ticks(self, metres: np.ndarray) -> np.ndarray:
        """The walk between a place and its street, in ticks."""
        return np.rint(metres / self.walker.speed_m_per_s * TICKS_PER_S).astype(np.int64)

    def to_networkx(self) -> nx.MultiGraph[int]:
        """The network as NetworkX and OSMnx read it.

        Nodes carry x, y; edges carry osmid (the street_id), length in metres, minutes and geometry; the graph its crs.
        """
        graph: nx.MultiGraph[int] = nx.MultiGraph(crs=self.crs)
        graph.add_nodes_from(
            (node, {"x": x, "y": y})
            for node, (x, y) in enumerate(zip(self.node_x.tolist(), self.node_y.tolist(), strict=True))
        )
        minutes = self.edge_ticks / (60 * TICKS_PER_S)
        rows = zip(
            self.edge_from, self.edge_to, self.edges.index, self.edge_m, minutes, self.edges.to_numpy(), strict=True
        )
        for start, end, street_id, metres, walk, line in rows:
            graph.add_edge(
                int(start), int(end), osmid=street_id, length=float(metres), minutes=float(walk), geometry=line
            )
        return graph


def build_network(
    streets: gpd.GeoDataFrame,
    *,
    walker: Walker | str = "adult",
    gates: Literal["open", "closed"] = "open",
    extent: Polygon | None = None,
    settings: Path | None = None,
) -> Network:
    """The walking network of streets.

    Parameters
    ----------
    streets
        Lines in a metric CRS; columns as in `CONTRACTS["streets"]`. Without `from_node` and `to_node`, streets are
        joined where their ends have the same coordinates to the millimetre.
    walker
        `adult`, `elderly`, or a `Walker` of your own.
    gates
        `open` lets everybody through a gate that is not locked, `closed` nobody through any gate.
    extent
        Where the streets are known, in the same CRS; what lies beyond is unknown. None takes the hull of the streets.
    settings
        A walking.toml of your own.

    Returns
    -------
    Network
        Pieces of street without length are left out. Islands are kept.

    Raises
    ------
    NetworkError
        The CRS is not metric, no street may be walked, or a street has no line.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 50)])]
    >>> streets = gpd.GeoDataFrame(geometry=lines, crs="EPSG:4549")
    >>> build_network(streets)
    Network(3 nodes, 2 edges, 0.1 km, 1 islands; adult)

    """
    _require_metric(streets, "streets")
    walking = load_walking(settings)
    usable = streets[may_walk(streets, walking.streets)]
    if not len(usable):
        raise NetworkError(
            f"streets: none of {len(streets)} may be walked; expected walkable `highway` classes. Look at walking.toml"
        )
    odd = usable.geometry.isna() | (usable.geom_type != "LineString")
    if odd.any():
        raise NetworkError(
            f"streets: {int(odd.sum())} rows are no single line, the first is {usable.index[odd][0]}. Try explode()"
        )
    usable = _in_order(usable[usable.length > 0])
    usable = usable if extent is None else _cut_at_edge(usable, extent)
    from_node, to_node, x, y = _nodes(usable, walking.barriers, gates)
    one = _walker(walker, settings)
    metres = usable.length.to_numpy()
    indptr, neighbour, link = _rows(from_node, to_node, len(x))
    return Network(
        walker=one,
        crs=streets.crs.to_string(),
        node_x=_frozen(x),
        node_y=_frozen(y),
        edge_from=_frozen(from_node),
        edge_to=_frozen(to_node),
        edge_ticks=_frozen(np.maximum(np.rint(metres / one.speed_m_per_s * TICKS_PER_S), 1).astype(np.int64)),
        edge_m=_frozen(metres),
        edges=usable.geometry,
        indptr=_frozen(indptr),
        neighbour=_frozen(neighbour),
        link=_frozen(link),
        island=_frozen(_islands(from_node, to_node, metres, len(x))),
        exits=_frozen(_exits(x, y, usable, extent)),
    )


def _require_metric(table: gpd.GeoDataFrame, name: str) -> None:
    if table.crs is None:
        raise NetworkError(f"{name}: no CRS; a metric CRS is needed. Try {name}.set_crs(...)")
    if not is_metric(table.crs):
        found = f"{table.crs.to_string()} ({'degrees' if table.crs.is_geographic else 'not metres'})"
        raise NetworkError(
            f"{name}: CRS is {found}; a metric CRS is needed. Try {name}.to_crs({name}.estimate_utm_crs())"
        )


def _walker(walker: Walker | str, settings: Path | None) -> Walker:
    if isinstance(walker, Walker):
        return walker
    known = load_walkers(settings)
    if walker not in known:
        raise NetworkError(
            f"walker is '{walker}'; expected one of {', '.join(known)} or a Walker{hint(walker, known)['hint']}"
        )
    return known[walker]


def _in_order(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets in the order of their keys, so that the order of rows in the file changes nothing."""
    if "street_id" in streets and not streets["street_id"].duplicated().any():
        keys = streets["street_id"].astype("str")
    else:
        places = pd.Series(shapely.to_wkb(streets.geometry.to_numpy())).rank(method="first").astype(int)
        keys = pd.Series(places.map("line/{:08d}".format).to_numpy(), index=streets.index)
    return streets.set_axis(pd.Index(keys, name="street_id")).sort_index(kind="stable")


def _cut_at_edge(streets: gpd.GeoDataFrame, extent: Polygon) -> gpd.GeoDataFrame:
    """Streets cut where they cross the edge of what is known, so that a walk can leave it just there."""
    edge = shapely.boundary(extent)
    crossing = np.flatnonzero(shapely.intersects(streets.geometry.to_numpy(), edge))
    pieces = [streets.drop(streets.index[crossing])]
    for place in crossing:
        row, line = streets.iloc[[place]], streets.geometry.iloc[place]
        spots = shapely.get_coordinates(shapely.intersection(line, edge))
        along = shapely.line_locate_point(line, shapely.points(spots))
        inner = np.unique(np.round(along[(along > _EXIT_M) & (along < line.length - _EXIT_M)], 3))
        cuts = [0.0, *inner.tolist(), line.length]
        parts = [substring(line, start, end) for start, end in pairwise(cuts)]
        pieces.append(_pieces(row, parts) if len(parts) > 1 else row)
    return gpd.GeoDataFrame(pd.concat(pieces), crs=streets.crs).sort_index(kind="stable")


def _pieces(row: gpd.GeoDataFrame, parts: list[Point | LineString]) -> gpd.GeoDataFrame:
    """One street as several: nodes between them are new, barriers stay at its ends."""
    key, n = row.index[0], len(parts)
    table = row.loc[[key] * n].set_geometry(gpd.GeoSeries(parts, index=[key] * n, crs=row.crs))
    table.index = pd.Index([f"{key}#{number}" for number in range(n)], name=row.index.name)
    between = [f"{key}#{number}" for number in range(1, n)]
    for name, first, last in (("node", between, between), ("barrier", [""] * (n - 1), [""] * (n - 1))):
        start, end = f"from_{name}", f"to_{name}"
        if start in table and end in table:
            table[start], table[end] = [row[start].iloc[0], *first], [*last, row[end].iloc[0]]
    return table


def _nodes(
    streets: gpd.GeoDataFrame, barriers: BarrierRules, gates: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """End nodes of every street, and where nodes lie; streets that meet at a barrier that stops people do not join."""
    lines = streets.geometry.to_numpy()
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)])
    if (
        "from_node" in streets
        and (streets["from_node"].fillna("") != "").all()
        and (streets["to_node"].fillna("") != "").all()
    ):
        keys = pd.concat([streets["from_node"], streets["to_node"]]).astype("str").to_numpy(dtype=object)
    else:
        keys = np.array([f"{x:.3f} {y:.3f}" for x, y in np.round(ends, 3) + 0.0], dtype=object)
    for place, name in enumerate(("from_barrier", "to_barrier")):
        if name in streets:
            stopped = np.flatnonzero(stops_walker(streets[name], barriers, gates=gates)) + place * len(streets)
            keys[stopped] = [f"{keys[end]} behind {end}" for end in stopped]
    codes, names = pd.factorize(keys, sort=True)
    first = np.unique(codes, return_index=True)[1]
    codes = codes.astype(np.int32)
    return codes[: len(lines)], codes[len(lines) :], ends[first, 0], ends[first, 1] if len(names) else ends[:0, 1]


def _rows(from_node: np.ndarray, to_node: np.ndarray, n_nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    both, other = np.concatenate([from_node, to_node]), np.concatenate([to_node, from_node])
    order = np.argsort(both, kind="stable")
    indptr = np.zeros(n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(both, minlength=n_nodes), out=indptr[1:])
    edges = np.tile(np.arange(len(from_node), dtype=np.int32), 2)
    return indptr, other[order].astype(np.int32), edges[order]


def _islands(from_node: np.ndarray, to_node: np.ndarray, metres: np.ndarray, n_nodes: int) -> np.ndarray:
    """Connected parts numbered from the one with the longest streets down."""
    links = coo_array((np.ones(len(from_node), dtype=np.int8), (from_node, to_node)), shape=(n_nodes, n_nodes))
    n_parts, part = connected_components(links, directed=False)
    length = np.bincount(part[from_node], weights=metres, minlength=n_parts)
    rank = np.empty(n_parts, dtype=np.int32)
    rank[np.argsort(-np.round(length, 3), kind="stable")] = np.arange(n_parts, dtype=np.int32)
    return np.asarray(rank[part])


def _exits(x: np.ndarray, y: np.ndarray, streets: gpd.GeoDataFrame, extent: Polygon | None) -> np.ndarray:
    edge = extent or shapely.convex_hull(shapely.multipoints(np.column_stack([x, y])))
    nodes = shapely.points(x, y)
    shapely.prepare(edge)
    near = shapely.dwithin(nodes, shapely.boundary(edge), _EXIT_M if extent is not None else _HULL_EXIT_M)
    return np.flatnonzero(near | ~shapely.intersects(edge, nodes)).astype(np.int32)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
