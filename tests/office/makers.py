"""Makers of the house: an operator, and a bureau opened the real way."""

from itertools import count

from portal.access import Role
from portal.office import NewAdministrator, Opened, open_tenant, when_opened
from portal.scoresheet import provide
from tenants import scope
from tests.support.world import Person, a_person

_numbers = count(1)


def an_operator() -> Person:
    """Somebody who runs the platform."""
    return a_person(None, Role.OPERATOR)


def open_bureau(code: str, name: str) -> Opened:
    """Open a bureau the way the command does, with three administrators."""
    when_opened(provide)
    administrators = [
        NewAdministrator(role, f"admin{next(_numbers)}", f"{name}{role.value}")
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    ]
    with scope.unit_of_work(scope.operator_system("test")):
        return open_tenant(code, name, administrators, by=None, now=scope.now())
