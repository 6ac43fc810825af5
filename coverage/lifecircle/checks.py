"""What is wrong with the inputs: every fault, with row, rule, cure and the households it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.validation import explain_validity

from lifecircle.accesses import access_faults
from lifecircle.crs import is_metric
from lifecircle.errors import TableError
from lifecircle.faults import Fault, fault, fault_table, hint
from lifecircle.nesting import unit_faults
from lifecircle.places import unit_of_places
from lifecircle.provenance import called, header_of, source_of, where_of
from lifecircle.registers import register_faults
from lifecircle.tables import KEYS, Tables
from lifecircle.walkers import load_walking, may_walk

MOST_M2 = 100_000  # the largest floor area of one facility, where the study says nothing else
_FAR_KM = 50
_NAMED = 5  # rows named in a fault that speaks of many
_TOUCH_M = 0.5  # a street end this near to another street was meant to meet it


def find_faults(
    tables: Tables, *, snap_m: float = 100, settings: Path | None = None, most_m2: float = MOST_M2
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

    Returns
    -------
    DataFrame
        One row per fault: check, severity (`error` or `warning`), table, file, sheet, row, what and cure in both
        languages, households touched (NaN where unknown).

    Examples
    --------
    >>> import lifecircle as lc
    >>> faults = lc.find_faults(lc.read_inputs(lc.read_study("data/sample/study.toml")))
    >>> set(faults["severity"])
    {'warning'}

    """
    return fault_table(faults_of(tables, snap_m=snap_m, settings=settings, most_m2=most_m2))


def require_clean(faults: pd.DataFrame, *, lang: str = "en") -> None:
    """Raise a `TableError` that names every error; warnings pass.

    >>> import lifecircle as lc
    >>> require_clean(lc.find_faults(lc.read_inputs(lc.read_study("data/sample/study.toml"))))
    """
    errors = faults[faults["severity"] == "error"]
    if len(errors):
        raise TableError("\n".join(errors[f"line_{lang}"]))


def faults_of(tables: Tables, *, snap_m: float, settings: Path | None = None, most_m2: float = MOST_M2) -> list[Fault]:
    """Faults found while reading, then those of each check that what was read allows."""
    lost = _lost(tables)
    found = list(tables.faults)
    for check, needs in _CHECKS:
        if not lost & set(needs):
            found += check(tables)
    found += [*unit_faults(tables, lost=lost), *register_faults(tables, most_m2=most_m2, lost=lost)]
    for table in ("units", "facilities", "dwellings", "candidates"):
        found += _keys(tables, table) if (table, "keys") not in lost else []
    for table in ("facilities", "dwellings", "candidates"):
        found += _missing_places(tables, table) if (table, "places") not in lost else []
    for table in ("facilities", "dwellings", "streets"):
        found += _far_places(tables, table) if not lost & {(table, "places"), ("units", "places")} else []
    for table in ("facilities", "dwellings"):
        found += _outside(tables, table) if not lost & {(table, "places"), ("units", "places")} else []
    found += list(_streets(tables, snap_m, settings)) if not lost & _WALKED else []
    return found + (list(access_faults(tables, settings)) if ("streets", "places") not in lost else [])


def _lost(tables: Tables) -> set[tuple[str, str]]:
    """What could not be read of which table: its `rows`, `keys` or `places`."""
    lost = set()
    for one in tables.faults:
        table, values = one.where.table, dict(one.values)
        if one.check in {"missing-file", "unreadable-file", "missing-layer", "empty-layer", "header-row"}:
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
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    for place in np.flatnonzero((keys.duplicated() | (keys == "")).to_numpy()):
        key, where = keys[place], where_of(tables, table, int(place))
        if not key:
            yield fault("missing-key", where, column=header)
        else:
            other = where_of(tables, table, first[key])
            same = (other.file, other.sheet) == (where.file, where.sheet)
            en, zh = (f"row {other.row}", f"第 {other.row} 行") if same else (other.text("en"), other.text("zh"))
            yield fault("duplicate-key", where, column=header, found=key, other=en, other_zh=zh)


def _boundaries(tables: Tables) -> Iterator[Fault]:
    for place, shape in enumerate(tables.units.geometry):
        found, where = tables.units["unit_id"].iloc[place], where_of(tables, "units", place)
        if shape is None or shape.is_empty:
            yield fault("missing-boundary", where, found=found)
        elif not shape.is_valid:
            why, _, spot = explain_validity(shape).partition("[")
            x, y = _as_kept(tables, place, *(float(number) for number in spot.rstrip("]").split()[:2]))
            yield fault("invalid-geometry", where, found=found, why=why, x=x, y=y)
        elif shape.area == 0:
            x, y = _as_kept(tables, place, *shape.coords[0])
            yield fault("invalid-geometry", where, found=found, why=f"a {shape.geom_type} without area", x=x, y=y)


def _as_kept(tables: Tables, place: int, x: float, y: float) -> tuple[str, str]:
    """A place in the CRS of the file it stands in."""
    crs = source_of(tables, "units", place).crs or tables.crs
    spot = gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=tables.crs).to_crs(crs).iloc[0]
    decimals = 1 if tables.units.crs is not None and is_metric(pyproj.CRS(crs)) else 6
    return f"{spot.x:.{decimals}f}", f"{spot.y:.{decimals}f}"


