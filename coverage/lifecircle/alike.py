"""Faults that many rows share: those that touch the most households each by itself, the others counted in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from lifecircle.faults import Fault, fault
from lifecircle.provenance import where_of
from lifecircle.tables import Tables

MOST_EACH = 200  # rows with the same fault that are told one by one; nobody reads more
_NAMED = 5  # rows named in a fault that speaks of many


def each_fault(tables: Tables, table: str, places: np.ndarray, tell: Callable[[int], Fault]) -> Iterator[Fault]:
    """What `tell` says of each place in the table; beyond `MOST_EACH`, one fault for all the others.

    Where there are more, those with the most households are told by themselves.
    """
    if len(places) > MOST_EACH:
        places = places[np.argsort(-_households(tables, table)[places], kind="stable")]
    yield from map(tell, np.sort(places[:MOST_EACH]).tolist())
    rest = np.sort(places[MOST_EACH:])
    if len(rest):
        where = replace(where_of(tables, table), households=float(_households(tables, table)[rest].sum()) or None)
        row = where_of(tables, table, int(places[0])).row
        yield fault("more-alike", where, n=f"{len(rest):,}", row=row, **named_rows(tables, table, rest))


def named_rows(tables: Tables, table: str, places: np.ndarray) -> dict[str, str]:
    """`which` and `which_zh` for a fault of many rows: the first of them as the keeper numbers them."""
    rows = [str(where_of(tables, table, int(place)).row) for place in places[:_NAMED]]
    more, more_zh = (", …", "等") if len(places) > _NAMED else ("", "")
    return {"which": f"rows {', '.join(rows)}{more}", "which_zh": f"第 {'、'.join(rows)} 行{more_zh}"}


def _households(tables: Tables, table: str) -> np.ndarray:
    frame = getattr(tables, table)
    if "households" not in frame:
        return np.zeros(len(frame))
    return np.asarray(np.nan_to_num(frame["households"].to_numpy(dtype="float64")))
