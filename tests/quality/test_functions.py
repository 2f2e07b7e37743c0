"""The owner's functions about experts, called by a bug of ours: they ask the scope first."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.access import Role
from tenants import scope
from tenants.db import db
from tests.quality.makers import experts_in
from tests.support.world import a_bureau, a_person

pytestmark = pytest.mark.usefixtures("app")
TAKE = text("SELECT portal_take_load(:member, 3)")
GIVE = text("SELECT portal_give_back_load(:member)")
ACCOUNTS = text("SELECT count(*) FROM portal_expert_accounts(CAST(:members AS uuid[]))")


def test_seats_are_counted_by_the_system_of_a_bureau_that_may_use_the_library() -> None:
    above = a_bureau(roles=[Role.HANDLER])
    below, stranger = a_bureau(parent=above, roles=[Role.ORGANISER]), a_bureau(roles=[Role.ORGANISER])
    member = experts_in(above, ["某大学"])[0]
    expert = a_person(above, Role.EXPERT, party_id=member)
    for bound in (scope.anonymous(), expert.scope, below.people[Role.ORGANISER].scope):
        for asked in (TAKE, GIVE):
            with scope.entered(bound), pytest.raises(ProgrammingError, match="counts seats"):
                db.session.execute(asked, {"member": member})
    with scope.unit_of_work(stranger.system):
        assert db.session.scalar(TAKE, {"member": member}) is False
        assert db.session.scalar(GIVE, {"member": member}) is False
    with scope.unit_of_work(below.system):
        assert [db.session.scalar(TAKE, {"member": member}) for _ in range(4)] == [True, True, True, False]
        assert [db.session.scalar(GIVE, {"member": member}) for _ in range(4)] == [True, True, True, False]


def test_accounts_of_experts_are_told_to_bureaus_that_may_use_the_library() -> None:
    above = a_bureau(roles=[Role.HANDLER])
    below, stranger = a_bureau(parent=above, roles=[Role.ORGANISER]), a_bureau(roles=[Role.ORGANISER])
    member = experts_in(above, ["某大学"])[0]
    expert = a_person(above, Role.EXPERT, party_id=member)
    for bound, known in (
        (scope.anonymous(), 0),
        (expert.scope, 0),
        (scope.account(expert.account_id), 0),
        (stranger.people[Role.ORGANISER].scope, 0),
        (below.people[Role.ORGANISER].scope, 1),
        (below.system, 1),
    ):
        with scope.entered(bound):
            assert db.session.scalar(ACCOUNTS, {"members": [member, uuid4()]}) == known
