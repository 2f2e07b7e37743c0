"""The pages of deliverables: what is due, one with its versions, handing in, returning, accepting."""

from typing import Any

from flask import g, request
from flask_babel import gettext
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from portal import file
from portal.access import Permission as P
from portal.audit import moments
from portal.contract.rules import DELIVERABLES, DeliverableKind
from portal.deliverable import actions, queries
from portal.deliverable.forms import HandInForm, ReasonForm
from portal.deliverable.lifecycle import DELIVERABLE, STATE_LABELS, DeliverableState
from portal.deliverable.models import Deliverable
from portal.deliverable.views.door import bp, here, is_staff, lay, verbs_of
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.spreadsheet import handed_out
from portal.web.forms import as_shown, put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.web.uploads import big
from portal.wording import sentence

ASKED = frozenset({"submit", "return"})


@bp.get("/deliverables")
@allow(P.DELIVERABLE_READ)
def deliverables() -> str:
    """What is due, the next first; a firm sees its own."""
    found = queries.page_of(request.args, path=here("deliverables"), export_url=here("export"))
    return page(
        "deliverable/deliverables.html",
        listing=found,
        past={row.id for row in found.rows if queries.is_past(row, g.now)},
        states=[(state.value, label) for state, (label, _) in STATE_LABELS.items()],
        kinds=[(kind.value, label) for kind, label in DELIVERABLES.items()],
        chosen=request.args,
        inside=is_staff(),
    )


@bp.post("/deliverables/export")
@allow(P.DELIVERABLE_READ)
def export() -> Response:
    """The list as a workbook, under the same filters."""
    return handed_out(
        ("评价对象", "成果", "委托项目", "第三方机构", "期限", "首次提交", "版本", "退回次数", "状态"),
        (
            (
                row.subject_name,
                row.kind_label,
                row.contract_name,
                row.firm_name,
                row.due_on,
                day_of(row.first_submitted_at) if row.first_submitted_at else "",
                row.versions_count,
                row.returns,
                row.state_label[0],
            )
            for row in queries.everything(request.args)
        ),
        "成果清单",
    )


@bp.get("/deliverables/<uuid:row_id>")
@allow(P.DELIVERABLE_READ, queries.deliverable)
def deliverable(row: Deliverable) -> str:
    """One deliverable: its versions with what was said of each, and what can be done."""
    return page(
        "deliverable/deliverable.html",
        row=row,
        versions=row.versions,
        files=file.files([each.file_id for each in row.versions]),
        past=queries.is_past(row, g.now),
        way=queries.way_of(row),
        verbs=(verbs := _verbs(row)),
        follows=_follows(row) if any(verb["url"].endswith("/accept") for verb in verbs) else None,
        moments=moments(row.id) if is_staff() else [],
        inside=is_staff(),
    )


def _follows(row: Deliverable) -> str:
    """What accepting sets going; it is not taken back."""
    words: dict[DeliverableKind, str] = {
        DeliverableKind.PLAN: gettext("认可后不能收回。首付款的条件随之成就。"),
        DeliverableKind.DRAFT: gettext("认可后不能收回。初稿随即送被评价单位征求意见，期限五个工作日。"),
        DeliverableKind.REPORT: gettext("认可后不能收回。全部正式报告认可后，转入考评和结算。"),
    }
    return words[row.which]


def _verbs(row: Deliverable) -> list[dict[str, Any]]:
    """What can be done; what was handed in already waits, and handing in again is the exception."""
    verbs = verbs_of(DELIVERABLE, row, queries.facts(row, reason="—"), asked=ASKED)
    for verb in verbs:
        if row.state == DeliverableState.SUBMITTED.value and verb["url"].endswith("/submit"):
            verb |= {"label": gettext("换交新的一版"), "weight": "quiet"}
    return verbs


def _hand_in_page(form: HandInForm, row: Deliverable) -> str:
    is_report = row.which is DeliverableKind.REPORT
    form.lead_confirmed.flags.required = is_report
    return page("deliverable/submit.html", form=form, row=row, is_report=is_report)


@bp.get("/deliverables/<uuid:row_id>/submit")
@allow(P.DELIVERABLE_SUBMIT, queries.deliverable)
def ask_submit(row: Deliverable) -> str:
    """Where the firm chooses its file."""
    return _hand_in_page(HandInForm(), row)


@bp.post("/deliverables/<uuid:row_id>/submit")
@big
@allow(P.DELIVERABLE_SUBMIT, queries.deliverable)
def submit(row: Deliverable) -> Any:
    """Keep the file as the next version."""
    form = HandInForm(CombinedMultiDict((request.form, request.files)))
    if form.validate():
        try:
            number = actions.submit(
                row,
                form.chosen(),
                (form.note.data or "").strip(),
                unclassified=bool(form.declared.data),
                lead_confirmed=bool(form.lead_confirmed.data),
                by=current_actor(),
                now=g.now,
            )
            return done(
                "deliverable.submit", to=here("deliverable", row_id=row.id), title=row.title, number=number
            )
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
        except Refused as error:
            show_refusal(error.ruling)
            fields = {
                "deliverable.lead_unconfirmed": "lead_confirmed",
                "deliverable.classified": "declared",
            }
            lay(form, error.ruling, fields, "file")
    return _hand_in_page(form, row), 422


@bp.get("/deliverables/<uuid:row_id>/return")
@allow(P.DELIVERABLE_RETURN, queries.deliverable)
def ask_return(row: Deliverable) -> str:
    """What is missing."""
    return page("deliverable/return.html", form=ReasonForm(), row=row)


@bp.post("/deliverables/<uuid:row_id>/return")
@allow(P.DELIVERABLE_RETURN, queries.deliverable)
def return_(row: Deliverable) -> Any:
    """Back to the firm."""
    form = ReasonForm(request.form)
    if not form.validate():
        return page("deliverable/return.html", form=form, row=row), 422
    actions.return_(
        as_shown(row, queries.lock), (form.reason.data or "").strip(), by=current_actor(), now=g.now
    )
    return done("deliverable.return", to=here("deliverable", row_id=row.id), title=row.title)


@bp.post("/deliverables/<uuid:row_id>/accept")
@allow(P.DELIVERABLE_ACCEPT, queries.deliverable)
def accept(row: Deliverable) -> Response:
    """The last version stands."""
    actions.accept(as_shown(row, queries.lock), by=current_actor(), now=g.now)
    return done("deliverable.accept", to=here("deliverable", row_id=row.id), title=row.title)
