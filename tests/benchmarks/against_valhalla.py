"""Walks of this project beside those of Valhalla, an independent router, on the streets of Porto Alegre.

python tests/benchmarks/against_valhalla.py [--streets FILE.pbf] [--pairs 1000] [--json FILE]

Both walk at 1 m/s, so that metres are seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
import valhalla
from networks import DATA, SEED
from routes import only_in, our_ways, their_ways

import lifecircle as lc
from lifecircle.readers.osm import read_streets

FARTHEST_M = 1400  # as the crow flies
LONGEST_M = 1800  # half an hour
_SPARE = 1.3  # so many pairs are drawn for one that is compared: some have no walk, or one of more than half an hour
# Distance alone: `shortest` turns the factors of Valhalla's costs off, hills included, and these zeros what it adds at
# gates, steps, lifts and private streets. Its cost is then the walk in metres.
_FREE = ("step", "gate", "private_access", "destination_only", "service", "elevator", "country_crossing", "maneuver")
COSTING = {
    "pedestrian": {"walking_speed": 3.6, "shortest": True, "use_ferry": 0, "gate_cost": 0, "max_hiking_difficulty": 6}
    | {f"{what}_penalty": 0 for what in _FREE}
}
# Valhalla would else set out from a crossing within 5 m of the place, or leave small islands out.
_AT_THE_PLACE = {"radius": 0, "node_snap_tolerance": 0, "minimum_reachability": 0}
_ELSEWHERE_M = 5.0  # farther from the place, a walk sets out on another street
# Where the random places lie. The list is this comparison's own: it takes nothing from this project's rules.
_WALKED = {
    *("footway", "pedestrian", "path", "steps", "living_street", "residential", "service", "track", "cycleway"),
    *("unclassified", "tertiary", "tertiary_link", "secondary", "secondary_link", "primary", "primary_link"),
}
_BARRED = {"no", "private", "use_sidepath", "customers", "destination", "delivery", "permit"}


def main() -> None:
    """Print the comparison as JSON."""
    asked = _arguments()
    network = _network(asked.streets)
    pairs = random_pairs(walked_ways(asked.streets).to_crs(network.crs), round(asked.pairs * _SPARE))
    with tempfile.TemporaryDirectory() as folder:
        router = tiles(asked.streets, Path(folder))
        drawn = compared(network, router, pairs)
        both = drawn[drawn[["ours_m", "theirs_m"]].min(axis=1) <= LONGEST_M].head(asked.pairs)
        report = {
            "valhalla": valhalla.__version__,
            "network": repr(network),
            "summary": summary(both),
            "largest_as_told": largest(both, network, router, "theirs_m"),
            "largest_on_our_ruler": largest(both, network, router, "theirs_on_our_ruler_m"),
        }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    print(text)
    if asked.json:
        asked.json.write_text(text + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=Path, default=DATA / "porto-alegre" / "poa_osm.pbf")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser.parse_args()


def _network(path: Path) -> lc.Network:
    streets = read_streets(path)[0]
    walker = lc.Walker(name="plain", speed_m_per_s=1.0)
    return lc.build_network(streets.to_crs(streets.estimate_utm_crs()), walker=walker)


def walked_ways(path: Path) -> gpd.GeoSeries:
    """Lines of the ways that anybody may walk on by their class and tags; areas left out."""
    wkb = osmium.geom.WKBFactory()
    lines = []
    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way() or way.tags.get("highway") not in _WALKED or way.tags.get("area") == "yes":
            continue
        if not {way.tags.get("foot"), way.tags.get("access")} & _BARRED:
            lines.append(wkb.create_linestring(way))
    return gpd.GeoSeries(shapely.from_wkb(lines), crs="EPSG:4326")


def random_pairs(ways: gpd.GeoSeries, n: int) -> gpd.GeoDataFrame:
    """Pairs of random places on ways, at most the farthest distance apart; columns start and goal."""
    rng = np.random.default_rng(SEED)
    length = ways.length.to_numpy()
    way = rng.choice(len(ways), 20 * n, p=length / length.sum())
    places = shapely.line_interpolate_point(ways.to_numpy()[way], rng.uniform(0, length[way]))
    starts, others = places[:n], places[n:]
    tree = shapely.STRtree(others)
    goals = [others[rng.choice(tree.query(place, "dwithin", FARTHEST_M))] for place in starts]
    table = {"start": gpd.GeoSeries(starts, crs=ways.crs), "goal": gpd.GeoSeries(goals, crs=ways.crs)}
    return gpd.GeoDataFrame(table, geometry="start")


def tiles(streets: Path, folder: Path) -> valhalla.Actor:
    """A router on the tiles of a file, built in the folder without network, elevation or borders."""
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=folder / "tiles")
    config["mjolnir"].pop("admin", None)
    config["mjolnir"].pop("timezone", None)
    config["additional_data"] = {}
    written = folder / "valhalla.json"
    written.write_text(json.dumps(config), "utf-8")
    build = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"
    # It leaves a list of ways beside itself: that goes with the folder.
    subprocess.run([build, "-c", written, streets.resolve()], check=True, capture_output=True, cwd=folder)
    return valhalla.Actor(written)


def compared(network: lc.Network, router: valhalla.Actor, pairs: gpd.GeoDataFrame) -> pd.DataFrame:
    """The pairs with both walks in metres; NaN where there is none."""
    both = pd.concat(
        [walked(network, pairs), pd.DataFrame([routed(router, *ends) for ends in _degrees(pairs)])], axis=1
    )
    shapes = gpd.GeoSeries(both["theirs"], crs="EPSG:4326").to_crs(network.crs)
    both["theirs_on_our_ruler_m"] = shapes.length
    return pd.concat([pairs, both], axis=1)


def _degrees(pairs: gpd.GeoDataFrame) -> list[tuple[shapely.Point, shapely.Point]]:
    starts, goals = (pairs[name].to_crs("EPSG:4326") for name in ("start", "goal"))
    return list(zip(starts, goals, strict=True))


def walked(network: lc.Network, pairs: gpd.GeoDataFrame) -> pd.DataFrame:
    """This project's walks, as `walk_minutes` tells them, and how far its streets are from the places."""
    ids = pd.Series(np.arange(len(pairs)))
    homes = gpd.GeoDataFrame({"dwelling_id": ids}, geometry=pairs["start"].to_numpy(), crs=network.crs)
    goals = gpd.GeoDataFrame({"facility_id": ids, "kind": "place"}, geometry=pairs["goal"].to_numpy(), crs=network.crs)
    walks = lc.walk_minutes(network, homes, goals, limit_min=120)
    walks = walks[walks["dwelling_id"] == walks["facility_id"]].set_index("dwelling_id")["minutes"]
    snapped = [lc.snap(network, homes, key="dwelling_id"), lc.snap(network, goals, key="facility_id")]
    apart = np.maximum(*(table["snap_m"].to_numpy() for table in snapped))
    return pd.DataFrame({"ours_m": walks.reindex(ids) * 60 * network.walker.speed_m_per_s, "we_apart_m": apart})


