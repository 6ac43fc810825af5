"""What the report, the map, the workbook and the layers say of compliance: the tables' own numbers, read back."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from python_calamine import load_workbook
from shapely import box

import lifecircle as lc
from lifecircle.publish.folder import write_report
from lifecircle.publish.page import page_html
from lifecircle.publish.payload import map_payload
from lifecircle.publish.report import report_values
from lifecircle.publish.sheets import sheets_of

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
LATER = "2026-12-31"
DOCUMENTS = ["html", "map", "xlsx", "gpkg"]


def book(folder: Path, sheet: str) -> pd.DataFrame:
    """A sheet as another library reads it."""
    rows = load_workbook(folder / "tables.xlsx").get_sheet_by_name(sheet).to_python()
    return pd.DataFrame(rows[1:], columns=rows[0])


def page_text(folder: Path) -> str:
    """What the page says in the study's language, the map left out."""
    page = re.sub(r'srcdoc="[^"]*"', "", (folder / "index.html").read_text("utf-8"))
    return text_of(page)


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.fixture(scope="module")
def result() -> lc.Result:
    study = lc.read_study(SAMPLE)
    about = study.study.model_copy(update={"projected": dt.date.fromisoformat(LATER)})
    later = study.model_copy(update={"study": about})
    later._path = study.path
    return lc.assess(later)


