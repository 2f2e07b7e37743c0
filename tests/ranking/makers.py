"""A year's ranking, brought to each state by those whose work it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete

from portal import appraisal, commission, contract, quality, ranking
from portal.access import Role
from portal.firm import Placed, record_standings
from portal.kernel.money import yuan
from portal.kernel.score import score
from portal.kernel.workdays import day_of
from portal.ranking import queries
from portal.ranking.models import RankingRow
from tenants import scope
from tenants.db import db
from tests.appraisal.makers import case_id, filled_by_bureau, filled_by_unit
from tests.contract.makers import Deal, _bought, an_approved_commission, confirm, sign
from tests.deliverable.makers import delivered
from tests.quality.makers import Case, a_final_quality, accept, commit, notify, score_all, seed
from tests.support.world import Bureau, a_subject
from tests.tender.makers import a_firm

Travel = Callable[[timedelta], int]
PUBLICITY = timedelta(days=30)  # longer than any five working days


@dataclass
class Year:
    """Two firms' contracts of one bureau in one year; ``two`` did better."""

    one: Deal
    two: Deal
    year: int


def appraised(deal: Deal, lost: dict[int, str] | None = None) -> Deal:
    """Both sides have locked, and the approver has finished."""
    filled_by_bureau(filled_by_unit(deal, lost))
    found = case_id(deal)
    with deal.acting(Role.APPROVER) as (by, now):
        appraisal.finish(appraisal.appraisal(found), None, "", by=by, now=now)
    return deal


def another_deal(deal: Deal, *, price: str = "150000") -> Deal:
    """A contract of the same bureau with another firm, in force."""
    firm = a_firm(deal.bureau)
    people = {**deal.bureau.people, Role.FIRM_HANDLER: firm.handler, Role.FIRM_SIGNATORY: firm.signatory}
    bureau = replace(deal.bureau, people=people)
    chosen = (a_subject(bureau, deal.unit_id),)
    commission_id = an_approved_commission(bureau, chosen, name=f"{bureau.marker}另一项评价")
    tender_id, bid_id, award_id = _bought(bureau, commission_id, firm.id, firm.name)
    buyer = bureau.people[Role.BUYER]
    with scope.unit_of_work(buyer.scope):
        awarding = contract.Awarding(
            commission_id=commission_id,
            tender_id=tender_id,
            tender_number="测询〔2026〕2号",
            tendered_terms_id=commission.commission(commission_id).terms_id,
            award_id=award_id,
            bid_id=bid_id,
            firm_id=firm.id,
            firm_name=firm.name,
            price=yuan(price),
            lead_evaluator=f"{bureau.marker}另一主评人",
            team=(),
            onsite_days=5,
        )
        row_id = contract.draft_from(awarding, by=buyer.actor, now=scope.now()).id
    other = Deal(bureau, deal.unit_id, chosen, firm.id, firm.name, row_id)
    with other.acting(Role.HANDLER) as (by, now):
        contract.offer(contract.contract(row_id), by=by, now=now)
    confirm(other)
    sign(other)
    return other


def scored(deal: Deal, like: Case, *, plan: str, report: str) -> Deal:
    """The round of a delivered contract is final, scored by the experts of another."""
    with scope.entered(deal.bureau.system):
        held = quality.of_contract(deal.contract_id)
        assert held is not None
        case = Case(deal, held.id, like.experts)
    seed(case, commit(case))
    for each in case.seats("offered"):
        accept(case, each)
    for each in case.seats("accepted"):
        score_all(case, each, plan=plan, report=report)
    notify(case)
    with case.acting(Role.FIRM_SIGNATORY) as (by, now):
        quality.concur(quality.round_(case.round_id), by=by, now=now)
    return deal


def a_year() -> Year:
    """Two appraised contracts; the second firm did better by experts and by both parties."""
    first = a_final_quality(experts=3)
    one = appraised(first.deal, {0: "4"})
    two = appraised(scored(delivered(another_deal(one)), first, plan="92", report="94"))
    with scope.entered(one.bureau.system):
        year = contract.contract(one.contract_id).year
    return Year(one, two, year)


def a_draft_ranking(known: Year) -> UUID:
    """汇总."""
    with known.one.acting(Role.HANDLER) as (by, now):
        return ranking.draft(known.year, by=by, now=now).id


def a_public_ranking(known: Year) -> UUID:
    """公示."""
    row_id = a_draft_ranking(known)
    with known.one.acting(Role.APPROVER) as (by, now):
        ranking.publish(ranking.ranking(row_id), by=by, now=now)
    return row_id


def finalised(known: Year, row_id: UUID) -> UUID:
    """定稿, as the approver does it after the last day."""
    with known.one.acting(Role.APPROVER) as (by, now):
        ranking.finalise(ranking.ranking(row_id), by=by, now=now)
    return row_id


def a_final_ranking(known: Year, travel: Travel) -> UUID:
    """The publicity is over, nobody objected, the standings are recorded."""
    row_id = a_public_ranking(known)
    travel(PUBLICITY)
    return finalised(known, row_id)


def rankings_in(bureau: Bureau, size: int) -> None:
    """For the tests of the whole house: ``size`` public rankings, each with firms, an objection, a standing.

    What the firms did is made up; the deeds are those of the bureau's people and the firm's.
    """
    handler, approver, firm_handler = (
        bureau.people[role] for role in (Role.HANDLER, Role.APPROVER, Role.FIRM_HANDLER)
    )
    assert firm_handler.party_id is not None
    for past in range(size):
        with scope.unit_of_work(handler.scope):
            now = scope.now()
            row = ranking.draft(day_of(now).year - past, by=handler.actor, now=now)
            row_id, year = row.id, row.year
            rules = queries.rules_pinned(row)
        works = [
            queries.Work(
                uuid4(),
                f"{bureau.marker}评价{n}",
                firm_handler.party_id,
                f"{bureau.marker}事务所",
                yuan("100000"),
                score("92"),
                score("88"),
                on_time=True,
                missing=(),
            )
            for n in range(size)
        ]
        with scope.unit_of_work(bureau.system):
            (line,) = queries.lines_of(works, rules)
            db.session.execute(delete(RankingRow).where(RankingRow.ranking_id == row_id))
            ranking.ranking(row_id).ranked = 1
            db.session.add(
                RankingRow(
                    ranking_id=row_id,
                    edition=1,
                    place=1,
                    firm_id=line.firm_id,
                    firm_name=line.firm_name,
                    rank=line.rank,
                    grade=line.grade,
                    score=line.score,
                    engagements=size,
                    quality=line.quality,
                    on_time=size,
                    works=queries.works_plain(works, rules),
                )
            )
            placed = Placed(line.firm_id, line.rank, line.grade, line.score, size, line.quality)
            record_standings(
                year - size, [placed], basis="示例", ranking_id=row_id, edition=1, now=scope.now()
            )
        with scope.unit_of_work(approver.scope):
            ranking.publish(ranking.ranking(row_id), by=approver.actor, now=scope.now())
        with scope.unit_of_work(firm_handler.scope):
            found = ranking.ranking(row_id)
            ranking.object_to(found, f"{bureau.marker}有异议", by=firm_handler.actor, now=scope.now())
