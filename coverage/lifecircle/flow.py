"""The one place that knows the order: read, check, network, reach, comply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lifecircle.checks import find_faults, require_clean
from lifecircle.comply import comply, units_of_study
from lifecircle.compounds import compound_entrances, gated_streets
from lifecircle.errors import StandardError
from lifecircle.faults import Fault, fault, fault_table, hint, more_faults, nearest_word
from lifecircle.floating import households_in_reach
from lifecircle.islands import street_faults
from lifecircle.ledger import ledger_entries, ledger_table, not_in_service
from lifecircle.manifest import manifest_of
from lifecircle.network import Network, build_network
from lifecircle.places import unit_of_places
from lifecircle.reach import dwelling_reach, on_streets
from lifecircle.readers.inputs import load_inputs
from lifecircle.result import Result
from lifecircle.snapping import Placed, place_on_streets
from lifecircle.standards import Standard, read_standard
from lifecircle.store import kept_network
from lifecircle.study import Study, kind_name, read_study, study_faults, study_walker, walkers_of
from lifecircle.summary import summary_of
from lifecircle.tables import Tables
from lifecircle.walkers import Walker, load_walking, may_walk
from lifecircle.words import spellings

OnStage = Callable[[str], None]


def assess(study: Study | str | Path, *, on_stage: OnStage | None = None, cache: str | Path | None = None) -> Result:
    """Assess a study: read, check, build the network, walk, and hold every unit to every rule.

    Parameters
    ----------
    study
        A study, or the path of its study.toml or folder.
    on_stage
        Called with the name of each stage when it begins.
    cache
        A folder in which the walking network is kept, so that the next run on the same streets does not build it.

    Returns
    -------
    Result

    Raises
    ------
    StudyError, StandardError, TableError
        The study, a standard or an input is wrong; every mistake is listed, nothing is written.

    Examples
    --------
    >>> result = assess("data/sample/study.toml")
    >>> sorted(set(result.units["verdict"]))
    ['met', 'not_applicable', 'reference', 'unknown', 'unmet']

    """
    study = study if isinstance(study, Study) else read_study(study)
    clock = _Clock(on_stage)
    with clock.stage("read"):
        standards, standard_faults = _standards(study)
        tables = load_inputs(study)
    with clock.stage("check"):
        faults = _clean(study, tables, standard_faults)
    return _judged(study, tables, standards, faults, clock, cache)


def assess_tables(study: Study, tables: Tables, standards: Sequence[Standard]) -> Result:
    """Assess tables that are already in memory; the study gives the settings, its files are not read.

    Raises
    ------
    TableError
        An input is wrong; every error is listed.

    """
    faults = _all_faults(study, tables, [])
    require_clean(faults, lang=study.study.language)
    return _judged(study, tables, list(standards), faults, _Clock(None))


def _judged(
    study: Study,
    tables: Tables,
    standards: list[Standard],
    faults: pd.DataFrame,
    clock: _Clock,
    cache: str | Path | None = None,
) -> Result:
    """The stages after the inputs are found clean."""
    walks = _walks(study, standards)
    own = (study_walker(study).name, study.walk.limit_min)
    with clock.stage("network"):
        networks = _networks(study, tables, [walker for walker, _ in walks.values()], cache)
    with clock.stage("reach"):
        serving = tables.facilities[not_in_service(tables.facilities, study.study.date) == ""]
        kinds = _kinds(serving, standards)
        homes = {name: _dwellings_on(network, study, tables) for name, network in networks.items()}
        goals = {name: _facilities_on(network, study, tables, serving) for name, network in networks.items()}
        reach = {
            (name, limit_min): dwelling_reach(networks[name], homes[name], goals[name], kinds, limit_min=limit_min)
            for name, limit_min in walks
        }
        in_reach = households_in_reach(networks[own[0]], homes[own[0]], goals[own[0]], limit_min=own[1])
        faults = more_faults(faults, street_faults(tables, homes[own[0]]))
    with clock.stage("comply"):
        ranges, area_kinds = study.unknown, _area_kinds(standards)
        unit_ids = unit_of_places(tables.dwellings, tables.units, stated="unit_id")
        dwellings = tables.dwellings.assign(unit_id=unit_ids)
        entries = ledger_entries(
            tables.facilities, tables.units, date=study.study.date, kinds=area_kinds, unknown_m2=ranges.floor_area_m2
        )
        units = units_of_study(
            tables.units, dwellings, entries, name=study.study.name, unknown_households=ranges.households
        )
        names = {kind: kind_name(study, kind) for kind in kinds}
        verdicts = comply(standards, units, dwellings, reach, year=study.study.year, kind_names=names)
        in_reach = in_reach.reindex(tables.facilities["facility_id"], fill_value=0.0)
        facilities = ledger_table(tables.facilities, entries, tables.units, in_reach.to_frame())
        facilities = _joined(facilities, on_streets(goals[own[0]]), "facility_id")
        dwellings = _joined(dwellings, reach[own], "dwelling_id")
    summary = summary_of(study, verdicts, dwellings, facilities, faults, kinds)
    manifest = manifest_of(study, tables, standards, networks[own[0]], summary)
    seconds = clock.seconds
    return Result(study, tables, tuple(standards), verdicts, facilities, dwellings, faults, summary, manifest, seconds)


def _joined(table: gpd.GeoDataFrame, measured: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    """A table with what was measured; columns of the same name, from a result that was fed back, give way."""
    known = table.drop(columns=[name for name in measured if name in table])
    return known.merge(measured, left_on=key, right_index=True, how="left", validate="one_to_one")


def faults_of_study(study: Study | str | Path) -> pd.DataFrame:
    """Every fault of a study's standards and inputs, worst first; nothing is raised for a wrong input."""
    study = study if isinstance(study, Study) else read_study(study)
    _, standard_faults = _standards(study)
    tables = load_inputs(study)
    return _all_faults(study, tables, standard_faults)


