"""Charts that belong to the slides: their numbers stand in a sheet behind them and can be edited."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lifecircle.publish.plots_gaps import gap_text
from lifecircle.publish.slides_parts import ACCENT, INK, LINE, QUIET, TONES, Box, rgb, set_font, shortened
from lifecircle.publish.slides_parts import Line as Text
from lifecircle.words import both

if TYPE_CHECKING:
    from pptx.slide import Slide

MOST_BARS = 12  # bars that are read from the back of a room
_LONGEST_NAME = 20  # columns of a bar's name
_PALE = "E9B9C0"
_SIZE_PT = 12


def add_gap_chart(slide: Slide, box: Box, table: pd.DataFrame, lang: str) -> None:
    """Add bars of floor area missing by subdistrict, the largest first: what is surely missing, then what may be.

    `table` is that of `gap_table` without its total; bars beyond the most are left out.
    """
    from pptx.enum.chart import XL_CHART_TYPE

    rows = table.sort_values("gap_m2", ascending=False, kind="stable").head(MOST_BARS)
    more = [
        high - low if math.isfinite(high) else 0.0
        for low, high in zip(rows["gap_m2"], rows["gap_high_m2"], strict=True)
    ]
    surely, maybe = both("确定缺", "surely missing")[lang], both("至多再缺", "at most besides")[lang]
    chart = _bars(
        slide, box, XL_CHART_TYPE.BAR_STACKED, list(rows["name"]), {surely: list(rows["gap_m2"]), maybe: more}
    )
    for one, colour in zip(chart.plots[0].series, (TONES["unmet"], _PALE), strict=True):
        _paint(one.format.fill, colour)
    texts = [gap_text(row.gap_m2, row.n_unknown, lang) for row in rows.itertuples()]
    _label(chart.plots[0].series[0], texts, inside=True)
    _legend(chart)


def add_floor_area_chart(slide: Slide, box: Box, table: pd.DataFrame, signs: Mapping[str, str], lang: str) -> None:
    """Add bars of m² per 100 households of the units with the least, each in the colour of its verdict.

    `table` is that of `floor_area_table`; a bar ends at what the unit surely has, its label is the printed figure with
    the sign of its verdict.
    """
    from pptx.enum.chart import XL_CHART_TYPE

    rows = table.head(MOST_BARS)
    name = both("m²/百户", "m² per 100 households")[lang]
    chart = _bars(slide, box, XL_CHART_TYPE.BAR_CLUSTERED, list(rows["name"]), {name: list(rows["low"])})
    series = chart.plots[0].series[0]
    for place, verdict in enumerate(rows["verdict"]):
        _paint(series.points[place].format.fill, TONES.get(verdict, INK))
    signed = zip(rows["shown"], rows["verdict"], strict=True)
    _label(series, [f"{text} {signs.get(verdict, '?')}" for text, verdict in signed], inside=False)


def add_walk_chart(slide: Slide, box: Box, table: pd.DataFrame, limit_min: float, lang: str) -> None:
    """Add the share of households that arrive within so many minutes, those who might, and the limit.

    `table` is that of `minutes_table`; shares are fractions.
    """
    from pptx.chart.data import XyChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.enum.dml import MSO_LINE
    from pptx.util import Pt

    data: Any = XyChartData(number_format="0%")  # type: ignore[no-untyped-call]
    limit = both(f"{limit_min:g} 分钟", f"{limit_min:g} minutes")[lang]
    lines = {
        both("可达", "reach")[lang]: zip(table["minutes"], table["share"], strict=True),
        both("至多可达", "at most")[lang]: zip(table["minutes"], table["may_share"], strict=True),
        limit: [(limit_min, 0.0), (limit_min, 1.0)],
    }
    for name, points in lines.items():
        series = data.add_series(name)
        for x, y in points:
            series.add_data_point(float(x), float(y))
    chart = _added(slide, box, XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, data)
    looks = ((ACCENT, 3.0, None), (ACCENT, 1.25, MSO_LINE.DASH), (TONES["unmet"], 1.5, None))
    for series, (colour, width_pt, dash) in zip(chart.plots[0].series, looks, strict=True):
        series.smooth = False
        series.format.line.color.rgb, series.format.line.width = rgb(colour), Pt(width_pt)
        if dash is not None:
            series.format.line.dash_style = dash
    _axis(chart.value_axis, both("户数占比", "share of households")[lang], "0%", most=1.0, step=0.25)
    _axis(
        chart.category_axis, both("步行分钟", "minutes walked")[lang], "0", most=float(table["minutes"].max()), step=5
    )
    chart.category_axis.has_major_gridlines = False
    _legend(chart)


def _bars(slide: Slide, box: Box, sort: Any, names: list[str], series: dict[str, list[float]]) -> Any:
    """Lying bars with the first on top, without a scale: every bar bears its figure."""
    from pptx.chart.data import CategoryChartData

    data: Any = CategoryChartData(number_format="#,##0.00")  # type: ignore[no-untyped-call]
    data.categories = [shortened(str(one), _LONGEST_NAME) for one in names]
    for name, numbers in series.items():
        data.add_series(name, [float(one) for one in numbers])
    chart = _added(slide, box, sort, data)
    chart.plots[0].gap_width = 45
    if len(series) > 1:
        chart.plots[0].overlap = 100
    chart.category_axis.reverse_order = True
    chart.category_axis.format.line.fill.background()
    set_font(chart.category_axis.tick_labels.font, Text("", _SIZE_PT, INK))
    chart.category_axis.major_tick_mark = _no_tick()
    chart.value_axis.visible = False
    chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = 0
    return chart


def _added(slide: Slide, box: Box, sort: Any, data: Any) -> Any:
    from pptx.util import Inches

    left, top, width, height = (Inches(one) for one in (box.left, box.top, box.width, box.height))
    frame: Any = slide.shapes.add_chart(sort, left, top, width, height, data)
    chart = frame.chart
    chart.has_title = chart.has_legend = False
    set_font(chart.font, Text("", _SIZE_PT, QUIET))
    return chart


def _legend(chart: Any) -> None:
    from pptx.enum.chart import XL_LEGEND_POSITION

    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    set_font(chart.legend.font, Text("", _SIZE_PT, INK))


def _label(series: Any, texts: list[str], *, inside: bool) -> None:
    """Write the printed figure on each bar."""
    from pptx.enum.chart import XL_LABEL_POSITION

    position = XL_LABEL_POSITION.INSIDE_BASE if inside else XL_LABEL_POSITION.OUTSIDE_END
    for place, text in enumerate(texts):
        label = series.points[place].data_label
        label.has_text_frame = True
        label.text_frame.text = text
        label.position = position
        set_font(
            label.text_frame.paragraphs[0].runs[0].font, Text("", _SIZE_PT, "FFFFFF" if inside else INK, bold=inside)
        )


def _axis(axis: Any, title: str, form: str, *, most: float, step: float) -> None:
    axis.minimum_scale, axis.maximum_scale, axis.major_unit = 0, most, step
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = form, False
    axis.has_title = True
    axis.axis_title.text_frame.text = title
    set_font(axis.axis_title.text_frame.paragraphs[0].runs[0].font, Text("", _SIZE_PT, QUIET))
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = rgb(LINE)
    axis.format.line.color.rgb = rgb(LINE)
    axis.major_tick_mark = _no_tick()


def _no_tick() -> Any:
    from pptx.enum.chart import XL_TICK_MARK

    return XL_TICK_MARK.NONE


def _paint(fill: Any, colour: str) -> None:
    fill.solid()
    fill.fore_color.rgb = rgb(colour)
