"""What the report page says, as plain values printed from the result."""

from __future__ import annotations

from typing import Any

from lifecircle import __version__
from lifecircle.publish.cards import cards, cards_note
from lifecircle.publish.circles import circles_section
from lifecircle.publish.documents import document_rows
from lifecircle.publish.equity import equity_section
from lifecircle.publish.headline import headline, leading_rule
from lifecircle.publish.method import manifest_rows, method_texts
from lifecircle.publish.minimap import drawn_units, grid_of, overview
from lifecircle.publish.payload import attribution, has_walks, report_title, source_text
from lifecircle.publish.placed import spread_note
from lifecircle.publish.sections import facility_rows, fault_rows, missing_section, reachable_section, unreached_rows
from lifecircle.publish.tallies import lead_counts, lead_words, parent_counts, rule_counts
from lifecircle.publish.unit_pages import facility_places, unit_rows
from lifecircle.publish.verdicts import verdict_rows
from lifecircle.result import Result
from lifecircle.words import Words, both


def report_values(result: Result) -> dict[str, Any]:
    """The report's contents: the answer first, then units, verdicts, groups, facilities, gaps in reach, faults.

    `headline` is the answer in one sentence, `figures` are the cards under it and `figures_note` says of which standard
    they speak. A section that a study has nothing for is None: `missing` where no verdict is unknown, `reachable` where
    nobody's walks are known, `equity` where there are no groups to compare, `circles` where none were made.
    `projected` is the later day of the second figure, empty where the study asks for none; `spread` says which
    households were placed by their unit's total, empty where none were.
    """
    later, lead, grid = result.study.study.projected, leading_rule(result), grid_of(result)
    drawn = drawn_units(result, grid)
    return {
        "lang": result.study.study.language,
        "title": report_title(result.study),
        "subtitle": _subtitle(result),
        "date": result.study.study.date.isoformat(),
        "projected": later.isoformat() if later else "",
        "source": source_text(result),
        "attribution": attribution(result.study),
        "version": __version__,
        "walks": has_walks(result),
        "spread": spread_note(result),
        "headline": headline(result),
        "figures": cards(result),
        "figures_note": cards_note(result),
        "lead": lead_words(lead),
        "lead_rule": lead.rule.name.model_dump() if lead else both("", ""),
        "lead_counts": lead_counts(result, lead),
        "by_parent": parent_counts(result, lead),
        "by_rule": rule_counts(result),
        "overview": overview(result, lead, grid, drawn),
        "unit_rows": unit_rows(result, lead, drawn),
        "missing": missing_section(result),
        "verdict_rows": verdict_rows(result),
        "reachable": reachable_section(result),
        "equity": equity_section(result),
        "circles": circles_section(result),
        "facility_rows": facility_rows(result),
        "facility_places": facility_places(result, grid),
        "unreached_rows": unreached_rows(result),
        "fault_rows": fault_rows(result),
        "standards": document_rows(result),
        "method": method_texts(result),
        "manifest": manifest_rows(result),
    }


def _subtitle(result: Result) -> Words:
    if not has_walks(result):
        return both("社区服务设施:逐条对照标准", "Community services, held to each rule")
    return both("15分钟社区生活圈:设施面积与步行可达", "The 15-minute life circle: floor area and walking reach")
