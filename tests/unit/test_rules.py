from dataclasses import asdict

from portal.spreadsheet import read
from portal.spreadsheet.rules import compare
from portal.unit.rules import UnitRow, schema
from tests.spreadsheet.books import a_book, bad, good, told

HEADER = ("单位名称", "单位编码", "主管部门")


def test_good_list_is_read_completely() -> None:
    made = read(good("units"), schema({}))
    assert made.faults == ()
    assert [row.number for row in made.rows] == list(range(3, 15))
    assert made.records[-1] == UnitRow(
        "530323012", "师宗县中医医院", "师宗县卫生健康局", "普文杰", "13840717432"
    )
    assert len({row.code for row in made.records}) == 12


def test_second_list_differs_from_the_first_in_contacts_alone() -> None:
    first = {row.code: row for row in read(good("units"), schema({})).records}
    second = read(bad("units"), schema({code: row.name for code, row in first.items()}))
    present = {code: asdict(row) for code, row in first.items()}
    plan = compare(second.records, present, lambda row: row.code, asdict)
    assert second.faults == ()
    assert (len(plan.changed), plan.added, plan.left) == (12, (), ())
    assert {each.field for change in plan.changed for each in change.differences} == {"contact", "phone"}


def test_department_is_known_from_the_register_or_from_the_list_itself() -> None:
    rows = (("甲", "1", "乙"), ("乙", "2", "乙"), ("丙", "3", "丁 局"), ("戊", "4", "己"))
    made = read(a_book(HEADER, *rows), schema({"9": "丁局"}))
    assert told(made.faults) == [(5, "主管部门", "己")]


def test_code_or_name_given_twice_is_refused() -> None:
    made = read(a_book(HEADER, ("甲", "1", "甲"), ("乙", "1", "甲"), ("甲", "3", "甲")), schema({}))
    assert told(made.faults) == [(3, "单位编码", "1"), (4, "单位名称", "甲")]


def test_name_of_another_units_code_is_refused_unless_that_unit_is_renamed_too() -> None:
    register = {"1": "甲"}
    assert told(read(a_book(HEADER, ("甲", "2", "甲")), schema(register)).faults) == [(2, "单位名称", "甲")]
    assert read(a_book(HEADER, ("甲", "2", "甲"), ("乙", "1", "甲")), schema(register)).faults == ()
