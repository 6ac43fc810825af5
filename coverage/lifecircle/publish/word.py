"""The report as a Word document: real styles, captions and tables, to be edited before it is sent."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from lifecircle.publish.chapters import chapters
from lifecircle.publish.pictures import Picture
from lifecircle.publish.word_annex import (
    add_circles,
    add_equity,
    add_facilities,
    add_reachable,
    add_sources,
    add_unreached,
)
from lifecircle.publish.word_chapters import add_answer, add_gaps, add_overview, add_pictures, add_places, add_title
from lifecircle.publish.word_package import midnight, write_package
from lifecircle.publish.word_parts import Report, add_contents, add_header_and_footer
from lifecircle.publish.word_styles import blank_document
from lifecircle.result import Result


def write_docx(result: Result, pictures: Sequence[Picture], path: str | Path) -> Path:
    """Write the report as report.docx in the study's language: the chapters of the printed report, in their order.

    Figures and verdicts are those of `chapters`. Captions, contents and page numbers are fields, which Word brings up
    to date on opening.

    Parameters
    ----------
    result
        The result to print.
    pictures
        Its maps and plots, in the order of the report; none is fine.
    path
        The file to write.

    Returns
    -------
    Path of the file; the same bytes for the same result and pictures.

    Examples
    --------
    >>> import tempfile
    >>> import docx
    >>> import lifecircle as lc
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = write_docx(lc.assess("data/sample"), (), f"{place}/report.docx")
    ...     print(docx.Document(str(path)).paragraphs[0].text)
    滨河区(示例) 2025 年度评估

    """
    path, values = Path(path), chapters(result)
    report = Report(blank_document(values), values)
    add_header_and_footer(report)
    add_title(report)
    place = report.document.add_paragraph(style="Table Text")
    for add in (add_answer, add_overview):
        add(report)
    add_pictures(report, pictures)
    add_places(report, result)
    later = (add_gaps, add_reachable, add_equity, add_circles, add_unreached, add_facilities, add_sources)
    for add in later:
        add(report)
    add_contents(report, place._p)
    made = io.BytesIO()
    report.document.save(made)
    write_package(path, made.getvalue(), midnight(dt.date.fromisoformat(values["date"])))
    return path
