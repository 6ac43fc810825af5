"""As many random mutations as are asked for: bytes of any file, cells of the register and of the dwellings."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from corpus import FORMS, Case, use
from spoilt_files import cut, damages, flip
from spoilt_names import ODD, TEXTS

from spoil import HEADERS, set_cell

CELLS: tuple[object, ...] = (
    "", " ", "-", "0", "-1", "1e308", "1e-320", "nan", "inf", "约300", "300㎡", "1,200", "１２", "万", "1.2万",
    "2025-02-30", "2025年", "#REF!", "是", "TRUE", 0, -1, 1e308, 7.5, True, False, 10**15,
    *TEXTS.values(), *ODD.values(),
)  # fmt: skip


def more(n: int, seed: int) -> list[Case]:
    """Random cases, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [_one(number, seed, chance) for number in range(n)]


def _one(number: int, seed: int, chance: random.Random) -> Case:
    form, file = chance.choice([one for form in FORMS for one in damages(form)])
    kind = chance.choice(["flip", "flip", "cut", "cells", "cells"])
    if kind == "flip":
        n = chance.choice([1, 1, 2, 4, 16, 256])
        return _case(
            f"{number} of seed {seed}: {n} bytes of {file}", flip(form, file, hash((seed, number)) & 0xFFFF, n)
        )
    if kind == "cut":
        part = chance.random()
        return _case(f"{number} of seed {seed}: {file} cut at {part:.3f}", cut(form, file, part))
    cells = [(chance.randint(1, 5), chance.choice(HEADERS), chance.choice(CELLS)) for _ in range(chance.randint(1, 4))]
    return _case(f"{number} of seed {seed}: cells {[(r, h, repr(v)[:20]) for r, h, v in cells]}", _cells(cells))


def _case(name: str, spoil: Callable[[Path], None]) -> Case:
    return Case(f"more: {name}", "more", "any", spoil)


def _cells(cells: list[tuple[int, str, object]]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = use(folder, "facilities.xlsx")
        for row, header, value in sorted(cells, key=lambda one: -one[0]):  # headers last: cells are found by them
            set_cell(path, row, header, value)

    return spoil
