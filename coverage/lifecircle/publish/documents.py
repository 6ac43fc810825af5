"""The standards as the report page tells them: document, standing, size of a circle, and every rule."""

from __future__ import annotations

from typing import Any

from lifecircle.publish.binding import binding_rules
from lifecircle.publish.standards_table import circle_text
from lifecircle.result import Result
from lifecircle.standards import Rule, Standard
from lifecircle.study import kind_name
from lifecircle.words import Words, both, term


def document_rows(result: Result) -> list[dict[str, Any]]:
    """Each standard of the study with its citation, validity, source and rules."""
    return [_document(result, one) for one in result.standards]


def _document(result: Result, one: Standard) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title.model_dump(),
        "number": one.citation,
        "issuer": one.issuer,
        "date": one.date.isoformat() if one.date else "",
        "status": term("standing", one.status),
        "valid": _validity(one),
        "scope": both(f"适用:{one.scope.zh}", f"for {one.scope.en}"),
        "circle": _circle(one),
        "source": one.source.model_dump(),
        "rules": [_rule(result, one, rule) for rule in one.rules],
    }


def _validity(one: Standard) -> Words:
    """From when until when a document is in force; empty where neither is known."""
    start, end = one.valid_from, one.valid_until
    if start and end:
        return both(f"有效期 {start} 至 {end}", f"valid {start} to {end}")
    if start:
        return both(f"自 {start} 起施行", f"valid from {start}")
    return both(f"有效期至 {end}", f"valid until {end}") if end else both("", "")


def _circle(one: Standard) -> Words:
    """How large a circle is to be; empty where the document does not say."""
    size = circle_text(one.circle)
    return both(f"片区规模:{size['zh']}", f"a circle of {size['en']}") if one.circle else both("", "")


def _rule(result: Result, standard: Standard, rule: Rule) -> dict[str, Any]:
    """A rule's text with the kinds that it looks at, its clause, and how it stands on the day of the assessment."""
    kinds = [kind_name(result.study, kind) for kind in rule.kinds]
    zh = f"(类别:{'、'.join(kind['zh'] for kind in kinds)})" if kinds else ""
    en = f" (kinds: {', '.join(kind['en'] for kind in kinds)})" if kinds else ""
    return {
        "id": rule.id,
        "text": both(rule.text.zh + zh, rule.text.en + en),
        "clause": standard.clause(rule),
        "standing": _standing(standard, rule, result),
        "binds": (standard.id, rule.id) in binding_rules(result),
    }


def _standing(standard: Standard, rule: Rule, result: Result) -> Words:
    """In force, draft and so on; a recommendation and a later goal are said beside."""
    said = [term("standing", standard.standing(rule, result.study.study.date))]
    said += [both("倡导性", "advisory")] if rule.advisory else []
    due = rule.target_date or rule.target_year
    said += [both(f"目标 {due}", f"goal for {due}")] if due else []
    return both(" · ".join(one["zh"] for one in said), " · ".join(one["en"] for one in said))
