"""The report folder: it appears whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from lifecircle.errors import LifecircleError
from lifecircle.publish.map import map_html
from lifecircle.publish.page import page_html
from lifecircle.publish.payload import map_payload
from lifecircle.publish.report import report_values
from lifecircle.publish.workbook import write_workbook
from lifecircle.result import Result


def write_report(result: Result, folder: str | Path) -> Path:
    """Write a report folder: index.html, map.html, tables.xlsx, result.gpkg, summary.json, manifest.json.

    The folder is made beside its place and moved there when all of it is written; an earlier report in that place is
    kept until then.

    Parameters
    ----------
    result
        The result to print.
    folder
        Where the report shall lie.

    Returns
    -------
    Path of the folder.

    Raises
    ------
    LifecircleError
        The place is taken by something that is no report.

    """
    folder = Path(folder)
    if folder.exists() and not (folder / "manifest.json").is_file() and (folder.is_file() or any(folder.iterdir())):
        raise LifecircleError(
            f"{folder}: is there already and is no report; nothing was written. Name another folder, or empty this one"
        )
    taken = next((one for one in folder.parents if one.exists() and not one.is_dir()), None)
    if taken is not None:
        raise LifecircleError(f"{taken}: is a file where a folder is needed; nothing was written. Name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _whole(folder) as draft:
        drawn = map_html(map_payload(result))
        (draft / "map.html").write_text(drawn, "utf-8", newline="\n")
        (draft / "index.html").write_text(page_html(report_values(result), drawn), "utf-8", newline="\n")
        write_workbook(result, draft / "tables.xlsx")
        _write_layers(result, draft / "result.gpkg")
        for name, content in (("summary", result.summary), ("manifest", result.manifest)):
            text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
            (draft / f"{name}.json").write_text(text + "\n", "utf-8", newline="\n")
    return folder


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A draft folder that takes the place of `folder` if nothing fails."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)
        old = draft.with_name(draft.name.replace(".partial-", ".old-"))
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)
        if old.exists():
            shutil.rmtree(old)
    finally:
        if draft.exists():
            shutil.rmtree(draft)


def _write_layers(result: Result, path: Path) -> None:
    """Write units with every rule's figure and verdict, facilities and dwellings, each as a layer."""
    moment = f"{result.study.study.date.isoformat()}T00:00:00Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    try:
        _units_wide(result).to_file(path, layer="units", driver="GPKG")
        result.facilities.drop(columns=["row"]).to_file(path, layer="facilities", driver="GPKG", mode="a")
        result.dwellings.drop(columns=["row", "name"]).to_file(path, layer="dwellings", driver="GPKG", mode="a")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _units_wide(result: Result) -> gpd.GeoDataFrame:
    """Units with one group of columns for each rule."""
    units = result.tables.units[["unit_id", "name", "tier", "parent_id", "geometry"]]
    for (standard, rule_id), rows in result.units.groupby(["standard", "rule_id"], sort=False):
        prefix = f"{standard}/{rule_id}"
        columns = {name: f"{prefix} {name}" for name in ("value", "low", "high", "verdict", "gap")}
        units = units.merge(
            rows.set_index("unit_id")[list(columns)].rename(columns=columns),
            left_on="unit_id",
            right_index=True,
            how="left",
        )
    return units.dropna(axis="columns", how="all")
