"""Layers that lie as far from the others as the maps of the Chinese web are shifted, which no file says of itself.

Places lie near streets, and in the unit that they say they belong to. A layer whose places do so only once a known
shift is undone was taken from a web map. Any layer lies nearer to a dense net of streets after some moves than after
others; so the same places are also moved in other directions and by other lengths, and what counts is by how much the
known shift does better than these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from lifecircle.datums import SHIFTED, from_wgs84, to_wgs84
from lifecircle.faults import Fault, fault
from lifecircle.keys import places_among
from lifecircle.provenance import source_of, where_of
from lifecircle.tables import Tables
from lifecircle.words import both

Measure: TypeAlias = Callable[[np.ndarray], np.ndarray]  # metres from each of the same places, wherever they are moved

_SAID = {"gcj02": both("GCJ-02(火星坐标)", "GCJ-02"), "bd09": both("BD-09(百度坐标)", "BD-09")}
_NEAREST = {"streets": both("最近道路", "the nearest street"), "units": both("所填单元", "the unit stated")}

_MOST_PLACES = 400  # more would add certainty where there is enough of it
_FEWEST_PLACES = 8
_MOST_UNITS, _BOUNDARY_STEP_M = 500, 100.0
_NEAR_M = 40.0  # how far from its street a place lies at most, as a rule
_ASTRAY_SHARE = 0.02  # of places may lie anywhere
_FARTHEST_M = 200.0  # farther tells no more
_OFF_M = 60.0  # a place farther than this lies off the streets
_DIRECTIONS = 24
_OTHER_LENGTHS = (-0.5, 0.5, 1.5)  # of the shift, along its own line
# Natural logarithms of how much likelier it is that the shift is there, found by trial: towns with and without shift.
_LEAST_SCORE = 4.0
_LEAST_LEAD = 2.5  # before any other shift, and before none
_LEAST_SURE = 2.0  # of the score, once places that move from and to streets together are counted as fewer
_CERTAIN = 99.0  # percent from which on a shift stops an assessment
_MOST_AS_GOOD = 0.04  # the largest share of other moves that do as well


@dataclass(frozen=True)
class Shift:
    """How a layer lies to another one: which shift it has, and the evidence.

    `datum` is that in which its file is, the stated one where it lies right or nothing can be said; `is_forward` says
    that it is the other layer that is shifted. `sure` is the logarithm of the odds. Metres are medians, shares are of
    places off the streets, each as they lie (`before`) and with the shift undone (`after`).
    """

    datum: str
    is_forward: bool
    n_places: int
    before_m: float
    after_m: float
    off_before_share: float
    off_after_share: float
    sure: float


def shift_faults(tables: Tables) -> Iterator[Fault]:
    """Layers that are shifted like a Chinese web map against the streets, or against the units that places state.

    Facilities, dwellings, candidates and the boundaries of units are each held against the streets, and places that
    state their unit against that. Where others lie right only if the streets are shifted, it is the streets. A layer
    whose datum is stated is held against them as its file has it. Nothing is moved.
    """
    for reference, pairs in (("streets", _against_streets(tables)), ("units", _against_units(tables))):
        stated = {table: _stated(tables, table) for table in ("facilities", "dwellings", "candidates", "units")}
        found = {table: shift_of(at, tables.crs, measure, stated=stated[table]) for table, at, measure in pairs}
        shown = {table: one for table, one in found.items() if one is not None and one.datum != stated[table]}
        forward = [one for table, one in shown.items() if one.is_forward and not stated[table]]
        right = any(one and table not in shown and one.sure > _LEAST_SURE for table, one in found.items())
        for table, one in shown.items():
            if one.is_forward:
                continue
            yield _told(tables, table, reference, one)
            right |= bool(stated[table]) and not one.datum
        if forward and not right:
            yield _told(tables, reference, reference, max(forward, key=lambda one: one.sure))


def _stated(tables: Tables, table: str) -> str:
    """The datum that the study states of a layer, empty where its places are as its file has them."""
    datum = source_of(tables, table, None).datum
    return datum if datum in SHIFTED else ""


def shift_of(places: np.ndarray, crs: str, measure: Measure, *, stated: str = "") -> Shift | None:
    """The shift of places (x, y in metres) against what `measure` measures metres to; None where nothing can be said.

    `stated` is the datum that was undone already; the shift is that of the places before.

    Notes
    -----
    This project's own. Each place scores the logarithm of how likely it is as near as it is if it lies right, over how
    likely that is after any move. Over other moves, the sum of scores exceeds s in at most e^-s of cases where places
    are independent; where many move together, the sum is divided by how many.

    """
    places = _as_filed(places, crs, stated)
    moves = _moves(places, crs)
    if moves is None:
        return None
    metres = {name: np.minimum(measure(places + move), _FARTHEST_M) for name, move in moves.items()}
    mean = [moves[name].mean(axis=0) for name in moves if name != ("", False)]
    others = np.array([np.minimum(measure(places + move), _FARTHEST_M) for move in _other_moves(mean[:2])])
    scores, as_good, together = _scores(metres, others)
    best = max(scores, key=lambda name: scores[name])
    lead = scores[best] - max(score for name, score in scores.items() if name != best)
    sure = min(scores[best], lead) / together
    is_shown = scores[best] >= _LEAST_SCORE and lead >= _LEAST_LEAD and scores[best] / together >= _LEAST_SURE
    if not is_shown or as_good[best] > _MOST_AS_GOOD:
        best, sure = (stated, False), sure if best == (stated, False) else 0.0
    before, after = metres[stated, False], metres[best]
    return Shift(
        datum=best[0],
        is_forward=best[1],
        n_places=len(places),
        before_m=float(np.median(before)),
        after_m=float(np.median(after)),
        off_before_share=float((before > _OFF_M).mean()),
        off_after_share=float((after > _OFF_M).mean()),
        sure=float(sure),
    )


def _scores(
    metres: dict[tuple[str, bool], np.ndarray], others: np.ndarray
) -> tuple[dict[tuple[str, bool], float], dict[tuple[str, bool], float], float]:
    """The score of each shift, the share of other moves that do as well, and how many places move together."""
    usual = float(np.log(_nearness(others).mean()))
    scores = {name: float((np.log(_nearness(found)) - usual).sum()) for name, found in metres.items()}
    of_others = (np.log(_nearness(others)) - usual).sum(axis=1)
    as_good = {name: float((of_others >= score).mean()) for name, score in scores.items()}
    # Beyond the streets' edge all places are far together, which cannot make a shift look right: cut off there.
    near = _nearness(np.minimum(others, _OFF_M))
    alone = near.shape[1] * near.var()
    return scores, as_good, max(1.0, float(near.sum(axis=1).var(ddof=1) / alone)) if alone > 0 else 1.0


def _nearness(metres: np.ndarray) -> np.ndarray:
    near: np.ndarray = _ASTRAY_SHARE + (1 - _ASTRAY_SHARE) / (1 + (metres / _NEAR_M) ** 4)
    return near


def _moves(places: np.ndarray, crs: str) -> dict[tuple[str, bool], np.ndarray] | None:
    """How far each shift, undone or done, moves each place; None outside China or with too few places."""
    if len(places) < _FEWEST_PLACES:
        return None
    degrees = _to_degrees(crs)
    lon, lat = degrees.transform(places[:, 0], places[:, 1])
    moves = {("", False): np.zeros_like(places)}
    for is_forward, change in ((False, to_wgs84), (True, from_wgs84)):
        for datum in SHIFTED:
            x, y = degrees.transform(*change(lon, lat, datum), direction="INVERSE")
            moves[datum, is_forward] = np.column_stack([x, y]) - places
    there = all(np.isfinite(move).all() for move in moves.values())
    return moves if there and np.abs(moves["gcj02", False]).max() > _OFF_M else None


def _as_filed(places: np.ndarray, crs: str, stated: str) -> np.ndarray:
    """Places as their file has them, before the stated datum was undone."""
    datum = next((one for one in SHIFTED if one == stated), None)
    if datum is None or not len(places):
        return places
    degrees = _to_degrees(crs)
    lon, lat = degrees.transform(places[:, 0], places[:, 1])
    return np.column_stack(degrees.transform(*from_wgs84(lon, lat, datum), direction="INVERSE"))


@lru_cache(maxsize=4)
def _to_degrees(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)


def _other_moves(shifts: list[np.ndarray]) -> list[np.ndarray]:
    """Moves as long as the shifts in other directions, and of other lengths along them; none is a shift itself."""
    angles = 2 * np.pi * np.arange(1, _DIRECTIONS) / _DIRECTIONS
    turns = [np.array([[np.cos(one), -np.sin(one)], [np.sin(one), np.cos(one)]]) for one in angles]
    half = _DIRECTIONS // 2 - 1  # straight back is what the shift of the other layer looks like
    return [turn @ shift for shift in shifts for place, turn in enumerate(turns) if place != half] + [
        length * shift for shift in shifts for length in _OTHER_LENGTHS
    ]


def _against_streets(tables: Tables) -> Iterator[tuple[str, np.ndarray, Measure]]:
    """Each layer's places with how to measure them to the nearest street."""
    if not len(tables.streets):
        return
    lines = tables.streets.geometry.to_numpy()
    tree = shapely.STRtree(lines)

    def measure(places: np.ndarray) -> np.ndarray:
        around = shapely.box(*(places - _FARTHEST_M).T, *(places + _FARTHEST_M).T)
        place, line = tree.query(around)  # measuring all of these is quicker than looking for the nearest one by one
        metres = np.full(len(places), _FARTHEST_M)
        np.minimum.at(metres, place, shapely.distance(shapely.points(places[place]), lines[line]))
        return metres

    for table in ("facilities", "dwellings", "candidates"):
        places = _spots(getattr(tables, table).geometry.to_numpy())
        yield table, places[_drawn(places)], measure
    corners = _corners(tables.units)
    yield "units", corners[_drawn(corners)], measure


