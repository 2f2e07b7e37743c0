"""Each verb of a ranking against the real database: the order, who reads what, objections, standings."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, text

from portal import document, firm, ranking
from portal.access import Role
from portal.audit import InboxRow
from portal.kernel.errors import Invalid, NotFound, Refused
from portal.kernel.workdays import add_workdays, day_of
from portal.ranking import queries
from portal.ranking.invariants import invariants
from portal.ranking.models import RankingRow
from portal.ranking.rules import Finding
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db
from tests.contract.makers import Deal
from tests.ranking.makers import (
    PUBLICITY,
    Travel,
    Year,
    a_draft_ranking,
    a_final_ranking,
    a_public_ranking,
    finalised,
)


def rows(year: Year, row_id: UUID) -> list[tuple[object, ...]]:
    """(rank, firm, score, grade, engagements) as the bureau reads them."""
    with year.one.acting(Role.HANDLER):
        return [
            (each.rank, each.firm_name, each.score, each.grade, each.engagements)
            for each in ranking.rows_of(ranking.ranking(row_id))
        ]


def sound(year: Year) -> bool:
    """Whether every invariant holds."""
    with scope.entered(year.one.bureau.system):
        return list(invariants()) == []


def standings(deal: Deal, reader: Role) -> list[tuple[object, ...]]:
    """The firm's standings as somebody reads them."""
    with scope.entered(deal.bureau.people[reader].scope):
        found = firm.standings_of([deal.firm_id])
        return [(each.year, each.rank, each.grade, each.edition) for each in found.get(deal.firm_id, ())]


def objected(row_id: UUID, deal: Deal) -> UUID:
    """A firm says what is wrong."""
    with deal.acting(Role.FIRM_HANDLER) as (by, now):
        return ranking.object_to(ranking.ranking(row_id), "第一次合作的考评得分有误", by=by, now=now).id


def answered(year: Year, objection_id: UUID, finding: Finding) -> None:
    """The approver answers."""
    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.answer(queries.objection(objection_id), finding, "经核对，情况如下", by=by, now=now)


def refused(year: Year, verb: str, row_id: UUID, role: Role = Role.APPROVER) -> tuple[str, ...]:
    """The codes a verb is refused with."""
    with year.one.acting(role) as (by, now), pytest.raises(Refused) as error:
        getattr(ranking, verb)(ranking.ranking(row_id), by=by, now=now)
    return error.value.ruling.codes


def test_the_year_is_ranked_by_what_both_parties_said(year: Year) -> None:
    row_id = a_draft_ranking(year)
    first, second = rows(year, row_id)

    assert (first[0], first[1], second[0], second[1]) == (1, year.two.firm_name, 2, year.one.firm_name)
    assert first[3] == "A"
    assert Decimal(str(first[2])) > Decimal(str(second[2]))
    with year.one.acting(Role.HANDLER):
        assert ranking.ranking(row_id).missing == []
    assert sound(year)


def test_a_year_is_ranked_once_and_not_in_advance(year: Year) -> None:
    a_draft_ranking(year)
    for wrong, code in ((year.year, "ranking.year_taken"), (year.year + 1, "ranking.year_ahead")):
        with year.one.acting(Role.HANDLER) as (by, now), pytest.raises(Invalid) as error:
            ranking.draft(wrong, by=by, now=now)
        assert error.value.code == code


def test_who_collected_does_not_publish(year: Year) -> None:
    row_id = a_draft_ranking(year)

    assert refused(year, "publish", row_id, Role.HANDLER) == ("ranking.own_draft",)


def test_a_year_without_anybody_to_rank_is_not_published(year: Year) -> None:
    row_id = a_draft_ranking(replace(year, year=year.year - 1))

    assert waits(year, row_id) == set(), "nobody is asked for what would be refused"
    assert refused(year, "publish", row_id) == ("ranking.nobody_ranked",)


def test_how_long_it_is_public_at_least_is_said_by_the_rules_it_was_made_by(year: Year) -> None:
    row_id = a_draft_ranking(year)
    with scope.unit_of_work(year.one.bureau.system):
        longer = text("UPDATE ranking SET rules = rules || '{\"ranking.publicity_wd\": 8}' WHERE id = :id")
        db.session.execute(longer, {"id": row_id})
    with year.one.acting(Role.APPROVER) as (by, now), pytest.raises(Refused) as error:
        ranking.publish(ranking.ranking(row_id), 7, by=by, now=now)
    assert error.value.ruling.codes == ("ranking.too_few_days",)
    assert error.value.ruling.refusals[0].facts["least"] == 8
    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.publish(ranking.ranking(row_id), by=by, now=now)
        today = day_of(now)
        until = ranking.ranking(row_id).publicity_until
        assert until == add_workdays(today, 8, calendar(today))


