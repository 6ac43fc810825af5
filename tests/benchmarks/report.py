"""Writing the sample's report beside assessing it.

Medians of three rounds in one process, the first of each left out: what is loaded and compiled once is not counted.

python tests/benchmarks/report.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import lifecircle as lc

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_ROUNDS = 3
_BARS = {"everything": 15, "html,xlsx": 5}
ONLY = {"everything": [], "html,xlsx": ["html", "xlsx"], "map": ["map"], "xlsx": ["xlsx"], "pdf": ["pdf"]}


def main() -> None:
    """Print seconds, and how many times those of the assessment they are."""
    result = lc.assess(SAMPLE)
    assess_s = _seconds(lambda: lc.assess(SAMPLE))
    print(f"{'assess':12} {assess_s:6.2f} s")
    with tempfile.TemporaryDirectory() as name:
        for what, only in ONLY.items():
            seconds = _seconds(lambda only=only, what=what: lc.write_report(result, Path(name) / what, only=only))
            times, bar = seconds / assess_s, _BARS.get(what)
            verdict = "" if bar is None else f" (at most {bar} ×: {'met' if times <= bar else 'not met'})"
            print(f"{what:12} {seconds:6.2f} s {times:6.1f} × assess{verdict}")


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS + 1):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


if __name__ == "__main__":
    main()
