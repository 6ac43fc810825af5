"""Heights along streets, from a raster or from their ends."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString

import lifecircle as lc
from lifecircle.errors import StudyError
from lifecircle.heights import with_ele, with_heights
from lifecircle.readers import inputs
from rasters import raster_file, rasterio, slope
from spoil import ORIGIN_M, edit_text, small_study
from towns import CRS, grid_streets, streets_between


def heights_of(streets: gpd.GeoDataFrame, place: int = 0) -> list[float]:
    heights = shapely.get_coordinates(streets.geometry.iloc[place], include_z=True)[:, 2]
    return [round(float(height), 6) for height in heights]


def test_heights_are_taken_between_the_middles_of_cells_every_25_metres(tmp_path: Path) -> None:
    streets = streets_between([((100, 200), (200, 200))])
    raised = with_heights(streets, raster_file(tmp_path, slope()))
    assert heights_of(raised) == [10, 12.5, 15, 17.5, 20]
    assert raised.length.tolist() == [100]
    assert not streets.has_z.any()


def test_heights_at_the_rim_of_the_raster_are_those_of_its_last_cells(tmp_path: Path) -> None:
    raised = with_heights(streets_between([((0, 20), (20, 20))]), raster_file(tmp_path, slope()))
    assert heights_of(raised) == [5, 5]


def test_heights_beyond_the_raster_and_beside_cells_without_data_are_unknown(tmp_path: Path) -> None:
    cells = slope()
    cells[0, 0] = -9999
    streets = streets_between([((-20, 200), (-10, 200)), ((90, 340), (80, 340)), ((150, 250), (160, 250))])
    raised = with_heights(streets, raster_file(tmp_path, cells, nodata=-9999))
    assert np.isnan(heights_of(raised, 0)).all()
    assert np.isnan(heights_of(raised, 1)).all()
    assert heights_of(raised, 2) == [15, 16]


def test_a_raster_in_another_crs_gives_the_same_heights(tmp_path: Path) -> None:
    there = gpd.GeoSeries([LineString([(500_250, 3_400_150), (500_260, 3_400_150)])], crs="EPSG:32650")
    path = tmp_path / "degrees.tif"
    west, south, east, north = there.buffer(1000).to_crs("EPSG:4326").total_bounds
    transform = rasterio.Affine((east - west) / 50, 0, west, 0, (south - north) / 50, north)
    shape = {"height": 50, "width": 50, "count": 1, "dtype": "float64", "transform": transform, "crs": "EPSG:4326"}
    with rasterio.open(path, "w", driver="GTiff", **shape) as file:
        longitude = west + (np.arange(50) + 0.5) * (east - west) / 50
        file.write(np.tile(longitude, (50, 1)), 1)
    raised = with_heights(gpd.GeoDataFrame(geometry=there), path)
    expected = shapely.get_coordinates(there.to_crs("EPSG:4326").iloc[0])[:, 0]
    assert np.allclose(shapely.get_coordinates(raised.geometry.iloc[0], include_z=True)[:, 2], expected, atol=1e-9)


def test_heights_without_rasterio_say_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = raster_file(tmp_path, slope())
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(StudyError, match=re.escape('pip install "lifecircle[terrain]"')):
        with_heights(grid_streets(2, 2), path)


def test_heights_go_evenly_between_known_ends_and_are_unknown_elsewhere() -> None:
    streets = streets_between([((0, 0), (100, 0)), ((0, 0), (0, 50))], from_ele_m=[3, 3], to_ele_m=[5, np.nan])
    raised = with_ele(streets)
    assert heights_of(raised) == [3, 5]
    assert np.isnan(heights_of(raised, 1)).all()


def test_streets_that_say_nothing_of_heights_have_unknown_ones() -> None:
    assert np.isnan(heights_of(with_ele(grid_streets(2, 1)))).all()


# a study that names a raster


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return small_study(tmp_path / "toy")


def tables_of(folder: Path) -> lc.Tables:
    return lc.read_inputs(lc.read_study(folder))


def faults_of(folder: Path) -> list[str]:
    return [one.line() for one in inputs.load_inputs(lc.read_study(folder)).faults]


def test_a_study_gives_its_streets_heights(toy: Path) -> None:
    path = toy / "dem.tif"
    transform = rasterio.Affine(100, 0, ORIGIN_M[0] - 50, 0, -100, ORIGIN_M[1] + 350)
    shape = {"height": 4, "width": 7, "count": 1, "dtype": "float32", "transform": transform, "crs": CRS}
    with rasterio.open(path, "w", driver="GTiff", **shape) as file:
        file.write(np.tile(np.arange(7, dtype="float32"), (4, 1)), 1)
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.gpkg"\nelevation = "dem.tif"')
    tables = tables_of(toy)
    x, _, height = shapely.get_coordinates(tables.streets.geometry.to_numpy(), include_z=True).T
    assert np.allclose(height, (x - ORIGIN_M[0]) / 100)
    assert "dem.tif" in {source.file for source in tables.sources}
    assert not tables.faults


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("none.tif", None, "none.tif: the file does not exist. Cure: put it there or correct `[streets] elevation`"),
        ("text.tif", b"no raster", "text.tif: cannot be read as a raster"),
    ],
)
def test_a_raster_that_cannot_be_read_is_a_fault(toy: Path, name: str, content: bytes | None, expected: str) -> None:
    if content is not None:
        (toy / name).write_bytes(content)
    edit_text(toy / "study.toml", '"streets.gpkg"', f'"streets.gpkg"\nelevation = "{name}"')
    (fault,) = faults_of(toy)
    assert expected in fault


def stating_heights(toy: Path, to_ele_m: list[float]) -> None:
    lines = [LineString([(0, 0), (100, 0)]), LineString([(50, -50), (50, 50)])]
    ends = {"from_ele_m": [0.0, 5.0], "to_ele_m": to_ele_m}
    streets = gpd.GeoDataFrame(ends, geometry=lines, crs=CRS)
    streets.set_geometry(streets.translate(*ORIGIN_M)).to_file(toy / "hills.gpkg")
    edit_text(toy / "study.toml", '"streets.gpkg"', '"hills.gpkg"\ncrossings = "join"\nelevation = "ele"')


def test_heights_that_streets_state_stay_where_they_are_joined(toy: Path) -> None:
    stating_heights(toy, [10, 5])
    tables = tables_of(toy)
    assert [heights_of(tables.streets, place) for place in range(4)] == [[0, 5], [5, 10], [5, 5], [5, 5]]
    assert not tables.faults


def test_streets_that_state_only_some_heights_are_a_warning(toy: Path) -> None:
    stating_heights(toy, [10, np.nan])
    (fault,) = faults_of(toy)
    assert "hills.gpkg: holds no height for a part of 1 of the 2 streets: these are walked as if level" in fault
    assert len(tables_of(toy).streets) == 4


def test_streets_that_should_state_heights_and_state_none_are_a_fault(toy: Path) -> None:
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.gpkg"\nelevation = "ele"')
    (fault,) = faults_of(toy)
    assert "streets.gpkg: holds no height for any of the 45 streets" in fault


def test_a_raster_of_another_place_is_a_fault(toy: Path) -> None:
    raster_file(toy, slope())
    edit_text(toy / "study.toml", '"streets.gpkg"', '"streets.gpkg"\nelevation = "heights.tif"')
    (fault,) = faults_of(toy)
    assert "heights.tif: holds no height for any of the 45 streets" in fault
