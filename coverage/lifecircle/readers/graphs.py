"""Street graphs of OSMnx and NetworkX, in memory or saved as GraphML, read as streets."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.crs import known_crs
from lifecircle.errors import TableError
from lifecircle.readers.osm_streets import foot_oneway, node_facts, sidewalk
from lifecircle.tables import CONTRACTS, empty_table

if TYPE_CHECKING:
    import networkx as nx

SUFFIX = ".graphml"
_DEGREES = "EPSG:4326"
_MOST = 1e9  # no coordinate on earth is larger, be it in degrees, metres or feet
_TAGS = ("name", "highway", "foot", "access", "bridge", "tunnel", "layer", "sidewalk", "oneway:foot", "conveying")


def is_graph(path: str | Path) -> bool:
    """Whether a path names a saved street graph."""
    return str(path).lower().endswith(SUFFIX)


def read_graph(path: Path) -> gpd.GeoDataFrame:
    """Streets of a GraphML file as OSMnx saves it; see `streets_from_graph`.

    Raises
    ------
    TableError
        It is no GraphML, or a node has no place.

    """
    from xml.etree.ElementTree import ParseError

    import networkx

    try:
        graph = networkx.read_graphml(path)
    except (ParseError, networkx.NetworkXError, KeyError, ValueError, OSError) as problem:
        raise TableError(f"{path}: expected a street graph in GraphML; found {problem}") from problem
    return streets_from_graph(graph)


def streets_from_graph(graph: nx.Graph[Any]) -> gpd.GeoDataFrame:
    """Streets of a graph whose nodes have x and y, in the CRS of the graph (WGS 84 degrees where it states none).

    An edge is a street between its two nodes: along its `geometry`, a line or its WKT, or straight. Two edges between
    the same nodes with the same course, whichever way it is drawn, are one street. Of a list of tags, such as
    `['footway', 'path']` of an edge made of several ways, the first counts. `oneway` is for vehicles and is not read.

    Returns
    -------
    GeoDataFrame
        One row per street in the order of `street_id` (`osmid/u/v/key`), with the columns of `CONTRACTS["streets"]`.

    Raises
    ------
    TableError
        A node has no x and y, an edge has a geometry that is no line, or the graph's CRS is not known.

    Examples
    --------
    >>> import networkx
    >>> graph = networkx.MultiDiGraph()
    >>> graph.add_nodes_from([(1, {"x": 121.0, "y": 31.0}), (2, {"x": 121.1, "y": 31.0})])
    >>> _ = graph.add_edge(1, 2, osmid=7, highway="footway"), graph.add_edge(2, 1, osmid=7, highway="footway")
    >>> streets_from_graph(graph)[["street_id", "highway", "from_node", "to_node"]].to_numpy().tolist()
    [['7/1/2/0', 'footway', '1', '2']]

    """
    crs = known_crs(graph.graph.get("crs") or _DEGREES)
    if crs is None:
        raise TableError(f"graph: CRS is '{graph.graph['crs']}'; expected a code such as {_DEGREES}")
    places = {node: _place(node, data) for node, data in graph.nodes(data=True)}
    facts = {node: node_facts(_texts(data) | _height(data)) for node, data in graph.nodes(data=True)}
    rows = [_row(start, end, key, data, places, facts) for start, end, key, data in _edges(graph)]
    if not rows:
        return empty_table("streets", crs.to_string()).drop(columns="row")
    table = pd.DataFrame(rows)
    table["course"] = shapely.to_wkb(shapely.normalize(table["geometry"].to_numpy()))
    table["nodes"] = [" ".join(sorted(pair)) for pair in zip(table["from_node"], table["to_node"], strict=True)]
    table = table.sort_values(["turned", "from_node", "to_node", "street_id"], kind="stable")
    table = table.drop_duplicates(["nodes", "course"]).sort_values("street_id", kind="stable", ignore_index=True)
    columns = {
        one.name: pd.array(table[one.name].to_numpy(), dtype="str" if one.reading == "text" else "float64")
        for one in CONTRACTS["streets"]
    }
    return gpd.GeoDataFrame(columns, geometry=table["geometry"].to_numpy(), crs=crs)


def _edges(graph: Any) -> Iterable[tuple[Any, Any, Any, dict[str, Any]]]:
    """Start, end, key and tags of every edge; the key is 0 where the graph has none."""
    if graph.is_multigraph():
        return [*graph.edges(keys=True, data=True)]
    return [(start, end, 0, data) for start, end, data in graph.edges(data=True)]


def _place(node: object, data: Mapping[str, Any]) -> tuple[float, float]:
    try:
        x, y = float(data["x"]), float(data["y"])
    except (KeyError, TypeError, ValueError) as problem:
        raise TableError(f"graph: node {node} has no x and y; expected numbers such as x=121.47, y=31.23") from problem
    if not (abs(x) < _MOST and abs(y) < _MOST):
        raise TableError(f"graph: node {node} lies at ({x}, {y}); expected numbers such as x=121.47, y=31.23")
    return x, y


def _row(
    start: object,
    end: object,
    key: object,
    data: Mapping[str, Any],
    places: Mapping[Any, tuple[float, float]],
    facts: Mapping[Any, tuple[str, str, float]],
) -> dict[str, object]:
    """One edge as a row, with `turned` where it runs against the way that it was made from."""
    tags = _texts(data)
    row: dict[str, object] = {name: tags.get(name, "") for name in _TAGS}
    for side, node in (("from", start), ("to", end)):
        barrier, signal, height = facts[node]
        row |= {f"{side}_node": str(node), f"{side}_barrier": barrier, f"{side}_signal": signal}
        row |= {f"{side}_ele_m": height, f"{side}_cut": ""}
    return row | {
        "street_id": f"{_osmid(data)}/{start}/{end}/{key}",
        "oneway": foot_oneway(tags),
        "sidewalk": sidewalk(tags),
        "turned": tags.get("reversed", "").lower() == "true",
        "geometry": _line(f"{start}-{end}", data.get("geometry"), places[start], places[end]),
    }


def _line(edge: str, given: object, start: tuple[float, float], end: tuple[float, float]) -> shapely.LineString:
    """The course of an edge from its first node to its second."""
    if given is None or given == "":
        return shapely.LineString([start, end])
    try:
        line = shapely.from_wkt(given) if isinstance(given, str) else given
    except shapely.errors.ShapelyError as problem:
        raise TableError(f"graph: edge {edge} has a geometry that is no line: {problem}") from problem
    if not isinstance(line, shapely.LineString) or line.is_empty:
        raise TableError(f"graph: edge {edge} has a geometry that is no line: {str(line)[:60]}")
    ends = shapely.get_coordinates(line)[[0, -1]]
    forward, backward = (np.abs(one - [start, end]).sum() for one in (ends, ends[::-1]))
    return line if forward <= backward else shapely.reverse(line)


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    """Tags as texts; of a list the first, missing ones left out."""
    found = {name: _first(value) for name, value in data.items() if name != "geometry"}
    return {name: text for name, text in found.items() if text}


def _first(value: object) -> str:
    one = _listed(value)[:1]
    missing = not one or one[0] is None or (isinstance(one[0], float) and np.isnan(one[0]))
    return "" if missing else str(one[0])


def _listed(value: object) -> list[Any]:
    """A value as a list, also where GraphML holds the list as text."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            found = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return [value]
        return list(found)
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _osmid(data: Mapping[str, Any]) -> str:
    return "+".join(map(str, _listed(data.get("osmid", "")))) or "edge"


def _height(data: Mapping[str, Any]) -> dict[str, str]:
    """The height of a node as it is tagged, else as OSMnx adds it."""
    return {"ele": _first(data.get("ele")) or _first(data.get("elevation"))}
