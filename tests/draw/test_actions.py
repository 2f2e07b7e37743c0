"""A draw against the real database: two people, gapless numbers, what is public when, and the checks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import draw
from portal.access import Role
from portal.audit import InboxRow
from portal.draw import Excluded, Outcome, queries, rules
from portal.draw.invariants import invariants
from portal.kernel.errors import Invalid, Refused
from tenants import scope
from tenants.db import db
from tests.draw.makers import TYPED, a_draw, candidates
from tests.support.world import Bureau, a_bureau


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with an organiser and somebody else."""
    assert app
    return a_bureau(roles=[Role.ORGANISER, Role.APPROVER])


def published(bureau: Bureau) -> list[dict[str, object]]:
    """What a passer-by reads, oldest first."""
    with scope.entered(scope.anonymous()):
        return [queries.as_published(each) for each in reversed(queries.published(bureau.code))]


def leaves(shown: dict[str, object]) -> list[str]:
    """The published digests of the names."""
    found = shown["candidates"]
    assert isinstance(found, list)
    return found


def named(shown: dict[str, object]) -> list[dict[str, Any]]:
    """The published names."""
    found = shown["names"]
    assert isinstance(found, list)
    return found


def test_numbers_run_without_gap_and_every_draw_is_public(bureau: Bureau) -> None:
    a_draw(bureau, ended=Outcome.VOID)
    a_draw(bureau, seeded=True)
    a_draw(bureau)

    assert [(str(each["number"])[-3:], each["outcome"]) for each in published(bureau)] == [
        ("001", "void"),
        ("002", None),
        ("003", None),
    ]
    with scope.entered(bureau.system):
        assert list(invariants()) == []


def test_before_the_end_the_secret_and_the_names_are_nobodys(bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True, excluded=[Excluded(f"{bureau.marker}某", ("须回避",))])
    (shown,) = published(bureau)

    assert (shown["secret"], shown["names"], shown["order"]) == (None, None, None)
    assert (shown["typed"], shown["excluded_counts"]) == (TYPED, {"须回避": 1})
    assert [len(str(each)) for each in leaves(shown)] == [64] * 5
    assert f"{bureau.marker}候选" not in str(shown)
    with scope.entered(scope.anonymous()):
        assert db.session.scalars(select(draw.Draw)).all() == []
    with scope.entered(bureau.system):
        assert len(draw.order(draw_id)) == 5


def test_an_outsider_computes_the_order_from_what_is_published(bureau: Bureau) -> None:
    entries = candidates(bureau, 7)
    draw_id = a_draw(bureau, entries=entries, seeded=True, ended=Outcome.FILLED)
    (shown,) = published(bureau)
    secret, listed = str(shown["secret"]), str(shown["list_digest"])

    assert rules.commitment(secret, listed, str(shown["number"])) == shown["commitment"]
    assert rules.list_digest(leaves(shown), str(shown["excluded_digest"])) == listed
    drawn = rules.order(rules.seed_of(secret, TYPED, listed), 7)
    with scope.entered(bureau.system):
        assert draw.order(draw_id) == [entries[place - 1].key for place in drawn]
    assert [(each["number"], each["name"]) for each in named(shown)] == [
        (place, each.label) for place, each in enumerate(entries, 1)
    ]
    for each in named(shown):
        assert rules.leaf(each["salt"], each["number"], each["name"]) == leaves(shown)[each["number"] - 1]


def test_only_those_who_came_to_it_are_named(bureau: Bureau) -> None:
    entries = candidates(bureau, 4)
    draw_id = a_draw(bureau, entries=entries, seeded=True)
    organiser = bureau.people[Role.ORGANISER]
    with scope.unit_of_work(organiser.scope):
        draw.end(draw_id, Outcome.FILLED, by=organiser.actor, now=scope.now())
        draw.release_names(draw_id, {entries[2].key}, by=organiser.actor, now=scope.now())
    (shown,) = published(bureau)

    assert [(each["number"], each["name"]) for each in named(shown)] == [(3, entries[2].label)]
    assert entries[0].label not in str(shown)


def test_who_made_the_list_does_not_type_the_number(bureau: Bureau) -> None:
    draw_id = a_draw(bureau)
    organiser = bureau.people[Role.ORGANISER]
    with scope.unit_of_work(organiser.scope), pytest.raises(Refused) as refused:
        draw.seed(draw.draw(draw_id), TYPED, by=organiser.actor, now=scope.now())

    assert refused.value.ruling.codes == ("draw.own_list",)


