from typing import Any

import pytest

from portal.spreadsheet import mark, read
from portal.spreadsheet.rules import Column, Schema, cells
from portal.subject import rules as subject
from portal.unit import rules as unit
from tests.spreadsheet.books import a_book, bad, good, opened, told

PINK = "FFFFC7CE"
UNITS = [row.name for row in read(good("units"), unit.schema({})).records]


def coloured(sheet: Any) -> Any:
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.start_color.rgb == PINK}


def test_refused_workbook_comes_back_with_each_faulty_cell_coloured_and_told() -> None:
    content = bad("subjects")
    sheet = opened(mark(content, read(content, subject.schema(UNITS))))
    assert coloured(sheet) == {"G5", "C6", "E8", "B9", "G11", "G12"}
    assert sheet["G5"].comment.text == "不是数字。请用阿拉伯数字填写。"
    assert sheet["M3"].value == "导入问题"
    assert [sheet.cell(row, 13).value is not None for row in range(4, 15)] == [
        row in {5, 6, 8, 9, 11, 12} for row in range(4, 15)
    ]
    assert sheet["M11"].value == "资金总额：金额不能为负数。"


def test_the_rest_of_the_workbook_stays() -> None:
    content = bad("subjects")
    before, after = opened(content), opened(mark(content, read(content, subject.schema(UNITS))))
    assert [[cell.value for cell in row] for row in after.iter_rows(max_col=12)] == [
        [cell.value for cell in row] for row in before.iter_rows(max_col=12)
    ]
    assert after.merged_cells.ranges == before.merged_cells.ranges


def test_marked_workbook_mended_and_sent_again_is_marked_afresh() -> None:
    content = bad("subjects")
    schema = subject.schema(UNITS)
    once = mark(content, read(content, schema))
    again = read(once, schema)
    assert again.faults == read(content, schema).faults
    assert again.ignored == ()
    sheet = opened(mark(once, again))
    assert [cell.value for cell in sheet[3]].count("导入问题") == 1
    assert coloured(sheet) == {"G5", "C6", "E8", "B9", "G11", "G12"}


@pytest.fixture
def schema() -> Any:
    return Schema(
        "项目",
        (
            Column("名称", "name", cells.words(), required=True),
            Column("金额", "total", cells.amount, required=True),
            Column("年度", "year", cells.year, required=True),
        ),
        dict,
    )


def test_missing_header_is_told_beside_the_header(schema: Any) -> None:
    content = a_book(("题",), ("名称", "金额"), ("甲", 1))
    sheet = opened(mark(content, read(content, schema)))
    assert coloured(sheet) == {"C2"}
    assert sheet["D2"].value == "导入问题\n年度：缺少这一列。"


def test_faulty_merged_cell_is_marked_at_its_first_cell(schema: Any) -> None:
    content = a_book(("名称", "金额", "年度"), ("甲", 1, 2022), (None, 1, 1999), merged=("A2:A3",))
    sheet = opened(mark(content, read(content, schema)))
    assert coloured(sheet) == {"A2", "C3"}


def test_unit_line_within_a_merged_title_is_marked(schema: Any) -> None:
    content = a_book(
        (None, None, None), ("单位：美元",), ("名称", "金额", "年度"), ("甲", 1, 2022), merged=("A2:C2",)
    )
    assert coloured(opened(mark(content, read(content, schema)))) == {"A2"}


def test_gap_covered_by_a_merge_to_its_left_is_marked_at_its_first_cell(schema: Any) -> None:
    content = a_book(("名称", "金额", "年度"), ("甲", None, 2022), merged=("A2:B2",))
    made = read(content, schema)
    assert told(made.faults) == [(2, "金额", "")]
    assert coloured(opened(mark(content, made))) == {"A2"}
