"""Makers: a bureau, its people, and a browser-like client that checks every page it gets.

Each test opens tenants of its own, so that nothing has to be cleaned up and row security is always at work.
"""

import re
from collections.abc import Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from portal import office
from portal.access import OUTSIDE, Actor, Role
from portal.identity import Place, grant_post
from portal.identity.actions import consent
from portal.identity.models import Post
from portal.kernel.money import yuan
from portal.kernel.workdays import day_of
from portal.scoresheet import provide
from portal.subject import Subject
from portal.unit import Unit
from tenants import scope
from tenants.db import db
from tenants.models import Region, Section, Tenant

PASSWORD = "Correct-Horse-9"  # noqa: S105 -- of accounts that live for one test
_CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_numbers = count(1)


@dataclass
class Person:
    """Somebody with one post, and how they sign in."""

    username: str
    name: str
    account_id: UUID
    post_id: UUID
    role: Role
    tenant_id: UUID | None
    section_id: UUID | None = None
    party_id: UUID | None = None

    @property
    def actor(self) -> Actor:
        """The person acting in the post."""
        return Actor(
            self.account_id,
            self.name,
            self.post_id,
            self.role,
            self.tenant_id,
            self.section_id,
            self.party_id,
            held=frozenset({self.role}),
        )

    @property
    def scope(self) -> scope.Scope:
        """The scope of the post."""
        return scope.post(self.account_id, self.post_id)


@dataclass
class Bureau:
    """A tenant with one section; ``marker`` stands in every name it owns."""

    id: UUID
    code: str
    marker: str
    section_id: UUID
    people: dict[Role, Person] = field(default_factory=dict)

    @property
    def system(self) -> scope.Scope:
        """The system within this tenant."""
        return scope.system(self.id, "test")


def a_bureau(*, parent: Bureau | None = None, roles: Sequence[Role] = ()) -> Bureau:
    """A bureau with a region code of its own and one person for each role."""
    number = next(_numbers)
    code = f"9{number:05d}"
    marker = f"示范{code}"
    with scope.unit_of_work(scope.operator_system("test")):
        db.session.add(Region(code=code, name=f"{marker}县", parent_code=parent.code if parent else None))
        db.session.flush()
        tenant = Tenant(code=code, name=f"{marker}财政局", parent_id=parent.id if parent else None)
        db.session.add(tenant)
        db.session.flush()
        tenant_id = tenant.id
    with scope.unit_of_work(scope.system(tenant_id, "test")):
        section = Section(name=f"{marker}绩效股")
        db.session.add(section)
        db.session.flush()
        section_id = section.id
        provide(scope.now())
    bureau = Bureau(tenant_id, code, marker, section_id)
    for role in roles:
        bureau.people[role] = a_person(bureau, role)
    return bureau


def a_person(
    bureau: Bureau | None, role: Role, *, party_id: UUID | None = None, consented: bool = True
) -> Person:
    """A person with one post in the bureau (or of the platform)."""
    username = f"user{next(_numbers)}"
    name = f"{bureau.marker if bureau else '平台'}{username}"
    tenant_id = bureau.id if bureau else None
    inside = bureau is not None and role not in OUTSIDE
    place = Place(bureau.section_id if bureau and inside else None, party_id, name if party_id else "")
    bounds = bureau.system if bureau else scope.operator_system("test")
    with scope.unit_of_work(bounds):
        account_id = _an_account(username, name)
        post = grant_post(account_id, name, role, place, tenant_id=tenant_id, by=None, now=scope.now())
        post_id = post.id
    if consented:
        with scope.unit_of_work(scope.account(account_id)):
            consent(account_id, name, now=scope.now())
    return Person(username, name, account_id, post_id, role, tenant_id, place.section_id, party_id)


def _an_account(username: str, name: str) -> UUID:
    """An account whose hash costs next to nothing: it is checked at the cost that stands in it."""
    made = db.session.scalar(
        text("SELECT portal_new_account(:username, :name, :hash)"),
        {"username": username, "name": name, "hash": _CHEAP_HASH},
    )
    assert isinstance(made, UUID)
    return made


def posts_of(bureau: Bureau) -> list[Post]:
    """The bureau's posts, as the system sees them."""
    with scope.entered(bureau.system):
        return list(db.session.scalars(select(Post).where(Post.tenant_id == bureau.id)))


class _Page(HTMLParser):
    """What the ambient checks need of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.headings = 0
        self.labels: set[str] = set()
        self.inputs: list[dict[str, str | None]] = []
        self.forms_without_token: list[str] = []
        self.inline: list[str] = []
        self.words: list[str] = []
        self._form: dict[str, Any] | None = None
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self.headings += tag == "h1"
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            self.inputs.append(given)
        if tag == "form":
            self._form = {"post": (given.get("method") or "").lower() == "post", "token": False}
        if tag == "input" and given.get("name") == "csrf_token" and given.get("value") and self._form:
            self._form["token"] = True
        self.inline += [f"{tag} {name}" for name in given if name == "style" or re.match(r"on[a-z]+$", name)]
        if tag == "script" and not given.get("src"):
            self.inline.append("script")
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            if self._form["post"] and not self._form["token"]:
                self.forms_without_token.append(str(self.getpos()))
            self._form = None
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a person reads."""
        return " ".join("".join(self.words).split())


