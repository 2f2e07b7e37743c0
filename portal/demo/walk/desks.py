"""Who sits at which desk of 师宗县 in the demo, and time that goes by."""

from datetime import time, timedelta
from typing import Final
from uuid import UUID

from portal import contract
from portal.access import Role
from portal.audit import ring_due
from portal.demo import clock
from portal.demo.settling import World

HANDLER: Final = ("sz.li", Role.HANDLER)
BUYER: Final = ("sz.li", Role.BUYER)
APPROVER: Final = ("sz.zhao", Role.APPROVER)
CHAIR: Final = ("sz.zhao", Role.PANEL_CHAIR)
MEMBERS: Final = (("sz.wang", Role.PANEL_MEMBER), ("sz.yang", Role.PANEL_MEMBER))
ORGANISER: Final = ("sz.li", Role.ORGANISER)
CHECKER: Final = ("sz.wang", Role.CHECKER)
PAYER: Final = ("sz.wang", Role.PAYER)
MORNING: Final = time(9, 30)
OPENERS: Final = (("sz.wang", Role.OPENER), ("sz.zhou", Role.OPENER))


def pass_days(days: int) -> None:
    """Time goes by; what falls due happens."""
    clock.forward(timedelta(days=days))
    ring_due()


def firm_of(world: World, contract_id: UUID) -> UUID:
    """The firm of a contract."""
    with world.acting(*HANDLER) as _:
        return contract.contract(contract_id).firm_id
