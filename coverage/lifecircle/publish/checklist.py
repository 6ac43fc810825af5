"""What a check found, for the terminal and for a script."""

from __future__ import annotations

from collections.abc import Container

import pandas as pd

from lifecircle.tables import CONTRACTS, Source
from lifecircle.words import Lang, term

_UNREAD = 12  # headers named of those that were not read
_ALIKE = 5  # faults of one sort in one file that are printed one by one
_PLAIN = ("check", "severity", "table", "file", "sheet", "row", "record", "column")


def print_faults(faults: pd.DataFrame, lang: Lang) -> None:
    """Print the faults, worst first, a few of each sort."""
    for (_, _), alike in faults.groupby(["check", "file"], sort=False):
        for row in alike.head(_ALIKE).to_dict("records"):
            print(_line(row, lang))  # noqa: T201
        more = len(alike) - _ALIKE
        if more > 0:
            zh, en = f"  … 另有 {more} 条同类问题(--json 或 --xlsx 列出全部)", f"  … and {more} more of this sort"
            print(zh if lang == "zh" else f"{en} (--json or --xlsx lists all)")  # noqa: T201


def faults_json(faults: pd.DataFrame, lang: Lang) -> str:
    """Every fault as JSON: the place, what was found and the cure in one language, and the households touched."""
    columns = [*_PLAIN, f"what_{lang}", f"cure_{lang}", "households"]
    text: str = faults[columns].to_json(orient="records", force_ascii=False, indent=2)
    return text


def counts_text(faults: pd.DataFrame, lang: Lang) -> str:
    """How many errors, warnings and, if there are any, notes."""
    counts = {severity: int((faults["severity"] == severity).sum()) for severity in ("error", "warning", "note")}
    told = {severity: n for severity, n in counts.items() if n or severity != "note"}
    if lang == "zh":
        return ",".join(f"{term('severity', severity)['zh']} {n} 条" for severity, n in told.items())
    return ", ".join(f"{n} {severity}{'' if n == 1 else 's'}" for severity, n in told.items())


def understood_line(source: Source, lang: Lang) -> str:
    """Which header of a source was understood as which column."""
    order = [column.name for column in CONTRACTS["facilities" if source.table == "candidates" else source.table]] + [
        "x",
        "y",
    ]
    known = {column: header for column, header in source.headers if header}
    pairs = ", ".join(f"{known[column]} → {column}" for column in dict.fromkeys([*order, *known]) if column in known)
    file = f"{source.file} · {source.sheet}" if source.sheet else source.file
    return f"{'读作' if lang == 'zh' else 'read as'} {source.table} · {file}: {pairs}{_rest(source, known, lang)}"


def _rest(source: Source, known: Container[str], lang: Lang) -> str:
    """The headers of a source that were not read, and what follows where a register has no status."""
    zh = en = ""
    if source.unread:
        more = len(source.unread) - _UNREAD
        zh = f";未读取:{'、'.join(source.unread[:_UNREAD])}{f' 等 {len(source.unread)} 列' if more > 0 else ''}"
        en = f"; not read: {', '.join(source.unread[:_UNREAD])}{f' and {more} more' if more > 0 else ''}"
    if source.table == "facilities" and "status" not in known:
        zh, en = f"{zh};没有状态列,全部按在用计", f"{en}; no column of status: all are taken as open"
    return zh if lang == "zh" else en


def _line(row: dict[str, object], lang: Lang) -> str:
    """A fault with its severity and the households it touches."""
    households = row["households"]
    touched = ""
    if isinstance(households, float) and households > 0:
        touched = f"[涉及 {households:,.0f} 户]" if lang == "zh" else f" [{households:,.0f} households]"
    return f"{term('severity', str(row['severity']))[lang]} · {row[f'line_{lang}']}{touched}"
