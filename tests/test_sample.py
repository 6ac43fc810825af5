"""The drawn sample: every special case that its README names is there, and it is drawn the same each time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.study import Count
from samples import assessed_sample

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
AREAS = ("floor_area_m2", "service_area_m2", "office_area_m2")


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


def figure(result: lc.Result, unit_id: str, rule_id: str = "floor-area") -> pd.Series:
    units = result.units
    return units[(units["unit_id"] == unit_id) & (units["rule_id"] == rule_id)].iloc[0]


def test_the_sample_is_drawn_with_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "data" / "draw_sample.py", "--out", tmp_path], check=True, cwd=ROOT)
    for path in sorted(SAMPLE.iterdir()):
        drawn = hashlib.sha256((tmp_path / path.name).read_bytes()).hexdigest()
        assert drawn == hashlib.sha256(path.read_bytes()).hexdigest(), path.name


def test_the_sample_is_under_four_megabytes() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 4_000_000


def test_it_has_the_units_dwellings_and_kinds_it_promises(result: lc.Result) -> None:
    tables = result.tables
    assert tables.units["tier"].value_counts().to_dict() == {"neighbourhood": 30, "circle": 6, "subdistrict": 2}
    assert len(tables.dwellings) == 1627
    assert len(tables.facilities) == 85
    assert tables.facilities["kind"].nunique() == 7


def test_every_verdict_occurs(result: lc.Result) -> None:
    floor_area = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    assert floor_area["verdict"].value_counts().to_dict() == {"met": 18, "unmet": 9, "unknown": 2, "not_applicable": 1}
    assert set(result.units["verdict"]) == {"met", "unmet", "unknown", "not_applicable", "reference"}


@pytest.mark.parametrize(
    ("unit_id", "shown", "verdict"),
    [
        ("A0102", "35.00", "met"),
        ("A0203", "34.97", "unmet"),
        ("A02", "34.96", "unmet"),
        ("A0306", "—", "not_applicable"),
        ("A0303", "≥ 18.00", "unknown"),
        ("A0301", "≥ 44.00", "met"),
        ("B0203", "22.00–165.00", "unknown"),
        ("B0103", "0.00", "unmet"),
        ("A0304", "14.00", "unmet"),
    ],
)
def test_a_special_case_of_floor_area_reads_as_its_readme_says(
    result: lc.Result, unit_id: str, shown: str, verdict: str
) -> None:
    row = figure(result, unit_id)
    assert (row["shown"], row["verdict"]) == (shown, verdict)


def test_a_facility_of_exactly_300_square_metres_is_large_enough(result: lc.Result) -> None:
    assert "书铺弄邻里汇" not in figure(result, "A0105", "single-facility")["why_zh"]
    assert "书铺弄党群服务站 293.00 m²" in figure(result, "A0105", "single-facility")["why_zh"]


@pytest.mark.parametrize(
    ("facility_id", "counted_m2", "ledger"),
    [
        ("F049", 1447.0, "计入 南渡居委会(60%)、芦洲居委会(40%),1,447.00 m²"),
        ("F005", 0.0, "不计入:与所属设施同址,面积已含其中"),
        ("F024", 0.0, "不计入:在建"),
        ("F011", 0.0, "不计入:规划"),
        ("F061", 0.0, "不计入:停用"),
        ("F019", 0.0, "不计入:租赁已到期"),
        ("F080", 0.0, "不计入:位于所有单元之外(步行可达仍计)"),
        ("F082", 180.0, "计入 苇岸居委会,180.00 m²"),
        ("F083", 0.0, "面积不计入:类别不属于每百户面积所计的设施(数量、服务和步行可达仍计)"),
        ("F084", 0.0, "不计入:在建"),
        ("F085", 0.0, "不计入:租赁尚未开始"),
    ],
)
def test_the_ledger_says_where_a_facility_counts_or_why_not(
    result: lc.Result, facility_id: str, counted_m2: float, ledger: str
) -> None:
    row = result.facilities.set_index("facility_id").loc[facility_id]
    assert (row["counted_m2"], row["ledger_zh"]) == (counted_m2, ledger)


@pytest.mark.parametrize(
    ("facility_id", "projected_m2", "ledger"),
    [
        ("F024", 600.0, "计入 梧叶居委会,600.00 m²"),
        ("F085", 460.0, "计入 远帆居委会,460.00 m²"),
        ("F011", 0.0, "不计入:规划"),
        ("F061", 0.0, "不计入:停用"),
        ("F019", 0.0, "不计入:租赁已到期"),
    ],
)
def test_the_ledger_says_what_counts_by_the_end_of_2026(
    result: lc.Result, facility_id: str, projected_m2: float, ledger: str
) -> None:
    row = result.facilities.set_index("facility_id").loc[facility_id]
    assert (row["projected_m2"], row["projected_zh"]) == (projected_m2, ledger)


@pytest.mark.parametrize(
    ("unit_id", "rule_id", "now", "later"),
    [
        ("A", "social-work-station", ("1", "met"), ("1", "met")),
        ("B", "social-work-station", ("0", "unmet"), ("1", "met")),
        ("district", "social-work-station-share", ("50.00%", "unmet"), ("100.00%", "met")),
        ("A", "services", ("100.00%", "reference"), ("100.00%", "reference")),
        ("B", "services", ("75.00–100.00%", "reference"), ("83.33–100.00%", "reference")),
        ("A0304", "floor-area", ("14.00", "unmet"), ("38.21", "met")),
        ("A02", "floor-area", ("34.96", "unmet"), ("39.03", "met")),
    ],
)
def test_what_opens_in_2026_stands_beside_what_is_open(
    result: lc.Result, unit_id: str, rule_id: str, now: tuple[str, str], later: tuple[str, str]
) -> None:
    row = figure(result, unit_id, rule_id)
    assert (row["shown"], row["verdict"]) == now
    assert (row["projected_shown"], row["projected_verdict"]) == later


def test_a_station_to_come_is_named_where_one_is_missing(result: lc.Result) -> None:
    assert "尚未启用的有 禾渡镇社会工作站" in figure(result, "B", "social-work-station")["why_zh"]


@pytest.mark.parametrize(
    ("split_sites", "shown", "verdict"), [("each", "180.00", "unmet"), ("together", "600.00", "met")]
)
def test_a_second_site_is_small_by_itself_and_large_with_the_first(
    result: lc.Result, split_sites: str, shown: str, verdict: str
) -> None:
    study = result.study.model_copy(update={"count": Count(split_sites=split_sites)})
    row = figure(assess_tables(study, result.tables, result.standards), "A0103", "single-facility")
    assert (row["shown"], row["verdict"]) == (shown, verdict)


def test_three_facilities_do_not_say_what_they_offer(result: lc.Result) -> None:
    facilities = result.tables.facilities
    assert set(facilities.loc[facilities["services"] == "", "facility_id"]) == {"F035", "F061", "F072"}


def test_neighbourhoods_are_urban_and_villages_rural(result: lc.Result) -> None:
    units = result.tables.units[result.tables.units["tier"] == "neighbourhood"]
    rural = units["name"].str.endswith("村")
    assert rural.sum() == 6
    assert units["urban_rural"].tolist() == ["rural" if one else "urban" for one in rural]


def test_each_group_is_a_part_of_the_households_and_unknown_where_they_are(result: lc.Result) -> None:
    dwellings = result.tables.dwellings
    assert dwellings["households"].isna().sum() == 53
    for column in result.study.equity.groups.values():
        counts = dwellings[column]
        assert (counts.isna() == dwellings["households"].isna()).all()
        assert (counts.dropna() % 1 == 0).all()
        assert (counts.dropna() <= dwellings["households"].dropna()).all()
        assert 500 < counts.sum() < 45_000


def test_homes_are_of_five_kinds_and_two_groups_of_them_are_small(result: lc.Result) -> None:
    homes = result.tables.dwellings.groupby("住房类型")["households"].sum()
    assert homes.to_dict() == {
        "": 18.0, "农宅": 3583.0, "动迁安置房": 7892.0, "售后公房": 21432.0, "商品房": 18028.0, "老洋房": 19.0,
    }  # fmt: skip


def test_of_homes_too_few_to_be_shown_no_figure_is_given(result: lc.Result) -> None:
    shares = result.equity.shares
    homes = shares[shares["dimension"] == "住房类型"]
    hidden = homes["group"].isin(["老洋房", "unknown"])
    assert set(homes.loc[hidden, "suppressed_as"]) == {"small"}
    assert homes.loc[hidden, ["n_low", "low", "high"]].isna().all(axis=None)
    assert not homes.loc[~hidden, "suppressed"].any()


def test_villages_reach_a_community_service_less_than_the_town_whatever_is_unknown(result: lc.Result) -> None:
    shares = result.equity.shares
    reach = shares[(shares["dimension"] == "urban_rural") & shares["outcome"].str.startswith("reach")]
    ends = reach.set_index("group")
    assert ends.loc["rural", "high"] < ends.loc["urban", "low"]


def test_the_ledgers_square_metres_are_those_that_count(result: lc.Result) -> None:
    whole = lc.assess(SAMPLE).facilities["counted_m2"].sum()
    assert whole == pytest.approx(result.summary["facilities"]["counted_m2"])
    lowest = sum(figure(result, unit)["low"] * figure(result, unit)["households_high"] / 100 for unit in ("A", "B"))
    assert lowest == pytest.approx(whole)


def test_a_facility_outside_serves_people_inside(result: lc.Result) -> None:
    assert result.facilities.set_index("facility_id").loc["F080", "households_in_reach"] > 0


def test_the_island_of_streets_reaches_nothing(result: lc.Result) -> None:
    island = result.dwellings[result.dwellings["island"] > 0]
    assert len(island) == 20
    assert set(island["reach_community_service"]) == {"not_reached"}


def test_dwellings_far_from_streets_or_near_the_edge_are_unknown(result: lc.Result) -> None:
    unknown = result.dwellings[result.dwellings["reach_community_service"] == "unknown"]["dwelling_id"]
    assert {"D1349", "D1374", "D1450", "D1482", "D1595"} <= set(unknown)
    assert {f"D{number}" for number in range(1620, 1628)} <= set(unknown)


def test_without_floor_areas_every_floor_area_verdict_is_unknown(result: lc.Result) -> None:
    bare = replace(result.tables, facilities=result.tables.facilities.assign(**dict.fromkeys(AREAS, float("nan"))))
    units = assess_tables(result.study, bare, result.standards).units
    rows = units[(units["rule_id"] == "floor-area") & units["why_zh"].str.contains("计入设施")]
    assert set(rows["verdict"]) == {"unknown"}


def test_assessing_twice_gives_the_same_tables(result: lc.Result) -> None:
    again = lc.assess(SAMPLE)
    pd.testing.assert_frame_equal(result.units, again.units)
    assert result.summary == again.summary
    assert result.manifest == again.manifest


def test_the_committed_report_is_what_the_sample_gives(result: lc.Result) -> None:
    import json

    committed = json.loads((ROOT / "reports" / "sample-2025" / "summary.json").read_text("utf-8"))
    assert committed == json.loads(json.dumps(result.summary))


def test_a_group_that_is_counted_where_households_are_not_is_counted_in_full(result: lc.Result) -> None:
    from dataclasses import replace

    from lifecircle.flow import assess_tables

    homes = result.tables.dwellings.copy()
    silent = homes.index[homes["households"].isna() & (homes["unit_id"] == "B0203")][:2]
    homes.loc[silent, "老年户数"] = [10.0, 20.0]
    more = assess_tables(result.study, replace(result.tables, dwellings=homes), result.standards)
    before, after = (
        one.equity.shares.set_index(["outcome", "dimension", "group"]).loc[
            ("floor_area", "elderly", "elderly"), "n_low"
        ]
        for one in (result, more)
    )
    assert after == before + 30
