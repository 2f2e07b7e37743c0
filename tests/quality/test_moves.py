"""The guards of rounds, seats and sheets: one second and one sheet apart."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.quality.rules import (
    RoundFacts,
    SeatFacts,
    SheetFacts,
    has_lapsed,
    is_overdue,
    may_accept,
    may_decline,
    may_draw,
    may_finalise,
    may_hand_in,
    may_notify,
    may_object,
    may_recuse,
    may_rule_on_veto,
    may_sample,
    may_score,
    may_supplement,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_round(**changed):
    whole = {"now": NOW, "places": 3, "min_valid": 3, "accepted": 3, "reason": "写明理由"}
    return RoundFacts(**{**whole, **changed})


@pytest.mark.parametrize(
    ("guard", "facts", "codes"),
    (
        (may_sample, a_round(to_sample=True), ()),
        (may_sample, a_round(), ("quality.nothing_to_sample",)),
        (may_draw, a_round(eligible=3, wanted=3), ()),
        (may_draw, a_round(eligible=2, wanted=3), ("quality.too_few_experts",)),
        (may_draw, a_round(eligible=3, wanted=3, missing=["甲报告"]), ("quality.deliverables_missing",)),
        (may_draw, a_round(eligible=3, wanted=3, to_sample=True), ("quality.not_sampled",)),
        (may_supplement, a_round(accepted=2, eligible=1), ()),
        (may_supplement, a_round(accepted=2, offered=1, eligible=1), ("quality.places_taken",)),
        (may_supplement, a_round(accepted=2, waiting=1, eligible=1), ("quality.order_left",)),
        (may_supplement, a_round(accepted=2), ("quality.nobody_left",)),
        (may_score, a_round(), ()),
        (may_score, a_round(open_sheets=1), ("quality.sheets_open",)),
        (may_score, a_round(accepted=2), ("quality.too_few_sheets",)),
        (may_score, a_round(places=5, accepted=3), ()),
        (may_score, a_round(places=5, accepted=3, eligible=1), ("quality.places_empty",)),
        (may_score, a_round(places=5, accepted=3, offered=1), ("quality.seats_offered",)),
        (may_score, a_round(accepted=1, offered=2), ("quality.seats_offered",)),  # who is asked may yet come
        (may_rule_on_veto, a_round(vetoes=1, veto_open=True), ()),
        (may_rule_on_veto, a_round(), ("quality.no_veto",)),
        (may_rule_on_veto, a_round(vetoes=1), ("quality.veto_ruled",)),
        (may_rule_on_veto, a_round(vetoes=1, veto_open=True, reason="略"), ("quality.reason",)),
        (may_notify, a_round(), ()),
        (may_notify, a_round(veto_open=True, vetoes=1), ("quality.veto_open",)),
        (may_object, a_round(objection_by=NOW), ()),
        (may_object, a_round(objection_by=NOW - SECOND), ("quality.objection_late",)),
        (may_object, a_round(objection_by=NOW, objected=True), ("quality.objected_before",)),
        (may_object, a_round(objection_by=NOW, reason=" "), ("quality.reason",)),
        (may_finalise, a_round(objection_by=NOW), ("quality.objection_open",)),
        (may_finalise, a_round(objection_by=NOW - SECOND), ()),
        (may_finalise, a_round(objection_by=NOW, objected=True), ()),
    ),
)
def test_a_round_moves_when_it_may(guard, facts, codes):
    assert guard(facts).codes == codes


def a_seat(**changed):
    return SeatFacts(**{"now": NOW, "offer_until": NOW, "declared": True, "reason": "写明理由", **changed})


@pytest.mark.parametrize(
    ("guard", "facts", "codes"),
    (
        (may_accept, a_seat(), ()),
        (may_accept, a_seat(offer_until=NOW - SECOND), ("quality.offer_over",)),
        (may_accept, a_seat(declared=False), ("quality.not_declared",)),
        (may_accept, a_seat(conflicts=["C1"]), ("quality.conflict",)),
        (may_decline, a_seat(declining="time", reason=None), ()),
        (may_decline, a_seat(declining="other"), ()),
        (may_decline, a_seat(declining="other", reason="有"), ("quality.reason",)),
        (may_decline, a_seat(declining="bored"), ("quality.declining",)),
        (may_decline, a_seat(declining="time", offer_until=NOW - SECOND), ("quality.offer_over",)),
        (has_lapsed, a_seat(), ("quality.offer_open",)),
        (has_lapsed, a_seat(offer_until=NOW - SECOND), ()),
        (is_overdue, a_seat(score_by=NOW - SECOND), ()),
        (is_overdue, a_seat(score_by=NOW), ("quality.scoring_open",)),
        (is_overdue, a_seat(score_by=NOW - SECOND, is_done=True), ("quality.seat_done",)),
        (may_recuse, a_seat(), ()),
        (may_recuse, a_seat(scoring=False), ("quality.already_scored",)),
        (may_recuse, a_seat(reason=""), ("quality.reason",)),
    ),
)
def test_a_seat_moves_when_it_may(guard, facts, codes):
    assert guard(facts).codes == codes


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"score_by": NOW - SECOND}, ("quality.too_late",)),
        ({"seated": False}, ("quality.no_seat",)),
        ({"missing": 1}, ("quality.items_missing",)),
        ({"faults": 2}, ("quality.items_wrong",)),
        ({"silent": 1}, ("quality.items_silent",)),
        ({"silent": 1, "confirmed": True}, ()),
    ),
)
def test_a_sheet_is_taken_whole_and_in_time(changed, codes):
    facts = SheetFacts(**{"now": NOW, "score_by": NOW, **changed})

    assert may_hand_in(facts).codes == codes
