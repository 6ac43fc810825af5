"""What the sheets of the hand-worked district are made of, and the sheets of its inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twelve_inputs import CODES, DWELLINGS, FACILITIES, FACILITY_FIELDS, PARAMETERS, UNITS

Row = dict[str, object]
DISTRICT = {"unit_id": "DISTRICT", "name": "全区", "tier": "district", "parent_id": ""}
CHILD = {"circle": "neighbourhood", "subdistrict": "circle", "district": "subdistrict"}
BASES = ("territorial", "own_tier")


@dataclass(frozen=True)
class Column:
    name: str
    chinese: str
    formula: str | Callable[[Row], str] = ""
    width: float = 12
    format: str = ""


@dataclass(frozen=True)
class Sheet:
    key: str
    title: str
    about: str
    columns: list[Column]
    rows: list[Row]


def look(what: str, key: str, of: str) -> str:
    sheet = what.split(".")[0]
    return f"INDEX({{{what}}},MATCH([{key}],{{{sheet}.{of}}},0))"


def table(names: str, rows: list[tuple[object, ...]]) -> list[Row]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def plain(heads: dict[str, tuple[str, float]]) -> list[Column]:
    return [Column(name, chinese, width=width) for name, (chinese, width) in heads.items()]


UNIT_ROWS = table("unit_id name tier parent_id households west south east north remark", UNITS)
DWELLING_ROWS = table("dwelling_id unit_id households x y remark", DWELLINGS)
TIERED = [
    {key: row[key] for key in ("unit_id", "tier", "parent_id")} | {"parent_id": row["parent_id"] or "DISTRICT"}
    for row in UNIT_ROWS
]
TIERED += [{key: DISTRICT[key] for key in ("unit_id", "tier", "parent_id")}]
PAIRED = [
    {"facility_id": one["facility_id"]} | unit
    for tier in ("neighbourhood", *CHILD)
    for unit in TIERED
    if unit["tier"] == tier
    for one in FACILITIES
]
BASED = [
    unit | {"basis": basis} for basis in BASES for unit in TIERED if (unit["tier"], basis) != ("district", "own_tier")
]
WALKED = [
    {"dwelling_id": one["dwelling_id"], "facility_id": other["facility_id"]}
    for one in DWELLING_ROWS
    for other in FACILITIES
]
KEYS = [Column("unit_id", "单元"), Column("tier", "层级", width=14), Column("parent_id", "上级")]
BASIS = [Column("unit_id", "单元"), Column("tier", "层级", width=14), Column("basis", "口径", width=12)]

INPUT_SHEETS = [
    Sheet(
        "parameters",
        "参数 parameters",
        "日期、时限、标准值、不详时的范围 dates, limits, thresholds, ranges of the unknown",
        plain({"key": ("键", 26), "value": ("值", 14), "unit": ("计量单位", 10), "remark": ("说明", 70)}),
        table("key value unit remark", PARAMETERS),
    ),
    Sheet(
        "units",
        "单元 units",
        "12居村、4片区、2街道,边界为矩形 units and their rectangles (metres)",
        plain(
            {
                "unit_id": ("单元编号", 10),
                "name": ("名称", 12),
                "tier": ("层级", 15),
                "parent_id": ("上级", 10),
                "households": ("户数", 11),
                "west": ("西", 8),
                "south": ("南", 8),
                "east": ("东", 8),
                "north": ("北", 8),
                "remark": ("情形", 60),
            }
        ),
        UNIT_ROWS,
    ),
    Sheet(
        "dwellings",
        "居住点 dwellings",
        "居住点与户数(空白为不详) where households live; blank is unknown",
        plain(
            {
                "dwelling_id": ("居住点", 10),
                "unit_id": ("单元", 10),
                "households": ("户数", 11),
                "x": ("x", 8),
                "y": ("y", 8),
                "remark": ("情形", 60),
            }
        ),
        DWELLING_ROWS,
    ),
    Sheet(
        "facilities",
        "设施 facilities",
        "设施登记(面积空白为不详) the register; a blank area is unknown",
        plain(
            dict(
                zip(
                    FACILITY_FIELDS,
                    [
                        ("设施", 10),
                        ("名称", 16),
                        ("类别", 20),
                        ("层级", 15),
                        ("建筑面积", 12),
                        ("状态", 19),
                        ("启用日期", 12),
                        ("租期起", 12),
                        ("租期止", 12),
                        ("服务单元", 20),
                        ("合设于", 9),
                        ("主址", 9),
                        ("x", 8),
                        ("y", 8),
                        ("情形", 60),
                    ],
                    strict=True,
                )
            )
        ),
        FACILITIES,
    ),
    Sheet(
        "codes",
        "代码 codes",
        "类别与原因的中文名;1 = 计入面积的类别 words, and which kinds count (1)",
        plain({"code": ("代码", 22), "chinese": ("中文", 26), "counts": ("是否计入", 10)}),
        table("code chinese counts", CODES),
    ),
]


def from_children(sheet: str, column: str) -> Callable[[Row], str]:
    """The sum over the rows of the tier below that name this unit as their parent."""

    def formula(row: Row) -> str:
        child = CHILD[str(row["tier"])]
        pair = f",{{{sheet}.facility_id@{child}}},[facility_id]" if "facility_id" in row else ""
        return f"SUMIFS({{{sheet}.{column}@{child}}},{{{sheet}.parent_id@{child}}},[unit_id]{pair})"

    return formula


def rolled(sheet: str, column: str, lowest: str) -> Callable[[Row], str]:
    above = from_children(sheet, column)
    return lambda row: lowest if row["tier"] == "neighbourhood" else above(row)


def ledger_value(column: str) -> str:
    return look(f"ledger.{column}", "facility_id", "facility_id")


def unless(condition: str, value: str, other: str = '""') -> str:
    return f"IF({condition},{other},{value})"
