"""A study begun from a place: a stand-in on this machine answers as Nominatim and Overpass do, for a drawn town."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import openpyxl
import osmnx
import pytest

import lifecircle as lc
from lifecircle import cli, download

STEP = 0.001  # degrees between the lines of the town's grid
WEST, SOUTH = 100.0, 30.0

# Where two ways name the same node they meet.
NODES: dict[int, tuple[tuple[float, float], dict[str, str]]] = {
    1: ((0, 2), {}),
    2: ((3, 2), {}),
    3: ((6, 2), {"highway": "crossing", "crossing:signals": "yes"}),
    4: ((9, 2), {}),
    5: ((3, 0), {}),
    6: ((3, 5), {}),
    7: ((3, 9), {"ele": "12"}),
    8: ((4, 6), {}),
    9: ((5, 6), {}),
    10: ((6, 6), {"barrier": "gate", "foot": "no"}),
    11: ((7, 6), {}),
    12: ((7, 2.5), {}),
    13: ((8, 3), {}),
    14: ((9, 5), {}),
    15: ((6, 0), {}),
    16: ((6, 9), {"barrier": "bollard"}),
    17: ((9, 9), {}),
    18: ((1, 7), {}),
    19: ((2, 7), {}),
    20: ((2, 8), {}),
    21: ((20, 2), {}),  # within the margin
    22: ((40, 2), {}),  # beyond it
    23: ((50, 2), {}),
    24: ((60, 2), {}),
}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    101: ([1, 2, 3, 4], {"highway": "residential", "name": "北塘路", "sidewalk": "both"}),
    102: ([5, 2, 6, 7], {"highway": "tertiary", "oneway": "-1"}),
    103: ([6, 8], {"highway": "steps", "incline": "up"}),
    104: ([8, 9], {"highway": "steps", "conveying": "forward"}),
    105: ([9, 10, 11], {"highway": "footway"}),
    106: ([4, 14], {"highway": "service", "access": "private"}),
    107: ([2, 12, 13, 14], {"highway": "path", "oneway:foot": "yes"}),
    108: ([15, 3], {"highway": "footway", "bridge": "yes", "layer": "1"}),
    109: ([7, 16, 17], {"highway": "pedestrian"}),
    110: ([11, 17], {"highway": "footway", "tunnel": "yes", "layer": "-1"}),
    111: ([18, 19, 20, 18], {"highway": "footway", "foot": "designated"}),
    112: ([4, 21, 22], {"highway": "trunk"}),
    113: ([23, 24], {"highway": "residential"}),
    114: ([5, 15], {"highway": "construction"}),
}
THINGS: list[dict[str, Any]] = [
    {"type": "node", "id": 201, "at": (2, 2.5), "tags": {
        "amenity": "community_centre", "name": "北塘邻里馆", "addr:street": "北塘路", "addr:housenumber": "8号",
    }},
    {"type": "node", "id": 202, "at": (5, 6.3), "tags": {"office": "government", "name": "北塘党群服务中心"}},
    {"type": "node", "id": 203, "at": (12, 2.3), "tags": {"amenity": "doctors"}},
    {"type": "node", "id": 204, "at": (45, 5), "tags": {"amenity": "school", "name": "远处小学"}},
    {"type": "node", "id": 205, "at": (4, 4), "tags": {"amenity": "bench"}},
    {"type": "way", "id": 206, "ring": [(7, 7), (8, 7), (8, 8), (7, 8)], "tags": {
        "amenity": "library", "name": "北塘图书馆", "building": "yes",
    }},
]  # fmt: skip


def spot(x: float, y: float) -> dict[str, float]:
    return {"lon": round(WEST + x * STEP, 7), "lat": round(SOUTH + y * STEP, 7)}


def streets() -> list[dict[str, Any]]:
    nodes = [{"type": "node", "id": key, **spot(*at), "tags": tags} for key, (at, tags) in NODES.items()]
    return nodes + [{"type": "way", "id": key, "nodes": refs, "tags": tags} for key, (refs, tags) in WAYS.items()]


def things() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in THINGS:
        if one["type"] == "node":
            found.append({"type": "node", "id": one["id"], **spot(*one["at"]), "tags": dict(one["tags"])})
            continue
        refs = [one["id"] * 10 + number for number in range(len(one["ring"]))]
        found += [{"type": "node", "id": ref, **spot(*at)} for ref, at in zip(refs, one["ring"], strict=True)]
        found.append({"type": "way", "id": one["id"], "nodes": [*refs, refs[0]], "tags": dict(one["tags"])})
    return found


def place(shape: str, size: float = 10) -> dict[str, Any]:
    corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
    ring = [list(spot(x, y).values()) for x, y in corners]
    return {
        "osm_type": "relation",
        "osm_id": 7,
        "name": "北塘",
        "display_name": "北塘, 画中市",
        "importance": 0.4,
        **{name: str(degrees) for name, degrees in spot(5, 5).items()},
        "boundingbox": [str(SOUTH), str(SOUTH + size * STEP), str(WEST), str(WEST + size * STEP)],
        "geojson": {"type": "Polygon", "coordinates": [ring]} if shape == "area" else {
            "type": "Point", "coordinates": ring[0],
        },
    }  # fmt: skip


Answer = tuple[int, str]


class StandIn(ThreadingHTTPServer):
    """Answers with `answers`, by what is asked: `search`, `streets`, `things`; keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[str] = []
        self.queries: list[str] = []
        self.agents: set[str] = set()
        self.answers: dict[str, Answer] = {
            "search": (200, json.dumps([place("area")])),
            "streets": (200, json.dumps({"elements": streets()})),
            "things": (200, json.dumps({"elements": things()})),
            "status": (200, "Connected as: 1\nTime: now\nRate limit: 2\n\n2 slots available now.\n"),
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Asked(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.queries += parse_qs(parts.query).get("q", [])
        self.reply("status" if parts.path.endswith("/status") else "search", parts.path)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        query = parse_qs(body)["data"][0]
        self.server.queries.append(query)
        self.reply("streets" if '["highway"]' in query else "things", self.path)

    def reply(self, what: str, path: str) -> None:
        self.server.asked.append(f"{self.command} {path}")
        self.server.agents.add(str(self.headers["User-Agent"]))
        status, text = self.server.answers[what]
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if text.startswith(("[", "{")) else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", f"asked {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    with StandIn() as one:
        monkeypatch.setenv("LIFECIRCLE_NOMINATIM_URL", one.url)
        monkeypatch.setenv("LIFECIRCLE_OVERPASS_URL", f"{one.url}/api")
        thread = threading.Thread(target=lambda: one.serve_forever(poll_interval=0.01))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["lifecircle", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a study begun once for all tests that only read it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("here"))
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setattr(time, "sleep", lambda seconds: None)
        with StandIn() as one:
            thread = threading.Thread(target=lambda: one.serve_forever(poll_interval=0.01))
            thread.start()
            urls = ("--nominatim-url", one.url, "--overpass-url", f"{one.url}/api")
            assert run(patch, "new", "beitang", "--place", "北塘, 画中市", *urls, "--quiet") == 0
            one.shutdown()
            thread.join()
        yield Path.cwd() / "beitang"


def test_a_place_becomes_a_folder_and_only_the_two_servers_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: StandIn
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "new", "mine", "--place", "北塘, 画中市") == 0
    assert server.asked == ["GET /search", "POST /api/interpreter", "POST /api/interpreter"]
    assert server.queries[0] == "北塘, 画中市"
    assert all(agent.startswith("lifecircle/") for agent in server.agents)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert {path.name for path in Path("mine").iterdir()} == {
        "study.toml", "README.md", "boundary.gpkg", "streets.gpkg", "facilities.xlsx", "dwellings.xlsx",
    }  # fmt: skip
    said = capsys.readouterr()
    assert said.out == ""
    steps = said.err.splitlines()[:4]
    assert [line.partition(":")[0] for line in steps] == ["查找边界", "找到", "下载路网", "下载设施候选"]
    assert steps[1] == "找到: 北塘, 画中市 · relation/7"


def test_osmnx_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn) -> None:
    def settings() -> dict[str, Any]:
        return {name: value for name, value in vars(osmnx.settings).items() if not name.startswith("_")}

    monkeypatch.setattr(osmnx.settings, "useful_tags_way", ["name"])
    before, lookup = settings(), socket.getaddrinfo
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘", "--quiet") == 0
    server.answers["streets"] = (500, "down")
    assert run(monkeypatch, "new", tmp_path / "other", "--place", "北塘", "--quiet") == 3
    assert settings() == before
    assert socket.getaddrinfo is lookup


def test_the_study_says_where_the_streets_are_known_and_whose_they_are(begun: Path) -> None:
    study = tomllib.loads((begun / "study.toml").read_text("utf-8"))
    assert study["study"]["id"] == "beitang"
    assert study["study"]["name"] == "北塘"
    assert study["units"] == {"path": "boundary.gpkg", "tier": "subdistrict"}
    assert study["streets"]["attribution"] == "© OpenStreetMap contributors (ODbL)"
    west, south, east, north = study["streets"]["extent"]
    for lon, lat in ((west, SOUTH), (WEST, south), (east, SOUTH), (WEST, north)):
        points = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs="EPSG:4326").to_crs("EPSG:4542")
        town = gpd.read_file(begun / "boundary.gpkg").to_crs("EPSG:4542")
        assert download.MARGIN_M <= points.distance(town.geometry.iloc[0]).iloc[0] < download.MARGIN_M + 20
    assert "ODbL" in (begun / "README.md").read_text("utf-8")
    assert "{" not in (begun / "README.md").read_text("utf-8")


