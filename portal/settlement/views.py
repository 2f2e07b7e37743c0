"""The pages of a contract's money: accounts, settlement, payments on their way, money that comes back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import deliverable, document, file, quality
from portal.access import STAFF, may
from portal.access import Permission as P
from portal.audit import moments
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import plain, short_id
from portal.kernel.machine import Machine
from portal.kernel.money import NOTHING, Yuan
from portal.kernel.workdays import day_of
from portal.settlement import actions, queries
from portal.settlement.forms import AdjustForm, PayForm, ReasonForm, ReceiveForm, RequestForm
from portal.settlement.lifecycle import (
    PAYMENT,
    PAYMENT_STATES,
    RECOVERY,
    SETTLEMENT,
    PaymentState,
    RecoveryState,
    SettlementState,
)
from portal.settlement.models import Payment, Recovery, Settlement
from portal.settlement.queries import Account
from portal.settlement.rules import PAYMENT_LABELS, RecoveryFacts, may_request
from portal.spreadsheet import handed_out
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("settlement", __name__, url_prefix="/t/<tenant>/settlements")
payments = Blueprint("payment", __name__, url_prefix="/t/<tenant>/payments")
recoveries = Blueprint("recovery", __name__, url_prefix="/t/<tenant>/recoveries")


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(endpoint, tenant=g.seat.tenant_code, **arguments)


def _account_of(row: Settlement | Payment | Recovery) -> str:
    return _url("settlement.account", row_id=row.contract_id)


@bp.get("")
@allow(P.SETTLEMENT_READ)
def accounts() -> str:
    """Every contract under which money may move, how far it is, and those where nothing is owed any more."""
    return page(
        "settlement/accounts.html",
        accounts=queries.unsettled(),
        listing=queries.balanced(request.args, path=_url("settlement.accounts")),
        chosen=request.args,
    )


@bp.get("/contracts/<uuid:row_id>")
@allow(P.SETTLEMENT_READ, queries.account)
def account(found: Account) -> str:
    """A contract's money, whole."""
    return _account_page(found)


@bp.get("/<uuid:row_id>")
@allow(P.SETTLEMENT_READ, queries.settlement)
def settlement(row: Settlement) -> str:
    """The same page, from the inbox."""
    return _account_page(queries.account_under(row))


def _account_page(found: Account) -> str:
    inside = current_actor().role in STAFF
    row = found.settlement
    due = queries.advance_due(found)
    nothing = row is not None and not row.earned
    scored = quality.quality_of(found.contract.id) if row is None else None
    return page(
        "settlement/account.html",
        found=found,
        row=row,
        scored=scored,
        awaited=scored is not None and deliverable.is_delivered(found.contract.id),
        nothing=nothing,
        advance_due=due,
        advance_late=due is not None and g.now > due and found.advance_open,
        ledger=found.ledger,
        verbs=_account_verbs(found),
        hows=_hows(found),
        why=queries.reasons(row) if row is not None else None,
        penalties=[{**each, "amount": Decimal(each["amount"])} for each in row.penalty_lines] if row else [],
        documents=document.documents_of(row.id) if row is not None else [],
        moments=moments(row.id) if row is not None and inside else [],
        inside=inside,
    )


def _hows(found: Account) -> list[Any]:
    row = found.settlement
    if row is None:
        return []
    return queries.derivations(
        found,
        rule_set=f"质量约定 {short_id(row.terms_id)}",
        json_url=_url("settlement.derived", row_id=row.id),
    )


def _account_verbs(found: Account) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor, row = current_actor(), found.settlement
    verbs = []
    if row is not None:
        pages = {"adjust": "settlement.ask_adjust", "confirm": "settlement.confirm"}
        verbs = _offers(
            SETTLEMENT, SettlementState(row.state), queries.settlement_facts(row, by=actor), row, pages
        )
    if may(actor, P.PAYMENT_REQUEST, found) and (row is None or row.balanced_at is None):
        facts = queries.request_facts(found, Yuan(found.owed() - found.underway))
        verbs.append(
            {
                "label": f"{verb_label('payment.request')}：{PAYMENT_LABELS[found.next_kind]}",
                "url": _url("settlement.ask_request", row_id=found.contract.id),
                "page": True,
                "ruling": may_request(facts),
            }
        )
    return verbs


