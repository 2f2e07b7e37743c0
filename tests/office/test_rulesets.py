"""Rule sets: drafted by one, published by another, inherited by counties, never changed afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from portal.access import Role
from portal.kernel.errors import Misconfigured, Refused
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, own_draft, publish, rules_on
from portal.office.queries.rulesets import versions
from tenants import scope
from tenants.db import db
from tenants.models import RuleSetVersion
from tests.support.world import Browser, Bureau, a_bureau, publish_rules, text_of

BOTH = (Role.HANDLER, Role.APPROVER)


def in_force(bureau: Bureau, *needed: str, days: int = 0) -> RulesInForce:
    with scope.entered(bureau.system):
        return rules_on(day_of(scope.now()) + timedelta(days=days), *needed)


def typed(bureau: Bureau, **changed: str) -> dict[str, str]:
    with scope.entered(bureau.system):
        today = day_of(scope.now())
    return {
        "effective_on": today.isoformat(),
        "note": "年度修订",
        **{name.replace("__", "-"): value for name, value in changed.items()},
    }


@pytest.mark.usefixtures("app")
def test_without_a_published_set_the_rules_are_missing_by_name() -> None:
    with pytest.raises(Misconfigured) as missing:
        in_force(a_bureau())

    assert missing.value.key == "ruleset"


@pytest.mark.usefixtures("app")
def test_the_published_set_is_in_force_whole_and_typed() -> None:
    bureau = a_bureau(roles=BOTH)
    publish_rules(bureau, **{"qc.cutoff": "82.5"})

    force = in_force(bureau, "procurement.threshold_procure")

    assert force.number == 1
    assert force.rules.qc.cutoff == Decimal("82.5")
    assert force.rules.qc.weight_plan == Decimal("0.4")


@pytest.mark.usefixtures("app")
def test_a_value_nobody_typed_is_refused_where_it_is_needed() -> None:
    bureau = a_bureau(roles=BOTH)
    publish_rules(bureau, **{"qc.cutoff": ""})

    assert in_force(bureau).rules.qc.cutoff is None
    with pytest.raises(Misconfigured) as missing:
        in_force(bureau, "qc.cutoff")
    assert missing.value.key == "qc.cutoff"


@pytest.mark.usefixtures("app")
def test_a_county_inherits_its_prefecture_until_it_publishes_its_own() -> None:
    prefecture = a_bureau(roles=BOTH)
    county = a_bureau(parent=prefecture, roles=BOTH)
    sibling = a_bureau(parent=prefecture)
    publish_rules(prefecture, **{"qc.cutoff": "85", "qc.deduct_ratio": "20%"})

    assert in_force(county).owner.startswith(prefecture.marker)
    assert in_force(county).rules.qc.cutoff == Decimal(85)
    publish_rules(county, **{"qc.cutoff": "88"})

    assert in_force(county).rules.qc.cutoff == Decimal(88)
    assert in_force(county).rules.qc.deduct_ratio == Decimal("0.2")
    assert in_force(sibling).rules.qc.cutoff == Decimal(85)
    with scope.entered(sibling.system):
        assert {each.code for each in versions()} == {prefecture.code}


@pytest.mark.usefixtures("app")
def test_a_later_version_takes_effect_on_its_day_and_the_earlier_stays_readable() -> None:
    bureau = a_bureau(roles=BOTH)
    publish_rules(bureau)
    first = in_force(bureau)
    publish_rules(bureau, **{"qc.cutoff": "90"})

    assert in_force(bureau).number == 2
    with scope.entered(bureau.system):
        assert [each.row.version for each in versions()] == [2, 1]
    with pytest.raises(Misconfigured):
        in_force(bureau, days=-1)
    assert first.rules.qc.cutoff == Decimal(80)


@pytest.mark.usefixtures("app")
def test_who_drafts_does_not_publish_even_with_the_post() -> None:
    bureau = a_bureau(roles=BOTH)
    with scope.unit_of_work(bureau.people[Role.HANDLER].scope):
        now = scope.now()
        db.session.add(
            RuleSetVersion(
                version=1,
                effective_on=day_of(now),
                own={},
                drafter_id=bureau.people[Role.HANDLER].account_id,
            )
        )

    with scope.unit_of_work(bureau.people[Role.HANDLER].scope):
        row = own_draft()
        assert row is not None
        with pytest.raises(Refused) as refused:
            publish(row, by=bureau.people[Role.HANDLER].actor, now=scope.now())

    assert refused.value.ruling.codes == ("office.own_rules",)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("statement", ("UPDATE rule_set SET note = 'x'", "DELETE FROM rule_set"))
def test_the_database_keeps_a_published_set_as_it_is(statement: str) -> None:
    bureau = a_bureau(roles=BOTH)
    publish_rules(bureau)

    with pytest.raises(DBAPIError, match="never changes"), scope.unit_of_work(bureau.system):
        db.session.execute(text(statement))


def test_a_version_is_drafted_compared_and_published_in_the_browser(app: Flask) -> None:
    bureau = a_bureau(roles=BOTH)
    place = f"/t/{bureau.code}/rules"
    handler = Browser(app, bureau.people[Role.HANDLER])
    approver = Browser(app, bureau.people[Role.APPROVER])

    shown = text_of(handler.get(place))
    assert "还没有发布规则集" in shown
    assert "财政部令第74号" in shown
    assert "地方做法" in shown
    assert "财监〔2021〕4号）第" not in shown
    handler.get(f"{place}/draft")
    values = typed(bureau, qc__cutoff="80", qc__cutoff__source="师财绩〔2026〕3号", qc__deduct_ratio="15%")
    made = handler.post(f"{place}/draft", {**values, "qc-cutoff-source": "师财绩〔2026〕3号"}).location

    assert "待发布" in text_of(approver.get(place))
    assert "规则集第1版" in text_of(approver.get(f"/t/{bureau.code}/"))
    version = text_of(approver.get(made))
    assert "批准发布" in version
    assert "没有填写采购限额标准" in version
    asked = text_of(approver.get(f"{made}/publish"))
    assert "15%" in asked
    assert "10%" in asked
    handler.post(f"{made}/publish", {}, status=403)
    approver.post(f"{made}/publish", {})
    approver.post(f"{made}/publish", {}, status=409)
    approver.get(f"{made}/publish", status=404)

    effective = text_of(handler.get(place))
    assert "师财绩〔2026〕3号" in effective
    assert "本级" in effective
    assert "还没有发布规则集" not in effective
    compared = text_of(handler.get(f"{place}/compare?before=national&after={made[-36:]}"))
    assert "扣减比例" in compared
    assert "实施方案权重" not in compared
    assert "扣减比例" in text_of(handler.get(f"{place}/compare"))
    assert "完全相同" in text_of(handler.get(f"{place}/compare?before=national&after=national"))
    handler.get(f"{place}/compare?before=nonsense")
    assert "年度修订" in text_of(handler.get(f"{place}/versions"))


def test_faults_land_on_their_fields_and_what_was_typed_stays(app: Flask) -> None:
    bureau = a_bureau(roles=BOTH)
    place = f"/t/{bureau.code}/rules/draft"
    handler = Browser(app, bureau.people[Role.HANDLER])

    values = typed(
        bureau,
        procurement__inquiry_min_wd="2",
        qc__deduct_ratio="很高",
        qc__cutoff="80",
        qc__weight_plan="50%",
    )

    answer = handler.post(place, values, status=422)

    for fault in ("不得低于 3 个工作日", "不是有效的小数", "须写明依据的文件", "合计应为 100%，现为 110%"):
        assert fault in text_of(answer)
    assert 'value="很高"' in answer.text


def test_a_draft_somebody_else_saved_first_is_stale(app: Flask) -> None:
    bureau = a_bureau(roles=BOTH)
    place = f"/t/{bureau.code}/rules/draft"
    handler = Browser(app, bureau.people[Role.HANDLER])
    handler.post(place, typed(bureau, qc__deduct_ratio="15%"))

    answer = handler.post(place, typed(bureau, qc__deduct_ratio="30%"), status=409)

    assert "30%" in answer.text


def test_a_county_reads_its_prefectures_rules_and_not_its_drafts(app: Flask) -> None:
    prefecture = a_bureau(roles=BOTH)
    county = a_bureau(parent=prefecture, roles=BOTH)
    publish_rules(prefecture)
    with scope.entered(prefecture.system):
        published = versions()[0].row.id
    Browser(app, prefecture.people[Role.HANDLER]).post(
        f"/t/{prefecture.code}/rules/draft", typed(prefecture, qc__deduct_ratio="30%")
    )
    with scope.entered(prefecture.system):
        drafted = own_draft()
        assert drafted is not None
        draft_id = drafted.id
    handler = Browser(app, county.people[Role.HANDLER])

    assert "沿用" in text_of(handler.get(f"/t/{county.code}/rules"))
    handler.get(f"/t/{county.code}/rules/{published}")
    handler.get(f"/t/{county.code}/rules/{draft_id}", status=404)
    Browser(app, county.people[Role.APPROVER]).get(f"/t/{county.code}/rules/{published}/publish", status=404)


@pytest.mark.usefixtures("app")
def test_an_unpublished_draft_can_be_changed_by_its_own_bureau_only() -> None:
    ours, theirs = a_bureau(roles=BOTH), a_bureau(roles=BOTH)
    publish_rules(theirs)

    with scope.unit_of_work(ours.system):
        changed = db.session.execute(
            update(RuleSetVersion).values(note="x").returning(RuleSetVersion.id)
        ).all()

    assert changed == []
