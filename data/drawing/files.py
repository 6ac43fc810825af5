"""Writing: the drawn district in the formats offices use, the same bytes each time."""

import csv
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from xml.sax.saxutils import quoteattr

import geopandas
import numpy as np
import pyogrio
import shapely
import xlsxwriter
from pyproj import Transformer
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from . import people, plan
from .ground import Ground, polygons
from .register import Facility
from .things import Street, Tags, Town

METRIC_CRS, DEGREE_CRS = "EPSG:4549", "EPSG:4490"
WRITTEN = datetime(2026, 1, 5, 9, 0, 0)
TO_DEGREES = Transformer.from_crs(METRIC_CRS, DEGREE_CRS, always_xy=True)
Shape = TypeVar("Shape", bound=BaseGeometry)
HEADERS = {
    "设施编码": 10, "设施名称": 30, "类别": 22, "服务层级": 12, "建筑面积(㎡)": 14, "服务用房面积(㎡)": 17,
    "办公用房面积(㎡)": 17, "状态": 8, "启用日期": 12, "租期自": 12, "租赁到期": 12, "服务单元": 24,
    "所属设施": 10, "分部所属": 10, "服务功能": 32, "经度": 12, "纬度": 12, "备注": 32,
}  # fmt: skip


def rounded(shape: Shape, decimals: int) -> Shape:
    """Round all coordinates."""
    return shapely.transform(shape, lambda points: np.round(points, decimals))


def to_degrees(shape: Shape) -> Shape:
    """From the plan's metres to degrees of CGCS2000, seven decimals."""

    def turn(points: np.ndarray) -> np.ndarray:
        x, y = TO_DEGREES.transform(points[:, 0] + plan.ORIGIN_M[0], points[:, 1] + plan.ORIGIN_M[1])
        return np.round(np.column_stack([x, y]), 7)

    return shapely.transform(shape, turn)


def known_box() -> tuple[float, float, float, float]:
    """West, south, east, north of the known streets in degrees, four decimals."""
    west, south, east, north = plan.KNOWN_BOX_M
    corners = to_degrees(shapely.MultiPoint([(west, (south + north) / 2), (east, (south + north) / 2),
                                             ((west + east) / 2, south), ((west + east) / 2, north)]))  # fmt: skip
    return tuple(round(value, 4) for value in corners.bounds)  # type: ignore[return-value]


