"""The sections of the report page on what is missing, what is within reach, facilities, gaps in reach and faults."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.phrases import sign, threshold_text
from lifecircle.publish.cards import households_text
from lifecircle.publish.payload import has_walks, kinds_shown
from lifecircle.publish.placed import marked, spread_note
from lifecircle.result import Result
from lifecircle.shares import parse_shares
from lifecircle.spreading import spread_of
from lifecircle.study import kind_name
from lifecircle.words import Words, both, term

ASKED_FIRST = 5  # missing numbers that the page names; the workbook has them all
NAMED = 6  # verdicts that are named beside a missing number
AGREE = {
    "both": both("两个口径都达标", "both meet"),
    "neither": both("两个口径都不达标", "neither meets"),
    "only_administrative": both("仅属地口径达标", "only by territory"),
    "only_reachable": both("仅步行可达口径达标", "only within reach"),
    "unknown": both("无法判定", "unknown"),
}
_LEFT_OUT = [f"{what} {state}" for what in ("sum", "n") for state in ("not_reached", "unknown")]
_MISSING = {
    ("facilities", "floor_area_m2"): both("建筑面积", "floor area"),
    ("facilities", "service_area_m2"): both("服务用房面积", "area for services"),
    ("units", "households"): both("户数", "number of households"),
    ("units", "urban_rural"): both("城乡属性", "standing as urban or rural"),
    ("dwellings", "households"): both("所辖居住点的户数", "households, dwelling by dwelling"),
}


def missing_section(result: Result) -> dict[str, Any] | None:
    """The missing numbers to ask for first, each in a sentence; None where no verdict hangs on one."""
    if not len(result.missing):
        return None
    rest = len(result.missing) - ASKED_FIRST
    note = both("判定数含参考条款。", "Verdicts include those for reference.")
    if rest > 0:
        note = both(
            f"另有 {rest} 个数字,见工作簿“先核实”;判定数含参考条款。",
            f"{rest} more in the workbook, sheet missing. Verdicts include those for reference.",
        )
    first = result.missing.head(ASKED_FIRST).to_dict("records")
    rows = [{"key": row["key"], "text": asking_text(row), "verdicts": _hanging(result, row)} for row in first]
    return {"rows": rows, "note": note}


def _hanging(result: Result, row: dict[str, Any]) -> Words:
    """The verdicts that hang on a missing number, by unit and rule; empty where the table does not name them."""
    pairs = row.get("verdicts") or ()
    units = dict(zip(result.units["unit_id"], result.units["name"], strict=True))
    rules = {(one.id, rule.id): rule.name for one in result.standards for rule in one.rules}
    said = [(units[unit_id] or unit_id, rules[standard, rule_id]) for unit_id, standard, rule_id in pairs[:NAMED]]
    zh, en = (
        "、".join(f"{unit}·{rule.zh}" for unit, rule in said),
        "; ".join(f"{unit}: {rule.en}" for unit, rule in said),
    )
    rest = len(pairs) - len(said)
    return both(f"{zh}等,另 {rest} 项", f"{en} and {rest} more") if rest > 0 else both(zh, en)


def missing_words(table: str, column: str) -> Words:
    """What a missing number is called."""
    return _MISSING.get((table, column)) or both(column, column)


def asking_text(row: dict[str, Any]) -> Words:
    """Whom to ask for which number, and what hangs on it.

    >>> row = {"table": "facilities", "column": "floor_area_m2", "name": "F", "settles": 3, "helps": 1}
    >>> print(asking_text(row)["en"])
    Ask F for its floor area: it settles 3 verdicts and helps with 1 more
    """
    what, settles, helps = missing_words(row["table"], row["column"]), row["settles"], row["helps"]
    verdicts = f"{settles or helps} verdict{'s' if (settles or helps) != 1 else ''}"
    zh = f"可定 {settles} 项判定" + (f",另有 {helps} 项与之有关" if helps else "")
    en = f"it settles {verdicts}" + (f" and helps with {helps} more" if helps else "")
    if not settles:
        zh, en = f"与 {helps} 项判定有关", f"it helps with {verdicts}"
    return both(f"向{row['name']}核实{what['zh']}:{zh}", f"Ask {row['name']} for its {what['en']}: {en}")


def reachable_section(result: Result) -> dict[str, Any] | None:
    """Floor area by territory beside floor area within reach: counts by tier, and the lowest units that disagree.

    None where there is no such table: no rule on floor area, or no walks.
    """
    table = result.reachable
    if not len(table):
        return None
    tiers = list(dict.fromkeys(table["tier"]))
    counts = table.groupby(["tier", "agree"]).size()
    split = table[(table["tier"] == tiers[-1]) & table["agree"].str.startswith("only_")]
    limit, lowest, spread = f"{result.study.walk.limit_min:g}", term("tier", tiers[-1]), spread_note(result)
    return {
        "rule": _reachable_rule(result),
        "text": both(
            f"属地口径只计本单元内的设施。步行可达口径把每处设施的面积平分给步行 {limit} 分钟内能到的全部住户,"
            f"不论住在边界哪一侧;评估范围以外的住户不在其中。{spread['zh']}",
            f"By territory, only facilities inside the unit count. Within reach, each facility's area is shared among "
            f"all households that walk to it in {limit} minutes, on whatever side of a boundary; households beyond the "
            f"study's are not among them. {spread['en']}".strip(),
        ),
        "title": both(f"两个口径结论不同的{lowest['zh']}", f"Where the two disagree: {lowest['en']}s"),
        "heads": list(AGREE.values()),
        "tiers": [
            {"tier": term("tier", tier), "counts": [int(counts.get((tier, one), 0)) for one in AGREE]} for tier in tiers
        ],
        "rows": [_disagreeing(row) for row in split.to_dict("records")],
    }


def _reachable_rule(result: Result) -> Words:
    """The rule whose figure stands in both columns, and what it asks."""
    row = result.reachable.iloc[0]
    rule = next(one for one in result.standards if one.id == row["standard"]).rule(row["rule_id"])
    asked, unit = f"{'≥' if rule.operator == '>=' else '≤'} {threshold_text(rule)}", sign(rule.unit)
    return both(f"{rule.name.zh} {asked}{unit['zh']}", f"{rule.name.en} {asked}{unit['en']}")


def _disagreeing(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit_id": row["unit_id"],
        "name": row["name"] or row["unit_id"],
        "shown": row["shown"],
        "judged_id": row["judged"],
        "judged": term("verdict", row["judged"]),
        "reachable": marked(row["reachable_shown"], row["spread_households"]),
        "reachable_judged_id": row["reachable_judged"],
        "reachable_judged": term("verdict", row["reachable_judged"]),
    }


def facility_rows(result: Result) -> list[dict[str, Any]]:
    """The ledger: every facility with where it counts, for how many m², or why not; by the later day, too."""
    return [_facility_row(result, row) for row in result.facilities.to_dict("records")]


def _facility_row(result: Result, row: dict[str, Any]) -> dict[str, Any]:
    changes = row.get("projected_zh", row["ledger_zh"]) != row["ledger_zh"]
    return {
        "id": row["facility_id"],
        "name": row["name"],
        "kind": _kind(result, row["kind"]),
        "unit": row["unit_id"],
        "serves": list(parse_shares(str(row.get("serves") or "")) or ()),
        "counted": bool(row["counted"]),
        "area": _area(row["floor_area_m2"]),
        "counted_m2": _area(row["counted_m2"]),
        "projected_m2": _area(row.get("projected_m2", math.nan)),
        "ledger": both(row["ledger_zh"], row["ledger_en"]),
        "projected": both(row["projected_zh"], row["projected_en"]) if changes else both("", ""),
    }


def unreached_rows(result: Result) -> list[dict[str, Any]]:
    """Units with dwellings that do not reach a kind, or may not, most households first; none without walks.

    Known households, then how many dwellings of unknown households there are besides; marked where they were spread.
    """
    if not has_walks(result):
        return []
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    inside = result.dwellings[result.dwellings["unit_id"] != ""]
    spread = set(inside.loc[spread_of(inside), "unit_id"])
    rows = [
        _unreached_row(result, kind, str(unit_id), str(names.get(unit_id) or unit_id), found, spread=unit_id in spread)
        for kind in kinds_shown(result)
        for unit_id, found in _by_state(inside, kind).iterrows()
        if found[_LEFT_OUT].any()
    ]
    rows.sort(key=lambda row: (row["order"], row["unit_id"]))
    return [{key: value for key, value in row.items() if key != "order"} for row in rows]


def _by_state(inside: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Known households (`sum`) and dwellings of unknown ones (`n`) of each unit by what they reach of a kind."""
    table = pd.DataFrame({"sum": inside["households"].fillna(0.0), "n": inside["households"].isna().astype(float)})
    by_unit: dict[str, pd.Series] = {}
    for state in ("reached", "not_reached", "unknown"):
        own = table.where(inside[f"reach_{kind}"] == state, 0.0).groupby(inside["unit_id"]).sum()
        by_unit |= {f"sum {state}": own["sum"], f"n {state}": own["n"]}
    return pd.DataFrame(by_unit)


