"""Walking reach and compliance of community services: is the 15-minute life circle there, where not, and why.

>>> import lifecircle as lc
>>> lc.load_standard("shanghai-2021").rule("floor-area").value
35.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from lifecircle.areas import catchments as catchments
    from lifecircle.checks import find_faults as find_faults
    from lifecircle.checks import require_clean as require_clean
    from lifecircle.circles import Circles as Circles
    from lifecircle.circles import make_circles as make_circles
    from lifecircle.compounds import compound_entrances as compound_entrances
    from lifecircle.compounds import gated_streets as gated_streets
    from lifecircle.datums import from_wgs84 as from_wgs84
    from lifecircle.datums import to_wgs84 as to_wgs84
    from lifecircle.errors import LifecircleError as LifecircleError
    from lifecircle.errors import NetworkError as NetworkError
    from lifecircle.errors import StandardError as StandardError
    from lifecircle.errors import StudyError as StudyError
    from lifecircle.errors import TableError as TableError
    from lifecircle.floating import floating_catchment as floating_catchment
    from lifecircle.floating import households_around as households_around
    from lifecircle.floating import households_in_reach as households_in_reach
    from lifecircle.floating import services_in_reach as services_in_reach
    from lifecircle.flow import assess as assess
    from lifecircle.flow import assess_tables as assess_tables
    from lifecircle.flow import check_study as check_study
    from lifecircle.heights import with_heights as with_heights
    from lifecircle.islands import island_table as island_table
    from lifecircle.network import Network as Network
    from lifecircle.network import build_network as build_network
    from lifecircle.publish.database import write_database as write_database
    from lifecircle.publish.folder import write_report as write_report
    from lifecircle.reach import nearest_facilities as nearest_facilities
    from lifecircle.reach import nearest_minutes as nearest_minutes
    from lifecircle.reach import walk_blocks as walk_blocks
    from lifecircle.reach import walk_minutes as walk_minutes
    from lifecircle.readers.graphs import streets_from_graph as streets_from_graph
    from lifecircle.readers.headers import understood_table as understood_table
    from lifecircle.readers.inputs import read_inputs as read_inputs
    from lifecircle.result import Result as Result
    from lifecircle.snapping import Placed as Placed
    from lifecircle.snapping import place_on_streets as place_on_streets
    from lifecircle.snapping import snap as snap
    from lifecircle.spreading import spread_households as spread_households
    from lifecircle.standards import load_standard as load_standard
    from lifecircle.store import kept_network as kept_network
    from lifecircle.store import load_network as load_network
    from lifecircle.store import save_network as save_network
    from lifecircle.streets import join_crossings as join_crossings
    from lifecircle.streets import with_gates as with_gates
    from lifecircle.study import read_study as read_study
    from lifecircle.tables import Tables as Tables
    from lifecircle.walkers import Walker as Walker

# Each public name and the module it lives in; modules are imported when a name is first used.
_HOMES = {
    "Circles": "circles",
    "LifecircleError": "errors",
    "Network": "network",
    "NetworkError": "errors",
    "Placed": "snapping",
    "Result": "result",
    "StandardError": "errors",
    "StudyError": "errors",
    "TableError": "errors",
    "Tables": "tables",
    "Walker": "walkers",
    "assess": "flow",
    "assess_tables": "flow",
    "build_network": "network",
    "catchments": "areas",
    "check_study": "flow",
    "compound_entrances": "compounds",
    "find_faults": "checks",
    "floating_catchment": "floating",
    "from_wgs84": "datums",
    "gated_streets": "compounds",
    "households_around": "floating",
    "households_in_reach": "floating",
    "island_table": "islands",
    "join_crossings": "streets",
    "kept_network": "store",
    "load_network": "store",
    "load_standard": "standards",
    "make_circles": "circles",
    "nearest_facilities": "reach",
    "nearest_minutes": "reach",
    "place_on_streets": "snapping",
    "read_inputs": "readers.inputs",
    "read_study": "study",
    "require_clean": "checks",
    "save_network": "store",
    "services_in_reach": "floating",
    "snap": "snapping",
    "spread_households": "spreading",
    "streets_from_graph": "readers.graphs",
    "to_wgs84": "datums",
    "understood_table": "readers.headers",
    "walk_blocks": "reach",
    "walk_minutes": "reach",
    "with_gates": "streets",
    "with_heights": "heights",
    "write_database": "publish.database",
    "write_report": "publish.folder",
}
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    """Import a public name's module when the name is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'lifecircle' has no attribute '{name}'; it has {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"lifecircle.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
