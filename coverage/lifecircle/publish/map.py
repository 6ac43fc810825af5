"""The map of a result: one file that opens without internet.

folium keeps the frame (it shows itself in a notebook and takes further layers); Leaflet, the drawing in ``assets/``
and the data are written into the page, so nothing is ever fetched unless a basemap is asked for.
"""

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from jinja2 import Template
from xstatic.pkg import leaflet

from lifecircle.publish.basemap import basemap_of, shifted_payload
from lifecircle.publish.map_packing import packed_payload

ASSETS = Path(__file__).with_name("assets")
SCRIPTS = (
    "map_words.js",
    "map_open.js",
    "map_marks.js",
    "map_sheets.js",
    "map_ground.js",
    "map_units.js",
    "map_labels.js",
    "map_dwellings.js",
    "map_facilities.js",
    "map_pointer.js",
    "map_rows.js",
    "map_panel.js",
    "map_detail.js",
    "map_search.js",
    "map_tools.js",
    "map_paper.js",
    "map_beside.js",
    "map.js",
)
MAX_ZOOM = 20
ELEMENT_ID = re.compile(r"(?<=_)[0-9a-f]{32}(?![0-9a-f])")
LINKS = re.compile(r"//# sourceMappingURL=\S+| href=\"https://leafletjs\.com\"")
CSS_URL = re.compile(r"url\((?!#)['\"]?([^'\")]+)['\"]?\)")


def draw_map(
    payload: Mapping[str, Any],
    *,
    beside: Mapping[str, Any] | None = None,
    basemap: str = "",
    embed_token: bool = False,
) -> folium.Map:
    """Map of a result, ready to show, to save or to take more layers.

    Parameters
    ----------
    payload
        The result as plain values: units with verdicts, facilities, dwellings, ground, and every text in Chinese and
        English; see `map_payload`.
    beside
        A second result, of another year or plan, in a pane of its own that moves with the first.
    basemap
        A map from the internet under the result: `tianditu`, `osm`, `amap` or an address with {z}, {x} and {y}. Empty
        for none: then the ground is drawn from the inputs and the page asks the internet for nothing.
    embed_token
        Whether the token of Tianditu is written into the file, which then is for nobody else's eyes.

    Returns
    -------
    folium.Map
        Renders to the same bytes for the same payload.

    Raises
    ------
    LifecircleError
        The basemap is not known.

    """
    ground = basemap_of(basemap, embed_token=embed_token) if basemap else {}
    results = [shifted_payload(one, ground) for one in (payload, beside) if one is not None]
    drawn = DistrictMap(results, ground)
    page = MapPage(title=payload["title"][payload["lang"]], lang=payload["lang"])
    page.add_child(drawn)
    return drawn


def map_html(
    payload: Mapping[str, Any],
    *,
    beside: Mapping[str, Any] | None = None,
    basemap: str = "",
    embed_token: bool = False,
) -> str:
    """The map as the text of one HTML file; see `draw_map`."""
    drawn = draw_map(payload, beside=beside, basemap=basemap, embed_token=embed_token)
    return str(drawn.get_root().render())


class DistrictMap(folium.Map):
    """folium map without tiles of its own, whose drawing is the results'."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (as folium declares it)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012  (as folium declares it)

    def __init__(self, results: Sequence[Mapping[str, Any]], basemap: Mapping[str, Any]) -> None:
        (south, west), (north, east) = results[0]["bounds"]
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=13,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            fade_animation=False,
            max_zoom=MAX_ZOOM,
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=90,
        )
        self.add_child(Drawing(results, basemap))


class MapPage(Figure):
    """HTML page around a map, with element names that do not change from one rendering to the next."""

    _template = Template(
        '<!DOCTYPE html>\n<html lang="{{ this.lang }}">\n<head>\n'
        "<title>{{ this.title }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        "<body>\n{{ this.html.render(**kwargs) }}\n</body>\n"
        "<script>\n{{ this.script.render(**kwargs) }}\n</script>\n</html>\n"
    )

    def __init__(self, *, title: str, lang: str) -> None:
        super().__init__(title=html.escape(title), ratio="62%")
        self.lang = html.escape("zh-CN" if lang == "zh" else lang)

    def render(self, **kwargs: Any) -> str:
        """The whole page; folium's random ids become numbers in order of appearance."""
        return _number_ids(super().render(**kwargs))