def _unreached_row(
    result: Result, kind: str, unit_id: str, name: str, found: pd.Series, *, spread: bool
) -> dict[str, Any]:
    states = ("reached", "not_reached", "unknown")
    everybody = sum(found[f"sum {one}"] for one in states), sum(found[f"n {one}"] for one in states)
    return {
        "unit_id": unit_id,
        "name": name,
        "kind": _kind(result, kind),
        "not_reached": marked(_with_unknown(found["sum not_reached"], found["n not_reached"]), spread),
        "unknown": marked(_with_unknown(found["sum unknown"], found["n unknown"]), spread),
        "households": _with_unknown(*everybody),
        "order": -found["sum not_reached"],
    }


def _with_unknown(number: float, n_unknown: float) -> str:
    """Known households, with `+ ?` where dwellings of unknown households come on top."""
    return f"{households_text(number)}{' + ?' if n_unknown else ''}"


def fault_rows(result: Result) -> list[dict[str, Any]]:
    """What is wrong with the inputs, worst first."""
    return [
        {
            "severity": term("severity", row["severity"]),
            "table": row["file"] + (f" · {row['sheet']}" if row["sheet"] else ""),
            "row": "" if pd.isna(row["row"]) else str(row["row"]),
            "what": both(row["what_zh"], row["what_en"]),
            "cure": both(row["cure_zh"], row["cure_en"]),
            "households": "" if math.isnan(row["households"]) else households_text(row["households"]),
        }
        for row in result.faults.to_dict("records")
    ]


def _kind(result: Result, kind: str) -> Words:
    name = kind_name(result.study, kind)
    return both(name["zh"], name["en"])


def _area(number: float) -> str:
    return "?" if math.isnan(number) else shown(exact(number))
