"""Doubts about places, areas, households, days and records: each fires where it should and not a step before."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle import alike
from lifecircle.plausibility import plausibility_faults
from lifecircle.tables import Source, Tables
from towns import CRS, dwellings_at, facilities_at, grid_streets, nested_units, tables_of

ON = dt.date(2025, 12, 31)
DAY = "datetime64[us]"


def town(facilities: gpd.GeoDataFrame | None = None, homes: gpd.GeoDataFrame | None = None, **more: object) -> Tables:
    """Neighbourhoods N1 (west of 400 m) and N2 in circle C1 and subdistrict S, 800 m high."""
    facilities = facilities_at([]) if facilities is None else facilities
    homes = dwellings_at([]) if homes is None else homes
    return tables_of(nested_units([100, 100]), facilities, homes, grid_streets(3, 3), **more)


def checks(tables: Tables, on: dt.date | None = ON) -> list[str]:
    return [one.check for one in plausibility_faults(tables, on=on)]


def lines(tables: Tables, lang: str = "en") -> list[str]:
    return [one.line(lang) for one in plausibility_faults(tables, on=ON)]


def days(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)), dtype=DAY)


def apart(n: int) -> list[tuple[float, float]]:
    """Places of their own, on no centroid."""
    return [(20.0 + 11 * number, 31.0) for number in range(n)]


# places


@pytest.mark.parametrize(("x", "found"), [(399.0, []), (400.9, []), (402.0, ["off-stated-unit"])])
def test_a_facility_beyond_the_unit_it_states_is_told_from_a_metre_on(x: float, found: list[str]) -> None:
    assert checks(town(facilities_at([(x, 100)], unit_id=["N1"]))) == found


def test_a_facility_in_another_unit_is_told_with_both_and_the_distance() -> None:
    tables = town(facilities_at([(450, 100)], unit_id=["N1"]))
    assert lines(tables) == [
        "facilities, row 1: F1 is stated to be in unit N1 (N1) but lies in unit N2 (N2), 50 m away from it. "
        "Cure: correct its coordinates or its unit"
    ]
    assert lines(tables, "zh") == [
        "facilities,第 1 行:F1 填报属于unit N1 (N1),坐标却在unit N2 (N2),相距 50 米。"
        "处理:请核对坐标与所属单元,改正有误的一项"
    ]


@pytest.mark.parametrize(("x", "found"), [(499.0, []), (502.0, ["off-stated-unit"])])
def test_a_dwelling_may_lie_a_hundred_metres_beyond_the_unit_it_states(x: float, found: list[str]) -> None:
    assert checks(town(homes=dwellings_at([(x, 100)], [10], ["N1"]))) == found


def test_a_unit_that_is_not_known_or_not_valid_decides_nothing() -> None:
    facilities = facilities_at([(450, 100), (450, 200)], unit_id=["N9", "N1"])
    units = nested_units([100, 100])
    bow = shapely.Polygon([(0, 0), (400, 800), (400, 0), (0, 800)])
    units.loc[units["unit_id"] == "N1", "geometry"] = gpd.GeoSeries([bow]).to_numpy()
    assert checks(tables_of(units, facilities, dwellings_at([]), grid_streets(3, 3))) == []


def named(addresses: Sequence[str], names: dict[str, str]) -> list[str]:
    """Faults of facilities in N2 (east) with these addresses, where units bear these names."""
    units = nested_units([100, 100])
    units["name"] = units["unit_id"].map(names).fillna(units["unit_id"])
    facilities = facilities_at([(450 + 13 * place, 100) for place in range(len(addresses))], address=list(addresses))
    return checks(tables_of(units, facilities, dwellings_at([]), grid_streets(3, 3)))


@pytest.mark.parametrize(
    ("address", "n"),
    [
        ("滨河区石碾村12号", 1),
        ("滨河区 石碾 村 12号", 1),
        ("滨河区石碾村委会", 1),
        ("滨河区石碾村路12号", 0),
        ("滨河区石碾村东路12号", 0),
        ("滨河区石碾村大桥", 0),
        ("石碾村以东", 0),
        ("远塘新村3号", 0),
        ("石碾村与远塘新村交界处", 0),
        ("石碾3号", 0),
        ("", 0),
    ],
)
def test_an_address_that_names_another_unit_is_told_and_one_that_names_a_street_is_not(address: str, n: int) -> None:
    assert named([address], {"N1": "石碾村", "N2": "远塘新村"}) == ["address-elsewhere"] * n


def test_the_longest_name_in_an_address_is_the_one_that_counts() -> None:
    assert named(["北塘村新村3号"], {"N1": "北塘村", "N2": "北塘村新村"}) == []


def test_a_name_that_two_units_bear_names_none() -> None:
    assert named(["石碾村12号"], {"N1": "石碾村", "N2": "石碾村"}) == []


def test_an_address_in_the_unit_that_is_stated_is_told_once() -> None:
    units = nested_units([100, 100])
    units["name"] = units["unit_id"].replace({"N1": "石碾村"})
    facilities = facilities_at([(450, 100)], address=["石碾村12号"], unit_id=["N1"])
    assert checks(tables_of(units, facilities, dwellings_at([]), grid_streets(3, 3))) == ["off-stated-unit"]


def stacked(n: int, more: int = 0, **columns: Sequence[object]) -> list[str]:
    places = [(50.0, 50.0)] * n + apart(more)
    return checks(town(facilities_at(places, areas=[300.0 + place for place in range(n + more)], **columns)))


def test_three_facilities_on_one_point_are_told_and_two_are_not() -> None:
    assert stacked(3, 6) == ["stacked-facilities"]
    assert stacked(2, 6) == []


def test_facilities_that_are_parts_of_one_or_share_an_address_may_share_a_point() -> None:
    assert stacked(3, part_of=["", "F1", "F1"]) == []
    assert stacked(3, address=["一路1号", "一路1号", "一路 1号"]) == []
    assert stacked(3, address=["一路1号", "二路1号", "三路1号"]) == ["stacked-facilities"]


def test_rows_on_one_point_are_named_with_all_their_households() -> None:
    homes = dwellings_at([*apart(6), *[(50.0, 50.0)] * 6], [10.0] * 12)
    found = list(plausibility_faults(town(homes=homes), on=ON))
    assert [one.what() for one in found] == [
        "6 dwellings have the very same coordinates (rows 7, 8, 9, 10, 11, …), perhaps a default of the search for "
        "addresses"
    ]
    assert found[0].where.households == 60


def test_where_every_building_has_many_rows_only_far_more_than_usual_are_told() -> None:
    doors = [place for place in apart(10) for _ in range(6)]
    assert checks(town(homes=dwellings_at(doors))) == []
    assert checks(town(homes=dwellings_at(doors + [(20.0, 90.0)] * 29))) == []
    assert checks(town(homes=dwellings_at(doors + [(20.0, 90.0)] * 30))) == ["stacked-dwellings"]


@given(st.lists(st.integers(0, 15), min_size=1, max_size=60), st.integers(0, 12))
def test_stacks_are_those_that_counting_one_by_one_finds(spots: list[int], more: int) -> None:
    places = [(20.0 + 10 * spot, 31.0) for spot in spots] + [(25.0, 31.0)] * more
    random.Random(7).shuffle(places)  # noqa: S311
    counts = sorted(Counter(places).values())
    middle = (counts[(len(counts) - 1) // 2] + counts[len(counts) // 2]) / 2 if len(counts) >= 10 else 1
    expected = sum(1 for count in counts if count >= 5 * middle and count >= 5)
    assert checks(town(homes=dwellings_at(places))).count("stacked-dwellings") == expected


@pytest.mark.parametrize(("x", "n"), [(200.0, 1), (200.1, 1), (200.3, 0)])
def test_a_facility_on_the_centroid_of_a_unit_is_told(x: float, n: int) -> None:
    assert checks(town(facilities_at([(x, 400)]))) == ["on-centroid"] * n


def test_dwellings_on_centroids_are_told_in_one_line() -> None:
    homes = dwellings_at([(200, 400), (30, 40), (600, 400)], [10, 20, 30])
    found = list(plausibility_faults(town(homes=homes), on=ON))
    assert [one.check for one in found] == ["dwellings-on-centroids"]
    assert found[0].what().startswith("2 of 3 dwellings lie on the very centroid of a unit (rows 1, 3)")
    assert found[0].where.households == 40


def in_degrees(degrees: Sequence[tuple[float, float]], **source: object) -> list[str]:
    points = gpd.GeoSeries.from_xy(*zip(*degrees, strict=True), crs="EPSG:4490").to_crs(CRS)
    homes = dwellings_at([(0, 0)] * len(degrees)).set_geometry(points)
    return checks(town(homes=homes, sources=(Source("dwellings", "d.csv", crs="EPSG:4490", **source),)))  # type: ignore[arg-type]


def decimals(n: int, places: int) -> list[tuple[float, float]]:
    chance = np.random.default_rng(3)
    return [tuple(np.round(chance.uniform((121.2, 31.0), (121.3, 31.1)), places).tolist()) for _ in range(n)]


def test_two_decimals_of_a_degree_are_told_and_three_are_not() -> None:
    assert "coarse-places" in in_degrees([*decimals(20, 6), (121.21, 31.05)])
    assert "coarse-places" not in in_degrees([*decimals(20, 6), (121.21, 31.051)])
    assert "coarse-places" not in in_degrees([*decimals(20, 6), (121.213, 31.05)])


def test_zeros_at_the_end_that_come_by_chance_are_not_told() -> None:
    assert "coarse-places" not in in_degrees([*decimals(3000, 3), (121.21, 31.05)])
    assert "coarse-places" in in_degrees([*decimals(100, 3), *decimals(20, 2)])


def test_degrees_of_a_map_with_a_shifted_datum_are_not_looked_at() -> None:
    assert "coarse-places" not in in_degrees([(121.21, 31.05)], datum="gcj02")


# floor areas


def areas(*areas_m2: float, **columns: Sequence[object]) -> list[str]:
    return checks(town(facilities_at(apart(len(areas_m2)), areas=areas_m2, **columns)))


@pytest.mark.parametrize(
    ("area_m2", "found"),
    [(9.9, ["tiny-area"]), (0, ["tiny-area"]), (10, []), (99_999, ["placeholder"]), (99_998, []), (float("nan"), [])],
)
def test_tiny_areas_and_placeholders_are_told(area_m2: float, found: list[str]) -> None:
    assert areas(area_m2) == found


def test_a_part_of_a_facility_needs_no_area_of_its_own() -> None:
    assert areas(300, 0, part_of=["", "F1"]) == []


@pytest.mark.parametrize(("area_m2", "found"), [(2012, ["area-is-year"]), (2013, [])])
def test_an_area_that_is_the_year_of_opening_is_told(area_m2: float, found: list[str]) -> None:
    assert areas(area_m2, opens_on=days("2012-03-01")) == found


def test_an_area_above_a_hundred_times_the_median_of_its_kind_is_told() -> None:
    assert areas(100, 100, 100, 100, 10_001) == ["area-above-kind"]
    assert areas(100, 100, 100, 100, 10_000) == []
    assert areas(100, 100, 100, 10_001) == [], "four areas have no median worth the name"
    assert areas(100, 100, 100, 100, 10_001, kinds=["childcare"] * 4 + ["health_station"]) == []


@pytest.mark.parametrize(
    ("area_m2", "services", "found"),
    [(19, 10, ["area-per-service"]), (20, 10, []), (20_001, 1, ["area-per-service"]), (20_001, 2, []), (20_001, 0, [])],
)
def test_the_area_of_one_service_is_that_of_a_counter_at_least(area_m2: float, services: int, found: list[str]) -> None:
    assert areas(area_m2, services=["、".join(f"服务{n}" for n in range(services))]) == found


def test_an_area_is_told_once_with_its_services() -> None:
    tables = town(facilities_at([(20, 31)], areas=[15], services=["、".join("甲乙丙丁戊己庚辛壬癸")]))
    assert lines(tables) == [
        "facilities, row 1: floor_area_m2 is 15 m² for 10 services, 1.5 m² each; expected 2 to 20,000 m² for one. "
        "Cure: check the area and the services"
    ]
    assert lines(tables, "zh")[0].startswith(
        "facilities,第 1 行:floor_area_m2 为 15 m²,提供 10 项服务,平均每项 1.5 m²,一般应在 2 至 20,000 m² 之间"
    )


# households


@pytest.mark.parametrize(
    ("households", "people", "found"),
    [
        (100, 99, ["people-below-households"]),
        (100, 100, []),
        (30, 241, ["people-per-household"]),
        (30, 240, []),
        (29, 400, []),
        (0, 5, []),
        (100, float("nan"), []),
        (20_001, 60_000, ["many-households"]),
        (20_000, 60_000, []),
        (9_999, 30_000, ["placeholder"]),
        (4_000, 9_999, ["placeholder"]),
    ],
)
def test_households_are_compared_with_their_people(households: float, people: float, found: list[str]) -> None:
    homes = dwellings_at([(20, 31)], [households]).assign(population=[people])
    assert checks(town(homes=homes)) == found


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 500)), max_size=30))
def test_people_and_households_disagree_where_plain_division_says_so(pairs: list[tuple[int, int]]) -> None:
    homes = dwellings_at(apart(len(pairs)), [float(n) for n, _ in pairs])
    homes = homes.assign(population=[float(people) for _, people in pairs])
    odd = [n for n, people in pairs if n and (people < n or (n >= 30 and people > 8 * n))]
    assert len(checks(town(homes=homes))) == len(odd)


def test_rows_beyond_two_hundred_are_told_in_one_line_and_the_largest_by_themselves() -> None:
    n = alike.MOST_EACH + 3
    homes = dwellings_at([(x, 31) for x in np.linspace(1, 150, n)], [float(100 + place) for place in range(n)])
    found = list(plausibility_faults(town(homes=homes.assign(population=1.0)), on=ON))
    assert (len(found), found[0].where.households, found[-1].where.households) == (n - 2, 103, 100 + 101 + 102)
    assert found[-1].what() == f"3 more rows have the same fault as row {n}: rows 1, 2, 3"


# days


def dated(on: dt.date | None = ON, **columns: Sequence[object]) -> list[str]:
    return checks(town(facilities_at([(20, 31)], **columns)), on)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("1949-09-30", ["doubtful-day"]),
        ("1949-10-01", []),
        ("2045-12-31", []),
        ("2046-01-01", ["doubtful-day"]),
    ],
)
def test_days_of_opening_lie_within_reason(day: str, found: list[str]) -> None:
    status = "open" if day < "2000" else "closed"
    assert dated(opens_on=days(day), status=[status]) == found


def test_a_year_typed_as_a_day_is_told_with_what_happened() -> None:
    tables = town(facilities_at([(20, 31)], opens_on=days("1905-07-04")))
    assert lines(tables) == [
        "facilities, row 1: opens_on is 1905-07-04; expected a day from 1949-10-01 to 2045-12-31. "
        "Cure: correct the day; a year alone in a cell of days reads as 1905"
    ]


@pytest.mark.parametrize(
    ("status", "day", "found"),
    [
        ("open", "2026-01-01", ["open-too-early"]),
        ("open", "2025-12-31", []),
        ("", "2026-01-01", []),
        ("closed", "2026-01-01", []),
        ("planned", "2025-12-31", ["not-yet-open"]),
        ("under_construction", "2025-12-31", ["not-yet-open"]),
        ("under_construction", "2026-01-01", []),
    ],
)
def test_status_and_day_of_opening_go_with_the_day_assessed(status: str, day: str, found: list[str]) -> None:
    assert dated(status=[status], opens_on=days(day)) == found
    assert dated(None, status=[status], opens_on=days(day)) == []


@pytest.mark.parametrize(
    ("status", "ends", "opens", "found"),
    [
        ("open", "2019-12-31", "2020-01-01", ["lease-before-opening"]),
        ("open", "2026-01-01", "2020-01-01", []),
        ("open", "2025-12-30", "2020-01-01", ["lease-over"]),
        ("open", "2025-12-31", "2020-01-01", []),
        ("closed", "2025-12-30", "2020-01-01", []),
    ],
)
def test_leases_go_with_opening_and_the_day_assessed(status: str, ends: str, opens: str, found: list[str]) -> None:
    assert dated(status=[status], lease_until=days(ends), opens_on=days(opens)) == found


@pytest.mark.parametrize(
    ("old", "new", "n"),
    [((2024, 1, 1), (2025, 1, 1), 0), ((2024, 1, 1), (2025, 1, 2), 1), ((2024, 2, 29), (2025, 3, 1), 1)],
)
def test_files_more_than_a_year_apart_are_told_once_with_both_days(
    old: tuple[int, int, int], new: tuple[int, int, int], n: int
) -> None:
    sources = (
        Source("units", "u.gpkg", as_of=dt.date(*new)),
        Source("facilities", "f.xlsx"),
        Source("dwellings", "d.csv", as_of=dt.date(*old)),
    )
    expected = f"d.csv: holds for {dt.date(*old)}, u.gpkg for {dt.date(*new)}: more than a year apart"
    assert [line.split(". ")[0] for line in lines(town(sources=sources))] == [expected] * n


# facilities twice


def twice(*places: tuple[float, float], **columns: Sequence[object]) -> list[str]:
    spread_m2 = columns.pop("areas", [300.0 + place for place in range(len(places))])
    found = town(facilities_at(list(places), areas=spread_m2, **columns))  # type: ignore[arg-type]
    return [one for one in checks(found) if one == "facility-twice"]


def test_facilities_of_one_kind_and_name_are_told_where_they_are_near() -> None:
    assert len(twice((20, 31), (20, 700), name=["甲站", "甲站"])) == 1
    assert twice((20, 31), (20, 1100), name=["甲站", "甲站"]) == []
    assert twice((20, 31), (20, 700), name=["甲站", "乙站"]) == []
    assert twice((20, 31), (20, 700), name=["甲站", "甲站"], kinds=["childcare", "health_station"]) == []


def test_a_name_that_many_facilities_bear_is_no_sign() -> None:
    assert twice((20, 31), (40, 31), (60, 31), (80, 31), name=["社区食堂"] * 4) == []


def test_facilities_of_one_kind_and_area_within_five_metres_are_told() -> None:
    assert len(twice((20, 31), (25, 31), areas=[300, 300])) == 1
    assert twice((20, 31), (25.5, 31), areas=[300, 300]) == []
    assert twice((20, 31), (25, 31), areas=[300, 301]) == []
    assert len(twice((20, 31), (20, 31), (20, 31), areas=[300, 300, 300])) == 2


@pytest.mark.parametrize("columns", [{"site_of": ["", "F1"]}, {"part_of": ["", "F1"]}, {"status": ["open", "closed"]}])
def test_sites_parts_and_what_is_closed_count_no_area_twice(columns: dict[str, Sequence[object]]) -> None:
    assert twice((20, 31), (20, 31), areas=[300, 300], name=["甲站", "甲站"], **columns) == []


def test_the_second_row_is_told_with_the_first_and_the_distance() -> None:
    tables = town(facilities_at([(20, 31), (23, 35)], name=["甲站", "甲站"], areas=[300, 300]))
    assert lines(tables) == [
        "facilities, row 2: 甲站 (F2) looks like row 1 once more, 甲站 (F1), 5 m away: its floor area counts twice. "
        "Cure: delete one of the two; a second site states the main facility"
    ]


# as a whole


def test_the_sample_has_one_doubt_and_it_is_true() -> None:
    study = lc.read_study("data/sample")
    assert [one.line() for one in plausibility_faults(lc.read_inputs(study), on=study.study.date)] == [
        "facilities.xlsx, sheet 设施, row 20: the lease of 北塘二村党群服务站 (F019) ended on 2025-06-30: its floor "
        "area does not count by 2025-12-31. Cure: fill in the new end if the lease goes on, else the status"
    ]


def test_tables_are_as_they_were_and_may_lack_what_is_not_needed() -> None:
    tables = lc.read_inputs(lc.read_study("data/sample"))
    before = {name: getattr(tables, name).copy() for name in ("units", "facilities", "dwellings")}
    list(plausibility_faults(tables, on=ON))
    for name, frame in before.items():
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(tables, name)), pd.DataFrame(frame))
    bare = town(facilities_at([(20, 31)])[["facility_id", "kind", "geometry"]])
    assert checks(bare) == []
    nowhere = facilities_at([(20, 31), (30, 31)]).set_geometry(gpd.GeoSeries([None, shapely.Point()], crs=CRS))
    assert checks(town(nowhere)) == []


def test_what_could_not_be_read_is_not_looked_at() -> None:
    tables = town(facilities_at([(450, 100)], unit_id=["N1"], areas=[5]))
    lost = {("facilities", "rows"), ("facilities", "places"), ("dwellings", "rows")}
    assert list(plausibility_faults(tables, on=ON, lost=lost)) == []
    assert [one.check for one in plausibility_faults(tables, lost={("units", "places")})] == ["tiny-area"]


def test_a_whole_register_on_one_point_is_told() -> None:
    assert stacked(12) == ["stacked-facilities"]
    assert stacked(2) == []
