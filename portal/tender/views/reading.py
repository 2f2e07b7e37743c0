"""The bureau's pages to read: list, one tender with what can be done, derivation, print."""

from typing import Any, Final

from flask import g, jsonify, request
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import may
from portal.audit import moments
from portal.document import documents_of
from portal.kernel.hashing import plain
from portal.kernel.workdays import Calendar, day_of
from portal.spreadsheet import handed_out
from portal.tender import queries
from portal.tender.lifecycle import STATE_LABELS, TENDER, T, state_at
from portal.tender.models import Tender
from portal.tender.queries import MARGIN_LABELS, Lines
from portal.tender.rules.deadlines import Margin, margin
from portal.tender.rules.moves import GROUND_LABELS, Ground
from portal.tender.rules.told import CHECKED_TOLD, terms_told
from portal.tender.views.blueprint import bp, due, url
from portal.web.filters import instant
from portal.web.guard import allow, current_actor
from portal.web.pages import page
from portal.wording import sentence, verb_label
from tenants.calendar import calendar

ASKED_FIRST: Final = frozenset({"return", "issue", "amend", "suspend", "resume", "terminate", "cancel"})
GRAVE: Final = frozenset({"discard", "terminate", "cancel"})
NOT_PRESSED: Final = frozenset({"open", "award", "fail"})


@bp.get("/tenders")
@allow(P.TENDER_READ)
def tenders() -> str:
    """The list."""
    return page(
        "tender/tenders.html",
        listing=queries.page_of(request.args, path=url("tenders"), export_url=url("export")),
        states=[(state.value, label) for state, (label, _) in STATE_LABELS.items()],
        chosen=request.args,
        now=g.now,
    )


@bp.post("/tenders/export")
@allow(P.TENDER_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        (
            "采购名称",
            "询价通知书文号",
            "年度",
            "委托",
            "法律适用",
            "最高限价（元）",
            "响应截止时间",
            "状态",
            "采购人",
        ),
        (
            (
                row.name,
                row.number or "",
                row.year,
                row.commission_name,
                row.regime_label,
                row.ceiling,
                row.response_by,
                row.label_at(g.now)[0],
                row.drafter,
            )
            for row in queries.everything(request.args)
        ),
        "采购清单",
    )


@bp.get("/tenders/<uuid:row_id>")
@allow(P.TENDER_READ, queries.tender)
def tender(row: Tender) -> str:
    """One tender: what it asks, whom it invites, what can be done, and everything that happened."""
    told = queries.lines(row)
    days = calendar(day_of(g.now))
    counted = queries.bids(row.id) if row.issued_at else None
    return page(
        "tender/tender.html",
        row=row,
        told=told,
        due=due(row, days, g.now),
        state=row.label_at(g.now),
        ended=how_it_ended(row),
        terms=terms_told(row.terms),
        checked=CHECKED_TOLD,
        hint=_hint(row, days),
        counted=counted,
        verbs=_verbs(row, told, days, counted),
        moments=moments(row.id),
        documents=documents_of(row.id) if row.issued_at else [],
        hows=queries.derivations(row, days, now=g.now, json_url=url("derived", row_id=row.id)),
        may_answer=may(current_actor(), P.TENDER_ANSWER, row) and state_at(row, g.now) is T.ISSUED,
        bulletin_words=BULLETINS,
        askers=queries.askers(row, told) if row.opened_at else {},
    )


BULLETINS: Final = {
    "answer": "答复",
    "amendment": "变更",
    "suspension": "暂停",
    "resumption": "恢复",
    "termination": "终止",
    "cancellation": "取消",
}


def how_it_ended(row: Tender) -> str:
    """When, how and why a purchase ended without a contract; '' for one that did not."""
    if row.ended_at is None:
        return ""
    ground = f"情形：{GROUND_LABELS[Ground(row.ended_ground)]}。" if row.ended_ground else ""
    reason = f"理由：{row.last_reason}" if row.last_reason else ""
    return f"{instant(row.ended_at)} {row.state_label[0]}。{ground}{reason}"


def _hint(row: Tender, days: Calendar) -> str:
    """压线 is lawful, and said aloud."""
    day = day_of(row.issued_at or g.now)
    stands = margin(row.response_by, day, row.min_workdays, days)
    return MARGIN_LABELS[stands] if stands is not Margin.CLEAR and row.ended_at is None else ""


def _verbs(row: Tender, told: Lines, days: Calendar, counted: int | None) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    facts = queries.at_a_glance(row, told, days, by=actor.account_id, now=g.now, counted=counted)
    state = state_at(row, g.now)
    verbs = [
        {
            "label": verb_label(f"tender.{offer.name}"),
            "url": url(f"ask_{offer.name}" if offer.name in ASKED_FIRST else offer.name, row_id=row.id),
            "page": offer.name in ASKED_FIRST,
            "version": row.version,
            "ruling": offer.ruling,
            "weight": "grave" if offer.name in GRAVE else None if offer.name in row.awaits() else "quiet",
        }
        for offer in TENDER.offers(state, facts)
        if offer.name not in NOT_PRESSED
        and may(actor, P(f"tender:{offer.name}"), row)
        and not (offer.name == "resume" and row.suspended_at is None)
        and not (offer.name == "suspend" and row.suspended_at is not None)
    ]
    if state is T.DRAFT and may(actor, P.TENDER_DRAFT, row):
        chosen = any(each.chosen for each in told.prospects)
        pages = sorted(  # what is still missing first
            (
                (chosen, "选定邀请机构", "choosing"),
                (bool(told.members), "组成询价小组", "seating"),
                (True, "修改采购文件", "editing"),
            ),
            key=lambda each: each[0],
        )
        verbs[1:1] = [
            {"label": label, "url": url(endpoint, row_id=row.id), "page": True, "ruling": True}
            for _, label, endpoint in pages
        ]
    return verbs


@bp.get("/tenders/<uuid:row_id>/derivation.json")
@allow(P.TENDER_READ, queries.tender)
def derived(row: Tender) -> Response:
    """The figures of a tender with their inputs, for a stranger's script."""
    days = calendar(day_of(g.now))
    found = queries.derivations(row, days, now=g.now, json_url=url("derived", row_id=row.id))
    return jsonify(plain([each.as_plain() for each in found]))


@bp.get("/tenders/<uuid:row_id>/print")
@allow(P.TENDER_READ, queries.tender)
def printed(row: Tender) -> str:
    """The purchase on paper, with its panel and invitations: for the file, not for firms."""
    told = queries.lines(row)
    return page(
        "tender/printed.html",
        row=row,
        told=told,
        left_out=[
            (each.firm_name, "；".join(sentence(why["code"], why["facts"]) for why in each.exclusions))
            for each in told.prospects
            if not each.chosen
        ],
        terms=terms_told(row.terms),
        checked=CHECKED_TOLD,
        state=row.label_at(g.now),
    )
