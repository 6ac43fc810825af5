"""The inputs of the hand-worked district: 12 neighbourhoods on a 100 m grid, all cases named in their remarks."""

from __future__ import annotations

from datetime import date

NAN = None

# key, value, unit, remark
PARAMETERS = [
    ("date", date(2025, 12, 31), "", "评估日期 date of the assessment"),
    ("projected_date", date(2026, 12, 31), "", "预计日期 date of the projected figure"),
    ("m2_per_100", 35, "m²", "每百户建筑面积下限 floor area per 100 households, at least"),
    ("single_m2", 300, "m²", "单个设施建筑面积下限 floor area of each facility, at least"),
    ("limit_min", 15, "min", "步行时限 walking limit, reached when at most this"),
    ("speed_m_per_min", 60, "m/min", "成人步速1米/秒 adult, 1 m/s"),
    ("unknown_area_low_m2", 100, "m²", "面积不详时的下限 stated range of an unknown floor area: low"),
    ("unknown_area_high_m2", 500, "m²", "面积不详时的上限 stated range of an unknown floor area: high"),
    ("unknown_households_low", 200, "户", "户数不详时的下限 stated range of unknown households: low"),
    ("unknown_households_high", 600, "户", "户数不详时的上限 stated range of unknown households: high"),
    ("stations", 1, "个", "每街道社工站下限 social work stations per subdistrict, at least"),
]

# code, Chinese, counts toward the floor area (kinds only)
CODES = [
    ("community_service", "社区综合服务设施", 1),
    ("party_service", "党群服务中心", 1),
    ("affairs_centre", "社区事务受理服务中心", 1),
    ("elderly_centre", "综合为老服务中心", 1),
    ("health_station", "卫生服务站", 0),
    ("social_work_station", "社会工作站", 0),
    ("counted", "计入", None),
    ("kind", "类别不计", None),
    ("closed", "已关闭", None),
    ("planned", "规划中", None),
    ("under_construction", "在建", None),
    ("not_yet_open", "尚未启用", None),
    ("no_opening_date", "无启用日期", None),
    ("opens_later", "启用晚于预计日期", None),
    ("lease_not_begun", "租期未开始", None),
    ("lease_ended", "租期已满", None),
    ("in_service", "在用", None),
    ("outside", "在辖区外", None),
    ("part_of", "合设,不另计面积", None),
]

# unit_id, name, tier, parent_id, households, west, south, east, north, remark
UNITS = [
    ("N01", "柳一居", "neighbourhood", "C1", 1200, 0, 0, 1000, 600, "正好35.00 exactly 35.00"),
    ("N02", "柳二居", "neighbourhood", "C1", 1000, 1000, 0, 2000, 600, "34.99,不得显示为35 34.99, never shown as 35"),
    (
        "N03",
        "柳三居",
        "neighbourhood",
        "C1",
        1500,
        2000,
        0,
        3000,
        600,
        "最小设施正好300 smallest facility exactly 300 m²",
    ),
    ("N04", "柳四居", "neighbourhood", "C2", 700, 0, 600, 1000, 1200, "最小设施299.99 smallest facility 299.99 m²"),
    (
        "N05",
        "柳五居",
        "neighbourhood",
        "C2",
        2600,
        1000,
        600,
        2000,
        1200,
        "靠当日到期的租用面积达标 met by a lease that ends on the day",
    ),
    (
        "N06",
        "柳六居",
        "neighbourhood",
        "C2",
        1600,
        2000,
        600,
        3000,
        1200,
        "属地达标,本级不达标 met territorial, unmet own tier",
    ),
    ("N07", "桥一居", "neighbourhood", "C3", 2000, 3000, 0, 4000, 600, "无任何设施 no facility at all"),
    (
        "N08",
        "桥二居",
        "neighbourhood",
        "C3",
        900,
        4000,
        0,
        5000,
        600,
        "面积不详,无法判定 floor area unknown, verdict unknown",
    ),
    ("N09", "桥三居", "neighbourhood", "C3", NAN, 5000, 0, 6000, 600, "户数不详 households unknown"),
    (
        "N10",
        "桥四居",
        "neighbourhood",
        "C4",
        1500,
        3000,
        600,
        4000,
        1200,
        "面积不详仍达标 floor area unknown, met anyway",
    ),
    ("N11", "桥五居", "neighbourhood", "C4", 0, 4000, 600, 5000, 1200, "0户,不适用 0 households, not applicable"),
    (
        "N12",
        "桥六居",
        "neighbourhood",
        "C4",
        2500,
        5000,
        600,
        6000,
        1200,
        "34.996,四舍五入会成35.00 34.996; one dwelling is the rest",
    ),
    ("C1", "柳南片区", "circle", "S1", NAN, 0, 0, 3000, 600, "达标,但有居委不达标 met although N02 is not"),
    ("C2", "柳北片区", "circle", "S1", NAN, 0, 600, 3000, 1200, "有片区级设施 has a facility of its own tier"),
    ("C3", "桥南片区", "circle", "S2", NAN, 3000, 0, 6000, 600, "户数、面积均有不详 households and areas unknown"),
    ("C4", "桥北片区", "circle", "S2", NAN, 3000, 600, 6000, 1200, "面积不详仍达标 floor area unknown, met anyway"),
    ("S1", "柳湾街道", "subdistrict", "", NAN, 0, 0, 3000, 1200, "本级正好35.00 exactly 35.00 in its own tier"),
    ("S2", "长桥街道", "subdistrict", "", NAN, 3000, 0, 6000, 1200, "无法判定 unknown"),
]

