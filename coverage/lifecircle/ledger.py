"""The ledger of facilities: each counts somewhere, for so many square metres, or it is said why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import geopandas as gpd
import pandas as pd

from lifecircle.intervals import Interval, measured, shown_range
from lifecircle.places import unit_of_places
from lifecircle.shares import parse_shares
from lifecircle.words import both, term

Range = tuple[float, float] | None


@dataclass(frozen=True)
class Entry:
    """One facility as it counts: where it lies, its area, its shares over units, and why it does not count, if so."""

    facility_id: str
    name: str
    kind: str
    tier: str
    area_m2: Interval
    shares: tuple[tuple[str, Fraction], ...]
    why_not: str = ""


def not_in_service(facilities: pd.DataFrame, date: dt.date) -> pd.Series:
    """Why a facility does not serve on a day, empty where it does.

    `closed`, `planned` and `under_construction` by its status; `not_yet_open` where it opens later; `lease_ended` where
    the lease no longer covers the day. The last day of a lease counts.

    Returns
    -------
    Series on the index of `facilities`, named `not_in_service`.

    """
    day = pd.Timestamp(date)
    reason = facilities["status"].where(~facilities["status"].isin(["open", ""]), "").astype("str")
    reason = reason.mask((reason == "") & (facilities["opens_on"] > day), "not_yet_open")
    return reason.mask((reason == "") & (facilities["lease_until"] < day), "lease_ended").rename("not_in_service")


def ledger_entries(
    facilities: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    date: dt.date,
    kinds: Collection[str],
    unknown_m2: Range = None,
) -> list[Entry]:
    """One entry for each facility.

    A facility counts for the units it states in `serves` by their shares, else wholly for the unit of the lowest tier
    it lies in. It does not count while it is not in service, where it is part of another facility, where its kind is
    not among `kinds`, or where it lies in no unit and states none.
    """
    located = unit_of_places(facilities, units)
    reasons = not_in_service(facilities, date)
    tiers = dict(zip(units["unit_id"], units["tier"], strict=True))
    outright = {
        key: reason or ("" if kind in kinds else "other_kind")
        for key, reason, kind in zip(facilities["facility_id"], reasons, facilities["kind"], strict=True)
    }
    entries = []
    rows = zip(facilities.itertuples(index=False), located, reasons, strict=True)
    for row, unit_id, reason in rows:
        shares = parse_shares(row.serves) or ({unit_id: Decimal(1)} if unit_id else {})
        if row.part_of:
            why_not = reason or ("host_not_counted" if outright.get(row.part_of) else "co_located")
        else:
            why_not = outright[row.facility_id] or ("" if shares else "outside")
        entries.append(
            Entry(
                facility_id=row.facility_id,
                name=row.name or row.facility_id,
                kind=row.kind,
                tier=row.tier or tiers.get(next(iter(shares), unit_id), ""),
                area_m2=measured(row.floor_area_m2, unknown_m2),
                shares=tuple((unit, Fraction(share)) for unit, share in shares.items()),
                why_not=why_not,
            )
        )
    return entries


def ledger_table(
    facilities: gpd.GeoDataFrame, entries: list[Entry], units: gpd.GeoDataFrame, reach: pd.DataFrame
) -> gpd.GeoDataFrame:
    """The facilities with what the ledger says of them.

    Adds unit_id (where it lies), counted (whether its area counts), counted_m2 (0 where it does not count, NaN where
    its area is unknown), ledger_zh, ledger_en, and the columns of `reach`, which is indexed by facility_id.
    """
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    known = [
        float(_counted(entry).low) if not entry.why_not and entry.area_m2.known else float("nan") for entry in entries
    ]
    lines = [ledger_line(entry, names) for entry in entries]
    return facilities.assign(
        unit_id=unit_of_places(facilities, units),
        counted=[not entry.why_not for entry in entries],
        counted_m2=[0.0 if entry.why_not else area for entry, area in zip(entries, known, strict=True)],
        ledger_zh=[line["zh"] for line in lines],
        ledger_en=[line["en"] for line in lines],
    ).merge(reach, left_on="facility_id", right_index=True, how="left", validate="one_to_one")


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
    area = shown_range(_counted(entry))
    return both(f"计入 {zh},{area} m²", f"counted for {en}, {area} m²")


def _counted(entry: Entry) -> Interval:
    return entry.area_m2.times(sum((share for _, share in entry.shares), Fraction(0)))


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


_WHY_NOT = {
    "not_yet_open": both("不计入:尚未启用", "not counted: not open yet"),
    "lease_ended": both("不计入:租赁已到期", "not counted: the lease has ended"),
    "co_located": both(
        "不计入:与所属设施同址,面积已含其中", "not counted: part of another facility, whose area includes it"
    ),
    "host_not_counted": both(
        "不计入:与所属设施同址,而所属设施本身不计入",
        "not counted: part of another facility, which itself does not count",
    ),
    "other_kind": both("不计入:类别不属于社区综合服务设施", "not counted: its kind is not among those of the standard"),
    "outside": both(
        "不计入:位于所有单元之外(步行可达仍计)", "not counted: it lies in no unit (it still serves by walking)"
    ),
}
