"""What a member is told to do next, from the first declaration to the last signature."""

from datetime import timedelta
from typing import Any

import pytest

from portal.panel import rules as r
from portal.panel.views.next_step import Step, in_review, in_signing
from tests.panel.test_rules import CLOSES, SECOND, bids, facts, members

UNTIL = CLOSES + timedelta(minutes=30)
LOW = ("60000", "168000", "171500")
AWAITED = {"asked": True, "answer_by": UNTIL}


def chair(**changed: Any) -> Step:
    """What the chair does next, having declared."""
    return in_review(facts(**changed), chair=True, declared=True, drawing=False)


def test_whoever_has_not_declared_does_that_first() -> None:
    assert in_review(facts(members=members(declared=1)), chair=True, declared=False, drawing=False) == Step(
        "declare"
    )


def test_who_declared_waits_for_the_others_by_name() -> None:
    assert chair(members=members(declared=1)) == Step("wait_declared", ["成员2", "成员3"])


def test_a_member_reads_while_the_chair_records() -> None:
    assert in_review(facts(), chair=False, declared=True, drawing=False) == Step("read")


@pytest.mark.parametrize(
    ("changed", "step"),
    (
        ({"bids": bids("175000", "168000", "171500", conforming=None)}, Step("examine", ["机构0"])),
        ({"bids": bids(*LOW), "alerts": ("f0",)}, Step("ask", ["机构0"])),
        ({"bids": bids(*LOW, **AWAITED), "alerts": ("f0",)}, Step("wait_answer", ["机构0"], UNTIL)),
        ({"bids": bids(*LOW, **AWAITED, answered=True), "alerts": ("f0",)}, Step("judge", ["机构0"])),
        ({"bids": bids(*LOW, **AWAITED), "alerts": ("f0",), "now": UNTIL + SECOND}, Step("judge", ["机构0"])),
        ({"bids": bids("168000", "168000", "171500")}, Step("draw")),
        ({"bids": bids("168000", "171500", "175000", conforming=False)}, Step("wait_end")),
        ({}, Step("conclude")),
    ),
)
def test_the_chair_is_led_from_bid_to_report(changed: dict[str, Any], step: Step) -> None:
    assert chair(**changed) == step


def test_lots_once_begun_wait_for_their_number() -> None:
    tied = facts(bids=bids("168000", "168000", "171500"))

    assert in_review(tied, chair=True, declared=True, drawing=True) == Step("wait_draw")


def test_a_signed_member_waits_for_the_rest() -> None:
    assert in_signing(facts(members=members(signed=1)), signed=True) == Step(
        "wait_signed", ["成员2", "成员3"]
    )
    assert in_signing(facts(members=members(signed=1)), signed=False) == Step("sign")


@pytest.mark.parametrize(("statutory", "source"), ((True, "财政部令第74号"), (False, "本局内控制度")))
def test_the_law_is_cited_in_statutory_purchases_alone(*, statutory: bool, source: str) -> None:
    ruling = r.may_attend(facts(now=CLOSES, statutory=statutory, first_id=None))

    assert [source in str(each.clause) for each in ruling.refusals] == [True]
