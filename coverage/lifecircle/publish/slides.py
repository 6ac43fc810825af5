"""Six slides for the meeting: the answer, the map, the gaps, the walks, what to do next; charts can be edited."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecircle.publish.chapters import chapters
from lifecircle.publish.headline import leading_rule, rows_of
from lifecircle.publish.payload import kinds_shown
from lifecircle.publish.pictures import Picture
from lifecircle.publish.plots_tables import floor_area_rule, floor_area_table, gap_table, minutes_table
from lifecircle.publish.slides_charts import MOST_BARS, add_floor_area_chart, add_gap_chart, add_walk_chart
from lifecircle.publish.slides_parts import (
    ACCENT,
    BOTTOM_IN,
    INK,
    INNER_IN,
    LEFT_IN,
    QUIET,
    TONES,
    TOP_IN,
    Box,
    Line,
    add_notes,
    add_rule,
    add_slide,
    add_text,
    anchor,
    blank_deck,
    columns,
    fill,
    shortened,
)
from lifecircle.publish.word_chapters import gap_sentence
from lifecircle.publish.word_package import midnight, write_package, xml_text
from lifecircle.result import Result
from lifecircle.words import both

if TYPE_CHECKING:
    from pptx.presentation import Presentation

_CARDS_A_ROW, _CARD_GAP_IN = 4, 0.35
_LONG_FIGURE = 7  # characters that fit in a card's largest letters
_LONGEST_NAME = 28  # columns of a unit's name in a sentence
_NEXT_STEPS = 5  # lines in each column of the last slide
_NO_MAP = both("没有地图", "There is no map")
_CLAUSES = re.compile(r"[；;]\s*")

Values = dict[str, Any]


def write_slides(result: Result, pictures: Sequence[Picture], path: str | Path) -> Path:
    """Write slides.pptx in the study's language: six slides, whatever the study has.

    Title; the answer in figures; the map of the first rule; floor area missing; walks; what to do next. What does not
    fit on a slide stands in its notes. Charts are native: their numbers are those of `gap_table`, `floor_area_table`
    and `minutes_table`.

    Parameters
    ----------
    result
        The result to print.
    pictures
        Its maps and plots; without the map of the first rule its slide says so.
    path
        The file to write.

    Returns
    -------
    Path of the file; the same bytes for the same result and pictures.

    Examples
    --------
    >>> import tempfile
    >>> import pptx
    >>> import lifecircle as lc
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = write_slides(lc.assess("data/sample"), (), f"{place}/slides.pptx")
    ...     print(len(pptx.Presentation(str(path)).slides))
    6

    """
    path, values = Path(path), chapters(result)
    deck = blank_deck(values)
    _add_title(deck, values)
    _add_answer(deck, values)
    _add_map(deck, values, result, pictures)
    _add_gaps(deck, values, result)
    _add_walks(deck, values, result)
    _add_next(deck, values)
    made = io.BytesIO()
    deck.save(made)
    write_package(path, made.getvalue(), midnight(dt.date.fromisoformat(values["date"])))
    return path


def source_line(values: Values) -> str:
    """Where the figures come from: day, files, streets."""
    parts = (values["words"]["date"] + " " + values["date"], values["source"], values["attribution"])
    return " · ".join(one for one in parts if one)


def _add_title(deck: Presentation, values: Values) -> None:
    slide = deck.slides.add_slide(deck.slide_master.slide_layouts[0])
    title, subtitle = slide.placeholders[0], slide.placeholders[1]
    fill(title.text_frame, [Line(shortened(values["title"], 66), 48, INK, bold=True)])
    anchor(title.text_frame, "bottom")
    add_rule(slide, Box(LEFT_IN, 3.9, 1.6, 0), ACCENT, 4)
    fill(subtitle.text_frame, [Line(values["subtitle"], 24, QUIET, before_pt=14)])
    anchor(subtitle.text_frame, "top")
    held = values["words"]["comma"].join(one["title"] for one in values["standards"])
    colon = both("：", ": ")[values["lang"]]
    told = [Line(shortened(f"{values['words']['assessed_by']}{colon}{held}", 110), 14, QUIET)]
    told.append(Line(shortened(source_line(values), 220), 14, QUIET, before_pt=4))
    add_text(slide, Box(LEFT_IN, 6.2, INNER_IN, 0.8), told)
    add_notes(slide, [source_line(values), held, values["spread"], f"lifecircle {values['version']}"])


def _add_answer(deck: Presentation, values: Values) -> None:
    cards = values["figures"]
    notes = [f"{card['label']} {card['value']} · {card['note']}" for card in cards]
    notes += [values["figures_note"], source_line(values)]
    slide = add_slide(deck, values["headline"], notes, source=source_line(values))
    width = (INNER_IN - (_CARDS_A_ROW - 1) * _CARD_GAP_IN) / _CARDS_A_ROW
    height = (BOTTOM_IN - TOP_IN - 0.3) / 2
    for place, card in enumerate(cards[: 2 * _CARDS_A_ROW]):
        row, column = divmod(place, _CARDS_A_ROW)
        left, top = LEFT_IN + column * (width + _CARD_GAP_IN), TOP_IN + 0.2 + row * (height + 0.1)
        _add_card(slide, Box(left, top, width, height), card, values["signs"])


def _add_card(slide: Any, box: Box, card: Values, signs: dict[str, str]) -> None:
    """A figure in large letters under a line of its tone, with what it counts and a short note."""
    colour, value = TONES.get(card["tone"], INK), card["value"]
    add_rule(slide, Box(box.left, box.top, box.width, 0), colour, 3)
    sign = f"{signs[card['tone']]} " if card["tone"] in signs else ""
    ink = {"unmet": "B92F46", "met": "14615C"}.get(card["tone"], INK)
    label, figure = Box(box.left, box.top + 0.12, box.width, 0.5), Box(box.left, box.top + 0.64, box.width, 0.75)
    add_text(slide, label, [Line(shortened(sign + card["label"], 52), 14, INK)], name=card["label"])
    large = add_text(slide, figure, [Line(value, 44 if len(value) <= _LONG_FIGURE else 28, ink, bold=True)])
    anchor(large.text_frame, "middle")
    note = Box(box.left, box.top + 1.42, box.width, box.height - 1.42)
    add_text(slide, note, [Line(_clauses(card["note"], 110), 12, QUIET)])


def _clauses(text: str, most: int) -> str:
    """As many clauses of a text as fit into so many columns, at least a part of the first."""
    parts = _CLAUSES.split(text)
    kept = parts[0]
    for one in parts[1:]:
        longer = f"{kept}；{one}"
        if columns(longer) > most:
            break
        kept = longer
    return shortened(kept, most)


def _add_map(deck: Presentation, values: Values, result: Result, pictures: Sequence[Picture]) -> None:
    """The map of the first rule's lowest tier with the counts of its verdicts beside it."""
    from pptx.util import Inches

    picture, counts = _leading_map(result, pictures), _leading_counts(result, values)
    lead = leading_rule(result)
    named = values["words"]["maps"] if lead is None else lead.rule.name.model_dump()[values["lang"]]
    title = named if picture is None else picture.title
    notes = [title, picture.caption if picture is not None else "", values["headline"], source_line(values)]
    slide = add_slide(deck, title, notes, source=source_line(values))
    if picture is None:
        add_text(slide, Box(LEFT_IN, TOP_IN + 0.2, 8, 1), [Line(_NO_MAP[values["lang"]], 18, QUIET)])
    else:
        factor = min(8.6 / picture.width_mm, (BOTTOM_IN - TOP_IN) / picture.height_mm)
        sides = (Inches(factor * picture.width_mm), Inches(factor * picture.height_mm))
        shape = slide.shapes.add_picture(io.BytesIO(picture.png), Inches(LEFT_IN), Inches(TOP_IN), *sides)
        described: Any = shape._element.xpath("./p:nvPicPr/p:cNvPr")[0]
        described.set("descr", xml_text(f"{picture.title} {picture.caption}", 300))
        shape.name = xml_text(picture.name, 60)
    for place, (verdict, n) in enumerate(counts):
        top = TOP_IN + 0.15 + place * 1.05
        ink = {"unmet": "B92F46", "met": "14615C"}.get(verdict, QUIET)
        add_rule(slide, Box(9.75, top, 2.9, 0), TONES.get(verdict, INK), 2)
        figure = [Line(f"{n:,}", 34, ink, bold=True)]
        add_text(slide, Box(9.75, top + 0.1, 1.3, 0.8), figure)
        word = f"{values['signs'][verdict]} {values['verdicts'][verdict]}"
        add_text(slide, Box(11.05, top + 0.3, 1.9, 0.5), [Line(word, 16, ink)])


