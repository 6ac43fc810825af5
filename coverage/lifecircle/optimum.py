"""The best grouping of a small map, proven: an integer programme whose circles are made connected by cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from lifecircle.parts import Part, Score, Sets, around, joined, least_out, members, pieces, rater, score, set_of

Numbers = npt.NDArray[np.float64]

_NODES = 100  # of one programme's search tree; a count and not a time, so that every machine gives the same answer
_ALL_NODES = 2**30
_ROUNDS = 12  # of cuts; more are seldom needed
_RELAXED = 20_000  # pairs of neighbourhood and centre; the programme of more takes too long even without whole numbers
_SLACK = 1e-6  # what a reduced cost may be wrong by
_NEAR = 1e-7  # relative; HiGHS knows an objective no better


@dataclass(frozen=True)
class Optimum:
    """The best grouping found, the least that any could score level by level, and whether the two are the same."""

    groups: Sets
    least: Score
    proven: bool


@dataclass(frozen=True)
class _Programme:
    """Columns: x[i, k] = 1 where neighbourhood i has centre k, then how far each circle is below, above the range."""

    part: Part
    rows: csr_array
    upper: Numbers
    ceiling: Numbers  # of the columns

    @property
    def shape(self) -> tuple[int, int]:
        n, n_centres = self.part.costs.shape
        return int(n), int(n_centres)

    def with_rows(self, rows: csr_array, upper: Numbers) -> _Programme:
        return replace(self, rows=vstack([self.rows, rows], format="csr"), upper=np.concatenate([self.upper, upper]))


def proven_groups(part: Part, start: Sets) -> Optimum:
    """The best grouping of a part, from a good one; `proven` is False where the search tree outgrew its limit."""
    rate = rater(part)
    best, best_score = start, score(rate, start)
    if best_score is None:
        raise ValueError("start: no grouping of the part; expected one that keeps every must. Begin with another")
    part = _worthwhile(part)
    programme = _programme(part)
    least = [_surely_lost(part), 0, 0]
    for level in range(3):
        if level == 1:
            least[1] = _least_outside(part, best_score)
            programme = programme.with_rows(*_counted(part, best_score[1]))
        if best_score[level] > least[level]:
            found, bound, done = _solved(programme, level, best_score[level])
            found_score = score(rate, found) if found else None
            if found is not None and found_score is not None and found_score < best_score:
                best, best_score = found, found_score
            least[level] = max(least[level], bound)
            if not done or best_score[level] > least[level] + abs(least[level]) * _NEAR:
                return Optimum(best, (least[0], least[1], least[2]), proven=False)
            least[level] = best_score[level]
        programme = _kept_level(programme, level, best_score[level])
    return Optimum(best, best_score, proven=True)


def groups_around(part: Part) -> Sets | None:
    """Some grouping in which every must is kept, around the forced centres alone; None where there is none.

    Whoever else is left hangs on one of these circles, since the part is connected: so if these can't, nothing can.
    """
    forced = part.forced
    number = {centre: place for place, centre in enumerate(forced)}
    alone = replace(
        part,
        low=0,
        high=int(part.sizes.sum()),
        costs=part.costs[:, forced],
        no_way=np.zeros_like(part.no_way[:, forced]),
        homes=part.homes[forced],
        musts=np.array([number.get(int(must), -1) for must in part.musts]),
    )
    groups, _, _ = _solved(_programme(alone), 2, max(1, int(alone.costs.sum())), n_nodes=_ALL_NODES)
    return groups


def least_score(part: Part, known: Score) -> Score:
    """What no grouping can beat, level by level, if it is no worse than the known one on the levels before."""
    part = _worthwhile(part)
    no_way, outside = _surely_lost(part), _least_outside(part, known)
    least = int(part.costs.min(axis=1).sum())
    if part.costs.size <= _RELAXED:
        programme = _programme(part).with_rows(*_counted(part, known[1]))
        for level in (0, 1):
            programme = _kept_level(programme, level, known[level])
        objective, unit = _objective(part, 2, known[2])
        limits = [_once(part), LinearConstraint(programme.rows, -np.inf, programme.upper)]
        answer = milp(objective, bounds=Bounds(0, programme.ceiling), constraints=limits)
        least = max(least, _rounded_up(answer.fun, unit))
    return no_way, outside, min(least, known[2])


def _worthwhile(part: Part) -> Part:
    """Without centres that another of the same neighbourhood is never worse than."""
    n_centres = len(part.homes)
    drop = np.zeros(n_centres, dtype=bool)
    for one in range(n_centres):
        for other in range(n_centres):
            same = one != other and part.homes[one] == part.homes[other] and not drop[other]
            if same and other not in part.forced and part.musts[part.homes[one]] in (-1, one):
                dearer = part.costs[:, one] > part.costs[:, other]
                lost = part.no_way[:, one] & ~part.no_way[:, other]
                drop[other] = not (drop[one] or dearer.any() or lost.any())
    kept = np.flatnonzero(~drop)
    number = {int(centre): place for place, centre in enumerate(kept)}
    musts = np.array([number.get(int(must), -1) for must in part.musts])
    return replace(part, costs=part.costs[:, kept], no_way=part.no_way[:, kept], homes=part.homes[kept], musts=musts)


def _surely_lost(part: Part) -> int:
    """Neighbourhoods without a way to any centre."""
    return int(np.all(part.no_way, axis=1).sum())


def _least_outside(part: Part, known: Score) -> int:
    fewest, most = _counts(part, known[1])
    return min(least_out(part, n_circles) for n_circles in range(fewest, most + 1))


def _counts(part: Part, outside: int) -> tuple[int, int]:
    """Fewest and most circles of a grouping that is no more outside the range than a known one."""
    total, homes = int(part.sizes.sum()), len(set(part.homes.tolist()))
    fewest = max(1, len(part.forced), -((outside - total) // part.high) if part.high else 1)
    most = min(homes, (total + outside) // part.low if part.low else homes)
    return min(fewest, homes), max(most, 1)


# --- The programme --------------------------------------------------------------------------------------------------


def _programme(part: Part) -> _Programme:
    n, n_centres = part.costs.shape
    empty = _Programme(part, csr_array((0, n * n_centres + 2 * n_centres)), np.zeros(0), _ceiling(part))
    return empty.with_rows(*_linked(part)).with_rows(*_sized(part)).with_rows(*_beside_own(part))


def _ceiling(part: Part) -> Numbers:
    """1 for what may be, 0 for what a must rules out; no end for the sizes."""
    n, n_centres = part.costs.shape
    may = np.ones((n, n_centres))
    pinned = np.flatnonzero(part.musts >= 0)
    may[pinned] = np.eye(n_centres)[part.musts[pinned]]
    may[:, may[part.homes, np.arange(n_centres)] == 0] = 0
    return np.concatenate([may.ravel(), np.full(2 * n_centres, np.inf)])


def _matrix(part: Part, entries: Sequence[tuple[Any, Any, Any]], n_rows: int) -> csr_array:
    """A sparse matrix from (rows, columns, values); entries of one place add up."""
    n, n_centres = part.costs.shape
    parts = [np.broadcast_arrays(*entry) for entry in entries]
    rows, columns, values = (np.concatenate([one[axis].ravel() for one in parts]) for axis in range(3))
    shape = (n_rows, n * n_centres + 2 * n_centres)
    return csr_array((values.astype(float), (rows.astype(int), columns.astype(int))), shape=shape)


def _linked(part: Part) -> tuple[csr_array, Numbers]:
    """Nobody belongs to a centre whose own neighbourhood does not."""
    n, n_centres = part.costs.shape
    x = np.arange(n * n_centres).reshape(n, n_centres)
    i, k = np.nonzero(np.arange(n)[:, None] != part.homes)
    row = np.arange(len(i))
    return _matrix(part, [(row, x[i, k], 1.0), (row, x[part.homes[k], k], -1.0)], len(row)), np.zeros(len(row))


def _sized(part: Part) -> tuple[csr_array, Numbers]:
    """A circle's size is in the range, but for what is counted as below or above; in units of the range's high end."""
    n, n_centres = part.costs.shape
    x = np.arange(n * n_centres).reshape(n, n_centres)
    k, unit = np.arange(n_centres), float(max(part.high, 1))
    below, above = n * n_centres + k, n * n_centres + n_centres + k
    sizes = part.sizes[:, None] / unit
    entries = [
        (k[None, :], x, -sizes), (k, x[part.homes, k], part.low / unit), (k, below, -1.0),
        (n_centres + k[None, :], x, sizes), (n_centres + k, x[part.homes, k], -part.high / unit),
        (n_centres + k, above, -1.0),
    ]  # fmt: skip
    return _matrix(part, entries, 2 * n_centres), np.zeros(2 * n_centres)


def _counted(part: Part, outside: int) -> tuple[csr_array, Numbers]:
    """So many circles as a grouping that is no more outside the range than the known one can have."""
    n_centres = len(part.homes)
    opened = part.homes * n_centres + np.arange(n_centres)
    fewest, most = _counts(part, outside)
    return _matrix(part, [(0, opened, 1.0), (1, opened, -1.0)], 2), np.array([most, -fewest], dtype=float)


def _beside_own(part: Part) -> tuple[csr_array, Numbers]:
    """Who belongs to a centre elsewhere has a neighbour that does."""
    return _cut_rows(part, [(one, k, part.borders[one]) for one, k in _far_pairs(part)])


def _far_pairs(part: Part) -> list[tuple[int, int]]:
    near = [part.borders[home] | 1 << int(home) for home in part.homes]
    return [(one, k) for k, close in enumerate(near) for one in range(len(part.sizes)) if not close >> one & 1]


def _cut_rows(part: Part, cuts: list[tuple[int, int, int]]) -> tuple[csr_array, Numbers]:
    """For (i, k, set): i has centre k only if somebody of the set has."""
    n_centres = len(part.homes)
    entries: list[tuple[Any, Any, Any]] = [([], [], [])]
    for row, (one, k, between) in enumerate(cuts):
        entries += [(row, one * n_centres + k, 1.0), (row, np.array(members(between)) * n_centres + k, -1.0)]
    return _matrix(part, entries, len(cuts)), np.zeros(len(cuts))


def _kept_level(programme: _Programme, level: int, value: int) -> _Programme:
    """The programme in which a level may not get worse than it is."""
    part = programme.part
    if level == 1 and value == 0:
        ceiling = programme.ceiling.copy()
        ceiling[part.costs.size :] = 0
        return replace(programme, ceiling=ceiling)
    row, unit = _objective(part, level, 1)
    return programme.with_rows(csr_array(row[None, :]), np.array([value / unit]))


def _objective(part: Part, level: int, value: int) -> tuple[Numbers, float]:
    """What a level counts, for each column, and the unit it is counted in."""
    n_centres = len(part.homes)
    over = np.zeros(2 * n_centres)
    if level == 0:
        return np.concatenate([part.no_way.ravel().astype(float), over]), 1.0
    if level == 1:
        return np.concatenate([np.zeros(part.costs.size), over + 1]), float(max(part.high, 1))
    unit = max(value, 1) / 1000
    return np.concatenate([part.costs.ravel() / unit, over]), unit


def _solved(programme: _Programme, level: int, value: int, *, n_nodes: int = _NODES) -> tuple[Sets | None, int, bool]:
    """The grouping that is least on a level, the least that any could be, and whether the search ended."""
    part = programme.part
    n, n_centres = programme.shape
    objective, unit = _objective(part, level, value)
    whole = np.concatenate([np.ones(n * n_centres), np.zeros(2 * n_centres)])
    least = 0
    for _ in range(_ROUNDS):
        programme = _trimmed(programme, objective, value / unit)
        limits = LinearConstraint(programme.rows, -np.inf, programme.upper)
        answer = milp(
            objective,
            integrality=whole,
            bounds=Bounds(0, programme.ceiling),
            constraints=[_once(part), limits],
            options={"mip_rel_gap": 0.0, "node_limit": n_nodes},
        )
        least = max(least, _rounded_up(answer.mip_dual_bound, unit))
        if answer.x is None:
            return None, least, answer.status == 2
        owner = answer.x[: n * n_centres].reshape(n, n_centres).argmax(axis=1)
        cuts = _broken(part, owner)
        if not cuts or answer.status:
            return None if cuts else _sets(owner), least, not answer.status
        programme = programme.with_rows(*_cut_rows(part, cuts))
    return None, least, False


def _trimmed(programme: _Programme, objective: Numbers, known: float) -> _Programme:
    """The programme with what its relaxation tells: cuts, and who can't belong to whom in a grouping as good as known.

    Where a pair's reduced cost lifts the relaxation above the known grouping, no better one has the pair.
    """
    n, n_centres = programme.shape
    once, last = _once(programme.part), -np.inf
    for _ in range(_ROUNDS):
        bounds = np.column_stack([np.zeros_like(objective), programme.ceiling])
        answer = linprog(objective, programme.rows, programme.upper, once.A, once.lb, bounds)
        if answer.status:
            break
        dearer = answer.fun + answer.lower.marginals > known * (1 + _SLACK) + _SLACK
        dearer[n * n_centres :] = False  # these are not 0 or 1
        programme = replace(programme, ceiling=np.where(dearer, 0, programme.ceiling))
        cuts = _broken(programme.part, answer.x[: n * n_centres].reshape(n, n_centres).argmax(axis=1))
        if not cuts or answer.fun <= last + _SLACK:
            break
        last, programme = answer.fun, programme.with_rows(*_cut_rows(programme.part, cuts))
    return programme


def _rounded_up(bound: float | None, unit: float) -> int:
    """A bound of HiGHS as a whole number that is surely no more than the truth; 0 where there is none."""
    return int(np.ceil(bound * unit * (1 - _NEAR) - _NEAR)) if bound is not None and np.isfinite(bound) else 0


def _once(part: Part) -> LinearConstraint:
    """Everybody has one centre."""
    n, n_centres = part.costs.shape
    pairs = np.arange(n * n_centres).reshape(n, n_centres)
    return LinearConstraint(_matrix(part, [(np.arange(n)[:, None], pairs, 1.0)], n), np.ones(n), np.ones(n))


def _sets(owner: npt.NDArray[np.int64]) -> Sets:
    return tuple(sorted(set_of(int(one) for one in np.flatnonzero(owner == k)) for k in np.unique(owner)))


def _broken(part: Part, owner: npt.NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Cuts for every piece of a circle that does not hang on its centre's neighbourhood.

    What parts the piece from that neighbourhood parts it from all that lies on its side, so every centre there is cut.
    """
    cuts = []
    for k in np.unique(owner):
        home = 1 << int(part.homes[k])
        for piece in pieces(part.borders, set_of(int(one) for one in np.flatnonzero(owner == k))):
            if not piece & home:
                rim = around(part.borders, piece)
                side = joined(part.borders, home, part.everything & ~rim & ~piece)
                between = rim & around(part.borders, side)
                alike = [other for other, there in enumerate(part.homes) if side >> int(there) & 1]
                cuts += [(one, other, between) for one in members(piece) for other in alike]
    return cuts
