"""A server on loopback that answers nobody and remembers who called: no study may reach it."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

PORT = 48_731


@dataclass(frozen=True)
class Listener:
    """The file with one line for each call."""

    log: Path

    def calls(self) -> list[str]:
        """Who called so far."""
        return self.log.read_text("ascii").splitlines()


def start() -> Listener:
    """Listen in a process of its own, which ends with this one; nobody listens where the port is taken."""
    number, name = tempfile.mkstemp(prefix="fuzz-calls-")
    os.close(number)
    parent = os.getpid()
    if os.fork() == 0:
        with contextlib.suppress(OSError):
            _listen(Path(name), parent)
            Path(name).unlink(missing_ok=True)
        os._exit(0)
    return Listener(Path(name))


def _listen(log: Path, parent: int) -> None:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", PORT))
    server.listen(8)
    server.settimeout(0.5)
    while os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            caller, address = server.accept()
            with log.open("a", encoding="ascii") as file:
                file.write(f"{address}\n")
            caller.close()
