"""OpenStreetMap files: streets cut at their crossings, areas chosen by tags, and the ground to draw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import pandas as pd
import shapely
from shapely.geometry import Polygon

from lifecircle.readers.osm_streets import WGS84, cut_streets

SUFFIXES = (".osm", ".osm.pbf", ".pbf", ".osm.bz2", ".osm.gz")
PROBLEMS = (RuntimeError, ValueError, osmium.InvalidLocationError)  # what reading a broken file raises
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
_AREA_KEYS = ("building", "natural", "waterway", "landuse", "leisure")
_WALLS = {"wall", "fence", "city_wall", "retaining_wall", "hedge"}


def is_osm(path: str | Path) -> bool:
    """Whether a path names an OpenStreetMap file."""
    return str(path).lower().endswith(SUFFIXES)


def read_streets(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Polygon | None]:
    """Streets, ground and extent of an OpenStreetMap file, in WGS 84 degrees.

    Every way with a `highway` tag, and every ferry, is cut where it shares a node with another, at barriers and at
    crossings with lights; parts of a way whose nodes are missing from a clipped file are left out. The extent is the
    box that the file states, None where it states none.
    """
    return cut_streets(path), _ground(path), _extent(path)


def read_areas(path: Path, tags: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Areas (closed ways and whole multipolygon relations) and nodes of an OpenStreetMap file that bear all `tags`.

    A tag's value is a value, several with `|` between them, or `*` for any. Columns: id (such as way/12), every tag;
    WGS 84 degrees.
    """
    wkb = osmium.geom.WKBFactory()
    rows: list[dict[str, Any]] = []
    bits = osmium.osm.osm_entity_bits
    bearing = [osmium.filter.KeyFilter(key) for key in tags]
    things: Any = osmium.FileProcessor(str(path)).with_areas(*bearing)
    for wanted in (osmium.filter.EntityFilter(bits.NODE | bits.AREA), *bearing):
        things = things.with_filter(wanted)
    for thing in things:
        if not _bears(thing.tags, tags):
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


def _ground(path: Path) -> gpd.GeoDataFrame:
    """Water, greens and buildings as areas, walls as lines; for drawing."""
    wkb, kinds, shapes = osmium.geom.WKBFactory(), [], []
    things: Any = osmium.FileProcessor(str(path)).with_areas(osmium.filter.KeyFilter(*_AREA_KEYS))
    for wanted in _ground_filters():
        things = things.with_filter(wanted)
    for thing in things:
        kind = _ground_kind(thing.tags) if thing.is_area() else "wall"
        shape = _ground_shape(wkb, thing) if kind else None
        if shape:
            kinds.append(kind)
            shapes.append(shape)
    return gpd.GeoDataFrame({"ground": pd.array(kinds, dtype="str")}, geometry=shapely.from_wkb(shapes), crs=WGS84)


def _ground_filters() -> list[Any]:
    """What osmium itself leaves out: all but ways that are walls and areas that may be ground."""
    bits = osmium.osm.osm_entity_bits
    walls: Any = osmium.filter.TagFilter(*(("barrier", kind) for kind in sorted(_WALLS)))
    areas: Any = osmium.filter.KeyFilter(*_AREA_KEYS)
    return [osmium.filter.EntityFilter(bits.WAY | bits.AREA), walls.enable_for(bits.WAY), areas.enable_for(bits.AREA)]


def _ground_shape(wkb: Any, thing: Any) -> str | None:
    try:
        if thing.is_area():
            return str(wkb.create_multipolygon(thing))
        places = [(node.location.lon, node.location.lat) for node in thing.nodes if node.location.valid()]
    except RuntimeError:  # a ring that does not close: nothing to draw
        return None
    return shapely.to_wkb(shapely.linestrings(places), hex=True) if len(places) > 1 else None


def _ground_kind(tags: Any) -> str | None:
    if "building" in tags:
        return "building"
    for kind, wanted in _GROUND.items():
        if any(tags.get(key) in values for key, values in wanted.items()):
            return kind
    return None


def _extent(path: Path) -> Polygon | None:
    with osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return Polygon.from_bounds(low.lon, low.lat, high.lon, high.lat)
