"""The page on which the buyer says whether a firm's head and a namesake of theirs are one."""

from typing import Any, Final
from uuid import UUID

from flask import g, redirect, request
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.firm import Profile
from portal.kernel.errors import Invalid
from portal.tender import actions, queries
from portal.tender.forms import MatchForm
from portal.tender.models import Tender
from portal.tender.rules.prospects import VERDICT_LABELS, Kin, Namesake, Verdict
from portal.tender.views.blueprint import bp, url
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from portal.wording import sentence

KIN_LABELS: Final = {Kin.UNIT: "被评价单位（或其主管部门）的联系人", Kin.FIRM: "另一家机构的负责人"}


def _pair(row: Tender) -> tuple[Profile, Namesake] | None:
    """The two the URL names; None where it names no such pair."""
    try:
        firm_id, other_id = UUID(request.args.get("firm", "")), UUID(request.args.get("other", ""))
        return queries.namesake_of(row, firm_id, other_id, now=g.now)
    except (ValueError, Invalid):
        return None


def _match_page(row: Tender, form: MatchForm, firm: Profile, of: Namesake) -> str:
    return page("tender/match.html", form=form, row=row, firm=firm, of=of, kin=KIN_LABELS[of.kin])


def _nobody(row: Tender) -> Response:
    return redirect(url("choosing", row_id=row.id), 303)


@bp.get("/tenders/<uuid:row_id>/match")
@allow(P.TENDER_MATCH, queries.tender)
def ask_match(row: Tender) -> Any:
    """Both people side by side; back to the list of firms where nobody is named."""
    pair = _pair(row)
    return _match_page(row, MatchForm(), *pair) if pair else _nobody(row)


@bp.post("/tenders/<uuid:row_id>/match")
@allow(P.TENDER_MATCH, queries.tender)
def match(row: Tender) -> Any:
    """Keep what was found, and on what evidence."""
    form, pair = MatchForm(request.form), _pair(row)
    if pair is None:
        return _nobody(row)
    firm, of = pair
    if form.validate():
        verdict = Verdict(form.verdict.data)
        try:
            actions.match(
                row,
                firm.firm_id,
                of.other_id,
                verdict,
                (form.reason.data or "").strip(),
                by=current_actor(),
                now=g.now,
            )
            return done(
                "tender.match",
                to=url("choosing", row_id=row.id),
                firm=firm.name,
                other=of.other,
                verdict=VERDICT_LABELS[verdict],
            )
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return _match_page(row, form, firm, of), 422
