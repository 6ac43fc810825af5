"""The printed report: one PDF that is typeset without internet, fonts of the system or the clock."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from lifecircle.publish.chapters import chapters, prose
from lifecircle.publish.fonts import font_collection_path
from lifecircle.publish.pictures import Picture
from lifecircle.publish.shared_ground import ground_apart
from lifecircle.result import Result

if TYPE_CHECKING:
    import typst

_ASSETS = Path(__file__).with_name("assets")
_TEMPLATES = ("report.typ", "report_look.typ", "report_front.typ", "report_results.typ", "report_annex.typ")
_GROUND = "report_ground.typ"
_MOST_SVG_BYTES = 6_000_000  # a drawing of more lines than that is smaller and opens faster as pixels


def write_pdf(result: Result, pictures: Sequence[Picture], path: str | Path) -> Path:
    """Write a result as a PDF in the study's language, with selectable text, bookmarks and its fonts inside.

    The same result and pictures give the same bytes: its date is the study's.

    Parameters
    ----------
    result
        The result to print.
    pictures
        Maps and plots, in the order in which they are shown; none is well, too.
    path
        The file to write.

    Returns
    -------
    Path of the file.

    """
    path = Path(path)
    with TemporaryDirectory(prefix=".report-", dir=path.parent) as folder:
        draft = Path(folder)
        for name in (*_TEMPLATES, _GROUND):
            (draft / name).write_bytes((_ASSETS / name).read_bytes())
        shown = _lay_out(pictures, draft, result.study.study.language)
        content = chapters(result) | {"pictures": shown}
        (draft / "report.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        path.write_bytes(_compiled(draft / _TEMPLATES[0], result.study.study.date))
    return path


def _lay_out(pictures: Sequence[Picture], draft: Path, lang: str) -> list[dict[str, Any]]:
    """Write every picture's file and say which it is; a ground that several maps share is written once."""
    halves = [ground_apart(one.svg) if _as_lines(one) else (b"", one.png) for one in pictures]
    n_uses = Counter(ground for ground, _ in halves if ground)
    grounds = {ground: f"ground-{n}.pdf" for n, ground in enumerate(n_uses) if n_uses[ground] > 1}
    for ground, name in grounds.items():
        (draft / "ground.svg").write_bytes(ground)
        (draft / name).write_bytes(_compiled(draft / _GROUND))
    shown: list[dict[str, Any]] = []
    for n, (picture, (ground, drawing)) in enumerate(zip(pictures, halves, strict=True)):
        lines, shared = _as_lines(picture), grounds.get(ground, "")
        name = f"picture-{n}.{'svg' if lines else 'png'}"
        (draft / name).write_bytes(drawing if shared or not lines else picture.svg)
        shown.append(
            {
                "file": name,
                "ground": shared,
                "sort": picture.sort,
                "title": prose(picture.title, lang),
                "caption": prose(picture.caption, lang),
                "width_mm": picture.width_mm,
                "height_mm": picture.height_mm,
            }
        )
    return shown


def _as_lines(picture: Picture) -> bool:
    return 0 < len(picture.svg) <= _MOST_SVG_BYTES


def _compiled(template: Path, day: dt.date = dt.date(2000, 1, 1)) -> bytes:
    """The bytes of the PDF of a template that lies beside all that it reads."""
    import typst

    return typst.compile(
        str(template),
        root=str(template.parent),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        timestamp=dt.datetime.combine(day, dt.time(), dt.UTC),
        pdf_tags=False,  # marks of structure make the file three times as large and take twenty times as long
    )


def _fonts() -> typst.Fonts:
    """Noto Sans CJK for everything; the plain faces beside matplotlib for the signs and letters that it lacks."""
    import typst

    plain = Path(str(files("matplotlib").joinpath("mpl-data", "fonts", "ttf")))
    places = [str(font_collection_path().parent), str(plain)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*places])
