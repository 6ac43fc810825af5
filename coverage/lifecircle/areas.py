"""The area that reaches a facility, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi

from lifecircle.errors import NetworkError
from lifecircle.graph import TICKS_PER_S, limit_ticks
from lifecircle.network import Network
from lifecircle.reach import Places, pair_blocks, placed_facilities
from lifecircle.snapping import Placed

_STEP_M = 10.0  # streets are drawn as strips of ground around pieces no longer than this
_ROUND = 8  # corners of a quarter circle


def catchments(
    network: Network,
    facilities: Places,
    *,
    limits_min: Sequence[float] = (5, 10, 15),
    snap_m: float = 100,
    bands: bool = False,
) -> gpd.GeoDataFrame:
    """Drawn areas from which each facility is reached within each limit.

    Every spot belongs to the piece of street nearest to it, and to the area if the walk to that piece, along it and to
    the facility is within the limit. Holes and separate parts are kept, and a smaller limit lies within a larger one.
    It is a picture of the network result, true to some 5 m, and nothing is measured on it.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Points in the network's CRS, keyed by `facility_id`; those not open are left out.
    limits_min
        Minutes of walking.
    snap_m
        How far from a street a place may lie: a facility farther away has an empty area, and no spot farther from any
        street is in an area.
    bands
        Leave out of each area what a smaller limit holds, so that areas of one facility do not overlap.

    Returns
    -------
    GeoDataFrame
        facility_id, limit_min, geometry; facilities in their order, limits from low to high.

    Raises
    ------
    NetworkError
        A limit is not above 0, or the facilities are not in the network's CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (2000, 0)])], crs="EPSG:4549")
    >>> network = lc.build_network(streets)
    >>> shop = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["shop"]}, geometry=[Point(1000, 0)], crs="EPSG:4549")
    >>> lc.catchments(network, shop, limits_min=[5]).total_bounds.round(-1).tolist()
    [700.0, -100.0, 1300.0, 100.0]

    """
    limits = sorted(set(limits_min))
    if not limits or not all(0 < limit < np.inf for limit in limits):
        raise NetworkError(f"limits_min is {list(limits_min)}; expected minutes above 0 such as [5, 10, 15]")
    goal = placed_facilities(network, facilities, snap_m)
    shapes: list[shapely.Geometry] = [shapely.Polygon()] * (len(goal) * len(limits))
    for facility, areas in _areas(network, goal, limits, snap_m):
        shapes[facility * len(limits) : (facility + 1) * len(limits)] = areas
    if bands:
        nothing = shapely.Polygon()
        inner = [shapes[number - 1] if number % len(limits) else nothing for number in range(len(shapes))]
        shapes = list(shapely.difference(shapes, inner))
    rows = {
        "facility_id": goal.keys.repeat(len(limits)),
        "limit_min": np.tile(np.array(limits, dtype=float), len(goal)),
    }
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=network.crs)


@dataclass(frozen=True, eq=False)
class _Strips:
    """Ground by the piece of street that is nearest: the middle of each piece, its cell, and how far the cell goes."""

    x: np.ndarray
    y: np.ndarray
    cell: np.ndarray
    far: np.ndarray


def _areas(
    network: Network, goal: Placed, limits: Sequence[float], snap_m: float
) -> Iterator[tuple[int, list[shapely.Geometry]]]:
    """For each facility that anything reaches: its areas, from the lowest limit up."""
    pieces = _pieces(network)
    blocks = list(pair_blocks(network, pieces, goal, limit_ticks(limits[-1])))
    reached = np.unique(np.concatenate([piece for _, piece, _ in blocks]))
    if not len(reached):
        return
    strips, of_piece = _strips(pieces, reached, snap_m)
    metres_per_min = 60 * network.walker.speed_m_per_s
    ticks_per_m = TICKS_PER_S / network.walker.speed_m_per_s
    for facility, piece, walk in blocks:
        begins = np.flatnonzero(np.diff(facility)) + 1
        for rows in np.split(np.arange(len(facility)), begins) if len(facility) else []:
            cell, metres = of_piece[piece[rows]], walk[rows] / ticks_per_m
            order = np.lexsort((metres, cell))
            first_of_cell = order[np.unique(cell[order], return_index=True)[1]]
            found, walked = cell[first_of_cell], metres[first_of_cell]
            areas = [_area(strips, found, limit * metres_per_min - walked, snap_m) for limit in limits]
            yield int(facility[rows[0]]), areas


def _area(strips: _Strips, found: np.ndarray, left_m: np.ndarray, snap_m: float) -> shapely.Geometry:
    """The ground of some pieces as far from each as can still be walked."""
    found, left_m = found[left_m >= 0], np.minimum(left_m[left_m >= 0], snap_m)
    whole = strips.far[found] <= left_m
    inside = shapely.coverage_union_all(strips.cell[found[whole]])
    rim, left_m = found[~whole], left_m[~whole]
    discs = shapely.buffer(shapely.points(strips.x[rim], strips.y[rim]), left_m, quad_segs=_ROUND)
    return shapely.union_all([inside, *shapely.intersection(strips.cell[rim], discs)])


def _pieces(network: Network) -> Placed:
    """The middles of pieces of every usable street, as places on it."""
    usable = network.usable
    n = np.maximum(np.ceil(network.edge_m[usable] / _STEP_M), 1).astype(np.int64)
    edge = np.repeat(usable, n)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(n) - n, n)
    along = (number + 0.5) / np.repeat(n, n) * network.edge_m[edge]
    points = shapely.line_interpolate_point(network.edges.to_numpy()[edge], along)
    on_at, back_at = network.ticks_along(edge, along)
    places = gpd.GeoDataFrame(geometry=points, crs=network.crs)
    nothing = np.zeros(len(edge), dtype=np.int64)
    return Placed(
        network, "piece", places, pd.DataFrame(), np.arange(len(edge)), edge, on_at, back_at, nothing, nothing
    )


def _strips(pieces: Placed, reached: np.ndarray, snap_m: float) -> tuple[_Strips, np.ndarray]:
    """Cells of the reached pieces, cut by all pieces around, and the cell of each piece (-1 for those not reached)."""
    spots = np.round(shapely.get_coordinates(pieces.places.geometry.to_numpy()), 3)
    low, high = spots[reached].min(axis=0) - 3 * snap_m, spots[reached].max(axis=0) + 3 * snap_m
    around = np.flatnonzero(((spots >= low) & (spots <= high)).all(axis=1))
    sites, site_of = np.unique(spots[around], axis=0, return_inverse=True)
    wide = 10 * max(1.0, float((high - low).max()))
    frame = (low + high) / 2 + wide * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    origin = low  # far from 0, coordinates have few digits left
    cells = Voronoi(np.concatenate([sites, frame]) - origin)
    corners = [cells.regions[region] for region in cells.point_region[: len(sites)]]
    sizes = np.array([len(one) for one in corners])
    coordinates = cells.vertices[np.concatenate(corners)] + origin
    polygon = np.repeat(np.arange(len(sites)), sizes)
    far = np.zeros(len(sites))
    np.maximum.at(far, polygon, np.hypot(*(coordinates - sites[polygon]).T))
    of_piece = np.full(len(spots), -1, dtype=np.int64)
    of_piece[around] = site_of.ravel()
    shapes = shapely.polygons(shapely.linearrings(coordinates, indices=polygon))
    return _Strips(sites[:, 0], sites[:, 1], shapes, far), of_piece
