"""What the contract hears from the award; same transaction."""

from datetime import datetime

from portal import bid, tender
from portal.access import Actor
from portal.award.lifecycle import Awarded
from portal.contract import actions
from portal.office import rules_kept


def awarded(event: Awarded, *, by: Actor | None, now: datetime) -> None:
    """成交之后: the contract drafts itself from award, opened bid and tender."""
    of = tender.tender(event.tender_id)
    won = next(each for each in bid.bids_of(event.tender_id) if each.id == event.bid_id)
    content = won.content or {}
    actions.draft_from(
        actions.Awarding(
            commission_id=of.commission_id,
            tender_id=of.id,
            tender_number=of.number or "",
            tendered_terms_id=of.terms_id,
            award_id=event.award_id,
            bid_id=event.bid_id,
            firm_id=event.firm_id,
            firm_name=won.firm_name,
            price=event.price,
            lead_evaluator=content.get("lead", ""),
            team=tuple({"name": each["name"], "part": each["title"]} for each in content.get("members", ())),
            onsite_days=int(content.get("onsite_days", 0)),
            sign_days=rules_kept(of.rule_set_id).rules.procurement.contract_days,
        ),
        by=by,
        now=now,
    )
