"""The workbook that goes back to the keepers of the data: a summary, and the rows of each file with faults marked."""

from __future__ import annotations

import datetime as dt
import math
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from lifecircle.errors import LifecircleError
from lifecircle.faults import fault
from lifecircle.given import Input
from lifecircle.publish.cells import Styles, safe_text, write_cell
from lifecircle.publish.faultsheet import EDGES, INK, LINE, REPLIES, TINTS, Page, fill_page
from lifecircle.readers.layers import Layer, read_layer
from lifecircle.readers.safety import is_database
from lifecircle.study import Study
from lifecircle.words import Lang, both, term

_MADE = dt.datetime(2000, 1, 1)  # the same faults make the same bytes
_MARK = "lifecircle check --xlsx"  # in the properties of each workbook of faults
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LONGEST_NAME = 31  # characters of a sheet's name
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "-"))
_TABLES = ("facilities", "dwellings", "streets", "candidates", "gates", "compounds", "barriers", "entrances")
_SUMMARY = both("汇总", "summary")
_TITLE = both("数据问题清单", "What is wrong with the data")
_COLUMNS = (
    (both("文件", "file"), 34),
    (both("工作表/图层", "sheet or layer"), 22),
    (both("错误", "errors"), 10),
    (both("提示", "warnings"), 10),
    (both("说明", "notes"), 10),
    (both("涉及户数", "households"), 14),
    (both("详见", "see"), 34),
)
_RIGHT: dict[str, object] = {"align": "right"}
_INDENT: dict[str, object] = {"indent": 1}
_ALIGN = dict.fromkeys((2, 3, 4, 5), _RIGHT) | {6: _INDENT}
_MEANINGS = {
    "error": both("评估无法进行,必须改正", "stops the assessment: must be put right"),
    "warning": both("不影响运行,但可能影响结果,请核实", "does not stop it, but may change the result: please check"),
    "note": both("已按要求处理,供知悉", "was dealt with as asked: for information"),
}
_STEPS = {
    "zh": (
        "每个工作表对应一个文件。行号是原文件中的行号,有颜色的单元格是有问题的单元格,批注写明问题与处理办法。",
        "请在原文件中改正,不要在本表中改数;保持文件名、表头和编码不变。",
        "改完后在“回复”列选择:{replies}。",
        "请将改正后的原文件连同本表一并发回。",
    ),
    "en": (
        "Each sheet is for one file. Its row numbers are those of your file; coloured cells are those at fault, and "
        "their comments say what is wrong and how to put it right.",
        "Correct your own file, not this workbook; keep its name, headers and keys.",
        "Then choose in column reply: {replies}.",
        "Send back your corrected file together with this workbook.",
    ),
}


