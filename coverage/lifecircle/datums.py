"""Longitudes and latitudes of Chinese web maps and those on the ground, one turned into the other.

Web maps in China show places 300 to 700 m from where they are (GCJ-02), one of them farther still (BD-09). The shift of
a place can be written down, so it is undone by looking for the place that is shifted to where the map shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Pair: TypeAlias = tuple[np.ndarray, np.ndarray]

SHIFTED: tuple[Datum, ...] = ("gcj02", "bd09")
# West, south, east, north in degrees: the box within which every known program shifts. It reaches far beyond China.
SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_KRASSOWSKY_M, _KRASSOWSKY_E2 = 6_378_245.0, 0.006_693_421_622_965_943  # the ellipsoid that the shift is written for
_ORIGIN = (105.0, 35.0)  # degrees
_WAVE = np.pi * 3000 / 180  # of BD-09, per degree
_BD_OFF = (0.0065, 0.006)  # degrees east and north
_STILL = 1e-9  # degrees, a tenth of a millimetre; the step that is this small leaves less than a fiftieth of it
_MOST_STEPS = 30  # each brings two digits or more
_CHUNK = 1 << 14  # places that fit into the processor's cache together


def to_wgs84(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> Pair:
    """Longitudes and latitudes on the ground of places that a map with this datum shows.

    Exact to a few micrometres: looked for in steps until they leave no more. Outside the box in which maps are
    shifted, places are where they are shown.

    Parameters
    ----------
    lon, lat
        Degrees in `datum`.
    datum
        `gcj02` (Amap, Tencent, Google in China), `bd09` (Baidu), `cgcs2000` (the same as WGS 84 to some centimetres,
        taken as the same) or `wgs84`.

    Returns
    -------
    Pair of arrays in degrees; NaN where one was given.

    Notes
    -----
    Within two kilometres of the box's edge, which is at sea or abroad, no inverse can be right for every place, because
    the shift ends there at once: what is shown inside the box is taken as shifted, what is shown outside as not.

    Examples
    --------
    >>> lon, lat = to_wgs84(np.array([121.4782]), np.array([31.2285]), "gcj02")
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([121.4737], [31.2304])

    """
    return _by_chunks(lon, lat, _unshifted if datum == "gcj02" else _unturned) if datum in SHIFTED else (lon, lat)


def from_wgs84(lon: np.ndarray, lat: np.ndarray, datum: Datum) -> Pair:
    """Longitudes and latitudes at which a map with this datum shows places on the ground; see `to_wgs84`.

    >>> lon, lat = from_wgs84(np.array([121.4737, 2.35]), np.array([31.2304, 48.86]), "gcj02")
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([121.4782, 2.35], [31.2285, 48.86])
    """
    return _by_chunks(lon, lat, _shifted if datum == "gcj02" else _turned) if datum in SHIFTED else (lon, lat)


def geometry_to_wgs84(shapes: gpd.GeoSeries, datum: Datum) -> gpd.GeoSeries:
    """Shapes in degrees of a datum, each of their corners brought to where it is on the ground; heights are kept."""
    if datum not in SHIFTED:
        return shapes
    found = shapely.get_coordinates(shapes.to_numpy(), include_z=False)
    lon, lat = to_wgs84(found[:, 0], found[:, 1], datum)
    with_z = shapely.has_z(shapes.to_numpy()).any()
    heights = shapely.get_coordinates(shapes.to_numpy(), include_z=True)[:, 2:] if with_z else np.empty((len(lon), 0))
    corners = np.column_stack([lon, lat, heights])
    moved = shapely.transform(shapes.to_numpy(), lambda _: corners, include_z=bool(with_z))
    return gpd.GeoSeries(moved, index=shapes.index, crs=shapes.crs, name=shapes.name)


def _by_chunks(lon: np.ndarray, lat: np.ndarray, change: Callable[[np.ndarray, np.ndarray], Pair]) -> Pair:
    """Places inside the box changed, a chunk at a time, the others as they are."""
    east, north = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    west, south, most_east, most_north = SHIFTED_BOX
    inside = np.flatnonzero((east >= west) & (east <= most_east) & (north >= south) & (north <= most_north))
    for first in range(0, len(inside), _CHUNK):
        some = inside[first : first + _CHUNK]
        east[some], north[some] = change(east[some], north[some])
    return east, north


def _shifted(lon: np.ndarray, lat: np.ndarray) -> Pair:
    """From the ground to GCJ-02."""
    x, y = lon - _ORIGIN[0], lat - _ORIGIN[1]
    root, both = np.sqrt(np.abs(x)), 0.1 * x * y
    ripple, slow_x, slow_y = np.sin(2 * np.pi * x), np.sin(np.pi / 3 * x), np.sin(np.pi / 3 * y)
    ripple = 20 * (_thrice(ripple) + ripple)
    north_waves = 20 * _thrice(slow_y) + 40 * slow_y
    north_waves += 160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)
    east_waves = 20 * _thrice(slow_x) + 40 * slow_x
    east_waves += 150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + both + 0.2 * root + (ripple + north_waves) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + both + 0.1 * root + (ripple + east_waves) * 2 / 3
    sine = np.sin(np.radians(lat))
    flat = 1 - _KRASSOWSKY_E2 * sine * sine
    meridian_m = _KRASSOWSKY_M * (1 - _KRASSOWSKY_E2) / (flat * np.sqrt(flat))  # radius of curvature
    parallel_m = _KRASSOWSKY_M / np.sqrt(flat) * np.sqrt(1 - sine * sine)
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _thrice(sine: np.ndarray) -> np.ndarray:
    """The sine of three times an angle, given that of the angle: cheaper than another sine."""
    thrice: np.ndarray = sine * (3 - 4 * sine * sine)
    return thrice


def _swirled(lon: np.ndarray, lat: np.ndarray) -> Pair:
    """From GCJ-02 to BD-09."""
    far = np.hypot(lon, lat) + 2e-5 * np.sin(_WAVE * lat)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(_WAVE * lon)
    return far * np.cos(angle) + _BD_OFF[0], far * np.sin(angle) + _BD_OFF[1]


def _turned(lon: np.ndarray, lat: np.ndarray) -> Pair:
    return _swirled(*_shifted(lon, lat))


def _unshifted(lon: np.ndarray, lat: np.ndarray) -> Pair:
    return _undone(lon, lat, _shifted)


def _unturned(lon: np.ndarray, lat: np.ndarray) -> Pair:
    return _unshifted(*_undone(lon, lat, _swirled))


def _undone(lon: np.ndarray, lat: np.ndarray, change: Callable[[np.ndarray, np.ndarray], Pair]) -> Pair:
    """The places that `change` brings to these: each step takes away what the last guess is off by.

    The change is taken as going on beyond the box, so that no guess near its edge can jump out of it and back.
    """
    east, north = lon.copy(), lat.copy()
    for _ in range(_MOST_STEPS):
        x, y = change(east, north)
        off_x, off_y = lon - x, lat - y
        east, north = east + off_x, north + off_y
        if max(np.abs(off_x).max(), np.abs(off_y).max()) < _STILL:
            break
    return east, north
