"""The sheets a reader checks by hand: floor area over households, and what is missing."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lifecircle.intervals import Interval, exact, shown_range
from lifecircle.publish.binding import binding
from lifecircle.publish.verdict_sheets import Names, cut, force, titled
from lifecircle.result import Result
from lifecircle.words import Lang, term

AREA = "floor_area_per_100_households"
_DIGITS = 6  # decimals of a square metre: more than any register states
_READ = [
    "unit_id", "name", "tier", "standard", "rule_id", "verdict", "households_low", "households_high", "value", "low",
    "high", "threshold", "shown", "gap_low", "gap_high", "gap_in", "gap_households_low", "gap_households_high",
]  # fmt: skip
_UNKNOWN = {"zh": "不详:", "en": "unknown: "}
AREA_HEADS: Names = {
    "unit_id": ("单元编码", "unit"),
    "name": ("名称", "name"),
    "tier": ("层级", "tier"),
    "households": ("户数", "households"),
    "counted": ("计入面积(m²)", "counted area (m²)"),
    "ratio": ("每百户(m²)", "m² per 100 households"),
    "low": ("每百户下限(m²)", "low (m² per 100 households)"),
    "threshold": ("要求(m²/百户)", "threshold (m² per 100 households)"),
    "needed": ("应有面积(m²)", "needed (m²)"),
    "gap": ("缺口(m²)", "gap (m²)"),
    "verdict": ("判定", "verdict"),
    "again": ("复算", "worked out again"),
    "force": ("效力", "force"),
    "rule": ("条款", "rule"),
    "standard": ("标准", "standard"),
}
_GAP_HEADS: Names = {
    "unit_id": ("单元编码", "unit"),
    "name": ("名称", "name"),
    "tier": ("层级", "tier"),
    "verdict": ("判定", "verdict"),
    "gap": ("缺口", "gap"),
    "gap_high": ("至多", "at most"),
    "gap_in": ("缺口单位", "gap in"),
    "owed": ("缺口相当户数", "households owed"),
    "closing": ("补足办法", "what would close it"),
    "force": ("效力", "force"),
    "rule": ("条款", "rule"),
    "standard": ("标准", "standard"),
}


def area_sheet(result: Result, lang: Lang) -> pd.DataFrame | None:
    """Counted area, households, the figure and the gap of every rule on floor area, lowest first; None without one.

    What is known is a number; what is not is a text that says so with its range.
    """
    asks_least = {(one.id, rule.id) for one in result.standards for rule in one.rules if rule.operator == ">="}
    rows = result.units[result.units["measure"] == AREA]
    rows = rows[[pair in asks_least for pair in zip(rows["standard"], rows["rule_id"], strict=True)]]
    if not len(rows):
        return None
    rows = _worded(result, rows, lang)
    place = pd.factorize(rows["standard_id"] + "/" + rows["rule_id"] + "/" + rows["tier"])[0]
    rows = rows.assign(place=place).sort_values(["place", "low"], kind="stable", na_position="last")
    cells = pd.DataFrame([_area_cells(row, lang) for row in rows.astype(object).to_dict("records")], index=rows.index)
    return titled(rows.drop(columns=[name for name in cells if name in rows]).join(cells), AREA_HEADS, lang)


def _worded(result: Result, rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """The verdicts with standard, rule, tier and verdict as people read them."""
    titles = {one.id: one.title.model_dump()[lang] for one in result.standards}
    words = {name: {key: term(name, key)[lang] for key in set(rows[name])} for name in ("tier", "verdict")}
    forces = {binds: force(lang, binds=binds) for binds in (True, False)}
    return rows[_READ].assign(
        standard_id=rows["standard"],
        standard=rows["standard"].map(titles),
        rule=rows[f"rule_{lang}"],
        closing=rows[f"closing_{lang}"],
        force=binding(result).loc[rows.index].map(forces),
        verdict_id=rows["verdict"],
        **{name: rows[name].map(said) for name, said in words.items()},
    )


def _area_cells(row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """One row's figures: numbers where they are known, else texts."""
    low, value, threshold = (float(row[name]) for name in ("low", "value", "threshold"))
    counted, households = counted_m2(row), _number(row, "households", lang, decimals=0)
    unknown = "" if math.isnan(low) else f"{_UNKNOWN[lang]}{row['shown']}"
    given = isinstance(households, float) and households > 0 and not math.isnan(threshold)
    settled = given and isinstance(counted, float) and row["verdict_id"] in {"met", "unmet"}
    return {
        "households": households,
        "counted": counted if isinstance(counted, float) else _range(counted, lang),
        "ratio": unknown if math.isnan(value) else cut(value, 1),
        "low": cut(low, 1),
        "threshold": threshold,
        "needed": float(households) * threshold / 100 if given else "",
        "gap": _number(row, "gap", lang, up=True),
        "again": row["verdict"] if settled else "",
    }


