"""Coming in and going out: lockout, idling, other sign-ins, answers that tell nobody who has an account."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from flask import Flask

from portal.access import Role
from portal.app import create_app
from portal.audit import own_events
from portal.config import Settings
from portal.identity import queries
from portal.identity.actions import change_password, entrance, hashed
from portal.identity.rules import doors
from portal.kernel.errors import Refused
from portal.web.guard import visitor_address
from tenants import scope
from tenants.db import db
from tests.support.world import PASSWORD, Browser, Person, a_bureau, a_person, text_of

NEW = "Another-Horse-7"


def _person() -> Person:
    return a_person(a_bureau(), Role.HANDLER)


def _try(browser: Browser, username: str, password: str) -> str:
    answer = browser.post(
        "/sign-in", {"username": username, "password": password}, page="/sign-in", status=422
    )
    return text_of(answer)


def _past(owner_url: str, statement: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(statement)


def test_the_fifth_wrong_password_locks_for_thirty_minutes(app: Flask, owner_url: str) -> None:
    person = _person()
    browser = Browser(app)
    answers = [_try(browser, person.username, "no") for _ in range(5)]

    assert all("用户名或密码不对" in answer for answer in answers[:4])
    assert "账号已锁定" in answers[4]
    assert "账号已锁定" in _try(browser, person.username, PASSWORD)

    _past(owner_url, "UPDATE failed_sign_in SET locked_until = locked_until - interval '29 minutes'")
    assert "账号已锁定" in _try(browser, person.username, PASSWORD)

    _past(owner_url, "UPDATE failed_sign_in SET locked_until = locked_until - interval '61 seconds'")
    browser.post("/sign-in", {"username": person.username, "password": PASSWORD}, page="/sign-in")


def test_a_right_password_forgives_the_wrong_ones_before_it(app: Flask) -> None:
    person = _person()
    for _ in range(2):
        browser = Browser(app)
        for _ in range(4):
            assert "用户名或密码不对" in _try(browser, person.username, "no")
        browser.post("/sign-in", {"username": person.username, "password": PASSWORD}, page="/sign-in")


def test_wrong_passwords_half_an_hour_apart_do_not_add_up(app: Flask, owner_url: str) -> None:
    person = _person()
    browser = Browser(app)
    for _ in range(4):
        _try(browser, person.username, "no")
    _past(owner_url, "UPDATE failed_sign_in SET failed_at = failed_at - interval '31 minutes'")

    assert "用户名或密码不对" in _try(browser, person.username, "no")


def test_known_and_unknown_usernames_answer_alike_up_to_the_lock_and_beyond(app: Flask) -> None:
    known, unknown = _person().username, "nobody-at-all"
    asked = [
        [_without_instants(_try(Browser(app), username, "no"), username) for _ in range(6)]
        for username in (known, unknown)
    ]

    assert asked[0] == asked[1]


def test_the_page_of_one_time_codes_tells_no_username_either(app: Flask) -> None:
    known, unknown = _person().username, "nobody-here"
    typed = {"one_time_code": "AAAA-BBBB-CCCC", "new_password": NEW, "again_password": NEW}
    asked = [
        [
            _without_instants(
                text_of(
                    Browser(app).post(
                        "/first-sign-in", {"username": username, **typed}, page="/first-sign-in", status=422
                    )
                ),
                username,
            )
            for _ in range(6)
        ]
        for username in (known, unknown)
    ]

    assert asked[0] == asked[1]
    assert "账号已锁定" in asked[0][5]


def _without_instants(text: str, username: str) -> str:
    shown = "".join("#" if letter.isdigit() else letter for letter in text)
    return shown.replace("".join("#" if letter.isdigit() else letter for letter in username), "*")


def test_a_burst_of_attempts_gets_no_more_than_five(app: Flask) -> None:
    """The attempt is counted before the slow comparison: many at once do not slip past the count."""

    def attempt(_number: int) -> bool:
        with app.app_context():
            return queries.attempt(doors("burst", "10.0.0.1")).admitted

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 5


def _from(app: Flask, address: str, username: str, password: str, *, status: int) -> str:
    browser = Browser(app)
    typed = {"username": username, "password": password}
    where = {"REMOTE_ADDR": address}
    return text_of(browser.post("/sign-in", typed, page="/sign-in", status=status, environ_overrides=where))


def test_a_stranger_elsewhere_does_not_lock_a_known_username(app: Flask) -> None:
    person = _person()
    for _ in range(5):
        _from(app, "10.0.6.6", person.username, "no", status=422)

    assert "账号已锁定" in _from(app, "10.0.6.6", person.username, PASSWORD, status=422)
    _from(app, "10.0.0.7", person.username, PASSWORD, status=303)


def test_many_names_tried_from_one_address_shut_it_for_ten_minutes(app: Flask, owner_url: str) -> None:
    person, address = _person(), "10.0.6.7"
    with app.app_context():
        tries = [queries.attempt(doors(f"{person.username}{n}", address)) for n in range(60)]
    assert [each.door for each in tries] == [None] * 59 + [1]

    assert "网络地址" in _from(app, address, person.username, PASSWORD, status=422)
    _from(app, "10.0.0.8", person.username, PASSWORD, status=303)
    _past(
        owner_url,
        "UPDATE failed_sign_in SET failed_at = failed_at - interval '10 minutes 1 second',"
        " locked_until = locked_until - interval '10 minutes 1 second'",
    )
    _from(app, address, person.username, PASSWORD, status=303)


def test_one_name_tried_from_many_addresses_is_locked_until_the_administrator_unlocks_it(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER, Role.SECURITY_ADMIN])
    person = bureau.people[Role.HANDLER]
    with app.app_context():
        tries = [queries.attempt(doors(person.username, f"10.1.0.{n}")) for n in range(50)]
    assert [each.door for each in tries] == [None] * 49 + [2]
    assert "多处" in _from(app, "10.0.0.9", person.username, PASSWORD, status=422)

    administrator = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    place = f"/t/{bureau.code}/accounts/{person.account_id}"
    assert "已锁定" in text_of(administrator.get(place))
    administrator.post(f"{place}/unlock", {}, page=place)

    _from(app, "10.0.0.9", person.username, PASSWORD, status=303)


def test_who_is_locked_out_already_brings_no_wider_lock_about(app: Flask) -> None:
    username, address = _person().username, "10.0.6.8"
    with app.app_context():
        admitted = [queries.attempt(doors(username, address)).admitted for _ in range(70)]
    assert sum(admitted) == 5

    _from(app, "10.0.0.10", username, PASSWORD, status=303)
    _from(app, address, _person().username, PASSWORD, status=303)


def test_right_passwords_are_not_held_against_an_address_or_a_username(app: Flask) -> None:
    person, address = _person(), "10.0.0.11"
    with app.app_context():
        for _ in range(70):
            tried = doors(person.username, address)
            assert queries.attempt(tried).admitted
            queries.forgive(tried)

    _from(app, address, person.username, PASSWORD, status=303)


def test_a_wrong_password_for_a_signature_locks_nobody_out_of_signing_in(app: Flask) -> None:
    person = _person()
    browser = Browser(app, person)
    typed = {"old_password": "no", "new_password": NEW, "again_password": NEW}
    for _ in range(5):
        browser.post("/account/password", typed, status=422)

    Browser(app, person)


def test_an_address_is_believed_only_from_the_proxies_that_are_configured(settings: Settings) -> None:
    def told(proxies: int, forwarded: str) -> str:
        app = create_app(replace(settings, proxies=proxies))
        answer: list[str] = []
        app.before_request(lambda: answer.append(visitor_address()))
        app.test_client().get("/static/none", headers={"X-Forwarded-For": forwarded})
        return answer[0]

    assert told(0, "10.9.9.9") == ""
    assert told(1, "10.9.9.9") == "10.9.9.9"
    assert told(1, "10.6.6.6, 10.9.9.9") == "10.9.9.9"


def test_no_connection_is_held_while_a_password_is_compared(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, held = _person(), []

    class Slow:
        def verify(self, *_: str) -> bool:
            held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
            return True

    monkeypatch.setattr(entrance, "_hasher", Slow())
    Browser(app, person)

    assert held == [0]


def test_idling_thirty_minutes_signs_out(app: Flask, owner_url: str) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    browser = Browser(app, bureau.people[Role.HANDLER])

    _past(owner_url, "UPDATE sign_in SET seen_at = seen_at - interval '29 minutes'")
    browser.get(f"/t/{bureau.code}/")
    _past(owner_url, "UPDATE sign_in SET seen_at = seen_at - interval '31 minutes'")

    assert browser.get(f"/t/{bureau.code}/", status=303).location == f"/sign-in?next=/t/{bureau.code}/"


def test_changing_the_password_ends_every_other_sign_in(app: Flask) -> None:
    person = _person()
    here, elsewhere = Browser(app, person), Browser(app, person)
    typed = {"old_password": PASSWORD, "new_password": NEW, "again_password": NEW}

    here.post("/account/password", typed)

    here.get("/account/password")
    elsewhere.get("/account/password", status=303)
    assert "用户名或密码不对" in _try(Browser(app), person.username, PASSWORD)
    Browser(app).post("/sign-in", {"username": person.username, "password": NEW}, page="/sign-in")


def test_a_wrong_old_password_is_named_and_counts(app: Flask) -> None:
    person = _person()
    browser = Browser(app, person)
    typed = {"old_password": "no", "new_password": NEW, "again_password": NEW}

    answers = [text_of(browser.post("/account/password", typed, status=422)) for _ in range(5)]

    assert "原密码不对" in answers[0]
    assert "账号已锁定" in answers[4]


@pytest.mark.parametrize(
    ("password", "code"),
    (
        ("Short-9aa", "identity.password_length"),
        ("alllowercase1", "identity.password_kinds"),
        (PASSWORD, "identity.same_password"),
    ),
)
def test_a_password_that_will_not_do_is_refused(app: Flask, password: str, code: str) -> None:
    person = _person()

    with (
        pytest.raises(Refused) as refused,
        app.test_request_context(),
        scope.unit_of_work(scope.account(person.account_id)),
    ):
        change_password(person.username, PASSWORD, password, token="", now=scope.now())

    assert refused.value.ruling.codes == (code,)


def test_the_token_of_an_ended_sign_in_is_useless(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    browser, thief = Browser(app, bureau.people[Role.HANDLER]), Browser(app)
    stolen = browser.client.get_cookie("session")
    assert stolen is not None
    thief.client.set_cookie("session", stolen.value)
    thief.get(f"/t/{bureau.code}/")

    browser.post("/sign-out", {})

    thief.client.set_cookie("session", stolen.value)
    thief.get(f"/t/{bureau.code}/", status=303)


@pytest.mark.parametrize(
    "target",
    (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "///evil.example",
        "http:evil.example",
        "evil.example",
    ),
)
def test_sign_in_sends_nobody_to_another_site(app: Flask, target: str) -> None:
    person = _person()
    typed = {"username": person.username, "password": PASSWORD, "next": target}

    assert Browser(app).post("/sign-in", typed, page="/sign-in").location == "/"


def test_sign_in_goes_on_where_it_was_asked_for(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    browser = Browser(app)
    person = bureau.people[Role.HANDLER]
    wanted = f"/t/{bureau.code}/roles?q=1"

    asked = browser.get(wanted, status=303).location
    typed = {"username": person.username, "password": PASSWORD, "next": wanted}

    assert asked.startswith("/sign-in?next=")
    assert browser.post("/sign-in", typed, page=asked).location == wanted


def test_a_persons_own_chain_tells_what_happened_to_the_account(app: Flask) -> None:
    person = _person()
    _try(Browser(app), person.username, "no")
    browser = Browser(app, person)

    shown = text_of(browser.get("/account/password"))

    with scope.entered(scope.account(person.account_id)):
        verbs = [event.verb for event in own_events(person.account_id, limit=9)]
    assert verbs == ["account.sign_in", "account.sign_in.refused", "account.consent"]
    assert "登录" in shown


@pytest.mark.usefixtures("app")
def test_a_password_is_kept_as_argon2(owner_url: str) -> None:
    person = _person()
    with psycopg.connect(owner_url) as connection:
        row = connection.execute(
            "SELECT password FROM account WHERE username = %s", (person.username,)
        ).fetchone()

    assert row is not None
    assert row[0].startswith("$argon2id$")
    assert hashed(PASSWORD) != hashed(PASSWORD)


def test_sign_in_leads_to_the_home_of_the_first_post(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    browser = Browser(app, bureau.people[Role.HANDLER])

    assert browser.get("/", status=303).location == f"/t/{bureau.code}/"
    assert "没有等您办理的事项" in text_of(browser.get(f"/t/{bureau.code}/"))


def test_another_tenants_home_is_not_found(app: Flask) -> None:
    ours, theirs = a_bureau(roles=[Role.HANDLER]), a_bureau()

    Browser(app, ours.people[Role.HANDLER]).get(f"/t/{theirs.code}/", status=404)


def test_first_sign_in_leads_through_the_privacy_notice(app: Flask) -> None:
    bureau = a_bureau()
    person = a_person(bureau, Role.HANDLER, consented=False)
    browser = Browser(app, person)

    assert browser.get(f"/t/{bureau.code}/", status=303).location == "/account/notice"
    browser.post("/account/notice", {}, page="/account/notice")

    browser.get(f"/t/{bureau.code}/")
