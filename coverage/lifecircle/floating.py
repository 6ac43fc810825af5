"""Sums within reach: households of a facility, services of a dwelling, and floating catchments of both."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import NetworkError
from lifecircle.graph import TICKS_PER_MIN, limit_ticks, told
from lifecircle.network import Network
from lifecircle.onedge import direct_pairs
from lifecircle.reach import Places, blocks_of, pair_blocks, placed_dwellings, placed_facilities, starts_of
from lifecircle.searches import processors, stands, sums, sums_of_nodes
from lifecircle.snapping import Placed

_PARTS = 1_000_000  # sums are of whole millionths, so that they do not depend on their order
Decay = str | Sequence[tuple[float, float]]


def households_in_reach(
    network: Network, dwellings: Places, facilities: Places, *, limit_min: float = 15, snap_m: float = 100
) -> pd.Series:
    """Known households that walk to each facility within the limit.

    Parameters are those of `walk_minutes`; dwellings have a column `households`, NaN where unknown.

    Returns
    -------
    Series indexed by facility_id
        `households_in_reach`; 0 for a facility that meets no street.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1900, 0)])], crs="EPSG:4549")
    >>> homes = {"dwelling_id": ["D1", "D2", "D3"], "households": [20, 30, 50]}
    >>> homes = gpd.GeoDataFrame(homes, geometry=[Point(x, 0) for x in (30, 900, 1800)], crs="EPSG:4549")
    >>> shop = gpd.GeoDataFrame({"facility_id": ["F1"]}, geometry=[Point(0, 0)], crs="EPSG:4549")
    >>> households_in_reach(lc.build_network(streets), homes, shop).tolist()
    [50.0]

    """
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    nothing = np.zeros(len(goal), dtype=np.int64)
    found, _ = _sums(network, home, goal, limit_min, _whole(home.places, "households"), nothing)
    return pd.Series(found / _PARTS, index=pd.Index(goal.keys, name="facility_id"), name="households_in_reach")


def services_in_reach(
    network: Network,
    dwellings: Places,
    facilities: Places,
    *,
    column: str | None = None,
    limit_min: float = 15,
    snap_m: float = 100,
) -> pd.Series:
    """What each dwelling reaches within the limit: the number of facilities, or the sum of one of their columns.

    Parameters are those of `walk_minutes`; `column` is a column of numbers such as `floor_area_m2`, of which unknown
    ones are left out.

    Returns
    -------
    Series indexed by dwelling_id
        `services_in_reach`; 0 for a dwelling that reaches none.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 0)], crs="EPSG:4549")
    >>> shops = {"facility_id": ["F1", "F2"], "floor_area_m2": [300.0, 350.5]}
    >>> shops = gpd.GeoDataFrame(shops, geometry=[Point(0, 0), Point(900, 0)], crs="EPSG:4549")
    >>> services_in_reach(lc.build_network(streets), homes, shops, column="floor_area_m2").tolist()
    [650.5]

    """
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    offered = np.full(len(goal), _PARTS) if column is None else _whole(goal.places, column)
    _, got = _sums(network, home, goal, limit_min, np.zeros(len(home), dtype=np.int64), offered)
    return pd.Series(got / _PARTS, index=pd.Index(home.keys, name="dwelling_id"), name="services_in_reach")


def floating_catchment(
    network: Network,
    dwellings: Places,
    facilities: Places,
    *,
    supply: str = "floor_area_m2",
    limit_min: float = 15,
    decay: Decay = "none",
    snap_m: float = 100,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the two-step floating catchment gives each dwelling: each facility shared among all who reach it.

    Step one divides a facility's supply by the households that reach it, each weighted by how far it walks. Step two
    sums, for each dwelling, those ratios over the facilities it reaches, weighted alike.

    Parameters
    ----------
    network, dwellings, facilities, limit_min, snap_m
        As for `walk_minutes`; dwellings have `households`, of which unknown ones are left out.
    supply
        Column of the facilities that is shared out; unknown ones are left out.
    decay
        "none" weights every walk within the limit 1 (2SFCA); "gaussian" falls from 1 to 0 at the limit; pairs such as
        [(5, 1.0), (10, 0.68), (15, 0.22)] weight walks up to so many minutes by so much (enhanced 2SFCA).

    Returns
    -------
    dwellings : DataFrame indexed by dwelling_id
        per_household (supply per household, NaN for a dwelling that meets no street), n_unknown (facilities in reach
        whose supply is unknown: what they give is not in the figure).
    facilities : DataFrame indexed by facility_id
        demand (weighted households that reach it), per_household (its supply over that; NaN where it
        is unknown or nobody reaches it).

    Raises
    ------
    NetworkError
        The decay is none of these, or a table lacks a column.

    Notes
    -----
    W. Luo and F. Wang (2003), Environment and Planning B 30(6); W. Luo and Y. Qi (2009), Health & Place 15(4), for
    weights by time band; D. Dai (2010), Health & Place 16(5), for the Gaussian, which is
    (exp(-(t/T)²/2) - exp(-1/2)) / (1 - exp(-1/2)).

    Examples
    --------
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = {"dwelling_id": ["D1", "D2"], "households": [40, 60]}
    >>> homes = gpd.GeoDataFrame(homes, geometry=[Point(30, 0), Point(90, 0)], crs="EPSG:4549")
    >>> shop = {"facility_id": ["F1"], "floor_area_m2": [350.0]}
    >>> shop = gpd.GeoDataFrame(shop, geometry=[Point(0, 0)], crs="EPSG:4549")
    >>> floating_catchment(lc.build_network(streets), homes, shop)[0]["per_household"].tolist()
    [3.5, 3.5]

    """
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    limit = limit_ticks(limit_min)
    decay_weights(
        np.empty(0, dtype=np.int64), limit_min, decay
    )  # what is no decay is refused before its limit is looked at
    if not isinstance(decay, str):
        limit = min(limit, limit_ticks(max(minutes for minutes, _ in decay)))
    households = _numbers(home.places, "households")
    offered, unknown = _numbers(goal.places, supply), goal.places[supply].isna().to_numpy()
    demand = np.zeros(len(goal))
    for facility, dwelling, walk in pair_blocks(network, home, goal, limit):
        np.add.at(demand, facility, households[dwelling] * decay_weights(told(walk), limit_min, decay))
    ratio = np.divide(offered, demand, out=np.full(len(goal), np.nan), where=(demand > 0) & ~unknown)
    got, n_unknown = np.where(home.is_placed, 0.0, np.nan), np.zeros(len(home), dtype=np.int64)
    for facility, dwelling, walk in pair_blocks(network, home, goal, limit):
        np.add.at(got, dwelling, np.nan_to_num(ratio[facility]) * decay_weights(told(walk), limit_min, decay))
        np.add.at(n_unknown, dwelling, unknown[facility])
    return (
        pd.DataFrame({"per_household": got, "n_unknown": n_unknown}, index=pd.Index(home.keys, name="dwelling_id")),
        pd.DataFrame({"demand": demand, "per_household": ratio}, index=pd.Index(goal.keys, name="facility_id")),
    )


