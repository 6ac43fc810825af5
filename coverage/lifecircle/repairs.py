"""What a study lets be put right while reading: boundaries that are not valid, slivers between units, strays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lifecircle.faults import Fault, fault
from lifecircle.places import as_kept, located, parentage, spots_in, text_m2, unit_of_places
from lifecircle.provenance import called, where_of
from lifecircle.study import Repair
from lifecircle.tables import TIERS, Tables
from lifecircle.topology import NOISE_M, are_narrow, are_sound, areal, borders_of, misfits

Array = np.ndarray
_CRUMB_M2 = 0.01  # parts below this come from rounding coordinates where shapes are cut


def repaired(tables: Tables, repair: Repair) -> Tables:
    """The tables with what the study lets be put right, and a note for each thing that was done.

    Boundaries are made valid, then slivers closed, then strays assigned. Nothing is done that is not asked for.

    Parameters
    ----------
    tables
        The inputs, in metres.
    repair
        What may be put right: `valid`, `slivers_m`, `strays_m`.

    Returns
    -------
    Tables with new units, facilities and dwellings, the same rows in the same order.

    """
    if repair.valid:
        tables = with_valid_boundaries(tables)
    if repair.slivers_m is not None:
        tables = without_slivers(tables, width_m=repair.slivers_m)
    if repair.strays_m is not None:
        tables = with_strays_assigned(tables, within_m=repair.strays_m)
    return tables


def with_valid_boundaries(tables: Tables) -> Tables:
    """Boundaries that cross themselves made valid, with what is an area of them; lines that are none stay as drawn."""
    drawn = tables.units.geometry.to_numpy()
    there = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    broken = np.flatnonzero(there & ~shapely.is_valid(drawn))
    mended = areal(shapely.make_valid(drawn[broken], method="structure", keep_collapsed=False))
    broken, mended = broken[shapely.area(mended) > 0], mended[shapely.area(mended) > 0]
    mended = np.array([_without_crumbs(shape) for shape in mended], dtype=object)
    notes = []
    for place, shape in zip(broken.tolist(), mended, strict=True):
        values = {"before": text_m2(drawn[place].area), "after": text_m2(shape.area)}
        found = called(tables.units, "units", place)
        notes.append(fault("made-valid", where_of(tables, "units", place), found=found, **values))
    shapes = drawn.copy()
    shapes[broken] = mended
    return _noted(_redrawn(tables, shapes), notes)


def without_slivers(tables: Tables, *, width_m: float) -> Tables:
    """Overlaps of units of a tier, and gaps that they enclose, closed where they are nowhere as wide as `width_m`.

    A sliver goes to a unit whose units below lie there, else to one whose unit above lies there; else an overlap stays
    with the unit whose key sorts first, as places in it do, and a gap goes to the unit with the longest border on it.
    A gap is cut where units above meet in it, and what lies in none of these stays open, so that no unit leaves the
    one above it. Higher tiers come first. Boundaries that are not valid take no part.
    """
    town = _Town.of(tables)
    notes: list[Fault] = []
    for tier in reversed(TIERS):
        at = town.by_key(np.flatnonzero((tables.units["tier"] == tier).to_numpy() & are_sound(town.shapes)))
        if len(at) > 1:
            notes += _without_overlaps(tables, town, at, width_m)
            notes += _without_gaps(tables, town, at, width_m)
    return _noted(_redrawn(tables, town.shapes), notes)


def with_strays_assigned(tables: Tables, *, within_m: float) -> Tables:
    """Facilities and dwellings in no unit, of which none is stated, given to the nearest lowest unit near enough.

    Column `unit_id` says so; places stay where they are. Of two units as near, the one whose key sorts first.
    """
    units = located(replace(tables, dwellings=tables.dwellings.iloc[:0])).units
    lowest = next((tier for tier in TIERS if (units["tier"] == tier).any()), "")
    layer = units[(units["tier"] == lowest) & units["sound"]].sort_values("unit_id")
    tree = shapely.STRtree(layer.geometry.to_numpy())
    for table in ("facilities", "dwellings"):
        frame = getattr(tables, table)
        strays = _strays(frame, units)
        near, unit, distance_m = _nearest(tree, frame.geometry.to_numpy()[strays], within_m)
        unit_ids = frame["unit_id"].to_numpy(dtype=object).copy() if "unit_id" in frame else np.full(len(frame), "")
        unit_ids = unit_ids.astype(object)
        unit_ids[strays[near]] = layer["unit_id"].to_numpy(dtype=object)[unit]
        notes = []
        for place, one, metres in zip(strays[near].tolist(), unit.tolist(), distance_m.tolist(), strict=True):
            values = {"unit": called(layer, "units", one), "distance": f"{metres:,.1f}"}
            found = called(frame, table, place)
            notes.append(fault("assigned-stray", where_of(tables, table, place), found=found, **values))
        unit_column = pd.array(unit_ids, dtype="str")
        tables = _noted(replace(tables, **{table: frame.assign(unit_id=unit_column)}), notes)
    return tables


def _strays(frame: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> Array:
    """Positions of records with a place, in no unit, that state none."""
    shapes = frame.geometry.to_numpy()
    stray = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    for column in ("unit_id", "serves"):
        if column in frame:
            stray &= (frame[column] == "").to_numpy()
    places = np.flatnonzero(stray)
    found: Array = places[(unit_of_places(frame.iloc[places], units) == "").to_numpy()]
    return found


def _nearest(tree: shapely.STRtree, points: Array, within_m: float) -> tuple[Array, Array, Array]:
    """Positions of points, of the first of the nearest shapes to each, and metres, where these are at most so many."""
    (point, shape), metres = tree.query_nearest(points, max_distance=within_m * (1 + 1e-9), return_distance=True)
    order = np.lexsort((shape, point))
    point, shape, metres = point[order], shape[order], metres[order]
    first = np.flatnonzero((np.diff(point, prepend=-1) != 0) & (metres <= within_m))
    return point[first], shape[first], metres[first]


@dataclass(frozen=True)
class _Town:
    """Boundaries as they are redrawn, with each unit's key and the position of the unit above, -1 for none."""

    shapes: Array
    keys: list[str]
    above: list[int]
    below: dict[int, list[int]]

    @classmethod
    def of(cls, tables: Tables) -> _Town:
        """The units as they are drawn; one without a sound boundary is above none."""
        units = tables.units
        shapes, keys = units.geometry.to_numpy().copy(), units["unit_id"].tolist()
        sound = are_sound(shapes)
        known = units[sound]
        parents = parentage(known)["parent_id"] if known["unit_id"].is_unique else {}
        places = {key: place for place, key in enumerate(keys) if sound[place]}
        above = [places.get(parents.get(key, ""), -1) for key in keys]
        below: dict[int, list[int]] = {}
        for place in sorted(range(len(keys)), key=keys.__getitem__):
            below.setdefault(above[place], []).append(place)
        return cls(shapes, keys, above, below)

    def by_key(self, units: Array) -> Array:
        """Positions of units by key: cutting in the order of the rows would round coordinates differently."""
        return np.array(sorted(units.tolist(), key=lambda unit: self.keys[unit]), dtype=np.int64)

    def rank(self, unit: int, piece: BaseGeometry, *more: float) -> tuple[float | str, ...]:
        """How far back a unit stands for a piece: where units below it lie there, then the one above, come first."""
        kids, upper = self.shapes[self.below.get(unit, [])], self.above[unit]
        own_m2 = float(shapely.area(shapely.intersection(kids, piece)).sum()) if len(kids) else 0.0
        upper_m2 = float(shapely.area(shapely.intersection(self.shapes[upper], piece))) if upper >= 0 else 0.0
        return (-round(own_m2, 2), -round(upper_m2, 2), *(-one for one in more), self.keys[unit], unit)


