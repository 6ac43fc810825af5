"""Every measure is as wide as what is hidden makes it, and no wider: brute force over all that it can be."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely import Point, box

from lifecircle.asking import missing_number_table
from lifecircle.comply import judge_units, verdict_table
from lifecircle.findings import View
from lifecircle.ledger import ledger_entries, ledger_table
from lifecircle.places import unit_of_places
from lifecircle.pools import pools_of_rules
from lifecircle.rollup import units_below, units_of_study
from lifecircle.standards import UNITS, Rule, Standard, Text
from lifecircle.study import Count
from lifecircle.tables import Tables, completed, empty_table
from naive_comply import NaiveBook, naive_verdicts
from naive_fillings import (
    ENDLESS,
    TINY,
    World,
    ends,
    fillings,
    hidden_numbers,
    inner_filling,
    n_fillings,
    passes,
    value_of,
)
from oracles import disagreements
from towns import CRS

DAY, LATER = dt.date(2025, 6, 30), dt.date(2027, 6, 30)
KINDS = ("clinic", "school")
SERVICES = ("meals", "care")
WALK = ("adult", 15.0)
WORDS = Text(zh="测试", en="test")
TIERS = ("neighbourhood", "circle", "subdistrict", "district")
LOWEST = ("neighbourhood",)
RANDOM = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def rule(name: str, measure: str, value: float | None, tiers: tuple[str, ...] = TIERS, **more: object) -> Rule:
    given = {"id": name, "name": WORDS, "measure": measure, "value": value, "unit": UNITS[measure], "tiers": tiers}
    return Rule.model_validate(given | {"text": WORDS} | more)


def standard(*rules: Rule, **more: object) -> Standard:
    given = {"id": "test", "title": WORDS, "status": "in_force", "scope": WORDS, "source": "this test", "rules": rules}
    return Standard.model_validate(given | more)


ALL = standard(
    rule("units", "met_units_share", 0.5, ("district", "circle"), of_tier="neighbourhood", of_rules=("area", "size")),
    rule("urban", "met_units_share", 1, ("district",), of_tier="neighbourhood", of_rules=("reach",),
         urban_rural="urban"),
    rule("area", "floor_area_per_100_households", 35, kinds=KINDS),
    rule("part", "facilities_count", 1, LOWEST, kinds=KINDS, target_share=0.5, target_date="2025-06-30"),
    rule("own", "floor_area_per_100_households", 35, kinds=KINDS, basis="own_tier"),
    rule("at-most", "floor_area_per_100_households", 70, kinds=("school",), operator="<="),
    rule("rural", "floor_area_per_100_households", 20, LOWEST, kinds=KINDS, urban_rural="rural", target_share=0.5),
    rule("size", "smallest_facility_floor_area", 300, kinds=KINDS),
    rule("schools", "smallest_facility_floor_area", 300, kinds=("school",), basis="own_tier"),
    rule("canteens", "road_distance_m", 50, kinds=("canteen",), operator="<="),
    rule("count", "facilities_count", 2, kinds=("clinic",)),
    rule("large", "facilities_count", 1, kinds=KINDS, least_m2=250),
    rule("own-count", "facilities_count", 1, kinds=KINDS, basis="own_tier"),
    rule("service", "service_area_share", 0.6, kinds=KINDS),
    rule("offers", "offered_services_share", 1, services=SERVICES),
    rule("walked", "offered_services_share", 0.5, services=SERVICES, limit_min=15),
    rule("road", "road_distance_m", 50, kinds=KINDS, operator="<="),
    rule("reach", "reached_households_share", 0.5, kinds=("clinic",), limit_min=15),
    rule("reach-any", "reached_households_share", 0.85, kinds=KINDS, limit_min=15),
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Small:
    """A small town: tables, what each dwelling reaches, metres to roads, and what the study says of the unknown."""

    tables: Tables
    states: dict
    roads: dict
    ranges: dict
    count: Count = field(default_factory=Count)

    def __repr__(self) -> str:
        """Households, facilities and dwellings in short."""
        sites = ["floor_area_m2", "service_area_m2", "office_area_m2", "kind", "status", "serves", "part_of", "site_of"]
        tables = [
            self.tables.units[["unit_id", "households", "urban_rural"]],
            self.tables.facilities[sites],
            self.tables.dwellings[["households", "geometry"]],
        ]
        shown = "\n".join(table.to_string() for table in tables)
        return f"{shown}\n{self.states} {self.roads} {self.ranges} {self.count}"

    def _repr_pretty_(self, printer, cycle: bool) -> None:  # type: ignore[no-untyped-def]
        printer.text(repr(self))


# --- What the package and the twins say -----------------------------------------------------------------------------


def held(town: Small, standards: list[Standard], *, day: dt.date = DAY, projected: bool = False):  # type: ignore[no-untyped-def]
    """The judgements of the package, its ledger, and the units."""
    tables = town.tables
    homes = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
    rules = [one for each in standards for one in each.rules]
    kinds = {kind for one in rules if one.measure == "floor_area_per_100_households" for kind in one.kinds}
    entries = ledger_entries(
        tables.facilities, tables.units, date=day, kinds=kinds, unknown_m2=town.ranges["floor_area_m2"],
        count=town.count, projected=projected,
    )  # fmt: skip
    units = units_of_study(tables.units, homes, entries, name="test", unknown_households=town.ranges["households"])
    keys = pd.Index(homes["dwelling_id"])
    targets = sorted({target for _, target in town.states}) or [*KINDS, *(f"service_{one}" for one in SERVICES)]
    columns = {f"reach_{one}": [town.states.get((home, one), "unknown") for home in keys] for one in targets}
    minutes = {f"minutes_{one}": np.full(len(keys), math.nan) for one in targets}
    reach = pd.DataFrame(columns | minutes, index=keys).assign(exit_min=math.nan)
    judged = []
    for each in standards:
        reached, around = pools_of_rules(each.rules, units, homes, {WALK: reach})
        view = View(
            units, units_below(units), reached=reached, around=around, road_m=town.roads,
            split_sites=town.count.split_sites,
        )  # fmt: skip
        judged += judge_units(each, view, day=day)
    beside = pd.DataFrame(index=pd.Index(tables.facilities["facility_id"]))
    return judged, ledger_table(tables.facilities, entries, tables.units, beside), units


def verdicts(town: Small, *standards: Standard) -> pd.DataFrame:
    later = held(town, [*standards], day=LATER, projected=True)[0]
    return verdict_table(held(town, [*standards])[0], day=DAY, projected=later)


def book_of(town: Small) -> NaiveBook:
    return NaiveBook(town.tables, DAY, town.ranges, count=town.count, kinds=set(KINDS))


def worlds_of(town: Small, book: NaiveBook) -> list[World]:
    hidden = hidden_numbers(book, town.states, town.roads, SERVICES)
    return [World(book, town.states, town.roads, told) for told in fillings(hidden)]


# --- Small towns ----------------------------------------------------------------------------------------------------


@st.composite
def small_towns(draw, most: int = 64):  # type: ignore[no-untyped-def]
    """Three neighbourhoods in two circles in a subdistrict, a few facilities and dwellings, a few numbers hidden."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ranges = draw(st.sampled_from([(None, None), ((100.0, 400.0), (30.0, 90.0)), ((50.5, 600.0), None)]))
    count = Count(
        small_sites=draw(st.sampled_from(["count", "count", "exclude"])),
        split_sites=draw(st.sampled_from(["each", "together"])),
    )
    homes, sites = dwellings(chance, draw(st.integers(0, 4))), facilities(chance, draw(st.integers(0, 4)))
    tables = Tables(
        units=units(chance), facilities=sites, dwellings=homes, crs=CRS,
        **{name: empty_table(name, CRS) for name in ("streets", "ground", "candidates")},
    )  # fmt: skip
    targets = [*KINDS, *(f"service_{one}" for one in SERVICES)]
    words = ["reached"] * 5 + ["not_reached"] * 3 + ["unknown"]
    states = {(home, target): str(chance.choice(words)) for home in homes["dwelling_id"] for target in targets}
    roads = {key: float(chance.choice([0, 12.5, 50, 50.1])) for key in sites["facility_id"] if chance.random() < 0.9}
    town = Small(tables, states, roads, dict(zip(("floor_area_m2", "households"), ranges, strict=True)), count)
    assume(n_fillings(hidden_numbers(book_of(town), states, roads, SERVICES)) <= most)
    return town


