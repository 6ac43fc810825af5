"""Which unit lies in which: as stated, else by most of its known households, else by a point inside it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from lifecircle.nesting import nesting_faults
from lifecircle.places import parentage, parents_of_units
from lifecircle.tables import Tables
from towns import dwellings_at, facilities_at, grid_streets, tables_of, units_of

NAN = float("nan")
Shape = tuple[str, str, Polygon, float]


def town(parent: str = "", east_m: float = 250, west_m: float = 100) -> gpd.GeoDataFrame:
    """C1 from 0 to 200 m and C2 from 200 to 400 m, both in S; N from `west_m` to `east_m`, over their boundary."""
    shapes: dict[str, Shape] = {
        "N": ("neighbourhood", parent, box(west_m, 0, east_m, 100), NAN),
        "C1": ("circle", "S", box(0, 0, 200, 100), NAN),
        "C2": ("circle", "S", box(200, 0, 400, 100), NAN),
        "S": ("subdistrict", "", box(0, 0, 400, 100), NAN),
    }
    return units_of(shapes)


def homes(*each: tuple[float, float], unit_ids: list[str] | None = None) -> gpd.GeoDataFrame:
    """Dwellings from (metres east, households)."""
    return dwellings_at([(x, 50) for x, _ in each], [number for _, number in each], unit_ids)


def found(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame | None = None, unit_id: str = "N") -> tuple[str, str]:
    row = parentage(units, dwellings).loc[unit_id]
    return str(row["parent_id"]), str(row["how"])


def tables(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame) -> Tables:
    return tables_of(units, facilities_at([(50, 50)]), dwellings, grid_streets(5, 2))


def lines(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame, lang: str = "en") -> list[str]:
    return [one.line(lang) for one in nesting_faults(tables(units, dwellings))]


# the unit above


@pytest.mark.parametrize(
    ("parent", "dwellings", "expected"),
    [
        ("C1", homes((150, 1), (240, 9)), ("C1", "stated")),
        ("", homes((150, 1), (240, 9)), ("C2", "share")),
        ("", homes((150, 5), (160, 5), (240, 9)), ("C1", "share")),
        ("", homes((150, 5), (240, 5)), ("C1", "share")),
        ("", homes((150, NAN), (240, 1)), ("C2", "share")),
        ("", homes((150, NAN), (240, 0)), ("C1", "point")),
        ("", homes((350, 9)), ("C1", "point")),
        ("nowhere", homes((240, 9)), ("C2", "share")),
    ],
    ids=["stated", "most", "sum", "tie", "unknown", "none known", "none inside", "stated but not there"],
)
def test_a_unit_belongs_to_the_one_stated_else_to_that_of_most_households_else_to_that_of_a_point(
    parent: str, dwellings: gpd.GeoDataFrame, expected: tuple[str, str]
) -> None:
    assert found(town(parent), dwellings) == expected


def test_without_dwellings_a_point_inside_decides() -> None:
    assert found(town()) == ("C1", "point")
    assert found(town(east_m=390)) == ("C2", "point")


def test_a_dwelling_that_states_its_unit_is_that_units_wherever_it_lies() -> None:
    assert found(town(), homes((350, 9), (150, 1), unit_ids=["N", ""])) == ("C2", "share")


def test_a_circle_goes_where_the_households_of_its_neighbourhoods_live() -> None:
    shapes: dict[str, Shape] = {
        "N": ("neighbourhood", "C", box(0, 0, 100, 100), NAN),
        "C": ("circle", "", box(0, 0, 400, 100), NAN),
        "S1": ("subdistrict", "", box(0, 0, 90, 100), NAN),
        "S2": ("subdistrict", "", box(90, 0, 400, 100), NAN),
    }
    assert found(units_of(shapes), unit_id="C") == ("S2", "point")
    assert found(units_of(shapes), homes((50, 9), (350, 8)), unit_id="C") == ("S1", "share")


def test_where_there_is_no_circle_the_subdistrict_is_the_unit_above() -> None:
    units = town()
    assert found(units[units["tier"] != "circle"], homes((150, 1))) == ("S", "share")


def test_the_highest_unit_lies_in_none() -> None:
    assert found(town(), homes((150, 1)), unit_id="S") == ("", "")


def test_dwellings_without_a_place_and_labels_that_stand_twice_decide_nothing() -> None:
    dwellings = homes((150, 1), (240, 2), (240, 9)).set_axis([0, 0, 0], axis=0)
    dwellings = dwellings.set_geometry(gpd.GeoSeries([*dwellings.geometry[:2], None], index=dwellings.index))
    assert found(town(), dwellings.set_crs(town().crs, allow_override=True)) == ("C2", "share")


def test_inputs_stay_as_they_are() -> None:
    units, dwellings = town(), homes((150, 1), (240, 9))
    before = units.copy(), dwellings.copy()
    parents_of_units(units, dwellings)
    pd.testing.assert_frame_equal(units, before[0])
    pd.testing.assert_frame_equal(dwellings, before[1])


def parents_by_hand(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame) -> dict[str, str]:
    """The same by plain loops over boxes, for neighbourhoods and circles without a stated parent."""
    rows = {row.unit_id: row for row in units.itertuples()}

    def inside(x: float, y: float, tier: str) -> list[str]:
        def holds(row: Any) -> bool:
            west, south, east, north = row.geometry.bounds
            return bool(west <= x <= east and south <= y <= north)

        return sorted(key for key, row in rows.items() if row.tier == tier and holds(row))

    def lowest(x: float, y: float, tiers: tuple[str, ...]) -> str:
        return next((spot[0] for tier in tiers if (spot := inside(x, y, tier))), "")

    parents = {key: row.parent_id for key, row in rows.items()}
    of_home = {
        home.dwelling_id: lowest(home.geometry.x, home.geometry.y, ("neighbourhood", "circle", "subdistrict"))
        for home in dwellings.itertuples()
    }
    for tier, higher in (("neighbourhood", ("circle", "subdistrict")), ("circle", ("subdistrict",))):
        for key in [key for key, row in rows.items() if row.tier == tier and not row.parent_id]:
            sums: dict[str, float] = defaultdict(float)
            for home in dwellings.itertuples():
                above = lowest(home.geometry.x, home.geometry.y, higher)
                if of_home[home.dwelling_id] == key and home.households > 0 and above:
                    sums[above] += home.households
            point = rows[key].geometry.representative_point()
            largest = sorted(sums, key=lambda one: (-sums[one], one))
            parents[key] = largest[0] if largest else lowest(point.x, point.y, higher)
        of_home = {home: parents[key] if key and rows[key].tier == tier else key for home, key in of_home.items()}
    return parents


@st.composite
def towns_of_boxes(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Six neighbourhoods, two circles and two subdistricts in boxes that need not fit, and up to 20 dwellings."""
    shapes: dict[str, Shape] = {}
    edges = st.integers(1, 59)
    split, border = draw(edges) * 10, draw(edges) * 10
    for number in range(6):
        stated = draw(st.sampled_from(["", "", "C1", "S2"]))
        shapes[f"N{number}"] = ("neighbourhood", stated, box(number * 100, 0, number * 100 + 100, 100), NAN)
    shapes["C1"] = ("circle", draw(st.sampled_from(["", "S1"])), box(0, 0, split, 100), NAN)
    shapes["C2"] = ("circle", "", box(split, 0, draw(st.integers(split // 10 + 1, 60)) * 10, 100), NAN)
    shapes["S1"] = ("subdistrict", "", box(0, 0, border, 100), NAN)
    shapes["S2"] = ("subdistrict", "", box(border, 0, 600, 100), NAN)
    spots = draw(st.lists(st.tuples(st.integers(-5, 610), st.sampled_from([NAN, 0.0, 1.0, 2.0, 3.0])), max_size=20))
    return units_of(shapes), homes(*((float(x), number) for x, number in spots))


@given(towns_of_boxes())
def test_the_unit_above_is_that_of_plain_loops(drawn: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]) -> None:
    assert parents_of_units(*drawn) == parents_by_hand(*drawn)


@given(towns_of_boxes(), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_no_parent(drawn: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], seed: int) -> None:
    mixed = [table.sample(frac=1, random_state=seed) for table in drawn]
    assert parents_of_units(*mixed) == parents_of_units(*drawn)


# units that do not nest


def test_a_unit_whose_households_live_outside_the_one_above_is_reported_with_how_it_was_assigned() -> None:
    (line,) = lines(town(east_m=200), homes((150, 60), (190, 40), (250, 7), unit_ids=["N", "N", "N"]))
    assert line == (
        "units, row 1: unit N (N) does not nest: 7 of its 107 known households live outside unit C1 (C1); it is "
        "counted in unit C1 (C1), where most of its known households live. "
        "Cure: correct the boundaries, or state the unit above it"
    )


def test_a_unit_over_a_boundary_is_reported_with_the_part_of_its_area_and_what_was_stated() -> None:
    (line,) = lines(town("C2"), homes((150, 60), (240, 40)))
    assert "60 of its 100 known households live outside unit C2 (C2), and of its area 66.7 % in unit C1 (C1)" in line
    assert "it is counted in unit C2 (C2), as stated." in line
    (line,) = lines(town("C2"), homes((150, 60), (240, 40)), "zh")
    assert line == (
        "units,第 1 行:unit N (N) 未完全落在上级单元内:已知 100 户中有 60 户在unit C2 (C2)以外,"
        "面积另有部分位于 unit C1 (C1) 66.7%;计入unit C2 (C2),依据:填报的上级编码。处理:请改正边界,或填写上级编码"
    )


def test_the_households_concerned_stand_in_the_fault() -> None:
    (one,) = nesting_faults(tables(town("C2"), homes((150, 60), (240, 40))))
    assert (one.check, one.severity, one.where.households) == ("does-not-nest", "warning", 60)


@pytest.mark.parametrize(
    ("west_m", "east_m", "n"), [(100, 200.9, 0), (100, 201.0, 0), (100, 201.1, 1), (150, 200.9, 0), (50, 201.1, 0)]
)
def test_loose_drawing_is_no_fault_up_to_100_square_metres_or_1_percent(west_m: float, east_m: float, n: int) -> None:
    assert len(lines(town(east_m=east_m, west_m=west_m), homes((190, 60)))) == n


def test_a_circle_over_a_boundary_is_reported_with_the_households_of_its_neighbourhoods() -> None:
    shapes: dict[str, Shape] = {
        "N": ("neighbourhood", "C", box(0, 0, 100, 100), NAN),
        "C": ("circle", "S1", box(0, 0, 100, 100), NAN),
        "S1": ("subdistrict", "", box(0, 0, 50, 100), NAN),
        "S2": ("subdistrict", "", box(50, 0, 100, 100), NAN),
    }
    (line,) = lines(units_of(shapes), homes((10, 3), (90, 4)))
    assert "unit C (C) does not nest: 4 of its 7 known households live outside unit S1 (S1)" in line


def test_units_that_nest_are_not_reported() -> None:
    assert lines(town("C1", east_m=200), homes((150, 60), (200, 40))) == []


@given(towns_of_boxes())
def test_households_outside_the_unit_above_are_those_of_plain_loops(
    drawn: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
) -> None:
    units, dwellings = drawn
    shapes = units.set_index("unit_id").geometry
    parents = parents_by_hand(units, dwellings)
    outside: dict[str, float] = defaultdict(float)
    for home in dwellings.itertuples():
        spots = [
            key
            for tier in ("neighbourhood", "circle", "subdistrict")
            for key in sorted(units.loc[units["tier"] == tier, "unit_id"])
            if shapes[key].intersects(home.geometry)
        ]
        at = spots[0] if spots and home.households > 0 else ""
        while at and parents[at]:
            outside[at] += 0 if shapes[parents[at]].intersects(home.geometry) else home.households
            at = parents[at]
    faults = {one.where.row: one.where.households for one in nesting_faults(tables(units, dwellings))}
    rows = {key: place + 1 for place, key in enumerate(units["unit_id"])}
    assert {row: number for row, number in faults.items() if number} == {
        rows[key]: number for key, number in outside.items() if number
    }
    assert np.isfinite(list(faults.values())).all()
