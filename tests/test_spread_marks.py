"""Figures that rest on spread households say so, everywhere; where nothing is spread nothing does."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from rich.console import Console

import lifecircle as lc
from lifecircle.faults import Where
from lifecircle.flow import assess_tables
from lifecircle.given import SpreadInput
from lifecircle.places import unit_of_places
from lifecircle.publish.geopackage import write_layers
from lifecircle.publish.payload import map_payload
from lifecircle.publish.report import report_values
from lifecircle.publish.terminal import print_result
from lifecircle.publish.verdict_sheets import verdict_sheet
from lifecircle.readers.spread import spread_over
from lifecircle.result import Result
from lifecircle.study import Study
from lifecircle.tables import CONTRACTS, Tables, empty_table
from lifecircle.words import spellings, term

EMPTIED = ("A0101", "A0102")
WALKED = {"reached_households_share", "reachable_floor_area_per_100_households"}
reads_layers = pytest.mark.skipif("spread" not in CONTRACTS, reason="no contract for layers to spread over")


@pytest.fixture(scope="module")
def sample() -> tuple[Study, Tables]:
    """The sample without the dwellings of two neighbourhoods, and asked to spread over streets."""
    study = lc.read_study("data/sample")
    tables = lc.read_inputs(study)
    unit = unit_of_places(tables.dwellings, tables.units, stated="unit_id")
    kept = replace(tables, dwellings=tables.dwellings[~unit.isin(EMPTIED)].reset_index(drop=True))
    return study.model_copy(update={"spread": SpreadInput(over="streets")}), kept


@pytest.fixture(scope="module")
def spread(sample: tuple[Study, Tables]) -> Result:
    study, tables = sample
    return assess_tables(study, spread_over(study, tables), [lc.load_standard("shanghai-15min-goals")])


@pytest.fixture(scope="module")
def unspread(sample: tuple[Study, Tables]) -> Result:
    study, tables = sample
    study = study.model_copy(update={"spread": None})
    return assess_tables(study, tables, [lc.load_standard("shanghai-15min-goals")])


def stated(result: Result, unit_id: str) -> float:
    units = result.tables.units
    return float(units.loc[units["unit_id"] == unit_id, "households"].iloc[0])


def test_spread_dwellings_sum_to_what_the_units_state(spread: Result) -> None:
    rows = spread.dwellings[spread.dwellings["spread"]]
    assert rows.groupby("unit_id")["households"].sum().to_dict() == {one: stated(spread, one) for one in EMPTIED}


def test_a_note_tells_how_many_households_were_spread_over_what(spread: Result) -> None:
    (told,) = spread.faults[spread.faults["check"] == "households-spread"].to_dict("records")
    n = sum(stated(spread, one) for one in EMPTIED)
    assert told["severity"] == "note"
    assert told["households"] == n
    assert told["what_zh"].startswith(f"2 个没有居住点的单元,其 {n:,.0f} 户")
    assert "walkable streets" in told["what_en"]


def test_rows_that_walk_count_the_spread_households_of_their_unit_and_others_none(spread: Result) -> None:
    parents = {one.unit_id: one.parent_id for one in spread.units.itertuples()}
    expected = dict.fromkeys(parents, 0.0)
    for unit_id in EMPTIED:
        above = unit_id
        while above:
            expected[above] += stated(spread, unit_id)
            above = parents[above]
    walked = spread.units["measure"].isin(WALKED)
    assert walked.any()
    for row in spread.units[walked].itertuples():
        assert row.spread_households == expected[row.unit_id]
    counted = spread.units["measure"].isin({"floor_area_per_100_households", "facilities_count"})
    assert (spread.units.loc[counted, "spread_households"] == 0).all()


def test_the_paragraph_of_such_a_row_says_it_and_others_do_not(spread: Result) -> None:
    rows = spread.units[spread.units["measure"] == "reached_households_share"]
    for row in rows.itertuples():
        assert ("摊算" in row.why_zh) == (row.spread_households > 0)
        assert ("spread over walkable streets" in row.why_en) == (row.spread_households > 0)
    assert rows["spread_households"].gt(0).any()
    assert rows["spread_households"].eq(0).any()


def test_the_summary_has_spread_households_and_their_share(spread: Result, unspread: Result) -> None:
    households, n = spread.summary["households"], sum(stated(spread, one) for one in EMPTIED)
    assert households["spread"] == n
    assert households["spread_share"] == n / households["known"]
    assert unspread.summary["households"]["spread"] == unspread.summary["households"]["spread_share"] == 0


def test_what_was_unknown_of_the_units_is_known_and_the_totals_stay(spread: Result, unspread: Result) -> None:
    now, before = (
        one.units[one.units["measure"] == "reached_households_share"].set_index(["rule_id", "unit_id"])
        for one in (spread, unspread)
    )
    pd.testing.assert_series_equal(now["households"], before["households"])
    own = now.index.get_level_values("unit_id").isin(EMPTIED)
    assert own.any()
    assert (before.loc[own, "low"] == 0).all()
    assert (before.loc[own, "high"] == 1).all()
    wider = (now["high"] - now["low"]) - (before["high"] - before["low"])  # NaN where nobody lives
    assert not (wider > 1e-12).any()


def test_the_page_marks_figures_and_explains_the_mark(spread: Result) -> None:
    page = report_values(spread)
    assert "标 ≈" in page["spread"]["zh"]
    assert "marked ≈" in page["spread"]["en"]
    marked_ = {row["unit_id"] for row in page["verdict_rows"] if row["shown"].startswith("≈")}
    assert "district" in marked_
    assert not marked_ & set(spread.units.loc[spread.units["spread_households"] == 0, "unit_id"])
    assert any(card["value"].startswith("≈") for card in page["figures"])
    assert page["equity"]["text"]["en"].endswith("are marked ≈.")
    assert any("walkable streets" in one for one in page["method"]["en"])


def test_the_map_marks_places_and_figures(spread: Result) -> None:
    payload = map_payload(spread)
    assert payload["walker"]["zh"].endswith(")")
    names = payload["dwellings"]["name"]
    assert [name.startswith("≈") for name in names] == spread.dwellings.loc[
        spread.dwellings["unit_id"] != "", "spread"
    ].tolist()


def test_the_workbook_has_a_column_of_spread_households(spread: Result, unspread: Result) -> None:
    column = verdict_sheet(spread, "zh")["其中摊算户数(≈)"]
    assert column.tolist() == spread.units["spread_households"].tolist()
    assert "其中摊算户数(≈)" not in verdict_sheet(unspread, "zh")


def test_the_terminal_prints_the_share(spread: Result, tmp_path: Path) -> None:
    console = Console(record=True, width=200, file=StringIO())
    print_result(spread, tmp_path, console)
    percent = spread.summary["households"]["spread_share"] * 100
    assert f"({np.ceil(percent * 100) / 100:.2f}%)" in console.export_text()


def test_where_nothing_is_spread_nothing_bears_the_mark(unspread: Result) -> None:
    page = report_values(unspread)
    assert page["spread"] == {"zh": "", "en": ""}
    assert "≈" not in str(page)
    assert (unspread.units["spread_households"] == 0).all()


def test_a_result_read_again_still_tells_its_spread_dwellings(spread: Result, tmp_path: Path) -> None:
    write_layers(spread, tmp_path / "result.gpkg")
    again = gpd.read_file(tmp_path / "result.gpkg", layer="dwellings")
    assert again["spread"].sum() == spread.dwellings["spread"].sum()


# What a study can ask for


def test_a_study_that_spreads_nothing_keeps_its_tables(sample: tuple[Study, Tables]) -> None:
    study, tables = sample
    assert spread_over(study.model_copy(update={"spread": None}), tables) is tables


def test_a_unit_without_streets_is_told_with_its_households(sample: tuple[Study, Tables]) -> None:
    study, tables = sample
    bare = replace(tables, streets=tables.streets.iloc[:0])
    found = spread_over(study, bare)
    told = [one for one in found.faults if one.check == "nothing-to-spread-over"]
    assert sorted(one.where.record.split("(")[-1].strip(")") for one in told) == list(EMPTIED)
    assert {one.where.households for one in told} == {stated_in(tables, one) for one in EMPTIED}
    assert told[0].severity == "warning"


def test_units_whose_totals_are_not_spread_because_of_dwellings_without_a_number_are_told(
    sample: tuple[Study, Tables],
) -> None:
    study, tables = sample
    known = tables.dwellings["households"]
    found = []
    for households in (known.fillna(1), known.fillna(1).where(known.index > known.index[0])):
        spread = spread_over(study, replace(tables, dwellings=tables.dwellings.assign(households=households)))
        found.append([(one.severity, dict(one.values)["n"]) for one in spread.faults if one.check == "not-spread"])
    assert found == [[], [("warning", "1")]]


def stated_in(tables: Tables, unit_id: str) -> float:
    return float(tables.units.set_index("unit_id").loc[unit_id, "households"])


@pytest.mark.parametrize(
    ("over", "field"), [("buildings", "[spread] path"), ("streets", "streets (over, in [spread])")]
)
def test_what_is_missing_to_spread_over_is_a_fault(sample: tuple[Study, Tables], over: str, field: str) -> None:
    study, tables = sample
    asked = study.model_copy(update={"spread": SpreadInput(over=over), "streets": None})
    (told,) = [one for one in spread_over(asked, tables).faults if one.check == "missing-setting"]
    assert dict(told.values)["field"] == field


@reads_layers
def test_buildings_of_a_layer_are_spread_over_by_their_floors_and_use(
    sample: tuple[Study, Tables], tmp_path: Path
) -> None:
    study, tables = sample
    spot = tables.units.set_index("unit_id").geometry["A0101"].representative_point()
    squares = [shapely.box(spot.x + far, spot.y, spot.x + far + 10, spot.y + 10) for far in (0, 20, 40)]
    columns = {"层数": ["6", "3", "3"], "用途": ["住宅", "住宅", "商业"]}
    path = tmp_path / "houses.gpkg"
    gpd.GeoDataFrame(columns, geometry=squares, crs=tables.crs).to_crs(4490).to_file(path)
    found = spread_over(study.model_copy(update={"spread": SpreadInput(over="buildings", path=str(path))}), tables)
    rows = found.dwellings[found.dwellings["spread"]]
    total = stated_in(tables, "A0101")
    assert sorted(rows["households"]) == sorted([total - round(total * 2 / 3), round(total * 2 / 3)])
    assert rows["row"].tolist() == [1, 2]
    told = [one.check for one in found.faults[len(tables.faults) :]]
    assert set(told[:-2]) == {"nothing-to-spread-over"}
    assert told[-2:] == ["not-spread", "households-spread"]


@reads_layers
@pytest.mark.parametrize(("over", "check"), [("buildings", "wrong-shapes"), ("grid", "missing-column")])
def test_a_layer_of_the_wrong_sort_is_a_fault(
    sample: tuple[Study, Tables], tmp_path: Path, over: str, check: str
) -> None:
    study, tables = sample
    path = tmp_path / "points.csv"
    path.write_text("编号,经度,纬度\n1,121.5,31.2\n", "utf-8")
    given = SpreadInput(over=over, path=str(path), crs="EPSG:4490")
    found = spread_over(study.model_copy(update={"spread": given}), tables)
    assert check in {one.check for one in found.faults}
    assert "spread" not in found.dwellings


@reads_layers
def test_a_grid_of_centres_in_a_csv_is_spread_over(sample: tuple[Study, Tables], tmp_path: Path) -> None:
    study, tables = sample
    centres = tables.units[tables.units["unit_id"].isin(EMPTIED)].representative_point().to_crs(4490)
    lines = "".join(f"{x:.7f},{y:.7f},50\n" for x, y in zip(centres.x, centres.y, strict=True))
    (tmp_path / "grid.csv").write_text("经度,纬度,人口\n" + lines, "utf-8")
    given = SpreadInput(over="grid", path=str(tmp_path / "grid.csv"), crs="EPSG:4490")
    found = spread_over(study.model_copy(update={"spread": given}), tables)
    rows = found.dwellings[found.dwellings["spread"]]
    assert dict(zip(rows["unit_id"], rows["households"], strict=True)) == {
        one: stated_in(tables, one) for one in EMPTIED
    }


@reads_layers
def test_buildings_of_an_openstreetmap_file_bear_their_levels(sample: tuple[Study, Tables], tmp_path: Path) -> None:
    study, tables = sample
    spot = tables.units.set_index("unit_id").geometry["A0101"].representative_point()
    squares = gpd.GeoSeries(
        [shapely.box(spot.x + far, spot.y, spot.x + far + 10, spot.y + 10) for far in (0, 20)], crs=tables.crs
    ).to_crs(4326)
    (tmp_path / "town.osm").write_text(_osm(squares, ["apartments", "yes"], ["9", "3;1"]), "utf-8")
    given = SpreadInput(over="buildings", path=str(tmp_path / "town.osm"), floors=1)
    found = spread_over(study.model_copy(update={"spread": given}), tables)
    rows, total = found.dwellings[found.dwellings["spread"]], stated_in(tables, "A0101")
    assert sorted(rows["households"])[-1] == pytest.approx(total * 0.9, abs=1)
    assert rows["households"].sum() == total
    assert "not-a-number" not in {one.check for one in found.faults}


def _osm(squares: gpd.GeoSeries, kinds: list[str], levels: list[str]) -> str:
    nodes, ways = [], []
    for place, (square, kind, level) in enumerate(zip(squares, kinds, levels, strict=True)):
        keys = [place * 10 + corner + 1 for corner in range(4)]
        corners = list(square.exterior.coords)[:4]
        nodes += [f'<node id="{key}" lon="{x:.7f}" lat="{y:.7f}"/>' for key, (x, y) in zip(keys, corners, strict=True)]
        members = "".join(f'<nd ref="{key}"/>' for key in [*keys, keys[0]])
        tags = f'<tag k="building" v="{kind}"/><tag k="building:levels" v="{level}"/>'
        ways.append(f'<way id="{place + 1}">{members}{tags}</way>')
    return f'<osm version="0.6">{"".join(nodes)}{"".join(ways)}</osm>'


def test_every_thing_to_spread_over_has_a_name_in_both_languages() -> None:
    for over in ("buildings", "grid", "addresses", "streets"):
        assert over in spellings("over").values()
        assert term("over", over)["zh"] != over


def test_a_study_without_dwellings_gets_them_all(sample: tuple[Study, Tables]) -> None:
    study, tables = sample
    found = spread_over(study, replace(tables, dwellings=empty_table("dwellings", tables.crs)))
    lowest = tables.units[(tables.units["tier"] == "neighbourhood") & (tables.units["households"] > 0)]
    assert found.dwellings.groupby("unit_id")["households"].sum().to_dict() == dict(
        zip(lowest["unit_id"], lowest["households"], strict=True)
    )
    assert Where("streets.osm").file in {one.file for one in found.sources if one.table == "spread"}
