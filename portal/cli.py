"""The stable commands of the README, hung on ``flask --app wsgi``."""

from flask import Flask


def register(app: Flask) -> None:
    """Hang every command on the application."""
    for command in ():
        app.cli.add_command(command)
