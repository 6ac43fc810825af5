"""Doubts about where facilities and dwellings lie: wrong units, many on one point, calculated or coarse places."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from lifecircle.alike import each_fault, named_rows
from lifecircle.faults import Fault, fault
from lifecircle.places import unit_of_places
from lifecircle.provenance import called, header_of, source_of, where_of
from lifecircle.tables import TIERS, Tables, completed

# All of these are this project's own.
OFF_UNIT_M = {"facilities": 1.0, "dwellings": 100.0}  # beyond the unit stated; dwellings are counted where stated
STACKED = {"facilities": 3, "dwellings": 5}  # on one point, times what is usual in that table
_KNOWN_POINTS = 10  # fewer points than these say nothing of what is usual
CENTROID_M = 0.2  # degrees with six decimals are exact to 0.1 m
_COARSE_DEG, _FINE_DEG = 0.01, 0.001  # two decimals are about a kilometre, three a hundred metres
_BY_CHANCE = 0.05  # a tenth of a tenth of all coordinates that have a decimal more end in 0 by chance
_LOOKED_AT = 50_000  # rows among which coarse coordinates are looked for first
_LIKELY = 5  # times as many as by chance
_SHIFTED = {"gcj02", "bd09"}  # datums whose degrees are not those of the table
_NOT_THERE = re.compile(
    r"[东西南北中一二三四五六七八九十]?[大支]?(路|街(?!道)|巷|弄|大道|道|里弄|桥|站)|以[东西南北]|[东西南北]侧"
)
_SHORTEST = 3  # characters of a name that can be looked for in an address


def spot_faults(tables: Tables, *, lost: Collection[tuple[str, str]] = ()) -> Iterator[Fault]:
    """Every doubt about the places of facilities and dwellings.

    `lost` is what could not be read of which table: `rows`, `keys` or `places`.
    """
    tables = replace(tables, facilities=completed(tables.facilities, "facilities"))
    bounded = not {("units", "places"), ("units", "keys")} & set(lost)
    centres = None
    for table in ("facilities", "dwellings"):
        frame = getattr(tables, table)
        if (table, "places") in lost or not (~(frame.geometry.isna() | frame.geometry.is_empty)).any():
            continue
        if bounded:
            yield from _off_units(tables, table)
            centres = shapely.centroid(tables.units.geometry.to_numpy()) if centres is None else centres
            yield from _on_centroids(tables, table, centres)
        yield from _stacks(tables, table)
        yield from _coarse(tables, table)
    if bounded and ("facilities", "places") not in lost:
        yield from _addresses(tables)


def _placed(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Places in the table of the rows that are points."""
    shapes = frame.geometry.to_numpy()
    return np.flatnonzero((shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes))


def _off_units(tables: Tables, table: str) -> Iterator[Fault]:
    """Rows that lie farther than `OFF_UNIT_M` from the unit that they state."""
    frame, units, far_m = getattr(tables, table), tables.units, OFF_UNIT_M[table]
    if "unit_id" not in frame:
        return
    placed = _placed(frame)
    placed = placed[(frame["unit_id"] != "").to_numpy()[placed]]
    if not len(placed):
        return
    at = _unit_places(units, frame["unit_id"].iloc[placed].to_numpy(dtype=object))
    placed, at = placed[at >= 0], at[at >= 0]
    shapes, points = units.geometry.to_numpy(), frame.geometry.to_numpy()
    shapely.prepare(shapes[np.unique(at)])
    off = ~shapely.dwithin(shapes[at], points[placed], far_m)
    stated, header = dict(zip(placed[off].tolist(), at[off].tolist(), strict=True)), header_of(tables, table, "unit_id")

    def tell(place: int) -> Fault:
        unit = stated[place]
        away_m = float(shapely.distance(shapes[unit], points[place]))
        values = {"stated": called(units, "units", unit), "away_m": f"{away_m:,.0f}"} | _here(
            tables, table, place, unit
        )
        where = where_of(tables, table, place)
        return fault("off-stated-unit", where, column=header, found=called(frame, table, place), **values)

    yield from each_fault(tables, table, placed[off], tell)


def _unit_places(units: gpd.GeoDataFrame, keys: np.ndarray) -> np.ndarray:
    """Where in the table of units each key stands; -1 where it is no unit's, or its boundary is not valid."""
    known = pd.Index(units["unit_id"].to_numpy(dtype=object))
    own = np.flatnonzero(~known.duplicated(keep=False) & (known != ""))
    found = known[own].get_indexer(keys)
    at = np.where(found >= 0, own[found], -1) if len(own) else np.full(len(keys), -1)
    used = np.unique(at[at >= 0])
    shapes = units.geometry.to_numpy()[used]
    sound = shapely.is_valid(shapes) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    return np.where(np.isin(at, used[sound]), at, -1)


