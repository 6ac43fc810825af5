"""The report folder: whole or not at all, the same each time, offline, and the same numbers everywhere."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.publish import workbook as workbook_module
from lifecircle.publish.payload import map_payload
from lifecircle.publish.report import report_values
from samples import assessed_sample

FILES = {
    "index.html", "map.html", "report.pdf", "report.docx", "slides.pptx", "tables.xlsx", "result.gpkg", "summary.json",
    "manifest.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def report(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lc.write_report(result, tmp_path_factory.mktemp("reports") / "sample-2025")


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_folder_holds_every_file_and_nothing_else(report: Path) -> None:
    assert {path.name for path in report.iterdir()} == FILES
    assert [path.name for path in report.parent.iterdir()] == ["sample-2025"]


def test_the_same_result_gives_the_same_bytes(result: lc.Result, report: Path, tmp_path: Path) -> None:
    assert sums(lc.write_report(result, tmp_path / "again")) == sums(report)


def test_an_interrupted_run_leaves_the_last_report_in_place(
    result: lc.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=["xlsx"])
    before = sums(folder)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbook_module, "write_workbook", fails)
    with pytest.raises(KeyboardInterrupt):
        lc.write_report(result, folder, only=["xlsx"])
    assert sums(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_that_is_no_report_is_never_overwritten(result: lc.Result, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work", "utf-8")
    with pytest.raises(lc.LifecircleError, match="已存在且不是评估报告,未写入任何内容"):
        lc.write_report(result, tmp_path)
    assert (tmp_path / "thesis.docx").read_text("utf-8") == "years of work"


@pytest.mark.parametrize("name", ["index.html", "map.html"])
def test_a_page_names_nothing_to_fetch(report: Path, name: str) -> None:
    page = html.unescape((report / name).read_text("utf-8"))
    fetched = re.findall(r"""(?:src|href)\s*=\s*["']?(https?:|//)|url\(\s*["']?(https?:|//)|@import""", page)
    assert not fetched


def test_nothing_names_this_machine(report: Path) -> None:
    for name in ("index.html", "summary.json", "manifest.json"):
        text = (report / name).read_text("utf-8")
        assert str(Path.home()) not in text
        assert str(report.parent) not in text
        assert str(Path(__file__).resolve().parents[1]) not in text


def test_map_report_workbook_layers_and_summary_say_the_same(result: lc.Result, report: Path) -> None:
    units = result.units
    rows = {(row["unit_id"], row["standard"], row["rule_id"]): row for row in units.to_dict("records")}
    page = {(one["unit_id"], one["standard"], one["rule_id"]): one for one in report_values(result)["verdict_rows"]}
    assert {key: (one["verdict_id"], one["shown"]) for key, one in page.items()} == {
        key: (row["verdict"], row["shown"]) for key, row in rows.items()
    }
    for unit in map_payload(result)["units"]:
        for rule, found in unit["verdicts"].items():
            row = rows[(unit["id"], *rule.split("/"))]
            assert (found["verdict"], found["range"]) == (row["verdict"], row["shown"])
    sheet = openpyxl.load_workbook(report / "tables.xlsx")["判定"]
    header = [cell.value for cell in sheet[1]]
    kept = {"单元编码", "判定", "下限"}
    table = [
        {name: cell.value for name, cell in zip(header, row, strict=True) if name in kept}
        for row in sheet.iter_rows(min_row=2)
    ]
    assert [row["单元编码"] for row in table] == units["unit_id"].tolist()
    words = {"met": "达标", "unmet": "不达标", "unknown": "无法判定", "not_applicable": "不适用", "reference": "参考"}
    assert [row["判定"] for row in table] == [words[verdict] for verdict in units["verdict"]]
    layer = gpd.read_file(report / "result.gpkg", layer="units").set_index("unit_id")
    floor_area = units[(units["rule_id"] == "floor-area")].set_index("unit_id")["verdict"]
    assert layer["shanghai-2021/floor-area verdict"].to_dict() == floor_area.to_dict()
    summary = json.loads((report / "summary.json").read_text("utf-8"))
    counts = units.groupby(["standard", "rule_id", "tier"])["verdict"].value_counts()
    for row in summary["rules"]:
        for verdict, n in row["verdicts"].items():
            assert n == counts.get((row["standard"], row["rule"], row["tier"], verdict), 0)


def test_the_legends_households_are_those_of_the_summary(result: lc.Result) -> None:
    dwellings = map_payload(result)["dwellings"]
    letters = {"r": "reached", "n": "not_reached", "u": "unknown"}
    for kind, found in result.summary["reach"].items():
        drawn = pd.Series(dwellings["households"], dtype="float64").groupby(list(dwellings["state"][kind])).sum()
        assert {letters[letter]: number for letter, number in drawn.items()} == {
            state: number for state, number in found.items() if number or state in {letters[one] for one in drawn.index}
        }


def test_page_workbook_and_summary_say_the_same_of_what_lies_near_a_limit(result: lc.Result, report: Path) -> None:
    units = result.units
    page = {(one["unit_id"], one["rule_id"]): one["edge"]["zh"] for one in report_values(result)["verdict_rows"]}
    told = units.set_index(["unit_id", "rule_id"])["edge_zh"].str.replace(" ", "\u00a0")
    assert page == told.to_dict()
    text = html.unescape((report / "index.html").read_text("utf-8"))
    assert not [edge for edge in page.values() if edge not in text]
    rows = list(openpyxl.load_workbook(report / "tables.xlsx")["判定"].iter_rows(values_only=True))
    book = pd.DataFrame(rows[1:], columns=rows[0])
    for title, name in (
        ("时限±30秒内户数(已知)", "near_30s_households"),
        ("时限±5%内户数(已知)", "near_5pct_households"),
    ):
        assert pd.to_numeric(book[title]).tolist() == pytest.approx(units[name].tolist(), nan_ok=True)
    low = pd.to_numeric(book["时限短5%,比例低端"]) / 100
    assert ((units["share_at_minus_5pct"] - low).dropna().between(0, 0.0001)).all(), (
        "cut down to two decimals of a percent"
    )
    district = units[(units["tier"] == "district") & (units["measure"] == "reached_households_share")]
    shares = json.loads((report / "summary.json").read_text("utf-8"))["shares"]
    assert [share.pop("standard") + "/" + share.pop("rule") for share in shares] == [
        f"{row.standard}/{row.rule_id}" for row in district.itertuples()
    ]
    assert shares == district[list(shares[0])].to_dict("records")


def test_the_manifest_names_every_input_with_its_sum(result: lc.Result, report: Path) -> None:
    inputs = json.loads((report / "manifest.json").read_text("utf-8"))["inputs"]
    folder = result.study.folder
    assert {entry["file"] for entry in inputs} == {path.name for path in folder.iterdir()}
    for entry in inputs:
        assert entry["sha256"] == hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest()


def test_no_dwelling_is_named_in_what_is_published(result: lc.Result, report: Path) -> None:
    names = set(result.tables.dwellings["name"])
    assert not names & set(map_payload(result)["dwellings"]["name"])
    page = (report / "index.html").read_text("utf-8")
    assert not [name for name in names if name and name in page]
    assert "name" not in gpd.read_file(report / "result.gpkg", layer="dwellings").columns


CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    found = next((path for path in CHROMIUMS if Path(path).exists()), None)
    if found is None:
        pytest.skip("no Chromium on this machine: install it to test the pages as a browser shows them")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("name", ["index.html", "map.html"])
@pytest.mark.parametrize("width", [1440, 400])
def test_a_page_opens_without_network_and_without_errors(browser, report: Path, name: str, width: int) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.route(re.compile("^(https?|wss?):"), lambda route: route.abort())
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(("http", "ws")) else None)
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((report / name).resolve().as_uri())
    frame = page if name == "map.html" else page.frame_locator("iframe")
    frame.locator(".leaflet-container path").first.wait_for(state="attached", timeout=20_000)
    assert (asked, said) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), "the page scrolls sideways"
    page.close()


def test_the_legend_counts_are_those_of_the_result(browser, report: Path, result: lc.Result) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((report / "map.html").resolve().as_uri())
    page.locator(".leaflet-container path").first.wait_for(state="attached", timeout=20_000)
    text = page.locator("body").inner_text()
    page.close()
    units = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    for verdict, word in (("met", "达标"), ("unmet", "不达标"), ("unknown", "无法判定"), ("not_applicable", "不适用")):
        n = int((units["verdict"] == verdict).sum())
        assert re.search(rf"^{word}\s+{n}$", text, flags=re.M), f"{word} {n}"
    reached = result.summary["reach"]["community_service"]["reached"]
    assert f"{reached:,.0f}" in text
