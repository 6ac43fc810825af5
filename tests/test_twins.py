"""The measures agree with their naive twins: on the drawn district, and on random towns and registers."""

import datetime as dt
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracles import INFINITY, naive_minutes, naive_pairs, naive_states, naive_verdicts, serving
from shapely import LineString, Point, Polygon, box

import lifecircle as lc
from lifecircle.comply import comply, units_of_study
from lifecircle.ledger import ledger_entries
from lifecircle.places import unit_of_places
from lifecircle.reach import dwelling_reach
from lifecircle.standards import Rule, Standard, Text
from lifecircle.study import study_walker, walkers_of
from lifecircle.tables import Tables, empty_table

CRS = "EPSG:4549"
CLOSE_MIN = 0.001
SPEEDS = {"adult": 1.0, "elderly": 0.8}
RANDOM = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


# --- What twins say of a result -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twin:
    """What the naive twins say of a study: minutes and states by dwelling and kind, verdicts by rule and unit."""

    minutes: dict
    states: dict
    verdicts: dict


def twin_of(result):
    """The naive twins of a result, from its inputs and standards alone."""
    study, tables = result.study, result.tables
    own, walkers = study_walker(study), walkers_of(study)
    open_ones = serving(tables.facilities, study.study.date)
    rules = [rule for standard in result.standards for rule in standard.rules]
    kinds = {kind for rule in rules for kind in rule.kinds} | set(open_ones["kind"])
    walks = {(own.name, study.walk.limit_min)} | {(rule.walker, rule.limit_min) for rule in rules if rule.limit_min}
    found = {
        (name, limit): naive_states(
            tables.streets,
            tables.dwellings,
            open_ones,
            kinds,
            walkers[name].speed_m_per_s,
            study.walk.snap_m,
            limit,
            gates=study.walk.gates,
            extent=tables.extent,
        )
        for name, limit in walks
    }
    states = {walk: states for walk, (_, states, _) in found.items()}
    verdicts = naive_verdicts(tables, result.standards, states, study.study.date, study.unknown.model_dump())
    minutes, states, _ = found[own.name, study.walk.limit_min]
    return Twin(minutes, states, verdicts)


def farthest_apart(dwellings, minutes):
    """Largest difference of minutes, infinite where one says there is no walk and the other that there is."""
    farthest = 0.0
    for (dwelling, kind), twin in minutes.items():
        ours = dwellings.at[dwelling, f"minutes_{kind}"]
        if twin is None or math.isnan(ours):
            farthest = max(farthest, 0.0 if twin is None and math.isnan(ours) else INFINITY)
        else:
            farthest = max(farthest, abs(ours - twin))
    return farthest


def disagreements(verdicts, twin):
    """Rows of verdicts whose low, high or verdict is not the twin's, and rows that only one of both has."""
    ours = {
        (row["standard"], row["rule_id"], row["unit_id"]): (row["low"], row["high"], row["verdict"])
        for row in verdicts.to_dict("records")
    }
    return [key for key in ours.keys() | twin.keys() if not _same(ours.get(key), twin.get(key))]


def _same(ours, twin):
    if ours is None or twin is None or ours[2] != twin[2]:
        return False
    if twin[0] is None:
        return all(math.isnan(end) for end in ours[:2])
    return all(math.isclose(one, float(other), rel_tol=1e-12) for one, other in zip(ours[:2], twin[:2], strict=True))


# --- The drawn district ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample():
    return lc.assess("data/sample/study.toml")


@pytest.fixture(scope="module")
def sample_twin(sample):
    return twin_of(sample)


def test_every_walk_of_the_sample_is_as_long_as_the_twin_says(sample, sample_twin):
    dwellings = sample.dwellings.set_index("dwelling_id")
    assert {dwelling for dwelling, _ in sample_twin.minutes} == set(dwellings.index)
    assert farthest_apart(dwellings, sample_twin.minutes) <= CLOSE_MIN


def test_every_state_of_the_sample_is_the_twins(sample, sample_twin):
    dwellings = sample.dwellings.set_index("dwelling_id")
    differing = [
        (dwelling, kind)
        for (dwelling, kind), state in sample_twin.states.items()
        if dwellings.at[dwelling, f"reach_{kind}"] != state
    ]
    assert differing == []


def test_every_figure_and_verdict_of_the_sample_is_the_twins(sample, sample_twin):
    assert disagreements(sample.units, sample_twin.verdicts) == []


def test_the_sample_tries_every_measure_and_every_verdict(sample):
    assert set(sample.units["measure"]) == set(lc.standards.MEASURES)
    assert set(sample.units["verdict"]) == {"met", "unmet", "unknown", "not_applicable"}


