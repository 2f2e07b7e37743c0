"""A year as a case file: what is told, and everything that the format cannot say."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from portal import contract, ranking
from portal.access import Role
from portal.kernel.errors import Refused
from portal.replay import exporting, replay
from tenants import scope
from tenants.db import db
from tests.award.makers import an_award
from tests.ranking.makers import Travel, Year, a_draft_ranking


@contextmanager
def altered(year: Year, statement: str, back: str) -> Iterator[None]:
    """Something of the year is otherwise for a while."""
    known = {"id": year.one.contract_id, "other": str(uuid4())}
    with scope.unit_of_work(year.one.bureau.system):
        db.session.execute(text(statement), known)
    try:
        yield
    finally:
        with scope.unit_of_work(year.one.bureau.system):
            db.session.execute(text(back), known)


def refusals(year: Year) -> tuple[str, ...]:
    """Why the year is not handed out."""
    row_id = a_draft_ranking(year)
    with year.one.acting(Role.HANDLER), pytest.raises(Refused) as error:
        exporting.case_of(ranking.ranking(row_id))
    return error.value.ruling.codes


TERMS = "UPDATE quality_terms SET {} WHERE id = (SELECT terms_id FROM contract WHERE id = :id)"


def test_terms_of_its_own_do_not_fit(year: Year) -> None:
    with altered(year, TERMS.format("cutoff = 81"), TERMS.format("cutoff = 80")):
        assert refusals(year) == ("replay.terms_differ",)


def test_another_rule_set_does_not_fit(year: Year) -> None:
    other = TERMS.format("rule_set_id = CAST(:other AS uuid)")
    one = (
        "(SELECT t.rule_set_id FROM quality_terms t WHERE t.rule_set_id <> quality_terms.rule_set_id LIMIT 1)"
    )
    back = TERMS.format(f"rule_set_id = {one}")
    with altered(year, other, back):
        assert refusals(year) == ("replay.several_rule_sets",)


def test_a_penalty_does_not_fit(year: Year) -> None:
    fined = "UPDATE settlement SET penalties = penalties + 100, earned = earned - 100 WHERE contract_id = :id"
    back = "UPDATE settlement SET penalties = penalties - 100, earned = earned + 100 WHERE contract_id = :id"
    with altered(year, fined, back):
        assert refusals(year) == ("replay.penalties",)


def test_a_veto_of_one_side_alone_does_not_fit(year: Year) -> None:
    vetoed = "UPDATE appraisal SET vetoed = true WHERE contract_id = :id"
    with altered(year, vetoed, vetoed.replace("true", "false")):
        assert refusals(year) == ("replay.veto_differs",)


def test_an_empty_year_is_no_case(year: Year) -> None:
    assert refusals(Year(year.one, year.two, year.year - 1)) == ("replay.no_contracts",)


def test_figures_that_moved_on_are_not_handed_out_as_the_pages(year: Year) -> None:
    row_id = a_draft_ranking(year)
    with scope.unit_of_work(year.one.bureau.system):
        db.session.execute(text("UPDATE ranking_row SET score = score - 1"))
    with year.one.acting(Role.HANDLER), pytest.raises(Refused) as error:
        exporting.case_of(ranking.ranking(row_id))

    assert error.value.ruling.codes == ("replay.differs",)


def test_a_contract_that_does_not_count_yet_is_told_without_its_appraisal(year: Year) -> None:
    undone = "UPDATE appraisal SET state = 'open', score = NULL, ended_at = NULL WHERE contract_id = :id"
    kept = "UPDATE appraisal SET state = 'final', score = 94.49, ended_at = opened_at WHERE contract_id = :id"
    with year.one.acting(Role.HANDLER):
        before = ranking.work_of(contract.contract(year.one.contract_id)).appraisal
    with altered(year, undone, kept.replace("94.49", str(before))):
        row_id = a_draft_ranking(year)
        with year.one.acting(Role.HANDLER):
            row = ranking.ranking(row_id)
            assert [each["missing"] for each in row.missing] == [["双方考评尚未定分"]]
            told = replay(exporting.case_of(row))

    assert [each["firm"] for each in told["ranking"]] == [year.two.firm_name]
    assert [each["appraisal"] is None for each in told["contracts"]] == [False, True]


def test_a_purchase_is_told_with_its_quotes(app: Flask, travel: Travel) -> None:
    assert app
    ready = an_award(travel)
    with scope.entered(ready.issued.market.bureau.system):
        (bought,) = contract.of_commission(ready.issued.commission_id)
        told = exporting._tender(bought, {})  # noqa: SLF001 -- the part alone
    assert told is not None

    outcome = replay(
        {
            "tenant": {"code": "900001", "name": "示范县财政局"},
            "year": 2026,
            "ruleset": {"qc.cutoff": "80"},
            "tenders": [told],
            "contracts": [],
        }
    )
    assert (outcome["tenders"][0]["state"], outcome["tenders"][0]["awarded_to"]) == (
        "awarded",
        bought.firm_name,
    )
