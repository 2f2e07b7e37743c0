"""What must always hold of draws, and SQL cannot say. Each check returns the broken rows in words."""

from collections.abc import Iterator

from sqlalchemy import select

from portal.draw import queries, rules
from portal.draw.models import Draw, PublicDraw
from tenants.db import db


def invariants() -> Iterator[str]:
    """The broken rows of the tenant in scope; nothing where all is well."""
    highest: dict[int, int] = {}
    found = db.session.execute(
        select(Draw, PublicDraw)
        .outerjoin(PublicDraw, PublicDraw.draw_id == Draw.id)
        .order_by(Draw.year, Draw.sequence)
    )
    for row, shown in found:
        if row.sequence != highest.get(row.year, 0) + 1:
            yield f"抽取 {row.number}：编号不连续"
        highest[row.year] = row.sequence
        yield from (f"抽取 {row.number}：{each}" for each in _broken(row, shown))


def _broken(row: Draw, shown: PublicDraw | None) -> Iterator[str]:
    outside = rules.excluded_digest(queries.excluded_of(row), row.nonce)
    leaves = rules.leaves_of(queries.labels_of(row), row.nonce)
    listed = rules.list_digest(leaves, outside)
    secret = queries.secret_of(row)
    if listed != row.list_digest:
        yield "清单与摘要不符"
    if rules.commitment(secret, listed, row.number, queries.quotas_said(row)) != row.commitment:
        yield "承诺值与清单、名额、密值、编号不符"
    if row.typed is not None:
        made = rules.order(rules.seed_of(secret, row.typed, row.list_digest), len(row.entries))
        if list(made) != row.drawn:
            yield "顺序与种子不符"
    if shown is None or (
        shown.leaves,
        shown.quotas,
        shown.commitment,
        shown.typed,
        shown.outcome,
    ) != (
        leaves,
        row.quotas,
        row.commitment,
        row.typed,
        row.outcome,
    ):
        yield "公开的内容与登记不符"