# --- Random towns ---------------------------------------------------------------------------------------------------

CLASSES = ("residential", "footway", "steps", "", "service", "motorway", "construction")
FEET = ("", "", "", "", "yes", "no", "private")
ACCESSES = ("", "", "", "private", "no")
BARRIERS = ("gate", "gate=private", "gate=no", "wall", "lift_gate", "bollard", "block=no", "turnstile=yes")


@dataclass(frozen=True)
class Town:
    streets: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame


@st.composite
def towns(draw):
    """A jittered grid of 20 to 60 nodes without some of its edges, an island, barriers, and places anywhere."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns, rows = draw(st.integers(5, 9)), draw(st.integers(4, 6))
    streets = _grid(chance, columns, rows, missing=draw(st.sampled_from([0.1, 0.3, 0.5])))
    if draw(st.booleans()):
        streets = streets.drop(columns=["from_node", "to_node"])
    dwellings = _places(chance, streets, 25, "dwelling_id")
    facilities = _places(chance, streets, 9, "facility_id")
    facilities["kind"] = chance.choice(["clinic", "school", "canteen"], len(facilities))
    facilities["status"] = chance.choice(["open", "open", "open", "", "planned"], len(facilities))
    return Town(streets, dwellings, facilities)


def _grid(chance, columns, rows, missing):
    spots = {
        (column, row): (100 * column + chance.uniform(-30, 30), 100 * row + chance.uniform(-30, 30))
        for column in range(columns)
        for row in range(rows)
    }
    pairs = [((c, r), (c + 1, r)) for c, r in spots if (c + 1, r) in spots]
    pairs += [((c, r), (c, r + 1)) for c, r in spots if (c, r + 1) in spots]
    pairs = [pair for pair in pairs if chance.random() > missing]
    island = {("i", 0): (100.0 * columns + 90, 40.0), ("i", 1): (100.0 * columns + 190, 55.0)}
    pairs += [(("i", 0), ("i", 1)), pairs[0], (pairs[0][0], pairs[0][0])]  # an island, a second way, a loop
    spots |= island
    barriers = {node: str(chance.choice(BARRIERS)) for node in spots if chance.random() < 0.15}
    return gpd.GeoDataFrame(
        {
            "street_id": [f"S{number}" for number in range(len(pairs))],
            "highway": chance.choice(CLASSES, len(pairs), p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05]),
            "foot": chance.choice(FEET, len(pairs)),
            "access": chance.choice(ACCESSES, len(pairs)),
            "from_node": [str(one) for one, _ in pairs],
            "to_node": [str(two) for _, two in pairs],
            "from_barrier": [barriers.get(one, "") for one, _ in pairs],
            "to_barrier": [barriers.get(two, "") for _, two in pairs],
        },
        geometry=[_way(chance, spots[one], spots[two]) for one, two in pairs],
        crs=CRS,
    )


def _way(chance, start, end):
    """A street with up to two bends; a loop has two for certain."""
    bends = 2 if start == end else chance.integers(0, 3)
    middle = [
        (start[0] + (end[0] - start[0]) * part + chance.uniform(-25, 25), start[1] + chance.uniform(-25, 25))
        for part in np.linspace(0.3, 0.7, bends)
    ]
    return LineString([start, *middle, end])


def _places(chance, streets, number, key):
    """Places anywhere, on streets, several of them on one street, and right on corners."""
    west, south, east, north = streets.total_bounds
    anywhere = [Point(chance.uniform(west - 40, east + 40), chance.uniform(south - 40, north + 40)) for _ in range(number)]
    lines = streets.geometry
    crowded = lines.iloc[int(chance.integers(len(lines)))]
    on_one = [crowded.interpolate(part, normalized=True) for part in (0, 0.25, 0.7)]
    corners = [Point(lines.iloc[int(place)].coords[0]) for place in chance.integers(0, len(lines), 3)]
    points = [*anywhere, *on_one, *corners]
    return gpd.GeoDataFrame({key: [f"{key[0]}{place}" for place in range(len(points))]}, geometry=points, crs=CRS)


def _network(town, walker, gates):
    try:
        return lc.build_network(town.streets, walker=walker, gates=gates)
    except lc.NetworkError:  # by chance no street of the town may be walked
        return None


@RANDOM
@given(towns(), st.sampled_from(["adult", "elderly"]), st.sampled_from(["open", "closed"]))
def test_the_nearest_of_each_kind_is_as_far_as_the_twin_says(town, walker, gates):
    network = _network(town, walker, gates)
    ours = lc.nearest_minutes(network, town.dwellings, town.facilities, snap_m=60)
    twin = naive_minutes(town.streets, town.dwellings, town.facilities, SPEEDS[walker], 60, gates)
    assert set(ours.columns) == {kind for _, kind in twin}
    assert farthest_apart(ours.add_prefix("minutes_"), twin) <= CLOSE_MIN


@RANDOM
@given(towns(), st.sampled_from(["adult", "elderly"]), st.sampled_from([2.0, 5.0, 15.0]))
def test_every_pair_within_the_limit_is_the_twins(town, walker, limit_min):
    network = _network(town, walker, "open")
    pairs = lc.walk_minutes(network, town.dwellings, town.facilities, limit_min=limit_min, snap_m=60)
    ours = dict(zip(zip(pairs["dwelling_id"], pairs["facility_id"], strict=True), pairs["minutes"], strict=True))
    twin = naive_pairs(town.streets, town.dwellings, town.facilities, SPEEDS[walker], 60, limit_min)
    assert ours.keys() == twin.keys()
    assert all(abs(ours[pair] - twin[pair]) <= CLOSE_MIN for pair in twin)


@RANDOM
@given(towns(), st.sampled_from([1.0, 4.0, 9.0]), st.booleans())
def test_every_state_of_a_random_town_is_the_twins(town, limit_min, stated):
    extent = box(*town.streets.total_bounds).buffer(-60, join_style="mitre") if stated else None
    network = lc.build_network(town.streets, extent=extent)
    kinds = ["clinic", "school", "library"]
    ours = dwelling_reach(network, town.dwellings, town.facilities, kinds, limit_min=limit_min, snap_m=60)
    _, twin, _ = naive_states(
        town.streets, town.dwellings, town.facilities, kinds, 1.0, 60, limit_min, extent=extent
    )
    differing = [(home, kind) for (home, kind), state in twin.items() if ours.at[home, f"reach_{kind}"] != state]
    assert differing == []


# --- Random registers -----------------------------------------------------------------------------------------------

DAY = dt.date(2025, 6, 30)
KINDS = ("clinic", "school")
WALK = ("adult", 15.0)
WORDS = Text(zh="测试", en="test")


def _rule(name, measure, value, **more):
    tiers = more.pop("tiers", ("neighbourhood", "circle", "subdistrict", "district"))
    return Rule(id=name, name=WORDS, measure=measure, value=value, unit="m2", tiers=tiers, text=WORDS, **more)


STANDARD = Standard(
    id="test",
    title=WORDS,
    document="test standard",
    status="in_force",
    scope=WORDS,
    source="this test",
    rules=(
        _rule("of-circles", "met_units_share", 0.5, of_tier="circle", of_rules=("area", "size")),
        _rule("of-neighbourhoods", "met_units_share", 1, of_tier="neighbourhood", of_rules=("area", "reach")),
        _rule("area", "floor_area_per_100_households", 35, kinds=KINDS),
        _rule("own-area", "floor_area_per_100_households", 35, kinds=KINDS, basis="own_tier"),
        _rule("at-most", "floor_area_per_100_households", 70, kinds=("school",), operator="<="),
        _rule("size", "smallest_facility_floor_area", 300, kinds=KINDS),
        _rule("own-size", "smallest_facility_floor_area", 300, kinds=("clinic",), basis="own_tier", status="draft"),
        _rule("reach", "reached_households_share", 0.5, kinds=("clinic",), limit_min=15),
        _rule("reach-any", "reached_households_share", 0.85, kinds=KINDS, limit_min=15),
    ),
)


@st.composite
def registers(draw):
    """Eight neighbourhoods in four circles in two subdistricts, with households and facilities known or not."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    stated_parents = draw(st.booleans())
    units = _units(chance, stated_parents, all_known=draw(st.booleans()))
    dwellings = _homes(chance, draw(st.integers(0, 25)), unknown=draw(st.sampled_from([0.0, 0.1, 0.5])))
    facilities = _register(chance, draw(st.integers(0, 12)), unknown=draw(st.sampled_from([0.0, 0.3])))
    rest = {name: empty_table(name, CRS) for name in ("streets", "ground", "candidates")}
    tables = Tables(units=units, facilities=facilities, dwellings=dwellings, crs=CRS, **rest)
    states = {
        (home, kind): str(chance.choice(["reached", "not_reached", "unknown"], p=[0.5, 0.4, 0.1]))
        for home in dwellings["dwelling_id"]
        for kind in KINDS
    }
    ranges = draw(st.sampled_from([(None, None), ((100.0, 400.0), None), ((50.5, 600.0), (30.0, 90.0))]))
    return tables, states, dict(zip(("floor_area_m2", "households"), ranges, strict=True))


