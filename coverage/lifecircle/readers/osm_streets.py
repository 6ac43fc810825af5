"""Streets of an OpenStreetMap file, cut where they meet; arrays from end to end, for speed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyarrow as pa
import shapely
from pyarrow import csv

WGS84 = "EPSG:4326"
_SEEN = ("highway", "route", "barrier", "crossing", "crossing:signals", "ele")  # what has none of these is passed over
_NODE_TAGS = {*_SEEN, "foot", "access"}
_FORMAT = "opl,locations_on_ways=true,add_metadata=none"
_ESCAPED = re.compile(r"%([0-9a-f]+)%")
_METRES = re.compile(r"([+-]?\d+(?:\.\d+)?) ?(?:m|米)?")
_MARKS = bytes.maketrans(b",xy", b"\n,,")
_TEXTS = ("name", "highway", "foot", "access", "bridge", "tunnel", "layer", "oneway", "sidewalk")
_WAYS = {"yes": "forward", "1": "forward", "true": "forward", "-1": "backward", "reverse": "backward"}
_NO_WALK = ("", "no", "none")
_MOST_LON, _MOST_LAT = 180, 90


@dataclass
class _Lines:
    """What the file says of streets and of the nodes on them, as text that is not yet numbers."""

    ways: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    nodes: list[bytes] = field(default_factory=list)
    tags: list[tuple[str, ...]] = field(default_factory=list)
    points: dict[int, tuple[str, str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Runs:
    """Nodes that have a place, in the order of their ways; a run is a part of a way without a gap."""

    ref: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    way: np.ndarray
    place: np.ndarray
    first: np.ndarray
    last: np.ndarray
    outward: np.ndarray


def cut_streets(path: Path) -> gpd.GeoDataFrame:
    """One row for each piece of street between two nodes where streets meet, end, or have a barrier or lights.

    Ways with a `highway` tag and ferries, which get the class `ferry`. Parts of a way whose nodes are missing from a
    clipped file are left out; `from_cut` and `to_cut` say where.
    """
    found = _read(path)
    return _table(found, _runs(found))


def foot_oneway(tags: Mapping[str, str]) -> str:
    """The only direction in which people on foot may go: `forward`, `backward`, or empty for both.

    What `oneway` says is for vehicles and is not looked at.

    >>> foot_oneway({"highway": "steps", "conveying": "backward"}), foot_oneway({"oneway": "yes"})
    ('backward', '')
    """
    stated = tags.get("oneway:foot", "")
    moving = tags.get("conveying", "")
    return _WAYS.get(stated, "") if stated else moving if moving in {"forward", "backward"} else ""


def sidewalk(tags: Mapping[str, str]) -> str:
    """What `sidewalk` says, or else `sidewalk:both`, or else the sides that have one: `left`, `right` or `both`.

    >>> sidewalk({"sidewalk:left": "no", "sidewalk:right": "separate"}), sidewalk({"sidewalk:both": "no"})
    ('right', 'no')
    """
    stated = tags.get("sidewalk") or tags.get("sidewalk:both")
    if stated:
        return stated
    said = {side: tags.get(f"sidewalk:{side}") or "" for side in ("left", "right")}
    sides = [side for side, walk in said.items() if walk not in _NO_WALK]
    if len(sides) == 1:
        return sides[0]
    return "both" if sides else "no" if all(said.values()) else ""


def has_signals(tags: Mapping[str, str]) -> bool:
    """Whether a node is a crossing with lights.

    >>> has_signals({"highway": "crossing", "crossing": "traffic_signals"}), has_signals({"crossing": "zebra"})
    (True, False)
    """
    lit = "traffic_signals" in {tags.get("highway"), tags.get("crossing")}
    return lit or tags.get("crossing:signals") == "yes"


def metres(text: str) -> float:
    """A height as it is tagged, NaN where it is none.

    >>> metres("12 m"), metres("3.5"), metres("40 ft")
    (12.0, 3.5, nan)
    """
    found = _METRES.fullmatch(text.strip())
    return float(found[1]) if found else float("nan")


def node_facts(tags: Mapping[str, str]) -> tuple[str, str, float]:
    """What a node's tags say to people on foot: its barrier with its access, `yes` where it has lights, its height.

    >>> node_facts({"barrier": "gate", "access": "private"}), node_facts({"highway": "elevator", "ele": "4"})
    (('gate=private', '', nan), ('elevator', '', 4.0))
    """
    access = tags.get("foot") or tags.get("access")
    kind = tags.get("barrier") or ("elevator" if tags.get("highway") == "elevator" else "")
    return (
        kind + (f"={access}" if kind and access else ""),
        "yes" if has_signals(tags) else "",
        metres(tags.get("ele", "")),
    )


def _read(path: Path) -> _Lines:
    """Let osmium write what matters as lines of text, with the place of each node, and read these.

    That takes a fraction of the time of being handed object by object, node by node.
    """
    bits = osmium.osm.osm_entity_bits
    places: Any = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    with TemporaryDirectory(prefix="lifecircle-") as folder:
        text = Path(folder) / "streets.opl"
        with osmium.io.Reader(str(path), bits.NODE | bits.WAY) as reader:
            writer = osmium.SimpleWriter(osmium.io.File(str(text), _FORMAT))
            try:
                osmium.apply(reader, places, osmium.filter.KeyFilter(*_SEEN), writer)
            finally:
                writer.close()
        return _sorted_lines(text)


def _sorted_lines(text: Path) -> _Lines:
    """Lines such as `n1 Tbarrier=gate x121.1 y31.2` and `w2 Thighway=path Nn1x121.1y31.2,n3x121.3y31.4`."""
    found = _Lines()
    codes: dict[bytes, int | None] = {}
    points: dict[bytes, tuple[str, str, float] | None] = {}
    with text.open("rb") as lines:
        for line in lines:
            head, tags, rest = line.split(b" ", 2)
            if line[:1] == b"n":
                if tags not in points:
                    points[tags] = _known(_tags(tags))
                point = points[tags]
                if point is not None:
                    found.points[int(head[1:])] = point
                continue
            if tags not in codes:
                codes[tags] = _coded(_tags(tags), found)
            code = codes[tags]
            if code is not None and len(rest) > 2:
                found.ways.append(int(head[1:]))
                found.codes.append(code)
                found.sizes.append(rest.count(b"n"))
                found.nodes.append(rest)
    return found


def _tags(text: bytes) -> dict[str, str]:
    """Tags whose texts are still escaped, as are all commas and equals signs in them."""
    return dict([pair.split("=") for pair in text[1:].decode("utf-8").split(",")])


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "%" in text else text


def _known(tags: dict[str, str]) -> tuple[str, str, float] | None:
    """What is known of a node; None where that is nothing."""
    facts = node_facts({key: _unescaped(value) for key, value in tags.items() if key in _NODE_TAGS})
    return facts if facts[0] or facts[1] or not np.isnan(facts[2]) else None


def _coded(tags: dict[str, str], found: _Lines) -> int | None:
    """The number of a way's texts in `found.tags`; None where it is no street."""
    if "highway" not in tags and tags.get("route") != "ferry":
        return None
    tags = {"highway": "ferry"} | tags | {"oneway": foot_oneway(tags), "sidewalk": sidewalk(tags)}
    found.tags.append(tuple([_unescaped(tags.get(name, "")) for name in _TEXTS]))
    return len(found.tags) - 1


