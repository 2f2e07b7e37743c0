"""Until when, with what reason, and what binds a bid: no database."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.bid.rules import (
    LEAST_MESSAGE,
    BidFacts,
    Part,
    broken_parts,
    commit,
    may_open,
    may_submit,
    new_seed,
    padded,
    parts_of,
)
from portal.kernel.money import yuan

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
OPEN = BidFacts(now=AT, response_by=AT, running=True, suspended=False)
CONTENT = {
    "price": yuan("175000.00"),
    "plan": "先核资料，再到现场",
    "lead": "张三",
    "members": [{"name": "甲", "title": "会计师", "days": 3}],
    "onsite_days": 6,
    "files": [],
}
SEED = bytes(32)
SCRIPT = Path(__file__).parents[2] / "portal/static/verify_receipt.py"


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"now": AT + timedelta(microseconds=1)}, ("bid.too_late",)),
        ({"now": AT + timedelta(seconds=1), "running": False}, ("bid.too_late",)),
        ({"running": False}, ("bid.not_running",)),
        ({"suspended": True}, ("bid.suspended",)),
        ({"suspended": True, "now": AT + timedelta(days=1)}, ("bid.suspended",)),
        ({"invited": False}, ("bid.not_invited",)),
    ),
)
def test_submit_until_the_deadline_its_own_instant_included(
    changed: dict[str, object], codes: tuple[str, ...]
) -> None:
    assert may_submit(replace(OPEN, **changed)).codes == codes  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "codes"),
    (
        ({}, ()),
        ({"officers": 1}, ("bid.officers_missing",)),
        ({"now": AT}, ("bid.still_sealed",)),
        ({"running": True}, ("bid.still_sealed",)),
        ({"suspended": True}, ("tender.suspended",)),
    ),
)
def test_open_after_the_deadline_with_two_officers(
    changed: dict[str, object], codes: tuple[str, ...]
) -> None:
    ready = replace(OPEN, now=AT + timedelta(seconds=1), running=False, officers=2)
    assert may_open(replace(ready, **changed)).codes == codes  # type: ignore[arg-type]


def test_the_same_sending_commits_to_the_same_and_another_content_shares_no_nonce() -> None:
    first, again = (commit(parts_of(CONTENT), SEED) for _ in range(2))
    other = commit(parts_of({**CONTENT, "price": yuan("174000.00")}), SEED)

    assert first == again
    assert first != commit(parts_of(CONTENT), new_seed())
    assert not {*first[0].values()} & {*other[0].values()}


def test_each_part_is_committed_to_on_its_own() -> None:
    parts = parts_of(CONTENT)
    nonces, commitments = commit(parts, SEED)

    assert broken_parts(parts, nonces, commitments) == []
    assert len({*nonces.values()}) == len(Part)
    assert broken_parts({**parts, Part.PRICE: "174999"}, nonces, commitments) == [Part.PRICE]
    assert broken_parts(parts, {**nonces, "plan": "zz"}, commitments) == [Part.PLAN]
    assert broken_parts(parts, nonces, {}) == list(Part)


def test_what_is_sealed_has_one_length_for_like_bids() -> None:
    cheap, dear = ({**CONTENT, "price": price} for price in (yuan("9"), yuan("99999999.99")))

    assert len(padded(cheap)) == len(padded(dear)) == LEAST_MESSAGE


@pytest.mark.parametrize(
    ("words", "length"), ((0, 16), (1_000, 16), (5_000, 16), (6_000, 32), (9_000, 32), (20_000, 64))
)
def test_the_length_of_a_plan_shows_by_doublings_alone(words: int, length: int) -> None:
    assert len(padded({**CONTENT, "plan": "字" * words})) == length * 1024


def _verify(folder: Path, receipt: object, frozen: object = None) -> tuple[int, str]:
    """Run the script as a stranger would: nothing but Python."""
    paths = [folder / "receipt.json"]
    paths[0].write_text(json.dumps(receipt, ensure_ascii=False))
    if frozen is not None:
        paths.append(folder / "commitments.json")
        paths[1].write_text(json.dumps(frozen, ensure_ascii=False))
    ended = subprocess.run(  # noqa: S603 -- our own script on files of our own
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def test_a_stranger_verifies_a_receipt_without_us(tmp_path: Path) -> None:
    parts = parts_of(CONTENT)
    nonces, commitments = commit(parts, SEED)
    receipt = {
        "tender": "询价〔2026〕1号",
        "number": "AB12CD34",
        "submitted_at": "2026-11-25T09:00:00+00:00",
        "envelope_sm3": "00",
        "commitments": commitments,
        "content": {part.value: each for part, each in parts.items()},
        "nonces": nonces,
    }
    own = {key: receipt[key] for key in ("number", "envelope_sm3", "commitments")}

    assert _verify(tmp_path, receipt)[0] == 0
    code, said = _verify(tmp_path, receipt, {"bids": [own]})
    assert (code, "完全相同" in said) == (0, True)
    assert _verify(tmp_path, receipt, {"bids": []})[0] == 1
    assert _verify(tmp_path, receipt, {"bids": [{**own, "commitments": {}}]})[0] == 1
    changed = {**receipt, "content": {**receipt["content"], "price": "174000"}}  # type: ignore[dict-item]
    assert _verify(tmp_path, changed)[0] == 1
    assert _verify(tmp_path, {key: receipt[key] for key in receipt if key != "content"})[0] == 1


def test_the_script_says_how_it_is_called_where_a_file_is_missing(tmp_path: Path) -> None:
    for given in ([], [str(tmp_path / "no.json")], [str(SCRIPT)]):
        ended = subprocess.run(  # noqa: S603 -- our own script
            [sys.executable, "-I", "-S", str(SCRIPT), *given], capture_output=True, text=True, check=False
        )
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith("用法：")


def test_the_script_knows_sm3_by_itself() -> None:
    known: dict[str, object] = {}
    exec(compile(SCRIPT.read_text(), "verify", "exec"), known)  # noqa: S102 -- our own script

    assert known["pure_sm3"](b"abc") == known["sm3"](b"abc")  # type: ignore[operator]
