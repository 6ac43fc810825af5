"""The report page in a browser: the answer, tables that sort and filter, a page for each unit, two languages, paper."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.publish import page_packing
from lifecircle.publish.headline import headline
from lifecircle.publish.messages import MESSAGES
from lifecircle.publish.page import page_html
from lifecircle.publish.report import report_values
from samples import assessed_sample
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
SIZES = [(1920, 1080), (1366, 768), (390, 844)]
NAN = float("nan")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOSTILE = '<img src=x onerror="hit=1"></script><script>hit=1</script>"\'=CMD()|𠮷😀' + "长" * 200


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def values(result: lc.Result) -> dict[str, Any]:
    return report_values(result)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium")
    if found is None:
        pytest.skip("no Chromium on this machine: install it to test the page as a browser shows it")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


class Opened:
    """A page that is open, what it asked the network for and what it complained of."""

    def __init__(self, browser: Any, path: Path, size: tuple[int, int] = (1366, 768), anchor: str = "") -> None:
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.route(re.compile("^(https?|wss?):"), lambda route: route.abort())
        self.page.on("request", self._asks)
        self.page.on("console", lambda said: self.said.append(said.text) if said.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(path.as_uri() + anchor)
        self.page.locator("#units tbody tr").first.wait_for(state="attached")

    def _asks(self, request: Any) -> None:
        if request.url.startswith(("http", "ws")):
            self.asked.append(request.url)


@pytest.fixture(scope="module")
def place(values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_html(values, "<!DOCTYPE html><title>m</title><p>map</p>"), "utf-8")
    return path


@pytest.fixture
def show(browser: Any, place: Path) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def open_page(path: Path = place, **how: Any) -> Opened:
        opened.append(Opened(browser, path, **how))
        return opened[-1]

    yield open_page
    for one in opened:
        one.page.close()


def written(path: Path, values: dict[str, Any]) -> Path:
    path.write_text(page_html(values, ""), "utf-8")
    return path


def renamed(value: Any, old: str, new: str) -> Any:
    """A structure with a text in place of another wherever it stands."""
    if isinstance(value, dict):
        return {key: renamed(one, old, new) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(renamed(one, old, new) for one in value)
    return value.replace(old, new) if isinstance(value, str) else value


def area_counts(result: lc.Result) -> pd.Series:
    units = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    return units["verdict"].value_counts()


def meeting_all(result: lc.Result) -> int:
    """Neighbourhoods with enough floor area of which no rule in force says that they fail or may fail, one by one."""
    rules = ["floor-area", "single-facility", "conforming-facility"]
    found: dict[str, list[str]] = {}
    for row in result.units.to_dict("records"):
        if row["rule_id"] in rules and row["standard"] == "shanghai-2021" and row["tier"] == "neighbourhood":
            found.setdefault(row["unit_id"], [""] * 3)[rules.index(row["rule_id"])] = row["verdict"]
    return sum(one[0] == "met" and not {"unmet", "unknown"} & set(one) for one in found.values())


def test_the_headline_counts_the_units_of_the_result(result: lc.Result) -> None:
    n = area_counts(result)
    said = headline(result)
    numbers = [int(one) for one in re.findall(r"\d+", said["zh"])]
    assert numbers[:5] == [n.sum(), n["met"], n["unmet"], n["unknown"], n["not_applicable"]]
    assert numbers[5:] == [n["met"], 3, meeting_all(result)]
    assert sorted(numbers) == sorted(int(one) for one in re.findall(r"\d+", said["en"]))


def test_the_same_result_gives_the_same_page(result: lc.Result, values: dict[str, Any]) -> None:
    assert page_html(report_values(result), "map") == page_html(values, "map")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_page_opens_without_network_errors_or_faults_of_access(
    show: Callable[..., Opened], short: Path, size: tuple[int, int]
) -> None:
    opened = show(short, size=size)
    assert faults_of_access(opened.page) == []
    opened.page.locator("#units tbody a[href='#unit-B0203']").click()
    assert faults_of_access(opened.page) == []
    assert (opened.asked, opened.said) == ([], [])
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"


@pytest.fixture(scope="module")
def short(values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with every part of it, and few rows in each: what looks at each element takes its time."""
    rows = [one for one in values["verdict_rows"] if one["unit_id"] in {"B0203", "A0105", "district"}]
    few = {name: values[name][:8] for name in ("facility_rows", "facility_places", "unreached_rows", "fault_rows")}
    return written(tmp_path_factory.mktemp("short") / "index.html", values | few | {"verdict_rows": rows})


