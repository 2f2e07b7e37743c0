"""What hangs on a tender: its panel, what was asked and answered, what was told and seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, literal, literal_column, select, union_all

from portal.access import Role
from portal.identity import blind_index, posts_as
from portal.kernel.errors import NotFound
from portal.tender.models import (
    Tender,
    TenderBulletin,
    TenderPanelMember,
    TenderProspect,
    TenderQuestion,
    TenderReceipt,
)
from portal.tender.queries.prospects import place_of
from portal.web.search import by_sound
from tenants import scope
from tenants.db import db

PSEUDONYM: Final = 8


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody of the 询价小组, by account and post."""

    account_id: UUID
    post_id: UUID
    name: str
    is_chair: bool


def members(tender_id: UUID) -> list[Seated]:
    """询价小组, the chair first, then by name. For staff alone: firms read none of these rows."""
    rows = db.session.scalars(select(TenderPanelMember).where(TenderPanelMember.tender_id == tender_id))
    seated = [Seated(each.account_id, each.post_id, each.name, each.is_chair) for each in rows]
    return sorted(seated, key=_chair_first)


def _chair_first(member: Any) -> tuple[Any, ...]:
    return (not member.is_chair, by_sound(member.name))


def choices_of_panel() -> list[Seated]:
    """Who holds a post of the panel in this bureau now, by name; one entry per post."""
    posts = [
        Seated(each.account_id, each.id, each.holder, each.role == Role.PANEL_CHAIR.value)
        for each in posts_as(Role.PANEL_CHAIR, Role.PANEL_MEMBER)
    ]
    return sorted(posts, key=_chair_first)


def questions(tender_id: UUID) -> list[TenderQuestion]:
    """What was asked, in its order; a firm sees what has been answered."""
    return list(
        db.session.scalars(
            select(TenderQuestion)
            .where(TenderQuestion.tender_id == tender_id)
            .order_by(TenderQuestion.number)
        )
    )


def question(row_id: UUID) -> TenderQuestion:
    """One question. Raises `NotFound`."""
    found = db.session.scalar(select(TenderQuestion).where(TenderQuestion.id == row_id))
    if found is None:
        raise NotFound
    return found


def bulletins(tender_id: UUID) -> list[TenderBulletin]:
    """What was told to all after the issue, the latest first."""
    return list(
        db.session.scalars(
            select(TenderBulletin)
            .where(TenderBulletin.tender_id == tender_id)
            .order_by(TenderBulletin.told_at.desc(), TenderBulletin.id)
        )
    )


def receipts(tender_id: UUID) -> list[TenderReceipt]:
    """Who was told what and has seen it; a firm sees its own."""
    return list(
        db.session.scalars(
            select(TenderReceipt)
            .where(TenderReceipt.tender_id == tender_id)
            .order_by(TenderReceipt.told_at, TenderReceipt.firm_name)
        )
    )


def pseudonym(tender_id: UUID, firm_id: UUID) -> str:
    """What a firm is called in what it asks: the same within one tender, another in the next.

    A digest under the installation's key; without the key nobody finds the firm by trying them all.
    """
    return blind_index(f"tender-asker:{tender_id}", str(firm_id)).hex()[:PSEUDONYM].upper()


@dataclass(frozen=True, slots=True)
class Lines:
    """What hangs on a tender, read for a page by one statement; a firm's scope leaves it what it may see."""

    prospects: list[SimpleNamespace]
    members: list[SimpleNamespace]
    questions: list[SimpleNamespace]
    bulletins: list[SimpleNamespace]
    receipts: list[SimpleNamespace]


_PARTS: Final[Mapping[str, Any]] = {
    "prospects": TenderProspect,
    "members": TenderPanelMember,
    "questions": TenderQuestion,
    "bulletins": TenderBulletin,
    "receipts": TenderReceipt,
}
_ORDER: Final[Mapping[str, Callable[[SimpleNamespace], Any]]] = {
    "prospects": place_of,
    "members": _chair_first,
    "questions": lambda each: each.number,
    "bulletins": lambda each: each.told_at,
    "receipts": lambda each: (each.told_at, by_sound(each.firm_name)),
}


def lines(row: Tender) -> Lines:
    """Prospects, panel, questions, bulletins and receipts of one tender, each in its order."""
    found: dict[str, list[SimpleNamespace]] = {name: [] for name in _PARTS}
    asked = [
        select(literal(name).label("part"), func.to_jsonb(literal_column(part.__tablename__)).label("line"))
        .select_from(part)
        .where(part.__table__.c.tender_id == row.id)
        for name, part in _PARTS.items()
    ]
    for name, line in db.session.execute(union_all(*asked)):
        found[name].append(_line(line))
    return Lines(**{name: sorted(each, key=_ORDER[name]) for name, each in found.items()})


def askers(row: Tender, told: Lines) -> dict[str, str]:
    """Who is behind each pseudonym; for staff, and only once the bids are open."""
    return {pseudonym(row.id, each.firm_id): each.firm_name for each in told.prospects if each.chosen}


def _line(kept: Mapping[str, Any]) -> SimpleNamespace:
    """A row as JSON gave it, with its instants and ids read back."""

    def read(key: str, value: Any) -> Any:
        if isinstance(value, str) and key.endswith(("_at", "_by", "_from", "_to")) and value[:4].isdecimal():
            return datetime.fromisoformat(value)
        return UUID(value) if isinstance(value, str) and (key == "id" or key.endswith("_id")) else value

    return SimpleNamespace(**{key: read(key, value) for key, value in kept.items()})


def own_open_questions(row: Tender, firm_id: UUID) -> list[dict[str, Any]]:
    """What a firm asked and nobody has answered yet, for itself; found by its pseudonym, as the system."""
    mine = pseudonym(row.id, firm_id)
    with scope.elevated("tender.own_questions"):
        found = db.session.execute(
            select(TenderQuestion.number, TenderQuestion.text, TenderQuestion.asked_at, TenderQuestion.due_by)
            .where(
                TenderQuestion.tender_id == row.id,
                TenderQuestion.asker == mine,
                TenderQuestion.answer.is_(None),
            )
            .order_by(TenderQuestion.number)
        )
        return [dict(each._mapping) for each in found]  # noqa: SLF001 -- a row's own mapping
