"""The worked sheets of floor area: what counts, in which unit, and which verdict follows."""

from __future__ import annotations

from collections.abc import Callable

from twelve_inputs import FACILITIES
from twelve_tables import (
    BASED,
    BASES,
    BASIS,
    KEYS,
    PAIRED,
    TIERED,
    Column,
    Row,
    Sheet,
    ledger_value,
    look,
    rolled,
    unless,
)

LEASE = (
    'IF(AND(<facilities.lease_from><>"",<facilities.lease_from>>{day}),"lease_not_begun",'
    'IF(AND(<facilities.lease_until><>"",<facilities.lease_until><{day}),"lease_ended","in_service"))'
)
INSIDE = (
    '({units.tier}="neighbourhood")*({units.west}<=<facilities.x>)*(<facilities.x><{units.east})'
    "*({units.south}<=<facilities.y>)*(<facilities.y><{units.north})"
)
WHY = (
    'IF([kind_counts]=0,"kind",IF([TIME]<>"in_service",[TIME],IF(AND([stands_in]="",<facilities.serves>=""),"outside",'
    'IF(<facilities.part_of><>"","part_of","counted"))))'
)

LEDGER = Sheet(
    "ledger",
    "台账 ledger",
    "每个设施计入与否、原因、面积 one line per facility: counted or why not, and its m²",
    [
        Column("facility_id", "设施", "<facilities.facility_id>"),
        Column("kind_counts", "类别计入", "SUMIFS({codes.counts},{codes.code},<facilities.kind>)"),
        Column("stands_row", "所在行", f"SUMPRODUCT({INSIDE}*(ROW({{units.unit_id}})-1))"),
        Column("stands_in", "所在居村", 'IF([stands_row]=0,"",INDEX({units.unit_id},[stands_row]))'),
        Column("area_known", "面积已知", 'IF(<facilities.floor_area_m2>="",0,1)'),
        Column("whole_low_m2", "整体面积下限", "IF([area_known]=1,<facilities.floor_area_m2>,{=unknown_area_low_m2})"),
        Column(
            "whole_high_m2", "整体面积上限", "IF([area_known]=1,<facilities.floor_area_m2>,{=unknown_area_high_m2})"
        ),
        Column(
            "time_now",
            "当日状态",
            'IF(<facilities.status><>"open",<facilities.status>,IF(AND(<facilities.opens_on><>"",<facilities.opens_on>>{=date}),"not_yet_open",'
            + LEASE.replace("{day}", "{=date}")
            + "))",
            19,
        ),
        Column("in_service_now", "当日在用", 'IF([time_now]="in_service",1,0)'),
        Column("reason_now", "当日结论", WHY.replace("TIME", "time_now"), 19),
        Column("reason_now_zh", "当日结论中文", look("codes.chinese", "reason_now", "code"), 20),
        Column("counts_now", "当日计入", 'IF([reason_now]="counted",1,0)'),
        Column("area_now_low_m2", "当日面积下限", "[counts_now]*[whole_low_m2]"),
        Column("area_now_high_m2", "当日面积上限", "[counts_now]*[whole_high_m2]"),
        Column(
            "time_projected",
            "预计日状态",
            'IF(<facilities.status>="closed","closed",IF(AND(<facilities.status><>"open",<facilities.opens_on>=""),"no_opening_date",'
            'IF(AND(<facilities.opens_on><>"",<facilities.opens_on>>{=projected_date}),"opens_later",'
            + LEASE.replace("{day}", "{=projected_date}")
            + ")))",
            19,
        ),
        Column("in_service_projected", "预计日在用", 'IF([time_projected]="in_service",1,0)'),
        Column("reason_projected", "预计日结论", WHY.replace("TIME", "time_projected"), 19),
        Column("counts_projected", "预计日计入", 'IF([reason_projected]="counted",1,0)'),
        Column("area_projected_low_m2", "预计面积下限", "[counts_projected]*[whole_low_m2]"),
        Column("area_projected_high_m2", "预计面积上限", "[counts_projected]*[whole_high_m2]"),
        Column("remark", "情形", "<facilities.remark>", 50),
    ],
    FACILITIES,
)


