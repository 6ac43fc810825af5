"""The real places passed through `lifecircle check`: how many faults of each severity, and the first ten lines.

Run `python tests/real/intake.py [--lines 10] [--lang en]`. Boundaries of Beijing are real, once as they were published
and once saved again in GBK without a .cpg; its stations, and all places of Futian, are drawn from a fixed seed.
The data lie in ../shared/data beside the project.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import guixi
import numpy as np
import pandas as pd
import porto_alegre
import pyogrio
import shapely
from run import DATA

from lifecircle.flow import check_study
from lifecircle.publish.checklist import print_faults, understood_line

SEED = 35
ABOUT = """
[study]
id = "{id}"
name = "{name}"
year = 2025
date = 2025-12-31
standards = ["{standard}"]
"""
BEIJING = """
[units]
path = "{units}"
tier = "subdistrict"

[facilities]
path = "facilities.csv"
crs = "EPSG:4326"
"""
FUTIAN = """
[units]
path = "units.gpkg"
tier = "subdistrict"

[facilities]
path = "facilities.csv"
crs = "EPSG:4326"

[dwellings]
path = "dwellings.csv"
crs = "EPSG:4326"

[streets]
path = "{streets}"
"""


def write_beijing(folder: Path, data: Path) -> Path:
    """Beijing's subdistricts as they were published."""
    return _beijing(folder, data / "beijing" / "beijing.shp")


def write_beijing_gbk(folder: Path, data: Path) -> Path:
    """Beijing's subdistricts saved in GBK, without the file that says so."""
    layer = pyogrio.read_dataframe(data / "beijing" / "beijing.shp", encoding="UTF-8")
    pyogrio.write_dataframe(layer, folder / "beijing.shp", encoding="GBK")
    (folder / "beijing.cpg").unlink()
    return _beijing(folder, folder / "beijing.shp")


def _beijing(folder: Path, units: Path) -> Path:
    """A station in every third subdistrict."""
    points = gpd.read_file(DATA / "beijing" / "beijing.shp").representative_point()[::3]
    stations = {"设施编码": [f"S{place}" for place in range(len(points))], "类别": "社会工作站", "设施名称": "站"}
    table = pd.DataFrame(stations | {"经度": points.x.to_numpy(), "纬度": points.y.to_numpy()})
    table.to_csv(folder / "facilities.csv", index=False, encoding="gb18030")
    about = ABOUT.format(id="beijing", name="北京市", standard="yunnan-social-work-2021")
    return _written(folder, about + BEIJING.format(units=units.resolve().as_posix()))


def write_futian(folder: Path, data: Path) -> Path:
    """Futian's streets with places drawn 10 to 40 m off them, and one boundary drawn around them."""
    rng = np.random.default_rng(SEED)
    streets = data / "futian" / "G.graphml"
    spots = places_near(streets, 240, rng)
    hull = shapely.convex_hull(shapely.multipoints(spots)).buffer(0.005)
    unit = {"单元编码": ["FT"], "名称": ["福田区"], "常住户数": [2000]}
    gpd.GeoDataFrame(unit, geometry=[hull], crs="EPSG:4326").to_file(folder / "units.gpkg", layer="units")
    homes = {"居住点编码": [f"D{place}" for place in range(200)], "户数": 10}
    at = {"经度": spots[:200, 0], "纬度": spots[:200, 1]}
    pd.DataFrame(homes | at).to_csv(folder / "dwellings.csv", index=False)
    sites = {
        "设施编码": [f"F{place}" for place in range(40)],
        "类别": "社区综合服务设施",
        "建筑面积（平方米）": "1,200",
    }
    at = {"经度": spots[200:, 0], "纬度": spots[200:, 1]}
    pd.DataFrame(sites | at).to_csv(folder / "facilities.csv", index=False, sep=";", encoding="utf-8-sig")
    about = ABOUT.format(id="futian", name="福田区", standard="shanghai-2021")
    return _written(folder, about + FUTIAN.format(streets=streets.resolve().as_posix()))


def places_near(streets: Path, number: int, rng: np.random.Generator) -> np.ndarray:
    """Longitudes and latitudes of places 10 to 40 m off a street."""
    from lifecircle.readers.graphs import read_graph

    lines = read_graph(streets)
    metric = lines.to_crs(lines.estimate_utm_crs())
    chosen = metric.geometry.iloc[rng.choice(len(metric), number, p=metric.length / metric.length.sum())]
    spots = chosen.interpolate(rng.uniform(0, 1, number), normalized=True)
    way, metres = rng.uniform(0, 2 * np.pi, number), rng.uniform(10, 40, number)
    x, y = spots.x.to_numpy() + metres * np.cos(way), spots.y.to_numpy() + metres * np.sin(way)
    there = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=metric.crs).to_crs("EPSG:4326")
    return np.column_stack([there.x, there.y])


def _written(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


PLACES: dict[str, Callable[[Path, Path], Path]] = {
    "Beijing": write_beijing,
    "Beijing, GBK without .cpg": write_beijing_gbk,
    "Guixi": guixi.write_study,
    "Futian": write_futian,
    "Porto Alegre": porto_alegre.write_study,
}


def checked_lines(write: Callable[[Path, Path], Path], lang: str) -> Iterator[str]:
    """The counts of a place's faults, and every line of its check."""
    with tempfile.TemporaryDirectory() as folder:
        checked = check_study(write(Path(folder), DATA))
    yield f"{checked.tables!r}: {dict(Counter(checked.faults['severity']))}"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        print_faults(checked.faults, lang)
    yield from printed.getvalue().splitlines()
    yield from (understood_line(one, lang) for one in checked.tables.sources if one.headers)


def main() -> None:
    """Print every place."""
    if not DATA.is_dir():
        raise SystemExit("the real places are not beside the project: there is no ../shared/data")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--lang", default="zh")
    asked = parser.parse_args()
    for name, write in PLACES.items():
        first, *lines = checked_lines(write, asked.lang)
        print(f"## {name}\n\n{first}\n")
        print("\n".join([*lines[: asked.lines], ""]))


if __name__ == "__main__":
    main()
