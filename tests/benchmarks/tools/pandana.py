"""pandana: a contracted network, points of interest, range queries and aggregations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandana
import pandas as pd
from networks import LIMIT_M, Town

_FAR = 1e9


def build(town: Town) -> pandana.Network:
    return pandana.Network(
        pd.Series(town.node_x),
        pd.Series(town.node_y),
        pd.Series(town.edge_from),
        pd.Series(town.edge_to),
        pd.DataFrame({"distance": town.edge_m}),
        twoway=True,
    )


def handed_over(task: str, answer: Any) -> np.ndarray:
    if task == "pairs":
        found, facilities = answer
        which = np.searchsorted(facilities, found["source"])
        return np.column_stack([which, found["destination"], found["distance"]])
    if "nearest" in task:
        metres = answer.to_numpy()
        metres = np.where(metres >= _FAR, np.inf, metres)
        return metres if task == "k_nearest" else metres[:, 0]
    return answer


def nearest(network: pandana.Network, town: Town) -> pd.DataFrame:
    return _nearest(network, town, LIMIT_M, 1)


def nearest_any(network: pandana.Network, town: Town) -> pd.DataFrame:
    across = float(np.ceil(np.ptp(town.node_x) + np.ptp(town.node_y)))  # as good as no limit
    return _nearest(network, town, across, 1)


def k_nearest(network: pandana.Network, town: Town) -> pd.DataFrame:
    return _nearest(network, town, LIMIT_M, 5)


def _nearest(network: pandana.Network, town: Town, limit_m: float, k: int) -> pd.DataFrame:
    x, y = pd.Series(town.node_x[town.facilities]), pd.Series(town.node_y[town.facilities])
    category = f"within {limit_m:.0f}"  # a category keeps the limit that it was first given
    network.set_pois(category=category, maxdist=limit_m, maxitems=k, x_col=x, y_col=y)
    return network.nearest_pois(limit_m, category, num_pois=k, max_distance=_FAR)


def pairs(network: pandana.Network, town: Town) -> tuple[pd.DataFrame, np.ndarray]:
    return network.nodes_in_range(town.facilities, LIMIT_M), town.facilities


def sums(network: pandana.Network, town: Town) -> np.ndarray:
    found = network.nodes_in_range(town.facilities, LIMIT_M)
    which = np.searchsorted(town.facilities, found["source"])
    households = town.households[found["destination"].to_numpy()]
    return np.bincount(which, weights=households, minlength=len(town.facilities))


def counts(network: pandana.Network, town: Town) -> np.ndarray:
    network.set(pd.Series(town.facilities), name="facilities")
    return network.aggregate(LIMIT_M, type="sum", decay="flat", name="facilities").to_numpy()


def node_sums(network: pandana.Network, town: Town) -> np.ndarray:
    network.set(pd.Series(np.arange(len(town.node_x))), variable=pd.Series(town.households), name="households")
    return network.aggregate(LIMIT_M, type="sum", decay="flat", name="households").to_numpy()


def precompute(network: pandana.Network, town: Town) -> None:
    network.precompute(LIMIT_M)


TASKS = {
    "nearest": nearest,
    "sums": sums,
    "k_nearest": k_nearest,
    "pairs": pairs,
    "counts": counts,
    "node_sums": node_sums,
    "precompute": precompute,
    "node_sums_after": node_sums,
    "nearest_any": nearest_any,  # slowest
}
