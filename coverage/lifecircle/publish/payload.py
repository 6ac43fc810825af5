"""What the map shows, as plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.errors import LifecircleError
from lifecircle.faults import fault
from lifecircle.phrases import sign
from lifecircle.publish.binding import binding_rules
from lifecircle.publish.codec import packed_shapes
from lifecircle.publish.drawn_ground import drawn_ground
from lifecircle.publish.drawn_places import (
    DIGITS,
    drawn_dwellings,
    drawn_facilities,
    plain_number,
    walker_text,
)
from lifecircle.publish.drawn_places import has_walks as has_walks
from lifecircle.publish.placed import marked
from lifecircle.publish.simplify import simplified_units
from lifecircle.publish.spelling import spelt
from lifecircle.readers.osm import is_osm
from lifecircle.result import Result
from lifecircle.standards import Standard
from lifecircle.study import Study, kind_name
from lifecircle.words import Words, both, term

_TIERS = ("subdistrict", "circle", "neighbourhood")
# What one file can hold and a browser draw without freezing.
MOST_UNITS, MOST_UNIT_POINTS, MOST_DWELLINGS, MOST_FACILITIES = 30_000, 800_000, 300_000, 30_000
OSM_ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"


def map_payload(result: Result, *, walked: Sequence[Result] = ()) -> dict[str, Any]:
    """Everything the map shows: texts in both languages, shapes in steps of the grid, figures as the tables have them.

    Parameters
    ----------
    result
        What is shown.
    walked
        Results of the same study for other walkers, whose walks can be shown in place of the study's own.

    Raises
    ------
    LifecircleError
        The result has more units, corners, dwellings or facilities than one map can hold.

    """
    _require_drawable(result)
    kinds = kinds_shown(result)
    units = result.tables.units
    shapes = simplified_units(units, most_points=MOST_UNIT_POINTS // 2)
    _require(result, "corners", int(shapely.get_num_coordinates(shapes.to_numpy()).sum()), MOST_UNIT_POINTS)
    return {
        "title": report_title(result.study),
        "subtitle": _subtitle(result),
        "date": result.study.study.date.isoformat(),
        "source": source_text(result),
        "attribution": attribution(result.study),
        "lang": result.study.study.language,
        "name": result.study.study.name,
        "spelt": spelt(result.study.study.name),
        "year": str(result.study.study.year),
        "bounds": _bounds(units.to_crs("EPSG:4326")),
        "tiers": [{"id": tier, **term("tier", tier)} for tier in _TIERS if (units["tier"] == tier).any()],
        "verdicts": {
            verdict: term("verdict", verdict) for verdict in ("met", "unmet", "unknown", "not_applicable", "reference")
        },
        "rules": _rules(result),
        "units": _units(result, units),
        "shapes": packed_shapes(shapes.to_crs("EPSG:4326").to_numpy()),
        "kinds": [{"id": kind, **kind_name(result.study, kind)} for kind in kinds],
        "facilities": drawn_facilities(result),
        "dwellings": drawn_dwellings(result, kinds, walked),
        "limit": both(f"步行 {result.study.walk.limit_min:g} 分钟", f"{result.study.walk.limit_min:g}-minute walk"),
        "bands": _bands(result.study.walk.limit_min),
        "walker": walker_text(result),
        "ground": drawn_ground(result),
    }


def report_title(study: Study) -> dict[str, str]:
    """Name and year of a study."""
    return both(f"{study.study.name} {study.study.year} 年度评估", f"{study.study.name}, assessment {study.study.year}")


def _subtitle(result: Result) -> Words:
    if not has_walks(result):
        return both("社区服务设施评估", "Community services")
    return both("社区服务设施与步行可达评估", "Community services and walking reach")


def source_text(result: Result) -> dict[str, str]:
    """The files that were read."""
    names = [entry["file"] for entry in result.manifest["inputs"] if entry["read_as"]]
    return both(f"资料:{'、'.join(names)}", f"Inputs: {', '.join(names)}")


def attribution(study: Study) -> str:
    """Whose streets these are."""
    if study.streets is None:
        return ""
    if study.streets.attribution is not None:
        return study.streets.attribution
    return OSM_ATTRIBUTION if is_osm(study.streets.path) else ""


def kinds_shown(result: Result) -> list[str]:
    """Kinds that have a facility or a rule, in the order of the summary."""
    return list(result.summary["reach"])


def _bounds(units: gpd.GeoDataFrame) -> list[list[float]]:
    west, south, east, north = np.round(units.total_bounds, DIGITS).tolist()
    return [[south, west], [north, east]]


def _rules(result: Result) -> list[dict[str, Any]]:
    """Rules that hold for units, those that bind first; those of the district as a whole stand in the report."""
    bound = binding_rules(result)
    rules = [
        {
            "id": f"{standard.id}/{rule.id}",
            "tiers": [tier for tier in _TIERS if tier in rule.tiers],
            **rule.name.model_dump(),
            "group": _group(standard, binds=(standard.id, rule.id) in bound),
            "binds": (standard.id, rule.id) in bound,
        }
        for standard in result.standards
        for rule in standard.rules
        if set(rule.tiers) & set(_TIERS)
    ]
    return sorted(rules, key=lambda rule: not rule["binds"])


def _group(standard: Standard, *, binds: bool) -> Words:
    """Under which heading a rule stands: its standard, apart from those for reference."""
    title = standard.title
    return both(title.zh, title.en) if binds else both(f"参考:{title.zh}", f"For reference: {title.en}")


def _units(result: Result, units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    verdicts: dict[str, dict[str, Any]] = {}
    operators = {(standard.id, rule.id): rule.operator for standard in result.standards for rule in standard.rules}
    for row in result.units.itertuples(index=False):
        verdicts.setdefault(row.unit_id, {})[f"{row.standard}/{row.rule_id}"] = {
            "verdict": row.verdict,
            "shown": marked(row.shown, row.spread_households) if row.low == row.high else "",
            "range": marked(row.shown, row.spread_households),
            "threshold": _asked(operators[row.standard, row.rule_id], row),
            "gap": both(row.gap_zh, row.gap_en),
            "projected": _projected(result, row),
            "why": both(row.why_zh, row.why_en),
        }
    households = dict(zip(result.units["unit_id"], result.units["households"], strict=True))
    rows = zip(units.itertuples(index=False), _label_places(units), strict=True)
    return [
        {
            "id": row.unit_id,
            "name": row.name or row.unit_id,
            "spelt": spelt(row.name),
            "tier": row.tier,
            "parent": row.parent_id or None,
            "households": plain_number(households.get(row.unit_id, math.nan)),
            "label": [round(label.y, DIGITS), round(label.x, DIGITS)],
            "verdicts": verdicts.get(row.unit_id, {}),
        }
        for row, label in rows
    ]


def _label_places(units: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Where a name has the most room around it; for what is no area, its middle."""
    shapes = units.geometry.to_numpy()
    wide = shapely.area(shapes) > 0
    middles = shapely.centroid(shapes)
    # A hundredth of the side is where nobody sees a label move; the finer, the slower.
    finest_m = np.maximum(np.sqrt(shapely.area(shapes[wide])) / 100, 0.5)
    middles[wide] = shapely.get_point(shapely.maximum_inscribed_circle(shapes[wide], tolerance=finest_m), 0)
    return gpd.GeoSeries(middles, crs=units.crs).to_crs("EPSG:4326")


