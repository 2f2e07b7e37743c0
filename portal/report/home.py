"""The home of each role: what waits for me, what moves without me, then figures."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, url_for
from flask_babel import gettext as _

from portal import award, bid, commission, contract, quality, tender
from portal.access import ROLE_LABELS, Actor, Role, holds
from portal.access import Permission as P
from portal.audit import InboxRow, OwnWait, moving_elsewhere, own_waits
from portal.kernel.workdays import Calendar, day_of, workdays_between
from portal.web.guard import acting, allow, current_actor, identity, public
from portal.web.pages import page
from portal.wording import task_label
from tenants.calendar import calendar

bp = Blueprint("home", __name__)
PAGES: Final = {
    "round": "round.one",
    "seat": "seat.one",
    "seat.extend": "seat.ask_extend",
    "sheet": "sheet.one",
    "commission": "commission.commission",
    "tender": "tender.tender",
    "tender.acknowledge": "tender.invitation",
    "tender.respond": "tender.invitation",
    "ruleset": "office.ruleset_version",
    "panel": "panel.panel",
    "explanation": "panel.explanation",
    "award": "award.waiting",
    "award_letter": "award_letter.letter",
    "contract": "contract.contract",
    "draw": "draw.draw",
    "ranking": "ranking.ranking",
    "ranking_objection": "ranking_objection.ask_answer",
    "deliverable": "deliverable.deliverable",
    "consultation": "deliverable.consultation",
    "material": "deliverable.material",
    "appraisal": "appraisal.appraisal",
    "appraisal_sheet": "appraisal_sheet.sheet",
    "settlement": "settlement.settlement",
    "payment": "payment.payment",
    "payment.request": "settlement.ask_request",
    "recovery": "recovery.recovery",
}

COMES: Final = {
    Role.EXPERT: "评审邀请和要打分的评分表，会按期限列在这里。",
    Role.FIRM_HANDLER: "采购邀请、合同、要提交的成果、要答复的意见和得分通知，会按期限列在这里。",
    Role.FIRM_SIGNATORY: "要签章的合同、采购结果和得分通知，会按期限列在这里。",
    Role.UNIT_HANDLER: "报告初稿征求意见、资料交接和考评表，会按期限列在这里。",
    Role.UNIT_HEAD: "等您确认的考评表，会按期限列在这里。",
    Role.HANDLER: "要送审的委托、要审阅的成果、考评表和付款申请，会按期限列在这里。",
    Role.CHECKER: "要复核的付款申请、要您输入的抽取数，会按期限列在这里。",
    Role.APPROVER: "要批准的委托和采购文件、要签的合同、要确认的考评表和结算，会按期限列在这里。",
    Role.BUYER: "批准以后要组织的采购、要答复的询问、要确定的成交结果，会按期限列在这里。",
    Role.OPENER: "到了截止时间要开启的响应文件、要您输入的抽取数，会列在这里。",
    Role.PANEL_MEMBER: "要您参加的评审，会列在这里。",
    Role.PANEL_CHAIR: "要您主持的评审，会列在这里。",
    Role.ORGANISER: "要抽取专家、告知机构的会审，会列在这里。",
    Role.PAYER: "复核通过、等您登记支付的款项，以及要登记收回的款项，会按期限列在这里。",
    Role.COMPLAINT_OFFICER: "中止的采购等您决定恢复的、要您输入的抽取数，会列在这里。",
    Role.INSPECTOR: "要您输入的抽取数会列在这里；各清单您都可以查看。",
    Role.SYSTEM_ADMIN: "科室职责、文号等在左边的菜单里维护，没有单独的待办。",
    Role.SECURITY_ADMIN: "开立账号、安排岗位、签发口令，在左边的“账号与岗位”办理，没有单独的待办。",
    Role.AUDIT_ADMIN: "审计记录在左边的菜单里随时查看，没有单独的待办。",
}
HIDDEN: Final = frozenset({"appraisal_sheet", "sheet"})  # its filler's own until all are in
COUNTED: Final = ("award_letter",)  # told once per purchase, with their number


@bp.get("/")
@public
def front() -> Any:
    """Where a person belongs: their first post's home, or the way in."""
    person = identity()
    if person is None:
        return redirect(url_for("identity.sign_in"), 303)
    for seat in person.seats:
        if seat.tenant_code:
            return redirect(url_for("home.home", tenant=seat.tenant_code), 303)
    if person.seats:
        return redirect(url_for("office.tenants"), 303)
    return page("report/no_post.html")


@bp.get("/t/<tenant>/")
@allow(P.HOME_READ)
def home() -> str:
    """What waits for the actor's post, what waits for others, and figures."""
    actor = current_actor()
    outside = actor.party_id is not None
    held = [] if actor.supervising else own_waits(actor)
    rows = [row for row in held if row.post_id == actor.post_id]
    own = _not_mine_already(rows, [row for row in held if row.post_id != actor.post_id])
    others, more = ([], False) if outside else moving_elsewhere(_posts_here(actor), without=COUNTED)
    shown: list[InboxRow | OwnWait] = [*rows, *own, *others]
    days = calendar(day_of(g.now)) if any(row.due_by for row in shown) else None
    counts = commission.counts() if holds(actor, P.COMMISSION_READ) else None
    return page(
        "report/home.html",
        post=_post(actor),
        waits=_sent([_item(row, g.now, days) for row in rows], rows, actor.party_id),
        elsewhere_mine=list(_by_post(own, g.now, days)),
        others=[
            *(_told(row, actor, g.now, days) for row in others),
            *([] if outside or not holds(actor, P.AWARD_READ) else _receipts()),
        ],
        more=len(others) if more else 0,
        figures=[] if counts is None else _figures(counts.submitted),
        begins=counts is not None and _begins(actor) and not any(astuple(counts)),
        opens_accounts=holds(actor, P.ACCOUNT_OPEN),
        comes="" if actor.supervising else COMES.get(actor.role, ""),
        looks_below=not actor.supervising and holds(actor, P.SUPERVISION_READ),
    )


