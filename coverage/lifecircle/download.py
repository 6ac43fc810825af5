"""A place from OpenStreetMap, through OSMnx and only when asked: boundary, streets, candidates for facilities."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import LineString, Polygon

from lifecircle import __version__
from lifecircle.crs import crs_of_places
from lifecircle.errors import LifecircleError, StudyError
from lifecircle.faults import fault
from lifecircle.readers.osm_streets import foot_oneway, has_signals, metres, sidewalk
from lifecircle.words import plain, shipped, spellings, term

NOMINATIM_URL = "https://nominatim.openstreetmap.org"
OVERPASS_URL = "https://overpass-api.de/api"
ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"
MARGIN_M = 1_200  # an adult who ships walks 900 m in 15 minutes; a third more for faster walkers of a study's own
_MOST_KM2 = 2_500  # what OSMnx asks for in one request (max_query_area_size); more is a burden on a public server
_TIMEOUT_S = 180
_WAITS = 2  # times that OSMnx may wait its 55 s for a busy server; by itself it waits for ever
_BUSY = {429, 504}
_CRS = "EPSG:4326"
_WAY_TAGS = (
    "name", "highway", "foot", "access", "barrier", "oneway:foot", "conveying", "sidewalk", "sidewalk:left",
    "sidewalk:right", "sidewalk:both", "bridge", "tunnel", "layer", "service", "incline", "wheelchair",
)  # fmt: skip
_NODE_TAGS = ("barrier", "foot", "access", "ele", "crossing", "crossing:signals", "highway")
_CUT_AT = ("barrier", "signal", "crossing", "ele_m")  # nodes of which one of these is known end a piece of street
_ADDRESS = ("addr:city", "addr:district", "addr:street", "addr:housenumber")

OnStep = Callable[[str, str], None]


class DownloadError(LifecircleError):
    """A server or the way to it failed; nothing is wrong with what was asked."""


@dataclass(frozen=True)
class Servers:
    """Where OpenStreetMap is asked: Nominatim for the boundary, Overpass for streets and facilities.

    Addresses are understood with and without their last part, `/search` and `/interpreter`.
    """

    nominatim_url: str = NOMINATIM_URL
    overpass_url: str = OVERPASS_URL


@dataclass(frozen=True)
class Place:
    """What OpenStreetMap has of a place, in WGS 84 degrees.

    Attributes
    ----------
    name
        As OpenStreetMap has it.
    boundary
        One row: unit_id (such as relation/12), name, polygon.
    streets
        `CONTRACTS["streets"]`, more tags of the way, and from_crossing, to_crossing with that tag of the end nodes.
    facilities
        Candidates: facility_id (such as node/12), name, kind, zh and en (names of the kind), address, tag, lon, lat.
    extent
        West, south, east, north of the box in which streets and facilities are all there: the boundary and `MARGIN_M`.
    servers
        Who was asked.

    """

    name: str
    boundary: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    facilities: pd.DataFrame
    extent: tuple[float, float, float, float]
    servers: Servers


def download_place(place: str, *, servers: Servers | None = None, on_step: OnStep = lambda step, about: None) -> Place:
    """Boundary, streets and facility candidates of a place, from OpenStreetMap.

    Parameters
    ----------
    place
        A name that Nominatim knows, the smaller area first, such as `长宁区, 上海市`.
    servers
        Who is asked; the public servers by default.
    on_step
        Called with `place`, `streets`, `facilities` and whom is asked before each step, with `found` and what was found
        after the first, with `busy` when a server makes us wait.

    Raises
    ------
    StudyError
        No such place, no boundary, too large a place, or an address that is none.
    DownloadError
        A server could not be reached, failed, gave half an answer, or has no streets there.

    """
    servers = servers or Servers()
    _require_urls(servers)
    if not place.strip():
        raise StudyError([fault("unknown-place", f"--place {place!r}", server=servers.nominatim_url)])
    with _osmnx(servers, on_step):
        on_step("place", f"{place} · {servers.nominatim_url}")
        boundary = _boundary(place, servers)
        extent = _extent(boundary, place)
        on_step("found", f"{boundary['display_name'].iloc[0]} · {boundary['unit_id'].iloc[0]}")
        on_step("streets", servers.overpass_url)
        streets = _streets(extent, servers)
        on_step("facilities", servers.overpass_url)
        facilities = _facilities(extent, servers)
    boundary = boundary[["unit_id", "name", "geometry"]]
    return Place(boundary["name"].iloc[0], boundary, streets, facilities, extent, servers)


def _require_urls(servers: Servers) -> None:
    for option, url in (("--nominatim-url", servers.nominatim_url), ("--overpass-url", servers.overpass_url)):
        if not url.startswith(("http://", "https://")):
            expected = {
                "expected": f"expected an address such as {OVERPASS_URL}",
                "expected_zh": f"应为网址,如 {OVERPASS_URL}",
            }
            raise StudyError([fault("wrong-setting", "lifecircle new", field=option, found=repr(url), **expected)])


@contextmanager
def _osmnx(servers: Servers, on_step: OnStep) -> Iterator[None]:
    """OSMnx with the settings of this download: no cache, no logs, nobody else asked; all is as before afterwards."""
    from osmnx import settings

    wanted: dict[str, Any] = {
        "nominatim_url": servers.nominatim_url.rstrip("/").removesuffix("/search"),
        "overpass_url": servers.overpass_url.rstrip("/").removesuffix("/interpreter"),
        "overpass_rate_limit": servers.overpass_url == OVERPASS_URL,  # a server of one's own hands out no slots
        "doh_url_template": None,
        "requests_timeout": _TIMEOUT_S,
        "requests_kwargs": settings.requests_kwargs | {"hooks": {"response": _gate(on_step)}},
        "http_user_agent": f"lifecircle/{__version__} (with OSMnx)",
        "http_accept_language": "zh-CN,zh;q=0.9,en;q=0.5",
        "use_cache": False,
        "cache_only_mode": False,
        "log_console": False,
        "log_file": False,
        "all_oneway": False,
        "bidirectional_network_types": ["walk"],
        "default_crs": _CRS,
        "useful_tags_way": list(_WAY_TAGS),
        "useful_tags_node": list(_NODE_TAGS),
    }
    before = {name: getattr(settings, name) for name in wanted}
    lookup = socket.getaddrinfo  # OSMnx puts its own in this place
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = lookup


def _gate(on_step: OnStep) -> Callable[..., None]:
    """A look at every answer before OSMnx sees it: OSMnx takes errors and half an answer for whole ones."""
    left = _WAITS

    def look(response: Any, *_: object, **__: object) -> None:
        nonlocal left
        if response.status_code in _BUSY and left:
            left -= 1
            on_step("busy", response.url.partition("?")[0])
            return
        response.raise_for_status()
        if response.is_redirect or response.url.endswith("/status"):
            return
        try:
            said = response.json()
        except ValueError:
            raise OSError(f"{response.headers.get('Content-Type', 'nothing')} instead of JSON") from None
        wrong = (said.get("error") or said.get("remark")) if isinstance(said, dict) else None
        if wrong:
            raise OSError(wrong)

    return look


@contextmanager
def _asking(url: str, option: str) -> Iterator[None]:
    """Whatever OSMnx makes of a failure or of half an answer, said as one fault of the server."""
    try:
        yield
    except LifecircleError:
        raise
    except (OSError, KeyError, ValueError) as problem:
        raise DownloadError([fault("failed-download", url, found=_why(problem), option=option)]) from problem


def _why(problem: BaseException) -> str:
    """What failed, in the shortest words that are there."""
    answer = getattr(problem, "response", None)
    if answer is not None:
        return f"HTTP {answer.status_code} {answer.reason}"
    if "Timeout" in type(problem).__name__:
        return f"nothing within {_TIMEOUT_S} s"
    if isinstance(problem, KeyError):
        return f"no {problem} in it"
    said, inner = str(problem), problem.__context__
    while inner is not None:
        said, inner = getattr(inner, "strerror", None) or said, inner.__context__
    return said


def _boundary(place: str, servers: Servers) -> gpd.GeoDataFrame:
    import osmnx
    from osmnx._errors import InsufficientResponseError

    where = f'--place "{place}"'
    with _asking(servers.nominatim_url, "--nominatim-url"):
        try:
            found = osmnx.geocode_to_gdf(place)
        except InsufficientResponseError:
            raise StudyError([fault("unknown-place", where, server=servers.nominatim_url)]) from None
        except TypeError:
            raise StudyError([fault("place-without-area", where)]) from None
        one = found.iloc[0]
        name = one.get("name") or one["display_name"].partition(",")[0]
        values = {"unit_id": f"{one['osm_type']}/{one['osm_id']}", "name": name, "display_name": one["display_name"]}
    return gpd.GeoDataFrame([values], geometry=[one.geometry], crs=_CRS)


def _extent(boundary: gpd.GeoDataFrame, place: str) -> tuple[float, float, float, float]:
    """The box around a boundary and its margin, in degrees rounded outward to about a metre."""
    wide = boundary.geometry.to_crs(crs_of_places(boundary.geometry)).buffer(MARGIN_M)
    km2 = shapely.box(*wide.total_bounds).area / 1e6
    if km2 > _MOST_KM2:
        raise StudyError([fault("place-too-large", f'--place "{place}"', found=f"{km2:,.0f}", most=f"{_MOST_KM2:,}")])
    west, south, east, north = wide.to_crs(_CRS).total_bounds * 1e5
    return math.floor(west) / 1e5, math.floor(south) / 1e5, math.ceil(east) / 1e5, math.ceil(north) / 1e5


def _streets(extent: tuple[float, float, float, float], servers: Servers) -> gpd.GeoDataFrame:
    """Every way with a `highway` tag, cut where ways meet and at barriers and crossings."""
    import osmnx
    from osmnx._errors import InsufficientResponseError

    with _asking(servers.overpass_url, "--overpass-url"):
        try:
            graph = osmnx.graph_from_polygon(
                Polygon.from_bounds(*extent),
                network_type="walk",  # both directions; the filter is ours
                custom_filter='["highway"]',
                simplify=False,
                retain_all=True,
                truncate_by_edge=True,
            )
        except InsufficientResponseError:
            graph = None
    if graph is None or not graph.number_of_edges():
        raise DownloadError([fault("no-streets-there", servers.overpass_url, found=", ".join(map(str, extent)))])
    for _, tags in graph.nodes(data=True):
        found = _node(tags)
        for name in _NODE_TAGS:
            tags.pop(name, None)
        tags.update({name: value for name, value in found.items() if value is not None})
    graph = osmnx.simplify_graph(graph, node_attrs_include=_CUT_AT, edge_attrs_differ=("osmid",), remove_rings=False)
    return _pieces(graph)


def _node(tags: dict[str, Any]) -> dict[str, Any]:
    """What the streets at a node need to know of it, None where its tags do not say.

    >>> _node({"barrier": "gate", "foot": "no", "ele": "12 m"})
    {'barrier': 'gate=no', 'signal': None, 'crossing': None, 'ele_m': 12.0}
    """
    highway, access = tags.get("highway"), tags.get("foot") or tags.get("access")
    kind = tags.get("barrier") or ("elevator" if highway == "elevator" else None)
    height = metres(tags.get("ele", ""))
    return {
        "barrier": f"{kind}={access}" if kind and access else kind,
        "signal": "yes" if has_signals(tags) else None,
        "crossing": tags.get("crossing") or ("yes" if highway == "crossing" else None),
        "ele_m": None if math.isnan(height) else height,
    }


def _pieces(graph: Any) -> gpd.GeoDataFrame:
    """One row for each edge in the direction of its way."""
    ends, rows, lines = dict(graph.nodes(data=True)), [], []
    for start, end, tags in graph.edges(data=True):
        if tags["reversed"] is True:
            continue
        row = {"street_id": f"way/{tags['osmid']}/{start}"} | {name: tags.get(name, "") for name in _WAY_TAGS}
        row |= {"oneway": foot_oneway(row), "sidewalk": sidewalk(row)}
        for side, node in (("from", start), ("to", end)):
            row |= {f"{side}_node": str(node), f"{side}_ele_m": ends[node].get("ele_m", math.nan)}
            row |= {f"{side}_{name}": ends[node].get(name, "") for name in ("barrier", "signal", "crossing")}
        rows.append(row)
        straight = [(ends[node]["x"], ends[node]["y"]) for node in (start, end)]
        lines.append(tags.get("geometry") or LineString(straight))
    table = gpd.GeoDataFrame(rows, geometry=lines, crs=_CRS)
    again = table.groupby("street_id").cumcount()
    table["street_id"] += again.map(lambda number: f"#{number}" if number else "")
    return table.sort_values("street_id", ignore_index=True)


def _facilities(extent: tuple[float, float, float, float], servers: Servers) -> pd.DataFrame:
    """Every node, way and relation with tags that openstreetmap.toml lists; kinds of words.toml first."""
    import osmnx
    from osmnx._errors import InsufficientResponseError

    asked: dict[str, Any] = {}  # tag: its values
    for entry in shipped("openstreetmap.toml")["candidates"]:
        key, value = next(iter(entry["tags"].items()))
        asked.setdefault(key, []).extend([value] if value not in asked.get(key, []) else [])
    rows = []
    with _asking(servers.overpass_url, "--overpass-url"):
        try:
            found = osmnx.features_from_polygon(Polygon.from_bounds(*extent), asked)
        except InsufficientResponseError:
            found = gpd.GeoDataFrame(geometry=[], crs=_CRS)
        for (element, number), one in found.iterrows():
            tags = {str(key): str(value) for key, value in one.drop("geometry").dropna().items()}
            rows.append({"facility_id": f"{element}/{number}"} | _candidate(tags) | _spot(one.geometry))
    columns = ["facility_id", "name", "kind", "zh", "en", "address", "tag", "lon", "lat"]
    table = pd.DataFrame(rows, columns=columns)
    order = table.assign(other=~table["kind"].isin(list(shipped("words.toml")["kind"])))
    return table.loc[order.sort_values(["other", "kind", "facility_id"]).index].reset_index(drop=True)


def _candidate(tags: dict[str, str]) -> dict[str, str]:
    """Name, kind and address that tags tell.

    >>> _candidate({"amenity": "community_centre", "name": "北塘党群服务中心"})["kind"]
    'party_service'
    """
    entries = shipped("openstreetmap.toml")["candidates"]
    entry = next(one for one in entries if one["tags"].items() <= tags.items())
    name, known = tags.get("name", ""), spellings("kind")
    words = sorted((word for word in known if word in plain(name)), key=len)
    kind = known[words[-1]] if words else entry["kind"]
    names = term("kind", kind) if kind in shipped("words.toml")["kind"] else {"zh": entry["zh"], "en": entry["en"]}
    parts = [tags[key] for key in _ADDRESS if key in tags]
    address = tags.get("addr:full") or (" " if "".join(parts).isascii() else "").join(parts)
    tag = ";".join(f"{key}={value}" for key, value in entry["tags"].items())
    return {"name": name, "kind": kind, **names, "address": address, "tag": tag}


def _spot(shape: Any) -> dict[str, float]:
    point = shape.representative_point()
    return {"lon": round(point.x, 7), "lat": round(point.y, 7)}
