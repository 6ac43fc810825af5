"""Compounds and their gates: which streets a gate shuts, and where the people inside come out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.cuts import line_ends
from lifecircle.errors import NetworkError
from lifecircle.streets import with_gates
from lifecircle.walkers import INSIDE, RESIDENTS, Policy

NEAR_M = 15.0  # how far from a compound's edge its gate may lie
_INTO_M = 5.0  # a street that comes this far into a compound leads into it; others run along its edge
_BARRIERS, _NODES = ["from_barrier", "to_barrier"], ["from_node", "to_node"]


def gated_streets(streets: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets with the barriers of a gates layer: a compound's gate shuts the street that leads into it and no other.

    A gate of no compound shuts the street nearest to it, as `with_gates` does. Where streets end at a gate, all of them
    get its barrier, outside the compound too: what they said of that place gives way.

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

    Raises
    ------
    NetworkError
        The gates have no `policy`, or as for `with_gates`.

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
    _require_policy(gates)
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
    inner, outer = streets[leads_in], streets[~leads_in]
    pieces = pd.concat([outer, with_gates(inner, gates[owned])], ignore_index=True)
    bare = with_gates(inner.drop(columns=_BARRIERS, errors="ignore"), gates[owned])
    return _inside_marked(_said_by_all(gpd.GeoDataFrame(pieces, crs=streets.crs), bare), compounds)


def _inside_marked(pieces: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Ends at a gate for residents marked where their piece lies inside a compound: its people live on that side."""
    middles = shapely.line_interpolate_point(pieces.geometry.to_numpy(), 0.5, normalized=True)
    inside = np.zeros(len(pieces), dtype=bool)
    inside[shapely.STRtree(compounds.geometry.to_numpy()).query(middles, predicate="intersects")[0]] = True
    marked = {
        name: pieces[name].mask(inside & pieces[name].isin([RESIDENTS]), RESIDENTS + INSIDE) for name in _BARRIERS
    }
    return pieces.assign(**marked)


def _said_by_all(pieces: gpd.GeoDataFrame, bare: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pieces, all of whose ends at a gate say what `bare`, which is their last rows and knows gates alone, says there.

    As in a network, ends are at one place where they have the same node, or without nodes the same millimetre.
    """
    n = len(pieces)
    mine = np.arange(n) >= n - len(bare)
    if all(name in pieces and (pieces[name].fillna("") != "").all() for name in _NODES):
        places = pd.concat([pieces[name].astype("str") for name in _NODES], ignore_index=True)
    else:
        spots = np.round(line_ends(pieces.geometry.to_numpy()), 3) + 0.0
        places = pd.Series(list(map(tuple, spots.tolist())))
    said = pd.concat([bare[name] for name in _BARRIERS]).to_numpy(dtype=object)
    stated = dict(zip(places[np.tile(mine, 2)][said != ""], said[said != ""], strict=True))
    found = places.map(stated)
    texts = {name: pieces[name].fillna("") for name in _BARRIERS}
    halves = zip(_BARRIERS, (found.iloc[:n], found.iloc[n:]), strict=True)
    return pieces.assign(
        **{name: half.set_axis(pieces.index).fillna(texts[name]).astype("str") for name, half in halves}
    )


def gates_of_compounds(gates: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions of gates and of the compounds they belong to: those a gate names, else those whose edge is near."""
    areas, doors = compounds.geometry.to_numpy(), gates.geometry.to_numpy()
    gate, area = shapely.STRtree(shapely.boundary(areas)).query(doors, predicate="dwithin", distance=NEAR_M)
    if "compound_id" not in gates:
        return gate, area
    named = pd.Index(compounds["compound_id"]).get_indexer(gates["compound_id"].replace("", None))
    own, free = np.flatnonzero(named >= 0), named[gate] < 0
    return np.concatenate([gate[free], own]), np.concatenate([area[free], named[own]])


def usable_gates(gates: gpd.GeoDataFrame, gates_policy: Policy = "open") -> gpd.GeoDataFrame:
    """Gates that have a place and are not closed; those whose `policy` is empty do as `gates_policy` says.

    >>> from shapely import Point
    >>> gates = gpd.GeoDataFrame({"policy": ["residents", "closed", ""]}, geometry=[Point(0, 0)] * 3)
    >>> len(usable_gates(gates)), len(usable_gates(gates, "closed"))
    (2, 1)
    """
    _require_policy(gates)
    policies = gates["policy"].fillna("").replace("", gates_policy)
    return gates[~(gates.geometry.isna() | gates.geometry.is_empty) & (policies != "closed")]


def compound_entrances(
    dwellings: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    *,
    gates_policy: Policy = "open",
) -> gpd.GeoDataFrame:
    """The gates that each dwelling inside a compound walks to first, as `entrances` for `snap`.

    A gate belongs to the compound that its `compound_id` names, else to those whose edge is within 15 m; gates that are
    closed are left out. A dwelling in a compound without another gate gets out nowhere that is known: its entrance has
    no geometry, and `snap` leaves it unsnapped. A dwelling in no compound has no entrance here.

    Parameters
    ----------
    dwellings
        Points with `dwelling_id`.
    compounds
        Areas with `compound_id`; the edge is inside.
    gates
        Points with `policy` and, where known, `compound_id`.
    gates_policy
        What gates do whose `policy` is empty, as for `build_network`.

    Returns
    -------
    GeoDataFrame
        dwelling_id, inner_m (metres as the crow flies between dwelling and gate), geometry (the gate); in the order of
        dwellings, then of gates.

    Raises
    ------
    NetworkError
        The gates have no `policy`.

    Examples
    --------
    >>> from shapely import Point, box
    >>> homes = gpd.GeoDataFrame({"dwelling_id": ["D1"]}, geometry=[Point(50, 50)], crs="EPSG:4549")
    >>> compounds = gpd.GeoDataFrame({"compound_id": ["C1"]}, geometry=[box(0, 0, 100, 100)], crs="EPSG:4549")
    >>> gates = gpd.GeoDataFrame({"policy": ["residents"]}, geometry=[Point(50, 0)], crs="EPSG:4549")
    >>> compound_entrances(homes, compounds, gates)["inner_m"].tolist()
    [50.0]

    """
    usable = usable_gates(gates, gates_policy)
    gate, area = gates_of_compounds(usable, compounds)
    homes = dwellings.geometry.to_numpy()
    doors = np.array([*usable.geometry, None], dtype=object)  # the last is that of a compound without a gate
    home, inside = shapely.STRtree(compounds.geometry.to_numpy()).query(homes, predicate="intersects")
    ways = pd.DataFrame({"area": inside, "home": home}).merge(pd.DataFrame({"area": area, "gate": gate}), on="area")
    shut_in = np.setdiff1d(home, ways["home"])
    ways = pd.concat([ways, pd.DataFrame({"home": shut_in, "gate": len(usable)})])
    ways = ways.drop_duplicates(["home", "gate"]).sort_values(["home", "gate"])
    here, there = homes[ways["home"].to_numpy()], doors[ways["gate"].to_numpy()]
    keys = dwellings["dwelling_id"].to_numpy()[ways["home"].to_numpy()]
    metres = shapely.distance(here, there)
    return gpd.GeoDataFrame({"dwelling_id": keys, "inner_m": metres}, geometry=there, crs=dwellings.crs)


def _require_policy(gates: gpd.GeoDataFrame) -> None:
    if "policy" not in gates:
        found = ", ".join(map(str, gates.columns))
        raise NetworkError(
            f"gates: no column 'policy'; expected open, residents, closed or empty in it, found {found}. Add it"
        )