def _runs(found: _Lines) -> _Runs:
    ref, lon, lat = _numbers(b"".join(found.nodes).translate(_MARKS, b"Nn"))
    sizes = np.array(found.sizes, dtype=np.int64)
    way = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(way)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    known = (np.abs(lon) <= _MOST_LON) & (np.abs(lat) <= _MOST_LAT)
    begins, ends = place == 0, place == sizes[way] - 1
    first = known & (begins | ~np.roll(known, 1))
    last = known & (ends | ~np.roll(known, -1))
    outward = np.unique(ref[(first & ~begins) | (last & ~ends)])
    kept = known & ~(first & last)
    return _Runs(ref[kept], lon[kept], lat[kept], way[kept], place[kept], first[kept], last[kept], outward)


def _numbers(text: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Key, longitude and latitude of each node from lines such as `1,121.1,31.2`; NaN where a node has no place."""
    if not text:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    kinds = {"ref": pa.int64(), "lon": pa.float64(), "lat": pa.float64()}
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=list(kinds)),
        convert_options=csv.ConvertOptions(column_types=kinds),
    )
    ref, lon, lat = (table[name].to_numpy() for name in kinds)
    return ref, lon, lat


def _table(found: _Lines, runs: _Runs) -> gpd.GeoDataFrame:
    node, refs = pd.factorize(runs.ref)
    marked = np.array([ref for ref, one in found.points.items() if one[0] or one[1]], dtype=np.int64)
    meets = (np.bincount(node, minlength=len(refs)) > 1) | np.isin(refs, marked) | np.isin(refs, runs.outward)
    cuts = np.flatnonzero(meets[node] | runs.first | runs.last)
    joined = ~runs.last[cuts[:-1]]
    first, last = cuts[:-1][joined], cuts[1:][joined]
    way, piece = runs.way[first], runs.place[first]
    ids = np.array(found.ways, dtype=np.int64)[way]
    keys = [f"way/{one}/{start}" for one, start in zip(ids.tolist(), piece.tolist(), strict=True)]
    codes = np.array(found.codes, dtype=np.int64)[way]
    columns = {name: _texts([tags[number] for tags in found.tags]).take(codes) for number, name in enumerate(_TEXTS)}
    ends = _end_columns(found, refs, runs.outward)
    for name, values in ends.items():
        columns |= {f"from_{name}": values[node[first]], f"to_{name}": values[node[last]]}
    return gpd.GeoDataFrame({"street_id": _texts(keys)} | columns, geometry=_shapes(runs, first, last), crs=WGS84)


def _end_columns(found: _Lines, refs: np.ndarray, outward: np.ndarray) -> dict[str, Any]:
    """What is known of each node: its key, barrier, lights, height, and whether a street goes on beyond it."""
    at = pd.Index(list(found.points), dtype="int64").get_indexer(refs)  # -1, the last one, where nothing is known
    barriers, signals, heights = zip(*found.points.values(), ("", "", float("nan")), strict=True)
    return {
        "node": _texts(list(map(str, refs.tolist()))),
        "barrier": _texts(list(barriers))[at],
        "signal": _texts(list(signals))[at],
        "ele_m": np.array(heights)[at],
        "cut": _texts(["", "yes"])[np.isin(refs, outward).astype(np.int64)],
    }


def _shapes(runs: _Runs, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The line of each piece from its first node to its last."""
    sizes = last - first + 1
    index = np.repeat(np.arange(len(first)), sizes)
    within = np.arange(len(index)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = first[index] + within
    return np.asarray(shapely.linestrings(np.column_stack([runs.lon[at], runs.lat[at]]), indices=index))


def _texts(values: list[str]) -> Any:
    return pd.array(values, dtype="str")
