"""The drawn sample district, assessed and drawn once by each process that runs tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import lifecircle as lc
from lifecircle.publish.pictures import Picture, pictures_of

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


@cache
def assessed_sample() -> lc.Result:
    """What `assess` finds in the sample; nobody changes it."""
    return lc.assess(SAMPLE)


@cache
def sample_pictures() -> tuple[Picture, ...]:
    """Its maps and plots in Chinese."""
    return pictures_of(assessed_sample(), "zh")
