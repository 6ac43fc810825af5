"""The laws of the design, on random towns."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.intervals import Interval, judge, shown
from lifecircle.places import unit_of_places
from lifecircle.reach import dwelling_reach
from lifecircle.result import Result
from lifecircle.standards import Standard
from lifecircle.tables import Tables
from test_comply import rule, standard
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

KIND = "community_service"
FEW = settings(max_examples=settings.default.max_examples // 2)  # whole assessments, twice or more often each
NAN = float("nan")
areas = st.one_of(st.integers(0, 1500).map(float), st.floats(0, 1500).map(lambda x: round(x, 2)), st.just(NAN))
households = st.one_of(st.integers(0, 3000).map(float), st.just(NAN))
places = st.tuples(st.integers(0, 1600), st.integers(0, 800)).map(lambda place: (float(place[0]), float(place[1])))


@st.composite
def towns(draw: st.DrawFn) -> Tables:
    """Four neighbourhoods of 400 m by 800 m, up to 8 facilities and up to 12 dwellings, some numbers unknown."""
    sites = draw(st.lists(places, min_size=1, max_size=8))
    homes = draw(st.lists(places, min_size=1, max_size=12))
    cut = draw(st.sets(st.tuples(st.integers(0, 15), st.integers(0, 8)), max_size=25))
    kinds = st.sampled_from([KIND, "party_service", "health_station"])
    facilities = facilities_at(
        sites,
        kinds=draw(st.lists(kinds, min_size=len(sites), max_size=len(sites))),
        areas=draw(st.lists(areas, min_size=len(sites), max_size=len(sites))),
    )
    dwellings = dwellings_at(homes, draw(st.lists(households, min_size=len(homes), max_size=len(homes))))
    units = nested_units(draw(st.lists(households, min_size=4, max_size=4)))
    return tables_of(units, facilities, dwellings, grid_streets(17, 9, without=[(i, j, i + 1, j) for i, j in cut]))


def verdicts(tables: Tables) -> pd.DataFrame:
    units = assess_tables(toy_study(), tables, both_standards()).units
    return units.set_index(["standard", "rule_id", "unit_id"]).sort_index()


TIERS = ["neighbourhood", "circle", "subdistrict", "district"]
OWN = standard(
    rule(id="area", tiers=TIERS),
    rule(id="own", tiers=TIERS, basis="own_tier"),
    rule(id="size", measure="smallest_facility_floor_area", value=300, unit="m2", tiers=TIERS),
    rule(id="count", measure="facilities_count", value=2, unit="facilities", tiers=TIERS),
    rule(id="large", measure="facilities_count", value=1, unit="facilities", tiers=TIERS, least_m2=300),
    rule(id="offers", measure="offered_services_share", value=1, unit="share of services", tiers=TIERS, kinds=[],
         services=["meals", "care"], limit_min=8),
    rule(id="service", measure="service_area_share", value=0.6, unit="share of floor area", tiers=TIERS),
    rule(id="road", measure="road_distance_m", value=60, unit="m", operator="<=", tiers=TIERS),
    rule(id="reach", measure="reached_households_share", value=0.5, unit="share of households", tiers=TIERS,
         limit_min=8),
    rule(id="reachable", measure="reachable_floor_area_per_100_households", tiers=TIERS, limit_min=8),
    rule(id="units", measure="met_units_share", value=0.5, unit="share of units", tiers=["district"], kinds=[],
         of_tier="neighbourhood", of_rules=["area"]),
    rule(id="covered", measure="met_units_share", value=0.5, unit="share of units", tiers=["district"], kinds=[],
         of_tier="neighbourhood", of_rules=["area", "large"]),
)  # fmt: skip
AREAS_OF_ALL = ["area", "own", "large", "reachable", "units", "covered"]  # more floor area never makes these worse
# Nor does one more facility make these. It may be the smallest, or the one that serves least or lies farthest off, so
# rules on each facility can be failed by it ("size", "service", "road"); and who walks to it no longer shares another's
# area, which may then be more than it had ("reachable").
SHARES = ["offers", "reach", "count", "large", "area", "own", "units", "covered"]
SHANGHAI = ["floor-area", "floor-area-own-tier", "conforming-facility", "coverage-subdistrict", "coverage-circle",
            "coverage-neighbourhood", "social-work-station", "social-work-station-share", "services",
            "reach-2025", "reach-2025-units", "reach-2035"]  # fmt: skip


def assessed(tables: Tables, *standards: Standard) -> Result:
    return assess_tables(toy_study(), tables, standards or [OWN])


def by_rule(result: Result) -> pd.DataFrame:
    return result.units.set_index(["rule_id", "unit_id"]).sort_index()


@st.composite
def served_towns(draw: st.DrawFn) -> Tables:
    """Towns whose facilities offer services, state parts of their area, serve two units, and belong together or not."""
    tables = draw(towns())
    n, chance = len(tables.facilities), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def some(*choices: str) -> list[str]:
        return [str(one) for one in chance.choice(choices, n)]

    facilities = tables.facilities.assign(
        services=some("meals", "care", "meals;care", ""),
        service_area_m2=tables.facilities["floor_area_m2"] * chance.choice([0.5, 0.6, 0.75, 1.0], n),
        serves=some("", "", "", "N1:0.5;N2:0.5", "C1"),
        status=some("open", "open", "open", "planned", "closed"),
        tier=some("", "circle"),
    )
    if n > 1:
        facilities.loc[facilities.index[-1], "part_of"] = str(draw(st.sampled_from(["", "F1"])))
    return replace(tables, facilities=facilities)


def worse(before: pd.DataFrame, after: pd.DataFrame, rules: list[str]) -> pd.DataFrame:
    """Rows of some rules whose low or high end is lower than it was."""
    pairs = before.merge(after[["low", "high"]], left_index=True, right_index=True, suffixes=("", "_after")).loc[rules]
    pairs = pairs[pairs["low"].notna() & pairs["low_after"].notna()]
    lower = (pairs["low_after"] < pairs["low"] - 1e-9) | (pairs["high_after"] < pairs["high"] - 1e-9)
    return pairs.loc[lower, ["low", "low_after", "high", "high_after"]]


@FEW
@given(served_towns(), st.data())
def test_removing_a_facilitys_area_never_turns_unmet_into_met(tables: Tables, data: st.DataObject) -> None:
    """Its floor area becomes 0, and with it what of that serves: a share of nothing is then unknown, not met."""
    place = tables.facilities.index[data.draw(st.integers(0, len(tables.facilities) - 1))]
    less = tables.facilities.copy()
    less.loc[place, ["floor_area_m2", "service_area_m2"]] = 0.0
    removed = replace(tables, facilities=less)
    before, after = (by_rule(assessed(one, OWN, *both_standards())) for one in (tables, removed))
    pairs = before[["verdict"]].merge(after[["verdict"]], left_index=True, right_index=True, suffixes=("", "_after"))
    assert pairs[(pairs["verdict"] == "unmet") & (pairs["verdict_after"] == "met")].empty
    assert worse(after, before, AREAS_OF_ALL).empty


@st.composite
def one_more(draw: st.DrawFn) -> pd.DataFrame:
    """A facility anywhere, of any kind, area (or none stated) and services (or none stated)."""
    return facilities_at([draw(places)], kinds=[draw(st.sampled_from([KIND, "party_service", "clinic"]))],
                         areas=[draw(areas)]).assign(
        facility_id=["new"],
        services=[draw(st.sampled_from(["meals", "care", "meals;care", ""]))],
        serves=[draw(st.sampled_from(["", "", "N1:0.5;N2:0.5", "C1"]))],
        tier=[draw(st.sampled_from(["", "circle"]))],
    )  # fmt: skip


@FEW
@given(served_towns(), one_more())
def test_adding_a_facility_never_lowers_a_share_but_that_of_each_facilitys_service_area(
    tables: Tables, more: pd.DataFrame
) -> None:
    """Of households, services or units, nor floor area per household, nor a number of facilities.

    It may lower the smallest area and the lowest share of service area: these are of the worst facility.
    """
    grown = replace(tables, facilities=pd.concat([tables.facilities, more], ignore_index=True))
    before, after = (by_rule(assessed(one, OWN, *both_standards())) for one in (tables, grown))
    assert worse(before, after, SHARES + SHANGHAI).empty
    lost = before[["verdict"]].merge(after[["verdict"]], left_index=True, right_index=True).loc[SHARES + SHANGHAI]
    assert lost[(lost["verdict_x"] == "met") & (lost["verdict_y"] == "unmet")].empty


KEPT = ["low", "high", "verdict", "gap", "gap_low", "gap_high", "households_low", "households_high"]


@FEW
@given(served_towns(), st.integers(1, 399))
def test_a_unit_split_in_two_leaves_its_parents_and_merged_again_has_its_old_figures(
    tables: Tables, cut_m: int
) -> None:
    units = tables.units.assign(households=NAN)  # dwellings carry the households, and there are some on both sides
    inside = dwellings_at([(0.5, 10), (399.5, 10), (500, 10), (900, 10), (1300, 10)]).assign(
        dwelling_id=["E1", "E2", "E3", "E4", "E5"]
    )
    homes = pd.concat([tables.dwellings.assign(households=tables.dwellings["households"].fillna(7.0)), inside])
    sites = tables.facilities.assign(serves="")  # shares of a unit that is split would have to be split, too
    whole = replace(tables, units=units, dwellings=homes.reset_index(drop=True), facilities=sites)
    left = units[units["unit_id"] == "N1"].assign(geometry=[box(0, 0, cut_m, 800)])
    right = units[units["unit_id"] == "N1"].assign(unit_id=["N1b"], geometry=[box(cut_m, 0, 400, 800)])
    rest = units[units["unit_id"] != "N1"]
    split = pd.concat([rest, left, right], ignore_index=True)
    merged = split[split["unit_id"] != "N1b"].copy()
    merged.loc[merged["unit_id"] == "N1", "geometry"] = [box(0, 0, cut_m, 800) | box(cut_m, 0, 400, 800)]
    before, after, again = (by_rule(assessed(replace(whole, units=one))) for one in (units, split, merged))
    above = before.index[(before["measure"] != "met_units_share") & (before.index.get_level_values(1) != "N1")]
    pd.testing.assert_frame_equal(before.loc[above, KEPT], after.loc[above, KEPT], rtol=1e-12)
    pd.testing.assert_frame_equal(before[KEPT], again[KEPT], rtol=1e-12)


@given(towns(), st.floats(5, 30), st.floats(0.5, 2.0))
def test_a_longer_limit_or_a_faster_walker_never_shrinks_reach(tables: Tables, limit_min: float, faster: float) -> None:
    slow = lc.build_network(tables.streets, walker=lc.Walker(name="slow", speed_m_per_s=0.8))
    fast = lc.build_network(tables.streets, walker=lc.Walker(name="fast", speed_m_per_s=0.8 + faster))

    def reached(network: lc.Network, limit: float) -> set[tuple[str, str]]:
        pairs = lc.walk_minutes(network, tables.dwellings, tables.facilities, limit_min=limit)
        return set(zip(pairs["dwelling_id"], pairs["facility_id"], strict=True))

    assert reached(slow, limit_min) <= reached(slow, limit_min + 5)
    assert reached(slow, limit_min) <= reached(fast, limit_min)


@given(towns(), st.floats(-180, 180), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_moving_or_turning_the_whole_town_changes_nothing(
    tables: Tables, turn: float, east: float, north: float
) -> None:
    def moved(table):  # type: ignore[no-untyped-def]
        shapes = table.geometry.map(
            lambda shape: affinity.translate(affinity.rotate(shape, turn, origin=(0, 0)), east, north)
        )
        return table.set_geometry(shapes.set_crs(tables.crs))

    network, there = lc.build_network(tables.streets), lc.build_network(moved(tables.streets))
    here = lc.nearest_minutes(network, tables.dwellings, tables.facilities)
    after = lc.nearest_minutes(there, moved(tables.dwellings), moved(tables.facilities))
    pd.testing.assert_frame_equal(here, after, atol=1e-6, rtol=0)


@FEW
@given(served_towns(), st.randoms(use_true_random=False), st.booleans())
def test_row_order_and_index_labels_change_nothing(tables: Tables, random, same_label: bool) -> None:  # type: ignore[no-untyped-def]
    def shuffled(table):  # type: ignore[no-untyped-def]
        order = list(range(len(table)))
        random.shuffle(order)
        mixed = table.iloc[order]
        return mixed.set_axis(["row" if same_label else f"row {number}" for number in range(len(mixed))], axis=0)

    names = ("units", "facilities", "dwellings", "streets")
    mixed = replace(tables, **{name: shuffled(getattr(tables, name)) for name in names})
    one, other = assessed(tables, OWN, *both_standards()), assessed(mixed, OWN, *both_standards())
    for name, keys in (("units", ["standard", "rule_id", "unit_id"]), ("facilities", ["facility_id"])):
        before, after = (getattr(each, name).set_index(keys).sort_index() for each in (one, other))
        pd.testing.assert_frame_equal(before, after, obj=name)
    for name in ("missing", "reachable"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)


@given(towns())
def test_known_and_unknown_households_are_all_households_at_every_tier(tables: Tables) -> None:
    stated = replace(tables, units=tables.units.assign(households=NAN))
    known = replace(stated, dwellings=tables.dwellings.assign(households=tables.dwellings["households"].fillna(3.0)))
    result = assess_tables(toy_study(), known, both_standards())
    found = result.summary["reach"][KIND]
    assert sum(found.values()) == pytest.approx(known.dwellings["households"].sum())
    units = result.units.drop_duplicates("unit_id").set_index("unit_id")["households_low"]
    neighbourhoods = units[units.index.str.startswith("N")].sum()
    assert units["S"] == pytest.approx(neighbourhoods)
    assert units["C1"] + units["C2"] == pytest.approx(neighbourhoods)


@given(towns(), st.integers(1, 11))
def test_a_partition_of_the_dwellings_changes_nothing(tables: Tables, cut: int) -> None:
    network = lc.build_network(tables.streets)
    parts = [tables.dwellings.iloc[:cut], tables.dwellings.iloc[cut:]]
    whole = dwelling_reach(network, tables.dwellings, tables.facilities, [KIND], limit_min=15)
    pieces = [dwelling_reach(network, part, tables.facilities, [KIND], limit_min=15) for part in parts if len(part)]
    pd.testing.assert_frame_equal(whole, pd.concat(pieces))


@FEW
@given(towns(), st.integers(0, 2**32 - 1))
def test_bounds_hold_the_true_value_when_hidden_numbers_are_filled_in(tables: Tables, seed: int) -> None:
    random = np.random.default_rng(seed)
    hidden = verdicts(tables)

    def filled(values: pd.Series, top: int) -> pd.Series:
        return values.fillna(pd.Series(random.integers(0, top, len(values)).astype(float), index=values.index))

    homes = tables.dwellings.assign(households=filled(tables.dwellings["households"], 500))
    units, unit_ids = tables.units.copy(), unit_of_places(homes, tables.units)
    silent = units["households"].isna() & (units["tier"] == "neighbourhood")
    sums = homes["households"].groupby(unit_ids.to_numpy()).sum()
    units["households"] = units["households"].mask(silent, units["unit_id"].map(sums).fillna(0.0))
    sites = tables.facilities.assign(floor_area_m2=filled(tables.facilities["floor_area_m2"], 2000))
    true = verdicts(replace(tables, units=units, dwellings=homes, facilities=sites))
    pairs = hidden.merge(true[["low", "high", "verdict"]], left_index=True, right_index=True, suffixes=("", "_true"))
    pairs = pairs[
        (pairs["measure"] == "floor_area_per_100_households") & pairs["low_true"].notna() & pairs["low"].notna()
    ]
    assert (pairs["low"] <= pairs["low_true"] + 1e-9).all()
    assert (pairs["high"] >= pairs["high_true"] - 1e-9).all()
    sure = pairs[pairs["verdict"].isin(["met", "unmet"])]
    assert (sure["verdict"] == sure["verdict_true"]).all()


@pytest.mark.parametrize(
    ("area", "verdict", "text"),
    [
        ("35", "met", "35.00"),
        ("34.999999", "unmet", "34.99"),
        ("35.000001", "met", "35.00"),
        ("34.96", "unmet", "34.96"),
    ],
)
def test_thirty_five_is_met_and_less_never_reads_so(area: str, verdict: str, text: str) -> None:
    figure = Interval(Fraction(area), Fraction(area))
    assert judge(figure, ">=", Fraction(35)) == verdict
    assert shown(figure.low) == text


@pytest.mark.parametrize(
    ("area", "verdict", "text"), [(35.0, "met", "35.00"), (34.999999, "unmet", "34.99"), (35.000001, "met", "35.00")]
)
def test_a_unit_of_a_hundred_households_needs_thirty_five_to_the_last_digit(
    area: float, verdict: str, text: str
) -> None:
    row = _of_one_facility(area, 100).loc["area", "N1"]
    assert (row["verdict"], row["shown"]) == (verdict, text)
    for why in (row["why_zh"], row["why_en"]):
        assert f" {text} m²" in why
        assert text == "35.00" or "35.00" not in why
    if verdict == "unmet":
        assert row["gap"] == pytest.approx(0.000001)
        assert row["gap_en"] == "0.01 m² short"


@pytest.mark.parametrize(("area", "verdict", "text"), [(300.0, "met", "300.00"), (299.999999, "unmet", "299.99")])
def test_a_facility_of_three_hundred_square_metres_meets_and_a_hair_less_does_not(
    area: float, verdict: str, text: str
) -> None:
    rows = _of_one_facility(area, 100)
    assert rows.loc["size", "N1"][["verdict", "shown"]].tolist() == [verdict, text]
    assert rows.loc["large", "N1"]["verdict"] == verdict
    assert text == "300.00" or "300.00" not in rows.loc["size", "N1"]["why_en"] + rows.loc["size", "N1"]["why_zh"]


def _of_one_facility(area: float, households: float) -> pd.DataFrame:
    homes, sites = dwellings_at([(200, 200)], [households]), facilities_at([(100, 100)], areas=[area])
    return by_rule(assessed(tables_of(nested_units([households]), sites, homes, grid_streets(5, 9))))
