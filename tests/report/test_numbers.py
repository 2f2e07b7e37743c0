"""The number register as a workbook."""

from io import BytesIO

from flask import Flask
from openpyxl import load_workbook

from portal import office
from portal.access import Role
from tenants import scope
from tests.support.world import Browser, a_bureau


def test_the_register_is_handed_out_in_the_order_of_its_numbers(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    person = bureau.people[Role.HANDLER]
    with scope.unit_of_work(person.scope):
        office.open_code("师财绩", None, by=person.actor, now=scope.now())
        for title in ("评价通知", "整改通知"):
            office.take_number("师财绩", 2026, title, person.actor, scope.now())
    browser = Browser(app, person)
    browser.get(f"/t/{bureau.code}/numbers")

    content = browser.post(f"/t/{bureau.code}/numbers/export?code=师财绩", {}, status=200).data

    rows = [row[:2] for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
    assert ("师财绩〔2026〕1号", "评价通知") in rows
    assert rows[-1] == ("师财绩〔2026〕2号", "整改通知")
