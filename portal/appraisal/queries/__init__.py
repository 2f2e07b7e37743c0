"""Reading appraisals and sheets, what a sheet is worth at this moment, and the facts of the rules."""

from portal.appraisal.queries.facts import facts, sheet_facts
from portal.appraisal.queries.lists import everything, page_of
from portal.appraisal.queries.papers import bureau_name, derivations, result_paper, sheet_paper
from portal.appraisal.queries.rows import (
    appraisal,
    content_of,
    contents,
    final_score,
    final_scores,
    form_of,
    locked_content,
    of_contract,
    sheet,
    sheets_of,
    signed_together,
    vetoes,
)
from portal.appraisal.queries.worth import (
    Opened,
    filed,
    filled,
    given,
    opened,
    opened_together,
    quality_of,
    rules_of_the_day,
    score_of,
    totals,
)

__all__ = [
    "Opened",
    "appraisal",
    "bureau_name",
    "content_of",
    "contents",
    "derivations",
    "everything",
    "facts",
    "filed",
    "filled",
    "final_score",
    "final_scores",
    "form_of",
    "given",
    "locked_content",
    "of_contract",
    "opened",
    "opened_together",
    "page_of",
    "quality_of",
    "result_paper",
    "rules_of_the_day",
    "score_of",
    "sheet",
    "sheet_facts",
    "sheet_paper",
    "sheets_of",
    "signed_together",
    "totals",
    "vetoes",
]
