"""The pages of a year's ranking for the bureau, and of a firm's own place for the firm."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, jsonify, request, url_for
from werkzeug.wrappers import Response

from portal import document
from portal.access import OUTSIDE, may
from portal.access import Permission as P
from portal.audit import moments
from portal.kernel.derivation import Derivation
from portal.kernel.errors import Invalid, Refused
from portal.kernel.hashing import plain
from portal.kernel.workdays import day_of
from portal.ranking import actions, queries
from portal.ranking.forms import AnswerForm, ObjectForm, PublishForm, ReasonForm, YearForm
from portal.ranking.lifecycle import RANKING, RankingState
from portal.ranking.models import Ranking, RankingObjection, RankingRow
from portal.ranking.rules import REFERENCE_ONLY, may_object
from portal.spreadsheet import handed_out
from portal.web.forms import put_errors
from portal.web.guard import allow, current_actor, show_refusal
from portal.web.pages import done, page
from portal.wording import say, sentence, verb_label

bp = Blueprint("ranking", __name__, url_prefix="/t/<tenant>/rankings")
objections = Blueprint("ranking_objection", __name__, url_prefix="/t/<tenant>/ranking-objections")
ASKING = frozenset({"publish", "correct"})


def _url(endpoint: str, **arguments: Any) -> str:
    return url_for(f"ranking.{endpoint}", tenant=g.seat.tenant_code, **arguments)


@bp.get("")
@allow(P.RANKING_READ)
def rankings() -> Any:
    """The years; a firm is shown its own places."""
    if current_actor().role in OUTSIDE:
        return _own_page()
    may_draft = may(current_actor(), P.RANKING_DRAFT)
    return page("ranking/rankings.html", rows=queries.rankings(), may_draft=may_draft)


def _own_page() -> str:
    """我的排名: each year's place of one's own firm."""
    party_id = current_actor().party_id
    return page(
        "ranking/mine.html",
        places=queries.own_places(party_id) if party_id else [],
        history=queries.own_standings(party_id) if party_id else [],
        objections=queries.own_objections(party_id) if party_id else [],
        reference=REFERENCE_ONLY,
    )


@bp.get("/new")
@allow(P.RANKING_DRAFT)
def new() -> str:
    """Which year is to be ranked."""
    return page("ranking/new.html", form=YearForm(data={"year": day_of(g.now).year}))


@bp.post("/new")
@allow(P.RANKING_DRAFT)
def draft() -> Any:
    """Collect the year."""
    form = YearForm(request.form)
    if form.validate():
        try:
            row = actions.draft(int(form.year.data or 0), by=current_actor(), now=g.now)
            return done("ranking.drafted", to=_url("ranking", row_id=row.id), year=row.year)
        except Invalid as error:
            put_errors(form, {error.field: sentence(error.code, error.facts)})
    return page("ranking/new.html", form=form), 422


@bp.get("/<uuid:row_id>")
@allow(P.RANKING_READ, queries.ranking)
def ranking(row: Ranking) -> str:
    """One year: the order and how each place came about; for a firm, its own place alone."""
    actor = current_actor()
    outside = actor.role in OUTSIDE
    rows = queries.own_rows(row, actor) if outside else queries.rows_of(row)
    return page(
        "ranking/own.html" if outside else "ranking/ranking.html",
        row=row,
        lines=[(each, _derivation(row, each)) for each in rows],
        verbs=_own_verbs(row) if outside else _verbs(row),
        objections=queries.objections_to(row),
        papers=document.documents_of(row.id),
        moments=[] if outside else moments(row.id),
        basis=queries.BASIS_LABELS[queries.rules_pinned(row).year_basis],
        double=queries.counts_quality_twice(row),
        reference=REFERENCE_ONLY,
    )


def _derivation(row: Ranking, line: RankingRow) -> Derivation:
    return queries.derivation(row, line, json_url=_url("derived", row_id=row.id))


def _verbs(row: Ranking) -> list[dict[str, Any]]:
    """What this actor may do here, each with the ruling of the moment."""
    actor = current_actor()
    facts = queries.facts(row, by=actor, now=g.now, reason="…")
    verbs: list[dict[str, Any]] = [
        {
            "label": verb_label(f"ranking.{offer.name}"),
            "url": _url(f"ask_{offer.name}" if offer.name in ASKING else offer.name, row_id=row.id),
            "page": offer.name in ASKING,
            "ruling": offer.ruling,
            "weight": "grave" if offer.name == "correct" else None,
        }
        for offer in RANKING.offers(RankingState(row.state), facts)
        if may(actor, P(f"ranking:{offer.name}"), row)
    ]
    if not row.is_public and may(actor, P.RANKING_DRAFT, row):
        label = verb_label("ranking.refresh")
        verbs.append({"label": label, "url": _url("refresh", row_id=row.id), "ruling": True})
    if may(actor, P.RANKING_SUMMARISE, row):
        url = url_for("annual.workbook", tenant=g.seat.tenant_code, row_id=row.id)
        verbs.append(
            {"label": verb_label("ranking.summarise"), "url": url, "ruling": True, "weight": "quiet"}
        )
    if may(actor, P.RANKING_EXPORT, row):
        url = url_for("replay.case", tenant=g.seat.tenant_code, row_id=row.id)
        verbs.append({"label": verb_label("ranking.export"), "url": url, "ruling": True, "weight": "quiet"})
    return verbs


def _own_verbs(row: Ranking) -> list[dict[str, Any]]:
    actor = current_actor()
    if not may(actor, P.RANKING_OBJECTION_DRAFT, row):
        return []
    verbs: list[dict[str, Any]] = []
    if actor.party_id in row.unread and may(actor, P.RANKING_ACKNOWLEDGE, row):
        label = verb_label("ranking.acknowledge")
        verbs.append({"label": label, "url": _url("acknowledge", row_id=row.id), "ruling": True})
    ruling = may_object(queries.objection_facts(row, by=actor, now=g.now))
    label = verb_label("ranking_objection.draft")
    return [
        *verbs,
        {
            "label": label,
            "url": _url("ask_object", row_id=row.id),
            "page": True,
            "ruling": ruling,
            "weight": "quiet",
        },
    ]


@bp.get("/<uuid:row_id>/derivation.json")
@allow(P.RANKING_READ, queries.ranking)
def derived(row: Ranking) -> Response:
    """How every place came about, for a stranger's script; a firm gets its own."""
    actor = current_actor()
    rows: Sequence[RankingRow] = (
        queries.own_rows(row, actor) if actor.role in OUTSIDE else queries.rows_of(row)
    )
    return jsonify(plain([_derivation(row, each).as_plain() for each in rows]))


