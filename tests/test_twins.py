"""The measures agree with their naive twins: on the drawn district, and on random towns and registers."""

import datetime as dt
import math
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

import lifecircle as lc
from lifecircle.comply import judge_units, verdict_table
from lifecircle.findings import View
from lifecircle.flow import assess_tables
from lifecircle.ledger import ledger_entries
from lifecircle.places import unit_of_places
from lifecircle.pools import pools_of_rules
from lifecircle.reach import dwelling_reach
from lifecircle.rollup import units_below, units_of_study
from lifecircle.standards import UNITS, Rule, Standard, Text
from lifecircle.tables import Tables, empty_table
from naive_comply import naive_edges, naive_verdicts
from oracles import (
    differing_edges,
    differing_states,
    disagreements,
    farthest_apart,
    naive_minutes,
    naive_pairs,
    naive_states,
    twin_of,
)
from samples import assessed_sample

CRS = "EPSG:4549"
CLOSE_MIN = 0.001
SPEEDS = {"adult": 1.0, "elderly": 0.8}
RANDOM = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


# --- The drawn district ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample():
    return assessed_sample()


@pytest.fixture(scope="module")
def sample_twin(sample):
    return twin_of(sample)


def test_every_walk_of_the_sample_is_as_long_as_the_twin_says(sample, sample_twin):
    dwellings = sample.dwellings.set_index("dwelling_id")
    assert {dwelling for dwelling, _ in sample_twin.minutes} == set(dwellings.index)
    assert farthest_apart(dwellings, sample_twin.minutes) <= CLOSE_MIN


def test_every_state_of_the_sample_is_the_twins(sample, sample_twin):
    dwellings = sample.dwellings.set_index("dwelling_id")
    assert differing_states(dwellings, sample_twin.states) == []


def test_every_figure_and_verdict_of_the_sample_is_the_twins(sample, sample_twin):
    assert disagreements(sample.units, sample_twin.verdicts) == []


def test_what_lies_near_every_limit_of_the_sample_is_the_twins(sample, sample_twin):
    assert differing_edges(sample.units, sample_twin.edges) == []


@pytest.mark.parametrize(
    ("limit_min", "column", "end"),
    [
        (14.25, "share_at_minus_5pct", "low"),
        (14.5, "share_at_minus_30s", "low"),
        (15.5, "share_at_plus_30s", "high"),
        (15.75, "share_at_plus_5pct", "high"),
    ],
)
def test_the_share_at_another_limit_is_what_a_rule_of_that_limit_gives(sample, limit_min, column, end):
    standards = [_with_limit(standard, limit_min) for standard in sample.standards]
    shares = sample.units["measure"] == "reached_households_share"
    other = assess_tables(sample.study, sample.tables, standards).units
    pd.testing.assert_series_equal(sample.units.loc[shares, column], other.loc[shares, end], check_names=False)


def _with_limit(standard, limit_min):
    rules = [rule.model_copy(update={"limit_min": limit_min}) if rule.limit_min else rule for rule in standard.rules]
    return standard.model_copy(update={"rules": tuple(rules)})


def test_the_sample_tries_every_verdict_and_every_measure_but_one_that_no_document_asks_for(sample):
    untried = set(lc.standards.MEASURES) - set(sample.units["measure"])
    assert untried == {"reachable_floor_area_per_100_households"}
    assert set(sample.units["verdict"]) == {"met", "unmet", "unknown", "not_applicable", "reference"}


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
    anywhere = [
        Point(chance.uniform(west - 40, east + 40), chance.uniform(south - 40, north + 40)) for _ in range(number)
    ]
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
    _, twin, _ = naive_states(town.streets, town.dwellings, town.facilities, kinds, 1.0, 60, limit_min, extent=extent)
    assert differing_states(ours, twin) == []


# --- Random registers -----------------------------------------------------------------------------------------------

DAY = dt.date(2025, 6, 30)
KINDS = ("clinic", "school")
WALK = ("adult", 15.0)
WORDS = Text(zh="测试", en="test")
TIERS = ("neighbourhood", "circle", "subdistrict", "district")


