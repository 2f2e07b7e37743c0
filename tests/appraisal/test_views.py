"""The pages of both sides, as each sees them."""

import json
import re

import pytest
from flask import Flask

from portal import appraisal
from portal.access import Role
from portal.kernel.workdays import day_of
from tenants import scope
from tests.appraisal.makers import (
    a_released_appraisal,
    an_open_appraisal,
    case_id,
    fill,
    filled_by_bureau,
    filled_by_unit,
    sheet_id,
    sign,
)
from tests.contract.makers import Deal
from tests.support.world import PASSWORD, Browser, text_of

pytestmark = pytest.mark.usefixtures("app")


def base(deal: Deal) -> str:
    """The bureau's address."""
    return f"/t/{deal.bureau.code}"


def seen_by(app: Flask, deal: Deal, role: Role) -> Browser:
    """Somebody signed in."""
    return Browser(app, deal.person(role))


def test_a_unit_fills_signs_and_locks_without_a_script(app: Flask) -> None:
    deal = an_open_appraisal()
    url = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}"
    clerk, head = seen_by(app, deal, Role.UNIT_HANDLER), seen_by(app, deal, Role.UNIT_HEAD)

    waits = text_of(clerk.get(f"{base(deal)}/"))
    assert "填写并签名" in waits
    page = clerk.get(url)
    assert "满分要点" in page.text
    assert "待补 1 处" in text_of(page)
    assert "帮助一般6—8分" in text_of(page)
    assert "以上不足" not in text_of(page), "the item's own scale stands alone"

    answer = clerk.post(f"{url}/fill", {"next": "sign", "i0-d0": "1", "i0-d0-points": "4"}, page=url)
    assert answer.location.endswith("?told=1")
    told = text_of(clerk.get(answer.location))
    assert "“独立公正”：得分低于该项分值的 80%，请写明理由。" in told
    assert "“对改进工作的帮助”：还没有评分。" in told

    data = {
        "next": "sign",
        "i0-d0": "1",
        "i0-d0-points": "4",
        "i0-reason": "进场先有结论",
        "i12-points": "8.5",
    }
    answer = clerk.post(f"{url}/fill", data, page=url)
    assert answer.location.endswith("/sign")
    whole = text_of(clerk.get(answer.location))
    assert "94.5" in whole
    assert "没有扣分、也没有写理由的 11 项" in whole
    unsaid = clerk.post(f"{url}/sign", {"password": PASSWORD}, status=422, page=f"{url}/sign")
    assert "请先确认" in unsaid.text
    said = {"confirmed": "y"}
    wrong = clerk.post(f"{url}/sign", {"password": "nope", **said}, status=422, page=f"{url}/sign")
    assert "密码不对" in wrong.text
    clerk.post(f"{url}/sign", {"password": PASSWORD, **said}, page=f"{url}/sign")
    assert re.findall(r'class="btn btn-(\w+)"\s+href="[^"]*/(lock|return)"', head.get(url).text) == [
        ("primary", "lock"),
        ("quiet", "return"),
    ]
    head.post(f"{url}/lock", {"password": PASSWORD}, page=f"{url}/lock")
    assert "已锁定" in text_of(head.get(url))
    head.get(f"{url}/print")


def test_an_autosave_answers_with_the_sums(app: Flask) -> None:
    deal = an_open_appraisal()
    url = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}"
    clerk = seen_by(app, deal, Role.UNIT_HANDLER)
    known = clerk.hidden(url)

    def save(**fields: str) -> dict[str, object]:
        answer = clerk.send(
            "POST", f"{url}/fill", data={**known, **fields}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 200
        return dict(json.loads(answer.text))

    first = save(base='{"items":{},"vetoes":{}}', **{"i12-points": "9"})
    assert (first["total"], first["open"], first["fields"]) == ("99", 0, {})
    second = save(base='{"items":{},"vetoes":{}}', **{"i1-d0": "1", "i1-d0-points": "2"})
    assert second["fields"] == {"i12-points": "9"}
    assert second["total"] == "97"
    assert re.fullmatch(r"\d\d:\d\d:\d\d", str(second["saved_at"]))


def test_the_bureau_does_not_see_what_the_unit_wrote(app: Flask) -> None:
    """Two worlds that differ in one secret give the bureau the same pages."""
    deal = an_open_appraisal()
    fill(deal, "KP_UNIT", {0: "4"})
    handler = seen_by(app, deal, Role.HANDLER)
    urls = [
        f"{base(deal)}/appraisals/{case_id(deal)}",
        f"{base(deal)}/appraisals",
        f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_FIN')}",
    ]
    clean = re.compile(r'value="[0-9a-f]{40,}"|\d\d:\d\d:\d\d|T[\d:.]+')
    before = [clean.sub("", handler.get(url).text) for url in urls]
    fill(deal, "KP_UNIT", {0: "8", 1: "2"})

    assert [clean.sub("", handler.get(url).text) for url in urls] == before
    handler.get(f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}", status=403)


def test_the_unit_sees_no_sheet_of_the_bureau_and_the_firm_none_at_all(app: Flask) -> None:
    deal = an_open_appraisal()
    finance = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_FIN')}"

    seen_by(app, deal, Role.UNIT_HANDLER).get(finance, status=404)
    firm = seen_by(app, deal, Role.FIRM_HANDLER)
    firm.get(finance, status=404)
    firm.get(f"{base(deal)}/appraisals/{case_id(deal)}", status=404)
    assert "还没有考评" in text_of(firm.get(f"{base(deal)}/appraisals"))


def test_the_approver_finishes_and_the_firm_reads_totals_only(app: Flask) -> None:
    deal = a_released_appraisal()
    approver = seen_by(app, deal, Role.APPROVER)
    url = f"{base(deal)}/appraisals/{case_id(deal)}"
    assert "双方已锁定，待确定" in text_of(approver.get(url))
    assert "确定考评得分" in text_of(approver.get(url))
    approver.get(f"{url}/finish")
    approver.post(f"{url}/finish", {}, page=f"{url}/finish")
    page = text_of(approver.get(url))
    assert "考评得分 94.49 分" in page
    assert "怎么算出来的" in page
    derived = approver.get(f"{url}/derivation.json").json
    assert derived
    assert (derived[0]["inputs"]["unit"], derived[0]["result"]) == (["96"], "94.49 分")

    firm = seen_by(app, deal, Role.FIRM_SIGNATORY)
    page = text_of(firm.get(url))
    assert "94.49" in page
    assert "考评结果通知书" in page
    assert "独立公正" not in page
    told = firm.get(f"{url}/derivation.json").json
    assert told
    assert (told[0]["inputs"]["unit"], told[0]["result"]) == (["96"], "94.49 分"), "the mean, no sheet"
    assert "被评价单位考评（平均分）" in page


def test_reasons_of_a_wide_gap_are_asked_on_a_page(app: Flask) -> None:
    deal = filled_by_bureau(filled_by_unit(an_open_appraisal(), {2: "8", 3: "8", 1: "4", 9: "6"}))
    clerk = seen_by(app, deal, Role.UNIT_HANDLER)
    url = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}"

    assert "说明分差" in text_of(clerk.get(url))
    short = clerk.post(f"{url}/explain", {"reason": "无"}, status=422, page=f"{url}/explain")
    assert "不少于四个字" in short.text
    clerk.post(f"{url}/explain", {"reason": "现场人员更换频繁"}, page=f"{url}/explain")
    assert "现场人员更换频繁" in text_of(clerk.get(url))


