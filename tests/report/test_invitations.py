"""From a register to a printed slip to a first sign-in."""

import re

import pytest
from flask import Flask

from portal.access import Role
from tests.support.world import Browser, a_bureau, a_unit, text_of


def test_a_unit_of_the_register_comes_in_by_its_slip(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    unit_id = a_unit(bureau)
    place = f"/t/{bureau.code}/invitations/units"
    admin = Browser(app, bureau.people[Role.SECURITY_ADMIN])
    assert "尚未开立" in text_of(admin.get(place))
    assert admin.get(f"{place}?all=1").text.count(" checked") == 1

    slips = text_of(admin.post(place, {"party": str(unit_id)}, page=place, status=200))
    found = re.search(r"用户名 (\S+) 口令 (\S+)", slips)
    assert found is not None
    newcomer = Browser(app)
    newcomer.post(
        "/first-sign-in",
        {
            "username": found[1],
            "one_time_code": found[2].lower(),
            "new_password": "A-new-Password-1",
            "again_password": "A-new-Password-1",
        },
        page="/first-sign-in",
    )

    assert newcomer.get("/", status=303).location == f"/t/{bureau.code}/"
    assert "再次签发将补发口令" in text_of(admin.get(place))


def test_nobody_picked_is_said(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])
    place = f"/t/{bureau.code}/invitations/units"
    a_unit(bureau)

    Browser(app, bureau.people[Role.SECURITY_ADMIN]).post(place, {}, page=place, status=409)


@pytest.mark.parametrize("register", ("firms", "experts"))
def test_an_empty_register_says_so(app: Flask, register: str) -> None:
    bureau = a_bureau(roles=[Role.SECURITY_ADMIN])

    page = Browser(app, bureau.people[Role.SECURITY_ADMIN]).get(f"/t/{bureau.code}/invitations/{register}")

    assert "没有可签发的人" in text_of(page)


def test_only_the_security_administrator_lets_people_in(app: Flask) -> None:
    bureau = a_bureau(roles=[Role.HANDLER, Role.SECURITY_ADMIN])
    place = f"/t/{bureau.code}/invitations/units"

    Browser(app, bureau.people[Role.HANDLER]).get(place, status=403)
    Browser(app, bureau.people[Role.SECURITY_ADMIN]).get(f"/t/{bureau.code}/invitations/nothing", status=404)
