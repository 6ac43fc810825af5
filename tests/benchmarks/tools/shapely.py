"""A bare nearest query of shapely's STRtree on the edges: the least that snapping can cost."""

from __future__ import annotations

import numpy as np
import shapely
from networks import Town, dwellings


def handed_over(_: str, answer: np.ndarray) -> np.ndarray:
    return answer


def build(town: Town) -> shapely.STRtree:
    return shapely.STRtree(edge_lines(town))


def edge_lines(town: Town) -> np.ndarray:
    """Every edge as a straight line."""
    places = np.column_stack([town.node_x, town.node_y])
    return shapely.linestrings(np.stack([places[town.edge_from], places[town.edge_to]], axis=1))


def snap(tree: shapely.STRtree, town: Town) -> np.ndarray:
    _, metres = tree.query_nearest(dwellings(town), return_distance=True, all_matches=False)
    return metres


TASKS = {"snap": snap}