def test_figures_that_changed_meanwhile_are_collected_anew(year: Year) -> None:
    row_id = a_draft_ranking(year)
    with scope.unit_of_work(year.one.bureau.system):
        changed = text("UPDATE appraisal SET score = score - 1 WHERE contract_id = :id")
        db.session.execute(changed, {"id": year.one.contract_id})
    try:
        assert refused(year, "publish", row_id) == ("ranking.figures_changed",)

        before = rows(year, row_id)[1][2]
        with year.one.acting(Role.HANDLER) as (by, now):
            ranking.refresh(ranking.ranking(row_id), by=by, now=now)
        assert Decimal(str(rows(year, row_id)[1][2])) == Decimal(str(before)) - 1
        with year.one.acting(Role.APPROVER) as (by, now):
            ranking.publish(ranking.ranking(row_id), by=by, now=now)
        assert refused(year, "refresh", row_id) == ("ranking.not_draft",)
    finally:
        with scope.unit_of_work(year.one.bureau.system):
            changed = text("UPDATE appraisal SET score = score + 1 WHERE contract_id = :id")
            db.session.execute(changed, {"id": year.one.contract_id})


def test_a_draft_is_nobodys_business_outside(year: Year) -> None:
    row_id = a_draft_ranking(year)

    with year.two.acting(Role.FIRM_HANDLER), pytest.raises(NotFound):
        ranking.ranking(row_id)


def test_a_firm_reads_its_own_place_and_everybody_the_order(year: Year) -> None:
    row_id = a_public_ranking(year)

    with scope.entered(year.two.bureau.people[Role.FIRM_HANDLER].scope):
        assert [each.firm_id for each in db.session.scalars(select(RankingRow))] == [year.two.firm_id]
        assert [each.kind for each in document.documents_of(row_id)] == ["ranking.publicity"]
    with scope.entered(scope.anonymous()):
        (notice,) = document.notices_of(row_id)
        assert year.one.firm_name in str(notice.content)
        assert "仅供选用参考依据" in str(notice.content)
        assert db.session.scalars(select(RankingRow)).all() == []


def test_it_is_not_final_before_the_last_day_is_over(year: Year) -> None:
    row_id = a_public_ranking(year)

    assert refused(year, "finalise", row_id) == ("ranking.publicity_runs",)


def test_a_final_ranking_leaves_standings_the_bureau_and_the_firm_read(year: Year, travel: Travel) -> None:
    row_id = a_final_ranking(year, travel)

    with scope.entered(scope.anonymous()):
        ends = [each.until is not None for each in document.notices_of(row_id)]
    assert ends == [True, False], "a result is not up for objection"
    assert standings(year.two, Role.BUYER) == [(year.year, 1, "A", 1)]
    assert standings(year.two, Role.FIRM_HANDLER) == [(year.year, 1, "A", 1)]
    with scope.entered(year.one.bureau.people[Role.FIRM_HANDLER].scope):
        assert firm.standings_of([year.two.firm_id]) == {}
    assert sound(year)


def waits(year: Year, row_id: UUID) -> set[tuple[str, str, UUID | None]]:
    """(verb, role, party) of what waits about the ranking itself."""
    with scope.entered(year.one.bureau.system):
        found = db.session.scalars(select(InboxRow).where(InboxRow.subject_id == row_id))
        return {(each.verb, each.role, each.party_id) for each in found}


def firms_of(*deals: Deal) -> set[tuple[str, str, UUID | None]]:
    """What waits for these firms while the ranking is public."""
    return {
        ("acknowledge", role, deal.person(Role.FIRM_HANDLER).party_id)
        for deal in deals
        for role in ("firm_handler", "firm_signatory")
    }


def test_each_ranked_firm_is_asked_to_look_while_the_ranking_is_public(year: Year, travel: Travel) -> None:
    row_id = a_public_ranking(year)
    assert waits(year, row_id) == firms_of(year.one, year.two)

    with year.one.acting(Role.FIRM_HANDLER) as (by, now):
        ranking.acknowledge(ranking.ranking(row_id), by=by, now=now)
    assert waits(year, row_id) == firms_of(year.two)
    with year.one.acting(Role.FIRM_HANDLER) as (by, now), pytest.raises(Refused) as again:
        ranking.acknowledge(ranking.ranking(row_id), by=by, now=now)
    assert again.value.ruling.codes == ("ranking.already_acknowledged",)

    travel(PUBLICITY)
    assert waits(year, row_id) == {("finalise", "approver", None)}, "the day is over: nobody is waited for"


