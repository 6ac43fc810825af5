"""The Word report: every figure in it, in real styles, tables and captions, whatever names strangers write."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

import lifecircle as lc
from lifecircle.publish import chapters as chapters_module
from lifecircle.publish.chapters import chapters
from lifecircle.publish.pictures import Picture
from lifecircle.publish.verdicts import verdict_rows
from lifecircle.publish.word import write_docx
from lifecircle.publish.word_package import xml_text
from samples import assessed_sample

HOSTILE = [
    "=CMD|'/C calc'!A0",
    "<b>&\"'",
    "\x00\x01\x1f\x7f",
    "𠮷野家",
    "🏠 emoji",
    "长" * 200,
    "w" * 200,
    "\u202eright to left",
    "]]>",
]


def drawn(name: str, sort: str, width_mm: float, height_mm: float) -> Picture:
    made = io.BytesIO()
    Image.new("RGB", (int(width_mm), int(height_mm)), "#cfe3ee").save(made, "png")
    return Picture(name, sort, f"图 {name} <&>", "怎样读", b"<svg/>", made.getvalue(), width_mm, height_mm)


PICTURES = (drawn("map-a", "map", 273, 186), drawn("map-b", "map", 180, 250), drawn("plot-a", "plot", 170, 90))


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def printed(result: lc.Result) -> dict[str, Any]:
    return chapters(result)


@pytest.fixture(scope="module")
def rows(result: lc.Result) -> list[dict[str, Any]]:
    return verdict_rows(result)


@pytest.fixture(scope="module")
def path(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_docx(result, PICTURES, tmp_path_factory.mktemp("word") / "report.docx")


@pytest.fixture(scope="module")
def document(path: Path) -> Document:
    return docx.Document(str(path))


@pytest.fixture(scope="module")
def bare(result: lc.Result) -> lc.Result:
    """The sample without what other studies lack: walks, groups, missing numbers, facilities, faults."""
    return dataclasses.replace(
        result,
        dwellings=result.dwellings.head(0),
        facilities=result.facilities.head(0),
        faults=result.faults.head(0),
        missing=pd.DataFrame(),
        reachable=pd.DataFrame(),
        equity=None,
    )


def cells_of(document: Document) -> list[list[str]]:
    rows = []
    for row in document.element.body.iter(qn("w:tr")):
        texts = ["".join(text.text or "" for text in cell.iter(qn("w:t"))) for cell in row.findall(qn("w:tc"))]
        rows.append(texts)
    return rows


def paragraphs(document: Document, style: str) -> list[str]:
    return [one.text for one in document.paragraphs if one.style is not None and one.style.name == style]


def said(document: Document) -> str:
    return "\n".join(
        "".join(one.text or "" for one in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))
    )


def test_every_card_stands_in_the_document_with_its_figure(printed: dict[str, Any], document: Document) -> None:
    cards = [cell.paragraphs for row in document.tables[0].rows for cell in row.cells if len(cell.paragraphs) == 3]
    found = [tuple(one.text for one in card) for card in cards]
    signs = {"plain": ""} | {tone: f"{sign} " for tone, sign in printed["signs"].items()}
    wanted = [(f"{signs[one['tone']]}{one['label']}", one["value"], one["note"]) for one in printed["figures"]]
    assert found == wanted


def test_every_unit_stands_in_the_tables_with_its_printed_figure_and_verdict(
    printed: dict[str, Any], rows: list[dict[str, Any]], document: Document
) -> None:
    found = set()
    for row in cells_of(document):
        name = row[0].strip("\u3000")
        found |= {(name, figure, verdict) for figure, verdict in itertools.pairwise(row)}
    signs = printed["signs"]
    wanted = {(one["name"], one["shown"], f"{signs[one['verdict_id']]} {one['verdict']['zh']}") for one in rows}
    assert len(wanted) > 100
    assert wanted <= found


def test_every_gap_stands_beside_what_would_close_it(printed: dict[str, Any], document: Document) -> None:
    found = {(row[0], row[4]) for row in cells_of(document) if len(row) == 6}
    gaps = [row for group in printed["gaps"] for row in group["rows"] if row["closing"]]
    assert gaps
    assert {(row["name"], row["closing"]) for row in gaps} <= found


def test_every_facility_and_fault_is_listed(result: lc.Result, printed: dict[str, Any], document: Document) -> None:
    text = said(document)
    ledger = zip(result.facilities["name"], result.facilities["facility_id"], strict=True)
    assert all(f"{name} {facility_id}" in text for name, facility_id in ledger)
    assert all(row["what"] in text for row in printed["faults"]["rows"])


def test_headings_and_lists_bear_real_styles(document: Document) -> None:
    assert paragraphs(document, "Title") == ["滨河区(示例) 2025 年度评估"]
    assert len(paragraphs(document, "Heading 1")) >= 10
    assert {"全区", "鹭汀街道", "禾渡镇"} <= set(paragraphs(document, "Heading 2"))
    assert paragraphs(document, "List Bullet")
    assert paragraphs(document, "List Number")


def test_every_style_that_is_used_is_there(path: Path, document: Document) -> None:
    known = {one.style_id for one in document.styles}
    body = zipfile.ZipFile(path).read("word/document.xml").decode()
    assert set(re.findall(r'<w:(?:pStyle|rStyle|tblStyle) w:val="([^"]+)"', body)) <= known


def test_captions_count_themselves_from_one_on(document: Document) -> None:
    for label, captions in (("表", r"表 (\d+)  "), ("图", r"图 (\d+)  ")):
        found = [re.match(captions, one) for one in paragraphs(document, "Caption")]
        numbers = [int(one[1]) for one in found if one]
        assert numbers == list(range(1, len(numbers) + 1))
        codes = [
            one.text for one in document.element.body.iter(qn("w:instrText")) if f"SEQ {label} " in (one.text or "")
        ]
        assert len(codes) == len(numbers) > 0


def test_heads_repeat_on_every_page_and_no_row_is_split(document: Document) -> None:
    for table in document.element.body.iter(qn("w:tbl")):
        rows = table.findall(qn("w:tr"))
        assert all(row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None for row in rows)
        if table.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}").get(qn("w:val")) == "ReportTable":
            assert rows[0].find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
            assert rows[-1].find(qn("w:trPr")).find(qn("w:tblHeader")) is None


def test_cells_of_each_row_fill_the_grid(document: Document) -> None:
    for table in document.element.body.iter(qn("w:tbl")):
        n = len(table.findall(f"{qn('w:tblGrid')}/{qn('w:gridCol')}"))
        for row in table.findall(qn("w:tr")):
            spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.findall(qn("w:tc"))]
            assert sum(1 if one is None else int(one.get(qn("w:val"))) for one in spans) == n


def test_the_contents_lead_to_every_chapter(document: Document) -> None:
    marks = {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}
    links = [one.get(qn("w:anchor")) for one in document.element.body.iter(qn("w:hyperlink"))]
    assert len(links) == len(paragraphs(document, "Heading 1")) + len(paragraphs(document, "Heading 2"))
    assert set(links) <= marks
    ends = [one.get(qn("w:fldCharType")) for one in document.element.body.iter(qn("w:fldChar"))]
    assert ends.count("begin") == ends.count("separate") == ends.count("end")


def test_pages_are_a4_and_wide_maps_lie(document: Document) -> None:
    sizes = {(one.page_width.mm, one.page_height.mm) for one in document.sections}
    assert {(round(width), round(height)) for width, height in sizes} == {(210, 297), (297, 210)}
    assert [one.orientation == WD_ORIENT.LANDSCAPE for one in document.sections] == [False, True, False]


def test_pictures_fit_their_page_and_say_what_they_show(document: Document) -> None:
    shapes = list(document.inline_shapes)
    assert [one._inline.docPr.get("descr") for one in shapes] == [f"{one.title}。{one.caption}" for one in PICTURES]
    assert len({one._inline.docPr.get("id") for one in shapes}) == len(shapes)
    assert shapes[0].width.mm <= 257
    assert all(one.width.mm <= 170 for one in shapes[1:])


def test_chinese_has_its_own_typeface_and_language(document: Document) -> None:
    defaults = document.styles.element.find(qn("w:docDefaults"))
    assert defaults.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) == "Microsoft YaHei"
    assert defaults.find(f".//{qn('w:lang')}").get(qn("w:eastAsia")) == "zh-CN"
    assert document.core_properties.language == "zh-CN"


def test_the_document_is_of_the_studys_day(document: Document) -> None:
    said = document.core_properties
    assert said.created == said.modified
    assert said.created is not None
    assert said.created.date().isoformat() == "2025-12-31"


def test_the_same_result_gives_the_same_bytes(result: lc.Result, path: Path, tmp_path: Path) -> None:
    assert write_docx(result, PICTURES, tmp_path / "again.docx").read_bytes() == path.read_bytes()


def hostile(result: lc.Result) -> lc.Result:
    """The sample with names that break files: formulas, markup, control characters, rare letters, 200 characters."""
    names = {key: HOSTILE[n % len(HOSTILE)] for n, key in enumerate(result.tables.units["unit_id"])}
    units = result.units.assign(name=result.units["unit_id"].map(names).fillna("=district()"))
    areas = result.tables.units.assign(name=result.tables.units["unit_id"].map(names))
    ledger = result.facilities.assign(name=[HOSTILE[n % len(HOSTILE)] for n in range(len(result.facilities))])
    tables = dataclasses.replace(result.tables, units=areas)
    return dataclasses.replace(result, units=units, facilities=ledger, tables=tables)


def test_names_of_strangers_do_not_break_the_file(result: lc.Result, tmp_path: Path) -> None:
    path = write_docx(hostile(result), PICTURES, tmp_path / "report.docx")
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    text = said(docx.Document(str(path)))
    assert all(one in text for one in ("𠮷野家", "=CMD|'/C calc'!A0", "<b>&\"'", "长" * 200))


def test_a_study_without_walks_or_groups_keeps_its_other_chapters(bare: lc.Result, tmp_path: Path) -> None:
    document = docx.Document(str(write_docx(bare, (), tmp_path / "report.docx")))
    heads = paragraphs(document, "Heading 1")
    assert "公平" not in heads
    assert {"结论", "分街镇结果", "设施台账", "方法"} <= set(heads)
    assert "本次评估没有居住点或道路资料" in said(document)


def test_of_many_verdicts_those_met_are_counted_and_left_to_the_workbook(
    result: lc.Result, rows: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapters_module, "ALL_ROWS", 10)
    document = docx.Document(str(write_docx(result, (), tmp_path / "report.docx")))
    kept = sum(row["binds"] and row["verdict_id"] in {"unmet", "unknown"} for row in rows)
    assert f"另有 {len(rows) - kept} 行，见 tables.xlsx。" in paragraphs(document, "Quiet")
    assert "✓ 达标" not in {cell for row in cells_of(document)[3:] for cell in row if len(row) == 7}


def test_an_english_study_has_an_english_report(result: lc.Result, tmp_path: Path) -> None:
    own = result.study.study.model_copy(update={"language": "en"})
    study = result.study.model_copy(update={"study": own})
    document = docx.Document(str(write_docx(dataclasses.replace(result, study=study), (), tmp_path / "report.docx")))
    assert "The answer" in paragraphs(document, "Heading 1")
    assert any(one.startswith("Table 1  ") for one in paragraphs(document, "Caption"))


@given(st.text(max_size=60))
def test_any_text_becomes_text_that_xml_can_hold(text: str) -> None:
    held = xml_text(text)
    assert etree.fromstring(f"<a>{held.replace('&', '&amp;').replace('<', '&lt;')}</a>").text in {held, None}