def write_faultbook(
    faults: pd.DataFrame,
    layers: Mapping[tuple[str, str], Layer],
    path: str | Path,
    *,
    lang: Lang = "zh",
    name: str = "",
) -> Path:
    """Write every fault into one workbook, ready to be sent back: a summary, then a sheet for each source.

    Parameters
    ----------
    faults
        From `find_faults`.
    layers
        The sources as they are, by file and sheet, from `layers_of`; of others the faults stand alone.
    path
        A file that ends in .xlsx; what is there is replaced when all is written.
    lang
        Language of the workbook.
    name
        What the study is called.

    Returns
    -------
    The path.

    Raises
    ------
    LifecircleError
        The path is no .xlsx file, is open elsewhere or cannot be written; or a file is there that is no such workbook.

    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() != ".xlsx":
        raise LifecircleError([fault("not-a-workbook", str(path))], lang)
    if any(path.with_name(lock).exists() for lock in (f".~lock.{path.name}#", f"~${path.name}")):
        raise _unwritten(path, both("文件已被打开", "it is open"), lang)
    if path.exists() and not _is_own(path):
        raise LifecircleError([fault("file-taken", str(path))], lang)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            draft = Path(folder) / "draft.xlsx"
            _write(_pages(faults, layers, lang), draft, lang, name)
            draft.replace(path)
    except (OSError, XlsxWriterException) as problem:
        raise _unwritten(
            path, dict.fromkeys(("zh", "en"), getattr(problem, "strerror", None) or str(problem)), lang
        ) from None
    return path


def _is_own(path: Path) -> bool:
    """Whether a file is a workbook of faults that was written before: nothing else is written over."""
    try:
        with zipfile.ZipFile(path) as book:
            return _MARK.encode() in book.read("docProps/core.xml")
    except (OSError, KeyError, zipfile.BadZipFile):
        return False


def layers_of(study: Study, faults: pd.DataFrame) -> dict[tuple[str, str], Layer]:
    """The files of a study as their keepers have them, by file and sheet, as far as rows of them have faults."""
    named = faults[faults["row"].notna()]
    wanted = set(zip(named["file"], named["sheet"], strict=True))
    files, sheets = {file for file, _ in wanted}, {sheet for _, sheet in wanted}
    layers: dict[tuple[str, str], Layer] = {}
    for table, given, name in _inputs(study):
        path = study.file(given.path)
        if path.name not in files and not is_database(given.path):
            continue
        if name and not {name, ""} & sheets:
            continue
        layer, _ = read_layer(path, given, name=name, table=table, allow_network=study.allow_network)
        if layer is not None and (layer.file, layer.sheet) in wanted:
            layers.setdefault((layer.file, layer.sheet), layer)
    return layers


def _inputs(study: Study) -> Iterator[tuple[str, Input, str | None]]:
    """Every file that a study names: for which table, how it is read, and which sheet or layer of it."""
    for layer in study.units.layers.values():
        yield "units", study.units, layer
    others: dict[str, Input | None] = {} if study.units.layers else {"units": study.units}
    others |= {table: getattr(study, table) for table in _TABLES}
    others |= {"circles": study.circles.given, "spread": study.spread.given if study.spread else None}
    for table, given in others.items():
        if given is not None:
            yield "units" if table == "circles" else table, given, given.layer or given.sheet


def _unwritten(path: Path, found: dict[str, str], lang: Lang) -> LifecircleError:
    return LifecircleError([fault("cannot-write", str(path), found=found[lang])], lang)


def _pages(faults: pd.DataFrame, layers: Mapping[tuple[str, str], Layer], lang: Lang) -> list[Page]:
    """A page for each file and sheet that has faults, worst first, under names of their own."""
    pages: list[Page] = []
    taken = {_SUMMARY[lang].lower(), "history"}
    shown = faults.assign(file=faults["file"].map(_without_folder))
    layers = {(_without_folder(file), sheet): layer for (file, sheet), layer in layers.items()}
    for key, some in shown.groupby(["file", "sheet"], sort=False):
        file, sheet = (str(part) for part in key)
        name = _sheet_name(file, sheet, taken)
        taken.add(name.lower())
        pages.append(Page(name, file, sheet, some.reset_index(drop=True), layers.get((file, sheet))))
    return pages


def _without_folder(file: str) -> str:
    """A file's name: the workbook leaves the office, its folders stay."""
    return file if "://" in file else file.replace("\\", "/").rsplit("/", 1)[-1]


