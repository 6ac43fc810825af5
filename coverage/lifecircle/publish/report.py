"""What the report page says, as plain values printed from the result."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from lifecircle import __version__
from lifecircle.intervals import exact, shown
from lifecircle.publish.payload import kinds_shown, report_title, source_text
from lifecircle.reasons import threshold_text
from lifecircle.result import Result
from lifecircle.study import kind_name, study_walker
from lifecircle.words import both, term

Texts = dict[str, str]


def report_values(result: Result) -> dict[str, Any]:
    """The report page's contents: the answer first, then verdicts, facilities, gaps in reach, faults, standards, method."""
    return {
        "lang": result.study.study.language,
        "title": report_title(result.study),
        "subtitle": both(
            "15分钟社区生活圈:设施面积与步行可达", "The 15-minute life circle: floor area and walking reach"
        ),
        "date": result.study.study.date.isoformat(),
        "source": source_text(result),
        "version": __version__,
        "figures": _figures(result),
        "verdict_rows": [_verdict_row(row) for row in result.units.to_dict("records")],
        "facility_rows": [_facility_row(result, row) for row in result.facilities.to_dict("records")],
        "unreached_rows": unreached_rows(result),
        "fault_rows": [_fault_row(row) for row in result.faults.to_dict("records")],
        "standards": _standards(result),
        "method": _method(result),
        "manifest": _manifest(result),
    }


def unreached_rows(result: Result) -> list[dict[str, Any]]:
    """Units with households that do not reach a kind, or may not, most first."""
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    rows = []
    for kind in kinds_shown(result):
        table = result.dwellings.assign(state=result.dwellings[f"reach_{kind}"])
        sums = table.pivot_table(index="unit_id", columns="state", values="households", aggfunc="sum").fillna(0)
        sums = sums.reindex(columns=["reached", "not_reached", "unknown"], fill_value=0.0)
        for unit_id, row in sums[(sums["not_reached"] > 0) | (sums["unknown"] > 0)].iterrows():
            rows.append(
                {
                    "unit_id": str(unit_id),
                    "name": names.get(str(unit_id), ""),
                    "kind": _names(result, kind),
                    "not_reached": _households(row["not_reached"]),
                    "unknown": _households(row["unknown"]),
                    "households": _households(row.sum()),
                    "_order": -row["not_reached"],
                }
            )
    rows.sort(key=lambda row: (row["_order"], row["unit_id"]))
    return [{key: value for key, value in row.items() if key != "_order"} for row in rows]


def _names(result: Result, kind: str) -> Texts:
    name = kind_name(result.study, kind)
    return both(name["zh"], name["en"])


def _figures(result: Result) -> list[dict[str, Any]]:
    """The answer in a few figures: units that meet by tier, households that reach, what is missing, what is unknown."""
    first = result.standards[0]
    per_unit = [rule for rule in first.rules if set(rule.tiers) & {"subdistrict", "circle", "neighbourhood"}]
    met = [
        _met_units(result, rule, tier)
        for rule in per_unit[:1]
        for tier in ("subdistrict", "circle", "neighbourhood")
        if tier in rule.tiers
    ]
    figures = [one for one in met if one is not None]
    figures += (
        [_missing_area(result)] if any(rule.measure == "floor_area_per_100_households" for rule in per_unit) else []
    )
    figures += [_reaching(result, kind) for kind in kinds_shown(result)[:1]]
    figures.append(_unknown(result))
    return figures


def _met_units(result: Result, rule: Any, tier: str) -> dict[str, Any] | None:
    rows = result.units[
        (result.units["rule_id"] == rule.id)
        & (result.units["tier"] == tier)
        & (result.units["standard"] == result.standards[0].id)
    ]
    if not len(rows):
        return None
    n = rows["verdict"].value_counts()
    applicable = len(rows) - int(n.get("not_applicable", 0))
    met = int(n.get("met", 0))
    names = term("tier", tier)
    unit = term("measured_in", rule.unit)
    zh = f"{rule.name.zh} ≥ {threshold_text(rule)} {unit['zh']};不达标 {int(n.get('unmet', 0))},无法判定 {int(n.get('unknown', 0))}"
    en = f"{rule.name.en} ≥ {threshold_text(rule)}; {int(n.get('unmet', 0))} unmet, {int(n.get('unknown', 0))} unknown"
    tone = "met" if met == applicable else "unmet" if n.get("unmet", 0) else "unknown"
    return {
        "label": both(f"{names['zh']}达标", f"{names['en']}s that meet"),
        "value": f"{met}/{applicable}",
        "note": both(zh, en),
        "tone": tone,
    }


