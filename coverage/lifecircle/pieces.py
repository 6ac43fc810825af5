"""Streets put in an order of their own, and cut at the edge of what is known."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from lifecircle.nodes import EXIT_M


def in_order(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets in the order of their keys, so that the order of rows in the file changes nothing."""
    if "street_id" in streets and not streets["street_id"].duplicated().any():
        keys = streets["street_id"].astype("str")
    else:
        places = pd.Series(shapely.to_wkb(streets.geometry.to_numpy())).rank(method="first").astype(int)
        keys = pd.Series(places.map("line/{:08d}".format).to_numpy(), index=streets.index)
    named = streets.set_axis(pd.Index(keys, name="street_id"))
    return named if named.index.is_monotonic_increasing else named.sort_index(kind="stable")


def cut_at_edge(streets: gpd.GeoDataFrame, extent: Polygon) -> gpd.GeoDataFrame:
    """Streets cut where they cross the edge of what is known, so that a walk can leave it just there."""
    edge = shapely.boundary(extent)
    shapely.prepare(edge)
    crossing = np.flatnonzero(shapely.intersects(edge, streets.geometry.to_numpy()))
    if not len(crossing):
        return streets
    whole = np.ones(len(streets), dtype=bool)
    whole[crossing] = False
    pieces = [streets[whole]]
    for place in crossing:
        row, line = streets.iloc[[place]], streets.geometry.iloc[place]
        spots = shapely.get_coordinates(shapely.intersection(line, edge))
        along = shapely.line_locate_point(line, shapely.points(spots))
        inner = np.unique(np.round(along[(along > EXIT_M) & (along < line.length - EXIT_M)], 3))
        cuts = [0.0, *inner.tolist(), line.length]
        parts = [substring(line, start, end) for start, end in pairwise(cuts)]
        pieces.append(_pieces(row, parts) if len(parts) > 1 else row)
    return gpd.GeoDataFrame(pd.concat(pieces), crs=streets.crs).sort_index(kind="stable")


def _pieces(row: gpd.GeoDataFrame, parts: list[Point | LineString]) -> gpd.GeoDataFrame:
    """One street as several: nodes between them are new, what stands at its ends stays there."""
    key, n = row.index[0], len(parts)
    table = row.loc[[key] * n].set_geometry(gpd.GeoSeries(parts, index=[key] * n, crs=row.crs))
    table.index = pd.Index([f"{key}#{number}" for number in range(n)], name=row.index.name)
    between = [f"{key}#{number}" for number in range(1, n)]
    for name in ("node", "barrier", "signal", "cut"):
        start, end = f"from_{name}", f"to_{name}"
        if start in table and end in table:
            first = last = between if name == "node" else [""] * (n - 1)
            table[start], table[end] = [row[start].iloc[0], *first], [*last, row[end].iloc[0]]
    return table