def _post(actor: Actor) -> str:
    """The post one acts in; where it is only where the person's name does not say so already."""
    return ROLE_LABELS[actor.role] if actor.place in actor.name else actor.label


def _posts_here(actor: Actor) -> list[Actor]:
    """The person in every post of this bureau."""
    person = identity()
    if person is None or actor.supervising:
        return [actor]
    return [acting(person, each) for each in person.seats if each.tenant_id == actor.tenant_id]


def _begins(actor: Actor) -> bool:
    """Whether the actor would begin a bureau's first commission, approve it, or let those in who do."""
    return any(holds(actor, each) for each in (P.COMMISSION_DRAFT, P.COMMISSION_APPROVE, P.ACCOUNT_OPEN))


def _not_mine_already(rows: list[OwnWait], others: list[OwnWait]) -> list[OwnWait]:
    """What more waits for the other posts; what several may do stands once, here before elsewhere."""
    seen = {(row.kind, row.subject_id, row.verb) for row in rows}
    kept = []
    for row in others:
        task = (row.kind, row.subject_id, row.verb)
        if task not in seen:
            kept.append(row)
        seen.add(task)
    return kept


def _receipts() -> list[dict[str, Any]]:
    """Each purchase whose result not every firm has acknowledged, once."""
    return [
        {
            "title": each.tender_name,
            "verb": _("签收结果通知（%(n)s 家还没有签收）", n=each.firms),
            "holder": _("第三方机构"),
            "until": None,
            "workdays": None,
            "past": False,
            "url": url_for("award.award", tenant=g.seat.tenant_code, row_id=each.tender_id),
        }
        for each in award.unsigned()
    ]


def _by_post(rows: list[OwnWait], now: datetime, days: Calendar | None) -> Iterator[dict[str, Any]]:
    """What waits for the person's other posts: each with the way to act in it, straight to the page."""
    held: dict[UUID, list[OwnWait]] = {}
    for row in rows:
        held.setdefault(row.post_id, []).append(row)
    for post_id, own in held.items():
        items = [_item(row, now, days) for row in own]
        for item in items:
            item["url"] = url_for("identity.choose_post", post_id=post_id, next=item["url"])
        yield {"post": items[0]["holder"], "items": items}


def _told(row: InboxRow, actor: Actor, now: datetime, days: Calendar | None) -> dict[str, Any]:
    """What waits for somebody else; a way there only where the actor may go, and never to a sealed sheet."""
    item = _item(row, now, days)
    needed = getattr(current_app.view_functions[_page_of(row)], "portal_guard", None)
    if row.kind in HIDDEN or not (isinstance(needed, P) and holds(actor, needed)):
        item["url"] = ""
    return item


def _figures(submitted: int) -> list[tuple[str, int, str, str]]:
    def listed(endpoint: str, state: str) -> str:
        return url_for(endpoint, tenant=g.seat.tenant_code, state=state)

    rounds = quality.counts()
    return [
        (
            _("待审批的委托"),
            submitted,
            _("份"),
            listed("commission.commissions", "submitted"),
        ),
        (_("响应中的采购"), tender.counts().get("issued", 0), _("项"), listed("tender.tenders", "issued")),
        (
            _("履行中的合同"),
            contract.counts().get("effective", 0),
            _("份"),
            listed("contract.contracts", "effective"),
        ),
        (_("评分中的会审"), rounds.get("scoring", 0), _("项"), listed("round.rounds", "scoring")),
    ]


def _page_of(row: InboxRow | OwnWait) -> str:
    """Where the verb is done; most verbs of a kind share one page."""
    return PAGES.get(f"{row.kind}.{row.verb}") or PAGES[row.kind]


def _sent(items: list[dict[str, Any]], rows: Sequence[OwnWait], firm_id: UUID | None) -> list[dict[str, Any]]:
    """To a firm itself the invitations it has answered say so; the inbox row is the same for all of them."""
    if firm_id and any((row.kind, row.verb) == ("tender", "respond") for row in rows):
        answered = bid.has_submitted(firm_id)
        for item, row in zip(items, rows, strict=True):
            if row.verb == "respond" and row.subject_id in answered:
                item["verb"] = _("%(verb)s（已提交）", verb=item["verb"])
    return items


def _workdays_left(due_by: datetime, now: datetime, days: Calendar) -> int | None:
    """Working days until a deadline; None where it lies in a year whose calendar nobody has entered."""
    first, last = sorted((day_of(now), day_of(due_by)))
    if not {*range(first.year, last.year + 1)} <= days.years:
        return None
    return workdays_between(day_of(now), day_of(due_by), days)


def _item(row: InboxRow | OwnWait, now: datetime, days: Calendar | None) -> dict[str, Any]:
    left = _workdays_left(row.due_by, now, days) if row.due_by and days else None
    return {
        "title": row.title,
        "verb": task_label(f"{row.kind}.{row.verb}"),
        "holder": ROLE_LABELS[Role(row.role)].partition("（")[0],
        "since": row.since,
        "until": row.due_by,
        "workdays": left,
        "past": bool(row.due_by and row.due_by < now),
        "url": url_for(_page_of(row), tenant=g.seat.tenant_code, row_id=row.subject_id),
    }
