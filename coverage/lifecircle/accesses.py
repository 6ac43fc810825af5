"""What is wrong with gates, compounds and entrances: those that nobody can use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lifecircle.compounds import NEAR_M, gates_of_compounds, usable_gates
from lifecircle.faults import Fault, fault
from lifecircle.provenance import where_of
from lifecircle.streets import gates_off_streets
from lifecircle.tables import Tables
from lifecircle.walkers import load_walking, may_walk

_REACH_M = 10  # how far from a street a gate may lie, as for `with_gates`


def access_faults(tables: Tables, settings: Path | None) -> Iterator[Fault]:
    """A warning for every gate off the streets, every entrance of no facility, every compound without a gate.

    A compound's gate may lie off the streets: its people come out there.
    """
    if len(tables.gates) and len(tables.streets):
        walkable = tables.streets[may_walk(tables.streets, load_walking(settings).streets)]
        own = np.isin(np.arange(len(tables.gates)), gates_of_compounds(tables.gates, tables.compounds)[0])
        off = gates_off_streets(walkable, tables.gates[~own], reach_m=_REACH_M).index
        for place in np.flatnonzero(tables.gates.index.isin(off)).tolist():
            yield fault("gate-off-streets", where_of(tables, "gates", place), reach_m=f"{_REACH_M}")
    known = set(tables.facilities["facility_id"])
    for place, facility_id in enumerate(tables.entrances["facility_id"]):
        if facility_id not in known:
            yield fault("unknown-entrance", where_of(tables, "entrances", place), found=facility_id)
    for place in _without_gate(tables):
        found = tables.compounds["compound_id"].iloc[place] or tables.compounds["name"].iloc[place]
        yield fault("compound-without-gate", where_of(tables, "compounds", place), found=found, near_m=f"{NEAR_M:g}")


def _without_gate(tables: Tables) -> list[int]:
    """Positions of compounds without a gate that is not closed."""
    _, area = gates_of_compounds(usable_gates(tables.gates), tables.compounds)
    return sorted(set(range(len(tables.compounds))) - set(area.tolist()))
