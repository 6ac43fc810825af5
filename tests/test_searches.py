"""Searches over arrays agree with NetworkX to the tick, whatever the numbering, the threads and the width."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle.graph import NEVER, TICKS_PER_S, Graph, build_graph
from lifecircle.searches import (
    Direct,
    Pairs,
    Stands,
    Starts,
    nearest,
    pairs,
    several_nearest,
    stands,
    starts,
    starts_at,
    sums,
    sums_of_nodes,
)
from oracles import NaiveGraph, naive_sums

RANDOM = settings(max_examples=40)
HOUR = 3600 * TICKS_PER_S
THREADS = (1, 2, 3)
Row = tuple[int, int, int]


@dataclass(frozen=True)
class Case:
    """A graph with sources, places and direct walks, as rows of plain numbers; `limit` cuts many of the walks."""

    x: np.ndarray
    y: np.ndarray
    edges: list[Row]  # from, to, ticks on
    back: list[int]
    passages: list[tuple[int, int]]
    seeds: list[list[tuple[int, int]]]  # by source: node, ticks
    standing: list[list[tuple[int, int]]]  # by place: node, ticks
    direct: list[list[tuple[int, int]]]  # by source: place, ticks
    limit: int

    def graph(self) -> Graph:
        tail, head, on = _columns(self.edges, 3)
        passages = np.array(self.passages, dtype=np.int64).reshape(-1, 2)
        return build_graph(self.x, self.y, tail, head, on, np.array(self.back, dtype=np.int64), passages=passages)

    def starts(self, graph: Graph) -> Starts:
        rows = [(source, node, ticks) for source, seeds in enumerate(self.seeds) for node, ticks in reversed(seeds)]
        return starts(graph, *_columns(rows, 3), len(self.seeds))

    def stands(self, graph: Graph) -> Stands:
        rows = [(place, node, ticks) for place, spots in enumerate(self.standing) for node, ticks in reversed(spots)]
        return stands(graph, *_columns(rows, 3), len(self.standing))

    def between(self) -> Direct:
        ptr = np.cumsum([0, *(len(rows) for rows in self.direct)])
        place, ticks = _columns([row for rows in self.direct for row in rows], 2)
        return Direct(ptr, place, ticks)

    def twin(self) -> NaiveGraph:
        arcs = [(a, b, on) for a, b, on in self.edges if on < NEVER]
        arcs += [(b, a, ticks) for (a, b, _), ticks in zip(self.edges, self.back, strict=True) if ticks < NEVER]
        return NaiveGraph(len(self.x), [*arcs, *((a, b, 0) for a, b in self.passages)])

    def walked(self) -> list[list[tuple[int, int]]]:
        """Seeds that somebody can start from."""
        return [[seed for seed in seeds if seed[1] < NEVER] for seeds in self.seeds]

    def stood(self) -> list[list[tuple[int, int]]]:
        return [[spot for spot in spots if spot[1] < NEVER] for spots in self.standing]


def stands_everywhere(graph: Graph) -> Stands:
    """One place at every node, with the number of the caller's node."""
    n_nodes = len(graph)
    numbers, nothing = np.arange(n_nodes + 1), np.zeros(n_nodes, dtype=np.int32)
    return Stands(numbers, numbers[:-1].astype(np.int32), nothing, graph.order, graph.place)


def _columns(rows: Iterable[tuple[int, ...]], n: int) -> tuple[np.ndarray, ...]:
    return tuple(np.array(list(rows), dtype=np.int64).reshape(-1, n).T.copy())