def _units(chance, stated_parents, all_known):
    rows = []
    for number in range(8):
        west = 100.0 * number
        rows.append((f"N{number}", "neighbourhood", f"C{number // 2}", box(west, 0, west + 100, 100)))
    rows += [(f"C{number}", "circle", f"S{number // 2}", box(200 * number, 0, 200 * number + 200, 100)) for number in range(4)]
    rows += [(f"S{number}", "subdistrict", "", box(400 * number, 0, 400 * number + 400, 150)) for number in range(2)]
    keys, tiers, parents, shapes = zip(*rows, strict=True)
    stated = [float(chance.choice([40, 80, 120, 0, np.nan])) if tier == "neighbourhood" else np.nan for tier in tiers]
    if all_known:
        stated = [60.0 if math.isnan(number) and tier == "neighbourhood" else number
                  for number, tier in zip(stated, tiers, strict=True)]  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "unit_id": keys,
            "name": keys,
            "tier": tiers,
            "parent_id": parents if stated_parents else [""] * len(keys),
            "households": stated,
        },
        geometry=list(shapes),
        crs=CRS,
    )


def _spots(chance, number):
    """Points in units, on their borders, in a subdistrict alone, and outside."""
    return [Point(25.0 * chance.integers(-1, 34), float(chance.choice([0, 50, 70, 100, 130, 170]))) for _ in range(number)]


