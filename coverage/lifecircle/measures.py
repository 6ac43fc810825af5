"""The measures by the names that standards use. A new one is a function here and a table in data/measures.toml."""

from __future__ import annotations

from collections.abc import Callable

from lifecircle.counts import facilities_count, met_units_share, offered_services_share
from lifecircle.findings import Finding, Unit, View
from lifecircle.floor_areas import (
    floor_area_per_100_households,
    reachable_floor_area_per_100_households,
    service_area_share,
    smallest_facility_floor_area,
)
from lifecircle.standards import Rule
from lifecircle.walked import reached_households_share, road_distance_m

Measure = Callable[[Rule, Unit, View], Finding]

MEASURES: dict[str, Measure] = {
    measure.__name__: measure
    for measure in (
        floor_area_per_100_households,
        smallest_facility_floor_area,
        met_units_share,
        reached_households_share,
        facilities_count,
        offered_services_share,
        service_area_share,
        road_distance_m,
        reachable_floor_area_per_100_households,
    )
}