class Verbatim(Element):
    """Text that goes into the page as it is, never read as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Drawing(MacroElement):
    """Everything drawn on the map: Leaflet, the styles, the scripts and the payloads."""

    _template = Template("{% macro script(this, kwargs) %}drawLifecircle({{ this._parent.get_name() }});{% endmacro %}")

    def __init__(self, results: Sequence[Mapping[str, Any]], basemap: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Drawing"
        packs = [packed_payload(result) for result in results]
        self.blocks = [
            _block(f"lifecircle-{name}-{number}", "text/plain", text)
            for number, pack in enumerate(packs)
            for name, text in zip(("payload", "reasons"), pack, strict=True)
        ]
        self.blocks.append(_block("lifecircle-basemap", "application/json", _script_json(basemap)))

    def render(self, **kwargs: Any) -> str:
        """Put styles and libraries into the head, the payload into the body, and the call after both."""
        page = self.get_root()
        if not isinstance(page, Figure):
            raise TypeError("Drawing: expected to stand in a branca Figure, found none. Add the map to one first.")
        page.header.add_child(Verbatim(f"<style>\n{_styles()}\n</style>"), name="lifecircle_styles")
        page.header.add_child(Verbatim(f"<script>\n{_scripts()}\n</script>"), name="lifecircle_scripts")
        page.html.add_child(Verbatim("\n".join(self.blocks)), name="lifecircle_payload")
        super().render(**kwargs)  # type: ignore[no-untyped-call]
        return ""


def _block(name: str, kind: str, text: str) -> str:
    """Data in a page, to be read by its scripts."""
    return f'<script type="{kind}" id="{name}">{text}</script>'


def _script_json(value: Any) -> str:
    """JSON that can stand inside a script element whatever its texts contain."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escaped in (("</", "<\\/"), ("<!", "\\u003c!"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(sign, escaped)
    return text


def _number_ids(page: str) -> str:
    """The page with each random element id replaced by its number in order of appearance; sha256 sums stay."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], f"{len(numbers) + 1:04d}")

    return ELEMENT_ID.sub(number, page)


@cache
def _styles() -> str:
    """Leaflet's style sheet with its pictures inside, then ours."""
    folder = Path(leaflet.BASE_DIR)
    theirs = (folder / "leaflet.css").read_text(encoding="utf-8")
    ours = (ASSETS / "map.css").read_text(encoding="utf-8")
    return CSS_URL.sub(lambda match: f"url({_data_uri(folder / match[1])})", theirs) + "\n" + ours


@cache
def _scripts() -> str:
    """Leaflet with its marker pictures inside, then the drawing as one function, `drawLifecircle`."""
    folder = Path(leaflet.BASE_DIR)
    library = LINKS.sub("", (folder / "leaflet.js").read_text(encoding="utf-8"))
    icons = {
        "iconUrl": _data_uri(folder / "images/marker-icon.png"),
        "iconRetinaUrl": _data_uri(folder / "images/marker-icon-2x.png"),
        "shadowUrl": _data_uri(folder / "images/marker-shadow.png"),
    }
    pictures = f'L.Icon.Default.imagePath = "";\nL.Icon.Default.mergeOptions({json.dumps(icons)});'
    ours = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f'{library}\n{pictures}\nconst drawLifecircle = (() => {{\n"use strict";\n{ours}\nreturn draw;\n}})();'


def _data_uri(path: Path) -> str:
    """A picture as a data URI; a name that is no file here becomes an empty one."""
    if not path.is_file():
        return "data:,"
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
