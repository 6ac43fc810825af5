"""How long people walk, and who reaches what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import NetworkError
from lifecircle.graph import NEVER, Graph, in_minutes, limit_ticks
from lifecircle.network import Network
from lifecircle.onedge import direct_pairs, nearest_direct
from lifecircle.searches import Starts, nearest, pairs, processors, several_nearest, stands, starts
from lifecircle.services import parse_services
from lifecircle.snapping import Placed, place_on_streets
from lifecircle.walkers import fastest_m_per_s
from lifecircle.whereabouts import whereabouts

Places: TypeAlias = gpd.GeoDataFrame | Placed
BLOCK = 512  # facilities searched at once: memory grows with the pairs of a block


def walk_minutes(
    network: Network,
    dwellings: Places,
    facilities: Places,
    *,
    limit_min: float = 15,
    snap_m: float = 100,
    back: bool = False,
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
        Points in the network's CRS, keyed by `dwelling_id` and `facility_id`; or what `place_on_streets` made of them.
    limit_min
        The longest walk, in minutes.
    snap_m
        How far from a street a place may lie, in metres; places farther away have no pairs.
    back
        Walk home instead: it takes another time on slopes and one-way stairs, and residents are let in at their gates.

    Returns
    -------
    DataFrame
        dwelling_id, facility_id, minutes; sorted by the tables' order of facilities, then of dwellings.

    Raises
    ------
    NetworkError
        A key stands twice, a table is not in the network's CRS, or the limit is not above 0.

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
    blocks = list(walk_blocks(network, dwellings, facilities, limit_min=limit_min, snap_m=snap_m, back=back))
    return pd.concat(blocks, ignore_index=True)


def walk_blocks(
    network: Network,
    dwellings: Places,
    facilities: Places,
    *,
    limit_min: float = 15,
    snap_m: float = 100,
    back: bool = False,
) -> Iterator[pd.DataFrame]:
    """The rows of `walk_minutes`, some hundred facilities at a time, for places whose pairs do not fit in memory.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 40)], crs="EPSG:4549")
    >>> shops = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["shop"]}, geometry=[Point(230, 0)], crs="EPSG:4549")
    >>> [len(block) for block in walk_blocks(lc.build_network(streets), homes, shops)]
    [1]

    """
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    keys, goal_keys = home.keys, goal.keys
    for facility, dwelling, walk in pair_blocks(network, home, goal, limit_ticks(limit_min), back=back):
        ids = {"dwelling_id": keys[dwelling], "facility_id": goal_keys[facility]}
        yield pd.DataFrame(ids).assign(minutes=in_minutes(walk))


def pair_blocks(
    network: Network, home: Placed, goal: Placed, limit: int, *, back: bool = False
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Blocks of numbers of facility and dwelling and the ticks between them, in the order of both."""
    graph = _searched(network, back=back)
    places = stands(graph, *(home.arriving() if back else home.leaving()), len(home))
    for first, block in blocks_of(goal):
        found = pairs(
            graph, starts_of(network, block, back=back), places, limit,
            direct=direct_pairs(block, home, there=not back, limit=limit), threads=processors(),
        )  # fmt: skip
        order = np.lexsort((found.place, found.source))
        yield found.source[order] + first, found.place[order], found.ticks[order]


def blocks_of(goal: Placed) -> Iterator[tuple[int, Placed]]:
    """Facilities some hundred at a time, with the number of the first; one block without any where there are none."""
    number = np.arange(len(goal))
    for first in range(0, max(len(goal), 1), BLOCK):
        yield first, goal.only((number >= first) & (number < first + BLOCK))


