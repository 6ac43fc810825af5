"""Circles of a study: made where it has none and a rule asks for them, written, edited, read back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

import lifecircle as lc
from lifecircle.cli import app
from lifecircle.flow import assess_tables, circles_of
from lifecircle.tables import Tables
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


def row_of_four(**circles: object) -> tuple[Tables, lc.study.Study]:  # type: ignore[name-defined]
    """Neighbourhoods of 100 households side by side, no circles, a centre in the first and in the last."""
    units = nested_units([100, 100, 100, 100])
    units = units[units["tier"] != "circle"]
    units = units.assign(parent_id=["S" if tier == "neighbourhood" else "" for tier in units["tier"]])
    homes = dwellings_at([(200 + 400 * number, 400) for number in range(4)], [100] * 4)
    made = tables_of(units, facilities_at([(200, 400), (1400, 400)]), homes, grid_streets(17, 9))
    return made, toy_study(circles={"households": [200, 200]} | circles)


def test_circles_are_made_where_there_are_none_and_a_rule_asks_for_them() -> None:
    tables, study = row_of_four()
    result = assess_tables(study, tables, both_standards())
    assert result.circles is not None
    assert result.circles.members["circle_id"].tolist() == ["S-C01", "S-C01", "S-C02", "S-C02"]
    assert result.circles.members["minutes"].tolist() == pytest.approx([0, 400 / 60, 400 / 60, 0])
    assert result.summary["circles"]["household_minutes"] == pytest.approx(80_000 / 60, abs=1)


def test_what_is_said_of_made_circles_is_for_reference_and_the_rest_binds() -> None:
    tables, study = row_of_four()
    units = assess_tables(study, tables, both_standards()).units
    floor_area = units[units["rule_id"] == "floor-area"].set_index("unit_id")
    assert floor_area.loc["S-C01", ["households", "value", "verdict"]].tolist() == [200, 200.0, "reference"]
    assert floor_area.loc["N1", "verdict"] == "met"
    shares = units[units["unit_id"] == "district"].set_index("rule_id")["verdict"]
    assert shares[["coverage-circle", "coverage-subdistrict"]].tolist() == ["reference", "met"]


def test_no_circles_are_made_where_the_study_says_so_or_no_rule_asks() -> None:
    tables, study = row_of_four(make=False)
    assert assess_tables(study, tables, both_standards()).circles is None
    tables, study = row_of_four()
    assert assess_tables(study, tables, [lc.load_standard("yunnan-social-work-2021")]).circles is None


def test_a_pinned_neighbourhood_goes_to_its_facility() -> None:
    tables, study = row_of_four(households=[100, 300], pins={"N2": "F2", "N3": "F2"})
    result = assess_tables(study, tables, both_standards())
    assert result.circles is not None
    assert result.circles.members.set_index("unit_id")["centre_id"].to_dict() == {
        "N1": "F1", "N2": "F2", "N3": "F2", "N4": "F2",
    }  # fmt: skip


def test_households_nobody_counted_weigh_as_much_as_the_median() -> None:
    tables, study = row_of_four()
    silent = tables.units.assign(households=tables.units["households"].mask(tables.units["unit_id"] == "N4"))
    homes = tables.dwellings.assign(households=[100, 100, 100, float("nan")])
    result = assess_tables(study, replace(tables, units=silent, dwellings=homes), both_standards())
    assert result.circles is not None
    assert result.circles.layer["households"].tolist() == [200, 200]


def test_circles_can_be_written_edited_and_read_back(tmp_path: Path) -> None:
    study = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    done = CliRunner().invoke(app, ["circles", str(study), "--out", str(study / "circles.gpkg"), "--lang", "en"])
    assert done.exit_code == 0, done.output
    made = gpd.read_file(study / "circles.gpkg", layer="circles")
    members = gpd.read_file(study / "circles.gpkg", layer="members")
    assert len(members) == 30
    text = (study / "study.toml").read_text("utf-8")
    assert text.count("[circles]") == 1
    (study / "study.toml").write_text(
        text.replace("[circles]", '[circles]\npath = "circles.gpkg"\nlayer = "circles"'), "utf-8"
    )
    result = lc.assess(study)
    circles = result.units[(result.units["tier"] == "circle") & (result.units["rule_id"] == "floor-area")]
    assert circles["unit_id"].tolist() == sorted(made["unit_id"])
    assert "reference" not in set(circles["verdict"])
    below = members.groupby("circle_id")["unit_id"].apply(set).to_dict()
    assert {key: result.tables.units["unit_id"].isin(one).sum() for key, one in below.items()} == {
        key: len(one) for key, one in below.items()
    }


def test_a_study_without_streets_has_no_circles_to_make(tmp_path: Path) -> None:
    study = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    text = (study / "study.toml").read_text("utf-8")
    start, end = text.index("[streets]"), text.index("[walk]")
    (study / "study.toml").write_text(text[:start] + text[end:], "utf-8")
    with pytest.raises(lc.StudyError, match="无法划分片区:需要居村边界、居住点和路网"):
        circles_of(study)


@pytest.mark.parametrize("out", ["circles.shp", "."])
def test_a_place_that_is_no_geopackage_is_refused(tmp_path: Path, out: str) -> None:
    done = CliRunner().invoke(app, ["circles", str(SAMPLE), "--out", str(tmp_path / out), "-q"])
    assert "is no file that ends in .gpkg" in str(done.exception)
    assert not list(tmp_path.iterdir())
