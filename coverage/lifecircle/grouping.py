"""Cut a connected map into connected circles, each around one centre: a search from several starts, without lots."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lifecircle.optimum import Optimum, groups_around, least_score, proven_groups
from lifecircle.parts import Part, Rate, Sets, around, excerpt, grown, least_out, members, pieces, rater, score, set_of

Move = tuple[Sets, Sets]  # circles taken away, circles put in their place

_MANY = 120  # neighbourhoods; beyond, circles grow in one way
_WINDOW = 40  # neighbourhoods that are cut anew at a time
_PAIR = 60  # the same where they are two circles
_WINDOWS = 400  # that are cut anew at most


def best_groups(part: Part, *, exact_up_to: int) -> Optimum | None:
    """The best grouping of a part: proven where it has few neighbourhoods, else searched; None where there is none."""
    begin = beginning(part)
    if begin is None:
        return None
    groups = moved(part, begin)
    if len(part.sizes) <= exact_up_to:
        best = proven_groups(part, groups)
        if best.proven:
            return best
        groups = best.groups
    groups = sharpened(part, groups)
    found = score(rater(part), groups) or (0, 0, 0)
    least = least_score(part, found)
    return Optimum(groups, least, proven=found == least)


def beginning(part: Part) -> Sets | None:
    """Some grouping that keeps every must; None where there is none."""
    if not part.forced:
        return (part.everything,)
    groups = grown(part, part.everything, part.forced)
    return groups if groups and score(rater(part), groups) else groups_around(part)


def moved(part: Part, begin: Sets) -> Sets:
    """The best of several starts, each moved until no move makes it better."""
    rate = rater(part)
    found = {tuple(sorted(settled(part, rate, start))) for start in _starts(part, rate, begin)}
    return min(found, key=lambda groups: (score(rate, groups), groups))


def sharpened(part: Part, groups: Sets) -> Sets:
    """A grouping in which circles beside each other are cut anew as well as can be, as many at a time as are quick."""
    tried: set[Sets] = set()
    current = groups
    for _ in range(_WINDOWS):
        window = next((one for one in _windows(part, current) if one not in tried), None)
        if window is None:
            break
        tried.add(window)
        best = _best_of(part, window)
        tried.add(best)
        current = tuple(sorted((set(current) - set(window)) | set(best)))
    return current


def _windows(part: Part, groups: Sets) -> Iterator[Sets]:
    """Each circle with as many beside it as are quick to cut anew, then every pair."""
    for one in groups:
        window, rim = [one], around(part.borders, one)
        for other in sorted(groups, key=lambda other: (-(other & rim).bit_count(), other)):
            fits = sum(group.bit_count() for group in window) + other.bit_count() <= _WINDOW
            if other != one and other & rim and fits:
                window.append(other)
        if len(window) > 1:
            yield tuple(sorted(window))
    yield from (pair for pair in _beside(part, groups) if (pair[0] | pair[1]).bit_count() <= _PAIR)


def _best_of(part: Part, window: Sets) -> Sets:
    """The best grouping of some circles' neighbourhoods, if it is better than these."""
    inside = members(set_of(one for group in window for one in members(group)))
    place = {one: number for number, one in enumerate(inside)}
    own = tuple(set_of(place[one] for one in members(group)) for group in window)
    small = excerpt(part, inside)
    found = proven_groups(small, own).groups
    rate = rater(small)
    if (score(rate, found) or own) >= (score(rate, own) or own):
        return window
    return tuple(sorted(set_of(inside[one] for one in members(group)) for group in found))


# --- Starts ---------------------------------------------------------------------------------------------------------


