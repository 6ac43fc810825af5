"""How far facilities lie from a road or the gate of a compound."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

# Streets that are no road to stand at: ways for people on foot or bicycles, and drives inside a plot.
_NO_ROADS = {
    "footway",
    "path",
    "steps",
    "cycleway",
    "bridleway",
    "corridor",
    "elevator",
    "track",
    "service",
    "platform",
}


def nearest_road_m(facilities: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> pd.Series:
    """Metres from each facility to the nearest road or compound gate, to a centimetre, as the crow flies.

    Roads are streets but for footways, paths, stairs, cycleways and service ways; a street without a class is one.
    Gates are those of the study's layer, and ends of streets with a barrier of the sort `gate`.

    Returns
    -------
    Series indexed by facility_id
        `nearest_road_m`; without the facilities where there is neither road nor gate.

    Examples
    --------
    >>> from shapely import LineString, Point
    >>> from lifecircle.tables import empty_table
    >>> road = {"highway": ["residential"]}
    >>> streets = gpd.GeoDataFrame(road, geometry=[LineString([(0, 0), (9, 0)])], crs="EPSG:4549")
    >>> sites = gpd.GeoDataFrame({"facility_id": ["F1"]}, geometry=[Point(3, 4)], crs="EPSG:4549")
    >>> nearest_road_m(sites, streets, empty_table("gates", "EPSG:4549")).tolist()
    [4.0]

    """
    highway = streets["highway"] if "highway" in streets else pd.Series("", index=streets.index)
    shapes = [*streets.geometry[~highway.isin(_NO_ROADS)], *gates.geometry]
    for side, corner in (("from", 0), ("to", -1)):
        if f"{side}_barrier" in streets:
            gated = streets.geometry[streets[f"{side}_barrier"].str.split("=").str[0].isin(["gate", "lift_gate"])]
            shapes += list(shapely.get_point(gated.to_numpy(), corner))
    if not shapes or not len(facilities):
        return pd.Series([], index=pd.Index([], name="facility_id"), dtype="float64", name="nearest_road_m")
    found, metres = shapely.STRtree(shapes).query_nearest(facilities.geometry, all_matches=False, return_distance=True)
    keys = pd.Index(facilities["facility_id"].to_numpy()[found[0]], name="facility_id")
    return pd.Series(metres.round(2), index=keys, name="nearest_road_m")
