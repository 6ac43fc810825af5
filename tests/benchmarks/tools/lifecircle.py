"""This project: ticks on a graph, one thread unless the task says two."""

from __future__ import annotations

from typing import Any

import numpy as np
from networks import LIMIT_M, TICKS_PER_M, Town

from lifecircle import searches
from lifecircle.graph import NEVER, Graph, build_graph

_LIMIT = LIMIT_M * TICKS_PER_M


def build(town: Town) -> Graph:
    return build_graph(town.node_x, town.node_y, town.edge_from, town.edge_to, town.edge_ticks)


def handed_over(task: str, answer: Any) -> np.ndarray:
    if task.startswith("pairs"):
        return np.column_stack([answer.source, answer.place, answer.ticks / TICKS_PER_M])
    if "nearest" in task:
        return np.where(answer >= NEVER, np.inf, answer / TICKS_PER_M)
    return answer


def nearest(graph: Graph, town: Town) -> np.ndarray:
    return searches.nearest(graph, searches.starts_at(graph, town.facilities), _LIMIT)


def nearest_any(graph: Graph, town: Town) -> np.ndarray:
    return searches.nearest(graph, searches.starts_at(graph, town.facilities))


def k_nearest(graph: Graph, town: Town) -> np.ndarray:
    return searches.several_nearest(graph, searches.starts_at(graph, town.facilities), 5, _LIMIT)[0]


def pairs(graph: Graph, town: Town, threads: int = 1) -> searches.Pairs:
    facilities, everywhere = searches.starts_at(graph, town.facilities), searches.stands_everywhere(graph)
    return searches.pairs(graph, facilities, everywhere, _LIMIT, threads=threads)


def pairs_2(graph: Graph, town: Town) -> searches.Pairs:
    return pairs(graph, town, threads=2)


def sums(graph: Graph, town: Town, threads: int = 1) -> np.ndarray:
    return _both_sums(graph, town, threads)[0]


def sums_2(graph: Graph, town: Town) -> np.ndarray:
    return sums(graph, town, threads=2)


def counts(graph: Graph, town: Town) -> np.ndarray:
    return _both_sums(graph, town, threads=1)[1]


def _both_sums(graph: Graph, town: Town, threads: int) -> tuple[np.ndarray, np.ndarray]:
    """Households of each facility, and facilities of each node: one search tells both."""
    facilities, everywhere = searches.starts_at(graph, town.facilities), searches.stands_everywhere(graph)
    one_each = np.ones(len(town.facilities), dtype=np.int64)
    return searches.sums(
        graph, facilities, everywhere, _LIMIT, given=town.households, offered=one_each, threads=threads
    )


def node_sums(graph: Graph, town: Town, threads: int = 1) -> np.ndarray:
    everywhere = searches.stands_everywhere(graph)
    return searches.sums_of_nodes(graph, everywhere, _LIMIT, given=town.households, threads=threads)


def node_sums_2(graph: Graph, town: Town) -> np.ndarray:
    return node_sums(graph, town, threads=2)


TASKS = {
    "nearest": nearest,
    "nearest_any": nearest_any,
    "sums": sums,
    "sums_2": sums_2,
    "k_nearest": k_nearest,
    "pairs": pairs,
    "pairs_2": pairs_2,
    "counts": counts,
    "node_sums": node_sums,
    "node_sums_2": node_sums_2,
}
