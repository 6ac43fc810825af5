"""Places and the nearest point of the nearest street."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.network import Network

_TIE_M = 1e-6


def snap(network: Network, places: gpd.GeoDataFrame, *, key: str, snap_m: float = 100) -> pd.DataFrame:
    """Where each place meets the streets: the nearest point of an edge, not a node.

    Parameters
    ----------
    network
        The walking network.
    places
        Points in the network's CRS.
    key
        Column that holds the places' keys.
    snap_m
        A place farther from any street than this is `unsnapped`: it is listed and not moved.

    Returns
    -------
    DataFrame indexed by `key`, in the order of `places`
        edge (position, -1 if unsnapped), street_id, snap_m (metres to the street, NaN if unsnapped), along_m (metres
        from the edge's start), island, verdict (`snapped` or `unsnapped`). Of streets equally near, the one whose
        street_id sorts first is taken.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> network = lc.build_network(streets)
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 40)], crs="EPSG:4549")
    >>> lc.snap(network, homes, key="dwelling_id")[["snap_m", "along_m", "verdict"]].values.tolist()
    [[40.0, 30.0, 'snapped']]

    """
    points, lines = places.geometry.to_numpy(), network.edges.to_numpy()
    edge, metres = _nearest_edge(shapely.STRtree(lines), points, lines, snap_m)
    found = edge >= 0
    along = np.full(len(points), np.nan)
    along[found] = shapely.line_locate_point(lines[edge[found]], points[found])
    ids = network.edges.index.to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "edge": edge,
            "street_id": pd.array([ids[one] if one >= 0 else "" for one in edge], dtype="str"),
            "snap_m": metres,
            "along_m": along,
            "island": np.where(found, network.island[network.edge_from[edge]], -1),
            "verdict": pd.array(np.where(found, "snapped", "unsnapped"), dtype="str"),
        },
        index=pd.Index(places[key], name=key),
    )


def _nearest_edge(
    tree: shapely.STRtree, points: np.ndarray, lines: np.ndarray, snap_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Nearest edge of every point and the metres to it; among edges within a micrometre, the first."""
    edge, metres = np.full(len(points), -1, dtype=np.int64), np.full(len(points), np.nan)
    placed = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    (near, _), distance = tree.query_nearest(
        points[placed], max_distance=snap_m + _TIE_M, return_distance=True, all_matches=False
    )
    who = placed[near]
    within = distance <= snap_m + _TIE_M
    who, distance = who[within], distance[within]
    metres[who] = distance
    place, candidate = tree.query(points[who], predicate="dwithin", distance=distance + _TIE_M)
    first = np.full(len(who), len(lines), dtype=np.int64)
    np.minimum.at(first, place, candidate)
    edge[who] = first
    return edge, metres
