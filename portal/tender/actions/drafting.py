"""From the commission to the approved draft: the document's terms, whom it invites, who will examine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete

from portal import commission
from portal.access import Actor
from portal.audit import born, record, take
from portal.commission import Basis
from portal.commission.rules import Regime
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import digest, plain
from portal.kernel.money import Yuan
from portal.kernel.ruling import Ruling, unless
from portal.kernel.workdays import day_of
from portal.office import rules_on
from portal.tender import queries
from portal.tender.lifecycle import TENDER, TenderState
from portal.tender.models import Tender, TenderPanelMember, TenderProspect
from portal.tender.queries import Prospect
from portal.tender.rules import moves
from portal.tender.rules.prospects import heads_differ
from tenants.db import db

NOTHING_MORE: Final[Mapping[str, Any]] = {}
SOURCE: Final = "本局认可的第三方机构名单"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft says, typed and of the right shape; money in 元."""

    name: str
    ceiling: Yuan
    response_by: datetime
    requirements: tuple[str, ...]
    needs: str


def draft(commission_id: UUID, data: Draft, *, by: Actor, now: datetime) -> Tender:
    """起草: a purchase by 询价 from an approved commission. Raises `Refused`."""
    basis = commission.basis(commission_id, now=now)
    _may(moves.may_draft(queries.basis_facts(basis)))
    row = Tender(
        state=TenderState.DRAFT.value,
        commission_id=basis.id,
        drafted_by=by.account_id,
        drafter=by.name,
        touched_at=now,
        readers=[],
        **_standing_on(basis, now),
        **_content(data),
    )
    born(TENDER, row, by=by, now=now)
    commission.note_purchase(basis.id, begun=True, now=now)
    return row


def _standing_on(basis: Basis, now: datetime) -> dict[str, object]:
    """What the purchase takes over from the commission, and the rules of the day."""
    force = rules_on(day_of(now))
    rules = force.rules
    return {
        "commission_name": basis.name,
        "commissioner_name": basis.commissioner,
        "year": basis.year,
        "terms_id": basis.terms_id,
        "terms": plain(basis.terms),
        "subjects": [
            plain(
                {
                    "id": each.id,
                    "name": each.name,
                    "unit": each.unit_name,
                    "department": each.department,
                    "total": each.total,
                }
            )
            for each in basis.subjects
        ],
        "basis": plain(
            {
                "ceiling": basis.ceiling,
                "same_item_total": basis.same_item_total,
                "threshold_procure": basis.threshold_procure,
                "threshold_open": basis.threshold_open,
                "regime": basis.regime,
                "methods": basis.methods,
                "rules": force.label,
            }
        ),
        "rule_set_id": force.id,
        "regime": (basis.regime or Regime.INTERNAL).value,
        "plan_due_on": basis.plan_due_on,
        "draft_due_on": basis.draft_due_on,
        "report_due_on": basis.report_due_on,
        "min_quotes": rules.procurement.min_quotes,
        "min_workdays": rules.procurement.inquiry_min_workdays,
        "change_workdays": rules.procurement.notice_change_workdays,
        "answer_workdays": rules.query.inquiry_answer_workdays,
    }


def _content(data: Draft) -> dict[str, object]:
    return {
        "name": data.name,
        "ceiling": data.ceiling,
        "response_by": data.response_by,
        "requirements": list(data.requirements),
        "needs": data.needs,
    }


def _may(ruling: Ruling) -> None:
    if not ruling:
        raise Refused(ruling)


def _hold_draft(row: Tender, version: int) -> str:
    """Lock a draft to be rewritten; its digest before. Raises `Stale`; `Refused` where it is no draft."""
    queries.lock(row, version=version)
    _may(unless(row.state != TenderState.DRAFT.value, "tender.not_draft"))
    return digest(row.snapshot()).hex()


def _kept(
    row: Tender, verb: str, before: str, *, by: Actor, now: datetime, told: Mapping[str, Any] = NOTHING_MORE
) -> None:
    row.version += 1
    row.touched_at = now
    db.session.flush()
    record(
        verb,
        by=by,
        now=now,
        subject_id=row.id,
        before=before,
        after=digest(row.snapshot()).hex(),
        **told,
    )


def edit(row: Tender, data: Draft, *, version: int, by: Actor, now: datetime) -> None:
    """Rewrite a draft. Raises `Refused` when it is no draft any more, `Stale` when somebody saved first."""
    before = _hold_draft(row, version)
    for name, value in _content(data).items():
        setattr(row, name, value)
    _kept(row, "tender.edit", before, by=by, now=now)


