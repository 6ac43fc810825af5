"""Text files: CSV as offices save it and as nobody should, XML with entities, deep JSON."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from clean import graphml_text, osm_text
from corpus import add, case, rewritten, use

from spoil import DWELLINGS

HEADER, *ROWS = DWELLINGS.splitlines()


def csv(data: bytes | str) -> Callable[[Path], None]:
    """Another text of the dwellings."""
    return lambda folder: (
        (folder / "dwellings.csv").write_bytes(data if isinstance(data, bytes) else data.encode("utf-8")),
        None,
    )[1]


def _joined(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def _add_encodings() -> None:
    same = {
        "UTF-8 with a BOM": DWELLINGS.encode("utf-8-sig"),
        "GB18030": DWELLINGS.encode("gb18030"),
        "Windows line ends": DWELLINGS.replace("\n", "\r\n").encode(),
        "mixed line ends": DWELLINGS.replace("\n", "\r\n", 2).encode(),
        "old Mac line ends": DWELLINGS.replace("\n", "\r").encode(),
        "no line end at the end": DWELLINGS.rstrip().encode(),
        "tabs": DWELLINGS.replace(",", "\t").encode(),
        "semicolons": DWELLINGS.replace(",", ";").encode(),
        "every cell in quotes": "".join(f'"{line}"\n'.replace(",", '","') for line in DWELLINGS.splitlines()).encode(),
        "spaces around cells": DWELLINGS.replace(",", " , ").encode(),
        "blank rows between": DWELLINGS.replace("\n", "\n\n\n").encode(),
        "rows of commas": _joined(HEADER, *ROWS, ",,,,", ",,,,").encode(),
        "empty columns at the end": _joined(*[f"{line},,," for line in DWELLINGS.splitlines()]).encode(),
        "full-width digits": DWELLINGS.replace("100", "１００").encode(),
        "a BOM twice": b"\xef\xbb\xbf" + DWELLINGS.encode("utf-8-sig"),
    }
    for said, data in same.items():
        add("csv", said, "read", csv(data))
    either = {
        "UTF-16": DWELLINGS.encode("utf-16"), "UTF-16 without a BOM": DWELLINGS.encode("utf-16-le"),
        "UTF-32": DWELLINGS.encode("utf-32"), "UTF-7": DWELLINGS.encode("utf-7"),
        "Big5": DWELLINGS.replace("编", "編").replace("点", "點").replace("户", "戶").replace("数", "數").replace("经", "經").replace("纬", "緯").encode("big5", "replace"),
        "Shift-JIS": DWELLINGS.replace("编", "編").replace("点", "点").replace("户", "戸").replace("经", "経").replace("纬", "緯").replace("码", "碼").encode("shift-jis", "replace"),
        "broken UTF-8": DWELLINGS.encode().replace(b"one", b"\xff\xfe\xfd"), "half a sign of UTF-8": DWELLINGS.encode()[:-1] + b"\xe5\xb1",
        "a surrogate": DWELLINGS.encode().replace(b"one", b"\xed\xa0\x80"), "a BOM in the middle": DWELLINGS.replace("D3", "\ufeffD3").encode(),
        "decimal commas": DWELLINGS.replace(",", ";").replace("615050", "615050,0").encode(),
        "NUL signs": DWELLINGS.replace("one", "o\0e").encode(), "control signs": DWELLINGS.replace("one", "o\x1b[31m\x07\x08e").encode(),
        "a delimiter of spaces": DWELLINGS.replace(",", " ").encode(), "a delimiter of bars": DWELLINGS.replace(",", "|").encode(),
        "the header twice among rows": (DWELLINGS + HEADER + "\n").encode(),
        "a hint for Excel": b"sep=,\n" + DWELLINGS.encode(), "a title above": ("居住点一览表,,,,\n" + DWELLINGS).encode(),
    }  # fmt: skip
    for said, data in either.items():
        add("csv", said, "either", csv(data))


def _add_shapes() -> None:
    faults = {
        "nothing": b"", "only spaces": b"  \n \n", "only a BOM": b"\xef\xbb\xbf", "only a header": HEADER.encode(),
        "one column": _joined("居住点编码", "D1", "D2"), "only numbers": "1,2,3\n4,5,6\n", "a row too long": DWELLINGS + "D5,five,1,1,1,surplus\n",
        "a quote that never ends": DWELLINGS.replace("D2,two", 'D2,"two'), "no header": _joined(*ROWS),
        "the same column twice": DWELLINGS.replace("名称", "户数"),
        "the same key twice": DWELLINGS.replace("D2", "D1"), "an empty key": DWELLINGS.replace("D2,", ","),
        "places that are words": DWELLINGS.replace("615050", "east"), "places without end": DWELLINGS.replace("615050", "inf"),
        "places of 1e308": DWELLINGS.replace("615050", "1e308"), "places of 1e400": DWELLINGS.replace("615050", "1e400"),
        "households below zero": DWELLINGS.replace("one,100", "one,-100"), "households in words": DWELLINGS.replace("one,100", "one,many"),
        "a field of 200,000 signs": DWELLINGS.replace("one", "x" * 200_000), "a field of 3 MB": DWELLINGS.replace("one", "x" * 3_000_000),
        "a header of 3 MB": DWELLINGS.replace("名称", "x" * 3_000_000), "a million empty cells": DWELLINGS + "," * 1_000_000,
    }  # fmt: skip
    for said, data in faults.items():
        add(
            "csv",
            said,
            "any" if "of 3 MB" in said or "200,000" in said or "empty cells" in said else "fault",
            csv(data),
        )
    loose = {
        "a quote in a cell": DWELLINGS.replace("one", 'o"ne'), "quotes of a quote": DWELLINGS.replace("one", '"o""ne"'),
        "a line break in a cell": DWELLINGS.replace("one", '"o\nne"'), "a row too short": DWELLINGS + "D5\n",
        "a number of 5000 digits": DWELLINGS.replace("one,100", "one," + "9" * 5000), "zeros before": DWELLINGS.replace("one,100", "one,000100"),
        "households of 1e300": DWELLINGS.replace("one,100", "one,1e300"), "households of a half": DWELLINGS.replace("one,100", "one,0.5"),
        "all households empty": DWELLINGS.replace(",100,", ",,"), "all households zero": DWELLINGS.replace(",100,", ",0,"),
        "all places the same": _joined(HEADER, *[f"D{n},x,100,615050,3436100" for n in range(9)]),
        "places swapped": _joined(HEADER, *[",".join([*row.split(",")[:3], *row.split(",")[:2:-1]]) for row in ROWS]),
        "all places 0, 0": _joined(HEADER, *[f"D{n},x,100,0,0" for n in range(9)]),
        "10,000 columns": "\n".join(line + "".join(f",c{n}" for n in range(10_000)) for line in DWELLINGS.splitlines()),
        "50,000 rows": _joined(HEADER, *[f"D{n},x,1,{615000 + n % 600},{3436000 + n % 300}" for n in range(50_000)]),
        "20,000 wrong rows": _joined(HEADER, *[f"D{n},x,many,east,north" for n in range(20_000)]),
        "10,000 columns of one name": "\n".join(line + ",c" * 10_000 for line in DWELLINGS.splitlines()),
        "households in the form of a date": DWELLINGS.replace("one,100", "one,2025-12-31"),
        "degrees in minutes": DWELLINGS.replace("615050", "121°12'34\""), "one place missing": DWELLINGS.replace("615050,3436100", ","),
    }  # fmt: skip
    for said, data in loose.items():
        add(
            "csv",
            said,
            "read" if "quotes of" in said or "line break" in said or "zeros before" in said else "any",
            csv(data),
        )


_add_encodings()
_add_shapes()


# XML with entities

LAUGH = (
    '<!DOCTYPE x [<!ENTITY a "{0}">'
    + "".join(f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
LAUGH = LAUGH.replace("{0}", "lol" * 10)
FILE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:48731/x.dtd" [<!ENTITY j SYSTEM "http://127.0.0.1:48731/x">]>'
QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"A" * 100_000}">]>'
SPOTS = {1: (118.2, 31.04), 2: (118.21, 31.04)}
KML = (
    '<?xml version="1.0"?>{}<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&j;</name><Polygon><outerBoundaryIs>'
    "<LinearRing><coordinates>118.2,31 118.3,31 118.3,31.1 118.2,31</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    "</Placemark></Document></kml>"
)
GML = (
    '<?xml version="1.0"?>{}<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml">'
    "<gml:featureMember><ogr:u><ogr:name>&j;</ogr:name></ogr:u></gml:featureMember></ogr:FeatureCollection>"
)


def _units_text(file: str, text: str) -> Callable[[Path], None]:
    from corpus import settings

    def spoil(folder: Path) -> None:
        (folder / file).write_text(text, "utf-8")
        settings(folder, units={"path": file, "layers": None, "tier": "neighbourhood"})

    return spoil


def _streets_text(form: str, text: str) -> Callable[[Path], None]:
    return lambda folder: (use(folder, form).write_text(text, "utf-8"), None)[1]


def _add_entities() -> None:
    for said, head, inner in (
        ("a billion laughs", LAUGH, "&j;"), ("a file of the machine", FILE, "&j;"), ("a server", REMOTE, "&j;"),
        ("a long text many times", QUADRATIC, "&a;" * 20_000),
    ):  # fmt: skip
        way = [(1, 2)]
        add(
            "entities",
            f"{said} in .osm",
            "any",
            _streets_text("streets.osm", osm_text(SPOTS, way, head=head, name=inner)),
        )
        add(
            "entities",
            f"{said} in .graphml",
            "any",
            _streets_text("streets.graphml", graphml_text(SPOTS, way, head=head, name=inner)),
        )
        add("entities", f"{said} in .kml", "fault", _units_text("units.kml", KML.format(head).replace("&j;", inner)))
        add("entities", f"{said} in .gml", "fault", _units_text("units.gml", GML.format(head).replace("&j;", inner)))
        add("entities", f"{said} in .ods", "any", _ods_text(head, inner))
        add("entities", f"{said} in .xlsx", "any", _xlsx_text(head, inner))


def _ods_text(head: str, inner: str) -> Callable[[Path], None]:
    from clean import write_ods

    from spoil import HEADERS, REGISTER

    def spoil(folder: Path) -> None:
        path = use(folder, "facilities.ods")
        write_ods(path, "设施", [HEADERS, *REGISTER], before=head)
        _in_zip(path, "content.xml", lambda text: text.replace("North centre", inner))

    return spoil


def _xlsx_text(head: str, inner: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        _in_zip(
            folder / "facilities.xlsx",
            "xl/worksheets/sheet1.xml",
            lambda text: head + text.replace("North centre", inner),
        )

    return spoil


def _in_zip(path: Path, member: str, change: Callable[[str], str]) -> None:
    import zipfile

    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    if member not in members:
        raise ValueError(f"{path.name} holds {list(members)}, not {member}")
    members[member] = change(members[member].decode("utf-8")).encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in members.items():
            book.writestr(name, data)


_add_entities()


# OpenStreetMap and graphs that make no sense


def _add_streets() -> None:
    xml = {
        "no streets": osm_text(SPOTS, []), "ways of one node": osm_text(SPOTS, [(1,)]), "ways of missing nodes": osm_text(SPOTS, [(8, 9)]),
        "places without end": osm_text({1: (float("nan"), 1), 2: (float("inf"), 2)}, [(1, 2)]), "places beyond the earth": osm_text({1: (999, 99), 2: (118, 31)}, [(1, 2)]),
        "a million ways of one place": osm_text({1: (118.2, 31.04)}, [(1, 1)] * 100_000), "keys that are words": osm_text(SPOTS, [(1, 2)]).replace('id="1"', 'id="one"'),
        "keys of 30 digits": osm_text(SPOTS, [(1, 2)]).replace('id="1"', f'id="{"9" * 30}"'), "a tag of 100,000 signs": osm_text(SPOTS, [(1, 2)], name="x" * 100_000),
        "no end": osm_text(SPOTS, [(1, 2)]).replace("</osm>", ""), "another version": osm_text(SPOTS, [(1, 2)]).replace("0.6", "9.9"),
        "100,000 elements in each other": "<osm>" + "<a>" * 100_000 + "</a>" * 100_000 + "</osm>",
    }  # fmt: skip
    for said, text in xml.items():
        add("streets", f"osm with {said}", "any", _streets_text("streets.osm", text))
    graph = graphml_text(SPOTS, [(1, 2)])
    marks = {
        "no edges": graphml_text(SPOTS, []), "a node without a place": graph.replace('<data key="y">31.04</data>', "", 1),
        "a place that is a word": graph.replace(">31.04<", ">north<", 1), "a place that is not a number": graph.replace(">31.04<", ">nan<", 1),
        "a place of 1e308": graph.replace(">31.04<", ">1e308<", 1), "an edge to nowhere": graph.replace('target="2"', 'target="9"'),
        "an unknown CRS": graph.replace("epsg:4326", "epsg:999999"), "a CRS of 100,000 signs": graph.replace("epsg:4326", "x" * 100_000),
        "a value of an unknown type": graph.replace('attr.type="string"', 'attr.type="spam"'), "a type of int": graph.replace('attr.name="x" attr.type="string"', 'attr.name="x" attr.type="int"'),
        "tags that are Python": graph.replace(">residential<", ">['a', __import__('os').system('touch broken')]<"), "tags of deep lists": graph.replace(">residential<", ">" + "[" * 5000 + "<"),
        "tags of a huge power": graph.replace(">residential<", ">[9**9**9]<"), "100,000 elements in each other": "<graphml>" + "<a>" * 100_000 + "</a>" * 100_000 + "</graphml>",
    }  # fmt: skip
    for said, text in marks.items():
        add("streets", f"graphml with {said}", "any", _streets_text("streets.graphml", text))


_add_streets()


# JSON


def _layer(**feature: object) -> dict[str, object]:
    shape = {"type": "Polygon", "coordinates": [[[118.2, 31], [118.3, 31], [118.3, 31.1], [118.2, 31]]]}
    one = {
        "type": "Feature",
        "properties": {"unit_id": "N1", "名称": "one", "层级": "居村", "常住户数": 9},
        "geometry": shape,
    } | feature
    return {"type": "FeatureCollection", "features": [one]}


def _add_json() -> None:
    texts = {
        "null": "null", "an empty object": "{}", "a list": "[]", "a number": "1e999", "100,000 brackets": "[" * 100_000, "objects in objects": '{"a":' * 100_000,
        "no features": json.dumps({"type": "FeatureCollection", "features": []}), "features that are null": json.dumps({"type": "FeatureCollection", "features": [None, 1, "x", []]}),
        "features that are no list": json.dumps({"type": "FeatureCollection", "features": 7}), "a shape that is null": json.dumps(_layer(geometry=None)),
        "a shape that is a word": json.dumps(_layer(geometry="here")), "a shape of an unknown type": json.dumps(_layer(geometry={"type": "Blob", "coordinates": []})),
        "no corners": json.dumps(_layer(geometry={"type": "Polygon", "coordinates": []})), "corners that are words": json.dumps(_layer(geometry={"type": "Polygon", "coordinates": [["a", "b"]]})),
        "corners without end": json.dumps(_layer(geometry={"type": "Polygon", "coordinates": [[[float("nan"), 1], [float("inf"), 2], [3, 4], [float("nan"), 1]]]})),
        "corners of 400 digits": json.dumps(_layer()).replace("118.3", "1" * 400), "deep corners": json.dumps(_layer()).replace("[[[", "[" * 600).replace("]]]", "]" * 600),
        "properties that are a list": json.dumps(_layer(properties=[1, 2])), "no properties": json.dumps(_layer(properties=None)),
        "values that are objects": json.dumps(_layer(properties={"unit_id": {"a": [1]}, "层级": ["居村"], "常住户数": {"n": 1}})),
        "a lone surrogate in a value": json.dumps(_layer()).replace('"one"', '"\\ud800"'), "a lone surrogate in a header": json.dumps(_layer()).replace('"unit_id"', '"\\udfff"'),
        "a NUL sign in a value": json.dumps(_layer()).replace('"one"', '"o\\u0000ne"'), "a key of 1e400": json.dumps(_layer()).replace('"N1"', "1e400"),
        "households of 1e400": json.dumps(_layer()).replace(": 9", ": 1e400"), "households of 30 digits": json.dumps(_layer()).replace(": 9", ": " + "9" * 30),
        "households that are true": json.dumps(_layer()).replace(": 9", ": true"), "the same property twice": json.dumps(_layer()).replace('"unit_id": "N1"', '"unit_id": "N1", "unit_id": "N2"'),
        "a property called geometry": json.dumps(_layer(properties={"unit_id": "N1", "geometry": "x", "层级": "居村"})), "properties called fid and row": json.dumps(_layer(properties={"unit_id": "N1", "fid": 3, "row": 9, "层级": "居村"})),
        "another CRS": json.dumps(_layer() | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}}), "a CRS that is a list": json.dumps(_layer() | {"crs": [1]}),
        "GCJ-02 as CRS": json.dumps(_layer() | {"crs": {"type": "name", "properties": {"name": "GCJ02"}}}), "comments": json.dumps(_layer()).replace("{", "{ // x\n", 1),
        "1,000 properties": json.dumps(_layer(properties={"unit_id": "N1", "层级": "居村"} | {f"c{n}": n for n in range(1000)})),
        "UTF-16": json.dumps(_layer()), "a callback": "callback(" + json.dumps(_layer()) + ")", "a property without a name": json.dumps(_layer(properties={"": 1, "unit_id": "N1", "层级": "居村"})),
        "dates of every kind": json.dumps(_layer(properties={"unit_id": "N1", "层级": "居村", "上级编码": "2025-12-31T25:61:61+99:99", "常住户数": "9999-99-99"})),
    }  # fmt: skip
    for said, text in texts.items():
        data = text.encode("utf-16" if said == "UTF-16" else "utf-8")
        add("geojson", said, "any", lambda folder, data=data: (use(folder, "units.geojson").write_bytes(data), None)[1])


_add_json()


@case("geojson", "lines of features without commas", "either")
def _(folder: Path) -> None:
    rewritten(use(folder, "units.geojson"), lambda data: data.replace(b"},\n{", b"}\n{"))
