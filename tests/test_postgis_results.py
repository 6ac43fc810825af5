"""Results in PostGIS are those of the report, stand beside what others wrote, and come whole or not at all."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lifecircle as lc
from lifecircle.errors import LifecircleError
from lifecircle.publish.database import write_database
from lifecircle.result import Result
from postgis import Database, database

__all__ = ["database"]
TABLES = {
    "studies", "units", "verdicts", "facilities", "dwellings", "walks", "reachable", "missing_numbers", "faults",
    "equity_shares", "inequality", "unserved",
}  # fmt: skip
HARD = '\'; drop table x; -- \\N \\ \t\n "乡" 🏘 \x00 end ' + "长" * 10_000


@pytest.fixture(scope="module")
def result() -> Result:
    whole = lc.assess("data/sample")
    return replace(whole, dwellings=whole.dwellings.head(100))


def of(result: Result, **changes: Any) -> Result:
    """The same result as that of another study, year or place."""
    about = result.study.study.model_copy(update=changes)
    return replace(result, study=result.study.model_copy(update={"study": about}))


def content(database: Database, where: str = "true") -> dict[str, list[str]]:
    """Every row of every table as text, but for the moment it was written."""
    names = [name for (name,) in database.rows("select tablename from pg_tables where schemaname = 'lifecircle'")]
    query = "select (to_jsonb(t) - 'written_at')::text from lifecircle.{} t where {} order by 1"
    return {name: [text for (text,) in database.rows(query.format(name, where))] for name in sorted(names)}


def refused(result: Result, database: Database, **options: Any) -> str:
    with pytest.raises(LifecircleError) as caught:
        write_database(result, database.address, **options)
    (found,) = caught.value.faults
    assert "\n" not in found.line("zh") + found.line("en")
    return found.check


@pytest.mark.filterwarnings("ignore:pandas only supports SQLAlchemy")
@pytest.mark.parametrize("name", ["units", "facilities", "dwellings"])
def test_layers_read_back_with_geopandas_are_those_of_the_result(database: Database, result: Result, name: str) -> None:
    write_database(result, database.address)
    with database.connect() as connection:
        found = gpd.read_postgis(f"select * from lifecircle.{name}", connection, geom_col="geometry")  # noqa: S608
    stated = result.tables.units if name == "units" else getattr(result, name)
    assert found.crs == "EPSG:4490"
    assert len(found) == len(stated) > 0
    assert set(found["study"]) == {"sample"}
    assert set(found["year"]) == {2025}
    metric = found.to_crs(result.tables.crs)
    key = {"units": "unit_id", "facilities": "facility_id", "dwellings": "dwelling_id"}[name]
    own = stated.set_index(key).loc[metric[key]]
    distance_m = own.geometry.hausdorff_distance(metric.set_index(key).geometry)
    assert distance_m.max() < 1e-6
    for column in found.columns.difference(["study", "year", "geometry", key]):
        same(found[column].tolist(), own[column].tolist())


@pytest.mark.filterwarnings("ignore:pandas only supports SQLAlchemy")
@pytest.mark.parametrize("name", ["verdicts", "reachable", "equity_shares", "inequality", "unserved", "faults"])
def test_tables_read_back_with_pandas_are_those_of_the_result(database: Database, result: Result, name: str) -> None:
    write_database(result, database.address)
    with database.connect() as connection:
        found = pd.read_sql(f"select * from lifecircle.{name} order by ctid", connection)  # noqa: S608
    assert result.equity is not None
    stated = {
        "verdicts": result.units, "reachable": result.reachable, "equity_shares": result.equity.shares,
        "inequality": result.equity.inequality, "unserved": result.equity.unserved, "faults": result.faults,
    }[name]  # fmt: skip
    other = {"check": "check_id", "table": "table_name", "column": "column_name", "group": "group_name",
             "row": "source_row"}  # fmt: skip
    left_out = {"line_en", "line_zh"} if name == "faults" else set()
    assert len(found) == len(stated) > 0
    for column in set(stated) - left_out:
        same(found[other.get(column, column)].tolist(), stated[column].tolist())


def same(found: list[Any], stated: list[Any]) -> None:
    """Cell by cell: unknown is unknown, infinite infinite, a number the same to its last bit."""
    for one, other in zip(found, stated, strict=True):
        if pd.isna(other):
            assert pd.isna(one)
        elif isinstance(other, pd.Timestamp):
            assert str(one)[:10] == str(other)[:10]
        elif isinstance(other, (bool, np.bool_, str)):
            assert one == other
        else:
            assert float(one) == float(other)


def test_every_walk_is_a_row(database: Database, result: Result) -> None:
    write_database(result, database.address)
    rows = database.rows("select dwelling_id, kind, minutes, reach from lifecircle.walks")
    found = {(dwelling, kind): (minutes, reach) for dwelling, kind, minutes, reach in rows}
    kinds = [name[len("minutes_") :] for name in result.dwellings if name.startswith("minutes_")]
    stated = {
        (row["dwelling_id"], kind): (row[f"minutes_{kind}"], row[f"reach_{kind}"])
        for row in result.dwellings.to_dict("records")
        for kind in kinds
    }
    assert len(rows) == len(found) == len(stated) > 0
    for key, (minutes, reach) in stated.items():
        assert found[key] == ((None if math.isnan(minutes) else minutes), reach)


def test_summary_and_manifest_are_those_of_the_report(database: Database, result: Result) -> None:
    written = write_database(result, database.address)
    assert {name.partition(".")[2] for name in written} == TABLES
    ((summary, manifest, day),) = database.rows("select summary, manifest, judged_on from lifecircle.studies")
    assert summary == json.loads(json.dumps(result.summary))
    assert manifest == json.loads(json.dumps(result.manifest))
    assert day == result.study.study.date


def test_names_of_dwellings_stay_with_the_office(database: Database, result: Result) -> None:
    named = result.dwellings.assign(name="不得外传", address="不得外传", 联系人="不得外传")
    write_database(replace(result, dwellings=named), database.address)
    assert "不得外传" not in "".join(sum(content(database).values(), []))  # noqa: RUF017


def test_writing_again_replaces_its_own_rows_and_leaves_all_others(database: Database, result: Result) -> None:
    year, other = of(result, year=2024), of(result, id="o'ther", name="别处")
    for one in (result, year, other):
        write_database(one, database.address)
    before = content(database)
    fewer = replace(result, units=result.units.head(5), faults=result.faults.head(0), equity=None)
    write_database(fewer, database.address)
    own, others = "study = 'sample' and year = 2025", "not (study = 'sample' and year = 2025)"
    after = content(database, own)
    assert content(database, others) == {
        name: [row for row in rows if '"year": 2024' in row or "o'ther" in row] for name, rows in before.items()
    }
    assert (len(after["verdicts"]), len(after["faults"]), len(after["equity_shares"])) == (5, 0, 0)
    write_database(result, database.address)
    assert content(database) == before


def test_hard_texts_come_back_as_they_were_but_for_what_no_database_holds(database: Database, result: Result) -> None:
    half = pd.Series("\ud800", index=result.facilities.index, dtype=object)  # half of a character
    facilities = result.facilities.assign(name=HARD, ledger_zh=half)
    about = {"summary": dict(result.summary) | {HARD: [HARD]}}
    write_database(of(replace(result, facilities=facilities, **about), name=HARD), database.address)
    held = HARD.replace("\x00", "\ufffd")
    assert set(database.rows("select distinct name, ledger_zh from lifecircle.facilities")) == {(held, "?")}
    ((name, summary),) = database.rows("select name, summary from lifecircle.studies")
    assert name == held
    assert summary[held] == [held]
    assert write_database(of(replace(result, facilities=facilities, **about), name=HARD), database.address)


@pytest.mark.parametrize("end", ["raise exception 'full'", "perform pg_terminate_backend(pg_backend_pid())"])
def test_a_failure_on_the_way_changes_nothing(database: Database, result: Result, end: str) -> None:
    write_database(result, database.address)
    database.run(
        f"create function fail() returns trigger language plpgsql as $$ begin {end}; return null; end $$",
        "create trigger fails before insert on lifecircle.faults execute function fail()",
    )
    before = content(database)
    other = replace(result, units=result.units.head(3))
    assert refused(other, database) == "database-failed"
    assert content(database) == before
    assert refused(of(other, year=2030), database) == "database-failed"
    assert content(database) == before


def test_a_first_write_that_fails_leaves_no_tables(database: Database, result: Result) -> None:
    twice = replace(result, faults=result.faults, units=pd.concat([result.units, result.units]))
    assert refused(twice, database) == "database-failed", "a key twice"
    assert database.rows("select count(*) from pg_namespace where nspname = 'lifecircle'") == [(0,)]


def test_writers_at_the_same_time_wait_for_each_other(database: Database, result: Result) -> None:
    studies = [of(result, id=f"s{number % 3}", year=2020 + number % 2) for number in range(8)]
    failed: list[Exception] = []

    def write(one: Result) -> None:
        try:
            write_database(one, database.address)
        except LifecircleError as problem:
            failed.append(problem)

    threads = [threading.Thread(target=write, args=(one,)) for one in studies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    counts = database.rows("select count(*), count(distinct (study, year)) from lifecircle.dwellings")
    assert counts == [(6 * 100, 6)]


def test_a_column_that_came_later_is_added_and_others_are_left(database: Database, result: Result) -> None:
    write_database(of(result, year=2024), database.address)
    database.run(
        "alter table lifecircle.verdicts drop column gap_zh",
        "alter table lifecircle.verdicts add column remark text default '局里批注'",
    )
    write_database(result, database.address)
    assert database.rows("select distinct remark from lifecircle.verdicts") == [("局里批注",)]
    found = database.rows("select count(gap_zh) from lifecircle.verdicts where year = 2024 union all "
                          "select count(gap_zh) from lifecircle.verdicts where year = 2025")  # fmt: skip
    assert found == [(0,), (len(result.units),)]


@pytest.mark.parametrize(
    ("made", "check"),
    [
        (["create table lifecircle.studies (study text, year int, primary key (study, year))"], "foreign-table"),
        (["create table lifecircle.units (unit_id text primary key)"], "foreign-table"),
        (["create table lifecircle.verdicts (study text, year int, low text, standard text, rule_id text, "
          "unit_id text, primary key (study, year, standard, rule_id, unit_id))"], "foreign-table"),
        (["create table lifecircle.studies (study text, year int, primary key (study, year))",
          "comment on table lifecircle.studies is 'lifecircle-tables/9'"], "newer-tables"),
    ],
)  # fmt: skip
def test_tables_that_are_not_its_own_are_left_alone(
    database: Database, result: Result, made: list[str], check: str
) -> None:
    database.run("create schema lifecircle", *made)
    assert refused(result, database) == check
    assert len(content(database)) == 1


def test_another_study_of_the_same_id_and_year_is_not_overwritten(database: Database, result: Result) -> None:
    write_database(result, database.address)
    assert refused(of(result, name="别的区"), database) == "other-study"


def test_studies_elsewhere_are_in_wgs_84_or_in_what_the_tables_have(database: Database, result: Result) -> None:
    west = replace(result, tables=replace(result.tables, crs="EPSG:32651"))
    write_database(west, database.address, schema="first")
    write_database(result, database.address, schema="first")
    srids = database.rows("select distinct st_srid(geometry) from first.units where geometry is not null")
    assert srids == [(4326,)]


def test_shapes_have_an_index(database: Database, result: Result) -> None:
    write_database(result, database.address)
    rows = database.rows("select tablename from pg_indexes where schemaname = 'lifecircle' and indexdef like '%gist%'")
    assert {name for (name,) in rows} == {"units", "facilities", "dwellings"}


def test_a_schema_is_written_as_it_is_named(database: Database, result: Result) -> None:
    schema = 'it"s 局.; drop'
    written = write_database(result, database.address, schema=schema)
    assert f"{schema}.units" in written
    assert database.rows("select nspname from pg_namespace where nspname like 'it%'") == [(schema,)]


def test_without_postgis_nothing_is_written(database: Database, result: Result) -> None:
    database.run("drop extension postgis")
    assert refused(result, database) == "no-postgis"


def test_a_user_without_the_right_is_told_so(
    database: Database, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"visitor_{database.name}"
    database.run(f"create role {role} login password 'x'")
    monkeypatch.setenv("PGPASSWORD", "x")
    address = f"postgresql://{role}@127.0.0.1:{database.port}/{database.name}"
    with pytest.raises(LifecircleError) as caught:
        write_database(result, address)
    database.run(f"drop role {role}")
    assert [one.check for one in caught.value.faults] == ["no-right"]


def test_a_password_in_the_address_is_refused_in_the_language_of_the_study(result: Result) -> None:
    with pytest.raises(LifecircleError) as caught:
        write_database(result, "postgresql://keeper:s3cret@127.0.0.1/town")
    assert [one.check for one in caught.value.faults] == ["password-in-address"]
    assert caught.value.lang == "zh"
    assert "s3cret" not in str(caught.value)
