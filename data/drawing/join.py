"""Joining: streets that touch or cross share a point, raised ones only at their ends."""

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import LineString, Point

from .things import Street

NEAR_M = 1.6


def join_streets(streets: list[Street]) -> list[Street]:
    """Give the same streets with one shared point, rounded to a centimetre, at each junction."""
    junctions = _junctions(streets)
    tree = shapely.STRtree([Point(junction) for junction in junctions])
    joined = []
    for street in streets:
        near = junctions[np.sort(tree.query(street.line, predicate="dwithin", distance=NEAR_M))]
        line = _through(street.line, near, ends_only=street.raised)
        if line is not None:
            joined.append(Street(line, street.tags, street.raised))
    return joined


def _junctions(streets: list[Street]) -> np.ndarray:
    """List ends of all streets and crossings of those on the ground, one point where several lie close."""
    ends = [point for street in streets for point in (street.line.coords[0], street.line.coords[-1])]
    ground = [street.line for street in streets if not street.raised]
    tree = shapely.STRtree(ground)
    first, second = tree.query(ground, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b)
    crossings = [
        point
        for a, b in pairs
        for part in shapely.get_parts(ground[a].intersection(ground[b]))
        for point in (part.coords if part.geom_type == "Point" else (part.coords[0], part.coords[-1]))
    ]
    points = np.round(np.asarray(ends + crossings), 2)
    keep = np.ones(len(points), dtype=bool)
    neighbours: list[list[int]] = list(cKDTree(points).query_ball_point(points, NEAR_M))
    for index in range(len(points)):
        if keep[index]:
            keep[[other for other in neighbours[index] if other > index]] = False
    return points[keep]


def _through(line: LineString, junctions: np.ndarray, *, ends_only: bool) -> LineString | None:
    """Lead the line through the junctions; its own points close to one give way."""
    points = np.asarray(line.coords)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    if ends_only and len(junctions):
        close = [int(np.linalg.norm(junctions - end, axis=1).argmin()) for end in (points[0], points[-1])]
        junctions = junctions[np.unique(close)]
    if len(junctions):
        own = np.hypot(*(points[:, None] - junctions[None]).transpose(2, 0, 1)).min(axis=1) > NEAR_M
        at = np.array([line.project(Point(junction)) for junction in junctions])
        points, along = np.concatenate([points[own], junctions]), np.concatenate([along[own], at])
        points = points[np.argsort(along, kind="stable")]
        if line.is_closed:
            points = np.concatenate([points, points[:1]])
    points = np.round(points, 2)
    fresh = np.concatenate([[True], np.any(np.diff(points, axis=0) != 0, axis=1)])
    return LineString(points[fresh]) if fresh.sum() > 1 else None
