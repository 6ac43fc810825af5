"""Office files as packages: what others wrote made safe for XML, and the same bytes for the same contents."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

from lifecircle.publish.cells import safe_text

_LONGEST = 4_000  # characters of a paragraph or a cell
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of a zip archive
_STAMPED = re.compile(rb'(<dcterms:(?:created|modified) xsi:type="dcterms:W3CDTF">)[^<]*(<)')


def xml_text(value: object, longest: int = _LONGEST) -> str:
    r"""Text that XML can hold: without control characters, on one line, cut where it is too long.

    >>> xml_text("a\x01b\ud83dc\nd"), xml_text("abcdef", 3)
    ('abc d', 'abc…')
    """
    return " ".join(safe_text(value, longest).split("\n"))


def midnight(day: dt.date) -> dt.datetime:
    """The first moment of a day: the moment at which a document of that day says it was made."""
    return dt.datetime(day.year, day.month, day.day)


def write_package(path: Path, content: bytes, moment: dt.datetime) -> None:
    """Write an Office file whose parts, and the workbooks inside it, bear no other moment than the one given."""
    path.write_bytes(repacked(content, moment))


def repacked(content: bytes, moment: dt.datetime) -> bytes:
    """The same parts in the same order, every one dated to the first day of zip archives."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = _dated(name, old.read(name), moment)
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.external_attr = 0o600 << 16
            packed = not name.endswith((".png", ".xlsx"))  # these are packed already
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            new.writestr(entry, part)
    return made.getvalue()


def _dated(name: str, part: bytes, moment: dt.datetime) -> bytes:
    if name.endswith(".xlsx"):
        return repacked(part, moment)
    if name == "docProps/core.xml":
        stamp = f"{moment.isoformat(timespec='seconds')}Z".encode()
        return _STAMPED.sub(lambda found: found[1] + stamp + found[2], part)
    return part
