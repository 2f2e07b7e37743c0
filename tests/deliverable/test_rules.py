"""When work may be handed in, heard and passed on; lateness and days on site: facts in, codes out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.contract.rules import DeliverableKind
from portal.deliverable.rules import (
    ConsultationFacts,
    DeliverableFacts,
    Lateness,
    MaterialFacts,
    contract_lateness,
    days_on_site,
    late_workdays,
    may_agree,
    may_answer,
    may_lapse,
    may_pass,
    may_state,
    may_submit,
    needs_reason,
)
from portal.kernel.workdays import Calendar

REPORT = DeliverableFacts(kind=DeliverableKind.REPORT, plan_accepted=True, consulted=True)
NOW = datetime(2026, 11, 27, 15, 59, 59, tzinfo=UTC)
HEARING = ConsultationFacts(now=NOW, due_by=NOW, opinions=2)
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(61)]
CALENDAR = Calendar({day: day.weekday() < 5 for day in DAYS}, frozenset({2026}))
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def test_a_report_is_handed_in_when_all_before_it_is_done() -> None:
    assert may_submit(REPORT)


@pytest.mark.parametrize(
    ("changed", "code"),
    (
        ({"plan_accepted": False}, "deliverable.plan_first"),
        ({"consulted": False}, "deliverable.consult_first"),
        ({"lead_confirmed": False}, "deliverable.lead_unconfirmed"),
        ({"unclassified": False}, "deliverable.classified"),
        ({"under_contract": False}, "deliverable.no_contract"),
    ),
)
def test_a_report_waits(changed: dict[str, bool], code: str) -> None:
    assert may_submit(replace(REPORT, **changed)).codes == (code,)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", (DeliverableKind.PLAN, DeliverableKind.DRAFT))
def test_plan_and_draft_wait_for_nothing(kind: DeliverableKind) -> None:
    assert may_submit(DeliverableFacts(kind=kind, plan_accepted=False, consulted=False, lead_confirmed=False))


def test_what_goes_back_says_what_is_missing() -> None:
    assert needs_reason(REPORT).codes == ("deliverable.no_reason",)
    assert needs_reason(replace(REPORT, reason=" ")).codes == ("deliverable.no_reason",)
    assert needs_reason(replace(REPORT, reason="样本量不足"))


def test_opinions_or_none_but_not_both() -> None:
    none = replace(HEARING, opinions=0)

    assert may_state(HEARING)
    assert may_state(none).codes == ("consultation.no_opinion",)
    assert may_agree(none)
    assert may_agree(HEARING).codes == ("consultation.has_opinions",)


def test_the_last_instant_is_still_the_units() -> None:
    assert may_lapse(HEARING).codes == ("consultation.not_lapsed",)
    assert may_lapse(replace(HEARING, now=NOW + timedelta(seconds=1)))


def test_every_opinion_is_answered_and_a_no_has_a_reason() -> None:
    assert may_answer(HEARING)
    assert may_answer(replace(HEARING, unanswered=(2,), unreasoned=(1,))).codes == (
        "consultation.unanswered",
        "consultation.unreasoned",
    )


@pytest.mark.parametrize(
    ("on", "allowed"),
    (
        (FRIDAY, True),
        (MONDAY, True),
        (FRIDAY - timedelta(days=1), False),
        (MONDAY + timedelta(days=1), False),
    ),
)
def test_material_passes_on_a_day_that_can_be(on: date, allowed: bool) -> None:
    assert bool(may_pass(MaterialFacts(today=MONDAY, since=FRIDAY, on=on))) is allowed


def test_a_weekend_is_not_late() -> None:
    assert late_workdays(FRIDAY, FRIDAY, CALENDAR) == 0
    assert late_workdays(FRIDAY, FRIDAY - timedelta(days=3), CALENDAR) == 0
    assert late_workdays(FRIDAY, FRIDAY + timedelta(days=2), CALENDAR) == 0
    assert late_workdays(FRIDAY, MONDAY, CALENDAR) == 1


def test_a_contract_is_as_late_as_its_latest_subject_of_each_kind() -> None:
    def late(kind: DeliverableKind, days: int) -> Lateness:
        return Lateness("项目", kind, FRIDAY, MONDAY, days)

    rows = [
        late(DeliverableKind.PLAN, 1),
        late(DeliverableKind.PLAN, 3),
        late(DeliverableKind.DRAFT, 0),
        late(DeliverableKind.REPORT, 2),
    ]
    assert contract_lateness(rows) == 5
    assert contract_lateness([]) == 0


def test_a_day_on_site_counts_once() -> None:
    assert days_on_site([]) == 0
    assert days_on_site([(FRIDAY, FRIDAY)]) == 1
    assert days_on_site([(FRIDAY, MONDAY), (MONDAY, MONDAY + timedelta(days=1))]) == 5