def _against_units(tables: Tables) -> Iterator[tuple[str, np.ndarray, Measure]]:
    """Places that state their unit, with how to measure them to that unit; nothing where they lie inside it."""
    units = tables.units
    shapes, last = units.geometry.to_numpy(), np.flatnonzero(~units["unit_id"].duplicated(keep="last").to_numpy())
    for table in ("facilities", "dwellings"):
        frame = getattr(tables, table)
        rows = np.flatnonzero((frame["unit_id"] != "").to_numpy()) if "unit_id" in frame else np.array([], dtype=int)
        at = places_among(frame["unit_id"].iloc[rows], units["unit_id"].iloc[last]) if len(rows) else rows
        rows, at = rows[at >= 0], last[at[at >= 0]]
        stated = np.unique(at)
        kept = np.isin(at, stated[shapely.is_valid(shapes[stated])])
        places, own = _spots(frame.geometry.to_numpy()[rows[kept]]), shapes[at[kept]]
        there = np.isfinite(places).all(axis=1)
        drawn = _drawn(places[there], np.argsort(np.argsort(units["unit_id"].to_numpy()))[at[kept][there]])
        yield table, places[there][drawn], _to_own(own[there][drawn])


def _to_own(units: np.ndarray) -> Measure:
    shapely.prepare(units)
    return lambda places: np.asarray(shapely.distance(shapely.points(places), units))