def _homes(chance, number, unknown):
    households = [np.nan if chance.random() < unknown else float(chance.integers(0, 30)) for _ in range(number)]
    return gpd.GeoDataFrame(
        {
            "dwelling_id": pd.Series([f"D{place}" for place in range(number)], dtype="str"),
            "households": pd.Series(households, dtype="float64"),
            "unit_id": pd.Series([str(chance.choice(["", "", "N1"])) for _ in range(number)], dtype="str"),
        },
        geometry=gpd.GeoSeries(_spots(chance, number), crs=CRS),
    )


def _register(chance, number, unknown):
    def drawn(choices):
        return pd.Series([str(chance.choice(choices)) for _ in range(number)], dtype="str")

    def days(choices):
        return pd.Series(pd.to_datetime([choices[chance.integers(len(choices))] for _ in range(number)]))

    areas = [np.nan if chance.random() < unknown else float(chance.choice([0, 120.5, 299.99, 300, 800])) for _ in range(number)]
    return gpd.GeoDataFrame(
        {
            "facility_id": pd.Series([f"F{place}" for place in range(number)], dtype="str"),
            "name": drawn(["one"]),
            "kind": drawn(["clinic", "school", "canteen"]),
            "tier": drawn(["", "neighbourhood", "circle", "subdistrict", "district"]),
            "floor_area_m2": pd.Series(areas, dtype="float64"),
            "status": drawn(["open"] * 6 + ["", "closed", "planned", "under_construction"]),
            "opens_on": days([None, None, "2020-01-01", "2025-06-30", "2025-07-01"]),
            "lease_until": days([None, None, "2025-06-29", "2025-06-30"]),
            "serves": drawn([""] * 5 + ["N1:0.6;N2:0.4", "N3:0.3;N6:0.2", "C1", "N0:0.1;N1:0.2"]),
            "part_of": drawn([""] * 6 + ["F0"]),
        },
        geometry=gpd.GeoSeries(_spots(chance, number), crs=CRS),
    )


@settings(RANDOM, max_examples=150)
@given(registers())
def test_every_figure_and_verdict_of_a_random_register_is_the_twins(register):
    tables, states, ranges = register
    dwellings = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
    entries = ledger_entries(
        tables.facilities, tables.units, date=DAY, kinds=set(KINDS), unknown_m2=ranges["floor_area_m2"]
    )
    units = units_of_study(
        tables.units, dwellings, entries, name="test", unknown_households=ranges["households"]
    )
    reach = pd.DataFrame(
        {f"reach_{kind}": [states[home, kind] for home in dwellings["dwelling_id"]] for kind in KINDS},
        index=pd.Index(dwellings["dwelling_id"], name="dwelling_id"),
    )
    verdicts = comply([STANDARD], units, dwellings, {WALK: reach})
    assert disagreements(verdicts, naive_verdicts(tables, [STANDARD], {WALK: states}, DAY, ranges)) == []


def test_a_unit_square_of_the_random_registers_has_the_area_it_says():
    assert Polygon([(0, 0), (100, 0), (100, 100), (0, 100)]).equals(box(0, 0, 100, 100))
