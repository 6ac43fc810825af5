"""Jobs that run beside each other."""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

Job = Callable[[], None]


class JobEndedError(RuntimeError):
    """A job's process ended without a word, as when the system has taken its memory."""


def run_beside(jobs: Sequence[Job]) -> None:
    """Run every job to its end, in processes of their own where the system can fork; raise what the first failed with.

    Elsewhere they run one after another: a process that is started anew would load everything again. The first job runs
    in this process.

    >>> run_beside([lambda: None, lambda: None])
    """
    if len(jobs) < 2 or not sys.platform.startswith("linux") or (os.cpu_count() or 1) < 2:
        for job in jobs:
            job()
        return
    started = [_started(job) for job in jobs[1:]]
    try:
        jobs[0]()
    finally:
        failed = [_ended(process, said) for process, said in started]
    for one in failed:
        if one is not None:
            raise one


def _started(job: Job) -> tuple[Any, Connection]:
    system = multiprocessing.get_context("fork")
    here, there = system.Pipe(duplex=False)
    process = system.Process(target=_told, args=(job, there), daemon=True)
    with warnings.catch_warnings():  # threads of libraries: none of them holds a lock that a job needs
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    there.close()
    return process, here


def _told(job: Job, to: Connection) -> None:
    """Run a job and tell what it failed with, if it did."""
    try:
        job()
    except BaseException as problem:  # noqa: BLE001 - it is raised again by the process that waits
        to.send(problem)
    else:
        to.send(None)
    to.close()
    sys.stdout.flush()
    os._exit(0)


def _ended(process: Any, said: Connection) -> BaseException | None:
    try:
        problem: BaseException | None = said.recv()
    except EOFError:
        process.join()
        return JobEndedError(f"a document's process ended with {process.exitcode} before it was done")
    process.join()
    return problem
