"""What the report page says, as plain values printed from the result."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from lifecircle import __version__
from lifecircle.intervals import exact, shown
from lifecircle.publish.payload import kinds_shown, report_title, source_text
from lifecircle.phrases import threshold_text
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from lifecircle.study import kind_name, study_walker
from lifecircle.walkers import Walker
from lifecircle.words import both, term

_NO_BREAK = "\u00a0"  # a space at which no line ends
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
    """Units with dwellings that do not reach a kind, or may not, most households first.

    Known households, then how many dwellings of unknown households there are besides.
    """
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    inside = result.dwellings[result.dwellings["unit_id"] != ""]
    rows = []
    for kind in kinds_shown(result):
        for unit_id, own in inside.groupby("unit_id"):
            known = own.groupby(f"reach_{kind}")["households"].agg(["sum", _n_unknown])
            known = known.reindex(["reached", "not_reached", "unknown"], fill_value=0.0)
            if not known.loc[["not_reached", "unknown"]].to_numpy().any():
                continue
            cells = {state: _with_unknown(number, n) for state, number, n in known.itertuples()}
            everybody = _with_unknown(known["sum"].sum(), known["_n_unknown"].sum())
            rows.append(
                {
                    "unit_id": str(unit_id),
                    "name": names.get(str(unit_id)) or str(unit_id),
                    "kind": _names(result, kind),
                    "not_reached": cells["not_reached"],
                    "unknown": cells["unknown"],
                    "households": everybody,
                    "order": -known.loc["not_reached", "sum"],
                }
            )
    rows.sort(key=lambda row: (row["order"], row["unit_id"]))
    return [{key: value for key, value in row.items() if key != "order"} for row in rows]


def _n_unknown(households: pd.Series) -> int:
    return int(households.isna().sum())


def _with_unknown(number: float, n_unknown: float) -> str:
    """Known households, with `+ ?` where dwellings of unknown households come on top."""
    return f"{_households(number)}{' + ?' if n_unknown else ''}"


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
    measures_area = any(rule.measure == "floor_area_per_100_households" for rule in per_unit)
    area = [_missing_area(result)] if measures_area else []
    figures = [one for one in [*met, _coverage(result), *area] if one is not None]
    figures += [_reaching(result, kind) for kind in kinds_shown(result)[:1]]
    figures.append(_unknown(result))
    return figures


def _met_units(result: Result, rule: Rule, tier: str) -> dict[str, Any] | None:
    rows = result.units[(result.units["rule_id"] == rule.id) & (result.units["tier"] == tier)]
    rows = rows[rows["standard"] == result.standards[0].id]
    if not len(rows) or (rows["verdict"] == "reference").any():
        return None
    n = {verdict: int((rows["verdict"] == verdict).sum()) for verdict in ("met", "unmet", "unknown", "not_applicable")}
    applicable = len(rows) - n["not_applicable"]
    names, unit = term("tier", tier), term("measured_in", rule.unit)
    zh = f"{rule.name.zh} ≥ {threshold_text(rule)} {unit['zh']};不达标 {n['unmet']},无法判定 {n['unknown']}"
    en = f"{rule.name.en} ≥ {threshold_text(rule)}; {n['unmet']} unmet, {n['unknown']} unknown"
    if n["not_applicable"]:
        zh, en = f"{zh};另 {n['not_applicable']} 个不适用", f"{en}; {n['not_applicable']} more not applicable"
    tone = "met" if n["met"] == applicable else "unmet" if n["unmet"] else "unknown"
    area = rule.measure == "floor_area_per_100_households"
    label = both(f"{names['zh']}:{'面积' if area else ''}达标", f"{names['en']}s: {'floor area ' if area else ''}met")
    return {"label": label, "value": f"{n['met']}/{applicable}", "note": both(zh, en), "tone": tone}


def _coverage(result: Result) -> dict[str, Any] | None:
    """The share of the lowest units that meet all rules together, which the first standard asks to be 100 %."""
    rows = result.units[(result.units["measure"] == "met_units_share") & (result.units["low"].notna())]
    rows = rows[rows["standard"] == result.standards[0].id]
    if not len(rows):
        return None
    row = rows.to_dict("records")[-1]
    rule, verdict = result.standards[0].rule(row["rule_id"]), term("verdict", row["verdict"])
    names = [result.standards[0].rule(one).name for one in rule.of_rules]
    zh = f"同时满足{'、'.join(name.zh for name in names)};要求 {row['threshold_shown']},{verdict['zh']}"
    en = f"meet all of: {'; '.join(name.en for name in names)}; asked {row['threshold_shown']}, {verdict['en']}"
    return {"label": rule.name.model_dump(), "value": row["shown"], "note": both(zh, en), "tone": _tone(row["verdict"])}


def _tone(verdict: str) -> str:
    return verdict if verdict in {"met", "unmet", "unknown"} else "plain"


def _missing_area(result: Result) -> dict[str, Any] | None:
    rows = result.units[
        (result.units["measure"] == "floor_area_per_100_households")
        & (result.units["standard"] == result.standards[0].id)
    ]
    if not len(rows):
        return None
    lowest = rows[rows["tier"] == rows["tier"].iloc[-1]]
    known, unsure = lowest.loc[lowest["gap"] > 0, "gap"], int((lowest["gap"].isna() & lowest["gap_low"].notna()).sum())
    tier, at_least = term("tier", str(lowest["tier"].iloc[0])), float(lowest["gap_low"].sum())
    total = f"{shown(exact(round(at_least, 6)), up=True)} m²"
    return {
        "label": both("建筑面积缺口", "Floor area missing"),
        "value": total if not unsure else f"≥ {total}" if at_least else "?",
        "note": both(
            f"{len(known)} 个{tier['zh']}缺口已知;另有 {unsure} 个缺口不详",
            f"known in {len(known)} {tier['en']}s; unknown in {unsure} more",
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
    outside = result.summary["households"]["dwellings_in_no_unit"]
    if outside:
        zh, en = f"{zh};{outside} 个居住点不在任何单元内,未计", f"{en}; {outside} dwellings in no unit are left out"
    row, tone = _district_row(result, kind), "plain"
    value = f"{shown(exact(found['reached']) / exact(everybody) * 100)}%"
    if row is not None:
        value, tone, verdict = str(row["shown"]), _tone(row["verdict"]), term("verdict", row["verdict"])
        zh, en = (
            f"要求 {row['threshold_shown']},{verdict['zh']};{zh}",
            f"asked {row['threshold_shown']}: {verdict['en']}; {en}",
        )
        zh, en = f"{zh};{row['edge_zh']}".removesuffix(";"), f"{en}; {row['edge_en']}".removesuffix("; ")
    return {"label": label, "value": value, "note": both(zh, en), "tone": tone}


def _district_row(result: Result, kind: str) -> dict[str, Any] | None:
    """The district's verdict on the share that reaches a kind by the study's own walk, where a rule asks for it."""
    walk = result.summary["walk"]
    asking = {
        (standard.id, rule.id)
        for standard in result.standards
        for rule in standard.rules
        if rule.kinds == (kind,) and (rule.walker, rule.limit_min) == (walk["walker"], walk["limit_min"])
    }
    rows = result.units[(result.units["tier"] == "district") & (result.units["measure"] == "reached_households_share")]
    found = [row for row in rows.to_dict("records") if (row["standard"], row["rule_id"]) in asking]
    return found[0] if found else None


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
        "edge": both(row["edge_zh"].replace(" ", _NO_BREAK), row["edge_en"]),
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
            "source": one.source.model_dump()[result.study.study.language],
            "rules": [_rule(result, one, rule) for rule in one.rules],
        }
        for one in result.standards
    ]


def _rule(result: Result, standard: Standard, rule: Rule) -> dict[str, Any]:
    """A rule's text with the kinds that it looks at, and its clause."""
    kinds = [_names(result, kind) for kind in rule.kinds]
    zh = f"(类别:{'、'.join(kind['zh'] for kind in kinds)})" if kinds else ""
    en = f" (kinds: {', '.join(kind['en'] for kind in kinds)})" if kinds else ""
    text = both(rule.text.zh + zh, rule.text.en + en)
    return {"id": rule.id, "text": text, "clause": standard.clause(rule)}


