"""Shares of a facility over the units it serves."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation


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
        unit_id, separator, number = re.sub(r"：", ":", part).strip().partition(":")
        try:
            share = Decimal(number.strip()) if separator else Decimal(1)
        except InvalidOperation:
            return None
        if not unit_id.strip() or unit_id.strip() in shares or not share.is_finite() or not 0 < share <= 1:
            return None
        shares[unit_id.strip()] = share
    return shares if sum(shares.values()) <= 1 else None
