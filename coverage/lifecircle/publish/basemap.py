"""Maps of others to draw under a result: only on request, as each of them asks the internet for its pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from lifecircle.datums import from_wgs84
from lifecircle.errors import LifecircleError
from lifecircle.publish.codec import STEP_DEG, on_grid, steps
from lifecircle.words import both

TOKEN_VARIABLE = "LIFECIRCLE_TIANDITU_TOKEN"  # noqa: S105  (the name of the variable, not what it holds)
_TIANDITU = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{token}}"
)
BASEMAPS: Mapping[str, Mapping[str, Any]] = {
    "tianditu": {
        "name": both("天地图", "Tianditu"),
        "urls": [_TIANDITU.format(layer="vec"), _TIANDITU.format(layer="cva")],
        "subdomains": "01234567",
        "deepest": 18,
        "attribution": "© 国家地理信息公共服务平台 天地图",
    },
    "osm": {
        "name": both("OpenStreetMap", "OpenStreetMap"),
        "urls": ["https://tile.openstreetmap.org/{z}/{x}/{y}.png"],
        "subdomains": "",
        "deepest": 19,
        "attribution": "© OpenStreetMap contributors (ODbL)",
    },
    "amap": {
        "name": both("高德地图", "Amap"),
        "urls": ["https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"],
        "subdomains": "1234",
        "deepest": 18,
        "attribution": "© 高德地图 Amap",
        "datum": "gcj02",
    },
}


def basemap_of(name: str, *, embed_token: bool = False) -> dict[str, Any]:
    """What a page needs to know to ask for the pictures of a basemap.

    Parameters
    ----------
    name
        `tianditu`, `osm`, `amap`, or an address with {z}, {x} and {y} in it.
    embed_token
        Whether the token of Tianditu, from the environment, is written into the file. If not, the page asks for it.

    Raises
    ------
    LifecircleError
        The name is none of these, or the token is wanted and not there.

    Examples
    --------
    >>> basemap_of("https://tiles.example.org/{z}/{x}/{y}.png")["attribution"]
    'tiles.example.org'

    """
    found = dict(BASEMAPS.get(name) or _own(name))
    if name != "tianditu":
        return found | {"token": None}
    token = os.environ.get(TOKEN_VARIABLE, "") if embed_token else ""
    if embed_token and not token:
        raise LifecircleError(f"basemap tianditu: {TOKEN_VARIABLE} is not set. Set it, or leave embed_token out")
    return found | {"token": token}


def shifted_payload(payload: Mapping[str, Any], basemap: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload with every place where a basemap shows it; the same one where the basemap does not shift places."""
    if basemap.get("datum") != "gcj02":
        return payload
    ground = payload["ground"]
    flat = {name: _moved_shapes(shapes) for name, shapes in ground.items() if name != "streets"}
    streets = {name: _moved_shapes(shapes) for name, shapes in ground["streets"].items()}
    return {
        **payload,
        "bounds": [list(_moved(*reversed(corner)))[::-1] for corner in payload["bounds"]],
        "shapes": _moved_shapes(payload["shapes"]),
        "units": [unit | {"label": list(_moved(*reversed(unit["label"])))[::-1]} for unit in payload["units"]],
        "facilities": _moved_rows(payload["facilities"]),
        "dwellings": _moved_columns(payload["dwellings"]),
        "ground": flat | {"streets": streets},
    }


def _own(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not all(sign in url for sign in ("{z}", "{x}", "{y}")):
        raise LifecircleError(
            f"basemap is '{url}'; expected {', '.join(BASEMAPS)}, or an address such as "
            "https://tiles.example.org/{z}/{x}/{y}.png"
        )
    host = parts.hostname or ""
    return {"name": both(host, host), "urls": [url], "subdomains": "abc", "deepest": 19, "attribution": host}


def _moved(lon: float, lat: float) -> tuple[float, float]:
    east, north = from_wgs84(np.array([lon]), np.array([lat]), "gcj02")
    return float(east[0].round(6)), float(north[0].round(6))


def _moved_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    places = [_moved(row["lon"], row["lat"]) for row in rows]
    return [row | {"lon": lon, "lat": lat} for row, (lon, lat) in zip(rows, places, strict=True)]


def _moved_columns(columns: dict[str, Any]) -> dict[str, Any]:
    east, north = from_wgs84(np.asarray(columns["lon"], float), np.asarray(columns["lat"], float), "gcj02")
    return columns | {"lon": east.round(6).tolist(), "lat": north.round(6).tolist()}


def _moved_shapes(packed: dict[str, list[int]] | None) -> dict[str, list[int]] | None:
    """Packed shapes with each corner moved."""
    if packed is None or not packed["steps"]:
        return packed
    places = np.cumsum(np.asarray(packed["steps"], dtype=np.int64).reshape(-1, 2), axis=0) * STEP_DEG
    east, north = from_wgs84(places[:, 0], places[:, 1], "gcj02")
    return packed | {"steps": steps(on_grid(np.column_stack([east, north]))).ravel().tolist()}
