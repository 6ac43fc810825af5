"""A Word document without contents, in the report's own styles: A4, fonts for Chinese, numbered headings."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecircle.publish.word_package import midnight, xml_text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section

PAGE_MM = (210, 297)
MARGIN_MM = 20
WIDTH_MM = PAGE_MM[0] - 2 * MARGIN_MM
_ASSETS = Path(__file__).with_name("assets")
# A computer without Microsoft YaHei takes the first of these that it has.
_FALLBACKS = "微软雅黑,Noto Sans CJK SC,Source Han Sans SC,PingFang SC,WenQuanYi Micro Hei,SimHei"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FONT = (
    f'<w:font xmlns:w="{_W}" w:name="Microsoft YaHei"><w:altName w:val="{_FALLBACKS}"/>'
    '<w:panose1 w:val="020B0503020204020204"/><w:charset w:val="86"/><w:family w:val="swiss"/>'
    '<w:pitch w:val="variable"/></w:font>'
)
_UNUSED = ("stylesWithEffects", "customXml", "thumbnail")  # parts of the empty document that nobody needs


def blank_document(values: dict[str, Any]) -> Document:
    """A document with styles, page and properties for this report, and nothing in it yet."""
    from docx import Document

    document = Document()
    _drop_unused(document)
    lang = "zh-CN" if values["lang"] == "zh" else "en-US"
    _put_styles(document)
    _put_fonts(document)
    _put_settings(document)
    set_page(document.sections[0], landscape=False)
    _put_properties(document, values, lang)
    return document


def set_page(section: Section, *, landscape: bool) -> None:
    """A4 with the report's margins, upright or on its side."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    width, height = PAGE_MM[::-1] if landscape else PAGE_MM
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    section.header_distance = section.footer_distance = Mm(10)


def _drop_unused(document: Document) -> None:
    for holder in (document.part, document.part.package):
        for key, relation in list(holder.rels.items()):
            if relation.reltype.rpartition("/")[2] in _UNUSED:
                holder.rels.pop(key)


def _put_styles(document: Document) -> None:
    """The report's own styles and lists in the place of those of the empty document."""
    from docx.oxml import parse_xml

    styles = (_ASSETS / "word_styles.xml").read_text("utf-8")
    _fill(document.styles.element, parse_xml(styles))
    _fill(document.part.numbering_part.element, parse_xml((_ASSETS / "word_numbering.xml").read_text("utf-8")))


def _fill(element: Any, other: Any) -> None:
    for child in list(element):
        element.remove(child)
    for child in list(other):
        element.append(child)


def _put_fonts(document: Document) -> None:
    """Name the fonts that stand in for the Chinese one where it is not installed."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            part = relation.target_part
            part._blob = part.blob.replace(b"</w:fonts>", _FONT.encode() + b"</w:fonts>")


def _put_settings(document: Document) -> None:
    """Contents are brought up to date on opening; Chinese is the language of East Asian text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    settings = document.settings.element
    for name in ("rsids", "savePreviewPicture", "proofState"):
        for found in settings.findall(qn(f"w:{name}")):
            settings.remove(found)
    zoom = settings.find(qn("w:zoom"))
    zoom.set(qn("w:percent"), "100")  # the schema asks for a number beside the name
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    settings.find(qn("w:compat")).addprevious(update)
    mode = settings.find(f".//{qn('w:compatSetting')}")
    mode.set(qn("w:val"), "15")
    theme = settings.find(qn("w:themeFontLang"))
    theme.set(qn("w:val"), "en-US")
    theme.set(qn("w:eastAsia"), "zh-CN")


def _put_properties(document: Document, values: dict[str, Any], lang: str) -> None:
    """Say what the document is; its moment is the day of the assessment."""
    said, moment = document.core_properties, midnight(dt.date.fromisoformat(values["date"]))
    said.title = xml_text(values["title"], 250)
    said.subject = xml_text(values["subtitle"], 250)
    said.author = said.last_modified_by = f"lifecircle {values['version']}"
    said.comments = said.keywords = said.category = ""
    said.language, said.revision = lang, 1
    said.created = said.modified = moment
