"""Circles 片区 where a study has none: neighbourhoods grouped around existing centres, by walking minutes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from lifecircle.borders import connected_parts
from lifecircle.circlemap import CircleMap, Numbers, Places, circle_map
from lifecircle.errors import TableError
from lifecircle.grouping import beginning, best_groups
from lifecircle.parts import Part, members, rater

NO_WAY_MIN = 60.0  # counted for every border between a neighbourhood and a centre that it has no way to
_TENTHS, _HUNDREDTHS = 10, 100  # households and minutes are taken to these, so that sums are exact


@dataclass(frozen=True)
class Objective:
    """What a grouping is judged by, the weightiest first, and the best that any could be.

    Attributes
    ----------
    n_no_way
        Neighbourhoods with households that have no way to the centre of their circle.
    out_of_range_households
        Households that circles have too many or lack, summed.
    household_minutes
        Households times minutes to their circle's centre; 60 minutes a border where there is no way.
    n_circles, n_without_centre
        Circles, and those of them that have no centre because there is none they could be made around.
    bound_out_of_range, bound
        The least that out_of_range_households and household_minutes could be; None if unknown.
    method
        "exact" where the grouping was proven to be the best, "heuristic" where it was not for some part of the map.

    """

    n_no_way: int
    out_of_range_households: float
    household_minutes: float
    n_circles: int
    n_without_centre: int
    bound_out_of_range: float
    bound: float | None
    method: Literal["exact", "heuristic"]

    def __str__(self) -> str:
        """One line for people."""
        parts = [f"{self.n_circles} circles ({self.method})"]
        parts += [f"{self.n_without_centre} of them without a centre"] if self.n_without_centre else []
        parts += [f"{self.n_no_way} neighbourhoods without a way to their centre"] if self.n_no_way else []
        out, least = f"{self.out_of_range_households:,.0f}", f"{self.bound_out_of_range:,.0f}"
        parts += [f"{out} households out of range" + ("" if out == least else f" (at least {least})")]
        bound = "" if self.bound is None or self.method == "exact" else f" (at least {self.bound:,.0f})"
        return "; ".join([*parts, f"{self.household_minutes:,.0f} household-minutes{bound}"])


@dataclass(frozen=True)
class Circles:
    """Circles as a layer to edit and read back, which neighbourhoods they are made of, and how good they are.

    Attributes
    ----------
    layer
        unit_id (key), name, tier (`circle`), parent_id, households (or the column the sizes came from), centre_id
        (empty where there is none), mean_min (walk to the centre, mean over the households that have a way; NaN where
        none has), in_range, geometry; by unit_id.
    members
        unit_id (key, a neighbourhood), circle_id, centre_id, minutes (NaN where there is no way or no centre), pinned;
        by unit_id.
    objective
        See `Objective`.

    """

    layer: gpd.GeoDataFrame
    members: pd.DataFrame
    objective: Objective

    def __repr__(self) -> str:
        """The objective on one line."""
        return f"Circles({self.objective})"


@dataclass(frozen=True)
class _Circle:
    inside: Places
    centre: int
    minutes: Numbers  # to the centre, NaN where there is no way
    counted: Numbers  # the same with what is counted where there is no way


def make_circles(
    neighbourhoods: gpd.GeoDataFrame,
    centres: pd.DataFrame,
    minutes: pd.DataFrame,
    *,
    size: tuple[float, float] = (17_000, 32_000),
    pins: Mapping[str, str] | None = None,
    keep: Iterable[str] = (),
    size_of: str = "households",
    unknown: float | None = None,
    touch_m: float = 1.0,
    exact_up_to: int = 40,
) -> Circles:
    """Neighbourhoods grouped into connected circles, each around one existing centre that lies in it.

    A circle lies in one subdistrict, and its neighbourhoods hang together by borders longer than 10 m. What hangs
    together in a subdistrict is grouped by itself; where no centre lies in it, it is one circle without a centre. Of
    all groupings that one is taken in which (1) the fewest inhabited neighbourhoods have no way to their centre, (2)
    the fewest households are too many or too few for the size range, summed over circles, (3) households times minutes
    to their centre are least. An empty neighbourhood weighs a tenth of a household in (3), so that it too goes to a
    near centre. The same tables in any order give the same circles.

    Parameters
    ----------
    neighbourhoods
        unit_id (key), name, parent_id (the subdistrict; empty ones are one group), households (0 is allowed), polygons
        in a metric CRS.
    centres
        facility_id (key), name, unit_id (the neighbourhood that it lies in).
    minutes
        Mean walking minutes of the households of a neighbourhood (index unit_id) to a centre (column facility_id);
        NaN where there is no way.
    size
        Fewest and most households of a circle; the standard's range, here that of a 15-minute circle.
    pins
        unit_id of a neighbourhood to facility_id of the centre that it must have.
    keep
        facility_id of centres that a circle must be made around.
    size_of
        The column that is counted, such as `people`.
    unknown
        The number to take where a neighbourhood's is unknown; without it, unknown ones are an error.
    touch_m
        Boundaries this near are one border, in a gap or an overlap.
    exact_up_to
        Connected parts of at most so many neighbourhoods are grouped exactly, by an integer programme with a limit on
        its search tree; larger ones by moves from several starts and exact programmes for circles beside each other.

    Returns
    -------
    Circles
        `layer`, `members`, `objective`. Keys are parent_id-C01, -C02, … in the order of the centres' keys.

    Raises
    ------
    TableError
        A table breaks its contract, sizes are unknown, or pins and kept centres leave no connected circles.

    Notes
    -----
    The default range is GB 50180-2018's for a 15-minute circle (17,000 to 32,000 dwellings). The order of
    the objectives, the 10 m and the 60 minutes that a missing way counts per border are this project's own.

    Examples
    --------
    >>> from shapely import box
    >>> row = {"unit_id": ["N1", "N2", "N3"], "name": ["", "", ""], "parent_id": ["S"] * 3, "households": [30, 30, 60]}
    >>> row = gpd.GeoDataFrame(row, geometry=[box(x, 0, x + 100, 99) for x in (0, 100, 200)], crs="EPSG:4549")
    >>> halls = pd.DataFrame({"facility_id": ["F1", "F3"], "name": ["东", "西"], "unit_id": ["N1", "N3"]})
    >>> walks = pd.DataFrame({"F1": [1, 5, 9], "F3": [9, 4, 1]}, index=["N1", "N2", "N3"])
    >>> circles = make_circles(row, halls, walks, size=(50, 70))
    >>> circles.members["circle_id"].tolist(), circles.objective.household_minutes
    (['S-C01', 'S-C01', 'S-C02'], 240.0)

    """
    place = circle_map(
        neighbourhoods,
        centres,
        minutes,
        size=size,
        pins=pins or {},
        keep=keep,
        size_of=size_of,
        unknown=unknown,
        touch_m=touch_m,
    )
    found = [_grouped(place, part, exact_up_to) for part in connected_parts(len(place.sizes), place.pairs)]
    circles = [circle for one, _, _ in found for circle in one]
    layer, belongs = _tables(place, circles, size_of)
    return Circles(layer, belongs, _objective(place, circles, [(least, proven) for _, least, proven in found]))


# --- Grouping -------------------------------------------------------------------------------------------------------


def _grouped(place: CircleMap, inside: Places, exact_up_to: int) -> tuple[list[_Circle], tuple[float, float], bool]:
    """Circles of what hangs together, the least out of range and minutes they could have, and whether it is proven."""
    centres = np.flatnonzero(np.isin(place.homes, inside))
    _check_pins(place, inside, centres)
    if not len(centres):
        out = float(_out(place, inside))
        nowhere = np.full(len(inside), np.nan)
        return [_Circle(inside, -1, nowhere, np.zeros(len(inside)))], (out, 0.0), True
    counted = _counted(place, inside, centres)
    part = _part(place, inside, centres, counted, place.pins)
    best = best_groups(part, exact_up_to=exact_up_to)
    if best is None:
        raise _impossible(place, inside, centres, counted)
    circles, rate = [], rater(part)
    for group in best.groups:
        rows = members(group)
        rated = rate(group)
        centre = rated.centre if rated else 0
        own = place.minutes[inside[rows], centres[centre]]
        circles.append(_Circle(inside[rows], int(centres[centre]), own, counted[rows, centre]))
    return circles, (best.least[1] / _TENTHS, best.least[2] / _TENTHS / _HUNDREDTHS), best.proven


def _check_pins(place: CircleMap, inside: Places, centres: Places) -> None:
    """Pins stay within what hangs together."""
    apart = {one: place.pins[one] for one in inside.tolist() if place.pins.get(one, -1) not in {-1, *centres.tolist()}}
    if apart:
        raise TableError(
            f"pins: no chain of borders joins {place.named(apart)}; expected a centre that it hangs together with. "
            "Unpin them, or state a larger touch_m if a gap was drawn between them"
        )


def _part(
    place: CircleMap,
    inside: Places,
    centres: Places,
    counted: Numbers,
    pins: Mapping[int, int],
) -> Part:
    sizes = np.rint(place.sizes[inside] * _TENTHS).astype(np.int64)
    number = {int(one): here for here, one in enumerate(inside)}
    borders = [0] * len(inside)
    for one, other in place.pairs[np.isin(place.pairs[:, 0], inside)].tolist():
        borders[number[one]] |= 1 << number[other]
        borders[number[other]] |= 1 << number[one]
    must = place.musts(pins)
    goal = {int(centre): here for here, centre in enumerate(centres)}
    return Part(
        sizes=sizes,
        low=round(place.low * _TENTHS),
        high=round(place.high * _TENTHS),
        costs=np.rint(counted * _HUNDREDTHS).astype(np.int64) * np.maximum(sizes, 1)[:, None],
        no_way=np.isnan(place.minutes[np.ix_(inside, centres)]) & (place.sizes[inside] > 0)[:, None],
        homes=np.array([number[int(home)] for home in place.homes[centres]], dtype=np.int64),
        borders=tuple(borders),
        musts=np.array([goal[must[int(one)]] if int(one) in must else -1 for one in inside], dtype=np.int64),
    )


def _counted(place: CircleMap, inside: Places, centres: Places) -> Numbers:
    """Minutes, with 60 for every border between where there is no way."""
    own = place.minutes[np.ix_(inside, centres)]
    if not np.isnan(own).any():
        return own
    here = np.searchsorted(inside, place.pairs[np.isin(place.pairs[:, 0], inside)])
    links = coo_array((np.ones(len(here)), (here[:, 0], here[:, 1])), shape=(len(inside), len(inside)))
    n_borders = shortest_path(links.tocsr(), directed=False, unweighted=True)
    between = n_borders[:, np.searchsorted(inside, place.homes[centres])]
    return np.where(np.isnan(own), NO_WAY_MIN * np.maximum(between, 1), own)


def _impossible(
    place: CircleMap,
    inside: Places,
    centres: Places,
    counted: Numbers,
) -> TableError:
    """The fewest pins that can't be kept together: none of those named can be left out of the quarrel."""
    pins = {one: centre for one, centre in place.pins.items() if one in set(inside.tolist())}
    for one in sorted(pins):
        fewer = {other: centre for other, centre in pins.items() if other != one}
        if beginning(_part(place, inside, centres, counted, fewer)) is None:
            pins = fewer
    return TableError(
        f"pins: {place.named(pins)} leave no connected circles; expected a chain of borders from each to its "
        "centre that crosses no other circle. Unpin one of them"
    )


