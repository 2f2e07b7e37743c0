"""Showing a sealed value: a page that asks why, hung beside any register's own pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for

from portal.access import Permission
from portal.identity import actions
from portal.identity.forms import RevealForm
from portal.web.guard import allow, current_actor
from portal.web.pages import page


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed value of a row that has ``id``, ``tenant_id`` and ``name``."""

    row: Any
    field: str


def reveal_views(bp: Blueprint, load: Callable[[UUID], Any], fields: Mapping[str, str], *, home: str) -> None:
    """Hang on ``bp`` the page that asks why a sealed value is to be shown, and the one that shows it once.

    ``load`` finds the row; ``fields`` are its sealed fields with their labels; ``home`` is the row's page.
    """

    def found(row_id: UUID, field: str) -> Sealed:
        return Sealed(load(row_id), field)

    def shown(form: RevealForm, sealed: Sealed, value: str | None = None) -> str:
        back = url_for(home, tenant=g.seat.tenant_code, row_id=sealed.row.id)
        label = fields[sealed.field]
        return page("identity/reveal.html", form=form, row=sealed.row, label=label, value=value, back=back)

    @allow(Permission.PERSONAL_REVEAL, found)
    def ask_reveal(sealed: Sealed) -> str:
        return shown(RevealForm(), sealed)

    @allow(Permission.PERSONAL_REVEAL, found)
    def reveal(sealed: Sealed) -> Any:
        form = RevealForm(request.form)
        if not form.validate():
            return shown(form, sealed), 422
        row = sealed.row
        value = actions.reveal_personal(
            row.tenant_id, row.id, sealed.field, form.reason.data or "", by=current_actor(), now=g.now
        )
        return shown(form, sealed, value or "")

    path = f"/<uuid:row_id>/reveal/<any({', '.join(fields)}):field>"
    bp.get(path)(ask_reveal)
    bp.post(path)(reveal)
