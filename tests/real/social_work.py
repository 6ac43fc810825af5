"""Social work stations on the 331 subdistricts of Beijing: boundaries are real, stations are drawn from a fixed seed.

Run `python tests/real/social_work.py [--out DIR]`; with --out it writes the report, too. The rule is that of Yunnan
(one station in each township and subdistrict): it holds in Yunnan, not in Beijing, and is only tried here on many
units without households, dwellings and streets. Ends with 1 if a plain recount finds other counts.
The boundaries lie in ../shared/data beside the project.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from run import DATA, table

import lifecircle as lc

SEED = 331
DAY, LATER = dt.date(2025, 12, 31), dt.date(2026, 12, 31)
EDGE_DEG = 1e-5  # stations stand a metre or so off every boundary: on which side they are is no matter of rounding
STATION, HOST = "社会工作站", "社区事务受理服务中心"

STUDY = f"""
[study]
id = "social-work"
name = "北京市(试算,社会工作站为绘制)"
year = {DAY.year}
date = {DAY}
projected = {LATER}
standards = ["yunnan-social-work-2021"]  # not in force in Beijing: only to try the rule

[units]
path = "units.gpkg"
tier = "subdistrict"

[facilities]
path = "facilities.xlsx"
sheet = "设施"
crs = "EPSG:4326"
"""

# What befalls a subdistrict, how probable it is, and the status and opening day of each station there.
FATES: dict[str, tuple[float, tuple[tuple[str, dt.date | None], ...]]] = {
    "open": (0.66, (("在用", dt.date(2021, 5, 20)),)),
    "open, day not stated": (0.08, (("在用", None),)),
    "two open": (0.05, (("在用", dt.date(2020, 9, 1)), ("在用", DAY))),
    "none": (0.05, ()),
    "closed": (0.04, (("停用", dt.date(2020, 7, 1)),)),
    "closed and open": (0.02, (("停用", dt.date(2020, 7, 1)), ("在用", dt.date(2024, 3, 1)))),
    "under construction, opens in time": (0.04, (("在建", LATER),)),
    "planned, opens in time": (0.02, (("规划", dt.date(2026, 3, 31)),)),
    "under construction, opens too late": (0.02, (("在建", dt.date(2027, 1, 1)),)),
    "planned, day not stated": (0.02, (("规划", None),)),
}


@dataclass(frozen=True)
class Counts:
    """Stations in service in each subdistrict on a day and on a later one, by its key."""

    now: Counter[str]
    later: Counter[str]


def read_units(data: Path) -> gpd.GeoDataFrame:
    """The subdistricts in degrees, with a key of this script's own: names occur twice."""
    found = gpd.read_file(data / "beijing" / "beijing.shp")
    keys = [f"BJ{number:03d}" for number in range(1, len(found) + 1)]
    return gpd.GeoDataFrame({"单元编码": keys, "名称": found["县"] + found["乡"]}, geometry=found.geometry)


def draw_register(units: gpd.GeoDataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, Counter[str]]:
    """The register of stations, and how many subdistricts each fate befell.

    One of the open stations is part of another facility, and one stands outside of all subdistricts.
    """
    chances = [chance for chance, _ in FATES.values()]
    fates = rng.choice(list(FATES), size=len(units), p=chances)
    rows = [
        (
            units["名称"].iloc[place] + STATION,
            STATION,
            status,
            opens,
            "",
            *place_inside(units.geometry.iloc[place], rng),
        )
        for place, fate in enumerate(fates)
        for status, opens in FATES[fate][1]
    ]
    first = next(place for place, row in enumerate(rows) if row[2] == "在用")
    name, kind, status, opens, _, x, y = rows[first]
    rows[first] = (name, kind, status, opens, "S0001", x, y)
    west, south, _, north = units.total_bounds
    outside = round(west - 0.05, 7), round((south + north) / 2, 7)
    rows = [
        ("合署的中心", HOST, "在用", None, "", x, y),
        *rows,
        ("界外" + STATION, STATION, "在用", None, "", *outside),
    ]
    columns = ["设施名称", "类别", "状态", "启用日期", "所属设施", "经度", "纬度"]
    register = pd.DataFrame(rows, columns=columns)
    register.insert(0, "设施编码", [f"S{number:04d}" for number in range(1, len(rows) + 1)])
    return register, Counter(fates.tolist())


def place_inside(polygon: shapely.Polygon, rng: np.random.Generator) -> tuple[float, float]:
    """Degrees of a place inside a polygon and off its boundary."""
    west, south, east, north = polygon.bounds
    while True:
        x, y = (round(float(rng.uniform(low, high)), 7) for low, high in ((west, east), (south, north)))
        point = shapely.Point(x, y)
        if polygon.contains(point) and polygon.boundary.distance(point) > EDGE_DEG:
            return x, y


