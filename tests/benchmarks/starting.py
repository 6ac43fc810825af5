"""The cold start: seconds from a new process to the first answers, with numba's cache empty and then filled."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def cold_starts() -> dict[str, float]:
    """Wall seconds of a process that imports the project, builds a small town and does every task once."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        return {name: _seconds(environment) for name in ("empty", "filled")}


def _seconds(environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, __file__], check=True, env=environment, cwd=Path(__file__).parent)
    return time.perf_counter() - start


def main() -> None:
    """Every task of this project on a small town."""
    from networks import grid_town
    from tools import lifecircle

    town = grid_town(2_500)
    graph = lifecircle.build(town)
    for run in lifecircle.TASKS.values():
        run(graph, town)


if __name__ == "__main__":
    main()
