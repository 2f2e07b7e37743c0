"""A bureau that can commission: people, published rules, units and subjects."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal.access import Role
from portal.commission import Draft
from portal.kernel.money import yuan
from tests.support.world import Bureau, a_bureau, a_subject, a_unit, publish_rules

TODAY = date(2026, 11, 20)


@dataclass
class Office:
    """The bureau, and one unit with two subjects."""

    bureau: Bureau
    unit_id: UUID
    subjects: tuple[UUID, ...]

    def a_draft(self, **changed: Any) -> Draft:
        """What an officer would type; every rule allows it but for what is ``changed``."""
        whole: dict[str, Any] = {
            "name": f"{self.bureau.marker}重点绩效评价",
            "year": 2026,
            "service_kind": "evaluation",
            "assist_only": False,
            "commissioner_id": None,
            "budget_item": "",
            "ceiling": yuan("180000"),
            "plan_due_on": TODAY + timedelta(days=400),
            "draft_due_on": TODAY + timedelta(days=430),
            "report_due_on": TODAY + timedelta(days=460),
            "requirements": "",
            "subjects": self.subjects,
            "cutoff": Decimal(80),
            "sample_size": None,
            "experts": 3,
        }
        return Draft(**{**whole, **changed})


@pytest.fixture
def make_office(app: Flask) -> Callable[[], Office]:
    """A new bureau each time."""
    assert app

    def make() -> Office:
        bureau = a_bureau(roles=[Role.HANDLER, Role.APPROVER, Role.AUDIT_ADMIN])
        publish_rules(bureau)
        unit_id = a_unit(bureau)
        subjects = tuple(a_subject(bureau, unit_id) for _ in range(2))
        return Office(bureau, unit_id, subjects)

    return make


@pytest.fixture
def office(make_office: Callable[[], Office]) -> Office:
    """A bureau that can commission."""
    return make_office()