def nearest_minutes(
    network: Network, dwellings: Places, facilities: Places, *, snap_m: float = 100, back: bool = False
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
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    kinds = goal.places["kind"].to_numpy()
    walks = {kind: nearest_ticks(network, home, goal.only(kinds == kind), back=back) for kind in sorted(set(kinds))}
    columns = {kind: in_minutes(walk) for kind, walk in walks.items()}
    return pd.DataFrame(columns, index=pd.Index(home.keys, name="dwelling_id"))


def nearest_facilities(
    network: Network,
    dwellings: Places,
    facilities: Places,
    *,
    k: int = 3,
    limit_min: float | None = None,
    snap_m: float = 100,
) -> pd.DataFrame:
    """The `k` nearest facilities of each dwelling, whatever their kind, with the minutes to them.

    Parameters are those of `walk_minutes`; `limit_min` None sets no limit.

    Returns
    -------
    DataFrame
        dwelling_id, rank (1 is the nearest), facility_id, minutes; dwellings in their order. Of facilities equally
        near, the one that comes first in its table is taken. A dwelling has fewer rows where fewer can be walked to.

    Raises
    ------
    NetworkError
        `k` is below 1, a key stands twice, or a table is not in the network's CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 0)], crs="EPSG:4549")
    >>> shops = {"facility_id": ["F1", "F2"], "kind": ["shop", "shop"]}
    >>> shops = gpd.GeoDataFrame(shops, geometry=[Point(630, 0), Point(330, 0)], crs="EPSG:4549")
    >>> nearest_facilities(lc.build_network(streets), homes, shops, k=2)[["rank", "facility_id"]].values.tolist()
    [[1, 'F2'], [2, 'F1']]

    """
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    limit = None if limit_min is None else limit_ticks(limit_min)
    k = min(k, max(1, len(goal))) if k > 0 else k
    at_node, which = several_nearest(network.reverse, starts_of(network, goal, back=False), k, limit)
    place, node, leg = home.leaving()
    direct = direct_pairs(_least_at_each_spot(goal, k), home, there=True, limit=NEVER if limit is None else limit)
    rows = pd.DataFrame(
        {
            "dwelling": np.concatenate([np.repeat(place, k), direct.place]),
            "facility": np.concatenate([which[node].ravel(), np.repeat(np.arange(len(goal)), np.diff(direct.ptr))]),
            "ticks": np.concatenate([(at_node[node] + leg[:, None]).ravel(), direct.ticks]),
        }
    )
    rows = rows[(rows["facility"] >= 0) & (rows["ticks"] <= (NEVER - 1 if limit is None else limit))]
    rows = rows.sort_values(["dwelling", "ticks", "facility"]).drop_duplicates(["dwelling", "facility"])
    rank = rows.groupby("dwelling").cumcount() + 1
    rows, rank = rows[rank <= k], rank[rank <= k]
    return pd.DataFrame(
        {
            "dwelling_id": home.keys[rows["dwelling"]],
            "rank": rank.to_numpy(),
            "facility_id": goal.keys[rows["facility"]],
            "minutes": in_minutes(rows["ticks"].to_numpy()),
        }
    )


def dwelling_reach(
    network: Network,
    dwellings: Places,
    facilities: Places,
    kinds: Sequence[str],
    *,
    limit_min: float,
    snap_m: float = 100,
    services: Sequence[str] = (),
) -> pd.DataFrame:
    """For each dwelling and kind: minutes to the nearest facility, and whether that is within the limit.

    So for each of the services, of facilities that state it in their column `services`.

    A dwelling that does not reach is `unknown` where it might: it or one of its entrances is unsnapped, its walk could
    leave the known streets within the limit, or a facility that is unsnapped, or has an entrance that is, lies within
    the limit as the crow flies, or may: of one without coordinates column `area` says where it must lie.

    Returns
    -------
    DataFrame indexed by dwelling_id
        `minutes_<kind>` (NaN where no walk is known) and `reach_<kind>` (`reached`, `not_reached`, `unknown`), the
        same for `service_<service>`, then snap_m, street_id, island, snapped (`snapped`, `unsnapped` or `cut_off`) and
        exit_min (minutes to where the known streets end).

    """
    limit = limit_ticks(limit_min)
    home, goal = placed_dwellings(network, dwellings, snap_m), placed_facilities(network, facilities, snap_m)
    at_exits = np.zeros(len(network.exits), dtype=np.int64)
    exits = starts(network.reverse, np.arange(len(at_exits)), network.exits, at_exits, len(at_exits))
    leaves = _from_nodes(home, nearest(network.reverse, exits), back=False)
    lost, of_kind = lost_places(goal), goal.places["kind"].to_numpy()
    wanted = {kind: of_kind == kind for kind in kinds} | _offering(goal.places, services)
    spots = whereabouts(goal.places)
    farthest_m = limit_min * 60 * fastest_m_per_s(network.walker)
    columns: dict[str, object] = {}
    for name, chosen in wanted.items():
        walk = nearest_ticks(network, home, goal.only(chosen))
        unsnapped = spots[lost & chosen]
        beside = _within_crow(home.places, unsnapped, farthest_m)
        unknown = lost_places(home) | (leaves <= limit) | beside
        columns[f"minutes_{name}"] = in_minutes(walk)
        columns[f"reach_{name}"] = pd.array(
            np.where(walk <= limit, "reached", np.where(unknown, "unknown", "not_reached")), dtype="str"
        )
    table = pd.DataFrame(columns, index=pd.Index(home.keys, name="dwelling_id"))
    return table.join(on_streets(home)).assign(exit_min=in_minutes(leaves))


def nobody_reaches(dwellings: gpd.GeoDataFrame, kinds: Sequence[str], services: Sequence[str] = ()) -> pd.DataFrame:
    """What `dwelling_reach` says where there are no streets: all is unknown."""
    index = pd.Index(dwellings["dwelling_id"], name="dwelling_id")
    columns: dict[str, object] = {}
    for name in (*kinds, *(f"service_{one}" for one in services)):
        columns |= {f"minutes_{name}": np.nan, f"reach_{name}": "unknown"}
    return pd.DataFrame(columns, index=index).join(no_streets(index)).assign(exit_min=np.nan)


def no_streets(index: pd.Index) -> pd.DataFrame:
    """What `on_streets` says of places where there are no streets."""
    columns = {"snap_m": np.nan, "street_id": "", "island": -1, "snapped": "unsnapped"}
    return pd.DataFrame(columns, index=index)


def _offering(facilities: gpd.GeoDataFrame, services: Sequence[str]) -> dict[str, np.ndarray]:
    """For each service, which facilities state that they offer it."""
    offered = [parse_services(text) for text in facilities["services"]] if services else []
    return {f"service_{one}": np.array([one in found for found in offered], dtype=bool) for one in services}


def nearest_ticks(network: Network, home: Placed, goal: Placed, *, back: bool = False) -> np.ndarray:
    """Ticks between each dwelling and the nearest facility, `NEVER` where there is no way."""
    at_node = nearest(_searched(network, back=back), starts_of(network, goal, back=back))
    walk = _from_nodes(home, at_node, back=back)
    return np.asarray(np.minimum(walk, nearest_direct(goal, home, there=not back)))


def placed_dwellings(network: Network, dwellings: Places, snap_m: float) -> Placed:
    """Dwellings on the streets of the network."""
    if isinstance(dwellings, Placed):
        return _of_network(network, dwellings)
    return place_on_streets(network, dwellings, key="dwelling_id", snap_m=snap_m)


def placed_facilities(network: Network, facilities: Places, snap_m: float) -> Placed:
    """Facilities on the streets of the network; those whose `status` is not open are left out."""
    if isinstance(facilities, Placed):
        status = facilities.places.get("status")
        placed = _of_network(network, facilities)
        return placed if status is None else placed.only(_in_use(status))
    table = facilities[_in_use(facilities["status"])] if "status" in facilities else facilities
    return place_on_streets(network, table, key="facility_id", snap_m=snap_m)


def on_streets(placed: Placed) -> pd.DataFrame:
    """snap_m, street_id, island and snapped of each place, at the entrance that is nearest to a street."""
    rows = placed.snapped[["snap_m", "street_id", "island", "verdict"]].rename(columns={"verdict": "snapped"})
    order = np.lexsort((rows["snap_m"].fillna(np.inf), placed.place))
    return rows.iloc[order[np.unique(placed.place[order], return_index=True)[1]]]


def lost_places(placed: Placed) -> np.ndarray:
    """For each place, whether one of its entrances meets no street."""
    lost = np.zeros(len(placed), dtype=bool)
    lost[placed.place[placed.edge < 0]] = True
    return lost


def _of_network(network: Network, placed: Placed) -> Placed:
    if placed.network is not network and placed.network != network:
        raise NetworkError(
            f"{placed.key}: placed on {placed.network!r}; expected {network!r}. Call place_on_streets with this network"
        )
    return placed


def _in_use(status: pd.Series) -> np.ndarray:
    return np.asarray(status.fillna("").isin(["open", ""]))


def starts_of(network: Network, goal: Placed, *, back: bool) -> Starts:
    """Where searches from facilities begin: over turned arcs for the walk there, over the arcs for that back."""
    rows = goal.leaving() if back else goal.arriving()
    return starts(_searched(network, back=back), *rows, len(goal))


def _searched(network: Network, *, back: bool) -> Graph:
    return network.homeward if back else network.reverse


def _from_nodes(home: Placed, at_node: np.ndarray, *, back: bool) -> np.ndarray:
    """Ticks of each dwelling by way of its nodes."""
    place, node, leg = home.arriving() if back else home.leaving()
    walk = np.full(len(home), NEVER, dtype=np.int64)
    np.minimum.at(walk, place, np.minimum(at_node[node] + leg, NEVER))
    return walk


def _least_at_each_spot(goal: Placed, k: int) -> Placed:
    """Facilities, of those at one spot of a street only the first `k`: no others can be among the k nearest."""
    rows = {"edge": goal.edge, "on": goal.on_at, "back": goal.back_at, "leg": goal.leg, "place": goal.place}
    rows = pd.DataFrame(rows)
    rows = rows[rows["edge"] >= 0].sort_values(["leg", "place"]).drop_duplicates(["edge", "on", "back", "place"])
    first = rows[rows.groupby(["edge", "on", "back"]).cumcount() < k]
    wanted = np.isin(np.arange(len(goal.edge)), first.index)
    return Placed(
        goal.network, goal.key, goal.places, goal.snapped, goal.place, np.where(wanted, goal.edge, -1),
        goal.on_at, goal.back_at, goal.corner, goal.leg,
    )  # fmt: skip


def _within_crow(dwellings: gpd.GeoDataFrame, others: np.ndarray, metres: float) -> np.ndarray:
    near = np.zeros(len(dwellings), dtype=bool)
    if len(others):
        tree = shapely.STRtree(others)
        near[tree.query(dwellings.geometry.to_numpy(), predicate="dwithin", distance=metres)[0]] = True
    return near
