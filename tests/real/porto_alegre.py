"""A study of Porto Alegre: hexagons with people, schools and health care; the unit around them is drawn here."""

import json
from pathlib import Path

import pandas as pd
import shapely

STUDY = """
[study]
id = "porto-alegre"
name = "Porto Alegre"
year = 2025
date = 2025-12-31
language = "en"
standards = ["poa.toml", "shanghai-2021"]

[units]                             # one polygon drawn around the hexagons: no boundary of the city
path = "unit.geojson"
tier = "subdistrict"

[facilities]
path = "facilities.csv"
crs = "EPSG:4326"

[dwellings]
path = "dwellings.csv"
crs = "EPSG:4326"
people_per_household = 2.6          # an assumption of this test: the source counts people only

[streets]
path = "{streets}"
extent = [-51.262, -30.110, -51.137, -29.997]    # judged by eye: beyond it only ways that were cut by a box go on

[kinds.school]
zh = "学校"
en = "school"
mark = "学"

[kinds.clinic]
zh = "诊所"
en = "clinic"
mark = "医"
"""

STANDARD = """
id = "poa"
title = {{ zh = "测试标准", en = "Test standard" }}
document = "test standard"
status = "in_force"
scope = {{ zh = "测试", en = "test" }}
source = "numbers of this test's own; no document says so"
{rules}
"""

RULE = """
[[rules]]
id = "{id}"
name = {{ zh = "{id}", en = "{id}" }}
measure = "{measure}"
value = {value}
unit = "{unit}"
tiers = ["subdistrict", "district"]
kinds = {kinds}
text = {{ zh = "测试", en = "test" }}
{more}
"""


def write_study(folder: Path, data: Path) -> Path:
    """Write the study of Porto Alegre into a folder; its streets are read where they lie."""
    hexagons = pd.read_csv(data / "porto-alegre" / "poa_hexgrid.csv").rename(columns={"id": "dwelling_id"})
    hexagons[["dwelling_id", "lon", "lat", "population"]].to_csv(folder / "dwellings.csv", index=False)
    _facilities(hexagons).to_csv(folder / "facilities.csv", index=False)
    (folder / "unit.geojson").write_text(json.dumps(_unit(hexagons)), encoding="utf-8")
    (folder / "poa.toml").write_text(_standard(), encoding="utf-8")
    streets = (data / "porto-alegre" / "poa_osm.pbf").resolve().as_posix()
    path = folder / "study.toml"
    path.write_text(STUDY.format(streets=streets), encoding="utf-8")
    return path


def _facilities(hexagons: pd.DataFrame) -> pd.DataFrame:
    """One school and one clinic in the middle of each hexagon that has some; nobody knows their floor areas."""
    found = []
    for column, kind in (("schools", "school"), ("healthcare", "clinic")):
        places = hexagons.loc[hexagons[column] > 0, ["dwelling_id", "lon", "lat"]]
        found.append(places.assign(facility_id=kind + "-" + places["dwelling_id"], kind=kind))
    return pd.concat(found)[["facility_id", "kind", "lon", "lat"]]


def _unit(hexagons: pd.DataFrame) -> dict:
    hull = shapely.convex_hull(shapely.multipoints(hexagons[["lon", "lat"]].to_numpy())).buffer(0.005)
    unit = {"unit_id": "POA", "name": "Porto Alegre"}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": unit, "geometry": shapely.geometry.mapping(hull)}],
    }


def _standard() -> str:
    """Two rules of reach, and two of floor areas that nobody knows."""
    both = '["school", "clinic"]'
    reach = {"measure": "reached_households_share", "value": 0.9, "unit": "share of households"}
    within = "limit_min = 15"
    rules = (
        {"id": "school-reach", "kinds": '["school"]', "more": within, **reach},
        {"id": "clinic-reach", "kinds": '["clinic"]', "more": within, **reach},
        {"id": "floor-area", "measure": "floor_area_per_100_households", "value": 35, "unit": "m2/100 households"},
        {"id": "single-facility", "measure": "smallest_facility_floor_area", "value": 300, "unit": "m2"},
    )
    return STANDARD.format(rules="".join(RULE.format(**({"kinds": both, "more": ""} | rule)) for rule in rules))
