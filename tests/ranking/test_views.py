"""A ranking in the browser: the bureau's pages, the firm's own, everybody's; the command."""

import json

import pytest
from flask import Flask
from sqlalchemy import text

from portal import document, firm, ranking
from portal.access import Role
from portal.ranking import queries
from portal.ranking.rules import Finding
from portal.replay import replay
from tenants import scope
from tenants.db import db
from tests.ranking.makers import (
    PUBLICITY,
    Travel,
    Year,
    a_draft_ranking,
    a_final_ranking,
    a_public_ranking,
    finalised,
)
from tests.support.world import Browser, text_of


def test_from_an_empty_list_to_a_final_ranking(app: Flask, year: Year, travel: Travel) -> None:
    place = f"/t/{year.one.bureau.code}/rankings"
    handler = Browser(app, year.one.person(Role.HANDLER))
    assert "还没有年度排名" in text_of(handler.get(place))
    assert "请填写四位年度" in text_of(
        handler.post(f"{place}/new", {"year": "26"}, page=f"{place}/new", status=422)
    )
    assert "还没有到" in text_of(
        handler.post(f"{place}/new", {"year": str(year.year + 1)}, page=f"{place}/new", status=422)
    )

    made = handler.post(f"{place}/new", {"year": str(year.year)}, page=f"{place}/new")
    page = made.location
    shown = text_of(handler.get(page))
    for said in (year.one.firm_name, year.two.firm_name, "第 1 名", "仅供选用参考依据", "得分怎么来的"):
        assert said in shown
    handler.post(f"{page}/refresh", {}, page=page)
    approver = Browser(app, year.one.person(Role.APPROVER))
    assert "公示排名" in text_of(approver.get(f"/t/{year.one.bureau.code}/"))
    assert "公示不少于 5 个工作日" in text_of(
        approver.post(f"{page}/publish", {"workdays": "3"}, page=f"{page}/publish", status=422)
    )
    approver.post(f"{page}/publish", {"workdays": "5"}, page=f"{page}/publish")
    assert "期满后才能定稿" in text_of(approver.get(page))
    assert "第三方机构排名公示" in text_of(Browser(app).get(f"/public/{year.one.bureau.code}"))

    travel(PUBLICITY)
    approver = Browser(app, year.one.person(Role.APPROVER))
    approver.post(f"{page}/finalise", {}, page=page)
    assert "已定稿" in text_of(approver.get(page))
    assert "已定稿" in text_of(approver.get(place))


def test_a_vetoed_work_is_marked_inside_and_kept_with_the_standing(
    app: Flask, year: Year, travel: Travel
) -> None:
    ruled = text("UPDATE round SET vetoed = :yes, veto_reason = '经核查属实' WHERE contract_id = :id")
    deal = year.two
    try:
        with scope.unit_of_work(deal.bureau.system):
            db.session.execute(ruled, {"yes": True, "id": deal.contract_id})
        row_id = a_public_ranking(year)
        page = f"/t/{deal.bureau.code}/rankings/{row_id}"
        for role in (Role.HANDLER, Role.FIRM_HANDLER):
            told = text_of(Browser(app, deal.person(role)).get(page))
            assert told.count("有一票否决（1 次合作）") == 1
            assert "等级只按年度得分定" in told
        other = text_of(Browser(app, year.one.person(Role.FIRM_HANDLER)).get(page))
        assert "一票否决" not in other
        with scope.entered(scope.anonymous()):
            (notice,) = document.notices_of(row_id)
            assert "一票否决" not in str(notice.paper)
        travel(PUBLICITY)
        finalised(year, row_id)
        with scope.entered(deal.bureau.system):
            kept = firm.standings_of([year.one.firm_id, deal.firm_id])
            assert [kept[each.firm_id][0].vetoed for each in (year.one, deal)] == [0, 1]
    finally:
        with scope.unit_of_work(deal.bureau.system):
            db.session.execute(ruled, {"yes": False, "id": deal.contract_id})


def test_a_firm_sees_its_own_place_and_objects(app: Flask, year: Year) -> None:
    row_id = a_public_ranking(year)
    place = f"/t/{year.one.bureau.code}/rankings"
    page = f"{place}/{row_id}"
    mine = Browser(app, year.one.person(Role.FIRM_HANDLER), foreign=[year.two.firm_name])
    assert "第 2 名" in text_of(mine.get(place))
    shown = text_of(mine.get(page))
    assert year.one.firm_name in shown
    assert "合作得分 = 考评得分" in shown
    assert [each["name"] for each in mine.get(f"{page}/derivation.json").get_json()] == [year.one.firm_name]

    assert "必填" in text_of(mine.post(f"{page}/object", {"said": ""}, page=f"{page}/object", status=422))
    mine.post(f"{page}/object", {"said": "考评漏记了一次说明会"}, page=f"{page}/object")
    assert "待答复" in text_of(mine.get(page))

    approver = Browser(app, year.one.person(Role.APPROVER))
    home = approver.get(f"/t/{year.one.bureau.code}/").text
    answering = home.partition("/ranking-objections/")[2].partition('"')[0]
    answering = f"/t/{year.one.bureau.code}/ranking-objections/{answering}"
    assert "考评漏记了一次说明会" in text_of(approver.get(answering))
    approver.post(answering, {"finding": "rejected", "reason": ""}, page=answering, status=422)
    approver.post(answering, {"finding": "rejected", "reason": "说明会已计入"}, page=answering)
    assert "异议不成立" in text_of(mine.get(page))
    assert "说明会已计入" in text_of(approver.get(page))