def test_the_boundary_is_one_unit_without_households(begun: Path) -> None:
    units = gpd.read_file(begun / "boundary.gpkg", layer="units")
    assert units[["单元编码", "名称"]].to_numpy().tolist() == [["relation/7", "北塘"]]
    assert units["常住户数"].isna().all()


def test_each_way_is_cut_where_ways_meet_and_keeps_its_tags(begun: Path) -> None:
    streets = gpd.read_file(begun / "streets.gpkg").set_index("street_id")
    pieces = streets.groupby(streets.index.str.split("/").str[1]).size().to_dict()
    assert pieces == {
        "101": 3, "102": 3, "103": 1, "104": 1, "105": 2, "106": 1, "107": 1, "108": 1, "109": 2, "110": 1, "111": 3,
        "112": 1, "114": 1,
    }  # fmt: skip
    assert "113" not in pieces
    tags = {
        "way/101/1": {"name": "北塘路", "sidewalk": "both", "from_node": "1", "to_node": "2"},
        "way/101/2": {"to_crossing": "yes", "to_signal": "yes"},
        "way/102/6": {"from_node": "6", "to_node": "7", "to_ele_m": 12.0, "oneway": ""},
        "way/103/6": {"highway": "steps", "incline": "up"},
        "way/104/8": {"conveying": "forward", "oneway": "forward"},
        "way/105/9": {"to_barrier": "gate=no", "from_barrier": ""},
        "way/106/4": {"access": "private"},
        "way/107/2": {"oneway:foot": "yes", "oneway": "forward", "to_node": "14"},
        "way/108/15": {"bridge": "yes", "layer": "1"},
        "way/109/7": {"to_barrier": "bollard"},
        "way/110/11": {"tunnel": "yes"},
        "way/112/4": {"to_node": "22"},
    }
    for street_id, wanted in tags.items():
        found = streets.loc[street_id]
        assert {name: found[name] or "" for name in wanted} == wanted, street_id
    curve = streets.geometry["way/107/2"]
    assert [tuple(spot(*NODES[node][0]).values()) for node in WAYS[107][0]] == list(curve.coords)