def _without_overlaps(tables: Tables, town: _Town, at: Array, width_m: float) -> list[Fault]:
    """Take every narrow overlap of units of a tier from one of the two; a note for each."""
    overlaps = misfits(town.shapes[at]).overlaps
    pairs = at[overlaps[["first", "second"]].to_numpy()]
    parts, pair = shapely.get_parts(overlaps.geometry.to_numpy(), return_index=True)
    narrow = np.flatnonzero(are_narrow(parts, width_m) & (shapely.area(parts) > 0))
    losers, pieces, others = [], [], []
    for part, two in zip(parts[narrow], pairs[pair[narrow]].tolist(), strict=True):
        keeper, loser = sorted(two, key=lambda unit: town.rank(unit, part))
        left = shapely.difference(town.shapes[loser], part)
        if shapely.area(left) > 0:
            town.shapes[loser] = _without_crumbs(left)
            losers.append(loser)
            pieces.append(part)
            others.append({"other": called(tables.units, "units", keeper)})
    return _notes(tables, "closed-overlap", losers, pieces, width_m, others)


def _without_gaps(tables: Tables, town: _Town, at: Array, width_m: float) -> list[Fault]:
    """Give every narrow gap between units of a tier to one of them, or each part of it; a note for each."""
    holes = misfits(town.shapes[at]).holes.geometry.to_numpy()
    holes = holes[are_narrow(holes, width_m)]
    takers, pieces = [], []
    for hole, rows in borders_of(holes, town.shapes[at]).groupby("piece"):
        units = [int(unit) for unit in at[rows["shape"].to_numpy()]]
        gap = shapely.buffer(holes[hole], NOISE_M, join_style="mitre")
        gap = shapely.difference(gap, shapely.union_all(town.shapes[units]))
        for piece, claimants in _cut(town, gap, units):
            taker = _taker(town, piece, claimants)
            town.shapes[taker] = _without_crumbs(shapely.union(town.shapes[taker], piece))
            takers.append(taker)
            pieces.append(piece)
    return _notes(tables, "closed-gap", takers, pieces, width_m, [{}] * len(pieces))


