"""How minutes and floor area within reach are shared out: mean, median and Gini index by group, and Lorenz curves."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lifecircle.fairness import Fairness
from lifecircle.intervals import Interval, exact, shown, shown_range
from lifecircle.publish.cards import households_text
from lifecircle.publish.groups import dimension_name, group_name, hidden_text
from lifecircle.publish.lorenz import LEFT, SIDE, TOP, lorenz_lines
from lifecircle.publish.verdict_sheets import Names, titled
from lifecircle.result import Result
from lifecircle.words import Lang, Words, both

_DIGITS = 9  # beyond them a mean or a Gini index is a float's error
_FIGURES = ("mean", "median", "gini")


def spread_section(result: Result) -> list[dict[str, Any]]:
    """Each amount with its groups and its Lorenz curves; a suppressed group stands with the reason and no figures."""
    fairness = result.equity
    if fairness is None:
        return []
    return [
        {
            "name": _name(fairness, str(amount)),
            "dimensions": [_dimension(result, *one) for one in rows.groupby("dimension", sort=False)],
            "drawing": _drawing(result, fairness, str(amount)),
        }
        for amount, rows in fairness.inequality.groupby("amount", sort=False)
    ]


def inequality_sheet(result: Result, lang: Lang) -> pd.DataFrame | None:
    """The same figures for all groups, cut as on the page; None where there are none."""
    fairness = result.equity
    if fairness is None or not len(fairness.inequality):
        return None
    table = fairness.inequality.copy()
    minutes = [_is_minutes(fairness, one) for one in table["amount"]]
    for column in (f"{name}_{end}" for name in _FIGURES for end in ("low", "high")):
        pairs = zip(table[column], minutes, strict=True)
        table[column] = [_cut(number, *_style(column.split("_")[0], walked)) for number, walked in pairs]
    table["note"] = [hidden_text(result, why)[lang] for why in table["suppressed_as"]]
    table["group"] = [group_name(*pair)[lang] for pair in zip(table["dimension"], table["group"], strict=True)]
    table["dimension"] = [dimension_name(one)[lang] for one in table["dimension"]]
    table["amount"] = [_name(fairness, one)[lang] for one in table["amount"]]
    return titled(table, _heads(), lang)


def _heads() -> Names:
    return {
        "amount": ("看什么", "amount"),
        "dimension": ("分组", "by"),
        "group": ("组", "group"),
        "n": ("人群(已知)", "people (known)"),
        "n_left_out": ("无数值的人群", "people without a figure"),
        "n_dwellings_left_out": ("未计的居住点", "dwellings left out"),
        "mean_low": ("平均下限", "mean, low"),
        "mean_high": ("平均上限", "mean, high"),
        "median_low": ("中位数下限", "median, low"),
        "median_high": ("中位数上限", "median, high"),
        "gini_low": ("基尼系数下限", "Gini, low"),
        "gini_high": ("基尼系数上限", "Gini, high"),
        "note": ("说明", "note"),
    }


def _dimension(result: Result, dimension: Any, rows: pd.DataFrame) -> dict[str, Any]:
    name = dimension_name(str(dimension))
    return {"name": name, "groups": [_group(result, row) for row in rows.to_dict("records")]}


def _group(result: Result, row: dict[str, Any]) -> dict[str, Any]:
    name = group_name(row["dimension"], row["group"])
    if row["suppressed"]:
        return {"name": name, "hidden": hidden_text(result, row["suppressed_as"])}
    walked = result.equity is not None and _is_minutes(result.equity, row["amount"])
    figures = {one: _range(row[f"{one}_low"], row[f"{one}_high"], *_style(one, walked)) for one in _FIGURES}
    return {"name": name, "hidden": None, "size": households_text(row["n"]), **figures}


def _is_minutes(fairness: Fairness, amount: str) -> bool:
    """Whether an amount is the walk to something that there is a share of people for; others are floor area."""
    return bool((fairness.shares["outcome"] == amount).any())


def _name(fairness: Fairness, amount: str) -> Words:
    name = fairness.names[amount]
    if not _is_minutes(fairness, amount):
        return name
    return both(f"最短步行(分钟):{name['zh']}", f"Shortest walk (minutes): {name['en']}")


def _style(figure: str, walked: bool) -> tuple[int, bool]:
    """Decimals, and whether more is worse: minutes and Gini indices are raised, floor area is cut."""
    return (2, True) if figure == "gini" else (1, True) if walked else (2, False)


def _range(low: float, high: float, decimals: int, up: bool) -> str:
    if math.isnan(low):
        return "—"
    top = None if math.isinf(high) else exact(round(high, _DIGITS))
    return shown_range(Interval(exact(round(low, _DIGITS)), top), decimals=decimals, up=up)


def _cut(number: float, decimals: int, up: bool) -> float:
    if not math.isfinite(number):
        return number
    return float(shown(exact(round(number, _DIGITS)), decimals=decimals, up=up).replace(",", ""))


def _drawing(result: Result, fairness: Fairness, amount: str) -> dict[str, Any] | None:
    """The Lorenz curves of one amount with the words of its axes; None where there is no curve."""
    lines = lorenz_lines(result.study, fairness.lorenz[fairness.lorenz["amount"] == amount])
    if not lines:
        return None
    name, walked = fairness.names[amount], _is_minutes(fairness, amount)
    what = both("步行分钟", "minutes walked") if walked else both("可达面积", "floor area within reach")
    return {
        "title": both(f"洛伦兹曲线:{name['zh']}", f"Lorenz curves: {name['en']}"),
        "x": both("住户累计(由少到多)", "households, from the least"),
        "y": both(f"{what['zh']}累计", what["en"]),
        "lines": [{"name": group_name(one["dimension"], one["group"]), "points": one["points"]} for one in lines],
        "left": LEFT,
        "top": TOP,
        "side": SIDE,
    }