def _offers(
    machine: Machine, state: Any, facts: object, row: Any, pages: dict[str, str]
) -> list[dict[str, Any]]:
    actor = current_actor()
    return [
        {
            "label": verb_label(f"{machine.name}.{offer.name}"),
            "url": _url(pages[offer.name], row_id=row.id),
            "page": ".ask_" in pages[offer.name],
            "ruling": offer.ruling,
            "weight": "quiet" if offer.name == "return" else None,
        }
        for offer in machine.offers(state, facts)
        if may(actor, P(f"{machine.name}:{offer.name}"), row)
    ]


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.SETTLEMENT_READ, queries.settlement)
def derived(row: Settlement) -> Response:
    """Deduction and payable with their inputs, for a stranger's script."""
    hows = queries.derivations(
        queries.account(row.contract_id), rule_set=f"质量约定 {row.terms_id}", json_url=""
    )
    return jsonify(plain([each.as_plain() for each in hows]))


def _lay(form: Any, error: Refused, name: str) -> None:
    """A refusal lands on the field it is about."""
    show_refusal(error.ruling)
    put_errors(form, {name: "；".join(map(say, error.ruling.refusals))})


@bp.get("/<uuid:row_id>/adjust")
@allow(P.SETTLEMENT_ADJUST, queries.settlement)
def ask_adjust(row: Settlement) -> str:
    """Which clause takes how much, for which fact."""
    lines = [{**each, "amount": each["amount"]} for each in row.penalty_lines]
    return page("settlement/adjust.html", form=AdjustForm(data={"lines": lines}), row=row)


@bp.post("/<uuid:row_id>/adjust")
@allow(P.SETTLEMENT_ADJUST, queries.settlement)
def adjust(row: Settlement) -> Any:
    """Keep the other deductions."""
    form = AdjustForm(request.form)
    if form.validate():
        try:
            actions.adjust(row, form.penalties(), by=current_actor(), now=g.now)
            return done("settlement.adjusted", to=_account_of(row))
        except Refused as error:
            show_refusal(error.ruling)
            first = form.lines[0].form
            put_errors(first, {"amount": "；".join(map(say, error.ruling.refusals))})
    return page("settlement/adjust.html", form=form, row=row), 422


@bp.post("/<uuid:row_id>/confirm")
@allow(P.SETTLEMENT_CONFIRM, queries.settlement)
def confirm(row: Settlement) -> Response:
    """The settlement stands; the firm is told."""
    actions.confirm(row, by=current_actor(), now=g.now)
    return done("settlement.confirmed", to=_account_of(row))


def _request_page(form: RequestForm, found: Account) -> str:
    return page(
        "settlement/request.html",
        form=form,
        found=found,
        ledger=found.ledger,
        kind=PAYMENT_LABELS[found.next_kind],
    )


@bp.get("/contracts/<uuid:row_id>/request")
@allow(P.PAYMENT_REQUEST, queries.account)
def ask_request(found: Account) -> str:
    """How much is asked for."""
    most = max(found.owed() - found.underway, NOTHING)
    return _request_page(RequestForm(data={"amount": f"{most}"}), found)


@bp.post("/contracts/<uuid:row_id>/request")
@allow(P.PAYMENT_REQUEST, queries.account)
def request_payment(found: Account) -> Any:
    """Ask for the money."""
    form = RequestForm(request.form)
    if form.validate():
        try:
            row = actions.request(
                found.contract.id,
                form.amount.amount() or NOTHING,
                (form.note.data or "").strip(),
                by=current_actor(),
                now=g.now,
            )
            return done("payment.requested", to=_url("payment.payment", row_id=row.id))
        except Refused as error:
            _lay(form, error, "amount")
    return _request_page(form, found), 422


@payments.get("")
@allow(P.PAYMENT_READ)
def all_payments() -> str:
    """The list; a firm sees its own."""
    return page(
        "settlement/payments.html",
        listing=queries.page_of(
            request.args, path=_url("payment.all_payments"), export_url=_url("payment.export")
        ),
        states=[(state.value, label) for state, (label, _) in PAYMENT_STATES.items()],
        chosen=request.args,
    )


@payments.post("/export")
@allow(P.PAYMENT_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("合同", "第三方机构", "款项", "金额（元）", "状态", "付款期限", "支付日期", "发票号码"),
        (
            (
                row.contract_name,
                row.firm_name,
                row.kind_label,
                row.amount,
                row.state_label[0],
                row.due_on,
                row.paid_on or "",
                row.invoice_number or "",
            )
            for row in queries.everything(request.args)
        ),
        "付款清单",
    )


