"""Who walks to which facility, as a matrix: surely, perhaps, and who may leave the known streets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from lifecircle.floating import Decay, decay_weights
from lifecircle.graph import limit_ticks, ticks, told
from lifecircle.keys import places_among
from lifecircle.network import Network
from lifecircle.reach import lost_places, pair_blocks
from lifecircle.snapping import Placed
from lifecircle.walkers import fastest_m_per_s
from lifecircle.whereabouts import whereabouts


@dataclass(frozen=True)
class Walks:
    """Walks within a limit between dwellings and facilities.

    Attributes
    ----------
    dwelling_ids, facility_ids
        Keys of the columns and the rows of the matrices.
    sure
        For each facility and dwelling the weight of the walk, 1 unless it falls with the minutes; nothing where it is
        beyond the limit.
    perhaps
        The pairs that are not sure and cannot be ruled out: one of the two meets no street, or the dwelling's walk
        could leave the known streets, and as the crow flies the facility is within the limit.
    leaving
        Dwellings whose walk could leave the known streets within the limit: what lies there is unknown.
    points, crow_m
        Where the facilities are, or the area that one must lie in, and how far the limit goes as the crow flies.

    """

    dwelling_ids: pd.Index
    facility_ids: pd.Index
    sure: sparse.csr_array
    perhaps: sparse.csr_array
    leaving: np.ndarray
    points: np.ndarray
    crow_m: float

    @cached_property
    def either(self) -> sparse.csr_array:
        """The pairs that are sure, and those that cannot be ruled out."""
        return self.sure + self.perhaps if self.perhaps.nnz else self.sure


def walks_within(
    network: Network, home: Placed, goal: Placed, reach: pd.DataFrame, *, limit_min: float, decay: Decay = "none"
) -> Walks:
    """All walks of dwellings to facilities within a limit; `reach` has exit_min of every dwelling."""
    found = [
        (facility.astype(np.int32), dwelling.astype(np.int32), decay_weights(told(walk), limit_min, decay))
        for facility, dwelling, walk in pair_blocks(network, home, goal, limit_ticks(limit_min))
    ]
    facility, dwelling, weight = (np.concatenate(parts) for parts in zip(*found, strict=True))
    shape = len(goal), len(home)
    sure = sparse.csr_array((weight, (facility, dwelling)), shape=shape)
    exits = np.rint(reach["exit_min"].reindex(home.keys).to_numpy(dtype="float64") * ticks(1))
    leaving = exits <= ticks(limit_min)
    crow_m = limit_min * 60 * fastest_m_per_s(network.walker)
    perhaps = _perhaps(home, goal, lost_places(home) | leaving, lost_places(goal), crow_m, sure)
    points = whereabouts(goal.places)
    return Walks(pd.Index(home.keys), pd.Index(goal.keys), sure, perhaps, leaving, points, crow_m)


def walks_of_pairs(
    pairs: pd.DataFrame, dwellings: pd.DataFrame, facilities: gpd.GeoDataFrame, *, limit_min: float, crow_m: float
) -> tuple[pd.DataFrame, Walks]:
    """What each dwelling reaches, and who walks to what, from walks that were computed elsewhere and are all there are.

    Parameters
    ----------
    pairs
        dwelling_id, facility_id and minutes of every walk; those beyond the limit are left out of the matrix.
    dwellings, facilities
        Tables keyed by `dwelling_id` and `facility_id`; facilities have a kind.
    limit_min
        The limit, in minutes.
    crow_m
        How far it goes as the crow flies, in metres.

    Returns
    -------
    reach : DataFrame indexed by dwelling_id
        `minutes_<kind>` and `reach_<kind>` for each kind, and exit_min, as `dwelling_reach` has them.
    walks : Walks

    Examples
    --------
    >>> homes = pd.DataFrame({"dwelling_id": ["D1", "D2"]})
    >>> shops = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["shop"]}, geometry=gpd.points_from_xy([0], [0]))
    >>> pairs = pd.DataFrame({"dwelling_id": ["D1", "D2"], "facility_id": "F1", "minutes": [15.0, 15.1]})
    >>> walks_of_pairs(pairs, homes, shops, limit_min=15, crow_m=900)[0]["reach_shop"].tolist()
    ['reached', 'not_reached']

    """
    homes, goals = pd.Index(dwellings["dwelling_id"]), pd.Index(facilities["facility_id"])
    dwelling, facility = places_among(pairs["dwelling_id"], homes), places_among(pairs["facility_id"], goals)
    minutes, kinds = pairs["minutes"].to_numpy(), pd.Categorical(facilities["kind"])
    columns: dict[str, object] = {}
    for code, kind in enumerate(kinds.categories):
        chosen = kinds.codes[facility] == code
        least = np.full(len(homes), np.inf)
        np.minimum.at(least, dwelling[chosen], minutes[chosen])
        columns[f"minutes_{kind}"] = np.where(np.isinf(least), np.nan, least)
        columns[f"reach_{kind}"] = pd.Categorical.from_codes(
            (least > limit_min).astype(int), ["reached", "not_reached"]
        )
    near, shape = minutes <= limit_min, (len(goals), len(homes))
    sure = sparse.csr_array((np.ones(int(near.sum())), (facility[near], dwelling[near])), shape=shape)
    reach = pd.DataFrame(columns, index=homes.rename("dwelling_id")).assign(exit_min=np.nan)
    nothing, nowhere = sparse.csr_array(shape), np.zeros(len(homes), dtype=bool)
    return reach, Walks(homes, goals, sure, nothing, nowhere, facilities.geometry.to_numpy(), crow_m)


def _perhaps(
    home: Placed, goal: Placed, unsure: np.ndarray, lost: np.ndarray, crow_m: float, sure: sparse.csr_array
) -> sparse.csr_array:
    """Pairs within the crow's distance of which one is unsure, and which are not sure already."""
    homes, goals = whereabouts(home.places), whereabouts(goal.places)
    some, here = np.flatnonzero(unsure), np.flatnonzero(lost)
    near = shapely.STRtree(goals).query(homes[some], predicate="dwithin", distance=crow_m)
    dwelling, facility = some[near[0]], near[1]
    near = shapely.STRtree(homes).query(goals[here], predicate="dwithin", distance=crow_m)
    dwelling, facility = np.concatenate([dwelling, near[1]]), np.concatenate([facility, here[near[0]]])
    found = sparse.csr_array((np.ones(len(dwelling)), (facility, dwelling)), shape=sure.shape)
    found.data[:] = 1.0
    known = sure.astype(bool).astype(float)
    left = found - found.multiply(known)
    left.eliminate_zeros()
    return sparse.csr_array(left)
