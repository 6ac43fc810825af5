"""The tables of a result as a database keeps them: one row for each thing, named columns, what is published alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lifecircle.publish.geopackage import DWELLING_COLUMNS, FACILITY_COLUMNS
from lifecircle.result import Result

_MINUTES, _REACH = "minutes_", "reach_"
# Words that a database has for itself, and what the columns are called instead.
_NAMES = {"check": "check_id", "table": "table_name", "column": "column_name", "group": "group_name",
          "row": "source_row", "key": "record_id"}  # fmt: skip
_FAULT = (
    "number", "check", "severity", "table", "file", "sheet", "row", "record", "column", "what_en", "what_zh", "cure_en",
    "cure_zh", "households",
)  # fmt: skip


@dataclass(frozen=True)
class Records:
    """Rows of one table, and the columns that tell them apart within a study and year."""

    rows: pd.DataFrame
    keys: tuple[str, ...] = ()


def result_records(result: Result) -> dict[str, Records]:
    """The tables of a result by name; those that a result does not have are without columns.

    - studies: name, judged_on, crs, summary, manifest, written_at
    - units: the boundaries; verdicts: one row for each unit and rule, as in `Result.units`
    - facilities, dwellings: what a report publishes of them; walks: minutes and reach by dwelling and kind
    - reachable, missing_numbers, faults
    - equity_shares, inequality, unserved
    """
    fair = result.equity
    empty = pd.DataFrame()
    return {
        "studies": Records(_study(result)),
        "units": Records(result.tables.units[["unit_id", "name", "tier", "parent_id", "geometry"]], ("unit_id",)),
        "verdicts": Records(result.units, ("standard", "rule_id", "unit_id")),
        "facilities": Records(_known(result.facilities, FACILITY_COLUMNS), ("facility_id",)),
        "dwellings": Records(_known(result.dwellings, DWELLING_COLUMNS), ("dwelling_id",)),
        "walks": Records(_walks(result.dwellings), ("dwelling_id", "kind")),
        "reachable": Records(result.reachable, ("standard", "rule_id", "unit_id")),
        "missing_numbers": Records(_asked(result.missing), ("table_name", "record_id", "column_name")),
        "faults": Records(_faults(result.faults), ("number",)),
        "equity_shares": Records(_named(fair.shares if fair else empty), ("outcome", "dimension", "group_name")),
        "inequality": Records(_named(fair.inequality if fair else empty), ("amount", "dimension", "group_name")),
        "unserved": Records(fair.unserved if fair else empty, ("outcome",)),
    }


def clean_text(text: str) -> str:
    """Text that a database takes: what it cannot hold is marked as lost.

    >>> clean_text("A" + chr(0) + "B")
    'A�B'
    """
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _study(result: Result) -> pd.DataFrame:
    about = result.study.study
    row = {
        "name": about.name,
        "judged_on": pd.Timestamp(about.date),
        "crs": result.tables.crs,
        "summary": _json(result.summary),
        "manifest": _json(result.manifest),
        "written_at": "now",  # the database's own clock
    }
    return pd.DataFrame([row])


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(_clean(content), ensure_ascii=False, allow_nan=False)


def _clean(content: Any) -> Any:
    """Nested values with every text in them cleaned."""
    if isinstance(content, str):
        return clean_text(content)
    if isinstance(content, Mapping):
        return {clean_text(str(name)): _clean(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_clean(value) for value in content]
    return content


def _known(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The columns that are published, as far as the table has them."""
    return table[[*(name for name in columns if name in table), "geometry"]]


def _walks(dwellings: pd.DataFrame) -> pd.DataFrame:
    """Minutes to the nearest of each kind and whether it is reached, one row for each dwelling and kind."""
    kinds = [str(name).removeprefix(_MINUTES) for name in dwellings if str(name).startswith(_MINUTES)]
    parts = [
        pd.DataFrame(
            {
                "dwelling_id": dwellings["dwelling_id"],
                "kind": kind,
                "minutes": dwellings[f"{_MINUTES}{kind}"],
                "reach": dwellings[f"{_REACH}{kind}"],
            }
        )
        for kind in kinds
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _faults(faults: pd.DataFrame) -> pd.DataFrame:
    """Faults numbered as they are listed, without the lines that put the other columns together."""
    return _named(faults.assign(number=range(1, len(faults) + 1))[list(_FAULT)])


def _asked(missing: pd.DataFrame) -> pd.DataFrame:
    """Missing numbers without the list of verdicts: those stand in the table of verdicts."""
    return _named(missing.drop(columns="verdicts", errors="ignore"))


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns=_NAMES)
