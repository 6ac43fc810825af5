"""The ledger: every facility counts somewhere for so many square metres, or it is said why not."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from lifecircle.intervals import ZERO, Interval, total
from lifecircle.ledger import Entry, counted_m2, ledger_entries, ledger_table, not_in_service
from lifecircle.study import Count
from towns import CRS, facilities_at, nested_units

DAY, LATER = dt.date(2025, 12, 31), dt.date(2027, 12, 31)
KINDS = {"community_service", "party_service"}
NAN = float("nan")
UNITS = nested_units([100, 100])  # N1 from 0 to 400 m, N2 from 400 to 800 m, both in C1 and S
Place = tuple[float, float]


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text) if text else pd.NaT


def entries_of(sites: list[Place], areas: list[float], **more: Any) -> list[Entry]:
    settings = {name: more.pop(name) for name in ("entrances", "count", "projected", "unknown_m2") if name in more}
    facilities = facilities_at(sites, areas=areas, **more)
    return ledger_entries(facilities, UNITS, **({"date": DAY, "kinds": KINDS} | settings))


def entry(area: float = 400.0, site: Place = (100, 100), **more: Any) -> Entry:
    (one,) = entries_of([site], [area], **{name: [value] for name, value in more.items()})
    return one


def entrances(*doors: tuple[str, float, float]) -> gpd.GeoDataFrame:
    keys = [key for key, _, _ in doors]
    return gpd.GeoDataFrame({"facility_id": keys}, geometry=[Point(x, y) for _, x, y in doors], crs=CRS)


def units(one: Entry) -> list[str]:
    return [unit_id for unit_id, _ in one.shares]


# why not


@pytest.mark.parametrize(
    ("begins", "ends", "why_not"),
    [
        ("2025-12-31", "", ""),
        ("2026-01-01", "", "not_yet_leased"),
        ("", "2025-12-31", ""),
        ("", "2025-12-30", "lease_ended"),
        ("2025-12-31", "2025-12-31", ""),
    ],
)
def test_a_lease_counts_from_its_first_to_its_last_day(begins: str, ends: str, why_not: str) -> None:
    assert entry(lease_from=day(begins), lease_until=day(ends)).why_not == why_not


WRONGS: list[tuple[str, dict[str, Any]]] = [
    ("closed", {"status": "closed"}),
    ("not_yet_open", {"opens_on": day("2026-01-01")}),
    ("not_yet_leased", {"lease_from": day("2026-01-01")}),
    ("lease_ended", {"lease_until": day("2025-12-30")}),
    ("other_kind", {"kind": "childcare"}),
    ("co_located", {"part_of": "F2"}),
    ("too_small", {"floor_area_m2": 299.0}),
    ("outside", {"place": (9000, 100)}),
]


@pytest.mark.parametrize("first", range(len(WRONGS)))
def test_the_first_reason_that_holds_is_the_one_that_is_said(first: int) -> None:
    facilities = facilities_at([(100, 100), (200, 100)], areas=[400, 400])
    for _, cells in reversed(WRONGS[first:]):
        for column, value in cells.items():
            if column == "place":
                facilities.loc[0, "geometry"] = Point(value)
            else:
                facilities.loc[0, column] = value
    found = ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS, count=Count(small_sites="exclude"))
    assert [one.why_not for one in found] == [WRONGS[first][0], ""]


def part_of(cells: dict[str, Any], area: float = 400.0, **more: Any) -> Entry:
    """A facility that is part of another, of which some cells are given."""
    facilities = facilities_at([(100, 100), (200, 100)], areas=[area, 400], part_of=["F2", ""])
    for column, value in cells.items():
        facilities.loc[1, column] = value
    return ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS, **more)[0]


@pytest.mark.parametrize("host", [{"status": "closed"}, {"geometry": Point(9000, 100)}])
def test_a_part_of_what_does_not_count_says_so(host: dict[str, Any]) -> None:
    assert part_of(host).why_not == "host_not_counted"


@pytest.mark.parametrize("status", ["open", "closed"])
def test_a_part_of_a_host_of_another_kind_stands_for_itself(status: str) -> None:
    one = part_of({"kind": "childcare", "status": status})
    assert (one.why_not, one.host_kinds, counted_m2(one).low) == ("", ("childcare",), 400)


def test_a_part_that_stands_for_itself_may_be_too_small() -> None:
    count = Count(small_sites="exclude")
    assert part_of({"kind": "childcare"}, 299.0, count=count).why_not == "too_small"


def test_a_part_that_stands_for_itself_may_lie_outside() -> None:
    facilities = facilities_at([(9000, 100), (200, 100)], part_of=["F2", ""])
    facilities.loc[1, "kind"] = "childcare"
    assert ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS)[0].why_not == "outside"


def test_a_part_of_a_part_hangs_on_the_outermost_facility_of_a_kind_that_counts() -> None:
    cells: dict[str, Any] = {"part_of": ["", "F1", "F2"], "status": ["closed", "open", "open"]}
    found = entries_of([(100, 100)] * 3, [400, 100, 50], **cells)
    assert [one.why_not for one in found] == ["closed", "host_not_counted", "host_not_counted"]
    found = entries_of([(100, 100)] * 3, [400, 100, 50], kinds=["childcare", *["party_service"] * 2], **cells)
    assert [one.why_not for one in found] == ["closed", "", "co_located"]


def test_a_site_bears_the_area_of_all_sites_in_service_wherever_they_lie() -> None:
    status = ["open", "open", "closed", "open"]
    found = entries_of([(100, 100), (500, 100), (100, 100), (100, 100)], [200, 150, 90, 80],
                       site_of=["", "F1", "F1", ""], status=status)  # fmt: skip
    wholes = [one.sites_m2 and one.sites_m2.low for one in found]
    assert wholes == [350, 350, None, None]


def test_a_site_that_may_be_too_small_has_its_own_area_all_the_same() -> None:
    found = entries_of([(100, 100)] * 2, [NAN, 200], count=Count(small_sites="exclude"), unknown_m2=(100, 900))
    assert found[0].own_m2 == Interval(Fraction(100), Fraction(900))
    assert (found[1].why_not, found[1].own_m2.low) == ("too_small", 200)


# where


@pytest.mark.parametrize(
    ("doors", "serves", "where"),
    [
        ([], "", ["N1"]),
        ([("F1", 410, 100)], "", ["N2"]),
        ([("F1", 410, 100), ("F1", 390, 100)], "", ["N2"]),
        ([("F1", 390, 100), ("F1", 410, 100)], "", ["N1"]),
        ([("F1", 410, 100)], "N1", ["N1"]),
        ([("F1", 410, 9000)], "", ["N1"]),
        ([("F9", 410, 100)], "", ["N1"]),
    ],
    ids=["place", "entrance", "first of two", "first of two, turned", "stated", "entrance outside", "of another"],
)
def test_of_a_building_over_a_boundary_what_is_stated_decides_then_its_first_entrance_then_its_place(
    doors: list[tuple[str, float, float]], serves: str, where: list[str]
) -> None:
    (one,) = entries_of([(399, 100)], [400], serves=[serves], entrances=entrances(*doors))
    assert units(one) == where


def test_a_facility_outside_counts_only_for_the_units_it_states() -> None:
    silent, stating = entries_of([(9000, 100), (9000, 100)], [400, 400], serves=["", "N2:0.5"])
    assert (silent.why_not, counted_m2(silent)) == ("outside", ZERO)
    assert (stating.why_not, stating.unit_id, counted_m2(stating).low) == ("", "", 200)


# how much


def test_a_site_adds_its_own_area_and_bears_the_key_of_the_main_facility() -> None:
    found = entries_of([(100, 100)] * 3, [400, 200, 100], site_of=["", "F1", "F2"])
    assert [one.main_id for one in found] == ["F1", "F1", "F1"]
    assert total([counted_m2(one) for one in found]).low == 700


@pytest.mark.parametrize(
    ("area", "counted", "why_not"),
    [
        (299.99, ZERO, "too_small"),
        (300.0, Interval(Fraction(300), Fraction(300)), ""),
        (NAN, Interval(ZERO.low, None), ""),
    ],
)
def test_a_study_may_leave_small_sites_out(area: float, counted: Interval, why_not: str) -> None:
    (one,) = entries_of([(100, 100)], [area], count=Count(small_sites="exclude"))
    assert (counted_m2(one), one.why_not) == (counted, why_not)


def test_a_site_that_may_be_too_small_counts_from_0_and_one_that_cannot_counts_in_full() -> None:
    (one,) = entries_of([(100, 100)], [NAN], count=Count(small_sites="exclude"), unknown_m2=(100, 900))
    assert counted_m2(one) == Interval(Fraction(0), Fraction(900))
    (one,) = entries_of([(100, 100)], [NAN], count=Count(small_sites="exclude"), unknown_m2=(300, 900))
    assert counted_m2(one) == Interval(Fraction(300), Fraction(900))
    (one,) = entries_of([(100, 100)], [NAN], count=Count(small_sites="exclude"), unknown_m2=(100, 299))
    assert one.why_not == "too_small"


@pytest.mark.parametrize(("split", "why_not"), [("each", ["too_small", "too_small"]), ("together", ["", ""])])
def test_sites_are_measured_each_by_itself_or_together(split: Any, why_not: list[str]) -> None:
    count = Count(small_sites="exclude", split_sites=split)
    found = entries_of([(100, 100), (500, 100)], [200, 100], site_of=["", "F1"], count=count)
    assert [one.why_not for one in found] == why_not


def test_a_closed_site_lends_its_area_to_no_other() -> None:
    count = Count(small_sites="exclude", split_sites="together")
    found = entries_of([(100, 100)] * 2, [200, 200], site_of=["", "F1"], status=["open", "closed"], count=count)
    assert [one.why_not for one in found] == ["too_small", "closed"]


@pytest.mark.parametrize(
    ("floor", "service", "office", "expected"),
    [
        (400, 250, 100, ((400, 400), (250, 250), (100, 100))),
        (400, NAN, 100, ((400, 400), (0, 300), (100, 100))),
        (400, 250, NAN, ((400, 400), (250, 250), (0, 150))),
        (400, NAN, NAN, ((400, 400), (0, 400), (0, 400))),
        (NAN, 250, NAN, ((250, None), (250, 250), (0, None))),
        (NAN, NAN, NAN, ((0, None), (0, None), (0, None))),
    ],
)
def test_an_area_that_is_not_stated_lies_within_what_the_others_leave_open(
    floor: float, service: float, office: float, expected: tuple[tuple[int, int | None], ...]
) -> None:
    one = entry(floor, service_area_m2=float(service), office_area_m2=float(office))
    found = (one.area_m2, one.service_area_m2, one.office_area_m2)
    assert tuple((area.low, area.high) for area in found) == expected


def test_an_entry_bears_the_services_that_the_register_names() -> None:
    assert entry(services="助餐、托育;助餐").services == ("助餐", "托育")


# a later day


@pytest.mark.parametrize(
    ("status", "opens", "now", "then"),
    [
        ("open", "2026-06-01", "not_yet_open", ""),
        ("planned", "2026-06-01", "planned", ""),
        ("under_construction", "2027-12-31", "under_construction", ""),
        ("under_construction", "2028-01-01", "under_construction", "under_construction"),
        ("planned", "", "planned", "planned"),
        ("closed", "2026-06-01", "closed", "closed"),
    ],
)
def test_what_opens_by_a_later_day_counts_then(status: str, opens: str, now: str, then: str) -> None:
    facilities = facilities_at([(100, 100)], status=[status], opens_on=[day(opens)])
    assert not_in_service(facilities, DAY).tolist() == [now]
    assert not_in_service(facilities, LATER, projected=True).tolist() == [then]


def test_a_lease_that_ends_before_the_later_day_no_longer_counts_then() -> None:
    facilities = facilities_at([(100, 100)], lease_until=[day("2026-12-31")])
    assert not_in_service(facilities, DAY).tolist() == [""]
    assert not_in_service(facilities, LATER, projected=True).tolist() == ["lease_ended"]


def test_the_table_holds_what_counts_now_and_what_counts_then() -> None:
    facilities = facilities_at([(100, 100), (500, 100)], areas=[400, NAN], status=["planned", "open"])
    facilities = facilities.assign(opens_on=[day("2026-06-01"), pd.NaT])
    before = facilities.copy()
    now = ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS)
    then = ledger_entries(facilities, UNITS, date=LATER, kinds=KINDS, projected=True)
    reach = pd.DataFrame({"households_in_reach": [7.0, 8.0]}, index=["F1", "F2"])
    table = ledger_table(facilities, now, UNITS, reach, projected=then)
    assert table["unit_id"].tolist() == ["N1", "N2"]
    assert table["counted"].tolist() == [False, True]
    assert table["counted_m2"].fillna(-1).tolist() == [0.0, -1.0]
    assert table["projected_m2"].fillna(-1).tolist() == [400.0, -1.0]
    assert table["ledger_en"].tolist() == ["not counted: planned", "counted for unit N2, area unknown"]
    assert table["projected_zh"].tolist() == ["计入 unit N1,400.00 m²", "计入 unit N2,面积不详"]
    assert "projected_m2" not in ledger_table(facilities, now, UNITS, reach)
    pd.testing.assert_frame_equal(facilities, before)


# the law: the sum of the ledger is what counts


@st.composite
def registers(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Up to 7 facilities of every standing, in N1, in N2, on their boundary and outside."""
    n = draw(st.integers(1, 7))

    def column(one: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(one, min_size=n, max_size=n))

    days = st.sampled_from([pd.NaT, day("2025-12-30"), day("2025-12-31"), day("2026-01-01")])
    links = st.one_of(st.just(""), st.sampled_from([f"F{number + 1}" for number in range(n)]))
    upward = [host if host and int(host[1:]) <= place else "" for place, host in enumerate(column(links))]
    kinds = column(st.sampled_from(["community_service", "community_service", "childcare"]))
    return facilities_at(
        [(x, 100.0) for x in column(st.sampled_from([10.0, 390.0, 400.0, 500.0, 900.0]))],
        kinds=kinds,
        areas=column(st.one_of(st.integers(0, 900).map(lambda tenths: tenths / 3), st.just(NAN))),
        status=column(st.sampled_from(["open", "open", "", "closed", "planned"])),
        opens_on=column(days),
        lease_from=column(days),
        lease_until=column(days),
        part_of=upward,
        serves=column(st.sampled_from(["", "", "N1:0.6;N2:0.3", "S", "N2:0.125"])),
    )


