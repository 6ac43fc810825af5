"""The report's folder appears whole, whatever happens meanwhile, and takes nothing away that others have made."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import lifecircle as lc
from lifecircle.flow import assess_tables
from lifecircle.publish import outputs, swapping
from lifecircle.publish.beside import JobEndedError, run_beside
from lifecircle.publish.swapping import replaced, sha256_of, tidied
from towns import both_standards, dwellings_at, facilities_at, grid_streets, nested_units, tables_of, toy_study

TABLES = ["xlsx", "gpkg"]
KILLS = 20
WRITES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree", "ctypes.dlopen"}
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of this test is forked, which Windows has not")


def small_town() -> lc.Tables:
    """Two neighbourhoods, each with a dwelling and a facility."""
    homes = dwellings_at([(200, 200), (600, 200)], [1000, 1000])
    sites = facilities_at([(100, 100), (500, 100)], areas=[400, 300])
    return tables_of(nested_units([1000, 1000]), sites, homes, grid_streets(17, 9))


@pytest.fixture(scope="module")
def result() -> lc.Result:
    return assess_tables(toy_study(), small_town(), both_standards())


def sums(folder: Path) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}


def forked(work) -> int:  # type: ignore[no-untyped-def]
    """How a process ended that did some work: its exit code, or minus the signal."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            work()
            code = 0
        except lc.LifecircleError as error:
            code = 2
            print(error, flush=True)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(number: int, result: lc.Result, folder: Path) -> int:
    """How a run ended that is killed at the n-th thing that it does with a file, its children with it."""
    left = number

    def hook(event: str, _: object) -> None:
        nonlocal left
        if event in WRITES:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        sys.addaudithook(hook)
        lc.write_report(result, folder, only=TABLES)

    return forked(work)


def n_things(result: lc.Result, folder: Path) -> int:
    """How many things a run does with files."""
    n = 0

    def hook(event: str, _: object) -> None:
        nonlocal n
        n += event in WRITES

    def work() -> None:
        sys.addaudithook(hook)
        lc.write_report(result, folder, only=TABLES)
        (folder.parent / "n").write_text(str(n), "utf-8")

    assert forked(work) == 0
    return int((folder.parent / "n").read_text("utf-8"))


@forks
def test_a_run_killed_at_any_of_twenty_points_leaves_a_whole_report_and_the_next_run_takes_its_traces_away(
    result: lc.Result, tmp_path: Path
) -> None:
    folder = lc.write_report(result, tmp_path / "new", only=TABLES)
    new = sums(folder)
    old_folder = lc.write_report(result, tmp_path / "report", only=["xlsx"])
    old = sums(old_folder)
    assert old != new
    n = n_things(result, tmp_path / "count" / "report")
    points = sorted({round(1 + place * (n - 1) / (KILLS - 1)) for place in range(KILLS)})
    ended = []
    for point in points:
        if sums(old_folder) != old:
            lc.write_report(result, old_folder, only=["xlsx"])
        ended.append(killed_at(point, result, old_folder))
        assert sums(old_folder) in (old, new), f"killed at {point} of {n}"
    assert len(points) == KILLS
    assert ended.count(-signal.SIGKILL) >= KILLS - 1
    lc.write_report(result, old_folder, only=TABLES)
    assert sums(old_folder) == new
    assert {path.name for path in tmp_path.iterdir()} == {"new", "report", "count"}


