"""The tables that stages hand to each other: columns, units, keys.

Every table may carry more columns; they are kept and passed on. `row` is the row as the keeper of the file sees it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
from shapely.geometry import Polygon

from lifecircle.faults import Fault

TIERS = ("neighbourhood", "circle", "subdistrict", "district")
Tier = Literal["neighbourhood", "circle", "subdistrict", "district"]
Reading = Literal["text", "number", "date", "tier", "status", "kind", "policy", "urban_rural"]


@dataclass(frozen=True)
class Column:
    """A column that a stage reads: how its cells are read, and whether the table is of use without it."""

    name: str
    reading: Reading
    required: bool = False
    non_negative: bool = False
    meaning: str = ""


CONTRACTS: dict[str, tuple[Column, ...]] = {
    "units": (
        Column("unit_id", "text", required=True, meaning="key"),
        Column("name", "text", meaning="name; the key where empty"),
        Column("tier", "tier", meaning="neighbourhood, circle or subdistrict"),
        Column("parent_id", "text", meaning="unit_id of the unit it belongs to; empty at the top"),
        Column("households", "number", non_negative=True, meaning="households; empty means unknown"),
        Column("urban_rural", "urban_rural", meaning="urban or rural; empty where not stated"),
    ),
    "facilities": (
        Column("facility_id", "text", required=True, meaning="key"),
        Column("name", "text", meaning="name; the key where empty"),
        Column("kind", "kind", required=True, meaning="what it is, e.g. community_service"),
        Column("tier", "tier", meaning="the tier it serves; empty where not stated"),
        Column("floor_area_m2", "number", non_negative=True, meaning="total floor area, m²; empty means unknown"),
        Column("service_area_m2", "number", non_negative=True, meaning="of which for services, m²"),
        Column("office_area_m2", "number", non_negative=True, meaning="of which offices, m²"),
        Column("status", "status", meaning="open, under_construction, planned, closed; empty means open"),
        Column("opens_on", "date", meaning="the day it opens or opened"),
        Column("lease_from", "date", meaning="first day of the lease; empty means not rented or rented before"),
        Column("lease_until", "date", meaning="last day of the lease; empty means not rented"),
        Column("serves", "text", meaning="stated shares such as B0103:0.6;B0104:0.4"),
        Column("part_of", "text", meaning="facility_id of the facility whose area includes it"),
        Column("site_of", "text", meaning="facility_id of the main facility that it is another site of; its area adds"),
        Column("services", "text", meaning="what it offers, such as 助餐、托育"),
        Column("unit_id", "text", meaning="the unit that its address names; decides where its place lies in none"),
        Column("address", "text", meaning="its address"),
    ),
    "dwellings": (
        Column("dwelling_id", "text", required=True, meaning="key"),
        Column("name", "text", meaning="name; the key where empty"),
        Column("households", "number", non_negative=True, meaning="households; empty means unknown"),
        Column("population", "number", non_negative=True, meaning="people; with people_per_household gives households"),
        Column("unit_id", "text", meaning="the unit it belongs to; by place where empty"),
    ),
    "totals": (
        Column("unit_id", "text", required=True, meaning="the unit, by key or name"),
        Column("households", "number", required=True, non_negative=True, meaning="its households"),
    ),
    "spread": (
        Column("name", "text", meaning="name"),
        Column("floors", "number", non_negative=True, meaning="floors of a building; empty means not stated"),
        Column("use", "text", meaning="what a building is used for; empty means not stated"),
        Column("population", "number", non_negative=True, meaning="people of a cell of a grid"),
    ),
    "streets": (
        Column("street_id", "text", meaning="key of one piece of street between two nodes"),
        Column("name", "text", meaning="street name"),
        Column("highway", "text", meaning="OpenStreetMap class; empty means a street that may be walked"),
        Column("foot", "text", meaning="OpenStreetMap foot tag"),
        Column("access", "text", meaning="OpenStreetMap access tag"),
        Column("from_node", "text", meaning="node key at the start; by coordinates where missing"),
        Column("to_node", "text", meaning="node key at the end"),
        Column("from_barrier", "text", meaning="barrier at the start node with its access, e.g. gate or gate=no"),
        Column("to_barrier", "text", meaning="barrier at the end node"),
        Column("oneway", "text", meaning="the only way people on foot may go: forward or backward; empty means both"),
        Column("sidewalk", "text", meaning="OpenStreetMap sidewalk tag"),
        Column("from_signal", "text", meaning="yes where the start node is a crossing with lights"),
        Column("to_signal", "text", meaning="yes where the end node is a crossing with lights"),
        Column("from_ele_m", "number", meaning="height of the start node, m; empty means unknown"),
        Column("to_ele_m", "number", meaning="height of the end node, m"),
        Column("from_cut", "text", meaning="yes where a street goes on from the start node beyond what the file holds"),
        Column("to_cut", "text", meaning="yes where a street goes on from the end node beyond what the file holds"),
        Column("bridge", "text", meaning="OpenStreetMap bridge tag; empty or no means none"),
        Column("tunnel", "text", meaning="OpenStreetMap tunnel tag; empty or no means none"),
        Column("layer", "text", meaning="OpenStreetMap layer tag; empty means 0"),
    ),
    "ground": (Column("ground", "text", meaning="water, green, building or wall: drawn, never measured"),),
    "gates": (
        Column("gate_id", "text", meaning="key"),
        Column("policy", "policy", required=True, meaning="open, residents or closed; empty means not known"),
        Column("compound_id", "text", meaning="compound_id of the compound that it leads into"),
    ),
    "compounds": (
        Column("compound_id", "text", required=True, meaning="key"),
        Column("name", "text", meaning="name; the key where empty"),
    ),
    "barriers": (
        Column("name", "text", meaning="name"),
        Column("barrier", "text", meaning="what it is, e.g. river or wall"),
    ),
    "entrances": (
        Column("facility_id", "text", required=True, meaning="facility_id of the facility that it leads into"),
        Column("name", "text", meaning="name"),
    ),
}

KEYS = {
    "units": "unit_id",
    "facilities": "facility_id",
    "dwellings": "dwelling_id",
    "streets": "street_id",
    "gates": "gate_id",
    "compounds": "compound_id",
}
MAY_LACK = ("gates", "compounds", "barriers", "entrances")  # inputs that a study may do without


@dataclass(frozen=True)
class Source:
    """A file that was read: its path, sheet or layer, its own CRS, and which header was understood as what.

    `tier` is that of all its rows where the study says so, else empty; `as_of` is the day for which it holds, where
    that is known; `datum` is that which the study states; `unread` are headers that nothing was understood of.
    `sha256` is that of the rows of a database, which has no file.
    """

    table: str
    path: str
    sheet: str = ""
    crs: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    tier: str = ""
    as_of: dt.date | None = None
    datum: str = ""
    sha256: str = ""
    unread: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file without its folder; the address of a database as it is."""
        return self.path if self.sha256 else Path(self.path).name


