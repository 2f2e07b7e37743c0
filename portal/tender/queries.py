"""Reading tenders, whom they may invite, and the facts their rules are asked with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, literal, literal_column, select, text, union_all

from portal import commission
from portal.access import Role
from portal.commission import Basis
from portal.commission.rules import Regime
from portal.firm import Firm, Profile, profiles, standings_of
from portal.identity import blind_index, posts_as
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound, Stale
from portal.kernel.money import Yuan, yuan
from portal.kernel.ruling import Ruling
from portal.kernel.workdays import Calendar, day_of
from portal.tender.lifecycle import ENDED, T, TenderState, state_at
from portal.tender.models import (
    Tender,
    TenderBulletin,
    TenderPanelMember,
    TenderProspect,
    TenderQuestion,
    TenderReceipt,
)
from portal.tender.rules.deadlines import Margin, earliest, last_of, margin
from portal.tender.rules.moves import BasisFacts, Ground, Member, TenderFacts
from portal.tender.rules.prospects import ProspectFacts, Standing, may_invite
from portal.unit import units
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int
from tenants import scope
from tenants.calendar import calendar
from tenants.db import db

SORTS: Final[Mapping[str, Sort]] = {
    "name": Sort(Tender.name.expression),
    "year": Sort(Tender.year.expression, read_int),
    "ceiling": Sort(Tender.ceiling.expression, read_decimal),
    "deadline": Sort(Tender.response_by.expression, read_instant),
    "touched": Sort(Tender.touched_at.expression, read_instant),
}
PSEUDONYM: Final = 8
A_YEAR: Final = timedelta(days=365)
_counters: list[Callable[[UUID], int]] = []
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:key)")
_RELEASE = text("SELECT portal_release_key(:tender)")


def count_bids_with(counter: Callable[[UUID], int]) -> None:
    """Let the slice of bids say how many there are; before the opening nothing else of them is known."""
    _counters[:] = [counter]


def bids(tender_id: UUID) -> int | None:
    """How many bids stand; None where nobody counts them."""
    return _counters[0](tender_id) if _counters else None


def tender(row_id: UUID) -> Tender:
    """The tender, to be acted on. Raises `NotFound`."""
    found = db.session.scalar(select(Tender).where(Tender.id == row_id))
    if found is None:
        raise NotFound
    return found


def of_commission(commission_id: UUID) -> Tender | None:
    """The latest purchase of a commission."""
    rows = select(Tender).where(Tender.commission_id == commission_id).order_by(Tender.touched_at.desc())
    return db.session.scalars(rows.limit(1)).first()


def contest(tender_id: UUID, *, exclusive: bool) -> datetime:
    """Whatever its deadline decides waits here: the instant read under the tender's lock.

    Submitting and withdrawing share it; closing, moving the deadline and opening hold it alone. What was
    loaded of the tender before is to be refreshed after.
    """
    key = int.from_bytes(tender_id.bytes[:8], "big", signed=True)
    db.session.execute(_EXCLUSIVE if exclusive else _SHARED, {"key": key})
    return scope.instant()


def lock(row: Tender, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


def matching(arguments: Mapping[str, str]) -> Select[Tender]:
    """The tenders a search asks for: words of name or number, a state, a year, a commission."""
    rows = select(Tender)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Tender.name.icontains(words, autoescape=True) | Tender.number.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in TenderState}:
        rows = rows.where(Tender.state == state)
    if (year := arguments.get("year", "")).isdecimal() and len(year) == 4:  # noqa: PLR2004
        rows = rows.where(Tender.year == int(year))
    try:
        rows = rows.where(Tender.commission_id == UUID(arguments.get("commission", "")))
    except ValueError:
        return rows
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str | None = None) -> Listing:
    """One page of the list, the last touched first; firms see those they are invited to alone."""
    return listing(
        matching(arguments),
        key=Tender.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year", "commission"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Tender]:
    """All tenders a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Tender.touched_at.desc())))


@dataclass(frozen=True, slots=True)
class Invited:
    """A firm that was asked to respond."""

    firm_id: UUID
    name: str


def prospects(tender_id: UUID) -> list[TenderProspect]:
    """The firms considered for a tender as they were noted, by name."""
    return list(
        db.session.scalars(
            select(TenderProspect)
            .where(TenderProspect.tender_id == tender_id)
            .order_by(TenderProspect.chosen.desc(), TenderProspect.firm_name)
        )
    )


