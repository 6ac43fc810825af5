"""A database is read as any file is, and takes results without losing what others wrote."""

from __future__ import annotations

import socket
import traceback
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.errors import LifecircleError
from lifecircle.faults import Fault
from lifecircle.given import Input
from lifecircle.readers.cells import dates, numbers, texts
from lifecircle.readers.connections import address_fault, connected, shown_address
from lifecircle.readers.database import digest_of, read_database
from lifecircle.readers.opened import Layer
from postgis import Database, database

__all__ = ["database"]
SECRET = "s3cret"  # noqa: S105
REGISTER = """
create table facilities (
    编码 text primary key, 名称 varchar(40), 面积 numeric(12, 2), 启用 date, 更新 timestamptz, 营业 boolean,
    服务 text[], 备注 jsonb, 户数 bigint, geom geometry(Point, 4490))
"""
ROWS = """
insert into facilities values
    ('F2', '乙''站', 350.50, '2024-02-29', '2025-12-31 00:30+08', true, array['助餐', '托育'], '{"a": "。"}',
     9007199254740993, st_setsrid(st_makepoint(121.5, 31.25), 4490)),
    ('F1', '甲站', null, 'infinity', null, null, null, null, null, null)
"""


def read(database: Database, *, table: str | None = None, query: str | None = None) -> tuple[Layer | None, list[Fault]]:
    given = Input(path=database.address, table=table, query=query)
    return read_database(database.address, given, table="facilities")


def layer_of(database: Database, *, table: str | None = None, query: str | None = None) -> Layer:
    layer, faults = read(database, table=table, query=query)
    assert layer is not None, [one.line() for one in faults]
    return layer


def refused(database: Database, **asked: str) -> Fault:
    layer, faults = read(database, **asked)
    assert layer is None
    assert len(faults) == 1
    assert "\n" not in faults[0].line("zh") + faults[0].line("en")
    return faults[0]


def test_cells_of_every_kind_become_what_readers_of_cells_understand(database: Database) -> None:
    database.run(REGISTER, ROWS)
    layer = layer_of(database, table="facilities")
    cells = layer.cells
    assert texts(cells["编码"]).tolist() == ["F1", "F2"]
    assert texts(cells["名称"]).tolist() == ["甲站", "乙'站"]
    areas, wrong = numbers(cells["面积"])
    assert np.isnan(areas[0])
    assert areas[1] == 350.5
    assert not wrong.any()
    days, wrong = dates(cells["启用"])
    assert wrong.tolist() == [True, False], "the end of all days is no date"
    assert f"{days[1]:%Y-%m-%d}" == "2024-02-29"
    assert texts(cells["更新"]).tolist() == ["", "2025-12-31"], "the day where the database is, not in Greenwich"
    assert cells["营业"].tolist() == [None, True]
    assert texts(cells["服务"]).tolist() == ["", "助餐;托育"]
    assert texts(cells["备注"]).tolist() == ["", '{"a": "。"}']
    assert texts(cells["户数"]).tolist() == ["", "9007199254740993"], "whole numbers beside empty cells stay whole"


def test_a_number_that_is_too_long_is_told_cell_by_cell(database: Database) -> None:
    cells = layer_of(database, query="select 1e400::numeric as n union all select 2.5").cells
    values, wrong = numbers(cells["n"])
    assert wrong.tolist() == [False, True]
    assert values[0] == 2.5


def test_shapes_have_the_crs_that_their_number_stands_for(database: Database) -> None:
    database.run(REGISTER, ROWS)
    geometry = layer_of(database, table="public.facilities").geometry
    assert geometry is not None
    assert geometry.crs == "EPSG:4490"
    assert geometry[0] is None
    assert geometry[1] == shapely.Point(121.5, 31.25)
    assert shapely.get_srid(geometry[1]) == 0


def test_a_local_number_takes_its_crs_from_the_table_of_the_database(database: Database) -> None:
    wkt = pyproj.CRS("+proj=tmerc +lon_0=121.3 +x_0=500000 +ellps=GRS80 +units=m").to_wkt("WKT1_GDAL")
    with database.connect() as connection:
        connection.execute("insert into spatial_ref_sys (srid, srtext) values (990001, %s)", [wkt])
    database.run(
        "create table t as select 1 as id, st_setsrid(st_makepoint(500000, 3400000), 990001) as geom",
    )
    geometry = layer_of(database, table="t").geometry
    assert geometry is not None
    assert geometry.crs == pyproj.CRS(wkt)


