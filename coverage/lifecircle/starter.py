"""A new study: a commented study.toml, empty workbooks with the expected headers, and what to fill in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import xlsxwriter

from lifecircle.download import ATTRIBUTION, MARGIN_M, Place
from lifecircle.errors import StudyError
from lifecircle.faults import fault
from lifecircle.words import shipped

_NOTE = """本台账是从 OpenStreetMap 取出的候选,不是正式台账:请逐一核实,删去不算的,补上缺的。
类别由标签和名称推得;建筑面积 OpenStreetMap 不提供,一律留空(不详),请补填,不要填 0。
© OpenStreetMap contributors,ODbL:https://www.openstreetmap.org/copyright
Candidates from OpenStreetMap, to be checked one by one; floor areas are unknown and left empty."""

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
            "租赁开始": "租赁用房填写起租日;自有用房留空",
            "租赁到期": "租赁用房填写到期日;自有用房留空",
            "服务单元": "几个单元共用时填写份额,如 B0103:0.6;B0104:0.4",
            "所属设施": "与另一设施同址且面积已含其中时,填写那个设施的编码",
            "分部所属": "是另一设施的分部、面积另计时,填写主设施的编码",
            "服务功能": "如 助餐、托育、社会救助",
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


def require_free(folder: Path) -> None:
    """Raise if the place of a new study is taken by anything but an empty folder."""
    if folder.exists() and (folder.is_file() or any(folder.iterdir())):
        raise StudyError([fault("folder-taken", str(folder))])


def write_starter(folder: Path, place: Place | None = None) -> list[Path]:
    """Write the files of a new study into a folder that is empty or not there yet; returns their paths.

    With a `place`, its boundary, streets and facility candidates are among them. The files are written beside their
    folder and moved there when all are written.
    """
    require_free(folder)
    with _whole(folder) as draft:
        name = _id_of(folder.resolve().name)
        written = _write_empty(draft, name) if place is None else _write_place(draft, name, place)
    return [folder / one for one in written]


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A draft folder that becomes `folder`, or whose files move into it where it is there, if nothing fails."""
    there = folder.exists()
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".new-", dir=folder if there else folder.parent))
    try:
        yield draft
        if there:
            for path in sorted(draft.iterdir()):
                path.rename(folder / path.name)
        else:
            draft.chmod(0o755)
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_empty(folder: Path, name: str) -> list[str]:
    _write_text(folder / "study.toml", _study_text(name))
    _write_text(folder / "README.md", _text("README.md"))
    for file, (sheet, headers) in _SHEETS.items():
        _write_sheet(folder / file, sheet, headers)
    return ["study.toml", "README.md", *_SHEETS]


def _write_place(folder: Path, name: str, place: Place) -> list[str]:
    """The files of a study of a place: what OpenStreetMap has of it, and an empty register of dwellings."""
    _write_text(folder / "study.toml", _place_text(_study_text(name), place))
    about = {"place": place.name, "n": len(place.facilities), "margin": MARGIN_M, "date": dt.date.today().isoformat()}
    servers = {"nominatim": place.servers.nominatim_url, "overpass": place.servers.overpass_url}
    _write_text(folder / "README.md", _text("openstreetmap.md").format(**about, **servers))
    columns = {"unit_id": "单元编码", "name": "名称"}
    units = place.boundary.rename(columns=columns).assign(常住户数=float("nan"))
    units.to_file(folder / "boundary.gpkg", layer="units", driver="GPKG")
    place.streets.to_file(folder / "streets.gpkg", layer="streets", driver="GPKG")
    _write_candidates(folder / "facilities.xlsx", place)
    _write_sheet(folder / "dwellings.xlsx", *_SHEETS["dwellings.xlsx"])
    return ["study.toml", "README.md", "boundary.gpkg", "streets.gpkg", *_SHEETS]


def _write_candidates(path: Path, place: Place) -> None:
    sheet, headers = _SHEETS["facilities.xlsx"]
    degrees = {"经度": "度,WGS 84", "纬度": "度,WGS 84", "地址": "来自 OpenStreetMap,可能不全"}
    rows = [
        {
            "设施编码": one["facility_id"],
            "设施名称": one["name"],
            "类别": one["zh"],
            "经度": one["lon"],
            "纬度": one["lat"],
            "地址": one["address"],
            "备注": f"OpenStreetMap 候选,待核实({one['tag']})",
        }
        for one in place.facilities.to_dict("records")
    ]
    _write_sheet(path, sheet, headers | degrees, rows, note=_NOTE)


