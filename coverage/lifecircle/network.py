"""The walking network: one frozen value that every search runs on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon

from lifecircle.costs import Costs, Ways, costs_of, ticks_along, ways_of
from lifecircle.crs import is_metric
from lifecircle.errors import NetworkError
from lifecircle.faults import hint
from lifecircle.graph import NEVER, TICKS_PER_MIN, TICKS_PER_S, Graph, build_graph, frozen
from lifecircle.nodes import exits_of, islands_of, nodes_of, passages_of
from lifecircle.pieces import cut_at_edge, in_order
from lifecircle.walkers import Policy, Walker, load_walkers, load_walking, may_walk

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Network:
    """Streets that people may use, as arrays; made by `build_network` and never changed.

    Two networks are equal where their streets and their walker are, whatever they were built from.

    Attributes
    ----------
    walker
        Who walks.
    node_x, node_y
        Where streets meet or end, in metres of `crs`.
    edge_from, edge_to, edge_m
        For each piece of street: its end nodes, its length in metres.
    edges
        Geometry of each piece, with its `street_id`.
    ways, costs
        What each piece is, and what it costs the walker in ticks of 10 microseconds.
    passages
        Pairs of nodes that are joined one way only: gates for residents.
    exits
        Nodes where streets go on beyond what is known.
    island
        For each node: the number of its connected part; 0 is the one with the longest streets, -1 where the walker
        takes no street.

    """

    walker: Walker
    crs: str
    node_x: np.ndarray
    node_y: np.ndarray
    edge_from: np.ndarray
    edge_to: np.ndarray
    edge_m: np.ndarray
    edges: gpd.GeoSeries
    ways: Ways
    costs: Costs
    passages: np.ndarray
    exits: np.ndarray

    def __repr__(self) -> str:
        """Counts, length and walker."""
        km = self.edge_m.sum() / 1000
        islands = int(self.island.max()) + 1
        counts = f"{len(self.node_x):,} nodes, {len(self.edge_m):,} edges, {km:,.1f} km, {islands} islands"
        return f"Network({counts}; {self.walker.name})"

    def __eq__(self, other: object) -> bool:
        """Whether streets and walker are the same."""
        return isinstance(other, Network) and self.digest == other.digest

    def __hash__(self) -> int:
        """From the digest."""
        return int(self.digest[:15], 16)

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: what is computed from them is computed again where it is needed."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of streets and walker."""
        total = hashlib.sha256(self.walker.model_dump_json().encode())
        total.update(self.crs.encode())
        total.update("\n".join(self.edges.index).encode())
        lines = shapely.get_coordinates(self.edges.to_numpy(), include_z=True)
        ways = [getattr(self.ways, one.name) for one in fields(self.ways) if one.name != "profile"]
        for array in (self.edge_from, self.edge_to, *ways, self.passages, self.exits, lines):
            total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()

    @cached_property
    def graph(self) -> Graph:
        """The arcs that the walker takes."""
        return self._graph(self.edge_from, self.edge_to, self.passages)

    @cached_property
    def reverse(self) -> Graph:
        """The same arcs turned round: a search over them from a facility gives the walks to it."""
        if not len(self.passages) and np.array_equal(self.costs.on, self.costs.back):
            return self.graph
        return self._graph(self.edge_to, self.edge_from, self.passages[:, ::-1])

    @cached_property
    def homeward(self) -> Graph:
        """The arcs of the walk home: those of `graph`, and residents are let in at their gates instead of out."""
        if not len(self.passages):
            return self.graph
        return self._graph(self.edge_from, self.edge_to, self.passages[:, ::-1])

    @cached_property
    def island(self) -> np.ndarray:
        """For each node the number of its connected part."""
        start, end = self.edge_from[self.usable], self.edge_to[self.usable]
        return frozen(islands_of(start, end, self.passages, self.edge_m[self.usable], len(self.node_x)))

    @cached_property
    def usable(self) -> np.ndarray:
        """Positions of the edges that the walker takes in one direction at least."""
        return np.flatnonzero((self.costs.on < NEVER) | (self.costs.back < NEVER))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the usable edges' lines."""
        return shapely.STRtree(self.edges.to_numpy()[self.usable])

    def for_walker(self, walker: Walker) -> Network:
        """The same network for somebody else: streets and nodes are shared, walks are not."""
        return replace(self, walker=walker, costs=costs_of(self.ways, walker))

    def ticks_along(self, edge: np.ndarray, metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ticks from the start of each edge to a point of it, and back, without the waits at its ends."""
        return ticks_along(self.ways, self.costs, edge, metres)

    def leg_ticks(self, metres: np.ndarray) -> np.ndarray:
        """The walk between a place and its street, in ticks."""
        return np.rint(metres / self.walker.speed_m_per_s * TICKS_PER_S).astype(np.int64)

    def to_networkx(self) -> nx.MultiDiGraph[int]:
        """The network as NetworkX and OSMnx read it: an edge for each direction that is walked.

        Nodes carry x, y; edges carry osmid (the street_id), length in metres, minutes with all waits, and geometry; the
        graph its crs. A gate for residents is an edge of no length.
        """
        import networkx as nx

        graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=self.crs)
        places = zip(self.node_x.tolist(), self.node_y.tolist(), strict=True)
        graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(places))
        lines = self.edges.to_numpy()
        wait = self.costs.from_wait + self.costs.to_wait
        both = (self.edge_from, self.edge_to, self.costs.on, lines), (
            self.edge_to, self.edge_from, self.costs.back, shapely.reverse(lines),
        )  # fmt: skip
        for starts, ends, walk, shapes in both:
            for edge in np.flatnonzero(walk < NEVER):
                graph.add_edge(
                    int(starts[edge]), int(ends[edge]), osmid=self.edges.index[edge], length=float(self.edge_m[edge]),
                    minutes=float((walk[edge] + wait[edge]) / TICKS_PER_MIN), geometry=shapes[edge],
                )  # fmt: skip
        for one, other in self.passages.tolist():
            graph.add_edge(one, other, osmid="gate", length=0.0, minutes=0.0)
        return graph

    def _graph(self, tail: np.ndarray, head: np.ndarray, passages: np.ndarray) -> Graph:
        wait = self.costs.from_wait + self.costs.to_wait
        on, back = (np.where(walk < NEVER, walk + wait, NEVER) for walk in (self.costs.on, self.costs.back))
        return build_graph(self.node_x, self.node_y, tail, head, on, back, passages=passages)


def build_network(
    streets: gpd.GeoDataFrame,
    *,
    walker: Walker | str = "adult",
    gates: Policy = "open",
    extent: Polygon | None = None,
    settings: Path | None = None,
) -> Network:
    """The walking network of streets.

    Parameters
    ----------
    streets
        Lines in a metric CRS; columns as in `CONTRACTS["streets"]`, heights as the lines' z. Without `from_node` and
        `to_node`, streets are joined where their ends have the same coordinates to the millimetre.
    walker
        `adult`, `elderly`, `wheelchair`, or a `Walker` of your own.
    gates
        What a gate does where neither its tag nor a gates layer says so: `open` lets everybody through, `residents`
        lets those who live behind it out and nobody in, `closed` nobody through.
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
        The CRS is not metric, no street may be walked, or a street has no line or no coordinates.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 50)])]
    >>> streets = gpd.GeoDataFrame(geometry=lines, crs="EPSG:4549")
    >>> build_network(streets)
    Network(3 nodes, 2 edges, 0.1 km, 1 islands; adult)

    """
    require_metric(streets, "streets")
    _require_policy(gates)
    walking = load_walking(settings)
    one = walker if isinstance(walker, Walker) else _named(walker, settings)
    usable = _walkable(streets, may_walk(streets, walking.streets))
    _require_inside(usable, extent)
    usable = in_order(usable)
    usable = usable if extent is None else cut_at_edge(usable, extent)
    nodes = nodes_of(usable, walking.barriers, gates)
    ways = ways_of(usable)
    passages = passages_of(nodes, ways.metres)
    return Network(
        walker=one,
        crs=streets.crs.to_string(),
        node_x=frozen(nodes.x),
        node_y=frozen(nodes.y),
        edge_from=frozen(nodes.start),
        edge_to=frozen(nodes.end),
        edge_m=frozen(ways.metres),
        edges=usable.geometry,
        ways=ways,
        costs=costs_of(ways, one),
        passages=frozen(passages),
        exits=frozen(exits_of(nodes, usable, extent)),
    )


def require_metric(table: gpd.GeoDataFrame, name: str) -> None:
    """Raise a `NetworkError` where a table's CRS is not in metres."""
    if table.crs is None:
        raise NetworkError(f"{name}: no CRS; a metric CRS is needed. Try {name}.set_crs(...)")
    if not is_metric(table.crs):
        found = f"{table.crs.to_string()} ({'degrees' if table.crs.is_geographic else 'not metres'})"
        raise NetworkError(
            f"{name}: CRS is {found}; a metric CRS is needed. Try {name}.to_crs({name}.estimate_utm_crs())"
        )