def units(chance: np.random.Generator) -> gpd.GeoDataFrame:
    rows = [(f"N{n}", "neighbourhood", f"C{n // 2}", box(100 * n, 0, 100 * n + 100, 100)) for n in range(3)]
    rows += [("C0", "circle", "S", box(0, 0, 200, 100)), ("C1", "circle", "S", box(200, 0, 300, 100))]
    rows += [("S", "subdistrict", "", box(0, 0, 300, 150))]
    keys, tiers, parents, shapes = (list(column) for column in zip(*rows, strict=True))
    households = chance.choice([100, 200, 857, 0, math.nan], 3, p=[0.3, 0.25, 0.2, 0.1, 0.15])
    sorts = ["urban", "rural", "urban", "rural", "urban", "rural", "urban", "rural", "urban", ""]
    columns = {
        "unit_id": keys,
        "name": keys,
        "tier": tiers,
        "parent_id": parents,
        "households": [*map(float, households), math.nan, math.nan, math.nan],
        "urban_rural": [*(str(one) for one in chance.choice(sorts, 3)), "urban", "urban", "urban"],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def dwellings(chance: np.random.Generator, n: int) -> gpd.GeoDataFrame:
    spots = [Point(chance.choice([50, 100, 150, 250, 350]), chance.choice([50, 50, 50, 130])) for _ in range(n)]
    columns = {
        "dwelling_id": pd.Series([f"D{place}" for place in range(n)], dtype="str"),
        "households": pd.Series(chance.integers(0, 90, n), dtype="float64").mask(chance.random(n) < 0.2),
        "unit_id": pd.Series([""] * n, dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(spots, crs=CRS), crs=CRS)


def facilities(chance: np.random.Generator, n: int) -> gpd.GeoDataFrame:
    def texts(*choices: str) -> pd.Series:
        return pd.Series([str(one) for one in chance.choice(choices, n)], dtype="str")

    def days(*choices: str) -> pd.Series:
        return pd.Series(np.array(choices, dtype="datetime64[us]")[chance.integers(0, len(choices), n)])

    spots = [Point(chance.choice([50, 100, 150, 250, 350]), chance.choice([50, 50, 50, 130])) for _ in range(n)]
    areas = pd.Series(chance.choice([35, 70, 120.5, 299.99, 300, 800], n), dtype="float64")
    areas = areas.mask(chance.random(n) < 0.25)
    service = areas.fillna(90) * pd.Series(chance.choice([0.6, 0.5, 0.7, 1.0], n), dtype="float64")
    office = pd.Series(chance.choice([0, 20, 30], n), dtype="float64").mask(chance.random(n) < 0.6)
    columns = {
        "facility_id": pd.Series([f"F{place}" for place in range(n)], dtype="str"),
        "name": texts("one"),
        "kind": texts("clinic", "clinic", "school", "canteen"),
        "tier": texts("", "", "neighbourhood", "circle"),
        "floor_area_m2": areas,
        "service_area_m2": service.round(2).mask((chance.random(n) < 0.2) | office.notna()),
        "office_area_m2": office,
        "status": texts(*["open"] * 9, "", "closed", "planned", "under_construction"),
        "opens_on": days("NaT", "NaT", "2020-01-01", "2025-06-30", "2026-07-01"),
        "lease_from": days(*["NaT"] * 4, "2025-06-30", "2025-07-01"),
        "lease_until": days(*["NaT"] * 6, "2025-06-29", "2025-06-30"),
        "serves": texts(*[""] * 5, "N0:0.6;N1:0.4", "N1:0.3;N2:0.2", "C0", "C0:0.5;N0:0.25"),
        "part_of": texts(*[""] * 6, "F0", "F1"),
        "site_of": texts(*[""] * 3, "F0"),
        "services": texts("meals", "meals;care", "care", "meals", "care", "meals;care", ""),
    }
    table = pd.DataFrame(columns)
    table.loc[table["facility_id"] == "F0", ["part_of", "site_of"]] = ""
    table.loc[(table["facility_id"] == "F1") & (table["part_of"] == "F1"), "part_of"] = ""
    table.loc[(table["part_of"] == "F1") & (n < 2), "part_of"] = ""
    table.loc[table["part_of"] != "", "site_of"] = ""
    return completed(gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(spots, crs=CRS), crs=CRS), "facilities")


# --- The figures ----------------------------------------------------------------------------------------------------


def close(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6) or (one > ENDLESS and other > ENDLESS)


def rows_of(town: Small, *standards: Standard) -> dict[tuple[str, str], dict[str, object]]:
    found = verdicts(town, *standards).to_dict("records")
    return {(str(row["rule_id"]), str(row["unit_id"])): row for row in found}


def brute(town: Small) -> dict[tuple[str, str], list]:  # type: ignore[type-arg]
    """Figure and gap of every rule and unit in every world."""
    book = book_of(town)
    worlds = worlds_of(town, book)
    return {
        (one.id, unit): [value_of(world, ALL, one, unit) for world in worlds]
        for one in ALL.rules
        for unit, tier in book.tier.items()
        if tier in one.tiers
    }


def _beyond(bounds: tuple[float, float], value: float) -> bool:
    low, high = bounds
    return not (low - 1e-6 <= value <= high + 1e-6 or close(low, value) or close(high, value))


@RANDOM
@given(small_towns(), st.integers(0, 2**32 - 1))
def test_no_way_to_fill_in_what_is_hidden_gives_a_figure_beyond_its_bounds(town: Small, seed: int) -> None:
    ours, book, chance = rows_of(town, ALL), book_of(town), np.random.default_rng(seed)
    hidden = hidden_numbers(book, town.states, town.roads, SERVICES)
    inner = [World(book, town.states, town.roads, inner_filling(chance, hidden)) for _ in range(5)]
    zero = [World(book, town.states, town.roads, told) for told in _nobody(hidden)]
    wrong = {}
    for (name, unit), row in ours.items():
        asked = ALL.rule(name)
        for world in [*worlds_of(town, book), *inner, *zero]:
            found = value_of(world, ALL, asked, unit)
            value = None if found is None or found[0] is None else float(found[0])
            if value is not None and (math.isnan(row["low"]) or _beyond((row["low"], row["high"]), value)):
                wrong[name, unit] = (row["low"], row["high"]), value
    assert wrong == {}


def _nobody(hidden: dict) -> list[dict]:  # type: ignore[type-arg]
    """Fillings in which one unit of unknown households has none at all, and all else is at its low end."""
    low = {key: values[0] for key, values in hidden.items()}
    none = {key: (dict.fromkeys(low[key][0], 0), 0) for key in low if key[0] == "homes"}
    return [low | {key: homes} for key, homes in none.items() if sum(low[key][0].values()) + low[key][1] <= TINY]


def _loose(town: Small, row: dict[str, object]) -> bool:
    """Where bounds may be wider than what can be: a unit in which perhaps nobody lives, a site that perhaps counts."""
    households = [town_row["households"] for town_row in town.tables.units.to_dict("records")[:3]]
    nobody = town.ranges["households"] is None and any(math.isnan(one) for one in households)
    empty = row["measure"] != "reached_households_share" and nobody
    left_out = town.count.small_sites == "exclude" and town.tables.facilities["floor_area_m2"].isna().any()
    return empty or _contradicted(town, row) or (row["measure"] == "met_units_share" and left_out)


def _contradicted(town: Small, row: dict[str, object]) -> bool:
    """Where a unit states nobody and perhaps has dwellings all the same: a fault; shares of units leave it out."""
    states_nobody = (town.tables.units["households"].head(3) == 0).any()
    return states_nobody and len(town.tables.dwellings) > 0 and row["measure"] == "met_units_share"


@RANDOM
@given(small_towns())
def test_both_ends_of_every_figure_are_attained_by_some_way_to_fill_in_what_is_hidden(town: Small) -> None:
    ours, wrong = rows_of(town, ALL), {}
    for key, values in brute(town).items():
        twin = ends([None if value is None else value[0] for value in values])
        low, high = ours[key]["low"], ours[key]["high"]
        if not _loose(town, ours[key]) and twin and not (close(low, twin[0]) and close(high, twin[1])):
            wrong[key] = (low, high), twin
    assert wrong == {}


AGREED = {(True,): "met", (False,): "unmet", (False, True): "unknown", (): "not_applicable"}


@RANDOM
@given(small_towns())
def test_a_verdict_is_met_or_unmet_if_every_way_to_fill_in_what_is_hidden_agrees(town: Small) -> None:
    ours, wrong = rows_of(town, ALL), {}
    for key, values in brute(town).items():
        asked, verdict = ALL.rule(key[0]), ours[key]["verdict"]
        found = {passes(asked, value) for value in values if value is not None and value[0] is not None}
        right = {(True,): "met", (False,): "unmet", (False, True): "unknown", (): "not_applicable"}[
            tuple(sorted(found))
        ]
        unsaid = asked.urban_rural and not asked.of_rules and not book_of(town).sort[key[1]]
        if _contradicted(town, ours[key]):
            continue
        if verdict != right and not (verdict == "unknown" and (unsaid or _loose(town, ours[key]))):
            wrong[key] = verdict, right
    assert wrong == {}


@RANDOM
@given(small_towns())
def test_a_gap_is_what_is_missing_in_the_worst_and_in_the_best_way_to_fill_in_what_is_hidden(town: Small) -> None:
    ours, wrong = rows_of(town, ALL), {}
    for key, values in brute(town).items():
        row, asked = ours[key], ALL.rule(key[0])
        twin = ends([None if value is None else value[1] for value in values])
        if twin is None or asked.operator == "<=" or math.isnan(row["low"]):
            assert math.isnan(row["gap_low"]) or row["low"] == row["low"], key
        elif None in values and row["gap_low"] == 0 and close(row["gap_high"], twin[1]):
            continue  # where the rule perhaps holds for no unit, perhaps nothing is missing
        elif not (close(row["gap_low"], twin[0]) and close(row["gap_high"], twin[1])) and not _loose(town, row):
            wrong[key] = (row["gap_low"], row["gap_high"]), twin
    assert wrong == {}


@RANDOM
@given(small_towns())
def test_households_left_short_are_the_gap_in_households(town: Small) -> None:
    for row in rows_of(town, ALL).values():
        each = {"floor_area_per_100_households": 100 / row["threshold"], "reached_households_share": 1.0}
        if row["measure"] in each and not math.isnan(row["gap_low"]):
            for end in ("low", "high"):
                short = row[f"gap_{end}"] * each[row["measure"]]
                assert close(row[f"gap_households_{end}"], short), row
        else:
            assert math.isnan(row["gap_households_low"])


# --- Larger registers -----------------------------------------------------------------------------------------------


DATED = standard(
    *(one for one in ALL.rules if not one.id.endswith("-share")),
    rule("hint", "floor_area_per_100_households", None, kinds=KINDS, advisory=True),
    rule("advice", "facilities_count", 2, kinds=KINDS, advisory=True),
    rule("due", "facilities_count", 1, LOWEST, kinds=KINDS, target_share=0.5, target_date="2025-06-30"),
    rule("later", "facilities_count", 1, LOWEST, kinds=KINDS, target_share=0.5, target_date="2025-07-01"),
    rule("year", "facilities_count", 1, kinds=KINDS, target_year=2026),
    rule("weak", "facilities_count", 1, LOWEST, kinds=KINDS, status="draft", target_share=0.9),
)


def _with_totals(chance: np.random.Generator, households: pd.Series) -> pd.Series:
    """Households of the neighbourhoods, with totals that circles and subdistricts state, or do not."""
    totals = pd.Series(chance.choice([math.nan, math.nan, 150, 300, 1000], len(households)), dtype="float64")
    return households.where(np.arange(len(households)) < 3, totals)


@st.composite
def large_towns(draw):  # type: ignore[no-untyped-def]
    town = draw(small_towns(10**9))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    homes, sites = dwellings(chance, 15), facilities(chance, 12)
    if town.count.small_sites == "exclude":  # what may be left out is tried in small towns
        sites["floor_area_m2"] = sites["floor_area_m2"].fillna(444.4)
    targets = {target for _, target in town.states} or {*KINDS, *(f"service_{one}" for one in SERVICES)}
    words = ["reached"] * 6 + ["not_reached"] * 2 + ["unknown"]
    states = {(home, target): str(chance.choice(words)) for home in homes["dwelling_id"] for target in sorted(targets)}
    roads = {key: float(chance.choice([0, 12.5, 50, 50.1])) for key in sites["facility_id"] if chance.random() < 0.9}
    places = town.tables.units.assign(households=_with_totals(chance, town.tables.units["households"]))
    tables = replace(town.tables, dwellings=homes, facilities=sites, units=places)
    return Small(tables, states, roads, town.ranges, town.count)


def _twin(town: Small, standards: list[Standard], day: dt.date, **more: bool) -> dict:  # type: ignore[type-arg]
    states, count = {WALK: town.states}, town.count
    return naive_verdicts(town.tables, standards, states, day, town.ranges, count=count, roads=town.roads, **more)


DATES = [{}, {"valid_from": "2025-07-01"}, {"valid_until": "2025-06-30"}, {"valid_until": "2025-06-29"}]


@RANDOM
@given(large_towns(), st.sampled_from(DATES))
def test_every_figure_and_verdict_of_a_larger_register_is_the_twins(town: Small, dates: dict[str, str]) -> None:
    asked = Standard.model_validate(DATED.model_dump() | dates)
    assert disagreements(verdict_table(held(town, [asked])[0], day=DAY), _twin(town, [asked], DAY)) == []


@RANDOM
@given(large_towns())
def test_every_projected_figure_is_what_the_twin_says_of_the_later_day(town: Small) -> None:
    rows = verdicts(town, DATED)
    walked = rows["measure"].isin(["reached_households_share", "road_distance_m"])
    walked |= rows["rule_id"].isin(["walked", "urban"])  # services within a walk, units that reach
    assert rows.loc[walked, ["projected", "projected_low", "projected_high"]].isna().all(axis=None)
    assert (rows.loc[walked, ["projected_shown", "projected_verdict"]] == "").all(axis=None)
    rows = rows[~walked & rows["projected_low"].notna()].assign(
        low=lambda one: one["projected_low"], high=lambda one: one["projected_high"],
        verdict=lambda one: one["projected_verdict"],
    )  # fmt: skip
    twin = _twin(town, [DATED], LATER, projected=True)
    keys = set(zip(rows["standard"], rows["rule_id"], rows["unit_id"], strict=True))
    assert disagreements(rows, {key: twin[key] for key in keys}) == []
    left = {key for key, value in twin.items() if value[0] is not None and key not in keys}
    assert {key[1] for key in left} <= {"reach", "reach-any", "road", "canteens", "walked", "urban"}


# --- Numbers to ask for ---------------------------------------------------------------------------------------------


def _value_of_missing(world: World, missing) -> object:  # type: ignore[no-untyped-def]
    """What a missing number is in a world."""
    table, key, column = missing
    if table == "facilities":
        one = next(one for one in world.book.facilities if one["key"] == key)
        return world.areas[key] if column == "floor_area_m2" else world.service_m2(one)
    if column == "urban_rural":
        return world.sort(key)
    homes, ghost = world.households_of(key)
    return sum(homes.values()) + ghost if table == "units" else (*homes.items(), ghost)


@RANDOM
@given(small_towns())
def test_once_a_number_that_settles_a_verdict_is_known_the_verdict_is_decided_whatever_it_is(town: Small) -> None:
    book, judged = book_of(town), held(town, [ALL])[0]
    worlds, wrong = worlds_of(town, book), []
    for one in judged:
        if one.judged != "unknown" or one.rule.value is None or len(one.finding.missing) != 1:
            continue
        (missing,) = one.finding.missing
        found = defaultdict(set)
        for world in worlds if missing.table else []:
            value = value_of(world, ALL, one.rule, one.unit.unit_id)
            if value is not None and value[0] is not None:
                found[_value_of_missing(world, missing)].add(passes(one.rule, value))
        if any(len(each) > 1 for each in found.values()):
            wrong.append((one.rule.id, one.unit.unit_id, missing))
    assert wrong == []


@RANDOM
@given(large_towns())
def test_the_table_of_missing_numbers_counts_the_verdicts_that_hang_on_each(town: Small) -> None:
    judged, ledger, _ = held(town, [ALL])
    table, settles, helps = missing_number_table(judged, ledger), defaultdict(int), defaultdict(int)
    for one in judged:
        if one.judged == "unknown" and one.rule.value is not None:
            for number in one.finding.missing:
                (settles if len(one.finding.missing) == 1 else helps)[number] += bool(number.table)
    rows = {(row["table"], row["key"], row["column"]): row for row in table.to_dict("records")}
    assert rows.keys() == {key for key in settles.keys() | helps.keys() if key[0]}
    assert all((row["settles"], row["helps"]) == (settles[key], helps[key]) for key, row in rows.items())
    hanging = {key: {(one.unit.unit_id, one.standard.id, one.rule.id) for one in judged
                     if one.judged == "unknown" and one.rule.value is not None and key in one.finding.missing}
               for key in rows}  # fmt: skip
    assert {key: set(row["verdicts"]) for key, row in rows.items()} == hanging
    order = [(-row["settles"], -row["helps"], -row["households"], *key) for key, row in rows.items()]
    assert order == sorted(order)
    inputs = {"facilities": "facility_id", "units": "unit_id"}
    for name, key, column in rows:
        if name in inputs:
            given_ = getattr(town.tables, name).set_index(inputs[name]).loc[key, column]
            assert given_ == "" or pd.isna(given_), f"{name} {key} {column} is not missing: {given_}"


# --- The ledger -----------------------------------------------------------------------------------------------------


@RANDOM
@given(large_towns())
def test_the_ledgers_square_metres_are_those_of_the_district(town: Small) -> None:
    known = town.tables.facilities.assign(floor_area_m2=town.tables.facilities["floor_area_m2"].fillna(123.45))
    known = known.assign(service_area_m2=math.nan, office_area_m2=math.nan)
    judged, ledger, _ = held(replace(town, tables=replace(town.tables, facilities=known)), [ALL])
    (area,) = (one for one in judged if (one.rule.id, one.unit.unit_id) == ("area", "district"))
    counted = sum(Fraction(str(round(m2, 6))) for m2 in ledger["counted_m2"])
    assert float(sum(part.low for _, part in area.finding.parts)) == pytest.approx(float(counted))
    assert ((ledger["counted_m2"] > 0) <= ledger["counted"]).all()
    assert (ledger["ledger_zh"] != "").all()


# --- Worked out in the head -----------------------------------------------------------------------------------------


def by_hand(
    households: list[float],
    homes: list[tuple[float, float]] = (),
    sites: list[dict[str, object]] = (),
    states: dict[tuple[str, str], str] | None = None,
    **more: object,
) -> Small:
    """Three neighbourhoods with these households; dwellings from (metres east, households), facilities from columns."""
    chance = np.random.default_rng(0)
    blank = dict.fromkeys(["tier", "status", "serves", "part_of", "site_of", "services"], "")
    blank |= dict.fromkeys(["service_area_m2", "office_area_m2", "floor_area_m2"], math.nan)
    blank |= dict.fromkeys(["opens_on", "lease_from", "lease_until"], pd.NaT)
    columns = pd.DataFrame([{"kind": "clinic"} | blank | {"x": 50} | one for one in sites])
    shapes = gpd.GeoSeries([Point(one.get("x", 50), 50) for one in sites], crs=CRS)
    made = facilities(chance, len(sites)).assign(**{name: columns[name].to_numpy() for name in columns if name != "x"})
    placed = dwellings(chance, len(homes)).assign(households=pd.Series([n for _, n in homes], dtype="float64"))
    tables = Tables(
        units=units(chance).assign(households=[*households, *[math.nan] * 3], urban_rural="urban"),
        facilities=made.set_geometry(shapes) if len(sites) else made,
        dwellings=placed.set_geometry(gpd.GeoSeries([Point(x, 50) for x, _ in homes], crs=CRS)) if homes else placed,
        crs=CRS,
        **{name: empty_table(name, CRS) for name in ("streets", "ground", "candidates")},
    )
    known = {(home, target): "not_reached" for home in placed["dwelling_id"] for target in
             (*KINDS, *(f"service_{one}" for one in SERVICES))}  # fmt: skip
    ranges = {"floor_area_m2": None, "households": None} | more.pop("ranges", {})
    return Small(tables, known | (states or {}), more.pop("roads", {}), ranges, Count(**more))


def figure(town: Small, rule_id: str, unit_id: str) -> tuple[float, float, str]:
    row = rows_of(town, ALL)[rule_id, unit_id]
    return row["low"], row["high"], row["verdict"]


def test_a_unit_in_which_perhaps_nobody_lives_is_perhaps_not_among_those_that_are_counted() -> None:
    homes = [(50, math.nan), (150, 100.0)]  # all of N0 reach, how many they may be; none of N1 does; N2 is empty
    town = by_hand([math.nan, 100, 0], homes, [], {("D0", "clinic"): "reached"})
    assert figure(town, "reach", "N0") == (1.0, 1.0, "met")
    assert figure(town, "urban", "district")[:2] == (0.0, 0.5)


def test_a_unit_in_which_perhaps_nobody_lives_perhaps_need_not_meet() -> None:
    sites = [{"floor_area_m2": 120.5, "x": 150}]  # too small; half of three units are two of them, half of two are one
    row = rows_of(by_hand([200, math.nan, 100], [], sites), ALL)["units", "district"]
    assert (row["gap_low"], row["gap_high"]) == (1.0, 2.0)


def test_an_empty_unit_that_does_not_say_its_sort_is_not_among_those_that_may_have_to_meet() -> None:
    town = by_hand([100, 0, 100], [(50, 100.0)])
    sorts = ["urban", "", "rural", "urban", "urban", "urban"]
    tables = replace(town.tables, units=town.tables.units.assign(urban_rural=sorts))
    row = rows_of(replace(town, tables=tables), ALL)["urban", "district"]
    assert (row["low"], row["high"], row["gap_low"], row["gap_high"]) == (0.0, 0.0, 1.0, 1.0)
    assert "may be among them" not in row["why_en"]


def test_a_study_without_small_sites_leaves_them_out_of_floor_area_per_household_alone() -> None:
    sites = [{"floor_area_m2": 200.0, "service_area_m2": 100.0}, {"floor_area_m2": 800.0, "service_area_m2": 800.0}]
    town = by_hand([100, 0, 0], [], sites, small_sites="exclude", roads={"F0": 90.0, "F1": 10.0})
    assert figure(town, "area", "N0") == (800.0, 800.0, "met")
    assert figure(town, "size", "N0") == (200.0, 200.0, "unmet")
    assert figure(town, "service", "N0") == (0.5, 0.5, "unmet")
    assert figure(town, "road", "N0") == (90.0, 90.0, "unmet")
    assert figure(town, "count", "N0") == (2.0, 2.0, "met")


def test_a_site_that_is_perhaps_left_out_as_too_small_may_be_the_smallest_all_the_same() -> None:
    sites = [{"floor_area_m2": math.nan}, {"floor_area_m2": 800.0}]
    town = by_hand([100, 0, 0], [], sites, small_sites="exclude", ranges={"floor_area_m2": (100.0, 400.0)})
    assert figure(town, "size", "N0") == (100.0, 400.0, "unknown")
    assert figure(town, "area", "N0")[:2] == (800.0, 1200.0)


def test_a_site_that_is_perhaps_left_out_as_too_small_may_be_the_farthest_from_a_road() -> None:
    sites = [{"floor_area_m2": math.nan}, {"floor_area_m2": 800.0}]
    town = by_hand([100, 0, 0], [], sites, small_sites="exclude", roads={"F0": 90.0, "F1": 10.0})
    assert figure(town, "road", "N0") == (90.0, 90.0, "unmet")


def test_a_part_counts_for_a_rule_that_its_hosts_kind_is_not_of() -> None:
    sites = [{"kind": "clinic", "floor_area_m2": 800.0}, {"kind": "school", "floor_area_m2": 90.0, "part_of": "F0"}]
    town = by_hand([100, 0, 0], [], sites)
    assert figure(town, "area", "N0")[0] == 800.0
    assert figure(town, "at-most", "N0")[0] == 90.0
    assert figure(town, "size", "N0")[0] == 800.0


def test_a_part_of_a_part_counts_where_none_of_its_hosts_does() -> None:
    sites = [{"kind": "school"}, {"kind": "canteen", "part_of": "F0"}, {"kind": "school", "part_of": "F1"}]
    town = by_hand([100, 0, 0], [], [one | {"floor_area_m2": 100.0} for one in sites])
    assert figure(town, "at-most", "N0")[0] == 100.0  # the outer school holds the inner one
    assert figure(town, "area", "N0")[0] == 100.0


def test_a_part_of_what_does_not_count_counts_in_no_rule() -> None:
    sites = [{"kind": "clinic", "status": "closed"}, {"kind": "school", "part_of": "F0"}]
    town = by_hand([100, 0, 0], [], [one | {"floor_area_m2": 100.0} for one in sites])
    assert figure(town, "at-most", "N0")[0] == 0.0
    assert figure(town, "area", "N0")[0] == 0.0


def test_sites_looked_at_together_have_the_area_of_all_in_every_unit_where_one_of_them_is() -> None:
    sites = [{"floor_area_m2": 200.0}, {"floor_area_m2": 150.0, "site_of": "F0", "x": 150}]
    closed = [{"floor_area_m2": 500.0, "site_of": "F0", "status": "closed"}]
    town = by_hand([100, 100, 0], [], [*sites, *closed], split_sites="together")
    assert [figure(town, "size", unit)[0] for unit in ("N0", "N1", "C0")] == [350.0, 350.0, 350.0]
    assert [figure(replace(town, count=Count()), "size", unit)[0] for unit in ("N0", "N1")] == [200.0, 150.0]


@pytest.mark.parametrize("serves", ["C0:0.5;N0:0.25", "N0:0.25;C0:0.5"])
def test_each_share_serves_the_tier_of_the_unit_it_names_in_any_order(serves: str) -> None:
    town = by_hand([100, 100, 0], [], [{"floor_area_m2": 400.0, "serves": serves}])
    assert figure(town, "own", "N0")[0] == 100.0
    assert figure(town, "own", "C0")[0] == 100.0
    assert figure(town, "area", "C0")[0] == 150.0
    assert figure(town, "own", "S")[0] == 0.0


def test_a_facility_that_states_its_tier_serves_that_with_all_its_shares() -> None:
    town = by_hand([100, 100, 0], [], [{"floor_area_m2": 400.0, "serves": "C0:0.5;N0:0.25", "tier": "circle"}])
    assert figure(town, "own", "C0")[0] == 150.0
    assert figure(town, "own", "N0")[0] == 0.0


def stating(town: Small, **totals: float) -> Small:
    """A town whose units above the lowest state households, too."""
    households = town.tables.units["unit_id"].map(totals).astype("float64").fillna(town.tables.units["households"])
    return replace(town, tables=replace(town.tables, units=town.tables.units.assign(households=households)))


@pytest.mark.parametrize(
    ("stated", "circle", "neighbourhood"),
    [(300.0, (300, 300), (0, 200)), (150.0, (150, 150), (0, 50)), (80.0, (100, math.inf), (0, math.inf))],
)
def test_what_a_circle_states_is_what_it_has_and_what_the_others_leave_is_the_most_of_the_one_unknown(
    stated: float, circle: tuple[float, float], neighbourhood: tuple[float, float]
) -> None:
    units = held(stating(by_hand([100, math.nan, 0]), C0=stated), [ALL])[2]
    for unit, ends_of in (("C0", circle), ("N1", neighbourhood)):
        low, high = units[unit].households.low, units[unit].households.high
        assert (low, math.inf if high is None else high) == ends_of, unit


def test_dwellings_between_the_lowest_units_leave_less_to_the_one_unknown() -> None:
    town = by_hand([100, math.nan, 0], [(50, 50.0)])
    between = town.tables.dwellings.set_geometry(gpd.GeoSeries([Point(50, 130)], crs=CRS))  # in S alone
    town = stating(replace(town, tables=replace(town.tables, dwellings=between)), S=300.0)
    assert held(town, [ALL])[2]["N1"].households.high == 300 - 100 - 50


def test_nothing_in_a_unit_of_unknown_households_is_nothing_per_household() -> None:
    assert figure(by_hand([math.nan, 0, 0]), "area", "N0") == (0.0, 0.0, "unmet")


def of_sorts(town: Small, *sorts: str) -> Small:
    tables = replace(town.tables, units=town.tables.units.assign(urban_rural=[*sorts, "urban", "urban", "urban"]))
    return replace(town, tables=tables)


def test_a_unit_that_does_not_say_its_sort_meets_or_not_by_its_number_and_may_be_among_the_units_or_not() -> None:
    sites = [{"floor_area_m2": 400.0}, {"floor_area_m2": 400.0, "x": 150}]  # N0 and N1 meet, N2 has none
    town = by_hand([100, 100, 100], [], sites)
    assert figure(of_sorts(town, "rural", "", "urban"), "rural", "N1")[2] == "unknown"
    assert figure(of_sorts(town, "rural", "", "urban"), "rural-share", "district") == (1.0, 1.0, "met")
    assert figure(of_sorts(town, "rural", "urban", ""), "rural-share", "district") == (0.5, 1.0, "met")


def test_missing_numbers_of_units_that_a_share_does_not_count_are_not_asked_for() -> None:
    sites = [{"floor_area_m2": math.nan}, {"floor_area_m2": math.nan, "x": 150}, {"floor_area_m2": math.nan, "x": 250}]
    town = of_sorts(by_hand([100, 100, 100], [], sites), "rural", "", "urban")
    (one,) = (one for one in held(town, [ALL])[0] if (one.rule.id, one.unit.unit_id) == ("rural-share", "district"))
    asked = {(missing.key, missing.column) for missing in one.finding.missing}
    assert asked == {("F0", "floor_area_m2"), ("F1", "floor_area_m2"), ("N1", "urban_rural")}


def test_what_would_close_a_gap_is_said_of_every_measure_that_has_one() -> None:
    states = {("D0", "clinic"): "not_reached"}
    sites = [{"floor_area_m2": 200.0, "service_area_m2": 50.0, "services": "meals", "kind": "school"}]
    rows = rows_of(by_hand([1000, 1000, 0], [(50, 1000.0)], sites, states), ALL)
    unmet = [key for key, row in rows.items() if row["verdict"] == "unmet" and row["gap_en"]]
    asked = {"area", "size", "count", "service", "offers", "reach", "units"}
    assert asked <= {name for name, _ in unmet}
    assert [key for key in unmet if not (rows[key]["closing_zh"] and rows[key]["closing_en"])] == []


def test_square_metres_that_are_missing_within_bounds_are_asked_for_too() -> None:
    sites = [{"floor_area_m2": math.nan}]
    row = rows_of(by_hand([2000, 0, 0], [], sites, ranges={"floor_area_m2": (100.0, 400.0)}), ALL)["area", "N0"]
    assert (row["gap_low"], row["gap_high"], row["verdict"]) == (300.0, 600.0, "unmet")
    assert "300" in row["closing_en"]
    assert "600" in row["closing_zh"]


def test_offices_that_are_stated_leave_no_more_than_the_rest_for_services() -> None:
    town = by_hand([100, 0, 0], [], [{"office_area_m2": 20.0}], ranges={"floor_area_m2": (100.0, 400.0)})
    assert figure(town, "service", "N0") == (0.0, 0.95, "unknown")


def test_service_area_that_is_stated_is_not_asked_for_where_the_floor_area_is_missing() -> None:
    town = by_hand([100, 0, 0], [], [{"service_area_m2": 200.0}], ranges={"floor_area_m2": (100.0, 400.0)})
    (one,) = (one for one in held(town, [ALL])[0] if (one.rule.id, one.unit.unit_id) == ("service", "N0"))
    assert (one.judged, one.finding.figure.low, one.finding.figure.high) == ("unknown", Fraction(1, 2), 1)
    assert [(missing.key, missing.column) for missing in one.finding.missing] == [("F0", "floor_area_m2")]


def test_how_many_live_in_a_unit_does_not_settle_who_of_them_reaches() -> None:
    states = {("D0", "clinic"): "reached"}
    town = by_hand([math.nan, 0, 0], [(50, math.nan), (50, math.nan)], [], states)
    (one,) = (one for one in held(town, [ALL])[0] if (one.rule.id, one.unit.unit_id) == ("reach", "N0"))
    assert one.judged == "unknown"
    assert {missing.table for missing in one.finding.missing} != {"units"}


def test_however_few_live_there_a_unit_whose_only_dwelling_does_not_reach_has_no_service_by_walking() -> None:
    town = by_hand([math.nan, 0, 0], [(50, math.nan)])
    assert figure(town, "walked", "N0") == (0.0, 0.0, "unmet")


def test_households_that_cancel_do_not_widen_a_share() -> None:
    town = by_hand([math.nan, 0, 0], [(50, math.nan)], [], {("D0", "clinic"): "reached"})
    assert figure(town, "reach", "N0") == (1.0, 1.0, "met")


def test_an_unknown_area_that_two_units_share_is_whole_in_the_one_above_them() -> None:
    sites = [{"serves": "N0:0.6;N1:0.4"}]
    town = by_hand([100, 100, 0], [], sites, ranges={"floor_area_m2": (100.0, 200.0)})
    assert figure(town, "area", "C0") == (50.0, 100.0, "met")


def test_a_distance_a_hand_beyond_the_value_is_not_rounded_down_to_it() -> None:
    from lifecircle.roads import nearest_road_m
    from towns import streets_between

    site = by_hand([100, 0, 0], [], [{"floor_area_m2": 400.0}]).tables.facilities  # 50 m east, 50 m north
    street = streets_between([((0, -0.04), (100, -0.04))])
    metres = nearest_road_m(site, street, empty_table("gates", CRS))["F0"]
    assert metres > 50
