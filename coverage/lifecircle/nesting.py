"""What is wrong with the units: tiers and parents that cannot be, and units that do not lie in one another."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.faults import Fault, fault, hint
from lifecircle.keys import places_among
from lifecircle.places import known_homes, located, parentage
from lifecircle.provenance import called, header_of, where_of
from lifecircle.tables import TIERS, Tables
from lifecircle.words import both, term

SLIVER_SHARE = 0.01  # of a unit's area; what overlaps another unit by no more is taken for loose drawing
SLIVER_M2 = 100
_HOW = {
    "stated": both("填报的上级编码", "as stated"),
    "share": both("已知户数占比最大", "where most of its known households live"),
    "point": both("其内部一点所在", "where a point inside it lies"),
}


def unit_faults(
    tables: Tables, fit: Tables | None = None, *, lost: Collection[tuple[str, str]] = ()
) -> Iterator[Fault]:
    """Every fault of the units' tiers, parents and households.

    Units without a sound boundary are held to what they state alone. `fit` is from `located`; `lost` is what could not
    be read of which table: `rows`, `keys` or `places`.
    """
    if ("units", "keys") in lost:
        return
    yield from _parents(tables)
    yield from _tiers(tables) if ("units", "rows") not in lost else ()
    if ("units", "places") in lost:
        return
    fit = located(tables) if fit is None else fit
    placed = ("dwellings", "places") not in lost
    above = parentage(fit.units, fit.dwellings if placed else None)
    yield from _orphans(fit, above)
    if placed:
        counted = _households_of_dwellings(fit)
        yield from _silent_units(fit, above, counted)
        yield from _disagreement(fit, above, counted)
        yield from nesting_faults(fit, above) if fit.units["unit_id"].is_unique else ()


def nesting_faults(tables: Tables, above: pd.DataFrame | None = None) -> Iterator[Fault]:
    """A warning for every unit that does not lie in the unit above it.

    Either some of its known households live outside the unit above it, or it overlaps another unit of that tier by more
    than `SLIVER_SHARE` of its area and by more than `SLIVER_M2`. `above` is from `parentage`. Boundaries that are not
    sound decide nothing.
    """
    tables = tables if "sound" in tables.units else located(tables)
    units = tables.units
    above = parentage(units, tables.dwellings) if above is None else above
    ranks, parent = places_among(units["tier"], TIERS), places_among(above["parent_id"], units["unit_id"]).copy()
    sound = units["sound"].to_numpy()
    parent[(parent >= 0) & ((ranks[parent] <= ranks) | ~sound | ~sound[parent])] = -1
    known, outside = _outside_households(tables, ranks, parent)
    overlaps = _overlaps(units, ranks, parent)
    for place in np.flatnonzero((outside > 0) | np.isin(np.arange(len(units)), list(overlaps))).tolist():
        where = replace(where_of(tables, "units", place), households=float(outside[place]))
        how = _HOW[above["how"].iloc[place]]
        values = {"found": called(units, "units", place), "above": called(units, "units", int(parent[place]))}
        values |= {"n": f"{outside[place]:,.0f}", "all": f"{known[place]:,.0f}", "how": how["en"], "how_zh": how["zh"]}
        yield fault("does-not-nest", where, **values, **_overlap_text(units, place, overlaps.get(place, [])))


def _outside_households(tables: Tables, ranks: np.ndarray, parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Known households of each unit, and how many of them live outside the unit above it."""
    homes, shapes = known_homes(tables.units, tables.dwellings), tables.units.geometry.to_numpy()
    at = places_among(homes["unit_id"], tables.units["unit_id"]).copy()
    x, y = shapely.get_x(homes.geometry.to_numpy()), shapely.get_y(homes.geometry.to_numpy())
    number = homes["households"].to_numpy(dtype="float64")
    known, outside = np.zeros(len(ranks)), np.zeros(len(ranks))
    shapely.prepare(shapes[np.unique(parent[parent >= 0])])
    for rank in range(len(TIERS)):
        here = np.flatnonzero((at >= 0) & (ranks[at] == rank))
        known += np.bincount(at[here], weights=number[here], minlength=len(ranks))
        here = here[parent[at[here]] >= 0]
        here = here[np.argsort(parent[at[here]])]  # each area is looked up while it is at hand
        to = parent[at[here]]
        out = here[~shapely.intersects_xy(shapes[to], x[here], y[here])]
        outside += np.bincount(at[out], weights=number[out], minlength=len(ranks))
        at[here] = to
    return known, outside


