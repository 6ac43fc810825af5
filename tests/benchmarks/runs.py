"""Runs every tool on a network, each in a process of its own, and compares the answers."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from networks import Town
from tasks import NO_ANSWER, SAME_ANSWER, compared
from tools import FOR_SNAPPING, OURS, TOOLS, tool
from worker import CAP_S, HANGS_S

_WORKER = Path(__file__).with_name("worker.py")
OVER = f"over {CAP_S} s"


@dataclass(frozen=True)
class Row:
    """One task of one tool on one network; figures are None where `trouble` says why there are none."""

    network: str
    n_nodes: int
    task: str
    tool: str
    build_s: float | None = None
    cpu_s: float | None = None
    wall_s: float | None = None
    runs: int = 0
    peak_mb: float | None = None
    agreement: str = ""
    times_ours: float | None = None
    trouble: str = ""


def measured(network: str, town: Town, tools: list[str], tasks: list[str], folder: Path) -> list[Row]:
    """Rows of all tools that can do any of the tasks."""
    path = folder / "town.npz"
    town.save(path)
    rows = [row for name in tools for row in _tool_rows(network, town, name, tasks, path)]
    return _with_ratios(_with_agreement(rows, town, folder))


def _tool_rows(network: str, town: Town, name: str, tasks: list[str], path: Path) -> list[Row]:
    """A tool's rows. A process that ended early is started again for the tasks after the one that ended it."""
    blank = Row(network, len(town.node_x), "", name)
    try:
        known = [task for task in tool(name).TASKS if task in tasks]
    except ImportError:
        return [replace(blank, task=task, trouble="not installed") for task in tasks]
    if not known and ("build" not in tasks or name in FOR_SNAPPING):
        return []
    steps, ended = _diary(name, known, path)
    rows = []
    while ended:
        at, trouble = ended
        if at not in known:
            rest = [replace(blank, task=task, trouble=f"not built: {trouble}") for task in known]
            return [replace(blank, task="build", trouble=trouble), *rest]
        rows.append(replace(blank, task=at, trouble=trouble))
        known = known[known.index(at) + 1 :]
        more, ended = _diary(name, known, path) if known else ({}, None)
        steps = more | steps
    build_s = steps["build"]["cpu_s"]
    rows += [replace(blank, task=task, **figures) for task, figures in steps.items()]
    shown = [task for task in tasks if task != "build" or name not in FOR_SNAPPING]
    return [replace(row, build_s=build_s) for row in rows if row.task in shown]


def _diary(name: str, tasks: list[str], path: Path) -> tuple[dict[str, dict[str, float]], tuple[str, str] | None]:
    """What a worker measured, and where and how it ended if it did not come to its end."""
    diary = path.parent / f"{name}.jsonl"
    diary.unlink(missing_ok=True)
    command = [sys.executable, _WORKER, name, path, *tasks]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    notes = [json.loads(line) for line in diary.read_text("utf-8").splitlines()]
    steps = {note.pop("step"): note for note in notes if len(note) > 1}
    if not done.returncode:
        return steps, None
    if done.returncode == -signal.SIGPROF:
        return steps, (notes[-1]["step"], OVER)
    if done.returncode == -signal.SIGALRM:
        return steps, (notes[-1]["step"], f"hangs: over {HANGS_S} s of the clock")
    last = (done.stderr.strip().splitlines() or [f"signal {-done.returncode}"])[-1]
    return steps, (notes[-1]["step"], f"failed: {last}")


def _with_agreement(rows: list[Row], town: Town, folder: Path) -> list[Row]:
    asked = {SAME_ANSWER.get(row.task, row.task) for row in rows}
    answers = tool("scipy").referee(town, sorted(asked))
    if (folder / "shapely-snap.npy").exists():
        answers["snap"] = np.load(folder / "shapely-snap.npy")
    return [replace(row, agreement=_agreement(row, answers, folder)) for row in rows]


def _agreement(row: Row, answers: dict[str, np.ndarray], folder: Path) -> str:
    path = folder / f"{row.tool}-{row.task}.npy"
    referee = answers.get(SAME_ANSWER.get(row.task, row.task))
    if row.trouble or row.task in NO_ANSWER or referee is None or not path.exists():
        return ""
    return str(compared(row.task, np.load(path), referee))


def _with_ratios(rows: list[Row]) -> list[Row]:
    ours = {row.task: row.cpu_s for row in rows if row.tool == OURS and row.cpu_s}
    return [
        replace(row, times_ours=row.cpu_s / ours[row.task]) if row.cpu_s and row.task in ours else row for row in rows
    ]


def known_tools(names: str | None) -> list[str]:
    """The tools of a list with commas between them; all if there is none."""
    chosen = list(TOOLS) if names is None else names.split(",")
    if odd := set(chosen) - set(TOOLS):
        raise SystemExit(f"--tools: {', '.join(sorted(odd))} unknown; there are {', '.join(TOOLS)}")
    return chosen
