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
from lifecircle.places import known_homes, lineage, located, parentage
from lifecircle.provenance import called, header_of, where_of
from lifecircle.registers import units_above
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
    index = {key: place for place, key in enumerate(units["unit_id"])}
    ranks = np.array([TIERS.index(tier) if tier in TIERS else -1 for tier in units["tier"]], dtype=np.int64)
    parent = np.array([index.get(key, -1) for key in above["parent_id"]], dtype=np.int64)
    sound = units["sound"].to_numpy()
    parent[(parent >= 0) & ((ranks[parent] <= ranks) | ~sound | ~sound[parent])] = -1
    known, outside = _outside_households(tables, index, ranks, parent)
    overlaps = _overlaps(units, ranks, parent)
    for place in np.flatnonzero((outside > 0) | np.isin(np.arange(len(units)), list(overlaps))).tolist():
        where = replace(where_of(tables, "units", place), households=float(outside[place]))
        how = _HOW[above["how"].iloc[place]]
        values = {"found": called(units, "units", place), "above": called(units, "units", int(parent[place]))}
        values |= {"n": f"{outside[place]:,.0f}", "all": f"{known[place]:,.0f}", "how": how["en"], "how_zh": how["zh"]}
        yield fault("does-not-nest", where, **values, **_overlap_text(units, place, overlaps.get(place, [])))


def _outside_households(
    tables: Tables, index: dict[str, int], ranks: np.ndarray, parent: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Known households of each unit, and how many of them live outside the unit above it."""
    homes = known_homes(tables.units, tables.dwellings)
    at = homes["unit_id"].map(index).fillna(-1).to_numpy(dtype=np.int64)
    number = homes["households"].to_numpy()
    known, outside = np.zeros(len(ranks)), np.zeros(len(ranks))
    hosts = np.unique(parent[parent >= 0])
    tree = shapely.STRtree(homes.geometry.to_numpy())
    host, home = tree.query(tables.units.geometry.to_numpy()[hosts], predicate="intersects")
    for rank in range(len(TIERS)):
        here = np.flatnonzero((at >= 0) & (ranks[at] == rank))
        np.add.at(known, at[here], number[here])
        to = np.full(len(at), -1)
        to[here] = parent[at[here]]
        inside = np.zeros(len(at), dtype=bool)
        inside[home[hosts[host] == to[home]]] = True
        out = here[(to[here] >= 0) & ~inside[here]]
        np.add.at(outside, at[out], number[out])
        at = np.where(to >= 0, to, at)
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
    parents = dict(zip(units["unit_id"], units["parent_id"], strict=True))
    tiers = dict(zip(units["unit_id"], units["tier"], strict=True))
    unique, several = len(parents) == len(units), len(set(units["tier"])) > 1
    rows = zip(units["unit_id"], units["parent_id"], units["tier"], strict=True)
    keys = {tier: [key for key, sort in tiers.items() if _rank(sort) > _rank(tier)] for tier in set(tiers.values())}
    for place, (unit_id, parent, tier) in enumerate(rows):
        if not parent or (parent not in parents and not several):
            continue
        if parent not in parents:
            where = where_of(tables, "units", place)
            yield fault("unknown-parent-unit", where, column=header, found=parent, **hint(parent, keys[tier]))
        elif not unique:
            continue  # which of two is meant is not known
        elif unit_id in units_above(unit_id, parents):
            yield fault("parent-circle", where_of(tables, "units", place), column=header, found=parent)
        elif tier in TIERS and tiers[parent] in TIERS and TIERS.index(tiers[parent]) <= TIERS.index(tier):
            own, above = term("tier", tier), term("tier", tiers[parent])
            words = {"tier": own["en"], "tier_zh": own["zh"], "above": above["en"], "above_zh": above["zh"]}
            where = where_of(tables, "units", place)
            yield fault("parent-tier", where, column=header, found=parent, called=unit_id, **words)


def _rank(tier: str) -> int:
    return TIERS.index(tier) if tier in TIERS else -1


def _tiers(tables: Tables) -> Iterator[Fault]:
    header = header_of(tables, "units", "unit_id")
    for place, (unit_id, tier) in enumerate(zip(tables.units["unit_id"], tables.units["tier"], strict=True)):
        if not tier:
            yield fault("missing-tier", where_of(tables, "units", place), found=called(tables.units, "units", place))
        if unit_id == "district":
            yield fault("reserved-key", where_of(tables, "units", place), column=header, found=unit_id)


def _orphans(tables: Tables, above: pd.DataFrame) -> Iterator[Fault]:
    """Units below the highest tier that have no unit above them."""
    tiers = tables.units["tier"]
    top = max((TIERS.index(tier) for tier in set(tiers) if tier), default=0)
    for place, (tier, parent) in enumerate(zip(tiers, above["parent_id"], strict=True)):
        if tier and TIERS.index(tier) < top and not parent and tables.units["sound"].iloc[place]:
            yield fault("no-parent", where_of(tables, "units", place), found=called(tables.units, "units", place))


def _households_of_dwellings(tables: Tables) -> dict[str, float]:
    """Households of the dwellings that belong to each unit itself, NaN where one of them is not known."""
    groups = tables.dwellings["households"].groupby(tables.dwellings["unit_id"].to_numpy())
    sums: dict[str, float] = groups.sum().where(groups.count() == groups.size()).to_dict()
    return sums | dict.fromkeys(tables.units["unit_id"][~tables.units["sound"]], math.nan)


def _silent_units(tables: Tables, above: pd.DataFrame, counted: dict[str, float]) -> Iterator[Fault]:
    """Lowest units whose households neither they nor their dwellings state, where anybody states any."""
    units, parents = tables.units, set(above["parent_id"])
    if not len(tables.dwellings) and units["households"].isna().all():
        return
    silent = (units["households"].isna() & units["sound"]).to_numpy()
    for place, unit_id in zip(np.flatnonzero(silent).tolist(), units["unit_id"][silent], strict=True):
        if unit_id not in parents and math.isnan(counted.get(unit_id, math.nan)):
            yield fault("unknown-households", where_of(tables, "units", place), found=called(units, "units", place))


def _disagreement(tables: Tables, above: pd.DataFrame, counted: dict[str, float]) -> Iterator[Fault]:
    """Units whose stated households are not those of their dwellings, or of the units below, where these are known."""
    stated_of = dict(zip(tables.units["unit_id"], tables.units["households"], strict=True))
    parents = dict(zip(above.index, above["parent_id"], strict=True))
    uppers, lines = set(parents.values()) - {""}, lineage(parents)
    sums = counted | dict.fromkeys(uppers, 0.0)
    for lowest in (one for one in parents if one not in uppers):
        stated = stated_of[lowest]
        for upper in lines[lowest][1:]:
            sums[upper] += counted.get(lowest, math.nan) if math.isnan(stated) else stated
    for place, (unit_id, stated) in enumerate(stated_of.items()):
        summed = sums.get(unit_id, math.nan)
        if abs(stated - summed) >= 1:
            where = replace(where_of(tables, "units", place), households=abs(stated - summed))
            by = both("下级单元", "the units below") if unit_id in uppers else both("居住点", "its dwellings")
            values = {"stated": f"{stated:,.0f}", "summed": f"{summed:,.0f}", "by": by["en"], "by_zh": by["zh"]}
            yield fault("households-disagree", where, found=called(tables.units, "units", place), **values)
