"""Households whose totals alone are known: spread whole, exactly, and told."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from lifecircle.living import may_be_home
from lifecircle.spreading import Spread, largest_remainders, spread_households, spread_of, with_spread
from naive_spreading import hamilton, spread_over_buildings, spread_over_cells

CRS = "EPSG:4549"
NOBODY = gpd.GeoDataFrame(
    {"dwelling_id": [], "unit_id": [], "households": np.array([], dtype=float)}, geometry=[], crs=CRS
).astype({"dwelling_id": "str", "unit_id": "str"})


def units_of(*households: float, size: float = 100, tier: str = "neighbourhood") -> gpd.GeoDataFrame:
    """Squares N1, N2 … in a row from west to east."""
    n = len(households)
    columns = {
        "unit_id": [f"N{number}" for number in range(1, n + 1)],
        "tier": [tier] * n,
        "parent_id": [""] * n,
        "households": [float(one) for one in households],
    }
    return gpd.GeoDataFrame(
        columns, geometry=[box(size * number, 0, size * (number + 1), size) for number in range(n)], crs=CRS
    )


def layer(*shapes: object, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def house(x: float, y: float, wide: float = 10, deep: float = 10) -> Polygon:
    return box(x, y, x + wide, y + deep)


def by_place(found: Spread) -> dict[str, dict[tuple[float, float], int]]:
    table: dict[str, dict[tuple[float, float], int]] = {}
    for row in found.dwellings.itertuples():
        spot = (round(row.geometry.x, 3), round(row.geometry.y, 3))
        own = table.setdefault(row.unit_id, {})
        own[spot] = own.get(spot, 0) + int(row.households)
    return table


# Who gets how many


def test_a_building_gets_households_by_footprint_times_floors() -> None:
    homes = layer(house(0, 0), house(50, 0, 20, 10), floors=[6.0, 3.0])
    found = spread_households(units_of(12), NOBODY, homes, over="buildings")
    assert found.dwellings["households"].tolist() == [6, 6]


def test_a_building_that_states_no_floors_has_those_given_else_the_median_else_one() -> None:
    homes = layer(house(0, 0), house(30, 0), house(60, 0), floors=[2.0, 4.0, np.nan])
    of_median = spread_households(units_of(9), NOBODY, homes, over="buildings")
    assert of_median.dwellings["households"].tolist() == [2, 4, 3]
    given_ = spread_households(units_of(12), NOBODY, homes, over="buildings", floors=6)
    assert given_.dwellings["households"].tolist() == [2, 4, 6]
    silent = layer(house(0, 0), house(30, 0, 20), floors=[np.nan, 0.0])
    assert spread_households(units_of(9), NOBODY, silent, over="buildings").dwellings["households"].tolist() == [3, 6]


def test_a_building_that_says_it_is_no_home_gets_nothing_and_is_counted() -> None:
    homes = layer(house(0, 0), house(30, 0), house(60, 0), use=["住宅", "学校", "yes"])
    found = spread_households(units_of(10), NOBODY, homes, over="buildings")
    assert found.dwellings.geometry.x.tolist() == [5, 65]
    assert found.n_other == 1


@pytest.mark.parametrize(
    ("use", "home"),
    [
        ("多层住宅", True),
        ("商住楼", True),
        ("非住宅", False),
        ("不居住", False),
        ("住院楼", False),
        ("apartments", True),
        ("commercial", False),
        ("residential", True),
        ("non-residential", False),
        ("", True),
        ("yes", True),
    ],
)
def test_words_tell_homes_from_other_buildings(use: str, home: bool) -> None:
    assert may_be_home(pd.Series([use])).tolist() == [home]


def test_a_building_on_a_border_belongs_to_the_unit_of_its_representative_point() -> None:
    homes = layer(house(96, 0), house(5, 50), house(150, 50))
    found = spread_households(units_of(10, 10), NOBODY, homes, over="buildings")
    assert sorted(by_place(found)["N2"]) == [(101, 5), (155, 55)]


def test_a_cell_on_a_border_gives_each_unit_its_part() -> None:
    cells = layer(box(0, 0, 50, 100), box(50, 0, 150, 100), population=[100.0, 100.0])
    found = spread_households(units_of(30, 30), NOBODY, cells, over="grid")
    assert found.dwellings["households"].tolist() == [20, 10, 30]
    assert found.dwellings["unit_id"].tolist() == ["N1", "N1", "N2"]


def test_centres_of_cells_stand_for_their_cells() -> None:
    centres = layer(Point(10, 10), Point(20, 10), Point(30, 10), population=[1.0, 3.0, np.nan])
    found = spread_households(units_of(8), NOBODY, centres, over="grid")
    assert found.dwellings["households"].tolist() == [2, 6]


def test_addresses_count_alike() -> None:
    found = spread_households(units_of(7), NOBODY, layer(Point(1, 1), Point(9, 1), Point(5, 1)), over="addresses")
    assert found.dwellings["households"].tolist() == [3, 2, 2]  # the odd one to the farthest west
    assert found.dwellings.geometry.x.tolist() == [1, 5, 9]


def test_streets_are_spread_over_by_their_length_in_the_unit_in_pieces_of_fifty_metres() -> None:
    streets = layer(LineString([(-500, 50), (100, 50)]), LineString([(50, 70), (50, 100)]))
    found = spread_households(units_of(13), NOBODY, streets, over="streets")
    assert by_place(found) == {"N1": {(25, 50): 5, (50, 85): 3, (75, 50): 5}}


def test_a_street_that_only_touches_a_unit_is_not_in_it() -> None:
    streets = layer(LineString([(100, 50), (200, 50)]), LineString([(0, 1), (10, 1)]))
    found = spread_households(units_of(5), NOBODY, streets, over="streets")
    assert by_place(found) == {"N1": {(5, 1): 5}}


def test_places_without_households_are_left_out() -> None:
    homes = layer(house(0, 0, 50, 50), house(60, 60, 1, 1))
    found = spread_households(units_of(3), NOBODY, homes, over="buildings")
    assert found.dwellings["households"].tolist() == [3]
    assert found.dwellings["dwelling_id"].tolist() == ["N1~1"]


# Which units


def test_a_unit_with_a_dwelling_stays_as_it_is() -> None:
    here = layer(Point(50, 50), dwelling_id=["H1"], unit_id=[""], households=[4.0])
    homes = layer(house(0, 0), house(100, 0))
    found = spread_households(units_of(10, 20), here, homes, over="buildings")
    assert set(found.dwellings["unit_id"]) == {"N2"}


def test_a_unit_that_a_dwelling_names_stays_as_it_is() -> None:
    elsewhere = layer(Point(950, 50), dwelling_id=["H1"], unit_id=["N1"], households=[np.nan])
    found = spread_households(units_of(10), elsewhere, layer(house(0, 0)), over="buildings")
    assert not len(found.dwellings)
    assert found.empty == ()


def test_units_whose_dwellings_do_not_all_say_how_many_live_there_are_named() -> None:
    here = layer(
        Point(50, 50), Point(60, 50), Point(150, 50), Point(250, 50),
        dwelling_id=["H1", "H2", "H3", "H4"], unit_id=[""] * 4, households=[4.0, np.nan, 20.0, np.nan],
    )  # fmt: skip
    found = spread_households(units_of(10, 20, np.nan, 5), here, layer(house(300, 0)), over="buildings")
    assert found.partly == ("N1",)
    assert set(found.dwellings["unit_id"]) == {"N4"}


@pytest.mark.parametrize("households", [0, np.nan, 2.5])
def test_nothing_is_spread_where_households_are_none_unknown_or_not_whole(households: float) -> None:
    found = spread_households(units_of(households), NOBODY, layer(house(0, 0)), over="buildings")
    assert not len(found.dwellings)
    assert found.empty == ()


def test_a_unit_above_others_is_not_spread() -> None:
    low, high = units_of(10, 20), units_of(30, size=200, tier="subdistrict").assign(unit_id="S")
    units = gpd.GeoDataFrame(pd.concat([high, low.assign(parent_id="S")], ignore_index=True), crs=CRS)
    found = spread_households(units, NOBODY, layer(house(0, 0), house(100, 0)), over="buildings")
    assert found.dwellings.groupby("unit_id")["households"].sum().to_dict() == {"N1": 10, "N2": 20}


def test_a_unit_that_gets_a_unit_below_by_where_households_live_is_not_spread_itself() -> None:
    shapes = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(10, 0, 130, 100)]
    units = layer(
        *shapes, unit_id=["S1", "S2", "N1"], tier=["subdistrict"] * 2 + ["neighbourhood"], parent_id=[""] * 3,
        households=[5.0, 7.0, 9.0],
    )  # fmt: skip
    homes = layer(house(110, 0), house(150, 0))  # N1 lies mostly in S1, its homes in S2
    found = spread_households(units, NOBODY, homes, over="buildings")
    assert set(found.dwellings["unit_id"]) == {"N1"}


def test_a_unit_with_nothing_to_spread_over_is_named() -> None:
    found = spread_households(units_of(10, 20, 0), NOBODY, layer(house(0, 0)), over="buildings")
    assert found.empty == ("N2",)


def test_cells_without_people_are_nothing_to_spread_over() -> None:
    found = spread_households(units_of(10), NOBODY, layer(box(0, 0, 9, 9), population=[0.0]), over="grid")
    assert found.empty == ("N1",)


def test_shapes_that_are_missing_or_cross_themselves_do_not_stop_it() -> None:
    bow = Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    homes = layer(bow, None, Polygon(), house(50, 50))
    found = spread_households(units_of(10), NOBODY, homes, over="buildings")
    assert found.dwellings["households"].tolist() == [7, 3]  # 200 and 100 square metres
    nowhere = units_of(5).set_geometry([None], crs=CRS)
    assert not len(spread_households(nowhere, NOBODY, homes, over="buildings").dwellings)


def test_spots_in_another_crs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"spots: CRS is EPSG:4326; .*to_crs"):
        spread_households(units_of(1), NOBODY, layer(house(0, 0)).set_crs(4326, allow_override=True), over="buildings")


def test_inputs_are_unchanged() -> None:
    units, homes = units_of(10, 5), layer(house(0, 0), house(100, 0), floors=[np.nan, 2.0], use=["", "学校"])
    before = units.copy(), NOBODY.copy(), homes.copy()
    spread_households(units, NOBODY, homes, over="buildings")
    for now, then in zip((units, NOBODY, homes), before, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(now), pd.DataFrame(then))


# Laws

counts = st.integers(0, 60)
corners = st.tuples(st.integers(0, 270), st.integers(0, 80))
buildings = st.lists(
    st.tuples(corners, st.integers(2, 25), st.integers(2, 25), st.sampled_from([None, 1, 2, 3, 6, 18])), max_size=14
)


def drawn(found: list[tuple[tuple[int, int], int, int, int | None]]) -> gpd.GeoDataFrame:
    shapes = [house(x, y, wide, deep) for (x, y), wide, deep, _ in found]
    return layer(*shapes, floors=[np.nan if one[3] is None else float(one[3]) for one in found])


@given(st.lists(counts, min_size=3, max_size=3), buildings, st.sampled_from([None, 5.0]))
@settings(max_examples=60, deadline=None)
def test_buildings_agree_with_the_naive_twin(
    households: list[int], found: list[tuple[tuple[int, int], int, int, int | None]], floors: float | None
) -> None:
    units = units_of(*households)
    spread = spread_households(units, NOBODY, drawn(found), over="buildings", floors=floors)
    rows = list(zip(units["unit_id"], units.geometry, households, strict=True))
    shapes = [(house(x, y, wide, deep), n) for (x, y), wide, deep, n in found]
    twin = spread_over_buildings(rows, shapes, floors)
    assert by_place(spread) == twin
    assert spread.empty == tuple(key for key, _, n in rows if n and key not in twin)


@given(
    st.lists(counts, min_size=3, max_size=3),
    st.lists(st.tuples(corners, st.sampled_from([20, 50, 100]), st.integers(0, 40)), max_size=9),
)
@settings(max_examples=50, deadline=None)
def test_cells_agree_with_the_naive_twin(households: list[int], found: list[tuple[tuple[int, int], int, int]]) -> None:
    units, shapes = units_of(*households), [house(x, y, wide, wide) for (x, y), wide, _ in found]
    cells = layer(*shapes, population=[float(people) for *_, people in found])
    spread = spread_households(units, NOBODY, cells, over="grid")
    rows = list(zip(units["unit_id"], units.geometry, households, strict=True))
    twin = spread_over_cells(rows, [(shape, one[2]) for shape, one in zip(shapes, found, strict=True)])
    for unit_id, own in by_place(spread).items():
        assert sum(own.values()) == sum(twin[unit_id].values())
        assert max(abs(own.get(place, 0) - twin[unit_id].get(place, 0)) for place in {*own, *twin[unit_id]}) <= 1
    assert {key: sum(own.values()) for key, own in by_place(spread).items()} == {
        key: sum(own.values()) for key, own in twin.items()
    }


@given(st.lists(st.tuples(st.integers(0, 10**6), st.lists(st.integers(1, 10**9), min_size=1, max_size=8)), max_size=6))
def test_largest_remainders_agree_with_fractions_and_keep_every_total(groups: list[tuple[int, list[int]]]) -> None:
    totals = np.array([total for total, _ in groups], dtype=np.int64)
    group = np.repeat(np.arange(len(groups)), [len(weights) for _, weights in groups])
    weights = np.array([one for _, weights in groups for one in weights], dtype=np.int64)
    found = largest_remainders(totals, group.astype(np.int64), weights)
    twin = [n for total, own in groups for n in hamilton(total, own)]
    assert found.tolist() == twin
    assert [int(found[group == number].sum()) for number in range(len(groups))] == totals.tolist()


@given(st.lists(counts, min_size=3, max_size=3), buildings, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_neither_the_order_of_rows_nor_index_labels_change_anything(
    households: list[int], found: list[tuple[tuple[int, int], int, int, int | None]], random: object
) -> None:
    units, homes = units_of(*households), drawn(found)
    first = spread_households(units, NOBODY, homes, over="buildings")
    order, places = list(range(3)), list(range(len(homes)))
    random.shuffle(order), random.shuffle(places)  # type: ignore[attr-defined]
    turned = homes.iloc[places].set_axis([f"row {n}" for n in places])
    second = spread_households(units.iloc[order], NOBODY, turned, over="buildings")
    columns = ["dwelling_id", "households", "unit_id", "geometry"]
    pd.testing.assert_frame_equal(pd.DataFrame(first.dwellings[columns]), pd.DataFrame(second.dwellings[columns]))


@given(st.lists(counts, min_size=2, max_size=2), buildings, st.sampled_from(["buildings", "addresses", "streets"]))
@settings(max_examples=30, deadline=None)
def test_what_one_unit_has_changes_nothing_in_another(
    households: list[int], found: list[tuple[tuple[int, int], int, int, int | None]], over: str
) -> None:
    spots = drawn(found)
    if over != "buildings":
        shapes = spots.exterior if over == "streets" else spots.representative_point()
        spots = spots.set_geometry(shapes)
    both = spread_households(units_of(*households), NOBODY, spots, over=over)
    alone = spread_households(units_of(households[0]), NOBODY, spots, over=over)
    own = both.dwellings[both.dwellings["unit_id"] == "N1"]
    assert own["households"].tolist() == alone.dwellings["households"].tolist()
    assert own["dwelling_id"].tolist() == alone.dwellings["dwelling_id"].tolist()


def test_huge_weights_and_totals_are_kept_exactly() -> None:
    cells = layer(Point(1, 1), Point(2, 2), Point(3, 3), population=[1e15, 2e15, 3.3e14])
    found = spread_households(units_of(7_654_321), NOBODY, cells, over="grid")
    assert found.dwellings["households"].sum() == 7_654_321
    assert found.dwellings["households"].tolist() == hamilton(7_654_321, [10**15, 2 * 10**15, 33 * 10**13])


# Below the dwellings that are there


def test_new_rows_stand_below_the_given_ones_and_are_told_apart() -> None:
    here = layer(Point(50, 50), dwelling_id=["H1"], name=["兰苑"], unit_id=["N1"], households=[4.0], elderly=[2.0])
    here = here.assign(tenure=pd.array(["租"], dtype="str"), row=[7])
    made = spread_households(units_of(10, 20), here, layer(house(100, 0), row=[3]), over="buildings").dwellings
    table = with_spread(here, made)
    assert table["dwelling_id"].tolist() == ["H1", "N2~1"]
    assert table["spread"].tolist() == [False, True]
    assert table["spread"].dtype == bool
    assert table["tenure"].tolist() == ["租", ""]
    assert table["name"].tolist() == ["兰苑", ""]
    assert table["row"].tolist() == [7, 3]
    assert np.isnan(table["elderly"].iloc[1])
    assert table.crs == CRS


def test_a_study_without_dwellings_has_the_new_rows_alone() -> None:
    made = spread_households(units_of(10), NOBODY, layer(house(0, 0)), over="buildings").dwellings
    table = with_spread(NOBODY, made)
    assert table["dwelling_id"].tolist() == ["N1~1"]
    assert spread_of(table).tolist() == [True]


def test_a_table_that_says_nothing_of_it_has_no_spread_households() -> None:
    assert spread_of(pd.DataFrame({"households": [1.0, 2.0]})).tolist() == [False, False]
    assert spread_of(pd.DataFrame({"spread": ["wide"]})).tolist() == [False]
