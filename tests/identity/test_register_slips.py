"""From a register: those picked get an account, a post and a slip; the rest get nothing."""

import re

import pytest
from flask import Flask

from portal.access import Role
from tests.support.world import Browser, a_bureau, a_unit, text_of

PAGES = ("/units/codes", "/firms/codes", "/experts/codes")


def test_those_picked_get_slips_and_keep_their_account(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    one, *_ = [a_unit(bureau) for _ in range(3)]
    url = f"/t/{bureau.code}/units/codes"
    assert text_of(admin.get(url)).count("未开立") == 6

    first, again = (
        re.findall(r"dw\d{6}", admin.post(url, {"person": f"unit_handler:{one}"}, status=200).text)
        for _ in range(2)
    )

    assert first == again
    assert len(first) == 1
    shown = text_of(admin.get(url))
    assert shown.count("未开立") == 5
    assert first[0] in shown
    assert admin.get(f"{url}?all=1").text.count(" checked") == 6


@pytest.mark.parametrize("page", PAGES)
def test_only_the_security_admin_issues_codes(app: Flask, page: str) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN, Role.HANDLER])
    admin, officer = (Browser(app, bureau.people[role]) for role in (Role.SECURITY_ADMIN, Role.HANDLER))
    url, home = f"/t/{bureau.code}{page}", f"/t/{bureau.code}{page.removesuffix('/codes')}"

    admin.get(url)
    officer.get(url, status=403)
    assert "没有选中任何人" in text_of(admin.post(url, {"person": "unit_handler:nobody"}, status=409))
    officer.post(url, {}, status=403)
    assert "签发一次性口令" in text_of(admin.get(home))
    assert "签发一次性口令" not in text_of(officer.get(home))
