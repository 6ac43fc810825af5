"""Texts that would act if they were not escaped, or that are longer, odder or in another script than any name."""

# ruff: noqa: E501 - a case is a line, however long what it spoils
from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
from corpus import ASSESS, CHECK, add, case, rewritten, settings, use
from judged import MARK
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from spoil import edit_layer

SHEET = "facilities.xlsx"
TEXTS = {
    "a command": f"=cmd|'/C calc {MARK}'!A0", "a formula with plus": f"+1+1 {MARK}", "a formula with minus": f"-2+3 {MARK}", "a formula with at": f"@SUM(1) {MARK}",
    "a tab and a formula": f"\t=1+1 {MARK}", "a line break and a formula": f"\n=1+1 {MARK}", "a formula of full width": f"＝1+1 {MARK}", "a quote and a formula": f"'=1+1 {MARK}",
    "a formula in braces": f"{{=1+1 {MARK}}}", "a link": f'=HYPERLINK("http://{MARK}","x")', "a bare link": f"http://{MARK}.example/", "a link of a file": f"file:///etc/{MARK}", "an internal link": f"internal:{MARK}!A1", "a mail": f"mailto:{MARK}@example.org",
    "a script": f"<script>{MARK}()</script>", "the end of a script": f"</script><script>{MARK}()</script>", "the end of a script in capitals": f"</SCRIPT ><img src=x onerror={MARK}()>", "a picture": f"<img src=x onerror={MARK}()>",
    "the end of an attribute": f'"><svg onload={MARK}()>', "the end of an attribute in single quotes": f"'><svg onload={MARK}()>", "an attribute": f'" onmouseover="{MARK}()" x="', "a template": f"${{{MARK}}}{{{{ {MARK} }}}}{{% {MARK} %}}{{# {MARK} #}}",
    "a format": f"{{0}}{{found}}{{{MARK}.__class__}}%s%n", "CDATA": f"]]><script>{MARK}()</script>", "a comment": f"<!--<script>{MARK}()", "an entity": f"&lt;script&gt;{MARK}()&lt;/script&gt;&amp;&#60;", "a line separator": f"\u2028{MARK}\u2029",
    "a backslash": f"\\{MARK}\\u003cscript\\u003e\\", "the end of a title": f"</title><script>{MARK}()</script>", "the end of a style": f"</style><script>{MARK}()</script>", "an address that acts": f"javascript:{MARK}()", "markdown": f"[{MARK}](javascript:alert(1)) `x`", "markup of a terminal": f"[bold red]{MARK}[/bold red][/]",
}  # fmt: skip
ODD = {
    "10,000 signs": "长" * 10_000, "32,767 signs": "x" * 32_767, "emoji": "👨\u200d👩\u200d👧\u200d👦🏳️\u200d🌈", "a rare sign": "𠮷野家𰻞面", "right to left": "مرحبا שלום", "marks of direction": "a\u202eb\u2066c\u200f",
    "zero width": "a\u200b\u200c\u200d\ufeffb", "marks upon marks": "Z" + "\u0301" * 500, "a tab inside": "a\tb", "line breaks": "a\r\nb\nc", "only signs": "〇々〆〤", "private signs": "\ue000\uf8ff", "no sign at all": "\ufffe\uffff",
    "separators": "a/b\\c:d;e|f,g、h", "spaces of all widths": "\u2003\u3000\u00a0a\u2009", "dots": "..", "a percent sign": "100%", "a bracket": "[", "a reserved name": "CON", "null": "null", "NaN": "NaN", "a number": "1e5", "True": "True",
}  # fmt: skip


def set_cells(path: Path, *cells: tuple[int, str, str]) -> None:
    """Put texts into cells of the first sheet (row, header, text), as texts whatever they begin with."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    places = {one.value: one.column for one in page[1]}
    for row, header, text in cells:
        cell = page.cell(row, places[header])
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
        cell.data_type = "s"
    book.save(path)


def _name(text: str) -> Callable[[Path], None]:
    return lambda folder: set_cells(folder / SHEET, (2, "设施名称", text))


def _everywhere(text: str) -> Callable[[Path], None]:
    """The text as a name of everything that has one, as a key, and as a kind of the study's own."""

    def spoil(folder: Path) -> None:
        set_cells(folder / SHEET, (2, "设施名称", text), (2, "设施编码", text), (4, "类别", "own"))
        _units(folder, text)
        quoted = '"' + text.replace('"', '""') + '"'
        rewritten(folder / "dwellings.csv", lambda data: data.replace(b"D1,one", f"{quoted},{quoted}".encode()))
        about = {"name": text}
        settings(folder, study=about, kinds={"own": {"zh": text, "en": text, "mark": text[:1]}})

    return spoil


