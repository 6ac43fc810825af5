"""The parts of a shapefile: whether all are there and whole, and how its text is encoded."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from lifecircle.faults import Fault, Where, fault
from lifecircle.readers.opened import Read, refused, unreadable
from lifecircle.readers.safety import beside
from lifecircle.words import both

_EXPECTED = both(" Shapefile ", "a shapefile")
_HEAD_BYTES, _ENTRY_BYTES = 100, 8  # of .shp and .shx
_SAMPLE_BYTES = 32 << 20
_ASCII = bytes(range(128))
_PAIR, _MOST_PAIRED = re.compile(rb"[\x81-\xfe][\xa1-\xfe]"), 0.8
_CHINESE = {"936": "GBK", "54936": "GB18030", "65001": "UTF-8", "gb2312": "GB18030"}


def spoilt_parts(path: Path) -> Read | None:
    """Why a shapefile is not read, or None: a part is missing, or is shorter than it says."""
    index, table = beside(path, ".shx"), beside(path, ".dbf")
    missing = [path.stem + suffix for suffix, part in ((".shx", index), (".dbf", table)) if part is None]
    if index is None or table is None:
        return refused("missing-part", path, found=", ".join(missing))
    for part in (path, index):
        head = _start(part, _HEAD_BYTES)
        claimed = int.from_bytes(head[24:28], "big") * 2
        if len(head) < _HEAD_BYTES or head[:4] != b"\x00\x00\x27\x0a":
            return unreadable(part, _EXPECTED, "its header is not that of a shapefile")
        if claimed > part.stat().st_size:
            return _cut_off(part, claimed)
    return spoilt_table(table) or _unlike(path, index, table)


def _unlike(shapes: Path, index: Path, table: Path) -> Read | None:
    """Why a shapefile is not read whose shapes and rows are not as many, so that some would be lost without a word."""
    n_shapes = (int.from_bytes(_start(index, _HEAD_BYTES)[24:28], "big") * 2 - _HEAD_BYTES) // _ENTRY_BYTES
    n_rows = int.from_bytes(_start(table, 8)[4:8], "little")
    if n_shapes == n_rows:
        return None
    return unreadable(shapes, _EXPECTED, f"it has {n_shapes:,} shapes but {n_rows:,} rows of {table.name}")


def spoilt_table(table: Path) -> Read | None:
    """Why a .dbf is not read, or None: it is shorter than it says."""
    head = _start(table, 32)
    n, first, length = (int.from_bytes(head[at:end], "little") for at, end in ((4, 8), (8, 10), (10, 12)))
    if len(head) < 32 or first < 33 or length < 1:
        return unreadable(table, _EXPECTED, "its header is not that of a .dbf")
    claimed = first + n * length
    return _cut_off(table, claimed) if claimed > table.stat().st_size else None


def _cut_off(part: Path, claimed: int) -> Read:
    return unreadable(part, _EXPECTED, f"it has {part.stat().st_size:,} bytes of the {claimed:,} that it claims")


def shapefile_encoding(
    stated: str | None, table: bytes, code_page: str | None, where: Where
) -> tuple[str | None, list[Fault]]:
    """The encoding of a shapefile's text, and a note where the file says another.

    Parameters
    ----------
    stated
        What the study says, which goes first.
    table
        The first bytes of its .dbf.
    code_page
        The text of its .cpg; None where it has none.
    where
        The file.

    Returns
    -------
    The encoding, None where the text is plain ASCII and any will do.

    """
    if stated:
        return stated, []
    said = None if code_page is None else _known(code_page)
    records = table[int.from_bytes(table[8:10], "little") :]
    names = table[32 : int.from_bytes(table[8:10], "little")]
    text = records + names
    if text.isascii():
        return None, []
    if said and said not in {"utf-8", "iso8859-1", "ascii"}:
        return said, []
    found = "UTF-8" if _is(text, "utf-8", len(table)) else "GB18030" if _is_chinese(records) else said or "ISO-8859-1"
    if said is None or codecs.lookup(found).name == said:
        return found, []
    return found, [fault("wrong-encoding", where, stated=str(code_page).strip(), found=found)]


def _known(code_page: str) -> str | None:
    """The encoding that a .cpg names, as Python calls it."""
    plain = code_page.strip().lower().removeprefix("ansi").strip().removeprefix("cp")
    for one in (_CHINESE.get(plain, plain), f"cp{plain}", plain.replace("8859", "8859-").replace(" ", "")):
        try:
            return codecs.lookup(one).name
        except LookupError:
            continue
    return None


def _is(text: bytes, encoding: str, sampled: int) -> bool:
    """Whether bytes are text of an encoding; where they are a sample, its end may be torn."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(text, final=sampled < _SAMPLE_BYTES and encoding == "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(text: bytes) -> bool:
    """Whether bytes beyond ASCII stand in pairs, as those of Chinese do; in German or Portuguese most stand alone."""
    beyond = len(text.translate(None, _ASCII))
    return 2 * len(_PAIR.findall(text)) > _MOST_PAIRED * beyond and _is(text, "gb18030", len(text))


def table_sample(table: Path) -> bytes:
    """The first bytes of a .dbf, enough to tell how its text is encoded."""
    return _start(table, _SAMPLE_BYTES)


def _start(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(n_bytes)
