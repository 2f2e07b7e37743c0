"""The chain's arithmetic: how one link is digested, and where a chain stops holding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from portal.kernel.hashing import canonical, sm3

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it was chained; ``at`` in UTC, ``body`` the canonical JSON of everything else."""

    chain: str
    seq: int
    at: datetime
    verb: str
    subject_id: UUID | None
    body: str
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """The first event that does not hold, and why, in the auditor's words."""

    chain: str
    seq: int
    cause: str


def link_digest(
    previous: bytes, *, chain: str, seq: int, at: datetime, verb: str, subject_id: UUID | None, body: str
) -> bytes:
    """SM3(previous ‖ canonical event): any changed field changes every digest after it."""
    event: Mapping[str, object] = {
        "chain": chain,
        "seq": seq,
        "at": at.astimezone(UTC),
        "verb": verb,
        "subject": subject_id,
        "body": body,
    }
    return sm3(previous + canonical(event).encode())


def first_break(
    chain: str, links: Iterable[Link], head: tuple[int, bytes] | None, anchors: Mapping[int, bytes]
) -> Break | None:
    """The first link that was edited, removed, inserted or cut, or None where the chain holds.

    ``head`` is the recorded end of the chain, ``anchors`` digests kept outside the database by seq.
    """
    seq, digest = 0, GENESIS
    for link in links:
        cause = _fault(link, seq, digest, chain)
        if cause is not None:
            return Break(chain, min(link.seq, seq + 1), cause)
        seq, digest = link.seq, link.digest
        if anchors.get(seq, digest) != digest:
            return Break(chain, seq, "与库外留存的当日摘要不符（整链被改写）")
    if head is not None and head != (seq, digest):
        return Break(chain, seq + 1, "与登记的末端不符（记录链在此之后被截断）")
    if any(kept > seq for kept in anchors):
        return Break(chain, seq + 1, "库外留存的摘要在此之后，记录链被截断")
    return None


def _fault(link: Link, seq: int, digest: bytes, chain: str) -> str | None:
    """Why a link does not follow the one numbered ``seq``; None where it does."""
    if link.seq != seq + 1:
        return "缺少这一条记录（被删除）" if link.seq > seq else "多出一条记录（被插入）"
    if link.previous != digest:
        return "与前一条记录的摘要不衔接（被插入或替换）"
    expected = link_digest(
        digest,
        chain=chain,
        seq=link.seq,
        at=link.at,
        verb=link.verb,
        subject_id=link.subject_id,
        body=link.body,
    )
    return "内容与摘要不符（被修改）" if link.digest != expected else None
