"""Formulas a reader can check a workbook by; each gives the figure that is printed in its cell."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from lifecircle.publish.area_sheets import AREA_HEADS
from lifecircle.words import Lang, term

Formulas = dict[str, list[str]]  # by heading; empty where a cell holds no formula
COUNTED = ("met", "unmet", "unknown", "not_applicable", "reference")
_ODD = ("<", ">", "=")  # what a criterion of COUNTIFS would take for an operator
_WILD = frozenset("*?~")
_LONGEST = 255  # characters of a criterion


def live_formulas(sheets: Mapping[str, pd.DataFrame], lang: Lang) -> dict[str, Formulas]:
    """The formulas of a workbook by sheet and heading, in the order of the rows."""
    names = dict(zip(("summary", "verdicts", "area"), _SHEETS[lang], strict=True))
    found: dict[str, Formulas] = {}
    if names["summary"] in sheets:
        found[names["summary"]] = _summary_formulas(sheets[names["summary"]], sheets[names["verdicts"]], lang)
    if names["area"] in sheets:
        found[names["area"]] = _area_formulas(sheets[names["area"]], lang)
    return found


_SHEETS = {"zh": ("汇总", "判定", "面积核算"), "en": ("summary", "verdicts", "floor area")}


def _area_formulas(table: pd.DataFrame, lang: Lang) -> Formulas:
    """Figure, area needed, gap, and the verdict once more, of the rows whose area and households are numbers."""
    heads = {name: words[0 if lang == "zh" else 1] for name, words in AREA_HEADS.items()}
    at = {name: xl_col_to_name(table.columns.get_loc(head)) for name, head in heads.items()}
    rows = table[list(heads.values())].astype(object).to_dict("records")
    met, unmet = (term("verdict", name)[lang] for name in ("met", "unmet"))
    texts = {
        # ROUND first: a division's last binary digit must not pull 34.97 down to 34.96
        "ratio": "=ROUNDDOWN(ROUND({counted}{n}/{households}{n}*100,9),2)",
        "needed": "={households}{n}*{threshold}{n}/100",
        "gap": "=ROUNDUP(ROUND(MAX(0,{needed}{n}-{counted}{n}),6),2)",
        "again": f'=IF(ROUND({{counted}}{{n}}*100-{{threshold}}{{n}}*{{households}}{{n}},6)>=0,"{met}","{unmet}")',
    }
    asked = {"needed": ("households", "threshold"), "ratio": ("counted", "households")}
    return {
        heads[name]: [
            text.format(n=row, **at)
            if all(isinstance(cells[heads[one]], float) for one in asked.get(name, ("counted", "households", "needed")))
            and cells[heads[name]] != ""
            else ""
            for row, cells in enumerate(rows, start=2)
        ]
        for name, text in texts.items()
    }


def _summary_formulas(table: pd.DataFrame, verdicts: pd.DataFrame, lang: Lang) -> Formulas:
    """Verdicts counted and known gaps summed in the sheet of verdicts, where its words tell the rows apart."""
    keys = list(table.columns[:3])
    said, words = _ranges(verdicts, lang), {name: term("verdict", name)[lang] for name in COUNTED}
    verdict, gap = ("判定", "缺口") if lang == "zh" else ("verdict", "gap")
    known_gap = "已知缺口" if lang == "zh" else "known gap"
    counts = verdicts.groupby([*keys, verdict]).size().to_dict()
    sums = verdicts.groupby(keys)[gap].sum().to_dict()
    same = table.groupby(keys).size().to_dict()
    found: Formulas = {head: [] for head in (*words.values(), known_gap)}
    for row, cells in enumerate(table.to_dict("records"), start=2):
        key = tuple(cells[name] for name in keys)
        criteria = ",".join(f"{said[name]},${xl_col_to_name(n)}{row}" for n, name in enumerate(keys))
        plain = same[key] == 1 and all(map(_is_plain, key))
        for word in words.values():
            column = xl_col_to_name(table.columns.get_loc(word))
            right = plain and counts.get((*key, word), 0) == cells[word]
            found[word].append(f"=COUNTIFS({criteria},{said[verdict]},{column}$1)" if right else "")
        right = plain and round(sums[key], 2) == cells[known_gap]
        found[known_gap].append(f"=ROUND(SUMIFS({said[gap]},{criteria}),2)" if right else "")
    return found


def _ranges(table: pd.DataFrame, lang: Lang) -> dict[str, str]:
    """Where each column of the sheet of verdicts stands."""
    name, last = _SHEETS[lang][1], len(table) + 1
    letters = {str(head): xl_col_to_name(n) for n, head in enumerate(table.columns)}
    return {head: f"'{name}'!${letter}$2:${letter}${last}" for head, letter in letters.items()}


def _is_plain(text: str) -> bool:
    """Whether a criterion finds this text and no other."""
    return not set(text) & _WILD and not text.startswith(_ODD) and 0 < len(text) <= _LONGEST