def test_candidates_have_name_kind_address_and_place_and_no_area(begun: Path) -> None:
    book = openpyxl.load_workbook(begun / "facilities.xlsx")
    header, *rows = book["设施"].iter_rows(values_only=True)
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert {key: row["类别"] for key, row in found.items()} == {
        "node/201": "社区综合服务设施", "node/202": "党群服务中心", "node/203": "诊所", "way/206": "图书馆",
    }  # fmt: skip
    assert found["node/201"]["设施名称"] == "北塘邻里馆"
    assert found["node/201"]["地址"] == "北塘路8号"
    assert (found["way/206"]["经度"], found["way/206"]["纬度"]) == tuple(spot(7.5, 7.5).values())
    assert all(row["建筑面积(㎡)"] is None and "待核实" in row["备注"] for row in found.values())
    assert "OpenStreetMap" in str(book["说明"]["A1"].value)


def test_check_then_asks_for_the_dwellings_and_tells_what_lies_outside(
    begun: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "check", begun, "--json", "--quiet") == 2
    faults = json.loads(capsys.readouterr().out)
    assert [(one["check"], one["severity"], one["file"]) for one in faults] == [
        ("empty-layer", "error", "dwellings.xlsx"),
        ("outside-units", "warning", "facilities.xlsx"),
    ]


