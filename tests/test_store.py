"""Networks on disk: what is kept is what was built, and what is damaged is built again."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

import lifecircle as lc
from lifecircle import cli, store, walkers
from lifecircle.pieces import cut_at_edge, in_order
from towns import CRS, grid_streets, streets_between


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for every network that `kept_network` had to build."""
    builds: list[int] = []
    build = store.build_network

    def counted(*args: object, **options: object) -> lc.Network:
        builds.append(len(builds))
        return build(*args, **options)

    monkeypatch.setattr(store, "build_network", counted)
    return builds


def hilly() -> gpd.GeoDataFrame:
    lines = [LineString([(0, 0, 10), (100, 0, 20), (200, 0, 15)]), LineString([(200, 0, 15), (200, 100, 15)])]
    return gpd.GeoDataFrame({"street_id": ["上山路", "b"], "highway": ["steps", "footway"]}, geometry=lines, crs=CRS)


def test_a_saved_network_comes_back_as_it_was(tmp_path: Path) -> None:
    walker = lc.Walker(name="climber", speed_m_per_s=1.1, stairs=1.7, slope="tobler")
    for streets in (grid_streets(4, 3), hilly()):
        network = lc.build_network(streets, walker=walker, extent=box(-50, -50, 150, 150))
        lc.save_network(network, tmp_path / "kept.npz")
        found = lc.load_network(tmp_path / "kept.npz")
        assert found == network
        assert found.walker == walker
        assert found.edges.index.tolist() == network.edges.index.tolist()
        assert np.array_equal(found.graph.arcs, network.graph.arcs)
        assert np.array_equal(found.island, network.island)


def test_the_second_run_builds_nothing(tmp_path: Path, built: list[int]) -> None:
    first, second = (lc.kept_network(tmp_path, grid_streets(3, 3)) for _ in range(2))
    assert first == second
    assert built == [0]


@pytest.mark.parametrize(
    ("streets", "options"),
    [
        (grid_streets(3, 4), {}),
        (grid_streets(3, 3).assign(highway="steps"), {}),
        (grid_streets(3, 3), {"walker": "elderly"}),
        (grid_streets(3, 3), {"gates": "closed"}),
        (grid_streets(3, 3), {"extent": box(0, 0, 150, 150)}),
    ],
    ids=["other streets", "another class", "another walker", "other gates", "another extent"],
)
def test_whatever_changes_the_network_is_built_anew(
    tmp_path: Path, built: list[int], streets: gpd.GeoDataFrame, options: dict
) -> None:
    lc.kept_network(tmp_path, grid_streets(3, 3))
    assert lc.kept_network(tmp_path, streets, **options) == lc.build_network(streets, **options)
    assert built == [0, 1]


def test_an_edited_walking_toml_is_another_network(tmp_path: Path, built: list[int]) -> None:
    settings = tmp_path / "walking.toml"
    shipped = (Path(str(lc.__file__)).parent / "data" / "walking.toml").read_text("utf-8")
    streets = grid_streets(3, 3).assign(highway="residential")
    for text in (shipped, shipped.replace("speed_m_per_s = 1.0", "speed_m_per_s = 1.5")):
        settings.write_text(text, "utf-8")
        lc.kept_network(tmp_path / "kept", streets, settings=settings)
    assert built == [0, 1]


def test_a_damaged_file_is_built_again(tmp_path: Path, built: list[int]) -> None:
    streets = grid_streets(3, 3)
    network = lc.kept_network(tmp_path, streets)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:900])
    assert lc.kept_network(tmp_path, streets) == network
    assert built == [0, 1]
    assert lc.load_network(kept) == network


def test_nothing_but_the_network_is_left_in_the_folder(tmp_path: Path) -> None:
    lc.kept_network(tmp_path / "a" / "b", grid_streets(2, 2))
    assert [re.sub("-.*", "", path.name) for path in (tmp_path / "a" / "b").iterdir()] == ["network"]


def npy_file() -> bytes:
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


def other_npz_file(about: str) -> bytes:
    file = io.BytesIO()
    np.savez(file, about=np.frombuffer(about.encode(), dtype=np.uint8))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"PK nonsense", b"no zip at all", npy_file(), *map(other_npz_file, ("[]", "{}", '{"format": 2}'))],
)
def test_a_file_that_is_no_network_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "streets.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        lc.NetworkError, match=r"streets.npz: expected a network that save_network wrote, found .*again$"
    ):
        lc.load_network(path)


def test_an_assessment_with_a_cache_says_the_same_as_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], built: list[int]
) -> None:
    said = []
    for cache in ([], ["--cache", str(tmp_path / "cache")], ["--cache", str(tmp_path / "cache")]):
        options = ["--json", "--only", "gpkg", "--out", str(tmp_path / "out"), *cache]
        monkeypatch.setattr(sys, "argv", ["lifecircle", "assess", "data/sample", *options])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1] == said[2]
    assert built == [0]


