"""What circles are made from: neighbourhoods, centres, minutes and pins as arrays, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lifecircle.borders import bordering
from lifecircle.crs import is_metric
from lifecircle.errors import TableError

_NAMED = 5  # pins named in an error

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CircleMap:
    """The tables as arrays, neighbourhoods and centres in the order of their keys, pins and kept centres by place.

    Attributes
    ----------
    units, centres
        The tables by key.
    sizes, minutes
        Of each neighbourhood, and from each to each centre; NaN where there is no way.
    homes
        The neighbourhood that each centre lies in.
    pairs
        Neighbourhoods of one subdistrict that share a border.

    """

    units: gpd.GeoDataFrame
    centres: pd.DataFrame
    low: float
    high: float
    sizes: Numbers
    minutes: Numbers
    homes: Places
    pairs: Places
    pins: dict[int, int]
    keep: tuple[int, ...]

    def musts(self, pins: Mapping[int, int]) -> dict[int, int]:
        """The centre that a neighbourhood must have: its pin, or the one in it that must be used."""
        return {int(self.homes[centre]): centre for centre in (*self.keep, *pins.values())} | dict(pins)

    def named(self, pins: Mapping[int, int]) -> str:
        """Pins for people: `N1 to F1, N2 to F3`."""
        units, centres = self.units["unit_id"], self.centres["facility_id"]
        texts = [f"{units.iloc[one]} to {centres.iloc[centre]}" for one, centre in sorted(pins.items())]
        return ", ".join(texts[:_NAMED]) + (f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else "")


def circle_map(
    neighbourhoods: gpd.GeoDataFrame,
    centres: pd.DataFrame,
    minutes: pd.DataFrame,
    *,
    size: tuple[float, float],
    pins: Mapping[str, str],
    keep: Iterable[str],
    size_of: str,
    unknown: float | None,
    touch_m: float,
) -> CircleMap:
    """The tables of `make_circles`, checked, in the order of their keys."""
    _check_numbers(size, size_of, unknown, touch_m)
    units = _units(neighbourhoods, size_of)
    goals = _centres(centres, units)
    homes = np.searchsorted(units["unit_id"].to_numpy(dtype=object), goals["unit_id"].to_numpy(dtype=object))
    groups = pd.factorize(units["parent_id"])[0].astype(np.int64)
    made = CircleMap(
        units=units,
        centres=goals,
        low=float(size[0]),
        high=float(size[1]),
        sizes=_sizes(units, size_of, unknown),
        minutes=_minutes(minutes, units, goals),
        homes=homes.astype(np.int64),
        pairs=bordering(units.geometry.to_numpy(), groups, touch_m=touch_m),
        pins=_pins(pins, units, goals),
        keep=_kept(keep, goals),
    )
    _check_homes(made)
    return made


def _check_numbers(size: tuple[float, float], size_of: str, unknown: float | None, touch_m: float) -> None:
    if len(size) != 2 or not 0 <= size[0] <= size[1] < np.inf or size[1] == 0:
        raise TableError(
            f"size is {tuple(size)}; expected fewest and most {size_of} such as (17000, 32000). State both"
        )
    if not 0 <= touch_m < np.inf:
        raise TableError(f"touch_m is {touch_m}; expected metres, 0 or more, such as 1. State how wide a gap may be")
    if unknown is not None and not 0 <= unknown < np.inf:
        raise TableError(f"unknown is {unknown}; expected a number of {size_of}, 0 or more. State it or leave it out")


def _units(table: gpd.GeoDataFrame, size_of: str) -> gpd.GeoDataFrame:
    _check_columns(table, "neighbourhoods", ("unit_id", "name", "parent_id", size_of))
    if not is_metric(table.crs):
        found = "none" if table.crs is None else table.crs.to_string()
        raise TableError(
            f"neighbourhoods: CRS is {found}; a metric CRS is needed. "
            "Try neighbourhoods.to_crs(neighbourhoods.estimate_utm_crs())"
        )
    if not len(table):
        raise TableError("neighbourhoods: no rows; expected one row for each neighbourhood. Read the layer again")
    units = table.iloc[_key_order(table, "neighbourhoods", "unit_id")].reset_index(drop=True)
    units["unit_id"], units["name"], units["parent_id"] = (
        _text(units[name]) for name in ("unit_id", "name", "parent_id")
    )
    shapes = units.geometry.to_numpy()
    odd = np.flatnonzero(~(shapely.is_valid(shapes) & (shapely.area(shapes) > 0)))
    if len(odd):
        raise TableError(
            f"neighbourhoods: {len(odd)} boundaries are missing, invalid or without area, the first is that of "
            f"'{units['unit_id'].iloc[odd[0]]}'; expected valid polygons. Correct them, or try shapely.make_valid"
        )
    return units


def _centres(table: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    _check_columns(table, "centres", ("facility_id", "name", "unit_id"))
    order = _key_order(table, "centres", "facility_id")
    goals = pd.DataFrame({name: _text(table[name].iloc[order]) for name in ("facility_id", "name", "unit_id")})
    lost = goals[~goals["unit_id"].isin(units["unit_id"])]
    if len(lost):
        raise TableError(
            f"centres: {len(lost)} lie in no neighbourhood of the table, the first is '{lost['facility_id'].iloc[0]}' "
            f"in '{lost['unit_id'].iloc[0]}'; expected a unit_id of neighbourhoods. Correct them or leave them out"
        )
    return goals.reset_index(drop=True)


def _check_columns(table: pd.DataFrame, name: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table.columns:
            found = ", ".join(map(str, table.columns))
            raise TableError(f"{name}: no column '{column}'; found {found}. Rename or add it")


def _key_order(table: pd.DataFrame, name: str, key: str) -> Places:
    """Places of the rows in the order of their keys, which must be unique."""
    keys = _text(table[key])
    twice = keys[keys.duplicated() | (keys == "")]
    if len(twice):
        raise TableError(
            f"{name}: {len(twice)} keys are empty or stand twice in '{key}', the first is '{twice.iloc[0]}'; "
            "expected unique keys. Correct them"
        )
    return np.argsort(keys.to_numpy(dtype=object), kind="stable")


def _text(column: pd.Series) -> pd.Series:
    """Text, empty where there is none."""
    return column.astype("object").where(column.notna(), "").astype(str).astype("object")


def _sizes(units: gpd.GeoDataFrame, size_of: str, unknown: float | None) -> Numbers:
    sizes = units[size_of].to_numpy(dtype=float, na_value=np.nan)
    lost = units["unit_id"].to_numpy()[np.isnan(sizes)]
    if len(lost) and unknown is None:
        named = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else "")
        raise TableError(
            f"neighbourhoods: {size_of} of {len(lost)} are unknown: {named}; expected a number, 0 or more. "
            "Fill them in, or pass unknown= the number to take"
        )
    odd = np.flatnonzero((sizes < 0) | np.isinf(sizes))
    if len(odd):
        raise TableError(
            f"neighbourhoods: {size_of} of '{units['unit_id'].iloc[odd[0]]}' is {sizes[odd[0]]:g}; expected a number, "
            "0 or more. Correct it"
        )
    return np.where(np.isnan(sizes), unknown or 0.0, sizes)


def _minutes(table: pd.DataFrame, units: gpd.GeoDataFrame, goals: pd.DataFrame) -> Numbers:
    rows, columns = table.index.astype(str), table.columns.astype(str)
    wanted = (("row", "neighbourhood", rows, units["unit_id"]), ("column", "centre", columns, goals["facility_id"]))
    for axis, what, found, keys in wanted:
        if found.has_duplicates:
            raise TableError(
                f"minutes: {axis} '{found[found.duplicated()][0]}' stands twice; expected it once. Drop one"
            )
        lost = keys[~keys.isin(found)]
        if len(lost):
            raise TableError(
                f"minutes: no {axis} for {len(lost)} of the {what}s, the first is '{lost.iloc[0]}'; expected a {axis} "
                f"for every {what}. Measure it, or leave it empty where there is no way"
            )
    block = table.iloc[rows.get_indexer(units["unit_id"]), columns.get_indexer(goals["facility_id"])]
    minutes = block.to_numpy(dtype=float, na_value=np.nan)
    if (minutes < 0).any():
        row, column = np.argwhere(minutes < 0)[0]
        raise TableError(
            f"minutes: {minutes[row, column]:g} from '{units['unit_id'].iloc[row]}' to "
            f"'{goals['facility_id'].iloc[column]}'; expected minutes, 0 or more. Correct it"
        )
    return np.where(np.isinf(minutes), np.nan, minutes)


def _pins(pins: Mapping[str, str], units: gpd.GeoDataFrame, goals: pd.DataFrame) -> dict[int, int]:
    unit = {key: place for place, key in enumerate(units["unit_id"])}
    centre = {key: place for place, key in enumerate(goals["facility_id"])}
    for one, goal in pins.items():
        for what, key, known in (("neighbourhood", one, unit), ("centre", goal, centre)):
            if key not in known:
                raise TableError(
                    f"pins: '{key}' is no {what} of the table; expected one of its keys. Correct or drop it"
                )
    return {unit[one]: centre[goal] for one, goal in sorted(pins.items())}


def _kept(keep: Iterable[str], goals: pd.DataFrame) -> tuple[int, ...]:
    centre = {key: place for place, key in enumerate(goals["facility_id"])}
    if isinstance(keep, str):
        raise TableError(f"keep is '{keep}'; expected a list of facility_id such as ['{keep}']. Put it in a list")
    for key in keep:
        if key not in centre:
            raise TableError(f"keep: '{key}' is no centre of the table; expected one of its keys. Correct or drop it")
    return tuple(sorted({centre[key] for key in keep}))


def _check_homes(made: CircleMap) -> None:
    """Every centre that must be used can have its own neighbourhood, and its pins lie in its subdistrict."""
    units, keys = made.units["unit_id"], made.centres["facility_id"]
    in_home: dict[int, int] = {}
    for centre in sorted({*made.keep, *made.pins.values()}):
        home = int(made.homes[centre])
        other = in_home.setdefault(home, centre)
        if other != centre:
            raise TableError(
                f"pins and keep: {keys[other]} and {keys[centre]} both lie in {units[home]}; expected one centre to a "
                "circle. Use one of them"
            )
        if made.pins.get(home, centre) != centre:
            raise TableError(
                f"pins: {units[home]} is pinned to {keys[made.pins[home]]}, but {keys[centre]}, which must be used, "
                f"lies in it; expected a centre's own neighbourhood in its circle. Unpin {units[home]}, or let "
                f"{keys[centre]} go"
            )
    parents = made.units["parent_id"]
    for one, centre in made.pins.items():
        own, other = parents[one], parents[int(made.homes[centre])]
        if own != other:
            raise TableError(
                f"pins: {units[one]} lies in subdistrict '{own}', its centre {keys[centre]} in '{other}'; expected a "
                "circle within one subdistrict. Unpin it"
            )
