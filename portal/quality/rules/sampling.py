"""抽评: how many subjects of each kind are scored, stratified by kind (分层); which, the draw decides."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction


def quotas(kinds: Sequence[str], size: int) -> dict[str, int]:
    """How many of each kind a sample of ``size`` takes, in proportion; at least one of each where it can.

    ``kinds`` names the kind of every subject. What is left over goes, one by one, to the kind that is
    furthest below its share; of equals to the larger, then to the one named first.
    """
    there = Counter(sorted(kinds))
    size = min(size, len(kinds))
    given = dict.fromkeys(there, int(size >= len(there)))
    while sum(given.values()) < size:
        short = [kind for kind in there if given[kind] < there[kind]]
        due = max(
            short, key=lambda kind: (Fraction(there[kind] * size, len(kinds)) - given[kind], there[kind])
        )
        given[due] += 1
    return given
