"""One source of numbers: figures are read back out of every document and are those of the result."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pptx
import pypdfium2 as pdfium
import pytest

import lifecircle as lc
from lifecircle.publish.map_packing import opened
from lifecircle.publish.plots import gap_table
from lifecircle.publish.report import report_values
from lifecircle.publish.verdict_sheets import cut
from lifecircle.words import term
from samples import assessed_sample

DECIMAL = re.compile(r"\d[\d,]*\.\d+")
PRINTED = ("pdf", "docx", "pptx")
VERSION = re.compile(r"\b\d+\.\d+(\.\d+)+\w*\b")
KEPT_IN = Path(__file__).resolve().parents[1] / "reports" / "sample-2025"
KEPT = ("summary.json", "index.html", "map.html", "report.pdf", "tables.xlsx")
AGAIN = "lifecircle assess data/sample --only html,map,pdf,xlsx"
LETTERS = {"m": "met", "x": "unmet", "u": "unknown", "n": "not_applicable", "r": "reference"}


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def report(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lc.write_report(result, tmp_path_factory.mktemp("reports") / "sample-2025")


@pytest.fixture(scope="module")
def values(result: lc.Result) -> dict[str, Any]:
    return report_values(result)


@pytest.fixture(scope="module")
def texts(report: Path) -> dict[str, str]:
    """What each document says, without spaces, for a line may break anywhere; `html` with its data."""
    page = (report / "index.html").read_text("utf-8")
    page = re.sub(r'<iframe.*?</iframe>|srcdoc="[^"]*"', "", page, flags=re.S)
    said = {"pdf": pdf_text(report / "report.pdf"), "docx": docx_text(report / "report.docx")}
    said |= {"pptx": pptx_text(report / "slides.pptx"), "html": page}
    return said


def pdf_text(path: Path) -> str:
    with pdfium.PdfDocument(path) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return "\n".join(pages)


def docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def pptx_text(path: Path) -> str:
    slides = pptx.Presentation(str(path)).slides
    return "\n".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\ufffe\x02\u00ad]+", "", text)


def decimals(text: str) -> set[str]:
    return set(DECIMAL.findall(text))


def strings(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from strings(one)
    else:
        yield str(value)


@pytest.mark.parametrize("name", [*PRINTED, "html"])
def test_every_card_stands_in_every_document(texts: dict[str, str], values: dict[str, Any], name: str) -> None:
    said = squeezed(texts[name])
    assert [one["value"] for one in values["figures"] if squeezed(one["value"]) not in said] == []


@pytest.mark.parametrize("name", ["pdf", "docx", "html"])
def test_every_figure_of_every_unit_stands_in_every_document(
    texts: dict[str, str], values: dict[str, Any], name: str
) -> None:
    said = squeezed(texts[name])
    shown = {squeezed(row["shown"]) for row in values["verdict_rows"]} - {""}
    assert len(shown) > 100
    assert {one for one in shown if one not in said} == set()


@pytest.mark.parametrize("name", PRINTED)
def test_no_document_has_a_figure_that_the_result_has_not(
    texts: dict[str, str], values: dict[str, Any], result: lc.Result, name: str
) -> None:
    known = decimals("\n".join(strings(values))) | decimals(str(result.manifest)) | plotted(result)
    headings = {f"{chapter}.{one}" for chapter in range(1, 20) for one in range(1, 20)}  # chapters bear such numbers
    said = decimals(texts[name])
    assert len(said) > 10
    assert said - known - headings == set()


def plotted(result: lc.Result) -> set[str]:
    """The gaps of subdistricts, as plots and slides print them."""
    gaps = gap_table(result).select_dtypes("number")
    return {f"{one:,.2f}" for name in gaps for one in gaps[name] if not math.isnan(one)}


def test_the_map_has_the_figure_and_verdict_of_every_unit_and_rule(result: lc.Result, report: Path) -> None:
    page = (report / "map.html").read_text("utf-8")
    (block,) = re.findall(r'id="lifecircle-payload-0"[^>]*>([^<]*)<', page)
    data = opened(block)
    keys, found = data["units"]["id"], {}
    for rule, columns in data["verdicts_of"].items():
        own = [
            (key, LETTERS[letter]) for key, letter in zip(keys, columns["letters"], strict=True) if letter in LETTERS
        ]
        for (key, verdict), text in zip(own, columns["range"], strict=True):
            found[rule, key] = verdict, data["texts"][text]
    rows = result.units[result.units["tier"] != "district"]
    true = {
        (f"{row.standard}/{row.rule_id}", row.unit_id): (row.verdict, row.shown) for row in rows.itertuples(index=False)
    }
    assert found == true


def test_the_workbook_has_the_figure_and_verdict_of_every_unit_and_rule(result: lc.Result, report: Path) -> None:
    sheet = pd.DataFrame(openpyxl.load_workbook(report / "tables.xlsx", data_only=True)["判定"].values)
    sheet = sheet.iloc[1:].set_axis(sheet.iloc[0], axis="columns").reset_index(drop=True)
    assert sheet["单元编码"].tolist() == result.units["unit_id"].tolist()
    assert sheet["判定"].tolist() == [term("verdict", one)["zh"] for one in result.units["verdict"]]
    rows = zip(sheet["下限"], result.units["low"], result.units["measured_in"], strict=True)
    wrong = [(cell, low) for cell, low, unit in rows if not math.isnan(low) and not is_cut(float(cell), low, unit)]
    assert wrong == []


def is_cut(cell: float, low: float, unit: str) -> bool:
    """Whether a cell has a number cut to two decimals, of shares in percent."""
    times = 100 if unit.startswith("share") else 1
    return cell in {cut(low, times), cut(low, times, up=True), cut(low, times, whole=True)}


def test_the_committed_report_says_what_a_run_says_now(report: Path) -> None:
    for name in KEPT:
        assert said_by(KEPT_IN / name) == said_by(report / name), f"{name}: run `{AGAIN}`"


def said_by(path: Path) -> object:
    """What a document says, without versions of programs."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, data_only=True)
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    if path.suffix == ".pdf":
        return VERSION.sub("", pdf_text(path))
    page = path.read_text("utf-8")
    if path.suffix == ".json":
        return page
    found = re.findall(r'id="lifecircle-payload-0"[^>]*>([^<]*)<', html.unescape(page))
    maps = [opened(block) for block in found]
    return maps, VERSION.sub("", re.sub(r'srcdoc="[^"]*"', "", page)) if path.name == "index.html" else ""


def test_the_summary_counts_the_verdicts_of_the_result(result: lc.Result, report: Path) -> None:
    summary = json.loads((report / "summary.json").read_text("utf-8"))
    rows = result.units.groupby(["standard", "rule_id", "tier", "verdict"]).size()
    for one in summary["rules"]:
        for verdict, n in one["verdicts"].items():
            assert n == rows.get((one["standard"], one["rule"], one["tier"], verdict), 0)
    assert sum(n for one in summary["rules"] for n in one["verdicts"].values()) == len(result.units)
