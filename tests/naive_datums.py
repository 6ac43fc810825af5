"""The shift of Chinese web maps, one place at a time with `math`; undone by trying places ever closer together."""

from __future__ import annotations

from math import atan2, cos, pi, radians, sin, sqrt

WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271


def is_shifted(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Where GCJ-02 shows a place, wherever it is."""
    x, y = lon - 105.0, lat - 35.0
    common = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += 2 / 3 * (common + 20 * sin(y * pi) + 40 * sin(y / 3 * pi))
    north += 2 / 3 * (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += 2 / 3 * (common + 20 * sin(x * pi) + 40 * sin(x / 3 * pi))
    east += 2 / 3 * (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi))
    a, e2 = 6378245.0, 0.00669342162296594323
    w = 1 - e2 * sin(radians(lat)) ** 2
    return (
        lon + east * 180 / (a / sqrt(w) * cos(radians(lat)) * pi),
        lat + north * 180 / (a * (1 - e2) / (w * sqrt(w)) * pi),
    )


def bd09(lon: float, lat: float) -> tuple[float, float]:
    """Where BD-09 shows a place, wherever it is."""
    x, y = gcj02(lon, lat)
    wave = pi * 3000 / 180
    far, angle = sqrt(x * x + y * y) + 0.00002 * sin(y * wave), atan2(y, x) + 0.000003 * cos(x * wave)
    return far * cos(angle) + 0.0065, far * sin(angle) + 0.006


def shown(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """Where a map of this datum shows a place on the ground."""
    if not is_shifted(lon, lat):
        return lon, lat
    return gcj02(lon, lat) if datum == "gcj02" else bd09(lon, lat)


def on_the_ground(lon: float, lat: float, datum: str) -> tuple[float, float]:
    """The place that a map of this datum shows here: of nine tries around the best, the best, ever closer together."""
    if not is_shifted(lon, lat):
        return lon, lat
    show = gcj02 if datum == "gcj02" else bd09

    def off(x: float, y: float) -> float:
        at = show(x, y)
        return max(abs(at[0] - lon), abs(at[1] - lat))

    best, step = (lon, lat), 0.02
    while step > 1e-11:
        tries = [(best[0] + i * step, best[1] + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        found = min(tries, key=lambda one: off(*one))
        if off(*found) >= off(*best):
            step /= 2
        best = found if off(*found) < off(*best) else best
    return best
