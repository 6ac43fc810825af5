"""Which unit a place lies in, and which units lie in which."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.tables import TIERS


def unit_of_places(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame, *, stated: str | None = None) -> pd.Series:
    """The unit of the lowest tier that a place lies in.

    A place on a boundary belongs to the unit whose key sorts first. A unit stated in column `stated` goes before the
    place on the ground.

    Returns
    -------
    Series of unit_id on the index of `places`, named `unit_id`; empty where a place lies in no unit.

    """
    result = np.full(len(places), "", dtype=object)
    tree = shapely.STRtree(places.geometry.to_numpy())
    for tier in reversed(TIERS):
        layer = units[units["tier"] == tier].sort_values("unit_id", ascending=False)
        if not len(layer):
            continue
        unit, place = tree.query(layer.geometry.to_numpy(), predicate="intersects")
        order = np.argsort(unit, kind="stable")
        result[place[order]] = layer["unit_id"].to_numpy(dtype=object)[unit[order]]
    if stated is not None and stated in places:
        named = places[stated].to_numpy(dtype=object)
        result = np.where(named != "", named, result)
    return pd.Series(result, index=places.index, name="unit_id", dtype="str")


def parents_of_units(units: gpd.GeoDataFrame) -> dict[str, str]:
    """The unit above that each unit belongs to: as stated, else the lowest above it that a point inside it lies in.

    Empty where there is none.
    """
    parents: dict[str, str] = {}
    for place, tier in enumerate(TIERS):
        layer, higher = units[units["tier"] == tier], units[units["tier"].isin(TIERS[place + 1 :])]
        points = layer.set_geometry(layer.geometry.representative_point())
        inside = unit_of_places(points, higher)
        stated = layer["parent_id"].where(layer["parent_id"].isin(units["unit_id"]), "")
        parents |= dict(zip(layer["unit_id"], stated.where(stated != "", inside), strict=True))
    return parents


def lineage(parents: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Each unit with every unit above it, itself first.

    >>> lineage({"N1": "C1", "C1": "S1", "S1": ""})["N1"]
    ('N1', 'C1', 'S1')
    """
    lines: dict[str, tuple[str, ...]] = {}
    for unit_id in parents:
        line = [unit_id]
        while (above := parents.get(line[-1], "")) and above not in line:
            line.append(above)
        lines[unit_id] = tuple(line)
    return lines
