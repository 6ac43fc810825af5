"""The tools that are measured, a module each.

A module has `build(town)`, which makes what the tool searches on, and `TASKS`, from the name of a task to a function
of what was built and the town that returns the answer. Its `handed_over(task, answer)` turns that into an array as
`tasks.compared` describes it, and is not timed. A task that a tool has no way
to do is not there; a tool's tasks are run in the order in which it names them.
"""

from importlib import import_module
from types import ModuleType

OURS, OUR_SNAP = "lifecircle", "lifecircle_snap"
FOR_SNAPPING = (OUR_SNAP, "shapely")  # what they build is for snapping alone
# The name a tool goes by and what it is called in a package registry.
TOOLS = {
    "lifecircle": "lifecircle",
    "lifecircle_snap": "lifecircle",
    "scipy": "scipy",
    "networkx": "networkx",
    "pandana": "pandana",
    "igraph": "python-igraph",
    "rustworkx": "rustworkx",
    "cityseer": "cityseer",
    "shapely": "shapely",
}


def tool(name: str) -> ModuleType:
    """The module of a tool; ModuleNotFoundError if the tool is not installed."""
    return import_module(f"tools.{name}")