def _bands(limit_min: float) -> list[float]:
    """Upper bounds of the bands of minutes, the last of them the limit."""
    return [plain_number(round(limit_min * part / 3, 1)) or 0 for part in (1, 2, 3)]


def _require_drawable(result: Result) -> None:
    """Raise one clear line for what would be a file that no browser opens."""
    _require(result, "units", len(result.tables.units), MOST_UNITS)
    _require(result, "dwellings", len(result.dwellings), MOST_DWELLINGS)
    _require(result, "facilities", len(result.facilities), MOST_FACILITIES)


def _require(result: Result, what: str, n: int, most: int) -> None:
    if n > most:
        words = {"units": "单元", "corners": "个边界点(简化后)", "dwellings": "个居住点", "facilities": "处设施"}
        values = {"what": what, "what_zh": words[what], "found": f"{n:,}", "most": f"{most:,}"}
        raise LifecircleError([fault("map-too-large", str(result.study.path), **values)], result.study.study.language)


def _asked(operator: str, row: Any) -> Words:
    """What a rule asks for, such as ≥ 35 m² or ≥ 85%; empty where its document gives no value."""
    if math.isnan(row.threshold):
        return both("", "")
    asked, unit = f"{'≥' if operator == '>=' else '≤'} {row.threshold_shown}", sign(row.measured_in)
    return both(asked + unit["zh"], asked + unit["en"])


def _projected(result: Result, row: Any) -> Words:
    """The figure and verdict by the later day; empty where there is none."""
    if not row.projected_shown:
        return both("", "")
    day, verdict = result.study.study.projected, term("verdict", row.projected_verdict)
    return both(f"到 {day}:{row.projected_shown},{verdict['zh']}", f"by {day}: {row.projected_shown}, {verdict['en']}")
