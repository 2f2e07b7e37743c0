"""The stable commands of the README, hung on ``flask --app wsgi``."""

from flask import Flask

from portal.audit.commands import group as audit_group
from portal.demo.clock import clock_command
from portal.demo.commands import demo
from portal.expert import EXPERT_REGISTER
from portal.firm import FIRM_REGISTER, LEAD_REGISTER
from portal.office.commands import calendar_group, tenant_group
from portal.ranking.commands import ranking_command
from portal.replay.commands import replay_command
from portal.report.doctor import doctor
from portal.report.documents import docs_command
from portal.report.invariants import check_invariants
from portal.scheduler import scheduler
from portal.spreadsheet.commands import import_command
from portal.subject import SUBJECTS
from portal.unit import UNITS

REGISTERS = (UNITS, SUBJECTS, FIRM_REGISTER, LEAD_REGISTER, EXPERT_REGISTER)
COMMANDS = (
    check_invariants,
    clock_command,
    demo,
    audit_group,
    calendar_group,
    docs_command,
    doctor,
    ranking_command,
    replay_command,
    scheduler,
    import_command(REGISTERS),
    tenant_group,
)


def register(app: Flask) -> None:
    """Hang every command on the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
