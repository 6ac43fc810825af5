"""Numbers, links, leases, groups and circles that cannot be: one line each, with row and cure, in both languages."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle.errors import StudyError
from lifecircle.places import parentage
from lifecircle.readers.cells import numbers
from lifecircle.readers.inputs import load_inputs
from lifecircle.registers import register_faults
from lifecircle.services import parse_services
from lifecircle.shares import parse_shares
from lifecircle.tables import CONTRACTS, completed
from spoil import CRS, DWELLINGS, HEADERS, ORIGIN_M, REGISTER, edit_text, set_cell, small_study, write_register
from towns import dwellings_at, facilities_at, grid_streets, nested_units, tables_of

ROW = "facilities.xlsx, sheet 设施, row 2"
ROW_ZH = "facilities.xlsx,工作表 设施,第 2 行"
MORE = ("服务用房面积", "办公用房面积", "租赁开始", "租赁到期", "分部所属", "服务功能")


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with the columns of leases, sites, services and parts of areas."""
    folder = small_study(tmp_path_factory.mktemp("drawn"))
    write_register(folder / "facilities.xlsx", (*HEADERS, *MORE), [(*row, *[""] * len(MORE)) for row in REGISTER])
    return folder


@pytest.fixture
def toy(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    folder = Path(shutil.copytree(drawn, tmp_path / "toy"))
    monkeypatch.chdir(folder)
    return folder


def faults(lang: str = "en") -> list[str]:
    study = lc.read_study("study.toml")
    lines: list[str] = lc.find_faults(load_inputs(study), most_m2=study.count.most_m2)[f"line_{lang}"].tolist()
    return lines


def register(**cells: object) -> None:
    """Fill cells of the first facility."""
    for header, value in cells.items():
        set_cell(Path("facilities.xlsx"), 2, header, value)


def dwellings(*rows: str, header: str) -> None:
    """Write the small study's dwellings with one more column."""
    first, *lines = DWELLINGS.splitlines()
    text = [f"{first},{header}", *(f"{line},{cell}" for line, cell in zip(lines, rows, strict=True))]
    Path("dwellings.csv").write_text("\n".join(text), "utf-8")


# cells

READ = ["350㎡", "350 m²", "350平方米", "350 平方米", "３５０", "３５０㎡", "350.0", " 350 ", "350m2", "+350"]
NOT_READ = [
    "约300",
    "300-400",
    "300左右",
    "300+",
    "60%",
    "６０％",
    "3 5",
    "12 50",
    "1,200 300",
    "1,20",
    "三百多",
    "0.35k",
    ">300",
    "300㎡多",
]


@pytest.mark.parametrize("cell", READ)
def test_units_and_wide_digits_around_a_number_are_read(cell: str) -> None:
    values, wrong = numbers(pd.Series([cell]))
    assert (values.tolist(), wrong.tolist()) == ([350.0], [False])


@pytest.mark.parametrize("cell", ["1,200", "1,200 平方米", "１，２００㎡", "1 200", "1 200 m²"])
def test_thousands_separators_are_read(cell: str) -> None:
    assert numbers(pd.Series([cell]))[0].tolist() == [1200.0]


@pytest.mark.parametrize("cell", NOT_READ)
def test_what_is_about_a_number_or_a_share_is_none(cell: str) -> None:
    assert numbers(pd.Series([cell]))[1].tolist() == [True]


def test_a_share_where_square_metres_belong_is_a_fault_in_both_languages(toy: Path) -> None:
    register(服务用房面积="60%")
    assert faults() == [
        f"{ROW}: 服务用房面积 is '60%'; expected square metres such as 300. "
        "Cure: write the number alone, or leave the cell empty if unknown"
    ]
    assert faults("zh") == [f"{ROW_ZH}:服务用房面积 为「60%」,应为平方米数,如 300。处理:请只填数字;不详则留空"]


# numbers that cannot be


def test_households_that_are_not_whole_are_a_fault_with_their_row(toy: Path) -> None:
    edit_text(Path("dwellings.csv"), "D3,three,100", "D3,three,12.5")
    assert faults()[0] == ("dwellings.csv, row 4: 户数 is 12.5; households are whole numbers. Cure: correct the number")
    assert faults("zh")[0] == "dwellings.csv,第 4 行:户数 为 12.5,户数应为整数。处理:请改正该数"


def test_households_made_of_a_population_are_rounded_and_no_fault(toy: Path) -> None:
    text = DWELLINGS.replace("户数", "人口").replace(",100,", ",251,")
    Path("dwellings.csv").write_text(text, "utf-8")
    edit_text(Path("study.toml"), 'path = "dwellings.csv"', 'path = "dwellings.csv"\npeople_per_household = 2.5')
    assert faults() == []
    assert load_inputs(lc.read_study(toy)).dwellings["households"].tolist() == [100.0] * 4


def test_an_absurd_area_is_a_fault_and_not_clipped(toy: Path) -> None:
    register(**{"建筑面积(㎡)": 100_000.5})
    assert faults() == [
        f"{ROW}: 建筑面积(㎡) is 100000.5; expected at most 100,000 m² for one facility. "
        "Cure: correct the number, or raise most_m2 in study.toml, [count]"
    ]
    assert faults("zh")[0].startswith(f"{ROW_ZH}:建筑面积(㎡) 为 100000.5,单个设施不应超过 100,000 m²。处理:")
    register(**{"建筑面积(㎡)": 100_000})
    assert faults() == []


def test_the_study_says_which_area_is_absurd(toy: Path) -> None:
    edit_text(Path("study.toml"), "[walk]", "[count]\nmost_m2 = 349\n\n[walk]")
    assert faults() == [
        f"{ROW}: 建筑面积(㎡) is 350; expected at most 349 m² for one facility. "
        "Cure: correct the number, or raise most_m2 in study.toml, [count]"
    ]


def test_parts_of_an_area_that_sum_to_more_than_it_are_a_fault(toy: Path) -> None:
    register(服务用房面积=300, 办公用房面积=50.01)
    assert faults() == [
        f"{ROW}: 服务用房面积 + 办公用房面积 sum to 350.01 m², more than 建筑面积(㎡), 350 m². "
        "Cure: correct one of these numbers"
    ]
    assert faults("zh") == [
        f"{ROW_ZH}:服务用房面积、办公用房面积合计 350.01 m²,超过建筑面积(㎡) 350 m²。处理:请改正其中有误的数"
    ]


@pytest.mark.parametrize(
    ("whole", "service", "office", "n"),
    [(350, 300, 50, 0), (0.3, 0.1, 0.2, 0), (0.3, 0.1, 0.2000001, 1), (350, 351, "", 1), ("", 300, 300, 0)],
)
def test_parts_are_added_exactly(toy: Path, whole: object, service: object, office: object, n: int) -> None:
    register(**{"建筑面积(㎡)": whole or None, "服务用房面积": service, "办公用房面积": office or None})
    assert sum("sum to" in line for line in faults()) == n


@pytest.mark.parametrize("area", [-1.0, -0.001])
def test_a_negative_number_in_a_table_that_was_not_read_from_a_file_is_a_fault(area: float) -> None:
    units, homes = nested_units([100]), dwellings_at([(200, 200)], [100])
    made = tables_of(units, facilities_at([(200, 200)], areas=[area]), homes, grid_streets(5, 9))
    assert lc.find_faults(made)["line_en"].tolist() == [
        f"facilities, row 1: floor_area_m2 is {area:g}; it must not be below 0. Cure: correct the number"
    ]


# shares


@pytest.mark.parametrize(
    "text",
    ["N1:0.6;N2:0.41", "N1:1.2", "N1:60%", "N1:0", "N1:-1", "N1:", ":0.5", "N1:0.5;N1:0.5", "N1:0.5;;N2:0.5",
     "N1:half", "N1:1e-9", "N1:0.5;N2:0.50000000000000000001"],
)  # fmt: skip
def test_shares_over_1_or_malformed_are_refused(text: str) -> None:
    assert parse_shares(text) is None


@pytest.mark.parametrize("text", ["N1:0.6;N2:0.4", " N1：0.6； N2:.4 ", "N1:０.6;N2:0.40"])
def test_shares_may_be_spaced_and_wide(text: str) -> None:
    assert {key: float(share) for key, share in (parse_shares(text) or {}).items()} == {"N1": 0.6, "N2": 0.4}


def test_shares_that_are_too_much_together_are_told_with_their_sum(toy: Path) -> None:
    register(服务单元="N1:0.6;N2：0.６")
    assert faults() == [
        f"{ROW}: 服务单元 is 'N1:0.6;N2：0.６', which sums to 1.2; expected shares that sum to at most 1. "
        "Cure: correct the shares"
    ]
    assert faults("zh") == [f"{ROW_ZH}:服务单元 为「N1:0.6;N2：0.６」,份额合计 1.2,应不大于 1。处理:请改正份额"]


@pytest.mark.parametrize("text", ["N1:1.2", "N1:0.6;N1:0.6", "N1:0.6;N2:60%"])
def test_shares_that_are_not_understood_have_no_sum(toy: Path, text: str) -> None:
    register(服务单元=text)
    assert faults()[0].startswith(
        f"{ROW}: 服务单元 is '{text}'; expected unit:share;… with shares that sum to at most 1"
    )


@given(st.lists(st.sampled_from(["N1:0.5", "N2:0.5", "N1", "N2", "N3:0.1", "N1:x", ""]), max_size=4))
def test_every_text_of_shares_has_the_fault_that_adding_up_by_hand_finds(parts: list[str]) -> None:
    text = ";".join(parts)
    pairs = [part.partition(":")[::2] for part in parts]
    keys = [key for key, _ in pairs]
    sound = all(key and share != "x" for key, share in pairs) and len(set(keys)) == len(keys)
    total = sum(float(share or 1) for _, share in pairs) if sound else 0
    expected = ["shares-above-one"] if total > 1 else ["unknown-unit"] * keys.count("N3") if sound else ["wrong-shares"]
    facilities = facilities_at([(200, 200)], serves=[text])
    made = tables_of(nested_units([100, 100]), facilities, dwellings_at([]), grid_streets(5, 9))
    found = [one.check for one in register_faults(made, most_m2=1e5)]
    assert found == (expected if text else [])


# links


@given(st.lists(st.integers(-1, 6), min_size=1, max_size=7))
def test_facilities_in_a_circle_are_those_from_which_walking_up_returns(above: list[int]) -> None:
    hosts = [f"F{host + 1}" if 0 <= host < len(above) else "" for host in above]
    facilities = facilities_at([(200, 200)] * len(above), part_of=hosts)
    made = tables_of(nested_units([100]), facilities, dwellings_at([]), grid_streets(5, 9))
    found = [one.where.row for one in register_faults(made, most_m2=1e5) if one.check == "part-circle"]
    expected = []
    for place in range(len(above)):
        step, seen = place, set()
        while 0 <= (step := above[step] if 0 <= step < len(above) else -1) < len(above) and step not in seen:
            seen.add(step)
        if place in seen and above[place] != place:
            expected.append(place + 1)
    assert found == expected


def test_a_register_of_many_wrong_links_has_a_fault_for_each() -> None:
    n = 500
    facilities = facilities_at([(200, 200)] * n, part_of=[f"X{place}" for place in range(n)], areas=[400.0] * n)
    made = tables_of(nested_units([100]), facilities, dwellings_at([]), grid_streets(5, 9))
    checks = [one.check for one in register_faults(made, most_m2=1e5)]
    assert checks == ["unknown-facility"] * n


@pytest.mark.parametrize(
    ("cells", "line", "line_zh"),
    [
        (
            {"分部所属": "F1"},
            "分部所属 names 'F1', the facility itself. Cure: name the main facility, or leave the cell empty",
            "分部所属 所写「F1」是该设施本身。处理:请填写主设施,或留空",
        ),
        (
            {"分部所属": "F9"},
            "分部所属 names facility 'F9', which is not in the register. Cure: use a facility's key",
            "分部所属 所写设施「F9」不在台账中。处理:请填写设施编码",
        ),
        (
            {"分部所属": "F2", "所属设施": "F3"},
            "is part of 'F3' and another site of 'F2'; expected one of the two. "
            "Cure: leave 所属设施 empty if its area adds, else 分部所属",
            "既属于「F3」(面积已含其中),又是「F2」的分部(面积另计),只能填一项。"
            "处理:面积另计的请将 所属设施 留空,否则将 分部所属 留空",
        ),
    ],
    ids=["itself", "unknown", "both"],
)
def test_a_site_of_what_it_cannot_be_is_a_fault(toy: Path, cells: dict[str, object], line: str, line_zh: str) -> None:
    register(**cells)
    assert faults() == [f"{ROW}: {line}"]
    assert faults("zh") == [f"{ROW_ZH}:{line_zh}"]


@pytest.mark.parametrize(
    ("links", "checks"),
    [
        ([("", "F2"), ("", "F1")], ["site-circle", "site-circle"]),
        ([("F2", ""), ("F1", "")], ["part-circle", "part-circle"]),
        ([("F2", ""), ("", "F1")], ["part-circle", "site-circle"]),
        ([("", ""), ("", "F1"), ("", "F2")], []),
    ],
)
def test_sites_and_parts_in_a_circle_are_a_fault_of_each(links: list[tuple[str, str]], checks: list[str]) -> None:
    parts, sites = zip(*links, strict=True)
    facilities = facilities_at(
        [(200 + 20 * one, 200) for one in range(len(links))], part_of=list(parts), site_of=list(sites)
    )
    made = tables_of(nested_units([100]), facilities, dwellings_at([(200, 200)], [100]), grid_streets(5, 9))
    assert sorted(lc.find_faults(made)["check"]) == checks


# leases


def test_a_lease_that_ends_before_it_begins_is_a_fault(toy: Path) -> None:
    register(租赁开始="2025-06-01", 租赁到期="2025-05-31")
    assert faults() == [
        f"{ROW}: 租赁到期 is 2025-05-31, before the lease begins on 2025-06-01. Cure: correct one of the two dates"
    ]
    assert faults("zh") == [f"{ROW_ZH}:租赁到期 为 2025-05-31,早于租赁开始日 2025-06-01。处理:请改正其中一个日期"]


@pytest.mark.parametrize("ends", ["2025-06-01", "2025年6月", ""])
def test_a_lease_may_last_one_day_one_month_or_without_end(toy: Path, ends: str) -> None:
    register(租赁开始="2025年6月", 租赁到期=ends or None)
    assert faults() == []


# units


def put_unit(layer: str, column: str, value: str | list[str]) -> None:
    """Fill the cell of the first unit of a layer, or a whole column."""
    units = gpd.read_file("units.gpkg", layer=layer)
    units.loc[: 0 if isinstance(value, str) else None, column] = value
    units.to_file("units.gpkg", layer=layer, driver="GPKG")


def test_a_parent_of_the_same_or_a_lower_tier_is_a_fault(toy: Path) -> None:
    put_unit("circles", "上级编码", "N1")
    put_unit("neighbourhoods", "上级编码", ["S1", "N1"])
    assert [line for line in faults() if "tier" in line] == [
        "units.gpkg, layer neighbourhoods, row 2: 上级编码 names 'N1', a neighbourhood; N2, a neighbourhood, needs a "
        "unit of a higher tier. Cure: name a unit of a higher tier, or leave the cell empty",
        "units.gpkg, layer circles, row 1: 上级编码 names 'N1', a neighbourhood; C1, a circle, needs a unit of a "
        "higher tier. Cure: name a unit of a higher tier, or leave the cell empty",
    ]
    assert faults("zh")[1] == (
        "units.gpkg,图层 circles,第 1 行:上级编码 所写「N1」是居村,C1是片区,上级单元的层级应更高。"
        "处理:请填写更高层级的单元,或留空"
    )


@pytest.mark.parametrize(("word", "read"), [("城镇", "urban"), ("121", "urban"), ("乡村", "rural"), ("", "")])
def test_a_unit_is_urban_or_rural_in_the_words_of_offices(toy: Path, word: str, read: str) -> None:
    put_unit("neighbourhoods", "城乡分类", word)
    assert faults() == []
    units = load_inputs(lc.read_study(toy)).units.set_index("unit_id")
    assert units.loc["N1", "urban_rural"] == read


def test_a_unit_that_is_neither_urban_nor_rural_is_a_fault(toy: Path) -> None:
    put_unit("neighbourhoods", "城乡分类", "郊外")
    assert faults() == [
        "units.gpkg, layer neighbourhoods, row 1: 城乡分类 is '郊外'; expected one of 城镇 (urban), 农村 (rural). "
        "Cure: use one of these words"
    ]


# services


@pytest.mark.parametrize(
    "text", ["助餐、托育", "助餐；托育", "助餐,托育", "助餐，托育", "助餐/托育", "助餐;托育;", "助餐\n托育"]
)
def test_services_are_split_at_every_separator_that_offices_use(text: str) -> None:
    assert parse_services(text) == ("助餐", "托育")


# groups


def equity(text: str) -> None:
    edit_text(Path("study.toml"), "[walk]", f"[equity]\n{text}\n\n[walk]")


def test_a_group_that_the_dwellings_lack_is_a_fault_with_the_columns_there_are(toy: Path) -> None:
    equity('groups = { "老年人" = "老年人囗" }')
    dwellings("1", "2", "3", "4", header="老年人口")
    assert faults() == [
        "study.toml: [equity] names column '老年人囗', which dwellings.csv lacks; it has 居住点编码, 名称, 户数, 经度, "
        "纬度, 老年人口. Cure: correct the name; did you mean '老年人口'?"
    ]
    assert faults("zh") == [
        "study.toml:[equity] 所写列「老年人囗」不在 dwellings.csv 中,现有:居住点编码, 名称, 户数, 经度, 纬度, "
        "老年人口。处理:请改正列名,是否应为「老年人口」?"
    ]


def test_counts_of_a_group_are_read_as_numbers_and_kinds_as_words(toy: Path) -> None:
    equity('groups = { "老年人" = "老年人口", "住户" = "户数" }\nby = ["名称", "urban_rural"]')
    dwellings("30", "1 200", '"1,200"', "", header="老年人口(人)")
    found = load_inputs(lc.read_study(toy)).dwellings
    np.testing.assert_array_equal(found["老年人口"].to_numpy(), [30, 1200, 1200, np.nan])
    assert found["户数"].tolist() == found["households"].tolist() == [100.0] * 4
    assert found["名称"].tolist() == ["one", "two", "three", "four"]
    assert faults() == []


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("many", "老年人口 is 'many'; expected a number such as 300. Cure: write the number alone, or leave the cell "
         "empty if unknown"),
        ("-3", "老年人口 is -3; it must not be below 0. Cure: correct the number"),
    ],
)  # fmt: skip
def test_a_count_of_a_group_that_is_no_number_is_a_fault_with_its_row(toy: Path, cell: str, line: str) -> None:
    equity('groups = { "老年人" = "老年人口" }')
    dwellings("30", cell, "30", "30", header="老年人口")
    assert faults() == [f"dwellings.csv, row 3: {line}"]


