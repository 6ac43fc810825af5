"""Draw the catchment of one facility of Porto Alegre with the stairs and gates around it: a picture to look at.

Run `python tests/real/draw_catchment.py OUT.png [FACILITY_ID]`; without one it draws that with most stairs and gates.
The streets lie in ../shared/data beside the project.
Streets © OpenStreetMap contributors (ODbL).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import shapely
from porto_alegre import write_study

import lifecircle as lc

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BANDS = {5: "#125a56", 10: "#4fa79b", 15: "#b7ddd3"}
FRAME_M = 1150


def main(out: Path, facility_id: str) -> None:
    """Two maps beside each other: gates open, and gates closed and no stairs."""
    with tempfile.TemporaryDirectory() as folder:
        tables = lc.read_inputs(lc.read_study(write_study(Path(folder), DATA)))
    facility_id = facility_id or _most_stairs_and_gates(tables)
    one = tables.facilities[tables.facilities["facility_id"] == facility_id]
    if not len(one):
        sys.exit(f"{facility_id} is no facility of the study; the first is {tables.facilities['facility_id'].iloc[0]}")
    ways = {
        "adult, gates open": ("adult", "open"),
        "wheelchair user (no stairs), gates closed": ("wheelchair", "closed"),
    }
    figure, axes = plt.subplots(1, 2, figsize=(17, 9), layout="constrained")
    for axis, (title, (walker, gates)) in zip(axes, ways.items(), strict=True):
        network = lc.build_network(tables.streets, walker=walker, gates=gates, extent=tables.extent)
        _draw(axis, network, tables.streets, one, tables.dwellings)
        axis.set_title(f"{facility_id}: {title}, {network.walker.speed_m_per_s} m/s", loc="left", fontsize=12)
    figure.text(0.01, 0.005, "© OpenStreetMap contributors (ODbL)", fontsize=9, color="#555555")
    figure.savefig(out, dpi=110)


def _most_stairs_and_gates(tables: lc.Tables) -> str:
    """The facility with the most of both in its picture."""
    streets, places = tables.streets, tables.facilities.geometry.to_numpy()
    odd = (streets["highway"] == "steps") | streets["from_barrier"].str.contains("gate")
    near = shapely.STRtree(streets.geometry.to_numpy()[odd]).query(places, "dwithin", FRAME_M)[0]
    return tables.facilities["facility_id"].iloc[np.bincount(near, minlength=len(places)).argmax()]


def _draw(axis, network, streets, one, dwellings) -> None:
    bands = lc.catchments(network, one, limits_min=list(BANDS), bands=True)
    area = bands.geometry.union_all()
    for limit, colour in BANDS.items():
        bands[bands["limit_min"] == limit].plot(ax=axis, color=colour, label=f"{limit} min")
    network.edges.plot(ax=axis, color="#8a8f94", linewidth=0.5)
    steps = streets[streets["highway"] == "steps"]
    if len(steps):
        steps.plot(ax=axis, color="#d1495b", linewidth=2.6)
    gates = streets[streets["from_barrier"].str.contains("gate")]
    gpd.GeoSeries(shapely.get_point(gates.geometry.to_numpy(), 0), crs=streets.crs).plot(
        ax=axis, color="#1d1d1d", marker="s", markersize=16
    )
    minutes = lc.walk_minutes(network, dwellings, one, limit_min=max(BANDS))["dwelling_id"]
    reached = dwellings["dwelling_id"].isin(minutes)
    dwellings[reached].plot(ax=axis, color="#ffffff", edgecolor="#125a56", markersize=26, zorder=5)
    dwellings[~reached].plot(ax=axis, color="#ffffff", edgecolor="#d1495b", marker="X", markersize=26, zorder=5)
    one.plot(ax=axis, color="#f2b134", edgecolor="#1d1d1d", marker="*", markersize=320, zorder=6)
    x, y = one.geometry.iloc[0].x, one.geometry.iloc[0].y
    axis.set(xlim=(x - FRAME_M, x + FRAME_M), ylim=(y - FRAME_M, y + FRAME_M), xticks=[], yticks=[])
    agree = (dwellings.within(area) == reached).mean()
    axis.set_xlabel(
        f"○ dwelling that reaches, × that does not ({agree:.2%} on their side of the drawn edge); "
        "red stairs, ■ gates; dark to light 5, 10, 15 min"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
