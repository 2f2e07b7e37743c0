"""``flask --app wsgi demo``: load the demo world once, begin it anew, and say who may come in."""

import json
from typing import Final

import click
import psycopg
from flask import current_app
from flask.cli import with_appcontext
from psycopg import sql
from sqlalchemy import select

from portal.access import ROLE_LABELS
from portal.config import Settings
from portal.demo import people, roster, world
from portal.demo.people import BUREAUS, Inhabitant
from tenants import scope
from tenants.db import db
from tenants.models import Tenant

KEPT: Final = frozenset({"alembic_version"})


@click.group("demo", invoke_without_command=True)
@click.option("--reset", is_flag=True, help="清空全部数据，重新载入示例")
@click.option("--show", is_flag=True, help="随后列出示例账号")
@click.pass_context
@with_appcontext
def demo(context: click.Context, *, reset: bool, show: bool) -> None:
    """Load the demo world where the database is empty; refused in production."""
    if context.invoked_subcommand:
        return
    _load(reset=reset)
    if show:
        _tell()


def _load(*, reset: bool) -> None:
    settings = _settings()
    if settings.production:
        raise click.ClickException("生产环境不载入示例数据")
    bureaus = _bureaus()
    if bureaus and not reset:
        return
    if not all(bureaus.values()):
        raise click.ClickException("数据库中有正式开设的财政局，不能清空")
    if bureaus:
        _empty(settings.database.owner)
    world.load()
    click.echo("示例数据已载入")


@demo.command("accounts")
@click.argument("text", default="")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
def accounts(*, text: str, as_json: bool) -> None:
    """List the demo accounts; with TEXT only those in which it stands: a name, a firm, a post."""
    if as_json:
        click.echo(json.dumps(_each_role(), ensure_ascii=False, indent=1))
        return
    if not text:
        _tell()
        return
    for group in roster.found(text):
        for each in group.accounts:
            click.echo(f"  {each.username:<20} {each.name}　{each.where}　{each.posts}")


def _tell() -> None:
    click.echo(f"示例账号（密码均为 {people.PASSWORD}；谁是谁见网页“示例账号”）")
    for who in (*people.STAFF, people.OPERATOR):
        _line(who.username, who)
    for group in (people.FIRMS, people.UNITS, people.UNIT_HEADS, people.EXPERTS):
        _line(f"{group[0].username}–{group[-1].username}", group[0])


def _line(usernames: str, who: Inhabitant) -> None:
    label = "、".join(ROLE_LABELS[role].split("（")[0] for role in who.roles)
    click.echo(f"  {usernames:<20} {BUREAUS.get(str(who.tenant), '平台')}　{label}")


def _each_role() -> list[dict[str, str | None]]:
    return [
        {
            "role": role.value,
            "tenant": who.tenant,
            "username": who.username,
            "password": people.PASSWORD,
        }
        for who in people.EVERYBODY
        for role in who.roles
    ]


def _settings() -> Settings:
    settings = current_app.config["SETTINGS"]
    if not isinstance(settings, Settings):
        raise TypeError
    return settings


def _bureaus() -> dict[str, bool]:
    """Code → whether it is a bureau of the demo."""
    with scope.entered(scope.operator_system("demo")):
        return {row.code: row.is_demo for row in db.session.scalars(select(Tenant))}


def _empty(owner_url: str) -> None:
    """Empty every table, as their owner."""
    with psycopg.connect(owner_url.replace("postgresql+psycopg", "postgresql")) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        named = [sql.Identifier(name) for (name,) in tables if name not in KEPT]
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(named)))
