"""The slides: six, with native charts whose numbers are those of the tables, whatever a study lacks."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pptx
import pytest
from lxml import etree
from PIL import Image
from pptx.presentation import Presentation
from pptx.util import Emu

import lifecircle as lc
from lifecircle.publish.chapters import chapters
from lifecircle.publish.payload import kinds_shown
from lifecircle.publish.pictures import Picture
from lifecircle.publish.plots_tables import floor_area_table, gap_table, minutes_table
from lifecircle.publish.slides import write_slides
from lifecircle.publish.slides_charts import MOST_BARS
from samples import assessed_sample

LEADING = "map-shanghai-2021-floor-area-neighbourhood"
HOSTILE = ["=CMD|'/C calc'!A0", "<b>&\"'", "\x00\x01\x1f", "𠮷野家", "🏠 emoji", "长" * 200, "w" * 200, "]]>"]


def drawn(name: str, colour: str) -> Picture:
    made = io.BytesIO()
    Image.new("RGB", (273, 186), colour).save(made, "png")
    return Picture(name, "map", f"图 {name}", "怎样读", b"<svg/>", made.getvalue(), 273, 186)


PICTURES = (drawn("map-other", "#ffffff"), drawn(LEADING, "#1b7f79"))


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def printed(result: lc.Result) -> dict[str, Any]:
    return chapters(result)


@pytest.fixture(scope="module")
def path(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_slides(result, PICTURES, tmp_path_factory.mktemp("slides") / "slides.pptx")


@pytest.fixture(scope="module")
def deck(path: Path) -> Presentation:
    return pptx.Presentation(str(path))


@pytest.fixture(scope="module")
def bare(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Presentation:
    """The slides of the sample without rules that bind, walks, missing numbers and maps."""
    rest = dataclasses.replace(
        result,
        units=result.units.head(0),
        dwellings=result.dwellings.head(0),
        missing=pd.DataFrame(),
        reachable=pd.DataFrame(),
        equity=None,
    )
    path = write_slides(rest, (), tmp_path_factory.mktemp("bare") / "slides.pptx")
    return pptx.Presentation(str(path))


def said(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def charts(slide: Any) -> list[Any]:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def test_there_are_six_wide_slides_each_with_a_title_and_notes(deck: Presentation) -> None:
    assert len(deck.slides) == 6
    assert round(Emu(deck.slide_width).inches / Emu(deck.slide_height).inches, 2) == 1.78
    assert all(slide.shapes.title.text_frame.text for slide in deck.slides)
    assert all("数据日期 2025-12-31" in slide.notes_slide.notes_text_frame.text for slide in deck.slides)


def test_nothing_stands_outside_its_slide(deck: Presentation) -> None:
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_every_card_stands_on_the_second_slide_and_its_whole_note_under_it(
    printed: dict[str, Any], deck: Presentation
) -> None:
    slide = deck.slides[1]
    texts, notes = said(slide).split("\n"), slide.notes_slide.notes_text_frame.text
    for card in printed["figures"]:
        assert card["value"] in texts
        assert f"{card['label']} {card['value']} · {card['note']}" in notes
    assert slide.shapes.title.text_frame.text == printed["headline"]


def test_the_map_is_that_of_the_first_rule_with_the_counts_of_its_verdicts(
    result: lc.Result, printed: dict[str, Any], deck: Presentation
) -> None:
    slide = deck.slides[2]
    (picture,) = [shape for shape in slide.shapes if shape.name == LEADING]
    assert picture.image.blob == PICTURES[1].png
    assert picture._element.nvPicPr.cNvPr.get("descr") == f"图 {LEADING} 怎样读"
    rows = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    texts = said(slide).split("\n")
    for verdict, n in rows["verdict"].value_counts().items():
        place = texts.index(f"{printed['signs'][verdict]} {printed['verdicts'][verdict]}")
        assert texts[place - 1] == str(n)


def test_the_chart_of_gaps_has_the_numbers_of_its_table(result: lc.Result, deck: Presentation) -> None:
    table = gap_table(result)
    table = table[table["unit_id"] != "district"].sort_values("gap_m2", ascending=False)
    plot = charts(deck.slides[3])[0].plots[0]
    assert list(plot.categories) == list(table["name"])
    assert list(plot.series[0].values) == list(table["gap_m2"])
    assert list(plot.series[1].values) == list(table["gap_high_m2"] - table["gap_m2"])


def test_the_chart_of_units_has_the_numbers_and_the_printed_figures_of_its_table(
    result: lc.Result, printed: dict[str, Any], deck: Presentation
) -> None:
    table, series = floor_area_table(result).head(MOST_BARS), charts(deck.slides[3])[1].plots[0].series[0]
    assert list(series.values) == list(table["low"])
    labels = [series.points[n].data_label.text_frame.text for n in range(len(table))]
    signed = zip(table["shown"], table["verdict"], strict=True)
    assert labels == [f"{shown} {printed['signs'][verdict]}" for shown, verdict in signed]


def test_the_chart_of_walks_has_the_numbers_of_its_table_and_the_limit(result: lc.Result, deck: Presentation) -> None:
    table = minutes_table(result, kinds_shown(result)[0])
    reach, may, limit = charts(deck.slides[4])[0].plots[0].series
    assert list(reach.values) == list(table["share"])
    assert list(may.values) == list(table["may_share"])
    minutes = [float(one.text) for one in limit._element.xVal.iter("{*}v") if one.text]
    assert set(minutes) == {15.0}


def test_charts_keep_their_numbers_in_a_workbook_that_can_be_edited(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        books = [name for name in parts.namelist() if name.endswith(".xlsx")]
        assert len(books) == 3
        for name in books:
            assert pd.read_excel(io.BytesIO(parts.read(name)), engine="calamine").size


def test_the_last_slide_says_whom_to_ask_and_what_closes_the_largest_gaps(
    printed: dict[str, Any], deck: Presentation
) -> None:
    text = said(deck.slides[5])
    assert all(row["text"] in text for row in printed["missing"]["rows"])
    assert all(row["name"] in text and row["gap"] in text for row in printed["first_gaps"])


def test_every_text_names_a_chinese_typeface(path: Path) -> None:
    space = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
    with zipfile.ZipFile(path) as parts:
        for name in [one for one in parts.namelist() if one.startswith("ppt/slides/slide")]:
            for look in etree.fromstring(parts.read(name)).iterfind(".//a:r/a:rPr", space):
                assert look.find("a:ea", space).get("typeface") == "Microsoft YaHei"
        theme = etree.fromstring(parts.read("ppt/theme/theme1.xml"))
    assert {one.get("typeface") for one in theme.iterfind(".//a:fontScheme/*/a:ea", space)} == {"Microsoft YaHei"}


def test_the_same_result_gives_the_same_bytes(result: lc.Result, path: Path, tmp_path: Path) -> None:
    assert write_slides(result, PICTURES, tmp_path / "again.pptx").read_bytes() == path.read_bytes()


def test_nothing_in_the_file_tells_of_another_day(path: Path) -> None:
    def days(content: bytes) -> set[str]:
        found = set()
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                if name.endswith(".xlsx"):
                    found |= days(parts.read(name))
                elif name == "docProps/core.xml":
                    root = etree.fromstring(parts.read(name))
                    found |= {one.text for one in root.iter() if one.tag.endswith(("}created", "}modified"))}
        return found

    assert days(path.read_bytes()) == {"2025-12-31T00:00:00Z"}


def test_names_of_strangers_do_not_break_the_file(result: lc.Result, tmp_path: Path) -> None:
    names = {key: HOSTILE[n % len(HOSTILE)] for n, key in enumerate(result.tables.units["unit_id"])}
    units = result.units.assign(name=result.units["unit_id"].map(names).fillna("=district()"))
    tables = dataclasses.replace(
        result.tables, units=result.tables.units.assign(name=result.tables.units["unit_id"].map(names))
    )
    path = write_slides(dataclasses.replace(result, units=units, tables=tables), (), tmp_path / "slides.pptx")
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    deck = pptx.Presentation(str(path))
    assert len(deck.slides) == 6
    assert "缺 266.00 m²" in said(deck.slides[5]), "a name of 200 characters leaves room for what is missing"
    assert list(charts(deck.slides[3])[0].plots[0].categories) == ["=CMD|'/C calc'!A0", "<b>&\"'"]


def test_a_study_that_lacks_everything_still_has_six_slides_that_say_so(bare: Presentation) -> None:
    assert len(bare.slides) == 6
    assert not any(charts(slide) for slide in bare.slides)
    assert "没有地图" in said(bare.slides[2])
    assert "没有缺口" in said(bare.slides[3])
    assert "未计算步行可达" in said(bare.slides[4])
    assert "没有" in said(bare.slides[5])


def test_an_english_study_has_english_slides(result: lc.Result, tmp_path: Path) -> None:
    own = result.study.study.model_copy(update={"language": "en"})
    study = result.study.model_copy(update={"study": own})
    deck = pptx.Presentation(str(write_slides(dataclasses.replace(result, study=study), (), tmp_path / "slides.pptx")))
    assert deck.slides[5].shapes.title.text_frame.text == "Next: find out, then close"
    assert charts(deck.slides[4])[0].plots[0].series[0].name == "reach"
