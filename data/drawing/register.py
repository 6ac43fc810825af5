"""The facility register of the drawn district: kinds, floor areas, and the special cases."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from shapely import Point

from . import plan
from .names import short_name
from .things import Dwelling, Site, Town

KINDS = {
    "综": "社区综合服务设施",
    "党": "党群服务中心",
    "事": "社区事务受理服务中心",
    "老": "综合为老服务中心",
    "医": "社区卫生服务站",
    "托": "托育点",
    "社": "社会工作站",
}
TITLES = {"综": "邻里汇", "党": "党群服务站", "事": "社区事务受理服务中心", "老": "综合为老服务中心",
          "医": "社区卫生服务站", "托": "社区托育点"}  # fmt: skip
TIERS = {"综": "居村", "党": "居村", "事": "街道(乡镇)", "老": "片区", "医": "居村", "托": "居村", "社": "街道(乡镇)"}
SERVICES = {
    "综": "社区治理、社会服务、综合为老服务",
    "党": "社区治理、社会组织、移风易俗",
    "事": "社会救助、社会福利、社会服务",
    "老": "综合为老服务、康复辅助器具租赁",
    "医": "基本医疗、公共卫生",
    "托": "托育、未成年人保护",
    "社": "社会救助、社会服务、婚姻家庭辅导",
}
MORE_SERVICES = {"F007": "、文明祭扫、福利彩票"}  # A's alone: without them B lacks two services
SILENT_ON_SERVICES = ("F035", "F061", "F072")  # nobody says what they offer

# Kind and floor area in square metres; "?" is an area nobody knows. A mark after ":" names a special case below.
REGISTER = {
    "A0101": "综464 党200 医220",
    "A0102": "综525:host 党160:housed 老240:housed",
    "A0103": "事1800 综420 老950",
    "A0104": "综374 党450:planned",
    "A0105": "综300 党293 医190",
    "A0201": "综300 党274 老420",
    "A0202": "综643 党480:expired 医210",
    "A0203": "综640 党269.22",
    "A0204": "综330 党600:building 老460 托230",
    "A0205": "综560 党223 医320",
    "A0206": "综310 党352:leased 老380",
    "A0301": "综820 党390 综?:extra 医310 托320",
    "A0302": "综480 党289",
    "A0303": "党468 综?:unknown",
    "A0304": "党266 托180",
    "A0305": "综500 党277 医200",
    "A0306": "党400 医120",
    "A0401": "综1447:shared 老520 医230",
    "A0402": "医160",
    "A0403": "综600 党310 医250 托220",
    "A0404": "综480 党258 医180",
    "A0405": "党334 综520:closed 托160",
    "B0101": "综504 老350 医310",
    "B0102": "事400:host 综251 党180:housed 医260 托150",
    "B0103": "医120",
    "B0104": "综243 医90",
    "B0201": "综324 医110",
    "B0202": "综320 医100",
    "B0203": "综330",
    "B0204": "医80",
}


@dataclass(frozen=True)
class Facility:
    """One row of the register."""

    facility_id: str
    name: str
    kind: str
    tier: str
    area_m2: float | None
    status: str
    opened: date | None
    lease_until: date | None
    serves: str
    part_of: str
    point: Point
    note: str
    lease_from: date | None = None
    site_of: str = ""
    services: str = ""


def fill_register(town: Town, rng: np.random.Generator) -> list[Facility]:
    """Put the register's facilities on the sites of their neighbourhoods, then those outside and those added later."""
    rows: list[Facility] = []
    for unit in plan.NEIGHBOURHOODS:
        sites = [site for site in town.sites if site.unit_id == unit.unit_id]
        host: Facility | None = None
        for number, entry in enumerate(REGISTER[unit.unit_id].split()):
            what, _, mark = entry.partition(":")
            plain = _plain(unit, len(rows) + 1, what, sites[min(number, len(sites) - 1)], rng)
            row = _marked(plain, mark, host)
            host = row if mark == "host" else host
            rows.append(row)
    for kind, area_m2, name, place in plan.OUTSIDE_FACILITIES:
        opened = date(int(rng.integers(2008, 2023)), 6, 1)
        rows.append(Facility(f"F{len(rows) + 1:03d}", name, KINDS[kind], TIERS[kind], area_m2, "在用", opened, None,
                             "", "", Point(place), "在区界之外,服务界内居民"))  # fmt: skip
    return [replace(row, services=_services(row)) for row in [*rows, *_later_rows(rows, town)]]


