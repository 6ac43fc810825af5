"""Walkers, and which streets and barriers let them pass."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from lifecircle.errors import StudyError
from lifecircle.settings import Settings, read_toml, validated
from lifecircle.words import shipped

Policy = Literal["open", "residents", "closed"]
RESIDENTS = "gate=policy:residents"  # what a gates layer says of a gate, as streets carry it
INSIDE = ":inside"  # after it, where the street that ends there is on the residents' side
Factor = Annotated[float, Field(gt=0, le=100)]


class Way(Settings):
    """How someone walks: what takes time, and what stops them.

    `stairs` is how many times as long a step of stairs takes as one on the flat, or "never". `slope` is "none",
    "tobler", or pairs of rise over run (upwards positive) and the factor on the time, with straight lines between.
    """

    speed_m_per_s: Annotated[float, Field(ge=0.01, le=5)]
    stairs: Factor | Literal["never"] = 1.0
    crossing_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    lift_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    slope: Literal["none", "tobler"] | tuple[tuple[float, Factor], ...] = "none"
    zh: str = ""
    en: str = ""
    source: str = ""

    @field_validator("slope")
    @classmethod
    def _rising(cls, value: object) -> object:
        if not isinstance(value, str) and isinstance(value, tuple):
            slopes = [pair[0] for pair in value]
            if not slopes or slopes != sorted(set(slopes)):
                raise ValueError("expected slopes in rising order such as [[-0.1, 1.0], [0.0, 1.0], [0.1, 1.5]]")
        return value


class Walker(Way):
    """A way of walking, by name.

    >>> load_walkers()["elderly"].speed_m_per_s
    0.8
    """

    name: str


class StreetRules(Settings):
    """Which OpenStreetMap classes and tags let a person walk."""

    classes: dict[str, bool]
    foot_yes: tuple[str, ...]
    foot_no: tuple[str, ...]
    access_no: tuple[str, ...]
    need_sidewalk: tuple[str, ...] = ()
    no_sidewalk: tuple[str, ...] = ("no", "none")


class BarrierRules(Settings):
    """What each kind of barrier does, and each foot or access tag on one."""

    kinds: dict[str, Policy | Literal["gate"]]
    access: dict[str, Policy]


class Walking(Settings):
    """The settings of walking.toml."""

    streets: StreetRules
    barriers: BarrierRules
    walkers: dict[str, Way]


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
    """Whether a person may walk on each street: by class, then by `foot`, then by `access` and `sidewalk`.

    A street without a class, or with one that the rules do not list, may be walked. A class that is out stays out
    whatever else is tagged.
    """
    highway, foot, access, sidewalk = (_tags(streets, name) for name in ("highway", "foot", "access", "sidewalk"))
    never = [name for name, walked in rules.classes.items() if not walked]
    bare = highway.isin(rules.need_sidewalk) & sidewalk.isin(["", *rules.no_sidewalk])
    allowed = (~access.isin(rules.access_no) & ~bare) | foot.isin(rules.foot_yes)
    return np.asarray(~highway.isin(never) & ~foot.isin(rules.foot_no) & allowed)


def barrier_policies(barriers: pd.Series, rules: BarrierRules, *, gates: Policy = "open") -> np.ndarray:
    """What each barrier does: `open`, `residents` or `closed`.

    Barriers are written `gate`, `gate=no` with their foot or access tag, or `gate=policy:closed` where a gates layer
    states it. The stated policy decides first, then the tag, then the kind; a gate does as the study says.
    """
    codes, texts = pd.factorize(barriers.fillna(""))
    policies = [_policy(str(text), rules, gates) for text in texts]
    return np.asarray(np.array(policies, dtype=object)[codes])


def _policy(text: str, rules: BarrierRules, gates: Policy) -> str:
    kind, _, tag = text.partition("=")
    if tag.startswith("policy:"):
        return tag.removeprefix("policy:").removesuffix(INSIDE)
    if tag in rules.access:
        return rules.access[tag]
    policy = rules.kinds.get(kind, "open")
    if policy == "closed" and tag:
        return "open"
    return gates if policy == "gate" else policy


def slope_factors(slope: np.ndarray, walker: Way) -> np.ndarray:
    """How many times as long a walk on each slope takes as on the flat; slopes are rise over run.

    An unknown slope (NaN) counts as flat, one steeper than 1 as 1: such heights are a wall or a mistake.

    Source of "tobler": W. Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA TR 93-1:
    speed in proportion to exp(-3.5 |slope + 0.05|), here made 1 on the flat.

    >>> slope_factors(np.array([0.0, -0.05, 0.1]), Way(speed_m_per_s=1, slope="tobler")).round(3).tolist()
    [1.0, 0.839, 1.419]
    """
    flat = np.clip(np.nan_to_num(slope, nan=0.0), -1.0, 1.0)
    if isinstance(walker.slope, str):
        return np.ones_like(flat) if walker.slope == "none" else np.exp(3.5 * (np.abs(flat + 0.05) - 0.05))
    known = np.array(walker.slope)
    return np.asarray(np.interp(flat, known[:, 0], known[:, 1]))


def fastest_m_per_s(walker: Way) -> float:
    """How fast a walker can be at most, on the best slope and the easiest stairs.

    >>> round(fastest_m_per_s(Way(speed_m_per_s=1, slope="tobler")), 3)
    1.191
    """
    stairs = 1.0 if walker.stairs == "never" else min(1.0, walker.stairs)
    steps = np.linspace(-1, 1, 2001) if isinstance(walker.slope, str) else np.array([one for one, _ in walker.slope])
    return float(walker.speed_m_per_s / (stairs * min(1.0, float(slope_factors(steps, walker).min()))))


def _tags(streets: pd.DataFrame, name: str) -> pd.Series:
    return streets[name].fillna("") if name in streets else pd.Series("", index=streets.index)
