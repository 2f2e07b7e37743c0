"""To whom the bureau's expert library is open."""

from typing import Any
from uuid import UUID

from flask import g, request

from portal.access import Permission as P
from portal.access import holds
from portal.kernel.errors import Invalid
from portal.office.actions import libraries as actions
from portal.office.forms import ShareForm
from portal.office.queries import house
from portal.office.views.door import bp, here, lay_error
from portal.web.forms import SelectChoice
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from tenants.db import tenant_of_session
from tenants.models import LibraryGrant


@bp.get("/t/<tenant>/library-grants")
@allow(P.EXPERT_READ)
def library() -> str:
    """Who reads our library, and whose we may read."""
    return _library(_form())


@bp.post("/t/<tenant>/library-grants")
@allow(P.EXPERT_SHARE)
def share() -> Any:
    """Open it to another bureau."""
    form = _form(request.form)
    if form.validate():
        try:
            grantee = actions.share_library(UUID(form.grantee.data), by=current_actor(), now=g.now)
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.shared", to=here("library"), name=grantee.name)
    return _library(form), 422


@bp.post("/t/<tenant>/library-grants/<uuid:row_id>/end")
@allow(P.EXPERT_SHARE, house.library_grant)
def end_share(grant: LibraryGrant) -> Any:
    """End a grant."""
    actions.end_share(grant, by=current_actor(), now=g.now)
    return done("office.share_ended", to=here("library"))


def _form(sent: Any = None) -> ShareForm:
    form = ShareForm(sent)
    bureaus = house.tenants()
    below = house.bureaus_below(bureaus)
    form.grantee.choices = [
        SelectChoice(str(each.id), each.name)
        for each in bureaus
        if each.id != tenant_of_session() and each not in below
    ]
    return form


def _library(form: ShareForm) -> str:
    return page(
        "office/library.html",
        form=form,
        shared=house.shared(),
        opened_to_us=house.opened_to_us(),
        below=house.bureaus_below(house.tenants()),
        may_share=holds(current_actor(), P.EXPERT_SHARE),
    )
