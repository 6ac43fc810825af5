"""The printed report: whole, with every figure as text, hostile names as they are, its fonts inside, and no clock."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pypdfium2 as pdfium
import pytest

import lifecircle as lc
from lifecircle.publish.chapters import chapters, in_language
from lifecircle.publish.pictures import Picture
from lifecircle.publish.report import report_values
from lifecircle.publish.typeset import write_pdf
from lifecircle.study import Study
from samples import assessed_sample

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "coverage" / "lifecircle" / "publish" / "assets"
SIGNS = {"met": "✓", "unmet": "✕", "unknown": "?", "not_applicable": "–", "reference": "○"}
HOSTILE = (
    '#strong[x] $a_b$ *bold* _it_ @ref <label> "quotes" \\ //no `raw` [b] {c} ~ -- \'',
    "=CMD|' /C calc'!A0",
    "𠮷野家😀前",
    "<script>alert(1)</script>&amp;",
    "长" * 200,
    "a" * 200,
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><path d="M 1.23456 2 L 50 30.98765 z"/></svg>'
Pages = list[str]


def _png() -> bytes:
    """A picture of one pixel."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    size = (1).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    pixels = zlib.compress(b"\0\x1b\x7f\x79")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


PICTURES = (
    Picture("map-a4", "map", "面积 · 居村", "A4 图注", SVG, _png(), 273, 186),
    Picture("map-a3", "map", "面积 · 片区", "", b"", _png(), 396, 273),
    Picture("plot-a", "plot", "步行分钟", "按分钟累计的户数,由近到远", SVG, _png(), 170, 100),
)


def squeezed(text: str) -> str:
    """Text without spaces and breaks, for what is set on several lines is one text."""
    return re.sub(r"[\s\ufffe\x02\u00ad]+", "", text)


def read(path: Path) -> Pages:
    with pdfium.PdfDocument(path) as document:
        return [squeezed(page.get_textpage().get_text_range()) for page in document]


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("printed")


@pytest.fixture(scope="module")
def printed(result: lc.Result, folder: Path) -> Path:
    return write_pdf(result, PICTURES, folder / "report.pdf")


@pytest.fixture(scope="module")
def pages(printed: Path) -> Pages:
    return read(printed)


@pytest.fixture(scope="module")
def text(pages: Pages) -> str:
    """All pages without the lines at their heads and feet, which stand between the rows of a table."""
    foot = re.compile(r"2025-12-31·lifecircle[\d.]+第\d+页/共\d+页")
    return "".join(foot.sub("", page) for page in pages)


@pytest.fixture(scope="module")
def values(result: lc.Result) -> dict[str, Any]:
    return report_values(result)


def _restated(result: lc.Result, **about: str) -> Study:
    return result.study.model_copy(update={"study": result.study.study.model_copy(update=about)})


@pytest.fixture(scope="module")
def bare(result: lc.Result) -> lc.Result:
    """In English: names that would break markup, and verdicts alone: no walks, no groups, no faults."""
    hostile = dict(zip(result.tables.units["unit_id"].tail(len(HOSTILE)), HOSTILE, strict=True))

    def named(table: pd.DataFrame) -> pd.DataFrame:
        names = [hostile.get(key, name) for key, name in zip(table["unit_id"], table["name"], strict=True)]
        return table.assign(name=names)

    facilities = result.facilities.head(len(HOSTILE)).assign(name=list(HOSTILE))
    return replace(
        result,
        study=_restated(result, name=HOSTILE[0], language="en"),
        units=named(result.units),
        tables=replace(result.tables, units=named(result.tables.units)),
        facilities=facilities,
        dwellings=result.dwellings.head(0),
        faults=result.faults.head(0),
        missing=result.missing.head(0),
        reachable=result.reachable.head(0),
        equity=None,
    )


@pytest.fixture(scope="module")
def bare_text(bare: lc.Result, folder: Path) -> str:
    return "".join(read(write_pdf(bare, (), folder / "bare.pdf")))


def test_the_second_page_bears_every_figure_of_the_cards_with_its_label_and_note(
    pages: Pages, values: dict[str, Any]
) -> None:
    for card in values["figures"]:
        for told in (card["value"], in_language(card["label"], "zh"), in_language(card["note"], "zh")):
            assert squeezed(told) in pages[1]


