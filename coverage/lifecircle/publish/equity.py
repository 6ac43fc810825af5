"""What groups of people get, side by side: the share that is served, the gap to the best, the unserved."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lifecircle.intervals import Interval, exact, shown, shown_range
from lifecircle.phrases import figure_text
from lifecircle.publish.cards import households_text
from lifecircle.publish.groups import dimension_name, group_name, hidden_text, people_words
from lifecircle.publish.placed import spread_note
from lifecircle.publish.spread import spread_section
from lifecircle.publish.verdict_sheets import Names, cut, titled
from lifecircle.result import Result
from lifecircle.words import Lang, Words, both

_BEHIND = 3  # groups that the sentence above a table names
_DIGITS = 9  # of a difference or a quotient of shares: what is left of a float's error beyond them is cut


def equity_section(result: Result) -> dict[str, Any] | None:
    """Each outcome with its groups side by side, then how minutes and floor area are shared out; None where no groups.

    A suppressed group stands with the reason instead of its figures.
    """
    fairness = result.equity
    if fairness is None or not len(fairness.shares):
        return None
    unserved = {row["outcome"]: row for row in fairness.unserved.to_dict("records")}
    return {
        "text": _told(result),
        "known": _known_heading(result),
        "outcomes": [
            {
                "name": fairness.names[outcome],
                "behind": _behind(rows),
                "unserved": _unserved(unserved[outcome]),
                "dimensions": [_dimension(result, *one) for one in rows.groupby("dimension", sort=False)],
            }
            for outcome, rows in fairness.shares.groupby("outcome", sort=False)
        ],
        "amounts": spread_section(result),
    }


def equity_sheet(result: Result, lang: Lang) -> pd.DataFrame | None:
    """The shares of all groups, cut as on the page; a suppressed one has the reason only. None without groups."""
    if result.equity is None or not len(result.equity.shares):
        return None
    table = result.equity.shares.copy()
    percent = {"low": False, "high": False, "gap_low": True, "gap_high": True, "unserved_share_low": True}
    for column, up in (percent | {"unserved_share_high": True}).items():
        table[column] = [cut(_tidy(number, column), 100, up=up) for number in table[column]]
    for column in ("over_representation_low", "over_representation_high"):
        table[column] = [cut(_tidy(number, column), 1, up=True) for number in table[column]]
    names = result.equity.names
    table["note"] = [hidden_text(result, why)[lang] for why in table["suppressed_as"]]
    table["group"] = [group_name(*pair)[lang] for pair in zip(table["dimension"], table["group"], strict=True)]
    table["dimension"] = [dimension_name(one)[lang] for one in table["dimension"]]
    table["outcome"] = [names[one][lang] for one in table["outcome"]]
    return titled(table, _heads(), lang)


def _heads() -> Names:
    return {
        "outcome": ("看什么", "outcome"),
        "dimension": ("分组", "by"),
        "group": ("组", "group"),
        "n_low": ("人群下限", "people, low"),
        "n_high": ("人群上限", "people, high"),
        "low": ("比例下限(%)", "share, low (%)"),
        "high": ("比例上限(%)", "share, high (%)"),
        "gap_low": ("差距下限(百分点)", "gap, low (points)"),
        "gap_high": ("差距上限(百分点)", "gap, high (points)"),
        "unserved_low": ("未获服务下限", "unserved, low"),
        "unserved_high": ("未获服务上限", "unserved, high"),
        "unserved_share_low": ("占未获服务者,下限(%)", "part of the unserved, low (%)"),
        "unserved_share_high": ("占未获服务者,上限(%)", "part of the unserved, high (%)"),
        "over_representation_low": ("偏高倍数下限", "times over, low"),
        "over_representation_high": ("偏高倍数上限", "times over, high"),
        "note": ("说明", "note"),
    }


def _told(result: Result) -> Words:
    """What the columns mean, in two sentences."""
    people, spread = people_words(result), spread_note(result)
    return both(
        f"比例为该组{people['zh']}中享有者所占的比例,不详的给出下限–上限;差距与同一分组中比例最高的组相比。"
        f"“偏高倍数”为该组占未获服务者的比例除以占全部的比例,确定大于 1 的加▲。{spread['zh']}",
        f"The share is that of the group's {people['en']} who have it, low–high where some are unknown; the gap is to "
        "the best group of the same kind. Times over: its part of the unserved over its part of all, marked where it "
        f"is surely above 1. {spread['en']}".strip(),
    )


def _known_heading(result: Result) -> Words:
    """What stands over sizes: those that are known; `+ ?` behind one says that more are not."""
    people = people_words(result)
    return both(f"已知{people['zh']}数", f"{people['en'].capitalize()} known")


def _dimension(result: Result, dimension: Any, rows: pd.DataFrame) -> dict[str, Any]:
    name = dimension_name(str(dimension))
    return {"name": name, "groups": [_group(result, row) for row in rows.to_dict("records")]}


def _group(result: Result, row: dict[str, Any]) -> dict[str, Any]:
    """One group's cells; only its name and the reason where it is suppressed."""
    name, alone = group_name(row["dimension"], row["group"]), row["dimension"] == row["group"] == "all"
    if row["suppressed"]:
        return {"name": name, "hidden": hidden_text(result, row["suppressed_as"])}
    none = math.isnan(row["low"])
    return {
        "name": name,
        "hidden": None,
        "size": households_text(row["n_low"]) + (" + ?" if row["n_high"] > row["n_low"] else ""),
        "share": "—" if none else figure_text(_ends(row, "{}"), "share of households"),
        "bar": None if none else [f"{100 * row[end]:.2f}" for end in ("low", "high")],
        "best": bool(row["best"]) and not alone,
        "gap": "" if alone or none else gap_text(row),
        "part": "" if alone else _percent(row, "unserved_share_{}"),
        "over": "" if alone else _times(row),
        "over_sure": bool(row["over_representation_low"] > 1),
    }


