"""Where a place can be that has no coordinates: in the unit that its register names, or anywhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.shares import parse_shares

_FAR_M = 1e6  # beyond any walk from a district


def with_areas(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places with a column `area`: of one without coordinates the area that it must lie in, nothing of the others.

    That is the unit named in `unit_id`, else the units that it serves; where neither is known it may be anywhere, which
    is a box around all units. A table whose places all have coordinates is given back as it is.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"unit_id": ["N1"]}, geometry=[shapely.box(0, 0, 9, 9)])
    >>> place = gpd.GeoDataFrame({"unit_id": ["N1"]}, geometry=[None])
    >>> with_areas(place, units)["area"].iloc[0].bounds
    (0.0, 0.0, 9.0, 9.0)

    """
    missing = np.flatnonzero((places.geometry.isna() | places.geometry.is_empty).to_numpy())
    if not len(missing):
        return places
    shapes = dict(zip(units["unit_id"], units.geometry, strict=True))
    west, south, east, north = units.total_bounds if len(units) else (0, 0, 0, 0)
    anywhere = shapely.box(west - _FAR_M, south - _FAR_M, east + _FAR_M, north + _FAR_M)
    areas = np.full(len(places), None, dtype=object)
    for place in missing.tolist():
        named = [shapes[one] for one in _named(places, place) if one in shapes]
        areas[place] = shapely.union_all(named) if named else anywhere
    return places.assign(area=areas)


def whereabouts(places: gpd.GeoDataFrame) -> np.ndarray:
    """The point of each place, or the area that it must lie in where it has no coordinates."""
    points = places.geometry.to_numpy()
    if "area" not in places:
        return np.asarray(points)
    areas = places["area"].to_numpy(dtype=object)
    return np.where(shapely.is_missing(areas), np.asarray(points, dtype=object), areas)


def _named(places: gpd.GeoDataFrame, place: int) -> list[str]:
    """The units that the register names for a place."""
    own = places["unit_id"].iloc[place] if "unit_id" in places else ""
    if own:
        return [own]
    return list(parse_shares(places["serves"].iloc[place]) or ()) if "serves" in places else []
