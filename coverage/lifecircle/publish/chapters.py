"""What a printed report says, chapter by chapter, in the study's language: figures as elsewhere, put in order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lifecircle.publish.messages import MESSAGES, SIGNS
from lifecircle.publish.method import NO_WALKS
from lifecircle.publish.report import report_values
from lifecircle.result import Result
from lifecircle.words import Words, both, term

Row = dict[str, Any]

ALL_ROWS = 600  # verdicts up to which all are printed; beyond, those unmet and unknown
MOST_ROWS = 1200  # rows of one chapter: some forty pages
MOST_FACILITIES = 400
MOST_UNREACHED = 45  # a page
MOST_FAULTS = 200
FIRST_GAPS = 5
MOST_SQUARES = 240  # units that the cover draws one by one
_OPEN = ("unmet", "unknown")
_LOWEST_FIRST = ("neighbourhood", "circle", "subdistrict", "district")
_HAN = r"\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}])[,;:!?]|[,;:!?](?=[{_HAN}])")
_WIDE = str.maketrans(",;:!?", "，；：！？")
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]+")
_AS_ELSEWHERE = (
    "lang", "subtitle", "date", "projected", "source", "attribution", "version", "walks", "spread", "headline",
    "figures", "figures_note", "missing", "reachable", "equity", "circles", "standards", "method", "manifest",
)  # fmt: skip
_TEXTS = {
    "summary": both("摘要", "Summary"),
    "contents": both("目录", "Contents"),
    "overview": MESSAGES["by_rule"],
    "maps": both("地图", "Maps"),
    "plots": both("图表", "Plots"),
    "places": both("分街镇结果", "Results by subdistrict"),
    "gaps": both("缺口清单", "Gaps"),
    "first_gaps": both("最大的缺口,以及怎样补足", "The largest gaps, and what would close them"),
    "sources": both("标准与资料", "Standards and inputs"),
    "inputs": both("资料", "Inputs"),
    "ask_first": both("先核实数据", "find the missing numbers out first"),
    "no_gaps": both("没有缺口。", "No gaps."),
    "assessed_by": both("评估标准", "Held to"),
    "made_by": both("编制", "Made by"),
    "streets_by": both("道路数据", "Streets"),
    "verdicts_by_rule": both("有约束力的条款:各判定的单元数", "Rules that bind: units by verdict"),
    "no_rules": both("没有现行有约束力的条款。", "No rule binds."),
    "file": both("文件", "File"),
    "page": both("第 {} 页 / 共 {} 页", "Page {} of {}"),
    "comma": both("、", ", "),
    "colon": both("：", ": "),
}


def chapters(result: Result) -> Row:
    """Everything a printed report shows, as plain values in the study's language.

    Figures and verdicts are those of `report_values`. Where a study has some hundreds of rows, those unmet and unknown
    are kept and `left_out` says in a sentence how many others are in the workbook. A section that a study has nothing
    for is None, as there.
    """
    report, lang = report_values(result), result.study.study.language
    rows = [row | known for row, known in zip(report["verdict_rows"], _sizes(result), strict=True)]
    names = _names(result)
    facilities = [row | {"unit": names.get(row["unit"], row["unit"])} for row in report["facility_rows"]]
    open_rows = [row for row in rows if row["binds"] and row["verdict_id"] in _OPEN]
    found = {key: report[key] for key in _AS_ELSEWHERE} | {
        "words": MESSAGES | _TEXTS,
        "signs": SIGNS,
        "verdicts": {one: term("verdict", one) for one in SIGNS},
        "no_walks": NO_WALKS,
        "by_date": both(f"到 {report['projected']}", f"by {report['projected']}"),
        "squares": _squares(rows),
        "overview": _overview(rows),
        "first_gaps": _first_gaps(open_rows),
        "places": _places(result, _kept(rows)),
        "places_left_out": _left_out(len(rows), len(_kept(rows))),
        "gaps": _by_rule(sorted(open_rows, key=_pressing)[:MOST_ROWS]),
        "gaps_left_out": _left_out(len(open_rows), MOST_ROWS),
        "facilities": _first(facilities, MOST_FACILITIES),
        "unreached": _first(report["unreached_rows"], MOST_UNREACHED),
        "faults": _first(report["fault_rows"], MOST_FAULTS),
    }
    return {"title": in_language(report["title"][lang], lang)} | {
        key: in_language(value, lang) for key, value in found.items()
    }


def in_language(value: Any, lang: str) -> Any:
    """Plain values with every text in one language, without marks that would hide or turn what follows.

    Examples
    --------
    >>> in_language({"n": 3, "what": {"zh": "面积,户数", "en": "area, households"}}, "en")
    {'n': 3, 'what': 'area, households'}
    """
    if isinstance(value, str):
        return _HIDDEN.sub(" ", value)
    if isinstance(value, list | tuple):
        return [in_language(one, lang) for one in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() != {"zh", "en"}:
        return {key: in_language(one, lang) for key, one in value.items()}
    told = value[lang]
    if isinstance(told, list):
        return [prose(one, lang) for one in told]
    # a text of the same letters in both languages is a name, and names are printed as they are
    return in_language(told, lang) if value["zh"] == value["en"] else prose(told, lang)


def prose(text: str, lang: str) -> str:
    """Text on one line; in Chinese with the wide marks of print beside Chinese letters, figures as they are.

    Examples
    --------
    >>> prose("1,945.28 m²", "zh")
    '1,945.28 m²'
    """
    shown = _HIDDEN.sub(" ", text)
    return _BESIDE_HAN.sub(lambda mark: mark.group().translate(_WIDE), shown) if lang == "zh" else shown


def _names(result: Result) -> dict[str, str]:
    table = result.tables.units
    pairs = zip(table["unit_id"], table["name"], strict=True)
    return {unit_id: name or unit_id for unit_id, name in pairs}


def _sizes(result: Result) -> Iterable[Row]:
    """What rows are put in order by, and the unit's households; no figure of this is printed."""
    for row in result.units.to_dict("records"):
        owed, gap = row["gap_households_low"], row["gap_low"]
        yield {
            "name": row["name"] or row["unit_id"],
            "owed": 0.0 if math.isnan(owed) else owed,
            "size": 0.0 if math.isnan(gap) else gap,
        }


