"""A PostgreSQL database: its address, which holds no password, one transaction in it, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from lifecircle.errors import LifecircleError
from lifecircle.faults import Fault, Where, fault

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composable

    Open = Connection[tuple[Any, ...]]

_CONNECT_S, _STATEMENT_MIN = 10, 10
_ADDRESS = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?#]*)@)?(?P<hosts>[^@/?#]*)(?P<name>/[^/?#@]*)?(?:\?(?P<options>[^#@]*))?",
    re.IGNORECASE,
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]*\]|[^:\[\]]*)(:\d*)?")
_SECRET = re.compile(r"password|secret", re.IGNORECASE)
_LOGIN = re.compile(r":[^/]*@")  # a user's password as addresses have it, wherever it stands


def shown_address(address: str) -> str:
    """The address as it may be printed: host and database alone, and neither where anything else may stand there.

    >>> shown_address("postgresql://keeper@db.example:5433/town?sslmode=require")
    'postgresql://db.example:5433/town'
    >>> shown_address("postgresql://keeper:se/cret@db.example/town")
    'postgresql://…'
    """
    parts = _parts(address)
    return f"postgresql://{parts['hosts']}{parts['name'] or ''}" if parts else "postgresql://…"


def address_fault(address: str, where: Where | None = None) -> Fault | None:
    """What is wrong with the address of a database, or None; a password in it is, and is never shown.

    >>> print(address_fault("postgresql://keeper:secret@db.example/town").check)
    password-in-address
    """
    parts, place = _parts(address), where or Where(shown_address(address))
    if parts is None:
        return fault("password-in-address" if _LOGIN.search(address) else "odd-address", place)
    options = parse_qsl(parts["options"] or "", keep_blank_values=True)
    return fault("password-in-address", place) if any(_SECRET.search(name) for name, _ in options) else None


@contextmanager
def connected(address: str, where: Where, *, read_only: bool = False) -> Iterator[Open]:
    """One transaction in a database: kept if nothing fails, otherwise as if it had never been.

    User and password are those of the environment (PGUSER, PGPASSWORD, PGPASSFILE, PGSERVICE) or of ~/.pgpass.

    Raises
    ------
    LifecircleError
        The address holds a password, the driver is not installed, there is no connection, or the database refuses.

    """
    wrong = address_fault(address, where)
    if wrong is not None:
        raise LifecircleError([wrong])
    driver, opened = _driver(where), False
    options = {"connect_timeout": _CONNECT_S, "application_name": "lifecircle", "client_encoding": "utf8"}
    try:
        with driver.connect(address, **options) as connection:
            opened = True
            connection.read_only = read_only
            levels = driver.IsolationLevel  # a writer that waited for another sees what that one wrote
            connection.isolation_level = levels.REPEATABLE_READ if read_only else levels.READ_COMMITTED
            connection.execute(f"set local statement_timeout = '{_STATEMENT_MIN}min'")
            yield connection
    except (driver.Error, UnicodeError) as problem:
        found = _refusal(problem, where) if opened else _no_connection(problem, where)
    else:
        return
    raise LifecircleError([found])  # outside `except`: what the driver said is not chained to it


def primary_key(connection: Open, table: Composable) -> list[str]:
    """The columns of a table's primary key in its order; none where it has none."""
    found = connection.execute(
        "select attname from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey) "
        "where indisprimary and indrelid = to_regclass(%s) order by array_position(indkey::int2[], attnum)",
        [table.as_string(connection)],
    )
    return [str(name) for (name,) in found.fetchall()]


def _parts(address: str) -> dict[str, str | None] | None:
    """User, hosts, name and options of an address; None where something may stand in it that is none of these."""
    found = _ADDRESS.fullmatch(address) if address.isprintable() else None
    clear = found and all(_HOST.fullmatch(host) for host in found["hosts"].split(","))
    return found.groupdict() if found and clear else None


def _driver(where: Where) -> Any:
    try:
        return import_module("psycopg")
    except ImportError:  # also where it is there without the library that it needs
        pass
    raise LifecircleError([fault("missing-extra", where, found="psycopg", extra="postgis")])


def _no_connection(problem: Exception, where: Where) -> Fault:
    return fault("no-connection", replace(where, sheet=""), found=_said(problem))


def _refusal(problem: Exception, where: Where) -> Fault:
    """The fault for what a database says, by the class of its error code."""
    code = getattr(problem, "sqlstate", None) or ""
    if code == "42501":
        return fault("no-right", where, found=_said(problem))
    if code in {"57014", "55P03"}:
        return fault("database-slow", where, found=_said(problem), minutes=_STATEMENT_MIN)
    if code.startswith(("42", "0A")):
        return fault("wrong-query", where, found=_said(problem))
    return fault("database-failed", where, found=_said(problem))


def _said(problem: Exception) -> str:
    """What the database says, without the statement that it quotes."""
    first = getattr(getattr(problem, "diag", None), "message_primary", None)
    return str(first or str(problem).partition("\nLINE ")[0])
