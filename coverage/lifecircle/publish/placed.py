"""What hangs on households whose places come from totals: the mark that such figures bear, and what it means."""

from __future__ import annotations

from lifecircle.intervals import exact, shown
from lifecircle.result import Result
from lifecircle.words import Words, both, term

MARK = "≈"


def has_spread(result: Result) -> bool:
    """Whether households of units were spread because their totals alone are known."""
    return bool(result.summary["households"]["spread"])


def marked(text: str, households: float) -> str:
    """A figure with the mark where households in it were spread from totals.

    >>> marked("85%", 12.0), marked("85%", 0.0)
    ('≈ 85%', '85%')
    """
    return f"{MARK} {text}" if households and text else text


def spread_share_text(result: Result) -> Words:
    """In short, how many households were spread, and their share of those known; empty where none were."""
    if not has_spread(result):
        return both("", "")
    n, share = _counted(result)
    return both(f"{MARK} 含摊算 {n} 户({share})", f"{MARK} {n} households spread ({share})")


def spread_note(result: Result) -> Words:
    """How many households were spread over what, and which figures bear the mark; empty where none were."""
    if not has_spread(result):
        return both("", "")
    n, share = _counted(result)
    known = shown(exact(result.summary["households"]["known"]), decimals=0)
    over = result.study.spread.over if result.study.spread else ""
    what = term("over", over) if over else both("其范围", "its area")
    return both(
        f"居住点户数 {known} 户中有 {n} 户({share})没有居住点资料,由单元总户数按{what['zh']}摊算位置;"
        f"单元户数不受影响,凡取决于居住位置的数字(步行可达、可达面积、公平、平均步行)含此摊算,标 {MARK}。",
        f"Of {known} households by dwelling, {n} ({share}) have no known dwelling: their unit's total is spread over "
        f"{what['en']}. Totals of units stay as they are; figures that hang on where people live (reach, area within "
        f"reach, equity, mean walks) rest on it and are marked {MARK}.",
    )


def _counted(result: Result) -> tuple[str, str]:
    """Households that were spread, and their share of those known, cut upward."""
    households = result.summary["households"]
    share = exact(households["spread"]) / exact(households["known"]) * 100
    return shown(exact(households["spread"]), decimals=0), f"{shown(share, up=True)}%"