def choose(
    row: Tender, firm_ids: Sequence[UUID], reason: str, *, version: int, by: Actor, now: datetime
) -> None:
    """选定邀请机构, for a reason that is kept. Raises `Refused` for a firm that a rule excludes."""
    before = _hold_draft(row, version)
    seen = queries.verdicts(row, chosen=firm_ids, now=now)
    chosen = [each for each in seen if each.chosen]
    if set(firm_ids) - {each.profile.firm_id for each in seen}:
        raise Invalid("firms", "tender.firm_unknown")
    barred = [each.profile.name for each in chosen if not each.ruling]
    _may(
        unless(barred, "tender.firm_barred", firms=barred)
        & heads_differ([(each.profile.firm_id, each.profile.name, each.namesakes) for each in chosen])
    )
    note_prospects(row, chosen, now=now)
    row.invitation_reason = reason
    _kept(
        row,
        "tender.choose",
        before,
        by=by,
        now=now,
        told={"firms": [each.profile.name for each in chosen], "reason": reason},
    )


def note_prospects(row: Tender, seen: Sequence[Prospect], *, now: datetime) -> None:
    """Keep how these firms stand now, in place of what was kept before."""
    db.session.execute(delete(TenderProspect).where(TenderProspect.tender_id == row.id))
    db.session.add_all(
        TenderProspect(
            tender_id=row.id,
            firm_id=each.profile.firm_id,
            firm_name=each.profile.name,
            representative=each.profile.representative,
            chosen=each.chosen,
            source=SOURCE if each.chosen else "",
            exclusions=[
                {"code": why.code, "facts": {key: str(value) for key, value in why.facts.items()}}
                for why in each.ruling.refusals
            ],
            standing=queries.kept_standing(each.standing),
            load=each.profile.load,
            namesakes=[queries.kept_namesake(of) for of in each.namesakes],
            noted_at=now,
        )
        for each in seen
    )
    db.session.flush()


def seat(row: Tender, chair: UUID, others: Sequence[UUID], *, version: int, by: Actor, now: datetime) -> None:
    """组成询价小组 from holders of its posts, given by post. Raises `Refused`; `Invalid` for no such post."""
    before = _hold_draft(row, version)
    posts = {each.post_id: each for each in queries.choices_of_panel()}
    if {chair, *others} - set(posts) or not posts[chair].is_chair:
        raise Invalid("chair", "tender.panel_unknown")
    people = {posts[each].account_id: posts[each] for each in (*others, chair)}
    db.session.execute(delete(TenderPanelMember).where(TenderPanelMember.tender_id == row.id))
    db.session.add_all(
        TenderPanelMember(
            tender_id=row.id,
            account_id=account_id,
            post_id=each.post_id,
            name=each.name,
            is_chair=each.post_id == chair,
        )
        for account_id, each in people.items()
    )
    db.session.flush()
    _may(moves.panel_holds(queries.facts(row, by=by.account_id, now=now)))
    _kept(
        row,
        "tender.seat",
        before,
        by=by,
        now=now,
        told={
            "chair": posts[chair].name,
            "members": sorted(each.name for each in people.values()),
        },
    )


def submit(row: Tender, *, by: Actor, now: datetime) -> None:
    """送审: asks every rule before the approver is bothered. Raises `Refused`."""
    take(TENDER, row, "submit", queries.facts(row, by=by.account_id, now=now), by=by, now=now)


def discard(row: Tender, *, by: Actor, now: datetime) -> None:
    """作废: a draft nobody needs; it stays on file. Raises `Refused`."""
    take(TENDER, row, "discard", None, by=by, now=now, changes={"ended_at": now})
    commission.note_purchase(row.commission_id, begun=False, now=now)


def approve(row: Tender, *, by: Actor, now: datetime) -> None:
    """批准: asks every rule again. Raises `Refused`."""
    take(
        TENDER,
        row,
        "approve",
        queries.facts(row, by=by.account_id, now=now),
        by=by,
        now=now,
        changes={
            "approved_at": now,
            "approver": by.name,
            "approved_deadline": row.response_by,
            "last_reason": None,
        },
        rule_set=row.rule_set_id,
    )


def return_(row: Tender, reason: str, *, by: Actor, now: datetime) -> None:
    """退回修改: back to the buyer with a reason. Raises `Refused`."""
    take(
        TENDER,
        row,
        "return",
        queries.facts(row, by=by.account_id, now=now, reason=reason),
        by=by,
        now=now,
        changes={"last_reason": reason, "approved_at": None, "approver": None, "approved_deadline": None},
        reason=reason,
    )
