"""The one door to every view: in which order it asks, what it keeps, what it lets through."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, g
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from portal.access import Permission as P
from portal.access import Role
from portal.app import HEADERS, create_app
from portal.config import DatabaseUrls, Settings
from portal.identity.actions import entrance
from portal.identity.models import Post
from portal.kernel.errors import Invalid, Misconfigured, NotFound, Refused, Stale, Unavailable
from portal.kernel.ruling import unless
from portal.web import guard
from tenants import scope
from tenants.db import db
from tenants.models import Section
from tests.support.world import PASSWORD, Browser, Bureau, Person, a_bureau, a_person, text_of

LEFT_BEHIND = "写到一半的科室"
WRITTEN = "写完的科室"
RESTARTING = OperationalError("COMMIT", {}, Exception("terminating connection"))
REFUSED = Refused(unless(blocked=True, code="office.section_closed"))


def _section(row_id: UUID) -> Section:
    found = db.session.get(Section, row_id)
    if found is None:
        raise NotFound
    return found


def _failing(error: Exception) -> Callable[[], Any]:
    """A view that has written before it fails."""

    def view() -> Any:
        db.session.add(Section(name=LEFT_BEHIND))
        db.session.flush()
        raise error

    return view


def _look(row: Section) -> Response:
    return Response(row.name, mimetype="text/plain")


def _write() -> Response:
    db.session.add(Section(name=WRITTEN))
    return Response(WRITTEN, mimetype="text/plain")


def _instant() -> Response:
    return Response(str(g.now == scope.now()), mimetype="text/plain")


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[Flask]:
    """The application with a few views more, each failing in a way of its own."""
    app = create_app(settings)
    app.testing = True
    views: dict[str, tuple[str, Callable[..., Any]]] = {
        "refused": ("POST", guard.allow(P.SECTION_EDIT)(_failing(REFUSED))),
        "stale": ("POST", guard.allow(P.SECTION_EDIT)(_failing(Stale()))),
        "invalid": ("POST", guard.allow(P.SECTION_EDIT)(_failing(Invalid("name", "portal.not_found")))),
        "misconfigured": ("POST", guard.allow(P.SECTION_EDIT)(_failing(Misconfigured("qc.cutoff")))),
        "unavailable": ("POST", guard.allow(P.SECTION_EDIT)(_failing(Unavailable()))),
        "restarting": ("POST", guard.allow(P.SECTION_EDIT)(_failing(RESTARTING))),
        "bug": ("POST", guard.allow(P.SECTION_EDIT)(_failing(ZeroDivisionError()))),
        "write": ("POST", guard.allow(P.SECTION_EDIT)(_write)),
        "refused-reading": ("GET", guard.allow(P.SECTION_READ)(_failing(REFUSED))),
        "look/<uuid:row_id>": ("GET", guard.allow(P.SECTION_EDIT, _section)(_look)),
        "instant": ("GET", guard.allow(P.SECTION_READ)(_instant)),
    }
    for path, (method, view) in views.items():
        app.add_url_rule(f"/t/<tenant>/try/{path}", f"try.{path}", view, methods=[method])
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def bureau(house: Flask) -> Bureau:
    """A bureau with an administrator, an officer and a firm."""
    with house.app_context():
        made = a_bureau(roles=[Role.SYSTEM_ADMIN, Role.HANDLER])
        made.people[Role.FIRM_HANDLER] = a_person(made, Role.FIRM_HANDLER, party_id=uuid4())
        return made


@pytest.fixture
def administrator(house: Flask, bureau: Bureau) -> Browser:
    """Signed in."""
    return Browser(house, bureau.people[Role.SYSTEM_ADMIN])


@pytest.fixture
def backup(database: DatabaseUrls) -> Iterator[Engine]:
    """Sees every row."""
    engine = create_engine(database.backup)
    yield engine
    engine.dispose()


def _sections(backup: Engine, bureau: Bureau) -> set[str]:
    with backup.connect() as connection:
        names = connection.execute(text("SELECT name FROM section WHERE tenant_id = :id"), {"id": bureau.id})
        return set(names.scalars())


def _verbs(backup: Engine, bureau: Bureau) -> list[str]:
    with backup.connect() as connection:
        verbs = connection.execute(
            text("SELECT verb FROM audit_event WHERE tenant_id = :id ORDER BY seq"), {"id": bureau.id}
        )
        return list(verbs.scalars())


def test_an_application_with_an_unguarded_view_does_not_start(settings: Settings) -> None:
    app = create_app(settings)
    app.add_url_rule("/loose", "loose", lambda: "open to all")

    with pytest.raises(RuntimeError, match="no guard on loose"):
        guard.check_guarded(app)


def test_who_is_not_signed_in_is_led_to_the_way_in_and_back(house: Flask, bureau: Bureau) -> None:
    url = f"/t/{bureau.code}/try/instant?q=1"

    answer = Browser(house).get(url, status=303)

    assert answer.location == f"/sign-in?next=/t/{bureau.code}/try/instant?q%3D1"


def test_a_form_sent_by_nobody_asks_to_sign_in_and_writes_nothing(
    house: Flask, bureau: Bureau, backup: Engine
) -> None:
    Browser(house).post(f"/t/{bureau.code}/try/write", {}, page="/sign-in", status=401)

    assert WRITTEN not in _sections(backup, bureau)


def test_a_deed_is_committed_once_it_is_answered(
    administrator: Browser, bureau: Bureau, backup: Engine
) -> None:
    administrator.post(f"/t/{bureau.code}/try/write", {}, status=200)

    assert WRITTEN in _sections(backup, bureau)


@pytest.mark.parametrize(
    ("path", "status"),
    (("refused", 409), ("stale", 409), ("invalid", 422), ("misconfigured", 409), ("unavailable", 503)),
)
def test_what_fails_leaves_nothing_behind(
    administrator: Browser, bureau: Bureau, backup: Engine, path: str, status: int
) -> None:
    administrator.post(f"/t/{bureau.code}/try/{path}", {}, status=status)

    assert LEFT_BEHIND not in _sections(backup, bureau)


def test_a_bug_leaves_nothing_behind_and_gives_a_reference_instead_of_details(
    house: Flask, administrator: Browser, bureau: Bureau, backup: Engine
) -> None:
    house.testing = False
    try:
        answer = administrator.post(f"/t/{bureau.code}/try/bug", {}, status=500)
    finally:
        house.testing = True

    assert "ZeroDivisionError" not in answer.text
    assert LEFT_BEHIND not in _sections(backup, bureau)


def test_a_refused_deed_is_kept_in_the_chain(administrator: Browser, bureau: Bureau, backup: Engine) -> None:
    before = _verbs(backup, bureau)

    answer = administrator.post(f"/t/{bureau.code}/try/refused", {}, status=409)

    assert "已撤销" in text_of(answer)
    assert _verbs(backup, bureau) == [*before, "section.edit.refused"]


def test_a_refused_look_is_not(administrator: Browser, bureau: Bureau, backup: Engine) -> None:
    before = _verbs(backup, bureau)

    administrator.get(f"/t/{bureau.code}/try/refused-reading", status=409)

    assert _verbs(backup, bureau) == before


@pytest.mark.parametrize(
    ("method", "came_from", "leads"), (("post", "/on", True), ("get", "/on", True), ("get", "", False))
)
def test_a_refusal_leads_back_to_where_one_came_from(
    administrator: Browser, bureau: Bureau, method: str, came_from: str, leads: bool
) -> None:
    page = f"/t/{bureau.code}/try/refused{'-reading' if method == 'get' else ''}"
    before = f"/t/{bureau.code}{came_from}" if came_from else page
    answer = administrator.send(
        method.upper(),
        page,
        data={"csrf_token": administrator.token()} if method == "post" else None,
        headers={"Referer": f"http://localhost{before}"},
    )

    assert answer.status_code == 409
    assert (f'<a href="{before}">回到刚才的页面' in answer.text) is leads


def test_a_script_gets_the_refusal_as_data(administrator: Browser, bureau: Bureau) -> None:
    answer = administrator.post(
        f"/t/{bureau.code}/try/refused", {}, status=409, headers={"Accept": "application/json"}
    )

    assert [each["code"] for each in answer.get_json()["refusals"]] == ["office.section_closed"]


def test_the_row_is_looked_for_before_the_permission_is_asked(house: Flask, bureau: Bureau) -> None:
    """A colleague without the permission learns that a row is there; an outside party learns nothing."""
    place = f"/t/{bureau.code}/try/look"
    administrator, officer, firm = (
        Browser(house, bureau.people[role]) for role in (Role.SYSTEM_ADMIN, Role.HANDLER, Role.FIRM_HANDLER)
    )

    administrator.get(f"{place}/{bureau.section_id}")
    officer.get(f"{place}/{bureau.section_id}", status=403)
    officer.get(f"{place}/{uuid4()}", status=404)
    firm.get(f"{place}/{bureau.section_id}", status=404)
    firm.get(f"{place}/{uuid4()}", status=404)


def test_nobody_acts_in_a_bureau_where_they_have_no_post(
    house: Flask, administrator: Browser, backup: Engine
) -> None:
    with house.app_context():
        other = a_bureau()

    administrator.post(f"/t/{other.code}/try/write", {}, status=404)

    assert WRITTEN not in _sections(backup, other)


def _hold_too(person: Person, role: Role, bureau: Bureau) -> None:
    """A post given before the table of posts forbade it."""
    with scope.unit_of_work(bureau.system):
        held = db.session.scalar(select(Post).where(Post.id == person.post_id))
        assert held is not None
        db.session.add(
            Post(
                account_id=person.account_id,
                tenant_id=bureau.id,
                role=role.value,
                holder=held.holder,
                section_id=bureau.section_id,
                party_name="",
            )
        )


def test_posts_that_clash_are_asked_again_when_acting(house: Flask, bureau: Bureau, backup: Engine) -> None:
    person = bureau.people[Role.SYSTEM_ADMIN]
    with house.app_context():
        _hold_too(person, Role.AUDIT_ADMIN, bureau)
    browser = Browser(house, person)

    browser.get(f"/t/{bureau.code}/try/instant")
    answer = browser.post(f"/t/{bureau.code}/try/write", {}, status=409)

    assert "三员分立" in text_of(answer)
    assert WRITTEN not in _sections(backup, bureau)


def test_the_first_sign_in_leads_through_notice_and_password(house: Flask, bureau: Bureau) -> None:
    with house.app_context():
        newcomer = a_person(bureau, Role.HANDLER, consented=False)
    browser = Browser(house, newcomer)

    answer = browser.get(f"/t/{bureau.code}/try/instant", status=303)

    assert answer.location == "/account/notice"


def test_the_instant_of_a_request_is_read_once(administrator: Browser, bureau: Bureau) -> None:
    assert administrator.get(f"/t/{bureau.code}/try/instant").text == "True"


def test_every_answer_carries_the_headers_of_the_house(house: Flask, administrator: Browser) -> None:
    for answer in (
        administrator.get("/account/notice"),
        administrator.get("/nowhere", status=404),
        Browser(house).get("/sign-in"),
    ):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_body_beyond_the_limit_is_refused_in_words(administrator: Browser, bureau: Bureau) -> None:
    answer = administrator.post(
        f"/t/{bureau.code}/try/write", {"name": "大" * (12 * 1024 * 1024)}, status=413
    )

    assert "太大" in text_of(answer)
    assert "一次提交最多 32 MB" in text_of(answer)


def test_a_database_that_restarts_is_told_kindly_and_nothing_typed_is_lost(
    administrator: Browser, bureau: Bureau, backup: Engine
) -> None:
    url = f"/t/{bureau.code}/try/restarting"
    typed = {"name": "写了很久的一段话", "password": "Secret-Horse-9"}

    answer = administrator.post(url, typed, status=503)

    assert "是否生效还不能确定" in text_of(answer)
    assert "写了很久的一段话" in text_of(answer)
    assert f'action="{url}"' in answer.text
    assert "Secret-Horse-9" not in answer.text
    assert LEFT_BEHIND not in _sections(backup, bureau)


def test_while_the_database_is_away_every_page_says_so(
    house: Flask, administrator: Browser, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"csrf_token": administrator.token(), "name": "还没交的"}

    def gone(*_: Any, **__: Any) -> None:
        raise RESTARTING

    monkeypatch.setattr(house.login_manager, "_user_callback", gone)  # type: ignore[attr-defined]
    assert "暂时无法办理" in text_of(administrator.get(f"/t/{bureau.code}/", status=503))
    answer = administrator.send("POST", f"/t/{bureau.code}/try/write", data=token)
    assert answer.status_code == 503
    assert "还没交的" in answer.text


def test_the_password_of_a_signature_is_compared_before_any_row_is_read(
    house: Flask, administrator: Browser, bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    class Noting:
        def verify(self, *_: str) -> bool:
            held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return True

    monkeypatch.setattr(entrance, "_hasher", Noting())
    administrator.post(
        f"/t/{bureau.code}/try/write", {"password": PASSWORD}, page="/account/password", status=200
    )
    with house.app_context():
        assert held == [0]
