"""Compliance of a drawn city beside the time that pandas takes to read its tables.

python tests/benchmarks/comply.py                     6,000 neighbourhoods, 10,000 facilities, 1,000,000 dwellings
python tests/benchmarks/comply.py --quick             a hundredth of the dwellings and a tenth of the rest
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
from city import CRS, GROUPS, KINDS, LIMIT_MIN, SPEED_M_PER_MIN, CitySize, write_city

TABLES = ("units", "facilities", "dwellings", "pairs")
_REPEATS = 3
_MOST_TIME, _MOST_MEMORY = 10, 4  # times what reading takes


def main(arguments: list[str]) -> None:
    """Draw the city, measure each task in processes of its own, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--task", choices=list(TASKS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.task:
        print(json.dumps(_measured(TASKS[asked.task], asked.folder)))
        return
    size = CitySize(600, 1_000, 10_000) if asked.quick else CitySize()
    with tempfile.TemporaryDirectory() as name:
        write_city(Path(name), size)
        rows = {task: [_in_a_process(task, Path(name)) for _ in range(_REPEATS)] for task in TASKS}
    _print(size, rows)


def _in_a_process(task: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def _measured(task: Callable[[Path], float], folder: Path) -> dict[str, float]:
    """CPU seconds of the task itself, and the peak memory of its process above what importing took, in MB."""
    before = _peak_mb()
    seconds = task(folder)
    return {"cpu_s": seconds, "peak_mb": _peak_mb() - before}


def _peak_mb() -> float:
    """The most memory that this process has had; resource.getrusage would tell that of the one it came from."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def read_tables(folder: Path) -> float:
    """pandas reads the tables and pairs from Parquet."""
    start = time.process_time()
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    seconds = time.process_time() - start
    size_mb = sum(int(table.memory_usage(deep=True).sum()) for table in tables.values()) / 1e6
    print(f"tables: {size_mb:.0f} MB", file=sys.stderr)
    return seconds


def hold_against(folder: Path) -> float:
    """All rules of shanghai-2021, and equity for six groups, from tables that are in memory."""
    from lifecircle.catching import walks_of_pairs
    from lifecircle.judging import comply_with
    from lifecircle.ledger import not_in_service
    from lifecircle.roads import nearest_road_m
    from lifecircle.standards import load_standard
    from lifecircle.study import Study
    from lifecircle.tables import Tables, empty_table
    from lifecircle.walking import StudyWalks

    units, facilities, dwellings = (gpd.read_parquet(folder / f"{name}.parquet") for name in TABLES[:3])
    pairs = pd.read_parquet(folder / "pairs.parquet")
    empty = {name: empty_table(name, CRS) for name in ("streets", "ground", "candidates")}
    tables = Tables(units=units, facilities=facilities, dwellings=dwellings, crs=CRS, **empty)
    study = _study(Study)
    start = time.process_time()
    serving = facilities[not_in_service(facilities, study.study.date) == ""]
    crow_m = float(LIMIT_MIN * SPEED_M_PER_MIN)
    reach, walks = walks_of_pairs(pairs, dwellings, serving, limit_min=LIMIT_MIN, crow_m=crow_m)
    own = ("adult", float(LIMIT_MIN))
    roads = nearest_road_m(serving, tables.streets, tables.gates).to_dict()
    walked = StudyWalks(own, {own: reach}, {(*own, "none"): walks}, pd.DataFrame(), roads)
    found = comply_with(study, tables, [load_standard("shanghai-2021")], walked, dwellings, list(KINDS))
    seconds = time.process_time() - start
    groups = found.equity.shares["dimension"].nunique() if found.equity else 0
    print(f"{len(found.verdicts):,} verdicts, {groups} dimensions of equity", file=sys.stderr)
    return seconds


def _study(model):  # type: ignore[no-untyped-def]
    about = {"id": "city", "name": "City", "year": 2025, "date": "2025-12-31"}
    inputs = {name: {"path": "none"} for name in ("units", "facilities", "dwellings")}
    return model.model_validate({"study": about, "equity": {"groups": {one: one for one in GROUPS}}} | inputs)


TASKS = {"read": read_tables, "comply": hold_against}


def _print(size: CitySize, rows: dict[str, list[dict[str, float]]]) -> None:
    print(f"{size.neighbourhoods:,} neighbourhoods, {size.facilities:,} facilities, {size.dwellings:,} dwellings")
    middle = {
        task: {name: statistics.median(one[name] for one in found) for name in found[0]} for task, found in rows.items()
    }
    for task, found in middle.items():
        print(f"{task:8} {found['cpu_s']:8.2f} CPU s  {found['peak_mb']:8.0f} MB peak above imports")
    for name, most, unit in (("cpu_s", _MOST_TIME, "time"), ("peak_mb", _MOST_MEMORY, "memory")):
        ratio = middle["comply"][name] / middle["read"][name]
        print(f"{unit}: {ratio:.1f} × reading (at most {most} ×): {'met' if ratio <= most else 'not met'}")


if __name__ == "__main__":
    main(sys.argv[1:])
