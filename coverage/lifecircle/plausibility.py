"""Numbers, days and records that can be but hardly are: floor areas, households, dates, vintages, facilities twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.alike import each_fault
from lifecircle.faults import Fault, fault
from lifecircle.provenance import called, header_of, where_of
from lifecircle.services import parse_services
from lifecircle.spots import spot_faults
from lifecircle.tables import Source, Tables, completed
from lifecircle.words import term

# All of these are this project's own: what lies beyond is asked about, never changed.
LEAST_M2 = 10.0  # of one facility; areas in 万 square metres or of a counter lie below
PER_SERVICE_M2 = (2.0, 20_000.0)  # a counter with a person at it; a hospital or a stadium for one service
SLIP_TIMES = 100.0  # the median of a kind, as where square metres stand for 万, or a point is lost
SLIP_LEAST = 5  # stated areas of a kind that have a median worth comparing with
PLACEHOLDERS = (9_999.0, 99_999.0, 999_999.0, 9_999_999.0)
PEOPLE = (1.0, 8.0)  # in a household, on average
PEOPLE_LEAST = 30  # households that have an average worth comparing with
MOST_HOUSEHOLDS = 20_000  # in one dwelling
FIRST_OPENED = dt.date(1949, 10, 1)  # a year typed as a day reads 1905
LATE_YEARS = 20  # after the study's day
SAME_SPOT_M = 5.0
SAME_NAME_M = 1_000.0  # farther than maps of two datums lie apart, some 700 m
COMMON_NAME = 3  # a name that more facilities bear than this is no name of one


def plausibility_faults(
    tables: Tables, *, on: dt.date | None = None, lost: Collection[tuple[str, str]] = ()
) -> Iterator[Fault]:
    """Every doubt about places, floor areas, households, days and vintages; all are warnings.

    Parameters
    ----------
    tables
        The inputs.
    on
        The day that is assessed; without it no day is compared with it.
    lost
        What could not be read of which table: `rows`, `keys` or `places`.

    """
    tables = replace(tables, facilities=completed(tables.facilities, "facilities"))
    if ("facilities", "rows") not in lost:
        yield from _areas(tables)
        yield from _days(tables, on)
        yield from _twice(tables, is_placed=("facilities", "places") not in lost)
    if ("dwellings", "rows") not in lost:
        yield from _households(tables)
    yield from _vintages(tables.sources)
    yield from spot_faults(tables, lost=lost)


def _areas(tables: Tables) -> Iterator[Fault]:
    """Floor areas that stand for something else; each row is told once. Parts of others may have none of their own."""
    facilities, header = tables.facilities, header_of(tables, "facilities", "floor_area_m2")
    area_m2 = facilities["floor_area_m2"].to_numpy(dtype="float64").copy()
    area_m2[(facilities["part_of"] != "").to_numpy()] = np.nan
    kinds = facilities["kind"].to_numpy(dtype=object)
    n_services, median_m2 = _n_services(facilities["services"]), _medians(area_m2, kinds)
    each_m2 = area_m2 / n_services
    doubts = {
        "placeholder": np.isin(area_m2, PLACEHOLDERS),
        "area-is-year": area_m2 == facilities["opens_on"].dt.year.to_numpy(dtype="float64"),
        "tiny-area": (area_m2 >= 0) & (area_m2 < LEAST_M2),
        "area-above-kind": area_m2 > SLIP_TIMES * median_m2,
        "area-per-service": (each_m2 < PER_SERVICE_M2[0]) | (each_m2 > PER_SERVICE_M2[1]),
    }
    told = np.zeros(len(area_m2), dtype=bool)
    for check, doubted in doubts.items():

        def tell(place: int, check: str = check) -> Fault:
            kind = term("kind", str(kinds[place]))
            values = {
                "found": f"{area_m2[place]:,.15g}", "kind": kind["en"], "kind_zh": kind["zh"], "least": f"{LEAST_M2:g}",
                "median": f"{median_m2[place]:,.6g}", "n": f"{n_services[place]:.0f}", "each": f"{each_m2[place]:,.3g}",
                "low": f"{PER_SERVICE_M2[0]:g}", "high": f"{PER_SERVICE_M2[1]:,.0f}",
            }  # fmt: skip
            return fault(check, where_of(tables, "facilities", place), column=header, **values)

        yield from each_fault(tables, "facilities", np.flatnonzero(doubted & ~told), tell)
        told |= doubted


def _n_services(texts: pd.Series) -> np.ndarray:
    """How many services each text names; NaN where it names none."""
    counts = {text: len(parse_services(text)) or np.nan for text in texts.unique()}
    return np.asarray(texts.map(counts), dtype="float64")


def _medians(area_m2: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """The median floor area of each facility's kind; NaN of kinds with fewer than `SLIP_LEAST` areas."""
    groups = pd.Series(area_m2).groupby(pd.Series(kinds))
    medians = groups.transform("median").where(groups.transform("count") >= SLIP_LEAST)
    return np.asarray(medians, dtype="float64")


