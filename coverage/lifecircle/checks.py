"""What is wrong with the inputs: every fault, with row, rule, cure and the households it touches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from lifecircle.accesses import access_faults
from lifecircle.alike import each_fault
from lifecircle.boundaries import boundary_faults
from lifecircle.errors import TableError
from lifecircle.faults import Fault, fault, fault_table, hint
from lifecircle.keys import places_among
from lifecircle.misplaced import CHECKS as MISPLACED
from lifecircle.nesting import unit_faults
from lifecircle.places import located, unit_of_places
from lifecircle.plausibility import plausibility_faults
from lifecircle.provenance import called, header_of, where_of
from lifecircle.readers.positions import rows_without_place
from lifecircle.registers import register_faults
from lifecircle.shifts import shift_faults
from lifecircle.tables import KEYS, Tables
from lifecircle.touched import with_households
from lifecircle.walkers import load_walking, may_walk

MOST_M2 = 100_000  # the largest floor area of one facility, where the study says nothing else
_FAR_KM = 50
_NAMED = 5  # rows named in a fault that speaks of many
_TOUCH_M = 0.5  # a street end this near to another street was meant to meet it


def find_faults(
    tables: Tables,
    *,
    snap_m: float = 100,
    settings: Path | None = None,
    most_m2: float = MOST_M2,
    on: dt.date | None = None,
) -> pd.DataFrame:
    """Every fault of the inputs, worst first; nothing is raised and nothing is changed.

    Parameters
    ----------
    tables
        The inputs.
    snap_m
        How far from a walkable street a place may lie, in metres.
    settings
        A walking.toml of your own, which says what may be walked.
    most_m2
        The largest floor area that one facility can have, in square metres.
    on
        The day of the assessment, for which dates are looked at.

    Returns
    -------
    DataFrame
        One row per fault: check, severity (`error`, `warning` or `note`), table, file, sheet, row, record, column, what
        and cure in both languages, households touched (NaN where unknown).

    Examples
    --------
    >>> import lifecircle as lc
    >>> faults = lc.find_faults(lc.read_inputs(lc.read_study("data/sample/study.toml")))
    >>> set(faults["severity"])
    {'warning'}

    """
    return fault_table(faults_of(tables, snap_m=snap_m, settings=settings, most_m2=most_m2, on=on))


def require_clean(faults: pd.DataFrame, *, lang: str = "en") -> None:
    """Raise a `TableError` that names every error; warnings pass.

    >>> import lifecircle as lc
    >>> require_clean(lc.find_faults(lc.read_inputs(lc.read_study("data/sample/study.toml"))))
    """
    errors = faults[faults["severity"] == "error"]
    if len(errors):
        raise TableError("\n".join(errors[f"line_{lang}"]))


def faults_of(
    tables: Tables,
    *,
    snap_m: float,
    settings: Path | None = None,
    most_m2: float = MOST_M2,
    on: dt.date | None = None,
) -> list[Fault]:
    """Faults found while reading, then those of each check that what was read allows, with the households touched."""
    lost = _lost(tables)
    bounded = ("units", "places") not in lost
    fit = located(tables) if bounded else None
    found = list(tables.faults)
    for check, needs in _CHECKS:
        if not lost & set(needs):
            found += check(tables)
    found += [*unit_faults(tables, fit, lost=lost), *register_faults(tables, most_m2=most_m2, lost=lost)]
    for table in ("units", "facilities", "dwellings", "candidates"):
        found += _keys(tables, table) if (table, "keys") not in lost else []
    for table in ("facilities", "dwellings", "candidates"):
        found += _missing_places(tables, table) if (table, "places") not in lost else []
    if fit is not None:
        found += boundary_faults(tables, fit)
        for table in ("facilities", "dwellings", "streets"):
            found += _far_places(tables, table) if (table, "places") not in lost else []
        for table in ("facilities", "dwellings"):
            found += _outside(tables, fit, table) if (table, "places") not in lost else []
    found += list(_streets(tables, snap_m, settings)) if not lost & _WALKED else []
    found += list(access_faults(tables, settings)) if ("streets", "places") not in lost else []
    found += plausibility_faults(tables, on=on, lost=lost)
    found += shift_faults(tables) if fit is not None and not lost & _WALKED else []
    return with_households(tables if fit is None else fit, found)


def _lost(tables: Tables) -> set[tuple[str, str]]:
    """What could not be read of which table: its `rows`, `keys` or `places`."""
    lost = set()
    for one in tables.faults:
        table, values = one.where.table, dict(one.values)
        if one.check in _UNREAD:
            table = table or values.get("key", "").strip("[").split("]")[0]
            lost |= {(table, "rows"), (table, "keys"), (table, "places")}
        elif (one.check in _NO_PLACES and one.where.row is None) or values.get("name") in {"x", "y"}:
            lost.add((table, "places"))
        elif values.get("name") == KEYS.get(table):
            lost.add((table, "keys"))
    return lost


def _keys(tables: Tables, table: str) -> Iterator[Fault]:
    frame, column = getattr(tables, table), KEYS.get(table, "facility_id")
    header = header_of(tables, table, column)
    keys = frame[column].reset_index(drop=True)
    wrong = np.flatnonzero((keys.duplicated() | (keys == "")).to_numpy())
    again = keys[keys.isin(keys.iloc[wrong])].drop_duplicates() if len(wrong) else keys.iloc[:0]
    first = {key: int(place) for place, key in again.items()}
    for place in wrong.tolist():
        key, where = keys[place], where_of(tables, table, place)
        if not key:
            yield fault("missing-key", where, column=header)
        else:
            other = where_of(tables, table, first[key])
            same = (other.file, other.sheet) == (where.file, where.sheet)
            en, zh = (f"row {other.row}", f"第 {other.row} 行") if same else (other.text("en"), other.text("zh"))
            yield fault("duplicate-key", where, column=header, found=key, other=en, other_zh=zh)


def _missing_places(tables: Tables, table: str) -> Iterator[Fault]:
    """Records without a place: candidates are of no use so, the others count in the unit that they state."""
    frame = getattr(tables, table)
    lacking = np.flatnonzero((frame.geometry.isna() | frame.geometry.is_empty).to_numpy())
    headers = [pair for source in tables.sources if source.table == table for pair in source.headers]
    told = rows_without_place((one for one in tables.faults if one.where.table == table), headers)
    stated, rows = _states_unit(frame), frame["row"].to_numpy() if "row" in frame else np.arange(1, len(frame) + 1)
    known = {row for file, sheet, row in told if (file, sheet) == (where_of(tables, table).file, sheet)}
    lacking = lacking[~np.isin(rows[lacking], list(known))] if known else lacking

    def tell(place: int) -> Fault:
        check = "unlocated" if stated[place] else "unlocated-nowhere"
        check = "missing-place" if table == "candidates" else check
        return fault(check, where_of(tables, table, place), found=called(frame, table, place))

    yield from each_fault(tables, table, lacking, tell)


def _states_unit(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Whether a facility or dwelling states the unit it belongs to, or those it serves."""
    stated = np.zeros(len(frame), dtype=bool)
    for column in ("unit_id", "serves"):
        if column in frame:
            stated |= (frame[column] != "").to_numpy()
    return stated


