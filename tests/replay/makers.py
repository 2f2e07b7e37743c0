"""Cases as plain data: one sound example of each part, and strategies for whole years."""

from hypothesis import strategies as st

FIRMS = ("F1", "F2", "F3", "F4", "F5", "F10")
EXPERTS = ("E1", "E2", "E3", "E4", "E5", "E6")


def a_quote(firm="F1", price="100", **more):
    return {"firm": firm, "price": price, **more}


def an_inquiry(*quotes, **more):
    return {"id": "I1", "method": "inquiry", "quotes": list(quotes), **more}


def a_review(*quotes, **more):
    return {
        "id": "I1",
        "method": "competitive_review",
        "price_weight": "0.30",
        "quotes": list(quotes),
        **more,
    }


def a_sheet(subject="P1", stage="plan", expert="E1", total="80", **more):
    return {"subject": subject, "stage": stage, "expert": expert, "total": total, **more}


def sheets(subject="P1", plan=("80", "80", "80"), report=("80", "80", "80")):
    """One sheet per total, by E1, E2 and so on."""
    return [
        a_sheet(subject, stage, f"E{number}", total)
        for stage, totals in (("plan", plan), ("report", report))
        for number, total in enumerate(totals, start=1)
    ]


def a_contract(**more):
    return {
        "id": "C1",
        "firm": "F1",
        "fee": "1000",
        "subjects": ["P1"],
        "sheets": sheets(),
        "appraisals": [{"party": "unit", "unit": "U1", "total": "90"}, {"party": "finance", "total": "80"}],
        **more,
    }


def a_case(tenders=(), contracts=(), **ruleset):
    """A year; keys of the rule set are given with a double underscore for the point."""
    rules = {name.replace("__", "."): value for name, value in ruleset.items()}
    return {
        "tenant": {"code": "530323", "name": "示例财政局"},
        "year": 2024,
        "ruleset": rules or {"qc.cutoff": "80"},
        "tenders": list(tenders),
        "contracts": list(contracts),
    }


def _text(low, high, places):
    return st.decimals(min_value=low, max_value=high, places=places).map(lambda number: format(number, "f"))


TOTALS = _text(0, 100, 2) | _text(79, 81, 3) | st.sampled_from(("79.99", "80", "79.995", "60", "90"))
PRICES = _text("0.01", "1000000", 2) | st.sampled_from(("100", "200", "50", "49.99"))
RATIOS = _text(0, 1, 2)


@st.composite
def weights(draw, first, second):
    share = draw(st.integers(min_value=0, max_value=100))
    return {first: f"{share / 100:.2f}", second: f"{1 - share / 100:.2f}"}


@st.composite
def tiers(draw):
    starts = sorted(draw(st.sets(st.integers(min_value=1, max_value=100), max_size=4)) | {0})
    pays = sorted(draw(st.lists(RATIOS, min_size=len(starts), max_size=len(starts))), key=float)
    rows = [{"min": str(start), "pay_ratio": pay} for start, pay in zip(starts, pays, strict=True)]
    return draw(st.permutations(rows))


@st.composite
def rulesets(draw):
    rules = {
        **draw(weights("qc.weight_plan", "qc.weight_report")),
        **draw(weights("appraisal.weight_unit", "appraisal.weight_finance")),
        **draw(weights("ranking.weight_appraisal", "ranking.weight_quality")),
        "qc.cutoff": draw(TOTALS),
        "qc.deduct_ratio": draw(RATIOS),
        "qc.scope": draw(st.sampled_from(("contract", "subject"))),
        "qc.min_valid_sheets": draw(st.integers(min_value=1, max_value=4)),
        "qc.trim_extremes": draw(st.booleans()),
        "ranking.mean": draw(st.sampled_from(("simple", "fee_weighted"))),
        "procurement.min_quotes": draw(st.integers(min_value=1, max_value=3)),
    }
    if draw(st.booleans()):
        rules["fee.tiers"] = draw(tiers())
    return rules


@st.composite
def tenders(draw, number):
    review = draw(st.booleans())
    firms = draw(st.permutations(FIRMS))[: draw(st.integers(min_value=0, max_value=len(FIRMS)))]
    rare = st.integers(min_value=1, max_value=10).map(lambda number: number == 10)
    quotes = []
    for firm in firms:
        quote = {"firm": firm, "price": draw(PRICES), "small": draw(rare), "late": draw(rare)}
        quote |= {"withdrawn": draw(rare), "conforming": not draw(rare)}
        if draw(st.booleans()):
            quote["justified"] = draw(st.booleans())
        if review:
            quote["technical"] = draw(st.lists(_text(0, 70, 2), min_size=3, max_size=3))
        quotes.append(quote)
    tender = {"id": f"I{number}", "quotes": quotes, "sme_deduction": draw(_text(0, "0.2", 2))}
    tender |= {"tie_order": draw(st.permutations(firms))} if draw(st.booleans()) else {}
    tender |= {"ceiling": draw(PRICES)} if draw(rare) else {}
    return tender | (
        {"method": "competitive_review", "price_weight": "0.3"} if review else {"method": "inquiry"}
    )


@st.composite
def contracts(draw, number):
    subjects = [f"P{n}" for n in range(1, draw(st.integers(min_value=1, max_value=3)) + 1)]
    scored = st.lists(st.sampled_from(EXPERTS), unique=True, max_size=6)
    rows = [
        a_sheet(subject, stage, expert, draw(TOTALS), valid=draw(st.sampled_from((True, True, True, False))))
        for subject in subjects
        for stage in ("plan", "report")
        for expert in draw(scored)
    ]
    units = draw(st.lists(TOTALS, max_size=2))
    appraisals = [{"party": "unit", "unit": f"U{n}", "total": total} for n, total in enumerate(units)]
    appraisals += [{"party": "finance", "total": total} for total in draw(st.lists(TOTALS, max_size=2))]
    contract = {
        "id": f"C{number}",
        "firm": draw(st.sampled_from(FIRMS)),
        "fee": draw(_text("0.03", "1000000", 2)),
        "subjects": subjects,
        "sheets": rows,
        "appraisals": appraisals,
        "on_time": draw(st.booleans()),
        "vetoed": draw(st.sampled_from((False, False, False, True))),
    }
    if draw(st.booleans()):
        contract["subject_fees"] = [
            {"id": subject, "fee_share": contract["fee"] if subject == subjects[-1] else "0"}
            for subject in subjects
        ]
    return contract


@st.composite
def years(draw):
    """Whole years, sound by construction."""
    return {
        "tenant": {"code": "530323", "name": "示例财政局"},
        "year": 2024,
        "ruleset": draw(rulesets()),
        "tenders": [draw(tenders(number)) for number in range(draw(st.integers(0, 3)))],
        "contracts": [draw(contracts(number)) for number in range(draw(st.integers(0, 4)))],
    }
