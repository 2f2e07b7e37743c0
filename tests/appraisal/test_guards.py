"""When a sheet may be signed, locked, returned, explained, and an appraisal ended: facts in, codes out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from portal.appraisal import rules as r
from portal.appraisal.lifecycle import expires_at

ONE, TWO = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
SHEET = r.SheetFacts(
    over=False,
    basis=r.Basis.SAMPLED,
    party=r.Party.FINANCE,
    missing=0,
    signer_id=ONE,
    actor_id=TWO,
    returned=False,
    released=True,
    gap=Decimal("15.01"),
    most=Decimal(15),
    reason="双方视角不同",
)
CASE = r.AppraisalFacts(
    now=NOON, due_by=NOON, waiting=("某单位",), reason="对方未填报", today=date(2026, 11, 20)
)


@pytest.mark.parametrize(
    ("guard", "changed", "codes"),
    (
        (r.may_sign, {}, ()),
        (r.may_sign, {"over": True}, ("appraisal.over",)),
        (r.may_sign, {"missing": 2}, ("appraisal.incomplete",)),
        (r.may_sign, {"silent": 1}, ("appraisal.items_silent",)),
        (r.may_sign, {"silent": 1, "confirmed": True}, ()),
        (r.may_sign, {"basis": r.Basis.PENDING}, ("appraisal.quality_pending",)),
        (r.may_sign, {"basis": r.Basis.PENDING, "party": r.Party.UNIT}, ()),
        (r.may_lock, {}, ()),
        (r.may_lock, {"actor_id": ONE}, ("appraisal.own_sheet",)),
        (r.may_return, {}, ()),
        (r.may_return, {"returned": True}, ("appraisal.returned_once",)),
        (r.may_return, {"reason": "不行 "}, ("appraisal.no_reason",)),
        (r.may_return, {"reason": None}, ()),
        (r.may_explain, {}, ()),
        (r.may_explain, {"gap": Decimal("15.00")}, ("appraisal.gap_within",)),
        (r.may_explain, {"gap": None, "released": False}, ("appraisal.not_released",)),
    ),
)
def test_a_sheet_moves_only_so(guard, changed, codes):
    assert guard(replace(SHEET, **changed)).codes == codes


@pytest.mark.parametrize(
    ("guard", "changed", "codes"),
    (
        (r.may_expire, {}, ("appraisal.not_late",)),
        (r.may_expire, {"now": NOON + timedelta(seconds=1)}, ()),
        (r.may_close, {}, ("appraisal.not_late",)),
        (r.may_close, {"now": NOON + timedelta(seconds=1)}, ()),
        (r.may_close, {"now": NOON + timedelta(seconds=1), "waiting": ()}, ("appraisal.both_filed",)),
        (r.may_close, {"waiting": ()}, ("appraisal.both_filed",)),
        (r.may_close, {"now": NOON + timedelta(seconds=1), "reason": "无"}, ("appraisal.no_reason",)),
        (r.may_extend, {"new_on": date(2026, 11, 21)}, ()),
        (r.may_extend, {"new_on": date(2026, 11, 20)}, ("appraisal.date_past",)),
        (r.may_extend, {"waiting": ()}, ("appraisal.both_filed",)),
        (r.may_finish, {}, ("appraisal.waiting",)),
        (r.may_finish, {"waiting": ()}, ()),
        (r.may_finish, {"waiting": (), "unexplained": ("财政部门",)}, ("appraisal.unexplained",)),
        (r.may_finish, {"waiting": (), "vetoes": {"泄密": "截图"}}, ()),
        (
            r.may_finish,
            {"waiting": (), "vetoes": {"泄密": "截图"}, "asked": True},
            ("appraisal.veto_undecided",),
        ),
        (
            r.may_finish,
            {"waiting": (), "vetoes": {"泄密": "截图"}, "asked": True, "upheld": True, "reason": ""},
            ("appraisal.no_reason",),
        ),
    ),
)
def test_an_appraisal_ends_only_so(guard, changed, codes):
    assert guard(replace(CASE, **changed)).codes == codes


@pytest.mark.parametrize(
    ("units", "finance", "gap"),
    (
        (("90", "81"), ("88",), "2.50"),
        (("80",), ("95.01",), "15.01"),
        ((), ("90",), None),
        (("90",), (), None),
    ),
)
def test_the_gap_is_between_the_means(units, finance, gap):
    made = r.gap([Decimal(each) for each in units], [Decimal(each) for each in finance])

    assert (None if made is None else str(made)) == gap


class Row:
    """As the table of moves asks it."""

    due_by = NOON

    def __init__(self, late_at):
        self.late_at = late_at


def test_the_clock_tells_once():
    assert expires_at(Row(None)) == NOON
    assert expires_at(Row(NOON)) is None
