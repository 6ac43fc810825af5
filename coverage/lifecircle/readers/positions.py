"""Where the rows of a layer lie: its CRS and datum as stated, and whether its coordinates can be of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from lifecircle.crs import known_crs, needs_parameters
from lifecircle.datums import SHIFTED, geometry_to_wgs84
from lifecircle.faults import Fault, Where, fault
from lifecircle.given import Input
from lifecircle.misplaced import CHECKS, misplaced
from lifecircle.readers.cells import numbers, texts
from lifecircle.readers.layers import Layer

_MOST = 1e9  # no coordinate on earth is larger, be it in degrees, metres or feet
_MOST_CORNERS = 200_000  # of one shape: the coast of a district at a scale of 1:500 has fewer
_SIMPLE = shapely.GeometryType.POLYGON
_BAIDU = ("bd09", "bd-09", "bd 09", "百度")
_WEB_MAPS = (*_BAIDU, "gcj", "火星", "高德", "腾讯")
_IMPLIED = {"cgcs2000": "EPSG:4490"}  # what a datum alone says of the CRS; any other is of WGS 84


def positions(layer: Layer, where: Where, headers: dict[str, str], given: Input) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Geometry of each row in the layer's own CRS, and what is wrong with it.

    Degrees of a shifted datum that the study states are brought to WGS 84. Where the CRS is not stated, not known, or
    cannot be that of the coordinates, the geometry has no CRS; where that holds for some rows alone, they have no
    geometry. A layer without coordinates needs no CRS.

    Parameters
    ----------
    layer, where
        The layer and the place to name in faults.
    headers
        Which header holds which column: x and y, where the layer has no geometry of its own.
    given
        What the study says of the file: `crs` goes before that of the file.

    """
    shapes, faults = _shapes(layer, where, headers)
    bare = gpd.GeoSeries(shapes.to_numpy())
    if layer.geometry is None and not {"x", "y"} <= set(headers):
        return bare, faults
    stated, wrong = _stated_crs(shapes.crs, where, given)
    if stated is None:
        return bare, [*faults, *wrong]
    placed = bare.set_crs(stated)
    kept, found = _kept(placed, layer, where, headers)
    if kept is None:
        return bare, [*faults, *found]
    return geometry_to_wgs84(kept, given.datum) if given.datum in SHIFTED else kept, [*faults, *found]


def rows_without_place(faults: Iterable[Fault], headers: Iterable[tuple[str, str]]) -> set[tuple[str, str, int]]:
    """File, sheet and row of records of which a fault says already that their place is wrong.

    >>> headers = (("x", "经度"), ("floor_area_m2", "建筑面积"))
    >>> cells = ((2, "经度"), (3, "建筑面积"))
    >>> told = [fault("not-a-number", Where("f.csv", row=row), column=header) for row, header in cells]
    >>> rows_without_place(told, headers)
    {('f.csv', '', 2)}
    """
    axes = {header for column, header in headers if column in {"x", "y"}}
    return {
        (one.where.file, one.where.sheet, one.where.row)
        for one in faults
        if one.where.row is not None
        and (
            one.check in {"wild-corner", "too-many-corners", *CHECKS}
            or (one.check == "not-a-number" and dict(one.values).get("column") in axes)
        )
    }


def _stated_crs(own: pyproj.CRS | None, where: Where, given: Input) -> tuple[pyproj.CRS | None, list[Fault]]:
    """The CRS that the study states, else the file's own, else what the datum implies; none where it cannot be used."""
    implied = known_crs(_IMPLIED.get(given.datum, "EPSG:4326")) if given.datum else None
    stated = known_crs(given.crs) if given.crs else own or implied
    if stated is None:
        return None, [_no_crs(where, given.crs)]
    if not (stated.is_geographic or stated.is_projected):  # a grid of a site of its own, or heights alone
        return None, [fault("unknown-crs", where, found=stated.name)]
    if needs_parameters(stated):
        return None, [fault("needs-parameters", where, found=stated.name)]
    if given.datum and not stated.is_geographic:
        found = stated.to_string() if stated.to_authority() else stated.name
        return None, [fault("datum-of-metres", where, datum=given.datum, crs=found)]
    return stated, []


def _no_crs(where: Where, stated: str | None) -> Fault:
    if not stated:
        return fault("no-crs", where)
    word = stated.lower()
    if not any(name in word for name in _WEB_MAPS):
        return fault("unknown-crs", where, found=stated)
    datum = "bd09" if any(name in word for name in _BAIDU) else "gcj02"
    return fault("shifted-datum", where, found=stated, datum=datum)


