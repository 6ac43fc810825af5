"""A private PostGIS on loopback, started when a test first asks for it and stopped when the tests end.

`from postgis import database` gives a test a database of its own. Where no server can be started the test skips.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "lifecircle_tests", "not-in-any-file"
_NUMBERS = count(1)
_WAIT_S = 60
# Nothing here needs to outlive the tests; one zone, so that days do not depend on the machine.
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "unix_socket_directories": "",
             "listen_addresses": "127.0.0.1", "timezone": "Asia/Shanghai", "max_connections": "20",
             "shared_buffers": "64MB", "autovacuum": "off"}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """An empty database with PostGIS; its password stands in the environment alone."""

    port: int
    name: str

    @property
    def address(self) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{self.name}"

    def connect(self, **options: Any) -> Any:
        import psycopg

        return psycopg.connect(self.address, password=PASSWORD, **options)

    def run(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A new database; PGPASSWORD is set as an office would set it."""
    found = _server()
    if isinstance(found, str):
        pytest.skip(found)
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    made, whole = Database(found, f"test_{next(_NUMBERS)}"), Database(found, "postgres")
    with whole.connect(autocommit=True) as connection:
        connection.execute(f"create database {made.name} template with_postgis")
    yield made
    with whole.connect(autocommit=True) as connection:
        connection.execute(f"drop database {made.name} with (force)")


@cache
def _server() -> int | str:
    """The port of the server, or why there is none."""
    try:
        import psycopg
    except ImportError:
        return "no PostGIS: psycopg is not installed"
    programs = _programs()
    if programs is None:
        return "no PostGIS: initdb and postgres are not installed"
    user = _unprivileged()
    if user is None:
        return "no PostGIS: postgres does not run as root, and there is no user postgres or nobody"
    try:
        port = _start(programs, user)
        with Database(port, "postgres").connect(autocommit=True) as connection:
            connection.execute("create database with_postgis")
        Database(port, "with_postgis").run("create extension postgis")
    except (OSError, subprocess.CalledProcessError, psycopg.Error) as problem:
        return f"no PostGIS: {' '.join(str(problem).split())}"
    return port


def _programs() -> Path | None:
    """The folder of the newest server that is installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, *([Path(on_path).parent] if on_path else [])]
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


def _unprivileged() -> dict[str, Any] | None:
    """Who runs the server: postgres or nobody in the place of root, else the user of the tests."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    known = {one.pw_name: one for one in pwd.getpwall()}
    found = known.get("postgres") or known.get("nobody")
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []} if found else None


def _start(programs: Path, user: dict[str, Any]) -> int:
    folder = Path(tempfile.mkdtemp(prefix="lifecircle-postgis-"))
    (folder / "password").write_text(PASSWORD, "ascii")
    if user:
        for path in (folder, folder / "password"):
            os.chown(path, user["user"], user["group"])
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = ["--no-sync", "--encoding=UTF8", "--locale=C", f"--username={USER}", "--auth=scram-sha-256"]
    _run([programs / "initdb", "-D", folder / "data", *made, f"--pwfile={folder / 'password'}"], folder, user)
    port = _free_port()
    options = [f"--{name}={value}" for name, value in (_SETTINGS | {"port": str(port)}).items()]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *options], cwd=folder, stdout=log, stderr=log, **user
        )
    atexit.register(_stop, server)
    _wait(server, port, folder / "log")
    return port


def _run(command: list[Any], folder: Path, user: dict[str, Any]) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, **user)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    for _ in range(_WAIT_S * 10):
        if server.poll() is not None:
            raise OSError(f"the server stopped: {log.read_text('utf-8', 'replace')[-200:]}")
        try:
            Database(port, "postgres").connect(connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise OSError("the server does not answer")
