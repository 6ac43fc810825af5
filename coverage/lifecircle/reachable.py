"""Floor area within a walk per 100 households, with its bounds, for units and dwellings."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from lifecircle.catching import Walks
from lifecircle.findings import Unit
from lifecircle.intervals import Interval
from lifecircle.keys import places_among
from lifecircle.ledger import Entry
from lifecircle.rollup import DISTRICT, lines_of, unaccounted

_MILLION = 1_000_000  # figures are whole millionths of a square metre
_SHARED = {"", "other_kind", "outside"}  # what the ledger says of facilities that people share, wherever they lie


@dataclass(frozen=True)
class Reachable:
    """Square metres within a walk per 100 households: for each unit, and for each dwelling from `low` to `high`."""

    units: Mapping[str, Interval]
    dwellings: pd.DataFrame


@dataclass(frozen=True)
class _Counted:
    """Households from low to high, and how many groups of them have no upper end (they are not in `high`)."""

    low: np.ndarray
    high: np.ndarray
    endless: np.ndarray


@dataclass(frozen=True)
class _Caught:
    """Households that walk to a facility, of each pair of a facility and a unit that has any.

    `counted` are those of each unit that its dwellings account for.
    """

    households: _Counted
    facility: np.ndarray
    unit: np.ndarray
    counted: np.ndarray


def reachable_areas(
    walks: Walks,
    entries: Sequence[Entry],
    units: Mapping[str, Unit],
    dwellings: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
    *,
    kinds: Collection[str],
) -> Reachable:
    """What the two-step floating catchment gives each unit and each dwelling, whatever side of a boundary it lies.

    Each facility's floor area is shared among the households that reach it; a dwelling gets the sum of its shares. A
    unit's figure is the mean over its households. Households that live elsewhere than in `dwellings` use nothing.
    The bounds hold whatever the missing areas, households and walks are: of a unit's own households, the part that
    reaches a facility and their number are each taken at the end that is worst, then best. A unit has at least the
    households that its dwellings count.

    Parameters
    ----------
    walks
        From `walks_within`.
    entries
        The ledger; areas of facilities that count or lie outside all units are shared.
    units
        From `units_of_study`.
    dwellings
        unit_id and households of every dwelling, keyed by `dwelling_id`.
    boundaries
        The units' polygons, by unit_id.
    kinds
        Kinds of facilities that are shared.

    Notes
    -----
    W. Luo and F. Wang (2003), Environment and Planning B 30(6).

    """
    areas = _areas(walks, entries, kinds)
    homes = dwellings[["dwelling_id", "unit_id", "households"]]
    if not walks.dwelling_ids.equals(pd.Index(homes["dwelling_id"])):
        homes = homes.set_index("dwelling_id").reindex(walks.dwelling_ids)
    number = places_among(homes["unit_id"], units)
    households = homes["households"].to_numpy(dtype="float64")
    caught = _caught(walks, units, number, households, boundaries)
    elsewhere = _elsewhere(walks, number, households)
    demand = _demand(caught, elsewhere, len(walks.facility_ids), list(units).index(DISTRICT))
    above = _above(units)
    leaving = above[np.unique(number[walks.leaving & (number >= 0)])].indices
    figures = _of_units(caught, areas, demand, units, set(leaving.tolist()))
    return Reachable(figures, _of_dwellings(walks, areas, demand))


def _areas(walks: Walks, entries: Sequence[Entry], kinds: Collection[str]) -> np.ndarray:
    """Lowest and highest area of every facility of the walks, none where it is not shared."""
    shared = {
        one.facility_id: (float(one.area_m2.low), np.inf if one.area_m2.high is None else float(one.area_m2.high))
        for one in entries
        if one.kind in kinds and one.why_not in _SHARED
    }
    return np.array([shared.get(key, (0.0, 0.0)) for key in walks.facility_ids]).reshape(-1, 2)


def _caught(
    walks: Walks, units: Mapping[str, Unit], number: np.ndarray, households: np.ndarray, boundaries: gpd.GeoDataFrame
) -> _Caught:
    """Households of every unit, those above included, that walk to every facility."""
    n_units, inside, silent = len(units), number >= 0, np.isnan(households)
    place = np.flatnonzero(inside)
    of_unit = sparse.csr_array((np.ones(len(place)), (place, number[place])), shape=(len(number), n_units))
    known = sparse.diags_array(np.nan_to_num(households)) @ of_unit
    hidden = sparse.diags_array(silent.astype(float)) @ of_unit
    sure, perhaps = walks.sure @ known, walks.perhaps @ known
    left_low, left_high = unaccounted(units, number, households)
    n_hidden = np.asarray(hidden.sum(axis=0))
    surely = (walks.sure @ hidden).tocoo()
    all_reach = surely.data >= n_hidden[surely.col]
    more = sparse.csr_array(
        (np.where(all_reach, left_low[surely.col], 0.0), (surely.row, surely.col)), shape=surely.shape
    )
    may = (walks.either @ hidden + _near_units(walks, units, boundaries, (n_hidden == 0) & (left_high > 0))).tocoo()
    left = left_high[may.col]
    top = sparse.csr_array((np.where(np.isinf(left), 0.0, left), (may.row, may.col)), shape=may.shape)
    endless = sparse.csr_array((np.isinf(left).astype(float), (may.row, may.col)), shape=may.shape)
    above = _above(units)
    counted = np.asarray((known @ above).sum(axis=0))
    return _pairs((sure + more) @ above, (sure + perhaps + top) @ above, endless @ above, counted)


def _near_units(
    walks: Walks, units: Mapping[str, Unit], boundaries: gpd.GeoDataFrame, chosen: np.ndarray
) -> sparse.csr_array:
    """Facilities within the crow's distance of units whose households may live anywhere in them."""
    places = np.flatnonzero(chosen)
    keys = [list(units)[place] for place in places]
    shapes = boundaries.set_index("unit_id").geometry.reindex(keys).to_numpy()
    unit, facility = shapely.STRtree(walks.points).query(shapes, predicate="dwithin", distance=walks.crow_m)
    shape = len(walks.facility_ids), len(units)
    return sparse.csr_array((np.ones(len(unit)), (facility, places[unit])), shape=shape)


