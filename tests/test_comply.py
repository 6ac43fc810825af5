"""Compliance on toy districts: shares, co-location, tiers that are missing, goals of later years, what is published."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import Polygon, box

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.publish.report import report_values
from lifecircle.standards import Rule, Standard, Text
from lifecircle.tables import Tables
from towns import (
    both_standards,
    dwellings_at,
    facilities_at,
    grid_streets,
    nested_units,
    streets_between,
    tables_of,
    toy_study,
    units_of,
)

NAN = float("nan")
WORDS = Text(zh="例", en="example")


def tables(
    households: list[float], sites: list[tuple[float, float]], areas: list[float], **columns: list[object]
) -> Tables:
    homes = dwellings_at([(200 + 400 * number, 200) for number in range(len(households))], households)
    return tables_of(nested_units(households), facilities_at(sites, areas=areas, **columns), homes, grid_streets(17, 9))


def figures(made: Tables, standards: list[Standard] | None = None) -> pd.DataFrame:
    units = assess_tables(toy_study(), made, standards or both_standards()).units
    return units.set_index(["rule_id", "unit_id"])


def rule(**more: object) -> Rule:
    given = {"id": "area", "measure": "floor_area_per_100_households", "value": 35, "unit": "m2/100 households"}
    tiers = {"tiers": ["neighbourhood"], "kinds": ["community_service"], "name": WORDS, "text": WORDS}
    return Rule.model_validate(given | tiers | more)


def standard(*rules: Rule, **more: object) -> Standard:
    given = {"id": "own", "title": WORDS, "status": "in_force", "scope": WORDS, "source": "this test", "rules": rules}
    return Standard.model_validate(given | more)


def test_a_unit_with_exactly_its_square_metres_meets() -> None:
    rows = figures(tables([1000, 1000], [(100, 100), (500, 100)], [350, 349.99]))
    assert rows.loc[("floor-area", "N1"), ["shown", "verdict"]].tolist() == ["35.00", "met"]
    assert rows.loc[("floor-area", "N2"), ["shown", "verdict", "gap_en"]].tolist() == [
        "34.99",
        "unmet",
        "0.01 m² short",
    ]


def test_a_parent_is_the_sum_of_what_lies_in_it_and_not_the_mean() -> None:
    rows = figures(tables([100, 900], [(100, 100)], [400]))
    assert rows.loc[("floor-area", "C1"), "value"] == 40.0


def test_a_shared_facility_counts_by_its_shares_and_once_above() -> None:
    made = tables([1000, 1000], [(100, 100)], [1000], serves=["N1:0.6;N2:0.4"])
    rows = figures(made)
    assert rows.loc[("floor-area", ["N1", "N2", "C1"]), "value"].tolist() == [60.0, 40.0, 50.0]
    assert rows.loc[("single-facility", "N2"), "value"] == 1000.0


def test_a_town_without_circles_keeps_its_neighbourhoods() -> None:
    units = units_of(
        {
            "S1": ("subdistrict", "", box(0, 0, 400, 800), NAN),
            "C1": ("circle", "S1", box(0, 0, 400, 800), NAN),
            "N1": ("neighbourhood", "C1", box(0, 0, 400, 800), 1000),
            "S2": ("subdistrict", "", box(400, 0, 800, 800), NAN),
            "N2": ("neighbourhood", "", box(400, 0, 800, 800), 1000),
        }
    )
    made = replace(tables([1000, 1000], [(500, 100)], [400]), units=units)
    rows = figures(made)
    assert rows.loc[("floor-area", "S2"), ["value", "verdict"]].tolist() == [40.0, "met"]
    assert rows.loc[("coverage-subdistrict", "district"), "households"] == 2000


def test_a_part_of_a_closed_facility_says_that_its_host_does_not_count() -> None:
    made = tables([1000], [(100, 100), (110, 100)], [400, 100], status=["closed", "open"], part_of=["", "F1"])
    ledger = assess_tables(toy_study(), made, both_standards()).facilities
    assert ledger["ledger_en"].iloc[1] == "not counted: part of another facility, which itself does not count"


def test_facilities_that_are_part_of_each_other_are_an_error() -> None:
    made = tables([1000], [(100, 100), (110, 100)], [400, 400], part_of=["F2", "F1"])
    faults = lc.find_faults(made)
    assert (faults["check"] == "part-circle").sum() == 2


def test_own_tier_goes_by_whom_a_facility_serves() -> None:
    made = tables([1000, 1000], [(100, 100)], [800], serves=["C1"])
    rows = figures(made, [standard(rule(basis="own_tier", tiers=["circle", "neighbourhood"]))])
    assert rows.loc[("area", ["C1", "N1"]), "value"].tolist() == [40.0, 0.0]


def test_a_goal_of_a_later_year_is_a_reference() -> None:
    made = tables([1000], [(100, 100)], [400])
    rows = figures(made)
    assert rows.loc[("reach-2035", "district"), "verdict"] == "reference"
    assert "2035 年目标" in rows.loc[("reach-2035", "district"), "why_zh"]


def test_a_share_of_units_that_counts_a_draft_is_a_reference() -> None:
    share = {"id": "share", "measure": "met_units_share", "value": 1, "unit": "share of units", "tiers": ["district"]}
    counting = rule(**share, of_tier="neighbourhood", of_rules=["area"])
    rows = figures(tables([1000], [(100, 100)], [400]), [standard(rule(status="draft"), counting)])
    assert rows.loc[("area", "N1"), "verdict"] == "reference"
    assert rows.loc[("share", "district"), "verdict"] == "reference"


def test_a_unit_with_households_and_no_facility_does_not_meet_a_rule_on_its_facilities() -> None:
    size = {"id": "size", "measure": "smallest_facility_floor_area", "value": 300, "unit": "m2"}
    share = {"id": "share", "measure": "met_units_share", "value": 1, "unit": "share of units", "tiers": ["district"]}
    counting = rule(**share, of_tier="neighbourhood", of_rules=["size"])
    rows = figures(tables([50, 1000], [(500, 100)], [400]), [standard(rule(**size), counting)])
    assert rows.loc[("size", "N1"), "verdict"] == "not_applicable"
    assert rows.loc[("share", "district"), ["value", "verdict"]].tolist() == [0.5, "unmet"]


def test_a_rule_on_a_tier_that_is_not_there_gives_no_row_and_no_crash(tmp_path: Path) -> None:
    units = units_of({"S1": ("subdistrict", "", box(0, 0, 1600, 800), 1000)})
    made = replace(tables([1000], [(100, 100)], [400]), units=units)
    result = assess_tables(toy_study(), made, [standard(rule())])
    assert result.units.empty
    assert (lc.write_report(result, tmp_path / "report") / "index.html").stat().st_size > 0


def test_what_the_office_keeps_besides_stays_with_it(tmp_path: Path) -> None:
    made = tables([1000], [(100, 100)], [400])
    private = replace(
        made,
        dwellings=made.dwellings.assign(owner="张三丰", fid=1, minutes_community_service=0.0),
        facilities=made.facilities.assign(manager="李四光"),
    )
    folder = lc.write_report(assess_tables(toy_study(), private, both_standards()), tmp_path / "report")
    for layer, column in (("dwellings", "owner"), ("facilities", "manager")):
        assert column not in gpd.read_file(folder / "result.gpkg", layer=layer).columns
    for path in folder.iterdir():
        data = path.read_bytes()
        assert "张三丰".encode() not in data
        assert "李四光".encode() not in data


def test_a_workbook_never_shows_more_than_there_is(tmp_path: Path) -> None:
    result = assess_tables(toy_study(), tables([1000], [(100, 100)], [349.996]), both_standards())
    book = openpyxl.load_workbook(lc.write_report(result, tmp_path / "report", only=["xlsx"]) / "tables.xlsx")
    header, first, *_ = book["判定"].iter_rows(values_only=True)
    value = dict(zip(header, first, strict=True))["数值"]
    assert value == 34.99
    assert json.loads((tmp_path / "report" / "summary.json").read_text("utf-8"))["facilities"]["counted_m2"] == 349.996


def test_dwellings_in_no_unit_are_left_out_of_every_figure_and_counted_beside() -> None:
    made = tables([1000], [(100, 100)], [400])
    stray = dwellings_at([(1500, 700)], [9000]).assign(dwelling_id=["stray"])
    result = assess_tables(toy_study(), replace(made, dwellings=pd.concat([made.dwellings, stray])), both_standards())
    assert sum(result.summary["reach"]["community_service"].values()) == 1000
    assert result.summary["households"]["dwellings_in_no_unit"] == 1


@pytest.mark.parametrize(("written", "counted"), [("2025年12月", True), ("2025年11月", False), ("2025-12-31", True)])
def test_a_lease_that_names_a_month_lasts_to_its_end(written: str, counted: bool) -> None:
    from lifecircle.readers.cells import dates

    days, _ = dates(pd.Series([written]), month_end=True)
    made = tables([1000], [(100, 100)], [400], lease_until=[days.iloc[0]])
    assert bool(assess_tables(toy_study(), made, both_standards()).facilities["counted"].iloc[0]) is counted


@pytest.mark.parametrize(
    ("more", "labels"),
    [
        ({}, ["neighbourhoods: floor area met"]),
        ({"status": "draft"}, []),
        (
            {"measure": "reached_households_share", "value": 0.9, "unit": "share of households", "limit_min": 15},
            ["neighbourhoods: met"],
        ),
    ],
)
def test_the_card_of_a_tier_says_what_its_rule_measures_and_is_left_out_for_a_reference(
    more: dict[str, object], labels: list[str]
) -> None:
    result = assess_tables(toy_study(), tables([1000], [(100, 100)], [400]), [standard(rule(**more))])
    found = [card["label"]["en"] for card in report_values(result)["figures"]]
    assert [label for label in found if label.endswith("met")] == labels


@pytest.mark.parametrize(
    ("areas", "value"),
    [([340.0, 350.0], "10.00 m²"), ([340.0, NAN], "≥ 10.00 m²"), ([NAN, NAN], "?"), ([350.0, 350.0], "0.00 m²")],
)
def test_floor_area_that_nobody_knows_is_never_missing_by_nothing(areas: list[float], value: str) -> None:
    result = assess_tables(toy_study(), tables([1000, 1000], [(100, 100), (500, 100)], areas), [standard(rule())])
    cards = {card["label"]["en"]: card["value"] for card in report_values(result)["figures"]}
    assert cards["Floor area missing"] == value


# --- Near the limit of a walk: one street, a facility at its start, 1 m/s, so that 900 m are 15 minutes ---------------

FAR_AWAY = box(-9000, -9000, 9000, 9000)
SHARE = {"id": "reach", "measure": "reached_households_share", "value": 0.5, "unit": "share of households"}


def along_a_street(
    homes: list[tuple[float, float]], extent: Polygon = FAR_AWAY, *, limit_min: float = 15, **more: object
) -> pd.DataFrame:
    """The district and its neighbourhood by a share of households, from (metres to the facility, households)."""
    dwellings = dwellings_at([(metres, 0) for metres, _ in homes], [households for _, households in homes])
    units = units_of({"N1": ("neighbourhood", "", box(-50, -50, 2000, 50), NAN)})
    made = tables_of(units, facilities_at([(0, 0)]), dwellings, streets_between([((0, 0), (2000, 0))]), extent=extent)
    share = rule(**SHARE, limit_min=limit_min, tiers=["neighbourhood", "district"], **more)
    return figures(made, [standard(share)]).loc["reach"]


def near(rows: pd.DataFrame, *names: str) -> list[float]:
    return rows.loc["N1", list(names)].tolist()


ON_EVERY_EDGE = [
    (854.99, 1), (855, 2), (869.99, 4), (870, 8), (900, 16), (900.01, 32), (930, 64), (930.01, 128), (945, 256),
    (945.01, 513),
]  # fmt: skip


def test_households_exactly_on_a_margin_of_the_limit_are_near_it_and_a_centimetre_beyond_are_not() -> None:
    rows = along_a_street(ON_EVERY_EDGE)
    assert near(rows, "near_30s_households", "near_5pct_households") == [120, 510]


def test_the_share_at_a_shorter_and_a_longer_limit_counts_those_exactly_on_it() -> None:
    rows = along_a_street(ON_EVERY_EDGE)
    ends = ["share_at_minus_5pct", "share_at_minus_30s", "value", "share_at_plus_30s", "share_at_plus_5pct"]
    assert near(rows, *ends) == [one / 1024 for one in (3, 15, 31, 127, 511)]


def test_the_district_says_of_its_only_unit_what_the_unit_says() -> None:
    rows = along_a_street(ON_EVERY_EDGE)
    columns = [name for name in rows if name.startswith(("near_", "share_at_", "edge_"))]
    assert rows.loc["district", columns].tolist() == rows.loc["N1", columns].tolist()


def test_five_percent_of_a_short_limit_is_less_than_30_seconds() -> None:
    rows = along_a_street([(270, 1), (285, 2), (315, 4), (330, 8)], limit_min=5)
    assert near(rows, "near_30s_households", "near_5pct_households") == [15, 6]


def test_a_walk_on_the_margin_is_near_the_limit_where_floats_of_its_minutes_would_miss_it() -> None:
    assert 96_900_000 / 6_000_000 * 60 * 100_000 < 96_900_000  # 969 m are 95 % of 17 minutes
    assert near(along_a_street([(969, 1)], limit_min=17), "near_5pct_households") == [1]


def test_a_limit_below_30_seconds_leaves_no_share_when_it_is_30_seconds_shorter() -> None:
    rows = along_a_street([(0, 10), (54, 30)], limit_min=0.4)
    assert near(rows, "share_at_minus_30s", "value", "share_at_plus_30s") == [0.0, 0.25, 1.0]


def test_the_nearest_of_all_kinds_of_a_rule_decides_what_is_near_its_limit() -> None:
    homes, sites = dwellings_at([(900, 0), (1300, 0)], [10, 30]), facilities_at([(0, 0), (1000, 0)])
    sites = sites.assign(kind=["community_service", "party_service"])
    units = units_of({"N1": ("neighbourhood", "", box(-50, -50, 2000, 50), NAN)})
    made = tables_of(units, sites, homes, streets_between([((0, 0), (2000, 0))]), extent=FAR_AWAY)
    shares = [rule(**SHARE, limit_min=15), rule(**SHARE | {"id": "any"}, limit_min=15)]
    shares[1] = shares[1].model_copy(update={"kinds": ("community_service", "party_service")})
    rows = figures(made, [standard(*shares)])["near_30s_households"]
    assert (rows["reach", "N1"], rows["any", "N1"]) == (10, 0)


def test_households_that_nobody_counted_are_near_no_limit_and_stretch_the_share_at_another() -> None:
    rows = along_a_street([(900, NAN), (100, 30), (1500, 10)])
    assert near(rows, "near_30s_households", "near_5pct_households") == [0, 0]
    assert near(rows, "share_at_minus_5pct", "low", "high", "share_at_plus_5pct") == [0.0, 0.75, 1.0, 1.0]


def test_a_dwelling_that_could_leave_the_known_streets_only_within_a_longer_limit_may_reach_then() -> None:
    rows = along_a_street([(100, 30), (1060, 10)], box(-9000, -9000, 2000, 9000))  # 940 m to the end of the street
    assert near(rows, "high", "share_at_plus_30s", "share_at_plus_5pct") == [0.75, 0.75, 1.0]


def test_an_unknown_dwelling_stays_unknown_at_another_limit_until_its_known_walk_is_short_enough() -> None:
    homes, edge = [(100, 30), (920, 10)], box(-9000, -9000, 1500, 9000)  # 580 m to the edge of the known streets
    rows = along_a_street(homes, edge)
    assert near(rows, "low", "high") == [0.75, 1.0]
    assert near(rows, "near_30s_households", "share_at_minus_30s", "share_at_plus_30s") == [10, 0.75, 1.0]


def test_only_shares_within_a_walk_have_a_limit_to_be_near_to() -> None:
    rows = figures(tables([1000, 0], [(100, 100)], [400]))
    columns = [name for name in rows if name.startswith(("near_", "share_at_"))]
    shares = (rows["measure"] == "reached_households_share") & rows["low"].notna()
    assert rows.loc[~shares, columns].isna().all(axis=None)
    assert (rows.loc[~shares, ["edge_zh", "edge_en"]] == "").all(axis=None)
    assert rows.loc[shares, columns].notna().all(axis=None)


def test_the_reason_names_the_households_near_the_limit_and_the_share_at_five_percent_less_and_more() -> None:
    row = along_a_street(ON_EVERY_EDGE).loc["N1"]
    assert "其中已知 120 户的步行时间在时限上下 30 秒内,510 户在上下 5% 内;时限若短 5%,比例低至 0.29%" in row["why_zh"]
    assert "%,若长 5%,高至 49.90%。标准:" in row["why_zh"]
    assert "within 30 s of the limit for 120 known households, within 5% of it for 510; " in row["why_en"]
    assert "5% shorter the share could be as low as 0.29%, with one 5% longer as high as 49.90%. " in row["why_en"]
    assert row["edge_zh"] == "时限改为 14.25–15.75 分钟时为 0.29–49.90%,其间 510 户;时限上下 30 秒内 120 户"


def test_a_share_on_which_nothing_hangs_says_so() -> None:
    row = along_a_street([(100, 30), (1500, 10)]).loc["N1"]
    assert "没有已知住户的步行时间在时限上下 30 秒或 5% 内,时限短、长 5% 比例均不变。" in row["why_zh"]
    assert (row["edge_zh"], row["edge_en"]) == ("时限 ±5% 比例不变", "the same with a limit 5% shorter or longer")
