"""Streets read from OpenStreetMap files, graphs and layers, and the tables that a study may name."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

import lifecircle as lc
from lifecircle import cli
from lifecircle.errors import TableError
from lifecircle.readers import inputs
from lifecircle.readers.graphs import read_graph, streets_from_graph
from lifecircle.readers.osm import read_streets
from lifecircle.tables import CONTRACTS
from spoil import CRS, ORIGIN_M, contents, edit_text, small_study
from towns import dwellings_at, facilities_at, grid_streets, nested_units
from towns import tables_of as tables_in_memory

Places = dict[int, tuple[float, float]]
NODES: Places = {1: (121.0, 31.0), 2: (121.001, 31.0), 3: (121.002, 31.0), 4: (121.001, 31.001)}


def osm_file(
    folder: Path,
    ways: Sequence[tuple[Sequence[int], dict[str, str]]],
    *,
    nodes: Places = NODES,
    tags: dict[int, dict[str, str]] | None = None,
    relations: str = "",
) -> Path:
    """An OpenStreetMap file of nodes with their tags, and of ways from 1 up with their nodes and tags."""
    said = {
        number: "".join(f'<tag k="{k}" v="{v}"/>' for k, v in (tags or {}).get(number, {}).items()) for number in nodes
    }
    text = [f'<node id="{n}" lon="{x:.7f}" lat="{y:.7f}">{said[n]}</node>' for n, (x, y) in nodes.items()]
    for number, (refs, texts) in enumerate(ways, start=1):
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inner += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in texts.items())
        text.append(f'<way id="{number}">{inner}</way>')
    path = folder / "streets.osm"
    path.write_text(f'<osm version="0.6">{"".join(text)}{relations}</osm>', "utf-8")
    return path


def read_osm(folder: Path, ways: Sequence[tuple[Sequence[int], dict[str, str]]], **more: Any) -> gpd.GeoDataFrame:
    return read_streets(osm_file(folder, ways, **more))[0].set_index("street_id")


FOOTWAY = {"highway": "footway"}


# OpenStreetMap


def test_ways_are_cut_where_they_share_a_node_and_nowhere_else(tmp_path: Path) -> None:
    streets = read_osm(tmp_path, [((1, 2, 3), FOOTWAY), ((4, 2), FOOTWAY)])
    assert list(streets.index) == ["way/1/0", "way/1/1", "way/2/0"]
    assert streets["from_node"].tolist() == ["1", "2", "4"]
    assert streets["to_node"].tolist() == ["2", "3", "2"]
    assert shapely.get_coordinates(streets.geometry.iloc[0]).tolist() == [list(NODES[1]), list(NODES[2])]


def test_streets_from_openstreetmap_have_the_columns_of_the_contract(tmp_path: Path) -> None:
    streets = read_streets(osm_file(tmp_path, [((1, 2), FOOTWAY)]))[0]
    assert {column.name for column in CONTRACTS["streets"]} == set(streets.columns) - {"geometry"}


def test_a_building_is_ground_and_no_street(tmp_path: Path) -> None:
    path = osm_file(tmp_path, [((1, 2, 3), FOOTWAY), ((4, 2), FOOTWAY), ((1, 2, 4, 1), {"building": "yes"})])
    streets, ground, extent = read_streets(path)
    assert set(streets["highway"]) == {"footway"}
    assert ground["ground"].tolist() == ["building"]
    assert extent is None


def test_texts_keep_every_character(tmp_path: Path) -> None:
    name = "人民 路=1,2%20@😀"
    assert read_osm(tmp_path, [((1, 2), FOOTWAY | {"name": name})])["name"].tolist() == [name]


@pytest.mark.parametrize("ways", [[], [((1, 2), {"building": "yes"})], [((1,), FOOTWAY)], [((), FOOTWAY)]])
def test_a_file_without_streets_gives_none(tmp_path: Path, ways: list[tuple[Sequence[int], dict[str, str]]]) -> None:
    assert len(read_osm(tmp_path, ways)) == 0


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway": "yes"}, ""),
        ({"oneway:foot": "yes"}, "forward"),
        ({"oneway:foot": "1"}, "forward"),
        ({"oneway:foot": "-1"}, "backward"),
        ({"oneway:foot": "no", "conveying": "forward"}, ""),
        ({"conveying": "forward"}, "forward"),
        ({"conveying": "backward"}, "backward"),
        ({"conveying": "yes"}, ""),
        ({"conveying": "reversible"}, ""),
    ],
)
def test_a_way_is_one_way_for_people_where_it_says_so_for_them(
    tmp_path: Path, tags: dict[str, str], expected: str
) -> None:
    assert read_osm(tmp_path, [((1, 2), FOOTWAY | tags)])["oneway"].tolist() == [expected]


def test_the_side_of_the_walk_is_kept(tmp_path: Path) -> None:
    ways = [((1, 2), FOOTWAY | {"sidewalk": "left"}), ((2, 3), FOOTWAY | {"sidewalk:both": "no"}), ((2, 4), FOOTWAY)]
    assert read_osm(tmp_path, ways)["sidewalk"].tolist() == ["left", "no", ""]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"sidewalk:left": "yes"}, "left"),
        ({"sidewalk:right": "separate", "sidewalk:left": "no"}, "right"),
        ({"sidewalk:left": "yes", "sidewalk:right": "separate"}, "both"),
        ({"sidewalk:left": "no", "sidewalk:right": "no"}, "no"),
        ({"sidewalk:left": "no"}, ""),
        ({"sidewalk": "right", "sidewalk:left": "yes"}, "right"),
    ],
)
def test_a_walk_at_one_side_is_a_sidewalk(tmp_path: Path, tags: dict[str, str], expected: str) -> None:
    assert read_osm(tmp_path, [((1, 2), FOOTWAY | tags)])["sidewalk"].tolist() == [expected]
    graph = small_graph()
    graph.add_edge(1, 3, osmid=11, highway="primary", **tags)
    assert streets_from_graph(graph).set_index("street_id")["sidewalk"]["11/1/3/0"] == expected


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "traffic_signals"},
        {"highway": "crossing", "crossing": "traffic_signals"},
        {"crossing:signals": "yes"},
    ],
)
def test_streets_are_cut_at_a_crossing_with_lights(tmp_path: Path, tags: dict[str, str]) -> None:
    streets = read_osm(tmp_path, [((1, 2, 3), FOOTWAY)], tags={2: tags})
    assert streets["from_signal"].tolist() == ["", "yes"]
    assert streets["to_signal"].tolist() == ["yes", ""]


def test_streets_are_not_cut_at_a_crossing_without_lights(tmp_path: Path) -> None:
    tags = {2: {"highway": "crossing", "crossing": "zebra", "ele": "3"}}
    assert len(read_osm(tmp_path, [((1, 2, 3), FOOTWAY)], tags=tags)) == 1


def test_streets_are_cut_at_gates_and_lifts(tmp_path: Path) -> None:
    tags = {2: {"barrier": "gate", "access": "private"}, 3: {"highway": "elevator"}}
    streets = read_osm(tmp_path, [((1, 2, 3, 4), FOOTWAY)], tags=tags)
    assert streets["from_barrier"].tolist() == ["", "gate=private", "elevator"]
    assert streets["to_barrier"].tolist() == ["gate=private", "elevator", ""]


def test_heights_of_nodes_are_read_with_their_unit(tmp_path: Path) -> None:
    tags = {1: {"ele": "12 m"}, 2: {"ele": "8.5"}, 3: {"ele": "about 9"}}
    streets = read_osm(tmp_path, [((1, 2), FOOTWAY), ((2, 3), FOOTWAY)], tags=tags)
    assert streets["from_ele_m"].tolist() == [12, 8.5]
    assert streets["to_ele_m"].fillna(-1).tolist() == [8.5, -1]


def test_a_ferry_is_a_street_of_its_own_class(tmp_path: Path) -> None:
    streets = read_osm(tmp_path, [((1, 2), {"route": "ferry"}), ((2, 3), {"route": "hiking"}), ((3, 4), FOOTWAY)])
    assert streets["highway"].tolist() == ["ferry", "footway"]


def test_a_way_that_leaves_a_clipped_file_is_cut_and_says_so(tmp_path: Path) -> None:
    streets = read_osm(tmp_path, [((8, 1, 2, 9, 3, 4), FOOTWAY)])
    assert list(streets.index) == ["way/1/1", "way/1/4"]
    assert streets["from_cut"].tolist() == ["yes", "yes"]
    assert streets["to_cut"].tolist() == ["yes", ""]


def test_a_street_goes_on_where_another_way_leaves_its_node(tmp_path: Path) -> None:
    streets = read_osm(tmp_path, [((1, 2, 3), FOOTWAY), ((2, 9), FOOTWAY)])
    assert list(streets.index) == ["way/1/0", "way/1/1"]
    assert streets["to_cut"].tolist() == ["yes", ""]
    assert streets["from_cut"].tolist() == ["", "yes"]


def test_a_way_that_ends_inside_the_file_goes_on_nowhere(tmp_path: Path) -> None:
    streets = read_osm(tmp_path, [((1, 2), FOOTWAY), ((2, 3), FOOTWAY)])
    assert not (streets[["from_cut", "to_cut"]] == "yes").any(axis=None)


def test_ground_is_water_greens_buildings_and_walls(tmp_path: Path) -> None:
    ring = (1, 2, 4, 1)
    kinds = [
        {"natural": "water"},
        {"leisure": "park"},
        {"building": "house"},
        {"landuse": "industrial"},
        {"shop": "yes"},
    ]
    ways = [*((ring, tags) for tags in kinds), ((1, 3), {"barrier": "wall"}), ((1, 3), {"barrier": "kerb"})]
    ground = read_streets(osm_file(tmp_path, ways))[1]
    assert sorted(ground["ground"]) == ["building", "green", "wall", "water"]


def test_reading_openstreetmap_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, scratch = osm_file(tmp_path, [((1, 2), FOOTWAY)]), tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    read_streets(path)
    assert contents(scratch) == {}


# graphs


def small_graph() -> nx.MultiDiGraph:
    """Three nodes; a bent street drawn both ways, a straight one, and two of the same ends with different courses."""
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_node(1, x=121.0, y=31.0, street_count=2)
    graph.add_node(2, x=121.001, y=31.0, street_count=3, highway="traffic_signals", ele="5 m")
    graph.add_node(3, x=121.002, y=31.0, street_count=3, elevation=7.5)
    bent = LineString([(121.0, 31.0), (121.0005, 31.0005), (121.001, 31.0)])
    both = {"osmid": [7, 8], "highway": ["footway", "path"], "oneway": False, "length": 100.0, "name": "南路"}
    graph.add_edge(1, 2, **both, reversed=False, geometry=bent)
    graph.add_edge(2, 1, **both, reversed=True, geometry=bent.reverse())
    graph.add_edge(2, 3, osmid=9, highway="steps", oneway=True, reversed=False, length=90.0)
    over = LineString([(121.001, 31.0), (121.0015, 31.001), (121.002, 31.0)])
    graph.add_edge(2, 3, osmid=10, highway="residential", oneway=True, reversed=False, length=200.0, geometry=over)
    return graph


def test_a_street_drawn_both_ways_in_a_graph_is_one_street() -> None:
    streets = streets_from_graph(small_graph()).set_index("street_id")
    assert list(streets.index) == ["10/2/3/1", "7+8/1/2/0", "9/2/3/0"]
    assert streets["highway"].tolist() == ["residential", "footway", "steps"]
    assert [len(line.coords) for line in streets.geometry] == [3, 3, 2]
    assert set(streets["oneway"]) == {""}, "oneway is for vehicles"


def test_nodes_of_a_graph_bring_lights_and_heights() -> None:
    streets = streets_from_graph(small_graph()).set_index("street_id")
    assert streets.loc["7+8/1/2/0", ["from_signal", "to_signal"]].tolist() == ["", "yes"]
    assert streets.loc["9/2/3/0", ["from_ele_m", "to_ele_m"]].tolist() == [5, 7.5]
    assert np.isnan(streets.loc["7+8/1/2/0", "from_ele_m"])


def test_a_saved_graph_is_the_graph_in_memory(tmp_path: Path) -> None:
    import osmnx

    osmnx.save_graphml(small_graph(), tmp_path / "graph.graphml")
    saved, memory = read_graph(tmp_path / "graph.graphml"), streets_from_graph(small_graph())
    pd.testing.assert_frame_equal(pd.DataFrame(saved), pd.DataFrame(memory))
    assert saved.crs == memory.crs == "EPSG:4326"


def test_the_order_of_nodes_and_edges_changes_no_street() -> None:
    graph, turned = small_graph(), nx.MultiDiGraph(crs="EPSG:4326")
    turned.add_nodes_from(reversed(list(graph.nodes(data=True))))
    turned.add_edges_from(reversed(list(graph.edges(keys=True, data=True))))
    pd.testing.assert_frame_equal(streets_from_graph(turned), streets_from_graph(graph))


def test_an_undirected_graph_is_read_with_its_lines_from_its_first_node_to_its_second() -> None:
    graph = nx.Graph(crs=CRS)
    graph.add_nodes_from([("a", {"x": 0, "y": 0}), ("b", {"x": 100, "y": 0})])
    graph.add_edge("a", "b", geometry=LineString([(100, 0), (50, 10), (0, 0)]))
    streets = streets_from_graph(graph)
    assert streets.crs == CRS
    assert streets["street_id"].tolist() == ["edge/a/b/0"]
    assert streets.geometry.iloc[0].coords[0] == (0, 0)


def test_a_network_written_as_a_graph_is_the_network_again() -> None:
    network = lc.build_network(grid_streets(3, 3))
    again = lc.build_network(streets_from_graph(network.to_networkx()))
    assert (len(again.node_x), len(again.edge_m)) == (9, 12)
    assert again.edge_m.sum() == network.edge_m.sum()


def test_a_graph_whose_nodes_have_no_place_is_an_error() -> None:
    graph = nx.Graph([(1, 2)])
    with pytest.raises(TableError, match=r"graph: node 1 has no x and y; expected numbers such as x=121\.47"):
        streets_from_graph(graph)


def test_reading_a_graph_does_not_import_osmnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nx.write_graphml(nx.Graph(), tmp_path / "graph.graphml")
    monkeypatch.setitem(sys.modules, "osmnx", None)
    assert len(read_graph(tmp_path / "graph.graphml")) == 0


# a study's own options and tables


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return small_study(tmp_path / "toy")


def tables_of(folder: Path) -> lc.Tables:
    return lc.read_inputs(lc.read_study(folder))


def say(folder: Path, text: str) -> None:
    """Add to the study's settings."""
    path = folder / "study.toml"
    path.write_text(path.read_text("utf-8") + "\n" + text, "utf-8")


