"""The command line: it reads arguments, calls, and prints."""

from __future__ import annotations

import json
import locale
import os
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lifecircle import __version__
from lifecircle.errors import LifecircleError

if TYPE_CHECKING:
    from lifecircle.download import Place
    from lifecircle.flow import OnStage
    from lifecircle.result import Result
    from lifecircle.study import Study

WRONG_INPUT, FAILED, BELOW_BAR = 2, 3, 1

app = typer.Typer(
    help="Walking reach and compliance of community services. 15分钟社区生活圈:步行可达与设施达标评估。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="study.toml, or the folder that holds it")]
Online = Annotated[
    bool, typer.Option("--allow-network", help="Let the study read files from addresses on the internet.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages, errors apart.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the summary as JSON, and nothing else, on standard output.")
]
Lang = Annotated[
    Literal["zh", "en"] | None, typer.Option("--lang", help="Language of messages; that of the study by default.")
]

_STAGES = {
    "read": ("读取资料", "reading the inputs"),
    "check": ("检查资料", "checking the inputs"),
    "network": ("建立步行网络", "building the walking network"),
    "reach": ("计算步行时间", "computing walks"),
    "comply": ("判定达标", "judging compliance"),
    "publish": ("写出报告", "writing the report"),
}

_STEPS = {
    "place": ("查找边界", "looking up the boundary"),
    "found": ("找到", "found"),
    "streets": ("下载路网", "downloading the streets"),
    "facilities": ("下载设施候选", "downloading facility candidates"),
    "busy": ("服务器繁忙,一分钟后再试", "the server is busy, trying again in a minute"),
}


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet")],
    place: Annotated[
        str | None,
        typer.Option(
            "--place",
            metavar="NAME",
            help="Download boundary, streets and facility candidates of a place from OpenStreetMap, "
            'such as "长宁区, 上海市"; without it, nothing touches the network.',
        ),
    ] = None,
    nominatim_url: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="LIFECIRCLE_NOMINATIM_URL", help="Whom --place asks for the boundary."),
    ] = None,
    overpass_url: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="LIFECIRCLE_OVERPASS_URL", help="Whom it asks for streets and facilities."),
    ] = None,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """Start a study: a commented study.toml, empty workbooks with the expected headers, and what to fill in.

    With --place, boundary, streets and facility candidates are downloaded from OpenStreetMap (ODbL) and filled in.
    """
    from lifecircle.starter import require_free, write_starter

    require_free(folder)
    found = (
        None
        if place is None
        else _download(place, nominatim_url, overpass_url, "" if quiet else lang or _spoken_lang())
    )
    written = write_starter(folder, found)
    if not quiet:
        for path in written:
            _say(f"{path}")


def _download(place: str, nominatim_url: str | None, overpass_url: str | None, told_in: str) -> Place:
    """What OpenStreetMap has of a place, one line on standard error for each step; exit code 3 if it cannot be had."""
    from lifecircle.download import NOMINATIM_URL, OVERPASS_URL, DownloadError, Servers, download_place

    def on_step(step: str, about: str) -> None:
        if told_in:
            _say(f"{_STEPS[step][told_in == 'en']}: {about}")

    servers = Servers(nominatim_url or NOMINATIM_URL, overpass_url or OVERPASS_URL)
    try:
        return download_place(place, servers=servers, on_step=on_step)
    except DownloadError as error:
        _say_faults(error)
        raise typer.Exit(FAILED) from None


@app.command()
def check(
    study: StudyPath,
    xlsx: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the faults into a workbook too, ready to send back, cells marked."),
    ] = None,
    allow_network: Online = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """List the faults of a study's inputs, worst first; exit code 2 if one of them is an error."""
    from lifecircle.flow import check_study
    from lifecircle.publish.checklist import counts_text, faults_json, print_faults, understood_line

    one = _study(study, lang, allow_network=allow_network)
    checked = check_study(one)
    language = one.study.language
    if as_json:
        print(faults_json(checked.faults, language))  # noqa: T201
    else:
        print_faults(checked.faults, language)
    if xlsx is not None:
        from lifecircle.publish.faultbook import layers_of, write_faultbook

        layers = layers_of(one, checked.faults)
        write_faultbook(checked.faults, layers, xlsx, lang=language, name=one.study.name)
    if not quiet:
        for source in checked.tables.sources:
            if source.headers:
                _say(understood_line(source, language))
        _say(counts_text(checked.faults, language))
        if xlsx is not None:
            _say(f"{xlsx}")
    if (checked.faults["severity"] == "error").any():
        raise typer.Exit(WRONG_INPUT)


@app.command()
def assess(
    study: StudyPath,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Report folder; reports/<study>-<year> by default.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Write these documents alone, such as map,xlsx: html, map, pdf, docx, pptx, xlsx, gpkg, parquet.",
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="postgresql://HOST/DB",
            help="Write the result tables into a PostGIS database too; the password comes from PGPASSWORD or pgpass.",
        ),
    ] = None,
    allow_network: Online = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, help="Keep the walking network in this folder for the next run."),
    ] = None,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit with 1 if a smaller share of verdicts than this is met.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """Assess a study and write its report folder."""
    one = _study(study, lang, allow_network=allow_network)
    names, place = [name.strip() for name in (only or "").split(",") if name.strip()], out or Path("reports") / one.name
    _require_ready(one, names, place, to)
    with _progress(one.study.language, quiet=quiet) as on_stage:
        from lifecircle.flow import assess as assess_study
        from lifecircle.publish.folder import write_report

        result = assess_study(one, on_stage=on_stage, cache=cache)
        on_stage("publish")
        if to is not None:
            from lifecircle.publish.database import write_database

            write_database(result, to)
        folder = write_report(result, place, only=names)
    if as_json:
        print(json.dumps(result.summary, ensure_ascii=False, indent=2, allow_nan=False))  # noqa: T201
    elif not quiet:
        _print_result(result, folder)
    page = next((folder / name for name in ("index.html", "map.html") if (folder / name).exists()), folder).resolve()
    if show and not webbrowser.open(page.as_uri()) and not quiet:
        _say(f"{page}")
    if fail_under is not None and _met_share(result) < fail_under:
        raise typer.Exit(BELOW_BAR)


