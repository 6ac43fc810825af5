"""A sheet of paper that a map is drawn on: millimetres from its lower left corner, and shapes turned into paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from matplotlib.path import Path

PAPERS = {"A4": (273.0, 186.0, 1.0), "A3": (396.0, 273.0, 1.2)}  # landscape less 12 mm on each side, and size of text
_HEAD_MM, _FOOT_MM, _SIDE_MM, _GAP_MM = 19.0, 8.0, 58.0, 5.0
_FINEST_MM = 0.08  # what a 300 dpi printer can just show
_LEAST_M = 200.0  # of ground on the shorter side, where a district is a point
_ROOM = 0.94  # of the frame that the district takes
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Sheet:
    """Where things stand on the paper, in mm, and how ground becomes paper.

    Attributes
    ----------
    width_mm, height_mm
        The paper.
    text
        How many times as large as on A4 texts and marks are.
    frame
        West, south, east, north of the map on the paper.
    mm_per_m
        Scale.
    origin_m
        The place on the ground at the paper's lower left corner.

    """

    width_mm: float
    height_mm: float
    text: float
    frame: tuple[float, float, float, float]
    mm_per_m: float
    origin_m: tuple[float, float]

    def on_paper(self, shapes: Any) -> Any:
        """Shapes in metres as shapes in mm."""
        return shapely.transform(shapes, lambda places: (places - self.origin_m) * self.mm_per_m)

    @property
    def ground(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the map on the ground, in metres."""
        west, south, east, north = (one / self.mm_per_m for one in self.frame)
        x, y = self.origin_m
        return west + x, south + y, east + x, north + y


def sheet_for(bounds_m: tuple[float, float, float, float], *, paper: str) -> Sheet:
    """The sheet on which an extent fills the frame; one that is a point has some ground around it.

    Raises
    ------
    ValueError
        The paper is neither A4 nor A3.

    >>> sheet_for((0, 0, 6000, 4000), paper="A4").frame
    (0.0, 8.0, 210.0, 167.0)
    """
    if paper not in PAPERS:
        raise ValueError(f"paper: expected one of {', '.join(PAPERS)}, found {paper!r}. Choose one of these")
    width_mm, height_mm, text = PAPERS[paper]
    frame = (0.0, _FOOT_MM * text, width_mm - (_SIDE_MM + _GAP_MM) * text, height_mm - _HEAD_MM * text)
    west, south, east, north = bounds_m
    wide_m, high_m = max(east - west, _LEAST_M), max(north - south, _LEAST_M)
    mm_per_m = _ROOM * min((frame[2] - frame[0]) / wide_m, (frame[3] - frame[1]) / high_m)
    middle_mm = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    middle_m = (west + east) / 2, (south + north) / 2
    origin_m = (middle_m[0] - middle_mm[0] / mm_per_m, middle_m[1] - middle_mm[1] / mm_per_m)
    return Sheet(width_mm, height_mm, text, frame, mm_per_m, origin_m)


def drawn(shapes: Any, sheet: Sheet) -> np.ndarray:
    """Areas or lines as they are seen on the sheet: in mm, cut at the frame, without what is too fine to print."""
    found = shapely.clip_by_rect(np.asarray(shapes, dtype=object), *sheet.ground)
    found = shapely.simplify(sheet.on_paper(found[~shapely.is_empty(found)]), _FINEST_MM)
    return np.asarray(found[~shapely.is_empty(found)])


def area_path(areas: Any) -> Path:
    """All areas as one path; holes stay open."""
    parts = shapely.get_parts(np.atleast_1d(np.asarray(areas, dtype=object)).ravel())
    parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
    rings = shapely.get_rings(
        shapely.orient_polygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    )
    return _path(rings, closed=True)


def line_path(lines: Any) -> Path:
    """All lines as one path."""
    parts = shapely.get_parts(np.asarray(lines, dtype=object))
    parts = shapely.get_parts(parts)
    return _path(parts[shapely.get_dimensions(parts) == 1], closed=False)


def _path(lines: np.ndarray, *, closed: bool) -> Path:
    from matplotlib.path import Path

    places, number = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(places), Path.LINETO, dtype=Path.code_type)
    if len(places):
        first = np.flatnonzero(np.diff(number, prepend=-1))
        codes[first] = Path.MOVETO
        if closed:
            codes[np.append(first[1:], len(places)) - 1] = Path.CLOSEPOLY
    return Path(places, codes)