@pytest.mark.parametrize("typed", ("", "123", "12a4", "１２３４", "1" * 21))
def test_what_is_typed_is_a_number(bureau: Bureau, typed: str) -> None:
    draw_id = a_draw(bureau)
    approver = bureau.people[Role.APPROVER]
    with scope.unit_of_work(approver.scope), pytest.raises(Invalid) as error:
        draw.seed(draw.draw(draw_id), typed, by=approver.actor, now=scope.now())

    assert error.value.code == "draw.typed_shape"


def test_a_number_is_typed_once_and_waits_no_more(bureau: Bureau) -> None:
    draw_id = a_draw(bureau)
    with scope.entered(bureau.system):
        roles = set(db.session.scalars(select(InboxRow.role).where(InboxRow.subject_id == draw_id)))
    assert Role.APPROVER.value in roles

    approver = bureau.people[Role.APPROVER]
    with scope.unit_of_work(approver.scope):
        draw.seed(draw.draw(draw_id), TYPED, by=approver.actor, now=scope.now())
    with scope.unit_of_work(approver.scope), pytest.raises(Refused) as refused:
        draw.seed(draw.draw(draw_id), "271828", by=approver.actor, now=scope.now())

    assert refused.value.ruling.codes == ("machine.out_of_turn",)
    with scope.entered(bureau.system):
        assert not db.session.scalars(select(InboxRow).where(InboxRow.subject_id == draw_id)).all()


def test_names_stay_until_the_draw_has_ended(bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True)
    organiser = bureau.people[Role.ORGANISER]
    with scope.unit_of_work(organiser.scope), pytest.raises(Refused) as refused:
        draw.release_names(draw_id, by=organiser.actor, now=scope.now())

    assert refused.value.ruling.codes == ("draw.not_ended",)


def test_nobody_to_draw_is_no_draw(bureau: Bureau) -> None:
    with pytest.raises(Refused) as refused:
        a_draw(bureau, entries=[])

    assert refused.value.ruling.codes == ("draw.nobody",)
    assert published(bureau) == []


def _spoil(bureau: Bureau, draw_id: UUID, statement: str) -> list[str]:
    with scope.entered(bureau.system):
        db.session.execute(text(statement), {"id": draw_id})
        return [each.partition("：")[2] for each in invariants()]


def test_the_checks_find_what_was_changed_afterwards(bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True, ended=Outcome.FILLED)

    assert _spoil(bureau, draw_id, "UPDATE draw SET entries = entries - 0 WHERE id = :id") == [
        "清单与摘要不符",
        "承诺值与清单、名额、密值、编号不符",
        "顺序与种子不符",
        "公开的内容与登记不符",
    ]
    assert _spoil(bureau, draw_id, "UPDATE draw SET drawn = '[1,2,3,4,5]' WHERE id = :id") == [
        "顺序与种子不符"
    ]
    assert _spoil(bureau, draw_id, "UPDATE public_draw SET typed = '1111' WHERE draw_id = :id") == [
        "公开的内容与登记不符"
    ]


def test_quotas_cannot_be_changed_once_the_list_is_committed_to(bureau: Bureau) -> None:
    kinds = ("部", "项", "项", "部")
    entries = [replace(each, kind=kind) for each, kind in zip(candidates(bureau, 4), kinds, strict=True)]
    draw_id = a_draw(bureau, entries=entries, takes={"部": 1, "项": 1}, seeded=True, ended=Outcome.FILLED)
    with scope.entered(bureau.system):
        chosen, order = draw.taken(draw_id), draw.order(draw_id)
    for kind in ("部", "项"):
        of_kind = {each.key for each in entries if each.kind == kind}
        assert [each for each in order if each in of_kind][:1] == [each for each in chosen if each in of_kind]

    assert _spoil(
        bureau, draw_id, "UPDATE draw SET quotas = jsonb_set(quotas, '{0,take}', '2') WHERE id = :id"
    ) == ["承诺值与清单、名额、密值、编号不符", "公开的内容与登记不符"]


def test_the_database_refuses_one_person_for_both(bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True)
    with scope.entered(bureau.system), pytest.raises(DBAPIError, match="two_people"):
        db.session.execute(text("UPDATE draw SET seeded_by = committed_by WHERE id = :id"), {"id": draw_id})


def test_draws_begun_at_once_take_numbers_one_after_the_other(app: Flask, bureau: Bureau) -> None:
    def begin(_number: int) -> None:
        with app.app_context():
            a_draw(bureau)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(begin, range(8)))

    assert [str(each["number"])[-3:] for each in published(bureau)] == [f"{n:03d}" for n in range(1, 9)]