def test_who_objects_has_looked_and_who_is_right_makes_the_approver_correct(year: Year) -> None:
    row_id = a_public_ranking(year)
    objection_id = objected(row_id, year.one)
    assert waits(year, row_id) == firms_of(year.two)

    answered(year, objection_id, Finding.UPHELD)
    assert waits(year, row_id) == firms_of(year.two) | {("correct", "approver", None)}
    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.correct(ranking.ranking(row_id), "异议成立", by=by, now=now)
    assert waits(year, row_id) == {("publish", "approver", None)}


def test_an_objection_waits_for_an_answer_and_holds_the_ranking(year: Year, travel: Travel) -> None:
    row_id = a_public_ranking(year)
    objection_id = objected(row_id, year.one)
    with year.one.acting(Role.FIRM_HANDLER) as (by, now), pytest.raises(Refused) as again:
        ranking.object_to(ranking.ranking(row_id), "再说一次", by=by, now=now)
    assert again.value.ruling.codes == ("ranking.objection_waits",)
    with scope.entered(year.one.bureau.system):
        asked = select(InboxRow.role).where(InboxRow.subject_id == objection_id)
        assert set(db.session.scalars(asked)) == {"handler", "approver"}
    with scope.entered(year.two.bureau.people[Role.FIRM_HANDLER].scope), pytest.raises(NotFound):
        queries.objection(objection_id)

    travel(PUBLICITY)
    assert refused(year, "finalise", row_id) == ("ranking.objection_open",)
    with year.one.acting(Role.FIRM_HANDLER) as (by, now), pytest.raises(Refused) as late:
        ranking.object_to(ranking.ranking(row_id), "晚了一步", by=by, now=now)
    assert late.value.ruling.codes == ("ranking.objection_too_late", "ranking.objection_waits")
    answered(year, objection_id, Finding.REJECTED)
    finalised(year, row_id)

    assert standings(year.one, Role.BUYER)[0][1] == 2
    assert sound(year)


def test_an_objection_that_is_right_makes_the_next_edition(year: Year, travel: Travel) -> None:
    row_id = a_public_ranking(year)
    answered(year, objected(row_id, year.one), Finding.UPHELD)
    travel(PUBLICITY)
    assert refused(year, "finalise", row_id) == ("ranking.objection_upheld",)

    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.correct(ranking.ranking(row_id), "异议成立", by=by, now=now)
    with year.one.acting(Role.APPROVER) as (by, now):
        row = ranking.ranking(row_id)
        assert (row.edition, row.state, row.is_public) == (2, "draft", False)
        ranking.publish(row, by=by, now=now)
    travel(PUBLICITY)
    finalised(year, row_id)

    assert standings(year.one, Role.BUYER) == [(year.year, 2, rows(year, row_id)[1][3], 2)]
    assert sound(year)


def test_a_final_ranking_stands_until_its_correction_is_final(year: Year, travel: Travel) -> None:
    row_id = a_final_ranking(year, travel)
    with year.one.acting(Role.APPROVER) as (by, now), pytest.raises(Refused) as error:
        ranking.correct(ranking.ranking(row_id), " ", by=by, now=now)
    assert error.value.ruling.codes == ("ranking.needs_reason",)

    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.correct(ranking.ranking(row_id), "考评得分录入有误", by=by, now=now)

    assert standings(year.two, Role.BUYER) == [(year.year, 1, "A", 1)]
    with year.one.acting(Role.APPROVER) as (by, now):
        ranking.publish(ranking.ranking(row_id), by=by, now=now)
    travel(PUBLICITY)
    finalised(year, row_id)
    assert standings(year.two, Role.BUYER) == [(year.year, 1, "A", 2)]
    with scope.entered(scope.anonymous()):
        titles = [each.title for each in document.notices_of(row_id)]
    assert titles[-1].endswith("排名结果（第 2 版）")
    assert len(set(titles)) == len(titles), "what was corrected is told from what was said first"
    assert sound(year)


def test_the_checks_find_what_was_changed_afterwards(year: Year, travel: Travel) -> None:
    a_final_ranking(year, travel)
    with scope.entered(year.one.bureau.system):
        db.session.execute(text("UPDATE ranking_row SET score = score - 1 WHERE place = 1"))
        db.session.execute(text("UPDATE firm_standing SET grade = 'B' WHERE rank = 1"))
        assert [each.partition("：")[2] for each in invariants()] == [
            "名次与合作得分重算的结果不符",
            "记入各机构的评级结果与定稿不符",
        ]