def _rule(name, measure, value, tiers=TIERS, **more):
    return Rule(id=name, name=WORDS, measure=measure, value=value, unit=UNITS[measure], tiers=tiers, text=WORDS, **more)


def _standard(*rules):
    return Standard(
        id="test",
        title=WORDS,
        document="test standard",
        status="in_force",
        scope=WORDS,
        source="this test",
        rules=rules,
    )


AREA = _rule("area", "floor_area_per_100_households", 35, kinds=KINDS)
SIZE = _rule("size", "smallest_facility_floor_area", 300, kinds=KINDS)
REACH = _rule("reach", "reached_households_share", 0.5, kinds=("clinic",), limit_min=15)
AREAS = _standard(
    _rule("of-circles", "met_units_share", 0.5, ("district",), of_tier="circle", of_rules=("area", "size")),
    AREA,
    _rule("own-area", "floor_area_per_100_households", 35, kinds=KINDS, basis="own_tier"),
    _rule("at-most", "floor_area_per_100_households", 70, kinds=("school",), operator="<="),
    SIZE,
    _rule("own-size", "smallest_facility_floor_area", 300, kinds=("clinic",), basis="own_tier", status="draft"),
)
SHARES = _standard(
    _rule("of-all", "met_units_share", 1, ("district",), of_tier="neighbourhood", of_rules=("reach", "reach-any")),
    REACH,
    _rule("reach-any", "reached_households_share", 0.85, kinds=KINDS, limit_min=15),
)


@dataclass(frozen=True)
class Register:
    tables: Tables
    states: dict
    ranges: dict
    minutes: dict = field(default_factory=dict)
    exits: dict = field(default_factory=dict)


def _tables(units, dwellings, facilities):
    rest = {name: empty_table(name, CRS) for name in ("streets", "ground", "candidates")}
    return Tables(units=units, facilities=facilities, dwellings=dwellings, crs=CRS, **rest)


