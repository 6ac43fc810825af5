"""What a file is by its first bytes, and whether reading it is safe: files that claim too much or lead elsewhere."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lifecircle.readers.opened import Read, refused, unreadable
from lifecircle.words import both

MOST_BYTES = 1 << 30  # unpacked
MOST_COLUMNS = 1_000  # of a table; each is carried through to the results
MOST_CELLS = 8_000_000  # of a sheet, from its first cell to its last
_RATIO, _BIG_BYTES = 200, 100 << 20  # a member larger than this and packed tighter than that is made to burst
_NETWORK = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]{1,}:(?:/|\\)|/vsi(?:curl|s3|gs|az|adls|oss|swift|webhdfs|hdfs)|//[^/]|\\\\[^\\])",
    re.IGNORECASE,
)
_DATABASE = ("postgresql:", "postgres:")
_LOGIN = re.compile(r"^[^/?#]*@")
_START = 4096  # bytes of a file among which it says what it is
_LEADING = (  # what stands at the start of files that hold no data and say where data are
    b"<ogrvrtdatasource", b"<ogrwfsdatasource", b"<gdaldataset", b"<wfs_capabilities", b"gdal_streamed_alg",
    b"<ogrgmlas", b"<vrtdataset", b"<gdal_wms", b"<gdal_wmts", b"<wms_capabilities", b"<wmt_ms_capabilities",
    b"<gdal_wcs", b"<wcs_gdal",
)  # fmt: skip
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def is_database(path: str) -> bool:
    """Whether a path is the address of a database.

    >>> is_database("postgresql://localhost/city")
    True
    """
    return path.strip().lower().startswith(_DATABASE)


def is_on_network(path: str) -> bool:
    """Whether a path leads to a network and not to a file here; a drive's letter is no network.

    >>> [is_on_network(path) for path in ("https://x.cn/a.shp", "/vsicurl/x", "//host/a.gpkg", "C:/a.gpkg", "a/b.csv")]
    [True, True, True, False, False]
    """
    return bool(_NETWORK.match(path)) and not path.strip().lower().startswith("file:")


def shown_url(address: str) -> str:
    """An address on a network as it may be printed: without user, password, and what stands behind `?` or `#`.

    >>> shown_url("https://keeper:secret@x.cn/a.geojson?token=1")
    'https://x.cn/a.geojson'
    """
    scheme, mark, rest = re.split(r"[?#]", address.strip(), maxsplit=1)[0].rpartition("://")
    return f"{scheme}{mark}{_LOGIN.sub('', rest)}" if mark else rest


def has_login(address: str) -> bool:
    """Whether an address on a network holds a user and a password.

    >>> has_login("https://keeper:secret@x.cn/a.geojson"), has_login("https://x.cn/a@1:2")
    (True, False)
    """
    return bool(re.search(r"://[^/?#]*:[^/?#]*@", address))


def leads_elsewhere(name: str, start: bytes) -> bool:
    """Whether a file of this name and start holds no data but says where data are, which may be on a network.

    >>> leads_elsewhere("a.vrt", b""), leads_elsewhere("a.tif", b"<GDAL_WMS>"), leads_elsewhere("a.tif", b"II*")
    (True, True, False)
    """
    plain = start.replace(b"\x00", b"").lower()
    return name.lower().endswith(".vrt") or any(mark in plain for mark in _LEADING)


def file_leads_elsewhere(path: Path) -> bool:
    """Whether a file, or one that is packed in it, only says where data are.

    Raises
    ------
    OSError
        The file may not be read.

    """
    with path.open("rb") as file:
        start = file.read(_START)
    if leads_elsewhere(path.name, start):
        return True
    return start.startswith(b"PK") and _member_leads_elsewhere(path)


def _member_leads_elsewhere(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                with packed.open(name) as member:
                    if leads_elsewhere(name, member.read(_START)):
                        return True
    except _BROKEN:
        return False  # what is broken is told where it is read
    return False


def kind_of(path: Path) -> str:
    """What a file that is named as a workbook holds: xlsx, xlsb, ods, zip, xls, biff, html, xml or text.

    Raises
    ------
    OSError
        The file may not be read.

    """
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(_OLE):
        return "xls"
    if start.startswith(b"PK"):
        return _packed_kind(path)
    if start[:1] == b"\x09" and start[1:2] in {b"\x00", b"\x02", b"\x04", b"\x08"} and start[2:4] != b"":
        return "biff"
    plain = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"").lower()
    if plain.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<div", b"<style")):
        return "html"
    if plain.startswith(b"mime-version:"):
        return "html"
    return "xml" if plain.startswith((b"<?xml", b"<workbook")) else "text"


def _packed_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
    except _BROKEN:
        return "zip"
    known = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
    return next((kind for name, kind in known.items() if name in names), "zip")


def unsafe_zip(path: Path, expected: dict[str, str]) -> Read | None:
    """Why a packed file is not unpacked, or None: it is broken, or claims to hold more than can be read."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
    except _BROKEN as problem:
        return unreadable(path, expected, problem)
    total = sum(one.file_size for one in members)
    tight = [
        one for one in members if one.file_size > _BIG_BYTES and one.file_size > _RATIO * max(one.compress_size, 1)
    ]
    # Deflate packs at most 1032 to 1: what is packed larger than it says it is was made to deceive.
    lies = [one for one in members if one.compress_size > one.file_size + one.file_size // 8 + 4096]
    if lies:
        return unreadable(path, expected, f"{lies[0].filename} is not of the size that it claims")
    if total > MOST_BYTES or tight:
        found = f"{total / (1 << 20):,.0f} MB"
        return too_large(
            path, both(found, found), both("1,024 MB 或压缩包大小的 200 倍", "1,024 MB or 200 times its packed size")
        )
    return None


def too_large(path: Path, found: dict[str, str], most: dict[str, str]) -> Read:
    """Nothing, as reading would take too much."""
    values = {"found": found["en"], "found_zh": found["zh"], "most": most["en"], "most_zh": most["zh"]}
    return refused("too-large", path, **values)


def beside(path: Path, suffix: str) -> Path | None:
    """The file of the same name with another suffix, in whatever case it is written."""
    wanted = (path.stem + suffix).lower()
    found = path.with_suffix(suffix)
    if found.is_file():
        return found
    return next((one for one in path.parent.iterdir() if one.name.lower() == wanted), None)


def inside(packed: zipfile.ZipFile, suffix: str) -> list[str]:
    """The members of a packed file with a suffix, those that a Mac adds left out."""
    names = [one for one in packed.namelist() if one.lower().endswith(suffix) and not one.startswith("__MACOSX")]
    return [one for one in names if not PurePosixPath(one).name.startswith("._")]
