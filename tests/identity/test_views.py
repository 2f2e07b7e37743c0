"""Coming in and going out, as a browser sees it."""

from flask import Flask

from portal.access import Role
from tests.support.world import PASSWORD, Browser, a_bureau, a_person, text_of


def test_sign_in_leads_to_the_home_of_the_first_post(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    browser = Browser(app, bureau.people[Role.HANDLER])

    assert browser.get("/", status=303).location == f"/t/{bureau.code}/"
    assert "没有等您办理的事项" in text_of(browser.get(f"/t/{bureau.code}/"))


def test_a_wrong_password_says_so_and_the_fifth_locks_the_account(app: Flask) -> None:
    person = a_person(a_bureau(), Role.HANDLER)
    browser = Browser(app)
    for _ in range(4):
        wrong = browser.post(
            "/sign-in", {"username": person.username, "password": "no"}, page="/sign-in", status=422
        )
        assert "用户名或密码不对" in text_of(wrong)

    browser.post("/sign-in", {"username": person.username, "password": "no"}, page="/sign-in", status=422)
    right = browser.post(
        "/sign-in", {"username": person.username, "password": PASSWORD}, page="/sign-in", status=422
    )

    assert "账号已锁定" in text_of(right)


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


def test_a_form_sent_after_sign_out_is_carried_through_sign_in(app: Flask) -> None:
    person = a_person(a_bureau(), Role.HANDLER)
    browser = Browser(app, person)
    browser.post("/sign-out", {})

    asked = browser.send("POST", "/account/notice", data={"reason": "写了一半的理由"})

    assert asked.status_code == 401
    assert "刚才填写的内容没有丢失" in text_of(asked)
    assert "写了一半的理由" in asked.text
