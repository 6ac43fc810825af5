"""How areas that should share their borders fail to: overlaps, holes between them, and how wide these are.

Where areas fit, every piece of border is walked twice, once in each direction, by the two areas that share it. What is
left when such pairs are taken away bounds every overlap and every hole, so only that is looked at more closely.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

GRAIN_M = 0.001  # corners nearer to each other than this are one
NOISE_M = 0.01  # mean width; what is narrower comes from rounding coordinates, not from drawing
Array = np.ndarray


@dataclass(frozen=True)
class Misfits:
    """Where areas do not share their borders.

    Attributes
    ----------
    overlaps
        first and second (positions of two areas, the lower first), area_m2, share (of the smaller area), geometry.
    holes
        area_m2, geometry; what the areas enclose and none covers.

    """

    overlaps: gpd.GeoDataFrame
    holes: gpd.GeoDataFrame


def misfits(shapes: Array) -> Misfits:
    """Overlaps of areas and holes between them; those of a mean width below `NOISE_M` are left out.

    Parameters
    ----------
    shapes
        Valid polygons and multipolygons; a missing or empty one takes no part.

    Examples
    --------
    >>> found = misfits(np.array([shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10)]))
    >>> found.overlaps[["first", "second", "area_m2", "share"]].values.tolist()
    [[0.0, 1.0, 20.0, 0.2]]
    >>> len(found.holes)
    0

    """
    faces = _faces(_unmatched(shapes))
    tree = shapely.STRtree(shapes)
    face = tree.query(shapely.point_on_surface(faces), predicate="intersects")[0]
    depth = np.bincount(face, minlength=len(faces))
    holes = faces[depth == 0]
    holes = holes[_mean_width_m(holes) > NOISE_M]
    involved = np.unique(tree.query(faces[depth > 1], predicate="intersects")[1])
    return Misfits(
        overlaps_among(shapes, involved), gpd.GeoDataFrame({"area_m2": shapely.area(holes)}, geometry=list(holes))
    )


def overlaps_among(shapes: Array, places: Array) -> gpd.GeoDataFrame:
    """Overlaps of the areas at these positions with each other, as in `Misfits`; lines and points are no overlap."""
    few = shapes[places]
    one, two = shapely.STRtree(few).query(few, predicate="intersects")
    first, second = places[one[one < two]], places[two[one < two]]
    common = areal(shapely.intersection(shapes[first], shapes[second]))
    kept = _mean_width_m(common) > NOISE_M
    first, second, common = first[kept], second[kept], common[kept]
    order = np.lexsort((second, first))
    area_m2, own = shapely.area(common), shapely.area(shapes)
    table = {
        "first": first.astype(np.int64),
        "second": second.astype(np.int64),
        "area_m2": area_m2,
        "share": area_m2 / np.minimum(own[first], own[second]),
    }
    return gpd.GeoDataFrame(pd.DataFrame(table).iloc[order], geometry=list(common[order])).reset_index(drop=True)


def areal(shapes: Array) -> Array:
    """The polygons of each shape; an empty polygon where it has none or is missing.

    >>> areal(np.array([shapely.from_wkt("GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 0 1, 0 0)))"), None]))
    array([<POLYGON ((0 0, 1 0, 0 1, 0 0))>, <POLYGON EMPTY>], dtype=object)
    """
    found = np.array(shapes, dtype=object)
    kinds = shapely.get_type_id(found)
    found[~np.isin(kinds, [3, 6, 7])] = shapely.Polygon()
    for place in np.flatnonzero(kinds == 7).tolist():
        parts = shapely.get_parts(shapely.get_parts(found[place]))
        flat = parts[shapely.get_type_id(parts) == 3]
        found[place] = flat[0] if len(flat) == 1 else shapely.union_all(flat) if len(flat) else shapely.Polygon()
    return found


def are_narrow(shapes: Array, width_m: float) -> Array:
    """Whether no circle of that diameter fits into a shape.

    >>> are_narrow(np.array([shapely.box(0, 0, 100, 2), shapely.box(0, 0, 100, 4)]), 3).tolist()
    [True, False]
    """
    narrow: Array = shapely.is_empty(shapely.buffer(shapes, -width_m / 2))
    return narrow


def are_sound(shapes: Array) -> Array:
    """Whether each shape is there, has an area and is valid."""
    sound: Array = shapely.is_valid(shapes) & (shapely.area(shapes) > 0)
    return sound


def borders_of(pieces: Array, shapes: Array) -> pd.DataFrame:
    """The areas that a piece borders on: piece and shape (positions), border_m, which `NOISE_M` bounds from below."""
    tree = shapely.STRtree(shapes)
    piece, shape = tree.query(pieces, predicate="dwithin", distance=NOISE_M)
    lines = shapely.intersection(shapely.boundary(pieces[piece]), shapely.buffer(shapes[shape], NOISE_M))
    table = pd.DataFrame({"piece": piece, "shape": shape, "border_m": shapely.length(lines)})
    return table[table["border_m"] > 4 * NOISE_M].reset_index(drop=True)


def _mean_width_m(shapes: Array) -> Array:
    perimeter_m = shapely.length(shapes)
    return 2 * shapely.area(shapes) / np.where(perimeter_m > 0, perimeter_m, 1)


def _unmatched(shapes: Array) -> Array:
    """Pieces of border, as (first x, y; last x, y), that areas do not walk as often one way as the other."""
    corners, last = _corners(shapes)
    mixed = _mixed(corners)
    own, other = np.flatnonzero(~last), np.flatnonzero(~last) + 1
    moving = mixed[own] != mixed[other]
    own, other = own[moving], other[moving]
    forward = mixed[own] < mixed[other]
    named = ((mixed[own] + mixed[other]) << np.uint64(1)) | forward.astype(np.uint64)
    del mixed
    odd = _unbalanced(named)
    if not len(odd):
        return np.empty((0, 2, 2))
    name = named >> np.uint64(1)
    found = np.flatnonzero(_may_be_among(name, odd))
    at = np.minimum(np.searchsorted(odd, name[found]), len(odd) - 1)
    found, at = found[odd[at] == name[found]], at[odd[at] == name[found]]
    places = found[np.unique(at, return_index=True)[1]]
    return np.stack([corners[own[places]], corners[other[places]]], axis=1) * GRAIN_M


def _corners(shapes: Array) -> tuple[Array, Array]:
    """Corners of all rings in grains, with the area on the left, and whether each is the last of its ring."""
    spots, ring, outer = _rings(shapes)
    last = np.diff(ring, append=-1) != 0
    if not len(spots):
        return np.empty((0, 2), dtype=np.int64), last
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    counts = np.diff(np.append(starts, len(spots)))
    x, y = (spots - np.repeat(spots[starts], counts, axis=0)).T
    turns = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0)
    turns[last] = 0
    wrong = (np.add.reduceat(turns, starts) > 0) != outer
    grains = np.rint(spots / GRAIN_M).astype(np.int64)
    return _turned(grains, np.repeat(np.arange(len(starts)), counts), starts, wrong), last


def _rings(shapes: Array) -> tuple[Array, Array, Array]:
    """Coordinates of all rings, a number for each that is its ring's, and whether each ring is the outer one."""
    single = (shapely.get_type_id(shapes) == 3) & (shapely.get_num_interior_rings(shapes) == 0)
    spots, ring = shapely.get_coordinates(shapes[single], return_index=True)  # rings need not be taken out of these
    rings, part = shapely.get_rings(shapely.get_parts(shapes[~single]), return_index=True)
    more, other = shapely.get_coordinates(rings, return_index=True)
    outer = np.append(np.ones(np.count_nonzero(np.diff(ring, prepend=-1)), dtype=bool), np.diff(part, prepend=-1) != 0)
    return np.concatenate([spots, more]), np.append(ring, other + single.sum()), outer


