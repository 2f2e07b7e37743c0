"""考评: the evaluated unit and the finance bureau each fill a sheet on the firm; the mean is its score.

Neither sees the other's before both are locked; who is late is decided about, never scored in their place.
"""

from portal.appraisal.actions import close, explain, extend, fill, finish, lock, return_, sign, talk
from portal.appraisal.invariants import invariants
from portal.appraisal.models import Appraisal, AppraisalSheet
from portal.appraisal.queries import appraisal, filed, final_scores, of_contract, sheet

__all__ = [
    "Appraisal",
    "AppraisalSheet",
    "appraisal",
    "close",
    "explain",
    "extend",
    "filed",
    "fill",
    "final_scores",
    "finish",
    "invariants",
    "lock",
    "of_contract",
    "return_",
    "sheet",
    "sign",
    "talk",
]
