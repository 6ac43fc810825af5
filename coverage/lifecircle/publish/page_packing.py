"""The tables of the page as data: each text once, columns as lists of numbers, large ones compressed.

A page of ten thousand units holds some sixty thousand verdicts; as HTML they are 150 MB and nothing opens them. So the
page builds the rows that are looked at, from this.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lifecircle.words import Words

PLAIN_BYTES = 2_000_000  # larger data are compressed; smaller ones stay readable to whoever opens the file
REASONS_EACH = 1_500  # reasons that are unpacked together

Row = Mapping[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    field
        What stands in it.
    head
        The message or text over it.
    look
        `text`, `number` (sorts by the first number in it, what has none last), `unit`, `tier`, `chip` or `rule`.
    small
        What stands under it in small print, if anything.
    on_phone
        Whether a phone shows it, too.

    """

    field: str
    head: str | Words
    look: str = "text"
    small: str = ""
    on_phone: bool = True


@dataclass(frozen=True)
class Grid:
    """A table that the page can sort, filter and search: its columns, its rows, and fields that are not shown."""

    columns: tuple[Column, ...]
    rows: Rows
    more: tuple[str, ...] = ()

    @property
    def fields(self) -> list[str]:
        """Every field once, those of the columns first."""
        shown = [name for one in self.columns for name in (one.field, one.small) if name]
        return list(dict.fromkeys([*shown, *self.more]))


class Pool:
    """Texts by number: each is kept once."""

    def __init__(self) -> None:
        self.texts: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The number of a text, of a text in both languages, or of a plain value."""
        if isinstance(value, Mapping):
            value = value["zh"] if value["zh"] == value["en"] else (value["zh"], value["en"])
        elif isinstance(value, list):
            value = ("", *value)  # a list of names is no text in two languages
        key = (type(value), value)
        if key not in self._numbers:
            self._numbers[key] = len(self.texts)
            self.texts.append(value)
        return self._numbers[key]


def packed(grids: Mapping[str, Grid], beside: Mapping[str, Any]) -> str:
    """Tables and what the page needs beside them, as JSON."""
    pool, tables = Pool(), {}
    for name, grid in grids.items():
        fields = grid.fields
        tables[name] = {
            "fields": fields,
            "columns": [[one.field, one.small, one.look] for one in grid.columns],
            "n": len(grid.rows),
            "cells": [[pool.number(row[field]) for row in grid.rows] for field in fields],
        }
    return script_json({**beside, "tables": tables, "texts": pool.texts})


def reasons(rows: Iterable[Row]) -> list[str]:
    """The reasons of verdicts as JSON, some hundreds together, in the order of the rows."""
    said = [[row["why"]["zh"], row["why"]["en"]] for row in rows]
    size = sum(len(zh) * 3 + len(en) for zh, en in said)
    each = REASONS_EACH if size > PLAIN_BYTES else max(1, len(said))
    return [script_json(said[start : start + each]) for start in range(0, len(said), each)]


def script_json(value: Any) -> str:
    """JSON that can stand inside a script element whatever its texts contain."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def holders(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The type and content of script elements that hold some JSON: as it is, or compressed where it is large."""
    if sum(len(text.encode()) for text in texts) <= PLAIN_BYTES:
        return [("application/json", text) for text in texts]
    return [("application/gzip", _compressed(text)) for text in texts]


def _compressed(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=7, mtime=0)).decode("ascii")
