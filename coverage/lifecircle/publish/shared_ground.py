"""The ground under several maps as one drawing, so that a document holds it once."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from lifecircle.publish.cartography_ground import GROUND_ID

_SVG = "http://www.w3.org/2000/svg"
_USED = re.compile(r"url\(#([^)]+)\)|href=\"#([^\"]+)\"")


def ground_apart(svg: bytes) -> tuple[bytes, bytes]:
    """The ground of a map with what lies below it, and all that lies above, as two drawings of the map's size.

    Maps of one sheet give the same bytes for the ground. Where a drawing has none, the first is empty and the second
    is the drawing.
    """
    if f'id="{GROUND_ID}'.encode() not in svg:
        return b"", svg
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    below, above = _cut(svg, upper=False), _cut(svg, upper=True)
    return (below, above) if below and above else (b"", svg)


def _cut(svg: bytes, *, upper: bool) -> bytes:
    """A drawing without what comes after the last part of its ground, or without that part and all before.

    What is read was drawn by this program.
    """
    root = ET.fromstring(svg)  # noqa: S314
    figure = root.find(f"{{{_SVG}}}g")
    axes = None if figure is None else _around_ground(figure)
    if figure is None or axes is None:
        return b""
    for parent, child in ((figure, axes), (axes, _last_of_ground(axes))):
        _drop(parent, child, before=upper)
    if upper:
        axes.remove(_last_of_ground(axes))
    _drop_unused(root)
    return ET.tostring(root)


def _around_ground(figure: ET.Element) -> ET.Element | None:
    return next((one for one in figure if any(_is_ground(part) for part in one)), None)


def _last_of_ground(axes: ET.Element) -> ET.Element:
    return [one for one in axes if _is_ground(one)][-1]


def _is_ground(part: ET.Element) -> bool:
    return part.get("id", "").startswith(GROUND_ID)


def _drop(parent: ET.Element, child: ET.Element, *, before: bool) -> None:
    """Take out the parts that stand before or after a child."""
    parts = list(parent)
    place = parts.index(child)
    for one in parts[:place] if before else parts[place + 1 :]:
        parent.remove(one)


def _drop_unused(root: ET.Element) -> None:
    """Take out definitions at the end that the rest does not use: those of the other half."""
    used = {first or second for first, second in _USED.findall(ET.tostring(root, "unicode"))}
    for defs in root.findall(f"{{{_SVG}}}defs"):
        for one in list(defs):
            if one.get("id") and one.get("id") not in used:
                defs.remove(one)