def test_a_walk_in_the_streets_obeys_gates_and_meets_private_ways(begun: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(begun, tmp_path / "filled")
    book = openpyxl.load_workbook(folder / "dwellings.xlsx")
    book["居住点"].append(["D1", "北塘一村", "小区", 300, None, spot(8, 2)["lon"], spot(8, 2)["lat"]])
    book.save(folder / "dwellings.xlsx")
    study = lc.read_study(folder)
    tables = lc.read_inputs(study)
    assert set(lc.find_faults(tables)["check"]) == {"outside-units"}
    network = lc.build_network(tables.streets, extent=tables.extent)
    walked = set(network.edges.index.str.split("#").str[0])
    assert "way/106/4" in walked
    assert "way/114/5" not in walked
    gate = gpd.GeoSeries(gpd.points_from_xy([spot(6, 6)["lon"]], [spot(6, 6)["lat"]]), crs="EPSG:4326")
    x, y = gate.to_crs(network.crs).get_coordinates().to_numpy()[0]
    behind = np.hypot(network.node_x - x, network.node_y - y) < 0.1
    assert behind.sum() == 2, "a locked gate has a street on either side and no way through"
    east = tables.extent.bounds[2] - 50  # the box leans a little in a metric CRS
    assert (network.node_x[network.exits] > east).all(), "the trunk road alone leads out of what is known"
    assert len(network.exits)
    minutes = lc.walk_minutes(network, tables.dwellings, tables.facilities, limit_min=60)
    assert set(minutes["facility_id"]) == {"node/201", "node/202", "node/203", "way/206"}


def test_a_town_without_facilities_is_a_study_without_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    server.answers["things"] = (200, '{"elements": []}')
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘", "--quiet") == 0
    rows = list(openpyxl.load_workbook(tmp_path / "mine" / "facilities.xlsx")["设施"].iter_rows())
    assert len(rows) == 1
    assert "kinds" not in tomllib.loads((tmp_path / "mine" / "study.toml").read_text("utf-8"))


OOPS = json.dumps({"elements": streets(), "remark": "runtime error: Query timed out"})
HALF = json.dumps({"elements": [one for one in streets() if one["id"] != 2]})
FAILURES: dict[str, tuple[str, Answer, int, str]] = {
    "nobody knows it": ("search", (200, "[]"), 2, '--place "北塘":OpenStreetMap 中找不到这个地方'),
    "a point": ("search", (200, json.dumps([place("point")])), 2, '--place "北塘":OpenStreetMap 中这里只有点或线'),
    "a province": ("search", (200, json.dumps([place("area", 900)])), 2, "一次下载不得超过 2,500 平方公里"),
    "a broken search": ("search", (500, "down"), 3, "没有可用的应答:HTTP 500"),
    "a refused search": ("search", (200, '{"error": "not today"}'), 3, "没有可用的应答:not today"),
    "a hotel's page": ("search", (200, "<html>log in</html>"), 3, "没有可用的应答:text/html instead of JSON"),
    "an odd search": ("search", (200, '[{"geojson": 1}]'), 3, "没有可用的应答:no 'importance' in it"),
    "a busy search": ("search", (429, "[]"), 3, "没有可用的应答:HTTP 429"),
    "broken streets": ("streets", (504, "busy"), 3, "没有可用的应答:HTTP 504"),
    "a server out of time": ("streets", (200, OOPS), 3, "没有可用的应答:runtime error: Query timed out"),
    "half the streets": ("streets", (200, HALF), 3, "没有可用的应答:Some edges missing nodes"),
    "no streets": ("streets", (200, '{"elements": []}'), 3, "没有任何道路"),
    "streets elsewhere": ("streets", (200, json.dumps({"elements": [
        {"type": "node", "id": 1, "lon": 9, "lat": 9}, {"type": "node", "id": 2, "lon": 9, "lat": 9.1},
        {"type": "way", "id": 3, "nodes": [1, 2], "tags": {"highway": "path"}},
    ]})), 3, "没有可用的应答:Found no graph nodes"),
    "broken facilities": ("things", (500, "down"), 3, "没有可用的应答:HTTP 500"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_one_line_and_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: StandIn
) -> None:
    asked, answer, code, said = FAILURES[name]
    server.answers[asked] = answer
    assert run(monkeypatch, "new", tmp_path / "deep" / "mine", "--place", "北塘", "--quiet") == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert "处理:" in lines[0]
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: StandIn
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        code = run(monkeypatch, "new", tmp_path / "mine", "--place", "x", "--nominatim-url", url, "-q", "--lang", "en")
    assert code == 3
    assert capsys.readouterr().err == (
        f"{url}: gave no usable answer: Connection refused. Cure: check the connection, try again later, or name "
        "another server with --nominatim-url; nothing was written\n"
    )
    assert server.asked == []


def test_a_server_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: StandIn
) -> None:
    monkeypatch.setattr(download, "_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert run(monkeypatch, "new", tmp_path / "mine", "--place", "x", "--overpass-url", url, "-q") == 3
    assert "没有可用的应答:nothing within 0.2 s" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_busy_server_is_waited_for_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: StandIn
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.answers["streets"] = (504, "busy")
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘") == 3
    assert [wait for wait in waits if wait > 1] == [55, 55]
    assert server.asked.count("POST /api/interpreter") == 3
    assert capsys.readouterr().err.count("服务器繁忙") == 2


def test_the_public_server_is_asked_for_a_slot_before_each_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    monkeypatch.setattr(download, "OVERPASS_URL", f"{server.url}/api")
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘", "-q") == 0
    assert server.asked[1:] == ["GET /api/status", "POST /api/interpreter"] * 2


def test_addresses_are_understood_with_their_last_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    urls = ("--nominatim-url", f"{server.url}/search", "--overpass-url", f"{server.url}/api/interpreter/")
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘", *urls, "-q") == 0
    assert server.asked == ["GET /search", "POST /api/interpreter", "POST /api/interpreter"]


@pytest.mark.parametrize(("option", "value"), [("--overpass-url", "overpass-api.de"), ("--place", "  ")])
def test_a_slip_of_the_user_asks_nobody(
    option: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    assert run(monkeypatch, "new", tmp_path / "mine", "--place", "北塘", option, value) == 2
    assert server.asked == []
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_taken_is_refused_before_anybody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    (tmp_path / "study.toml").write_text("mine", "utf-8")
    assert run(monkeypatch, "new", tmp_path, "--place", "北塘") == 2
    assert server.asked == []


def test_without_a_place_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("no network is needed"))
    assert run(monkeypatch, "new", tmp_path / "mine", "--quiet") == 0
    assert server.asked == []


def test_an_empty_folder_is_filled_and_a_failed_write_leaves_it_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: StandIn
) -> None:
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("lifecircle.starter._write_candidates", lambda *_: 1 / 0)
        assert run(monkeypatch, "new", ".", "--place", "北塘", "-q") == 3
        assert run(monkeypatch, "new", "other", "--place", "北塘", "-q") == 3
    assert not list(tmp_path.iterdir())
    assert run(monkeypatch, "new", ".", "--place", "北塘", "-q") == 0
    assert len(list(tmp_path.iterdir())) == 6