@payments.get("/<uuid:row_id>")
@allow(P.PAYMENT_READ, queries.payment)
def payment(row: Payment) -> str:
    """One payment on its way."""
    inside = current_actor().role in STAFF
    pages = {"check": "payment.check", "return": "payment.ask_return", "pay": "payment.ask_pay"}
    facts = queries.payment_facts(row, by=current_actor()) if inside else None
    return page(
        "settlement/payment.html",
        row=row,
        verbs=_offers(PAYMENT, PaymentState(row.state), facts, row, pages) if inside else [],
        invoice=file.files([row.invoice_file_id]).get(row.invoice_file_id) if row.invoice_file_id else None,
        carried=NOTHING if row.is_advance else queries.account(row.contract_id).carried_over,
        late=row.underway and g.now > row.due_by,
        moments=moments(row.id) if inside else [],
        inside=inside,
    )


@payments.post("/<uuid:row_id>/check")
@allow(P.PAYMENT_CHECK, queries.payment)
def check(row: Payment) -> Response:
    """Another section agrees."""
    actions.check(row, by=current_actor(), now=g.now)
    return done("payment.checked", to=_url("payment.payment", row_id=row.id))


@payments.get("/<uuid:row_id>/return")
@allow(P.PAYMENT_RETURN, queries.payment)
def ask_return(row: Payment) -> str:
    """Why it goes back."""
    return page("settlement/reason.html", form=ReasonForm(), row=row)


@payments.post("/<uuid:row_id>/return", endpoint="return")
@allow(P.PAYMENT_RETURN, queries.payment)
def return_(row: Payment) -> Any:
    """Back to who asked."""
    form = ReasonForm(request.form)
    if form.validate():
        try:
            actions.return_(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
            return done("payment.returned", to=_url("payment.payment", row_id=row.id))
        except Refused as error:
            _lay(form, error, "reason")
    return page("settlement/reason.html", form=form, row=row), 422


def _kept(form: Any, deed: Callable[[], None]) -> bool:
    """Do it; what is wrong lands on the form."""
    try:
        deed()
    except Invalid as error:
        put_errors(form, {error.field: sentence(error.code, error.facts)})
        return False
    except Refused as error:
        _lay(form, error, "paid_on" if "paid_on" in form else "received_on")
        return False
    return True


@payments.get("/<uuid:row_id>/pay")
@allow(P.PAYMENT_PAY, queries.payment)
def ask_pay(row: Payment) -> str:
    """The invoice, and the day."""
    return page("settlement/pay.html", form=PayForm(), row=row)


@payments.post("/<uuid:row_id>/pay")
@allow(P.PAYMENT_PAY, queries.payment)
def pay(row: Payment) -> Any:
    """The money has left."""
    form = PayForm(request.form, file=request.files.get("file"))
    actor = current_actor()
    if form.validate() and _kept(
        form, lambda: actions.pay(row, form.invoice(), form.chosen(), by=actor, now=g.now)
    ):
        return done("payment.paid", to=_url("payment.payment", row_id=row.id), amount=row.amount)
    return page("settlement/pay.html", form=form, row=row), 422


@recoveries.get("/<uuid:row_id>")
@allow(P.RECOVERY_READ, queries.recovery)
def recovery(row: Recovery) -> str:
    """One recovery."""
    pages = {"receive": "recovery.ask_receive", "acknowledge": "recovery.acknowledge"}
    facts = RecoveryFacts(seen=row.seen_at is not None)
    return page(
        "settlement/recovery.html",
        row=row,
        verbs=_offers(RECOVERY, RecoveryState(row.state), facts, row, pages),
        documents=document.documents_of(row.settlement_id),
        inside=current_actor().role in STAFF,
    )


@recoveries.post("/<uuid:row_id>/acknowledge")
@allow(P.RECOVERY_ACKNOWLEDGE, queries.recovery)
def acknowledge(row: Recovery) -> Response:
    """The firm has read it."""
    actions.acknowledge(row, by=current_actor(), now=g.now)
    return done("recovery.acknowledged", to=_url("recovery.recovery", row_id=row.id), amount=row.amount)


@recoveries.get("/<uuid:row_id>/receive")
@allow(P.RECOVERY_RECEIVE, queries.recovery)
def ask_receive(row: Recovery) -> str:
    """The day, and the voucher."""
    return page("settlement/receive.html", form=ReceiveForm(), row=row)


@recoveries.post("/<uuid:row_id>/receive")
@allow(P.RECOVERY_RECEIVE, queries.recovery)
def receive(row: Recovery) -> Any:
    """The money is back."""
    form = ReceiveForm(request.form)
    actor = current_actor()
    on, voucher = form.received_on.data, (form.voucher.data or "").strip()
    if form.validate() and _kept(
        form, lambda: actions.receive(row, on or day_of(g.now), voucher, by=actor, now=g.now)
    ):
        return done("recovery.received", to=_url("recovery.recovery", row_id=row.id), amount=row.amount)
    return page("settlement/receive.html", form=form, row=row), 422
