"""What the map shows, as plain values."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping

from lifecircle.intervals import exact, shown
from lifecircle.phrases import sign
from lifecircle.publish.binding import binding_rules
from lifecircle.publish.placed import marked, spread_share_text
from lifecircle.readers.osm import is_osm
from lifecircle.result import Result
from lifecircle.spreading import spread_of
from lifecircle.standards import Standard
from lifecircle.study import Study, kind_name, study_walker
from lifecircle.words import Words, both, term

_AREA = 2  # dimensions
_DIGITS = 6  # decimals of a degree: a tenth of a metre
_MAJOR = {"motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link"}
_PATHS = {"footway", "path", "steps", "pedestrian", "track", "cycleway", "bridleway", "corridor"}
_STATES = {"reached": "r", "not_reached": "n", "unknown": "u"}
_TIERS = ("subdistrict", "circle", "neighbourhood")
OSM_ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"


def map_payload(result: Result) -> dict[str, Any]:
    """Everything the map shows: texts in both languages, shapes in degrees, figures as the tables have them."""
    kinds = kinds_shown(result)
    units = result.tables.units.to_crs("EPSG:4326")
    return {
        "title": report_title(result.study),
        "subtitle": _subtitle(result),
        "date": result.study.study.date.isoformat(),
        "source": source_text(result),
        "attribution": attribution(result.study),
        "lang": result.study.study.language,
        "bounds": _bounds(units),
        "tiers": [{"id": tier, **term("tier", tier)} for tier in _TIERS if (units["tier"] == tier).any()],
        "verdicts": {
            verdict: term("verdict", verdict) for verdict in ("met", "unmet", "unknown", "not_applicable", "reference")
        },
        "rules": _rules(result),
        "units": _units(result, units),
        "kinds": [{"id": kind, **kind_name(result.study, kind)} for kind in kinds],
        "facilities": _facilities(result),
        "dwellings": _dwellings(result, kinds),
        "limit": both(f"步行 {result.study.walk.limit_min:g} 分钟", f"{result.study.walk.limit_min:g}-minute walk"),
        "walker": _walker(result),
        "ground": _ground(result),
    }


def _walker(result: Result) -> Words:
    """Who walks how fast; what was spread stands beside, where anything was."""
    walker, spread = study_walker(result.study), spread_share_text(result)
    zh = [f"{walker.zh or walker.name} {walker.speed_m_per_s:g} m/s", spread["zh"]]
    en = [f"{walker.en or walker.name}, {walker.speed_m_per_s:g} m/s", spread["en"]]
    return both(" · ".join(filter(None, zh)), " · ".join(filter(None, en)))


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


def has_walks(result: Result) -> bool:
    """Whether walks were computed: the study has dwellings and streets to walk on."""
    return result.manifest["network"] is not None and len(result.dwellings) > 0


def _bounds(units: gpd.GeoDataFrame) -> list[list[float]]:
    west, south, east, north = np.round(units.total_bounds, _DIGITS).tolist()
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
    circles = shapely.maximum_inscribed_circle(result.tables.units.geometry.to_numpy(), tolerance=1.0)
    labels = gpd.GeoSeries(shapely.get_point(circles, 0), crs=result.tables.crs).to_crs("EPSG:4326")
    rows = zip(units.itertuples(index=False), _rounded(units.geometry), labels, strict=True)
    return [
        {
            "id": row.unit_id,
            "name": row.name or row.unit_id,
            "tier": row.tier,
            "parent": row.parent_id or None,
            "households": _number(households.get(row.unit_id, math.nan)),
            "geometry": mapping(shape),
            "label": [round(label.y, _DIGITS), round(label.x, _DIGITS)],
            "verdicts": verdicts.get(row.unit_id, {}),
        }
        for row, shape, label in rows
    ]


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


def _facilities(result: Result) -> list[dict[str, Any]]:
    table = result.facilities[result.facilities.geometry.notna()]
    places = table.geometry.to_crs("EPSG:4326")
    rows = zip(table.itertuples(index=False), places, strict=True)
    return [
        {
            "id": row.facility_id,
            "name": row.name or row.facility_id,
            "kind": row.kind,
            "lon": round(place.x, _DIGITS),
            "lat": round(place.y, _DIGITS),
            "area": _area(row.floor_area_m2),
            "status": term("status", row.status or "open"),
            "counted": bool(row.counted),
            "ledger": both(row.ledger_zh, row.ledger_en),
            "unit": row.unit_id or None,
        }
        for row, place in rows
    ]


def _area(number: float) -> dict[str, str]:
    if math.isnan(number):
        return both("面积不详", "area unknown")
    text = f"{shown(exact(number)).removesuffix('.00')} m²"
    return both(text, text)


def _dwellings(result: Result, kinds: list[str]) -> dict[str, Any]:
    """Dwellings of the units as columns, none without walks.

    They bear the name of their unit, not their own: only counts are published. Places of spread households are marked.
    """
    walked = has_walks(result)
    table = result.dwellings[(result.dwellings["unit_id"] != "") & walked & result.dwellings.geometry.notna()]
    places = table.geometry.to_crs("EPSG:4326")
    names = dict(zip(result.tables.units["unit_id"], result.tables.units["name"], strict=True))
    return {
        "name": [
            marked(names.get(unit_id) or unit_id, spread)
            for unit_id, spread in zip(table["unit_id"], spread_of(table), strict=True)
        ],
        "lon": places.x.round(_DIGITS).tolist(),
        "lat": places.y.round(_DIGITS).tolist(),
        "households": [_number(number) for number in table["households"]],
        "unit": table["unit_id"].tolist(),
        "minutes": {kind: [_minutes(number) for number in table[f"minutes_{kind}"]] for kind in kinds if walked},
        "state": {kind: "".join(table[f"reach_{kind}"].map(_STATES)) for kind in kinds if walked},
    }


def _ground(result: Result) -> dict[str, Any]:
    ground, streets = result.tables.ground.to_crs("EPSG:4326"), result.tables.streets.to_crs("EPSG:4326")
    west, south, east, north = result.tables.units.to_crs("EPSG:4326").total_bounds
    margin = 0.25 * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    highway = streets["highway"].fillna("") if "highway" in streets else pd.Series("", index=streets.index)
    major, path = highway.isin(_MAJOR), highway.isin(_PATHS)
    classes = {"major": streets[major], "minor": streets[~major & ~path], "path": streets[path]}
    names = {"water": "water", "green": "green", "buildings": "building", "barriers": "wall"}
    drawn = {name: _gathered(ground[ground["ground"] == kind], frame) for name, kind in names.items()}
    return drawn | {"streets": {name: _gathered(lines, frame) for name, lines in classes.items()}}


def _gathered(table: gpd.GeoDataFrame, frame: shapely.Polygon) -> dict[str, Any] | None:
    """All shapes near the district as one geometry, None where there are none."""
    shapes = _rounded(table.geometry[table.intersects(frame)])
    parts = shapely.get_parts(shapes)
    if not len(parts):
        return None
    areas = shapely.get_dimensions(parts[0]) == _AREA
    return dict(mapping(shapely.MultiPolygon(list(parts)) if areas else shapely.MultiLineString(list(parts))))


def _rounded(shapes: gpd.GeoSeries) -> np.ndarray:
    return np.asarray(shapely.transform(shapes.to_numpy(), lambda places: np.round(places, _DIGITS)))


def _number(value: float) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else value


def _minutes(value: float) -> str:
    """Minutes cut upward to a tenth, so that 15.01 never reads 15.0; empty where no walk is known."""
    return "" if math.isnan(value) else f"{math.ceil(round(value, 6) * 10) / 10:.1f}"
