"""The pages of a bid: where it stands, the form that seals, the receipt, and the list of commitments."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import holds, may
from portal.bid import actions, queries
from portal.bid.forms import BidForm, ConfirmForm, sealing
from portal.bid.models import Bid
from portal.bid.rules import PART_LABELS, SHOWN_MEMBERS, Part, may_submit
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.hashing import canonical
from portal.kernel.workdays import day_of, workdays_between
from portal.tender import Tender
from portal.tender.rules.told import CHECKED_TOLD
from portal.web import uploads
from portal.web.forms import SelectChoice, put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence
from tenants.calendar import calendar

bp = Blueprint("bid", __name__, url_prefix="/t/<tenant>/tenders")


def _url(endpoint: str, row: Tender, **arguments: Any) -> str:
    return url_for(f"bid.{endpoint}", tenant=g.seat.tenant_code, row_id=row.id, **arguments)


def _own(row: Tender) -> Bid | None:
    """The actor's own firm's bid; staff have none."""
    party = current_actor().party_id
    return queries.own(row.id, party) if party else None


def _time_left(row: Tender) -> dict[str, Any]:
    """The deadline as the page shows it; nothing runs while it is suspended, nor counts once it has ended."""
    if row.suspended_at is not None or row.ended_at is not None:
        return {"at": row.response_by, "stands": row.suspended_at is not None}
    left = row.response_by - g.now
    days = calendar(day_of(g.now))
    return {
        "at": row.response_by,
        "past": g.now > row.response_by,
        "hours": int(left.total_seconds() // 3600) if left.days < 1 else None,
        "workdays": max(0, workdays_between(day_of(g.now), day_of(row.response_by), days)),
    }


@bp.get("/<uuid:row_id>/bid")
@allow(P.BID_READ, queries.tender_of)
def bid(row: Tender) -> str:
    """Where the responses of a tender stand: one's own for a firm, how many for the bureau."""
    actor = current_actor()
    own = _own(row)
    lines = queries.commitments(row, now=g.now)
    opened = queries.bids_of(row.id) if actor.party_id is None and row.closed_at else []
    facts = queries.facts(row, now=g.now, firm_id=actor.party_id)
    return page(
        "bid/bid.html",
        row=row,
        own=own,
        shown=_shown(own) if own else [],
        state=row.label_at(g.now),
        lines=lines,
        opened=opened,
        files={str(each): kept for each, kept in queries.files_of(opened).items()},
        count=len(lines) if lines is not None else queries.count(row.id),
        ruling=may_submit(facts),
        may_submit=holds(actor, P.BID_SUBMIT) and may(actor, P.BID_SUBMIT, row),
        deadline=_time_left(row),
        by_firm=actor.party_id is not None,
    )


def _shown(row: Bid) -> list[tuple[str, str]]:
    return [(PART_LABELS[part], row.commitments[part.value]) for part in Part]


def _form(sent: Any = None) -> BidForm:
    form = BidForm(sent) if sent is not None else BidForm()
    party = current_actor().party_id
    leads = queries.lead_choices(party) if party else []
    form.lead.choices = [SelectChoice("", "请选择")] + [
        SelectChoice(
            str(each.id), f"{each.name}（{each.qualification}）" if each.qualification else each.name
        )
        for each in leads
    ]
    return form


def _asked(row: Tender, form: BidForm, verb: str, *, over: bool = False) -> str:
    team = list(enumerate(form.members, 1))
    return page(
        "bid/submit.html",
        row=row,
        form=form,
        verb=verb,
        over=over,
        checked=CHECKED_TOLD,
        team=team[:SHOWN_MEMBERS],
        more=team[SHOWN_MEMBERS:],
        own=_own(row),
        deadline=_time_left(row),
        cancel=_url("bid", row),
        action=_url(verb, row),
        ruling=may_submit(queries.facts(row, now=g.now, firm_id=current_actor().party_id)),
    )


def _given(row: Tender, verb: str) -> Any:
    """Seal what was sent; the answer to this one request holds the whole receipt, and nothing else does."""
    form = _form(request.form)
    if not form.validate():
        return _asked(row, form, verb), 422
    price = form.price.amount()
    if price is not None and price > row.ceiling and not form.over_ceiling.data:
        put_errors(form, {"price": sentence("bid.over_ceiling", {"ceiling": row.ceiling})})
        return _asked(row, form, verb, over=True), 422
    act = actions.submit if verb == "submit" else actions.replace_
    try:
        receipt = act(row, form.offer(), by=current_actor(), now=g.now)
    except Invalid as error:
        put_errors(form, {error.field: sentence(error.code, error.facts)})
        return _asked(row, form, verb), 422
    return page("bid/receipt.html", row=row, receipt=receipt, fresh=True, **_receipt(receipt))


