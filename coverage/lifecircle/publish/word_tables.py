"""Tables of a Word report: heads that repeat on every page, rows that stay whole, verdicts by sign and word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifecircle.publish.word_parts import Report, W, add_caption, add_paragraph, add_xml, paragraph_xml, run_xml
from lifecircle.publish.word_styles import WIDTH_MM

_TWIPS_PER_MM = 1440 / 25.4
_CHARACTER_STYLES = {"met": "Met", "unmet": "Unmet", "unknown": "Unknown"}
_TONES = {"met": "1B7F79", "unmet": "D1495B", "unknown": "9AA0A6", "plain": "1F2933"}
_CARDS_A_ROW = 4
_CARD_SHARE = 16  # of a card's width, where the gap beside it is 1
_LONG_FIGURE = 7  # characters that fit in a card's largest letters

Run = tuple[str, str]  # text and character style
Cell = str | list[Run]


@dataclass(frozen=True)
class Head:
    """A column's head, with how wide it is compared to the others, whether numbers stand in it, how many it spans."""

    title: str
    share: float
    number: bool = False
    span: int = 1


def verdict_runs(report: Report, verdict_id: str, text: str) -> list[Run]:
    """A verdict as sign and word, in its style."""
    return [(f"{report.values['signs'].get(verdict_id, '?')} {text}", _CHARACTER_STYLES.get(verdict_id, "Aside"))]


def add_table(
    report: Report,
    caption: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    *,
    spans: Sequence[Head] = (),
    left_out: str | None = None,
) -> None:
    """Append a table under a caption; `spans` are heads over the heads, `left_out` says which rows are elsewhere.

    Without rows there is a line that says so.
    """
    if rows:
        add_caption(report, caption, sort="table")
        add_xml(report, _table(heads, rows, spans))
        add_xml(report, f'<w:p {W}><w:pPr><w:pStyle w:val="TableText"/></w:pPr></w:p>')
    else:
        add_paragraph(report, report.word("no_rows"), "Quiet")
    add_paragraph(report, left_out or "", "Quiet")


def add_cards(report: Report) -> None:
    """Append the figures of the answer as a table, four to a row, each under a line of its tone."""
    cards = report.values["figures"]
    rows = [cards[first : first + _CARDS_A_ROW] for first in range(0, len(cards), _CARDS_A_ROW)]
    widths = _widths([Head("", share) for share in (*(_CARD_SHARE, 1) * (_CARDS_A_ROW - 1), _CARD_SHARE)])
    body = ""
    for row in rows:
        inside = "".join(_card(report, card, width) for card, width in _padded(row, widths))
        body += f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{inside}</w:tr>"
    add_xml(report, _opened("ReportCards", widths, first_row=False) + body + "</w:tbl>")
    add_xml(report, f'<w:p {W}><w:pPr><w:pStyle w:val="TableText"/></w:pPr></w:p>')


def _padded(row: Sequence[dict[str, object]], widths: list[int]) -> list[tuple[dict[str, object] | None, int]]:
    """Cards with a gap after each, and nothing where a row has no more."""
    places = enumerate(widths)
    return [(row[n // 2] if n % 2 == 0 and n // 2 < len(row) else None, width) for n, width in places]


def _card(report: Report, card: dict[str, object] | None, width: int) -> str:
    if card is None:
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p/></w:tc>'
    value, tone = str(card["value"]), str(card["tone"])
    colour = _TONES.get(tone, _TONES["plain"])
    line = f'<w:tcBorders><w:top w:val="single" w:sz="18" w:space="0" w:color="{colour}"/></w:tcBorders>'
    figure = "CardFigureLong" if len(value) > _LONG_FIGURE else "CardFigure"
    signs = report.values["signs"]
    sign = f"{signs[tone]} " if tone in signs else ""
    texts = (
        paragraph_xml(f"{sign}{card['label']}", "CardLabel"),
        paragraph_xml(value, figure, _CHARACTER_STYLES.get(tone, "")),
        paragraph_xml(str(card["note"]), "CardNote"),
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{line}</w:tcPr>{"".join(texts)}</w:tc>'


def _table(heads: Sequence[Head], rows: Sequence[Sequence[Cell]], spans: Sequence[Head]) -> str:
    widths = _widths(heads)
    top = _row([one.title for one in spans], spans, _spanned(spans, widths), head=True) if spans else ""
    head = _row([one.title for one in heads], heads, widths, head=True)
    body = "".join(_row(row, heads, widths) for row in rows)
    return _opened("ReportTable", widths) + top + head + body + "</w:tbl>"


def _opened(style: str, widths: list[int], *, first_row: bool = True) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {W}><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="{int(first_row)}" w:lastRow="0" '
        f'w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    )


def _row(cells: Sequence[Cell], heads: Sequence[Head], widths: list[int], *, head: bool = False) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    inside = "".join(_cell(cell, one, width, head=head) for cell, one, width in zip(cells, heads, widths, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inside}</w:tr>"


def _cell(cell: Cell, one: Head, width: int, *, head: bool) -> str:
    look = f'<w:gridSpan w:val="{one.span}"/>' if one.span > 1 else ""
    look += '<w:shd w:val="clear" w:color="auto" w:fill="F2F4F3"/><w:vAlign w:val="bottom"/>' if head else ""
    runs = "".join(
        run_xml(text, style) for text, style in ([(cell, "Strong" * head)] if isinstance(cell, str) else cell)
    )
    style, keep = "TableNumber" if one.number else "TableText", "<w:keepNext/>" * head
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{look}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}</w:pPr>{runs}</w:p></w:tc>'
    )


def _widths(heads: Sequence[Head]) -> list[int]:
    """Widths of columns in twentieths of a point, which fill the page together."""
    whole = sum(one.share for one in heads)
    return [round(one.share / whole * WIDTH_MM * _TWIPS_PER_MM) for one in heads]


def _spanned(spans: Sequence[Head], widths: list[int]) -> list[int]:
    found, place = [], 0
    for one in spans:
        found.append(sum(widths[place : place + one.span]))
        place += one.span
    return found
