"""Any file that holds a table, read as it is: its cells, its row numbers and, where it has one, its geometry."""

from __future__ import annotations

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

from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.words import both

SHEETS = {".xlsx", ".xls", ".ods", ".xlsm", ".xlsb"}
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
    path: Path, *, name: str | None = None, encoding: str | None = None, key: str = "path"
) -> tuple[Layer | None, list[Fault]]:
    """A sheet of a workbook, a CSV file, or a layer of anything that pyogrio reads.

    `name` is the sheet or layer, the first where None. Numbers stay numbers, CSV cells stay text.
    """
    if not path.exists():
        return None, [fault("missing-file", str(path), key=key)]
    suffix = path.suffix.lower()
    if suffix in SHEETS:
        return _workbook(path, name, key)
    if suffix in CHARACTERS:
        return _characters(path, encoding)
    return _features(path, name, encoding, key)


def _workbook(path: Path, name: str | None, key: str) -> tuple[Layer | None, list[Fault]]:
    try:
        with load_workbook(str(path)) as book:
            sheets = book.sheet_names
            sheet = name or sheets[0]
            if sheet not in sheets:
                return None, [_missing_layer(path, both("工作表", "sheet"), sheet, sheets, key)]
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError, IndexError, ValueError) as problem:
        return None, [fault("unreadable-file", str(path), expected="a workbook", found=problem)]
    if not grid or not any(str(cell).strip() for cell in grid[0]):
        return None, [fault("empty-layer", Where(path.name, sheet=sheet))]
    headers = _headers(grid[0])
    body = [(number, row) for number, row in enumerate(grid[1:], start=2) if any(str(cell).strip() for cell in row)]
    cells = pd.DataFrame([row for _, row in body], columns=headers, dtype=object)
    return Layer(cells, np.array([number for number, _ in body], dtype=np.int64), path.name, sheet), []


def _characters(path: Path, encoding: str | None) -> tuple[Layer | None, list[Fault]]:
    data = path.read_bytes()
    for one in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(one)
            break
        except (UnicodeDecodeError, LookupError):
            continue
    else:
        return None, [fault("unreadable-file", str(path), expected="text in UTF-8 or GB18030", found="other bytes")]
    lines = text.splitlines()
    if not lines or "\x00" in text:
        check = "unreadable-file" if lines else "empty-layer"
        return None, [fault(check, str(path), expected="text", found="a binary file")]
    separator = max(",;\t", key=lines[0].count)
    try:
        cells = pd.read_csv(
            StringIO(text), sep=separator, dtype="str", keep_default_na=False, na_values=[], skip_blank_lines=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
        return None, [fault("unreadable-file", str(path), expected="CSV", found=problem)]
    filled = (cells != "").any(axis=1).to_numpy()
    cells.columns = pd.Index(_headers(list(cells.columns)))
    return Layer(cells[filled].reset_index(drop=True), np.flatnonzero(filled) + 2, path.name), []


def _features(path: Path, name: str | None, encoding: str | None, key: str) -> tuple[Layer | None, list[Fault]]:
    try:
        if path.suffix.lower() in {".parquet", ".geoparquet"}:
            frame = gpd.read_parquet(path)
        else:
            layers = [str(one) for one in pyogrio.list_layers(path)[:, 0]]
            if name and name not in layers:
                return None, [_missing_layer(path, both("图层", "layer"), name, layers, key)]
            frame = gpd.read_file(path, layer=name or layers[0], encoding=encoding or _shapefile_encoding(path))
    except (DataSourceError, DataLayerError, OSError, ValueError, IndexError) as problem:
        return None, [fault("unreadable-file", str(path), expected="a layer of features", found=problem)]
    if not isinstance(frame, gpd.GeoDataFrame):
        return None, [fault("unreadable-file", str(path), expected="a layer with geometry", found="a table without")]
    cells = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return Layer(cells, np.arange(1, len(frame) + 1), path.name, name or "", frame.geometry), []


def _shapefile_encoding(path: Path) -> str | None:
    """GB18030 for a shapefile that states no encoding and whose text is not UTF-8."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    try:
        table.read_bytes()[32:].decode("utf-8")
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