@st.composite
def registers(draw):
    """Eight neighbourhoods in four circles in two subdistricts, with households and facilities known or not."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = _units(chance.choice([40, 80, 120, 0, np.nan], 8), with_parents=draw(st.booleans()))
    dwellings = _homes(chance, draw(st.integers(0, 25)), unknown=draw(st.sampled_from([0.0, 0.1, 0.5])))
    facilities = _facilities(chance, draw(st.integers(0, 12)), unknown=draw(st.sampled_from([0.0, 0.3])))
    ranges = draw(st.sampled_from([(None, None), ((100.0, 400.0), None), ((50.5, 600.0), (30.0, 90.0))]))
    tables = _tables(units, dwellings, facilities)
    return Register(tables, {}, dict(zip(("floor_area_m2", "households"), ranges, strict=True)))


@st.composite
def agreeing_registers(draw):
    """Registers whose dwellings account for all households of their unit, states drawn with them.

    Dwellings of unknown households stand alone in their unit or share one state with the others of the kind.
    """
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dwellings = _homes(chance, draw(st.integers(1, 40)), unknown=draw(st.sampled_from([0.0, 0.1, 0.5])))
    units = _units([np.nan] * 8, with_parents=True)
    homes = dwellings["households"].groupby(unit_of_places(dwellings, units, stated="unit_id").to_numpy())
    known, hidden = homes.sum(), homes.agg(lambda found: found.isna().any())
    stated = [
        known.get(unit, 0.0) + (chance.choice([0, 25, np.nan]) if hidden.get(unit, False) else 0)
        for unit in units["unit_id"][:8]
    ]
    common = {kind: str(chance.choice(STATES)) for kind in KINDS}
    states = {
        (row["dwelling_id"], kind): common[kind] if math.isnan(row["households"]) else str(chance.choice(STATES))
        for row in dwellings.to_dict("records")
        for kind in KINDS
    }
    tables = _tables(_units(stated, with_parents=True), dwellings, _facilities(chance, 0, 0))
    return Register(tables, states, {"floor_area_m2": None, "households": None})


STATES = ("reached", "reached", "not_reached", "unknown")


def _units(households, with_parents):
    rows = [(f"N{n}", "neighbourhood", f"C{n // 2}", box(100 * n, 0, 100 * n + 100, 100)) for n in range(8)]
    rows += [(f"C{n}", "circle", f"S{n // 2}", box(200 * n, 0, 200 * n + 200, 100)) for n in range(4)]
    rows += [(f"S{n}", "subdistrict", "", box(400 * n, 0, 400 * n + 400, 150)) for n in range(2)]
    keys, tiers, parents, shapes = (list(column) for column in zip(*rows, strict=True))
    columns = {
        "unit_id": keys,
        "name": keys,
        "tier": tiers,
        "parent_id": parents if with_parents else [""] * len(keys),
        "households": [*map(float, households), *[math.nan] * 6],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _spots(chance, number):
    """Points in units, on their borders, in a subdistrict alone, and outside."""
    heights = chance.choice([0.0, 50.0, 70.0, 100.0, 130.0, 170.0], number)
    return gpd.GeoSeries([Point(25.0 * chance.integers(-1, 34), height) for height in heights], crs=CRS)


def _texts(chance, choices, number):
    return pd.Series([str(one) for one in chance.choice(choices, number)], dtype="str")


def _homes(chance, number, unknown):
    """Dwellings, some of unknown households; those in a subdistrict alone are all known."""
    spots = _spots(chance, number)
    hidden = (chance.random(number) < unknown) & (spots.y <= 100).to_numpy(dtype=bool)
    columns = {
        "dwelling_id": pd.Series([f"D{place}" for place in range(number)], dtype="str"),
        "households": pd.Series(chance.integers(0, 30, number), dtype="float64").mask(hidden),
        "unit_id": _texts(chance, ["", "", "N1"], number),
    }
    return gpd.GeoDataFrame(columns, geometry=spots)


def _facilities(chance, number, unknown):
    def days(choices):
        return pd.Series(np.array(choices, dtype="datetime64[us]")[chance.integers(0, len(choices), number)])

    areas = pd.Series(chance.choice([0, 120.5, 299.99, 300, 800], number), dtype="float64")
    columns = {
        "facility_id": pd.Series([f"F{place}" for place in range(number)], dtype="str"),
        "name": _texts(chance, ["one"], number),
        "kind": _texts(chance, ["clinic", "school", "canteen"], number),
        "tier": _texts(chance, ["", *TIERS], number),
        "floor_area_m2": areas.mask(chance.random(number) < unknown),
        "status": _texts(chance, ["open"] * 6 + ["", "closed", "planned", "under_construction"], number),
        "opens_on": days(["NaT", "NaT", "2020-01-01", "2025-06-30", "2025-07-01"]),
        "lease_until": days(["NaT", "NaT", "2025-06-29", "2025-06-30"]),
        "serves": _texts(chance, [""] * 5 + ["N1:0.6;N2:0.4", "N3:0.3;N6:0.2", "C1", "N0:0.1;N1:0.2"], number),
        "part_of": _texts(chance, [""] * 6 + ["F0"], number),
    }
    columns["part_of"][columns["facility_id"] == "F0"] = ""
    return gpd.GeoDataFrame(columns, geometry=_spots(chance, number))


def _verdicts(register, standard):
    return _verdicts_of(register, [standard])


def _verdicts_of(register, standards):
    tables, ranges = register.tables, register.ranges
    dwellings = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
    area_m2 = ranges["floor_area_m2"]
    entries = ledger_entries(tables.facilities, tables.units, date=DAY, kinds=set(KINDS), unknown_m2=area_m2)
    units = units_of_study(tables.units, dwellings, entries, name="test", unknown_households=ranges["households"])
    homes = pd.Index(dwellings["dwelling_id"], name="dwelling_id")
    reach = pd.DataFrame(
        {f"reach_{kind}": [register.states.get((home, kind)) for home in homes] for kind in KINDS}, homes
    )
    for kind in KINDS:
        reach[f"minutes_{kind}"] = [_float(register.minutes.get((home, kind))) for home in homes]
    reach["exit_min"] = [_float(register.exits.get(home)) for home in homes]
    judged = []
    for standard in standards:
        reached, around = pools_of_rules(standard.rules, units, dwellings, {WALK: reach})
        judged += judge_units(standard, View(units, units_below(units), reached=reached, around=around), day=DAY)
    return verdict_table(judged, day=DAY)


def _float(minutes):
    return math.nan if minutes is None else float(minutes)


def _twin_verdicts(register, standard):
    return naive_verdicts(register.tables, [standard], {WALK: register.states}, DAY, register.ranges)


@settings(RANDOM, max_examples=15)
@given(registers())
def test_every_figure_of_floor_areas_in_a_random_register_is_the_twins(register):
    assert disagreements(_verdicts(register, AREAS), _twin_verdicts(register, AREAS)) == []


@settings(RANDOM, max_examples=15)
@given(agreeing_registers())
def test_every_share_of_households_in_a_random_register_is_the_twins(register):
    assert disagreements(_verdicts(register, SHARES), _twin_verdicts(register, SHARES)) == []


NEAR_MIN = sorted(  # on the limit of 15 minutes and on both its margins, 10 microseconds beside them, and far
    {
        Fraction(15) + Fraction(whole, 100) + Fraction(tick, 6_000_000)
        for whole in (-75, -50, 0, 50, 75)
        for tick in (-1, 0, 1)
    }
    | {Fraction(0), Fraction(9), Fraction(40)}
)


@st.composite
def walked_registers(draw):
    """Agreeing registers with minutes that bear out every state, most of them on an edge."""
    register = draw(agreeing_registers())
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def one_of(walks):
        return walks[int(chance.integers(len(walks)))]

    beyond = [walk for walk in NEAR_MIN if walk > WALK[1]]
    within = [walk for walk in NEAR_MIN if walk <= WALK[1]]
    minutes = {key: one_of(within if state == "reached" else [*beyond, None]) for key, state in register.states.items()}
    homes = sorted({home for home, _ in register.states})
    may_not_leave = {home for (home, _), state in register.states.items() if state == "not_reached"}
    exits = {home: one_of([*beyond, None] if home in may_not_leave else [*NEAR_MIN, None]) for home in homes}
    return Register(register.tables, register.states, register.ranges, minutes, exits)


@settings(RANDOM, max_examples=15)
@given(walked_registers())
def test_what_lies_near_a_limit_in_a_random_register_is_the_twins(register):
    walks = {WALK: (register.minutes, register.states, register.exits)}
    twin = naive_edges(register.tables, [SHARES], walks, DAY, register.ranges)
    assert differing_edges(_verdicts(register, SHARES), twin) == []


@settings(RANDOM, max_examples=8)
@given(walked_registers())
def test_a_share_lies_between_those_at_a_shorter_and_a_longer_limit(register):
    units = _verdicts(register, SHARES)
    rows = units[(units["measure"] == "reached_households_share") & units["low"].notna()]
    steps = ["share_at_minus_5pct", "share_at_minus_30s", "low", "high", "share_at_plus_30s", "share_at_plus_5pct"]
    for one, two in pairwise(steps):
        assert (rows[one] <= rows[two]).all(), (one, two)


@settings(RANDOM, max_examples=8)
@given(walked_registers())
def test_households_near_a_limit_are_the_sum_of_those_of_the_units_below(register):
    homes = register.tables.dwellings
    inside = homes[homes["unit_id"].ne("") | homes.within(box(0, 0, 800, 100))]  # none in a subdistrict alone
    tables = _tables(register.tables.units, inside.reset_index(drop=True), register.tables.facilities)
    units = _verdicts(Register(tables, register.states, register.ranges, register.minutes, register.exits), SHARES)
    for margin in ("near_30s_households", "near_5pct_households"):
        sums = units[units["rule_id"] == "reach"].groupby("tier")[margin].sum()
        assert (sums == sums["district"]).all(), sums


# --- Where package and twin part ------------------------------------------------------------------------------------


def _homes_at(rows):
    """Dwellings from (x, y, households)."""
    columns = {
        "dwelling_id": pd.Series([f"D{place}" for place in range(len(rows))], dtype="str"),
        "households": pd.Series([households for _, _, households in rows], dtype="float64"),
        "unit_id": pd.Series([""] * len(rows), dtype="str"),
    }
    return gpd.GeoDataFrame(columns, geometry=[Point(x, y) for x, y, _ in rows], crs=CRS)


def _centres_at(rows):
    """Open clinics from (x, y, floor area)."""
    found = _facilities(np.random.default_rng(0), len(rows), 0)
    texts = {"kind": "clinic", "status": "open", "tier": "", "serves": "", "part_of": ""}
    days = {"opens_on": pd.NaT, "lease_until": pd.NaT}
    areas = pd.Series([area for _, _, area in rows], dtype="float64")
    points = gpd.GeoSeries([Point(x, y) for x, y, _ in rows], crs=CRS)
    return found.assign(**texts, **days, floor_area_m2=areas).set_geometry(points)


def _town_hall(stated, homes, centres, states=(), households=None):
    """A register of eight neighbourhoods that state their households; those not named state 0."""
    units = _units([*stated, *[0] * (8 - len(stated))], with_parents=True)
    tables = _tables(units, _homes_at(homes), _centres_at(centres))
    by_home = {(f"D{place}", "clinic"): state for place, state in enumerate(states)}
    return Register(tables, by_home, {"floor_area_m2": None, "households": households})


def _figure(verdicts, rule_id, unit_id):
    row = verdicts[(verdicts["rule_id"] == rule_id) & (verdicts["unit_id"] == unit_id)].iloc[0]
    return row["low"], row["high"], row["verdict"]


def test_a_neighbourhood_without_dwellings_keeps_its_households_in_the_share_above_it():
    register = _town_hall([10, 90], [(50, 50, 10)], [], ["reached"])
    assert _figure(_verdicts(register, _standard(REACH)), "reach", "C0") == (0.1, 1.0, "unknown")


def test_stated_households_that_no_dwelling_holds_are_unknown_in_the_share():
    register = _town_hall([100], [(50, 50, 10)], [], ["reached"])
    assert _figure(_verdicts(register, _standard(REACH)), "reach", "N0") == (0.1, 1.0, "unknown")


def test_households_left_for_two_states_are_counted_once():
    homes, states = [(50, 50, 60), (50, 50, math.nan), (50, 50, math.nan)], ["reached", "not_reached", "unknown"]
    register = _town_hall([100], homes, [], states)
    assert _figure(_verdicts(register, _standard(REACH)), "reach", "N0") == (0.6, 1.0, "met")


def test_a_share_of_units_of_a_circle_counts_the_units_in_the_circle():
    share = _rule("share", "met_units_share", 1, ("circle",), of_tier="neighbourhood", of_rules=("area",))
    register = _town_hall([100, 0, 100], [], [(50, 50, 400.0)])
    assert _figure(_verdicts(register, _standard(share, AREA)), "share", "C0") == (1.0, 1.0, "met")


def test_the_order_of_the_named_rules_changes_no_share_of_units():
    register = _town_hall([100, 100], [], [(50, 50, 400.0)])
    rules = [
        _rule("-".join(of_rules), "met_units_share", 1, ("district",), of_tier="neighbourhood", of_rules=of_rules)
        for of_rules in (("area", "size"), ("size", "area"))
    ]
    verdicts = _verdicts(register, _standard(*rules, AREA, SIZE))
    assert _figure(verdicts, "size-area", "district") == _figure(verdicts, "area-size", "district")


def test_the_range_of_a_neighbourhood_says_nothing_of_one_dwelling_between_them():
    register = _town_hall([10], [(50, 130, math.nan)], [(50, 50, 10.0)], households=(200.0, 3000.0))
    assert _figure(_verdicts(register, _standard(AREA)), "area", "S0")[1:] == (100.0, "unknown")


def test_a_second_standard_with_the_same_rule_leaves_the_order_of_the_first():
    other = Standard(**dict(_standard(SIZE), id="other"))
    verdicts = _verdicts_of(_town_hall([100], [], [(50, 50, 400.0)]), [_standard(AREA, SIZE), other])
    order = verdicts.loc[verdicts["standard"] == "test", "rule_id"].tolist()
    assert order == sorted(order)
