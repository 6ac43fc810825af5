"""A drawn city for the benchmark of intake: units of three tiers with bent shared borders, places and streets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

CRS = "EPSG:4549"
TIERS = {"neighbourhood": 1, "circle": 5, "subdistrict": 20}  # neighbourhoods along one side of a unit
LAYERS = {tier: f"{tier}s" for tier in TIERS}
_ORIGIN, _SIDE_M, _BENDS = (400_000.0, 3_400_000.0), 300.0, 12
_ABOVE = {"neighbourhood": "circle", "circle": "subdistrict", "subdistrict": ""}
_STUDY = """
[study]
id = "intake"
name = "Drawn city"
year = 2025
date = 2025-12-31
language = "en"
crs = "EPSG:4549"

[units]
path = "units.gpkg"
layers.neighbourhood = "neighbourhoods"
layers.circle = "circles"
layers.subdistrict = "subdistricts"

[facilities]
path = "facilities.gpkg"

[dwellings]
path = "dwellings.gpkg"

[streets]
path = "streets.gpkg"

[walk]
snap_m = 200
"""
_KINDS = ("community_service", "party_service", "affairs_centre", "elderly_centre")


@dataclass(frozen=True)
class Borders:
    """The corners of all neighbourhoods by row and column, and the points of border after each, eastward and upward."""

    corners: np.ndarray
    east: np.ndarray
    north: np.ndarray

    def eastward(self, row: int, column: int, width: int) -> np.ndarray:
        """Border from a corner to another one east of it."""
        end = self.corners[row, column + width][None]
        return np.concatenate([self.east[row, column : column + width].reshape(-1, 2), end])

    def northward(self, row: int, column: int, width: int) -> np.ndarray:
        """Border from a corner to another one north of it."""
        end = self.corners[row + width, column][None]
        return np.concatenate([self.north[row : row + width, column].reshape(-1, 2), end])


@dataclass(frozen=True)
class CitySize:
    """How much of what: neighbourhoods along one side of the city, which is 20 times a whole number, and places."""

    side: int = 320
    facilities: int = 20_000
    dwellings: int = 1_000_000


def write_city(folder: Path, size: CitySize, *, seed: int = 20211206) -> None:
    """Write the files of a study: units.gpkg, facilities.gpkg, dwellings.gpkg, streets.gpkg, study.toml.

    Of the neighbourhoods one in 500 is drawn beside its borders, one in 5,000 crosses itself.
    """
    chance = np.random.default_rng(seed)
    borders = _drawn(chance, size.side)
    for tier in TIERS:
        layer = _layer(tier, size.side, borders)
        layer = _spoilt(chance, layer) if tier == "neighbourhood" else layer
        layer.to_file(folder / "units.gpkg", layer=LAYERS[tier])
    _facilities(chance, size).to_file(folder / "facilities.gpkg")
    _dwellings(chance, size).to_file(folder / "dwellings.gpkg")
    _streets(size.side).to_file(folder / "streets.gpkg")
    (folder / "study.toml").write_text(_STUDY, "utf-8")


def _drawn(chance: np.random.Generator, side: int) -> Borders:
    steps = np.arange(side + 1.0) * _SIDE_M
    corners = np.stack(np.meshgrid(steps, steps), axis=-1) + _ORIGIN
    corners = np.round(corners + chance.uniform(-60, 60, corners.shape), 3)
    part = (np.arange(_BENDS) / _BENDS)[:, None]
    lines = []
    for first, last in ((corners[:, :-1], corners[:, 1:]), (corners[:-1], corners[1:])):
        bends = (
            first[:, :, None] * (1 - part)
            + last[:, :, None] * part
            + chance.normal(0, 2, (*first.shape[:2], _BENDS, 2))
        )
        bends[:, :, 0] = first
        lines.append(np.round(bends, 3))
    return Borders(corners, lines[0], lines[1])


def _layer(tier: str, side: int, borders: Borders) -> gpd.GeoDataFrame:
    width, above = TIERS[tier], _ABOVE[tier]
    places = [(row, column) for row in range(0, side, width) for column in range(0, side, width)]
    rings = [_ring(borders, row, column, width) for row, column in places]
    keys = [_key(tier, row, column) for row, column in places]
    columns = {
        "编码": keys,
        "名称": keys,
        "上级编码": [_key(above, row, column) if above else "" for row, column in places],
        "户数": np.full(len(keys), np.nan),
    }
    lines = shapely.linearrings(
        np.concatenate(rings), indices=np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    )
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(lines), crs=CRS)


def _key(tier: str, row: int, column: int) -> str:
    return f"{tier[0].upper()}{row // TIERS[tier]:03d}{column // TIERS[tier]:03d}"


def _ring(borders: Borders, row: int, column: int, width: int) -> np.ndarray:
    return np.concatenate(
        [
            borders.eastward(row, column, width)[:-1],
            borders.northward(row, column + width, width)[:-1],
            borders.eastward(row + width, column, width)[:0:-1],
            borders.northward(row, column, width)[::-1],
        ]
    )


def _spoilt(chance: np.random.Generator, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Some units moved by metres, so that they overlap some neighbours and leave gaps to others, some crossed."""
    shapes = layer.geometry.to_numpy().copy()
    moved = chance.choice(len(shapes), len(shapes) // 500, replace=False)
    for place in moved.tolist():
        by = chance.uniform(-5, 5, 2)
        shapes[place] = shapely.transform(shapes[place], lambda xy, by=by: xy + by)
    for place in chance.choice(len(shapes), len(shapes) // 5_000, replace=False).tolist():
        ring = shapely.get_coordinates(shapes[place])
        ring[[3, 30]] = ring[[30, 3]]
        shapes[place] = shapely.Polygon(ring)
    return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))


def _spots(chance: np.random.Generator, size: CitySize, n: int) -> np.ndarray:
    spots = chance.uniform(0, size.side * _SIDE_M, (n, 2)) + _ORIGIN
    return gpd.points_from_xy(*np.round(spots, 2).T, crs=CRS)


def _facilities(chance: np.random.Generator, size: CitySize) -> gpd.GeoDataFrame:
    n = size.facilities
    columns = {
        "编码": [f"F{number:06d}" for number in range(n)],
        "名称": [f"设施{number}" for number in range(n)],
        "类别": chance.choice(_KINDS, n),
        "建筑面积": chance.integers(100, 1500, n).astype(float),
    }
    return gpd.GeoDataFrame(columns, geometry=_spots(chance, size, n))


def _dwellings(chance: np.random.Generator, size: CitySize) -> gpd.GeoDataFrame:
    n = size.dwellings
    columns = {"编码": [f"D{number:07d}" for number in range(n)], "户数": chance.integers(1, 60, n).astype(float)}
    return gpd.GeoDataFrame(columns, geometry=_spots(chance, size, n))


def _streets(side: int) -> gpd.GeoDataFrame:
    """Streets along every row and column of neighbourhoods, cut where they cross."""
    steps = np.arange(side + 1) * _SIDE_M
    x, y = (one + start for one, start in zip(np.meshgrid(steps, steps), _ORIGIN, strict=True))
    spots = np.stack([x, y], axis=-1)
    pairs = [(spots[:, :-1], spots[:, 1:]), (spots[:-1], spots[1:])]
    ends = np.concatenate([np.stack(pair, axis=-2).reshape(-1, 2, 2) for pair in pairs])
    return gpd.GeoDataFrame({"name": [""] * len(ends)}, geometry=shapely.linestrings(ends), crs=CRS)
