"""The register of document numbers and the codes it counts by."""

from typing import Any
from uuid import UUID

from flask import g, request, url_for

from portal.access import Permission as P
from portal.access import holds
from portal.kernel.errors import Invalid
from portal.kernel.workdays import day_of
from portal.office.actions import numbers as actions
from portal.office.forms import CodeForm, RegisterForm, TakeForm, text_of
from portal.office.queries import house
from portal.office.queries import numbers as queries
from portal.office.rules.numbers import read_number
from portal.office.views.door import bp, here, lay_error
from portal.web.forms import SelectChoice, put_errors
from portal.web.guard import allow, current_actor
from portal.web.listing import year_asked
from portal.web.pages import done, page
from portal.wording import sentence
from tenants.models import DocumentCode


@bp.get("/t/<tenant>/numbers")
@allow(P.NUMBER_READ)
def numbers() -> str:
    """The register, by code and year; for one of each, the numbers it lacks."""
    code, year = request.args.get("code", ""), year_asked(request.args)
    lacking = queries.gaps_of(code, year) if code and year else ()
    return page(
        "office/numbers.html",
        listing=queries.page_of(
            request.args,
            path=here("numbers"),
            export_url=url_for("number.export", tenant=g.seat.tenant_code),
        ),
        codes=[row.code for row, _ in queries.codes()],
        years=queries.years(),
        chosen=request.args,
        gaps=lacking,
        may_take=holds(current_actor(), P.NUMBER_TAKE),
    )


@bp.get("/t/<tenant>/numbers/take")
@allow(P.NUMBER_TAKE)
def ask_take() -> str:
    """The form that takes a number."""
    return page("office/take.html", form=_take_form(year=day_of(g.now).year))


@bp.post("/t/<tenant>/numbers/take")
@allow(P.NUMBER_TAKE)
def take() -> Any:
    """Take the next number."""
    form = _take_form(request.form)
    if form.validate():
        try:
            entry = actions.take_number(
                text_of(form.code), form.year.data or 0, text_of(form.title), current_actor(), g.now
            )
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.number_taken", to=here("numbers"), number=entry.written)
    return page("office/take.html", form=form), 422


def _take_form(sent: Any = None, **data: Any) -> TakeForm:
    form = TakeForm(sent, data=data)
    form.code.choices = [SelectChoice(row.code) for row, _ in queries.codes(in_use=True)]
    return form


@bp.get("/t/<tenant>/numbers/register")
@allow(P.NUMBER_TAKE)
def ask_register() -> str:
    """The form that enters an old number."""
    return page("office/register.html", form=RegisterForm())


@bp.post("/t/<tenant>/numbers/register")
@allow(P.NUMBER_TAKE)
def register() -> Any:
    """Enter an old number as it stands on paper."""
    form = RegisterForm(request.form)
    if form.validate():
        reference = read_number(text_of(form.typed))
        if reference is None:
            put_errors(form, {"typed": sentence("office.number_shape")})
        else:
            try:
                entry = actions.register_number(
                    reference,
                    text_of(form.title),
                    text_of(form.reason),
                    by=current_actor(),
                    now=g.now,
                )
            except Invalid as error:
                lay_error(form, error)
            else:
                return done("office.number_registered", to=here("numbers"), number=entry.written)
    return page("office/register.html", form=form), 422


@bp.get("/t/<tenant>/number-codes")
@allow(P.NUMBER_READ)
def codes() -> str:
    """The codes in use and those no longer used."""
    return _codes(_code_form())


@bp.post("/t/<tenant>/number-codes")
@allow(P.NUMBER_OPEN)
def open_code() -> Any:
    """Take a code into use."""
    form = _code_form(request.form)
    if form.validate():
        section = UUID(form.section.data) if form.section.data else None
        try:
            actions.open_code(text_of(form.code), section, by=current_actor(), now=g.now)
        except Invalid as error:
            lay_error(form, error)
        else:
            return done("office.code_opened", to=here("codes"), stem=text_of(form.code))
    return _codes(form), 422


@bp.post("/t/<tenant>/number-codes/<uuid:row_id>/close")
@allow(P.NUMBER_OPEN, queries.code_of)
def close_code(held: DocumentCode) -> Any:
    """No new number is taken under it."""
    actions.close_code(held, by=current_actor(), now=g.now)
    return done("office.code_closed", to=here("codes"), stem=held.code)


def _codes(form: CodeForm) -> str:
    may_open = holds(current_actor(), P.NUMBER_OPEN)
    return page("office/codes.html", codes=queries.codes(), form=form, may_open=may_open)


def _code_form(sent: Any = None) -> CodeForm:
    form = CodeForm(sent)
    open_sections = [each for each in house.sections() if each.closed_at is None]
    form.section.choices = [
        SelectChoice("", "全局通用"),
        *(SelectChoice(str(each.id), each.name) for each in open_sections),
    ]
    return form