def _notes(
    tables: Tables, check: str, units: list[int], pieces: list[BaseGeometry], width_m: float, more: list[dict[str, str]]
) -> list[Fault]:
    """A note for each piece, on the unit that it was given to or taken from."""
    if not units:
        return []
    area_m2, found = shapely.area(pieces).tolist(), [called(tables.units, "units", unit) for unit in units]
    kept = as_kept(tables, np.array(units), spots_in(np.array(pieces)))
    rows = zip(units, found, area_m2, kept, more, strict=True)
    return [
        fault(
            check,
            where_of(tables, "units", unit),
            found=name,
            area=text_m2(m2),
            width=f"{width_m:g}",
            x=x,
            y=y,
            **other,
        )
        for unit, name, m2, (x, y), other in rows
    ]


def _cut(town: _Town, gap: BaseGeometry, units: list[int]) -> list[tuple[BaseGeometry, list[int]]]:
    """The parts of a gap in each unit above, with the units around it that belong there."""
    uppers = sorted({town.above[unit] for unit in units}, key=lambda upper: (upper < 0, town.keys[upper]))
    pieces = []
    for upper in uppers:
        claimants = [unit for unit in units if town.above[unit] == upper]
        piece = gap if upper < 0 else areal(np.array([shapely.intersection(gap, town.shapes[upper])]))[0]
        gap = shapely.difference(gap, piece)
        if piece.area > 0:
            pieces.append((piece, claimants))
    return pieces


def _without_crumbs(shape: BaseGeometry) -> BaseGeometry:
    """The shape without parts that are next to nothing, unless it has no others."""
    shape = areal(np.array([shape], dtype=object))[0]
    parts = shapely.get_parts(shape)
    kept = parts[shapely.area(parts) >= _CRUMB_M2]
    if len(kept) in {0, len(parts)}:
        return shape
    left: BaseGeometry = kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept.tolist())
    return left


def _taker(town: _Town, piece: BaseGeometry, units: list[int]) -> int:
    """The unit that a piece of a gap goes to."""
    rows = borders_of(np.array([piece]), town.shapes[units])
    border_m = dict(zip(rows["shape"], rows["border_m"].round(3), strict=True))
    numbers = sorted(range(len(units)), key=lambda one: town.rank(units[one], piece, border_m.get(one, 0.0)))
    return units[numbers[0]]


def _redrawn(tables: Tables, shapes: Array) -> Tables:
    geometry = gpd.GeoSeries(shapes, index=tables.units.index, crs=tables.units.crs)
    return replace(tables, units=tables.units.set_geometry(geometry))


def _noted(tables: Tables, notes: list[Fault]) -> Tables:
    return replace(tables, faults=(*tables.faults, *notes))
