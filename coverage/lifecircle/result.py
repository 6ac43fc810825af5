"""The result of an assessment: one frozen value from which the map, the report and every table are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from lifecircle.standards import Standard
from lifecircle.study import Study
from lifecircle.tables import Tables

if TYPE_CHECKING:
    import folium


@dataclass(frozen=True)
class Result:
    """What an assessment found.

    Attributes
    ----------
    units
        One row per unit and rule: value, low, high, verdict, gap, why; see `comply`.
    facilities
        The ledger: every facility with where it counts, for how many m², or why not.
    dwellings
        Every dwelling with its unit, minutes to each kind and whether it reaches.
    faults
        What is wrong with the inputs, worst first.
    summary
        The headline figures, as they go into summary.json.
    manifest
        Inputs with sha256, parameters, versions, totals.
    study, tables, standards
        What went in.
    seconds
        How long each stage took; never written to a report.

    """

    study: Study
    tables: Tables
    standards: tuple[Standard, ...]
    units: pd.DataFrame
    facilities: gpd.GeoDataFrame
    dwellings: gpd.GeoDataFrame
    faults: pd.DataFrame
    summary: Mapping[str, Any]
    manifest: Mapping[str, Any]
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """Study and verdicts."""
        counts = ", ".join(f"{verdict} {n}" for verdict, n in self.units["verdict"].value_counts(sort=False).items())
        return f"Result({self.study.name}: {counts})"

    def map(self) -> folium.Map:
        """The map of this result; it shows itself in a notebook and opens without internet."""
        from lifecircle.publish.map import draw_map
        from lifecircle.publish.payload import map_payload

        return draw_map(map_payload(self))
