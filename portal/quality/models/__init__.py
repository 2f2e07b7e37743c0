"""A round of scoring, the seats of its experts, their sheets, and what was found about matching employers."""

from portal.quality.models.match import EmployerMatch
from portal.quality.models.round import Round
from portal.quality.models.seat import Seat
from portal.quality.models.sheet import Sheet

__all__ = ["EmployerMatch", "Round", "Seat", "Sheet"]