_GATES = {
    "open": both("没有标明不可通行的门可通行", "gates are open where no tag or gates layer says otherwise"),
    "residents": both(
        "大门只供门内住户外出,外人不得进入(另有标明的除外)",
        "gates let those who live behind them out and nobody in, where no tag or gates layer says otherwise",
    ),
    "closed": both("大门不可通行(另有标明的除外)", "gates are closed where no tag or gates layer says otherwise"),
}


def _manner(walker: Walker) -> dict[str, str]:
    """What a walker does otherwise than walk every street at one speed."""
    zh: list[str] = []
    en: list[str] = []
    if walker.stairs == "never":
        zh, en = [*zh, "不走楼梯"], [*en, "no stairs"]
    elif walker.stairs != 1:
        zh, en = [*zh, f"楼梯用时为平路的 {walker.stairs:g} 倍"], [*en, f"stairs take {walker.stairs:g} times as long"]
    if walker.crossing_s:
        zh, en = (
            [*zh, f"每个信号灯路口等候 {walker.crossing_s:g} 秒"],
            [*en, f"{walker.crossing_s:g} s at each crossing with lights"],
        )
    if walker.lift_s:
        zh, en = [*zh, f"每部电梯等候 {walker.lift_s:g} 秒"], [*en, f"{walker.lift_s:g} s at each lift"]
    if walker.slope != "none":
        zh, en = [*zh, "坡度按高程计入用时"], [*en, "slopes change the time"]
    return both("".join(f";{one}" for one in zh), "".join(f"; {one}" for one in en))


