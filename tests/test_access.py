"""Who may: the table holds together, six people can fill a bureau, and what must not meet never does."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import combinations
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete

from portal.access import GRANTS, INCOMPATIBLE, OUTSIDE, ROLE_LABELS, STAFF, Permission, Role, clashes
from portal.app import create_app
from portal.config import Settings
from portal.identity import Place, grant_post, new_account
from portal.identity.models import Post
from portal.kernel.errors import Refused
from portal.report.documents import DOCS, DOCUMENTS
from portal.web.guard import allow
from portal.wording import RELATIONS, SLICES, permission_label
from tenants import scope
from tenants.db import db
from tests.support.world import Browser, Bureau, Person, a_bureau, a_person, text_of

PEOPLE = 6
TWICE = (Role.OPENER,)
PAIRS = sorted(tuple(sorted(pair)) for pair in INCOMPATIBLE)


def test_every_role_and_permission_has_its_words() -> None:
    assert set(ROLE_LABELS) == set(Role)
    assert set(GRANTS) == set(Permission)
    assert {permission.value.partition(":")[0] for permission in Permission} == set(SLICES)
    assert {each.relation for grants in GRANTS.values() for each in grants if each.relation} == set(RELATIONS)
    assert all(permission_label(permission.value) for permission in Permission)


def test_the_generated_documents_are_current() -> None:
    for name, written in DOCUMENTS.items():
        assert (DOCS / name).read_text() == written(), f"{name}: run flask --app wsgi docs"


def _assignments(roles: list[Role], held: list[frozenset[Role]]) -> Iterator[list[frozenset[Role]]]:
    """Every lawful way to give the roles to the people, the emptiest hands first."""
    if not roles:
        yield held
        return
    role, rest = roles[0], roles[1:]
    for number in sorted(range(len(held)), key=lambda each: len(held[each])):
        if role not in held[number] and not clashes(held[number], role):
            given = [*held[:number], held[number] | {role}, *held[number + 1 :]]
            yield from _assignments(rest, given)


@pytest.mark.usefixtures("app")
def test_six_people_can_lawfully_hold_every_post_of_a_bureau() -> None:
    wanted = sorted(STAFF) + list(TWICE)
    people = next(_assignments(wanted, [frozenset()] * PEOPLE))
    bureau = a_bureau()

    with scope.unit_of_work(bureau.system):
        for number, roles in enumerate(people):
            account_id = new_account(f"six{bureau.code}-{number}", "张三")
            for role in sorted(roles):
                place = Place(section_id=bureau.section_id)
                grant_post(account_id, "张三", role, place, tenant_id=bureau.id, by=None, now=scope.now())

    assert {role for roles in people for role in roles} == STAFF
    assert sum(Role.OPENER in roles for roles in people) == len(TWICE) + 1


def test_duties_that_must_differ_need_as_many_people() -> None:
    wanted = [Role.BUYER, Role.COMPLAINT_OFFICER, Role.INSPECTOR]

    assert next(_assignments(wanted, [frozenset()] * 2), None) is None
    assert next(_assignments(wanted, [frozenset()] * 3), None) is not None


def _place(bureau: Bureau, role: Role) -> Place:
    if role in OUTSIDE:
        return Place(party_id=bureau.id, party_name="某方")
    return Place(section_id=bureau.section_id)


def _grant(bureau: Bureau, account_id: UUID, role: Role) -> None:
    with scope.unit_of_work(bureau.system):
        place = _place(bureau, role)
        grant_post(account_id, "张三", role, place, tenant_id=bureau.id, by=None, now=scope.now())


@pytest.mark.usefixtures("app")
def test_pairs_that_must_not_meet_are_refused_when_granted() -> None:
    bureau = a_bureau()
    for number, (one, other) in enumerate([*PAIRS, *(pair[::-1] for pair in PAIRS)]):
        with scope.unit_of_work(bureau.system):
            account_id = new_account(f"pair{bureau.code}-{number}", "张三")
        _grant(bureau, account_id, one)

        with pytest.raises(Refused) as refused:
            _grant(bureau, account_id, other)

        assert refused.value.ruling.codes == ("identity.clash",), (one, other)


@pytest.fixture(scope="module")
def acting(settings: Settings) -> Iterator[Flask]:
    """The application with one more verb, which every post may use."""
    made = create_app(settings)
    made.testing = True
    made.post("/t/<tenant>/act")(
        allow(Permission.HOME_READ)(lambda: ("done", {"Content-Type": "text/plain"}))
    )
    with made.app_context():
        yield made
        db.engine.dispose()


@contextmanager
def _smuggled(bureau: Bureau, person: Person, roles: Iterable[Role]) -> Iterator[None]:
    """Somebody holds these posts alone, past the action that would refuse the second."""
    with scope.unit_of_work(bureau.system):
        posts = [
            Post(
                account_id=person.account_id,
                tenant_id=bureau.id,
                role=role.value,
                holder=person.name,
                section_id=_place(bureau, role).section_id,
                party_id=_place(bureau, role).party_id,
            )
            for role in roles
        ]
        db.session.add_all(posts)
    yield
    with scope.unit_of_work(bureau.system):
        db.session.execute(delete(Post).where(Post.id.in_([post.id for post in posts])))


def test_pairs_that_must_not_meet_are_refused_when_acting(acting: Flask) -> None:
    bureau = a_bureau()
    person = a_person(bureau, Role.SUPERVISOR)
    browser = Browser(acting, person)
    token = browser.token()
    with scope.unit_of_work(bureau.system):
        db.session.execute(delete(Post).where(Post.id == person.post_id))
    for one, other in PAIRS:
        with _smuggled(bureau, person, (one, other)):
            answer = browser.send("POST", f"/t/{bureau.code}/act", data={"csrf_token": token})
        assert answer.status_code == 409, (one, other)
        assert INCOMPATIBLE[frozenset({one, other})] in text_of(answer), (one, other)


def test_posts_that_may_meet_act(acting: Flask) -> None:
    bureau = a_bureau()
    person = a_person(bureau, Role.SUPERVISOR)
    browser = Browser(acting, person)

    with _smuggled(bureau, person, (Role.HANDLER, Role.BUYER)):
        assert browser.post(f"/t/{bureau.code}/act", {}, status=200).text == "done"


@pytest.mark.usefixtures("app")
def test_an_officer_of_one_bureau_works_for_no_firm_in_another() -> None:
    here, there = a_bureau(), a_bureau()
    with scope.unit_of_work(here.system):
        account_id = new_account(f"two{here.code}", "张三")
    _grant(here, account_id, Role.HANDLER)

    with pytest.raises(Refused) as refused:
        _grant(there, account_id, Role.FIRM_HANDLER)
    _grant(there, account_id, Role.APPROVER)

    assert refused.value.ruling.codes == ("identity.clash",)


def test_clashes_are_symmetric() -> None:
    for one, other in combinations(Role, 2):
        assert bool(clashes(frozenset({one}), other)) == bool(clashes(frozenset({other}), one))


def test_the_table_is_a_page(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])

    shown = text_of(Browser(app, bureau.people[Role.HANDLER]).get(f"/t/{bureau.code}/roles"))

    assert all(reason in shown for reason in INCOMPATIBLE.values())
    assert "批准" in shown
    assert "经办人（限本股室）" in shown