def test_streets_with_the_same_shapes_and_other_keys_are_another_network(tmp_path: Path, built: list[int]) -> None:
    pieces = [((0.0, 0.0), (100.0, 0.0)), ((100.0, 0.0), (200.0, 0.0))]
    streets = streets_between(pieces)
    lc.kept_network(tmp_path, streets)
    lc.kept_network(tmp_path, streets.assign(street_id=["b", "a"]))
    assert built == [0, 1]


def test_a_package_whose_walking_toml_was_edited_builds_anew(
    tmp_path: Path, built: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    streets = grid_streets(3, 3)
    lc.kept_network(tmp_path, streets)
    shipped = walkers.shipped("walking.toml")
    edited = shipped | {"walkers": {"adult": {"speed_m_per_s": 1.5}}}
    monkeypatch.setattr(walkers, "shipped", lambda name: edited)
    assert lc.kept_network(tmp_path, streets).walker.speed_m_per_s == 1.5
    assert built == [0, 1]


def test_settings_that_are_not_there_are_refused_as_when_building(tmp_path: Path) -> None:
    with pytest.raises(lc.StudyError) as expected:
        lc.build_network(grid_streets(2, 2), settings=tmp_path / "none.toml")
    with pytest.raises(lc.StudyError, match=f"^{re.escape(str(expected.value))}$"):
        lc.kept_network(tmp_path, grid_streets(2, 2), settings=tmp_path / "none.toml")


def test_streets_with_lists_and_mixed_values_are_kept(tmp_path: Path, built: list[int]) -> None:
    streets = grid_streets(2, 2)
    keys = pd.MultiIndex.from_product([range(len(streets)), [0]], names=["u", "v"])
    lists = streets.set_axis(keys).assign(osmid=[[1, 2], 3, None, "x"], point=streets.centroid.to_numpy())
    assert lc.kept_network(tmp_path, lists) == lc.kept_network(tmp_path, lists)
    lc.kept_network(tmp_path, lists.assign(osmid=[[1, 9], 3, None, "x"]))
    assert built == [0, 1]


def test_a_key_of_two_lines_comes_back_as_it_was(tmp_path: Path) -> None:
    streets = streets_between([((0.0, 0.0), (100.0, 0.0))]).assign(street_id=["a\nb"])
    lc.save_network(lc.build_network(streets), tmp_path / "kept.npz")
    assert lc.load_network(tmp_path / "kept.npz").edges.index.tolist() == ["a\nb"]


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.write_text("", "utf-8")
    expected = rf"^{re.escape(str(folder))}: expected a folder that can be written to, found .*\. Name another .*$"
    with pytest.raises(lc.NetworkError, match=expected):
        lc.kept_network(folder, grid_streets(2, 2))


def test_a_cache_that_cannot_be_written_ends_with_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("", "utf-8")
    out, cache = str(tmp_path / "out"), str(tmp_path / "kept" / "below")
    options = ["--only", "gpkg", "--out", out, "--cache", cache]
    monkeypatch.setattr(sys, "argv", ["lifecircle", "assess", "data/sample", *options])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert "expected a folder that can be written to" in capsys.readouterr().err


def test_nothing_of_a_loaded_network_can_be_written_to(tmp_path: Path) -> None:
    lc.save_network(lc.build_network(hilly()), tmp_path / "kept.npz")
    found = lc.load_network(tmp_path / "kept.npz")
    values = [*vars(found).values(), *vars(found.ways).values(), *vars(found.ways.profile).values()]
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    assert len(arrays) == 18
    assert not any(array.flags.writeable for array in arrays)


def test_of_streets_drawn_on_each_other_the_order_changes_nothing() -> None:
    streets = streets_between([((0.0, 0.0), (100.0, 0.0))] * 2, highway=["steps", "footway"]).drop(columns="street_id")
    walker = lc.Walker(name="slow", speed_m_per_s=1.0, stairs=2.0)
    assert lc.build_network(streets, walker=walker) == lc.build_network(streets.iloc[::-1], walker=walker)


def test_pieces_at_the_edge_keep_nodes_signals_and_heights() -> None:
    line = LineString([(0, 0, 0), (100, 0, 10)])
    told = {"street_id": ["a"], "from_node": ["m"], "to_node": ["n"], "to_signal": ["yes"], "to_ele_m": [10.0]}
    pieces = cut_at_edge(in_order(gpd.GeoDataFrame(told, geometry=[line], crs=CRS)), box(30, -9, 60, 9))
    assert pieces.index.tolist() == ["a#0", "a#1", "a#2"]
    assert pieces["from_node"].tolist() == ["m", "a#1", "a#2"]
    assert pieces["to_node"].tolist() == ["a#1", "a#2", "n"]
    assert pieces["to_signal"].tolist() == ["", "", "yes"]
    assert pieces["to_ele_m"].fillna(-1).tolist() == [-1, -1, 10]
    assert [piece.coords[-1] for piece in pieces.geometry] == [(30, 0, 3), (60, 0, 6), (100, 0, 10)]
