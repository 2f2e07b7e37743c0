"""Giving a new bureau its forms."""

from datetime import datetime

from portal.scoresheet.models import FormTemplate
from portal.scoresheet.queries import shipped
from tenants.db import db


def provide(now: datetime) -> None:
    """The project's nine forms as the acting bureau's first versions; runs as the system of that bureau."""
    for code, content in shipped().items():
        db.session.add(
            FormTemplate(code=code, version=1, name=content["name"], content=dict(content), made_at=now)
        )
    db.session.flush()
