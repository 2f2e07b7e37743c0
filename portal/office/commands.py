"""``tenant open``, ``list``, ``region`` and ``calendar load``, for scripts and for the first bureau."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.access import ROLE_LABELS, Role
from portal.kernel.errors import Invalid, Refused
from portal.office.actions import calendars, tenants
from portal.office.actions.calendars import BadCalendar
from portal.office.actions.tenants import NewAdministrator
from portal.office.queries import house
from portal.wording import say, sentence
from tenants import scope

BAD_INPUT = 2
ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(BAD_INPUT)


@click.group("tenant")
def tenant_group() -> None:
    """Bureaus: open one, list them, register a region."""


@tenant_group.command("open")
@click.argument("code")
@click.option("--name", required=True, help="The bureau's name, such as 泸西县财政局.")
@click.option(
    "--admin",
    "admins",
    multiple=True,
    metavar="USERNAME:姓名",
    help="Given once: the security administrator, who lets the others in. Given three times: the system,"
    " the security and the audit administrator, in this order.",
)
@click.option("--demo", is_flag=True, help="Mark everything the bureau shows as 示例数据.")
@with_appcontext
def open_command(code: str, name: str, admins: tuple[str, ...], demo: bool) -> None:
    """Open the bureau of the region CODE (GB/T 2260); it is usable at once."""
    if len(admins) not in {0, 1, len(ROLES)}:
        _fail("--admin 应写一次（安全管理员）或三次（依次为系统、安全、审计管理员）。")
    roles = ROLES if len(admins) == len(ROLES) else (Role.SECURITY_ADMIN,)
    people = []
    for role, text in zip(roles, admins, strict=False):
        username, colon, person = text.partition(":")
        if not colon or not person.strip():
            _fail(f"--admin {text}：请写成 用户名:姓名。")
        people.append(NewAdministrator(role, username.strip(), person.strip()))
    try:
        with scope.unit_of_work(scope.operator_system("tenant open")):
            opened = tenants.open_tenant(code, name, people, by=None, now=scope.now(), is_demo=demo)
    except Invalid as error:
        _fail(sentence(error.code, error.facts))
    except Refused as error:
        _fail("\n".join(say(each) for each in error.ruling.refusals))
    else:
        click.echo(f"已开设：{name}（{code}）")
        for each, slip in zip(people, opened.slips, strict=True):
            click.echo(f"{ROLE_LABELS[each.role]}\t{slip.name}\t{slip.username}\t{slip.printed}")


@tenant_group.command("list")
@with_appcontext
def list_command() -> None:
    """List the bureaus, each under the one above."""
    with scope.entered(scope.operator_system("tenant list")):
        bureaus = house.tenants()
    parents = {each.id: each.parent_id for each in bureaus}
    for each in bureaus:
        depth, above = 0, each.parent_id
        while above is not None:
            depth, above = depth + 1, parents.get(above)
        click.echo(f"{each.code}\t{'　' * depth}{each.name}")


@tenant_group.command("region")
@click.argument("code")
@click.argument("name")
@with_appcontext
def region_command(code: str, name: str) -> None:
    """Register the region CODE NAME, which the project's list lacks."""
    try:
        with scope.unit_of_work(scope.operator_system("tenant region")):
            tenants.register_region(code, name, by=None, now=scope.now())
    except Invalid as error:
        _fail(sentence(error.code, error.facts))
    click.echo(f"已登记：{name}（{code}）")


@click.group("calendar")
def calendar_group() -> None:
    """The working-day calendar."""


@calendar_group.command("load")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
def load_command(file: Path | None) -> None:
    """Enter 2004-2026 from chinesecalendar, or the years of FILE (.csv: 日期,安排,依据), all or nothing."""
    try:
        with scope.unit_of_work(scope.operator_system("calendar load")):
            changed = (
                calendars.load(file.read_bytes(), by=None, now=scope.now())
                if file
                else {0: calendars.fill_known(by=None, now=scope.now())}
            )
    except BadCalendar as bad:
        for fault in bad.faults:
            place = "，".join(part for part in (f"第 {fault.row} 行", fault.column, fault.value) if part)
            click.echo(f"{place}：{sentence(fault.code, fault.facts)}", err=True)
        sys.exit(BAD_INPUT)
    years = "、".join(str(year) for year in sorted(changed) if year) or "2004—2026"
    click.echo(f"工作日历：{years}年，改动 {sum(changed.values())} 天")
