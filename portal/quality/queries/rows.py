"""Reading rounds, seats and sheets, and locking them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.access import Actor
from portal.contract.rules import DeliverableKind
from portal.kernel.errors import NotFound, Stale
from portal.office import rules_kept
from portal.quality.lifecycle import RoundState, SheetState
from portal.quality.models import Round, Seat, Sheet
from portal.scoresheet import Filled, Form, fill, template
from portal.web.listing import Listing, Sort, listing, read_instant, read_int, year_asked
from tenants.db import db
from tenants.ruleset import QcRules, Scope
from tenants.scope import elevated

SORTS: Mapping[str, Sort] = {
    "name": Sort(Round.name.expression),
    "year": Sort(Round.year.expression, read_int),
    "touched": Sort(Round.touched_at.expression, read_instant),
}
NEEDED = (DeliverableKind.PLAN, DeliverableKind.REPORT)


def _one(rows: Select[Any]) -> Any:
    found = db.session.scalars(rows).first()
    if found is None:
        raise NotFound
    return found


def round_(row_id: UUID) -> Round:
    """The round. Raises `NotFound`, for the firm until it was told."""
    found: Round = _one(select(Round).where(Round.id == row_id))
    return found


def seat(row_id: UUID) -> Seat:
    """The seat. Raises `NotFound`."""
    found: Seat = _one(select(Seat).where(Seat.id == row_id))
    return found


def sheet(row_id: UUID) -> Sheet:
    """The sheet. Raises `NotFound`, for everybody but its expert until it was released."""
    found: Sheet = _one(select(Sheet).where(Sheet.id == row_id))
    return found


def of_contract(contract_id: UUID) -> Round | None:
    """The round of a contract, where the scope may read it."""
    return db.session.scalars(select(Round).where(Round.contract_id == contract_id)).first()


def lock(row: Round | Seat | Sheet, *, version: int | None = None) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if version is not None and row.version != version:
        raise Stale


def hold(row: Round | Sheet, *, version: int) -> None:
    """Lock the row for who writes nothing directly, expert or firm. Raises `Stale` where it changed since."""
    with elevated("quality.hold"):
        lock(row, version=version)


def matching(arguments: Mapping[str, str]) -> Select[Round]:
    """The rounds a search asks for: words of contract or firm, a state, a year."""
    rows = select(Round)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Round.name.icontains(words, autoescape=True) | Round.firm_name.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in RoundState}:
        rows = rows.where(Round.state == state)
    if year := year_asked(arguments):
        rows = rows.where(Round.year == year)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str | None = None) -> Listing:
    """One page of the rounds, the last touched first."""
    return listing(
        matching(arguments),
        key=Round.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Round]:
    """All rounds a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Round.touched_at.desc())))


def seats_of(round_id: UUID) -> list[Seat]:
    """The seats of a round in the order they were reached."""
    rows = select(Seat).where(Seat.round_id == round_id).order_by(Seat.offered_at, Seat.place, Seat.id)
    return list(db.session.scalars(rows))


def own_seats(actor: Actor) -> list[Seat]:
    """The seats an expert was offered in this bureau, the latest first."""
    rows = select(Seat).where(Seat.expert_id == actor.party_id).order_by(Seat.offered_at.desc(), Seat.id)
    return list(db.session.scalars(rows))


def sheets_of(round_id: UUID) -> list[Sheet]:
    """The sheets of a round the scope may read, subject by subject; void ones too."""
    rows = select(Sheet).where(Sheet.round_id == round_id)
    return sorted(db.session.scalars(rows), key=_shown_order)


def sheets_of_seat(seat_id: UUID) -> list[Sheet]:
    """The sheets of a seat, subject by subject, plan before report, the latest edition first."""
    return sorted(db.session.scalars(select(Sheet).where(Sheet.seat_id == seat_id)), key=_shown_order)


def asked_again(row: Sheet) -> str:
    """Why a sheet is scored once more, as the approver wrote on the edition before; empty for a first one."""
    if row.edition == 1:
        return ""
    before = select(Sheet.reason).where(
        Sheet.seat_id == row.seat_id,
        Sheet.subject_id == row.subject_id,
        Sheet.stage == row.stage,
        Sheet.edition == row.edition - 1,
    )
    return (db.session.scalar(before) or "").rstrip("。")


def _shown_order(row: Sheet) -> tuple[str, str, str, int]:
    return row.subject_name, str(row.subject_id), row.stage, -row.edition


def form_of(row: Sheet) -> Form:
    """The form a sheet is pinned to. Raises `Misconfigured`."""
    return template(row.form_code, row.form_version).form


def filled(row: Sheet, form: Form | None = None) -> Filled:
    """What a sheet is worth as it stands."""
    return fill(form or form_of(row), row.entries)


def qc_rules(row: Round) -> QcRules:
    """The quality terms of a round, as the formulas read them."""
    return QcRules(
        weight_plan=row.weight_plan,
        weight_report=row.weight_report,
        cutoff=None,
        deduct_ratio=Decimal(0),
        scope=Scope.CONTRACT,
        min_valid_sheets=row.min_valid_sheets,
        trim_extremes=row.trim_extremes,
        scoring_workdays=row.scoring_workdays,
        objection_workdays=row.objection_workdays,
    )


def offer_minutes(row: Round) -> int:
    """How long an expert may think an offer over."""
    return rules_kept(row.rule_set_id).rules.draw.offer_minutes


def valid_sheets(row: Round) -> list[Sheet]:
    """The sheets that count; for the system, which alone reads them before they are released."""
    rows = select(Sheet).where(Sheet.round_id == row.id, Sheet.state == SheetState.HANDED_IN.value)
    return sorted(db.session.scalars(rows), key=_shown_order)


def counts() -> dict[str, int]:
    """How many rounds stand where, for the home; one statement."""
    found = db.session.execute(select(Round.state, func.count()).group_by(Round.state))
    return {each[0]: each[1] for each in found}
