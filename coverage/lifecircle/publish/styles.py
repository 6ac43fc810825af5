"""Styles that lie in result.gpkg itself: QGIS opens its layers coloured by verdict, other programs read the SLD."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lifecircle.publish.binding import binding_tiers
from lifecircle.publish.payload import has_walks, kinds_shown
from lifecircle.publish.style_xml import Category, Style, qml_of, sld_of
from lifecircle.result import Result
from lifecircle.study import kind_name
from lifecircle.words import Lang, term

_TIERS = ("neighbourhood", "circle", "subdistrict")  # the lowest first: it is what a map shows first
_VERDICTS = ("met", "unmet", "unknown", "not_applicable", "reference")
_STATES = {"reached": ("可达", "reached"), "not_reached": ("不可达", "not reached"), "unknown": ("无法判定", "unknown")}
_COUNTED = {"counted": ("计入", "counted"), "other": ("不计入", "not counted")}
_TABLE = """CREATE TABLE "layer_styles" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "f_table_catalog" TEXT(256), "f_table_schema" TEXT(256),
  "f_table_name" TEXT(256), "f_geometry_column" TEXT(256), "styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT,
  "useAsDefault" BOOLEAN, "description" TEXT, "owner" TEXT(30), "ui" TEXT(30), "update_time" DATETIME)"""
_ROW = "INSERT INTO layer_styles VALUES (NULL, '', '', ?, ?, ?, ?, ?, ?, ?, '', NULL, ?)"


@dataclass(frozen=True)
class _Named:
    """A style of a layer with the name that QGIS lists it by."""

    layer: str
    name: str
    style: Style


def write_styles(result: Result, path: Path) -> None:
    """Add the table `layer_styles` to a GeoPackage that holds the layers of a result.

    Units have a style for each binding rule and tier, the first of them the default: their verdicts in colours and
    hatches, other tiers as outlines. Facilities are told apart by whether they count, dwellings by whether they reach
    the first kind. Nothing is changed in the layers.

    Parameters
    ----------
    result
        The result that was written.
    path
        The GeoPackage, with the layers units, facilities and, where there are any, dwellings.

    Notes
    -----
    The table is the one in which QGIS itself keeps styles; it is registered as a table of attributes. `update_time` is
    the day of the study, so that the same result makes the same file.

    """
    moment = f"{result.study.study.date.isoformat()}T00:00:00.000Z"
    with closing(sqlite3.connect(path)) as database:
        shapes = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns ORDER BY table_name"))
        database.execute(_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (moment,),
        )
        seen: set[str] = set()
        for one in _styles(result):
            if one.layer not in shapes:
                continue
            default, title = one.layer not in seen, result.study.study.name
            seen.add(one.layer)
            cells = (one.layer, shapes[one.layer], one.name, qml_of(one.style), sld_of(one.style, one.layer, one.name))
            database.execute(_ROW, (*cells, default, f"{title}:{one.name}", moment))
        database.commit()


def _styles(result: Result) -> Iterator[_Named]:
    lang = result.study.study.language
    yield from _unit_styles(result, lang)
    yield _Named("facilities", "计入与否" if lang == "zh" else "counted or not", _facility_style(lang))
    for kind in kinds_shown(result)[:1] if has_walks(result) else []:
        name = kind_name(result.study, kind)[lang]
        yield _Named("dwellings", f"可达:{name}" if lang == "zh" else f"reach: {name}", _dwelling_style(kind, lang))


def _unit_styles(result: Result, lang: Lang) -> Iterator[_Named]:
    """Verdicts of each binding rule at each tier that the study has, the lowest first; plain outlines where none."""
    bound, there = binding_tiers(result), set(result.tables.units["tier"])
    n = 0
    for one in result.standards:
        for rule in one.rules:
            for tier in _TIERS:
                if (one.id, rule.id, tier) in bound and tier in there:
                    name = f"{rule.name.model_dump()[lang]} · {term('tier', tier)[lang]}"
                    n += 1
                    yield _Named("units", name, _verdict_style(f"{one.id}/{rule.id} verdict", tier, lang))
    if not n:
        outlines = tuple(_outline(tier, lang) for tier in _TIERS)
        yield _Named("units", "边界" if lang == "zh" else "borders", Style("polygon", '"tier"', outlines))


def _verdict_style(column: str, tier: str, lang: Lang) -> Style:
    """Units of one tier by verdict, those of other tiers as outlines."""
    quoted = column.replace('"', '""')
    expression = f'CASE WHEN "tier" = \'{tier}\' THEN "{quoted}" ELSE "tier" END'
    filled = tuple(
        Category(verdict, term("verdict", verdict)[lang], verdict, (("tier", tier), (column, verdict)))
        for verdict in _VERDICTS
    )
    others = tuple(_outline(other, lang) for other in _TIERS if other != tier)
    return Style("polygon", expression, filled + others)


def _outline(tier: str, lang: Lang) -> Category:
    return Category(tier, term("tier", tier)[lang], f"border_{tier}", (("tier", tier),))


def _facility_style(lang: Lang) -> Style:
    at = 0 if lang == "zh" else 1
    values = {"counted": "1", "other": "0"}
    found = (
        Category(key, words[at], f"facility_{key}", (("counted", values[key]),)) for key, words in _COUNTED.items()
    )
    return Style("point", "CASE WHEN \"counted\" THEN 'counted' ELSE 'other' END", tuple(found))


def _dwelling_style(kind: str, lang: Lang) -> Style:
    at, column = 0 if lang == "zh" else 1, f"reach_{kind}"
    found = (Category(key, words[at], f"dwelling_{key}", ((column, key),)) for key, words in _STATES.items())
    quoted = column.replace('"', '""')
    return Style("point", f'"{quoted}"', tuple(found))


def write_parquet(result: Result, path: Path) -> None:
    """Write result.parquet: one row per unit and rule with the unit's shape, as GeoParquet.

    The columns are those of `result.units`; rows of the district as a whole have no shape. Shapes are in the study's
    CRS. Read it with geopandas.read_parquet, DuckDB or QGIS, and filter by standard, rule_id and tier.
    """
    shapes = result.tables.units[["unit_id", "geometry"]]
    rows = shapes.merge(result.units, on="unit_id", how="right", validate="one_to_many")
    rows[[*result.units.columns, "geometry"]].to_parquet(path, compression="zstd", index=False)