def _later_rows(rows: list[Facility], town: Town) -> list[Facility]:
    """Facilities added below all others, so that these keep their keys: two stations, a second site, a new lease."""

    def site(unit_id: str, number: int) -> Point:
        return [one.point for one in town.sites if one.unit_id == unit_id][number]

    host = next(row for row in rows if row.facility_id == "F007")
    beside = Point(host.point.x + 4, host.point.y)
    added = [
        ("综", 180.0, "苇岸邻里汇分部", site("A0103", 3), date(2021, 9, 1),
         {"site_of": "F008", "note": "苇岸邻里汇的第二处用房"}),
        ("社", 90.0, "鹭汀街道社会工作站", beside, date(2022, 7, 1),
         {"part_of": host.facility_id, "note": "与主设施合署,面积不重复计"}),
        ("社", 120.0, "禾渡镇社会工作站", site("B0101", 3), date(2026, 3, 31),
         {"status": "在建", "note": "在建,预计2026年3月31日启用"}),
        ("综", 460.0, "远帆邻里汇", site("A0304", 2), None,
         {"lease_from": date(2026, 2, 1), "lease_until": date(2031, 1, 31), "note": "已签约,租期尚未开始"}),
    ]  # fmt: skip
    return [
        replace(Facility(f"F{len(rows) + number:03d}", name, KINDS[what], TIERS[what], area_m2, "在用", opened, None,
                         "", "", point, ""), **more)  # type: ignore[arg-type]
        for number, (what, area_m2, name, point, opened, more) in enumerate(added, start=1)
    ]  # fmt: skip


def _services(row: Facility) -> str:
    """Tell what a facility offers, by its kind; empty where nobody says."""
    if row.facility_id in SILENT_ON_SERVICES:
        return ""
    what = next(mark for mark, kind in KINDS.items() if kind == row.kind)
    return SERVICES[what] + MORE_SERVICES.get(row.facility_id, "")


def _plain(unit: plan.Neighbourhood, number: int, what: str, site: Site, rng: np.random.Generator) -> Facility:
    """Make a facility in use, owned, serving its own neighbourhood."""
    mark, area = what[0], what[1:]
    place = short_name(unit)
    if mark == "事":
        place = dict(plan.SUBDISTRICTS)[unit.unit_id[0]]
    opened = date(int(rng.integers(2005, 2024)), int(rng.integers(1, 13)), int(rng.choice([1, 10, 18, 28])))
    return Facility(f"F{number:03d}", place + TITLES[mark], KINDS[mark], TIERS[mark],
                    None if area == "?" else float(area), "在用", opened, None, "", "", site.point, "")  # fmt: skip


def _marked(row: Facility, mark: str, host: Facility | None) -> Facility:
    """Give the row what makes it a special case."""
    if mark == "housed" and host is not None:
        return replace(
            row, part_of=host.facility_id, point=Point(host.point.x + 4, host.point.y), note="与主设施合署,面积不重复计"
        )
    changes: dict[str, dict[str, object]] = {
        "planned": {"status": "规划", "opened": None, "note": "规划选址,未开工"},
        "building": {"status": "在建", "opened": date(2026, 6, 30), "note": "在建,预计2026年6月30日启用"},
        "closed": {"status": "停用", "note": "房屋检测后停用"},
        "expired": {"lease_from": date(2015, 7, 1), "lease_until": date(2025, 6, 30), "note": "租赁已到期,续租未办"},
        "leased": {"lease_from": date(2019, 1, 1), "lease_until": date(2028, 12, 31), "note": "租赁"},
        "unknown": {"name": row.name, "note": "面积待测绘"},
        "extra": {"name": row.name.replace("邻里汇", "邻里汇(东)"), "tier": "片区", "note": "面积待测绘"},
        "shared": {"serves": "A0401:0.6;A0402:0.4", "tier": "片区", "note": "两居共用,按0.6、0.4分摊"},
    }
    return replace(row, **changes.get(mark, {}))  # type: ignore[arg-type]


def share_households(town: Town) -> dict[str, int | None]:
    """Give every dwelling its households, so that they sum to the neighbourhood's; return what is registered."""
    registered: dict[str, int | None] = {}
    for unit in plan.NEIGHBOURHOODS:
        own = [dwelling for dwelling in town.dwellings if dwelling.unit_id == unit.unit_id]
        registered[unit.unit_id] = unit.n_households
        for dwelling, count in zip(own, _whole_shares(unit.n_households, own), strict=True):
            dwelling.n_households = count
        if unit.unit_id == plan.MORE_HOUSEHOLDS_THAN_LISTED:
            for dwelling in own[3:5]:
                dwelling.n_households = None
        if unit.unit_id == plan.UNKNOWN_HOUSEHOLDS:
            registered[unit.unit_id] = None
            for dwelling in own:
                dwelling.n_households = None
    return registered


def _whole_shares(total: int, own: list[Dwelling]) -> list[int]:
    """Whole numbers in proportion to the weights that sum to the total, by largest remainders."""
    if not own:
        return []
    weights = np.array([dwelling.weight for dwelling in own])
    exact = total * weights / weights.sum()
    shares = np.floor(exact).astype(int)
    most = np.argsort(-(exact - shares), kind="stable")[: total - int(shares.sum())]
    shares[most] += 1
    while shares.min() < 1:
        shares[[int(shares.argmin()), int(shares.argmax())]] += [1, -1]
    return [int(share) for share in shares]
