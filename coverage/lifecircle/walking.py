"""The walks of a study: every walker and limit that it or a rule asks for, on one network of streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lifecircle.catching import Walks, walks_within
from lifecircle.compounds import compound_entrances, gated_streets
from lifecircle.faults import Fault
from lifecircle.floating import Decay, households_in_reach
from lifecircle.islands import street_faults
from lifecircle.network import Network, build_network
from lifecircle.reach import dwelling_reach, no_streets, nobody_reaches, on_streets
from lifecircle.roads import nearest_road_m
from lifecircle.snapping import Placed, place_on_streets
from lifecircle.standards import Rule, Standard
from lifecircle.store import kept_network
from lifecircle.study import Study, settings_of, study_walker, walkers_of
from lifecircle.tables import Tables
from lifecircle.walkers import Walker, load_walking, may_walk
from lifecircle.whereabouts import with_areas

Walk = tuple[str, float]


@dataclass(frozen=True)
class StudyWalks:
    """What the walks of a study say.

    Attributes
    ----------
    own
        The study's own walker and limit.
    reach
        By walker and limit: minutes to each kind, and whether each dwelling reaches it; see `dwelling_reach`.
    matrices
        By walker, limit and decay: who walks to which facility.
    facilities
        households_in_reach, snap_m, street_id, island and snapped of each facility in service, by facility_id.
    road_m
        Metres from each facility to the nearest road or gate, where a rule asks for it.
    faults
        Streets and places that do not hang together.
    placed
        Dwellings and facilities in service on the streets of the study's own walker; None without streets.

    """

    own: Walk
    reach: Mapping[Walk, pd.DataFrame]
    matrices: Mapping[tuple[str, float, Decay], Walks]
    facilities: pd.DataFrame
    road_m: Mapping[str, float]
    faults: tuple[Fault, ...] = ()
    placed: tuple[Placed, Placed] | None = None


def networks_of(
    study: Study, tables: Tables, standards: Sequence[Standard], cache: str | Path | None
) -> dict[str, Network]:
    """One network for all walkers: streets and nodes are shared, walks are each one's own; none without streets."""
    streets, settings = tables.streets, settings_of(study)
    if not len(streets):
        return {}
    if len(tables.gates):
        walkable = streets[may_walk(streets, load_walking(settings).streets)]
        streets = gated_streets(walkable, tables.gates, tables.compounds)
    first, *others = _walkers(study, standards)
    build = partial(kept_network, cache) if cache else build_network
    network = build(streets, walker=first, gates=study.walk.gates, extent=tables.extent, settings=settings)
    return {first.name: network} | {walker.name: network.for_walker(walker) for walker in others}


def walks_of_study(
    study: Study,
    tables: Tables,
    standards: Sequence[Standard],
    networks: Mapping[str, Network],
    serving: gpd.GeoDataFrame,
    kinds: Sequence[str],
) -> StudyWalks:
    """Who reaches what, by every walker and within every limit that the study or a rule asks for.

    Parameters
    ----------
    study, tables, standards
        The study.
    networks
        From `networks_of`.
    serving
        The facilities in service.
    kinds
        The kinds that are looked at.

    """
    rules = [rule for standard in standards for rule in standard.rules]
    own = study_walker(study).name, study.walk.limit_min
    walks = sorted({own} | {(rule.walker, rule.limit_min) for rule in rules if rule.limit_min})
    services = list(dict.fromkeys(one for rule in rules if rule.limit_min for one in rule.services))
    road_m = _road_m(rules, serving, tables)
    if not networks:
        reach = {walk: nobody_reaches(tables.dwellings, kinds, services) for walk in walks}
        index = pd.Index(serving["facility_id"], name="facility_id")
        return StudyWalks(own, reach, {}, no_streets(index).assign(households_in_reach=float("nan")), road_m)
    homes = {name: _dwellings_on(network, study, tables) for name, network in networks.items()}
    goals = {name: _facilities_on(network, study, tables, serving) for name, network in networks.items()}
    reach = {
        (name, limit_min): dwelling_reach(
            networks[name], homes[name], goals[name], kinds, limit_min=limit_min, services=services
        )
        for name, limit_min in walks
    }
    shared = {kind for rule in rules if "area_per_100" in rule.measure for kind in rule.kinds}
    matrices = {
        (name, limit_min, decay): walks_within(
            networks[name], homes[name], goals[name].only(goals[name].places["kind"].isin(shared).to_numpy()),
            reach[name, limit_min], limit_min=limit_min, decay=decay,
        )
        for name, limit_min, decay in _matrices(rules, own)
    }  # fmt: skip
    in_reach = households_in_reach(networks[own[0]], homes[own[0]], goals[own[0]], limit_min=own[1])
    facilities = on_streets(goals[own[0]])
    nowhere = goals[own[0]].places.set_index("facility_id").geometry.isna() & (facilities["snapped"] != "snapped")
    facilities = facilities.assign(households_in_reach=in_reach.mask(nowhere))
    placed = homes[own[0]], goals[own[0]]
    return StudyWalks(own, reach, matrices, facilities, road_m, tuple(street_faults(tables, placed[0])), placed)


def _matrices(rules: Sequence[Rule], own: Walk) -> list[tuple[str, float, Decay]]:
    """The study's own walk, where a rule on floor area asks for it, and those of rules on floor area within reach."""
    area = any(rule.measure == "floor_area_per_100_households" for rule in rules)
    wanted = {(*own, "none")} if area else set()
    return sorted(
        wanted
        | {
            (rule.walker, rule.limit_min, rule.decay)
            for rule in rules
            if rule.measure == "reachable_floor_area_per_100_households" and rule.limit_min
        }
    )


def _road_m(rules: Sequence[Rule], serving: gpd.GeoDataFrame, tables: Tables) -> dict[str, float]:
    if not any(rule.measure == "road_distance_m" for rule in rules):
        return {}
    found: dict[str, float] = nearest_road_m(serving, tables.streets, tables.gates).to_dict()
    return found


def _walkers(study: Study, standards: Sequence[Standard]) -> list[Walker]:
    """Every walker that the study or a rule asks for, each once."""
    own = study_walker(study)
    known = walkers_of(study) | {own.name: own}
    names = {own.name} | {rule.walker for standard in standards for rule in standard.rules if rule.limit_min}
    return [known[name] for name in sorted(names)]


def _dwellings_on(network: Network, study: Study, tables: Tables) -> Placed:
    entrances, homes = None, with_areas(tables.dwellings, tables.units)
    if len(tables.compounds):
        entrances = compound_entrances(homes, tables.compounds, tables.gates, gates_policy=study.walk.gates)
    return place_on_streets(
        network, homes, key="dwelling_id", snap_m=study.walk.snap_m, entrances=entrances,
        barriers=tables.barriers,
    )  # fmt: skip


def _facilities_on(network: Network, study: Study, tables: Tables, serving: gpd.GeoDataFrame) -> Placed:
    return place_on_streets(
        network, with_areas(serving, tables.units), key="facility_id", snap_m=study.walk.snap_m,
        entrances=tables.entrances, barriers=tables.barriers,
    )  # fmt: skip
