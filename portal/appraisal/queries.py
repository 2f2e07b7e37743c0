"""Reading appraisals and sheets, what a sheet is worth at this moment, and the facts of the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import commission, contract, deliverable, document, quality
from portal.access import Actor
from portal.appraisal.lifecycle import AppraisalState
from portal.appraisal.models import Appraisal, AppraisalContent, AppraisalSheet
from portal.appraisal.rules import (
    AppraisalFacts,
    Basis,
    Party,
    SheetFacts,
    appraisal_score,
)
from portal.kernel.derivation import Derivation
from portal.kernel.errors import NotFound
from portal.kernel.score import Score
from portal.kernel.workdays import day_of
from portal.office import rules_on
from portal.scoresheet import Filled, Form, Row, fill, laid_out, lead_days_points, template
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int
from tenants.db import db, tenant_of_session
from tenants.models import Tenant
from tenants.ruleset import AppraisalRules

ON_SITE = "现场到岗"
SORTS: Mapping[str, Sort] = {
    "name": Sort(Appraisal.contract_name.expression),
    "firm": Sort(Appraisal.firm_name.expression),
    "year": Sort(Appraisal.year.expression, read_int),
    "score": Sort(func.coalesce(Appraisal.score, -1), read_decimal),
    "touched": Sort(Appraisal.touched_at.expression, read_instant),
}


def appraisal(row_id: UUID) -> Appraisal:
    """One appraisal. Raises `NotFound`."""
    found = db.session.scalars(select(Appraisal).where(Appraisal.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def of_contract(contract_id: UUID) -> Appraisal | None:
    """The appraisal of a contract, once the work was delivered."""
    return db.session.scalars(select(Appraisal).where(Appraisal.contract_id == contract_id)).first()


def final_scores(contract_ids: Sequence[UUID]) -> dict[UUID, Score]:
    """考评得分 of those of the contracts whose appraisal is final; one statement."""
    found = db.session.execute(
        select(Appraisal.contract_id, Appraisal.score).where(
            Appraisal.contract_id.in_(contract_ids), Appraisal.state == AppraisalState.FINAL.value
        )
    )
    return {contract_id: Score(points) for contract_id, points in found if points is not None}


def sheet(row_id: UUID) -> AppraisalSheet:
    """One sheet. Raises `NotFound`."""
    found = db.session.scalars(select(AppraisalSheet).where(AppraisalSheet.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def content_of(row: AppraisalSheet) -> AppraisalContent:
    """What stands in a sheet, where this scope may read it. Raises `NotFound`."""
    found = db.session.scalars(select(AppraisalContent).where(AppraisalContent.sheet_id == row.id)).first()
    if found is None:
        raise NotFound
    return found


def contents(row: Appraisal) -> dict[UUID, AppraisalContent]:
    """What stands in the sheets of an appraisal, by sheet, as far as this scope reads it; one statement."""
    found = db.session.scalars(select(AppraisalContent).where(AppraisalContent.appraisal_id == row.id))
    return {each.sheet_id: each for each in found}


def locked_content(row: AppraisalSheet) -> AppraisalContent:
    """What stands in a sheet, locked until the transaction ends. Raises `NotFound`."""
    found = content_of(row)
    db.session.refresh(found, with_for_update=True)
    return found


def sheets_of(row: Appraisal) -> list[AppraisalSheet]:
    """Every sheet of an appraisal that this scope may read, read anew."""
    found = db.session.scalars(
        select(AppraisalSheet)
        .where(AppraisalSheet.appraisal_id == row.id)
        .order_by(AppraisalSheet.place, AppraisalSheet.id)
        .execution_options(populate_existing=True)
    )
    return list(found)


def form_of(row: AppraisalSheet) -> Form:
    """The form of a sheet, in the version the commission pinned."""
    return template(row.form_code, row.form_version).form


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
    known = contents(row.appraisal)
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


def days_on_site(contract_id: UUID) -> int:
    """How many days the lead evaluator was on site."""
    return deliverable.lead_days(contract_id)


def terms(terms_id: UUID) -> Any:
    """质量约定 as they were frozen. Raises `NotFound`."""
    return commission.terms(terms_id)


def final_score(row: Appraisal) -> Score | None:
    """考评得分, None where the appraisal was closed without one."""
    return None if row.score is None else Score(row.score)


def origin(contract_id: UUID) -> contract.Contract:
    """The contract that is appraised. Raises `NotFound`."""
    return contract.contract(contract_id)


def gap_limit(now: datetime) -> tuple[UUID, Decimal]:
    """The rule set of the day, and by how many points the parties may differ without a reason."""
    force = rules_on(day_of(now))
    return force.id, force.rules.appraisal.gap


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


def weights(row: Appraisal) -> AppraisalRules:
    """The weights and the gap an appraisal was opened with."""
    return AppraisalRules(row.weight_unit, row.weight_finance, row.gap_limit)


def score_of(row: Appraisal, *, vetoed: bool) -> Score | None:
    """考评得分 of released sheets."""
    sums = totals(row.sheets, contents(row))
    return appraisal_score(sums[Party.UNIT], sums[Party.FINANCE], weights(row), vetoed=vetoed)


def sheet_facts(row: AppraisalSheet, *, by: Actor, missing: int = 0, reason: str | None = None) -> SheetFacts:
    """Everything the rules ask about a sheet, at this moment."""
    case = row.appraisal
    return SheetFacts(
        over=case.over,
        basis=Basis(case.basis),
        party=Party(row.party),
        missing=missing,
        signer_id=row.signer_id,
        actor_id=by.account_id,
        returned=row.returned_at is not None,
        released=case.released_at is not None,
        gap=case.gap,
        most=case.gap_limit,
        reason=reason,
    )


def facts(
    row: Appraisal,
    *,
    now: datetime,
    reason: str | None = None,
    new_on: date | None = None,
    upheld: bool | None = None,
    asked: bool = False,
) -> AppraisalFacts:
    """Everything the rules ask about an appraisal, at this moment."""
    known = contents(row) if row.released_at is not None else {}
    return AppraisalFacts(
        now=now,
        due_by=row.due_by,
        waiting=row.waiting,
        unexplained=[
            each.party_name
            for each in row.sheets
            if row.is_wide and each.is_main and each.explained_at is None
        ],
        vetoes=vetoes(row, known),
        upheld=upheld,
        asked=asked,
        reason=reason,
        new_on=new_on,
        today=day_of(now),
    )


def vetoes(row: Appraisal, known: Mapping[UUID, AppraisalContent]) -> dict[str, str]:
    """一票否决 ticked on released 考评表: whose and which → evidence."""
    found: dict[str, str] = {}
    for each in row.sheets:
        content = known.get(each.id)
        if content is None or content.released_at is None or not content.entries.get("vetoes"):
            continue
        names = form_of(each).vetoes
        for place, evidence in content.entries["vetoes"].items():
            found[f"{each.party_name}：{names[int(place)]}"] = evidence
    return found


def matching(arguments: Mapping[str, str]) -> Select[Appraisal]:
    """The appraisals a search asks for: words of contract or firm, a state, a year."""
    rows = select(Appraisal)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Appraisal.contract_name.icontains(words, autoescape=True)
            | Appraisal.firm_name.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in AppraisalState}:
        rows = rows.where(Appraisal.state == state)
    if (year := arguments.get("year", "")).isdecimal() and len(year) == 4:  # noqa: PLR2004
        rows = rows.where(Appraisal.year == int(year))
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str = "") -> Listing:
    """One page of the list, the last touched first."""
    return listing(
        matching(arguments),
        key=Appraisal.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Appraisal]:
    """All appraisals a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Appraisal.touched_at.desc())))


