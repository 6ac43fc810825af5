"""The bars that the project set itself, at 500,000 nodes, each with the figure of the same run."""

from __future__ import annotations

from dataclasses import dataclass

from runs import CAP_S, OVER, Row
from tools import OUR_SNAP, OURS

SIZE = "500k"
_THREADS = 2
# Task, peer, how many times this project's CPU seconds the peer must take at least.
TIMES = [
    ("nearest", "scipy", 3), ("nearest", "networkx", 60), ("nearest", "pandana", 100),
    ("nearest_any", "scipy", 3), ("nearest_any", "networkx", 60), ("nearest_any", "pandana", 100),
    ("k_nearest", "scipy", 25), ("k_nearest", "networkx", 25), ("k_nearest", "pandana", 50),
    ("sums", "pandana", 20), ("sums", "networkx", 20), ("sums", "scipy", 60),
    ("pairs", "pandana", 20), ("pairs", "networkx", 20), ("pairs", "scipy", 60),
    ("counts", "pandana", 300),
    ("node_sums", "pandana", 5),
    ("build", "pandana", 200),
]  # fmt: skip
PEAK_MB = {"500k": 300, "2M": 600}
_THREADS_TIMES, _SNAP_TIMES, _READ_TIMES = 1.6, 10, 2


@dataclass(frozen=True)
class Bar:
    """A bar, what was obtained, and whether it is met; None where it was not measured."""

    task: str
    bar: str
    obtained: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """In words."""
        return {True: "met", False: "not met", None: "not measured"}[self.met]


def bars(rows: list[Row], readings: list[dict[str, float | str]]) -> list[Bar]:
    """All bars; one that the run has no figures for says so."""
    by_task = {(row.task, row.tool): row for row in rows if row.network == SIZE}
    found = [_times(by_task, *one) for one in TIMES]
    found.append(_precomputed(by_task))
    found.append(_snapping(by_task))
    found += [_peak(rows, size, limit) for size, limit in PEAK_MB.items()]
    found += [_threads(by_task, task) for task in ("sums", "pairs", "node_sums")]
    found += [_reading(row) for row in readings]
    found += [_agreeing(rows)]
    return found


def _times(by_task: dict[tuple[str, str], Row], task: str, peer: str, factor: int) -> Bar:
    ours, other = by_task.get((task, OURS)), by_task.get((task, peer))
    bar = f"at least {factor} × {peer}"
    if not (ours and ours.cpu_s and other):
        return Bar(task, bar, "", None)
    if other.trouble == OVER:
        times = CAP_S / ours.cpu_s
        return Bar(task, bar, f"over {times:,.0f} ×", True if times >= factor else None)
    if not other.cpu_s:
        return Bar(task, bar, other.trouble, None)
    times = other.cpu_s / ours.cpu_s
    return Bar(task, bar, f"{times:,.1f} ×", times >= factor)


def _precomputed(by_task: dict[tuple[str, str], Row]) -> Bar:
    ours = by_task.get(("node_sums", OURS))
    steps = [by_task.get((task, "pandana")) for task in ("precompute", "node_sums_after")]
    bar = "faster than pandana's precompute and query"
    if not (ours and ours.cpu_s and all(step and step.cpu_s for step in steps)):
        return Bar("node_sums", bar, "", None)
    theirs = sum(step.cpu_s for step in steps)
    return Bar("node_sums", bar, f"{ours.cpu_s:.2f} s against {theirs:.2f} s", ours.cpu_s < theirs)


def _snapping(by_task: dict[tuple[str, str], Row]) -> Bar:
    ours, bare = by_task.get(("snap", OUR_SNAP)), by_task.get(("snap", "shapely"))
    bar = f"CPU seconds at most {_SNAP_TIMES} × a bare STRtree query"
    if not (ours and ours.cpu_s and bare and bare.cpu_s):
        return Bar("snap", bar, "", None)
    times = ours.cpu_s / bare.cpu_s
    return Bar("snap", bar, f"{times:.2f} ×", times <= _SNAP_TIMES)


def _peak(rows: list[Row], size: str, limit_mb: int) -> Bar:
    peaks = {row.task: row.peak_mb for row in rows if (row.network, row.tool) == (size, OURS) and row.peak_mb}
    bar = f"peak memory above the inputs under {limit_mb} MB at {size}"
    if not peaks:
        return Bar("memory", bar, "", None)
    worst = max(peaks, key=lambda task: peaks[task])
    return Bar("memory", bar, f"{peaks[worst]:,.0f} MB ({worst})", peaks[worst] < limit_mb)


def _threads(by_task: dict[tuple[str, str], Row], task: str) -> Bar:
    one, two = by_task.get((task, OURS)), by_task.get((f"{task}_{_THREADS}", OURS))
    bar = f"two threads at least {_THREADS_TIMES} × one"
    if not (one and one.wall_s and two and two.wall_s):
        return Bar(task, bar, "", None)
    times = one.wall_s / two.wall_s
    return Bar(task, bar, f"{times:.2f} ×", times >= _THREADS_TIMES)


def _reading(row: dict[str, float | str]) -> Bar:
    times = float(row["times_bare"])
    bar = f"at most {_READ_TIMES} × a bare osmium pass"
    return Bar(f"read {row['file']}", bar, f"{times:.2f} × ({row['ours_s']:.2f} s)", times <= _READ_TIMES)


def _agreeing(rows: list[Row]) -> Bar:
    ours = [row for row in rows if row.tool == OURS and row.agreement]
    differing = [f"{row.network} {row.task}: {row.agreement}" for row in ours if row.agreement != "agrees"]
    obtained = "; ".join(differing) or f"{len(ours)} answers agree"
    return Bar("answers", "the referee's, every one", obtained, not differing if ours else None)