def _turned(corners: Array, ring: Array, starts: Array, wrong: Array) -> Array:
    """Corners with those of some rings in reverse."""
    if not wrong.any():
        return corners
    ends = np.append(starts[1:], len(corners)) - 1
    place = np.arange(len(corners))
    return corners[np.where(wrong[ring], starts[ring] + ends[ring] - place, place)]


def _mixed(corners: Array) -> Array:
    """One number for each corner, the same for the same place and as good as never for another."""
    x, y = corners.astype(np.uint64).T
    mixed: Array = x * np.uint64(0x9E3779B97F4A7C15) + y * np.uint64(0xC2B2AE3D27D4EB4F)
    for shift in (29, 32, 31):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def _unbalanced(named: Array) -> Array:
    """Names, sorted, of borders that are not walked as often forward, told by the lowest bit, as backward."""
    ordered = np.sort(named)
    name = ordered >> np.uint64(1)
    starts = np.flatnonzero(np.append(True, name[1:] != name[:-1])) if len(name) else np.empty(0, dtype=np.int64)
    if not len(starts):
        return name
    walked = np.diff(np.append(starts, len(name)))
    forward = np.add.reduceat((ordered & np.uint64(1)).astype(np.int64), starts)
    found: Array = name[starts[2 * forward != walked]]
    return found


def _may_be_among(names: Array, few: Array) -> Array:
    """Whether the low bits of each name are those of one of a few: all of these, and hardly any other."""
    low = np.uint64((1 << 20) - 1)
    known = np.zeros(1 << 20, dtype=bool)
    known[few & low] = True
    found: Array = known[names & low]
    return found


def _faces(edges: Array) -> Array:
    """What pieces of border enclose, as polygons."""
    lines = shapely.unary_union(shapely.linestrings(edges)) if len(edges) else shapely.MultiLineString()
    faces: Array = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    return faces
