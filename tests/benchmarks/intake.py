"""Reading and checking a drawn city beside the time that pyogrio takes to read its files.

Bare reading is `pyogrio.read_dataframe` as anybody calls it, with nothing but the file and the layer: every column and
every shape of all six layers, without `use_arrow`. Each task runs in processes of its own, in turns, which also count
what they import once they have begun. The bar is on the time that a user waits, on a machine that does nothing else;
seconds of the processor tell the same where it is busy.

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

import numpy as np
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
        rounds = [{task: _in_a_process(task, Path(name)) for task in TASKS} for _ in range(_REPEATS)]
    _print(rounds)


def _in_a_process(task: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


def _peak_mb() -> float:
    """The most memory that this process has had."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def _clocks() -> np.ndarray:
    """Seconds of the processor, and seconds waited."""
    return np.array([time.process_time(), time.perf_counter()])


def _seconds(name: str, taken: np.ndarray) -> dict[str, float]:
    return {f"{name}_cpu_s": float(taken[0]), f"{name}_s": float(taken[1])}


def read_bare(folder: Path) -> dict[str, float]:
    """The files as pyogrio reads them."""
    return _read(folder, "bare", use_arrow=False)


def read_by_arrow(folder: Path) -> dict[str, float]:
    """The same by Arrow, which is faster."""
    return _read(folder, "arrow", use_arrow=True)


def _read(folder: Path, name: str, *, use_arrow: bool) -> dict[str, float]:
    import pyogrio

    start = _clocks()
    files = [folder / f"{table}.gpkg" for table in ("facilities", "dwellings", "streets")]
    layers = [(folder / "units.gpkg", layer) for layer in LAYERS.values()] + [(file, None) for file in files]
    read = [pyogrio.read_dataframe(file, layer=layer, use_arrow=use_arrow) for file, layer in layers]
    seconds = _clocks() - start
    print(f"{sum(map(len, read)):,} records", file=sys.stderr)
    return _seconds(name, seconds)


def check_all(folder: Path) -> dict[str, float]:
    """The files as a study reads them, and every check."""
    import lifecircle as lc

    study = lc.read_study(folder)
    start = _clocks()
    tables = lc.read_inputs(study)
    read = _clocks()
    faults = lc.find_faults(tables, snap_m=study.walk.snap_m, on=study.study.date)
    end = _clocks()
    print(f"{len(faults):,} faults: {faults['check'].value_counts().to_dict()}", file=sys.stderr)
    return _seconds("read", read - start) | _seconds("check", end - read)


TASKS: dict[str, Callable[[Path], dict[str, float]]] = {
    "bare": read_bare,
    "arrow": read_by_arrow,
    "intake": check_all,
}


def _print(rounds: list[dict[str, dict[str, float]]]) -> None:
    bare, arrow, ours = (
        {name: statistics.median(one[task][name] for one in rounds) for name in rounds[0][task]} for task in TASKS
    )
    print(
        f"pyogrio.read_dataframe {bare['bare_s']:6.2f} s {bare['bare_cpu_s']:6.2f} CPU s {bare['peak_mb']:6.0f} MB peak"
    )
    print(f"the same by Arrow      {arrow['arrow_s']:6.2f} s {arrow['arrow_cpu_s']:6.2f} CPU s")
    print(f"read_inputs            {ours['read_s']:6.2f} s {ours['read_cpu_s']:6.2f} CPU s")
    print(f"find_faults            {ours['check_s']:6.2f} s {ours['check_cpu_s']:6.2f} CPU s")
    print(f"peak memory            {bare['peak_mb']:.0f} MB bare, {ours['peak_mb']:.0f} MB with all checks")
    times = {end: statistics.median(_times(one, end) for one in rounds) for end in ("_s", "_cpu_s")}
    by_arrow = (ours["read_s"] + ours["check_s"]) / arrow["arrow_s"]
    memory = ours["peak_mb"] / bare["peak_mb"]
    verdict = "met" if times["_s"] <= _MOST_TIMES else "not met"
    print(f"reading and checks: {times['_s']:.1f} × bare reading (at most {_MOST_TIMES} ×): {verdict}")
    print(
        f"by the processor's seconds {times['_cpu_s']:.1f} ×, memory {memory:.1f} ×; {by_arrow:.1f} × reading by Arrow"
    )


def _times(one: dict[str, dict[str, float]], end: str) -> float:
    return (one["intake"][f"read{end}"] + one["intake"][f"check{end}"]) / one["bare"][f"bare{end}"]


if __name__ == "__main__":
    main(sys.argv[1:])
