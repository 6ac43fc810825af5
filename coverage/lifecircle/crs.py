"""A metric coordinate reference system for a place."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
from pyproj.exceptions import CRSError

_CHINA = (73.5, 18.0, 135.1, 53.6)  # west, south, east, north, degrees
MOST_OFF = 0.002  # the largest scale error a study's own CRS may have
_FIRST_ZONE, _FIRST_EPSG = 75, 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E


def metric_crs(lon: float, lat: float) -> str:
    """The CRS in which a place is measured: CGCS2000 3-degree Gauss-Krüger in China, UTM elsewhere.

    Lengths in it differ from those on the ground by at most 0.04 % in China and 0.1 % elsewhere; `scale_error` tells
    how much in a place.

    >>> metric_crs(121.2, 31.05), metric_crs(-51.2, -30.0)
    ('EPSG:4549', 'EPSG:32722')
    """
    west, south, east, north = _CHINA
    if west <= lon <= east and south <= lat <= north:
        return f"EPSG:{_FIRST_EPSG + round((lon - _FIRST_ZONE) / 3)}"
    zone = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def known_crs(text: str) -> pyproj.CRS | None:
    """The CRS of that code, or None if there is none."""
    if "\x00" in text:  # PROJ would read no further
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except CRSError:
        return None


def is_metric(crs: pyproj.CRS | None) -> bool:
    """Whether a CRS is projected, in metres."""
    return bool(crs is not None and crs.is_projected and crs.axis_info[0].unit_conversion_factor == 1)


def scale_error(crs: str, bounds: tuple[float, float, float, float]) -> float:
    """How far lengths in a metric CRS are from those on the ground, at worst at the corners of a box in that CRS.

    >>> round(scale_error("EPSG:4549", (500_000, 3_400_000, 620_000, 3_500_000)), 5)
    0.00018
    """
    west, south, east, north = bounds
    corners = gpd.GeoSeries(gpd.points_from_xy([west, west, east, east], [south, north, south, north]), crs=crs)
    degrees = corners.to_crs(corners.crs.geodetic_crs)
    factors = pyproj.Proj(crs).get_factors(degrees.x.to_numpy(), degrees.y.to_numpy())
    scales = np.abs(np.concatenate([factors.meridional_scale, factors.parallel_scale]) - 1)
    return float(np.nanmax(scales))


def needs_parameters(crs: pyproj.CRS) -> bool:
    """Whether a CRS is of Xian 80 or Beijing 54, whose shift to CGCS2000 is not public: PROJ would take it as zero.

    One that brings its own parameters (`+towgs84`) needs none; one that names no datum is known by its ellipsoid.

    >>> needs_parameters(pyproj.CRS("EPSG:4610")), needs_parameters(pyproj.CRS("EPSG:4490"))
    (True, False)
    >>> needs_parameters(pyproj.CRS("+proj=longlat +ellps=krass +towgs84=12,-113,-41,0,0,0,0"))
    False
    """
    if crs.is_bound or crs.geodetic_crs is None or crs.geodetic_crs.datum is None:
        return False
    datum = crs.geodetic_crs.datum
    nameless = datum.name.startswith("Unknown") and any(name in datum.name for name in ("Krass", "IAU 1976"))
    return nameless or any(name in datum.name for name in ("Xian", "Beijing"))


def crs_of_places(layer: gpd.GeoSeries) -> str:
    """The metric CRS for the middle of a layer of any CRS."""
    west, south, east, north = layer.total_bounds
    box = gpd.GeoSeries(gpd.points_from_xy([(west + east) / 2], [(south + north) / 2]), crs=layer.crs).to_crs(
        "EPSG:4326"
    )
    return metric_crs(box.x.iloc[0], box.y.iloc[0])
