"""Shares of a facility over the units it serves."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

_SHARE = re.compile(r"0*1(\.0*)?|0*\.\d{1,20}|0+(\.\d{1,20})?")  # up to 1, with at most 20 decimals


def parse_shares(text: str) -> dict[str, Decimal] | None:
    """Unit and share from text such as `B0103:0.6;B0104:0.4`; None if it says something else.

    A unit alone has share 1; shares lie above 0 and sum to at most 1.

    >>> parse_shares("B0103:0.6;B0104:0.4")
    {'B0103': Decimal('0.6'), 'B0104': Decimal('0.4')}
    >>> parse_shares("B0103:0.6;B0104:0.6") is None
    True
    """
    shares: dict[str, Decimal] = {}
    for part in re.split(r"[;；]", text.strip()) if text.strip() else []:
        unit_id, separator, number = (piece.strip() for piece in part.replace("：", ":").partition(":"))
        number = unicodedata.normalize("NFKC", number)
        if not unit_id or unit_id in shares or (separator and not _SHARE.fullmatch(number)):
            return None
        shares[unit_id] = Decimal(number) if separator else Decimal(1)
    within = all(share > 0 for share in shares.values()) and sum(map(Fraction, shares.values())) <= 1
    return shares if within else None
