"""One function per step of a draw. They run as the system where an outside party's deed ends a draw."""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from portal import document
from portal.access import Actor
from portal.audit import announce, born, record, take
from portal.document import Pairs, Paper, Table, Text
from portal.draw import queries, rules
from portal.draw.lifecycle import DRAW, DrawEnded, DrawSeeded, DrawState
from portal.draw.models import Draw, PublicDraw
from portal.draw.rules import Candidate, DrawFacts, Excluded, Outcome, Purpose
from portal.kernel.clock import SHANGHAI
from portal.kernel.errors import Invalid, Refused
from portal.kernel.ruling import unless
from portal.kernel.workdays import day_of
from tenants.db import db
from tenants.scope import elevated

SECRET_BYTES: Final = 32


def commit(
    purpose: Purpose | str,
    subject_kind: str,
    subject_id: UUID,
    title: str,
    entries: Sequence[Candidate],
    *,
    excluded: Sequence[Excluded] = (),
    takes: Mapping[str, int] | None = None,
    by: Actor | None,
    now: datetime,
) -> Draw:
    """抽取前公布承诺: fix the list, take the next public number, commit to a secret nobody has seen.

    ``title`` is public: it names the work and no person. ``takes``: how many of each kind of candidate are
    taken in the order drawn, committed to as well. Raises `Refused` for an empty list.
    """
    ruling = unless(not entries, "draw.nobody")
    if not ruling:
        raise Refused(ruling)
    with elevated("draw.commit"):
        year = day_of(now).year
        row_id, secret, nonce = uuid4(), secrets.token_bytes(SECRET_BYTES), secrets.token_hex(SECRET_BYTES)
        sequence = queries.next_sequence(year)
        outside = rules.excluded_digest(excluded, nonce)
        leaves = rules.leaves_of([each.label for each in entries], nonce)
        listed = rules.list_digest(leaves, outside)
        quotas = rules.quotas_for(entries, takes or {})
        number = rules.number_of(year, sequence)
        kept = [asdict(each) for each in quotas]
        row = Draw(
            id=row_id,
            state=DrawState.COMMITTED.value,
            year=year,
            sequence=sequence,
            purpose=Purpose(purpose).value,
            subject_kind=subject_kind,
            subject_id=subject_id,
            title=title,
            entries=[{"key": str(each.key), "label": each.label} for each in entries],
            excluded=[{"label": each.label, "reasons": list(each.reasons)} for each in excluded],
            quotas=kept,
            nonce=nonce,
            sealed_secret=queries.sealer().seal(secret, context=row_id.bytes),
            list_digest=listed,
            commitment=rules.commitment(secret.hex(), listed, number, rules.quota_text(quotas)),
            committed_by=by.account_id if by else None,
            committer=by.name if by else "系统",
            committed_at=now,
            touched_at=now,
        )
        born(DRAW, row, by=by, now=now)
        bureau = queries.bureau()
        db.session.add(
            PublicDraw(
                draw_id=row.id,
                bureau_code=bureau.code,
                bureau=bureau.name,
                year=year,
                sequence=sequence,
                purpose=row.purpose,
                title=title,
                leaves=leaves,
                quotas=kept,
                excluded_counts=rules.excluded_counts(excluded),
                excluded_digest=outside,
                list_digest=listed,
                commitment=row.commitment,
                committed_at=now,
            )
        )
    return row


def seed(row: Draw, typed: str, *, by: Actor, now: datetime) -> None:
    """输入抽取数: a second officer's number, mixed with the secret, gives the order.

    Raises `Invalid` for what is no number of 4 to 20 digits, `Refused` for the committer.
    """
    typed = typed.strip()
    if not re.fullmatch(rules.TYPED_SHAPE, typed):
        raise Invalid("typed", "draw.typed_shape")
    made = rules.seed_of(queries.secret_of(row), typed, row.list_digest)
    take(
        DRAW,
        row,
        "seed",
        DrawFacts(now, actor_id=by.account_id, committed_by=row.committed_by),
        by=by,
        now=now,
        changes={
            "typed": typed,
            "seeded_by": by.account_id,
            "seeder": by.name,
            "seeded_at": now,
            "drawn": list(rules.order(made, len(row.entries))),
        },
        typed=typed,
    )
    shown = queries.public_row(row.id)
    shown.typed, shown.seeded_at = typed, now
    announce(DrawSeeded(row.id, row.subject_kind, row.subject_id), by=by, now=now)


