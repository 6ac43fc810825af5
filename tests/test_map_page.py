"""The map as a browser shows it: offline, without errors, with the result's own numbers and reasons."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lifecircle as lc
from lifecircle.publish import payload as payload_module
from lifecircle.publish.basemap import TOKEN_VARIABLE, basemap_of, shifted_payload
from lifecircle.publish.codec import STEP_DEG, unpacked_shapes
from lifecircle.publish.map import map_html
from lifecircle.publish.payload import map_payload
from samples import assessed_sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SHOWN = "() => window.lifecircle && window.lifecircle.app.reasons"
STRANGE = '<img src=x onerror=alert(1)>"𠮷🏠=CMD' + "长" * 180


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def payload(result: lc.Result) -> dict[str, Any]:
    return map_payload(result)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it to test the map as a browser shows it")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


class Opened:
    """A map in a browser whose network is blocked; what it asked for and complained of is kept."""

    def __init__(self, browser: Any, path: Path, width: int = 1366, height: int = 768) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.route(re.compile("^(https?|wss?):"), lambda route: route.abort())
        self.page.on("request", lambda one: self.asked.append(one.url) if one.url.startswith(("http", "ws")) else None)
        self.page.on("console", lambda one: self.said.append(one.text) if one.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda problem: self.said.append(str(problem)))
        self.page.goto(path.resolve().as_uri())
        self.page.wait_for_function(SHOWN)

    def js(self, code: str) -> Any:
        return self.page.evaluate(f"() => {{ const app = window.lifecircle.app; {code} }}")

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())


@pytest.fixture(scope="module")
def file(payload: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "map.html"
    path.write_text(map_html(payload), "utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser: Any, file: Path) -> Iterator[Opened]:
    one = Opened(browser, file)
    yield one
    one.page.close()


@pytest.fixture
def shown(opened: Opened) -> Opened:
    """The map with nothing chosen."""
    opened.js(
        "app.pin({}); const rule = app.data.rules[0].id;"
        "app.change({tier: 'neighbourhood', rule, mode: 'reach', without: [], hidden: [], lang: 'zh'})"
    )
    opened.page.locator("[data-tool=whole]").click()
    return opened


def test_the_sample_is_small(file: Path) -> None:
    assert file.stat().st_size <= 600_000


def test_the_same_payload_gives_the_same_bytes(payload: dict[str, Any], file: Path) -> None:
    assert map_html(payload) == file.read_text("utf-8")


def test_it_asks_for_nothing_and_complains_of_nothing(shown: Opened) -> None:
    assert (shown.asked, shown.said) == ([], [])
    assert shown.page.locator("img").count() == 0


@pytest.mark.parametrize("width", [390, 1920])
def test_it_fits_every_screen(browser: Any, file: Path, width: int) -> None:
    one = Opened(browser, file, width, 844)
    assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert one.said == []
    one.page.close()


def test_what_is_decoded_is_what_was_packed(shown: Opened, payload: dict[str, Any]) -> None:
    east = [place for unit in unpacked_shapes(payload["shapes"]) for line in unit for place in line[:, 0]]
    found = shown.js("return [...app.data.shapes.x]")
    assert [round((x - 0.5) * 360 / STEP_DEG) for x in found] == east
    households = shown.js("return app.data.dwellings.households")
    assert households == payload["dwellings"]["households"]
    kind = payload["kinds"][0]["id"]
    minutes = shown.js(
        f"return app.data.dwellings.walks[0].minutes['{kind}'].map((n) => n < 0 ? '' : (n / 10).toFixed(1))"
    )
    assert minutes == payload["dwellings"]["minutes"][kind]


def test_every_verdict_and_figure_in_the_page_is_the_payloads(shown: Opened, payload: dict[str, Any]) -> None:
    found = shown.js(
        "return app.data.rules.map((r) => app.data.found(r.id).map((f) => f && [f.verdict, f.shown, f.range]))"
    )
    for rule, row in zip(payload["rules"], found, strict=True):
        for unit, cell in zip(payload["units"], row, strict=True):
            told = unit["verdicts"].get(rule["id"])
            assert cell == (told and [told["verdict"], told["shown"], told["range"]])


def test_a_click_shows_the_reason_of_the_unit_that_was_clicked(shown: Opened, result: lc.Result) -> None:
    rows = result.units[result.units["rule_id"] == "floor-area"].set_index("unit_id")
    shown.js("app.change({hidden: app.data.kinds.map((kind) => kind.id)})")
    for unit_id in ("A0104", "B0101"):
        x, y = shown.js(
            f"const place = window.lifecircle.placeOf(app.unitById.get('{unit_id}'));"
            "const { x, y } = app.map.latLngToContainerPoint(place); return [x, y]"
        )
        shown.page.mouse.click(x, y)
        text = shown.text(".lc-detail")
        assert text.startswith(rows.loc[unit_id, "name"])
        assert re.sub(r"\s", "", rows.loc[unit_id, "why_zh"]) in re.sub(r"\s", "", text)
        shown.page.keyboard.press("Escape")
        assert not shown.page.locator(".lc-detail").is_visible()


@pytest.mark.parametrize(
    ("typed", "found"),
    [("sl", "滨河区(示例)"), ("jll", "井栏里居委会"), ("jinglanli", "井栏里居委会"), ("望禾", "望禾居委会")],
)
def test_a_name_is_found_by_first_sounds_spelling_and_characters(shown: Opened, typed: str, found: str) -> None:
    field = shown.page.get_by_role("combobox", name="查找")
    field.fill(typed)
    names = shown.page.locator("#lc-found li span").all_inner_texts()
    field.press("Escape")
    assert found in names


def test_enter_goes_to_what_was_found(shown: Opened) -> None:
    field = shown.page.get_by_role("combobox", name="查找")
    field.fill("whjwh")
    field.press("Enter")
    assert shown.text(".lc-detail h2") == "望禾居委会"


def counts(shown: Opened, section: str) -> dict[str, int]:
    rows = shown.page.locator(f"{section} label.lc-row")
    texts = [one.split("\n") for one in rows.all_inner_texts()]
    return {parts[0].strip(): int(parts[-1].replace(",", "")) for parts in texts}


@pytest.mark.parametrize(("tier", "rule_id"), [("neighbourhood", "floor-area"), ("subdistrict", "social-work-station")])
def test_the_legends_counts_follow_the_layer(shown: Opened, result: lc.Result, tier: str, rule_id: str) -> None:
    shown.js(f"app.change({{tier: '{tier}', rule: 'shanghai-2021/{rule_id}'}})")
    units = result.units[(result.units["rule_id"] == rule_id) & (result.units["tier"] == tier)]
    words = {"met": "达标", "unmet": "不达标", "unknown": "无法判定", "not_applicable": "不适用"}
    found = counts(shown, ".lc-units")
    assert {word: found.get(word, 0) for word in words.values()} == {
        word: int((units["verdict"] == verdict).sum()) for verdict, word in words.items()
    }


def test_bands_of_minutes_are_disjoint_and_make_up_all_who_reach(shown: Opened, result: lc.Result) -> None:
    shown.js("app.change({mode: 'minutes'})")
    text = shown.text(".lc-reach-section")
    numbers = [int(one.replace(",", "")) for one in re.findall(r"^([\d,]+)$", text, flags=re.M)]
    reach = result.summary["reach"]["community_service"]
    assert sum(numbers[:3]) == reach["reached"]
    assert numbers[3:] == [reach["not_reached"], reach["unknown"]]


def test_a_verdict_that_is_switched_off_is_not_drawn(shown: Opened) -> None:
    inside = """
        const { units } = app.renderers;
        const ratio = units._container.width / parseFloat(units._container.style.width);
        const place = app.map.latLngToLayerPoint(window.lifecircle.placeOf(app.unitById.get("A0104")));
        const { x, y } = place.subtract(units._bounds.min).multiplyBy(ratio);
        return [...units._ctx.getImageData(x, y, 1, 1).data];
    """
    before = shown.js(inside)
    verdict = shown.js("return app.data.found(app.state.rule)[app.unitById.get('A0104').at].verdict")
    shown.page.locator(f"[data-key='without-{verdict}']").uncheck()
    shown.page.wait_for_timeout(150)
    assert before[3] > 0
    assert shown.js(inside)[3] == 0


def test_the_language_switches_everywhere(shown: Opened) -> None:
    shown.js("app.pin({unit: 'A0104'})")
    shown.page.locator(".lc-language").click()
    assert "met" in shown.text(".lc-units")
    assert "Standard:" in shown.text(".lc-detail")
    assert shown.page.locator("html").get_attribute("lang") == "en"
    shown.js("app.change({lang: 'zh'})")


def test_a_facility_shows_who_reaches_it(shown: Opened, result: lc.Result) -> None:
    at = shown.js("return app.data.facilities.findIndex((one) => one.name === '井栏里邻里汇')")
    shown.js(f"app.pin({{facility: {at}}})")
    own = result.facilities.set_index("name").loc["井栏里邻里汇", "households_in_reach"]
    assert f"{own:,.0f} 户" in shown.text(".lc-detail")
    total = shown.js(
        "return app.data.facilities.filter((one) => one.kind === 'community_service').reduce((sum, one) => {"
        " app.pin({facility: one.at}); return sum + (app.catchment ? app.catchment.households : 0) }, 0)"
    )
    assert total == result.summary["reach"]["community_service"]["reached"], "each dwelling has one nearest"


def test_aggregated_dwellings_keep_every_household(shown: Opened) -> None:
    """On random towns, per class: households, dwellings and those without a count are the sums of the parts."""
    differing = shown.js(
        """
        let seed = 1;
        const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
        const wrong = [];
        for (let round = 0; round < 30; round++) {
          const n = 1 + Math.floor(next() * 400);
          const town = { n, x: [], y: [], households: [] };
          const letters = [];
          for (let i = 0; i < n; i++) {
            town.x.push(0.8 + next() * 1e-4);
            town.y.push(0.4 + next() * 1e-4);
            town.households.push(next() < 0.1 ? null : Math.floor(next() * 300));
            letters.push("rnu"[Math.floor(next() * 3)]);
          }
          const cells = window.lifecircle.gridded(town, letters, 1e-4 / (1 + Math.floor(next() * 20)));
          for (const letter of "rnu") {
            const of = (rows, take) => rows.reduce((sum, row) => sum + take(row), 0);
            const parts = letters.map((one, i) => ({ one, h: town.households[i] })).filter(({ one }) => one === letter);
            const own = cells.filter((cell) => cell.letter === letter);
            const pairs = [
              [of(parts, ({ h }) => h || 0), of(own, (cell) => cell.households)],
              [parts.length, of(own, (cell) => cell.n)],
              [of(parts, ({ h }) => Number(h === null)), of(own, (cell) => cell.uncounted)],
            ];
            if (pairs.some(([a, b]) => a !== b)) wrong.push([round, letter, pairs]);
          }
        }
        return wrong;
        """
    )
    assert differing == []


def test_a_distance_is_measured_from_click_to_click(shown: Opened) -> None:
    shown.page.locator("[data-tool=measure]").click()
    for x, y in ((500, 300), (700, 300)):
        shown.page.mouse.click(x, y)
    metres = shown.js(
        "return app.map.containerPointToLatLng([500, 300]).distanceTo(app.map.containerPointToLatLng([700, 300]))"
    )
    text = shown.text(".lc-hint")
    shown.page.keyboard.press("Escape")
    assert text.startswith(f"{metres / 1000:.2f} km" if metres >= 1000 else f"{metres:.0f} m")


def test_it_prints_on_one_sheet_of_each_size(shown: Opened) -> None:
    import pypdfium2

    for name, wide in (("A4", 842), ("A3", 1191)):
        shown.js(f"window.lifecircle.choosePaper('{name}')")
        sheet = pypdfium2.PdfDocument(shown.page.pdf(prefer_css_page_size=True, print_background=True))
        assert len(sheet) == 1
        assert round(sheet[0].get_size()[0]) == pytest.approx(wide, abs=1)
        text = sheet[0].get_textpage().get_text_range()
        assert "滨河区" in text
        assert "查找" not in text


def test_names_are_never_read_as_markup(browser: Any, payload: dict[str, Any], tmp_path: Path) -> None:
    units = [payload["units"][0] | {"name": STRANGE}, *payload["units"][1:]]
    facilities = [payload["facilities"][0] | {"name": STRANGE}, *payload["facilities"][1:]]
    (tmp_path / "map.html").write_text(map_html({**payload, "units": units, "facilities": facilities}), "utf-8")
    one = Opened(browser, tmp_path / "map.html")
    one.js("app.change({tier: app.data.units[0].tier}); app.pin({unit: app.data.units[0].id})")
    assert one.text(".lc-detail h2") == STRANGE
    assert one.page.locator("img").count() == 0
    assert one.said == []
    one.page.close()


def test_two_results_lie_side_by_side_and_move_as_one(browser: Any, payload: dict[str, Any], tmp_path: Path) -> None:
    other = {
        **payload,
        "title": {"zh": "滨河区(示例) 2024", "en": "2024"},
        "year": "2024",
        "facilities": payload["facilities"][:9],
    }
    (tmp_path / "map.html").write_text(map_html(payload, beside=other), "utf-8")
    one = Opened(browser, tmp_path / "map.html")
    assert one.page.locator(".lc-pane-name").all_inner_texts() == [payload["title"]["zh"], "滨河区(示例) 2024"]
    one.js("app.map.panBy([120, 40], {animate: false}); app.map.setZoom(15, {animate: false})")
    one.page.wait_for_timeout(200)
    a, b = one.js("return app.panes.map(({ map }) => [map.getCenter().lat, map.getCenter().lng, map.getZoom()])")
    assert a == pytest.approx(b, abs=1e-5)
    few = sum(facility["kind"] == "community_service" for facility in other["facilities"])
    assert one.text(".lc-kinds .lc-count").split() == ["29", str(few)]
    assert (one.asked, one.said) == ([], [])
    one.page.close()


def test_a_basemap_is_asked_for_only_where_it_was_wanted(browser: Any, payload: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "map.html").write_text(map_html(payload, basemap="osm"), "utf-8")
    one = Opened(browser, tmp_path / "map.html")
    one.page.wait_for_timeout(200)
    assert one.asked
    assert all(url.startswith("https://tile.openstreetmap.org/") for url in one.asked)
    assert "OpenStreetMap contributors" in one.text(".leaflet-control-attribution")
    one.page.close()


def test_a_token_stays_out_of_the_file_unless_wanted(payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "secret-of-the-office")
    assert "secret-of-the-office" not in map_html(payload, basemap="tianditu")
    assert "secret-of-the-office" in map_html(payload, basemap="tianditu", embed_token=True)
    monkeypatch.delenv(TOKEN_VARIABLE)
    with pytest.raises(lc.LifecircleError, match=f"{TOKEN_VARIABLE} is not set"):
        basemap_of("tianditu", embed_token=True)


def test_the_overlay_lies_where_amap_shows_it(payload: dict[str, Any]) -> None:
    moved = shifted_payload(payload, basemap_of("amap"))
    assert moved is not payload
    for name in ("lon", "lat"):
        steps = {
            round(abs(b[name] - a[name]), 4) for a, b in zip(payload["facilities"], moved["facilities"], strict=True)
        }
        assert all(0.0005 < step < 0.01 for step in steps)
    first, shifted = (unpacked_shapes(one["shapes"])[0][0][0] * STEP_DEG for one in (payload, moved))
    a, b = payload["facilities"][0], moved["facilities"][0]
    assert shifted - first == pytest.approx([b["lon"] - a["lon"], b["lat"] - a["lat"]], abs=5e-5), (
        "shapes move as points do"
    )
    assert shifted_payload(payload, basemap_of("osm")) is payload


def test_an_unknown_basemap_is_refused_in_one_line() -> None:
    with pytest.raises(lc.LifecircleError, match=r"basemap is 'gogle'; expected tianditu, osm, amap, or an address"):
        basemap_of("gogle")


def test_a_country_is_refused_with_advice(result: lc.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload_module, "MOST_UNITS", 30)
    with pytest.raises(lc.LifecircleError, match=r"有 38 单元,一张地图最多容纳 30.*按区县分别评估出图"):
        map_payload(result)
