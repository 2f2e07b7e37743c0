from decimal import Decimal

from portal.kernel.money import yuan
from portal.spreadsheet import read
from portal.subject.rules import Budget, SubjectKind, SubjectRow, schema
from portal.unit import rules as unit
from tests.spreadsheet.books import a_book, bad, good, told

UNITS = [row.name for row in read(good("units"), unit.schema({})).records]


def test_good_list_is_read_completely_and_in_yuan() -> None:
    made = read(good("subjects"), schema(UNITS))
    assert made.faults == ()
    assert [row.number for row in made.rows] == list(range(4, 14))
    assert made.records[0] == SubjectRow(
        name="师宗县城乡供水一体化工程",
        unit="师宗县水务局",
        kind=SubjectKind.BOND,
        budget=Budget.GOVERNMENT_FUND,
        year=2022,
        total=yuan("127185000.00"),
        central=yuan("37365700.00"),
        province=yuan("0.00"),
        city=yuan("0.00"),
        county=yuan("89819300.00"),
        other=yuan("0.00"),
        note="",
    )
    assert sum(row.total for row in made.records) == Decimal("1481194600.00")
    assert made.unit == "万元"


def test_bad_list_is_refused_for_exactly_what_was_planted() -> None:
    made = read(bad("subjects"), schema(UNITS))
    assert told(made.faults) == [
        (5, "资金总额", "一千万"),
        (6, "预算单位", "不存在的单位"),
        (8, "预算类型", "第五本预算"),
        (9, "项目名称", "师宗县城乡供水一体化工程"),
        (11, "资金总额", "-5"),
        (12, "资金总额", "20922.85"),
    ]
    assert [fault.cause for fault in made.faults] == [
        "不是数字。请用阿拉伯数字填写。",
        "登记册中没有这个预算单位。请核对名称，或先导入单位名单。",
        "“第五本预算”不在可选范围内。可选：一般公共预算、政府性基金预算、国有资本经营预算、社会保险基金预算。",
        "与第 4 行重复。",
        "金额不能为负数。",
        "资金总额与各来源之和不符：总额 209,228,500.00 元，各来源合计 32,394,700.00 元。",
    ]


def test_same_name_in_another_year_is_another_subject() -> None:
    header = ("项目名称", "预算单位", "对象类型", "预算类型", "年度", "资金总额")
    rows = [("甲", "某局", "项目支出", "一般公共预算", year, 1) for year in (2022, 2023)]
    made = read(a_book(header, *rows), schema(["某局"]))
    assert made.faults == ()
    assert [row.total for row in made.records] == [Decimal("1.00")] * 2
