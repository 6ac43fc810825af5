"""Streets as a layer draws them made fit to walk on: joined where they cross, cut at gates."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from lifecircle.crs import is_metric
from lifecircle.cuts import SAME_M, cut_at, line_ends
from lifecircle.errors import NetworkError

_END_M = 0.5  # a gate this near to an end of a street stands at that end
_STRICT = ("closed", "residents", "", "open")  # which policy counts where two gates stand at one place


def join_crossings(streets: gpd.GeoDataFrame, *, touch_m: float = 0.5) -> gpd.GeoDataFrame:
    """Streets cut and joined where they cross, and where an end of one lies on another.

    Two streets that cross without an end there are left as they are if one is a bridge or a tunnel and the other is
    not, or if their `layer` differs. An end always joins. A street that crosses itself is not cut there.

    Parameters
    ----------
    streets
        Single lines in a metric CRS; `bridge`, `tunnel` and `layer` where there are such columns.
    touch_m
        How far from a street an end may lie that was meant to meet it, in metres. That street is led through the end.

    Returns
    -------
    GeoDataFrame
        Pieces in the order of the streets, on a new index; pieces of a street that was cut are called `<id>#0`,
        `<id>#1`, … Pieces that meet have the same coordinates there. `from_node` and `to_node` are left out: they
        know nothing of the new crossings.

    Raises
    ------
    NetworkError
        The CRS is not metric.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])]
    >>> streets = gpd.GeoDataFrame({"street_id": ["a", "b"]}, geometry=lines, crs="EPSG:4549")
    >>> join_crossings(streets)["street_id"].tolist()
    ['a#0', 'a#1', 'b#0', 'b#1']

    """
    _require_metres(streets, "streets")
    lines = streets.geometry.to_numpy()
    ends = line_ends(lines)
    touching, touched = _touches(lines, ends, touch_m)
    crossing, crossed, spots = _crossings(streets, lines, ends)
    pairs = np.column_stack([touching % len(lines), touched])
    short = ~_overshot(ends[touching], pairs, spots, np.column_stack([crossing, crossed]), touch_m)
    touching, touched = touching[short], touched[short]
    cut = np.concatenate([touched, crossing, crossed])
    places = np.concatenate([ends[touching], spots, spots])
    left = streets.drop(columns=[name for name in ("from_node", "to_node") if name in streets])
    return cut_at(left, cut, places)


def with_gates(streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, *, reach_m: float = 10) -> gpd.GeoDataFrame:
    """Streets cut at gates, with the barrier `gate=policy:…` at both sides of each cut.

    A gate cuts the street nearest to it, at the nearest point. Where an end of that street is within half a metre, the
    gate stands at that end, and every street that ends there gets the barrier. A barrier that was there gives way. Of
    two gates at one place the stricter counts: closed, residents, not known (`gate` alone), open.

    Parameters
    ----------
    streets
        Single lines in a metric CRS.
    gates
        Points with `policy`: open, residents, closed, or empty where it is not known.
    reach_m
        How far from a street a gate may lie, in metres; `gates_off_streets` lists those that are farther.

    Returns
    -------
    GeoDataFrame
        Pieces in the order of the streets, on a new index, with `from_barrier` and `to_barrier`.

    Raises
    ------
    NetworkError
        The CRS is not metric, or not the same for both, or a policy is none of the four.

    Examples
    --------
    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (100, 0)])], crs="EPSG:4549")
    >>> gates = gpd.GeoDataFrame({"policy": ["residents"]}, geometry=[Point(40, 3)], crs="EPSG:4549")
    >>> with_gates(streets, gates)[["from_barrier", "to_barrier"]].to_numpy().tolist()
    [['', 'gate=policy:residents'], ['gate=policy:residents', '']]

    """
    _require_metres(streets, "streets")
    _require_gates(gates, streets)
    names = [name for name in ("from_barrier", "to_barrier") if name not in streets]
    streets = streets.assign(**{name: pd.array([""] * len(streets), dtype="str") for name in names})
    gate, street = _nearest(streets, gates, reach_m)
    policies = gates["policy"].fillna("").astype("str").to_numpy(dtype=object)[gate]
    order = np.argsort([_STRICT.index(policy) for policy in policies], kind="stable")[::-1]  # the strictest is last
    gate, street, policies = gate[order], street[order], policies[order]
    texts = np.array([f"gate=policy:{policy}" if policy else "gate" for policy in policies], dtype=object)
    lines, points = streets.geometry.to_numpy(), shapely.force_2d(gates.geometry.to_numpy()[gate])
    along = shapely.line_locate_point(lines[street], points)
    lengths = shapely.length(lines[street])
    spots = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], along))
    at_start = along <= np.minimum(_END_M, lengths / 2)
    at_end = ~at_start & (lengths - along <= _END_M)
    inside = ~(at_start | at_end)
    pieces = cut_at(streets, street[inside], spots[inside])
    places = np.where(at_start[:, None], line_ends(lines)[street], line_ends(lines)[street + len(lines)])
    places = np.where(inside[:, None], spots, places)
    return _with_barriers(pieces, places, texts, streets, np.where(at_end, street + len(lines), street), inside)


def gates_off_streets(streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, *, reach_m: float = 10) -> gpd.GeoDataFrame:
    """The gates that lie farther than `reach_m` from every street, or have no place: `with_gates` leaves them out.

    >>> from shapely import LineString, Point
    >>> streets = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (100, 0)])], crs="EPSG:4549")
    >>> gates = gpd.GeoDataFrame({"policy": ["open"] * 2}, geometry=[Point(40, 10), Point(40, 11)], crs="EPSG:4549")
    >>> gates_off_streets(streets, gates).index.tolist()
    [1]
    """
    near = np.zeros(len(gates), dtype=bool)
    near[_nearest(streets, gates, reach_m)[0]] = True
    return gates[~near]


def _require_metres(table: gpd.GeoDataFrame, name: str) -> None:
    if not is_metric(table.crs):
        found = table.crs.to_string() if table.crs is not None else "missing"
        cure = f"{name}.to_crs({name}.estimate_utm_crs())"
        raise NetworkError(f"{name}: CRS is {found}; a metric CRS is needed. Try {cure}")


def _require_gates(gates: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> None:
    if len(gates) and gates.crs != streets.crs:
        raise NetworkError("gates: CRS is not that of the streets. Try gates.to_crs(streets.crs)")
    odd = ~gates["policy"].fillna("").isin(_STRICT)
    if odd.any():
        place, policy = gates.index[odd][0], gates["policy"][odd].iloc[0]
        raise NetworkError(f"gates: policy of {place} is '{policy}'; expected open, residents, closed or empty")


def _touches(lines: np.ndarray, ends: np.ndarray, touch_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Which ends lie on which other lines that do not end in the same place."""
    n = len(lines)
    end, line = shapely.STRtree(lines).query(shapely.points(ends), predicate="dwithin", distance=touch_m)
    spots = np.round(ends, 3)
    away = [(spots[end] != spots[line + shift]).any(axis=1) for shift in (0, n)]
    other = away[0] & away[1] & (end % n != line)
    end, line = end[other], line[other]
    alone = ~pd.DataFrame({"line": line, "x": spots[end, 0], "y": spots[end, 1]}).duplicated().to_numpy()
    end, line = end[alone], line[alone]
    # Two loose ends that miss each other: only one of the two streets is led on to the other.
    at_end = np.minimum(*(np.hypot(*(ends[end] - ends[line + shift]).T) for shift in (0, n))) <= touch_m
    pairs = set(zip((end % n)[at_end].tolist(), line[at_end].tolist(), strict=True))
    twice = [flag and (b, a) in pairs and a > b for flag, a, b in zip(at_end, end % n, line, strict=True)]
    kept = ~np.array(twice, dtype=bool)
    return end[kept], line[kept]


