"""The drawn ground under a map: land, water, greens and streets, faded beyond the district."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.publish.cartography_sheet import Sheet, area_path, drawn, line_path
from lifecircle.tables import Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

GROUND_ID = "ground"  # with a number behind it, of each part that is the same under all maps of a sheet
LAND, WATER, GREEN = "#f7f6f2", "#cfe3ee", "#e3ecd9"
_STREETS = {"major": ("#bdb8ac", 1.5), "minor": ("#cfcbc1", 0.7), "path": ("#d6d2c9", 0.4)}  # colour, width in points
_MAJOR = {"motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link"}
_PATHS = {"footway", "path", "steps", "pedestrian", "track", "cycleway", "bridleway", "corridor"}
_VEIL = 0.55  # how much of the ground beyond the district is faded
_WATER_OVER = 0.6  # opacity of water over the colour of a unit
_DENSEST = 0.9  # mm of street on a square mm of paper; finer classes are left out beyond it
"""So much that a town's streets are shown and a province's lanes don't turn the map grey."""


@dataclass(frozen=True)
class Ground:
    """Paths of the ground on one sheet, in mm, drawn alike under every map of it."""

    areas: tuple[tuple[str, Path], ...]
    streets: tuple[tuple[str, float, Path], ...]
    beyond: Path


def ground_of(tables: Tables, sheet: Sheet) -> Ground:
    """What lies within the sheet's frame."""
    ground = tables.ground.to_crs(tables.units.crs)
    near = _near(ground, sheet)
    areas = [(color, near[near["ground"] == kind]) for kind, color in (("green", GREEN), ("water", WATER))]
    return Ground(
        tuple((color, area_path(drawn(one.geometry, sheet))) for color, one in areas if len(one)),
        tuple(_streets(tables.streets.to_crs(tables.units.crs), sheet)),
        area_path(_beyond(tables.units, sheet)),
    )


def draw_ground(axes: Axes, ground: Ground, sheet: Sheet) -> None:
    """Draw land, greens, water and streets, cut at the frame, and fade what lies beyond the district."""
    from matplotlib.patches import PathPatch

    style: dict[str, Any] = {"edgecolor": "none", "zorder": 0}
    drawn_things = [PathPatch(area_path([shapely.box(*sheet.frame)]), facecolor=LAND, **style)]
    drawn_things += [PathPatch(path, facecolor=color, **style) for color, path in ground.areas]
    for color, width, path in ground.streets:
        line = {"edgecolor": color, "linewidth": width * sheet.text, "capstyle": "round", "joinstyle": "round"}
        drawn_things.append(PathPatch(path, facecolor="none", zorder=0, **line))
    drawn_things.append(PathPatch(ground.beyond, facecolor="white", alpha=_VEIL, **style))
    for n, one in enumerate(drawn_things):
        one.set_gid(f"{GROUND_ID}-{n}")
        one.set_clip_on(False)
        axes.add_artist(one)


def draw_water(axes: Axes, ground: Ground) -> None:
    """Draw water once more, over the colours of units: nobody lives on it."""
    from matplotlib.patches import PathPatch

    for color, path in ground.areas:
        if color == WATER:
            axes.add_artist(PathPatch(path, facecolor=color, alpha=_WATER_OVER, edgecolor="none"))


def _near(table: gpd.GeoDataFrame, sheet: Sheet) -> gpd.GeoDataFrame:
    if not len(table):
        return table
    west, south, east, north = sheet.ground
    return table.cx[west:east, south:north]


def _streets(streets: gpd.GeoDataFrame, sheet: Sheet) -> list[tuple[str, float, Path]]:
    """Classes from the largest down while they leave room to see; the largest is drawn on top."""
    streets = _near(streets, sheet)
    highway = streets["highway"].fillna("") if "highway" in streets else pd.Series("", index=streets.index)
    major, path = highway.isin(_MAJOR), highway.isin(_PATHS)
    west, south, east, north = sheet.frame
    room_mm = _DENSEST * (east - west) * (north - south)
    found = []
    for name, chosen in (("major", major), ("minor", ~major & ~path), ("path", path)):
        lines = streets.geometry[chosen].to_numpy()
        room_mm -= float(shapely.length(lines).sum()) * sheet.mm_per_m
        if room_mm < 0 or not len(lines):
            continue
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines))))
        found.append((*_STREETS[name], line_path(drawn(merged, sheet))))
    return found[::-1]


def _beyond(units: gpd.GeoDataFrame, sheet: Sheet) -> np.ndarray:
    """The frame without the district: its largest units together."""
    tier = next((one for one in ("subdistrict", "circle", "neighbourhood") if (units["tier"] == one).any()), "")
    shapes = units.geometry[units["tier"] == tier].to_numpy()
    valid = shapely.make_valid(drawn(shapes, sheet))
    return np.asarray([shapely.difference(shapely.box(*sheet.frame), shapely.union_all(valid))], dtype=object)
