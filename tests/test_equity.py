"""Equity: shares by group, their gaps and bounds, what stays hidden, inequality, and where the unserved live."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality.gini import Gini

from lifecircle.concentration import concentration_of_unserved
from lifecircle.equity import equity_shares
from lifecircle.errors import TableError
from lifecircle.gini import gini, gini_range, lorenz
from lifecircle.groups import lots_of
from lifecircle.inequality import inequality_and_lorenz
from lifecircle.suppression import hidden_groups
from naive_equity import ends, highest_gini, lowest_gini, naive_concentration, naive_gini, naive_lorenz

CLOSE = 1e-12
MANY = settings(max_examples=40, deadline=None, derandomize=True)
FEW = settings(MANY, max_examples=20)
FIGURES = {
    "n": ("n_low", "n_high"),
    "share": ("low", "high"),
    "gap": ("gap_low", "gap_high"),
    "unserved": ("unserved_low", "unserved_high"),
    "unserved_share": ("unserved_share_low", "unserved_share_high"),
    "over_representation": ("over_representation_low", "over_representation_high"),
}


def figures(*tables, **options):
    return inequality_and_lorenz(*tables, **options)[0]


def curves(*tables, **options):
    return inequality_and_lorenz(*tables, **options)[1]


def lot(group, state, n_low, n_high=None, place=-1):
    n_high = n_low if n_high is None else n_high
    return {"group": group, "state": state, "n_low": n_low, "n_high": n_high, "place": place}


def table(lots, outcome="shop", dimension="area"):
    return pd.DataFrame(lots).assign(outcome=outcome, dimension=dimension)


def row(shown, group):
    return shown[shown["group"] == group].iloc[0]


# --- Shares ---------------------------------------------------------------------------------------------------------

TOWN = [
    lot("urban", "reached", 900),
    lot("urban", "not_reached", 100),
    lot("rural", "reached", 60),
    lot("rural", "not_reached", 40),
]


def test_the_gap_of_a_group_is_how_far_it_lies_below_the_best():
    shown = equity_shares(table(TOWN))
    assert row(shown, "rural")[["value", "gap_low", "gap_high"]].tolist() == pytest.approx([0.6, 0.3, 0.3])
    assert row(shown, "urban")[["value", "gap_low", "gap_high"]].tolist() == [0.9, 0, 0]
    assert shown["best"].tolist() == [False, True]


def test_a_tenth_of_the_people_with_forty_of_140_unserved_is_over_represented_by_22_sevenths():
    rural = row(equity_shares(table(TOWN)), "rural")
    assert rural["unserved_share_low"] == rural["unserved_share_high"] == 40 / 140
    assert rural["over_representation_low"] == pytest.approx((40 / 140) / (100 / 1100))


def test_a_share_has_both_ends_where_a_state_is_unknown():
    shown = row(equity_shares(table([*TOWN, lot("rural", "unknown", 100)])), "rural")
    assert math.isnan(shown["value"])
    assert shown[["low", "high", "unserved_low", "unserved_high"]].tolist() == [0.3, 0.8, 40, 140]


def test_a_count_without_end_leaves_what_is_sure():
    shown = row(equity_shares(table([*TOWN, lot("rural", "not_reached", 0, math.inf)])), "rural")
    assert shown[["n_low", "n_high", "low", "high"]].tolist() == [100, math.inf, 0, 0.6]
    assert shown[["gap_high", "unserved_share_high", "over_representation_high"]].tolist() == pytest.approx(
        [0.9, 1, 11]
    )


def test_two_groups_that_may_each_be_the_best_are_so_perhaps_and_not_surely():
    shown = equity_shares(table([*TOWN, lot("rural", "unknown", 900)]))
    assert shown["may_be_best"].tolist() == [True, True]
    assert shown["best"].tolist() == [False, False]


def test_a_dwelling_that_both_groups_share_alike_does_not_widen_their_gap():
    lots = [lot("old", "reached", 50), lot("young", "reached", 100)]
    lots += [lot("old", "unknown", 50, place=7), lot("young", "unknown", 100, place=7)]
    shown = equity_shares(table(lots))
    assert shown["low"].tolist() == [0.5, 0.5]
    assert shown["gap_high"].tolist() == [0, 0]
    assert shown["best"].all()


def test_people_of_unknown_category_have_their_line_and_are_never_the_best():
    shown = equity_shares(table([*TOWN, lot("unknown", "reached", 50)]))
    assert row(shown, "unknown")[["value", "gap_high", "best", "may_be_best"]].tolist() == [1, 0, False, False]
    assert row(shown, "urban")["best"]


def test_a_group_without_people_has_no_share_and_is_not_called_small():
    shown = row(equity_shares(table([*TOWN, lot("island", "reached", 0)])), "island")
    assert shown["n_high"] == 0
    assert math.isnan(shown["low"])
    assert not shown["suppressed"]


def test_nobody_unserved_gives_no_part_of_the_unserved():
    shown = equity_shares(table([lot("urban", "reached", 50), lot("rural", "reached", 60)]))
    assert shown["unserved_share_low"].isna().all()
    assert shown["over_representation_high"].isna().all()


@st.composite
def lots_at_random(draw, *, known):
    """A few lots of three groups; where `known`, unknown states may be shared by groups and all counts are known."""
    numbers = st.integers(1, 9)
    found = []
    for _ in range(draw(st.integers(2, 6))):
        low = draw(numbers)
        high = low if known or draw(st.booleans()) else low + draw(numbers)
        place = draw(st.integers(-1, 2)) if known else -1
        found.append(
            lot(
                draw(st.sampled_from("ABC")),
                draw(st.sampled_from(["reached", "not_reached", "unknown"])),
                low,
                high,
                place,
            )
        )
    return found


@given(lots_at_random(known=False))
@FEW
def test_ends_are_those_of_all_ways_to_fill_in_unknown_counts_and_states(lots):
    shown, true = equity_shares(table(lots), least=1).set_index("group"), ends(lots)
    for (group, name), (low, high) in true.items():
        least, most = shown.loc[group, list(FIGURES[name])]
        assert least <= low + CLOSE
        assert most >= high - CLOSE
        if name not in ("unserved_share", "over_representation"):
            assert [least, most] == pytest.approx([float(low), float(high)], abs=CLOSE)


@given(lots_at_random(known=True))
@FEW
def test_ends_hold_and_the_high_end_of_a_gap_is_attained_where_groups_share_places(lots):
    shown, true = equity_shares(table(lots), least=1).set_index("group"), ends(lots)
    for (group, name), (low, high) in true.items():
        least, most = shown.loc[group, list(FIGURES[name])]
        assert least <= low + CLOSE
        assert most >= high - CLOSE
        if name in ("n", "unserved", "share"):
            assert [least, most] == pytest.approx([float(low), float(high)], abs=CLOSE)
        if name == "gap":
            assert most == pytest.approx(float(high), abs=CLOSE)


@given(lots_at_random(known=False), st.randoms(use_true_random=False))
@FEW
def test_order_of_lots_and_splitting_one_change_nothing(lots, random):
    half = [one | {"n_low": one["n_low"] / 2, "n_high": one["n_high"] / 2} for one in [*lots, *lots]]
    random.shuffle(half)
    pd.testing.assert_frame_equal(equity_shares(table(half), least=5), equity_shares(table(lots), least=5))


def test_inputs_stay_as_they_are():
    lots = table(TOWN)
    before = lots.copy(deep=True)
    equity_shares(lots)
    pd.testing.assert_frame_equal(lots, before)


@pytest.mark.parametrize(
    ("lots", "least", "why"),
    [
        (table(TOWN).drop(columns="state"), 30, "no column state"),
        (table(TOWN).assign(state="near"), 30, "state is 'near'"),
        (table(TOWN).assign(n_low=-1), 30, "expected 0 ≤ n_low ≤ n_high"),
        (table(TOWN).assign(n_low=2000), 30, "in 4 rows, first of group urban"),
        (table(TOWN).assign(group=None), 30, "4 rows lack an outcome, dimension or group"),
        (table(TOWN), 0, "least is 0"),
    ],
)
def test_wrong_lots_are_refused_with_their_reason(lots, least, why):
    with pytest.raises(TableError, match=why):
        equity_shares(lots, least=least)


# --- What stays hidden ----------------------------------------------------------------------------------------------


def test_a_small_group_takes_the_next_smallest_with_it():
    lots = [lot(name, "reached", n) for name, n in {"A": 5, "B": 400, "C": 90, "D": 600}.items()]
    shown = equity_shares(table(lots)).set_index("group")
    assert shown["suppressed_as"].to_dict() == {"A": "small", "B": "", "C": "complement", "D": ""}
    numbers = shown.loc[["A", "C"]].drop(columns=["best", "may_be_best", "suppressed", "suppressed_as"])
    assert numbers.select_dtypes("number").isna().all(axis=None)
    assert not shown.loc[["A", "C"], ["best", "may_be_best"]].any(axis=None)


def test_exactly_the_least_number_is_shown():
    shown = equity_shares(table([lot("A", "reached", 30), lot("B", "reached", 29), lot("C", "reached", 31)]))
    assert shown["suppressed_as"].tolist() == ["complement", "small", ""]


def test_a_hidden_group_is_not_the_best_that_gaps_are_measured_to():
    lots = [*TOWN, lot("tiny", "reached", 4), lot("small", "reached", 35)]
    assert row(equity_shares(table(lots)), "rural")["gap_high"] == pytest.approx(0.3)


def test_a_group_whose_size_may_be_small_is_hidden():
    shown = equity_shares(table([*TOWN, lot("A", "reached", 20, 500)]))
    assert row(shown, "A")["suppressed_as"] == "small"
    assert row(shown, "rural")["suppressed_as"] == "complement"


def test_a_group_in_which_nobody_is_known_hides_no_other():
    shown = equity_shares(table([*TOWN, lot("A", "reached", 0, 500)]))
    assert shown.set_index("group")["suppressed_as"].to_dict() == {"A": "small", "rural": "", "urban": ""}


def test_a_group_hidden_for_one_outcome_is_hidden_for_all():
    lots = [lot("A", "reached", 500), lot("B", "reached", 400), lot("C", "reached", 90)]
    fewer = [lot("A", "reached", 500), lot("B", "reached", 5), lot("C", "reached", 90)]
    shown = equity_shares(pd.concat([table(lots, "shop"), table(fewer, "clinic")]))
    assert shown["suppressed"].tolist() == [False, True, True] * 2


def test_no_table_is_left_with_one_hidden_group_in_which_there_is_anybody():
    sizes = np.array([[400, 0, 90], [5, 600, 90]])
    assert hidden_groups(sizes, sizes, least=30).tolist() == ["small", "complement", "complement"]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7), st.integers(1, 40))
@MANY
def test_no_hidden_size_follows_from_the_total_and_what_is_shown(sizes, least):
    why = hidden_groups(np.array([sizes]), np.array([sizes]), least=least)
    shown = [size for size, one in zip(sizes, why, strict=True) if not one]
    hidden = [size for size, one in zip(sizes, why, strict=True) if one]
    assert all(size == 0 or size >= least for size in shown)
    left = sum(sizes) - sum(shown)
    if hidden and shown and any(shown):
        assert left >= least
        assert len(hidden) >= 2
        # a reader who knows the rule finds another filling-in of the small groups, so that none is certain
        small = [size for size, one in zip(sizes, why, strict=True) if one == "small"]
        assert least == 1 or not small or len(hidden) > len(small) or sum(small) >= least
    if all(size == 0 or size >= least for size in sizes):
        assert not hidden


@given(st.lists(st.integers(1, 60), min_size=2, max_size=6))
@MANY
def test_no_more_is_hidden_than_needed(sizes):
    why = hidden_groups(np.array([sizes]), np.array([sizes]), least=30)
    extra = [size for size, one in zip(sizes, why, strict=True) if one == "complement"]
    small = [size for size, one in zip(sizes, why, strict=True) if one == "small"]
    for fewer in combinations(extra, max(len(extra) - 1, 0)):
        assert not extra or len(small) + len(fewer) < 2 or sum(small) + sum(fewer) < 30


# --- Lots of dwellings ----------------------------------------------------------------------------------------------


def homes(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"dwelling_id": [f"D{k}" for k in range(n)], **columns})


def states_of(table, *values):
    return pd.DataFrame({"shop": list(values)}, index=table["dwelling_id"].to_numpy())


def test_a_group_stands_beside_all_that_are_not_in_it():
    table = homes(households=[100, 200], old=[40, 10])
    shown = equity_shares(lots_of(table, states_of(table, "reached", "not_reached"), groups={"elderly": "old"}))
    found = shown.set_index(["dimension", "group"])["value"].to_dict()
    assert found == {("all", "all"): 100 / 300, ("elderly", "elderly"): 0.8, ("elderly", "others"): 60 / 250}


def test_groups_of_one_dimension_stand_side_by_side():
    table = homes(households=[100], children=[40], old=[60])
    lots = lots_of(table, states_of(table, "reached"), groups={"age": {"young": "children", "old": "old"}})
    assert equity_shares(lots)[["group", "n_low"]].to_numpy().tolist() == [["all", 100], ["young", 40], ["old", 60]]


def test_dwellings_without_a_category_are_of_unknown_category():
    table = homes(households=[50, 60, 70, 80], 类型=["商品房", "", None, " 商品房"])
    lots = lots_of(table, states_of(table, *["reached"] * 4), by=["类型"])
    shown = equity_shares(lots).set_index("group")["n_low"]
    assert shown.to_dict() == {"all": 260, "商品房": 130, "unknown": 130}


def test_unknown_households_lie_between_nothing_and_what_is_said():
    table = homes(households=[100, None], old=[30, None])
    lots = lots_of(
        table, states_of(table, "reached", "reached"), groups={"elderly": "old"}, most=pd.Series({"D0": 1, "D1": 8})
    )
    shown = equity_shares(lots).set_index("group")[["n_low", "n_high"]]
    assert shown.T.to_dict("list") == {"all": [100, 108], "elderly": [30, 38], "others": [70, 78]}


def test_an_unknown_group_of_known_households_is_at_most_all_of_them():
    table = homes(households=[100, 50], old=[30, None])
    shown = equity_shares(lots_of(table, states_of(table, "reached", "reached"), groups={"elderly": "old"}))
    found = shown.set_index("group")[["n_low", "n_high"]]
    assert found.T.to_dict("list") == {"all": [150, 150], "elderly": [30, 80], "others": [70, 120]}


def test_a_group_spread_evenly_has_no_gap_however_much_is_unknown():
    table = homes(households=[100, 200, 300], old=[10, 20, 30])
    lots = lots_of(table, states_of(table, "reached", "unknown", "unknown"), groups={"elderly": "old"})
    shown = equity_shares(lots)
    assert (shown["low"] < shown["high"]).all()
    assert (shown["gap_high"] == 0).all()


def test_a_gap_is_widest_where_only_the_dwellings_of_the_other_group_are_reached():
    table = homes(households=[40, 40], old=[30, 10])
    shown = equity_shares(lots_of(table, states_of(table, "unknown", "unknown"), groups={"elderly": "old"}))
    assert shown[shown["dimension"] == "elderly"]["gap_high"].tolist() == [0.5, 0.5]


@st.composite
def dwellings_at_random(draw):
    n = draw(st.integers(1, 5))
    counts = [[draw(st.integers(0, 6)) for _ in range(3)] for _ in range(n)]
    given_states = [draw(st.sampled_from(["reached", "not_reached", "unknown"])) for _ in range(n)]
    frame = homes(
        households=[sum(one) for one in counts], young=[one[0] for one in counts], old=[one[1] for one in counts]
    )
    return frame, given_states, counts


@given(dwellings_at_random())
@FEW
def test_pooling_dwellings_leaves_every_end_as_it_is(made):
    frame, given_states, counts = made
    lots = lots_of(frame, states_of(frame, *given_states), groups={"age": {"young": "young", "old": "old"}})
    pooled = equity_shares(lots[lots["dimension"] == "age"], least=1).reset_index(drop=True)
    single = table(
        [
            lot(group, state, n, place=place)
            for place, (state, numbers) in enumerate(zip(given_states, counts, strict=True))
            for group, n in zip(("young", "old", "others"), numbers, strict=True)
        ],
        dimension="age",
    )
    single["group"] = pd.Categorical(single["group"], categories=["young", "old", "others"])
    plain = equity_shares(single, least=1)
    plain = plain[plain["group"].isin(pooled["group"])].reset_index(drop=True)
    for name in ("n_low", "n_high", "low", "high", "gap_low", "gap_high", "unserved_low", "unserved_high"):
        np.testing.assert_allclose(pooled[name], plain[name], atol=CLOSE)


def test_states_are_joined_by_key_and_not_by_position():
    table = homes(households=[100, 50])
    turned = states_of(table, "reached", "not_reached").iloc[::-1]
    assert equity_shares(lots_of(table, turned))["value"].tolist() == [100 / 150]


@pytest.mark.parametrize(
    ("change", "options", "why"),
    [
        ({"households": [-1, 5]}, {}, "households is -1 in D0"),
        ({"old": [7, 1]}, {"groups": {"elderly": "old"}}, "old is above households in 1 rows, first D0"),
        ({}, {"groups": {"elderly": "aged"}}, "no column 'aged'"),
        ({}, {"groups": {"all": "old"}}, "dimension 'all' is named twice"),
        ({}, {"groups": {"age": {"others": "old"}}}, "a group is named 'others'"),
        ({"old": ["two", "one"]}, {"groups": {"elderly": "old"}}, "expected numbers"),
    ],
)
def test_wrong_dwellings_are_refused_with_their_reason(change, options, why):
    frame = homes(**({"households": [5, 5], "old": [2, 1]} | change))
    with pytest.raises(TableError, match=why):
        lots_of(frame, states_of(frame, "reached", "reached"), **options)


def test_a_dwelling_without_a_state_is_refused():
    frame = homes(households=[5, 5])
    with pytest.raises(TableError, match="1 missing or twice"):
        lots_of(frame, states_of(frame, "reached", "reached").iloc[:1])
    with pytest.raises(TableError, match="shop is 'near'"):
        lots_of(frame, states_of(frame, "reached", "near"))


# --- Gini and Lorenz ------------------------------------------------------------------------------------------------

PEOPLE = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=9)


def arrays(people):
    return tuple(np.array(column, dtype=float) for column in zip(*people, strict=True))


@pytest.mark.parametrize("amount", [0.0, 0.1, 7.3])
def test_all_alike_is_exactly_zero(amount):
    assert gini(np.full(7, amount), np.arange(1, 8)) == 0


@pytest.mark.parametrize("n", [1, 2, 5, 100])
def test_one_who_has_all_among_n_is_one_less_an_nth(n):
    assert gini(np.eye(n)[0], np.ones(n)) == pytest.approx(1 - 1 / n, abs=CLOSE)


def test_nobody_has_no_index():
    assert math.isnan(gini(np.array([]), np.array([])))
    assert lorenz(np.array([]), np.array([])).empty


@given(PEOPLE)
@MANY
def test_the_index_is_that_of_all_pairs_of_people(people):
    amount, weight = arrays(people)
    assert gini(amount, weight) == pytest.approx(float(naive_gini(*zip(*people, strict=True))), abs=CLOSE)


@given(PEOPLE)
@MANY
def test_the_index_is_that_of_pysal_with_every_person_a_row(people):
    amount, weight = arrays(people)
    if amount.any():
        assert gini(amount, weight) == pytest.approx(Gini(np.repeat(amount, weight.astype(int))).g, abs=1e-9)


@given(PEOPLE, st.integers(2, 9), st.randoms(use_true_random=False))
@MANY
def test_scale_replication_splitting_and_order_leave_the_index(people, factor, random):
    amount, weight = arrays(people)
    turned = list(people) * 2
    random.shuffle(turned)
    same = gini(amount, weight)
    assert gini(amount * factor, weight) == pytest.approx(same, abs=CLOSE)
    assert gini(amount, weight * factor) == pytest.approx(same, abs=CLOSE)
    assert gini(*arrays(turned)) == pytest.approx(same, abs=CLOSE)
    random.shuffle(people)
    assert gini(*arrays(people)) == same


@given(st.lists(st.integers(0, 50), min_size=2, max_size=9), st.data())
@MANY
def test_a_transfer_from_a_richer_to_a_poorer_lowers_the_index(amounts, data):
    amounts = sorted(amounts)
    poor, rich = sorted(data.draw(st.lists(st.integers(0, len(amounts) - 1), min_size=2, max_size=2, unique=True)))
    if amounts[rich] - amounts[poor] < 2:
        return
    after = list(amounts)
    after[poor] += 1
    after[rich] -= 1
    ones = np.ones(len(amounts))
    assert gini(np.array(after), ones) < gini(np.array(amounts), ones)


@given(PEOPLE)
@MANY
def test_the_curve_passes_through_every_corner_of_person_by_person(people):
    curve = lorenz(*arrays(people))
    corners = naive_lorenz(*zip(*people, strict=True))
    found = np.interp([float(x) for x, _ in corners], curve["people_share"], curve["amount_share"])
    np.testing.assert_allclose(found, [float(y) for _, y in corners], atol=CLOSE)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]


@given(PEOPLE)
@MANY
def test_the_index_is_twice_the_area_between_the_curve_and_the_diagonal(people):
    curve = lorenz(*arrays(people))
    area = np.trapezoid(curve["amount_share"], curve["people_share"])
    assert gini(*arrays(people)) == pytest.approx(1 - 2 * area, abs=CLOSE)


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_amounts_that_are_none_are_refused(wrong):
    with pytest.raises(TableError, match="amounts: 1 are negative, endless or missing"):
        gini(np.array([1.0, wrong]), np.array([1, 1]))
    with pytest.raises(TableError, match="weights: 1 are negative, endless or missing"):
        gini(np.array([1.0, 2.0]), np.array([1, wrong]))


# --- Ends of the Gini index -----------------------------------------------------------------------------------------

RANGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(1, 4)), min_size=1, max_size=4)


def ranges(drawn):
    lows, widths, weights = zip(*drawn, strict=True)
    return lows, tuple(low + width for low, width in zip(lows, widths, strict=True)), weights


@given(RANGES)
@MANY
def test_the_low_end_is_the_lowest_of_all_amounts_within_the_ranges(drawn):
    lows, highs, weights = ranges(drawn)
    low, _ = gini_range(np.array(lows), np.array(highs), np.array(weights))
    assert low == pytest.approx(float(lowest_gini(lows, highs, weights)), abs=CLOSE)


@given(RANGES)
@MANY
def test_the_high_end_is_above_all_choices_of_ends(drawn):
    lows, highs, weights = ranges(drawn)
    _, high = gini_range(np.array(lows), np.array(highs), np.array(weights))
    assert high >= highest_gini(lows, highs, weights) - CLOSE
    assert high <= 1 - min(weights) / sum(weights) + CLOSE


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=6, max_size=6))
@MANY
def test_the_high_end_is_attained_up_to_one_of_six_where_no_range_lies_within_another(steps):
    lows, highs = np.cumsum(steps, axis=0).T
    highs = np.maximum(lows, highs)
    _, high = gini_range(lows, highs, np.ones(6))
    assert high - float(highest_gini(lows.tolist(), highs.tolist(), [1] * 6)) <= (1 / 12) ** 2 / (1 - high) * 2 + CLOSE


@given(RANGES, st.lists(st.floats(0, 1), min_size=5, max_size=5))
@MANY
def test_any_amounts_within_the_ranges_have_an_index_between_the_ends(drawn, part):
    lows, highs, weights = (np.array(one, dtype=float) for one in ranges(drawn))
    low, high = gini_range(lows, highs, weights)
    amount = np.clip(lows + (highs - lows) * part[: len(lows)], lows, highs)
    assert low - CLOSE <= gini(amount, weights) <= high + CLOSE


def test_known_amounts_have_one_index():
    amount, weight = np.array([1.0, 2.0, 9.0]), np.array([3, 2, 1])
    assert gini_range(amount, amount, weight) == (gini(amount, weight),) * 2


def test_amounts_without_end_leave_the_smallest_row_all():
    low, high = gini_range(np.array([0.0, 3.0]), np.array([math.inf, 3.0]), np.array([1, 4]))
    assert (low, high) == (0.0, 0.8)


def test_those_without_end_may_come_to_have_all_alike():
    low, _ = gini_range(np.array([5.0, 5.0, 1.0]), np.array([math.inf, math.inf, 1.0]), np.array([4.0, 5.0, 1.0]))
    assert low == pytest.approx(float(naive_gini([5, 5, 1], [4, 5, 1])))
    low, _ = gini_range(np.array([0.0, 9.0, 0.0]), np.array([math.inf, 9.0, 0.0]), np.array([8.0, 1.0, 1.0]))
    assert low == pytest.approx(0.1)


def test_a_range_upside_down_is_refused():
    with pytest.raises(TableError, match="amounts: 1 have no low end"):
        gini_range(np.array([2.0]), np.array([1.0]), np.array([1]))


# --- Tables of inequality -------------------------------------------------------------------------------------------

MINUTES = homes(households=[100, 300, 50, None], old=[50, 50, 50, None], 类型=["商品房", "商品房", "老洋房", "老洋房"])
WALKS = pd.DataFrame({"shop": [2.0, 6.0, math.nan, 4.0]}, index=["D0", "D1", "D2", "D3"])


def test_dwellings_without_a_walk_are_left_out_and_counted():
    shown = row(figures(MINUTES, WALKS), "all")
    assert shown[["n", "n_left_out", "n_dwellings_left_out"]].tolist() == [400, 50, 2]
    assert shown[["mean_low", "median_low"]].tolist() == [5, 6]
    assert shown["gini_low"] == shown["gini_high"] == pytest.approx(float(naive_gini([2, 6], [100, 300])))


def test_the_median_is_what_half_of_the_people_do_not_exceed():
    frame = homes(households=[100, 100, 100])
    walks = pd.DataFrame({"shop": [9.0, 1.0, 2.0]}, index=frame["dwelling_id"].to_numpy())
    assert row(figures(frame, walks), "all")["median_low"] == 2


def test_each_group_has_its_own_figures():
    shown = figures(MINUTES, WALKS, groups={"elderly": "old"}, by=["类型"]).set_index("group")
    assert shown.loc["elderly", "mean_low"] == 4
    assert shown.loc["others", "mean_low"] == pytest.approx(5.333333333)
    assert shown.loc["商品房", "n"] == 400
    assert math.isnan(shown.loc["老洋房", "gini_low"])


def test_amounts_known_within_ends_have_means_and_medians_within_ends():
    most = pd.DataFrame({"shop": [None, 10.0, None, math.inf]}, index=WALKS.index)
    shown = row(figures(MINUTES, WALKS, most=most), "all")
    assert shown[["mean_low", "mean_high", "median_low", "median_high"]].tolist() == [5, 8, 6, 10]
    endless = row(figures(MINUTES, WALKS, most=most.assign(shop=math.inf)), "all")
    assert endless[["mean_high", "median_high", "gini_high"]].tolist() == [math.inf, math.inf, 0.75]


def test_inequality_hides_the_groups_that_shares_hide():
    frame = homes(households=[5, 400, 90, 600], 类型=["A", "B", "C", "D"])
    walks = pd.DataFrame({"shop": [1.0, 2.0, 3.0, 4.0]}, index=frame["dwelling_id"].to_numpy())
    hidden = figures(frame, walks, by=["类型"]).set_index("group")["suppressed_as"]
    shares = equity_shares(lots_of(frame, states_of(frame, *["reached"] * 4), by=["类型"])).set_index("group")
    assert hidden.to_dict() == shares["suppressed_as"].to_dict()
    assert set(curves(frame, walks, by=["类型"])["group"]) == {"all", "B", "D"}


def test_a_curve_of_twenty_steps_has_the_ends_and_the_middle():
    curve = curves(MINUTES, WALKS)
    assert len(curve) == 21
    assert curve[["people_share", "amount_share"]].iloc[[0, 5, 20]].to_numpy().tolist() == [[0, 0], [0.25, 0.1], [1, 1]]


@given(dwellings_at_random(), st.lists(st.integers(0, 9), min_size=5, max_size=5), st.randoms(use_true_random=False))
@FEW
def test_row_order_changes_no_figure(made, minutes, random):
    frame, _, _ = made
    walks = pd.DataFrame({"shop": minutes[: len(frame)]}, index=frame["dwelling_id"].to_numpy())
    turned = list(range(len(frame)))
    random.shuffle(turned)
    options = {"groups": {"elderly": "old"}, "by": ["young"], "least": 3}
    one, other = figures(frame, walks, **options), figures(frame.iloc[turned], walks, **options)
    pd.testing.assert_frame_equal(one, other)


# --- Where the unserved live ----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=25))
@MANY
def test_concentration_is_that_of_its_curve_and_of_counting_units(drawn):
    units = [(min(bad, homes), homes) for bad, homes in drawn]
    bad, homes = (pd.Series(one) for one in zip(*units, strict=True))
    if not bad.any():
        return
    half, tenth, index = naive_concentration(units)
    found = concentration_of_unserved(bad, homes, by=pd.Series([f"U{k}" for k in bad.index]))
    assert (found.n_units, found.n_units_of_half) == (len(units), half)
    assert [found.worst_tenth_share, found.index] == pytest.approx([float(tenth), float(index)], abs=CLOSE)


def test_dwellings_of_one_unit_are_taken_together():
    bad, homes = pd.Series([10, 0, 5, 5]), pd.Series([10, 10, 10, 10])
    found = concentration_of_unserved(bad, homes, by=pd.Series(["A", "A", "B", "B"]))
    assert (found.n_units, found.n_units_of_half, found.worst_tenth_share, found.index) == (2, 1, 0.5, 0.0)


@pytest.mark.parametrize(("n_units", "share"), [(10, 0.5), (11, 0.75), (20, 0.75), (21, 1.0)])
def test_a_tenth_of_the_units_is_rounded_up(n_units, share):
    bad = pd.Series([4, 2, 2, *[0] * (n_units - 3)])
    units = pd.Series([f"U{k}" for k in bad.index])
    assert concentration_of_unserved(bad, bad * 0 + 4, by=units).worst_tenth_share == share


def test_nobody_unserved_is_not_concentrated():
    found = concentration_of_unserved(pd.Series([0]), pd.Series([9]), by=pd.Series(["A"]))
    assert (found.n_unserved, found.n_units_of_half) == (0, 0)
    assert math.isnan(found.index)


@pytest.mark.parametrize("bad", [-1, 10, None])
def test_unserved_that_are_not_of_the_households_are_refused(bad):
    with pytest.raises(TableError, match="unserved: 1 rows are not from 0 to their households"):
        concentration_of_unserved(pd.Series([bad], dtype=float), pd.Series([9]), by=pd.Series(["A"]))


def test_series_on_different_indexes_are_refused():
    with pytest.raises(TableError, match="expected one index"):
        concentration_of_unserved(pd.Series([1]), pd.Series([9], index=[3]), by=pd.Series(["A"]))


def test_fractions_of_a_household_are_counted_to_the_millionth():
    lots = [lot("A", "reached", 0.1)] * 300 + [lot("A", "not_reached", 0.2)] * 150
    assert row(equity_shares(table(lots)), "A")[["n_low", "value"]].tolist() == [60, 0.5]
    assert Fraction(0.1) * 300 != 30
