"""Plots: their tables agree with plain loops and with the summary, and every study gives a readable picture or none."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle.publish.plots import (
    floor_area_figure,
    floor_area_table,
    gap_figure,
    gap_table,
    lorenz_figure,
    minutes_figure,
    minutes_table,
)
from lifecircle.publish.plots_frame import apart
from samples import assessed_sample

KIND = "community_service"


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


def texts_of(figure) -> list[str]:
    from matplotlib.text import Text

    return [one.get_text() for one in figure.findobj(Text) if one.get_text()]


def test_the_share_within_the_limit_is_that_of_the_summary(result: lc.Result) -> None:
    for kind, reach in result.summary["reach"].items():
        table = minutes_table(result, kind).set_index("minutes")
        at = table.loc[result.study.walk.limit_min]
        assert at["households"] == reach["reached"]
        assert at["may_households"] == reach["reached"] + reach["unknown"]
        assert at["share"] == reach["reached"] / sum(reach.values())


def test_the_curve_agrees_with_counting_dwelling_by_dwelling(result: lc.Result) -> None:
    table = minutes_table(result, KIND)
    dwellings = result.dwellings.to_dict("records")
    for row in table.iloc[::7].to_dict("records"):
        within = may = everybody = 0.0
        for home in dwellings:
            if home["unit_id"] == "" or math.isnan(home["households"]):
                continue
            everybody += home["households"]
            arrives = home[f"minutes_{KIND}"] <= row["minutes"]
            leaves = home["exit_min"] <= row["minutes"]
            within += home["households"] if arrives else 0
            may += home["households"] if arrives or leaves or home[f"reach_{KIND}"] == "unknown" else 0
        assert (row["households"], row["may_households"]) == (within, may)
        assert row["share"] == within / everybody


def test_a_curve_never_falls_and_never_passes_what_may_be(result: lc.Result) -> None:
    table = minutes_table(result, KIND, until_min=90)
    assert (np.diff(table["households"]) >= 0).all()
    assert (table["share"] <= table["may_share"]).all()
    assert table["may_share"].max() <= 1
    assert table["minutes"].iloc[-1] == 90


def test_unknown_households_are_left_out_and_never_counted_as_none(result: lc.Result) -> None:
    silent = result.dwellings.assign(households=result.dwellings["households"].where(result.dwellings.index % 2 == 0))
    table = minutes_table(dataclasses.replace(result, dwellings=silent), KIND)
    assert table["households"].iloc[-1] / table["share"].iloc[-1] == pytest.approx(
        silent.loc[silent["unit_id"] != "", "households"].sum()
    )
    nobody = result.dwellings.assign(households=math.nan)
    assert minutes_table(dataclasses.replace(result, dwellings=nobody), KIND).empty
    assert minutes_figure(dataclasses.replace(result, dwellings=nobody)) is None


def test_units_stand_from_the_lowest_with_the_bounds_of_the_result(result: lc.Result) -> None:
    table = floor_area_table(result)
    units = result.units
    rows = [
        row
        for row in units.to_dict("records")
        if row["rule_id"] == "floor-area" and row["tier"] == "neighbourhood" and not math.isnan(row["low"])
    ]
    assert sorted(table["unit_id"]) == sorted(row["unit_id"] for row in rows)
    assert table["low"].is_monotonic_increasing
    for row in rows:
        found = table[table["unit_id"] == row["unit_id"]].iloc[0]
        assert (found["low"], found["high"], found["shown"]) == (row["low"], row["high"], row["shown"])


def test_gaps_of_subdistricts_add_up_to_the_total_and_to_the_smallest_units(result: lc.Result) -> None:
    table = gap_table(result)
    parts, total = table.iloc[:-1], table.iloc[-1]
    parents = dict(zip(result.tables.units["unit_id"], result.tables.units["parent_id"], strict=True))
    naive: dict[str, list[float]] = {}
    for row in result.units.to_dict("records"):
        if row["rule_id"] == "floor-area" and row["tier"] == "neighbourhood" and not math.isnan(row["gap_low"]):
            sums = naive.setdefault(parents[parents[row["unit_id"]]], [0.0, 0])
            sums[0] += row["gap_low"]
            sums[1] += math.isnan(row["gap"])
    assert {row["unit_id"]: [row["gap_m2"], row["n_unknown"]] for row in parts.to_dict("records")} == {
        key: [pytest.approx(gap), unknown] for key, (gap, unknown) in naive.items()
    }
    assert total["gap_m2"] == pytest.approx(parts["gap_m2"].sum())
    assert total["n_unknown"] == parts["n_unknown"].sum()


def test_an_unknown_gap_is_marked_and_never_zero(result: lc.Result) -> None:
    rows = result.units["rule_id"] == "floor-area"
    unknown = {"gap": math.nan, "gap_low": 0.0, "gap_high": math.inf}
    units = result.units.assign(**{name: result.units[name].mask(rows, value) for name, value in unknown.items()})
    texts = texts_of(gap_figure(dataclasses.replace(result, units=units)))
    assert texts.count("?") == 3
    assert "0.00" not in texts


def test_the_figures_on_the_bars_are_those_of_the_report(result: lc.Result) -> None:
    texts = texts_of(floor_area_figure(result))
    assert not [shown for shown in floor_area_table(result)["shown"] if shown not in texts]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_plot_of_the_sample_speaks_the_language_asked_for(result: lc.Result, lang: str) -> None:
    words = {"zh": ["步行分钟", "m²/百户", "全区", "基尼"], "en": ["minutes walked", "per 100", "district", "Gini"]}
    figures = [minutes_figure, floor_area_figure, gap_figure, lorenz_figure]
    for draw, word in zip(figures, words[lang], strict=True):
        assert any(word in text for text in texts_of(draw(result, lang=lang)))


def test_a_study_without_its_subject_has_no_plot(result: lc.Result) -> None:
    standards = tuple(one for one in result.standards if one.id == "shanghai-15min-goals")
    bare = dataclasses.replace(
        result, standards=standards, units=result.units[result.units["standard"] == standards[0].id], equity=None
    )
    assert [draw(bare) for draw in (floor_area_figure, gap_figure, lorenz_figure)] == [None, None, None]
    walkless = dataclasses.replace(result, manifest=dict(result.manifest) | {"network": None})
    assert minutes_figure(walkless) is None


def test_many_units_are_drawn_without_their_names(result: lc.Result) -> None:
    rows = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    many = pd.concat([rows.assign(unit_id=rows["unit_id"] + f"-{n}") for n in range(20)], ignore_index=True)
    figure = floor_area_figure(dataclasses.replace(result, units=many), lang="en")
    assert any(f"{20 * 29:,} units" in text for text in texts_of(figure))
    assert not [text for text in texts_of(figure) if text in set(rows["name"])]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_names_at_the_ends_of_curves_keep_apart_and_below_the_top(wanted: list[float]) -> None:
    found = apart(sorted(wanted), 0.05, top=1.0)
    assert all(high - low >= 0.05 - 1e-9 for low, high in pairwise(found))
    assert max(found) <= 1.0 + 1e-9
