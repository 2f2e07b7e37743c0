"""评审专家: persons registered once, and their memberships of the libraries that bureaus own."""

from portal.expert.actions import EXPERT_REGISTER, give_back, take_load
from portal.expert.models import Membership
from portal.expert.queries import expert, experts, libraries

__all__ = ["EXPERT_REGISTER", "Membership", "expert", "experts", "give_back", "libraries", "take_load"]