def _overlaps(units: gpd.GeoDataFrame, ranks: np.ndarray, parent: np.ndarray) -> dict[int, list[tuple[float, int]]]:
    """For each unit that lies in others than the one above it too: the share of its area in each, largest first."""
    shapes, found = units.geometry.to_numpy(), defaultdict(list)
    for rank in np.unique(ranks[parent[parent >= 0]]):
        below, layer = np.flatnonzero((parent >= 0) & (ranks[parent] == rank)), np.flatnonzero(ranks == rank)
        other, child = shapely.STRtree(shapes[below]).query(shapes[layer], predicate="intersects")
        child, other = below[child], layer[other]
        child, other = child[parent[child] != other], other[parent[child] != other]
        shapely.prepare(shapes[layer])
        apart = shapely.touches(shapes[other], shapes[child])  # as nearly all are, and much sooner told than areas
        child, other = child[~apart], other[~apart]
        area_m2, whole_m2 = (
            shapely.area(shapely.intersection(shapes[child], shapes[other])),
            shapely.area(shapes[child]),
        )
        for pair in np.flatnonzero((area_m2 > SLIVER_SHARE * whole_m2) & (area_m2 > SLIVER_M2)).tolist():
            found[int(child[pair])].append((float(area_m2[pair] / whole_m2[pair]), int(other[pair])))
    return {place: sorted(others, key=lambda one: (-one[0], one[1])) for place, others in found.items()}


def _overlap_text(units: gpd.GeoDataFrame, place: int, others: list[tuple[float, int]]) -> dict[str, str]:
    if not others:
        return {"overlaps": "", "overlaps_zh": ""}
    named = [(f"{share * 100:.3g}", called(units, "units", other)) for share, other in others]
    en = " and ".join(f"{percent} % in {name}" for percent, name in named)
    zh = "、".join(f"{name} {percent}%" for percent, name in named)
    return {"overlaps": f", and of its area {en}", "overlaps_zh": f",面积另有部分位于 {zh}"}


def _parents(tables: Tables) -> Iterator[Fault]:
    """Parents that are not there, that lead back to the unit itself, or that are of no higher tier."""
    units, header = tables.units, header_of(tables, "units", "parent_id")
    keys, parents, ranks = units["unit_id"], units["parent_id"].tolist(), places_among(units["tier"], TIERS)
    stated = (units["parent_id"] != "").to_numpy()
    at = np.where(stated, places_among(units["parent_id"], keys), -1)
    unknown = stated & (at < 0) & (len(units["tier"].unique()) > 1)
    circle, low = np.zeros(len(units), dtype=bool), np.zeros(len(units), dtype=bool)
    if keys.is_unique:  # else it is not known which of two is meant
        circle = _lead_back(at)
        low = (at >= 0) & ~circle & (ranks >= 0) & (ranks[at] >= 0) & (ranks[at] <= ranks)
    above = {rank: keys[(ranks > rank) & (keys != "")].tolist() for rank in np.unique(ranks[unknown]).tolist()}
    for place in np.flatnonzero(unknown | circle | low).tolist():
        where, values = where_of(tables, "units", place), {"column": header, "found": parents[place]}
        if unknown[place]:
            yield fault("unknown-parent-unit", where, **values, **hint(parents[place], above[ranks[place]]))
        elif circle[place]:
            yield fault("parent-circle", where, **values)
        else:
            own, upper = (term("tier", TIERS[ranks[one]]) for one in (place, at[place]))
            words = {"tier": own["en"], "tier_zh": own["zh"], "above": upper["en"], "above_zh": upper["zh"]}
            yield fault("parent-tier", where, **values, called=keys.iloc[place], **words)


def _lead_back(above: np.ndarray) -> np.ndarray:
    """Whether the way up from each position (-1 at the top) leads back to it.

    >>> _lead_back(np.array([1, 2, 1, 0, -1])).tolist()
    [False, True, True, False, False]
    """
    found, far = np.zeros(len(above), dtype=bool), above
    for _ in range(len(above).bit_length()):  # steps are doubled; who is not at the top by then goes round a circle
        far = np.where(far >= 0, far[far], -1)
    found[far[far >= 0]] = True
    return found