def _kept(
    placed: gpd.GeoSeries, layer: Layer, where: Where, headers: dict[str, str]
) -> tuple[gpd.GeoSeries | None, list[Fault]]:
    """The layer without the rows that cannot be of its CRS, None where no row can."""
    odd = misplaced(placed)
    lost = [place for one in odd for place in one.places]
    if not lost:
        return placed, []
    if len(lost) == placed.notna().sum():
        return None, [fault(odd[0].check, where, **dict(odd[0].values))]
    cell = {"column": headers["x"]} if layer.geometry is None else {}
    faults = [
        fault(one.check, replace(where, row=int(layer.rows[one.places[0]])), **dict(one.values), **cell) for one in odd
    ]
    return placed.where(~np.isin(np.arange(len(placed)), lost), None), faults


def _shapes(layer: Layer, where: Where, headers: dict[str, str]) -> tuple[gpd.GeoSeries, list[Fault]]:
    """The layer's geometry, or points from its columns x and y; missing where one of the two is."""
    if layer.geometry is not None:
        return _sound(layer.geometry.reset_index(drop=True), layer, where)
    if not {"x", "y"} <= set(headers):
        return gpd.GeoSeries([None] * len(layer.cells)), []
    faults: list[Fault] = []
    read: list[pd.Series] = []
    for axis in ("x", "y"):
        cells = layer.cells[headers[axis]]
        values, wrong = numbers(cells, "")
        rows = np.flatnonzero(wrong.to_numpy())
        said = texts(cells.iloc[rows]) if len(rows) else []
        faults += [
            _no_coordinate(replace(where, row=int(layer.rows[row])), headers[axis], text)
            for row, text in zip(rows, said, strict=True)
        ]
        read.append(values)
    points = gpd.points_from_xy(*read)
    return gpd.GeoSeries(points).where((read[0].notna() & read[1].notna()).to_numpy(), None), faults


def _sound(shapes: gpd.GeoSeries, layer: Layer, where: Where) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Shapes that can be measured: empty ones are none, and so are those that are told.

    These have a corner that is no place, or so many that nobody has drawn them.

    Only streets keep their heights. Of a collection the areas count, where it has none the lines, else the points; that
    others were left out is noted.
    """
    values = shapes.to_numpy()
    if where.table != "streets" and shapely.has_z(values).any():
        values = shapely.force_2d(values)
    corners, shape = shapely.get_coordinates(values, include_z=where.table == "streets", return_index=True)
    wild = ~(np.abs(corners[:, :2]) < _MOST).all(axis=1) | np.isinf(corners[:, 2:]).any(axis=1)
    places, first = np.unique(shape[wild], return_index=True)
    faults = [
        fault("wild-corner", replace(where, row=int(layer.rows[place])), x=f"{corner[0]:.10g}", y=f"{corner[1]:.10g}")
        for place, corner in zip(places, corners[wild][first], strict=True)
    ]
    n_corners = np.bincount(shape, minlength=len(values))
    endless = np.flatnonzero(n_corners > _MOST_CORNERS)
    for place in endless.tolist():
        told = {"found": f"{n_corners[place]:,}", "most": f"{_MOST_CORNERS:,}"}
        faults.append(fault("too-many-corners", replace(where, row=int(layer.rows[place])), **told))
    lost = shapely.is_empty(values)
    lost[[*places, *endless]] = True
    mixed = (shapely.get_type_id(values) == shapely.GeometryType.GEOMETRYCOLLECTION) & ~lost
    kept = values.copy()
    kept[lost] = None
    for place in np.flatnonzero(mixed).tolist():
        kept[place], n_others = _of_one_kind(values[place])
        noted = replace(where, row=int(layer.rows[place]))
        faults += [fault("parts-left-out", noted, n=n_others)] if n_others else []
    return gpd.GeoSeries(kept, crs=shapes.crs), faults


def _of_one_kind(mixed: shapely.Geometry) -> tuple[shapely.Geometry, int]:
    """The parts of a collection that are of its highest dimension, as one shape, and how many others it has."""
    parts = np.array([mixed])
    while (shapely.get_num_geometries(parts) > 1).any() or (shapely.get_type_id(parts) > _SIMPLE).any():
        parts = shapely.get_parts(parts)
    parts = parts[~shapely.is_empty(parts)]
    most = int(shapely.get_dimensions(parts).max())
    kept = parts[shapely.get_dimensions(parts) == most]
    made: shapely.Geometry = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[most](kept)
    return made, len(parts) - len(kept)


def _no_coordinate(where: Where, header: str, found: str) -> Fault:
    expected = {"expected": "a number such as 121.4737", "expected_zh": "数字,如 121.4737"}
    return fault("not-a-number", where, column=header, found=found, **expected)
