"""Any file that holds a table, read as it is: its cells, its row numbers and, where it has one, its geometry."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from python_calamine import CalamineError, load_workbook

from lifecircle.faults import WORKBOOKS, Fault, Where, fault, hint
from lifecircle.words import both

CHARACTERS = {".csv", ".txt", ".tsv"}


@dataclass(frozen=True)
class Layer:
    """A table as its file has it; `rows` are row numbers as the keeper sees them."""

    cells: pd.DataFrame
    rows: np.ndarray
    file: str
    sheet: str = ""
    geometry: gpd.GeoSeries | None = None


def read_layer(
    path: Path, *, name: str | None = None, encoding: str | None = None, table: str = "", key: str = ""
) -> tuple[Layer | None, list[Fault]]:
    """A sheet of a workbook, a CSV file, or a layer of anything that pyogrio reads.

    `name` is the sheet or layer, the first where None; `table` and `key` say which setting of study.toml names the file
    and the layer. Numbers stay numbers, CSV cells stay text.
    """
    if not path.exists():
        return None, [fault("missing-file", str(path), key=f"[{table}] path")]
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        return _workbook(path, name, key or f"[{table}] sheet")
    if suffix in CHARACTERS:
        return _characters(path, encoding)
    return _features(path, name, encoding, key or f"[{table}] layer")


def _unreadable(path: Path, expected: dict[str, str], found: object) -> Fault:
    return fault("unreadable-file", str(path), expected=expected["en"], expected_zh=expected["zh"], found=found)


def _workbook(path: Path, name: str | None, key: str) -> tuple[Layer | None, list[Fault]]:
    try:
        with load_workbook(str(path)) as book:
            sheets = book.sheet_names
            sheet = name or sheets[0]
            if sheet not in sheets:
                return None, [_missing_layer(path, both("工作表", "sheet"), sheet, sheets, key)]
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, ValueError) as problem:
        return None, [_unreadable(path, both("工作簿", "a workbook"), problem)]
    rows = [(number, row) for number, row in enumerate(grid, start=1) if any(str(cell).strip() for cell in row)]
    if not rows:
        return None, [fault("empty-layer", Where(path.name, sheet=sheet))]
    cells = pd.DataFrame([row for _, row in rows[1:]], columns=_headers(rows[0][1]), dtype=object)
    return Layer(cells, np.array([number for number, _ in rows[1:]], dtype=np.int64), path.name, sheet), []


def _characters(path: Path, encoding: str | None) -> tuple[Layer | None, list[Fault]]:
    text, faults = _decoded(path, encoding)
    if text is None:
        return None, faults
    if "\x00" in text:
        return None, [_unreadable(path, both("文本", "text"), "a binary file")]
    separator = max(",;\t", key=lambda one: len(next(csv.reader(StringIO(text), delimiter=one), [])))
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append((number, row))
    except csv.Error as problem:
        return None, [_unreadable(path, both(" CSV ", "CSV"), problem)]
    if not rows:
        return None, [fault("empty-layer", path.name)]
    width = len(rows[0][1])
    longer = next((number for number, row in rows if any(cell.strip() for cell in row[width:])), None)
    if longer is not None:
        found = f"row {longer} has more cells than the header's {width}"
        return None, [_unreadable(path, both(" CSV ", "CSV"), found)]
    body = [row[:width] + [""] * (width - len(row)) for _, row in rows[1:]]
    cells = pd.DataFrame(body, columns=_headers(rows[0][1]), dtype="str")
    return Layer(cells, np.array([number for number, _ in rows[1:]], dtype=np.int64), path.name), []


def _decoded(path: Path, encoding: str | None) -> tuple[str | None, list[Fault]]:
    """The text of a file in its stated encoding, else in UTF-8 or GB18030."""
    expected = both("文本", "text")
    try:
        data = path.read_bytes()
    except OSError as problem:
        return None, [_unreadable(path, expected, problem.strerror or problem)]
    for one in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(one), []
        except LookupError:
            return None, [_unreadable(path, expected, f"the study says encoding = '{one}', which does not exist")]
        except UnicodeDecodeError:
            continue
    known = encoding or "UTF-8 / GB18030"
    return None, [_unreadable(path, both(f" {known} 文本", f"text in {known}"), "other bytes")]


def _features(path: Path, name: str | None, encoding: str | None, key: str) -> tuple[Layer | None, list[Fault]]:
    if name and (path / f"{name}.shp").is_file():  # a folder of shapefiles, one for each tier
        path, name = path / f"{name}.shp", None
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            frame = gpd.read_parquet(path)
        else:
            layers = [str(one) for one in pyogrio.list_layers(path)[:, 0]]
            if name and name not in layers:
                return None, [_missing_layer(path, both("图层", "layer"), name, layers, key)]
            frame = gpd.read_file(path, layer=name or layers[0], encoding=encoding or _shapefile_encoding(path))
    except (DataSourceError, DataLayerError, OSError, ValueError, IndexError) as problem:
        return None, [_unreadable(path, both("矢量图层", "a layer of features"), problem)]
    if not isinstance(frame, gpd.GeoDataFrame):
        return None, [_unreadable(path, both("矢量图层", "a layer of shapes"), "a table without")]
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return Layer(cells, np.arange(1, len(frame) + 1), path.name, name or "", frame.geometry), []


def _shapefile_encoding(path: Path) -> str | None:
    """GB18030 for a shapefile that states no encoding and whose text is not UTF-8."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    data = table.read_bytes()
    try:
        data[int.from_bytes(data[8:10], "little") :].decode("utf-8")  # the records, after the header
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _headers(cells: Sequence[object]) -> list[str]:
    """Header texts, empty ones numbered and repeated ones told apart."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = str(cell).strip() or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _missing_layer(path: Path, what: dict[str, str], name: str, known: list[str], key: str) -> Fault:
    named = {"what": what["en"], "what_zh": what["zh"], "name": name, "found": ", ".join(known), "key": key}
    return fault("missing-layer", str(path), **named, **hint(name, known))
