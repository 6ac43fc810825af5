"""Streets put in an order of their own, and cut at the edge of what is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from lifecircle.cuts import cut_at, line_keys
from lifecircle.nodes import EXIT_M


def in_order(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets in the order of their keys, so that the order of rows in the file changes nothing."""
    if "street_id" in streets and not streets["street_id"].duplicated().any():
        keys = streets["street_id"].astype("str")
    else:
        keys = pd.Series(line_keys(streets), index=streets.index)
    named = streets.set_axis(pd.Index(keys, name="street_id"))
    return named if named.index.is_monotonic_increasing else named.sort_index(kind="stable")


def cut_at_edge(streets: gpd.GeoDataFrame, extent: Polygon) -> gpd.GeoDataFrame:
    """Streets cut where they cross the edge of what is known, so that a walk can leave it just there."""
    edge, lines = shapely.boundary(extent), streets.geometry.to_numpy()
    shapely.prepare(edge)
    crossing = np.flatnonzero(shapely.intersects(edge, lines))
    spots, part = shapely.get_coordinates(shapely.intersection(lines[crossing], edge), return_index=True)
    line = crossing[part]
    along = shapely.line_locate_point(lines[line], shapely.points(spots))
    inner = (along > EXIT_M) & (along < shapely.length(lines[line]) - EXIT_M)
    if not inner.any():
        return streets
    numbers, cut = np.unique(line[inner], return_inverse=True)
    whole = np.ones(len(streets), dtype=bool)
    whole[numbers] = False
    some = streets.iloc[numbers]
    pieces = cut_at(some.assign(street_id=some.index), cut, spots[inner])
    pieces = pieces.set_index("street_id", drop="street_id" not in streets)
    return gpd.GeoDataFrame(pd.concat([streets[whole], pieces]), crs=streets.crs).sort_index(kind="stable")