def test_time_is_extended_and_a_close_too_early_is_refused(app: Flask) -> None:
    deal = an_open_appraisal()
    approver = seen_by(app, deal, Role.APPROVER)
    url = f"{base(deal)}/appraisals/{case_id(deal)}"

    early = approver.post(f"{url}/close", {"reason": "对方没有填报"}, status=422, page=f"{url}/close")
    assert "还没有过" in early.text
    with scope.entered(deal.bureau.system):
        day = day_of(appraisal.appraisal(case_id(deal)).due_by)
    past = approver.post(
        f"{url}/extend", {"new_on": "2020-01-01", "reason": "农忙季节"}, status=422, page=f"{url}/extend"
    )
    assert "新的期限应晚于今天" in past.text
    new_on = day.replace(year=day.year + 1).isoformat()
    approver.post(f"{url}/extend", {"new_on": new_on, "reason": "农忙季节"}, page=f"{url}/extend")
    assert "农忙季节" in text_of(approver.get(url))


def test_a_sheet_goes_back_and_the_talk_is_kept(app: Flask) -> None:
    deal = an_open_appraisal()
    fill(deal, "KP_UNIT")
    sign(deal, "KP_UNIT")
    head, handler = seen_by(app, deal, Role.UNIT_HEAD), seen_by(app, deal, Role.HANDLER)
    url = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_UNIT')}"
    head.post(f"{url}/return", {"reason": "请核对第一项"}, page=f"{url}/return")
    assert "请核对第一项" in text_of(seen_by(app, deal, Role.UNIT_HANDLER).get(url))

    case = f"{base(deal)}/appraisals/{case_id(deal)}"
    handler.post(f"{case}/talk", {"on": "2026-11-20", "text": "单位认为解释清楚"}, page=f"{case}/talk")
    assert "单位认为解释清楚" in text_of(handler.get(case))
    assert "请核对第一项" not in handler.get(case).text
    listed = handler.post(f"{base(deal)}/appraisals/export", {}, status=200, page=case)
    assert str(listed.mimetype).endswith("sheet")


def test_the_bureau_sees_what_its_folded_items_come_from(app: Flask) -> None:
    deal = an_open_appraisal()
    handler = seen_by(app, deal, Role.HANDLER)
    url = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'KP_FIN')}"
    page = text_of(handler.get(url))
    assert "口径 专家评审：方案质量" in page
    assert "抽评：" not in page, "every subject was scored"
    assert "还没有填好" in page
    assert "来源得分 82 分（系统计算，不能修改）" in page

    assert "口径 专家评审：" in text_of(handler.get(f"{url}/print")), "as the note of the form asks"
    with scope.unit_of_work(deal.bureau.system):  # as if the terms had sampled
        terms = appraisal.appraisal(case_id(deal)).terms
        assert terms is not None
        terms.sample_size = 1
    assert "口径 抽评：方案质量" in text_of(handler.get(url))
    assert "口径 抽评：" in text_of(handler.get(f"{url}/print"))

    leader = f"{base(deal)}/appraisal-sheets/{sheet_id(deal, 'QC_LEADER')}"
    answer = handler.post(f"{leader}/fill", {"next": "back"}, page=leader)
    assert answer.location == url
    assert "85 分" in text_of(handler.get(url))
