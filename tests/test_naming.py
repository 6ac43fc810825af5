"""Names of units become their keys where they are sure, each with a line, and never otherwise."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.faults import Fault, Where
from lifecircle.naming import Named, with_codes, with_unit_keys
from lifecircle.readers.unit_names import stem_of
from lifecircle.tables import Source, Tables, empty_table

UNITS = [
    ("S1", "花木街道", "subdistrict", ""),
    ("S2", "北蔡镇", "subdistrict", ""),
    ("N1", "花木社区", "neighbourhood", "S1"),
    ("N2", "东城居民委员会", "neighbourhood", "S1"),
    ("N3", "东城居民委员会", "neighbourhood", "S2"),
    ("N4", "新华村", "neighbourhood", "S2"),
    ("N5", "南苑一居委会", "neighbourhood", "S1"),
    ("N6", "联洋（一期）居委会", "neighbourhood", "S1"),
]

ORCHARD = [("N1", "望和园居委会", "neighbourhood", ""), ("N2", "前滩社区居民委员会", "neighbourhood", "")]


def units_of(rows: list[tuple[str, str, str, str]] = UNITS) -> gpd.GeoDataFrame:
    columns = dict(zip(("unit_id", "name", "tier", "parent_id"), map(list, zip(*rows, strict=True)), strict=True))
    return gpd.GeoDataFrame(pd.DataFrame(columns, dtype="str"), geometry=[None] * len(rows), crs="EPSG:4549")


def named(
    cells: list[str],
    *,
    header: str = "单元",
    similar: float | None = None,
    units: list[tuple[str, str, str, str]] = UNITS,
    **more: list[str],
) -> tuple[list[str], list[Fault]]:
    """The keys that cells become, and what was said."""
    columns = pd.DataFrame({"unit_id": cells} | more, dtype="str")
    table = gpd.GeoDataFrame(columns, geometry=[None] * len(cells))
    before = table.copy()
    said = Named(header, lambda at: Where("d.csv", "dwellings", row=at + 2), similar=similar)
    coded, faults = with_codes(table, "unit_id", units_of(units), said)
    pd.testing.assert_frame_equal(table, before)
    return coded["unit_id"].tolist(), faults


def checks(faults: list[Fault]) -> list[str]:
    return [one.check for one in faults]


def test_keys_and_empty_cells_stay_as_they_are_without_a_word() -> None:
    assert named(["N1", "", "S2"]) == (["N1", "", "S2"], [])


def test_the_exact_name_of_one_unit_is_its_key_without_a_word() -> None:
    assert named(["花木街道", "新华村"]) == (["S1", "N4"], [])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("花木街道办事处", "S1"), ("花木 街道", "S1"), ("北蔡", "S2"), ("新华村村民委员会", "N4"), ("新华村委会", "N4"),
        ("南苑一居委", "N5"), ("联洋(一期)居委会", "N6"), ("联洋居委会", "N6"), ("花木街道南苑一居委会", "N5"),
        ("花木社区居委会", "N1"), ("Ｎ４", "N4"),
    ],
)  # fmt: skip
def test_a_name_that_is_the_same_after_suffixes_brackets_and_what_lies_above_is_a_key_with_a_note(
    name: str, key: str
) -> None:
    keys, faults = named([name])
    assert (keys, checks(faults)) == ([key], ["normalised-name"])
    assert faults[0].severity == "note"


def test_a_note_is_given_once_for_each_name_with_its_rows() -> None:
    _, faults = named(["新华", "新华", "新华", "花木街"])
    assert faults[0].line().startswith("d.csv, row 2: 单元: '新华' is taken for 新华村 (N4), in 3 rows.")


def test_one_name_in_two_subdistricts_is_a_fault_and_the_cell_is_empty() -> None:
    keys, faults = named(["东城居民委员会"])
    assert (keys, checks(faults)) == ([""], ["ambiguous-name"])
    assert "东城居民委员会 (N2) or 东城居民委员会 (N3)" in faults[0].what()


@pytest.mark.parametrize(("street", "key"), [("花木街道", "N2"), ("北蔡", "N3"), ("S2", "N3")])
def test_the_street_of_the_row_decides_between_two_units_of_one_name(street: str, key: str) -> None:
    assert named(["东城居民委员会"], 街道=[street]) == ([key], [])


def test_the_name_of_what_lies_above_before_a_name_decides_too() -> None:
    assert named(["北蔡镇东城居委会"])[0] == ["N3"]


def test_a_row_that_names_another_street_than_that_of_its_unit_is_a_fault() -> None:
    keys, faults = named(["新华村"], 街道=["花木街道"])
    assert (keys, checks(faults)) == ([""], ["elsewhere-name"])


@pytest.mark.parametrize(("header", "key"), [("街道", "S1"), ("居委", "N1")])
def test_the_header_says_which_tier_a_name_of_two_tiers_means(header: str, key: str) -> None:
    assert named(["花木"], header=header)[0] == [key]


def test_a_name_of_two_tiers_under_a_header_that_says_none_is_a_fault() -> None:
    assert checks(named(["花木"])[1]) == ["ambiguous-name"]


def test_the_suffix_of_a_name_says_its_tier() -> None:
    assert named(["花木街道办"])[0] == ["S1"]
    assert named(["花木居委会"])[0] == ["N1"]


@pytest.mark.parametrize("name", ["花木镇", "北蔡街道", "新华社区", "新华居委会", "花木村"])
@pytest.mark.parametrize("similar", [None, 0.6])
def test_a_name_with_the_suffix_of_another_kind_of_unit_is_not_taken_for_it(name: str, similar: float | None) -> None:
    keys, faults = named([name], similar=similar)
    assert (keys, checks(faults)) == ([""], ["unknown-unit"])


def test_a_unit_of_that_name_and_another_kind_is_suggested() -> None:
    assert "北蔡镇" in named(["北蔡街道"])[1][0].cure()


@pytest.mark.parametrize("similar", [None, 0.6])
@pytest.mark.parametrize("name", ["联洋(二期)居委会", "联洋(西)社区"])
def test_a_name_with_other_words_in_brackets_is_not_taken(name: str, similar: float | None) -> None:
    assert named([name], similar=similar)[0] == [""]


@pytest.mark.parametrize("name", ["南苑1居委会", "联洋(1期)居委会"])
def test_a_number_in_digits_is_the_same_as_in_chinese(name: str) -> None:
    assert checks(named([name])[1]) == ["normalised-name"]


@pytest.mark.parametrize("similar", [0.6, 0.85])
def test_one_wrong_character_of_a_stem_of_three_is_similar_enough(similar: float) -> None:
    keys, faults = named(["望禾园居委会"], units=ORCHARD, similar=similar)
    assert (keys, checks(faults)) == (["N1"], ["similar-name"])
    assert "0.83" in faults[0].what()


def test_one_wrong_character_of_two_is_taken_only_where_the_study_asks_for_so_little() -> None:
    assert [named(["花禾社区"], similar=similar)[0] for similar in (0.75, 0.8)] == [["N1"], [""]]


def test_names_that_share_little_but_their_suffix_are_not_similar() -> None:
    assert named(["望江亭社区居民委员会"], units=ORCHARD, similar=0.6)[0] == [""]


def test_a_similar_name_is_suggested_and_not_taken_where_the_study_does_not_say_so() -> None:
    keys, faults = named(["新花木街道"], header="街道")
    assert (keys, checks(faults)) == ([""], ["unknown-unit"])
    assert faults[0].severity == "error"
    assert "花木街道" in faults[0].cure()


def test_a_similar_name_is_taken_where_the_study_says_so_with_a_warning_and_its_score() -> None:
    keys, faults = named(["新花木街道"], header="街道", similar=0.8)
    assert (keys, checks(faults)) == (["S1"], ["similar-name"])
    assert (faults[0].severity, "0.89" in faults[0].what()) == ("warning", True)


def test_a_name_below_the_threshold_is_not_taken() -> None:
    assert named(["新花木街道"], header="街道", similar=0.9)[0] == [""]


def test_a_name_whose_number_differs_is_never_similar() -> None:
    assert checks(named(["南苑二居委会"], similar=0.6)[1]) == ["unknown-unit"]


def test_an_unknown_name_in_very_many_rows_is_one_fault_with_their_number() -> None:
    _, faults = named(["火星"] * 60)
    assert checks(faults) == ["unknown-units"]
    assert "60 rows" in faults[0].what()


def test_names_of_a_tier_that_the_study_has_not_are_left_out_with_a_note() -> None:
    keys, faults = named(["前滩片区", "N1"], header="片区")
    assert (keys, checks(faults)) == (["", "N1"], ["no-such-tier"])


@given(
    st.lists(st.sampled_from(["花木街道", "新华", "N1", "", "东城", "火星"]), max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_no_key(cells: list[str], chance: object) -> None:
    order = list(range(len(cells)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    keys, _ = named(cells)
    assert named([cells[at] for at in order])[0] == [keys[at] for at in order]


@given(
    st.text("甲乙丙丁戊己庚辛", min_size=2, max_size=6), st.sampled_from(["居委会", "社区", "村", "社区居民委员会", ""])
)
def test_a_stem_does_not_depend_on_the_suffix_of_a_tier(stem: str, suffix: str) -> None:
    assert stem_of(stem + suffix)[0] == stem


def all_tables(**given_tables: gpd.GeoDataFrame) -> Tables:
    names = ("facilities", "dwellings", "streets", "ground", "candidates")
    empty = {name: empty_table(name, "EPSG:4549") for name in names}
    sources = (Source("facilities", "f.xlsx", headers=(("serves", "服务单元"), ("unit_id", "居委"))),)
    return Tables(**({"units": units_of()} | empty | given_tables), crs="EPSG:4549", sources=sources)


def facilities(**columns: list[str]) -> gpd.GeoDataFrame:
    table = pd.DataFrame({"facility_id": ["F1"], "name": ["F"]} | columns, dtype="str")
    return gpd.GeoDataFrame(table.assign(row=2), geometry=[None], crs="EPSG:4549")


def test_units_that_a_facility_serves_may_be_named() -> None:
    tables = with_unit_keys(
        all_tables(facilities=facilities(unit_id=["新华村委会"], serves=["新华村：0.6;南苑一:0.4"]))
    )
    assert tables.facilities["serves"].tolist() == ["N4:0.6;N5:0.4"]
    assert tables.facilities["unit_id"].tolist() == ["N4"]
    assert checks(list(tables.faults)) == ["normalised-name", "normalised-name"]


def test_shares_that_name_keys_stay_as_they_are_written() -> None:
    tables = with_unit_keys(all_tables(facilities=facilities(serves=["N4：0.6； N5:0.4"])))
    assert tables.facilities["serves"].tolist() == ["N4：0.6； N5:0.4"]


def test_parents_may_be_named_and_are_of_a_higher_tier() -> None:
    rows = [*UNITS[:2], ("N1", "花木", "neighbourhood", "花木"), ("N4", "新华村", "neighbourhood", "北蔡")]
    tables = with_unit_keys(all_tables(units=units_of(rows)))
    assert tables.units["parent_id"].tolist() == ["", "", "S1", "S2"]


def test_a_parent_that_is_not_there_is_a_fault_of_its_own() -> None:
    rows = [*UNITS[:2], ("N1", "花木", "neighbourhood", "火星")]
    tables = with_unit_keys(all_tables(units=units_of(rows)))
    assert checks(list(tables.faults)) == ["unknown-parent-unit"]


def test_the_place_on_the_ground_says_what_a_unit_lies_in_where_it_states_nothing() -> None:
    rows = [(key, name, tier, "") for key, name, tier, _ in UNITS[:2] + UNITS[3:5]]
    boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    units = units_of(rows).set_geometry(gpd.GeoSeries(boxes, crs="EPSG:4549"))
    table = gpd.GeoDataFrame({"unit_id": ["东城居民委员会"], "街道": ["北蔡镇"]}, geometry=[None])
    coded, _ = with_codes(table, "unit_id", units, Named("居委", lambda at: Where("d.csv", row=at + 2)))
    assert coded["unit_id"].tolist() == ["N3"]


@pytest.mark.parametrize(
    ("name", "check"), [("新华", "normalised-name"), ("火星", "unknown-units"), ("东城居民委员会", "ambiguous-name")]
)
def test_one_line_for_many_rows_has_the_households_of_all(name: str, check: str) -> None:
    n = 60
    homes = pd.DataFrame({"dwelling_id": [f"H{at}" for at in range(n)], "unit_id": [name] * n}, dtype="str")
    known = [float("nan"), *[2.0] * (n - 1)]
    table = gpd.GeoDataFrame(homes.assign(row=range(2, n + 2), households=known), geometry=[None] * n, crs="EPSG:4549")
    (line,) = with_unit_keys(all_tables(dwellings=table)).faults
    assert (line.check, line.where.households) == (check, 118)
