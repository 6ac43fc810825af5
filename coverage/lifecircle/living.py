"""Where households may live: homes, cells of a population grid, addresses, pieces of streets, each by its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.keys import places_among
from lifecircle.places import unit_of_places
from lifecircle.words import plain, shipped

Over = Literal["buildings", "grid", "addresses", "streets"]
_PIECE_M = 50.0  # streets are spread over in pieces no longer than this, a place in the middle of each
_DECIMALS = 2  # of square metres and metres: less is noise of coordinates


@dataclass(frozen=True, eq=False)
class Spots:
    """Where households may live: the place, the number of its unit, how much of them it takes, its row in its file."""

    points: np.ndarray
    unit: np.ndarray
    weight: np.ndarray
    row: np.ndarray

    def only(self, chosen: np.ndarray) -> Spots:
        """Some of the spots, in the order asked for."""
        return Spots(self.points[chosen], self.unit[chosen], self.weight[chosen], self.row[chosen])


def spots_of(lowest: gpd.GeoDataFrame, spots: gpd.GeoDataFrame, over: Over, *, floors: float | None) -> Spots:
    """The spots of every unit; -1 for one that lies in none. Columns are those that `spread_households` asks for."""
    row = spots["row"].to_numpy() if "row" in spots else np.arange(1, len(spots) + 1)
    if over == "streets":
        return _on_streets(lowest, spots.geometry.to_numpy(), row)
    if over == "addresses":
        return _within(lowest, spots.geometry, np.ones(len(spots)), row)
    if over == "buildings":
        shapes = valid(spots.geometry)
        return _within(lowest, shapes, np.round(shapes.area, _DECIMALS) * _floors(spots, floors), row)
    people = spots["population"].fillna(0).to_numpy(dtype="float64")
    area = shapely.get_dimensions(spots.geometry.to_numpy()) > 1
    centres = _within(lowest, spots.geometry[~area], people[~area], row[~area])
    return _both(centres, _in_cells(lowest, valid(spots.geometry[area]).to_numpy(), people[area], row[area]))


def may_be_home(use: pd.Series) -> np.ndarray:
    """Whether a building may be lived in: it says so, or it does not say what it is.

    >>> may_be_home(pd.Series(["住宅", "商住", "非居住", "学校", "yes", "", "apartments"])).tolist()
    [True, True, False, False, True, True, True]
    """
    codes, texts = pd.factorize(use.fillna("").astype(str))
    return np.asarray(np.array([_is_home(plain(text)) for text in texts], dtype=bool)[codes])


def _is_home(word: str) -> bool:
    known = shipped("words.toml")["use"]["home"]
    if word.startswith(tuple(known["never"])):
        return False
    return word in known["untold"] or word in known["also"] or any(part in word for part in known["parts"])


def valid(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Shapes, those that cross themselves made valid."""
    broken = ~shapes.is_valid
    return shapes.where(~broken, shapes[broken].make_valid()) if broken.any() else shapes


def _floors(buildings: gpd.GeoDataFrame, otherwise: float | None) -> np.ndarray:
    """Floors of every building; of those that state none, or 0, what is given, else the median, else 1."""
    stated = buildings["floors"] if "floors" in buildings else pd.Series(np.nan, index=buildings.index)
    stated = stated.where(stated > 0)
    if otherwise is None:
        otherwise = float(stated.median()) if stated.notna().any() else 1.0
    return np.asarray(stated.fillna(otherwise).to_numpy(dtype="float64"))


def _within(lowest: gpd.GeoDataFrame, shapes: gpd.GeoSeries, weight: np.ndarray, row: np.ndarray) -> Spots:
    """Shapes by the unit that a point inside them lies in."""
    points = shapely.point_on_surface(shapes.to_numpy())
    unit = unit_of_places(gpd.GeoDataFrame(geometry=points, crs=lowest.crs), lowest)
    return Spots(points, places_among(unit, lowest["unit_id"]), np.asarray(weight), row)


def _in_cells(lowest: gpd.GeoDataFrame, cells: np.ndarray, people: np.ndarray, row: np.ndarray) -> Spots:
    unit, cell, parts = _parts(lowest, cells)
    share = shapely.area(parts) / shapely.area(cells)[cell]
    return Spots(shapely.point_on_surface(parts), unit, people[cell] * share, row[cell])


def _on_streets(lowest: gpd.GeoDataFrame, lines: np.ndarray, row: np.ndarray) -> Spots:
    """Middles of short pieces of the streets in every unit, each as heavy as it is long."""
    unit, line, parts = _parts(lowest, lines)
    single, part = shapely.get_parts(shapely.line_merge(parts), return_index=True)
    long = np.round(shapely.length(single), _DECIMALS)
    n = np.where(long > 0, np.ceil(long / _PIECE_M), 0).astype(np.int64)
    piece = np.repeat(np.arange(len(single)), n)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(n) - n, n)
    points = shapely.line_interpolate_point(single[piece], (number + 0.5) / n[piece], normalized=True)
    return Spots(points, unit[part[piece]], np.round(long[piece] / n[piece], _DECIMALS), row[line[part[piece]]])


def _parts(lowest: gpd.GeoDataFrame, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The part of every shape in every unit that it has more than a border with: unit, shape, and the part."""
    areas = lowest.geometry.to_numpy()
    unit, shape = shapely.STRtree(shapes).query(areas, predicate="intersects")
    shapely.prepare(areas)
    parts, crossing = shapes[shape], ~shapely.covers(areas[unit], shapes[shape])
    parts[crossing] = shapely.intersection(shapes[shape[crossing]], areas[unit[crossing]])
    kept = np.where(shapely.get_dimensions(shapes)[shape] > 1, shapely.area(parts), shapely.length(parts)) > 0
    return unit[kept], shape[kept], parts[kept]


def _both(one: Spots, other: Spots) -> Spots:
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("points", "unit", "weight", "row")]
    return Spots(*(np.concatenate(pair) for pair in pairs))
