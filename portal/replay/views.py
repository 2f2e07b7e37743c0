"""Handing out a bureau's year as a case file."""

import json

from flask import Blueprint, g
from werkzeug.wrappers import Response

from portal import ranking
from portal.access import Permission as P
from portal.audit import record
from portal.kernel.hashing import digest
from portal.ranking import Ranking
from portal.replay.exporting import case_of
from portal.web.guard import allow, current_actor
from portal.web.pages import attachment

bp = Blueprint("replay", __name__, url_prefix="/t/<tenant>/rankings")


@bp.post("/<uuid:row_id>/case")
@allow(P.RANKING_EXPORT, ranking.ranking)
def case(row: Ranking) -> Response:
    """The year of a ranking as a case; refused with everything that does not fit."""
    made = case_of(row)
    record("ranking.export", by=current_actor(), now=g.now, subject_id=row.id, digest=digest(made).hex())
    text = json.dumps(made, ensure_ascii=False, indent=1)
    return attachment(f"{text}\n".encode(), f"{row.year}年度推演案例.json")