def test_rows_are_numbered_by_key_whatever_order_they_lie_in(database: Database) -> None:
    database.run(
        "create table t (n int, id int primary key)", "insert into t select 100 - i, i from generate_series(1, 50) i"
    )
    before = layer_of(database, table="t")
    database.run("update t set n = n where id < 20")  # the rows move to the end of the table
    after = layer_of(database, table="t")
    assert before.cells["id"].tolist() == list(range(1, 51)), "as numbers, not as text"
    assert before.rows.tolist() == list(range(1, 51))
    assert after.cells.equals(before.cells)
    assert digest_of(after) == digest_of(before)


def test_rows_without_a_key_are_sorted_by_all_columns(database: Database) -> None:
    database.run(
        "create table t (name text, n json)", """insert into t values ('乙', '2'), ('b', '1'), ('a', '3'), ('a', '1')"""
    )
    cells = layer_of(database, table="t").cells
    assert list(zip(cells["name"], cells["n"], strict=True)) == [("a", "1"), ("a", "3"), ("b", "1"), ("乙", "2")]


def test_the_digest_sees_a_cell_a_header_and_a_shape(database: Database) -> None:
    database.run(REGISTER, ROWS)
    digests = [digest_of(layer_of(database, table="facilities"))]
    for change in (
        "update facilities set 面积 = 351 where 编码 = 'F2'",
        "alter table facilities rename 备注 to 说明",
        "update facilities set geom = st_setsrid(st_makepoint(121.5, 31.26), 4490) where 编码 = 'F2'",
    ):
        database.run(change)
        digests.append(digest_of(layer_of(database, table="facilities")))
    assert len(set(digests)) == 4
    assert len(digests[0]) == 64


def test_a_query_may_end_in_a_comment_or_semicolon_and_repeat_a_name(database: Database) -> None:
    layer = layer_of(database, query="select 1 as a, 'x%' as a, 2 -- the last;\n;")
    assert layer.cells.to_dict("list") == {"a": [1], "a (2)": ["x%"], "?column?": [2]}
    assert layer.sheet == "query"


def test_a_table_without_rows_keeps_its_headers(database: Database) -> None:
    database.run(REGISTER)
    layer = layer_of(database, table="facilities")
    assert len(layer.cells) == 0
    assert list(layer.cells)[:2] == ["编码", "名称"]
    assert layer.geometry is not None


def test_a_table_without_shapes_is_a_table_of_cells(database: Database) -> None:
    database.run("create table t as select 'F1' as id, 121.5 as 经度, 31.25::real as 纬度")
    layer = layer_of(database, table="t")
    assert layer.geometry is None
    assert layer.cells["经度"].tolist() == [121.5]


def test_of_several_shapes_the_first_is_read_with_a_note(database: Database) -> None:
    database.run(
        "create table t as select 1 as id, st_makepoint(1, 2) as door, st_makepoint(3, 4)::geography as middle"
    )
    layer, faults = read(database, table="t")
    assert layer is not None
    assert layer.geometry is not None
    assert layer.geometry[0] == shapely.Point(1, 2)
    assert list(layer.cells) == ["id"]
    assert [(one.check, one.severity) for one in faults] == [("several-geometries", "note")]


def test_names_that_need_quotes_are_found_as_they_are_written(database: Database) -> None:
    database.run('create schema "街道 办"', 'create table "街道 办"."Its ""Table" as select 1 as id')
    assert layer_of(database, table='街道 办.Its "Table').cells["id"].tolist() == [1]


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("select * from nowhere", "wrong-query"),
        ("selec 1", "wrong-query"),
        ("select nothing from pg_class", "wrong-query"),
        ("delete from kept", "wrong-query"),
        ("select 1; delete from kept", "wrong-query"),
        ("select 1) as q; commit; delete from kept; select * from (select 1", "wrong-query"),
        ("with gone as (delete from kept returning 1) select * from gone", "wrong-query"),
        ("select nextval('numbers')", "database-failed"),
        ("select set_config('transaction_read_only', 'off', false), empty_it() from kept", "database-failed"),
        ("select 1 / 0 as id", "database-failed"),
        ("", "missing-setting"),
    ],
)
def test_a_query_that_is_no_select_is_one_fault_and_changes_nothing(database: Database, query: str, check: str) -> None:
    emptied = "create function empty_it() returns int language sql as 'delete from kept; select 1'"
    database.run("create table kept as select 1 as id", "create sequence numbers", emptied)
    assert refused(database, query=query).check == check
    assert database.rows("select count(*) from kept") == [(1,)]
    assert database.rows("select is_called from numbers") == [(False,)]


def test_a_misspelt_table_is_told_with_those_that_are_there(database: Database) -> None:
    database.run(REGISTER)
    wrong = refused(database, table="public.facilites")
    assert wrong.check == "missing-layer"
    assert "public.facilities" in wrong.line()
    assert wrong.line().startswith(f"postgresql://127.0.0.1:{database.port}/{database.name}: ")