# settings


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("date = 2025-12-31", "date = 2025-12-31\nprojected = 2025-12-30",
         "[study] projected is 2025-12-30; it must not be before date, 2025-12-31"),
        ("[walk]", '[count]\nsmall_sites = "drop"\n[walk]',
         "[count] small_sites is 'drop'; expected 'count' or 'exclude'"),
        ("[walk]", "[count]\nmost_m2 = 0\n[walk]", "[count] most_m2 is 0; it must be above 0"),
        ("[walk]", "[circles]\nhouseholds = [9000, 5000]\n[walk]",
         "[circles] households is [9000, 5000]; the low end must not be above the high end"),
        ("[walk]", '[circles]\npath = "units.gpkg"\nmake = true\n[walk]',
         "[circles] make is True; it must be false where path names a layer of circles"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_a_fault_of_the_study(toy: Path, old: str, new: str, line: str) -> None:
    edit_text(Path("study.toml"), old, new)
    with pytest.raises(StudyError) as raised:
        lc.read_study(toy)
    assert str(raised.value) == f"{toy}/study.toml: {line}. Cure: correct it"
    assert "不合要求" not in raised.value.faults[0].line("zh")


def test_settings_of_counting_have_documented_defaults(toy: Path) -> None:
    study = lc.read_study(toy)
    assert (study.count.small_sites, study.count.split_sites) == ("count", "each")
    assert (study.count.least_m2, study.count.most_m2, study.equity.least) == (300, 100_000, 30)
    assert (study.study.projected, study.circles.given) == (None, None)
    assert not study.circles.make


# circles of a layer of their own


def use_circles(*boxes: tuple[str, int, int]) -> None:
    """Write a layer of circles, (key, west, east) in metres on the grid, and let the study read it."""
    x, y = ORIGIN_M
    shapes = [shapely.box(x + west, y, x + east, y + 300) for _, west, east in boxes]
    keys = [key for key, _, _ in boxes]
    gpd.GeoDataFrame({"单元编码": keys}, geometry=shapes, crs=CRS).to_file("circles.gpkg", layer="made")
    edit_text(Path("study.toml"), "[walk]", '[circles]\npath = "circles.gpkg"\n\n[walk]')


def test_circles_of_a_layer_take_the_place_of_any_others_and_hold_the_neighbourhoods_that_live_there(toy: Path) -> None:
    use_circles(("K1", 0, 250), ("K2", 250, 600))
    tables = load_inputs(lc.read_study(toy))
    units = tables.units.set_index("unit_id")
    assert units.index[units["tier"] == "circle"].tolist() == ["K1", "K2"]
    above = parentage(tables.units, tables.dwellings)
    assert above.loc[["N1", "N2", "K1"], ["parent_id", "how"]].to_numpy().tolist() == [
        ["K1", "share"],
        ["K2", "share"],
        ["S1", "share"],
    ]


def test_a_neighbourhood_that_states_its_subdistrict_belongs_to_the_circle_where_it_lies(toy: Path) -> None:
    put_unit("neighbourhoods", "上级编码", "S1")
    use_circles(("K1", 0, 300), ("K2", 300, 600))
    tables = load_inputs(lc.read_study(toy))
    assert parentage(tables.units, tables.dwellings).loc["N1"].tolist() == ["K1", "share"]
    assert faults() == []


def test_a_fault_of_a_circle_names_its_own_file_where_one_layer_holds_all_other_units(toy: Path) -> None:
    layers = {"subdistricts": "街道", "neighbourhoods": "居村"}
    parts = [gpd.read_file("units.gpkg", layer=layer).assign(层级=tier) for layer, tier in layers.items()]
    gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS).to_file("all.gpkg", layer="all")
    lines = Path("study.toml").read_text("utf-8").splitlines()
    kept = [line.replace("units.gpkg", "all.gpkg") for line in lines if not line.startswith("layers")]
    Path("study.toml").write_text("\n".join(kept), "utf-8")
    use_circles(("K1", 0, 300), ("district", 300, 600))
    assert [line.split(":")[0] for line in faults()] == ["all.gpkg, row 2", "all.gpkg, row 3", "circles.gpkg, row 2"]


