"""The ledger of facilities: each counts somewhere, for so many square metres, or it is said why not."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import geopandas as gpd
import pandas as pd

from lifecircle.intervals import ZERO, Interval, exact, measured, shown_range, total
from lifecircle.places import unit_of_places
from lifecircle.services import parse_services
from lifecircle.shares import parse_shares
from lifecircle.study import Count
from lifecircle.tables import completed
from lifecircle.words import both, term

Range = tuple[float, float] | None
# What is said of facilities that do not serve yet, and of those that do not serve any more.
COMING = {"planned", "under_construction", "not_yet_open", "not_yet_leased"}
GONE = {"closed", "lease_ended"}
_ANYTHING = Interval(Fraction(0), None)


@dataclass(frozen=True)
class Entry:
    """One facility as it counts: where it lies, its area, its shares over units, and why it does not count, if so.

    `main_id` is the facility that it is a site of, itself where it is one of its own; `unit_id` is where it lies, empty
    outside all units. `whole_m2` is the area of a facility of which nobody knows whether it is large enough to count,
    `sites_m2` that of all sites in service of a facility that has several.
    `opens_on` is the day from which it can serve, where one is stated.
    `host_kinds` are the kinds of the facilities that it is part of, from the one it is in to the outermost.
    """

    facility_id: str
    name: str
    kind: str
    tier: str
    area_m2: Interval
    shares: tuple[tuple[str, Fraction], ...]
    why_not: str = ""
    services: tuple[str, ...] = ()
    service_area_m2: Interval = _ANYTHING
    office_area_m2: Interval = _ANYTHING
    main_id: str = ""
    unit_id: str = ""
    whole_m2: Interval | None = None
    sites_m2: Interval | None = None
    host_kinds: tuple[str, ...] = ()
    tier_stated: bool = False
    opens_on: dt.date | None = None

    @property
    def own_m2(self) -> Interval:
        """Its area, whether or not the study counts it."""
        return self.area_m2 if self.whole_m2 is None else self.whole_m2


def not_in_service(facilities: pd.DataFrame, date: dt.date, *, projected: bool = False) -> pd.Series:
    """Why a facility does not serve on a day, empty where it does.

    `closed`, `planned` and `under_construction` by its status; `not_yet_open` where it opens later; `not_yet_leased`
    and `lease_ended` where the lease does not cover the day. The first and the last day of a lease count, and so does
    the day of opening. With `projected`, what is planned or under construction is open from the day it states; without
    such a day it never is.

    Returns
    -------
    Series on the index of `facilities`, named `not_in_service`.

    """
    day, facilities = pd.Timestamp(date), completed(facilities, "facilities")
    status = facilities["status"]
    if projected:
        status = status.mask(status.isin(["planned", "under_construction"]) & (facilities["opens_on"] <= day), "open")
    reason = status.where(~status.isin(["open", ""]), "").astype("str")
    reason = reason.mask((reason == "") & (facilities["opens_on"] > day), "not_yet_open")
    reason = reason.mask((reason == "") & (facilities["lease_from"] > day), "not_yet_leased")
    return reason.mask((reason == "") & (facilities["lease_until"] < day), "lease_ended").rename("not_in_service")


def ledger_entries(
    facilities: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    date: dt.date,
    kinds: Collection[str],
    unknown_m2: Range = None,
    entrances: gpd.GeoDataFrame | None = None,
    count: Count | None = None,
    projected: bool = False,
) -> list[Entry]:
    """One entry for each facility, in their order.

    A facility counts for the units it states in `serves` by their shares, else wholly for the unit of the lowest tier
    that its first entrance lies in, else for that of its own place. Where it does not count, the first of these that
    holds is said: it is not in service, its kind is not among `kinds`, it is part of another facility (which counts,
    or does not), it is too small for the study, it lies in no unit and states none.

    Parameters
    ----------
    facilities, units
        The tables.
    date
        The day of the assessment, or the later day of a projection.
    kinds
        Kinds whose area counts.
    unknown_m2
        Lowest and highest floor area that a facility can have where its own is unknown.
    entrances
        Points with facility_id; the first of a facility says which side of a boundary it is on.
    count
        How the study counts small sites and facilities of several sites.
    projected
        Whether what opens by `date` is taken as open: see `not_in_service`.

    """
    facilities = completed(facilities, "facilities")
    located = _located(facilities, units, entrances)
    reasons = not_in_service(facilities, date, projected=projected)
    tiers = dict(zip(units["unit_id"], units["tier"], strict=True))
    mains = _chains(facilities, "site_of")
    entries: dict[str, Entry] = {}
    for row, unit_id, reason in zip(facilities.itertuples(index=False), located, reasons, strict=True):
        shares = parse_shares(row.serves) or ({unit_id: Decimal(1)} if unit_id else {})
        area, service, office = _areas(row, unknown_m2)
        entries[row.facility_id] = Entry(
            facility_id=row.facility_id,
            name=row.name or row.facility_id,
            kind=row.kind,
            tier=row.tier or tiers.get(next(iter(shares), unit_id), ""),
            area_m2=area,
            shares=tuple((unit, Fraction(share)) for unit, share in shares.items()),
            why_not=reason or ("" if row.kind in kinds else "other_kind"),
            services=parse_services(row.services),
            service_area_m2=service,
            office_area_m2=office,
            main_id=(row.facility_id, *mains[row.facility_id])[-1],
            unit_id=unit_id,
            tier_stated=bool(row.tier),
            opens_on=_opens_on(row),
        )
    chains = _chains(facilities, "part_of")
    hosts = {key: next((one for one in reversed(chain) if entries[one].kind in kinds), key)
             for key, chain in chains.items()}  # fmt: skip
    count = count or Count()
    alone = [one for key, one in entries.items() if hosts[key] == key]
    entries |= {one.facility_id: one for one in _sized(alone, count)}
    nowhere = set(facilities["facility_id"][facilities.geometry.isna()])
    entries |= {
        key: replace(one, why_not="nowhere" if key in nowhere else "outside")
        for key, one in entries.items()
        if _is_outside(one, hosts)
    }
    entries |= _with_all_sites(entries.values())
    return [
        _beside_its_host(one, entries[hosts[key]], tuple(entries[host].kind for host in chains[key]))
        for key, one in entries.items()
    ]


def counted_m2(entry: Entry) -> Interval:
    """The square metres of a facility that count: its area by the sum of its shares, 0 where it does not count."""
    return ZERO if entry.why_not else entry.area_m2.times(sum((share for _, share in entry.shares), Fraction(0)))


def ledger_table(
    facilities: gpd.GeoDataFrame,
    entries: list[Entry],
    units: gpd.GeoDataFrame,
    reach: pd.DataFrame,
    projected: list[Entry] | None = None,
) -> gpd.GeoDataFrame:
    """The facilities with what the ledger says of them.

    Adds unit_id (where it lies), counted (whether its area counts), counted_m2 (0 where it does not count, NaN where
    its area is unknown), ledger_zh, ledger_en; with the entries of a later day also projected_m2, projected_zh and
    projected_en; and the columns of `reach`, which is indexed by facility_id.
    """
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    told = facilities.assign(
        unit_id=pd.array([entry.unit_id for entry in entries], dtype="str"),
        counted=[not entry.why_not for entry in entries],
        **_columns(entries, names, "counted_m2", "ledger"),
        **(_columns(projected, names, "projected_m2", "projected") if projected is not None else {}),
    )
    return told.merge(reach, left_on="facility_id", right_index=True, how="left", validate="one_to_one")


def _columns(entries: list[Entry], names: Mapping[str, str], area: str, line: str) -> dict[str, list[object]]:
    """What counts and why, as columns of a table."""
    counted = [counted_m2(entry) for entry in entries]
    lines = [ledger_line(entry, names) for entry in entries]
    return {
        area: [float(one.low) if one.known else float("nan") for one in counted],
        f"{line}_zh": [one["zh"] for one in lines],
        f"{line}_en": [one["en"] for one in lines],
    }


def ledger_line(entry: Entry, names: Mapping[str, str]) -> dict[str, str]:
    """What the ledger says of one facility, in both languages."""
    if entry.why_not:
        return _WHY_NOT.get(entry.why_not) or both(
            f"不计入:{term('status', entry.why_not)['zh']}", f"not counted: {term('status', entry.why_not)['en']}"
        )
    places = [(names.get(unit) or unit, share) for unit, share in entry.shares]
    zh = "、".join(name if share == 1 else f"{name}({_percent(share)})" for name, share in places)
    en = ", ".join(name if share == 1 else f"{name} ({_percent(share)})" for name, share in places)
    if not entry.area_m2.known:
        return both(f"计入 {zh},面积不详", f"counted for {en}, area unknown")
    area = shown_range(counted_m2(entry))
    return both(f"计入 {zh},{area} m²", f"counted for {en}, {area} m²")


def _located(facilities: gpd.GeoDataFrame, units: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame | None) -> pd.Series:
    """The unit of the first entrance of each facility, where that lies in one, else the unit of its place.

    One that lies in no unit, or that has no coordinates, belongs to the unit that its register names.
    """
    located = unit_of_places(facilities, units)
    located = located.where(located != "", facilities["unit_id"])
    if entrances is None or not len(entrances):
        return located
    first = entrances.drop_duplicates("facility_id")
    sides = dict(zip(first["facility_id"], unit_of_places(first, units), strict=True))
    side = facilities["facility_id"].map(sides).fillna("")
    return located.where(side == "", side)


def _areas(row: object, unknown_m2: Range) -> tuple[Interval, Interval, Interval]:
    """Floor, service and office area of a facility, each within what the other two leave open."""
    floor, service, office = (
        measured(getattr(row, f"{name}_area_m2"), None) for name in ("floor", "service", "office")
    )
    stated = total([part for part in (service, office) if part.known]).low
    if not floor.known:
        bounds = measured(float("nan"), unknown_m2)
        floor = Interval(max(bounds.low, stated), None if bounds.high is None else max(bounds.high, stated))
    left = Interval(Fraction(0), None if floor.high is None else max(Fraction(0), floor.high - stated))
    return floor, service if service.known else left, office if office.known else left


def _opens_on(row: object) -> dt.date | None:
    """The day from which a facility can serve: it is open and, where it is rented, leased."""
    days = [getattr(row, name) for name in ("opens_on", "lease_from")]
    return max((day.date() for day in days if not pd.isna(day)), default=None)


def _sized(entries: Iterable[Entry], count: Count) -> list[Entry]:
    """Entries without those that the study leaves out because they are too small, or may be."""
    entries = list(entries)
    if count.small_sites == "count":
        return entries
    sites: dict[str, list[Interval]] = defaultdict(list)
    for one in entries:
        if not one.why_not:
            sites[_site(one, count)].append(one.area_m2)
    sizes = {key: total(areas) for key, areas in sites.items()}
    return [one if one.why_not else _if_large_enough(one, sizes[_site(one, count)], count) for one in entries]


def _site(entry: Entry, count: Count) -> str:
    return entry.main_id if count.split_sites == "together" else entry.facility_id


def _if_large_enough(entry: Entry, size: Interval, count: Count) -> Entry:
    """An entry that counts if its size is known to be enough, and perhaps if nobody knows."""
    least, area = exact(count.least_m2), entry.area_m2
    if size.high is not None and size.high < least:
        return replace(entry, why_not="too_small")
    if size.low >= least:
        return entry
    return replace(entry, area_m2=Interval(Fraction(0), area.high), whole_m2=area)


def _is_outside(entry: Entry, hosts: Mapping[str, str]) -> bool:
    return not entry.why_not and not entry.shares and hosts[entry.facility_id] == entry.facility_id


def _beside_its_host(entry: Entry, host: Entry, host_kinds: tuple[str, ...]) -> Entry:
    """An entry whose area is that of the outermost facility of a counting kind that it is part of, if it is of one."""
    entry = replace(entry, host_kinds=host_kinds) if host_kinds else entry
    if entry.why_not or entry.facility_id == host.facility_id:
        return entry
    return replace(entry, why_not="host_not_counted" if host.why_not else "co_located")


def _with_all_sites(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Sites in service of facilities that have several, each with the area of them all."""
    sites: dict[str, list[Entry]] = defaultdict(list)
    for one in entries:
        if one.why_not not in COMING | GONE:
            sites[one.main_id].append(one)
    return {
        one.facility_id: replace(one, sites_m2=total([other.own_m2 for other in group]))
        for group in sites.values()
        for one in group
        if len(group) > 1
    }


