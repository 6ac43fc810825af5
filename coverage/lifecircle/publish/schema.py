"""The shape of summary.json, shipped as a JSON schema (draft 2020-12)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def summary_schema() -> dict[str, Any]:
    """The JSON schema of summary.json, with every field described in both languages.

    Examples
    --------
    >>> summary_schema()["$id"]
    'lifecircle-summary/1'

    """
    text = files("lifecircle").joinpath("data", "summary.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
