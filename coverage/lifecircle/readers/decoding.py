"""The encoding of text files: as their first bytes say, as the study says, or the one of two that fits."""

from __future__ import annotations

import codecs
from pathlib import Path

from lifecircle.readers.opened import Read, refused, unreadable
from lifecircle.readers.safety import too_large
from lifecircle.words import both

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_MOST_BYTES = 400 << 20
_STEP_BYTES = 1 << 20


def utf8_bytes(path: Path, encoding: str | None) -> bytes | Read:
    """The text of a file as UTF-8 without a mark at its start, or why it is none.

    The stated encoding goes first; without one, that which a mark at the start says, then UTF-8, then GB18030.
    """
    expected = both("文本", "text")
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            size, most = f"{path.stat().st_size >> 20:,} MB", f"{_MOST_BYTES >> 20:,} MB"
            return too_large(path, both(size, size), both(most, most))
        data = path.read_bytes()
    except PermissionError as problem:
        return refused("in-use", path, found=problem.strerror or problem)
    except OSError as problem:
        return unreadable(path, expected, problem.strerror or problem)
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    for one in [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]:
        try:
            if codecs.lookup(one).name in {"utf-8", "utf-8-sig"}:
                data = data.removeprefix(codecs.BOM_UTF8)
                _check_utf8(data)
            else:
                data = data.decode(one).removeprefix("\ufeff").encode("utf-8")
        except UnicodeError:
            continue
        except (LookupError, ValueError):
            return unreadable(path, expected, f"the study says encoding = '{one}', which does not exist")
        if b"\x00" in data:
            return unreadable(path, expected, "a binary file")
        return data
    known = encoding or (marked or "UTF-8 / GB18030").replace("utf-16", "UTF-16").replace("utf-8-sig", "UTF-8")
    return unreadable(path, both(f" {known} 文本", f"text in {known}"), "other bytes")


def _check_utf8(data: bytes) -> None:
    """Raise where bytes are no UTF-8; step by step, as the text itself is not needed."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(0, len(data), _STEP_BYTES):
        decoder.decode(data[at : at + _STEP_BYTES])
    decoder.decode(b"", final=True)
