"""开设财政局与科室职责: which bureau stands above which, its first sections, and when a section may close."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from portal.kernel.ruling import Ruling, unless
from tenants.regions import is_county

_USERNAME: Final = re.compile(r"[a-z][a-z0-9_.-]{2,31}")
_DUTIES: Final = (
    ("预算绩效管理", "组织绩效评价委托、合同、会审和考评，管理评价对象、第三方机构和专家库"),
    ("预算", "审核绩效目标，把评价结果用于预算安排"),
    ("政府采购监督管理", "受理和处理询问、质疑、投诉，监督采购活动"),
    ("国库", "按合同和结算结果办理支付"),
    ("财政监督评价", "检查整改落实，监督第三方机构执业质量"),
)


def is_username(text: str) -> bool:
    """Lower-case letters first, then letters, digits, dot, dash, underscore; 3 to 32 characters."""
    return _USERNAME.fullmatch(text) is not None


def first_sections(code: str) -> tuple[tuple[str, str], ...]:
    """The sections a new bureau begins with, each with its duties: 股 in a county, 科 above."""
    suffix = "股" if is_county(code) else "科"
    return (
        *((f"{name}{suffix}", duties) for name, duties in _DUTIES),
        ("办公室", "管理公文、印章、文号和档案，维护系统账号"),
    )


def nearest_above(code: str, parents: Mapping[str, str | None], opened: Collection[str]) -> str | None:
    """The code of the nearest region above ``code`` that has a bureau, None where no region above has one."""
    above = parents.get(code)
    while above is not None and above not in opened:
        above = parents.get(above)
    return above


def may_close_section(*, closed: bool, holders: Collection[str], codes: Collection[str]) -> Ruling:
    """A section closes when nobody holds a post in it and no document code is its own; never deleted."""
    return (
        unless(closed, "office.section_closed")
        & unless(holders, "office.section_has_posts", holders=sorted(holders))
        & unless(codes, "office.section_has_codes", codes=sorted(codes))
    )