def _tiers(tables: Tables) -> Iterator[Fault]:
    units, header = tables.units, header_of(tables, "units", "unit_id")
    silent, reserved = ((units[name] == word).to_numpy() for name, word in (("tier", ""), ("unit_id", "district")))
    for place in np.flatnonzero(silent | reserved).tolist():
        if silent[place]:
            yield fault("missing-tier", where_of(tables, "units", place), found=called(units, "units", place))
        if reserved[place]:
            yield fault("reserved-key", where_of(tables, "units", place), column=header, found="district")


def _orphans(tables: Tables, above: pd.DataFrame) -> Iterator[Fault]:
    """Units below the highest tier that have no unit above them."""
    units, ranks = tables.units, places_among(tables.units["tier"], TIERS)
    alone = (above["parent_id"] == "").to_numpy() & (ranks >= 0) & (ranks < ranks.max(initial=0))
    for place in np.flatnonzero(alone & units["sound"].to_numpy()).tolist():
        yield fault("no-parent", where_of(tables, "units", place), found=called(units, "units", place))


def _households_of_dwellings(tables: Tables) -> np.ndarray:
    """Households of the dwellings that belong to each unit itself; NaN where there are none, or one is not known."""
    units, number = tables.units, tables.dwellings["households"].to_numpy(dtype="float64")
    at, own = (places_among(frame["unit_id"], units["unit_id"]) for frame in (tables.dwellings, units))
    sums = np.bincount(at[at >= 0], weights=number[at >= 0], minlength=len(units)).astype("float64")
    sums[np.bincount(at[at >= 0], minlength=len(units)) == 0] = math.nan
    sums[own[~units["sound"].to_numpy()]] = math.nan
    return np.asarray(sums[own])


def _silent_units(tables: Tables, above: pd.DataFrame, counted: np.ndarray) -> Iterator[Fault]:
    """Lowest units whose households neither they nor their dwellings state, where anybody states any."""
    units = tables.units
    if not len(tables.dwellings) and units["households"].isna().all():
        return
    silent = (units["households"].isna() & units["sound"]).to_numpy() & np.isnan(counted)
    silent &= places_among(units["unit_id"], above["parent_id"]) < 0
    for place in np.flatnonzero(silent).tolist():
        yield fault("unknown-households", where_of(tables, "units", place), found=called(units, "units", place))


def _disagreement(tables: Tables, above: pd.DataFrame, counted: np.ndarray) -> Iterator[Fault]:
    """Units whose stated households are not those of their dwellings, or of the units below, where these are known."""
    units, stated = tables.units, tables.units["households"].to_numpy(dtype="float64")
    parents, last = above["parent_id"], ~units["unit_id"].duplicated(keep="last").to_numpy()
    up = np.where(parents != "", places_among(parents, units["unit_id"][last]), -1)
    upper = places_among(units["unit_id"][last], parents[parents != ""]) >= 0
    stated, counted, up = stated[last], counted[last], up[last]
    sums, lowest = np.where(upper, 0.0, counted), np.flatnonzero(~upper)
    number, line = np.where(np.isnan(stated), counted, stated)[lowest], [lowest]
    while len(line[-1]):
        to = up[line[-1]]
        goes_on = (to >= 0) & ~np.any([to == one for one in line], axis=0)
        line, number = [one[goes_on] for one in [*line, to]], number[goes_on]
        sums += np.bincount(line[-1], weights=number, minlength=len(sums))
    for row in np.flatnonzero(np.abs(stated - sums) >= 1).tolist():
        place, off = int(np.flatnonzero(last)[row]), float(abs(stated[row] - sums[row]))
        by = both("下级单元", "the units below") if upper[row] else both("居住点", "its dwellings")
        values = {"stated": f"{stated[row]:,.0f}", "summed": f"{sums[row]:,.0f}", "by": by["en"], "by_zh": by["zh"]}
        where = replace(where_of(tables, "units", place), households=off)
        yield fault("households-disagree", where, found=called(units, "units", place), **values)