@bp.post("/<uuid:row_id>/table")
@allow(P.RANKING_READ, queries.ranking)
def table(row: Ranking) -> Response:
    """The ranking as a workbook; a firm gets its own line."""
    actor = current_actor()
    rows = queries.own_rows(row, actor) if actor.role in OUTSIDE else queries.rows_of(row)
    return handed_out(
        ("名次", "机构", "年度得分", "等级", "合作次数", "平均质量得分", "按时交付次数", "一票否决次数"),
        (
            (
                each.rank if each.rank is not None else actions.UNRANKED,
                each.firm_name,
                "" if each.score is None else f"{each.score:.2f}",
                each.grade,
                each.engagements,
                "" if each.quality is None else f"{each.quality:.2f}",
                each.on_time,
                each.vetoed,
            )
            for each in rows
        ),
        f"{row.year}年度第三方机构排名",
    )


@bp.post("/<uuid:row_id>/refresh")
@allow(P.RANKING_DRAFT, queries.ranking)
def refresh(row: Ranking) -> Response:
    """Collect again what is known now."""
    actions.refresh(row, by=current_actor(), now=g.now)
    return done("ranking.refreshed", to=_url("ranking", row_id=row.id))


@bp.get("/<uuid:row_id>/publish")
@allow(P.RANKING_PUBLISH, queries.ranking)
def ask_publish(row: Ranking) -> str:
    """For how many days."""
    return _publish_page(PublishForm(data={"workdays": _least(row)}), row)


