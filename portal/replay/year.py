"""The year itself: a case goes through the slices' rules and comes out as plain data."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from portal.appraisal.rules import Party, Weights, appraisal_score
from portal.kernel.exact import half_up
from portal.kernel.money import Yuan
from portal.kernel.score import Score
from portal.quality.rules import Stage, contract_quality, quality_score, stage_mean
from portal.ranking.rules import Engagement, Standing, standings
from portal.replay.case import Contract, Rules, Tender
from portal.replay.reading import read_case
from portal.settlement.rules import Part, deduction, pay_terms, payable
from portal.tender.rules import Ranked, decide, shown_price


def replay(case: object) -> dict[str, Any]:
    """The outcome of a tenant's year: tenders, contracts, ranking, as JSON data. Raises `BadCase`."""
    year = read_case(case)
    settled = [_settle(contract, year.rules) for contract in year.contracts]
    engagements = [engagement for _, engagement in settled if engagement]
    return {
        "tenders": [_tender(tender, year.rules) for tender in year.tenders],
        "contracts": [outcome for outcome, _ in settled],
        "ranking": [_standing(standing) for standing in standings(engagements, year.rules.ranking)],
    }


def _shown(number: Decimal | Fraction | None) -> str | None:
    """Two places, as printed; null for what is unknown."""
    return None if number is None else str(half_up(number))


def _tender(tender: Tender, rules: Rules) -> dict[str, object]:
    result = decide(
        tender.terms, tender.quotes, min_quotes=rules.procurement.min_quotes, rules=rules.lowprice
    )
    winner = result.winner
    return {
        "id": tender.id,
        "alerts": list(result.alerts),
        "ranked": [_ranked(row) for row in result.ranked],
        "awarded_to": winner.firm if winner else None,
        "price": _shown(winner.price) if winner else None,
        "reason": result.reason,
        "state": result.finding.value,
    }


def _ranked(row: Ranked) -> dict[str, object]:
    return {
        "firm": row.quote.firm,
        "price": _shown(row.quote.price),
        "evaluated_price": _shown(shown_price(row)),
        "price_score": _shown(row.price_score),
        "technical_score": _shown(row.technical_score),
        "total": _shown(row.total),
    }


def _stage(contract: Contract, subject: str, stage: Stage, rules: Rules) -> Fraction | None:
    totals = [
        sheet.total
        for sheet in contract.sheets
        if sheet.valid and sheet.subject == subject and sheet.stage is stage
    ]
    return stage_mean(totals, rules.qc)


def _settle(contract: Contract, rules: Rules) -> tuple[dict[str, object], Engagement | None]:
    subjects: list[dict[str, object]] = []
    parts: list[Part] = []
    for subject, share in zip(contract.subjects, contract.shares, strict=True):
        plan = _stage(contract, subject, Stage.PLAN, rules)
        report = _stage(contract, subject, Stage.REPORT, rules)
        scored = quality_score(plan, report, rules.qc)
        parts.append(Part(share, scored))
        subjects.append(
            {"subject": subject, "plan": _shown(plan), "report": _shown(report), "quality": _shown(scored)}
        )
    quality = contract_quality([part.quality for part in parts], vetoed=contract.vetoed)
    appraisal = _appraisal(contract, rules)
    deducted = _deduction(contract, quality, parts, rules)
    outcome: dict[str, object] = {
        "id": contract.id,
        "firm": contract.firm,
        "subjects": subjects,
        "quality": _shown(quality),
        "deduction": _shown(deducted),
        "payable": _shown(payable(contract.fee, deducted)),
        "appraisal": _shown(appraisal),
    }
    if appraisal is None:
        return outcome, None
    return outcome, Engagement(contract.firm, contract.fee, appraisal, quality, contract.on_time)


def _appraisal(contract: Contract, rules: Rules) -> Score | None:
    def of(party: Party) -> list[Decimal]:
        return [sheet.total for sheet in contract.appraisals if sheet.party is party]

    weights = Weights(rules.appraisal.weight_unit, rules.appraisal.weight_finance)
    return appraisal_score(of(Party.UNIT), of(Party.FINANCE), weights, vetoed=contract.vetoed)


def _deduction(contract: Contract, quality: Score | None, parts: list[Part], rules: Rules) -> Yuan:
    return deduction(
        contract.fee,
        quality,
        parts,
        pay_terms(rules.qc, rules.fee),
        vetoed=contract.vetoed,
    )


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "rank": standing.rank,
        "firm": standing.firm,
        "score": _shown(standing.score),
        "grade": standing.grade,
        "contracts": standing.engagements,
    }
