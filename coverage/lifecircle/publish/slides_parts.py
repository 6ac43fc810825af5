"""Parts of slides: a wide deck on paper white, texts with Chinese fonts, figures in large letters, notes."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecircle.publish.word_package import midnight, xml_text

if TYPE_CHECKING:
    from pptx.dml.color import RGBColor
    from pptx.presentation import Presentation
    from pptx.slide import Slide

WIDTH_IN, HEIGHT_IN = 13.333, 7.5
LEFT_IN, TOP_IN, INNER_IN = 0.65, 1.55, 12.03  # where contents begin, and how wide they are
BOTTOM_IN = 6.85
LATIN, CHINESE = "Arial", "Microsoft YaHei"
INK, QUIET, LINE, ACCENT = "1F2933", "5B6470", "D9DDE1", "1B7F79"
TONES = {"met": "1B7F79", "unmet": "D1495B", "unknown": "9AA0A6", "not_applicable": "9AA0A6", "plain": INK}
_SHADES = {
    "accent1": ACCENT,
    "accent2": "D1495B",
    "accent3": "9AA0A6",
    "accent4": "4B5563",
    "dk2": INK,
    "lt2": "F2F4F3",
}
_TITLE_LAYOUT, _PLAIN_LAYOUT = 0, 5
_LONGEST_TITLE, _ONE_LINE = 110, 56  # columns of two lines, and of one in the largest letters
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A paragraph with its size in points and its look."""

    text: str
    size_pt: float = 16
    colour: str = INK
    bold: bool = False
    before_pt: float = 0


def blank_deck(values: dict[str, Any]) -> Presentation:
    """A deck of wide slides with the report's fonts and colours, and nothing in it yet."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH_IN), Inches(HEIGHT_IN)
    _drop_unused(deck)
    _put_theme(deck)
    _put_layouts(deck)
    said, moment = deck.core_properties, midnight(dt.date.fromisoformat(values["date"]))
    said.title, said.subject = xml_text(values["title"], 250), xml_text(values["subtitle"], 250)
    said.author = said.last_modified_by = f"lifecircle {values['version']}"
    said.language, said.revision = "zh-CN" if values["lang"] == "zh" else "en-US", 1
    said.created = said.modified = moment
    return deck


def _drop_unused(deck: Presentation) -> None:
    """Leave out layouts that no slide has, a printer's settings and a picture of nothing."""
    layouts = deck.slide_master.slide_layouts
    for layout in [one for place, one in enumerate(layouts) if place not in {_TITLE_LAYOUT, _PLAIN_LAYOUT}]:
        layouts.remove(layout)
    for holder in (deck.part, deck.part.package):
        rels = holder._rels
        for key, relation in list(rels.items()):
            if relation.reltype.endswith(("/printerSettings", "/thumbnail")):
                rels.pop(key)


def _put_theme(deck: Presentation) -> None:
    """Write fonts and colours into the theme, which every text and chart goes by."""
    from pptx.opc.oxml import serialize_part_xml
    from pptx.oxml import parse_xml

    part: Any = next(one.target_part for one in deck.slide_master.part.rels.values() if one.reltype.endswith("/theme"))
    theme: Any = parse_xml(part.blob)
    for font in theme.iter(f"{{{_A}}}majorFont", f"{{{_A}}}minorFont"):
        for name, face in (("latin", LATIN), ("ea", CHINESE)):
            font.find(f"{{{_A}}}{name}").set("typeface", face)
        for script in font.findall(f"{{{_A}}}font[@script='Hans']"):
            script.set("typeface", CHINESE)
    for name, shade in _SHADES.items():
        colour = theme.find(f".//{{{_A}}}clrScheme/{{{_A}}}{name}")
        colour.clear()
        colour.append(parse_xml(f'<a:srgbClr xmlns:a="{_A}" val="{shade}"/>'))
    part._blob = serialize_part_xml(theme)


def _put_layouts(deck: Presentation) -> None:
    """Move the titles of both layouts, and of the master, to where a wide slide has them."""
    title, plain = deck.slide_master.slide_layouts
    head, body = Box(LEFT_IN, 0.5, INNER_IN, 0.9), Box(LEFT_IN, TOP_IN, INNER_IN, 4.9)
    for holder in (deck.slide_master, plain):
        for shape in holder.placeholders:
            if shape.placeholder_format.idx in {0, 1}:
                _move(shape, body if shape.placeholder_format.idx else head)
    for shape in title.placeholders:
        if shape.placeholder_format.idx in {0, 1}:
            _move(shape, Box(LEFT_IN, 2.0 if shape.placeholder_format.idx == 0 else 3.95, INNER_IN, 1.8))
    for holder in (deck.slide_master, title, plain):
        for shape in [one for one in holder.placeholders if one.placeholder_format.idx >= 10]:
            shape._element.getparent().remove(shape._element)


