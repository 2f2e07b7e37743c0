"""What became of one's work, for a firm and for an evaluated unit: each stage, who is awaited, by when.

Told from the rows the party itself may read, and from what its contract says; posts, never persons.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Final

from flask import Blueprint
from flask_babel import gettext as _

from portal import appraisal, deliverable, quality, settlement
from portal.access import GRANTS, ROLE_LABELS, Permission, Role
from portal.contract import Contract
from portal.contract.rules import DELIVERABLES, DeliverableKind
from portal.deliverable import Consultation, Deliverable
from portal.kernel.money import NOTHING
from portal.kernel.workdays import day_of
from portal.quality import Round
from portal.settlement import Account
from portal.settlement.rules import pay_by
from portal.wording import task_label, verb_label

bp = Blueprint("under_way", __name__)
FIRM: Final = frozenset({Role.FIRM_HANDLER, Role.FIRM_SIGNATORY, Role.LEAD_EVALUATOR})
UNIT: Final = frozenset({Role.UNIT_HANDLER, Role.UNIT_HEAD})


@dataclass(frozen=True, slots=True)
class Wait:
    """Whose turn it is, what they are to do, by when at the latest; ``own`` where it is the reader's."""

    who: str
    task: str
    due: datetime | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Its name, its state in words with the tone (None: not begun), what there is to say, who is awaited."""

    name: str
    state: tuple[str, str] | None = None
    told: str = ""
    waits: Sequence[Wait] = ()


def _whose(roles: Sequence[Role], own: frozenset[Role]) -> tuple[str, bool]:
    """The parties and posts in words, and whether one of them is the reader's side."""
    names = []
    for role in roles:
        if role in FIRM:
            names.append(_("贵机构") if own is FIRM else _("第三方机构"))
        elif role in UNIT:
            names.append(_("贵单位") if own is UNIT else _("被评价单位"))
        else:
            names.append(_("财政局%(post)s", post=ROLE_LABELS[role].partition("（")[0]))
    return "、".join(dict.fromkeys(names)), any(role in own for role in roles)


def _by(role: Role, task: str, due: datetime | None = None, *, own: frozenset[Role] = FIRM) -> Wait:
    who, mine = _whose([role], own)
    return Wait(who, task, due, mine)


def _waits(kind: str, row: Any, *, own: frozenset[Role] = FIRM, about: str = "") -> Iterator[Wait]:
    """What a row waits for, as its own inbox says it."""
    for verb in row.awaits():
        permission = Permission(f"{kind}:{verb}")
        asked = row.inbox_party(permission)
        granted = list(dict.fromkeys(grant.role for grant in GRANTS[permission]))
        who, mine = _whose([role for role in granted if not isinstance(asked, Mapping) or role in asked], own)
        yield Wait(who, task_label(f"{kind}.{verb}") + about, row.inbox_due(verb), mine)


@bp.app_template_global("under_way_of_firm")
def of_firm(row: Contract) -> list[Stage]:
    """A contract from its signing to the last payment, as its firm may know it."""
    signing = Stage(_("合同"), row.state_label, row.number or "", list(_waits("contract", row)))
    names = (_("专家评审"), _("首付款"), _("结算"), _("尾款"), _("考评"))
    if row.signed_at is None:
        if not signing.waits:
            signing = Stage(
                signing.name, signing.state, "", [_by(Role.HANDLER, _("改好以后重新送贵机构确认"))]
            )
        return [signing, *(Stage(label) for label in DELIVERABLES.values()), *map(Stage, names)]
    rows = deliverable.of_contract(row.id)
    delivered = all(each.accepted_at for each in rows if each.which is DeliverableKind.REPORT)
    heard = [] if delivered else deliverable.consultations_of(row.id)
    scored = quality.of_contract(row.id) if delivered else None
    account = settlement.account_for(row)
    final = scored is not None and scored.final_at is not None
    return [
        signing,
        *_work(rows, heard, delivered=delivered),
        _scoring(scored, delivered=delivered),
        _advance(account, rows, settling=delivered and final),
        _settling(account, ready=delivered and final),
        _rest(account, rows),
        _judging(row, delivered=delivered),
    ]


