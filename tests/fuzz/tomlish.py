"""Enough of TOML to write a study back: texts, numbers, days, lists, tables."""

from __future__ import annotations

import datetime as dt
import json
import math
import tomllib
from typing import Any

loads = tomllib.loads


def dumps(content: dict[str, Any]) -> str:
    """TOML text; each table of the first level stands under its own head, deeper ones inline."""
    plain = [f"{_key(name)} = {value(one)}" for name, one in content.items() if not isinstance(one, dict)]
    tables = [
        "\n".join([f"[{_key(name)}]", *(f"{_key(key)} = {value(one)}" for key, one in table.items())])
        for name, table in content.items()
        if isinstance(table, dict)
    ]
    return "\n".join([*plain, *tables]) + "\n"


def value(one: object) -> str:
    """One value as TOML writes it."""
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, float):
        return repr(one) if math.isfinite(one) else "nan" if math.isnan(one) else "inf" if one > 0 else "-inf"
    if isinstance(one, (int, dt.date, dt.time)):
        return one.isoformat() if isinstance(one, (dt.date, dt.time)) else str(one)
    if isinstance(one, (list, tuple)):
        return "[" + ", ".join(map(value, one)) + "]"
    if isinstance(one, dict):
        return "{ " + ", ".join(f"{_key(key)} = {value(inner)}" for key, inner in one.items()) + " }"
    return json.dumps(str(one), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