def _move(shape: Any, box: Box) -> None:
    from pptx.util import Inches

    shape.left, shape.top = Inches(box.left), Inches(box.top)
    shape.width, shape.height = Inches(box.width), Inches(box.height)


def add_slide(deck: Presentation, title: str, notes: list[str], *, source: str) -> Slide:
    """Append a slide with its title, a source line at its foot, and notes for who speaks."""
    slide: Slide = deck.slides.add_slide(deck.slide_master.slide_layouts[1])
    shape: Any = slide.shapes.title
    shape.text_frame.word_wrap = True
    size_pt = 28 if columns(title) <= _ONE_LINE else 22
    fill(shape.text_frame, [Line(shortened(title, _LONGEST_TITLE), size_pt, INK, bold=True)])
    anchor(shape.text_frame, "bottom")
    add_rule(slide, Box(LEFT_IN, 1.42, INNER_IN, 0), LINE, 1)
    foot = Box(LEFT_IN, 6.98, INNER_IN - 0.8, 0.3)
    add_text(slide, foot, [Line(shortened(source, 150), 10.5, QUIET)])
    add_text(
        slide, Box(LEFT_IN + INNER_IN - 0.7, 6.98, 0.7, 0.3), [Line(str(len(deck.slides)), 10.5, QUIET)], right=True
    )
    add_notes(slide, notes)
    return slide


def add_notes(slide: Slide, notes: list[str]) -> None:
    """Write notes: what does not fit on the slide, and where it comes from."""
    frame = slide.notes_slide.notes_text_frame
    if frame is not None:
        frame.text = "\n".join(xml_text(one) for one in notes if one)


def add_text(slide: Slide, box: Box, lines: list[Line], *, right: bool = False, name: str = "") -> Any:
    """Add lines of text in a box without a border."""
    from pptx.util import Inches

    shape = slide.shapes.add_textbox(*(Inches(one) for one in (box.left, box.top, box.width, box.height)))
    shape.name = xml_text(name, 60) if name else shape.name
    frame = shape.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    fill(frame, lines, right=right)
    return shape


def fill(frame: Any, lines: list[Line], *, right: bool = False) -> None:
    """Write lines into a frame in the place of what it held."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    frame.clear()
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        paragraph.space_before = Pt(line.before_pt)
        paragraph.line_spacing = 1.12
        run = paragraph.add_run()
        run.text = xml_text(line.text)
        set_font(run.font, line)


def set_font(font: Any, line: Line) -> None:
    """Set size, colour and typefaces, the East Asian one beside the Latin."""
    from pptx.oxml.xmlchemy import OxmlElement
    from pptx.util import Pt

    font.size, font.bold, font.name = Pt(line.size_pt), line.bold, LATIN
    font.color.rgb = rgb(line.colour)
    look = font._element
    look.set("lang", "zh-CN")
    look.set("altLang", "en-US")
    found = look.find(f"{{{_A}}}ea")
    face = OxmlElement("a:ea") if found is None else found
    face.set("typeface", CHINESE)
    if found is None:
        look.find(f"{{{_A}}}latin").addnext(face)


def rgb(colour: str) -> RGBColor:
    """A colour from six hexadecimal digits."""
    from pptx.dml.color import RGBColor

    return RGBColor(*bytes.fromhex(colour))  # type: ignore[no-untyped-call]


def anchor(frame: Any, place: str) -> None:
    """Put a frame's text to the top, the middle or the bottom."""
    from pptx.enum.text import MSO_ANCHOR

    frame.vertical_anchor = {"top": MSO_ANCHOR.TOP, "middle": MSO_ANCHOR.MIDDLE, "bottom": MSO_ANCHOR.BOTTOM}[place]
    frame.margin_left = frame.margin_right = 0


def add_rule(slide: Slide, box: Box, colour: str, width_pt: float) -> None:
    """Add a straight line from a box's left end to its right one."""
    from pptx.enum.shapes import MSO_CONNECTOR
    from pptx.util import Inches, Pt

    ends = (box.left, box.top, box.left + box.width, box.top + box.height)
    line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, *(Inches(one) for one in ends))
    line.line.color.rgb, line.line.width = rgb(colour), Pt(width_pt)
    for look in line._element.xpath("p:style"):  # it casts a shadow
        line._element.remove(look)


def shortened(text: str, most: int) -> str:
    """As much of a text as fits into so many columns; a Chinese character has two.

    >>> shortened("缺口 399 m²", 20), shortened("缺口缺口缺口", 8)
    ('缺口 399 m²', '缺口缺…')
    """
    text, used = xml_text(text), 0
    if columns(text) <= most:
        return text
    for place, letter in enumerate(text):
        used += columns(letter)
        if used > most - 2:
            return f"{text[:place]}…"
    return text


def columns(text: str) -> int:
    """How many columns a text takes; a Chinese character has two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
