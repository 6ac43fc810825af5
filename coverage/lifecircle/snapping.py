"""Places and the nearest point of the nearest street."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import NetworkError
from lifecircle.graph import NEVER
from lifecircle.nearest import TIE_M, nearest_across_none, nearest_lines
from lifecircle.network import Network


@dataclass(frozen=True, eq=False)
class Placed:
    """Places where they meet the streets of a network; made by `place_on_streets`.

    A place has a row for each of its entrances, and where an entrance is equally near to several pieces of street, one
    for each of these. `place` is its position in `places`; `edge` is -1 where the entrance meets no street. `on_at` and
    `back_at` are the ticks between the edge's start and the entrance, walked on and back; `corner` is -1 at the edge's
    start, 1 at its end, where people step on and off whichever way the street leads; `leg` is the walk between street
    and place. `snapped` is what `snap` gives.
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
    def keys(self) -> Any:
        """Keys of the places, in their order, as the array of pandas that holds them."""
        return self.places[self.key].array

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
        """Ticks between a corner and the places: a wait, a part of the street if its way is open, and the leg.

        A place at the corner itself has nothing of the street to walk, and half of the wait there is its own.
        """
        here = self.corner == corner
        return np.where(here, self.leg, np.where(way < NEVER, wait + part + self.leg + self.waits(), NEVER))

    def waits(self) -> np.ndarray:
        """Ticks that a walk along a place's own street waits for it: half of the wait at the corner where it stands."""
        costs, edge = self.network.costs, self.edge
        return np.where(self.corner < 0, costs.from_wait[edge], np.where(self.corner > 0, costs.to_wait[edge], 0))

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
        As for `snap`.

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
    corner = np.where(along <= TIE_M, -1, np.where(along >= network.edge_m[edge] - TIE_M, 1, 0)) * found
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
        Points with the same key: a place that has entrances here meets the streets at each of them and nowhere else,
        so that a place whose only entrance has no geometry is `unsnapped`. An entrance equally near to several pieces
        of street, such as a gate where they end, meets them all. `inner_m`, where there is such a column, is the walk
        between the place and the entrance.
    barriers
        Lines or areas, such as rivers and walls, that the way from a place to its street may not cross. The first and
        the last centimetre of that way do not count: a street drawn on the edge of a river is reached from its own
        side, and a gate drawn on a wall leads to both. Where the way to the nearest point of a street crosses a
        barrier, that piece of street is not used, even if another part of it lies on this side.

    Returns
    -------
    DataFrame indexed by `key`, in the order of `places`
        One row for each place without entrances: edge (position, -1 if it meets none), street_id, snap_m (metres to
        the street, NaN if it meets none), inner_m, along_m (metres from the edge's start), island, verdict (`snapped`,
        `unsnapped`, or `cut_off` where every street near lies across a barrier). Of streets equally near (within a
        micrometre), the one whose street_id sorts first is taken. A place with entrances has a row for each of them,
        by x and y, and where an entrance meets several pieces of street, one for each of these, the largest island
        first.

    Raises
    ------
    NetworkError
        A key stands twice or its column is missing, a table is not in the network's CRS, or a place or an entrance is
        no point or has coordinates that are no numbers.

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
    door, edge, metres, cut_off = _met(network, points, doors["is_entrance"].to_numpy(), snap_m, barriers)
    found = edge >= 0
    along = np.full(len(edge), np.nan)
    along[found] = shapely.line_locate_point(lines[edge[found]], points[door[found]])
    ids = np.append(network.edges.index.to_numpy(dtype=object), "")
    verdict = np.where(found, "snapped", np.where(cut_off[door], "cut_off", "unsnapped"))
    return pd.DataFrame(
        {
            "edge": edge,
            "street_id": pd.array(ids[edge], dtype="str"),
            "snap_m": metres,
            "inner_m": doors["inner_m"].to_numpy()[door],
            "along_m": along,
            "island": np.where(found, network.island[network.edge_from[edge]], -1),
            "verdict": pd.array(verdict, dtype="str"),
        },
        index=pd.Index(doors[key].iloc[door], name=key),
    )