def gap_text(row: dict[str, Any]) -> str:
    """Percentage points below the best group, the low and the high end raised."""
    figure = _ends(row, "gap_{}")
    if figure is None:
        return "—"
    points = figure.times(exact(100))
    return shown_range(points, up=True) if points.low or points.known else f"≤ {shown(points.high, up=True)}"


def _percent(row: dict[str, Any], column: str) -> str:
    return figure_text(_ends(row, column), "share of households", up=True)


def _times(row: dict[str, Any]) -> str:
    return shown_range(_ends(row, "over_representation_{}"), up=True)


def _ends(row: dict[str, Any], column: str) -> Interval | None:
    """The low and high end of a figure of the table; None where there is none."""
    low, high = (_tidy(row[column.format(end)], column) for end in ("low", "high"))
    if math.isnan(low):
        return None
    return Interval(exact(low), None if math.isinf(high) else exact(high))


def _tidy(number: float, column: str) -> float:
    """A share as it is, the nearest float to a quotient; what is reckoned from shares, without a float's error."""
    return round(number, _DIGITS) if column.startswith(("gap", "over", "unserved")) else number


def _behind(rows: pd.DataFrame) -> Words:
    """The groups that are surely behind, the farthest first; empty where there is nobody to be behind."""
    own = rows[~rows["suppressed"] & (rows["dimension"] != "all") & (rows["group"] != "unknown")]
    if not len(own):
        return both("", "")
    behind = own[own["gap_low"] > 0].sort_values("gap_low", ascending=False, kind="stable").head(_BEHIND)
    if not len(behind):
        return both("没有哪个组确定落后。", "No group is surely behind.")
    said = [(group_name(row["dimension"], row["group"]), gap_text(row)) for row in behind.to_dict("records")]
    zh = "、".join(f"{name['zh']} {gap}" for name, gap in said)
    en = ", ".join(f"{name['en']} {gap}" for name, gap in said)
    return both(f"确定落后于同类最好的组(百分点):{zh}。", f"Surely behind the best of their kind (points): {en}.")


def _unserved(row: dict[str, Any]) -> Words:
    """How much those who surely do not have it live together."""
    if not row["n_unserved"]:
        return both("没有确定未获服务的住户。", "No household is surely unserved.")
    n, units, half = households_text(row["n_unserved"]), row["n_units"], row["n_units_of_half"]
    worst = exact(row["worst_tenth_share"])
    tenth = figure_text(Interval(worst, worst), "share of households", up=True)
    return both(
        f"确定未获服务的已知 {n} 户中,一半住在 {units} 个单元中的 {half} 个;最多的十分之一单元占 {tenth}。",
        f"Of {n} known households that are surely unserved, half live in {half} of {units} units; the worst tenth of "
        f"the units holds {tenth}.",
    )
