"""Dwellings that streets do not lead on from: on islands, or cut off by a barrier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from lifecircle.faults import Fault, fault
from lifecircle.provenance import called, where_of
from lifecircle.reach import on_streets
from lifecircle.snapping import Placed
from lifecircle.tables import Tables


def island_table(homes: Placed) -> pd.DataFrame:
    """Every connected part of the network with its streets and who lives on it.

    Returns
    -------
    DataFrame indexed by island (0 is the one with the longest streets)
        metres (of streets), dwellings, households (known ones).

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from shapely import LineString, Point
    >>> lines = [LineString([(0, 0), (900, 0)]), LineString([(0, 50), (80, 50)])]
    >>> network = lc.build_network(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4549"))
    >>> homes = {"dwelling_id": ["D1"], "households": [40]}
    >>> homes = gpd.GeoDataFrame(homes, geometry=[Point(30, 50)], crs="EPSG:4549")
    >>> island_table(lc.place_on_streets(network, homes, key="dwelling_id"))["households"].tolist()
    [0.0, 40.0]

    """
    network = homes.network
    part = network.island[network.edge_from[network.usable]]
    metres = np.bincount(part, weights=network.edge_m[network.usable])
    island, n = on_streets(homes)["island"].to_numpy(), len(metres)
    on_one = island >= 0
    households = homes.places["households"].fillna(0).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "metres": metres,
            "dwellings": np.bincount(island[on_one], minlength=n),
            "households": np.bincount(island[on_one], weights=households[on_one], minlength=n),
        },
        index=pd.RangeIndex(n, name="island"),
    )


def street_faults(tables: Tables, homes: Placed) -> Iterator[Fault]:
    """A warning for every island that somebody lives on, and for every dwelling that a barrier cuts off."""
    found = island_table(homes)
    first = on_streets(homes).drop_duplicates("island").set_index("island")["street_id"]
    for island, row in found.iloc[1:].query("dwellings > 0").iterrows():
        where = replace(where_of(tables, "streets"), households=float(row["households"]))
        values = {"street": first[island], "metres": f"{row['metres']:,.0f}", "n": f"{row['dwellings']:,.0f}"}
        yield fault("on-island", where, **values)
    cut_off = (on_streets(homes)["snapped"] == "cut_off").to_numpy()
    for place in np.flatnonzero(cut_off):
        found_one = called(tables.dwellings, "dwellings", int(place))
        yield fault("cut-off", where_of(tables, "dwellings", int(place)), found=found_one)
