"""cityseer: its compiled network structure, with facilities and households as data points on the nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from cityseer import rustalgos
from networks import LIMIT_M, Town

_FLAT = "1"


@dataclass
class Built:
    """A network structure, and its data points once a task has needed them."""

    structure: rustalgos.graph.NetworkStructure
    maps: dict[str, rustalgos.data.DataMap]


def handed_over(_: str, answer: np.ndarray) -> np.ndarray:
    return answer


def build(town: Town) -> Built:
    structure = rustalgos.graph.NetworkStructure()
    x, y = town.node_x.tolist(), town.node_y.tolist()
    for node in range(len(x)):
        structure.add_street_node(node, x[node], y[node], True, 1.0)
    for start, end in zip(town.edge_from.tolist(), town.edge_to.tolist(), strict=True):
        for one, other in ((start, end), (end, start)):
            line = f"LINESTRING({x[one]!r} {y[one]!r},{x[other]!r} {y[other]!r})"
            structure.add_street_edge(one, other, 0, one, other, line)
    structure.build_edge_rtree()
    return Built(structure, {})


def nearest(built: Built, town: Town) -> np.ndarray:
    metres = _access(built, town).distance[LIMIT_M]
    return np.where(np.isnan(metres), np.inf, metres)


def counts(built: Built, town: Town) -> np.ndarray:
    return _access(built, town).count[LIMIT_M]


def sums(built: Built, town: Town) -> np.ndarray:
    """Only facilities are live: the others are walked over and not searched from."""
    for node in range(len(town.node_x)):
        built.structure.set_node_live(node, False)
    for node in town.facilities.tolist():
        built.structure.set_node_live(node, True)
    found = node_sums(built, town)
    for node in range(len(town.node_x)):
        built.structure.set_node_live(node, True)
    return found[town.facilities]


def node_sums(built: Built, town: Town) -> np.ndarray:
    points = _points(built, town, "households", np.arange(len(town.node_x)))
    values = dict(enumerate(town.households.astype(float).tolist()))
    found = points.stats(
        built.structure, [values], distances=[LIMIT_M], decay_fn=_FLAT, measures=["sum"], pbar_disabled=True
    )
    return found.result[0].sum[LIMIT_M]


def _access(built: Built, town: Town) -> rustalgos.data.LanduseAccess:
    points = _points(built, town, "facilities", town.facilities)
    kinds = dict.fromkeys(town.facilities.tolist(), "facility")
    found = points.accessibility(
        built.structure, kinds, ["facility"], distances=[LIMIT_M], decay_fn=_FLAT, pbar_disabled=True
    )
    return found.result["facility"]


def _points(built: Built, town: Town, name: str, nodes: np.ndarray) -> rustalgos.data.DataMap:
    """Data points at nodes, assigned to the streets once."""
    if name not in built.maps:
        points = rustalgos.data.DataMap()
        places = zip(nodes.tolist(), town.node_x[nodes].tolist(), town.node_y[nodes].tolist(), strict=True)
        for node, x, y in places:
            points.insert(node, f"POINT({x!r} {y!r})")
        points.assign_data_to_network(built.structure, 1.0, 6)
        built.maps[name] = points
    return built.maps[name]


TASKS = {"nearest": nearest, "sums": sums, "counts": counts, "node_sums": node_sums}
