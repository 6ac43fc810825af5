"""Invented names for streets and dwellings."""

import numpy as np

from . import plan
from .things import Town

HEADS = "安宁柏松枫桐桂兰荷菱芷苇禾麦云霞晴露虹星月溪泉汀洲渚鹭雁鹤莺燕琴棋墨砚笛鼓灯帆桨橹锦绣织染陶瓷竹石砖瓦"
TAILS = "安和平宁清秀明光华荣新祥瑞福康泰乐吉"
ESTATES = ["苑", "园", "庭", "里", "家园", "新村", "公寓", "花苑"]


def name_pool(rng: np.random.Generator) -> list[str]:
    """Invented two-character names in a shuffled order."""
    names = [head + tail for head in HEADS for tail in TAILS if head != tail]
    return [names[index] for index in rng.permutation(len(names))]


def short_name(unit: plan.Neighbourhood) -> str:
    """Give a neighbourhood's name without 居委会 or 村."""
    return unit.name[:-3] if unit.name.endswith("居委会") else unit.name.removesuffix("村")


def name_dwellings(town: Town, rng: np.random.Generator) -> None:
    """Put dwellings in the order of their neighbourhoods and name each."""
    order = {unit.unit_id: number for number, unit in enumerate(plan.NEIGHBOURHOODS)}
    town.dwellings.sort(key=lambda dwelling: (order[dwelling.unit_id], -round(dwelling.point.y), dwelling.point.x))
    pool = name_pool(rng)
    for unit in plan.NEIGHBOURHOODS:
        numbers = {"楼栋": 0, "小区": 0, "农宅": 0}
        for dwelling in town.dwellings:
            if dwelling.unit_id != unit.unit_id:
                continue
            numbers[dwelling.kind] += 1
            number = numbers[dwelling.kind]
            dwelling.name = {
                "楼栋": f"{short_name(unit)}{number}号楼",
                "小区": "",
                "农宅": f"{short_name(unit)}农宅{number}",
            }[dwelling.kind] or pool.pop() + ESTATES[int(rng.integers(len(ESTATES)))]