def test_a_firm_finds_the_publicity_at_home_and_says_that_it_has_looked(app: Flask, year: Year) -> None:
    row_id = a_public_ranking(year)
    place = f"/t/{year.one.bureau.code}"
    mine = Browser(app, year.one.person(Role.FIRM_HANDLER), foreign=[year.two.firm_name])
    page = f"{place}/rankings/{row_id}"
    assert f'href="{page}"' in mine.get(f"{place}/").text

    mine.post(f"{page}/acknowledge", {}, page=page)
    assert f'href="{page}"' not in mine.get(f"{place}/").text
    assert "知悉公示" not in text_of(mine.get(page)), "the button has gone"
    assert "知悉公示" in text_of(Browser(app, year.one.person(Role.APPROVER)).get(page)), "it is on file"


def test_who_publishes_is_told_which_contracts_are_left_out(app: Flask, year: Year) -> None:
    row_id = a_draft_ranking(year)
    with scope.unit_of_work(year.one.bureau.system):
        ranking.ranking(row_id).missing = [{"contract": str(row_id), "name": "", "firm": "", "missing": []}]

    page = f"/t/{year.one.bureau.code}/rankings/{row_id}/publish"
    assert "还有 1 份合同没有计入" in text_of(Browser(app, year.one.person(Role.APPROVER)).get(page))


def test_a_correction_says_why_in_public(app: Flask, year: Year) -> None:
    row_id = a_public_ranking(year)
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    approver = Browser(app, year.one.person(Role.APPROVER))

    assert "必填" in text_of(
        approver.post(f"{page}/correct", {"reason": ""}, page=f"{page}/correct", status=422)
    )
    approver.post(f"{page}/correct", {"reason": "甲公司考评得分有误"}, page=f"{page}/correct")

    assert "第 2 版" in text_of(approver.get(page))
    assert "排名更正公告" in text_of(Browser(app).get(f"/public/{year.one.bureau.code}"))
    Browser(app, year.one.person(Role.FIRM_HANDLER)).get(page, status=404)


def test_a_firm_reads_the_answer_while_its_ranking_is_corrected(app: Flask, year: Year) -> None:
    row_id = a_public_ranking(year)
    with year.one.acting(Role.FIRM_HANDLER) as (by, now):
        objection_id = ranking.object_to(ranking.ranking(row_id), "考评漏记", by=by, now=now).id
    with year.one.acting(Role.APPROVER) as (by, now):
        found = queries.objection(objection_id)
        ranking.answer(found, Finding.UPHELD, "核实确有漏记", by=by, now=now)
        ranking.correct(ranking.ranking(row_id), "异议成立", by=by, now=now)

    mine = Browser(app, year.one.person(Role.FIRM_HANDLER), foreign=[year.two.firm_name])
    assert "核实确有漏记" in text_of(mine.get(f"/t/{year.one.bureau.code}/rankings"))


def test_a_stranger_firm_finds_nothing(app: Flask, year: Year) -> None:
    row_id = a_draft_ranking(year)
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    firm = Browser(app, year.two.person(Role.FIRM_HANDLER))

    assert "还没有排名" in text_of(firm.get(f"/t/{year.one.bureau.code}/rankings"))
    firm.get(page, status=404)


def test_the_table_and_the_derivation_say_what_the_page_says(app: Flask, year: Year) -> None:
    row_id = a_draft_ranking(year)
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    handler = Browser(app, year.one.person(Role.HANDLER))

    answer = handler.post(f"{page}/table", {}, page=page, status=200)
    assert str(answer.mimetype).endswith("sheet")
    first, second = handler.get(f"{page}/derivation.json").get_json()
    assert (first["inputs"]["rank"], second["inputs"]["rank"]) == (1, 2)
    assert first["inputs"]["rules"]["ranking.weight_appraisal"] == "1"


def test_a_case_replays_to_the_ranking_on_the_page(app: Flask, year: Year, travel: Travel) -> None:
    row_id = a_final_ranking(year, travel)
    page = f"/t/{year.one.bureau.code}/rankings/{row_id}"
    handler = Browser(app, year.one.person(Role.HANDLER))

    case = json.loads(handler.post(f"{page}/case", {}, page=page, status=200).data)

    told = replay(case)
    table = [(each["rank"], each["firm"], each["score"]) for each in told["ranking"]]
    assert [each[:2] for each in table] == [(1, year.two.firm_name), (2, year.one.firm_name)]
    shown = text_of(handler.get(page))
    for _, name, points in table:
        assert f"{name} {points}" in shown
    assert [each["quality"] for each in told["contracts"]] == ["93.20", "79.60"]


def test_the_command_prints_the_ranking(app: Flask, year: Year) -> None:
    run = app.test_cli_runner().invoke
    asked = ["ranking", "--tenant", year.one.bureau.code, "--year", str(year.year)]

    before = json.loads(run(args=[*asked, "--json"]).output)
    a_public_ranking(year)
    after = json.loads(run(args=[*asked, "--json"]).output)
    plain = run(args=asked)

    assert before["state"] is None
    assert after["state"] == "publicity"
    assert before["ranking"] == after["ranking"]
    assert [each["firm"] for each in after["ranking"]] == [year.two.firm_name, year.one.firm_name]
    assert plain.output.splitlines()[0].startswith(f"1\t{year.two.firm_name}\t")
    assert run(args=["ranking", "--tenant", "000000", "--year", "2026"]).exit_code == 2


@pytest.mark.parametrize("role", (Role.HANDLER, Role.APPROVER))
def test_an_empty_year_is_said_to_be_empty(app: Flask, year: Year, role: Role) -> None:
    assert Browser(app, year.one.person(role)).get(f"/t/{year.one.bureau.code}/rankings")
    run = app.test_cli_runner().invoke
    told = run(args=["ranking", "--tenant", year.one.bureau.code, "--year", str(year.year - 1)])

    assert "没有可以排名的合同" in told.output