def faults_of_access(page: Any) -> list[tuple[str, str]]:
    """What axe finds serious or critical."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}]


def test_the_headline_is_seen_without_scrolling_on_a_phone(show: Callable[..., Opened], values: dict[str, Any]) -> None:
    line = show(size=(390, 844)).page.locator(".headline")
    assert line.inner_text() == values["headline"]["zh"]
    assert line.bounding_box()["y"] + line.bounding_box()["height"] < 400


def test_a_heading_sorts_numbers_as_numbers_both_ways_and_the_unknown_last(
    show: Callable[..., Opened], result: lc.Result
) -> None:
    page = show().page
    heading = page.locator("#units thead th").nth(3)
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    cells = page.locator("#units tbody td:nth-child(4)").all_inner_texts()
    lows = [float(re.match(r"[\d,]+", cell)[0].replace(",", "")) for cell in cells]  # type: ignore[index]
    assert lows == sorted(lows)
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    gap = page.locator("#units thead th").nth(6)
    for _ in range(2):
        gap.locator("button").press("Enter")
        blank = [cell == "" for cell in page.locator("#units tbody td:nth-child(7)").all_inner_texts()]
        assert blank == sorted(blank), "units without a gap come last"
        assert 0 < sum(blank) < len(blank)


def test_filters_and_search_leave_what_was_asked_for_and_say_how_many(
    show: Callable[..., Opened], result: lc.Result
) -> None:
    page = show().page
    rows, told = page.locator("#units tbody tr"), page.locator("#units output")
    assert told.get_attribute("aria-live") == "polite"
    page.locator("[data-filter=tier_id]").select_option("neighbourhood")
    page.locator("[data-filter=verdict_id]").select_option("unmet")
    n = area_counts(result)["unmet"]
    assert rows.count() == n
    assert told.inner_text().startswith(f"{n} / ")
    page.locator("[data-filter=verdict_id]").select_option("")
    page.locator("#units [data-search]").fill("石碾")
    assert rows.locator("th").all_inner_texts() == ["石碾村 B0203"]
    page.locator("#units [data-search]").fill("no such unit")
    assert rows.count() == 0


@pytest.mark.parametrize("packed", [False, True])
def test_a_units_page_has_every_reason_of_the_result(
    show: Callable[..., Opened],
    result: lc.Result,
    values: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
) -> None:
    if packed:
        monkeypatch.setattr(page_packing, "PLAIN_BYTES", 1_000)
        monkeypatch.setattr(page_packing, "REASONS_EACH", 50)
    path = written(tmp_path / "index.html", values)
    assert ('type="application/gzip"' in path.read_text("utf-8")) == packed
    page = show(path).page
    page.locator("#units tbody a[href='#unit-B0103']").click()
    rows = result.units[result.units["unit_id"] == "B0103"]
    page.wait_for_function("[...document.querySelectorAll('#unit .reason')].every((one) => one.textContent)")
    assert sorted(page.locator("#unit .reason").all_inner_texts()) == sorted(rows["why_zh"])
    assert page.locator("#unit article").get_attribute("id") == "unit-B0103"
    assert page.evaluate("document.activeElement.textContent").startswith(rows["name"].iloc[0])


def test_a_units_page_lists_its_facilities_and_what_closes_its_gaps(
    show: Callable[..., Opened], result: lc.Result
) -> None:
    page = show(anchor="#unit-A0105").page
    text = page.locator("#unit").inner_text()
    own = result.facilities[result.facilities["unit_id"] == "A0105"]
    assert len(own)
    for row in own.itertuples():
        assert row.ledger_zh in text
    short = result.units[(result.units["unit_id"] == "A0105") & (result.units["verdict"] == "unmet")]
    assert page.locator(".closing-list p").all_inner_texts() == [one for one in short["closing_zh"] if one]
    assert page.locator(".mini path.own").count() == 1
    assert page.locator(".mini path.near").count() > 2


def test_one_walks_from_unit_to_unit_and_back_to_the_row(show: Callable[..., Opened], result: lc.Result) -> None:
    page = show(anchor="#unit-A0101").page
    page.locator("#unit a[rel=next]").click()
    assert page.locator("#unit h2").inner_text().split()[0] == "灯笼巷居委会"
    assert not page.locator("#answer").is_visible()
    page.locator("#unit a[href='#units']").click()
    assert page.locator("#answer").is_visible()
    assert not page.locator("#unit").is_visible()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#unit-A0102"


@pytest.mark.parametrize("anchor", ["", "#unit-B0203"])
def test_the_language_switch_changes_every_text(
    show: Callable[..., Opened], values: dict[str, Any], anchor: str
) -> None:
    page = show(anchor=anchor).page
    page.locator("[data-lang-to=en]").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.locator("#unit .reason, #verdicts").first.wait_for()
    texts = set(page.evaluate(TEXTS))
    chinese = {one["zh"] for one in MESSAGES.values()} | {"达标", "不达标", "无法判定", "街道(乡镇)", "居村", "片区"}
    assert not texts & chinese
    labels = page.evaluate("[...document.querySelectorAll('[aria-label]')].map((one) => one.ariaLabel)")
    assert not set(labels) & chinese
    words = ("达标", "无法判定", "不适用", "居村", "要求", "参考")
    assert not [text for text in texts if any(word in text for word in words)]
    page.locator("[data-lang-to=zh]").click()
    assert page.locator(".headline").inner_text() == values["headline"]["zh"]


TEXTS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walk.nextNode()) {
        const parent = walk.currentNode.parentElement;
        if (!parent.closest("script, style, [hidden]")) found.push(walk.currentNode.textContent.trim());
    }
    return found;
}"""


