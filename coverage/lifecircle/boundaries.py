"""What is wrong with the boundaries of units: those that are not valid, and those that do not fit one another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lifecircle.faults import Fault, Where, fault
from lifecircle.places import as_kept, spots_in, text_m2
from lifecircle.provenance import called, where_of
from lifecircle.tables import TIERS, Tables
from lifecircle.topology import are_narrow, borders_of, misfits
from lifecircle.words import both, term

SLIVER_M = 2.0  # what is nowhere wider lies between two drawings of one border
_SAME = 0.999  # of the larger one's area; two boundaries that share so much are one drawn twice
_LOOSE_M2, _LOOSE_SHARE = 100, 0.01  # a part of a unit below both is a remnant of drawing
_EACH = 50  # faults of a sort and tier that have a line of their own; the others share one
_NAMED = 3  # units named around a hole
_WHY = {
    "Self-intersection": both("边界自相交", "Self-intersection"),
    "Ring Self-intersection": both("边界在一点自相接", "Ring Self-intersection"),
    "Hole lies outside shell": both("内环在外环之外", "Hole lies outside shell"),
    "Holes are nested": both("内环相互嵌套", "Holes are nested"),
    "Nested shells": both("各部分相互嵌套", "Nested shells"),
    "Interior is disconnected": both("内部不连通", "Interior is disconnected"),
    "Duplicate Rings": both("环重复", "Duplicate Rings"),
    "Invalid Coordinate": both("坐标无效", "Invalid Coordinate"),
    "Too few points in geometry component": both("点数不足", "Too few points in geometry component"),
}
Array = np.ndarray


def boundary_faults(tables: Tables, fit: Tables) -> Iterator[Fault]:
    """Every fault of the boundaries of units, those of one tier held against each other.

    Boundaries that are missing or not valid; the same boundary twice; overlaps of units and holes between them, the
    worst with a line of their own; slivers, nowhere wider than `SLIVER_M`, with a line for each tier; loose parts.
    Of boundaries that are not valid nothing else is said.

    Parameters
    ----------
    tables
        The inputs.
    fit
        The same from `located`.

    """
    yield from _unsound(tables, fit.units["sound"].to_numpy())
    homes = _homes_of(fit)
    tiers = tables.units["tier"].to_numpy()
    for tier in (*TIERS, ""):
        at = np.flatnonzero(tiers == tier)
        if len(at):
            yield from _loose_parts(fit, at)
            yield from _misfits(fit, at, homes)


@dataclass(frozen=True)
class _Homes:
    """Places where known households live."""

    number: Array
    tree: shapely.STRtree

    def inside(self, shapes: Array) -> Array:
        """Households inside of each shape; NaN where no dwelling states any."""
        if not len(self.number):
            return np.full(len(shapes), math.nan)
        shape, home = self.tree.query(shapes, predicate="contains")
        return np.bincount(shape, weights=self.number[home], minlength=len(shapes))


def _homes_of(fit: Tables) -> _Homes:
    number, shapes = fit.dwellings["households"].to_numpy(dtype="float64"), fit.dwellings.geometry.to_numpy()
    known = (number > 0) & ~shapely.is_missing(shapes)
    return _Homes(number[known], shapely.STRtree(shapes[known]))


def _unsound(tables: Tables, sound: Array) -> Iterator[Fault]:
    shapes = tables.units.geometry.to_numpy()
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    broken = np.flatnonzero(~missing & ~sound)
    for place in np.flatnonzero(missing).tolist():
        found = tables.units["unit_id"].iloc[place]
        yield fault("missing-boundary", where_of(tables, "units", place), found=found)
    reasons = [_reason(shape) for shape in shapes[broken]]
    kept = as_kept(tables, broken, np.array([spot for _, _, spot in reasons]).reshape(-1, 2))
    for place, (why, why_zh, _), (x, y) in zip(broken.tolist(), reasons, kept, strict=True):
        values = {"found": tables.units["unit_id"].iloc[place], "why": why, "why_zh": why_zh, "x": x, "y": y}
        yield fault("invalid-geometry", where_of(tables, "units", place), **values)


def _reason(shape: BaseGeometry) -> tuple[str, str, tuple[float, float]]:
    """Why a boundary is no area, in both languages, and where."""
    if shapely.is_valid(shape):
        x, y = shapely.get_coordinates(shape)[0].tolist()
        return f"a {shape.geom_type} without area", f"{shape.geom_type} 没有面积", (x, y)
    why, _, spot = str(shapely.is_valid_reason(shape)).partition("[")
    x, y = (float(number) for number in spot.rstrip("]").split()[:2])
    words = _WHY.get(why, both(why, why))
    return words["en"], words["zh"], (x, y)


def _loose_parts(fit: Tables, at: Array) -> Iterator[Fault]:
    """Units with parts that are next to nothing."""
    shapes = fit.units.geometry.to_numpy()[at]
    several = np.flatnonzero(fit.units["sound"].to_numpy()[at] & (shapely.get_num_geometries(shapes) > 1))
    parts, shape = shapely.get_parts(shapes[several], return_index=True)
    area_m2 = shapely.area(parts)
    loose = (area_m2 < _LOOSE_M2) & (area_m2 < _LOOSE_SHARE * shapely.area(shapes)[several][shape])
    table = pd.DataFrame({"unit": at[several[shape[loose]]], "area_m2": area_m2[loose], "part": np.flatnonzero(loose)})
    table = table.sort_values("area_m2", ascending=False)
    largest = table.drop_duplicates("unit")
    counts = table.groupby("unit").size()
    kept = as_kept(fit, largest["unit"].to_numpy(), spots_in(parts[largest["part"].to_numpy()]))
    for (unit, most), (x, y) in zip(largest[["unit", "area_m2"]].itertuples(index=False), kept, strict=True):
        values = {"found": called(fit.units, "units", unit), "n": counts[unit], "area": text_m2(most), "x": x, "y": y}
        yield fault("loose-parts", where_of(fit, "units", unit), most=_LOOSE_M2, **values)


def _misfits(fit: Tables, at: Array, homes: _Homes) -> Iterator[Fault]:
    """Overlaps, holes and slivers of the units of a tier; `at` is their positions."""
    shapes, sound = fit.units.geometry.to_numpy()[at], fit.units["sound"].to_numpy()[at]
    found = misfits(shapes)
    overlaps, holes = found.overlaps, found.holes
    overlaps = overlaps[sound[overlaps["first"]] & sound[overlaps["second"]]].reset_index(drop=True)
    borders = borders_of(holes.geometry.to_numpy(), shapes)
    doubtful = set(borders["piece"][~sound[borders["shape"].to_numpy()]])
    holes = holes[~holes.index.isin(doubtful)]
    around = {
        piece: at[rows.sort_values(["border_m", "shape"], ascending=[False, True])["shape"].to_numpy()].tolist()
        for piece, rows in borders.groupby("piece")
    }
    overlaps = overlaps.assign(units=_in_order(fit, at, overlaps[["first", "second"]].to_numpy()))
    holes = holes.assign(units=[around.get(piece, []) for piece in holes.index])
    holes = holes[holes["units"].map(len) > 0]
    same = overlaps["area_m2"] > _SAME * shapely.area(shapes[overlaps[["first", "second"]]]).max(axis=1, initial=0)
    yield from _duplicates(fit, overlaps[same])
    pieces = {"overlap": overlaps[~same], "hole": holes}
    pieces = {sort: table.assign(households=homes.inside(table.geometry.to_numpy())) for sort, table in pieces.items()}
    narrow = {sort: are_narrow(table.geometry.to_numpy(), SLIVER_M) for sort, table in pieces.items()}
    for sort, table in pieces.items():
        yield from _pieces(fit, sort, table[~narrow[sort]])
    yield from _slivers(fit, at, {sort: table[narrow[sort]] for sort, table in pieces.items()})


def _in_order(fit: Tables, at: Array, pairs: Array) -> list[list[int]]:
    """Positions of the two units of each pair, the one whose key sorts first at the front."""
    rank = np.empty(len(fit.units), dtype=np.int64)
    rank[np.lexsort((np.arange(len(rank)), fit.units["unit_id"].to_numpy(dtype=object)))] = np.arange(len(rank))
    places = at[pairs]
    order = np.argsort(rank[places], axis=1, kind="stable")
    ordered: list[list[int]] = np.take_along_axis(places, order, axis=1).tolist()
    return ordered


def _duplicates(fit: Tables, pairs: gpd.GeoDataFrame) -> Iterator[Fault]:
    """A line for each unit that is drawn like one before it, which names the first such."""
    table = pd.DataFrame(pairs["units"].tolist(), columns=["first", "second"])
    keys = {f"{name}_key": fit.units["unit_id"].iloc[table[name]].to_numpy() for name in table}
    table = table.assign(**keys).sort_values(["second_key", "second", "first_key", "first"]).drop_duplicates("second")
    for first, second in table[["first", "second"]].itertuples(index=False):
        where, stated = where_of(fit, "units", second), fit.units["households"].iloc[[first, second]].sum(min_count=1)
        values = {"found": called(fit.units, "units", second), "other": called(fit.units, "units", first)}
        yield fault("duplicate-boundary", replace(where, households=_known(stated)), **values)


_CHECKS = {"overlap": ("overlapping-units", "more-overlaps"), "hole": ("hole-between-units", "more-holes")}


def _pieces(fit: Tables, sort: str, pieces: gpd.GeoDataFrame) -> Iterator[Fault]:
    """The worst overlaps or holes by households and area, a line each, and one line for the others."""
    if not len(pieces):
        return
    one, others = _CHECKS[sort]
    order = np.lexsort((-pieces["area_m2"], -pieces["households"].fillna(0)))
    worst, rest = pieces.iloc[order[:_EACH]], pieces.iloc[order[_EACH:]]
    owners = np.array([units[-1] if sort == "overlap" else units[0] for units in worst["units"]])
    kept = as_kept(fit, owners, spots_in(worst.geometry.to_numpy()))
    rows = zip(owners.tolist(), worst["units"], worst["area_m2"], worst["households"], kept, strict=True)
    for owner, units, area_m2, households, (x, y) in rows:
        where, named = where_of(fit, "units", owner), [called(fit.units, "units", unit) for unit in units[:_NAMED]]
        if math.isnan(households) and sort == "overlap":
            households = fit.units["households"].iloc[units].sum(min_count=1)
        values = _said(named, more=len(units) > _NAMED) | {"area": text_m2(area_m2), "x": x, "y": y}
        yield fault(one, replace(where, households=_known(households)), **values, **_homes_text(fit, households))
    if len(rest):
        yield fault(others, _of_tier(fit, rest), **_counts(rest))


def _slivers(fit: Tables, at: Array, pieces: dict[str, gpd.GeoDataFrame]) -> Iterator[Fault]:
    """One line for all slivers between the units of a tier, with the place of the largest."""
    both_sorts = pd.concat([table[["area_m2", "households", "units"]] for table in pieces.values()])
    if not len(both_sorts):
        return
    shapes = np.concatenate([table.geometry.to_numpy() for table in pieces.values()])
    largest = int(np.argmax(both_sorts["area_m2"].to_numpy()))
    units = both_sorts["units"].iloc[largest]
    ((x, y),) = as_kept(fit, np.array(units[:1]), spots_in(shapes[largest : largest + 1]))
    tier = term("tier", fit.units["tier"].iloc[at[0]])
    values = {"overlaps": len(pieces["overlap"]), "holes": len(pieces["hole"]), "width": f"{SLIVER_M:g}"}
    values |= {"tier": tier["en"], "tier_zh": tier["zh"], "x": x, "y": y} | _counts(both_sorts)
    values |= _said([called(fit.units, "units", unit) for unit in units[:_NAMED]], more=len(units) > _NAMED)
    yield fault("slivers-between-units", _of_tier(fit, both_sorts), **values)


def _of_tier(fit: Tables, pieces: pd.DataFrame) -> Where:
    """The layer that the first of the units stands in, with the households of all pieces."""
    where = where_of(fit, "units", pieces["units"].iloc[0][0])
    return replace(where, row=None, record="", households=_known(pieces["households"].sum(min_count=1)))


def _counts(pieces: pd.DataFrame) -> dict[str, object]:
    return {"n": len(pieces), "area": text_m2(pieces["area_m2"].sum())}


def _said(named: list[str], *, more: bool) -> dict[str, str]:
    en = ", ".join(named) if more or len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return {"found": en + (" and others" if more else ""), "found_zh": "、".join(named) + ("等" if more else "")}


def _homes_text(fit: Tables, households: float) -> dict[str, str]:
    if not len(fit.dwellings) or math.isnan(households):
        return {"homes": "", "homes_zh": ""}
    number = f"{households:,.0f}"
    return {"homes": f", with {number} known households in it", "homes_zh": f",其中已知 {number} 户"}


def _known(households: float) -> float | None:
    return None if math.isnan(households) else float(households)
