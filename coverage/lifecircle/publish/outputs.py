"""The files of a report, and who writes each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lifecircle.errors import LifecircleError
from lifecircle.faults import fault, hint
from lifecircle.publish.beside import run_beside
from lifecircle.publish.swapping import sha256_of
from lifecircle.result import Result

# Each document by the name that a user asks for it with; summary.json and manifest.json are always there.
DOCUMENTS = {
    "html": "index.html",
    "map": "map.html",
    "pdf": "report.pdf",
    "docx": "report.docx",
    "pptx": "slides.pptx",
    "xlsx": "tables.xlsx",
    "gpkg": "result.gpkg",
    "parquet": "result.parquet",
}
USUAL = tuple(name for name in DOCUMENTS if name != "parquet")
LEDGER_FORM = "ledger-form.xlsx"


def documents_named(names: Collection[str], *, said_in: str = "--only") -> tuple[str, ...]:
    """The documents that are asked for, in their own order; all usual ones where none is named.

    >>> documents_named(["xlsx", "map"])
    ('map', 'xlsx')

    Raises
    ------
    LifecircleError
        A name is not known.

    """
    odd = [name for name in names if name not in DOCUMENTS]
    if odd:
        known = ", ".join(DOCUMENTS)
        raise LifecircleError(
            [fault("unknown-document", said_in, found=odd[0], known=known, **hint(odd[0], DOCUMENTS))]
        )
    return tuple(name for name in DOCUMENTS if name in (names or USUAL))


def write_documents(result: Result, folder: Path, names: Collection[str]) -> None:
    """Write the documents into a folder, those that take long beside each other, then summary.json and manifest.json.

    The manifest's `files` has the sha256 of every other file.
    """
    groups = (
        {"pdf", "docx", "pptx"} & set(names) and partial(_write_drawn, result, folder, names),
        {"html", "map"} & set(names) and partial(_write_pages, result, folder, names),
        partial(_write_tables, result, folder, names),
    )
    run_beside([job for job in groups if job])
    _write_json(folder / "summary.json", result.summary)
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    _write_json(folder / "manifest.json", {**result.manifest, "files": files})


# What each document is made with is loaded only where it is wanted: folium, matplotlib and typst take their time.


def _write_pages(result: Result, folder: Path, names: Collection[str]) -> None:
    from lifecircle.publish.map import map_html
    from lifecircle.publish.payload import map_payload

    drawn = map_html(map_payload(result), basemap=result.study.report.basemap)
    if "map" in names:
        _write_text(folder / DOCUMENTS["map"], drawn)
    if "html" in names:
        from lifecircle.publish.page import page_html
        from lifecircle.publish.report import report_values

        _write_text(folder / DOCUMENTS["html"], page_html(report_values(result), drawn))


def _write_drawn(result: Result, folder: Path, names: Collection[str]) -> None:
    """The documents that share the drawn maps and plots."""
    from lifecircle.publish.pictures import pictures_of

    pictures = pictures_of(result, result.study.study.language)
    if "pdf" in names:
        from lifecircle.publish.typeset import write_pdf

        write_pdf(result, pictures, folder / DOCUMENTS["pdf"])
    if "docx" in names:
        from lifecircle.publish.word import write_docx

        write_docx(result, pictures, folder / DOCUMENTS["docx"])
    if "pptx" in names:
        from lifecircle.publish.slides import write_slides

        write_slides(result, pictures, folder / DOCUMENTS["pptx"])


def _write_tables(result: Result, folder: Path, names: Collection[str]) -> None:
    from lifecircle.publish.geopackage import write_layers

    if "xlsx" in names:
        from lifecircle.publish.workbook import write_workbook

        write_workbook(result, folder / DOCUMENTS["xlsx"])
        _write_ledger_form(result, folder / LEDGER_FORM)
    if "gpkg" in names:
        write_layers(result, folder / DOCUMENTS["gpkg"])
    if "parquet" in names:
        from lifecircle.publish.styles import write_parquet

        write_parquet(result, folder / DOCUMENTS["parquet"])


def _write_ledger_form(result: Result, path: Path) -> None:
    """The office's own form, where the study has one."""
    form = result.study.report.ledger_form
    if form is not None:
        from lifecircle.publish.ledger_form import write_ledger_form

        write_ledger_form(result, result.study.file(form), path)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    _write_text(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")
