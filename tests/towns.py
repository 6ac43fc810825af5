"""Toy towns on a 100 m grid, so that answers are mental arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
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


BARRIERS = ("gate", "gate=private", "gate=no", "wall", "bollard", "gate=policy:residents", "lift_gate")


def random_streets(chance: np.random.Generator, *, barriers: bool = True, heights: bool = True) -> gpd.GeoDataFrame:
    """A bent grid with pieces missing, an island, a loop, stairs, one-way streets, signals, gates and slopes."""
    columns, rows = chance.integers(3, 7, 2)
    spots: dict[object, tuple[float, ...]] = {
        (i, j): (100 * i + chance.uniform(-30, 30), 100 * j + chance.uniform(-30, 30), chance.uniform(0, 12))
        for i in range(columns)
        for j in range(rows)
    }
    pairs = [((i, j), (i + 1, j)) for i, j in spots if (i + 1, j) in spots]
    pairs += [((i, j), (i, j + 1)) for i, j in spots if (i, j + 1) in spots]
    pairs = [pair for pair in pairs if chance.random() > chance.choice([0.0, 0.3])]
    pairs += [((0, 0), (1, 1)), ("i", "o"), ((1, 1), (0, 0)), ((1, 1), (1, 1))]  # an island, a second way, a loop
    spots |= {"i": (900.0, 40.0, 0.0), "o": (1000.0, 55.0, 3.0)}
    at = {node: chance.choice(BARRIERS) if barriers and chance.random() < 0.2 else "" for node in spots}
    signal = {node: "yes" if chance.random() < 0.3 else "" for node in spots}
    n, size = len(pairs), 3 if heights else 2
    lines = []
    for one, two in pairs:
        bends = [
            tuple(a + (b - a) * part + wide for a, b, wide in zip(spots[one], spots[two], aside, strict=True))
            for part, aside in ((0.3, (12, 19, 0)), (0.7, (-17, 14, 0)))
            if one == two or chance.random() < 0.5
        ]
        lines.append(LineString([spot[:size] for spot in (spots[one], *bends, spots[two])]))
    return gpd.GeoDataFrame(
        {
            "street_id": [f"s{number}" for number in chance.permutation(n)],
            "highway": chance.choice(["residential", "footway", "steps"], n, p=[0.5, 0.3, 0.2]),
            "oneway": chance.choice(["", "forward", "backward"], n, p=[0.7, 0.15, 0.15]),
            "from_node": [str(one) for one, _ in pairs],
            "to_node": [str(two) for _, two in pairs],
            "from_barrier": [at[one] for one, _ in pairs],
            "to_barrier": [at[two] for _, two in pairs],
            "from_signal": [signal[one] for one, _ in pairs],
            "to_signal": [signal[two] for _, two in pairs],
        },
        geometry=lines,
        crs=CRS,
    )


def random_spots(chance: np.random.Generator, streets: gpd.GeoDataFrame, n: int) -> list[tuple[float, float]]:
    """Places anywhere, several on one street, two on one spot, and one at a corner."""
    west, south, east, north = streets.total_bounds
    anywhere = chance.uniform((west - 30, south - 30), (east + 30, north + 30), (n, 2)).tolist()
    line, other = (streets.geometry.iloc[int(place)] for place in chance.integers(0, len(streets), 2))
    on_one = [line.interpolate(part, normalized=True) for part in (0.25, 0.7, 0.7)]
    corner = Point(other.coords[0])
    return [*map(tuple, anywhere), *((spot.x, spot.y) for spot in (*on_one, corner))]