def _above(units: Mapping[str, Unit]) -> sparse.csr_array:
    """Which units lie in which, each in itself."""
    places = {unit_id: place for place, unit_id in enumerate(units)}
    pairs = [(places[one], places[above]) for one, line in lines_of(units).items() for above in line]
    row, column = np.array(pairs).T
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(units), len(units)))


def _pairs(low: sparse.csr_array, high: sparse.csr_array, endless: sparse.csr_array, counted: np.ndarray) -> _Caught:
    """What three matrices say of every facility and unit of which one of them says something."""
    n_units = low.shape[1]
    parts = [matrix.tocoo() for matrix in (low, high, endless)]
    cells = [part.row.astype(np.int64) * n_units + part.col for part in parts]
    every = np.unique(np.concatenate(cells))
    values = np.zeros((len(parts), len(every)))
    for row, (part, cell) in enumerate(zip(parts, cells, strict=True)):
        values[row, np.searchsorted(every, cell)] = part.data
    return _Caught(_Counted(*values), every // n_units, every % n_units, counted)


def _elsewhere(walks: Walks, number: np.ndarray, households: np.ndarray) -> _Counted:
    """Households in no unit that walk to each facility."""
    outside = number < 0
    known, silent = np.nan_to_num(households) * outside, (np.isnan(households) & outside).astype(float)
    low = walks.sure @ known
    endless = walks.either @ silent
    return _Counted(low, low + walks.perhaps @ known, endless)


def _demand(caught: _Caught, elsewhere: _Counted, n_facilities: int, district: int) -> _Counted:
    """Households that share each facility: those of the district and those in no unit."""
    rows = caught.unit == district
    facility = caught.facility[rows]

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(facility, values[rows], n_facilities)

    own = caught.households
    return _Counted(
        summed(own.low) + elsewhere.low, summed(own.high) + elsewhere.high, summed(own.endless) + elsewhere.endless
    )


def _of_units(
    caught: _Caught, areas: np.ndarray, demand: _Counted, units: Mapping[str, Unit], leaving: Collection[int]
) -> dict[str, Interval]:
    """Square metres per 100 households of every unit.

    With r of a unit's H households in reach of a facility, and o others: its share of the area per household is
    (r / H) / (r + o), which with the part p = r / H is p / (p H + o): more with p, less with H and o.
    """
    own, f, u = caught.households, caught.facility, caught.unit
    ends = [unit.households for unit in units.values()]
    least = np.maximum([float(one.low) for one in ends], caught.counted)[u]
    most = np.maximum([np.inf if one.high is None else float(one.high) for one in ends], caught.counted)[u]
    others_low = demand.low[f] - own.low
    others_high = np.where(demand.endless[f] > own.endless, np.inf, demand.high[f] - own.high)
    high = np.where(own.endless > 0, np.inf, own.high)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(least > 0, np.minimum(high / least, 1.0), 1.0) * (high > 0)
        worst = np.where(own.low > 0, areas[f, 0] * (own.low / most) / (own.low + others_high), 0.0)
        best = np.where((part > 0) & (areas[f, 1] > 0), areas[f, 1] * part / (part * least + others_low), 0.0)
    worst, best = np.nan_to_num(worst, nan=0.0), np.where(np.isnan(best), np.inf, best)
    known = (own.low == high) & (least == most) & (others_low == others_high) & (areas[f, 0] == areas[f, 1])
    n = len(units)
    low, best_sum = np.bincount(u, worst, n) * 100, np.bincount(u, np.where(known, worst, best), n) * 100
    return {
        unit_id: _interval(low[place], np.inf if place in leaving else best_sum[place])
        for place, unit_id in enumerate(units)
    }


def _interval(low: float, high: float) -> Interval:
    """Bounds as whole millionths, the low one cut and the high one raised where they differ."""
    if low == high:
        exact = Fraction(round(low * _MILLION), _MILLION)
        return Interval(exact, exact)
    return Interval(
        Fraction(math.floor(low * _MILLION), _MILLION),
        None if math.isinf(high) else Fraction(math.ceil(high * _MILLION), _MILLION),
    )


def _of_dwellings(walks: Walks, areas: np.ndarray, demand: _Counted) -> pd.DataFrame:
    """Square metres per 100 households of every dwelling, from low to high; endless where it may leave the streets."""
    most = np.where(demand.endless > 0, np.inf, demand.high)
    least = np.divide(areas[:, 0], most, out=np.zeros(len(most)), where=most > 0)
    top = np.divide(areas[:, 1], demand.low, out=np.full(len(most), np.inf), where=demand.low > 0)
    top = np.where((most == 0) | (areas[:, 1] == 0), 0.0, top)
    same = (demand.low == most) & (areas[:, 0] == areas[:, 1])
    top = np.where(same, least, top)
    low = walks.sure.T @ least * 100
    endless = walks.either.T @ np.isinf(top).astype(float) > 0
    finite = np.where(np.isinf(top), 0.0, top)
    high = walks.either.T @ finite * 100
    return pd.DataFrame({"low": low, "high": np.where(endless | walks.leaving, np.inf, high)}, index=walks.dwelling_ids)