def _missing_places(tables: Tables, table: str) -> Iterator[Fault]:
    frame = getattr(tables, table)
    told = {one.where.row for one in tables.faults if one.where.table == table}
    for place in np.flatnonzero((frame.geometry.isna() | frame.geometry.is_empty).to_numpy()):
        where = where_of(tables, table, int(place))
        if where.row not in told:
            yield fault("missing-place", where, found=called(frame, table, int(place)))


def _far_places(tables: Tables, table: str) -> Iterator[Fault]:
    units = tables.units.geometry[tables.units.geometry.is_valid]
    shapes = getattr(tables, table).geometry.dropna()
    if not len(units) or not len(shapes):
        return
    nearest_km = float(shapes.distance(shapely.box(*units.total_bounds)).min()) / 1000
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
    known, header = set(tables.units["unit_id"]), header_of(tables, "dwellings", "unit_id")
    named = tables.dwellings["unit_id"].reset_index(drop=True)
    near = {unit_id: hint(unit_id, known) for unit_id in sorted(set(named) - known)}
    for place in np.flatnonzero((~named.isin(known) & (named != "")).to_numpy()):
        where, unit_id = where_of(tables, "dwellings", int(place)), named[place]
        yield fault("unknown-unit", where, column=header, found=unit_id, **near[unit_id])


def _outside(tables: Tables, table: str) -> Iterator[Fault]:
    """Places in no unit; boundaries that are not valid decide nothing."""
    if not tables.units.geometry.is_valid.all():
        return
    frame, check = getattr(tables, table), {"facilities": "outside-units", "dwellings": "unplaced-dwelling"}[table]
    stated = frame["serves" if table == "facilities" else "unit_id"] != ""
    unit_ids = unit_of_places(frame, tables.units)
    for place in np.flatnonzero(((unit_ids == "") & ~stated & frame.geometry.notna()).to_numpy()):
        yield fault(check, where_of(tables, table, int(place)), found=called(frame, table, int(place)))


def _streets(tables: Tables, snap_m: float, settings: Path | None) -> Iterator[Fault]:
    n_odd = int((tables.streets.geom_type != "LineString").sum())
    if n_odd:
        yield fault("not-lines", where_of(tables, "streets"), n=n_odd, all=len(tables.streets))
        return
    n_loose = _loose_ends(tables.streets)
    if n_loose:
        yield fault("unjoined-streets", where_of(tables, "streets"), n=n_loose)
    walkable = tables.streets[may_walk(tables.streets, load_walking(settings).streets)]
    dwellings = tables.dwellings[tables.dwellings.geometry.notna()]
    if not len(dwellings) or not len(tables.streets):
        return
    if not _near(dwellings, walkable, snap_m).any():
        if not any(_far_places(tables, "streets")):
            yield fault("no-streets-near", where_of(tables, "streets"), snap_m=f"{snap_m:g}", n=len(dwellings))
        return
    for table in ("dwellings", "facilities"):
        frame = getattr(tables, table)
        placed = np.flatnonzero(frame.geometry.notna().to_numpy())
        for place in placed[~_near(frame.iloc[placed], walkable, snap_m)]:
            where, found = where_of(tables, table, int(place)), called(frame, table, int(place))
            yield fault("far-from-streets", where, found=found, snap_m=f"{snap_m:g}")


def _loose_ends(streets: gpd.GeoDataFrame) -> int:
    """Street ends that lie on the inside of another street, in layers that know streets by their shapes alone."""
    if not len(streets) or ("from_node" in streets and (streets["from_node"] != "").all()):
        return 0
    lines = streets.geometry.to_numpy()
    ends = shapely.get_coordinates([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    spots, inverse, uses = np.unique(np.round(ends, 3), axis=0, return_inverse=True, return_counts=True)
    del inverse
    dead = shapely.points(spots[uses == 1])
    touched = shapely.STRtree(lines).query(dead, predicate="dwithin", distance=_TOUCH_M)[0]
    return int((np.bincount(touched, minlength=len(dead)) > 1).sum())


def _near(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, snap_m: float) -> np.ndarray:
    tree = shapely.STRtree(streets.geometry.to_numpy())
    near = np.zeros(len(places), dtype=bool)
    near[tree.query_nearest(places.geometry.to_numpy(), max_distance=snap_m)[0]] = True
    return near


# Each check with what it needs to have been read.
_CHECKS: tuple[tuple[Callable[[Tables], Iterator[Fault]], tuple[tuple[str, str], ...]], ...] = (
    (_boundaries, (("units", "places"),)),
    (_silent_dwellings, (("dwellings", "rows"),)),
    (_named_units, (("units", "keys"), ("dwellings", "rows"))),
)
_NO_PLACES = {"no-crs", "unknown-crs", "wrong-crs", "shifted-datum", "needs-parameters", "swapped-axes"}
_WALKED = {("dwellings", "places"), ("streets", "places"), ("facilities", "places")}
