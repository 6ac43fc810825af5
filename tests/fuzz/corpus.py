"""The cases: each takes the clean small study and spoils one thing, and says how the program must end.

What is expected is one of

- `fault`: exit code 2, each line with the place and a cure, nothing written;
- `read`: exit code 0 and the verdicts of the clean study, for the file means the same;
- `either`: one of the two;
- `any`: a fault, or a report with whatever verdicts follow, where no program could know that something is wrong.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import tomlish

Expected = Literal["fault", "read", "either", "any"]
Spoil = Callable[[Path], None]

ASSESS = ("assess", "study.toml", "--quiet", "--out", "out")
CHECK = ("check", "study.toml", "--quiet", "--xlsx", "faults.xlsx")
CASES: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One spoilt study: `hostile` is a piece of text that must not come alive in any output."""

    name: str
    family: str
    expected: Expected
    spoil: Spoil
    arguments: tuple[str, ...] = ASSESS
    hostile: bool = False


def add(
    family: str,
    name: str,
    expected: Expected,
    spoil: Spoil,
    *,
    arguments: tuple[str, ...] = ASSESS,
    hostile: bool = False,
) -> None:
    """Put a case into the corpus under a name of its own."""
    full = f"{family}: {name}"
    if full in CASES:
        raise ValueError(f"two cases are called {full!r}")
    CASES[full] = Case(full, family, expected, spoil, arguments, hostile)


def case(family: str, name: str, expected: Expected, **more: Any) -> Callable[[Spoil], Spoil]:
    """Put a function into the corpus."""

    def put(spoil: Spoil) -> Spoil:
        add(family, name, expected, spoil, **more)
        return spoil

    return put


def copied(clean: Path, folder: Path) -> Path:
    """A copy of the clean study, with a file of every kind beside those that it names."""
    return Path(shutil.copytree(clean, folder, symlinks=True))


def settings(folder: Path, **tables: Mapping[str, Any] | None) -> None:
    """Change tables of study.toml: keys are added or replaced, those that are None are left out."""
    path = folder / "study.toml"
    content = tomlish.loads(path.read_text("utf-8"))
    for name, changed in tables.items():
        if changed is None:
            content.pop(name, None)
            continue
        there = content.get(name)
        merged = (there if isinstance(there, dict) else {}) | dict(changed)
        content[name] = {key: value for key, value in merged.items() if value is not None}
    path.write_text(tomlish.dumps(content), "utf-8")


FORMS: dict[str, dict[str, Any]] = {
    "facilities.xlsx": {"facilities": {}},
    "facilities.xls": {"facilities": {"path": "facilities.xls"}},
    "facilities.ods": {"facilities": {"path": "facilities.ods"}},
    "units.gpkg": {"units": {}},
    "units.shp": {"units": {"path": "units.shp", "layers": None}},
    "units.geojson": {"units": {"path": "units.geojson", "layers": None}},
    "units.fgb": {"units": {"path": "units.fgb", "layers": None}},
    "units.parquet": {"units": {"path": "units.parquet", "layers": None}},
    "dwellings.csv": {"dwellings": {}},
    "dwellings.xlsx": {"dwellings": {"path": "dwellings.xlsx"}},
    "dwellings.shp": {"dwellings": {"path": "dwellings.shp", "crs": None, "columns": {"dwelling_id": "id"}}},
    "dwellings.geojson": {"dwellings": {"path": "dwellings.geojson", "crs": None}},
    "streets.geojson": {"streets": {"path": "streets.geojson"}},
    "streets.osm": {"streets": {"path": "streets.osm"}},
    "streets.osm.pbf": {"streets": {"path": "streets.osm.pbf"}},
    "streets.graphml": {"streets": {"path": "streets.graphml"}},
}


def use(folder: Path, form: str) -> Path:
    """Let the study read one of its tables from a file of another kind, which lies there already."""
    settings(folder, **FORMS[form])
    return folder / form


def rewritten(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Write other bytes over those of a file."""
    path.write_bytes(change(path.read_bytes()))


def load(names: Iterable[str] = ()) -> dict[str, Case]:
    """Every case, or those whose names hold one of some words."""
    import spoilt_files
    import spoilt_names
    import spoilt_paths
    import spoilt_settings
    import spoilt_shapes
    import spoilt_sheets
    import spoilt_texts  # noqa: F401 - each module adds its cases to the corpus

    del spoilt_files, spoilt_names, spoilt_paths, spoilt_settings, spoilt_shapes, spoilt_sheets
    wanted = tuple(names)
    return {name: one for name, one in CASES.items() if not wanted or any(word in name for word in wanted)}


def thinned(cases: Iterable[Case], every: int) -> list[Case]:
    """Of each family each so many-th case, the first always."""
    seen: dict[str, int] = {}
    kept: list[Case] = []
    for one in cases:
        number = seen[one.family] = seen.get(one.family, -1) + 1
        kept += [one] if number % every == 0 else []
    return kept