UNKNOWN = '({dwellings.unit_id}=[unit_id])*({dwellings.households}="")'
STATED = look("units.households", "unit_id", "unit_id")
HOUSEHOLDS = Sheet(
    "households",
    "户数 households",
    "各单元户数的下限与上限;上级为下级之和 households of each unit; parents are sums",
    [
        *KEYS,
        Column("stated", "登记户数", lambda row: '""' if row["tier"] == "district" else f'IF({STATED}="","",{STATED})'),
        Column(
            "households_low",
            "户数下限",
            rolled("households", "households_low", 'IF([stated]="",{=unknown_households_low},[stated])'),
        ),
        Column(
            "households_high",
            "户数上限",
            rolled("households", "households_high", 'IF([stated]="",{=unknown_households_high},[stated])'),
        ),
        Column(
            "dwellings_known",
            "居住点已知户数",
            rolled("households", "dwellings_known", "SUMIFS({dwellings.households},{dwellings.unit_id},[unit_id])"),
        ),
        Column(
            "n_dwellings_unknown",
            "户数不详的居住点",
            rolled("households", "n_dwellings_unknown", f"SUMPRODUCT({UNKNOWN})"),
        ),
    ],
    TIERED,
)


MARK = '";"&[unit_id]&":"'
TEXT = '";"&[serves]&";"'
START = f"FIND({MARK},{TEXT})+LEN({MARK})"
PICKED = f'MID({TEXT},{START},FIND(";",{TEXT},{START})-({START}))'
SHARE = f'IF([serves]="",IF([stands_in]=[unit_id],1,0),IFERROR(VALUE({PICKED}),0))'
WHOLE = 'IF([in_unit]=1,{},"")'
SHARES = Sheet(
    "shares",
    "分摊 shares",
    "每个设施在每个单元的份额与面积;上级为下级之和 share and m² of each facility in each unit",
    [
        Column("facility_id", "设施"),
        *KEYS,
        Column("kind", "类别", look("facilities.kind", "facility_id", "facility_id"), 20),
        Column("own_tier", "本级设施", f"IF({look('facilities.tier', 'facility_id', 'facility_id')}=[tier],1,0)"),
        Column("stands_in", "所在居村", ledger_value("stands_in")),
        Column("serves", "服务单元", look("facilities.serves", "facility_id", "facility_id") + '&""', 18),
        Column("share", "份额", rolled("shares", "share", SHARE)),
        Column("in_unit", "计入本单元", f"IF(AND([share]>0,{ledger_value('counts_now')}=1),1,0)"),
        Column("area_low_m2", "面积下限", f"[share]*{ledger_value('area_now_low_m2')}"),
        Column("area_high_m2", "面积上限", f"[share]*{ledger_value('area_now_high_m2')}"),
        Column("area_unknown", "面积不详", f"IF(AND([in_unit]=1,{ledger_value('area_known')}=0),1,0)"),
        Column("area_known_m2", "已知面积", "IF([area_unknown]=1,0,[area_low_m2])"),
        Column("projected_low_m2", "预计面积下限", f"[share]*{ledger_value('area_projected_low_m2')}"),
        Column("projected_high_m2", "预计面积上限", f"[share]*{ledger_value('area_projected_high_m2')}"),
        Column("whole_low_m2", "整体面积下限", WHOLE.format(ledger_value("whole_low_m2"))),
        Column("whole_high_m2", "整体面积上限", WHOLE.format(ledger_value("whole_high_m2"))),
        Column("serving_now", "当日在用", f"IF(AND([share]>0,{ledger_value('in_service_now')}=1),1,0)"),
        Column("serving_projected", "预计日在用", f"IF(AND([share]>0,{ledger_value('in_service_projected')}=1),1,0)"),
    ],
    PAIRED,
)


