"""A study of Guixi: one file of OpenStreetMap gives streets, buildings, schools, offices and the subdistrict."""

from pathlib import Path

STUDY = """
[study]
id = "guixi"
name = "贵溪市东门街道"
year = 2025
date = 2025-12-31
standards = ["guixi.toml", "shanghai-2021"]

[units]
path = "{osm}"
tags = {{ boundary = "administrative", name = "东门街道" }}
tier = "subdistrict"

[facilities]                        # what the map has of them: schools and government offices, without floor areas
path = "{osm}"
tags = {{ amenity = "school|townhall" }}
columns = {{ kind = "amenity" }}

[dwellings]                         # every building; nobody has counted their households
path = "{osm}"
tags = {{ building = "*" }}

[streets]
path = "{osm}"

[kinds.school]
zh = "学校"
en = "school"
mark = "学"

[kinds.townhall]
zh = "政府办公"
en = "government office"
mark = "政"
"""

STANDARD = """
id = "guixi"
title = { zh = "测试标准", en = "Test standard" }
document = "test standard"
status = "in_force"
scope = { zh = "测试", en = "test" }
source = "numbers of this test's own; no document says so"

[[rules]]
id = "school-reach"
name = { zh = "步行15分钟到学校", en = "A school within 15 minutes" }
measure = "reached_households_share"
value = 0.85
unit = "share of households"
tiers = ["subdistrict", "district"]
kinds = ["school"]
limit_min = 15
text = { zh = "测试", en = "test" }

[[rules]]
id = "floor-area"
name = { zh = "每百户学校建筑面积", en = "School floor area per 100 households" }
measure = "floor_area_per_100_households"
value = 35
unit = "m2/100 households"
tiers = ["subdistrict", "district"]
kinds = ["school"]
text = { zh = "测试", en = "test" }

[[rules]]
id = "single-facility"
name = { zh = "单个学校建筑面积", en = "Floor area of each school" }
measure = "smallest_facility_floor_area"
value = 300
unit = "m2"
tiers = ["subdistrict", "district"]
kinds = ["school"]
text = { zh = "测试", en = "test" }
"""


def write_study(folder: Path, data: Path) -> Path:
    """Write the study of Guixi into a folder; its map is read where it lies."""
    (folder / "guixi.toml").write_text(STANDARD, encoding="utf-8")
    path = folder / "study.toml"
    osm = (data / "guixi" / "guixi.osm").resolve().as_posix()
    path.write_text(STUDY.format(osm=osm), encoding="utf-8")
    return path