def _households(tables: Tables) -> Iterator[Fault]:
    """Dwellings whose households cannot well be, alone or beside their population; each row is told once."""
    homes = tables.dwellings
    number = homes["households"].to_numpy(dtype="float64")
    people = homes["population"].to_numpy(dtype="float64") if "population" in homes else np.full(len(homes), np.nan)
    each = np.divide(people, number, out=np.full(len(number), np.nan), where=number > 0)
    crowd = (number >= PEOPLE_LEAST) & (each > PEOPLE[1])
    doubts = {
        ("placeholder", "households"): np.isin(number, PLACEHOLDERS),
        ("placeholder", "population"): np.isin(people, PLACEHOLDERS),
        ("many-households", "households"): number > MOST_HOUSEHOLDS,
        ("people-below-households", "population"): each < PEOPLE[0],
        ("people-per-household", "population"): crowd,
    }
    told = np.zeros(len(homes), dtype=bool)
    for (check, column), doubted in doubts.items():
        header, other = (header_of(tables, "dwellings", name) for name in (column, "households"))

        def tell(
            place: int, check: str = check, column: str = column, header: str = header, other: str = other
        ) -> Fault:
            values = {
                "found": f"{homes[column].iloc[place]:,.15g}", "whole": other, "of": f"{number[place]:,.15g}",
                "each": f"{each[place]:,.3g}", "high": f"{PEOPLE[1]:g}", "most": f"{MOST_HOUSEHOLDS:,}",
            }  # fmt: skip
            return fault(check, where_of(tables, "dwellings", place), column=header, **values)

        yield from each_fault(tables, "dwellings", np.flatnonzero(doubted & ~told), tell)
        told |= doubted


def _days(tables: Tables, on: dt.date | None) -> Iterator[Fault]:
    """Days of opening and leases that do not go with each other, the status, or the day that is assessed."""
    facilities = tables.facilities
    opens, ends, status = (facilities[name] for name in ("opens_on", "lease_until", "status"))
    today = pd.Timestamp(on) if on else pd.NaT
    latest = today + pd.DateOffset(years=LATE_YEARS) if on else pd.Timestamp("2100-01-01")
    far = (opens < pd.Timestamp(FIRST_OPENED)) | (opens > latest)
    doubts = {
        ("doubtful-day", "opens_on"): far,
        ("lease-before-opening", "lease_until"): ends < opens,
        ("open-too-early", "opens_on"): (status == "open") & (opens > today) & ~far,
        ("not-yet-open", "status"): status.isin(["planned", "under_construction"]) & (opens <= today) & ~far,
        ("lease-over", "lease_until"): status.isin(["open", ""]) & (ends < today) & ~(ends < opens),
    }
    for (check, column), doubted in doubts.items():
        header = header_of(tables, "facilities", column)

        def tell(place: int, check: str = check, header: str = header) -> Fault:
            known = {name: days.iloc[place] for name, days in (("opens", opens), ("ends", ends))}
            values = {name: day.date().isoformat() for name, day in known.items() if not pd.isna(day)}
            values |= {"on": str(on), "first": FIRST_OPENED.isoformat(), "last": latest.date().isoformat()}
            values |= _status(status.iloc[place])
            where, found = where_of(tables, "facilities", place), called(facilities, "facilities", place)
            return fault(check, where, column=header, found=found, **values)

        yield from each_fault(tables, "facilities", np.flatnonzero(doubted.to_numpy()), tell)


def _status(status: str) -> dict[str, str]:
    names = term("status", status or "open")
    return {"status": names["en"], "status_zh": names["zh"]}


