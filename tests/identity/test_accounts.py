"""A bureau's people: opening, granting, ending, unlocking, and codes that are shown once."""

import re
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from portal.access import Role
from portal.identity import Invitee, Place, codes_for, grant_post, issue_code
from portal.identity.rules import code_as_typed
from portal.kernel.errors import Refused
from tenants import scope
from tenants.db import db
from tests.support.world import PASSWORD, Browser, Bureau, Person, a_bureau, a_person, text_of

NEW = "Another-Horse-7"
ADMINS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def _codes(page: str) -> list[str]:
    return re.findall(r'<dd class="slip-code">\s*([A-Z0-9-]+)\s*</dd>', page)


def _open(browser: Browser, bureau: Bureau, username: str, **more: str) -> str:
    url = f"/t/{bureau.code}/accounts/open"
    typed = {"username": username, "name": "李四", "role": "handler", "section": str(bureau.section_id)}
    return str(browser.post(url, {**typed, **more}, page=url).location)


def _others(owner: Bureau, joined: Bureau) -> Person:
    """Somebody of ``owner`` who also holds a post in ``joined``."""
    person = a_person(owner, Role.HANDLER)
    with scope.unit_of_work(joined.system):
        place = Place(section_id=joined.section_id)
        grant_post(
            person.account_id, person.name, Role.CHECKER, place, tenant_id=joined.id, by=None, now=scope.now()
        )
    return person


