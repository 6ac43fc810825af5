"""Rows that are no records: which they are, what is said of them, and which records look like them and stay."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import xlsxwriter

from lifecircle.faults import Fault, Where
from lifecircle.given import Input
from lifecircle.readers.cells import dates
from lifecircle.readers.grids import Wanted, records_of
from lifecircle.readers.layers import Layer, read_layer

HEADERS = ["设施编码", "设施名称", "类别", "建筑面积(㎡)", "经度", "纬度"]
ROWS: list[list[object]] = [["F1", "甲", "社区", 350, 121.1, 31.2], ["F2", "乙", "社区", 300, 121.2, 31.2]]


def sheet(path: Path, rows: list[list[object]], *merges: str) -> Path:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("设施")
        for span in merges:
            page.merge_range(span, "")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    page.write(at, column, cell)
    return path


def read(path: Path, *, table: str = "facilities") -> tuple[Layer, list[Fault]]:
    layer, faults = read_layer(path, Input(path=path.name), table=table)
    assert layer is not None, [one.line() for one in faults]
    return layer, faults


def found(faults: list[Fault]) -> list[tuple[str, int | None, str]]:
    return [(one.check, one.where.row, dict(one.values)["found"]) for one in faults]


# what is said of a row


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["合 计", "王小明", "13800000001", 650], "合 计"),
        (["", "北站街道小计", "王小明 13800000001", 650], "小计"),
        (["Total: 650 m2", "", "王小明", 13800000001], "total"),
        (["填表人:王小明", "", "联系电话:13800000001"], "填表人"),
        (["联系电话", "13800000001", "王小明"], "联系电话"),
        (["备注:王小明 13800000001"], "备注"),
    ],
)
def test_no_cell_of_a_row_that_is_left_out_is_said_but_the_word_that_decided(
    tmp_path: Path, row: list[object], word: str
) -> None:
    _, faults = read(sheet(tmp_path / "a.xlsx", [HEADERS, *ROWS, row]))
    assert found(faults) == [("left-out-row", 4, word)]
    said = faults[0].line() + faults[0].line("zh") + repr(faults[0])
    assert not [secret for secret in ("王小明", "13800000001", "650", "北站") if secret in said]


def test_a_note_over_several_columns_is_left_out_without_its_text(tmp_path: Path) -> None:
    rows = [HEADERS, *ROWS, ["王小明于十二月核对过此表 13800000001"]]
    layer, faults = read(sheet(tmp_path / "a.xlsx", rows, "A4:F4"))
    assert layer.rows.tolist() == [2, 3]
    assert found(faults) == [("left-out-row", 4, "one cell over several columns")]
    assert "王小明" not in repr(faults)


# records that look like notes


@pytest.mark.parametrize(
    "row",
    [["", "南门社区服务站"], ["", "联系服务站"], ["", "说明书店"],
     ["北站:03"], ["F9"], ["来源里1号"], ["", "南门:社区服务站"]],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_last_row_of_one_cell_stays_unless_it_begins_as_a_note(
    tmp_path: Path, row: list[object], suffix: str
) -> None:
    rows = [HEADERS, *ROWS, [*row, *[""] * (len(HEADERS) - len(row))]]
    path = tmp_path / f"a{suffix}"
    if suffix == ".xlsx":
        sheet(path, rows)
    else:
        pd.DataFrame(rows[1:], columns=HEADERS).to_csv(path, index=False)
    layer, faults = read(path)
    assert (layer.rows.tolist(), faults) == ([2, 3, 4], [])


def test_the_order_of_rows_does_not_decide_which_are_records(tmp_path: Path) -> None:
    rows = [*ROWS, [None, "南门社区服务站"], ["北站:03"]]
    kept = [read(sheet(tmp_path / f"{at}.xlsx", [HEADERS, *rows[at:], *rows[:at]]))[0] for at in range(len(rows))]
    assert [len(one.rows) for one in kept] == [4, 4, 4, 4]


@pytest.mark.parametrize("header", ["id", "poi_id", "uid"])
def test_a_key_under_a_header_of_second_choice_makes_a_record(tmp_path: Path, header: str) -> None:
    rows = [[header, *HEADERS[1:]], *ROWS, ["F3", "总计", "社区", 1, 121.1, 31.2]]
    layer, faults = read(sheet(tmp_path / "a.xlsx", rows))
    assert (layer.rows.tolist(), faults) == ([2, 3, 4], [])


# files that are no sheets


@pytest.mark.parametrize("suffix", [".dbf", ".parquet", ".gpkg"])
def test_a_row_of_totals_counts_in_no_format(tmp_path: Path, suffix: str) -> None:
    frame = pd.DataFrame({"编码": ["N1", "N2", None], "名称": ["甲", "乙", "合计"], "户数": [100, 200, 300]})
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        gpd.GeoDataFrame(frame, geometry=[None] * 3).pipe(pd.DataFrame).drop(columns="geometry").pipe(written, path)
    layer, faults = read(path, table="units")
    assert layer.cells["户数"].tolist() == [100, 200]
    assert found([one for one in faults if one.check == "left-out-row"]) == [("left-out-row", 3, "合计")]


def written(frame: pd.DataFrame, path: Path) -> None:
    import pyogrio

    driver = {".dbf": "ESRI Shapefile", ".gpkg": "GPKG"}[path.suffix]
    options = {"encoding": "UTF-8"} if path.suffix == ".dbf" else {}
    pyogrio.write_dataframe(frame, path, driver=driver, **options)
    if path.suffix == ".gpkg":
        with sqlite3.connect(path) as opened:
            assert opened.execute("select count(*) from a").fetchone() == (3,)


def test_a_row_of_totals_of_a_database_counts_not() -> None:
    cells = pd.DataFrame({"编码": ["N1", None], "名称": ["甲", "合计"], "户数": [100, 100]})
    layer = Layer(cells, pd.RangeIndex(1, 3).to_numpy(), "postgresql://db/town", "t")
    kept, faults = records_of(layer, Wanted("units", {}), Where(layer.file, "units"), header=list(cells.columns))
    assert kept.cells["户数"].tolist() == [100]
    assert found(faults) == [("left-out-row", 2, "合计")]


def test_an_area_that_is_called_a_total_stays(tmp_path: Path) -> None:
    frame = pd.DataFrame({"编码": ["N1", None], "名称": ["甲", "合计"]})
    shapes = gpd.GeoSeries.from_wkt(["POINT (1 1)", "POINT (2 2)"], crs=4549)
    gpd.GeoDataFrame(frame, geometry=shapes).to_file(tmp_path / "a.gpkg")
    layer, faults = read(tmp_path / "a.gpkg", table="units")
    assert (len(layer.cells), faults) == (2, [])


# merged numbers, days, errors


@pytest.mark.parametrize("header", ["老年户数", "困难家庭", "total_65"])
def test_a_number_over_several_records_is_a_fault_under_any_header_of_amounts(tmp_path: Path, header: str) -> None:
    rows = [[*HEADERS, header], [*ROWS[0], 40], [*ROWS[1], None]]
    layer, faults = read(sheet(tmp_path / "a.xlsx", rows, "G2:G3"))
    assert layer.cells[header].tolist() == [40, ""]
    assert found(faults) == [("merged-number", 2, "40")]


@pytest.mark.parametrize("header", ["街道编码", "序号"])
def test_a_code_or_a_number_of_no_meaning_over_several_records_is_repeated(tmp_path: Path, header: str) -> None:
    rows = [["编码", "名称", header], ["N1", "甲", 310101], ["N2", "乙", None]]
    layer, faults = read(sheet(tmp_path / "a.xlsx", rows, "C2:C3"), table="units")
    assert (layer.cells[header].tolist(), faults) == ([310101, 310101], [])


def test_a_month_that_may_have_lost_its_zero_is_no_day() -> None:
    days, wrong = dates(pd.Series(["2025.1", "2025.01", "2025.10", "２０２５．１", "2025.1.1", "2025-1"]))
    assert wrong.tolist() == [True, False, False, True, False, False]
    assert days.dropna().dt.strftime("%Y-%m-%d").tolist() == ["2025-01-01", "2025-10-01", "2025-01-01", "2025-01-01"]


@pytest.mark.parametrize("shown", ["#REF!", "#N/A", "#GETTING_DATA", "####", "Err:502"])
def test_whatever_a_spreadsheet_shows_for_an_error_is_one_in_every_file(tmp_path: Path, shown: str) -> None:
    (tmp_path / "a.csv").write_text(f"设施编码,设施名称,建筑面积\nF1,甲,{shown}\n", "utf-8")
    layer, faults = read(tmp_path / "a.csv")
    assert layer.cells["建筑面积"].tolist() == [""]
    assert found(faults) == [("error-cell", 2, shown)]
