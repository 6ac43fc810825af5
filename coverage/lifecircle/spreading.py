"""Households of units whose totals alone are known, spread over what people live in: every total kept exactly."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from lifecircle.keys import places_among
from lifecircle.living import Over, Spots, may_be_home, spots_of, valid
from lifecircle.places import parents_of_units, unit_of_places
from lifecircle.tables import TIERS

_WHOLE = 1_000_000  # weights are whole millionths, so that equal ones are equal and shares are exact
_MOST = 2.0**61  # households times weights stay within whole numbers of 64 bits


@dataclass(frozen=True)
class Spread:
    """What became of households whose places nobody knows.

    Attributes
    ----------
    dwellings
        A row for each place that got households: dwelling_id (`N1~1`), name, households, population (unknown), unit_id,
        row (of the layer that was spread over), spread (true); points.
    empty
        The units that have households and nothing to spread them over.
    n_other
        Buildings that are left out because they say that they are something else than homes.
    partly
        The units that have a total and dwellings of which some do not say how many live there: theirs is not spread.

    """

    dwellings: gpd.GeoDataFrame
    empty: tuple[str, ...] = ()
    n_other: int = 0
    partly: tuple[str, ...] = ()


def spread_households(
    units: gpd.GeoDataFrame,
    dwellings: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    *,
    over: Over,
    floors: float | None = None,
) -> Spread:
    """Places with households for the lowest units that state households and have no dwellings.

    Whole households, in proportion to weight, by largest remainder; of places with equal remainders the ones farther
    west, then farther south, come first. Places that get none are left out. Neither the order of the rows nor what
    other units have changes anything.

    Parameters
    ----------
    units
        Polygons; columns unit_id, tier, parent_id, households.
    dwellings
        Points of the study; a unit in which one lies, or that one names, stays as it is.
    spots
        What is spread over, in the CRS of the units. Buildings: footprints; columns floors (NaN where not stated) and
        use. A grid: cells, or their centres, with a column population; a cell on a border gives each unit the part that
        its area has there. Addresses: points. Streets: lines that may be walked.
    over
        What the spots are. A building weighs its footprint times its floors, a street its length within the unit.
    floors
        Floors of buildings that state none; where None the median of those that do, or 1.

    Raises
    ------
    ValueError
        The spots are not in the units' CRS.

    Notes
    -----
    Largest remainder: A. Hamilton's method of 1792, as in M. Balinski and H. P. Young (2001), Fair Representation.

    Examples
    --------
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["N1"], "tier": "neighbourhood", "parent_id": "", "households": [10.0]},
    ...     geometry=[shapely.box(0, 0, 100, 100)],
    ... )
    >>> homes = gpd.GeoDataFrame({"floors": [6.0, 1.0]}, geometry=[shapely.box(0, 0, 9, 9), shapely.box(50, 0, 59, 36)])
    >>> nobody = gpd.GeoDataFrame({"unit_id": []}, geometry=[])
    >>> spread_households(units, nobody, homes, over="buildings").dwellings["households"].tolist()
    [6.0, 4.0]

    """
    if units.crs is not None and spots.crs is not None and units.crs != spots.crs:
        raise ValueError(f"spots: CRS is {spots.crs}; that of the units is {units.crs}. Try spots.to_crs(units.crs)")
    lowest = _lowest(units, dwellings)
    wanted, partly = _wanted(lowest, dwellings, units)
    spots = spots[~(spots.geometry.isna() | spots.geometry.is_empty)].reset_index(drop=True)
    home = may_be_home(spots["use"]) if over == "buildings" and "use" in spots else np.ones(len(spots), dtype=bool)
    found = spots_of(lowest, spots[home].reset_index(drop=True), over, floors=floors)
    found = found.only(np.isin(found.unit, np.flatnonzero(wanted)) & np.isfinite(found.weight))
    made = _of_lowest_still(units, dwellings, _rows(lowest, found))
    without = wanted & ~lowest["unit_id"].isin(made["unit_id"].unique()).to_numpy()
    return Spread(made, tuple(lowest["unit_id"][without]), int((~home).sum()), tuple(lowest["unit_id"][partly]))


def with_spread(dwellings: gpd.GeoDataFrame, made: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dwellings with the places that households were spread over below them; column `spread` tells them apart.

    What is not known of the new ones is empty text and an unknown number.
    """
    given = dwellings.assign(spread=False)
    if not len(made):
        return given
    if not len(given):
        given = given.set_crs(made.crs, allow_override=True)
    name = given.geometry.name
    below = made.rename(columns={"geometry": name}).reindex(columns=given.columns)
    texts = [name for name in given if name not in made and pd.api.types.is_string_dtype(given[name])]
    below = below.assign(**{name: pd.array([""] * len(below), dtype="str") for name in texts})
    kinds = {name: given[name].dtype for name in given if name not in texts and name in made}
    table = pd.concat([given, below.astype(kinds)], ignore_index=True) if len(given) else below.reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=name, crs=made.crs)


