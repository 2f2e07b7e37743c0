"""The pages of the work under a contract: deliverables, consultations, field work."""

from portal.deliverable.views import consultations, deliverables, field
from portal.deliverable.views.door import bp

__all__ = ["bp", "consultations", "deliverables", "field"]
