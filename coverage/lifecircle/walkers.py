"""Walkers, and which streets and barriers let them pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from lifecircle.errors import StudyError
from lifecircle.settings import Settings, read_toml, validated
from lifecircle.words import shipped


class Walker(Settings):
    """A way of walking.

    >>> load_walkers()["elderly"].speed_m_per_s
    0.8
    """

    name: str
    speed_m_per_s: Annotated[float, Field(gt=0, le=5)]
    zh: str = ""
    en: str = ""


class StreetRules(Settings):
    """Which OpenStreetMap classes and tags let a person walk."""

    never: tuple[str, ...]
    foot_yes: tuple[str, ...]
    foot_no: tuple[str, ...]
    access_no: tuple[str, ...]


class BarrierRules(Settings):
    """Which barriers stop a person."""

    stops: tuple[str, ...]
    locked: tuple[str, ...]
    gates: tuple[str, ...]


class Speed(Settings):
    """How fast a walker of that name walks."""

    speed_m_per_s: Annotated[float, Field(gt=0, le=5)]
    zh: str = ""
    en: str = ""


class Walking(Settings):
    """The settings of walking.toml."""

    streets: StreetRules
    barriers: BarrierRules
    walkers: dict[str, Speed]


def load_walking(path: Path | None = None) -> Walking:
    """The walking settings that ship, or those of a file of your own."""
    if path is None:
        return Walking.model_validate(shipped("walking.toml"))
    content, faults = read_toml(path)
    walking = None
    if not faults:
        walking, faults = validated(Walking, content, str(path))
    if walking is None:
        raise StudyError(faults)
    return walking


def load_walkers(path: Path | None = None) -> dict[str, Walker]:
    """Walkers by name."""
    return {name: Walker(name=name, **entry.model_dump()) for name, entry in load_walking(path).walkers.items()}


def may_walk(streets: pd.DataFrame, rules: StreetRules) -> np.ndarray:
    """Whether a person may walk on each street: by class, then by `foot`, then by `access`.

    A street without a class may be walked. Classes in `never` are out whatever else is tagged.
    """
    highway, foot, access = (_tags(streets, name) for name in ("highway", "foot", "access"))
    allowed = ~access.isin(rules.access_no) | foot.isin(rules.foot_yes)
    return np.asarray(~highway.isin(rules.never) & ~foot.isin(rules.foot_no) & allowed)


def stops_walker(barriers: pd.Series, rules: BarrierRules, *, gates: str = "open") -> np.ndarray:
    """Whether each barrier stops a person; barriers are written `gate`, or `gate=no` with their foot or access tag."""
    parts = barriers.fillna("").str.partition("=")
    kind, tag = parts[0], parts[2]
    stopped = tag.isin(rules.locked) | (kind.isin(rules.stops) & (tag == ""))
    if gates == "closed":
        stopped |= kind.isin(rules.gates)
    return np.asarray(stopped & (kind != ""))


def _tags(streets: pd.DataFrame, name: str) -> pd.Series:
    return streets[name].fillna("") if name in streets else pd.Series("", index=streets.index)