def _units(folder: Path, text: str) -> None:
    def changed(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        units.loc[0, ["单元编码", "名称"]] = text
        return units

    edit_layer(folder / "units.gpkg", "neighbourhoods", changed)


def _faulty(text: str) -> Callable[[Path], None]:
    """The text where it is a fault: in the line that is printed and in the workbook that goes back."""

    def spoil(folder: Path) -> None:
        headers = ("设施名称", "建筑面积(㎡)", "启用日期", "服务层级", "状态", "服务单元", "所属设施")
        set_cells(folder / SHEET, *((2, header, text) for header in headers))

    return spoil


for _said, _text in TEXTS.items():
    add("hostile names", _said, "read", _name(_text), hostile=True)
    add("hostile everywhere", _said, "any", _everywhere(_text), hostile=True)
    add("hostile faults", _said, "fault", _faulty(_text), arguments=CHECK, hostile=True)
for _said, _text in ODD.items():
    add("odd names", _said, "any" if "no sign" in _said else "either", _name(_text))
    add("odd everywhere", _said, "any", _everywhere(_text))


def _header(text: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        set_cells(folder / SHEET, (1, "启用日期", text))

    return spoil


for _said in (
    "a script",
    "a command",
    "the end of a script",
    "a format",
    "markup of a terminal",
    "an attribute",
    "a bare link",
):
    add("hostile headers", _said, "any", _header(TEXTS[_said]), hostile=True)
    add("hostile headers", f"{_said}, sent back", "any", _header(TEXTS[_said]), arguments=CHECK, hostile=True)


def _called(text: str) -> Callable[[Path], None]:
    """A sheet and a layer of that name."""

    def spoil(folder: Path) -> None:
        quoted = text.replace('"', '""')
        with sqlite3.connect(folder / "units.gpkg") as book:  # GDAL writes no such name, others do
            for (name,) in list(book.execute("select name from sqlite_master where type='trigger'")):
                book.execute(f'drop trigger "{name}"')
            book.execute(f'alter table neighbourhoods rename to "{quoted}"')
            for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
                book.execute(f"update {table} set table_name = ? where table_name = 'neighbourhoods'", (text,))  # noqa: S608
        content: dict[str, Any] = {
            "layers": {"subdistrict": "subdistricts", "circle": "circles", "neighbourhood": text}
        }
        settings(folder, units=content)

    return spoil


for _said, _text in {
    "a layer of SQL": "a\"; DROP TABLE neighbourhoods; --", "a layer of a quote": "it's", "a layer in Chinese": "居村界线(2025)",
    "a layer of HTML": f"<script>{MARK}()</script>", "a layer of a formula": f"=1+1 {MARK}",
}.items():  # fmt: skip
    add("hostile headers", _said, "either", _called(_text), hostile=True)


@case("odd names", "a million signs", "any")
def _(folder: Path) -> None:
    rewritten(folder / "dwellings.csv", lambda data: data.replace(b"one", b"x" * 100_000))
    layer = gpd.read_file(folder / "units.gpkg", layer="neighbourhoods")
    layer.loc[0, "名称"] = "长" * 1_000_000
    layer.to_file(folder / "units.gpkg", layer="neighbourhoods", driver="GPKG")


@case("odd names", "a key of a million signs", "any")
def _(folder: Path) -> None:
    layer = gpd.read_file(folder / "units.gpkg", layer="neighbourhoods")
    layer.loc[0, "单元编码"] = "k" * 1_000_000
    layer.to_file(folder / "units.gpkg", layer="neighbourhoods", driver="GPKG")


@case("odd names", "keys that differ by what is not seen", "any")
def _(folder: Path) -> None:
    set_cells(folder / SHEET, (2, "设施编码", "F1"), (3, "设施编码", "F1\u200b"), (4, "设施编码", "Ｆ1"))


@case("hostile names", "a study of that name, in Chinese", "read", arguments=(*ASSESS, "--lang", "zh"), hostile=True)
def _(folder: Path) -> None:
    settings(folder, study={"name": f"</title><script>{MARK}()</script>"})


@case("hostile names", "an attribution", "read", hostile=True)
def _(folder: Path) -> None:
    settings(folder, streets={"attribution": f"<img src=x onerror={MARK}()></script><script>{MARK}()"})


@case("hostile names", "streets of OpenStreetMap", "any", hostile=True)
def _(folder: Path) -> None:
    text = use(folder, "streets.osm").read_text("utf-8")
    said = f'<tag k="name" v="&lt;/script&gt;&lt;script&gt;{MARK}()&lt;/script&gt;"/></way>'
    (folder / "streets.osm").write_text(text.replace("</way>", said), "utf-8")


@case("hostile names", "a standard of the study's own", "any", hostile=True)
def _(folder: Path) -> None:
    from spoil import RULE

    bad = f"</script><script>{MARK}()</script>"
    text = RULE.replace("Own standard", bad).replace("面积", bad).replace("the office", f"javascript:{MARK}()")
    (folder / "own.toml").write_text(text, "utf-8")
    settings(folder, study={"standards": ["own.toml"]})


@case("hostile names", "a walker of the study's own", "any", hostile=True)
def _(folder: Path) -> None:
    settings(folder, walk={"walker": {"name": f"</script><script>{MARK}()", "speed_m_per_s": 1.2}})
