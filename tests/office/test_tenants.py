"""A bureau is opened by one command and is usable at once; the tree follows the regions."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.kernel.errors import Invalid
from portal.office import NewAdministrator, open_tenant
from portal.office.queries import house
from portal.office.queries.rulesets import draft
from portal.scoresheet import templates
from tenants import scope
from tenants.db import NoScope, db
from tenants.models import CalendarDay, Section, Tenant
from tests.office.makers import open_bureau

pytestmark = pytest.mark.usefixtures("app")


def test_opening_gives_sections_forms_a_draft_rule_set_and_a_calendar() -> None:
    opened = open_bureau("532527", "泸西县财政局")

    with scope.entered(scope.system(opened.tenant.id, "test")):
        names = db.session.scalars(select(Section.name)).all()
        forms = templates()
        first = draft()
        days = db.session.scalar(
            select(func.count()).select_from(CalendarDay).where(CalendarDay.day < date(2027, 1, 1))
        )

    assert "预算绩效管理股" in names
    assert len(forms) == 9
    assert {form.version for form in forms} == {1}
    assert first is not None
    assert first.own == {}
    assert days == 8401
    assert len({slip.code for slip in opened.slips}) == 3


def test_a_bureau_opened_above_others_takes_them_in() -> None:
    county = open_bureau("530323", "师宗县财政局").tenant
    other = open_bureau("411323", "西峡县财政局").tenant
    prefecture = open_bureau("530300", "曲靖市财政局").tenant

    with scope.entered(scope.operator_system("test")):
        parents = {row.id: row.parent_id for row in db.session.execute(select(Tenant.id, Tenant.parent_id))}

    assert parents[county.id] == prefecture.id
    assert parents[other.id] is None


def test_no_real_bureau_is_opened_while_the_clock_of_the_demo_is_ahead(
    travel: Callable[[timedelta], int],
) -> None:
    travel(timedelta(days=2))

    with scope.unit_of_work(scope.operator_system("test")), pytest.raises(Invalid) as ahead:
        open_tenant("532525", "石屏县财政局", [], by=None, now=scope.now())

    assert ahead.value.code == "office.clock_ahead"


def test_a_code_is_opened_once_and_only_if_the_region_is_known() -> None:
    open_bureau("532524", "建水县财政局")

    with scope.unit_of_work(scope.operator_system("test")), pytest.raises(Invalid) as again:
        open_tenant("532524", "又一个", [], by=None, now=scope.now())
    with scope.unit_of_work(scope.operator_system("test")), pytest.raises(Invalid) as unknown:
        open_tenant("139999", "没有", [], by=None, now=scope.now())

    assert again.value.code == "office.tenant_open"
    assert unknown.value.code == "office.region_unknown"


def test_one_person_cannot_be_two_administrators() -> None:
    people = [NewAdministrator(role, "same", "同一人") for role in (Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)]

    with scope.unit_of_work(scope.operator_system("test")), pytest.raises(Invalid) as wrong:
        open_tenant("532525", "石屏县财政局", people, by=None, now=scope.now())

    assert wrong.value.code == "office.one_person_one_post"


def test_the_operator_sees_the_three_administrators_of_a_bureau() -> None:
    opened = open_bureau("532528", "元阳县财政局")

    with scope.entered(scope.operator_system("test")):
        found = house.administrators(opened.tenant.id)

    assert [each.role for each in found] == [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]
    assert not any(each.has_password for each in found)


def test_a_scope_in_a_tenant_cannot_step_into_another() -> None:
    ours, theirs = open_bureau("532529", "红河县财政局"), open_bureau("532531", "绿春县财政局")

    with (
        scope.entered(scope.system(ours.tenant.id, "test")),
        pytest.raises(NoScope),
        scope.elevated("test", theirs.tenant.id),
    ):
        pass
