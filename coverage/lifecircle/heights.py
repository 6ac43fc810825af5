"""Heights along streets, from a raster or from their ends."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.cuts import along_lines
from lifecircle.errors import StudyError
from lifecircle.faults import Fault, fault
from lifecircle.words import both

# Formats that hold heights themselves: those left out say where data are, and may lead to a network.
_FORMATS = ["GTiff", "AAIGrid", "AIG", "HFA", "ENVI", "EHdr", "SRTMHGT", "USGSDEM", "DTED", "XYZ", "GSAG", "GSBG",
            "GS7BG", "GPKG", "netCDF", "PNG", "JP2OpenJPEG", "SAGA", "RST", "IDRISI"]  # fmt: skip
_OFF = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
}  # what stands beside it may lead there too
_STEP_M = 25.0  # a height is taken at least this often along a street


def with_heights(streets: gpd.GeoDataFrame, raster: str | Path) -> gpd.GeoDataFrame:
    """Streets as lines in space, with heights from a raster such as a GeoTIFF, never from a network.

    Lines get vertices at most 25 m apart. A height is taken between the four nearest cells; where one of them that
    counts has no data, and beyond the raster, it is NaN. Columns, rows and the course of the lines stay as they are.

    Raises
    ------
    StudyError
        rasterio is not installed, or the raster cannot be read or has no CRS.

    """
    dense = shapely.segmentize(shapely.force_2d(streets.geometry.to_numpy()), _STEP_M)
    places, line = shapely.get_coordinates(dense, return_index=True)
    spots = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=streets.crs)
    return _raised(streets, places, line, _sampled(Path(raster), spots))


def with_ele(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets as lines in space, with heights that go evenly from `from_ele_m` to `to_ele_m`; NaN if one is unknown.

    >>> from shapely import LineString
    >>> line = gpd.GeoSeries([LineString([(0, 0), (30, 0), (100, 0)])], crs="EPSG:4549")
    >>> streets = gpd.GeoDataFrame({"from_ele_m": [10.0], "to_ele_m": [20.0]}, geometry=line)
    >>> print(with_ele(streets).geometry.iloc[0])
    LINESTRING Z (0 0 10, 30 0 13, 100 0 20)
    """
    places, line = shapely.get_coordinates(streets.geometry.to_numpy(), return_index=True)
    along, length = along_lines(places, line), shapely.length(streets.geometry.to_numpy())[line]
    ends = streets.reindex(columns=["from_ele_m", "to_ele_m"]).to_numpy(dtype="float64")[line]
    share = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    return _raised(streets, places, line, ends[:, 0] + (ends[:, 1] - ends[:, 0]) * share)


def _raised(streets: gpd.GeoDataFrame, places: np.ndarray, line: np.ndarray, heights: np.ndarray) -> gpd.GeoDataFrame:
    shapes = shapely.linestrings(np.column_stack([places, heights]), indices=line)
    return streets.set_geometry(gpd.GeoSeries(shapes, index=streets.index, crs=streets.crs, name=streets.geometry.name))


def _sampled(path: Path, spots: gpd.GeoSeries) -> np.ndarray:
    """Heights at points, between the four nearest cells of the first band."""
    try:
        rasterio: Any = import_module("rasterio")
    except ImportError as problem:
        raise StudyError([fault("missing-extra", str(path), found="rasterio", extra="terrain")]) from problem
    try:
        with rasterio.Env(**_OFF), rasterio.io.DatasetReader(str(path), driver=_FORMATS) as raster:
            if raster.crs is None:
                raise StudyError([_unreadable(path, both("带坐标系的栅格", "a raster with a CRS"), "none")])
            placed = spots.to_crs(raster.crs.to_wkt())
            x, y, cell = placed.x.to_numpy(), placed.y.to_numpy(), ~raster.transform
            column, row = cell.a * x + cell.b * y + cell.c, cell.d * x + cell.e * y + cell.f
            return _between_cells(raster, column - 0.5, row - 0.5)
    except rasterio.errors.RasterioIOError as problem:
        raise StudyError([_unreadable(path, both("栅格", "a raster"), problem)]) from problem


def _unreadable(path: Path, expected: dict[str, str], found: object) -> Fault:
    return fault("unreadable-file", str(path), expected=expected["en"], expected_zh=expected["zh"], found=found)


def _between_cells(raster: Any, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Heights at places counted in cells from the middle of the first one."""
    height, width = raster.shape
    heights = np.full(len(column), np.nan)
    within = (column >= -0.5) & (column <= width - 0.5) & (row >= -0.5) & (row <= height - 0.5)
    if not within.any():
        return heights
    column, row = column[within].clip(0, width - 1), row[within].clip(0, height - 1)
    west, north = int(column.min()), int(row.min())
    window = ((north, min(int(row.max()) + 2, height)), (west, min(int(column.max()) + 2, width)))
    cells = raster.read(1, window=window, masked=True).astype("float64").filled(np.nan)
    left, top = (np.floor(one).astype(np.int64) for one in (column, row))
    total = np.zeros(len(column))
    for down in (0, 1):
        for right in (0, 1):
            weight = np.abs(1 - right - (column - left)) * np.abs(1 - down - (row - top))
            at = (np.minimum(top + down, height - 1) - north, np.minimum(left + right, width - 1) - west)
            total += np.where(weight > 0, weight * cells[at], 0)
    heights[within] = total
    return heights