def _missing_area(result: Result) -> dict[str, Any]:
    rows = result.units[
        (result.units["measure"] == "floor_area_per_100_households")
        & (result.units["standard"] == result.standards[0].id)
    ]
    lowest = rows[rows["tier"] == rows["tier"].iloc[-1]]
    known, unsure = lowest.loc[lowest["gap"] > 0, "gap"], int((lowest["gap"].isna() & lowest["gap_low"].notna()).sum())
    tier = term("tier", str(lowest["tier"].iloc[0]))
    total = shown(exact(round(float(known.sum()), 6)), decimals=0, up=True)
    return {
        "label": both("建筑面积缺口", "Floor area missing"),
        "value": f"{total} m²",
        "note": both(
            f"{len(known)} 个{tier['zh']}合计;另有 {unsure} 个缺口不详",
            f"in {len(known)} {tier['en']}s; {unsure} more unknown",
        ),
        "tone": "unmet" if len(known) else "unknown" if unsure else "met",
    }


def _reaching(result: Result, kind: str) -> dict[str, Any]:
    """Share of households that reach a kind: with its bounds where a rule asks for it, else of those known."""
    found = result.summary["reach"][kind]
    everybody = sum(found.values())
    name, limit = _names(result, kind), f"{result.study.walk.limit_min:g}"
    label = both(f"步行 {limit} 分钟可达{name['zh']}", f"Households within {limit} min of a {name['en']}")
    if not everybody:
        return {"label": label, "value": "—", "note": both("户数不详", "households unknown"), "tone": "unknown"}
    counts = {state: _households(found[state]) for state in found} | {"all": _households(everybody)}
    zh = (
        f"已知 {counts['all']} 户中可达 {counts['reached']},不可达 {counts['not_reached']},无法判定 {counts['unknown']}"
    )
    en = f"of {counts['all']} known, {counts['reached']} reach, {counts['not_reached']} do not, {counts['unknown']} unknown"
    missing = result.summary["households"]["dwellings_with_unknown_households"]
    if missing:
        zh, en = f"{zh};另有 {missing} 个居住点户数不详", f"{en}; {missing} dwellings of unknown households beside"
    return {
        "label": label,
        "value": f"{_district_share(result, kind, everybody)}",
        "note": both(zh, en),
        "tone": "plain",
    }


def _district_share(result: Result, kind: str, everybody: float) -> str:
    walk = result.summary["walk"]
    asking = {
        (standard.id, rule.id)
        for standard in result.standards
        for rule in standard.rules
        if rule.kinds == (kind,) and (rule.walker, rule.limit_min) == (walk["walker"], walk["limit_min"])
    }
    rows = result.units[(result.units["tier"] == "district") & (result.units["measure"] == "reached_households_share")]
    for row in rows.to_dict("records"):
        if (row["standard"], row["rule_id"]) in asking:
            return str(row["shown"])
    return f"{shown(exact(result.summary['reach'][kind]['reached']) / exact(everybody) * 100)}%"


def _unknown(result: Result) -> dict[str, Any]:
    n = int((result.units["verdict"] == "unknown").sum())
    warnings = result.summary["faults"]["warning"]
    note = both(
        f"共 {len(result.units)} 项判定;数据提示 {warnings} 条",
        f"of {len(result.units)} verdicts; {warnings} warnings on the data",
    )
    return {
        "label": both("无法判定", "Unknown verdicts"),
        "value": str(n),
        "note": note,
        "tone": "unknown" if n else "met",
    }


