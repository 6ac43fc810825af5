"""Whatever a file holds, it is read or refused in words; the whole corpus runs by `python tests/fuzz/fuzz.py`."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lifecircle as lc
from lifecircle.faults import Where, fault
from lifecircle.given import Input
from lifecircle.readers.cells import dates, keys, numbers, texts, yes_no
from lifecircle.readers.headers import understood_headers
from lifecircle.readers.layers import read_layer
from lifecircle.tables import CONTRACTS
from lifecircle.words import shipped

FUZZ = Path(__file__).parent / "fuzz"
PACKAGE = Path(str(lc.__file__)).parent
EVERY = 40  # of each family one case in so many runs here; the whole takes many minutes: see tests/fuzz/fuzz.py
LEAST = 25
FILES = (
    "facilities.xlsx", "facilities.xls", "facilities.ods", "dwellings.csv", "units.gpkg", "units.shp", "units.geojson",
    "units.fgb", "units.parquet", "units.kml", "units.zip", "units.dbf", "units.tab", "units.txt", "units",
)  # fmt: skip
LIKELY = [pd.NA, pd.NaT, np.float64("nan"), "#REF!", "１２０㎡", "1.2万", "２０２５年３月", "\ud800"]
DAYS = st.one_of(st.datetimes(), st.dates(), st.times(), st.timedeltas())
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.decimals(), st.binary())
ANYTHING = st.one_of(PLAIN, DAYS, st.sampled_from(LIKELY))
CELLS = st.lists(ANYTHING, max_size=12).map(lambda cells: pd.Series(cells, dtype=object))


def spoken(text: str) -> bool:
    """Whether a line says where, what and the cure."""
    return ": " in text and "Cure: " in text and "\n" not in text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each case runs in a forked process, which Windows has not")
def test_each_spoilt_study_ends_in_a_clear_fault_or_a_right_read(tmp_path: Path) -> None:
    found = tmp_path / "outcomes.json"
    source = str(Path(str(lc.__file__)).parents[1])
    command = [sys.executable, str(FUZZ / "fuzz.py"), "--every", str(EVERY), "--workers", "2", "--json", str(found)]
    environment = os.environ | {"PYTHONPATH": source, "PYTHONUTF8": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    outcomes = json.loads(found.read_text("utf-8")) if found.exists() else []
    print(done.stdout)
    failed = [f"{one['name']}: {'; '.join(one['failed'])}" for one in outcomes if one["failed"]]
    assert not failed, "\n".join(failed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(outcomes) >= LEAST


@given(CELLS, st.sampled_from(["m2", "households", "population", ""]))
def test_any_cells_are_numbers_or_unknown(cells: pd.Series, unit: str) -> None:
    values, wrong = numbers(cells, unit)
    assert values.index.equals(cells.index)
    assert values.dtype == "float64"
    assert wrong.dtype == bool
    assert not np.isinf(values[~wrong]).any()


@given(CELLS, st.booleans())
def test_any_cells_are_days_or_unknown(cells: pd.Series, month_end: bool) -> None:
    values, wrong = dates(cells, month_end=month_end)
    assert values.index.equals(cells.index)
    assert values.dtype.kind == "M"
    assert values[wrong].isna().all()


@given(CELLS)
def test_any_cells_are_texts_that_can_be_written_down(cells: pd.Series) -> None:
    for values in (texts(cells), keys(cells)[0]):
        assert values.index.equals(cells.index)
        assert all(isinstance(value, str) for value in values)
        assert "".join(values).encode("utf-8").decode("utf-8") == "".join(values)


@given(CELLS)
def test_any_cells_are_yes_or_no_or_neither(cells: pd.Series) -> None:
    values, wrong = yes_no(cells)
    assert values.index.equals(cells.index)
    assert wrong.index.equals(cells.index)


@given(st.lists(st.text(max_size=30), max_size=12, unique=True), st.sampled_from(["units", "facilities", "dwellings"]))
def test_any_headers_are_understood_or_told(headers: list[str], table: str) -> None:
    found, faults = understood_headers(headers, Where("f.csv", table), {}, needs_place=True)
    assert set(found.values()) <= set(headers)
    assert set(found) <= {column.name for column in CONTRACTS[table]} | {"x", "y"}
    assert all(spoken(one.line()) for one in faults)


@given(st.text())
def test_whatever_is_found_the_line_of_a_fault_is_one_line_that_ends(found: str) -> None:
    line = fault("not-a-date", Where("f.xlsx", row=3), column=found, found=found).line()
    assert line.startswith("f.xlsx, row 3: ")
    assert len(line.splitlines()) == 1
    assert len(line) < 1000


def read_or_told(path: Path) -> None:
    """Assert that a file is read as a table or refused in words."""
    layer, faults = read_layer(path, Input(path=path.name), table="units")
    assert all(spoken(one.line("en")) and one.line("zh") for one in faults)
    if layer is None:
        assert any(one.severity == "error" for one in faults)
    else:
        assert len(layer.cells) == len(layer.rows)
        assert layer.geometry is None or len(layer.geometry) == len(layer.rows)


@settings(max_examples=12)
@given(st.text(alphabet=st.sampled_from("单元编码,;\t\"'\n\r 0１ab.=\x00\ufeff😀"), max_size=200))
def test_any_text_as_csv_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "f.csv"
    path.write_bytes(text.encode("utf-8"))
    read_or_told(path)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=6)
@given(st.binary(max_size=300))
def test_any_bytes_under_any_suffix_are_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / name
    path.write_bytes(data)
    read_or_told(path)


@settings(max_examples=12)
@given(
    st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), st.text(max_size=5), st.just("Polygon")
        ),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(st.sampled_from(["type", "coordinates", "properties", "geometry", "x"]), inner, max_size=5),
        ),
    )
)
def test_any_feature_of_a_geojson_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, feature: object) -> None:
    path = tmp_path_factory.mktemp("json") / "f.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    read_or_told(path)


def said_in_package() -> tuple[set[str], set[str]]:
    """The checks that calls make, and every text in the package, of those that are put together each part."""
    made, texts = set[str](), set[str]()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"fault", "refused", "Fault"}:
                made |= {str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant)}
    return made, texts


def test_every_check_has_its_words_and_every_words_their_check() -> None:
    made, texts = said_in_package()
    known = set(shipped("faults.toml"))
    begun = tuple(one for one in texts if re.fullmatch("[a-z]+-", one))  # such as stacked-{table}
    assert made <= known
    assert {one for one in known - texts if not one.startswith(begun)} == set()
