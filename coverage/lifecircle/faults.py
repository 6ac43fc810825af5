"""What can be wrong with an input, in words: one entry per check, in Chinese and English."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Severity = Literal["error", "warning"]

# check: (severity, what was found with what was expected, cure), each text in English and Chinese.
TEXTS: dict[str, tuple[Severity, dict[str, str], dict[str, str]]] = {
    "missing-study": (
        "error",
        {"en": "the file does not exist", "zh": "文件不存在"},
        {
            "en": "name a study's folder, or begin one with `lifecircle new DIR`",
            "zh": "请写评估项目所在的文件夹,或用 lifecircle new DIR 新建",
        },
    ),
    "missing-file": (
        "error",
        {"en": "the file does not exist", "zh": "文件不存在"},
        {"en": "put it there or correct `{key}` in study.toml", "zh": "请放入该文件,或改正 study.toml 中的 {key}"},
    ),
    "unreadable-file": (
        "error",
        {"en": "cannot be read as {expected}: {found}", "zh": "无法按{expected_zh}读取:{found}"},
        {"en": "save it again in a format that opens", "zh": "请重新保存为可打开的格式"},
    ),
    "missing-layer": (
        "error",
        {"en": "has no {what} `{name}`; it has {found}", "zh": "没有{what_zh}「{name}」,现有:{found}"},
        {"en": "correct `{key}` in study.toml{hint}", "zh": "请改正 study.toml 中的 {key}{hint_zh}"},
    ),
    "empty-layer": (
        "error",
        {"en": "has no rows", "zh": "没有任何记录"},
        {"en": "export it again with its rows", "zh": "请重新导出并包含记录"},
    ),
    "missing-column": (
        "error",
        {
            "en": "column for {name} ({expected}) is missing; found {found}",
            "zh": "缺少「{name}」列(应为 {expected}),现有:{found}",
        },
        {
            "en": 'add it, or name it in study.toml: [{table}.columns] {name} = "…"{hint}',
            "zh": '请补上该列,或在 study.toml 中指明:[{table}.columns] {name} = "…"{hint_zh}',
        },
    ),
    "ambiguous-column": (
        "error",
        {"en": "{found} could each be {name}", "zh": "{found} 都可能是「{name}」"},
        {
            "en": 'say which in study.toml: [{table}.columns] {name} = "…"',
            "zh": '请在 study.toml 中指明:[{table}.columns] {name} = "…"',
        },
    ),
    "misspelt-column": (
        "error",
        {
            "en": "column '{found}' is not understood; did you mean '{hint}'?",
            "zh": "列「{found}」无法识别,是否应为「{hint}」?",
        },
        {
            "en": 'correct the header, or say in study.toml what it is: [{table}.columns] {name} = "{found}", or "" if the file has none',
            "zh": '请改正列名,或在 study.toml 中写明:[{table}.columns] {name} = "{found}";文件中没有该列则写 ""',
        },
    ),
    "no-crs": (
        "error",
        {"en": "has no coordinate reference system", "zh": "没有坐标系"},
        {
            "en": 'state it in study.toml: [{table}] crs = "EPSG:4490" (CGCS2000) or another',
            "zh": '请在 study.toml 中写明:[{table}] crs = "EPSG:4490"(CGCS2000)或其他',
        },
    ),
    "unknown-crs": (
        "error",
        {"en": "CRS '{found}' is not known", "zh": "坐标系「{found}」无法识别"},
        {"en": 'write an EPSG code such as "EPSG:4490"', "zh": '请写 EPSG 代码,如 "EPSG:4490"'},
    ),
    "unknown-households": (
        "warning",
        {"en": "the households of {found} are not stated", "zh": "{found} 的户数不详"},
        {"en": "find them out and fill them in: verdicts wait for them", "zh": "请核实后补填,相关判定有赖于此"},
    ),
    "unknown-dwellings": (
        "warning",
        {"en": "{n} of {all} dwellings have no household count", "zh": "{all} 个居住点中有 {n} 个户数不详"},
        {"en": "find the counts out and fill them in: {which}", "zh": "请核实后补填:{which_zh}"},
    ),
    "unknown-area": (
        "warning",
        {"en": "the floor area of {found} is not stated", "zh": "{found} 的建筑面积不详"},
        {"en": "measure it and fill it in: verdicts wait for it", "zh": "请核实后补填,相关判定有赖于此"},
    ),
    "header-row": (
        "error",
        {
            "en": "the header is not in its first row; row {found} looks like one",
            "zh": "首行不是表头,第 {found} 行像是表头",
        },
        {"en": "delete the rows above row {found}", "zh": "请删去第 {found} 行以上的内容"},
    ),
    "swapped-axes": (
        "error",
        {
            "en": "({x}, {y}) looks like latitude and longitude the wrong way round",
            "zh": "({x}, {y}) 的经度、纬度似乎填反",
        },
        {"en": "put the longitude into the column of x, the latitude into that of y", "zh": "请将经度、纬度对调"},
    ),
    "shifted-datum": (
        "error",
        {
            "en": "CRS '{found}' is a shifted system of web maps, which is not read here",
            "zh": "坐标系「{found}」是网络地图的偏移坐标,此处不能读取",
        },
        {
            "en": "have the data converted to EPSG:4490 first; only writing EPSG:4490 would leave them hundreds of metres off",
            "zh": "请先转换为 CGCS2000(EPSG:4490);只改写代码会使位置偏差数百米",
        },
    ),
    "broken-toml": (
        "error",
        {"en": "is not TOML in UTF-8: {found}", "zh": "不是 UTF-8 编码的 TOML:{found}"},
        {"en": "correct it there; write paths with / and not with \\", "zh": "请改正该处;路径请用 / 而不用 \\"},
    ),
    "folder-taken": (
        "error",
        {"en": "is there already and is not empty; nothing was written", "zh": "已存在且不为空,未写入任何内容"},
        {"en": "name a new folder", "zh": "请另写一个文件夹名"},
    ),
    "no-report-there": (
        "error",
        {"en": "is there already and is no report; nothing was written", "zh": "已存在且不是评估报告,未写入任何内容"},
        {"en": "name another folder, or empty this one", "zh": "请另写一个文件夹名,或清空它"},
    ),
    "other-report": (
        "error",
        {
            "en": "holds the report of another study, {found}; nothing was written",
            "zh": "已有另一项目「{found}」的报告,未写入任何内容",
        },
        {
            "en": "give this study an id of its own, or name another folder with --out",
            "zh": "请为本项目另取 id,或用 --out 另写文件夹",
        },
    ),
    "file-in-the-way": (
        "error",
        {
            "en": "is a file where a folder is needed; nothing was written",
            "zh": "是文件,而此处需要文件夹,未写入任何内容",
        },
        {"en": "name another folder", "zh": "请另写一个文件夹名"},
    ),
    "needs-parameters": (
        "error",
        {
            "en": "CRS is {found}, whose shift to CGCS2000 is not public; taken as zero, places lie up to 100 m off",
            "zh": "坐标系为 {found},它到 CGCS2000 的转换参数不公开;若按零处理,位置可偏差近百米",
        },
        {
            "en": "have the data transformed with the local parameters and give them in EPSG:4490",
            "zh": "请用当地转换参数转为 CGCS2000(EPSG:4490)后再提供",
        },
    ),
    "distorted-crs": (
        "error",
        {
            "en": "[study] crs is {found}; lengths in it are {percent} % off here",
            "zh": "[study] crs 为 {found},在此处长度误差达 {percent}%",
        },
        {"en": "leave it out: one that fits the place is chosen", "zh": "请删去,程序会选择适合本地的坐标系"},
    ),
    "wrong-crs": (
        "error",
        {
            "en": "CRS is {crs}, but coordinates such as ({x}, {y}) do not fit it",
            "zh": "坐标系写作 {crs},但坐标({x}, {y})与之不符",
        },
        {"en": "correct `crs` in study.toml", "zh": "请改正 study.toml 中的 crs"},
    ),
    "far-away": (
        "error",
        {
            "en": "none of its {n} places lies within {km} km of the units; the nearest is {found} km away",
            "zh": "{n} 个位置均不在单元周边 {km} 公里内,最近的相距 {found} 公里",
        },
        {"en": "check its CRS and whether it is the same district", "zh": "请核对坐标系及是否为同一地区"},
    ),
    "not-a-number": (
        "error",
        {"en": "{column} is '{found}'; expected {expected}", "zh": "{column} 为「{found}」,应为{expected_zh}"},
        {"en": "write the number alone, or leave the cell empty if unknown", "zh": "请只填数字;不详则留空"},
    ),
    "negative-number": (
        "error",
        {"en": "{column} is {found}; it must not be below 0", "zh": "{column} 为 {found},不得小于 0"},
        {"en": "correct the number", "zh": "请改正该数"},
    ),
    "not-a-date": (
        "error",
        {
            "en": "{column} is '{found}'; expected a date such as 2025-12-31",
            "zh": "{column} 为「{found}」,应为日期,如 2025-12-31",
        },
        {"en": "write year-month-day", "zh": "请按 年-月-日 填写"},
    ),
    "unknown-word": (
        "error",
        {"en": "{column} is '{found}'; expected one of {expected}", "zh": "{column} 为「{found}」,应为:{expected_zh}"},
        {"en": "use one of these words{hint}", "zh": "请改用上述词语{hint_zh}"},
    ),
    "missing-key": (
        "error",
        {"en": "{column} is empty", "zh": "{column} 为空"},
        {"en": "give every row a key of its own", "zh": "每行须有唯一编码"},
    ),
    "duplicate-key": (
        "error",
        {"en": "{column} '{found}' stands also in {other}", "zh": "{column}「{found}」与{other_zh}重复"},
        {"en": "give every row a key of its own", "zh": "每行须有唯一编码"},
    ),
    "missing-tier": (
        "error",
        {"en": "the tier of {found} is not stated", "zh": "{found} 没有写明层级"},
        {"en": "write neighbourhood, circle or subdistrict", "zh": "请填写居村、片区或街道(乡镇)"},
    ),
    "reserved-key": (
        "error",
        {
            "en": "{column} is '{found}', which stands for the study as a whole",
            "zh": "{column} 为「{found}」,它专指全区",
        },
        {"en": "give the unit another key", "zh": "请改用其他编码"},
    ),
    "no-parent": (
        "warning",
        {
            "en": "{found} lies in no unit above it: it counts in the district alone",
            "zh": "{found} 没有上级单元,只计入全区",
        },
        {"en": "name the unit above it", "zh": "请填写上级编码"},
    ),
    "part-circle": (
        "error",
        {
            "en": "{column} names '{found}', which leads back to the facility itself",
            "zh": "{column} 所写「{found}」又回到该设施本身",
        },
        {"en": "leave the cell of the outermost facility empty", "zh": "最外层的设施请留空"},
    ),
    "unjoined-streets": (
        "warning",
        {
            "en": "{n} street ends lie on another street without a shared point: nobody can walk across there",
            "zh": "{n} 处路端落在另一条路上却没有公共节点,此处视为不连通",
        },
        {"en": "split the streets where they meet", "zh": "请在相交处打断道路"},
    ),
    "same-standard": (
        "error",
        {"en": "two standards have the id '{found}'", "zh": "有两个标准的 id 同为「{found}」"},
        {"en": "name it once, or give your copy an id of its own", "zh": "请只写一次,或为自己的标准另取 id"},
    ),
    "missing-place": (
        "error",
        {"en": "{found} has no coordinates", "zh": "{found} 没有坐标"},
        {"en": "fill in its x and y (经度, 纬度)", "zh": "请补填经度、纬度"},
    ),
    "unknown-kind": (
        "error",
        {"en": "{column} is '{found}', a kind that nothing knows", "zh": "{column} 为「{found}」,未知类别"},
        {
            "en": "correct it{hint}; or name the kind in study.toml, [kinds.…]",
            "zh": "请改正{hint_zh};确为另一类别的,在 study.toml 的 [kinds.…] 中写明",
        },
    ),
    "parent-circle": (
        "error",
        {
            "en": "{column} names '{found}', which leads back to the unit itself",
            "zh": "{column} 所写「{found}」又回到该单元本身",
        },
        {"en": "name the unit above it, or leave the cell empty", "zh": "请填写其上级单元,或留空"},
    ),
    "part-of-itself": (
        "error",
        {"en": "{column} names '{found}', the facility itself", "zh": "{column} 所写「{found}」是该设施本身"},
        {"en": "name the facility it is part of, or leave the cell empty", "zh": "请填写其所属设施,或留空"},
    ),
    "not-lines": (
        "error",
        {"en": "{n} of its {all} rows are no lines", "zh": "{all} 行中有 {n} 行不是线"},
        {"en": "name a layer of street lines", "zh": "请改用道路线图层"},
    ),
    "missing-boundary": (
        "error",
        {"en": "{found} has no boundary", "zh": "{found} 没有边界"},
        {"en": "draw it and export it again", "zh": "请绘制后重新导出"},
    ),
    "invalid-geometry": (
        "error",
        {
            "en": "the boundary of {found} is not valid: {why} at ({x}, {y})",
            "zh": "{found} 的边界无效:{why},位于 ({x}, {y})",
        },
        {"en": "mend the polygon there and export it again", "zh": "请在该处修正多边形后重新导出"},
    ),
    "unknown-unit": (
        "error",
        {
            "en": "{column} names unit '{found}', which is not among the units",
            "zh": "{column} 所写单元「{found}」不存在",
        },
        {"en": "use a unit's key{hint}", "zh": "请填写单元编码{hint_zh}"},
    ),
    "unknown-facility": (
        "error",
        {
            "en": "{column} names facility '{found}', which is not in the register",
            "zh": "{column} 所写设施「{found}」不在台账中",
        },
        {"en": "use a facility's key{hint}", "zh": "请填写设施编码{hint_zh}"},
    ),
    "wrong-shares": (
        "error",
        {
            "en": "{column} is '{found}'; expected unit:share;… with shares that sum to at most 1",
            "zh": "{column} 为「{found}」,应为 单元:份额;…,份额之和不大于 1",
        },
        {"en": "write it as B0103:0.6;B0104:0.4", "zh": "请写成 B0103:0.6;B0104:0.4"},
    ),
    "outside-units": (
        "warning",
        {
            "en": "{found} lies in no unit: it serves by walking, its area counts nowhere",
            "zh": "{found} 不在任何单元内:计入步行可达,面积不计",
        },
        {"en": "name the units it serves if its area shall count", "zh": "如面积应计入,请填写服务单元"},
    ),
    "unplaced-dwelling": (
        "warning",
        {"en": "{found} lies in no unit", "zh": "{found} 不在任何单元内"},
        {"en": "correct its place or name its unit", "zh": "请改正位置或填写所属单元"},
    ),
    "no-streets-near": (
        "error",
        {
            "en": "no walkable street lies within {snap_m} m of any of the {n} dwellings",
            "zh": "{n} 个居住点周边 {snap_m} 米内均无可步行道路",
        },
        {"en": "check the CRS of streets and dwellings", "zh": "请核对道路与居住点的坐标系及范围"},
    ),
    "far-from-streets": (
        "warning",
        {
            "en": "{found} is farther than {snap_m} m from any walkable street",
            "zh": "{found} 距最近可步行道路超过 {snap_m} 米",
        },
        {"en": "add the missing path or correct the place", "zh": "请补绘道路或改正位置"},
    ),
    "households-disagree": (
        "warning",
        {
            "en": "{found} states {stated} households, {by} sum to {summed}",
            "zh": "{found} 填报 {stated} 户,{by_zh}合计 {summed} 户",
        },
        {"en": "find out which of the two is right", "zh": "请核对何者为准"},
    ),
    "unknown-standard": (
        "error",
        {"en": "there is no standard '{found}'; there are {expected}", "zh": "没有标准「{found}」,可用:{expected}"},
        {"en": "correct `standards`{hint}", "zh": "请改正 standards{hint_zh}"},
    ),
    "unknown-rule": (
        "error",
        {
            "en": "rule {rule}: {field} is '{found}'; expected one of {expected}",
            "zh": "条款 {rule}:{field} 为「{found}」,应为:{expected}",
        },
        {"en": "correct the rule{hint}", "zh": "请改正该条款{hint_zh}"},
    ),
    "wrong-setting": (
        "error",
        {"en": "{field} is {found}; {expected}", "zh": "{field} 为 {found};{expected_zh}"},
        {"en": "correct it", "zh": "请改正"},
    ),
    "missing-setting": (
        "error",
        {"en": "{field} is missing", "zh": "缺少 {field}"},
        {"en": "add it", "zh": "请补上"},
    ),
    "needed-setting": (
        "error",
        {"en": "{field} is missing; measure {measure} needs it", "zh": "缺少 {field},指标 {measure} 需要它"},
        {"en": "add it", "zh": "请补上"},
    ),
    "unknown-setting": (
        "error",
        {"en": "{field} is not a setting", "zh": "{field} 不是有效设置"},
        {"en": "remove it{hint}", "zh": "请删除{hint_zh}"},
    ),
}


WORKBOOKS = (".xlsx", ".xls", ".ods", ".xlsm", ".xlsb")
_PLACES = {
    "en": ("sheet {}", "layer {}", "row {}", ", "),
    "zh": ("工作表 {}", "图层 {}", "第 {} 行", ","),
}


@dataclass(frozen=True)
class Where:
    """A place in an input: file, sheet, and the row as the keeper of the file sees it (the header of a sheet is row 1).

    `households` is how many households hang on what stands there, None where that is unknown.
    """

    file: str
    table: str = ""
    sheet: str = ""
    row: int | None = None
    households: float | None = None

    def text(self, lang: str = "en") -> str:
        """File, sheet and row.

        >>> Where("f.xlsx", sheet="设施", row=3).text()
        'f.xlsx, sheet 设施, row 3'
        """
        sheet, layer, row, comma = _PLACES[lang]
        sheet = sheet if self.file.lower().endswith(WORKBOOKS) else layer
        parts = [self.file]
        parts += [sheet.format(self.sheet)] if self.sheet else []
        parts += [row.format(self.row)] if self.row is not None else []
        return comma.join(parts)


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place; `values` fill the texts of its check."""

    check: str
    where: Where
    values: tuple[tuple[str, str], ...] = ()

    @property
    def severity(self) -> Severity:
        """`error` stops an assessment, `warning` does not."""
        return TEXTS[self.check][0]

    def what(self, lang: str = "en") -> str:
        """What was found, and what was expected."""
        return TEXTS[self.check][1][lang].format(**self._filled())

    def cure(self, lang: str = "en") -> str:
        """What the keeper of the file can do."""
        return TEXTS[self.check][2][lang].format(**self._filled())

    def line(self, lang: str = "en") -> str:
        """Place, finding and cure on one line.

        >>> fault("not-a-date", Where("f.xlsx", row=3), column="启用日期", found="去年").line()
        "f.xlsx, row 3: 启用日期 is '去年'; expected a date such as 2025-12-31. Cure: write year-month-day"
        """
        what = self.what(lang)
        end = "" if what.endswith(("?", "?", ".", "。")) else "。" if lang == "zh" else "."
        if lang == "zh":
            return f"{self.where.text('zh')}:{what}{end}处理:{self.cure('zh')}"
        return f"{self.where.text()}: {what}{end} Cure: {self.cure()}"

    def _filled(self) -> dict[str, str]:
        """Values for the texts; what has no Chinese of its own is said as in English."""
        values = {"table": self.where.table} | dict(self.values)
        return {f"{name}_zh": value for name, value in values.items()} | values


