"""Where keys stand among others: millions of texts at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def places_among(keys: pd.Series | pd.Index, known: Iterable[object]) -> np.ndarray:
    """For each key its place among the known ones, -1 where it is not among them.

    >>> places_among(pd.Series(["b", "x", "a"]), ["a", "b"]).tolist()
    [1, -1, 0]
    """
    wanted, among = pa.array(keys), pa.array(known)
    if wanted.type != among.type:
        return np.asarray(pd.Index(known).get_indexer(pd.Index(keys)))
    return np.asarray(pc.fill_null(pc.index_in(wanted, value_set=among), -1).to_numpy(zero_copy_only=False))
