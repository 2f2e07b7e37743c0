from dataclasses import dataclass
from typing import Any

from portal.spreadsheet.rules import Change, Difference, Plan, compare


@dataclass(frozen=True)
class Thing:
    code: str
    name: str


A, B, C = Thing("1", "甲"), Thing("2", "乙"), Thing("3", "丙")


def by_code(thing: Any) -> Any:
    return thing.code


def test_plan_tells_added_changed_unchanged_and_left() -> None:
    renamed = Thing("2", "乙乙")
    plan = compare([A, renamed], {"2": B, "3": C}, by_code)
    assert plan == Plan(
        added=(A,),
        changed=(Change(B, renamed, (Difference("name", "乙", "乙乙"),)),),
        unchanged=(),
        left=(C,),
    )
    assert plan.idle is False


def test_same_file_twice_changes_nothing() -> None:
    plan = compare([A, B], {"1": A, "2": B}, by_code)
    assert plan == Plan(unchanged=(A, B))
    assert plan.idle is True