# dwelling_id, unit_id, households, x, y, remark
DWELLINGS = [
    ("D01", "N01", 400, 100, 100, ""),
    ("D02", "N01", 500, 800, 500, ""),
    ("D03", "N01", 300, 900, 100, ""),
    ("D04", "N02", 300, 1100, 500, ""),
    ("D05", "N02", 350, 1800, 500, "正好900米 exactly 900 m: reached"),
    ("D06", "N02", 350, 1900, 500, "1000米;在建设施不算 1000 m; the one under construction is nearer"),
    ("D07", "N03", 500, 2100, 100, ""),
    ("D08", "N03", 600, 2900, 500, ""),
    ("D09", "N03", 400, 2500, 400, ""),
    ("D10", "N04", 200, 100, 700, ""),
    ("D11", "N04", 300, 500, 1100, ""),
    ("D12", "N04", 200, 900, 800, "邻居委的设施更近 reaches the neighbour's facility"),
    ("D13", "N05", 1200, 1100, 800, ""),
    ("D14", "N05", 600, 1600, 1100, ""),
    ("D15", "N05", 800, 1900, 900, "已关闭设施不算 the closed one is nearer"),
    ("D16", "N06", 500, 2100, 1100, "1000米 1000 m: not reached"),
    ("D17", "N06", 600, 2900, 900, ""),
    ("D18", "N06", 500, 2600, 1100, "正好900米,跨界 exactly 900 m, over a border"),
    ("D19", "N07", 800, 3100, 300, "跨街道可达 over a subdistrict border"),
    ("D20", "N07", 700, 3700, 300, "1000米 1000 m: not reached"),
    ("D21", "N07", 500, 3900, 500, ""),
    ("D22", "N08", 400, 4100, 100, ""),
    ("D23", "N08", 300, 4900, 500, ""),
    ("D24", "N08", 200, 4500, 500, ""),
    ("D25", "N09", NAN, 5400, 300, "户数不详,可达 unknown, reached"),
    ("D26", "N09", NAN, 5900, 400, "户数不详,不可达 unknown, not reached"),
    ("D27", "N12", 1000, 5100, 1100, ""),
    ("D28", "N12", 900, 5900, 900, ""),
    ("D29", "N12", NAN, 5900, 700, "其余户数在此,靠区外设施可达 the rest of N12; reached from outside"),
    ("D30", "N10", 600, 3100, 1100, ""),
    ("D31", "N10", 500, 3500, 700, ""),
    ("D32", "N10", 400, 3300, 1000, ""),
    ("D33", "N11", 0, 4300, 900, "0户 no households"),
    ("D34", "N11", 0, 4700, 1000, "0户 no households"),
]

FACILITY_FIELDS = [
    "facility_id",
    "name",
    "kind",
    "tier",
    "floor_area_m2",
    "status",
    "opens_on",
    "lease_from",
    "lease_until",
    "serves",
    "part_of",
    "site_of",
    "x",
    "y",
    "remark",
]
_CS, _PS, _AC, _EC = "community_service", "party_service", "affairs_centre", "elderly_centre"
_N, _C, _S = "neighbourhood", "circle", "subdistrict"


def _facility(
    number: int, name: str, kind: str, tier: str, area: float | None, spot: tuple[int, int], remark: str, **more: object
) -> dict[str, object]:
    about = {"facility_id": f"F{number:02d}", "name": name, "kind": kind, "tier": tier, "floor_area_m2": area}
    return (
        dict.fromkeys(FACILITY_FIELDS) | about | {"status": "open", "x": spot[0], "y": spot[1], "remark": remark} | more
    )


