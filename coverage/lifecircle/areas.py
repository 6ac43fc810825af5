"""The area that reaches a facility, drawn."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import substring

from lifecircle.errors import NetworkError
from lifecircle.kernels import FAR, nearest_walk
from lifecircle.network import Network, ticks
from lifecircle.reach import placed_on_streets

STREET_WIDTH_M = 30.0  # half the depth of building plots that a street serves; drawn, never measured


def catchments(
    network: Network, facilities: gpd.GeoDataFrame, *, limits_min: Sequence[float] = (5, 10, 15), snap_m: float = 100
) -> gpd.GeoDataFrame:
    """Drawn areas from which each facility is reached within each limit.

    The covered parts of streets, widened by 30 m: holes and separate parts are kept, and a smaller limit lies within a
    larger one. It is a picture of the network result, and nothing is measured on it.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Points in the network's CRS, keyed by `facility_id`; those not open are left out.
    limits_min
        Minutes of walking.
    snap_m
        How far from a street a facility may lie; those farther away have an empty area.

    Returns
    -------
    GeoDataFrame
        facility_id, limit_min, geometry; facilities in their order, limits from low to high.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (2000, 0)])], crs="EPSG:4549")
    >>> network = lc.build_network(streets)
    >>> shop = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["shop"]}, geometry=[Point(1000, 0)], crs="EPSG:4549")
    >>> lc.catchments(network, shop, limits_min=[5]).total_bounds.round().tolist()
    [670.0, -30.0, 1330.0, 30.0]

    """
    limits = sorted(limits_min)
    if not limits or limits[0] <= 0:
        raise NetworkError(f"limits_min is {list(limits_min)}; expected minutes above 0 such as [5, 10, 15]")
    keys, goal = placed_on_streets(network, facilities, snap_m)
    rows = []
    for place, key in enumerate(keys):
        walk = _walk_from(
            network, int(goal.edge[place]), int(goal.along[place]), int(goal.leg[place]), ticks(limits[-1])
        )
        for limit in limits:
            lines = _covered(
                network, walk, int(goal.edge[place]), int(goal.along[place]), int(goal.leg[place]), ticks(limit)
            )
            rows.append(
                {
                    "facility_id": key,
                    "limit_min": float(limit),
                    "geometry": shapely.buffer(shapely.union_all(lines), STREET_WIDTH_M),
                }
            )
    return gpd.GeoDataFrame(
        rows, columns=["facility_id", "limit_min", "geometry"], geometry="geometry", crs=network.crs
    )


def _walk_from(network: Network, edge: int, along: int, leg: int, limit: int) -> np.ndarray:
    if edge < 0:
        return np.full(len(network.node_x), FAR, dtype=np.int64)
    nodes = np.array([network.edge_from[edge], network.edge_to[edge]], dtype=np.int32)
    seeds = np.array([leg + along, leg + network.edge_ticks[edge] - along], dtype=np.int64)
    return np.asarray(
        nearest_walk(network.indptr, network.neighbour, network.link, network.edge_ticks, nodes, seeds, limit)
    )


def _covered(
    network: Network, walk: np.ndarray, edge: int, along: int, leg: int, limit: int
) -> list[shapely.LineString]:
    """The parts of edges within the limit: whole ones, and the ends of others."""
    start, end = walk[network.edge_from], walk[network.edge_to]
    length, lines = network.edge_ticks, network.edges.to_numpy()
    from_start, from_end = np.clip(limit - start, 0, length), np.clip(limit - end, 0, length)
    whole = from_start + from_end >= length
    parts = list(lines[whole])
    for one in np.flatnonzero(~whole & ((from_start > 0) | (from_end > 0))):
        line, share = lines[one], network.edge_m[one] / length[one]
        parts += [substring(line, 0, from_start[one] * share)] if from_start[one] else []
        parts += (
            [substring(line, network.edge_m[one] - from_end[one] * share, network.edge_m[one])] if from_end[one] else []
        )
    if edge >= 0 and leg <= limit:
        share = network.edge_m[edge] / length[edge]
        near, far = max(0, along - (limit - leg)), min(int(length[edge]), along + limit - leg)
        parts.append(substring(lines[edge], near * share, far * share))
    return parts
