"""OpenStreetMap files: streets cut at their crossings, areas chosen by tags, and the ground to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from shapely.geometry import Polygon

WGS84 = "EPSG:4326"
SUFFIXES = (".osm", ".osm.pbf", ".pbf", ".osm.bz2", ".osm.gz")
_GROUND = {
    "water": {"natural": {"water", "bay"}, "waterway": {"riverbank", "dock"}, "landuse": {"reservoir", "basin"}},
    "green": {
        "leisure": {"park", "garden", "nature_reserve", "golf_course"},
        "landuse": {
            "grass",
            "forest",
            "meadow",
            "recreation_ground",
            "village_green",
            "farmland",
            "orchard",
            "cemetery",
        },
        "natural": {"wood", "scrub", "grassland", "heath"},
    },
}
_STREET_TAGS = ("name", "highway", "foot", "access", "bridge", "tunnel", "layer")
_WALLS = {"wall", "fence", "city_wall", "retaining_wall", "hedge"}


def is_osm(path: str | Path) -> bool:
    """Whether a path names an OpenStreetMap file."""
    return str(path).lower().endswith(SUFFIXES)


@dataclass
class _Collected:
    """What one pass over a file has found."""

    tags: list[tuple[str, ...]] = field(default_factory=list)
    ways: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    refs: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    barriers: dict[int, str] = field(default_factory=dict)
    ground: list[tuple[str, bytes]] = field(default_factory=list)


def read_streets(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Polygon | None]:
    """Streets, ground and extent of an OpenStreetMap file, in WGS 84 degrees.

    Every way with a `highway` tag is cut where it shares a node with another and at barriers; parts of a way whose
    nodes are missing from a clipped file are left out. The extent is the box that the file states, None where it
    states none.
    """
    found = _collect(path)
    return _cut_streets(found), _ground_table(found), _extent(path)


def read_areas(path: Path, tags: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Areas (closed ways and whole multipolygon relations) and nodes of an OpenStreetMap file that bear all `tags`.

    A tag's value is a value, several with `|` between them, or `*` for any. Columns: id (such as way/12), every tag;
    WGS 84 degrees.
    """
    wkb = osmium.geom.WKBFactory()
    rows: list[dict[str, Any]] = []
    things: Any = osmium.FileProcessor(str(path)).with_locations().with_areas()
    for thing in things:
        if not (thing.is_area() or thing.is_node()) or not _bears(thing.tags, tags):
            continue
        try:
            shape = wkb.create_multipolygon(thing) if thing.is_area() else wkb.create_point(thing)
        except RuntimeError:  # a ring that does not close, or a node without a place
            continue
        kind = "node" if thing.is_node() else "way" if thing.from_way() else "relation"
        key = thing.id if thing.is_node() else thing.orig_id()
        rows.append({tag.k: tag.v for tag in thing.tags} | {"id": f"{kind}/{key}", "geometry": bytes.fromhex(shape)})
    rows.sort(key=lambda row: row["id"])
    frame = pd.DataFrame(rows, columns=None if rows else ["id", "geometry"])
    return gpd.GeoDataFrame(
        frame.drop(columns="geometry"), geometry=shapely.from_wkb(frame["geometry"].to_numpy()), crs=WGS84
    )


def _bears(found: Any, wanted: Mapping[str, str]) -> bool:
    return all(key in found and (value == "*" or found[key] in value.split("|")) for key, value in wanted.items())


def _collect(path: Path) -> _Collected:
    found, wkb = _Collected(), osmium.geom.WKBFactory()
    things: Any = osmium.FileProcessor(str(path)).with_locations().with_areas()
    for thing in things:
        if thing.is_node():
            if thing.tags and "barrier" in thing.tags:
                access = thing.tags.get("foot") or thing.tags.get("access")
                found.barriers[thing.id] = thing.tags["barrier"] + (f"={access}" if access else "")
        elif thing.is_way():
            if "highway" in thing.tags:
                _collect_street(thing, found)
            elif thing.tags.get("barrier") in _WALLS:
                _collect_line("wall", thing, found)
        elif thing.is_area():
            kind = _ground_kind(thing.tags)
            if kind:
                _collect_shape(kind, wkb, thing, found)
    return found


