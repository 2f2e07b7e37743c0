"""The expert library is opened by its owner's approver to a bureau outside its tree, and ended."""

from flask import Flask

from portal.access import Role
from tests.support.world import Browser, a_bureau, text_of


def test_a_library_is_opened_and_ended(app: Flask) -> None:
    owner = a_bureau(roles=[Role.APPROVER, Role.HANDLER])
    below, other = a_bureau(parent=owner), a_bureau(roles=[Role.HANDLER])
    place = f"/t/{owner.code}/library-grants"
    approver = Browser(app, owner.people[Role.APPROVER])

    approver.post(place, {"grantee": str(below.id)}, status=422)
    approver.post(place, {"grantee": str(other.id)})
    approver.post(place, {"grantee": str(other.id)}, status=422)
    theirs = Browser(app, other.people[Role.HANDLER])
    assert owner.marker in text_of(theirs.get(f"/t/{other.code}/library-grants"))

    grant = approver.get(place).text.split("/library-grants/")[1][:36]
    theirs.post(f"/t/{other.code}/library-grants/{grant}/end", {}, status=404)
    Browser(app, owner.people[Role.HANDLER]).post(f"{place}/{grant}/end", {}, status=403)
    approver.post(f"{place}/{grant}/end", {})
    approver.post(f"{place}/{grant}/end", {}, status=409)

    shown = text_of(approver.get(place))
    assert below.marker in shown
    assert "有效" not in shown
    assert owner.marker not in text_of(theirs.get(f"/t/{other.code}/library-grants"))


def test_only_the_owners_approver_opens_it(app: Flask) -> None:
    owner, other = a_bureau(roles=[Role.HANDLER]), a_bureau()
    handler = Browser(app, owner.people[Role.HANDLER])

    handler.post(f"/t/{owner.code}/library-grants", {"grantee": str(other.id)}, status=403)