def reason_by_hand(rows: dict[str, Any], key: str) -> str:
    """Why a facility does not count, by plain ifs."""
    row = rows[key]
    if row.status in ("closed", "planned"):
        return str(row.status)
    if row.opens_on > pd.Timestamp(DAY):
        return "not_yet_open"
    if row.lease_from > pd.Timestamp(DAY):
        return "not_yet_leased"
    if row.lease_until < pd.Timestamp(DAY):
        return "lease_ended"
    if row.kind == "childcare":
        return "other_kind"
    host, outermost = row.part_of, ""
    while host:
        outermost = outermost if rows[host].kind == "childcare" else host
        host = rows[host].part_of
    if outermost:
        return "host_not_counted" if reason_by_hand(rows, outermost) else "co_located"
    return "outside" if row.geometry.x > 800 and not row.serves else ""


def area_by_hand(row: Any) -> dict[str, Fraction]:
    """The square metres that a facility of known area brings to each unit that it counts for."""
    area = Fraction(repr(row.floor_area_m2))
    if row.serves:
        parts = [part.split(":") for part in row.serves.split(";")]
        return {part[0]: area * Fraction(part[1] if len(part) > 1 else "1") for part in parts}
    return {"N1" if row.geometry.x <= 400 else "N2": area}


@given(registers())
def test_the_sum_of_the_ledger_is_what_counts_in_all_units_to_the_last_digit(facilities: gpd.GeoDataFrame) -> None:
    found = ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS)
    rows = {row.facility_id: row for row in facilities.itertuples()}
    assert [one.facility_id for one in found] == list(rows)
    assert [one.why_not for one in found] == [reason_by_hand(rows, key) for key in rows]
    counting = [row for key, row in rows.items() if not reason_by_hand(rows, key)]
    known = [row for row in counting if row.floor_area_m2 == row.floor_area_m2]
    in_units = sum((area for row in known for area in area_by_hand(row).values()), Fraction(0))
    ledger = total([counted_m2(one) for one in found])
    assert ledger.low == in_units
    assert (ledger.high == in_units) == (len(known) == len(counting))
    table = ledger_table(facilities, found, UNITS, pd.DataFrame(index=facilities["facility_id"]))
    assert (table["ledger_zh"] != "").all()
    assert (table["ledger_en"].str.startswith("counted for ") == table["counted"]).all()
    assert table["counted_m2"].isna().sum() == len(counting) - len(known)


@given(registers(), st.randoms(use_true_random=False))
def test_the_order_of_the_register_changes_no_entry(facilities: gpd.GeoDataFrame, random: Any) -> None:
    order = random.sample(range(len(facilities)), len(facilities))
    mixed = facilities.iloc[order].set_axis([f"row {place}" for place in order], axis=0)
    count = Count(small_sites="exclude", split_sites="together")
    straight = ledger_entries(facilities, UNITS, date=DAY, kinds=KINDS, count=count)
    shuffled = ledger_entries(mixed, UNITS, date=DAY, kinds=KINDS, count=count)
    assert sorted(shuffled, key=lambda one: one.facility_id) == sorted(straight, key=lambda one: one.facility_id)
