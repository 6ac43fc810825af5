"""Which unit a place lies in, and which units lie in which."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from lifecircle.crs import is_metric
from lifecircle.keys import places_among
from lifecircle.provenance import source_of
from lifecircle.tables import TIERS, Tables
from lifecircle.topology import are_sound, areal


def unit_of_places(places: gpd.GeoDataFrame, units: gpd.GeoDataFrame, *, stated: str | None = None) -> pd.Series:
    """The unit of the lowest tier that a place lies in.

    A place on a boundary belongs to the unit whose key sorts first. A unit stated in column `stated` goes before the
    place on the ground.

    Returns
    -------
    Series of unit_id on the index of `places`, named `unit_id`; empty where a place lies in no unit.

    """
    silent = (places[stated] == "").to_numpy() if stated is not None and stated in places else np.array([True])
    if not silent.all():
        result = places[stated].to_numpy(dtype=object, copy=True)
        result[silent] = unit_of_places(places[silent], units)
        return pd.Series(result, index=places.index, name="unit_id", dtype="str")
    shapes, open_, found = places.geometry.to_numpy(), np.arange(len(places)), np.full(len(places), -1)
    areas, keys = units.geometry.to_numpy(), units["unit_id"]
    for tier in TIERS:
        layer = np.flatnonzero((units["tier"] == tier).to_numpy())
        if not len(layer) or not len(open_):
            continue
        layer = layer[keys.iloc[layer].argsort(kind="stable").to_numpy()[::-1]]
        unit, place = shapely.STRtree(shapes[open_]).query(areas[layer], predicate="intersects")
        order = np.argsort(unit, kind="stable")
        found[open_[place[order]]] = layer[unit[order]]
        open_ = open_[found[open_] < 0]
    unit_ids = keys.astype("str").array.take(found, allow_fill=True, fill_value="")
    return pd.Series(unit_ids, index=places.index, name="unit_id", dtype="str")


def located(tables: Tables) -> Tables:
    """The tables with the unit of every dwelling, and with boundaries that can be measured.

    A boundary that is not valid is made so, one that is missing is empty; column `sound` of the units is false there.
    What such a boundary seems to say of other units and of places is not to be relied on.
    """
    shapes = tables.units.geometry.to_numpy().copy()
    sound = are_sound(shapes)
    shapes[~sound] = areal(shapely.make_valid(shapes[~sound], method="structure", keep_collapsed=False))
    units = tables.units.assign(sound=sound).set_geometry(gpd.GeoSeries(shapes, tables.units.index, crs=tables.crs))
    unit_ids = unit_of_places(tables.dwellings, units, stated="unit_id")
    return replace(tables, units=units, dwellings=tables.dwellings.assign(unit_id=unit_ids))


def parents_of_units(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame | None = None) -> dict[str, str]:
    """The unit above that each unit belongs to, as `parentage` finds it; empty where there is none."""
    found = parentage(units, dwellings)["parent_id"]
    return dict(zip(found.index, found, strict=True))


def parentage(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame | None = None) -> pd.DataFrame:
    """The unit above that each unit belongs to, and how it is known.

    It is the unit stated. Else it is the unit in which most of its known households live, each household being in the
    lowest unit above that its dwelling lies in; of two with as many, the one whose key sorts first. Else, where no
    household is known or none lies in a unit above, it is the lowest unit above that a point inside it lies in.

    Parameters
    ----------
    units
        Columns unit_id, tier, parent_id; polygons.
    dwellings
        Columns households and unit_id (the unit each belongs to; by its place where empty); points.

    Returns
    -------
    DataFrame indexed by unit_id: parent_id, and how (`stated`, `share`, `point`); both empty where there is none.

    """
    known = places_among(units["parent_id"], units["unit_id"]) >= 0
    parent = units["parent_id"].where(known, "").to_numpy(dtype=object)
    how = np.where(parent != "", "stated", "").astype(object)
    keys, tiers = units["unit_id"].to_numpy(dtype=object), units["tier"].to_numpy(dtype=object)
    top = max((TIERS.index(tier) for tier in set(tiers) & set(TIERS)), default=0)
    silent = (parent == "") & np.isin(tiers, TIERS[:top])
    homes = known_homes(units, dwellings) if silent.any() and dwellings is not None else None
    for place, tier in enumerate(TIERS[:top]):
        open_, higher = np.flatnonzero(silent & (tiers == tier)), units[np.isin(tiers, TIERS[place + 1 :])]
        layer = units.iloc[open_]
        points = unit_of_places(layer.set_geometry(layer.geometry.representative_point()), higher)
        largest = _largest_shares(homes, keys[open_], higher)
        share = np.array([largest.get(key, "") for key in keys[open_]], dtype=object)
        parent[open_] = np.where(share != "", share, points)
        how[open_] = np.where(share != "", "share", np.where(parent[open_] != "", "point", ""))
        if homes is not None:
            above = homes["unit_id"].map(dict(zip(keys[tiers == tier], parent[tiers == tier], strict=True)))
            homes = homes.assign(unit_id=above.where(above.notna(), homes["unit_id"]))
    return pd.DataFrame({"parent_id": parent, "how": how}, index=pd.Index(keys, name="unit_id"), dtype="str")


def known_homes(units: gpd.GeoDataFrame, dwellings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dwellings with households that are known, each with the unit it belongs to.

    Columns unit_id, households and geometry; those in no unit, without a place or with no households are left out.
    """
    shapes = dwellings.geometry
    known = np.flatnonzero(((dwellings["households"] > 0) & shapes.notna()).to_numpy())
    silent = known[(dwellings["unit_id"] == "").to_numpy()[known]]
    unit_ids = dwellings["unit_id"]
    if len(silent):
        found = unit_ids.to_numpy(dtype=object, copy=True)
        found[silent] = unit_of_places(dwellings.iloc[silent], units)
        unit_ids = pd.Series(found, index=dwellings.index, dtype="str")
        known = known[(unit_ids != "").to_numpy()[known]]
    columns = {"unit_id": unit_ids.array[known], "households": dwellings["households"].array[known]}
    return gpd.GeoDataFrame(columns, geometry=shapes.array[known], crs=dwellings.crs)