def test_a_table_and_a_query_at_once_are_refused(database: Database) -> None:
    assert refused(database, table="t", query="select 1").check == "wrong-setting"


def test_a_table_that_may_not_be_read_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    role = f"visitor_{database.name}"
    database.run("create table t as select 1 as id", f"create role {role} login password '{SECRET}'")
    monkeypatch.setenv("PGUSER", role)
    monkeypatch.setenv("PGPASSWORD", SECRET)
    address = f"postgresql://127.0.0.1:{database.port}/{database.name}"
    _, faults = read_database(address, Input(path=address, table="t"), table="facilities")
    database.run(f"drop role {role}")
    assert [one.check for one in faults] == ["no-right"]


def test_shapes_of_several_systems_are_refused(database: Database) -> None:
    query = "select 1 as id, st_setsrid(st_makepoint(1, 2), srid) as geom from (values (4326), (4490)) as t(srid)"
    assert refused(database, query=query).check == "mixed-crs"


def test_shapes_that_are_arcs_are_refused(database: Database) -> None:
    query = "select 1 as id, st_geomfromtext('CIRCULARSTRING(0 0, 1 1, 2 0)', 4490) as geom"
    assert refused(database, query=query).check == "unreadable-file"


def test_a_wrong_password_is_one_fault_that_does_not_show_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    wrong = refused(database, table="t")
    assert wrong.check == "no-connection"
    assert "PGPASSWORD" in wrong.line("zh")
    assert SECRET not in wrong.line("zh") + wrong.line("en") + repr(wrong)


def test_the_password_may_stand_in_a_password_file(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import postgis

    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{database.port}:*:{postgis.USER}:{postgis.PASSWORD}\n", "ascii")
    file.chmod(0o600)
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert layer_of(database, query="select 1 as id").cells["id"].tolist() == [1]


def test_where_nobody_listens_there_is_one_fault() -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        address = f"postgresql://127.0.0.1:{one.getsockname()[1]}/town"
        _, faults = read_database(address, Input(path=address, table="t"), table="units")
    assert [fault.check for fault in faults] == ["no-connection"]
    assert faults[0].where.file == address


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    _, faults = read_database("postgresql:///town", Input(path="postgresql:///town", table="t"), table="units")
    assert [fault.check for fault in faults] == ["missing-extra"]
    assert "lifecircle[postgis]" in faults[0].line()


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://keeper:{SECRET}@db.example/town",
        f"postgres://keeper:{SECRET}/x@db.example/town",
        f"POSTGRESQL://keeper:{SECRET}?x#@db.example/town",
        f"postgresql://keeper:%73{SECRET}@db.example:5432/town?sslmode=require",
        f"postgresql://db.example/town?user=keeper&password={SECRET}",
        f"postgresql://db.example/town?sslmode=require&sslpassword={SECRET}",
        f"postgresql://db.example/town?pass%77ord={SECRET}",
        f"postgresql://keeper:{SECRET}/town",
        f"postgresql://keeper:@{SECRET}@db.example/town",
    ],
)
def test_a_password_in_an_address_is_refused_and_never_shown(address: str) -> None:
    wrong = address_fault(address)
    assert wrong is not None
    assert wrong.check in {"password-in-address", "odd-address"}
    assert "PGPASSWORD" in wrong.line("en")
    assert "PGPASSWORD" in wrong.line("zh")
    with pytest.raises(LifecircleError) as caught, connected(address, wrong.where):
        pass
    _, faults = read_database(address, Input(path=address, table="t"), table="units")
    said = "".join(traceback.format_exception(caught.value)) + repr((wrong, faults, shown_address(address)))
    assert SECRET not in said


ANY = st.text(st.characters(codec="utf-8"), max_size=6) | st.text("/:@?#&=[]% \\", max_size=6)


@given(ANY, ANY, ANY, ANY)
def test_no_way_of_writing_a_password_shows_it(user: str, before: str, after: str, rest: str) -> None:
    address = f"postgresql://{user}:{before}{SECRET}{after}@db.example/{rest}"
    wrong = address_fault(address)
    assert wrong is not None
    assert SECRET not in wrong.line("zh") + wrong.line("en") + shown_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql:///town",
        "postgresql://",
        "postgresql://keeper@db.example/town",
        "postgresql://[::1]:5433/town?sslmode=require",
        "postgres://one.example:5432,two.example:5433/town?target_session_attrs=any",
        "postgresql:///?service=office",
    ],
)
def test_an_address_without_a_password_is_right(address: str) -> None:
    assert address_fault(address) is None
