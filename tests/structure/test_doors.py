"""Who opens a scope, who steps up in one, who commits: closed lists."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.sources import PORTAL, ROOT, TENANTS, tree_of

DOORS = {
    "across_tenants": set[str](),
    "elevated": {
        "portal/appraisal/actions/opening.py",  # an appraisal follows from what somebody else decided
        "portal/appraisal/actions/sheets.py",  # a side fills in what the other may not see yet
        "portal/ranking/actions.py",  # a firm says that it has seen its place
        "portal/settlement/actions.py",  # the settlement follows from what somebody else decided
        "portal/audit/actions.py",  # the inbox is rewritten for others than the actor
        "portal/contract/actions.py",  # settled and appraised, whoever had the last word
        "portal/deliverable/actions/consultations.py",  # a unit writes opinions, a firm answers them
        "portal/deliverable/actions/deliverables.py",  # a firm hands in, experts get to read
        "portal/deliverable/actions/field.py",  # a firm records its days on site
        "portal/bid/actions/opening.py",  # and opened for all
        "portal/bid/actions/sealing.py",  # a firm's bid is written under a pseudonym
        "portal/bid/queries.py",  # bids are counted, and a firm's own lead evaluators looked up
        "portal/document/actions.py",  # what follows from an outside party's deed is written down
        "portal/draw/actions.py",  # a draw ends by an expert's deed, and is published
        "portal/file/actions.py",  # what an outside party brings is kept
        "portal/office/actions/tenants.py",  # a bureau is filled by whoever opens it
        "portal/office/queries/house.py",  # the operator looks up a bureau's administrators
        "portal/tender/actions/ending.py",  # the deadline closes, whoever comes by first
        "portal/tender/actions/issuing.py",  # the key pair is made
        "portal/tender/actions/keys.py",  # and its private half read, at the opening
        "portal/tender/actions/questions.py",  # a firm asks unseen, and says what it has seen
        "portal/tender/queries/told.py",  # a firm reads what it asked itself
        "portal/quality/actions/rounds.py",  # a round follows its contract and its draw, and stands
        "portal/quality/actions/seats.py",  # an expert's answer goes to the next of the order
        "portal/quality/actions/sheets.py",  # an expert's draft is kept; the last sheet adds the round up
        "portal/quality/actions/totals.py",  # nobody else reads every sheet
        "portal/quality/queries/outcomes.py",  # an expert is told how many sheets are in
        "portal/quality/queries/rows.py",  # who may not write a row locks it before a deed
    },
    "system": {
        "portal/ranking/commands.py",  # the ranking of a bureau, asked for on the command line
        "portal/audit/jobs.py",  # the clock moves
        "portal/demo/settling.py",
        "portal/demo/world.py",
        "portal/report/invariants.py",
        "portal/report/leftovers.py",  # which sealed files a bid refers to
        "portal/spreadsheet/commands.py",
        "tenants/scope.py",
    },
    "operator_system": {
        "portal/demo/commands.py",
        "portal/demo/settling.py",
        "portal/demo/world.py",
        "portal/office/commands.py",
        "portal/ranking/commands.py",
        "portal/report/invariants.py",
        "portal/spreadsheet/commands.py",
    },
    "commit": {
        "portal/bid/actions/sealing.py",  # what its nonces and commitments are made of
        "portal/panel/actions/prices.py",  # a draw to its list
        "portal/quality/actions/rounds.py",  # a draw to its list
        "tenants/scope.py",
    },
}


def _called(name: str) -> Iterator[Path]:
    for path in (*PORTAL, *TENANTS):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                function = node.func
                called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if called == name:
                    yield path.relative_to(ROOT)


@pytest.mark.parametrize("door", tuple(DOORS))
def test_door_is_used_by_nobody_else(door: str) -> None:
    assert {str(path) for path in _called(door)} == DOORS[door]


def test_scopes_are_entered_by_the_guard_and_by_commands_alone() -> None:
    enterers = {path for name in ("entered", "unit_of_work") for path in _called(name)}
    commands = {"commands.py", "invariants.py", "jobs.py", "leftovers.py", "settling.py", "world.py"}
    allowed = {"guard.py", "scope.py", *commands}

    assert sorted(str(path) for path in enterers if path.name not in allowed) == []
