"""Who may respond until when, what a response consists of, and what binds it: pure."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from portal.kernel.envelope import commitment, new_nonce
from portal.kernel.hashing import canonical, plain
from portal.kernel.ruling import Clause, Ruling, unless

MEGABYTE: Final = 1024 * 1024
MOST_FILES: Final = 5
LARGEST_FILE: Final = 20 * MEGABYTE
LONGEST_PLAN: Final = 20_000
SHOWN_MEMBERS: Final = 5
MOST_MEMBERS: Final = 20
LEAST_SEED: Final = 64  # digits, as a form carries it
OFFICERS: Final = 2
TEAM: Final = ("lead", "lead_told", "members", "onsite_days", "independent")
LEAST_MESSAGE: Final = 16 * 1024
ORDER_74_15: Final = Clause("政府采购非招标采购方式管理办法", "第十五条", sure=False)


class Part(StrEnum):
    """What is committed to on its own, so that one part can be shown without the others."""

    PRICE = "price"
    PLAN = "plan"
    TEAM = "team"
    FILES = "files"


PART_LABELS: Final[Mapping[Part, str]] = {
    Part.PRICE: "报价",
    Part.PLAN: "实施方案要点",
    Part.TEAM: "人员与现场安排",
    Part.FILES: "附件",
}


class Fault(StrEnum):
    """Why a bid could not be read at the opening."""

    BROKEN = "broken"
    COMMITMENT = "commitment"
    FILE = "file"


FAULT_LABELS: Final[Mapping[Fault, str]] = {
    Fault.BROKEN: "密封内容无法解开",
    Fault.COMMITMENT: "内容与提交时的承诺值不一致",
    Fault.FILE: "有附件缺失、损坏或者无法打开",
}


@dataclass(frozen=True, slots=True)
class BidFacts:
    """What decides about a response. ``now`` is read under the tender's lock."""

    now: datetime
    response_by: datetime
    running: bool
    suspended: bool
    invited: bool = True
    officers: int = 0


def in_time(f: BidFacts) -> Ruling:
    """Until the deadline, its own instant included; both times stand in the refusal."""
    return unless(f.now > f.response_by, "bid.too_late", ORDER_74_15, now=f.now, response_by=f.response_by)


def may_submit(f: BidFacts) -> Ruling:
    """An invited firm submits, replaces and withdraws while the tender runs, until its deadline."""
    uninvited = unless(not f.invited, "bid.not_invited")
    if f.suspended:
        return uninvited & unless(blocked=True, code="bid.suspended")
    late = in_time(f)
    return uninvited & (late if not late else unless(not f.running, "bid.not_running"))


def may_open(f: BidFacts) -> Ruling:
    """Only after the deadline, not while suspended, and after two different officers confirmed."""
    return (
        unless(f.now <= f.response_by or f.running, "bid.still_sealed", response_by=f.response_by)
        & unless(f.suspended, "tender.suspended")
        & unless(f.officers < OFFICERS, "bid.officers_missing", count=f.officers)
    )


def parts_of(content: Mapping[str, Any]) -> dict[Part, Any]:
    """The content in the parts that are committed to, each as JSON has it; an older bid may lack some."""
    return {
        Part.PRICE: plain(content["price"]),
        Part.PLAN: plain(content["plan"]),
        Part.TEAM: plain({key: content[key] for key in TEAM if key in content}),
        Part.FILES: plain(content["files"]),
    }


def new_seed() -> bytes:
    """256 random bits, of which the nonces of one sending are made."""
    return new_nonce()


def commit(parts: Mapping[Part, Any], seed: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """A nonce and the commitment for each part, in hexadecimal.

    The nonces follow from the seed and the whole content: what is sent twice commits to the same, and another
    content under the same seed has nonces of which these tell nothing.
    """
    whole = canonical({part.value: each for part, each in parts.items()})
    nonces = {part: _nonce(seed, part, whole) for part in parts}
    return (
        {part.value: nonce.hex() for part, nonce in nonces.items()},
        {part.value: commitment(nonces[part], content).hex() for part, content in parts.items()},
    )


def _nonce(seed: bytes, part: Part, whole: str) -> bytes:
    return hmac.new(seed, f"{part.value}:{whole}".encode(), "sm3").digest()


def context(tender_id: UUID, firm_id: UUID, bid_id: UUID) -> bytes:
    """What an envelope is sealed for: it opens as this bid of this firm, and as no other."""
    return f"bid:{tender_id}:{firm_id}:{bid_id}".encode()


def broken_parts(
    parts: Mapping[Part, Any], nonces: Mapping[str, str], commitments: Mapping[str, str]
) -> Sequence[Part]:
    """The parts whose content and nonce do not give what was committed to."""
    return [part for part in Part if not _holds(part, parts, nonces, commitments)]


def _holds(
    part: Part, parts: Mapping[Part, Any], nonces: Mapping[str, str], commitments: Mapping[str, str]
) -> bool:
    try:
        made = commitment(bytes.fromhex(nonces[part.value]), parts[part])
    except (KeyError, ValueError):
        return False
    return made.hex() == commitments.get(part.value)


def padded(message: Mapping[str, Any]) -> bytes:
    """The canonical spelling, filled up with blanks to 16 KB or a doubling of it: its length tells little."""
    spelled = canonical(message).encode()
    whole = LEAST_MESSAGE
    while whole < len(spelled):
        whole *= 2
    return spelled.ljust(whole)