def test_the_second_page_says_the_answer_and_asks_for_every_missing_number(
    pages: Pages, values: dict[str, Any]
) -> None:
    assert squeezed(in_language(values["headline"], "zh")) in pages[1]
    assert all(squeezed(in_language(row["text"], "zh")) in pages[1] for row in values["missing"]["rows"])


def test_the_second_page_names_the_gaps_that_leave_the_most_households_short(pages: Pages, result: lc.Result) -> None:
    units = result.units
    area = units[(units["rule_id"] == "floor-area") & (units["tier"] == "neighbourhood")]
    worst = area[area["verdict"] == "unmet"].sort_values("gap_households_low", ascending=False).head(5)
    places = [pages[1].index(name) for name in worst["name"]]
    assert places == sorted(places)


def test_every_unit_has_every_figure_and_verdict_beside_its_rule(text: str, values: dict[str, Any]) -> None:
    for row in values["verdict_rows"]:
        cells = [row["shown"], row["threshold"], row["measured_in"], SIGNS[row["verdict_id"]], row["verdict"]]
        cells += [row["gap"], row["short"]]
        told = squeezed("".join(in_language(cell, "zh") for cell in cells))
        assert in_language(row["rule"], "zh").replace(" ", "") in text
        assert told in text, row["name"]


def test_every_figure_of_a_later_day_is_printed_with_its_sign(text: str, values: dict[str, Any]) -> None:
    later = [row for row in values["verdict_rows"] if row["projected"]]
    assert later
    assert all(squeezed(row["projected"] + SIGNS[row["projected_id"]]) in text for row in later)


def test_every_gap_of_a_binding_rule_says_what_would_close_it(text: str, values: dict[str, Any]) -> None:
    closed = [row for row in values["verdict_rows"] if row["binds"] and row["closing"]["zh"]]
    assert len(closed) > 20
    assert all(squeezed(in_language(row["closing"], "zh")) in text for row in closed)


def test_facilities_faults_standards_method_and_sums_are_printed(text: str, values: dict[str, Any]) -> None:
    told = [in_language(row["ledger"], "zh") for row in values["facility_rows"]]
    told += [row["name"] + in_language(row["kind"], "zh") for row in values["facility_rows"]]
    told += [in_language(row["what"], "zh") for row in values["fault_rows"]]
    told += [in_language(rule["text"], "zh") for one in values["standards"] for rule in one["rules"]]
    told += in_language(values["method"], "zh") + [cell for row in values["manifest"] for cell in row]
    missing = [one for one in told if squeezed(one) not in text]
    assert not missing


def test_bookmarks_name_every_chapter_subdistrict_and_picture(printed: Path) -> None:
    with pdfium.PdfDocument(printed) as document:
        titles = [re.sub(r"^[\d.]+ *", "", one.get_title()) for one in document.get_toc()]
    expected = ["摘要", "各条款的判定数", "地图", "面积 · 居村", "图表", "步行分钟", "全区", "鹭汀街道", "禾渡镇",
                "缺口清单", "公平", "设施台账", "标准与资料", "方法", "数据问题", "运行记录"]  # fmt: skip
    assert [one for one in titles if one in expected] == expected


def test_every_page_but_the_cover_says_which_of_how_many_it_is(pages: Pages) -> None:
    assert "页/共" not in pages[0]
    for number, page in enumerate(pages[1:], start=2):
        assert f"第{number}页/共{len(pages)}页" in page


def test_a_map_lies_on_a4_or_a3_as_it_was_drawn(printed: Path) -> None:
    with pdfium.PdfDocument(printed) as document:
        sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]
    assert [size for size in sizes if size != (210, 297)] == [(297, 210), (420, 297)]


def test_every_face_is_embedded(printed: Path) -> None:
    raw, embedded, n_texts = pdfium.raw, set(), 0
    with pdfium.PdfDocument(printed) as document:
        for page in document:
            for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
                embedded.add(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(one.raw)))
                n_texts += 1
    assert n_texts > 1000
    assert embedded == {1}


def test_its_date_is_that_of_the_data(printed: Path) -> None:
    with pdfium.PdfDocument(printed) as document:
        found = document.get_metadata_dict()
    assert found["Title"] == "滨河区(示例) 2025 年度评估"
    assert found["CreationDate"].startswith("D:20251231000000")


