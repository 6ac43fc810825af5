"""Cells as offices write them: numbers, days, keys and words, read for sure or not at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.readers.cells import dates, keys, numbers, shown_errors, texts, without_end, yes_no

DIGITS = "零一二三四五六七八九"


def column(*cells: object) -> pd.Series:
    return pd.Series(list(cells), dtype=object)


def number(cell: object, unit: str = "m2", factor: int = 1) -> float | None:
    """What a cell is read as; None where it is refused."""
    values, wrong = numbers(column(cell), unit, factor=factor)
    return None if wrong.iloc[0] else float(values.iloc[0])


def day(cell: object, *, month_end: bool = False) -> str | None:
    values, wrong = dates(column(cell), month_end=month_end)
    return None if wrong.iloc[0] or pd.isna(values.iloc[0]) else str(values.iloc[0].date())


def spoken(number: int) -> str:
    """A whole number below 10,000 as it is said in Chinese, place by place."""
    places = [(digit, name) for digit, name in zip(f"{number:04d}", "千百十 ", strict=True)]
    words = "".join("零" if digit == "0" else DIGITS[int(digit)] + name.strip() for digit, name in places)
    while "零零" in words:
        words = words.replace("零零", "零")
    return words.strip("零") or "零"


# numbers


@given(
    st.decimals(0, 9_999_999, places=2),
    st.sampled_from(["{}", "{:,}", "{}㎡", "{} 平方米", "{}m²", "{:,}平米", "{}平", " {} "]),
    st.booleans(),
)
def test_a_number_in_any_form_of_an_office_is_the_number(value: object, form: str, wide: bool) -> None:
    text = form.format(value)
    wider = text.translate(str.maketrans("0123456789.,", "０１２３４５６７８９．，"))
    assert number(wider if wide else text) == float(value)  # type: ignore[arg-type]


@given(st.integers(0, 9999))
def test_a_whole_number_in_chinese_numerals_is_the_number(value: int) -> None:
    assert number(spoken(value)) == value


@given(st.integers(1, 9999), st.integers(1000, 9999))
def test_chinese_numerals_with_ten_thousands_are_the_number(high: int, low: int) -> None:
    assert number(f"{spoken(high)}万{spoken(low)}") == high * 10_000 + low


@given(st.decimals(0, 9999, places=4))
def test_numbers_in_wan_are_exact(value: object) -> None:
    expected = float(value * 10_000)  # type: ignore[operator]
    assert number(f"{value}万㎡") == number(f"{value}万") == number(str(value), factor=10_000) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "约300", "300左右", "300-400", ">300", "300+", "30%", "300余", "1,20", "三万二", "二百五", "一二三", "inf",
        "1e999", "300户", True, "3㎡㎡", "#REF!",
    ],
)  # fmt: skip
def test_what_is_no_sure_number_is_refused(cell: object) -> None:
    assert number(cell) is None


@pytest.mark.parametrize(("cell", "expected"), [("十二", 12), ("两百", 200), ("一百十五", 115), ("三万零二百", 30_200)])
def test_numerals_as_they_are_said_are_understood(cell: str, expected: int) -> None:
    assert number(cell) == expected


@pytest.mark.parametrize("cell", ["", None, np.nan, "不详", "—", "／", "（空）", "待 核"])
def test_an_empty_cell_is_unknown_and_not_wrong(cell: object) -> None:
    values, wrong = numbers(column(cell))
    assert (values.isna().all(), wrong.any()) == (True, False)


def test_a_unit_in_the_cell_that_contradicts_the_header_is_refused() -> None:
    assert number("300㎡", factor=10_000) is None
    assert number("1.2万㎡", factor=10_000) == 12_000


def test_households_have_their_own_unit() -> None:
    assert number("三百二十户", "households") == 320
    assert number("300㎡", "households") is None


def test_numbers_of_a_workbook_are_kept_to_the_last_digit() -> None:
    assert number(299.99999999999994) == 299.99999999999994
    assert numbers(pd.Series([299.99999999999994, np.inf]))[1].tolist() == [False, True]


def test_unseen_marks_in_a_number_are_no_part_of_it() -> None:
    assert number("\ufeff3\u200b00\x00") == 300


# days

FORMS = ["{y}年{m}月{d}日", "{y}.{m}.{d}", "{y}/{m}/{d}", "{y}-{m:02}-{d:02}", "{y}{m:02}{d:02}", "{y}年{m}月{d}号",
         "{y}-{m:02}-{d:02} 09:30:00", "{serial}"]  # fmt: skip


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)), st.sampled_from(FORMS))
def test_a_day_in_any_form_of_an_office_is_the_day(when: dt.date, form: str) -> None:
    serial = (when - dt.date(1899, 12, 30)).days
    assert day(form.format(y=when.year, m=when.month, d=when.day, serial=serial)) == when.isoformat()


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)))
def test_a_day_in_chinese_numerals_is_the_day(when: dt.date) -> None:
    def short(part: int) -> str:
        return spoken(part).removeprefix("一") if 10 <= part < 20 else spoken(part)

    year = "".join(DIGITS[int(digit)] for digit in str(when.year)).replace("零", "〇")
    assert day(f"{year}年{short(when.month)}月{short(when.day)}日") == when.isoformat()


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)))
def test_a_day_of_a_workbook_is_the_day_without_its_hours(when: dt.date) -> None:
    serial = float((when - dt.date(1899, 12, 30)).days)
    moment = dt.datetime.combine(when, dt.time(9, 30))
    assert day(serial) == day(serial + 0.75) == day(moment) == day(when) == when.isoformat()


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2025年3月", "2025-03-01", "2025-03-31"), ("2025年3月底", "2025-03-31", "2025-03-31"),
        ("2024年2月末", "2024-02-29", "2024-02-29"), ("2025年3月初", "2025-03-01", "2025-03-01"),
        ("2025年底", "2025-12-31", "2025-12-31"), ("2025/3", "2025-03-01", "2025-03-31"),
    ],
)  # fmt: skip
def test_a_month_alone_is_its_first_or_last_day(cell: str, first: str, last: str) -> None:
    assert (day(cell), day(cell, month_end=True)) == (first, last)


@pytest.mark.parametrize(
    "cell",
    [
        "2025上半年",
        "2025年第一季度",
        "2025年3月中旬",
        "25.3.1",
        "3/1/2025",
        "2025-02-30",
        2025.1,
        2025,
        "2025年",
        "去年",
        True,
    ],
)
def test_what_is_no_sure_day_is_refused(cell: object) -> None:
    assert dates(column(cell))[1].tolist() == [True]


@pytest.mark.parametrize("cell", ["长期", "无固定期限", "永 久", "自有"])
def test_a_lease_without_end_is_no_day_and_no_mistake(cell: str) -> None:
    values, wrong = dates(column(cell))
    assert (values.isna().all(), wrong.any(), without_end(column(cell)).all()) == (True, False, True)


# keys and texts


@pytest.mark.parametrize(
    ("cell", "key"),
    [("310101001.0", "310101001"), (310101001.0, "310101001"), (3.10101e11, "310101000000"), ("007", "007"),
     (7, "7"), (" A01\u200b", "A01"), ("\ufeffA01\x00", "A01"), ("A.0", "A.0")],
)  # fmt: skip
def test_a_key_is_what_was_meant(cell: object, key: str) -> None:
    found, lost = keys(column(cell))
    assert (found.tolist(), lost.tolist()) == ([key], [False])


def test_keys_of_a_column_of_numbers_have_no_point() -> None:
    assert keys(pd.Series([310101001.0, np.nan]))[0].tolist() == ["310101001", ""]


@pytest.mark.parametrize("cell", ["3.10101E+11", 3.1010100100100123e17])
def test_a_key_whose_digits_a_spreadsheet_has_lost_is_told(cell: object) -> None:
    assert keys(column(cell))[1].tolist() == [True]


@pytest.mark.parametrize("dtype", [object, "str"])
def test_marks_that_nobody_sees_are_no_part_of_a_text_but_its_line_breaks_are(dtype: object) -> None:
    assert texts(pd.Series([" 一\n二\u200b\x07 "], dtype=dtype)).tolist() == ["一\n二"]


def test_half_of_a_pair_of_surrogates_is_no_part_of_a_text() -> None:
    assert texts(column("A\ud800B")).tolist() == ["AB"]


@given(st.lists(st.text(max_size=8), max_size=5))
def test_reading_texts_twice_changes_nothing_more(cells: list[str]) -> None:
    once = texts(pd.Series(cells, dtype=object))
    assert texts(once).tolist() == once.tolist()


@pytest.mark.parametrize("shown", ["#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#####", "Err:502"])
def test_what_a_spreadsheet_shows_for_an_error_is_known(shown: str) -> None:
    assert shown_errors(column(shown, "A1").astype("str")).tolist() == [True, False]


@pytest.mark.parametrize(("cell", "said"), [("是", True), ("√", True), ("Ｙ", True), (1, True), ("否", False),
                                            ("×", False), ("无", False), (0.0, False)])  # fmt: skip
def test_yes_and_no_are_understood(cell: object, said: bool) -> None:
    values, wrong = yes_no(column(cell))
    assert (values.tolist(), wrong.tolist()) == ([said], [False])


def test_neither_yes_nor_no_is_told() -> None:
    values, wrong = yes_no(column("也许", ""))
    assert (values.isna().tolist(), wrong.tolist()) == ([True, True], [True, False])


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=6), st.floats(), st.integers(-10, 10**20), st.booleans()), max_size=6
    )
)
def test_no_cell_whatever_ends_reading(cells: list[object]) -> None:
    made = pd.Series(cells, dtype=object)
    for read in (numbers, dates, keys, yes_no):
        values, wrong = read(made)
        assert len(values) == len(wrong) == len(cells)
    assert len(texts(made)) == len(cells)
