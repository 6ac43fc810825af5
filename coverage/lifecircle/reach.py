"""How long people walk, and who reaches what."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import NetworkError
from lifecircle.kernels import FAR, nearest_walk, walks_within
from lifecircle.network import TICKS_PER_S, Network, ticks
from lifecircle.snapping import snap

_TICKS_PER_MIN = 60 * TICKS_PER_S


def walk_minutes(
    network: Network,
    dwellings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    limit_min: float = 15,
    snap_m: float = 100,
) -> pd.DataFrame:
    """Every pair of a dwelling and a facility within the limit, with the minutes between them.

    The walk runs from the dwelling to the nearest point of a street, along streets, and from the street to the
    facility; all of it is walked and counted. Exactly the limit counts. Facilities whose `status` is not open are left
    out.

    Parameters
    ----------
    network
        The walking network.
    dwellings, facilities
        Points in the network's CRS, keyed by `dwelling_id` and `facility_id`.
    limit_min
        The longest walk, in minutes.
    snap_m
        How far from a street a place may lie, in metres; places farther away have no pairs.

    Returns
    -------
    DataFrame
        dwelling_id, facility_id, minutes; sorted by the tables' order of facilities, then of dwellings.

    Raises
    ------
    NetworkError
        A key stands twice, or a table is not in the network's CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> network = lc.build_network(streets)
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 40)], crs="EPSG:4549")
    >>> shops = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["shop"]}, geometry=[Point(230, 0)], crs="EPSG:4549")
    >>> lc.walk_minutes(network, homes, shops)["minutes"].tolist()
    [4.0]

    """
    facilities = _in_use(facilities)
    home, goal = (
        _snapped(network, dwellings, "dwelling_id", snap_m),
        _snapped(network, facilities, "facility_id", snap_m),
    )
    placed = np.flatnonzero(home.edge >= 0)
    by_edge = placed[np.argsort(home.edge[placed], kind="stable")]
    on_edge_ptr = np.searchsorted(home.edge[by_edge], np.arange(len(network.edge_m) + 1))
    facility, dwelling, walk = walks_within(
        network.indptr, network.neighbour, network.link, network.edge_ticks, network.edge_from, network.edge_to,
        goal.edge, goal.along, goal.leg, home.edge, home.along, home.leg,
        on_edge_ptr, by_edge.astype(np.int32), ticks(limit_min),
    )  # fmt: skip
    order = np.lexsort((dwelling, facility))
    return pd.DataFrame(
        {
            "dwelling_id": dwellings["dwelling_id"].to_numpy()[dwelling[order]],
            "facility_id": facilities["facility_id"].to_numpy()[facility[order]],
            "minutes": walk[order] / _TICKS_PER_MIN,
        }
    )


def nearest_minutes(
    network: Network, dwellings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, *, snap_m: float = 100
) -> pd.DataFrame:
    """Minutes from each dwelling to the nearest facility of each kind.

    Parameters are those of `walk_minutes`. There is no limit.

    Returns
    -------
    DataFrame indexed by dwelling_id
        One column of minutes for each kind, NaN where no walk leads to one or the dwelling is unsnapped.

    Raises
    ------
    NetworkError
        A key stands twice, or a table is not in the network's CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> network = lc.build_network(streets)
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 40)], crs="EPSG:4549")
    >>> kinds = {"facility_id": ["F1", "F2"], "kind": ["shop", "shop"]}
    >>> shops = gpd.GeoDataFrame(kinds, geometry=[Point(230, 0), Point(870, 0)], crs="EPSG:4549")
    >>> lc.nearest_minutes(network, homes, shops)["shop"].tolist()
    [4.0]

    """
    facilities = _in_use(facilities)
    home = _snapped(network, dwellings, "dwelling_id", snap_m)
    kinds = sorted(set(facilities["kind"]))
    walks = {
        kind: _nearest(network, home, _snapped(network, _of_kind(facilities, kind), "facility_id", snap_m))
        for kind in kinds
    }
    index = pd.Index(dwellings["dwelling_id"], name="dwelling_id")
    return pd.DataFrame({kind: _minutes(walk) for kind, walk in walks.items()}, index=index)


def dwelling_reach(
    network: Network,
    dwellings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    kinds: list[str],
    *,
    limit_min: float,
    snap_m: float = 100,
) -> pd.DataFrame:
    """For each dwelling and kind: minutes to the nearest facility, and whether that is within the limit.

    A dwelling that does not reach is `unknown` where it might: it is unsnapped itself, its walk could leave the known
    streets within the limit, or an unsnapped facility lies within the limit as the crow flies.

    Returns
    -------
    DataFrame indexed by dwelling_id
        `minutes_<kind>` (NaN where no walk is known) and `reach_<kind>` (`reached`, `not_reached`, `unknown`), then
        snap_m, street_id, island and exit_min (minutes to where the known streets end).

    """
    facilities = _in_use(facilities)
    limit = ticks(limit_min)
    home = _snapped(network, dwellings, "dwelling_id", snap_m)
    leaves = _from_nodes(network, home, network.exits, np.zeros(len(network.exits), dtype=np.int64))
    columns: dict[str, object] = {}
    for kind in kinds:
        of_kind = _of_kind(facilities, kind)
        goal = _snapped(network, of_kind, "facility_id", snap_m)
        walk = _nearest(network, home, goal)
        unsnapped = of_kind.geometry[goal.edge < 0].dropna()
        beside = _within_crow(dwellings, unsnapped, limit_min * 60 * network.walker.speed_m_per_s)
        unknown = (home.edge < 0) | (leaves <= limit) | beside
        columns[f"minutes_{kind}"] = _minutes(walk)
        columns[f"reach_{kind}"] = pd.array(
            np.where(walk <= limit, "reached", np.where(unknown, "unknown", "not_reached")), dtype="str"
        )
    table = pd.DataFrame(columns, index=pd.Index(dwellings["dwelling_id"], name="dwelling_id"))
    return table.join(home.table[["snap_m", "street_id", "island"]]).assign(exit_min=_minutes(leaves))


class Placed:
    """Places on edges: edge, ticks along it from its start, ticks of the leg between place and street."""

    def __init__(self, network: Network, table: pd.DataFrame) -> None:
        self.table = table
        self.edge = table["edge"].to_numpy()
        found = self.edge >= 0
        share = np.zeros(len(table))
        share[found] = table["along_m"].to_numpy()[found] / network.edge_m[self.edge[found]]
        self.along = np.rint(share * np.where(found, network.edge_ticks[self.edge], 0)).astype(np.int64)
        self.leg = network.leg_ticks(table["snap_m"].fillna(0).to_numpy())


def _snapped(network: Network, places: gpd.GeoDataFrame, key: str, snap_m: float) -> Placed:
    if places[key].duplicated().any():
        twice = places[key][places[key].duplicated()]
        raise NetworkError(
            f"{key}: {len(twice)} keys stand twice, the first is '{twice.iloc[0]}'; expected unique keys. Rename them"
        )
    if len(places) and (places.crs is None or places.crs.to_string() != network.crs):
        found = places.crs.to_string() if places.crs else "not stated"
        raise NetworkError(f"{key}: CRS is {found}; the network's is {network.crs}. Try places.to_crs('{network.crs}')")
    return Placed(network, snap(network, places, key=key, snap_m=snap_m))


def placed_on_streets(network: Network, facilities: gpd.GeoDataFrame, snap_m: float) -> tuple[list[str], Placed]:
    """Keys of the open facilities, and where they meet the streets."""
    facilities = _in_use(facilities)
    return facilities["facility_id"].tolist(), _snapped(network, facilities, "facility_id", snap_m)


def _in_use(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return facilities[facilities["status"].fillna("").isin(["open", ""])] if "status" in facilities else facilities


def _of_kind(facilities: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    return facilities[facilities["kind"] == kind]


def _nearest(network: Network, home: Placed, goal: Placed) -> np.ndarray:
    """Ticks from each home to the nearest goal, FAR where there is no way."""
    placed = goal.edge >= 0
    edge, along, leg = goal.edge[placed], goal.along[placed], goal.leg[placed]
    nodes = np.concatenate([network.edge_from[edge], network.edge_to[edge]])
    seeds = np.concatenate([leg + along, leg + network.edge_ticks[edge] - along])
    walk = _from_nodes(network, home, nodes, seeds)
    same = pd.DataFrame({"edge": home.edge, "home": np.arange(len(home.edge))}).merge(
        pd.DataFrame({"edge": edge, "along": along, "leg": leg}), on="edge"
    )
    here = same["home"].to_numpy()
    straight = np.abs(home.along[here] - same["along"].to_numpy()) + home.leg[here] + same["leg"].to_numpy()
    np.minimum.at(walk, here, straight)
    return walk


def _from_nodes(network: Network, home: Placed, nodes: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    at_node = nearest_walk(
        network.indptr, network.neighbour, network.link, network.edge_ticks, nodes.astype(np.int32), seeds, FAR - 1
    )
    walk = np.full(len(home.edge), FAR, dtype=np.int64)
    placed = home.edge >= 0
    edge, along = home.edge[placed], home.along[placed]
    by_start = at_node[network.edge_from[edge]] + along
    by_end = at_node[network.edge_to[edge]] + network.edge_ticks[edge] - along
    walk[placed] = np.minimum(np.minimum(by_start, by_end) + home.leg[placed], FAR)
    return walk


def _minutes(walk: np.ndarray) -> np.ndarray:
    return np.where(walk < FAR, walk / _TICKS_PER_MIN, np.nan)


def _within_crow(dwellings: gpd.GeoDataFrame, others: gpd.GeoSeries, metres: float) -> np.ndarray:
    near = np.zeros(len(dwellings), dtype=bool)
    if len(others):
        tree = shapely.STRtree(others.to_numpy())
        near[tree.query(dwellings.geometry.to_numpy(), predicate="dwithin", distance=metres)[0]] = True
    return near
