"""Reading a case from plain data: every impossible state is refused, all of them at once."""

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal

from portal.appraisal.rules import Party
from portal.kernel.exact import Exact
from portal.kernel.money import NOTHING, Yuan
from portal.quality.rules import Stage
from portal.replay.case import AppraisalSheet, Case, Contract, Rules, Sheet, Tender
from portal.replay.plain import BadCase, Faults, Record
from portal.settlement.rules import equal_shares
from portal.tender.rules import Method, Quote, Terms, shortlist, technical_maximum
from tenants.ruleset import (
    AppraisalRules,
    BadRuleSet,
    FeeRules,
    LowPriceRules,
    ProcurementRules,
    QcRules,
    RankingRules,
    from_plain,
    rules_of,
)

RULESET_KEYS = (
    "qc.weight_plan",
    "qc.weight_report",
    "qc.cutoff",
    "qc.deduct_ratio",
    "fee.tiers",
    "qc.scope",
    "qc.min_valid_sheets",
    "qc.trim_extremes",
    "appraisal.weight_unit",
    "appraisal.weight_finance",
    "ranking.weight_appraisal",
    "ranking.weight_quality",
    "ranking.mean",
    "ranking.bands",
    "procurement.min_quotes",
    "lowprice.mean",
    "lowprice.second",
    "lowprice.ceiling",
)

_CASE = ("tenant", "year", "ruleset", "tenders", "contracts")
_TENDER = ("id", "method", "ceiling", "price_weight", "sme_deduction", "tie_order", "quotes")
_QUOTE = ("firm", "price", "conforming", "small", "late", "withdrawn", "justified", "technical")
_CONTRACT = (
    "id",
    "firm",
    "fee",
    "subjects",
    "sheets",
    "appraisals",
    "on_time",
    "vetoed",
    "subject_fees",
)
_SHEET = ("subject", "stage", "expert", "total", "valid")
_APPRAISAL = ("party", "unit", "total")
_SHARE = ("id", "fee_share")

_CODE_DIGITS = 6


def read_case(raw: object) -> Case:
    """Read a case. Raises `BadCase` with every fault."""
    faults = Faults()
    record = Record(raw, "", faults, _CASE)
    _read_tenant(record.record("tenant", ("code", "name")))
    record.whole("year", 1900, 2999)
    rules = _read_rules(record)
    tenders = [_read_tender(item, path, faults, rules) for path, item in record.items("tenders")]
    contracts = [_read_contract(item, path, faults) for path, item in record.items("contracts")]
    _refuse_doubles(record, "tenders", [tender.id for tender in tenders])
    _refuse_doubles(record, "contracts", [contract.id for contract in contracts])
    if rules is None or faults.found:
        raise BadCase(faults.found)
    return Case(rules, tuple(tenders), tuple(contracts))


def _refuse_doubles(record: Record, key: str, names: Sequence[str], field: str = "id") -> None:
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        if name and seen[name]:
            record.wrong(key, f"“{name}”重复。", f"[{index}].{field}")
        seen[name] += 1


def _read_tenant(record: Record) -> None:
    code = record.text("code")
    if code and not (len(code) == _CODE_DIGITS and code.isascii() and code.isdigit()):
        record.wrong("code", "行政区划代码应为 6 位数字。")
    record.text("name")


def _read_rules(case: Record) -> Rules | None:
    record = case.record("ruleset", RULESET_KEYS)
    given = {name: value for name, value in record.raw().items() if name in RULESET_KEYS}
    if record.sound and not {"qc.cutoff", "fee.tiers"} & given.keys():
        record.wrong("qc.cutoff", "没有默认值，必须填写分数线（或者用 fee.tiers 分档）。")
    try:
        values = from_plain(given, RULESET_KEYS)
    except BadRuleSet as bad:
        for fault in bad.faults:
            record.wrong(fault.key, fault.message, fault.at)
        return None
    return Rules(
        qc=rules_of(QcRules, values),
        fee=rules_of(FeeRules, values),
        appraisal=rules_of(AppraisalRules, values),
        ranking=rules_of(RankingRules, values),
        procurement=rules_of(ProcurementRules, values),
        lowprice=rules_of(LowPriceRules, values),
    )


def _read_tender(raw: object, path: str, faults: Faults, rules: Rules | None) -> Tender:
    before = len(faults.found)
    record = Record(raw, path, faults, _TENDER)
    method = record.choice("method", Method)
    review = method is Method.COMPETITIVE_REVIEW
    weight = record.ratio("price_weight", needed=review)
    deduction = record.ratio("sme_deduction") or Decimal(0)
    if method is Method.INQUIRY and record.has("price_weight"):
        record.wrong("price_weight", "询价只比价格，不设价格权重。")
    if deduction == 1:
        record.wrong("sme_deduction", "价格扣除比例应小于 1。")
    maximum = Decimal(100) if weight is None else technical_maximum(weight)
    quotes = [_read_quote(item, at, faults, method, maximum) for at, item in record.items("quotes")]
    firms = [quote.firm for quote in quotes]
    tie_order = record.texts("tie_order", needed=False)
    for index, firm in enumerate(tie_order):
        if firm and firm not in firms:
            record.wrong("tie_order", f"“{firm}”没有报价。", f"[{index}]")
    _refuse_doubles(record, "quotes", firms, "firm")
    _refuse_uneven_panel(record, quotes)
    terms = Terms(
        method or Method.INQUIRY, record.money("ceiling", needed=False), weight, deduction, tie_order
    )
    tender = Tender(record.text("id"), terms, tuple(quotes))
    if review and rules and len(faults.found) == before:
        _refuse_unscored(record, tender, rules)
    return tender