def test_a_neighbourhood_that_states_one_of_those_circles_stays_in_it(toy: Path) -> None:
    use_circles(("C1", 0, 300), ("K2", 300, 600))
    above = parentage(load_inputs(lc.read_study(toy)).units)
    assert above.loc["N2"].tolist() == ["C1", "stated"]
    assert faults() == [
        "units.gpkg, layer neighbourhoods, row 2: unit N2 (N2) does not nest: 200 of its 200 known households live "
        "outside C1, and of its area 100 % in K2; it is counted in C1, as stated. "
        "Cure: correct the boundaries, or state the unit above it",
        "circles.gpkg, row 2: the households of K2 are not stated. "
        "Cure: find them out and fill them in: verdicts wait for them",
    ]


def test_a_fault_in_a_layer_of_circles_names_its_file(toy: Path) -> None:
    use_circles(("K1", 0, 300), ("K1", 300, 600))
    assert faults() == [
        "circles.gpkg, row 2: 单元编码 'K1' stands also in row 1. Cure: give every row a key of its own"
    ]


def test_a_missing_layer_of_circles_is_named_with_its_setting(toy: Path) -> None:
    use_circles(("K1", 0, 600))
    Path("circles.gpkg").unlink()
    assert faults() == [
        "circles.gpkg: the file does not exist. Cure: put it there or correct `[circles] path` in study.toml"
    ]