def firms(tender_id: UUID) -> list[Invited]:
    """The firms invited to a tender, by name."""
    return [Invited(each.firm_id, each.firm_name) for each in prospects(tender_id) if each.chosen]


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody of the 询价小组, by account and post."""

    account_id: UUID
    post_id: UUID
    name: str
    is_chair: bool


def members(tender_id: UUID) -> list[Seated]:
    """询价小组, the chair first. For staff alone: firms read none of these rows."""
    rows = db.session.scalars(
        select(TenderPanelMember)
        .where(TenderPanelMember.tender_id == tender_id)
        .order_by(TenderPanelMember.is_chair.desc(), TenderPanelMember.name)
    )
    return [Seated(each.account_id, each.post_id, each.name, each.is_chair) for each in rows]


def choices_of_panel() -> list[Seated]:
    """Who holds a post of the panel in this bureau now; one entry per post."""
    return [
        Seated(each.account_id, each.id, each.holder, each.role == Role.PANEL_CHAIR.value)
        for each in posts_as(Role.PANEL_CHAIR, Role.PANEL_MEMBER)
    ]


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


def firm_name(firm_id: UUID) -> str:
    """The registered name of a firm. Raises `NotFound`."""
    found = db.session.scalar(select(Firm.name).where(Firm.id == firm_id))
    if found is None:
        raise NotFound
    return found


def wrapped_key(tender_id: UUID) -> bytes:
    """The wrapped private key, for the system. The database refuses it before the deadline and the officers.

    Raises `NotFound`.
    """
    found = db.session.scalar(_RELEASE, {"tender": tender_id})
    if not isinstance(found, bytes):
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Prospect:
    """可邀请机构 with its verdict: whether a rule excludes it, and what else is known of it."""

    profile: Profile
    standing: Standing | None
    ruling: Ruling
    chosen: bool

    @property
    def grade(self) -> str:
        """Its grade, or '' for a firm not yet rated."""
        return self.standing.grade if self.standing else ""


def standings(firm_ids: Iterable[UUID], *, now: datetime) -> dict[UUID, Standing]:
    """评级结果 of firms, as the ranking recorded them; unrated firms are left out.

    A grade steers invitations for a year from its recording, and is information after that.
    """
    return {
        firm_id: Standing(
            year=found[0].year,
            grade=found[0].grade,
            score=str(found[0].score) if found[0].score is not None else "",
            rank=found[0].rank,
            engagements=found[0].engagements,
            earlier=found[1].grade if len(found) > 1 and found[1].year == found[0].year - 1 else "",
            binds=now - found[0].recorded_at < A_YEAR,
        )
        for firm_id, found in standings_of(firm_ids).items()
        if found[0].grade
    }


def kept_standing(standing: Standing | None) -> dict[str, Any] | None:
    """A standing as it is kept with the purchase it was read for."""
    if standing is None:
        return None
    return {name: getattr(standing, name) for name in Standing.__dataclass_fields__}


def verdicts(row: Tender, *, chosen: Iterable[UUID], now: datetime) -> list[Prospect]:
    """Every accepted firm with its verdict for this purchase, by name."""
    kept = set(chosen)
    known = profiles(now)
    graded = standings((each.firm_id for each in known), now=now)
    evaluated = frozenset(each[key] for each in row.subjects for key in ("unit", "department"))
    refused = _refused(row.commission_id)
    contacts = frozenset(each.contact for each in units() if each.name in evaluated and each.contact)
    return [
        Prospect(
            each,
            graded.get(each.firm_id),
            may_invite(
                ProspectFacts(
                    firm_id=each.firm_id,
                    name=each.name,
                    representative=each.representative,
                    lead_evaluators=each.lead_evaluators,
                    qualified=each.qualified,
                    evaluated=evaluated,
                    contacts=contacts,
                    standing=graded.get(each.firm_id),
                    load=each.load,
                    regime=Regime(row.regime),
                    refused=each.firm_id in refused,
                )
            ),
            each.firm_id in kept,
        )
        for each in known
    ]


def _refused(commission_id: UUID) -> frozenset[UUID]:
    """The firms that would not sign after an earlier purchase of the same commission."""
    kept = db.session.scalars(select(Tender.refused).where(Tender.commission_id == commission_id))
    return frozenset(firm_id for each in kept for firm_id in each)


@dataclass(frozen=True, slots=True)
class Whole:
    """What the rules look at beside the tender itself, read anew for a deed."""

    basis: BasisFacts
    prospects: Sequence[Prospect]
    members: Sequence[Seated]
    supervisors: frozenset[UUID]
    days: Calendar
    bids: int | None


def whole(row: Tender, *, now: datetime) -> Whole:
    """Everything the rules need; before the issue the verdicts on the firms are taken anew."""
    chosen = [each.firm_id for each in firms(row.id)]
    return Whole(
        basis=basis_facts(commission.basis(row.commission_id, now=now), row_id=row.id),
        prospects=verdicts(row, chosen=chosen, now=now) if row.issued_at is None else [],
        members=members(row.id),
        supervisors=frozenset(each.account_id for each in posts_as(Role.COMPLAINT_OFFICER)),
        days=calendar(day_of(now)),
        bids=bids(row.id) if row.issued_at else None,
    )


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
    "prospects": lambda each: (not each.chosen, each.firm_name),
    "members": lambda each: (not each.is_chair, each.name),
    "questions": lambda each: each.number,
    "bulletins": lambda each: each.told_at,
    "receipts": lambda each: (each.told_at, each.firm_name),
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


def at_a_glance(
    row: Tender, told: Lines, days: Calendar, *, by: UUID, now: datetime, counted: int | None
) -> TenderFacts:
    """The facts a page greys its buttons by: as they were noted; the deed itself asks everything anew."""
    chosen = [each for each in told.prospects if each.chosen]
    return _facts(
        row,
        Whole(
            basis=_noted(row),
            prospects=(),
            members=[
                Seated(each.account_id, each.post_id, each.name, each.is_chair) for each in told.members
            ],
            supervisors=frozenset(),
            days=days,
            bids=counted,
        ),
        by=by,
        now=now,
        reason="…",
        ground=Ground.TOO_FEW if _too_few(row, counted, now) else Ground.VIOLATION,
        invited=len(chosen),
        barred=[each.firm_name for each in chosen if each.exclusions],
    )


def _too_few(row: Tender, counted: int | None, now: datetime) -> bool:
    return counted is not None and counted < row.min_quotes and state_at(row, now) is T.CLOSED


def _noted(row: Tender) -> BasisFacts:
    """The commission as it was when the purchase was drafted from it."""
    kept = row.basis
    opening = kept["threshold_open"]
    return BasisFacts(
        approved=True,
        terms_id=row.terms_id,
        terms_whole=True,
        ceiling=yuan(kept["ceiling"]),
        regime=Regime(kept["regime"]) if kept["regime"] else None,
        methods=kept["methods"],
        same_item_total=yuan(kept["same_item_total"]),
        threshold_open=yuan(opening) if opening is not None else None,
        plan_due_on=row.plan_due_on,
    )


def basis_facts(basis: Basis, *, row_id: UUID | None = None) -> BasisFacts:
    """The commission as the rules see it; another live purchase of it by name."""
    elsewhere = db.session.scalar(
        select(Tender.name).where(
            Tender.commission_id == basis.id,
            Tender.state.not_in([each.value for each in ENDED]),
            *([Tender.id != row_id] if row_id else []),
        )
    )
    return BasisFacts(
        approved=basis.approved,
        terms_id=basis.terms_id,
        terms_whole=basis.terms_whole,
        ceiling=basis.ceiling,
        regime=basis.regime,
        methods=basis.methods,
        same_item_total=basis.same_item_total,
        threshold_open=basis.threshold_open,
        plan_due_on=basis.plan_due_on,
        elsewhere=elsewhere or "",
    )


def facts(
    row: Tender,
    *,
    by: UUID | None,
    now: datetime,
    seen: Whole | None = None,
    reason: str | None = None,
    ground: Ground | None = None,
    response_by: datetime | None = None,
    valid: int | None = None,
) -> TenderFacts:
    """Everything the rules ask about at this moment; ``seen`` where it was read already.

    ``response_by`` stands in for the row's own where it is about to change; ``valid`` is the panel's count.
    """
    seen = seen or whole(row, now=now)
    chosen = [each for each in seen.prospects if each.chosen]
    return _facts(
        row,
        seen,
        by=by,
        now=now,
        reason=reason,
        ground=ground,
        response_by=response_by,
        valid=valid,
        invited=len(chosen),
        barred=[each.profile.name for each in chosen if not each.ruling],
    )


def plain_facts(
    row: Tender, *, by: UUID | None, now: datetime, days: Calendar, reason: str | None = None
) -> TenderFacts:
    """The facts of a move that looks at the tender alone (clock, suspension, questions)."""
    seen = Whole(_noted(row), (), (), frozenset(), days, None)
    return _facts(row, seen, by=by, now=now, reason=reason)


def _facts(
    row: Tender,
    seen: Whole,
    *,
    by: UUID | None,
    now: datetime,
    reason: str | None = None,
    ground: Ground | None = None,
    response_by: datetime | None = None,
    valid: int | None = None,
    invited: int = 0,
    barred: Sequence[str] = (),
) -> TenderFacts:
    return TenderFacts(
        now=now,
        basis=seen.basis,
        terms_id=row.terms_id,
        ceiling=Yuan(row.ceiling),
        response_by=response_by or row.response_by,
        min_workdays=row.min_workdays,
        calendar=seen.days,
        requirements=row.requirements,
        members=[
            Member(each.account_id, each.name, each.is_chair, each.account_id in seen.supervisors)
            for each in seen.members
        ],
        invited=invited,
        barred=barred,
        drafter_id=row.drafted_by,
        actor_id=by,
        suspended=row.suspended_at is not None,
        bids=valid if valid is not None else seen.bids,
        min_quotes=row.min_quotes,
        reason=reason,
        ground=ground,
        closed=state_at(row, now) in {T.CLOSED, T.OPENED},
        approved_deadline=row.approved_deadline,
    )


def counts() -> dict[str, int]:
    """How many tenders stand where; one statement."""
    found = db.session.execute(select(Tender.state, func.count()).group_by(Tender.state))
    return {each[0]: each[1] for each in found}


def derivations(row: Tender, days: Calendar, *, now: datetime, json_url: str) -> list[Derivation]:
    """How the law that applies and the earliest deadline came about, by what was noted at the draft."""
    day = day_of(row.issued_at or now)
    noted = _noted(row)
    kept = row.basis
    made = partial(
        Derivation,
        rule_set=kept["rules"],
        by=row.approver or row.drafter,
        at=row.issued_at or row.touched_at,
        json_url=json_url,
    )
    line = last_of(day, row.min_workdays, days)
    stands = margin(row.response_by, day, row.min_workdays, days)
    procure, opening = kept["threshold_procure"], kept["threshold_open"]

    def money(amount: str | None) -> str:
        return f"{yuan(amount):,.2f} 元" if amount is not None else "未填写"

    return [
        made(
            name="法律适用与采购方式",
            result=f"{row.regime_label}，询价",
            formula="委托的最高限价未达到采购限额标准的，按内控制度自行采购，可以询价；达到的，服务不得询价",
            inputs=[
                ("委托的最高限价", f"{noted.ceiling:,.2f} 元", "委托"),
                ("分散采购限额标准", money(procure), "规则集"),
                ("公开招标数额标准", money(opening), "规则集"),
                ("同一预算项目当年其他采购", f"{noted.same_item_total:,.2f} 元", "本局已送审和已批准的委托"),
            ],
            values={
                "ceiling": noted.ceiling,
                "threshold_procure": procure,
                "threshold_open": opening,
                "same_item": noted.same_item_total,
            },
            steps=[f"可用采购方式：{'、'.join(noted.methods)}"],
        ),
        made(
            name="最早的响应截止时间",
            result=f"{earliest(day, row.min_workdays, days):%Y-%m-%d %H:%M}",
            formula="自发出之日起不少于规定的工作日（发出当日不计），截止时间在末日之后为稳妥，在末日当天为压线",
            inputs=[
                ("发出日", f"{day:%Y-%m-%d}", "发出时间" if row.issued_at else "按今天估算"),
                ("至少工作日", f"{row.min_workdays} 个", "规则集"),
                ("期限末日", f"{line:%Y-%m-%d}", "工作日历"),
            ],
            values={"issued_on": day, "workdays": row.min_workdays, "last_day": line},
            steps=[f"本次截止时间：{MARGIN_LABELS[stands]}"],
        ),
    ]


MARGIN_LABELS: Final[Mapping[Margin, str]] = {
    Margin.CLEAR: "在期限末日之后，稳妥",
    Margin.AT_THE_LINE: "恰在期限末日当天，压线",
    Margin.EARLY: "早于期限末日，不足规定的工作日",
}


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
