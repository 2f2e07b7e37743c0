"""The pages of an appraisal, and of the sheets it is made of."""

from portal.appraisal.views.appraisals import bp
from portal.appraisal.views.sheets import bp as sheets

__all__ = ["bp", "sheets"]