@pytest.mark.parametrize("by_exchange", [True, False])
def test_a_folder_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_exchange: bool
) -> None:
    if not by_exchange:
        monkeypatch.setattr(swapping, "_exchanged", lambda draft, folder: False)
    folder = tmp_path / "report"
    for text in ("one", "two", "three"):
        with replaced(folder) as draft:
            (draft / "a.txt").write_text(text, "utf-8")
        assert (folder / "a.txt").read_text("utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_where_the_second_renaming_fails_the_first_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapping, "_exchanged", lambda draft, folder: False)
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "a.txt").write_text("old", "utf-8")
    rename = Path.rename

    def refuses(self: Path, target: Path) -> Path:
        if ".partial-" in self.name and target == tmp_path / "report":
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(PermissionError), replaced(tmp_path / "report") as draft:
        (draft / "a.txt").write_text("new", "utf-8")
    assert (tmp_path / "report" / "a.txt").read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_folder_that_a_killed_run_had_set_aside_is_put_back(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    old = tmp_path / f".report.old-{swapping._HOST}-{ended.pid}-x"
    old.mkdir()
    (old / "a.txt").write_text("old", "utf-8")
    tidied(tmp_path / "report")
    assert (tmp_path / "report" / "a.txt").read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_the_draft_of_a_run_that_is_at_work_is_left_alone(tmp_path: Path) -> None:
    with replaced(tmp_path / "report") as draft:
        tidied(tmp_path / "report")
        assert draft.is_dir()


@forks
def test_a_full_disk_ends_in_one_line_and_leaves_the_last_report(
    result: lc.Result, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=TABLES)
    before = sums(folder)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        lc.write_report(result, folder, only=TABLES)

    assert forked(work) == 2
    assert "无法写入" in capfd.readouterr().out
    assert sums(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize("mark", ["~$tables.xlsx", ".~lock.tables.xlsx#"])
def test_a_workbook_that_is_open_in_an_office_program_is_named(result: lc.Result, tmp_path: Path, mark: str) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=TABLES)
    before = sums(folder)
    (folder / mark).write_text("", "utf-8")
    with pytest.raises(lc.LifecircleError, match=r"tables\.xlsx:正在办公软件中打开,未写入任何内容"):
        lc.write_report(result, folder, only=TABLES)
    (folder / mark).unlink()
    assert sums(folder) == before


def test_what_others_put_there_and_documents_they_changed_are_kept(result: lc.Result, tmp_path: Path) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=TABLES)
    fresh = sums(folder)
    (folder / "意见.docx").write_text("同意", "utf-8")
    (folder / "photos").mkdir()
    (folder / "photos" / "1.jpg").write_text("jpg", "utf-8")
    with (folder / "tables.xlsx").open("ab") as file:
        file.write(b"changed")
    changed = sha256_of(folder / "tables.xlsx")
    lc.write_report(result, folder, only=TABLES)
    assert sums(folder) == fresh | {"意见.docx": sha256_of(folder / "意见.docx"), "tables.edited.xlsx": changed}
    assert (folder / "photos" / "1.jpg").read_text("utf-8") == "jpg"
    with (folder / "tables.xlsx").open("ab") as file:
        file.write(b"changed again")
    lc.write_report(result, folder, only=TABLES)
    assert sha256_of(folder / "tables.edited.xlsx") == changed
    assert (folder / "tables.edited-2.xlsx").is_file()


def test_a_document_that_the_last_run_did_not_write_is_kept(result: lc.Result, tmp_path: Path) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=["gpkg"])
    (folder / "tables.xlsx").write_text("the office's own", "utf-8")
    lc.write_report(result, folder, only=["gpkg"])
    assert (folder / "tables.xlsx").read_text("utf-8") == "the office's own"


def test_a_report_behind_a_link_is_replaced_where_it_lies(result: lc.Result, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "latest").symlink_to(tmp_path / "share", target_is_directory=True)
    lc.write_report(result, tmp_path / "latest", only=["gpkg"])
    assert (tmp_path / "latest").is_symlink()
    assert "result.gpkg" in sums(tmp_path / "share")


def test_folders_of_others_with_like_names_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".report.partial-foo").mkdir()
    tidied(tmp_path / "report")
    assert (tmp_path / ".report.partial-foo").is_dir()


def test_a_documents_name_that_is_not_known_is_refused_with_those_that_are(result: lc.Result, tmp_path: Path) -> None:
    with pytest.raises(
        lc.LifecircleError, match=r"there is no document 'xslx'; known: html, map, .*did you mean 'xlsx'"
    ):
        lc.write_report(result, tmp_path / "report", only=["xslx"])
    assert not any(tmp_path.iterdir())


def test_documents_of_an_earlier_run_that_are_no_longer_wanted_go(result: lc.Result, tmp_path: Path) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=TABLES)
    lc.write_report(result, folder, only=["gpkg"])
    assert set(sums(folder)) == {"result.gpkg", "summary.json", "manifest.json"}


def test_the_manifest_has_the_sha256_of_every_other_file(result: lc.Result, tmp_path: Path) -> None:
    folder = lc.write_report(result, tmp_path / "report", only=TABLES)
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    assert files == {name: digest for name, digest in sums(folder).items() if name != "manifest.json"}


def test_a_study_names_the_documents_of_its_report(result: lc.Result, tmp_path: Path) -> None:
    study = toy_study(report={"documents": ["gpkg"]})
    folder = lc.write_report(assess_tables(study, small_town(), both_standards()), tmp_path / "report")
    assert "result.gpkg" in sums(folder)
    assert "tables.xlsx" not in sums(folder)


def test_jobs_beside_each_other_all_run_and_the_first_failure_is_raised(tmp_path: Path) -> None:
    def fails() -> None:
        raise KeyError("two")

    jobs = [lambda name=name: (tmp_path / name).touch() for name in "abc"]
    with pytest.raises(KeyError, match="two"):
        run_beside([jobs[0], fails, jobs[1], jobs[2]])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


@forks
def test_a_job_whose_process_is_killed_is_told() -> None:
    with pytest.raises(JobEndedError, match="ended with -9"):
        run_beside([lambda: None, lambda: os.kill(os.getpid(), signal.SIGKILL)])


def test_every_usual_document_but_parquet_is_written_where_none_is_named() -> None:
    assert outputs.documents_named([]) == ("html", "map", "pdf", "docx", "pptx", "xlsx", "gpkg")
