"""The auditor's pages: found by person, verb and day; told in words; proved on request."""

import ast
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from portal.access import Role
from portal.audit import record
from portal.audit.queries import facts_of
from portal.wording import EVENT_WORDS
from tenants import scope
from tests.support.world import Browser, Bureau, a_bureau, text_of

ROOT = Path(__file__).parents[2]
WRITERS = {"record", "record_own", "take", "born"}
THEIR_OWN = {"by", "now", "subject_id", "tenant_id", "changes"}


def _record(bureau: Bureau, verb: str, times: int = 1, holder: str = "某") -> None:
    with scope.unit_of_work(bureau.system):
        for _ in range(times):
            record(verb, by=None, now=scope.now(), tenant_id=bureau.id, holder=holder)


def test_the_auditor_finds_events_by_person_verb_and_day(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.AUDIT_ADMIN, Role.SECURITY_ADMIN])
    security = bureau.people[Role.SECURITY_ADMIN]
    with scope.unit_of_work(security.scope):
        record("account.unlock", by=security.actor, now=scope.now(), holder="李四")
    _record(bureau, "account.end_post", holder="王五")
    browser = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    url = f"/t/{bureau.code}/audit"

    def rows(query: str) -> int:
        return browser.get(f"{url}?{query}").text.count('data-label="序号"')

    assert rows("") == 4
    assert rows(f"q={security.username}") == 1
    assert rows("verb=account.end_post") == 1
    assert rows("day=2020-01-01") == 0
    assert rows("day=nonsense&after=x&before=y") == 4
    assert rows("q=%25") == 0
    assert "没有符合条件" in text_of(browser.get(f"{url}?q=nobody"))


def test_the_list_goes_on_page_by_page_both_ways(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.AUDIT_ADMIN])
    _record(bureau, "account.unlock", 119)
    browser = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    url = f"/t/{bureau.code}/audit"

    def numbers(query: str) -> list[int]:
        parts = browser.get(f"{url}?{query}").text.split('data-label="序号" class="num">')[1:]
        return [int(part[: part.index("<")]) for part in parts]

    assert numbers("") == list(range(120, 70, -1))
    assert numbers("after=71") == list(range(70, 20, -1))
    assert numbers("after=21") == list(range(20, 0, -1))
    assert numbers("before=20") == list(range(70, 20, -1))
    assert numbers("before=70") == list(range(120, 70, -1))


def test_an_event_is_told_in_words(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.AUDIT_ADMIN, Role.SECURITY_ADMIN])
    security = bureau.people[Role.SECURITY_ADMIN]
    Browser(app, security).post(f"/t/{bureau.code}/posts/{security.post_id}/end-post", {}, status=409)
    browser = Browser(app, bureau.people[Role.AUDIT_ADMIN])

    granted = text_of(browser.get(f"/t/{bureau.code}/audit/1"))
    refused = text_of(browser.get(f"/t/{bureau.code}/audit/3"))

    assert "授予岗位" in granted
    assert "审计管理员" in granted
    assert "未予办理" in refused
    assert "这是本单位最后一名安全管理员" in refused
    browser.get(f"/t/{bureau.code}/audit/99", status=404)


@pytest.mark.parametrize("role", (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.HANDLER))
def test_only_the_auditor_reads_the_chain(app: Flask, role: Role) -> None:
    bureau = a_bureau(roles=[role])
    browser = Browser(app, bureau.people[role])

    for page in ("", "/1", "/chain"):
        browser.get(f"/t/{bureau.code}/audit{page}", status=403)


def test_the_page_of_the_chain_shows_its_end_and_finds_a_break(app: Flask, owner_url: str) -> None:
    bureau = a_bureau(roles=[Role.AUDIT_ADMIN])
    _record(bureau, "account.unlock", 2, holder="李四")
    browser = Browser(app, bureau.people[Role.AUDIT_ADMIN])
    url = f"/t/{bureau.code}/audit/chain"
    change = "UPDATE audit_event SET verb = %s WHERE chain = %s AND seq = 2"

    with psycopg.connect(owner_url, autocommit=True) as connection:
        end = connection.execute(
            "SELECT encode(digest, 'hex') FROM audit_head WHERE chain = %s", (str(bureau.id),)
        ).fetchone()
        assert end is not None
        whole = text_of(browser.get(f"{url}?check=1"))
        connection.execute(change, ("account.codes", str(bureau.id)))
        broken = text_of(browser.get(f"{url}?check=1"))
        connection.execute(change, ("account.unlock", str(bureau.id)))

    assert end[0] in text_of(browser.get(url)).replace(" ", "")
    assert "核验通过" in whole
    assert "核验未通过：第 2 条，内容与摘要不符" in broken


def test_another_bureaus_events_are_not_shown(app: Flask) -> None:
    ours, theirs = a_bureau(roles=[Role.AUDIT_ADMIN]), a_bureau(roles=[Role.AUDIT_ADMIN])
    _record(theirs, "account.unlock", 3)
    strangers, own = (Browser(app, bureau.people[Role.AUDIT_ADMIN]) for bureau in (theirs, ours))

    strangers.get(f"/t/{theirs.code}/audit/4")
    own.get(f"/t/{ours.code}/audit/4", status=404)
    assert "共 1 项" in text_of(own.get(f"/t/{ours.code}/audit"))


def test_a_sentence_that_has_gone_is_told_by_its_code() -> None:
    told = facts_of({"by": {}, "refusals": [{"code": "gone.away"}], "unknown": {"a": 1}, "empty": None})

    assert told == [("未予办理的原因", ["gone.away"]), ("unknown", ["a：1"])]


def test_every_word_of_an_event_has_its_label() -> None:
    """Whatever a slice keeps in an event, an auditor reads by a Chinese name."""
    silent = set()
    for path in (ROOT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WRITERS:
                kept = {keyword.arg for keyword in node.keywords if keyword.arg} - THEIR_OWN
                silent |= {f"{path.relative_to(ROOT)}: {word}" for word in kept - set(EVENT_WORDS)}

    assert sorted(silent) == []