def write_units(path: Path, ground: Ground, households: dict[str, int | None]) -> None:
    """Write three layers of one GeoPackage; parents are unions of their children."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    faces = ground.faces

    def parent(code: str) -> BaseGeometry:
        children = [face for unit_id, face in faces.items() if unit_id.startswith(code)]
        return shapely.union_all(children, grid_size=0.01)

    layers: list[tuple[str, list[tuple[str, str, str]], list[BaseGeometry]]] = [
        ("subdistricts", [(code, name, "") for code, name in plan.SUBDISTRICTS],
         [parent(code) for code, _ in plan.SUBDISTRICTS]),
        ("circles", [(code, name, code[:1]) for code, name in plan.CIRCLES],
         [parent(code) for code, _ in plan.CIRCLES]),
        ("neighbourhoods", [(unit.unit_id, unit.name, unit.unit_id[:3]) for unit in plan.NEIGHBOURHOODS],
         [faces[unit.unit_id] for unit in plan.NEIGHBOURHOODS]),
    ]  # fmt: skip
    for layer, rows, shapes in layers:
        moved = [shapely.transform(shape, lambda xy: np.round(xy + np.asarray(plan.ORIGIN_M), 2)) for shape in shapes]
        table = geopandas.GeoDataFrame(rows, columns=["单元编码", "名称", "上级编码"], geometry=moved, crs=METRIC_CRS)
        if layer == "neighbourhoods":
            counts = [households[unit_id] for unit_id in table["单元编码"]]
            table["常住户数"] = geopandas.pd.array(counts, dtype="Int64")
            table["城乡"] = ["农村" if name.endswith("村") else "城镇" for name in table["名称"]]
        table.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", geometry_type="Polygon")


def write_facilities(path: Path, facilities: list[Facility]) -> None:
    """Write the register as a workbook with Chinese headers and real dates."""
    book = xlsxwriter.Workbook(path)
    book.set_properties({"title": "设施台账(示例)", "created": WRITTEN})
    head = book.add_format({"bold": True, "bg_color": "#E8F0EF", "bottom": 1, "valign": "vcenter", "text_wrap": True})
    day, number = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.##"})
    degrees = book.add_format({"num_format": "0.000000"})
    sheet = book.add_worksheet("设施")
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 2)
    for column, (title, width) in enumerate(HEADERS.items()):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    places = {title: column for column, title in enumerate(HEADERS)}
    for row, facility in enumerate(facilities, start=1):
        for title, cell in _cells(facility).items():
            if isinstance(cell, str):
                sheet.write_string(row, places[title], cell)
            elif isinstance(cell, date):
                sheet.write_datetime(row, places[title], datetime(cell.year, cell.month, cell.day), day)
            else:
                sheet.write_number(row, places[title], cell, degrees if title in ("经度", "纬度") else number)
    sheet.autofilter(0, 0, len(facilities), len(HEADERS) - 1)
    book.close()


def _cells(facility: Facility) -> dict[str, str | float | date]:
    """Give the cells of a facility that are not empty, by their headers."""
    place, area = to_degrees(facility.point), facility.area_m2
    cells: dict[str, str | float | date | None] = {
        "设施编码": facility.facility_id, "设施名称": facility.name, "类别": facility.kind, "服务层级": facility.tier,
        "建筑面积(㎡)": area,
        "服务用房面积(㎡)": None if area is None else round(area * 0.72),
        "办公用房面积(㎡)": None if area is None else round(area * 0.12),
        "状态": facility.status, "启用日期": facility.opened, "租期自": facility.lease_from,
        "租赁到期": facility.lease_until, "服务单元": facility.serves, "所属设施": facility.part_of,
        "分部所属": facility.site_of, "服务功能": facility.services,
        "经度": round(place.x, 6), "纬度": round(place.y, 6), "备注": facility.note,
    }  # fmt: skip
    return {title: cell for title, cell in cells.items() if cell not in (None, "")}  # type: ignore[misc]


def write_dwellings(path: Path, town: Town) -> None:
    """Dwellings as CSV the way a spreadsheet saves it: UTF-8 with its mark, lines ended by CR LF."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["居住点编码", "名称", "类型", "户数", "所属居村", "经度", "纬度", "住房类型",
                        *people.GROUPS.values()])  # fmt: skip
        for number, dwelling in enumerate(town.dwellings, start=1):
            place = to_degrees(dwelling.point)
            count = "" if dwelling.n_households is None else dwelling.n_households
            table.writerow([f"D{number:04d}", dwelling.name, dwelling.kind, count, dwelling.unit_id,
                            f"{place.x:.6f}", f"{place.y:.6f}", dwelling.home, *dwelling.groups])  # fmt: skip


class OsmFile:
    """Nodes, ways and relations of one OSM XML file; a place is one node however many ways pass it."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[float, float], int] = {}
        self.node_tags: dict[tuple[float, float], Tags] = {}
        self.ways: list[tuple[list[int], Tags]] = []
        self.relations: list[tuple[list[tuple[int, str]], Tags]] = []

    def way(self, line: LineString, tags: Tags) -> int:
        """Add a way in degrees; its number."""
        refs = [self.nodes.setdefault((x, y), len(self.nodes) + 1) for x, y in line.coords]
        self.ways.append((refs, tags))
        return len(self.ways)

    def area(self, polygon: Polygon, tags: Tags) -> None:
        """Add an area in degrees: a closed way, or a multipolygon where it has holes."""
        if not polygon.interiors:
            self.way(polygon.exterior, tags)
            return
        members = [(self.way(polygon.exterior, {}), "outer")]
        members += [(self.way(hole, {}), "inner") for hole in polygon.interiors]
        self.relations.append((members, {"type": "multipolygon"} | tags))

    def write(self, path: Path, bounds: tuple[float, float, float, float]) -> None:
        """Write nodes, ways, relations, each in order of its number."""
        west, south, east, north = bounds
        rows = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="draw_sample">']
        rows.append(f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>')
        for (lon, lat), number in self.nodes.items():
            tags = _tags(self.node_tags.get((lon, lat), {}))
            head = f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}"'
            rows.append(f"{head}>{tags}</node>" if tags else f"{head}/>")
        for number, (refs, way_tags) in enumerate(self.ways, start=1):
            rows.append(
                f'<way id="{number}">' + "".join(f'<nd ref="{ref}"/>' for ref in refs) + _tags(way_tags) + "</way>"
            )
        for number, (members, own) in enumerate(self.relations, start=1):
            inner = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
            rows.append(f'<relation id="{number}">{inner}{_tags(own)}</relation>')
        path.write_text("\n".join([*rows, "</osm>", ""]), encoding="utf-8", newline="\n")


def _tags(tags: Tags) -> str:
    """Tags as XML."""
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def write_streets(path: Path, town: Town, streets: list[Street]) -> None:
    """Streets, gates, walls, buildings, water and greens, cut at the known box."""
    bounds = known_box()
    box = shapely.box(*bounds)
    osm = OsmFile()
    for street in streets:
        line = to_degrees(street.line)
        pieces = [line] if box.covers(line) else shapely.get_parts(line.intersection(box))
        for piece in pieces:
            if piece.geom_type == "LineString" and piece.length > 0:
                osm.way(rounded(piece, 7), street.tags)
    for gate in town.gates:
        place = to_degrees(Point(np.round(gate.point.coords[0], 2)))
        if (place.x, place.y) not in osm.nodes:
            raise ValueError(f"gate at {gate.point.wkt}: no street passes it")
        osm.node_tags[(place.x, place.y)] = gate.tags
    gates = shapely.MultiPoint([gate.point for gate in town.gates])
    for wall in town.walls:
        near = gates.intersection(wall.buffer(0.05))
        snapped = LineString(shapely.snap(LineString(wall.coords), near, 0.05).coords)
        osm.way(to_degrees(rounded(snapped, 2)), {"barrier": "wall"})
    for drawn in town.buildings + town.areas:
        polygon = to_degrees(drawn.polygon)
        for piece in [polygon] if box.covers(polygon) else polygons(polygon.intersection(box)):
            osm.area(rounded(piece, 7), drawn.tags)
    osm.write(path, bounds)


STUDY = """\
[study]
# A short name in Latin letters; the report's folder bears it.
id = "sample"
# The name people read. This district is invented and drawn.
name = "滨河区(示例)"
# The year that is assessed.
year = 2025
# What is open, leased and lived in is judged on this day.
date = 2025-12-31
# A later day, for a second figure beside the first: what is open by then.
projected = 2026-12-31
# Language of the report: zh or en.
language = "zh"
# The standards to judge by; `lifecircle standards` lists them.
standards = ["shanghai-2021", "shanghai-15min-goals"]