def paper(page: Any) -> list[str]:
    """What stands on each printed page."""
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    return [one.get_textpage().get_text_range() for one in document]


def test_on_paper_the_answer_comes_first_then_the_map_and_no_control_is_left(
    show: Callable[..., Opened], values: dict[str, Any], result: lc.Result
) -> None:
    page = show().page
    sheets = paper(page)
    assert values["headline"]["zh"] in sheets[0].replace("\r\n", "")
    for word in ("open_all", "search", "full_screen", "print"):
        assert not any(MESSAGES[word]["zh"] in sheet.split() for sheet in sheets)
    assert not any("map" in sheet.split() for sheet in sheets), "the live map stays on the screen"
    firsts = ["".join(sheet.split())[:10] for sheet in sheets]
    for key in ("units", "rules", "verdicts", "facilities", "standards"):
        title = MESSAGES["by_rule" if key == "rules" else key]["zh"]
        assert sum(first.startswith(title) for first in firsts) == 1, f"{title} begins a page"
    assert 10 < len(sheets) < 60
    page.emulate_media(media="print")
    assert page.locator("#map .overview path[class^=at-]").count() == area_counts(result).sum()
    assert page.locator("#map .overview svg").first.is_visible()


def test_a_units_page_is_printed_alone(show: Callable[..., Opened], values: dict[str, Any]) -> None:
    sheets = paper(show(anchor="#unit-A0105").page)
    assert len(sheets) <= 3
    assert "书铺弄居委会" in sheets[0]
    assert values["headline"]["zh"] not in "".join(sheets)


def test_names_with_markup_quotes_and_formulas_are_shown_and_do_nothing(
    show: Callable[..., Opened], values: dict[str, Any], tmp_path: Path
) -> None:
    opened = show(written(tmp_path / "index.html", renamed(values, "书铺弄居委会", HOSTILE)), size=(390, 844))
    page = opened.page
    page.locator("#units [data-search]").fill("=cmd()")
    page.locator("#units tbody a").first.click()
    assert HOSTILE[:40] in page.locator("#unit h2").inner_text()
    assert page.evaluate("typeof hit") == "undefined"
    assert page.evaluate("document.querySelectorAll('#units img, #unit img, main script').length") == 0
    assert (opened.asked, opened.said) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_that_no_address_can_hold_have_their_page(
    show: Callable[..., Opened], values: dict[str, Any], tmp_path: Path
) -> None:
    page = show(written(tmp_path / "index.html", renamed(values, "B0203", '村 1/2#?"<b>%'))).page
    page.locator("#units [data-search]").fill("村 1/2")
    page.locator("#units tbody a").first.click()
    assert page.locator("#unit h2 small").inner_text().strip() == '村 1/2#?"<b>%'


