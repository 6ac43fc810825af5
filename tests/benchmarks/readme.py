"""Write the comparison with other tools into the project's README, from the figures of one run.

python tests/benchmarks/reach.py --json reach.json && python tests/benchmarks/readme.py reach.json

Tools that one run left out may come from another on the same machine: `readme.py reach.json pandana.json`. It is said.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from table import figure, markdown
from tasks import TASKS
from tools import OURS, TOOLS

README = Path(__file__).resolve().parents[2] / "README.md"
_SIZE = "500k"
_BEGIN, _END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
_PEERS = ("scipy", "networkx", "pandana", "igraph", "rustworkx", "cityseer")
_SHOWN = ("build", "nearest", "nearest_any", "k_nearest", "sums", "pairs", "counts", "node_sums")


def main(path: Path, others: list[Path]) -> None:
    """Put the section between its marks."""
    report = json.loads(path.read_text("utf-8"))
    for other in others:
        _add(report, json.loads(other.read_text("utf-8")))
    text = README.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    README.write_text(f"{before}{_BEGIN}\n{section(report)}\n{_END}{after}", "utf-8")


def _add(report: dict[str, Any], other: dict[str, Any]) -> None:
    """Take the rows of tools that the report does not have, and set them beside this project's."""
    known = {row["tool"] for row in report["rows"] if row["network"] == _SIZE}
    ours = {row["task"]: row for row in report["rows"] if (row["network"], row["tool"]) == (_SIZE, OURS)}
    more = [row for row in other["rows"] if row["network"] == _SIZE and row["tool"] not in known]
    for row in more:
        own = ours.get(row["task"], {}).get("cpu_s")
        row["times_ours"] = row["cpu_s"] / own if row["cpu_s"] and own else None
    report["rows"] += more
    report["versions"] |= other["versions"]
    report.setdefault("elsewhere", {})[other["date"]] = sorted({row["tool"] for row in more})


def section(report: dict[str, Any]) -> str:
    """The heading, what was measured where and when, and the table."""
    rows = {(row["task"], row["tool"]): row for row in report["rows"] if row["network"] == _SIZE}
    n_nodes = next(row["n_nodes"] for row in report["rows"] if row["network"] == _SIZE)
    peers = [name for name in _PEERS if any(tool == name for _, tool in rows)]
    lines = [[TASKS[task], *(_cell(rows.get((task, tool))) for tool in (OURS, *peers))] for task in _SHOWN]
    head = ("task", "lifecircle", *(f"{name} {report['versions'].get(TOOLS[name], '')}".strip() for name in peers))
    met = sum(bar["verdict"] == "met" for bar in report["bars"])
    open_bars = [bar for bar in report["bars"] if bar["verdict"] != "met"]
    said = "".join(f"; {bar['verdict']}: {TASKS.get(bar['task'], bar['task'])}, {bar['bar']}" for bar in open_bars)
    elsewhere = "".join(
        f" {', '.join(tools)}: another run, {date}." for date, tools in report.get("elsewhere", {}).items()
    )
    where = f"{report['date']}; {report['machine']}.{elsewhere}"
    return f"""### How fast

CPU seconds, warm, on a drawn network of {n_nodes:,} nodes with a facility for 500 nodes and a limit of 1,200 m;
in brackets how many times this project's. {where} A dash: the tool has no such task.

{markdown(head, lines)}

Of the {len(report["bars"])} bars that the project set itself, {met} were met in this run{said}.
All figures, other sizes and real places, memory, reading and cold starts: `python tests/benchmarks/reach.py`."""


def _cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "—"
    seconds = row["build_s"] if row["task"] == "build" else row["cpu_s"]
    if seconds is None:
        return row["trouble"] or "—"
    times = f" ({figure(row['times_ours'])} ×)" if row["times_ours"] and row["tool"] != OURS else ""
    return f"{figure(seconds)}{times}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