def _vintages(sources: tuple[Source, ...]) -> Iterator[Fault]:
    """One fault where files hold for days more than a year apart, naming the oldest and the newest."""
    dated = sorted((one.as_of, one.file) for one in sources if one.as_of)
    if not dated:
        return
    (old, file), (new, other) = dated[0], dated[-1]
    if pd.Timestamp(new) > pd.Timestamp(old) + pd.DateOffset(years=1):
        yield fault("mixed-vintages", file, old=old.isoformat(), new=new.isoformat(), other=other)


def _twice(tables: Tables, *, is_placed: bool) -> Iterator[Fault]:
    """Facilities in use that stand in the register once more: of one kind and name, or of one kind, area and place."""
    facilities = tables.facilities
    whole = facilities["status"].isin(["open", ""]) & (facilities["part_of"] == "") & (facilities["kind"] != "")
    rows = np.flatnonzero(whole.to_numpy())
    found = _same_name(facilities, rows) | _same_spot(facilities, rows) if is_placed else {}
    hosts = [site or key for key, site in zip(facilities["facility_id"], facilities["site_of"], strict=True)]
    found = {place: first for place, first in found.items() if hosts[place] != hosts[first]}
    points, header = facilities.geometry.to_numpy(), header_of(tables, "facilities", "name")

    def tell(place: int) -> Fault:
        first = found[place]
        away_m = float(shapely.distance(points[place], points[first]))
        near = {"away": "", "away_zh": ""}
        if not np.isnan(away_m):
            near = {"away": f", {away_m:,.0f} m away", "away_zh": f",相距 {away_m:,.0f} 米"}
        values = {"found": called(facilities, "facilities", place), "other": called(facilities, "facilities", first)}
        row = where_of(tables, "facilities", first).row
        return fault("facility-twice", where_of(tables, "facilities", place), column=header, row=row, **values, **near)

    yield from each_fault(tables, "facilities", np.array(sorted(found), dtype=np.int64), tell)


def _same_name(facilities: gpd.GeoDataFrame, rows: np.ndarray) -> dict[int, int]:
    """Rows with the first row of their kind and name, where it is near or has no place; common names are none."""
    some = facilities.iloc[rows]
    named = ((some["name"] != "") & (some["name"] != some["facility_id"])).to_numpy()
    rows, some = rows[named], some[named]
    groups = some.assign(_place=rows).groupby(["kind", "name"], sort=False)["_place"]
    first, n = groups.transform("first").to_numpy(), groups.transform("size").to_numpy()
    points = facilities.geometry.to_numpy()
    near = ~(shapely.distance(points[rows], points[first]) > SAME_NAME_M)
    again = (rows != first) & (n <= COMMON_NAME) & near
    return dict(zip(rows[again].tolist(), first[again].tolist(), strict=True))


def _same_spot(facilities: gpd.GeoDataFrame, rows: np.ndarray) -> dict[int, int]:
    """Rows with an earlier row of the same kind and floor area within `SAME_SPOT_M`."""
    points, area_m2 = facilities.geometry.to_numpy(), facilities["floor_area_m2"].to_numpy(dtype="float64")
    rows = rows[(area_m2[rows] > 0) & ~shapely.is_missing(points[rows]) & ~shapely.is_empty(points[rows])]
    xy = np.round(shapely.get_coordinates(shapely.centroid(points[rows])), 2)
    keys = pd.DataFrame(
        {"kind": facilities["kind"].iloc[rows].to_numpy(), "m2": area_m2[rows], "x": xy[:, 0], "y": xy[:, 1]}
    )
    first = rows[
        keys.assign(at=np.arange(len(rows))).groupby(list(keys), sort=False)["at"].transform("first").to_numpy()
    ]
    found = {place: one for place, one in zip(rows.tolist(), first.tolist(), strict=True) if place != one}
    alone, kinds = np.unique(first), facilities["kind"].to_numpy(dtype=object)
    one, two = shapely.STRtree(points[alone]).query(points[alone], predicate="dwithin", distance=SAME_SPOT_M)
    one, two = alone[one], alone[two]
    same = (two < one) & (area_m2[one] == area_m2[two]) & (kinds[one] == kinds[two])
    return dict(zip(one[same][::-1].tolist(), two[same][::-1].tolist(), strict=True)) | found