def _here(tables: Tables, table: str, place: int, unit: int) -> dict[str, str]:
    """`here` and `here_zh`: the unit of the same tier as `unit` that a row lies in."""
    tier = tables.units["tier"].iloc[unit]
    layer = tables.units[(tables.units["tier"] == tier) & tables.units.geometry.is_valid]
    found = unit_of_places(getattr(tables, table).iloc[[place]], layer).iloc[0] if tier in TIERS else ""
    if not found:
        return {"here": "outside all of its kind", "here_zh": "同级单元之外"}
    text = called(layer, "units", int(np.flatnonzero((layer["unit_id"] == found).to_numpy())[0]))
    return {"here": f"in {text}", "here_zh": text}


def _addresses(tables: Tables) -> Iterator[Fault]:
    """Facilities whose address names a unit that they do not lie in, where `unit_id` has not said so already."""
    facilities, units = tables.facilities, tables.units
    addresses, own = facilities["address"].tolist(), facilities["unit_id"].tolist()
    placed = [place for place in _placed(facilities).tolist() if addresses[place]]
    if not placed:
        return
    names, shapes, points = _names(units), units.geometry.to_numpy(), facilities.geometry.to_numpy()
    keys, tiers = units["unit_id"].tolist(), units["tier"].tolist()
    lengths = _lengths(names)
    told: dict[int, int] = {}
    for place in placed:
        for unit in _units_named(addresses[place], names, lengths, tiers):
            stated = own[place] == keys[unit]
            if not stated and not shapely.dwithin(shapes[unit], points[place], OFF_UNIT_M["facilities"]):
                told.setdefault(place, unit)
    header = header_of(tables, "facilities", "address")

    def tell(place: int) -> Fault:
        unit, where = told[place], where_of(tables, "facilities", place)
        away_m = f"{float(shapely.distance(shapes[unit], points[place])):,.0f}"
        values = {"named": called(units, "units", unit), "away_m": away_m} | _here(tables, "facilities", place, unit)
        return fault("address-elsewhere", where, column=header, found=called(facilities, "facilities", place), **values)

    yield from each_fault(tables, "facilities", np.array(sorted(told), dtype=np.int64), tell)


def _names(units: gpd.GeoDataFrame) -> dict[str, int]:
    """Names that one unit alone bears and that are long enough, with its place in the table."""
    names, keys = [_plain(name) for name in units["name"]], units["unit_id"].to_numpy(dtype=object)
    counts = Counter(names)
    sound = (_unit_places(units, keys) >= 0).tolist()
    return {
        name: place
        for place, (name, key) in enumerate(zip(names, keys, strict=True))
        if sound[place] and counts[name] == 1 and len(name) >= _SHORTEST and name != _plain(key)
    }


def _lengths(names: Collection[str]) -> dict[str, list[int]]:
    """How long the names are that begin with the same two characters, longest first."""
    found: dict[str, set[int]] = defaultdict(set)
    for name in names:
        found[name[:2]].add(len(name))
    return {start: sorted(some, reverse=True) for start, some in found.items()}


def _plain(text: str) -> str:
    return "".join(str(text).split())


def _units_named(address: str, names: dict[str, int], lengths: dict[str, list[int]], tiers: list[str]) -> list[int]:
    """The units that an address names, lowest tier first; none of a tier of which it names several.

    A name that goes on as the name of a street, or tells where something else lies, names no unit.
    """
    text, place = _plain(address), 0
    found: dict[str, set[int]] = defaultdict(set)
    while place < len(text):
        pieces = (text[place : place + length] for length in lengths.get(text[place : place + 2], ()))
        name = next((piece for piece in pieces if piece in names), "")
        if name and not _NOT_THERE.match(text, place + len(name)):
            found[tiers[names[name]]].add(names[name])
        place += max(len(name), 1)
    return [unit for tier in TIERS if len(found[tier]) == 1 for unit in found[tier]]


def _stacks(tables: Tables, table: str) -> Iterator[Fault]:
    """Points on which far more rows stand than is usual in the table: a default of a search for addresses."""
    frame = getattr(tables, table)
    placed = _placed(frame)
    xy = np.round(shapely.get_coordinates(frame.geometry.to_numpy()[placed]), 2)
    codes, _ = pd.factorize(xy[:, 0] + 1j * xy[:, 1])
    counts = np.bincount(codes)
    usual = float(np.median(counts)) if len(counts) >= _KNOWN_POINTS else 1.0
    many = (counts >= STACKED[table] * usual)[codes]
    stacks: dict[int, list[int]] = defaultdict(list)
    for code, place in zip(codes[many].tolist(), placed[many].tolist(), strict=True):
        stacks[code].append(place)
    rows = {one[0]: np.array(one) for one in stacks.values() if _apart(frame, table, one) >= STACKED[table]}

    def tell(place: int) -> Fault:
        where = where_of(tables, table, place)
        if "households" in frame:
            where = replace(where, households=float(frame["households"].iloc[rows[place]].sum()))
        return fault(f"stacked-{table}", where, n=len(rows[place]), **named_rows(tables, table, rows[place]))

    yield from each_fault(tables, table, np.array(sorted(rows), dtype=np.int64), tell)


