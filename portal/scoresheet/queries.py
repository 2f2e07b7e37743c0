"""Reading form templates: one's own, else the nearest bureau's above; and those the project ships."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.kernel.errors import Misconfigured, NotFound
from portal.office import lineage
from portal.scoresheet.models import FormTemplate
from portal.scoresheet.rules import Form, form_of, forms_of, in_order
from tenants.db import db


@dataclass(frozen=True, slots=True)
class Template:
    """A form as it is in force here: its version, whose it is, and what it says."""

    id: UUID
    code: str
    version: int
    owner: str
    is_own: bool
    form: Form


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """The nine forms of the project's file by code, judged as a set. Raises `BadForm`."""
    raw = json.loads(Path(__file__).with_name("forms.json").read_text(encoding="utf-8"))
    forms_of(raw)
    return {each["code"]: each for each in raw}


def _rows(codes: Sequence[str] = (), version: int | None = None) -> list[Template]:
    """The nearest owner's rows, the latest version of each code first; one statement."""
    line = lineage()
    rows = select(FormTemplate, line.c.name, line.c.depth).join(line, line.c.id == FormTemplate.tenant_id)
    if codes:
        rows = rows.where(FormTemplate.code.in_(codes))
    if version is not None:
        rows = rows.where(FormTemplate.version == version)
    found = db.session.execute(
        rows.ext(distinct_on(FormTemplate.code)).order_by(
            FormTemplate.code, line.c.depth, FormTemplate.version.desc()
        )
    )
    return [
        Template(row.id, row.code, row.version, owner, depth == 0, form_of(row.content))
        for row, owner, depth in found
    ]


def templates() -> list[Template]:
    """Every form in force here, in the order of their use."""
    return in_order(_rows(), lambda each: each.code)


def template(code: str, version: int | None = None) -> Template:
    """The form in force here under a code, or one pinned ``version`` of it. Raises `Misconfigured`."""
    found = _rows([code], version)
    if not found:
        raise Misconfigured(f"form.{code}")
    return found[0]


def versions_in_force(codes: Sequence[str]) -> dict[str, int]:
    """The versions in force here, to be pinned. Raises `Misconfigured` with the first code that has none."""
    found = {each.code: each.version for each in _rows(codes)}
    missing = next((code for code in codes if code not in found), None)
    if missing is not None:
        raise Misconfigured(f"form.{missing}")
    return {code: found[code] for code in codes}


def template_by_id(row_id: UUID) -> Template:
    """One version of a form. Raises `NotFound`."""
    line = lineage()
    found = db.session.execute(
        select(FormTemplate, line.c.name, line.c.depth)
        .join(line, line.c.id == FormTemplate.tenant_id)
        .where(FormTemplate.id == row_id)
    ).first()
    if found is None:
        raise NotFound
    row, owner, depth = found
    return Template(row.id, row.code, row.version, owner, depth == 0, form_of(row.content))