[units]
# The file of boundaries, beside this one.
path = "units.gpkg"
# Which layer holds which tier.
layers = { subdistrict = "subdistricts", circle = "circles", neighbourhood = "neighbourhoods" }

[facilities]
# The register of facilities.
path = "facilities.xlsx"
# The sheet of the workbook to read.
sheet = "设施"
# The coordinate system of 经度 and 纬度: CGCS2000 degrees.
crs = "EPSG:4490"

[dwellings]
# Where households live, one place a row.
path = "dwellings.csv"
# The coordinate system of 经度 and 纬度: CGCS2000 degrees.
crs = "EPSG:4490"

[streets]
# The streets people walk on, as OpenStreetMap XML.
path = "streets.osm"
# Whose streets these are; it stands on every map.
attribution = "示例道路,绘制 / drawn streets"

[walk]
# Who walks: adult (1.0 m/s), elderly (0.8 m/s), or a walker of your own with its speed.
walker = "adult"
# How many minutes a walk may take.
limit_min = 15
# A dwelling or facility farther than this from any street, in metres, is listed and not moved.
snap_m = 100
# Whether gates that are not locked are open to everybody.
gates = "open"

[unknown]
# What the office can say of a neighbourhood whose households nobody counted: at least, at most.
# Floor areas that are not known stay between 0 and no end.
households = [200, 1500]

[equity]
# Groups that are compared with all others: the column of the dwellings that counts the households of each.
groups = { elderly = "老年户数", children = "有儿童户数", registered = "户籍户数", low_income = "低保户数" }
# Kinds of homes that are compared with each other: columns of the dwellings; urban_rural is that of their unit.
by = ["住房类型", "urban_rural"]
# What groups are counted among: households, or population where the columns count people.
# of = "households"
# A group of fewer than this is not shown.
# least = 30

[count]
# Whether sites smaller than least_m2 count toward floor areas: count, or exclude.
# small_sites = "count"
# Whether each site of a facility is measured against least_m2 by itself (each), or all of them as one (together).
# split_sites = "each"
# The least floor area of a site in m².
# least_m2 = 300
# A floor area above this, in m², is taken for a mistake.
# most_m2 = 100000

[circles]
# A layer of circles, which takes the place of those in units.gpkg.
# path = "circles.gpkg"
# Or make circles of the neighbourhoods, where there are none.
# make = true
# The standard whose range of households made circles keep within.
# standard = "gb50180-2018"
# That range as the office states it: at least, at most.
# households = [5000, 15000]
# Kinds of facilities that made circles are drawn around.
# kinds = ["community_service"]
# Neighbourhoods that belong to a facility's circle whatever is best, and facilities that are the centre of a circle.
# pins = { A0306 = "F038" }
# keep = ["F001"]
"""


def write_study(path: Path) -> None:
    """Write the study's settings with a comment above each."""
    path.write_text(STUDY, encoding="utf-8", newline="\n")
