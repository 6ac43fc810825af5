"""Parts of a Word report: headings and contents, captions that count themselves, pictures, page numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from lifecircle.publish.pictures import Picture
from lifecircle.publish.word_package import xml_text
from lifecircle.words import both

if TYPE_CHECKING:
    from docx.document import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_LONGEST_HEADING = 80  # characters; a name of strangers may have more
_LABELS = {"table": both("表", "Table"), "figure": both("图", "Figure")}
_KEPT = 300  # characters of a picture's alternative text


@dataclass
class Report:
    """A report in the making: the document, its values as `chapters` prints them, its headings and captions so far."""

    document: Document
    values: dict[str, Any]
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def word(self, key: str) -> str:
        """One of the words that every printed report shares."""
        return str(self.values["words"][key])


def add_xml(report: Report, xml: str) -> Any:
    """Append an element to the body, before the settings of its last section."""
    from docx.oxml import parse_xml

    element = parse_xml(xml)
    report.document.element.body._insert_tbl(element)
    return element


def add_heading(report: Report, text: str, level: int, *, new_page: bool = False) -> None:
    """Append a heading that the contents lead to."""
    said = xml_text(text, _LONGEST_HEADING)
    mark = f"_Toc{len(report.headings) + 1:09d}"
    number = len(report.headings) + 1
    report.headings.append((level, said, mark))
    breaks = "<w:pageBreakBefore/>" if new_page else ""
    add_xml(
        report,
        f'<w:p {W}><w:pPr><w:pStyle w:val="Heading{level}"/>{breaks}</w:pPr>'
        f'<w:bookmarkStart w:id="{number}" w:name="{mark}"/>{run_xml(said)}<w:bookmarkEnd w:id="{number}"/></w:p>',
    )


def add_paragraph(report: Report, text: str, style: str = "Normal") -> None:
    """Append a paragraph; nothing where the text is empty."""
    if text:
        add_xml(report, paragraph_xml(text, style).replace("<w:p>", f"<w:p {W}>", 1))


def add_caption(report: Report, text: str, *, sort: str) -> None:
    """Append a numbered caption: over a table, which it stays with, or under a picture."""
    label = _LABELS[sort][report.values["lang"]]
    report.counts[sort] = number = report.counts.get(sort, 0) + 1
    keep = "<w:keepNext/>" if sort == "table" else ""
    numbered = field_xml(f"SEQ {label} \\* ARABIC", str(number))
    add_xml(
        report,
        f'<w:p {W}><w:pPr><w:pStyle w:val="Caption"/>{keep}</w:pPr>{run_xml(f"{label} ")}'
        f"{numbered}{run_xml(f'  {text}')}</w:p>",
    )


def add_picture(report: Report, picture: Picture, box_mm: tuple[float, float]) -> None:
    """Append a picture as large as fits into a box of millimetres, with what it shows as text and under it."""
    from docx.shared import Mm

    factor = min(box_mm[0] / picture.width_mm, box_mm[1] / picture.height_mm)
    width, height = (Mm(factor * side) for side in (picture.width_mm, picture.height_mm))
    paragraph = report.document.add_paragraph(style="Figure")
    shape = paragraph.add_run().add_picture(io.BytesIO(picture.png), width, height)
    properties = shape._inline.docPr
    properties.set("name", xml_text(picture.name, _KEPT))
    properties.set("title", xml_text(picture.title, _KEPT))
    properties.set("descr", xml_text(f"{picture.title}。{picture.caption}", _KEPT))
    add_caption(report, f"{picture.title}  {picture.caption}".strip(), sort="figure")


def add_contents(report: Report, place: Any) -> None:
    """Put the table of contents before a paragraph: a field with its entries, which leads to every heading."""
    from docx.oxml import parse_xml

    place.addprevious(
        parse_xml(f"<w:p {W}><w:pPr><w:pStyle w:val='TOCHeading'/></w:pPr>{run_xml(report.word('contents'))}</w:p>")
    )
    begin = _mark("begin") + _instruction('TOC \\o "1-2" \\h \\z \\u') + _mark("separate")
    chapters = parts = 0
    shown = [one for one in report.headings if one[0] <= 2]
    for place_in_list, (level, text, mark) in enumerate(shown):
        chapters, parts = (chapters + 1, 0) if level == 1 else (chapters, parts + 1)
        number = f"{chapters}" if level == 1 else f"{chapters}.{parts}"
        page = "<w:r><w:tab/></w:r>" + field_xml(f"PAGEREF {mark} \\h", "")
        entry = (
            f'<w:hyperlink w:anchor={quoteattr(mark)} w:history="1">{run_xml(f"{number} {text}")}{page}</w:hyperlink>'
        )
        first, last = begin if not place_in_list else "", _mark("end") if place_in_list == len(shown) - 1 else ""
        place.addprevious(
            parse_xml(f'<w:p {W}><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{first}{entry}{last}</w:p>')
        )


def add_header_and_footer(report: Report) -> None:
    """Put the title over and the page's number under every page but the first."""
    from docx.oxml import parse_xml

    section = report.document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].add_run(xml_text(report.values["title"], _LONGEST_HEADING))
    footer = section.footer.paragraphs[0]
    words = report.word("page").split("{}")
    fields = (field_xml("PAGE", "1"), field_xml("NUMPAGES", "1"), "")
    runs = "".join(run_xml(word) + one for word, one in zip(words, fields, strict=True))
    for run in list(parse_xml(f"<w:p {W}>{runs}</w:p>")):
        footer._p.append(run)


def paragraph_xml(text: str, style: str, char_style: str = "") -> str:
    """A paragraph of a style."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run_xml(text, char_style)}</w:p>'


def run_xml(text: str, char_style: str = "") -> str:
    """A run of text as XML can hold it, with a character style where one is named."""
    text = xml_text(text)
    if not text:
        return ""
    style = f'<w:rStyle w:val="{char_style}"/>' if char_style else ""
    hint = '<w:rFonts w:hint="eastAsia"/>' if _reads_wide(text) else ""
    look = f"<w:rPr>{style}{hint}</w:rPr>" if style or hint else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _reads_wide(text: str) -> bool:
    """Whether quotation marks and dashes of a text are Chinese ones, which are as wide as a character."""
    return any(mark in text for mark in "“”‘’…—·") and any("\u4e00" <= one <= "\u9fff" for one in text)


def field_xml(instruction: str, shown: str) -> str:
    """A field with what it shows until it is brought up to date."""
    return _mark("begin") + _instruction(instruction) + _mark("separate") + run_xml(shown) + _mark("end")


def _mark(sort: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{sort}"/></w:r>'


def _instruction(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {escape(text)} </w:instrText></w:r>'
