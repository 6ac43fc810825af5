"""Facilities and dwellings of a map, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lifecircle.intervals import exact, shown
from lifecircle.publish.placed import marked, spread_share_text
from lifecircle.publish.spelling import spelt
from lifecircle.result import Result
from lifecircle.spreading import spread_of
from lifecircle.study import study_walker
from lifecircle.words import Words, both, term

DIGITS = 6  # decimals of a degree: a tenth of a metre
_STATES = {"reached": "r", "not_reached": "n", "unknown": "u"}


def has_walks(result: Result) -> bool:
    """Whether walks were computed: the study has dwellings and streets to walk on."""
    return result.manifest["network"] is not None and len(result.dwellings) > 0


def walker_text(result: Result) -> Words:
    """Who walks how fast; what was spread stands beside, where anything was."""
    walker, spread = study_walker(result.study), spread_share_text(result)
    zh = [f"{walker.zh or walker.name} {walker.speed_m_per_s:g} m/s", spread["zh"]]
    en = [f"{walker.en or walker.name}, {walker.speed_m_per_s:g} m/s", spread["en"]]
    return both(" · ".join(filter(None, zh)), " · ".join(filter(None, en)))


def drawn_facilities(result: Result) -> list[dict[str, Any]]:
    """Facilities that lie somewhere, in the ledger's order."""
    table = result.facilities[result.facilities.geometry.notna()]
    places = table.geometry.to_crs("EPSG:4326")
    in_reach = table["households_in_reach"] if has_walks(result) else pd.Series(math.nan, index=table.index)
    rows = zip(table.itertuples(index=False), places, in_reach, strict=True)
    return [
        {
            "id": row.facility_id,
            "name": row.name or row.facility_id,
            "spelt": spelt(row.name),
            "kind": row.kind,
            "lon": round(place.x, DIGITS),
            "lat": round(place.y, DIGITS),
            "area": _area(row.floor_area_m2),
            "status": term("status", row.status or "open"),
            "counted": bool(row.counted),
            "ledger": both(row.ledger_zh, row.ledger_en),
            "in_reach": "" if math.isnan(households) else shown(exact(households), decimals=0),
            "unit": row.unit_id or None,
        }
        for row, place, households in rows
    ]


def drawn_dwellings(result: Result, kinds: list[str], walked: Sequence[Result]) -> dict[str, Any]:
    """Dwellings of the units as columns, none without walks.

    They bear the name of their unit, not their own: only counts are published. Places of spread households are marked.
    `minutes` and `state` are those of the study's walker; `walks` has them for every walker.
    """
    walks = has_walks(result)
    table = result.dwellings[(result.dwellings["unit_id"] != "") & walks & result.dwellings.geometry.notna()]
    places = table.geometry.to_crs("EPSG:4326")
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    found = [_walk(one, table, kinds) for one in (result, *walked)] if walks else []
    return {
        "name": [
            marked(names.get(unit_id) or unit_id, spread)
            for unit_id, spread in zip(table["unit_id"], spread_of(table), strict=True)
        ],
        "lon": places.x.round(DIGITS).tolist(),
        "lat": places.y.round(DIGITS).tolist(),
        "households": [plain_number(number) for number in table["households"]],
        "unit": table["unit_id"].tolist(),
        "minutes": found[0]["minutes"] if found else {},
        "state": found[0]["state"] if found else {},
        "walks": found,
    }


def plain_number(value: float) -> float | int | None:
    """A number as JSON writes it shortest; None where it is not known."""
    if math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else value


def _walk(result: Result, table: pd.DataFrame, kinds: list[str]) -> Mapping[str, Any]:
    """Minutes and states of one walker, in the order of a table of dwellings."""
    own = result.dwellings.set_index("dwelling_id").loc[table["dwelling_id"]]
    known = [kind for kind in kinds if f"reach_{kind}" in own]
    return {
        "walker": walker_text(result),
        "minutes": {kind: [_minutes(number) for number in own[f"minutes_{kind}"]] for kind in known},
        "state": {kind: "".join(own[f"reach_{kind}"].map(_STATES)) for kind in known},
    }


def _area(number: float) -> Words:
    if math.isnan(number):
        return both("面积不详", "area unknown")
    text = f"{shown(exact(number)).removesuffix('.00')} m²"
    return both(text, text)


def _minutes(value: float) -> str:
    """Minutes cut upward to a tenth, so that 15.01 never reads 15.0; empty where no walk is known."""
    return "" if math.isnan(value) else f"{math.ceil(round(value, 6) * 10) / 10:.1f}"
