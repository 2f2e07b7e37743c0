"""A bureau's year as a case file, from the rows its ranking stands on.

Only a year that the plain format can say whole: one rule set, no penalties, the same quality terms. Before a
case is handed out it is replayed, and must give the ranking on the page.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import appraisal, commission, contract, office, panel, quality, ranking, settlement, tender
from portal.kernel.errors import NotFound, Refused
from portal.kernel.hashing import plain
from portal.kernel.ruling import Ruling, unless
from portal.ranking import Ranking
from portal.ranking.rules import Missing
from portal.replay.plain import BadCase
from portal.replay.reading import RULESET_KEYS
from portal.replay.year import replay
from tenants.db import db, tenant_of_session
from tenants.models import Tenant

TERMS = {
    "qc.weight_plan": "weight_plan",
    "qc.weight_report": "weight_report",
    "qc.cutoff": "cutoff",
    "qc.deduct_ratio": "deduct_ratio",
    "fee.tiers": "tiers",
    "qc.scope": "scope",
    "qc.min_valid_sheets": "min_valid_sheets",
    "qc.trim_extremes": "trim_extremes",
    "appraisal.weight_unit": "weight_unit",
    "appraisal.weight_finance": "weight_finance",
}


def case_of(row: Ranking) -> dict[str, Any]:
    """The year of a ranking as a case. Raises `Refused` with everything that the format cannot say."""
    contracts = [contract.contract(each) for each in ranking.contracts_of(row)]
    ruling = _fits(row, contracts)
    if not ruling:
        raise Refused(ruling)
    bureau = db.session.scalars(select(Tenant).where(Tenant.id == tenant_of_session())).one()
    keys = _keys({each.firm_id: each.firm_name for each in contracts})
    case = {
        "tenant": {"code": bureau.code, "name": bureau.name},
        "year": row.year,
        "ruleset": _ruleset(row, contracts[0]),
        "tenders": [each for one in contracts if (each := _tender(one, keys)) is not None],
        "contracts": [_contract(one, keys, counts=str(one.id) in _counting(row)) for one in contracts],
    }
    told = _told(row, keys)
    ruling = unless(_outcome(case) != told, "replay.differs")
    if not ruling:
        raise Refused(ruling)
    return case


def _counting(row: Ranking) -> list[str]:
    return [work["contract"] for each in ranking.rows_of(row) for work in each.works]


def _fits(row: Ranking, contracts: Sequence[contract.Contract]) -> Ruling:
    """What the format cannot say of this year, all at once, with the contracts that cause it."""
    terms = {each.id: commission.terms(each.terms_id) for each in contracts}
    sets = {each.rule_set_id for each in terms.values()}
    first = next(iter(terms.values()), None)
    unlike = [
        each.name
        for each in contracts
        if any(getattr(terms[each.id], name) != getattr(first, name) for name in TERMS.values())
    ]
    found = {each.id: settlement.of_contract(each.id) for each in contracts}
    fined = [each.name for each in contracts if (money := found[each.id]) is not None and money.penalties > 0]
    split = [each.name for each in contracts if _veto_differs(each.id)]
    rules = ranking.rules_pinned(row)
    return (
        unless(not contracts, "replay.no_contracts")
        & unless(len(sets) > 1, "replay.several_rule_sets", count=len(sets))
        & unless(unlike, "replay.terms_differ", contracts=unlike)
        & unless(fined, "replay.penalties", contracts=fined)
        & unless(split, "replay.veto_differs", contracts=split)
        & unless(rules.min_engagements > 1, "replay.min_engagements", least=rules.min_engagements)
    )


def _veto_differs(contract_id: UUID) -> bool:
    scored, appraised = quality.quality_of(contract_id), appraisal.of_contract(contract_id)
    return scored is not None and appraised is not None and scored.vetoed != appraised.vetoed


def _keys(names: Mapping[UUID, str]) -> dict[UUID, str]:
    """What each firm is called in the case; two of one name are told apart by id."""
    counted = Counter(names.values())
    return {
        firm_id: name if counted[name] == 1 else f"{name}（{str(firm_id)[:8]}）"
        for firm_id, name in names.items()
    }


def _ruleset(row: Ranking, any_contract: contract.Contract) -> dict[str, Any]:
    """The year's numbers under the keys of a case: quality terms, the ranking's own, and those of buying."""
    terms = commission.terms(any_contract.terms_id)
    pinned = office.rules_kept(terms.rule_set_id).rules
    stated: dict[str, object] = {
        **{key: getattr(terms, name) for key, name in TERMS.items()},
        **row.rules,
        "procurement.min_quotes": pinned.procurement.min_quotes,
        "lowprice.mean": pinned.lowprice.mean,
        "lowprice.second": pinned.lowprice.second,
        "lowprice.ceiling": pinned.lowprice.ceiling,
    }
    return {key: plain(value) for key, value in stated.items() if key in RULESET_KEYS and value is not None}


def _tender(row: contract.Contract, keys: Mapping[UUID, str]) -> dict[str, Any] | None:
    """The purchase behind a contract; None where nothing was opened. A broken bid has no price to tell."""
    try:
        bought, reviewed = tender.tender(row.tender_id), panel.panel(row.tender_id)
    except NotFound:
        return None
    names = {**{each.firm_id: each.firm_name for each in reviewed.findings}, **keys}
    quotes = [
        {
            "firm": names[each.firm_id],
            "price": plain(each.price),
            "conforming": bool(each.conforming),
            **({} if each.justified is None else {"justified": each.justified}),
        }
        for each in reviewed.findings
        if each.price is not None
    ]
    if not quotes:
        return None
    told: dict[str, Any] = {
        "id": bought.number or bought.name,
        "method": bought.method,
        "ceiling": plain(bought.ceiling),
        "quotes": quotes,
    }
    if reviewed.tie_order:
        told["tie_order"] = [names[UUID(each)] for each in reviewed.tie_order]
    return told


def _contract(row: contract.Contract, keys: Mapping[UUID, str], *, counts: bool) -> dict[str, Any]:
    """One contract with its sheets; one that does not count yet is told without its appraisal."""
    scored = quality.of_contract(row.id)
    final = quality.quality_of(row.id)
    names = _subject_names(row)
    result = (scored.result or {}) if scored is not None and final is not None else {}
    works = ranking.work_of(row)
    return {
        "id": row.number or str(row.id),
        "firm": keys[row.firm_id],
        "fee": plain(row.fee),
        "subjects": list(names.values()),
        "sheets": [
            {"subject": names[subject["id"]], "stage": stage, "expert": expert, "total": plain(total)}
            for subject in result.get("subjects", ())
            for stage in ("plan", "report")
            for expert, total in subject[stage].items()
        ],
        "appraisals": [
            {
                "party": party.value,
                **({"unit": name} if party.value == "unit" else {}),
                "total": plain(points),
            }
            for party, name, points in appraisal.filed(row.id)
        ]
        if counts
        else [],
        "on_time": works.on_time and Missing.DELIVERY not in works.missing,
        "vetoed": final is not None and final.vetoed,
    }


def _subject_names(row: contract.Contract) -> dict[str, str]:
    """The subjects by id, each by a name of its own."""
    counted = Counter(each["name"] for each in row.objects)
    return {
        each["id"]: each["name"] if counted[each["name"]] == 1 else f"{each['name']}（{each['id'][:8]}）"
        for each in row.objects
    }


def _outcome(case: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """The ranking that the case gives. Raises `Refused` where the format does not even read it."""
    try:
        found = replay(dict(case))
    except BadCase as bad:
        faults = [str(each) for each in bad.faults]
        raise Refused(unless(blocked=True, code="replay.unreadable", faults=faults)) from bad
    return [
        (each["rank"], each["firm"], each["score"], each["grade"], each["contracts"])
        for each in found["ranking"]
    ]


def _told(row: Ranking, keys: Mapping[UUID, str]) -> list[tuple[object, ...]]:
    """The ranking as the page has it."""
    return [
        (each.rank, keys[each.firm_id], f"{each.score:.2f}", each.grade, each.engagements)
        for each in ranking.rows_of(row)
        if each.rank is not None
    ]
