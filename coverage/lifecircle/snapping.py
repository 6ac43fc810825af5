"""Places and the nearest point of the nearest street."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import NetworkError
from lifecircle.graph import NEVER
from lifecircle.network import Network

_TIE_M = 1e-6


@dataclass(frozen=True, eq=False)
class Placed:
    """Places where they meet the streets of a network; made by `place_on_streets`.

    A place has a row for each of its entrances. `place` is its position in `places`; `edge` is -1 where the entrance
    meets no street. `on_at` and `back_at` are the ticks between the edge's start and the entrance, walked on and back;
    `corner` is -1 at the edge's start, 1 at its end, where people step on and off whichever way the street leads;
    `leg` is the walk between street and place. `snapped` is what `snap` gives.
    """

    network: Network
    key: str
    places: gpd.GeoDataFrame
    snapped: pd.DataFrame
    place: np.ndarray
    edge: np.ndarray
    on_at: np.ndarray
    back_at: np.ndarray
    corner: np.ndarray
    leg: np.ndarray

    def __len__(self) -> int:
        """Number of places."""
        return len(self.places)

    def __repr__(self) -> str:
        """How many places, and how many of them meet a street."""
        n = int(self.is_placed.sum())
        return f"Placed({len(self):,} places, {n:,} of them on streets; {self.network.walker.name})"

    @property
    def keys(self) -> np.ndarray:
        """Keys of the places, in their order."""
        return np.asarray(self.places[self.key].to_numpy())

    @property
    def is_placed(self) -> np.ndarray:
        """For each place, whether one of its entrances meets a street."""
        found = np.zeros(len(self), dtype=bool)
        found[self.place[self.edge >= 0]] = True
        return found

    def only(self, wanted: np.ndarray) -> Placed:
        """The places for which `wanted` is true."""
        position = np.cumsum(wanted) - 1
        rows = np.flatnonzero(wanted[self.place])
        return Placed(
            self.network, self.key, self.places[wanted], self.snapped.iloc[rows], position[self.place[rows]],
            self.edge[rows], self.on_at[rows], self.back_at[rows], self.corner[rows], self.leg[rows],
        )  # fmt: skip

    def arriving(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows of place, node, and ticks from that node to the place: two for each entrance on a street."""
        costs, edge = self.network.costs, self.edge
        on, back = costs.on[edge], costs.back[edge]
        start = self._legs(-1, on, costs.from_wait[edge], self.on_at)
        end = self._legs(1, back, costs.to_wait[edge], back - self.back_at)
        return self._rows(start, end)

    def leaving(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows of place, node, and ticks from the place to that node: two for each entrance on a street."""
        costs, edge = self.network.costs, self.edge
        on, back = costs.on[edge], costs.back[edge]
        start = self._legs(-1, back, costs.from_wait[edge], self.back_at)
        end = self._legs(1, on, costs.to_wait[edge], on - self.on_at)
        return self._rows(start, end)

    def _legs(self, corner: int, way: np.ndarray, wait: np.ndarray, part: np.ndarray) -> np.ndarray:
        """Ticks between a corner and the places: a wait, a part of the street if its way is open, and the leg."""
        part = np.where(self.corner == corner, 0, part)
        return np.where((way < NEVER) | (self.corner == corner), wait + part + self.leg, NEVER)

    def _rows(self, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = np.flatnonzero(self.edge >= 0)
        edge = self.edge[found]
        nodes = np.concatenate([self.network.edge_from[edge], self.network.edge_to[edge]])
        return np.tile(self.place[found], 2), nodes, np.concatenate([start[found], end[found]])


def place_on_streets(
    network: Network,
    places: gpd.GeoDataFrame,
    *,
    key: str,
    snap_m: float = 100,
    entrances: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
) -> Placed:
    """Places put on the streets of a network, once for as many measures as are wanted.

    Parameters are those of `snap`.

    Raises
    ------
    NetworkError
        A key stands twice, or a table is not in the network's CRS.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (900, 0)])], crs="EPSG:4549")
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(30, 40)], crs="EPSG:4549")
    >>> place_on_streets(lc.build_network(streets), homes, key="dwelling_id")
    Placed(1 places, 1 of them on streets; adult)

    """
    table = snap(network, places, key=key, snap_m=snap_m, entrances=entrances, barriers=barriers)
    edge = table["edge"].to_numpy()
    found = edge >= 0
    on_at, back_at = np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=np.int64)
    on_at[found], back_at[found] = network.ticks_along(edge[found], table["along_m"].to_numpy()[found])
    along, metres = table["along_m"].to_numpy(), table["snap_m"].fillna(0).to_numpy() + table["inner_m"].to_numpy()
    corner = np.where(along <= _TIE_M, -1, np.where(along >= network.edge_m[edge] - _TIE_M, 1, 0)) * found
    place = pd.Index(places[key]).get_indexer(table.index)
    return Placed(network, key, places, table, place, edge, on_at, back_at, corner, network.leg_ticks(metres))


def snap(
    network: Network,
    places: gpd.GeoDataFrame,
    *,
    key: str,
    snap_m: float = 100,
    entrances: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Where each place meets the streets: the nearest point of an edge, not a node.

    Parameters
    ----------
    network
        The walking network.
    places
        Points in the network's CRS.
    key
        Column that holds the places' keys.
    snap_m
        A place farther from any street than this is `unsnapped`: it is listed and not moved.
    entrances
        Points with the same key: a place that has entrances here meets the streets at each of them and nowhere else.
        `inner_m`, where there is such a column, is the walk between the place and the entrance.
    barriers
        Lines or areas, such as rivers and walls, that the way from a place to its street may not cross.

    Returns
    -------
    DataFrame indexed by `key`, in the order of `places`
        One row for each place, or for each of its entrances: edge (position, -1 if it meets none), street_id, snap_m
        (metres to the street, NaN if it meets none), inner_m, along_m (metres from the edge's start), island, verdict
        (`snapped`, `unsnapped`, or `cut_off` where every street near lies across a barrier). Of streets equally near,
        the one whose street_id sorts first is taken.

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
    >>> snap(network, homes, key="dwelling_id")[["snap_m", "along_m", "verdict"]].values.tolist()
    [[40.0, 30.0, 'snapped']]

    """
    _require_fitting(network, places, key, entrances, barriers)
    if not 0 <= snap_m < np.inf:
        raise NetworkError(f"snap_m is {snap_m}; expected metres such as 100. State how far a street may lie")
    doors = _doors(places, key, entrances)
    points, lines = doors.geometry.to_numpy(), network.edges.to_numpy()
    edge, metres, crossing = _nearest_edges(network, points, snap_m, barriers)
    found = edge >= 0
    along = np.full(len(points), np.nan)
    along[found] = shapely.line_locate_point(lines[edge[found]], points[found])
    ids = np.append(network.edges.index.to_numpy(dtype=object), "")
    verdict = np.where(found, "snapped", np.where(crossing, "cut_off", "unsnapped"))
    return pd.DataFrame(
        {
            "edge": edge,
            "street_id": pd.array(ids[edge], dtype="str"),
            "snap_m": metres,
            "inner_m": doors["inner_m"].to_numpy(),
            "along_m": along,
            "island": np.where(found, network.island[network.edge_from[edge]], -1),
            "verdict": pd.array(verdict, dtype="str"),
        },
        index=pd.Index(doors[key], name=key),
    )


