"""Toy towns on a 100 m grid, so that answers are mental arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, Polygon, box

from lifecircle.standards import Standard, load_standard
from lifecircle.study import Study
from lifecircle.tables import Tables, empty_table

CRS = "EPSG:4549"
STEP_M = 100.0


def grid_streets(columns: int, rows: int, *, without: Iterable[tuple[int, int, int, int]] = ()) -> gpd.GeoDataFrame:
    """Streets of a grid; `without` names pieces by the grid places of their two ends."""
    cut = {frozenset([(a, b), (c, d)]) for a, b, c, d in without}
    pieces = [((i, j), (i + 1, j)) for j in range(rows) for i in range(columns - 1)]
    pieces += [((i, j), (i, j + 1)) for i in range(columns) for j in range(rows - 1)]
    kept = [(a, b) for a, b in pieces if frozenset([a, b]) not in cut]
    return streets_between([((a[0] * STEP_M, a[1] * STEP_M), (b[0] * STEP_M, b[1] * STEP_M)) for a, b in kept])


def streets_between(
    pieces: Sequence[tuple[tuple[float, float], tuple[float, float]]], **columns: object
) -> gpd.GeoDataFrame:
    ids = [f"s{number:04d}" for number in range(len(pieces))]
    return gpd.GeoDataFrame({"street_id": ids} | columns, geometry=[LineString(piece) for piece in pieces], crs=CRS)


def dwellings_at(
    places: Sequence[tuple[float, float]],
    households: Sequence[float] | None = None,
    unit_ids: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    n = len(places)
    return gpd.GeoDataFrame(
        {
            "dwelling_id": [f"D{number + 1}" for number in range(n)],
            "name": [""] * n,
            "households": pd.Series(households if households is not None else [10.0] * n, dtype="float64"),
            "unit_id": list(unit_ids) if unit_ids is not None else [""] * n,
        },
        geometry=[Point(place) for place in places],
        crs=CRS,
    )


def facilities_at(
    places: Sequence[tuple[float, float]],
    *,
    kinds: Sequence[str] | None = None,
    areas: Sequence[float] | None = None,
    **columns: Sequence[object],
) -> gpd.GeoDataFrame:
    n = len(places)
    blank = empty_table("facilities").drop(columns=["geometry", "row"])
    table = pd.DataFrame(
        {
            name: pd.Series([None] * n).astype(dtype) if dtype != "str" else [""] * n
            for name, dtype in blank.dtypes.items()
        }
    )
    table = table.assign(
        facility_id=[f"F{number + 1}" for number in range(n)],
        kind=list(kinds) if kinds is not None else ["community_service"] * n,
        floor_area_m2=pd.Series(areas if areas is not None else [400.0] * n, dtype="float64"),
        **({"status": "open"} | columns),
    )
    return gpd.GeoDataFrame(table, geometry=[Point(place) for place in places], crs=CRS)


def units_of(shapes: dict[str, tuple[str, str, Polygon, float]]) -> gpd.GeoDataFrame:
    """Units from id: (tier, parent, polygon, households)."""
    return gpd.GeoDataFrame(
        {
            "unit_id": list(shapes),
            "name": [f"unit {unit_id}" for unit_id in shapes],
            "tier": [one[0] for one in shapes.values()],
            "parent_id": [one[1] for one in shapes.values()],
            "households": pd.Series([one[3] for one in shapes.values()], dtype="float64"),
        },
        geometry=[one[2] for one in shapes.values()],
        crs=CRS,
    )


def nested_units(households: Sequence[float], *, width_m: float = 400.0, height_m: float = 800.0) -> gpd.GeoDataFrame:
    """Neighbourhoods N1, N2, … side by side, two to a circle C1, C2, …, all in subdistrict S."""
    nan = float("nan")
    n = len(households)
    shapes: dict[str, tuple[str, str, Polygon, float]] = {}
    for number, count in enumerate(households):
        shapes[f"N{number + 1}"] = (
            "neighbourhood",
            f"C{number // 2 + 1}",
            box(number * width_m, 0, (number + 1) * width_m, height_m),
            count,
        )
    for number in range((n + 1) // 2):
        east = min(2 * number + 2, n) * width_m
        shapes[f"C{number + 1}"] = ("circle", "S", box(2 * number * width_m, 0, east, height_m), nan)
    shapes["S"] = ("subdistrict", "", box(0, 0, n * width_m, height_m), nan)
    return units_of(shapes)


def tables_of(
    units: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    **more: object,
) -> Tables:
    empty = {name: empty_table(name, CRS) for name in ("ground", "candidates")}
    return Tables(units=units, facilities=facilities, dwellings=dwellings, streets=streets, crs=CRS, **(empty | more))  # type: ignore[arg-type]


def toy_study(**settings: object) -> Study:
    inputs = {name: {"path": f"{name}.none"} for name in ("units", "facilities", "dwellings", "streets")}
    about = {"id": "toy", "name": "玩具镇", "year": 2025, "date": "2025-12-31", "language": "zh"}
    return Study.model_validate({"study": about} | inputs | settings)


def both_standards() -> list[Standard]:
    return [load_standard("shanghai-2021"), load_standard("shanghai-15min-goals")]
