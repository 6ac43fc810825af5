"""Run the corpus: each case in a process of its own, through the command line, and say how each one ended.

    python tests/fuzz/fuzz.py [--only WORD] [--every N] [--more K] [--seed N] [--workers N] [--json FILE]

A case fails if the program ends with a traceback or a code of its own making, says nothing, writes something beside a
fault, takes over ten seconds or over 1 GB, speaks to the network, or says something else than was expected.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
os.environ["OPENPYXL_LXML"] = "False"  # lxml refuses to write the signs that some cases are about

import corpus  # noqa: E402
import judged  # noqa: E402
import listener  # noqa: E402
from clean import clean_study  # noqa: E402

LIMIT_S = 10.0
LIMIT_MB = 1024
GUARD_B = 6 << 30  # address space beyond that of the parent: no case may take the machine down
IDLE_S = 1.0  # what sleeps that long after the limit waits for something that may never come
PATIENCE = 9.0  # on a busy machine a case may stand still that long for each second that it works


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, or minus the signal; seconds by the clock and at work; memory at most."""

    code: int
    seconds: float
    worked_s: float
    megabytes: float


@dataclass(frozen=True)
class Outcome:
    """How a case ended: `outcome` is read, fault or FAILED, with what failed."""

    name: str
    family: str
    outcome: str
    failed: tuple[str, ...]
    seconds: float
    worked_s: float
    megabytes: float
    said: str


class Runner:
    """Runs cases beside each other in folders of their own."""

    def __init__(self, place: Path, workers: int) -> None:
        self.place, self.workers = place, workers
        self.clean = place / "clean"
        run_alone(lambda: clean_study(self.clean), place / "clean.log", 120)
        self.server = listener.start()
        _warm_up(self.clean, place / "warm")
        self.verdicts = judged.verdicts_of(place / "warm" / "out")

    def outcomes(self, cases: Iterable[corpus.Case]) -> list[Outcome]:
        """How each case ends, in the order of the cases."""
        todo = list(cases)
        share = [todo[number :: self.workers] for number in range(self.workers)]
        files = [self.place / f"outcomes-{number}.jsonl" for number in range(self.workers)]
        pids = [
            _forked(lambda own=own, file=file: self._run_all(own, file)) for own, file in zip(share, files, strict=True)
        ]
        for pid in pids:
            os.waitpid(pid, 0)
        found = [json.loads(line) for file in files if file.exists() for line in file.read_text("utf-8").splitlines()]
        by_name = {one["name"]: Outcome(**one | {"failed": tuple(one["failed"])}) for one in found}
        lost = [
            Outcome(one.name, one.family, "FAILED", ("was not run",), 0, 0, 0, "")
            for one in todo
            if one.name not in by_name
        ]
        return [by_name[one.name] for one in todo if one.name in by_name] + lost

    def _run_all(self, cases: list[corpus.Case], file: Path) -> None:
        with file.open("w", encoding="utf-8") as lines:
            for number, one in enumerate(cases):
                outcome = self.outcome(one, self.place / f"{file.stem}-{number}")
                lines.write(json.dumps(asdict(outcome), ensure_ascii=True) + "\n")
                lines.flush()

    def outcome(self, one: corpus.Case, folder: Path) -> Outcome:
        """How one case ends."""
        log = folder.with_suffix(".log")
        study = folder / "study"
        made = run_alone(lambda: _spoil(one, self.clean, study), log, 60)
        if made.code != 0:
            return Outcome(
                one.name,
                one.family,
                "FAILED",
                ("could not be made",),
                0,
                0,
                0,
                log.read_text("utf-8", "replace")[-600:],
            )
        before = judged.contents(study)
        calls = len(self.server.calls())
        ended = run_alone(lambda: _called(one, study), log, LIMIT_S * PATIENCE, guard=True)
        found = judged.judged(one, study, before, ended.code, self.verdicts)
        failed = [*found.failed]
        if ended.code == -signal.SIGKILL or min(ended.seconds, max(ended.worked_s, ended.seconds / PATIENCE)) > LIMIT_S:
            failed.insert(0, f"took {ended.seconds:.1f} s")
        if ended.megabytes > LIMIT_MB:
            failed.insert(0, f"took {ended.megabytes:.0f} MB")
        if len(self.server.calls()) > calls:
            failed.insert(0, "spoke to the network")
        if one.hostile and not failed and found.outcome == "read":
            alive = run_alone(lambda: judged.require_dead(study), log, 60)
            failed += [log.read_text("utf-8", "replace")[-600:]] if alive.code else []
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink(missing_ok=True)
        outcome = "FAILED" if failed else found.outcome
        return Outcome(
            one.name, one.family, outcome, tuple(failed), ended.seconds, ended.worked_s, ended.megabytes, found.said
        )


