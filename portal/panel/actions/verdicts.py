"""符合性认定: requirement by requirement, recorded by the chair for the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal import bid
from portal.access import Actor
from portal.bid import Bid
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ruling import unless
from portal.panel import queries, rules
from portal.panel.actions.keeping import Held, hold, in_review, keep, require
from portal.panel.models import Panel, PanelFinding
from portal.tender.rules.told import CHECKED_BY_SYSTEM, DECLARED_INDEPENDENT, WITHIN_CEILING


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one requirement is met, and why not."""

    met: bool
    reason: str = ""


def examine(
    row: Panel,
    bid_id: UUID,
    verdicts: Sequence[Verdict],
    *,
    by: Actor,
    now: datetime,
    seen: str | None = None,
) -> PanelFinding:
    """认定是否符合: one verdict for each requirement of the tender, in its order.

    Raises `Refused`; `Invalid` where a verdict or a reason is missing; `Stale` where another finding was
    saved since the one that was ``seen``.
    """
    held = hold(row)
    found = queries.finding(row, bid_id)
    if seen is not None and seen != found.stamp:
        raise Stale
    require(
        in_review(held)
        & rules.may_examine(held.facts(by=by, now=now))
        & unless(not found.intact, "panel.broken_bid")
    )
    if len(verdicts) != len(held.of.requirements):
        raise Invalid("verdicts", "panel.verdict_missing")
    if any(not each.met and not each.reason.strip() for each in verdicts):
        raise Invalid("verdicts", "panel.rejection_reason")
    opened = next(each for each in bid.bids_of(held.of.id) if each.id == bid_id)
    results = [*_judged(held, verdicts), *_checked(held, opened)]
    failed = [each for each in results if not each["met"]]
    found.results = results
    found.conforming = not failed
    found.reason = "；".join(_told(each) for each in failed) or None
    found.examined_at = now
    found.justified = found.justified_reason = found.judged_at = None
    row.tie_order = []
    row.draw_id = None
    keep(
        held,
        "panel.examine",
        by=by,
        now=now,
        firm=found.firm_name,
        conforming=found.conforming,
        reason="符合" if found.conforming else f"不符合，{found.reason}",
    )
    return found


def _told(failed: dict[str, Any]) -> str:
    """Why a bid is invalid, in a line; what the system found is whole without the name of its check."""
    known = failed["requirement"] in CHECKED_BY_SYSTEM
    return str(failed["reason"]) if known else f"{failed['requirement']}：{failed['reason']}"


def _judged(held: Held, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Each requirement of the tender with the panel's verdict."""
    return [
        {"requirement": text, "met": each.met, "reason": each.reason.strip()}
        for text, each in zip(held.of.requirements, verdicts, strict=True)
    ]


def _checked(held: Held, opened: Bid) -> list[dict[str, Any]]:
    """What is compared and asked of nobody: the ceiling, and the declaration the firm ticked."""
    price, ceiling = opened.price or Decimal(0), held.of.ceiling
    content = opened.content or {}
    over = "" if price <= ceiling else f"报价 {price:,.2f} 元高于最高限价 {ceiling:,.2f} 元"
    undeclared = "" if content.get("independent", True) else "响应文件没有独立性声明"
    return [
        {"requirement": text, "met": not reason, "reason": reason}
        for text, reason in ((WITHIN_CEILING, over), (DECLARED_INDEPENDENT, undeclared))
    ]
