"""Naive twin of the circles: every way of cutting a small map, by plain loops, NetworkX and fractions."""

from fractions import Fraction
from itertools import pairwise

import networkx as nx

NO_WAY_MIN = 60  # for every border between, where there is no way
EMPTY = Fraction(1, 10)  # what an empty neighbourhood weighs in the walks


class NaiveMap:
    """A map of one subdistrict: households of each neighbourhood, borders, each centre's neighbourhood, and minutes.

    Minutes are by (neighbourhood, centre); a pair that is missing has no way.
    """

    def __init__(self, households, borders, homes, minutes, size, pins=None, keep=()):
        self.households = {key: Fraction(str(number)) for key, number in households.items()}
        self.graph = nx.Graph(list(borders))
        self.graph.add_nodes_from(households)
        self.homes = homes
        self.minutes = {pair: Fraction(str(walk)) for pair, walk in minutes.items()}
        self.low, self.high = size
        self.pins = dict(pins or {})
        self.used = {*keep, *self.pins.values()}
        self.hops = dict(nx.all_pairs_shortest_path_length(self.graph))

    def circle_score(self, members, centre):
        """Inhabited neighbourhoods without a way, households out of range, weighted minutes."""
        total = sum(self.households[one] for one in members)
        walked, lost = Fraction(0), 0
        for one in members:
            lost += self.households[one] > 0 and (one, centre) not in self.minutes
            counted = Fraction(NO_WAY_MIN * max(1, self.hops[one][self.homes[centre]]))
            walked += max(self.households[one], EMPTY) * self.minutes.get((one, centre), counted)
        return lost, max(0, self.low - total, total - self.high), walked

    def may_be(self, members, centre):
        """Whether a circle may have a centre: connected, the centre in it, pins kept, no other used one in it."""
        pinned = all(self.pins.get(one, centre) == centre for one in members)
        others = any(self.homes[one] in members for one in self.used - {centre})
        return self.homes[centre] in members and pinned and not others and nx.is_connected(self.graph.subgraph(members))

    def best_circle(self, members):
        """The least score of a circle of just these neighbourhoods, None where there can be none."""
        return min(
            (self.circle_score(members, centre) for centre in self.homes if self.may_be(members, centre)), default=None
        )

    def best_score(self):
        """The least score of any grouping, None where there is none."""
        known = {}
        best = None
        for groups in partitions(sorted(self.households)):
            for group in groups:
                if group not in known:
                    known[group] = self.best_circle(group)
            if None not in [known[group] for group in groups]:
                score = tuple(sum(known[group][level] for group in groups) for level in range(3))
                best = score if best is None else min(best, score)
        return best

    def score_of(self, groups):
        """The score of a grouping given as (members, centre), each of which must be a circle that may be."""
        names = [one for members, _ in groups for one in members]
        assert sorted(names) == sorted(self.households), "every neighbourhood lies in exactly one circle"
        assert all(self.may_be(frozenset(members), centre) for members, centre in groups)
        assert self.used <= {centre for _, centre in groups}
        scores = [self.circle_score(members, centre) for members, centre in groups]
        return tuple(sum(score[level] for score in scores) for level in range(3))


def partitions(items):
    """Every way of cutting a list into sets."""
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for groups in partitions(rest):
        yield [frozenset([first]), *groups]
        for place, group in enumerate(groups):
            yield [*groups[:place], group | {first}, *groups[place + 1 :]]


def cell_borders(owner):
    """Pairs of neighbourhoods with a cell's side in common, from a dict of grid place to neighbourhood."""
    sides = [((i, j), beside) for i, j in owner for beside in ((i + 1, j), (i, j + 1)) if beside in owner]
    return {tuple(sorted((owner[a], owner[b]))) for a, b in sides if owner[a] != owner[b]}


def row_borders(keys):
    """Borders of neighbourhoods that stand in a row."""
    return set(pairwise(keys))
