"""The laws of the design, on random towns."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity, box

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.intervals import Interval, judge, shown
from lifecircle.places import unit_of_places
from lifecircle.reach import dwelling_reach
from lifecircle.tables import Tables
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

KIND = "community_service"
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


@given(towns(), st.data())
def test_removing_a_facilitys_area_never_turns_unmet_into_met(tables: Tables, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(tables.facilities) - 1))
    less = tables.facilities.copy()
    less.loc[less.index[place], "floor_area_m2"] = 0.0
    before, after = verdicts(tables), verdicts(replace(tables, facilities=less))
    assert not ((before["verdict"] == "unmet") & (after["verdict"] == "met")).any()


@given(towns(), places)
def test_adding_a_facility_never_lowers_a_share_of_households(tables: Tables, place: tuple[float, float]) -> None:
    more = facilities_at([place]).assign(facility_id=["new"])
    grown = replace(tables, facilities=pd.concat([tables.facilities, more], ignore_index=True))
    before, after = (
        verdicts(tables).xs("reach-2025-units", level="rule_id"),
        verdicts(grown).xs("reach-2025-units", level="rule_id"),
    )
    for end in ("low", "high"):
        assert (after[end].fillna(0) >= before[end].fillna(0)).all()


@given(towns(), st.integers(1, 399))
def test_splitting_a_child_unit_leaves_its_parents_as_they_were(tables: Tables, cut_m: int) -> None:
    units = tables.units.assign(households=NAN)  # dwellings carry the households, and there are some on both sides
    inside = dwellings_at([(0.5, 10), (399.5, 10), (500, 10), (900, 10), (1300, 10)]).assign(
        dwelling_id=["E1", "E2", "E3", "E4", "E5"]
    )
    homes = pd.concat([tables.dwellings.assign(households=tables.dwellings["households"].fillna(7.0)), inside])
    whole = replace(tables, units=units, dwellings=homes.reset_index(drop=True))
    left = units[units["unit_id"] == "N1"].assign(geometry=[box(0, 0, cut_m, 800)])
    right = units[units["unit_id"] == "N1"].assign(unit_id=["N1b"], geometry=[box(cut_m, 0, 400, 800)])
    rest = units[units["unit_id"] != "N1"]
    before, after = verdicts(whole), verdicts(replace(whole, units=pd.concat([rest, left, right], ignore_index=True)))
    counts_units = before["measure"] == "met_units_share"
    above = before.index[~counts_units & (before.index.get_level_values("unit_id") != "N1")]
    columns = ["low", "high", "verdict", "gap", "households_low", "households_high"]
    pd.testing.assert_frame_equal(before.loc[above, columns], after.loc[above, columns])


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


@given(towns(), st.randoms(use_true_random=False))
def test_row_order_and_index_labels_change_nothing(tables: Tables, random) -> None:  # type: ignore[no-untyped-def]
    def shuffled(table):  # type: ignore[no-untyped-def]
        order = list(range(len(table)))
        random.shuffle(order)
        mixed = table.iloc[order]
        return mixed.set_axis([f"row {number}" for number in range(len(mixed))], axis=0)

    mixed = replace(
        tables,
        units=shuffled(tables.units),
        facilities=shuffled(tables.facilities),
        dwellings=shuffled(tables.dwellings),
        streets=shuffled(tables.streets),
    )
    pd.testing.assert_frame_equal(verdicts(tables), verdicts(mixed))


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
