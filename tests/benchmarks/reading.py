"""Reading a .pbf into a network, beside one bare pass of osmium that copies the coordinates of its streets out.

python reading.py bare|ours FILE.pbf prints the CPU seconds of one reading in this process.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import osmium
from networks import DATA, Town

_METRES_PER_DEGREE = 111_320.0
_REPEATS = 3


def readings(towns: dict[str, Town], folder: Path) -> list[dict[str, float | str]]:
    """For each town, and for Porto Alegre where it is there: seconds of the bare pass, ours, and their ratio."""
    files = {name: _written(town, folder / f"{name}.osm.pbf") for name, town in towns.items()}
    real = DATA / "porto-alegre" / "poa_osm.pbf"
    if real.exists():
        files["porto-alegre"] = real
    rows: list[dict[str, float | str]] = []
    for name, path in files.items():
        bare_s, ours_s = (_seconds(how, path) for how in ("bare", "ours"))
        rows.append({"file": name, "bare_s": bare_s, "ours_s": ours_s, "times_bare": ours_s / bare_s})
    return rows


def _seconds(how: str, path: Path) -> float:
    """Median of some readings, each in a process of its own."""
    command = [sys.executable, __file__, how, path]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(_REPEATS)]
    return median(float(printed) for printed in runs)


def _written(town: Town, path: Path) -> Path:
    """The town as a file of OpenStreetMap, a residential way for each edge."""
    lon, lat = town.node_x / _METRES_PER_DEGREE, town.node_y / _METRES_PER_DEGREE
    path.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(path))
    for node, place in enumerate(zip(lon.tolist(), lat.tolist(), strict=True), start=1):
        writer.add_node(osmium.osm.mutable.Node(id=node, location=place))
    for way, ends in enumerate(zip(town.edge_from.tolist(), town.edge_to.tolist(), strict=True), start=1):
        nodes = [ends[0] + 1, ends[1] + 1]
        writer.add_way(osmium.osm.mutable.Way(id=way, nodes=nodes, tags={"highway": "residential"}))
    writer.close()
    return path


def bare(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes of the nodes of every street."""
    lon: list[float] = []
    lat: list[float] = []
    for thing in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if thing.is_way() and "highway" in thing.tags:
            for node in thing.nodes:
                if node.location.valid():
                    lon.append(node.location.lon)
                    lat.append(node.location.lat)
    return np.array(lon), np.array(lat)


def ours(path: Path) -> object:
    """The walking network of a file."""
    import lifecircle as lc
    from lifecircle.readers.osm import read_streets

    streets = read_streets(path)[0]
    return lc.build_network(streets.to_crs(streets.estimate_utm_crs()))


def main(how: str, path: Path) -> None:
    """Print the seconds of one reading; libraries are imported before."""
    import lifecircle.network
    import lifecircle.readers.osm  # noqa: F401

    read = {"bare": bare, "ours": ours}[how]
    start = time.process_time()
    read(path)
    print(time.process_time() - start)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
