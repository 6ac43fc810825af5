"""Whatever a district is like, its report can be read: every document is written, opens, and says what it must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pptx
import pypdfium2 as pdfium
import pytest
from shapely import Point

import lifecircle as lc
from lifecircle.flow import assess_tables
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

FILES = {
    "index.html", "map.html", "report.pdf", "report.docx", "slides.pptx", "tables.xlsx", "result.gpkg", "summary.json",
    "manifest.json",
}  # fmt: skip
NAMES = ("<img src=x onerror=alert(1)>", '=HYPERLINK("http://x")', "𠮷野家😀前", "很" * 200, 'it\'s "so" & $x_1^2$ #a')


def town() -> lc.Tables:
    """Five neighbourhoods, each with a dwelling, four with a facility."""
    homes = dwellings_at([(200 + 400 * number, 200) for number in range(5)], [500.0] * 5)
    sites = facilities_at([(100 + 400 * number, 100) for number in range(4)], areas=[400, 100, 250, 10])
    return tables_of(nested_units([500.0] * 5), sites, homes, grid_streets(22, 9))


def hostile(tables: lc.Tables) -> lc.Tables:
    lowest = tables.units["tier"] == "neighbourhood"
    units = tables.units.assign(name=tables.units["name"].astype(object))
    units.loc[lowest, "name"] = list(NAMES)
    return replace(tables, units=units, facilities=tables.facilities.assign(name=list(NAMES[:4])))


def without_facilities(tables: lc.Tables) -> lc.Tables:
    return replace(tables, facilities=tables.facilities.iloc[:0])


def all_unknown(tables: lc.Tables) -> lc.Tables:
    units, homes = (one.assign(households=np.nan) for one in (tables.units, tables.dwellings))
    return replace(tables, units=units, dwellings=homes, facilities=tables.facilities.assign(floor_area_m2=np.nan))


def of_one_point(tables: lc.Tables) -> lc.Tables:
    """One unit has shrunk to a circle of a millimetre."""
    shapes = tables.units.geometry.copy()
    shapes.iloc[-1] = Point(shapes.iloc[-1].centroid.x, shapes.iloc[-1].centroid.y).buffer(0.001)
    return replace(tables, units=gpd.GeoDataFrame(tables.units.assign(geometry=shapes), crs=tables.units.crs))


def of_many_kinds(tables: lc.Tables) -> lc.Tables:
    """A facility of each of 120 kinds that nobody knows."""
    many = pd.concat([tables.facilities.iloc[[0]]] * 120, ignore_index=True)
    many = many.assign(facility_id=[f"F{n}" for n in range(120)], kind=[f"类别{n}" for n in range(120)])
    return replace(tables, facilities=gpd.GeoDataFrame(many, crs=tables.facilities.crs))


@pytest.mark.parametrize("odd", [hostile, without_facilities, all_unknown, of_one_point, of_many_kinds])
def test_every_document_of_an_odd_district_opens(odd: Callable[[lc.Tables], lc.Tables], tmp_path: Path) -> None:
    tables = odd(town())
    folder = lc.write_report(assess_tables(toy_study(), tables, both_standards()), tmp_path / "report")
    assert {path.name for path in folder.iterdir()} == FILES
    with pdfium.PdfDocument(folder / "report.pdf") as document:
        printed = "".join(page.get_textpage().get_text_range() for page in document)
    assert "".join(str(tables.units["name"].iloc[0]).split())[:5] in "".join(printed.split())
    assert len(docx.Document(str(folder / "report.docx")).tables) > 3
    assert len(pptx.Presentation(str(folder / "slides.pptx")).slides) == 6
    rows = list(openpyxl.load_workbook(folder / "tables.xlsx")["判定"].iter_rows(values_only=True))
    assert {row[1] for row in rows[1:]} >= set(tables.units["name"])
