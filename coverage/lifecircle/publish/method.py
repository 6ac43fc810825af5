"""How the figures came about, in both languages, and what the run was made of."""

from __future__ import annotations

import json

from lifecircle.intervals import exact, shown
from lifecircle.publish.payload import has_walks
from lifecircle.publish.placed import has_spread, spread_note
from lifecircle.result import Result
from lifecircle.study import study_walker
from lifecircle.walkers import Walker
from lifecircle.words import Words, both

NO_WALKS = both(
    "本次评估没有居住点或道路资料,未计算步行可达。",
    "No walks were computed: the study has no dwellings or no streets.",
)
_GATES = {
    "open": both("没有标明不可通行的门可通行", "gates are open where no tag or gates layer says otherwise"),
    "residents": both(
        "大门只供门内住户外出,外人不得进入(另有标明的除外)",
        "gates let those who live behind them out and nobody in, where no tag or gates layer says otherwise",
    ),
    "closed": both("大门不可通行(另有标明的除外)", "gates are closed where no tag or gates layer says otherwise"),
}
_AREA = both(
    "每百户建筑面积 = 计入设施建筑面积之和 ÷ 户数之和 × 100;"
    "同址设施、在建、规划、停用及租赁到期的设施不计面积;共享设施按份额计。缺口相当的户数 = 缺口面积 ÷ 要求 × 100。",
    "Floor area per 100 households = sum of counted floor area ÷ sum of households × 100. Co-located facilities, those "
    "under construction, planned, closed or with an ended lease add no area; shared ones add their share. "
    "Households owed = gap ÷ what is asked × 100.",
)
_BOUNDS = both(
    "户数或面积不详时不作 0 处理,给出下限与上限;两端结论一致才判定达标或不达标。"
    "显示的数字一律向不利方向截断,不四舍五入。",
    "An unknown area or number of households is never taken as 0: figures carry a low and a high end, and a verdict is "
    "met or unmet only where both agree. Figures are cut to the unfavourable side, never rounded.",
)
_NEAR = both(
    "比例下方一行:时限短 5% 时比例的低端至长 5% 时的高端,最短步行时间在两者之间的已知户数,"
    "以及时限上下 30 秒内的已知户数。",
    "The line under a share: from its low end with a limit 5% shorter to its high end with one 5% longer, the known "
    "households whose shortest walk lies between the two, and those within 30 s of the limit.",
)


def method_texts(result: Result) -> dict[str, list[str]]:
    """The method in a few paragraphs of each language."""
    walks = has_walks(result)
    near = walks and bool((result.units["measure"] == "reached_households_share").any())
    told = [
        *([_walking(result), _unknown_walks(result)] if walks else [NO_WALKS]),
        *([spread_note(result)] if has_spread(result) else []),
        *([_AREA] if _measures_area(result) else []),
        *([_NEAR] if near else []),
        *([_projection(result)] if result.study.study.projected else []),
        _BOUNDS,
        _lengths(result),
    ]
    return {lang: [one[lang] for one in told] for lang in ("zh", "en")}


def manifest_rows(result: Result) -> list[list[str]]:
    """The files with their sums, the network where there is one, and the versions."""
    manifest = result.manifest
    inputs = [[entry["file"], f"sha256 {entry['sha256']}"] for entry in manifest["inputs"]]
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    network = manifest["network"]
    walked = [["network", json.dumps(network, ensure_ascii=False)]] if network is not None else []
    return [*inputs, *walked, ["versions", versions]]


def _measures_area(result: Result) -> bool:
    return bool((result.units["measure"] == "floor_area_per_100_households").any())


def _walking(result: Result) -> Words:
    """Who walks how fast, for how long, through which gates."""
    study, walker = result.study, study_walker(result.study)
    speed, limit = f"{walker.speed_m_per_s:g}", f"{study.walk.limit_min:g}"
    gates, manner, layers = _GATES[study.walk.gates], _manner(walker), _layers(result)
    return both(
        f"步行:{walker.zh or walker.name},{speed} m/s;沿路网最短步行时间,居住点和设施到最近道路的一段也计入;"
        f"不超过 {limit} 分钟为可达(含 {limit} 分钟整)。{gates['zh']}{manner['zh']}{layers['zh']}。",
        f"Walking: {walker.en or walker.name}, {speed} m/s, shortest walk on streets, with the way from each place to "
        f"its street; at most {limit} minutes reaches, exactly {limit} included; "
        f"{gates['en']}{manner['en']}{layers['en']}.",
    )


def _unknown_walks(result: Result) -> Words:
    snap, limit = f"{result.study.walk.snap_m:g}", f"{result.study.walk.limit_min:g}"
    return both(
        f"距可步行道路超过 {snap} 米的居住点不强行接入,判为无法判定;"
        f"若在 {limit} 分钟内可能走出已知路网范围,未达者亦判为无法判定。",
        f"A dwelling farther than {snap} m from any walkable street is not moved: its reach is unknown. So is that of "
        f"one that does not reach but could leave the known streets within {limit} minutes.",
    )


def _projection(result: Result) -> Words:
    """What the figures of the later day take as open."""
    day = result.study.study.projected
    return both(
        f"“到 {day}”一栏另计到该日按所填日期启用的在建、规划设施,并除去届时租赁已到期的;户数与步行仍按现状。",
        f"The column “by {day}” adds what is planned or under construction and opens by then by the date it states, "
        "and leaves out what is no longer leased then; households and walks are as they are.",
    )


def _lengths(result: Result) -> Words:
    off = f"{shown(exact(result.manifest['scale_error']) * 100, up=True)}%"
    crs = result.tables.crs
    return both(f"坐标系 {crs};长度误差不超过 {off}。", f"CRS {crs}; lengths are right within {off}.")


def _manner(walker: Walker) -> Words:
    """What a walker does otherwise than walk every street at one speed."""
    said: list[Words] = []
    if walker.stairs == "never":
        said.append(both("不走楼梯", "no stairs"))
    elif walker.stairs != 1:
        said.append(both(f"楼梯用时为平路的 {walker.stairs:g} 倍", f"stairs take {walker.stairs:g} times as long"))
    if walker.crossing_s:
        wait = f"{walker.crossing_s:g}"
        said.append(both(f"每个信号灯路口等候 {wait} 秒", f"{wait} s at each crossing with lights"))
    if walker.lift_s:
        said.append(both(f"每部电梯等候 {walker.lift_s:g} 秒", f"{walker.lift_s:g} s at each lift"))
    if walker.slope != "none":
        said.append(both("坡度按高程计入用时", "slopes change the time"))
    return _appended(said)


def _layers(result: Result) -> Words:
    """Layers of the study that say where people come out, and where they do not get through."""
    tables = result.tables
    counts = [
        (len(tables.gates), "大门 {} 处按其策略", "{} gates of a layer do as they state"),
        (
            len(tables.compounds),
            "{} 个小区的住户先直线走到大门",
            "dwellings of {} compounds walk straight to a gate first",
        ),
        (len(tables.entrances), "设施出入口 {} 处", "{} entrances of facilities"),
        (len(tables.barriers), "就近上路不跨越 {} 处隔离线", "no place meets its street across {} barriers"),
    ]
    return _appended([both(zh.format(n), en.format(n)) for n, zh, en in counts if n])


def _appended(said: list[Words]) -> Words:
    """Clauses as they stand behind a sentence."""
    return both("".join(f";{one['zh']}" for one in said), "".join(f"; {one['en']}" for one in said))