def _first_gaps(rows: list[Row]) -> list[Row]:
    """The gaps that leave the most households short, those of the lowest tier first, so that none is told twice."""
    unmet = [row for row in rows if row["verdict_id"] == "unmet"] or rows
    order = sorted(unmet, key=lambda row: (not row["owed"], _depth(row), -row["owed"], -row["size"]))
    return order[:FIRST_GAPS]


def _depth(row: Row) -> int:
    return _LOWEST_FIRST.index(row["tier_id"]) if row["tier_id"] in _LOWEST_FIRST else len(_LOWEST_FIRST)


def _overview(rows: list[Row]) -> list[Row]:
    """How many units of each tier have which verdict, for each rule that binds."""
    found: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if not row["binds"]:
            continue
        key = (row["standard"], row["rule_id"], row["tier_id"])
        line = found.setdefault(key, {**_rule_of(row), "tier": row["tier"], "shown": row["shown"], "n": {}})
        line["n"][row["verdict_id"]] = line["n"].get(row["verdict_id"], 0) + 1
    return [line | {"total": sum(line["n"].values())} for line in found.values()]


def _rule_of(row: Row) -> Row:
    names = ("standard", "rule_id", "rule", "basis", "threshold", "measured_in")
    return {name: row[name] for name in names}


def _squares(rows: list[Row]) -> Row | None:
    """What the lowest units' verdicts about the first rule that binds are; None where they are too many to draw."""
    bound = [row for row in rows if row["binds"] and row["tier_id"] != "district"]
    if not bound:
        return None
    lowest = min(bound, key=_depth)["tier_id"]
    first = next(row for row in bound if row["tier_id"] == lowest)
    own = [row for row in bound if row["tier_id"] == lowest and _same_rule(row, first)]
    if len(own) > MOST_SQUARES:
        return None
    return {"rule": first["rule"], "tier": first["tier"], "verdicts": [row["verdict_id"] for row in own]}


def _same_rule(row: Row, other: Row) -> bool:
    return bool(row["standard"] == other["standard"] and row["rule_id"] == other["rule_id"])


def _kept(rows: list[Row]) -> list[Row]:
    """All verdicts, or those unmet and unknown where they are too many to read."""
    if len(rows) <= ALL_ROWS:
        return rows
    return [row for row in rows if row["binds"] and row["verdict_id"] in _OPEN][:MOST_ROWS]


def _left_out(n_all: int, n_shown: int) -> Words | None:
    """How many rows are in the workbook only; None where all are printed."""
    rest = n_all - n_shown
    if rest <= 0:
        return None
    return both(f"另有 {rest:,} 行,见 tables.xlsx。", f"{rest:,} more rows are in tables.xlsx.")


def _first(rows: list[Row], most: int) -> Row:
    return {"rows": rows[:most], "left_out": _left_out(len(rows), most)}


def _places(result: Result, rows: list[Row]) -> list[Row]:
    """Each subdistrict with its units, and each unit with its verdicts; the district as a whole stands first."""
    table, names = result.tables.units, _names(result)
    parents = dict(zip(table["unit_id"], table["parent_id"], strict=True))
    tiers = dict(zip(table["unit_id"], table["tier"], strict=True))
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        place = row["tier_id"] if row["tier_id"] == "district" else _subdistrict(row["unit_id"], parents, tiers)
        units = found.setdefault(place, {})
        unit = units.setdefault(row["unit_id"], {"name": row["name"], "tier": row["tier"], "rows": []})
        unit["rows"].append(row)
    order = sorted(found, key=lambda place: (place != "district", place == ""))  # stable: units keep their order
    special = {"district": both("全区", "District"), "": both("其他单元", "Other units")}
    if list(found) == [""]:
        special[""] = both("全部单元", "All units")
    return [
        {"name": special.get(place) or names.get(place, place), "units": list(found[place].values())} for place in order
    ]


def _subdistrict(unit_id: str, parents: Mapping[str, str], tiers: Mapping[str, str]) -> str:
    """The subdistrict that a unit lies in, itself if it is one; empty where there is none."""
    for _ in _LOWEST_FIRST:
        if tiers.get(unit_id) == "subdistrict":
            return unit_id
        unit_id = parents.get(unit_id) or ""
    return ""


def _by_rule(rows: list[Row]) -> list[Row]:
    """The gaps under each rule, the lowest tier first and there the largest first."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        found.setdefault((row["standard"], row["rule_id"]), {**_rule_of(row), "rows": []})["rows"].append(row)
    for group in found.values():
        group["rows"].sort(key=_pressing)
    order = {id(row): place for place, row in enumerate(rows)}
    return sorted(found.values(), key=lambda group: min(order[id(row)] for row in group["rows"]))


def _pressing(row: Row) -> tuple[bool, int, float, float]:
    """What fails before what is unknown, the lowest tier first, and there the largest."""
    return row["verdict_id"] != "unmet", _depth(row), -row["owed"], -row["size"]
