"""Runs every tool on a network, each in a process of its own, and compares the answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from networks import Town
from tasks import NO_ANSWER, SAME_ANSWER, compared
from tools import FOR_SNAPPING, OURS, TOOLS, tool

_WORKER = Path(__file__).with_name("worker.py")
CAP_S = 300
HANGS_S = 1200  # of the clock: a step that takes so long without taking the CPU waits for something
OVER, HANGS = f"over {CAP_S} s", f"hangs: over {HANGS_S} s of the clock"
_GLANCE_S = 0.2


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
    except ModuleNotFoundError as missing:
        return [replace(blank, task=task, trouble=f"not installed: {missing.name}") for task in tasks]
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
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        trouble = _watched(process, diary)
        said.seek(0)
        last = (said.read().decode(errors="replace").strip().splitlines() or [f"signal {-process.returncode}"])[-1]
    notes = [json.loads(line) for line in diary.read_text("utf-8").splitlines()]
    under_way = notes[-1]["step"]
    steps = {note.pop("step"): note for note in notes if len(note) > 1}
    return steps, (under_way, trouble or f"failed: {last}") if process.returncode else None


def _watched(process: subprocess.Popen[bytes], diary: Path) -> str:
    """Why the process was ended: a step took more CPU seconds than the cap, or waits; empty if it ended by itself."""
    size, cpu_s, clock_s = -1, 0.0, 0.0
    while process.poll() is None:
        time.sleep(_GLANCE_S)
        now = diary.stat().st_size if diary.exists() else 0
        if now != size:
            size, cpu_s, clock_s = now, _cpu_s(process.pid), time.monotonic()
        trouble = OVER if _cpu_s(process.pid) - cpu_s > CAP_S else HANGS if time.monotonic() - clock_s > HANGS_S else ""
        if trouble:
            process.kill()
            process.wait()
            return trouble
    return ""


def _cpu_s(pid: int) -> float:
    """CPU seconds that a process has taken; fields 14 and 15 of its stat, counted after the name in brackets."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except FileNotFoundError:  # it has just ended
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