def write_study(folder: Path, units: gpd.GeoDataFrame, register: pd.DataFrame) -> Path:
    """Write boundaries, register and settings into a folder."""
    units.to_file(folder / "units.gpkg", layer="subdistricts", driver="GPKG")
    with pd.ExcelWriter(folder / "facilities.xlsx", engine="xlsxwriter", date_format="yyyy-mm-dd") as book:
        register.to_excel(book, sheet_name="设施", index=False)
    path = folder / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def recount(units: gpd.GeoDataFrame, register: pd.DataFrame) -> Counts:
    """Stations in service by subdistrict, every station held against every polygon, in degrees."""
    counts = Counts(Counter(), Counter())
    for station in register[register["类别"] == STATION].to_dict("records"):
        point, opens = shapely.Point(station["经度"], station["纬度"]), station["启用日期"]
        opens = None if pd.isna(opens) else opens
        for key, polygon in zip(units["单元编码"], units.geometry, strict=True):
            if not polygon.contains(point):
                continue
            if station["状态"] == "在用":
                counts.now[key] += opens is None or opens <= DAY
                counts.later[key] += opens is None or opens <= LATER
            elif station["状态"] in ("在建", "规划"):
                counts.later[key] += opens is not None and opens <= LATER
    return counts


def differences(result: lc.Result, keys: list[str], counts: Counts) -> list[str]:
    """Where figures, verdicts and shares are not those of the plain recount."""
    rows = result.units[result.units["tier"] == "subdistrict"].set_index("unit_id")
    found = [f"{len(rows)} subdistricts judged, not {len(keys)}"] if sorted(rows.index) != sorted(keys) else []
    for key in keys:
        row = rows.loc[key]
        given = (row["low"], row["high"], row["verdict"], row["projected"], row["projected_verdict"])
        now, later = counts.now[key], counts.later[key]
        expected = (now, now, _verdict(now), later, _verdict(later))
        if given != expected:
            found.append(f"{key}: {given}, not {expected}")
    for name, given, held in zip(("share", "share by the later day"), _shares(result), _held(counts), strict=True):
        if given != float(Fraction(held, len(keys))):
            found.append(f"{name}: {given}, not {held} of {len(keys)}")
    return found


def _verdict(number: int) -> str:
    return "met" if number >= 1 else "unmet"


def _held(counts: Counts) -> tuple[int, int]:
    """Subdistricts with a station on the day, and by the later day."""
    return tuple(sum(number > 0 for number in one.values()) for one in (counts.now, counts.later))


def _shares(result: lc.Result) -> tuple[float, float]:
    """Share of subdistricts that meet on the day, and by the later day."""
    row = result.units[result.units["measure"] == "met_units_share"].iloc[0]
    return row["value"], row["projected"]


def lines(result: lc.Result, fates: Counter[str], seconds: float) -> list[str]:
    """What was drawn and what was found, as Markdown."""
    rows = result.units[result.units["tier"] == "subdistrict"]
    share, later = _shares(result)
    district = result.units[result.units["tier"] == "district"].iloc[0]
    figures = {
        "subdistricts": len(rows),
        "with a station": int((rows["value"] >= 1).sum()),
        "without": int((rows["value"] == 0).sum()),
        f"with one by {LATER}": int((rows["projected"] >= 1).sum()),
        "share that meet": f"{share:.4%}",
        f"share by {LATER}": f"{later:.4%}",
        "verdicts": ", ".join(f"{name} {n}" for name, n in rows["verdict"].value_counts().items()),
        f"verdicts by {LATER}": ", ".join(
            f"{name} {n}" for name, n in rows["projected_verdict"].value_counts().items()
        ),
        "all of Beijing": f"{district['verdict']}; by {LATER} {district['projected_verdict']}",
        "stations": int((result.facilities["kind"] == "social_work_station").sum()),
        "seconds": f"{seconds:.2f}",
    }
    told = table(("what", "figure"), [[name, str(figure)] for name, figure in figures.items()])
    drawn = table(("drawn", "subdistricts"), [[fate, str(fates[fate])] for fate in FATES])
    why = rows[rows["projected_verdict"] != rows["verdict"]].iloc[0]
    return [*drawn, "", *told, "", f"{why['name']}: {why['why_zh']}"]


def main() -> None:
    """Draw, assess, print, recount."""
    reader = argparse.ArgumentParser(description="Try the rule on social work stations on many subdistricts.")
    reader.add_argument("--out", type=Path, help="folder to write the report to")
    out = reader.parse_args().out
    if not (DATA / "beijing").is_dir():
        raise SystemExit("the boundaries are not beside the project: there is no ../shared/data/beijing")
    units = read_units(DATA)
    register, fates = draw_register(units, np.random.default_rng(SEED))
    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder), units, register)
        start = time.perf_counter()
        result = lc.assess(study)
        seconds = time.perf_counter() - start
        if out is not None:
            lc.write_report(result, out)
    print("## Social work stations, subdistricts of Beijing\n")
    print("Stations are drawn. Yunnan's standard does not hold in Beijing; it is here only to try the rule.\n")
    print("\n".join(lines(result, fates, seconds)))
    if wrong := differences(result, units["单元编码"].tolist(), recount(units, register)):
        raise SystemExit("\n".join(["", f"{len(wrong)} figures are not those of the plain recount:", *wrong[:20]]))
    print(f"\nA plain recount of {len(register)} facilities in {len(units)} polygons agrees in every figure.")


if __name__ == "__main__":
    main()