def _verdict_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "unit_id": row["unit_id"],
        "name": row["name"],
        "tier": term("tier", row["tier"]),
        "tier_id": row["tier"],
        "standard": row["standard"],
        "rule_id": row["rule_id"],
        "rule": both(row["rule_zh"], row["rule_en"]),
        "shown": row["shown"],
        "range": row["shown"],
        "threshold": row["threshold_shown"],
        "measured_in": term("measured_in", row["measured_in"]),
        "verdict_id": row["verdict"],
        "verdict": term("verdict", row["verdict"]),
        "gap": both(row["gap_zh"], row["gap_en"]),
        "why": both(row["why_zh"], row["why_en"]),
        "sort_value": None if math.isnan(row["low"]) else row["low"],
    }


def _facility_row(result: Result, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["facility_id"],
        "name": row["name"],
        "kind": _names(result, row["kind"]),
        "unit": row["unit_id"],
        "area": _area(row["floor_area_m2"]),
        "counted_m2": _area(row["counted_m2"]),
        "ledger": both(row["ledger_zh"], row["ledger_en"]),
    }


def _fault_row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "severity": term("severity", row["severity"]),
        "table": row["file"] + (f" · {row['sheet']}" if row["sheet"] else ""),
        "row": "" if pd.isna(row["row"]) else str(row["row"]),
        "what": both(row["what_zh"], row["what_en"]),
        "cure": both(row["cure_zh"], row["cure_en"]),
        "households": "" if math.isnan(row["households"]) else _households(row["households"]),
    }


def _standards(result: Result) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "title": one.title.model_dump(),
            "number": one.document,
            "issuer": one.issuer,
            "date": one.date.isoformat() if one.date else "",
            "status": term("standing", one.status),
            "source": one.source,
            "rules": [
                {"id": rule.id, "text": rule.text.model_dump(), "clause": one.clause(rule)} for rule in one.rules
            ],
        }
        for one in result.standards
    ]


def _method(result: Result) -> dict[str, list[str]]:
    study, walker = result.study, study_walker(result.study)
    speed, limit, snap = f"{walker.speed_m_per_s:g}", f"{study.walk.limit_min:g}", f"{study.walk.snap_m:g}"
    gates = (
        both("未上锁的门可通行", "gates that are not locked are open")
        if study.walk.gates == "open"
        else both("所有门不可通行", "all gates are closed")
    )
    zh = [
        f"步行:{walker.zh or walker.name},{speed} m/s;沿路网最短步行时间,居住点和设施到最近道路的一段也计入;不超过 {limit} 分钟为可达(含 {limit} 分钟整)。{gates['zh']}。",
        f"距可步行道路超过 {snap} 米的居住点不强行接入,判为无法判定;若在 {limit} 分钟内可能走出已知路网范围,未达者亦判为无法判定。",
        "每百户建筑面积 = 计入设施建筑面积之和 ÷ 户数之和 × 100;同址设施、在建、规划、停用及租赁到期的设施不计面积;共享设施按份额计。",
        "户数或面积不详时不作 0 处理,给出下限与上限;两端结论一致才判定达标或不达标。显示的数字一律向不利方向截断,不四舍五入。",
        f"坐标系 {result.tables.crs};长度误差不超过 0.04%。",
    ]
    en = [
        f"Walking: {walker.en or walker.name}, {speed} m/s, shortest walk on streets, with the way from each place to its street; at most {limit} minutes reaches, exactly {limit} included; {gates['en']}.",
        f"A dwelling farther than {snap} m from any walkable street is not moved: its reach is unknown. So is that of one that does not reach but could leave the known streets within {limit} minutes.",
        "Floor area per 100 households = sum of counted floor area ÷ sum of households × 100. Co-located facilities, those under construction, planned, closed or with an ended lease add no area; shared ones add their share.",
        "An unknown area or number of households is never taken as 0: figures carry a low and a high end, and a verdict is met or unmet only where both agree. Figures are cut to the unfavourable side, never rounded.",
        f"CRS {result.tables.crs}; lengths are right within 0.04 %.",
    ]
    return {"zh": zh, "en": en}


def _manifest(result: Result) -> list[list[str]]:
    manifest = result.manifest
    inputs = [[entry["file"], f"sha256 {entry['sha256']}"] for entry in manifest["inputs"]]
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    network = json.dumps(manifest["network"], ensure_ascii=False)
    return [*inputs, ["network", network], ["versions", versions]]


def _area(number: float) -> str:
    return "?" if math.isnan(number) else f"{number:,.2f}"


def _households(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
