"""The first chapters of a Word report: title, answer, maps and plots, verdicts by subdistrict, gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from lifecircle.places import lineage, parents_of_units
from lifecircle.publish.pictures import Picture
from lifecircle.publish.word_parts import Report, add_heading, add_paragraph, add_picture
from lifecircle.publish.word_styles import MARGIN_MM, PAGE_MM, WIDTH_MM, set_page
from lifecircle.publish.word_tables import Cell, Head, add_cards, add_table, verdict_runs
from lifecircle.result import Result
from lifecircle.words import both

_RULES_ABREAST = 3  # rules that stand side by side in one table
_UNDER_MM = 34  # of a page of maps: heading and caption
_PLOT_MM = 200  # the highest plot, so that heading and caption stay on its page
_INDENT = "\u3000"  # a space as wide as a character
_NEAR = both("时限附近", "Near the limit")
_DEPTHS = {"circle": 1, "neighbourhood": 2}

Row = dict[str, Any]
Rule = tuple[str, str]


def add_title(report: Report) -> None:
    """Append the title page."""
    values, colon = report.values, "：" if report.values["lang"] == "zh" else ": "
    add_paragraph(report, values["title"], "Title")
    add_paragraph(report, values["subtitle"], "Subtitle")
    add_paragraph(report, f"{report.word('date')}{colon}{values['date']}")
    held = report.word("comma").join(one["title"] for one in values["standards"])
    add_paragraph(report, f"{report.word('assessed_by')}{colon}{held}")
    add_paragraph(report, values["source"], "Quiet")
    if values["attribution"]:
        add_paragraph(report, f"{report.word('streets_by')}{colon}{values['attribution']}", "Quiet")
    add_paragraph(report, values["spread"], "Quiet")
    add_paragraph(report, f"{report.word('made_by')}{colon}lifecircle {values['version']}", "Quiet")


def add_answer(report: Report) -> None:
    """Append the page that a leader reads: the answer, its figures, the largest gaps, whom to ask for which number."""
    values = report.values
    add_heading(report, report.word("answer"), 1, new_page=True)
    add_paragraph(report, values["headline"], "Headline")
    add_cards(report)
    add_paragraph(report, "" if values["walks"] else values["no_walks"], "Quiet")
    add_heading(report, report.word("first_gaps"), 3)
    for row in values["first_gaps"]:
        add_paragraph(report, gap_sentence(values, row), "ListBullet")
    add_paragraph(report, "" if values["first_gaps"] else report.word("no_gaps"))
    if values["missing"] is not None:
        add_heading(report, report.word("missing"), 3)
        for row in values["missing"]["rows"]:
            add_paragraph(report, f"{row['text']} ({row['key']})", "ListNumber")
        add_paragraph(report, values["missing"]["note"], "Quiet")


def gap_sentence(values: Mapping[str, Any], row: Row) -> str:
    """A gap in one sentence: where, what is missing, what would close it."""
    comma, stop = ("，", "。") if values["lang"] == "zh" else (", ", ". ")
    figure = f"{row['rule']} {row['shown']} ({values['words']['threshold']} {row['threshold']})"
    told = comma.join(one for one in (row["name"], figure, row["gap"], row["short"]) if one)
    return stop.join(one for one in (told, row["closing"] or values["words"]["ask_first"]) if one) + stop.strip()


def add_overview(report: Report) -> None:
    """Append how many units of each tier each binding rule finds met, unmet and unknown."""
    values = report.values
    add_heading(report, report.word("overview"), 1)
    verdicts = [one for one in values["verdicts"] if one != "reference"]
    heads = [Head(report.word("rule"), 5), Head(report.word("threshold"), 2.6), Head(report.word("tier"), 2.2)]
    heads += [Head(f"{values['signs'][one]} {values['verdicts'][one]}", 1.6, number=True) for one in verdicts]
    rows = [
        [row["rule"], f"{row['threshold']} {row['measured_in']}".strip(), row["tier"]]
        + [f"{row['n'].get(one, 0):,}" for one in verdicts]
        for row in values["overview"]
    ]
    add_table(report, report.word("verdicts_by_rule"), heads, rows)


def add_pictures(report: Report, pictures: Sequence[Picture]) -> None:
    """Append maps, each on a page of its own turned as the map is, then plots on upright pages."""
    maps = [one for one in pictures if one.sort == "map"]
    for wide, own in groupby(maps, key=lambda one: one.width_mm > one.height_mm):
        _turn(report, landscape=wide)
        for picture in own:
            if picture is maps[0]:
                add_heading(report, report.word("maps"), 1)
            width, height = PAGE_MM[::-1] if wide else PAGE_MM
            add_picture(report, picture, (width - 2 * MARGIN_MM, height - 2 * MARGIN_MM - _UNDER_MM))
    _turn(report, landscape=False)
    plots = [one for one in pictures if one.sort == "plot"]
    if plots:
        add_heading(report, report.word("plots"), 1)
    for picture in plots:
        add_picture(report, picture, (WIDTH_MM, _PLOT_MM))


def _turn(report: Report, *, landscape: bool) -> None:
    """Begin a new page that is upright or on its side, unless the last one is so already."""
    from docx.enum.section import WD_ORIENT, WD_SECTION

    now = report.document.sections[-1]
    if (now.orientation == WD_ORIENT.LANDSCAPE) != landscape:
        section = report.document.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False
        set_page(section, landscape=landscape)


def add_places(report: Report, result: Result) -> None:
    """Append the verdicts of each subdistrict's units, units above before those inside them, some rules abreast."""
    add_heading(report, report.word("places"), 1)
    add_paragraph(report, report.values["places_left_out"] or "", "Quiet")
    order = _nested(result)
    for place in report.values["places"]:
        add_heading(report, place["name"], 2)
        units = sorted(place["units"], key=lambda unit: order.get(unit["rows"][0]["unit_id"], ()))
        rows = [row for unit in units for row in unit["rows"]]
        for binds in (True, False):
            own = [row for row in rows if row["binds"] == binds]
            for rules in _abreast(own):
                _add_abreast(report, place["name"], own, rules)