def _collect_street(way: Any, found: _Collected) -> None:
    """Keep the runs of a way's nodes that have a place."""
    run: list[tuple[int, float, float]] = []
    tags = tuple(way.tags.get(name) or "" for name in _STREET_TAGS)
    for place, node in enumerate((*way.nodes, None)):
        if node is not None and node.location.valid():
            run.append((node.ref, node.location.lon, node.location.lat))
            continue
        if len(run) > 1:
            found.tags.append(tags)
            found.ways.append(way.id)
            found.offsets.append(place - len(run))
            found.lengths.append(len(run))
            found.refs += [one[0] for one in run]
            found.lon += [one[1] for one in run]
            found.lat += [one[2] for one in run]
        run = []


def _collect_line(kind: str, way: Any, found: _Collected) -> None:
    places = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
    if len(places) > 1:
        found.ground.append((kind, shapely.to_wkb(shapely.linestrings(places))))


def _collect_shape(kind: str, wkb: Any, area: Any, found: _Collected) -> None:
    try:
        found.ground.append((kind, bytes.fromhex(wkb.create_multipolygon(area))))
    except RuntimeError:  # a ring that does not close: nothing to draw
        return


def _ground_kind(tags: Any) -> str | None:
    if "building" in tags:
        return "building"
    for kind, wanted in _GROUND.items():
        if any(tags.get(key) in values for key, values in wanted.items()):
            return kind
    return None


def _cut_streets(found: _Collected) -> gpd.GeoDataFrame:
    """One row for each piece of street between two nodes where streets meet, end or have a barrier."""
    refs, starts = np.array(found.refs, dtype=np.int64), np.cumsum([0, *found.lengths])
    _, inverse, counts = np.unique(refs, return_inverse=True, return_counts=True)
    cut = (counts[inverse] > 1) | np.isin(refs, np.array(list(found.barriers), dtype=np.int64))
    cut[starts[:-1]] = cut[starts[1:] - 1] = True
    way_of = np.repeat(np.arange(len(found.ways)), found.lengths)
    cuts = np.flatnonzero(cut)
    joined = way_of[cuts[:-1]] == way_of[cuts[1:]] if len(cuts) else np.zeros(0, dtype=bool)
    first, last = cuts[:-1][joined], cuts[1:][joined]
    places = np.column_stack([found.lon, found.lat]) if len(refs) else np.empty((0, 2))
    sizes = last - first + 1
    index = np.repeat(np.arange(len(first)), sizes)
    within = np.arange(len(index)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    lines = shapely.linestrings(places[first[index] + within], indices=index) if len(first) else []
    ways = way_of[first]
    piece = first - starts[ways] + np.array(found.offsets, dtype=np.int64)[ways]
    tags = np.array(found.tags, dtype=object).reshape(-1, len(_STREET_TAGS))
    columns: dict[str, Any] = {
        name: pd.array(tags[ways, place].tolist(), dtype="str") for place, name in enumerate(_STREET_TAGS)
    }
    ids = np.array(found.ways, dtype=np.int64)[ways]
    keys = [f"way/{way}/{start}" for way, start in zip(ids.tolist(), piece.tolist(), strict=True)]
    ends = {"from_node": refs[first], "to_node": refs[last]}
    columns |= {name: pd.array([str(ref) for ref in values.tolist()], dtype="str") for name, values in ends.items()}
    columns |= {
        name.replace("node", "barrier"): pd.array([found.barriers.get(ref, "") for ref in values.tolist()], dtype="str")
        for name, values in ends.items()
    }
    return gpd.GeoDataFrame({"street_id": pd.array(keys, dtype="str")} | columns, geometry=lines, crs=WGS84)


def _ground_table(found: _Collected) -> gpd.GeoDataFrame:
    kinds = pd.array([kind for kind, _ in found.ground], dtype="str")
    return gpd.GeoDataFrame(
        {"ground": kinds}, geometry=shapely.from_wkb([shape for _, shape in found.ground]), crs=WGS84
    )


def _extent(path: Path) -> Polygon | None:
    with osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return Polygon.from_bounds(low.lon, low.lat, high.lon, high.lat)