def _chains(facilities: pd.DataFrame, column: str) -> dict[str, tuple[str, ...]]:
    """The facilities that a column leads to from each, the nearest first; none where it names none."""
    named = dict(zip(facilities["facility_id"], facilities[column], strict=True))
    lines: dict[str, tuple[str, ...]] = {}
    for key in named:
        line, last = {key: None}, key  # a dict keeps the order and finds a key at once
        while (host := named.get(last, "")) in named and host not in line:
            line[host], last = None, host
        lines[key] = tuple(line)[1:]
    return lines


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


_WHY_NOT = {
    "not_yet_open": both("不计入:尚未启用", "not counted: not open yet"),
    "not_yet_leased": both("不计入:租赁尚未开始", "not counted: the lease has not begun"),
    "lease_ended": both("不计入:租赁已到期", "not counted: the lease has ended"),
    "co_located": both(
        "不计入:与所属设施同址,面积已含其中", "not counted: part of another facility, whose area includes it"
    ),
    "host_not_counted": both(
        "不计入:与所属设施同址,而所属设施本身不计入",
        "not counted: part of another facility, which itself does not count",
    ),
    "other_kind": both(
        "面积不计入:类别不属于每百户面积所计的设施(数量、服务和步行可达仍计)",
        "its area is not counted: its kind is not among those of floor area per household (it is still there to count, "
        "to serve and to walk to)",
    ),
    "too_small": both(
        "不计入:单处面积不足,本次评估不计小型设施", "not counted: too small, and the study leaves small sites out"
    ),
    "nowhere": both(
        "不计入:既无坐标,也未写明所属单元(步行可达不详)",
        "not counted: it has no coordinates and names no unit (who may reach it is unknown)",
    ),
    "outside": both(
        "不计入:位于所有单元之外(步行可达仍计)", "not counted: it lies in no unit (it still serves by walking)"
    ),
}