def _of_basis(function: str, column: str, more: str = "") -> Callable[[Row], str]:
    """A figure over the shares of the unit, over those of its own tier alone where that is the basis."""

    def formula(row: Row) -> str:
        own = ",{shares.own_tier},1" if row["basis"] == "own_tier" else ""
        return f"{function}({{shares.{column}}},{{shares.unit_id}},[unit_id]{own}{more})"

    return formula


def _verdict(low: str, high: str) -> str:
    """Exact: area × 100 against the threshold × households, both ends."""
    need = "{=m2_per_100}"
    return (
        f'IF([households_high]=0,"not_applicable",IF([{low}]*100>={need}*[households_high],"met",'
        f'IF([{high}]*100<{need}*[households_low],"unmet","unknown")))'
    )


NONE = "[households_high]=0"
AREA = Sheet(
    "area",
    "面积 area",
    "每百户建筑面积:两种口径、上下限、判定、缺口、预计 floor area per 100 households, verdict, gap, projected",
    [
        *BASIS,
        Column("households_low", "户数下限", look("households.households_low", "unit_id", "unit_id")),
        Column("households_high", "户数上限", look("households.households_high", "unit_id", "unit_id")),
        Column("area_low_m2", "面积下限", _of_basis("SUMIFS", "area_low_m2")),
        Column("area_high_m2", "面积上限", _of_basis("SUMIFS", "area_high_m2")),
        Column("low", "每百户下限", unless(NONE, "[area_low_m2]*100/[households_high]"), 12, "0.0000"),
        Column("high", "每百户上限", unless(NONE, "[area_high_m2]*100/[households_low]"), 12, "0.0000"),
        Column("shown_low", "下限显示值", unless(NONE, "ROUNDDOWN([low],1)"), 12, "0.0"),
        Column("shown_high", "上限显示值", unless(NONE, "ROUNDDOWN([high],1)"), 12, "0.0"),
        Column("verdict", "判定", _verdict("area_low_m2", "area_high_m2"), 15),
        Column(
            "gap_low_m2",
            "缺口下限",
            unless(NONE, "MAX(0,{=m2_per_100}*[households_low]/100-[area_high_m2])"),
            12,
            "0.00",
        ),
        Column(
            "gap_high_m2",
            "缺口上限",
            unless(NONE, "MAX(0,{=m2_per_100}*[households_high]/100-[area_low_m2])"),
            12,
            "0.00",
        ),
        Column("projected_area_low_m2", "预计面积下限", _of_basis("SUMIFS", "projected_low_m2")),
        Column("projected_area_high_m2", "预计面积上限", _of_basis("SUMIFS", "projected_high_m2")),
        Column(
            "projected_low",
            "预计每百户下限",
            unless(NONE, "[projected_area_low_m2]*100/[households_high]"),
            14,
            "0.0000",
        ),
        Column(
            "projected_high",
            "预计每百户上限",
            unless(NONE, "[projected_area_high_m2]*100/[households_low]"),
            14,
            "0.0000",
        ),
        Column("projected_verdict", "预计判定", _verdict("projected_area_low_m2", "projected_area_high_m2"), 15),
        Column("n_area_unknown", "面积不详设施数", _of_basis("SUMIFS", "area_unknown")),
        Column("area_known_m2", "已知面积", _of_basis("SUMIFS", "area_known_m2")),
        Column("open_low", "无范围时下限", unless(NONE, "[area_known_m2]*100/[households_high]"), 12, "0.0000"),
        Column("open_high", "无范围时上限", unless(NONE, 'IF([n_area_unknown]>0,"none",[high])'), 12, "0.0000"),
        Column(
            "open_verdict",
            "无范围时判定",
            'IF([n_area_unknown]=0,[verdict],IF([households_high]=0,"not_applicable",'
            'IF([area_known_m2]*100>={=m2_per_100}*[households_high],"met","unknown")))',
            15,
        ),
    ],
    BASED,
)

SINGLE = "{=single_m2}"
EMPTY = "[n_counted]=0"