def _require_fitting(
    network: Network,
    places: gpd.GeoDataFrame,
    key: str,
    entrances: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
) -> None:
    if places[key].duplicated().any():
        twice = places[key][places[key].duplicated()]
        raise NetworkError(
            f"{key}: {len(twice)} keys stand twice, the first is '{twice.iloc[0]}'; expected unique keys. Rename them"
        )
    for name, table in ((key, places), ("entrances", entrances), ("barriers", barriers)):
        if table is not None and len(table) and (table.crs is None or table.crs.to_string() != network.crs):
            found = table.crs.to_string() if table.crs else "not stated"
            raise NetworkError(
                f"{name}: CRS is {found}; the network's is {network.crs}. Try places.to_crs('{network.crs}')"
            )


def _doors(places: gpd.GeoDataFrame, key: str, entrances: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """The points at which places meet the streets, in the order of places: their entrances, else themselves."""
    own = _points(places, key, pd.Series(0.0, index=places.index))
    if entrances is None or not len(entrances):
        return own
    known = entrances[entrances[key].isin(places[key])]
    nothing = pd.Series(0.0, index=known.index)
    doors = _points(known, key, known["inner_m"].fillna(0.0) if "inner_m" in known else nothing)
    both = gpd.GeoDataFrame(pd.concat([own[~own[key].isin(doors[key])], doors], ignore_index=True), crs=places.crs)
    spots = shapely.bounds(both.geometry.to_numpy())  # NaN for a place that lies nowhere
    order = np.lexsort((spots[:, 1], spots[:, 0], pd.Index(places[key]).get_indexer(both[key])))
    return both.iloc[order]


def _points(table: gpd.GeoDataFrame, key: str, inner_m: pd.Series) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({key: table[key], "inner_m": inner_m}, geometry=table.geometry, crs=table.crs)


def _nearest_edges(
    network: Network, points: np.ndarray, snap_m: float, barriers: gpd.GeoDataFrame | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nearest usable edge of every point, the metres to it, and whether a barrier keeps the point from all of them."""
    edge, metres = nearest_lines(network.tree, points, snap_m)
    crossing = np.zeros(len(points), dtype=bool)
    if barriers is not None and len(barriers):
        walls = shapely.STRtree(barriers.geometry.to_numpy())
        lines = network.tree.geometries
        found = np.flatnonzero(edge >= 0)
        legs = shapely.shortest_line(points[found], lines[edge[found]])
        cut = np.unique(walls.query(legs, predicate="intersects")[0])
        again = found[cut]
        crossing[again] = True
        edge[again], metres[again] = -1, np.nan
        point, line = network.tree.query(points[again], predicate="dwithin", distance=snap_m)
        legs = shapely.shortest_line(points[again[point]], lines[line])
        free = np.setdiff1d(np.arange(len(legs)), walls.query(legs, predicate="intersects")[0])
        who, line, length = again[point[free]], line[free], shapely.length(legs[free])
        order = np.lexsort((line, np.round(length / _TIE_M), who))
        first = order[np.unique(who[order], return_index=True)[1]]
        edge[who[first]], metres[who[first]], crossing[who[first]] = line[first], length[first], False
    placed = edge >= 0
    edge[placed] = network.usable[edge[placed]]
    return edge, metres, crossing


def nearest_lines(tree: shapely.STRtree, points: np.ndarray, snap_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Nearest line of every point and the metres to it, -1 and NaN beyond `snap_m`; within a micrometre, the first."""
    edge, metres = np.full(len(points), -1, dtype=np.int64), np.full(len(points), np.nan)
    placed = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    (near, _), distance = tree.query_nearest(
        points[placed], max_distance=snap_m + _TIE_M, return_distance=True, all_matches=False
    )
    who = placed[near]
    within = distance <= snap_m + _TIE_M
    who, distance = who[within], distance[within]
    metres[who] = distance
    place, candidate = tree.query(points[who], predicate="dwithin", distance=distance + _TIE_M)
    first = np.full(len(who), len(tree.geometries), dtype=np.int64)
    np.minimum.at(first, place, candidate)
    edge[who] = first
    return edge, metres
