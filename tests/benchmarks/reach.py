"""Searches of this project beside those of other tools, and the bars that the project set itself.

python tests/benchmarks/reach.py                     every size, every tool, the real places that are there
python tests/benchmarks/reach.py --quick             50,000 and 500,000 nodes without pandana and cityseer
python tests/benchmarks/reach.py --sizes 50k --tools lifecircle,scipy --tasks nearest,sums
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bars import bars
from networks import SIZES, Town, grid_town, real_towns
from reading import readings
from runs import Row, known_tools, measured
from starting import cold_starts
from table import bars_table, dict_table, rows_table
from tasks import TASKS
from tools import TOOLS

SLOW = ("pandana", "cityseer")  # minutes each at 500,000 nodes
_READ_SIZES = ("50k", "500k")


def main(arguments: list[str]) -> None:
    """Measure, print, and write the same figures as JSON if asked to."""
    asked = _arguments(arguments)
    towns = _towns(asked.sizes, quick=asked.quick)
    tools = [name for name in known_tools(asked.tools) if not (asked.quick and name in SLOW)]
    tasks = list(TASKS) if asked.tasks is None else asked.tasks.split(",")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [row for network, make in towns.items() for row in _measured(network, make(), tools, tasks, folder)]
        read_towns = {size: grid_town(SIZES[size]) for size in _READ_SIZES if size in towns and "read" in tasks}
        read = readings(read_towns, folder) if "read" in tasks else []
    report = {
        "date": dt.date.today().isoformat(),
        "machine": _machine(),
        "versions": _versions(tools),
        "rows": [dataclasses.asdict(row) for row in rows],
        "cold_start_s": cold_starts() if "start" in tasks else {},
        "reading": read,
        "bars": [dataclasses.asdict(bar) | {"verdict": bar.verdict} for bar in bars(rows, read)],
    }
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    _print(report, rows)


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"50k and 500k without {' and '.join(SLOW)}")
    parser.add_argument("--sizes", help=f"of {', '.join([*SIZES, *real_towns()])}; commas between them")
    parser.add_argument("--tools", help=f"of {', '.join(TOOLS)}")
    parser.add_argument("--tasks", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser.parse_args(arguments)


def _towns(sizes: str | None, *, quick: bool) -> dict[str, Callable[[], Town]]:
    grids = {name: lambda n=n: grid_town(n) for name, n in SIZES.items()}
    every = grids | real_towns()
    if sizes is None:
        return {name: grids[name] for name in ("50k", "500k")} if quick else every
    if odd := set(sizes.split(",")) - set(every):
        raise SystemExit(f"--sizes: {', '.join(sorted(odd))} unknown; there are {', '.join(every)}")
    return {name: every[name] for name in sizes.split(",")}


def _measured(network: str, town: Town, tools: list[str], tasks: list[str], folder: Path) -> list[Row]:
    print(f"{network}: {len(town.node_x):,} nodes, {len(town.edge_m):,} edges", file=sys.stderr, flush=True)
    inside = folder / network
    inside.mkdir()
    return measured(network, town, tools, tasks, inside)


def _machine() -> str:
    text = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, {platform.system()}"


def _versions(tools: list[str]) -> dict[str, str]:
    found = {}
    for name in tools:
        try:
            found[TOOLS[name]] = version(TOOLS[name])
        except PackageNotFoundError:
            found[TOOLS[name]] = "not installed"
    return found


def _print(report: dict, rows: list[Row]) -> None:
    tools = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    print(f"{report['date']}; {report['machine']}; {tools}\n\n{rows_table(rows)}\n")
    if report["reading"]:
        print(f"{dict_table(report['reading'])}\n")
    for name, seconds in report["cold_start_s"].items():
        print(f"Cold start, numba's cache {name}: {seconds:.2f} s\n")
    print(bars_table(bars(rows, report["reading"])))


if __name__ == "__main__":
    main(sys.argv[1:])
