"""The pages of an import, hung on a register's own blueprint: choose, preview, marked workbook, confirm."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from portal.audit import record
from portal.kernel.errors import NotFound
from portal.spreadsheet.forms import ConfirmForm, UploadForm
from portal.spreadsheet.importing import MovedOn, Prepared, Register, adopt, prepare
from portal.spreadsheet.marking import mark
from portal.spreadsheet.models import Upload
from portal.spreadsheet.opening import MAX_BYTES
from portal.spreadsheet.rules import Change, Plan
from portal.spreadsheet.uploads import content_of, forget, keep_upload, upload
from portal.spreadsheet.writing import Value, write
from portal.web.guard import allow, current_actor
from portal.web.pages import attachment, done, page
from portal.wording import say
from tenants.db import tenant_of_session

SHOWN = 100


def handed_out(columns: Sequence[str], rows: Iterable[Sequence[Value]], title: str) -> Response:
    """A list as a workbook; who took it, and under which filter, stays in the audit chain."""
    record("list.export", by=current_actor(), now=g.now, title=title, filter=dict(request.args))
    return attachment(write(columns, rows, title), f"{title}.xlsx")


@dataclass(frozen=True, slots=True)
class ImportPages:
    """The pages of one register; ``home`` is the endpoint of its list.

    ``lacks``: where what its rows refer to is not registered yet, the title and the endpoint of that list.
    """

    bp: Blueprint
    register: Register[Any]
    home: str
    lacks: Callable[[], tuple[str, str] | None]

    def hang(self) -> None:
        """Hang the pages on the register's blueprint."""
        guard, guard_row = allow(self.register.permission), allow(self.register.permission, self._load)
        self.bp.get("/import", endpoint="importing")(guard(self.importing))
        self.bp.post("/import", endpoint="import_")(guard(self.import_))
        self.bp.get("/import/<uuid:row_id>", endpoint="preview")(guard_row(self.preview))
        self.bp.get("/import/<uuid:row_id>/marked.xlsx", endpoint="marked")(guard_row(self.marked))
        self.bp.post("/import/<uuid:row_id>/confirm", endpoint="confirm")(guard_row(self.confirm))

    def importing(self) -> str:
        """Choose a file."""
        return self._choose(UploadForm())

    def import_(self) -> Any:
        """Keep the file, sealed, and go on to what it would do."""
        form = UploadForm(CombinedMultiDict((request.files, request.form)))
        if not form.validate():
            return self._choose(form), 422
        row = keep_upload(self.register.name, form.filename(), form.content(), by=current_actor(), now=g.now)
        return redirect(self._url("preview", row_id=row.id), 303)

    def preview(self, row: Upload) -> str:
        """What the file would do, or every fault in it."""
        return self._shown(row, prepare(self.register, content_of(row)))

    def marked(self, row: Upload) -> Response:
        """The same workbook with its faults marked. Raises `NotFound` where there is nothing to mark."""
        content = content_of(row)
        reading = prepare(self.register, content).reading
        if not reading.markable:
            raise NotFound
        return attachment(mark(content, reading), f"已标注-{PurePath(row.filename).stem}.xlsx")

    def confirm(self, row: Upload) -> Any:
        """Do what was shown; shown anew where the register has moved since."""
        try:
            kept = adopt(
                self.register,
                content_of(row),
                filename=row.filename,
                tenant_id=tenant_of_session(),
                by=current_actor(),
                now=g.now,
                seal=request.form.get("seal", ""),
            )
        except MovedOn as moved:
            return self._shown(row, moved.prepared, moved=True), 409
        forget(row)
        plan = kept.plan or Plan()
        return done(
            "spreadsheet.imported",
            to=url_for(self.home, tenant=g.seat.tenant_code),
            title=self.register.title,
            added=len(plan.added),
            changed=len(plan.changed),
        )

    def _load(self, row_id: UUID) -> Upload:
        return upload(row_id, self.register.name)

    def _url(self, step: str, **arguments: Any) -> str:
        return url_for(f"{self.bp.name}.{step}", tenant=g.seat.tenant_code, **arguments)

    def _around(self) -> dict[str, Any]:
        return {
            "register": self.register,
            "home_url": url_for(self.home, tenant=g.seat.tenant_code),
            "import_url": self._url("importing"),
        }

    def _choose(self, form: UploadForm) -> str:
        columns = self.register.schema().columns
        return page(
            "spreadsheet/import.html",
            form=form,
            required=[column.name for column in columns if column.required],
            optional=[column.name for column in columns if not column.required],
            lacks=self.lacks(),
            max_bytes=MAX_BYTES,
            max_megabytes=MAX_BYTES // 1024 // 1024,
            **self._around(),
        )

    def _shown(self, row: Upload, prepared: Prepared[Any], *, moved: bool = False) -> str:
        return page(
            "spreadsheet/preview.html",
            upload=row,
            form=ConfirmForm(data={"seal": prepared.seal}),
            moved=moved,
            reading=prepared.reading,
            plan=prepared.plan,
            marked_url=self._url("marked", row_id=row.id),
            confirm_url=self._url("confirm", row_id=row.id),
            **_tables(self.register, prepared),
            **self._around(),
        )


def import_views(
    bp: Blueprint,
    register: Register[Any],
    *,
    home: str,
    lacks: Callable[[], tuple[str, str] | None] = lambda: None,
) -> None:
    """Hang the steps of an import into ``register`` on ``bp``; the rest as in `ImportPages`."""
    ImportPages(bp, register, home, lacks).hang()


def _tables(register: Register[Any], prepared: Prepared[Any]) -> dict[str, Any]:
    """What the plan would do, as rows of text for the page; long lists are cut, their counts are not."""
    plan = prepared.plan
    if plan is None:
        return {}
    flags = register.flags(g.now)
    _, name = register.key
    columns, added = _added(register, plan.added[:SHOWN])
    records = (*plan.added, *(change.after for change in plan.changed))
    reasons = [(register.shown(name, getattr(each, name)), flags(each).refusals) for each in records]
    return {
        "columns": columns,
        "added": added,
        "changed": [_changed(register, change) for change in plan.changed[:SHOWN]],
        "left": [register.shown(name, each[name]) for each in plan.left[:SHOWN]],
        "flagged": [(who, [say(refusal) for refusal in refusals]) for who, refusals in reasons if refusals],
        "shown": SHOWN,
    }


def _added(register: Register[Any], records: Sequence[Any]) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """The columns that hold anything, whether they hold numbers, and their cells row by row."""
    used = [
        column
        for column in register.schema().columns
        if any(register.shown(column.field, getattr(each, column.field)) for each in records)
    ]
    numbers = (int, Decimal)  # by exact type: 是 and 否 are words
    heads = [(column.name, type(getattr(records[0], column.field)) in numbers) for column in used]
    return heads, [
        [register.shown(column.field, getattr(each, column.field)) for column in used] for each in records
    ]


def _changed(register: Register[Any], change: Change[Any]) -> dict[str, Any]:
    names = {column.field: column.name for column in register.schema().columns}
    code, name = register.key
    return {
        "key": register.shown(code, getattr(change.after, code)),
        "name": register.shown(name, getattr(change.after, name)),
        "cells": [
            (
                names[each.field],
                register.shown(each.field, each.before),
                register.shown(each.field, each.after),
            )
            for each in change.differences
        ],
    }
