"""Floor area within reach: as a naive twin has it where all is known, and never outside its bounds where it is not."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely import box

import lifecircle as lc
from lifecircle.catching import walks_within
from lifecircle.flow import assess_tables
from lifecircle.ledger import ledger_entries
from lifecircle.places import unit_of_places
from lifecircle.reach import dwelling_reach
from lifecircle.reachable import Reachable, reachable_areas
from lifecircle.rollup import units_of_study
from lifecircle.snapping import place_on_streets
from lifecircle.tables import Tables
from naive_comply import NaiveBook
from naive_reachable import naive_reachable, naive_unit_means, weights_of
from oracles import naive_pairs, naive_states
from test_comply import rule, standard
from towns import dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

DAY = dt.date(2025, 12, 31)
KIND = "community_service"
LIMIT_MIN, SNAP_M, CROW_M = 4.0, 100.0, 240.0
FAR_AWAY = box(-9000, -9000, 9000, 9000)
MARGIN = 2e-6  # figures are whole millionths
NAN = math.nan
RANDOM = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DECAYS = st.sampled_from(["none", "gaussian"])


@dataclass(frozen=True)
class Within:
    """A town with what is within reach, and what its figures are made of."""

    tables: Tables
    ranges: dict[str, tuple[float, float] | None]
    decay: str
    found: Reachable
    leaving: frozenset[str]
    pairs: dict[tuple[str, str], float]
    lost: frozenset[str]
    book: NaiveBook


def within_reach(tables: Tables, decay: str, ranges: dict[str, Any] | None = None) -> Within:
    ranges = {"floor_area_m2": None, "households": None} | (ranges or {})
    network = lc.build_network(tables.streets, extent=tables.extent)
    home = place_on_streets(network, tables.dwellings, key="dwelling_id", snap_m=SNAP_M)
    goal = place_on_streets(network, tables.facilities, key="facility_id", snap_m=SNAP_M)
    reach = dwelling_reach(network, home, goal, [KIND], limit_min=LIMIT_MIN)
    walks = walks_within(network, home, goal, reach, limit_min=LIMIT_MIN, decay=decay)
    homes = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
    entries = ledger_entries(
        tables.facilities, tables.units, date=DAY, kinds={KIND}, unknown_m2=ranges["floor_area_m2"]
    )
    units = units_of_study(tables.units, homes, entries, name="toy", unknown_households=ranges["households"])
    found = reachable_areas(walks, entries, units, homes, tables.units, kinds=[KIND])
    given = (tables.streets, tables.dwellings, tables.facilities)
    pairs = naive_pairs(*given, 1.0, SNAP_M, LIMIT_MIN)
    _, _, exits = naive_states(*given, [KIND], 1.0, SNAP_M, LIMIT_MIN, extent=tables.extent)
    lines = shapely.union_all(tables.streets.geometry.to_numpy())
    rows = [(row["dwelling_id"], row["geometry"]) for row in tables.dwellings.to_dict("records")]
    rows += [(row["facility_id"], row["geometry"]) for row in tables.facilities.to_dict("records")]
    lost = frozenset(key for key, point in rows if lines.distance(point) > SNAP_M)
    leaving = frozenset(key for key, minutes in exits.items() if minutes <= LIMIT_MIN)
    return Within(tables, ranges, decay, found, leaving, pairs, lost, NaiveBook(tables, DAY, ranges))


@st.composite
def towns(draw, *, hidden: bool):  # type: ignore[no-untyped-def]
    """Three neighbourhoods of 200 m on a grid with pieces missing; places on it, beside it and outside all units."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pieces = [(i, j, i + 1, j) for i in range(6) for j in range(4)] + [
        (i, j, i, j + 1) for i in range(7) for j in range(3)
    ]
    cut = [piece for piece in pieces if chance.random() < 0.25]

    def spots(n: int) -> list[tuple[float, float]]:
        east, north = [-60, 0, 55, 130, 250, 300, 420, 600, 640], [0, 20, 150, 300, *([-150] if hidden else [])]
        return [(float(chance.choice(east)), float(chance.choice(north))) for _ in range(n)]

    def numbers(low: int, high: int, n: int, share: float) -> list[float]:
        values = chance.integers(low, high, n).astype(float)
        return list(np.where(chance.random(n) < share, NAN, values)) if hidden else list(values)

    sites, homes = spots(draw(st.integers(1, 5))), spots(draw(st.integers(1, 7)))
    dwellings = dwellings_at(homes, numbers(0, 60, len(homes), 0.25))
    units = nested_units([NAN] * 3, width_m=200.0, height_m=400.0)
    if hidden:
        units = _stated(chance, units, dwellings)
    facilities = facilities_at(sites, areas=numbers(50, 900, len(sites), 0.3))
    extent = None if hidden and chance.random() < 0.3 else FAR_AWAY
    return tables_of(units, facilities, dwellings, grid_streets(7, 4, without=cut), extent=extent)


