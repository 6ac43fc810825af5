"""Places drawn beside the real streets of Futian, shifted like web maps or not: how often the check finds what is so.

Prints one line for each kind of trial: how many were told to be unshifted, GCJ-02 or BD-09, and whether that is right.
`python tests/real/shifted.py 200` runs 200 seeds of each.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.crs import crs_of_places
from lifecircle.datums import Datum, from_wgs84
from lifecircle.readers.graphs import read_graph
from lifecircle.shifts import shift_faults
from lifecircle.tables import Tables, empty_table

FUTIAN = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "futian" / "G.graphml"
DATUMS: tuple[Datum, ...] = ("wgs84", "gcj02", "bd09")
Draw = Callable[[np.random.Generator, int], np.ndarray]


def beside(streets: gpd.GeoDataFrame, off_m: tuple[float, float], noisy_share: float = 0.0) -> Draw:
    """Draw places to either side of a street, some of them 50 m from there in each axis."""
    lines = streets.geometry.to_numpy()
    length = shapely.length(lines)

    def drawn(rng: np.random.Generator, n: int) -> np.ndarray:
        street = rng.choice(len(lines), n, p=length / length.sum())
        along = rng.uniform(0, length[street])
        here = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], along))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], along + 1))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], np.maximum(along - 1, 0)))
        way = (ahead - behind) / np.maximum(np.hypot(*(ahead - behind).T), 1e-9)[:, None]
        side = np.column_stack([-way[:, 1], way[:, 0]]) * rng.choice([-1.0, 1.0], n)[:, None]
        places = here + side * rng.uniform(*off_m, n)[:, None]
        return places + rng.normal(0, 50, places.shape) * (rng.random(n) < noisy_share)[:, None]

    return drawn


def anywhere(streets: gpd.GeoDataFrame) -> Draw:
    """Draw places that have nothing to do with streets."""
    west, south, east, north = streets.total_bounds
    return lambda rng, n: np.column_stack([rng.uniform(west, east, n), rng.uniform(south, north, n)])


def in_blocks(streets: gpd.GeoDataFrame, step_m: float) -> Draw:
    """Draw places within 3 m of the middle of a block of a regular town, farthest from every street."""
    west, south, east, north = streets.total_bounds
    n_east, n_north = round((east - west) / step_m), round((north - south) / step_m)

    def drawn(rng: np.random.Generator, n: int) -> np.ndarray:
        block = np.column_stack([rng.integers(0, n_east, n), rng.integers(0, n_north, n)])
        return np.array([west, south]) + (block + 0.5) * step_m + rng.normal(0, 3, (n, 2))

    return drawn


def regular(like: gpd.GeoDataFrame, step_m: float, blocks: int = 30) -> gpd.GeoDataFrame:
    """Draw streets of a regular town at the place of others."""
    west, south, _, _ = like.total_bounds
    at, end = np.arange(blocks + 1) * step_m, blocks * step_m
    lines = [shapely.LineString([(west + one, south), (west + one, south + end)]) for one in at]
    lines += [shapely.LineString([(west, south + one), (west + end, south + one)]) for one in at]
    return gpd.GeoDataFrame(geometry=lines, crs=like.crs)


def told(streets: gpd.GeoDataFrame, places: np.ndarray, datum: Datum) -> str:
    """Which datum the check tells of facilities at these places, once they are shown as a map of `datum` shows them."""
    crs = streets.crs.to_string()
    spots = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=crs).to_crs("EPSG:4326")
    lon, lat = from_wgs84(spots.x.to_numpy(), spots.y.to_numpy(), datum)
    shown = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(crs)
    facilities = gpd.GeoDataFrame({"facility_id": range(len(shown))}, geometry=shown)
    faults = list(shift_faults(Tables(facilities=facilities, streets=streets, crs=crs, **_nothing(crs))))
    names = [dict(one.values)["datum"] for one in faults if one.where.table == "facilities"]
    return names[0] if names else "streets" if faults else "wgs84"


@cache
def _nothing(crs: str) -> dict[str, gpd.GeoDataFrame]:
    return {name: empty_table(name, crs) for name in ("units", "dwellings", "ground", "candidates")}


def trial(streets: gpd.GeoDataFrame, draw: Draw, n: int, datum: Datum, seeds: int) -> Counter[str]:
    """How often each datum was told."""
    return Counter(told(streets, draw(np.random.default_rng(seed), n), datum) for seed in range(seeds))


def line(name: str, n: int, datum: str, found: Counter[str]) -> str:
    """One line of a Markdown table."""
    all_n = found.total()
    unseen = found["wgs84"] if datum != "wgs84" else 0
    others = all_n - found[datum] - unseen
    cells = (name, n, datum, all_n, f"{found[datum] / all_n:.1%}", f"{unseen / all_n:.1%}", f"{others / all_n:.1%}")
    return "| " + " | ".join(map(str, cells)) + " |"


def main(seeds: int) -> None:
    """Print the trials."""
    if not FUTIAN.is_file():
        raise SystemExit(f"the streets of Futian are not beside the project: there is no {FUTIAN}")
    began = time.perf_counter()
    streets = read_graph(FUTIAN)
    streets = streets.to_crs(crs_of_places(streets.geometry))
    print("| places | n | true | trials | rightly told | not seen | wrongly told |\n|---|---|---|---|---|---|---|")
    for n in (20, 200):
        for off_m in ((10, 40), (5, 60)):
            for noisy_share in (0.0, 0.3):
                name = f"{off_m[0]}-{off_m[1]} m off" + (", 30 % with 50 m noise" if noisy_share else "")
                for datum in DATUMS:
                    print(line(name, n, datum, trial(streets, beside(streets, off_m, noisy_share), n, datum, seeds)))
    for n in (20, 200, 400):
        print(line("anywhere", n, "wgs84", trial(streets, anywhere(streets), n, "wgs84", seeds)))
    for step_m in (73, 100, 120, 150, 200, 250):
        town = regular(streets, step_m)
        for n in (20, 200):
            own = trial(town, in_blocks(town, step_m), n, "wgs84", max(seeds // 10, 1))
            print(line(f"middles of blocks of {step_m} m", n, "wgs84", own))
            own = trial(town, beside(town, (10, 40)), n, "wgs84", max(seeds // 10, 1))
            print(line(f"10-40 m off in a town of {step_m} m", n, "wgs84", own))
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
