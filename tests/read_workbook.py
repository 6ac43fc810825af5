"""The hand-worked district of `hand/twelve.xlsx`: its inputs as tables, and the figures worked out in its cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
from shapely import Polygon, box

from towns import STEP_M, dwellings_at, facilities_at, streets_between, units_of

WORKBOOK = Path(__file__).with_name("hand") / "twelve.xlsx"
AROUND_M = 1500.0
KEYS = {
    "ledger": ("facility_id",),
    "households": ("unit_id",),
    "shares": ("facility_id", "unit_id"),
    "area": ("unit_id", "basis"),
    "smallest": ("unit_id", "basis"),
    "conforming": ("unit_id", "basis"),
    "coverage": ("tier", "basis"),
    "walks": ("dwelling_id", "facility_id"),
    "nearest": ("dwelling_id",),
    "reach": ("unit_id",),
    "stations": ("unit_id",),
    "supply": ("facility_id",),
    "received": ("dwelling_id",),
    "reachable": ("unit_id",),
}
Row = dict[str, object]
Rows = dict[str | tuple[str, ...], Row]


@dataclass(frozen=True)
class HandTown:
    """The inputs; `extent` is where the streets are known, 1.5 km around the district."""

    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    extent: Polygon
    parameters: dict[str, object]


@cache
def _sheets() -> dict[str, list[Row]]:
    """The rows of every table sheet by its English name; blank cells are None."""
    book = openpyxl.load_workbook(WORKBOOK, data_only=True)
    sheets = {}
    for page in book.worksheets[1:]:
        heads, *rows = page.iter_rows(values_only=True)
        names = [str(head).split("\n")[-1] for head in heads]
        sheets[page.title.split()[-1]] = [dict(zip(names, (_value(one) for one in row), strict=True)) for row in rows]
    return sheets


def _value(cell: object) -> object:
    return {"": None, "none": math.inf}.get(cell, cell) if isinstance(cell, str) else cell


def _column(rows: list[Row], name: str) -> list[object]:
    return [row[name] for row in rows]


def _texts(rows: list[Row], name: str) -> list[str]:
    return [str(one or "") for one in _column(rows, name)]


def _numbers(rows: list[Row], name: str) -> list[float]:
    return [math.nan if one is None else float(one) for one in _column(rows, name)]  # type: ignore[arg-type]


def _spots(rows: list[Row]) -> list[tuple[float, float]]:
    return list(zip(_numbers(rows, "x"), _numbers(rows, "y"), strict=True))


def _units(rows: list[Row]) -> gpd.GeoDataFrame:
    boxes = [
        box(*sides)
        for sides in zip(*(_numbers(rows, side) for side in ("west", "south", "east", "north")), strict=True)
    ]
    about = zip(_texts(rows, "tier"), _texts(rows, "parent_id"), boxes, _numbers(rows, "households"), strict=True)
    return units_of(dict(zip(_texts(rows, "unit_id"), about, strict=True))).assign(name=_texts(rows, "name"))


def _dwellings(rows: list[Row]) -> gpd.GeoDataFrame:
    placed = dwellings_at(_spots(rows), _numbers(rows, "households"), _texts(rows, "unit_id"))
    return placed.assign(dwelling_id=_texts(rows, "dwelling_id"))


def _facilities(rows: list[Row]) -> gpd.GeoDataFrame:
    placed = facilities_at(_spots(rows), kinds=_texts(rows, "kind"), areas=_numbers(rows, "floor_area_m2"))
    texts = {
        name: _texts(rows, name) for name in ("facility_id", "name", "tier", "status", "serves", "part_of", "site_of")
    }
    days = {
        name: pd.Series(_column(rows, name), dtype="datetime64[us]")
        for name in ("opens_on", "lease_from", "lease_until")
    }
    return placed.assign(**texts, **days)


def _grid(extent: Polygon) -> gpd.GeoDataFrame:
    """Every street of the grid, as pieces between neighbouring corners."""
    west, south, east, north = (round(side / STEP_M) for side in extent.bounds)
    across = [((i, j), (i + 1, j)) for j in range(south, north + 1) for i in range(west, east)]
    upward = [((i, j), (i, j + 1)) for i in range(west, east + 1) for j in range(south, north)]
    return streets_between([((a * STEP_M, b * STEP_M), (c * STEP_M, d * STEP_M)) for (a, b), (c, d) in across + upward])


def hand_town() -> HandTown:
    """The input sheets as tables shaped like those of `towns`."""
    sheets = _sheets()
    units = _units(sheets["units"])
    west, south, east, north = units.total_bounds
    extent = box(west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    return HandTown(
        units=units,
        facilities=_facilities(sheets["facilities"]),
        dwellings=_dwellings(sheets["dwellings"]),
        streets=_grid(extent),
        extent=extent,
        parameters={str(row["key"]): row["value"] for row in sheets["parameters"]},
    )


def expected() -> dict[str, Rows]:
    """The worked figures by sheet and key (an id, or a tuple of ids); None is blank, infinity is no upper end."""
    return {name: {_key(row, keys): row for row in _sheets()[name]} for name, keys in KEYS.items()}


def _key(row: Row, keys: tuple[str, ...]) -> str | tuple[str, ...]:
    found = tuple(str(row[key]) for key in keys)
    return found if len(found) > 1 else found[0]