# --- What comes out -------------------------------------------------------------------------------------------------


def _out(place: CircleMap, inside: Places) -> float:
    total = float(place.sizes[inside].sum())
    return max(0.0, place.low - total, total - place.high)


def _tables(place: CircleMap, circles: list[_Circle], size_of: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    rows = _keyed(place, circles)
    shapes = place.units.geometry.to_numpy()
    layer = gpd.GeoDataFrame(
        {
            "unit_id": [key for key, _ in rows],
            "name": [_name(place, circle) for _, circle in rows],
            "tier": "circle",
            "parent_id": [place.units["parent_id"].iloc[circle.inside[0]] for _, circle in rows],
            size_of: [float(place.sizes[circle.inside].sum()) for _, circle in rows],
            "centre_id": [_centre_id(place, circle) for _, circle in rows],
            "mean_min": [_mean_min(place, circle) for _, circle in rows],
            "in_range": [_out(place, circle.inside) == 0 for _, circle in rows],
        },
        geometry=[shapely.union_all(shapes[circle.inside]) for _, circle in rows],
        crs=place.units.crs,
    )
    return layer, _members(place, rows)


def _members(place: CircleMap, rows: list[tuple[str, _Circle]]) -> pd.DataFrame:
    order = np.argsort(np.concatenate([circle.inside for _, circle in rows]))
    n_members = [len(circle.inside) for _, circle in rows]
    return pd.DataFrame(
        {
            "unit_id": place.units["unit_id"].to_numpy(),
            "circle_id": np.repeat([key for key, _ in rows], n_members)[order],
            "centre_id": np.repeat([_centre_id(place, circle) for _, circle in rows], n_members)[order],
            "minutes": np.concatenate([circle.minutes for _, circle in rows])[order],
            "pinned": np.isin(np.arange(len(order)), list(place.pins)),
        }
    ).astype({"unit_id": "str", "circle_id": "str", "centre_id": "str"})


def _keyed(place: CircleMap, circles: list[_Circle]) -> list[tuple[str, _Circle]]:
    """Circles with their keys, by key; numbers that would give an existing key are left out."""
    parents = place.units["parent_id"].to_numpy()
    taken = {*place.units["unit_id"], *parents}
    order = sorted(circles, key=lambda one: (parents[one.inside[0]], one.centre < 0, max(one.centre, 0), one.inside[0]))
    last: dict[str, int] = {}
    rows = []
    for circle in order:
        parent = parents[circle.inside[0]]
        number = last.get(parent, 0) + 1
        while (key := f"{parent}-C{number:02d}".lstrip("-")) in taken:
            number += 1
        last[parent] = number
        taken.add(key)
        rows.append((key, circle))
    return sorted(rows, key=lambda row: row[0])


def _centre_id(place: CircleMap, circle: _Circle) -> str:
    return "" if circle.centre < 0 else str(place.centres["facility_id"].iloc[circle.centre])


def _name(place: CircleMap, circle: _Circle) -> str:
    """The centre's name, or its largest neighbourhood's where it has no centre, as a 片区."""
    if circle.centre >= 0:
        row = place.centres.iloc[circle.centre]
        return f"{row['name'] or row['facility_id']}片区"
    row = place.units.iloc[circle.inside[int(np.argmax(place.sizes[circle.inside]))]]
    return f"{row['name'] or row['unit_id']}片区"


def _mean_min(place: CircleMap, circle: _Circle) -> float:
    walks = ~np.isnan(circle.minutes)
    sizes = place.sizes[circle.inside][walks]
    return float((sizes * circle.minutes[walks]).sum() / sizes.sum()) if sizes.sum() else float("nan")


def _n_no_way(place: CircleMap, circle: _Circle) -> int:
    lost = np.isnan(circle.minutes) & (place.sizes[circle.inside] > 0)
    return int(lost.sum()) if circle.centre >= 0 else 0


def _objective(place: CircleMap, circles: list[_Circle], parts: list[tuple[tuple[float, float], bool]]) -> Objective:
    exact = all(proven for _, proven in parts)
    out = sum(_out(place, circle.inside) for circle in circles)
    walked = sum(float((place.sizes[circle.inside] * circle.counted).sum()) for circle in circles)
    return Objective(
        n_no_way=sum(_n_no_way(place, circle) for circle in circles),
        out_of_range_households=out,
        household_minutes=walked,
        n_circles=len(circles),
        n_without_centre=sum(circle.centre < 0 for circle in circles),
        bound_out_of_range=out if exact else min(out, sum(least[0] for least, _ in parts)),
        bound=walked if exact else min(walked, sum(least[1] for least, _ in parts)),
        method="exact" if exact else "heuristic",
    )
