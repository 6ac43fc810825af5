"""Places without coordinates: kept, counted where no place is needed, and of nobody's reach anything is said."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from lifecircle.flow import assess_tables
from lifecircle.tables import Tables
from lifecircle.whereabouts import with_areas
from test_laws import OWN, by_rule, served_towns, towns
from towns import dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

FEW = settings(max_examples=settings.default.max_examples // 2)
UNIT = ("N1", box(0, 0, 400, 800))


def assessed(tables: Tables) -> pd.DataFrame:
    return by_rule(assess_tables(toy_study(), tables, [OWN]))


def moved(tables: Tables, table: str, place: Point | None, unit_id: str) -> Tables:
    """The first row of a table at another place, or at none, in a stated unit."""
    frame = getattr(tables, table)
    stated = [unit_id, *(frame["unit_id"].iloc[1:] if "unit_id" in frame else [""] * (len(frame) - 1))]
    places = gpd.GeoSeries([place, *frame.geometry.iloc[1:]], index=frame.index, crs=frame.crs)
    return replace(tables, **{table: frame.assign(unit_id=pd.array(stated, dtype="str")).set_geometry(places)})


@FEW
@given(served_towns(), st.sampled_from(["facilities", "dwellings"]), st.integers(1, 399), st.integers(1, 799))
def test_wherever_in_its_unit_a_place_without_coordinates_lies_every_figure_is_within_the_bounds(
    tables: Tables, table: str, x: int, y: int
) -> None:
    unknown = assessed(moved(tables, table, None, UNIT[0]))
    known = assessed(moved(tables, table, Point(x, y), UNIT[0]))
    both = unknown.join(known.add_suffix("_known"))
    both = both[both["low_known"].notna() & both["low"].notna()]
    assert (both["low"] <= both["low_known"] + 1e-9).all()
    assert (both["high_known"] <= both["high"] + 1e-9).all()


@FEW
@given(towns())
def test_the_floor_area_of_a_facility_without_coordinates_counts_in_the_unit_it_names(tables: Tables) -> None:
    area = ["area", "own", "size", "count", "large"]
    within = moved(tables, "facilities", Point(200.5, 400.5), UNIT[0])
    found, known = (
        assessed(one).loc[area, ["low", "high", "verdict"]]
        for one in (moved(tables, "facilities", None, UNIT[0]), within)
    )
    pd.testing.assert_frame_equal(found, known)


@pytest.fixture
def town() -> Tables:
    """Homes along a street of 1,600 m, and the only facility at its west end."""
    homes = dwellings_at([(50.0, 0.0), (1550.0, 0.0)], [10.0, 10.0])
    tables = tables_of(nested_units([10, 10, 10, 10]), facilities_at([(0.0, 0.0)]), homes, grid_streets(17, 9))
    return replace(tables, extent=box(-5000, -5000, 6600, 5800))


def test_only_those_who_could_walk_to_its_unit_are_unknown(town: Tables) -> None:
    reach = assess_tables(toy_study(), moved(town, "facilities", None, "N1"), [OWN]).dwellings
    assert reach["reach_community_service"].tolist() == ["unknown", "not_reached"]


def test_without_a_unit_nobody_can_be_said_not_to_reach(town: Tables) -> None:
    reach = assess_tables(toy_study(), moved(town, "facilities", None, ""), [OWN]).dwellings
    assert reach["reach_community_service"].tolist() == ["unknown", "unknown"]


def test_how_many_reach_a_facility_without_coordinates_is_unknown_and_not_0(town: Tables) -> None:
    found = assess_tables(toy_study(), moved(town, "facilities", None, "N1"), [OWN]).facilities
    assert found["households_in_reach"].isna().tolist() == [True]


def test_the_area_of_a_place_is_that_of_the_units_it_serves_where_it_names_no_other(town: Tables) -> None:
    sites = moved(town, "facilities", None, "").facilities.assign(serves="N1:0.5;N2:0.5")
    assert with_areas(sites, town.units)["area"].iloc[0].bounds == (0, 0, 800, 800)


def test_a_table_whose_places_are_all_known_is_given_back(town: Tables) -> None:
    assert with_areas(town.dwellings, town.units) is town.dwellings
