"""The map of a large result in a browser: how large the file is, when it can be used, and whether it ever stands still.

`python tests/benchmarks/map.py` makes 10,000 units, 50,000 dwellings and 3,000 facilities, opens the map in headless
Chromium with the network blocked, pans and zooms, and prints what it found. `--keep PATH` keeps the file.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.publish.codec import packed_shapes
from lifecircle.publish.map import map_html
from lifecircle.publish.simplify import simplified_units
from lifecircle.words import both, term

N_SIDE, N_DWELLINGS, N_FACILITIES, CELL_M = 100, 50_000, 3_000, 400.0
KINDS = ("community_service", "party_service", "elderly_centre", "childcare", "health_station")
RULES = ("floor-area", "single-facility", "conforming-facility", "service-area", "road-distance", "reach")
WATCH = """() => {
    window.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tasks.push(one.duration)))
        .observe({ type: "longtask", buffered: false });
}"""


def tiling(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Ten thousand units whose borders wander: neighbours share every corner, a hundred make a parent."""
    n, between = N_SIDE, 12
    corners = rng.uniform(-90, 90, (n + 1, n + 1, 2)) + CELL_M * np.stack(np.mgrid[: n + 1, : n + 1], axis=-1)

    def walks(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        share = np.linspace(0, 1, between + 1)[1:-1]
        straight = start[..., None, :] * (1 - share)[:, None] + end[..., None, :] * share[:, None]
        return straight + rng.normal(0, 6, straight.shape)

    down, across = walks(corners[:-1], corners[1:]), walks(corners[:, :-1], corners[:, 1:])
    units = []
    for i in range(n):
        for j in range(n):
            ring = [
                corners[i, j][None],
                down[i, j],
                corners[i + 1, j][None],
                across[i + 1, j],
                corners[i + 1, j + 1][None],
            ]
            ring += [down[i, j + 1][::-1], corners[i, j + 1][None], across[i, j][::-1]]
            units.append(shapely.Polygon(np.concatenate(ring)))
    block = np.add.outer(np.arange(n) // 10 * 10, np.arange(n) // 10).ravel()
    parents = [shapely.coverage_union_all(np.asarray(units)[block == one]) for one in range(100)]
    tiers = ["subdistrict"] * 100 + ["neighbourhood"] * len(units)
    shapes = gpd.GeoSeries([*parents, *units], crs="EPSG:32651").translate(330_000, 3_420_000)
    parent = [""] * 100 + [f"S{one:03d}" for one in block]
    names = [f"S{one:03d}" for one in range(100)] + [f"N{one:05d}" for one in range(len(units))]
    return gpd.GeoDataFrame({"unit_id": names, "tier": tiers, "parent_id": parent}, geometry=shapes, crs="EPSG:32651")


def unit_rows(units: gpd.GeoDataFrame, rng: np.random.Generator) -> list[dict[str, Any]]:
    labels = units.geometry.centroid.to_crs("EPSG:4326")
    verdicts = rng.choice(
        ["met", "unmet", "unknown", "not_applicable"], (len(units), len(RULES)), p=[0.6, 0.25, 0.1, 0.05]
    )
    shown = rng.uniform(0, 90, (len(units), len(RULES)))
    return [
        {
            "id": row.unit_id,
            "name": f"望江街道{i}" if row.tier == "subdistrict" else f"滨江第{i}居委会",
            "spelt": f"bin jiang di {i} ju wei hui",
            "tier": row.tier,
            "parent": row.parent_id or None,
            "households": int(rng.integers(300, 3000)),
            "label": [round(label.y, 6), round(label.x, 6)],
            "verdicts": {rule: verdict_row(verdicts[i, j], f"{shown[i, j]:.2f}") for j, rule in enumerate(RULES)},
        }
        for i, (row, label) in enumerate(zip(units.itertuples(), labels, strict=True))
    ]


def verdict_row(verdict: str, shown: str) -> dict[str, Any]:
    counted = f"{shown} m²:集东邻里汇 {shown} m²、集东综合为老服务中心 350.00 m²"
    zh = f"常住 2,100 户;属地口径计入设施 2 处共 {counted}。每百户 {shown} m²。标准:不低于 35 m²。"
    en = f"2,100 households; 2 facilities count (territorial), {counted}. Per 100 households: {shown} m²."
    texts = {"shown": shown, "range": shown, "threshold": both("≥ 35 m²", "≥ 35 m²"), "projected": both("", "")}
    return {"verdict": verdict, "gap": both(f"缺 {shown} m²", f"{shown} m² short"), "why": both(zh, en)} | texts


def places(n: int, units: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Places in clumps, as homes and services lie."""
    west, south, east, north = units.total_bounds
    centre = rng.uniform([west + 900, south + 900], [east - 900, north - 900], (n // 20 + 1, 2))
    found = centre[rng.integers(0, len(centre), n)] + rng.normal(0, 260, (n, 2))
    degrees = gpd.GeoSeries(gpd.points_from_xy(*found.T), crs=units.crs).to_crs("EPSG:4326")
    return degrees.x.round(6).to_numpy(), degrees.y.round(6).to_numpy()


def large_payload() -> dict[str, Any]:
    """A payload of the size that the map is made for."""
    rng = np.random.default_rng(7)
    units = tiling(rng)
    shapes = simplified_units(units, most_points=400_000).to_crs("EPSG:4326")
    west, south, east, north = shapes.total_bounds.tolist()
    (lon, lat), (x, y) = places(N_DWELLINGS, units, rng), places(N_FACILITIES, units, rng)
    minutes = rng.uniform(1, 22, (len(KINDS), N_DWELLINGS)).round(1)
    state = {kind: "".join(np.where(row <= 15, "r", "n").tolist()) for kind, row in zip(KINDS, minutes, strict=True)}
    walk = {"minutes": {k: [f"{v:.1f}" for v in row] for k, row in zip(KINDS, minutes, strict=True)}, "state": state}
    names = units["unit_id"].to_numpy()
    facilities = [
        {
            "id": f"F{i}",
            "name": f"滨江邻里汇{i}",
            "spelt": f"bin jiang lin li hui {i}",
            "kind": KINDS[i % len(KINDS)],
            "lon": float(a),
            "lat": float(b),
            "area": both("464 m²", "464 m²"),
            "status": both("在用", "open"),
            "counted": bool(i % 7),
            "in_reach": "900",
            "ledger": both(f"计入 滨江第{i}居委会,464.00 m²", f"counted for 滨江第{i}居委会, 464.00 m²"),
            "unit": str(names[100 + i]),
        }
        for i, (a, b) in enumerate(zip(x, y, strict=True))
    ]
    return {
        "title": both("大城(合成)2025 年度评估", "Large (synthetic), 2025"),
        "subtitle": both("", ""),
        "date": "2025-12-31",
        "source": both("合成资料", "synthetic"),
        "attribution": "",
        "lang": "zh",
        "name": "大城",
        "spelt": "da cheng",
        "year": "2025",
        "bounds": [[south, west], [north, east]],
        "tiers": [{"id": tier, **term("tier", tier)} for tier in ("subdistrict", "neighbourhood")],
        "verdicts": {one: term("verdict", one) for one in ("met", "unmet", "unknown", "not_applicable", "reference")},
        "rules": [
            {
                "id": rule,
                "tiers": ["subdistrict", "neighbourhood"],
                "group": both("", ""),
                "binds": True,
                **both(rule, rule),
            }
            for rule in RULES
        ],
        "units": unit_rows(units, rng),
        "shapes": packed_shapes(shapes.to_numpy()),
        "kinds": [{"id": kind, **term("kind", kind), "mark": "综"} for kind in KINDS],
        "facilities": facilities,
        "dwellings": {
            "name": names[100 + rng.integers(0, 10_000, N_DWELLINGS)].tolist(),
            "lon": lon.tolist(),
            "lat": lat.tolist(),
            "households": rng.integers(5, 400, N_DWELLINGS).tolist(),
            "unit": names[100 + rng.integers(0, 10_000, N_DWELLINGS)].tolist(),
            **walk,
            "walks": [walk | {"walker": both("成人", "adult")}],
        },
        "limit": both("步行 15 分钟", "15-minute walk"),
        "bands": [5, 10, 15],
        "walker": both("成人", "adult"),
        "ground": {
            "water": None,
            "green": None,
            "buildings": None,
            "barriers": None,
            "streets": {"major": None, "minor": None, "path": None},
        },
    }


def seconds_in_browser(path: Path) -> dict[str, float]:
    """Seconds until the map can be used, and the longest task while it is panned and zoomed, in milliseconds."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("no Chromium on this machine")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.route("http*://**", lambda route: route.abort())
        start = time.perf_counter()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_function("window.lifecircle && window.lifecircle.opened", timeout=60_000)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
        usable = time.perf_counter() - start
        page.wait_for_function("window.lifecircle.app.reasons", timeout=60_000)
        whole = time.perf_counter() - start
        page.evaluate(WATCH)
        pan_and_zoom(page)
        moves = page.evaluate("window.tasks.splice(0)")
        click_through(page)
        changes = page.evaluate("window.tasks")
        browser.close()
    return {
        "usable_s": usable,
        "reasons_s": whole,
        "longest_move_ms": max(moves, default=0),
        "longest_change_ms": max(changes, default=0),
    }


def pan_and_zoom(page: Any) -> None:
    """Drag and turn the wheel from the whole down to a few streets and back."""
    page.mouse.move(800, 600)
    for turn in (-1, -1, -1, -1, -1, 1, 1, 1, 1, 1):
        page.mouse.wheel(0, 260 * turn)
        page.wait_for_timeout(500)
        page.mouse.down()
        page.mouse.move(620, 520, steps=12)
        page.mouse.move(800, 600, steps=12)
        page.mouse.up()
        page.wait_for_timeout(250)


def click_through(page: Any) -> None:
    """Another rule, another tier, minutes, a unit."""
    for change in (
        "{rule: 'reach'}",
        "{tier: 'subdistrict'}",
        "{tier: 'neighbourhood'}",
        "{mode: 'minutes'}",
        "{without: ['met']}",
    ):
        page.evaluate(f"window.lifecircle.app.change({change})")
        page.wait_for_timeout(400)
    page.mouse.click(800, 600)
    page.wait_for_timeout(400)


def main() -> None:
    """Print one line for each number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path)
    keep = parser.parse_args().keep
    payload = large_payload()
    start = time.perf_counter()
    text = map_html(payload)
    n_corners = len(payload["shapes"]["steps"]) // 2
    print(f"units {len(payload['units']):,}, corners {n_corners:,}", end=", ")
    print(f"dwellings {N_DWELLINGS:,}, facilities {N_FACILITIES:,}")
    print(f"written in {time.perf_counter() - start:.1f} s: {len(text.encode()) / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as place:
        path = keep or Path(place) / "map.html"
        path.write_text(text, "utf-8")
        for name, number in seconds_in_browser(path.absolute()).items():
            print(f"{name} {number:.2f}" if name.endswith("_s") else f"{name} {number:.0f}")


if __name__ == "__main__":
    main()
