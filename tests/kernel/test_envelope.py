"""Envelopes open with the private key alone; sealed files never lie in the clear; commitments bind."""

import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.envelope import (
    SEGMENT,
    FileKey,
    SealedReader,
    SealingStream,
    commitment,
    disguised,
    key_id,
    new_key_pair,
    new_nonce,
    open_with,
    seal_to,
)
from portal.kernel.hashing import sm3
from portal.kernel.seal import Broken

PUBLIC, PRIVATE = new_key_pair()


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_sealed_opens_again(value: bytes, context: bytes) -> None:
    assert open_with(PRIVATE, seal_to(PUBLIC, value, context), context) == value


def test_an_envelope_names_its_key_and_hides_its_value() -> None:
    one, other = seal_to(PUBLIC, b"530323", b"a"), seal_to(PUBLIC, b"530323", b"a")

    assert key_id(PUBLIC) in one
    assert b"530323" not in one
    assert one != other


@given(st.integers(0, 8 * len(seal_to(PUBLIC, b"530323", b"a")) - 1))
def test_no_bit_can_be_changed(bit: int) -> None:
    sealed = bytearray(seal_to(PUBLIC, b"530323", b"a"))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Broken):
        open_with(PRIVATE, bytes(sealed), b"a")


def test_another_key_another_context_or_a_rest_does_not_open() -> None:
    sealed = seal_to(PUBLIC, b"530323", b"a")

    for private, value, context in (
        (new_key_pair()[1], sealed, b"a"),
        (PRIVATE, sealed, b"b"),
        (PRIVATE, sealed[:-1], b"a"),
        (PRIVATE, b"", b"a"),
        (PRIVATE, sealed[:2] + key_id(PUBLIC) + bytes(32) + sealed[42:], b"a"),
    ):
        with pytest.raises(Broken):
            open_with(private, value, context)


def test_a_commitment_is_the_digest_of_nonce_and_spelling() -> None:
    nonce = new_nonce()

    assert commitment(nonce, Decimal("175000.00")) == sm3(nonce + b'"175000"')
    assert commitment(nonce, Decimal(175000)) != commitment(new_nonce(), Decimal(175000))


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, SEGMENT + 10), max_size=5),
    st.sampled_from([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT]),
)
def test_a_sealed_file_reads_as_it_was_written(chunks: list[int], more: int) -> None:
    whole = bytes(i % 251 for i in range(sum(chunks) + more))
    target, key = io.BytesIO(), FileKey.fresh()
    stream = SealingStream(target, key)
    at = 0
    for size in (*chunks, more):
        stream.write(whole[at : at + size])
        at += size

    assert stream.tell() == len(whole)
    stream.seek(0)
    assert stream.read() == whole
    assert SealedReader(target, FileKey.from_hex(key.hex()), size=len(whole)).read() == whole


def test_a_file_sealed_before_files_were_filled_up_reads_as_ever() -> None:
    key, whole = FileKey.fresh(), bytes(range(200)) * 700
    parts = [whole[at : at + SEGMENT] for at in range(0, len(whole), SEGMENT)]
    sealed = b"".join(key.seal(n, part, last=n == len(parts) - 1) for n, part in enumerate(parts))

    assert SealedReader(io.BytesIO(sealed), key, size=len(whole)).read() == whole
    with pytest.raises(Broken):
        SealedReader(io.BytesIO(sealed), key, size=len(whole) + 1)


def _sealed_length(size: int) -> int:
    target = io.BytesIO()
    stream = SealingStream(target, FileKey.fresh())
    stream.write(bytes(size))
    stream.finish()
    return len(target.getvalue())


@pytest.mark.parametrize(
    ("one", "other"), ((1, 60_000), (70_000, 69_633), (1_000_000, 1_015_000), (19_500_000, 19_900_000))
)
def test_files_of_about_one_size_are_of_one_length_when_sealed(one: int, other: int) -> None:
    assert _sealed_length(one) == _sealed_length(other)


@given(st.integers(0, 250_000_000))
def test_a_file_grows_by_an_eighth_at_most(size: int) -> None:
    whole = disguised(size)

    assert size <= whole <= max(SEGMENT, size + size // 8)
    assert disguised(whole) == whole


def test_nothing_is_written_in_the_clear() -> None:
    target = io.BytesIO()
    stream = SealingStream(target, FileKey.fresh())
    for _ in range(3000):
        stream.write("报价 175000.00 元".encode() * 4)
    stream.finish()

    assert "报价".encode() not in target.getvalue()
    assert b"175000" not in target.getvalue()


def test_a_sealed_file_can_be_sought_like_a_zip() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "甲" * 100_000)
    stream = SealingStream(io.BytesIO(), FileKey.fresh())
    stream.write(made.getvalue())

    with zipfile.ZipFile(stream) as archive:
        assert archive.read("a.txt").decode() == "甲" * 100_000
    with pytest.raises(io.UnsupportedOperation):
        stream.write(b"more")


@pytest.mark.parametrize("harm", ("cut", "swapped", "changed", "unfinished", "empty"))
def test_a_sealed_file_shows_what_was_done_to_it(harm: str) -> None:
    target, key = io.BytesIO(), FileKey.fresh()
    stream = SealingStream(target, key)
    stream.write(bytes(3 * SEGMENT + 5))
    if harm != "unfinished":
        stream.finish()
    sealed, step = bytearray(target.getvalue()), SEGMENT + 16
    if harm == "cut":
        del sealed[2 * step :]
    if harm == "swapped":
        sealed[:step], sealed[step : 2 * step] = sealed[step : 2 * step], sealed[:step]
    if harm == "changed":
        sealed[step + 3] ^= 1
    if harm == "empty":
        sealed.clear()

    with pytest.raises(Broken):
        SealedReader(io.BytesIO(bytes(sealed)), key, size=3 * SEGMENT + 5).read()


@pytest.mark.parametrize("text", ("", "zz", "00"))
def test_a_file_key_is_read_as_it_was_written_or_not_at_all(text: str) -> None:
    with pytest.raises(Broken):
        FileKey.from_hex(text)


def test_a_closed_stream_keeps_nothing() -> None:
    target = io.BytesIO()
    with SealingStream(target, FileKey.fresh()) as stream:
        stream.write(b"abc")
        assert stream.writable()
        assert stream.size == 3

    assert target.closed
