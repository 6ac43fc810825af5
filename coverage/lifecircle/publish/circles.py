"""Circles that were made for a study: how good they are, which they are, and how to adopt them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from lifecircle.circles import Objective
from lifecircle.circling import circle_size
from lifecircle.intervals import exact, shown
from lifecircle.publish.cards import households_text
from lifecircle.publish.verdict_sheets import Names, titled
from lifecircle.result import Result
from lifecircle.words import Lang, Words, both

_DIGITS = 9  # beyond them a mean is a float's error


def circles_section(result: Result) -> dict[str, Any] | None:
    """The objective in a sentence, every circle, and what to do with them; None where none were made."""
    if result.circles is None:
        return None
    return {
        "objective": objective_text(result.circles.objective),
        "size": _size(result),
        "rows": [_row(row) for row in _table(result).to_dict("records")],
        "adopting": both(
            "片区由本工具划定,涉及片区的判定在正式采用之前仅供参考。采用办法:",
            "Verdicts about these circles are for reference until the office adopts them. To adopt them:",
        ),
        "steps": [
            (both("导出图层", "write the layer"), "lifecircle circles STUDY --out circles.gpkg"),
            (both("在地理信息软件中修改并确认", "edit and settle it in a GIS"), ""),
            (both("写入 study.toml", "name it in study.toml"), '[circles] path = "circles.gpkg"'),
        ],
    }


def circles_sheet(result: Result, lang: Lang) -> pd.DataFrame | None:
    """Every made circle; None where none were made."""
    names: Names = {
        "unit_id": ("片区编码", "circle"),
        "name": ("名称", "name"),
        "parent_id": ("上级编码", "subdistrict"),
        "n_neighbourhoods": ("居村数", "neighbourhoods"),
        "households": ("户数", "households"),
        "centre_id": ("中心设施编码", "centre"),
        "centre": ("中心设施", "centre's name"),
        "mean_min": ("平均步行(分钟)", "mean walk (minutes)"),
        "range": ("规模", "size"),
    }
    if result.circles is None:
        return None
    table = _table(result)
    table["mean_min"] = [_raised(one) for one in table["mean_min"]]
    table["range"] = [_in_range(fits=fits)[lang] for fits in table["in_range"]]
    return titled(table, names, lang)


def objective_text(found: Objective) -> Words:
    """What a grouping is judged by, in one sentence."""
    exactly = found.method == "exact"
    out, walked = households_text(found.out_of_range_households), f"{math.ceil(found.household_minutes):,}"
    least, least_walked = households_text(found.bound_out_of_range), found.bound
    some = "" if exactly or out == least else least
    bound = "" if exactly or least_walked is None else f"{math.floor(least_walked):,}"
    zh = [f"划定 {found.n_circles} 个片区({'精确解' if exactly else '近似解'})"]
    en = [f"{found.n_circles} circles ({'exact: none are better' if exactly else 'heuristic'})"]
    if found.n_without_centre:
        zh.append(f"其中 {found.n_without_centre} 个没有中心")
        en.append(f"{found.n_without_centre} of them without a centre")
    if found.n_no_way:
        zh.append(f"{found.n_no_way} 个居村步行到不了中心")
        en.append(f"{found.n_no_way} neighbourhoods without a way to their centre")
    zh.append(f"超出或不足规模合计 {out} 户" + (f"(至少 {some} 户)" if some else ""))
    en.append(f"{out} households out of range" + (f" (at least {some})" if some else ""))
    zh.append(f"步行到中心合计 {walked} 户·分钟" + (f"(至少 {bound})" if bound else ""))
    en.append(f"{walked} household-minutes to their centres" + (f" (at least {bound})" if bound else ""))
    return both(",".join(zh) + "。", ", ".join(en) + ".")


def _size(result: Result) -> Words:
    """How many households a circle is to have, and whether the study or a standard says so."""
    low, high = (households_text(one) for one in circle_size(result.study, result.standards))
    own = result.study.circles.households is not None
    zh, en = ("项目设定", "set by the study") if own else ("按标准", "by a standard")
    silent = "户数不详的居村按设定范围的中点或已知的中位数计"
    silent_en = (
        "neighbourhoods of unknown households count as the middle of the stated range, or the median of the known"
    )
    return both(f"规模:{low}–{high} 户({zh});{silent}", f"Size: {low}–{high} households ({en}); {silent_en}")


def _table(result: Result) -> pd.DataFrame:
    """The layer without its shapes, with the centres' names and how many neighbourhoods each is made of."""
    if result.circles is None:
        return pd.DataFrame()
    layer, members = result.circles.layer, result.circles.members
    names = dict(zip(result.facilities["facility_id"], result.facilities["name"], strict=True))
    table = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    return table.assign(
        centre=[names.get(one) or one for one in table["centre_id"]],
        n_neighbourhoods=table["unit_id"].map(members["circle_id"].value_counts()).fillna(0).astype(int),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "unit_id": row["unit_id"],
        "n_neighbourhoods": row["n_neighbourhoods"],
        "households": households_text(row["households"]),
        "centre": row["centre"] or "—",
        "centre_id": row["centre_id"],
        "minutes": minutes_text(row["mean_min"]),
        "fits": bool(row["in_range"]),
        "range": _in_range(fits=row["in_range"]),
    }


def _in_range(*, fits: bool) -> Words:
    return both("在范围内", "in range") if fits else both("不在范围内", "out of range")


def _raised(minutes: float) -> float:
    return minutes if math.isnan(minutes) else float(minutes_text(minutes).replace(",", ""))


def minutes_text(minutes: float) -> str:
    """Minutes raised to a tenth; a dash where there is no way.

    >>> minutes_text(15.01), minutes_text(float("nan"))
    ('15.1', '—')
    """
    return "—" if math.isnan(minutes) else shown(exact(round(minutes, _DIGITS)), decimals=1, up=True)
