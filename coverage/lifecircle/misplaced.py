"""Coordinates that cannot be of their stated CRS, and what they look like instead.

Only what cannot be is looked at: degrees beyond the globe, metres beyond the area that a projected CRS is for. What
such coordinates look like is told by their size alone, so that nothing here has to know the place.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from pyproj.exceptions import ProjError

Box: TypeAlias = tuple[float, float, float, float]  # west, south, east, north

# Checks that this module makes; where one of them is of a layer as a whole, the layer has no places.
CHECKS = (
    "swapped-axes", "swapped-metres", "metres-as-degrees", "degrees-as-metres", "zone-in-easting", "zone-lacking",
    "false-easting", "web-metres", "local-grid", "wrong-crs",
)  # fmt: skip

_GLOBE: Box = (-180, -90, 180, 90)
_CHINA: Box = (73.5, 3.0, 135.1, 53.6)  # degrees
_CHINA_TURNED: Box = (16.0, 73.5, 53.6, 135.1)  # seen with its axes swapped: north of all that is lived in there
_NORTHING_M = (1_800_000.0, 6_000_000.0)  # of China, from the equator: 16° to 54°
_EASTING_M = (150_000.0, 850_000.0)  # without its zone: three degrees to either side of 500,000
_FALSE_M, _ZONE_M = 500_000.0, 1_000_000.0
_WEB_M: Box = (8_150_000, 1_800_000, 15_100_000, 7_200_000)  # China in Web Mercator
_LOCAL_M, _LOCAL_NORTH_M = 1_000_000.0, 1_500_000.0  # a city's own grid has its origin in or near the city
_BESIDE_DEG = 1.5  # how far beyond its area a projected CRS is still in use
_HALF_DEG = 4.5  # how far from its central meridian a CRS without a stated area is in use
_SIX_DEG, _THREE_DEG = range(13, 24), range(25, 46)  # zones of China in the two systems


@dataclass(frozen=True)
class Misplaced:
    """Some records whose coordinates cannot be of their CRS: the check, their positions, and values for its texts."""

    check: str
    places: np.ndarray
    values: tuple[tuple[str, str], ...]


def fits(shapes: gpd.GeoSeries | gpd.GeoDataFrame) -> bool:
    """Whether coordinates can be of their CRS: degrees within ±180 and ±90, metres beyond that."""
    bounds = np.abs(shapes.total_bounds)
    if not np.isfinite(bounds).all() or shapes.crs is None:
        return True
    return bool((bounds.reshape(2, 2) <= _GLOBE[2:]).all()) == bool(shapes.crs.is_geographic)


def misplaced(shapes: gpd.GeoSeries) -> list[Misplaced]:
    """Records whose coordinates cannot be of the CRS that the layer states, by what they look like.

    Where no record fits, the layer as a whole is told by what most of them look like. Records with no geometry fit.

    >>> from shapely import Point
    >>> layer = gpd.GeoSeries([Point(40_512_345, 3_436_100)], crs="EPSG:4490")
    >>> [(one.check, dict(one.values)["code"]) for one in misplaced(layer)]
    [('zone-in-easting', 'EPSG:4528')]
    """
    crs = shapes.crs
    boxes = shapely.bounds(shapes.to_numpy())
    there = np.isfinite(boxes).all(axis=1)
    stated = crs.to_string() if crs.to_authority() else crs.name
    looks = _looks_of_degrees(boxes) if crs.is_geographic else _looks_of_metres(boxes, crs)
    looks[~there] = ""
    odd = np.flatnonzero(looks != "")
    if len(odd) == there.sum() and len(odd):
        most = Counter(looks[odd].tolist()).most_common(1)[0][0]
        first = int(odd[looks[odd] == most][0])
        return [Misplaced(most, odd, _values(most, boxes[first], crs, stated))]
    return [
        Misplaced(str(looks[place]), np.array([place]), _values(str(looks[place]), boxes[place], crs, stated))
        for place in odd
    ]


def zone_code(zone: int) -> str:
    """The CRS of CGCS2000 whose eastings bear this zone number; empty where China has no such zone.

    >>> zone_code(40), zone_code(20), zone_code(24)
    ('EPSG:4528', 'EPSG:4498', '')
    """
    if zone in _THREE_DEG:
        return f"EPSG:{4513 + zone - _THREE_DEG[0]}"
    return f"EPSG:{4491 + zone - _SIX_DEG[0]}" if zone in _SIX_DEG else ""


def _looks_of_degrees(boxes: np.ndarray) -> np.ndarray:
    """What coordinates look like that are declared as degrees; empty where they may be that."""
    turned = _turned(boxes)
    looks = np.full(len(boxes), "", dtype=object)
    too_far = (np.abs(boxes) > 90).any(axis=1) & ~_within(boxes, _GLOBE)
    fit_turned = _within(turned, _GLOBE) & (np.abs(boxes[:, [1, 3]]) > 90).all(axis=1)
    looks[too_far] = "wrong-crs"
    looks[too_far & (np.abs(boxes) > 1000).any(axis=1)] = "metres-as-degrees"
    looks[too_far & _is_local(boxes) & (np.abs(boxes[:, [0, 2]]) < _EASTING_M[0]).all(axis=1)] = "local-grid"
    looks[too_far & _within(boxes, _WEB_M)] = "web-metres"
    looks[too_far & _has_zone(boxes)] = "zone-in-easting"
    looks[too_far & _has_zone(turned)] = "swapped-metres"
    looks[fit_turned | _within(boxes, _CHINA_TURNED)] = "swapped-axes"
    return looks


def _looks_of_metres(boxes: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """What coordinates look like that are declared as metres; empty where they may be that, or nothing else."""
    looks = np.full(len(boxes), "", dtype=object)
    degrees = _within(boxes, _GLOBE)
    area, area_m = _area(crs)
    false_m = _parameter(crs, "False easting") or 0.0
    if area is None or area_m is None:
        looks[degrees] = "degrees-as-metres"
        return looks
    turned, lacking = _turned(boxes), ~_within(boxes, area_m)
    if not lacking.any():
        return looks
    zone_m = false_m - false_m % _ZONE_M
    if _within(np.array([area]), _grown(_CHINA, 2 * _BESIDE_DEG))[0]:
        looks[lacking & _is_local(boxes)] = "local-grid"
    looks[lacking & _within(boxes, _WEB_M)] = "web-metres"
    looks[lacking & _within(_moved(boxes, false_m), area_m)] = "false-easting" if false_m else ""
    if zone_m:
        looks[lacking & _within(_moved(boxes, zone_m), area_m)] = "zone-lacking"
    looks[lacking & _has_zone(boxes) & (boxes[:, 0] // _ZONE_M != zone_m // _ZONE_M)] = "zone-in-easting"
    looks[lacking & (_has_zone(turned) | _within(turned, area_m))] = "swapped-metres"
    looks[lacking & degrees] = "degrees-as-metres"
    looks[lacking & (boxes == 0).all(axis=1)] = "wrong-crs"
    rest = np.flatnonzero(lacking & (looks == ""))
    looks[rest[~_on_earth(boxes[rest], crs)]] = "wrong-crs"
    return looks


def _on_earth(boxes: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """Whether every corner of each box has a longitude and a latitude."""
    turn = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    degrees = np.array(turn.transform(boxes[:, [0, 0, 2, 2]].ravel(), boxes[:, [1, 3, 1, 3]].ravel()))
    there: np.ndarray = np.isfinite(degrees.reshape(2, -1, 4)).all(axis=(0, 2))
    return there


def _values(check: str, box: np.ndarray, crs: pyproj.CRS, stated: str) -> tuple[tuple[str, str], ...]:
    """What the texts of a check say of coordinates, with the code to write where it can be known."""
    values = {"crs": stated, "x": f"{box[0]:.10g}", "y": f"{box[1]:.10g}"}
    meridian = _parameter(crs, "Longitude of natural origin") or 0.0
    if check == "zone-in-easting":
        zone = int(box[0] // _ZONE_M)
        web = _within(box[None], _WEB_M)[0]  # zones 13 and 14 could be Web Mercator of the east of China
        values |= {"zone": str(zone), "code": zone_code(zone)}
        values |= {"or_web": ", or EPSG:3857 if they are of a web map" if web else ""}
        values |= {"or_web_zh": ";若取自网络地图,则写 EPSG:3857" if web else ""}
    elif check == "zone-lacking":
        zone = int((_parameter(crs, "False easting") or 0.0) // _ZONE_M)
        values |= {"zone": str(zone), "code": _code_without_zone(zone)}
    elif check == "false-easting":
        values |= {"false_m": f"{_FALSE_M:.0f}", "code": f"+proj=tmerc +lon_0={meridian:g} +ellps=GRS80"}
    return tuple(sorted(values.items()))


def _code_without_zone(zone: int) -> str:
    if zone in _THREE_DEG:
        return f"EPSG:{4534 + zone - _THREE_DEG[0]}"
    return f"EPSG:{4502 + zone - _SIX_DEG[0]}" if zone in _SIX_DEG else "EPSG:4534"


def _area(crs: pyproj.CRS) -> tuple[Box | None, Box | None]:
    """The area in which a projected CRS may be in use, in degrees and in its own metres; None where that is unknown."""
    meridian = _parameter(crs, "Longitude of natural origin")
    if crs.area_of_use is not None:
        area = _grown(crs.area_of_use.bounds, _BESIDE_DEG)
    elif meridian is not None and "Transverse Mercator" in str(_method(crs)):
        area = (meridian - _HALF_DEG, -80.0, meridian + _HALF_DEG, 84.0)
    else:
        return None, None
    area = (max(area[0], -180.0), max(area[1], -89.0), min(area[2], 180.0), min(area[3], 89.0))
    try:
        change = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
        west, south, east, north = change.transform_bounds(*area, densify_pts=41)
    except ProjError:
        return area, None
    box = (float(west), float(south), float(east), float(north))
    return area, box if np.isfinite(box).all() and box[0] < box[2] else None


def _method(crs: pyproj.CRS) -> str:
    plain = crs.source_crs if crs.is_bound else crs
    operation = plain.coordinate_operation if plain is not None else None
    return str(operation.method_name) if operation is not None else ""


def _parameter(crs: pyproj.CRS, name: str) -> float | None:
    """A parameter of the projection, None where it has none of that name."""
    plain = crs.source_crs if crs.is_bound else crs
    operation = plain.coordinate_operation if plain is not None else None
    if operation is None:
        return None
    return next((float(one.value) for one in operation.params if one.name == name), None)


def _grown(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def _turned(boxes: np.ndarray) -> np.ndarray:
    turned: np.ndarray = boxes[:, [1, 0, 3, 2]]
    return turned


def _moved(boxes: np.ndarray, east_m: float) -> np.ndarray:
    moved: np.ndarray = boxes + np.array([east_m, 0.0, east_m, 0.0])
    return moved


def _within(boxes: np.ndarray, box: Box) -> np.ndarray:
    inside: np.ndarray = np.all((boxes[:, :2] >= box[:2]) & (boxes[:, 2:] <= box[2:]), axis=1)
    return inside


def _is_local(boxes: np.ndarray) -> np.ndarray:
    """Metres too near to their origin for any place in China in a Gauss-Krüger or UTM zone."""
    return _within(boxes, (-_LOCAL_M, -_LOCAL_NORTH_M, _LOCAL_M, _LOCAL_NORTH_M))


def _has_zone(boxes: np.ndarray) -> np.ndarray:
    """Eastings that begin with the number of a Chinese zone, beside northings of China."""
    zones = boxes[:, [0, 2]] // _ZONE_M
    rest = boxes[:, [0, 2]] % _ZONE_M
    northings = boxes[:, [1, 3]]
    known = np.isin(zones[:, 0], [*_SIX_DEG, *_THREE_DEG]) & (zones[:, 0] == zones[:, 1])
    east = ((rest >= _EASTING_M[0]) & (rest <= _EASTING_M[1])).all(axis=1)
    north = ((northings >= _NORTHING_M[0]) & (northings <= _NORTHING_M[1])).all(axis=1)
    found: np.ndarray = known & east & north
    return found