def _far_places(tables: Tables, table: str) -> Iterator[Fault]:
    units, shapes = tables.units.geometry.dropna(), getattr(tables, table).geometry.dropna()
    if not len(units) or not len(shapes):
        return
    west, south, east, north = units.total_bounds
    boxes = shapes.bounds.to_numpy()
    aside_m = np.maximum(0, np.maximum(west - boxes[:, 2], boxes[:, 0] - east))
    away_m = np.maximum(0, np.maximum(south - boxes[:, 3], boxes[:, 1] - north))
    nearest_km = float(np.nanmin(np.hypot(aside_m, away_m), initial=np.inf)) / 1000
    if not np.isfinite(nearest_km):
        return
    if nearest_km > _FAR_KM:
        yield fault("far-away", where_of(tables, table), n=len(shapes), km=_FAR_KM, found=f"{nearest_km:,.0f}")


def _silent_dwellings(tables: Tables) -> Iterator[Fault]:
    silent = np.flatnonzero(tables.dwellings["households"].isna().to_numpy())
    if len(silent):
        rows = [str(where_of(tables, "dwellings", int(place)).row) for place in silent[:_NAMED]]
        more, more_zh = (", …", "等") if len(silent) > _NAMED else ("", "")
        which = {"which": f"rows {', '.join(rows)}{more}", "which_zh": f"第 {'、'.join(rows)} 行{more_zh}"}
        counts = {"n": len(silent), "all": len(tables.dwellings)} | which
        yield fault("unknown-dwellings", where_of(tables, "dwellings"), **counts)


def _named_units(tables: Tables) -> Iterator[Fault]:
    named, header = tables.dwellings["unit_id"], header_of(tables, "dwellings", "unit_id")
    unknown = (named != "").to_numpy() & (places_among(named, tables.units["unit_id"]) < 0)
    found = dict(zip(np.flatnonzero(unknown).tolist(), named[unknown].tolist(), strict=True))
    known = set(tables.units["unit_id"].tolist())
    near = {unit_id: hint(unit_id, known) for unit_id in sorted(set(found.values()))}
    for place, unit_id in found.items():
        yield fault("unknown-unit", where_of(tables, "dwellings", place), column=header, found=unit_id, **near[unit_id])


def _outside(tables: Tables, fit: Tables, table: str) -> Iterator[Fault]:
    """Places in no unit; where a boundary is missing, or not valid nearby, it is not known whether they are."""
    frame, check = getattr(tables, table), {"facilities": "outside-units", "dwellings": "unplaced-dwelling"}[table]
    unsound = tables.units.geometry[~fit.units["sound"].to_numpy()]
    if (unsound.isna() | unsound.is_empty).any():
        return
    unit_ids = fit.dwellings["unit_id"] if table == "dwellings" else unit_of_places(frame, fit.units)
    outside = np.flatnonzero((unit_ids == "").to_numpy() & ~_states_unit(frame) & _placed(frame))
    near = shapely.STRtree(shapely.envelope(unsound.to_numpy()))
    doubtful = near.query(frame.geometry.to_numpy()[outside], predicate="intersects")[0]
    for place in np.delete(outside, doubtful).tolist():
        yield fault(check, where_of(tables, table, place), found=called(frame, table, place))