@pytest.fixture(scope="module")
def report(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(result, tmp_path_factory.mktemp("reports") / "sample-2025", only=DOCUMENTS)


@pytest.fixture(scope="module")
def values(result: lc.Result) -> dict[str, Any]:
    return report_values(result)


@pytest.fixture(scope="module")
def drawn(result: lc.Result) -> dict[str, Any]:
    return map_payload(result)


@pytest.fixture(scope="module")
def bare(result: lc.Result) -> tuple[str, dict[str, pd.DataFrame]]:
    """Page and sheets of the same result without a missing number and without a later day."""
    about = result.study.study.model_copy(update={"projected": None})
    study = result.study.model_copy(update={"study": about})
    plain = replace(result, study=study, missing=result.missing.head(0))
    return text_of(page_html(report_values(plain), "")), sheets_of(plain)


@pytest.fixture(scope="module")
def binds(result: lc.Result) -> pd.Series:
    """Whether a row's rule binds, from the sets of verdicts alone: only what binds is ever met, unmet or unknown."""
    units = result.units
    rules = units.groupby(["standard", "rule_id"])["verdict"].agg(lambda found: "reference" not in set(found))
    return pd.Series([rules[pair] for pair in zip(units["standard"], units["rule_id"], strict=True)], units.index)


def test_rows_of_rules_that_do_not_bind_are_told_apart(values: dict[str, Any], binds: pd.Series) -> None:
    rows = values["verdict_rows"]
    assert [row["binds"] for row in rows] == binds.tolist()
    assert 0 < binds.sum() < len(binds)


def test_a_rule_without_a_value_asks_for_nothing(values: dict[str, Any], drawn: dict[str, Any]) -> None:
    rows = [row for row in values["verdict_rows"] if row["rule_id"] == "road-distance"]
    assert {(row["threshold"], row["measured_in"]["zh"]) for row in rows} == {("—", "")}
    asked = [unit["verdicts"].get("shanghai-2021/road-distance") for unit in drawn["units"]]
    assert {one["threshold"]["zh"] for one in asked if one} == {""}


def test_the_map_says_what_a_number_of_facilities_is_counted_in(drawn: dict[str, Any]) -> None:
    asked = [unit["verdicts"].get("shanghai-2021/social-work-station") for unit in drawn["units"]]
    assert {one["threshold"]["zh"] for one in asked if one} == {"≥ 1 处"}


def test_the_map_offers_rules_that_bind_before_the_others(drawn: dict[str, Any]) -> None:
    rules = drawn["rules"]
    assert [rule["binds"] for rule in rules] == sorted((rule["binds"] for rule in rules), reverse=True)
    assert all(rule["group"]["zh"].startswith("参考:") != rule["binds"] for rule in rules)


def test_cards_count_what_binds_in_the_first_standard(
    result: lc.Result, values: dict[str, Any], binds: pd.Series
) -> None:
    cards = {card["label"]["zh"]: card["value"] for card in values["figures"]}
    own = result.units[binds & (result.units["standard"] == result.standards[0].id)]
    assert len(cards) <= 8
    assert cards["无法判定"] == str((own["verdict"] == "unknown").sum())
    area = own[(own["rule_id"] == "floor-area") & (own["tier"] == "neighbourhood")]
    assert cards["居村:面积达标"] == f"{(area['verdict'] == 'met').sum()}/{(area['verdict'] != 'not_applicable').sum()}"
    short = f"{area['gap_low'].sum():,.2f} m²"
    assert cards["建筑面积缺口"].removeprefix("≥ ") == short
    stations = own[own["rule_id"] == "social-work-station"]["verdict"]
    assert cards["街道(乡镇):有社会工作站"] == f"{(stations == 'met').sum()}/{len(stations)}"


def test_the_first_missing_numbers_are_asked_for_with_what_they_settle(
    result: lc.Result, values: dict[str, Any], report: Path
) -> None:
    said = [html.unescape(row["text"]["zh"]) for row in values["missing"]["rows"]]
    page = page_text(report)
    assert len(said) == min(5, len(result.missing))
    for text, row in zip(said, result.missing.itertuples(), strict=False):
        assert row.name in text
        assert [int(number) for number in re.findall(r"(\d+) 项", text)] == [n for n in (row.settles, row.helps) if n]
        assert text in page


def test_every_missing_number_is_in_the_workbook(result: lc.Result, report: Path) -> None:
    sheet = book(report, "先核实")
    assert sheet["编码"].tolist() == result.missing["key"].tolist()
    assert sheet["可定判定"].astype(int).tolist() == result.missing["settles"].tolist()
    assert sheet["相关判定"].astype(int).tolist() == result.missing["helps"].tolist()
    assert set(sheet["核实什么"]) <= {"建筑面积", "户数", "服务用房面积", "城乡属性", "所辖居住点的户数"}


def test_nothing_is_asked_for_where_nothing_is_missing(bare: tuple[str, dict[str, pd.DataFrame]]) -> None:
    text, sheets = bare
    assert "先核实这些数字" not in text
    assert "先核实" not in sheets


def test_where_territory_and_reach_disagree_is_what_the_table_says(
    result: lc.Result, values: dict[str, Any], report: Path
) -> None:
    told, table = values["reachable"], result.reachable
    order = ["both", "neither", "only_administrative", "only_reachable", "unknown"]
    assert [row["counts"] for row in told["tiers"]] == [
        [int((own["agree"] == one).sum()) for one in order] for _, own in table.groupby("tier", sort=False)
    ]
    split = table[(table["tier"] == "neighbourhood") & table["agree"].isin(["only_administrative", "only_reachable"])]
    assert len(split)
    assert [(row["unit_id"], row["shown"], row["reachable"]) for row in told["rows"]] == list(
        split[["unit_id", "shown", "reachable_shown"]].itertuples(index=False, name=None)
    )
    sheet = book(report, "属地与可达")
    assert sheet["单元编码"].tolist() == table["unit_id"].tolist()
    lows = table["reachable_low"] - sheet["步行可达下限(m²/百户)"].astype(float)
    assert lows.between(0, 0.01).all(), "cut down to two decimals"
    open_ended = sheet["步行可达上限(m²/百户)"].astype(str) == "∞"
    assert open_ended.tolist() == (table["reachable_high"] == float("inf")).tolist()


def test_the_later_day_stands_in_page_workbook_and_layers(
    result: lc.Result, values: dict[str, Any], report: Path
) -> None:
    units = result.units
    assert [row["projected"] for row in values["verdict_rows"]] == units["projected_shown"].tolist()
    assert f"到 {LATER}" in page_text(report)
    words = {"met": "达标", "unmet": "不达标", "unknown": "无法判定", "reference": "参考", "not_applicable": "不适用"}
    sheet = book(report, "判定")
    assert sheet[f"到 {LATER} 判定"].tolist() == [words.get(one, "") for one in units["projected_verdict"]]
    ledger = book(report, "设施台账")
    opened = result.facilities["projected_m2"].fillna(0) > result.facilities["counted_m2"].fillna(0)
    assert opened.any()
    counted = pd.to_numeric(ledger[f"到 {LATER} 计入(m²)"])
    assert counted[opened].tolist() == pytest.approx(result.facilities.loc[opened, "projected_m2"].tolist())
    layer = gpd.read_file(report / "result.gpkg", layer="units").set_index("unit_id")
    asked = units[units["rule_id"] == "floor-area"].set_index("unit_id")["projected_verdict"]
    assert layer["shanghai-2021/floor-area projected_verdict"].to_dict() == asked.to_dict()
    facilities = gpd.read_file(report / "result.gpkg", layer="facilities")
    assert {"lease_from", "site_of", "services", "projected_m2"} <= set(facilities)


def test_a_study_without_a_later_day_has_no_column_for_it(bare: tuple[str, dict[str, pd.DataFrame]]) -> None:
    text, sheets = bare
    assert not [name for name in sheets["判定"] if name.startswith("到 ")]
    assert f"到 {LATER}" not in text


def test_the_workbook_says_what_closes_each_gap_and_whether_the_rule_binds(
    result: lc.Result, report: Path, binds: pd.Series
) -> None:
    sheet = book(report, "判定")
    assert sheet["补足办法"].tolist() == result.units["closing_zh"].tolist()
    assert (sheet["效力"] == "约束").tolist() == binds.tolist()
    owed = pd.to_numeric(sheet["缺口相当户数,下限"])
    short = result.units["gap_households_low"]
    assert (owed - short).dropna().between(0, 1).all(), "whole households, rounded up"
    assert owed.notna().tolist() == short.notna().tolist()


def test_every_rule_stands_with_its_clause_and_standing(result: lc.Result, values: dict[str, Any]) -> None:
    told = {one["id"]: one for one in values["standards"]}
    rules = {rule["id"]: rule["standing"]["zh"] for rule in told["shanghai-2021"]["rules"]}
    assert list(rules) == [rule.id for rule in result.standards[0].rules]
    assert (rules["floor-area"], rules["floor-area-own-tier"]) == ("现行", "未核实")
    assert "倡导性" in rules["road-distance"]
    assert told["shanghai-15min-goals"]["circle"]["zh"] == "片区规模:50,000–100,000人,约 3 km²"


STATIONS = """[study]
id = "stations"
name = "两镇"
year = 2025
date = 2025-12-31
standards = ["yunnan-social-work-2021"]
[units]
path = "units.gpkg"
tier = "subdistrict"
[facilities]
path = "facilities.csv"
crs = "EPSG:4490"
"""


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> lc.Result:
    """A study that counts stations: no dwellings, no streets; one of two towns has one."""
    place = tmp_path_factory.mktemp("stations")
    towns = gpd.GeoDataFrame(
        {"unit_id": ["T1", "T2"], "name": ["东镇<b>", "西镇"]},
        geometry=[box(102.70, 25.00, 102.75, 25.05), box(102.65, 25.00, 102.70, 25.05)],
        crs="EPSG:4490",
    )
    towns.to_file(place / "units.gpkg", layer="subdistricts")
    (place / "facilities.csv").write_text(
        "设施编码,设施名称,类别,经度,纬度\nS1,东镇社工站,社会工作站,102.72,25.02\n", "utf-8"
    )
    (place / "study.toml").write_text(STATIONS, "utf-8")
    return lc.assess(place)


@pytest.fixture(scope="module")
def stations(towns: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(towns, tmp_path_factory.mktemp("reports") / "stations", only=DOCUMENTS)


def test_tables_made_in_memory_may_lack_columns(towns: lc.Result, tmp_path: Path) -> None:
    lean = replace(towns, facilities=towns.facilities.drop(columns=["site_of", "services", "lease_from"]))
    write_report(lean, tmp_path / "report", only=DOCUMENTS)
    assert "site_of" not in gpd.read_file(tmp_path / "report" / "result.gpkg", layer="facilities")


def test_a_study_without_streets_says_that_no_walks_were_computed(stations: Path) -> None:
    text = page_text(stations)
    assert text.count("没有居住点或道路资料,未计算步行可达。") == 3, "at the top, where reach would be, in the method"
    assert "可达社区综合服务设施" not in text
    assert json.loads((stations / "manifest.json").read_text("utf-8"))["network"] is None


def test_a_study_without_streets_has_its_verdicts_everywhere(stations: Path) -> None:
    assert "街道(乡镇):有社会工作服务站1/2" in page_text(stations)
    sheet = book(stations, "判定")
    station = sheet[sheet["条款"] == "社会工作服务站"]
    assert dict(zip(station["单元编码"], station["判定"], strict=True)) == {"T1": "达标", "T2": "不达标"}
    layers = dict(gpd.list_layers(stations / "result.gpkg").itertuples(index=False))
    assert set(layers) == {"units", "facilities", "layer_styles"}


def test_a_name_with_markup_stays_text(stations: Path) -> None:
    page = re.sub(r'srcdoc="[^"]*"', "", (stations / "index.html").read_text("utf-8"))
    assert "东镇<b>" not in page
    assert "东镇&lt;b&gt;" in page


CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    found = next((path for path in CHROMIUMS if Path(path).exists()), None)
    if found is None:
        pytest.skip("no Chromium on this machine: install it to test the pages as a browser shows them")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def opened(browser, report: Path) -> Iterator[object]:  # type: ignore[no-untyped-def]
    shown = browser.new_page(viewport={"width": 1366, "height": 900})
    shown.goto((report / "index.html").resolve().as_uri())
    yield shown
    shown.close()


AFRESH = """() => {
    document.querySelectorAll("[data-filter]").forEach((list) => (list.value = ""));
    document.querySelectorAll("[data-reference]").forEach((box) => (box.checked = false));
    document.querySelectorAll(".filters").forEach((bar) => bar.dispatchEvent(new Event("input")));
}"""


@pytest.fixture
def page(opened) -> object:  # type: ignore[no-untyped-def]
    """The page with nothing chosen."""
    opened.evaluate(AFRESH)
    return opened


VISIBLE = "#verdicts tbody:visible tr:first-child"


def test_reference_rules_wait_behind_their_switch(page, result: lc.Result, binds: pd.Series) -> None:  # type: ignore[no-untyped-def]
    rows = page.locator(VISIBLE)
    assert rows.count() == binds.sum()
    page.locator("[data-reference]").check()
    assert rows.count() == len(result.units)
    page.locator("[data-reference]").uncheck()
    page.locator("[data-filter=rule]").select_option("shanghai-2021/service-area")
    assert rows.count() == (result.units["rule_id"] == "service-area").sum(), "a rule that is asked for is shown"


def test_filters_keep_standards_apart_and_count_together(page, result: lc.Result, binds: pd.Series) -> None:  # type: ignore[no-untyped-def]
    units = result.units[binds]
    for key, value, column in (
        ("standard", "shanghai-15min-goals", "standard"),
        ("tier", "circle", "tier"),
        ("verdict", "unmet", "verdict"),
    ):
        page.locator(f"[data-filter={key}]").select_option(value)
        assert page.locator(VISIBLE).count() == (units[column] == value).sum()
        assert page.locator("#verdicts h3:visible").count() == units.loc[units[column] == value, "standard"].nunique()
        page.locator(f"[data-filter={key}]").select_option("")


def test_a_press_on_a_verdict_opens_its_reason_and_sorting_keeps_it_there(page, result: lc.Result) -> None:  # type: ignore[no-untyped-def]
    row = page.locator("#verdicts tbody").filter(has=page.locator("[data-rule='shanghai-2021/floor-area']")).first
    assert not row.locator(".why").is_visible()
    row.locator("th").click()
    assert result.units["why_zh"].iloc[0] in row.locator(".why").inner_text()
    page.locator("#verdicts thead th").nth(3).click()
    opened = page.locator("#verdicts tbody:not(.folded)")
    assert opened.count() == 1
    assert opened.locator("th").inner_text().strip() == result.units["name"].iloc[0]


def test_the_page_of_a_study_without_streets_opens_without_errors(browser, stations: Path) -> None:  # type: ignore[no-untyped-def]
    shown = browser.new_page(viewport={"width": 400, "height": 900})
    said: list[str] = []
    shown.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.goto((stations / "index.html").resolve().as_uri())
    frame = shown.frame_locator("iframe")
    frame.locator(".leaflet-container path").first.wait_for(state="attached", timeout=20_000)
    assert said == []
    assert shown.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "the page scrolls sideways"
    shown.close()
