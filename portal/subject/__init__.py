"""评价对象: projects, policies, funds and departments whose spending may be evaluated (财预〔2020〕10号)."""

from portal.subject.actions import SUBJECTS
from portal.subject.models import Subject
from portal.subject.queries import CHOICE, subjects_for_choice

__all__ = ["CHOICE", "SUBJECTS", "Subject", "subjects_for_choice"]