def end(draw_id: UUID, outcome: Outcome | str, *, by: Actor | None, now: datetime, reason: str = "") -> None:
    """结束抽取: filled, or short or void for a reason; the secret comes out. Raises `Refused`."""
    with elevated("draw.end"):
        row = queries.draw(draw_id)
        result = Outcome(outcome)
        take(
            DRAW,
            row,
            "end",
            DrawFacts(now, outcome=result, reason=reason),
            by=by,
            now=now,
            changes={"outcome": result.value, "reason": reason.strip(), "ended_at": now},
            outcome=result.value,
            reason=reason.strip(),
        )
        shown = queries.public_row(row.id)
        shown.outcome, shown.reason, shown.ended_at = result.value, row.reason, now
        shown.secret = queries.secret_of(row)
        heard = DrawEnded(row.id, row.subject_kind, row.subject_id, result.value)
    announce(heard, by=by, now=now)


def release_names(
    draw_id: UUID, keys: Collection[UUID] | None = None, *, by: Actor | None, now: datetime
) -> None:
    """公开姓名: names come out with what proves that they stood on the list, of ``keys`` or of all.

    People nobody came to ask stay unnamed. Doing it again changes nothing. Raises `Refused` before the end.
    """
    with elevated("draw.release_names"):
        row = queries.draw(draw_id)
        ruling = unless(row.ended_at is None, "draw.not_ended")
        if not ruling:
            raise Refused(ruling)
        if row.released_at is not None:
            return
        row.released_at = now
        row.touched_at = now
        row.version += 1
        shown = queries.public_row(row.id)
        shown.names = [
            {"number": place, "name": each["label"], "salt": rules.salt(row.nonce, place)}
            for place, each in enumerate(row.entries, 1)
            if keys is None or UUID(each["key"]) in keys
        ]
        record("draw.release_names", by=by, now=now, subject_id=row.id, tenant_id=row.tenant_id)


def issue_minutes(row: Draw, *, by: Actor, now: datetime) -> document.Issued:
    """制发抽取记录: what was drawn, from whom, by whom, every digest. Raises `Refused` before the end."""
    ruling = unless(row.ended_at is None, "draw.not_ended") & unless(
        document.documents_of(row.id), "draw.has_minutes"
    )
    if not ruling:
        raise Refused(ruling)
    facts = [
        ("抽取编号", row.number),
        ("抽取事项", row.purpose_label),
        ("所属工作", row.title),
        ("确定清单", f"{row.committer}，{written(row.committed_at)}"),
        ("清单摘要（SM3）", row.list_digest),
        ("承诺值（SM3）", row.commitment),
        *[("各类名额", each) for each in [queries.quotas_said(row)] if each],
        ("抽取数", row.typed or "未输入"),
        ("输入抽取数", f"{row.seeder}，{written(row.seeded_at)}" if row.seeded_at else "未输入"),
        ("结果", row.outcome_label + (f"：{row.reason}" if row.reason else "")),
    ]
    order = Table(
        ("顺序", "清单编号", "候选"),
        [
            (str(each.place), str(each.number), f"{each.label}（抽中）" if each.is_taken else each.label)
            for each in queries.drawn_labels(row)
        ],
        "抽取顺序" if row.drawn else "候选清单",
    )
    blocks: list[document.Block] = [Pairs(facts), order]
    if row.excluded:
        left_out = [(each.label, "、".join(each.reasons)) for each in queries.excluded_of(row)]
        blocks.append(Table(("未列入候选", "原因"), left_out, "未列入候选的人员或者单位"))
    blocks.append(Text("任何人可用公开的数据和程序重新计算本次抽取的顺序。"))
    paper = Paper(f"{row.title}抽取记录", "", blocks, queries.bureau().name, day_of(now))
    return document.issue("draw.minutes", paper, subject_id=row.id, by=by, now=now)


def written(at: datetime | None) -> str:
    """An instant as minutes write it, Beijing time to the second."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""
