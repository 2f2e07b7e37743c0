"""The pages of a round, a seat and a sheet, as organiser, seeder, expert and firm open them."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask

from portal import quality
from portal.access import Role
from portal.quality.queries import form_of
from portal.scoresheet import laid_out
from portal.scoresheet.rules.posting import fields_of
from tenants import scope
from tests.deliverable.makers import a_pdf
from tests.quality import makers
from tests.quality.makers import Case
from tests.support.world import PASSWORD, Browser, text_of


def url(case: Case, path: str) -> str:
    """An address in the case's bureau."""
    return f"/t/{case.bureau.code}/{path}"


def round_url(case: Case, verb: str = "") -> str:
    """The round's page, or one of its verbs."""
    return url(case, f"rounds/{case.round_id}{'/' + verb if verb else ''}")


def sign_in(app: Flask, case: Case, who: Role | UUID) -> Browser:
    """An officer, or an expert by membership."""
    return Browser(app, case.bureau.people[who] if isinstance(who, Role) else case.experts[who])


def test_a_round_is_drawn_offered_and_accepted_in_the_browser(app: Flask) -> None:
    case = makers.a_planned_round()
    organiser = sign_in(app, case, Role.ORGANISER)
    listed = text_of(organiser.get(url(case, "rounds")))
    assert "待抽取专家" in listed
    page = organiser.get(round_url(case))
    assert "封存名单，抽取专家" in text_of(page)
    assert "可以抽取 5 人" in text_of(organiser.get(round_url(case, "candidates")))
    organiser.post(round_url(case, "draw"), {}, page=round_url(case))
    with scope.entered(case.bureau.system):
        draw_id = quality.round_(case.round_id).draw_id
    checker = sign_in(app, case, Role.CHECKER)
    seed_page = url(case, f"draws/{draw_id}")
    checker.post(f"{seed_page}/seed", {"typed": "20261121"}, page=seed_page)
    assert "待答复" in text_of(organiser.get(round_url(case)))

    member = case.seats("offered")[0]
    expert = sign_in(app, case, member)
    assert "专家评审" in text_of(expert.get(url(case, "")))
    seats = expert.get(url(case, "seats"))
    seat_url = re.search(r'href="(/t/\d+/seats/[0-9a-f-]+)"', seats.text)
    assert seat_url
    assert "您被随机抽取为评审专家" in text_of(expert.get(seat_url[1]))
    accept = f"{seat_url[1]}/accept"
    assert "回避声明" in text_of(expert.get(accept))
    expert.post(accept, {"declared": "y", "password": "wrong"}, page=accept, status=422)
    expert.post(accept, {"password": PASSWORD}, page=accept, status=422)
    expert.post(accept, {"declared": "y", "password": PASSWORD}, page=accept)
    assert "未填写 — 填写评分表" in text_of(expert.get(seat_url[1]))

    other = case.seats("offered")[0]
    away = sign_in(app, case, other)
    decline = url(case, f"seats/{case.seat_id(other)}/decline")
    away.get(decline)
    away.post(decline, {"declining": "other", "reason": ""}, page=decline, status=422)
    away.post(decline, {"declining": "time", "reason": ""}, page=decline)
    assert "已谢绝" in text_of(away.get(url(case, "seats")))
    away.get(seat_url[1], status=404)


def test_a_round_says_who_types_the_number_of_its_draw(app: Flask) -> None:
    case = makers.a_planned_round()
    makers.commit(case)
    organiser = sign_in(app, case, Role.ORGANISER)

    assert re.search("正在等： .*复核人.*：输入抽取数", text_of(organiser.get(round_url(case))))


def _typed(case: Case, member, sheet_id, total: str) -> dict[str, str]:
    with case.acting(member):
        row = quality.sheet(sheet_id)
        form = form_of(row)
        base = laid_out(form, row.entries, quality_filled(row, form)).base
        return {**fields_of(form, makers.entries_for(form, Decimal(total))), "base": base}


def quality_filled(row, form):
    return makers.filled(row, form)


