"""Figures, gaps and lists of facilities as people read them, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from lifecircle.intervals import ZERO, Interval, exact, shown, shown_range
from lifecircle.ledger import Entry
from lifecircle.standards import Rule
from lifecircle.words import Words, both, term

_NAMED = 6  # facilities named one by one; more are summed up
_DECIMALS = {"facilities": 0, "m": 1}  # of figures, by what they are measured in; others have two
_GAP_DECIMALS = {"m2": 2}  # of gaps; others are counted
_ONE = {"facilities": "facility", "households": "household", "services": "service", "units": "unit"}
_NO_DAY = both("启用日期不详", "day unknown")
_SIGNS = {"facilities": both(" 处", ""), "m": both(" m", " m")}


def figure_text(figure: Interval | None, measured_in: str, *, up: bool = False) -> str:
    """A figure as people read it: shares in percent, square metres with two decimals, cut on the unlucky side."""
    share = figure is not None and measured_in.startswith("share")
    if share and figure is not None:
        figure = figure.times(Fraction(100))
    text = shown_range(figure, decimals=_DECIMALS.get(measured_in, 2), up=up)
    return f"{text}%" if share else text


def threshold_text(rule: Rule) -> str:
    """The threshold as people read it, such as 35 or 85%; a dash where the document gives none."""
    if rule.value is None:
        return "—"
    share = rule.unit.startswith("share")
    return f"{Decimal(repr(float(exact(rule.value) * (100 if share else 1)))).normalize():,f}{'%' if share else ''}"


def sign(measured_in: str) -> Words:
    """What stands behind a figure: m² or another unit; nothing behind a share, which bears its percent sign."""
    if measured_in.startswith("share"):
        return both("", "")
    return _SIGNS.get(measured_in, both(" m²", " m²"))


def gap_text(gap: Interval | None, gap_in: str) -> Words:
    """What is missing, in both languages; empty where nothing is or nothing is asked."""
    if gap is None or gap.high == 0:
        return both("", "")
    unit, decimals = term("gap_in", gap_in), _GAP_DECIMALS.get(gap_in, 0)
    text = shown_range(gap, decimals=decimals, up=True)
    unit = both(unit["zh"], _ONE.get(gap_in, unit["en"]) if text == "1" else unit["en"])
    if gap.low == 0 and not gap.known:
        top = shown(gap.high, decimals=decimals, up=True)
        if gap.high is None:
            return both("缺口不定", "gap unknown")
        return both(f"至多缺 {top} {unit['zh']}", f"at most {top} {unit['en']} short")
    return both(f"缺 {text} {unit['zh']}", f"{text} {unit['en']} short")


def households_text(number: Interval) -> Words:
    """Households of a unit, with their bounds where they are unknown."""
    text = shown_range(number, decimals=0)
    if number.known:
        return both(f"常住 {text} 户", f"{text} households")
    return both(f"户数不详({text})", f"households unknown ({text})")


def area_text(area: Interval) -> Words:
    """Square metres, or that they are unknown."""
    if area.known:
        return both(f"{shown(area.low)} m²", f"{shown(area.low)} m²")
    return both("面积不详", "area unknown")


def listed(parts: Sequence[tuple[Entry, Interval]]) -> Words:
    """Facilities with their square metres, unknown ones first, then the largest; some by name, the others counted."""
    ordered = sorted(parts, key=lambda part: (part[1].known, -float(part[1].low), part[0].facility_id))
    texts = [(entry.name, area_text(area)) for entry, area in ordered[:_NAMED]]
    rest = len(ordered) - len(texts)
    zh = "、".join(f"{name} {area['zh']}" for name, area in texts)
    en = ", ".join(f"{name} {area['en']}" for name, area in texts)
    return both(f"{zh}等,另 {rest} 处", f"{en} and {rest} more") if rest > 0 else both(zh, en)


def to_come(parts: Sequence[tuple[Entry, Interval | None]]) -> Words:
    """Facilities that do not serve yet, with their square metres if asked for, and the day from which they can."""
    texts = []
    for entry, area in parts[:_NAMED]:
        said = both("", "") if area is None else {lang: f" {text}" for lang, text in area_text(area).items()}
        day = both(f"{entry.opens_on} 起", f"from {entry.opens_on}") if entry.opens_on else _NO_DAY
        texts.append(both(f"{entry.name}{said['zh']}({day['zh']})", f"{entry.name}{said['en']} ({day['en']})"))
    return both("、".join(one["zh"] for one in texts), ", ".join(one["en"] for one in texts))


def named(entries: Iterable[Entry]) -> Words:
    """Names of facilities; some, the others counted."""
    names = [entry.name for entry in entries]
    rest = len(names) - _NAMED
    zh, en = "、".join(names[:_NAMED]), ", ".join(names[:_NAMED])
    return both(f"{zh}等,另 {rest} 处", f"{en} and {rest} more") if rest > 0 else both(zh, en)


def kinds_text(kinds: Iterable[str], names: Mapping[str, Words]) -> Words:
    """Kinds as the study calls them."""
    found = [names.get(kind) or term("kind", kind) for kind in kinds]
    return both("、".join(one["zh"] for one in found), ", ".join(one["en"] for one in found))


def spread_text(number: Fraction, everybody: Interval, over: str) -> Words:
    """That households were spread from totals, how many of all, and over what; empty where none were.

    >>> print(spread_text(Fraction(30), Interval(Fraction(40), Fraction(40)), "streets")["en"].strip())
    Of the households, 30 (75.00%) have no known dwelling: their unit's total is spread over walkable streets.
    """
    if not number:
        return both("", "")
    n, what = shown(number, decimals=0), term("over", over) if over else both("其范围", "its area")
    share = f"{shown(number / everybody.low * 100, up=True)}%" if everybody.known and everybody.low else ""
    zh, en = (f"({share})", f" ({share})") if share else ("", "")
    return both(
        f"住户中有 {n} 户{zh}没有居住点资料,位置由单元总户数按{what['zh']}摊算。",
        f"Of the households, {n}{en} have no known dwelling: their unit's total is spread over {what['en']}. ",
    )


def nothing_to_measure(households: Interval) -> Words | None:
    """That nobody lives there; None where somebody does or may."""
    return both("没有住户,不计算。", "No households: nothing to measure. ") if households == ZERO else None
