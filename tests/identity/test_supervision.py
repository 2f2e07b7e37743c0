"""A prefecture looks into its counties, read only and on record; siblings and strangers see nothing."""

import pytest
from flask import Flask
from sqlalchemy.exc import InternalError, ProgrammingError

from portal.access import Role
from portal.audit import links
from tenants import scope
from tenants.db import db
from tenants.models import Section
from tests.support.world import Browser, Bureau, a_bureau, text_of


def _tree() -> tuple[Bureau, Bureau, Bureau]:
    prefecture = a_bureau(roles=[Role.SUPERVISOR, Role.HANDLER])
    return prefecture, a_bureau(parent=prefecture), a_bureau(parent=prefecture, roles=[Role.SUPERVISOR])


def _verbs(bureau: Bureau) -> list[str]:
    with scope.entered(bureau.system):
        return [link.verb for link in links(str(bureau.id)) if link.verb.startswith("supervision")]


def _enter(browser: Browser, prefecture: Bureau, county: Bureau) -> None:
    browser.post(f"/t/{prefecture.code}/counties/{county.code}/enter", {})


def test_the_prefecture_enters_reads_and_leaves_and_both_chains_say_so(app: Flask) -> None:
    prefecture, county, _ = _tree()
    browser = Browser(app, prefecture.people[Role.SUPERVISOR])
    browser.get(f"/t/{county.code}/", status=404)

    _enter(browser, prefecture, county)
    inside = browser.get(f"/t/{county.code}/roles")
    browser.post(f"/t/{prefecture.code}/counties/{county.code}/leave", {})

    assert "只能查看，不能办理" in text_of(inside)
    assert f'action="/t/{prefecture.code}/counties/{county.code}/leave"' in inside.text
    browser.get(f"/t/{county.code}/roles", status=404)
    assert _verbs(prefecture) == _verbs(county) == ["supervision.enter", "supervision.leave"]


def test_inside_a_county_nothing_can_be_done(app: Flask) -> None:
    prefecture, county, _ = _tree()
    browser = Browser(app, prefecture.people[Role.SUPERVISOR])
    _enter(browser, prefecture, county)

    refused = browser.post(f"/t/{county.code}/accounts/open", {"name": "李四"}, status=409)

    assert "只能查看，不能办理" in text_of(refused)
    assert "导出表格" not in text_of(browser.get(f"/t/{county.code}/commissions"))


def test_inside_a_county_the_database_itself_writes_nothing(app: Flask) -> None:
    prefecture, county, _ = _tree()
    person = prefecture.people[Role.SUPERVISOR]
    inside = scope.supervisor(person.account_id, person.post_id, county.id)

    with pytest.raises(InternalError, match="read-only transaction"), scope.unit_of_work(inside):
        db.session.add(Section(tenant_id=county.id, name="新股室"))
    with pytest.raises(InternalError, match="read-only transaction"), scope.unit_of_work(inside):
        db.session.execute(Section.__table__.delete())  # type: ignore[attr-defined]
    assert app.name == "portal"


def test_the_list_shows_the_bureaus_below_and_no_other(app: Flask) -> None:
    prefecture, county, sibling = _tree()
    stranger = a_bureau()
    grandchild = a_bureau(parent=county)

    shown = text_of(Browser(app, prefecture.people[Role.SUPERVISOR]).get(f"/t/{prefecture.code}/counties"))

    assert all(below.marker in shown for below in (county, sibling, grandchild))
    assert stranger.marker not in shown


def test_siblings_and_strangers_cannot_be_entered(app: Flask) -> None:
    prefecture, county, sibling = _tree()
    stranger = a_bureau()
    browser = Browser(app, sibling.people[Role.SUPERVISOR], foreign=[county.marker])

    for other in (county, prefecture, stranger, sibling):
        browser.post(f"/t/{sibling.code}/counties/{other.code}/enter", {}, status=404)
    assert "没有下级财政局" in text_of(browser.get(f"/t/{sibling.code}/counties"))


def test_the_database_refuses_a_county_that_is_not_below(app: Flask) -> None:
    _, county, sibling = _tree()
    person = sibling.people[Role.SUPERVISOR]

    with (
        pytest.raises(ProgrammingError, match="not a bureau below"),
        scope.unit_of_work(scope.supervisor(person.account_id, person.post_id, county.id)),
    ):
        scope.now()
    assert app.name == "portal"


@pytest.mark.usefixtures("app")
def test_the_database_lets_no_other_post_look_below() -> None:
    prefecture, county, _ = _tree()
    person = prefecture.people[Role.HANDLER]

    with (
        pytest.raises(ProgrammingError, match="not a supervisor"),
        scope.unit_of_work(scope.supervisor(person.account_id, person.post_id, county.id)),
    ):
        scope.now()


def test_other_posts_of_the_prefecture_cannot_enter(app: Flask) -> None:
    prefecture, county, _ = _tree()
    browser = Browser(app, prefecture.people[Role.HANDLER])

    browser.post(f"/t/{prefecture.code}/counties/{county.code}/enter", {}, status=403)


def test_signing_out_ends_the_visit(app: Flask) -> None:
    prefecture, county, _ = _tree()
    person = prefecture.people[Role.SUPERVISOR]
    browser = Browser(app, person)
    _enter(browser, prefecture, county)
    browser.post("/sign-out", {})

    Browser(app, person).get(f"/t/{county.code}/", status=404)