def _placed(frame: gpd.GeoDataFrame) -> np.ndarray:
    shapes = frame.geometry.to_numpy()
    placed: np.ndarray = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return placed


def _streets(tables: Tables, snap_m: float, settings: Path | None) -> Iterator[Fault]:
    n_odd = int((tables.streets.geom_type != "LineString").sum())
    if n_odd:
        yield fault("not-lines", where_of(tables, "streets"), n=n_odd, all=len(tables.streets))
        return
    n_loose = _loose_ends(tables.streets)
    if n_loose:
        yield fault("unjoined-streets", where_of(tables, "streets"), n=n_loose)
    placed = {table: np.flatnonzero(_placed(getattr(tables, table))) for table in ("dwellings", "facilities")}
    if not len(placed["dwellings"]) or not len(tables.streets):
        return
    walkable = may_walk(tables.streets, load_walking(settings).streets)
    places = np.concatenate([getattr(tables, table).geometry.to_numpy()[rows] for table, rows in placed.items()])
    near = _near(places, tables.streets.geometry.to_numpy()[walkable], snap_m)
    n_dwellings = len(placed["dwellings"])
    if not near[:n_dwellings].any():
        if not any(_far_places(tables, "streets")):
            yield fault("no-streets-near", where_of(tables, "streets"), snap_m=f"{snap_m:g}", n=n_dwellings)
        return
    for table, is_near in zip(placed, (near[:n_dwellings], near[n_dwellings:]), strict=True):
        frame = getattr(tables, table)
        for place in placed[table][~is_near].tolist():
            where, found = where_of(tables, table, place), called(frame, table, place)
            yield fault("far-from-streets", where, found=found, snap_m=f"{snap_m:g}")


def _loose_ends(streets: gpd.GeoDataFrame) -> int:
    """Street ends that lie on the inside of another street, in layers that know streets by their shapes alone."""
    if not len(streets) or ("from_node" in streets and (streets["from_node"] != "").all()):
        return 0
    lines = streets.geometry.to_numpy()
    corners, line = shapely.get_coordinates(lines, return_index=True)
    is_end = (np.diff(line, prepend=-1) != 0).astype(np.int64) + (np.diff(line, append=-1) != 0)
    x, y = np.round(np.repeat(corners, is_end, axis=0), 3).T
    spots, uses = np.unique(x + 1j * y, return_counts=True)
    alone = spots[uses == 1]
    dead = shapely.points(alone.real, alone.imag)
    if not len(dead):
        return 0
    touched = shapely.STRtree(lines).query(dead, predicate="dwithin", distance=_TOUCH_M)[0]
    return int((np.bincount(touched, minlength=len(dead)) > 1).sum())


def _near(places: np.ndarray, lines: np.ndarray, snap_m: float) -> np.ndarray:
    """Whether each place lies within that distance of a street.

    Points along the streets tell of nearly all places whether they do; only the others are held against lines. Places
    are looked up square by square: their neighbours' part of the tree is still at hand then.
    """
    spots, lines = shapely.get_coordinates(places), lines[shapely.length(lines) > 0]
    if not len(lines) or not len(spots):
        return np.zeros(len(spots), dtype=bool)
    step_m = snap_m / 2
    along = cKDTree(shapely.get_coordinates(shapely.segmentize(lines, step_m)))
    column, row = np.floor((spots - spots.min(axis=0)) / snap_m).T
    order = np.argsort(row * (column.max() + 1) + column)
    away_m = np.empty(len(spots))
    away_m[order] = along.query(spots[order], distance_upper_bound=1.01 * np.hypot(snap_m, step_m / 2))[0]
    near: np.ndarray = away_m <= snap_m
    open_ = np.flatnonzero(~near & np.isfinite(away_m))
    hits = shapely.STRtree(lines).query(places[open_], predicate="dwithin", distance=snap_m)[0]
    near[open_[hits]] = True
    return near


# Each check with what it needs to have been read.
_CHECKS: tuple[tuple[Callable[[Tables], Iterator[Fault]], tuple[tuple[str, str], ...]], ...] = (
    (_silent_dwellings, (("dwellings", "rows"),)),
    (_named_units, (("units", "keys"), ("dwellings", "rows"))),
)
_UNREAD = {
    "missing-file", "unreadable-file", "missing-layer", "empty-layer", "header-row", "too-many-columns",
    "no-plain-file", "no-shapes",
}  # fmt: skip
_NO_PLACES = {"no-crs", "unknown-crs", "shifted-datum", "needs-parameters", "datum-of-metres", *MISPLACED}
_WALKED = {("dwellings", "places"), ("streets", "places"), ("facilities", "places")}
