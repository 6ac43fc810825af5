"""rustworkx: one search from a node that is joined to every facility. Its searches take no limit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import rustworkx
from networks import LIMIT_M, Town


def build(town: Town) -> rustworkx.PyGraph:
    n = len(town.node_x)
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(n + 1))
    graph.add_edges_from(
        list(zip(town.edge_from.tolist(), town.edge_to.tolist(), town.edge_m.tolist(), strict=True))
        + [(n, node, 0.0) for node in town.facilities.tolist()]
    )
    return graph


def handed_over(task: str, answer: Mapping[int, float]) -> np.ndarray:
    nodes = np.fromiter(answer.keys(), dtype=np.int64)
    metres = np.full(len(nodes), np.inf)
    metres[nodes] = np.fromiter(answer.values(), dtype=float)
    return np.where(metres <= LIMIT_M, metres, np.inf) if task == "nearest" else metres


def nearest(graph: rustworkx.PyGraph, town: Town) -> Mapping[int, float]:
    return rustworkx.dijkstra_shortest_path_lengths(graph, len(town.node_x), float)


TASKS = {"nearest": nearest, "nearest_any": nearest}
