"""What groups of people are called, and why one is not shown."""

from __future__ import annotations

from lifecircle.result import Result
from lifecircle.suppression import COMPLEMENT, SMALL
from lifecircle.words import Words, both, term


def people_words(result: Result) -> Words:
    """What groups are counted in."""
    return both("户", "households") if result.study.equity.of == "households" else both("人", "people")


def dimension_name(dimension: str) -> Words:
    """What groups are told apart by; what only the study knows is called as it calls it.

    >>> dimension_name("elderly"), dimension_name("住房类型")["en"]
    ({'zh': '老年', 'en': 'elderly'}, '住房类型')
    """
    return term("group", dimension)


def group_name(dimension: str, group: str) -> Words:
    """A group as people read it.

    >>> group_name("urban_rural", "rural")["zh"], group_name("elderly", "others")["zh"]
    ('农村', '其他')
    """
    return term("urban_rural" if dimension == "urban_rural" and group != "unknown" else "group", group)


def hidden_text(result: Result, why: str) -> Words:
    """Why a group is not shown; empty where it is."""
    least, people = result.study.equity.least, people_words(result)
    texts = {
        SMALL: both(f"少于 {least} {people['zh']},不显示", f"fewer than {least}, not shown"),
        COMPLEMENT: both("为免推算,不显示", "not shown, lest a smaller one be worked out"),
    }
    return texts.get(why, both("", ""))
