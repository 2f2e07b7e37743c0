"""What an import would do to a register, as a value: nothing is written before a person has read it."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that the file would change."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A row of the register that the file would change: before, after, and where they differ."""

    before: Fields
    after: T
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Plan(Generic[T]):
    """What would be added and changed, what stays as it is, and what is in the register but not in the file.

    Rows that are not in the file are left alone: an import never removes.
    """

    added: tuple[T, ...] = ()
    changed: tuple[Change[T], ...] = ()
    unchanged: tuple[T, ...] = ()
    left: tuple[Fields, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether the file says nothing new."""
        return not self.added and not self.changed


def compare(
    incoming: Iterable[T], present: Mapping[K, Fields], key: Callable[[T], K], seen: Callable[[T], Fields]
) -> Plan[T]:
    """Set records against a register's rows by ``key``; ``seen`` shows a record as the register has it."""
    added: list[T] = []
    changed: list[Change[T]] = []
    unchanged: list[T] = []
    left = dict(present)
    for record in incoming:
        before = left.pop(key(record), None)
        if before is None:
            added.append(record)
        elif differences := _differences(before, seen(record)):
            changed.append(Change(before, record, differences))
        else:
            unchanged.append(record)
    return Plan(tuple(added), tuple(changed), tuple(unchanged), tuple(left.values()))


def _differences(before: Fields, after: Fields) -> tuple[Difference, ...]:
    return tuple(
        Difference(field, before[field], value) for field, value in after.items() if before[field] != value
    )