def _overshot(
    ends: np.ndarray, touching: np.ndarray, spots: np.ndarray, crossing: np.ndarray, touch_m: float
) -> np.ndarray:
    """Whether each end lies just beyond a place where its line already crosses the line that it touches."""
    over = np.zeros(len(ends), dtype=bool)
    if len(spots):
        pairs = [frozenset(pair) for pair in crossing.tolist()]
        near = KDTree(spots).query_ball_point(ends, touch_m)
        for place, (own, places) in enumerate(zip(touching.tolist(), near, strict=True)):
            over[place] = any(pairs[one] == frozenset(own) for one in places)
    return over


def _crossings(
    streets: gpd.GeoDataFrame, lines: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of lines that cross on one level where neither ends, and where; a place that several share is one."""
    n = len(lines)
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    level = pd.factorize(_levels(streets))[0]
    pair = (one < other) & (level[one] == level[other])
    one, other = one[pair], other[pair]
    shared = shapely.force_2d(shapely.intersection(lines[one], lines[other]))
    parts, pair_of = shapely.get_parts(shared, return_index=True)
    parts = np.where(shapely.get_type_id(parts) == 1, shapely.boundary(parts), parts)  # where two run along each other
    spots, part_of = shapely.get_coordinates(parts, return_index=True)
    one, other = one[pair_of[part_of]], other[pair_of[part_of]]
    off = [np.hypot(*(spots - ends[line + shift]).T) > SAME_M for line in (one, other) for shift in (0, n)]
    free = np.all(off, axis=0)
    return one[free], other[free], _drawn_together(spots[free], ends)


def _levels(streets: gpd.GeoDataFrame) -> pd.Series:
    """A text that streets share which can meet in the open: neither over nor under each other."""
    said = pd.DataFrame({name: _tag(streets, name) for name in ("bridge", "tunnel", "layer")})
    raised = [said[name].where(said[name] == "", "yes") for name in ("bridge", "tunnel")]
    return raised[0] + "/" + raised[1] + "/" + said["layer"]


def _tag(streets: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name not in streets:
        return pd.Series("", index=range(len(streets)), dtype="str")
    texts = streets[name].reset_index(drop=True).astype("str").str.strip().str.lower()
    return texts.where(streets[name].notna().to_numpy() & ~texts.isin(["no", "0", "0.0", "f", "false", "nan"]), "")


def _drawn_together(spots: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Places with those that are as good as the same moved onto one of them, an end of a line where there is one."""
    if not len(spots):
        return spots
    known = ends[np.isfinite(ends).all(axis=1)]
    everything = np.concatenate([known, spots])
    near = KDTree(everything).query_pairs(2 * SAME_M, output_type="ndarray")
    near = near[(near >= len(known)).any(axis=1)]
    links = coo_array((np.ones(len(near)), tuple(near.T)), shape=(len(everything),) * 2)
    group = connected_components(links, directed=False)[1]
    _, first = np.unique(group, return_index=True)
    return np.asarray(everything[first[group[len(known) :]]])


def _nearest(streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, reach_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Gates with the street nearest to each, the first where several are."""
    tree = shapely.STRtree(streets.geometry.to_numpy())
    gate, street = tree.query_nearest(gates.geometry.to_numpy(), max_distance=reach_m, all_matches=True)
    found = pd.DataFrame({"gate": gate, "street": street}).groupby("gate")["street"].min()
    return found.index.to_numpy(dtype=np.int64), found.to_numpy(dtype=np.int64)


def _with_barriers(
    pieces: gpd.GeoDataFrame,
    places: np.ndarray,
    texts: np.ndarray,
    streets: gpd.GeoDataFrame,
    ends: np.ndarray,
    inside: np.ndarray,
) -> gpd.GeoDataFrame:
    """Barriers at the ends of pieces that lie where a gate stands; at nodes where streets know theirs."""
    names = ["from_node", "to_node"]
    keyed = all(name in streets and (streets[name].fillna("") != "").all() for name in names)
    mine = _spot_keys(line_ends(pieces.geometry.to_numpy()))
    wanted = dict(zip(_spot_keys(places[inside]), texts[inside], strict=True))
    at_ends = _spot_keys(places[~inside])
    if keyed:
        nodes = pd.concat([streets[name] for name in names]).astype("str").to_numpy(dtype=object)
        at_ends = nodes[ends[~inside]].tolist()
        known = pd.concat([pieces[name] for name in names]).astype("str").tolist()
    else:
        known = mine
    stated = dict(zip(at_ends, texts[~inside], strict=True))
    found = pd.Series([wanted.get(spot, stated.get(node)) for spot, node in zip(mine, known, strict=True)], dtype="str")
    n = len(pieces)
    return pieces.assign(
        **{
            name: found.iloc[part].reset_index(drop=True).fillna(pieces[name].fillna("")).astype("str")
            for name, part in (("from_barrier", slice(0, n)), ("to_barrier", slice(n, 2 * n)))
        }
    )


def _spot_keys(places: np.ndarray) -> list[str]:
    return [f"{x:.3f} {y:.3f}" for x, y in np.round(places, 3) + 0.0]