def _leading_map(result: Result, pictures: Sequence[Picture]) -> Picture | None:
    """The map of the first rule at its lowest tier, else the first map; None without maps."""
    maps, lead = [one for one in pictures if one.sort == "map"], leading_rule(result)
    wanted = "" if lead is None else f"map-{lead.standard.id}-{lead.rule.id}-{lead.tier}"
    return next((one for one in maps if one.name == wanted), maps[0] if maps else None)


def _leading_counts(result: Result, values: Values) -> list[tuple[str, int]]:
    """How many units of its lowest tier have which verdict about the first rule; those that none has left out."""
    lead = leading_rule(result)
    if lead is None:
        return []
    rows = rows_of(result, lead)
    found = rows.loc[rows["tier"] == lead.tier, "verdict"].value_counts()
    return [(one, int(found[one])) for one in values["signs"] if one in found]


def _add_gaps(deck: Presentation, values: Values, result: Result) -> None:
    """Floor area missing by subdistrict, and the units that have the least."""
    lang, gaps, areas = values["lang"], gap_table(result), floor_area_table(result)
    card = next((one for one in values["figures"] if "m²" in one["value"]), None)
    title = f"{card['label']} {card['value']}" if card else values["words"]["gaps"]
    notes = [f"{one['name']} · {one['rule']}: {one['gap']}" for one in values["first_gaps"]]
    slide = add_slide(deck, title, [*notes, source_line(values)], source=source_line(values))
    parts = gaps[gaps["unit_id"] != "district"]
    left, right = Box(LEFT_IN, TOP_IN, 5.6, 0.4), Box(LEFT_IN + 6.2, TOP_IN, 5.8, 0.4)
    if not len(parts):
        add_text(slide, left, [Line(values["words"]["no_gaps"], 18, QUIET)])
        return
    head = both("各街道建筑面积缺口(m²)", "Missing by subdistrict (m²)")[lang]
    add_text(slide, left, [Line(head, 15, INK, bold=True)])
    height = min(4.3, 1.1 + 0.75 * min(len(parts), MOST_BARS))
    add_gap_chart(slide, Box(LEFT_IN, TOP_IN + 0.35, 5.6, height), parts, lang)
    rest = len(parts) - MOST_BARS
    more = both(f"另有 {rest:,} 个,见 tables.xlsx", f"{rest:,} more in tables.xlsx")[lang] if rest > 0 else ""
    under = [Line(one, 14, QUIET, before_pt=3) for one in (card["note"] if card else "", more) if one]
    add_text(slide, Box(LEFT_IN, TOP_IN + 0.45 + height, 5.6, 0.6), under)
    if len(areas):
        add_text(slide, right, [Line(_least_title(values, result), 15, INK, bold=True)])
        box = Box(right.left, TOP_IN + 0.35, 5.8, BOTTOM_IN - TOP_IN - 0.4)
        add_floor_area_chart(slide, box, areas, values["signs"], lang)