def _sheet_name(file: str, sheet: str, taken: set[str]) -> str:
    """A name that a workbook allows and that is not taken.

    >>> _sheet_name("data/units.gpkg", "streets [1/2]", {"units streets -1-2-"})
    'units streets -1-2- 2'
    """
    text = safe_text(f"{Path(file).stem} {sheet}").replace("\n", " ").translate(_FORBIDDEN).strip() or "—"
    name, number = _cut(text, _LONGEST_NAME), 1
    while name.lower() in taken:
        number += 1
        end = f" {number}"
        name = f"{_cut(text, _LONGEST_NAME - len(end))}{end}"
    return name


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, as a workbook counts: characters beyond the first 65,536 are two.

    >>> _cut("一二三四", 3), _cut("𠀀𠀁", 3)
    ('一二三', '𠀀')
    """
    return text.encode("utf-16-le")[: 2 * longest].decode("utf-16-le", "ignore").strip()


def _write(pages: list[Page], path: Path, lang: Lang, name: str) -> None:
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties(
            {"title": safe_text(f"{_TITLE[lang]} {name}".strip(), 200), "created": _MADE, "comments": _MARK}
        )
        styles = Styles(book)
        _summarise(book.add_worksheet(_SUMMARY[lang]), pages, styles, lang, name)
        for page in pages:
            sheet = book.add_worksheet(page.name)
            worst = next((one for one in TINTS if page.count(one)), "note")
            sheet.set_tab_color(TINTS[worst])
            fill_page(sheet, page, styles, lang)


def _summarise(sheet: Worksheet, pages: list[Page], styles: Styles, lang: Lang, name: str) -> None:
    """The first sheet: what each file has, what the colours mean, and how to send it back."""
    flat = {"text_wrap": False, "font_color": INK}
    title = f"{_TITLE[lang]} · {safe_text(name, 80)}" if name else _TITLE[lang]
    sheet.write_string(0, 0, title, styles.of(bold=True, font_size=16, **flat))
    sheet.set_row(0, 30)
    dark = {"bold": True, "bg_color": INK, "font_color": "#ffffff", "valign": "vcenter"}
    for column, (head, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, head[lang], styles.of(**dark, **_ALIGN.get(column, {})))
    for row, page in enumerate(pages, start=3):
        _summary_row(sheet, row, page, styles)
    row = _total_row(sheet, 3 + len(pages), pages, styles, lang) + 2
    sheet.write_string(row, 0, both("颜色", "Colours")[lang], styles.of(bold=True, **flat))
    for number, (severity, meaning) in enumerate(_MEANINGS.items(), start=1):
        word = term("severity", severity)[lang]
        sheet.write_string(
            row + number, 0, word, styles.of(bg_color=TINTS[severity], border=1, border_color=EDGES[severity])
        )
        sheet.write_string(row + number, 1, meaning[lang], styles.of(**flat))
    row += len(_MEANINGS) + 2
    sheet.write_string(row, 0, both("如何退回", "How to send it back")[lang], styles.of(bold=True, **flat))
    for number, step in enumerate(_STEPS[lang], start=1):
        text = f"{number}. {step.format(replies=both('、', ', ')[lang].join(REPLIES[lang]))}"
        sheet.merge_range(row + number, 0, row + number, len(_COLUMNS) - 1, text, styles.of(font_color=INK))
        sheet.set_row(row + number, 18 if len(text.encode("gbk", "replace")) < 130 else 34)
    sheet.freeze_panes(3, 0)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def _summary_row(sheet: Worksheet, row: int, page: Page, styles: Styles) -> None:
    write_cell(sheet, row, 0, page.file, styles, **LINE)
    write_cell(sheet, row, 1, page.sheet, styles, **LINE)
    sheet.set_row(row, 19)
    for column, severity in enumerate(TINTS, start=2):
        n = page.count(severity)
        tint = {"bg_color": TINTS[severity]} if n else {"font_color": "#9aa0a6"}
        write_cell(sheet, row, column, n, styles, num_format="#,##0", **LINE, **tint)
    write_cell(sheet, row, 5, page.households, styles, num_format="#,##0", **LINE)
    link = styles.of(font_color="#1b7f79", underline=1, indent=1, **LINE)
    sheet.write_url(row, 6, f"internal:'{page.name}'!A1", link, page.name)


def _total_row(sheet: Worksheet, row: int, pages: list[Page], styles: Styles, lang: Lang) -> int:
    """The sums of the files; households are not summed, as those of two files are the same people."""
    line = {"bold": True, "top": 1}
    write_cell(sheet, row, 0, both("合计", "all")[lang], styles, **line)
    for column in (1, 5, 6):
        write_cell(sheet, row, column, math.nan, styles, **line)
    for column, severity in enumerate(TINTS, start=2):
        write_cell(sheet, row, column, sum(page.count(severity) for page in pages), styles, num_format="#,##0", **line)
    return row
