"""One study in the forms that offices have it gives what the clean sample gives, to the last bit."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.result import Result
from postgis import Database, database

__all__ = ["database"]
SAMPLE = Path("data/sample")
LAYERS = {"subdistricts": "subdistrict", "circles": "circle", "neighbourhoods": "neighbourhood"}
ABOUT = (SAMPLE / "study.toml").read_text("utf-8").partition("[units]")[0]
REST = "[walk]" + (SAMPLE / "study.toml").read_text("utf-8").partition("[walk]")[2]
REGISTER = "select * from 设施 where 设施编码 is not null -- 全部"
ROADS = '[streets]\npath = "streets.osm"\n'
NUMBERS, DAYS = ("面积", "经度", "纬度"), ("日期", "租期自", "到期")


@pytest.fixture(scope="module")
def clean() -> Result:
    return lc.assess(SAMPLE)


def test_gbk_shapes_without_a_cpg_a_workbook_a_gb18030_csv_and_streets_in_postgis(
    database: Database, clean: Result, tmp_path: Path
) -> None:
    write_shapes(tmp_path / "边界")
    write_csv(tmp_path / "居住点.csv")
    shutil.copy(SAMPLE / "facilities.xlsx", tmp_path / "设施.xlsx")
    box = load_streets(database)
    mixed = assess(
        tmp_path,
        f"""
        [units]
        path = "边界"
        layers = {{ subdistrict = "街道", circle = "片区", neighbourhood = "居村" }}
        columns = {{ unit_id = "单元编码", name = "居村委会名" }}
        [facilities]
        path = "设施.xlsx"
        sheet = "设施"
        crs = "EPSG:4490"
        [dwellings]
        path = "居住点.csv"
        crs = "EPSG:4490"
        [streets]
        path = "{database.address}"
        table = "道路"
        extent = {box}
        """,
    )
    same(mixed, clean)
    written = json.dumps(mixed.manifest, ensure_ascii=False) + mixed.faults.to_json()
    assert "not-in-any-file" not in written


def test_boundaries_and_facilities_in_postgis_and_dwellings_in_a_workbook(
    database: Database, clean: Result, tmp_path: Path
) -> None:
    load_units(database)
    load_facilities(database)
    write_workbook(tmp_path / "居住点.xlsx")
    shutil.copy(SAMPLE / "streets.osm", tmp_path)
    mixed = assess(
        tmp_path,
        f"""
        [units]
        path = "{database.address}"
        table = "public.单元"
        columns = {{ tier = "层级" }}
        [facilities]
        path = "{database.address}"
        query = "{REGISTER}"
        [dwellings]
        path = "居住点.xlsx"
        crs = "EPSG:4490"
        {ROADS}
        """,
    )
    same(mixed, clean)


def assess(folder: Path, inputs: str) -> Result:
    lines = "\n".join(line.strip() for line in inputs.splitlines())
    (folder / "study.toml").write_text(ABOUT + lines + "\n" + REST, "utf-8")
    return lc.assess(folder)


def same(mixed: Result, clean: Result) -> None:
    """Every figure is the same; where it was read from is not."""
    keys = ["standard", "rule_id", "unit_id"]
    pd.testing.assert_frame_equal(in_order(mixed.units, keys), in_order(clean.units, keys), check_exact=True)
    pd.testing.assert_frame_equal(in_order(mixed.reachable, keys), in_order(clean.reachable, keys), check_exact=True)
    assert mixed.equity is not None
    assert clean.equity is not None
    for name in ("shares", "inequality", "lorenz", "unserved"):
        pd.testing.assert_frame_equal(
            getattr(mixed.equity, name), getattr(clean.equity, name), check_exact=True, check_dtype=False
        )
    figures = [name for name in clean.summary if name != "faults"]
    assert {name: mixed.summary[name] for name in figures} == {name: clean.summary[name] for name in figures}
    assert told(mixed) == told(clean)


def in_order(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return table.sort_values(keys).reset_index(drop=True)


def told(result: Result) -> list[tuple[str, str, float]]:
    """What is wrong with the data, without where, and without notes of how files were read."""
    faults = result.faults[result.faults["severity"] != "note"]
    faults = faults.fillna({"households": -1.0})
    return sorted(zip(faults["check"], faults["table"], faults["households"], strict=True))


def write_shapes(folder: Path) -> None:
    """Boundaries as shapefiles in GBK that say nothing of it; a name of 10 bytes is cut from a longer one."""
    folder.mkdir()
    for layer, name in zip(LAYERS, ("街道", "片区", "居村"), strict=True):
        units = gpd.read_file(SAMPLE / "units.gpkg", layer=layer).rename(columns={"名称": "居村委会名称"[:5]})
        units.to_file(folder / f"{name}.shp", encoding="GBK")
        (folder / f"{name}.cpg").unlink()


def dwelling_rows() -> list[list[str]]:
    with (SAMPLE / "dwellings.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write_csv(path: Path) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file, delimiter=";").writerows(dwelling_rows())


def write_workbook(path: Path) -> None:
    """Dwellings with their counts and places as numbers."""
    header, *rows = dwelling_rows()
    counts = {place for place, name in enumerate(header) if name.endswith(("户数", "经度", "纬度"))}
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [header, *rows]:
        sheet.append(
            [number(cell) if place in counts and row is not header else cell for place, cell in enumerate(row)]
        )
    book.save(path)


def number(cell: str) -> float | str:
    return float(cell) if cell else ""


def load(database: Database, name: str, columns: dict[str, str], rows: list[list[Any]]) -> None:
    """A table of its own in the database; shapes come as text."""
    heads = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f'create table "{name}" ({heads})')
        with cursor.copy(f'copy "{name}" from stdin') as copy:
            for row in rows:
                copy.write_row(row)


def load_units(database: Database) -> None:
    parts = [gpd.read_file(SAMPLE / "units.gpkg", layer=layer).assign(层级=tier) for layer, tier in LAYERS.items()]
    units = pd.concat(parts)
    shapes = gpd.GeoSeries(units.pop("geometry")).to_wkb(hex=True)
    columns = {name: "numeric" if name == "常住户数" else "text" for name in units} | {"geom": "geometry"}
    cells = units.astype(object).where(units.notna(), None).to_numpy().tolist()
    load(database, "单元", columns, [[*row, shape] for row, shape in zip(cells, shapes, strict=True)])
    database.run("alter table 单元 alter geom type geometry(Geometry, 4549) using st_setsrid(geom, 4549)")
    database.run("alter table 单元 add primary key (单元编码)")


def load_facilities(database: Database) -> None:
    sheet = openpyxl.load_workbook(SAMPLE / "facilities.xlsx")["设施"]
    header, *rows = [
        [str(cell) if cell is not None else None for cell in row] for row in sheet.iter_rows(values_only=True)
    ]
    kinds = {
        str(name): "numeric" if str(name).startswith(NUMBERS) or "面积" in str(name) else
        "date" if str(name).endswith(DAYS) or str(name) in DAYS else "text"
        for name in header
    }  # fmt: skip
    load(database, "设施", kinds, [row for row in rows if any(row)])
    database.run(
        "alter table 设施 add column geom geometry(Point, 4490)",
        "update 设施 set geom = st_setsrid(st_makepoint(经度::float8, 纬度::float8), 4490)",
        "alter table 设施 drop column 经度, drop column 纬度",
    )


def load_streets(database: Database) -> list[float]:
    """The streets of the sample as lines, and the box within which they are all there."""
    from lifecircle.readers.osm import read_streets

    streets, _, extent = read_streets(SAMPLE / "streets.osm")
    assert extent is not None
    shapes = streets.geometry.to_wkb(hex=True)
    table = pd.DataFrame(streets.drop(columns="geometry"))
    kinds = {
        name: "double precision" if pd.api.types.is_numeric_dtype(table[name].dtype) else "text" for name in table
    } | {"geom": "geometry"}
    cells = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    load(database, "道路", kinds, [[*row, shape] for row, shape in zip(cells, shapes, strict=True)])
    database.run("alter table 道路 alter geom type geometry(LineString, 4326) using st_setsrid(geom, 4326)")
    return list(extent.bounds)