def _require_ready(study: Study, names: list[str], folder: Path, address: str | None) -> None:
    """Raise at once, before anything is computed, if the results could not be written where they are wanted."""
    from lifecircle.publish.folder import require_free
    from lifecircle.publish.outputs import documents_named
    from lifecircle.readers.connections import address_fault

    wrong = None if address is None else address_fault(address)
    if wrong is not None:
        raise LifecircleError([wrong], study.study.language)
    documents_named(names) if names else documents_named(study.report.documents, said_in=str(study.path))
    require_free(folder, study)


@app.command()
def circles(
    study: StudyPath,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="A GeoPackage to write: layers circles and members.")
    ] = Path("circles.gpkg"),
    allow_network: Online = False,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """Group a study's neighbourhoods into circles: edit the layer circles, then name the file in study.toml."""
    one = _study(study, lang, allow_network=allow_network)
    with _progress(one.study.language, quiet=quiet) as on_stage:
        from lifecircle.flow import circles_of
        from lifecircle.publish.layers import write_circles

        made = circles_of(one, on_stage=on_stage)
        on_stage("publish")
        write_circles(made, out)
    if not quiet:
        from lifecircle.publish.circles import objective_text

        _say(objective_text(made.objective)[one.study.language])
        _say(f"{out}")


@app.command()
def standards(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A standard, or the path of its TOML file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema of a standard's file.")] = False,
    quiet: Quiet = False,
    lang: Lang = None,
) -> None:
    """List the standards that ship, or print each rule of one with clause, status and source."""
    from lifecircle.publish.standards_table import print_standards, schema_json, standards_json

    if schema or as_json:
        print(schema_json() if schema else standards_json(name))  # noqa: T201
        return
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    print_standards(name, Console(width=width, highlight=False), lang=lang or "zh")


def main() -> None:
    """Run the command line; a wrong input ends with 2, a failure with 3."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except LifecircleError as error:
        _say_faults(error)
        sys.exit(WRONG_INPUT)
    except Exception as error:  # noqa: BLE001 - the last resort: say what happened and exit as promised
        _say(f"lifecircle {__version__}: {type(error).__name__}: {error}")
        sys.exit(FAILED)


def _say_faults(error: LifecircleError) -> None:
    language = _wanted_lang() or error.lang or _spoken_lang()
    for line in [fault.line(language) for fault in error.faults] or str(error).splitlines():
        _say(line)


def _study(path: Path, lang: Lang, *, allow_network: bool = False) -> Study:
    from lifecircle.study import read_study

    study = read_study(path, allow_network=allow_network)
    if lang is None:
        return study
    return study.model_copy(update={"study": study.study.model_copy(update={"language": lang})})


def _wanted_lang() -> str | None:
    """The language asked for on the command line; what it reads is not known yet when a study cannot be read."""
    words = " ".join(sys.argv).replace("--lang=", "--lang ").split()
    after = words[words.index("--lang") + 1 :] if "--lang" in words else []
    return after[0] if after[:1] in (["zh"], ["en"]) else None


def _spoken_lang() -> str:
    """The language of the terminal, for faults that come before a study says its own."""
    said = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if (said or locale.getlocale()[0] or "").lower().startswith(("zh", "chinese")) else "en"


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


def _print_result(result: Result, folder: Path) -> None:
    """The answer in tables and a few lines, for people."""
    from rich.console import Console

    from lifecircle.publish.terminal import print_result

    print_result(result, folder, Console(width=None if sys.stdout.isatty() else 120))


def _met_share(result: Result) -> float:
    judged = result.units["verdict"].isin(["met", "unmet", "unknown"])
    return float((result.units["verdict"] == "met").sum() / judged.sum()) if judged.any() else 1.0


@contextmanager
def _progress(language: str, *, quiet: bool) -> Iterator[OnStage]:
    """A bar on a terminal; otherwise one line on standard error for each stage that took over a second."""
    names = {stage: pair[0] if language == "zh" else pair[1] for stage, pair in _STAGES.items()}
    if quiet:
        yield lambda stage: None
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=len(names))
            yield lambda stage: bar.update(task, description=names[stage], completed=list(names).index(stage))
        return
    lines = _StageLines(names)
    yield lines.begin
    lines.end()


class _StageLines:
    """One line for each stage that took over a second."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names, self.stage, self.start = names, "", 0.0

    def begin(self, stage: str) -> None:
        self.end()
        self.stage, self.start = stage, time.perf_counter()

    def end(self) -> None:
        seconds = time.perf_counter() - self.start
        if self.stage and seconds > 1:
            _say(f"{self.names[self.stage]}: {seconds:.1f} s")
        self.stage = ""
