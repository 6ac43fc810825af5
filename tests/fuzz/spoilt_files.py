"""Files that are cut short, changed in a byte, inflated, claimed to be larger than they are, or no files at all."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import random
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from corpus import FORMS, add, case, rewritten, settings, use

GB = 1 << 30
PARTS = {"units.shp": ("units.shp", "units.shx", "units.dbf", "units.prj", "units.cpg")}
CUTS = {"nothing left": 0.0, "one byte left": -1, "a tenth left": 0.1, "half left": 0.5, "nine tenths left": 0.9}
NO_SENSE = {".csv", ".osm"}  # a file of lines may end anywhere


def damages(form: str) -> list[tuple[str, str]]:
    """A form of the study, and the file of it that is damaged."""
    return [(form, file) for file in PARTS.get(form, (form,))]


def cut(form: str, file: str, part: float) -> Callable[[Path], None]:
    """Leave only the first part of a file."""

    def spoil(folder: Path) -> None:
        use(folder, form)
        rewritten(folder / file, lambda data: data[: 1 if part < 0 else int(len(data) * part)])

    return spoil


def flip(form: str, file: str, seed: int, n: int) -> Callable[[Path], None]:
    """Change some bytes anywhere in a file."""

    def changed(data: bytes) -> bytes:
        chance, body = random.Random(f"{file} {seed}"), bytearray(data)  # noqa: S311 - no secret
        for _ in range(n if body else 0):
            body[chance.randrange(len(body))] = chance.randrange(256)
        return bytes(body)

    def spoil(folder: Path) -> None:
        use(folder, form)
        rewritten(folder / file, changed)

    return spoil


def _add_damages() -> None:
    for form in FORMS:
        add("clean files", form, "read", lambda folder, form=form: use(folder, form) and None)
        for _, file in damages(form):
            for said, part in CUTS.items():
                add("cut short", f"{file}, {said}", "any", cut(form, file, part))
            for seed, n in ((1, 1), (2, 8), (3, 64)):
                add("bytes changed", f"{file}, {n} bytes", "any", flip(form, file, seed, n))
    for said, part in CUTS.items():
        add("cut short", f"study.toml, {said}", "any", _cut_study(part))


def _cut_study(part: float) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        rewritten(folder / "study.toml", lambda data: data[: 1 if part < 0 else int(len(data) * part)])

    return spoil


_add_damages()


# claims: a header that says there is far more than there is


def _poked(form: str, file: str, at: int, value: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        use(folder, form)
        rewritten(folder / file, lambda data: data[:at] + value + data[at + len(value) :])

    return spoil


def _add_claims() -> None:
    big, near = struct.pack("<I", 0x7FFFFFFF), struct.pack(">I", 0x3FFFFFFF)
    claims: dict[str, tuple[str, str, int, bytes]] = {
        "a dbf of two billion records": ("units.shp", "units.dbf", 4, big),
        "a dbf with records of 65535 bytes": ("units.shp", "units.dbf", 10, b"\xff\xff"),
        "a dbf with records of no bytes": ("units.shp", "units.dbf", 10, b"\0\0"),
        "a dbf with a header of 65535 bytes": ("units.shp", "units.dbf", 8, b"\xff\xff"),
        "a dbf with a header of no bytes": ("units.shp", "units.dbf", 8, b"\0\0"),
        "a dbf with a field of 255 bytes": ("units.shp", "units.dbf", 32 + 16, b"\xff"),
        "a dbf with a field of an unknown type": ("units.shp", "units.dbf", 32 + 11, b"?"),
        "a shp of two gigabytes": ("units.shp", "units.shp", 24, near),
        "a shp whose first record is of two gigabytes": ("units.shp", "units.shp", 104, near),
        "a shp whose first record is of negative length": ("units.shp", "units.shp", 104, b"\xff\xff\xff\xf0"),
        "a shp whose first area has a billion rings": ("units.shp", "units.shp", 108 + 36, big),
        "a shp whose first area has a billion corners": ("units.shp", "units.shp", 108 + 40, big),
        "a shp of an unknown shape": ("units.shp", "units.shp", 32, struct.pack("<I", 77)),
        "a shx of two gigabytes": ("units.shp", "units.shx", 24, near),
        "a shx that points far away": ("units.shp", "units.shx", 100, near),
        "a shx that points before the start": ("units.shp", "units.shx", 100, b"\xff\xff\xff\x00"),
        "a gpkg of four billion pages": ("units.gpkg", "units.gpkg", 28, b"\xff\xff\xff\xff"),
        "a gpkg with pages of one byte": ("units.gpkg", "units.gpkg", 16, b"\x00\x01"),
        "a gpkg with pages of 65536 bytes": ("units.gpkg", "units.gpkg", 16, b"\x00\x01"[::-1]),
        "a gpkg in UTF-16": ("units.gpkg", "units.gpkg", 56, b"\x00\x00\x00\x02"),
        "an fgb with a header of two gigabytes": ("units.fgb", "units.fgb", 8, big),
        "an fgb with a header of no bytes": ("units.fgb", "units.fgb", 8, bytes(4)),
        "an xls with a huge sector": ("facilities.xls", "facilities.xls", 30, b"\x1f\x00"),
        "an xls whose table of sectors runs in a ring": (
            "facilities.xls",
            "facilities.xls",
            512 + 8,
            struct.pack("<I", 2),
        ),
        "an xls of two billion tables of sectors": ("facilities.xls", "facilities.xls", 44, big),
        "an xls whose stream is of two gigabytes": ("facilities.xls", "facilities.xls", 512 * 2 + 128 + 120, big),
        "a zip without an end that claims 65535 files": (
            "facilities.xlsx",
            "facilities.xlsx",
            0,
            b"PK\x05\x06" + b"\xff" * 18,
        ),
        "a pbf with a header of two gigabytes": ("streets.osm.pbf", "streets.osm.pbf", 0, b"\x7f\xff\xff\xff"),
        "a pbf with a header of 60 kB": ("streets.osm.pbf", "streets.osm.pbf", 0, b"\x00\x00\xea\x60"),
    }
    for name, (form, file, at, value) in claims.items():
        add("claims", name, "any", _poked(form, file, at, value))


_add_claims()


@case("claims", "a parquet with a footer of two gigabytes", "fault")
def _(folder: Path) -> None:
    use(folder, "units.parquet")
    rewritten(folder / "units.parquet", lambda data: data[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1")


@case("claims", "a parquet with a footer of no bytes", "fault")
def _(folder: Path) -> None:
    use(folder, "units.parquet")
    rewritten(folder / "units.parquet", lambda data: data[:-8] + bytes(4) + b"PAR1")


@case("claims", "a parquet without shapes", "fault")
def _(folder: Path) -> None:
    import pandas as pd

    use(folder, "units.parquet")
    pd.DataFrame({"unit_id": ["N1"]}).to_parquet(folder / "units.parquet")


# bombs: little files that grow


def zeros(size: int, *, head: bytes = b"", tail: bytes = b"", fill: bytes = b"\0") -> tuple[bytes, int, int]:
    """Deflated bytes of a long run of one sign between a head and a tail, their checksum and their full size."""
    block = fill * ((1 << 24) // len(fill))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    n = size // len(block)
    last = packer.compress(tail) + packer.flush(zlib.Z_FINISH)
    total = zlib.crc32(head)
    for _ in range(n):
        total = zlib.crc32(block, total)
    return first + again * n + last, zlib.crc32(tail, total), len(head) + n * len(block) + len(tail)


def swap_member(path: Path, member: str, packed: bytes, checksum: int, size: int, *, claims: int | None = None) -> None:
    """Put an already deflated member into a zip, in the place of one or as a new one."""
    with zipfile.ZipFile(path) as book:
        others = {one: book.read(one) for one in book.namelist() if one != member}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in others.items():
            book.writestr(name, data)
        info = zipfile.ZipInfo(member)
        info.compress_type, info.CRC, info.compress_size = zipfile.ZIP_DEFLATED, checksum, len(packed)
        info.file_size, info.header_offset = size if claims is None else claims, book.fp.tell()
        book.fp.write(info.FileHeader(zip64=False))
        book.fp.write(packed)
        book.start_dir = book.fp.tell()
        book.filelist.append(info)
        book.NameToInfo[member] = info
        book._didModify = True


SHEET = "xl/worksheets/sheet1.xml"
XML = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CELL = b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
BOMBS: dict[str, tuple[str, str, bytes, bytes, bytes]] = {
    "a sheet of 2 GB of zeros": ("facilities.xlsx", SHEET, b"", b"", b"\0"),
    "a cell of 2 GB of text": ("facilities.xlsx", SHEET, XML + CELL, b"</t></is></c></row></sheetData></worksheet>", b"A"),
    "a sheet of 2 GB of spaces": ("facilities.xlsx", SHEET, XML, b"</sheetData></worksheet>", b" "),
    "a sheet of 2 GB of rows": ("facilities.xlsx", SHEET, XML, b"</sheetData></worksheet>", b"<row/> <row/>   "),
    "a sheet of 2 GB of cells": (
        "facilities.xlsx", SHEET, XML + b'<row r="1">', b"</row></sheetData></worksheet>", b"<c><v>1</v></c> ",
    ),
    "texts of 2 GB": ("facilities.xlsx", "xl/sharedStrings.xml", b"<sst><si><t>", b"</t></si></sst>", b"A"),
    "two hundred million texts": ("facilities.xlsx", "xl/sharedStrings.xml", b"<sst>", b"</sst>", b"<si><t/></si>   "),
    "styles of 2 GB": ("facilities.xlsx", "xl/styles.xml", b"<styleSheet>", b"</styleSheet>", b"<xf/>   "),
    "a list of sheets of 2 GB": ("facilities.xlsx", "xl/workbook.xml", b"<workbook>", b"</workbook>", b"A"),
    "an ods of 2 GB": ("facilities.ods", "content.xml", b"", b"", b"A"),
    "a member beside of 2 GB": ("facilities.xlsx", "xl/media/image1.png", b"", b"", b"\0"),
}  # fmt: skip


def _bomb(form: str, member: str, head: bytes, tail: bytes, fill: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = use(folder, form)
        swap_member(path, member, *zeros(2 * GB - (1 << 25), head=head, tail=tail, fill=fill))

    return spoil


for _name, _one in BOMBS.items():
    add("bombs", _name, "any" if "styles" in _name or "beside" in _name else "fault", _bomb(*_one))


@case("bombs", "a sheet of 2 GB that says it is small", "any")
def _(folder: Path) -> None:
    packed, checksum, size = zeros(
        2 * GB - (1 << 25), head=XML + CELL, tail=b"</t></is></c></row></sheetData></worksheet>", fill=b"A"
    )
    swap_member(folder / "facilities.xlsx", SHEET, packed, checksum, size, claims=1000)


@case("bombs", "a small sheet that says it is 4 GB", "any")
def _(folder: Path) -> None:
    packed, checksum, _ = zeros(0, head=XML, tail=b"</sheetData></worksheet>")
    swap_member(folder / "facilities.xlsx", SHEET, packed, checksum, 0, claims=0xFFFFFFFE)


@case("bombs", "a zip of a shapefile with a dbf of 2 GB", "any")
def _(folder: Path) -> None:
    with zipfile.ZipFile(folder / "units.zip", "w", zipfile.ZIP_DEFLATED) as book:
        for part in ("shp", "shx", "prj", "cpg"):
            book.write(folder / f"units.{part}", f"units.{part}")
    head = (folder / "units.dbf").read_bytes()
    head = head[:4] + struct.pack("<I", 2 * GB // 400) + head[8:]
    swap_member(folder / "units.zip", "units.dbf", *zeros(2 * GB - (1 << 25), head=head, fill=b" "))
    settings(folder, units={"path": "units.zip", "layers": None})


@case("bombs", "a zip in a zip in a zip", "fault")
def _(folder: Path) -> None:
    inner = folder / "units.dbf"
    for name in ("one.zip", "two.zip", "units.zip"):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as book:
            book.write(inner, inner.name)
        inner = folder / name
    settings(folder, units={"path": "units.zip", "layers": None})


@case("bombs", "a zip whose members climb out of it", "any")
def _(folder: Path) -> None:
    with zipfile.ZipFile(folder / "units.zip", "w") as book:
        for part in ("shp", "shx", "dbf", "prj"):
            book.write(folder / f"units.{part}", f"../../../../tmp/climbed.{part}")
    settings(folder, units={"path": "units.zip", "layers": None})


@case("bombs", "a csv of 300 MB in one cell", "fault")
def _(folder: Path) -> None:
    with (folder / "dwellings.csv").open("ab") as file:
        file.write(b'D5,"')
        for _ in range(300):
            file.write(b"A" * (1 << 20))
        file.write(b'",1,1,1\n')


# parts of a shapefile


def _add_parts() -> None:
    def without(part: str) -> Callable[[Path], None]:
        return lambda folder: (use(folder, "units.shp").with_suffix(part).unlink(), None)[1]

    def of(part: str, data: bytes) -> Callable[[Path], None]:
        return lambda folder: (use(folder, "units.shp").with_suffix(part).write_bytes(data), None)[1]

    expected = {".shx": "either", ".dbf": "fault", ".prj": "fault", ".cpg": "read", ".shp": "fault"}
    for part, ends in expected.items():
        add("shapefile parts", f"no {part}", ends, without(part))  # type: ignore[arg-type]
    for part in (".shx", ".dbf", ".prj", ".shp"):
        add("shapefile parts", f"an empty {part}", "either" if part == ".shx" else "fault", of(part, b""))
        add("shapefile parts", f"a {part} of zeros", "either" if part == ".shx" else "fault", of(part, bytes(4096)))
    for said in ("GBK", "nonsense", "UTF-16", "", "1252", "SYSTEM", "\x00\x00", "936", "gb18030", "A" * 5000):
        add("shapefile parts", f"a cpg of {said[:20]!r}", "any", of(".cpg", said.encode()))
    for said in ("LOCAL_CS", 'GEOGCS["GCJ-02"]', "PROJCS[" * 500, "EPSG:4326", "\x00", 'LOCAL_CS["local grid"]'):
        add("shapefile parts", f"a prj of {said[:20]!r}", "any", of(".prj", said.encode()))


_add_parts()


@case("shapefile parts", "a dbf with fewer rows", "either")
def _(folder: Path) -> None:
    use(folder, "units.shp")
    rewritten(folder / "units.dbf", lambda data: data[:4] + struct.pack("<I", 2) + data[8:])


@case("shapefile parts", "a dbf of another layer", "fault")
def _(folder: Path) -> None:
    use(folder, "units.shp")
    shutil.copy(folder / "dwellings.dbf", folder / "units.dbf")


@case("shapefile parts", "a shx of another layer", "any")
def _(folder: Path) -> None:
    use(folder, "units.shp")
    shutil.copy(folder / "dwellings.shx", folder / "units.shx")


@case("shapefile parts", "rows that are deleted in the dbf", "any")
def _(folder: Path) -> None:
    use(folder, "units.shp")

    def deleted(data: bytes) -> bytes:
        at = int.from_bytes(data[8:10], "little")
        return data[:at] + b"*" + data[at + 1 :]

    rewritten(folder / "units.dbf", deleted)


@case("shapefile parts", "the name of the shapefile in capitals", "read")
def _(folder: Path) -> None:
    use(folder, "units.shp")
    for part in ("shp", "shx", "dbf", "prj", "cpg"):
        (folder / f"units.{part}").rename(folder / f"UNITS.{part.upper()}")
    settings(folder, units={"path": "UNITS.SHP"})


@case("shapefile parts", "GBK without a cpg", "read")
def _(folder: Path) -> None:
    import geopandas as gpd

    use(folder, "units.shp")
    units = gpd.read_file(folder / "units.shp")
    units.to_file(folder / "units.shp", encoding="GBK")
    (folder / "units.cpg").unlink(missing_ok=True)


# files of the wrong kind


def _renamed(form: str, other: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        settings(folder, **FORMS[form])
        shutil.copy(folder / other, folder / form)

    return spoil


for _form, _other, _ends in (
    ("facilities.xls", "facilities.xlsx", "either"), ("facilities.xlsx", "facilities.xls", "either"),
    ("facilities.xlsx", "facilities.ods", "either"), ("facilities.ods", "facilities.xlsx", "either"),
    ("facilities.xlsx", "dwellings.csv", "fault"), ("dwellings.csv", "facilities.xlsx", "fault"),
    ("dwellings.csv", "units.gpkg", "fault"), ("units.gpkg", "facilities.xlsx", "fault"),
    ("units.gpkg", "dwellings.csv", "fault"), ("units.geojson", "units.fgb", "either"),
    ("units.parquet", "units.geojson", "fault"), ("units.fgb", "units.parquet", "fault"),
    ("streets.osm", "streets.osm.pbf", "fault"), ("streets.osm.pbf", "streets.osm", "fault"),
    ("streets.graphml", "streets.osm", "fault"), ("streets.osm", "streets.graphml", "fault"),
    ("units.geojson", "streets.graphml", "fault"), ("dwellings.csv", "study.toml", "fault"),
    ("units.shp", "units.geojson", "fault"), ("streets.geojson", "dwellings.geojson", "fault"),
    ("units.geojson", "dwellings.geojson", "fault"),
):  # fmt: skip
    add("another kind of file", f"{_other} called {_form}", _ends, _renamed(_form, _other))  # type: ignore[arg-type]


HTML = '<html><head><meta charset="gb2312"></head><body><table><tr><td>设施编码</td></tr></table></body></html>'
for _said, _data in {
    "a page of HTML": HTML.encode("gb18030"),
    "SpreadsheetML": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "text": "设施编码\t设施名称\n".encode("utf-16"),
    "a picture": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 0x7FFFFFFF, 0x7FFFFFFF) + bytes(9),
    "a PDF": b"%PDF-1.7\n1 0 obj <</Length 2147483647>> stream\n",
    "an encrypted workbook": bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4000),
}.items():
    for _form in ("facilities.xlsx", "facilities.xls", "units.gpkg", "streets.osm"):
        add(
            "another kind of file", f"{_said} called {_form}", "fault",
            lambda folder, form=_form, data=_data: (use(folder, form).write_bytes(data), None)[1],
        )  # fmt: skip
