from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from portal.kernel.money import NOTHING
from portal.spreadsheet import measuring, opening, read
from portal.spreadsheet.rules import Column, Reading, Schema, cells
from tests.spreadsheet.books import a_book, good, rewritten, saved, told

SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Project:
    name: str
    total: Decimal
    note: str
    on: date | None


PROJECTS = Schema(
    title="项目",
    columns=(
        Column("项目名称", "name", cells.words(), required=True, unique=True, synonyms=("名称",)),
        Column("金额", "total", cells.amount, required=True, synonyms=("资金总额",)),
        Column("备注", "note", cells.words(), blank=""),
        Column("日期", "on", cells.day),
    ),
    record=Project,
)
HEADER = ("序号", "项目名称", "金额", "备注", "日期")


def reading(*rows: tuple[object, ...], merged: tuple[str, ...] = ()) -> Reading[Project]:
    return read(a_book(*rows, merged=merged), PROJECTS)


def causes(made: Reading[Project]) -> list[str]:
    return [fault.cause for fault in made.faults]


def test_title_unit_header_data_and_total_are_told_apart() -> None:
    made = reading(
        ("某县项目表", None, None, None, None),
        ("编制单位：某县财政局", None, None, None, "单位：万元"),
        HEADER,
        (1, "甲　项目", "1,200.50", None, "2023-01-05 00:00:00"),
        (),
        (2, "乙项目", 3, "说明", date(2023, 1, 6)),
        (3, None, None, None, None),
        ("合 计", None, 1203.5, None, None),
        ("注：金额按批复填列", None, None, None, None),
        (None, "制表人：某某", None, None, None),
        merged=("A1:E1", "A8:B8"),
    )
    assert made.faults == ()
    assert [(row.number, row.record) for row in made.rows] == [
        (4, Project("甲项目", Decimal("12005000.00"), "", date(2023, 1, 5))),
        (6, Project("乙项目", Decimal("30000.00"), "说明", date(2023, 1, 6))),
    ]
    assert (made.unit, made.unit_stated, made.header, made.ignored) == ("万元", True, 3, ())


def test_header_may_carry_unit_star_width_and_another_name() -> None:
    made = reading((None, "＊名 称", None, "资金总额（万元）", "经度"), (None, "甲", None, 1, "103°"))
    assert made.faults == ()
    assert made.records == (Project("甲", Decimal("10000.00"), "", None),)
    assert made.ignored == ("经度",)
    assert made.unit_stated is False


def test_column_without_a_header_is_named_as_not_read() -> None:
    assert reading(("项目名称", "金额", None), ("甲", 1, "？")).ignored == ("C列",)


def test_unit_that_nobody_knows_is_a_fault() -> None:
    above = reading(("单位：美元",), ("项目名称", "金额"), ("甲", 1))
    assert told(above.faults) == [(1, "", "单位：美元")]
    beside = reading(("项目名称", "金额（美元）"), ("甲", 1))
    assert told(beside.faults) == [(1, "金额（美元）", "金额（美元）")]


def test_missing_and_repeated_headers_are_faults_of_the_header_row() -> None:
    assert told(reading(("题",), ("项目名称", "备注"), ("甲", "")).faults) == [(2, "金额", "")]
    twice = reading(("项目名称", "金额", "资金总额"), ("甲", 1, 2))
    assert [(fault.row, fault.letter) for fault in twice.faults] == [(1, "C")]
    assert causes(twice) == ["这一列与 B 列重复，不知道以哪一列为准。"]


def test_total_that_is_not_the_sum_is_a_fault_and_in_its_own_unit() -> None:
    made = reading(("单位：万元",), HEADER, (1, "甲", 1.5, None, None), ("合计", None, 2, None, None))
    assert told(made.faults) == [(4, "金额", "2")]
    assert causes(made) == ["合计与明细之和不符：明细之和为 1.50。"]


def test_total_is_not_checked_while_a_cell_of_its_column_is_unreadable() -> None:
    made = reading(HEADER, (1, "甲", "若干", None, None), ("合计", None, 2, None, None))
    assert told(made.faults) == [(2, "金额", "若干")]


def test_total_that_is_no_number_is_a_fault() -> None:
    made = reading(HEADER, (1, "甲", 1, None, None), ("总计", None, "一", None, None))
    assert told(made.faults) == [(3, "金额", "一")]


def test_total_may_stand_above_the_rows() -> None:
    made = reading(HEADER, ("合计", None, 3, None, None), (1, "甲", 1, None, None), (2, "乙", 2, None, None))
    assert made.faults == ()
    assert len(made.rows) == 2


def test_subtotal_is_refused() -> None:
    made = reading(HEADER, (1, "甲", 1, None, None), ("小计", None, 1, None, None))
    assert told(made.faults) == [(3, "序号", "小计")]


def test_every_fault_of_a_row_is_named_once_for_each_cell() -> None:
    made = reading(HEADER, (1, None, "x", None, "昨天"), (2, "乙", -1, None, None))
    assert told(made.faults) == [
        (2, "项目名称", ""),
        (2, "金额", "x"),
        (2, "日期", "昨天"),
        (3, "金额", "-1"),
    ]
    assert made.rows == ()
    assert str(made.faults[0]) == "第2行\t项目名称\t（空）\t必填，这里是空的。"


def test_same_name_in_another_spelling_is_a_duplicate() -> None:
    made = reading(HEADER, (1, "甲（一期）", 1, None, None), (2, "甲 (一期)", 2, None, None))
    assert causes(made) == ["与第 2 行重复。"]
    assert told(made.faults) == [(3, "项目名称", "甲 (一期)")]


