from dataclasses import asdict, dataclass

from portal.spreadsheet.rules import Change, Difference, Plan, compare


@dataclass(frozen=True)
class Thing:
    code: str
    name: str


A, B, C = Thing("1", "甲"), Thing("2", "乙"), Thing("3", "丙")


def by_code(thing: Thing) -> str:
    return thing.code


def test_plan_tells_added_changed_unchanged_and_left() -> None:
    renamed = Thing("2", "乙乙")
    plan = compare([A, renamed], {"2": asdict(B), "3": asdict(C)}, by_code, asdict)
    assert plan == Plan(
        added=(A,),
        changed=(Change(asdict(B), renamed, (Difference("name", "乙", "乙乙"),)),),
        unchanged=(),
        left=(asdict(C),),
    )
    assert plan.idle is False


def test_same_file_twice_changes_nothing() -> None:
    plan = compare([A, B], {"1": asdict(A), "2": asdict(B)}, by_code, asdict)
    assert plan == Plan(unchanged=(A, B))
    assert plan.idle is True
