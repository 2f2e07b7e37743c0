"""A draw anybody can compute again: the list, the commitment, the seed and the order. Text in, digests out.

Everything digested is UTF-8 text joined by ``|``, so that an outsider with any SM3 tool can follow.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from portal.kernel.hashing import digest, sm3
from portal.kernel.ruling import Ruling, unless

TYPED_SHAPE: Final = r"[0-9]{4,20}"


class Purpose(StrEnum):
    """What is drawn."""

    EXPERTS = "experts"
    SUBJECTS = "subjects"
    TIE = "tie"


PURPOSE_LABELS: Final[dict[Purpose, str]] = {
    Purpose.EXPERTS: "抽取评审专家",
    Purpose.SUBJECTS: "抽取会审对象",
    Purpose.TIE: "报价相同时抽签排序",
}


class Outcome(StrEnum):
    """How a draw ended."""

    FILLED = "filled"
    SHORT = "short"
    VOID = "void"


OUTCOME_LABELS: Final[dict[Outcome, str]] = {
    Outcome.FILLED: "抽齐",
    Outcome.SHORT: "未抽齐",
    Outcome.VOID: "作废",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """候选: ``key`` is what the caller draws; ``label`` its name, published after release.

    ``kind`` is public at once, where so many of each kind are drawn.
    """

    key: UUID
    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """名额: ``take`` of those of one ``kind``, whose numbers on the list are ``numbers``."""

    kind: str
    take: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """不进入候选的: a name and why; a reason is a category without names, for it is counted in public."""

    label: str
    reasons: tuple[str, ...]


def number_of(year: int, sequence: int) -> str:
    """The public number: year and place, gapless within a bureau's year."""
    return f"{year}-{sequence:03d}"


def excluded_counts(excluded: Sequence[Excluded]) -> dict[str, int]:
    """How many stay out for which reason; one may stay out for several."""
    return dict(sorted(Counter(reason for each in excluded for reason in each.reasons).items()))


def salt(nonce: str, place: int) -> str:
    """盐 of the candidate numbered ``place``; to tell one gives away none of the others."""
    return _sm3_text(nonce, str(place))


def leaf(salted: str, place: int, label: str) -> str:
    """姓名摘要: SM3(salt | place | name). All are published at once; a name fits its own and no other."""
    return _sm3_text(salted, str(place), label)


def leaves_of(labels: Sequence[str], nonce: str) -> list[str]:
    """The digests of the names in the order of the list."""
    return [leaf(salt(nonce, place), place, label) for place, label in enumerate(labels, 1)]


def list_digest(leaves: Sequence[str], excluded: str) -> str:
    """清单摘要: SM3 over the candidates' digests in their order, and that of the excluded last."""
    return _sm3_text(*leaves, excluded)


def excluded_digest(excluded: Sequence[Excluded], nonce: str) -> str:
    """Digest of who stays out and why: names of the excluded are not published, yet cannot be changed."""
    named = [{"label": each.label, "reasons": list(each.reasons)} for each in excluded]
    return digest({"nonce": nonce, "excluded": named}).hex()


def _sm3_text(*parts: str) -> str:
    return sm3("|".join(parts).encode()).hex()


def quotas_for(entries: Sequence[Candidate], takes: Mapping[str, int]) -> tuple[Quota, ...]:
    """The quotas of a list, from how many of each kind are taken."""
    return tuple(
        Quota(kind, take, tuple(place for place, each in enumerate(entries, 1) if each.kind == kind))
        for kind, take in takes.items()
    )


def quota_text(quotas: Sequence[Quota]) -> str:
    """Quotas in words, as they are published and committed to; empty where there are none."""
    return "；".join(
        f"{each.kind} {each.take} 个：编号 {'、'.join(map(str, each.numbers))}" for each in quotas
    )


def commitment(secret: str, listed: str, number: str, quotas: str = "") -> str:
    """承诺值: SM3(secret | list digest | number), the quotas' text last where the draw has any."""
    return _sm3_text(secret, listed, number, *([quotas] if quotas else []))


def seed_of(secret: str, typed: str, listed: str) -> str:
    """种子: SM3(secret | typed number | list digest)."""
    return _sm3_text(secret, typed, listed)


def ticket(seed: str, place: int) -> str:
    """签号 of the candidate numbered ``place``: SM3(seed | place)."""
    return _sm3_text(seed, str(place))


def order(seed: str, count: int) -> tuple[int, ...]:
    """The numbers 1..count in the order drawn: by ticket, smallest first."""
    return tuple(sorted(range(1, count + 1), key=lambda place: ticket(seed, place)))


def taken(order: Sequence[int], quotas: Sequence[Quota]) -> tuple[int, ...]:
    """Who is taken, in the order drawn: of each kind the first, until its quota is full."""
    chosen = {
        place for each in quotas for place in [one for one in order if one in each.numbers][: each.take]
    }
    return tuple(place for place in order if place in chosen)


@dataclass(frozen=True, slots=True)
class DrawFacts:
    """What the guards of a draw ask about."""

    now: datetime
    actor_id: UUID | None = None
    committed_by: UUID | None = None
    outcome: Outcome | None = None
    reason: str = ""


def may_seed(f: DrawFacts) -> Ruling:
    """Another person than the one who made the list types the number."""
    return unless(f.actor_id is not None and f.actor_id == f.committed_by, "draw.own_list")


def may_end_undrawn(f: DrawFacts) -> Ruling:
    """Before the number is typed a draw can only be voided, for a reason."""
    return unless(f.outcome is not Outcome.VOID, "draw.not_drawn") & _with_reason(f)


def may_end(f: DrawFacts) -> Ruling:
    """A draw that fell short or is void says why."""
    return _with_reason(f)


def _with_reason(f: DrawFacts) -> Ruling:
    return unless(f.outcome is not Outcome.FILLED and not f.reason.strip(), "draw.needs_reason")
