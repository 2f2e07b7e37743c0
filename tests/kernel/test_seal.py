"""Sealed values open with their key and context alone; canonical spellings are one per value."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.hashing import canonical, digest, sm3
from portal.kernel.seal import Broken, Sealer, keyed_digest

KEY = bytes(range(16))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_is_sealed_opens_again(value: bytes, context: bytes) -> None:
    assert Sealer(KEY).open(Sealer(KEY).seal(value, context=context), context=context) == value


def test_the_same_value_is_sealed_differently_each_time() -> None:
    assert Sealer(KEY).seal(b"530323") != Sealer(KEY).seal(b"530323")


@given(st.integers(0, 8 * 36 - 1))
def test_no_bit_can_be_changed(bit: int) -> None:
    sealed = bytearray(Sealer(KEY).seal(b"530323"))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Broken):
        Sealer(KEY).open(bytes(sealed))


def test_another_key_or_context_does_not_open() -> None:
    sealed = Sealer(KEY).seal(b"530323", context=b"a")

    with pytest.raises(Broken):
        Sealer(bytes(16)).open(sealed, context=b"a")
    with pytest.raises(Broken):
        Sealer(KEY).open(sealed, context=b"b")
    with pytest.raises(Broken):
        Sealer(KEY, key_id=2).open(sealed, context=b"a")


def test_sm3_is_the_standards_example() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_value_has_one_spelling() -> None:
    at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    one = {"b": Decimal("180000.00"), "a": [at, None, True]}
    other = {"a": (at, None, True), "b": Decimal(180000)}

    assert canonical(one) == '{"a":["2026-11-20T04:00:00+00:00",null,true],"b":"180000"}'
    assert digest(one) == digest(other)


def test_a_float_has_no_spelling() -> None:
    with pytest.raises(TypeError):
        canonical({"price": 1.1})


def test_a_keyed_digest_needs_the_key() -> None:
    assert keyed_digest(b"k" * 32, "530323") == keyed_digest(b"k" * 32, "530323")
    assert keyed_digest(b"k" * 32, "530323") != keyed_digest(b"l" * 32, "530323")
