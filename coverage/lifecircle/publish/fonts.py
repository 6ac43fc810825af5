"""The faces of printed figures: where their files are, and drawing in them without touching anyone's settings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

_REGULAR = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")
_COLLECTION = ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")
_SIMPLIFIED = 2  # of the collection's faces: Noto Sans CJK SC
_NAME, _RARE = "lifecircle sans", "lifecircle sans rare"  # names that no installed font has, so that ours is drawn
_RULER_DPI, _RULER_POINTS = 720, 10  # large enough that a width is not rounded
_UNDRAWN = "□"  # stands for a character that no face has
_INK = "#2b3640"
_SETTINGS: dict[str, Any] = {
    "font.size": 8,
    "text.parse_math": False,  # names may hold $, _ and ^
    "text.color": _INK,
    "axes.edgecolor": "#9aa0a6",
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.hinting": "none",  # letters are as wide at every size
    "svg.fonttype": "path",  # looks alike where the face is not installed
    "svg.hashsalt": "lifecircle",
    "path.simplify": True,
}


def regular_font_path() -> Path:
    """The file of Noto Sans SC Regular, a static face that every program can draw."""
    return Path(str(files(_REGULAR[0]).joinpath(_REGULAR[1])))


def font_collection_path() -> Path:
    """The file of Noto Sans CJK with every weight as one variable face, for programs that can vary it."""
    return Path(str(files(_COLLECTION[0]).joinpath(_COLLECTION[1])))


@contextmanager
def drawing_style() -> Iterator[None]:
    """Draw in the report's face, with matplotlib's own defaults whatever the reader has set; all is as before after it.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> before = mpl.rcParams["font.family"]
    >>> with drawing_style():
    ...     print(mpl.rcParams["font.family"][0])
    lifecircle sans
    >>> mpl.rcParams["font.family"] == before
    True
    """
    import matplotlib.style

    if matplotlib.rcParams["font.family"] == list(_families()):  # it holds already
        yield
        return
    with matplotlib.style.context(["default", _SETTINGS | {"font.family": list(_families())}]):
        yield


def text_width_mm(text: str, points: float) -> float:
    """Width of a line in the report's face, for letters of so many points.

    >>> text_width_mm("社区", 10) == 2 * text_width_mm("社区", 5)
    True
    """
    return _width_mm(text) * points


def printable(text: str) -> str:
    """A text in one line whose characters can all be drawn: spaces as one, what is not seen left out, `□` for the rest.

    >>> printable(" 一  号楼 " + chr(0x1F600))
    '一 号楼 □'
    """
    seen = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in _UNSEEN)
    return "".join(one if _can_draw(one) else _UNDRAWN for one in " ".join(seen.split()))


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}


def _can_draw(sign: str) -> bool:
    """Whether a face has a character; the large collection is opened only for those that the first face lacks."""
    return ord(sign) in _signs() or ord(sign) in _rare_signs()


@cache
def _families() -> tuple[str, ...]:
    """The names of our faces, known to matplotlib from now on; the second is asked for what the first lacks."""
    from matplotlib.font_manager import FontEntry, fontManager

    regular = FontEntry(fname=str(regular_font_path()), name=_NAME, weight=400)
    rare = FontEntry(fname=str(font_collection_path()), index=_SIMPLIFIED, name=_RARE, weight=400)
    fontManager.ttflist.extend([regular, rare])
    return regular.name, rare.name


@lru_cache(maxsize=8192)
def _width_mm(text: str) -> float:
    """Width of a line for letters of one point."""
    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.font_manager import FontProperties

    per_mm = _RULER_DPI / 25.4
    face = FontProperties(family=list(_families()), size=_RULER_POINTS)
    ruler: Any = RendererAgg(1, 1, _RULER_DPI)  # type: ignore[no-untyped-call]
    return float(ruler.get_text_width_height_descent(text, face, False)[0] / per_mm / _RULER_POINTS)


@cache
def _signs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(regular_font_path())).get_charmap())


@cache
def _rare_signs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(font_collection_path()), face_index=_SIMPLIFIED).get_charmap())
