"""Streets put in an order of their own, and cut at the edge of what is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from lifecircle.cuts import cut_at
from lifecircle.nodes import EXIT_M


def in_order(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets in the order of their keys, so that the order of rows in the file changes nothing."""
    if "street_id" in streets and not streets["street_id"].duplicated().any():
        keys = streets["street_id"].astype("str")
    else:
        keys = pd.Series(line_keys(streets), index=streets.index)
    named = streets.set_axis(pd.Index(keys, name="street_id"))
    return named if named.index.is_monotonic_increasing else named.sort_index(kind="stable")


def line_keys(streets: gpd.GeoDataFrame) -> list[str]:
    """A key for each street from its line; of several with the same line, from what the other columns say.

    `row` is where a street stood in its file and counts for nothing.

    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"] * 2)
    >>> line_keys(gpd.GeoDataFrame({"highway": ["steps", "footway"]}, geometry=lines))
    ['line/00000002', 'line/00000001']
    """
    course = pd.Series(shapely.to_wkb(streets.geometry.to_numpy()))
    places = course.rank(method="first").astype(int)
    alike = course.duplicated(keep=False)
    if alike.any():
        names = sorted(set(streets.columns) - {streets.geometry.name, "row"}, key=str)
        rows = pd.DataFrame(streets)[names][alike.to_numpy()].itertuples(index=False, name=None)
        table = pd.DataFrame({"course": course[alike], "said": [repr(row) for row in rows]})
        order = table.sort_values(["course", "said"], kind="stable").index
        places[order] = np.sort(places[alike])
    return [f"line/{place:08d}" for place in places]


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
