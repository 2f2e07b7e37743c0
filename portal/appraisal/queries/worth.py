"""What a sheet and both parties' sheets are worth, and what quality and the rules say beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal import quality
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.appraisal.queries.rows import content_of, contents, form_of, of_contract, signed_together
from portal.appraisal.rules import Basis, Party, Weights, appraisal_score
from portal.kernel.errors import NotFound
from portal.kernel.score import Score
from portal.kernel.workdays import day_of
from portal.office import RulesInForce, rules_on
from portal.scoresheet import Filled, Form, fill, lead_days_points

ON_SITE = "现场到岗"


@dataclass(frozen=True, slots=True)
class Given:
    """What a sheet's read-only items are made of: totals of other forms, and computed points by item."""

    sources: Mapping[str, Decimal]
    computed: Mapping[str, Decimal]

    def as_plain(self) -> dict[str, str]:
        """As it is kept with a signed sheet."""
        return {key: f"{value}" for key, value in (*self.sources.items(), *self.computed.items())}


def given(row: AppraisalSheet, all_contents: Mapping[UUID, AppraisalContent] | None = None) -> Given:
    """What the read-only items of a sheet are made of now; of a signed sheet, what was signed."""
    content = (all_contents or {}).get(row.id) or content_of(row)
    if content.digest is not None:
        kept = {key: Decimal(value) for key, value in content.sources.items()}
        return Given(kept, kept)
    if row.form_code == "QC_LEADER":
        return Given({}, _on_site(row))
    if row.form_code != "KP_FIN":
        return Given({}, {})
    known = all_contents or contents(row.appraisal)
    sources = {
        each.form_code: total
        for each in row.appraisal.sheets
        if not each.is_main and each.id in known and (total := known[each.id].total) is not None
    }
    if Basis(row.appraisal.basis) is Basis.SAMPLED:
        means = {"QC_PLAN": row.appraisal.plan_mean, "QC_REPORT": row.appraisal.report_mean}
        sources |= {code: mean for code, mean in means.items() if mean is not None}
    return Given(sources, {})


def _on_site(row: AppraisalSheet) -> dict[str, Decimal]:
    """得分 = 实到天数 ÷ 约定天数 × 分值; nothing where no days were agreed."""
    case = row.appraisal
    item = next((each for each in form_of(row).items if each.name == ON_SITE), None)
    if item is None or not case.days_agreed or case.days_present is None:
        return {}
    return {ON_SITE: lead_days_points(case.days_present, case.days_agreed, item.points)}


def filled(row: AppraisalSheet, content: AppraisalContent, kept: Given | None = None) -> Filled:
    """What a sheet is worth as it stands."""
    kept = kept or given(row, {row.id: content} if content.digest is not None else None)
    return fill(form_of(row), content.entries, sources=kept.sources, computed=kept.computed)


@dataclass(frozen=True, slots=True)
class Opened:
    """A sheet as a page needs it: its form, what stands in it, what that is worth, and its siblings."""

    form: Form
    content: AppraisalContent
    filled: Filled
    known: Mapping[UUID, AppraisalContent]


def opened(row: AppraisalSheet) -> Opened:
    """A sheet to be shown, in two statements and one for its form. Raises `NotFound`."""
    return _opened(row, contents(row.appraisal))


def opened_together(row: AppraisalSheet) -> list[tuple[AppraisalSheet, Opened]]:
    """A sheet to be signed, first, and those that are signed with it. Raises `NotFound`."""
    known = contents(row.appraisal)
    return [(each, _opened(each, known)) for each in signed_together(row)]


def _opened(row: AppraisalSheet, known: Mapping[UUID, AppraisalContent]) -> Opened:
    if row.id not in known:
        raise NotFound
    content, form, kept = known[row.id], form_of(row), given(row, known)
    made = fill(form, content.entries, sources=kept.sources, computed=kept.computed)
    return Opened(form, content, made, known)


@dataclass(frozen=True, slots=True)
class Quality:
    """What quality says about a contract: the 口径, and the means of plan and report where experts scored."""

    basis: Basis
    plan: Score | None = None
    report: Score | None = None


def quality_of(contract_id: UUID) -> Quality:
    """The 口径 of a contract as it is known now."""
    known = quality.quality_of(contract_id)
    if known is None:
        return Quality(Basis.PENDING)
    if known.plan is None or known.report is None:
        return Quality(Basis.UNSAMPLED)
    return Quality(Basis.SAMPLED, known.plan, known.report)


def totals(
    sheets: Sequence[AppraisalSheet], known: Mapping[UUID, AppraisalContent]
) -> dict[Party, list[Decimal]]:
    """The sums of both parties' 考评表 once they are released; a veto is the approver's to confirm."""
    found: dict[Party, list[Decimal]] = {Party.UNIT: [], Party.FINANCE: []}
    for each in sheets:
        content = known.get(each.id)
        released = content is not None and content.released_at is not None
        if each.is_main and released and content is not None and content.points is not None:
            found[Party(each.party)].append(content.points)
    return found


def filed(contract_id: UUID) -> list[tuple[Party, str, Decimal]]:
    """(party, name, points) of the released 考评表 of a contract, by place; folded sheets are no part."""
    row = of_contract(contract_id)
    if row is None:
        return []
    known = contents(row)
    return [
        (Party(each.party), each.party_name, content.points)
        for each in row.sheets
        if each.is_main
        and (content := known.get(each.id)) is not None
        and content.released_at is not None
        and content.points is not None
    ]


def score_of(row: Appraisal, *, vetoed: bool) -> Score | None:
    """考评得分 of released sheets."""
    sums = totals(row.sheets, contents(row))
    weights = Weights(row.weight_unit, row.weight_finance)
    return appraisal_score(sums[Party.UNIT], sums[Party.FINANCE], weights, vetoed=vetoed)


def rules_of_the_day(now: datetime) -> RulesInForce:
    """The rules an appraisal is opened under: how long both have, and how far they may differ."""
    return rules_on(day_of(now))