def test_thousands_of_rows_come_some_hundreds_at_a_time(
    show: Callable[..., Opened], values: dict[str, Any], tmp_path: Path
) -> None:
    many = [row | {"id": f"{row['id']}-{n}"} for n in range(10) for row in values["facility_rows"]]
    page = show(
        written(
            tmp_path / "index.html",
            values | {"facility_rows": many, "facility_places": values["facility_places"] * 10},
        )
    ).page
    rows = page.locator("#facilities tbody tr")
    assert rows.count() == 300
    page.locator("#facilities [data-more]").click()
    assert rows.count() == 600
    assert page.locator("#facilities output").inner_text().split()[0] == str(len(many))
    page.locator("#facilities thead th").nth(4).locator("button").press("Enter")
    assert rows.first.locator("td").nth(3).inner_text() == "0.00", "all rows are sorted, not those shown alone"


def toy(households: list[float], areas: list[float]) -> lc.Result:
    homes = dwellings_at([(200 + 400 * n, 200) for n in range(len(households))], households)
    sites = facilities_at([(100 + 400 * n, 100) for n in range(len(areas))], areas=areas)
    made = tables_of(nested_units(households), sites, homes, grid_streets(17, 9))
    return assess_tables(toy_study(), made, both_standards())


def test_without_a_facility_the_page_says_that_no_unit_meets(show: Callable[..., Opened], tmp_path: Path) -> None:
    found = toy([1000.0, 1000.0], [400.0, 400.0])
    values = report_values(found) | {"facility_rows": [], "facility_places": [], "unreached_rows": []}
    opened = show(written(tmp_path / "index.html", values))
    assert opened.page.locator("#facilities .quiet").inner_text() in {"没有", "None"}
    assert opened.said == []


def test_where_nothing_is_known_every_unit_is_unknown_and_the_page_says_so(
    show: Callable[..., Opened], tmp_path: Path
) -> None:
    found = toy([NAN, NAN], [NAN, NAN])
    opened = show(written(tmp_path / "index.html", report_values(found)))
    line = opened.page.locator(".headline").inner_text()
    assert next(iter(re.findall(r"\d+", line))) == "2"
    assert re.search(r"2 (个无法判定|cannot be judged)", line)
    assert set(opened.page.locator("#units tbody td:nth-child(4)").all_inner_texts()) <= {"?", "≥ 0"}
    assert opened.said == []


def test_outlines_are_small_and_a_unit_without_an_area_has_none(values: dict[str, Any]) -> None:
    sizes = [len(row["path"]) for row in values["unit_rows"] if row["tier_id"] != "district"]
    assert min(sizes) > 0
    assert max(sizes) < 1_500
    assert [row["path"] for row in values["unit_rows"] if row["tier_id"] == "district"] == [""]


def test_neighbours_share_their_border_in_the_outlines(values: dict[str, Any]) -> None:
    corners = [set(corners_of(row["path"])) for row in values["unit_rows"] if row["tier_id"] == "neighbourhood"]
    shared = [len(one & set().union(*(other for other in corners if other is not one))) for one in corners]
    assert min(shared) >= 2, "every neighbourhood of the sample has a neighbour"


def corners_of(path: str) -> list[tuple[int, int]]:
    found = []
    for ring in path.split("M")[1:]:
        numbers = [int(one) for one in re.findall(r"-?\d+", ring)]
        x, y = 0, 0
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            found.append((x, y))
    return found


def test_verdicts_that_hang_on_a_missing_number_are_named_where_the_table_names_them(result: lc.Result) -> None:
    from dataclasses import replace

    from lifecircle.publish.sections import missing_section

    pairs = [("A0101", "shanghai-2021", "floor-area")] * 8
    named = replace(result, missing=result.missing.assign(verdicts=[pairs] * len(result.missing)))
    said = missing_section(named)
    assert said is not None
    assert said["rows"][0]["verdicts"]["zh"].startswith("井栏里居委会·每百户社区综合服务设施建筑面积、")
    assert said["rows"][0]["verdicts"]["zh"].endswith("另 2 项")
    plain = missing_section(result)
    assert plain is not None
    assert set(plain["rows"][0]) == {"key", "text", "verdicts"}


def test_the_page_names_nothing_to_fetch(values: dict[str, Any]) -> None:
    page = html.unescape(page_html(values, ""))
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:|//)|url\(\s*["']?(?:https?|//)|@import""", page)