def _spots(shapes: np.ndarray) -> np.ndarray:
    """X and y of points; NaN where there are none."""
    return np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])


def _corners(units: gpd.GeoDataFrame) -> np.ndarray:
    """Points along the boundaries of some units of the tier that has most."""
    shapes = units.geometry[units["tier"] == units["tier"].mode().iloc[0]].to_numpy() if len(units) else np.array([])
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    shapes = shapes[np.lexsort(shapely.bounds(shapes).reshape(-1, 4).T)]  # whatever the order of the rows
    some = np.random.default_rng(0).permutation(len(shapes))[:_MOST_UNITS]
    lines = shapely.get_parts(shapely.boundary(shapes[some]))
    return shapely.get_coordinates(shapely.segmentize(lines[shapely.length(lines) > 0], _BOUNDARY_STEP_M))


def _drawn(places: np.ndarray, tie: np.ndarray | None = None) -> np.ndarray:
    """Positions of some places, each spot once; the same ones whatever the order of the rows.

    Of places at one spot the one with the least coordinates stands for all, then the one with the least `tie`.
    """
    there = np.flatnonzero(np.isfinite(places).all(axis=1))
    found, ties = places[there], np.zeros(len(there)) if tie is None else tie[there]
    order = np.lexsort((ties, *found.T, *np.round(found).T))
    spots = np.round(found[order])
    first = np.append(True, (np.diff(spots, axis=0) != 0).any(axis=1)) if len(spots) else np.zeros(0, dtype=bool)
    drawn: np.ndarray = np.random.default_rng(0).permutation(there[order[first]])[:_MOST_PLACES]
    return drawn


def _told(tables: Tables, table: str, reference: str, one: Shift) -> Fault:
    stated = source_of(tables, table, None).datum
    where, datum = replace(where_of(tables, table), row=None), one.datum or stated
    values = _evidence(reference, one, datum) | {"datum": datum}
    if not one.datum:
        return fault("needless-datum", where, **values)
    if stated in SHIFTED:
        return fault("wrong-datum", where, **values | {"datum": stated, "right": one.datum})
    certain = not stated and _chance(one) >= _CERTAIN
    return fault("shifted-layer" if certain else "perhaps-shifted-layer", where, **values)


def _chance(one: Shift) -> float:
    """How likely a shift is, in percent; nobody can be surer than 99.9."""
    return float(min(99.9, 100 / (1 + np.exp(-one.sure))))


def _evidence(reference: str, one: Shift, datum: str) -> dict[str, str]:
    chance = f"{_chance(one):.3g}"
    return {
        "name": _SAID[datum]["en"],
        "name_zh": _SAID[datum]["zh"],
        "reference": _NEAREST[reference]["en"],
        "reference_zh": _NEAREST[reference]["zh"],
        "before_m": f"{one.before_m:.0f}",
        "after_m": f"{one.after_m:.0f}",
        "before_share": f"{100 * one.off_before_share:.0f}",
        "after_share": f"{100 * one.off_after_share:.0f}",
        "confidence": f"{chance} %",
        "confidence_zh": f"{chance}%",
        "n": str(one.n_places),
    }
