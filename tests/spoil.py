"""A small study drawn on a 100 m grid, and the ways of spoiling one thing in a study."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import openpyxl
import shapely

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
CRS = "EPSG:4549"
ORIGIN_M = (615_000, 3_436_000)  # the grid's corner: east and north in metres of EPSG:4549

STUDY = """\
[study]
id = "toy"
name = "Toy district"
year = 2025
date = 2025-12-31
language = "en"
standards = ["shanghai-2021"]

[units]
path = "units.gpkg"
layers = { subdistrict = "subdistricts", circle = "circles", neighbourhood = "neighbourhoods" }

[facilities]
path = "facilities.xlsx"
sheet = "设施"
crs = "EPSG:4549"

[dwellings]
path = "dwellings.csv"
crs = "EPSG:4549"

[streets]
path = "streets.gpkg"

[walk]
walker = "adult"
limit_min = 15
snap_m = 100

[report]
documents = ["html", "map", "xlsx", "gpkg"]  # those that are drawn take seconds
"""

HEADERS = (
    "设施编码", "设施名称", "类别", "服务层级", "建筑面积(㎡)", "状态", "启用日期", "服务单元", "所属设施",
    "经度", "纬度",
)  # fmt: skip
REGISTER: tuple[tuple[object, ...], ...] = (
    ("F1", "North centre", "社区综合服务设施", "居村", 350, "在用", "2020-01-01", "", "", 615150, 3436100),
    ("F2", "South centre", "党群服务中心", "居村", 300, "在用", "2020-01-01", "", "", 615450, 3436100),
    ("F3", "Clinic", "社区卫生服务站", "居村", 120, "在用", "2020-01-01", "", "", 615450, 3436200),
)
DWELLINGS = """\
居住点编码,名称,户数,经度,纬度
D1,one,100,615050,3436100
D2,two,100,615150,3436200
D3,three,100,615450,3436100
D4,four,100,615550,3436200
"""

RULE = """\
id = "own"
title = { zh = "自定标准", en = "Own standard" }
document = "own"
status = "in_force"
scope = { zh = "全区", en = "the district" }
source = "the office"

[[rules]]
id = "floor-area"
name = { zh = "面积", en = "Floor area" }
measure = "floor_area_per_100_households"
value = 35
unit = "m2/100 households"
tiers = ["neighbourhood"]
kinds = ["community_service", "party_service"]
text = { zh = "不低于35平方米", en = "at least 35 m²" }

[[rules]]
id = "coverage"
name = { zh = "覆盖率", en = "Coverage" }
measure = "met_units_share"
value = 1
unit = "share of units"
tiers = ["district"]
of_tier = "neighbourhood"
of_rules = ["floor-area"]
text = { zh = "覆盖率达到100%", en = "all of them" }
"""


def small_study(folder: Path) -> Path:
    """Two neighbourhoods of 300 m in one circle and subdistrict, 4 dwellings, 3 facilities, streets every 100 m."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(STUDY, "utf-8")
    (folder / "dwellings.csv").write_text(DWELLINGS, "utf-8")
    write_register(folder / "facilities.xlsx", HEADERS, REGISTER)
    boxes = {"N1": (0, 0, 300, 300), "N2": (300, 0, 600, 300), "C1": (0, 0, 600, 300), "S1": (0, 0, 600, 300)}
    for layer, keys, parent in (("subdistricts", "S1", ""), ("circles", "C1", "S1"), ("neighbourhoods", "N1 N2", "C1")):
        names = keys.split()
        cells: dict[str, object] = {
            "单元编码": names,
            "名称": [f"unit {key}" for key in names],
            "上级编码": [parent] * len(names),
        }
        if layer == "neighbourhoods":
            cells["常住户数"] = [200, 200]
        shapes = [shapely.box(*boxes[key]) for key in names]
        gpd.GeoDataFrame(cells, geometry=_moved(shapes), crs=CRS).to_file(folder / "units.gpkg", layer=layer)
    lines = grid_streets()
    streets = gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=_moved(lines), crs=CRS)
    streets.to_file(folder / "streets.gpkg", layer="streets")
    return folder


def copy_sample(folder: Path) -> Path:
    """The sample district, to be spoilt."""
    return Path(shutil.copytree(SAMPLE, folder))


def grid_streets() -> list[shapely.LineString]:
    """A street on every side of the 100 m squares of the small study, each its own line."""
    across = [shapely.LineString([(x, y), (x + 100, y)]) for x in range(0, 600, 100) for y in range(0, 400, 100)]
    along = [shapely.LineString([(x, y), (x, y + 100)]) for x in range(0, 700, 100) for y in range(0, 300, 100)]
    return across + along


def write_register(path: Path, headers: Sequence[str], rows: Sequence[Sequence[object]], sheet: str = "设施") -> None:
    """A workbook of one sheet with headers in row 1; empty text leaves the cell empty."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in (headers, *rows):
        page.append([None if cell == "" else cell for cell in row])
    book.save(path)


def set_cell(path: Path, row: int, header: str, value: object) -> None:
    """Put a value in a cell of the first sheet, named by its row and its header."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    page.cell(row, [cell.value for cell in page[1]].index(header) + 1).value = value
    book.save(path)


def rename_header(path: Path, header: str, new: str) -> None:
    """Write another header over one of the first sheet."""
    set_cell(path, 1, header, new)


def drop_column(path: Path, header: str) -> None:
    """Delete a column of the first sheet."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    page.delete_cols([cell.value for cell in page[1]].index(header) + 1)
    book.save(path)


def drop_rows(path: Path) -> None:
    """Leave nothing but the header of the first sheet."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    page.delete_rows(2, page.max_row)
    book.save(path)


def edit_text(path: Path, old: str, new: str) -> None:
    """Replace a piece of text that stands in a file once."""
    text = path.read_text("utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{path.name} holds {old!r} {text.count(old)} times")
    path.write_text(text.replace(old, new), "utf-8")


def edit_layer(path: Path, layer: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    """Write a changed layer over one of a GeoPackage."""
    changed = change(gpd.read_file(path, layer=layer))
    changed.to_file(path, layer=layer, driver="GPKG")


def own_standard(folder: Path, text: str) -> None:
    """Judge a study by a standard of its own."""
    (folder / "own.toml").write_text(text, "utf-8")
    edit_text(folder / "study.toml", '["shanghai-2021"]', '["own.toml"]')


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; a folder without files stands with none."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def _moved(shapes: Sequence[shapely.Geometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes).translate(*ORIGIN_M)