@dataclass(frozen=True)
class Tables:
    """The inputs of a study in one metric CRS; what a study does not have is an empty table.

    Attributes
    ----------
    units
        Polygons keyed by `unit_id`, all tiers in one table.
    facilities, dwellings
        Points keyed by `facility_id`, `dwelling_id`.
    streets
        Lines between nodes; see `CONTRACTS["streets"]`.
    ground
        Water, greens, buildings and walls for drawing.
    candidates
        Sites for plans; empty where the study has none.
    extent
        Where streets are known; None means as far as the streets go.
    gates
        Points where a street passes into a compound, and who may pass.
    compounds
        Polygons of gated housing, keyed by `compound_id`.
    barriers
        Lines and areas that the way from a place to its street may not cross.
    entrances
        Points where a facility is entered; a facility may have several.
    sources, faults
        What was read from where, and what was wrong with it.

    """

    units: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    ground: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    crs: str
    extent: Polygon | None = None
    sources: tuple[Source, ...] = ()
    faults: tuple[Fault, ...] = field(default=())
    gates: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("gates"))
    compounds: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("compounds"))
    barriers: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("barriers"))
    entrances: gpd.GeoDataFrame = field(default_factory=lambda: empty_table("entrances"))

    def __repr__(self) -> str:
        """Counts of each table and the CRS."""
        counts = ", ".join(
            f"{name} {len(getattr(self, name))}" for name in ("units", "facilities", "dwellings", "streets")
        )
        return f"Tables({counts}; {self.crs}; {len(self.faults)} faults while reading)"


def empty_table(name: str, crs: str | None = None) -> gpd.GeoDataFrame:
    """A table of the contract without rows."""
    kinds = {"number": "float64", "date": "datetime64[us]"}
    columns = CONTRACTS["facilities" if name == "candidates" else name]
    data = {column.name: pd.Series([], dtype=kinds.get(column.reading, "str")) for column in columns}
    return gpd.GeoDataFrame(data | {"row": pd.Series([], dtype="int64")}, geometry=gpd.GeoSeries([], crs=crs))


def completed(table: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """The table with every column of its contract: numbers and days unknown, texts empty where it lacks them.

    >>> completed(gpd.GeoDataFrame({"unit_id": ["N1"]}), "units")["parent_id"].tolist()
    ['']
    """
    blank = {"number": float("nan"), "date": pd.NaT}
    kinds = {"number": "float64", "date": "datetime64[us]"}
    columns = CONTRACTS["facilities" if name == "candidates" else name]
    lacking = {
        one.name: pd.Series(blank.get(one.reading, ""), index=table.index, dtype=kinds.get(one.reading, "str"))
        for one in columns
        if one.name not in table
    }
    return table.assign(**lacking)