def _said(part: Part, content: Any) -> str:
    """What the committed text of a part says, for a person; '' for a part that is plain text itself."""
    if part is Part.TEAM and content:
        members = "、".join(f"{each['name']}（{each['title']}）" for each in content["members"])
        return (
            f"主评人 {content['lead']}；成员 {members}；现场工作 {content['onsite_days']} 天；已作独立性声明"
        )
    if part is Part.FILES:
        return f"{len(content)} 个附件" if content else "没有附件"
    return ""


def _receipt(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """The receipt as the page shows it and as a file to keep, which travels in the page itself."""
    whole = json.dumps(receipt, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return {
        "parts": [
            {
                "label": PART_LABELS[part],
                "commitment": receipt["commitments"][part.value],
                "nonce": receipt.get("nonces", {}).get(part.value),
                "said": _said(part, receipt.get("content", {}).get(part.value)),
                "spelled": canonical(receipt.get("content", {}).get(part.value)),
            }
            for part in Part
        ],
        "file_name": f"receipt-{receipt['number']}.json",
        "data_url": f"data:application/json;base64,{base64.b64encode(whole).decode()}",
        "received": datetime.fromisoformat(receipt["submitted_at"]),
    }


@bp.get("/<uuid:row_id>/bid/submit")
@allow(P.BID_SUBMIT, queries.tender_of)
def submitting(row: Tender) -> str:
    """The form, empty: what was sealed is not shown again."""
    return _asked(row, _form(), "submit")


@bp.post("/<uuid:row_id>/bid/submit")
@uploads.sealed(sealing)
@allow(P.BID_SUBMIT, queries.tender_of)
def submit(row: Tender) -> Any:
    """提交响应文件."""
    return _given(row, "submit")


@bp.get("/<uuid:row_id>/bid/replace")
@allow(P.BID_REPLACE, queries.tender_of)
def replacing(row: Tender) -> str:
    """The form again, empty."""
    return _asked(row, _form(), "replace")


@bp.post("/<uuid:row_id>/bid/replace")
@uploads.sealed(sealing)
@allow(P.BID_REPLACE, queries.tender_of)
def replace(row: Tender) -> Any:
    """替换响应文件."""
    return _given(row, "replace")


@bp.get("/<uuid:row_id>/bid/withdraw")
@allow(P.BID_WITHDRAW, queries.tender_of)
def withdrawing(row: Tender) -> str:
    """Ask once more."""
    if _own(row) is None:
        raise NotFound
    return page("bid/withdraw.html", row=row, form=ConfirmForm(), cancel=_url("bid", row))


@bp.post("/<uuid:row_id>/bid/withdraw")
@allow(P.BID_WITHDRAW, queries.tender_of)
def withdraw(row: Tender) -> Response:
    """撤回响应文件."""
    actions.withdraw(row, by=current_actor(), now=g.now)
    return done("bid.withdraw", to=_url("bid", row))


@bp.get("/<uuid:row_id>/bid/receipt")
@allow(P.BID_READ, queries.tender_of)
def receipt(row: Tender) -> str:
    """The receipt again, for its firm: without the content until the opening."""
    kept = _kept_receipt(row)
    return page("bid/receipt.html", row=row, receipt=kept, fresh=False, **_receipt(kept))


def _kept_receipt(row: Tender) -> dict[str, Any]:
    own = _own(row)
    if own is None:
        raise NotFound
    return queries.receipt(own, row)


@bp.get("/<uuid:row_id>/bid/commitments.json")
@allow(P.BID_READ, queries.tender_of)
def commitments(row: Tender) -> Response:
    """The frozen list, for a stranger's script. Raises `NotFound` before the deadline."""
    lines = queries.commitments(row, now=g.now)
    if lines is None:
        raise NotFound
    answer = jsonify(
        kind="portal-bid-commitments",
        version=1,
        tender=row.number,
        response_by=row.response_by.isoformat(),
        bids=[
            {
                "number": line.number,
                "envelope_sm3": line.envelope_digest,
                "commitments": dict(line.commitments),
            }
            for line in lines
        ],
    )
    answer.headers["Content-Disposition"] = "attachment; filename=commitments.json"
    return answer