def _read_quote(raw: object, path: str, faults: Faults, method: Method | None, maximum: Decimal) -> Quote:
    record = Record(raw, path, faults, _QUOTE)
    marks = record.items("technical", needed=False)
    if method is Method.INQUIRY and record.has("technical"):
        record.wrong("technical", "询价不评技术分。")
    return Quote(
        firm=record.text("firm"),
        price=record.money("price") or NOTHING,
        conforming=record.flag("conforming", default=True),
        small=record.flag("small", default=False),
        late=record.flag("late", default=False),
        withdrawn=record.flag("withdrawn", default=False),
        justified=record.flag("justified", default=False) if record.has("justified") else None,
        technical=tuple(record.points(mark, at, maximum) for at, mark in marks),
    )


def _refuse_uneven_panel(record: Record, quotes: Sequence[Quote]) -> None:
    """One panel scores all bids, so every bid that was scored has as many totals as the panel has members."""
    sizes = {len(quote.technical) for quote in quotes if quote.technical}
    if len(sizes) > 1:
        most = max(sizes)
        for index, quote in enumerate(quotes):
            if quote.technical and len(quote.technical) < most:
                message = f"评审小组有 {most} 人，这里只有 {len(quote.technical)} 个分数。"
                record.wrong("quotes", message, f"[{index}].technical")


def _refuse_unscored(record: Record, tender: Tender, rules: Rules) -> None:
    """A bid that is to be ranked must have been scored."""
    ranked = shortlist(
        tender.terms, tender.quotes, min_quotes=rules.procurement.min_quotes, rules=rules.lowprice
    ).quotes
    for index, quote in enumerate(tender.quotes):
        if quote in ranked and not quote.technical:
            record.wrong("quotes", "竞争性评审缺少技术分。", f"[{index}].technical")


def _read_contract(raw: object, path: str, faults: Faults) -> Contract:
    record = Record(raw, path, faults, _CONTRACT)
    fee = record.money("fee")
    subjects = record.texts("subjects")
    if record.has("subjects") and not subjects:
        record.wrong("subjects", "合同至少有一个评价对象。")
    shares = _read_shares(record, fee, subjects)
    return Contract(
        id=record.text("id"),
        firm=record.text("firm"),
        fee=fee or NOTHING,
        subjects=subjects,
        shares=shares,
        sheets=_read_sheets(record, subjects),
        appraisals=_read_appraisals(record),
        on_time=record.flag("on_time", default=True),
        vetoed=record.flag("vetoed", default=False),
    )


def _read_shares(record: Record, fee: Yuan | None, subjects: Sequence[str]) -> tuple[Exact, ...]:
    """The fee of each subject as the contract says, else in equal parts."""
    if not record.has("subject_fees"):
        return equal_shares(fee, len(subjects)) if fee is not None and subjects else ()
    found: dict[str, Yuan | None] = {}
    items = record.items("subject_fees")
    for path, item in items:
        row = Record(item, path, record.faults, _SHARE)
        subject = row.text("id")
        share = row.money("fee_share", above_zero=False)
        if subjects and subject and subject not in subjects:
            row.wrong("id", f"合同中没有评价对象“{subject}”。")
        elif subject and subject in found:
            row.wrong("id", f"“{subject}”重复。")
        found[subject] = share
    left_out = [subject for subject in subjects if subject and subject not in found]
    if left_out and "" not in found:
        record.wrong("subject_fees", f"缺少评价对象{'、'.join(f'“{subject}”' for subject in left_out)}。")
    shares = [share for share in found.values() if share is not None]
    if fee is not None and len(shares) == len(items) and sum(shares, Decimal()) != fee:
        record.wrong("subject_fees", f"各评价对象金额合计 {sum(shares, NOTHING)}，应等于合同金额 {fee}。")
    return tuple(found.get(subject) or NOTHING for subject in subjects)


def _read_sheets(contract: Record, subjects: Collection[str]) -> tuple[Sheet, ...]:
    sheets: list[Sheet] = []
    seen: set[tuple[str, Stage, str]] = set()
    for path, item in contract.items("sheets"):
        row = Record(item, path, contract.faults, _SHEET)
        sheet = Sheet(
            subject=row.text("subject"),
            stage=row.choice("stage", Stage),
            expert=row.text("expert"),
            total=row.total("total"),
            valid=row.flag("valid", default=True),
        )
        if subjects and sheet.subject and sheet.subject not in subjects:
            row.wrong("subject", f"合同中没有评价对象“{sheet.subject}”。")
        if sheet.subject and sheet.stage and sheet.expert:
            one = (sheet.subject, sheet.stage, sheet.expert)
            if one in seen:
                contract.faults.add(path, f"专家“{sheet.expert}”对同一评价对象的同一环节只能评一次。")
            seen.add(one)
        sheets.append(sheet)
    return tuple(sheets)


def _read_appraisals(contract: Record) -> tuple[AppraisalSheet, ...]:
    sheets: list[AppraisalSheet] = []
    for path, item in contract.items("appraisals"):
        row = Record(item, path, contract.faults, _APPRAISAL)
        sheet = AppraisalSheet(row.choice("party", Party), row.text("unit", needed=False), row.total("total"))
        if sheet.party is Party.FINANCE and row.has("unit"):
            row.wrong("unit", "财政部门的考评表不写被评价单位。")
        if sheet.unit and sheet.unit in {other.unit for other in sheets}:
            row.wrong("unit", f"“{sheet.unit}”重复：一个单位只填一份考评表。")
        sheets.append(sheet)
    return tuple(sheets)