class Browser:
    """A client that is one signed-in person. Every page is checked for what every page must be."""

    def __init__(self, app: Flask, person: Person | None = None, *, foreign: Sequence[str] = ()) -> None:
        self.client: FlaskClient = app.test_client()
        self.foreign = list(foreign)
        if person is not None:
            self.post("/sign-in", {"username": person.username, "password": PASSWORD}, page="/sign-in")

    def get(self, url: str, status: int = 200) -> TestResponse:
        """GET a page; it must answer with ``status`` and be a sound page."""
        response = self.send("GET", url)
        assert response.status_code == status, f"{url}: {response.status_code} {self._reason(response)}"
        self._check(url, response)
        return response

    def post(
        self, url: str, data: dict[str, Any], *, status: int = 303, page: str | None = None, **more: Any
    ) -> TestResponse:
        """POST a form with the token (and post) of ``page``, or of the URL's own page."""
        carried = self.hidden(page) if page else {"csrf_token": self.token()}
        response = self.send("POST", url, data={**carried, **data}, **more)
        assert response.status_code == status, f"{url}: {response.status_code} {self._reason(response)}"
        self._check(url, response)
        return response

    def send(self, method: str, url: str, **more: Any) -> TestResponse:
        """A request as the server gets it: outside the context of the test, which Flask would share."""
        return Context().run(lambda: self.client.open(url, method=method, **more))

    def token(self) -> str:
        """The token of this browser's session."""
        return self.hidden("/account/notice")["csrf_token"]

    def hidden(self, url: str) -> dict[str, str]:
        """Token and post as the forms of a page carry them."""
        html = self.send("GET", url, follow_redirects=True).text
        found = dict(re.findall(r'<input type="hidden" name="(csrf_token|_post)" value="([^"]*)"', html))
        assert "csrf_token" in found, f"no form on {url}"
        return found

    def _reason(self, response: TestResponse) -> str:
        return _Page(response.text).text[:600] if response.mimetype == "text/html" else response.text[:600]

    def _check(self, url: str, response: TestResponse) -> None:
        if response.mimetype != "text/html" or response.status_code in {302, 303}:
            return
        page = _Page(response.text)
        assert page.headings == 1, f"{url}: {page.headings} h1"
        assert len(page.ids) == len(set(page.ids)), f"{url}: ids twice"
        assert not page.inline, f"{url}: inline {page.inline}"
        assert not page.forms_without_token, f"{url}: a form without token"
        loose = [
            each
            for each in page.inputs
            if each.get("id") not in page.labels
            and not each.get("aria-label")
            and not each.get("aria-labelledby")
        ]
        assert not loose, f"{url}: inputs without label {loose}"
        assert not re.search(r"\bNone\b|\bnan\b", page.text), f"{url}: None is shown"
        for marker in self.foreign:
            assert marker not in response.text, f"{url} shows {marker}"


def text_of(response: TestResponse) -> str:
    """What a person reads on a page."""
    return _Page(response.text).text


def browsers(app: Flask, bureau: Bureau) -> Iterator[tuple[Role, Browser]]:
    """Each of the bureau's people, signed in."""
    for role, person in bureau.people.items():
        yield role, Browser(app, person)


def publish_rules(bureau: Bureau, **values: str) -> None:
    """Give the bureau published rules: a cutoff of 80 and the thresholds, but for ``values`` by key."""
    typed = {
        "qc.cutoff": "80",
        "procurement.threshold_procure": "300000",
        "procurement.threshold_open": "2000000",
        **values,
    }
    drafter, publisher = bureau.people[Role.HANDLER], bureau.people[Role.APPROVER]
    with scope.unit_of_work(drafter.scope):
        now = scope.now()
        said = office.Typed(typed, dict.fromkeys(typed, "测试文件"), day_of(now), "")
        office.draft(said, seen_as=office.seen(office.own_draft()), by=drafter.actor, now=now)
    with scope.unit_of_work(publisher.scope):
        drafted = office.own_draft()
        assert drafted is not None
        office.publish(drafted, by=publisher.actor, now=scope.now())


def a_unit(bureau: Bureau) -> UUID:
    """A unit that is its own department."""
    number = next(_numbers)
    unit_id = uuid4()
    with scope.unit_of_work(bureau.system):
        db.session.add(
            Unit(
                id=unit_id,
                department_id=unit_id,
                code=f"{bureau.code}{number:04d}",
                name=f"{bureau.marker}单位{number}",
                initials="",
                contact="",
                phone_masked="",
            )
        )
    return unit_id


def a_subject(bureau: Bureau, unit_id: UUID, *, year: int = 2026) -> UUID:
    """A subject of the unit worth 100 万元 of county money."""
    subject = Subject(
        id=uuid4(),
        name=f"{bureau.marker}项目{next(_numbers)}",
        initials="",
        unit_id=unit_id,
        kind="project",
        budget="general",
        year=year,
        total=yuan("1000000"),
        central=yuan("0"),
        province=yuan("0"),
        city=yuan("0"),
        county=yuan("1000000"),
        other=yuan("0"),
        note="",
    )
    with scope.unit_of_work(bureau.system):
        db.session.add(subject)
        db.session.flush()
        return subject.id
