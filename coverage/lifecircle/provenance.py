"""Where a record of a table came from: its file, sheet and row, and what its keeper calls it."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from lifecircle.faults import Where
from lifecircle.tables import KEYS, Source, Tables


def where_of(tables: Tables, table: str, place: int | None = None) -> Where:
    """File, sheet, row, name and households of a record, or of a table as a whole."""
    frame, source = getattr(tables, table), source_of(tables, table, place)
    where = Where(source.file or table, table, source.sheet)
    if place is None:
        return where
    row = int(frame["row"].iloc[place]) if "row" in frame else place + 1
    households = float(frame["households"].iloc[place]) if "households" in frame else math.nan
    known = None if math.isnan(households) else households
    return replace(where, row=row, households=known, record=_record(frame, table, place))


def _record(frame: pd.DataFrame, table: str, place: int) -> str:
    return called(frame, table, place) if KEYS.get(table, "facility_id") in frame else ""


def source_of(tables: Tables, table: str, place: int | None) -> Source:
    """The file and layer that a record was read from; of a dwelling made of a unit's total, what it is spread over."""
    if table == "dwellings" and place is not None and is_spread(tables.dwellings, place):
        table = "spread"
    sources = [source for source in tables.sources if source.table == table]
    if table == "units" and place is not None:
        tier = tables.units["tier"].iloc[place]
        return next((source for source in sources if source.tier in {tier, ""}), Source(table, ""))
    return sources[0] if sources else Source(table, "")


def header_of(tables: Tables, table: str, column: str) -> str:
    """The header a column was read from."""
    found = [dict(source.headers).get(column) for source in tables.sources if source.table == table]
    return next((header for header in found if header), column)


def called(frame: pd.DataFrame, table: str, place: int) -> str:
    """A record's name with its key; of a dwelling the key alone, because faults are published."""
    key = frame[KEYS.get(table, "facility_id")].iloc[place]
    name = "" if table == "dwellings" or "name" not in frame else frame["name"].iloc[place]
    return f"{name} ({key})" if name and name != key else str(key)


def is_spread(dwellings: pd.DataFrame, place: int) -> bool:
    """Whether a dwelling was made of a unit's total."""
    return "spread" in dwellings and dwellings["spread"].dtype == bool and bool(dwellings["spread"].iloc[place])