def counted_m2(row: dict[str, Any]) -> float | Interval | None:
    """The floor area behind a figure per 100 households: what it is when multiplied by its households.

    A number where it is known, its range where it is not, None where the figure does not tell.

    >>> counted_m2({"low": 34.0, "high": 34.0, "households_low": 50.0, "households_high": 50.0})
    17.0
    """
    names = ("low", "high", "households_low", "households_high")
    low, high, fewest, most = (float(row[name]) for name in names)
    if math.isnan(low) or math.isinf(most) or not most:
        return None
    least = round(low * most / 100, _DIGITS)
    largest = math.inf if math.isinf(high) or not fewest else round(high * fewest / 100, _DIGITS)
    if least == largest:
        return least
    return Interval(exact(least), None if math.isinf(largest) else exact(largest))


def _range(area: Interval | float | None, lang: Lang) -> str:
    return f"{_UNKNOWN[lang]}{shown_range(area)}" if isinstance(area, Interval) else ""


def _number(row: dict[str, Any], name: str, lang: Lang, *, up: bool = False, decimals: int = 2) -> float | str:
    """A number of a row, or its range as a text; empty where there is none."""
    low, high = (float(row[f"{name}_{end}"]) for end in ("low", "high"))
    if math.isnan(low):
        return ""
    if low == high:
        return cut(low, 1, up=up, whole=not decimals) if up else low
    found = Interval(exact(low), None if math.isinf(high) else exact(high))
    return f"{_UNKNOWN[lang]}{shown_range(found, decimals=decimals, up=up)}"


def gap_sheet(result: Result, lang: Lang) -> pd.DataFrame | None:
    """Every gap that is there or may be, binding rules first, the largest of each first; None where nothing is missing.

    What may be missing is a text with its range, and its upper end a number beside.
    """
    rows = result.units[(result.units["gap_high"] > 0) & (result.units["gap_in"] != "")]
    if not len(rows):
        return None
    rows = _worded(result, rows, lang)
    rows = rows.assign(
        place=pd.factorize(rows["standard_id"] + "/" + rows["rule_id"] + "/" + rows["tier"])[0],
        least=-rows["gap_low"],
        most=-rows["gap_high"],
        loose=rows["force"] != force(lang, binds=True),
    ).sort_values(["loose", "place", "least", "most"], kind="stable")
    cells = pd.DataFrame([_gap_cells(row, lang) for row in rows.astype(object).to_dict("records")], index=rows.index)
    return titled(rows.drop(columns=[name for name in cells if name in rows]).join(cells), _GAP_HEADS, lang)


def _gap_cells(row: dict[str, Any], lang: Lang) -> dict[str, Any]:
    whole = row["gap_in"] != "m2"
    return {
        "gap": _number(row, "gap", lang, up=True, decimals=0 if whole else 2),
        "gap_high": cut(float(row["gap_high"]), 1, up=True, whole=whole),
        "gap_in": term("gap_in", str(row["gap_in"]))[lang],
        "owed": _number(row, "gap_households", lang, up=True, decimals=0),
    }