def _require_policy(gates: str) -> None:
    if gates not in get_args(Policy):
        known = ", ".join(get_args(Policy))
        raise NetworkError(f"gates is '{gates}'; expected one of {known}{hint(gates, get_args(Policy))['hint']}")


def _require_inside(streets: gpd.GeoDataFrame, extent: Polygon | None) -> None:
    if extent is not None and not shapely.box(*streets.total_bounds).intersects(extent):
        raise NetworkError(
            f"extent: {extent.bounds} (west, south, east, north); expected an area around the streets, which lie in "
            f"{tuple(streets.total_bounds.tolist())}. Put it in their CRS"
        )


def _named(walker: str, settings: Path | None) -> Walker:
    known = load_walkers(settings)
    if walker not in known:
        raise NetworkError(
            f"walker is '{walker}'; expected one of {', '.join(known)} or a Walker{hint(walker, known)['hint']}"
        )
    return known[walker]


def _walkable(streets: gpd.GeoDataFrame, allowed: np.ndarray) -> gpd.GeoDataFrame:
    """Streets that may be walked and have a length; an error where there are none, or where one is no line."""
    usable = streets[allowed]
    if not len(usable):
        raise NetworkError(
            f"streets: none of {len(streets)} may be walked; expected walkable `highway` classes. Look at walking.toml"
        )
    lines = usable.geometry.to_numpy()
    odd = shapely.is_missing(lines) | (shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING)
    if odd.any():
        raise NetworkError(
            f"streets: {int(odd.sum())} rows are no single line, the first is {usable.index[odd][0]}. Try explode()"
        )
    length = shapely.length(lines)
    if not np.isfinite(length).all():
        nowhere = np.flatnonzero(~np.isfinite(length))
        raise NetworkError(
            f"streets: {len(nowhere)} rows have coordinates that are no numbers, the first is "
            f"{usable.index[nowhere[0]]}; expected metres. Leave them out"
        )
    if not (length > 0).any():
        raise NetworkError(f"streets: none of {len(usable)} has a length; expected lines in metres. Look at the layer")
    return usable[length > 0]