def _least(row: Ranking) -> int:
    """公示期: the fewest working days the rules of the ranking allow."""
    return queries.rules_pinned(row).publicity_workdays


def _publish_page(form: PublishForm, row: Ranking) -> str:
    return page("ranking/publish.html", form=form, row=row, least=_least(row))


@bp.post("/<uuid:row_id>/publish")
@allow(P.RANKING_PUBLISH, queries.ranking)
def publish(row: Ranking) -> Any:
    """The order is public; each firm may object."""
    form = PublishForm(request.form)
    if not form.validate():
        return _publish_page(form, row), 422
    try:
        actions.publish(row, int(form.workdays.data or 0), by=current_actor(), now=g.now)
    except Refused as error:
        if error.ruling.codes != ("ranking.too_few_days",):
            raise
        show_refusal(error.ruling)
        put_errors(form, {"workdays": "；".join(map(say, error.ruling.refusals))})
        return _publish_page(form, row), 422
    return done("ranking.published", to=_url("ranking", row_id=row.id), until=row.publicity_until)


@bp.post("/<uuid:row_id>/acknowledge")
@allow(P.RANKING_ACKNOWLEDGE, queries.ranking)
def acknowledge(row: Ranking) -> Response:
    """The firm has seen its place."""
    actions.acknowledge(row, by=current_actor(), now=g.now)
    return done("ranking.acknowledged", to=_url("ranking", row_id=row.id), until=row.publicity_until)


@bp.post("/<uuid:row_id>/finalise")
@allow(P.RANKING_FINALISE, queries.ranking)
def finalise(row: Ranking) -> Response:
    """The ranking stands, and the standings are recorded."""
    actions.finalise(row, by=current_actor(), now=g.now)
    return done("ranking.final", to=_url("ranking", row_id=row.id), year=row.year)


@bp.get("/<uuid:row_id>/correct")
@allow(P.RANKING_CORRECT, queries.ranking)
def ask_correct(row: Ranking) -> str:
    """The page that asks why."""
    return page("ranking/correct.html", form=ReasonForm(), row=row)


@bp.post("/<uuid:row_id>/correct")
@allow(P.RANKING_CORRECT, queries.ranking)
def correct(row: Ranking) -> Any:
    """The next edition is drafted."""
    form = ReasonForm(request.form)
    if not form.validate():
        return page("ranking/correct.html", form=form, row=row), 422
    actions.correct(row, (form.reason.data or "").strip(), by=current_actor(), now=g.now)
    return done("ranking.corrected", to=_url("ranking", row_id=row.id))


@bp.get("/<uuid:row_id>/object")
@allow(P.RANKING_OBJECTION_DRAFT, queries.ranking)
def ask_object(row: Ranking) -> str:
    """What the firm finds wrong."""
    return page("ranking/object.html", form=ObjectForm(), row=row)


@bp.post("/<uuid:row_id>/object")
@allow(P.RANKING_OBJECTION_DRAFT, queries.ranking)
def object_to(row: Ranking) -> Any:
    """An objection is filed."""
    form = ObjectForm(request.form)
    if not form.validate():
        return page("ranking/object.html", form=form, row=row), 422
    actions.object_to(row, (form.said.data or "").strip(), by=current_actor(), now=g.now)
    return done("ranking.objected", to=_url("ranking", row_id=row.id))


@objections.get("/<uuid:row_id>/answer")
@allow(P.RANKING_OBJECTION_ANSWER, queries.objection)
def ask_answer(row: RankingObjection) -> str:
    """What the firm says, and the answer to be written."""
    return page("ranking/answer.html", form=AnswerForm(), row=row)


@objections.post("/<uuid:row_id>/answer")
@allow(P.RANKING_OBJECTION_ANSWER, queries.objection)
def answer(row: RankingObjection) -> Any:
    """The answer is on file, and the firm reads it."""
    form = AnswerForm(request.form)
    if not form.validate():
        return page("ranking/answer.html", form=form, row=row), 422
    reason = (form.reason.data or "").strip()
    actions.answer(row, form.found(), reason, by=current_actor(), now=g.now)
    return done("ranking.answered", to=_url("ranking", row_id=row.ranking_id))
