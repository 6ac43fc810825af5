"""Categories of a map layer as the XML that QGIS keeps (QML) and the one that others read (SLD 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_VERSION = "3.34.0"  # the QGIS whose names of properties these are; later ones read them
_SLD, _OGC = "http://www.opengis.net/sld", "http://www.opengis.net/ogc"
_MM_PER_PX = 0.28  # SLD's pixel


@dataclass(frozen=True)
class Category:
    """One value of a layer's expression: its label, how it looks, and by which columns it is told."""

    value: str
    label: str
    look: str
    told_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Style:
    """How a layer of polygons or points is coloured: by the values of an expression."""

    shape: str
    expression: str
    categories: tuple[Category, ...]


@dataclass(frozen=True)
class Look:
    """Fill, outline and hatch of a symbol; millimetres on paper. No fill or no hatch where they are empty."""

    fill: str = ""
    line: str = "#5f6368"
    line_mm: float = 0.2
    dash: str = "solid"
    hatch: str = ""
    size_mm: float = 2.0
    marker: str = "circle"


LOOKS: Mapping[str, Look] = {
    "met": Look("#1b7f79", "#ffffff", 0.3),
    "unmet": Look("#d1495b", "#8f1f30", 0.6),
    "unknown": Look("#f1f2f3", "#9aa0a6", 0.3, hatch="#9aa0a6"),
    "not_applicable": Look("#e5e7eb", "#9aa0a6", 0.3, "dot"),
    "reference": Look("#e6e2f0", "#8a7fb0", 0.3),
    "border_subdistrict": Look("", "#22262b", 0.9),
    "border_circle": Look("", "#3c4043", 0.5, "dash"),
    "border_neighbourhood": Look("", "#9aa0a6", 0.2),
    "facility_counted": Look("#22262b", "#ffffff", 0.3, size_mm=2.6),
    "facility_other": Look("#ffffff", "#5f6368", 0.4, size_mm=2.2, marker="diamond"),
    "dwelling_reached": Look("#1b7f79", "#ffffff", 0.1, size_mm=1.2),
    "dwelling_not_reached": Look("#d1495b", "#8f1f30", 0.2, size_mm=1.8, marker="square"),
    "dwelling_unknown": Look("#ffffff", "#9aa0a6", 0.3, size_mm=1.6, marker="triangle"),
}


