"""The manifest: what went into a result, so that it can be made again."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from lifecircle import __version__
from lifecircle.crs import scale_error
from lifecircle.network import Network
from lifecircle.standards import Standard
from lifecircle.study import Study
from lifecircle.tables import Source, Tables

_ADDRESS = re.compile(r"^([a-z][a-z0-9+]*://)(?:[^/@]*@)?", re.IGNORECASE)
_LIBRARIES = ("geopandas", "numba", "numpy", "osmium", "pandas", "pyogrio", "pyproj", "scipy", "shapely")


def manifest_of(
    study: Study, tables: Tables, standards: Sequence[Standard], network: Network | None, summary: Mapping[str, Any]
) -> dict[str, Any]:
    """Inputs with sha256 and understood headers, parameters, standards, versions and totals."""
    return {
        "schema": "lifecircle-manifest/1",
        "study": _settings(study),
        "inputs": [*(_input(path, tables) for path in _paths(study, tables)), *_databases(tables)],
        "crs": tables.crs,
        "scale_error": round(scale_error(tables.crs, tuple(tables.units.total_bounds)), 6),
        "standards": [
            {"id": one.id, "document": one.citation, "status": one.status, "source": one.source.en} for one in standards
        ],
        "network": None if network is None else _network(network, tables),
        "versions": {"lifecircle": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "totals": {key: summary[key] for key in ("households", "facilities", "faults")},
    }


def _network(network: Network, tables: Tables) -> dict[str, Any]:
    return {
        "nodes": len(network.node_x),
        "edges": len(network.edge_m),
        "km": round(float(network.edge_m.sum()) / 1000, 3),
        "islands": int(network.island.max()) + 1,
        "known_area": "stated" if tables.extent is not None else "hull of the streets",
    }


def _paths(study: Study, tables: Tables) -> list[Path]:
    """Every file that was read: the study, its standards and walking settings, the inputs with what belongs to them."""
    own = [name for name in study.study.standards if name.endswith(".toml")]
    own += [study.walk.settings] if study.walk.settings else []
    read = dict.fromkeys(Path(source.path) for source in tables.sources if not source.sha256)
    stated = [study.path, *map(study.file, own)]
    return [path for path in (*stated, *(part for path in read for part in _parts(path))) if path.exists()]


def _parts(path: Path) -> list[Path]:
    """A file with the files beside it that belong to it, or the files of a folder."""
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(part for part in path.parent.glob(f"{path.stem}.*") if part.is_file())
    return [path]


def _input(path: Path, tables: Tables) -> dict[str, Any]:
    read = [source for source in tables.sources if Path(source.path) == path]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"file": path.name, "sha256": digest, "read_as": [_read_as(one) for one in read]}


def _databases(tables: Tables) -> list[dict[str, Any]]:
    """Tables of databases, each with the sha256 of its rows as they were read."""
    read = [source for source in tables.sources if source.sha256]
    return [{"file": one.path, "sha256": one.sha256, "read_as": [_read_as(one)]} for one in read]


def _read_as(source: Source) -> dict[str, Any]:
    read = {"table": source.table, "layer": source.sheet, "crs": source.crs, "headers": dict(source.headers)}
    as_of = source.as_of.isoformat() if source.as_of else ""
    return read | {
        name: text
        for name, text in (("datum", source.datum), ("as_of", as_of), ("unread", list(source.unread)))
        if text
    }


def _settings(study: Study) -> dict[str, Any]:
    """The study as it was read; of absolute paths the file's name, of databases and web addresses the place alone."""
    content: dict[str, Any] = _without_folders(study.model_dump(mode="json"))
    return content


def _without_folders(value: Any) -> Any:
    """A setting without folders of the machine, names of users and what follows a web address."""
    if isinstance(value, dict):
        return {key: _without_folders(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_folders(one) for one in value]
    if not isinstance(value, str):
        return value
    if _ADDRESS.match(value):
        return _ADDRESS.sub(r"\1", value).partition("?")[0]
    for path in (PurePosixPath(value), PureWindowsPath(value)):
        if path.is_absolute():
            return path.name
    return value
