"""What officers, the firm and the clock do with a round. None commits."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from werkzeug.datastructures import FileStorage

from portal import commission, contract, document, draw, file
from portal.access import Actor
from portal.audit import announce, born, record, take
from portal.draw import Candidate as Entry
from portal.draw import Draw, Excluded, Outcome, Purpose
from portal.kernel.errors import Invalid, Refused
from portal.kernel.score import ZERO
from portal.kernel.workdays import add_workdays, day_of, end_of
from portal.quality import queries
from portal.quality import rules as r
from portal.quality.actions import seats, sheets
from portal.quality.lifecycle import ROUND, QualityFinal, RoundState
from portal.quality.models import EmployerMatch, Round
from tenants.calendar import calendar
from tenants.db import db
from tenants.scope import elevated

KIND = "round"


def plan(contract_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """立项: a signed contract gets its round, under the terms it was signed with."""
    with elevated("quality.plan"):
        origin = contract.contract(contract_id)
        terms = commission.terms(origin.terms_id)
        size = terms.sample_size
        kinds = queries.kinds_of([UUID(each["id"]) for each in origin.objects])
        whole = size is None or size >= len(origin.objects)
        row = Round(
            state=RoundState.PLANNED.value,
            contract_id=origin.id,
            tender_id=origin.tender_id,
            name=origin.name,
            year=origin.year,
            section_id=origin.section_id,
            firm_id=origin.firm_id,
            firm_name=origin.firm_name,
            terms_id=terms.id,
            rule_set_id=terms.rule_set_id,
            subjects=[
                {**each, "kind": kinds[each["id"]], "sampled": True if whole else None}
                for each in origin.objects
            ],
            sample_size=None if whole else size,
            places=terms.experts,
            min_valid_sheets=terms.min_valid_sheets,
            trim_extremes=terms.trim_extremes,
            weight_plan=terms.weight_plan,
            weight_report=terms.weight_report,
            scoring_workdays=terms.scoring_workdays,
            objection_workdays=terms.objection_workdays,
            forms={code: terms.forms[code] for code in r.FORMS.values()},
            sampled_at=now if whole else None,
            touched_at=now,
        )
        born(ROUND, row, by=by, now=now)


def sample(row: Round, *, by: Actor, now: datetime) -> Draw:
    """抽样: commit to the list, and to how many of each kind, before anybody knows the number.

    Raises `Refused`.
    """
    made = draw.commit(
        Purpose.SUBJECTS,
        KIND,
        row.id,
        f"{row.name}会审对象",
        [
            Entry(UUID(each["id"]), f"{each['name']}（{each['unit_name']}，{each['kind']}）", each["kind"])
            for each in row.subjects
        ],
        takes=r.quotas([each["kind"] for each in row.subjects], row.sample_size or 0),
        by=by,
        now=now,
    )
    _begin(row, "sample", made, by=by, now=now)
    return made


def draw_(row: Round, *, by: Actor, now: datetime) -> Draw:
    """抽专家: commit to who may be drawn and who may not, and why. Raises `Refused`."""
    return _draw_experts(row, "draw", by=by, now=now)


def supplement(row: Round, *, by: Actor, now: datetime) -> Draw:
    """补抽: a new draw among those not reached yet. Raises `Refused`."""
    return _draw_experts(row, "supplement", by=by, now=now)


def _draw_experts(row: Round, verb: str, *, by: Actor, now: datetime) -> Draw:
    queries.lock(row)
    people = queries.checked(row)
    ruling = ROUND.judge(verb, RoundState(row.state), queries.facts(row, now=now, people=people))
    if not ruling:
        raise Refused(ruling)
    made = draw.commit(
        Purpose.EXPERTS,
        KIND,
        row.id,
        f"{row.name}会审专家",
        [
            Entry(each.candidate.id, f"{each.candidate.name}（{each.candidate.employer}）")
            for each in people
            if not each.is_excluded
        ],
        excluded=[
            Excluded(
                f"{each.candidate.name}（{each.candidate.employer}）",
                tuple(dict.fromkeys(one.label for one in each.findings if one.hard)),
            )
            for each in people
            if each.is_excluded
        ],
        by=by,
        now=now,
    )
    _begin(row, verb, made, by=by, now=now)
    return made


def _begin(row: Round, verb: str, made: Draw, *, by: Actor, now: datetime) -> None:
    number, draw_id = made.number, made.id
    take(
        ROUND,
        row,
        verb,
        queries.facts(row, now=now),
        by=by,
        now=now,
        changes={"draw_id": draw_id},
        draw=number,
    )


def drawn(draw_id: UUID, round_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """报数之后: the sample stands, or the first experts of the order are asked."""
    with elevated("quality.drawn"):
        row = queries.round_(round_id)
        sampling = RoundState(row.state) is RoundState.SAMPLING
        changes: dict[str, Any] = {}
        if sampling:
            chosen = draw.taken(draw_id)
            changes = {
                "subjects": [{**each, "sampled": UUID(each["id"]) in chosen} for each in row.subjects],
                "sampled_at": now,
            }
        take(ROUND, row, "drawn", queries.facts(row, now=now), by=by, now=now, changes=changes)
        if sampling:
            draw.end(draw_id, Outcome.FILLED, by=by, now=now)
            draw.release_names(draw_id, by=by, now=now)
        else:
            seats.fill(round_id, now=now)


def redraw(draw_id: UUID, round_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """抽取作废: the round waits for another draw; after the order was in use, only no more are asked."""
    with elevated("quality.redraw"):
        row = queries.round_(round_id)
        if row.draw_id == draw_id and ROUND.move("redraw", RoundState(row.state)):
            take(ROUND, row, "redraw", queries.facts(row, now=now), by=by, now=now)
        seats.fill(round_id, now=now)


def match(
    row: Round,
    expert_id: UUID,
    other_id: UUID,
    verdict: r.Verdict,
    reason: str,
    *,
    by: Actor,
    now: datetime,
) -> EmployerMatch:
    """认定工作单位: whether an employer is the body of the like name; what was found before is kept.

    Raises `Invalid` where there is no such likeness, or no reason.
    """
    person = next((each for each in queries.candidates() if each.id == expert_id), None)
    other = next((each for each in queries.others(row) if each.id == other_id), None)
    if person is None or other is None or not r.alike(person.employer, other.name):
        raise Invalid("pair", "quality.unknown_match")
    if not r.needs_reason(queries.facts(row, now=now, reason=reason)):
        raise Invalid("reason", "quality.reason", least=4)
    bare = r.bare(person.employer)
    before = queries.live_match(expert_id, bare, other_id)
    if before is not None:
        before.ended_at = now
        db.session.flush()
    made = EmployerMatch(
        expert_id=expert_id,
        expert_name=person.name,
        employer=person.employer,
        bare=bare,
        other_id=other_id,
        other_name=other.name,
        verdict=verdict.value,
        reason=reason,
        found_by=by.name,
        found_at=now,
    )
    db.session.add(made)
    record(
        "round.match",
        by=by,
        now=now,
        subject_id=row.id,
        expert=person.name,
        employer=person.employer,
        other=other.name,
        verdict={r.Verdict.CONFIRMED: "同一单位", r.Verdict.REJECTED: "不是同一单位"}[verdict],
        reason=reason,
    )
    return made


def veto(row: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """确认一票否决: the score is 0. Raises `Refused`."""
    facts = queries.facts(row, now=now, reason=reason)
    changes = {"vetoed": True, "veto_reason": reason, "veto_ruler": by.name, "quality_score": ZERO}
    take(ROUND, row, "veto", facts, by=by, now=now, changes=changes, reason=reason)


def dismiss(row: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """不予否决: the points stand as they were given. Raises `Refused`."""
    facts = queries.facts(row, now=now, reason=reason)
    changes = {"vetoed": False, "veto_reason": reason, "veto_ruler": by.name}
    take(ROUND, row, "dismiss", facts, by=by, now=now, changes=changes, reason=reason)


def notify(row: Round, *, by: Actor, now: datetime) -> None:
    """告知: the firm reads totals and means, no names, and may object until the last of its working days.

    Where its one objection led to the correction, the score is final at once. Raises `Refused`.
    """
    today = day_of(now)
    until = end_of(add_workdays(today, row.objection_workdays, calendar(today)))
    take(
        ROUND,
        row,
        "notify",
        queries.facts(row, now=now),
        by=by,
        now=now,
        changes={
            "notified_at": now,
            "objection_by": until,
            "readers": list(dict.fromkeys((*row.readers, row.firm_id))),
        },
        objection_by=until,
    )
    document.issue(
        "quality.summary",
        queries.summary(row, day=today),
        subject_id=row.id,
        readers=[row.firm_id],
        by=by,
        now=now,
    )
    if row.objected_at is not None:
        finalise(row, by=None, now=now)


def object_(row: Round, reason: str, upload: FileStorage | None, *, by: Actor, now: datetime) -> None:
    """异议: the firm's one objection, with a reason and, if it likes, a file. Raises `Refused`, `Invalid`."""
    facts = queries.facts(row, now=now, reason=reason)
    ruling = ROUND.judge("object", RoundState(row.state), facts)
    if not ruling:
        raise Refused(ruling)
    kept = file.keep(upload, by=by, now=now) if upload is not None and upload.filename else None
    take(
        ROUND,
        row,
        "object",
        facts,
        by=by,
        now=now,
        changes={
            "objected_at": now,
            "objector": by.name,
            "objection": reason,
            "objection_file_id": kept.id if kept else None,
        },
        reason=reason,
    )


