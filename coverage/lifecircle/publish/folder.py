"""The report folder: it appears whole or not at all."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio

from lifecircle.errors import LifecircleError
from lifecircle.faults import fault
from lifecircle.publish.map import map_html
from lifecircle.publish.page import page_html
from lifecircle.publish.payload import map_payload
from lifecircle.publish.report import report_values
from lifecircle.publish.workbook import write_workbook
from lifecircle.result import Result

FACILITY_COLUMNS = (
    "facility_id", "name", "kind", "tier", "status", "floor_area_m2", "service_area_m2", "office_area_m2", "opens_on",
    "lease_from", "lease_until", "serves", "part_of", "site_of", "services", "unit_id", "counted", "counted_m2",
    "ledger_zh", "ledger_en", "projected_m2", "projected_zh", "projected_en", "households_in_reach",
    "snap_m", "street_id", "island", "snapped",
)  # fmt: skip
_RULE = ("value", "low", "high", "verdict", "gap", "projected", "projected_verdict")
DWELLING_COLUMNS = (
    "dwelling_id",
    "unit_id",
    "households",
    "spread",
    "snap_m",
    "street_id",
    "island",
    "snapped",
    "exit_min",
)


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
        The place is taken by something that is no report of this study, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = lc.write_report(lc.assess("data/sample"), f"{place}/sample-2025")
    ...     print(*sorted(path.name for path in folder.iterdir()))
    index.html manifest.json map.html result.gpkg summary.json tables.xlsx

    """
    folder = Path(folder)
    try:
        _require_free(folder, result)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _write(result, folder)
    except OSError as problem:  # a name that is too long, a folder that may not be written, a full disk
        found = fault("cannot-write", str(folder), found=problem.strerror or problem)
        raise LifecircleError([found], result.study.study.language) from problem
    return folder


def _write(result: Result, folder: Path) -> None:
    with _whole(folder) as draft:
        drawn = map_html(map_payload(result))
        (draft / "map.html").write_text(drawn, "utf-8", newline="\n")
        (draft / "index.html").write_text(page_html(report_values(result), drawn), "utf-8", newline="\n")
        write_workbook(result, draft / "tables.xlsx")
        _write_layers(result, draft / "result.gpkg")
        for name, content in (("summary", result.summary), ("manifest", result.manifest)):
            text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
            (draft / f"{name}.json").write_text(text + "\n", "utf-8", newline="\n")


def _require_free(folder: Path, result: Result) -> None:
    """Raise if the place of a report is taken by anything but an earlier report of the same study."""
    lang, manifest = result.study.study.language, folder / "manifest.json"
    taken = next((one for one in folder.absolute().parents if one.exists() and not one.is_dir()), None)
    if taken is not None:
        raise LifecircleError([fault("file-in-the-way", str(taken))], lang)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        there = json.loads(manifest.read_text("utf-8"))["study"]["study"]
    except (OSError, ValueError, KeyError, TypeError):
        raise LifecircleError([fault("no-report-there", str(folder))], lang) from None
    if (there.get("id"), there.get("name")) != (result.study.study.id, result.study.study.name):
        raise LifecircleError([fault("other-report", str(folder), found=there.get("name"))], lang)


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
        try:
            draft.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
        if old.exists():
            shutil.rmtree(old)
    finally:
        if draft.exists():
            shutil.rmtree(draft)


def _write_layers(result: Result, path: Path) -> None:
    """Write units with every rule's figure and verdict, facilities, and dwellings if any, each as a layer."""
    moment = f"{result.study.study.date.isoformat()}T00:00:00Z"
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": moment})
    try:
        _units_wide(result).to_file(path, layer="units", driver="GPKG")
        _published(result.facilities, FACILITY_COLUMNS).to_file(path, layer="facilities", driver="GPKG", mode="a")
        if len(result.dwellings):
            _published(result.dwellings, DWELLING_COLUMNS).to_file(path, layer="dwellings", driver="GPKG", mode="a")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _published(table: gpd.GeoDataFrame, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """The columns that are published, as far as the table has them: what the office keeps besides stays with it."""
    known = [name for name in columns if name in table]
    measured = [name for name in table if str(name).startswith(("minutes_", "reach_"))]
    return table[[*known, *measured, "geometry"]]


def _units_wide(result: Result) -> gpd.GeoDataFrame:
    """Units with one group of columns for each rule; columns without any value are left out."""
    units = result.tables.units[["unit_id", "name", "tier", "parent_id", "geometry"]]
    for (standard, rule_id), rows in result.units.groupby(["standard", "rule_id"], sort=False):
        prefix = f"{standard}/{rule_id}"
        said = [name for name in _RULE if not rows[name].isin(["", math.nan]).all()]
        said += ["spread_households"] if rows["spread_households"].any() else []
        columns = {name: f"{prefix} {name}" for name in said}
        units = units.merge(
            rows.set_index("unit_id")[list(columns)].rename(columns=columns),
            left_on="unit_id",
            right_index=True,
            how="left",
        )
    return units.dropna(axis="columns", how="all")
