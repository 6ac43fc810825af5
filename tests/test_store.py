"""Networks on disk: what is kept is what was built, and what is damaged is built again."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, box

import lifecircle as lc
from lifecircle import cli, store
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


@pytest.mark.parametrize("content", [None, b"", b"PK nonsense", b"no zip at all"])
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
        monkeypatch.setattr(
            sys, "argv", ["lifecircle", "assess", "data/sample", "--json", "--out", str(tmp_path / "out"), *cache]
        )
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
