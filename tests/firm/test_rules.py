from typing import Any

import pytest

from portal.firm.rules import (
    FirmKind,
    FirmRow,
    FirmSize,
    LeadLimits,
    LeadRow,
    firms,
    lead_evaluators,
    shortfalls,
)
from portal.spreadsheet import read
from tests.spreadsheet.books import a_book, bad, good, opened, told

REGISTERED = {row.credit_code: row.name for row in read(good("firms"), firms({})).records}
HEADER = ("机构名称", "统一社会信用代码", "姓名", "职称或执业资格", "从业年限", "绩效评价年限", "学历")
CODE = "91530704MANUKJJCL6"
LIMITS = LeadLimits(work_years=5, evaluation_years=3)


def test_good_list_of_firms_is_read_completely() -> None:
    made = read(good("firms"), firms({}))
    assert made.faults == ()
    assert [row.number for row in made.rows] == list(range(3, 27))
    assert made.records[0] == FirmRow(
        credit_code=CODE,
        name="示例甲会计师事务所",
        kind=FirmKind.ACCOUNTANTS,
        representative="褚文",
        address="云南省示例市示例路1号",
        staff=34,
        size=FirmSize.SMALL,
        phone="13926778633",
        email="firm01@example.com",
    )


def test_bad_list_of_firms_is_refused_for_exactly_what_was_planted() -> None:
    made = read(bad("firms"), firms({}))
    assert told(made.faults) == [
        (6, "统一社会信用代码", "91532228MAN0CJ1R70"),
        (10, "统一社会信用代码", "91534960MANHY4M18U"),
        (12, "电子邮箱", "not-an-address"),
        (14, "机构类型", "个人"),
    ]
    assert made.faults[0].cause == "统一社会信用代码的校验位不符，请逐位核对。"
    assert made.faults[1].cause == "与第 9 行重复。"


def test_good_list_of_lead_evaluators_comes_in_with_those_below_the_limits_flagged() -> None:
    made = read(good("lead_evaluators"), lead_evaluators(REGISTERED))
    assert made.faults == ()
    assert len(made.rows) == 55
    flagged = {row.number: shortfalls(row.record, LIMITS).codes for row in made.rows}
    years, evaluation = "firm.lead_work_years", "firm.lead_evaluation_years"
    assert {number: codes for number, codes in flagged.items() if codes} == {
        5: (years, evaluation),
        12: (evaluation,),
        21: (years, evaluation),
        29: (evaluation,),
        30: (evaluation,),
        32: (evaluation,),
        36: (years, evaluation),
        44: (evaluation,),
        49: (years,),
        53: (evaluation,),
        56: (evaluation,),
    }


def test_bad_list_of_lead_evaluators_is_refused_for_what_was_planted_where_its_firms_are_registered() -> None:
    rows = read(bad("lead_evaluators"), lead_evaluators({})).faults
    firms = {fault.value for fault in rows if fault.column == "统一社会信用代码"}
    names = {row[1].value: row[0].value for row in _rows("lead_evaluators")}
    registered = {code: names[code] for code in firms} | {"91534960MANHY4M18U": "示例庚会计师事务所"}
    made = read(bad("lead_evaluators"), lead_evaluators(registered))
    assert told(made.faults) == [
        (10, "统一社会信用代码", "91532228MAN0CJ1R70"),
        (11, "统一社会信用代码", "91532228MAN0CJ1R70"),
        (12, "统一社会信用代码", "91532228MAN0CJ1R70"),
        (19, "机构名称", "示例辛会计师事务所"),
    ]
    assert made.faults[3].cause == "第 16 行以同一信用代码登记的是“示例庚会计师事务所”。"


def _rows(name: Any) -> Any:
    return opened(bad(name)).iter_rows(min_row=3)


def test_bad_list_of_lead_evaluators_is_refused_row_by_row_where_no_firm_is_known() -> None:
    made = read(bad("lead_evaluators"), lead_evaluators(REGISTERED))
    assert {fault.row for fault in made.faults} == set(range(3, 53))
    assert made.rows == ()


def test_firm_is_known_by_its_code_and_its_name_is_the_registered_one() -> None:
    rows = (
        ("示例甲会计师事务所", CODE, "甲", "律师", 10, 5, "硕士"),
        ("示例乙会计师事务所", "91538899MAAEK0R7LN", "乙", "律师", 10, 5, "硕士"),
        ("某某会计师事务所", "91538996MA9P6FGBX6", "丙", "律师", 10, 5, "硕士"),
        ("示例甲会计师事务所", CODE, "甲", "律师", 10, 5, "硕士"),
    )
    made = read(a_book(HEADER, *rows), lead_evaluators(REGISTERED))
    assert told(made.faults) == [
        (3, "机构名称", "示例乙会计师事务所"),
        (4, "统一社会信用代码", "91538996MA9P6FGBX6"),
        (5, "姓名", "甲"),
    ]


@pytest.mark.parametrize(
    ("qualification", "qualified"),
    (
        ("注册会计师", True),
        ("高级经济师", True),
        ("律师", True),
        ("助理工程师", False),
        ("助理工程师、注册造价工程师", True),
        ("初级会计师", False),
        ("无", False),
    ),
)
def test_qualification_below_the_middle_rank_is_flagged(qualification: Any, qualified: Any) -> None:
    lead = LeadRow(CODE, "甲", "示例甲会计师事务所", qualification, 5, 3, "本科")
    assert shortfalls(lead, LIMITS).codes == (() if qualified else ("firm.lead_not_qualified",))


def test_tenant_may_ask_for_more_years_and_the_limit_itself_suffices() -> None:
    lead = LeadRow(CODE, "甲", "示例甲会计师事务所", "律师", 5, 3, "本科")
    assert shortfalls(lead, LIMITS)
    asked = shortfalls(lead, LeadLimits(work_years=6, evaluation_years=4))
    assert [dict(refusal.facts) for refusal in asked.refusals] == [
        {"years": 5, "limit": 6},
        {"years": 3, "limit": 4},
    ]