def qml_of(style: Style) -> str:
    """A style as QGIS keeps it: a categorised renderer with one symbol for each category."""
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=style.expression, enableorderby="0", forceraster="0",
        symbollevels="0", referencescale="-1",
    )  # fmt: skip
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for number, one in enumerate(style.categories):
        said = {"value": one.value, "type": "string", "label": one.label, "symbol": str(number), "render": "true"}
        ET.SubElement(categories, "category", said)
        _add_symbol(symbols, str(number), style.shape, LOOKS[one.look])
    ET.SubElement(root, "layerGeometryType").text = "2" if style.shape == "polygon" else "0"
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _add_symbol(symbols: ET.Element, name: str, shape: str, look: Look) -> None:
    """A symbol: a fill and a hatch above it, or a marker."""
    kind = "fill" if shape == "polygon" else "marker"
    symbol = ET.SubElement(symbols, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    line = {
        "outline_color": _rgba(look.line),
        "outline_style": look.dash,
        "outline_width": f"{look.line_mm:g}",
        "outline_width_unit": "MM",
    }
    if shape == "point":
        marker = {"name": look.marker, "size": f"{look.size_mm:g}", "size_unit": "MM", "color": _rgba(look.fill)}
        _add_layer(symbol, "SimpleMarker", marker | line)
        return
    filled = {"color": _rgba(look.fill or "#ffffff"), "style": "solid" if look.fill else "no"}
    _add_layer(symbol, "SimpleFill", filled | line | {"joinstyle": "miter"})
    if look.hatch:
        spaced = {"angle": "45", "distance": "1.6", "distance_unit": "MM", "line_width": "0.3", "line_width_unit": "MM"}
        hatch = _add_layer(symbol, "LinePatternFill", spaced | {"color": _rgba(look.hatch)})
        below = ET.SubElement(hatch, "symbol", name=f"@{name}@1", type="line", alpha="1", clip_to_extent="1")
        stroke = {"line_color": _rgba(look.hatch), "line_style": "solid", "line_width": "0.3", "line_width_unit": "MM"}
        _add_layer(below, "SimpleLine", stroke)


def _add_layer(symbol: ET.Element, kind: str, options: Mapping[str, str]) -> ET.Element:
    layer = ET.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    told = ET.SubElement(layer, "Option", type="Map")
    for name, value in sorted(options.items()):
        ET.SubElement(told, "Option", name=name, value=value, type="QString")
    return layer


def _rgba(colour: str) -> str:
    """A colour as QGIS writes it.

    >>> _rgba("#1b7f79")
    '27,127,121,255'
    """
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def sld_of(style: Style, layer: str, name: str) -> str:
    """A style as SLD 1.0: one rule for each category, told by the values of columns."""
    ET.register_namespace("", _SLD)
    ET.register_namespace("ogc", _OGC)
    root = ET.Element(f"{{{_SLD}}}StyledLayerDescriptor", version="1.0.0")
    named = ET.SubElement(root, f"{{{_SLD}}}NamedLayer")
    ET.SubElement(named, f"{{{_SLD}}}Name").text = layer
    own = ET.SubElement(named, f"{{{_SLD}}}UserStyle")
    ET.SubElement(own, f"{{{_SLD}}}Name").text = name
    features = ET.SubElement(own, f"{{{_SLD}}}FeatureTypeStyle")
    for one in style.categories:
        rule = ET.SubElement(features, f"{{{_SLD}}}Rule")
        ET.SubElement(rule, f"{{{_SLD}}}Name").text = one.value
        ET.SubElement(rule, f"{{{_SLD}}}Title").text = one.label
        _add_filter(rule, one.told_by)
        _add_sld_symbol(rule, style.shape, LOOKS[one.look])
    return ET.tostring(root, encoding="unicode")


def _add_filter(rule: ET.Element, told_by: tuple[tuple[str, str], ...]) -> None:
    place = ET.SubElement(rule, f"{{{_OGC}}}Filter")
    place = ET.SubElement(place, f"{{{_OGC}}}And") if len(told_by) > 1 else place
    for column, value in told_by:
        same = ET.SubElement(place, f"{{{_OGC}}}PropertyIsEqualTo")
        ET.SubElement(same, f"{{{_OGC}}}PropertyName").text = column
        ET.SubElement(same, f"{{{_OGC}}}Literal").text = value


def _add_sld_symbol(rule: ET.Element, shape: str, look: Look) -> None:
    """Fill, hatch and outline of a polygon, or a marker; widths in SLD's pixels."""
    if shape == "polygon":
        symbol = ET.SubElement(rule, f"{{{_SLD}}}PolygonSymbolizer")
    else:
        graphic = ET.SubElement(ET.SubElement(rule, f"{{{_SLD}}}PointSymbolizer"), f"{{{_SLD}}}Graphic")
        symbol = ET.SubElement(graphic, f"{{{_SLD}}}Mark")
        marker = "square" if look.marker == "diamond" else look.marker
        ET.SubElement(symbol, f"{{{_SLD}}}WellKnownName").text = marker
    if look.fill:
        _add_parameters(ET.SubElement(symbol, f"{{{_SLD}}}Fill"), {"fill": look.fill})
    dashes = {"dash": "6 3", "dot": "1 2"}
    stroke = {"stroke": look.line, "stroke-width": f"{look.line_mm / _MM_PER_PX:.2f}"}
    stroke |= {"stroke-dasharray": dashes[look.dash]} if look.dash in dashes else {}
    _add_parameters(ET.SubElement(symbol, f"{{{_SLD}}}Stroke"), stroke)
    if shape == "point":
        ET.SubElement(graphic, f"{{{_SLD}}}Size").text = f"{look.size_mm / _MM_PER_PX:.1f}"
        if look.marker == "diamond":
            ET.SubElement(graphic, f"{{{_SLD}}}Rotation").text = "45"
    if look.hatch:
        lines = ET.SubElement(rule, f"{{{_SLD}}}PolygonSymbolizer")
        fill = ET.SubElement(ET.SubElement(lines, f"{{{_SLD}}}Fill"), f"{{{_SLD}}}GraphicFill")
        mark = ET.SubElement(ET.SubElement(fill, f"{{{_SLD}}}Graphic"), f"{{{_SLD}}}Mark")
        ET.SubElement(mark, f"{{{_SLD}}}WellKnownName").text = "slash"
        _add_parameters(ET.SubElement(mark, f"{{{_SLD}}}Stroke"), {"stroke": look.hatch, "stroke-width": "1"})


def _add_parameters(place: ET.Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(place, f"{{{_SLD}}}CssParameter", name=name).text = value
