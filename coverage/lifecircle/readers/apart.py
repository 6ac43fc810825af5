"""A workbook read in a process of its own, as its reader may need more memory than there is and end the process.

The process runs this file by itself, with limits on memory and time.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

_MOST_BYTES = 1 << 30
_MOST_CELLS = 8_000_000
_TIME_S, _TIME_S_PER_MB = 8, 1


class ApartError(ValueError):
    """A workbook that could not be read, and why."""


def read_apart(path: Path, sheet: str | None) -> dict[str, object]:
    """The names of a workbook's sheets, and the cells and merged cells of one of them.

    Keys: `sheets`, `sheet` (None where it has no such sheet), `rows`, `merges` (top, left, bottom, right; rows from 1,
    columns from 0).

    Raises
    ------
    ApartError
        The workbook is broken, protected, or needs more memory or time than it is given.

    """
    command = [sys.executable, "-P", __file__, str(path), json.dumps(sheet)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RUST_BACKTRACE": "0"}
    limit_s = _TIME_S + _TIME_S_PER_MB * path.stat().st_size / (1 << 20)
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, env=environment, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise ApartError(f"reading it takes more than {limit_s:.0f} s") from None
    if done.returncode:
        raise ApartError("it is broken, or needs more than 1 GB of memory")
    found: dict[str, object] = pickle.loads(done.stdout)  # noqa: S301 - written by this very file
    if "problem" in found:
        raise ApartError(found["problem"])
    return found


def _opened(path: str) -> CalamineWorkbook:
    """A workbook as its name says, or as its first bytes say where it is named otherwise."""
    with Path(path).open("rb") as file:
        if Path(path).suffix.lower() == ".xls" or file.read(2) == b"PK":
            return load_workbook(path)
        file.seek(0)
        return load_workbook(BytesIO(file.read()))


def _main(path: str, sheet: str | None) -> dict[str, object]:
    try:
        with _opened(path) as book:
            sheets = book.sheet_names
            if not sheets or (sheet is not None and sheet not in sheets):
                return {"sheets": sheets, "sheet": None}
            chosen = sheet or sheets[0]
            page = book.get_sheet_by_name(chosen)
            if page.total_height * page.total_width > _MOST_CELLS:
                return {"problem": f"it has {page.total_height * page.total_width:,} cells"}
            merges = [(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in page.merged_cell_ranges or []]
            rows = page.to_python(skip_empty_area=False)
            return {"sheets": sheets, "sheet": chosen, "rows": rows, "merges": merges}
    except PasswordError:
        return {"problem": "password"}
    except (CalamineError, OSError, ValueError, IndexError, MemoryError) as problem:
        return {"problem": str(problem) or type(problem).__name__}


if __name__ == "__main__":
    try:
        import resource
    except ImportError:  # there is none on Windows, where the process ends by itself
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    sys.stdout.buffer.write(pickle.dumps(_main(sys.argv[1], json.loads(sys.argv[2]))))
