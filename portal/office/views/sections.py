"""Sections: the list, opening one, changing it, closing it."""

from typing import Any

from flask import g, request

from portal.access import Permission as P
from portal.access import holds
from portal.kernel.errors import Invalid
from portal.office.actions import sections as actions
from portal.office.forms import SectionForm, VerbForm, text_of
from portal.office.queries import house
from portal.office.rules.house import may_close_section
from portal.office.views.door import bp, here, lay_error
from portal.web.guard import allow, current_actor
from portal.web.pages import done, page
from tenants.models import Section


@bp.get("/t/<tenant>/sections")
@allow(P.SECTION_READ)
def sections() -> str:
    """The list, with who works where."""
    return page(
        "office/sections.html",
        sections=house.sections(),
        people=house.people_by_section(),
        may_edit=holds(current_actor(), P.SECTION_EDIT),
    )


@bp.get("/t/<tenant>/sections/open")
@allow(P.SECTION_EDIT)
def ask_open_section() -> str:
    """The form that opens one."""
    return page("office/section.html", form=SectionForm(), section=None)


@bp.post("/t/<tenant>/sections/open")
@allow(P.SECTION_EDIT)
def open_section() -> Any:
    """Open one."""
    form = SectionForm(request.form)
    if form.validate():
        try:
            section = actions.open_section(*_typed(form), by=current_actor(), now=g.now)
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.section_opened", to=here("sections"), name=section.name)
    return page("office/section.html", form=form, section=None), 422


@bp.get("/t/<tenant>/sections/<uuid:row_id>/edit")
@allow(P.SECTION_EDIT, house.section)
def ask_edit_section(section: Section) -> str:
    """The form that changes one."""
    return page("office/section.html", form=SectionForm(obj=section), section=section)


@bp.post("/t/<tenant>/sections/<uuid:row_id>/edit")
@allow(P.SECTION_EDIT, house.section)
def edit_section(section: Section) -> Any:
    """Change one."""
    form = SectionForm(request.form)
    if form.validate():
        try:
            actions.edit_section(section, *_typed(form), by=current_actor(), now=g.now)
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.section_saved", to=here("sections"), name=section.name)
    return page("office/section.html", form=form, section=section), 422


@bp.get("/t/<tenant>/sections/<uuid:row_id>/close")
@allow(P.SECTION_EDIT, house.section)
def ask_close_section(section: Section) -> str:
    """Ask once more, and say what stands in the way."""
    ruling = may_close_section(
        closed=section.closed_at is not None,
        holders=house.holders_in(section.id),
        codes=house.codes_of(section.id),
    )
    return page("office/close_section.html", form=VerbForm(), section=section, ruling=ruling)


@bp.post("/t/<tenant>/sections/<uuid:row_id>/close")
@allow(P.SECTION_EDIT, house.section)
def close_section(section: Section) -> Any:
    """Close one."""
    actions.close_section(section, by=current_actor(), now=g.now)
    return done("office.section_closed", to=here("sections"), name=section.name)


def _typed(form: SectionForm) -> tuple[str, str]:
    return text_of(form.name), text_of(form.duties)
