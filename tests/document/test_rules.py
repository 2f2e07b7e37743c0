"""What a paper is, how it is spelled, and its 代字."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.document.rules import (
    Block,
    Heading,
    Matter,
    Pairs,
    Paper,
    Table,
    Text,
    choose_stem,
    default_stem,
    matter_of,
    paper_digest,
    read_paper,
    spelled,
    written_day,
)

words = st.text(max_size=20)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, words),
    st.builds(Text, words),
    st.builds(Pairs, st.lists(st.tuples(words, words), max_size=3).map(tuple)),
    st.integers(1, 3).flatmap(
        lambda width: st.builds(
            Table,
            st.tuples(*[words] * width),
            st.lists(st.tuples(*[words] * width), max_size=3).map(tuple),
            words,
        )
    ),
)
papers = st.builds(Paper, words, words, st.lists(blocks, max_size=4).map(tuple), words, st.dates())


@given(papers)
def test_a_paper_is_read_back_as_it_was_kept(paper: Paper) -> None:
    assert read_paper(json.loads(json.dumps(spelled(paper)))) == paper


@given(papers, papers)
def test_two_papers_share_a_digest_only_if_they_are_the_same(one: Paper, other: Paper) -> None:
    digests = {paper_digest("tender.invitation", "师财采〔2026〕1号", spelled(each)) for each in (one, other)}

    assert (len(digests) == 1) == (one == other)


def test_the_number_and_the_kind_are_digested_too() -> None:
    content = spelled(Paper("题", "", (), "局", date(2026, 1, 2)))

    assert len({paper_digest(kind, number, content) for kind in "ab" for number in "12"}) == 4


def test_a_row_of_another_width_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under 2 columns"):
        spelled(Paper("题", "", (Table(("一", "二"), (("1",),)),), "局", date(2026, 1, 2)))


@pytest.mark.parametrize(
    ("kind", "matter"),
    (
        ("tender.invitation", Matter.PROCUREMENT),
        ("award.notice", Matter.PROCUREMENT),
        ("contract.contract", Matter.PERFORMANCE),
        ("quality.result", Matter.PERFORMANCE),
        ("ranking.result", Matter.APPRAISAL),
        ("appraisal.result", Matter.APPRAISAL),
    ),
)
def test_what_a_kind_of_paper_is_about(kind: str, matter: Matter) -> None:
    assert matter_of(kind) is matter


@pytest.mark.parametrize(
    ("bureau", "stem"), (("师宗县财政局", "师财采"), ("90001示范县财政局", "示财采"), ("Test", "本财采"))
)
def test_the_stem_a_bureau_begins_with(bureau: str, stem: str) -> None:
    assert default_stem(bureau, Matter.PROCUREMENT) == stem


@pytest.mark.parametrize(
    ("in_use", "stem"),
    (
        ((), None),
        (("师财绩",), None),
        (("师财采",), "师财采"),
        (("曲财采", "师财采"), "师财采"),
        (("曲财采", "师财绩"), "曲财采"),
    ),
)
def test_a_bureaus_own_stem_comes_first(in_use: tuple[str, ...], stem: str | None) -> None:
    assert choose_stem("师宗县财政局", Matter.PROCUREMENT, in_use) == stem


def test_a_day_is_written_without_idle_zeros() -> None:
    assert written_day(date(2026, 1, 2)) == "2026年1月2日"