def _stated(chance, units, dwellings):  # type: ignore[no-untyped-def]
    """Some neighbourhoods state a total: that of their dwellings, or more than those that are known."""
    inside = unit_of_places(dwellings, units).to_numpy()
    totals = []
    for unit, tier in zip(units["unit_id"], units["tier"], strict=True):
        known = dwellings.loc[inside == unit, "households"].sum()
        more = float(chance.choice([0, 0, 40])) if (inside == unit).any() else float(chance.choice([0, 50]))
        totals.append(known + more if tier == "neighbourhood" and chance.random() < 0.5 else NAN)
    return units.assign(households=totals)


def homes_of(book: NaiveBook) -> dict[str, list[str]]:
    return {unit: [home for one in book.members(unit) for home, _ in book.homes[one]] for unit in book.tier}


def known_numbers(town: Within) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Households by dwelling, areas by facility and totals by unit, where nothing is hidden."""
    dwellings, facilities = town.tables.dwellings, town.tables.facilities
    households = dict(zip(dwellings["dwelling_id"], dwellings["households"], strict=True))
    areas = dict(zip(facilities["facility_id"], facilities["floor_area_m2"], strict=True))
    totals = {unit: float(town.book.households(unit)[0]) for unit in town.book.tier}
    for unit, homes in homes_of(town.book).items():  # it has at least those that its dwellings count
        totals[unit] = max(totals[unit], sum(households[home] for home in homes))
    return households, areas, totals


@RANDOM
@given(towns(hidden=False), DECAYS)
def test_where_all_is_known_every_figure_is_the_twins(tables: Tables, decay: str) -> None:
    town = within_reach(tables, decay, {"households": (0.0, 0.0)})
    assume(not town.lost)
    households, areas, totals = known_numbers(town)
    got, _ = naive_reachable(weights_of(town.pairs, LIMIT_MIN, decay), households, areas)
    means = naive_unit_means(got, households, homes_of(town.book), totals)
    for unit, mean in means.items():
        assert town.found.units[unit].known, unit
        assert float(town.found.units[unit].low) == pytest.approx(mean, abs=MARGIN), unit
    for home, here in got.items():
        assert town.found.dwellings.loc[home].tolist() == pytest.approx([here, here], abs=1e-6), home


@RANDOM
@given(towns(hidden=False), DECAYS)
def test_what_all_get_is_what_all_reached_facilities_have(tables: Tables, decay: str) -> None:
    town = within_reach(tables, decay, {"households": (0.0, 0.0)})
    assume(not town.lost)
    households, areas, totals = known_numbers(town)
    _, shared = naive_reachable(weights_of(town.pairs, LIMIT_MIN, decay), households, areas)
    units = tables.units.loc[tables.units["tier"] == "neighbourhood", "unit_id"]
    inside = sum(float(town.found.units[unit].low) * totals[unit] / 100 for unit in units)
    alone = {home for home, _ in town.book.homes[""]}
    beside = sum(town.found.dwellings.loc[home, "low"] * households[home] / 100 for home in alone)
    assert inside + beside == pytest.approx(sum(areas[one] for one in shared), abs=1e-3)


def random_world(town: Within, chance: np.random.Generator):  # type: ignore[no-untyped-def]
    """Hidden areas, households and walks filled in: weights, households, areas, totals and who lives where."""
    book, tables = town.book, town.tables
    areas = {
        one["key"]: float(one["low"]) if one["area"] is not None else _between(chance, one["low"], one["high"], 2000)
        for one in book.facilities
    }
    points = dict(zip(tables.facilities["facility_id"], tables.facilities.geometry, strict=True))
    spots = dict(zip(tables.dwellings["dwelling_id"], tables.dwellings.geometry, strict=True))
    shapes = dict(zip(tables.units["unit_id"], tables.units.geometry, strict=True))
    households: dict[str, float] = {}
    for unit in [*book.above, ""]:
        low, high, known = book.own(unit) if unit else (0, math.inf, 0)
        households |= {home: float(number) for home, number in book.homes[unit] if number is not None}
        hidden = [home for home, number in book.homes[unit] if number is None]
        left = _between(chance, max(low - known, 0), max(high - known, 0), 300)
        if not hidden and unit:  # they live anywhere in the unit
            hidden, spots[f"ghost {unit}"] = [f"ghost {unit}"], shapes[unit]
        parts = chance.dirichlet([0.5] * len(hidden)) if hidden else []
        households |= {home: left * part for home, part in zip(hidden, parts, strict=True)}
    weights = weights_of(town.pairs, LIMIT_MIN, town.decay)
    share, unsure = chance.random(), town.leaving | town.lost | {key for key in spots if key.startswith("ghost")}
    for home, spot in spots.items():
        for goal, point in points.items():
            open_ = (home in unsure or goal in town.lost) and (home, goal) not in weights
            if open_ and spot.distance(point) <= CROW_M and chance.random() < share:
                weights[home, goal] = 1.0 if town.decay == "none" else float(chance.random())
    live = {unit: [*homes, *(f"ghost {one}" for one in book.members(unit))] for unit, homes in homes_of(book).items()}
    live = {unit: [home for home in homes if home in households] for unit, homes in live.items()}
    totals = {unit: sum(households[home] for home in homes) for unit, homes in live.items()}
    return weights, households, areas, totals, live


def _between(chance: np.random.Generator, low: float, high: float, most: float) -> float:
    low, high = float(low), float(min(high, max(low, most)))
    return float(chance.choice([low, high, low + (high - low) * chance.random()]))


@RANDOM
@given(towns(hidden=True), DECAYS, st.booleans(), st.integers(0, 2**32 - 1))
def test_no_way_to_fill_in_what_is_hidden_leads_outside_the_bounds(
    tables: Tables, decay: str, ranged: bool, seed: int
) -> None:
    ranges = {"floor_area_m2": (100.0, 700.0), "households": (30.0, 90.0)} if ranged else {}
    town, chance = within_reach(tables, decay, ranges), np.random.default_rng(seed)
    for _ in range(30):
        weights, households, areas, totals, live = random_world(town, chance)
        got, _ = naive_reachable(weights, households, areas)
        for unit, mean in naive_unit_means(got, households, live, totals).items():
            bounds = town.found.units[unit]
            assert float(bounds.low) <= mean + MARGIN, (unit, mean, bounds)
            assert bounds.high is None or mean <= float(bounds.high) + MARGIN, (unit, mean, bounds)
        for home in town.found.dwellings.index:
            low, high = town.found.dwellings.loc[home]
            if households[home] > 0:
                assert low - MARGIN <= got[home] <= high + MARGIN, (home, got[home], low, high)


def test_a_unit_has_at_least_the_households_that_its_dwellings_count() -> None:
    """It states 80, its dwellings hold 100 and all of them get 200 m² per 100 households: so does the unit."""
    homes, sites = dwellings_at([(100, 0), (150, 0)], [60.0, 40.0]), facilities_at([(120, 0)], areas=[200.0])
    units = nested_units([80.0, 0.0, 0.0], width_m=200.0, height_m=400.0)
    town = within_reach(tables_of(units, sites, homes, grid_streets(7, 4), extent=FAR_AWAY), "none")
    assert town.found.dwellings["low"].tolist() == [200.0, 200.0]
    assert {unit: town.found.units[unit].low for unit in ("N1", "C1", "S", "district")} == dict.fromkeys(
        ("N1", "C1", "S", "district"), 200
    )
    assert town.found.units["N1"].known


def test_dwellings_that_hold_more_households_than_their_unit_states_are_what_its_mean_is_over() -> None:
    homes = dwellings_at([(100, 0), (250, 0)], [100.0, 100.0])  # N1 states 60 households and its dwelling holds 100
    units = nested_units([60.0, NAN, 0.0], width_m=200.0, height_m=400.0)
    for area in (400.0, NAN):
        sites = facilities_at([(190, 0)], areas=[area])
        tables = tables_of(units, sites, homes, grid_streets(7, 4), extent=FAR_AWAY)
        bounds = within_reach(tables, "none", {"floor_area_m2": (100.0, 400.0)}).found.units["N1"]
        assert float(bounds.low) == (200.0 if area == 400 else 50.0)
        assert bounds.high is None or float(bounds.high) >= 400 / 200 * 100 - MARGIN, (area, bounds)


@RANDOM
@given(towns(hidden=False), DECAYS, st.integers(0, 2**32 - 1))
def test_where_units_state_other_numbers_than_their_dwellings_count_every_figure_is_the_twins(
    tables: Tables, decay: str, seed: int
) -> None:
    """They state as many or fewer; the mean is over all that the dwellings count."""
    chance = np.random.default_rng(seed)
    less = [float(np.floor(n * chance.choice([0.3, 0.8, 1.0]))) for n in _sums(tables)]
    tables = replace(tables, units=tables.units.assign(households=less))
    town = within_reach(tables, decay)
    assume(not town.lost)
    households, areas, totals = known_numbers(town)
    got, _ = naive_reachable(weights_of(town.pairs, LIMIT_MIN, decay), households, areas)
    for unit, mean in naive_unit_means(got, households, homes_of(town.book), totals).items():
        assert float(town.found.units[unit].low) == pytest.approx(mean, abs=MARGIN), unit
        assert town.found.units[unit].known, unit


@settings(RANDOM, max_examples=5)
@given(towns(hidden=False), DECAYS)
def test_a_rule_and_the_table_beside_the_administrative_figure_say_what_the_twin_says(
    tables: Tables, decay: str
) -> None:
    """The table is of the study's own walk without a decay; the rule has its own."""
    tables = replace(tables, units=tables.units.assign(households=_sums(tables)))
    tiers = ["neighbourhood", "circle", "subdistrict", "district"]
    asked = standard(
        rule(id="area", tiers=tiers),
        rule(id="within", measure="reachable_floor_area_per_100_households", tiers=tiers, limit_min=LIMIT_MIN,
             decay=decay),
    )  # fmt: skip
    study = toy_study(walk={"limit_min": LIMIT_MIN})
    result, town = assess_tables(study, tables, [asked]), within_reach(tables, decay)
    assume(not town.lost)
    households, areas, totals = known_numbers(town)
    for name, table, column, way in (
        ("within", result.units, "value", decay), ("area", result.reachable, "reachable_low", "none"),
    ):  # fmt: skip
        got, _ = naive_reachable(weights_of(town.pairs, LIMIT_MIN, way), households, areas)
        means = naive_unit_means(got, households, homes_of(town.book), totals)
        ours = table[table["rule_id"] == name].set_index("unit_id")[column]
        assert means == pytest.approx({unit: ours[unit] for unit in means}, abs=MARGIN), name


def _sums(tables: Tables) -> list[float]:
    """Households of the dwellings of each neighbourhood, 0 where there are none; nothing is stated above them."""
    inside = unit_of_places(tables.dwellings, tables.units).to_numpy()
    households = tables.dwellings["households"]
    return [
        float(households[inside == unit].sum()) if tier == "neighbourhood" else NAN
        for unit, tier in zip(tables.units["unit_id"], tables.units["tier"], strict=True)
    ]


@RANDOM
@given(towns(hidden=True), st.randoms(use_true_random=False))
def test_the_order_of_dwellings_and_facilities_changes_no_figure_within_reach(tables: Tables, random: Any) -> None:
    def mixed(table):  # type: ignore[no-untyped-def]
        order = list(range(len(table)))
        random.shuffle(order)
        return table.iloc[order].set_axis(["same"] * len(table), axis=0)

    turned = replace(tables, dwellings=mixed(tables.dwellings), facilities=mixed(tables.facilities))
    one, other = within_reach(tables, "none").found, within_reach(turned, "none").found
    assert one.units == other.units
    pd.testing.assert_frame_equal(one.dwellings.sort_index(), other.dwellings.sort_index())