def moved(shapes: Sequence[shapely.Geometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes).translate(*ORIGIN_M)


def write_layer(path: Path, shapes: Sequence[shapely.Geometry | None], **columns: Sequence[object]) -> None:
    gpd.GeoDataFrame(columns, geometry=moved(shapes), crs=CRS).to_file(path)


def faults_of(folder: Path) -> list[str]:
    found = inputs.load_inputs(lc.read_study(folder)).faults
    return [one.line() for one in found]


def long_streets(folder: Path) -> None:
    """Let the study read streets that run through the whole town and cross without a node."""
    across = [LineString([(0, y), (600, y)]) for y in range(0, 400, 100)]
    along = [LineString([(x, 0), (x, 300)]) for x in range(0, 700, 100)]
    write_layer(folder / "long.gpkg", across + along, highway=["residential"] * 11)
    edit_text(folder / "study.toml", '"streets.gpkg"', '"long.gpkg"')


def test_a_study_has_no_gates_compounds_barriers_and_entrances_unless_it_names_them(toy: Path) -> None:
    tables = tables_of(toy)
    for name in ("gates", "compounds", "barriers", "entrances"):
        table = getattr(tables, name)
        assert len(table) == 0
        assert table.crs == CRS
        assert {column.name for column in CONTRACTS[name]} <= set(table.columns)


def test_tables_in_memory_may_do_without_them_too() -> None:
    tables = tables_in_memory(
        nested_units([10, 10]), facilities_at([(0, 0)]), dwellings_at([(0, 0)]), grid_streets(2, 2)
    )
    assert len(tables.gates) == len(tables.entrances) == 0


@pytest.mark.parametrize("policies", [["开放", "仅居民", "封闭", ""], ["open", "residents", "Closed", "-"]])
def test_gates_are_read_in_both_languages(toy: Path, policies: list[str]) -> None:
    write_layer(toy / "gates.gpkg", [Point(50, 100)] * 4, 管理方式=policies, 小区编码=["K1"] * 4)
    say(toy, '[gates]\npath = "gates.gpkg"')
    gates = tables_of(toy).gates
    assert gates["policy"].tolist() == ["open", "residents", "closed", ""]
    assert gates["compound_id"].tolist() == ["K1"] * 4


def test_gates_and_entrances_may_be_rows_of_a_table(toy: Path) -> None:
    (toy / "gates.csv").write_text("编号,策略,经度,纬度\nG1,居民,615050,3436100\n", "utf-8")
    (toy / "doors.csv").write_text("设施编码,名称,x,y\nF1,south,615150,3436095\nF1,north,615150,3436105\n", "utf-8")
    say(toy, '[gates]\npath = "gates.csv"\ncrs = "EPSG:4549"\n[entrances]\npath = "doors.csv"\ncrs = "EPSG:4549"')
    tables = tables_of(toy)
    assert tables.gates[["gate_id", "policy"]].to_numpy().tolist() == [["G1", "residents"]]
    assert tables.entrances["facility_id"].tolist() == ["F1", "F1"]
    assert tables.entrances.geometry.y.tolist() == [3436095, 3436105]
    assert [source.table for source in tables.sources if source.table in {"gates", "entrances"}] == [
        "gates",
        "entrances",
    ]


def test_compounds_are_areas_and_barriers_lines_or_areas(toy: Path) -> None:
    write_layer(toy / "compounds.gpkg", [box(0, 0, 100, 100)], 小区编码=["K1"], 小区=["一村"])
    write_layer(toy / "barriers.gpkg", [LineString([(0, 150), (600, 150)]), box(0, 0, 9, 9)], 类型=["河流", "池塘"])
    say(toy, '[compounds]\npath = "compounds.gpkg"\n[barriers]\npath = "barriers.gpkg"')
    tables = tables_of(toy)
    assert tables.compounds[["compound_id", "name"]].to_numpy().tolist() == [["K1", "一村"]]
    assert tables.barriers["barrier"].tolist() == ["河流", "池塘"]
    assert tables.barriers.crs == tables.streets.crs


@pytest.mark.parametrize("table", ["gates", "compounds", "barriers", "entrances"])
def test_a_table_that_is_named_and_missing_is_a_fault(toy: Path, table: str) -> None:
    say(toy, f'[{table}]\npath = "nowhere.gpkg"')
    assert faults_of(toy) == [
        f"{toy / 'nowhere.gpkg'}: the file does not exist. Cure: put it there or correct `[{table}] path` in study.toml"
    ]


def test_a_policy_that_nobody_knows_is_a_fault_with_its_row(toy: Path) -> None:
    write_layer(toy / "gates.gpkg", [Point(0, 0), Point(9, 9)], 策略=["开放", "封闭式"])
    say(toy, '[gates]\npath = "gates.gpkg"')
    (fault,) = faults_of(toy)
    assert re.match(
        r"gates\.gpkg, row 2: 策略 is '封闭式'; expected one of 开放 \(open\), 居民 \(residents\), 封闭", fault
    )


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("gates", {"门": ["x"]}, "column for policy (policy / 策略 / 管理方式) is missing"),
        ("entrances", {"门": ["x"]}, "column for facility_id (facility_id / 设施编码 / 所属设施) is missing"),
    ],
)
def test_a_table_without_its_column_is_a_fault(
    toy: Path, table: str, columns: dict[str, list[str]], expected: str
) -> None:
    write_layer(toy / "points.gpkg", [Point(0, 0)], **columns)
    say(toy, f'[{table}]\npath = "points.gpkg"')
    (fault,) = faults_of(toy)
    assert expected in fault