def derivations(row: Appraisal, *, json_url: str) -> list[Derivation]:
    """How 考评得分 came about; nothing before it stands."""
    if row.score is None or row.ended_at is None:
        return []
    sums = totals(row.sheets, contents(row))
    inputs = [
        (each.party_name, f"{points:.2f} 分", each.form_name)
        for party in Party
        for each, points in zip(
            (each for each in row.sheets if each.is_main and Party(each.party) is party),
            sums[party],
            strict=False,
        )
    ]
    weighed = f"{row.weight_unit * 100:.2f}%", f"{row.weight_finance * 100:.2f}%"
    return [
        Derivation(
            name="考评得分",
            result=f"{row.score:.2f} 分",
            formula="经核实一票否决的，考评得分为 0"
            if row.vetoed
            else "考评得分 = 被评价单位考评表平均分 × 权重 + 财政部门考评表得分 × 权重，四舍五入保留两位小数",
            inputs=[
                *inputs,
                ("被评价单位权重", weighed[0], "质量约定"),
                ("财政部门权重", weighed[1], "质量约定"),
            ],
            values={
                "unit": sums[Party.UNIT],
                "finance": sums[Party.FINANCE],
                "weight_unit": row.weight_unit,
                "weight_finance": row.weight_finance,
                "vetoed": row.vetoed,
            },
            rule_set=f"质量约定 {row.terms_id}",
            by=row.ended_by or "",
            at=row.ended_at,
            json_url=json_url,
        )
    ]