def _least_title(values: Values, result: Result) -> str:
    """What the bars of units show, and what is asked."""
    found = floor_area_rule(result)
    wanted = None if found is None else (found[0].id, found[1].id)
    asked = next((one for one in values["overview"] if (one["standard"], one["rule_id"]) == wanted), None)
    need = f" · {values['words']['threshold']} {asked['threshold']}" if asked else ""
    return both("每百户建筑面积最少的单元(m²)", "Units with the least m² per 100 households")[values["lang"]] + need


def _add_walks(deck: Presentation, values: Values, result: Result) -> None:
    """Who arrives within how many minutes, and what the limit says."""
    kinds = kinds_shown(result)
    table = minutes_table(result, kinds[0]) if kinds and values["walks"] else None
    card = values["figures"][-2] if values["walks"] and kinds else None
    title = f"{card['label']} {card['value']}" if card else values["words"]["unreached"]
    notes = [card["note"] if card else "", *values["method"][:2], source_line(values)]
    slide = add_slide(deck, title, notes, source=source_line(values))
    if table is None or not len(table) or card is None:
        add_text(slide, Box(LEFT_IN, TOP_IN + 0.2, INNER_IN, 1), [Line(values["no_walks"], 20, QUIET)])
        return
    limit_min = float(result.study.walk.limit_min)
    add_walk_chart(slide, Box(LEFT_IN - 0.1, TOP_IN, 8.4, BOTTOM_IN - TOP_IN), table, limit_min, values["lang"])
    lines = [Line(shortened(one, 120), 15, INK, before_pt=10) for one in _CLAUSES.split(card["note"])[:6]]
    add_text(slide, Box(9.4, TOP_IN + 0.1, 3.3, BOTTOM_IN - TOP_IN), lines)


def _add_next(deck: Presentation, values: Values) -> None:
    """Whom to ask for which number, and what would close the largest gaps."""
    words, missing, gaps = values["words"], values["missing"], values["first_gaps"]
    asked = [one["text"] for one in missing["rows"]] if missing else []
    brief = [row | {"name": shortened(row["name"], _LONGEST_NAME), "rule": "", "short": ""} for row in gaps]
    closing = [gap_sentence(values, row) for row in brief]
    title = both("下一步:先核实,再补足", "Next: find out, then close")[values["lang"]]
    slide = add_slide(deck, title, [*asked, *closing, source_line(values)], source=source_line(values))
    half = (INNER_IN - 0.6) / 2
    for head, said, left in ((words["missing"], asked, LEFT_IN), (words["first_gaps"], closing, LEFT_IN + half + 0.6)):
        lines = [Line(head, 18, ACCENT, bold=True)]
        numbered = [f"{place}. {_clauses(one, 165)}" for place, one in enumerate(said[:_NEXT_STEPS], 1)]
        lines += [Line(one, 14, INK, before_pt=9) for one in numbered or [words["no_rows"]]]
        add_text(slide, Box(left, TOP_IN + 0.1, half, BOTTOM_IN - TOP_IN - 0.1), lines)