def concur(row: Round, *, by: Actor, now: datetime) -> None:
    """无异议: the firm has nothing to object to; the score is final. Raises `Refused`."""
    changes = {"concurrer": by.name, "final_at": now}
    take(ROUND, row, "concur", queries.facts(row, now=now), by=by, now=now, changes=changes)
    _stand(row.id, by=by, now=now)


def finalise(row: Round, *, by: Actor | None, now: datetime) -> None:
    """确定: the days for an objection are over. Raises `Refused`."""
    changes = {"final_at": now}
    take(ROUND, row, "finalise", queries.facts(row, now=now), by=by, now=now, changes=changes)
    _stand(row.id, by=by, now=now)


def uphold(row: Round, reason: str, *, by: Actor, now: datetime) -> None:
    """维持: the objection is answered, the score stands. Raises `Refused`."""
    changes = {"final_at": now, "answered_at": now, "answerer": by.name, "answer": reason}
    facts = queries.facts(row, now=now, reason=reason)
    take(ROUND, row, "uphold", facts, by=by, now=now, changes=changes, reason=reason)
    _stand(row.id, by=by, now=now)


def reopen(row: Round, sheet_ids: Collection[UUID], reason: str, *, by: Actor, now: datetime) -> None:
    """更正: sheets go back to their experts as new editions; the old ones stay, void. Raises `Refused`."""
    with elevated("quality.reopen"):
        old = [each for each in queries.valid_sheets(row) if each.id in sheet_ids]
        in_file = bool(old) and len(old) == len(set(sheet_ids))
        facts = queries.facts(row, now=now, reason=reason, in_file=in_file)
        take(
            ROUND,
            row,
            "reopen",
            facts,
            by=by,
            now=now,
            changes={
                "scored_at": None,
                "result": None,
                "quality_score": None,
                "plan_mean": None,
                "report_mean": None,
                "vetoed": None,
                "veto_reason": None,
                "veto_ruler": None,
                "answered_at": now,
                "answerer": by.name,
                "answer": reason,
                "readers": [row.firm_id],
            },
            reason=reason,
        )
        for each in old:
            sheets.renew(each, row, reason, by=by, now=now)


def _stand(round_id: UUID, *, by: Actor | None, now: datetime) -> None:
    """The score stands: who scored is named, and the slices downstream are told."""
    with elevated("quality.final"):
        row = queries.round_(round_id)
        scorers = {each.expert_id for each in queries.seats_of(round_id) if each.is_live}
        for each in draw.draws_of(round_id):
            if each.ended_at is not None:
                people = each.purpose == Purpose.EXPERTS.value
                draw.release_names(each.id, scorers if people else None, by=by, now=now)
        heard = QualityFinal(row.contract_id, row.quality_score, bool(row.vetoed))
    announce(heard, by=by, now=now)