def _smallest(column: str, more: str = "", *, before: str = "{}") -> Callable[[Row], str]:
    least = _of_basis("MINIFS", column, ",{shares.in_unit},1" + more)
    return lambda row: unless(EMPTY, before.format(least(row)))


SMALLEST = Sheet(
    "smallest",
    "单个设施 smallest",
    "各单元计入设施中最小者(按整体面积)与300比 the smallest counted facility, each whole",
    [
        *BASIS,
        Column("n_counted", "计入设施数", _of_basis("SUMIFS", "in_unit")),
        Column("low", "最小下限", _smallest("whole_low_m2"), 12, "0.00"),
        Column("high", "最小上限", _smallest("whole_high_m2"), 12, "0.00"),
        Column(
            "verdict",
            "判定",
            f'IF({EMPTY},"not_applicable",IF([low]>={SINGLE},"met",IF([high]<{SINGLE},"unmet","unknown")))',
            15,
        ),
        Column("n_area_unknown", "面积不详设施数", _of_basis("SUMIFS", "area_unknown")),
        Column("open_low", "无范围时下限", unless(EMPTY, "IF([n_area_unknown]>0,0,[low])"), 12, "0.00"),
        Column(
            "open_high",
            "无范围时上限",
            _smallest("whole_low_m2", ",{shares.area_unknown},0", before='IF([n_area_unknown]=[n_counted],"none",{})'),
            12,
            "0.00",
        ),
        Column(
            "open_verdict",
            "无范围时判定",
            f'IF({EMPTY},"not_applicable",IF([open_low]>={SINGLE},"met",IF([open_high]="none","unknown",'
            f'IF([open_high]<{SINGLE},"unmet","unknown"))))',
            15,
        ),
    ],
    BASED,
)

CONFORMING = Sheet(
    "conforming",
    "合规 conforming",
    "单元是否两条都达标;有户无设施即不达标 does the unit meet both rules",
    [
        *BASIS,
        Column("verdict_area", "每百户面积", "<area.verdict>", 15),
        Column("n_counted", "计入设施数", "<smallest.n_counted>"),
        Column("verdict_single", "单个设施", "<smallest.verdict>", 15),
        Column(
            "verdict",
            "两条都达标",
            'IF([verdict_area]="not_applicable","not_applicable",IF([n_counted]=0,"unmet",IF(OR([verdict_area]="unmet",'
            '[verdict_single]="unmet"),"unmet",IF(AND([verdict_area]="met",[verdict_single]="met"),"met","unknown"))))',
            15,
        ),
    ],
    BASED,
)


def _units_with(verdict: str) -> str:
    return f'COUNTIFS({{conforming.tier}},[tier],{{conforming.basis}},[basis],{{conforming.verdict}},"{verdict}")'


COVERAGE = Sheet(
    "coverage",
    "覆盖 coverage",
    "各层级两条都达标的单元占比,无户单元不计 share of units that meet both rules",
    [
        Column("tier", "层级", width=15),
        Column("basis", "口径"),
        Column("n_met", "达标数", _units_with("met")),
        Column("n_unmet", "不达标数", _units_with("unmet")),
        Column("n_unknown", "无法判定数", _units_with("unknown")),
        Column("n_not_applicable", "不适用数", _units_with("not_applicable")),
        Column("n_units", "有户单元数", "[n_met]+[n_unmet]+[n_unknown]"),
        Column("low", "占比下限", "[n_met]/[n_units]", 12, "0.0000"),
        Column("high", "占比上限", "([n_met]+[n_unknown])/[n_units]", 12, "0.0000"),
        Column(
            "verdict",
            "全覆盖判定",
            'IF([n_met]=[n_units],"met",IF([n_met]+[n_unknown]<[n_units],"unmet","unknown"))',
            15,
        ),
    ],
    [{"tier": tier, "basis": basis} for basis in BASES for tier in ("neighbourhood", "circle", "subdistrict")],
)


AREA_SHEETS = [LEDGER, HOUSEHOLDS, SHARES, AREA, SMALLEST, CONFORMING, COVERAGE]
