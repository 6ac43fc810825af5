"""Maps for print: whole, readable, the same each time, and as the result says."""

from __future__ import annotations

import dataclasses
import io
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shapely.geometry import Point

import lifecircle as lc
from lifecircle.publish.cartography import base_of, draw_reach_map, draw_rule_map
from lifecircle.publish.cartography_labels import placed_labels, shortened
from lifecircle.publish.cartography_margin import round_length_m, true_north
from lifecircle.publish.cartography_sheet import sheet_for
from lifecircle.publish.fonts import drawing_style, printable, regular_font_path, text_width_mm
from lifecircle.publish.pictures import Picture, pictures_of
from samples import assessed_sample

RULE = "shanghai-2021/floor-area"


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assessed_sample()


@pytest.fixture(scope="module")
def pictures(result: lc.Result) -> tuple[Picture, ...]:
    return pictures_of(result, "zh")


def texts_of(figure) -> list[str]:
    return [one.get_text() for one in figure.axes[0].texts]


def renamed(result: lc.Result, names: list[str]) -> lc.Result:
    """The sample with other names of its neighbourhoods."""
    units = result.tables.units
    own = units.index[units["tier"] == "neighbourhood"][: len(names)]
    new = dict(zip(units.loc[own, "unit_id"], names, strict=True))
    called = units["unit_id"].map(new).fillna(units["name"])
    rows = result.units["unit_id"].map(new).fillna(result.units["name"])
    tables = dataclasses.replace(result.tables, units=units.assign(name=called))
    return dataclasses.replace(result, tables=tables, units=result.units.assign(name=rows))


def test_a_map_bears_all_that_a_printed_map_must(result: lc.Result) -> None:
    texts = texts_of(draw_rule_map(result, RULE, "neighbourhood"))
    for said in ("每百户社区综合服务设施建筑面积 · 居村", "北", "评估日期 2025-12-31", "达标", "不达标", "无法判定"):
        assert said in texts
    assert any("≥ 35 m²/百户" in text and "2025 年度评估" in text for text in texts)
    assert any("units.gpkg" in text and "示例道路" in text for text in texts)
    assert any(text.endswith(" km") for text in texts)


def test_the_legends_counts_are_those_of_the_verdicts(result: lc.Result) -> None:
    for tier in ("neighbourhood", "circle"):
        texts = texts_of(draw_rule_map(result, RULE, tier, lang="en"))
        rows = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == tier)]
        for verdict, word in {"met": "met", "unmet": "unmet", "unknown": "unknown"}.items():
            assert texts[texts.index(word) + 1] == str((rows["verdict"] == verdict).sum())


def test_every_unit_with_a_name_has_its_own_figure(result: lc.Result) -> None:
    texts = texts_of(draw_rule_map(result, RULE, "neighbourhood"))
    rows = result.units[(result.units["rule_id"] == "floor-area") & (result.units["tier"] == "neighbourhood")]
    found = [row for row in rows.itertuples() if row.name in texts]
    assert len(found) >= 28
    assert all(texts[texts.index(row.name) + 1] == row.shown for row in found if row.verdict != "not_applicable")


def test_the_legend_of_walks_counts_the_households_of_the_summary(result: lc.Result) -> None:
    texts = texts_of(draw_reach_map(result, "shanghai-15min-goals/reach-2025", lang="en"))
    reach = result.summary["reach"]["community_service"]
    assert texts[texts.index("more than 15 min") + 1] == f"{reach['not_reached']:,.0f}"
    assert texts[texts.index("unknown") + 1] == f"{reach['unknown']:,.0f}"
    bands = [int(texts[texts.index(band) + 1].replace(",", "")) for band in ("≤ 5 min", "5–10 min", "10–15 min")]
    assert sum(bands) == reach["reached"]


