"""Everybody who lives in the demo world with the name on their door: one page, and the command's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, g, request, url_for

from portal.access import ROLE_LABELS
from portal.demo import people
from portal.demo.clock import travels
from portal.demo.people import BUREAUS, SHIZONG, Inhabitant
from portal.demo.workbooks import column
from portal.document import publishers
from portal.kernel.errors import NotFound
from portal.web.guard import public
from portal.web.pages import page

bp = Blueprint("roster", __name__, url_prefix="/demo/accounts")


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the demo: who it is, where, and in which posts."""

    username: str
    name: str
    where: str
    posts: str

    def speaks_of(self, text: str) -> bool:
        """Whether ``text`` stands anywhere in it."""
        return text in f"{self.username} {self.name} {self.where} {self.posts}"


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one kind."""

    label: str
    accounts: Sequence[Account]

    @property
    def placed(self) -> bool:
        """Whether where they are says more than their names."""
        return any(each.where != each.name for each in self.accounts)


@cache
def groups() -> tuple[Group, ...]:
    """All accounts; firms, units and experts under the names their workbooks give them."""
    units = column("units", "单位名称")
    return (
        Group(
            BUREAUS[SHIZONG],
            [_account(who, who.name, BUREAUS[SHIZONG]) for who in people.STAFF if who.tenant == SHIZONG],
        ),
        Group(
            "其他财政局和平台",
            [
                _account(who, who.name, BUREAUS.get(str(who.tenant), "平台"))
                for who in (*people.STAFF, people.OPERATOR)
                if who.tenant != SHIZONG
            ],
        ),
        Group("第三方机构", _outside(people.FIRMS, column("firms", "机构名称"))),
        Group("被评价单位经办人", _outside(people.UNITS, units)),
        Group("被评价单位负责人", _outside(people.UNIT_HEADS, units)),
        Group("评审专家", _outside(people.EXPERTS, column("experts", "姓名"), column("experts", "工作单位"))),
    )


def found(text: str) -> list[Group]:
    """The accounts that speak of ``text``; without any, everybody but the experts, who are many."""
    if not text:
        return list(groups()[:-1])
    kept = [Group(each.label, [one for one in each.accounts if one.speaks_of(text)]) for each in groups()]
    return [each for each in kept if each.accounts]


def _outside(group: Sequence[Inhabitant], names: Sequence[str], where: Sequence[str] = ()) -> list[Account]:
    places = where or names
    return [_account(who, name, place) for who, name, place in zip(group, names, places, strict=True)]


def _account(who: Inhabitant, name: str, where: str) -> Account:
    posts = "、".join(ROLE_LABELS[role].partition("（")[0] for role in who.roles)
    return Account(who.username, name, where, posts)


@bp.get("")
@public
def accounts() -> str:
    """Who may sign in here. Raises `NotFound` where this is no demo."""
    if not demo_accounts_url():
        raise NotFound
    g.shows_demo = True
    text = request.args.get("q", "").strip()
    return page(
        "demo/accounts.html",
        groups=found(text),
        text=text,
        password=people.PASSWORD,
        experts=groups()[-1].accounts,
    )


@bp.app_template_global("demo_accounts_url")
def demo_accounts_url() -> str:
    """Where the accounts are listed; nowhere in production, or where no bureau of the demo has published."""
    if travels() and any(each.is_demo for each in publishers()):
        return url_for("roster.accounts")
    return ""
