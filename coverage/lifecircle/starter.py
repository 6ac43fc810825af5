"""A new study: a commented study.toml, empty workbooks with the expected headers, and what to fill in."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import xlsxwriter

from lifecircle.errors import StudyError
from lifecircle.faults import fault

_SHEETS = {
    "facilities.xlsx": (
        "设施",
        {
            "设施编码": "唯一编码,如 F001",
            "设施名称": "",
            "类别": "社区综合服务设施、党群服务中心、社区事务受理服务中心、综合为老服务中心 等",
            "服务层级": "街道(乡镇)、片区、居村",
            "建筑面积(㎡)": "只填数字;不详则留空",
            "服务用房面积(㎡)": "",
            "办公用房面积(㎡)": "",
            "状态": "在用、在建、规划、停用;留空视为在用",
            "启用日期": "如 2026-03-01",
            "租赁到期": "租赁用房填写到期日;自有用房留空",
            "服务单元": "几个单元共用时填写份额,如 B0103:0.6;B0104:0.4",
            "所属设施": "与另一设施同址且面积已含其中时,填写那个设施的编码",
            "经度": "度,CGCS2000",
            "纬度": "度,CGCS2000",
            "备注": "",
        },
    ),
    "dwellings.xlsx": (
        "居住点",
        {
            "居住点编码": "唯一编码",
            "名称": "",
            "类型": "楼栋、小区、农宅",
            "户数": "常住户数;不详则留空",
            "所属居村": "居村编码;留空则按位置判断",
            "经度": "度,CGCS2000",
            "纬度": "度,CGCS2000",
        },
    ),
}


def write_starter(folder: Path) -> list[Path]:
    """Write the files of a new study into a folder that is empty or not there yet; returns their paths."""
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise StudyError([fault("folder-taken", str(folder))])
    folder.mkdir(parents=True, exist_ok=True)
    texts = files("lifecircle").joinpath("data", "starter")
    written = [folder / "study.toml", folder / "README.md"]
    for path in written:
        text = texts.joinpath(path.name).read_text("utf-8")
        path.write_text(text.replace('"my-district" ', f'"{_id_of(folder.name)}" '), "utf-8", newline="\n")
    for name, (sheet, headers) in _SHEETS.items():
        _write_sheet(folder / name, sheet, headers)
        written.append(folder / name)
    return written


def _id_of(name: str) -> str:
    """The folder's name as far as an id can hold it, with a number made of it where that leaves other names out.

    >>> _id_of("my-district"), _id_of("我的区")
    ('my-district', 'district-f3f0')
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
    return plain if plain == name else f"{plain or 'district'}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def _write_sheet(path: Path, name: str, headers: dict[str, str]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        bold = book.add_format({"bold": True, "bg_color": "#f0efea", "bottom": 1})
        sheet = book.add_worksheet(name)
        for column, (header, note) in enumerate(headers.items()):
            sheet.write_string(0, column, header, bold)
            sheet.set_column(column, column, max(12, 2 * len(header) + 2))
            if note:
                sheet.write_comment(0, column, note)
        sheet.freeze_panes(1, 2)