def test_labels_lie_in_their_units_and_never_over_each_other(result: lc.Result) -> None:
    base = base_of(result)
    own = (base.units["tier"] == "neighbourhood").to_numpy()
    shapes = base.shapes[own]
    texts = [(name, "42.39") for name in base.units.loc[own, "name"]]
    labels = placed_labels(texts, shapes, shapely.area(shapes), base.sheet, avoid=np.empty((0, 2)))
    boxes = [
        shapely.box(one.x_mm - one.width_mm / 2, one.y_mm - one.height_mm / 2,
                    one.x_mm + one.width_mm / 2, one.y_mm + one.height_mm / 2)
        for one in labels
    ]  # fmt: skip
    assert len(labels) >= 28
    for n, (label, box) in enumerate(zip(labels, boxes, strict=True)):
        assert not any(box.intersects(other) for other in boxes[:n])
        assert shapes[label.number].contains(Point(label.x_mm, label.y_mm))
        assert shapes[label.number].intersection(box).area > 0.6 * box.area


def test_the_more_important_of_two_names_stands_where_one_has_room(result: lc.Result) -> None:
    sheet = base_of(result).sheet
    square = shapely.box(0, 0, 14, 6)
    shapes = np.array([square, square])
    labels = placed_labels([("甲村", ""), ("乙村", "")], shapes, np.array([1.0, 2.0]), sheet, avoid=np.empty((0, 2)))
    assert labels[0].name == "乙村"


def test_odd_names_are_drawn_as_they_are_and_not_as_formulas(result: lc.Result) -> None:
    names = ["$x_1^2$", "a_b^c", "<b>粗</b>", "=1+1", "𠮷村", "一" * 200, "换\n行\u200b村", "😀村", "\\frac{1}{2}"]
    figure = draw_rule_map(renamed(result, names), RULE, "neighbourhood")
    texts = texts_of(figure)
    for name in ("$x_1^2$", "a_b^c", "<b>粗</b>", "=1+1", "𠮷村", "换 行村", "□村"):
        assert name in texts
    assert max(len(text.replace("\n", "")) for text in texts if text.startswith("一一")) <= 22
    with drawing_style():
        figure.savefig(io.BytesIO(), format="svg")  # a missing sign would be a warning, which is an error here


def test_a_rare_sign_is_as_wide_as_a_common_one_and_not_left_out() -> None:
    assert printable("𠮷") == "𠮷"
    assert text_width_mm("𠮷", 10) == pytest.approx(text_width_mm("吉", 10), rel=0.02)


def test_the_readers_settings_are_left_alone() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with drawing_style():
        assert mpl.rcParams["text.parse_math"] is False
    assert dict(mpl.rcParams) == before
    assert regular_font_path().is_file()


@pytest.mark.parametrize("shape", ["point", "sliver", "nothing"])
def test_a_unit_without_area_leaves_a_readable_map(result: lc.Result, shape: str) -> None:
    units = result.tables.units.copy()
    spot = units.geometry.iloc[10].centroid
    odd = {"point": spot.buffer(0.001), "sliver": shapely.LineString([spot, (spot.x + 1, spot.y)]), "nothing": None}
    shapes = units.geometry.tolist()
    shapes[10] = odd[shape]
    units = units.set_geometry(gpd.GeoSeries(shapes, index=units.index, crs=units.crs))
    changed = dataclasses.replace(result, tables=dataclasses.replace(result.tables, units=units))
    texts = texts_of(draw_rule_map(changed, RULE, "neighbourhood"))
    assert "达标" in texts


def test_a_district_that_is_one_point_has_a_sheet() -> None:
    sheet = sheet_for((5.0, 5.0, 5.0, 5.0), paper="A4")
    west, south, east, north = sheet.ground
    assert west < 5 < east
    assert south < 5 < north


def test_no_facilities_and_all_unknown_give_a_map(result: lc.Result) -> None:
    units = result.units.assign(verdict="unknown", shown="≥ 0.00")
    bare = dataclasses.replace(result, facilities=result.facilities.iloc[:0], units=units)
    texts = texts_of(draw_rule_map(bare, RULE, "neighbourhood", lang="en"))
    assert texts[texts.index("unknown") + 1] == "30"
    assert texts[texts.index("met") + 1] == "0"


