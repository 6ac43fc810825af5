"""The command line as a user meets it."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from lifecircle import cli

ROOT = Path(__file__).resolve().parents[1]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["lifecircle", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_new_writes_a_study_that_can_be_read_and_asks_for_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "new", tmp_path / "mine") == 0
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {
        "study.toml", "README.md", "facilities.xlsx", "dwellings.xlsx",
    }  # fmt: skip
    capsys.readouterr()
    assert run(monkeypatch, "check", tmp_path / "mine") == 2
    said = capsys.readouterr().out
    assert "units.gpkg:文件不存在" in said
    assert "streets.osm.pbf:文件不存在" in said
    assert "facilities.xlsx,工作表 设施:没有任何记录" in said


def test_every_header_of_the_new_workbooks_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lifecircle.faults import Where
    from lifecircle.readers.headers import understood_headers

    assert run(monkeypatch, "new", tmp_path / "mine", "--quiet") == 0
    for table, name in (("facilities", "facilities.xlsx"), ("dwellings", "dwellings.xlsx")):
        sheet = openpyxl.load_workbook(tmp_path / "mine" / name).active
        headers = [str(cell.value) for cell in sheet[1]]
        found, faults = understood_headers(headers, Where(name, table), {}, needs_place=True)
        assert not faults
        assert set(headers) - set(found.values()) <= {"备注", "类型"}


def test_new_never_writes_into_a_folder_that_holds_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text("mine", "utf-8")
    assert run(monkeypatch, "new", tmp_path) == 2
    assert "is there already and is not empty; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_standards_lists_each_with_status_and_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "standards") == 0
    said = capsys.readouterr().out
    for name in ("shanghai-2021", "shanghai-15min-goals", "national-14th-plan"):
        assert name in said


def test_a_standard_is_printed_with_clause_status_and_source(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "standards", "shanghai-2021", "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "第十一条" in said
    assert "in force" in said
    assert "read in the document itself" in said


def test_assess_writes_where_it_is_told_and_prints_the_summary_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--out", tmp_path / "here", "--json", "--quiet", "--only", "html")
    assert run(monkeypatch, "assess", ROOT / "data" / "sample", *options) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == json.loads((tmp_path / "here" / "summary.json").read_text("utf-8"))
    assert said.err == ""


def test_a_step_over_a_second_leaves_one_line_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter([0.0, 0.0, 0.4, 0.4, 2.9])
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    lines = cli._StageLines({"read": "reading", "reach": "walking"})
    for stage in ("read", "reach"):
        lines.begin(stage)
    lines.end()
    assert capsys.readouterr().err == "walking: 2.5 s\n"


def test_a_terminal_shows_a_bar_with_the_name_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with cli._progress("en", quiet=False) as on_stage:
        on_stage("reach")
        time.sleep(0.3)
    assert "computing walks" in screen.getvalue()
    assert "3/6" in screen.getvalue()


def test_quiet_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with cli._progress("en", quiet=True) as on_stage:
        on_stage("reach")
    assert capsys.readouterr() == ("", "")
