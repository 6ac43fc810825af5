"""What lies under a map: water, greens, buildings, walls and streets in and around the district."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.publish.codec import packed_shapes
from lifecircle.publish.simplify import simplified_lines
from lifecircle.result import Result

MOST_GROUND_POINTS = 400_000
_MARGIN_SHARE = 0.25  # of the longer side of the district, drawn around it
_TOLERANCES_M = {"water": 1.5, "green": 1.5, "buildings": 0.4, "barriers": 1.0, "major": 1.5, "minor": 1.5, "path": 2.0}
_LEAST_M2 = {"water": 60.0, "green": 150.0, "buildings": 12.0}
_MAJOR = {"motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link"}
_PATHS = {"footway", "path", "steps", "pedestrian", "track", "cycleway", "bridleway", "corridor"}
_AREAS = {"water": "water", "green": "green", "buildings": "building", "barriers": "wall"}
_WORTH = (
    "major",
    "water",
    "minor",
    "green",
    "buildings",
    "path",
    "barriers",
)  # what is kept first where all is too much


def drawn_ground(result: Result) -> dict[str, Any]:
    """Packed shapes by layer, None for a layer without any; streets by class.

    Where all of it is more than a map can hold, whole layers are left out, walls and paths first.
    """
    tables = result.tables
    west, south, east, north = tables.units.total_bounds
    margin = _MARGIN_SHARE * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    ground, streets = tables.ground.to_crs(tables.crs), tables.streets.to_crs(tables.crs)
    layers = {name: ground[ground["ground"] == kind] for name, kind in _AREAS.items()} | _classes(streets)
    drawn: dict[str, Any] = dict.fromkeys((*_AREAS, *_classes(streets)))
    left = MOST_GROUND_POINTS
    for name in _WORTH:
        shapes = _fewer_corners(_near(layers[name], frame), name)
        left -= int(shapely.get_num_coordinates(shapes).sum())
        if len(shapes) and left >= 0:
            drawn[name] = packed_shapes(gpd.GeoSeries(shapes, crs=tables.crs).to_crs("EPSG:4326").to_numpy())
    ways = ("major", "minor", "path")
    return {name: drawn[name] for name in _AREAS} | {"streets": {name: drawn[name] for name in ways}}


def _classes(streets: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    highway = streets["highway"].fillna("") if "highway" in streets else pd.Series("", index=streets.index)
    major, path = highway.isin(_MAJOR), highway.isin(_PATHS)
    return {"major": streets[major], "minor": streets[~major & ~path], "path": streets[path]}


def _near(table: gpd.GeoDataFrame, frame: shapely.Polygon) -> np.ndarray:
    shapely.prepare(frame)
    shapes = table.geometry.to_numpy()
    return np.asarray(shapely.get_parts(shapes[shapely.intersects(frame, shapes)]))


def _fewer_corners(shapes: np.ndarray, name: str) -> np.ndarray:
    """Lines joined and areas one by one, with fewer corners; what a screen never shows is left out."""
    tolerance_m = _TOLERANCES_M[name]
    dimensions = shapely.get_dimensions(shapes)
    lines = simplified_lines(shapes[dimensions == 1], tolerance_m=tolerance_m)
    areas = shapes[dimensions > 1]
    large = areas[shapely.area(areas) >= _LEAST_M2.get(name, 0.0)]
    return np.concatenate([shapely.simplify(large, tolerance_m), lines])
