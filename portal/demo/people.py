"""Who lives in the demo world. Every person is invented; one password opens every door.

Firms, units and experts are numbered as in their workbooks.
"""

from dataclasses import dataclass
from typing import Final

from portal.access import Role

PASSWORD: Final = "Shili-2026-Demo"  # noqa: S105 -- printed by the demo, which production refuses
SHIZONG: Final = "530323"
HONGHE: Final = "532500"
QUJING: Final = "530300"
XIXIA: Final = "411323"
NANYANG: Final = "411300"
BUREAUS: Final = {
    HONGHE: "红河州财政局",
    QUJING: "曲靖市财政局",
    SHIZONG: "师宗县财政局",
    NANYANG: "南阳市财政局",
    XIXIA: "西峡县财政局",
}
PERFORMANCE: Final = "预算绩效管理"
BUDGET: Final = "预算"
PURCHASE: Final = "政府采购监督管理"
INSPECTION: Final = "财政监督评价"
OFFICE: Final = "办公室"


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """Somebody of the demo world: one account, its posts in one bureau, their seat or whom they serve."""

    username: str
    name: str
    tenant: str | None
    roles: tuple[Role, ...]
    section: str = ""
    party: str = ""


R = Role
STAFF: Final = (
    Inhabitant("sz.zhao", "赵国梁", SHIZONG, (R.APPROVER, R.PANEL_CHAIR), PERFORMANCE),
    Inhabitant("sz.li", "李晓燕", SHIZONG, (R.HANDLER, R.BUYER, R.ORGANISER), PERFORMANCE),
    Inhabitant("sz.wang", "王建明", SHIZONG, (R.CHECKER, R.PAYER, R.OPENER, R.PANEL_MEMBER), BUDGET),
    Inhabitant("sz.chen", "陈丽华", SHIZONG, (R.COMPLAINT_OFFICER, R.SECURITY_ADMIN), PURCHASE),
    Inhabitant("sz.yang", "杨志强", SHIZONG, (R.INSPECTOR, R.SYSTEM_ADMIN, R.PANEL_MEMBER), INSPECTION),
    Inhabitant("sz.zhou", "周敏", SHIZONG, (R.AUDIT_ADMIN, R.OPENER), OFFICE),
    Inhabitant("hh.he", "何永昌", HONGHE, (R.APPROVER,), PERFORMANCE),
    Inhabitant("hh.bai", "白文静", HONGHE, (R.HANDLER, R.ORGANISER), PERFORMANCE),
    Inhabitant("hh.pu", "普学军", HONGHE, (R.SYSTEM_ADMIN,), OFFICE),
    Inhabitant("hh.ma", "马丽萍", HONGHE, (R.SECURITY_ADMIN,), OFFICE),
    Inhabitant("hh.sun", "孙立新", HONGHE, (R.AUDIT_ADMIN,), OFFICE),
    Inhabitant("qj.gao", "高振东", QUJING, (R.SUPERVISOR,), PERFORMANCE),
    Inhabitant("xx.liu", "刘志远", XIXIA, (R.HANDLER,), PERFORMANCE),
    Inhabitant("xx.zhang", "张春玲", XIXIA, (R.APPROVER,), PERFORMANCE),
)
OPERATOR: Final = Inhabitant("operator", "平台运维员", None, (R.OPERATOR,))
FIRMS: Final = tuple(
    Inhabitant(f"firm{n:02d}", "", SHIZONG, (R.FIRM_HANDLER, R.FIRM_SIGNATORY)) for n in range(1, 25)
)
UNITS: Final = tuple(Inhabitant(f"unit{n:02d}", "", SHIZONG, (R.UNIT_HANDLER,)) for n in range(1, 13))
UNIT_HEADS: Final = tuple(Inhabitant(f"unit{n:02d}.head", "", SHIZONG, (R.UNIT_HEAD,)) for n in range(1, 13))
EXPERTS: Final = tuple(Inhabitant(f"expert{n:03d}", "", HONGHE, (R.EXPERT,)) for n in range(1, 180))
EVERYBODY: Final = (*STAFF, *FIRMS, *UNITS, *UNIT_HEADS, *EXPERTS, OPERATOR)
