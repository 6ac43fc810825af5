"""Any file that holds a table, read as it is: its cells, its row numbers and, where it has one, its geometry."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lifecircle.faults import WORKBOOKS, Fault, Where, fault, file_fault
from lifecircle.given import Input
from lifecircle.readers.characters import read_characters
from lifecircle.readers.features import read_features, read_remote
from lifecircle.readers.grids import Wanted, records_of
from lifecircle.readers.opened import Layer, Read
from lifecircle.readers.safety import has_login, is_database, is_on_network, shown_url
from lifecircle.readers.workbooks import read_workbook

__all__ = ["Layer", "read_layer"]

_CHARACTERS = {".csv", ".txt", ".tsv"}


def read_layer(
    path: Path, given: Input, *, name: str | None = None, table: str = "", key: str = "", allow_network: bool = False
) -> Read:
    """A sheet of a workbook, a text file, a layer of anything that pyogrio reads, or a table of a database.

    Numbers stay numbers, cells of text files stay text. What was understood of a sheet (the row of its header, rows
    that are no records) comes back as notes beside the layer.

    Parameters
    ----------
    path
        The file.
    given
        What the study says of it: its header's row, its encoding, its map of columns.
    name
        The sheet or layer, the first where None.
    table
        What it is read for.
    key
        The setting of study.toml that names the sheet or layer, for the fault that says it is missing.
    allow_network
        Whether an address on a network is read.

    Returns
    -------
    The layer, None where it cannot be read, and faults and notes.

    """
    if is_database(given.path):
        from lifecircle.readers.database import read_database

        return _records(*read_database(given.path, given, table=table), given, table)
    if is_on_network(given.path):
        wrong = _address_fault(given.path, allow_network=allow_network)
        found = (None, [wrong]) if wrong else read_remote(given.path, name, given.encoding, key or f"[{table}] layer")
        return _records(*found, given, table)
    wrong = file_fault(path, f"[{table}] path")
    if wrong is not None:
        return None, [wrong]
    wanted = Wanted(table, given.columns, given.header)
    suffix = path.suffix.lower()
    if suffix in WORKBOOKS:
        as_text = partial(read_characters, path, given.encoding, wanted)
        return read_workbook(path, name, wanted, key or f"[{table}] sheet", as_text)
    if suffix in _CHARACTERS:
        return read_characters(path, given.encoding, wanted)
    return _records(*read_features(path, name, given.encoding, key or f"[{table}] layer", table), given, table)


def _address_fault(address: str, *, allow_network: bool) -> Fault | None:
    """Why an address on a network is not read, or None; the address is shown without what is secret in it."""
    if not allow_network:
        return fault("on-network", shown_url(address))
    return fault("password-in-web-address", shown_url(address)) if has_login(address) else None


def _records(layer: Layer | None, faults: list[Fault], given: Input, table: str) -> Read:
    """A table without shapes, as an office keeps one, without rows that are no records; a shape is always a record."""
    if layer is None or layer.geometry is not None:
        return layer, faults
    where = Where(layer.file, table, layer.sheet)
    wanted = Wanted(table, given.columns, given.header)
    found, left_out = records_of(layer, wanted, where, header=list(map(str, layer.cells.columns)))
    return found, [*faults, *left_out]
