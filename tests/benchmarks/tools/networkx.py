"""NetworkX: one search from all facilities, and one bounded search from each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
from networks import LIMIT_M, Town


def build(town: Town) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(town.node_x)))
    rows = zip(town.edge_from.tolist(), town.edge_to.tolist(), town.edge_m.tolist(), strict=True)
    graph.add_weighted_edges_from(rows)
    return graph


def handed_over(task: str, answer: Any) -> np.ndarray:
    if task == "pairs":
        rows = [np.column_stack([np.full(len(one), which), list(one), list(one.values())]) for which, one in answer]
        return np.concatenate(rows)
    if task.startswith("nearest"):
        walks, n_nodes = answer
        metres = np.full(n_nodes, np.inf)
        metres[list(walks)] = list(walks.values())
        return metres
    return np.array(answer)


def nearest(graph: nx.Graph, town: Town) -> tuple[dict[int, float], int]:
    return _nearest(graph, town, LIMIT_M)


def nearest_any(graph: nx.Graph, town: Town) -> tuple[dict[int, float], int]:
    return _nearest(graph, town, None)


def _nearest(graph: nx.Graph, town: Town, limit_m: float | None) -> tuple[dict[int, float], int]:
    walks = nx.multi_source_dijkstra_path_length(graph, set(town.facilities.tolist()), cutoff=limit_m)
    return walks, len(town.node_x)


def pairs(graph: nx.Graph, town: Town) -> list[tuple[int, dict[int, float]]]:
    return list(_reached(graph, town))


def sums(graph: nx.Graph, town: Town) -> list[int]:
    households = town.households.tolist()
    return [sum(households[node] for node in walks) for _, walks in _reached(graph, town)]


def k_nearest(graph: nx.Graph, town: Town) -> list[list[float]]:
    best: list[list[float]] = [[] for _ in range(len(town.node_x))]
    for _, walks in _reached(graph, town):
        for node, metres in walks.items():
            best[node].append(metres)
    return [(sorted(walks) + [np.inf] * 5)[:5] for walks in best]


def counts(graph: nx.Graph, town: Town) -> np.ndarray:
    n = np.zeros(len(town.node_x))
    for _, walks in _reached(graph, town):
        n[list(walks)] += 1
    return n


def _reached(graph: nx.Graph, town: Town) -> Iterator[tuple[int, dict[int, float]]]:
    for which, node in enumerate(town.facilities.tolist()):
        yield which, nx.single_source_dijkstra_path_length(graph, node, cutoff=LIMIT_M)


TASKS = {
    "nearest": nearest,
    "nearest_any": nearest_any,
    "sums": sums,
    "k_nearest": k_nearest,
    "pairs": pairs,
    "counts": counts,
}
