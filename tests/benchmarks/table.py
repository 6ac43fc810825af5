"""Figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from bars import Bar
from runs import Row
from tasks import SAME_ANSWER, TASKS
from tools import FOR_SNAPPING, TOOLS

_HEAD = ("task", "network", "tool", "build s", "CPU s", "wall s", "runs", "peak MB", "times ours", "answer")


def rows_table(rows: list[Row]) -> str:
    """A row for each task, network and tool, tasks in their order; a dash where a tool has no such task."""
    networks = list(dict.fromkeys(row.network for row in rows))
    found = {(row.task, row.network, row.tool): row for row in rows}
    lines = []
    for task in TASKS:
        for network in networks:
            tools = [name for name in TOOLS if (task, network, name) in found]
            lines += [_cells(found[task, network, name]) for name in tools]
            without = _without(task, network, tools, rows)
            if tools and without:
                lines.append([TASKS[task], network, ", ".join(without), *["—"] * (len(_HEAD) - 3)])
    return markdown(_HEAD, lines)


def bars_table(bars: list[Bar]) -> str:
    """A row for each bar."""
    return markdown(
        ("task", "bar", "obtained", "verdict"),
        [[TASKS.get(bar.task, bar.task), bar.bar, bar.obtained or "—", bar.verdict] for bar in bars],
    )


def dict_table(rows: list[dict[str, float | str]]) -> str:
    """Rows that all have the same keys."""
    return markdown(tuple(rows[0]), [[figure(value) for value in row.values()] for row in rows])


def _without(task: str, network: str, tools: list[str], rows: list[Row]) -> list[str]:
    """Tools that were run on the network and have no such task; those made for one task alone are not named."""
    if task in (*SAME_ANSWER, "snap", "precompute"):
        return []
    ran = dict.fromkeys(row.tool for row in rows if row.network == network)
    return [name for name in ran if name not in (*tools, *FOR_SNAPPING)]


def _cells(row: Row) -> list[str]:
    name = [TASKS[row.task], row.network, row.tool]
    if row.trouble:
        return [*name, figure(row.build_s), row.trouble, *["—"] * (len(_HEAD) - 5)]
    figures = [figure(one) for one in (row.build_s, row.cpu_s, row.wall_s, row.runs, row.peak_mb, row.times_ours)]
    return [*name, *figures, row.agreement or "—"]


def figure(value: object) -> str:
    if value is None:
        return "—"
    if not isinstance(value, float):
        return str(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    return f"{value:,.{digits}f}"


def markdown(head: tuple[str, ...], rows: Iterable[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (list(head), ["---"] * len(head), *rows))
