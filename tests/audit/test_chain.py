"""The chain in the database: whoever changes it, even as its owner, is found; nothing written is lost."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.access import Role
from portal.audit import head, links, record, record_own
from portal.audit.rules import GENESIS, link_digest
from tenants import scope
from tenants.db import db
from tests.support.world import Browser, Bureau, a_bureau, a_person

Owner = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def owner(owner_url: str) -> Iterator[Owner]:
    """The owner of the tables: no grant and no policy is in the way."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


def _busy_bureau(events: int = 5) -> Bureau:
    bureau = a_bureau()
    for number in range(events):
        with scope.unit_of_work(bureau.system):
            record("account.unlock", by=None, now=scope.now(), tenant_id=bureau.id, holder=f"某{number}")
    return bureau


def _verify(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", "verify", *arguments])


@contextmanager
def _kept(owner: Owner, bureau: Bureau) -> Iterator[None]:
    """Put a chain back as it was, so that other tests find theirs whole."""
    chain = str(bureau.id)
    events = owner.execute("SELECT * FROM audit_event WHERE chain = %s", (chain,)).fetchall()
    ends = owner.execute("SELECT * FROM audit_head WHERE chain = %s", (chain,)).fetchall()
    yield
    for table, rows in (("audit_event", events), ("audit_head", ends)):
        owner.execute(f"DELETE FROM {table} WHERE chain = %s", (chain,))  # noqa: S608
        for row in rows:
            marks = ", ".join(["%s"] * len(row))
            owner.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608


def _edit(owner: Owner, chain: str) -> None:
    owner.execute(
        "UPDATE audit_event SET body = replace(body, '某2', '某9') WHERE chain = %s AND seq = 3", (chain,)
    )


def _remove(owner: Owner, chain: str) -> None:
    owner.execute("DELETE FROM audit_event WHERE chain = %s AND seq = 3", (chain,))


def _insert(owner: Owner, chain: str) -> None:
    owner.execute("UPDATE audit_event SET seq = seq + 100 WHERE chain = %s AND seq >= 3", (chain,))
    owner.execute(
        "INSERT INTO audit_event SELECT chain, 3, tenant_id, at, verb, subject_id, body, previous, digest"
        " FROM audit_event WHERE chain = %s AND seq = 103",
        (chain,),
    )
    owner.execute("UPDATE audit_event SET seq = seq - 99 WHERE chain = %s AND seq > 100", (chain,))


def _cut(owner: Owner, chain: str) -> None:
    owner.execute("DELETE FROM audit_event WHERE chain = %s AND seq > 3", (chain,))


def _delete(owner: Owner, chain: str) -> None:
    owner.execute("DELETE FROM audit_event WHERE chain = %s", (chain,))


def _forget_end(owner: Owner, chain: str) -> None:
    owner.execute("DELETE FROM audit_head WHERE chain = %s", (chain,))


@pytest.mark.parametrize(
    ("tamper", "seq", "cause"),
    (
        (_edit, 3, "内容与摘要不符"),
        (_remove, 3, "缺少这一条记录"),
        (_insert, 4, "不衔接"),
        (_cut, 4, "截断"),
        (_delete, 1, "截断"),
        (_forget_end, 6, "末端不符"),
    ),
)
def test_tampering_is_found_and_named(
    app: Flask, owner: Owner, tamper: Callable[[Owner, str], None], seq: int, cause: str
) -> None:
    bureau = _busy_bureau()
    assert _verify(app, "--tenant", bureau.code).exit_code == 0

    with _kept(owner, bureau):
        tamper(owner, str(bureau.id))
        found = _verify(app, "--tenant", bureau.code)

        assert found.exit_code == 1
        assert f"{bureau.code} {bureau.marker}财政局：第 {seq} 条" in found.output
        assert cause in found.output
        assert _verify(app).exit_code == 1


@contextmanager
def _anchored(app: Flask) -> Iterator[Path]:
    """Anchor today; afterwards the installation has no anchors again."""
    done = app.test_cli_runner().invoke(args=["audit", "anchor"])
    assert done.exit_code == 0, done.output
    folder = Path(app.config["SETTINGS"].var) / "anchors"
    (path,) = folder.glob("*.json")
    yield path
    for each in folder.glob("*"):
        each.unlink()


def _rewrite(owner: Owner, chain: str) -> None:
    """Replace the whole chain by one as long, digests and recorded end included: it holds in itself."""
    previous = GENESIS
    rows = owner.execute(
        "SELECT seq, at, verb, subject_id, body FROM audit_event WHERE chain = %s ORDER BY seq", (chain,)
    ).fetchall()
    for seq, at, verb, subject_id, body in rows:
        told = body.replace("某", "别")
        made = link_digest(previous, chain=chain, seq=seq, at=at, verb=verb, subject_id=subject_id, body=told)
        owner.execute(
            "UPDATE audit_event SET body = %s, previous = %s, digest = %s WHERE chain = %s AND seq = %s",
            (told, previous, made, chain, seq),
        )
        previous = made
    owner.execute("UPDATE audit_head SET digest = %s WHERE chain = %s", (previous, chain))


def test_a_chain_rewritten_whole_is_found_by_the_anchor_outside(app: Flask, owner: Owner) -> None:
    bureau = _busy_bureau()
    with _anchored(app), _kept(owner, bureau):
        _rewrite(owner, str(bureau.id))
        found = _verify(app)

        assert found.exit_code == 1
        assert "第 5 条：与库外留存的当日摘要不符" in found.output
        assert app.test_cli_runner().invoke(args=["audit", "anchor"]).exit_code == 1


def test_a_chain_deleted_with_its_end_is_found_by_the_anchor_outside(app: Flask, owner: Owner) -> None:
    bureau = _busy_bureau()
    with _anchored(app), _kept(owner, bureau):
        _delete(owner, str(bureau.id))
        _forget_end(owner, str(bureau.id))
        found = _verify(app)

        assert found.exit_code == 1
        assert f"{bureau.code} {bureau.marker}财政局：第 1 条：库外留存的摘要在此之后" in found.output


def test_an_anchor_that_was_changed_is_itself_found(app: Flask) -> None:
    bureau = _busy_bureau()
    with _anchored(app) as path:
        kept = json.loads(path.read_text())
        kept["heads"][str(bureau.id)]["digest"] = "00" * 32
        path.write_text(json.dumps(kept))

        assert f"{path.name} 已被改动" in _verify(app).output


def test_work_goes_on_after_an_anchor_and_the_next_anchor_extends_it(app: Flask) -> None:
    bureau = _busy_bureau()
    with _anchored(app) as path:
        first = json.loads(path.read_text())["heads"][str(bureau.id)]["seq"]
        with scope.unit_of_work(bureau.system):
            record("account.unlock", by=None, now=scope.now(), tenant_id=bureau.id, holder="某")

        assert _verify(app).exit_code == 0
        assert app.test_cli_runner().invoke(args=["audit", "anchor"]).exit_code == 0
        assert json.loads(path.read_text())["heads"][str(bureau.id)]["seq"] == first + 1


def test_a_persons_own_chain_is_proved_too(app: Flask, owner: Owner) -> None:
    person = a_person(a_bureau(), Role.HANDLER)
    chain = str(person.account_id)
    before = owner.execute("SELECT body FROM audit_event WHERE chain = %s", (chain,)).fetchone()
    assert before is not None

    owner.execute("UPDATE audit_event SET body = '{}' WHERE chain = %s", (chain,))
    found = _verify(app)
    owner.execute("UPDATE audit_event SET body = %s WHERE chain = %s", (before[0], chain))

    assert found.exit_code == 1
    assert f"账号 {chain}：第 1 条：内容与摘要不符" in found.output
    assert _verify(app).exit_code == 0


def test_an_unknown_bureau_is_named(app: Flask) -> None:
    found = _verify(app, "--tenant", "000000")

    assert found.exit_code == 2
    assert "000000" in found.output


@pytest.mark.usefixtures("app")
def test_writers_at_once_lose_nothing_and_leave_no_gap(app: Flask) -> None:
    bureau = a_bureau()
    writers, each = 6, 8

    def write(number: int) -> None:
        with app.app_context():
            for turn in range(each):
                with scope.unit_of_work(bureau.system):
                    now = scope.now()
                    record("account.unlock", by=None, now=now, tenant_id=bureau.id, holder=f"{number}-{turn}")

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))

    with scope.entered(bureau.system):
        written = list(links(str(bureau.id)))
        end = head(str(bureau.id))
    assert [link.seq for link in written] == list(range(1, writers * each + 1))
    assert end == (written[-1].seq, written[-1].digest)
    assert len({link.body for link in written}) == writers * each
    assert _verify(app, "--tenant", bureau.code).exit_code == 0


