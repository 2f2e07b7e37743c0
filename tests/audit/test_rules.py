"""Where a chain stops holding: links in, the first break out."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.rules import GENESIS, Link, first_break, link_digest

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
CHAIN = "c"


def _chain(length: int, *, body: str = "body") -> list[Link]:
    made: list[Link] = []
    previous = GENESIS
    for seq in range(1, length + 1):
        digest = link_digest(
            previous, chain=CHAIN, seq=seq, at=AT, verb="v", subject_id=UUID(int=seq), body=f"{body}{seq}"
        )
        made.append(Link(CHAIN, seq, AT, "v", UUID(int=seq), f"{body}{seq}", previous, digest))
        previous = digest
    return made


def _end(links: list[Link]) -> tuple[int, bytes]:
    return (links[-1].seq, links[-1].digest) if links else (0, GENESIS)


def _broken(links: list[Link], end: tuple[int, bytes], anchors: dict[int, bytes] | None = None) -> int | None:
    found = first_break(CHAIN, links, end, anchors or {})
    return found.seq if found else None


@given(st.integers(0, 6))
def test_an_untouched_chain_holds(length: int) -> None:
    links = _chain(length)

    assert _broken(links, _end(links), {link.seq: link.digest for link in links}) is None


@given(st.integers(0, 5), st.sampled_from(("verb", "body", "at", "subject_id", "digest", "previous")))
def test_an_edited_event_is_the_first_break(place: int, field: str) -> None:
    links = _chain(6)
    other = {
        "verb": "w",
        "body": "else",
        "at": AT.replace(minute=31),
        "subject_id": None,
        "digest": b"x" * 32,
        "previous": b"x" * 32,
    }
    links[place] = replace(links[place], **{field: other[field]})  # type: ignore[arg-type]

    assert _broken(links, _end(_chain(6))) == place + 1


@given(st.integers(0, 4))
def test_a_removed_event_is_found_where_it_was(place: int) -> None:
    links = _chain(6)
    end = _end(links)
    del links[place]

    assert _broken(links, end) == place + 1


@given(st.integers(1, 6))
def test_a_cut_tail_is_found(cut: int) -> None:
    links = _chain(6)

    assert _broken(links[:-cut], _end(links)) == 7 - cut


@given(st.integers(0, 5))
def test_an_inserted_event_is_found(place: int) -> None:
    links = _chain(6)
    links.insert(place, replace(links[place], body="inserted"))

    assert _broken(links, _end(links)) == place + 1


def test_a_chain_rewritten_whole_and_equally_long_is_found_by_an_anchor_alone() -> None:
    anchor = {4: _chain(6)[3].digest}
    rewritten = _chain(6, body="other")

    assert _broken(rewritten, _end(rewritten)) is None
    assert _broken(rewritten, _end(rewritten), anchor) == 4


@pytest.mark.parametrize("left", (0, 3))
def test_a_chain_cut_together_with_its_end_is_found_by_an_anchor(left: int) -> None:
    links = _chain(6)
    anchor = {5: links[4].digest}

    assert _broken(links[:left], _end(links[:left])) is None
    assert _broken(links[:left], _end(links[:left]), anchor) == left + 1
