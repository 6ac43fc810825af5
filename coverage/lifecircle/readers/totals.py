"""Households of units from a table of their own, where the boundaries do not state them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, Where, fault
from lifecircle.naming import Named, with_codes
from lifecircle.provenance import called, where_of
from lifecircle.readers.parts import Part, read_part
from lifecircle.study import Study
from lifecircle.tables import Tables


def with_totals(study: Study, tables: Tables) -> Tables:
    """The tables, with households of units that state none from the study's table of totals.

    Rows name units by key or name. What a boundary states itself goes first; where the two differ a warning says so.
    """
    if study.totals is None:
        return tables
    part = read_part(study, "totals", study.totals, study.totals.sheet or study.totals.layer)
    tables = replace(tables, sources=(*tables.sources, *part.sources), faults=(*tables.faults, *part.faults))
    if not len(part.table) or not len(tables.units) or not part.sources:
        return tables
    where = _where(part)
    said = Named(dict(part.sources[0].headers).get("unit_id", "unit_id"), where, similar=study.names.similar)
    coded, faults = with_codes(part.table, "unit_id", tables.units, said)
    keys = coded["unit_id"].to_numpy(dtype=object)
    again = pd.Series(keys).duplicated().to_numpy() & (keys != "")
    twice = np.flatnonzero(again).tolist()
    faults += [fault("total-twice", where(place), column=said.header, found=keys[place]) for place in twice]
    totals = dict(zip(keys[~again], coded["households"].to_numpy()[~again], strict=True))
    stated = tables.units["households"].to_numpy(dtype="float64")
    given = tables.units["unit_id"].map(totals).to_numpy(dtype="float64")
    faults += _differing(tables, stated, given)
    units = tables.units.assign(households=np.where(np.isnan(stated), given, stated))
    return replace(tables, units=units, faults=(*tables.faults, *faults))


def _where(part: Part) -> Callable[[int], Where]:
    source, rows = part.sources[0], part.table["row"].to_numpy()
    named = part.table["unit_id"].to_numpy(dtype=object)
    return lambda place: Where(source.file, "totals", source.sheet, int(rows[place]), record=str(named[place]))


def _differing(tables: Tables, stated: np.ndarray, given: np.ndarray) -> list[Fault]:
    """Units whose boundary states other households than the table of totals."""
    return [
        fault(
            "totals-disagree",
            replace(where_of(tables, "units", place), households=float(abs(stated[place] - given[place]))),
            found=called(tables.units, "units", place),
            stated=f"{stated[place]:,.15g}",
            given=f"{given[place]:,.15g}",
        )
        for place in np.flatnonzero(np.abs(stated - given) >= 1).tolist()
    ]
