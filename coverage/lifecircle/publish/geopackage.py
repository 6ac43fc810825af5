"""The layers of a result as a GeoPackage that QGIS opens coloured."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import pyogrio

from lifecircle.publish.styles import write_styles
from lifecircle.result import Result

FACILITY_COLUMNS = (
    "facility_id", "name", "kind", "tier", "status", "floor_area_m2", "service_area_m2", "office_area_m2", "opens_on",
    "lease_from", "lease_until", "serves", "part_of", "site_of", "services", "unit_id", "counted", "counted_m2",
    "ledger_zh", "ledger_en", "projected_m2", "projected_zh", "projected_en", "households_in_reach",
    "snap_m", "street_id", "island", "snapped",
)  # fmt: skip
_RULE = ("value", "low", "high", "verdict", "gap", "projected", "projected_verdict")
DWELLING_COLUMNS = (
    "dwelling_id",
    "unit_id",
    "households",
    "spread",
    "snap_m",
    "street_id",
    "island",
    "snapped",
    "exit_min",
)


def write_layers(result: Result, path: Path) -> None:
    """Write units with every rule's figure and verdict, facilities, and dwellings if any, each as a layer."""
    moment = f"{result.study.study.date.isoformat()}T00:00:00Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    try:
        _units_wide(result).to_file(path, layer="units", driver="GPKG")
        _published(result.facilities, FACILITY_COLUMNS).to_file(path, layer="facilities", driver="GPKG", mode="a")
        if len(result.dwellings):
            _published(result.dwellings, DWELLING_COLUMNS).to_file(path, layer="dwellings", driver="GPKG", mode="a")
        write_styles(result, path)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _published(table: gpd.GeoDataFrame, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """The columns that are published, as far as the table has them: what the office keeps besides stays with it."""
    known = [name for name in columns if name in table]
    measured = [name for name in table if str(name).startswith(("minutes_", "reach_"))]
    return table[[*known, *measured, "geometry"]]


def _units_wide(result: Result) -> gpd.GeoDataFrame:
    """Units with one group of columns for each rule; columns without any value are left out."""
    units = result.tables.units[["unit_id", "name", "tier", "parent_id", "geometry"]]
    for (standard, rule_id), rows in result.units.groupby(["standard", "rule_id"], sort=False):
        prefix = f"{standard}/{rule_id}"
        said = [name for name in _RULE if not rows[name].isin(["", math.nan]).all()]
        said += ["spread_households"] if rows["spread_households"].any() else []
        columns = {name: f"{prefix} {name}" for name in said}
        units = units.merge(
            rows.set_index("unit_id")[list(columns)].rename(columns=columns),
            left_on="unit_id",
            right_index=True,
            how="left",
        )
    return units.dropna(axis="columns", how="all")
