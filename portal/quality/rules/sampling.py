"""抽评: how many subjects of each kind are scored, and which; stratified by kind (分层), by a drawn order."""

from collections import Counter
from collections.abc import Mapping, Sequence
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


def sampled(order: Sequence[str], kinds: Mapping[str, str], size: int) -> set[str]:
    """Who is taken: in the order drawn, each while the quota of its kind lasts."""
    left = quotas([kinds[each] for each in order], size)
    taken = set()
    for each in order:
        if left[kinds[each]]:
            left[kinds[each]] -= 1
            taken.add(each)
    return taken


def shown(given: Mapping[str, int]) -> str:
    """Quotas in words, as they are published with the list."""
    return "、".join(f"{kind} {count} 个" for kind, count in given.items() if count)
