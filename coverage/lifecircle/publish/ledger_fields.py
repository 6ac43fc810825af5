"""What a ledger form can ask for: the names of its cells, and the placeholders of its repeated row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lifecircle.publish.area_sheets import AREA, counted_m2
from lifecircle.publish.binding import binding
from lifecircle.publish.payload import has_walks
from lifecircle.publish.verdict_sheets import cut
from lifecircle.result import Result
from lifecircle.study import kind_name, study_walker
from lifecircle.words import Lang, both, term

Names = dict[str, tuple[str, str]]
# Names of single cells, and what may stand in braces anywhere.
ONCE: Names = {
    "study": ("项目名称", "study"),
    "year": ("年度", "year"),
    "date": ("评估日期", "date"),
    "subdistricts": ("街道", "subdistricts"),
    "standard": ("标准", "standard"),
    "walker": ("步行者", "walker"),
    "limit_min": ("步行时限", "limit_min"),
    "households": ("合计户数", "total_households"),
    "n_facilities": ("设施总数", "n_facilities"),
    "n_counted": ("计入设施数", "n_counted"),
    "n_unknown_area": ("面积不详设施数", "n_unknown_area"),
    "counted_m2": ("合计面积", "total_counted_m2"),
    "n_met": ("达标数", "n_met"),
    "n_unmet": ("不达标数", "n_unmet"),
    "n_unknown": ("无法判定数", "n_unknown"),
}
FACILITY: Names = {
    "number": ("序号", "number"),
    "facility_id": ("设施编码", "facility_id"),
    "name": ("设施名称", "facility_name"),
    "kind": ("类别", "kind"),
    "subdistrict": ("所属街道", "subdistrict"),
    "circle": ("所属片区", "circle"),
    "neighbourhood": ("所属居村", "neighbourhood"),
    "floor_area_m2": ("建筑面积", "floor_area_m2"),
    "service_area_m2": ("服务用房面积", "service_area_m2"),
    "office_area_m2": ("办公用房面积", "office_area_m2"),
    "counted_m2": ("计入面积", "counted_m2"),
    "households": ("户数", "households"),
    "status": ("状态", "status"),
    "opens_on": ("启用日期", "opens_on"),
    "lease_from": ("租赁开始", "lease_from"),
    "lease_until": ("租赁到期", "lease_until"),
    "services": ("服务功能", "services"),
    "households_in_reach": ("步行可达户数", "households_in_reach"),
    "ledger": ("台账说明", "ledger"),
}
UNIT: Names = {
    "number": ("序号", "number"),
    "unit_id": ("单元编码", "unit_id"),
    "name": ("单元名称", "unit_name"),
    "tier": ("层级", "tier"),
    "subdistrict": ("所属街道", "subdistrict"),
    "circle": ("所属片区", "circle"),
    "households": ("户数", "households"),
    "counted_m2": ("计入面积", "counted_m2"),
    "ratio": ("每百户面积", "m2_per_100_households"),
    "threshold": ("要求", "threshold"),
    "gap_m2": ("缺口面积", "gap_m2"),
    "verdict": ("判定", "verdict"),
    "why": ("理由", "why"),
}
SORTS = {"facility": FACILITY, "unit": UNIT}
UNKNOWN = both("不详", "unknown")
_TIERS = ("subdistrict", "circle", "neighbourhood")


def once(result: Result) -> dict[str, Any]:
    """The values of single cells, by key; verdicts are those of the lowest units on floor area."""
    lang, summary, about = result.study.study.language, result.summary, result.study.study
    tables, walker, counts = result.tables, study_walker(result.study), _lowest(result)["verdict"].value_counts()
    tops = tables.units[tables.units["tier"] == "subdistrict"]
    totals = set(result.units.loc[result.units["unit_id"].isin(tops["unit_id"]), "unit_id"])
    households = result.units[result.units["unit_id"].isin(totals)].drop_duplicates("unit_id")["households"]
    walks = has_walks(result)
    return {
        "study": about.name,
        "year": about.year,
        "date": about.date,
        "subdistricts": ("、" if lang == "zh" else ", ").join(tops["name"].astype(str)),
        "standard": result.standards[0].title.model_dump()[lang],
        "walker": ((walker.zh if lang == "zh" else walker.en) or walker.name) if walks else "",
        "limit_min": result.study.walk.limit_min if walks else "",
        "households": _figure(float(households.sum(skipna=False)) if len(households) else math.nan, lang),
        "n_facilities": summary["facilities"]["all"],
        "n_counted": summary["facilities"]["counted"],
        "n_unknown_area": summary["facilities"]["counted_with_unknown_area"],
        "counted_m2": _counted(summary["facilities"], lang),
        **{f"n_{verdict}": int(counts.get(verdict, 0)) for verdict in ("met", "unmet", "unknown")},
    }


def _counted(facilities: Mapping[str, Any], lang: Lang) -> float | str:
    """The area that counts in all; what it is at least, where that of a facility is not known."""
    known = cut(facilities["counted_m2"], 1)
    if not facilities["counted_with_unknown_area"]:
        return known
    return both(f"≥ {known:,.2f}(另有不详)", f"≥ {known:,.2f}, more unknown")[lang]


def facility_records(result: Result) -> list[dict[str, Any]]:
    """One record a facility in the order of the register, by the keys of `FACILITY`."""
    lang, above = result.study.study.language, _above(result)
    households = _households(result)
    kinds = {kind: kind_name(result.study, kind)[lang] for kind in set(result.facilities["kind"])}
    rows = result.facilities.drop(columns="geometry").astype(object).to_dict("records")
    return [
        {
            "number": number,
            **{name: _text(row.get(name)) for name in ("facility_id", "name", "services")},
            "kind": kinds[row["kind"]],
            **_places(above, str(row["unit_id"])),
            **{name: _figure(row.get(name, math.nan), lang) for name in _AREAS},
            "households": _figure(households.get(row["unit_id"], math.nan), lang),
            "status": term("status", str(row.get("status") or "open"))[lang],
            **{name: _day(row.get(name)) for name in ("opens_on", "lease_from", "lease_until")},
            "households_in_reach": _figure(row.get("households_in_reach", math.nan), lang),
            "ledger": row[f"ledger_{lang}"],
        }
        for number, row in enumerate(rows, start=1)
    ]


_AREAS = ("floor_area_m2", "service_area_m2", "office_area_m2", "counted_m2")


def unit_records(result: Result) -> list[dict[str, Any]]:
    """One record for each of the lowest units that the first rule on floor area holds for, by the keys of `UNIT`."""
    lang, above = result.study.study.language, _above(result)
    records = []
    for number, row in enumerate(_lowest(result).astype(object).to_dict("records"), start=1):
        area = counted_m2(row)
        places = _places(above, str(row["unit_id"]))
        records.append(
            {
                "number": number,
                "unit_id": row["unit_id"],
                "name": row["name"],
                "tier": term("tier", row["tier"])[lang],
                "subdistrict": places["subdistrict"],
                "circle": places["circle"],
                "households": _figure(row["households"], lang),
                "counted_m2": area if isinstance(area, float) else UNKNOWN[lang] if area else "",
                "ratio": _of(row, "value", lang),
                "threshold": row["threshold"],
                "gap_m2": _of(row, "gap", lang, up=True),
                "verdict": term("verdict", row["verdict"])[lang],
                "why": row[f"why_{lang}"],
            }
        )
    return records


def _of(row: Mapping[str, Any], name: str, lang: Lang, *, up: bool = False) -> float | str:
    """A figure as it is printed; the word for unknown where its ends differ, nothing where there is none."""
    low = row["low" if name == "value" else f"{name}_low"]
    return "" if math.isnan(low) else _figure(cut(row[name], 1, up=up), lang)


def _lowest(result: Result) -> pd.DataFrame:
    """The verdicts of the lowest units on the first binding rule on floor area; empty where there is none."""
    rows = result.units
    rows = rows[binding(result) & (rows["measure"] == AREA) & rows["tier"].isin(_TIERS)]
    if not len(rows):
        return rows
    rows = rows[(rows["standard"] == rows["standard"].iloc[0]) & (rows["rule_id"] == rows["rule_id"].iloc[0])]
    return rows[rows["tier"] == max(set(rows["tier"]), key=_TIERS.index)]


def _households(result: Result) -> dict[str, float]:
    rows = result.units.drop_duplicates("unit_id")
    return dict(zip(rows["unit_id"], rows["households"], strict=True))


def _above(result: Result) -> dict[str, tuple[str, str, str]]:
    """Tier, name and parent of each unit."""
    units = result.tables.units
    rows = zip(units["unit_id"], units["tier"], units["name"], units["parent_id"], strict=True)
    return {str(unit_id): (str(tier), str(name), _text(parent)) for unit_id, tier, name, parent in rows}


def _places(above: Mapping[str, tuple[str, str, str]], unit_id: str) -> dict[str, str]:
    """The names of the units that a place lies in, by tier."""
    found = dict.fromkeys(_TIERS, "")
    for _ in range(len(_TIERS)):
        tier, name, parent = above.get(unit_id, ("", "", ""))
        if tier in found:
            found[tier] = name
        unit_id = parent
    return found


def _figure(number: float, lang: Lang) -> float | str:
    return UNKNOWN[lang] if not math.isfinite(number) else float(number)


def _text(cell: Any) -> str:
    return "" if cell is None or cell is pd.NaT or cell != cell else str(cell)


def _day(cell: Any) -> Any:
    return "" if cell is None or pd.isna(cell) else cell.date()
