"""Sections are opened, changed and closed by the system administrator, and never deleted."""

import re

from flask import Flask

from portal.access import Role
from tests.support.world import Browser, a_bureau, text_of


def test_a_section_is_opened_changed_and_closed(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SYSTEM_ADMIN])
    place = f"/t/{bureau.code}/sections"
    admin = Browser(app, bureau.people[Role.SYSTEM_ADMIN])

    admin.get(f"{place}/open")
    admin.post(f"{place}/open", {"name": "国库股", "duties": "支付"})
    assert "已有名称" in text_of(admin.post(f"{place}/open", {"name": "国库股", "duties": ""}, status=422))
    listed = admin.get(place).text
    section = re.findall(r"/sections/([0-9a-f-]{36})/edit\">修改<span[^>]*>国库股", listed)[0]
    admin.get(f"{place}/{section}/edit")
    admin.post(f"{place}/{section}/edit", {"name": "国库支付股", "duties": "支付与结算"})
    admin.get(f"{place}/{section}/close")
    admin.post(f"{place}/{section}/close", {})

    shown = text_of(admin.get(place))
    assert "国库支付股" in shown
    assert "已撤销" in shown
    admin.post(f"{place}/{section}/edit", {"name": "又来", "duties": ""}, status=409)
    admin.post(f"{place}/open", {"name": "国库支付股", "duties": ""})


def test_a_section_with_people_stays_open_and_says_why(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SYSTEM_ADMIN, Role.HANDLER])
    place = f"/t/{bureau.code}/sections/{bureau.section_id}/close"
    admin = Browser(app, bureau.people[Role.SYSTEM_ADMIN])

    assert bureau.people[Role.HANDLER].name in text_of(admin.get(place))
    admin.post(place, {}, status=409)


def test_others_read_and_do_not_change(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER])
    handler = Browser(app, bureau.people[Role.HANDLER])

    assert "设立科室" not in text_of(handler.get(f"/t/{bureau.code}/sections"))
    handler.post(f"/t/{bureau.code}/sections/open", {"name": "甲", "duties": ""}, status=403)


def test_another_bureaus_section_is_not_found(app: Flask) -> None:
    ours, theirs = a_bureau(roles=[Role.SYSTEM_ADMIN]), a_bureau()
    admin = Browser(app, ours.people[Role.SYSTEM_ADMIN], foreign=[theirs.marker])

    admin.get(f"/t/{ours.code}/sections/{theirs.section_id}/edit", status=404)