def test_a_refusal_is_kept_though_its_deed_was_rolled_back(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    person = bureau.people[Role.SECURITY_ADMIN]

    Browser(app, person).post(f"/t/{bureau.code}/posts/{person.post_id}/end-post", {}, status=409)

    with scope.entered(bureau.system):
        last = list(links(str(bureau.id)))[-1]
    assert last.verb == "account.end_post.refused"
    assert last.subject_id == person.post_id
    assert json.loads(last.body)["refusals"][0]["code"] == "identity.last_security_admin"


@pytest.mark.usefixtures("app")
def test_what_was_rolled_back_leaves_no_event() -> None:
    bureau = _busy_bureau(1)
    with scope.entered(bureau.system):
        record("account.unlock", by=None, now=scope.now(), tenant_id=bureau.id)

    with scope.entered(bureau.system):
        assert head(str(bureau.id))[0] == 1


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE audit_event SET verb = 'x'",
        "DELETE FROM audit_event",
        "INSERT INTO audit_event SELECT * FROM audit_event",
        "SELECT * FROM audit_head",
        "UPDATE audit_head SET seq = 0",
        "TRUNCATE audit_event",
    ),
)
def test_the_web_itself_can_change_no_event(statement: str) -> None:
    bureau = _busy_bureau(1)

    with pytest.raises(ProgrammingError, match="permission denied"), scope.unit_of_work(bureau.system):
        db.session.execute(text(statement))


@pytest.mark.usefixtures("app")
def test_a_chain_is_seen_by_its_own_bureau_or_person_alone() -> None:
    ours, theirs = _busy_bureau(2), _busy_bureau(3)
    person = a_person(ours, Role.HANDLER)
    with scope.unit_of_work(scope.account(person.account_id)):
        record_own("account.sign_out", person.account_id, person.name, now=scope.now())

    with scope.entered(ours.system):
        assert (list(links(str(theirs.id))), head(str(theirs.id))) == ([], (0, GENESIS))
        assert list(links(str(person.account_id))) == []
    with scope.entered(scope.account(person.account_id)):
        assert [link.verb for link in links(str(person.account_id))] == [
            "account.consent",
            "account.sign_out",
        ]
        assert list(links(str(ours.id))) == []