def _work(rows: Sequence[Deliverable], heard: Sequence[Consultation], *, delivered: bool) -> Iterator[Stage]:
    for kind in DeliverableKind:
        yield _handed_in([each for each in rows if each.which is kind], DELIVERABLES[kind])
        if kind is DeliverableKind.DRAFT:
            waits = [
                wait
                for each in heard
                for wait in _waits("consultation", each, about=f"：{each.subject_name}")
            ]
            over = delivered or (len(heard) == len(rows) // len(DeliverableKind) and not waits)
            state = (_("已结束"), "done") if over else (_("进行中"), "active")
            yield Stage(_("征求意见"), state if heard or over else None, "", waits)


def _handed_in(rows: Sequence[Deliverable], label: str) -> Stage:
    """One kind of deliverable over all subjects; subjects that wait for the same stand together."""
    taken = sum(each.accepted_at is not None for each in rows)
    told = _("%(taken)s / %(all)s 件已认可", taken=taken, all=len(rows))
    if taken == len(rows):
        return Stage(label, (_("已全部认可"), "done"), told)
    pairs = [(wait, each) for each in rows for wait in _waits("deliverable", each)]
    pairs.sort(key=lambda pair: (pair[0].who, pair[0].task))
    waits = []
    for (who, task), same in groupby(pairs, key=lambda pair: (pair[0].who, pair[0].task)):
        group = list(same)
        what = group[0][1].subject_name if len(group) == 1 else _("%(n)s 个评价对象", n=len(group))
        due = min((wait.due for wait, _row in group if wait.due), default=None)
        waits.append(Wait(who, f"{task}：{what}", due, group[0][0].own))
    state = (_("进行中"), "active") if waits else (_("还不能提交"), "draft")
    return Stage(label, state, told, waits)


def _scoring(row: Round | None, *, delivered: bool) -> Stage:
    name = _("专家评审")
    if row is not None and row.is_told:
        points = _("质量得分 %(score)s", score=row.quality_score) if row.quality_score is not None else ""
        return Stage(name, row.state_label, points, list(_waits("round", row)))
    if not delivered:
        return Stage(name, None, _("正式报告全部认可以后，由抽取的专家评审"))
    organise = _("组织专家评审，把质量得分告知贵机构")
    return Stage(name, (_("进行中"), "active"), "", [_by(Role.ORGANISER, organise)])


def _advance(found: Account, rows: Sequence[Deliverable], *, settling: bool) -> Stage:
    name = _("首付款")
    asked = [each for each in found.payments if each.is_advance and (each.underway or each.is_paid)]
    if asked:
        last = asked[-1]
        told = _("%(amount)s 元，%(day)s 支付", amount=f"{last.amount:,.2f}", day=last.paid_on)
        if not last.is_paid:
            told = f"{last.amount:,.2f} 元"
        return Stage(name, last.state_label, told, list(_waits("payment", last)))
    if not found.advance:
        return Stage(name, (_("没有约定"), "done"))
    told = f"{found.advance:,.2f} 元"
    if settling or found.settlement is not None:
        return Stage(name, (_("没有单独支付"), "stopped"), _("并入尾款"))
    plans = [each.accepted_at for each in rows if each.which is DeliverableKind.PLAN]
    if None in plans:
        return Stage(name, None, _("%(amount)s，实施方案全部认可以后支付", amount=told))
    due = pay_by(max(day_of(each) for each in plans if each), found.contract.payment_days)
    ask = _("申请付款，再由复核人复核、支付经办支付")
    return Stage(name, (_("待申请"), "waiting"), told, [_by(Role.HANDLER, ask, due)])


def _settling(found: Account, *, ready: bool) -> Stage:
    name = _("结算")
    row = found.settlement
    if row is not None and found.confirmed:
        return Stage(name, row.state_label, _("应得 %(amount)s 元", amount=f"{row.earned:,.2f}"))
    if not ready:
        return Stage(name, None, _("正式报告全部认可、质量得分确定以后结算"))
    return Stage(name, (_("待确认"), "waiting"), "", [_by(Role.APPROVER, verb_label("settlement.confirm"))])


def _rest(found: Account, rows: Sequence[Deliverable]) -> Stage:
    name = _("尾款")
    row = found.settlement
    if row is not None and row.balanced_at is not None:
        last = sum((each.amount for each in found.payments if each.is_paid and not each.is_advance), NOTHING)
        return Stage(name, (_("已结清"), "done"), f"{last:,.2f} 元")
    back = [wait for each in found.recoveries for wait in _waits("recovery", each)]
    if back:
        owed = f"{found.ledger.recoverable:,.2f}"
        return Stage(name, (_("应退款"), "danger"), _("应退 %(amount)s 元", amount=owed), back)
    moving = [each for each in found.payments if each.underway and not each.is_advance]
    if moving:
        told = f"{moving[-1].amount:,.2f} 元"
        return Stage(name, moving[-1].state_label, told, list(_waits("payment", moving[-1])))
    reports = [each.accepted_at for each in rows if each.which is DeliverableKind.REPORT]
    due = None
    if None not in reports:
        due = pay_by(max(day_of(each) for each in reports if each), found.contract.payment_days)
    if row is None or not found.confirmed:
        return Stage(name, None, _("最迟 %(day)s 支付", day=day_of(due)) if due else _("结算确认以后支付"))
    ask = _("申请付款，再由复核人复核、支付经办支付")
    told = f"{found.ledger.payable:,.2f} 元"
    return Stage(name, (_("待申请"), "waiting"), told, [_by(Role.HANDLER, ask, due)])


def _judging(row: Contract, *, delivered: bool) -> Stage:
    name = _("考评")
    if row.appraised_at is not None:
        score = appraisal.final_scores([row.id]).get(row.id)
        told = _("考评得分 %(score)s", score=score) if score is not None else ""
        return Stage(name, (_("已结束"), "done"), told)
    if not delivered:
        return Stage(name, None, _("正式报告全部认可以后，由被评价单位和财政局各填一份考评表"))
    both = _("各填一份考评表；都锁定以后，得分告知贵机构")
    return Stage(name, (_("进行中"), "active"), "", [Wait(_("被评价单位和财政局"), both)])


@bp.app_template_global("under_way_of_unit")
def of_unit(row: Consultation) -> list[Stage]:
    """One evaluation from the draft report to the appraisal, as the evaluated unit may know it."""
    waits = partial(_waits, own=UNIT)
    hearing = list(waits("consultation", row))
    found = appraisal.of_contract(row.contract_id)
    report = Stage(_("正式报告"))
    if found is not None:
        report = Stage(_("正式报告"), (_("已认可"), "done"))
    elif not hearing:
        who = _("第三方机构")
        report = Stage(
            report.name, (_("进行中"), "active"), "", [Wait(who, _("提交正式报告，由财政局经办人认可"))]
        )
    lent = [
        wait
        for each in deliverable.materials_of(row.contract_id)
        for wait in waits("material", each, about=f"：{each.item}")
    ]
    kept = [Stage(_("资料交接"), (_("进行中"), "active"), "", lent)] if lent else []
    return [Stage(_("征求意见"), row.state_label, "", hearing), report, *kept, _own_judging(found, waits)]


def _own_judging(found: appraisal.Appraisal | None, waits: Any) -> Stage:
    name = _("考评")
    if found is None:
        return Stage(name, None, _("正式报告全部认可以后，请贵单位填写考评表"))
    own = [wait for each in found.sheets for wait in waits("appraisal_sheet", each)]
    if not (own or found.over):
        own = [Wait(_("财政局"), _("填写并锁定考评表，确定考评得分"), found.due_by)]
    return Stage(name, found.state_label, "", own)
