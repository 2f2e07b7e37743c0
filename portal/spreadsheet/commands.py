"""``flask --app wsgi import REGISTER FILE --tenant CODE [--dry-run]``: all of a workbook, or nothing."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import click
from sqlalchemy import select

from portal.spreadsheet.importing import Register, adopt, prepare
from tenants import scope
from tenants.db import db
from tenants.models import Tenant

_BAD_INPUT = 2


def import_command(registers: Iterable[Register[Any]]) -> click.Command:
    """The command over ``registers``. Every fault goes to standard error and makes it exit with 2."""
    known = {register.name: register for register in registers}

    @click.command("import")
    @click.argument("register", type=click.Choice(list(known)))
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option(
        "--tenant", "code", required=True, metavar="CODE", help="财政局的行政区划代码，例如 530323。"
    )
    @click.option("--dry-run", is_flag=True, help="只核对，不写入。")
    def command(register: str, file: Path, code: str, *, dry_run: bool) -> None:
        """Import the workbook FILE into a register of one tenant."""
        try:
            content = file.read_bytes()
        except OSError as error:
            _refuse(f"{file}：无法读取文件（{error.strerror}）。")
        _run(known[register], content, file.name, _tenant(code), dry_run=dry_run)

    return command


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(_BAD_INPUT)


def _tenant(code: str) -> UUID:
    with scope.entered(scope.operator_system("import")):
        found = db.session.scalar(select(Tenant.id).where(Tenant.code == code))
    return found or _refuse(f"没有代码为 {code} 的财政局。")


def _run(register: Register[Any], content: bytes, name: str, tenant_id: UUID, *, dry_run: bool) -> None:
    with scope.unit_of_work(scope.system(tenant_id, "import")):
        now = scope.now()
        prepared = (
            prepare(register, content)
            if dry_run
            else adopt(register, content, filename=name, tenant_id=tenant_id, by=None, now=now)
        )
    plan = prepared.plan
    if plan is None:
        _refuse(*(str(fault) for fault in prepared.reading.faults))
    counts = {"新增": plan.added, "更新": plan.changed, "不变": plan.unchanged, "表中没有": plan.left}
    told = "，".join(f"{word} {len(rows)}" for word, rows in counts.items())
    click.echo(f"{register.title}：{told}{'（未写入）' if dry_run else ''}。")
