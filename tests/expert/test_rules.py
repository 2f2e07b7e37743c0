from portal.expert.rules import DOMAIN_LABELS, EXPERTS, Domain, ExpertClass, ExpertRow, Sex
from portal.spreadsheet import read
from tests.spreadsheet.books import a_book, bad, good, opened, told


def test_good_list_is_read_completely() -> None:
    made = read(good("experts"), EXPERTS)
    assert made.faults == ()
    assert [row.number for row in made.rows] == list(range(3, 182))
    assert made.records[2] == ExpertRow(
        identity_number="530121199509248650",
        name="曹强军",
        sex=Sex.MALE,
        classes=frozenset({ExpertClass.PERFORMANCE, ExpertClass.INDUSTRY}),
        domains=frozenset({Domain.HOUSING, Domain.ENVIRONMENT}),
        employer="示例子科研院所",
        title="教授",
        work_years=17,
        mobile="13769937861",
        email="expert003@example.com",
        is_civil_servant=False,
    )
    assert sum(row.is_civil_servant for row in made.records) == 120
    assert sum(row.classes == {ExpertClass.PERFORMANCE} for row in made.records) == 57


def test_the_eighteen_domains_are_those_of_the_list() -> None:
    cells = (row[5].value for row in opened(good("experts")).iter_rows(min_row=3))
    assert {domain for cell in cells if cell for domain in str(cell).split("、")} == set(
        DOMAIN_LABELS.values()
    )
    assert set(DOMAIN_LABELS) == set(Domain)
    assert len(Domain) == 18


def test_bad_list_is_refused_for_exactly_what_was_planted() -> None:
    made = read(bad("experts"), EXPERTS)
    assert told(made.faults) == [
        (13, "身份证号", "530111198507045181"),
        (23, "身份证号", "532522198411108241"),
        (33, "行业领域", "占星"),
        (43, "姓名", ""),
        (53, "手机", "12345"),
    ]
    assert [fault.cause for fault in made.faults][:2] == [
        "身份证号的校验位不符，请逐位核对。",
        "与第 22 行重复。",
    ]


def test_expert_of_an_industry_names_a_domain() -> None:
    header = (
        "姓名",
        "身份证号",
        "性别",
        "专家类别",
        "行业领域",
        "工作单位",
        "职称/职务",
        "从业年限",
        "手机",
        "是否公务员",
    )
    row = ("某某", "532522199209121025", "女", "行业领域", None, "某局", "经济师", 9, 13789154999, "否")
    assert told(read(a_book(header, row), EXPERTS).faults) == [(2, "行业领域", "")]
