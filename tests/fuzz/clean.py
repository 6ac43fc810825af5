"""The clean small study, with each of its tables in every kind of file that the program reads."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import pandas as pd
import pyproj

from spoil import CRS, DWELLINGS, HEADERS, ORIGIN_M, REGISTER, grid_streets, small_study, write_register

Rows = Sequence[Sequence[object]]
DWELLING_ROWS = [
    (a, b, int(c), float(x), float(y)) for a, b, c, x, y in (line.split(",") for line in DWELLINGS.split()[1:])
]
SHORT = {"单元编码": "unit_id", "上级编码": "parent_id", "常住户数": "households", "居住点编码": "id"}  # of ten bytes
DWELLING_HEADERS = tuple(DWELLINGS.split("\n", 1)[0].split(","))


def clean_study(folder: Path) -> Path:
    """The small study, and beside its files the same tables as files of other kinds."""
    small_study(folder)
    write_ods(folder / "facilities.ods", "设施", [HEADERS, *REGISTER])
    write_xls(folder / "facilities.xls", "设施", [HEADERS, *REGISTER])
    write_register(folder / "dwellings.xlsx", DWELLING_HEADERS, DWELLING_ROWS, sheet="居住点")
    _write_layers(folder)
    _write_streets(folder)
    return folder


def _write_layers(folder: Path) -> None:
    tiers = {"subdistricts": "街道", "circles": "片区", "neighbourhoods": "居村"}
    layers = [gpd.read_file(folder / "units.gpkg", layer=one).assign(层级=said) for one, said in tiers.items()]
    units = gpd.GeoDataFrame(pd.concat(layers, ignore_index=True), crs=CRS)
    table = pd.DataFrame(DWELLING_ROWS, columns=list(DWELLING_HEADERS))
    places = gpd.points_from_xy(table.pop("经度"), table.pop("纬度"))
    dwellings = gpd.GeoDataFrame(table, geometry=places, crs=CRS)
    for name, layer in (("units", units), ("dwellings", dwellings)):
        layer.rename(columns=SHORT).to_file(folder / f"{name}.shp", encoding="UTF-8")
        layer.to_crs("EPSG:4326").to_file(folder / f"{name}.geojson", driver="GeoJSON", COORDINATE_PRECISION=12)
        layer.to_file(folder / f"{name}.fgb", driver="FlatGeobuf")
        layer.to_parquet(folder / f"{name}.parquet")
    streets = gpd.read_file(folder / "streets.gpkg").to_crs("EPSG:4326")
    streets.to_file(folder / "streets.geojson", driver="GeoJSON", COORDINATE_PRECISION=12)


def _write_streets(folder: Path) -> None:
    turn = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    ids: dict[tuple[float, float], int] = {}
    ways = [[ids.setdefault(spot, len(ids) + 1) for spot in line.coords] for line in grid_streets()]
    spots = {node: turn.transform(x + ORIGIN_M[0], y + ORIGIN_M[1]) for (x, y), node in ids.items()}
    (folder / "streets.osm").write_text(osm_text(spots, ways), "utf-8")
    (folder / "streets.graphml").write_text(graphml_text(spots, ways), "utf-8")
    import osmium

    with osmium.SimpleWriter(str(folder / "streets.osm.pbf"), overwrite=True) as writer:
        for one in osmium.FileProcessor(str(folder / "streets.osm")):
            writer.add(one)


def osm_text(spots: dict[int, tuple[float, float]], ways: Rows, *, head: str = "", name: str = "") -> str:
    """OpenStreetMap XML of residential streets."""
    nodes = [f'<node id="{i}" version="1" lat="{y:.9f}" lon="{x:.9f}"/>' for i, (x, y) in spots.items()]
    said = f'<tag k="name" v="{name}"/>' if name else ""
    lines = [
        f'<way id="{i}" version="1">{"".join(f"<nd ref={quoteattr(str(n))}/>" for n in way)}'
        f'<tag k="highway" v="residential"/>{said}</way>'
        for i, way in enumerate(ways, start=1)
    ]
    return f'<?xml version="1.0"?>{head}<osm version="0.6">' + "\n".join([*nodes, *lines]) + "</osm>"


def graphml_text(spots: dict[int, tuple[float, float]], ways: Rows, *, head: str = "", name: str = "") -> str:
    """A street graph as OSMnx saves it."""
    keys = {"x": "node", "y": "node", "crs": "graph", "highway": "edge", "name": "edge"}
    heads = [f'<key id="{k}" for="{on}" attr.name="{k}" attr.type="string"/>' for k, on in keys.items()]
    nodes = [
        f'<node id="{i}"><data key="x">{x!r}</data><data key="y">{y!r}</data></node>' for i, (x, y) in spots.items()
    ]
    said = f'<data key="name">{name}</data>' if name else ""
    edges = [f'<edge source="{a}" target="{b}"><data key="highway">residential</data>{said}</edge>' for a, b in ways]
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        + "\n".join(heads)
        + '<graph edgedefault="directed"><data key="crs">epsg:4326</data>'
        + "\n".join([*nodes, *edges])
        + "</graph></graphml>"
    )


def write_ods(path: Path, sheet: str, rows: Rows, *, before: str = "", text: str | None = None) -> None:
    """An OpenDocument spreadsheet of one sheet."""
    body = text if text is not None else "".join(map(_ods_row, rows))
    names = ["office:1.0", "table:1.0", "text:1.0"]
    spaces = " ".join(f'xmlns:{n.split(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{n}"' for n in names)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {spaces} office:version="1.2">'
        f'<office:body><office:spreadsheet><table:table table:name="{escape(sheet)}">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", kind, zipfile.ZIP_STORED)
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", listed)


def _ods_row(row: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(cell: object) -> str:
    if cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, (int, float)):
        kind = f'office:value-type="float" office:value="{cell}"'
        return f"<table:table-cell {kind}><text:p>{cell}</text:p></table:table-cell>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


def write_xls(path: Path, sheet: str, rows: Rows) -> None:
    """An Excel 97 workbook of one sheet: BIFF8 records in a compound file of 512-byte sectors."""
    name = sheet.encode("utf-16-le")
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 0)) + _record(0x0042, struct.pack("<H", 1200))
    n_before = len(begin) + 4 + 8 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBBBB", n_before, 0, 0, len(sheet), 1) + name)
    cells = [_xls_cell(r, c, one) for r, row in enumerate(rows) for c, one in enumerate(row) if one != ""]
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    page = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 1997, 0, 0)) + _record(0x0200, size)
    stream = begin + bound + _record(0x000A, b"") + page + b"".join(cells) + _record(0x000A, b"")
    path.write_bytes(_compound(stream))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(row: int, column: int, cell: object) -> bytes:
    if isinstance(cell, (int, float)):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    text = str(cell)
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def _compound(stream: bytes) -> bytes:
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    n_sectors, end, free = len(stream) // 512, 0xFFFFFFFE, 0xFFFFFFFF
    table = [0xFFFFFFFD, end, *range(3, n_sectors + 2), end]
    table += [free] * (128 - len(table))
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    entries = _entry("Root Entry", 5, 1, end, 0) + _entry("Workbook", 2, free, 2, len(stream))
    return head + struct.pack("<128I", *table) + entries.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, none, none, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
