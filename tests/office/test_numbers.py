"""The register of document numbers: no gap, no duplicate, whoever comes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access import Role
from portal.kernel.errors import Invalid, Refused
from portal.kernel.workdays import day_of
from portal.office import open_code, take_number
from portal.office.actions.numbers import close_code, register_number
from portal.office.queries.numbers import code_named
from portal.office.rules.numbers import Reference
from tenants import scope
from tenants.db import db
from tenants.models import DocumentNumber
from tests.support.world import Browser, Bureau, a_bureau, text_of

CODE = "示财绩"


@pytest.fixture
def bureau(app: Flask) -> Bureau:  # noqa: ARG001 -- its context
    made = a_bureau(roles=[Role.HANDLER, Role.SYSTEM_ADMIN])
    admin = made.people[Role.SYSTEM_ADMIN]
    with scope.unit_of_work(admin.scope):
        open_code(CODE, None, by=admin.actor, now=scope.now())
    return made


def this_year(bureau: Bureau) -> int:
    with scope.entered(bureau.system):
        return day_of(scope.now()).year


def take(bureau: Bureau, title: str, year: int | None = None) -> int:
    person = bureau.people[Role.HANDLER]
    with scope.unit_of_work(person.scope):
        now = scope.now()
        return take_number(CODE, year or day_of(now).year, title, person.actor, now).number


def register(bureau: Bureau, number: int, reason: str = "") -> str:
    person = bureau.people[Role.HANDLER]
    with scope.unit_of_work(person.scope):
        entry = register_number(
            Reference(CODE, 2023, number), "旧文件", reason, by=person.actor, now=scope.now()
        )
        return entry.written


def test_twenty_who_come_at_once_take_twenty_numbers_without_a_gap(app: Flask, bureau: Bureau) -> None:
    def one(place: int) -> int:
        with app.app_context():
            return take(bureau, f"通知{place}")

    with ThreadPoolExecutor(20) as pool:
        taken = sorted(pool.map(one, range(20)))

    assert taken == list(range(1, 21))


def test_each_year_counts_by_itself_and_goes_on_after_old_numbers(bureau: Bureau) -> None:
    year = this_year(bureau)
    assert take(bureau, "今年第一件") == 1
    assert take(bureau, "去年补一件", year - 1) == 1
    assert take(bureau, "今年第二件") == 2


def test_an_attempt_that_fails_takes_no_number(bureau: Bureau) -> None:
    person = bureau.people[Role.HANDLER]

    def fail() -> None:
        with scope.unit_of_work(person.scope):
            now = scope.now()
            take_number(CODE, day_of(now).year, "没有办成", person.actor, now)
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert take(bureau, "办成了") == 1


def test_a_duplicate_stands_only_with_its_reason(bureau: Bureau) -> None:
    assert register(bureau, 13) == "示财绩〔2023〕13号"

    with pytest.raises(Invalid) as refused:
        register(bureau, 13)
    register(bureau, 13, "原登记簿两份文件同号")

    assert (refused.value.field, refused.value.code) == ("reason", "office.number_taken")
    with scope.entered(bureau.system):
        reasons = db.session.scalars(select(DocumentNumber.duplicate_reason)).all()
    assert sorted(reasons, key=str) == [None, "原登记簿两份文件同号"]


def test_no_number_under_a_closed_code(bureau: Bureau) -> None:
    admin = bureau.people[Role.SYSTEM_ADMIN]
    with scope.unit_of_work(admin.scope):
        held = code_named(CODE)
        assert held is not None
        close_code(held, by=admin.actor, now=scope.now())

    with pytest.raises(Refused) as refused:
        take(bureau, "不能再取")

    assert refused.value.ruling.codes == ("office.code_closed",)


def test_codes_are_opened_numbers_taken_and_registered_in_the_browser(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER, Role.SYSTEM_ADMIN])
    place, year = f"/t/{bureau.code}", this_year(bureau)
    admin = Browser(app, bureau.people[Role.SYSTEM_ADMIN])
    handler = Browser(app, bureau.people[Role.HANDLER])

    assert "还没有启用代字" in text_of(handler.get(f"{place}/numbers/take"))
    admin.post(f"{place}/number-codes", {"code": "X1", "section": ""}, status=422)
    admin.post(f"{place}/number-codes", {"code": "师财绩", "section": str(bureau.section_id)})
    again = admin.post(f"{place}/number-codes", {"code": "师财绩", "section": ""}, status=422)
    assert "已在使用" in text_of(again)
    admin.get(f"{place}/number-codes")

    form = {"code": "师财绩", "year": str(year), "title": "关于开展绩效评价的通知"}
    handler.post(f"{place}/numbers/take", form)
    handler.post(f"{place}/numbers/take", {**form, "year": str(year - 5)}, status=409)
    handler.post(f"{place}/numbers/take", {**form, "title": ""}, status=422)
    old = {"typed": "师财绩[2023]3号文", "title": "旧通知"}
    handler.post(f"{place}/numbers/register", old)
    same = handler.post(f"{place}/numbers/register", old, status=422)
    assert "确属重号的，请写明理由" in text_of(same)
    handler.post(f"{place}/numbers/register", {**old, "typed": "没有文号"}, status=422)
    handler.post(f"{place}/numbers/register", {**old, "typed": "州财绩〔2023〕1号"}, status=422)

    listed = text_of(handler.get(f"{place}/numbers"))
    assert f"师财绩〔{year}〕1号" in listed
    assert "师财绩〔2023〕3号" in listed
    assert "尚未登记的序号： 1—2" in text_of(handler.get(f"{place}/numbers?code=师财绩&year=2023")).replace(
        "：1", "： 1"
    )
    assert "没有符合条件的文号" in text_of(handler.get(f"{place}/numbers?q=不存在"))


def test_only_the_system_administrator_opens_codes(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = Browser(app, bureau.people[Role.HANDLER])

    handler.post(f"/t/{bureau.code}/number-codes", {"code": "师财绩", "section": ""}, status=403)
