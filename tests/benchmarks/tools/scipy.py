"""SciPy's Dijkstra on a sparse matrix; in ticks, which floating point holds exactly, so that it can be the referee."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from networks import LIMIT_M, TICKS_PER_M, Town
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from tasks import SAMPLED_NODES

_LIMIT = float(LIMIT_M * TICKS_PER_M)
_CELLS = 16_000_000  # of the dense answer that is held at a time


def build(town: Town) -> csr_array:
    start, end = np.concatenate([town.edge_from, town.edge_to]), np.concatenate([town.edge_to, town.edge_from])
    ticks = np.tile(np.rint(town.edge_m * TICKS_PER_M), 2)
    return csr_array((ticks, (start, end)), shape=(len(town.node_x),) * 2)


def handed_over(task: str, answer: Any) -> np.ndarray:
    if task == "pairs":
        which, node, ticks = answer
        return np.column_stack([which, node, ticks / TICKS_PER_M])
    return answer / TICKS_PER_M if "nearest" in task else answer


def nearest(graph: csr_array, town: Town) -> np.ndarray:
    return dijkstra(graph, indices=town.facilities, min_only=True, limit=_LIMIT)


def nearest_any(graph: csr_array, town: Town) -> np.ndarray:
    return dijkstra(graph, indices=town.facilities, min_only=True)


def pairs(graph: csr_array, town: Town) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = list(_reached(graph, town.facilities))
    which, node, ticks = (np.concatenate(column) for column in zip(*found, strict=True))
    return which, node, ticks


def sums(graph: csr_array, town: Town) -> np.ndarray:
    return _sums(graph, town.facilities, town.households)


def k_nearest(graph: csr_array, town: Town) -> np.ndarray:
    return _ranked(*pairs(graph, town)[1:], len(town.node_x))


def _ranked(node: np.ndarray, ticks: np.ndarray, n_nodes: int) -> np.ndarray:
    """The five shortest walks to every node among pairs."""
    order = np.lexsort((ticks, node))
    node, ticks = node[order], ticks[order]
    rank = np.arange(len(node)) - np.searchsorted(node, node)
    best = np.full((n_nodes, 5), np.inf)
    best[node[rank < 5], rank[rank < 5]] = ticks[rank < 5]
    return best


def counts(graph: csr_array, town: Town) -> np.ndarray:
    n = np.zeros(len(town.node_x))
    for _, node, _ in _reached(graph, town.facilities):
        n += np.bincount(node, minlength=len(n))
    return n


def referee(town: Town, tasks: list[str]) -> dict[str, np.ndarray]:
    """The answers that every tool's are compared with, each pair searched once."""
    graph = build(town)
    answers: dict[str, Any] = {task: TASKS[task](graph, town) for task in ("nearest", "nearest_any") if task in tasks}
    if {"pairs", "sums", "k_nearest", "counts"} & set(tasks):
        which, node, ticks = answers["pairs"] = pairs(graph, town)
        answers["sums"] = np.bincount(which, weights=town.households[node], minlength=len(town.facilities))
        answers["counts"] = np.bincount(node, minlength=len(town.node_x)).astype(float)
        answers["k_nearest"] = _ranked(node, ticks, len(town.node_x))
    if "node_sums" in tasks:
        answers["node_sums"] = _sampled_node_sums(graph, town)
    return {task: handed_over(task, answer) for task, answer in answers.items()}


def _sampled_node_sums(graph: csr_array, town: Town) -> np.ndarray:
    """Sums at a sample of the nodes, NaN at the others: a search from every node would take hours."""
    every = np.full(len(town.node_x), np.nan)
    step = max(len(every) // SAMPLED_NODES, 1)
    every[::step] = _sums(graph, np.arange(len(every))[::step], town.households)
    return every


def _sums(graph: csr_array, sources: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sums = np.zeros(len(sources))
    for which, node, _ in _reached(graph, sources):
        sums += np.bincount(which, weights=weights[node], minlength=len(sums))
    return sums


def _reached(graph: csr_array, sources: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Sources, nodes they reach and ticks between them, a block of sources at a time."""
    size = max(_CELLS // graph.shape[0], 1)
    for first in range(0, len(sources), size):
        walks = dijkstra(graph, indices=sources[first : first + size], limit=_LIMIT)
        which, node = np.nonzero(np.isfinite(walks))
        yield which + first, node, walks[which, node]


TASKS = {
    "nearest": nearest,
    "nearest_any": nearest_any,
    "sums": sums,
    "k_nearest": k_nearest,
    "pairs": pairs,
    "counts": counts,
}