def test_an_account_is_opened_gets_its_slip_and_its_person_comes_in(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    username = f"li.si.{bureau.code}"

    page = _open(admin, bureau, username)
    assert "未设置，等待凭一次性口令首次登录" in text_of(admin.get(page))
    picked = {"person": page.rsplit("/", 1)[1]}
    slips = admin.post(f"/t/{bureau.code}/accounts/codes", picked, status=200)
    (code,) = _codes(slips.text)
    person = Browser(app)
    typed = {
        "username": username,
        "one_time_code": code.lower().replace("-", " "),
        "new_password": NEW,
        "again_password": NEW,
    }
    person.post("/first-sign-in", typed, page="/first-sign-in")
    person.post("/account/notice", {}, page="/account/notice")

    assert "经办人" in text_of(person.get(f"/t/{bureau.code}/"))
    Browser(app).post("/first-sign-in", typed, page="/first-sign-in", status=422)
    assert code not in admin.get(page).text
    assert code not in admin.get(f"/t/{bureau.code}/accounts").text


def test_a_code_is_kept_as_a_digest_and_told_to_nobody(app: Flask, backup_url: str) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    actor = bureau.people[Role.SECURITY_ADMIN]
    with scope.unit_of_work(actor.scope):
        slip = issue_code(actor.account_id, actor.username, actor.name, by=actor.actor, now=scope.now())

    with psycopg.connect(backup_url) as connection:
        kept = connection.execute("SELECT digest FROM one_time_code").fetchall()
        told = connection.execute("SELECT body FROM audit_event WHERE verb = 'account.codes'").fetchall()
    assert all(slip.code.encode() not in bytes(row[0]) for row in kept)
    assert all(slip.code not in row[0] for row in told)
    assert app.name == "portal"


def test_a_new_code_ends_the_one_before_it(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    person = a_person(bureau, Role.HANDLER)
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    picked = {"person": str(person.account_id)}
    first, second = (
        _codes(admin.post(f"/t/{bureau.code}/accounts/codes", picked, status=200).text)[0] for _ in range(2)
    )

    def redeem(code: str, status: int) -> None:
        typed = {"username": person.username, "one_time_code": code}
        typed |= {"new_password": NEW, "again_password": NEW}
        Browser(app).post("/first-sign-in", typed, page="/first-sign-in", status=status)

    redeem(first, 422)
    redeem(second, 303)


def test_a_code_works_for_fourteen_days_and_for_its_own_person(app: Flask, owner_url: str) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    actor = bureau.people[Role.SECURITY_ADMIN]
    one, other = a_person(bureau, Role.HANDLER), a_person(bureau, Role.HANDLER)
    with scope.unit_of_work(actor.scope):
        slip = issue_code(one.account_id, one.username, one.name, by=actor.actor, now=scope.now())
    typed = {"one_time_code": slip.code, "new_password": NEW, "again_password": NEW}

    Browser(app).post(
        "/first-sign-in", {"username": other.username, **typed}, page="/first-sign-in", status=422
    )
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE one_time_code SET expires_at = expires_at - interval '14 days'")
    Browser(app).post(
        "/first-sign-in", {"username": one.username, **typed}, page="/first-sign-in", status=422
    )


def test_slips_for_several_are_printed_together_with_where_and_until_when(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    people = [a_person(bureau, Role.HANDLER) for _ in range(3)]
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    assert "checked" not in admin.get(f"/t/{bureau.code}/accounts?all=1").text
    new = {"name": "新来的", "username": f"new.{bureau.code}", "role": "handler", "section": ""}
    admin.post(f"/t/{bureau.code}/accounts/open", new, page=f"/t/{bureau.code}/accounts/open")
    listed = admin.get(f"/t/{bureau.code}/accounts?all=1")
    assert listed.text.count(" checked") == 1

    picked = {"person": [str(person.account_id) for person in people]}
    slips = admin.post(f"/t/{bureau.code}/accounts/codes", picked, status=200)

    assert len(_codes(slips.text)) == 3
    assert all(re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){2}", code) for code in _codes(slips.text))
    assert all(person.username in slips.text for person in people)
    assert "/first-sign-in" in slips.text
    assert "前有效" in slips.text
    assert slips.headers["Cache-Control"] == "no-store"


def test_picking_nobody_is_refused_in_words(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])

    for picked in ({}, {"person": "x"}, {"person": str(uuid4())}):
        answer = admin.post(f"/t/{bureau.code}/accounts/codes", picked, status=409)
        assert "没有选中任何人" in text_of(answer)


def test_an_account_another_bureau_opened_gets_its_codes_there(app: Flask) -> None:
    """Whoever holds a code becomes that person, in every bureau where the person holds a post."""
    theirs, ours = a_bureau(), a_bureau(roles=[Role.SECURITY_ADMIN])
    person = _others(theirs, ours)
    admin = Browser(app, ours.people[Role.SECURITY_ADMIN])

    refused = admin.post(f"/t/{ours.code}/accounts/codes", {"person": str(person.account_id)}, status=409)

    assert "由其他单位开立" in text_of(refused)
    with (
        pytest.raises(Exception, match="another bureau opened this account"),
        scope.unit_of_work(ours.system),
    ):
        db.session.execute(
            text("SELECT portal_issue_code(:account, '\\x00', 14)"), {"account": person.account_id}
        )


def test_a_person_from_elsewhere_gets_a_post_here_by_username_and_name(app: Flask) -> None:
    theirs, ours = a_bureau(), a_bureau(roles=[Role.SECURITY_ADMIN])
    person = a_person(theirs, Role.HANDLER)
    admin = Browser(app, ours.people[Role.SECURITY_ADMIN])
    url = f"/t/{ours.code}/accounts/open"
    typed = {"username": person.username, "role": "checker", "section": "", "known": "y"}

    wrong = admin.post(url, {**typed, "name": "别人"}, page=url, status=422)
    admin.post(url, {**typed, "name": person.name}, page=url)

    assert "姓名相符" in text_of(wrong)
    Browser(app, person).get(f"/t/{ours.code}/")


@pytest.mark.parametrize(
    ("username", "said"),
    (("Li", "小写字母"), ("李四", "小写字母"), ("a b c", "小写字母"), ("-abc", "小写字母")),
)
def test_a_username_that_would_be_mistyped_is_refused(app: Flask, username: str, said: str) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    url = f"/t/{bureau.code}/accounts/open"
    typed = {"username": username, "name": "李四", "role": "handler", "section": ""}

    assert said in text_of(admin.post(url, typed, page=url, status=422))


def test_a_taken_username_is_refused_and_only_the_refusal_is_left(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    url = f"/t/{bureau.code}/accounts/open"
    taken = bureau.people[Role.SECURITY_ADMIN].username
    typed = {"username": taken, "name": "李四", "role": "handler", "section": ""}

    assert "已被使用" in text_of(admin.post(url, typed, page=url, status=422))
    assert "李四" not in text_of(admin.get(f"/t/{bureau.code}/accounts"))
    auditor = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    assert "未予办理" in text_of(auditor.get(f"/t/{bureau.code}/audit"))


def test_posts_are_granted_once_refused_where_they_clash_and_ended(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    person = a_person(bureau, Role.HANDLER)
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    home = f"/t/{bureau.code}/accounts/{person.account_id}"
    section = str(bureau.section_id)

    admin.post(f"{home}/grant", {"role": "buyer", "section": section})
    twice = admin.post(f"{home}/grant", {"role": "buyer", "section": section}, status=409)
    clash = admin.post(f"{home}/grant", {"role": "approver", "section": section}, status=409)
    admin.post(f"/t/{bureau.code}/posts/{person.post_id}/end-post", {})
    again = admin.post(f"/t/{bureau.code}/posts/{person.post_id}/end-post", {}, status=409)
    admin.post(f"{home}/grant", {"role": "approver", "section": section})

    assert "不需要重复授予" in text_of(twice)
    assert "起草的人不能批准" in text_of(clash)
    assert "已经结束" in text_of(again)
    assert "采购人、审批人" in text_of(admin.get(f"/t/{bureau.code}/accounts"))


def test_the_last_security_admin_stays(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    person = bureau.people[Role.SECURITY_ADMIN]

    refused = Browser(app, person).post(f"/t/{bureau.code}/posts/{person.post_id}/end-post", {}, status=409)

    assert "最后一名安全管理员" in text_of(refused)


def test_a_locked_person_is_unlocked(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    person = a_person(bureau, Role.HANDLER)
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    url = f"/t/{bureau.code}/accounts/{person.account_id}"
    for _ in range(5):
        Browser(app).post(
            "/sign-in", {"username": person.username, "password": "no"}, page="/sign-in", status=422
        )
    assert "已锁定" in text_of(admin.get(url))

    admin.post(f"{url}/unlock", {})

    Browser(app).post("/sign-in", {"username": person.username, "password": PASSWORD}, page="/sign-in")
    assert "不需要解除" in text_of(admin.post(f"{url}/unlock", {}, status=409))


@pytest.mark.parametrize("role", ADMINS)
def test_the_three_administrators_read_the_list_and_only_security_acts(app: Flask, role: Role) -> None:
    bureau = a_bureau(roles=[role])
    browser = Browser(app, bureau.people[role])
    may = role is Role.SECURITY_ADMIN

    assert ("开立账号" in text_of(browser.get(f"/t/{bureau.code}/accounts"))) is may
    browser.get(f"/t/{bureau.code}/accounts/open", status=200 if may else 403)
    browser.post(f"/t/{bureau.code}/accounts/codes", {}, status=409 if may else 403)


def test_officers_do_not_see_the_list(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])

    refused = Browser(app, bureau.people[Role.HANDLER]).get(f"/t/{bureau.code}/accounts", status=403)

    assert "能办理此事的岗位：系统管理员、安全管理员、审计管理员。" in text_of(refused)


def test_another_bureaus_person_and_post_are_as_if_they_did_not_exist(app: Flask) -> None:
    ours, theirs = a_bureau(roles=[Role.SECURITY_ADMIN]), a_bureau()
    stranger = a_person(theirs, Role.HANDLER)
    admin = Browser(app, ours.people[Role.SECURITY_ADMIN])

    for key in (stranger.account_id, uuid4()):
        admin.get(f"/t/{ours.code}/accounts/{key}", status=404)
        admin.post(f"/t/{ours.code}/accounts/{key}/unlock", {}, status=404)
    for key in (stranger.post_id, uuid4()):
        admin.post(f"/t/{ours.code}/posts/{key}/end-post", {}, status=404)


def test_the_list_is_searched_and_filtered(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.AUDIT_ADMIN])
    handler, buyer = a_person(bureau, Role.HANDLER), a_person(bureau, Role.BUYER)
    browser = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    url = f"/t/{bureau.code}/accounts"

    assert handler.name in text_of(browser.get(f"{url}?q={handler.username}"))
    assert buyer.name not in text_of(browser.get(f"{url}?q={handler.username}"))
    assert handler.name not in text_of(browser.get(f"{url}?role=buyer"))
    assert "没有符合条件" in text_of(browser.get(f"{url}?q=%25_nobody"))


def test_codes_for_those_picked_from_a_register_open_account_and_post_once(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    actor = bureau.people[Role.SECURITY_ADMIN].actor
    experts = [Invitee(f"专家{number}", Role.EXPERT, uuid4(), f"专家{number}") for number in range(2)]

    def issue() -> list[str]:
        with scope.unit_of_work(bureau.people[Role.SECURITY_ADMIN].scope):
            return [slip.username for slip in codes_for(experts, by=actor, now=scope.now())]

    first = issue()

    assert first == issue()
    assert len(set(first)) == 2
    assert all(re.fullmatch(r"zj\d{6}", username) for username in first)
    assert app.name == "portal"


@pytest.mark.usefixtures("app")
def test_a_bureau_worker_is_not_invited_for_a_firm() -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN, Role.HANDLER])
    officer = bureau.people[Role.HANDLER]

    firm = Place(party_id=uuid4(), party_name="某机构")
    with scope.entered(bureau.system):
        now = scope.now()
        with pytest.raises(Refused) as refused:
            grant_post(
                officer.account_id,
                officer.name,
                Role.FIRM_HANDLER,
                firm,
                tenant_id=bureau.id,
                by=None,
                now=now,
            )

    assert refused.value.ruling.codes == ("identity.clash",)


def test_a_code_may_be_typed_with_blanks_dashes_and_small_letters() -> None:
    assert code_as_typed(" abcd-efgh 2345") == code_as_typed("ABCD-EFGH-2345") == "ABCDEFGH2345"
