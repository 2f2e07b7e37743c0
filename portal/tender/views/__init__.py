"""The pages of tenders: the bureau's own, those that ask before a deed, and the invited firms'."""

from portal.tender.views import deeds, drafting, inviting, matching, reading
from portal.tender.views.blueprint import bp

__all__ = ["bp", "deeds", "drafting", "inviting", "matching", "reading"]
