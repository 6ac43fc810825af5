"""A map's payload as it stands in the file: columns of whole numbers, every text once, compressed."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lifecircle.publish.codec import on_grid, steps

LETTERS = {"met": "m", "unmet": "x", "unknown": "u", "not_applicable": "n", "reference": "r"}
_ABSENT = "."
_TEXTS = ("shown", "range", "threshold", "gap", "projected")


class Texts:
    """Every text once, in the order of first use; a column holds positions."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def column(self, values: Iterable[Any]) -> list[int]:
        """Positions of the texts; what is the same in both languages is kept once."""
        return [self.known.setdefault(_written(value), len(self.known)) for value in values]

    def listed(self) -> list[Any]:
        """The texts themselves."""
        return [json.loads(text) for text in self.known]


def packed_payload(payload: Mapping[str, Any]) -> tuple[str, str]:
    """The payload without its reasons, and the reasons, each compressed and in letters that any page can hold.

    The reasons wait in a block of their own: they are most of the text, and nobody reads them before a click.
    """
    texts = Texts()
    units, rules = payload["units"], [rule["id"] for rule in payload["rules"]]
    place = {unit["id"]: position for position, unit in enumerate(units)}
    plain = {name: payload[name] for name in payload if name not in {"units", "facilities", "dwellings"}}
    body = plain | {
        "units": _units(payload, place),
        "verdicts_of": {rule: _verdicts(units, rule, texts) for rule in rules},
        "facilities": _facilities(payload, place, texts),
        "dwellings": _dwellings(payload["dwellings"], place, texts),
    }
    reasons = {rule: _reasons(units, rule) for rule in rules}
    return compressed(body | {"texts": texts.listed()}), compressed(reasons)


def compressed(value: Any) -> str:
    """A value as JSON, deflated, in base64.

    >>> opened(compressed({"a": [1, 2]}))
    {'a': [1, 2]}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode("ascii")


def opened(text: str) -> Any:
    """The value that was compressed."""
    return json.loads(zlib.decompress(base64.b64decode(text)))


def _written(value: Any) -> str:
    if isinstance(value, dict) and value["zh"] == value["en"]:
        value = value["zh"]
    return json.dumps(value, ensure_ascii=False)


def _units(payload: Mapping[str, Any], place: Mapping[str, int]) -> dict[str, Any]:
    units, tiers = payload["units"], [tier["id"] for tier in payload["tiers"]]
    return {
        "id": [unit["id"] for unit in units],
        "name": [unit["name"] for unit in units],
        "spelt": [unit["spelt"] for unit in units],
        "tier": [tiers.index(unit["tier"]) if unit["tier"] in tiers else -1 for unit in units],
        "parent": [place.get(unit["parent"], -1) for unit in units],
        "households": [unit["households"] for unit in units],
        "lat": _degrees([unit["label"][0] for unit in units]),
        "lon": _degrees([unit["label"][1] for unit in units]),
    }


def _verdicts(units: list[dict[str, Any]], rule: str, texts: Texts) -> dict[str, Any]:
    """A letter for each unit, and the texts of those that have a verdict."""
    found = [unit["verdicts"].get(rule) for unit in units]
    has = [one for one in found if one]
    letters = "".join(LETTERS.get(one["verdict"], "u") if one else _ABSENT for one in found)
    return {"letters": letters} | {name: texts.column(one[name] for one in has) for name in _TEXTS}


def _reasons(units: list[dict[str, Any]], rule: str) -> dict[str, list[str]]:
    has = [unit["verdicts"][rule]["why"] for unit in units if rule in unit["verdicts"]]
    return {lang: [why[lang] for why in has] for lang in ("zh", "en")}


def _facilities(payload: Mapping[str, Any], place: Mapping[str, int], texts: Texts) -> dict[str, Any]:
    rows, kinds = payload["facilities"], {kind["id"]: at for at, kind in enumerate(payload["kinds"])}
    return {
        "name": [row["name"] for row in rows],
        "spelt": [row["spelt"] for row in rows],
        "kind": [kinds.get(row["kind"], -1) for row in rows],
        "lat": _degrees([row["lat"] for row in rows]),
        "lon": _degrees([row["lon"] for row in rows]),
        "counted": "".join("1" if row["counted"] else "0" for row in rows),
        "in_reach": [row["in_reach"] for row in rows],
        "unit": [place.get(row["unit"], -1) for row in rows],
    } | {name: texts.column(row[name] for row in rows) for name in ("area", "status", "ledger")}


def _dwellings(columns: Mapping[str, Any], place: Mapping[str, int], texts: Texts) -> dict[str, Any]:
    return {
        "lat": _degrees(columns["lat"]),
        "lon": _degrees(columns["lon"]),
        "households": columns["households"],
        "unit": _differences([place.get(unit, -1) for unit in columns["unit"]]),
        "name": texts.column(columns["name"]),
        "walks": [
            {
                "minutes": {kind: _tenths(minutes) for kind, minutes in walk["minutes"].items()},
                "state": walk["state"],
                "walker": walk["walker"],
            }
            for walk in columns["walks"]
        ],
    }


def _tenths(minutes: list[str]) -> list[int]:
    """Printed minutes as whole tenths, -1 where none is printed."""
    return [int(text.replace(".", "")) if text else -1 for text in minutes]


def _degrees(values: list[float]) -> list[int]:
    return _differences(on_grid(np.asarray(values, dtype=np.float64)).tolist())


def _differences(values: list[int]) -> list[int]:
    different: list[int] = steps(np.asarray(values, dtype=np.int64)).tolist()
    return different
