"""A table or query of a PostgreSQL database read as a layer: its cells, its rows in a fixed order, its shapes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from lifecircle.crs import known_crs
from lifecircle.errors import LifecircleError
from lifecircle.faults import Fault, Where, fault, hint
from lifecircle.given import Input
from lifecircle.readers.connections import connected, primary_key, shown_address
from lifecircle.readers.opened import Layer, headers_of
from lifecircle.words import both

if TYPE_CHECKING:
    from psycopg.sql import Composable, Composed

    from lifecircle.readers.connections import Open

_IN_ORDER = {"int2", "int4", "int8", "numeric", "float4", "float8", "bool", "date", "timestamp", "timestamptz"}
_SHAPES = {"geometry", "geography"}
_AS_TEXT = ("json", "jsonb", "interval", "time", "timetz", "bytea", "uuid")
_MANY = 12  # tables that are named where the one asked for is not there


@dataclass(frozen=True)
class _Field:
    """A column as a query has it, and the name of its type."""

    name: str
    kind: str


def read_database(address: str, given: Input, *, table: str) -> tuple[Layer | None, list[Fault]]:
    """The rows of `given.table`, or of `given.query`, as a layer.

    Rows are numbered from 1 in the order of the primary key, or of all columns, the first one first, where there is
    none; a query's own order does not count. Nothing can be written: the transaction is read-only, and a query is one
    SELECT. Of several columns of shapes the first is taken. `table` is the input of the study that is read.
    """
    where = Where(shown_address(address), table, given.table or "query")
    if not given.table and not given.query:
        return None, [fault("missing-setting", "study.toml", field=f"[{table}] table (or query)")]
    if given.table and given.query:
        values = {"expected": "expected one of the two", "expected_zh": "只能填一项"}
        return None, [fault("wrong-setting", "study.toml", field=f"[{table}] table", found="table and query", **values)]
    try:
        with connected(address, where, read_only=True) as connection:
            return _read(connection, given, where)
    except LifecircleError as problem:
        return None, list(problem.faults)


def digest_of(layer: Layer) -> str:
    """The sha256 of the headers, cells and shapes of a layer, for what has no file of its own."""
    found = hashlib.sha256()
    for name, cells in layer.cells.items():
        values = cells.astype(object).where(cells.notna(), None).tolist()
        found.update(json.dumps([str(name), values], ensure_ascii=False, default=str).encode("utf-8", "replace"))
    if layer.geometry is not None:
        found.update(json.dumps(["", str(layer.geometry.crs)]).encode())
        shapes = [one or b"" for one in shapely.to_wkb(layer.geometry.to_numpy(), byte_order=1)]
        found.update(np.array([len(one) for one in shapes], dtype="<i8").tobytes() + b"".join(shapes))
    return found.hexdigest()


def _read(connection: Open, given: Input, where: Where) -> tuple[Layer | None, list[Fault]]:
    if given.table and not _is_there(connection, given.table):
        return None, [_no_table(connection, given.table, where)]
    chosen = _chosen(given)
    fields = _fields(connection, chosen)
    keys = primary_key(connection, chosen) if given.table else []
    shapes = [one.name for one in fields if one.kind in _SHAPES]
    wanted = [one.name for one in fields if one.name not in shapes[1:]]
    if not wanted:
        return None, [fault("empty-layer", where)]
    columns = _columns(connection, _query(chosen, fields, wanted, keys), wanted)
    rows = np.arange(1, len(columns[wanted[0]]) + 1)
    faults = [fault("several-geometries", where, n=len(shapes), found=", ".join(shapes))] if len(shapes) > 1 else []
    if not shapes:
        return Layer(pd.DataFrame(columns), rows, where.file, where.sheet), faults
    geometry, wrong = _geometry(connection, columns.pop(shapes[0]).tolist(), where)
    cells = pd.DataFrame(columns, index=range(len(rows)))
    return (None if wrong else Layer(cells, rows, where.file, where.sheet, geometry)), [*faults, *wrong]


def _chosen(given: Input) -> Composable:
    """What is read, as it stands behind `from`."""
    from psycopg.sql import SQL, Identifier

    if given.table:
        return Identifier(*given.table.split(".", 1))
    query = (given.query or "").strip().rstrip(";")
    return SQL("({}\n)").format(SQL(query))  # one SELECT: the transaction only reads


def _is_there(connection: Open, table: str) -> bool:
    from psycopg.sql import Identifier

    name = Identifier(*table.split(".", 1)).as_string(connection)
    return connection.execute("select to_regclass(%s)", [name]).fetchall()[0][0] is not None


def _no_table(connection: Open, table: str, where: Where) -> Fault:
    known = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema not in ('pg_catalog', 'information_schema') order by 1"
    ).fetchall()
    names = [name for (name,) in known]
    what, found = both("表", "table"), ", ".join(names[:_MANY]) or "—"
    values = {"what": what["en"], "what_zh": what["zh"], "name": table, "found": found, "key": f"[{where.table}] table"}
    return fault("missing-layer", Where(where.file, where.table), **values, **hint(table, names))


def _fields(connection: Open, chosen: Composable) -> list[_Field]:
    """The columns of what is read, repeated names told apart."""
    from psycopg.sql import SQL

    # Prepared, so that the server takes one statement and no more.
    cursor = connection.execute(SQL("select * from {} as q limit 0").format(chosen), prepare=True)
    described = cursor.description or []
    kinds: dict[int, str] = dict(
        connection.execute(
            "select oid, typname from pg_type where oid = any(%s)", [[one.type_code for one in described]]
        ).fetchall()
    )
    names = headers_of(one.name for one in described)
    return [_Field(name, kinds.get(one.type_code, "")) for name, one in zip(names, described, strict=True)]


def _query(chosen: Composable, fields: Sequence[_Field], wanted: list[str], keys: list[str]) -> Composed:
    """What is asked for, its rows in an order that does not change while they do not."""
    from psycopg.sql import SQL, Identifier

    known = {one.name: one for one in fields}
    order = [_order(known[name]) for name in keys or known]
    return SQL("select {} from {} as q({}) order by {}").format(
        SQL(", ").join(map(Identifier, wanted)),
        chosen,
        SQL(", ").join(map(Identifier, known)),
        SQL(", ").join(order),
    )


def _order(field: _Field) -> Composable:
    """By what a column is sorted: itself, or its text, the same in every language; shapes by a digest."""
    from psycopg.sql import SQL, Identifier

    name = Identifier(field.name)
    if field.kind in _SHAPES:
        return SQL('md5({}::text) collate "C"').format(name)
    return name if field.kind in _IN_ORDER else SQL('{}::text collate "C"').format(name)


def _columns(connection: Open, query: Composed, names: Sequence[str]) -> dict[str, pd.Series]:
    """The cells of each column as the readers of cells know them."""
    from psycopg.types.string import TextLoader

    class Day(TextLoader):
        """The day of a date or a moment, as text: the end of all days has no other form."""

        def load(self, data: Any) -> str:
            return str(super().load(data)).partition(" ")[0]

    class Number(TextLoader):
        """A number without a fixed length; what is too long for one here is without end, which readers tell."""

        def load(self, data: Any) -> float:  # type: ignore[override]
            return float(super().load(data))

    cursor = connection.cursor()
    cursor.adapters.register_loader("numeric", Number)
    for kind in ("date", "timestamp", "timestamptz"):
        cursor.adapters.register_loader(kind, Day)
    for kind in _AS_TEXT:
        cursor.adapters.register_loader(kind, TextLoader)
    rows = cursor.execute(query, prepare=True).fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return {name: _cells(values) for name, values in zip(names, columns, strict=True)}


def _cells(values: Sequence[object]) -> pd.Series:
    """A column; whole numbers stay whole beside empty cells, and lists become text such as `助餐;托育`."""
    plain = [";".join(str(one) for one in value if one is not None) if isinstance(value, list) else value
             for value in values]  # fmt: skip
    cells = pd.Series(plain, dtype=object)
    return cells if cells.isna().any() else cells.infer_objects()


def _geometry(connection: Open, shapes: list[str | None], where: Where) -> tuple[gpd.GeoSeries | None, list[Fault]]:
    """Shapes in the CRS that all of them state."""
    expected = both("矢量图形", "shapes")
    values = {"expected": expected["en"], "expected_zh": expected["zh"]}
    try:
        binary = [None if one is None else bytes.fromhex(one) for one in shapes]  # read faster than digits are
        read = shapely.from_wkb(np.array(binary, dtype=object))
    except (shapely.errors.GEOSException, NotImplementedError) as problem:  # broken ones, and arcs
        return None, [fault("unreadable-file", where, found=problem, **values)]
    codes = sorted({int(code) for code in shapely.get_srid(read[~shapely.is_missing(read)])})
    if len(codes) > 1:
        return None, [fault("mixed-crs", where, found=", ".join(map(str, codes)))]
    crs = _crs(connection, codes[0]) if codes and codes[0] else None
    return gpd.GeoSeries(shapely.set_srid(read, 0), crs=crs), []


def _crs(connection: Open, code: int) -> pyproj.CRS | None:
    """The CRS that a database calls by a number; None where nobody knows it."""
    from psycopg.sql import SQL, Identifier

    found = connection.execute(
        "select nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'postgis'"
    ).fetchall()
    if not found:
        return known_crs(f"EPSG:{code}")
    query = SQL("select auth_name || ':' || auth_srid, srtext from {} where srid = %s")
    known = connection.execute(query.format(Identifier(found[0][0], "spatial_ref_sys")), [code]).fetchall()
    texts = [text for row in known for text in row if text]
    return next((crs for text in texts if (crs := known_crs(text)) is not None), None)