def _largest_shares(homes: gpd.GeoDataFrame | None, unit_ids: np.ndarray, higher: gpd.GeoDataFrame) -> dict[str, str]:
    """Of each unit, the unit of `higher` in which most of its households live."""
    if homes is None or not len(unit_ids):
        return {}
    own = homes[homes["unit_id"].isin(unit_ids)]
    above = unit_of_places(own, higher)
    sums = own["households"].groupby([own["unit_id"].to_numpy(), above.to_numpy()]).sum()
    ranked = sums.rename_axis(["unit_id", "above"]).reset_index(name="households").query("above != ''")
    ranked = ranked.sort_values(["unit_id", "households", "above"], ascending=[True, False, True])
    first = ranked.drop_duplicates("unit_id")
    return dict(zip(first["unit_id"], first["above"], strict=True))


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


def as_kept(tables: Tables, places: np.ndarray, spots: np.ndarray) -> list[tuple[str, str]]:
    """Spots, one for each of these units, in the CRS of the file that the unit stands in, as text."""
    codes = [source_of(tables, "units", place).crs or tables.crs for place in places.tolist()]
    found = [("", "")] * len(codes)
    for crs in set(codes):
        own = [number for number, code in enumerate(codes) if code == crs]
        moved = gpd.GeoSeries(shapely.points(spots[own]), crs=tables.crs).to_crs(crs)
        decimals = 1 if tables.units.crs is not None and is_metric(pyproj.CRS(crs)) else 6
        for number, x, y in zip(own, moved.x, moved.y, strict=True):
            found[number] = (f"{x:.{decimals}f}", f"{y:.{decimals}f}")
    return found


def spots_in(shapes: np.ndarray) -> np.ndarray:
    """A place inside of each shape."""
    spots: np.ndarray = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return spots


def text_m2(area_m2: float) -> str:
    """An area in whole square metres, a small one with two digits.

    >>> text_m2(1234.5), text_m2(0.1234)
    ('1,234', '0.12')
    """
    return f"{area_m2:,.0f}" if area_m2 >= 10 else f"{area_m2:.2g}"
