from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.firm import rules as firm
from portal.kernel.money import Yuan
from portal.spreadsheet import read, write
from portal.spreadsheet.rules import Column, Schema, cells, tidy
from portal.subject import rules as subject
from tests.spreadsheet.books import good, opened


def test_list_has_a_title_a_unit_a_frozen_header_and_typed_cells() -> None:
    content = write(
        ("名称", "金额", "日期", "人数", "身份证号", "启用", "时间"),
        [
            (
                "甲",
                Decimal("1234.50"),
                date(2023, 1, 5),
                34,
                "532522199209121025",
                True,
                datetime(2026, 1, 31, 16, 0, tzinfo=UTC),
            ),
            ("乙", None, None, 13_926_778_633, "", False, None),
        ],
        "机构/名单",
    )
    sheet = opened(content)
    assert sheet.title == "机构名单"
    assert (sheet["A1"].value, sheet["A2"].value) == ("机构/名单", "单位：元")
    assert [cell.value for cell in sheet[3]] == ["名称", "金额", "日期", "人数", "身份证号", "启用", "时间"]
    assert (sheet["B4"].number_format, sheet["B4"].alignment.horizontal) == ("#,##0.00", "right")
    assert sheet["E4"].number_format == "@"
    assert [cell.value for cell in sheet[4]][3:] == [34, "532522199209121025", "是", "2026-02-01 00:00:00"]
    assert sheet["D5"].value == "13926778633"
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:G5"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"  # type: ignore[union-attr]
    long = opened(write(("说明", "名称"), [("长" * 40, "短")], "单"))
    assert long["A3"].alignment.wrap_text, "what is wider than its column is not cut by the next"
    assert not long["B3"].alignment.wrap_text


@pytest.mark.parametrize("text", ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")'))
def test_what_begins_like_a_formula_stays_text(text: Any) -> None:
    sheet = opened(write(("备注",), [(text,)], "单"))
    assert (sheet["A3"].value, sheet["A3"].data_type) == (text, "s")
    assert sheet["A3"].quotePrefix is True


def test_characters_no_workbook_may_hold_are_left_out() -> None:
    assert opened(write(("备注",), [("甲\x00\ufffe乙\x1f\uffff\ud800",)], ":*?"))["A3"].value == "甲乙"


def test_empty_list_is_a_header_alone() -> None:
    assert [cell.value for cell in opened(write(("名称",), [], "单"))[2]] == ["名称"]


ROWS = Schema(
    "往返",
    (
        Column("名称", "name", cells.words(100), required=True),
        Column("金额", "total", cells.amount, required=True),
        Column("人数", "staff", cells.whole(0, 10**12), required=True),
        Column("日期", "on", cells.day, required=True),
    ),
    lambda **values: tuple(values.values()),
)
ROW = st.tuples(
    st.text("甲乙丙=+-@1aＡ（）:'，", min_size=1, max_size=20).filter(
        lambda text: tidy(text.lstrip("'")) == text and text not in ROWS.columns[0].headers
    ),
    st.decimals(0, Decimal("99999999999.99"), places=2),
    st.integers(0, 10**12),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=5))
def test_what_is_written_is_read_back(rows: Any) -> None:
    made = read(write(("名称", "金额", "人数", "日期"), rows, "往返"), ROWS)
    assert made.faults == ()
    assert made.records == tuple(rows)


def test_registers_survive_the_round_trip() -> None:
    firms = read(good("firms"), firm.firms({})).records
    labels = dict[object, str]((*firm.FIRM_KIND_LABELS.items(), *firm.FIRM_SIZE_LABELS.items()))
    fields = [column.field for column in firm.firms({}).columns]
    values = [[getattr(each, field) for field in fields] for each in firms]
    rows = [[labels.get(value, value) for value in row] for row in values]
    content = write([column.name for column in firm.firms({}).columns], rows, firm.firms({}).title)
    assert read(content, firm.firms({})).records == firms


def test_amounts_come_back_in_yuan_when_the_sheet_says_yuan() -> None:
    row = ("某项目", "某局", "项目支出", "一般公共预算", 2022, Yuan(Decimal("12.34")))
    made = read(
        write(("项目名称", "预算单位", "对象类型", "预算类型", "年度", "资金总额"), [row], "清单"),
        subject.schema(["某局"]),
    )
    assert (made.unit, made.unit_stated) == ("元", True)
    assert made.records[0].total == Decimal("12.34")