def households_around(
    network: Network, dwellings: Places, *, limit_min: float = 15, snap_m: float = 100
) -> gpd.GeoDataFrame:
    """Known households that walk to every node of the streets within the limit: where a new facility would serve most.

    Returns
    -------
    GeoDataFrame
        One row for each node, in the network's order: households, geometry (the node).

    Examples
    --------
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"], "households": [40]}, geometry=[Point(30, 0)], crs="EPSG:4549")
    >>> households_around(lc.build_network(streets), homes, limit_min=10)["households"].tolist()
    [40.0, 0.0]

    """
    home = placed_dwellings(network, dwellings, snap_m)
    places = stands(network.reverse, *home.leaving(), len(home))
    given = _whole(home.places, "households")
    found = sums_of_nodes(network.reverse, places, limit_ticks(limit_min), given=given, threads=processors())
    points = gpd.points_from_xy(network.node_x, network.node_y, crs=network.crs)
    return gpd.GeoDataFrame({"households": found / _PARTS}, geometry=points)


def _sums(
    network: Network, home: Placed, goal: Placed, limit_min: float, given: np.ndarray, offered: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums by facility and by dwelling, some facilities at a time: pairs on one street need room."""
    limit, graph = limit_ticks(limit_min), network.reverse
    places = stands(graph, *home.leaving(), len(home))
    found, got = np.zeros(len(goal), dtype=np.int64), np.zeros(len(home), dtype=np.int64)
    for first, block in blocks_of(goal):
        part = slice(first, first + len(block))
        found[part], more = sums(
            graph, starts_of(network, block, back=False), places, limit, given=given, offered=offered[part],
            direct=direct_pairs(block, home, there=True, limit=limit), threads=processors(),
        )  # fmt: skip
        got += more
    return found, got


def _whole(table: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """Numbers of a column as whole millionths; unknown ones are left out."""
    return np.asarray(np.rint(_numbers(table, column) * _PARTS), dtype=np.int64)


def _numbers(table: gpd.GeoDataFrame, column: str) -> np.ndarray:
    if column not in table:
        raise NetworkError(f"{column}: no such column; expected one of {', '.join(map(str, table.columns))}. Name it")
    return np.asarray(table[column].fillna(0).to_numpy(dtype=float))


def decay_weights(walk: np.ndarray, limit_min: float, decay: Decay) -> np.ndarray:
    """How much walks of so many ticks count, from 1 to 0; see `floating_catchment`."""
    if decay == "none":
        return np.ones(len(walk))
    if decay == "gaussian":
        least = np.exp(-0.5)
        part = np.minimum(walk / (limit_min * TICKS_PER_MIN), 1.0)  # walks are told to hundredths of a second
        return np.asarray((np.exp(-0.5 * part**2) - least) / (1 - least))
    steps = [] if isinstance(decay, str) else sorted(decay)
    if not steps or any(minutes <= 0 or not 0 <= weight <= 1 for minutes, weight in steps):
        raise NetworkError(
            f"decay is {decay!r}; expected 'none', 'gaussian', or minutes above 0 with weights from 0 to 1 such as "
            "[(5, 1.0), (10, 0.68), (15, 0.22)]"
        )
    ends = np.array([round(minutes * TICKS_PER_MIN) for minutes, _ in steps])
    weights = np.array([*(weight for _, weight in steps), 0.0])
    return np.asarray(weights[np.searchsorted(ends, walk, side="left")], dtype=float)
