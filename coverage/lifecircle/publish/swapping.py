"""A folder that takes the place of an older one in one step, and what the older one held that is not the program's."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_OLD_S = 3600  # a draft of another machine that nobody has touched for so long was left behind
_HOST = f"{zlib.crc32(platform.node().encode()):08x}"
_MADE = re.compile(r"\.(?:partial|old)-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-[^-]*$")
_HERE, _EXCHANGE = -100, 2  # Linux: relative to the working folder; swap the two names
_OPEN = ("~$*", ".~lock.*#")  # what Excel, Word and WPS, and LibreOffice, put beside a file that they have open


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """A draft folder that takes the place of `folder` if nothing fails; where it fails, nothing has changed.

    At every moment there is a whole folder in that place, where there was one before and the system can swap two names
    in one step (Linux); elsewhere it is away for the time between two renamings, and is put back by `tidied`.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-{_HOST}-{os.getpid()}-", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)
        if not folder.exists():
            draft.rename(folder)
        elif not _exchanged(draft, folder):
            _swapped(draft, folder)
    finally:
        if draft.exists():
            shutil.rmtree(draft, ignore_errors=True)


def tidied(folder: Path) -> None:
    """Take away what a run that was killed has left beside a folder; a folder that is missing is put back first."""
    if not folder.parent.is_dir():
        return
    for old in sorted(folder.parent.glob(f".{_plain(folder.name)}.old-*")):
        if not _is_left(old):
            continue
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(folder)
    for draft in folder.parent.glob(f".{_plain(folder.name)}.partial-*"):
        if _is_left(draft):
            shutil.rmtree(draft, ignore_errors=True)


def files_open(folder: Path) -> list[str]:
    """Files of a folder that an office program has open, by the marks that it puts beside them.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "~$tables.xlsx").write_text("")
    ...     files_open(Path(name))
    ['tables.xlsx']
    """
    marks = [path.name for pattern in _OPEN for path in folder.glob(pattern)]
    return sorted(name.removeprefix("~$").removeprefix(".~lock.").removesuffix("#") for name in marks)


def keep_what_others_made(old: Path, draft: Path, written: Mapping[str, str]) -> None:
    """Copy into the draft what the older folder holds besides the files written then, and those changed since.

    A file that somebody has changed is called `report.edited.docx` from then on.

    Parameters
    ----------
    old, draft
        The folders.
    written
        Each file that was written into the older one, and its sha256.

    """
    for path in sorted(old.iterdir()) if old.is_dir() else []:
        if any(path.match(mark) for mark in _OPEN):
            continue  # a mark that it is open; it goes when that is closed
        if path.name not in written:
            _copy(path, _free(draft / path.name))
        elif sha256_of(path) != written[path.name]:
            _copy(path, _free(draft / f"{path.stem}.edited{path.suffix}"))


def sha256_of(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_left(draft: Path) -> bool:
    """Whether the run that made a draft is no more; of another machine's, on a shared disk, by its age."""
    made = _MADE.search(draft.name)
    if made is None:  # somebody else's
        return False
    if made["host"] != _HOST or os.name != "posix":
        return time.time() - draft.stat().st_mtime > _OLD_S
    try:
        os.kill(int(made["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it lives, and belongs to somebody else
        return False
    return False


def _free(path: Path) -> Path:
    """The path itself, or with the first number that is free."""
    stem, number = path.stem, 1
    while path.exists():
        number += 1
        path = path.with_name(f"{stem}-{number}{path.suffix}")
    return path


def _copy(path: Path, to: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, to, symlinks=True)
    else:
        shutil.copy2(path, to, follow_symlinks=False)


def _exchanged(draft: Path, folder: Path) -> bool:
    """Whether the system could swap the names of two folders in one step."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:  # a C library older than 2018
        return False
    return bool(rename(_HERE, bytes(draft.absolute()), _HERE, bytes(folder.absolute()), _EXCHANGE) == 0)


def _swapped(draft: Path, folder: Path) -> None:
    """Put the draft in place of the folder by two renamings; if the second fails, the first is undone."""
    old = draft.with_name(draft.name.replace(".partial-", ".old-"))
    folder.rename(old)
    try:
        draft.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _plain(name: str) -> str:
    """A name whose signs glob takes as they are."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in name)
