"""What a reader of files hands on, and the faults of a file as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault, hint


@dataclass(frozen=True)
class Layer:
    """A table as its file has it; `rows` are row numbers as the keeper sees them.

    `header_row` is the lowest row of the header and `columns_at` the place of each column (1 is column A), for files
    that have such rows and columns.
    """

    cells: pd.DataFrame
    rows: np.ndarray
    file: str
    sheet: str = ""
    geometry: gpd.GeoSeries | None = None
    header_row: int | None = None
    columns_at: tuple[int, ...] = ()


Read = tuple[Layer | None, list[Fault]]


def unreadable(path: Path, expected: dict[str, str], found: object) -> Read:
    """Nothing, and why a file cannot be read."""
    values = {"expected": expected["en"], "expected_zh": expected["zh"], "found": _said(found)}
    return None, [fault("unreadable-file", str(path), **values)]


def refused(check: str, path: Path, **values: object) -> Read:
    """Nothing, and the check that a file as a whole has failed."""
    return None, [fault(check, str(path), **values)]


def missing_layer(path: Path, what: dict[str, str], name: str, known: list[str], key: str) -> Read:
    """Nothing, and the layers or sheets that are there."""
    found = {"what": what["en"], "what_zh": what["zh"], "name": name, "found": ", ".join(known), "key": key}
    return None, [fault("missing-layer", str(path), **found, **hint(name, known))]


def empty(path: Path, sheet: str = "") -> Read:
    """Nothing, as there are no rows."""
    return None, [fault("empty-layer", Where(path.name, sheet=sheet))]


def headers_of(cells: Iterable[object]) -> list[str]:
    """Header texts, empty ones numbered and repeated ones told apart.

    >>> headers_of(["name", "", "name"])
    ['name', 'column 2', 'name (3)']
    """
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        name = str(cell).strip() or f"column {number}"
        while name in taken:
            name = f"{name} ({number})"
        names.append(name)
        taken.add(name)
    return names


def _said(problem: object) -> object:
    """The words of an error without names of kinds of errors; the name of its own kind where it has no words."""
    if not isinstance(problem, BaseException):
        return problem
    return re.sub(r"\b\w+(Exception|Error): ", "", str(problem).strip()) or type(problem).__name__