def test_the_same_result_gives_the_same_bytes(result: lc.Result, printed: Path, folder: Path) -> None:
    again = write_pdf(result, PICTURES, folder / "again.pdf")
    assert again.read_bytes() == printed.read_bytes()


def test_nothing_but_the_report_is_left_in_the_folder(printed: Path, bare_text: str, folder: Path) -> None:
    assert bare_text
    assert all(path.suffix == ".pdf" for path in folder.iterdir())


def test_a_ground_that_maps_share_is_in_the_file_once(bare: lc.Result, folder: Path) -> None:
    lines = "".join(f"L {n % 97} {n * 7 % 89} " for n in range(9000))
    maps = [
        replace(
            PICTURES[0],
            name=f"map-{n}",
            svg=f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99">
        <g id="figure_1"><g id="axes_1"><g id="ground-0"><path d="M 0 0 {lines}z"/></g>
        <g id="patch_2"><path d="M {n} 0 L 50 50 z"/></g></g></g></svg>""".encode(),
        )
        for n in range(4)
    ]
    sizes = [write_pdf(bare, maps[:n], folder / f"maps-{n}.pdf").stat().st_size for n in (0, 1, 4)]
    assert sizes[2] - sizes[0] < 1.5 * (sizes[1] - sizes[0])


def test_templates_read_nothing_but_what_lies_beside_them(printed: Path) -> None:
    own = {path.name for path in ASSETS.glob("report*.typ")}
    used = {
        name for path in ASSETS.glob("report*.typ") for name in re.findall(r'#import "(.*?)"', path.read_text("utf-8"))
    }
    assert used <= own
    assert b"/URI" not in printed.read_bytes()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_printed_as_it_is(name: str, bare_text: str) -> None:
    assert squeezed(name) in bare_text


def test_a_report_without_walks_groups_faults_and_pictures_is_whole(bare_text: str, bare: lc.Result) -> None:
    for words in ("Summary", "Verdicts by rule", "Gaps", "No walks were computed", "Facilities", "Manifest"):
        assert squeezed(words) in bare_text
    assert "Equity" not in bare_text
    assert "Maps" not in bare_text
    assert all(squeezed(row["shown"]) in bare_text for row in report_values(bare)["verdict_rows"])


def test_of_too_many_verdicts_those_unmet_and_unknown_are_kept_and_the_others_counted(
    result: lc.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifecircle.publish.chapters.ALL_ROWS", len(result.units) - 1)
    found = chapters(result)
    kept = [row for place in found["places"] for unit in place["units"] for row in unit["rows"]]
    assert {row["verdict_id"] for row in kept} == {"unmet", "unknown"}
    assert all(row["binds"] for row in kept)
    assert found["places_left_out"] == f"另有 {len(result.units) - len(kept):,} 行，见 tables.xlsx。"


def test_an_english_study_is_printed_in_english(bare_text: str) -> None:
    told = ("Summary", "Thelargestgaps,andwhatwouldclosethem", "Verdictsbyrule", "✕unmet", "Page3of")
    assert all(one in bare_text for one in told)
    assert not re.search("不达标|缺口|页", bare_text)


@pytest.mark.parametrize(
    ("said", "printed_as"),
    [
        ("面积,户数;合计:1,945.28 m²", "面积，户数；合计：1,945.28 m²"),
        ("不达标 9,无法判定 2", "不达标 9，无法判定 2"),
        ("14.25, 15.75", "14.25, 15.75"),
    ],
)
def test_chinese_prose_has_wide_marks_and_figures_keep_theirs(said: str, printed_as: str) -> None:
    assert in_language({"zh": said, "en": "x"}, "zh") == printed_as


def test_what_is_written_under_a_picture_has_wide_marks_too(text: str) -> None:
    assert "按分钟累计的户数，由近到远" in text


def test_a_name_keeps_its_marks_but_loses_what_turns_the_line() -> None:
    name = "甲,乙:丙"
    assert in_language({"zh": name, "en": name}, "zh") == name
    assert in_language("甲\u202e乙\n丙\x00", "zh") == "甲 乙 丙 "
