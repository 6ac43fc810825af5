"""What a walk along each street costs, for any walker."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.graph import NEVER, TICKS_PER_S
from lifecircle.walkers import Way, slope_factors

LIFT = "elevator"


@dataclass(frozen=True, eq=False)
class Profile:
    """Heights along edges that have them: rows `ptr[e]` to `ptr[e + 1]` are the corners of edge e.

    `metres` is the way from the edge's start to each corner, `slope` that of the piece after it (rise over run).
    """

    ptr: np.ndarray
    metres: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True, eq=False)
class Ways:
    """What edges are, whoever walks: metres, stairs, lifts, one way (1 on, -1 back, 0 both), waits at their ends."""

    metres: np.ndarray
    stairs: np.ndarray
    lift: np.ndarray
    oneway: np.ndarray
    from_signal: np.ndarray
    to_signal: np.ndarray
    from_lift: np.ndarray
    to_lift: np.ndarray
    profile: Profile | None


@dataclass(frozen=True, eq=False)
class Costs:
    """Ticks of a walker on each edge: on and back between its ends, `NEVER` where there is no way; waits at its ends.

    `corner_on` and `corner_back` are the ticks between an edge's start and each corner of its profile.
    """

    on: np.ndarray
    back: np.ndarray
    from_wait: np.ndarray
    to_wait: np.ndarray
    corner_on: np.ndarray | None
    corner_back: np.ndarray | None


def ways_of(streets: gpd.GeoDataFrame) -> Ways:
    """What the streets are; columns as in `CONTRACTS["streets"]`, heights as the lines' z."""
    ways = _are(streets, "oneway", "forward").astype(np.int8) - _are(streets, "oneway", "backward").astype(np.int8)
    return Ways(
        metres=streets.length.to_numpy(),
        stairs=_are(streets, "highway", "steps"),
        lift=_are(streets, "highway", LIFT),
        oneway=ways,
        from_signal=_are(streets, "from_signal", "yes"),
        to_signal=_are(streets, "to_signal", "yes"),
        from_lift=_are(streets, "from_barrier", LIFT),
        to_lift=_are(streets, "to_barrier", LIFT),
        profile=_profile(streets.geometry.to_numpy()),
    )


def costs_of(ways: Ways, walker: Way) -> Costs:
    """What each edge costs a walker, in ticks; a walk of any length takes at least one."""
    ticks_per_m = TICKS_PER_S / walker.speed_m_per_s
    stairs = 1.0 if walker.stairs == "never" else walker.stairs
    slower = np.where(ways.stairs, stairs, 1.0) * ticks_per_m
    corner_on, corner_back = _corner_ticks(ways.profile, slower, walker)
    if ways.profile is None or corner_on is None or corner_back is None:
        on = back = _whole(ways.metres * slower)
    else:
        last = ways.profile.ptr[1:] - 1
        on, back = _whole(corner_on[last]), _whole(corner_back[last])
    never = ways.stairs if walker.stairs == "never" else np.zeros(len(on), dtype=bool)
    half_wait, half_lift = (round(seconds * TICKS_PER_S / 2) for seconds in (walker.crossing_s, walker.lift_s))
    inside = ways.lift * half_lift
    return Costs(
        on=np.where(never | (ways.oneway < 0), NEVER, on),
        back=np.where(never | (ways.oneway > 0), NEVER, back),
        from_wait=ways.from_signal * half_wait + ways.from_lift * half_lift + inside,
        to_wait=ways.to_signal * half_wait + ways.to_lift * half_lift + inside,
        corner_on=corner_on,
        corner_back=corner_back,
    )


def ticks_along(ways: Ways, costs: Costs, edge: np.ndarray, metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ticks from the start of each edge to a point of it, and back, as if both ways were open; waits left out."""
    profile = ways.profile
    if profile is None or costs.corner_on is None or costs.corner_back is None:
        share = metres / ways.metres[edge]
        whole = np.where(costs.on[edge] < NEVER, costs.on[edge], costs.back[edge])
        there = np.where(whole < NEVER, np.rint(share * np.minimum(whole, NEVER - 1)), 0).astype(np.int64)
        return there, there
    step = 2.0 * max(1.0, float(profile.metres.max()))  # every edge in a stretch of one long line of its own
    corners = profile.metres + np.repeat(np.arange(len(profile.ptr) - 1), np.diff(profile.ptr)) * step
    before = np.searchsorted(corners, edge * step + metres, side="right") - 1
    before = np.clip(before, profile.ptr[edge], profile.ptr[edge + 1] - 2)
    share = (metres - profile.metres[before]) / np.maximum(profile.metres[before + 1] - profile.metres[before], 1e-9)
    found = [
        np.rint(corner[before] + np.clip(share, 0, 1) * (corner[before + 1] - corner[before])).astype(np.int64)
        for corner in (costs.corner_on, costs.corner_back)
    ]
    limits = [np.where(whole[edge] < NEVER, whole[edge], NEVER) for whole in (costs.on, costs.back)]
    return np.minimum(found[0], limits[0]), np.minimum(found[1], limits[1])


def _whole(walk: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(np.rint(walk), 1), dtype=np.int64)


def _profile(lines: np.ndarray) -> Profile | None:
    if not shapely.has_z(lines).any():
        return None
    corners, edge = shapely.get_coordinates(lines, include_z=True, return_index=True)
    ptr = np.searchsorted(edge, np.arange(len(lines) + 1))
    run = np.append(np.hypot(*np.diff(corners[:, :2], axis=0).T), 0.0)
    rise = np.append(np.diff(corners[:, 2]), 0.0)
    last = ptr[1:] - 1
    run[last] = rise[last] = 0.0
    total = np.concatenate([[0.0], np.cumsum(run)[:-1]])
    slope = np.divide(rise, run, out=np.zeros_like(rise), where=run > 0)
    return Profile(ptr, total - np.repeat(total[ptr[:-1]], np.diff(ptr)), slope)


def _corner_ticks(
    profile: Profile | None, ticks_per_m: np.ndarray, walker: Way
) -> tuple[np.ndarray | None, np.ndarray | None]:
    if profile is None or walker.slope == "none":
        return None, None
    sizes = np.diff(profile.ptr)
    run = np.append(np.diff(profile.metres), 0.0)
    run[profile.ptr[1:] - 1] = 0.0
    flat = run * np.repeat(ticks_per_m, sizes)
    found = []
    for slope in (profile.slope, -profile.slope):
        total = np.concatenate([[0.0], np.cumsum(flat * slope_factors(slope, walker))[:-1]])
        found.append(total - np.repeat(total[profile.ptr[:-1]], sizes))
    return found[0], found[1]


def _are(streets: gpd.GeoDataFrame, name: str, text: str) -> np.ndarray:
    """Whether each street has this text in a column, alone or before a tag: `elevator` or `elevator=yes`."""
    if name not in streets:
        return np.zeros(len(streets), dtype=bool)
    codes, texts = pd.factorize(streets[name].fillna(""))
    return np.asarray(np.array([str(one).partition("=")[0] == text for one in texts], dtype=bool)[codes])