def test_a_rule_that_is_not_there_is_told_what_there_is(result: lc.Result) -> None:
    with pytest.raises(lc.LifecircleError, match="no such rule; expected one of shanghai-2021/floor-area"):
        draw_rule_map(result, "floor", "neighbourhood")
    with pytest.raises(lc.LifecircleError, match="does not hold for tier 'district'; expected one of subdistrict"):
        draw_rule_map(result, RULE, "district")
    with pytest.raises(lc.LifecircleError, match="limit_min"):
        draw_reach_map(result, RULE)
    with pytest.raises(ValueError, match="expected one of A4, A3, found 'A5'"):
        base_of(result, paper="A5")


def test_a3_shows_the_same_ground_larger(result: lc.Result) -> None:
    small, large = base_of(result).sheet, base_of(result, paper="A3").sheet
    assert large.mm_per_m > 1.3 * small.mm_per_m
    assert (large.width_mm, large.height_mm) == (396, 273)


def test_a_report_has_its_maps_first_then_its_plots(pictures: tuple[Picture, ...]) -> None:
    names = [one.name for one in pictures]
    assert len(set(names)) == len(names)
    assert names[0] == "map-shanghai-2021-floor-area-neighbourhood"
    assert "map-shanghai-15min-goals-reach-2025" in names
    assert names[-4:] == ["plot-minutes", "plot-floor-area", "plot-gaps", "plot-lorenz"]
    assert {one.sort for one in pictures} == {"map", "plot"}
    assert all(one.title and one.caption for one in pictures)


def test_pixels_have_300_an_inch_and_are_small(pictures: tuple[Picture, ...]) -> None:
    for one in pictures:
        image = Image.open(io.BytesIO(one.png))
        assert image.mode == "P"
        assert image.size == pytest.approx((one.width_mm / 25.4 * 300, one.height_mm / 25.4 * 300), abs=1)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert len(one.png) < 600_000


def test_paper_stays_white_and_verdicts_keep_their_colours(pictures: tuple[Picture, ...]) -> None:
    image = np.asarray(Image.open(io.BytesIO(pictures[0].png)).convert("RGB"))
    assert tuple(image[3, -3]) == pytest.approx((255, 255, 255), abs=2)
    assert (np.abs(image.astype(int) - [0xD1, 0x49, 0x5B]).max(axis=2) <= 4).sum() > 10_000


def test_vectors_name_no_day_and_have_each_id_once(pictures: tuple[Picture, ...]) -> None:
    for one in pictures:
        text = one.svg.decode()
        assert "<dc:date>" not in text
        ids = re.findall(r' id="(ground-\d+)"', text)
        assert len(ids) == len(set(ids))
        assert (one.sort == "map") == bool(ids)


def test_the_same_result_gives_the_same_bytes(result: lc.Result) -> None:
    first, second = (draw_rule_map(result, RULE, "circle") for _ in range(2))
    from lifecircle.publish.cartography_bytes import Drawn, png_bytes, svg_bytes

    assert svg_bytes(first) == svg_bytes(second)
    shared = Drawn()
    assert png_bytes(first, shared) == png_bytes(second, shared)


@given(st.floats(1e-3, 1e7))
def test_a_scale_bar_is_round_and_fits(most_m: float) -> None:
    length = round_length_m(most_m)
    assert length <= most_m * (1 + 1e-6)
    assert length > 0.39 * most_m
    assert f"{length:.0e}"[0] in "1245"


def test_the_arrow_points_to_the_pole_where_the_grid_leans() -> None:
    from pyproj import CRS

    east, north = true_north(CRS("EPSG:4549"), (600_000, 3_400_000, 600_000, 3_400_000))
    assert east < -0.005, "east of the central meridian true north lies west of grid north"
    assert north == pytest.approx(1.0, abs=1e-3)


@given(st.text(max_size=300))
def test_any_name_becomes_one_or_two_short_lines(name: str) -> None:
    lines = shortened(name).split("\n")
    assert len(lines) <= 2
    assert sum(map(len, lines)) <= 22
