"""Streets cut at places along them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

SAME_M = 0.001  # coordinates nearer than this are one place, as they are when streets are joined into a network
_BLANK = {"barrier": "", "signal": "", "cut": "", "ele_m": np.nan}  # what a new end between two pieces has of each


def cut_at(streets: gpd.GeoDataFrame, cut: np.ndarray, places: np.ndarray) -> gpd.GeoDataFrame:
    """Streets led through the given places and cut there; what stands at their ends stays at their ends."""
    lines = streets.geometry.to_numpy()
    spots, ends = np.round(places, 3), np.round(line_ends(lines), 3)
    at_end = [(spots == ends[cut + shift]).all(axis=1) for shift in (0, len(lines))]
    again = pd.DataFrame({"line": cut, "x": spots[:, 0], "y": spots[:, 1]}).duplicated().to_numpy()
    new = ~(at_end[0] | at_end[1] | again)
    cuts = pd.DataFrame({"line": cut[new], "x": places[new, 0], "y": places[new, 1]})
    if cuts.empty:
        return _pieces(streets, lines, np.arange(len(lines)))
    numbers, whole = np.unique(cuts["line"]), np.ones(len(lines), dtype=bool)
    whole[numbers] = False
    vertices = _vertices(lines[numbers], numbers)
    lengths = vertices.groupby("line")["along"].last().reindex(cuts["line"]).to_numpy()
    along = shapely.line_locate_point(lines[cuts["line"]], shapely.points(cuts[["x", "y"]].to_numpy()))
    cuts = cuts.assign(along=np.minimum(along, lengths))
    everything = pd.concat([vertices, cuts.assign(is_cut=True, rank=1)], ignore_index=True)
    everything = everything.sort_values(["line", "along", "rank", "x", "y"], kind="stable", ignore_index=True)
    everything = _heights_of_cuts(everything) if "z" in everything else everything
    everything = everything[~_beside_cut(everything)]
    twice = everything.loc[everything.index.repeat(1 + everything["is_cut"].to_numpy())]
    begins = twice.index.duplicated() | (twice["line"].diff() != 0).to_numpy()
    piece, line = np.cumsum(begins) - 1, twice["line"].to_numpy()[begins]
    axes = ["x", "y", "z"] if "z" in twice else ["x", "y"]
    shapes = shapely.linestrings(twice[axes].to_numpy(dtype="float64"), indices=piece)
    shapes, line = np.append(shapes, lines[whole]), np.append(line, np.flatnonzero(whole))
    order = np.argsort(line, kind="stable")
    return _pieces(streets, shapes[order], line[order])


def line_ends(lines: np.ndarray) -> np.ndarray:
    """x, y of the start of every line, then of the end of every line; NaN where a line has none."""
    found = [shapely.get_point(lines, place) for place in (0, -1)]
    ends: np.ndarray = np.concatenate([np.column_stack([shapely.get_x(one), shapely.get_y(one)]) for one in found])
    return ends


def along_lines(places: np.ndarray, line: np.ndarray) -> np.ndarray:
    """How far along its line each vertex is, in metres, in the plane; `line` numbers the lines in order."""
    steps = np.zeros(len(places))
    steps[1:] = np.hypot(*np.diff(places[:, :2], axis=0).T)
    first = np.flatnonzero(np.append(True, line[1:] != line[:-1])[: len(line)])
    steps[first] = 0
    total = np.cumsum(steps)
    return total - np.repeat(total[first], np.diff(np.append(first, len(line))))


def _vertices(lines: np.ndarray, numbers: np.ndarray) -> pd.DataFrame:
    """Every vertex with the number of its line and how far along it is; by `rank` the last stays behind a cut there."""
    deep = bool(shapely.has_z(lines).any())
    places, line = shapely.get_coordinates(lines, return_index=True, include_z=deep)
    along = along_lines(places, line)
    table = pd.DataFrame({"line": numbers[line], "x": places[:, 0], "y": places[:, 1], "along": along})
    last = np.append(line[1:] != line[:-1], True)[: len(line)]
    table = table.assign(is_cut=False, rank=np.where(last, 2, 0))
    return table.assign(z=places[:, 2]) if deep else table


def _heights_of_cuts(table: pd.DataFrame) -> pd.DataFrame:
    """Heights of the cuts between the vertices before and after them."""
    own = ~table["is_cut"]
    before, after = (table[["along", "z"]].where(own) for _ in range(2))
    at = pd.Series(np.where(own, np.arange(len(table)), np.nan))
    earlier, later = at.ffill().astype(int).to_numpy(), at.bfill().astype(int).to_numpy()
    low, high = before.to_numpy()[earlier], after.to_numpy()[later]
    span = high[:, 0] - low[:, 0]
    share = np.divide(table["along"].to_numpy() - low[:, 0], span, out=np.zeros(len(table)), where=span > 0)
    return table.assign(z=np.where(own, table["z"], low[:, 1] + (high[:, 1] - low[:, 1]) * share))


def _beside_cut(table: pd.DataFrame) -> np.ndarray:
    """Inner vertices that a cut takes the place of."""
    line, along, is_cut = (table[name].to_numpy() for name in ("line", "along", "is_cut"))
    inner = ~is_cut & (table["rank"].to_numpy() == 0) & np.append(False, line[1:] == line[:-1])[: len(line)]
    near = np.zeros(len(table), dtype=bool)
    for shift in (1, -1):
        same = np.roll(line, shift) == line
        near |= same & np.roll(is_cut, shift) & (np.abs(np.roll(along, shift) - along) <= SAME_M)
    return np.asarray(inner & near)


def _pieces(streets: gpd.GeoDataFrame, shapes: np.ndarray, line: np.ndarray) -> gpd.GeoDataFrame:
    """Rows for the pieces of each street; new ends are new nodes with nothing known of them."""
    order = np.arange(len(line))
    first = np.append(True, line[1:] != line[:-1])[: len(line)]
    last = np.append(line[1:] != line[:-1], True)[: len(line)]
    number = order - np.maximum.accumulate(np.where(first, order, 0))
    table = streets.iloc[line].reset_index(drop=True)
    table = table.set_geometry(gpd.GeoSeries(shapes, crs=streets.crs, name=streets.geometry.name))
    several = ~(first & last)
    keys = (table["street_id"] if "street_id" in table else pd.Series(line)).astype("str").to_numpy(dtype=object)
    for name, blank in _BLANK.items():
        for column, outer in ((f"from_{name}", first), (f"to_{name}", last)):
            if column in table:
                table[column] = table[column].where(outer, blank)
    if "from_node" in table and "to_node" in table:
        new = [f"{key}#{place}" for key, place in zip(keys, number, strict=True)]
        table["from_node"] = table["from_node"].where(first, new)
        table["to_node"] = table["to_node"].where(last, np.append(new[1:], ""))
    if "street_id" in table:
        named = np.where(several, [f"{key}#{place}" for key, place in zip(keys, number, strict=True)], keys)
        table["street_id"] = pd.array(named.tolist(), dtype="str")
    return table


def line_keys(streets: gpd.GeoDataFrame) -> list[str]:
    """A key for each street from its line; of several with the same line, from what the other columns say.

    `row` is where a street stood in its file and counts for nothing.

    >>> lines = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 9 0)"] * 2)
    >>> line_keys(gpd.GeoDataFrame({"highway": ["steps", "footway"]}, geometry=lines))
    ['line/00000002', 'line/00000001']
    """
    course = pd.Series(shapely.to_wkb(streets.geometry.to_numpy()))
    places = course.rank(method="first").astype(int)
    alike = course.duplicated(keep=False)
    if alike.any():
        names = sorted(set(streets.columns) - {streets.geometry.name, "row"}, key=str)
        rows = pd.DataFrame(streets)[names][alike.to_numpy()].itertuples(index=False, name=None)
        table = pd.DataFrame({"course": course[alike], "said": [repr(row) for row in rows]})
        order = table.sort_values(["course", "said"], kind="stable").index
        places[order] = np.sort(places[alike])
    return [f"line/{place:08d}" for place in places]
