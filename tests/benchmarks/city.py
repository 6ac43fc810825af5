"""A drawn city for the benchmark of compliance: units, facilities, dwellings and who reaches what, as Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from lifecircle.tables import CONTRACTS

CRS = "EPSG:4549"
LIMIT_MIN = 15
SPEED_M_PER_MIN = 60
KINDS = ("community_service", "party_service", "affairs_centre", "elderly_centre", "health_station", "childcare")
GROUPS = ("elderly", "children", "registered", "low_income", "disabled", "renters")
TYPES = ("售后公房", "商品房", "老洋房", "动迁安置房", "农宅")
_SIDE_M = 500.0
_PER_CIRCLE, _PER_SUBDISTRICT = 5, 30  # neighbourhoods in a row of the city


@dataclass(frozen=True)
class CitySize:
    """How much of what: neighbourhoods lie in rows of 60."""

    neighbourhoods: int = 6_000
    facilities: int = 10_000
    dwellings: int = 1_000_000


def write_city(folder: Path, size: CitySize, *, seed: int = 20211206) -> None:
    """Write units, facilities, dwellings and pairs, some areas and household counts unknown."""
    chance = np.random.default_rng(seed)
    units = _units(size.neighbourhoods)
    facilities = _facilities(chance, size)
    dwellings = _dwellings(chance, size)
    units.to_parquet(folder / "units.parquet")
    facilities.to_parquet(folder / "facilities.parquet")
    dwellings.to_parquet(folder / "dwellings.parquet")
    _pairs(dwellings, facilities).to_parquet(folder / "pairs.parquet")


def _units(n: int) -> gpd.GeoDataFrame:
    columns = 2 * _PER_SUBDISTRICT
    rows = n // columns
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    x, y = x.ravel(), y.ravel()
    layers = [
        _layer("neighbourhood", x, y, 1, [_circle(one, two) for one, two in zip(x, y, strict=True)]),
        _layer("circle", *_corners(columns, rows, _PER_CIRCLE), _PER_CIRCLE, None),
        _layer("subdistrict", *_corners(columns, rows, _PER_SUBDISTRICT), _PER_SUBDISTRICT, None),
    ]
    return gpd.GeoDataFrame(pd.concat(layers, ignore_index=True), crs=CRS)


def _corners(columns: int, rows: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.arange(0, columns, width), np.arange(rows))
    return x.ravel(), y.ravel()


def _circle(x: int, y: int) -> str:
    return f"C{x // _PER_CIRCLE:03d}-{y:03d}"


def _layer(tier: str, x: np.ndarray, y: np.ndarray, width: int, parents: list[str] | None) -> gpd.GeoDataFrame:
    subdistricts = [f"S{one // _PER_SUBDISTRICT:03d}-{two:03d}" for one, two in zip(x, y, strict=True)]
    keys = {
        "neighbourhood": [f"N{one:03d}-{two:03d}" for one, two in zip(x, y, strict=True)],
        "circle": [_circle(one, two) for one, two in zip(x, y, strict=True)],
        "subdistrict": subdistricts,
    }[tier]
    above = {"neighbourhood": parents, "circle": subdistricts, "subdistrict": [""] * len(x)}[tier]
    shapes = shapely.box(x * _SIDE_M, y * _SIDE_M, (x + width) * _SIDE_M, (y + 1) * _SIDE_M)
    columns = {
        "unit_id": keys,
        "name": keys,
        "tier": tier,
        "parent_id": above,
        "households": np.nan,
        "urban_rural": "urban",
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _places(chance: np.random.Generator, size: CitySize, n: int) -> tuple[np.ndarray, np.ndarray]:
    columns = 2 * _PER_SUBDISTRICT
    east, north = columns * _SIDE_M, size.neighbourhoods // columns * _SIDE_M
    return chance.uniform(0, east, n).round(2), chance.uniform(0, north, n).round(2)


def _facilities(chance: np.random.Generator, size: CitySize) -> gpd.GeoDataFrame:
    n = size.facilities
    x, y = _places(chance, size, n)
    texts = {one.name: "" for one in CONTRACTS["facilities"] if one.reading not in {"number", "date"}}
    areas = chance.integers(100, 1500, n).astype(float)
    table = pd.DataFrame(texts, index=range(n)).assign(
        facility_id=[f"F{number:06d}" for number in range(n)],
        kind=chance.choice(KINDS, n),
        status=chance.choice(["open", "planned", "closed"], n, p=[0.94, 0.03, 0.03]),
        floor_area_m2=np.where(chance.random(n) < 0.01, np.nan, areas),
        service_area_m2=(areas * chance.uniform(0.4, 0.9, n)).round(),
        office_area_m2=np.nan,
        **{name: _no_dates(n) for name in ("opens_on", "lease_from", "lease_until")},
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=CRS)


def _no_dates(n: int) -> np.ndarray:
    return np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")


def _dwellings(chance: np.random.Generator, size: CitySize) -> gpd.GeoDataFrame:
    n = size.dwellings
    x, y = _places(chance, size, n)
    households = chance.integers(1, 60, n).astype(float)
    column, row = (x // _SIDE_M).astype(int), (y // _SIDE_M).astype(int)
    table = pd.DataFrame(
        {
            "dwelling_id": [f"D{number:07d}" for number in range(n)],
            "name": "",
            "households": np.where(chance.random(n) < 0.0001, np.nan, households),
            "population": np.nan,
            "unit_id": [f"N{one:03d}-{two:03d}" for one, two in zip(column, row, strict=True)],
            "类型": chance.choice(TYPES, n),
        }
        | {group: np.floor(households * chance.uniform(0, 0.4, n)) for group in GROUPS}
    )
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=CRS)


def _pairs(dwellings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Minutes of every dwelling and open facility within the limit along a grid of streets that is everywhere."""
    serving = facilities[facilities["status"] == "open"]
    trees = [cKDTree(np.c_[table.geometry.x, table.geometry.y]) for table in (serving, dwellings)]
    limit_m = LIMIT_MIN * SPEED_M_PER_MIN
    found = trees[0].sparse_distance_matrix(trees[1], limit_m, p=1, output_type="ndarray")
    return pd.DataFrame(
        {
            "dwelling_id": pd.Categorical.from_codes(found["j"], dwellings["dwelling_id"]).astype("str"),
            "facility_id": pd.Categorical.from_codes(found["i"], serving["facility_id"]).astype("str"),
            "minutes": found["v"] / SPEED_M_PER_MIN,
        }
    )
