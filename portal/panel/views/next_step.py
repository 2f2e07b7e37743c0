"""What a member of a panel does next, or whom the work waits for; in words by the page.

It reads the same facts as the rules and decides nothing: a verb refused stays refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.panel.rules import PanelFacts, sitting
from portal.tender.rules import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """The page's sentence of this ``name``; ``names`` whom or what it is about, ``until`` when it ends."""

    name: str
    names: Sequence[str] = ()
    until: datetime | None = None


def in_review(f: PanelFacts, *, chair: bool, declared: bool, drawing: bool) -> Step:
    """For a member while the panel reviews; ``drawing`` where lots wait for their number."""
    undeclared = [each.name for each in sitting(f) if not each.declared]
    if not declared:
        return Step("declare")
    if undeclared:
        return Step("wait_declared", undeclared)
    if not chair:
        return Step("read")
    return _of_the_chair(f, drawing=drawing)


def _of_the_chair(f: PanelFacts, *, drawing: bool) -> Step:
    unexamined = [each.name for each in f.bids if each.conforming is None]
    if unexamined:
        return Step("examine", unexamined)
    low = [each for each in f.bids if each.firm in f.alerts and each.conforming and each.justified is None]
    if unasked := [each.name for each in low if not each.asked]:
        return Step("ask", unasked)
    awaited = [each for each in low if not each.answered and each.answer_by and f.now <= each.answer_by]
    if judged := [each.name for each in low if each not in awaited]:
        return Step("judge", judged)
    if awaited:
        return Step("wait_answer", [each.name for each in awaited], awaited[0].answer_by)
    finding = f.result.finding if f.result else None
    if finding is Finding.TIED:
        return Step("wait_draw" if drawing else "draw")
    return Step("wait_end" if finding is Finding.TERMINATED else "conclude")


def in_signing(f: PanelFacts, *, signed: bool) -> Step:
    """For a member while the report is signed."""
    unsigned = [each.name for each in sitting(f) if not each.signed]
    return Step("wait_signed", unsigned) if signed else Step("sign")