FACILITIES = [
    _facility(1, "柳一中心", _CS, _N, 420, (300, 300), "使N01正好35.00 makes N01 exactly 35.00"),
    _facility(2, "柳二中心", _CS, _N, 349.9, (1200, 200), "使N02为34.99 makes N02 34.99"),
    _facility(3, "柳三中心", _CS, _N, 300, (2700, 300), "正好300 exactly 300 m²"),
    _facility(4, "柳四中心", _CS, _N, 299.99, (200, 1100), "299.99,单个不达标 299.99 m²"),
    _facility(5, "柳五六共享中心", _CS, _N, 1000, (1200, 1000), "两居共享 shared by two", serves="N05:0.6;N06:0.4"),
    _facility(6, "柳湾事务中心", _AC, _S, 3010, (2500, 900), "街道级,在N06内 of subdistrict tier, stands in N06"),
    _facility(7, "柳一党群站", _PS, _N, 250, (300, 300), "合设,不加面积 co-located, adds no area", part_of="F01"),
    _facility(
        8, "柳三为老中心", _EC, _N, 400, (2300, 100), "跨片区共享 shared across circles", serves="N03:0.75;N06:0.25"
    ),
    _facility(9, "柳北党群中心", _PS, _C, 1800, (400, 900), "片区级,在N04内 of circle tier, stands in N04"),
    _facility(
        10,
        "柳二新中心",
        _CS,
        _N,
        500,
        (1800, 300),
        "在建,预计日前启用 under construction, opens in time",
        status="under_construction",
        opens_on=date(2026, 6, 30),
    ),
    _facility(11, "柳三规划站", _PS, _N, 800, (2200, 500), "规划,无日期 planned, no date", status="planned"),
    _facility(
        12,
        "桥六新馆",
        _CS,
        _N,
        400,
        (5500, 800),
        "在建,晚于预计日 under construction, opens too late",
        status="under_construction",
        opens_on=date(2027, 3, 1),
    ),
    _facility(13, "柳五旧站", _CS, _N, 450, (1900, 1000), "已关闭 closed", status="closed"),
    _facility(
        14, "柳四租点", _CS, _N, 360, (800, 900), "租期已满 lease ended before the date", lease_until=date(2025, 6, 30)
    ),
    _facility(
        15,
        "柳五租点",
        _PS,
        _N,
        320,
        (1500, 700),
        "租期当日到期 lease ends on the very day",
        lease_until=date(2025, 12, 31),
    ),
    _facility(
        16,
        "桥四租点",
        _PS,
        _N,
        330,
        (3200, 800),
        "租期在预计日前届满 lease ends before the projected date",
        lease_until=date(2026, 6, 30),
    ),
    _facility(
        17,
        "柳一租点",
        _PS,
        _N,
        360,
        (600, 200),
        "租期次年才开始 lease begins after the date",
        lease_from=date(2026, 2, 1),
        lease_until=date(2030, 1, 31),
    ),
    _facility(18, "桥二中心", _CS, _N, NAN, (4700, 200), "面积不详 floor area unknown"),
    _facility(19, "桥三站", _CS, _N, 160, (5100, 100), "低于300仍计入35 below 300 m², counts toward the 35"),
    _facility(20, "桥四中心", _CS, _N, 700, (3900, 1100), "已足够达标 enough by itself"),
    _facility(21, "桥四为老点", _EC, _N, NAN, (3800, 1000), "面积不详,无碍达标 floor area unknown, met anyway"),
    _facility(22, "桥五卫生站", "health_station", _N, 500, (4500, 900), "类别不计 a kind that does not count"),
    _facility(23, "桥六中心", _CS, _N, 600, (5200, 1000), "主址 the main site"),
    _facility(
        24, "桥六分址", _CS, _N, 274.9, (5300, 1100), "分址,加自己的面积 second site, adds its own area", site_of="F23"
    ),
    _facility(25, "柳湾社工站", "social_work_station", _S, 80, (2500, 300), "S1的社工站 station of S1"),
    _facility(
        26, "长桥社工站", "social_work_station", _S, 90, (4300, 300), "已关闭 station of S2, closed", status="closed"
    ),
    _facility(27, "东邻中心", _CS, _N, 900, (6400, 1000), "区外:可达,不计面积 outside: reach yes, area no"),
    _facility(
        28,
        "桥二规划站",
        _CS,
        _N,
        400,
        (4300, 200),
        "规划,正好预计日启用 planned, opens on the projected date",
        status="planned",
        opens_on=date(2026, 12, 31),
    ),
]
