"""Pages of registers ask the database as often for many rows as for one, and at most twelve times."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from portal.access import Role
from tenants.db import db
from tests.spreadsheet.imports import REGISTERS, fill
from tests.support.world import Browser, Bureau, a_bureau

ONE_ROW = {
    "units": "3012",
    "subjects": "公安局",
    "firms": "示例甲",
    "lead-evaluators": "钱燕芳",
    "experts": "曹强军",
}
LIMIT = 12


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements the application sends while the block runs."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def asked(browser: Browser, url: str) -> int:
    browser.get(url)
    with statements() as sent:
        browser.get(url)
    return len(sent)


@pytest.fixture
def full(app: Flask) -> Bureau:  # noqa: ARG001 -- the maker needs the application's context
    bureau = a_bureau(roles=(Role.HANDLER,))
    fill(bureau, *REGISTERS)
    return bureau


@pytest.mark.parametrize("register", tuple(ONE_ROW))
def test_list_asks_as_often_for_twenty_rows_as_for_one(app: Flask, full: Bureau, register: str) -> None:
    browser = Browser(app, full.people[Role.HANDLER])
    home = f"/t/{full.code}/{register}"
    assert asked(browser, home) == asked(browser, f"{home}?q={ONE_ROW[register]}") <= LIMIT


def test_a_row_of_its_own_asks_at_most_twelve_times(app: Flask, full: Bureau) -> None:
    browser = Browser(app, full.people[Role.HANDLER])
    for register in ("units", "subjects", "firms", "experts"):
        home = f"/t/{full.code}/{register}"
        row = re.search(rf"{home}/[0-9a-f-]{{36}}", browser.get(home).text)
        assert row
        assert asked(browser, row[0]) <= LIMIT
