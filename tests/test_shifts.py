"""Layers shifted like a web map: found in a drawn town and rightly named; unshifted towns raise no alarm."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

import lifecircle as lc
from lifecircle.datums import SHIFTED, Datum, from_wgs84, to_wgs84
from lifecircle.faults import Fault
from lifecircle.shifts import shift_faults, shift_of
from lifecircle.tables import Source, Tables, empty_table

CRS = "EPSG:4549"
CORNER_M = np.array([615_000.0, 3_436_000.0])
SIDE_M = 4000.0
DATUMS = pytest.mark.parametrize("datum", SHIFTED)


def town(seed: int = 7) -> gpd.GeoDataFrame:
    """Streets across a square at uneven distances, so that the town looks like itself in one place only."""
    rng = np.random.default_rng(seed)
    lines = []
    for axis in (0, 1):
        at = np.cumsum(rng.uniform(90, 280, 40))
        for one in at[at < SIDE_M]:
            ends = np.array([[one, 0.0], [one + rng.uniform(-80, 80), SIDE_M]])
            lines.append(shapely.LineString(CORNER_M + (ends if axis == 0 else ends[:, ::-1])))
    return gpd.GeoDataFrame({"street_id": [f"s{n}" for n in range(len(lines))]}, geometry=lines, crs=CRS)


def beside(streets: gpd.GeoDataFrame, n: int, seed: int) -> np.ndarray:
    """Places 10 to 40 m from a street."""
    rng = np.random.default_rng(seed)
    lines = streets.geometry.to_numpy()[rng.integers(0, len(streets), n)]
    spots = shapely.get_coordinates(shapely.line_interpolate_point(lines, rng.uniform(0.05, 0.95, n), normalized=True))
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    way = (ends[:, 1] - ends[:, 0]) / shapely.length(lines)[:, None]
    side = rng.choice([-1.0, 1.0], n) * rng.uniform(10, 40, n)
    return spots + np.column_stack([-way[:, 1], way[:, 0]]) * side[:, None]


def as_shown(shapes: gpd.GeoSeries, datum: Datum) -> gpd.GeoSeries:
    """Shapes where a web map shows them."""
    degrees = shapes.to_crs("EPSG:4326")

    def moved(corners: np.ndarray) -> np.ndarray:
        return np.column_stack(from_wgs84(corners[:, 0], corners[:, 1], datum))

    return gpd.GeoSeries(shapely.transform(degrees.to_numpy(), moved), crs="EPSG:4326").to_crs(CRS)


def places(spots: np.ndarray, key: str, **columns: object) -> gpd.GeoDataFrame:
    n = len(spots)
    data = {key: [f"{key[0]}{i}" for i in range(n)], "name": [""] * n, "unit_id": [""] * n} | columns
    return gpd.GeoDataFrame(data, geometry=gpd.points_from_xy(*spots.T), crs=CRS)


def tables(sources: tuple[Source, ...] = (), **layers: gpd.GeoDataFrame) -> Tables:
    named = ("units", "facilities", "dwellings", "streets", "ground", "candidates")
    return Tables(**{name: layers.get(name, empty_table(name, CRS)) for name in named}, crs=CRS, sources=sources)


def shifted(layer: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    return layer.set_geometry(as_shown(layer.geometry, datum))


def told(found: Tables) -> list[tuple[str, str, str]]:
    """What is found of each layer, however sure it is."""
    found_faults = shift_faults(found)
    return sorted(
        (one.check.removeprefix("perhaps-"), one.where.table, dict(one.values)["datum"]) for one in found_faults
    )


def blocks(streets_at: np.ndarray) -> gpd.GeoDataFrame:
    """Units of 500 m with a key each."""
    keys = [(i, j) for i in range(8) for j in range(8)]
    shapes = [shapely.box(500 * i, 500 * j, 500 * i + 500, 500 * j + 500) for i, j in keys]
    moved = gpd.GeoSeries(shapes).translate(*streets_at)
    data = {"unit_id": [f"N{i}{j}" for i, j in keys], "tier": ["neighbourhood"] * 64, "parent_id": [""] * 64}
    return gpd.GeoDataFrame(data, geometry=moved.to_numpy(), crs=CRS)


# found and rightly named


@DATUMS
@pytest.mark.parametrize("table", ["facilities", "dwellings", "candidates"])
def test_a_shifted_layer_of_places_is_named_with_its_datum(datum: Datum, table: str) -> None:
    streets = town()
    key = "dwelling_id" if table == "dwellings" else "facility_id"
    layer = shifted(places(beside(streets, 60, 1), key), datum)
    assert told(tables(streets=streets, **{table: layer})) == [("shifted-layer", table, datum)]


@DATUMS
@pytest.mark.parametrize("seed", range(5))
def test_twenty_places_are_enough(datum: Datum, seed: int) -> None:
    streets = town(seed)
    layer = shifted(places(beside(streets, 20, seed), "facility_id"), datum)
    assert told(tables(streets=streets, facilities=layer)) == [("shifted-layer", "facilities", datum)]


@DATUMS
def test_thirty_in_a_hundred_places_with_noise_of_50_m_hide_nothing(datum: Datum) -> None:
    streets, rng = town(), np.random.default_rng(3)
    spots = beside(streets, 40, 3)
    spots[:12] += rng.normal(0, 50, (12, 2))
    layer = shifted(places(spots, "facility_id"), datum)
    assert told(tables(streets=streets, facilities=layer)) == [("shifted-layer", "facilities", datum)]


@DATUMS
def test_boundaries_that_follow_streets_are_held_against_them(datum: Datum) -> None:
    streets = town()
    areas = list(shapely.polygonize(shapely.node(shapely.union_all(streets.geometry.to_numpy())).geoms).geoms)
    units = gpd.GeoDataFrame(
        {"unit_id": [f"N{n}" for n in range(len(areas))], "tier": "neighbourhood", "parent_id": ""},
        geometry=areas,
        crs=CRS,
    )
    assert told(tables(streets=streets, units=units)) == []
    assert told(tables(streets=streets, units=shifted(units, datum))) == [("shifted-layer", "units", datum)]


@DATUMS
def test_where_all_else_lies_right_once_the_streets_are_shifted_it_is_the_streets(datum: Datum) -> None:
    streets = town()
    facilities, dwellings = places(beside(streets, 60, 1), "facility_id"), places(beside(streets, 90, 2), "dwelling_id")
    moved = tables(streets=shifted(streets, datum), facilities=facilities, dwellings=dwellings)
    assert told(moved) == [("shifted-layer", "streets", datum)]


@DATUMS
def test_one_layer_that_lies_right_clears_the_streets(datum: Datum) -> None:
    streets = town()
    wrong = shifted(places(beside(streets, 60, 1), "facility_id"), datum)
    right = places(beside(streets, 90, 2), "dwelling_id")
    found = tables(streets=streets, facilities=wrong, dwellings=right)
    assert told(found) == [("shifted-layer", "facilities", datum)]


@DATUMS
def test_places_that_state_their_unit_are_held_against_it_where_there_are_no_streets(datum: Datum) -> None:
    rng = np.random.default_rng(5)
    spots = rng.uniform(0, SIDE_M, (80, 2))
    stated = [f"N{int(x // 500)}{int(y // 500)}" for x, y in spots]
    layer, units = places(CORNER_M + spots, "dwelling_id", unit_id=stated), blocks(CORNER_M)
    assert told(tables(units=units, dwellings=layer)) == []
    assert told(tables(units=units, dwellings=shifted(layer, datum))) == [("shifted-layer", "dwellings", datum)]


@DATUMS
def test_a_datum_stated_of_a_layer_that_was_not_shifted_is_told(datum: Datum) -> None:
    streets = town()
    source = Source("facilities", "f.csv", datum=datum)
    here = places(beside(streets, 60, 1), "facility_id")
    degrees = here.geometry.to_crs("EPSG:4326")
    lon, lat = to_wgs84(degrees.x.to_numpy(), degrees.y.to_numpy(), datum)
    undone = here.set_geometry(gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(CRS))
    found = tables((source,), streets=streets, facilities=undone)
    assert told(found) == [("needless-datum", "facilities", datum)]


def undone(layer: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    degrees = layer.geometry.to_crs("EPSG:4326")
    lon, lat = to_wgs84(degrees.x.to_numpy(), degrees.y.to_numpy(), datum)
    return layer.set_geometry(gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs(CRS))


@pytest.mark.parametrize(("stated", "right"), [("bd09", "gcj02"), ("gcj02", "bd09")])
def test_a_wrong_datum_is_told_with_the_right_one(stated: Datum, right: Datum) -> None:
    streets, source = town(), Source("facilities", "f.csv", datum=stated)
    layer = undone(shifted(places(beside(streets, 60, 1), "facility_id"), right), stated)
    (found,) = shift_faults(tables((source,), streets=streets, facilities=layer))
    assert (found.check, found.severity) == ("wrong-datum", "error")
    assert found.what().startswith(f"is declared {stated}, but lies as in ")
    assert found.cure() == f'write [facilities] datum = "{right}" in study.toml'
    values = dict(found.values)
    assert int(values["after_m"]) < 30 < int(values["before_m"])


@DATUMS
def test_the_right_datum_says_nothing(datum: Datum) -> None:
    streets, source = town(), Source("facilities", "f.csv", datum=datum)
    layer = undone(shifted(places(beside(streets, 60, 1), "facility_id"), datum), datum)
    assert told(tables((source,), streets=streets, facilities=layer)) == []


@DATUMS
def test_the_order_of_rows_changes_no_fault(datum: Datum) -> None:
    streets, rng = town(), np.random.default_rng(5)
    spots = beside(streets, 600, 1)
    stated = [f"N{int(x // 500)}{int(y // 500)}" for x, y in spots - CORNER_M]
    spots[:20] = spots[20:40] + 0.1  # more than one at a spot, of different units
    layer, units = shifted(places(spots, "facility_id", unit_id=stated), datum), blocks(CORNER_M)
    lines = []
    for orders in ([np.arange(600), np.arange(64)], [rng.permutation(600), rng.permutation(64)]):
        shuffled = tables(streets=streets, facilities=layer.iloc[orders[0]], units=units.iloc[orders[1]])
        lines.append([one.line() for one in shift_faults(shuffled)])
    assert lines[0] == lines[1] != []


# what the fault says


def one_fault(n: int = 60, stated: str = "") -> Fault:
    streets, source = town(), Source("facilities", "f.csv", datum=stated)
    layer = shifted(places(beside(streets, n, 1), "facility_id"), "gcj02")
    return next(iter(shift_faults(tables((source,), streets=streets, facilities=layer))))


@pytest.mark.parametrize("stated", ["wgs84", "cgcs2000"])
def test_a_layer_whose_datum_is_stated_to_be_unshifted_is_only_warned_of(stated: str) -> None:
    assert (one_fault().severity, one_fault().check) == ("error", "shifted-layer")
    assert (one_fault(stated=stated).severity, one_fault(stated=stated).check) == ("warning", "perhaps-shifted-layer")


def test_below_99_percent_it_is_a_warning_that_says_what_to_write_if_the_places_are_right() -> None:
    found = [one_fault(n) for n in range(10, 60, 2)]
    surest = [float(dict(one.values)["confidence"].removesuffix(" %")) for one in found]
    assert [one.severity for one in found] == ["error" if sure >= 99 else "warning" for sure in surest]
    assert {one.severity for one in found} == {"error", "warning"}
    assert all('datum = "wgs84"' in one.cure() and 'datum = "wgs84"' in one.cure("zh") for one in found)


def test_the_fault_is_an_error_with_its_evidence_and_the_line_to_write() -> None:
    fault = one_fault()
    values = dict(fault.values)
    assert fault.severity == "error"
    assert 10 < int(values["after_m"]) < 30 < int(values["before_m"])
    assert int(values["after_share"]) == 0 < int(values["before_share"])
    assert float(values["confidence"].removesuffix(" %")) > 90
    assert values["n"] == "60"
    assert '[facilities] datum = "gcj02" in study.toml' in fault.cure()
    assert 'datum = "gcj02"' in fault.cure("zh")


def test_nothing_is_moved() -> None:
    streets = town()
    layer = shifted(places(beside(streets, 60, 1), "facility_id"), "gcj02")
    before = layer.copy()
    list(shift_faults(tables(streets=streets, facilities=layer)))
    assert layer.geometry.geom_equals(before.geometry).all()


# no alarm


@pytest.mark.parametrize("seed", range(10))
def test_places_where_they_belong_raise_no_alarm(seed: int) -> None:
    streets = town(seed)
    layer = places(beside(streets, 20 + 20 * seed, seed), "facility_id")
    assert told(tables(streets=streets, facilities=layer)) == []


@pytest.mark.parametrize("seed", range(10))
def test_places_that_lie_anywhere_raise_no_alarm(seed: int) -> None:
    spots = CORNER_M + np.random.default_rng(seed).uniform(0, SIDE_M, (20 + 20 * seed, 2))
    assert told(tables(streets=town(seed), facilities=places(spots, "facility_id"))) == []


@pytest.mark.parametrize("step_m", [73, 100, 150, 200, 250])
@pytest.mark.parametrize("off_m", [20, None])
def test_a_regular_town_raises_no_alarm_wherever_its_places_lie(step_m: int, off_m: float | None) -> None:
    at, rng = np.arange(0, SIDE_M, step_m), np.random.default_rng(step_m)
    lines = [shapely.LineString([(one, 0), (one, at[-1])]) for one in at]
    lines += [shapely.LineString([(0, one), (at[-1], one)]) for one in at]
    streets = gpd.GeoDataFrame(geometry=gpd.GeoSeries(lines).translate(*CORNER_M).to_numpy(), crs=CRS)
    block = rng.integers(0, len(at) - 1, (300, 2)) * float(step_m)
    inside = np.full((300, 2), step_m / 2) if off_m is None else np.full((300, 2), off_m)
    assert told(tables(streets=streets, facilities=places(CORNER_M + block + inside, "facility_id"))) == []


def test_a_few_places_say_nothing() -> None:
    streets = town()
    layer = shifted(places(beside(streets, 7, 1), "facility_id"), "gcj02")
    assert told(tables(streets=streets, facilities=layer)) == []


def test_many_places_at_one_spot_count_once() -> None:
    streets = town()
    spots = np.repeat(beside(streets, 7, 1), 50, axis=0)
    assert told(tables(streets=streets, facilities=shifted(places(spots, "facility_id"), "gcj02"))) == []


def test_outside_china_nothing_is_looked_for() -> None:
    spots = np.random.default_rng(1).uniform(0, SIDE_M, (50, 2)) + np.array([480_000, 6_670_000])
    assert shift_of(spots, "EPSG:32722", lambda moved: np.zeros(len(moved))) is None


def test_the_sample_raises_no_alarm() -> None:
    assert list(shift_faults(lc.read_inputs(lc.read_study("data/sample/study.toml")))) == []
