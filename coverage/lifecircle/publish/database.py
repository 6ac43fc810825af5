"""A result written to PostGIS: its own rows replaced in one transaction, all others left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from lifecircle.errors import LifecircleError
from lifecircle.faults import Where, fault
from lifecircle.publish.records import Records, clean_text, result_records
from lifecircle.readers.connections import connected, primary_key, shown_address
from lifecircle.result import Result

if TYPE_CHECKING:
    from psycopg.sql import Composable, Identifier

    from lifecircle.readers.connections import Open

LAYOUT = "lifecircle-tables/1"
_CGCS2000, _WGS84 = 4490, 4326
_OWN_TYPES = {"year": "integer", "number": "integer", "source_row": "integer", "summary": "jsonb", "manifest": "jsonb",
              "written_at": "timestamp with time zone"}  # fmt: skip


def write_database(result: Result, address: str, *, schema: str = "lifecircle") -> list[str]:
    """Write the tables of a result to PostGIS, in one transaction, in the place of its earlier rows.

    Every table has `study` and `year` first in its key; only rows of this study and year are replaced. Schema and
    tables are made where there are none, and columns are added that a table does not have yet. Shapes are in degrees,
    because districts have different metric systems: EPSG:4490 where the first study written is in CGCS2000, else
    EPSG:4326; later studies are brought to what the tables have. One writer at a time writes to a schema.

    Parameters
    ----------
    result
        The result to write.
    address
        `postgresql://host:port/database` without a password: that is taken from PGPASSWORD or ~/.pgpass.
    schema
        Where the tables stand in the database.

    Returns
    -------
    list
        The tables that were written, as `schema.table`.

    Raises
    ------
    LifecircleError
        There is no connection, no PostGIS or no right, the tables there are not of this program, or the same id and
        year is of a study of another name; nothing is written.

    """
    where = Where(shown_address(address))
    try:
        with connected(address, where) as connection:
            return _write(connection, result, schema, where)
    except LifecircleError as problem:
        faults = problem.faults
    raise LifecircleError(faults, result.study.study.language)


def _write(connection: Open, result: Result, schema: str, where: Where) -> list[str]:
    from psycopg.sql import Identifier

    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{LAYOUT} {schema}"])
    home = _home_of_postgis(connection, where)
    _make_schema(connection, schema)
    _require_own(connection, result, schema, where)
    srid = _srid(connection, result, schema, home)
    written = []
    for name, records in result_records(result).items():
        table = Identifier(schema, name)
        if len(records.rows.columns):
            _make_table(connection, table, _types(records, srid, home), _keys(records), where)
        elif not _columns_there(connection, table):
            continue
        about = result.study.study
        connection.execute(_sql("delete from {} where study = %s and year = %s", table), [about.id, about.year])
        _copy(connection, table, records, (about.id, about.year), srid)
        written.append(f"{schema}.{name}")
    connection.execute(_sql("comment on table {} is {}", Identifier(schema, "studies"), LAYOUT))
    return written


def _sql(text: Any, *parts: Any) -> Any:
    """A statement with names quoted as names and all else as literals."""
    from psycopg.sql import SQL, Composable, Literal

    return SQL(text).format(*(one if isinstance(one, Composable) else Literal(one) for one in parts))


def _home_of_postgis(connection: Open, where: Where) -> str:
    """The schema in which PostGIS lives."""
    found = connection.execute(
        "select nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'postgis'"
    ).fetchall()
    if not found:
        raise LifecircleError([fault("no-postgis", where)])
    return str(found[0][0])


def _make_schema(connection: Open, schema: str) -> None:
    from psycopg.sql import Identifier

    there = connection.execute("select 1 from pg_namespace where nspname = %s", [schema]).fetchall()
    if not there:  # asking for the right to make what is there already would be asking too much
        connection.execute(_sql("create schema {}", Identifier(schema)))


def _require_own(connection: Open, result: Result, schema: str, where: Where) -> None:
    """Raise if the tables there are of another layout, or the rows there of another study."""
    from psycopg.sql import Identifier

    about, table = result.study.study, Identifier(schema, "studies")
    if not _columns_there(connection, table):
        return
    name = table.as_string(connection)
    ((layout,),) = connection.execute("select obj_description(to_regclass(%s))", [name]).fetchall()
    if not str(layout or "").startswith("lifecircle-tables/"):
        raise _foreign(f"{schema}.studies", f"its comment is not {LAYOUT}", f"表注释不是 {LAYOUT}", where)
    if layout != LAYOUT:
        raise LifecircleError([fault("newer-tables", where, found=layout, expected=LAYOUT)])
    query = _sql("select name from {} where study = %s and year = %s", table)
    others = [other for (other,) in connection.execute(query, [about.id, about.year]).fetchall()]
    if others and others[0] != clean_text(about.name):
        raise LifecircleError([fault("other-study", where, id=about.id, year=about.year, found=others[0])])


def _srid(connection: Open, result: Result, schema: str, home: str) -> int:
    """The SRID of the tables that are there, else the one for the study's place."""
    from psycopg.sql import Identifier

    query = _sql(
        "select {}(atttypmod) from pg_attribute where attrelid = to_regclass(%s) and attname = 'geometry'",
        Identifier(home, "postgis_typmod_srid"),
    )
    found = connection.execute(query, [Identifier(schema, "units").as_string(connection)]).fetchall()
    if found and found[0][0]:
        return int(found[0][0])
    return _CGCS2000 if pyproj.CRS(result.tables.crs).geodetic_crs == pyproj.CRS(_CGCS2000) else _WGS84