def _study_text(name: str) -> str:
    return _text("study.toml").replace('"my-district" ', f'"{name}" ')


def _place_text(text: str, place: Place) -> str:
    """The commented study.toml with the settings of a place."""
    extent = ", ".join(f"{degrees:.5f}" for degrees in place.extent)
    changes = {
        ("study", "name"): (_quoted(place.name), "报告标题里的名称"),
        ("units", "path"): ('"boundary.gpkg"', "来自 OpenStreetMap;有正式边界时换上"),
        ("units", "layers"): None,
        ("units", "tier"): (
            '"subdistrict"',
            "整个地区先作为一个单元;换上街道、片区、居村边界后,改用上一行的 layers",
        ),
        ("facilities", "crs"): ('"EPSG:4326"', "OpenStreetMap 的经纬度是 WGS 84"),
        ("streets", "path"): ('"streets.gpkg"', "来自 OpenStreetMap"),
        ("streets", "extent"): (f"[{extent}]", "路网完整的范围:西、南、东、北(度)"),
        ("streets", "attribution"): (_quoted(ATTRIBUTION), "须注明的来源,印在每张图上"),
    }
    for (section, key), change in changes.items():
        text = _with_setting(text, section, key, change)
    others = place.facilities[~place.facilities["kind"].isin(list(shipped("words.toml")["kind"]))]
    kinds = others.drop_duplicates("kind")[["kind", "zh", "en"]].itertuples(index=False)
    named = [f"[kinds.{kind}]\nzh = {_quoted(zh)}\nen = {_quoted(en)}\n" for kind, zh, en in kinds]
    head = "\n# 设施候选中本软件没有的类别\n" if named else ""
    return text + head + "".join(named)


def _with_setting(text: str, section: str, key: str, change: tuple[str, str] | None) -> str:
    r"""A TOML text with one setting changed, made active or put last in its section; with None, made a comment.

    >>> print(_with_setting("[a]\n# b = 1\n[c]\nb = 2", "a", "b", ("3", "why")))
    [a]
    b = 3                               # why
    [c]
    b = 2
    """
    lines = text.split("\n")
    first = lines.index(next(line for line in lines if line.startswith(f"[{section}]"))) + 1
    last = next((place for place in range(first, len(lines)) if lines[place].startswith("[")), len(lines))
    own = [place for place in range(first, last) if re.match(rf"(# )?{key} = ", lines[place])]
    if change is None:
        lines[own[0]] = f"# {lines[own[0]]}"
        return "\n".join(lines)
    line = f"{f'{key} = {change[0]}':<35} # {change[1]}"
    if own:
        lines[own[0]] = line
    else:
        lines.insert(max(place for place in range(first - 1, last) if lines[place].strip()) + 1, line)
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _text(name: str) -> str:
    return files("lifecircle").joinpath("data", "starter", name).read_text("utf-8")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="\n")


def _id_of(name: str) -> str:
    """The folder's name as far as an id can hold it, with a number made of it where that leaves other names out.

    >>> _id_of("my-district"), _id_of("我的区")
    ('my-district', 'district-f3f0')
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")
    return plain if plain == name else f"{plain or 'district'}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def _write_sheet(
    path: Path, name: str, headers: dict[str, str], rows: Sequence[Mapping[str, object]] = (), note: str = ""
) -> None:
    """A workbook with a sheet of headers, explained, and rows by header; with a note, a second sheet that holds it."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        bold = book.add_format({"bold": True, "bg_color": "#f0efea", "bottom": 1})
        sheet = book.add_worksheet(name)
        for column, (header, meaning) in enumerate(headers.items()):
            sheet.write_string(0, column, header, bold)
            sheet.set_column(column, column, max(12, 2 * len(header) + 2))
            if meaning:
                sheet.write_comment(0, column, meaning)
            for number, row in enumerate(rows, start=1):
                cell = row.get(header, "")
                if isinstance(cell, float):
                    sheet.write_number(number, column, cell)
                elif cell:
                    sheet.write_string(number, column, str(cell))
        sheet.freeze_panes(1, 2)
        if note:
            second = book.add_worksheet("说明")
            second.set_column(0, 0, 100)
            for number, line in enumerate(note.splitlines()):
                second.write_string(number, 0, line)