def fault(check: str, where: Where | str, **values: object) -> Fault:
    """A fault of a known check in a place, or in a file as a whole."""
    place = Where(where) if isinstance(where, str) else where
    return Fault(check, place, tuple(sorted((name, _one_line(value)) for name, value in values.items())))


def hint(word: str, known: Iterable[str]) -> dict[str, str]:
    """`hint` and `hint_zh` for a fault: the known word nearest to a misspelt one, or nothing.

    >>> hint("shanghai-2012", ["shanghai-2021", "yunnan"])["hint"]
    "; did you mean 'shanghai-2021'?"
    """
    near = nearest_word(word, known)
    return (
        {"hint": f"; did you mean '{near}'?", "hint_zh": f",是否应为「{near}」?"}
        if near
        else {"hint": "", "hint_zh": ""}
    )


_SHORT = 3  # Chinese characters; one wrong of two is half


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if none is close."""
    near = difflib.get_close_matches(
        word, list(known), n=1, cutoff=0.5 if len(word) <= _SHORT and not word.isascii() else 0.6
    )
    return near[0] if near else None


_COLUMNS = [
    "check", "severity", "table", "file", "sheet", "row", "what_en", "what_zh", "cure_en", "cure_zh", "households",
    "line_en", "line_zh",
]  # fmt: skip


def fault_table(faults: Iterable[Fault]) -> pd.DataFrame:
    """Faults as a table, worst first: errors before warnings, then by households touched.

    Columns: check, severity, table, file, sheet, row, what_en, what_zh, cure_en, cure_zh, households (NaN where
    unknown), line_en, line_zh.
    """
    rows = [
        {
            "check": one.check,
            "severity": one.severity,
            "table": one.where.table,
            "file": one.where.file,
            "sheet": one.where.sheet,
            "row": one.where.row,
            "what_en": one.what("en"),
            "what_zh": one.what("zh"),
            "cure_en": one.cure("en"),
            "cure_zh": one.cure("zh"),
            "households": one.where.households,
            "line_en": one.line("en"),
            "line_zh": one.line("zh"),
        }
        for one in faults
    ]
    table = pd.DataFrame(rows, columns=_COLUMNS).astype({"row": "Int64", "households": "float64"})
    order = table.assign(_warning=table["severity"] == "warning", _households=-table["households"].fillna(0))
    keys = ["_warning", "_households", "table", "file", "row", "check", "what_en"]
    return table.loc[order.sort_values(keys, kind="stable").index].reset_index(drop=True)


def _one_line(value: object) -> str:
    text = " ".join(str(value).split()).rstrip(".")
    return text if len(text) <= 160 else text[:157] + "…"
