"""Importing the office's files for tests: by the action, and through the pages of a browser."""

from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from portal.expert import EXPERT_REGISTER
from portal.firm import FIRM_REGISTER, LEAD_REGISTER
from portal.spreadsheet import Register, adopt
from portal.subject import SUBJECTS
from portal.unit import UNITS
from tenants import scope
from tests.spreadsheet.books import good
from tests.support.world import Browser, Bureau, text_of

REGISTERS: dict[str, Register[Any]] = {
    each.name: each for each in (UNITS, SUBJECTS, FIRM_REGISTER, LEAD_REGISTER, EXPERT_REGISTER)
}


def fill(bureau: Bureau, *names: str) -> None:
    """Import the office's own files into these registers of a bureau."""
    for name in names:
        with scope.unit_of_work(bureau.system):
            done = adopt(
                REGISTERS[name],
                good(name),
                filename=f"{name}.xlsx",
                tenant_id=bureau.id,
                by=None,
                now=scope.now(),
            )
        assert done.plan is not None, done.reading.faults


def uploaded(browser: Browser, page: str, content: bytes, name: str = "名单.xlsx") -> str:
    """Upload a workbook on a register's import page; the address of its preview."""
    response = browser.post(page, {"workbook": (BytesIO(content), name)}, page=page)
    return str(response.location)


def words_of(response: TestResponse) -> str:
    """What a person reads on a page, without the blanks between the words."""
    return "".join(text_of(response).split())