def likely_counts(part: Part) -> list[int]:
    """Numbers of circles to start from: of those that fit the range best, the middle, three quarters, the most.

    More circles mean shorter walks, until there are too many to be cut in the range. A map of 100 fits 4 or 5 circles
    of 20 to 30.
    """
    homes = len(set(part.homes.tolist()))
    counts = range(min(max(1, len(part.forced)), homes), homes + 1)
    least = min(least_out(part, n_circles) for n_circles in counts)
    fitting = [n_circles for n_circles in counts if least_out(part, n_circles) == least]
    return sorted({fitting[(len(fitting) - 1) * quarters // 4] for quarters in (2, 3, 4)})


def _starts(part: Part, rate: Rate, begin: Sets) -> Iterator[Sets]:
    yield begin
    for n_circles in likely_counts(part):
        centres = _spread(part, n_circles)
        for even in (False, True)[: 2 if len(part.sizes) <= _MANY else 1]:
            groups = grown(part, part.everything, centres, even=even)
            if groups is not None and score(rate, groups) is not None:
                yield groups


def _spread(part: Part, n_circles: int) -> list[int]:
    """Centres in different neighbourhoods, each chosen to shorten the walks most, the forced ones first."""
    costs = part.costs + part.no_way * (1 + part.costs.sum(axis=0).max())
    chosen = part.forced
    nearest = costs[:, chosen].min(axis=1) if chosen else np.full(len(costs), np.iinfo(np.int64).max // len(costs))
    while len(chosen) < n_circles:
        taken = np.isin(part.homes, part.homes[chosen]) | (part.musts[part.homes] >= 0)
        if taken.all():
            break
        total = np.minimum(costs, nearest[:, None]).sum(axis=0)
        chosen.append(int(np.argmin(np.where(taken, np.iinfo(np.int64).max, total))))
        nearest = np.minimum(nearest, costs[:, chosen[-1]])
    return chosen


# --- Moves ----------------------------------------------------------------------------------------------------------


def settled(part: Part, rate: Rate, groups: Sets) -> Sets:
    """A grouping that no move makes better."""
    kinds = (_shifts, _merges, _splits)
    current, place = list(groups), 0
    while place < len(kinds):
        changed = _applied(part, rate, current, kinds[place])
        place = 0 if changed else place + 1
    return tuple(current)


def _applied(part: Part, rate: Rate, groups: list[int], kind: Callable[..., Iterator[Move]]) -> bool:
    """Carry out each move of a kind that makes the grouping better, in place; whether there was one."""
    changed = False
    for gone, come in kind(part, rate, tuple(groups)):
        if all(group in groups for group in gone) and _gains(rate, gone, come):
            groups[:] = [group for group in groups if group not in gone] + list(come)
            changed = True
    return changed


def _gains(rate: Rate, gone: Sets, come: Sets) -> bool:
    after, before = score(rate, come), score(rate, gone)
    return after is not None and before is not None and after < before


def _owners(groups: Sets) -> dict[int, int]:
    return {one: group for group in groups for one in members(group)}


def _beside(part: Part, groups: Sets) -> Iterator[tuple[int, int]]:
    """Pairs of circles that share a border."""
    for place, one in enumerate(groups):
        rim = around(part.borders, one)
        yield from ((one, other) for other in groups[place + 1 :] if rim & other)


def _shifts(part: Part, rate: Rate, groups: Sets) -> Iterator[Move]:
    """A neighbourhood goes over to a circle beside it, with what it alone joined to its own."""
    owners = _owners(groups)
    for one, own in sorted(owners.items()):
        if own == 1 << one or not part.borders[one] & ~own:
            continue
        rest = _rest(part, rate, own, one)
        for other in sorted({owners[next_] for next_ in members(part.borders[one] & ~own)}):
            yield (own, other), (rest, other | own & ~rest)


def _rest(part: Part, rate: Rate, own: int, one: int) -> int:
    """What stays of a circle without a neighbourhood: the piece with its centre, else the largest."""
    rated = rate(own)
    parts = pieces(part.borders, own ^ 1 << one)
    if len(parts) == 1:
        return parts[0]
    home = int(part.homes[rated.centre]) if rated is not None else -1
    return max(parts, key=lambda piece: (home >= 0 and bool(piece >> home & 1), part.sizes[members(piece)].sum()))


def _merges(part: Part, rate: Rate, groups: Sets) -> Iterator[Move]:
    """Two circles beside each other become one."""
    del rate
    for one, other in _beside(part, groups):
        yield (one, other), (one | other,)


def _splits(part: Part, rate: Rate, groups: Sets) -> Iterator[Move]:
    """A circle becomes two, around its own centre and another in it."""
    for group in groups:
        yield from (((group,), come) for come in _cuts(part, rate, group, group))


def _cuts(part: Part, rate: Rate, group: int, own: int) -> Iterator[Sets]:
    rated = rate(own)
    if rated is None:
        return
    for centre, home in enumerate(part.homes):
        if group >> int(home) & 1 and home != part.homes[rated.centre] and part.musts[home] in (-1, centre):
            for even in (False, True):
                halves = grown(part, group, [rated.centre, centre], even=even)
                if halves is not None:
                    yield halves