class _Clock:
    """Seconds of each stage."""

    def __init__(self, on_stage: OnStage | None) -> None:
        self.on_stage = on_stage
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        if self.on_stage:
            self.on_stage(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def _standards(study: Study) -> tuple[list[Standard], list[Fault]]:
    """The standards of a study, with every fault of theirs and of what the study itself asks for."""
    faults = study_faults(study)
    found: list[Standard] = []
    for name in study.study.standards:
        standard, wrong = read_standard(name, folder=study.folder, said_in=str(study.path))
        faults += wrong
        if standard is None:
            continue
        if any(standard.id == other.id for other in found):
            faults.append(fault("same-standard", str(study.path), found=standard.id))
        found.append(standard)
        faults += _unknown_to(study, standard, Path(name).name) if not study_faults(study) else []
    return found, faults


def _unknown_to(study: Study, standard: Standard, file: str) -> list[Fault]:
    """Walkers and kinds that a standard's rules name and nothing knows."""
    walkers = {*walkers_of(study), study_walker(study).name}
    kinds = {*spellings("kind").values(), *study.kinds}
    faults = []
    for rule in standard.rules:
        odd = [("walker", rule.walker, walkers)] if rule.limit_min and rule.walker not in walkers else []
        odd += [("kinds", kind, kinds) for kind in rule.kinds if kind not in kinds and nearest_word(kind, kinds)]
        faults += [
            fault(
                "unknown-rule",
                file,
                rule=rule.id,
                field=field,
                found=word,
                expected=", ".join(sorted(known)),
                **hint(word, known),
            )
            for field, word, known in odd
        ]
    return faults


def _all_faults(study: Study, tables: Tables, standard_faults: list[Fault]) -> pd.DataFrame:
    found = find_faults(tables, snap_m=study.walk.snap_m, settings=_settings(study))
    found = pd.concat([fault_table(standard_faults), found], ignore_index=True) if standard_faults else found
    return found if study_faults(study) else more_faults(found, _flat(study, tables))


def _flat(study: Study, tables: Tables) -> list[Fault]:
    """A walker whose walks depend on slopes, on streets without heights."""
    walker, streets = study_walker(study), tables.streets
    if walker.slope == "none" or not len(streets) or streets.has_z.any():
        return []
    return [fault("slope-without-heights", str(study.path), found=walker.name)]


def _clean(study: Study, tables: Tables, standard_faults: list[Fault]) -> pd.DataFrame:
    """All faults, if none is an error; else a `StandardError` if only standards are wrong, or a `TableError`."""
    faults = _all_faults(study, tables, standard_faults)
    errors = faults[faults["severity"] == "error"]
    if len(errors) and len(errors) == len(standard_faults):
        raise StandardError(standard_faults, study.study.language)
    require_clean(faults, lang=study.study.language)
    return faults


def _walks(study: Study, standards: list[Standard]) -> dict[tuple[str, float], tuple[Walker, float]]:
    """Every walker and limit that the study or a rule asks for."""
    own = study_walker(study)
    known = walkers_of(study) | {own.name: own}
    wanted = {(own.name, study.walk.limit_min)}
    wanted |= {(rule.walker, rule.limit_min) for standard in standards for rule in standard.rules if rule.limit_min}
    return {(name, limit): (known[name], limit) for name, limit in sorted(wanted)}


def _networks(study: Study, tables: Tables, walkers: Sequence[Walker], cache: str | Path | None) -> dict[str, Network]:
    """One network for all walkers: streets and nodes are shared, walks are each one's own."""
    streets = tables.streets
    if len(tables.gates):
        walkable = streets[may_walk(streets, load_walking(_settings(study)).streets)]
        streets = gated_streets(walkable, tables.gates, tables.compounds)
    first, *others = walkers
    build = partial(kept_network, cache) if cache else build_network
    network = build(streets, walker=first, gates=study.walk.gates, extent=tables.extent, settings=_settings(study))
    return {first.name: network} | {walker.name: network.for_walker(walker) for walker in others}


def _dwellings_on(network: Network, study: Study, tables: Tables) -> Placed:
    entrances = None
    if len(tables.compounds):
        entrances = compound_entrances(tables.dwellings, tables.compounds, tables.gates, gates_policy=study.walk.gates)
    return place_on_streets(
        network, tables.dwellings, key="dwelling_id", snap_m=study.walk.snap_m, entrances=entrances,
        barriers=tables.barriers,
    )  # fmt: skip


def _facilities_on(network: Network, study: Study, tables: Tables, serving: gpd.GeoDataFrame) -> Placed:
    return place_on_streets(
        network, serving, key="facility_id", snap_m=study.walk.snap_m, entrances=tables.entrances,
        barriers=tables.barriers,
    )  # fmt: skip


def _settings(study: Study) -> Path | None:
    """The study's own walking settings; None, for those that ship, where it has none or they are wrong."""
    return study.file(study.walk.settings) if study.walk.settings and not study_faults(study) else None


def _kinds(facilities: pd.DataFrame, standards: list[Standard]) -> list[str]:
    """Kinds that a rule names, in its order, then all others that are there."""
    named = [kind for standard in standards for rule in standard.rules for kind in rule.kinds]
    return list(dict.fromkeys([*named, *sorted(set(facilities["kind"]))]))


def _area_kinds(standards: list[Standard]) -> set[str]:
    return {
        kind for standard in standards for rule in standard.rules if "floor_area" in rule.measure for kind in rule.kinds
    }
