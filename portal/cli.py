"""The stable commands of the README, hung on ``flask --app wsgi``."""

from flask import Flask

from portal.replay.commands import replay_command
from portal.report.doctor import doctor

COMMANDS = (doctor, replay_command)


def register(app: Flask) -> None:
    """Hang every command on the application."""
    for command in COMMANDS:
        app.cli.add_command(command)
