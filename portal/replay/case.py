"""A case: one tenant's year as typed values, every one of them possible."""

from dataclasses import dataclass
from decimal import Decimal

from portal.appraisal.rules import Party
from portal.kernel.exact import Exact
from portal.kernel.money import Yuan
from portal.quality.rules import Stage
from portal.tender.rules import Quote, Terms
from tenants.ruleset import (
    AppraisalRules,
    FeeRules,
    LowPriceRules,
    ProcurementRules,
    QcRules,
    RankingRules,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The groups of the rule set that a year needs."""

    qc: QcRules
    fee: FeeRules
    appraisal: AppraisalRules
    ranking: RankingRules
    procurement: ProcurementRules
    lowprice: LowPriceRules


@dataclass(frozen=True, slots=True)
class Tender:
    """One purchase with its quotes."""

    id: str
    terms: Terms
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One expert's total for one stage of one subject."""

    subject: str
    stage: Stage | None
    expert: str
    total: Decimal
    valid: bool


@dataclass(frozen=True, slots=True)
class AppraisalSheet:
    """One party's total; ``unit`` names the evaluated unit where it is given."""

    party: Party | None
    unit: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract with the sheets filled on it; ``shares`` of the fee are in the order of the subjects."""

    id: str
    firm: str
    fee: Yuan
    subjects: tuple[str, ...]
    shares: tuple[Exact, ...]
    sheets: tuple[Sheet, ...]
    appraisals: tuple[AppraisalSheet, ...]
    on_time: bool
    vetoed: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One tenant's year."""

    rules: Rules
    tenders: tuple[Tender, ...]
    contracts: tuple[Contract, ...]