def _layers(result: Result) -> dict[str, str]:
    """Layers of the study that say where people come out, and where they do not get through."""
    tables = result.tables
    counts = [
        (len(tables.gates), "大门 {} 处按其策略", "{} gates of a layer do as they state"),
        (
            len(tables.compounds),
            "{} 个小区的住户先直线走到大门",
            "dwellings of {} compounds walk straight to a gate first",
        ),
        (len(tables.entrances), "设施出入口 {} 处", "{} entrances of facilities"),
        (len(tables.barriers), "就近上路不跨越 {} 处隔离线", "no place meets its street across {} barriers"),
    ]
    said = [(zh.format(n), en.format(n)) for n, zh, en in counts if n]
    return both("".join(f";{zh}" for zh, _ in said), "".join(f"; {en}" for _, en in said))


def _method(result: Result) -> dict[str, list[str]]:
    study, walker = result.study, study_walker(result.study)
    speed, limit, snap = f"{walker.speed_m_per_s:g}", f"{study.walk.limit_min:g}", f"{study.walk.snap_m:g}"
    gates, manner, layers = _GATES[study.walk.gates], _manner(walker), _layers(result)
    walks = bool((result.units["measure"] == "reached_households_share").any())
    near = both(
        "比例下方一行:时限短 5% 时比例的低端至长 5% 时的高端,最短步行时间在两者之间的已知户数,以及时限上下 30 秒内的已知户数。",
        "The line under a share: from its low end with a limit 5% shorter to its high end with one 5% longer, the known households whose shortest walk lies between the two, and those within 30 s of the limit.",
    )
    off = f"{shown(exact(result.manifest['scale_error']) * 100, up=True)}%"
    zh = [
        f"步行:{walker.zh or walker.name},{speed} m/s;沿路网最短步行时间,居住点和设施到最近道路的一段也计入;不超过 {limit} 分钟为可达(含 {limit} 分钟整)。{gates['zh']}{manner['zh']}{layers['zh']}。",
        f"距可步行道路超过 {snap} 米的居住点不强行接入,判为无法判定;若在 {limit} 分钟内可能走出已知路网范围,未达者亦判为无法判定。",
        "每百户建筑面积 = 计入设施建筑面积之和 ÷ 户数之和 × 100;同址设施、在建、规划、停用及租赁到期的设施不计面积;共享设施按份额计。",
        *([near["zh"]] if walks else []),
        "户数或面积不详时不作 0 处理,给出下限与上限;两端结论一致才判定达标或不达标。显示的数字一律向不利方向截断,不四舍五入。",
        f"坐标系 {result.tables.crs};长度误差不超过 {off}。",
    ]
    en = [
        f"Walking: {walker.en or walker.name}, {speed} m/s, shortest walk on streets, with the way from each place to its street; at most {limit} minutes reaches, exactly {limit} included; {gates['en']}{manner['en']}{layers['en']}.",
        f"A dwelling farther than {snap} m from any walkable street is not moved: its reach is unknown. So is that of one that does not reach but could leave the known streets within {limit} minutes.",
        "Floor area per 100 households = sum of counted floor area ÷ sum of households × 100. Co-located facilities, those under construction, planned, closed or with an ended lease add no area; shared ones add their share.",
        *([near["en"]] if walks else []),
        "An unknown area or number of households is never taken as 0: figures carry a low and a high end, and a verdict is met or unmet only where both agree. Figures are cut to the unfavourable side, never rounded.",
        f"CRS {result.tables.crs}; lengths are right within {off}.",
    ]
    return {"zh": zh, "en": en}


def _manifest(result: Result) -> list[list[str]]:
    manifest = result.manifest
    inputs = [[entry["file"], f"sha256 {entry['sha256']}"] for entry in manifest["inputs"]]
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    network = json.dumps(manifest["network"], ensure_ascii=False)
    return [*inputs, ["network", network], ["versions", versions]]


def _area(number: float) -> str:
    return "?" if math.isnan(number) else shown(exact(number))


def _households(number: float) -> str:
    return shown(exact(number), decimals=0 if float(number).is_integer() else 1)
