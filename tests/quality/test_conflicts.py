"""Who may not score whose work, at the edges of every case."""

from uuid import UUID, uuid4

import pytest

from portal.quality.rules import (
    Body,
    Candidate,
    Other,
    Verdict,
    alike,
    bare,
    excluded,
    findings,
    next_of,
    persons,
)

FIRM, UNIT, RIVAL = uuid4(), uuid4(), uuid4()
OTHERS = (
    Other(FIRM, Body.FIRM, "云南正衡会计师事务所（普通合伙）"),
    Other(UNIT, Body.UNIT, "师宗县教育体育局"),
    Other(RIVAL, Body.RIVAL, "昆明明信咨询有限公司"),
)


def an_expert(employer: str, *, load: int = 0, member: UUID | None = None) -> Candidate:
    return Candidate(member or uuid4(), "某专家", employer, load)


def codes(candidate, verdicts=None):
    return [each.code.value for each in findings(candidate, OTHERS, verdicts or {})]


@pytest.mark.parametrize(
    ("employer", "expected"),
    (
        ("云南正衡会计师事务所（普通合伙）", ["C1"]),
        ("云南正衡会计师事务所(普通合伙)", ["C1"]),
        (" 云南正衡会计师事务所  普通合伙", ["C1"]),
        ("云南正衡会计师事务所（普通合伙）红河分所", ["C1"]),
        ("云南正衡会计师事务所", ["C1"]),
        ("云南正源会计师事务所", []),
        ("师宗县教育体育局", ["C4"]),
        ("师宗县教育体育局计财股", ["C4"]),
        ("教育体育局", ["C4"]),
        ("教育局", []),
        ("昆明明信咨询有限公司", ["C9"]),
        ("云南大学", []),
        ("", []),
    ),
)
def test_an_employer_is_matched_by_name(employer, expected):
    assert codes(an_expert(employer)) == expected


@pytest.mark.parametrize(("load", "expected"), ((0, []), (2, []), (3, ["C13"]), (4, ["C13"])))
def test_an_expert_with_three_open_seats_is_full(load, expected):
    assert codes(an_expert("云南大学", load=load)) == expected


def test_only_hard_conflicts_keep_an_expert_out():
    rival = findings(an_expert("昆明明信咨询有限公司"), OTHERS, {})
    firm = findings(an_expert("云南正衡会计师事务所"), OTHERS, {})

    assert (excluded(rival), excluded(firm), excluded([])) == (False, True, False)


def test_a_match_stands_until_it_is_rejected_for_this_employer_and_this_body():
    person = an_expert("云南正衡会计师事务所")
    key = (person.id, bare(person.employer), FIRM)

    assert codes(person, {key: Verdict.REJECTED}) == []
    assert codes(person, {key: Verdict.CONFIRMED}) == ["C1"]
    assert codes(person, {(person.id, bare("原单位"), FIRM): Verdict.REJECTED}) == ["C1"]
    assert codes(person, {(person.id, bare(person.employer), UNIT): Verdict.REJECTED}) == ["C1"]
    assert [each.open for each in findings(person, OTHERS, {})] == [True]
    assert [each.open for each in findings(person, OTHERS, {key: Verdict.CONFIRMED})] == [False]


def test_names_are_alike_in_any_width_and_case():
    assert alike("ＡＢＣ咨询公司", "abc咨询公司")
    assert not alike("", "")
    assert not alike("红河", "红河县农业农村局")


def test_a_person_of_two_libraries_is_asked_once_from_the_own_one():
    person = uuid4()
    above = Candidate(uuid4(), "甲", "大学", person_id=person, is_own=False)
    own = Candidate(uuid4(), "甲", "大学", person_id=person, is_own=True)

    assert persons([above, own]) == [own]


def test_a_colleague_of_someone_seated_is_asked_last():
    seated = [an_expert("云南大学")]
    colleague, stranger = an_expert("云 南 大 学"), an_expert("昆明学院")

    assert next_of([colleague, stranger], seated) == stranger
    assert next_of([colleague], seated) == colleague
    assert next_of([], seated) is None