def sheet_paper(row: AppraisalSheet, content: AppraisalContent) -> document.Paper:
    """A locked 考评表 as a paper: each item with what was taken from it and why."""
    form = form_of(row)
    laid = laid_out(form, content.entries, filled(row, content))
    case = row.appraisal
    return document.Paper(
        title=row.form_name,
        to="",
        blocks=(
            document.Pairs(
                (
                    ("评价项目", case.contract_name),
                    ("第三方机构", case.firm_name),
                    ("填表单位", row.party_name),
                    *((("口径", case.basis_label),) if row.form_code == "KP_FIN" else ()),
                )
            ),
            document.Table(
                ("指标", "分值", "扣分事项和理由", "得分"),
                tuple(
                    (each.line.item.name, f"{each.line.item.points}", _why(each), f"{each.line.points:.2f}")
                    for _, _, rows in laid.groups
                    for each in rows
                ),
            ),
            document.Pairs(
                (
                    ("合计", f"{content.points:.2f} 分"),
                    *(("一票否决", f"{each.text}（{each.evidence}）") for each in laid.vetoes if each.ticked),
                    *((("分差说明", content.gap_reason),) if content.gap_reason else ()),
                    ("经办", f"{row.signer}　{_day(row.signed_at)}"),
                    ("负责人", f"{row.head}　{_day(row.locked_at)}"),
                )
            ),
        ),
        signed_by=row.party_name,
        dated=day_of(row.locked_at or row.touched_at),
    )


def _why(row: Row) -> str:
    taken = [each.said for each in row.taken if each.count]
    return "；".join((*taken, *([row.reason] if row.reason else []))) or "—"


def _day(at: datetime | None) -> str:
    return f"{day_of(at):%Y年%m月%d日}" if at else ""


def result_paper(row: Appraisal) -> document.Paper:
    """考评结果通知书 to the firm: totals only, nothing of a unit's sheet."""
    return document.Paper(
        title="第三方机构考评结果通知书",
        to=row.firm_name,
        blocks=(
            document.Text(
                f"你单位承担的“{row.contract_name}”已按合同约定完成考评，结果如下，作为以后选择第三方机构的参考依据。"
            ),
            document.Pairs(
                (
                    ("被评价单位考评（平均分）", f"{row.unit_score:.2f} 分"),
                    ("财政部门考评", f"{row.finance_score:.2f} 分"),
                    ("考评得分", f"{row.score:.2f} 分"),
                    *((("一票否决", row.last_reason or ""),) if row.vetoed else ()),
                )
            ),
        ),
        signed_by=bureau_name(),
        dated=day_of(row.ended_at or row.touched_at),
    )


def bureau_name() -> str:
    """The bureau that appraises."""
    return db.session.scalar(select(Tenant.name).where(Tenant.id == tenant_of_session())) or ""
