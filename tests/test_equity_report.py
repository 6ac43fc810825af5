"""What the report says of groups and of made circles: the tables' own numbers, read back, and nothing suppressed."""

from __future__ import annotations

import html
import io
import math
import re
import shutil
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from python_calamine import load_workbook
from rich.cells import cell_len
from rich.console import Console

import lifecircle as lc
from lifecircle.publish.binding import binding
from lifecircle.publish.folder import write_report
from lifecircle.publish.page import page_html
from lifecircle.publish.report import report_values
from lifecircle.publish.sheets import sheets_of
from lifecircle.publish.terminal import print_result
from samples import assessed_sample

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
KINDS = {"rural": "农村", "urban": "城镇", "others": "其他", "all": "全部", "unknown": "不详", "elderly": "老年",
         "children": "儿童", "registered": "户籍", "low_income": "低收入", "urban_rural": "城乡"}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def report(result: lc.Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports") / "sample-2025"
    return write_report(result, folder, only=["html", "map", "xlsx", "gpkg"])


@pytest.fixture(scope="module")
def section(report: Path) -> str:
    return part((report / "index.html").read_text("utf-8"), "equity")


@pytest.fixture(scope="module")
def circled(tmp_path_factory: pytest.TempPathFactory) -> lc.Result:
    """The sample without its circles, so that some are made."""
    place = tmp_path_factory.mktemp("made") / "sample"
    shutil.copytree(SAMPLE, place)
    units = gpd.read_file(place / "units.gpkg", layer="neighbourhoods")
    units["上级编码"] = units["单元编码"].str[0]
    units.to_file(place / "units.gpkg", layer="neighbourhoods", driver="GPKG")
    text = (place / "study.toml").read_text("utf-8").replace('circle = "circles", ', "")
    (place / "study.toml").write_text(text, "utf-8")
    return lc.assess(place)


@pytest.fixture(scope="module")
def told(circled: lc.Result) -> dict[str, Any]:
    return report_values(circled)


def part(page: str, key: str) -> str:
    """One section of the page, as it is written."""
    return re.search(rf'<section id="{key}">.*?</section>', page, re.S).group(0)  # type: ignore[union-attr]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).strip()


def tables(section: str) -> list[list[list[str]]]:
    """Every table of a section: rows of cells without the dimension; what only phones show is left out."""
    section = re.sub(r'<small class="phone">.*?</small>', "", section)
    bodies = [re.split(r"</thead>", one)[1] for one in re.findall(r'<table class="groups">.*?</table>', section, re.S)]
    rows = [re.findall(r"<tr>.*?</tr>", body, re.S) for body in bodies]
    return [[[text_of(cell) for cell in re.findall(r"<td.*?</td>", row, re.S)] for row in own] for own in rows]


def cut(number: float, *, times: int = 1, digits: int = 2, up: bool = False) -> Decimal:
    """Cut by the decimal module, not by the package."""
    step = Decimal(1).scaleb(-digits)
    return (Decimal(repr(round(number, 9))) * times).quantize(step, ROUND_CEILING if up else ROUND_FLOOR)


def ends(low: float, high: float, **how: int) -> str:
    """A figure as people read it."""
    bottom = f"{cut(low, **how):,}"  # type: ignore[arg-type]
    if math.isinf(high):
        return f"≥ {bottom}"
    top = f"{cut(high, **how):,}"  # type: ignore[arg-type]
    return bottom if bottom == top else f"{bottom}–{top}"


def book(folder: Path, sheet: str) -> pd.DataFrame:
    rows = load_workbook(folder / "tables.xlsx").get_sheet_by_name(sheet).to_python()
    return pd.DataFrame(rows[1:], columns=rows[0])


def with_shares(result: lc.Result, shares: pd.DataFrame) -> lc.Result:
    assert result.equity is not None
    return replace(result, equity=replace(result.equity, shares=shares))


def test_groups_stand_side_by_side_with_the_figures_of_the_table(result: lc.Result, section: str) -> None:
    shares = result.equity.shares
    told = [row for table in tables(section)[: shares["outcome"].nunique()] for row in table]
    assert len(told) == len(shares)
    for cells, row in zip(told, shares.to_dict("records"), strict=True):
        assert cells[0] == KINDS.get(row["group"], row["group"])
        if row["suppressed"]:
            assert cells[1:] == ["少于 30 户,不显示"]
            continue
        assert cells[1] == f"{row['n_low']:,.0f}" + (" + ?" if row["n_high"] > row["n_low"] else "")
        assert cells[2] == ends(row["low"], row["high"], times=100) + "%"
        if row["group"] == "all":
            assert cells[3:] == ["", "", ""]
            continue
        gap = ends(row["gap_low"], row["gap_high"], times=100, up=True)
        assert cells[3] == ("最好" if row["best"] else "≤ " + gap.split("–")[1] if not row["gap_low"] else gap)
        assert cells[4] == ends(row["unserved_share_low"], row["unserved_share_high"], times=100, up=True) + "%"
        over = ends(row["over_representation_low"], row["over_representation_high"], up=True)
        assert cells[5] == ("▲ " if row["over_representation_low"] > 1 else "") + over


def test_minutes_and_floor_area_stand_with_the_figures_of_the_table(result: lc.Result, section: str) -> None:
    spread = result.equity.inequality
    told = [row for table in tables(section)[result.equity.shares["outcome"].nunique() :] for row in table]
    assert len(told) == len(spread)
    for cells, row in zip(told, spread.to_dict("records"), strict=True):
        if row["suppressed"]:
            assert cells[1:] == ["少于 30 户,不显示"]
            continue
        how = {"digits": 2} if row["amount"] == "reachable_m2" else {"digits": 1, "up": True}
        mean, median = (ends(row[f"{one}_low"], row[f"{one}_high"], **how) for one in ("mean", "median"))
        gini = ends(row["gini_low"], row["gini_high"], up=True)
        assert cells[1:] == [f"{row['n']:,.0f}", mean, median, gini]


def test_the_workbook_has_the_shares_cut_as_the_page_has_them(result: lc.Result, report: Path) -> None:
    sheet, shares = book(report, "公平"), result.equity.shares
    assert len(sheet) == len(shares)
    assert (sheet["说明"] == "少于 30 户,不显示").tolist() == shares["suppressed"].tolist()
    for head, column, times, up in (
        ("人群下限", "n_low", 1, False),
        ("比例下限(%)", "low", 100, False),
        ("差距上限(百分点)", "gap_high", 100, True),
        ("占未获服务者,上限(%)", "unserved_share_high", 100, True),
        ("偏高倍数下限", "over_representation_low", 1, True),
    ):
        cells = pd.to_numeric(sheet[head])
        assert cells.isna().tolist() == shares[column].isna().tolist()
        right = [float(cut(one, times=times, up=up)) for one in shares[column].dropna()]
        assert cells.dropna().tolist() == right


def test_the_workbook_has_means_medians_and_gini_indices(result: lc.Result, report: Path) -> None:
    sheet, spread = book(report, "分布"), result.equity.inequality
    assert sheet["组"].tolist() == [KINDS.get(one, one) for one in spread["group"]]
    gini = pd.to_numeric(sheet["基尼系数下限"])
    assert gini.dropna().tolist() == [float(cut(one, up=True)) for one in spread["gini_low"].dropna()]
    assert (sheet["平均上限"] == "∞").tolist() == (spread["mean_high"] == math.inf).tolist()
    hidden = sheet[sheet["说明"] != ""]
    assert len(hidden) == spread["suppressed"].sum()
    assert set(hidden.drop(columns=["看什么", "分组", "组", "说明"]).to_numpy().ravel()) == {""}


def test_no_figure_of_a_suppressed_group_is_published(result: lc.Result, report: Path, section: str) -> None:
    hidden = result.equity.shares.query("suppressed and dimension == '住房类型' and group != 'unknown'")
    assert len(hidden), "the sample has a group that is too small to show"
    numbers = {one.strip(",.") for one in re.findall(r"[\d.,]+", text_of(re.sub(r"points=\"[^\"]*\"", "", section)))}
    workbook = load_workbook(report / "tables.xlsx")
    for group in set(hidden["group"]):
        own = result.dwellings[(result.dwellings["住房类型"] == group) & (result.dwellings["unit_id"] != "")]
        n, reached = own["households"].sum(), own["reach_community_service"] == "reached"
        true = [n, own.loc[~reached, "households"].sum()]
        share = own.loc[reached, "households"].sum() / n
        assert 0 < n < result.study.equity.least
        assert not numbers & {f"{one:.0f}" for one in true if one}
        assert f"{cut(float(share), times=100)}%" not in text_of(section)
        rest = (report / "index.html").read_text("utf-8").replace(section, "")
        assert group not in rest + (report / "map.html").read_text("utf-8") + (report / "summary.json").read_text(
            "utf-8"
        )
        for sheet in map(workbook.get_sheet_by_name, workbook.sheet_names):
            rows = [row for row in sheet.to_python() if group in row]
            assert not [cell for row in rows for cell in row if isinstance(cell, (int, float))]
    for layer in gpd.list_layers(report / "result.gpkg")["name"]:
        table = gpd.read_file(report / "result.gpkg", layer=layer).drop(columns="geometry", errors="ignore")
        grouping = {*result.study.equity.groups.values(), *result.study.equity.by}
        assert not grouping & set(table), "the columns that groups are counted from stay with the office"
        assert not table.isin(set(hidden["group"])).to_numpy().any()


def test_curves_are_drawn_from_the_table_and_of_no_suppressed_group(result: lc.Result, section: str) -> None:
    figures = re.findall(r"<figure.*?</figure>", section, re.S)
    lorenz = result.equity.lorenz
    for figure, (_, curves) in zip(figures, lorenz.groupby("amount", sort=False), strict=True):
        drawn = re.findall(r'<polyline class="curve-\d" points="([^"]*)"', figure)
        names = [text_of(one) for one in re.findall(r"<li>.*?</li>", figure, re.S)][:-1]
        assert names[0] == "全部"
        assert "老洋房" not in names
        for points, name in zip(drawn, names, strict=True):
            key = next(one for one in curves["group"].unique() if KINDS.get(one, one) == name)
            own = curves[(curves["group"] == key) & curves["dimension"].isin(["all", "住房类型"])]
            places = [tuple(map(float, one.split(","))) for one in points.split()]
            assert [(x - 46) / 240 for x, _ in places] == pytest.approx(own["people_share"].tolist(), abs=3e-4)
            assert [(252 - y) / 240 for _, y in places] == pytest.approx(own["amount_share"].tolist(), abs=3e-4)


def test_where_the_unserved_live_is_said_in_numbers_of_the_table(result: lc.Result, section: str) -> None:
    said = [text_of(one) for one in re.findall(r'<p class="told">.*?</p>', section, re.S)][1:]
    for text, row in zip(said, result.equity.unserved.to_dict("records"), strict=True):
        tenth = cut(row["worst_tenth_share"], times=100, up=True)
        assert f"已知 {row['n_unserved']:,.0f} 户" in text
        assert f"住在 {row['n_units']} 个单元中的 {row['n_units_of_half']} 个" in text
        assert f"占 {tenth}%" in text


def test_groups_surely_behind_are_named_the_farthest_first(result: lc.Result, section: str) -> None:
    first = result.equity.shares[result.equity.shares["outcome"] == result.equity.shares["outcome"].iloc[0]]
    behind = first[(first["gap_low"] > 0)].sort_values("gap_low", ascending=False)["group"].head(3)
    said = text_of(re.search(r'<p class="told"><b>(.*?)</b>', section, re.S).group(1))  # type: ignore[union-attr]
    at = [said.index(KINDS.get(one, one)) for one in behind]
    assert at == sorted(at)


def test_a_group_hidden_for_the_sake_of_another_says_so(result: lc.Result) -> None:
    shares = result.equity.shares.copy()
    shares.loc[shares["suppressed"], "suppressed_as"] = "complement"
    page = page_html(report_values(with_shares(result, shares)), "")
    assert "为免推算,不显示" in text_of(part(page, "equity"))
    assert set(sheets_of(with_shares(result, shares))["公平"]["说明"]) == {"", "为免推算,不显示"}


def test_markup_in_a_group_stays_text_and_no_end_of_people_is_a_question_mark(result: lc.Result) -> None:
    shares = result.equity.shares.astype({"group": object})
    shares.loc[shares["group"] == "商品房", ["group", "n_high"]] = ["<b>商品房</b>", math.inf]
    found = part(page_html(report_values(with_shares(result, shares)), ""), "equity")
    assert "<b>商品房" not in found
    row = next(row for row in tables(found)[0] if row[0] == "<b>商品房</b>")
    assert row[1].endswith(" + ?")


def test_a_study_without_groups_or_made_circles_has_no_place_for_them(result: lc.Result) -> None:
    plain = replace(result, equity=None)
    page, sheets = page_html(report_values(plain), ""), sheets_of(plain)
    assert 'id="equity"' not in page
    assert 'id="circles"' not in page
    assert "#equity" not in re.search(r"<nav.*?</nav>", page, re.S).group(0)  # type: ignore[union-attr]
    assert not {"公平", "分布", "片区"} & set(sheets)


def test_made_circles_stand_with_their_objective(circled: lc.Result, told: dict[str, Any]) -> None:
    made = circled.circles
    found = text_of(part(page_html(told, ""), "circles"))
    assert f"{made.objective.n_circles} 个片区" in found
    assert f"合计 {made.objective.out_of_range_households:,.0f} 户" in found
    assert f"{math.ceil(made.objective.household_minutes):,} 户·分钟" in found
    assert "[circles] path" in found
    names = circled.facilities.set_index("facility_id")["name"]
    rows = told["circles"]["rows"]
    assert [row["unit_id"] for row in rows] == made.layer["unit_id"].tolist()
    assert [row["centre"] for row in rows] == [names[one] for one in made.layer["centre_id"]]
    assert [row["minutes"] for row in rows] == [str(cut(one, digits=1, up=True)) for one in made.layer["mean_min"]]
    assert [row["fits"] for row in rows] == made.layer["in_range"].tolist()
    sheet = sheets_of(circled)["片区"]
    assert sheet["户数"].tolist() == made.layer["households"].tolist()
    assert sheet["居村数"].sum() == len(made.members)


def test_what_is_said_of_circles_that_nobody_adopted_binds_nobody(circled: lc.Result, told: dict[str, Any]) -> None:
    assert not binding(circled)[circled.units["tier"] == "circle"].any()
    assert not [card for card in told["figures"] if card["label"]["zh"].startswith("片区:")]


def printed(result: lc.Result, *, lang: str = "zh") -> str:
    about = result.study.study.model_copy(update={"language": lang})
    spoken = replace(result, study=result.study.model_copy(update={"study": about}))
    out = io.StringIO()
    print_result(spoken, Path("out"), Console(width=100, file=out))
    return out.getvalue()


@pytest.mark.parametrize(("lang", "said"), [("zh", "个片区"), ("en", "circles (")])
def test_the_terminal_names_three_missing_numbers_and_the_circles(circled: lc.Result, lang: str, said: str) -> None:
    text = printed(circled, lang=lang)
    assert max(map(cell_len, text.splitlines())) <= 100
    asked = [line for line in text.splitlines() if line.startswith(("  向", "  Ask "))]
    assert len(asked) == min(3, len(circled.missing))
    assert all(name in line for name, line in zip(circled.missing["name"], asked, strict=False))
    assert said in text


def test_the_terminal_has_no_walks_where_none_were_computed(result: lc.Result) -> None:
    assert "15 分钟步行" in printed(result)
    unwalked = replace(result, manifest={**result.manifest, "network": None}, missing=result.missing.head(0))
    text = printed(unwalked)
    assert "分钟步行" not in text
    assert "先核实" not in text
