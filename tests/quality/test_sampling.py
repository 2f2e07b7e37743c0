"""A sample stratified by kind: quotas by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quality.rules import quotas


@pytest.mark.parametrize(
    ("kinds", "size", "expected"),
    (
        ("部部项项项项项项", 4, {"部": 1, "项": 3}),
        ("部项项项项项项项", 2, {"部": 1, "项": 1}),  # one of each, though a share is 0.25
        ("部专项", 2, {"专": 1, "部": 1, "项": 0}),  # too few for one of each: of equals the one named first
        ("部部项项项项", 5, {"部": 2, "项": 3}),  # 1.67 and 3.33
        ("部项", 9, {"部": 1, "项": 1}),
    ),
)
def test_quotas_are_proportional_with_one_of_each(kinds, size, expected):
    assert quotas(list(kinds), size) == expected


@given(st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=30), st.integers(1, 30))
def test_a_sample_is_whole_and_no_kind_is_asked_for_more_than_it_has(kinds, size):
    given_ = quotas(kinds, size)

    assert sum(given_.values()) == min(size, len(kinds))
    assert all(count <= kinds.count(kind) for kind, count in given_.items())
    assert size < len(set(kinds)) or min(given_.values()) >= 1
