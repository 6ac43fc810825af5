"""The manifest: what went into a result, so that it can be made again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lifecircle import __version__
from lifecircle.network import Network
from lifecircle.standards import Standard
from lifecircle.study import Study
from lifecircle.tables import Tables

_LIBRARIES = ("geopandas", "numba", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "scipy", "shapely")


def manifest_of(
    study: Study, tables: Tables, standards: Sequence[Standard], network: Network, summary: Mapping[str, Any]
) -> dict[str, Any]:
    """Inputs with sha256 and understood headers, parameters, standards, versions and totals."""
    return {
        "schema": "lifecircle-manifest/1",
        "study": study.model_dump(mode="json"),
        "inputs": [_input(study, path, tables) for path in _paths(study, tables)],
        "crs": tables.crs,
        "standards": [
            {"id": one.id, "document": one.document, "status": one.status, "source": one.source} for one in standards
        ],
        "network": {
            "nodes": len(network.node_x),
            "edges": len(network.edge_m),
            "km": round(float(network.edge_m.sum()) / 1000, 3),
            "islands": int(network.island.max()) + 1,
            "known_area": "stated" if tables.extent is not None else "hull of the streets",
        },
        "versions": {"lifecircle": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "totals": {key: summary[key] for key in ("households", "facilities", "faults")},
    }


def _paths(study: Study, tables: Tables) -> list[str]:
    stated = [str(study.path)] if study.path.is_file() else []
    return [*stated, *dict.fromkeys(source.path for source in tables.sources)]


def _input(study: Study, path: str, tables: Tables) -> dict[str, Any]:
    read = [source for source in tables.sources if source.path == path]
    return {
        "file": Path(path).name,
        "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        "read_as": [
            {"table": one.table, "layer": one.sheet, "crs": one.crs, "headers": dict(one.headers)} for one in read
        ],
    }