@st.composite
def cases(draw: st.DrawFn, longest: tuple[int, ...] = (3, 1000, 2 * HOUR, 4 * HOUR)) -> Case:
    """Up to 80 nodes; loops, parallel edges, one-way edges, lone nodes, and seeds beyond the limit come by chance."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, most = draw(st.integers(1, 80)), draw(st.sampled_from(longest))
    n_edges, n_sources, n_places = int(n * draw(st.sampled_from([0.0, 0.7, 1.5, 3.0]))), *chance.integers(0, 9, 2)

    def ticks(lowest: int, highest: int, never: float) -> int:
        return NEVER if chance.random() < never else int(chance.integers(lowest, highest + 1))

    def some_of(size: int, at_most: int, highest: int, never: float) -> list[tuple[int, int]]:
        return [(int(chance.integers(size)), ticks(0, highest, never)) for _ in range(chance.integers(0, at_most + 1))]

    return Case(
        x=chance.integers(0, 9, n).astype(float),  # some nodes lie on one spot
        y=chance.uniform(0, 9, n),
        edges=[(*(int(node) for node in chance.integers(0, n, 2)), ticks(1, most, 0.2)) for _ in range(n_edges)],
        back=[ticks(1, most, 0.2) for _ in range(n_edges)],
        passages=[tuple(map(int, chance.integers(0, n, 2))) for _ in range(int(chance.integers(0, 4)))],
        seeds=[some_of(n, 3, 4 * most, 0.1) for _ in range(n_sources)],
        standing=[some_of(n, 3, most, 0.1) for _ in range(n_places)],
        direct=[some_of(n_places, 2, 6 * most, 0.0) if n_places else [] for _ in range(n_sources)],
        limit=int(chance.integers(0, 6 * most + 1)),
    )


def as_dict(found: Pairs) -> dict[tuple[int, int], int]:
    keys = list(zip(found.source.tolist(), found.place.tolist(), strict=True))
    assert len(keys) == len(set(keys))
    return dict(zip(keys, found.ticks.tolist(), strict=True))


def weights(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**40, n)


# --- Against the naive twins ----------------------------------------------------------------------------------------


@RANDOM
@given(cases(), st.booleans())
def test_the_nearest_source_of_every_node_is_as_far_as_the_twin_says(case: Case, limited: bool) -> None:
    graph, limit = case.graph(), case.limit if limited else None
    walks = case.twin().walks([seed for seeds in case.walked() for seed in seeds])
    bound = NEVER - 1 if limit is None else limit
    expected = [walks[node] if walks.get(node, NEVER) <= bound else NEVER for node in range(len(graph))]
    assert nearest(graph, case.starts(graph), limit).tolist() == expected


@RANDOM
@given(cases(), st.integers(1, 4), st.booleans())
def test_several_nearest_sources_come_by_ticks_and_then_by_number(case: Case, k: int, limited: bool) -> None:
    graph, limit = case.graph(), case.limit if limited else None
    ranked = case.twin().ranked(case.walked(), NEVER - 1 if limit is None else limit)
    filled = [(ranked[node] + [(NEVER, -1)] * k)[:k] for node in range(len(graph))]
    walks, which = several_nearest(graph, case.starts(graph), k, limit)
    assert [list(zip(*row, strict=True)) for row in zip(walks.tolist(), which.tolist(), strict=True)] == filled


@RANDOM
@given(cases(), st.booleans())
def test_every_pair_within_the_limit_is_the_twins_to_the_tick(case: Case, with_direct: bool) -> None:
    graph = case.graph()
    direct = case.direct if with_direct else [[] for _ in case.direct]
    twin = case.twin().pairs(case.walked(), case.stood(), direct, case.limit)
    found = pairs(
        graph, case.starts(graph), case.stands(graph), case.limit, direct=case.between() if with_direct else None
    )
    assert as_dict(found) == twin


@RANDOM
@given(cases(), st.integers(0, 99))
def test_sums_are_those_over_the_twins_pairs_in_both_directions(case: Case, seed: int) -> None:
    graph, n_sources, n_places = case.graph(), len(case.seeds), len(case.standing)
    given_, offered = weights(n_places, seed), weights(n_sources, seed + 1)
    twin = naive_sums(
        case.twin().pairs(case.walked(), case.stood(), case.direct, case.limit), given_.tolist(), offered.tolist()
    )
    got, gave = sums(
        graph, case.starts(graph), case.stands(graph), case.limit, given=given_, offered=offered, direct=case.between()
    )
    assert (got.tolist(), gave.tolist()) == twin


@RANDOM
@given(cases(), st.integers(0, 99))
def test_sums_of_nodes_are_those_over_the_twins_pairs(case: Case, seed: int) -> None:
    graph, given_ = case.graph(), weights(len(case.standing), seed)
    nodes = [[(node, 0)] for node in range(len(graph))]
    twin = case.twin().pairs(nodes, case.stood(), [[] for _ in nodes], case.limit)
    expected, _ = naive_sums(twin, given_.tolist(), [0] * len(nodes))
    assert sums_of_nodes(graph, case.stands(graph), case.limit, given=given_).tolist() == expected


def test_a_place_that_stands_at_three_nodes_counts_once() -> None:
    line = build_graph(np.arange(40.0), np.zeros(40), np.arange(39), np.arange(1, 40), np.full(39, 10))
    at = stands(line, np.zeros(3, dtype=int), np.array([0, 1, 2]), np.array([0, 5, 0]), 1)
    found = sums_of_nodes(line, at, 20, given=np.array([7]))
    assert found.tolist() == [7] * 5 + [0] * 35


def test_every_node_is_a_place_of_its_own_where_places_stand_everywhere() -> None:
    line = build_graph(np.array([5.0, 0.0, 9.0]), np.zeros(3), np.array([0, 1]), np.array([1, 2]), np.array([100, 200]))
    found = pairs(line, starts_at(line, np.array([2])), stands_everywhere(line), 250)
    assert as_dict(found) == {(0, 2): 0, (0, 1): 200}


# --- Laws -----------------------------------------------------------------------------------------------------------


def everything(case: Case, graph: Graph, threads: int = 1) -> list[object]:
    """Every search over one case, as plain values."""
    sources, places, direct = case.starts(graph), case.stands(graph), case.between()
    given_, offered = weights(places.n_places, 1), weights(len(sources), 2)
    found = pairs(graph, sources, places, case.limit, direct=direct, threads=threads)
    both = sums(graph, sources, places, case.limit, given=given_, offered=offered, direct=direct, threads=threads)
    around = sums_of_nodes(graph, places, case.limit, given=given_, threads=threads)
    walks, which = several_nearest(graph, sources, 3)
    near = [nearest(graph, sources, limit).tolist() for limit in (None, case.limit)]
    some = several_nearest(graph, sources, 2, case.limit)
    lists = [one.tolist() for one in (*both, around, walks, which, *some)]
    return [as_dict(found), *lists, *near]


@RANDOM
@given(cases(), st.sampled_from(THREADS[1:]))
def test_the_number_of_threads_changes_nothing(case: Case, threads: int) -> None:
    graph = case.graph()
    assert everything(case, graph, threads) == everything(case, graph, 1)


@RANDOM
@given(cases(), st.integers(0, 2**32 - 1))
def test_pairs_come_in_the_order_of_sources_on_any_number_of_threads(case: Case, seed: int) -> None:
    graph = case.graph()
    found = [pairs(graph, case.starts(graph), case.stands(graph), case.limit, threads=n) for n in THREADS]
    columns = [(one.source.tolist(), one.place.tolist(), one.ticks.tolist()) for one in found]
    assert columns[0] == columns[1] == columns[2]
    assert columns[0][0] == sorted(columns[0][0])


@RANDOM
@given(cases(), st.integers(0, 2**32 - 1))
def test_the_numbering_of_nodes_changes_nothing(case: Case, seed: int) -> None:
    new = np.random.default_rng(seed).permutation(len(case.x))  # the new number of each node
    old = np.argsort(new)

    def renamed(rows: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
        return [[(int(new[node]), ticks) for node, ticks in row] for row in rows]

    other = replace(
        case,
        x=case.x[old],
        y=case.y[old],
        edges=[(int(new[a]), int(new[b]), on) for a, b, on in case.edges],
        passages=[(int(new[a]), int(new[b])) for a, b in case.passages],
        seeds=renamed(case.seeds),
        standing=renamed(case.standing),
    )
    here, there = everything(case, case.graph()), everything(other, other.graph())
    assert here[:3] == there[:3]  # pairs, and sums of sources and places
    for one, two in zip(here[3:], there[3:], strict=True):
        assert one == [two[node] for node in new.tolist()]


@RANDOM
@given(cases(longest=(3, 1000)))
def test_wide_numbers_give_what_narrow_ones_give(case: Case) -> None:
    narrow = case.graph()
    wide = replace(narrow, arcs=narrow.arcs.astype(np.int64))
    assert narrow.arcs.dtype == np.int32
    assert everything(case, narrow) == everything(case, wide)


@RANDOM
@given(cases(longest=(3, 1000)), st.integers(1, 10**9))
def test_hours_are_to_minutes_as_the_factor_between_them(case: Case, factor: int) -> None:
    def long(rows: list[list[tuple[int, int]]]) -> list[list[tuple[int, int]]]:
        return [[(one, ticks if ticks == NEVER else ticks * factor) for one, ticks in row] for row in rows]

    slow = replace(
        case,
        edges=[(a, b, on if on == NEVER else on * factor) for a, b, on in case.edges],
        back=[ticks if ticks == NEVER else ticks * factor for ticks in case.back],
        seeds=long(case.seeds),
        standing=long(case.standing),
        direct=long(case.direct),
        limit=case.limit * factor,
    )
    quick, graph = case.graph(), slow.graph()
    found = as_dict(pairs(graph, slow.starts(graph), slow.stands(graph), slow.limit, direct=slow.between()))
    before = as_dict(pairs(quick, case.starts(quick), case.stands(quick), case.limit, direct=case.between()))
    assert found == {pair: ticks * factor for pair, ticks in before.items()}


@RANDOM
@given(cases(), st.integers(0, 10 * HOUR))
def test_a_larger_limit_never_loses_a_pair_or_lengthens_one(case: Case, more: int) -> None:
    graph = case.graph()
    small, large = (
        as_dict(pairs(graph, case.starts(graph), case.stands(graph), limit, direct=case.between()))
        for limit in (case.limit, case.limit + more)
    )
    assert small.items() <= large.items()


# --- Long walks and many sources ------------------------------------------------------------------------------------


def chain(n: int, ticks_each: int) -> Graph:
    spots = np.arange(float(n))
    return build_graph(spots, np.zeros(n), np.arange(n - 1), np.arange(1, n), np.full(n - 1, ticks_each))


def test_a_walk_longer_than_narrow_numbers_hold_is_right() -> None:
    line = chain(5001, 10**6)
    assert nearest(line, starts_at(line, np.array([0])))[-1] == 5 * 10**9


def test_a_limit_of_seven_hours_holds_a_walk_of_seven_hours_and_none_longer() -> None:
    line = chain(9, HOUR)
    assert nearest(line, starts_at(line, np.array([0])), 7 * HOUR).tolist() == [*(h * HOUR for h in range(8)), NEVER]


def test_an_edge_of_four_hours_is_walked_in_four_hours() -> None:
    line = chain(3, 4 * HOUR)
    walks, which = several_nearest(line, starts_at(line, np.array([0, 2])), 2)
    assert walks.tolist() == [[0, 8 * HOUR], [4 * HOUR, 4 * HOUR], [0, 8 * HOUR]]
    assert which.tolist() == [[0, 1], [0, 1], [1, 0]]


def test_a_long_walk_beyond_a_short_one_is_found_from_a_late_start() -> None:
    line = chain(3, 100)
    late = starts(line, np.array([0]), np.array([1]), np.array([30 * HOUR]), 1)
    assert nearest(line, late).tolist() == [30 * HOUR + 100, 30 * HOUR, 30 * HOUR + 100]


def test_a_million_sources_on_one_node_are_all_summed() -> None:
    line, n = chain(3, 100), 1_000_000
    crowd = starts_at(line, np.zeros(n, dtype=np.int64))
    end = stands(line, np.array([0, 1]), np.array([2, 2]), np.array([0, 1]), 2)
    got, gave = sums(line, crowd, end, 200, given=np.array([5, 7]), offered=np.full(n, 3), threads=2)
    assert set(got.tolist()) == {5}
    assert gave.tolist() == [3 * n, 0]


def test_a_million_sources_on_one_node_are_as_near_as_one() -> None:
    line, n = chain(3, 100), 1_000_000
    crowd = starts_at(line, np.zeros(n, dtype=np.int64))
    assert nearest(line, crowd).tolist() == [0, 100, 200]
    assert nearest(line, crowd, 150).tolist() == [0, 100, NEVER]


def test_where_every_edge_is_an_island_each_node_reaches_two() -> None:
    n = 4001  # not a multiple of the nodes that are searched together; the last node is alone
    spots, one = np.arange(float(n)), np.arange(0, n - 1, 2)
    islands = build_graph(spots, np.zeros(n), one, one + 1, np.full(len(one), 10))
    found = sums_of_nodes(islands, stands_everywhere(islands), 10**6, given=np.ones(n))
    assert found.tolist() == [2] * (n - 1) + [1]


# --- Nothing to search ----------------------------------------------------------------------------------------------


def test_without_sources_nothing_is_reached() -> None:
    line = chain(3, 100)
    nobody, everywhere = starts_at(line, np.zeros(0, dtype=np.int64)), stands_everywhere(line)
    assert nearest(line, nobody).tolist() == [NEVER] * 3
    assert several_nearest(line, nobody, 2)[1].tolist() == [[-1, -1]] * 3
    assert as_dict(pairs(line, nobody, everywhere, 500)) == {}
    got, gave = sums(line, nobody, everywhere, 500, given=np.ones(3), offered=np.ones(0))
    assert (got.tolist(), gave.tolist()) == ([], [0, 0, 0])


def test_a_source_that_starts_nowhere_reaches_nothing() -> None:
    line = chain(3, 100)
    lost = starts(line, np.array([1]), np.array([0]), np.array([0]), 3)  # sources 0 and 2 have no row
    assert set(as_dict(pairs(line, lost, stands_everywhere(line), 500))) == {(1, 0), (1, 1), (1, 2)}
    assert several_nearest(line, lost, 2)[1].tolist() == [[1, -1]] * 3


def test_a_graph_without_nodes_has_no_walks() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    empty = build_graph(np.zeros(0), np.zeros(0), nothing, nothing, nothing)
    assert nearest(empty, starts_at(empty, nothing)).tolist() == []
    assert several_nearest(empty, starts_at(empty, nothing), 2)[0].shape == (0, 2)
    assert sums_of_nodes(empty, stands_everywhere(empty), 500, given=nothing).tolist() == []


def test_nodes_without_an_edge_reach_themselves() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    lone = build_graph(np.zeros(3), np.zeros(3), nothing, nothing, nothing)
    assert nearest(lone, starts_at(lone, np.array([1]))).tolist() == [NEVER, 0, NEVER]
    assert sums_of_nodes(lone, stands_everywhere(lone), 0, given=np.array([1, 2, 4])).tolist() == [1, 2, 4]


@pytest.mark.parametrize("limit", [0, -1, -500])
def test_a_limit_of_nothing_holds_walks_of_no_time_alone(limit: int) -> None:
    line = chain(2, 1)
    found = pairs(line, starts_at(line, np.array([0])), stands_everywhere(line), limit)
    assert as_dict(found) == ({(0, 0): 0} if limit == 0 else {})


# --- Errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_refused_with_its_node(odd: float) -> None:
    expected = r"^nodes: 1 coordinates are no numbers, the first is of node 1; expected metres. Leave those edges out$"
    with pytest.raises(lc.NetworkError, match=expected):
        build_graph(np.array([0.0, odd]), np.zeros(2), np.array([0]), np.array([1]), np.array([100]))


@pytest.mark.parametrize("odd", [0, -5])
def test_an_edge_of_no_ticks_is_refused_with_its_number(odd: int) -> None:
    expected = (
        rf"^edges: 1 walks take no time or a negative one, the first is {odd} ticks on edge 1; "
        "expected lengths in metres above 0. Leave those edges out$"
    )
    walks = np.array([100, 100]), np.array([100, odd])
    with pytest.raises(lc.NetworkError, match=expected):
        build_graph(np.arange(3.0), np.zeros(3), np.array([0, 1]), np.array([1, 2]), *walks)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_nearest_is_refused(k: int) -> None:
    line = chain(2, 100)
    with pytest.raises(
        lc.NetworkError, match=rf"^k is {k}; expected how many nearest facilities are wanted, such as 3$"
    ):
        several_nearest(line, starts_at(line, np.array([0])), k)


def test_a_graph_cannot_be_changed() -> None:
    line = chain(3, 100)
    with pytest.raises(ValueError, match="read-only"):
        line.arcs[0, 1] = 1