def run_alone(work: Callable[[], object], log: Path, limit_s: float, *, guard: bool = False) -> Ended:
    """Run a function in a forked process; its code is 0, what `sys.exit` says, or 70 where it raises."""
    pid = _forked(work, log, guard=guard)
    start = active = time.monotonic()
    base = _resident_mb()
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            break
        now = time.monotonic()
        if now - start > LIMIT_S:
            active = now if _is_at_work(pid) else active
        if now - start > limit_s or (now - start > LIMIT_S and now - max(active, start + LIMIT_S) > IDLE_S):
            _kill(pid)
            _, status, used = os.wait4(pid, 0)
            break
        time.sleep(0.004)
    _kill(pid)  # what it started and left behind
    seconds, worked = time.monotonic() - start, used.ru_utime + used.ru_stime
    return Ended(os.waitstatus_to_exitcode(status), seconds, worked, max(used.ru_maxrss / 1024 - base, 0))


def _forked(work: Callable[[], object], log: Path | None = None, *, guard: bool = False) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setpgid(0, 0)
        if log is not None:
            _log_into(log)
        if guard:
            _guard()
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happened
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _is_at_work(pid: int) -> bool:
    """Whether a process, or one that it waits for, runs or reads; else it waits for something that may never come."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:  # it has ended in between
        return True
    return state in "RD" or any(_is_at_work(int(child)) for child in children)


def _log_into(log: Path) -> None:
    """Let everything that is printed, by C libraries as well, go into a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(number, 1)
    os.dup2(number, 2)


def _guard() -> None:
    size = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + GUARD_B, size + GUARD_B))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _spoil(one: corpus.Case, clean: Path, study: Path) -> None:
    import warnings

    warnings.simplefilter("ignore")
    corpus.copied(clean, study)
    os.chdir(study)
    one.spoil(study)


def _called(one: corpus.Case, study: Path) -> None:
    """Call the command line as a shell does, in the folder of the study."""
    from lifecircle import cli

    said = cli._say

    def traced(line: str) -> None:
        """Say it, and keep where a failure came from, which the command line does not tell."""
        said(line)
        trace = study.parent / "trace"
        if sys.exc_info()[0] is not None and not trace.exists():
            trace.write_text(traceback.format_exc(limit=-6), "utf-8", "replace")

    cli._say = traced
    os.chdir(study)
    for stream, name in ((1, "stdout"), (2, "stderr")):
        number = os.open(study.parent / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(number, stream)
    sys.argv = ["lifecircle", *one.arguments]
    cli.main()


def _warm_up(clean: Path, folder: Path) -> None:
    """Assess the clean study once here: what is loaded and compiled by that, each case has from the start."""
    from lifecircle.flow import assess
    from lifecircle.publish.folder import write_report

    shutil.copytree(clean, folder)
    write_report(assess(folder), folder / "out")
    gc.collect()
    gc.freeze()  # what is here now is never looked at again by a case's own collections, which would copy all of it


def report(outcomes: list[Outcome]) -> str:
    """A table of families, the slowest and largest case, and each failed one with what it said."""
    kinds = ("read", "fault", "FAILED")
    lines = [f"{'family':24}{'cases':>7}" + "".join(f"{kind:>8}" for kind in kinds)]
    for family in dict.fromkeys(one.family for one in outcomes):
        counts = Counter(one.outcome for one in outcomes if one.family == family)
        lines.append(f"{family:24}{counts.total():>7}" + "".join(f"{counts[kind]:>8}" for kind in kinds))
    counts = Counter(one.outcome for one in outcomes)
    lines.append(f"{'all':24}{counts.total():>7}" + "".join(f"{counts[kind]:>8}" for kind in kinds))
    if outcomes:
        slow, large = max(outcomes, key=lambda one: one.seconds), max(outcomes, key=lambda one: one.megabytes)
        lines += [f"slowest: {slow.seconds:.1f} s, {slow.name}", f"largest: {large.megabytes:.0f} MB, {large.name}"]
    for one in outcomes:
        if one.failed:
            lines += ["", f"FAILED {one.name}", *(f"  {why}" for why in one.failed)]
            lines += [f"  | {line[:300]}" for line in one.said.splitlines()[:24]]
    return "\n".join(lines)


def main() -> int:
    """Run what the command line asks for; 1 if a case failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="cases whose names hold a word")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations that --more makes")
    parser.add_argument("--more", type=int, default=0, metavar="K", help="so many random mutations besides")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="of each family only each N-th case")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write every outcome into a file")
    parser.add_argument("--say", action="store_true", help="print what each case said")
    asked = parser.parse_args()
    cases = corpus.thinned(corpus.load(asked.only).values(), asked.every)
    if asked.more:
        import mutations

        cases += mutations.more(asked.more, asked.seed)
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        outcomes = Runner(place, asked.workers).outcomes(cases)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in outcomes], ensure_ascii=True, indent=1), "utf-8")
    if asked.say:
        for one in outcomes:
            print(f"{one.outcome:6} {one.seconds:5.1f} s {one.worked_s:5.1f} s {one.megabytes:5.0f} MB  {one.name}")
            print("".join(f"          {line[:240]}\n" for line in one.said.splitlines()[:3]), end="")
    print(report(outcomes))
    return int(any(one.failed for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