# a province that only counts


def only_units_and_facilities() -> None:
    text = Path("study.toml").read_text("utf-8")
    kept = [part for part in text.split("\n\n") if not part.startswith(("[dwellings]", "[streets]"))]
    Path("study.toml").write_text("\n\n".join(kept), "utf-8")


def test_a_study_without_dwellings_and_streets_reads_empty_tables_and_finds_no_fault_in_them(toy: Path) -> None:
    only_units_and_facilities()
    tables = lc.read_inputs(lc.read_study(toy))
    assert (len(tables.dwellings), len(tables.streets), len(tables.units)) == (0, 0, 4)
    assert {tables.dwellings.crs, tables.streets.crs, tables.units.crs} == {tables.units.crs}
    assert faults() == []


def test_units_whose_households_nobody_needs_are_silent_without_dwellings(toy: Path) -> None:
    only_units_and_facilities()
    units = gpd.read_file("units.gpkg", layer="neighbourhoods").drop(columns="常住户数")
    units.to_file("units.gpkg", layer="neighbourhoods", driver="GPKG")
    assert faults() == []


def test_groups_need_dwellings(toy: Path) -> None:
    only_units_and_facilities()
    equity('groups = { "老年人" = "老年人口" }')
    assert faults() == ["study.toml: dwellings (named in [equity]) is missing. Cure: add it"]


# the contract


def test_a_table_of_fewer_columns_is_completed_with_what_is_unknown() -> None:
    bare = gpd.GeoDataFrame({"facility_id": ["F1"], "kind": ["childcare"]})
    full: Any = completed(bare, "facilities").iloc[0]
    assert {one.name for one in CONTRACTS["facilities"]} <= set(full.index)
    assert (full["site_of"], full["services"]) == ("", "")
    assert pd.isna(full["lease_from"])
    assert np.isnan(full["floor_area_m2"])
    assert bare.columns.tolist() == ["facility_id", "kind"]


def test_new_columns_of_the_register_are_read(toy: Path) -> None:
    register(租赁开始="2025-06-01", 分部所属="F2", 服务功能="助餐、托育")
    first = load_inputs(lc.read_study(toy)).facilities.iloc[0]
    assert (first["lease_from"].date(), first["site_of"]) == (dt.date(2025, 6, 1), "F2")
    assert parse_services(first["services"]) == ("助餐", "托育")
