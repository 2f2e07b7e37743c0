"""A draw in the browser: the staff's page, the public's page, and the script an outsider runs."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import new
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from portal import draw
from portal.access import Role
from portal.draw import Excluded, Outcome
from portal.static import recompute
from tenants import scope
from tests.draw.makers import TYPED, a_draw, candidates
from tests.support.world import Browser, Bureau, a_bureau, text_of

SCRIPT = Path(recompute.__file__)


@pytest.fixture
def bureau(app: Flask) -> Bureau:
    """A bureau with an organiser, who makes lists, and an approver, who types numbers."""
    assert app
    return a_bureau(roles=[Role.ORGANISER, Role.APPROVER, Role.HANDLER])


def test_the_second_officer_types_the_number_and_the_order_stands(app: Flask, bureau: Bureau) -> None:
    draw_id = a_draw(bureau, excluded=[Excluded(f"{bureau.marker}某", ("须回避",))])
    page = f"/t/{bureau.code}/draws/{draw_id}"
    approver = Browser(app, bureau.people[Role.APPROVER])
    organiser = Browser(app, bureau.people[Role.ORGANISER])

    assert "输入抽取数" in text_of(approver.get(f"/t/{bureau.code}/"))
    assert "确定抽取数" not in text_of(organiser.get(page))
    assert re.search("正在等： .*审批人.*：输入抽取数", text_of(organiser.get(page)))
    assert "正在等" not in text_of(approver.get(page)), "it is their own turn, whoever else might do it"
    assert "抽取数为 4 到 20 位数字" in text_of(
        approver.post(f"{page}/seed", {"typed": "12"}, page=page, status=422)
    )
    approver.post(f"{page}/seed", {"typed": TYPED}, page=page)

    shown = text_of(approver.get(page))
    assert "抽取顺序" in shown
    assert f"{bureau.marker}某" in shown
    assert TYPED in shown


def test_who_made_the_list_is_told_why_another_must_type(app: Flask, bureau: Bureau) -> None:
    draw_id = a_draw(bureau)
    with scope.unit_of_work(bureau.system):
        draw.draw(draw_id).committed_by = bureau.people[Role.APPROVER].account_id
    page = f"/t/{bureau.code}/draws/{draw_id}"
    approver = Browser(app, bureau.people[Role.APPROVER])

    assert "须由另一位工作人员输入" in text_of(approver.get(page))
    approver.post(f"{page}/seed", {"typed": TYPED}, page=page, status=409)


def test_a_void_draw_keeps_its_number_and_its_reason_in_public(app: Flask, bureau: Bureau) -> None:
    a_draw(bureau, ended=Outcome.FILLED, seeded=True)
    draw_id = a_draw(bureau)
    page = f"/t/{bureau.code}/draws/{draw_id}"
    organiser = Browser(app, bureau.people[Role.ORGANISER])

    assert "作废原因：必填" in text_of(
        organiser.post(f"{page}/end", {"reason": ""}, page=f"{page}/end", status=422)
    )
    organiser.post(f"{page}/end", {"reason": "清单有误，重新抽取"}, page=f"{page}/end")

    everybody = Browser(app)
    listed = text_of(everybody.get(f"/public/{bureau.code}/draws"))
    assert "作废" in listed
    assert "清单有误" in listed
    assert listed.index("-002") < listed.index("-001")
    number = everybody.get(f"/public/{bureau.code}/draws").text.partition("/draws/")[2].partition('"')[0]
    shown = text_of(everybody.get(f"/public/{bureau.code}/draws/{number}"))
    assert "没有输入。" in shown
    assert "相符" in shown


def test_the_minutes_are_issued_once(app: Flask, bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True, ended=Outcome.SHORT)
    page = f"/t/{bureau.code}/draws/{draw_id}"
    organiser = Browser(app, bureau.people[Role.ORGANISER])

    organiser.post(f"{page}/minutes", {}, page=page)
    shown = text_of(organiser.get(page))

    assert "抽取记录" in shown
    assert "下载 Word" in shown
    assert "您在此处没有可办理的事项" in shown
    organiser.post(f"{page}/minutes", {}, page=page, status=409)


def _published(app: Flask, bureau: Bureau) -> dict[str, object]:
    place = f"/public/{bureau.code}/draws"
    number = Browser(app).get(place).text.partition("/draws/")[2].partition('"')[0]
    answer = Browser(app).get(f"{place}/{number}/draw.json").get_json()
    assert isinstance(answer, dict)
    return answer


def test_names_show_in_public_only_after_release(app: Flask, bureau: Bureau) -> None:
    draw_id = a_draw(bureau, seeded=True)
    organiser = bureau.people[Role.ORGANISER]
    with scope.unit_of_work(organiser.scope):
        draw.end(draw_id, Outcome.FILLED, by=organiser.actor, now=scope.now())
    place = f"/public/{bureau.code}/draws/{_published(app, bureau)['number']}"

    assert f"{bureau.marker}候选" not in Browser(app).get(place).text
    with scope.unit_of_work(organiser.scope):
        draw.release_names(draw_id, by=organiser.actor, now=scope.now())

    assert f"{bureau.marker}候选" in Browser(app).get(place).text


@pytest.mark.parametrize("number", ("2026-999", "2026-1", "x", "2026-00a", "20260-001", "-1"))
def test_a_number_nobody_took_is_not_found(app: Flask, bureau: Bureau, number: str) -> None:
    Browser(app).get(f"/public/{bureau.code}/draws/{number}", status=404)


def test_a_strangers_script_computes_the_same_order(app: Flask, bureau: Bureau, tmp_path: Path) -> None:
    a_draw(bureau, seeded=True, ended=Outcome.FILLED, excluded=[Excluded("某", ("须回避",))])
    told = _published(app, bureau)
    kept = tmp_path / "draw.json"
    kept.write_text(json.dumps(told), encoding="utf-8")

    run = subprocess.run(  # noqa: S603 -- our own script on our own file
        [sys.executable, "-I", str(SCRIPT), str(kept)], capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0
    assert run.stdout.count("相符") == 3

    told["typed"] = "2718"
    kept.write_text(json.dumps(told), encoding="utf-8")
    run = subprocess.run(  # noqa: S603 -- our own script on our own file
        [sys.executable, "-I", str(SCRIPT), str(kept)], capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 1
    assert "顺序不符" in run.stdout


def test_quotas_are_public_before_the_number_and_checked_by_the_script(app: Flask, bureau: Bureau) -> None:
    kinds = ("部门整体支出", "项目支出", "项目支出")
    entries = [replace(each, kind=kind) for each, kind in zip(candidates(bureau, 3), kinds, strict=True)]
    draw_id = a_draw(bureau, entries=entries, takes={"部门整体支出": 1, "项目支出": 1})
    place = f"/public/{bureau.code}/draws/{_published(app, bureau)['number']}"
    assert "部门整体支出 1 个：编号 1；项目支出 1 个：编号 2、3" in text_of(Browser(app).get(place))

    approver = bureau.people[Role.APPROVER]
    with scope.unit_of_work(approver.scope):
        draw.seed(draw.draw(draw_id), TYPED, by=approver.actor, now=scope.now())
        draw.end(draw_id, Outcome.FILLED, by=approver.actor, now=scope.now())
    told = _published(app, bureau)
    said = recompute.check(told)
    assert [each for each in said if "不符" in each] == []
    assert [each.partition("：")[0] for each in said[-2:]] == ["各类名额已计入承诺值", "抽中的编号相符"]
    shown = text_of(Browser(app).get(place))
    assert shown.count("抽中") == 2
    assert "SM3（密值|清单摘要|编号|各类名额）" in shown

    told["quotas"] = [{"kind": "项目支出", "take": 2, "numbers": [2, 3]}]
    assert len([each for each in recompute.check(told) if "不符" in each]) == 2


def test_a_long_list_is_folded_and_searched(app: Flask, bureau: Bureau) -> None:
    draw_id = a_draw(bureau, entries=candidates(bureau, 33), excluded=[Excluded("某甲", ("须回避",))])
    page = f"/t/{bureau.code}/draws/{draw_id}"
    organiser = Browser(app, bureau.people[Role.ORGANISER])
    whole = text_of(organiser.get(page))
    assert "其余 13 名" in whole
    assert whole.count(f"{bureau.marker}候选") == 33

    found = text_of(organiser.get(f"{page}?q=候选31"))
    assert f"{bureau.marker}候选31" in found
    assert f"{bureau.marker}候选30" not in found
    assert "某甲" not in found
    assert "候选清单里没有“某甲”" in text_of(organiser.get(f"{page}?q=某甲"))
    assert len(_published(app, bureau)["candidates"]) == 33  # type: ignore[arg-type]


def test_the_script_says_what_cannot_be_computed_yet(app: Flask, bureau: Bureau) -> None:
    a_draw(bureau, seeded=True)
    first, second = recompute.check(_published(app, bureau))

    assert first.startswith("清单摘要相符")
    assert second == "抽取尚未结束，密值未公布，其余步骤结束后再算。"


@pytest.mark.parametrize("length", (0, 1, 55, 56, 63, 64, 119, 120, 1000))
def test_the_scripts_own_sm3_is_the_standards(length: int) -> None:
    data = bytes(range(256)) * 4

    assert recompute.pure_sm3(data[:length]) == new("sm3", data[:length]).hexdigest()


def test_a_draw_of_another_bureau_is_not_found(app: Flask, bureau: Bureau) -> None:
    assert a_draw(bureau)
    Browser(app, bureau.people[Role.HANDLER]).get(f"/t/{bureau.code}/draws/{uuid4()}", status=404)
