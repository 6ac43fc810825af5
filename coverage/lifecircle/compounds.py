"""Compounds and their gates: which streets a gate shuts, and where the people inside come out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.streets import with_gates

NEAR_M = 15.0  # how far from a compound's edge its gate may lie
_INTO_M = 5.0  # a street that comes this far into a compound leads into it; others run along its edge


def gated_streets(streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets with the barriers of a gates layer: a compound's gate shuts the street that leads into it and no other.

    A gate of no compound shuts the street nearest to it, as `with_gates` does.

    Parameters
    ----------
    streets
        Walkable streets in a metric CRS.
    gates
        Points with `policy` and, where known, `compound_id`.
    compounds
        Areas with `compound_id`.

    Returns
    -------
    GeoDataFrame
        Pieces of the streets, with `from_barrier` and `to_barrier`.

    Examples
    --------
    >>> from shapely import LineString, Point, box
    >>> lines = [LineString([(0, 0), (100, 0)]), LineString([(50, 0), (50, 60)])]
    >>> streets = gpd.GeoDataFrame({"street_id": ["road", "lane"]}, geometry=lines, crs="EPSG:4549")
    >>> compounds = gpd.GeoDataFrame({"compound_id": ["C1"]}, geometry=[box(10, 5, 90, 95)], crs="EPSG:4549")
    >>> gates = gpd.GeoDataFrame({"policy": ["closed"]}, geometry=[Point(50, 5)], crs="EPSG:4549")
    >>> gated_streets(streets, gates, compounds)["street_id"].tolist()
    ['road', 'lane#0', 'lane#1']

    """
    gate, _ = gates_of_compounds(gates, compounds)
    owned = np.isin(np.arange(len(gates)), gate)
    streets = with_gates(streets, gates[~owned]) if (~owned).any() else streets
    if not owned.any():
        return streets
    inner = shapely.buffer(compounds.geometry.to_numpy(), -_INTO_M)
    leads_in = np.zeros(len(streets), dtype=bool)
    leads_in[shapely.STRtree(streets.geometry.to_numpy()).query(inner, predicate="intersects")[1]] = True
    if not leads_in.any():
        return streets
    both = [streets[~leads_in], with_gates(streets[leads_in], gates[owned])]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=streets.crs)


def gates_of_compounds(gates: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions of gates and of the compounds they belong to: those a gate names, else those whose edge is near."""
    areas, doors = compounds.geometry.to_numpy(), gates.geometry.to_numpy()
    gate, area = shapely.STRtree(shapely.boundary(areas)).query(doors, predicate="dwithin", distance=NEAR_M)
    if "compound_id" not in gates:
        return gate, area
    named = pd.Index(compounds["compound_id"]).get_indexer(gates["compound_id"].replace("", None))
    own, free = np.flatnonzero(named >= 0), named[gate] < 0
    return np.concatenate([gate[free], own]), np.concatenate([area[free], named[own]])


def compound_entrances(
    dwellings: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """The gates that each dwelling inside a compound walks to first, as `entrances` for `snap`.

    A gate belongs to the compound that its `compound_id` names, else to those whose edge is within 15 m; gates whose
    `policy` is closed are left out. A dwelling in a compound without a gate has no entrance here.

    Returns
    -------
    GeoDataFrame
        dwelling_id, inner_m (metres as the crow flies between dwelling and gate), geometry (the gate).

    Examples
    --------
    >>> from shapely import Point, box
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(50, 50)], crs="EPSG:4549")
    >>> compounds = gpd.GeoDataFrame({"compound_id": ["C1"]}, geometry=[box(0, 0, 100, 100)], crs="EPSG:4549")
    >>> gates = gpd.GeoDataFrame({"policy": ["residents"]}, geometry=[Point(50, 0)], crs="EPSG:4549")
    >>> compound_entrances(homes, compounds, gates)["inner_m"].tolist()
    [50.0]

    """
    usable = gates[gates.geometry.notna() & (gates["policy"] != "closed")]
    gate, area = gates_of_compounds(usable, compounds)
    homes, doors = dwellings.geometry.to_numpy(), usable.geometry.to_numpy()
    home, inside = shapely.STRtree(compounds.geometry.to_numpy()).query(homes, predicate="intersects")
    ways = pd.DataFrame({"area": inside, "home": home}).merge(pd.DataFrame({"area": area, "gate": gate}), on="area")
    ways = ways.drop_duplicates(["home", "gate"]).sort_values(["home", "gate"])
    here, there = homes[ways["home"].to_numpy()], doors[ways["gate"].to_numpy()]
    keys = dwellings["dwelling_id"].to_numpy()[ways["home"].to_numpy()]
    metres = shapely.distance(here, there)
    return gpd.GeoDataFrame({"dwelling_id": keys, "inner_m": metres}, geometry=there, crs=dwellings.crs)
