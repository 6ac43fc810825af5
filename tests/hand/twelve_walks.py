"""The worked sheets of walking: minutes, who reaches, and the floor area within reach."""

from __future__ import annotations

from twelve_inputs import FACILITIES
from twelve_tables import (
    DWELLING_ROWS,
    KEYS,
    TIERED,
    WALKED,
    Column,
    Sheet,
    ledger_value,
    look,
    rolled,
    unless,
)


def _place(table: str, key: str, axis: str) -> str:
    return look(f"{table}.{axis}", key, key)


def _distance(axis: str) -> str:
    return f"ABS({_place('dwellings', 'dwelling_id', axis)}-{_place('facilities', 'facility_id', axis)})"


KIND = look("facilities.kind", "facility_id", "facility_id")
WALKS = Sheet(
    "walks",
    "步行 walks",
    "居住点到设施的米数与分钟 metres and minutes from each dwelling to each facility",
    [
        Column("dwelling_id", "居住点"),
        Column("facility_id", "设施"),
        Column("dx_m", "dx", _distance("x")),
        Column("dy_m", "dy", _distance("y")),
        Column("metres", "米", "[dx_m]+[dy_m]"),
        Column("minutes", "分钟", "[metres]/{=speed_m_per_min}", 12, "0.00"),
        Column("within", "时限内", "IF([minutes]<={=limit_min},1,0)"),
        Column(
            "serving",
            "在用的社区综合服务设施",
            f'IF(AND({ledger_value("in_service_now")}=1,{KIND}="community_service"),1,0)',
        ),
        Column(
            "households_known", "居住点已知户数", look("dwellings.households", "dwelling_id", "dwelling_id"), 12, "0"
        ),
        Column(
            "households_unknown", "户数不详", f'IF({look("dwellings.households", "dwelling_id", "dwelling_id")}="",1,0)'
        ),
        Column(
            "m2_per_household",
            "每户得到面积",
            f"[within]*{look('supply.m2_per_household', 'facility_id', 'facility_id')}",
            14,
            "0.000000",
        ),
        Column("touched", "涉及不详", f"[within]*{look('supply.touched', 'facility_id', 'facility_id')}"),
    ],
    WALKED,
)

N_UNKNOWN = look("households.n_dwellings_unknown", "unit_id", "unit_id")
TOTAL = look("households.stated", "unit_id", "unit_id")
REST = f"{TOTAL}-{look('households.dwellings_known', 'unit_id', 'unit_id')}"
NEAREST = Sheet(
    "nearest",
    "最近 nearest",
    "最近的在用社区综合服务设施;其余户数归唯一不详的居住点 the nearest one in service; the rest of the households",
    [
        Column("dwelling_id", "居住点", "<dwellings.dwelling_id>"),
        Column("unit_id", "单元", "<dwellings.unit_id>"),
        Column("metres", "最近米数", "MINIFS({walks.metres},{walks.dwelling_id},[dwelling_id],{walks.serving},1)"),
        Column("minutes", "最近分钟", "[metres]/{=speed_m_per_min}", 12, "0.00"),
        Column("reached", "可达", "IF([minutes]<={=limit_min},1,0)"),
        Column(
            "households",
            "推定户数",
            f'IF(<dwellings.households><>"",<dwellings.households>,IF(AND({TOTAL}<>"",{N_UNKNOWN}=1),{REST},""))',
        ),
        Column("open", "户数仍不详", 'IF([households]="",1,0)'),
        Column("remark", "情形", '<dwellings.remark>&""', 50),
    ],
    DWELLING_ROWS,
)


def _placed(which: str, other: str, whole: str) -> str:
    """The households of unknown place that reach, where they help least (all must reach) or most (one does)."""
    return f"IF([n_open]=0,0,IF({which},{whole},{other}))"


FEW, MANY = "[unplaced_low]", "[unplaced_high]"
ALL_REACH, ONE_REACHES = "[n_open_reached]=[n_open]", "[n_open_reached]>0"


def _share(extra: str, unplaced: str) -> str:
    return f"([reached]+[{extra}])/([placed]+{unplaced})"


