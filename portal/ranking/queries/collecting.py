"""What the contracts of a year contribute to its ranking, by the rules in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal import appraisal, contract, deliverable, quality
from portal.contract.rules import DeliverableKind
from portal.kernel.exact import half_up
from portal.kernel.hashing import digest, plain
from portal.kernel.money import Yuan
from portal.kernel.score import Score
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from portal.ranking.models import Ranking
from portal.ranking.rules import MISSING_LABELS, Engagement, Missing, engagement_score, standings
from tenants.ruleset import KEYS, RankingRules, YearBasis, from_plain, rules_of

RULE_KEYS = tuple(name for name, key in KEYS.items() if key.group == "ranking")
YEARS_OF_WORK = 2
BASIS_LABELS = {
    YearBasis.COMMISSION: "按委托年度归入",
    YearBasis.ACCEPTANCE: "按成果全部验收的年度归入",
}


@dataclass(frozen=True, slots=True)
class Work:
    """One contract of the year as the ranking sees it; it counts when nothing is ``missing``."""

    contract_id: UUID
    name: str
    firm_id: UUID
    firm_name: str
    fee: Yuan
    appraisal: Score | None
    quality: Score | None
    on_time: bool
    missing: tuple[Missing, ...]
    vetoed: bool = False


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything of a year that a ranking stands on, and the digest that tells whether it has changed."""

    works: tuple[Work, ...]
    rules: RankingRules
    rule_set: RulesInForce
    digest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One firm of the year; ``rank`` and ``score`` None: too few engagements."""

    firm_id: UUID
    firm_name: str
    rank: int | None
    grade: str
    score: Score | None
    quality: Score | None
    works: tuple[Work, ...]


def collect(year: int, *, now: datetime) -> Collected:
    """What the contracts of a year say of their firms, by the rules in force. Raises `Misconfigured`."""
    force = rules_on(day_of(now))
    rules = force.rules.ranking
    works = tuple(work_of(each) for each in _contracts(year, rules.year_basis))
    return Collected(works, rules, force, _figures(works, rules))


def _contracts(year: int, basis: YearBasis) -> list[contract.Contract]:
    """The signed contracts that belong to a year; by acceptance, a late one is found under its commission."""
    own = contract.contracts_of(year)
    if basis is YearBasis.COMMISSION:
        return own
    earlier = [
        each for before in range(1, YEARS_OF_WORK + 1) for each in contract.contracts_of(year - before)
    ]
    return [
        each
        for each in [*own, *earlier]
        if (accepted := _accepted_year(each.id)) == year or (accepted is None and each.year == year)
    ]


def _accepted_year(contract_id: UUID) -> int | None:
    """The year in which the last report was accepted, None while one is not."""
    reports = [
        each for each in deliverable.of_contract(contract_id) if each.kind == DeliverableKind.REPORT.value
    ]
    days = [each.accepted_at for each in reports]
    if not days or None in days:
        return None
    return day_of(max(each for each in days if each is not None)).year


def work_of(row: contract.Contract) -> Work:
    """What one contract says of its firm, now."""
    appraised = appraisal.of_contract(row.id)
    scored = quality.quality_of(row.id)
    delivered = deliverable.is_delivered(row.id)
    points = appraised.score if appraised is not None and appraised.over else None
    missing = [] if delivered else [Missing.DELIVERY]
    if scored is None:
        missing.append(Missing.QUALITY)
    if points is None:
        closed = appraised is not None and appraised.over
        missing.append(Missing.UNAPPRAISED if closed else Missing.APPRAISAL)
    return Work(
        contract_id=row.id,
        name=row.name,
        firm_id=row.firm_id,
        firm_name=row.firm_name,
        fee=Yuan(row.fee),
        appraisal=None if points is None else Score(points),
        quality=scored.score if scored is not None else None,
        on_time=deliverable.on_time(row.id),
        missing=tuple(missing),
        vetoed=(scored is not None and scored.vetoed)
        or (appraised is not None and appraised.over and appraised.vetoed),
    )


def _figures(works: Sequence[Work], rules: RankingRules) -> str:
    told = sorted((_told(each) for each in works), key=lambda each: str(each["contract"]))
    return digest({"works": told, "rules": rules_plain(rules)}).hex()


def _told(work: Work) -> dict[str, object]:
    return {
        "contract": work.contract_id,
        "firm": work.firm_id,
        "fee": work.fee,
        "appraisal": work.appraisal,
        "quality": work.quality,
        "on_time": work.on_time,
        "missing": [each.value for each in work.missing],
        "vetoed": work.vetoed,
    }


def rules_plain(rules: RankingRules) -> dict[str, Any]:
    """The ranking's rules as a case file writes them."""
    return {name: KEYS[name].kind.to_plain(getattr(rules, KEYS[name].attribute)) for name in RULE_KEYS}


def rules_pinned(row: Ranking) -> RankingRules:
    """The rules a ranking was made by."""
    return rules_of(RankingRules, from_plain(row.rules, RULE_KEYS))


def keys_of(works: Sequence[Work]) -> dict[UUID, str]:
    """The name each firm is called by in the rules and in a case; two of one name are told apart by id."""
    names = {each.firm_id: each.firm_name for each in works}
    counted = Counter(names.values())
    return {
        firm_id: name if counted[name] == 1 else f"{name}（{str(firm_id)[:8]}）"
        for firm_id, name in names.items()
    }


def lines_of(works: Sequence[Work], rules: RankingRules) -> list[Line]:
    """The firms of a year, best first; those with too few engagements after them, by name."""
    counting = [each for each in works if not each.missing and each.appraisal is not None]
    keys = keys_of(counting)
    by_key = {key: firm_id for firm_id, key in keys.items()}
    placed = standings([_engagement(each, keys) for each in counting], rules)
    own = {firm_id: tuple(each for each in counting if each.firm_id == firm_id) for firm_id in keys}
    ranked = [
        Line(
            by_key[each.firm],
            own[by_key[each.firm]][0].firm_name,
            each.rank,
            each.grade,
            each.score,
            each.quality,
            own[by_key[each.firm]],
        )
        for each in placed
    ]
    left = sorted(set(keys) - {each.firm_id for each in ranked}, key=lambda firm_id: keys[firm_id])
    return ranked + [
        Line(firm_id, own[firm_id][0].firm_name, None, "", None, None, own[firm_id]) for firm_id in left
    ]


def _engagement(work: Work, keys: Mapping[UUID, str]) -> Engagement:
    assert work.appraisal is not None  # noqa: S101 -- only what has one counts; for the type checker
    return Engagement(keys[work.firm_id], work.fee, work.appraisal, work.quality, work.on_time)


def works_plain(works: Sequence[Work], rules: RankingRules) -> list[dict[str, Any]]:
    """A firm's engagements as its row keeps them."""
    return [
        {
            "contract": str(each.contract_id),
            "name": each.name,
            "fee": plain(each.fee),
            "appraisal": plain(each.appraisal),
            "quality": plain(each.quality),
            "on_time": each.on_time,
            "vetoed": each.vetoed,
            "score": plain(half_up(engagement_score(_engagement(each, keys_of(works)), rules))),
        }
        for each in works
    ]


def missing_plain(works: Sequence[Work]) -> list[dict[str, Any]]:
    """The contracts of the year that do not count yet, and what each lacks."""
    return [
        {
            "contract": str(each.contract_id),
            "name": each.name,
            "firm": each.firm_name,
            "missing": [MISSING_LABELS[one] for one in each.missing],
        }
        for each in works
        if each.missing
    ]
