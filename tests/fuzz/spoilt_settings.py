"""Settings of every wrong type, and TOML that is none."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import tomlish
from corpus import ASSESS, add, case, rewritten, settings
from pydantic import BaseModel

from lifecircle.study import Study

MOST = 96
ODD: dict[str, object] = {
    "a word": "spam", "an empty text": "", "a number": 7, "a number below zero": -1, "a huge number": 10**30, "a number without end": float("inf"),
    "not a number": float("nan"), "a list": [[], ["x"], 3], "a table": {"a": {"b": 1}}, "a day": dt.date(2025, 1, 1), "a time": dt.time(8, 30), "true": True,
    "a long text": "长" * 100_000, "a path": "../../../../etc/passwd", "an empty list": [], "an empty table": {}, "markup": "<script>{x}</script>", "control signs": "a\x1b[31m\x00b",
}  # fmt: skip


def keys(model: type[BaseModel], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting of a model, by its way from the top."""
    for name, one in model.model_fields.items():
        yield (*place, name)
        inner = [
            part
            for part in (one.annotation, *get_args(one.annotation))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        for part in inner:
            yield from keys(part, (*place, name))


def put(place: tuple[str, ...], value: object) -> Callable[[Path], None]:
    """Give one setting a value."""

    def spoil(folder: Path) -> None:
        path = folder / "study.toml"
        content: dict[str, Any] = tomlish.loads(path.read_text("utf-8"))
        table = content
        for part in place[:-1]:
            table = table.setdefault(part, {}) if isinstance(table.get(part, {}), dict) else {}
        table[place[-1]] = value
        path.write_text(tomlish.dumps(content), "utf-8")

    return spoil


def _add_settings() -> None:
    places = sorted(set(keys(Study)))
    chosen = [places[number * len(places) // MOST] for number in range(MOST)]
    words = list(ODD)
    for number, place in enumerate(chosen):
        word = words[(number * 5 + 3) % len(words)]
        add("settings", f"{'.'.join(place)} is {word}, {number}", "any", put(place, ODD[word]))
    for place in (("study",), ("units",), ("facilities",), ("walk",), ("kinds",), ("circles",)):
        for word in ("a list", "a word", "a number", "true", "a day"):
            add("settings", f"[{place[0]}] is {word}", "fault", put(place, ODD[word]))


_add_settings()


def toml(text: str | bytes) -> Callable[[Path], None]:
    """Put a text before the study's own."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return lambda folder: rewritten(folder / "study.toml", lambda own: data + b"\n" + own)


for _said, _text in {
    "a number of 5,000 digits": "x = " + "9" * 5000, "10,000 brackets": "x = " + "[" * 10_000, "10,000 tables in each other": "x = " + "{a=" * 10_000,
    "a key of 2,000 parts": ".".join("a" * 2_000) + " = 1", "a table of 2,000 parts": "[" + ".".join("a" * 2_000) + "]", "a day that does not exist": "x = 2025-02-30", "an hour of 25": "x = 25:00:00",
    "the same key twice": "x = 1\nx = 2", "the same table twice": "[walk]\n[walk]", "a text that never ends": 'x = """abc', "a key without a value": "x =", "a comment of control signs": "# \x00\x01",
    "UTF-16": "\ufeff".encode("utf-16") + "x = 1".encode("utf-16"), "a surrogate": "x = '\ud800'", "GB18030": "# 设施".encode("gb18030"), "an escape of no sign": 'x = "\\UFFFFFFFF"', "a surrogate escaped": 'x = "\\ud800"',
    "a number of hexadecimals without end": "x = 0x" + "f" * 100_000, "a number with 100,000 places": "x = 0." + "1" * 100_000, "Windows paths": 'x = "C:\\Users\\new"', "a YAML": "study:\n  id: x\n", "a JSON": '{"study": {}}',
    "an unknown table": "[spam]\nx = 1", "a table of tables": "[[study]]\nid = 'x'", "an empty key": '"" = 1', "a key of 100,000 signs": '"' + "k" * 100_000 + '" = 1', "100,000 keys": "\n".join(f"k{n} = 1" for n in range(100_000)),
    "a key of control signs": '"\\u001b[31m" = 1', "a key of marks of direction": '"\\u202e" = 1', "a key of markup": '"<script>" = 1', "a key of braces": '"{0}{x}" = 1',
}.items():  # fmt: skip
    add("toml", _said, "fault", toml(_text))
add("toml", "nothing", "fault", lambda folder: (folder / "study.toml").write_bytes(b"") and None)
add("toml", "a BOM", "read", lambda folder: rewritten(folder / "study.toml", lambda own: b"\xef\xbb\xbf" + own))
add(
    "toml",
    "Windows line ends",
    "read",
    lambda folder: rewritten(folder / "study.toml", lambda own: own.replace(b"\n", b"\r\n")),
)


def with_settings(**tables: dict[str, Any]) -> Callable[[Path], None]:
    """Change tables of study.toml."""
    return lambda folder: settings(folder, **tables)


LONG = "x" * 3000
for _said, _ends, _tables in (
    ("a year of 30 digits", "any", {"study": {"year": 10**30}}), ("a year below zero", "any", {"study": {"year": -5}}), ("the day 0001-01-01", "any", {"study": {"date": dt.date(1, 1, 1)}}),
    ("the day 9999-12-31", "any", {"study": {"date": dt.date(9999, 12, 31)}}), ("an id of 3,000 signs", "any", {"study": {"id": LONG}}), ("an id that climbs", "fault", {"study": {"id": "../../x"}}),
    ("an id with a line break", "fault", {"study": {"id": "x\n"}}), ("an empty id", "fault", {"study": {"id": ""}}), ("an empty name", "any", {"study": {"name": ""}}), ("no standards", "any", {"study": {"standards": []}}),
    ("a standard twice", "any", {"study": {"standards": ["shanghai-2021", "shanghai-2021"]}}), ("a standard that is a folder", "fault", {"study": {"standards": ["."]}}), ("a standard that climbs", "fault", {"study": {"standards": ["../../../etc/passwd"]}}),
    ("a standard that is a workbook", "fault", {"study": {"standards": ["facilities.xlsx"]}}), ("a standard that is this study", "fault", {"study": {"standards": ["study.toml"]}}), ("a standard of nothing", "fault", {"study": {"standards": [""]}}), ("a standard at an address", "fault", {"study": {"standards": ["http://127.0.0.1:48731/x.toml"]}}),
    ("a CRS of nonsense", "fault", {"study": {"crs": "EPSG:999999"}}), ("a CRS of 100,000 signs", "fault", {"study": {"crs": "x" * 100_000}}), ("a CRS of another planet", "fault", {"study": {"crs": "IAU_2015:49900"}}), ("a CRS in feet", "fault", {"study": {"crs": "EPSG:2263"}}), ("a CRS of the other side", "fault", {"study": {"crs": "EPSG:32719"}}), ("a CRS with a NUL", "fault", {"study": {"crs": "EPSG:4549\x00"}}),
    ("a CRS of heights", "fault", {"study": {"crs": "EPSG:5773"}}), ("a CRS that is a file", "fault", {"study": {"crs": "/etc/passwd"}}), ("a CRS of a pipeline", "any", {"study": {"crs": "+proj=pipeline +step +proj=utm +zone=50"}}), ("a CRS with grids of a file", "any", {"dwellings": {"crs": "+proj=tmerc +lon_0=118.5 +nadgrids=/etc/passwd +units=m"}}),
    ("a CRS of a table that is nonsense", "fault", {"dwellings": {"crs": "spam"}}), ("GCJ-02 as CRS", "fault", {"dwellings": {"crs": "GCJ-02"}}), ("degrees for metres", "fault", {"dwellings": {"crs": "EPSG:4326"}}), ("an encoding of nonsense", "fault", {"dwellings": {"encoding": "spam"}}), ("an encoding that is none of text", "fault", {"dwellings": {"encoding": "zlib"}}), ("an encoding with a NUL", "fault", {"dwellings": {"encoding": "utf\x008"}}),
    ("an encoding of names", "any", {"dwellings": {"encoding": "idna"}}), ("an encoding of escapes", "any", {"dwellings": {"encoding": "unicode_escape"}}), ("an encoding of a shapefile", "any", {"units": {"path": "units.shp", "layers": None, "encoding": "spam"}}), ("an encoding of UTF-16", "fault", {"dwellings": {"encoding": "utf-16"}}), ("an empty encoding", "any", {"dwellings": {"encoding": ""}}),
    ("a sheet without a name", "any", {"facilities": {"sheet": ""}}), ("a sheet of 3,000 signs", "fault", {"facilities": {"sheet": LONG}}), ("a sheet for a csv", "any", {"dwellings": {"sheet": "x"}}), ("a layer for a workbook", "any", {"facilities": {"layer": "x"}}), ("a layer without a name", "any", {"units": {"layers": {"neighbourhood": ""}}}), ("a layer of SQL", "fault", {"units": {"layers": {"neighbourhood": "x' OR 1=1 --"}}}),
    ("a header in row 0", "fault", {"facilities": {"header": 0}}), ("a header in row 2", "fault", {"facilities": {"header": 2}}), ("a header in row 99", "fault", {"facilities": {"header": 99}}), ("a header in row 10^12", "fault", {"facilities": {"header": 10**12}}), ("a header in row 10^30", "fault", {"facilities": {"header": 10**30}}),
    ("a column that is not there", "fault", {"facilities": {"columns": {"name": "spam"}}}), ("a column of no name", "any", {"facilities": {"columns": {"name": ""}}}), ("an unknown column", "fault", {"facilities": {"columns": {"spam": "设施名称"}}}), ("two columns from one header", "any", {"facilities": {"columns": {"name": "设施名称", "address": "设施名称"}}}), ("the geometry from a column", "any", {"facilities": {"columns": {"geometry": "设施名称"}}}), ("the row from a column", "any", {"facilities": {"columns": {"row": "设施名称"}}}),
    ("a datum for metres", "any", {"dwellings": {"datum": "gcj02"}}), ("a datum for areas", "any", {"units": {"datum": "bd09"}}), ("a query for a file", "any", {"dwellings": {"query": "DROP TABLE x"}}), ("tags for a file", "any", {"units": {"tags": {"building": "*"}}}),
    ("a walker at no speed", "fault", {"walk": {"walker": {"name": "x", "speed_m_per_s": 0}}}), ("a walker at 1e308", "any", {"walk": {"walker": {"name": "x", "speed_m_per_s": 1e308}}}), ("a walker at 1e-308", "any", {"walk": {"walker": {"name": "x", "speed_m_per_s": 1e-308}}}), ("a limit of 1e308", "any", {"walk": {"limit_min": 1e308}}), ("a limit of 1e-308", "any", {"walk": {"limit_min": 1e-308}}), ("a snap of 1e308", "any", {"walk": {"snap_m": 1e308}}),
    ("settings of a walk that are a folder", "fault", {"walk": {"settings": "."}}), ("settings of a walk that are a workbook", "fault", {"walk": {"settings": "facilities.xlsx"}}), ("settings of a walk that are this study", "fault", {"walk": {"settings": "study.toml"}}), ("heights of a csv", "fault", {"streets": {"elevation": "dwellings.csv"}}), ("heights at an address", "fault", {"streets": {"elevation": "/vsicurl/http://127.0.0.1:48731/x.tif"}}), ("heights of nothing", "fault", {"streets": {"elevation": ""}}), ("heights that the streets do not have", "fault", {"streets": {"elevation": "ele"}}),
    ("circles of a csv", "fault", {"circles": {"path": "dwellings.csv"}}), ("circles of 1 household", "any", {"circles": {"make": True, "households": [1e-9, 1e-9]}}), ("pins to nowhere", "any", {"circles": {"make": True, "pins": {"N9": "F9"}}}), ("circles around no kind", "any", {"circles": {"make": True, "kinds": []}}), ("circles of an unknown standard", "fault", {"circles": {"make": True, "standard": "spam"}}),
    ("a spread over streets", "any", {"spread": {"over": "streets"}}), ("a spread over buildings that are a csv", "any", {"spread": {"over": "buildings", "path": "dwellings.csv"}}), ("a spread over a grid of nothing", "fault", {"spread": {"over": "grid", "path": "none.gpkg"}}), ("a spread over streets with a file", "any", {"spread": {"over": "streets", "path": "streets.gpkg"}}), ("a spread over buildings without a file", "fault", {"spread": {"over": "buildings"}}), ("a spread over units", "any", {"spread": {"over": "buildings", "path": "units.gpkg", "floors": 1e308}}),
    ("repairs of everything", "any", {"repair": {"valid": True, "slivers_m": 20, "strays_m": 1e9}}), ("slivers of 1e-300", "any", {"repair": {"slivers_m": 1e-300}}), ("names that are alike", "any", {"names": {"similar": 0.51}}), ("an extent of a point", "fault", {"streets": {"extent": [1, 1, 1, 1]}}), ("an extent elsewhere", "any", {"streets": {"extent": [0, 0, 1, 1]}}), ("an extent of three", "fault", {"streets": {"extent": [0, 0, 1]}}),
    ("groups of no column", "fault", {"equity": {"groups": {"old": "spam"}}}), ("groups of names", "any", {"equity": {"groups": {"old": "名称"}}}), ("groups by places", "any", {"equity": {"by": ["经度"]}}), ("a range upside down", "fault", {"unknown": {"households": [9, 1]}}), ("a range of 1e308", "any", {"unknown": {"households": [0, 1e308], "floor_area_m2": [0, 1e308]}}), ("a kind called __proto__", "any", {"kinds": {"__proto__": {"zh": "x", "en": "x"}, "constructor": {"zh": "y", "en": "y"}}}),
    ("5,000 kinds", "any", {"kinds": {f"k{n}": {"zh": f"类{n}", "en": f"kind {n}"} for n in range(5000)}}), ("a kind of two known ones", "any", {"kinds": {"a": {"zh": "同", "en": "x"}, "b": {"zh": "同", "en": "x"}}}), ("people of 1e-308 to a household", "any", {"dwellings": {"people_per_household": 1e-308}}), ("the least floor area 1e308", "any", {"count": {"least_m2": 1e308}}),
):  # fmt: skip
    add("values", _said, _ends, with_settings(**_tables))  # type: ignore[arg-type]


@case("values", "an id of 3,000 signs, in its own folder", "any", arguments=("assess", "study.toml", "--quiet"))
def _(folder: Path) -> None:
    settings(folder, study={"id": LONG})


@case("values", "a year of 30 digits, in its own folder", "any", arguments=("assess", "study.toml", "--quiet"))
def _(folder: Path) -> None:
    settings(folder, study={"year": 10**30})


for _said, _arguments, _ends in (
    ("no study", ("assess", "none", "--quiet"), "fault"), ("a study that is a workbook", ("assess", "facilities.xlsx", "--quiet"), "fault"), ("a report over a file", ("assess", "study.toml", "--quiet", "--out", "units.gpkg"), "fault"),
    ("a report below a file", ("assess", "study.toml", "--quiet", "--out", "units.gpkg/x"), "fault"), ("a report in a name of 300 signs", ("assess", "study.toml", "--quiet", "--out", "x" * 300), "fault"), ("a report into /dev/null", ("assess", "study.toml", "--quiet", "--out", "/dev/null"), "fault"),
    ("a report into a database with nothing there", (*ASSESS, "--to", "postgresql://127.0.0.1:1/none"), "any"), ("a report into a database without an address", (*ASSESS, "--to", "spam"), "any"),
    ("faults into a folder", ("check", "study.toml", "--quiet", "--xlsx", "."), "fault"), ("faults over an input", ("check", "study.toml", "--quiet", "--xlsx", "facilities.xlsx"), "any"), ("faults below a file", ("check", "study.toml", "--quiet", "--xlsx", "units.gpkg/x.xlsx"), "fault"),
):  # fmt: skip
    add("arguments", _said, _ends, lambda _: None, arguments=_arguments)  # type: ignore[arg-type]
