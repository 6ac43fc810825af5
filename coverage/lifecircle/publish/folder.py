"""The report folder: it appears whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from xlsxwriter.exceptions import XlsxFileError

from lifecircle.errors import LifecircleError
from lifecircle.faults import fault
from lifecircle.publish.outputs import DOCUMENTS, documents_named, write_documents
from lifecircle.publish.swapping import files_open, keep_what_others_made, replaced, sha256_of, tidied
from lifecircle.result import Result
from lifecircle.study import Study

_ALWAYS = ("summary.json", "manifest.json")
_PROBLEMS = (OSError, XlsxFileError, DataSourceError, DataLayerError, FeatureError, sqlite3.Error)


def write_report(result: Result, folder: str | Path, *, only: Collection[str] = ()) -> Path:
    """Write a report folder: page, map, PDF, Word, slides, workbook, layers, summary.json and manifest.json.

    The folder is made beside its place and put there when all of it is written; an earlier report in that place stays
    until then. What others have put into the earlier report is kept, and so is a document that somebody has changed
    since it was written: `report.docx` is then `report.edited.docx` beside the new one.

    Parameters
    ----------
    result
        The result to print.
    folder
        Where the report shall lie.
    only
        Documents that are wanted, of html, map, pdf, docx, pptx, xlsx, gpkg, parquet; where empty those that the study
        names, and where it names none all but parquet. The folder holds no others then.

    Returns
    -------
    Path of the folder.

    Raises
    ------
    LifecircleError
        A document is not known; the place is taken by something that is no report of this study, is open in an office
        program, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = lc.write_report(lc.assess("data/sample"), f"{place}/sample-2025", only=["xlsx", "map"])
    ...     print(*sorted(path.name for path in folder.iterdir()))
    manifest.json map.html summary.json tables.xlsx

    """
    folder, study = Path(folder).resolve(), result.study
    names = documents_named(only) if only else documents_named(study.report.documents, said_in=str(study.path))
    try:
        require_free(folder, study)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with replaced(folder) as draft:
            write_documents(result, draft, names)
            keep_what_others_made(folder, draft, _files_of(folder))
    except _PROBLEMS as problem:  # too long a name, a folder of others, a full disk
        found = getattr(problem, "strerror", None) or problem
        raise LifecircleError([fault("cannot-write", str(folder), found=found)], study.study.language) from problem
    return folder


def require_free(folder: Path, study: Study) -> None:
    """Raise if the place of a report is taken by anything but an earlier report of the same study, or is in use."""
    lang = study.study.language
    taken = next((one for one in folder.absolute().parents if one.exists() and not one.is_dir()), None)
    if taken is not None:
        raise LifecircleError([fault("file-in-the-way", str(taken))], lang)
    tidied(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        there = _manifest(folder)["study"]["study"]
    except (OSError, ValueError, KeyError, TypeError):
        raise LifecircleError([fault("no-report-there", str(folder))], lang) from None
    if (there.get("id"), there.get("name")) != (study.study.id, study.study.name):
        raise LifecircleError([fault("other-report", str(folder), found=there.get("name"))], lang)
    opened = files_open(folder)
    if opened:
        raise LifecircleError([fault("report-open", str(folder / opened[0]))], lang)


def _manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return found


def _files_of(folder: Path) -> dict[str, str]:
    """The files that a run wrote into a folder, with their sha256; a report without them was written by an older one.

    Of an older one nothing can be told apart: its documents are taken as they were written.
    """
    if not (folder / "manifest.json").is_file():
        return {}
    stated = _manifest(folder).get("files")
    if not isinstance(stated, dict):
        known = {*DOCUMENTS.values(), *_ALWAYS}
        stated = {path.name: sha256_of(path) for path in folder.iterdir() if path.name in known and path.is_file()}
    return stated | {"manifest.json": sha256_of(folder / "manifest.json")}
