"""Circles for a study that has none: neighbourhoods grouped by how far their people walk to existing centres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.circles import Circles, make_circles
from lifecircle.errors import StudyError
from lifecircle.faults import Fault, fault, hint
from lifecircle.graph import in_minutes, limit_ticks
from lifecircle.keys import places_among
from lifecircle.places import parents_of_units, unit_of_places
from lifecircle.reach import pair_blocks
from lifecircle.snapping import Placed
from lifecircle.standards import Standard, load_standard, read_standard
from lifecircle.study import Study
from lifecircle.tables import Tables
from lifecircle.walking import StudyWalks

SIZES = "gb50180-2018"  # the standard whose circles are made where the study's own do not say how large they are
WALK_MIN = 60.0  # farther than this from a centre, a dwelling has no way to it


def wants_circles(study: Study, tables: Tables, standards: Sequence[Standard]) -> bool:
    """Whether circles are to be made: the study says so, or says nothing, has none, and a rule asks for that tier.

    Raises
    ------
    StudyError
        The study asks for circles to be made and has some: what its tables say of those would hang in the air.

    """
    tiers = set(tables.units["tier"])
    if "circle" in tiers and study.circles.make:
        odd = {"expected": "the study has circles already", "expected_zh": "本项目已有片区边界"}
        wrong = fault("wrong-setting", str(study.path), field="[circles] make", found="true", **odd)
        raise StudyError([wrong], study.study.language)
    if study.circles.make is not None or "circle" in tiers or "neighbourhood" not in tiers:
        return bool(study.circles.make) and "neighbourhood" in tiers
    return any("circle" in (*rule.tiers, rule.of_tier) for standard in standards for rule in standard.rules)


def circles_of_study(
    study: Study, tables: Tables, walks: StudyWalks, dwellings: pd.DataFrame, standards: Sequence[Standard]
) -> Circles:
    """Circles of the size that the study states, or else a standard, around facilities of its kinds.

    Neighbourhoods of unknown households are taken to have what lies in the middle of the range that the study states
    for these, else as many as the known ones at the median.

    Parameters
    ----------
    study, tables
        The study.
    walks
        What its walks say.
    dwellings
        The dwellings with the unit that each lies in.
    standards
        The standards of the study: the first that says how many households a circle has does so.

    Raises
    ------
    StudyError
        A pin or a centre to keep is not there, the study has no streets, or neither it nor its standard of sizes
        says how many households a circle has.

    """
    if walks.placed is None or "neighbourhood" not in set(tables.units["tier"]):
        raise StudyError([fault("no-circles", str(study.path))], study.study.language)
    home, goal = walks.placed
    units = tables.units
    parents = parents_of_units(units, dwellings)
    subdistricts = set(units.loc[units["tier"] == "subdistrict", "unit_id"])
    above = {key: parents.get(parent, "") if parent not in subdistricts else parent for key, parent in parents.items()}
    layer = units[units["tier"] == "neighbourhood"]
    sums = dwellings.groupby("unit_id")["households"].sum(min_count=1)
    layer = layer.assign(
        parent_id=[above[key] if above[key] in subdistricts else "" for key in layer["unit_id"]],
        households=layer["households"].fillna(layer["unit_id"].map(sums)),
    )
    centres = _centres(study, goal, layer)
    _require_known(study, layer, centres)
    ranges = study.unknown.households
    known = layer["households"].dropna()
    return make_circles(
        layer,
        centres,
        _mean_minutes(home, goal, dwellings, layer, centres),
        size=circle_size(study, standards),
        pins=study.circles.pins,
        keep=study.circles.keep,
        unknown=sum(ranges) / 2 if ranges else float(known.median()) if len(known) else 1.0,
    )


def with_circles(tables: Tables, circles: Circles) -> Tables:
    """The tables with circles as units, and neighbourhoods that lie in them."""
    columns = ["unit_id", "name", "tier", "parent_id", "geometry"]
    units = tables.units
    circle = dict(zip(circles.members["unit_id"], circles.members["circle_id"], strict=True))
    units = units.assign(
        parent_id=[circle.get(key, parent) for key, parent in zip(units["unit_id"], units["parent_id"], strict=True)]
    )
    more = circles.layer[columns].assign(households=np.nan, **{name: "" for name in ("urban_rural",) if name in units})
    joined = pd.concat([units, more.to_crs(units.crs)], ignore_index=True)
    return replace(tables, units=gpd.GeoDataFrame(joined, crs=units.crs))


def _require_known(study: Study, layer: pd.DataFrame, centres: pd.DataFrame) -> None:
    """Raise if a pin or a centre to keep names what is not there."""
    units, facilities, given = list(layer["unit_id"]), list(centres["facility_id"]), study.circles
    named = [(f"[circles] pins.{unit}", unit, units) for unit in given.pins]
    named += [(f"[circles] pins.{unit}", centre, facilities) for unit, centre in given.pins.items()]
    named += [("[circles] keep", centre, facilities) for centre in given.keep]
    kinds = ", ".join(given.kinds)
    wrong = [
        fault("unknown-pin", str(study.path), field=field, found=found, kinds=kinds, **hint(found, known))
        for field, found, known in named
        if found not in known
    ]
    if wrong:
        raise StudyError(wrong, study.study.language)


def circle_size(study: Study, standards: Sequence[Standard]) -> tuple[float, float]:
    """Fewest and most households of a circle: of the study, of the standard it names, or of the first that says it."""
    if study.circles.households is not None:
        return study.circles.households
    asked, faults = list(standards), list[Fault]()
    if study.circles.standard is not None:
        named, faults = read_standard(study.circles.standard, folder=study.folder, said_in=str(study.path))
        asked = [named] if named else []
    sizes = [one.circle.households for one in asked if one.circle is not None and one.circle.households is not None]
    if not sizes and study.circles.standard is None:
        by_default = load_standard(SIZES).circle
        sizes = [by_default.households] if by_default and by_default.households else []
    if not sizes:
        expected = "expected [low, high]: the standard does not say how many households a circle has"
        expected_zh = "应为 [下限, 上限]:所引标准没有规定片区户数"
        wrong = fault("wrong-setting", str(study.path), field="[circles] households", found="nothing",
                      expected=expected, expected_zh=expected_zh)  # fmt: skip
        raise StudyError(faults or [wrong], study.study.language)
    return sizes[0]


def _centres(study: Study, goal: Placed, layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """Facilities that circles can be made around, with the neighbourhood that each lies in."""
    table = goal.places[goal.places["kind"].isin(study.circles.kinds)]
    found = table[["facility_id", "name"]].assign(unit_id=unit_of_places(table, layer))
    return pd.DataFrame(found[found["unit_id"] != ""])


def _mean_minutes(
    home: Placed, goal: Placed, dwellings: pd.DataFrame, layer: gpd.GeoDataFrame, centres: pd.DataFrame
) -> pd.DataFrame:
    """Mean minutes of each neighbourhood's households to each centre of its subdistrict; NaN where nobody has a way.

    Where no household is known, dwellings weigh alike.
    """
    number = places_among(dwellings["unit_id"], layer["unit_id"])
    weight = np.nan_to_num(dwellings["households"].to_numpy(dtype=float))
    known = np.bincount(number[number >= 0], weight[number >= 0], len(layer))
    weight = np.where((number >= 0) & (known[number] == 0), 1.0, weight)
    group = layer["parent_id"].to_numpy(dtype=object)
    at = places_among(centres["unit_id"], layer["unit_id"])
    chosen = goal.only(goal.places["facility_id"].isin(centres["facility_id"]).to_numpy())
    column = places_among(pd.Series(chosen.keys), centres["facility_id"])
    sums, people = np.zeros((2, len(layer), len(centres)))
    for facility, dwelling, walk in pair_blocks(home.network, home, chosen, limit_ticks(WALK_MIN)):
        place, centre = number[dwelling], column[facility]
        same = (place >= 0) & (group[place] == group[at[centre]]) & (weight[dwelling] > 0)
        cell, share = (place[same], centre[same]), weight[dwelling][same]
        np.add.at(sums, cell, share * in_minutes(walk[same]))
        np.add.at(people, cell, share)
    mean = np.divide(sums, people, out=np.full(sums.shape, np.nan), where=people > 0)
    return pd.DataFrame(mean, index=pd.Index(layer["unit_id"]), columns=pd.Index(centres["facility_id"]))
