"""One tool on one network, in a process of its own, keeping a diary: a line of JSON for each step that it takes.

Before each step a line says which step begins, so that whoever ends the process knows what was under way. (A timer of
CPU seconds inside the process would do as well, but makes its clock of CPU seconds tick 250 times a second only.)
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from networks import grid_town, load_town
from tasks import NO_ANSWER
from tools import tool

REPEATS = 5
ONCE_FROM_S = 10.0  # a run that takes longer is not repeated
_WARM_UP_NODES = 2_500
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Timed:
    """The medians of some runs, and the highest memory during the first of them."""

    cpu_s: float
    wall_s: float
    runs: int
    peak_mb: float


def main(name: str, town_path: Path, tasks: list[str]) -> None:
    """Build and do the tasks; answers go to `<tool>-<task>.npy` beside the town, the diary to `<tool>.jsonl`."""
    folder = town_path.parent
    diary = folder / f"{name}.jsonl"
    _note(diary, step="import")
    used = tool(name)
    known = [task for task in used.TASKS if task in tasks]
    _warm_up(used, known)
    town = load_town(town_path)
    before_mb = _memory_mb("VmRSS")
    _note(diary, step="build")
    built, timed = _timed(lambda: used.build(town), before_mb)
    _note(diary, step="build", **vars(timed))
    for task in known:
        _note(diary, step=task)
        answer, timed = _timed(lambda task=task: used.TASKS[task](built, town), before_mb)
        if task not in NO_ANSWER:
            np.save(folder / f"{name}-{task}.npy", np.asarray(used.handed_over(task, answer), dtype=float))
        del answer
        _note(diary, step=task, **vars(timed))


def _warm_up(used: Any, tasks: list[str]) -> None:
    """Every task on a small town: imports, compiled code from its cache, and memory that libraries keep."""
    town = grid_town(_WARM_UP_NODES)
    built = used.build(town)
    for task in tasks:
        used.TASKS[task](built, town)


def _timed(run: Callable[[], Any], before_mb: float) -> tuple[Any, Timed]:
    """What the first run returns, and the medians of all."""
    _reset_peak()
    answer, cpu_s, wall_s = _once(run)
    peak_mb = _memory_mb("VmHWM") - before_mb
    runs = [(cpu_s, wall_s)]
    while len(runs) < REPEATS and cpu_s <= ONCE_FROM_S:
        runs.append(_once(run)[1:])
    cpu, wall = zip(*runs, strict=True)
    return answer, Timed(median(cpu), median(wall), len(runs), peak_mb)


def _once(run: Callable[[], Any]) -> tuple[Any, float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    answer = run()
    taken = time.process_time() - cpu, time.perf_counter() - wall
    return answer, *taken


def _reset_peak() -> None:
    _CLEAR.write_text("5", encoding="ascii")


def _memory_mb(field: str) -> float:
    lines = _STATUS.read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(field))


def _note(diary: Path, **what: object) -> None:
    with diary.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
