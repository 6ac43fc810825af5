"""The one place that knows the order: read, check, network, reach, comply."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from lifecircle.checks import find_faults, require_clean
from lifecircle.circles import Circles
from lifecircle.circling import circles_of_study, wants_circles, with_circles
from lifecircle.errors import StandardError
from lifecircle.faults import Fault, fault, fault_table, hint, more_faults, nearest_word
from lifecircle.judging import comply_with
from lifecircle.ledger import not_in_service
from lifecircle.manifest import manifest_of
from lifecircle.places import unit_of_places
from lifecircle.readers.inputs import load_inputs
from lifecircle.registers import group_faults
from lifecircle.result import Result
from lifecircle.standards import Standard, read_standard
from lifecircle.study import Study, read_study, settings_of, study_faults, study_walker, walkers_of
from lifecircle.summary import summary_of
from lifecircle.tables import Tables
from lifecircle.walking import networks_of, walks_of_study
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
        faults = _clean(study, tables, standards, standard_faults)
    return _judged(study, tables, standards, faults, clock, cache)


def assess_tables(study: Study, tables: Tables, standards: Sequence[Standard]) -> Result:
    """Assess tables that are already in memory; the study gives the settings, its files are not read.

    Raises
    ------
    TableError
        An input is wrong; every error is listed.

    """
    faults = _all_faults(study, tables, standards, [])
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
    with clock.stage("network"):
        networks = networks_of(study, tables, standards, cache)
    with clock.stage("reach"):
        serving = tables.facilities[not_in_service(tables.facilities, study.study.date) == ""]
        kinds = _kinds(serving, standards)
        walks = walks_of_study(study, tables, standards, networks, serving, kinds)
        faults = more_faults(faults, walks.faults)
        dwellings = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
        wanted = wants_circles(study, tables, standards)
        circles = circles_of_study(study, tables, walks, dwellings, standards) if wanted else None
    with clock.stage("comply"):
        tables = tables if circles is None else with_circles(tables, circles)
        drafts = frozenset() if circles is None else frozenset(["circle"])
        found = comply_with(study, tables, standards, walks, dwellings, kinds, drafts=drafts)
        facilities = _joined(found.facilities, walks.facilities, "facility_id")
        facilities = _nobody_beyond(facilities, serving) if networks else facilities
        dwellings = _joined(dwellings, walks.reach[walks.own], "dwelling_id")
    summary = summary_of(
        study, found.verdicts, dwellings, facilities, faults, kinds, missing=found.missing, reachable=found.reachable,
        circles=circles, equity=found.equity,
    )  # fmt: skip
    manifest = manifest_of(study, tables, standards, networks.get(walks.own[0]), summary)
    return Result(
        study, tables, tuple(standards), found.verdicts, facilities, dwellings, faults, summary, manifest,
        missing=found.missing, reachable=found.reachable, equity=found.equity, circles=circles, seconds=clock.seconds,
    )  # fmt: skip


def _joined(table: gpd.GeoDataFrame, measured: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    """A table with what was measured; columns of the same name, from a result that was fed back, give way."""
    known = table.drop(columns=[name for name in measured if name in table])
    return known.merge(measured, left_on=key, right_index=True, how="left", validate="one_to_one")


def _nobody_beyond(facilities: gpd.GeoDataFrame, serving: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """No household is in reach of what does not serve; of what serves without a place, nobody knows how many are."""
    idle = ~facilities["facility_id"].isin(serving["facility_id"])
    return facilities.assign(households_in_reach=facilities["households_in_reach"].mask(idle, 0.0))


def circles_of(study: Study | str | Path, *, on_stage: OnStage | None = None) -> Circles:
    """Circles of a study's neighbourhoods, whether or not it has some: a layer to edit and to name in `[circles] path`.

    Raises
    ------
    StudyError, StandardError, TableError
        The study or an input is wrong, or it has no streets, dwellings or neighbourhoods to make circles of.

    Examples
    --------
    >>> circles_of("data/sample").layer["unit_id"].tolist()
    ['A-C01', 'A-C02', 'B-C01']

    """
    study = study if isinstance(study, Study) else read_study(study)
    clock = _Clock(on_stage)
    with clock.stage("read"):
        standards, standard_faults = _standards(study)
        tables = load_inputs(study)
    with clock.stage("check"):
        _clean(study, tables, standards, standard_faults)
    with clock.stage("network"):
        networks = networks_of(study, tables, [], None)
    with clock.stage("reach"):
        serving = tables.facilities[not_in_service(tables.facilities, study.study.date) == ""]
        walks = walks_of_study(study, tables, [], networks, serving, [])
        dwellings = tables.dwellings.assign(unit_id=unit_of_places(tables.dwellings, tables.units, stated="unit_id"))
        return circles_of_study(study, tables, walks, dwellings, standards)


@dataclass(frozen=True)
class Checked:
    """A study's inputs as far as they could be read, and every fault of them and of its standards, worst first."""

    tables: Tables
    faults: pd.DataFrame


def check_study(study: Study | str | Path) -> Checked:
    """Read a study and check it; nothing is raised for a wrong input.

    Examples
    --------
    >>> set(check_study("data/sample").faults["severity"])
    {'warning'}

    """
    study = study if isinstance(study, Study) else read_study(study)
    standards, standard_faults = _standards(study)
    tables = load_inputs(study)
    return Checked(tables, _all_faults(study, tables, standards, standard_faults))


def faults_of_study(study: Study | str | Path) -> pd.DataFrame:
    """Every fault of a study's standards and inputs, worst first; nothing is raised for a wrong input."""
    return check_study(study).faults


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


def _all_faults(
    study: Study, tables: Tables, standards: Sequence[Standard], standard_faults: list[Fault]
) -> pd.DataFrame:
    """Every fault; that a floor area is not stated is none where no rule asks for floor area."""
    found = find_faults(
        tables, snap_m=study.walk.snap_m, settings=settings_of(study), most_m2=study.count.most_m2, on=study.study.date
    )
    rules = [rule for standard in standards for rule in standard.rules]
    if rules and not any("area" in rule.measure or rule.least_m2 for rule in rules):
        found = found[found["check"] != "unknown-area"]
    found = pd.concat([fault_table(standard_faults), found], ignore_index=True) if standard_faults else found
    groups = group_faults(tables, study.equity.groups.values(), study.equity.of)
    return found if study_faults(study) else more_faults(found, [*groups, *_flat(study, tables)])


def _flat(study: Study, tables: Tables) -> list[Fault]:
    """A walker whose walks depend on slopes, on streets without heights."""
    walker, streets = study_walker(study), tables.streets
    if walker.slope == "none" or not len(streets) or streets.has_z.any():
        return []
    return [fault("slope-without-heights", str(study.path), found=walker.name)]


def _clean(study: Study, tables: Tables, standards: Sequence[Standard], standard_faults: list[Fault]) -> pd.DataFrame:
    """All faults, if none is an error; else a `StandardError` if only standards are wrong, or a `TableError`."""
    faults = _all_faults(study, tables, standards, standard_faults)
    errors = faults[faults["severity"] == "error"]
    if len(errors) and len(errors) == len(standard_faults):
        raise StandardError(standard_faults, study.study.language)
    require_clean(faults, lang=study.study.language)
    return faults


def _kinds(facilities: pd.DataFrame, standards: list[Standard]) -> list[str]:
    """Kinds that a rule names, in its order, then all others that are there."""
    named = [kind for standard in standards for rule in standard.rules for kind in rule.kinds]
    return list(dict.fromkeys([*named, *sorted(set(facilities["kind"]))]))