def _require_fitting(
    network: Network,
    places: gpd.GeoDataFrame,
    key: str,
    entrances: gpd.GeoDataFrame | None,
    barriers: gpd.GeoDataFrame | None,
) -> None:
    doors = [("places", places)] + ([("entrances", entrances)] if entrances is not None else [])
    for name, table in doors:
        if key not in table:
            found = ", ".join(map(str, table.columns))
            raise NetworkError(f"{name}: no column '{key}' for the keys; found {found}. Rename the column or pass key=")
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
    for name, table in doors:
        _require_points(table, key, name)


def _require_points(table: gpd.GeoDataFrame, key: str, name: str) -> None:
    """Every geometry is a point with coordinates, or lies nowhere."""
    shapes = table.geometry.to_numpy()
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    other = there[shapely.get_type_id(shapes[there]) != shapely.GeometryType.POINT]
    if len(other):
        raise NetworkError(
            f"{name}: {len(other)} geometries are no points, the first is a {shapes[other[0]].geom_type} of "
            f"'{table[key].iloc[other[0]]}'; expected points. "
            f"Try {name}.set_geometry({name}.representative_point())"
        )
    spots = shapely.get_coordinates(shapes[there])
    odd = there[~np.isfinite(spots).all(axis=1)]
    if len(odd):
        raise NetworkError(
            f"{name}: {len(odd)} points have coordinates that are no numbers, the first is {shapes[odd[0]].wkt} of "
            f"'{table[key].iloc[odd[0]]}'; expected metres. Correct them, or leave the geometry empty if not known"
        )


def _doors(places: gpd.GeoDataFrame, key: str, entrances: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """The points at which places meet the streets, in the order of places: their entrances, else themselves."""
    own = _points(places, key, pd.Series(0.0, index=places.index)).assign(is_entrance=False)
    if entrances is None or not len(entrances):
        return own
    known = entrances[entrances[key].isin(places[key])]
    nothing = pd.Series(0.0, index=known.index)
    doors = _points(known, key, known["inner_m"].fillna(0.0) if "inner_m" in known else nothing)
    both = [own[~own[key].isin(doors[key])], doors.assign(is_entrance=True)]
    both = gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=places.crs)
    spots = shapely.bounds(both.geometry.to_numpy())  # NaN for a place that lies nowhere
    order = np.lexsort((spots[:, 1], spots[:, 0], pd.Index(places[key]).get_indexer(both[key])))
    return both.iloc[order]


def _points(table: gpd.GeoDataFrame, key: str, inner_m: pd.Series) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({key: table[key], "inner_m": inner_m}, geometry=table.geometry, crs=table.crs)


def _met(
    network: Network, points: np.ndarray, is_entrance: np.ndarray, snap_m: float, barriers: gpd.GeoDataFrame | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of point, edge that it meets and metres to it, by point; for each point whether barriers keep it from all.

    A point has one row, of edge -1 where it meets none, an entrance one for each of the edges equally near.
    """
    point, line, metres = nearest_lines(network.tree, points, snap_m)
    cut_off = np.zeros(len(points), dtype=bool)
    if barriers is not None and len(barriers):
        cut_off[point] = True
        point, line, metres = nearest_across_none(network.tree, points, (point, line, metres), snap_m, barriers)
        cut_off[point] = False
    edge = network.usable[line]
    part = np.where(is_entrance[point], network.island[network.edge_from[edge]], 0)
    order = np.lexsort((edge, part, point))
    order = order[is_entrance[point[order]] | ~pd.Series(point[order]).duplicated().to_numpy()]
    alone = np.setdiff1d(np.arange(len(points)), point)
    point, edge = np.append(point[order], alone), np.append(edge[order], np.full(len(alone), -1))
    metres = np.append(metres[order], np.full(len(alone), np.nan))
    order = np.argsort(point, kind="stable")
    return point[order], edge[order], metres[order], cut_off