REACH = Sheet(
    "reach",
    "可达 reach",
    "步行15分钟可达户数占比;不详户数放在最不利与最有利处 share of households that reach",
    [
        *KEYS,
        Column(
            "placed",
            "位置已知户数",
            rolled("reach", "placed", "SUMIFS({nearest.households},{nearest.unit_id},[unit_id])"),
        ),
        Column(
            "reached",
            "其中可达",
            rolled("reach", "reached", "SUMIFS({nearest.households},{nearest.unit_id},[unit_id],{nearest.reached},1)"),
        ),
        Column(
            "n_open", "户数不详居住点", rolled("reach", "n_open", "SUMIFS({nearest.open},{nearest.unit_id},[unit_id])")
        ),
        Column(
            "n_open_reached",
            "其中可达",
            rolled("reach", "n_open_reached", "SUMIFS({nearest.open},{nearest.unit_id},[unit_id],{nearest.reached},1)"),
        ),
        Column("unplaced_low", "位置不详户数下限", "<households.households_low>-[placed]"),
        Column("unplaced_high", "位置不详户数上限", "<households.households_high>-[placed]"),
        Column("least_few", "最不利·少", rolled("reach", "least_few", _placed(ALL_REACH, "0", FEW))),
        Column("least_many", "最不利·多", rolled("reach", "least_many", _placed(ALL_REACH, "0", MANY))),
        Column("most_few", "最有利·少", rolled("reach", "most_few", _placed(ONE_REACHES, "0", FEW))),
        Column("most_many", "最有利·多", rolled("reach", "most_many", _placed(ONE_REACHES, "0", MANY))),
        Column(
            "low",
            "占比下限",
            unless("[placed]+[unplaced_high]=0", f"MIN({_share('least_few', FEW)},{_share('least_many', MANY)})"),
            12,
            "0.0000",
        ),
        Column(
            "high",
            "占比上限",
            unless("[placed]+[unplaced_high]=0", f"MAX({_share('most_few', FEW)},{_share('most_many', MANY)})"),
            12,
            "0.0000",
        ),
    ],
    TIERED,
)


def _stations(when: str) -> str:
    return f'COUNTIFS({{shares.unit_id}},[unit_id],{{shares.kind}},"social_work_station",{{shares.{when}}},1)'


STATIONS = Sheet(
    "stations",
    "社工站 stations",
    "每街道至少一个社会工作站 at least one social work station in each subdistrict",
    [
        Column("unit_id", "街道"),
        Column("n_now", "当日个数", _stations("serving_now")),
        Column("n_projected", "预计日个数", _stations("serving_projected")),
        Column("verdict", "判定", 'IF([n_now]>={=stations},"met","unmet")', 15),
        Column("gap", "缺口个数", "MAX(0,{=stations}-[n_now])"),
    ],
    [row for row in TIERED if row["tier"] == "subdistrict"],
)

SUPPLY = Sheet(
    "supply",
    "供给 supply",
    "两步移动搜寻第一步:设施面积 ÷ 时限内户数 floating catchment, step 1",
    [
        Column("facility_id", "设施", "<facilities.facility_id>"),
        Column("eligible", "计入且面积已知", "<ledger.counts_now>*<ledger.area_known>"),
        Column(
            "households_within",
            "时限内户数",
            "SUMIFS({walks.households_known},{walks.facility_id},[facility_id],{walks.within},1)",
        ),
        Column(
            "n_unknown_within",
            "时限内户数不详居住点",
            "SUMIFS({walks.households_unknown},{walks.facility_id},[facility_id],{walks.within},1)",
        ),
        Column(
            "m2_per_household",
            "每户面积",
            "IF(AND([eligible]=1,[households_within]>0),<facilities.floor_area_m2>/[households_within],0)",
            14,
            "0.000000",
        ),
        Column(
            "touched",
            "涉及不详或区外",
            'IF(OR(AND(<ledger.counts_now>=1,<ledger.area_known>=0),AND([eligible]=1,[n_unknown_within]>0),<ledger.reason_now>="outside"),1,0)',
        ),
    ],
    FACILITIES,
)

RECEIVED = Sheet(
    "received",
    "得到 received",
    "两步移动搜寻第二步:居住点得到的面积 floating catchment, step 2",
    [
        Column("dwelling_id", "居住点", "<dwellings.dwelling_id>"),
        Column("unit_id", "单元", "<dwellings.unit_id>"),
        Column("households_known", "已知户数", "<dwellings.households>", 12, "0"),
        Column(
            "m2_per_household",
            "每户得到面积",
            "SUMIFS({walks.m2_per_household},{walks.dwelling_id},[dwelling_id])",
            14,
            "0.000000",
        ),
        Column("m2", "户数乘面积", "[households_known]*[m2_per_household]", 14, "0.0000"),
        Column(
            "touched",
            "涉及不详",
            'IF(OR(<dwellings.households>="",SUMIFS({walks.touched},{walks.dwelling_id},[dwelling_id])>0),1,0)',
        ),
    ],
    DWELLING_ROWS,
)

REACHABLE = Sheet(
    "reachable",
    "可达面积 reachable",
    "每百户可达建筑面积,按户加权;只比较未涉及不详的居村 reachable floor area per 100 households",
    [
        Column("unit_id", "居村"),
        Column("households_known", "已知户数", "SUMIFS({received.households_known},{received.unit_id},[unit_id])"),
        Column("m2", "合计", "SUMIFS({received.m2},{received.unit_id},[unit_id])", 14, "0.0000"),
        Column("value", "每百户可达面积", unless("[households_known]=0", "[m2]*100/[households_known]"), 16, "0.0000"),
        Column("n_touched", "涉及不详的居住点", "SUMIFS({received.touched},{received.unit_id},[unit_id])"),
        Column("untouched", "未涉及不详", "IF(AND([n_touched]=0,[households_known]>0),1,0)"),
    ],
    [row for row in TIERED if row["tier"] == "neighbourhood"],
)


WALK_SHEETS = [WALKS, NEAREST, REACH, STATIONS, SUPPLY, RECEIVED, REACHABLE]
