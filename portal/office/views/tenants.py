"""The operator's pages: the tree of bureaus, opening one, its administrators and their slips."""

from typing import Any
from uuid import UUID

from flask import g, request, url_for

from portal.access import Permission as P
from portal.access import Role
from portal.kernel.errors import Invalid, NotFound
from portal.office.actions import tenants as actions
from portal.office.actions.tenants import NewAdministrator
from portal.office.forms import RegionForm, TenantForm, VerbForm, text_of
from portal.office.queries import house
from portal.office.views.door import bp, lay_error
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from tenants.models import Tenant

POSTS = (
    ("system", Role.SYSTEM_ADMIN),
    ("security", Role.SECURITY_ADMIN),
    ("audit", Role.AUDIT_ADMIN),
)


@bp.get("/operator/tenants")
@allow(P.TENANT_READ)
def tenants() -> str:
    """The regions and which of them have a bureau."""
    return page("office/tenants.html", roots=house.tree(), form=RegionForm())


@bp.post("/operator/regions")
@allow(P.TENANT_OPEN)
def register_region() -> Any:
    """Register a region that the project's file lacks."""
    form = RegionForm(request.form)
    if form.validate():
        try:
            region = actions.register_region(
                text_of(form.code), text_of(form.name), by=current_actor(), now=g.now
            )
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.region_registered", to=url_for("office.tenants"), name=region.name)
    return page("office/tenants.html", roots=house.tree(), form=form), 422


def _region(code: str) -> Any:
    region = house.regions().get(code)
    if region is None:
        raise NotFound
    return region


@bp.get("/operator/regions/<string:code>/open")
@allow(P.TENANT_OPEN)
def ask_open(code: str) -> str:
    """The form that opens a region's bureau."""
    region = _region(code)
    return page("office/open.html", region=region, form=TenantForm(data={"name": f"{region.name}财政局"}))


@bp.post("/operator/regions/<string:code>/open")
@allow(P.TENANT_OPEN)
def open_tenant(code: str) -> Any:
    """Open it; the slips of its administrators are shown this once."""
    region, form = _region(code), TenantForm(request.form)
    if form.validate():
        people = [
            NewAdministrator(
                role,
                text_of(form[f"{post}_username"]),
                text_of(form[f"{post}_name"]),
                f"{post}_username",
            )
            for post, role in POSTS
        ]
        try:
            opened = actions.open_tenant(code, text_of(form.name), people, by=current_actor(), now=g.now)
        except Invalid as error:
            lay_error(form, error if error.field in form else Invalid("name", error.code, **error.facts))
        else:
            return page("office/slips.html", tenant_row=opened.tenant, slips=opened.slips, fresh=True)
    return page("office/open.html", region=region, form=form), 422


@bp.get("/operator/tenants/<uuid:row_id>")
@allow(P.TENANT_READ, house.tenant)
def tenant(row: Tenant) -> str:
    """One bureau and its administrators."""
    return page("office/tenant.html", row=row, administrators=house.administrators(row.id), form=VerbForm())


@bp.post("/operator/tenants/<uuid:row_id>/codes")
@allow(P.TENANT_OPEN, house.tenant)
def reissue(row: Tenant) -> Any:
    """New slips for the administrators chosen; their old unused codes stop working."""
    accounts = [UUID(each) for each in request.form.getlist("account") if _is_uuid(each)]
    slips = actions.reissue_codes(row, accounts, by=current_actor(), now=g.now)
    if not slips:
        raise NotFound
    return page("office/slips.html", tenant_row=row, slips=slips, fresh=False)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