def _apart(frame: gpd.GeoDataFrame, table: str, rows: list[int]) -> int:
    """How many of these rows stand for buildings of their own: facilities of one address, or parts of one, are one."""
    if table != "facilities":
        return len(rows)
    some = frame.iloc[rows]
    above = {
        key: part or site for key, part, site in zip(some["facility_id"], some["part_of"], some["site_of"], strict=True)
    }
    hosts = [above.get(key) or key for key in some["facility_id"]]
    addresses: dict[str, str] = {}
    for address, host in zip(some["address"], hosts, strict=True):
        addresses.setdefault(_plain(address) or host, host)
    return len(set(addresses.values()))


def _on_centroids(tables: Tables, table: str, centres: np.ndarray) -> Iterator[Fault]:
    """Rows on the very centroid of a unit: a place that somebody calculated."""
    frame, units = getattr(tables, table), tables.units
    known = np.flatnonzero(~shapely.is_missing(centres) & ~shapely.is_empty(centres))
    points, placed = frame.geometry.to_numpy(), _placed(frame)
    near = placed[_may_be_near(points[placed], centres[known])]
    at, unit = shapely.STRtree(centres[known]).query(points[near], predicate="dwithin", distance=CENTROID_M)
    found = {int(near[one]): int(known[two]) for one, two in zip(at[::-1], unit[::-1], strict=True)}
    places = np.array(sorted(found), dtype=np.int64)
    if table == "dwellings":
        if len(places) <= _LIKELY * _by_chance(units, len(placed)):
            return
        where = replace(where_of(tables, table), households=float(frame["households"].iloc[places].sum()))
        counts = {"n": f"{len(places):,}", "all": f"{len(frame):,}"}
        yield fault("dwellings-on-centroids", where, **counts, **named_rows(tables, table, places))
        return
    for place in places.tolist():
        values = {"found": called(frame, table, place), "unit": called(units, "units", found[place])}
        yield fault("on-centroid", where_of(tables, table, place), **values)


def _by_chance(units: gpd.GeoDataFrame, n: int) -> float:
    """How many of n places lie so near to a centroid where they lie anywhere."""
    area_m2 = float(np.nansum(shapely.area(units.geometry.to_numpy())))
    return n * len(units) * math.pi * CENTROID_M**2 / area_m2 if area_m2 else 0.0


def _may_be_near(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Whether a point can be within `CENTROID_M` of a centre: all that are, and few others.

    Squares of a metre are told by 24 bits, which those of a point share with some far away.
    """
    around, marked = shapely.get_coordinates(centres), np.zeros(1 << 24, dtype=bool)
    aside_m = 1.01 * CENTROID_M
    for corner in ((-aside_m, -aside_m), (-aside_m, aside_m), (aside_m, -aside_m), (aside_m, aside_m)):
        marked[_squares(around + corner)] = True
    return np.asarray(marked[_squares(shapely.get_coordinates(points))])


def _squares(spots: np.ndarray) -> np.ndarray:
    """A number below 2²⁴ for the square of a metre that each spot lies in."""
    x, y = np.floor(spots).astype(np.int64).T
    return np.asarray((x * 40_503 + y * 2_654_435_761) >> 7 & ((1 << 24) - 1))


def _coarse(tables: Tables, table: str) -> Iterator[Fault]:
    """Rows whose degrees have two decimals at most, where they are more than such as end in zeros by chance."""
    source, frame = source_of(tables, table, 0), getattr(tables, table)
    if not source.crs or source.datum in _SHIFTED or not pyproj.CRS(source.crs).is_geographic:
        return
    placed = _placed(frame)
    if not _ends(frame, placed[:: len(placed) // _LOOKED_AT + 1], source.crs, _COARSE_DEG).any():
        return
    coarse = placed[_ends(frame, placed, source.crs, _COARSE_DEG)]
    fine = int(_ends(frame, placed, source.crs, _FINE_DEG).sum())
    if len(coarse) > _BY_CHANCE * fine:
        where = where_of(tables, table)
        if "households" in frame:
            where = replace(where, households=float(frame["households"].iloc[coarse].sum()))
        counts = {"n": f"{len(coarse):,}", "all": f"{len(frame):,}"}
        yield fault("coarse-places", where, **counts, **named_rows(tables, table, coarse))


def _ends(frame: gpd.GeoDataFrame, places: np.ndarray, crs: str, step_deg: float) -> np.ndarray:
    """Whether both coordinates, in the degrees of the file, are multiples of a step."""
    degrees = frame.geometry.iloc[places].to_crs(crs)
    steps = shapely.get_coordinates(degrees.to_numpy()) / step_deg
    return np.asarray((np.abs(steps - np.round(steps)) < 1e-5).all(axis=1))
