"""A connected map to be cut into circles, on plain arrays: what a circle costs, and how circles grow.

A set of neighbourhoods is a whole number whose bit i says whether neighbourhood i is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Sets = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """A connected map to be cut; neighbourhoods and centres stand in the order of their keys.

    Attributes
    ----------
    sizes, low, high
        Whole numbers in one unit; a circle's size should lie from low to high.
    costs
        What neighbourhood i (row) costs with centre k (column), whole numbers.
    no_way
        Whether there is no way from neighbourhood i to centre k.
    homes
        The neighbourhood that each centre lies in.
    borders
        The set of neighbours of each neighbourhood.
    musts
        The centre that a neighbourhood's circle must have, -1 where it is free: its pin, or the pinned-to or kept
        centre that lies in it.

    """

    sizes: Whole
    low: int
    high: int
    costs: Whole
    no_way: npt.NDArray[np.bool_]
    homes: Whole
    borders: Sets
    musts: Whole

    @property
    def everything(self) -> int:
        """The set of all neighbourhoods."""
        return (1 << len(self.sizes)) - 1

    @property
    def forced(self) -> list[int]:
        """Centres that a circle must be made around."""
        return sorted({int(must) for must in self.musts if must >= 0})


class Rated(NamedTuple):
    """What a circle, or a grouping, costs, the weightiest first; and the centre of the circle."""

    n_no_way: int
    outside: int
    cost: int
    centre: int = -1


Rate = Callable[[int], Rated | None]
Score = tuple[int, int, int]


def members(group: int) -> list[int]:
    """Neighbourhoods of a set in order.

    >>> members(0b1011)
    [0, 1, 3]
    """
    found = []
    while group:
        lowest = group & -group
        found.append(lowest.bit_length() - 1)
        group ^= lowest
    return found


def set_of(neighbourhoods: Iterable[int]) -> int:
    """The set of some neighbourhoods.

    >>> set_of([0, 1, 3])
    11
    """
    group = 0
    for one in neighbourhoods:
        group |= 1 << one
    return group


def around(borders: Sets, group: int) -> int:
    """Neighbours of a set that are not in it.

    >>> around((0b010, 0b101, 0b010), 0b001)
    2
    """
    found = 0
    for one in members(group):
        found |= borders[one]
    return found & ~group


def joined(borders: Sets, seed: int, within: int) -> int:
    """All that hangs together with a set inside another.

    >>> joined((0b010, 0b101, 0b010), 0b001, 0b101)
    1
    """
    reached = fresh = seed & within
    while fresh:
        fresh = around(borders, fresh) & within & ~reached
        reached |= fresh
    return reached


def pieces(borders: Sets, group: int) -> list[int]:
    """Connected pieces of a set, by their first neighbourhood.

    >>> pieces((0b010, 0b101, 0b010), 0b101)
    [1, 4]
    """
    found = []
    while group:
        found.append(joined(borders, group & -group, group))
        group &= ~found[-1]
    return found


def excerpt(part: Part, inside: Sequence[int]) -> Part:
    """Some neighbourhoods of a part, in order, with the centres that lie in them, as a part of its own."""
    place = {one: number for number, one in enumerate(inside)}
    centres = [centre for centre, home in enumerate(part.homes) if int(home) in place]
    number = {centre: here for here, centre in enumerate(centres)}
    block, all_inside = np.ix_(inside, centres), set_of(inside)
    return replace(
        part,
        sizes=part.sizes[inside],
        costs=part.costs[block],
        no_way=part.no_way[block],
        homes=np.array([place[int(part.homes[centre])] for centre in centres], dtype=np.int64),
        borders=tuple(set_of(place[other] for other in members(part.borders[one] & all_inside)) for one in inside),
        musts=np.array([number.get(int(part.musts[one]), -1) for one in inside], dtype=np.int64),
    )


def outside_range(part: Part, size: int) -> int:
    """How far a circle's size is from the range."""
    return max(0, part.low - size, size - part.high)


def rater(part: Part) -> Rate:
    """What a connected set costs as a circle around the best centre in it; None where no centre may stand for it."""
    at_home: list[list[int]] = [[] for _ in part.sizes]
    for centre, home in enumerate(part.homes):
        at_home[home].append(centre)
    return lru_cache(maxsize=200_000)(partial(_rated, part, at_home))


def _rated(part: Part, at_home: list[list[int]], group: int) -> Rated | None:
    inside = members(group)
    musts = {int(must) for must in part.musts[inside] if must >= 0}
    choice = sorted(musts) if musts else [centre for one in inside for centre in at_home[one]]
    if len(musts) > 1 or not choice or (musts and not group >> int(part.homes[choice[0]]) & 1):
        return None
    block = np.ix_(inside, sorted(choice))
    lost, costs = part.no_way[block].sum(axis=0), part.costs[block].sum(axis=0)
    best = int(np.lexsort((costs, lost))[0])
    outside = outside_range(part, int(part.sizes[inside].sum()))
    return Rated(int(lost[best]), outside, int(costs[best]), sorted(choice)[best])


def score(rate: Rate, groups: Iterable[int]) -> Score | None:
    """Neighbourhoods without a way, size outside the range, cost: the sums over circles; None for no grouping."""
    rated = [rate(group) for group in groups]
    known = [one for one in rated if one is not None]
    if len(known) < len(rated):
        return None
    return sum(one[0] for one in known), sum(one[1] for one in known), sum(one[2] for one in known)


def least_out(part: Part, n_circles: int) -> int:
    """The least that so many circles can be outside the range, whatever the map."""
    total = int(part.sizes.sum())
    return max(0, n_circles * part.low - total, total - n_circles * part.high)


def grown(part: Part, within: int, centres: Sequence[int], *, even: bool = False) -> Sets | None:
    """Circles grown from the homes of centres until nothing in a connected set is left.

    The next neighbourhood is the cheapest one on any circle's rim, or, `even`, on that of the smallest circle. None
    where a neighbourhood that must go elsewhere was left without its centre.
    """
    groups = [1 << int(part.homes[centre]) for centre in centres]
    sizes = [int(part.sizes[part.homes[centre]]) for centre in centres]
    left = within & ~set_of(int(part.homes[centre]) for centre in centres)
    rims: list[list[tuple[bool, int, int]]] = [[] for _ in centres]

    def widen(place: int, added: int) -> None:
        centre = centres[place]
        for one in members(part.borders[added] & left):
            if part.musts[one] in (-1, centre):
                wanted = part.musts[one] != centre
                entry = (bool(part.no_way[one, centre]), int(part.costs[one, centre]) if wanted else -1, one)
                heappush(rims[place], entry)

    for place, centre in enumerate(centres):
        widen(place, int(part.homes[centre]))
    while left:
        for rim in rims:
            while rim and not left >> rim[0][2] & 1:
                heappop(rim)
        open_rims = [place for place, rim in enumerate(rims) if rim]
        if not open_rims:
            return None
        place = min(open_rims, key=lambda place: (sizes[place] if even else 0, rims[place][0], place))
        one = heappop(rims[place])[2]
        groups[place] |= 1 << one
        sizes[place] += int(part.sizes[one])
        left ^= 1 << one
        widen(place, one)
    return tuple(groups)
