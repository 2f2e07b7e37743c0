"""Nothing typed is lost: forms sent after the sign-in ended, from another post, or without a good token."""

import html
import re
from itertools import count

import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.access import Role
from portal.identity import Place, grant_post
from tenants import scope
from tests.support.world import PASSWORD, Browser, Bureau, Person, a_bureau, a_person, text_of

_numbers = count(1)


def _typed() -> dict[str, str]:
    return {"name": "李四", "username": f"li.si.{next(_numbers)}", "role": "handler", "section": ""}


def _hidden(page: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found}


def _security(bureau: Bureau) -> Person:
    return a_person(bureau, Role.SECURITY_ADMIN)


def _second_post(bureau: Bureau, person: Person, role: Role) -> str:
    with scope.unit_of_work(bureau.system):
        place = Place(section_id=bureau.section_id)
        post = grant_post(
            person.account_id, person.name, role, place, tenant_id=bureau.id, by=None, now=scope.now()
        )
        return str(post.id)


def _idle(owner_url: str) -> None:
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE sign_in SET seen_at = seen_at - interval '31 minutes'")


def test_a_form_sent_after_idling_goes_on_after_sign_in(app: Flask, owner_url: str) -> None:
    bureau = a_bureau()
    person = _security(bureau)
    browser = Browser(app, person)
    url = f"/t/{bureau.code}/accounts/open"
    typed, carried = _typed(), browser.hidden(url)
    _idle(owner_url)

    asked = browser.send("POST", url, data={**carried, **typed})
    resumed = browser.send(
        "POST",
        "/sign-in",
        data={**_hidden(asked), "next": url, "username": person.username, "password": PASSWORD},
    )
    kept = _hidden(resumed)
    done = browser.send("POST", url, data=kept)

    assert asked.status_code == 401
    assert "刚才填写的内容没有丢失" in text_of(asked)
    assert "李四" in text_of(resumed)
    assert {name: kept[name] for name in typed} == typed
    assert kept["_post"] == str(person.post_id)
    assert done.status_code == 303
    assert "李四" in text_of(browser.get(done.location))


def test_sign_in_gives_back_the_post_in_which_a_form_was_typed(app: Flask, owner_url: str) -> None:
    bureau = a_bureau()
    person = a_person(bureau, Role.HANDLER)
    second = _second_post(bureau, person, Role.SECURITY_ADMIN)
    browser = Browser(app, person)
    browser.get(f"/account/posts/{second}", status=303)
    url = f"/t/{bureau.code}/accounts/open"
    typed, carried = _typed(), browser.hidden(url)
    _idle(owner_url)

    asked = browser.send("POST", url, data={**carried, **typed})
    resumed = browser.send(
        "POST",
        "/sign-in",
        data={**_hidden(asked), "next": url, "username": person.username, "password": PASSWORD},
    )

    assert browser.send("POST", url, data=_hidden(resumed)).status_code == 303


def test_a_form_of_another_post_is_kept_and_sent_again_knowingly(app: Flask) -> None:
    bureau = a_bureau()
    person = _security(bureau)
    other = _second_post(bureau, person, Role.HANDLER)
    browser = Browser(app, person)
    url = f"/t/{bureau.code}/accounts/open"
    typed, carried = _typed(), browser.hidden(url)

    refused = browser.send("POST", url, data={**carried, "_post": other, **typed})
    again = browser.send("POST", url, data=_hidden(refused))

    assert refused.status_code == 409
    assert "李四" in text_of(refused)
    assert "安全管理员" in text_of(refused)
    assert again.status_code == 303


def test_two_tabs_hold_two_tenants(app: Flask) -> None:
    here, there = a_bureau(), a_bureau()
    person = a_person(here, Role.HANDLER)
    in_second = _second_post(here, person, Role.BUYER)
    elsewhere = _second_post(there, person, Role.APPROVER)
    browser = Browser(app, person)

    browser.get(f"/account/posts/{in_second}", status=303)
    browser.get(f"/account/posts/{elsewhere}", status=303)

    assert "您现在的岗位是：采购人" in text_of(browser.get(f"/t/{here.code}/"))
    assert "您现在的岗位是：审批人" in text_of(browser.get(f"/t/{there.code}/"))
    assert "切换岗位" in text_of(browser.get(f"/t/{here.code}/"))


def test_nobody_chooses_a_post_that_is_not_theirs(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER, Role.APPROVER])
    approver = bureau.people[Role.APPROVER]

    Browser(app, bureau.people[Role.HANDLER]).get(f"/account/posts/{approver.post_id}", status=404)


@pytest.mark.parametrize("token", (None, "", "20990101000000##forged", "x"))
def test_a_missing_or_forged_token_does_nothing_and_loses_nothing(app: Flask, token: str | None) -> None:
    bureau = a_bureau()
    browser = Browser(app, _security(bureau))
    url = f"/t/{bureau.code}/accounts/open"
    sent = {**_typed(), **({} if token is None else {"csrf_token": token})}

    refused = browser.send("POST", url, data=sent)

    assert refused.status_code == 409
    assert "李四" in text_of(refused)
    assert "李四" not in text_of(browser.get(f"/t/{bureau.code}/accounts"))


def test_the_token_of_another_browser_is_forged(app: Flask) -> None:
    bureau = a_bureau()
    browser, thief = Browser(app, _security(bureau)), Browser(app, _security(bureau))

    sent = {**_typed(), "csrf_token": thief.token()}

    assert browser.send("POST", f"/t/{bureau.code}/accounts/open", data=sent).status_code == 409


@pytest.mark.parametrize("signed_in", (True, False))
def test_what_another_site_sends_is_not_laid_out_to_be_sent_again(app: Flask, signed_in: bool) -> None:
    bureau = a_bureau()
    browser = Browser(app, _security(bureau) if signed_in else None)

    refused = browser.send(
        "POST", f"/t/{bureau.code}/accounts/open", data=_typed(), headers={"Origin": "https://evil.example"}
    )

    assert refused.status_code == 400
    assert "李四" not in refused.text


def test_our_own_origin_is_taken(app: Flask) -> None:
    bureau = a_bureau()
    browser = Browser(app, _security(bureau))
    url = f"/t/{bureau.code}/accounts/open"

    sent = {**browser.hidden(url), **_typed()}

    assert browser.send("POST", url, data=sent, headers={"Origin": "http://localhost"}).status_code == 303


def test_passwords_and_codes_are_never_carried(app: Flask, owner_url: str) -> None:
    browser = Browser(app, _security(a_bureau()))
    secrets = {
        "old_password": "Hidden-Old-1",
        "new_password": "Hidden-New-2",
        "again_password": "Hidden-New-2",
        "one_time_code": "HIDDENCODE33",
    }

    without_token = browser.send("POST", "/account/password", data=secrets)
    _idle(owner_url)
    after_idling = browser.send("POST", "/account/password", data=secrets)
    on_paper = Browser(app).send("POST", "/first-sign-in", data=secrets)

    for answer, status in ((without_token, 409), (after_idling, 401), (on_paper, 409)):
        assert answer.status_code == status
        assert not any(secret in answer.text for secret in secrets.values())


@pytest.mark.parametrize("carry", ("not json", "[]", "{}", '{"post": 1}', '{"fields": [[1]]}', "null"))
def test_a_carry_that_is_not_ours_holds_nothing(app: Flask, carry: str) -> None:
    person = a_person(a_bureau(), Role.HANDLER)
    typed = {"username": person.username, "password": PASSWORD, "carry": carry}

    answer = Browser(app).post("/sign-in", typed, page="/sign-in", status=200)

    assert "继续提交" in text_of(answer)
