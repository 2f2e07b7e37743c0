"""The forms on the page and on paper, and which version is in force for whom."""

import pytest
from flask import Flask

from portal.access import Role
from portal.kernel.errors import Misconfigured
from portal.scoresheet import shipped, template, templates, versions_in_force
from portal.scoresheet.models import FormTemplate
from tenants import scope
from tenants.db import db
from tenants.models import Region, Section, Tenant
from tests.support.world import Browser, Bureau, a_bureau, a_person, text_of


def without_forms(code: str, parent: Bureau | None = None) -> Bureau:
    """A bureau that was given no forms of its own."""
    with scope.unit_of_work(scope.operator_system("test")):
        db.session.add(Region(code=code, name=f"示范{code}县"))
        db.session.flush()
        tenant = Tenant(code=code, name=f"示范{code}财政局", parent_id=parent.id if parent else None)
        db.session.add(tenant)
        db.session.flush()
        tenant_id = tenant.id
    with scope.unit_of_work(scope.system(tenant_id, "test")):
        section = Section(name="绩效股")
        db.session.add(section)
        db.session.flush()
        return Bureau(tenant_id, code, f"示范{code}", section.id)


def revise(bureau: Bureau, code: str, name: str) -> None:
    """The bureau's second version of a form, under another name."""
    with scope.unit_of_work(bureau.system):
        content = {**shipped()[code], "name": name}
        db.session.add(FormTemplate(code=code, version=2, name=name, content=content, made_at=scope.now()))


def test_each_of_the_nine_forms_is_shown_and_printed(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = Browser(app, bureau.people[Role.HANDLER])
    with scope.entered(bureau.system):
        found = templates()

    listed = text_of(handler.get(f"/t/{bureau.code}/templates"))

    for each in found:
        assert each.form.name in listed
        shown = text_of(handler.get(f"/t/{bureau.code}/templates/{each.id}"))
        paper = text_of(handler.get(f"/t/{bureau.code}/templates/{each.id}/sheet"))
        for item in each.form.items:
            assert item.name in shown
            assert item.name in paper
        assert "40%" not in shown + paper
        for word in ("一级", "指标", "分值", "满分要点", "扣分", "合计", "评分人（签名）"):
            assert word in paper


def test_a_bureau_without_forms_is_told(app: Flask) -> None:
    bureau = without_forms("810001")

    shown = text_of(Browser(app, a_person(bureau, Role.HANDLER)).get(f"/t/{bureau.code}/templates"))

    assert "还没有评分表模板" in shown


@pytest.mark.usefixtures("app")
def test_the_latest_version_is_in_force_and_a_pinned_one_stays_readable() -> None:
    bureau = a_bureau()
    revise(bureau, "QC_PLAN", "方案评审表（修订）")

    with scope.entered(bureau.system):
        assert template("QC_PLAN").form.name == "方案评审表（修订）"
        assert template("QC_PLAN", 1).form.name == "绩效评价实施方案评审表"
        assert versions_in_force(["KP_UNIT", "QC_PLAN"]) == {"KP_UNIT": 1, "QC_PLAN": 2}


@pytest.mark.usefixtures("app")
def test_a_county_without_forms_of_its_own_uses_its_prefectures() -> None:
    prefecture = a_bureau()
    county, stranger = without_forms("810002", prefecture), without_forms("810003")

    with scope.entered(county.system):
        found = template("QC_PLAN")
    with scope.entered(stranger.system), pytest.raises(Misconfigured) as missing:
        versions_in_force(["QC_PLAN"])

    assert found.owner.startswith(prefecture.marker)
    assert not found.is_own
    assert missing.value.key == "form.QC_PLAN"


def test_another_bureaus_form_is_not_found(app: Flask) -> None:
    ours, theirs = a_bureau(roles=[Role.HANDLER]), a_bureau()
    with scope.entered(theirs.system):
        row_id = template("QC_PLAN").id

    handler = Browser(app, ours.people[Role.HANDLER], foreign=[theirs.marker])

    handler.get(f"/t/{ours.code}/templates/{row_id}", status=404)