def spread_of(dwellings: pd.DataFrame) -> np.ndarray:
    """Whether the households of each dwelling were spread there from a unit's total.

    >>> spread_of(pd.DataFrame({"dwelling_id": ["H1", "N1~1"], "spread": [False, True]})).tolist()
    [False, True]
    """
    if "spread" not in dwellings or not pd.api.types.is_bool_dtype(dwellings["spread"]):
        return np.zeros(len(dwellings), dtype=bool)
    return np.asarray(dwellings["spread"].to_numpy(dtype=bool))


def largest_remainders(totals: np.ndarray, group: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Whole parts of the total of each group, in proportion to whole weights; they sum to it exactly.

    Each gets its quota without the fraction, and those with the largest fractions one more, the earlier of equal ones
    first. `group` numbers the totals in rising order; the weights of every group that occurs sum to more than 0.

    >>> largest_remainders(np.array([10, 1]), np.array([0, 0, 0, 1, 1]), np.array([1, 1, 1, 5, 6])).tolist()
    [4, 3, 3, 0, 1]
    """
    if not len(group):
        return np.empty(0, dtype=np.int64)
    present, first, member = np.unique(group, return_index=True, return_inverse=True)
    total = totals[present].astype(np.int64)
    product = total[member] * weights
    parts, rest = np.divmod(product, np.add.reduceat(weights, first)[member])
    left = total - np.add.reduceat(parts, first)
    order = np.lexsort((np.arange(len(group)), -rest, member))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - first[member]
    return np.asarray(parts + (rank < left[member]))


def _lowest(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Units that no other belongs to, each key once, by key; shapes made valid."""
    upper = set(parents_of_units(units, dwellings).values())
    shapes = units.geometry
    kept = ~units["unit_id"].isin(upper) & ~units["unit_id"].duplicated() & shapes.notna() & ~shapes.is_empty
    lowest = units[kept].sort_values("unit_id", kind="stable").reset_index(drop=True)
    return lowest.set_geometry(valid(lowest.geometry))


def _wanted(
    lowest: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Which of the lowest units state whole households and have no dwelling, and which have some without a number."""
    households = lowest["households"].to_numpy(dtype="float64")
    total = (households > 0) & (households % 1 == 0)
    number = places_among(unit_of_places(dwellings, units, stated="unit_id"), lowest["unit_id"])
    silent = np.isnan(dwellings["households"].to_numpy(dtype="float64")) if "households" in dwellings else number < 0
    lived_in, partly = (np.isin(np.arange(len(lowest)), number[some]) for some in (number >= 0, (number >= 0) & silent))
    return total & ~lived_in, total & partly


def _of_lowest_still(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame, made: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The places of units that are lowest still when it is known where their households live.

    A unit that states none above belongs to where most of its households live; the one above has its own no longer.
    """
    top = max((TIERS.index(tier) for tier in set(units["tier"]) & set(TIERS)), default=0)
    silent = ~units["parent_id"].isin(units["unit_id"]) & units["tier"].isin(TIERS[:top])
    if not len(made) or not silent.any():
        return made
    homes = gpd.GeoDataFrame(pd.concat([dwellings, made]) if len(dwellings) else made, crs=units.crs)
    kept = ~made["unit_id"].isin(set(parents_of_units(units, homes).values()))
    return made[kept].reset_index(drop=True)


def _rows(lowest: gpd.GeoDataFrame, spots: Spots) -> gpd.GeoDataFrame:
    """A row for each spot that gets households, by unit and place."""
    x, y = (np.round(of(spots.points), 3) for of in (shapely.get_x, shapely.get_y))
    spots = spots.only(np.lexsort((-spots.weight, y, x, spots.unit)))
    totals = np.nan_to_num(lowest["households"].to_numpy(dtype="float64")).astype(np.int64)
    whole = _whole(spots, totals)
    weighty = np.bincount(spots.unit, whole > 0, len(lowest)) > 0
    kept = weighty[spots.unit]
    spots, whole = spots.only(kept), whole[kept]
    households = largest_remainders(totals, spots.unit, whole)
    spots, households = spots.only(households > 0), households[households > 0]
    keys = pa.array(lowest["unit_id"], type=pa.large_string()).take(pa.array(spots.unit))
    number = pa.array(np.arange(len(keys)) - np.searchsorted(spots.unit, spots.unit) + 1)
    numbered = pc.binary_join_element_wise(keys, number.cast(pa.large_string()), pa.scalar("~", pa.large_string()))
    columns = {
        "dwelling_id": pd.array(numbered, dtype="str"),
        "name": pd.array(pa.repeat("", len(keys)), dtype="str"),
        "households": households.astype("float64"),
        "population": np.full(len(keys), np.nan),
        "unit_id": pd.array(keys, dtype="str"),
        "row": spots.row.astype("int64"),
        "spread": np.ones(len(keys), dtype=bool),
    }
    return gpd.GeoDataFrame(columns, geometry=spots.points, crs=lowest.crs)


def _whole(spots: Spots, totals: np.ndarray) -> np.ndarray:
    """Weights as whole numbers; where the sum of a unit's would be too large to be exact, in coarser ones."""
    scaled = np.rint(spots.weight * _WHOLE)
    sums = np.bincount(spots.unit, scaled, len(totals)) * np.maximum(totals, 1)
    coarser = np.exp2(np.ceil(np.log2(np.maximum(sums / _MOST, 1))))
    return np.asarray(np.rint(scaled / coarser[spots.unit]).astype(np.int64))
