"""Reading and checking a drawn city beside the time that pyogrio takes to read its files.

python tests/benchmarks/intake.py                     106,752 polygons, 1,000,000 dwellings, 20,000 facilities
python tests/benchmarks/intake.py --quick             a fiftieth of it
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

from tessellation import LAYERS, CitySize, write_city

_REPEATS = 3
_MOST_TIMES = 6  # what bare reading takes


def main(arguments: list[str]) -> None:
    """Draw the city, measure each task in processes of its own, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--task", choices=list(TASKS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.task:
        print(json.dumps(TASKS[asked.task](asked.folder) | {"peak_mb": _peak_mb()}))
        return
    size = CitySize(40, 400, 20_000) if asked.quick else CitySize()
    with tempfile.TemporaryDirectory() as name:
        write_city(Path(name), size)
        rows = {task: [_in_a_process(task, Path(name)) for _ in range(_REPEATS)] for task in TASKS}
    _print(rows)


def _in_a_process(task: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def _peak_mb() -> float:
    """The most memory that this process has had."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def read_bare(folder: Path) -> dict[str, float]:
    """The files as pyogrio reads them."""
    import pyogrio

    start = time.process_time()
    read = [pyogrio.read_dataframe(folder / "units.gpkg", layer=layer) for layer in LAYERS.values()]
    read += [pyogrio.read_dataframe(folder / f"{name}.gpkg") for name in ("facilities", "dwellings", "streets")]
    seconds = time.process_time() - start
    print(f"{sum(map(len, read)):,} records", file=sys.stderr)
    return {"bare_s": seconds}


def check_all(folder: Path) -> dict[str, float]:
    """The files as a study reads them, and every check."""
    import lifecircle as lc

    study = lc.read_study(folder)
    start = time.process_time()
    tables = lc.read_inputs(study)
    read = time.process_time()
    faults = lc.find_faults(tables, snap_m=study.walk.snap_m)
    end = time.process_time()
    print(f"{len(faults):,} faults: {faults['check'].value_counts().to_dict()}", file=sys.stderr)
    return {"read_s": read - start, "check_s": end - read}


TASKS: dict[str, Callable[[Path], dict[str, float]]] = {"bare": read_bare, "intake": check_all}


def _print(rows: dict[str, list[dict[str, float]]]) -> None:
    bare, ours = ({name: statistics.median(one[name] for one in rows[task]) for name in rows[task][0]} for task in rows)
    print(f"pyogrio.read_dataframe {bare['bare_s']:8.2f} CPU s  {bare['peak_mb']:8.0f} MB peak")
    print(f"read_inputs            {ours['read_s']:8.2f} CPU s")
    print(f"find_faults            {ours['check_s']:8.2f} CPU s  {ours['peak_mb']:8.0f} MB peak")
    times = (ours["read_s"] + ours["check_s"]) / bare["bare_s"]
    verdict = "met" if times <= _MOST_TIMES else "not met"
    print(f"reading and checks: {times:.1f} × bare reading (at most {_MOST_TIMES} ×): {verdict}")


if __name__ == "__main__":
    main(sys.argv[1:])
