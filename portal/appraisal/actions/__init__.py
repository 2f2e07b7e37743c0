"""One function per verb of an appraisal and of its sheets. Each goes through the setter; none commits."""

from portal.appraisal.actions.endings import close, expire, extend, finish, talk
from portal.appraisal.actions.opening import open_for, quality_known
from portal.appraisal.actions.sheets import Saved, explain, fill, lock, return_, sign

__all__ = [
    "Saved",
    "close",
    "expire",
    "explain",
    "extend",
    "fill",
    "finish",
    "lock",
    "open_for",
    "quality_known",
    "return_",
    "sign",
    "talk",
]
