"""Figures as the bytes of files: the same each time, small, with the ground under maps drawn once."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lifecircle.publish.cartography_ground import GROUND_ID
from lifecircle.publish.fonts import drawing_style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from PIL.Image import Image

DPI = 300
_COLORS, _EVERY = 48, 3  # of a picture in pixels, found in one of so many rows and columns
_PATH = re.compile(r'(?<= )d="[^"]+"')
_ALIKE = 0xF8F8F8  # of colours that agree in these bits one is kept: they look alike
_FINE, _TWO_DECIMALS = re.compile(r"(\.\d\d)\d+"), r"\1"
_GROUND = re.compile(rf'(?:\s*<g id="{GROUND_ID}-\d+">.*?</g>)+', re.DOTALL)


@dataclass
class Drawn:
    """The ground as it was drawn under the first map of a sheet, for those that follow."""

    svg: str = ""
    pixels: np.ndarray | None = None


def svg_bytes(figure: Figure, ground: Drawn | None = None) -> bytes:
    """A figure as vectors; the ground is taken as it was drawn before, or kept for the next."""
    artists = _ground_of(figure)
    known = ground is not None and bool(ground.svg)
    for artist in artists[1:]:
        artist.set_visible(not known)
    file = io.StringIO()
    with drawing_style():
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    for artist in artists:
        artist.set_visible(True)
    text = file.getvalue()
    if not artists or ground is None:
        return _shortened(text).encode()
    before, drawn, after = _split(text)
    ground.svg = ground.svg or _shortened(drawn)
    return (_shortened(before) + ground.svg + _shortened(after)).encode()


def png_bytes(figure: Figure, ground: Drawn | None = None) -> bytes:
    """A figure as pixels, 300 an inch, in few colours; the ground is taken as it was drawn before, or kept."""
    from PIL import Image

    artists, paper = _ground_of(figure), figure.patch
    if ground is not None and artists and ground.pixels is None:
        others = [one for one in figure.axes[0].get_children() if one not in artists and one.get_visible()]
        for one in artists:
            one.set_antialiased(False)  # at 300 dpi nobody sees it, and the file is half as large
        ground.pixels = _pixels(figure, hidden=others)
        for one in artists:
            one.set_antialiased(True)
    below = ground.pixels if ground is not None and artists else None
    pixels = _pixels(figure, hidden=[*artists, paper] if below is not None else [], below=below)
    image = Image.fromarray(pixels[:, :, :3])
    image = image.quantize(palette=_palette(pixels), dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6, dpi=(DPI, DPI))
    return file.getvalue()


def _palette(pixels: np.ndarray) -> Image:
    """A picture of the commonest colours, so that areas keep theirs exactly."""
    from PIL import Image

    some = pixels[::_EVERY, ::_EVERY, :3].reshape(-1, 3).astype(np.uint32)
    packed, n = np.unique(some @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32), return_counts=True)
    packed = packed[np.argsort(-n, kind="stable")]
    packed = np.append(np.uint32(0xFFFFFF), packed)  # paper stays white
    _, first = np.unique(packed & _ALIKE, return_index=True)
    chosen = packed[np.sort(first)[:_COLORS]]
    image = Image.new("P", (1, 1))
    image.putpalette(np.column_stack([chosen >> 16, chosen >> 8 & 255, chosen & 255]).astype(np.uint8).tobytes())
    return image


def _ground_of(figure: Figure) -> list[Patch]:
    """What `draw_ground` drew, in its order."""
    return [one for one in figure.axes[0].patches if (one.get_gid() or "").startswith(GROUND_ID)]


def _split(text: str) -> tuple[str, str, str]:
    found = _GROUND.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found.group(), text[found.end() :]


def _shortened(text: str) -> str:
    """Vectors whose coordinates have two decimals of a point: less than a hundredth of a millimetre."""
    return _PATH.sub(lambda path: _FINE.sub(_TWO_DECIMALS, " ".join(path[0].split())), text)


def _pixels(figure: Figure, *, hidden: Sequence[Artist], below: np.ndarray | None = None) -> np.ndarray:
    """A figure without some of its artists, drawn over pixels that stand below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    dpi = figure.dpi
    with drawing_style():
        for artist in hidden:
            artist.set_visible(False)
        figure.dpi = DPI
        canvas = FigureCanvasAgg(figure)
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        pixels = np.asarray(renderer.buffer_rgba())
        if below is not None:
            pixels[:] = below
        figure.draw(renderer)
        figure.dpi = dpi
        for artist in hidden:
            artist.set_visible(True)
    return pixels.copy()
