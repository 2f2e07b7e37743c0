"""The demo's clock: a page and a command that let it travel, so that a year can be walked in an afternoon.

Refused in production, and by the database wherever one bureau is not of the demo.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import click
from flask import Blueprint, current_app, g, request, url_for
from flask.cli import with_appcontext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from portal.audit import record_own, ring_due
from portal.kernel.errors import NotFound
from portal.web.filters import instant
from portal.web.forms import BaseForm
from portal.web.guard import Identity, identity, signed_in
from portal.web.pages import done, page
from tenants.db import db

bp = Blueprint("clock", __name__, url_prefix="/demo/clock")
AHEAD: Final = text(
    "SELECT portal_travel(CAST(:more AS interval) + portal_clock() - clock_timestamp()) AS reached"
)
TO: Final = text("SELECT portal_travel(CAST(:to AS timestamptz) - clock_timestamp()) AS reached")
BACK: Final = text("SELECT portal_travel(interval '0') AS reached")


class TravelForm(BaseForm):
    """How far the clock goes ahead."""

    days = IntegerField(
        "向前拨（天）",
        validators=[InputRequired("请填写天数，可以填 0。"), NumberRange(0, 400, "请填写 0 至 400 的整数")],
    )
    minutes = IntegerField(
        "再加（分钟）",
        default=0,
        validators=[
            InputRequired("请填写分钟数，可以填 0。"),
            NumberRange(0, 1440, "请填写 0 至 1440 的整数"),
        ],
    )


def travels() -> bool:
    """Whether this installation's clock may travel at all."""
    settings = current_app.config["SETTINGS"]
    return not settings.production


def forward(more: timedelta) -> datetime:
    """Put the clock ahead and ring what is due then. Raises `NotFound` where the clock is a real one."""
    return _travel(AHEAD, more=f"{more.total_seconds()} seconds")


def reach(instant: datetime) -> int:
    """Put the clock to ``instant``, past or future, and ring what is due then; how much rang."""
    _travel(TO, to=instant)
    return ring_due()


def back() -> datetime:
    """The machine's own time again, in production too; what has happened stays as it is."""
    return _travel(BACK, onwards=False)


def _travel(statement: Any, *, onwards: bool = True, **arguments: Any) -> datetime:
    if onwards and not travels():
        raise NotFound
    try:
        with db.engine.begin() as connection:
            reached = connection.execute(statement, arguments).scalar_one()
    except DBAPIError as error:
        raise NotFound from error
    assert isinstance(reached, datetime)  # noqa: S101 -- the driver's type, for the type checker
    return reached


def _person() -> Identity:
    person = identity()
    if person is None or not travels() or not any(seat.is_demo for seat in person.seats):
        raise NotFound
    return person


@bp.get("")
@signed_in
def clock() -> str:
    """What time the demo has, and how to go on."""
    _person()
    return page("demo/clock.html", form=TravelForm(data={"days": 1, "minutes": 0}), now=g.now)


@bp.post("")
@signed_in
def travel() -> Any:
    """Go ahead; what falls due on the way happens at once."""
    person = _person()
    form = TravelForm(request.form)
    if not form.validate():
        return page("demo/clock.html", form=form, now=g.now), 422
    reached = forward(timedelta(days=form.days.data or 0, minutes=form.minutes.data or 0))
    record_own("clock.travel", person.account_id, person.name, now=g.now, reached=instant(reached))
    ring_due()
    return done("clock.travelled", to=url_for("clock.clock"), reached=reached)


@bp.post("/back")
@signed_in
def return_home() -> Any:
    """The machine's own time again."""
    person = _person()
    reached = back()
    record_own("clock.travel", person.account_id, person.name, now=g.now, reached=instant(reached))
    return done("clock.travelled", to=url_for("clock.clock"), reached=reached)


@click.command("clock")
@click.option("--days", type=click.IntRange(0, 400), default=0, help="向前拨的天数")
@click.option("--minutes", type=click.IntRange(0, 100_000), default=0, help="向前拨的分钟数")
@click.option("--reset", is_flag=True, help="恢复为机器时间")
@with_appcontext
def clock_command(*, days: int, minutes: int, reset: bool) -> None:
    """Let the demo's clock travel, and ring what is due; refused in production."""
    try:
        reached = back() if reset else forward(timedelta(days=days, minutes=minutes))
    except NotFound as error:
        message = "只有示例环境的时钟可以拨动"
        raise click.ClickException(message) from error
    click.echo(f"{instant(reached)}，到期办理 {ring_due()} 项")