def routed(router: valhalla.Actor, start: shapely.Point, goal: shapely.Point) -> dict[str, Any]:
    """Valhalla's walk: metres, how far from the places it sets out or ends, and its line in degrees."""
    request = {
        "locations": [{"lon": place.x, "lat": place.y} | _AT_THE_PLACE for place in (start, goal)],
        "costing": "pedestrian",
        "costing_options": COSTING,
        "directions_type": "none",
    }
    try:
        trip = router.route(request)["trip"]
    except RuntimeError:  # no path
        return {"theirs_m": np.nan, "they_apart_m": np.nan, "theirs": None}
    places = polyline(trip["legs"][0]["shape"])
    apart = max(_metres_apart((start.x, start.y), places[0]), _metres_apart((goal.x, goal.y), places[-1]))
    return {"theirs_m": trip["summary"]["cost"], "they_apart_m": apart, "theirs": shapely.LineString(places)}


def polyline(text: str) -> list[tuple[float, float]]:
    """Longitudes and latitudes of a polyline of six digits: differences, five bits a character, the sign lowest."""
    numbers, value, shift = [], 0, 0
    for character in text.encode("ascii"):
        chunk = character - 63
        value |= (chunk & 31) << shift
        shift += 5
        if chunk < 32:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    lat, lon = np.cumsum(numbers[::2]) / 1e6, np.cumsum(numbers[1::2]) / 1e6
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _metres_apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    lon, lat = np.subtract(one, other) * 111_320
    return float(np.hypot(lon * np.cos(np.radians(one[1])), lat))


def summary(both: pd.DataFrame) -> dict[str, Any]:
    """Differences as told, and with the length of Valhalla's walk measured on this project's plane, not its sphere."""
    report: dict[str, Any] = {
        "pairs": len(both),
        "walk_of_ours_alone": _ends(both[both["theirs_m"].isna()]),
        "walk_of_theirs_alone": _ends(both[both["ours_m"].isna()]),
        "we_set_out_elsewhere": int((both["we_apart_m"] > _ELSEWHERE_M).sum()),
        "they_set_out_elsewhere": int((both["they_apart_m"] > _ELSEWHERE_M).sum()),
    }
    found = both.dropna(subset=["ours_m", "theirs_m"])
    for name, theirs in (("as_told", "theirs_m"), ("on_our_ruler", "theirs_on_our_ruler_m")):
        metres = (found["ours_m"] - found[theirs]).abs()
        share = metres / found[theirs]
        report[name] = {
            "n": len(found),
            "median_s": metres.median(),
            "p95_s": metres.quantile(0.95),
            "median_share": share.median(),
            "p95_share": share.quantile(0.95),
            "n_above_1_percent": int((share > 0.01).sum()),
            "median_ours_over_theirs": (found["ours_m"] / found[theirs]).median(),
        }
    return report


def _ends(pairs: gpd.GeoDataFrame) -> list[str]:
    """Latitude and longitude of both ends of each pair, as a map takes them."""
    return [f"{start.y:.6f}, {start.x:.6f} to {goal.y:.6f}, {goal.x:.6f}" for start, goal in _degrees(pairs)]


def largest(
    both: pd.DataFrame, network: lc.Network, router: valhalla.Actor, theirs_m: str, n: int = 10
) -> list[dict[str, Any]]:
    """The pairs that differ most in metres, with the ways that only one of the two walks takes."""
    far = (both["ours_m"] - both[theirs_m]).abs().nlargest(n).index
    rows = []
    for pair, ends in zip(both.loc[far].itertuples(), _ends(both.loc[far]), strict=True):
        ours = our_ways(network, [pair.start, pair.goal])
        theirs = their_ways(router, list(pair.theirs.coords), COSTING)
        figures = ("ours_m", "theirs_m", "theirs_on_our_ruler_m", "we_apart_m", "they_apart_m")
        rows.append(
            {"pair": ends}
            | {name: round(getattr(pair, name), 1) for name in figures}
            | {"only_ours": only_in(ours, theirs), "only_theirs": only_in(theirs, ours)}
        )
    return rows


if __name__ == "__main__":
    main()