def test_merged_data_is_refused_once() -> None:
    made = reading(HEADER, (1, "甲", 1, None, None), (2, None, 2, None, None), merged=("B2:B3",))
    assert told(made.faults) == [(2, "项目名称", "甲")]


def test_formula_never_computed_and_formula_in_error_are_faults_not_blanks() -> None:
    made = reading(HEADER, (1, "甲", "=1+1", None, None), (2, "乙", 1, None, None))
    assert causes(made) == ["公式没有计算结果。请在表格软件中打开并保存一次，或直接填写数值。"]
    content = a_book(HEADER, (1, "甲", 77, None, None))
    broken = rewritten(
        content, SHEET, b'<c r="C2" t="n"><v>77</v>', b'<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v>'
    )
    assert causes(read(broken, PROJECTS)) == ["单元格里的公式出错（#DIV/0!）。请改正公式或直接填写数值。"]


def test_computed_formula_is_its_value() -> None:
    content = a_book(HEADER, (1, "甲", 77, None, None))
    computed = rewritten(content, SHEET, b'<c r="C2" t="n"><v>77</v>', b'<c r="C2"><f>70+7</f><v>77</v>')
    assert read(computed, PROJECTS).records == (Project("甲", Decimal("77.00"), "", None),)


def test_number_that_lost_digits_is_named() -> None:
    ids: Schema[Any] = Schema(
        "编号",
        (Column("姓名", "name", cells.words()), Column("证号", "id", cells.words(), required=True)),
        dict,
    )
    made = read(a_book(("姓名", "证号"), ("甲", 532522199209121025)), ids)
    assert told(made.faults) == [(2, "证号", "532522199209121000")]
    assert "末尾几位已丢失" in made.faults[0].cause


def test_sheet_without_rows_or_without_header_is_refused() -> None:
    assert causes(reading(HEADER)) == ["表头下面没有数据。"]
    assert causes(reading(("甲", "乙"))) == ["没有找到表头行。表头应包含：项目名称、金额。"]
    assert causes(reading()) == ["工作簿里没有内容。"]


def test_the_one_sheet_with_the_header_is_read_and_hidden_ones_are_not() -> None:
    book = Workbook()
    book.worksheets[0].append(["说明"])
    for name in ("清单", "旧清单"):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append((1, name, 1, None, None))
    book["旧清单"].sheet_state = "hidden"
    made = read(saved(book), PROJECTS)
    assert (made.sheet, [record.name for record in made.records]) == ("清单", ["清单"])
    book["旧清单"].sheet_state = "visible"
    assert causes(read(saved(book), PROJECTS)) == [
        "有多张工作表都像是要导入的内容：清单、旧清单。请只保留一张。"
    ]


def test_stray_cell_in_the_last_corner_does_not_fill_the_memory() -> None:
    book = Workbook()
    book.worksheets[0]["XFD1048576"] = "x"
    assert causes(read(saved(book), PROJECTS)) == [
        "表格范围过大：最多 20000 行、200 列。请删去表格以外的零散内容。"
    ]


def a_zip(**parts: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "cause"),
    (
        (b"", "文件是空的。"),
        (b"name,amount\n1,2\n", "不是 .xlsx 工作簿。"),
        (a_zip(word__document_xml=b"<x/>"), "不是 .xlsx 工作簿。"),
        (OLE, "这是旧版 .xls 文件。"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "工作簿设有打开密码。"),
        (b"PK\x03\x04 and nothing else", "文件已损坏，无法打开。"),
        (good("units")[:4000], "文件已损坏，无法打开。"),
        (a_zip(xl__workbook_xml=b"<x/>"), "文件已损坏，无法打开。"),
        (
            rewritten(good("units"), "xl/workbook.xml", b"<workbook", b"<!DOCTYPE x><workbook"),
            "文件已损坏，无法打开。",
        ),
        (rewritten(good("units"), SHEET, b"</row>", b"<row>"), "文件已损坏，无法打开。"),
        (b"PK" + bytes(opening.MAX_BYTES), "文件超过 10 MB，不予接收。"),
        (
            a_zip(xl__workbook_xml=b"<x/>", xl__media_xml=bytes(measuring.MAX_UNPACKED)),
            "文件展开后过大（超过 100 MB），不予接收。",
        ),
    ),
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
def test_file_that_is_no_sound_workbook_is_refused(content: Any, cause: Any) -> None:
    made = read(content, PROJECTS)
    assert len(made.faults) == 1
    assert made.faults[0].row == 0
    assert made.faults[0].cause.startswith(cause)
    assert made.markable is False
    assert str(made.faults[0]).startswith("文件\t—\t（空）\t")


def test_workbook_with_macros_is_refused() -> None:
    out = BytesIO(good("units"))
    with ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert causes(read(out.getvalue(), PROJECTS)) == ["工作簿含有宏。请另存为不含宏的 .xlsx 后再导入。"]


def test_default_of_an_optional_column_is_its_blank() -> None:
    schema: Schema[Any] = Schema(
        "款",
        (
            Column("项目", "name", cells.words(), required=True),
            Column("金额", "total", cells.amount, required=True),
            Column("中央", "central", cells.amount, blank=NOTHING),
        ),
        dict,
    )
    made = read(a_book(("项目", "金额"), ("甲", 1)), schema)
    assert made.records == ({"name": "甲", "total": Decimal(1), "central": NOTHING},)


def test_archive_with_a_password_of_its_own_is_refused() -> None:
    content = bytearray(good("units"))
    content[6] |= 1
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1
    assert causes(read(bytes(content), PROJECTS)) == ["工作簿设有打开密码。请取消密码后再导入。"]
