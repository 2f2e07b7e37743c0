"""符合性认定: requirement by requirement, recorded by the chair for the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.access import Actor
from portal.kernel.errors import Invalid
from portal.kernel.ruling import unless
from portal.panel import queries, rules
from portal.panel.actions.keeping import Held, hold, in_review, keep, require
from portal.panel.models import Panel, PanelFinding

WITHIN_CEILING = "报价不超过最高限价"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one requirement is met, and why not."""

    met: bool
    reason: str = ""


def examine(
    row: Panel, bid_id: UUID, verdicts: Sequence[Verdict], *, by: Actor, now: datetime
) -> PanelFinding:
    """认定是否符合: one verdict for each requirement of the tender, in its order.

    Raises `Refused`; `Invalid` where a verdict or a reason is missing.
    """
    held = hold(row)
    found = queries.finding(row, bid_id)
    require(
        in_review(held)
        & rules.may_examine(held.facts(by=by, now=now))
        & unless(not found.intact, "panel.broken_bid")
    )
    if len(verdicts) != len(held.of.requirements):
        raise Invalid("verdicts", "panel.verdict_missing")
    if any(not each.met and not each.reason.strip() for each in verdicts):
        raise Invalid("verdicts", "panel.rejection_reason")
    results = _results(held, found.price or Decimal(0), verdicts)
    failed = [each for each in results if not each["met"]]
    found.results = results
    found.conforming = not failed
    found.reason = "；".join(f"{each['requirement']}：{each['reason']}" for each in failed) or None
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
        reason=found.reason,
    )
    return found


def _results(held: Held, price: Decimal, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Each requirement with its verdict; the ceiling is compared, not judged."""
    within = price <= held.of.ceiling
    over = "" if within else f"报价 {price:,.2f} 元高于最高限价 {held.of.ceiling:,.2f} 元"
    judged = [
        {"requirement": text, "met": each.met, "reason": each.reason.strip()}
        for text, each in zip(held.of.requirements, verdicts, strict=True)
    ]
    return [*judged, {"requirement": WITHIN_CEILING, "met": within, "reason": over}]
