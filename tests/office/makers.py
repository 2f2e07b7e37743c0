"""Makers of the house: a bureau's rules in force and its forms, an operator, a bureau opened the real way."""

from datetime import date
from itertools import count

from portal.access import Actor, Role
from portal.kernel.workdays import day_of
from portal.office import NewAdministrator, Opened, open_tenant, when_opened
from portal.office.actions import rulesets
from portal.office.actions.rulesets import Typed
from portal.office.queries.rulesets import draft
from portal.scoresheet import provide
from tenants import scope
from tests.support.world import Bureau, Person, a_person

BASICS = {
    "qc.cutoff": "80",
    "procurement.threshold_procure": "500,000.00",
    "procurement.threshold_open": "4,000,000.00",
}
_numbers = count(1)


def an_operator() -> Person:
    """Somebody who runs the platform."""
    return a_person(None, Role.OPERATOR)


def settle(bureau: Bureau, **values: str) -> None:
    """Give a bureau its forms and publish its rules, in force from today; in ``values`` __ stands for the dot."""
    with scope.unit_of_work(bureau.system):
        provide(scope.now())
    publish_rules(bureau, **values)


def publish_rules(bureau: Bureau, *, effective_on: date | None = None, **values: str) -> None:
    """Draft and publish a version of the bureau's rules by two of its people."""
    drafter = bureau.people.get(Role.HANDLER) or a_person(bureau, Role.HANDLER)
    approver = bureau.people.get(Role.APPROVER) or a_person(bureau, Role.APPROVER)
    typed = {**BASICS, **{name.replace("__", "."): text for name, text in values.items()}}
    with scope.unit_of_work(drafter.scope):
        now = scope.now()
        rulesets.draft(
            Typed(typed, dict.fromkeys(typed, "示例文件"), effective_on or day_of(now)),
            seen_as=rulesets.seen(draft()),
            by=drafter.actor,
            now=now,
        )
    with scope.unit_of_work(approver.scope):
        row = draft()
        assert row is not None
        rulesets.publish(row, by=approver.actor, now=scope.now())


def open_bureau(code: str, name: str, *, by: Actor | None = None) -> Opened:
    """Open a bureau the way the command does, with three administrators."""
    when_opened(provide)
    administrators = [
        NewAdministrator(role, f"admin{next(_numbers)}", f"{name}{role.value}")
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    ]
    with scope.unit_of_work(scope.operator_system("test")):
        return open_tenant(code, name, administrators, by=by, now=scope.now())
