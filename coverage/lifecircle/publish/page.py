"""The report page: one HTML file with the answer, the map, every unit, every verdict and its reason."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from lifecircle.publish.grids import by_unit, grids_of
from lifecircle.publish.headline import VERDICTS
from lifecircle.publish.messages import MESSAGES, SAID_BY_SCRIPT, SIGNS
from lifecircle.publish.method import NO_WALKS
from lifecircle.publish.page_packing import holders, packed, reasons
from lifecircle.words import term

Rows = list[Mapping[str, Any]]

ASSETS = Path(__file__).with_name("assets")
SECTIONS = (
    "answer", "map", "units", "missing", "verdicts", "reachable", "equity", "circles", "facilities", "unreached",
    "faults", "standards", "method", "manifest",
)  # fmt: skip
SCRIPTS = ("page_data.js", "page_table.js", "page_unit.js", "page.js")


def page_html(report: Mapping[str, Any], map_html: str) -> str:
    """The report as the text of one HTML file that loads nothing.

    Parameters
    ----------
    report
        The result as plain values, every text in Chinese and English.
    map_html
        The page of the map, kept whole in a frame; without one the overview stands in its place.

    Returns
    -------
    str
        The same text for the same arguments.
    """
    rows, lang, grids = report["verdict_rows"], report["lang"], grids_of(report)
    lacking = {name for name in ("missing", "reachable", "equity", "circles") if report[name] is None}
    lacking |= set() if map_html or report["overview"] else {"map"}
    n_binding = sum(row["binds"] for row in rows)
    return _template().render(
        report=report,
        lang=lang,
        words=MESSAGES,
        signs=SIGNS,
        verdict_words={one: term("verdict", one) for one in VERDICTS},
        map_html=map_html,
        sections=[one for one in SECTIONS if one not in lacking],
        no_walks=NO_WALKS,
        grids=grids,
        by_standard=_with_verdicts(report["standards"], rows),
        n_binding=n_binding,
        n_reference=len(rows) - n_binding,
        standards=[(one["id"], one["title"]) for one in report["standards"]],
        tiers=_choices(rows, "tier_id", "tier"),
        unit_tiers=_choices(report["unit_rows"], "tier_id", "tier"),
        verdicts=_choices(rows, "verdict_id", "verdict"),
        unit_verdicts=_led_verdicts(report["unit_rows"]),
        rules=_rules(report["standards"], rows),
        kinds=list({row["kind"][lang]: row["kind"] for row in report["unreached_rows"]}.items()),
        facility_kinds=list({row["kind"][lang]: row["kind"] for row in report["facility_rows"]}.items()),
        data=holders([packed(grids, _beside(report))])[0],
        reasons=holders(reasons(by_unit(rows, report))),
        style=(ASSETS / "page.css").read_text(encoding="utf-8"),
        script="\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS),
    )


def _beside(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script needs beside the tables: words, verdicts, tiers, and each unit's outline."""
    units = report["unit_rows"]
    tiers = dict.fromkeys(row["tier_id"] for row in units)
    return {
        "words": {key: list(MESSAGES[key].values()) for key in SAID_BY_SCRIPT},
        "verdicts": {one: [SIGNS[one], *term("verdict", one).values()] for one in VERDICTS},
        "tiers": {one: list(term("tier", one).values()) for one in tiers},
        "title": list(report["title"].values()),
        "lead": list(report["lead_rule"].values()),
        "shapes": [[row["path"], *row["box"]] if row["path"] else 0 for row in units],
    }


@cache
def _template() -> Template:
    """The template of the page; whatever it prints is escaped."""
    environment = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html")


def _with_verdicts(standards: Rows, rows: Rows) -> Rows:
    """The standards that have verdicts: what one says stands apart from the others."""
    found = {row["standard"] for row in rows}
    return [one for one in standards if one["id"] in found]


def _rules(standards: Rows, rows: Rows) -> list[tuple[Mapping[str, str], list[tuple[str, Any]]]]:
    """The rules to choose from, by standard, those that bind before those for reference."""
    groups: list[tuple[Mapping[str, str], list[tuple[str, Any]]]] = []
    for standard in _with_verdicts(standards, rows):
        zh, en = standard["title"]["zh"], standard["title"]["en"]
        own = [row for row in rows if row["standard"] == standard["id"]]
        for binds, title in ((True, {"zh": zh, "en": en}), (False, {"zh": f"参考:{zh}", "en": f"For reference: {en}"})):
            found = {f"{row['standard']}/{row['rule_id']}": row["rule"] for row in own if row["binds"] == binds}
            groups += [(title, list(found.items()))] if found else []
    return groups


def _choices(rows: Rows, key: str, text: str) -> list[tuple[str, Any]]:
    """Distinct values of a column with their words, in order of appearance."""
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row[key], row[text])
    return list(found.items())


def _led_verdicts(units: Rows) -> list[tuple[str, Any]]:
    """The verdicts of the leading rule that units have."""
    there = {row["verdict_id"] for row in units}
    return [(one, term("verdict", one)) for one in VERDICTS if one in there]
