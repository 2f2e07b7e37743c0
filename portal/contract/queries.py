"""Reading contracts, and the facts their rules are asked with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from portal import document
from portal.access import Actor
from portal.contract.lifecycle import OPEN, ContractState
from portal.contract.models import Contract, Extension
from portal.contract.rules import CLAUSES, DELIVERABLES, ContractFacts, QualityNumbers
from portal.kernel.errors import NotFound, Stale
from portal.kernel.hashing import told_id
from portal.kernel.money import Yuan
from portal.kernel.workdays import add_workdays, day_of
from portal.subject import Subject
from portal.unit import Unit
from portal.web.listing import Listing, Sort, listing, read_decimal, read_instant, read_int, year_asked
from tenants.calendar import calendar
from tenants.db import db
from tenants.ruleset import ProcurementRules

SIGNED = (ContractState.EFFECTIVE.value, ContractState.COMPLETED.value)
SORTS: Mapping[str, Sort] = {
    "name": Sort(Contract.name.expression),
    "firm": Sort(Contract.firm_name.expression),
    "year": Sort(Contract.year.expression, read_int),
    "fee": Sort(Contract.fee.expression, read_decimal),
    "touched": Sort(Contract.touched_at.expression, read_instant),
}


def contract(row_id: UUID) -> Contract:
    """The contract. Raises `NotFound`."""
    found = db.session.scalars(select(Contract).where(Contract.id == row_id)).first()
    if found is None:
        raise NotFound
    return found


def contracts_of(year: int) -> list[Contract]:
    """The signed contracts of a year (the year of the commission), by signing."""
    rows = select(Contract).where(Contract.year == year, Contract.state.in_(SIGNED))
    return list(db.session.scalars(rows.order_by(Contract.signed_at, Contract.id)))


def of_commission(commission_id: UUID) -> list[Contract]:
    """The contracts under a commission, the latest first; cancelled ones too."""
    rows = select(Contract).where(Contract.commission_id == commission_id)
    return list(db.session.scalars(rows.order_by(Contract.awarded_at.desc(), Contract.id)))


def of_award(award_id: UUID) -> Contract | None:
    """The live contract of an award, if it was drafted."""
    rows = select(Contract).where(
        Contract.award_id == award_id, Contract.state != ContractState.CANCELLED.value
    )
    return db.session.scalars(rows).first()


def is_in_force(contract_id: UUID) -> bool:
    """Whether both sides have signed and it is not completed yet."""
    state = db.session.scalar(select(Contract.state).where(Contract.id == contract_id))
    return state == ContractState.EFFECTIVE.value


def signed() -> list[Contract]:
    """The contracts under which work is done, by name; for choices and lists downstream."""
    rows = select(Contract).where(Contract.state == ContractState.EFFECTIVE.value)
    return list(db.session.scalars(rows.order_by(Contract.name, Contract.id)))


def matching(arguments: Mapping[str, str]) -> Select[Contract]:
    """The contracts a search asks for: words of the name or firm, a state, a year, signing overdue."""
    rows = select(Contract)
    if words := arguments.get("q", "").strip():
        rows = rows.where(
            Contract.name.icontains(words, autoescape=True)
            | Contract.firm_name.icontains(words, autoescape=True)
        )
    if (state := arguments.get("state")) in {each.value for each in ContractState}:
        rows = rows.where(Contract.state == state)
    if year := year_asked(arguments):
        rows = rows.where(Contract.year == year)
    return rows


def page_of(arguments: Mapping[str, str], *, path: str, export_url: str) -> Listing:
    """One page of the list, the last touched first."""
    return listing(
        matching(arguments),
        key=Contract.id.expression,
        sorts=SORTS,
        arguments=arguments,
        path=path,
        default="-touched",
        kept=("q", "state", "year"),
        export_url=export_url,
    )


def everything(arguments: Mapping[str, str]) -> list[Contract]:
    """All contracts a search asks for, for the workbook."""
    return list(db.session.scalars(matching(arguments).order_by(Contract.touched_at.desc())))


def overdue(row: Contract, now: datetime) -> bool:
    """Whether the thirty days of signing have passed and it is not signed by both."""
    return ContractState(row.state) in OPEN and now > row.sign_by


@dataclass(frozen=True, slots=True)
class AfterSigning:
    """The last days on which a signed contract is announced, and its copy filed where one files."""

    publish_by: date
    file_by: date


def after_signing(row: Contract, force: ProcurementRules) -> AfterSigning | None:
    """What is due once both have signed; None before."""
    if row.signed_at is None:
        return None
    day = day_of(row.signed_at)
    days = calendar(day)
    return AfterSigning(
        publish_by=add_workdays(day, force.publish_workdays, days),
        file_by=add_workdays(day, force.file_workdays, days),
    )


def lock(row: Contract, *, version: int) -> None:
    """Lock the row. Raises `Stale` where its version is not the one that was shown."""
    db.session.refresh(row, with_for_update=True)
    if row.version != version:
        raise Stale


def subjects_named(ids: Sequence[UUID]) -> list[dict[str, str]]:
    """Subjects with their units as a contract names them, in the order of the ids; ids as text."""
    found = db.session.execute(
        select(Subject.id, Subject.name, Subject.unit_id, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Subject.unit_id)
        .where(Subject.id.in_(ids))
    )
    known = {
        each.id: {
            "id": str(each.id),
            "name": each.name,
            "unit_id": str(each.unit_id),
            "unit_name": each.unit_name,
        }
        for each in found
    }
    return [known[each] for each in ids if each in known]


def numbers(terms: Any) -> QualityNumbers:
    """The frozen quality terms of a commission, as the rules read them."""
    return QualityNumbers(
        weight_plan=terms.weight_plan,
        weight_report=terms.weight_report,
        cutoff=terms.cutoff,
        tiers=terms.tiers or (),
        deduct_ratio=terms.deduct_ratio,
        scope=terms.scope,
        sample_size=terms.sample_size,
        experts=terms.experts,
        min_valid_sheets=terms.min_valid_sheets,
        trim_extremes=terms.trim_extremes,
        weight_unit=terms.weight_unit,
        weight_finance=terms.weight_finance,
        scoring_workdays=terms.scoring_workdays,
        objection_workdays=terms.objection_workdays,
        forms=terms.forms,
    )


def facts(
    row: Contract,
    *,
    by: Actor | None,
    now: datetime,
    reason: str | None = None,
    seen: str | None = None,
    old_on: date | None = None,
    new_on: date | None = None,
    on: date | None = None,
) -> ContractFacts:
    """Everything the rules ask about, at this moment; all of it stands in the row."""
    return ContractFacts(
        today=day_of(now),
        fee=Yuan(row.fee),
        awarded=Yuan(row.awarded),
        same_terms=row.terms_id == row.tendered_terms_id,
        quality=row.quality["lines"],
        due=tuple(row.due_signed.values()),
        payment_days=row.payment_days,
        missing=[label for key, (label, _) in CLAUSES.items() if not row.clauses.get(key, "").strip()],
        subjects=len(row.objects),
        lead_evaluator=row.lead_evaluator,
        digest=row.content_digest,
        firm_digest=row.firm_digest,
        offered_by=row.offered_by,
        actor_id=by.account_id if by else None,
        settled=row.settled_at is not None,
        appraised=row.appraised_at is not None,
        seen=seen,
        reason=reason,
        old_on=old_on,
        new_on=new_on,
        signed_on=day_of(row.signed_at) if row.signed_at else None,
        filed_on=row.filed_on,
        on=on,
    )


def counts() -> dict[str, int]:
    """How many contracts stand where, for the home; one statement."""
    found = db.session.execute(select(Contract.state, func.count()).group_by(Contract.state))
    return {each[0]: each[1] for each in found}


def paper(row: Contract) -> document.Paper:
    """绩效评价委托服务合同, as both sides print and keep it."""
    team = [(each.get("name", ""), each.get("part", "")) for each in row.members]
    return document.Paper(
        title="绩效评价委托服务合同",
        to="",
        blocks=(
            document.Pairs(
                (
                    ("项目名称", row.name),
                    ("甲方（委托方）", row.bureau_name),
                    ("乙方（受托方）", row.firm_name),
                    ("采购文件", row.tender_number),
                    ("质量约定编号", told_id(row.terms_id)),
                )
            ),
            document.Heading("一、评价对象"),
            document.Table(
                ("评价对象", "被评价单位"), tuple((each["name"], each["unit_name"]) for each in row.objects)
            ),
            *_clause("二", "service", row),
            document.Heading("三、成果和交付期限"),
            document.Pairs(
                tuple(
                    (DELIVERABLES[kind], f"{document.written_day(day)}以前（含当日）")
                    for kind, day in row.due_signed.items()
                )
            ),
            document.Heading("四、主评人和评价组"),
            document.Pairs((("主评人", row.lead_evaluator), ("承诺现场工作天数", f"{row.onsite_days} 天"))),
            *((document.Table(("姓名", "分工"), tuple(team)),) if team else ()),
            document.Heading("五、合同价款和支付"),
            *(document.Text(line) for line in row.payment_lines),
            document.Heading("六、质量条款"),
            *(document.Text(f"（{n}）{line}") for n, line in enumerate(row.quality["lines"], 1)),
            *(
                block
                for numeral, key in zip("七八九", ("archive", "subcontract", "confidentiality"), strict=True)
                for block in _clause(numeral, key, row)
            ),
            *(
                block
                for numeral, key in zip(
                    ("十", "十一", "十二", "十三"),
                    ("independence", "ownership", "liability", "dispute"),
                    strict=True,
                )
                for block in _clause(numeral, key, row)
            ),
            *((document.Heading("十四、其他约定"), document.Text(row.special)) if row.special else ()),
            document.Heading("签章"),
            document.Pairs(
                (
                    ("乙方签章人", f"{row.firm_signer}　{_day(row.firm_signed_at)}"),
                    ("甲方签章人", f"{row.signer}　{_day(row.signed_at)}"),
                    ("双方签署的内容摘要（SM3）", row.content_digest),
                )
            ),
        ),
        signed_by=row.bureau_name,
        dated=_signed_on(row),
    )


def extension_paper(row: Contract, made: Extension) -> document.Paper:
    """成果延期确认单: what was due when, and until when it may come now."""
    return document.Paper(
        title="成果延期确认单",
        to=row.firm_name,
        blocks=(
            document.Pairs(
                (
                    ("合同编号", row.number or ""),
                    ("项目名称", row.name),
                    ("成果", made.kind_label),
                    ("原定期限", document.written_day(made.old_on)),
                    ("延期至", document.written_day(made.new_on)),
                    ("理由", made.reason),
                    ("经办", made.granted_by),
                )
            ),
        ),
        signed_by=row.bureau_name,
        dated=day_of(made.granted_at),
    )


def announcement(row: Contract) -> document.Paper:
    """合同公告: who, what, for how much; no names of persons."""
    return document.Paper(
        title=f"{row.name}合同公告",
        to="",
        blocks=(
            document.Pairs(
                (
                    ("合同编号", row.number or ""),
                    ("项目名称", row.name),
                    ("采购人", row.bureau_name),
                    ("第三方机构", row.firm_name),
                    ("合同价款", f"{row.fee:,.2f} 元"),
                    ("签订日期", _day(row.signed_at)),
                    ("履行期限", f"至 {document.written_day(row.report_due_on)}"),
                )
            ),
            document.Table(
                ("评价对象", "被评价单位"), tuple((each["name"], each["unit_name"]) for each in row.objects)
            ),
        ),
        signed_by=row.bureau_name,
        dated=_signed_on(row),
    )


def _clause(numeral: str, key: str, row: Contract) -> tuple[document.Heading, document.Text]:
    return document.Heading(f"{numeral}、{CLAUSES[key][0]}"), document.Text(row.clauses[key])


def _day(at: datetime | None) -> str:
    return document.written_day(day_of(at)) if at else ""


def _signed_on(row: Contract) -> date:
    if row.signed_at is None:
        msg = "a contract is printed as signed once it is"
        raise ValueError(msg)
    return day_of(row.signed_at)