def _abreast(rows: list[Row]) -> list[list[Rule]]:
    """Rules that stand in one table: a few together, one that tells of its limit's neighbourhood alone."""
    rules = list(dict.fromkeys((row["standard"], row["rule_id"]) for row in rows))
    long = {(row["standard"], row["rule_id"]) for row in rows if row["edge"]}
    short = [rule for rule in rules if rule not in long]
    together = [short[first : first + _RULES_ABREAST] for first in range(0, len(short), _RULES_ABREAST)]
    return together + [[rule] for rule in rules if rule in long]


def _nested(result: Result) -> dict[str, tuple[int, ...]]:
    """Where each unit stands when every unit comes before those inside it."""
    units = result.tables.units
    position = {unit_id: place for place, unit_id in enumerate(units["unit_id"])}
    lines = lineage(parents_of_units(units, result.dwellings))
    return {unit_id: tuple(position[above] for above in line[::-1]) for unit_id, line in lines.items()}


def _add_abreast(report: Report, place: str, rows: list[Row], rules: list[Rule]) -> None:
    """A table with a unit to a row and some rules side by side: each unit's figure and verdict."""
    units: dict[str, dict[Rule, Row]] = {}
    first: dict[Rule, Row] = {}
    for row in rows:
        rule = (row["standard"], row["rule_id"])
        if rule in rules:
            units.setdefault(row["unit_id"], {})[rule] = first.setdefault(rule, row) and row
    edges = any(row["edge"] for own in units.values() for row in own.values())
    wide = 3 if edges else 2
    spans = [Head("", 3.7), *(Head(_rule_title(report, first[rule]), 4.05, span=wide) for rule in rules)]
    heads = [Head(report.word("unit"), 3.7)]
    for _ in rules:
        heads += [Head(report.word("value"), 2.35, number=True), Head(report.word("verdict"), 1.7)]
        heads += [Head(_NEAR[report.values["lang"]], 7)] if edges else []
    body = [_unit_cells(report, own, rules, edges=edges) for own in units.values()]
    names = report.word("comma").join(first[rule]["rule"] for rule in rules)
    aside = "" if first[rules[0]]["binds"] else f" ({report.word('for_reference')})"
    add_table(report, f"{place} · {names}{aside}", heads, body, spans=spans)


def _rule_title(report: Report, row: Row) -> str:
    basis = f" · {row['basis']}" if row["basis"] else ""
    return f"{row['rule']}{basis} {row['threshold']} {row['measured_in']}".strip()


def _unit_cells(report: Report, own: dict[Rule, Row], rules: list[Rule], *, edges: bool) -> list[Cell]:
    one = next(iter(own.values()))
    depth = _DEPTHS.get(one["tier_id"], 0)
    cells: list[Cell] = [[(_INDENT * depth + one["name"], "" if depth else "Strong")]]
    for rule in rules:
        row = own.get(rule)
        verdict = verdict_runs(report, row["verdict_id"], row["verdict"]) if row else ""
        cells += [row["shown"] if row else "", verdict, *([row["edge"] if row else ""] if edges else [])]
    return cells


def add_gaps(report: Report) -> None:
    """Append every gap under its rule, the largest first, with what would close it."""
    values = report.values
    add_heading(report, report.word("gaps"), 1)
    later = values["projected"]
    heads = [
        Head(report.word("unit"), 2.6),
        Head(report.word("value"), 2, number=True),
        Head(report.word("verdict"), 1.7),
        Head(report.word("gap"), 2.8),
        Head(report.word("closing"), 5.6),
    ]
    heads += [Head(values["by_date"], 2.3, number=True)] if later else []
    for group in values["gaps"]:
        add_heading(report, group["rule"], 2)
        title = f"{report.word('gap')} · {_rule_title(report, group)}"
        add_table(report, title, heads, [_gap_cells(report, row) for row in group["rows"]])
    add_paragraph(report, "" if values["gaps"] else report.word("no_gaps"))
    add_paragraph(report, values["gaps_left_out"] or "", "Quiet")


def _gap_cells(report: Report, row: Row) -> list[Cell]:
    gap: Cell = [(row["gap"], ""), (f" {row['short']}" if row["short"] else "", "Aside")]
    verdict = verdict_runs(report, row["verdict_id"], row["verdict"])
    closing: Cell = row["closing"] or [(report.word("ask_first"), "Aside")]
    cells: list[Cell] = [row["name"], row["shown"], verdict, gap, closing]
    if report.values["projected"]:
        sign = report.values["signs"].get(row["projected_id"], "?")
        cells.append(f"{row['projected']} {sign}" if row["projected"] else "")
    return cells
