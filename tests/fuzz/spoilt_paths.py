"""Paths that lead nowhere, to a network, to no plain file, or to a layer that only names another one."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from corpus import CHECK, add, case, settings, use
from listener import PORT
from spoilt_files import GB

TABLES = ("units", "facilities", "dwellings", "streets")
SUFFIXES = {"units": "gpkg", "facilities": "xlsx", "dwellings": "csv", "streets": "gpkg"}


def _path(table: str, path: str) -> Callable[[Path], None]:
    return lambda folder: settings(folder, **{table: {"path": path}})


def _add_paths() -> None:
    places = {
        "nothing": "", "the folder itself": ".", "a folder above": "..", "a missing file": "none.csv",
        "a file below a file": "study.toml/x.csv", "a NUL sign": "a\x00b.csv", "spaces": "  ", "a line break": "a\nb.csv",
        "a name of 300 signs": "a" * 300 + ".csv", "a path of 5000 signs": "a/" * 2500 + "x.csv",
        "a home": "~/none.csv", "a variable": "$HOME/none.csv", "a star": "*.csv", "the root": "/",
        "an URL": f"http://127.0.0.1:{PORT}/x.geojson", "an URL in capitals": f"HTTP://127.0.0.1:{PORT}/x.geojson",
        "a secure URL": f"https://127.0.0.1:{PORT}/x.csv", "an URL of a workbook": f"http://127.0.0.1:{PORT}/x.xlsx",
        "an URL for GDAL": f"/vsicurl/http://127.0.0.1:{PORT}/x.geojson",
        "an URL for GDAL in a zip": f"/vsizip//vsicurl/http://127.0.0.1:{PORT}/x.zip",
        "an URL for GDAL as it streams": f"/vsicurl_streaming/http://127.0.0.1:{PORT}/x.geojson",
        "an FTP": f"ftp://127.0.0.1:{PORT}/x.geojson", "a bucket": "s3://bucket/x.parquet", "a bucket for GDAL": "/vsis3/b/x.shp",
        "a file as URL": "file:///etc/passwd", "a server of features": f"WFS:http://127.0.0.1:{PORT}/wfs",
        "a database for GDAL": f"PG:host=127.0.0.1 port={PORT} dbname=x", "memory": "/vsimem/x.gpkg", "stdin": "/vsistdin/",
        "a GeoJSON as path": '{"type":"FeatureCollection","features":[]}',
        "a SQLite with options": "file:units.gpkg?mode=rwc", "a driver before the path": "GPKG:units.gpkg:circles",
        "an OpenStreetMap URL": f"http://127.0.0.1:{PORT}/x.osm.pbf", "an URL of a graph": f"http://127.0.0.1:{PORT}/x.graphml",
        "a database with nothing there": "postgresql://127.0.0.1:1/none", "a database without a host": "postgresql:///",
        "a database with a password": "postgresql://me:secret@127.0.0.1:1/none", "a database's odd port": "postgresql://127.0.0.1:99999/x",
        "a database's broken address": "postgresql://[::1/x", "letters right to left": "\u202ecsv.exe.csv",
    }  # fmt: skip
    for number, (said, path) in enumerate(places.items()):
        table = TABLES[number % len(TABLES)] if "graph" not in said and "OpenStreetMap" not in said else "streets"
        add("paths", f"{said}, for {table}", "fault", _path(table, path))


_add_paths()


def _odd_file(table: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / f"odd.{SUFFIXES[table]}"
        settings(folder, **{table: {"path": path.name}})
        make(path)

    return spoil


def _socket(path: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(path.name)


for _table in TABLES:
    add("no plain files", f"a pipe that nobody writes, for {_table}", "fault", _odd_file(_table, os.mkfifo))
    add("no plain files", f"a folder, for {_table}", "fault", _odd_file(_table, Path.mkdir))
    add(
        "no plain files",
        f"a link to itself, for {_table}",
        "fault",
        _odd_file(_table, lambda path: path.symlink_to(path.name)),
    )
    add(
        "no plain files",
        f"zeros without end, for {_table}",
        "fault",
        _odd_file(_table, lambda path: path.symlink_to("/dev/zero")),
    )
    add(
        "no plain files",
        f"a link to nothing, for {_table}",
        "fault",
        _odd_file(_table, lambda path: path.symlink_to("gone")),
    )
    add(
        "no plain files",
        f"nothing, /dev/null, for {_table}",
        "fault",
        _odd_file(_table, lambda path: path.symlink_to("/dev/null")),
    )
    add("no plain files", f"a socket, for {_table}", "fault", _odd_file(_table, _socket))
for _name in ("pipe.osm", "pipe.graphml", "pipe.osm.pbf", "pipe.parquet", "pipe.shp", "pipe.geojson"):
    add(
        "no plain files", f"a pipe called {_name}", "fault",
        lambda folder, name=_name: (settings(folder, streets={"path": name}), os.mkfifo(folder / name), None)[2],
    )  # fmt: skip


@case("no plain files", "a study.toml that is a pipe", "fault")
def _(folder: Path) -> None:
    (folder / "study.toml").unlink()
    os.mkfifo(folder / "study.toml")


@case("no plain files", "a study.toml of zeros without end", "fault")
def _(folder: Path) -> None:
    (folder / "study.toml").unlink()
    (folder / "study.toml").symlink_to("/dev/zero")


@case("no plain files", "a csv of nine gigabytes without content", "fault")
def _(folder: Path) -> None:
    os.truncate(folder / "dwellings.csv", 9 * GB)


@case("no plain files", "a dbf with 300 MB behind its rows", "any")
def _(folder: Path) -> None:
    os.truncate(use(folder, "units.shp").with_suffix(".dbf"), 300 << 20)


@case("paths", "spaces and Chinese", "read")
def _(folder: Path) -> None:
    there = folder / "第 1 批 (最终版)" / "资料" / ("长" * 60)
    there.mkdir(parents=True)
    for table, suffix in SUFFIXES.items():
        (folder / f"{table}.{suffix}").rename(there / f"{table} 副本.{suffix}")
        settings(folder, **{table: {"path": str((there / f"{table} 副本.{suffix}").relative_to(folder))}})


# a layer that names another file or a server

VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="neighbourhoods"><SrcDataSource>{}</SrcDataSource>'
    "<SrcLayer>{}</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
)


def _pointing(file: str, text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / file).write_text(text, "utf-8")
        settings(folder, units={"path": file, "layers": None, "tier": "neighbourhood"})

    return spoil


for _file in ("units.vrt", "units.gpkg", "units.geojson", "units.xml", "units.zip"):
    add(
        "pointers",
        f"a VRT to a server, called {_file}",
        "fault",
        _pointing(_file, VRT.format(f"/vsicurl/http://127.0.0.1:{PORT}/x.geojson", "x")),
    )
    add(
        "pointers",
        f"a VRT to passwords, called {_file}",
        "fault",
        _pointing(_file, VRT.format("CSV:/etc/passwd", "passwd")),
    )
    add(
        "pointers",
        f"features of a server, called {_file}",
        "fault",
        _pointing(_file, f"<OGRWFSDataSource><URL>http://127.0.0.1:{PORT}/wfs</URL></OGRWFSDataSource>"),
    )
add(
    "pointers",
    "a GDAL pipeline",
    "fault",
    _pointing(
        "units.gdalg.json",
        '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /vsicurl/http://127.0.0.1:PORT/x.geojson"}'.replace(
            "PORT", str(PORT)
        ),
    ),
)
add(
    "pointers",
    "a list of features by address",
    "fault",
    _pointing(
        "units.geojson",
        '{"type":"FeatureCollection","features":[],"links":[{"rel":"next","href":"http://127.0.0.1:PORT/next"}]}'.replace(
            "PORT", str(PORT)
        ),
    ),
)
add(
    "pointers",
    "a page of ESRI with more to come",
    "fault",
    _pointing("units.json", '{"exceededTransferLimit":true,"geometryType":"esriGeometryPolygon","features":[]}'),
)
add("check", "clean", "read", lambda _: None, arguments=CHECK)
