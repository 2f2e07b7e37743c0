"""The table of moves: what it admits, what it refuses, and which tables cannot be built."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest

from portal.kernel.errors import Refused
from portal.kernel.machine import Machine, Move
from portal.kernel.ruling import Ruling, unless

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class S(StrEnum):
    """Three states."""

    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"


def ready(facts: dict[str, Any]) -> Ruling:
    return unless(not facts.get("ready"), "test.not_ready") & unless(facts.get("late"), "test.late")


MACHINE = Machine(
    "door",
    S,
    start=S.OPEN,
    moves=(
        Move("finish", (S.CLOSED,), S.DONE, ready),
        Move("close", (S.OPEN,), S.CLOSED, due=lambda facts: facts.get("close_at")),
        Move("lapse", (S.OPEN,), S.DONE, due=lambda facts: facts.get("lapse_at")),
    ),
)


def test_a_step_leads_where_the_table_says() -> None:
    assert MACHINE.step("finish", S.CLOSED, {"ready": True}) is S.DONE


def test_a_step_is_refused_with_every_reason() -> None:
    with pytest.raises(Refused) as refused:
        MACHINE.step("finish", S.CLOSED, {"late": True})

    assert refused.value.ruling.codes == ("test.not_ready", "test.late")


def test_out_of_turn_is_refused_without_asking_the_guard() -> None:
    assert MACHINE.judge("finish", S.OPEN, {}).codes == ("machine.out_of_turn",)


def test_moves_of_the_clock_are_alarms_and_no_buttons() -> None:
    facts = {"close_at": NOON + timedelta(hours=1), "lapse_at": NOON}

    assert [alarm.name for alarm in MACHINE.alarms(S.OPEN, facts)] == ["lapse", "close"]
    assert MACHINE.offers(S.OPEN, facts) == ()
    assert MACHINE.alarms(S.OPEN, {}) == ()


def test_an_offer_carries_its_reasons() -> None:
    (offer,) = MACHINE.offers(S.CLOSED, {})

    assert (offer.name, offer.ruling.codes) == ("finish", ("test.not_ready",))


def test_a_table_with_two_rows_for_one_verb_and_state_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="two rows"):
        Machine("x", S, S.OPEN, (Move("close", (S.OPEN,), S.CLOSED), Move("close", (S.OPEN,), S.DONE)))


def test_a_state_nobody_reaches_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="nobody can reach"):
        Machine("x", S, S.OPEN, (Move("close", (S.OPEN,), S.CLOSED),))


def test_the_picture_has_every_move() -> None:
    assert MACHINE.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    closed --> done: finish",
        "    open --> closed: close",
        "    open --> done: lapse",
    ]
