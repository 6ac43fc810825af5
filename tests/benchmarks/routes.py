"""Which ways two walks take: this project's by NetworkX on its own network, Valhalla's as it tells."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import networkx as nx
import shapely
import valhalla

import lifecircle as lc

Ways = dict[int, float]


def our_ways(network: lc.Network, ends: list[shapely.Point]) -> Ways:
    """Metres on each way of the shortest walk between two points on the network."""
    graph = nx.MultiGraph(network.to_networkx())
    tree = shapely.STRtree(network.edges.to_numpy())
    for name, point in zip(("start", "goal"), ends, strict=True):
        edge = int(tree.nearest(point))
        along = float(shapely.line_locate_point(network.edges.iloc[edge], point))
        osmid = network.edges.index[edge]
        graph.add_edge(name, int(network.edge_from[edge]), length=along, osmid=osmid)
        graph.add_edge(name, int(network.edge_to[edge]), length=float(network.edge_m[edge]) - along, osmid=osmid)
    path = nx.shortest_path(graph, "start", "goal", weight="length")
    metres: Counter[int] = Counter()
    for one, other in pairwise(path):
        step = min(graph[one][other].values(), key=lambda data: data["length"])
        metres[int(step["osmid"].split("/")[1].split("#")[0])] += step["length"]
    return dict(metres)


def their_ways(router: valhalla.Actor, shape: list[tuple[float, float]], costing: dict[str, Any]) -> Ways:
    """Metres on each way of a walk of Valhalla's."""
    request = {
        "shape": [{"lon": lon, "lat": lat} for lon, lat in shape],
        "costing": "pedestrian",
        "costing_options": costing,
        "shape_match": "edge_walk",
        "filters": {"attributes": ["edge.way_id", "edge.length"], "action": "include"},
    }
    metres: Counter[int] = Counter()
    for edge in router.trace_attributes(request)["edges"]:
        metres[edge["way_id"]] += edge["length"] * 1000
    return dict(metres)


def only_in(ways: Ways, other: Ways) -> str:
    """Ways that the other walk does not take, the longest first."""
    alone = sorted(set(ways) - set(other), key=lambda way: -ways[way])
    return ", ".join(f"way/{way} ({ways[way]:.0f} m)" for way in alone) or "none"
