"""Exact numbers with a low and a high end, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import isnan
from typing import Literal

Judgement = Literal["met", "unmet", "unknown"]


@dataclass(frozen=True)
class Interval:
    """A number that lies between `low` and `high`, both included; `high` None means that no upper end is known."""

    low: Fraction
    high: Fraction | None

    @property
    def known(self) -> bool:
        """Whether both ends agree."""
        return self.low is self.high or self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        if self.low is self.high and other.low is other.high:
            return known(self.low + other.low)
        high = None if self.high is None or other.high is None else self.high + other.high
        return Interval(self.low + other.low, high)

    def times(self, share: Fraction) -> Interval:
        """The interval of a share (0 or more) of the number."""
        if share == 0 or share == 1:
            return self if share else ZERO
        if self.low is self.high:
            return known(self.low * share)
        return Interval(self.low * share, None if self.high is None else self.high * share)

    def per(self, other: Interval) -> Interval:
        """The interval of this number divided by another that is independent of it, both 0 or more; 0 stays 0.

        >>> Interval(Fraction(6), Fraction(6)).per(Interval(Fraction(2), None))
        Interval(low=Fraction(0, 1), high=Fraction(3, 1))
        """
        if self.low is self.high and other.low is other.high and other.low:
            return known(self.low / other.low)
        if self.high == 0:
            return ZERO
        low = Fraction(0) if not other.high else self.low / other.high
        high = None if self.high is None or other.low == 0 else self.high / other.low
        return Interval(low, high)

    def shortfall(self, needed: Interval) -> Interval:
        """How much is missing to what is needed, 0 where nothing is."""
        if self.low is self.high and needed.low is needed.high:
            return known(needed.low - self.low) if needed.low > self.low else ZERO
        low = Fraction(0) if self.high is None else max(Fraction(0), needed.low - self.high)
        high = None if needed.high is None else max(Fraction(0), needed.high - self.low)
        return Interval(low, high)


def known(number: Fraction) -> Interval:
    """A number that is known: both ends are the very same, which makes reckoning with it quick."""
    return Interval(number, number)


ZERO = known(Fraction(0))


@lru_cache(maxsize=65_536)
def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is one tenth.

    >>> exact(812.35)
    Fraction(16247, 20)
    """
    number = float(number)
    return Fraction(int(number)) if number.is_integer() else Fraction(Decimal(repr(number)))


def measured(number: float, unknown: tuple[float, float] | None) -> Interval:
    """A number of a table, or, where it is NaN, the range it can lie in: from 0 up where the study states none."""
    if not isnan(number):
        return known(exact(number))
    return Interval(Fraction(0), None) if unknown is None else Interval(exact(unknown[0]), exact(unknown[1]))


def total(parts: list[Interval]) -> Interval:
    """The sum of independent numbers.

    >>> total([]) == ZERO
    True
    """
    if len(parts) == 1:
        return parts[0]
    low = sum((part.low for part in parts), Fraction(0))
    if all(part.low is part.high for part in parts):
        return known(low)
    highs = [part.high for part in parts]
    return Interval(low, None if None in highs else sum((high for high in highs if high is not None), Fraction(0)))


def judge(figure: Interval, operator: str, threshold: Fraction) -> Judgement:
    """`met` or `unmet` where both ends agree, else `unknown`; exactly the threshold is met.

    >>> judge(Interval(Fraction(35), Fraction(35)), ">=", Fraction(35))
    'met'
    """
    if operator == ">=":
        sure, impossible = figure.low >= threshold, figure.high is not None and figure.high < threshold
    else:
        sure, impossible = figure.high is not None and figure.high <= threshold, figure.low > threshold
    return "met" if sure else "unmet" if impossible else "unknown"


def shown(number: Fraction | None, *, decimals: int = 2, up: bool = False) -> str:
    """A number for people, cut and not rounded so that it never looks better than it is; ∞ where there is none.

    >>> shown(Fraction("34.996")), shown(Fraction("34.996"), up=True), shown(Fraction(1200), decimals=0)
    ('34.99', '35.00', '1,200')
    """
    if number is None:
        return "∞"
    scale = 10**decimals
    whole = number.numerator * scale // number.denominator
    if up:
        whole = -(-number.numerator * scale // number.denominator)
    units, rest = divmod(abs(whole), scale)
    sign = "-" if whole < 0 else ""
    return f"{sign}{units:,}.{rest:0{decimals}d}" if decimals else f"{sign}{units:,}"


def shown_range(figure: Interval | None, *, decimals: int = 2, up: bool = False) -> str:
    """A number, or its low and high end where these read differently: `12.00–40.10`, `≥ 12.00`."""
    if figure is None:
        return "—"
    low = shown(figure.low, decimals=decimals, up=up)
    if figure.high is None:
        return f"≥ {low}"
    high = shown(figure.high, decimals=decimals, up=up)
    return low if low == high else f"{low}–{high}"