@pytest.mark.parametrize(
    ("table", "shapes", "expected"),
    [
        ("compounds", [box(0, 0, 9, 9), Point(0, 0)], "row 2: 1 of its 2 rows are no areas; this one is a Point"),
        ("barriers", [Point(0, 0)], "row 1: 1 of its 1 rows are no lines or areas; this one is a Point"),
    ],
)
def test_shapes_of_the_wrong_sort_are_a_fault(
    toy: Path, table: str, shapes: list[shapely.Geometry], expected: str
) -> None:
    write_layer(toy / "shapes.gpkg", shapes, compound_id=["K"] * len(shapes))
    say(toy, f'[{table}]\npath = "shapes.gpkg"')
    (fault,) = faults_of(toy)
    assert expected in fault


def test_a_row_without_a_place_is_a_fault(toy: Path) -> None:
    (toy / "gates.csv").write_text("gate_id,policy,x,y\nG1,open,615050,3436100\nG2,open,,\n", "utf-8")
    say(toy, '[gates]\npath = "gates.csv"\ncrs = "EPSG:4549"')
    (fault,) = faults_of(toy)
    assert fault.startswith("gates.csv, row 3: G2 has no coordinates")


def test_a_wrong_optional_file_stops_the_assessment_with_code_2(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(toy, '[gates]\npath = "nowhere.gpkg"')
    monkeypatch.setattr(sys, "argv", ["lifecircle", "assess", str(toy), "--out", str(toy / "out")])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert not (toy / "out").exists()


def test_lines_drawn_on_each_other_have_the_same_keys_in_any_order_of_rows(toy: Path) -> None:
    line = LineString([(0, 0), (100, 0)])
    edit_text(toy / "study.toml", '"streets.gpkg"', '"twins.gpkg"')
    for classes in (["steps", "footway"], ["footway", "steps"]):
        write_layer(toy / "twins.gpkg", [line, line], highway=classes)
        streets = tables_of(toy).streets.set_index("street_id")
        assert streets["highway"].sort_index().tolist() == ["footway", "steps"]


def test_lines_that_cross_are_joined_where_the_study_asks_for_it(toy: Path) -> None:
    expected = lc.build_network(tables_of(toy).streets)
    long_streets(toy)
    assert len(tables_of(toy).streets) == 11
    edit_text(toy / "study.toml", '"long.gpkg"', '"long.gpkg"\ncrossings = "join"')
    found = lc.build_network(tables_of(toy).streets)
    assert (len(found.node_x), len(found.edge_m)) == (len(expected.node_x), len(expected.edge_m)) == (28, 45)


def test_joining_streets_of_openstreetmap_is_a_fault(toy: Path) -> None:
    osm_file(toy, [((1, 2), FOOTWAY)])
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.osm"\ncrossings = "join"')
    (fault,) = faults_of(toy)
    assert "[streets] crossings is join; expected keep: the streets of streets.osm are joined at their nodes" in fault


def test_a_study_reads_its_streets_from_a_saved_graph(toy: Path) -> None:
    import osmnx

    osmnx.save_graphml(nx.MultiDiGraph(small_graph()), toy / "streets.graphml")
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.graphml"')
    streets = tables_of(toy).streets
    assert streets["street_id"].tolist() == ["10/2/3/1", "7+8/1/2/0", "9/2/3/0"]
    assert streets["row"].tolist() == [1, 2, 3]
    assert streets.crs == CRS


@pytest.mark.parametrize("text", ["no graph", "<graphml/>"])
def test_a_graph_that_cannot_be_read_is_a_fault(toy: Path, text: str) -> None:
    (toy / "streets.graphml").write_text(text, "utf-8")
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.graphml"')
    (fault,) = faults_of(toy)
    assert "streets.graphml: cannot be read as a street graph" in fault


@pytest.mark.parametrize("header", ["one_way", "is_oneway", "bridge_id", "layers"])
def test_a_column_that_looks_like_a_tag_of_openstreetmap_is_left_alone(toy: Path, header: str) -> None:
    write_layer(toy / "lines.gpkg", [LineString([(0, 0), (100, 0)])], **{header: ["1"]})
    edit_text(toy / "study.toml", '"streets.gpkg"', '"lines.gpkg"')
    assert faults_of(toy) == []
    assert tables_of(toy).streets[header].tolist() == ["1"]


def test_oneway_of_vehicles_in_a_layer_stops_nobody_on_foot(toy: Path) -> None:
    lines = [LineString([(0, 0), (100, 0)])] * 3
    write_layer(toy / "lines.gpkg", lines, oneway=["yes", "F", "backward"], street_id=["a", "b", "c"])
    edit_text(toy / "study.toml", '"streets.gpkg"', '"lines.gpkg"')
    assert tables_of(toy).streets["oneway"].tolist() == ["", "", "backward"]


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_lines_of_every_format_are_the_same_streets(toy: Path, suffix: str) -> None:
    layer = gpd.read_file(toy / "streets.gpkg")
    path = toy / f"lines{suffix}"
    layer.to_parquet(path) if suffix == ".parquet" else layer.to_file(path)
    plain = tables_of(toy).streets
    edit_text(toy / "study.toml", '"streets.gpkg"', f'"{path.name}"')
    found = tables_of(toy).streets
    assert found.geometry.normalize().geom_equals_exact(plain.geometry.normalize(), 1e-6).all()


def test_reading_with_every_option_writes_nothing(toy: Path) -> None:
    long_streets(toy)
    edit_text(toy / "study.toml", '"long.gpkg"', '"long.gpkg"\ncrossings = "join"')
    before = contents(toy)
    tables_of(toy)
    assert contents(toy) == before
