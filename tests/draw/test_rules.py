"""A draw is a function of what is published, every order can come, and nothing can be changed unseen."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.draw import rules as r
from portal.draw.rules import DrawFacts, Excluded, Outcome

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)
WORDS = st.text(max_size=20)


@given(WORDS, st.integers(1, 60))
def test_the_order_is_a_permutation_and_always_the_same(seed: str, count: int) -> None:
    drawn = r.order(seed, count)

    assert sorted(drawn) == list(range(1, count + 1))
    assert drawn == r.order(seed, count)


def test_every_order_of_three_comes_about_as_often() -> None:
    """Chi-square over 6000 fixed seeds, five degrees of freedom: below 20.5 but once in a thousand."""
    seen: dict[tuple[int, ...], int] = {}
    for number in range(6000):
        drawn = r.order(r.seed_of("ab" * 32, str(number), "cd" * 32), 3)
        seen[drawn] = seen.get(drawn, 0) + 1

    assert len(seen) == 6
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 20.5


def test_everybody_of_twenty_is_first_about_as_often() -> None:
    """Chi-square, nineteen degrees of freedom: below 43.8 but once in a thousand."""
    first = [0] * 21
    for number in range(4000):
        first[r.order(r.seed_of("12" * 32, str(number), "34" * 32), 20)[0]] += 1

    assert sum((count - 200) ** 2 / 200 for count in first[1:]) < 43.8


@given(WORDS, WORDS, WORDS, WORDS)
def test_another_secret_list_or_number_is_another_commitment(a: str, b: str, c: str, changed: str) -> None:
    a, b, c, changed = (each.replace("|", "") for each in (a, b, c, changed))
    made = r.commitment(a, b, c)

    for other in ((changed, b, c), (a, changed, c), (a, b, changed)):
        assert (r.commitment(*other) == made) == (other == (a, b, c))


QUOTAS = (r.Quota("部", 1, (1, 4)), r.Quota("项", 1, (2, 3)))


def test_how_many_of_each_kind_is_under_the_commitment_too() -> None:
    said = r.quota_text(QUOTAS)
    other = r.quota_text((r.Quota("部", 2, (1, 4)), r.Quota("项", 0, (2, 3))))

    assert said == "部 1 个：编号 1、4；项 1 个：编号 2、3"
    made = [r.commitment("a", "b", "c", each) for each in (said, other, "")]
    assert len(set(made)) == 3
    assert made[2] == r.commitment("a", "b", "c")


@pytest.mark.parametrize(
    ("order", "expected"),
    (((3, 2, 4, 1), (3, 4)), ((1, 4, 2, 3), (1, 2)), ((), ())),
)
def test_within_a_kind_the_order_drawn_decides(order: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert r.taken(order, QUOTAS) == expected
    assert r.taken(order, ()) == ()


def test_names_their_order_exclusions_and_nonce_all_stand_in_the_digest() -> None:
    def digest(
        names: tuple[str, ...] = ("甲", "乙"),
        excluded: tuple[Excluded, ...] = (Excluded("丙", ("须回避",)),),
        nonce: str = "n",
    ) -> str:
        return r.list_digest(r.leaves_of(names, nonce), r.excluded_digest(excluded, nonce))

    others = (
        digest(names=("乙", "甲")),
        digest(names=("甲",)),
        digest(excluded=()),
        digest(excluded=(Excluded("丁", ("须回避",)),)),
        digest(excluded=(Excluded("丙", ("当日另有任务",)),)),
        digest(nonce="m"),
    )

    assert digest() == digest()
    assert digest() not in others
    assert len(set(others)) == len(others)


def test_a_name_fits_its_own_place_and_no_other() -> None:
    first, second = r.leaves_of(("甲", "甲"), "n")

    assert first != second
    assert r.leaf(r.salt("n", 1), 1, "甲") == first
    assert r.leaf(r.salt("n", 1), 1, "乙") != first
    assert r.leaf(r.salt("n", 2), 1, "甲") != first


def test_reasons_are_counted_without_names() -> None:
    excluded = [Excluded("甲", ("须回避",)), Excluded("乙", ("须回避", "当日另有任务"))]

    assert r.excluded_counts(excluded) == {"当日另有任务": 1, "须回避": 2}


@pytest.mark.parametrize(
    ("ruling", "codes"),
    (
        (r.may_seed(DrawFacts(NOW, actor_id=ONE, committed_by=ONE)), ("draw.own_list",)),
        (r.may_seed(DrawFacts(NOW, actor_id=OTHER, committed_by=ONE)), ()),
        (r.may_seed(DrawFacts(NOW, actor_id=OTHER, committed_by=None)), ()),
        (r.may_end(DrawFacts(NOW, outcome=Outcome.FILLED)), ()),
        (r.may_end(DrawFacts(NOW, outcome=Outcome.SHORT, reason=" ")), ("draw.needs_reason",)),
        (r.may_end(DrawFacts(NOW, outcome=Outcome.VOID, reason="设备故障")), ()),
        (r.may_end_undrawn(DrawFacts(NOW, outcome=Outcome.FILLED)), ("draw.not_drawn",)),
        (r.may_end_undrawn(DrawFacts(NOW, outcome=Outcome.SHORT)), ("draw.not_drawn", "draw.needs_reason")),
        (r.may_end_undrawn(DrawFacts(NOW, outcome=Outcome.VOID, reason="清单有误")), ()),
    ),
)
def test_who_types_and_how_a_draw_ends(ruling: object, codes: tuple[str, ...]) -> None:
    assert getattr(ruling, "codes") == codes  # noqa: B009 -- whatever the rule answered


def test_numbers_are_the_year_and_the_place() -> None:
    assert (r.number_of(2026, 1), r.number_of(2026, 1234)) == ("2026-001", "2026-1234")