def test_a_sheet_keeps_itself_and_is_handed_in_once(app: Flask) -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    sheet_id = case.sheet_ids(member)[0]
    expert = sign_in(app, case, member)
    sheet = url(case, f"sheets/{sheet_id}")
    shown = expert.get(sheet)
    assert "满分要点" in text_of(shown)
    assert 'class="reader leaf"' in shown.text

    typed = _typed(case, member, sheet_id, "88")
    answer = expert.send(
        "POST",
        f"{sheet}/save",
        data={**expert.hidden(sheet), **typed},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    told = json.loads(answer.text)
    assert (told["total"], told["open"], told["clash"]) == ("88", 0, False)
    expert.post(f"{sheet}/save", {**typed, "base": told["base"], "next": "hand-in"}, page=sheet)
    confirm = expert.get(f"{sheet}/hand-in")
    version = re.search(r'name="version"\s+value="(\d+)"', confirm.text)
    assert version
    assert "合计 88 分，交表" in text_of(confirm)
    assert "没有扣分、也没有写理由的 17 项" in text_of(confirm)
    assert "整张评分表没有扣一分" not in text_of(confirm)
    place = f"{sheet}/hand-in"
    expert.post(place, {"version": "1", "confirmed": "y"}, page=place, status=409)
    expert.post(place, {"version": version[1]}, page=place, status=422)
    expert.post(place, {"version": version[1], "confirmed": "y"}, page=place)
    assert "已交" in text_of(expert.get(sheet))
    assert text_of(expert.get(f"{sheet}/print")).count("未发现") == 17
    expert.post(f"{sheet}/save", typed, page=url(case, "seats"), status=409)

    other = sign_in(app, case, case.seats("accepted")[1])
    other.get(sheet, status=404)
    sign_in(app, case, Role.ORGANISER).get(sheet, status=404)
    organiser = sign_in(app, case, Role.ORGANISER)
    assert "1 / 2" in text_of(organiser.get(round_url(case)))


def test_a_sheet_speaks_the_weights_of_its_contract(app: Flask) -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    expert = sign_in(app, case, member)
    with scope.unit_of_work(case.bureau.system):  # as if it had been signed under other rules
        seat = quality.seat(case.seat_id(member))
        seat.weight_plan, seat.weight_report = Decimal("0.3"), Decimal("0.7")

    shares = ["占质量得分 30%", "占质量得分 70%"]
    for sheet_id, share in zip(case.sheet_ids(member), shares, strict=True):
        page = text_of(expert.get(url(case, f"sheets/{sheet_id}")))
        printed = text_of(expert.get(url(case, f"sheets/{sheet_id}/print")))
        assert [share in page, share in printed, "40%" in page + printed] == [True, True, False]


def test_an_unfinished_sheet_says_what_is_missing(app: Flask) -> None:
    case = makers.a_seated_round()
    member = case.seats("accepted")[0]
    expert = sign_in(app, case, member)
    with case.acting(member):
        report = next(
            each.id for each in quality.sheets_of_seat(case.seat_id(member)) if each.stage == "report"
        )
    sheet = url(case, f"sheets/{report}")

    before = text_of(expert.get(sheet))
    assert (before.count("（必填）"), "还没有评分" in before) == (1, False)
    answer = expert.post(f"{sheet}/save", {"base": "", "next": "hand-in"}, page=sheet)

    told = expert.get(answer.headers["Location"])
    assert text_of(told).count("还没有评分") == 2  # on top, and at each item
    assert "notice-done" not in told.text
    assert " data-saved>" in told.text
    assert " data-saved>" not in expert.get(answer.headers["Location"]).text
    expert.post(f"{sheet}/hand-in", {"version": "1"}, page=sheet, status=409)


def test_experts_far_apart_are_shown_to_the_bureau_alone(app: Flask) -> None:
    case = makers.a_seated_round()
    for member, report in zip(case.seats("accepted"), ("90", "88", "52"), strict=True):
        makers.score_all(case, member, report=report)
    makers.notify(case)

    with scope.entered(case.bureau.system):
        furthest = quality.seat(case.seat_id(case.seats("accepted")[2])).expert_name
    inside = text_of(sign_in(app, case, Role.ORGANISER).get(round_url(case, "result")))
    assert "专家之间的差距" in inside
    assert inside.count("差距较大") == 2  # the legend, and the report
    assert f"{furthest}，低 24.67 分" in inside
    firm = text_of(sign_in(app, case, Role.FIRM_HANDLER).get(round_url(case, "result")))
    assert "差距" not in firm


def test_the_organiser_recuses_and_extends_in_the_browser(app: Flask) -> None:
    case = makers.a_seated_round()
    one, other, _ = case.seats("accepted")
    organiser = sign_in(app, case, Role.ORGANISER)
    extend = url(case, f"seats/{case.seat_id(one)}/extend")
    organiser.get(extend)
    organiser.post(extend, {"days": "0", "reason": "专家出差在外"}, page=extend, status=422)
    organiser.post(extend, {"days": "3", "reason": "差"}, page=extend, status=422)
    organiser.post(extend, {"days": "3", "reason": "专家出差在外"}, page=extend)
    recuse = url(case, f"seats/{case.seat_id(other)}/recuse")
    organiser.get(recuse)
    organiser.post(recuse, {"reason": ""}, page=recuse, status=422)
    organiser.post(recuse, {"reason": "发现亲属任职"}, page=recuse)

    page = text_of(organiser.get(round_url(case)))
    assert "已回避" in page
    assert "发现亲属任职" in page


def test_an_employer_is_matched_in_the_browser(app: Flask) -> None:
    case = makers.a_planned_round()
    firm = makers.experts_in(case.bureau, [case.deal.firm_name])[0]
    organiser = sign_in(app, case, Role.ORGANISER)
    listed = organiser.get(round_url(case, "candidates"))
    assert "不能抽取" in text_of(listed)
    assert "没有账号" in text_of(listed)
    match = f"{round_url(case, 'match')}?expert={firm}&other={case.deal.firm_id}"
    organiser.get(match)
    organiser.post(match, {"reason": "核对过信用代码"}, page=match, status=422)
    organiser.post(match, {"verdict": "rejected", "reason": "略"}, page=match, status=422)
    organiser.post(match, {"verdict": "rejected", "reason": "核对过信用代码"}, page=match)

    assert "不是同一单位。核对过信用代码" in text_of(organiser.get(round_url(case, "candidates")))
    organiser.get(f"{round_url(case, 'match')}?expert=x&other=y", status=303)


def test_the_firm_reads_its_result_once_told_and_objects(app: Flask) -> None:
    case = makers.a_scored_round()
    firm, organiser = sign_in(app, case, Role.FIRM_HANDLER), sign_in(app, case, Role.ORGANISER)
    firm.get(round_url(case), status=404)
    assert "还没有结果" in text_of(firm.get(url(case, "rounds")))
    organiser.get(round_url(case, "result"))
    notify = round_url(case, "notify")
    organiser.get(notify)
    organiser.post(notify, {}, page=notify)

    page = firm.get(round_url(case))
    result = firm.get(round_url(case, "result"))
    for each in case.experts.values():
        assert each.name not in page.text + result.text
    assert "79.60" in text_of(page)
    assert "专家A" in text_of(result)
    script = json.loads(firm.send("GET", round_url(case, "derivation.json")).text)
    assert script["figures"][-1]["result"] == "79.60"
    expert = sign_in(app, case, case.seats("accepted")[0])
    assert "质量得分 79.60" in text_of(
        expert.get(url(case, f"seats/{case.seat_id(case.seats('accepted')[0])}"))
    )

    objection = round_url(case, "object")
    firm.get(objection)
    firm.post(objection, {"reason": "不"}, page=objection, status=422)
    upload = (io.BytesIO(a_pdf()), "证明.pdf")
    firm.post(objection, {"reason": "第三项扣分有误", "file": upload}, page=objection, status=422)
    wrong = (io.BytesIO(b"MZ"), "证明.pdf")
    firm.post(
        objection, {"reason": "第三项扣分有误", "file": wrong, "declared": "y"}, page=objection, status=422
    )
    upload = (io.BytesIO(a_pdf()), "证明.pdf")
    firm.post(objection, {"reason": "第三项扣分有误", "file": upload, "declared": "y"}, page=objection)
    approver = sign_in(app, case, Role.APPROVER)
    assert "证明.pdf" in text_of(approver.get(round_url(case)))
    uphold = round_url(case, "uphold")
    approver.get(uphold)
    approver.get(round_url(case, "reopen"))
    approver.post(uphold, {"reason": "略"}, page=uphold, status=422)
    approver.post(uphold, {"reason": "扣分依据充分"}, page=uphold)
    assert "扣分依据充分" in text_of(firm.get(round_url(case)))
    firm.post(objection, {"reason": "再提一次异议"}, page=round_url(case), status=409)


def test_sheets_are_sent_back_in_the_browser(app: Flask) -> None:
    case = makers.a_notified_round()
    with case.acting(Role.FIRM_HANDLER) as (by, now):
        quality.object_(quality.round_(case.round_id), "第三项扣分有误", None, by=by, now=now)
    approver = sign_in(app, case, Role.APPROVER)
    reopen = round_url(case, "reopen")
    shown = approver.get(reopen)
    boxes = re.findall(r'name="sheets"[^>]*value="([0-9a-f-]{36})"', shown.text)
    assert len(boxes) == 6
    assert shown.text.count(f"/sheets/{boxes[0]}") == 1
    approver.post(reopen, {"sheets": boxes[:2], "reason": ""}, page=reopen, status=422)
    approver.post(reopen, {"reason": "该项扣分有误"}, page=reopen, status=422)
    approver.post(reopen, {"sheets": boxes[:2], "reason": "该项扣分有误"}, page=reopen)
    assert "正在等：专家交 2 张评分表" in text_of(approver.get(round_url(case)))

    firm = sign_in(app, case, Role.FIRM_SIGNATORY)
    assert "正在重评" in text_of(firm.get(round_url(case)))
    firm.get(round_url(case, "result"), status=404)


def test_the_firm_concurs_in_the_browser(app: Flask) -> None:
    case = makers.a_notified_round()
    signatory = sign_in(app, case, Role.FIRM_SIGNATORY)
    concur = round_url(case, "concur")
    shown = re.search(r'name="version"\s+value="(\d+)"', signatory.get(concur).text)
    assert shown
    signatory.post(concur, {"version": "0"}, page=concur, status=409)
    signatory.post(concur, {"version": shown[1]}, page=concur)

    assert "已确定" in text_of(signatory.get(round_url(case)))


def test_a_veto_is_ruled_on_in_the_browser(app: Flask) -> None:
    case = makers.a_seated_round()
    for each in case.seats("accepted"):
        makers.score_all(case, each, vetoes={"1": "底稿系伪造"})
    approver = sign_in(app, case, Role.APPROVER)
    assert "底稿系伪造" in text_of(approver.get(round_url(case)))
    veto = round_url(case, "veto")
    approver.get(veto)
    approver.post(veto, {"reason": "经核查属实"}, page=veto)

    shown = text_of(approver.get(round_url(case)))
    assert "审批人已确认一票否决，质量得分为零" in shown
    assert "一票否决已经认定" not in shown
    for path in ("result", "notify"):
        page = text_of(sign_in(app, case, Role.ORGANISER).get(round_url(case, path)))
        assert ("0.00" in page, "质量得分为零" in page) == (True, True)
    makers.notify(case)
    member = case.seats("accepted")[0]
    for who, place in (
        (Role.FIRM_SIGNATORY, round_url(case, "concur")),
        (member, url(case, f"seats/{case.seat_id(member)}")),
    ):
        assert "质量得分为零" in text_of(sign_in(app, case, who).get(place))


def test_an_offer_that_lapsed_is_shown_so_before_the_clock_rings(
    app: Flask, travel: Callable[[timedelta], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = makers.a_drawn_round()
    member = case.seats("offered")[0]
    monkeypatch.setattr("tests.support.clock.ring_due", lambda: 0)
    travel(timedelta(minutes=31))

    expert = sign_in(app, case, member)
    assert "逾时未答复" in text_of(expert.get(url(case, "seats")))
    accept = url(case, f"seats/{case.seat_id(member)}/accept")
    expert.post(accept, {"declared": "y", "password": PASSWORD}, page=url(case, "seats"), status=409)


def test_rounds_are_exported(app: Flask) -> None:
    case = makers.a_scored_round()

    answer = sign_in(app, case, Role.ORGANISER).post(url(case, "rounds/export"), {}, status=200)

    assert (answer.mimetype or "").endswith("spreadsheetml.sheet")


def test_a_seat_tells_when_it_was_accepted_and_when_its_sheets_were_in(
    app: Flask, travel: Callable[[timedelta], int]
) -> None:
    case = makers.a_seated_round()
    travel(timedelta(days=1))
    makers.score_all(case, case.seats("accepted")[0])

    page = text_of(sign_in(app, case, Role.ORGANISER).get(round_url(case)))

    told = re.search(r"已接受([-0-9]+ [0-9:]+) 2 / 2([-0-9]+ [0-9:]+) 交齐 交表截止", page)
    assert told
    assert told[1] < told[2]
    assert page.count("交齐") == 1
    assert page.count("已接受") == 3
