"""The pages of rounds (organiser, approver, firm), of seats and of sheets (expert)."""

from portal.quality.views import candidates, outcomes
from portal.quality.views.rounds import bp as rounds
from portal.quality.views.seats import bp as seats
from portal.quality.views.sheets import bp as sheets

__all__ = ["candidates", "outcomes", "rounds", "seats", "sheets"]