def _keys(records: Records) -> list[str]:
    return ["study", "year", *records.keys]


def _types(records: Records, srid: int, home: str) -> dict[str, str]:
    """The type of every column; all numbers are of one, so that it does not depend on what a study knows."""
    columns = {str(name): _type(records.rows[name], srid, home) for name in records.rows}
    return {"study": "text", "year": "integer"} | columns


def _type(cells: pd.Series, srid: int, home: str) -> str:
    if cells.name in _OWN_TYPES:
        return _OWN_TYPES[str(cells.name)]
    if isinstance(cells.dtype, gpd.array.GeometryDtype):
        return f'"{home}".geometry(Geometry,{srid})'
    if pd.api.types.is_bool_dtype(cells.dtype):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return "date"
    return "double precision" if pd.api.types.is_numeric_dtype(cells.dtype) else "text"


def _columns_there(connection: Open, table: Identifier) -> dict[str, str]:
    """The columns of a table and their types; none where there is no such table."""
    found = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
        [table.as_string(connection)],
    )
    return {str(name): str(kind) for name, kind in found.fetchall()}


def _make_table(connection: Open, table: Identifier, types: dict[str, str], keys: list[str], where: Where) -> None:
    """Make a table, or add the columns that it lacks; raise if it is laid out otherwise."""
    from psycopg.sql import SQL, Identifier

    there = _columns_there(connection, table)
    if not there:
        columns = SQL(", ").join(_column(name, kind) for name, kind in types.items())
        key = SQL(", ").join(map(Identifier, keys))
        connection.execute(_sql("create table {} ({}, primary key ({}))", table, columns, key))
        if "geometry" in types:
            connection.execute(_sql("create index on {} using gist (geometry)", table))
        return
    called = table.as_string(connection).replace('"', "")
    found = primary_key(connection, table)
    if found != keys:
        said = ", ".join(found) or "—"
        raise _foreign(called, f"its key is {said}; expected {', '.join(keys)}", f"主键为 {said}", where)
    for name, kind in types.items():
        if name not in there:
            connection.execute(_sql("alter table {} add column {}", table, _column(name, kind)))
        elif _plain(there[name]) != _plain(kind):
            why = f"column {name} is {there[name]}; expected {_plain(kind)}"
            raise _foreign(called, why, f"列 {name} 的类型为 {there[name]},应为 {_plain(kind)}", where)


def _column(name: str, kind: str) -> Composable:
    from psycopg.sql import SQL, Identifier

    return SQL("{} {}").format(Identifier(name), SQL(kind))


def _plain(kind: str) -> str:
    """A type without the schema in which it lives."""
    return kind.rpartition(".")[2]


def _foreign(table: str, why: str, why_zh: str, where: Where) -> LifecircleError:
    return LifecircleError([fault("foreign-table", where, found=table, why=why, why_zh=why_zh)])


def _copy(connection: Open, table: Identifier, records: Records, first: tuple[str, int], srid: int) -> None:
    from psycopg.sql import SQL, Identifier

    rows = records.rows
    names = SQL(", ").join(Identifier(name) for name in ("study", "year", *map(str, rows.columns)))
    columns = [_values(rows[name], srid, key=name in records.keys) for name in rows]
    with connection.cursor() as cursor, cursor.copy(_sql("copy {} ({}) from stdin", table, names)) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row((*first, *row))


def _values(cells: pd.Series, srid: int, *, key: bool) -> Sequence[object]:
    """The cells of a column as the driver takes them; None where unknown, empty in a key."""
    if isinstance(cells.dtype, gpd.array.GeometryDtype):
        shapes = shapely.set_srid(cells.to_crs(srid).to_numpy(), srid)
        found: list[object] = shapely.to_wkb(shapes, hex=True, include_srid=True).tolist()
        return found
    unknown = cells.isna().to_numpy()
    blank = "" if key else None
    if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
        values = cells.astype(object).tolist()
    else:
        values = [clean_text(str(value)) for value in cells.tolist()]
    return [blank if lost else value for value, lost in zip(values, unknown, strict=True)]
