"""Shapes: empty, mixed, curved, crossing themselves, without end, far away, with a million corners."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from corpus import add, case, settings
from shapely import Geometry

from spoil import ORIGIN_M, edit_layer

EAST, NORTH = ORIGIN_M
Layer = gpd.GeoDataFrame
BOX = shapely.box(EAST, NORTH, EAST + 300, NORTH + 300)


def unit(shape: Callable[[], Geometry | None], row: int = 0, layer: str = "neighbourhoods") -> Callable[[Path], None]:
    """Draw one unit in another shape."""

    def changed(units: Layer) -> Layer:
        shapes = list(units.geometry)
        shapes[row] = shape()
        return units.set_geometry(gpd.GeoSeries(shapes, crs=units.crs))

    return lambda folder: edit_layer(folder / "units.gpkg", layer, changed)


def street(change: Callable[[Layer], Layer]) -> Callable[[Path], None]:
    """Change the layer of streets."""
    return lambda folder: edit_layer(folder / "streets.gpkg", "streets", change)


def _ring(n: int, radius_m: float = 140) -> Geometry:
    turn = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return shapely.Polygon(
        np.column_stack([EAST + 150 + radius_m * np.cos(turn), NORTH + 150 + radius_m * np.sin(turn)])
    )


def _comb(n: int) -> Geometry:
    x = np.linspace(EAST, EAST + 300, n)
    y = np.where(np.arange(n) % 2, NORTH + 280, NORTH + 20)
    return shapely.Polygon(np.vstack([np.column_stack([x, y]), [(EAST + 300, NORTH), (EAST, NORTH)]]))


def _spot(x: float, y: float) -> Geometry:
    return shapely.Polygon([(x, y)] * 4)


def _at(*corners: tuple[float, float]) -> Geometry:
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in corners])


FAR = shapely.box(1e307, 1e307, 1e308, 1e308)
SHAPES: dict[str, tuple[str, Callable[[], Geometry | None]]] = {
    "none": ("any", lambda: None), "an empty area": ("any", lambda: shapely.Polygon()), "an empty collection": ("any", lambda: shapely.GeometryCollection()), "an empty point": ("any", lambda: shapely.Point()),
    "a point": ("fault", lambda: shapely.Point(EAST, NORTH)), "a line": ("fault", lambda: shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])), "an area of one point": ("fault", lambda: _spot(EAST, NORTH)), "an area without area": ("fault", lambda: _at((0, 0), (300, 0), (100, 0))),
    "a bow tie": ("fault", lambda: _at((0, 0), (300, 300), (300, 0), (0, 300))), "an area that touches itself": ("any", lambda: _at((0, 0), (300, 0), (150, 150), (300, 300), (0, 300), (150, 150))), "a spike": ("any", lambda: _at((0, 0), (300, 0), (300, 300), (300, 9000), (300, 300), (0, 300))),
    "corners that are no numbers": ("fault", lambda: shapely.Polygon([(EAST, NORTH), (np.nan, NORTH), (EAST, NORTH + 300)])), "corners without end": ("fault", lambda: shapely.Polygon([(EAST, NORTH), (np.inf, NORTH), (EAST, np.inf)])), "corners of 1e308": ("fault", lambda: FAR), "corners of 1e-320": ("fault", lambda: shapely.box(0, 0, 1e-320, 1e-320)),
    "an area far away": ("any", lambda: shapely.box(9e6, 9e6, 9.1e6, 9.1e6)), "the whole earth": ("any", lambda: shapely.box(-2e7, -1e7, 2e7, 1e7)), "a hole outside": ("fault", lambda: shapely.Polygon(BOX.exterior, [[(EAST + 400, NORTH), (EAST + 500, NORTH), (EAST + 500, NORTH + 50)]])), "a hole as large as the area": ("fault", lambda: shapely.Polygon(BOX.exterior, [BOX.exterior.coords])),
    "an area in an area": ("any", lambda: shapely.MultiPolygon([BOX, shapely.box(EAST + 9, NORTH + 9, EAST + 20, NORTH + 20)])), "a collection of all kinds": ("any", lambda: shapely.GeometryCollection([BOX, shapely.Point(EAST, NORTH), shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])])), "a collection of one area": ("any", lambda: shapely.GeometryCollection([BOX])),
    "heights": ("read", lambda: shapely.force_3d(BOX, 9.0)), "heights without end": ("any", lambda: shapely.force_3d(BOX, np.inf)),     "a million corners": ("any", lambda: _ring(1_000_000)), "a million corners in teeth": ("any", lambda: _comb(1_000_000)), "a hundred thousand holes": ("any", lambda: shapely.Polygon(BOX.exterior, [[(EAST + 1 + i % 297, NORTH + 1 + i // 297 * 0.8), (EAST + 1.5 + i % 297, NORTH + 1 + i // 297 * 0.8), (EAST + 1 + i % 297, NORTH + 1.4 + i // 297 * 0.8)] for i in range(100_000)])),
    "100,000 parts": ("any", lambda: shapely.MultiPolygon([shapely.box(EAST + i % 290, NORTH + i // 290 * 0.8, EAST + i % 290 + 0.5, NORTH + i // 290 * 0.8 + 0.4) for i in range(100_000)])), "a line with its length": ("fault", lambda: shapely.LinearRing(BOX.exterior.coords)), "the other way round": ("read", lambda: shapely.Polygon(list(BOX.exterior.coords)[::-1])),
}  # fmt: skip
for _said, (_expected, _shape) in SHAPES.items():
    add("shapes of units", _said, _expected, unit(_shape))  # type: ignore[arg-type]


def _blob(data: bytes) -> Callable[[Path], None]:
    """Raw bytes as the shape of a unit in a GeoPackage."""

    def spoil(folder: Path) -> None:
        import sqlite3

        with sqlite3.connect(folder / "units.gpkg") as book:
            for (name,) in list(book.execute("select name from sqlite_master where type='trigger'")):
                book.execute(f'drop trigger "{name}"')
            book.execute("update neighbourhoods set geom = ? where fid = 1", (data,))

    return spoil


HEAD = b"GP\0\1" + struct.pack("<i", 4549)
for _said, _data in {
    "no bytes": b"", "one byte": b"G", "a header alone": HEAD, "a box of nonsense": b"GP\0\x0f" + bytes(80), "two billion corners": HEAD + struct.pack("<BIII", 1, 3, 1, 0x7FFFFFFF), "two billion rings": HEAD + struct.pack("<BII", 1, 3, 0x7FFFFFFF),
    "an unknown kind": HEAD + struct.pack("<BI", 1, 9999), "collections in collections": HEAD + struct.pack("<BII", 1, 7, 1) * 5000, "a text": b"POLYGON((0 0))", "another CRS": b"GP\0\1" + struct.pack("<i", 999_999) + shapely.to_wkb(BOX), "an empty one with a box": b"GP\0\x11" + struct.pack("<i", 4549) + shapely.to_wkb(shapely.Polygon()),
}.items():  # fmt: skip
    add("shapes in bytes", _said, "any", _blob(_data))


CORNERS = struct.pack("<I6d", 3, EAST, NORTH, EAST + 300, NORTH + 300, EAST, NORTH)
RING = struct.pack("<I8d", 4, EAST, NORTH, EAST + 300, NORTH, EAST, NORTH + 300, EAST, NORTH)


def _of(kind: int, *parts: bytes) -> bytes:
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


CURVE = struct.pack("<BI", 1, 8) + CORNERS
for _said, _data in {
    "a curve": CURVE, "a chain of curves": _of(9, CURVE), "an area with a curved edge": _of(10, CURVE), "areas with curved edges": _of(12, _of(10, CURVE)), "several curves": _of(11, CURVE),
    "a polyhedron": _of(15, _of(3, RING)), "a TIN": _of(16, _of(17, RING)), "a triangle": _of(17, RING), "a ring that is not closed": _of(3, CORNERS[:4] + CORNERS[4:36] + CORNERS[20:36]), "a ring of two": _of(3, struct.pack("<I4d", 2, EAST, NORTH, EAST, NORTH)),
    "a collection of curves": _of(7, CURVE, _of(3, RING)),
}.items():  # fmt: skip
    add("curves", _said, "any", _blob(HEAD + _data))


def _sql(*statements: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        import sqlite3

        with sqlite3.connect(folder / "units.gpkg") as book:
            for (name,) in list(book.execute("select name from sqlite_master where type='trigger'")):
                book.execute(f'drop trigger "{name}"')
            for one in statements:
                book.execute(one)

    return spoil


for _said, _statements in {
    "no list of layers": ["drop table gpkg_contents"], "no list of shapes": ["drop table gpkg_geometry_columns"], "no list of CRS": ["drop table gpkg_spatial_ref_sys"], "a layer that is not there": ["drop table neighbourhoods"],
    "a CRS of nonsense": ["update gpkg_spatial_ref_sys set definition = 'spam', organization_coordsys_id = 999999, organization = 'X' where srs_id = 4549"], "no rows": ["delete from neighbourhoods"], "numbers that are bytes": ["update neighbourhoods set 常住户数 = x'00ff'"], "texts that are bytes": ["update neighbourhoods set 名称 = x'ff00fe'"],
    "texts that are no UTF-8": ["update neighbourhoods set 名称 = cast(x'fffe41' as text)"], "keys that are empty": ["update neighbourhoods set 单元编码 = null"], "keys that are numbers": ["update neighbourhoods set 单元编码 = 1"], "households of 1e400": ["update neighbourhoods set 常住户数 = 9e999"], "a layer that is a view of itself": ["drop table neighbourhoods", "create view neighbourhoods as select * from neighbourhoods"],
    "a layer without an end": ["drop table neighbourhoods", "create view neighbourhoods as with recursive n(fid) as (select 1 union all select fid + 1 from n) select fid, cast(fid as text) as 单元编码, x'' as geom from n"], "a wrong count": ["update gpkg_ogr_contents set feature_count = 2000000000"], "a wrong extent": ["update gpkg_contents set min_x = 'a', max_x = 9e999"], "an index that is broken": ["drop table rtree_neighbourhoods_geom"],
    "1,500 columns": [f"alter table neighbourhoods add column c{n} text" for n in range(1500)], "a column of a quote": ["""alter table neighbourhoods add column "a""b'c" text"""], "a column of nothing": ['alter table neighbourhoods add column "" text'],
}.items():  # fmt: skip
    add("gpkg tables", _said, "any", _sql(*_statements))


def _parents(units: Layer) -> Layer:
    units["上级编码"] = ["N2", "N1"]
    return units


def _own_parent(units: Layer) -> Layer:
    units["上级编码"] = ["N1", "N2"]
    return units


def _twins(units: Layer) -> Layer:
    units["单元编码"] = ["N1", "N1"]
    return units


def _many(units: Layer) -> Layer:
    n = 600
    shapes = [
        shapely.box(EAST + i % 100 * 6, NORTH + i // 100 * 6, EAST + i % 100 * 6 + 6, NORTH + i // 100 * 6 + 6)
        for i in range(n)
    ]
    return gpd.GeoDataFrame(
        {"单元编码": [f"N{i}" for i in range(n)], "名称": "x", "上级编码": "C1", "常住户数": 9},
        geometry=shapes,
        crs=units.crs,
    )


def _stacked(units: Layer) -> Layer:
    n = 300
    return gpd.GeoDataFrame(
        {"单元编码": [f"N{i}" for i in range(n)], "名称": "x", "上级编码": "C1", "常住户数": 9},
        geometry=[BOX] * n,
        crs=units.crs,
    )


for _said, _expected, _change in (
    ("parents in a ring", "fault", _parents), ("units above themselves", "fault", _own_parent), ("a key twice", "fault", _twins), ("600 units", "any", _many), ("300 units on each other", "any", _stacked),
    ("no units", "fault", lambda units: units.iloc[:0]), ("households unknown", "any", lambda units: units.assign(常住户数=np.nan)), ("no households", "any", lambda units: units.assign(常住户数=0)),
    ("households of 1e308", "any", lambda units: units.assign(常住户数=1e308)), ("households below zero", "fault", lambda units: units.assign(常住户数=-5)), ("places swapped", "fault", lambda units: units.set_geometry(gpd.GeoSeries(shapely.transform(units.geometry.to_numpy(), lambda c: c[:, ::-1]), crs=units.crs))),
    ("a zone before the easting", "any", lambda units: units.set_geometry(units.translate(39_000_000, 0))), ("a local grid", "any", lambda units: units.set_geometry(units.translate(-EAST, -NORTH))), ("no CRS", "fault", lambda units: units.set_crs(None, allow_override=True)),
    ("Xian 80", "fault", lambda units: units.set_crs("EPSG:2384", allow_override=True)), ("Beijing 54", "fault", lambda units: units.set_crs("EPSG:2436", allow_override=True)), ("both units the same", "any", lambda units: units.set_geometry([units.geometry.iloc[0]] * 2, crs=units.crs)), ("a column of times", "any", lambda units: units.assign(at=pd.Timestamp("2025-01-01T10:00:00Z"))), ("a column of bytes", "any", lambda units: units.assign(raw=[b"\x00\xff", b""])),
):  # fmt: skip
    add(
        "units",
        _said,
        _expected,
        lambda folder, change=_change: edit_layer(folder / "units.gpkg", "neighbourhoods", change),
    )  # type: ignore[arg-type]


def _shape_of_all(make: Callable[[Geometry], Geometry | None]) -> Callable[[Layer], Layer]:
    return lambda streets: streets.set_geometry(gpd.GeoSeries([make(one) for one in streets.geometry], crs=streets.crs))


def _one(shape: Callable[[], Geometry | None]) -> Callable[[Layer], Layer]:
    return lambda streets: streets.set_geometry(gpd.GeoSeries([shape(), *streets.geometry.iloc[1:]], crs=streets.crs))


def _wild(n: int) -> Geometry:
    chance = np.random.default_rng(1)
    return shapely.LineString(np.column_stack([EAST + chance.uniform(0, 600, n), NORTH + chance.uniform(0, 300, n)]))


for _said, _expected, _change in (
    ("no streets", "fault", lambda streets: streets.iloc[:0]), ("all points", "fault", _shape_of_all(lambda one: one.centroid)), ("all areas", "fault", _shape_of_all(lambda one: one.buffer(2))), ("all empty", "fault", _shape_of_all(lambda one: shapely.LineString())), ("none with a shape", "fault", _shape_of_all(lambda one: None)),
    ("one without a shape", "any", _one(lambda: None)), ("one empty", "any", _one(lambda: shapely.LineString())), ("one of no length", "any", _one(lambda: shapely.LineString([(EAST, NORTH)] * 2))), ("one that is no number", "any", _one(lambda: shapely.LineString([(EAST, np.nan), (np.nan, NORTH)]))), ("one without end", "any", _one(lambda: shapely.LineString([(EAST, NORTH), (np.inf, NORTH)]))), ("one of 1e308", "any", _one(lambda: shapely.LineString([(EAST, NORTH), (1e308, -1e308)]))),
    ("one of a million corners", "any", _one(lambda: _ring(1_000_000).exterior)), ("one in a knot", "any", _one(lambda: _wild(1000))), ("all of many parts", "read", _shape_of_all(lambda one: shapely.MultiLineString([one]))), ("one in a collection", "any", _one(lambda: shapely.GeometryCollection([shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])]))), ("with heights", "read", _shape_of_all(lambda one: shapely.force_3d(one, 5.0))),
    ("all twice", "any", lambda streets: pd.concat([streets, streets])), ("all on one spot", "any", _shape_of_all(lambda one: shapely.LineString([(EAST, NORTH), (EAST + 1e-9, NORTH)]))), ("far away", "any", lambda streets: streets.set_geometry(streets.translate(1e6, 1e6))), ("kinds of road that are none", "any", lambda streets: streets.assign(highway="<b>spam</b>")), ("roads for cars only", "any", lambda streets: streets.assign(highway="motorway")),
    ("tags that are numbers", "any", lambda streets: streets.assign(highway=5.5, foot=1, access=True)), ("layers that are words", "any", lambda streets: streets.assign(layer="up", bridge="yes", tunnel="yes")), ("a key for all", "any", lambda streets: streets.assign(street_id="same")), ("one node for all", "any", lambda streets: streets.assign(from_node="a", to_node="a")), ("heights of 1e308", "any", lambda streets: streets.assign(from_ele_m=1e308, to_ele_m=-1e308)),
):  # fmt: skip
    add("streets", _said, _expected, street(_change))  # type: ignore[arg-type]


def _crossing(n: int) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        street(_one(lambda: _wild(n)))(folder)
        settings(folder, streets={"crossings": "join"})

    return spoil


add("streets", "a knot of 300 whose crossings are joined", "any", _crossing(300))


@case("streets", "a line of a bad number whose crossings are joined", "any")
def _(folder: Path) -> None:
    street(_one(lambda: shapely.LineString([(EAST, np.nan), (EAST, NORTH)])))(folder)
    settings(folder, streets={"crossings": "join"})


@case("shapes of units", "dwellings that are areas", "any")
def _(folder: Path) -> None:
    import shutil

    shutil.copy(folder / "units.gpkg", folder / "dwellings.gpkg")
    settings(
        folder,
        dwellings={
            "path": "dwellings.gpkg",
            "layer": "neighbourhoods",
            "crs": None,
            "columns": {"dwelling_id": "单元编码", "households": "常住户数"},
        },
    )


@case("shapes of units", "dwellings of several points each", "any")
def _(folder: Path) -> None:
    spots = [shapely.MultiPoint([(EAST + 50, NORTH + 100), (EAST + 60, NORTH + 110)]), shapely.MultiPoint()]
    gpd.GeoDataFrame({"dwelling_id": ["D1", "D2"], "households": [100, 5]}, geometry=spots, crs="EPSG:4549").to_file(
        folder / "dwellings.gpkg"
    )
    settings(folder, dwellings={"path": "dwellings.gpkg", "crs": None})
