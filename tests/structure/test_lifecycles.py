"""Every table of moves: its complement is refused, its verbs exist everywhere, its states the database's."""

import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, Table
from werkzeug.routing import Rule

from portal.access import GRANTS, Permission
from portal.kernel.errors import Refused
from portal.kernel.machine import Machine
from portal.report.lifecycles import MACHINES
from portal.wording import SLICES, verb_label
from tenants.db import Base
from tests.structure.sources import PORTAL, TEMPLATES, code_of

TABLES = tuple(machine for machine, _ in MACHINES)
MOVES = [(machine, verb, state) for machine in TABLES for verb in machine.verbs for state in machine.states]
ACTIONS = {
    "appraisal": "portal.appraisal.actions",
    "appraisal_sheet": "portal.appraisal.actions",
    "payment": "portal.settlement.actions",
    "recovery": "portal.settlement.actions",
    "settlement": "portal.settlement.actions",
    "bid": "portal.bid.actions",
    "award": "portal.award.actions",
    "award_letter": "portal.award.actions",
    "commission": "portal.commission.actions",
    "consultation": "portal.deliverable.actions",
    "contract": "portal.contract.actions",
    "deliverable": "portal.deliverable.actions",
    "draw": "portal.draw.actions",
    "material": "portal.deliverable.actions",
    "explanation": "portal.panel.actions",
    "panel": "portal.panel.actions",
    "round": "portal.quality.actions",
    "seat": "portal.quality.actions",
    "sheet": "portal.quality.actions",
    "ranking": "portal.ranking.actions",
    "ranking_objection": "portal.ranking.actions",
    "ruleset": "portal.office.actions.rulesets",
    "tender": "portal.tender.actions",
}
# Moves another slice reports back through the front door; nobody presses a button for them here.
REPORTED = {
    ("award", "end"),
    ("award", "refuse"),
    ("bid", "open"),
    ("panel", "end"),
    ("tender", "open"),
    ("tender", "award"),
    ("tender", "fail"),
    ("round", "drawn"),
    ("round", "redraw"),
    ("seat", "pass"),
    ("sheet", "void"),
}


@pytest.mark.parametrize(
    ("machine", "verb", "state"),
    tuple(
        pytest.param(machine, verb, state, id=f"{machine.name}-{verb}-{state}")
        for machine, verb, state in MOVES
        if machine.move(verb, state) is None
    ),
)
def test_what_is_not_in_the_table_is_refused(machine: Machine, verb: str, state: StrEnum) -> None:
    with pytest.raises(Refused) as refused:
        machine.step(verb, state, None)

    assert refused.value.ruling.codes == ("machine.out_of_turn",)


def _doors(app: Flask, permission: Permission) -> Iterator[Rule]:
    """The URLs at which something is done under a permission."""
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "portal_guard", None)
        if guard is permission and "POST" in (rule.methods or ()):
            yield rule


def _is_the_clocks(machine: Machine, verb: str) -> bool:
    """Whether nobody but the clock does it."""
    return all(move.due for move in machine.moves if move.name == verb)


@pytest.mark.parametrize(
    ("machine", "verb"),
    tuple(
        pytest.param(machine, verb, id=f"{machine.name}-{verb}")
        for machine in TABLES
        for verb in machine.verbs
        if (machine.name, verb) not in REPORTED and not _is_the_clocks(machine, verb)
    ),
)
def test_a_verb_has_one_name_everywhere(app: Flask, machine: Machine, verb: str) -> None:
    permission = Permission(f"{machine.name}:{verb}")
    actions = import_module(ACTIONS[machine.name])

    assert GRANTS[permission]
    assert verb_label(f"{machine.name}.{verb}")
    assert callable(getattr(actions, verb, None) or getattr(actions, f"{verb}_", None))
    assert [rule.rule for rule in _doors(app, permission) if rule.rule.endswith(f"/{verb.replace('_', '-')}")]


def test_every_table_of_moves_has_a_name_in_words() -> None:
    assert [machine.name for machine in TABLES if machine.name not in SLICES] == []


def _checks(table: Table) -> list[str]:
    return [str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)]


def test_the_database_knows_the_states_of_the_tables_of_moves() -> None:
    """Whatever keeps a state keeps no other than those of its table."""
    machines = {machine.name: machine for machine in TABLES}
    for name, table in Base.metadata.tables.items():
        if "state" in table.columns:
            states = ", ".join(f"'{state.value}'" for state in machines[name].states)
            assert f"state IN ({states})" in _checks(table), name


def test_no_template_decides_by_a_state() -> None:
    """A page prints offers and labels; legality is the table's."""
    deciding = re.compile(r"\.state\s*(?:==|!=|in\b)")

    assert [path.name for path in TEMPLATES if deciding.search(path.read_text())] == []


def test_only_the_setter_of_moves_sets_a_state() -> None:
    setting = re.compile(r"\.set_state\(|\._moving\b")
    setters = {path.parent.name for path in PORTAL if setting.search(code_of(path))}

    assert setters == {"audit"}


def test_actions_know_nothing_of_requests_and_commit_nothing() -> None:
    """The guard reads the request and commits once; an action is the same from every door."""
    forbidden = re.compile(
        r"^(?:from|import) flask\b(?! import current_app)|\.commit\(\)|\.rollback\(\)", re.MULTILINE
    )
    actions = [path for path in PORTAL if "actions" in (path.stem, path.parent.name)]

    assert [str(path) for path in actions if forbidden.search(code_of(path))] == []
