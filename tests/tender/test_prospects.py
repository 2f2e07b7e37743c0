"""Which firms may be invited, and what a grade does below the threshold and above it."""

from dataclasses import replace
from uuid import UUID

import pytest

from portal.commission.rules import Regime
from portal.tender.rules.prospects import ProspectFacts, Standing, heads_differ, may_invite

FIRM = ProspectFacts(
    firm_id=UUID(int=1),
    name="明德会计师事务所",
    representative="张三",
    lead_evaluators=2,
    qualified=1,
    evaluated={"教育体育局"},
    contacts={"李四"},
    standing=None,
    load=0,
    regime=Regime.INTERNAL,
)


def graded(grade: str, earlier: str = "", *, binds: bool = True) -> Standing:
    return Standing(year=2025, grade=grade, earlier=earlier, binds=binds)


@pytest.mark.parametrize(
    ("change", "codes"),
    (
        ({}, ()),
        ({"lead_evaluators": 0, "qualified": 0}, ("tender.no_lead_evaluator",)),
        ({"qualified": 0}, ("tender.no_qualified_lead",)),
        ({"evaluated": {"明德会计师事务所"}}, ("tender.is_evaluated",)),
        ({"contacts": {"张三"}}, ("tender.represents_evaluated",)),
        ({"representative": "", "contacts": {""}}, ()),
        ({"standing": graded("A")}, ()),
        ({"standing": graded("C")}, ()),
        ({"standing": graded("C"), "load": 1}, ("tender.graded_low_busy",)),
        ({"standing": graded("C", "C")}, ("tender.graded_low_twice",)),
        ({"standing": graded("C", "D")}, ("tender.graded_low_twice",)),
        ({"standing": graded("C", "A"), "load": 1}, ("tender.graded_low_busy",)),
        ({"standing": graded("D")}, ("tender.graded_out",)),
        ({"standing": graded("D"), "regime": Regime.STATUTORY}, ()),
        ({"standing": graded("C", "C"), "load": 3, "regime": Regime.STATUTORY}, ()),
        ({"standing": graded("D", binds=False)}, ()),
        ({"standing": graded("B", "D")}, ()),
    ),
)
def test_a_firm_is_excluded_for_its_reason_alone(change, codes):
    assert may_invite(replace(FIRM, **change)).codes == codes


def test_every_reason_is_told_at_once():
    worst = replace(FIRM, qualified=0, contacts={"张三"}, standing=graded("D"))

    assert may_invite(worst).codes == (
        "tender.no_qualified_lead",
        "tender.represents_evaluated",
        "tender.graded_out",
    )


def test_firms_with_the_same_head_do_not_meet_in_one_purchase():
    assert heads_differ([("甲", "张三"), ("乙", "李四"), ("丙", "")]).codes == ()
    assert heads_differ([("甲", "张三"), ("乙", "张三"), ("丙", "")]).refusals[0].facts == {
        "firms": ["甲", "乙"]
    }


def test_two_firms_whose_head_nobody_knows_are_not_called_the_same():
    assert heads_differ([("甲", ""), ("乙", "")])
