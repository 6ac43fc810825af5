"""How a case ended: whether the program did what was expected, and whether text from data stayed text."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sqlite3
import stat
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import corpus

MARK = "lcevil"  # stands in every hostile text, so that it is found wherever it ends
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
_BAD_WORDS = ("Traceback", "Exception", "Warning:", "ERROR 1", "<frozen", 'File "')
_LEADING = {"href", "src", "action", "formaction", "xlink:href", "data", "poster"}  # attributes that are addresses
_NAMED = 100  # characters of a name that must be told
_LONGEST = 2500  # characters of a line that a person may be asked to read


@dataclass(frozen=True)
class Judged:
    """`outcome` is read or fault; `failed` says what is wrong with that; `said` is what was printed."""

    outcome: str
    failed: tuple[str, ...]
    said: str


def contents(folder: Path) -> dict[str, str]:
    """What lies below a folder: files by their bytes, others by their kind."""
    found: dict[str, str] = {}
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            mode = path.lstat().st_mode
            regular = stat.S_ISREG(mode)
            size = path.lstat().st_size if regular else 0
            big = size > 1 << 24
            sum_ = (
                str(size)
                if big
                else hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
                if regular
                else ""
            )
            found[str(path.relative_to(folder))] = f"{stat.S_IFMT(mode)}:{sum_}"
    return found


def judged(one: corpus.Case, study: Path, before: dict[str, str], code: int, clean: object) -> Judged:
    """Whether a run ended as it must."""
    out, err = (_text(study.parent / name) for name in ("stdout", "stderr"))
    checks = one.arguments[0] == "check"
    said = "\n".join(line for line in out.splitlines() if line.startswith("error")) + err if checks else err
    failed = [f"said {word!r}" for word in _BAD_WORDS if word in out + err]
    if code not in (0, 2):
        return Judged(
            "FAILED", (f"ended with {code}", *failed), (out + err)[-600:] + _text(study.parent / "trace")[-1500:]
        )
    outcome = "fault" if code == 2 else "read"
    if outcome == "fault":
        written = _written(before, contents(study), {"faults.xlsx"} if checks else set())
        told = "--to" in one.arguments  # the report is there before a database is asked
        failed += [f"wrote {name}" for name in written if not told] + _unclear(one, said, study)
        failed += ["a fault, but it is to be read"] if one.expected == "read" else []
    else:
        failed += [f"a stray line: {line[:200]}" for line in err.splitlines() if line]
        failed += ["read, but it is to be a fault"] if one.expected == "fault" else []
        if one.expected in ("read", "either") and not checks and not failed:
            failed += _different(verdicts_of(study / "out"), clean)
    return Judged(outcome, tuple(failed), said)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


def _written(before: dict[str, str], after: dict[str, str], may: set[str]) -> list[str]:
    return [name for name in before.keys() | after.keys() if name not in may and before.get(name) != after.get(name)][
        :3
    ]


def _unclear(one: corpus.Case, said: str, study: Path) -> list[str]:
    """What is wrong with the lines of a fault."""
    lines = [line for line in said.split("\n") if line]
    if not lines:
        return ["nothing said"]
    stray = [line for line in lines if "Cure: " not in line and "处理:" not in line]
    names = {path.name for path in study.iterdir()} | {"study.toml"}
    failed = [f"a line without a cure: {line[:200]}" for line in stray[:3]]
    stated = _text(study / "study.toml") if (study / "study.toml").is_file() else ""
    paths = re.findall(r'= "([^"]+)"', stated)
    known = (*names, *paths, *one.arguments[1:], "postgresql://")
    failed += [] if any(name[:_NAMED] in said for name in known) else ["no file is named"]
    failed += [f"control characters: {line[:200]!r}" for line in lines if _CONTROL.search(line)][:2]
    return failed + [f"a line of {len(line)} characters" for line in lines if len(line) > _LONGEST][:2]


def _different(found: object, clean: object) -> list[str]:
    return [] if found == clean else [f"other verdicts: {str(_first_difference(found, clean))[:300]}"]


def _first_difference(found: object, clean: object) -> object:
    if isinstance(found, dict) and isinstance(clean, dict):
        keys = [key for key in found.keys() | clean.keys() if found.get(key) != clean.get(key)]
        return {key: _first_difference(found.get(key), clean.get(key)) for key in sorted(keys)[:2]}
    return found, clean


def verdicts_of(folder: Path) -> dict[str, dict[str, object]]:
    """Every figure and verdict of every unit in a report, by unit; numbers to a millionth."""
    with sqlite3.connect(folder / "result.gpkg") as book:
        rows = book.execute("select * from units")
        names = [one[0] for one in rows.description]
        table = [dict(zip(names, row, strict=True)) for row in rows]
    left = {"fid", "geom", "name", "unit_id"}
    return {row["unit_id"]: {k: _plain(v) for k, v in row.items() if k not in left and v is not None} for row in table}


def _plain(value: object) -> object:
    return round(value, 6) if isinstance(value, float) and math.isfinite(value) else value


class _Page(HTMLParser):
    """What is alive in a page: elements and attributes, and the JSON that it carries."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inside: list[str] = []
        self.n_scripts, self.problems, self.islands = 0, [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.n_scripts += tag == "script"
        self.inside = ["json"] if tag == "script" and given.get("type") == "application/json" else [tag]
        if self.inside == ["json"]:
            self.islands.append("")
        if MARK in tag or any(MARK in name for name, _ in attrs):
            self.problems.append(f"<{tag}> or its attributes come from the data")
        for name, value in attrs:
            said = (value or "").strip().lower()
            leads = name in _LEADING and said.startswith(("javascript:", "data:", "vbscript:"))
            if MARK in said and (name.startswith("on") or leads):
                self.problems.append(f"{name}={value!r} acts")

    def handle_endtag(self, tag: str) -> None:
        self.inside = []

    def handle_data(self, data: str) -> None:
        if self.inside == ["json"]:
            self.islands[-1] += data
        elif self.inside in (["script"], ["style"]) and MARK in data:
            self.problems.append(
                f"text of the data in <{self.inside[0]}>: {data[max(data.index(MARK) - 40, 0) :][:120]!r}"
            )

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.problems.append("text of the data became a comment")


def require_dead(study: Path) -> None:
    """Raise if text from data came alive: as markup or script in a page, as a formula or link in a workbook."""
    problems = [problem for page in ("index.html", "map.html") for problem in _page_problems(study / "out" / page)]
    books = [path for path in (study / "out" / "tables.xlsx", study / "faults.xlsx") if path.exists()]
    problems += [problem for path in books for problem in _book_problems(path)]
    if problems:
        raise AssertionError("; ".join(map(str, problems[:4])))


def _page_problems(path: Path) -> list[str]:
    if not path.exists():
        return []
    page = _Page()
    text = path.read_text("utf-8")
    page.feed(text)
    page.close()
    problems = [f"{path.name}: {one}" for one in page.problems]
    for island in page.islands:
        try:
            json.loads(island)
        except ValueError:
            problems.append(f"{path.name}: JSON is broken out of: {island[-80:]!r}")
        problems += [f"{path.name}: a comment opens in a script"] if "<!--" in island else []
    return problems


def _book_problems(path: Path) -> list[str]:
    import openpyxl

    book = openpyxl.load_workbook(path)
    cells = [(page.title, cell) for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    return [
        f"{path.name}, {title} {cell.coordinate}: {str(cell.value)[:80]!r} is a formula or a link"
        for title, cell in cells
        if (cell.data_type == "f" or cell.hyperlink) and MARK in str(cell.value)
    ]
