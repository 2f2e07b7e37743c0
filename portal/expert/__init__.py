"""评审专家: persons registered once, and their memberships of the libraries that bureaus own."""

from portal.expert.actions import EXPERT_REGISTER
from portal.expert.models import Membership
from portal.expert.queries import experts, libraries

__all__ = ["EXPERT_REGISTER", "Membership", "experts", "libraries"]
