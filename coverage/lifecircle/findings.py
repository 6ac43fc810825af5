"""What measures look at and what they find: units, a view of the study, and a finding for each unit and rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from lifecircle.intervals import ZERO, Interval
from lifecircle.ledger import Entry
from lifecircle.words import Words, both

State = Literal["reached", "not_reached", "unknown"]
# Households by what they reach. A pool under several states is of households that are each in one of these.
Reached = Mapping[frozenset[State], Interval]
Parts = tuple[tuple[Entry, Fraction], ...]


class Missing(NamedTuple):
    """One number that is missing from an input: the column of a row, by its key."""

    table: str
    key: str
    column: str


NO_NUMBER = Missing("", "", "")  # what no number settles: a place without streets, services that nobody stated


@dataclass(frozen=True)
class Around:
    """Households near a limit: known ones within a margin of it, and all by what they reach at its two ends."""

    near: Fraction
    shorter: Reached
    longer: Reached


@dataclass(frozen=True)
class Edge:
    """How much of a share hangs on its limit: known households within a margin of it, and the share at its two ends.

    `low` is the low end of the share at the shorter limit, `high` the high end at the longer one.
    """

    households: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Unit:
    """A unit with what is in it: households, and each facility in service with the share that counts here.

    Attributes
    ----------
    own_households
        Those of a lowest unit, or of dwellings that lie in this unit and in none below.
    sites
        Facilities in service, largest first, each with its share here; the entry has what the ledger says of it.
    own_sites
        The same of those that serve the tier of the unit: by the tier they state, else by that of the units they name.
    pending
        Facilities that are planned, under construction or not open yet, with their share here.
    gone
        Facilities that are closed or whose lease has ended, with their share here.
    silent
        The lowest units in it whose households are unknown.
    scattered
        The units in it some of whose dwellings have no household count.

    """

    unit_id: str
    name: str
    tier: str
    parent_id: str
    households: Interval
    own_households: Interval = ZERO
    sites: Parts = ()
    own_sites: Parts = ()
    pending: Parts = ()
    gone: Parts = ()
    silent: tuple[str, ...] = ()
    scattered: tuple[str, ...] = ()
    urban_rural: str = ""


@dataclass(frozen=True)
class View:
    """All that a measure may look at.

    Attributes
    ----------
    units
        Units by id, with the study as a whole under `district`.
    below
        For a unit and a tier: the units of that tier in it.
    reached
        For what is asked (a rule's id, or with a service behind a slash) and a unit: households by what they reach.
    around
        For a rule id and a unit: the same at a shorter and a longer limit, by margin (`30s`, `5pct`).
    reachable
        For a rule id and a unit: square metres within reach per 100 households.
    road_m
        Metres from each facility to the nearest road or compound gate; missing where none is known.
    verdicts
        Verdicts that stand already, by rule id and unit: rules on shares of units come after the rules they count.
    unsettled
        The missing numbers of the `unknown` ones among them.
    measures
        The measure of each rule of the standard.
    split_sites
        `each` site of a facility is looked at by itself, or all sites of one facility `together`.
    least_m2
        Smaller sites do not count in this study; None where all do.
    drafts
        Tiers whose units nobody has decided yet: what is said of them is for reference.
    kind_names, walker_names
        How kinds and walkers are called, for those that the study names itself.

    """

    units: Mapping[str, Unit]
    below: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    reached: Mapping[tuple[str, str], Reached] = field(default_factory=dict)
    around: Mapping[tuple[str, str], Mapping[str, Around]] = field(default_factory=dict)
    reachable: Mapping[tuple[str, str], Interval] = field(default_factory=dict)
    road_m: Mapping[str, float] = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unsettled: Mapping[tuple[str, str], frozenset[Missing]] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    split_sites: str = "each"
    least_m2: Fraction | None = None
    drafts: frozenset[str] = frozenset()
    kind_names: Mapping[str, Words] = field(default_factory=dict)
    walker_names: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A measure's answer for one unit; `figure` None means that the rule does not apply.

    Attributes
    ----------
    facts
        What was counted, in one or two sentences of both languages.
    gap
        What is missing to be met, in the unit that the measure declares.
    gap_households
        The households that the gap leaves short.
    closing
        What would close the gap, in both languages.
    parts
        The facilities that made the figure, with what each gave.
    edges
        By margin, what lies near a limit.
    missing
        The numbers that are missing where the figure is not known.

    """

    figure: Interval | None
    facts: Words = field(default_factory=lambda: both("", ""))
    gap: Interval | None = None
    gap_households: Interval | None = None
    closing: Words = field(default_factory=lambda: both("", ""))
    parts: tuple[tuple[Entry, Interval], ...] = ()
    edges: Mapping[str, Edge] = field(default_factory=dict)
    missing: frozenset[Missing] = frozenset()
