"""What is measured: the tasks, how an answer to each is handed over, and how answers are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLOSE_M = 1e-3
SAMPLED_NODES = 400  # where no referee could answer for every node in time, this many are asked

# Each task and what a table calls it.
TASKS = {
    "build": "build from arrays",
    "nearest": "nearest facility, 1,200 m",
    "nearest_any": "nearest facility, no limit",
    "sums": "households of each facility",
    "sums_2": "households of each facility, two threads",
    "k_nearest": "five nearest, 1,200 m",
    "pairs": "all pairs within 1,200 m",
    "pairs_2": "all pairs within 1,200 m, two threads",
    "counts": "facilities within 1,200 m of every node",
    "node_sums": "households within 1,200 m of every node",
    "node_sums_2": "households within 1,200 m of every node, two threads",
    "precompute": "precompute for every node, 1,200 m",
    "node_sums_after": "households of every node after precompute",
    "snap": "snap 100,000 dwellings to edges",
    "read": "read a .pbf",
    "start": "cold start",
}
SAME_ANSWER = {"sums_2": "sums", "pairs_2": "pairs", "node_sums_2": "node_sums", "node_sums_after": "node_sums"}
NO_ANSWER = ("build", "precompute")


@dataclass(frozen=True)
class Agreement:
    """How many places of an answer differ from the referee's, and by how much at most where both have a number."""

    n_places: int
    n_differing: int
    largest: float = 0.0

    def __str__(self) -> str:
        if not self.n_differing:
            return "agrees"
        return f"{self.n_differing:,} of {self.n_places:,} differ, by {self.largest:.3g} at most"


def compared(task: str, answer: np.ndarray, referee: np.ndarray) -> Agreement:
    """Places where an answer is not the referee's: walks by more than a millimetre, sums and counts at all.

    Answers are arrays: metres for every node (infinite where none is reached), metres for every node and rank, one
    number for every facility or node, the metres of a snap, or rows of (facility, node, metres). A referee that was
    asked at a sample of the nodes is NaN elsewhere.
    """
    if SAME_ANSWER.get(task, task) == "pairs":
        return _compared_pairs(answer, referee)
    if answer.shape != referee.shape:
        return Agreement(len(referee), len(referee))
    asked = ~np.isnan(referee)
    one, other = answer[asked], referee[asked]
    both = np.isfinite(one) & np.isfinite(other)
    apart = np.abs(one[both] - other[both])
    differing = np.count_nonzero(apart > CLOSE_M) + np.count_nonzero(~both & (one != other))
    return Agreement(len(one), differing, float(apart.max(initial=0)))


def _compared_pairs(answer: np.ndarray, referee: np.ndarray) -> Agreement:
    """Pairs that only one of the two has, and pairs of both with another walk."""
    n_nodes = int(max(answer[:, 1].max(), referee[:, 1].max())) + 1
    keys, other_keys = (np.rint(rows[:, 0] * n_nodes + rows[:, 1]) for rows in (answer, referee))
    _, at, other_at = np.intersect1d(keys, other_keys, return_indices=True)
    alone = len(keys) + len(other_keys) - 2 * len(at)
    apart = np.abs(answer[at, 2] - referee[other_at, 2])
    return Agreement(len(referee), alone + np.count_nonzero(apart > CLOSE_M), float(apart.max(initial=0)))
